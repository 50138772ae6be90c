/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/surface.h"

#include "control/midi/display.h"
#include "test/control/fake_engine.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- a box that has one of each --------------------------------------------------------------------------- */

static struct surface_way fader_way = {.message = SURFACE_PITCH_BEND, .channel = 1, .channel_step = 1};
static struct surface_way encoder_way = {.message = SURFACE_CC, .channel = 1, .number = 16};
static struct surface_way ring_way = {.message = SURFACE_CC, .channel = 1, .number = 48};
static struct surface_way push_way = {.message = SURFACE_NOTE, .channel = 1, .number = 32};
static struct surface_way key_way = {.message = SURFACE_NOTE, .channel = 1, .number = 40};
static struct surface_way touch_way = {.message = SURFACE_NOTE, .channel = 1, .number = 104};
static struct surface_way meter_way = {.message = SURFACE_CHANNEL_PRESSURE, .channel = 1};
static struct surface_way digits_way = {.message = SURFACE_CC, .channel = 1, .number = 74};
static struct surface_way clock_way = {.message = SURFACE_CC, .channel = 1, .number = 64};
static struct surface_way jog_way = {.message = SURFACE_CC, .channel = 1, .number = 60};
static struct surface_way knob_way = {.message = SURFACE_CC, .channel = 2, .number = 0};
static struct surface_way knob_light = {.message = SURFACE_NOTE, .channel = 2, .number = 0};
static struct surface_way slider_way = {.message = SURFACE_CC, .channel = 3, .number = 81};
static struct surface_way dial_way = {.message = SURFACE_CC, .channel = 4, .number = 1};
static struct surface_way switch_way = {.message = SURFACE_CC, .channel = 5, .number = 100};
static struct surface_way wide_way = {.message = SURFACE_CC14, .channel = 6, .number = 7};

enum { FADER, ENCODER, PUSH, KEY, TOUCH, METER, DIGITS, LCD, JOG, KNOB, SLIDER, DIAL, SWITCH, WIDE, CLOCK };

static struct surface_control controls[] = {
    [FADER] = {.name = "fader",
               .kind = SURFACE_FADER,
               .count = 8,
               .in = &fader_way,
               .max = 16383,
               .motor = true,
               .touch = "touch",
               .style = SURFACE_SHOWS_VALUE},
    [ENCODER] = {.name = "encoder",
                 .kind = SURFACE_ENCODER,
                 .count = 8,
                 .in = &encoder_way,
                 .max = 127,
                 .coding = SURFACE_SIGN_MAGNITUDE,
                 .acceleration = 1,
                 .out = &ring_way,
                 .style = SURFACE_SHOWS_RING_MACKIE},
    [PUSH] =
        {.name = "push", .kind = SURFACE_BUTTON, .count = 8, .in = &push_way, .max = 127, .threshold = 64},
    [KEY] = {.name = "key",
             .kind = SURFACE_BUTTON,
             .count = 8,
             .in = &key_way,
             .max = 127,
             .threshold = 64,
             .style = SURFACE_SHOWS_LIGHT,
             .on = 127,
             .blink = 1},
    [TOUCH] =
        {.name = "touch", .kind = SURFACE_TOUCH, .count = 8, .in = &touch_way, .max = 127, .threshold = 64},
    [METER] = {.name = "meter",
               .kind = SURFACE_METER,
               .count = 8,
               .out = &meter_way,
               .style = SURFACE_SHOWS_METER_MACKIE},
    [DIGITS] = {.name = "digits",
                .kind = SURFACE_DISPLAY,
                .count = 1,
                .out = &digits_way,
                .text = SURFACE_TEXT_DIGITS,
                .columns = 2,
                .rows = 1},
    [LCD] = {.name = "lcd",
             .kind = SURFACE_DISPLAY,
             .count = 8,
             .text = SURFACE_TEXT_MACKIE,
             .rows = 2,
             .columns = 7,
             .header = "F0 00 00 66 14",
             .strip_colours = SURFACE_COLOURS_XTOUCH},
    [JOG] = {.name = "jog",
             .kind = SURFACE_JOG,
             .count = 1,
             .in = &jog_way,
             .max = 127,
             .coding = SURFACE_SIGN_MAGNITUDE,
             .acceleration = 1},
    [KNOB] = {.name = "knob",
              .kind = SURFACE_POT,
              .count = 8,
              .in = &knob_way,
              .max = 127,
              .out = &knob_light,
              .style = SURFACE_SHOWS_LIGHT,
              .on = 127,
              .blink = 1},
    [SLIDER] = {.name = "slider",
                .kind = SURFACE_FADER,
                .count = 2,
                .in = &slider_way,
                .max = 127,
                .motor = true,
                .style = SURFACE_SHOWS_VALUE},
    [DIAL] = {.name = "dial",
              .kind = SURFACE_ENCODER,
              .count = 2,
              .in = &dial_way,
              .max = 127,
              .style = SURFACE_SHOWS_VALUE},
    [SWITCH] = {.name = "switch",
                .kind = SURFACE_BUTTON,
                .count = 2,
                .in = &switch_way,
                .max = 127,
                .threshold = 64,
                .press = SURFACE_TOGGLE,
                .style = SURFACE_SHOWS_LIGHT,
                .on = 127},
    [WIDE] = {.name = "wide", .kind = SURFACE_POT, .count = 1, .in = &wide_way, .max = 16383},
    [CLOCK] = {.name = "clock",
               .kind = SURFACE_DISPLAY,
               .count = 1,
               .out = &clock_way,
               .text = SURFACE_TEXT_DIGITS,
               .columns = 10,
               .rows = 1},
};

