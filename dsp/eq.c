/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each band is one filter, and two while it changes: `last` goes on with the
 * old coefficients, `run` has the new taps at once while its poles glide to
 * their place, and the output goes from one to the other. Where the poles come from
 * decides what a change leaves behind:
 *
 *   near   (the same type, the poles less than 1.1 apart, or half an octave
 *          where both are low) the states are copied and the poles start where they
 *          were, so `run` begins as a twin of `last` and nothing is struck.
 *   far    states of zero, poles at their new frequency but with k at least 2:
 *          what the entering sound strikes is gone within two periods, while the
 *          fade still hides it, and raising the resonance slowly strikes nothing.
 *
 * A far filter with carried states would sing: its resonance takes what it
 * stored at one frequency along to another. Below NEAR_TOP_HZ that stays below
 * what anybody notices, and a low filter's states need more than a fade to build up.
 */
#include "dsp/eq.h"

#include "dsp/xmath.h"

#define NEAR_TOP_HZ    1500.0
#define NEAR_RATIO_LOW 1.4142135623730951
#define NEAR_RATIO     1.1
#define START_K        2.0 /* critically damped */

enum status
eq_prepare(struct eq *e, double rate_hz)
{
    *e = (struct eq){.rate_hz = rate_hz, .fresh = true};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    e->near_top = x_tan(PI * fmin(NEAR_TOP_HZ / rate_hz, 0.25));
    for (int b = 0; b < EQ_BANDS; b++) {
        e->band[b].flat = e->band[b].last_flat = true;
        e->band[b].coefs = BIQUAD_IDENTITY;
        fade_prepare(&e->band[b].fade, rate_hz, EQ_FADE_MS);
    }
    return OK;
}

void
eq_free(struct eq *e)
{
    (void)e;
}

static bool
same_settings(const struct eq_band_settings *a, const struct eq_band_settings *b)
{
    return a->on == b->on && a->type == b->type && a->freq_hz == b->freq_hz && a->gain_db == b->gain_db &&
           a->q == b->q;
}

/* How far the poles go counts, not freq_hz: a shelf's move with its gain. */
static bool
near_enough(const struct eq *e, const struct biquad_coefs *a, const struct biquad_coefs *b)
{
    double low = fmin(a->gg, b->gg), high = fmax(a->gg, b->gg);

    return high <= low * (high <= e->near_top ? NEAR_RATIO_LOW : NEAR_RATIO);
}

static struct biquad_coefs
design(const struct eq *e, const struct eq_band_settings *s)
{
    struct eq_curve c = {
        .type = s->type, .freq_hz = s->freq_hz, .gain_db = s->gain_db, .q = s->q, .order = 2};
    struct biquad_coefs out[EQDESIGN_SECTIONS];

    return s->on && eqdesign(&c, e->rate_hz, out) > 0 ? out[0] : BIQUAD_IDENTITY;
}

/* All at once: at rest in what is wanted, silent. */
static void
settle(const struct eq *e, struct eq_band *b)
{
    b->now = b->want;
    b->waiting = false;
    b->coefs = design(e, &b->now);
    b->flat = biquad_is_identity(&b->coefs);
    biquad_set(&b->run, &b->coefs);
    biquad_reset(&b->run);
    fade_jump(&b->fade, false);
}

static void
start_move(const struct eq *e, struct eq_band *b)
{
    struct biquad_coefs from = b->coefs;
    bool same_type = b->now.type == b->want.type, carry;

    b->last = b->run;
    b->last_flat = b->flat;
    b->now = b->want;
    b->waiting = false;
    b->coefs = design(e, &b->now);
    b->flat = biquad_is_identity(&b->coefs);
    if (b->flat && b->last_flat)
        return;
    carry = same_type && !b->last_flat && near_enough(e, &from, &b->coefs);
    biquad_set(&b->run, &b->coefs);
    if (!carry)
        biquad_reset(&b->run);
    b->gg = carry ? from.gg : b->coefs.gg;
    b->k = carry ? from.k : fmax(b->coefs.k, START_K);
    fade_jump(&b->fade, false);
    fade_to(&b->fade, true);
}

/* The new filter on its way. Less damped than it will be, v1 is louder: its tap takes that back. */
static biquad_pair
glide(struct eq_band *b, double w, biquad_pair x)
{
    const struct biquad_coefs *to = &b->coefs;
    double gg = b->gg + w * (to->gg - b->gg), k = b->k + w * (to->k - b->k);

    biquad_set_poles(&b->run, gg, k);
    b->run.c1 = (to->n1 - to->k * to->n2) * fmin(k / to->k, 1.0);
    return biquad_frame(&b->run, x);
}

/* Up to nframes of a change; returns how many. */
static int
move(struct eq_band *b, double *left, double *right, int nframes)
{
    int i = 0;

    while (i < nframes && fade_moving(&b->fade)) {
        double w = fade_next(&b->fade);
        biquad_pair x = {left[i], right[i]}, from = x, to = x;

        if (!b->last_flat)
            from = biquad_frame(&b->last, x);
        if (!b->flat)
            to = glide(b, w, x);
        x = from + w * (to - from);
        left[i] = x[0];
        right[i] = x[1];
        i++;
    }
    if (!fade_moving(&b->fade))
        biquad_set(&b->run, &b->coefs);
    return i;
}

static void
process_band(const struct eq *e, struct eq_band *b, double *const *io, int nframes)
{
    int i = 0;

    while (i < nframes) {
        if (!fade_moving(&b->fade) && b->waiting)
            start_move(e, b);
        if (fade_moving(&b->fade)) {
            i += move(b, io[0] + i, io[1] + i, nframes - i);
        } else {
            if (!b->flat)
                biquad_process(&b->run, (double *[]){io[0] + i, io[1] + i}, nframes - i);
            return;
        }
    }
}

RT void
eq_reset(struct eq *e)
{
    for (int b = 0; b < EQ_BANDS; b++)
        settle(e, &e->band[b]);
    e->fresh = true;
}

RT void
eq_set(struct eq *e, const struct eq_settings *s)
{
    for (int b = 0; b < EQ_BANDS; b++) {
        e->band[b].want = s->band[b];
        e->band[b].waiting = !same_settings(&e->band[b].now, &s->band[b]);
        if (e->fresh)
            settle(e, &e->band[b]);
    }
    e->fresh = false;
}

RT void
eq_process(struct eq *e, double *const *io, int nframes)
{
    for (int b = 0; b < EQ_BANDS; b++)
        process_band(e, &e->band[b], io, nframes);
}

RT int
eq_latency_frames(const struct eq *e)
{
    (void)e;
    return 0;
}
