/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every 100 ms a block of 400 ms joins the histogram of blocks, and a short-term value the histogram of the range.
 *
 * The histograms bin by level but add up exact energies, so the gated mean is exact but for the one bin that
 * the relative gate cuts; that one counts as a whole, by its mean.
 *
 * Both together are 320 kB: a restart in the process thread forgets the groups' counts alone, and a group's bins are
 * cleared when the first value falls among them.
 */
#include "dsp/programme.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FLOOR_LUFS (-70.0) /* absolute gate */
#define BLOCK_GATE 0.1     /* -10 LU */
#define RANGE_GATE 0.01    /* -20 LU */

enum { TICKS_A_BLOCK = 10, BINS = PROGRAMME_GROUPS * PROGRAMME_BINS };

/* Negative below the absolute gate; the last bin takes all that is louder. */
static int
bin_of(double mean_square)
{
    double place = floor((kweight_lufs(mean_square) - FLOOR_LUFS) * PROGRAMME_BINS);

    return place < 0.0 ? -1 : place < BINS ? (int)place : BINS - 1;
}

static void
bin_add(struct programme_bin *b, double mean_square)
{
    b->energy += mean_square;
    b->count++;
}

/* Before something falls into it. */
static void
group_open(struct programme_histogram *h, int group)
{
    if (!h->group[group].count)
        memset(h->bin + group * PROGRAMME_BINS, 0, PROGRAMME_BINS * sizeof *h->bin);
}

static void
histogram_add(struct programme_histogram *h, double mean_square)
{
    int i = bin_of(mean_square);

    if (i < 0)
        return;
    group_open(h, i / PROGRAMME_BINS);
    bin_add(&h->bin[i], mean_square);
    bin_add(&h->group[i / PROGRAMME_BINS], mean_square);
    bin_add(&h->all, mean_square);
}

static void
histogram_clear(struct programme_histogram *h)
{
    memset(h->group, 0, sizeof h->group);
    h->all = (struct programme_bin){0};
}

static struct programme_bin
bin_at(const struct programme_histogram *h, int i)
{
    return h->group[i / PROGRAMME_BINS].count ? h->bin[i] : (struct programme_bin){0};
}

/* The first bin that passes a gate at `share` of the mean. */
static int
histogram_gate(const struct programme_histogram *h, double share)
{
    double gate = share * h->all.energy / h->all.count;
    int i = bin_of(gate);

    if (i < 0)
        return 0;
    return bin_at(h, i).energy < gate * bin_at(h, i).count ? i + 1 : i;
}

/* All from bin `first` up. */
static struct programme_bin
histogram_above(const struct programme_histogram *h, int first)
{
    struct programme_bin sum = {0};
    int i = first;

    for (; i < BINS && i % PROGRAMME_BINS; i++) {
        sum.energy += bin_at(h, i).energy;
        sum.count += bin_at(h, i).count;
    }
    for (int g = i / PROGRAMME_BINS; g < PROGRAMME_GROUPS; g++) {
        sum.energy += h->group[g].energy;
        sum.count += h->group[g].count;
    }
    return sum;
}

/* The level of the value that has `rank` others above it. */
static double
histogram_from_top(const struct programme_histogram *h, uint32_t rank)
{
    int g = PROGRAMME_GROUPS - 1, i;

    for (; g > 0 && rank >= h->group[g].count; g--)
        rank -= h->group[g].count;
    for (i = (g + 1) * PROGRAMME_BINS - 1; i > g * PROGRAMME_BINS && rank >= h->bin[i].count; i--)
        rank -= h->bin[i].count;
    return kweight_lufs(h->bin[i].energy / h->bin[i].count);
}

/* --- ticks --- */

/* A window that reaches back to before the measurement is measured as if silence had been there. */
static double
measured_mean(const struct programme *p, const struct kweight *k, double live, int window)
{
    return p->whole >= window ? live : kweight_mean(k, p->whole, window);
}