static struct surface_move air_moves[] = {{"/eq/8/gain", "0 dB", "6 dB"}, {"/eq/7/gain", "0 dB", "-6 dB"}};
static struct surface_macro macros[] = {{"air", "Air", air_moves, LEN(air_moves)}};

enum { SAID = 4096 };

struct room {
    struct engine *engine;
    struct surface *s;
    struct surface_profile p;
    struct surface_page page[3];
    struct midi_port port;
    int64_t now;
    int said; /* messages that left */
    uint8_t bytes[SAID][64];
    size_t size[SAID];
    bool full; /* the port takes nothing */
};

static bool
record(void *context, const uint8_t *bytes, size_t size)
{
    struct room *r = context;

    if (r->full)
        return false;
    assert_true(r->said < SAID && size <= sizeof r->bytes[0]);
    memcpy(r->bytes[r->said], bytes, size);
    r->size[r->said++] = size;
    return true;
}

#define MS 1000000LL

static void
pass(struct room *r, int ms)
{
    for (int end = ms; end > 0; end -= 10) {
        r->now += 10 * MS;
        surface_tick(r->s, r->now);
    }
}

static void
open_room(struct room *r)
{
    struct err e = {""};

    r->page[0].name = r->page[0].name ? r->page[0].name : "one";
    r->p.name = "box";
    r->p.controls = controls;
    r->p.controls_count = LEN(controls);
    r->p.macros = macros;
    r->p.macros_count = LEN(macros);
    r->p.pages = r->page;
    r->p.pages_count = r->p.pages_count ? r->p.pages_count : 1;
    r->port = (struct midi_port){record, r};
    r->engine = fake_engine_open();
    r->now = 5000000 * MS;
    if (surface_open(&r->s, &r->p, r->engine, "midi BOX", &r->port, &e) != OK)
        fail_msg("%s", e.text);
}

static void
close_room(struct room *r)
{
    surface_close(r->s);
    fake_engine_close(r->engine);
    free(r);
}

/* One page with these assignments, told all about it. */
static struct room *
new_room(const struct surface_assign *assign, unsigned count)
{
    struct room *r = calloc(1, sizeof *r);

    assert_non_null(r);
    r->page[0].assign = (struct surface_assign *)assign;
    r->page[0].assign_count = count;
    open_room(r);
    pass(r, 400);
    r->said = 0;
    return r;
}

#define ROOM(...)                                                                                            \
    static struct surface_assign assigned[] = {__VA_ARGS__};                                                 \
    struct room *r = new_room(assigned, LEN(assigned));                                                      \
    (void)state

static void
say(struct room *r, int a, int b, int c)
{
    uint8_t bytes[] = {(uint8_t)a, (uint8_t)b, (uint8_t)c};

    surface_take(r->s, bytes, 3, ENGINE_NOW, false, r->now);
}

static void
say_bytes(struct room *r, const uint8_t *bytes, size_t size)
{
    surface_take(r->s, bytes, size, ENGINE_NOW, false, r->now);
}

/* The value of the last message of a status, and of a number where it has one; -1: there was none. */
static int
last(const struct room *r, int status, int number)
{
    for (int i = r->said - 1; i >= 0; i--) {
        const uint8_t *b = r->bytes[i];

        if (b[0] != status || r->size[i] > 3)
            continue;
        if ((status & 0xf0) == 0xe0)
            return b[1] + 128 * b[2];
        if (r->size[i] == 2)
            return b[1];
        if (b[1] == number)
            return b[2];
    }
    return -1;
}

static int
count(const struct room *r, int status, int number)
{
    int n = 0;

    for (int i = 0; i < r->said; i++)
        n += r->bytes[i][0] == status && (number < 0 || r->bytes[i][1] == number);
    return n;
}

/* What stands on the LCD's strip, by all that was sent since `said` was 0. */
static const char *
strip(const struct room *r, int n, int row)
{
    static char text[8];

    snprintf(text, sizeof text, "?");
    for (int i = 0; i < r->said; i++)
        if (r->size[i] == 15 && r->bytes[i][0] == 0xf0 && r->bytes[i][5] == 0x12 &&
            r->bytes[i][6] == 56 * row + 7 * n)
            snprintf(text, sizeof text, "%.7s", (const char *)&r->bytes[i][7]);
    for (int i = (int)strlen(text) - 1; i >= 0 && text[i] == ' '; i--)
        text[i] = '\0';
    return text;
}

static double
value(const struct room *r, const char *path)
{
    return fake_engine_value(r->engine, path);
}

static bool
near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

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
    close_room(r);
}

