/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * eqdyn: from the sound of a band's own part to the gain that the band moves by.
 *
 *   level (dBFS, the louder side) -> over the threshold, 2:1 with a knee of 6 dB, at most |range| -> detector
 *   (dynamics.h) -> that many dB, up where range is above 0 and down where it is below
 *
 * So |range| is reached where the part is 2 |range| above the threshold.
 *
 * io       pairs of (left, right) or of (mid, side), at most EQDYN_FRAMES a call
 * moves    a new law goes over from the old one in dB, by its owner's weights
 * bits     a step a frame: the same at any block split
 */
#ifndef DSP_EQDYN_H
#define DSP_EQDYN_H

#include "dsp/biquad.h"
#include "dsp/channels.h"
#include "dsp/dynamics.h"

#define EQDYN_SLOPE   0.5 /* 2:1 */
#define EQDYN_KNEE_DB 6.0

enum { EQDYN_FRAMES = 64 };

struct eqdyn_law {
    double threshold_dbfs, range_db;
    double attack_ms, release_ms; /* to 63 %, as the compressor's */
    int channels;                 /* enum channels: what is listened to */
};

struct eqdyn_rider {
    struct eqdyn_law law;
    struct dynamics_curve curve;
    double foot;            /* linear: no level below it does anything */
    double attack, release; /* a frame */
    struct dynamics_detector detector;
};

struct eqdyn { /* by value in its owner */
    struct eqdyn_rider now, last;
    bool moving;
    double moved_db[2]; /* the most since each of two takers asked; >= 0 */
};

/* From silence. */
RT void eqdyn_jump(struct eqdyn *d, const struct eqdyn_law *law, double rate_hz);
/* Begins to go over, if it is another law. */
RT void eqdyn_go(struct eqdyn *d, const struct eqdyn_law *law, double rate_hz);
RT void eqdyn_arrive(struct eqdyn *d);
/* Call on a frame grid. */
RT void eqdyn_settle(struct eqdyn *d);

/* By how much more than 1 the part is wanted: gain - 1, a number a frame. w as in eqfilter.h. False: all are 0. */
RT bool eqdyn_process(struct eqdyn *d, const double *w, const biquad_pair *own, bool mid_side, double *more,
                      int nframes);
/* The most that it moved by, up or down, since this taker (0 or 1) last asked. */
RT double eqdyn_take_move_db(struct eqdyn *d, int taker);

#endif
