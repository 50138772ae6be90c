/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages are written out by hand from shared reference surfaces.md, its sections stand beside them; those of the EC4 are
 * Faderfox' own examples.
 */
#include "control/midi/display.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t bytes[SURFACE_BYTES];

static int
set_up(void **state)
{
    (void)state;
    dice_state = 20261218;
    memset(bytes, 0xAA, sizeof bytes);
    return 0;
}

#define SHOWS(size, ...) shows(size, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static void
shows(int size, const uint8_t *want, size_t want_size)
{
    assert_int_equal(size, want_size);
    assert_memory_equal(bytes, want, want_size);
    memset(bytes, 0xAA, sizeof bytes);
}

/* A sysex whose end is a text, which begins at `from`. */
static void
ends_with(int size, int from, const char *text)
{
    assert_int_equal(size, from + (int)strlen(text) + 1);
    assert_memory_equal(bytes + from, text, strlen(text));
    assert_int_equal(bytes[size - 1], 0xF7);
}

/* --- displays ---------------------------------------------------------------------------------- */

static const struct surface_control lcd = {.kind = SURFACE_DISPLAY,
                                           .count = 8,
                                           .text = SURFACE_TEXT_MACKIE,
                                           .rows = 2,
                                           .columns = 7,
                                           .header = "F0 00 00 66 14",
                                           .strip_colours = SURFACE_COLOURS_XTOUCH};

/* 1.4: F0 00 00 66 dd 12 pos text F7; 0x00 the first line, 0x38 the second, strip k at 7 k. */
static void
a_mackie_strip_has_its_place_in_the_lcd(void **state)
{
    struct surface_control extender = lcd;

    (void)state;
    SHOWS(display_row(&lcd, 0, 0, "Gain", bytes), 0xF0, 0, 0, 0x66, 0x14, 0x12, 0x00, 'G', 'a', 'i', 'n', ' ',
          ' ', ' ', 0xF7);
    SHOWS(display_row(&lcd, 3, 1, "-3.5dB", bytes), 0xF0, 0, 0, 0x66, 0x14, 0x12, 0x4D, '-', '3', '.', '5',
          'd', 'B', ' ', 0xF7);
    SHOWS(display_row(&lcd, 7, 0, "", bytes), 0xF0, 0, 0, 0x66, 0x14, 0x12, 0x31, ' ', ' ', ' ', ' ', ' ',
          ' ', ' ', 0xF7);
    extender.header = "F0 00 00 66 15";
    SHOWS(display_row(&extender, 7, 1, "12345678", bytes), 0xF0, 0, 0, 0x66, 0x15, 0x12, 0x69, '1', '2', '3',
          '4', '5', '6', '7', 0xF7);
    assert_int_equal(display_columns(&lcd), 6); /* the seventh keeps it apart from the next */
}

static void
a_whole_row_is_one_message(void **state)
{
    struct surface_control four = lcd;

    (void)state;
    ends_with(display_line(&lcd, 1, "Deadwax: EQ", bytes), 7,
              "Deadwax: EQ                                             ");
    assert_int_equal(bytes[6], 0x38);
    ends_with(display_line(&lcd, 0, "0123456789012345678901234567890123456789012345678901234567890", bytes),
              7, "01234567890123456789012345678901234567890123456789012345");
    assert_int_equal(bytes[6], 0x00);
    four.count = 4;
    ends_with(display_line(&four, 1, "Four", bytes), 7, "Four                        ");
}

static void
what_a_display_has_not_is_not_written(void **state)
{
    struct surface_control none = lcd, broken = lcd;
    struct surface_control eight = {
        .count = 8, .text = SURFACE_TEXT_FADERPORT, .rows = 3, .columns = 9, .header = "F0 00 01 06 02"};
    const uint32_t red = 0xFF0000;

    (void)state;
    assert_int_equal(display_row(&lcd, 0, 2, "x", bytes), 0);
    assert_int_equal(display_row(&lcd, 0, -1, "x", bytes), 0);
    assert_int_equal(display_row(&lcd, 8, 0, "x", bytes), 0);
    assert_int_equal(display_line(&lcd, 2, "x", bytes), 0);
    assert_int_equal(display_line(&eight, 0, "x", bytes), 0);
    assert_int_equal(display_colours(&eight, &red, 1, bytes), 0);
    none.text = SURFACE_TEXT_NONE;
    assert_int_equal(display_row(&none, 0, 0, "x", bytes), 0);
    assert_int_equal(display_columns(&none), 0);
    for (int i = 0; i < 3; i++) {
        broken.header = ((char *[]){NULL, "F0 0", "90 00"})[i];
        assert_int_equal(display_row(&broken, 0, 0, "x", bytes), 0);
        assert_int_equal(display_line(&broken, 0, "x", bytes), 0);
        assert_int_equal(display_colours(&broken, &red, 1, bytes), 0);
    }
}

