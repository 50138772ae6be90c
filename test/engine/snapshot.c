/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/snapshot.h"

#include "test/kit/defaults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct snapshots book;
static double *now;

static int
set_up(void **state)
{
    (void)state;
    params_init();
    now = default_values();
    return snapshots_prepare(&book) == OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    free(now);
    snapshots_free(&book);
    return 0;
}

static void
put(const char *path, double value)
{
    now[id_of(path)] = value;
}

static void
store(const char *name)
{
    struct err e = {""};

    if (!snapshots_store(&book, name, now, &e))
        fail_msg("%s", e.text);
}

static double
held(const char *name, const char *path)
{
    const struct snapshot *s = snapshots_find(&book, name);

    assert_non_null(s);
    return s->value[id_of(path)];
}

static void
what_is_stored_is_found_to_the_bit(void **state)
{
    (void)state;
    put("/eq/3/gain", -1.0 / 3.0);
    put("/monitor/level", -33.0);
    put("/transport/source", 1.0);
    put("/multiband/1/solo", 1.0);
    store("A");
    put("/eq/3/gain", 4.0);
    store("loud mix");
    assert_true(held("A", "/eq/3/gain") == -1.0 / 3.0);
    assert_true(held("A", "/monitor/level") == -33.0);
    assert_true(held("loud mix", "/eq/3/gain") == 4.0);
    assert_true(held("A", "/transport/source") == 0.0); /* no part of the sound that is made */
    assert_true(held("A", "/multiband/1/solo") == 0.0);
    assert_null(snapshots_find(&book, "B"));
    put("/eq/3/gain", 5.0);
    store("A");
    assert_true(held("A", "/eq/3/gain") == 5.0);
    assert_int_equal(book.n, 2);
}

static void
names_are_in_their_order_and_small_letters_are_buttons(void **state)
{
    (void)state;
    store("mix");
    store("C");
    store("a");
    store("z");
    assert_int_equal(book.n, 4);
    assert_string_equal(book.at[0].name, "A");
    assert_string_equal(book.at[1].name, "C");
    assert_string_equal(book.at[2].name, "mix");
    assert_string_equal(book.at[3].name, "z"); /* no button */
    assert_non_null(snapshots_get(&book, "c", NULL));
}

static void
what_is_no_name_is_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        " ",
                                        "A ",
                                        " A",
                                        "../A",
                                        "A/eq",
                                        "a.b",
                                        "x>y",
                                        "a,b",
                                        "\xc3\xa4",
                                        "123456789012345678901234567890123"};
    struct err e;

    (void)state;
    for (size_t i = 0; i < LEN(wrong); i++) {
        assert_false(snapshots_store(&book, wrong[i], now, &e));
        assert_non_null(strstr(e.text, "is no name for a snapshot"));
    }
    assert_int_equal(book.n, 0);
    store("12345678901234567890123456789012");
    store("loud_mix - 2");
}

static void
one_is_removed_and_another_renamed(void **state)
{
    struct err e;

    (void)state;
    put("/comp/ratio", 3.0);
    store("A");
    put("/comp/ratio", 4.0);
    store("B");
    assert_false(snapshots_rename(&book, "A", "B", &e));
    assert_non_null(strstr(e.text, "already"));
    assert_false(snapshots_rename(&book, "A", "x/y", &e));
    assert_false(snapshots_rename(&book, "C", "D", &e));
    assert_string_equal(e.text, "there is no snapshot C: /snapshot/list names them");
    assert_true(snapshots_rename(&book, "A", "warm", &e));
    assert_null(snapshots_find(&book, "A"));
    assert_true(held("warm", "/comp/ratio") == 3.0);
    assert_true(snapshots_remove(&book, "B", &e));
    assert_false(snapshots_remove(&book, "B", &e));
    assert_int_equal(book.n, 1);
    assert_true(held("warm", "/comp/ratio") == 3.0);
}

/* --- parts ------------------------------------------------------------------------------------------ */

static void
each_row_belongs_to_a_part(void **state)
{
    int rows[SNAPSHOT_PARTS] = {0};

    (void)state;
    for (int i = 0; i < params_count(); i++) {
        int part = snapshot_part(param_at(i));

        if (snapshot_holds(param_at(i)) != (part >= 0))
            fail_msg("%s has no part", param_at(i)->path);
        if (part >= 0)
            rows[part]++;
    }
    for (int i = 0; i < SNAPSHOT_PARTS; i++) {
        char scope[PARAM_PATH_SIZE];

        assert_true(rows[i] > 0);
        assert_int_equal(snapshot_part_find(snapshot_part_name(i)), i);
        snprintf(scope, sizeof scope, "/snapshot/scope/%s", snapshot_part_name(i));
        assert_int_equal(param_at(id_of(scope))->type, PARAM_BOOL);
    }
    assert_int_equal(snapshot_part(param_at(id_of("/insert/2/mix"))), STAGE_INSERT_2);
    assert_int_equal(snapshot_part(param_at(id_of("/insert/2/delay"))), SNAPSHOT_DESK);
    assert_int_equal(snapshot_part(param_at(id_of("/chain/order/insert/2"))), SNAPSHOT_ORDER);
    assert_int_equal(snapshot_part(param_at(id_of("/monitor/dim"))), SNAPSHOT_MONITOR);
    assert_int_equal(snapshot_part_find("nonsense"), -1);
}

