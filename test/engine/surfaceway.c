/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/surfaceway.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
numbers_go_up_by_their_step(void **state)
{
    struct surface_way one = {.message = SURFACE_CC, .channel = 1, .number = 16, .number_step = 1};
    struct surface_way eight = {.message = SURFACE_NOTE, .channel = 11, .number = 40, .number_step = -8};

    (void)state;
    assert_int_equal(surface_way_number(&one, 0), 16);
    assert_int_equal(surface_way_number(&one, 7), 23);
    assert_int_equal(surface_way_channel(&one, 7), 0);
    assert_int_equal(surface_way_number(&eight, 3), 16);
    assert_int_equal(surface_way_channel(&eight, 3), 10);
}

/* Mackie's faders: E0 to E7. */
static void
channels_go_up_by_theirs_and_the_number_stays(void **state)
{
    struct surface_way fader = {.message = SURFACE_PITCH_BEND, .channel = 1, .channel_step = 1};
    struct surface_way strip = {.message = SURFACE_CC, .channel = 1, .channel_step = 1, .number = 7};

    (void)state;
    assert_int_equal(surface_way_channel(&fader, 0), 0);
    assert_int_equal(surface_way_channel(&fader, 8), 8);
    assert_int_equal(surface_way_number(&strip, 5), 7);
    assert_int_equal(surface_way_channel(&strip, 5), 5);
}

/* The MIDImix's top row (surfaces.md 8). */
static void
numbers_may_be_one_each(void **state)
{
    int numbers[] = {16, 20, 24, 28, 46, 50, 54, 58};
    struct surface_way w = {
        .message = SURFACE_CC, .channel = 1, .number_step = 1, .numbers = numbers, .numbers_count = 8};

    (void)state;
    for (int n = 0; n < 8; n++)
        assert_int_equal(surface_way_number(&w, n), numbers[n]);
    assert_int_equal(surface_way_number(&w, 8), -1);
}

static void
what_the_file_left_out_is_channel_one_and_a_step_of_one(void **state)
{
    struct surface_way w = {.message = SURFACE_CC, .number = 5};

    (void)state;
    assert_int_equal(surface_way_channel(&w, 3), 0);
    assert_int_equal(surface_way_number(&w, 3), 8);
}

static void
fourteen_bits_are_16383(void **state)
{
    static const struct {
        enum surface_message message;
        int max;
    } kinds[] = {
        {SURFACE_CC, 127},
        {SURFACE_CC14, 16383},
        {SURFACE_NRPN, 16383},
        {SURFACE_RPN, 16383},
        {SURFACE_NOTE, 127},
        {SURFACE_PITCH_BEND, 16383},
        {SURFACE_CHANNEL_PRESSURE, 127},
        {SURFACE_POLY_PRESSURE, 127},
        {SURFACE_PROGRAM, 127},
    };
    struct surface_way seven = {.message = SURFACE_SYSEX, .sysex = "F0 7D nn vv F7"};
    struct surface_way fourteen = {.message = SURFACE_SYSEX, .sysex = "F0 7D nn mm ll F7"};

    (void)state;
    for (size_t i = 0; i < LEN(kinds); i++) {
        struct surface_way w = {.message = kinds[i].message};

        assert_int_equal(surface_way_max(&w), kinds[i].max);
    }
    assert_int_equal(surface_way_max(&seven), 127);
    assert_int_equal(surface_way_max(&fourteen), 16383);
}

static void
out_is_as_in_unless_it_is_said(void **state)
{
    struct surface_way in = {.message = SURFACE_CC}, out = {.message = SURFACE_NOTE};
    struct surface_control both = {.in = &in, .out = &out}, one = {.in = &in}, none = {.count = 1};

    (void)state;
    assert_ptr_equal(surface_out(&both), &out);
    assert_ptr_equal(surface_out(&one), &in);
    assert_null(surface_out(&none));
}

