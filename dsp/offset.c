/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/offset.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

#define TOO_LOUD 1e4   /* +80 dBFS: nothing that is sound */
#define TINY     1e-30 /* filter state that no reading shows */

typedef double group __attribute__((vector_size(8 * OFFSET_SUMS)));
typedef double group_loose __attribute__((vector_size(8 * OFFSET_SUMS), aligned(8), may_alias));

enum { TICKS_A_SECOND = 500, TICKS_A_SLOT = TICKS_A_SECOND / OFFSET_SLOTS };

static int
tick_frames(const struct offset *o, int tick)
{
    double step = o->rate_hz / TICKS_A_SECOND;

    return (int)(floor((tick + 1) * step + 0.5) - floor(tick * step + 0.5));
}

static void
tick_begin(struct offset *o, int tick)
{
    o->tick = tick;
    o->at = 0;
    o->tick_frames = tick_frames(o, tick);
    for (int c = 0; c < o->nch; c++) {
        memset(o->channel[c].sum, 0, sizeof o->channel[c].sum);
        memset(o->channel[c].ramp, 0, sizeof o->channel[c].ramp);
    }
}

/* Fourth-order Butterworth on the ticks, both sections with their zeros at half their rate. */
static void
design(struct offset *o)
{
    static const double q[2] = {0.541196100146197, 1.306562964876377};
    double k = tan(PI * OFFSET_EDGE_HZ / TICKS_A_SECOND);

    for (int i = 0; i < 2; i++) {
        double a0 = 1.0 + k / q[i] + k * k;

        o->b[i] = k * k / a0;
        o->a[i][0] = 2.0 * (k * k - 1.0) / a0;
        o->a[i][1] = (1.0 - k / q[i] + k * k) / a0;
    }
}

static void
gather_one(struct offset_channel *c, double x, int at)
{
    c->sum[at % OFFSET_SUMS] += x;
    c->ramp[at % OFFSET_SUMS] += x * (at + 0.5);
}

/* Frame n of the tick goes to place n % OFFSET_SUMS, whatever the CPU's width. */
CLONES static void
gather(struct offset_channel *c, const double *x, int at, int nframes)
{
    const group half = {0.5, 1.5, 2.5, 3.5}, step = {OFFSET_SUMS, OFFSET_SUMS, OFFSET_SUMS, OFFSET_SUMS};
    group sum, ramp, place;
    int i = 0;

    for (; i < nframes && (at + i) % OFFSET_SUMS; i++)
        gather_one(c, x[i], at + i);
    sum = *(group_loose *)c->sum;
    ramp = *(group_loose *)c->ramp;
    place = half + (double)(at + i);
    for (; i + OFFSET_SUMS <= nframes; i += OFFSET_SUMS) {
        group v = *(const group_loose *)(x + i);

        sum += v;
        ramp += v * place;
        place += step;
    }
    *(group_loose *)c->sum = sum;
    *(group_loose *)c->ramp = ramp;
    for (; i < nframes; i++)
        gather_one(c, x[i], at + i);
}

static double
sum_of(const double *s)
{
    return (s[0] + s[2]) + (s[1] + s[3]);
}

/* Squares are not summed: what cancels out in here is no offset either. */
static bool
is_sound(const struct offset_channel *c, int frames)
{
    return fabs(sum_of(c->sum)) <= TOO_LOUD * frames &&
           fabs(sum_of(c->ramp)) <= TOO_LOUD * frames * frames; /* false for NaN too */
}

/* Transposed direct form II; the numerator is b (1 + 2 z^-1 + z^-2). */
static double
lowpass(const struct offset *o, struct offset_channel *c, double x)
{
    for (int i = 0; i < 2; i++) {
        double in = o->b[i] * x, y = in + c->state[i][0];

        c->state[i][0] = 2.0 * in - o->a[i][0] * y + c->state[i][1];
        c->state[i][1] = in - o->a[i][1] * y;
        for (int k = 0; k < 2; k++)
            if (fabs(c->state[i][k]) < TINY)
                c->state[i][k] = 0.0;
        x = y;
    }
    return x;
}

static void
channel_tick(struct offset *o, struct offset_channel *c)
{
    bool sound = is_sound(c, o->tick_frames);
    double sum = sound ? sum_of(c->sum) : 0.0, up = sound ? sum_of(c->ramp) / o->tick_frames : 0.0;
    double y = lowpass(o, c, (c->rise + (sum - up)) / o->tick_frames);

    c->rise = up;
    c->total += sum;
    c->below += y * y;
    c->low = o->ticks == 0 ? y : fmin(c->low, y);
    c->high = o->ticks == 0 ? y : fmax(c->high, y);
}

static void
channel_slot(struct offset *o, struct offset_channel *c)
{
    double low, high, steady;

    c->slot_low[o->slot] = c->low;
    c->slot_high[o->slot] = c->high;
    if (o->slots + 1 < OFFSET_SLOTS)
        return;
    low = c->low;
    high = c->high;
    for (int i = 0; i < OFFSET_SLOTS; i++) {
        low = fmin(low, c->slot_low[i]);
        high = fmax(high, c->slot_high[i]);
    }
    steady = low > 0.0 ? low : high < 0.0 ? high : 0.0;
    if (fabs(steady) <= fabs(c->worst))
        return;
    c->worst = steady;
    c->worst_frame = o->frame;
}

static void
tick_end(struct offset *o)
{
    o->frame += (uint64_t)o->tick_frames;
    o->values++;
    for (int c = 0; c < o->nch; c++)
        channel_tick(o, &o->channel[c]);
    if (++o->ticks == TICKS_A_SLOT) {
        for (int c = 0; c < o->nch; c++)
            channel_slot(o, &o->channel[c]);
        o->slots += o->slots < OFFSET_SLOTS;
        o->slot = (o->slot + 1) % OFFSET_SLOTS;
        o->ticks = 0;
    }
    tick_begin(o, (o->tick + 1) % TICKS_A_SECOND);
}

enum status
offset_prepare(struct offset *o, double rate_hz, int nch)
{
    *o = (struct offset){.rate_hz = rate_hz, .nch = nch};
    if (!rate_ok(rate_hz) || nch < 1 || nch > OFFSET_CHANNELS)
        return BAD_ARG;
    design(o);
    offset_reset(o);
    return OK;
}

void
offset_reset(struct offset *o)
{
    memset(o->channel, 0, sizeof o->channel);
    o->ticks = o->slots = o->slot = 0;
    o->frame = o->values = 0;
    tick_begin(o, 0);
}

void
offset_process(struct offset *o, const double *const *in, int nframes)
{
    for (int done = 0, n; done < nframes; done += n) {
        n = nframes - done < o->tick_frames - o->at ? nframes - done : o->tick_frames - o->at;
        for (int c = 0; c < o->nch; c++)
            gather(&o->channel[c], in[c] + done, o->at, n);
        o->at += n;
        if (o->at == o->tick_frames)
            tick_end(o);
    }
}

void
offset_read(const struct offset *o, int channel, struct offset_reading *r)
{
    const struct offset_channel *c = &o->channel[channel];
    double frames = (double)o->frame + o->at, rest = is_sound(c, o->tick_frames) ? sum_of(c->sum) : 0.0;

    *r = (struct offset_reading){.steady = c->worst};
    if (frames > 0.0)
        r->mean = (c->total + rest) / frames;
    if (o->values)
        r->below_rms = sqrt(c->below / (double)o->values);
    if (c->worst != 0.0) {
        r->to_s = (double)c->worst_frame / o->rate_hz;
        r->from_s = fmax(r->to_s - 1.0, 0.0);
    }
}
