/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each channel goes through the K filter (a shelf for the head, a high-pass), is squared and summed into ticks
 * of 10 ms. A window is a sum of ticks. Every 100 ms a block of 400 ms joins the histogram of blocks, and a
 * short-term value the histogram of the range.
 *
 * The histograms bin by level but add up exact energies, so the gated mean is exact but for the one bin that
 * the relative gate cuts; that one counts as a whole, by its mean.
 *
 * The Recommendation gives the filter's numbers at 48 kHz alone. Both sections are bilinear transforms of
 * second-order prototypes, made anew for each rate. The high-pass' numerator is 1, -2, 1 without the division by
 * a0 that the transform asks for, so its pass band sits 0.04 dB up at 48 kHz; to sit there at every rate the
 * numerator is scaled by a0(48 kHz) / a0(rate). The scale is taken into the channel weights.
 */
#include "dsp/loudness.h"
#include "dsp/clones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OFFSET_LU  (-0.691)
#define FLOOR_LUFS (-70.0) /* absolute gate */
#define BLOCK_GATE 0.1     /* -10 LU */
#define RANGE_GATE 0.01    /* -20 LU */
#define TOO_LOUD   1e8     /* mean square, +80 dB: nothing that is sound */
#define TINY       1e-60   /* filter state that no reading shows: -1200 dB */

enum { TICKS_A_SECOND = 100, TICKS_A_BLOCK = 10, BINS = LOUDNESS_GROUPS * LOUDNESS_BINS };

/* --- levels and histograms --- */

static double
lufs(double mean_square)
{
    double l;

    if (!(mean_square > 0.0))
        return LOUDNESS_NONE_LUFS;
    l = OFFSET_LU + 10.0 * log10(mean_square);
    return l > LOUDNESS_NONE_LUFS ? l : LOUDNESS_NONE_LUFS;
}

/* Negative below the absolute gate; the last bin takes all that is louder. */
static int
bin_of(double mean_square)
{
    double place = floor((lufs(mean_square) - FLOOR_LUFS) * LOUDNESS_BINS);

    return place < 0.0 ? -1 : place < BINS ? (int)place : BINS - 1;
}

static void
bin_add(struct loudness_bin *b, double mean_square)
{
    b->energy += mean_square;
    b->count++;
}

static void
histogram_add(struct loudness_histogram *h, double mean_square)
{
    int i = bin_of(mean_square);

    if (i < 0)
        return;
    bin_add(&h->bin[i], mean_square);
    bin_add(&h->group[i / LOUDNESS_BINS], mean_square);
    bin_add(&h->all, mean_square);
}

/* Touches only what was used: a whole histogram would be 160 kB to clear in the process thread. */
static void
histogram_clear(struct loudness_histogram *h)
{
    for (int g = 0; g < LOUDNESS_GROUPS; g++) {
        if (h->group[g].count)
            memset(h->bin + g * LOUDNESS_BINS, 0, LOUDNESS_BINS * sizeof *h->bin);
        h->group[g] = (struct loudness_bin){0};
    }
    h->all = (struct loudness_bin){0};
}

/* The first bin that passes a gate at `share` of the mean. */
static int
histogram_gate(const struct loudness_histogram *h, double share)
{
    double gate = share * h->all.energy / h->all.count;
    int i = bin_of(gate);

    if (i < 0)
        return 0;
    return h->bin[i].count && h->bin[i].energy < gate * h->bin[i].count ? i + 1 : i;
}

/* All from bin `first` up. */
static struct loudness_bin
histogram_above(const struct loudness_histogram *h, int first)
{
    struct loudness_bin sum = {0};
    int i = first;

    for (; i < BINS && i % LOUDNESS_BINS; i++) {
        sum.energy += h->bin[i].energy;
        sum.count += h->bin[i].count;
    }
    for (int g = i / LOUDNESS_BINS; g < LOUDNESS_GROUPS; g++) {
        sum.energy += h->group[g].energy;
        sum.count += h->group[g].count;
    }
    return sum;
}

/* The level of the value that has `rank` others above it. */
static double
histogram_from_top(const struct loudness_histogram *h, uint32_t rank)
{
    int g = LOUDNESS_GROUPS - 1, i;

    for (; g > 0 && rank >= h->group[g].count; g--)
        rank -= h->group[g].count;
    for (i = (g + 1) * LOUDNESS_BINS - 1; i > g * LOUDNESS_BINS && rank >= h->bin[i].count; i--)
        rank -= h->bin[i].count;
    return lufs(h->bin[i].energy / h->bin[i].count);
}