static void
a_frame_goes_with_its_move(void **state)
{
    static const uint8_t bytes[] = {0xe0, 0, 0};
    ROOM({.control = "fader/1", .to = "/eq/1/gain"});

    say(r, 0x90, 104, 127);
    surface_take(r->s, bytes, 3, 777, false, r->now);
    assert_int_equal(fake_engine_set(r->engine, -1)->frame, 777);
    close_room(r);
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
    close_room(r);
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
    close_room(r);
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
    close_room(r);
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
    close_room(r);
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
    close_room(r);
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
    close_room(r);
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
    close_room(r);
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
    close_room(r);
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
    close_room(r);
}

static void
a_refused_move_is_counted_and_told(void **state)
{
    ROOM({.control = "encoder/1", .to = "/eq/1/gain"},
         {.control = "encoder/2", .to = "/meter/comp/reduction"});

    say(r, 0xb0, 17, 5); /* a reading is no row to move */
    assert_int_equal(r->engine->nsets, 0);
    assert_int_equal(surface_counts(r->s)->refused, 0);
    assert_null(surface_news(r->s));
    say(r, 0xbf, 17, 5);
    assert_int_equal(surface_counts(r->s)->unknown, 1);
    assert_int_equal(surface_counts(r->s)->in, 2);
    close_room(r);
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
    open_room(r);
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
    close_room(r);
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
    close_room(r);
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
    close_room(r);
}

/* --- motors ----------------------------------------------------------------------------------------------- */

static void
a_motor_is_never_driven_while_touched_and_once_after(void **state)
{
    ROOM({.control = "fader/1", .to = "/eq/1/gain"});

    say(r, 0x90, 104, 127);
    for (int i = 0; i < 100; i++) {
        fake_engine_move(r->engine, "/eq/1/gain", i % 24);
        pass(r, 10);
        say(r, 0xe0, i, 64);
    }
    pass(r, 2000);
    assert_int_equal(count(r, 0xe0, -1), 0);
    fake_engine_move(r->engine, "/eq/1/gain", 12.0);
    pass(r, 20);
    assert_int_equal(count(r, 0xe0, -1), 0);
    say(r, 0x90, 104, 0);
    pass(r, 10);
    assert_int_equal(count(r, 0xe0, -1), 1);
    assert_int_equal(last(r, 0xe0, -1), 12287); /* three quarters of 16383: 12287.25 */
    pass(r, 1000);
    assert_int_equal(count(r, 0xe0, -1), 1);
    close_room(r);
}

/* The box was told 8192 before, then the hand moved it away and came back. */
static void
after_a_hand_the_motor_is_told_even_what_it_was_told_before(void **state)
{
    ROOM({.control = "fader/1", .to = "/eq/1/gain"});

    say(r, 0x90, 104, 127);
    say(r, 0xe0, 0, 64);
    say(r, 0x90, 104, 0);
    pass(r, 50);
    assert_int_equal(count(r, 0xe0, -1), 1);
    assert_int_equal(last(r, 0xe0, -1), 8192);
    close_room(r);
}

static void
what_waits_for_a_motor_does_not_leave_once_a_finger_is_on_it(void **state)
{
    ROOM({.control = "fader/1", .to = "/eq/1/gain"});

    r->full = true;
    fake_engine_move(r->engine, "/eq/1/gain", 6.0);
    pass(r, 20);
    say(r, 0x90, 104, 127);
    r->full = false;
    pass(r, 100);
    assert_int_equal(count(r, 0xe0, -1), 0);
    say(r, 0x90, 104, 0);
    pass(r, 20);
    assert_int_equal(count(r, 0xe0, -1), 1);
    close_room(r);
}

static void
a_motor_without_touch_rests_a_while_after_the_hand(void **state)
{
    ROOM({.control = "slider/1", .to = "/eq/1/gain"}, {.control = "dial/1", .to = "/eq/2/gain"});
    int64_t end;

    for (int i = 0; i < 50; i++) {
        say(r, 0xb2, 81, 30 + i);
        say(r, 0xb3, 1, 30 + i);
        fake_engine_move(r->engine, "/eq/3/gain", i % 10);
        pass(r, 20);
    }
    assert_int_equal(count(r, 0xb2, 81), 0);
    assert_int_equal(count(r, 0xb3, 1), 0);
    end = r->now - 20 * MS + SURFACE_HAND_NS;
    while (r->now < end - 10 * MS)
        pass(r, 10);
    assert_int_equal(count(r, 0xb2, 81), 0);
    pass(r, 20);
    assert_int_equal(count(r, 0xb2, 81), 1); /* though it is what it said itself */
    assert_int_equal(last(r, 0xb2, 81), 79);
    assert_int_equal(count(r, 0xb3, 1), 1);
    pass(r, 1000);
    assert_int_equal(count(r, 0xb2, 81), 1);
    close_room(r);
}

