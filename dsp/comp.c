/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Per frame: level (max of |L|, |R|, high-passed) -> dB -> curve -> detector -> gain in dB, + makeup -> factor
 * -> mixed with 1 -> both channels. The reduction rises with the level, so the larger level is the larger
 * reduction: linking is one detector.
 *
 * Moving the curve under a running detector would make steps: the detector lives on peaks, and each half wave
 * would meet another threshold. So a new curve gets a detector of its own, which starts where the old one is,
 * and the reductions are cross-faded. A move that comes during a fade waits for its end; the last one wins.
 *
 * The work is in pieces of at most COMP_CHUNK frames, step by step over a whole piece, because only the
 * detector and the high-pass depend on the frame before; logarithms and exponentials stand side by side. Where
 * nothing can come of a step (no level reaches the curve's foot, no reduction is left) it is left out: such
 * short cuts give what the long way would, bit for bit.
 */
#include "dsp/comp.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

static const double hpf_k = 1.41421356237309504880; /* 1 / q, Butterworth */
static const double loudest = 1e6;                  /* +120 dBFS: so that no burst lasts for ever */

static const double glide_ms = 20.0;

enum status
comp_prepare(struct comp *c, double rate_hz)
{
    *c = (struct comp){.rate_hz = rate_hz};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    smooth_prepare(&c->makeup_db, rate_hz, glide_ms, 1e-6);
    smooth_prepare(&c->mix, rate_hz, glide_ms, 1e-8);
    smooth_prepare(&c->hpf_hz, rate_hz, glide_ms, 1e-5);
    fade_prepare(&c->hpf_in, rate_hz, glide_ms);
    fade_prepare(&c->fade, rate_hz, glide_ms);
    c->fresh = true;
    comp_set(c, &(struct comp_settings){.ratio = 1.0,
                                        .attack_ms = 10.0,
                                        .release_ms = 100.0,
                                        .mix = 100.0,
                                        .sidechain_hpf_hz = COMP_HPF_OFF_HZ});
    comp_reset(c);
    return OK;
}

void
comp_free(struct comp *c)
{
    *c = (struct comp){0};
}

static void
hpf_tune(struct comp *c, double freq_hz)
{
    c->hpf.g = x_tan(PI * freq_hz / c->rate_hz);
    c->hpf.d = 1.0 / (1.0 + c->hpf.g * (c->hpf.g + hpf_k));
}

static void
hpf_forget(struct comp *c)
{
    for (int i = 0; i < STEREO; i++)
        c->hpf.s1[i] = c->hpf.s2[i] = 0.0;
}

/* --- riders ---------------------------------------------------------------------------------------- */

static bool
rider_same(const struct comp_rider *a, const struct comp_rider *b)
{
    return a->curve.foot_db == b->curve.foot_db && a->curve.knee_db == b->curve.knee_db &&
           a->curve.slope == b->curve.slope && a->attack == b->attack && a->release == b->release;
}

static void
rider_change(struct comp *c)
{
    struct comp_rider *from = &c->rider[c->now], *to = &c->rider[!c->now];

    if (c->fading || rider_same(from, &c->wanted))
        return;
    *to = c->wanted;
    to->detector = from->detector;
    fade_jump(&c->fade, false);
    fade_to(&c->fade, true);
    c->fading = true;
}

static void
rider_jump(struct comp *c)
{
    struct dynamics_detector detector = c->rider[c->now].detector;

    c->rider[c->now] = c->wanted;
    c->rider[c->now].detector = detector;
    c->fading = false;
}

static void
settle(struct comp *c)
{
    rider_jump(c);
    smooth_jump(&c->makeup_db, c->makeup_db.target);
    smooth_jump(&c->mix, c->mix.target);
    smooth_jump(&c->hpf_hz, c->hpf_hz.target);
    hpf_tune(c, c->hpf_hz.target);
    fade_jump(&c->hpf_in, c->hpf_in.want);
}

RT void
comp_reset(struct comp *c)
{
    settle(c);
    hpf_forget(c);
    c->rider[c->now].detector = (struct dynamics_detector){0};
    c->phase = 0;
    c->most_db = 0.0;
    c->fresh = true;
}

/* Off keeps the last frequency while it fades; on starts with the new one, with nothing in the filter. */
static void
hpf_set(struct comp *c, double freq_hz)
{
    bool on = freq_hz > COMP_HPF_OFF_HZ;

    if (on && fade_is(&c->hpf_in, false)) {
        hpf_forget(c);
        smooth_to(&c->hpf_hz, freq_hz);
        smooth_jump(&c->hpf_hz, freq_hz);
        hpf_tune(c, freq_hz);
    } else if (on) {
        smooth_to(&c->hpf_hz, freq_hz);
    }
    fade_to(&c->hpf_in, on);
}

RT void
comp_set(struct comp *c, const struct comp_settings *s)
{
    c->wanted.curve = dynamics_curve_of(s->threshold_db, 1.0 - 1.0 / s->ratio, s->knee_db);
    c->wanted.attack = dynamics_step(s->attack_ms, c->rate_hz);
    c->wanted.release = dynamics_step(s->release_ms, c->rate_hz);
    smooth_to(&c->makeup_db, s->makeup_db);
    smooth_to(&c->mix, s->mix * 0.01);
    hpf_set(c, s->sidechain_hpf_hz);
    if (c->fresh)
        settle(c);
    rider_change(c);
    c->fresh = false;
}

/* --- level ----------------------------------------------------------------------------------------- */

typedef double pair __attribute__((vector_size(16)));

/* The high-passed part of both channels at once. */
static pair
hpf_next(struct comp_hpf *f, pair x, pair *s1, pair *s2)
{
    pair high = f->d * (x - (f->g + hpf_k) * *s1 - *s2);
    pair band = f->g * high + *s1;
    pair low = f->g * band + *s2;

    *s1 = f->g * high + band;
    *s2 = f->g * band + low;
    return high;
}

static double
pair_peak(pair x)
{
    double a = fabs(x[0]), b = fabs(x[1]);

    return a > b ? a : b;
}

static void
levels_direct(const double *left, const double *right, double *level, int n)
{
    for (int i = 0; i < n; i++)
        level[i] = pair_peak((pair){left[i], right[i]});
}

static void
levels_high_passed(struct comp *c, const double *left, const double *right, double *level, int n)
{
    pair s1 = {c->hpf.s1[0], c->hpf.s1[1]}, s2 = {c->hpf.s2[0], c->hpf.s2[1]};

    for (int i = 0; i < n; i++) {
        pair x = {left[i], right[i]}, high;

        if (c->hpf_hz.moving)
            hpf_tune(c, smooth_next(&c->hpf_hz));
        high = hpf_next(&c->hpf, x, &s1, &s2);
        if (!fade_is(&c->hpf_in, true))
            high = x + fade_next(&c->hpf_in) * (high - x);
        level[i] = pair_peak(high);
    }
    for (int k = 0; k < STEREO; k++) {
        c->hpf.s1[k] = s1[k];
        c->hpf.s2[k] = s2[k];
    }
}

/* --- gain ------------------------------------------------------------------------------------------ */

static double
largest(const double *v, int n)
{
    double most = 0.0;

    for (int i = 0; i < n; i++)
        most = v[i] > most ? v[i] : most;
    return most;
}

/* Is each level under the curve's foot, whatever the logarithm's last bit says? Then all reductions are 0. */
static bool
under_foot(const struct dynamics_curve *curve, const double *level, int n)
{
    return largest(level, n) < db_to_gain(curve->foot_db - 1e-9);
}

static void
to_db(double *level, int n)
{
    for (int i = 0; i < n; i++)
        level[i] = gain_to_db(level[i] > loudest ? loudest : level[i]);
}

/* level_db in, reduction in dB out, smoothed over time. */
static void
ride(struct comp_rider *r, const double *level_db, double *reduction, int n)
{
    struct dynamics_detector d = r->detector;

    for (int i = 0; i < n; i++)
        reduction[i] = dynamics_reduction_db(&r->curve, level_db[i]);
    for (int i = 0; i < n; i++)
        reduction[i] = dynamics_detector_next(&d, reduction[i], r->attack, r->release);
    r->detector = d;
}

/* Levels that reach no foot are all the same to the riders. */
static void
reductions(struct comp *c, double *level, double *reduction, int n)
{
    struct comp_rider *a = &c->rider[c->now], *b = &c->rider[!c->now];
    double other[COMP_CHUNK];

    if (!c->fading && dynamics_detector_idle(&a->detector) && under_foot(&a->curve, level, n)) {
        memset(reduction, 0, (size_t)n * sizeof *reduction);
        return;
    }
    to_db(level, n);
    ride(a, level, reduction, n);
    if (!c->fading)
        return;
    ride(b, level, other, n);
    for (int i = 0; i < n; i++) {
        double share = fade_next(&c->fade);

        reduction[i] = share < 1.0 ? reduction[i] + share * (other[i] - reduction[i]) : other[i];
    }
    if (fade_is(&c->fade, true)) {
        c->now = !c->now;
        c->fading = false;
    }
}

/* reduction in, factor out. */
static void
factors(struct comp *c, double *v, int n)
{
    for (int i = 0; i < n; i++)
        v[i] = smooth_next(&c->makeup_db) - v[i];
    for (int i = 0; i < n; i++)
        v[i] = db_to_gain(v[i]);
    for (int i = 0; i < n; i++)
        v[i] = 1.0 + smooth_next(&c->mix) * (v[i] - 1.0);
}

static bool
nothing_to_do(const struct comp *c, double most)
{
    bool unity = most == 0.0 && c->makeup_db.target == 0.0;

    return !c->makeup_db.moving && !c->mix.moving && (c->mix.target == 0.0 || unity);
}

static void
run(struct comp *c, double *left, double *right, int n)
{
    double level[COMP_CHUNK], v[COMP_CHUNK];
    double most;

    if (n < 1) /* never; but the compiler can't know that level[] is written */
        return;
    if (fade_is(&c->hpf_in, false))
        levels_direct(left, right, level, n);
    else
        levels_high_passed(c, left, right, level, n);
    reductions(c, level, v, n);
    most = largest(v, n);
    c->most_db = most > c->most_db ? most : c->most_db;
    if (nothing_to_do(c, most))
        return;
    factors(c, v, n);
    for (int i = 0; i < n; i++) {
        left[i] *= v[i];
        right[i] *= v[i];
    }
}

/* On the frame grid: ends decays before they become denormals, and what a NaN left in the filter; takes up the
   move that had to wait. */
static void
tidy(struct comp *c)
{
    double most = 0.0;

    for (int i = 0; i < 2; i++)
        dynamics_detector_settle(&c->rider[i].detector);
    rider_change(c);
    for (int i = 0; i < STEREO; i++)
        most += fabs(c->hpf.s1[i]) + fabs(c->hpf.s2[i]);
    if (!(most > 1e-100 && most < 1e100))
        hpf_forget(c);
}

RT void
comp_process(struct comp *c, double *const *io, int nframes)
{
    for (int at = 0, n; at < nframes; at += n) {
        n = COMP_CHUNK - c->phase;
        n = n < nframes - at ? n : nframes - at;
        run(c, io[0] + at, io[1] + at, n);
        c->phase += n;
        if (c->phase == COMP_CHUNK) {
            tidy(c);
            c->phase = 0;
        }
    }
}

RT int
comp_latency_frames(const struct comp *c)
{
    (void)c;
    return 0;
}

RT double
comp_take_reduction_db(struct comp *c)
{
    double most_db = c->most_db;

    c->most_db = 0.0;
    return most_db;
}
