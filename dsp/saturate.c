/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * io -+-> delay -+------------------------------------------------- + -> match -> trim -> io
 *     |          +-> what the curves hear of it, raised a little --/|
 *     +-> shelf -> up -> the curve's change -> down -> shelf's inverse -> DC out
 *
 * A new setting gets a way of its own, beside the old one, whose lines fill up first; then it is cross-faded to. Gliding
 * from one to the other would pass curves whose harmonics are louder than those at both ends. A move that comes
 * meanwhile waits, and the last one wins. Pieces end where a fade ends and on multiples of OVERSAMPLE_PIECE.
 *
 * With drive or mix at 0 a way has nothing to change and does not run; then the sound is only delayed.
 */
#include "dsp/saturate.h"

#include "dsp/clones.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

enum { PIECE = OVERSAMPLE_PIECE };

static const double loudest = 1e6; /* +120 dBFS; beyond, and what is no number, is not listened to */
static const double glide_ms = 30.0;
static const double shelf_hz = 3000.0, tape_shelf_db = 6.0;
static const double constant_hz = 5.0;
static const double most_bias = 0.6;
static const double lift_share = 1.0 / 16.0;
static const double inaudible = 1e-12; /* DC that need not fade any further */

static const struct {
    double term[SHAPER_TERMS], bias;
} shapes[] = {
    [SATURATE_TAPE] = {{-2.0 / 3.0, 1.0 / 5.0, 0.0}, 0.0},
    [SATURATE_TUBE] = {{-1.0 / 3.0, -1.0 / 5.0, 1.0 / 7.0}, 0.45},
    [SATURATE_TRANSISTOR] = {{0.0, 0.0, -1.0 / 7.0}, 0.0},
};

/* What each of two curves hears of left and right, and what left and right get of its change. */
static const struct {
    double in[STEREO][STEREO], out[STEREO][STEREO];
} routes[] = {
    [CHANNELS_STEREO] = {{{1.0, 0.0}, {0.0, 1.0}}, {{1.0, 0.0}, {0.0, 1.0}}},
    [CHANNELS_MID] = {{{0.5, 0.5}, {0.0, 0.0}}, {{1.0, 0.0}, {1.0, 0.0}}},
    [CHANNELS_SIDE] = {{{0.5, -0.5}, {0.0, 0.0}}, {{1.0, 0.0}, {-1.0, 0.0}}},
    [CHANNELS_LEFT] = {{{1.0, 0.0}, {0.0, 0.0}}, {{1.0, 0.0}, {0.0, 0.0}}},
    [CHANNELS_RIGHT] = {{{0.0, 0.0}, {0.0, 1.0}}, {{0.0, 0.0}, {0.0, 1.0}}},
};

/* --- plans ----------------------------------------------------------------------------------------- */

static double
bias_of(const struct saturate_settings *s)
{
    double own = shapes[s->shape].bias, even = 0.01 * s->even;

    return even < 0.0 ? own * (1.0 + even) : own + even * (most_bias - own);
}

static struct saturate_plan
plan_of(const struct saturate *t, const struct saturate_settings *s)
{
    double gain = db_to_gain(s->drive_db) - 1.0, lift = sqrt(1.0 + lift_share * gain * gain),
           mix = 0.01 * s->mix;
    double shelf_db = s->tone_db + (s->shape == SATURATE_TAPE ? tape_shelf_db : 0.0);
    struct saturate_plan p = {
        .curve = {.gain = gain, .bias = bias_of(s) * gain / (1.0 + gain)},
        .shelf = (db_to_gain(shelf_db) - 1.0) / (1.0 + t->shelf_g),
        .trim = db_to_gain(s->trim_db),
    };

    memcpy(p.curve.term, shapes[s->shape].term, sizeof p.curve.term);
    memcpy(p.in, routes[s->channels].in, sizeof p.in);
    for (int c = 0; c < STEREO; c++) {
        const double *out = routes[s->channels].out[c];

        for (int k = 0; k < STEREO; k++) {
            p.out[c][k] = mix * lift * out[k];
            p.lift[c][k] = mix * (lift - 1.0) * (out[0] * p.in[0][k] + out[1] * p.in[1][k]);
        }
    }
    return p;
}

