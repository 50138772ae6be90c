/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * multiband: a compressor in each of up to four bands.
 *
 * io       planar stereo, in place
 * output   minimum phase: not late. Linear: late by splitter.h's latency, the dry sound with it
 * sum      linear phase: the input, late. Minimum: where no band does anything, the input through the crossover's allpasses: flat within 1e-9 dB, its phase
 *          turned. NaN, infinity and what is above +180 dBFS count as silence
 * mix      0 % is those allpasses alone, so that what is between is a true blend, without combs
 * bands    band n goes from xover n - 1 to xover n; one that isn't active leaves its range to the active one below it,
 *          at the low end to the lowest; where none is, band 1 has all (crossover.h). on is its compressor's: off,
 *          the band goes by as it is
 * level    the larger sample peak of both channels, of that part of the band that is worked on: left and right,
 *          mid, side, left or right alone (channels.h); the other part goes by
 * gain     riders.h: range_db is the most that is taken away, or given where the ratio is below 1. Make-up is on top
 * listen   (dsp.h) the sum of the bands in solo, as they sound; all, where none is. A band that isn't active is silent
 * moves    begin on the next multiple of MULTIBAND_CHUNK frames. With a make-up of 3 dB none leaves more than -91 dBFS
 *          above 3.5 kHz of a sine of -12 dBFS at 997 Hz (test/dsp/multiband, test/engine/chain): it is the
 *          compressors' answer to a tone that comes into their band, and as loud as their make-up makes it
 * cost     at 64 frames a block, four bands at work: 39 ns a frame on a Xeon (Sapphire Rapids), 5.7 of deadwax bench's
 *          biquads; 44 at 32 frames, 53 at 16. 48 dB an octave 57, all compressors off 16, silence 13. While splits
 *          glide 50, while another slope or band comes 71, while everything moves at once 125
 * bits     the same however the input is cut into blocks
 * sources  crossover.h, riders.h
 */
#ifndef DSP_MULTIBAND_H
#define DSP_MULTIBAND_H

#include "dsp/channels.h"
#include "dsp/riders.h"
#include "dsp/smooth.h"
#include "dsp/splitter.h"

enum { MULTIBAND_BANDS = CROSSOVER_BANDS, MULTIBAND_CHUNK = CROSSOVER_CHUNK, MULTIBAND_FADE_MS = 40 };

enum multiband_phase { MULTIBAND_MINIMUM, MULTIBAND_LINEAR };

struct multiband_band_settings {
    bool active, on, solo;
    double threshold_db; /* -60..0 */
    double ratio;        /* 0.5..20 */
    double attack_ms;    /* 0.1..200 */
    double release_ms;   /* 5..3000 */
    double knee_db;      /* 0..24 */
    double makeup_db;    /* -12..24 */
    double range_db;     /* 0..40 */
    int channels;        /* enum channels */
};

struct multiband_settings {
    bool on;                           /* the chain's */
    int phase;                         /* enum multiband_phase */
    int slope;                         /* enum crossover_slope */
    double mix;                        /* %, 0..100 */
    double xover_hz[CROSSOVER_SPLITS]; /* 20..20000, in any order */
    struct multiband_band_settings band[MULTIBAND_BANDS];
};

/* What of a band is worked on: `own` of each channel, and `other` of the other one. */
struct multiband_part {
    double own[STEREO], other;
};

struct multiband_band {
    struct fade on, solo;
    struct fade turn; /* from part[0] to part[1] */
    struct multiband_part part[2];
    int channels, wanted; /* enum channels */
};

struct multiband { /* by value in its owner, aligned to 32 bytes; fields are multiband.c's business */
    double rate_hz;
    struct splitter splitter;
    struct riders riders;
    struct multiband_band band[MULTIBAND_BANDS];
    struct smooth mix;     /* 0..1 */
    unsigned on;           /* wanted: a bit a band */
    unsigned solo;         /* wanted to be heard: all where none is in solo */
    unsigned use;          /* in this chunk: bands whose compressor is on, or goes on or off */
    unsigned turning;      /* bands whose part is moving, in this chunk */
    double *heard[STEREO]; /* of the next process call; [0] NULL: nobody listens */
    double most_db[MULTIBAND_BANDS], most_of_all_db; /* taken away since last asked */
    int phase;                                       /* frames into the present chunk */
    bool fresh;                                      /* the next set applies at once */
};

/* As a stage's (dsp.h). */
enum status multiband_prepare(struct multiband *m, double rate_hz);
void multiband_free(struct multiband *m);

RT void multiband_reset(struct multiband *m);
RT void multiband_restart(struct multiband *m);
RT int multiband_warm_frames(const struct multiband *m);
RT void multiband_set(struct multiband *m, const struct multiband_settings *s);
RT void multiband_listen(struct multiband *m, double *const *heard);
RT void multiband_process(struct multiband *m, double *const *io, int nframes);
RT int multiband_latency_frames(const struct multiband *m);
int multiband_latency_max_frames(const struct multiband *m);
/* Does it ask for something else to be heard than goes on? */
RT bool multiband_is_listened(const struct multiband_settings *s);
/* The most that a band's detector, or any band's, took away since last asked, before mix and make-up. */
RT double multiband_take_band_reduction_db(struct multiband *m, int band);
RT double multiband_take_reduction_db(struct multiband *m);

#endif
