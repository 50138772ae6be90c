/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encoders and keys: what a hand does there. */
#include "control/midi/codec.h"

#include "test/control/codec_room.h"

/* --- encoders ---------------------------------------------------------------------------------- */

static void
encoders_tick_in_each_coding(void **state)
{
    static const struct {
        enum surface_coding coding;
        int up, up5, down, down5; /* surfaces.md 0.1 */
    } codings[] = {
        {SURFACE_TWOS_COMPLEMENT, 1, 5, 127, 123},
        {SURFACE_OFFSET64, 65, 69, 63, 59},
        {SURFACE_SIGN_MAGNITUDE, 1, 5, 65, 69},
        {SURFACE_SIGN_MAGNITUDE_INVERTED, 65, 69, 1, 5},
    };
    static const enum surface_message messages[] = {SURFACE_CC, SURFACE_NOTE, SURFACE_POLY_PRESSURE};
    static const int status[] = {0xB0, 0x90, 0xA0};

    (void)state;
    for (size_t i = 0; i < LEN(codings); i++)
        for (size_t m = 0; m < LEN(messages); m++) {
            struct surface_way w = {.message = messages[m], .number = 16};
            struct surface_control c[] = {{.name = "e",
                                           .kind = SURFACE_ENCODER,
                                           .in = &w,
                                           .coding = codings[i].coding,
                                           .acceleration = 2.0}};
            const int v[] = {codings[i].up, codings[i].up5, codings[i].down, codings[i].down5, 64};
            static const double want[] = {1.0, 25.0, -1.0, -25.0, 0.0};

            begin(c, 1);
            for (size_t k = 0; k < LEN(v); k++) {
                char bytes[] = {(char)status[m], 16, (char)v[k]};

                assert_true(ticks_of(hear_at(0, bytes, 3)) == want[k]);
                assert_true(codec_known(codec));
            }
        }
}

/* PreSonus: the pan knob is a two's complement in the bend's high byte (surfaces.md 12). */
static void
of_fourteen_bits_the_high_seven_tick(void **state)
{
    struct surface_way bend = {.message = SURFACE_PITCH_BEND}, two = {.message = SURFACE_CC14, .number = 1};
    struct surface_control c[] = {
        {.name = "pan", .kind = SURFACE_ENCODER, .in = &bend, .coding = SURFACE_TWOS_COMPLEMENT},
        {.name = "two", .kind = SURFACE_ENCODER, .in = &two, .coding = SURFACE_TWOS_COMPLEMENT}};

    (void)state;
    begin(c, 2);
    assert_true(ticks_of(HEAR("\xE0\x00\x01")) == 1.0);
    assert_true(ticks_of(HEAR("\xE0\x00\x7E")) == -2.0);
    assert_true(ticks_of(HEAR("\xB0\x01\x7E")) == -2.0);
    assert_int_equal(HEAR("\xB0\x21\x05"), 0);
}

/* FaderPort: 8192 and above is down; 10 ms between steps, 100 ms before a step the other way (surfaces.md 12). */
static void
a_bouncing_knob_is_believed_slowly(void **state)
{
    struct surface_way w = {.message = SURFACE_PITCH_BEND};
    struct surface_control c[] = {{.name = "pan",
                                   .kind = SURFACE_ENCODER,
                                   .in = &w,
                                   .coding = SURFACE_BEND_SIGN,
                                   .debounce_ms = 10,
                                   .reverse_ms = 100}};

    (void)state;
    begin(c, 1);
    assert_true(ticks_of(HEAR_AT(1 * MS, "\xE0\x00\x01")) == 1.0); /* the first is never too soon */
    assert_true(ticks_of(HEAR_AT(11 * MS - 1, "\xE0\x00\x01")) == 0.0);
    assert_true(codec_known(codec));
    assert_true(ticks_of(HEAR_AT(11 * MS, "\xE0\x7F\x3F")) == 1.0);
    assert_true(ticks_of(HEAR_AT(30 * MS, "\xE0\x00\x40")) == 0.0); /* the other way */
    assert_true(ticks_of(HEAR_AT(111 * MS - 1, "\xE0\x00\x40")) == 0.0);
    assert_true(ticks_of(HEAR_AT(111 * MS, "\xE0\x00\x40")) == -1.0);
    assert_true(ticks_of(HEAR_AT(121 * MS, "\xE0\x00\x7F")) == -1.0);
    assert_true(ticks_of(HEAR_AT(150 * MS, "\xE0\x00\x00")) == 0.0);
}

/* --- keys -------------------------------------------------------------------------------------- */

