/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two sections in direct form give four views of each channel side by side in a vector: low, mid, high, K-weighted.
 * Only sums of products are kept: all readings are ratios of them, so the filters run without their gains, which are
 * put to the sums once a tick.
 *
 * mono sum m = (l + r) / sqrt 2: <mm> = (<ll> + <rr>) / 2 + <lr>; side s = (l - r) / sqrt 2: the same with - <lr>.
 */
#include "dsp/correlation.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

/* About passing vectors to functions that aren't inlined; here all are. */
#pragma GCC diagnostic ignored "-Wpsabi"

#define TOO_LOUD    1e8   /* mean square, +80 dB: nothing that is sound */
#define TINY        1e-60 /* filter state that no reading shows */
#define NEEDLE_S    0.3
#define NEEDLE_REST 1e-18 /* product of mean powers, -90 dBFS each: below, the needle goes to 0 */

enum { TICKS_A_SECOND = 100, TICKS_A_SLOT = 10, LANE = 1 /* of the views: the whole has none */ };

typedef double quad __attribute__((vector_size(32)));
typedef double quad_loose __attribute__((vector_size(32), aligned(8), may_alias));

/* --- filters --- */

struct section {
    double n0, n1, n2; /* numerator */
    double a1, a2;
};

static struct section
section_of(double freq_hz, double q, double rate_hz, double n1)
{
    double k = tan(PI * freq_hz / rate_hz), a0 = 1.0 + k / q + k * k, gain = (n1 > 0.0 ? k * k : 1.0) / a0;

    return (struct section){.n0 = gain,
                            .n1 = n1 * gain,
                            .n2 = gain,
                            .a1 = 2.0 * (k * k - 1.0) / a0,
                            .a2 = (1.0 - k / q + k * k) / a0};
}

static struct section
lowpass(double freq_hz, double q, double rate_hz)
{
    return section_of(freq_hz, q, rate_hz, 2.0);
}

static struct section
highpass(double freq_hz, double q, double rate_hz)
{
    return section_of(freq_hz, q, rate_hz, -2.0);
}

/* A one-pole high-pass and a one-pole low-pass. */
static struct section
bandpass(double from_hz, double to_hz, double rate_hz)
{
    double h = tan(PI * from_hz / rate_hz), l = tan(PI * to_hz / rate_hz), gain = l / ((1.0 + h) * (1.0 + l));
    double p = (1.0 - h) / (1.0 + h), q = (1.0 - l) / (1.0 + l);

    return (struct section){.n0 = gain, .n1 = 0.0, .n2 = -gain, .a1 = -(p + q), .a2 = p * q};
}

/* The head's shelf, as in loudness.c. */
static struct section
shelf(double rate_hz)
{
    const double q = 0.7071752369554196, high = pow(10.0, 3.999843853973347 / 20.0);
    double k = tan(PI * 1681.974450955533 / rate_hz), a0 = 1.0 + k / q + k * k;
    double middle = pow(high, 0.4996667741545416) * k / q;

    return (struct section){.n0 = (high + middle + k * k) / a0,
                            .n1 = 2.0 * (k * k - high) / a0,
                            .n2 = (high - middle + k * k) / a0,
                            .a1 = 2.0 * (k * k - 1.0) / a0,
                            .a2 = (1.0 - k / q + k * k) / a0};
}

static void
put(struct correlation *c, int view, struct section first, struct section second)
{
    int i = view - LANE;

    c->b1[i] = first.n1 / first.n0;
    c->b2[i] = first.n2 / first.n0;
    c->a1[i] = first.a1;
    c->a2[i] = first.a2;
    c->c1[i] = second.n1 / second.n0;
    c->c2[i] = second.n2 / second.n0;
    c->d1[i] = second.a1;
    c->d2[i] = second.a2;
    c->scale[i] = first.n0 * first.n0 * second.n0 * second.n0;
}

static void
design(struct correlation *c)
{
    const double low = CORRELATION_LOW_HZ, high = CORRELATION_HIGH_HZ, rate = c->rate_hz;

    put(c, CORRELATION_LOW, lowpass(low, 1.0, rate), bandpass(10.0, low, rate));
    put(c, CORRELATION_MID, highpass(low, sqrt(0.5), rate), lowpass(high, sqrt(0.5), rate));
    put(c, CORRELATION_HIGH, highpass(high, 0.541196100146197, rate),
        highpass(high, 1.306562964876377, rate));
    put(c, CORRELATION_K, shelf(rate), highpass(38.13547087602444, 0.5003270373238773, rate));
}

INLINE quad
load(const double *p)
{
    return *(const quad_loose *)p;
}

