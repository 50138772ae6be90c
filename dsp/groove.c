/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/groove.h"

#include "dsp/clones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOW_RATE_HZ 1500.0
#define FRAME_S     0.0107
#define BURST_DB    10.0
#define LASTS_DB    6.0 /* once it has begun */
#define BURST_DBFS  (-36.0)
#define SHORTEST_S  0.080 /* a drum is shorter */
#define LONGEST_S   0.400
#define AVERAGE_S   5.0
#define NONE_POWER  1e-20
#define LOWEST_BIN  2 /* what is below leaks from DC */

enum { LOW_SIZE = 2048 };

static double
db(double power)
{
    return 10.0 * log10(fmax(power, NONE_POWER));
}

static double
recording_power(double freq_hz)
{
    double w = 2.0 * PI * freq_hz, a = w * 3180e-6, b = w * 318e-6, c = w * 75e-6;

    return (1.0 + a * a) * (1.0 + c * c) / (1.0 + b * b);
}

static void
design(struct groove *g)
{
    static const double below_hz[GROOVE_BASSES] = {20.0, 40.0, 150.0, 300.0};
    static const double band_hz[GROOVE_BANDS][2] = {{0.0, 400e3}, {5e3, 10e3}, {16e3, 400e3}, {5e3, 15e3}};
    double bin_hz = g->rate_hz / g->size;

    for (int i = 0; i < g->low_size; i++)
        g->low_window[i] = (0.5 - 0.5 * cos(2.0 * PI * (i + 0.5) / g->low_size)) / g->low_size;
    for (int k = 0; k <= g->low_size / 2; k++)
        g->unbend[k] = 1.0 / fmax(lowrate_power_gain(&g->low, k * g->low_bin_hz), 1e-3);
    g->edge[0] = LOWEST_BIN;
    for (int i = 0; i < GROOVE_BASSES; i++)
        g->edge[i + 1] = (int)lround(below_hz[i] / g->low_bin_hz);
    for (int i = 0; i < g->size; i++)
        g->window[i] = (0.5 - 0.5 * cos(2.0 * PI * (i + 0.5) / g->size)) * sqrt(2.0 / 0.375) / g->size;
    for (int k = 0; k <= g->size / 2; k++)
        g->weight[k] = recording_power(k * bin_hz) / recording_power(1000.0);
    for (int i = 0; i < GROOVE_BANDS; i++) {
        g->from[i] = (int)fmin(lround(band_hz[i][0] / bin_hz), g->size / 2 + 1);
        g->to[i] = (int)fmin(lround(band_hz[i][1] / bin_hz), g->size / 2 + 1);
    }
    g->from[GROOVE_ALL] = LOWEST_BIN;
}

static enum status
take_memory(struct groove *g)
{
    size_t low = (size_t)g->low_size, size = (size_t)g->size,
           room = (size_t)(LOWRATE_BLOCK / g->low.factor + 1);
    size_t most = size > low ? size : low;
    double *at = g->memory =
        calloc(3 * low + 3 * size + 2 * room + (low + size) / 2 + 2 + 2 * most + 2, sizeof *at);

    if (!at)
        return NO_MEM;
    for (int c = 0; c < STEREO; c++) {
        g->low_line[c] = at;
        g->line[c] = g->low_line[c] + low;
        g->low_out[c] = g->line[c] + size;
        at = g->low_out[c] + room;
    }
    g->low_window = at;
    g->window = at + low;
    g->unbend = g->window + size;
    g->weight = g->unbend + low / 2 + 1;
    g->frames = g->weight + size / 2 + 1;
    g->bin = g->frames + most;
    return OK;
}

enum status
groove_prepare(struct groove *g, double rate_hz)
{
    enum status status;

    *g = (struct groove){.rate_hz = rate_hz, .low_size = LOW_SIZE};
    status = lowrate_prepare(&g->low, rate_hz, LOW_RATE_HZ, STEREO);
    if (status != OK)
        return status;
    g->low_bin_hz = lowrate_hz(&g->low) / g->low_size;
    g->size = 1 << (int)lround(log2(rate_hz * FRAME_S));
    status = fft_prepare_real(&g->low_fft, g->low_size, g->low_size / 2 + 1);
    if (status == OK)
        status = fft_prepare_real(&g->fft, g->size, g->size / 2 + 1);
    if (status == OK)
        status = take_memory(g);
    if (status == OK)
        design(g);
    else
        groove_free(g);
    return status;
}

void
groove_free(struct groove *g)
{
    lowrate_free(&g->low);
    fft_free(&g->low_fft);
    fft_free(&g->fft);
    free(g->memory);
    g->memory = NULL;
}

/* --- bass ----------------------------------------------------------------------------------------- */

static void
add_bass(struct groove *g, double sign, double *to)
{
    int bins = g->low_size / 2 + 1;

    for (int i = 0; i < g->low_size; i++)
        g->frames[i] = g->low_window[i] * (g->low_line[0][i] + sign * g->low_line[1][i]);
    fft_real_forward(&g->low_fft, g->frames, g->bin);
    for (int b = 0; b < GROOVE_BASSES; b++)
        for (int k = g->edge[0]; k < g->edge[b + 1]; k++)
            to[b] += g->unbend[k] * (g->bin[k] * g->bin[k] + g->bin[bins + k] * g->bin[bins + k]);
}

