/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/midiport.h"

#include "test/kit/dice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct midiport port;
static struct midiport_message got;

static int
set_up(void **state)
{
    (void)state;
    assert_int_equal(midiport_prepare(&port), OK);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    midiport_free(&port);
    return 0;
}

static void
take(const char *bytes, size_t size, uint64_t frame)
{
    midiport_take(&port, (const uint8_t *)bytes, size, frame, false);
}

static void
comes(const char *bytes, size_t size, uint64_t frame)
{
    assert_true(midiport_read(&port, &got));
    assert_int_equal(got.size, size);
    assert_memory_equal(got.bytes, bytes, size);
    assert_int_equal(got.frame, frame);
}

static void
nothing_comes(void)
{
    assert_false(midiport_read(&port, &got));
}

/* --- in ------------------------------------------------------------------------------------------- */

static void
messages_come_as_they_went_in(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } all[] = {{"\x90\x3C\x40", 3}, {"\xB0\x10\x05", 3}, {"\xC1\x07", 2},         {"\xD2\x33", 2},
               {"\xE8\x00\x40", 3}, {"\xF8", 1},         {"\xF2\x01\x02", 3},     {"\xF3\x04", 2},
               {"\xF6", 1},         {"\xFE", 1},         {"\xF0\x7E\x7F\xF7", 4}, {"\xF0\xF7", 2},
               {"\xA0\x3C\x7F", 3}, {"\xF1\x35", 2},     {"\x80\x3C\x00", 3}};

    (void)state;
    for (size_t i = 0; i < LEN(all); i++)
        take(all[i].bytes, all[i].size, 100 + i);
    for (size_t i = 0; i < LEN(all); i++)
        comes(all[i].bytes, all[i].size, 100 + i);
    nothing_comes();
    assert_int_equal(midiport_lost(&port), 0);
}

static void
control_is_told_what_has_moved_a_row(void **state)
{
    (void)state;
    midiport_take(&port, (const uint8_t *)"\xB0\x10\x05", 3, 7, true);
    take("\xB0\x11\x05", 3, 7);
    comes("\xB0\x10\x05", 3, 7);
    assert_true(got.moved);
    comes("\xB0\x11\x05", 3, 7);
    assert_false(got.moved);
}

static void
a_sysex_in_parts_comes_in_one_piece_at_its_end(void **state)
{
    (void)state;
    take("\xF0\x01\x02", 3, 10);
    take("\x03\x04", 2, 20);
    take("\xF8", 1, 25); /* a clock between */
    take("\xF7", 1, 30);
    take("\x90\x01\x02", 3, 31);
    comes("\xF8", 1, 25);
    comes("\xF0\x01\x02\x03\x04\xF7", 6, 30);
    comes("\x90\x01\x02", 3, 31);
    nothing_comes();
    assert_int_equal(midiport_lost(&port), 0);
}

static void
a_sysex_of_the_longest_comes_and_a_longer_one_is_lost(void **state)
{
    char bytes[MIDIPORT_BYTES + 1];

    (void)state;
    memset(bytes, 5, sizeof bytes);
    bytes[0] = '\xF0';
    bytes[MIDIPORT_BYTES - 1] = '\xF7';
    take(bytes, MIDIPORT_BYTES, 1);
    for (int i = 0; i < MIDIPORT_BYTES; i += 256)
        take(bytes + i, 256, 2);
    bytes[MIDIPORT_BYTES - 1] = 5;
    bytes[MIDIPORT_BYTES] = '\xF7';
    take(bytes, MIDIPORT_BYTES + 1, 3);
    take(bytes, MIDIPORT_BYTES, 4);
    take("\xF7", 1, 4);
    bytes[MIDIPORT_BYTES] = 5; /* many times too long */
    take(bytes, MIDIPORT_BYTES, 5);
    for (int i = 0; i < 100; i++)
        take(bytes + 1, MIDIPORT_BYTES, 5);
    take("\xF7", 1, 5);
    take("\xFE", 1, 6);
    bytes[MIDIPORT_BYTES - 1] = '\xF7';
    comes(bytes, MIDIPORT_BYTES, 1);
    comes(bytes, MIDIPORT_BYTES, 2);
    comes("\xFE", 1, 6);
    nothing_comes();
    assert_int_equal(midiport_lost(&port), 3);
}

