/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each channel goes through the K filter (a shelf for the head, a high-pass), is squared and summed into ticks
 * of 10 ms. A window is a sum of ticks.
 *
 * The Recommendation gives the filter's numbers at 48 kHz alone. Both sections are bilinear transforms of
 * second-order prototypes, made anew for each rate. The high-pass' numerator is 1, -2, 1 without the division by
 * a0 that the transform asks for, so its pass band sits 0.04 dB up at 48 kHz; to sit there at every rate the
 * numerator is scaled by a0(48 kHz) / a0(rate). The scale is taken into the channel weights.
 */
#include "dsp/kweight.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

#define OFFSET_LU (-0.691)
#define TOO_LOUD  1e8   /* mean square, +80 dB: nothing that is sound */
#define TINY      1e-60 /* filter state that no reading shows: -1200 dB */

double
kweight_lufs(double mean_square)
{
    double l;

    if (!(mean_square > 0.0))
        return LOUDNESS_NONE_LUFS;
    l = OFFSET_LU + 10.0 * log10(mean_square);
    return l > LOUDNESS_NONE_LUFS ? l : LOUDNESS_NONE_LUFS;
}

/* --- the K filter --- */

struct prototype {
    double freq_hz, q;
};

static const struct prototype shelf = {1681.974450955533, 0.7071752369554196};
static const struct prototype pass = {38.13547087602444, 0.5003270373238773};
static const double shelf_gain_db = 3.999843853973347;
/* The middle term's share of the gain, as an exponent. */
static const double shelf_slope = 0.4996667741545416;

/* Poles into a[], returns a0. */
static double
denominator(const struct prototype *p, double rate_hz, double a[2])
{
    double t = tan(PI * p->freq_hz / rate_hz), a0 = 1.0 + t / p->q + t * t;

    a[0] = 2.0 * (t * t - 1.0) / a0;
    a[1] = (1.0 - t / p->q + t * t) / a0;
    return a0;
}

static void
design(struct kweight *k, const double *weights)
{
    double t = tan(PI * shelf.freq_hz / k->rate_hz), unused[2];
    double high = pow(10.0, shelf_gain_db / 20.0), middle = pow(high, shelf_slope) * t / shelf.q;
    double a0 = denominator(&shelf, k->rate_hz, k->shelf_a);
    double scale = denominator(&pass, 48000.0, unused) / denominator(&pass, k->rate_hz, k->pass_a);

    k->shelf_b[0] = (high + middle + t * t) / a0;
    k->shelf_b[1] = 2.0 * (t * t - high) / a0;
    k->shelf_b[2] = (high - middle + t * t) / a0;
    for (int c = 0; c < k->nch; c++)
        k->weight[c] = weights[c] * scale * scale;
}

enum { CHUNK = 64 }; /* frames */

/* What the shelf makes of its inputs alone, many frames at a time. before: the two ahead of x, newest first. */
INLINE void
shelf_zeros(const double *b, const double *x, int nframes, double *before, double *restrict w)
{
    double b0 = b[0], b1 = b[1], b2 = b[2];

    w[0] = (b2 * before[1] + b1 * before[0]) + b0 * x[0];
    if (nframes > 1)
        w[1] = (b2 * before[0] + b1 * x[0]) + b0 * x[1];
    for (int i = 2; i < nframes; i++)
        w[i] = (b2 * x[i - 2] + b1 * x[i - 1]) + b0 * x[i];
    before[1] = nframes > 1 ? x[nframes - 2] : before[0];
    before[0] = x[nframes - 1];
}

struct chunk { /* of two channels, behind the shelf's zeros */
    double left[CHUNK], right[CHUNK];
};

static void
chunk_fill(const struct kweight *k, struct kweight_filter *f, const double *left, const double *right,
           int nframes, struct chunk *to)
{
    shelf_zeros(k->shelf_b, left, nframes, f->in[0], to->left);
    shelf_zeros(k->shelf_b, right, nframes, f->in[1], to->right);
}

/* Both sections in direct form; what depends on the newest output is added last: from one frame to the next there
   is but a multiplication and an addition, and both sections' run side by side. */
struct poles {
    double a1, a2, c1, c2;
    kweight_pair y1, y2, z1, z2, energy;
};

