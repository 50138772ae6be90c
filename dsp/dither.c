/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each channel draws 64 bits a frame and splits them into two uniforms; their
 * difference is triangular over -1..1 LSB, and its mean is exactly zero. Added
 * before rounding it makes the error's mean and power independent of the sound.
 *
 *   v = x - sum c_k e[n-k],  y = round(v + triangle),  e = y - v,  out = clip(y)
 *
 * e is white whatever c is, so the noise in y is e through 1 - sum c_k z^-k. It is taken from y before the clip:
 * what the clip cuts off is the sound's own excess, and would drive the feedback further out with every frame.
 */
#include "dsp/dither.h"

#include <math.h>
#include <string.h>

static const double light[] = {1.623, -0.982, 0.109};
static const double medium[] = {2.412, -3.370, 3.937, -4.174, 3.353, -2.205, 1.281, -0.569, 0.0847};
static const double strong[] = {2.847, -4.685, 6.214, -7.184, 6.639, -5.032, 3.263, -1.632, 0.4191};

static const struct {
    const double *taps;
    int ntaps;
} shapes[DITHER_SHAPES] = {
    [DITHER_LIGHT] = {light, LEN(light)},
    [DITHER_MEDIUM] = {medium, LEN(medium)},
    [DITHER_STRONG] = {strong, LEN(strong)},
};

static const double shaped_from_hz = 40000.0, shaped_to_hz = 50000.0;

static const double far =
    4.0; /* the sound is held within so many full scales: so that infinity has an error */

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

/* In steps; what is no number is silence. */
static double
steps_of(const struct dither *d, double x)
{
    double most = far * d->scale, steps = x * d->scale;

    if (isnan(steps))
        return 0.0;
    return steps < -most ? -most : steps > most ? most : steps;
}

static int32_t
clip(const struct dither *d, double y)
{
    return (int32_t)(y < -d->scale ? -d->scale : y > d->top ? d->top : y);
}

enum status
dither_prepare(struct dither *d, int bits, double rate_hz, const struct dither_settings *s)
{
    bool shaped = rate_hz >= shaped_from_hz && rate_hz <= shaped_to_hz;

    if (bits < 8 || bits > 24 || !rate_ok(rate_hz) || s->shape < 0 || s->shape >= DITHER_SHAPES)
        return BAD_ARG;
    *d = (struct dither){
        .scale = (double)(1 << (bits - 1)),
        .taps = shapes[s->shape].taps,
        .ntaps = shaped ? shapes[s->shape].ntaps : 0,
        .rounds = s->shape == DITHER_NONE,
        .blanks = s->blank,
    };
    d->top = d->scale - 1.0;
    for (int c = 0; c < STEREO; c++)
        d->state[c] = mix(mix(s->seed) + (uint64_t)c + 1);
    return OK;
}

/* Counts; true when there has been nothing but silence for long enough. What the shaper owes is then let go. */
static bool
blank(struct dither *d, const double *in)
{
    if (!d->blanks || in[0] != 0.0 || in[1] != 0.0) {
        d->silent = 0;
        return false;
    }
    if (d->silent < DITHER_BLANK_FRAMES) {
        d->silent++;
        return false;
    }
    memset(d->error, 0, sizeof d->error);
    return true;
}

static void
dither_frame(struct dither *d, const double *in, int32_t *out)
{
    dither_pair v = {steps_of(d, in[0]), steps_of(d, in[1])}, y;

    for (int k = 0; k < d->ntaps; k++)
        v -= d->taps[k] * d->error[k];
    for (int c = 0; c < STEREO; c++)
        y[c] = rint(v[c] + draw(&d->state[c]));
    memmove(d->error + 1, d->error, sizeof d->error - sizeof d->error[0]);
    d->error[0] = y - v;
    for (int c = 0; c < STEREO; c++)
        out[c] = clip(d, y[c]);
}

RT void
dither_process(struct dither *d, const double *in, int32_t *out, int nframes)
{
    for (int i = 0; i < nframes; i++, in += STEREO, out += STEREO)
        if (d->rounds) {
            for (int c = 0; c < STEREO; c++)
                out[c] = clip(d, rint(steps_of(d, in[c])));
        } else if (blank(d, in)) {
            out[0] = out[1] = 0;
        } else {
            dither_frame(d, in, out);
        }
}
