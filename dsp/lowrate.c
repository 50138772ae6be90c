/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line[c] holds what the next output still needs, and what of the block that output reaches into. */
#include "dsp/lowrate.h"

#include "dsp/clones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 6 /* taps a factor */, GROUP = 8 };

typedef double group __attribute__((vector_size(GROUP * sizeof(double)), aligned(8), may_alias));

static void
design(struct lowrate *l)
{
    int n = WIDTH * l->factor;
    double sum = 0.0;

    for (int i = 0; i < n; i++) {
        double w = 2.0 * PI * (i + 0.5) / n;

        l->tap[i] = 0.35875 - 0.48829 * cos(w) + 0.14128 * cos(2.0 * w) - 0.01168 * cos(3.0 * w);
        sum += l->tap[i];
    }
    for (int i = 0; i < n; i++)
        l->tap[i] /= sum;
}

enum status
lowrate_prepare(struct lowrate *l, double rate_hz, double low_hz, int nch)
{
    size_t room;

    *l = (struct lowrate){.rate_hz = rate_hz, .nch = nch};
    if (!rate_ok(rate_hz) || !(low_hz >= 1000.0) || nch < 1 || nch > LOWRATE_CHANNELS)
        return BAD_ARG;
    l->factor = low_hz < rate_hz ? (int)lround(rate_hz / low_hz) : 1;
    l->taps = (WIDTH * l->factor + GROUP - 1) / GROUP * GROUP;
    room = 2 * (size_t)l->taps;
    l->tap = calloc((size_t)l->taps + room * (size_t)nch, sizeof *l->tap);
    if (!l->tap)
        return NO_MEM;
    for (int c = 0; c < nch; c++)
        l->line[c] = l->tap + l->taps + room * (size_t)c;
    design(l);
    lowrate_reset(l);
    return OK;
}

void
lowrate_free(struct lowrate *l)
{
    free(l->tap);
    l->tap = NULL;
}

double
lowrate_hz(const struct lowrate *l)
{
    return l->rate_hz / l->factor;
}

double
lowrate_power_gain(const struct lowrate *l, double freq_hz)
{
    double w = 2.0 * PI * freq_hz / l->rate_hz, re = 0.0, im = 0.0;

    for (int i = 0; i < WIDTH * l->factor; i++) {
        re += l->tap[i] * cos(w * i);
        im += l->tap[i] * sin(w * i);
    }
    return re * re + im * im;
}

/* Silence stands before the first frame: the first output is due when the middle tap meets it. */
RT void
lowrate_reset(struct lowrate *l)
{
    l->have = l->taps / 2;
    for (int c = 0; c < l->nch; c++)
        memset(l->line[c], 0, sizeof(double) * (size_t)l->have);
}

CLONES static double
dot(const double *x, const double *tap, int taps)
{
    group sum = {0};
    double part[GROUP];

    for (int i = 0; i < taps; i += GROUP)
        sum += *(const group *)(x + i) * *(const group *)(tap + i);
    *(group *)part = sum;
    return ((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7]));
}

/* Adds n frames to the line. */
static void
put(struct lowrate *l, const double *const *in, int from, int n)
{
    for (int c = 0; c < l->nch; c++)
        memcpy(l->line[c] + l->have, in[c] + from, sizeof(double) * (size_t)n);
    l->have += n;
}

static void
drop(struct lowrate *l, int n)
{
    l->have -= n;
    for (int c = 0; c < l->nch; c++)
        memmove(l->line[c], l->line[c] + n, sizeof(double) * (size_t)l->have);
}

/* Outputs that begin before this block are read from the line, the others where they stand. */
RT int
lowrate_process(struct lowrate *l, const double *const *in, int nframes, double *const *out)
{
    int n = 0, before = l->have, head = nframes < l->taps ? nframes : l->taps, at = 0;

    put(l, in, 0, head);
    for (; at < before && at + l->taps <= l->have; at += l->factor, n++)
        for (int c = 0; c < l->nch; c++)
            out[c][n] = dot(l->line[c] + at, l->tap, l->taps);
    if (at < before || head == nframes) {
        drop(l, at);
        return n;
    }
    for (at -= before; at + l->taps <= nframes; at += l->factor, n++)
        for (int c = 0; c < l->nch; c++)
            out[c][n] = dot(in[c] + at, l->tap, l->taps);
    l->have = 0;
    put(l, in, at, nframes - at);
    return n;
}
