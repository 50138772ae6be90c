/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/control/surface_room.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- moves ------------------------------------------------------------------------------------------------ */

static void
a_fader_moves_its_row_from_end_to_end_with_14_bits(void **state)
{
    ROOM({.control = "fader/1", .to = "/eq/1/gain"});

    say(r, 0x90, 104, 127);
    say(r, 0xe0, 0, 0);
    assert_true(value(r, "/eq/1/gain") == -24.0);
    pass(r, 10);
    say(r, 0xe0, 127, 127);
    assert_true(value(r, "/eq/1/gain") == 24.0);
    pass(r, 10);
    say(r, 0xe0, 1, 64); /* 8193 */
    assert_true(near(value(r, "/eq/1/gain"), -24.0 + 48.0 * 8193 / 16383));
    assert_string_equal(fake_engine_set(r->engine, -1)->by, "midi BOX");
    assert_true(fake_engine_set(r->engine, -1)->frame == ENGINE_NOW);
    assert_int_equal(surface_counts(r->s)->moves, 3);
    room_close(r);
}

static void
a_frame_goes_with_its_move(void **state)
{
    static const uint8_t bytes[] = {0xe0, 0, 0};
    ROOM({.control = "fader/1", .to = "/eq/1/gain"});

    say(r, 0x90, 104, 127);
    surface_take(r->s, bytes, 3, 777, false, r->now);
    assert_int_equal(fake_engine_set(r->engine, -1)->frame, 777);
    room_close(r);
}

static void
ends_of_a_way_are_given_as_written_and_may_be_turned_round(void **state)
{
    ROOM({.control = "fader/1", .to = "/eq/1/freq", .low = "100 Hz", .high = "333 Hz"},
         {.control = "fader/2", .to = "/eq/1/gain", .low = "-6", .high = "3", .invert = true});

    say(r, 0x90, 104, 127);
    say(r, 0xe0, 0, 0);
    assert_true(value(r, "/eq/1/freq") == 100.0);
    pass(r, 10);
    say(r, 0xe0, 127, 127);
    assert_true(value(r, "/eq/1/freq") == 333.0);
    say(r, 0x90, 105, 127);
    say(r, 0xe1, 0, 0);
    assert_true(value(r, "/eq/1/gain") == 3.0);
    pass(r, 10);
    say(r, 0xe1, 127, 127);
    assert_true(value(r, "/eq/1/gain") == -6.0);
    room_close(r);
}

static void
words_and_switches_are_taken_by_the_nearest(void **state)
{
    ROOM({.control = "slider/1", .to = "/eq/1/type"}, {.control = "slider/2", .to = "/monitor/mute"});

    for (int raw = 0; raw < 128; raw++) { /* eight words */
        say(r, 0xb2, 81, raw);
        pass(r, 10);
        assert_true(value(r, "/eq/1/type") == floor(raw / 127.0 * 7.0 + 0.5));
    }
    say(r, 0xb2, 82, 64);
    assert_true(value(r, "/monitor/mute") == 1.0);
    pass(r, 10);
    say(r, 0xb2, 82, 63);
    assert_true(value(r, "/monitor/mute") == 0.0);
    room_close(r);
}

static void
an_encoder_moves_from_where_the_row_is(void **state)
{
    ROOM({.control = "encoder/1", .to = "/eq/1/gain"},
         {.control = "encoder/2", .to = "/eq/2/gain", .step = 0.05},
         {.control = "encoder/3", .to = "/eq/3/gain", .by = 0.5}, {.control = "key/1", .to = "fine"});

    say(r, 0xb0, 16, 3); /* three hundredths of 48 dB */
    assert_true(near(value(r, "/eq/1/gain"), 1.44));
    fake_engine_move(r->engine, "/eq/1/gain", 10.0);
    pass(r, 10);
    say(r, 0xb0, 16, 0x41);
    assert_true(near(value(r, "/eq/1/gain"), 9.52));
    say(r, 0xb0, 17, 0x41);
    assert_true(near(value(r, "/eq/2/gain"), -2.4));
    say(r, 0xb0, 18, 2);
    assert_true(near(value(r, "/eq/3/gain"), 1.0));
    pass(r, 10);
    say(r, 0x90, 40, 127);
    say(r, 0xb0, 17, 1); /* a tenth */
    assert_true(near(value(r, "/eq/2/gain"), -2.16));
    say(r, 0x90, 40, 0);
    pass(r, 10);
    say(r, 0xb0, 17, 63);
    assert_true(value(r, "/eq/2/gain") == 24.0); /* and no further */
    room_close(r);
}

