/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/clients.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Rows 0..5 are inside "/a", 6..9 inside "/b"; 8 and 9 are readings. The clock is a number. */
enum { ROWS = 10 };

#define MS 1000000LL

static const bool reading[ROWS] = {[8] = true, [9] = true};

static bool
inside(void *context, int row, const char *prefix)
{
    (void)context;
    return strcmp(prefix, "/") == 0 || strcmp(prefix, row < 6 ? "/a" : "/b") == 0;
}

static const struct clients_rows rows = {ROWS, reading, inside, NULL};

static struct clients *
open_clients(void)
{
    struct clients *c;

    assert_int_equal(clients_open(&c, &rows), OK);
    return c;
}

/* Tells the client all that is due, values are in mark; returns how many rows. */
static int
tell(struct clients *c, int client, const uint64_t *mark, int64_t now)
{
    int n = 0;

    for (int turn = 0; turn < CLIENTS_TURNS; turn++)
        for (int r = clients_next(c, client, turn, 0, now); r >= 0;
             r = clients_next(c, client, turn, r + 1, now))
            if (clients_differs(c, client, r, mark[r])) {
                clients_told(c, client, r, mark[r], now);
                n++;
            }
    return n;
}

static void
hears_everything_once_and_then_what_changes(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    int k = clients_subscribe(c, "one", "/", 10, 20, 0);

    (void)state;
    assert_int_equal(tell(c, k, mark, 0), ROWS);
    assert_int_equal(tell(c, k, mark, 100 * MS), 0);
    mark[3] = 7;
    assert_int_equal(tell(c, k, mark, 200 * MS), 1);
    assert_int_equal(tell(c, k, mark, 300 * MS), 0);
    clients_close(c);
}

static void
hears_only_what_is_inside_its_prefix(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    int k = clients_subscribe(c, "one", "/b", 10, 20, 0);

    (void)state;
    assert_int_equal(tell(c, k, mark, 0), 4);
    mark[0] = 1;
    assert_int_equal(tell(c, k, mark, 100 * MS), 0);
    assert_int_equal(clients_subscribe(c, "one", "/a", 10, 20, 100 * MS), k);
    assert_int_equal(tell(c, k, mark, 110 * MS), 6);
    clients_unsubscribe(c, k, "/b");
    mark[0] = mark[7] = 2;
    assert_int_equal(tell(c, k, mark, 300 * MS), 1);
    clients_unsubscribe(c, k, NULL);
    clients_expire(c, 300 * MS);
    assert_int_equal(clients_count(c), 0);
    clients_close(c);
}

static void
a_rested_row_is_told_at_once_and_a_moving_one_at_the_rate(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    int k = clients_subscribe(c, "one", "/a", 10, 20, 0), told = 0;

    (void)state;
    tell(c, k, mark, 0);
    for (int64_t now = 1000 * MS; now < 2000 * MS; now += 10 * MS) { /* a sweep: new at each tick */
        mark[2]++;
        told += tell(c, k, mark, now);
        if (now == 1000 * MS)
            assert_int_equal(told, 1);
    }
    assert_in_range(told, 20, 21);
    mark[4] = 1; /* another row does not wait for the first */
    assert_int_equal(tell(c, k, mark, 1992 * MS), 1);
    mark[2]++; /* the end of the sweep is not lost */
    told = 0;
    for (int64_t now = 2000 * MS; now < 2100 * MS; now += 10 * MS)
        told += tell(c, k, mark, now);
    assert_in_range(told, 1, 2);
    assert_false(clients_differs(c, k, 2, mark[2]));
    clients_close(c);
}

/* 60 Hz does not divide by ticks of 10 ms: the mean must still be 60 Hz, to a packet. */
static void
ticks_do_not_lower_the_rate(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    int k = clients_subscribe(c, "one", "/a", 100, 60, 0), told = 0;

    (void)state;
    tell(c, k, mark, 0);
    for (int64_t now = 10 * MS; now <= 10000 * MS; now += 10 * MS) {
        mark[2]++;
        told += tell(c, k, mark, now);
    }
    assert_in_range(told, 598, 601);
    clients_close(c);
}

static void
moves_go_before_readings(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    int k = clients_subscribe(c, "one", "/", 10, 20, 0);

    (void)state;
    assert_int_equal(clients_next(c, k, TURN_NEW, 0, 0), 0);
    tell(c, k, mark, 0);
    assert_int_equal(clients_next(c, k, TURN_NEW, 0, 100 * MS), -1);
    assert_int_equal(clients_next(c, k, TURN_MOVED, 7, 100 * MS), 7);
    assert_int_equal(clients_next(c, k, TURN_MOVED, 8, 100 * MS), -1);
    assert_int_equal(clients_next(c, k, TURN_READING, 0, 100 * MS), 8);
    clients_close(c);
}

