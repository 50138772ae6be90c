/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line: the past of one row of numbers, to be read in whole pieces at any delay.
 *
 * A ring whose first LINE_PIECE numbers stand a second time behind its last: a piece of that many is never cut in two.
 * Positions count frames and may wrap around. The memory is its owner's.
 */
#ifndef DSP_LINE_H
#define DSP_LINE_H

#include "dsp/dsp.h"

#include <string.h>

enum { LINE_PIECE = 64 }; /* frames */

struct line {
    double *x;
    unsigned mask; /* capacity - 1 */
};

/* Numbers that a line of this longest delay takes. */
static inline size_t
line_size(int delay_max)
{
    size_t capacity = 4 * LINE_PIECE; /* at least, so that little is written twice */

    while (capacity < (size_t)delay_max + LINE_PIECE)
        capacity *= 2;
    return capacity + LINE_PIECE;
}

/* memory: line_size(delay_max) numbers; returns what comes behind them. */
static inline double *
line_place(struct line *l, double *memory, int delay_max)
{
    size_t size = line_size(delay_max);

    *l = (struct line){memory, (unsigned)(size - LINE_PIECE) - 1};
    return memory + size;
}

/*
 * LINE_PIECE frames from position `at` on: to be read as long as they have been written and are not further back than
 * delay_max; or to be written, n <= LINE_PIECE of them, and then told with line_written.
 */
RT static inline double *
line_at(const struct line *l, unsigned at)
{
    return l->x + (at & l->mask);
}

RT static inline void
line_written(const struct line *l, unsigned at, int n)
{
    unsigned from = at & l->mask, size = l->mask + 1;

    if (from < LINE_PIECE)
        memcpy(l->x + size + from, l->x + from, sizeof *l->x * (LINE_PIECE - from));
    if (from + (unsigned)n > size)
        memcpy(l->x, l->x + size, sizeof *l->x * (from + (unsigned)n - size));
}

RT static inline void
line_write(const struct line *l, unsigned at, const double *v, int n)
{
    memcpy(line_at(l, at), v, sizeof *v * (size_t)n);
    line_written(l, at, n);
}

#endif