INLINE void
store(double *p, quad v)
{
    *(quad_loose *)p = v;
}

INLINE quad
all(double x)
{
    return (quad){x, x, x, x};
}

struct run { /* a filter under way */
    quad x1, x2, y1, y2, z1, z2;
};

INLINE struct run
run_of(const struct correlation_filter *f)
{
    return (struct run){all(f->x[0]),  all(f->x[1]),  load(f->y[0]),
                        load(f->y[1]), load(f->z[0]), load(f->z[1])};
}

INLINE void
run_keep(struct correlation_filter *f, const struct run *r)
{
    f->x[0] = r->x1[0];
    f->x[1] = r->x2[0];
    store(f->y[0], r->y1);
    store(f->y[1], r->y2);
    store(f->z[0], r->z1);
    store(f->z[1], r->z2);
}

/* What depends on the newest output is added last, so that a frame waits for the one before by a multiplication and
   an addition. */
#define RUN_FRAME(r, value)                                                                                  \
    do {                                                                                                     \
        quad x = all(value), w = (b2 * (r).x2 + b1 * (r).x1) + x;                                            \
        quad y = (w - a2 * (r).y2) - a1 * (r).y1, v = (c2 * (r).y2 + c1 * (r).y1) + y;                       \
        quad z = (v - d2 * (r).z2) - d1 * (r).z1;                                                            \
                                                                                                             \
        (r) = (struct run){x, (r).x1, y, (r).y1, z, (r).z1};                                                 \
    } while (0)

/* Into the tick under way. */
CLONES static void
gather(struct correlation *c, const double *left, const double *right, int nframes)
{
    const quad b1 = load(c->b1), b2 = load(c->b2), a1 = load(c->a1), a2 = load(c->a2);
    const quad c1 = load(c->c1), c2 = load(c->c2), d1 = load(c->d1), d2 = load(c->d2);
    struct correlation_sums *t = &c->tick;
    struct run l = run_of(&c->filter[0]), r = run_of(&c->filter[1]);
    quad ll = load(t->ll + LANE), rr = load(t->rr + LANE), lr = load(t->lr + LANE);
    double sum_l = t->l, sum_r = t->r, sum_ll = t->ll[0], sum_rr = t->rr[0], sum_lr = t->lr[0];

    for (int i = 0; i < nframes; i++) {
        RUN_FRAME(l, left[i]);
        RUN_FRAME(r, right[i]);
        ll += l.z1 * l.z1;
        rr += r.z1 * r.z1;
        lr += l.z1 * r.z1;
        sum_l += left[i];
        sum_r += right[i];
        sum_ll += left[i] * left[i];
        sum_rr += right[i] * right[i];
        sum_lr += left[i] * right[i];
    }
    run_keep(&c->filter[0], &l);
    run_keep(&c->filter[1], &r);
    store(t->ll + LANE, ll);
    store(t->rr + LANE, rr);
    store(t->lr + LANE, lr);
    t->l = sum_l;
    t->r = sum_r;
    t->ll[0] = sum_ll;
    t->rr[0] = sum_rr;
    t->lr[0] = sum_lr;
    t->frames += nframes;
}

/* Silence would have the states shrink into denormals and stay there. */
static void
settle(struct correlation_filter *f)
{
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < CORRELATION_LANES; i++) {
            if (fabs(f->y[k][i]) < TINY)
                f->y[k][i] = 0.0;
            if (fabs(f->z[k][i]) < TINY)
                f->z[k][i] = 0.0;
        }
}

/* --- sums --- */

/* to = keep x to + share x more */
static void
blend(struct correlation_sums *to, double keep, const struct correlation_sums *more, double share)
{
    for (int v = 0; v < CORRELATION_VIEWS; v++) {
        to->ll[v] = keep * to->ll[v] + share * more->ll[v];
        to->rr[v] = keep * to->rr[v] + share * more->rr[v];
        to->lr[v] = keep * to->lr[v] + share * more->lr[v];
    }
    to->l = keep * to->l + share * more->l;
    to->r = keep * to->r + share * more->r;
    to->frames = keep * to->frames + share * more->frames;
}

static void
add(struct correlation_sums *to, const struct correlation_sums *more)
{
    blend(to, 1.0, more, 1.0);
}

struct powers {
    double ll, rr, lr;
};

/* Means, the offset of the whole taken out. */
static struct powers
powers_of(const struct correlation_sums *s, int view)
{
    double frames = fmax(s->frames, 1.0), whole = view == CORRELATION_FULL;
    double l = whole * s->l / frames, r = whole * s->r / frames;

    return (struct powers){fmax(s->ll[view] / frames - l * l, 0.0), fmax(s->rr[view] / frames - r * r, 0.0),
                           s->lr[view] / frames - l * r};
}