/* --- differences ------------------------------------------------------------------------------------ */

static void
a_difference_is_a_line_a_row(void **state)
{
    char lines[PARAM_TEXT_SIZE];
    double *before = default_values();

    (void)state;
    assert_int_equal(snapshot_difference(before, now, lines, sizeof lines), 0);
    assert_string_equal(lines, "");
    before[id_of("/eq/3/gain")] = 1.5;
    put("/eq/3/gain", 2.0);
    put("/eq/3/type", 3.0);
    put("/comp/on", 1.0);
    put("/comp/ratio", 4.0);
    put("/comp/mix", 50.0);
    put("/transport/loop", 2.0);
    assert_int_equal(snapshot_difference(before, now, lines, sizeof lines), 5);
    assert_string_equal(lines, "eq/3/type bell -> low_cut\neq/3/gain 1.5 -> 2 dB\ncomp/on off -> on\n"
                               "comp/ratio 2 -> 4:1\ncomp/mix 100 -> 50 %");
    free(before);
}

static void
a_long_difference_ends_at_a_whole_line(void **state)
{
    char lines[200], last[40];
    double *before = default_values();
    int n = 0, shown = 0;

    (void)state;
    for (int i = 0; i < params_count(); i++)
        if (snapshot_holds(param_at(i)) && param_at(i)->type == PARAM_BOOL) {
            now[i] = !before[i];
            n++;
        }
    assert_int_equal(snapshot_difference(before, now, lines, sizeof lines), n);
    for (const char *c = lines; (c = strchr(c, '\n')); c++)
        shown++;
    snprintf(last, sizeof last, "\n... and %d more", n - shown);
    assert_true(shown > 2 && strlen(lines) < sizeof lines);
    assert_string_equal(lines + strlen(lines) - strlen(last), last);
    free(before);
}

/* --- locks ------------------------------------------------------------------------------------------ */

/* All, with a space behind each. */
static const char *
locks(void)
{
    static char all[2000];
    char path[PARAM_PATH_SIZE];

    all[0] = '\0';
    for (int id = 0; snapshots_next_lock(&book, &id, path);)
        strcat(strcat(all, path), " ");
    return all;
}

static bool
is_locked(const char *path)
{
    return book.locked[id_of(path)];
}

static void
a_lock_holds_a_row_or_all_below_a_path(void **state)
{
    struct err e;

    (void)state;
    assert_true(snapshots_lock(&book, "/eq/1", true, &e));
    assert_true(snapshots_lock(&book, "/input/trim", true, &e));
    assert_true(is_locked("/eq/1/gain") && is_locked("/eq/1/on") && is_locked("/input/trim"));
    assert_true(!is_locked("/eq/on") && !is_locked("/eq/2/gain") && !is_locked("/input/balance"));
    assert_string_equal(locks(), "/input/trim /eq/1 ");
    assert_true(snapshots_lock(&book, "/eq/", true, &e));
    assert_string_equal(locks(), "/input/trim /eq ");
    assert_true(snapshots_lock(&book, "/eq/8", false, &e));
    assert_true(is_locked("/eq/7/q") && is_locked("/eq/phase") && !is_locked("/eq/8/q"));
    assert_non_null(strstr(locks(), "/eq/on /eq/phase /eq/corner /eq/1 /eq/2 "));
    assert_true(snapshots_lock(&book, "/", false, &e));
    assert_string_equal(locks(), "");
}

static void
a_lock_on_nothing_is_told(void **state)
{
    static const char *const wrong[] = {"", "eq", "/nothing", "/eq/9", "/e", "/transport/play", "/snapshot"};
    struct err e;

    (void)state;
    for (size_t i = 0; i < LEN(wrong); i++) {
        assert_false(snapshots_lock(&book, wrong[i], true, &e));
        assert_non_null(strstr(e.text, "use a path like"));
    }
    assert_string_equal(locks(), "");
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_stored_is_found_to_the_bit),
        T(names_are_in_their_order_and_small_letters_are_buttons),
        T(what_is_no_name_is_refused),
        T(one_is_removed_and_another_renamed),
        T(each_row_belongs_to_a_part),
        T(a_difference_is_a_line_a_row),
        T(a_long_difference_ends_at_a_whole_line),
        T(a_lock_holds_a_row_or_all_below_a_path),
        T(a_lock_on_nothing_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
