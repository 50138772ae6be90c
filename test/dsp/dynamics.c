/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/dynamics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* 1e-12: exp() of libm against the chain's, and 1 - what is near 1. */
static void
step_covers_63_percent_in_its_time(void **state)
{
    static const double times_ms[] = {0.1, 1.0, 10.0, 3000.0};

    (void)state;
    for (size_t k = 0; k < LEN(times_ms); k++) {
        double step = dynamics_step(times_ms[k], 48000.0);
        double left = pow(1.0 - step, times_ms[k] * 48.0);

        assert_true(fabs(step + expm1(-1000.0 / (times_ms[k] * 48000.0))) < 1e-15);
        assert_true(fabs(left - exp(-1.0)) < 1e-9);
    }
    assert_true(dynamics_step(0.0, 48000.0) == 1.0);
}

/* The paper's three cases, as written there. */
static double
reduction_by_cases(double level, double threshold, double ratio, double knee)
{
    double over = level - threshold;

    if (2.0 * over < -knee)
        return 0.0;
    if (2.0 * fabs(over) <= knee)
        return (1.0 - 1.0 / ratio) * (over + knee / 2.0) * (over + knee / 2.0) / (2.0 * knee);
    return over - over / ratio;
}

static void
curve_is_the_papers(void **state)
{
    static const double ratios[] = {1.0, 1.5, 4.0, 20.0}, knees[] = {0.0, 0.1, 6.0, 24.0};

    (void)state;
    for (size_t r = 0; r < LEN(ratios); r++) {
        for (size_t k = 0; k < LEN(knees); k++) {
            struct dynamics_curve c = dynamics_curve_of(-20.0, 1.0 - 1.0 / ratios[r], knees[k]);

            for (double level = -90.01; level < 20.0; level += 0.13) {
                double want = reduction_by_cases(level, -20.0, ratios[r], knees[k]);

                assert_true(fabs(dynamics_reduction_db(&c, level) - want) < 1e-12);
            }
        }
    }
}

/* Slope from 0 to 1 - 1 / ratio without a jump: over 0.001 dB it changes by slope / knee of that at most. */
static void
knee_has_no_corner(void **state)
{
    struct dynamics_curve c = dynamics_curve_of(-20.0, 0.75, 6.0);
    const double h = 0.001;
    double before = 0.0;

    (void)state;
    for (double level = -26.0; level < -14.0; level += h) {
        double slope = (dynamics_reduction_db(&c, level + h) - dynamics_reduction_db(&c, level)) / h;

        assert_true(slope - before > -1e-9 && slope - before < 0.75 / 6.0 * h * 1.01 + 1e-9);
        before = slope;
    }
    assert_true(fabs(before - 0.75) < 1e-9);
}

static void
curve_is_exactly_nothing_below_its_foot(void **state)
{
    struct dynamics_curve c = dynamics_curve_of(-20.0, 0.75, 6.0);

    (void)state;
    assert_true(dynamics_reduction_db(&c, -23.0) == 0.0);
    assert_true(dynamics_reduction_db(&c, DB_SILENCE) == 0.0);
    assert_true(dynamics_reduction_db(&c, NAN) == 0.0);
}

/* Frames until `out` has gone 63 % of the way to `to`. */
static int
frames_to_63_percent(struct dynamics_detector *d, double to, double attack, double release)
{
    double from = d->out, want = from + (to - from) * (1.0 - exp(-1.0));
    int n = 0;

    while ((d->out - want) * (to - from) < 0.0) {
        dynamics_detector_next(d, to, attack, release);
        n++;
    }
    return n;
}

/* The paper's detector, 10 and 100 ms: 10.0 ms up; 110.5 ms down, for both poles are in the way. */
static void
detector_has_the_papers_times(void **state)
{
    struct dynamics_detector d = {0};
    double attack = dynamics_step(10.0, 48000.0), release = dynamics_step(100.0, 48000.0);

    (void)state;
    assert_in_range(frames_to_63_percent(&d, 12.0, attack, release), 479, 481);
    for (int i = 0; i < 48000; i++)
        dynamics_detector_next(&d, 12.0, attack, release);
    assert_true(fabs(d.out - 12.0) < 1e-9);
    assert_true(fabs(frames_to_63_percent(&d, 0.0, attack, release) / 48.0 - 110.5) < 0.2);
}

static void
decay_ends_in_nothing(void **state)
{
    struct dynamics_detector d = {.held = 12.0, .out = 12.0};
    double attack = dynamics_step(10.0, 48000.0), release = dynamics_step(100.0, 48000.0);
    int i;

    (void)state;
    for (i = 0; i < 480000 && !dynamics_detector_idle(&d); i++) {
        dynamics_detector_next(&d, 0.0, attack, release);
        dynamics_detector_settle(&d);
    }
    assert_true(i > 48000 && i < 240000); /* 12 dB to 1e-12 dB: 30 times 100 ms */
    assert_true(dynamics_detector_next(&d, 0.0, attack, release) == 0.0);
}

static void
settle_leaves_what_can_be_heard(void **state)
{
    struct dynamics_detector d = {.held = 1e-9, .out = 0.0};

    (void)state;
    dynamics_detector_settle(&d);
    assert_true(d.held == 1e-9);
    assert_false(dynamics_detector_idle(&d));
}

