/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each panel keeps its last `size` frames; at each hop it transforms them. A one-sided power spectrum P of the
 * window w is scaled by 2 x 2 / (N sum w^2): by Parseval the sum over the bins of a sine's main lobe is then its
 * amplitude squared, wherever it lies between the bins. The factor of two for the missing half holds for DC and
 * half the rate as well; nobody looks at these two.
 */
#include "dsp/spectrum.h"

#include "dsp/clones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HIGH_HOP_S    0.0853 /* of 48 kHz: 4096 frames */
#define LOW_RATE_HZ   6000.0
#define MEET_HZ       1000.0 /* where the panels meet */
#define WIDTH_BINS    4.0    /* main lobe of a Hann window */
#define NONE_POWER    1e-20  /* SPECTRUM_NONE_DB */
#define GATE_POWER    1e-7   /* SPECTRUM_GATE_DBFS */
#define TOP_OF_RATE   0.475
#define HOLD_AGAIN_DB 0.1 /* below a maximum: it has been reached again */

enum { HIGH, LOW };

static int
power_of_two_near(double x)
{
    return 1 << (int)lround(log2(x));
}

static int
hop_of(enum spectrum_mode mode, int panel, int size)
{
    if (mode == SPECTRUM_LIVE)
        return panel == HIGH ? size / 2 : size / 8;
    return panel == HIGH ? size - size / 8 : size / 2;
}

static size_t
panel_room(const struct spectrum_panel *p, int nch)
{
    size_t size = (size_t)p->size, bins = (size_t)p->bins;

    return size * (size_t)(nch + 2) + bins * 7 + 8;
}

/* p->window .. in one piece of memory; returns what is behind it. */
static double *
panel_place(struct spectrum_panel *p, int nch, double *at)
{
    size_t size = (size_t)p->size, bins = (size_t)p->bins;
    double **parts[] = {&p->unbend, &p->power, &p->needle, &p->sum};

    p->window = at;
    at += size;
    for (int c = 0; c < nch; c++, at += size)
        p->line[c] = at;
    for (size_t i = 0; i < LEN(parts); i++, at += bins)
        *parts[i] = at;
    p->running = at;
    at += bins + 1;
    p->bin = at;
    return at + 2 * bins + size;
}

static enum status
panel_size(struct spectrum_panel *p, double rate_hz, int size, int hop)
{
    p->rate_hz = rate_hz;
    p->size = size;
    p->hop = hop;
    p->bins = size / 2 + 1;
    p->bin_hz = rate_hz / size;
    return fft_prepare_real(&p->fft, size, p->bins);
}

/* The window carries the scale, and the mean over the channels. */
static void
panel_design(struct spectrum_panel *p, int nch)
{
    double scale = sqrt(4.0 / (0.375 * p->size * p->size * nch));

    for (int i = 0; i < p->size; i++)
        p->window[i] = scale * (0.5 - 0.5 * cos(2.0 * PI * (i + 0.5) / p->size));
    for (int k = 0; k < p->bins; k++)
        p->unbend[k] = 1.0;
}

static enum status
take_memory(struct spectrum *s)
{
    size_t low_block = (size_t)(LOWRATE_BLOCK / s->low.factor + 1), all = low_block * (size_t)s->nch;
    double *at;

    for (int i = 0; i < SPECTRUM_PANELS; i++)
        all += panel_room(&s->panel[i], s->nch);
    at = s->memory = calloc(all, sizeof *at);
    if (!at)
        return NO_MEM;
    for (int i = 0; i < SPECTRUM_PANELS; i++)
        at = panel_place(&s->panel[i], s->nch, at);
    for (int c = 0; c < s->nch; c++, at += low_block)
        s->low_out[c] = at;
    return OK;
}

