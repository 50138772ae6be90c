/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * truepeak: how high the wave stands between its samples.
 *
 * Two readings. `wave` is the largest of the samples and of seven points
 * between each two of them (8x, 96 taps a phase): at most 0.169 dB below the
 * band-limited wave's true top (TRUEPEAK_GRID_LOSS). `itu` is
 * the largest output of the 4x12 filter of ITU-R BS.1770, what other meters
 * read: up to 0.5 dB above the wave where there is much near rate/2.
 *
 * work     in groups of TRUEPEAK_GROUP frames, lanes are frames: no sum is ever taken across lanes,
 *          so every CPU adds in the same order
 * skip     a group is interpolated only if the filter's absolute tap sums, times the largest samples under
 *          them, allow a reading above the floor. A bound, not a guess: nothing above the floor is missed
 * input    single precision from here on (a reading is good to 1e-5 dB); NaN counts as 0, beyond 1e9 as 1e9
 * bits     the same at any block split
 * sources  grid loss: Duffin, Schaeffer, "Some properties of functions of exponential type", 1938
 *          4x12 filter: ITU-R BS.1770-5, Annex 2
 */
#ifndef DSP_TRUEPEAK_H
#define DSP_TRUEPEAK_H

#include "dsp/dsp.h"

enum {
    TRUEPEAK_GROUP = 8,  /* frames */
    TRUEPEAK_HALF = 48,  /* taps on either side of an interval; a multiple of the group */
    TRUEPEAK_DELAY = 48, /* frames: a group's readings are of the group that came this much earlier */
    TRUEPEAK_RING = 128, /* frames; power of two > 2 * HALF + GROUP */
    TRUEPEAK_SPAN = 13   /* groups under the filter */
};

/* cos(pi / 16): what is left at least of a top that falls between two points of the 8x grid. */
#define TRUEPEAK_GRID_LOSS 0.98078528040323044913

/* One channel. */
struct truepeak {
    float bound[TRUEPEAK_SPAN][TRUEPEAK_GROUP];          /* absolute tap sums: group, lane */
    float even[TRUEPEAK_HALF][4], odd[TRUEPEAK_HALF][4]; /* phases 1 to 4 (odd: to 3) */
    float itu_even[6][2], itu_odd[6][2];
    float ring[2 * TRUEPEAK_RING];                 /* twice over, so that any window is in one piece */
    float top[2 * TRUEPEAK_RING / TRUEPEAK_GROUP]; /* largest sample of each group, twice over */
    float wave_before, itu_before;                 /* reading of the interval before the next group */
    int at;                                        /* in ring: where the next group goes */
};

struct truepeak_group { /* linear; of frame k: the sample and the intervals on both its sides */
    float wave[TRUEPEAK_GROUP], itu[TRUEPEAK_GROUP];
};

/* Designs the filter; no memory is taken. */
void truepeak_prepare(struct truepeak *t);
RT void truepeak_reset(struct truepeak *t);
/*
 * Takes TRUEPEAK_GROUP frames and reads the group TRUEPEAK_DELAY frames earlier. What can't be above its floor
 * may read less than it is (but never less than the sample for wave).
 */
RT void truepeak_group(struct truepeak *t, const double *in, float wave_floor, float itu_floor,
                       struct truepeak_group *out);

/* For meters: running peaks of a stereo stream. Complete for all but the last TRUEPEAK_METER_DELAY frames. */
enum { TRUEPEAK_METER_DELAY = TRUEPEAK_DELAY + TRUEPEAK_GROUP };

struct truepeak_reading { /* linear */
    double wave, itu;
};

struct truepeak_meter {
    struct truepeak channel[STEREO];
    struct truepeak_reading peak[STEREO];
    double group[STEREO][TRUEPEAK_GROUP];
    int fill; /* frames in group */
};

void truepeak_meter_prepare(struct truepeak_meter *m);
RT void truepeak_meter_reset(struct truepeak_meter *m);
RT void truepeak_meter_process(struct truepeak_meter *m, const double *const *in, int nframes);
/* The largest since reset or the last clear. */
RT struct truepeak_reading truepeak_meter_read(const struct truepeak_meter *m, int channel);
RT void truepeak_meter_clear(struct truepeak_meter *m);

#endif