static void
an_encoder_steps_words_one_by_one_and_keeps_fractions(void **state)
{
    ROOM({.control = "encoder/1", .to = "/eq/1/type"}, {.control = "key/1", .to = "fine"},
         {.control = "encoder/2", .to = "/eq/2/type", .low = "low_shelf", .high = "notch"});

    say(r, 0xb0, 16, 1);
    assert_true(value(r, "/eq/1/type") == 1.0);
    say(r, 0x90, 40, 127);
    for (int i = 0; i < 9; i++) {
        pass(r, 10);
        say(r, 0xb0, 16, 1);
    }
    assert_true(value(r, "/eq/1/type") == 1.0);
    pass(r, 10);
    say(r, 0xb0, 16, 2); /* the eleventh tenth */
    assert_true(value(r, "/eq/1/type") == 2.0);
    say(r, 0x90, 40, 0);
    pass(r, 10);
    say(r, 0xb0, 16, 0x41 + 30);
    assert_true(value(r, "/eq/1/type") == 0.0);
    say(r, 0xb0, 17, 20);
    assert_true(value(r, "/eq/2/type") == 5.0);
    room_close(r);
}

static void
what_is_beyond_a_way_is_led_back_not_thrown(void **state)
{
    ROOM({.control = "encoder/1", .to = "/eq/1/gain", .low = "-6", .high = "6"});

    fake_engine_move(r->engine, "/eq/1/gain", 12.0);
    say(r, 0xb0, 16, 1);
    assert_true(value(r, "/eq/1/gain") == 12.0);
    pass(r, 10);
    say(r, 0xb0, 16, 0x41);
    assert_true(near(value(r, "/eq/1/gain"), 12.0 - 0.12));
    room_close(r);
}

/* The position follows a move only later: turning on must not forget what was turned. */
static void
a_jog_adds_to_where_the_music_is(void **state)
{
    ROOM({.control = "jog", .to = "/transport/locate", .by = 1, .base = "/transport/position"});

    fake_engine_move(r->engine, "/transport/position", 30.0);
    say(r, 0xb0, 60, 1);
    assert_true(value(r, "/transport/locate") == 31.0);
    pass(r, 10);
    say(r, 0xb0, 60, 1);
    assert_true(value(r, "/transport/locate") == 32.0);
    pass(r, 500);
    fake_engine_move(r->engine, "/transport/position", 40.0);
    say(r, 0xb0, 60, 0x42);
    assert_true(value(r, "/transport/locate") == 38.0);
    room_close(r);
}

static void
buttons_switch_step_fire_set_and_add(void **state)
{
    ROOM({.control = "key/1", .to = "/monitor/mute"}, {.control = "key/2", .to = "/eq/1/channels"},
         {.control = "key/3", .to = "/undo"}, {.control = "key/4", .to = "/eq/1/type", .value = "notch"},
         {.control = "key/5", .to = "/comp/ratio", .by = 0.5},
         {.control = "switch/1", .to = "/monitor/mono"});
    int sets;

    say(r, 0x90, 40, 127);
    assert_true(value(r, "/monitor/mute") == 1.0);
    say(r, 0x90, 40, 0);
    assert_true(value(r, "/monitor/mute") == 1.0);
    say(r, 0x90, 40, 127);
    assert_true(value(r, "/monitor/mute") == 0.0);
    for (int i = 1; i <= 5; i++) { /* five words, then the first again */
        pass(r, 100);
        say(r, 0x90, 41, 127);
        say(r, 0x80, 41, 0);
        assert_true(value(r, "/eq/1/channels") == i % 5);
    }
    say(r, 0x90, 42, 127);
    assert_int_equal(fake_engine_set(r->engine, -1)->id, param_find("/undo"));
    say(r, 0x90, 43, 127);
    assert_true(value(r, "/eq/1/type") == 5.0);
    sets = r->engine->nsets;
    say(r, 0x90, 43, 0);
    say(r, 0x90, 43, 127);
    assert_true(value(r, "/eq/1/type") == 5.0 && r->engine->nsets == sets);
    say(r, 0x90, 44, 127);
    assert_true(value(r, "/comp/ratio") == 2.5);
    say(r, 0xb4, 100, 127);
    assert_true(value(r, "/monitor/mono") == 1.0);
    fake_engine_move(r->engine, "/monitor/mono", 0.0);
    say(r, 0xb4, 100, 0); /* the state that the box has, not the other one */
    assert_true(value(r, "/monitor/mono") == 0.0);
    room_close(r);
}

