/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct command c;

static bool
take(const char *text)
{
    return command_read(&c, text, strlen(text));
}

static void
a_row_and_its_twin_can_be_listened_to(void **state)
{
    (void)state;
    assert_true(take("{\"COMMAND\": \"LISTEN\", \"DATA\": \"/eq/1/gain\"}"));
    assert_int_equal(c.verb, COMMAND_LISTEN);
    assert_int_equal(c.id, param_find("/eq/1/gain"));
    assert_false(c.norm);
    assert_true(take("{\"DATA\":\"/eq/1/gain/norm\",\"COMMAND\":\"IGNORE\",\"MORE\":[1]}"));
    assert_int_equal(c.verb, COMMAND_IGNORE);
    assert_int_equal(c.id, param_find("/eq/1/gain"));
    assert_true(c.norm);
}

static void
what_is_no_command_is_told_how_one_looks(void **state)
{
    static const char *const texts[] = {
        "",
        "LISTEN /eq/1/gain",
        "[\"LISTEN\", \"/eq/1/gain\"]",
        "{\"COMMAND\": \"LISTEN\"}",
        "{\"COMMAND\": \"LISTEN\", \"DATA\": 7}",
        "{\"COMMAND\": \"listen\", \"DATA\": \"/eq/1/gain\"}",
        "{\"COMMAND\": \"LISTEN\", \"COMMAND\": \"IGNORE\", \"DATA\": \"/eq/1/gain\"}",
        "{\"COMMAND\": \"LISTEN\", \"DATA\": \"/eq/1/gain\"} {}",
        "{\"COMMAND\": \"LISTEN\", \"DATA\": \"/eq/1/gain\\u0000\"}",
    };
    struct err e;

    (void)state;
    for (size_t i = 0; i < LEN(texts); i++) {
        assert_false(take(texts[i]));
        assert_int_equal(c.verb, COMMAND_NONE);
        assert_int_equal(c.id, -1);
        command_complain(&c, &e);
        assert_non_null(strstr(e.text, "\"COMMAND\": \"LISTEN\""));
    }
}

static void
a_path_that_is_none_is_told_the_nearest(void **state)
{
    struct err e;

    (void)state;
    assert_false(take("{\"COMMAND\": \"LISTEN\", \"DATA\": \"/eq/1/gian\"}"));
    assert_int_equal(c.verb, COMMAND_UNKNOWN);
    command_complain(&c, &e);
    assert_non_null(strstr(e.text, "/eq/1/gian: no such parameter: nearest are /eq/1/gain"));
    assert_false(take("{\"COMMAND\": \"LISTEN\", \"DATA\": \"/undo\"}"));
    assert_int_equal(c.verb, COMMAND_MUTE);
    command_complain(&c, &e);
    assert_string_equal(e.text, "/undo: has no value to listen to");
}

static void
a_path_of_any_length_is_cut_where_it_is_shown(void **state)
{
    char text[1024];

    (void)state;
    snprintf(text, sizeof text, "{\"COMMAND\": \"LISTEN\", \"DATA\": \"/%0900d\"}", 1);
    assert_false(take(text));
    assert_int_equal(c.verb, COMMAND_UNKNOWN);
    assert_int_equal(strlen(c.about), sizeof c.about - 1);
}

static int
set_up(void **state)
{
    (void)state;
    params_init();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_and_its_twin_can_be_listened_to),
        cmocka_unit_test(what_is_no_command_is_told_how_one_looks),
        cmocka_unit_test(a_path_that_is_none_is_told_the_nearest),
        cmocka_unit_test(a_path_of_any_length_is_cut_where_it_is_shown),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
