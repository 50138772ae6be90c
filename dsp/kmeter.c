/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two one-poles see the mean square of a tick of 1 ms instead of each frame's square: against their 103 ms a tick
 * is nothing (test/dsp/kmeter holds it to the curve 1 - (1 + wt) e^-wt of the square).
 */
#include "dsp/kmeter.h"

#include <math.h>
#include <string.h>

#define POLE_RAD_S 9.72
#define FALL_DB_S  15.0
#define TOO_LOUD   1e8   /* square, +80 dB: nothing that is sound */
#define TINY       1e-30 /* -300 dB: nothing to fall from */

enum { TICKS_A_SECOND = 1000, HOLD_TICKS = 500 };

static int
tick_frames(const struct kmeter *k, int tick)
{
    double step = k->rate_hz / TICKS_A_SECOND;

    return (int)(floor((tick + 1) * step + 0.5) - floor(tick * step + 0.5));
}

static void
tick_begin(struct kmeter *k, int tick)
{
    k->tick = tick;
    k->at = 0;
    k->tick_frames = tick_frames(k, tick);
    for (int c = 0; c < k->nch; c++) {
        k->channel[c].tick = (struct squares){{0}, {0}};
    }
}

/* Squares in the tick; 0 where it is no sound, which then has no peak either. */
static double
tick_sum(struct kmeter_channel *c, int frames)
{
    double sum = squares_sum(&c->tick);

    if (sum <= TOO_LOUD * frames) /* false for NaN too */
        return sum;
    c->tick = (struct squares){{0}, {0}};
    return 0.0;
}

static void
fall(struct kmeter_channel *c, double share)
{
    double high = squares_peak(&c->tick);

    if (c->hold > 0)
        c->hold--;
    else
        c->peak *= share;
    if (c->peak < TINY)
        c->peak = 0.0;
    if (high >= c->peak && high > 0.0) {
        c->peak = high;
        c->hold = HOLD_TICKS;
    }
    c->max = fmax(c->max, high);
}

static void
tick_end(struct kmeter *k)
{
    double seconds = k->tick_frames / k->rate_hz, keep = exp(-POLE_RAD_S * seconds);
    double share = pow(10.0, -FALL_DB_S / 20.0 * seconds);

    for (int n = 0; n < k->nch; n++) {
        struct kmeter_channel *c = &k->channel[n];
        double mean = tick_sum(c, k->tick_frames) / k->tick_frames;

        c->z[0] = mean + keep * (c->z[0] - mean);
        c->z[1] = c->z[0] + keep * (c->z[1] - c->z[0]);
        for (int i = 0; i < 2; i++)
            if (c->z[i] < TINY)
                c->z[i] = 0.0;
        fall(c, share);
    }
    tick_begin(k, (k->tick + 1) % TICKS_A_SECOND);
}

enum status
kmeter_prepare(struct kmeter *k, double rate_hz, int nch)
{
    *k = (struct kmeter){.rate_hz = rate_hz, .nch = nch};
    if (!rate_ok(rate_hz) || nch < 1 || nch > KMETER_CHANNELS)
        return BAD_ARG;
    kmeter_reset(k);
    return OK;
}

void
kmeter_reset(struct kmeter *k)
{
    memset(k->channel, 0, sizeof k->channel);
    tick_begin(k, 0);
}

void
kmeter_process(struct kmeter *k, const double *const *in, int nframes)
{
    for (int done = 0, n; done < nframes; done += n) {
        n = nframes - done < k->tick_frames - k->at ? nframes - done : k->tick_frames - k->at;
        for (int c = 0; c < k->nch; c++)
            squares_add(&k->channel[c].tick, in[c] + done, k->at, n);
        k->at += n;
        if (k->at == k->tick_frames)
            tick_end(k);
    }
}

static double
dbfs(double gain)
{
    return gain > 0.0 ? fmax(20.0 * log10(gain), KMETER_FLOOR_DBFS) : KMETER_FLOOR_DBFS;
}

double
kmeter_rms_dbfs(const struct kmeter *k, int channel)
{
    return dbfs(sqrt(2.0 * k->channel[channel].z[1]));
}

double
kmeter_peak_dbfs(const struct kmeter *k, int channel)
{
    return dbfs(k->channel[channel].peak);
}

double
kmeter_max_dbfs(const struct kmeter *k, int channel)
{
    return dbfs(k->channel[channel].max);
}