/* The engine sends it to the top; it says where it is on its way. */
static void
a_motor_that_reports_its_travel_is_no_hand(void **state)
{
    ROOM({.control = "fader/1", .to = "/eq/1/gain"});

    fake_engine_move(r->engine, "/eq/1/gain", 24.0);
    pass(r, 10);
    assert_int_equal(last(r, 0xe0, -1), 16383);
    for (int raw = 66; raw < 127; raw += 4) {
        pass(r, 20);
        say(r, 0xe0, 3, raw);
    }
    assert_true(value(r, "/eq/1/gain") == 24.0);
    assert_int_equal(r->engine->nsets, 0);
    pass(r, 600);
    say(r, 0xe0, 0, 0); /* much later it is somebody without a finger */
    assert_true(value(r, "/eq/1/gain") == -24.0);
    close_room(r);
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
    close_room(r);
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
    close_room(r);
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
    close_room(r);
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
    open_room(r);
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
    close_room(r);
}

/* --- echoes and loops ------------------------------------------------------------------------------------- */

static void
an_echo_is_not_taken_for_a_hand(void **state)
{
    ROOM({.control = "slider/1", .to = "/eq/1/gain"});

    fake_engine_move(r->engine, "/eq/1/gain", 1.0);
    pass(r, 10);
    assert_int_equal(count(r, 0xb2, 81), 1);
    r->now += 40 * MS;
    say(r, 0xb2, 81, last(r, 0xb2, 81));
    assert_int_equal(r->engine->nsets, 0);
    assert_true(value(r, "/eq/1/gain") == 1.0);
    assert_int_equal(surface_counts(r->s)->loops, 1);
    r->now += 20 * MS;
    say(r, 0xb2, 81, last(r, 0xb2, 81)); /* 60 ms: a hand */
    assert_int_equal(r->engine->nsets, 1);
    close_room(r);
}

static void
a_loop_is_cut_and_told_once_and_tried_again(void **state)
{
    ROOM({.control = "slider", .to = "/eq/#/gain"});
    const char *news;
    int sent;

    for (int i = 0; i < 20; i++) {
        fake_engine_move(r->engine, "/eq/1/gain", i + 1);
        pass(r, 20);
        say(r, 0xb2, 81, last(r, 0xb2, 81));
    }
    assert_int_equal(surface_counts(r->s)->loops, 20);
    assert_int_equal(r->engine->nsets, 0);
    news = surface_news(r->s);
    assert_non_null(news);
    assert_string_equal(news,
                        "MIDI loop: what slider/1 is sent comes back, and is cut: take the cable from its "
                        "output to its input away");
    assert_null(surface_news(r->s));
    sent = count(r, 0xb2, 81);
    fake_engine_move(r->engine, "/eq/1/gain", -5.0);
    fake_engine_move(r->engine, "/eq/2/gain", -5.0);
    pass(r, 1900);
    assert_int_equal(count(r, 0xb2, 81), sent);
    assert_int_equal(count(r, 0xb2, 82), 1); /* the others are told */
    pass(r, 200);
    assert_int_equal(count(r, 0xb2, 81), sent + 1);
    for (int i = 0; i < 20; i++) { /* still there: cut again, not told again */
        fake_engine_move(r->engine, "/eq/1/gain", i + 1);
        pass(r, 20);
        say(r, 0xb2, 81, last(r, 0xb2, 81));
    }
    assert_null(surface_news(r->s));
    close_room(r);
}

/* A light's note is no more a press than a fader's echo is a hand; what a ring is told comes in as no control. */
static void
a_cable_from_out_to_in_moves_nothing(void **state)
{
    ROOM({.control = "key/1", .to = "/monitor/mute"}, {.control = "encoder/1", .to = "/eq/1/gain"},
         {.control = "fader/1", .to = "/eq/1/gain"}, {.control = "knob/1", .to = "/eq/2/gain"});
    int looped = 0;

    for (int i = 0; i < 300; i++) {
        fake_engine_move(r->engine, "/monitor/mute", i % 2);
        fake_engine_move(r->engine, "/eq/1/gain", i % 20);
        pass(r, 10);
        for (; looped < r->said; looped++)
            say_bytes(r, r->bytes[looped], r->size[looped]);
    }
    assert_int_equal(r->engine->nsets, 0);
    assert_non_null(surface_news(r->s));
    assert_null(surface_news(r->s));
    assert_in_range(surface_counts(r->s)->loops, 40, 400);
    close_room(r);
}

/* --- what is shown ---------------------------------------------------------------------------------------- */

static void
everything_is_told_once_and_then_only_what_changes(void **state)
{
    static struct surface_assign a[] = {{.control = "encoder", .to = "/eq/#/gain"},
                                        {.control = "fader", .to = "/eq/#/freq"},
                                        {.control = "key/1", .to = "/monitor/mute"}};
    struct room *r = calloc(1, sizeof *r);

    (void)state;
    r->page[0].assign = a, r->page[0].assign_count = LEN(a);
    open_room(r);
    pass(r, 400);
    assert_int_equal(count(r, 0xb0, 48), 1);
    assert_int_equal(last(r, 0xb0, 55), 0x10 | 6 | 0x40); /* boost and cut, the middle */
    assert_int_equal(last(r, 0xe7, -1), (int)lround(16383 * log(100.0) / log(4000.0)));
    assert_int_equal(last(r, 0x90, 40), 0);
    r->said = 0;
    pass(r, 3000);
    assert_int_equal(r->said, 0);
    fake_engine_move(r->engine, "/monitor/mute", 1.0);
    pass(r, 100);
    assert_int_equal(r->said, 1);
    assert_int_equal(last(r, 0x90, 40), 127);
    surface_resync(r->s);
    pass(r, 400);
    assert_int_equal(count(r, 0xb0, 48), 1);
    assert_int_equal(count(r, 0xe7, -1), 1);
    close_room(r);
}

