/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct reference r;

static int
set_up(void **state)
{
    (void)state;
    memset(&r, 0, sizeof r);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    reference_close(&r);
    return 0;
}

static void
await(struct err *e)
{
    while (!reference_tick(&r, e))
        usleep(1000);
}

static void
a_file_s_balance_comes_by_and_by(void **state)
{
    struct err e;

    (void)state;
    assert_false(reference_tick(&r, &e));
    reference_want(&r, "demo:");
    assert_null(reference_curve(&r));
    await(&e);
    assert_string_equal(e.text, "");
    assert_non_null(reference_curve(&r));
    assert_false(reference_tick(&r, &e));
    reference_want(&r, "");
    assert_null(reference_curve(&r));
    assert_false(reference_tick(&r, &e));
}

static void
what_can_not_be_read_is_told_once(void **state)
{
    struct err e;

    (void)state;
    reference_want(&r, "/nowhere/to/be/found.wav");
    await(&e);
    assert_non_null(strstr(e.text, "found.wav"));
    assert_null(reference_curve(&r));
    for (int i = 0; i < 20; i++) {
        assert_false(reference_tick(&r, &e));
        usleep(1000);
    }
}

/* However the first one ends, and whenever: the last wish is what is there, and what is told. */
static void
the_last_one_wanted_wins(void **state)
{
    struct err e;

    (void)state;
    reference_want(&r, "/nowhere/to/be/found.wav");
    reference_tick(&r, &e);
    reference_want(&r, "demo:");
    await(&e);
    assert_string_equal(e.text, "");
    assert_non_null(reference_curve(&r));
}

static void
closing_waits_for_what_is_under_way(void **state)
{
    struct err e;

    (void)state;
    reference_want(&r, "demo:");
    reference_tick(&r, &e);
    reference_close(&r);
    assert_false(errand_is_out(&r.errand));
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_file_s_balance_comes_by_and_by),
        CASE(what_can_not_be_read_is_told_once),
        CASE(the_last_one_wanted_wins),
        CASE(closing_waits_for_what_is_under_way),
    };

    return cmocka_run_group_tests_name("reference", tests, NULL, NULL);
}
