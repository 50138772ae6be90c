/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/control/surface_room.h"

#include "control/midi/display.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
    room_open(r);
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
    room_close(r);
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
    room_close(r);
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
    room_open(r);
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
    room_close(r);
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
    room_close(r);
}

static void
strips_show_names_and_values_and_what_moves(void **state)
{
    ROOM({.control = "encoder/1", .to = "/eq/1/gain"}, {.control = "fader/1", .to = "/eq/1/freq"},
         {.control = "encoder/2", .to = "/comp/mix", .text = "Blend"});
    char name[16], number[16];

    surface_resync(r->s);
    pass(r, 600);
    assert_string_equal(strip(r, 0x14, 0, 0), "1 Gain");
    display_value(param_at(param_find("/eq/1/gain")), 0.0, 6, number, sizeof number);
    assert_string_equal(strip(r, 0x14, 0, 1), number);
    assert_string_equal(strip(r, 0x14, 1, 0), "Blend");
    assert_string_equal(strip(r, 0x14, 2, 0), "");
    say(r, 0x90, 104, 127);
    say(r, 0xe0, 0, 0);
    pass(r, 100);
    display_short("Frequency", 4, name, sizeof name);
    assert_string_equal(strip(r, 0x14, 0, 0) + 2, name);
    display_value(param_at(param_find("/eq/1/freq")), 10.0, 6, number, sizeof number);
    assert_string_equal(strip(r, 0x14, 0, 1), number);
    pass(r, 2000); /* it is touched still */
    assert_string_equal(strip(r, 0x14, 0, 0) + 2, name);
    say(r, 0x90, 104, 0);
    pass(r, 900);
    assert_string_equal(strip(r, 0x14, 0, 0) + 2, name);
    pass(r, 200);
    assert_string_equal(strip(r, 0x14, 0, 0), "1 Gain");
    room_close(r);
}

/* One row has room for one of them: the name, until something moves. */
static void
a_single_row_shows_the_value_while_it_moves_or_always_if_asked(void **state)
{
    ROOM({.control = "encoder/1", .to = "/eq/1/gain"}, {.control = "key/1", .to = "values"});
    char number[16];

    display_value(param_at(param_find("/eq/1/gain")), -0.48, 6, number, sizeof number);
    surface_resync(r->s);
    pass(r, 600);
    assert_string_equal(strip(r, 0x15, 0, 0), "1 Gain");
    say(r, 0xb0, 16, 0x41);
    pass(r, 100);
    assert_string_equal(strip(r, 0x15, 0, 0), number);
    pass(r, 800);
    assert_string_equal(strip(r, 0x15, 0, 0), number);
    pass(r, 200);
    assert_string_equal(strip(r, 0x15, 0, 0), "1 Gain");
    say(r, 0x90, 40, 127);
    say(r, 0x90, 40, 0);
    pass(r, 100);
    assert_string_equal(strip(r, 0x15, 0, 0), number);
    assert_int_equal(last(r, 0x90, 40), 127);
    room_close(r);
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
    room_close(r);
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
    room_open(r);
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
    room_close(r);
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
    room_close(r);
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
    room_open(r);
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

/* A finger that came while the greeting was under way stays on; from a box that says so by itself, it is gone. */
static void
an_answer_to_our_greeting_takes_no_finger_off(void **state)
{
    static const uint8_t ready[] = {0xf0, 0,   0,   0x66, 0x14, 1, 'S', 'E', 'R',
                                    'I',  'A', 'L', '1',  1,    2, 3,   4,   0xf7};
    static struct surface_assign a[] = {{.control = "fader/1", .to = "/eq/1/gain"}};
    struct room *r = calloc(1, sizeof *r);
    int driven;

    (void)state;
    r->page[0].assign = a, r->page[0].assign_count = LEN(a);
    r->p.handshake = SURFACE_MACKIE_HANDSHAKE;
    room_open(r);
    pass(r, 300);
    say(r, 0x90, 104, 127);
    say_bytes(r, ready, sizeof ready);
    driven = count(r, 0xe0, -1);
    pass(r, 400);
    fake_engine_move(r->engine, "/eq/1/gain", 6);
    pass(r, 400);
    assert_int_equal(count(r, 0xe0, -1), driven);
    pass(r, 3000);
    say_bytes(r, ready, sizeof ready);
    pass(r, 400);
    assert_int_equal(count(r, 0xe0, -1), driven + 1);
    room_close(r);
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
    room_close(r);
}

static void
a_keep_alive_goes_out_every_so_often(void **state)
{
    static char alive[] = "A0 00 00";
    struct room *r = calloc(1, sizeof *r);

    (void)state;
    r->p.keep_alive = alive;
    r->p.keep_alive_ms = 1000;
    room_open(r);
    pass(r, 10000);
    assert_in_range(count(r, 0xa0, 0), 10, 11);
    room_close(r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test(name)
        TEST(everything_is_told_once_and_then_only_what_changes),
        TEST(rings_show_as_their_rows_ask),
        TEST(lights_show_pages_banks_values_and_what_is_pressed),
        TEST(a_switch_that_keeps_its_state_is_told_the_engine_s),
        TEST(strips_show_names_and_values_and_what_moves),
        TEST(a_single_row_shows_the_value_while_it_moves_or_always_if_asked),
        TEST(strips_have_the_colour_of_their_module),
        TEST(digits_show_the_page_s_code_or_the_time),
        TEST(meters_are_told_again_while_there_is_sound),
        TEST(init_comes_first_and_bye_last_and_a_hello_brings_all_anew),
        TEST(an_answer_to_our_greeting_takes_no_finger_off),
        TEST(a_logic_control_gets_its_answer_and_a_mackie_its_sync),
        TEST(a_keep_alive_goes_out_every_so_often),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
