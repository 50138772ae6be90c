/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spectrum: an analyser: what stands in each fraction of an octave, now, at most, and over the whole programme.
 *
 * in       planar, 1.0 is 0 dBFS; only read, of any length
 * level    power of the channels, their mean; twice, so that a sine of 0 dBFS peak on all of them reads 0 dBFS
 *          (one channel of two: -3.01). Power is integrated over each band, by the part of a bin that lies in it
 * grid     121 points, 20 Hz to 20 kHz, forty a decade (IEC 61260-1's twelfth octaves, G = 10^0.3); bands of 1/n
 *          octave around each. Pink noise is flat. A tone lies wholly in one band or is shared by two that meet
 * two      panels: above 1 kHz transforms of 85 ms (11.7 Hz a bin at 48 kHz, the next power of two elsewhere),
 *          below of 0.7 s (1.5 Hz a bin) behind lowrate.h, whose bend is undone. Hann windows. So
 *          no band is narrower than the window's four bins from 101 Hz up for twelfths of an octave, from 25 Hz up
 *          for thirds. Below, bands are widened to four bins: with SPECTRUM_TONE a sine keeps its level and pink
 *          noise rises by 3 dB an octave downwards, with SPECTRUM_NOISE it is the other way about
 * overlap  live: half above, seven eighths below (a new picture each 43 and 85 ms). File: an eighth above (a new
 *          frame each 75 ms), half below, and only the long-term average
 * average  long-term: power mean since reset, of frames (above 1 kHz) louder than -70 dBFS on this scale; below
 *          1 kHz by how many such frames lie in the window, so that silence thins nothing
 * bits     the same however the input is cut into blocks
 * sources  windows, their noise: Harris, Proceedings of the IEEE 66(1), 1978; averages: Welch, IEEE Transactions
 *          AU-15, 1967
 */
#ifndef DSP_SPECTRUM_H
#define DSP_SPECTRUM_H

#include "dsp/fft.h"
#include "dsp/lowrate.h"

#define SPECTRUM_NONE_DB   (-200.0) /* the lowest there is, and what points beyond the rate read */
#define SPECTRUM_FROM_HZ   20.0
#define SPECTRUM_STEP      1.0592537251772889 /* 10^(1/40) */
#define SPECTRUM_GATE_DBFS (-70.0)

enum { SPECTRUM_POINTS = 121, SPECTRUM_CHANNELS = LOWRATE_CHANNELS, SPECTRUM_PANELS = 2 };
enum spectrum_mode { SPECTRUM_LIVE, SPECTRUM_FILE };
enum spectrum_scale { SPECTRUM_TONE, SPECTRUM_NOISE };

struct spectrum_settings {
    int per_octave;    /* 1..24: bands of 1/n octave, of needle and hold */
    double average_ms; /* of the needle, to 63 % */
    double hold_s;     /* a maximum stands as long */
    double fall_db_s;  /* and falls then */
    enum spectrum_scale scale;
};

struct spectrum_panel { /* one size of transform */
    double rate_hz, bin_hz;
    int size, hop, bins, have;
    int blank; /* frames in front that were before the first one */
    struct fft fft;
    double *window, *line[SPECTRUM_CHANNELS];
    double *unbend; /* a bin: what its power is to be multiplied by */
    double *bin;    /* re, im */
    double *power, *needle, *sum, *running;
    double weight; /* of all that went into sum */
    bool started;
};

struct spectrum { /* by value in its owner; fields are spectrum.c's business */
    double rate_hz;
    int nch, points;
    enum spectrum_mode mode;
    struct spectrum_settings set;
    struct lowrate low;
    struct spectrum_panel panel[SPECTRUM_PANELS]; /* above, below */
    double *low_out[SPECTRUM_CHANNELS];
    double hz[SPECTRUM_POINTS];
    uint64_t open; /* a bit a frame of the upper panel, the newest lowest: it passed the gate */
    int window_hops,
        hops; /* frames of the upper panel in a window of the lower; those that there were, no more than that */
    double hold[SPECTRUM_POINTS], held_s[SPECTRUM_POINTS];
    void *memory;
};

/* BAD_ARG unless rate_hz is 8000..384000 and nch 1..8; NO_MEM. After an error *s owns nothing. */
enum status spectrum_prepare(struct spectrum *s, double rate_hz, int nch, enum spectrum_mode mode);
void spectrum_free(struct spectrum *s);

/* From here on no memory is taken. */
RT void spectrum_reset(struct spectrum *s);   /* forget the sound; settings stay */
RT void spectrum_restart(struct spectrum *s); /* the long-term average and the held maxima begin anew */
RT void spectrum_set(struct spectrum *s,
                     const struct spectrum_settings *set); /* held maxima begin anew if bands change */
RT void spectrum_process(struct spectrum *s, const double *const *in, int nframes);
/* The file is at its end: what is still under way counts as well, by the share of it that is sound. */
RT void spectrum_finish(struct spectrum *s);

/* Points of the grid that the rate has room for: those up to 0.95 of half of it. The others read SPECTRUM_NONE_DB. */
RT int spectrum_points(const struct spectrum *s);
RT double spectrum_hz(int point);
/* dBFS as above, SPECTRUM_POINTS of them. */
RT void spectrum_needle(struct spectrum *s, double *db);
RT void spectrum_hold(const struct spectrum *s, double *db);
/* False, and all SPECTRUM_NONE_DB, while no frame has passed the gate. */
RT bool spectrum_long_term(struct spectrum *s, int per_octave, enum spectrum_scale scale, double *db);
/* Seconds that the long-term average is made of. */
RT double spectrum_long_term_s(const struct spectrum *s);

#endif
