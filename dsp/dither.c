/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/dither.h"

#include <math.h>

/*
 * Each channel draws 64 bits a frame and splits them into two uniforms; their
 * difference is triangular over -1..1 LSB, and its mean is exactly zero. Added
 * before rounding it makes the error's mean and power independent of the sound.
 */

static const uint64_t STEP = 0x9e3779b97f4a7c15u; /* 2^64 / golden ratio, odd */

static uint64_t
mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* -1..1, triangular */
static double
draw(uint64_t *state)
{
    uint64_t z = mix(*state += STEP);

    return ((double)(uint32_t)z - (double)(uint32_t)(z >> 32)) * 0x1p-32;
}

static int32_t
to_step(const struct dither *d, double steps)
{
    double y = rint(steps);

    if (!(y > -d->scale)) /* also NaN: silence */
        return isnan(y) ? 0 : (int32_t)-d->scale;
    return (int32_t)fmin(y, d->top);
}

enum status
dither_prepare(struct dither *d, int bits, uint64_t seed)
{
    if (bits < 8 || bits > 24)
        return BAD_ARG;
    d->scale = (double)(1 << (bits - 1));
    d->top = d->scale - 1.0;
    for (int c = 0; c < STEREO; c++)
        d->state[c] = mix(mix(seed) + (uint64_t)c + 1);
    return OK;
}

RT void
dither_process(struct dither *d, const double *in, int32_t *out, int nframes)
{
    for (int i = 0; i < nframes; i++) {
        for (int c = 0; c < STEREO; c++, in++)
            *out++ = to_step(d, *in * d->scale + draw(&d->state[c]));
    }
}

RT void
dither_round(const struct dither *d, const double *in, int32_t *out, int nframes)
{
    for (int i = 0; i < nframes * STEREO; i++)
        out[i] = to_step(d, in[i] * d->scale);
}
