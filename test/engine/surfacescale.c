/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/surfacescale.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct surfacescale ways[] = {
    {0, 127, 0, 0},          {0, 16383, 0, 0},      {0, 16368, 0, 0}, /* FaderPort 8 */
    {3, 124, 0, 0},          {127, 0, 0, 0},        {16383, 0, 0, 0},   {0, 127, 64, 1}, {0, 127, 64, 5},
    {127, 0, 64, 2},         {0, 16383, 8192, 100}, {0, 16383, 600, 3}, /* far from the middle */
    {16000, 200, 12000, 40}, {0, 1, 0, 0},          {5, 6, 0, 0},
};

static void
ends_are_0_and_1_and_beyond_them_is_at_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(ways); i++) {
        const struct surfacescale *s = &ways[i];
        int out = s->max > s->min ? 1 : -1;

        assert_true(surfacescale_value(s, s->min) == 0.0);
        assert_true(surfacescale_value(s, s->max) == 1.0);
        assert_true(surfacescale_value(s, s->min - out) == 0.0);
        assert_true(surfacescale_value(s, s->max + out * 9) == 1.0);
    }
}

static void
a_way_without_detent_is_straight(void **state)
{
    struct surfacescale up = {0, 127, 64, 0}, down = {127, 0, 0, 0}, shorter = {3, 123, 0, 0};

    (void)state;
    for (int r = 0; r <= 127; r++) {
        assert_true(surfacescale_value(&up, r) == r / 127.0);
        assert_true(surfacescale_value(&down, r) == (127 - r) / 127.0);
    }
    assert_true(surfacescale_value(&shorter, 63) == 0.5);
    assert_true(surfacescale_value(&shorter, 33) == 0.25);
}

static void
a_detent_is_exactly_the_middle_and_both_sides_reach_their_ends(void **state)
{
    struct surfacescale s = {0, 127, 64, 2}, down = {127, 0, 64, 2};

    (void)state;
    for (int r = 62; r <= 66; r++) {
        assert_true(surfacescale_value(&s, r) == 0.5);
        assert_true(surfacescale_value(&down, r) == 0.5);
    }
    assert_true(surfacescale_value(&s, 31) == 0.25);                    /* half of 0..62 */
    assert_true(surfacescale_value(&s, 97) == 0.5 + 0.5 * 31.0 / 61.0); /* of 66..127 */
    assert_true(surfacescale_value(&s, 61) < 0.5 && surfacescale_value(&s, 67) > 0.5);
    assert_true(surfacescale_value(&down, 61) > 0.5 && surfacescale_value(&down, 67) < 0.5);
}

/* What is between two raw values goes to the nearer: half a step of that side of the detent, at most. */
static double
half_step(const struct surfacescale *s, int r, int out)
{
    double there = surfacescale_value(s, r);

    return 0.5 *
           fmax(fabs(surfacescale_value(s, r + out) - there), fabs(there - surfacescale_value(s, r - out)));
}

static void
there_and_back_is_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(ways); i++) {
        const struct surfacescale *s = &ways[i];
        int out = s->max > s->min ? 1 : -1;
        double before = -1.0;

        for (int r = s->min; r != s->max + out; r += out) {
            double value = surfacescale_value(s, r);
            bool middle = s->detent && abs(r - s->centre) <= s->detent;

            assert_true(value >= before && value <= 1.0);
            assert_true(middle ? value == 0.5 : value > before);
            assert_int_equal(surfacescale_raw(s, value), middle ? s->centre : r);
            before = value;
        }
        for (int k = 0; k <= 5000; k++) {
            double value = k / 5000.0;
            int r = surfacescale_raw(s, value);

            assert_true(fabs(surfacescale_value(s, r) - value) <= half_step(s, r, out) + 1e-12);
        }
    }
}

static void
what_is_no_place_is_put_at_an_end(void **state)
{
    struct surfacescale s = {10, 100, 0, 0};

    (void)state;
    assert_int_equal(surfacescale_raw(&s, -3.0), 10);
    assert_int_equal(surfacescale_raw(&s, 1e9), 100);
    assert_int_equal(surfacescale_raw(&s, (double)NAN), 10);
    assert_int_equal(surfacescale_raw(&s, (double)-INFINITY), 10);
    assert_int_equal(surfacescale_raw(&s, (double)INFINITY), 100);
}

/* Counted: how many different values there are, less one. */
static void
steps_are_those_that_can_be_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(ways); i++) {
        const struct surfacescale *s = &ways[i];
        int out = s->max > s->min ? 1 : -1, count = 0;

        for (int r = s->min; r != s->max; r += out)
            count += surfacescale_value(s, r) != surfacescale_value(s, r + out);
        assert_int_equal(surfacescale_steps(s), count);
    }
    assert_int_equal(surfacescale_steps(&ways[0]), 127);
    assert_int_equal(surfacescale_steps(&ways[1]), 16383);
}

