/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/control/osc_room.h"

#include "control/wire.h"

#include <math.h>

/* Who is told what, and when. */

static void
who_steps_hears_the_sum_at_once(void **state)
{
    struct room *r = *state;

    subscribe(r, &r->one, "/monitor");
    say_number(r, &r->one, "/monitor/level/step", 'f', 1.5);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/monitor/level");
    assert_true(r->one.reply[0].number == -18.5);
}

static void
others_hear_a_move_in_one_tick_and_the_sender_does_not(void **state)
{
    struct room *r = *state;

    subscribe(r, &r->one, "/");
    subscribe(r, &r->two, "/");
    say_number(r, &r->one, "/eq/1/gain", 'f', 3.3);
    tick(r, 10);
    assert_int_equal(hear(&r->two), 1);
    assert_string_equal(r->two.reply[0].path, "/eq/1/gain");
    assert_true(r->two.reply[0].number == (double)3.3f);
    tick(r, 1000);
    assert_int_equal(hear(&r->one), 0);
    assert_int_equal(hear(&r->two), 0);
}

static void
the_sender_hears_what_it_did_not_send(void **state)
{
    struct room *r = *state;

    subscribe(r, &r->one, "/");
    say_number(r, &r->one, "/limit/ceiling", 'f', -3);
    say_number(r, &r->two, "/limit/ceiling", 'f', -5);
    tick(r, 290);
    assert_int_equal(hear(&r->one), 0); /* its finger is on it */
    tick(r, 20);
    assert_int_equal(hear(&r->one), 1);
    assert_true(r->one.reply[0].number == -5);

    say_number(r, &r->one, "/limit/ceiling", 'f', 30); /* refused: the tablet shows 30 and must come back */
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/error");
    tick(r, 290);
    assert_int_equal(hear(&r->one), 0);
    tick(r, 20);
    assert_int_equal(hear(&r->one), 1);
    assert_true(r->one.reply[0].number == -5);

    say_text(r, &r->one, "/eq/1/gain", "loud"); /* no number at all, so nothing to compare with */
    assert_int_equal(hear(&r->one), 1);
    tick(r, 310);
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/eq/1/gain");
}

static void
a_norm_twin_is_heard_by_who_subscribed_to_it(void **state)
{
    struct room *r = *state;

    say_text(r, &r->one, "/subscribe", "/limit/norm");
    tick(r, 100);
    assert_int_equal(hear(&r->one), rows_to_tell("/limit"));
    assert_non_null(find_reply(&r->one, "/limit/ceiling/norm"));
    subscribe(r, &r->two, "/limit");
    say_number(r, &r->one, "/limit/ceiling/norm", 'f', 0.3);
    tick(r, 10);
    assert_int_equal(hear(&r->two), 1);
    assert_true(fabs(r->two.reply[0].number - (-12 + 0.3 * 12)) < 1e-5);
    tick(r, 1000);
    assert_int_equal(hear(&r->one), 0);
    fake_engine_move(r->engine, "/limit/ceiling", -12);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1);
    assert_true(r->one.reply[0].number == 0);
}

static void
a_sweep_is_coalesced_and_its_end_is_heard(void **state)
{
    struct room *r = *state;

    subscribe(r, &r->one, "/eq"); /* 20 Hz */
    for (int i = 1; i <= 1000; i++) {
        fake_engine_move(r->engine, "/eq/1/gain", -12.0 + i * 0.01);
        if (i % 10 == 0)
            tick(r, 10); /* 1 s in all */
    }
    tick(r, 50);
    assert_in_range(hear(&r->one), 20, 22);
    assert_true(r->one.reply[r->one.n - 1].number == -2);
}

