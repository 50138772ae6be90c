/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * match: the gain that makes one stereo sound as loud as another.
 *
 * Both go through the K filter; their powers over the last 3 s of sound, in ticks of 100 ms, give the gain. A tick
 * whose reference is below -60 LUFS, or that holds what is no number, is no sound and counts for nothing: silence
 * freezes the gain. It moves by at most 1.5 dB/s, in straight lines from tick to tick, and not before 200 ms of sound.
 *
 * exact    two equal sounds give 1.0
 * bits     a step a frame, ticks counted in frames: the same at any block split
 * sources  K weighting: ITU-R BS.1770-5, Annex 1; its prototypes as in loudness.c
 */
#ifndef DSP_MATCH_H
#define DSP_MATCH_H

#include "dsp/dsp.h"

enum { MATCH_TICKS = 30, MATCH_TICKS_LEAST = 2 };

typedef double match_lanes __attribute__((vector_size(32))); /* reference left, right; sound left, right */

struct match {
    double b[3], a[2], c[2];              /* shelf's numerator and poles; high-pass' poles */
    match_lanes shelf[2], pass[2], power; /* states; sum of the tick under way */
    double gate;                          /* least sum of a tick that is sound */
    int tick_frames, at;                  /* frames: of a tick; into it */
    double reference[MATCH_TICKS], sound[MATCH_TICKS];
    int next, ticks;       /* in the rings: where the next one goes; how many there are */
    double from, to, step; /* gain at the tick's ends; what it gains a frame */
};

/* rate_hz as in dsp.h */
void match_prepare(struct match *m, double rate_hz);
RT void match_reset(struct match *m);
/* What is known is of another setting: listen anew, go on with the gain there is. */
RT void match_restart(struct match *m);
/* Listen no more: the gain stays what it is at this frame. */
RT void match_stop(struct match *m);
/* Is the gain 1.0, and at rest? */
RT bool match_idle(const struct match *m);
RT double match_gain(const struct match *m); /* at this frame */
/* gain: of each frame. Only reads both sounds. */
RT void match_process(struct match *m, const double *const *reference, const double *const *sound,
                      double *gain, int nframes);

#endif
