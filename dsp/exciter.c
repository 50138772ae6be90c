/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * io -> delay ---------------------------------------------------------------------------- + -> io
 *   +-> high-pass -> up -> bent, less the treble's own share -> down -> high-pass -> mix --+
 *
 * The share is what a least-squares fit gives: <bent, treble> / <treble, treble>, both as one-pole means of pieces of
 * OVERSAMPLE_PIECE frames from reset on. It goes to each new value in a straight line over the next piece. The
 * products are taken at two samples of each frame at the higher rate.
 *
 * At rest with mix 0 all but the delay is left out. Before it is heard again the lines fill up.
 */
#include "dsp/exciter.h"

#include "dsp/clones.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

enum { PIECE = OVERSAMPLE_PIECE };

static const double loudest = 1e6; /* +120 dBFS; beyond, and what is no number, is not listened to */
static const double glide_ms = 30.0, follow_ms = 50.0;
static const double most_bias = 0.6;
static const double faintest = 1e-20; /* power that has no share worth knowing */
static const double filter_k = 1.41421356237309504880;
static const double terms[SHAPER_TERMS] = {-1.0 / 3.0, -1.0 / 5.0, 1.0 / 7.0};

enum status
exciter_prepare(struct exciter *e, double rate_hz)
{
    enum status s;

    *e = (struct exciter){.rate_hz = rate_hz};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    for (int k = 0; k < STEREO; k++)
        oversample_prepare(&e->side[k].over, rate_hz, oversample_stages(rate_hz, 2));
    s = delay_prepare(&e->dry, oversample_latency_frames(&e->side[0].over));
    if (s != OK)
        return s;
    e->follow = 1.0 - x_exp(-1000.0 * PIECE / (follow_ms * rate_hz));
    fade_prepare(&e->fade, rate_hz, glide_ms);
    smooth_prepare(&e->g, rate_hz, glide_ms, 1e-7);
    smooth_prepare(&e->mix, rate_hz, glide_ms, 1e-9);
    e->fresh = true;
    exciter_set(e, &(struct exciter_settings){.freq_hz = 4000.0});
    exciter_reset(e);
    return OK;
}

void
exciter_free(struct exciter *e)
{
    delay_free(&e->dry);
    *e = (struct exciter){0};
}

/* --- moves ----------------------------------------------------------------------------------------- */

static void
filter_tune(struct exciter_filter *f, double g)
{
    double d = 1.0 / (1.0 + g * (g + filter_k));

    f->out = d;
    f->i1_out = d * (g + filter_k);
    f->step1 = 2.0 * g * d;
    f->keep1 = 2.0 * d - 1.0;
    f->step2 = g * f->step1;
    f->keep2 = 1.0 - f->step2;
}

static void
filters_tune(struct exciter *e, double g)
{
    filter_tune(&e->before, g);
    filter_tune(&e->behind, g);
}

static void
filter_forget(struct exciter_filter *f)
{
    f->i1 = f->i2 = (exciter_pair){0.0, 0.0};
}

static void
forget(struct exciter *e)
{
    filter_forget(&e->before);
    filter_forget(&e->behind);
    filters_tune(e, e->g.pole[3]);
    for (int k = 0; k < STEREO; k++) {
        struct exciter_side *s = &e->side[k];

        oversample_reset(&s->over);
        s->step = s->bent_mean = s->power_mean = 0.0;
        memset(&s->means, 0, sizeof s->means);
        s->line = 1.0;
        memset(s->bent, 0, sizeof s->bent);
        memset(s->power, 0, sizeof s->power);
    }
}

