/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crossover: splits stereo sound into up to four bands whose sum is flat.
 *
 * in       planar stereo; NaN, infinity and what is above +180 dBFS count as silence, so that nothing of it stays
 * band     four planar stereo buffers, written whole; those that are not in use get zeros. Not late
 * slopes   Linkwitz-Riley, 24 or 48 dB an octave
 * sum      of the bands is the input through one allpass a split (all bands pass through all of them): flat within
 *          1e-9 dB whatever the splits are, however close; one band alone is the input to the bit
 * bands    a band that is not in use leaves its range to the next one in use below it; at the low end, to the lowest
 *          in use. With none in use all goes to band 0
 * splits   are sorted, so they may be given in any order; above 0.47 of the rate they stay there
 * moves    start on the next multiple of CROSSOVER_CHUNK frames; the last one asked for wins. A split glides to its
 *          place (log frequency, 99 % in CROSSOVER_GLIDE_MS), the sum within 0.5 dB for four octaves at once. Slope and
 *          bands in use change by running a second tree CROSSOVER_WARM_MS unheard and fading to it in
 *          CROSSOVER_FADE_MS; what is near a split that comes or goes is quieter meanwhile, as its phase turns over.
 *          Either leaves less than -140 dBFS above 3.5 kHz of a sine of -12 dBFS at 997 Hz (test/dsp/crossover)
 * cost     15 ns a frame at 24 dB an octave, 32 at 48 (Sapphire Rapids); silence 1
 * bits     the same however the input is cut into blocks
 * sources  Linkwitz, Riley, JAES 24(1), 1976; allpass-completed trees: D'Appolito, JAES 32(9), 1984; filters: biquad.h
 */
#ifndef DSP_CROSSOVER_H
#define DSP_CROSSOVER_H

#include "dsp/dsp.h"
#include "dsp/fade.h"
#include "dsp/glide.h"

enum {
    CROSSOVER_BANDS = 4,
    CROSSOVER_SPLITS = CROSSOVER_BANDS - 1,
    CROSSOVER_CHUNK = 64,
    CROSSOVER_GLIDE_MS = 120,
    CROSSOVER_WARM_MS = 20,
    CROSSOVER_FADE_MS = 40
};

enum crossover_slope { CROSSOVER_LR24, CROSSOVER_LR48 };

struct crossover_settings {
    int slope;                        /* enum crossover_slope */
    double freq_hz[CROSSOVER_SPLITS]; /* 20..20000 */
    bool active[CROSSOVER_BANDS];     /* band in use */
};

typedef double crossover_quad __attribute__((vector_size(32)));

struct crossover_section { /* of a state-variable filter: the integrators' states */
    crossover_quad i1, i2;
};

enum { CROSSOVER_SECTIONS = 12 }; /* of the steeper tree */

/* All that a section is but for its damping: D-form coefficients, crossover.c. */
struct crossover_tuning {
    crossover_quad a, b, c;
};

/* Of the split in the middle, the allpasses behind it, the last splits; two in a row where it is steep. */
struct crossover_tunings {
    struct crossover_tuning mid[2], all[2], last[2];
};

/* Where in the tree a split stands: `MID` comes first, LOW divides what is below it, HIGH what is above. */
enum crossover_place { CROSSOVER_LOW, CROSSOVER_MID, CROSSOVER_HIGH, CROSSOVER_PLACES };

struct crossover_tree {
    int slope;
    unsigned active;             /* a bit a band */
    int split[CROSSOVER_PLACES]; /* which one, from the lowest; -1: none, all passes upward */
    int band[CROSSOVER_BANDS];   /* where its four ends, from the lowest, go; each band once */
    struct crossover_section section[CROSSOVER_SECTIONS];
    struct crossover_tunings still; /* while nothing glides */
};

struct crossover { /* by value in its owner, aligned to 32 bytes; fields are crossover.c's business */
    double rate_hz;
    int slope; /* what is wanted */
    unsigned active;
    double wanted[CROSSOVER_SPLITS]; /* as pitch */
    struct crossover_tree tree[2];
    int now;            /* which tree is heard */
    int warm;           /* frames that the other one runs unheard yet */
    struct fade fade;   /* to the other one */
    bool changing;      /* the other one runs */
    struct glide pitch; /* log2 tan(pi freq / rate) of each split, from the lowest */
    bool gliding;       /* in this chunk */
    bool asleep;        /* no sound in any filter */
    int phase;          /* frames into the present chunk */
    bool fresh;         /* the next set applies at once */
};

/* BAD_ARG unless rate_hz is 8000..384000. All in band 0 until the first set. */
enum status crossover_prepare(struct crossover *x, double rate_hz);
void crossover_free(struct crossover *x);

RT void crossover_reset(struct crossover *x); /* forget the sound; the next set applies at once */
RT void crossover_set(struct crossover *x, const struct crossover_settings *s);
/* in must be none of the bands' buffers. */
RT void crossover_process(struct crossover *x, const double *const *in, double *const *band[CROSSOVER_BANDS],
                          int nframes);
/* A bit for each band that may have sound in it from the next chunk on, or while one lasts. */
RT unsigned crossover_bands(const struct crossover *x);
RT int crossover_latency_frames(const struct crossover *x);

#endif
