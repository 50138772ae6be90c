/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * With LP the second-order Linkwitz-Riley lowpass of a crossover (the one-pole lowpass p of itself) and AP = 2 p - 1 its
 * allpass, the highpass, upside down so that it sums, is HP = AP - LP. Both keep AP's phase at every frequency.
 * The three bands of the side are
 *
 *   low = LP1 AP2,   mid = HP1 LP2,   high = HP1 HP2,   low + mid + high = AP1 AP2
 *
 * and, weighted by w1, w2, w3,
 *
 *   side' = AP2 A + LP2 B,   A = w3 AP1 side + (w1 - w3) LP1 side,   B = (w2 - w3) HP1 side
 *
 * where AP2 A + LP2 B = p2(2 A + p2 B) - A: four one-poles, and two for the mid.
 *
 * Frames in which something moves go one by one; all others through loops that know nothing of moves. Which is
 * which depends on the frame alone. In the loops the mono filters are at one frame, the low crossover's at the one
 * before, the high one's at the one before that: nobody waits for a result, which makes them a third faster.
 */
#include "dsp/stereo.h"

#include "dsp/clones.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

static const double glide_ms = 20.0;
static const double top = 0.45; /* of the rate: no crossover is higher */

/* --- poles ----------------------------------------------------------------------------------------- */

enum {
    MID,
    SIDE,
    AGAIN
}; /* of three poles at one frequency; AGAIN takes a quarter: it stands behind two doublings */

static void
poles_tune(struct stereo_pole *p, double octaves, double rate_hz)
{
    double g = x_tan(PI * fmin(x_exp2(octaves) / rate_hz, top));

    for (int i = MID; i <= AGAIN; i++) {
        p[i].keep = (1.0 - g) / (1.0 + g);
        p[i].take = (i == AGAIN ? 0.25 : 1.0) * ((g + g) / (1.0 + g));
    }
}

static void
poles_forget(struct stereo_pole *p)
{
    for (int i = MID; i <= AGAIN; i++)
        p[i].state = 0.0;
}

/* Twice the lowpass: trapezoidal, of gain 1 at 0 Hz. */
INLINE double
pole_twice(struct stereo_pole *p, double x)
{
    double was = p->state;

    p->state = p->keep * was + p->take * x;
    return was + p->state;
}

INLINE void
mono_frame(struct stereo_pole *p, double *mid, double *side)
{
    double m = pole_twice(&p[MID], *mid), s = pole_twice(&p[SIDE], *side);

    *mid = m - *mid;
    *side = (s - *side) - pole_twice(&p[AGAIN], s);
}

/* w: w3, w1 - w3, w2 - w3. side becomes A, b is B. */
INLINE void
low_frame(struct stereo_pole *p, const double *w, double *mid, double *side, double *b)
{
    double m = pole_twice(&p[MID], *mid), s = pole_twice(&p[SIDE], *side), all = s - *side;
    double low = pole_twice(&p[AGAIN], s);

    *mid = m - *mid;
    *side = w[0] * all + w[1] * low;
    *b = w[2] * (all - low);
}

INLINE void
high_frame(struct stereo_pole *p, double *mid, double *side, double b)
{
    *mid = pole_twice(&p[MID], *mid) - *mid;
    *side = pole_twice(&p[SIDE], *side + pole_twice(&p[AGAIN], b)) - *side;
}

/* --- settings -------------------------------------------------------------------------------------- */

/* left = c left - s right, right = s left + c right, of mid and side; then the balance. */
static void
aim(struct stereo *s, double degrees, double left, double right)
{
    double turn = degrees * (PI / 180.0), cosine = x_cos(turn), sine = x_sin(turn);

    s->by_mid[0] = left * (cosine - sine);
    s->by_mid[1] = right * (cosine + sine);
    s->by_side[0] = left * (cosine + sine);
    s->by_side[1] = right * (sine - cosine);
}

