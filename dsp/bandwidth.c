/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bands are told by their median bin, so a tone is not taken for a filled band. Where sound breaks off is noted frame by
 * frame: a filter breaks it off at one place, a codec here and there.
 */
#include "dsp/bandwidth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_S     0.0213
#define ACTIVE_DBFS (-70.0) /* between 1 and 8 kHz: else the frame is not looked at */
#define CLIFF_DB    25.0
#define CLIFF_HZ    9000.0
#define NONE_POWER  1e-22
#define LOWEST_HZ   3000.0 /* of an edge */
#define FILLED_HZ   3000.0 /* below an edge .. */
#define FILLED_DB   40.0   /* .. all bands are at most that far below its top */
#define SOUNDED     5.0    /* frames */
#define HOLES_BELOW 0.9    /* of half the rate */
#define FALL_DB     40.0
#define SMALL_DB    18.0 /* onto a flat floor */
#define FLAT_DB     6.0
#define OWN_FILTER  0.93 /* of half the rate */
#define HOLES_SHARE 0.03

#define CLEAR_DB 15.0

enum { FRAMES_A_LOOK = 4, BESIDE_BELOW = 6, BESIDE_ABOVE = 3 /* bands */ };

enum status
bandwidth_prepare(struct bandwidth *b, double rate_hz, int nch)
{
    enum status status;
    size_t size, bins, bands;
    double *at;

    *b = (struct bandwidth){.rate_hz = rate_hz, .nch = nch};
    if (!rate_ok(rate_hz) || nch < 1 || nch > BANDWIDTH_CHANNELS)
        return BAD_ARG;
    b->size = 1 << (int)lround(log2(rate_hz * FRAME_S));
    b->period = FRAMES_A_LOOK * b->size;
    b->bin_hz = rate_hz / b->size;
    b->nbins = b->size / 2 + 1;
    b->nbands = b->size / 2 / BANDWIDTH_BAND;
    size = (size_t)b->size;
    bins = (size_t)b->nbins;
    bands = (size_t)b->nbands;
    status = fft_prepare_real(&b->fft, b->size, b->nbins);
    if (status != OK)
        return status;
    at = b->memory = calloc(size * (size_t)(nch + 2) + 4 * bins + 4 * bands, sizeof *at);
    if (!at) {
        bandwidth_free(b);
        return NO_MEM;
    }
    for (int c = 0; c < nch; c++, at += size)
        b->line[c] = at;
    b->window = at;
    b->frames = at + size;
    b->bin = at + 2 * size;
    b->power = b->bin + 2 * bins;
    b->sum = b->power + bins;
    b->level = b->sum + bins;
    b->linear = b->level + bands;
    b->square = b->linear + bands;
    b->cliffs = b->square + bands;
    for (int i = 0; i < b->size; i++)
        b->window[i] =
            (0.5 - 0.5 * cos(2.0 * PI * (i + 0.5) / b->size)) * sqrt(4.0 / (0.375 * b->size * b->size * nch));
    return OK;
}

void
bandwidth_free(struct bandwidth *b)
{
    fft_free(&b->fft);
    free(b->memory);
    b->memory = NULL;
}

/* --- a frame -------------------------------------------------------------------------------------- */

static void
transform(struct bandwidth *b)
{
    memset(b->power, 0, sizeof(double) * (size_t)b->nbins);
    for (int c = 0; c < b->nch; c++) {
        for (int i = 0; i < b->size; i++)
            b->frames[i] = b->window[i] * b->line[c][i];
        fft_real_forward(&b->fft, b->frames, b->bin);
        for (int k = 0; k < b->nbins; k++)
            b->power[k] += b->bin[k] * b->bin[k] + b->bin[b->nbins + k] * b->bin[b->nbins + k];
    }
}

/* The fourth of eight, the lower one in the middle. */
static double
median(const double *power)
{
    double x[BANDWIDTH_BAND];

    memcpy(x, power, sizeof x);
    for (int i = 1; i < BANDWIDTH_BAND; i++)
        for (int k = i; k > 0 && x[k - 1] > x[k]; k--) {
            double swap = x[k];

            x[k] = x[k - 1];
            x[k - 1] = swap;
        }
    return x[BANDWIDTH_BAND / 2 - 1];
}

