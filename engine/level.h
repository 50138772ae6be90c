/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * level: what the needles of one place in the path show: true peaks of the last 200 to 300 ms, momentary and short-term
 * loudness, and the largest true peak of the last 3 s.
 *
 * Time is gone through in ticks of 10 ms and slices of 100 ms, both counted in frames; whoever measures over longer
 * (engine/measure.h) looks at each tick's end.
 *
 * bits     the same however the input is cut into periods
 */
#ifndef ENGINE_LEVEL_H
#define ENGINE_LEVEL_H

#include "dsp/kweight.h"
#include "dsp/truepeak.h"

enum {
    LEVEL_SLICE_TICKS = 10,
    LEVEL_SLICES = LOUDNESS_SHORT_TERM_TICKS / LEVEL_SLICE_TICKS,
    LEVEL_HELD = 3 /* slices */
};

struct level { /* by value in its owner; fields are level.c's business */
    struct kweight windows;
    struct truepeak_meter truepeak;
    struct truepeak_reading slice[LEVEL_SLICES][STEREO]; /* linear; [at] is the one under way */
    int at, ticks;                                       /* ticks that it has */
};

/* BAD_ARG for the rate; takes no memory. ticks: that the first slice is short of, so that not all places end theirs at
   once. */
enum status level_prepare(struct level *l, double rate_hz, int ticks);

/* From frame `from` on, which went through l->windows just before. */
RT void level_process(struct level *l, const double *const *in, int from, int nframes);
/* What is new since this was last called, linear; it goes into the slice. */
RT void level_take(struct level *l, struct truepeak_reading new[STEREO]);
/* At a tick's end: is it a slice's too? Then what comes belongs to the next; take before. */
RT bool level_slice_ends(const struct level *l);
RT void level_slice_next(struct level *l);

RT struct truepeak_reading level_needle(const struct level *l, int channel); /* linear: held, then falling */
/* Not yet taken. */
RT struct truepeak_reading level_newest(const struct level *l, int channel);
RT double level_window(const struct level *l); /* linear: the largest `wave` of both sides in 3 s */

#endif