INLINE struct poles
poles_of(const struct kweight *k, const struct kweight_filter *f)
{
    return (struct poles){k->shelf_a[0], k->shelf_a[1], k->pass_a[0], k->pass_a[1], f->shelf[0],
                          f->shelf[1],   f->pass[0],    f->pass[1],   f->energy};
}

INLINE void
poles_step(struct poles *p, double left, double right)
{
    kweight_pair to = {left, right}, y = (to - p->a2 * p->y2) - p->a1 * p->y1;
    kweight_pair z = (((y + p->y2) - (p->y1 + p->y1)) - p->c2 * p->z2) - p->c1 * p->z1;

    p->y2 = p->y1;
    p->y1 = y;
    p->z2 = p->z1;
    p->z1 = z;
    p->energy += z * z;
}

INLINE void
poles_keep(const struct poles *p, struct kweight_filter *f)
{
    f->shelf[0] = p->y1;
    f->shelf[1] = p->y2;
    f->pass[0] = p->z1;
    f->pass[1] = p->z2;
    f->energy = p->energy;
}

static void
chunk_run(const struct kweight *k, struct kweight_filter *f, const struct chunk *x, int nframes)
{
    struct poles p = poles_of(k, f);

    for (int i = 0; i < nframes; i++)
        poles_step(&p, x->left[i], x->right[i]);
    poles_keep(&p, f);
}

/* Two filters at a time take hardly longer than one, which mostly waits for itself. */
static void
chunk_run_two(const struct kweight *k, struct kweight_filter *f, const struct chunk *x,
              const struct kweight *l, struct kweight_filter *g, const struct chunk *y, int nframes)
{
    struct poles p = poles_of(k, f), q = poles_of(l, g);

    for (int i = 0; i < nframes; i++) {
        poles_step(&p, x->left[i], x->right[i]);
        poles_step(&q, y->left[i], y->right[i]);
    }
    poles_keep(&p, f);
    poles_keep(&q, g);
}

/* in: from channel c on, at their frame. */
static void
chunk_take(struct kweight *k, int c, const double *const *in, int at, int nframes, struct chunk *to)
{
    chunk_fill(k, &k->filter[c / 2], in[c] + at, in[c + 1 < k->nch ? c + 1 : c] + at, nframes, to);
}

static void
filter_run(struct kweight *k, const double *const *in, int from, int nframes)
{
    struct chunk x, y;

    for (int end = from + nframes, n; from < end; from += n) {
        n = end - from < CHUNK ? end - from : CHUNK;
        for (int c = 0; c < k->nch; c += 4) {
            chunk_take(k, c, in, from, n, &x);
            if (c + 2 >= k->nch) {
                chunk_run(k, &k->filter[c / 2], &x, n);
                continue;
            }
            chunk_take(k, c + 2, in, from, n, &y);
            chunk_run_two(k, &k->filter[c / 2], &x, k, &k->filter[c / 2 + 1], &y, n);
        }
    }
}

static void
filter_run_two(struct kweight *k, const double *const *in, struct kweight *l, const double *const *other,
               int from, int nframes)
{
    struct chunk x, y;

    for (int end = from + nframes, n; from < end; from += n) {
        n = end - from < CHUNK ? end - from : CHUNK;
        chunk_take(k, 0, in, from, n, &x);
        chunk_take(l, 0, other, from, n, &y);
        chunk_run_two(k, &k->filter[0], &x, l, &l->filter[0], &y, n);
    }
}

/* Silence would have the states shrink into denormals and stay there. */
static void
filter_settle(kweight_pair *s)
{
    for (int c = 0; c < 2; c++)
        if (fabs((*s)[c]) < TINY)
            (*s)[c] = 0.0;
}

/* --- ticks --- */

/* Boundaries at the nearest frame to each 10 ms of a second, so that a rate like 11025 Hz doesn't drift. */
static int
tick_frames(const struct kweight *k, int tick)
{
    double step = k->rate_hz / LOUDNESS_TICKS_A_SECOND;

    return (int)(floor((tick + 1) * step + 0.5) - floor(tick * step + 0.5));
}

static void
tick_begin(struct kweight *k, int tick)
{
    k->tick = tick;
    k->left = tick_frames(k, tick);
    for (int p = 0; p < LOUDNESS_CHANNELS / 2; p++)
        k->filter[p].energy = (kweight_pair){0.0, 0.0};
}

