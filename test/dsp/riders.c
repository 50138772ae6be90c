/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/riders.h"

#include "dsp/xmath.h"
#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { NFRAMES = 1 << 16, ALL = 15 };

static double level[RIDERS][NFRAMES], gain[RIDERS][NFRAMES];

static const struct rider_settings usual = {.threshold_db = -24.0,
                                            .ratio = 4.0,
                                            .attack_ms = 10.0,
                                            .release_ms = 100.0,
                                            .knee_db = 6.0,
                                            .makeup_db = 4.0,
                                            .range_db = 40.0};

/* Frames from .. to - 1, in pieces of at most `step`, cut at chunks; what is not touched has gain 1. */
static void
ride(struct riders *r, unsigned use, int from, int to, int step)
{
    static double v[RIDERS][RIDERS_CHUNK];

    for (int at = from, n; at < to; at += n) {
        unsigned touched;

        n = RIDERS_CHUNK - at % RIDERS_CHUNK;
        n = n < step ? n : step;
        n = n < to - at ? n : to - at;
        if (at % RIDERS_CHUNK == 0)
            riders_begin(r, use);
        for (int k = 0; k < RIDERS; k++)
            memcpy(v[k], level[k] + at, sizeof(double) * (size_t)n);
        touched = riders_process(r, use, v, n);
        for (int k = 0; k < RIDERS; k++)
            for (int i = 0; i < n; i++)
                gain[k][at + i] = touched & 1u << k ? v[k][i] : 1.0;
        if ((at + n) % RIDERS_CHUNK == 0)
            riders_end(r);
    }
}

static void
start(struct riders *r, const struct rider_settings *s)
{
    assert_int_equal(riders_prepare(r, 48000.0), OK);
    for (int k = 0; k < RIDERS; k++)
        riders_set(r, k, &s[k]);
    riders_reset(r);
}

static void
start_alike(struct riders *r, const struct rider_settings *s)
{
    start(r, (struct rider_settings[]){*s, *s, *s, *s});
}

static void
hold(double level_db, int from, int to)
{
    for (int k = 0; k < RIDERS; k++)
        for (int i = from; i < to; i++)
            level[k][i] = pow(10.0, level_db / 20.0);
}

/* Bursts and rests, another for each. */
static void
make_bursts(void)
{
    dice_state = 3;
    for (int k = 0; k < RIDERS; k++)
        for (int i = 0; i < NFRAMES; i++)
            level[k][i] = (i / (700 * (k + 1))) % 3 ? 0.0 : chance();
}

/* --- the curve ------------------------------------------------------------------------------------- */

/* The formula as the paper has it, three cases; then the range, either way. */
static double
change_db(double level_db, const struct rider_settings *s)
{
    double over = level_db - s->threshold_db, slope = 1.0 / s->ratio - 1.0, db = over * slope;

    if (2.0 * over < -s->knee_db)
        db = 0.0;
    else if (2.0 * fabs(over) <= s->knee_db)
        db = slope * (over + s->knee_db / 2.0) * (over + s->knee_db / 2.0) / (2.0 * s->knee_db);
    return fmax(fmin(db, s->range_db), -s->range_db) + s->makeup_db;
}

/* Four at once, each its own. 0.001 dB: what is left of attacks of 1 ms after 20 of them is 2e-9 of the whole. */
static void
static_curves_are_the_formula(void **state)
{
    static const struct rider_settings cases[RIDERS] = {
        {.threshold_db = -20, .ratio = 4, .attack_ms = 1, .release_ms = 5, .knee_db = 6, .range_db = 40},
        {.threshold_db = -30, .ratio = 2, .attack_ms = 1, .release_ms = 5, .makeup_db = 6, .range_db = 8},
        {.threshold_db = -40, .ratio = 0.5, .attack_ms = 1, .release_ms = 5, .knee_db = 12, .range_db = 9},
        {.threshold_db = -12, .ratio = 20, .attack_ms = 1, .release_ms = 5, .knee_db = 24, .range_db = 40},
    };
    struct riders r;

    (void)state;
    for (double level_db = -70.0; level_db <= 6.0; level_db += 0.7) {
        hold(level_db, 0, 1024);
        start(&r, cases);
        ride(&r, ALL, 0, 1024, RIDERS_CHUNK);
        for (int k = 0; k < RIDERS; k++) {
            double got_db = 20.0 * log10(gain[k][1023]), want_db = change_db(level_db, &cases[k]);

            if (!(fabs(got_db - want_db) < 1e-3))
                fail_msg("rider %d at %g dBFS: %g dB, not %g", k, level_db, got_db, want_db);
        }
    }
}

static void
a_range_or_slope_of_nothing_is_unity_to_the_bit(void **state)
{
    struct rider_settings flat = usual, tight = usual;
    struct riders r;

    (void)state;
    flat.ratio = 1.0;
    tight.range_db = flat.makeup_db = tight.makeup_db = 0.0;
    make_bursts();
    start(&r, (struct rider_settings[]){flat, tight, flat, tight});
    ride(&r, ALL, 0, NFRAMES, 17);
    for (int k = 0; k < RIDERS; k++)
        for (int i = 0; i < NFRAMES; i++)
            assert_true(gain[k][i] == 1.0);
}

