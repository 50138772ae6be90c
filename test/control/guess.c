/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/guess.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Bytes as the boxes of surfaces.md send them. */
static struct guess heard;
static struct guess_what what;

static int
begin(void **state)
{
    (void)state;
    memset(&heard, 0, sizeof heard);
    return 0;
}

static void
say(int a, int b, int c)
{
    uint8_t bytes[3] = {(uint8_t)a, (uint8_t)b, (uint8_t)c};

    guess_hear(&heard, bytes, (a & 0xF0) == 0xC0 || (a & 0xF0) == 0xD0 ? 2 : 3, 0);
}

static void
cc(int number, int value)
{
    say(0xB0, number, value);
}

static void
assert_is(enum surface_kind kind, enum surface_message message, int channel, int number)
{
    assert_true(guess_what(&heard, &what));
    assert_int_equal(what.kind, kind);
    assert_int_equal(what.in.message, message);
    assert_int_equal(what.in.channel, channel);
    assert_int_equal(what.in.number, number);
}

static void
assert_sure(void)
{
    if (what.sure)
        fail_msg("not sure: %s", what.sure);
}

/* Ticks up, then down, one message each; some are of two. */
static void
turn(int up, int up2, int down, int down2)
{
    for (int i = 0; i < 12; i++)
        cc(16, i % 4 == 3 ? up2 : up);
    for (int i = 0; i < 12; i++)
        cc(16, i % 4 == 3 ? down2 : down);
}

static void
nothing_heard_is_nothing(void **state)
{
    static const uint8_t sysex[] = {0xF0, 0x42, 0xF7};

    (void)state;
    guess_hear(&heard, sysex, sizeof sysex, 0);
    say(0xC0, 3, 0);
    assert_false(guess_what(&heard, &what));
}

static void
a_knob_with_two_ends_is_absolute(void **state)
{
    (void)state;
    for (int v = 20; v < 90; v += 3)
        say(0xBA, 7, v);
    for (int v = 90; v > 10; v -= 5)
        say(0xBA, 7, v);
    assert_is(SURFACE_POT, SURFACE_CC, 11, 7);
    assert_int_equal(what.coding, SURFACE_ABSOLUTE);
    assert_sure();
}

/* Turned as slowly as a hand can, its values are ticks of no coding, though the first ones look like some. */
static void
a_knob_that_is_turned_slowly_from_its_end_is_absolute(void **state)
{
    (void)state;
    for (int v = 0; v < 20; v++)
        cc(16, v);
    for (int v = 20; v >= 0; v--)
        cc(16, v);
    assert_is(SURFACE_POT, SURFACE_CC, 1, 16);
    assert_int_equal(what.coding, SURFACE_ABSOLUTE);
}

static void
the_four_relative_codings_are_told_apart(void **state)
{
    static const struct {
        int up, up2, down, down2;
        enum surface_coding coding;
    } codings[] = {
        {1, 2, 127, 126, SURFACE_TWOS_COMPLEMENT}, {65, 66, 63, 62, SURFACE_OFFSET64},
        {1, 2, 65, 66, SURFACE_SIGN_MAGNITUDE},    {65, 66, 1, 2, SURFACE_SIGN_MAGNITUDE_INVERTED},
        {1, 9, 65, 73, SURFACE_SIGN_MAGNITUDE}, /* X-Touch: up to 9 in a message */
        {65, 86, 63, 42, SURFACE_OFFSET64},     /* BeatStep, fast */
        {1, 1, 127, 127, SURFACE_TWOS_COMPLEMENT},
    };

    (void)state;
    for (size_t i = 0; i < LEN(codings); i++) {
        memset(&heard, 0, sizeof heard);
        turn(codings[i].up, codings[i].up2, codings[i].down, codings[i].down2);
        assert_is(SURFACE_ENCODER, SURFACE_CC, 1, 16);
        assert_int_equal(what.coding, codings[i].coding);
        assert_sure();
    }
}

static void
a_turn_one_way_asks_for_the_other(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++)
        cc(16, 1);
    assert_is(SURFACE_ENCODER, SURFACE_CC, 1, 16);
    assert_non_null(what.sure);
}

static void
fourteen_bits_in_two_control_changes(void **state)
{
    (void)state;
    for (int low_first = 0; low_first < 2; low_first++) {
        memset(&heard, 0, sizeof heard);
        for (int v = 3000; v < 9000; v += 301) {
            if (low_first)
                cc(32, v & 127);
            cc(0, v >> 7);
            if (!low_first)
                cc(32, v & 127);
        }
        assert_is(SURFACE_POT, SURFACE_CC14, 1, 0);
        assert_int_equal(what.low_first, low_first);
        assert_sure();
    }
}

static void
two_knobs_32_apart_are_not_one(void **state)
{
    (void)state;
    for (int v = 0; v < 100; v += 4)
        cc(3, v);
    for (int v = 0; v < 20; v += 4)
        cc(35, v);
    assert_is(SURFACE_POT, SURFACE_CC, 1, 3);
}

