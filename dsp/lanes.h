/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lanes: eight stereo frames in single precision, left and right side by side, handled as one.
 *
 * Copies go by a type, not by memcpy: where a CPU is old, gcc has that move 16 bytes at a time, and a wide load right
 * behind it waits until they have arrived in the cache.
 */
#ifndef DSP_LANES_H
#define DSP_LANES_H

#include "dsp/clones.h"
#include "dsp/dsp.h"

enum { LANES_GROUP = 8, LANES = STEREO * LANES_GROUP };

typedef float lanes __attribute__((vector_size(4 * LANES)));
typedef float lanes_loose __attribute__((vector_size(4 * LANES), aligned(4), may_alias)); /* at any address */

INLINE void
lanes_copy(float *to, const float *from)
{
    *(lanes_loose *)to = *(const lanes_loose *)from;
}

INLINE float
lanes_larger(float a, float b)
{
    return a > b ? a : b; /* fmaxf minds NaN, which there is none of here, and is slow for it */
}

/* The larger of each two. On copies, which nothing else can point to: so gcc does all of them at once. */
INLINE void
lanes_max(float *to, const float *a, const float *b)
{
    float x[LANES], y[LANES];

    lanes_copy(x, a);
    lanes_copy(y, b);
    for (int i = 0; i < LANES; i++)
        x[i] = lanes_larger(x[i], y[i]);
    lanes_copy(to, x);
}

#endif