/* --- time ------------------------------------------------------------------------------------------ */

/* Frame by frame as dynamics.h's detector. 1e-11 dB: it multiplies out what is kept. */
static void
detectors_are_the_smooth_decoupled_one(void **state)
{
    static struct rider_settings s[RIDERS];
    struct riders r;

    (void)state;
    make_bursts();
    for (int k = 0; k < RIDERS; k++) {
        s[k] = usual;
        s[k].attack_ms = 0.1 + 7.0 * k;
        s[k].release_ms = 300.0 / (k + 1);
        s[k].threshold_db = -10.0 - 5.0 * k;
    }
    start(&r, s);
    ride(&r, ALL, 0, NFRAMES, RIDERS_CHUNK);
    for (int k = 0; k < RIDERS; k++) {
        struct dynamics_curve c = dynamics_curve_of(s[k].threshold_db, 0.75, s[k].knee_db);
        struct dynamics_detector d = {0};

        for (int i = 0; i < NFRAMES; i++) {
            double due = dynamics_reduction_db(&c, gain_to_db(level[k][i]));
            double db = dynamics_detector_next(&d, due, dynamics_step(s[k].attack_ms, 48000.0),
                                               dynamics_step(s[k].release_ms, 48000.0));

            assert_true(fabs(20.0 * log10(gain[k][i]) - (s[k].makeup_db - db)) < 1e-11);
        }
    }
}

/* Frames until the gain in dB has gone 63 % of the way from frame `at` on. */
static int
frames_to_63_percent(int at, int n)
{
    double first = log(gain[2][at - 1]), last = log(gain[2][n - 1]), want = last + (first - last) * exp(-1.0);
    int i = at;

    while (i < n && (log(gain[2][i]) - want) * (last - first) < 0.0)
        i++;
    return i - at;
}

/* One frame, and 0.1 %; the release is the attack's and its own (the paper: 110.5 ms for 10 and 100). */
static void
times_are_to_63_percent(void **state)
{
    struct riders r;

    (void)state;
    hold(-60.0, 0, 4800);
    hold(-6.0, 4800, 24000);
    hold(-60.0, 24000, NFRAMES);
    start_alike(&r, &usual);
    ride(&r, ALL, 0, NFRAMES, RIDERS_CHUNK);
    assert_true(abs(frames_to_63_percent(4800, 24000) - 480) <= 1);
    assert_true(abs(frames_to_63_percent(24000, NFRAMES) - 5304) <= 6);
}

/* --- bits ------------------------------------------------------------------------------------------ */

static void
any(struct rider_settings *s)
{
    *s = (struct rider_settings){.threshold_db = -60.0 * chance(),
                                 .ratio = 0.5 + 4.0 * chance(),
                                 .attack_ms = 0.1 + 50.0 * chance(),
                                 .release_ms = 5.0 + 300.0 * chance(),
                                 .knee_db = dice(2) ? 24.0 * chance() : 0.0,
                                 .makeup_db = dice(2) ? 12.0 * chance() : 0.0,
                                 .range_db = 40.0 * chance()};
}

/* Moves at the same frames, which end chunks or don't. */
static void
ride_with_moves(struct riders *r, int step)
{
    struct rider_settings s[RIDERS];
    unsigned use = ALL;

    dice_state = 9;
    for (int k = 0; k < RIDERS; k++)
        any(&s[k]);
    start(r, s);
    for (int at = 0, n; at < NFRAMES; at += n) {
        n = 1 + (int)dice(40) * 32;
        n = n < NFRAMES - at ? n : NFRAMES - at;
        ride(r, use, at, at + n, step);
        any(&s[0]);
        riders_set(r, (int)dice(RIDERS), &s[0]);
    }
}

static void
same_bits_in_any_pieces(void **state)
{
    static const int steps[] = {1, 2, 7, 33};
    static double want[RIDERS][NFRAMES];
    struct riders r;

    (void)state;
    make_bursts();
    ride_with_moves(&r, RIDERS_CHUNK);
    memcpy(want, gain, sizeof want);
    for (size_t i = 0; i < LEN(steps); i++) {
        ride_with_moves(&r, steps[i]);
        assert_memory_equal(gain, want, sizeof want);
    }
}

