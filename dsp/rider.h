/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rider: one way of riding the gain: from what a detector hears to what is to be taken away.
 *
 * level    a blend in dB of each frame's peak and of the mean square (RIDER_RMS_MS, one-pole). RMS is re a full-scale
 *          square: a sine reads 3.01 dB below its peak
 * down     the curve's reduction (dynamics.h), at most range_db; linked: link of the larger channel's and the rest of
 *          one's own; held over the look-ahead; then attack and release
 * up       linked, held, attack and release work on the level above RIDER_FLOOR_DBFS; then what is below the threshold
 *          is raised by the least of the curve (as steep, downwards), range_db, and the level above the floor: so
 *          what goes on sinking to the floor is let go again, and silence and noise stay where they are
 * bits     the same however the sound is cut into pieces
 * sources  Giannoulis, Massberg, Reiss, JAES 60(6), 2012
 */
#ifndef DSP_RIDER_H
#define DSP_RIDER_H

#include "dsp/channels.h"
#include "dsp/dsp.h"
#include "dsp/dynamics.h"
#include "dsp/hold.h"

#define RIDER_RMS_MS     20.0
#define RIDER_FLOOR_DBFS (-80.0)

enum rider_mode { RIDER_DOWN, RIDER_UP };

enum { RIDER_PIECE = LINE_PIECE, RIDER_PAST = 4 };

struct rider_way {
    struct dynamics_curve curve; /* up: of the negative level */
    struct dynamics_pace pace;
    double range_db, rms, link; /* rms: of the blend, 0..1; link 0..1 */
    double rms_step;            /* one-pole */
    int mode, channels;         /* enum rider_mode, enum channels */
    int lookahead;              /* frames */
    int auto_release;
};

struct rider {
    struct rider_way way;
    double foot_power; /* nothing comes of levels up to here */
    struct dynamics_detectors detectors;
    double square[STEREO][RIDER_PAST]; /* the last ones */
    double mean[STEREO][RIDER_PAST];   /* the same, averaged */
    int squares;                       /* that are in them, up to where it no longer matters */
    struct hold hold;
    int quiet; /* frames since anything went into hold */
};

/* Numbers of memory for one rider, its owner's. */
size_t rider_size(int lookahead_max);
double *rider_place(struct rider *r, double *memory, int lookahead_max);

RT bool rider_way_same(const struct rider_way *a, const struct rider_way *b);
/* A new way from silence, or going on from where another rider is. */
RT void rider_reset(struct rider *r, const struct rider_way *way);
RT void rider_follow(struct rider *r, const struct rider_way *way, const struct rider *from);

/* How many rows rider_process writes: 1 where all the sound it works on gets the same gain. */
RT int rider_rows(const struct rider *r);
/* key: planar stereo. db: what to take away, negative where it is to be raised, nframes <= RIDER_PIECE. Returns the
   largest change; at 0 all of db is 0. */
RT double rider_process(struct rider *r, const double *const *key, double (*db)[RIDER_PIECE], int nframes);
/* Call on a frame grid: ends decays before they become denormals, and what a NaN left. */
RT void rider_tidy(struct rider *r);

#endif