static void
who_holds_a_control_is_not_told_its_own_value(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    int one = clients_subscribe(c, "one", "/a", 10, 20, 0),
        two = clients_subscribe(c, "two", "/a", 10, 20, 0);

    (void)state;
    tell(c, one, mark, 0);
    tell(c, two, mark, 0);
    mark[1] = 5;
    clients_hold(c, one, 1, 5, 1000 * MS);
    assert_int_equal(tell(c, one, mark, 1001 * MS), 0);
    assert_int_equal(tell(c, two, mark, 1001 * MS), 1);
    assert_int_equal(tell(c, one, mark, 1400 * MS), 0); /* it sent 5: it knows */
    clients_close(c);
}

static void
who_held_a_control_is_told_what_became_of_it(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    int k = clients_subscribe(c, "one", "/a", 10, 20, 0);

    (void)state;
    tell(c, k, mark, 0);
    mark[1] = 4; /* sent 5, and somebody else moved on */
    clients_hold(c, k, 1, 5, 1000 * MS);
    assert_int_equal(tell(c, k, mark, 1299 * MS), 0);
    assert_int_equal(tell(c, k, mark, 1300 * MS), 1);

    clients_hold(c, k, 1, 4, 2000 * MS); /* refused: even if it is the value that it was last told */
    clients_doubt(c, k, 1);
    assert_int_equal(tell(c, k, mark, 2299 * MS), 0);
    assert_int_equal(tell(c, k, mark, 2300 * MS), 1);
    clients_close(c);
}

static void
a_lease_ends_unless_renewed(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    int k = clients_subscribe(c, "one", "/a", 2, 20, 0);

    (void)state;
    tell(c, k, mark, 0);
    clients_expire(c, 1999 * MS);
    assert_int_equal(clients_find(c, "one"), k);
    assert_int_equal(clients_subscribe(c, "one", "/a", 2, 20, 1999 * MS), k);
    assert_int_equal(tell(c, k, mark, 2000 * MS), 0); /* renewing tells nothing anew */
    clients_expire(c, 3998 * MS);
    assert_int_equal(clients_find(c, "one"), k);
    clients_expire(c, 3999 * MS);
    assert_int_equal(clients_find(c, "one"), -1);
    k = clients_subscribe(c, "one", "/a", 2, 20, 5000 * MS);
    assert_int_equal(tell(c, k, mark, 5000 * MS), 6);
    clients_close(c);
}

static void
lease_and_rate_are_kept_in_their_limits(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    int k = clients_subscribe(c, "one", "/a", 1e9, 1e9, 0), told = 0;

    (void)state;
    tell(c, k, mark, 0);
    for (int64_t now = 1000 * MS; now < 2000 * MS; now += MS) {
        mark[0]++;
        told += tell(c, k, mark, now);
    }
    assert_in_range(told, 60, 61);
    clients_expire(c, 3599 * 1000 * MS);
    assert_int_equal(clients_count(c), 1);
    clients_expire(c, 3600 * 1000 * MS);
    assert_int_equal(clients_count(c), 0);
    clients_subscribe(c, "one", "/a", 0.0 / 0.0, 0.0 / 0.0, 0);
    clients_expire(c, 999 * MS);
    assert_int_equal(clients_count(c), 1);
    clients_expire(c, 1000 * MS);
    assert_int_equal(clients_count(c), 0);
    clients_close(c);
}

static void
the_oldest_unrenewed_makes_room(void **state)
{
    struct clients *c = open_clients();
    char name[16];

    (void)state;
    for (int i = 0; i < CLIENTS_MAX; i++) {
        snprintf(name, sizeof name, "%d", i);
        assert_true(clients_subscribe(c, name, "/", 100, 20, i * MS) >= 0);
    }
    clients_subscribe(c, "0", "/", 100, 20, 1000 * MS);
    assert_int_equal(clients_guest(c, "who asks", 1001 * MS), -1);
    assert_true(clients_subscribe(c, "new", "/", 100, 20, 1001 * MS) >= 0);
    assert_int_equal(clients_count(c), CLIENTS_MAX);
    assert_true(clients_find(c, "0") >= 0);
    assert_int_equal(clients_find(c, "1"), -1);
    assert_true(clients_find(c, "2") >= 0);
    clients_close(c);
}

