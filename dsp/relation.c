/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/relation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    THINNED_HZ = 8000,
    WIDE_BINS = RELATION_SPAN / 2 + 1,
    WIDE_GAP = WIDE_BINS + 7,
    FINE_BINS = RELATION_FRAMES / 2 + 1,
    FINE_GAP = FINE_BINS + 7,
    LAGS = RELATION_SPAN - RELATION_FRAMES + 1,
    WAYS = 8
};

static const double lowest_hz = 150.0, highest_hz = 2000.0;
static const double clear = 8.0; /* a peak so many times the correlation's RMS is no accident */
static const double nearly =
    0.8; /* peaks of so much of the highest: music that repeats; the nearest is meant */
static const double silence = 1e-6;  /* mean square, -60 dBFS */
static const double agreement = 2.0; /* thinned frames between the delays of two parts */
static const double enough = 0.3;    /* score of the best way: all else is another sound */

/* What became of the channels, and which pairs speak for it with which sign. */
static const struct way {
    bool swapped, inverted[STEREO];
    enum relation_pair first, second;
    int sign_first, sign_second;
} ways[WAYS] = {
    {false, {false, false}, RELATION_MM, RELATION_SS, 1, 1},
    {false, {true, true}, RELATION_MM, RELATION_SS, -1, -1},
    {true, {false, false}, RELATION_MM, RELATION_SS, 1, -1},
    {true, {true, true}, RELATION_MM, RELATION_SS, -1, 1},
    {false, {false, true}, RELATION_MS, RELATION_SM, 1, 1},
    {false, {true, false}, RELATION_MS, RELATION_SM, -1, -1},
    {true, {false, true}, RELATION_MS, RELATION_SM, -1, 1},
    {true, {true, false}, RELATION_MS, RELATION_SM, 1, -1},
};

/* --- thinning --- */

int
relation_step(double rate_hz)
{
    int step = (int)(rate_hz / THINNED_HZ);

    return step > 1 ? step : 1;
}

void
relation_thin_reset(struct relation_thin *t, double rate_hz)
{
    *t = (struct relation_thin){.step = relation_step(rate_hz)};
}

bool
relation_thin_frame(struct relation_thin *t, double left, double right, float out[STEREO])
{
    double rise = (t->at + 0.5) / t->step, x[STEREO] = {left, right};
    bool whole = ++t->at == t->step;

    for (int c = 0; c < STEREO; c++) {
        t->up[c] += rise * x[c];
        t->down[c] += (1.0 - rise) * x[c];
    }
    if (!whole)
        return false;
    /* down[] holds the last step's rise and this one's fall */
    for (int c = 0; c < STEREO; c++) {
        out[c] = (float)(t->down[c] / t->step);
        t->down[c] = t->up[c];
        t->up[c] = 0.0;
    }
    t->at = 0;
    return true;
}

/* --- memory --- */

struct desk { /* where things lie in r->memory */
    double *frames, *score, *first;
    double *ours[STEREO], *theirs[STEREO], *product; /* spectra of mid and side */
};

static struct desk
desk_of(const struct relation *r)
{
    struct desk d = {.frames = r->memory};
    double *next = r->memory + RELATION_SPAN;

    d.score = next;
    d.first = next + RELATION_SPAN;
    next += 2 * RELATION_SPAN;
    for (int c = 0; c < STEREO; c++) {
        d.ours[c] = next;
        d.theirs[c] = next + 2 * WIDE_GAP;
        next += 4 * WIDE_GAP;
    }
    d.product = next;
    return d;
}

enum status
relation_prepare(struct relation *r, double rate_hz)
{
    enum status s = rate_ok(rate_hz) ? OK : BAD_ARG;

    *r = (struct relation){.rate_hz = rate_hz / relation_step(rate_hz)};
    if (s == OK)
        s = fft_prepare_real(&r->wide, RELATION_SPAN, WIDE_GAP);
    if (s == OK)
        s = fft_prepare_real(&r->fine, RELATION_FRAMES, FINE_GAP);
    if (s == OK) {
        r->memory = calloc(3 * RELATION_SPAN + 10 * WIDE_GAP, sizeof *r->memory);
        s = r->memory ? OK : NO_MEM;
    }
    if (s != OK)
        relation_free(r);
    return s;
}

