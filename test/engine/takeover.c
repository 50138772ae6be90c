/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/takeover.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS = 127, WALK = 200000 };

#define HALF (0.5 / STEPS)

static double
raw(int n)
{
    return n / (double)STEPS;
}

/* Moves and gives the value what it got. */
static bool
move(struct takeover *t, enum surface_takeover how, double to, double *value)
{
    double out = -1.0;

    if (!takeover_move(t, how, to, *value, STEPS, &out))
        return false;
    *value = out;
    return true;
}

static void
pickup_waits_for_the_value(void **state)
{
    struct takeover t = {0};
    double value = raw(80);

    (void)state;
    for (int n = 10; n < 80; n += 5) {
        assert_false(move(&t, SURFACE_PICKUP, raw(n), &value));
        assert_false(takeover_holds(&t, value, STEPS));
    }
    assert_true(move(&t, SURFACE_PICKUP, raw(80), &value));
    assert_true(takeover_holds(&t, value, STEPS));
    assert_true(move(&t, SURFACE_PICKUP, raw(20), &value));
    assert_true(value == raw(20));
}

static void
a_control_that_flies_past_the_value_has_it(void **state)
{
    struct takeover t = {0};
    double value = raw(80);

    (void)state;
    assert_false(move(&t, SURFACE_PICKUP, raw(70), &value));
    assert_true(move(&t, SURFACE_PICKUP, raw(95), &value));
    assert_true(value == raw(95));
    value = raw(20); /* and downwards */
    assert_true(move(&t, SURFACE_PICKUP, raw(3), &value));
    assert_true(value == raw(3));
}

static void
the_first_word_of_a_control_takes_only_what_is_there(void **state)
{
    struct takeover far = {0}, near = {0}, scale = {0};
    double value = 0.5;

    (void)state;
    assert_false(move(&far, SURFACE_PICKUP, raw(10), &value));
    assert_false(move(&scale, SURFACE_SCALE, raw(10), &value));
    assert_true(value == 0.5);
    assert_true(move(&near, SURFACE_PICKUP, raw(64), &value)); /* the step that is nearest to the middle */
    assert_true(value == raw(64));
}

static void
what_another_moves_must_be_taken_over_again(void **state)
{
    struct takeover t = {0};
    double value = 0.0;

    (void)state;
    assert_true(move(&t, SURFACE_PICKUP, 0.0, &value));
    assert_true(move(&t, SURFACE_PICKUP, raw(60), &value));
    value = raw(100);
    assert_false(takeover_holds(&t, value, STEPS));
    assert_false(move(&t, SURFACE_PICKUP, raw(61), &value));
    assert_false(move(&t, SURFACE_PICKUP, raw(59), &value));
    assert_true(value == raw(100));
    value = raw(60); /* brought back, but the control is elsewhere: past it is where it is one again */
    assert_true(move(&t, SURFACE_PICKUP, raw(61), &value));
    assert_true(value == raw(61));
}

static void
it_still_holds_what_came_back_before_it_moved(void **state)
{
    struct takeover t = {0};
    double value = raw(60);

    (void)state;
    assert_true(move(&t, SURFACE_PICKUP, raw(60), &value));
    value = raw(100);
    value = raw(60);
    assert_true(takeover_holds(&t, value, STEPS));
    assert_true(move(&t, SURFACE_PICKUP, raw(70), &value));
}

static void
less_than_half_a_step_is_the_same(void **state)
{
    struct takeover t = {0};
    double value = raw(60);

    (void)state;
    assert_true(move(&t, SURFACE_PICKUP, raw(60), &value));
    value = raw(60) + 0.99 * HALF;
    assert_true(takeover_holds(&t, value, STEPS));
    value = raw(60) + 1.01 * HALF;
    assert_false(takeover_holds(&t, value, STEPS));
    assert_false(takeover_holds(&t, raw(60) + 0.99 * HALF, 16383));
}

/* A row of three words stands at 0, 0.5 or 1. */
static void
a_row_that_rounds_stays_in_hand_when_it_is_told_so(void **state)
{
    struct takeover t = {0};
    double value = 0.0, out;

    (void)state;
    for (int n = 0; n <= STEPS; n++) {
        assert_true(takeover_move(&t, SURFACE_PICKUP, raw(n), value, STEPS, &out));
        assert_true(out == raw(n));
        value = floor(out * 2.0 + 0.5) / 2.0;
        takeover_gave(&t, value);
        assert_true(takeover_holds(&t, value, STEPS));
    }
    assert_true(value == 1.0);
}

static void
beyond_the_way_is_at_its_end(void **state)
{
    struct takeover t = {0}, s = {0};
    double value = 1.7, low = -3.0;

    (void)state;
    assert_false(move(&t, SURFACE_PICKUP, raw(120), &value));
    assert_false(move(&t, SURFACE_PICKUP, raw(126), &value));
    assert_true(move(&t, SURFACE_PICKUP, 1.0, &value));
    assert_true(value == 1.0);
    value = 1.7;
    assert_true(takeover_holds(&t, value, STEPS));
    assert_true(move(&t, SURFACE_PICKUP, raw(126), &value));
    assert_true(value == raw(126));
    assert_false(move(&s, SURFACE_SCALE, raw(64), &low));
    assert_true(move(&s, SURFACE_SCALE, raw(96), &low));
    assert_true(low >= 0.0 && low < 1.0);
}

