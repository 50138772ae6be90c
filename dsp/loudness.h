/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loudness: how loud a programme is, as broadcast and streaming services count it.
 *
 * in       planar, stereo (or the layout prepared), 1.0 is 0 dBFS; only read
 * grid     energies are gathered in ticks of 10 ms counted in frames, so that the momentary window slides
 *          finely whatever the period
 * memory   the same after a minute and after a year: two histograms of 0.01 LU that keep each bin's exact energy
 * bits     the same however the input is cut into blocks
 * hostile  a tick that holds NaN, infinity or more than +80 LUFS is no sound: the filters start anew, no block
 *          or window value that would hold it is taken into the measurement, loudness_skipped() counts it
 * sources  K weighting, blocks, gates: ITU-R BS.1770-5, Annex 1
 *          windows, maxima, start/pause/reset: EBU Tech 3341 v4; loudness range: EBU Tech 3342 v4
 */
#ifndef DSP_LOUDNESS_H
#define DSP_LOUDNESS_H

#include "dsp/dsp.h"

#define LOUDNESS_NONE_LUFS (-120.0) /* reading when there is nothing to read */

enum {
    LOUDNESS_CHANNELS = 8,
    LOUDNESS_MOMENTARY_TICKS = 40,   /* 400 ms */
    LOUDNESS_SHORT_TERM_TICKS = 300, /* 3 s */
    LOUDNESS_GROUPS = 100,           /* of 1 LU, from -70 LUFS up */
    LOUDNESS_BINS = 100              /* a group */
};

typedef double loudness_pair __attribute__((vector_size(2 * sizeof(double))));

struct loudness_bin {
    double energy; /* sum of the mean squares that fell in here */
    uint32_t count;
};

struct loudness_histogram {
    struct loudness_bin *bin; /* LOUDNESS_GROUPS x LOUDNESS_BINS */
    struct loudness_bin group[LOUDNESS_GROUPS], all;
};

/* One K filter for two channels side by side; all newest first. */
struct loudness_filter {
    double in[2][2];                 /* what came in, of each channel */
    loudness_pair shelf[2], pass[2]; /* what came out of each section */
    loudness_pair energy;            /* of the tick under way */
};

struct loudness { /* by value in its owner; fields are loudness.c's business */
    double rate_hz;
    int nch;
    double shelf_b[3], shelf_a[2], pass_a[2];
    double weight[LOUDNESS_CHANNELS]; /* channel weight x numerator scale squared */
    struct loudness_filter filter[LOUDNESS_CHANNELS / 2];

    int tick, left;                             /* tick within the second, 0..99; frames it still wants */
    double ring[2 * LOUDNESS_SHORT_TERM_TICKS]; /* weighted energy, sum over frames; twice over */
    int at;                                     /* where the next tick goes */
    double momentary, short_term;               /* weighted mean squares */

    bool running;
    int phase;         /* ticks to the next gating block */
    int whole;         /* ticks of sound in a row that are measured, at most SHORT_TERM_TICKS */
    uint64_t measured; /* ticks */
    double max_momentary, max_short_term;
    struct loudness_histogram blocks, spread; /* 400 ms blocks; short-term values */
    uint64_t skipped;                         /* ticks */
};

/* BAD_ARG unless rate_hz is 8000..384000 and nch 1..8; NO_MEM. After an error *l owns nothing. Runs at once. */
enum status loudness_prepare(struct loudness *l, double rate_hz);
/* Other layouts. weights: 1.0 for L, R, C, 1.41 for Ls and Rs, 0 for LFE. */
enum status loudness_prepare_layout(struct loudness *l, double rate_hz, const double *weights, int nch);
void loudness_free(struct loudness *l);

/* From here on callable in the process thread. */
RT void loudness_reset(struct loudness *l); /* forget the sound and the measurement; pause or run stays */
/* Begin the measurement anew (integrated, range, maxima) at this frame; momentary and short-term go on. */
RT void loudness_restart(struct loudness *l);
/* Pause and continue the measurement. What comes after a pause is measured as if it began there: no block or
   window reaches over the gap. */
RT void loudness_run(struct loudness *l, bool on);
RT void loudness_process(struct loudness *l, const double *const *in, int nframes);

/* Cheap: at most some 200 additions. */
RT double loudness_momentary_lufs(const struct loudness *l);  /* the last 400 ms */
RT double loudness_short_term_lufs(const struct loudness *l); /* the last 3 s */
RT double loudness_integrated_lufs(const struct loudness *l); /* gated, since the start */
RT double loudness_range_lu(const struct loudness *l);        /* 0 when there is nothing; unsure below 60 s */
RT double loudness_max_momentary_lufs(const struct loudness *l);
RT double loudness_max_short_term_lufs(const struct loudness *l);
RT double loudness_measured_s(const struct loudness *l); /* time that went into the measurement */
RT uint64_t loudness_skipped(const struct loudness *l);  /* ticks of 10 ms that were no sound, since reset */

/* Adds what another has measured, as if both were one programme: integrated, range, maxima, time. Momentary and
   short-term stay. The rates may differ. An album is its tracks joined. */
void loudness_join(struct loudness *l, const struct loudness *more);

#endif