void
relation_free(struct relation *r)
{
    fft_free(&r->wide);
    fft_free(&r->fine);
    free(r->memory);
    *r = (struct relation){0};
}

/* --- coarse: the delay to a frame --- */

/* Mid (0) or side (1) of interleaved frames into d.frames, the rest up to size 0. */
static void
lay_out(const struct desk *d, const float *x, int nframes, int size, int side)
{
    double sign = side ? -1.0 : 1.0;

    memset(d->frames, 0, sizeof *d->frames * (size_t)size);
    for (int i = 0; i < nframes; i++)
        d->frames[i] = (double)x[2 * i] + sign * x[2 * i + 1];
}

/* theirs x conjugate(ours), each line brought to one size. */
static void
whiten(const struct relation *r, const double *ours, const double *theirs, double *product)
{
    int low = (int)(lowest_hz / r->rate_hz * RELATION_SPAN);
    int high = (int)(highest_hz / r->rate_hz * RELATION_SPAN);

    memset(product, 0, sizeof *product * 2 * WIDE_GAP);
    for (int k = low; k <= high; k++) {
        double a = ours[k], b = ours[WIDE_GAP + k], c = theirs[k], d = theirs[WIDE_GAP + k];
        double re = a * c + b * d, im = a * d - b * c, size = sqrt(re * re + im * im);

        product[k] = size > 0.0 ? re / size : 0.0;
        product[WIDE_GAP + k] = size > 0.0 ? im / size : 0.0;
    }
}

/* |correlation| of two pairs together, the higher of it and what is there already. */
static void
score_pairs(const struct relation *r, const struct desk *d, const int pair[2][2])
{
    for (int p = 0; p < 2; p++) {
        whiten(r, d->ours[pair[p][0]], d->theirs[pair[p][1]], d->product);
        fft_real_inverse(&r->wide, d->product, d->frames);
        for (int i = 0; i < LAGS; i++) {
            if (p == 0)
                d->first[i] = fabs(d->frames[i]);
            else
                d->score[i] = fmax(d->score[i], d->first[i] + fabs(d->frames[i]));
        }
    }
}

/* The nearest to no delay of the peaks that are nearly the highest; -1: none is clear. */
static int
peak_of(const double *score)
{
    double most = 0.0, sum = 0.0;
    int best = -1;

    for (int i = 0; i < LAGS; i++) {
        sum += score[i] * score[i];
        most = fmax(most, score[i]);
    }
    if (!(most > clear * sqrt(sum / LAGS)))
        return -1;
    for (int i = 0; i < LAGS; i++) {
        bool summit = score[i] >= nearly * most && (i == 0 || score[i] >= score[i - 1]) &&
                      (i + 1 == LAGS || score[i] >= score[i + 1]);

        if (summit && (best < 0 || abs(i - RELATION_REACH) < abs(best - RELATION_REACH)))
            best = i;
    }
    return best;
}

static int
coarse(const struct relation *r, const float *ours, const float *theirs)
{
    static const int alike[2][2] = {{0, 0}, {1, 1}}, other[2][2] = {{0, 1}, {1, 0}};
    struct desk d = desk_of(r);

    for (int side = 0; side < 2; side++) {
        lay_out(&d, ours, RELATION_FRAMES, RELATION_SPAN, side);
        fft_real_forward(&r->wide, d.frames, d.ours[side]);
        lay_out(&d, theirs, RELATION_SPAN, RELATION_SPAN, side);
        fft_real_forward(&r->wide, d.frames, d.theirs[side]);
    }
    memset(d.score, 0, sizeof *d.score * LAGS);
    score_pairs(r, &d, alike);
    score_pairs(r, &d, other);
    return peak_of(d.score);
}

/* --- fine: the rest of the delay, and who meets whom --- */

struct line { /* of a spectrum */
    double re, im;
};

static struct line
line_of(const double *mid, const double *side, int k, double by_mid, double by_side)
{
    return (struct line){by_mid * mid[k] + by_side * side[k],
                         by_mid * mid[FINE_GAP + k] + by_side * side[FINE_GAP + k]};
}

/* What of mid and side makes mid, side, left, right. */
static const double views[4][2] = {{1.0, 0.0}, {0.0, 1.0}, {1.0, 1.0}, {1.0, -1.0}};