/* The short cuts for those with nothing to do are no others for their neighbours. */
static void
nobody_hears_the_others(void **state)
{
    static double want[NFRAMES];
    struct riders r;

    (void)state;
    make_bursts();
    start_alike(&r, &usual);
    ride(&r, ALL, 0, NFRAMES, RIDERS_CHUNK);
    memcpy(want, gain[2], sizeof want);
    for (int k = 0; k < RIDERS; k++)
        if (k != 2)
            memset(level[k], 0, sizeof level[k]);
    start_alike(&r, &usual);
    ride(&r, ALL, 0, NFRAMES, RIDERS_CHUNK);
    assert_memory_equal(gain[2], want, sizeof want);
    start_alike(&r, &usual);
    ride(&r, 4, 0, NFRAMES, RIDERS_CHUNK);
    assert_memory_equal(gain[2], want, sizeof want);
    for (int i = 0; i < NFRAMES; i++)
        assert_true(gain[0][i] == 1.0);
}

/* --- the rest -------------------------------------------------------------------------------------- */

/* Two within one fade: the last one counts. 1e-5 dB: the make-up's last step is 1e-6. */
static void
the_last_move_arrives(void **state)
{
    struct rider_settings first = usual, last = usual;
    struct riders r;

    (void)state;
    first.threshold_db = -50.0;
    first.release_ms = 20.0;
    last.release_ms = 30.0;
    last.ratio = 2.0;
    last.makeup_db = -3.0;
    last.range_db = 5.0;
    hold(-6.0, 0, NFRAMES);
    start_alike(&r, &usual);
    ride(&r, ALL, 0, 1280, RIDERS_CHUNK);
    riders_set(&r, 1, &first);
    ride(&r, ALL, 1280, 1400, RIDERS_CHUNK);
    riders_set(&r, 1, &last);
    ride(&r, ALL, 1400, NFRAMES, RIDERS_CHUNK);
    assert_true(fabs(20.0 * log10(gain[1][NFRAMES - 1]) - change_db(-6.0, &last)) < 1e-5);
    assert_true(fabs(20.0 * log10(gain[0][NFRAMES - 1]) - change_db(-6.0, &usual)) < 1e-5);
}

static void
one_that_comes_into_use_again_has_heard_nothing(void **state)
{
    struct rider_settings other = usual;
    struct riders r;

    (void)state;
    other.makeup_db = 0.0;
    other.release_ms = 3000.0;
    hold(-6.0, 0, 12800);
    hold(-60.0, 12800, NFRAMES);
    start_alike(&r, &other);
    ride(&r, ALL, 0, 12800, RIDERS_CHUNK);
    assert_true(gain[1][12799] < 0.5);
    ride(&r, ALL & ~2u, 12800, 19200, RIDERS_CHUNK);
    riders_forget(&r, 1);
    ride(&r, ALL, 19200, 25600, RIDERS_CHUNK);
    assert_true(gain[1][19200] == 1.0 && gain[1][25599] == 1.0);
    assert_true(gain[0][25599] < 1.0);
}

static void
a_reduction_is_told_once_and_what_is_given_is_none(void **state)
{
    struct rider_settings giving = usual;
    struct riders r;

    (void)state;
    giving.ratio = 0.5;
    hold(-6.0, 0, 48000);
    start(&r, (struct rider_settings[]){usual, giving, usual, usual});
    ride(&r, ALL, 0, 48000, RIDERS_CHUNK);
    assert_true(fabs(riders_take_reduction_db(&r, 0) - 13.5) < 1e-6); /* 18 over, 4:1 */
    assert_true(riders_take_reduction_db(&r, 0) == 0.0);
    assert_true(riders_take_reduction_db(&r, 1) == 0.0);
    assert_true(gain[1][47999] > 1.0);
}

static void
decays_end_in_exactly_nothing(void **state)
{
    struct rider_settings s = usual;
    struct riders r;

    (void)state;
    s.makeup_db = 0.0;
    s.release_ms = 20.0;
    hold(-6.0, 0, 6400);
    hold(-400.0, 6400, NFRAMES);
    start_alike(&r, &s);
    ride(&r, ALL, 0, NFRAMES, RIDERS_CHUNK);
    for (int i = NFRAMES - 1000; i < NFRAMES; i++)
        assert_true(gain[3][i] == 1.0);
    assert_true(r.bank[0].held[3] == 0.0 && r.bank[0].out[3] == 0.0);
}

static void
bad_rates_are_refused(void **state)
{
    struct riders r;

    (void)state;
    assert_int_equal(riders_prepare(&r, 7999.0), BAD_ARG);
    assert_int_equal(riders_prepare(&r, NAN), BAD_ARG);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_curves_are_the_formula),
        cmocka_unit_test(a_range_or_slope_of_nothing_is_unity_to_the_bit),
        cmocka_unit_test(detectors_are_the_smooth_decoupled_one),
        cmocka_unit_test(times_are_to_63_percent),
        cmocka_unit_test(same_bits_in_any_pieces),
        cmocka_unit_test(nobody_hears_the_others),
        cmocka_unit_test(the_last_move_arrives),
        cmocka_unit_test(one_that_comes_into_use_again_has_heard_nothing),
        cmocka_unit_test(a_reduction_is_told_once_and_what_is_given_is_none),
        cmocka_unit_test(decays_end_in_exactly_nothing),
        cmocka_unit_test(bad_rates_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