enum status
spectrum_prepare(struct spectrum *s, double rate_hz, int nch, enum spectrum_mode mode)
{
    static const struct spectrum_settings usual = {12, 300.0, 1.0, 12.0, SPECTRUM_TONE};
    enum status status;
    int size;

    *s = (struct spectrum){.rate_hz = rate_hz, .nch = nch, .mode = mode, .set = usual};
    status = lowrate_prepare(&s->low, rate_hz, LOW_RATE_HZ, nch);
    if (status != OK)
        return status;
    size = power_of_two_near(rate_hz * HIGH_HOP_S);
    status = panel_size(&s->panel[HIGH], rate_hz, size, hop_of(mode, HIGH, size));
    size = power_of_two_near(lowrate_hz(&s->low) * 0.683);
    if (status == OK)
        status = panel_size(&s->panel[LOW], lowrate_hz(&s->low), size, hop_of(mode, LOW, size));
    if (status == OK)
        status = take_memory(s);
    if (status != OK) {
        spectrum_free(s);
        return status;
    }
    for (int i = 0; i < SPECTRUM_PANELS; i++)
        panel_design(&s->panel[i], nch);
    for (int k = 0; k < s->panel[LOW].bins; k++)
        s->panel[LOW].unbend[k] = 1.0 / fmax(lowrate_power_gain(&s->low, k * s->panel[LOW].bin_hz), 1e-3);
    s->window_hops = size * s->low.factor / s->panel[HIGH].hop;
    for (int i = 0; i < SPECTRUM_POINTS; i++) {
        s->hz[i] = spectrum_hz(i);
        s->points += s->hz[i] <= TOP_OF_RATE * rate_hz;
    }
    spectrum_reset(s);
    return OK;
}

void
spectrum_free(struct spectrum *s)
{
    lowrate_free(&s->low);
    for (int i = 0; i < SPECTRUM_PANELS; i++)
        fft_free(&s->panel[i].fft);
    free(s->memory);
    s->memory = NULL;
}

RT void
spectrum_reset(struct spectrum *s)
{
    lowrate_reset(&s->low);
    for (int i = 0; i < SPECTRUM_PANELS; i++) {
        struct spectrum_panel *p = &s->panel[i];

        p->blank = p->have = p->size - p->hop;
        for (int c = 0; c < s->nch; c++)
            memset(p->line[c], 0, sizeof(double) * (size_t)p->size);
        memset(p->needle, 0, sizeof(double) * (size_t)p->bins);
        p->started = false;
    }
    s->open = 0;
    s->hops = 0;
    spectrum_restart(s);
}

RT void
spectrum_restart(struct spectrum *s)
{
    for (int i = 0; i < SPECTRUM_PANELS; i++) {
        memset(s->panel[i].sum, 0, sizeof(double) * (size_t)s->panel[i].bins);
        s->panel[i].weight = 0.0;
    }
    for (int i = 0; i < SPECTRUM_POINTS; i++)
        s->hold[i] = SPECTRUM_NONE_DB;
}

RT void
spectrum_set(struct spectrum *s, const struct spectrum_settings *set)
{
    bool bands = set->per_octave != s->set.per_octave || set->scale != s->set.scale;

    s->set = *set;
    for (int i = 0; bands && i < SPECTRUM_POINTS; i++)
        s->hold[i] = SPECTRUM_NONE_DB;
}

/* --- frames to bins ------------------------------------------------------------------------------- */

CLONES static void
apply_window(const double *window, const double *line, double *out, int size)
{
    for (int i = 0; i < size; i++)
        out[i] = window[i] * line[i];
}

CLONES static void
add_power(double *power, const double *re, const double *im, int bins)
{
    for (int k = 0; k < bins; k++)
        power[k] += re[k] * re[k] + im[k] * im[k];
}

CLONES static void
multiply(double *power, const double *by, int bins)
{
    for (int k = 0; k < bins; k++)
        power[k] *= by[k];
}

/* Eight sums side by side, so that vectors of any width add in the same order. */
CLONES static double
total(const double *power, int bins)
{
    double part[8] = {0}, sum = 0.0;
    int k = 0;

    for (; k + 8 <= bins; k += 8)
        for (int i = 0; i < 8; i++)
            part[i] += power[k + i];
    for (; k < bins; k++)
        sum += power[k];
    return sum + (((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7])));
}

CLONES static void
accumulate(double *sum, const double *power, int bins)
{
    for (int k = 0; k < bins; k++)
        sum[k] += power[k];
}

CLONES static void
follow(double *needle, const double *power, double by, int bins)
{
    for (int k = 0; k < bins; k++)
        needle[k] += by * (power[k] - needle[k]);
}

static void
transform(struct spectrum_panel *p, int nch)
{
    double *frames = p->bin + 2 * p->bins;

    memset(p->power, 0, sizeof(double) * (size_t)p->bins);
    for (int c = 0; c < nch; c++) {
        apply_window(p->window, p->line[c], frames, p->size);
        fft_real_forward(&p->fft, frames, p->bin);
        add_power(p->power, p->bin, p->bin + p->bins, p->bins);
    }
}