static void
rings_show_as_their_rows_ask(void **state)
{
    ROOM({.control = "encoder/1", .to = "/eq/1/gain"}, {.control = "encoder/2", .to = "/eq/1/freq"},
         {.control = "encoder/3", .to = "/eq/1/q"}, {.control = "encoder/4", .to = "/comp/mix"},
         {.control = "encoder/5", .to = "/comp/mix", .ring = SURFACE_RING_DOT});

    surface_resync(r->s);
    pass(r, 400);
    assert_int_equal(last(r, 0xb0, 48) >> 4 & 3, 1);
    assert_int_equal(last(r, 0xb0, 49) >> 4 & 3, 0);
    assert_int_equal(last(r, 0xb0, 50) >> 4 & 3, 3);
    assert_int_equal(last(r, 0xb0, 51), 0x20 | 11);
    assert_int_equal(last(r, 0xb0, 52), 11);
    assert_int_equal(last(r, 0xb0, 53) & 0x3f, 0); /* nothing assigned: dark */
    close_room(r);
}

static void
lights_show_pages_banks_values_and_what_is_pressed(void **state)
{
    static char *slots[] = {"/eq/#/gain", "/eq/#/freq"};
    static struct surface_assign a[] = {{.control = "encoder", .to = "slots"},
                                        {.control = "key/1", .to = "bank_next"},
                                        {.control = "key/2", .to = "bank_previous"},
                                        {.control = "key/3", .to = "page one"},
                                        {.control = "key/4", .to = "/eq/1/type", .value = "notch"},
                                        {.control = "key/5", .to = "/undo"},
                                        {.control = "key/6", .to = "flip"},
                                        {.control = "key/7", .to = "/eq/1/channels"}};
    struct room *r = calloc(1, sizeof *r);

    (void)state;
    r->page[0] =
        (struct surface_page){.slots = slots, .slots_count = LEN(slots), .assign = a, .assign_count = LEN(a)};
    open_room(r);
    pass(r, 400);
    assert_int_equal(last(r, 0x90, 40), 127);
    assert_int_equal(last(r, 0x90, 41), 0);
    assert_int_equal(last(r, 0x90, 42), 127);
    assert_int_equal(last(r, 0x90, 43), 0);
    assert_int_equal(last(r, 0x90, 46), 0);
    say(r, 0x90, 40, 127);
    say(r, 0x90, 44, 127);
    fake_engine_move(r->engine, "/eq/1/type", 5.0);
    fake_engine_move(r->engine, "/eq/1/channels", 2.0);
    say(r, 0x90, 45, 127);
    pass(r, 100);
    assert_int_equal(last(r, 0x90, 40), 0);
    assert_int_equal(last(r, 0x90, 41), 127);
    assert_int_equal(last(r, 0x90, 43), 127);
    assert_int_equal(last(r, 0x90, 44), 127);
    assert_int_equal(last(r, 0x90, 45), 127);
    assert_int_equal(last(r, 0x90, 46), 127);
    say(r, 0x90, 44, 0);
    pass(r, 100);
    assert_int_equal(last(r, 0x90, 44), 0);
    close_room(r);
}

/* Its own light went on and off with the key; ours may not be what it shows. */
static void
a_switch_that_keeps_its_state_is_told_the_engine_s(void **state)
{
    ROOM({.control = "switch/1", .to = "/undo"});

    say(r, 0xb4, 100, 127);
    pass(r, 20);
    assert_int_equal(r->engine->nsets, 1);
    assert_int_equal(last(r, 0xb4, 100), 0);
    close_room(r);
}

static void
strips_show_names_and_values_and_what_moves(void **state)
{
    ROOM({.control = "encoder/1", .to = "/eq/1/gain"}, {.control = "fader/1", .to = "/eq/1/freq"},
         {.control = "encoder/2", .to = "/comp/mix", .text = "Blend"});
    char name[16], number[16];

    surface_resync(r->s);
    pass(r, 600);
    assert_string_equal(strip(r, 0, 0), "1 Gain");
    display_value(param_at(param_find("/eq/1/gain")), 0.0, 6, number, sizeof number);
    assert_string_equal(strip(r, 0, 1), number);
    assert_string_equal(strip(r, 1, 0), "Blend");
    assert_string_equal(strip(r, 2, 0), "");
    say(r, 0x90, 104, 127);
    say(r, 0xe0, 0, 0);
    pass(r, 100);
    display_short("Frequency", 4, name, sizeof name);
    assert_string_equal(strip(r, 0, 0) + 2, name);
    display_value(param_at(param_find("/eq/1/freq")), 10.0, 6, number, sizeof number);
    assert_string_equal(strip(r, 0, 1), number);
    pass(r, 2000); /* it is touched still */
    assert_string_equal(strip(r, 0, 0) + 2, name);
    say(r, 0x90, 104, 0);
    pass(r, 900);
    assert_string_equal(strip(r, 0, 0) + 2, name);
    pass(r, 200);
    assert_string_equal(strip(r, 0, 0), "1 Gain");
    close_room(r);
}