/* --- the K filter --- */

struct prototype {
    double freq_hz, q;
};

static const struct prototype shelf = {1681.974450955533, 0.7071752369554196};
static const struct prototype pass = {38.13547087602444, 0.5003270373238773};
static const double shelf_gain_db = 3.999843853973347;
static const double shelf_slope =
    0.4996667741545416; /* the middle term's share of the gain, as an exponent */

/* Poles into a[], returns a0. */
static double
denominator(const struct prototype *p, double rate_hz, double a[2])
{
    double k = tan(PI * p->freq_hz / rate_hz), a0 = 1.0 + k / p->q + k * k;

    a[0] = 2.0 * (k * k - 1.0) / a0;
    a[1] = (1.0 - k / p->q + k * k) / a0;
    return a0;
}

static void
design(struct loudness *l, const double *weights)
{
    double k = tan(PI * shelf.freq_hz / l->rate_hz), unused[2];
    double high = pow(10.0, shelf_gain_db / 20.0), middle = pow(high, shelf_slope) * k / shelf.q;
    double a0 = denominator(&shelf, l->rate_hz, l->shelf_a);
    double scale = denominator(&pass, 48000.0, unused) / denominator(&pass, l->rate_hz, l->pass_a);

    l->shelf_b[0] = (high + middle + k * k) / a0;
    l->shelf_b[1] = 2.0 * (k * k - high) / a0;
    l->shelf_b[2] = (high - middle + k * k) / a0;
    for (int c = 0; c < l->nch; c++)
        l->weight[c] = weights[c] * scale * scale;
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

/* Both sections in direct form; what depends on the newest output is added last: from one frame to the next there
   is but a multiplication and an addition, and both sections' run side by side. nframes: 1..CHUNK. */
INLINE void
filter_chunk(const struct loudness *l, struct loudness_filter *f, const double *left, const double *right,
             int nframes)
{
    const double a1 = l->shelf_a[0], a2 = l->shelf_a[1], c1 = l->pass_a[0], c2 = l->pass_a[1];
    loudness_pair y1 = f->shelf[0], y2 = f->shelf[1], z1 = f->pass[0], z2 = f->pass[1], energy = f->energy;
    double w[2][CHUNK];

    shelf_zeros(l->shelf_b, left, nframes, f->in[0], w[0]);
    shelf_zeros(l->shelf_b, right, nframes, f->in[1], w[1]);
    for (int i = 0; i < nframes; i++) {
        loudness_pair to = {w[0][i], w[1][i]}, y = (to - a2 * y2) - a1 * y1;
        loudness_pair z = (((y + y2) - (y1 + y1)) - c2 * z2) - c1 * z1;

        y2 = y1;
        y1 = y;
        z2 = z1;
        z1 = z;
        energy += z * z;
    }
    f->shelf[0] = y1;
    f->shelf[1] = y2;
    f->pass[0] = z1;
    f->pass[1] = z2;
    f->energy = energy;
}

static void
filter_run(const struct loudness *l, struct loudness_filter *f, const double *left, const double *right,
           int nframes)
{
    for (int done = 0, n; done < nframes; done += n) {
        n = nframes - done < CHUNK ? nframes - done : CHUNK;
        filter_chunk(l, f, left + done, right + done, n);
    }
}

/* Silence would have the states shrink into denormals and stay there. */
static void
filter_settle(loudness_pair *s)
{
    for (int c = 0; c < 2; c++)
        if (fabs((*s)[c]) < TINY)
            (*s)[c] = 0.0;
}

/* --- ticks --- */

/* Boundaries at the nearest frame to each 10 ms of a second, so that a rate like 11025 Hz doesn't drift. */
static int
tick_frames(const struct loudness *l, int tick)
{
    double step = l->rate_hz / TICKS_A_SECOND;

    return (int)(floor((tick + 1) * step + 0.5) - floor(tick * step + 0.5));
}

static void
tick_begin(struct loudness *l, int tick)
{
    l->tick = tick;
    l->left = tick_frames(l, tick);
    for (int p = 0; p < LOUDNESS_CHANNELS / 2; p++)
        l->filter[p].energy = (loudness_pair){0.0, 0.0};
}

static double
tick_energy(struct loudness *l)
{
    double sum = 0.0;

    for (int c = 0; c < l->nch; c++)
        sum += l->weight[c] * l->filter[c / 2].energy[c % 2];
    return sum;
}

enum { SUMS = 8 }; /* so that an addition need not wait for the one before */

/* Of the last nticks, as a share of `window` ticks. */
CLONES static double
mean_square(const struct loudness *l, int nticks, int window)
{
    const double *tick = l->ring + l->at + LOUDNESS_SHORT_TERM_TICKS - nticks;
    double sum[SUMS] = {0.0};

    for (int i = 0; i + SUMS <= nticks; i += SUMS)
        for (int k = 0; k < SUMS; k++)
            sum[k] += tick[i + k];
    for (int i = nticks - nticks % SUMS; i < nticks; i++)
        sum[i % SUMS] += tick[i];
    for (int k = 0; k < SUMS / 2; k++)
        sum[k] += sum[k + SUMS / 2];
    return ((sum[0] + sum[2]) + (sum[1] + sum[3])) / (window * l->rate_hz / TICKS_A_SECOND);
}

/* A window that reaches back to before the measurement is measured as if silence had been there. */
static double
measured_mean(const struct loudness *l, double live, int window)
{
    return l->whole >= window ? live : mean_square(l, l->whole, window);
}

static void
measure(struct loudness *l)
{
    double m, s;

    l->measured++;
    if (l->whole < LOUDNESS_SHORT_TERM_TICKS)
        l->whole++;
    m = measured_mean(l, l->momentary, LOUDNESS_MOMENTARY_TICKS);
    s = measured_mean(l, l->short_term, LOUDNESS_SHORT_TERM_TICKS);
    l->max_momentary = fmax(l->max_momentary, m);
    l->max_short_term = fmax(l->max_short_term, s);
    if (--l->phase)
        return;
    l->phase = TICKS_A_BLOCK;
    if (l->whole >= LOUDNESS_MOMENTARY_TICKS)
        histogram_add(&l->blocks, m);
    if (l->whole >= LOUDNESS_SHORT_TERM_TICKS)
        histogram_add(&l->spread, s);
}

static void
skip(struct loudness *l)
{
    memset(l->filter, 0, sizeof l->filter);
    l->skipped++;
    l->whole = 0;
    if (l->running && --l->phase == 0)
        l->phase = TICKS_A_BLOCK;
}

static void
tick_end(struct loudness *l)
{
    double energy = tick_energy(l);
    bool sound = energy <= TOO_LOUD * tick_frames(l, l->tick); /* false for NaN too */

    l->ring[l->at] = l->ring[l->at + LOUDNESS_SHORT_TERM_TICKS] = sound ? energy : 0.0;
    l->at = (l->at + 1) % LOUDNESS_SHORT_TERM_TICKS;
    l->momentary = mean_square(l, LOUDNESS_MOMENTARY_TICKS, LOUDNESS_MOMENTARY_TICKS);
    l->short_term = mean_square(l, LOUDNESS_SHORT_TERM_TICKS, LOUDNESS_SHORT_TERM_TICKS);
    if (!sound)
        skip(l);
    else if (l->running)
        measure(l);
    for (int p = 0; p < LOUDNESS_CHANNELS / 2; p++)
        for (int s = 0; s < 2; s++) {
            filter_settle(&l->filter[p].shelf[s]);
            filter_settle(&l->filter[p].pass[s]);
        }
    tick_begin(l, (l->tick + 1) % TICKS_A_SECOND);
}

/* The grid starts here, so that what is measured doesn't depend on what was before: the unfinished tick is
   dropped from the windows. */
static void
begin(struct loudness *l)
{
    l->phase = TICKS_A_BLOCK;
    l->whole = 0;
    tick_begin(l, 0);
}

/* --- the header's functions --- */

enum status
loudness_prepare(struct loudness *l, double rate_hz)
{
    static const double weights[STEREO] = {1.0, 1.0};

    return loudness_prepare_layout(l, rate_hz, weights, STEREO);
}

enum status
loudness_prepare_layout(struct loudness *l, double rate_hz, const double *weights, int nch)
{
    *l = (struct loudness){.rate_hz = rate_hz, .nch = nch, .running = true};
    if (!rate_ok(rate_hz) || nch < 1 || nch > LOUDNESS_CHANNELS)
        return BAD_ARG;
    l->blocks.bin = calloc(2 * BINS, sizeof *l->blocks.bin);
    if (!l->blocks.bin)
        return NO_MEM;
    l->spread.bin = l->blocks.bin + BINS;
    design(l, weights);
    loudness_reset(l);
    return OK;
}

void
loudness_free(struct loudness *l)
{
    free(l->blocks.bin);
    *l = (struct loudness){0};
}

void
loudness_reset(struct loudness *l)
{
    memset(l->filter, 0, sizeof l->filter);
    memset(l->ring, 0, sizeof l->ring);
    l->at = 0;
    l->momentary = l->short_term = 0.0;
    l->skipped = 0;
    loudness_restart(l);
}

void
loudness_restart(struct loudness *l)
{
    histogram_clear(&l->blocks);
    histogram_clear(&l->spread);
    l->measured = 0;
    l->max_momentary = l->max_short_term = 0.0;
    begin(l);
}

void
loudness_run(struct loudness *l, bool on)
{
    if (on && !l->running)
        begin(l);
    l->running = on;
}

void
loudness_process(struct loudness *l, const double *const *in, int nframes)
{
    for (int done = 0; done < nframes;) {
        int n = nframes - done < l->left ? nframes - done : l->left;

        for (int c = 0; c < l->nch; c += 2)
            filter_run(l, &l->filter[c / 2], in[c] + done, in[c + 1 < l->nch ? c + 1 : c] + done, n);
        done += n;
        l->left -= n;
        if (l->left == 0)
            tick_end(l);
    }
}

double
loudness_momentary_lufs(const struct loudness *l)
{
    return lufs(l->momentary);
}

double
loudness_short_term_lufs(const struct loudness *l)
{
    return lufs(l->short_term);
}

double
loudness_integrated_lufs(const struct loudness *l)
{
    struct loudness_bin kept;

    if (!l->blocks.all.count)
        return LOUDNESS_NONE_LUFS;
    kept = histogram_above(&l->blocks, histogram_gate(&l->blocks, BLOCK_GATE));
    return lufs(kept.energy / kept.count);
}

double
loudness_range_lu(const struct loudness *l)
{
    uint32_t last, low, high;

    if (!l->spread.all.count)
        return 0.0;
    last = histogram_above(&l->spread, histogram_gate(&l->spread, RANGE_GATE)).count - 1;
    low = (uint32_t)(last * 0.10 + 0.5);
    high = (uint32_t)(last * 0.95 + 0.5);
    return histogram_from_top(&l->spread, last - high) - histogram_from_top(&l->spread, last - low);
}

double
loudness_max_momentary_lufs(const struct loudness *l)
{
    return lufs(l->max_momentary);
}

double
loudness_max_short_term_lufs(const struct loudness *l)
{
    return lufs(l->max_short_term);
}

double
loudness_measured_s(const struct loudness *l)
{
    return (double)l->measured / TICKS_A_SECOND;
}

uint64_t
loudness_skipped(const struct loudness *l)
{
    return l->skipped;
}

static void
histogram_join(struct loudness_histogram *h, const struct loudness_histogram *more)
{
    for (int g = 0; g < LOUDNESS_GROUPS; g++) {
        if (!more->group[g].count)
            continue;
        h->group[g].energy += more->group[g].energy;
        h->group[g].count += more->group[g].count;
        for (int b = g * LOUDNESS_BINS; b < (g + 1) * LOUDNESS_BINS; b++) {
            h->bin[b].energy += more->bin[b].energy;
            h->bin[b].count += more->bin[b].count;
        }
    }
    h->all.energy += more->all.energy;
    h->all.count += more->all.count;
}

void
loudness_join(struct loudness *l, const struct loudness *more)
{
    histogram_join(&l->blocks, &more->blocks);
    histogram_join(&l->spread, &more->spread);
    l->measured += more->measured;
    l->skipped += more->skipped;
    l->max_momentary = fmax(l->max_momentary, more->max_momentary);
    l->max_short_term = fmax(l->max_short_term, more->max_short_term);
}