/* --- bins to bands -------------------------------------------------------------------------------- */

/* Power from bin 0's lower edge on; bin k reaches from k - 0.5 to k + 0.5. */
static void
sum_up(double *running, const double *power, int bins)
{
    double sum = 0.0;

    for (int k = 0; k < bins; k++) {
        running[k] = sum;
        sum += power[k];
    }
    running[bins] = sum;
}

static double
power_up_to(const double *running, int bins, double bin)
{
    double at = fmin(fmax(bin + 0.5, 0.0), bins);
    int k = at < bins ? (int)at : bins - 1;

    return running[k] + (at - k) * (running[k + 1] - running[k]);
}

static double
band_db(const struct spectrum_panel *p, double hz, int per_octave, enum spectrum_scale scale)
{
    double half = pow(10.0, 0.15 / per_octave), from = hz / half / p->bin_hz, to = hz * half / p->bin_hz;
    double width = to - from, power;

    if (width < WIDTH_BINS) {
        from = hz / p->bin_hz - 0.5 * WIDTH_BINS;
        to = from + WIDTH_BINS;
    }
    power = power_up_to(p->running, p->bins, to) - power_up_to(p->running, p->bins, from);
    if (width < WIDTH_BINS && scale == SPECTRUM_NOISE)
        power *= width / WIDTH_BINS;
    return 10.0 * log10(fmax(power, NONE_POWER));
}

static const struct spectrum_panel *
panel_of(const struct spectrum *s, double hz)
{
    return &s->panel[hz < MEET_HZ ? LOW : HIGH];
}

static void
bands_db(const struct spectrum *s, int per_octave, enum spectrum_scale scale, double *db)
{
    for (int i = 0; i < SPECTRUM_POINTS; i++)
        db[i] =
            i < s->points ? band_db(panel_of(s, s->hz[i]), s->hz[i], per_octave, scale) : SPECTRUM_NONE_DB;
}

static void
hold_maxima(struct spectrum *s, const struct spectrum_panel *p)
{
    double hop_s = p->hop / p->rate_hz;

    sum_up(p->running, p->power, p->bins);
    for (int i = 0; i < s->points; i++) {
        double db;

        if (panel_of(s, s->hz[i]) != p)
            continue;
        db = band_db(p, s->hz[i], s->set.per_octave, s->set.scale);
        s->held_s[i] += hop_s;
        if (s->held_s[i] > s->set.hold_s)
            s->hold[i] = fmax(s->hold[i] - s->set.fall_db_s * hop_s, SPECTRUM_NONE_DB);
        if (db >= s->hold[i] - HOLD_AGAIN_DB)
            s->held_s[i] = 0.0;
        s->hold[i] = fmax(s->hold[i], db);
    }
}

/* --- the panels in time --------------------------------------------------------------------------- */

/* The share of the window's power that lies on sound: 1 but at both ends. */
static double
share_of(const struct spectrum_panel *p)
{
    double all = 0.0, there = 0.0;

    if (p->blank == 0 && p->have == p->size)
        return 1.0;
    for (int i = 0; i < p->size; i++) {
        double power = p->window[i] * p->window[i];

        all += power;
        if (i >= p->blank && i < p->have)
            there += power;
    }
    return there / all;
}

/* How much the frame that has just been transformed counts. */
static double
weight_of(struct spectrum *s, int i, double share)
{
    const struct spectrum_panel *p = &s->panel[i];
    uint64_t window = s->hops < 64 ? (1ULL << s->hops) - 1 : ~0ULL;
    double power;

    if (i == LOW)
        return s->hops > 0 ? share * __builtin_popcountll(s->open & window) / s->hops : 0.0;
    power = total(p->power, p->bins);
    s->open = s->open << 1 | (power > GATE_POWER * share);
    s->hops += s->hops < s->window_hops;
    return s->open & 1 ? share : 0.0;
}

static void
show(struct spectrum *s, struct spectrum_panel *p)
{
    double by = 1.0 - exp(-p->hop / (p->rate_hz * 0.001 * fmax(s->set.average_ms, 0.001)));

    follow(p->needle, p->power, p->started ? by : 1.0, p->bins);
    p->started = true;
    hold_maxima(s, p);
}