static void
default_and_toggle_act_on_the_row_of_the_knob(void **state)
{
    ROOM({.control = "encoder", .to = "/eq/#/gain"}, {.control = "push", .to = "default encoder"},
         {.control = "key", .to = "toggle encoder"});

    fake_engine_move(r->engine, "/eq/3/gain", 9.0);
    say(r, 0x90, 34, 127);
    assert_true(value(r, "/eq/3/gain") == 0.0);
    say(r, 0x90, 42, 127);
    assert_true(value(r, "/eq/3/on") == 1.0);
    pass(r, 10);
    assert_int_equal(last(r, 0x90, 42), 127);
    room_close(r);
}

static void
a_macro_moves_all_its_rows_at_one_frame_and_stands_where_the_first_is(void **state)
{
    ROOM({.control = "fader/1", .to = "macro air"}, {.control = "encoder/1", .to = "macro air"});
    const struct fake_set *one, *two;

    say(r, 0x90, 104, 127);
    say(r, 0xe0, 127, 127);
    assert_true(value(r, "/eq/8/gain") == 6.0 && value(r, "/eq/7/gain") == -6.0);
    one = fake_engine_set(r->engine, 0);
    two = fake_engine_set(r->engine, 1);
    assert_true(one->frame == two->frame && one->frame != ENGINE_NOW);
    say(r, 0x90, 104, 0);
    pass(r, 20);
    fake_engine_move(r->engine, "/eq/8/gain", 3.0);
    pass(r, 20);
    assert_int_equal(last(r, 0xe0, -1), 8192);
    say(r, 0xb0, 16, 10);
    assert_true(near(value(r, "/eq/8/gain"), 3.6) && near(value(r, "/eq/7/gain"), -3.6));
    room_close(r);
}

static void
a_refused_move_is_counted_and_told_not_for_each_message(void **state)
{
    ROOM({.control = "encoder/1", .to = "/eq/1/gain"},
         {.control = "encoder/2", .to = "/meter/comp/reduction"});

    say(r, 0xb0, 17, 5); /* a reading is no row to move: nobody is asked */
    assert_int_equal(surface_counts(r->s)->refused, 0);
    r->engine->refusal = "/eq/1/gain: is locked: unlock it";
    for (int i = 0; i < 50; i++) {
        say(r, 0xb0, 16, 1);
        pass(r, 10);
    }
    assert_int_equal(surface_counts(r->s)->refused, 50);
    assert_string_equal(surface_news(r->s), "/eq/1/gain: is locked: unlock it");
    assert_null(surface_news(r->s));
    assert_int_equal(surface_counts(r->s)->moves, 0);
    say(r, 0xbf, 17, 5);
    assert_int_equal(surface_counts(r->s)->unknown, 1);
    assert_int_equal(surface_counts(r->s)->in, 52);
    room_close(r);
}

/* --- layers, pages ---------------------------------------------------------------------------------------- */

