/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/message.h"

#include "test/kit/dice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* All messages, one behind the other, each with its size before it as text. */
struct seen {
    char text[16384];
    size_t length;
    int count;
};

static void
see(void *context, const uint8_t *bytes, size_t size)
{
    struct seen *s = context;

    assert_true(midi_whole(bytes, size));
    assert_true(s->length + 3 * size + 2 < sizeof s->text);
    for (size_t i = 0; i < size; i++)
        s->length += (size_t)sprintf(s->text + s->length, i ? " %02X" : "%02X", bytes[i]);
    s->length += (size_t)sprintf(s->text + s->length, "|");
    s->count++;
}

static struct seen seen;
static struct midi_parser parser;

static const char *
parse(const char *bytes, size_t size)
{
    memset(&seen, 0, sizeof seen);
    midi_parse(&parser, (const uint8_t *)bytes, size, see, &seen);
    return seen.text;
}

#define PARSE(bytes) parse(bytes, sizeof(bytes) - 1)

static int
begin(void **state)
{
    (void)state;
    memset(&parser, 0, sizeof parser);
    return 0;
}

/* MIDI 1.0, table of status bytes. */
static void
sizes_are_those_of_midi(void **state)
{
    (void)state;
    for (int s = 0; s < 256; s++) {
        size_t want = s < 0x80 ? 0 : s < 0xC0 ? 3 : s < 0xE0 ? 2 : s < 0xF0 ? 3 : 1;

        if (s == 0xF0 || s == 0xF7)
            want = 0;
        if (s == 0xF1 || s == 0xF3)
            want = 2;
        if (s == 0xF2)
            want = 3;
        assert_int_equal(midi_size((uint8_t)s), want);
    }
}

static void
whole_is_a_status_and_its_data(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        bool whole;
    } cases[] = {
        {"", 0, false},
        {"\x90", 1, false},
        {"\x90\x01", 2, false},
        {"\x90\x01\x02", 3, true},
        {"\x90\x01\x02\x03", 4, false},
        {"\x90\x01\x80", 3, false},
        {"\x01\x02\x03", 3, false},
        {"\xC0\x01", 2, true},
        {"\xC0\x01\x02", 3, false},
        {"\xF8", 1, true},
        {"\xF6", 1, true},
        {"\xF7", 1, false},
        {"\xF0", 1, false},
        {"\xF0\xF7", 2, true},
        {"\xF0\x01\x02\xF7", 4, true},
        {"\xF0\x01\xF8\xF7", 4, false},
        {"\xF0\x01\x02", 3, false},
        {"\xF0\x01\xF7\xF7", 4, false},
        {"\xF2\x01\x02", 3, true},
    };

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++)
        assert_int_equal(midi_whole((const uint8_t *)cases[i].bytes, cases[i].size), cases[i].whole);
}

static void
running_status_stands_for_the_status(void **state)
{
    (void)state;
    assert_string_equal(PARSE("\x90\x01\x02\x03\x04\xD0\x05\x06\xE1\x07\x08"),
                        "90 01 02|90 03 04|D0 05|D0 06|E1 07 08|");
    assert_string_equal(PARSE("\x09\x0A"), "E1 09 0A|"); /* also of the call before */
    assert_int_equal(parser.dropped, 0);
}

static void
realtime_may_stand_anywhere(void **state)
{
    (void)state;
    assert_string_equal(PARSE("\xB0\xF8\x01\xFE\x02\xFA\x03\xFF\x04"), "F8|FE|B0 01 02|FA|FF|B0 03 04|");
    assert_string_equal(PARSE("\xF0\x01\xF8\x02\xFC\xF7"), "F8|FC|F0 01 02 F7|");
    assert_int_equal(parser.dropped, 0);
}

static void
system_messages_end_the_running_status(void **state)
{
    (void)state;
    assert_string_equal(PARSE("\x90\x01\x02\xF6\x03\x04"), "90 01 02|F6|");
    assert_int_equal(parser.dropped, 2);
    assert_string_equal(PARSE("\x90\x01\x02\xF0\xF7\x05"), "90 01 02|F0 F7|");
    assert_int_equal(parser.dropped, 3);
    assert_string_equal(PARSE("\xF2\x01\x02\x03\xF3\x01\xF1\x01"), "F2 01 02|F3 01|F1 01|");
    assert_int_equal(parser.dropped, 4);
}

