/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spline: smooths a stereo control signal with four equal box filters in a row, a cubic spline: its weights
 * are not negative and add up to 1.
 *
 * The boxes are sums first and differences last (a CIC): four running sums that nothing is ever taken from, and
 * the fourth difference of the last one, S[i] - 4 S[i - m] + 6 S[i - 2 m] - 4 S[i - 3 m] + S[i - 4 m]. The numbers
 * are whole and wrap around, and what wrapped cancels in the differences, so this is exact for ever: no drift, no
 * history, and zeros in are zeros out.
 *
 * in       0..1, rounded up to 1 / unit
 * support  4 length - 3 frames
 * sources  Hogenauer, "An economical class of digital filters for decimation and interpolation", 1981
 */
#ifndef DSP_SPLINE_H
#define DSP_SPLINE_H

#include "dsp/dsp.h"
#include "dsp/lanes.h"
#include "dsp/xmath.h"

#include <string.h>

struct spline {
    uint64_t *line;           /* ring of pairs of the fourth sum, twice over */
    uint64_t sum[4][STEREO];  /* the running sums, of each channel */
    int length, at, capacity; /* frames */
    double unit, scale;       /* what 1 is as a whole number; 1 over what that sums up to */
};

static inline int
spline_support(int length)
{
    return 4 * length - 3;
}

/* Frames, a power of two. */
static inline int
spline_capacity(int longest)
{
    int n = 2 * LANES_GROUP;

    while (n < 4 * longest + LANES_GROUP)
        n *= 2;
    return n;
}

static inline size_t
spline_words(int capacity)
{
    return (size_t)STEREO * 2 * (size_t)capacity;
}

/* memory: spline_words(), its owner's. The unit is as fine as sums below 2^52 allow, which are doubles as well. */
static inline void
spline_place(struct spline *s, uint64_t *memory, int longest)
{
    double most = (double)longest * longest * longest * longest;

    s->line = memory;
    s->capacity = spline_capacity(longest);
    for (s->unit = 1.0; 2.0 * s->unit * most < 0x1p52;)
        s->unit *= 2.0;
}

/* Sums a group in. */
INLINE void
spline_put(struct spline *s, const uint64_t *whole)
{
    typedef uint64_t pair __attribute__((vector_size(16)));
    typedef uint64_t loose __attribute__((vector_size(16), aligned(8), may_alias));
    uint64_t *at = s->line + STEREO * s->at, *again = at + STEREO * s->capacity;
    pair sum[4];

    for (int k = 0; k < 4; k++)
        sum[k] = *(const loose *)s->sum[k];
    for (int i = 0; i < LANES_GROUP; i++) {
        sum[0] += *(const loose *)(whole + STEREO * i);
        sum[1] += sum[0];
        sum[2] += sum[1];
        sum[3] += sum[2];
        *(loose *)(at + STEREO * i) = sum[3];
        *(loose *)(again + STEREO * i) = sum[3];
    }
    for (int k = 0; k < 4; k++)
        *(loose *)s->sum[k] = sum[k];
    s->at = (s->at + LANES_GROUP) & (s->capacity - 1);
}

/* Rounds up; 0 stays 0. */
INLINE uint64_t
spline_whole(const struct spline *s, double in)
{
    return x_bits(in * s->unit + 0.5 + 0x1p52) - x_bits(0x1p52); /* a half and even: 0.5 goes to 0 */
}

/* Anew, at a length, as if `in` (of each channel) had always come. */
RT static inline void
spline_start(struct spline *s, int length, const double *in)
{
    uint64_t whole[LANES];

    s->length = length;
    s->scale = 1.0 / (s->unit * length * length * length * length);
    s->at = 0;
    memset(s->sum, 0, sizeof s->sum);
    memset(s->line, 0, spline_words(s->capacity) * sizeof *s->line);
    for (int i = 0; i < LANES; i++)
        whole[i] = spline_whole(s, in[i % STEREO]);
    for (int i = 0; i < spline_support(length); i += LANES_GROUP)
        spline_put(s, whole);
}

INLINE void
spline_next(struct spline *s, const double *in, double *out)
{
    const uint64_t *a = s->line + STEREO * (s->at + s->capacity);
    const uint64_t *b = a - STEREO * s->length, *c = b - STEREO * s->length, *d = c - STEREO * s->length,
                   *e = d - STEREO * s->length;
    uint64_t whole[LANES];

    for (int i = 0; i < LANES; i++)
        whole[i] = spline_whole(s, in[i]);
    spline_put(s, whole);
    for (int i = 0; i < LANES; i++) {
        uint64_t sum = a[i] - 4 * (b[i] + d[i]) + 6 * c[i] + e[i];

        out[i] = (x_double(sum | x_bits(0x1p52)) - 0x1p52) * s->scale;
    }
}

#endif