static void
take_bass(struct groove *g, int n)
{
    for (int from = 0; from < n;) {
        int some = g->low_size - g->low_have < n - from ? g->low_size - g->low_have : n - from;

        for (int c = 0; c < STEREO; c++)
            memcpy(g->low_line[c] + g->low_have, g->low_out[c] + from, sizeof(double) * (size_t)some);
        g->low_have += some;
        from += some;
        if (g->low_have < g->low_size)
            continue;
        add_bass(g, 1.0, g->mid);
        add_bass(g, -1.0, g->side);
        g->windows++;
        g->low_have = g->low_size / 2;
        for (int c = 0; c < STEREO; c++)
            memcpy(g->low_line[c], g->low_line[c] + g->low_have, sizeof(double) * (size_t)g->low_have);
    }
}

/* --- top ------------------------------------------------------------------------------------------ */

/* A sibilant is over: was it one? */
static void
end_burst(struct groove *g)
{
    double frame_s = g->size / g->rate_hz;

    if (g->strong * frame_s >= SHORTEST_S && g->run * frame_s <= LONGEST_S) {
        if (g->sibilants < GROOVE_SIBILANTS)
            g->sibilant[g->sibilants] = g->now;
        g->sibilants++;
    }
    g->run = g->strong = 0;
}

static void
watch_burst(struct groove *g, double power)
{
    double level = db(power), above = level - db(g->average), frame_s = g->size / g->rate_hz;
    double start = (double)g->at / g->rate_hz, by = frame_s / fmin(AVERAGE_S, start + frame_s);

    if (g->at > 0 && above >= (g->run ? LASTS_DB : BURST_DB) && level >= BURST_DBFS) {
        if (g->run++ == 0)
            g->now = (struct groove_sibilant){start, start, -200.0, 0.0};
        g->now.to_s = start + frame_s;
        g->strong += level >= g->now.level_dbfs - LASTS_DB;
        if (level > g->now.level_dbfs) {
            g->now.level_dbfs = level;
            g->now.above_db = above;
        }
    } else if (g->run > 0)
        end_burst(g);
    g->average += by * (power - g->average);
}

enum { GROUP = 8 };

/* Of |bin|^2 over bins, in eight sums side by side, so that vectors of any width add in the same order. */
CLONES static double
sum_of(const double *power, const double *weight, int bins)
{
    double part[GROUP] = {0}, sum = 0.0;
    int k = 0;

    for (; k + GROUP <= bins; k += GROUP)
        for (int i = 0; i < GROUP; i++)
            part[i] += weight ? weight[k + i] * power[k + i] : power[k + i];
    for (; k < bins; k++)
        sum += weight ? weight[k] * power[k] : power[k];
    return sum + (((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7])));
}

CLONES static void
square(double *re, const double *im, int bins)
{
    for (int k = 0; k < bins; k++)
        re[k] = re[k] * re[k] + im[k] * im[k];
}

CLONES static void
apply(const double *window, const double *line, double *out, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = window[i] * line[i];
}

static void
note_frame(struct groove *g)
{
    int bins = g->size / 2 + 1;
    double power[GROOVE_BANDS] = {0};

    for (int c = 0; c < STEREO; c++) {
        apply(g->window, g->line[c], g->frames, g->size);
        fft_real_forward(&g->fft, g->frames, g->bin);
        square(g->bin, g->bin + bins, bins);
        for (int b = 0; b < GROOVE_BANDS; b++)
            power[b] += sum_of(g->bin + g->from[b], b == GROOVE_ACCELERATION ? g->weight + g->from[b] : NULL,
                               g->to[b] - g->from[b]);
    }
    for (int b = 0; b < GROOVE_BANDS; b++) {
        g->sum[b] += power[b];
        g->most[b] = fmax(g->most[b], power[b]);
    }
    watch_burst(g, power[GROOVE_SIBILANCE]);
    g->at += g->size;
    g->have = 0;
}

static void
take_top(struct groove *g, const double *const *in, int nframes)
{
    for (int at = 0; at < nframes;) {
        int n = g->size - g->have < nframes - at ? g->size - g->have : nframes - at;

        for (int c = 0; c < STEREO; c++)
            memcpy(g->line[c] + g->have, in[c] + at, sizeof(double) * (size_t)n);
        g->have += n;
        at += n;
        if (g->have == g->size)
            note_frame(g);
    }
}

void
groove_process(struct groove *g, const double *const *in, int nframes)
{
    for (int at = 0; at < nframes; at += LOWRATE_BLOCK) {
        int n = nframes - at < LOWRATE_BLOCK ? nframes - at : LOWRATE_BLOCK;
        const double *const piece[STEREO] = {in[0] + at, in[1] + at};

        take_bass(g, lowrate_process(&g->low, piece, n, g->low_out));
        take_top(g, piece, n);
    }
}

/* --- reading -------------------------------------------------------------------------------------- */

double
groove_side_re_mid_db(const struct groove *g, enum groove_bass below)
{
    return db(g->side[below]) - db(g->mid[below]);
}

double
groove_bass_db(const struct groove *g, enum groove_bass below)
{
    double all = g->mid[GROOVE_BELOW_300] + g->side[GROOVE_BELOW_300];

    return all > 0.0 ? db((g->mid[below] + g->side[below]) / all) : -200.0;
}

/* M and S are sums here, twice what they are called: a sine of full scale on both sides has 4 x 0.375 / 4. */
double
groove_bass_dbfs(const struct groove *g)
{
    double sum = g->mid[GROOVE_BELOW_300] + g->side[GROOVE_BELOW_300];

    return g->windows > 0 ? db(sum / 0.375 / (double)g->windows) : -200.0;
}

double
groove_mean_dbfs(const struct groove *g, enum groove_band b)
{
    return g->at > 0 ? db(g->sum[b] * g->size / (double)g->at) : -200.0;
}

double
groove_most_dbfs(const struct groove *g, enum groove_band b)
{
    return db(g->most[b]);
}

int
groove_sibilants(const struct groove *g)
{
    return g->sibilants;
}