static void
what_is_unfinished_is_dropped_and_counted(void **state)
{
    (void)state;
    assert_string_equal(PARSE("\x40\x41"), ""); /* data without a status */
    assert_int_equal(parser.dropped, 2);
    assert_string_equal(PARSE("\xF0\x01\x02\x90\x03\x04"), "90 03 04|");
    assert_int_equal(parser.dropped, 3);
    assert_string_equal(PARSE("\xF0\x01\xF0\x02\xF7"), "F0 02 F7|");
    assert_int_equal(parser.dropped, 4);
    assert_string_equal(PARSE("\xB0\x01\x91\x03\x04"), "91 03 04|");
    assert_int_equal(parser.dropped, 5);
    assert_string_equal(PARSE("\xF7\x91\x03\x04"), "91 03 04|"); /* the end of nothing */
    assert_int_equal(parser.dropped, 5);
}

static void
a_sysex_may_have_as_many_bytes_as_there_is_room_for(void **state)
{
    static char bytes[MESSAGE_MAX + 8];

    (void)state;
    for (size_t size = MESSAGE_MAX - 2; size <= MESSAGE_MAX + 2; size++) {
        uint64_t dropped = parser.dropped;

        memset(bytes, 0x11, sizeof bytes);
        bytes[0] = (char)0xF0;
        bytes[size - 1] = (char)0xF7;
        memcpy(bytes + size, "\x90\x01\x02", 3);
        parse(bytes, size + 3);
        assert_int_equal(seen.count, size <= MESSAGE_MAX ? 2 : 1);
        assert_int_equal(parser.dropped - dropped, size <= MESSAGE_MAX ? 0 : 1);
        assert_string_equal(seen.text + seen.length - 9, "90 01 02|");
    }
}

static void
a_sysex_that_is_too_long_and_unfinished_counts_once(void **state)
{
    static char bytes[3 * MESSAGE_MAX];

    (void)state;
    memset(bytes, 0x11, sizeof bytes);
    bytes[0] = (char)0xF0;
    assert_string_equal(parse(bytes, sizeof bytes), "");
    assert_string_equal(PARSE("\x90\x01\x02"), "90 01 02|");
    assert_int_equal(parser.dropped, 1);
    assert_string_equal(PARSE("\xF0\x01\xF7"), "F0 01 F7|");
}

static void
the_same_comes_out_however_it_is_cut(void **state)
{
    static uint8_t bytes[4000];
    static struct seen whole, cut;

    (void)state;
    dice_state = 3;
    for (int round = 0; round < 200; round++) {
        struct midi_parser a = {0}, b = {0};
        size_t size = sizeof bytes / 8 + dice(sizeof bytes / 2);

        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)(dice(3) ? dice(128) : 128 + dice(128));
        memset(&whole, 0, sizeof whole);
        memset(&cut, 0, sizeof cut);
        midi_parse(&a, bytes, size, see, &whole);
        for (size_t at = 0, n; at < size; at += n) {
            n = 1 + dice(9);
            n = n < size - at ? n : size - at;
            midi_parse(&b, bytes + at, n, see, &cut);
        }
        assert_string_equal(cut.text, whole.text);
        assert_int_equal(a.dropped, b.dropped);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_those_of_midi),
        cmocka_unit_test(whole_is_a_status_and_its_data),
        cmocka_unit_test_setup(running_status_stands_for_the_status, begin),
        cmocka_unit_test_setup(realtime_may_stand_anywhere, begin),
        cmocka_unit_test_setup(system_messages_end_the_running_status, begin),
        cmocka_unit_test_setup(what_is_unfinished_is_dropped_and_counted, begin),
        cmocka_unit_test_setup(a_sysex_may_have_as_many_bytes_as_there_is_room_for, begin),
        cmocka_unit_test_setup(a_sysex_that_is_too_long_and_unfinished_counts_once, begin),
        cmocka_unit_test_setup(the_same_comes_out_however_it_is_cut, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