static void
a_layer_ends_with_the_button_that_held_it_even_on_another_page(void **state)
{
    static struct surface_assign one[] = {{.control = "key/1", .to = "layer shift"},
                                          {.control = "key/2", .to = "page_next"},
                                          {.control = "encoder/1", .to = "/eq/1/gain"},
                                          {.control = "encoder/1", .to = "/eq/1/freq", .layer = "shift"}};
    static struct surface_assign two[] = {{.control = "key/1", .to = "/monitor/mute"},
                                          {.control = "encoder/1", .to = "/eq/2/gain"}};
    struct room *r = calloc(1, sizeof *r);

    (void)state;
    r->page[0].assign = one, r->page[0].assign_count = LEN(one);
    r->page[1] = (struct surface_page){.name = "two", .assign = two, .assign_count = LEN(two)};
    r->p.pages_count = 2;
    room_open(r);
    pass(r, 400);
    say(r, 0x90, 40, 127);
    say(r, 0xb0, 16, 1);
    assert_true(value(r, "/eq/1/gain") == 0.0 && value(r, "/eq/1/freq") > 1000.0);
    pass(r, 10);
    assert_int_equal(last(r, 0x90, 40), 127);
    say(r, 0x90, 41, 127);
    assert_string_equal(surface_page_name(r->s), "two");
    say(r, 0x90, 40, 0);
    assert_true(value(r, "/monitor/mute") == 0.0);
    assert_true(surface_open_page(r->s, "one"));
    assert_false(surface_open_page(r->s, "three"));
    pass(r, 10);
    say(r, 0xb0, 16, 1);
    assert_true(near(value(r, "/eq/1/gain"), 0.48));
    room_close(r);
}

static void
buttons_and_wheels_move_the_window_over_the_slots(void **state)
{
    static char *slots[] = {"/eq/#/gain", "/eq/#/freq"};
    static struct surface_assign a[] = {{.control = "encoder", .to = "slots"},
                                        {.control = "key/1", .to = "bank_next"},
                                        {.control = "key/2", .to = "slot_previous"},
                                        {.control = "key/3", .to = "flip"},
                                        {.control = "jog", .to = "slot_next"}};
    struct room *r = calloc(1, sizeof *r);

    (void)state;
    r->page[0] =
        (struct surface_page){.slots = slots, .slots_count = LEN(slots), .assign = a, .assign_count = LEN(a)};
    room_open(r);
    pass(r, 400);
    say(r, 0x90, 40, 127);
    say(r, 0xb0, 17, 1);
    assert_true(value(r, "/eq/2/freq") > 1000.0 && value(r, "/eq/2/gain") == 0.0);
    say(r, 0x90, 41, 127);
    say(r, 0xb0, 18, 1);
    assert_true(value(r, "/eq/2/freq") > 1000.0 && value(r, "/eq/3/freq") == 1000.0);
    say(r, 0xb0, 60, 0x42); /* two back: from 7 to 5 */
    pass(r, 10);
    say(r, 0xb0, 16, 1);
    assert_true(near(value(r, "/eq/6/gain"), 0.48));
    room_close(r);
}

/* --- floods ----------------------------------------------------------------------------------------------- */

static void
a_stuck_knob_moves_its_row_twice_a_tick_at_most_and_ends_where_it_is(void **state)
{
    ROOM({.control = "slider/1", .to = "/eq/1/gain"}, {.control = "encoder/1", .to = "/eq/2/gain"});

    for (int i = 0; i < 1000; i++)
        say(r, 0xb2, 81, i % 128);
    assert_int_equal(r->engine->nsets, 1); /* the first at once */
    pass(r, 10);
    assert_int_equal(r->engine->nsets, 2); /* the newest */
    assert_true(near(value(r, "/eq/1/gain"), -24.0 + 48.0 * (999 % 128) / 127));
    assert_int_equal(surface_counts(r->s)->coalesced, 998);
    for (int i = 0; i < 30; i++)
        say(r, 0xb0, 16, 1);
    assert_true(near(value(r, "/eq/2/gain"), 0.48));
    pass(r, 10);
    assert_true(near(value(r, "/eq/2/gain"), 30 * 0.48)); /* ticks add up */
    assert_int_equal(r->engine->nsets, 4);
    room_close(r);
}

