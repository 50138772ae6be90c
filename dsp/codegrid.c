/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/codegrid.h"

#include <math.h>
#include <stdlib.h>

enum { STRETCH = 256, OF = 8 };

/* +18 dB over 16 bit. */
#define WIDEST_OF_16 8.0
#define NARROWEST    1.03 /* 0.25 dB */
#define STRAIGHT     0.9

enum status
codegrid_prepare(struct codegrid *g, int bits, int nch)
{
    *g = (struct codegrid){.nch = nch, .bits = bits, .scale = ldexp(1.0, bits - 1)};
    g->reach = g->scale < CODEGRID_REACH ? (int)g->scale : CODEGRID_REACH;
    g->widest = WIDEST_OF_16 * ldexp(1.0, bits > 16 ? bits - 16 : 0);
    for (int c = 0; c < nch; c++) {
        g->map[c] = calloc((size_t)g->reach / 32, sizeof *g->map[c]);
        g->hits[c] = calloc((size_t)g->reach / 32, sizeof *g->hits[c]);
        if (!g->map[c] || !g->hits[c]) {
            codegrid_free(g);
            return NO_MEM;
        }
    }
    return OK;
}

void
codegrid_free(struct codegrid *g)
{
    for (int c = 0; c < CODEGRID_CHANNELS; c++) {
        free(g->map[c]);
        free(g->hits[c]);
        g->map[c] = NULL;
        g->hits[c] = NULL;
    }
}

static void
enter(struct codegrid *g, int c, const double *x, int nframes)
{
    double reach = g->reach, one = g->before[c][0], two = g->before[c][1];

    for (int i = 0; i < nframes; i++) {
        double v = x[i] * g->scale;
        int place;

        g->straight[c] += fabs(v - 2.0 * one + two) <= 2.0;
        two = one;
        one = v;
        if (v == 0.0 || v < -reach || v >= reach)
            continue;
        place = (int)v + g->reach;
        if (place - g->reach != v)
            g->broken[c] = true;
        g->map[c][place / 64] |= (uint64_t)1 << place % 64;
        g->hits[c][place / 64]++;
    }
    g->met[c] += nframes;
    g->before[c][0] = one;
    g->before[c][1] = two;
}

void
codegrid_process(struct codegrid *g, const double *const *in, int nframes)
{
    for (int done = 0; done < nframes;) {
        int in_stretch = (int)(g->at % STRETCH), n = STRETCH - in_stretch;

        if (n > nframes - done)
            n = nframes - done;
        for (int c = 0; c < g->nch && g->at / STRETCH % OF == 0; c++)
            if (!g->broken[c])
                enter(g, c, in[c] + done, n);
        g->at += n;
        done += n;
    }
}

static bool
is_used(const struct codegrid *g, int c, int value)
{
    int place = value + g->reach;

    return g->map[c][place / 64] >> place % 64 & 1;
}

/* The value of the n-th one in use on one side of zero; 0: there are not so many. */
static int
nth(const struct codegrid *g, int c, int sign, int n)
{
    for (int v = 1; v < g->reach; v++)
        if (is_used(g, c, sign * v) && --n == 0)
            return v;
    return 0;
}

static bool
is_grid(const struct codegrid *g, int c, int sign, double step, int last)
{
    int k = 0;

    for (int v = 1; v <= last; v++)
        if (is_used(g, c, sign * v) && fabs(v - ++k * step) > 1.0)
            return false;
    return true;
}

static double
hits_between(const struct codegrid *g, int c, int low, int high)
{
    double hits = 0.0;

    for (int i = (low + g->reach) / 64 + 1; i < (high + g->reach) / 64; i++)
        hits += g->hits[c][i];
    return hits;
}

double
codegrid_step(const struct codegrid *g, int channel)
{
    int above, below;
    double step;

    if (g->broken[channel] || (double)g->straight[channel] > STRAIGHT * (double)g->met[channel])
        return 1.0;
    above = nth(g, channel, 1, CODEGRID_RUN);
    below = nth(g, channel, -1, CODEGRID_RUN);
    step = (above + below) / (2.0 * CODEGRID_RUN);
    if (!above || !below || step < NARROWEST || step > g->widest ||
        hits_between(g, channel, -below, above) < 2.0 * CODEGRID_RUN * CODEGRID_HITS)
        return 1.0;
    return is_grid(g, channel, 1, step, above) && is_grid(g, channel, -1, step, below) ? step : 1.0;
}
