/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * basshold: remembers a peak for as long as a bass takes from one crest to the next.
 *
 * A gain that recovers between two crests of one bass note draws them another shape: distortion. So what a bass
 * has to do with a peak is held: the smaller of the peak and `share` times the highest that low-passed sound
 * stood of late. Of a bass alone that is the peak itself, and then the gain does not move at all. Of a peak far
 * above the bass below it, only the bass's part is held: the rest recovers as it would.
 *
 * low      mean of each group, then second order, BASSHOLD_HZ: it only has to tell low from high
 * hold     whole slices of about 2 ms: between slices - 1 and slices of them
 * bits     a step a group
 */
#ifndef DSP_BASSHOLD_H
#define DSP_BASSHOLD_H

#include "dsp/dsp.h"
#include "dsp/lanes.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

#define BASSHOLD_HZ       400.0
#define BASSHOLD_SLICE_MS 2.0

enum { BASSHOLD_SLICES = 14 };

struct
    basshold_slice { /* the highest, of each channel: of the low-passed sound, of the bass's part in peaks */
    float low[STEREO], part[STEREO];
};

struct basshold {
    double g, d, s1[STEREO], s2[STEREO];                 /* state-variable low-pass, a step a group */
    struct basshold_slice slice[BASSHOLD_SLICES], older; /* older: over all that count but slice[at] */
    int at, left, groups;                                /* groups a slice, and still to come in this one */
    float held[STEREO];                                  /* what counts now */
};

static inline void
basshold_prepare(struct basshold *b, double rate_hz)
{
    double g = x_tan(PI * BASSHOLD_HZ * LANES_GROUP / rate_hz);

    *b = (struct basshold){.g = g, .d = 1.0 / (1.0 + g * (g + 1.4142135623730951))};
    b->groups = (int)(rate_hz * BASSHOLD_SLICE_MS * 1e-3 / LANES_GROUP + 0.5);
    b->groups = b->groups > 0 ? b->groups : 1;
    b->left = b->groups;
}

RT static inline void
basshold_reset(struct basshold *b)
{
    *b = (struct basshold){.g = b->g, .d = b->d, .groups = b->groups, .left = b->groups};
}

INLINE void
basshold_raise(float *most, float value)
{
    *most = lanes_larger(*most, value);
}

/* The low-passed sound. What is no number, or no sound, counts as nothing. */
INLINE double
basshold_low(struct basshold *b, int channel, const double *in)
{
    double mean = 0.125 * (((in[0] + in[4]) + (in[1] + in[5])) + ((in[2] + in[6]) + (in[3] + in[7])));
    double x = fabs(mean) <= 1e9 ? mean : 0.0;
    double v1 = (b->s1[channel] + b->g * (x - b->s2[channel])) * b->d, v2 = b->s2[channel] + b->g * v1;

    b->s1[channel] = 2.0 * v1 - b->s1[channel];
    b->s2[channel] = 2.0 * v2 - b->s2[channel];
    if (fabs(b->s1[channel]) + fabs(b->s2[channel]) < 1e-30)
        b->s1[channel] = b->s2[channel] = 0.0;
    return v2;
}

/* A new slice, and those that count beside it. */
RT static inline void
basshold_turn(struct basshold *b, int slices)
{
    b->left = b->groups;
    memset(&b->older, 0, sizeof b->older);
    for (int k = 0; k + 1 < slices; k++) {
        const struct basshold_slice *s = &b->slice[(b->at + BASSHOLD_SLICES - k) % BASSHOLD_SLICES];

        for (int c = 0; c < STEREO; c++) {
            basshold_raise(&b->older.low[c], s->low[c]);
            basshold_raise(&b->older.part[c], s->part[c]);
        }
    }
    b->at = (b->at + 1) % BASSHOLD_SLICES;
    memset(&b->slice[b->at], 0, sizeof b->slice[b->at]);
}

/* sound: the group that came, planar; peak: those of the same group, a pair a frame. slices: 1..BASSHOLD_SLICES. */
INLINE void
basshold_next(struct basshold *b, const double *const *sound, const float *peak, int slices, float share)
{
    struct basshold_slice *s = &b->slice[b->at];
    float top[LANES / 2];

    for (int i = 0; i < LANES / 2; i++)
        top[i] = lanes_larger(peak[i], peak[i + LANES / 2]);
    for (int i = 0; i < LANES / 4; i++)
        basshold_raise(&top[i], top[i + LANES / 4]);
    for (int c = 0; c < STEREO; c++) {
        float low;

        basshold_raise(&top[c], top[c + STEREO]);
        basshold_raise(&s->low[c], (float)fabs(basshold_low(b, c, sound[c])));
        low = share * lanes_larger(s->low[c], b->older.low[c]);
        basshold_raise(&s->part[c], low < top[c] ? low : top[c]);
        b->held[c] = lanes_larger(s->part[c], b->older.part[c]);
    }
    if (--b->left == 0)
        basshold_turn(b, slices);
}

#endif