static double
ratio(struct powers p, double rest)
{
    double product = p.ll * p.rr + rest;

    return product > 0.0 ? fmax(-1.0, fmin(p.lr / sqrt(product), 1.0)) : 0.0;
}

/* 10 lg(a / b), bounded; 0 where there is nothing. */
static double
level_of(double a, double b)
{
    const double most = -CORRELATION_FLOOR_LU, least = 1e-10;

    if (!(a > 0.0) && !(b > 0.0))
        return 0.0;
    if (a <= b * least)
        return -most;
    return b <= a * least ? most : 10.0 * log10(a / b);
}

static double
mono_lu(const struct correlation_sums *s)
{
    struct powers p = powers_of(s, CORRELATION_K);

    return fmin(level_of((p.ll + p.rr) / 2.0 + p.lr, p.ll + p.rr), 0.0);
}

static double
balance_lu(const struct correlation_sums *s)
{
    struct powers p = powers_of(s, CORRELATION_K);

    return level_of(p.ll, p.rr);
}

static double
side_mid_db(const struct correlation_sums *s, int view)
{
    struct powers p = powers_of(s, view);

    return level_of((p.ll + p.rr) / 2.0 - p.lr, (p.ll + p.rr) / 2.0 + p.lr);
}

static double
dbfs(double power)
{
    return 10.0 * log10(fmax(power, 1e-20));
}

static double
level_dbfs(const struct correlation_sums *s, int view)
{
    struct powers p = powers_of(s, view);

    return dbfs((p.ll + p.rr) / 2.0);
}

/* --- ticks, slots, windows --- */

static int
tick_frames(const struct correlation *c, int tick)
{
    double step = c->rate_hz / TICKS_A_SECOND;

    return (int)(floor((tick + 1) * step + 0.5) - floor(tick * step + 0.5));
}

static void
tick_begin(struct correlation *c, int tick)
{
    c->at_tick = tick;
    c->left = tick_frames(c, tick);
    c->tick = (struct correlation_sums){0};
}

/* With the filters' gains; silence, where it is no sound. */
static struct correlation_sums
tick_sums(const struct correlation *c, bool *sound)
{
    struct correlation_sums t = c->tick;
    double sum = t.ll[0] + t.rr[0];

    for (int i = 0; i < CORRELATION_LANES; i++) {
        t.ll[i + LANE] *= c->scale[i];
        t.rr[i + LANE] *= c->scale[i];
        t.lr[i + LANE] *= c->scale[i];
        sum += t.ll[i + LANE] + t.rr[i + LANE];
    }
    *sound = sum <= TOO_LOUD * t.frames; /* false for NaN too */
    return *sound ? t : (struct correlation_sums){.frames = t.frames};
}

static struct correlation_window
window_of(const struct correlation_sums *sum, double to_s, double rate_hz)
{
    struct correlation_window w = {.from_s = to_s - sum->frames / rate_hz, .to_s = to_s};

    w.level_dbfs = level_dbfs(sum, CORRELATION_FULL);
    w.low_dbfs = level_dbfs(sum, CORRELATION_LOW);
    w.correlation = ratio(powers_of(sum, CORRELATION_FULL), 0.0);
    w.low_correlation = ratio(powers_of(sum, CORRELATION_LOW), 0.0);
    w.mono_lu = mono_lu(sum);
    w.counts = w.level_dbfs >= CORRELATION_GATE_DBFS;
    return w;
}

static void
window_end(struct correlation *c)
{
    struct correlation_sums sum = {0};

    for (int i = 0; i < CORRELATION_SLOTS; i++)
        add(&sum, &c->ring[i]);
    c->window = window_of(&sum, (double)c->frame / c->rate_hz, c->rate_hz);
    c->windows++;
    if (!c->window.counts)
        return;
    c->counted++;
    c->negative += c->window.correlation < 0.0;
    if (c->counted == 1 || c->window.mono_lu < c->worst.mono_lu)
        c->worst = c->window;
}

/* The difference of the sums loses to rounding what is 140 dB below them: far below what it is asked for. */
static void
note_slot(const struct correlation_sums *s, struct correlation_loudest *l)
{
    l->channel[0] = fmax(l->channel[0], s->ll[0] / s->frames);
    l->channel[1] = fmax(l->channel[1], s->rr[0] / s->frames);
    l->null = fmax(l->null, (s->ll[0] + s->rr[0] - 2.0 * s->lr[0]) / s->frames);
}