/* 1.5: CC 64 is the rightmost of ten; 75 is the left one of the two assignment digits; A is 1, bit 6 the dot. */
static void
digits_come_from_the_right(void **state)
{
    struct surface_way time = {.message = SURFACE_CC, .channel = 1, .number = 64},
                       code = {.message = SURFACE_CC, .channel = 16, .number = 74};
    struct surface_control clock = {
        .count = 1, .out = &time, .text = SURFACE_TEXT_DIGITS, .rows = 1, .columns = 10};
    struct surface_control two = {
        .count = 1, .out = &code, .text = SURFACE_TEXT_DIGITS, .rows = 1, .columns = 2};

    (void)state;
    SHOWS(display_row(&clock, 0, 0, "    1.23.456", bytes), 0xB0, 64, '6', 0xB0, 65, '5', 0xB0, 66, '4', 0xB0,
          67, 0x73, 0xB0, 68, '2', 0xB0, 69, 0x71, 0xB0, 70, ' ', 0xB0, 71, ' ', 0xB0, 72, ' ', 0xB0, 73,
          ' ');
    SHOWS(display_row(&two, 0, 0, "EQ", bytes), 0xBF, 74, 0x11, 0xBF, 75, 0x05);
    SHOWS(display_row(&two, 0, 0, "eq.", bytes), 0xBF, 74, 0x51, 0xBF, 75, 0x05);
    SHOWS(display_row(&two, 0, 0, "Z", bytes), 0xBF, 74, ' ', 0xBF, 75, 0x1A);
    SHOWS(display_row(&two, 0, 0, ".7..", bytes), 0xBF, 74, 0x77, 0xBF, 75,
          0x60); /* a dot alone is in a blank */
    SHOWS(display_row(&two, 0, 0, "123", bytes), 0xBF, 74, '2', 0xBF, 75, '1');
    SHOWS(display_row(&two, 0, 0, "-~", bytes), 0xBF, 74, '?', 0xBF, 75, '-');
    clock.columns = 3;
    SHOWS(display_row(&clock, 0, 0, "1..2", bytes), 0xB0, 64, '2', 0xB0, 65, 0x60, 0xB0, 66, 0x71);
    clock.columns = 10;
    assert_int_equal(display_columns(&clock), 10);
    time.number = 119; /* the tenth would be CC 128 */
    assert_int_equal(display_row(&clock, 0, 0, "1", bytes), 0);
    time.number = 64, time.channel = 17;
    assert_int_equal(display_row(&clock, 0, 0, "1", bytes), 0);
    code.message = SURFACE_NOTE;
    assert_int_equal(display_row(&two, 0, 0, "1", bytes), 0);
}

/* 12: hdr 12 strip line align text F7; 0 is centred. */
static void
a_faderport_centres_by_itself(void **state)
{
    struct surface_control eight = {
        .count = 8, .text = SURFACE_TEXT_FADERPORT, .rows = 3, .columns = 9, .header = "F0 00 01 06 02"};

    (void)state;
    SHOWS(display_row(&eight, 7, 2, "Gain", bytes), 0xF0, 0, 1, 6, 2, 0x12, 7, 2, 0, 'G', 'a', 'i', 'n',
          0xF7);
    SHOWS(display_row(&eight, 0, 0, "", bytes), 0xF0, 0, 1, 6, 2, 0x12, 0, 0, 0, 0xF7);
    eight.count = 16;
    eight.header = "F0 00 01 06 16";
    SHOWS(display_row(&eight, 15, 0, "Frequency 12", bytes), 0xF0, 0, 1, 6, 0x16, 0x12, 15, 0, 0, 'F', 'r',
          'e', 'q', 'u', 'e', 'n', 'c', 'y', 0xF7);
    assert_int_equal(display_columns(&eight), 9);
    eight.rows = 200;
    assert_int_equal(display_row(&eight, 0, 4, "x", bytes), 0);
}

