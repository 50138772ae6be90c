/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * io ----> delay -> gain -> delay --------------------> - -> io
 *    |                                                  |
 *    +---> up -> what the curve takes, x gain -> down --+
 *
 * Drive, ceiling and knee are one curve; a move of any is a cross-fade from what the old one gives to what the new one
 * gives, without the curves between, whose harmonics may be louder than those at both ends. A move that comes during
 * one waits for its end, and the last one wins.
 *
 * Work is in pieces that end where a fade ends and on multiples of OVERSAMPLE_PIECE from reset on. Where nothing has
 * been taken for as long as the filters remember, the way down is left out: it would give nothing, bit for bit. That is
 * half of the work; a piece that is clipped throughout costs 2.3 times one that is not.
 */
#include "dsp/clip.h"
#include "dsp/clones.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

enum { PIECE = OVERSAMPLE_PIECE };

/* Peaks come seldom: to leave the way down out between any two would make some blocks dearer than all the others. */
static const double rest_s = 1.0;
static const double glide_ms = 30.0;
static const double softest = 0.75; /* half the knee's width, of the ceiling */

static struct clip_curve
curve_of(const struct clip_settings *s)
{
    double gain = db_to_gain(s->drive_db), ceiling = db_to_gain(s->ceiling_dbfs) / gain;
    double width = softest * 0.01 * s->knee;

    return (struct clip_curve){gain, {.foot = ceiling * (1.0 - width), .head = ceiling * (1.0 + width)}};
}

static bool
curve_same(const struct clip_curve *a, const struct clip_curve *b)
{
    return a->gain == b->gain && a->shape.foot == b->shape.foot && a->shape.head == b->shape.head;
}

/* How much larger x is than what the curve makes of it, but for the gain. */
static double
curve_ratio(const struct shaper_clip *s, double x)
{
    double over = (x < s->head ? x : s->head) - s->foot;

    if (x <= s->foot)
        return 1.0;
    return x / (s->foot + over - (over > 0.0 ? 0.5 * over * over / (s->head - s->foot) : 0.0));
}

/* --- moves ----------------------------------------------------------------------------------------- */

static void
change_begin(struct clip *c)
{
    if (c->fading || curve_same(&c->to, &c->wanted))
        return;
    c->to = c->wanted;
    fade_jump(&c->fade, false);
    fade_to(&c->fade, true);
    c->fading = true;
}

static void
change_end(struct clip *c)
{
    c->from = c->to;
    c->fading = false;
    change_begin(c);
}

static void
settle(struct clip *c)
{
    c->from = c->to = c->wanted;
    c->fading = false;
}

/* --- a piece --------------------------------------------------------------------------------------- */

static void
note_peak(struct clip *c, const struct shaper_clip *curve, double peak)
{
    double ratio = curve_ratio(curve, peak);

    c->most = ratio > c->most ? ratio : c->most;
}

/* The means of what is taken away. Returns if it is anything. */
static bool
side_means(struct clip *c, struct clip_side *s, const double *share, int n)
{
    int phases = 1 << s->over.stages;
    double peak = shaper_clip(&c->from.shape, c->from.gain, s->over.phase, phases, &s->means, n),
           coming = 0.0;

    note_peak(c, &c->from.shape, peak);
    if (c->fading) {
        struct shaper_means other;

        coming = shaper_clip(&c->to.shape, c->to.gain, s->over.phase, phases, &other, n);
        note_peak(c, &c->to.shape, coming);
        shaper_cross(&s->means, &other, share, phases, n);
    }
    return peak > 0.0 || coming > 0.0;
}

/* What is taken away, or false: nothing. */
static bool
side_take(struct clip *c, struct clip_side *s, const double *in, const double *share, double *taken, int n)
{
    bool any;

    oversample_up(&s->over, in, n);
    any = side_means(c, s, share, n);
    if (!any && s->quiet >= c->rest) {
        oversample_skip(&s->over, n);
        return false;
    }
    s->quiet = any ? 0 : s->quiet + n;
    shaper_join(&s->means, 1 << s->over.stages, s->over.back, n);
    oversample_down(&s->over, taken, n);
    return true;
}