static void
measure(struct programme *p, const struct kweight *k, bool block)
{
    double m, s;

    p->measured++;
    if (p->whole < LOUDNESS_SHORT_TERM_TICKS)
        p->whole++;
    m = measured_mean(p, k, k->momentary, LOUDNESS_MOMENTARY_TICKS);
    s = measured_mean(p, k, k->short_term, LOUDNESS_SHORT_TERM_TICKS);
    p->max_momentary = fmax(p->max_momentary, m);
    p->max_short_term = fmax(p->max_short_term, s);
    p->changes += block;
    if (block && p->whole >= LOUDNESS_MOMENTARY_TICKS)
        histogram_add(&p->blocks, m);
    if (block && p->whole >= LOUDNESS_SHORT_TERM_TICKS)
        histogram_add(&p->spread, s);
}

/* --- the header's functions --- */

enum status
programme_prepare(struct programme *p)
{
    *p = (struct programme){.running = true};
    p->blocks.bin = calloc(2 * BINS, sizeof *p->blocks.bin);
    if (!p->blocks.bin)
        return NO_MEM;
    for (volatile struct programme_bin *b = p->blocks.bin; b < p->blocks.bin + 2 * BINS; b += PROGRAMME_BINS)
        b->count = 0; /* the process thread is to be the first on no page */
    p->spread.bin = p->blocks.bin + BINS;
    programme_restart(p);
    return OK;
}

void
programme_free(struct programme *p)
{
    free(p->blocks.bin);
    *p = (struct programme){0};
}

static void
begin(struct programme *p)
{
    p->phase = TICKS_A_BLOCK;
    p->whole = 0;
}

void
programme_restart(struct programme *p)
{
    histogram_clear(&p->blocks);
    histogram_clear(&p->spread);
    p->changes++;
    p->measured = 0;
    p->max_momentary = p->max_short_term = 0.0;
    begin(p);
}

void
programme_run(struct programme *p, bool on)
{
    if (on && !p->running)
        begin(p);
    p->running = on;
}

void
programme_tick(struct programme *p, const struct kweight *k)
{
    bool block;

    if (!p->running)
        return;
    block = --p->phase == 0;
    if (block)
        p->phase = TICKS_A_BLOCK;
    if (k->sound)
        measure(p, k, block);
    else
        p->whole = 0;
}

double
programme_integrated_lufs(const struct programme *p)
{
    struct programme_bin kept;

    if (!p->blocks.all.count)
        return LOUDNESS_NONE_LUFS;
    kept = histogram_above(&p->blocks, histogram_gate(&p->blocks, BLOCK_GATE));
    return kweight_lufs(kept.energy / kept.count);
}

double
programme_range_lu(const struct programme *p)
{
    uint32_t last, low, high;

    if (!p->spread.all.count)
        return 0.0;
    last = histogram_above(&p->spread, histogram_gate(&p->spread, RANGE_GATE)).count - 1;
    low = (uint32_t)(last * 0.10 + 0.5);
    high = (uint32_t)(last * 0.95 + 0.5);
    return histogram_from_top(&p->spread, last - high) - histogram_from_top(&p->spread, last - low);
}

bool
programme_has_range(const struct programme *p)
{
    return p->spread.all.count > 0;
}

double
programme_max_momentary_lufs(const struct programme *p)
{
    return kweight_lufs(p->max_momentary);
}

double
programme_max_short_term_lufs(const struct programme *p)
{
    return kweight_lufs(p->max_short_term);
}

double
programme_measured_s(const struct programme *p)
{
    return (double)p->measured / LOUDNESS_TICKS_A_SECOND;
}

uint32_t
programme_changes(const struct programme *p)
{
    return p->changes;
}

static void
histogram_join(struct programme_histogram *h, const struct programme_histogram *more)
{
    for (int g = 0; g < PROGRAMME_GROUPS; g++) {
        if (!more->group[g].count)
            continue;
        group_open(h, g);
        h->group[g].energy += more->group[g].energy;
        h->group[g].count += more->group[g].count;
        for (int b = g * PROGRAMME_BINS; b < (g + 1) * PROGRAMME_BINS; b++) {
            h->bin[b].energy += more->bin[b].energy;
            h->bin[b].count += more->bin[b].count;
        }
    }
    h->all.energy += more->all.energy;
    h->all.count += more->all.count;
}

void
programme_join(struct programme *p, const struct programme *more)
{
    histogram_join(&p->blocks, &more->blocks);
    histogram_join(&p->spread, &more->spread);
    p->changes++;
    p->measured += more->measured;
    p->max_momentary = fmax(p->max_momentary, more->max_momentary);
    p->max_short_term = fmax(p->max_short_term, more->max_short_term);
}
