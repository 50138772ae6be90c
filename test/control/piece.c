/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/piece.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct piece p;
static char said[256];

/* Four bytes, the first in the lowest. */
#define NUMBER(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

static void
read_number(uint32_t number)
{
    uint8_t bytes[PIECE_SIZE];
    int n = piece_read(&p, number, bytes);

    assert_true(n <= PIECE_SIZE);
    for (int i = 0; i < n; i++)
        snprintf(said + strlen(said), sizeof said - strlen(said), "%02X", bytes[i]);
    strcat(said, "|");
}

static int
fresh(void **state)
{
    (void)state;
    memset(&p, 0, sizeof p);
    said[0] = 0;
    return 0;
}

static void
a_short_message_has_as_many_bytes_as_its_status_asks_for(void **state)
{
    (void)state;
    read_number(NUMBER(0xB0, 0x10, 0x00, 0));
    read_number(NUMBER(0x90, 0, 0, 0));
    read_number(NUMBER(0xC3, 5, 0, 0));
    read_number(NUMBER(0xD0, 0, 0, 0));
    read_number(NUMBER(0xE7, 0, 0x40, 0));
    read_number(NUMBER(0xF2, 1, 2, 0));
    read_number(NUMBER(0xFA, 0, 0, 0));
    assert_string_equal(said, "B01000|900000|C305|D000|E70040|F20102|FA|");
}

static void
a_sysex_ends_with_its_end_whatever_is_behind_it(void **state)
{
    (void)state;
    read_number(NUMBER(0xF0, 0x00, 0x20, 0x29));
    read_number(NUMBER(0x02, 0x00, 0x00, 0x11));
    read_number(NUMBER(0xF7, 0, 0, 0));
    read_number(NUMBER(0xF0, 0x7E, 0xF7, 0));
    read_number(NUMBER(0xB0, 1, 2, 0));
    assert_string_equal(said, "F0002029|02000011|F7|F07EF7|B00102|");
}

static void
realtime_within_a_sysex_stays_where_it_came(void **state)
{
    (void)state;
    read_number(NUMBER(0xF0, 0x01, 0xFA, 0x02));
    read_number(NUMBER(0xFC, 0x03, 0x04, 0x05));
    read_number(NUMBER(0xFB, 0xF7, 0, 0));
    read_number(NUMBER(0xFA, 0, 0, 0));
    assert_string_equal(said, "F001FA02|FC030405|FBF7|FA|");
}

static void
a_sysex_that_is_broken_off_does_not_swallow_what_comes_then(void **state)
{
    (void)state;
    read_number(NUMBER(0xF0, 0x01, 0x02, 0x03));
    read_number(NUMBER(0x90, 0x10, 0x7F, 0));
    read_number(NUMBER(0xFA, 0, 0, 0));
    assert_string_equal(said, "F0010203|90107F|FA|");
}

static void
what_an_earlier_sysex_left_in_front_of_the_next_is_left_out(void **state)
{
    (void)state;
    read_number(NUMBER(0x11, 0x12, 0xF0, 0x01));
    read_number(NUMBER(0x02, 0xF7, 0, 0));
    assert_string_equal(said, "F001|02F7|");
    said[0] = 0;
    read_number(NUMBER(0x11, 0x12, 0x13, 0x14));
    read_number(NUMBER(0xF7, 0, 0, 0));
    read_number(0);
    assert_string_equal(said, "|||");
}

static void
another_sysex_may_begin_before_the_first_has_ended(void **state)
{
    (void)state;
    read_number(NUMBER(0xF0, 0x01, 0x02, 0x03));
    read_number(NUMBER(0xF0, 0x04, 0xF7, 0));
    read_number(NUMBER(0xC0, 0x01, 0, 0));
    assert_string_equal(said, "F0010203|F004F7|C001|");
}

#define T(test) cmocka_unit_test_setup(test, fresh)

int
main(void)
{
    static const struct CMUnitTest all[] = {
        T(a_short_message_has_as_many_bytes_as_its_status_asks_for),
        T(a_sysex_ends_with_its_end_whatever_is_behind_it),
        T(realtime_within_a_sysex_stays_where_it_came),
        T(a_sysex_that_is_broken_off_does_not_swallow_what_comes_then),
        T(what_an_earlier_sysex_left_in_front_of_the_next_is_left_out),
        T(another_sysex_may_begin_before_the_first_has_ended),
    };

    return cmocka_run_group_tests(all, NULL, NULL);
}