static void
settle(struct stereo *s)
{
    for (int b = 0; b < STEREO_BANDS; b++)
        smooth_jump(&s->width[b], s->width[b].target);
    for (int x = 0; x < STEREO_XOVERS; x++) {
        smooth_jump(&s->xover[x], s->xover[x].target);
        poles_tune(s->bands[x], s->xover[x].target, s->rate_hz);
    }
    smooth_jump(&s->mono_at, s->mono_at.target);
    poles_tune(s->mono, s->mono_at.target, s->rate_hz);
    for (int c = 0; c < STEREO; c++)
        smooth_jump(&s->gain[c], s->gain[c].target);
    smooth_jump(&s->rotation_degrees, s->rotation_degrees.target);
    aim(s, s->rotation_degrees.target, s->gain[0].target, s->gain[1].target);
    fade_jump(&s->bands_in, s->bands_in.want);
    fade_jump(&s->mono_in, s->mono_in.want);
}

enum status
stereo_prepare(struct stereo *s, double rate_hz)
{
    *s = (struct stereo){.rate_hz = rate_hz, .fresh = true};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    for (int b = 0; b < STEREO_BANDS; b++)
        smooth_prepare(&s->width[b], rate_hz, glide_ms, 1e-8);
    for (int x = 0; x < STEREO_XOVERS; x++)
        smooth_prepare(&s->xover[x], rate_hz, glide_ms, 1e-7);
    smooth_prepare(&s->mono_at, rate_hz, glide_ms, 1e-7);
    for (int c = 0; c < STEREO; c++)
        smooth_prepare(&s->gain[c], rate_hz, glide_ms, 1e-8);
    smooth_prepare(&s->rotation_degrees, rate_hz, glide_ms, 1e-6);
    fade_prepare(&s->bands_in, rate_hz, glide_ms);
    fade_prepare(&s->mono_in, rate_hz, glide_ms);
    stereo_set(s, &(struct stereo_settings){.width = 100.0,
                                            .band = {{100.0}, {100.0}, {100.0}},
                                            .xover_hz = {250.0, 4000.0},
                                            .mono_below_hz = STEREO_MONO_OFF_HZ});
    stereo_reset(s);
    return OK;
}

void
stereo_free(struct stereo *s)
{
    *s = (struct stereo){0};
}

static void
forget(struct stereo *s)
{
    poles_forget(s->mono);
    for (int x = 0; x < STEREO_XOVERS; x++)
        poles_forget(s->bands[x]);
}

RT void
stereo_reset(struct stereo *s)
{
    settle(s);
    forget(s);
    s->phase = 0;
    s->fresh = true;
}

/* What fades in starts at its frequency, with nothing in it; what fades out keeps the one it has. */
static void
bands_set(struct stereo *s, const double *hz, bool on)
{
    bool was_off = fade_is(&s->bands_in, false);

    if (on && was_off)
        for (int x = 0; x < STEREO_XOVERS; x++)
            poles_forget(s->bands[x]);
    for (int x = 0; x < STEREO_XOVERS; x++) {
        smooth_to(&s->xover[x], x_log2(hz[x]));
        if (was_off) {
            smooth_jump(&s->xover[x], s->xover[x].target);
            poles_tune(s->bands[x], s->xover[x].target, s->rate_hz);
        }
    }
    fade_to(&s->bands_in, on);
}

static void
mono_set(struct stereo *s, double hz)
{
    bool on = hz > STEREO_MONO_OFF_HZ;

    if (on && fade_is(&s->mono_in, false)) {
        poles_forget(s->mono);
        smooth_jump(&s->mono_at, x_log2(hz));
        poles_tune(s->mono, s->mono_at.target, s->rate_hz);
    } else if (on) {
        smooth_to(&s->mono_at, x_log2(hz));
    }
    fade_to(&s->mono_in, on);
}

RT void
stereo_set(struct stereo *s, const struct stereo_settings *settings)
{
    double balance = settings->balance * 0.01;
    bool differ = false;

    for (int b = 0; b < STEREO_BANDS; b++) {
        smooth_to(&s->width[b], settings->width * settings->band[b].width * 1e-4);
        differ |= settings->band[b].width != settings->band[0].width;
    }
    smooth_to(&s->gain[0], balance > 0.0 ? 1.0 - balance : 1.0);
    smooth_to(&s->gain[1], balance < 0.0 ? 1.0 + balance : 1.0);
    smooth_to(&s->rotation_degrees, settings->rotation_degrees);
    bands_set(s, settings->xover_hz, differ);
    mono_set(s, settings->mono_below_hz);
    if (s->fresh)
        settle(s);
    s->fresh = false;
}