/* After each message a tick: 10,000 in a second. */
static void
a_flood_costs_no_more_however_often_it_is_ticked(void **state)
{
    ROOM({.control = "slider/1", .to = "/eq/1/gain"}, {.control = "encoder/1", .to = "/eq/2/gain"});

    for (int i = 0; i < 10000; i++) {
        r->now += MS / 10;
        say(r, 0xb2, 81, (i * 7) % 128);
        surface_tick(r->s, r->now);
    }
    assert_in_range(r->engine->nsets, 150, 400);
    say(r, 0xb0, 16, 1); /* nobody else waits */
    assert_true(near(value(r, "/eq/2/gain"), 0.48));
    room_close(r);
}

/* --- takeover --------------------------------------------------------------------------------------------- */

static void
a_knob_without_a_motor_does_not_jump_and_its_light_blinks_till_it_holds(void **state)
{
    ROOM({.control = "knob/1", .to = "/eq/1/gain"});

    assert_int_equal(last(r, 0x91, 0), -1);
    say(r, 0xb1, 0, 20);
    pass(r, 10);
    say(r, 0xb1, 0, 40);
    assert_int_equal(r->engine->nsets, 0);
    pass(r, 10);
    say(r, 0xb1, 0, 70); /* past the middle */
    assert_true(near(value(r, "/eq/1/gain"), -24.0 + 48.0 * 70 / 127));
    pass(r, 10);
    assert_int_equal(last(r, 0x91, 0), 127);
    fake_engine_move(r->engine, "/eq/1/gain", -12.0); /* a recall */
    pass(r, 10);
    assert_int_equal(last(r, 0x91, 0), 1);
    say(r, 0xb1, 0, 72);
    assert_true(value(r, "/eq/1/gain") == -12.0);
    pass(r, 10);
    say(r, 0xb1, 0, 31); /* a quarter: 31.75 */
    assert_true(near(value(r, "/eq/1/gain"), -24.0 + 48.0 * 31 / 127));
    pass(r, 10);
    assert_int_equal(last(r, 0x91, 0), 127);
    room_close(r);
}

/* A switch has two places, far from most of the knob's. */
static void
a_knob_on_a_switch_takes_hold_where_it_says_the_same(void **state)
{
    ROOM({.control = "knob/1", .to = "/monitor/mute"}, {.control = "knob/2", .to = "/eq/1/type"});

    fake_engine_move(r->engine, "/monitor/mute", 1.0);
    say(r, 0xb1, 0, 10);
    assert_true(value(r, "/monitor/mute") == 1.0);
    pass(r, 10);
    say(r, 0xb1, 0, 80); /* on, as it is */
    pass(r, 10);
    say(r, 0xb1, 0, 40);
    assert_true(value(r, "/monitor/mute") == 0.0);
    pass(r, 10);
    say(r, 0xb1, 0, 90);
    assert_true(value(r, "/monitor/mute") == 1.0);
    say(r, 0xb1, 1, 0);
    for (int raw = 1; raw < 128; raw++) {
        pass(r, 10);
        say(r, 0xb1, 1, raw);
        assert_true(value(r, "/eq/1/type") == floor(raw / 127.0 * 7.0 + 0.5));
    }
    room_close(r);
}

static void
scale_and_jump_are_as_asked_for(void **state)
{
    ROOM({.control = "knob/1", .to = "/eq/1/gain", .takeover = SURFACE_SCALE, .has_takeover = true},
         {.control = "knob/2", .to = "/eq/2/gain", .takeover = SURFACE_JUMP, .has_takeover = true});

    say(r, 0xb1, 1, 127);
    assert_true(value(r, "/eq/2/gain") == 24.0);
    say(r, 0xb1, 0, 20);
    assert_true(value(r, "/eq/1/gain") == 0.0);
    pass(r, 10);
    say(r, 0xb1, 0, 127); /* all that is left */
    assert_true(near(value(r, "/eq/1/gain"), 24.0));
    room_close(r);
}