static void
strips_have_the_colour_of_their_module(void **state)
{
    ROOM({.control = "encoder/1", .to = "/eq/1/gain"}, {.control = "encoder/2", .to = "/saturate/drive"});
    static const uint8_t want[] = {0xf0, 0, 0, 0x66, 0x14, 0x72, 2, 1, 7, 7, 7, 7, 7, 7, 0xf7};
    bool found = false;

    surface_resync(r->s);
    pass(r, 600);
    for (int i = 0; i < r->said; i++)
        found = found || (r->size[i] == sizeof want && !memcmp(r->bytes[i], want, sizeof want));
    assert_true(found);
    close_room(r);
}

static void
digits_show_the_page_s_code_or_the_time(void **state)
{
    static struct surface_assign time[] = {{.control = "clock", .to = "/transport/position"}};
    struct room *r = calloc(1, sizeof *r);

    (void)state;
    r->page[0].code = "EQ";
    r->page[1] = (struct surface_page){.name = "two", .assign = time, .assign_count = 1};
    r->p.pages_count = 2;
    open_room(r);
    pass(r, 100);
    assert_int_equal(last(r, 0xb0, 75), 'E' - 0x40);
    assert_int_equal(last(r, 0xb0, 74), 'Q' - 0x40);
    surface_open_page(r->s, "two");
    fake_engine_move(r->engine, "/transport/position", 42.0);
    pass(r, 100);
    assert_int_equal(last(r, 0xb0, 67), '2' | 0x40);          /* three digits of milliseconds, a dot */
    fake_engine_move(r->engine, "/transport/position", 43.0); /* a reading: no change is counted */
    pass(r, 60);
    assert_int_equal(last(r, 0xb0, 67), '3' | 0x40);
    close_room(r);
}

static void
meters_are_told_again_while_there_is_sound(void **state)
{
    ROOM({.control = "meter/1..2", .to = "/meter/output/peak/#"});
    int n;

    fake_engine_move(r->engine, "/meter/output/peak/1", -9.0);
    fake_engine_move(r->engine, "/meter/output/peak/2", -80.0);
    pass(r, 1000);
    n = 0;
    for (int i = 0; i < r->said; i++)
        if (r->bytes[i][0] == 0xd0 && r->bytes[i][1] >> 4 == 0 && r->bytes[i][1] != 0x0f) {
            n++;
            assert_int_equal(r->bytes[i][1] & 15, 7); /* surfaces.md 1.3: 7 from -10, 8 from -8 */
        }
    assert_in_range(n, 18, 20);
    fake_engine_move(r->engine, "/meter/output/peak/1", 0.5);
    r->said = 0;
    pass(r, 500);
    n = 0;
    for (int i = 0; i < r->said; i++)
        n += r->bytes[i][0] == 0xd0 && r->bytes[i][1] == 0x0e;
    assert_int_equal(n, 1); /* the lamp stays on by itself */
    close_room(r);
}

/* --- greetings -------------------------------------------------------------------------------------------- */

static struct room *
greeting_room(enum surface_handshake handshake)
{
    static char *init[] = {"B0 7F 01", "F0 00 20 32 F7"}, *bye[] = {"B0 7F 00"}, *hello[] = {"F0 00 66 77"};
    static struct surface_assign a[] = {{.control = "encoder", .to = "/eq/#/gain"}};
    struct room *r = calloc(1, sizeof *r);

    r->page[0].assign = a, r->page[0].assign_count = LEN(a);
    r->p.init = init, r->p.init_count = LEN(init);
    r->p.bye = bye, r->p.bye_count = LEN(bye);
    r->p.hello = hello, r->p.hello_count = LEN(hello);
    r->p.handshake = handshake;
    open_room(r);
    return r;
}

static void
init_comes_first_and_bye_last_and_a_hello_brings_all_anew(void **state)
{
    static const uint8_t hello[] = {0xf0, 0x00, 0x66, 0x77, 0x01, 0xf7};
    struct room *r = greeting_room(SURFACE_NO_HANDSHAKE);
    struct engine *engine = r->engine;
    int said;

    (void)state;
    pass(r, 400);
    assert_memory_equal(r->bytes[0], "\xb0\x7f\x01", 3);
    assert_memory_equal(r->bytes[1], "\xf0\x00\x20\x32\xf7", 5);
    assert_int_equal(count(r, 0xb0, 48), 1);
    say_bytes(r, hello, sizeof hello);
    say_bytes(r, hello, sizeof hello);
    pass(r, 400);
    assert_int_equal(count(r, 0xb0, 48), 2);
    assert_int_equal(count(r, 0xb0, 127), 1); /* what answers to init does not bring it again */
    pass(r, 3000);
    say_bytes(r, hello, sizeof hello);
    pass(r, 400);
    assert_int_equal(count(r, 0xb0, 127), 2);
    assert_int_equal(count(r, 0xb0, 48), 3);
    said = r->said;
    surface_close(r->s);
    assert_int_equal(r->said, said + 1);
    assert_memory_equal(r->bytes[said], "\xb0\x7f\x00", 3);
    fake_engine_close(engine);
    free(r);
}