/* --- frames that move ------------------------------------------------------------------------------ */

static bool
aim_moves(const struct stereo *s)
{
    return s->gain[0].moving || s->gain[1].moving || s->rotation_degrees.moving;
}

static bool
moves(const struct stereo *s)
{
    return s->width[0].moving || s->width[1].moving || s->width[2].moving || s->xover[0].moving ||
           s->xover[1].moving || s->mono_at.moving || aim_moves(s) || fade_moving(&s->bands_in) ||
           fade_moving(&s->mono_in);
}

static void
fade_pair(struct fade *f, const double *dry, double *mid, double *side)
{
    double w = fade_next(f);

    *mid = w < 1.0 ? dry[0] + w * (*mid - dry[0]) : *mid;
    *side = w < 1.0 ? dry[1] + w * (*side - dry[1]) : *side;
}

static void
move_mono(struct stereo *s, double *mid, double *side)
{
    double dry[] = {*mid, *side};

    if (s->mono_at.moving)
        poles_tune(s->mono, smooth_next(&s->mono_at), s->rate_hz);
    if (fade_is(&s->mono_in, false))
        return;
    mono_frame(s->mono, mid, side);
    fade_pair(&s->mono_in, dry, mid, side);
}

static void
move_bands(struct stereo *s, double *mid, double *side)
{
    double w[STEREO_BANDS], dry[STEREO], b;

    for (int i = 0; i < STEREO_BANDS; i++)
        w[i] = smooth_next(&s->width[i]);
    for (int x = 0; x < STEREO_XOVERS; x++)
        if (s->xover[x].moving)
            poles_tune(s->bands[x], smooth_next(&s->xover[x]), s->rate_hz);
    dry[0] = *mid;
    dry[1] = w[1] * *side;
    if (fade_is(&s->bands_in, false)) {
        *side = dry[1];
        return;
    }
    low_frame(s->bands[0], (double[]){w[2], w[0] - w[2], w[1] - w[2]}, mid, side, &b);
    high_frame(s->bands[1], mid, side, b);
    fade_pair(&s->bands_in, dry, mid, side);
}

static void
move_aim(struct stereo *s)
{
    double left = smooth_next(&s->gain[0]), right = smooth_next(&s->gain[1]);

    aim(s, smooth_next(&s->rotation_degrees), left, right);
}

/* Up to n frames that move; returns how many. */
static int
move(struct stereo *s, double *left, double *right, int n)
{
    int i = 0;

    for (; i < n && moves(s); i++) {
        double mid = 0.5 * (left[i] + right[i]), side = 0.5 * (left[i] - right[i]);

        move_mono(s, &mid, &side);
        move_bands(s, &mid, &side);
        if (aim_moves(s))
            move_aim(s);
        left[i] = s->by_mid[0] * mid + s->by_side[0] * side;
        right[i] = s->by_mid[1] * mid + s->by_side[1] * side;
    }
    return i;
}

/* --- frames that don't ----------------------------------------------------------------------------- */

/* A chunk of mid and side on its way, and the filters in registers: io might alias *s for all gcc knows. */
struct stereo_run {
    struct stereo_pole mono[3], low[3], high[3];
    double w[STEREO_BANDS];
};

/* i is the mono filters' frame; without a guard all three frames are inside. */
INLINE void
run_frame(struct stereo_run *r, double *restrict mid, double *restrict side, double *restrict b, int i, int n,
          bool mono, bool bands, bool guard)
{
    if (mono && (!guard || i < n))
        mono_frame(r->mono, &mid[i], &side[i]);
    if (bands && (!guard || (i >= 1 && i <= n)))
        low_frame(r->low, r->w, &mid[i - 1], &side[i - 1], &b[i - 1]);
    if (bands && (!guard || i >= 2))
        high_frame(r->high, &mid[i - 2], &side[i - 2], b[i - 2]);
}

