/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hold: in each of two rows the largest of the last `window` numbers, this one included; before the first were zeros.
 *
 * Largest of 1, 4, 16, 64 .. frames, each from four of the one before, and at last of the whole window from up to four
 * that overlap. So every frame costs the same whatever the numbers are, and the work is in vectors along time.
 *
 * bits     the same however the numbers are cut into pieces: a maximum is exact
 */
#ifndef DSP_HOLD_H
#define DSP_HOLD_H

#include "dsp/line.h"

enum { HOLD_WINDOW_MAX = 4096, HOLD_LEVELS = 7 };

struct hold {
    struct line line[HOLD_LEVELS][STEREO]; /* [k]: largest of the last 4^k */
    int window;
    unsigned at; /* frames since the start; wraps */
    int age;     /* the same, and stays at HOLD_WINDOW_MAX */
};

/* Numbers of memory that hold_place takes from its owner. 1 <= window_max <= HOLD_WINDOW_MAX. */
size_t hold_size(int window_max);
double *hold_place(struct hold *h, double *memory, int window_max); /* returns what comes behind */

/* Forgets. */
RT void hold_start(struct hold *h, int window);
/* In place, one row or two, n <= LINE_PIECE frames; no number is negative. */
RT void hold_process(struct hold *h, double (*v)[LINE_PIECE], int rows, int n);

#endif