static void
what_is_no_message_is_counted(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } all[] = {{"\x10\x20", 2},
               {"\xF7", 1},
               {"\x90\x3C", 2},
               {"\x90\x3C\x40\x40", 4},
               {"\x90\x80\x40", 3},
               {"\xC0\x01\x02", 3},
               {"\xF4", 1},
               {"\xF5", 1},
               {"\xF8\x01", 2},
               {"\xB0\x10\xFF", 3},
               {"\xF0\x01\x90\x01\xF7", 5}};

    (void)state;
    for (size_t i = 0; i < LEN(all); i++)
        take(all[i].bytes, all[i].size, 1);
    take("", 0, 1);
    nothing_comes();
    assert_int_equal(midiport_lost(&port), LEN(all));
    take("\xF0\x01", 2, 1); /* never ends */
    take("\x90\x01\x02", 3, 2);
    take("\xF7", 1, 2); /* of nothing */
    comes("\x90\x01\x02", 3, 2);
    nothing_comes();
    assert_int_equal(midiport_lost(&port), LEN(all) + 2);
}

static void
without_room_they_are_lost_and_counted_and_then_go_on(void **state)
{
    uint64_t sent = 0, read = 0, lost;

    (void)state;
    for (; midiport_lost(&port) == 0; sent++)
        take("\xB0\x10\x05", 3, sent);
    for (int i = 0; i < 9; i++)
        take("\xB0\x10\x05", 3, sent);
    lost = midiport_lost(&port);
    assert_int_equal(lost, 10);
    assert_true(sent > 2000); /* two seconds of a cable's whole rate */
    for (; midiport_read(&port, &got); read++)
        assert_int_equal(got.frame, read);
    assert_int_equal(read, sent - 1);
    take("\xB0\x10\x06", 3, 99);
    comes("\xB0\x10\x06", 3, 99);
    assert_int_equal(midiport_lost(&port), lost);
}

/* --- out ------------------------------------------------------------------------------------------ */

enum { PERIOD = 64 };

static uint8_t cable[8192]; /* what has left */
static size_t laid, room, at_start;
static uint64_t frame, left_at[100]; /* now; of the first messages */
static int left;

static bool
put(void *context, int offset, const uint8_t *bytes, size_t size)
{
    assert_ptr_equal(context, &port);
    assert_in_range(offset, 0, PERIOD - 1);
    if (laid - at_start + size > room)
        return false;
    memcpy(cable + laid, bytes, size);
    laid += size;
    if (left < (int)LEN(left_at))
        left_at[left++] = frame + (uint64_t)offset;
    return true;
}

static void
period(size_t bytes)
{
    at_start = laid;
    room = bytes;
    midiport_give(&port, frame, PERIOD, put, &port);
    frame += PERIOD;
}

static int
set_up_out(void **state)
{
    laid = 0;
    left = 0;
    frame = 0;
    return set_up(state);
}

static void
what_goes_out_keeps_its_order_and_waits_for_room(void **state)
{
    uint8_t all[4096];
    size_t n = 0, whole[1000] = {0}, ends = 0;

    (void)state;
    dice_state = 3;
    while (n < 4000) {
        size_t size = 1 + dice(60);

        for (size_t i = 0; i < size; i++)
            all[n + i] = (uint8_t)dice(256);
        assert_true(midiport_write(&port, all + n, size, 0));
        n += size;
        whole[ends++] = n;
    }
    for (int i = 0; laid < n && i < 1000; i++) {
        size_t before = laid;

        period(64);
        assert_true(laid > before);
        for (size_t k = 0; k < ends; k++)
            if (whole[k] == laid)
                before = laid;
        assert_int_equal(before, laid); /* no message is cut */
    }
    assert_int_equal(laid, n);
    assert_memory_equal(cable, all, n);
    period(64);
    assert_int_equal(laid, n);
    assert_int_equal(midiport_lost(&port), 0);
}