/* c = 01 02 03 04: r0 = 1 + (2 ^ 10) - 4, r1 = (3 >> 4) ^ (1 + 4), r2 = (4 - (3 << 2)) ^ (1 | 2), r3 = 2 - 3 + (240 ^ 64) */
static void
a_logic_control_gets_its_answer_and_a_mackie_its_sync(void **state)
{
    static const uint8_t challenge[] = {0xf0, 0,   0,   0x66, 0x10, 1, 'S', 'E', 'R',
                                        'I',  'A', 'L', '1',  1,    2, 3,   4,   0xf7};
    static const uint8_t answer[] = {0xf0, 0,   0, 0x66, 0x10,           2,    'S', 'E', 'R', 'I', 'A',
                                     'L',  '1', 5, 5,    (-8 ^ 3) & 127, 0x2f, 0xf7};
    static const uint8_t ready[] = {0xf0, 0,   0,   0x66, 0x14, 1, 'S', 'E', 'R',
                                    'I',  'A', 'L', '1',  1,    2, 3,   4,   0xf7};
    struct room *r = greeting_room(SURFACE_MACKIE_HANDSHAKE);

    (void)state;
    pass(r, 400);
    assert_memory_equal(r->bytes[2], "\xf0\x00\x00\x66\x14\x00\xf7", 7);
    r->said = 0;
    say_bytes(r, challenge, sizeof challenge);
    pass(r, 20);
    assert_int_equal(r->size[0], sizeof answer);
    assert_memory_equal(r->bytes[0], answer, sizeof answer);
    assert_int_equal(count(r, 0xb0, 48), 0);
    say_bytes(r, ready, sizeof ready);
    pass(r, 400);
    assert_int_equal(count(r, 0xb0, 48), 1);
    assert_int_equal(surface_counts(r->s)->unknown, 0);
    close_room(r);
}

static void
a_keep_alive_goes_out_every_so_often(void **state)
{
    static char alive[] = "A0 00 00";
    struct room *r = calloc(1, sizeof *r);

    (void)state;
    r->p.keep_alive = alive;
    r->p.keep_alive_ms = 1000;
    open_room(r);
    pass(r, 10000);
    assert_in_range(count(r, 0xa0, 0), 10, 11);
    close_room(r);
}

/* --- the map, the learner --------------------------------------------------------------------------------- */

static const struct midimap_entry *
find_entry(const struct midimap *map, int status, int number)
{
    for (int i = 0; i < map->count; i++)
        if (map->entry[i].status == status && map->entry[i].number == number)
            return &map->entry[i];
    return NULL;
}

static void
the_map_has_what_means_one_row_and_nothing_else(void **state)
{
    ROOM({.control = "knob/1", .to = "/eq/1/gain", .low = "-6", .high = "6"},
         {.control = "knob/2", .to = "macro air"}, {.control = "encoder/1", .to = "/eq/1/freq"},
         {.control = "encoder/2", .to = "/transport/locate"}, {.control = "fader/1", .to = "/eq/3/gain"},
         {.control = "wide", .to = "/monitor/level"}, {.control = "key/1", .to = "/monitor/mute"},
         {.control = "key/2", .to = "fine"}, {.control = "encoder/3", .to = "/eq/2/gain", .by = 0.5});
    struct midimap *map = calloc(1, sizeof *map);
    const struct midimap_entry *e;
    uint64_t changes = surface_map_changes(r->s);

    surface_map(r->s, map);
    assert_int_equal(map->count, 3);
    e = find_entry(map, 0xb1, 0);
    assert_non_null(e);
    assert_int_equal(e->param, param_find("/eq/1/gain"));
    assert_true(near(e->low, 0.375) && near(e->high, 0.625));
    assert_int_equal(e->takeover, SURFACE_PICKUP);
    assert_int_equal(e->max, 127);
    e = find_entry(map, 0xb0, 16);
    assert_non_null(e);
    assert_int_equal(e->coding, SURFACE_SIGN_MAGNITUDE);
    assert_true(near(e->step, 0.01));
    e = find_entry(map, 0xb5, 7);
    assert_non_null(e);
    assert_int_equal(e->message, SURFACE_CC14);
    say(r, 0x90, 104, 127); /* a finger: now it is a hand's */
    assert_true(surface_map_changes(r->s) != changes);
    surface_map(r->s, map);
    e = find_entry(map, 0xe0, 0);
    assert_non_null(e);
    assert_int_equal(e->takeover, SURFACE_JUMP);
    changes = surface_map_changes(r->s);
    say(r, 0x90, 41, 127);
    assert_true(surface_map_changes(r->s) != changes);
    surface_map(r->s, map);
    assert_true(near(find_entry(map, 0xb0, 16)->step, 0.001));
    free(map);
    close_room(r);
}

