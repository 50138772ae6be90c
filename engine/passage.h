/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * passage: the way from one state of the parameters to another in a given time, as moves with frames of their own.
 *
 * The moves lie on a grid of frames counted from the start, so they depend on nothing but the ends, the length and who
 * leaves on the way; morph.h says what is in between. What stands at a frame comes switches last: who comes in comes
 * in with his settings. What has left for nothing gets the settings that it has at the end, which nobody hears, TAIL
 * later, when its own fade is over. A length of 0 is one frame for all.
 *
 * Pure: no clock, no thread, no model.
 */
#ifndef ENGINE_PASSAGE_H
#define ENGINE_PASSAGE_H

#include "engine/morph.h"

struct passage_move {
    int id;
    double value;
    uint64_t frame;
};

struct passage {
    const struct morph *morph; /* not ours */
    double *from, *to, *last;  /* one a parameter; last: where it has been sent to */
    bool *in;                  /* which rows take part */
    int nin;
    uint64_t start, length, tail; /* frames */
    int steps;                    /* of the length; one more is the tail */
    int step, sweep, at;          /* what comes next; step 0: nothing runs */
};

/* NO_MEM. After an error *p owns nothing. */
enum status passage_prepare(struct passage *p, const struct morph *morph);
void passage_free(struct passage *p);

/* which: rows that may move; those that never will leave at once. grid, tail: frames. */
void passage_begin(struct passage *p, const double *from, const double *to, const bool *which, uint64_t start,
                   uint64_t length, uint64_t grid, uint64_t tail);
bool passage_runs(const struct passage *p);
bool passage_has(const struct passage *p, int id);
/* Another hand has it now. */
void passage_leave(struct passage *p, int id);
/* It ends where it is. */
void passage_stop(struct passage *p);
/* Where its rows will be in the end, into values. */
void passage_end(const struct passage *p, double *values);

/* The next move with a frame up to `until`; false: none is due, or it is over. */
bool passage_next(struct passage *p, uint64_t until, struct passage_move *move);
/* What is left of it goes at this frame at once. */
void passage_hurry(struct passage *p, uint64_t frame);

#endif
