/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/warden.h"

#include "control/sockets.h"
#include "test/control/fake_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define S     INT64_C(1000000000)
#define START (1000 * S)

struct room {
    struct engine *engine;
    struct door *door;
    struct osc *osc;
    struct warden warden;
    char news[256];
};

static int
set_up(void **state)
{
    struct room *r = calloc(1, sizeof *r);
    struct err e;

    assert_non_null(r);
    r->engine = fake_engine_open();
    assert_int_equal(door_open(&r->door, "", NULL, &e), OK);
    assert_int_equal(osc_open(&r->osc, r->engine, NULL, 0, &e), OK);
    warden_begin(&r->warden, r->engine, r->door, r->osc);
    *state = r;
    return 0;
}

static int
tear_down(void **state)
{
    struct room *r = *state;

    osc_close(r->osc);
    door_close(r->door);
    fake_engine_close(r->engine);
    free(r);
    return 0;
}

static bool
tick(struct room *r, int64_t now)
{
    return warden_tick(&r->warden, now, r->news, sizeof r->news);
}

static double
value(struct room *r, const char *path)
{
    return fake_engine_value(r->engine, path);
}

/* True: the last one had news. */
static bool
tick_until_idle(struct room *r, int64_t now)
{
    bool told = tick(r, now);

    for (int i = 0; i < 5000 && !told && !door_is_idle(r->door); i++) {
        usleep(1000);
        told = tick(r, now);
    }
    return told;
}

static void
the_row_opens_and_closes_pairing_and_shows_when_it_closes(void **state)
{
    struct room *r = *state;
    struct err e;

    tick(r, START);
    assert_string_equal(door_code(r->door, START), "");
    fake_engine_move(r->engine, "/control/pair/open", 1);
    assert_false(tick(r, START));
    assert_true(door_code(r->door, START)[0]);
    tick(r, START + (DOOR_OPEN_S - 1) * S);
    assert_true(value(r, "/control/pair/open") == 1);
    tick(r, START + DOOR_OPEN_S * S);
    assert_true(value(r, "/control/pair/open") == 0);
    assert_int_equal(door_let(r->door, true, START + 200 * S, &e), OK); /* at the desk */
    tick(r, START + 200 * S);
    assert_true(value(r, "/control/pair/open") == 1);
    fake_engine_move(r->engine, "/control/pair/open", 0);
    tick(r, START + 201 * S);
    assert_string_equal(door_code(r->door, START + 201 * S), "");
}

static void
the_row_revokes_and_is_empty_again(void **state)
{
    struct room *r = *state;
    struct address a = {.size = sizeof(struct sockaddr_storage)};
    int revoke = param_find("/control/revoke"), paired = param_find("/control/paired");
    struct err e;

    a.at.ss_family = AF_INET; /* 0.0.0.0 is a stranger like any */
    assert_int_equal(door_let(r->door, true, START, &e), OK);
    assert_true(door_pair(r->door, &a, "tablet", door_code(r->door, START), NULL, START, &e));
    assert_false(tick_until_idle(r, START));
    assert_string_equal(engine_get_text(r->engine, paired), "tablet 0.0.0.0");
    assert_true(engine_set_text(r->engine, revoke, "phone", "x", &e));
    assert_true(tick_until_idle(r, START));
    assert_non_null(strstr(r->news, "no such host is paired"));
    assert_string_equal(engine_get_text(r->engine, revoke), "");
    assert_true(engine_set_text(r->engine, revoke, "tablet", "x", &e));
    assert_true(tick_until_idle(r, START));
    assert_string_equal(r->news, "no longer paired: tablet");
    assert_string_equal(engine_get_text(r->engine, paired), "");
    assert_string_equal(engine_get_text(r->engine, revoke), "");
    assert_false(tick(r, START));
}

/* Each counter has its row and each row its counter: what is counted as n stands in the n-th. */
static void
each_counter_is_told_once_a_second(void **state)
{
    static const char *const door[] = {"strangers", "floods",     "paired",      "wrong_codes",
                                       "closed",    "bad_tokens", "bad_origins", "bad_hosts",
                                       "oversized", "bad_paths",  "malformed"};
    struct room *r = *state;
    uint64_t *count = (uint64_t *)door_counts(r->door);
    char path[PARAM_PATH_SIZE];
    int rows = 0;

    assert_int_equal(LEN(door) * sizeof *count, sizeof(struct door_counts));
    for (int id = 0; id < params_count(); id++)
        rows +=
            (param_at(id)->flags & PARAM_COUNTER) && strncmp(param_at(id)->path, "/control/midi/", 14) != 0;
    assert_int_equal(
        rows, 2 + (sizeof(struct osc_counts) + sizeof(struct sockets_counts) + sizeof(struct door_counts)) /
                      sizeof(uint64_t));
    tick(r, START);
    for (size_t i = 0; i < LEN(door); i++)
        count[i] = 100 + i;
    tick(r, START + S - 1);
    assert_true(value(r, "/control/door/strangers") == 0);
    tick(r, START + S);
    for (size_t i = 0; i < LEN(door); i++) {
        snprintf(path, sizeof path, "/control/door/%s", door[i]);
        assert_true(value(r, path) == 100.0 + (double)i);
    }
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_row_opens_and_closes_pairing_and_shows_when_it_closes),
        TEST(the_row_revokes_and_is_empty_again),
        TEST(each_counter_is_told_once_a_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