static int
band_at(const struct bandwidth *b, double hz)
{
    int band = (int)(hz / b->bin_hz / BANDWIDTH_BAND);

    return band < b->nbands ? band : b->nbands;
}

/* All bands below are well above all bands above. A tone, or a comb of them, is not like that. */
static bool
is_cliff(const double *level)
{
    double below = level[0], above = level[2];

    for (int i = 1; i < BESIDE_BELOW; i++)
        below = fmin(below, level[-i]);
    for (int i = 3; i < 2 + BESIDE_ABOVE; i++)
        above = fmax(above, level[i]);
    return below > above + CLEAR_DB;
}

/* Which band the sound breaks off behind, or -1. */
static int
find_cliff(const struct bandwidth *b)
{
    double deepest = CLIFF_DB;
    int place = -1;

    for (int i = band_at(b, CLIFF_HZ); i >= BESIDE_BELOW && i + 1 + BESIDE_ABOVE < b->nbands; i++) {
        const double *l = b->level + i;
        double drop = 0.5 * (l[-1] + l[0]) - 0.5 * (l[2] + l[3]);

        if (drop > deepest && is_cliff(l)) {
            deepest = drop;
            place = i;
        }
    }
    return place;
}

static void
note_frame(struct bandwidth *b)
{
    double body = 0.0;
    int cliff;

    transform(b);
    for (int k = (int)(1000.0 / b->bin_hz); k < b->nbins && k * b->bin_hz < 8000.0; k++)
        body += b->power[k];
    if (10.0 * log10(body + NONE_POWER) < ACTIVE_DBFS)
        return;
    b->active++;
    for (int k = 0; k < b->nbins; k++)
        b->sum[k] += b->power[k];
    for (int i = 0; i < b->nbands; i++) {
        double m = median(b->power + i * BANDWIDTH_BAND);

        b->linear[i] += m;
        b->square[i] += m * m;
        b->level[i] = 10.0 * log10(m + NONE_POWER);
    }
    cliff = find_cliff(b);
    if (cliff >= 0)
        b->cliffs[cliff] += 1.0;
}

void
bandwidth_process(struct bandwidth *b, const double *const *in, int nframes)
{
    for (int at = 0; at < nframes;) {
        int listen = b->at < b->size, until = listen ? b->size : b->period;
        int n = until - b->at < nframes - at ? until - b->at : nframes - at;

        for (int c = 0; c < b->nch && listen; c++)
            memcpy(b->line[c] + b->at, in[c] + at, sizeof(double) * (size_t)n);
        b->at += n;
        at += n;
        if (listen && b->at == b->size)
            note_frame(b);
        if (b->at == b->period)
            b->at = 0;
    }
}

/* --- the edge, long-term -------------------------------------------------------------------------- */

static double
long_term_db(const struct bandwidth *b, int band)
{
    return 10.0 * log10(b->linear[band] / b->active + NONE_POWER);
}

static int
twelfth_octave(const struct bandwidth *b, int band)
{
    int bands = (int)ceil(0.0595 * (band + 1));

    return bands < 2 || b->nbands < 16 ? 2 : bands;
}

static bool
is_filled(const struct bandwidth *b, int band)
{
    int bands = (int)(FILLED_HZ / b->bin_hz / BANDWIDTH_BAND);
    double top = long_term_db(b, band);

    for (int i = band - bands > 0 ? band - bands : 0; i < band; i++)
        if (long_term_db(b, i) < top - FILLED_DB)
            return false;
    return true;
}

static bool
is_floor(const struct bandwidth *b, int from, bool *flat)
{
    double low = long_term_db(b, from), high = low;

    for (int i = from + 1; i < b->nbands; i++) {
        high = fmax(high, long_term_db(b, i));
        low = fmin(low, long_term_db(b, i));
    }
    *flat = high - low <= FLAT_DB && b->nbands - from > 2;
    return high <= long_term_db(b, from) + 3.0;
}