static void
scale_goes_by_the_share_that_is_left(void **state)
{
    struct takeover t = {0};
    double value = 0.2;

    (void)state;
    assert_false(move(&t, SURFACE_SCALE, 0.6, &value));
    assert_true(move(&t, SURFACE_SCALE, 0.8, &value)); /* half of what was above it */
    assert_true(fabs(value - 0.6) < 1e-12);
    assert_false(takeover_holds(&t, value, STEPS));
    assert_true(move(&t, SURFACE_SCALE, 0.4, &value)); /* half of what was below it */
    assert_true(fabs(value - 0.3) < 1e-12);
    assert_false(move(&t, SURFACE_SCALE, 0.4, &value));
    assert_true(move(&t, SURFACE_SCALE, 1.0, &value));
    assert_true(value == 1.0);
    assert_true(takeover_holds(&t, value, STEPS));
    assert_true(move(&t, SURFACE_SCALE, 0.3, &value));
    assert_true(value == 0.3);
}

static void
jump_is_at_once(void **state)
{
    struct takeover t = {0};
    double value = 0.9;

    (void)state;
    assert_true(move(&t, SURFACE_JUMP, 0.1, &value));
    assert_true(value == 0.1);
    assert_true(takeover_holds(&t, value, STEPS));
    value = 0.5;
    assert_false(takeover_holds(&t, value, STEPS));
    assert_true(move(&t, SURFACE_JUMP, 0.2, &value));
    assert_true(value == 0.2);
}

/* A hand on the control, and now and then another on the value. */
static double
wander(double at)
{
    int n = (int)lround(at * STEPS) + (int)dice(dice(4) ? 7 : 121) - (dice(2) ? 3 : 60);

    return raw(n < 0 ? 0 : n > STEPS ? STEPS : n);
}

static void
pickup_never_jumps_further_than_the_hand_went(void **state)
{
    struct takeover t = {0};
    double value = 0.4, at = 0.0;
    int taken = 0, left = 0;

    (void)state;
    dice_state = 1;
    assert_false(move(&t, SURFACE_PICKUP, at, &value));
    for (int i = 0; i < WALK; i++) {
        double to = wander(at), before = value, low = fmin(at, to) - HALF, high = fmax(at, to) + HALF;
        bool held = takeover_holds(&t, value, STEPS), moved = move(&t, SURFACE_PICKUP, to, &value);

        taken += moved && !held;
        left += !moved;
        assert_true(moved ? value == to : value == before);
        assert_true(fabs(value - before) <= fabs(to - at) + HALF + 1e-12);
        assert_true(moved == (held || (before >= low - 1e-12 && before <= high + 1e-12)) ||
                    fabs(before - low) < 1e-9 || fabs(before - high) < 1e-9);
        assert_int_equal(takeover_holds(&t, value, STEPS), moved);
        at = to;
        if (dice(50) == 0)
            value = chance();
    }
    assert_true(taken > 1000 && left > 1000);
}

static void
scale_moves_with_the_hand_and_never_against_it(void **state)
{
    struct takeover t = {0};
    double value = 0.4, at = 0.0;
    int met = 0;

    (void)state;
    dice_state = 2;
    move(&t, SURFACE_SCALE, at, &value);
    for (int i = 0; i < WALK; i++) {
        double to = wander(at), before = value, gap = fabs(value - at);
        bool held = takeover_holds(&t, value, STEPS);

        assert_int_equal(move(&t, SURFACE_SCALE, to, &value), held || to != at);
        assert_true(to > at ? value >= before : to < at ? value <= before : held || value == before);
        assert_true(value >= 0.0 && value <= 1.0);
        assert_true(held ? value == to : fabs(value - to) <= gap + 1e-12);
        assert_true((to > 0.0 && to < 1.0) || to == at || value == to);
        if (to != at)
            assert_true(before == 0.0 || before == 1.0 || held || value != before);
        met += !held && takeover_holds(&t, value, STEPS);
        at = to;
        if (dice(50) == 0)
            value = chance();
    }
    assert_true(met > 1000);
}

static void
scale_meets_at_either_end_from_anywhere(void **state)
{
    (void)state;
    for (int v = 0; v <= 20; v++)
        for (int a = 1; a < STEPS; a += 9)
            for (int end = 0; end <= 1; end++) {
                struct takeover t = {0};
                double value = v / 20.0;

                move(&t, SURFACE_SCALE, raw(a), &value);
                for (int n = a; n != end * STEPS;)
                    move(&t, SURFACE_SCALE, raw(n += end ? 1 : -1), &value);
                assert_true(value == end);
                assert_true(takeover_holds(&t, value, STEPS));
            }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(pickup_waits_for_the_value),
        cmocka_unit_test(a_control_that_flies_past_the_value_has_it),
        cmocka_unit_test(the_first_word_of_a_control_takes_only_what_is_there),
        cmocka_unit_test(what_another_moves_must_be_taken_over_again),
        cmocka_unit_test(it_still_holds_what_came_back_before_it_moved),
        cmocka_unit_test(less_than_half_a_step_is_the_same),
        cmocka_unit_test(a_row_that_rounds_stays_in_hand_when_it_is_told_so),
        cmocka_unit_test(beyond_the_way_is_at_its_end),
        cmocka_unit_test(scale_goes_by_the_share_that_is_left),
        cmocka_unit_test(jump_is_at_once),
        cmocka_unit_test(pickup_never_jumps_further_than_the_hand_went),
        cmocka_unit_test(scale_moves_with_the_hand_and_never_against_it),
        cmocka_unit_test(scale_meets_at_either_end_from_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