/* 9, and Faderfox' example: "Reso" for control 16. */
static void
an_ec4_is_told_its_names_in_halves(void **state)
{
    struct surface_control names = {
        .count = 16, .text = SURFACE_TEXT_EC4, .rows = 1, .columns = 4, .header = "F0 00 00 00 4E 2C 1B"};

    (void)state;
    SHOWS(display_row(&names, 15, 0, "Reso", bytes), 0xF0, 0, 0, 0, 0x4E, 0x2C, 0x1B, 0x4E, 0x22, 0x10, 0x4A,
          0x23, 0x1C, 0x4D, 0x25, 0x12, 0x4D, 0x26, 0x15, 0x4D, 0x27, 0x13, 0x4D, 0x26, 0x1F, 0xF7);
    SHOWS(display_row(&names, 1, 0, "Q", bytes), 0xF0, 0, 0, 0, 0x4E, 0x2C, 0x1B, 0x4E, 0x22, 0x10, 0x4A,
          0x20, 0x14, 0x4D, 0x25, 0x11, 0x4D, 0x22, 0x10, 0x4D, 0x22, 0x10, 0x4D, 0x22, 0x10, 0xF7);
    assert_int_equal(display_columns(&names), 4);
}

/* 9: t 3 the total display, 4 x 20, line 2 from 0x14; 4E 22 14 shows it. */
static void
an_ec4s_total_display_is_shown_when_it_is_written(void **state)
{
    struct surface_control total = {
        .count = 1, .text = SURFACE_TEXT_EC4, .rows = 4, .columns = 20, .header = "F0 00 00 00 4E 2C 1B"};
    const uint8_t before[] = {0xF0, 0,    0,    0,    0x4E, 0x2C, 0x1B, 0x4E,
                              0x22, 0x13, 0x4A, 0x21, 0x14, 0x4D, 0x25, 0x12},
                  behind[] = {0x4D, 0x22, 0x10, 0x4E, 0x22, 0x14, 0xF7};

    (void)state;
    assert_int_equal(display_row(&total, 0, 1, "Reso", bytes), 13 + 20 * 3 + 4);
    assert_memory_equal(bytes, before, sizeof before);
    assert_memory_equal(bytes + 13 + 20 * 3 - 3, behind, sizeof behind);
    assert_int_equal(display_columns(&total), 20);
    total.rows = 9;
    assert_int_equal(display_row(&total, 0, 4, "Reso", bytes), 0);
}

/* 2: F0 00 20 32 dd 4C nn cc c1..c14 F7; 0x42 the extender; colours 1 red, 3 yellow, 7 white. */
static void
an_x_touch_strip_comes_with_its_colour(void **state)
{
    struct surface_control strip = {
        .count = 8, .text = SURFACE_TEXT_XTOUCH, .rows = 2, .columns = 7, .header = "F0 00 20 32 42"};

    (void)state;
    SHOWS(display_strip(&strip, 5, (const char *[]){"Gain", "-3.5dB"}, 0xFF0000, bytes), 0xF0, 0, 0x20, 0x32,
          0x42, 0x4C, 5, 1, 'G', 'a', 'i', 'n', ' ', ' ', ' ', '-', '3', '.', '5', 'd', 'B', ' ', 0xF7);
    SHOWS(display_strip(&strip, 0, (const char *[]){NULL, "12345678"}, 0, bytes), 0xF0, 0, 0x20, 0x32, 0x42,
          0x4C, 0, 7, ' ', ' ', ' ', ' ', ' ', ' ', ' ', '1', '2', '3', '4', '5', '6', '7', 0xF7);
    assert_int_equal(display_row(&strip, 0, 0, "x", bytes), 0); /* the message has both rows */
    assert_int_equal(display_columns(&strip), 7);
    assert_int_equal(display_strip(&strip, 8, (const char *[]){"", ""}, 0, bytes), 0);
}

