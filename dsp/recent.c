/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/recent.h"

#include <math.h>

#define RELATIVE_GATE 0.1                   /* -10 LU */
#define ABSOLUTE_GATE 1.1724653045822981e-7 /* mean square at -70 LUFS: 10^((-70 + 0.691) / 10) */

enum { TICKS_A_BLOCK = 10 };

void
recent_restart(struct recent *r)
{
    r->at = r->count = r->phase = r->whole = 0;
}

static void
keep(struct recent *r, double a, double b)
{
    r->block[0][r->at] = a;
    r->block[1][r->at] = b;
    r->at = (r->at + 1) % RECENT_BLOCKS;
    if (r->count < RECENT_BLOCKS)
        r->count++;
}

bool
recent_tick(struct recent *r, const struct kweight *a, const struct kweight *b)
{
    bool ends = ++r->phase == TICKS_A_BLOCK;

    if (ends)
        r->phase = 0;
    if (!a->sound || !b->sound)
        r->whole = 0;
    else if (r->whole < LOUDNESS_MOMENTARY_TICKS)
        r->whole++;
    if (!ends || r->whole < LOUDNESS_MOMENTARY_TICKS)
        return false;
    if (a->momentary >= ABSOLUTE_GATE || b->momentary >= ABSOLUTE_GATE)
        keep(r, a->momentary, b->momentary);
    return true;
}

/* Blocks overlap: the first holds 400 ms, each after it adds 100 ms. */
static int
blocks_of(const struct recent *r, double window_s)
{
    int n = (int)(window_s * 10.0 + 0.5) - 3;

    n = n < 1 ? 1 : n;
    return n < r->count ? n : r->count;
}

/* Of those that pass the gate; 0: none does. */
static double
mean_above(const struct recent *r, int sound, int nblocks, double gate)
{
    const double *block = r->block[sound];
    int first = (r->at + RECENT_BLOCKS - nblocks) % RECENT_BLOCKS, count = 0;
    double sum = 0.0;

    for (int i = 0; i < nblocks; i++) {
        double x = block[first + i < RECENT_BLOCKS ? first + i : first + i - RECENT_BLOCKS];

        sum += x >= gate ? x : 0.0;
        count += x >= gate;
    }
    return count ? sum / count : 0.0;
}

double
recent_lufs(const struct recent *r, int sound, double window_s)
{
    int n = blocks_of(r, window_s);
    double relative = RELATIVE_GATE * mean_above(r, sound, n, ABSOLUTE_GATE);

    return kweight_lufs(mean_above(r, sound, n, fmax(relative, ABSOLUTE_GATE)));
}

double
recent_measured_s(const struct recent *r, double window_s)
{
    int n = blocks_of(r, window_s);

    return n ? (n + 3) / 10.0 : 0.0;
}