static void
readings_come_at_the_clients_rate(void **state)
{
    struct packet_arg arg[] = {{.type = 's', .text = "/meter/output/momentary"},
                               {.type = 'f', .number = 100},
                               {.type = 'f', .number = 5}};
    struct room *r = *state;

    say(r, &r->one, "/subscribe", arg, 3);
    for (int i = 0; i < 200; i++) {
        fake_engine_move(r->engine, "/meter/output/momentary", -20 - 0.01 * i);
        tick(r, 10);
    }
    assert_in_range(hear(&r->one), 10, 11); /* 5 Hz for 2 s */
}

static void
a_lease_that_is_over_is_over(void **state)
{
    struct packet_arg arg[] = {{.type = 's', .text = "/eq"}, {.type = 'i', .number = 2}};
    struct room *r = *state;

    say(r, &r->one, "/subscribe", arg, 2);
    tick(r, 1900);
    say(r, &r->one, "/subscribe", arg, 2);
    tick(r, 1900);
    assert_int_equal(hear(&r->one), rows_to_tell("/eq")); /* told once, not again for the renewal */
    fake_engine_move(r->engine, "/eq/on", 1);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1);
    tick(r, 200);
    fake_engine_move(r->engine, "/eq/on", 0);
    tick(r, 1000);
    assert_int_equal(hear(&r->one), 0);
    assert_int_equal(osc_clients(r->osc), 0);
}

static void
unsubscribed_is_silent(void **state)
{
    struct room *r = *state;

    subscribe(r, &r->one, "/eq");
    subscribe(r, &r->one, "/limit");
    say_text(r, &r->one, "/unsubscribe", "/eq");
    fake_engine_move(r->engine, "/eq/on", 1);
    fake_engine_move(r->engine, "/limit/on", 1);
    tick(r, 100);
    assert_int_equal(hear(&r->one), 1);
    say(r, &r->one, "/unsubscribe", NULL, 0);
    fake_engine_move(r->engine, "/limit/on", 0);
    tick(r, 100);
    assert_int_equal(hear(&r->one), 0);
    assert_int_equal(osc_clients(r->osc), 0);
}

static void
a_dump_is_whole_and_paced(void **state)
{
    struct room *r = *state;
    int rows = 0, ticks = 0;

    say_text(r, &r->one, "/dump", "/norm");
    say(r, &r->one, "/dump", NULL, 0);
    do {
        tick(r, 10);
        hear(&r->one);
        assert_true(r->one.packets <= 3);
        assert_true(r->one.largest <= PACKET_BUNDLE);
        rows += r->one.n;
        ticks++;
    } while (r->one.n);
    for (int id = 0; id < params_count(); id++)
        rows -= wire_told(param_at(id), false, "/") + wire_told(param_at(id), true, "/");
    assert_int_equal(rows, 0);
    assert_true(ticks > 2);
    say_text(r, &r->one, "/dump", "/nothing");
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/error");
}

static void
feedback_goes_to_the_port_that_was_asked_for(void **state)
{
    struct room *r = *state;
    struct packet_arg arg[] = {{.type = 's', .text = "/limit"},
                               {.type = 'f', .number = 10},
                               {.type = 'f', .number = 20},
                               {.type = 'i', .number = r->two.port}};

    say(r, &r->one, "/subscribe", arg, 4);
    tick(r, 100);
    assert_int_equal(hear(&r->one), 0);
    assert_int_equal(hear(&r->two), rows_to_tell("/limit"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(who_steps_hears_the_sum_at_once),
        TEST(others_hear_a_move_in_one_tick_and_the_sender_does_not),
        TEST(the_sender_hears_what_it_did_not_send),
        TEST(a_norm_twin_is_heard_by_who_subscribed_to_it),
        TEST(a_sweep_is_coalesced_and_its_end_is_heard),
        TEST(readings_come_at_the_clients_rate),
        TEST(a_lease_that_is_over_is_over),
        TEST(unsubscribed_is_silent),
        TEST(a_dump_is_whole_and_paced),
        TEST(feedback_goes_to_the_port_that_was_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