static void
what_no_period_has_room_for_holds_nobody_up(void **state)
{
    uint8_t big[100] = {0xF0, [99] = 0xF7};

    (void)state;
    midiport_write(&port, (const uint8_t *)"\x90\x01\x02", 3, 0);
    midiport_write(&port, big, sizeof big, 0);
    midiport_write(&port, (const uint8_t *)"\x90\x03\x04", 3, 0);
    period(64); /* the big one waits for an empty buffer */
    assert_int_equal(laid, 3);
    period(64);
    assert_int_equal(laid, 6);
    assert_memory_equal(cable, "\x90\x01\x02\x90\x03\x04", 6);
    assert_int_equal(midiport_lost(&port), 1);
}

static void
what_can_not_go_out_is_refused(void **state)
{
    uint8_t bytes[MIDIPORT_BYTES + 1] = {0xF0};
    int n = 0;

    (void)state;
    assert_false(midiport_write(&port, bytes, 0, 0));
    assert_false(midiport_write(&port, bytes, sizeof bytes, 0));
    while (midiport_write(&port, bytes, MIDIPORT_BYTES, 0))
        n++;
    assert_true(n > 50);
    period(MIDIPORT_BYTES);
    assert_true(midiport_write(&port, bytes, MIDIPORT_BYTES, 0));
    assert_int_equal(midiport_lost(&port), 0);
}

/* 10 frames fit into a period, 100 do not, 128 are two of them. */
static void
a_rest_behind_a_message_is_kept_to_the_frame(void **state)
{
    static const uint32_t rest[] = {0, 0, 10, 100, 0, 128, 1, 63, 0};
    static const uint64_t want[] = {0, 0, 0, 10, 110, 110, 238, 239, 302};
    static const uint8_t note[] = {0x90, 1, 2};

    (void)state;
    for (size_t i = 0; i < LEN(rest); i++)
        assert_true(midiport_write(&port, note, sizeof note, rest[i]));
    for (int i = 0; i < 6; i++)
        period(1000);
    assert_int_equal(left, LEN(want));
    assert_memory_equal(left_at, want, sizeof want);
    assert_true(midiport_write(&port, note, sizeof note, 0)); /* a rest that is long over holds nobody up */
    period(1000);
    assert_int_equal(left_at[LEN(want)], 6 * PERIOD);
    assert_int_equal(midiport_lost(&port), 0);
}

/* A buffer is empty, too, while a rest lasts: what waits for that is not lost. */
static void
nothing_is_lost_by_resting(void **state)
{
    static const uint8_t sysex[] = {0xF0, 1, 0xF7};

    (void)state;
    assert_true(midiport_write(&port, sysex, sizeof sysex, 1000 * PERIOD));
    assert_true(midiport_write(&port, sysex, sizeof sysex, 0));
    for (int i = 0; i < 1000; i++)
        period(64);
    assert_int_equal(left, 1);
    period(64);
    assert_int_equal(left, 2);
    assert_int_equal(left_at[1], 1000 * PERIOD);
    assert_int_equal(midiport_lost(&port), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(messages_come_as_they_went_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(control_is_told_what_has_moved_a_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_sysex_in_parts_comes_in_one_piece_at_its_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_sysex_of_the_longest_comes_and_a_longer_one_is_lost, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_message_is_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_room_they_are_lost_and_counted_and_then_go_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_goes_out_keeps_its_order_and_waits_for_room, set_up_out,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_no_period_has_room_for_holds_nobody_up, set_up_out, tear_down),
        cmocka_unit_test_setup_teardown(what_can_not_go_out_is_refused, set_up_out, tear_down),
        cmocka_unit_test_setup_teardown(a_rest_behind_a_message_is_kept_to_the_frame, set_up_out, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_lost_by_resting, set_up_out, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