static void
a_way_that_is_no_way_divides_nothing_by_0(void **state)
{
    static const struct surfacescale odd[] = {{0, 0, 0, 0},     {64, 64, 64, 3},   {0, 127, 0, 5},
                                              {0, 127, 127, 5}, {0, 127, -500, 5}, {0, 127, 64, 500}};

    (void)state;
    for (size_t i = 0; i < LEN(odd); i++) {
        assert_true(surfacescale_steps(&odd[i]) >= 1);
        for (int r = -10; r < 140; r++) {
            double v = surfacescale_value(&odd[i], r);

            assert_true(v >= 0.0 && v <= 1.0);
        }
        for (int k = 0; k <= 16; k++) {
            int r = surfacescale_raw(&odd[i], k / 16.0);

            assert_true(r >= odd[i].min && r <= (odd[i].max > odd[i].min ? odd[i].max : odd[i].min + 1));
        }
    }
}

static void
a_file_that_says_no_ends_means_all_of_the_message(void **state)
{
    struct surface_way seven = {.message = SURFACE_CC}, fourteen = {.message = SURFACE_PITCH_BEND};
    struct surface_control c = {.in = &seven}, d = {.out = &fourteen}, e = {.in = &fourteen, .min = 16383};

    (void)state;
    assert_int_equal(surfacescale_of(&c).max, 127);
    assert_int_equal(surfacescale_of(&d).max, 16383);
    assert_int_equal(surfacescale_of(&e).min, 16383);
    assert_int_equal(surfacescale_of(&e).max, 0);
}

/* surfaces.md 0.1, column "decode". */
static void
ticks_are_as_the_table_says(void **state)
{
    (void)state;
    for (int v = 0; v < 128; v++) {
        bool none = v == 64;

        assert_true(surfacescale_ticks(SURFACE_TWOS_COMPLEMENT, v, 1.0) == (none ? 0 : v < 64 ? v : v - 128));
        assert_true(surfacescale_ticks(SURFACE_OFFSET64, v, 1.0) == v - 64);
        assert_true(surfacescale_ticks(SURFACE_SIGN_MAGNITUDE, v, 1.0) == (v < 64 ? v : 64 - v));
        assert_true(surfacescale_ticks(SURFACE_SIGN_MAGNITUDE_INVERTED, v, 1.0) == (none     ? 0
                                                                                    : v > 64 ? v - 64
                                                                                             : -v));
        assert_true(surfacescale_ticks(SURFACE_BEND_SIGN, v, 1.0) == (v >= 64 ? -1 : 1));
        assert_true(surfacescale_ticks(SURFACE_ABSOLUTE, v, 1.0) == 0.0);
        assert_true(surfacescale_ticks(SURFACE_INCREMENT, v, 1.0) == 0.0);
    }
}

static void
acceleration_is_a_power_of_the_ticks(void **state)
{
    (void)state;
    assert_true(surfacescale_ticks(SURFACE_TWOS_COMPLEMENT, 1, 2.0) == 1.0);
    assert_true(surfacescale_ticks(SURFACE_TWOS_COMPLEMENT, 3, 2.0) == 9.0);
    assert_true(surfacescale_ticks(SURFACE_TWOS_COMPLEMENT, 125, 2.0) == -9.0);
    assert_true(fabs(surfacescale_ticks(SURFACE_SIGN_MAGNITUDE, 68, 1.5) + 8.0) < 1e-12);
    assert_true(surfacescale_ticks(SURFACE_SIGN_MAGNITUDE, 5, 0.0) == 5.0);
    assert_true(isfinite(surfacescale_ticks(SURFACE_OFFSET64, 127, 1e6)));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_are_0_and_1_and_beyond_them_is_at_them),
        cmocka_unit_test(a_way_without_detent_is_straight),
        cmocka_unit_test(a_detent_is_exactly_the_middle_and_both_sides_reach_their_ends),
        cmocka_unit_test(there_and_back_is_the_same),
        cmocka_unit_test(what_is_no_place_is_put_at_an_end),
        cmocka_unit_test(steps_are_those_that_can_be_told_apart),
        cmocka_unit_test(a_way_that_is_no_way_divides_nothing_by_0),
        cmocka_unit_test(a_file_that_says_no_ends_means_all_of_the_message),
        cmocka_unit_test(ticks_are_as_the_table_says),
        cmocka_unit_test(acceleration_is_a_power_of_the_ticks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
