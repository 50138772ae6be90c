/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/learn.h"

#include "test/control/fake_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MS INT64_C(1000000)

static struct engine *engine;
static struct learn learn;
static int64_t now_ns;

static int
begin(void **state)
{
    (void)state;
    engine = fake_engine_open();
    now_ns = 0;
    return learn_begin(&learn, engine) != OK;
}

static int
end(void **state)
{
    (void)state;
    learn_end(&learn);
    fake_engine_close(engine);
    return 0;
}

static enum learn_step
wait_ms(int ms)
{
    now_ns += ms * MS;
    return learn_tick(&learn, now_ns);
}

static void
say(int who, int a, int b, int c)
{
    uint8_t bytes[3] = {(uint8_t)a, (uint8_t)b, (uint8_t)c};

    now_ns += 5 * MS;
    learn_hear(&learn, who, bytes, sizeof bytes, now_ns);
}

static void
turn_a_pot(int who, int number)
{
    for (int v = 10; v < 80; v += 3)
        say(who, 0xB0, number, v);
    for (int v = 80; v > 10; v -= 3)
        say(who, 0xB0, number, v);
}

static void
assert_for(const char *path)
{
    assert_int_equal(learn.step, LEARN_READY);
    assert_string_equal(param_at(learn.param)->path, path);
}

static void
a_control_and_then_a_row(void **state)
{
    (void)state;
    assert_non_null(strstr(learn_said(&learn), "touch a control"));
    turn_a_pot(3, 7);
    assert_int_equal(wait_ms(10), LEARN_TOUCH); /* it may go on */
    assert_int_equal(wait_ms(500), LEARN_MOVE);
    assert_non_null(strstr(learn_said(&learn), "CC 7 on channel 1"));
    fake_engine_move(engine, "/eq/2/gain", 3.0);
    assert_int_equal(wait_ms(10), LEARN_READY);
    assert_for("/eq/2/gain");
    assert_int_equal(learn.who, 3);
    assert_int_equal(learn.guess.heard[0].number, 7);
}

static void
a_row_and_then_a_control(void **state)
{
    (void)state;
    fake_engine_move(engine, "/comp/ratio", 4.0);
    assert_int_equal(wait_ms(10), LEARN_TOUCH);
    assert_non_null(strstr(learn_said(&learn), "/comp/ratio"));
    turn_a_pot(0, 7);
    wait_ms(500);
    assert_for("/comp/ratio");
}

static void
the_last_row_that_moved_is_meant(void **state)
{
    (void)state;
    fake_engine_move(engine, "/comp/ratio", 4.0);
    wait_ms(10);
    fake_engine_move(engine, "/comp/attack", 4.0);
    wait_ms(10);
    turn_a_pot(0, 7);
    wait_ms(500);
    assert_for("/comp/attack");
}

static void
a_preset_is_no_row(void **state)
{
    (void)state;
    turn_a_pot(0, 7);
    wait_ms(500);
    fake_engine_move(engine, "/comp/ratio", 4.0);
    fake_engine_move(engine, "/comp/attack", 4.0);
    assert_int_equal(wait_ms(10), LEARN_MOVE);
    fake_engine_move(engine, "/comp/knee", 4.0);
    assert_int_equal(wait_ms(10), LEARN_READY);
    assert_for("/comp/knee");
}

static void
a_named_row_stays_whatever_moves(void **state)
{
    struct err e;

    (void)state;
    assert_true(learn_name(&learn, "/undo", &e));
    fake_engine_move(engine, "/comp/ratio", 4.0);
    wait_ms(10);
    say(0, 0x90, 40, 127), say(0, 0x90, 40, 0);
    say(0, 0x90, 40, 127), say(0, 0x90, 40, 0);
    wait_ms(500);
    assert_for("/undo");
}

static void
texts_and_readings_are_refused(void **state)
{
    struct err e;

    (void)state;
    assert_false(learn_name(&learn, "/chain/preset", &e));
    assert_non_null(strstr(e.text, "can't set a text"));
    assert_false(learn_name(&learn, "/meter/output/peak/1", &e));
    assert_non_null(strstr(e.text, "can only be read"));
    assert_false(learn_name(&learn, "/eq/1/gian", &e));
    assert_non_null(strstr(e.text, "/eq/1/gain"));
    assert_int_equal(wait_ms(10), LEARN_TOUCH);
}

static void
the_control_that_was_touched_last_is_meant(void **state)
{
    (void)state;
    turn_a_pot(0, 7);
    wait_ms(500);
    turn_a_pot(1, 9);
    wait_ms(500);
    assert_int_equal(learn.step, LEARN_MOVE);
    assert_int_equal(learn.who, 1);
    assert_non_null(strstr(learn_said(&learn), "CC 9"));
}

/* Not half a turn, but what it is: said, and waited for. */
static void
what_is_not_sure_is_asked_for(void **state)
{
    (void)state;
    fake_engine_move(engine, "/comp/ratio", 4.0);
    for (int i = 0; i < 12; i++)
        say(0, 0xB0, 16, 1);
    assert_int_equal(wait_ms(5000), LEARN_TOUCH);
    assert_non_null(strstr(learn_said(&learn), "then down again"));
    for (int i = 0; i < 12; i++)
        say(0, 0xB0, 16, 127);
    assert_int_equal(wait_ms(500), LEARN_READY);
}

static void
one_learnt_the_next_begins(void **state)
{
    (void)state;
    fake_engine_move(engine, "/comp/ratio", 4.0);
    turn_a_pot(0, 7);
    assert_int_equal(wait_ms(500), LEARN_READY);
    learn_taken(&learn, "pot_1 moves /comp/ratio");
    assert_non_null(strstr(learn_said(&learn), "pot_1 moves /comp/ratio; touch a control"));
    assert_int_equal(wait_ms(500), LEARN_TOUCH);
    assert_int_equal(learn.param, -1);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_control_and_then_a_row, begin, end),
        cmocka_unit_test_setup_teardown(a_row_and_then_a_control, begin, end),
        cmocka_unit_test_setup_teardown(the_last_row_that_moved_is_meant, begin, end),
        cmocka_unit_test_setup_teardown(a_preset_is_no_row, begin, end),
        cmocka_unit_test_setup_teardown(a_named_row_stays_whatever_moves, begin, end),
        cmocka_unit_test_setup_teardown(texts_and_readings_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(the_control_that_was_touched_last_is_meant, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_sure_is_asked_for, begin, end),
        cmocka_unit_test_setup_teardown(one_learnt_the_next_begins, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
