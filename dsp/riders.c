/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Level -> dB -> curve, limited to the range -> detector -> make-up -> factor, step by step over a piece: only the
 * detector depends on the frame before, so all else is done for several frames at once, and the detectors of
 * the four riders for one frame at once.
 *
 * Where nothing can come of a rider (no level reaches its curve's foot, its detector is at rest) its steps are left
 * out; that gives what the long way would, bit for bit.
 */
#include "dsp/riders.h"

#include "dsp/clones.h"
#include "dsp/decibel.h"

#include <math.h>
#include <string.h>

typedef riders_quad quad;
typedef int64_t quad_pick __attribute__((vector_size(32)));

/* About passing vectors to functions that aren't inlined; here all are. */
#pragma GCC diagnostic ignored "-Wpsabi"

static const double glide_ms = 20.0;
static const double at_rest_db = 1e-12; /* dynamics_detector_settle()'s */

static struct rider_law
law_of(const struct rider_settings *s, double rate_hz)
{
    double slope = 1.0 - 1.0 / s->ratio;
    struct rider_law l = {
        .curve = dynamics_curve_of(s->threshold_db, fabs(slope), s->knee_db),
        .range_db = s->range_db,
        .sign = slope < 0.0 ? -1.0 : 1.0,
        .attack = dynamics_step(s->attack_ms, rate_hz),
        .release = dynamics_step(s->release_ms, rate_hz),
    };

    /* A little below, whatever the logarithm's last bit says. */
    l.foot = slope == 0.0 || s->range_db == 0.0 ? __builtin_inf() : db_to_gain(l.curve.foot_db - 1e-9);
    return l;
}

static bool
law_same(const struct rider_law *a, const struct rider_law *b)
{
    return a->curve.foot_db == b->curve.foot_db && a->curve.knee_db == b->curve.knee_db &&
           a->curve.slope == b->curve.slope && a->sign == b->sign && a->range_db == b->range_db &&
           a->attack == b->attack && a->release == b->release;
}

static void
bank_set(struct riders_bank *b, int rider, const struct rider_law *l)
{
    b->law[rider] = *l;
    b->attack[rider] = l->attack;
    b->release[rider] = l->release;
    b->keep[rider] = 1.0 - l->release;
    b->sign[rider] = l->sign;
}

enum status
riders_prepare(struct riders *r, double rate_hz)
{
    *r = (struct riders){.rate_hz = rate_hz};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    glide_prepare(&r->makeup_db, rate_hz, glide_ms, 1e-6);
    for (int k = 0; k < RIDERS; k++) {
        fade_prepare(&r->fade[k], rate_hz, RIDERS_FADE_MS);
        riders_set(r, k, &(struct rider_settings){.ratio = 1.0});
    }
    riders_reset(r);
    return OK;
}

RT void
riders_reset(struct riders *r)
{
    for (int k = 0; k < RIDERS; k++) {
        riders_forget(r, k);
        riders_take_reduction_db(r, k);
    }
    r->makeup_db.moving = r->gliding = false;
}

RT void
riders_set(struct riders *r, int rider, const struct rider_settings *s)
{
    r->wanted[rider] = law_of(s, r->rate_hz);
    r->wanted_db[rider] = s->makeup_db;
}

RT void
riders_forget(struct riders *r, int rider)
{
    for (int i = 0; i < 2; i++)
        r->bank[i].held[rider] = r->bank[i].out[rider] = 0.0;
    bank_set(&r->bank[0], rider, &r->wanted[rider]);
    glide_jump(&r->makeup_db, rider, r->wanted_db[rider]);
    r->fading &= ~(1u << rider);
}

RT void
riders_begin(struct riders *r, unsigned use)
{
    struct riders_bank *now = &r->bank[0], *next = &r->bank[1];

    r->fading &= use;
    for (int k = 0; k < RIDERS; k++) {
        if (!(use & 1u << k))
            continue;
        glide_to(&r->makeup_db, k, r->wanted_db[k]);
        if (r->fading & 1u << k || law_same(&now->law[k], &r->wanted[k]))
            continue;
        bank_set(next, k, &r->wanted[k]);
        next->held[k] = now->held[k];
        next->out[k] = now->out[k];
        fade_jump(&r->fade[k], false);
        fade_to(&r->fade[k], true);
        r->fading |= 1u << k;
    }
    r->gliding = r->makeup_db.moving;
}

/* --- frames ---------------------------------------------------------------------------------------- */

/* The larger ones of both. */
INLINE void
raise(quad *most, const quad *x)
{
    quad_pick pick = *x > *most;

    *most = (quad)(((quad_pick)*x & pick) | ((quad_pick)*most & ~pick));
}

CLONES static double
largest(const double *v, int n)
{
    quad most = {0.0, 0.0, 0.0, 0.0};
    double last = 0.0;
    int i = 0;

    for (; i + 4 <= n; i += 4) {
        quad x;

        memcpy(&x, v + i, sizeof x);
        raise(&most, &x);
    }
    for (; i < n; i++)
        last = v[i] > last ? v[i] : last;
    for (int k = 0; k < 4; k++)
        last = most[k] > last ? most[k] : last;
    return last;
}

CLONES static void
bend(const struct rider_law *l, const double *restrict level_db, double *restrict due, int n)
{
    struct rider_law law = *l;

    for (int i = 0; i < n; i++) {
        double db = dynamics_reduction_db(&law.curve, level_db[i]);

        due[i] = db < law.range_db ? db : law.range_db;
    }
}

/* The detectors, over n frames; what they say, with its sign, in place of what is due. */
CLONES static void
detect(struct riders_bank *b, double (*due)[RIDERS_CHUNK], int n)
{
    const quad attack = b->attack, release = b->release, keep = b->keep, sign = b->sign;
    quad held = b->held, out = b->out;

    for (int i = 0; i < n; i++) {
        quad in = {due[0][i], due[1][i], due[2][i], due[3][i]}, said;

        held = keep * held + release * in;
        raise(&held, &in);
        out += attack * (held - out);
        said = sign * out;
        for (int k = 0; k < RIDERS; k++)
            due[k][i] = said[k];
    }
    b->held = held;
    b->out = out;
}

static bool
idle(const struct riders *r, int k, const double *level, int n)
{
    return !(r->fading & 1u << k) && r->bank[0].held[k] == 0.0 && r->bank[0].out[k] == 0.0 &&
           largest(level, n) < r->bank[0].law[k].foot;
}

/* What comes is faded to. */
static void
fade_over(struct riders *r, int k, double *restrict due, const double *restrict other, int n)
{
    double share[RIDERS_CHUNK];

    fade_fill(&r->fade[k], share, n);
    for (int i = 0; i < n; i++)
        due[i] = share[i] < 1.0 ? due[i] + share[i] * (other[i] - due[i]) : other[i];
}

/* Of those at work, from their levels: what they take away, in dB. The others' is 0. */
static void
reductions(struct riders *r, unsigned work, double (*v)[RIDERS_CHUNK], double (*due)[RIDERS_CHUNK], int n)
{
    double other[RIDERS][RIDERS_CHUNK];
    size_t size = sizeof(double) * (size_t)n;

    for (int k = 0; k < RIDERS; k++) {
        if (work & 1u << k) {
            decibel_from_gain(v[k], n);
            bend(&r->bank[0].law[k], v[k], due[k], n);
        } else {
            memset(due[k], 0, size);
        }
        if (r->fading & work & 1u << k)
            bend(&r->bank[1].law[k], v[k], other[k], n);
        else
            memset(other[k], 0, r->fading ? size : 0);
    }
    detect(&r->bank[0], due, n);
    if (!r->fading)
        return;
    detect(&r->bank[1], other, n);
    for (int k = 0; k < RIDERS; k++)
        if (r->fading & work & 1u << k)
            fade_over(r, k, due[k], other[k], n);
}

/* The gain in dB. makeup_db: NULL where it stands; due: NULL for nothing. */
CLONES static void
gain_db(const double *restrict makeup_db, double still_db, const double *restrict due, double *restrict v,
        int n)
{
    for (int i = 0; i < n && !makeup_db; i++)
        v[i] = still_db;
    for (int i = 0; i < n && makeup_db; i++)
        v[i] = makeup_db[i];
    for (int i = 0; i < n && due; i++)
        v[i] -= due[i];
}

RT unsigned
riders_process(struct riders *r, unsigned use, double (*v)[RIDERS_CHUNK], int n)
{
    double due[RIDERS][RIDERS_CHUNK], makeup_db[RIDERS][RIDERS_CHUNK];
    unsigned work = 0, touched = 0;

    for (int k = 0; k < RIDERS; k++)
        if (use & 1u << k && !idle(r, k, v[k], n))
            work |= 1u << k;
    if (work)
        reductions(r, work, v, due, n);
    if (r->gliding)
        glide_next(&r->makeup_db, makeup_db, n);
    for (int k = 0; k < RIDERS; k++) {
        bool works = work & 1u << k;

        if (works)
            r->most_db[k] = fmax(r->most_db[k], largest(due[k], n));
        if (!(use & 1u << k) || (!works && !r->gliding && r->makeup_db.target[k] == 0.0))
            continue;
        gain_db(r->gliding ? makeup_db[k] : NULL, r->makeup_db.target[k], works ? due[k] : NULL, v[k], n);
        decibel_to_gain(v[k], n);
        touched |= 1u << k;
    }
    return touched;
}

/* On the frame grid: decays end before they become denormals; what has come is what is heard. */
RT void
riders_end(struct riders *r)
{
    glide_land(&r->makeup_db);
    for (int k = 0; k < RIDERS; k++) {
        for (int i = 0; i < 2; i++)
            if (r->bank[i].held[k] < at_rest_db && r->bank[i].out[k] < at_rest_db)
                r->bank[i].held[k] = r->bank[i].out[k] = 0.0;
        if (!(r->fading & 1u << k) || !fade_is(&r->fade[k], true))
            continue;
        bank_set(&r->bank[0], k, &r->bank[1].law[k]);
        r->bank[0].held[k] = r->bank[1].held[k];
        r->bank[0].out[k] = r->bank[1].out[k];
        r->fading &= ~(1u << k);
    }
}

RT double
riders_take_reduction_db(struct riders *r, int rider)
{
    double most_db = r->most_db[rider];

    r->most_db[rider] = 0.0;
    return most_db;
}
