/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/markers.h"

#include "test/kit/dice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct markers m;
static struct err e;

static int
tear_down(void **state)
{
    (void)state;
    markers_free(&m);
    return 0;
}

static void
add(const char *file, double seconds)
{
    if (!markers_add(&m, file, seconds, &e))
        fail_msg("%s", e.text);
}

static void
list_is(const char *file, const char *want)
{
    char text[1024];

    markers_list(&m, file, text, sizeof text);
    assert_string_equal(text, want);
}

static void
a_tracks_markers_are_listed_by_time(void **state)
{
    (void)state;
    list_is("b.wav", "");
    add("b.wav", 62.5);
    add("a.wav", 1.0);
    add("b.wav", 4.0);
    add("c.wav", 2.0);
    add("b.wav", 3725.0019);
    add("b.wav", 0.0);
    list_is("b.wav", "0:00.000 0:04.000 1:02.500 1:02:05.002");
    list_is("a.wav", "0:01.000");
    list_is("c.wav", "0:02.000");
    list_is("d.wav", "");
}

static void
one_in_the_same_place_is_the_same_one(void **state)
{
    (void)state;
    add("a.wav", 4.0);
    add("a.wav", 4.009);
    add("a.wav", 3.991);
    add("b.wav", 4.0);
    list_is("a.wav", "0:04.000");
    assert_int_equal(m.n, 2);
    add("a.wav", 4.011);
    assert_int_equal(m.n, 3);
}

static void
the_nearest_goes_if_it_is_near(void **state)
{
    (void)state;
    for (int i = 1; i <= 3; i++)
        add("a.wav", i * 0.75);
    add("b.wav", 9.0);
    assert_true(markers_remove(&m, "a.wav", 1.2, &e));
    list_is("a.wav", "0:00.750 0:02.250");
    assert_true(markers_remove(&m, "a.wav", 1.49, &e));
    list_is("a.wav", "0:02.250");
    assert_false(markers_remove(&m, "a.wav", 3.251, &e));
    assert_string_equal(e.text, "no marker is within 1 s of 0:03.251: go to one first");
    assert_false(markers_remove(&m, "a.wav", 9.0, &e)); /* another track's */
    assert_true(markers_remove(&m, "a.wav", 3.25, &e));
    list_is("a.wav", "");
    list_is("b.wav", "0:09.000");
}

static void
next_and_previous_go_through_a_track(void **state)
{
    double to = 0.0;

    (void)state;
    add("a.wav", 50.0);
    add("b.wav", 10.0);
    add("b.wav", 20.0);
    add("c.wav", 5.0);
    assert_true(markers_next(&m, "b.wav", 0.0, &to) && to == 10.0);
    assert_true(markers_next(&m, "b.wav", 10.0, &to) && to == 20.0);
    assert_false(markers_next(&m, "b.wav", 20.0, &to));
    assert_true(markers_previous(&m, "b.wav", 99.0, &to) && to == 20.0);
    assert_true(markers_previous(&m, "b.wav", 20.0, &to) && to == 10.0);
    assert_false(markers_previous(&m, "b.wav", 10.0, &to));
    assert_false(markers_next(&m, "d.wav", 0.0, &to));
    assert_false(markers_previous(&m, "d.wav", 99.0, &to));
}

static void
a_track_has_ninety_nine(void **state)
{
    char text[1024], small[32];

    (void)state;
    for (int i = 0; i < MARKERS_A_TRACK; i++)
        add("a.wav", 600.0 + i);
    assert_false(markers_add(&m, "a.wav", 1.0, &e));
    assert_string_equal(e.text, "this track has 99 markers: remove one first");
    add("a.wav", 600.0); /* there is one */
    add("b.wav", 1.0);
    markers_list(&m, "a.wav", text, sizeof text);
    assert_int_equal(strlen(text), MARKERS_A_TRACK * 10 - 1); /* "10:00.000 " */
    markers_list(&m, "a.wav", small, sizeof small);
    assert_string_equal(small, "10:00.000 10:01.000 ...");
    for (int i = 0; m.n < MARKERS; i++) {
        snprintf(text, sizeof text, "%d.wav", i / 50);
        add(text, i % 50);
    }
    assert_false(markers_add(&m, "z.wav", 1.0, &e));
}

static void
what_was_written_reads_back(void **state)
{
    static struct markers copy;
    char text[200];

    (void)state;
    dice_state = 1;
    for (int i = 0; i < 120; i++)
        add(i % 3 ? "/music/a song = 2.wav" : "demo:", dice(400000) / 1000.0);
    for (int i = 0; i < m.n; i++) {
        markers_write(&m.at[i], text, sizeof text);
        assert_true(markers_read(&copy, text));
    }
    assert_int_equal(copy.n, m.n);
    for (int i = 0; i < m.n; i++) {
        assert_string_equal(copy.at[i].file, m.at[i].file);
        assert_true(copy.at[i].seconds == m.at[i].seconds);
    }
    assert_false(markers_read(&copy, ""));
    assert_false(markers_read(&copy, "12"));
    assert_false(markers_read(&copy, "12 "));
    assert_false(markers_read(&copy, "a.wav"));
    assert_false(markers_read(&copy, "-1 a.wav"));
    assert_false(markers_read(&copy, "nan a.wav"));
    assert_false(markers_read(&copy, "1e9 a.wav"));
    assert_int_equal(copy.n, m.n);
    markers_free(&copy);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_tracks_markers_are_listed_by_time, tear_down),
        cmocka_unit_test_teardown(one_in_the_same_place_is_the_same_one, tear_down),
        cmocka_unit_test_teardown(the_nearest_goes_if_it_is_near, tear_down),
        cmocka_unit_test_teardown(next_and_previous_go_through_a_track, tear_down),
        cmocka_unit_test_teardown(a_track_has_ninety_nine, tear_down),
        cmocka_unit_test_teardown(what_was_written_reads_back, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