/* --- two at once ----------------------------------------------------------------------------------- */

enum { STEPS = 200000 };

static double
some_reduction(int i)
{
    return (i / 700) % 3 ? 6.0 + 6.0 * sin(i * 0.013) : 0.0;
}

/* 1e-9 dB: what another order of the same sums makes. Each lane for itself. */
static void
pair_without_auto_is_the_single_one(void **state)
{
    struct dynamics_pace p = dynamics_pace_of(5.0, 80.0, false, 48000.0);
    struct dynamics_detector one = {0}, other = {0};
    struct dynamics_detectors d = {0};

    (void)state;
    for (int i = 0; i < STEPS; i++) {
        double a = some_reduction(i), b = some_reduction(i + 300);
        dynamics_pair out = dynamics_detectors_next(&d, (dynamics_pair){a, b}, &p, false);

        assert_true(fabs(out[0] - dynamics_detector_next(&one, a, p.attack, p.release)) < 1e-9);
        assert_true(fabs(out[1] - dynamics_detector_next(&other, b, p.attack, p.release)) < 1e-9);
    }
}

/* Milliseconds from the end of so long a reduction of 12 dB until 63 % of it are given back. */
static double
recovery_ms(double lasted_ms, double release_ms, bool auto_release)
{
    struct dynamics_pace p = dynamics_pace_of(0.1, release_ms, auto_release, 48000.0);
    struct dynamics_detectors d = {0};
    double top;
    int n = 0;

    for (int i = 0; i < lasted_ms * 48.0; i++)
        dynamics_detectors_next(&d, (dynamics_pair){12.0, 12.0}, &p, auto_release);
    for (top = d.out[0]; d.out[0] > top * exp(-1.0); n++)
        dynamics_detectors_next(&d, (dynamics_pair){0.0, 0.0}, &p, auto_release);
    return n / 48.0;
}

/* A hundredth, and 0.2 ms for the attack. What falls slowly falls to what falls fast, so both are in the way: 2 % of
   their sum. */
static void
auto_release_goes_by_what_has_lasted(void **state)
{
    static const double release_ms[] = {20.0, 100.0, 200.0};

    (void)state;
    for (size_t k = 0; k < LEN(release_ms); k++) {
        double r = release_ms[k], before = 0.0, transient = recovery_ms(0.05 * r, r, true);
        double sustained = recovery_ms(10.0 * r, r, true);

        print_message("# release %g ms: a transient %.1f, sustained %.1f ms\n", r, transient, sustained);
        assert_true(fabs(transient - DYNAMICS_FAST_RATIO * r) < 0.01 * r + 0.2);
        assert_true(fabs(sustained - (DYNAMICS_FAST_RATIO + DYNAMICS_SLOW_RATIO) * r) < 0.1 * r + 0.2);
        assert_true(fabs(recovery_ms(0.05 * r, r, false) - r) < 0.01 * r + 0.2);
        assert_true(fabs(recovery_ms(10.0 * r, r, false) - r) < 0.01 * r + 0.2);
        for (double t = 0.05; t < 5.0; t *= 1.5) { /* the longer the slower */
            double now = recovery_ms(t * r, r, true);

            assert_true(now >= before);
            before = now;
        }
    }
}

static void
auto_release_takes_no_longer_to_attack_and_no_more(void **state)
{
    struct dynamics_pace p = dynamics_pace_of(10.0, 100.0, true, 48000.0);
    struct dynamics_detectors d = {0};

    (void)state;
    for (int i = 0; i < 480; i++)
        dynamics_detectors_next(&d, (dynamics_pair){12.0, 12.0}, &p, true);
    assert_true(fabs(d.out[0] - 12.0 * (1.0 - exp(-1.0))) < 0.01);
    for (int i = 0; i < STEPS; i++)
        assert_true(dynamics_detectors_next(&d, (dynamics_pair){12.0, 12.0}, &p, true)[0] < 12.0 + 1e-9);
}

static void
pair_settles_into_nothing(void **state)
{
    struct dynamics_pace p = dynamics_pace_of(1.0, 5.0, true, 48000.0);
    struct dynamics_detectors d = {.held = {12.0, 0.0}, .slow = {12.0, 0.0}, .out = {12.0, 0.0}};
    int i;

    (void)state;
    for (i = 0; i < STEPS && !dynamics_detectors_idle(&d); i++) {
        dynamics_detectors_next(&d, (dynamics_pair){0.0, 0.0}, &p, true);
        dynamics_detectors_settle(&d);
    }
    assert_true(i > 24000 && i < STEPS); /* 12 dB to 1e-12 dB: 30 times 25 ms */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(step_covers_63_percent_in_its_time),
        cmocka_unit_test(curve_is_the_papers),
        cmocka_unit_test(knee_has_no_corner),
        cmocka_unit_test(curve_is_exactly_nothing_below_its_foot),
        cmocka_unit_test(detector_has_the_papers_times),
        cmocka_unit_test(decay_ends_in_nothing),
        cmocka_unit_test(settle_leaves_what_can_be_heard),
        cmocka_unit_test(pair_without_auto_is_the_single_one),
        cmocka_unit_test(auto_release_goes_by_what_has_lasted),
        cmocka_unit_test(auto_release_takes_no_longer_to_attack_and_no_more),
        cmocka_unit_test(pair_settles_into_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