INLINE void
filter(struct stereo *s, double *restrict mid, double *restrict side, int n, bool mono, bool bands)
{
    double w3 = s->width[2].target, b[STEREO_CHUNK];
    struct stereo_run r = {.w = {w3, s->width[0].target - w3, s->width[1].target - w3}};
    int i = 0;

    memcpy(r.mono, s->mono, sizeof r.mono);
    memcpy(r.low, s->bands[0], sizeof r.low);
    memcpy(r.high, s->bands[1], sizeof r.high);
    for (; i < 2; i++)
        run_frame(&r, mid, side, b, i, n, mono, bands, true);
    for (; i < n; i++)
        run_frame(&r, mid, side, b, i, n, mono, bands, false);
    for (; i < n + 2; i++)
        run_frame(&r, mid, side, b, i, n, mono, bands, true);
    memcpy(s->mono, r.mono, sizeof r.mono);
    memcpy(s->bands[0], r.low, sizeof r.low);
    memcpy(s->bands[1], r.high, sizeof r.high);
}

CLONES static void
filter_mono(struct stereo *s, double *mid, double *side, int n)
{
    filter(s, mid, side, n, true, false);
}

CLONES static void
filter_bands(struct stereo *s, double *mid, double *side, int n)
{
    filter(s, mid, side, n, false, true);
}

CLONES static void
filter_both(struct stereo *s, double *mid, double *side, int n)
{
    filter(s, mid, side, n, true, true);
}

CLONES static void
spread(const double *restrict left, const double *restrict right, double *restrict mid, double *restrict side,
       int n)
{
    for (int i = 0; i < n; i++) {
        mid[i] = 0.5 * (left[i] + right[i]);
        side[i] = 0.5 * (left[i] - right[i]);
    }
}

/* width: of all bands, where they have not been through the filters. */
CLONES static void
join(const struct stereo *s, double width, const double *restrict mid, const double *restrict side,
     double *restrict left, double *restrict right, int n)
{
    double mid_left = s->by_mid[0], mid_right = s->by_mid[1];
    double side_left = s->by_side[0], side_right = s->by_side[1];

    for (int i = 0; i < n; i++) {
        double wide = width * side[i];

        left[i] = mid_left * mid[i] + side_left * wide;
        right[i] = mid_right * mid[i] + side_right * wide;
    }
}

static bool
does_nothing(const struct stereo *s)
{
    return s->width[1].target == 1.0 && s->gain[0].target == 1.0 && s->gain[1].target == 1.0 &&
           s->rotation_degrees.target == 0.0;
}

static void
run(struct stereo *s, double *left, double *right, int n)
{
    bool mono = fade_is(&s->mono_in, true), bands = fade_is(&s->bands_in, true);
    double mid[STEREO_CHUNK], side[STEREO_CHUNK];

    if (!mono && !bands && does_nothing(s))
        return;
    spread(left, right, mid, side, n);
    if (mono && bands)
        filter_both(s, mid, side, n);
    else if (mono)
        filter_mono(s, mid, side, n);
    else if (bands)
        filter_bands(s, mid, side, n);
    join(s, bands ? 1.0 : s->width[1].target, mid, side, left, right, n);
}

/* On the frame grid: ends decays before they become denormals, and what a NaN left. */
static void
tidy(struct stereo *s)
{
    double most = 0.0;

    for (int i = MID; i <= AGAIN; i++)
        most += fabs(s->mono[i].state) + fabs(s->bands[0][i].state) + fabs(s->bands[1][i].state);
    if (!(most > 1e-100 && most < 1e100))
        forget(s);
}

RT void
stereo_process(struct stereo *s, double *const *io, int nframes)
{
    for (int at = 0, n; at < nframes; at += n) {
        int moved;

        n = STEREO_CHUNK - s->phase;
        n = n < nframes - at ? n : nframes - at;
        moved = moves(s) ? move(s, io[0] + at, io[1] + at, n) : 0;
        if (moved < n)
            run(s, io[0] + at + moved, io[1] + at + moved, n - moved);
        s->phase += n;
        if (s->phase == STEREO_CHUNK) {
            tidy(s);
            s->phase = 0;
        }
    }
}

RT int
stereo_latency_frames(const struct stereo *s)
{
    (void)s;
    return 0;
}
