/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kweight: the K-weighted energy of a sound over the last 400 ms and the last 3 s.
 *
 * in       planar, 1.0 is 0 dBFS; only read
 * grid     energies are gathered in ticks of 10 ms counted in frames, so that the momentary window slides
 *          finely whatever the period. Whoever measures (dsp/programme.h) looks at each tick's end
 * bits     the same however the input is cut into blocks
 * hostile  a tick that holds NaN, infinity or more than +80 LUFS is no sound: the filters start anew
 * sources  K weighting: ITU-R BS.1770-5, Annex 1; windows: EBU Tech 3341 v4
 */
#ifndef DSP_KWEIGHT_H
#define DSP_KWEIGHT_H

#include "dsp/dsp.h"

#define LOUDNESS_NONE_LUFS (-120.0) /* reading when there is nothing to read */

enum {
    LOUDNESS_CHANNELS = 8,
    LOUDNESS_TICKS_A_SECOND = 100,
    LOUDNESS_MOMENTARY_TICKS = 40,  /* 400 ms */
    LOUDNESS_SHORT_TERM_TICKS = 300 /* 3 s */
};

typedef double kweight_pair __attribute__((vector_size(2 * sizeof(double))));

/* One K filter for two channels side by side; all newest first. */
struct kweight_filter {
    double in[2][2];                /* what came in, of each channel */
    kweight_pair shelf[2], pass[2]; /* what came out of each section */
    kweight_pair energy;            /* of the tick under way */
};

struct kweight { /* by value in its owner; fields are kweight.c's business */
    double rate_hz;
    int nch;
    double shelf_b[3], shelf_a[2], pass_a[2];
    double weight[LOUDNESS_CHANNELS]; /* channel weight x numerator scale squared */
    struct kweight_filter filter[LOUDNESS_CHANNELS / 2];

    int tick, left;                             /* tick within the second, 0..99; frames it still wants */
    double ring[2 * LOUDNESS_SHORT_TERM_TICKS]; /* weighted energy, sum over frames; twice over */
    int at;                                     /* where the next tick goes */
    double momentary, short_term;               /* weighted mean squares */
    bool ticked, sound; /* the last process call ended a tick; the last tick was sound */
    uint64_t skipped;   /* ticks that were none, since reset */
};

/* Takes no memory. weights: 1.0 for L, R, C, 1.41 for Ls and Rs, 0 for LFE. BAD_ARG unless rate_hz is 8000..384000
   and nch 1..8. */
enum status kweight_prepare(struct kweight *k, double rate_hz, const double *weights, int nch);

/* From here on callable in the process thread. */
RT void kweight_reset(struct kweight *k);
/* The grid starts anew at this frame: what the unfinished tick held is dropped from the windows. */
RT void kweight_align(struct kweight *k);
/* Takes frames from `from` on, at most to the end of the tick under way; returns how many. Whether they ended it
   is in k->ticked. */
RT int kweight_process(struct kweight *k, const double *const *in, int from, int nframes);
/* The same for two stereo ones on one grid (prepared, reset and aligned at the same frames) in little more time. */
RT int kweight_process_two(struct kweight *k, const double *const *in, struct kweight *other,
                           const double *const *other_in, int from, int nframes);

RT double kweight_momentary_lufs(const struct kweight *k);  /* the last 400 ms */
RT double kweight_short_term_lufs(const struct kweight *k); /* the last 3 s */
/* Weighted mean square of `window` ticks, of which only the last nticks held something. */
RT double kweight_mean(const struct kweight *k, int nticks, int window);
RT double kweight_lufs(double mean_square); /* LOUDNESS_NONE_LUFS at least */

#endif
