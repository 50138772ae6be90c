/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/dr.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FLOOR_DB (-100.0)
#define TOO_LOUD 1e8 /* square, +80 dB: nothing that is sound */
#define LOUDEST  0.2 /* share of the blocks */

enum { BINS = DR_GROUPS * DR_BINS };

/* --- a block --- */

/* 0 where it is no sound. */
static double
block_sum(const struct dr_channel *c, int frames)
{
    double sum = squares_sum(&c->block);

    return sum <= TOO_LOUD * frames ? sum : 0.0; /* false for NaN too */
}

/* --- the histogram --- */

static int
bin_of(double mean_square)
{
    double place = mean_square > 0.0 ? floor((10.0 * log10(mean_square) - FLOOR_DB) * DR_BINS) : 0.0;

    return place < 0.0 ? 0 : place < BINS ? (int)place : BINS - 1;
}

static void
block_end(struct dr_channel *c, int frames)
{
    double sum = block_sum(c, frames), peak = sum > 0.0 ? squares_peak(&c->block) : 0.0;
    double mean = 2.0 * sum / frames; /* a sine's RMS is its peak */
    int i = bin_of(mean);
    c->bin[i].energy += mean;
    c->bin[i].count++;
    c->group[i / DR_BINS]++;
    c->total += sum;
    c->peak[1] = fmax(c->peak[1], fmin(peak, c->peak[0]));
    c->peak[0] = fmax(c->peak[0], peak);
    c->block = (struct squares){{0}, {0}};
}

/* Mean of the `wanted` loudest blocks; of a bin that is cut its mean stands for each in it. */
static double
loudest_mean(const struct dr_channel *c, uint64_t wanted)
{
    uint64_t left = wanted;
    double sum = 0.0;

    for (int g = DR_GROUPS - 1; g >= 0 && left; g--)
        for (int i = (g + 1) * DR_BINS - 1; c->group[g] && i >= g * DR_BINS && left; i--) {
            uint64_t take = c->bin[i].count < left ? c->bin[i].count : left;

            if (take)
                sum += c->bin[i].energy / c->bin[i].count * (double)take;
            left -= take;
        }
    return sum / (double)wanted;
}

/* --- the header's functions --- */

enum status
dr_prepare(struct dr *d, double rate_hz, int nch)
{
    struct dr_bin *bin;

    *d = (struct dr){.nch = nch};
    if (!rate_ok(rate_hz) || nch < 1 || nch > DR_CHANNELS)
        return BAD_ARG;
    bin = calloc((size_t)nch * BINS, sizeof *bin);
    if (!bin)
        return NO_MEM;
    for (int c = 0; c < nch; c++)
        d->channel[c].bin = bin + (size_t)c * BINS;
    d->block_frames = rate_hz == 44100.0 ? 132480 : (int)(3.0 * rate_hz + 0.5);
    return OK;
}

void
dr_free(struct dr *d)
{
    free(d->channel[0].bin);
    *d = (struct dr){0};
}

/* Touches only what was used. */
static void
channel_reset(struct dr_channel *c)
{
    struct dr_bin *bin = c->bin;

    for (int g = 0; g < DR_GROUPS; g++)
        if (c->group[g])
            memset(bin + g * DR_BINS, 0, DR_BINS * sizeof *bin);
    *c = (struct dr_channel){.bin = bin};
}

void
dr_reset(struct dr *d)
{
    d->at = 0;
    d->blocks = 0;
    for (int c = 0; c < d->nch; c++)
        channel_reset(&d->channel[c]);
}

void
dr_process(struct dr *d, const double *const *in, int nframes)
{
    for (int done = 0, n; done < nframes; done += n) {
        n = nframes - done < d->block_frames - d->at ? nframes - done : d->block_frames - d->at;
        for (int c = 0; c < d->nch; c++)
            squares_add(&d->channel[c].block, in[c] + done, d->at, n);
        d->at += n;
        if (d->at < d->block_frames)
            continue;
        for (int c = 0; c < d->nch; c++)
            block_end(&d->channel[c], d->block_frames);
        d->at = 0;
        d->blocks++;
    }
}

double
dr_db(const struct dr *d, int channel)
{
    const struct dr_channel *c = &d->channel[channel];
    uint64_t fifth = (uint64_t)(LOUDEST * (double)d->blocks);
    double peak = d->blocks > 1 ? c->peak[1] : c->peak[0], mean;

    if (d->blocks == 0 && d->at == 0)
        return NAN;
    if (d->blocks == 0) {
        mean = 2.0 * block_sum(c, d->at) / d->at;
        peak = squares_peak(&c->block);
    } else {
        mean = loudest_mean(c, fifth ? fifth : 1);
    }
    return mean > 0.0 && peak > 0.0 ? 20.0 * log10(peak / sqrt(mean)) : NAN;
}

double
dr_overall_db(const struct dr *d)
{
    double sum = 0.0;
    int count = 0;

    for (int c = 0; c < d->nch; c++) {
        double db = dr_db(d, c);

        if (isnan(db))
            continue;
        sum += db;
        count++;
    }
    return count ? sum / count : NAN;
}

static double
mean_square(const struct dr *d, const struct dr_channel *c)
{
    double frames = (double)d->blocks * d->block_frames + d->at;

    return frames > 0.0 ? (c->total + block_sum(c, d->at)) / frames : 0.0;
}

double
dr_crest_db(const struct dr *d, int channel)
{
    const struct dr_channel *c = &d->channel[channel];
    double mean = mean_square(d, c), rest = block_sum(c, d->at);
    double peak = fmax(c->peak[0], rest > 0.0 ? squares_peak(&c->block) : 0.0);

    return mean > 0.0 ? 20.0 * log10(peak / sqrt(mean)) : NAN;
}

double
dr_rms_dbfs(const struct dr *d, int channel)
{
    double mean = mean_square(d, &d->channel[channel]);

    return mean > 0.0 ? 10.0 * log10(mean) : NAN;
}
