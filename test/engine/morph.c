/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/morph.h"

#include "engine/snapshot.h"
#include "test/kit/defaults.h"
#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct morph m;
static double *from, *to;

static int
set_up(void **state)
{
    (void)state;
    params_init();
    from = default_values();
    to = default_values();
    return morph_prepare(&m) == OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    free(from);
    free(to);
    morph_free(&m);
    return 0;
}

static void
ends(const char *path, double a, double b)
{
    from[id_of(path)] = a;
    to[id_of(path)] = b;
}

/* To 1e-9: a few roundings of a pow. */
static void
at(const char *path, double x, double want)
{
    double got = morph_value(&m, id_of(path), from, to, x);

    if (!(fabs(got - want) <= 1e-9 * fmax(1.0, fabs(want))))
        fail_msg("%s at %g: %.17g, not %.17g", path, x, got, want);
}

static void
at_random(double *values)
{
    for (int i = 0; i < params_count(); i++)
        if (snapshot_holds(param_at(i)))
            param_from_norm(param_at(i), dice(1001) / 1000.0, &values[i], NULL);
}

static void
the_ends_are_exact_to_the_bit(void **state)
{
    (void)state;
    dice_state = 3;
    for (int k = 0; k < 20; k++) {
        at_random(from);
        at_random(to);
        for (int i = 0; i < params_count(); i++) {
            assert_true(morph_value(&m, i, from, to, 0.0) == from[i]);
            assert_true(morph_value(&m, i, from, to, 1.0) == to[i]);
        }
    }
}

static void
whatever_is_between_is_a_value_that_the_row_can_have(void **state)
{
    struct err e;

    (void)state;
    dice_state = 4;
    for (int k = 0; k < 50; k++) {
        at_random(from);
        at_random(to);
        for (int i = 0; i < params_count(); i++)
            if (snapshot_holds(param_at(i)) &&
                !param_check(param_at(i), morph_value(&m, i, from, to, (k + 0.5) / 50), &e))
                fail_msg("%s", e.text);
    }
}

static void
numbers_go_on_their_own_scale(void **state)
{
    (void)state;
    ends("/input/trim", -6.0, 2.0);
    ends("/comp/attack", 1.0, 100.0); /* LOG */
    at("/input/trim", 0.25, -4.0);
    at("/input/trim", 0.5, -2.0);
    at("/comp/attack", 0.5, 10.0);
    at("/comp/attack", 0.75, 31.622776601683793);
}

static void
choices_and_the_order_change_half_way(void **state)
{
    (void)state;
    ends("/limit/mode", 0.0, 2.0);
    ends("/comp/auto_release", 1.0, 0.0);
    ends("/chain/bypass", 0.0, 1.0);
    ends("/chain/order/eq", 10.0, 90.0);
    at("/limit/mode", 0.49, 0.0);
    at("/limit/mode", 0.5, 2.0);
    at("/comp/auto_release", 0.49, 1.0);
    at("/comp/auto_release", 0.51, 0.0);
    at("/chain/bypass", 0.49, 0.0);
    at("/chain/bypass", 0.5, 1.0);
    at("/chain/order/eq", 0.49, 10.0);
    at("/chain/order/eq", 0.51, 90.0);
}

/* Off to on: what stands in the rows at the end where it is off was never heard, and is not to be heard on the way. */
static void
a_stage_that_is_off_at_one_end_comes_in_from_nothing(void **state)
{
    (void)state;
    ends("/eq/on", 0.0, 1.0);
    ends("/eq/1/on", 1.0, 1.0);
    ends("/eq/1/gain", 12.0, 6.0);
    ends("/eq/1/freq", 50.0, 3000.0);
    ends("/comp/on", 1.0, 0.0);
    ends("/comp/mix", 80.0, 100.0);
    ends("/comp/ratio", 4.0, 20.0);
    at("/eq/on", 1e-6, 1.0);
    at("/eq/1/on", 0.5, 1.0);
    at("/eq/1/gain", 1e-12, 0.0);
    at("/eq/1/gain", 0.5, 3.0);
    at("/eq/1/freq", 0.01, 3000.0);
    at("/comp/on", 1.0 - 1e-6, 1.0);
    at("/comp/mix", 0.5, 40.0);
    at("/comp/mix", 1.0 - 1e-12, 0.0);
    at("/comp/ratio", 0.99, 4.0);
    assert_true(morph_leaves(&m, id_of("/comp/ratio"), from, to));
    assert_false(morph_leaves(&m, id_of("/comp/on"), from, to));
    assert_false(morph_leaves(&m, id_of("/eq/1/gain"), from, to));
}

static void
a_band_comes_in_as_a_stage_does_and_a_cut_from_its_end(void **state)
{
    (void)state;
    ends("/eq/on", 1.0, 1.0);
    ends("/eq/2/on", 0.0, 1.0);
    ends("/eq/2/gain", -9.0, -4.0);
    ends("/eq/1/on", 0.0, 1.0);
    ends("/eq/1/type", 0.0, 3.0); /* low_cut */
    ends("/eq/1/freq", 1000.0, 90.0);
    ends("/eq/8/on", 1.0, 0.0);
    ends("/eq/8/type", 4.0, 0.0); /* high_cut */
    ends("/eq/8/freq", 10000.0, 1000.0);
    at("/eq/2/on", 0.001, 1.0);
    at("/eq/2/gain", 0.5, -2.0);
    at("/eq/1/type", 0.01, 3.0);
    at("/eq/1/freq", 1e-12, 10.0);
    at("/eq/1/freq", 0.5, 30.0);
    at("/eq/8/freq", 0.5, 20000.0);
    at("/eq/8/type", 0.99, 4.0);
}

/* A: EQ on, its band off. B: EQ off, the band on. The band is heard at neither end. */
static void
what_works_at_neither_end_is_not_heard_between(void **state)
{
    (void)state;
    ends("/eq/on", 1.0, 0.0);
    ends("/eq/3/on", 0.0, 1.0);
    ends("/eq/3/gain", 9.0, 9.0);
    at("/eq/on", 0.7, 1.0);
    at("/eq/3/on", 0.2, 0.0);
    at("/eq/3/on", 0.9, 0.0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_ends_are_exact_to_the_bit),
        T(whatever_is_between_is_a_value_that_the_row_can_have),
        T(numbers_go_on_their_own_scale),
        T(choices_and_the_order_change_half_way),
        T(a_stage_that_is_off_at_one_end_comes_in_from_nothing),
        T(a_band_comes_in_as_a_stage_does_and_a_cut_from_its_end),
        T(what_works_at_neither_end_is_not_heard_between),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