static double
tick_energy(struct kweight *k)
{
    double sum = 0.0;

    for (int c = 0; c < k->nch; c++)
        sum += k->weight[c] * k->filter[c / 2].energy[c % 2];
    return sum;
}

enum { SUMS = 8 }; /* so that an addition need not wait for the one before */

/* Of the last nticks, as a share of `window` ticks. */
CLONES static double
mean_square(const struct kweight *k, int nticks, int window)
{
    const double *tick = k->ring + k->at + LOUDNESS_SHORT_TERM_TICKS - nticks;
    double sum[SUMS] = {0.0};

    for (int i = 0; i + SUMS <= nticks; i += SUMS)
        for (int n = 0; n < SUMS; n++)
            sum[n] += tick[i + n];
    for (int i = nticks - nticks % SUMS; i < nticks; i++)
        sum[i % SUMS] += tick[i];
    for (int n = 0; n < SUMS / 2; n++)
        sum[n] += sum[n + SUMS / 2];
    return ((sum[0] + sum[2]) + (sum[1] + sum[3])) / (window * k->rate_hz / LOUDNESS_TICKS_A_SECOND);
}

static void
tick_end(struct kweight *k)
{
    double energy = tick_energy(k);

    k->sound = energy <= TOO_LOUD * tick_frames(k, k->tick); /* false for NaN too */
    k->ring[k->at] = k->ring[k->at + LOUDNESS_SHORT_TERM_TICKS] = k->sound ? energy : 0.0;
    k->at = (k->at + 1) % LOUDNESS_SHORT_TERM_TICKS;
    k->momentary = mean_square(k, LOUDNESS_MOMENTARY_TICKS, LOUDNESS_MOMENTARY_TICKS);
    k->short_term = mean_square(k, LOUDNESS_SHORT_TERM_TICKS, LOUDNESS_SHORT_TERM_TICKS);
    if (!k->sound) {
        memset(k->filter, 0, sizeof k->filter);
        k->skipped++;
    }
    for (int p = 0; p < LOUDNESS_CHANNELS / 2; p++)
        for (int s = 0; s < 2; s++) {
            filter_settle(&k->filter[p].shelf[s]);
            filter_settle(&k->filter[p].pass[s]);
        }
    tick_begin(k, (k->tick + 1) % LOUDNESS_TICKS_A_SECOND);
}

/* --- the header's functions --- */

enum status
kweight_prepare(struct kweight *k, double rate_hz, const double *weights, int nch)
{
    *k = (struct kweight){.rate_hz = rate_hz, .nch = nch};
    if (!rate_ok(rate_hz) || nch < 1 || nch > LOUDNESS_CHANNELS)
        return BAD_ARG;
    design(k, weights);
    kweight_reset(k);
    return OK;
}

void
kweight_reset(struct kweight *k)
{
    memset(k->filter, 0, sizeof k->filter);
    memset(k->ring, 0, sizeof k->ring);
    k->at = 0;
    k->momentary = k->short_term = 0.0;
    k->skipped = 0;
    kweight_align(k);
}

void
kweight_align(struct kweight *k)
{
    tick_begin(k, 0);
}

static void
advance(struct kweight *k, int nframes)
{
    k->left -= nframes;
    k->ticked = k->left == 0;
    if (k->ticked)
        tick_end(k);
}

int
kweight_process(struct kweight *k, const double *const *in, int from, int nframes)
{
    int n = nframes < k->left ? nframes : k->left;

    filter_run(k, in, from, n);
    advance(k, n);
    return n;
}

int
kweight_process_two(struct kweight *k, const double *const *in, struct kweight *other,
                    const double *const *other_in, int from, int nframes)
{
    int n = nframes < k->left ? nframes : k->left;

    filter_run_two(k, in, other, other_in, from, n);
    advance(k, n);
    advance(other, n);
    return n;
}

double
kweight_momentary_lufs(const struct kweight *k)
{
    return kweight_lufs(k->momentary);
}

double
kweight_short_term_lufs(const struct kweight *k)
{
    return kweight_lufs(k->short_term);
}

double
kweight_mean(const struct kweight *k, int nticks, int window)
{
    return mean_square(k, nticks, window);
}
