/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * truepeak: how high the wave stands between its samples, both channels at once.
 *
 * Two readings. `wave` is the largest of the samples and of seven points
 * between each two of them: at most 0.169 dB below the band-limited wave's
 * true top (TRUEPEAK_GRID_LOSS). `itu` is the largest output of the 4x12 filter
 * of ITU-R BS.1770, what other meters read: up to 0.5 dB above the wave where
 * there is much near rate/2.
 *
 * work     in groups of TRUEPEAK_GROUP frames; lanes are frames, left and right side by side: no sum is ever
 *          taken across lanes, so every CPU adds in the same order
 * grid     in three steps, each between the points of the one before: 96 taps for the middle, 12 for the
 *          quarters, 6 for the eighths (truepeak.c), as good as 96 for each point and a third of the work
 * skip     a group is interpolated only if a bound allows a reading above the floor: nothing above it is missed.
 *          Two bounds: the filters' absolute tap sums, times the largest samples under them; and, for what is
 *          no treble, the larger sample on either side and how much the sound bends nearby (truepeak.c)
 * input    single precision from here on (a reading is good to 1e-5 dB); NaN counts as 0, beyond 1e9 as 1e9
 * bits     the same at any block split
 * sources  grid loss: Duffin, Schaeffer, "Some properties of functions of exponential type", 1938
 *          4x12 filter: ITU-R BS.1770-5, Annex 2
 */
#ifndef DSP_TRUEPEAK_H
#define DSP_TRUEPEAK_H

#include "dsp/dsp.h"
#include "dsp/lanes.h"

enum {
    TRUEPEAK_GROUP = LANES_GROUP, /* frames */
    TRUEPEAK_HALF = 48,           /* taps on either side of a middle; a multiple of 4 and the group */
    TRUEPEAK_QUARTER = 6,
    TRUEPEAK_EIGHTH = 3,
    TRUEPEAK_REACH = 51, /* frames on either side of an interval that all three steps together look at */
    TRUEPEAK_DELAY = 52, /* frames: a group's readings are of the group that came this much earlier */
    TRUEPEAK_RING = 128, /* frames; power of two > DELAY + REACH + 2 groups */
    TRUEPEAK_NEAR = 32,  /* the same of the points between, which are needed for 3 groups */
    TRUEPEAK_SPAN = 14   /* groups under the filters */
};

/* cos(pi / 16): what is left at least of a top that falls between two points of the 8x grid. */
#define TRUEPEAK_GRID_LOSS 0.98078528040323044913

struct truepeak {
    float half[TRUEPEAK_HALF], quarter[TRUEPEAK_QUARTER], eighth[TRUEPEAK_EIGHTH];
    float itu_even[6][2], itu_odd[6][2];
    float bound[TRUEPEAK_SPAN][LANES]; /* absolute tap sums: group, lane */
    float bend[TRUEPEAK_SPAN][LANES];  /* the same of the taps on second differences */
    float itu_bend;
    /* Rings of pairs, twice over, so that any window is in one piece: samples; points at 1/2, 1/4, 3/4 behind them. */
    float sound[2 * STEREO * TRUEPEAK_RING];
    float middle[2 * STEREO * TRUEPEAK_NEAR];
    float first[2 * STEREO * TRUEPEAK_NEAR], third[2 * STEREO * TRUEPEAK_NEAR];
    float top[2 * TRUEPEAK_RING / TRUEPEAK_GROUP][LANES]; /* largest sample of each group, in each lane */
    float curve[2 * TRUEPEAK_RING / TRUEPEAK_GROUP]
               [LANES]; /* largest second difference of each, but the last */
    int at;             /* in sound: where the next group goes */
    int middles,
        quarters; /* how many groups in a row, up to the last one, have their points (2, 1 at most) */
};

struct truepeak_floor { /* linear, of each channel */
    float wave[STEREO], itu[STEREO];
};

/* Linear, a pair a frame. wave: of the sample and the interval behind it; itu: of the interval. */
struct truepeak_group {
    float wave[LANES], itu[LANES];
};

/* Designs the filters; no memory is taken. */
void truepeak_prepare(struct truepeak *t);
RT void truepeak_reset(struct truepeak *t);
/*
 * Takes TRUEPEAK_GROUP frames and reads the group TRUEPEAK_DELAY frames earlier. What can't be above its floor
 * may read less than it is (but never less than the sample for wave).
 */
RT void truepeak_group(struct truepeak *t, const double *const *in, const struct truepeak_floor *floor,
                       struct truepeak_group *out);

/* For meters: running peaks of a stereo stream. Complete for all but the last TRUEPEAK_METER_DELAY frames. */
enum { TRUEPEAK_METER_DELAY = TRUEPEAK_DELAY + TRUEPEAK_GROUP };

struct truepeak_reading { /* linear */
    double wave, itu;
};

struct truepeak_meter {
    struct truepeak detector;
    struct truepeak_floor recent;         /* the largest since last taken */
    struct truepeak_reading past[STEREO]; /* before that, since cleared */
    double group[STEREO][TRUEPEAK_GROUP];
    int fill; /* frames in group */
};

void truepeak_meter_prepare(struct truepeak_meter *m);
RT void truepeak_meter_reset(struct truepeak_meter *m);
RT void truepeak_meter_process(struct truepeak_meter *m, const double *const *in, int nframes);
/* The largest since reset or the last clear. */
RT struct truepeak_reading truepeak_meter_read(const struct truepeak_meter *m, int channel);
RT void truepeak_meter_clear(struct truepeak_meter *m);
/* The largest since last taken. */
RT struct truepeak_reading truepeak_meter_recent(const struct truepeak_meter *m, int channel);
/* The same, and it begins anew, for a needle that falls; read goes on. */
RT struct truepeak_reading truepeak_meter_take(struct truepeak_meter *m, int channel);

#endif