static void
another_page_must_be_picked_up_anew(void **state)
{
    static struct surface_assign one[] = {{.control = "knob/1", .to = "/eq/1/gain"}};
    static struct surface_assign two[] = {{.control = "knob/1", .to = "/eq/2/gain"}};
    struct room *r = calloc(1, sizeof *r);

    (void)state;
    r->page[0].assign = one, r->page[0].assign_count = 1;
    r->page[1] = (struct surface_page){.name = "two", .assign = two, .assign_count = 1};
    r->p.pages_count = 2;
    room_open(r);
    say(r, 0xb1, 0, 64);
    pass(r, 10);
    say(r, 0xb1, 0, 100);
    assert_true(near(value(r, "/eq/1/gain"), -24.0 + 48.0 * 100 / 127));
    surface_open_page(r->s, "two");
    pass(r, 10);
    say(r, 0xb1, 0, 101);
    assert_true(value(r, "/eq/2/gain") == 0.0);
    pass(r, 10);
    say(r, 0xb1, 0, 60);
    assert_true(near(value(r, "/eq/2/gain"), -24.0 + 48.0 * 60 / 127));
    room_close(r);
}

/* --- 14 bits, and what is wrong ---------------------------------------------------------------------------- */

static void
both_halves_of_a_wide_knob_move_as_one(void **state)
{
    ROOM({.control = "wide", .to = "/eq/1/gain", .takeover = SURFACE_JUMP, .has_takeover = true});

    say(r, 0xb5, 7, 96);
    say(r, 0xb5, 39, 1);
    assert_int_equal(r->engine->nsets, 1);
    assert_true(near(value(r, "/eq/1/gain"), -24.0 + 48.0 * (96 * 128 + 1) / 16383));
    room_close(r);
}

static void
an_unknown_word_keeps_the_surface_shut(void **state)
{
    static struct surface_assign a[] = {{.control = "encoder/1", .to = "/eq/1/gian"}};
    struct surface_page page = {.name = "one", .assign = a, .assign_count = 1};
    struct surface_profile p = {.name = "box",
                                .controls = room_controls,
                                .controls_count = room_ncontrols,
                                .pages = &page,
                                .pages_count = 1};
    struct midi_port port = {room_record, NULL};
    struct engine *engine = fake_engine_open();
    struct surface *s;
    struct err e;

    (void)state;
    assert_int_equal(surface_open(&s, &p, engine, "midi BOX", &port, &e), BAD_ARG);
    assert_null(s);
    assert_non_null(strstr(e.text, "pages[0].assign[0].to: /eq/1/gian"));
    fake_engine_close(engine);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test(name)
        TEST(a_fader_moves_its_row_from_end_to_end_with_14_bits),
        TEST(a_frame_goes_with_its_move),
        TEST(ends_of_a_way_are_given_as_written_and_may_be_turned_round),
        TEST(words_and_switches_are_taken_by_the_nearest),
        TEST(an_encoder_moves_from_where_the_row_is),
        TEST(an_encoder_steps_words_one_by_one_and_keeps_fractions),
        TEST(what_is_beyond_a_way_is_led_back_not_thrown),
        TEST(a_jog_adds_to_where_the_music_is),
        TEST(buttons_switch_step_fire_set_and_add),
        TEST(default_and_toggle_act_on_the_row_of_the_knob),
        TEST(a_macro_moves_all_its_rows_at_one_frame_and_stands_where_the_first_is),
        TEST(a_refused_move_is_counted_and_told_not_for_each_message),
        TEST(a_layer_ends_with_the_button_that_held_it_even_on_another_page),
        TEST(buttons_and_wheels_move_the_window_over_the_slots),
        TEST(a_stuck_knob_moves_its_row_twice_a_tick_at_most_and_ends_where_it_is),
        TEST(a_flood_costs_no_more_however_often_it_is_ticked),
        TEST(a_knob_without_a_motor_does_not_jump_and_its_light_blinks_till_it_holds),
        TEST(a_knob_on_a_switch_takes_hold_where_it_says_the_same),
        TEST(scale_and_jump_are_as_asked_for),
        TEST(another_page_must_be_picked_up_anew),
        TEST(both_halves_of_a_wide_knob_move_as_one),
        TEST(an_unknown_word_keeps_the_surface_shut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