static void
what_the_process_thread_moved_is_not_moved_again_but_held(void **state)
{
    static const uint8_t bytes[] = {0xb1, 0, 100};
    ROOM({.control = "knob/1", .to = "/eq/1/gain"});

    surface_take(r->s, bytes, 3, 1000, true, r->now);
    assert_int_equal(r->engine->nsets, 0);
    fake_engine_move(r->engine, "/eq/1/gain", -24.0 + 48.0 * 100 / 127);
    pass(r, 20);
    assert_int_equal(last(r, 0x91, 0), 127);
    say(r, 0xb1, 0, 110); /* it holds the row */
    assert_true(near(value(r, "/eq/1/gain"), -24.0 + 48.0 * 110 / 127));
    close_room(r);
}

struct learnt {
    int n;
    uint8_t first;
};

static void
learn(void *context, const uint8_t *bytes, size_t size, int64_t now_ns)
{
    struct learnt *l = context;

    (void)size, (void)now_ns;
    l->first = bytes[0];
    l->n++;
}

static void
a_learner_hears_and_nothing_moves_nor_is_a_touched_motor_driven(void **state)
{
    struct midimap *map = calloc(1, sizeof *map);
    struct learnt l = {0};
    ROOM({.control = "encoder/1", .to = "/eq/1/gain"}, {.control = "fader/1", .to = "/eq/1/gain"});

    surface_learn(r->s, learn, &l);
    say(r, 0xb0, 16, 1);
    assert_int_equal(l.n, 1);
    assert_int_equal(l.first, 0xb0);
    say(r, 0x90, 104, 127);
    say(r, 0xe0, 0, 0);
    fake_engine_move(r->engine, "/eq/1/gain", 5.0);
    pass(r, 500);
    assert_int_equal(r->engine->nsets, 0);
    assert_int_equal(count(r, 0xe0, -1), 0);
    surface_map(r->s, map);
    assert_int_equal(map->count, 0);
    surface_learn(r->s, NULL, NULL);
    say(r, 0xb0, 16, 1);
    assert_int_equal(r->engine->nsets, 1);
    free(map);
    close_room(r);
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
    close_room(r);
}

static void
an_unknown_word_keeps_the_surface_shut(void **state)
{
    static struct surface_assign a[] = {{.control = "encoder/1", .to = "/eq/1/gian"}};
    struct surface_page page = {.name = "one", .assign = a, .assign_count = 1};
    struct surface_profile p = {.name = "box",
                                .controls = controls,
                                .controls_count = LEN(controls),
                                .pages = &page,
                                .pages_count = 1};
    struct midi_port port = {record, NULL};
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
        TEST(a_refused_move_is_counted_and_told),
        TEST(a_layer_ends_with_the_button_that_held_it_even_on_another_page),
        TEST(a_stuck_knob_moves_its_row_twice_a_tick_at_most_and_ends_where_it_is),
        TEST(a_flood_costs_no_more_however_often_it_is_ticked),
        TEST(a_motor_is_never_driven_while_touched_and_once_after),
        TEST(after_a_hand_the_motor_is_told_even_what_it_was_told_before),
        TEST(what_waits_for_a_motor_does_not_leave_once_a_finger_is_on_it),
        TEST(a_motor_without_touch_rests_a_while_after_the_hand),
        TEST(a_motor_that_reports_its_travel_is_no_hand),
        TEST(a_knob_without_a_motor_does_not_jump_and_its_light_blinks_till_it_holds),
        TEST(a_knob_on_a_switch_takes_hold_where_it_says_the_same),
        TEST(scale_and_jump_are_as_asked_for),
        TEST(another_page_must_be_picked_up_anew),
        TEST(an_echo_is_not_taken_for_a_hand),
        TEST(a_loop_is_cut_and_told_once_and_tried_again),
        TEST(a_cable_from_out_to_in_moves_nothing),
        TEST(everything_is_told_once_and_then_only_what_changes),
        TEST(rings_show_as_their_rows_ask),
        TEST(lights_show_pages_banks_values_and_what_is_pressed),
        TEST(a_switch_that_keeps_its_state_is_told_the_engine_s),
        TEST(strips_show_names_and_values_and_what_moves),
        TEST(strips_have_the_colour_of_their_module),
        TEST(digits_show_the_page_s_code_or_the_time),
        TEST(meters_are_told_again_while_there_is_sound),
        TEST(init_comes_first_and_bye_last_and_a_hello_brings_all_anew),
        TEST(a_logic_control_gets_its_answer_and_a_mackie_its_sync),
        TEST(a_keep_alive_goes_out_every_so_often),
        TEST(the_map_has_what_means_one_row_and_nothing_else),
        TEST(what_the_process_thread_moved_is_not_moved_again_but_held),
        TEST(a_learner_hears_and_nothing_moves_nor_is_a_touched_motor_driven),
        TEST(both_halves_of_a_wide_knob_move_as_one),
        TEST(an_unknown_word_keeps_the_surface_shut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