/* The last band before the deepest fall, or -1. */
static int
find_edge(const struct bandwidth *b, double *fall_db)
{
    int edge = -1;
    bool flat;

    *fall_db = SMALL_DB;
    for (int i = band_at(b, LOWEST_HZ); i + twelfth_octave(b, i) < b->nbands; i++) {
        double fall = long_term_db(b, i) - long_term_db(b, i + twelfth_octave(b, i));

        if (fall > *fall_db) {
            *fall_db = fall;
            edge = i;
        }
    }
    if (edge < 0 || !is_filled(b, edge) || b->linear[edge] * b->linear[edge] < SOUNDED * b->square[edge] ||
        !is_floor(b, edge + twelfth_octave(b, edge), &flat))
        return -1;
    return *fall_db >= FALL_DB || flat ? edge : -1;
}

/* Three bins. */
static double
bin_db(const struct bandwidth *b, int k)
{
    double sum = b->sum[k - 1] + b->sum[k] + b->sum[k + 1];

    return 10.0 * log10(sum / 3.0 / b->active + NONE_POWER);
}

/* Where, among the bins from the edge's band on, the fall has come so far, 0..1. */
static double
fallen_hz(const struct bandwidth *b, int edge, double share)
{
    int from = (edge - 1) * BANDWIDTH_BAND, to = (edge + twelfth_octave(b, edge) + 1) * BANDWIDTH_BAND;
    double top = long_term_db(b, edge), floor_db = long_term_db(b, edge + twelfth_octave(b, edge));
    int k = to < b->nbins - 1 ? to : b->nbins - 2;

    while (k > from && bin_db(b, k) < top - share * (top - floor_db))
        k--;
    return (k + 1) * b->bin_hz;
}

/* --- whose edge it is ----------------------------------------------------------------------------- */

static void
guess_rate(const struct bandwidth *b, struct bandwidth_finding *f)
{
    static const double rates[] = {8000,  11025, 12000, 16000, 22050,  24000, 32000,
                                   44100, 48000, 88200, 96000, 176400, 192000};

    for (size_t i = 0; i < LEN(rates); i++) {
        double half = 0.5 * rates[i];

        if (rates[i] > 0.98 * b->rate_hz || f->edge_hz < 0.88 * half)
            continue;
        if (f->stop_hz >= 0.955 * half && f->stop_hz <= 1.02 * half) {
            f->from_hz = rates[i];
            f->from_sure = rates[i] == 32000.0 ? 0.4 : f->fall_db >= FALL_DB ? 0.8 : 0.6;
        }
    }
    if (f->from_hz == 0.0 && b->rate_hz >= 88200.0 && f->stop_hz >= 19500.0 && f->stop_hz <= 24500.0) {
        f->from_hz = f->stop_hz <= 22300.0 ? 44100.0 : 48000.0;
        f->from_sure = 0.5;
    }
}

static void
count_holes(const struct bandwidth *b, int edge, struct bandwidth_finding *f)
{
    int usual = 0, most = -1;
    double holes = 0.0;

    for (int i = 1; i < b->nbands; i++)
        if (b->cliffs[i] > b->cliffs[usual])
            usual = i;
    for (int i = 0; i < b->nbands * HOLES_BELOW; i++) {
        if ((edge >= 0 && abs(i - usual) < 2) || b->cliffs[i] == 0.0)
            continue;
        holes += b->cliffs[i];
        if (most < 0 || b->cliffs[i] > b->cliffs[most])
            most = i;
    }
    if (most < 0)
        return;
    f->holes = holes / b->active;
    f->holes_hz = (most + 1) * BANDWIDTH_BAND * b->bin_hz;
    f->codec_sure = holes >= 4.0 ? 1.0 - exp(-f->holes / HOLES_SHARE) : 0.0;
}

struct bandwidth_finding
bandwidth_find(const struct bandwidth *b)
{
    struct bandwidth_finding f = {.frames = b->active};
    double fall_db = 0.0;
    int edge = b->active > 0 ? find_edge(b, &fall_db) : -1;

    if (b->active == 0)
        return f;
    count_holes(b, edge, &f);
    if (edge < 0 || fallen_hz(b, edge, 0.5) > OWN_FILTER * 0.5 * b->rate_hz)
        return f;
    f.edge = true;
    f.fall_db = fall_db;
    f.edge_hz = fallen_hz(b, edge, 0.5);
    f.stop_hz = fallen_hz(b, edge, 0.9);
    guess_rate(b, &f);
    return f;
}