static void
update(struct spectrum *s, int i)
{
    struct spectrum_panel *p = &s->panel[i];
    double weight;

    transform(p, s->nch);
    if (i == LOW)
        multiply(p->power, p->unbend, p->bins);
    weight = weight_of(s, i, share_of(p));
    if (weight > 0.0)
        accumulate(p->sum, p->power, p->bins);
    p->weight += weight;
    if (s->mode == SPECTRUM_LIVE)
        show(s, p);
    for (int c = 0; c < s->nch; c++)
        memmove(p->line[c], p->line[c] + p->hop, sizeof(double) * (size_t)(p->size - p->hop));
    p->have = p->size - p->hop;
    p->blank = p->blank > p->hop ? p->blank - p->hop : 0;
}

/* Takes what fits, and transforms when the line is full. */
static int
panel_take(struct spectrum *s, int i, const double *const *in, int offset, int nframes)
{
    struct spectrum_panel *p = &s->panel[i];
    int n = p->size - p->have < nframes ? p->size - p->have : nframes;

    for (int c = 0; c < s->nch; c++)
        memcpy(p->line[c] + p->have, in[c] + offset, sizeof(double) * (size_t)n);
    p->have += n;
    if (p->have == p->size)
        update(s, i);
    return n;
}

/* Up to the next transform of the upper panel, so that the lower one finds its gates at the same frame whatever
   the blocks. */
static int
take_some(struct spectrum *s, const double *const *in, int offset, int nframes)
{
    const struct spectrum_panel *high = &s->panel[HIGH];
    const double *piece[SPECTRUM_CHANNELS];
    int n = high->size - high->have, low;

    n = n < nframes ? n : nframes;
    n = n < LOWRATE_BLOCK ? n : LOWRATE_BLOCK;
    for (int c = 0; c < s->nch; c++)
        piece[c] = in[c] + offset;
    low = lowrate_process(&s->low, piece, n, s->low_out);
    for (int at = 0; at < low;)
        at += panel_take(s, LOW, (const double *const *)s->low_out, at, low - at);
    panel_take(s, HIGH, in, offset, n);
    return n;
}

RT void
spectrum_process(struct spectrum *s, const double *const *in, int nframes)
{
    for (int at = 0; at < nframes;)
        at += take_some(s, in, at, nframes - at);
}

/* Only the frame under way: a file that is over does not sound again. */
RT void
spectrum_finish(struct spectrum *s)
{
    for (int i = 0; i < SPECTRUM_PANELS; i++) {
        struct spectrum_panel *p = &s->panel[i];

        if (p->have <= p->size - p->hop || (share_of(p) < 1e-3 && p->weight > 0.0))
            continue;
        for (int c = 0; c < s->nch; c++)
            memset(p->line[c] + p->have, 0, sizeof(double) * (size_t)(p->size - p->have));
        update(s, i);
    }
}

/* --- reading -------------------------------------------------------------------------------------- */

RT int
spectrum_points(const struct spectrum *s)
{
    return s->points;
}

RT double
spectrum_hz(int point)
{
    return SPECTRUM_FROM_HZ * pow(10.0, point / 40.0);
}

RT void
spectrum_needle(struct spectrum *s, double *db)
{
    for (int i = 0; i < SPECTRUM_PANELS; i++)
        sum_up(s->panel[i].running, s->panel[i].needle, s->panel[i].bins);
    bands_db(s, s->set.per_octave, s->set.scale, db);
}

RT void
spectrum_hold(const struct spectrum *s, double *db)
{
    memcpy(db, s->hold, sizeof s->hold);
}

RT bool
spectrum_long_term(struct spectrum *s, int per_octave, enum spectrum_scale scale, double *db)
{
    for (int i = 0; i < SPECTRUM_PANELS; i++)
        sum_up(s->panel[i].running, s->panel[i].sum, s->panel[i].bins);
    bands_db(s, per_octave, scale, db);
    for (int i = 0; i < s->points; i++) {
        const struct spectrum_panel *p = panel_of(s, s->hz[i]);

        db[i] = p->weight > 0.0 ? fmax(db[i] - 10.0 * log10(p->weight), SPECTRUM_NONE_DB) : SPECTRUM_NONE_DB;
    }
    return s->panel[HIGH].weight > 0.0;
}

RT double
spectrum_long_term_s(const struct spectrum *s)
{
    return s->panel[HIGH].weight * s->panel[HIGH].hop / s->panel[HIGH].rate_hz;
}