/* theirs x conjugate(ours) of two views, by the root of its size, so that the loudest lines don't speak alone;
   turned back by a rest of the delay. */
static struct line
meet(const struct desk *d, int ours, int theirs, int k, double rest)
{
    struct line a = line_of(d->ours[0], d->ours[1], k, views[ours][0], views[ours][1]);
    struct line b = line_of(d->theirs[0], d->theirs[1], k, views[theirs][0], views[theirs][1]);
    double re = a.re * b.re + a.im * b.im, im = a.re * b.im - a.im * b.re;
    double size = sqrt(sqrt(re * re + im * im)), w = 2.0 * PI * k / RELATION_FRAMES * rest;

    if (!(size > 0.0))
        return (struct line){0.0, 0.0};
    return (struct line){(re * cos(w) - im * sin(w)) / size, (re * sin(w) + im * cos(w)) / size};
}

static double
size_of(const double *mid, const double *side, int view, int k)
{
    struct line a = line_of(mid, side, k, views[view][0], views[view][1]);

    return sqrt(a.re * a.re + a.im * a.im);
}

/* -1..1 */
static double
correlation(const struct relation *r, const struct desk *d, int ours, int theirs, double rest)
{
    int low = (int)(lowest_hz / r->rate_hz * RELATION_FRAMES);
    int high = (int)(highest_hz / r->rate_hz * RELATION_FRAMES);
    double sum = 0.0, a = 0.0, b = 0.0;

    for (int k = low; k <= high; k++) {
        sum += meet(d, ours, theirs, k, rest).re;
        a += size_of(d->ours[0], d->ours[1], ours, k);
        b += size_of(d->theirs[0], d->theirs[1], theirs, k);
    }
    return a > 0.0 && b > 0.0 ? sum / sqrt(a * b) : 0.0;
}

/* The slope of the phase of the pair that goes together best. */
static double
slope(const struct relation *r, const struct desk *d, int ours, int theirs, double sign)
{
    int low = (int)(lowest_hz / r->rate_hz * RELATION_FRAMES);
    int high = (int)(highest_hz / r->rate_hz * RELATION_FRAMES);
    double num = 0.0, den = 0.0;

    for (int k = low; k <= high; k++) {
        struct line z = meet(d, ours, theirs, k, 0.0);
        double re = sign * z.re, im = sign * z.im, weight = sqrt(re * re + im * im);
        double w = 2.0 * PI * k / RELATION_FRAMES;

        if (!(re > 0.0)) /* half a turn away: another sound, or too far */
            continue;
        num += weight * w * -atan2(im, re);
        den += weight * w * w;
    }
    return den > 0.0 ? num / den : 0.0;
}

static void
spectra(const struct relation *r, const struct desk *d, const float *x, double *const *out)
{
    for (int side = 0; side < 2; side++) {
        lay_out(d, x, RELATION_FRAMES, RELATION_FRAMES, side);
        for (int i = 0; i < RELATION_FRAMES; i++)
            d->frames[i] *= 0.5 - 0.5 * cos(2.0 * PI * (i + 0.5) / RELATION_FRAMES);
        fft_real_forward(&r->fine, d->frames, out[side]);
    }
}

static void
fine(const struct relation *r, const float *ours, const float *theirs, int lag, struct relation_part *p)
{
    static const int pairs[RELATION_PAIRS][2] = {{0, 0}, {1, 1}, {0, 1}, {1, 0}};
    static const int ears[RELATION_PAIRS][2] = {{2, 2}, {3, 3}, {2, 3}, {3, 2}};
    struct desk d = desk_of(r);
    double most = 0.0, rest = 0.0;
    int best = 0;

    spectra(r, &d, ours, d.ours);
    spectra(r, &d, theirs + (ptrdiff_t)lag * STEREO, d.theirs);
    for (int i = 0; i < RELATION_PAIRS; i++) {
        double c = correlation(r, &d, pairs[i][0], pairs[i][1], 0.0);

        if (fabs(c) > fabs(most)) {
            most = c;
            best = i;
        }
    }
    rest = slope(r, &d, pairs[best][0], pairs[best][1], most < 0.0 ? -1.0 : 1.0);
    for (int i = 0; i < RELATION_PAIRS; i++) {
        p->pair[i] = correlation(r, &d, pairs[i][0], pairs[i][1], rest);
        p->ear[i] = correlation(r, &d, ears[i][0], ears[i][1], rest);
    }
    p->delay = RELATION_REACH - (lag + rest);
}

