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

static int64_t changed[ROWS]; /* ns */

static bool
inside(void *context, int row, const char *prefix)
{
    (void)context;
    if (strcmp(prefix, CLIENTS_CONTROLS) == 0)
        return row < 8;
    return strcmp(prefix, "/") == 0 || strcmp(prefix, row < 6 ? "/a" : "/b") == 0;
}

static const struct clients_rows rows = {ROWS, reading, changed, inside, NULL};

static struct clients *
open_clients(void)
{
    struct clients *c;

    memset(changed, 0, sizeof changed);
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
            if (clients_wants(c, client, (enum clients_turn)turn, r, mark[r])) {
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
    assert_false(clients_wants(c, k, TURN_MOVED, 2, mark[2]));
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
    clients_hold(c, one, 1, 1000 * MS);
    assert_int_equal(tell(c, one, mark, 1001 * MS), 0);
    assert_int_equal(tell(c, two, mark, 1001 * MS), 1);
    assert_int_equal(tell(c, one, mark, 1079 * MS), 0);
    assert_int_equal(tell(c, one, mark, 1080 * MS),
                     1); /* also if it is what it sent: so it knows that it came */
    assert_int_equal(tell(c, one, mark, 2000 * MS), 0);
    clients_close(c);
}

/* As a row that is told at each tick of 10 ms; how often, and when last. */
static int
count(struct clients *c, int client, const uint64_t *mark, int64_t from, int64_t ms, int64_t *last)
{
    int n = 0;

    for (int64_t now = from; now < from + ms * MS; now += 10 * MS) {
        int told = tell(c, client, mark, now);

        n += told;
        *last = told ? now : *last;
    }
    return n;
}

static void
what_may_be_lost_is_told_again_once_it_rests(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    int one = clients_subscribe(c, "one", "/a", 100, 20, 0),
        safe = clients_subscribe(c, "safe", "/a", 100, 20, 0);
    int64_t last = 0;

    (void)state;
    clients_lossy(c, one, true);
    assert_int_equal(count(c, one, mark, 0, 1000, &last), 6 * (1 + CLIENTS_AGAIN)); /* the first dump too */
    assert_int_equal(count(c, safe, mark, 0, 1000, &last), 6);
    mark[1] = 5;
    changed[1] = 1000 * MS;
    assert_int_equal(count(c, one, mark, 1000 * MS, 50, &last), 1); /* it may move on: not yet */
    assert_int_equal(count(c, one, mark, 1050 * MS, 5000, &last), CLIENTS_AGAIN);
    assert_true(last <= 1190 * MS);
    assert_int_equal(count(c, safe, mark, 1000 * MS, 5000, &last), 1);

    mark[2] = 5;
    clients_hold(c, one, 2, 7000 * MS);
    changed[2] = 7000 * MS;
    assert_int_equal(count(c, one, mark, 7000 * MS, 5000, &last), 1 + CLIENTS_AGAIN);
    assert_true(last <= 7220 * MS);
    clients_close(c);
}

static void
who_only_sends_follows_the_controls(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    int k = clients_follow(c, "one", 0);

    (void)state;
    assert_true(clients_follows(c, k));
    for (int r = 0; r < ROWS; r++)
        clients_assume(c, k, r, mark[r]);
    assert_int_equal(tell(c, k, mark, 0), 0);
    mark[1] = mark[9] = 5; /* a control, a reading */
    assert_int_equal(tell(c, k, mark, 100 * MS), 1);
    clients_expire(c, 3599 * 1000 * MS);
    assert_int_equal(clients_follow(c, "one", 3599 * 1000 * MS), k); /* a word */
    clients_expire(c, 7198 * 1000 * MS);
    assert_int_equal(clients_find(c, "one"), k);
    assert_true(clients_rename(c, k, "other"));
    assert_int_equal(clients_find(c, "other"), k);
    clients_expire(c, 7199 * 1000 * MS);
    assert_int_equal(clients_count(c), 0);

    k = clients_follow(c, "one", 0);
    assert_int_equal(clients_subscribe(c, "one", "/b", 1, 20, 0), k); /* now it has said what it wants */
    assert_false(clients_follows(c, k));
    assert_int_equal(clients_follow(c, "one", 0), k);
    assert_false(clients_follows(c, k));
    assert_int_equal(tell(c, k, mark, 0), 4);
    assert_false(clients_rename(c, k, ""));
    clients_expire(c, 1000 * MS);
    assert_int_equal(clients_count(c), 0);
    clients_close(c);
}

static void
followers_give_way_to_subscribers(void **state)
{
    struct clients *c = open_clients();
    char name[16];

    (void)state;
    assert_true(clients_follow(c, "follower", 5000 * MS) >= 0);
    for (int i = 1; i < CLIENTS_MAX; i++) {
        snprintf(name, sizeof name, "%d", i);
        assert_true(clients_subscribe(c, name, "/", 100, 20, i * MS) >= 0);
    }
    assert_int_equal(clients_guest(c, "who asks", 6000 * MS), -1);
    assert_true(clients_follow(c, "newer", 6000 * MS) >= 0); /* one follower for another */
    assert_int_equal(clients_find(c, "follower"), -1);
    assert_true(clients_subscribe(c, "new", "/", 100, 20, 6000 * MS) >= 0);
    assert_int_equal(clients_find(c, "newer"), -1);
    assert_true(clients_find(c, "1") >= 0);
    assert_int_equal(clients_follow(c, "another", 7000 * MS), -1);
    clients_close(c);
}

static void
who_listens_hears_that_row_without_a_lease(void **state)
{
    struct clients *c = open_clients();
    uint64_t mark[ROWS] = {0};
    int k = clients_listen(c, "one", 3, true, 0), told = 0;

    (void)state;
    assert_int_equal(tell(c, k, mark, 0), 1);
    assert_true(clients_heard(c, 3));
    assert_false(clients_heard(c, 4));
    mark[3] = mark[4] = 5;
    clients_expire(c, 100000 * 1000 * MS);
    assert_int_equal(tell(c, k, mark, 100 * MS), 1);
    for (int64_t now = 1000 * MS; now < 2000 * MS; now += MS) {
        mark[3]++;
        told += tell(c, k, mark, now);
    }
    assert_in_range(told, 60, 61); /* as fast as any */

    assert_int_equal(clients_subscribe(c, "one", "/a", 1, 20, 2000 * MS), k);
    assert_int_equal(tell(c, k, mark, 2100 * MS), 6);
    clients_expire(c, 3000 * MS); /* the subscription ends, the listening does not */
    mark[3] = mark[4] = 7;
    assert_int_equal(tell(c, k, mark, 3100 * MS), 1);
    assert_int_equal(clients_listen(c, "one", 3, true, 3200 * MS), k); /* twice is once */
    assert_int_equal(clients_listen(c, "one", 3, false, 3200 * MS), k);
    clients_expire(c, 3200 * MS);
    assert_int_equal(clients_count(c), 0);
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
    clients_hold(c, k, 1, 10 * MS);
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
        cmocka_unit_test(what_may_be_lost_is_told_again_once_it_rests),
        cmocka_unit_test(who_only_sends_follows_the_controls),
        cmocka_unit_test(followers_give_way_to_subscribers),
        cmocka_unit_test(who_listens_hears_that_row_without_a_lease),
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
