/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extent: the lowest and the highest of many numbers, eight at a time.
 */
#ifndef DSP_EXTENT_H
#define DSP_EXTENT_H

#include "dsp/clones.h"

struct extent {
    double low, high;
};

enum { EXTENT_LANES = 8 };

/* n >= 1, finite. In a CLONES function. */
INLINE struct extent
extent_of(const double *x, int n)
{
    double low[EXTENT_LANES], high[EXTENT_LANES];
    int i = 0;

    for (int k = 0; k < EXTENT_LANES; k++)
        low[k] = high[k] = x[0];
    for (; i + EXTENT_LANES <= n; i += EXTENT_LANES)
        for (int k = 0; k < EXTENT_LANES; k++) {
            low[k] = x[i + k] < low[k] ? x[i + k] : low[k];
            high[k] = x[i + k] > high[k] ? x[i + k] : high[k];
        }
    for (; i < n; i++) {
        low[0] = x[i] < low[0] ? x[i] : low[0];
        high[0] = x[i] > high[0] ? x[i] : high[0];
    }
    for (int k = 1; k < EXTENT_LANES; k++) {
        low[0] = low[k] < low[0] ? low[k] : low[0];
        high[0] = high[k] > high[0] ? high[k] : high[0];
    }
    return (struct extent){low[0], high[0]};
}

#endif