static bool
plan_same(const struct saturate_plan *a, const struct saturate_plan *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* --- ways ------------------------------------------------------------------------------------------ */

static void
way_reset(struct saturate_way *w)
{
    for (int k = 0; k < STEREO; k++) {
        w->before[k] = w->behind[k] = 0.0;
        if (!w->used[k])
            continue;
        oversample_reset(&w->over[k]);
        memset(&w->means[k], 0, sizeof w->means[k]);
    }
}

static void
way_plan(struct saturate_way *w, const struct saturate_plan *p)
{
    w->plan = *p;
    w->bend = shaper_bend_of(&p->curve);
    for (int k = 0; k < STEREO; k++)
        w->used[k] = p->curve.gain > 0.0 && (p->out[0][k] != 0.0 || p->out[1][k] != 0.0);
    w->works = w->used[0] || w->used[1];
}

/* Is anything done to the sound, level apart? */
static bool
busy(const struct saturate *t)
{
    return t->way[t->now].works || t->fading || t->constant[0] != 0.0 || t->constant[1] != 0.0;
}

static void
change_begin(struct saturate *t)
{
    struct saturate_way *to = &t->way[!t->now];

    if (t->fading || plan_same(&t->way[t->now].plan, &t->wanted))
        return;
    if (!busy(t) && match_idle(&t->match))
        match_reset(&t->match);
    way_plan(to, &t->wanted);
    way_reset(to);
    t->hold = to->works ? 2 * t->dry.length : 0;
    fade_jump(&t->fade, false);
    fade_to(&t->fade, true);
    t->fading = true;
}

/* The loudness that is known is of the old way, unless they differ by the trim alone. */
static void
change_end(struct saturate *t)
{
    struct saturate_plan but_trim = t->way[t->now].plan;

    t->now = !t->now;
    but_trim.trim = t->way[t->now].plan.trim;
    if (!plan_same(&but_trim, &t->way[t->now].plan))
        match_restart(&t->match);
    t->fading = false;
    change_begin(t);
}

static void
settle(struct saturate *t)
{
    way_plan(&t->way[t->now], &t->wanted);
    way_reset(&t->way[t->now]);
    t->constant[0] = t->constant[1] = 0.0;
    t->fading = false;
    t->hold = 0;
    fade_jump(&t->matched, t->matched.want);
}

/* --- what one way changes -------------------------------------------------------------------------- */

CLONES static void
hear(const double *in, const double *left, const double *right, double *heard, int n)
{
    double a = in[0], b = in[1];

#pragma GCC ivdep
    for (int i = 0; i < n; i++) {
        double l = fabs(left[i]) <= loudest ? left[i] : 0.0, r = fabs(right[i]) <= loudest ? right[i] : 0.0;

        heard[i] = a * l + b * r;
    }
}

typedef double pair __attribute__((vector_size(16)));

/* x + shelf (x - low), low being a one-pole's, and its inverse */
static void
shelf_before(struct saturate_way *w, double g, double (*x)[PIECE], int n)
{
    double shelf = w->plan.shelf, step = 2.0 * g / (1.0 + g), keep = 1.0 - step;
    pair s = {w->before[0], w->before[1]};

    for (int i = 0; i < n; i++) {
        pair in = {x[0][i], x[1][i]}, out = in + shelf * (in - s);

        s = keep * s + step * in;
        x[0][i] = out[0];
        x[1][i] = out[1];
    }
    w->before[0] = s[0];
    w->before[1] = s[1];
}

static void
shelf_behind(struct saturate_way *w, double g, double (*x)[PIECE], int n)
{
    double per = 1.0 / (1.0 + w->plan.shelf), share = w->plan.shelf * per, step = 2.0 * g / (1.0 + g) * per;
    double keep = 1.0 - step;
    pair s = {w->behind[0], w->behind[1]};

    for (int i = 0; i < n; i++) {
        pair in = {x[0][i], x[1][i]}, out = per * in + share * s;

        s = keep * s + step * in;
        x[0][i] = out[0];
        x[1][i] = out[1];
    }
    w->behind[0] = s[0];
    w->behind[1] = s[1];
}

static void
way_run(const struct saturate *t, struct saturate_way *w, double *const *io, double (*x)[PIECE], int n)
{
    memset(x, 0, STEREO * sizeof *x);
    for (int k = 0; k < STEREO; k++)
        if (w->used[k])
            hear(w->plan.in[k], io[0], io[1], x[k], n);
    if (w->plan.shelf != 0.0)
        shelf_before(w, t->shelf_g, x, n);
    for (int k = 0; k < STEREO; k++) {
        struct oversample *o = &w->over[k];

        if (!w->used[k])
            continue;
        oversample_up(o, x[k], n);
        shaper_bend(&w->bend, NULL, o->phase, 1 << o->stages, &w->means[k], n);
        shaper_join(&w->means[k], 1 << o->stages, o->back, n);
        oversample_down(o, x[k], n);
    }
    if (w->plan.shelf != 0.0)
        shelf_behind(w, t->shelf_g, x, n);
}

/* --- a piece --------------------------------------------------------------------------------------- */

static void
shares(struct saturate *t, double *share, int n)
{
    for (int i = 0; i < n; i++) {
        share[i] = 0.0;
        if (t->hold > 0)
            t->hold--;
        else if (t->fading)
            share[i] = fade_next(&t->fade);
    }
}

/* From the change of two curves to that of left and right. */
CLONES static void
route(const struct saturate_plan *p, double (*x)[PIECE], int n)
{
    double a = p->out[0][0], b = p->out[0][1], c = p->out[1][0], d = p->out[1][1];

#pragma GCC ivdep
    for (int i = 0; i < n; i++) {
        double first = x[0][i], second = x[1][i];

        x[0][i] = a * first + b * second;
        x[1][i] = c * first + d * second;
    }
}

CLONES static void
cross(double *x, const double *other, const double *share, int n)
{
#pragma GCC ivdep
    for (int i = 0; i < n; i++)
        x[i] += share[i] * (other[i] - x[i]);
}

/* The change of left and right. */
static void
change(struct saturate *t, double *const *io, const double *share, double (*x)[PIECE], int n)
{
    struct saturate_way *from = &t->way[t->now], *to = &t->way[!t->now];
    double other[STEREO][PIECE];

    if (from->works) {
        way_run(t, from, io, x, n);
        route(&from->plan, x, n);
    } else {
        memset(x, 0, STEREO * sizeof *x);
    }
    if (!t->fading)
        return;
    if (to->works) {
        way_run(t, to, io, other, n);
        route(&to->plan, other, n);
    } else {
        memset(other, 0, sizeof other);
    }
    for (int k = 0; k < STEREO; k++)
        cross(x[k], other[k], share, n);
}

CLONES static void
lift(const struct saturate_plan *p, const struct saturate_plan *q, const double *share, const double *left,
     const double *right, double *const *io, int n)
{
    for (int c = 0; c < STEREO; c++) {
        double a = p->lift[c][0], b = p->lift[c][1], a1 = q->lift[c][0] - a, b1 = q->lift[c][1] - b;
        double *y = io[c];

#pragma GCC ivdep
        for (int i = 0; i < n; i++)
            y[i] += (a + share[i] * a1) * left[i] + (b + share[i] * b1) * right[i];
    }
}

/* The change without what is constant in it, on top of the sound. */
static void
add(struct saturate *t, double (*x)[PIECE], double *const *io, int n)
{
    double step = t->constant_step, keep = 1.0 - step;
    pair s = {t->constant[0], t->constant[1]};

    for (int i = 0; i < n; i++) {
        pair in = {x[0][i], x[1][i]}, y = in - s;

        s = keep * s + step * in;
        io[0][i] += y[0];
        io[1][i] += y[1];
    }
    t->constant[0] = s[0];
    t->constant[1] = s[1];
}

static void
level(struct saturate *t, const double *const *dry, const double *share, double *const *io, int n)
{
    double trim = t->way[t->now].plan.trim, more = t->fading ? t->way[!t->now].plan.trim - trim : 0.0;
    bool matching = !fade_is(&t->matched, false) && (busy(t) || !match_idle(&t->match));
    bool settled = fade_is(&t->matched, true);
    double gain[PIECE];

    if (!matching && trim == 1.0 && more == 0.0)
        return;
    if (matching && t->matched.want)
        match_process(&t->match, dry, (const double *const *)io, gain, n);
    else
        for (int i = 0; i < n; i++)
            gain[i] = matching ? match_gain(&t->match) : 1.0;
    for (int i = 0; matching && !settled && i < n; i++)
        gain[i] = 1.0 + fade_next(&t->matched) * (gain[i] - 1.0);
    for (int i = 0; i < n; i++) {
        double g = gain[i] * (trim + share[i] * more);

        io[0][i] *= g;
        io[1][i] *= g;
    }
}

static void
run(struct saturate *t, double *const *io, int n)
{
    double share[PIECE], x[STEREO][PIECE], kept[STEREO][PIECE];
    const double *const dry[STEREO] = {kept[0], kept[1]};
    bool working = busy(t);

    if (n < 1)
        return;
    shares(t, share, n);
    if (working)
        change(t, io, share, x, n);
    delay_process(&t->dry, (const double *const *)io, io, n);
    for (int k = 0; k < STEREO; k++)
        memcpy(kept[k], io[k], sizeof(double) * (size_t)n);
    if (working) {
        lift(&t->way[t->now].plan, &t->way[t->fading ? !t->now : t->now].plan, share, kept[0], kept[1], io,
             n);
        add(t, x, io, n);
    }
    level(t, dry, share, io, n);
    if (t->fading && fade_is(&t->fade, true))
        change_end(t);
}

/* On the frame grid: ends decays before they become denormals. */
static void
tidy(struct saturate *t)
{
    for (int k = 0; k < STEREO; k++) {
        if (fabs(t->constant[k]) < inaudible)
            t->constant[k] = 0.0;
        for (int w = 0; w < 2; w++) {
            if (fabs(t->way[w].before[k]) < 1e-100)
                t->way[w].before[k] = 0.0;
            if (fabs(t->way[w].behind[k]) < 1e-100)
                t->way[w].behind[k] = 0.0;
        }
    }
}

/* --- the header's ---------------------------------------------------------------------------------- */

enum status
saturate_prepare(struct saturate *t, double rate_hz)
{
    enum status s;
    double g;

    memset(t, 0, sizeof *t);
    t->rate_hz = rate_hz;
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    for (int w = 0; w < 2; w++)
        for (int k = 0; k < STEREO; k++)
            oversample_prepare(&t->way[w].over[k], rate_hz, oversample_stages(rate_hz, 2));
    s = delay_prepare(&t->dry, oversample_latency_frames(&t->way[0].over[0]));
    if (s != OK)
        return s;
    g = x_tan(PI * constant_hz / rate_hz);
    t->constant_step = 2.0 * g / (1.0 + g);
    t->shelf_g = x_tan(PI * fmin(shelf_hz, 0.3 * rate_hz) / rate_hz);
    match_prepare(&t->match, rate_hz);
    fade_prepare(&t->fade, rate_hz, glide_ms);
    fade_prepare(&t->matched, rate_hz, glide_ms);
    t->wanted = plan_of(t, &(struct saturate_settings){.mix = 100.0});
    saturate_reset(t);
    return OK;
}

void
saturate_free(struct saturate *t)
{
    delay_free(&t->dry);
    memset(t, 0, sizeof *t);
}

RT void
saturate_reset(struct saturate *t)
{
    settle(t);
    delay_reset(&t->dry);
    match_reset(&t->match);
    t->phase = 0;
    t->fresh = true;
}

RT void
saturate_set(struct saturate *t, const struct saturate_settings *s)
{
    t->wanted = plan_of(t, s);
    if (s->auto_gain && fade_is(&t->matched, false))
        match_reset(&t->match);
    else if (!s->auto_gain && t->matched.want)
        match_stop(&t->match);
    fade_to(&t->matched, s->auto_gain);
    if (t->fresh)
        settle(t);
    change_begin(t);
    t->fresh = false;
}

RT void
saturate_process(struct saturate *t, double *const *io, int nframes)
{
    for (int at = 0, n; at < nframes; at += n) {
        int left = t->fading ? t->hold + t->fade.length - t->fade.position : PIECE;

        n = PIECE - t->phase;
        n = n < left ? n : left;
        n = n < nframes - at ? n : nframes - at;
        run(t, (double *[]){io[0] + at, io[1] + at}, n);
        t->phase = (t->phase + n) % PIECE;
        if (t->phase == 0)
            tidy(t);
    }
}

RT int
saturate_latency_frames(const struct saturate *t)
{
    return t->dry.length;
}