static void
a_guest_makes_room_first_and_leaves_when_answered(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    char name[16];
    int guest = clients_guest(c, "guest", 5000 * MS);

    (void)state;
    clients_ask(c, guest, 3);
    clients_ask(c, guest, 3);
    clients_ask(c, guest, 9);
    clients_expire(c, 9000 * MS);
    assert_int_equal(clients_find(c, "guest"), guest);
    assert_int_equal(tell(c, guest, mark, 9000 * MS), 2);
    assert_int_equal(tell(c, guest, mark, 9000 * MS), 0);
    clients_expire(c, 9000 * MS);
    assert_int_equal(clients_find(c, "guest"), -1);

    clients_ask(c, clients_guest(c, "guest", 9000 * MS), 0);
    for (int i = 0; i < CLIENTS_MAX; i++) {
        snprintf(name, sizeof name, "%d", i);
        clients_subscribe(c, name, "/", 100, 20, i * MS);
    }
    assert_int_equal(clients_find(c, "guest"), -1);
    assert_true(clients_find(c, "0") >= 0);
    clients_close(c);
}

static void
a_question_is_answered_whatever_is_known_or_held(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    int k = clients_subscribe(c, "one", "/a", 10, 20, 0);

    (void)state;
    tell(c, k, mark, 0);
    clients_hold(c, k, 1, 0, 10 * MS);
    clients_ask(c, k, 1);
    assert_int_equal(tell(c, k, mark, 11 * MS), 1);
    assert_int_equal(tell(c, k, mark, 12 * MS), 0);
    clients_close(c);
}

static void
names_and_prefixes_that_do_not_fit_are_refused(void **state)
{
    struct clients *c = open_clients();
    char name[2 * CLIENTS_NAME_SIZE] = "", prefix[CLIENTS_PREFIX_SIZE + 1] = "";

    (void)state;
    memset(name, 'x', sizeof name - 1);
    memset(prefix, 'x', sizeof prefix - 1);
    assert_int_equal(clients_subscribe(c, name, "/", 10, 20, 0), -1);
    assert_int_equal(clients_subscribe(c, "one", prefix, 10, 20, 0), -1);
    assert_int_equal(clients_subscribe(c, "", "/", 10, 20, 0), -1);
    for (int i = 0; i < CLIENTS_PREFIXES; i++) {
        snprintf(prefix, sizeof prefix, "/%d", i);
        assert_true(clients_subscribe(c, "one", prefix, 10, 20, 0) >= 0);
    }
    assert_int_equal(clients_subscribe(c, "one", "/a", 10, 20, 0), -1);
    clients_close(c);
}

static void
an_allowance_runs_out_and_fills_again(void **state)
{
    struct allowance a = {0};
    int taken = 0;

    (void)state;
    for (int i = 0; i < 100; i++)
        taken += allowance_take(&a, 10, 20, 0);
    assert_int_equal(taken, 20);
    taken = 0;
    for (int64_t now = 0; now < 1000 * MS; now += MS)
        taken += allowance_take(&a, 10, 20, now);
    assert_in_range(taken, 9, 10);
    taken = 0;
    for (int i = 0; i < 100; i++)
        taken += allowance_take(&a, 10, 20, 3600 * 1000 * MS);
    assert_int_equal(taken, 20);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hears_everything_once_and_then_what_changes),
        cmocka_unit_test(hears_only_what_is_inside_its_prefix),
        cmocka_unit_test(a_rested_row_is_told_at_once_and_a_moving_one_at_the_rate),
        cmocka_unit_test(ticks_do_not_lower_the_rate),
        cmocka_unit_test(moves_go_before_readings),
        cmocka_unit_test(who_holds_a_control_is_not_told_its_own_value),
        cmocka_unit_test(who_held_a_control_is_told_what_became_of_it),
        cmocka_unit_test(a_lease_ends_unless_renewed),
        cmocka_unit_test(lease_and_rate_are_kept_in_their_limits),
        cmocka_unit_test(the_oldest_unrenewed_makes_room),
        cmocka_unit_test(a_guest_makes_room_first_and_leaves_when_answered),
        cmocka_unit_test(a_question_is_answered_whatever_is_known_or_held),
        cmocka_unit_test(names_and_prefixes_that_do_not_fit_are_refused),
        cmocka_unit_test(an_allowance_runs_out_and_fills_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
