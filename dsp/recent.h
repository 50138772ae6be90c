/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recent: how loud two sounds were over the same last seconds, gated, so that they can be held against each other.
 *
 * Every 100 ms a block of 400 ms of each is kept; the gates are applied when it is read, to each sound by itself. A
 * block in which both are below the absolute gate is no programme: it is not kept, and the seconds stand still.
 *
 * memory   the longest window, by value
 * hostile  no block that would hold a tick that was no sound, of either, is kept
 * sources  blocks, gates: ITU-R BS.1770-5, Annex 1
 */
#ifndef DSP_RECENT_H
#define DSP_RECENT_H

#include "dsp/kweight.h"

enum { RECENT_SOUNDS = 2, RECENT_LONGEST_S = 120, RECENT_BLOCKS = RECENT_LONGEST_S * 10 - 3 };

struct recent {                                 /* by value in its owner; all zero: nothing yet */
    double block[RECENT_SOUNDS][RECENT_BLOCKS]; /* weighted mean squares; a ring */
    int at, count;
    int phase; /* ticks into the block that comes next */
    int whole; /* ticks in a row that were sound, at most a block's */
};

/* From here on callable in the process thread. */
RT void recent_restart(struct recent *r);
/* At each tick's end; the two tick together, and may be one. True: a block ended here, kept or not. */
RT bool recent_tick(struct recent *r, const struct kweight *a, const struct kweight *b);
/* Of the last window_s seconds, 0.4 .. RECENT_LONGEST_S, or of what there is; LOUDNESS_NONE_LUFS: nothing. Two
   additions a block. */
RT double recent_lufs(const struct recent *r, int sound, double window_s);
/* What such a reading is made of. */
RT double recent_measured_s(const struct recent *r, double window_s);

#endif