static void
a_key_is_pressed_once_and_let_go_once(void **state)
{
    struct surface_way cc = {.message = SURFACE_CC, .number = 32}, poly = {.message = SURFACE_POLY_PRESSURE};
    struct surface_control c[] = {{.name = "cc", .kind = SURFACE_BUTTON, .in = &cc},
                                  {.name = "poly", .kind = SURFACE_TOUCH, .in = &poly, .threshold = 1}};

    (void)state;
    begin(c, 2);
    assert_int_equal(HEAR("\xB0\x20\x00"), 0); /* nobody pressed it */
    assert_int_equal(HEAR("\xB0\x20\x3F"), 0);
    IS(0, CODEC_PRESS, "\xB0\x20\x40");
    assert_int_equal(HEAR("\xB0\x20\x50"), 0); /* harder */
    assert_true(codec_known(codec));
    IS(0, CODEC_RELEASE, "\xB0\x20\x3F");
    assert_int_equal(HEAR("\xB0\x20\x00"), 0);
    IS(0, CODEC_PRESS, "\xA0\x00\x01");
    assert_int_equal(event[0].group, 1);
    IS(0, CODEC_RELEASE, "\xA0\x00\x00");
}

/* 9n with velocity 0 as well as 8n (surfaces.md 0). */
static void
a_note_ends_in_either_way(void **state)
{
    struct surface_way w = {.message = SURFACE_NOTE, .channel = 11, .number = 8, .number_step = 1};
    struct surface_control c[] = {{.name = "key", .kind = SURFACE_BUTTON, .count = 16, .in = &w}};

    (void)state;
    begin(c, 1);
    IS(4, CODEC_PRESS, "\x9A\x0C\x7F");
    IS(4, CODEC_RELEASE, "\x8A\x0C\x7F");
    IS(4, CODEC_PRESS, "\x9A\x0C\x7F");
    IS(4, CODEC_RELEASE, "\x9A\x0C\x00");
    IS(4, CODEC_PRESS, "\x9A\x0C\x64");
    IS(4, CODEC_PRESS, "\x9A\x0C\x70"); /* struck again: its end was lost */
}

static void
a_key_that_is_let_go_in_silence_presses_each_time(void **state)
{
    struct surface_way w = {.message = SURFACE_CC, .number = 53},
                       s = {.message = SURFACE_SYSEX, .sysex = "F0 7D nn F7"};
    struct surface_control c[] = {{.name = "on", .kind = SURFACE_BUTTON, .in = &w},
                                  {.name = "x", .kind = SURFACE_BUTTON, .count = 3, .in = &s}};

    (void)state;
    begin(c, 2);
    for (int i = 0; i < 3; i++) {
        IS(0, CODEC_PRESS, "\xB0\x35\x7F");
        IS(2, CODEC_PRESS, "\xF0\x7D\x02\xF7");
    }
}

static void
a_box_that_keeps_the_state_says_on_and_off(void **state)
{
    struct surface_way w = {.message = SURFACE_CC, .number = 53};
    struct surface_control c[] = {
        {.name = "on", .kind = SURFACE_BUTTON, .in = &w, .press = SURFACE_TOGGLE, .threshold = 100}};

    (void)state;
    begin(c, 1);
    IS(0, CODEC_OFF, "\xB0\x35\x63");
    IS(0, CODEC_ON, "\xB0\x35\x64");
    IS(0, CODEC_ON, "\xB0\x35\x7F");
    IS(0, CODEC_OFF, "\xB0\x35\x00");
}

static void
a_box_that_says_presses_only_is_taken_at_each(void **state)
{
    struct surface_way cc = {.message = SURFACE_CC, .number = 53},
                       note = {.message = SURFACE_NOTE, .number = 1};
    struct surface_way program = {.message = SURFACE_PROGRAM, .channel = 11, .number = 0, .number_step = 1};
    struct surface_control c[] = {
        {.name = "cc", .kind = SURFACE_BUTTON, .in = &cc, .press = SURFACE_PRESS_ONLY},
        {.name = "note", .kind = SURFACE_BUTTON, .in = &note, .press = SURFACE_PRESS_ONLY},
        {.name = "mute", .kind = SURFACE_BUTTON, .count = 8, .in = &program, .press = SURFACE_PRESS_ONLY}};

    (void)state;
    begin(c, 3);
    IS(0, CODEC_PRESS, "\xB0\x35\x7F");
    IS(0, CODEC_PRESS, "\xB0\x35\x00"); /* Console 1: the lamp's state, at each press */
    IS(0, CODEC_PRESS, "\x90\x01\x10");
    assert_int_equal(HEAR("\x90\x01\x00"), 0);
    assert_int_equal(HEAR("\x80\x01\x40"), 0);
    IS(5, CODEC_PRESS, "\xCA\x05"); /* BCF2000, preset 2 */
    IS(0, CODEC_PRESS, "\xCA\x00");
    assert_int_equal(event[0].group, 2);
    assert_int_equal(HEAR("\xCA\x08"), 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(encoders_tick_in_each_coding, end),
        cmocka_unit_test_teardown(of_fourteen_bits_the_high_seven_tick, end),
        cmocka_unit_test_teardown(a_bouncing_knob_is_believed_slowly, end),
        cmocka_unit_test_teardown(a_key_is_pressed_once_and_let_go_once, end),
        cmocka_unit_test_teardown(a_note_ends_in_either_way, end),
        cmocka_unit_test_teardown(a_key_that_is_let_go_in_silence_presses_each_time, end),
        cmocka_unit_test_teardown(a_box_that_keeps_the_state_says_on_and_off, end),
        cmocka_unit_test_teardown(a_box_that_says_presses_only_is_taken_at_each, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