/* --- parts --- */

static double
mean_square(const float *x, int nframes)
{
    double sum = 0.0;

    for (int i = 0; i < STEREO * nframes; i++)
        sum += (double)x[i] * x[i];
    return sum / (STEREO * (double)nframes);
}

void
relation_add(struct relation *r, const float *ours, const float *theirs)
{
    int lag;

    if (r->parts == RELATION_PARTS || mean_square(ours, RELATION_FRAMES) < silence ||
        mean_square(theirs, RELATION_SPAN) < silence)
        return;
    r->heard++;
    lag = coarse(r, ours, theirs);
    if (lag >= 0)
        fine(r, ours, theirs, lag, &r->part[r->parts++]);
}

/* --- the answer --- */

static int
agreeing(const struct relation *r, int with)
{
    int n = 0;

    for (int i = 0; i < r->parts; i++)
        n += fabs(r->part[i].delay - r->part[with].delay) <= agreement;
    return n;
}

/* Mean of the parts that agree with the one that most agree with. */
static struct relation_part
consensus(const struct relation *r, int *count)
{
    struct relation_part mean = {0};
    int with = 0, n;

    for (int i = 1; i < r->parts; i++)
        if (agreeing(r, i) > agreeing(r, with))
            with = i;
    n = agreeing(r, with);
    for (int i = 0; i < r->parts; i++) {
        const struct relation_part *p = &r->part[i];

        if (fabs(p->delay - r->part[with].delay) > agreement)
            continue;
        mean.delay += p->delay / n;
        for (int k = 0; k < RELATION_PAIRS; k++) {
            mean.pair[k] += p->pair[k] / n;
            mean.ear[k] += p->ear[k] / n;
        }
    }
    *count = n;
    return mean;
}

static double
score_of(const struct relation_part *p, const struct way *w)
{
    return (w->sign_first * p->pair[w->first] + w->sign_second * p->pair[w->second]) / 2.0;
}

/* The best of the ways that say otherwise about what `about` asks for: 0, 1: a channel's polarity; 2: swapped. */
static double
otherwise(const struct relation_part *p, const struct way *best, int about)
{
    double most = -1.0;

    for (int i = 0; i < WAYS; i++) {
        const struct way *w = &ways[i];
        bool other = about == 2 ? w->swapped != best->swapped : w->inverted[about] != best->inverted[about];

        if (other)
            most = fmax(most, score_of(p, w));
    }
    return most;
}

void
relation_result(const struct relation *r, struct relation_result *out)
{
    struct relation_part p;
    const struct way *best = &ways[0];
    double score;

    *out = (struct relation_result){.heard = r->heard};
    if (r->parts == 0)
        return;
    p = consensus(r, &out->parts);
    for (int i = 1; i < WAYS; i++)
        if (score_of(&p, &ways[i]) > score_of(&p, best))
            best = &ways[i];
    score = score_of(&p, best);
    out->straight = (p.ear[RELATION_MM] + p.ear[RELATION_SS]) / 2.0;
    out->crossed = (p.ear[RELATION_MS] + p.ear[RELATION_SM]) / 2.0;
    out->delay_s = p.delay / r->rate_hz;
    out->found = score >= enough && 2 * out->parts >= r->heard && (out->parts > 1 || r->heard == 1);
    out->swap_sure = out->found && score - otherwise(&p, best, 2) >= RELATION_MARGIN;
    out->swapped = out->swap_sure && best->swapped;
    /* One side alone has mid and side alike; there left and right themselves tell. */
    if (out->found && !out->swap_sure && fabs(fabs(out->straight) - fabs(out->crossed)) >= RELATION_MARGIN) {
        out->swap_sure = true;
        out->swapped = fabs(out->crossed) > fabs(out->straight);
    }
    for (int c = 0; c < STEREO; c++) {
        int from = out->swapped ? RELATION_MS + c : RELATION_MM + c;

        out->inverted_sure[c] = out->found && score - otherwise(&p, best, c) >= RELATION_MARGIN;
        out->inverted[c] = out->inverted_sure[c] && best->inverted[c];
        out->polarity[c] = p.ear[from];
    }
}