CLONES static void
drive(double *x, const double *gain, int n)
{
    for (int i = 0; i < n; i++)
        x[i] *= gain[i];
}

CLONES static void
take_away(double *x, const double *taken, int n)
{
    for (int i = 0; i < n; i++)
        x[i] -= taken[i];
}

/* Of each frame. */
static void
shares_and_gains(struct clip *c, double *share, double *gain, int n)
{
    for (int i = 0; i < n; i++) {
        share[i] = c->fading ? fade_next(&c->fade) : 1.0;
        gain[i] = share[i] < 1.0 ? c->from.gain + share[i] * (c->to.gain - c->from.gain) : c->to.gain;
    }
}

static void
run(struct clip *c, double *const *io, int n)
{
    double taken[STEREO][PIECE], share[PIECE], gain[PIECE];
    bool driven = c->fading || c->to.gain != 1.0, any[STEREO];

    if (n < 1)
        return;
    if (driven)
        shares_and_gains(c, share, gain, n);
    for (int k = 0; k < STEREO; k++)
        any[k] = side_take(c, &c->side[k], io[k], share, taken[k], n);
    delay_process(&c->ahead, (const double *const *)io, io, n);
    for (int k = 0; driven && k < STEREO; k++)
        drive(io[k], gain, n);
    delay_process(&c->behind, (const double *const *)io, io, n);
    for (int k = 0; k < STEREO; k++)
        if (any[k])
            take_away(io[k], taken[k], n);
    if (c->fading && fade_is(&c->fade, true))
        change_end(c);
}

/* --- the header's ---------------------------------------------------------------------------------- */

enum status
clip_prepare(struct clip *c, double rate_hz)
{
    enum status s;
    int up;

    *c = (struct clip){.rate_hz = rate_hz};
    c->rest = OVERSAMPLE_MEMORY + (int)(rate_hz * rest_s);
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    for (int k = 0; k < STEREO; k++)
        oversample_prepare(&c->side[k].over, rate_hz, oversample_stages(rate_hz, 3));
    up = oversample_up_frames(&c->side[0].over);
    s = delay_prepare(&c->ahead, up);
    if (s == OK)
        s = delay_prepare(&c->behind, oversample_latency_frames(&c->side[0].over) - up);
    if (s != OK) {
        clip_free(c);
        return s;
    }
    fade_prepare(&c->fade, rate_hz, glide_ms);
    c->wanted = curve_of(&(struct clip_settings){0});
    clip_reset(c);
    return OK;
}

void
clip_free(struct clip *c)
{
    delay_free(&c->ahead);
    delay_free(&c->behind);
    *c = (struct clip){0};
}

RT void
clip_reset(struct clip *c)
{
    settle(c);
    for (int k = 0; k < STEREO; k++) {
        oversample_reset(&c->side[k].over);
        memset(&c->side[k].means, 0, sizeof c->side[k].means);
        c->side[k].quiet = c->rest;
    }
    delay_reset(&c->ahead);
    delay_reset(&c->behind);
    c->phase = 0;
    c->most = 1.0;
    c->fresh = true;
}

RT void
clip_set(struct clip *c, const struct clip_settings *s)
{
    c->wanted = curve_of(s);
    if (c->fresh)
        settle(c);
    change_begin(c);
    c->fresh = false;
}

RT void
clip_process(struct clip *c, double *const *io, int nframes)
{
    for (int at = 0, n; at < nframes; at += n) {
        n = PIECE - c->phase;
        if (c->fading && n > c->fade.length - c->fade.position)
            n = c->fade.length - c->fade.position;
        n = n < nframes - at ? n : nframes - at;
        run(c, (double *[]){io[0] + at, io[1] + at}, n);
        c->phase = (c->phase + n) % PIECE;
    }
}

RT int
clip_latency_frames(const struct clip *c)
{
    return c->ahead.length + c->behind.length;
}

RT double
clip_take_reduction_db(struct clip *c)
{
    double reduction_db = gain_to_db(c->most);

    c->most = 1.0;
    return reduction_db > 0.0 ? reduction_db : 0.0;
}