static void
a_strip_of_others_is_its_rows(void **state)
{
    struct surface_control eight = {
        .count = 8, .text = SURFACE_TEXT_FADERPORT, .rows = 2, .columns = 9, .header = "F0 00 01 06 02"};

    (void)state;
    SHOWS(display_strip(&eight, 1, (const char *[]){"A", NULL}, 0, bytes), 0xF0, 0, 1, 6, 2, 0x12, 1, 0, 0,
          'A', 0xF7, 0xF0, 0, 1, 6, 2, 0x12, 1, 1, 0, 0xF7);
}

/* 2: F0 00 00 66 14 72 c1..c8 F7: bit 0 red, 1 green, 2 blue; 0 makes a strip dark. */
static void
x_touch_strips_are_never_dark(void **state)
{
    const uint32_t rgb[] = {0x000000, 0xFF0000, 0x00FF00, 0xFFFF00, 0x0000FF, 0xFF00FF, 0x00FFFF, 0xFFFFFF},
                   dim[] = {0x400000, 0xFF8000, 0x203040};

    (void)state;
    SHOWS(display_colours(&lcd, rgb, 8, bytes), 0xF0, 0, 0, 0x66, 0x14, 0x72, 7, 1, 2, 3, 4, 5, 6, 7, 0xF7);
    SHOWS(display_colours(&lcd, dim, 3, bytes), 0xF0, 0, 0, 0x66, 0x14, 0x72, 1, 3, 7, 7, 7, 7, 7, 7, 0xF7);
}

/* 13: F0 00 02 4E 16 14 (r g b) x 8 F7, 0..127 each. */
static void
icon_strips_have_colours_of_7_bits(void **state)
{
    struct surface_control icon = lcd;
    const uint32_t rgb[] = {0xFF0000, 0x008040, 0, 0x0000FF, 1, 2, 0x030405, 0xFEFEFE, 0x123456};

    (void)state;
    icon.strip_colours = SURFACE_COLOURS_ICON;
    SHOWS(display_colours(&icon, rgb, 9, bytes), 0xF0, 0x00, 0x02, 0x4E, 0x16, 0x14, 127, 0, 0, 0, 64, 32, 0,
          0, 0, 0, 0, 127, 0, 0, 0, 0, 0, 1, 1, 2, 2, 127, 127, 127, 0xF7);
    assert_int_equal(display_colours(&icon, rgb, 1, bytes), 6 + 24 + 1);
    assert_int_equal(bytes[9], 127);
    assert_int_equal(bytes[29], 127);
}

static void
letters_lose_their_marks(void **state)
{
    static const char *const want[][2] = {{"H\xc3\xb6hen", "Hohen  "},      /* ö */
                                          {"\xc3\x89t\xc3\xa9", "Ete    "}, /* É é */
                                          {"Gro\xc3\x9f", "Gros   "},       /* ß */
                                          {"e\xcc\x81t", "et     "},        /* e and a mark */
                                          {"\xc5\x81\xc3\xb3"
                                           "d\xc5\xba",
                                           "Lodz   "},
                                          {"5\xc2\xa0\xc2\xb5s", "5 us   "}, /* a hard space, micro */
                                          {"\xe2\x88\x92"
                                           "6",
                                           "-6     "}, /* a minus */
                                          {"\xe6\x97\xa5\xe6\x9c\xac", "??     "},
                                          {"\xf0\x9f\x8e\x9a", "?      "}, /* a fader, four bytes */
                                          {"a\xff"
                                           "b\n\x7f",
                                           "a?b??  "},
                                          {"\xc3", "?      "},
                                          {"[~ !]", "[~ !]  "}};

    (void)state;
    for (size_t i = 0; i < LEN(want); i++)
        ends_with(display_row(&lcd, 0, 0, want[i][0], bytes), 7, want[i][1]);
}

