/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/shelf.h"

#include "test/kit/file.h"
#include "test/kit/tree.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct shelf s;

static void
put(const char *name, const char *text, bool keep_old)
{
    assert_int_equal(shelf_put(&s, tree_path(name), strdup(text), keep_old), OK);
}

/* Ticks until an errand is back. */
static void
await(struct err *e)
{
    while (!shelf_tick(&s, 0, e))
        usleep(1000);
}

static void
assert_holds(const char *name, const char *text)
{
    size_t size;
    unsigned char *bytes = file_bytes(tree_path(name), &size);

    assert_int_equal(size, strlen(text));
    assert_memory_equal(bytes, text, size);
    free(bytes);
}

static bool
is_there(const char *name)
{
    return access(tree_path(name), F_OK) == 0;
}

static void
a_file_is_written_with_its_folders_by_and_by(void **state)
{
    struct err e;

    (void)state;
    assert_true(shelf_is_idle(&s));
    put("new/deep/A.snapshot", "one\n", true);
    assert_true(shelf_awaits(&s, tree_path("new/deep/A.snapshot")));
    assert_false(shelf_is_idle(&s));
    await(&e);
    assert_string_equal(e.text, "");
    assert_holds("new/deep/A.snapshot", "one\n");
    assert_false(is_there("new/deep/A.snapshot.new") || is_there("new/deep/A.snapshot~"));
    assert_false(shelf_awaits(&s, tree_path("new/deep/A.snapshot")));
    assert_true(shelf_is_idle(&s));
}

static void
the_one_before_stays_where_that_is_asked_for(void **state)
{
    (void)state;
    tree_put("kept", "old");
    tree_put("not", "old");
    put("kept", "new", true);
    put("not", "new", false);
    assert_int_equal(shelf_finish(&s, NULL), OK);
    assert_holds("kept", "new");
    assert_holds("kept~", "old");
    assert_holds("not", "new");
    assert_false(is_there("not~"));
}

static void
what_is_dropped_can_be_brought_back(void **state)
{
    (void)state;
    tree_put("gone", "it");
    assert_int_equal(shelf_drop(&s, tree_path("gone")), OK);
    assert_int_equal(shelf_drop(&s, tree_path("never was")), OK);
    assert_int_equal(shelf_finish(&s, NULL), OK);
    assert_false(is_there("gone"));
    assert_holds("gone~", "it");
}

/* However many come while the errand is out. */
static void
the_newest_order_for_a_path_wins(void **state)
{
    struct err e;

    (void)state;
    put("a", "1", false);
    shelf_tick(&s, 0, &e);
    put("a", "2", false);
    put("b", "x", false);
    put("a", "3", false);
    assert_int_equal(shelf_drop(&s, tree_path("b")), OK);
    assert_int_equal(shelf_finish(&s, &e), OK);
    assert_holds("a", "3");
    assert_false(is_there("b"));
}

/* A disk that is full: what was there stays, it is told once, and tried again later. */
static void
a_full_disk_costs_nothing_and_is_told_once(void **state)
{
    static const int64_t later = 2 * SHELF_RETRY_MS * INT64_C(1000000);
    struct err e;

    (void)state;
    tree_put("full", "before");
    put("full", "after", true);
    file_limit(2);
    await(&e);
    file_limit(RLIM_INFINITY);
    assert_non_null(strstr(e.text, "/full: "));
    assert_holds("full", "before");
    assert_false(shelf_awaits(&s, tree_path("full"))); /* nobody is to wait for what may never come */
    assert_false(shelf_is_idle(&s));
    for (int i = 0; i < 20; i++) {
        assert_false(shelf_tick(&s, 1, &e)); /* not yet */
        usleep(500);
    }
    file_limit(2);
    shelf_tick(&s, later, &e);
    while (!shelf_tick(&s, later, &e))
        usleep(1000);
    file_limit(RLIM_INFINITY);
    assert_string_equal(e.text, ""); /* told already */
    assert_int_equal(shelf_finish(&s, &e), OK);
    assert_holds("full", "after");
    assert_holds("full~", "before");
}

static void
what_can_not_be_written_is_said_by_who_waits_for_it(void **state)
{
    struct err e;

    (void)state;
    tree_put("file", "");
    put("file/below", "x", false);
    assert_int_equal(shelf_finish(&s, &e), IO_ERROR);
    assert_non_null(strstr(e.text, "file/below"));
}

static int
close_it(void **state)
{
    shelf_close(&s);
    assert_true(shelf_is_idle(&s));
    return tree_clear(state);
}

#define T(f) cmocka_unit_test_teardown(f, close_it)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_file_is_written_with_its_folders_by_and_by),
        T(the_one_before_stays_where_that_is_asked_for),
        T(what_is_dropped_can_be_brought_back),
        T(the_newest_order_for_a_path_wins),
        T(a_full_disk_costs_nothing_and_is_told_once),
        T(what_can_not_be_written_is_said_by_who_waits_for_it),
    };

    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