static void
slot_end(struct correlation *c)
{
    note_slot(&c->slot, &c->loudest);
    c->ring[c->at] = c->slot;
    c->at = (c->at + 1) % CORRELATION_SLOTS;
    c->slots += c->slots < CORRELATION_SLOTS;
    c->slot = (struct correlation_sums){0};
    c->ticks = 0;
    if (c->slots == CORRELATION_SLOTS)
        window_end(c);
}

static void
tick_end(struct correlation *c)
{
    bool sound;
    struct correlation_sums t = tick_sums(c, &sound);
    double keep = exp(-t.frames / (NEEDLE_S * c->rate_hz));

    if (!sound)
        memset(c->filter, 0, sizeof c->filter);
    settle(&c->filter[0]);
    settle(&c->filter[1]);
    c->frame += (uint64_t)t.frames;
    blend(&c->needle, keep, &t, (1.0 - keep) / t.frames);
    add(&c->total, &t);
    add(&c->slot, &t);
    if (++c->ticks == TICKS_A_SLOT)
        slot_end(c);
    tick_begin(c, (c->at_tick + 1) % TICKS_A_SECOND);
}

/* --- the header's functions --- */

enum status
correlation_prepare(struct correlation *c, double rate_hz)
{
    *c = (struct correlation){.rate_hz = rate_hz};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    design(c);
    correlation_reset(c);
    return OK;
}

void
correlation_reset(struct correlation *c)
{
    memset(c->filter, 0, sizeof c->filter);
    c->slot = c->needle = c->total = (struct correlation_sums){0};
    c->ticks = c->slots = c->at = 0;
    c->frame = c->windows = c->counted = c->negative = 0;
    c->window = c->worst = (struct correlation_window){0};
    c->loudest = (struct correlation_loudest){0};
    tick_begin(c, 0);
}

void
correlation_process(struct correlation *c, const double *const *in, int nframes)
{
    for (int done = 0, n; done < nframes; done += n) {
        n = nframes - done < c->left ? nframes - done : c->left;
        gather(c, in[0] + done, in[1] + done, n);
        c->left -= n;
        if (c->left == 0)
            tick_end(c);
    }
}

static struct correlation_sums
all_sums(const struct correlation *c)
{
    bool sound;
    struct correlation_sums total = c->total, t = tick_sums(c, &sound);

    add(&total, &t);
    return total;
}

void
correlation_read(const struct correlation *c, struct correlation_reading *r)
{
    struct correlation_sums total = all_sums(c);

    *r = (struct correlation_reading){.mono_lu = c->window.mono_lu,
                                      .worst_mono_lu = c->worst.mono_lu,
                                      .worst_from_s = c->worst.from_s,
                                      .worst_to_s = c->worst.to_s,
                                      .windows = (double)c->counted};
    for (int b = 0; b < CORRELATION_BANDS; b++) {
        r->needle[b] = ratio(powers_of(&c->needle, b), NEEDLE_REST);
        r->integrated[b] = ratio(powers_of(&total, b), 0.0);
    }
    r->balance_lu = balance_lu(&c->needle);
    r->integrated_balance_lu = balance_lu(&total);
    r->integrated_mono_lu = mono_lu(&total);
    r->side_mid_db = side_mid_db(&total, CORRELATION_FULL);
    r->low_side_mid_db = side_mid_db(&total, CORRELATION_LOW);
    r->negative_share = c->counted ? (double)c->negative / (double)c->counted : 0.0;
    r->measured_s = total.frames / c->rate_hz;
}

struct correlation_window
correlation_whole(const struct correlation *c)
{
    struct correlation_sums total = all_sums(c);

    return window_of(&total, total.frames / c->rate_hz, c->rate_hz);
}

uint64_t
correlation_windows(const struct correlation *c)
{
    return c->windows;
}

const struct correlation_window *
correlation_window(const struct correlation *c)
{
    return &c->window;
}

int
correlation_due_frames(const struct correlation *c)
{
    return c->left;
}

/* What the last, unfinished slot has in it counts as well. */
static struct correlation_loudest
loudest_of(const struct correlation *c)
{
    struct correlation_loudest l = c->loudest;
    bool sound;
    struct correlation_sums slot = c->slot, t = tick_sums(c, &sound);

    add(&slot, &t);
    if (slot.frames > 0.0)
        note_slot(&slot, &l);
    return l;
}

double
correlation_loudest_dbfs(const struct correlation *c, int channel)
{
    return dbfs(loudest_of(c).channel[channel]);
}

double
correlation_null_dbfs(const struct correlation *c)
{
    return dbfs(loudest_of(c).null);
}
