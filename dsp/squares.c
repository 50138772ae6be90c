/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/squares.h"

#include "dsp/clones.h"

#include <math.h>

typedef double group __attribute__((vector_size(8 * SQUARES_PLACES)));
typedef double group_loose __attribute__((vector_size(8 * SQUARES_PLACES), aligned(8), may_alias));
typedef int64_t group_pick __attribute__((vector_size(8 * SQUARES_PLACES)));

static void
add_one(struct squares *s, double x, int at)
{
    double square = x * x;

    s->sum[at % SQUARES_PLACES] += square;
    if (square > s->high[at % SQUARES_PLACES])
        s->high[at % SQUARES_PLACES] = square;
}

CLONES void
squares_add(struct squares *s, const double *x, int at, int nframes)
{
    group sum, high;
    int i = 0;

    for (; i < nframes && (at + i) % SQUARES_PLACES; i++)
        add_one(s, x[i], at + i);
    sum = *(group_loose *)s->sum;
    high = *(group_loose *)s->high;
    for (; i + SQUARES_PLACES <= nframes; i += SQUARES_PLACES) {
        group v = *(const group_loose *)(x + i), square = v * v;
        group_pick more = square > high;

        sum += square;
        high = (group)(((group_pick)square & more) | ((group_pick)high & ~more));
    }
    *(group_loose *)s->sum = sum;
    *(group_loose *)s->high = high;
    for (; i < nframes; i++)
        add_one(s, x[i], at + i);
}

double
squares_sum(const struct squares *s)
{
    double sum = 0.0;

    for (int k = 0; k < SQUARES_PLACES; k++)
        sum += s->sum[k];
    return sum;
}

double
squares_peak(const struct squares *s)
{
    double high = 0.0;

    for (int k = 0; k < SQUARES_PLACES; k++)
        high = fmax(high, s->high[k]);
    return sqrt(high);
}