/* Whatever bytes the text has: one sysex or whole CCs, 7 bits each. */
static void
no_text_breaks_a_message(void **state)
{
    struct surface_way cc = {.message = SURFACE_CC, .channel = 1, .number = 64};
    struct surface_control c = lcd;

    (void)state;
    c.out = &cc, c.columns = 20, c.rows = 4;
    for (int i = 0; i < 20000; i++) {
        char text[300] = "";
        int length = (int)dice(i % 10 ? 12 : 299), size;

        for (int k = 0; k < length; k++)
            text[k] = (char)(1 + dice(255));
        c.text = 1 + dice(4);
        c.header = "F0 00 01 06 02";
        size = display_row(&c, (int)dice(8), 0, text, bytes);
        assert_true(size > 0 && size <= SURFACE_BYTES);
        if (c.text == SURFACE_TEXT_DIGITS) {
            for (int k = 0; k < size; k++)
                assert_true(k % 3 ? bytes[k] < 0x80 : bytes[k] == 0xB0);
            continue;
        }
        assert_true(bytes[0] == 0xF0 && bytes[size - 1] == 0xF7);
        for (int k = 1; k < size - 1; k++)
            assert_true(bytes[k] < 0x80);
        for (int k = 9; c.text != SURFACE_TEXT_EC4 && k < size - 1; k++)
            assert_true(bytes[k] >= 0x20 && bytes[k] <= 0x7E);
    }
}

/* --- time -------------------------------------------------------------------------------------- */

static void
time_is_read_as_on_a_clock(void **state)
{
    static const struct {
        double seconds;
        int columns;
        const char *text;
    } want[] = {{0, 10, "    0.00.000"},
                {83.456, 10, "    1.23.456"},
                {83.456, 8, "  1.23.456"},
                {3723.004, 10, "  1.02.03.004"},
                {3723.5, 8, "1.02.03.500"},
                {36000, 8, "  10.00.00"}, /* nine digits with its milliseconds */
                {359999.999, 10, " 99.59.59.999"},
                {1.001, 10, "    0.01.001"}, /* 1.001 x 1000 is a little less than 1001 */
                {0.9999, 10, "    0.00.999"},
                {83.456, 6, "  1.23.4"},
                {83.456, 3, "1.23"},
                {600, 3, "---"},
                {-5.25, 10, "   -0.05.250"},
                {-0.0001, 10, "    0.00.000"},
                {NAN, 4, "----"},
                {INFINITY, 10, "----------"},
                {1e300, 4, "----"}};
    char text[64];

    (void)state;
    for (size_t i = 0; i < LEN(want); i++) {
        int length = display_time(want[i].seconds, want[i].columns, text, sizeof text);

        assert_string_equal(text, want[i].text);
        assert_int_equal(length, strlen(text));
    }
}

/* To the millisecond, for a day: what stands there is the second it is. */
static void
ten_digits_tell_each_millisecond(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        int ms = (int)dice(86400000), h = 0, m, s, left;
        char text[32], *dot;

        display_time(ms / 1000.0, 10, text, sizeof text);
        dot = strchr(text, '.');
        if (strchr(dot + 4, '.'))
            assert_int_equal(sscanf(text, "%d.%d.%d.%d", &h, &m, &s, &left), 4);
        else
            assert_int_equal(sscanf(text, "%d.%d.%d", &m, &s, &left), 3);
        assert_int_equal(((h * 60 + m) * 60 + s) * 1000 + left, ms);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_mackie_strip_has_its_place_in_the_lcd, set_up),
        cmocka_unit_test_setup(a_whole_row_is_one_message, set_up),
        cmocka_unit_test_setup(what_a_display_has_not_is_not_written, set_up),
        cmocka_unit_test_setup(digits_come_from_the_right, set_up),
        cmocka_unit_test_setup(a_faderport_centres_by_itself, set_up),
        cmocka_unit_test_setup(an_ec4_is_told_its_names_in_halves, set_up),
        cmocka_unit_test_setup(an_ec4s_total_display_is_shown_when_it_is_written, set_up),
        cmocka_unit_test_setup(an_x_touch_strip_comes_with_its_colour, set_up),
        cmocka_unit_test_setup(a_strip_of_others_is_its_rows, set_up),
        cmocka_unit_test_setup(x_touch_strips_are_never_dark, set_up),
        cmocka_unit_test_setup(icon_strips_have_colours_of_7_bits, set_up),
        cmocka_unit_test_setup(letters_lose_their_marks, set_up),
        cmocka_unit_test_setup(no_text_breaks_a_message, set_up),
        cmocka_unit_test_setup(time_is_read_as_on_a_clock, set_up),
        cmocka_unit_test_setup(ten_digits_tell_each_millisecond, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