static void
a_control_is_found_by_its_name(void **state)
{
    struct surface_control controls[] = {
        {.name = "encoder", .count = 16}, {.name = "enc", .count = 2}, {.name = "jog", .count = 1}};
    struct surface_profile p = {.controls = controls, .controls_count = 3};
    static const char *const none[] = {
        "encoder",     "encoder/0",  "encoder/17", "encoder/",
        "encoder/3x",  "encoder/-1", "encoder/03", "encoder/99999999999999999999",
        "encoder/1/2", "jog/2",      "wheel",      "",
        "/1",          "encode/1",   "encoder 1"};
    int group = -1, n = -1;

    (void)state;
    assert_true(surface_find(&p, "encoder/1", &group, &n));
    assert_int_equal(group, 0);
    assert_int_equal(n, 0);
    assert_true(surface_find(&p, "encoder/16", &group, &n));
    assert_int_equal(n, 15);
    assert_true(surface_find(&p, "enc/2", &group, &n));
    assert_int_equal(group, 1);
    assert_int_equal(n, 1);
    assert_true(surface_find(&p, "jog", &group, &n));
    assert_int_equal(group, 2);
    assert_int_equal(n, 0);
    for (size_t i = 0; i < LEN(none); i++)
        assert_false(surface_find(&p, none[i], &group, &n));
}

static void
bytes_are_pairs_of_hex_digits(void **state)
{
    static const char *const none[] = {"",     "   ",   "B",  "B0 7",  "B0 7F0",
                                       "B07F", "B0,7F", "G0", "0x B0", "nn"};
    uint8_t bytes[4] = {0};

    (void)state;
    assert_int_equal(surface_bytes("B0 7F 00", bytes, 4), 3);
    assert_memory_equal(bytes, "\xB0\x7F\x00", 3);
    assert_int_equal(surface_bytes("  f0 7d\taB F7\n", bytes, 4), 4);
    assert_memory_equal(bytes, "\xF0\x7D\xAB\xF7", 4);
    assert_int_equal(surface_bytes("B0 7F 00", bytes, 3), 3);
    assert_int_equal(surface_bytes("B0 7F 00", bytes, 2), -1);
    for (size_t i = 0; i < LEN(none); i++)
        assert_int_equal(surface_bytes(none[i], bytes, 4), -1);
}

static void
a_template_has_bytes_and_places(void **state)
{
    static const int want[] = {
        0xF0, 0x7F, SURFACEWAY_NUMBER, SURFACEWAY_VALUE, SURFACEWAY_HIGH, SURFACEWAY_LOW, SURFACEWAY_INDEX,
        0xF7};
    static const char *const none[] = {
        "",         "F0",      "F7",       "nn F7",    "F0 nn",    "F0 80 F7",   "F0 F7 F7", "F0 NN F7",
        "F0 xx F7", "F0 7 F7", "B0 10 20", "F0 nn vv", "F0 F0 F7", "F0 nnvv F7", "F0 n F7",  "F0 00 vv F8"};
    int token[8];

    (void)state;
    assert_int_equal(surfaceway_template("F0 7f nn vv mm ll ii F7", token, 8), 8);
    assert_memory_equal(token, want, sizeof want);
    assert_int_equal(surfaceway_template("F0 F7", token, 8), 2);
    assert_int_equal(surfaceway_template("F0 7f nn vv mm ll ii F7", token, 7), -1);
    for (size_t i = 0; i < LEN(none); i++)
        assert_int_equal(surfaceway_template(none[i], token, 8), -1);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_go_up_by_their_step),
        cmocka_unit_test(channels_go_up_by_theirs_and_the_number_stays),
        cmocka_unit_test(numbers_may_be_one_each),
        cmocka_unit_test(what_the_file_left_out_is_channel_one_and_a_step_of_one),
        cmocka_unit_test(fourteen_bits_are_16383),
        cmocka_unit_test(out_is_as_in_unless_it_is_said),
        cmocka_unit_test(a_control_is_found_by_its_name),
        cmocka_unit_test(bytes_are_pairs_of_hex_digits),
        cmocka_unit_test(a_template_has_bytes_and_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
