/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model.h"

#include "engine/params.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { DUE = 700, SOON = 5000, ON = 1, OFF = 0 };

static struct model m;
static struct process p; /* its rings alone: the test is the process thread */
static int eq_on;

static int
set_up(void **state)
{
    (void)state;
    params_init();
    memset(&p, 0, sizeof p);
    assert_int_equal(ring_prepare(&p.events, sizeof(struct event), 64), OK);
    assert_int_equal(model_prepare(&m), OK);
    eq_on = param_find("/eq/8/on");
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    ring_free(&p.events);
    model_free(&m);
    return 0;
}

static void
move(double value, uint64_t frame)
{
    assert_true(model_move(&m, &p, eq_on, value, (struct model_when){frame, DUE, SOON, false}, "hand"));
}

/* What the process thread would do with the oldest move. Returns its frame. */
static uint64_t
apply_next(void)
{
    struct event e;

    assert_int_equal(ring_read(&p.events, &e, 1), 1);
    model_applied(&m, &(struct notice){.kind = NOTICE_SET,
                                       .param = e.param,
                                       .frame = e.frame,
                                       .value = e.value,
                                       .hand = e.hand,
                                       .timed = e.timed,
                                       .shown = e.shown});
    return e.frame;
}

static void
a_soon_move_is_read_at_once_and_a_late_one_when_it_is_in_force(void **state)
{
    (void)state;
    move(ON, SOON - 1);
    assert_float_equal(m.values[eq_on], ON, 0);
    apply_next();
    move(OFF, SOON);
    assert_float_equal(m.values[eq_on], ON, 0);
    apply_next();
    assert_float_equal(m.values[eq_on], OFF, 0);
}

/* Two presets in a row: the first one's being done must not bring its value back over the second one's. */
static void
news_of_an_older_move_does_not_hide_a_newer_one(void **state)
{
    (void)state;
    move(ON, 1000);
    move(OFF, 1100);
    apply_next();
    assert_float_equal(m.values[eq_on], OFF, 0);
    apply_next();
    assert_float_equal(m.values[eq_on], OFF, 0);
    assert_int_equal(m.ahead[eq_on].count, 0);
}

static void
a_move_for_now_comes_after_the_soon_one_that_it_was_made_over(void **state)
{
    (void)state;
    move(ON, 1000);
    move(OFF, EVENT_NOW);
    assert_float_equal(m.values[eq_on], OFF, 0);
    assert_int_equal(apply_next(), 1000);
    assert_int_equal(apply_next(), 1000);
    assert_float_equal(m.values[eq_on], OFF, 0);
    move(ON, EVENT_NOW);
    assert_int_equal(apply_next(), EVENT_NOW);
}

static void
so_does_one_with_a_frame_that_is_due(void **state)
{
    (void)state;
    move(ON, 1000);
    move(OFF, DUE);
    assert_int_equal(apply_next(), 1000);
    assert_int_equal(apply_next(), 1000);
    assert_float_equal(m.values[eq_on], OFF, 0);
    move(ON, 1000);
    move(OFF, DUE + 1); /* a time of its own */
    assert_int_equal(apply_next(), 1000);
    assert_int_equal(apply_next(), DUE + 1);
}

static void
what_was_sent_last_for_an_earlier_frame_gives_way_in_the_end(void **state)
{
    (void)state;
    move(ON, 1000);
    move(OFF, 900);
    assert_float_equal(m.values[eq_on], OFF, 0);
    /* by frame, as the process thread does */
    model_applied(&m, &(struct notice){.param = eq_on, .value = OFF, .timed = true, .shown = true});
    assert_float_equal(m.values[eq_on], OFF, 0);
    model_applied(&m, &(struct notice){.param = eq_on, .value = ON, .timed = true, .shown = true});
    assert_float_equal(m.values[eq_on], ON, 0);
}

static void
what_had_no_room_comes_late_and_still_in_its_turn(void **state)
{
    struct event e;

    (void)state;
    move(ON, 1000);
    for (int i = 1; ring_writable(&p.events) > 0; i++)
        assert_true(
            model_move(&m, &p, eq_on - 1, i, (struct model_when){EVENT_NOW, DUE, SOON, false}, "flood"));
    move(OFF, EVENT_NOW);
    while (ring_readable(&p.events) > 0)
        apply_next();
    assert_float_equal(m.values[eq_on], OFF, 0);
    model_send_late(&m, &p);
    assert_int_equal(ring_read(&p.events, &e, 1), 1);
    assert_float_equal(e.value, OFF, 0);
}

/* What process tells when midi_in has moved it. */
static void
knob(double value)
{
    model_applied(&m, &(struct notice){.kind = NOTICE_SET, .param = eq_on, .value = value, .own = true});
}

static void
news_of_a_move_far_ahead_does_not_hide_one_for_now(void **state)
{
    (void)state;
    move(ON, SOON + 1000);
    move(ON, EVENT_NOW);
    move(OFF, EVENT_NOW);
    apply_next(); /* by time the two for now would be first, and are still unread */
    assert_float_equal(m.values[eq_on], OFF, 0);
    apply_next();
    apply_next();
    assert_float_equal(m.values[eq_on], OFF, 0);
}

static void
what_a_knob_moved_is_read_unless_a_hands_move_comes_after_it(void **state)
{
    (void)state;
    knob(ON);
    assert_float_equal(m.values[eq_on], ON, 0);
    move(OFF, EVENT_NOW);
    knob(ON);
    assert_float_equal(m.values[eq_on], OFF, 0);
    apply_next();
    knob(ON);
    assert_float_equal(m.values[eq_on], ON, 0);
    move(OFF, 1000);
    knob(ON);
    assert_float_equal(m.values[eq_on], OFF, 0);
    apply_next();
    assert_float_equal(m.values[eq_on], OFF, 0);
}

static void
what_a_passage_has_sent_gives_way_to_a_knob(void **state)
{
    struct event e;

    (void)state;
    assert_true(model_move(&m, &p, eq_on, ON, (struct model_when){1000, 0, SOON, true}, "passage"));
    assert_int_equal(ring_read(&p.events, &e, 1), 1);
    assert_true(e.travels);
    assert_int_equal(e.heard, 0);
    knob(OFF);
    assert_float_equal(m.values[eq_on], OFF, 0);
    move(OFF, DUE); /* no passage to come after */
    assert_int_equal(apply_next(), DUE);
    model_applied(
        &m, &(struct notice){
                .param = eq_on, .value = OFF, .timed = true, .shown = true, .travels = true, .off = true});
    assert_float_equal(m.values[eq_on], OFF, 0);
    assert_int_equal(m.timed, 0);
    assert_true(model_move(&m, &p, eq_on, ON, (struct model_when){1000, 0, SOON, true}, "passage"));
    assert_int_equal(ring_read(&p.events, &e, 1), 1);
    assert_int_equal(e.heard, 1);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_soon_move_is_read_at_once_and_a_late_one_when_it_is_in_force),
        CASE(news_of_an_older_move_does_not_hide_a_newer_one),
        CASE(a_move_for_now_comes_after_the_soon_one_that_it_was_made_over),
        CASE(so_does_one_with_a_frame_that_is_due),
        CASE(what_was_sent_last_for_an_earlier_frame_gives_way_in_the_end),
        CASE(what_had_no_room_comes_late_and_still_in_its_turn),
        CASE(news_of_a_move_far_ahead_does_not_hide_one_for_now),
        CASE(what_a_knob_moved_is_read_unless_a_hands_move_comes_after_it),
        CASE(what_a_passage_has_sent_gives_way_to_a_knob),
    };

    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