static void
registered_numbers(void **state)
{
    (void)state;
    for (int v = 1000; v < 9000; v += 500) {
        cc(99, 2), cc(98, 5);
        cc(6, v >> 7), cc(38, v & 127);
    }
    assert_is(SURFACE_POT, SURFACE_NRPN, 1, 2 * 128 + 5);
    memset(&heard, 0, sizeof heard);
    for (int i = 0; i < 20; i++) {
        cc(101, 0), cc(100, 7);
        cc(i < 10 ? 96 : 97, 0);
    }
    assert_is(SURFACE_ENCODER, SURFACE_RPN, 1, 7);
    assert_int_equal(what.coding, SURFACE_INCREMENT);
}

/* The touch's note comes once. */
static void
a_touched_motor_fader_is_its_pitch_bend(void **state)
{
    (void)state;
    say(0x90, 0x6A, 127);
    for (int v = 0; v < 16000; v += 640)
        say(0xE2, v & 127, v >> 7);
    say(0x90, 0x6A, 0);
    assert_is(SURFACE_FADER, SURFACE_PITCH_BEND, 3, 0);
    assert_sure();
}

static void
press(int a, int b, int on, int off)
{
    say(a, b, on);
    if (off >= 0)
        say(a, b, off);
}

static void
kinds_of_buttons(void **state)
{
    (void)state;
    press(0x90, 94, 127, 0), press(0x90, 94, 127, 0);
    assert_is(SURFACE_BUTTON, SURFACE_NOTE, 1, 94);
    assert_int_equal(what.press, SURFACE_MOMENTARY);
    assert_sure();

    memset(&heard, 0, sizeof heard); /* nanoKONTROL2 */
    press(0xB0, 41, 127, 0), press(0xB0, 41, 127, 0);
    assert_is(SURFACE_BUTTON, SURFACE_CC, 1, 41);
    assert_int_equal(what.press, SURFACE_MOMENTARY);

    memset(&heard, 0, sizeof heard);
    press(0xB0, 20, 127, -1), press(0xB0, 20, 0, -1);
    assert_is(SURFACE_BUTTON, SURFACE_CC, 1, 20);
    assert_int_equal(what.press, SURFACE_TOGGLE);
    assert_sure();

    memset(&heard, 0, sizeof heard); /* Console 1 */
    press(0xB0, 46, 127, -1), press(0xB0, 46, 127, -1);
    assert_is(SURFACE_BUTTON, SURFACE_CC, 1, 46);
    assert_int_equal(what.press, SURFACE_PRESS_ONLY);

    memset(&heard, 0, sizeof heard); /* FaderPort classic */
    press(0xA0, 18, 1, 0), press(0xA0, 18, 1, 0);
    assert_is(SURFACE_BUTTON, SURFACE_POLY_PRESSURE, 1, 18);
    assert_int_equal(what.threshold, 1);
    assert_int_equal(what.press, SURFACE_MOMENTARY);

    memset(&heard, 0, sizeof heard); /* a pad, as hard as it is hit */
    press(0x93, 36, 71, 0), press(0x93, 36, 104, 0);
    assert_is(SURFACE_BUTTON, SURFACE_NOTE, 4, 36);
    assert_int_equal(what.press, SURFACE_MOMENTARY);
}

static void
one_press_asks_for_a_second(void **state)
{
    (void)state;
    press(0xB0, 41, 127, -1);
    assert_is(SURFACE_BUTTON, SURFACE_CC, 1, 41);
    assert_non_null(what.sure);
}

/* Whatever a box says for hours, what was heard last is remembered. */
static void
a_flood_fits(void **state)
{
    (void)state;
    for (int i = 0; i < 100000; i++)
        say(0xB0 | (i & 15), i / 16 % 128, i % 128);
    for (int v = 0; v < GUESS_HEARD; v++)
        cc(5, v / 2 % 128 > 63 ? 127 - v / 2 % 128 : v / 2 % 128);
    assert_true(heard.count <= GUESS_HEARD);
    assert_is(SURFACE_POT, SURFACE_CC, 1, 5);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_heard_is_nothing, begin),
        cmocka_unit_test_setup(a_knob_with_two_ends_is_absolute, begin),
        cmocka_unit_test_setup(a_knob_that_is_turned_slowly_from_its_end_is_absolute, begin),
        cmocka_unit_test_setup(the_four_relative_codings_are_told_apart, begin),
        cmocka_unit_test_setup(a_turn_one_way_asks_for_the_other, begin),
        cmocka_unit_test_setup(fourteen_bits_in_two_control_changes, begin),
        cmocka_unit_test_setup(two_knobs_32_apart_are_not_one, begin),
        cmocka_unit_test_setup(registered_numbers, begin),
        cmocka_unit_test_setup(a_touched_motor_fader_is_its_pitch_bend, begin),
        cmocka_unit_test_setup(kinds_of_buttons, begin),
        cmocka_unit_test_setup(one_press_asks_for_a_second, begin),
        cmocka_unit_test_setup(a_flood_fits, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