static bool
bend_same(const struct shaper_bend *a, const struct shaper_bend *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void
bend_change(struct exciter *e)
{
    if (e->fading || bend_same(&e->to, &e->wanted))
        return;
    e->to = e->wanted;
    e->fading = true;
    fade_jump(&e->fade, false);
    fade_to(&e->fade, true);
}

static void
settle(struct exciter *e)
{
    e->from = e->to = e->wanted;
    e->fading = false;
    e->hold = 0;
    smooth_jump(&e->g, e->g.target);
    smooth_jump(&e->mix, e->mix_wanted);
    e->working = e->mix_wanted > 0.0;
    filters_tune(e, e->g.target);
}

RT void
exciter_reset(struct exciter *e)
{
    settle(e);
    forget(e);
    delay_reset(&e->dry);
    e->phase = 0;
    e->fresh = true;
}

RT void
exciter_set(struct exciter *e, const struct exciter_settings *s)
{
    double freq_hz = fmin(s->freq_hz, 0.45 * e->rate_hz);
    struct shaper_curve curve = {.gain = db_to_gain(s->drive_db), .bias = 0.01 * s->even * most_bias};

    memcpy(curve.term, terms, sizeof terms);
    e->wanted = shaper_bend_of(&curve);
    e->mix_wanted = 0.01 * s->mix;
    smooth_to(&e->g, x_tan(PI * freq_hz / e->rate_hz));
    if (e->fresh) {
        settle(e);
    } else if (e->mix_wanted > 0.0 && !e->working) {
        double mix = e->mix_wanted;

        e->mix_wanted = 0.0;
        settle(e);
        forget(e);
        e->mix_wanted = mix;
        e->working = true;
        e->hold = 2 * e->dry.length;
    }
    bend_change(e);
    if (e->hold == 0)
        smooth_to(&e->mix, e->mix_wanted);
    e->fresh = false;
}

/* --- a piece --------------------------------------------------------------------------------------- */

/* The treble, of both sides. moving: the frames' g, or NULL. */
static void
treble(struct exciter_filter *f, const double *moving, double *const *x, int n)
{
    struct exciter_filter run = *f;

    for (int i = 0; i < n; i++) {
        exciter_pair in = {x[0][i], x[1][i]}, far, high;

        if (moving)
            filter_tune(&run, moving[i]);
        far = in - run.i2;
        high = run.out * far - run.i1_out * run.i1;
        run.i2 = run.keep2 * run.i2 + (run.step1 * run.i1 + run.step2 * in);
        run.i1 = run.keep1 * run.i1 + run.step1 * far;
        x[0][i] = high[0];
        x[1][i] = high[1];
    }
    *f = run;
}

/* The treble as means, too, as what is bent is. */
CLONES static void
products(struct exciter_side *s, const double *line, int at, int n)
{
    int middle = 1 << (s->over.stages - 1);
    const double *a0 = s->over.phase[0], *a1 = s->over.phase[1], *y0 = s->means.line[0] + SHAPER_BEFORE;
    const double *b0 = s->over.phase[middle], *b1 = s->over.phase[middle + 1];
    const double *y1 = s->means.line[middle] + SHAPER_BEFORE;

#pragma GCC ivdep
    for (int i = 0; i < n; i++) {
        double x0 = 0.5 * (a0[i] + a1[i]), x1 = 0.5 * (b0[i] + b1[i]), power = x0 * x0 + x1 * x1;

        s->power[at + i] = power;
        s->bent[at + i] = (y0[i] * x0 + y1[i] * x1) + line[i] * power;
    }
}

/* The treble in, new harmonics out. */
static void
side_run(const struct exciter *e, struct exciter_side *s, const double *share, double *x, int n)
{
    int phases = 1 << s->over.stages;
    double line[PIECE];

    for (int i = 0; i < PIECE; i++)
        line[i] = s->line + s->step * (e->phase + i);
    oversample_up(&s->over, x, n);
    shaper_bend(&e->from, line, s->over.phase, phases, &s->means, n);
    if (e->fading) {
        struct shaper_means other;

        shaper_bend(&e->to, line, s->over.phase, phases, &other, n);
        shaper_cross(&s->means, &other, share, phases, n);
    }
    products(s, line, e->phase, n);
    shaper_join(&s->means, phases, s->over.back, n);
    oversample_down(&s->over, x, n);
}

static void
harmonics(struct exciter *e, double *const *io, double *const *x, int n)
{
    double g[PIECE], share[PIECE];
    bool tuned = e->g.moving;

    for (int i = 0; tuned && i < n; i++)
        g[i] = smooth_next(&e->g);
    for (int k = 0; k < STEREO; k++)
        for (int i = 0; i < n; i++)
            x[k][i] = fabs(io[k][i]) <= loudest ? io[k][i] : 0.0;
    for (int i = 0; e->fading && i < n; i++)
        share[i] = fade_next(&e->fade);
    treble(&e->before, tuned ? g : NULL, x, n);
    for (int k = 0; k < STEREO; k++)
        side_run(e, &e->side[k], share, x[k], n);
    treble(&e->behind, tuned ? g : NULL, x, n);
    if (e->fading && fade_is(&e->fade, true)) {
        e->from = e->to;
        e->fading = false;
        bend_change(e);
    }
}

static void
run(struct exciter *e, double *const *io, int n)
{
    double left[PIECE], right[PIECE];
    double *const x[STEREO] = {left, right};

    if (n < 1)
        return;
    if (e->working)
        harmonics(e, io, x, n);
    delay_process(&e->dry, (const double *const *)io, io, n);
    for (int i = 0; e->working && i < n; i++) {
        double mix = smooth_next(&e->mix);

        io[0][i] += mix * left[i];
        io[1][i] += mix * right[i];
    }
    if (e->hold > 0 && (e->hold -= n) == 0)
        smooth_to(&e->mix, e->mix_wanted);
}

/* --- on the frame grid ----------------------------------------------------------------------------- */

static double
sum_of(const double *v)
{
    double sum[4] = {0};

    for (int i = 0; i < PIECE; i += 4)
        for (int k = 0; k < 4; k++)
            sum[k] += v[i + k];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void
side_follow(struct exciter *e, struct exciter_side *s)
{
    double share;

    s->line += s->step * PIECE;
    s->bent_mean += e->follow * (sum_of(s->bent) - s->bent_mean);
    s->power_mean += e->follow * (sum_of(s->power) - s->power_mean);
    share = s->power_mean > faintest ? s->bent_mean / s->power_mean : s->line;
    s->step = (share - s->line) / PIECE;
}

static void
fall_silent(struct exciter_filter *b)
{
    for (int k = 0; k < STEREO; k++)
        if (fabs(b->i1[k]) + fabs(b->i2[k]) < 1e-100)
            b->i1[k] = b->i2[k] = 0.0;
}

static void
tidy(struct exciter *e)
{
    if (!e->working)
        return;
    for (int k = 0; k < STEREO; k++)
        side_follow(e, &e->side[k]);
    fall_silent(&e->before);
    fall_silent(&e->behind);
    e->working = e->hold > 0 || e->mix.moving || e->mix.target > 0.0;
}

RT void
exciter_process(struct exciter *e, double *const *io, int nframes)
{
    for (int at = 0, n; at < nframes; at += n) {
        n = PIECE - e->phase;
        if (e->fading && n > e->fade.length - e->fade.position)
            n = e->fade.length - e->fade.position;
        n = e->hold > 0 && n > e->hold ? e->hold : n;
        n = n < nframes - at ? n : nframes - at;
        run(e, (double *[]){io[0] + at, io[1] + at}, n);
        e->phase = (e->phase + n) % PIECE;
        if (e->phase == 0)
            tidy(e);
    }
}

RT int
exciter_latency_frames(const struct exciter *e)
{
    return e->dry.length;
}
