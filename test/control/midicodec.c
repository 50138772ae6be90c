/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/codec.h"

#include "test/control/codec_room.h"
#include "test/kit/dice.h"
#include "test/kit/scarce.h"

#include <math.h>

/* --- kinds of messages ------------------------------------------------------------------------- */

static void
the_third_fader_says_where_it_is(void **state)
{
    struct surface_way w = {.message = SURFACE_CC, .channel = 2, .number = 16};
    struct surface_control c[] = {{.name = "fader", .kind = SURFACE_FADER, .count = 8, .in = &w}};

    (void)state;
    begin(c, 1);
    for (int v = 0; v < 128; v++) {
        char bytes[] = {(char)0xB1, 18, (char)v};

        assert_true(value_of(hear_at(0, bytes, 3)) == v / 127.0);
        assert_int_equal(event[0].group, 0);
        assert_int_equal(event[0].n, 2);
        assert_int_equal(event[0].steps, 127);
        assert_true(codec_known(codec));
    }
    assert_int_equal(HEAR("\xB0\x12\x40"), 0);
    assert_int_equal(HEAR("\xB1\x18\x40"), 0);
    assert_int_equal(HEAR("\xB1\x0F\x40"), 0);
    assert_false(codec_known(codec));
}

static void
each_kind_of_message_is_read(void **state)
{
    static const struct {
        enum surface_message message;
        const char *bytes;
        size_t size;
        double value;
        int steps;
    } kinds[] = {
        {SURFACE_CC, "\xB2\x05\x20", 3, 32 / 127.0, 127},
        {SURFACE_NOTE, "\x92\x05\x20", 3, 32 / 127.0, 127},
        {SURFACE_NOTE, "\x92\x05\x00", 3, 0.0, 127},
        {SURFACE_NOTE, "\x82\x05\x40", 3, 0.0, 127},
        {SURFACE_POLY_PRESSURE, "\xA2\x05\x7F", 3, 1.0, 127},
        {SURFACE_CHANNEL_PRESSURE, "\xD2\x20", 2, 32 / 127.0, 127},
        {SURFACE_PROGRAM, "\xC2\x20", 2, 32 / 127.0, 127},
        {SURFACE_PITCH_BEND, "\xE2\x01\x40", 3, 8193 / 16383.0, 16383},
        {SURFACE_PITCH_BEND, "\xE2\x7F\x7F", 3, 1.0, 16383},
    };

    (void)state;
    for (size_t i = 0; i < LEN(kinds); i++) {
        struct surface_way w = {.message = kinds[i].message, .channel = 3, .number = 5};
        struct surface_control c[] = {{.name = "pot", .kind = SURFACE_POT, .in = &w}};

        begin(c, 1);
        assert_true(value_of(hear_at(0, kinds[i].bytes, kinds[i].size)) == kinds[i].value);
        assert_int_equal(event[0].steps, kinds[i].steps);
    }
}

static void
faders_of_a_mackie_are_told_by_their_channel(void **state)
{
    struct surface_way w = {.message = SURFACE_PITCH_BEND, .channel = 1, .channel_step = 1};
    struct surface_control c[] = {
        {.name = "fader", .kind = SURFACE_FADER, .count = 9, .in = &w, .motor = true}};

    (void)state;
    begin(c, 1);
    assert_true(VALUE("\xE8\x00\x00") == 0.0);
    assert_int_equal(event[0].n, 8);
    assert_int_equal(HEAR("\xE9\x00\x00"), 0);
}

static void
what_is_no_message_of_the_profile_says_nothing(void **state)
{
    struct surface_way w = {.message = SURFACE_CC, .number = 5};
    struct surface_control c[] = {{.name = "pot", .kind = SURFACE_POT, .in = &w}};

    (void)state;
    begin(c, 1);
    assert_int_equal(HEAR(""), 0);
    assert_int_equal(HEAR("\xB0"), 0);
    assert_int_equal(HEAR("\xB0\x05"), 0);
    assert_int_equal(HEAR("\xB0\x05\x80"), 0);
    assert_int_equal(HEAR("\xB0\x05\x01\x01"), 0);
    assert_int_equal(HEAR("\xF8"), 0);
    assert_int_equal(HEAR("\xF0\x05\xF7"), 0);
    assert_int_equal(HEAR("\x05\x05\x05"), 0);
    assert_int_equal(HEAR("\x90\x05\x05"), 0);
}

static void
a_key_has_no_coding(void **state)
{
    struct surface_way w = {.message = SURFACE_NRPN, .number = 1}, cc = {.message = SURFACE_CC, .number = 1};
    struct surface_control c[] = {
        {.name = "n", .kind = SURFACE_BUTTON, .in = &w, .coding = SURFACE_INCREMENT, .threshold = 8192},
        {.name = "c", .kind = SURFACE_BUTTON, .in = &cc, .coding = SURFACE_OFFSET64}};

    (void)state;
    begin(c, 2);
    HEAR("\xB0\x63\x00");
    HEAR("\xB0\x62\x01");
    assert_int_equal(HEAR("\xB0\x60\x00"), 0);
    HEAR("\xB0\x06\x40");
    IS(0, CODEC_PRESS, "\xB0\x26\x00");
    IS(0, CODEC_PRESS, "\xB0\x01\x7F");
}

static void
what_only_shows_never_speaks(void **state)
{
    struct surface_way w = {.message = SURFACE_NOTE, .number = 5};
    struct surface_control c[] = {{.name = "led", .kind = SURFACE_LED, .in = &w},
                                  {.name = "meter", .kind = SURFACE_METER, .in = &w},
                                  {.name = "display", .kind = SURFACE_DISPLAY, .in = &w},
                                  {.name = "silent", .kind = SURFACE_BUTTON, .out = &w}};

    (void)state;
    begin(c, 4);
    assert_int_equal(HEAR("\x90\x05\x7F"), 0);
}

static void
one_message_tells_every_control_that_it_is_of(void **state)
{
    struct surface_way w = {.message = SURFACE_CC, .number = 16, .number_step = 1};
    struct surface_way fine = {.message = SURFACE_CC14, .number = 16, .number_step = 1};
    struct surface_control c[] = {
        {.name = "fader", .kind = SURFACE_FADER, .count = 8, .in = &w},
        {.name = "key", .kind = SURFACE_BUTTON, .count = 2, .in = &w},
        {.name = "fine", .kind = SURFACE_POT, .in = &fine},
        {.name = "wheel", .kind = SURFACE_ENCODER, .in = &w, .coding = SURFACE_OFFSET64}};

    (void)state;
    begin(c, 4);
    assert_int_equal(HEAR("\xB0\x10\x7F"), 3);
    assert_int_equal(event[0].group, 0);
    assert_int_equal(event[1].group, 1);
    assert_int_equal(event[1].what, CODEC_PRESS);
    assert_int_equal(event[2].group, 3);
    assert_true(event[2].ticks == 63.0);
    assert_int_equal(HEAR("\xB0\x30\x7F"), 1); /* the low half of the third */
    assert_int_equal(event[0].group, 2);
    assert_true(event[0].value == 1.0);
    assert_int_equal(codec_read(codec, (const uint8_t *)"\xB0\x10\x00", 3, 0, event, 1),
                     1); /* no room for more */
    assert_int_equal(event[0].group, 0);
}

/* --- sysex ------------------------------------------------------------------------------------- */

static void
sysex_is_read_by_its_template(void **state)
{
    struct surface_way led = {.message = SURFACE_SYSEX,
                              .number = 24,
                              .number_step = 1,
                              .sysex = "F0 00 20 29 02 11 78 08 nn vv F7"};
    struct surface_way fine = {.message = SURFACE_SYSEX, .sysex = "F0 7D 01 ii mm ll F7"};
    struct surface_way turn = {.message = SURFACE_SYSEX, .number = 5, .sysex = "F0 7D 02 nn vv F7"};
    struct surface_control c[] = {
        {.name = "a", .kind = SURFACE_POT, .count = 4, .in = &led},
        {.name = "b", .kind = SURFACE_FADER, .count = 4, .in = &fine},
        {.name = "c", .kind = SURFACE_ENCODER, .in = &turn, .coding = SURFACE_SIGN_MAGNITUDE},
    };

    (void)state;
    begin(c, 3);
    assert_true(VALUE("\xF0\x00\x20\x29\x02\x11\x78\x08\x1A\x3F\xF7") == 63 / 127.0);
    assert_true(event[0].group == 0 && event[0].n == 2);
    assert_int_equal(HEAR("\xF0\x00\x20\x29\x02\x11\x78\x08\x1C\x3F\xF7"), 0); /* the fifth of four */
    assert_int_equal(HEAR("\xF0\x00\x20\x29\x02\x11\x78\x09\x1A\x3F\xF7"), 0);
    assert_int_equal(HEAR("\xF0\x00\x20\x29\x02\x11\x78\x08\x1A\x3F\x00\xF7"), 0);
    assert_true(VALUE("\xF0\x7D\x01\x03\x40\x01\xF7") == 8193 / 16383.0);
    assert_true(event[0].group == 1 && event[0].n == 3 && event[0].steps == 16383);
    assert_int_equal(HEAR("\xF0\x7D\x01\x04\x40\x01\xF7"), 0);
    assert_true(ticks_of(HEAR("\xF0\x7D\x02\x05\x42\xF7")) == -2.0);
    assert_int_equal(HEAR("\xF0\x7D\x02\x06\x42\xF7"), 0);
}

static void
what_stands_twice_in_a_template_is_the_same_twice(void **state)
{
    struct surface_way w = {.message = SURFACE_SYSEX, .number_step = 1, .sysex = "F0 7D nn vv nn vv F7"};
    struct surface_control c[] = {{.name = "a", .kind = SURFACE_POT, .count = 4, .in = &w}};

    (void)state;
    begin(c, 1);
    assert_true(VALUE("\xF0\x7D\x01\x7F\x01\x7F\xF7") == 1.0);
    assert_int_equal(HEAR("\xF0\x7D\x01\x7F\x02\x7F\xF7"), 0);
    assert_int_equal(HEAR("\xF0\x7D\x01\x7F\x01\x7E\xF7"), 0);
    assert_int_equal(hear_at(0, "\xF0\x7D\x01\xF7\x01\xF7\xF7", 4),
                     0); /* a shorter one, and what lies behind it */
}

/* --- towards the box --------------------------------------------------------------------------- */

static void
bytes_are_those_of_midi(void **state)
{
    static const struct {
        enum surface_message message;
        int raw;
        const char *bytes;
        int size;
    } kinds[] = {
        {SURFACE_CC, 100, "\xB2\x06\x64", 3},
        {SURFACE_CC14, 8193, "\xB2\x06\x40\xB2\x26\x01", 6},
        {SURFACE_NOTE, 100, "\x92\x06\x64", 3},
        {SURFACE_NOTE, 0, "\x92\x06\x00", 3},
        {SURFACE_POLY_PRESSURE, 1, "\xA2\x06\x01", 3},
        {SURFACE_CHANNEL_PRESSURE, 100, "\xD2\x64", 2},
        {SURFACE_PROGRAM, 100, "\xC2\x64", 2},
        {SURFACE_PITCH_BEND, 8193, "\xE2\x01\x40", 3},
        {SURFACE_PITCH_BEND, 16383, "\xE2\x7F\x7F", 3},
        {SURFACE_NRPN, 8193, "\xB2\x63\x00\xB2\x62\x06\xB2\x06\x40\xB2\x26\x01\xB2\x63\x7F\xB2\x62\x7F", 18},
        {SURFACE_RPN, 8193, "\xB2\x65\x00\xB2\x64\x06\xB2\x06\x40\xB2\x26\x01\xB2\x65\x7F\xB2\x64\x7F", 18},
        {SURFACE_SYSEX, 8193, "\xF0\x7D\x06\x01\x01\x40\x01\xF7", 8},
        {SURFACE_NONE, 0, "", 0},
        {SURFACE_CC, 128, "", 0},
        {SURFACE_CC, -1, "", 0},
        {SURFACE_PITCH_BEND, 16384, "", 0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(kinds); i++) {
        struct surface_way w = {.message = kinds[i].message,
                                .channel = 3,
                                .number = 5,
                                .number_step = 1,
                                .sysex = "F0 7D nn ii vv mm ll F7"};
        uint8_t bytes[SURFACE_BYTES] = {0};

        assert_int_equal(codec_write(&w, 1, kinds[i].raw, bytes), kinds[i].size);
        assert_memory_equal(bytes, kinds[i].bytes, (size_t)kinds[i].size);
    }
}

static void
what_midi_has_no_number_for_is_not_written(void **state)
{
    struct surface_way cc = {.message = SURFACE_CC, .number = 120, .number_step = 1};
    struct surface_way pair = {.message = SURFACE_CC14, .number = 95, .number_step = 1};
    struct surface_way bend = {.message = SURFACE_PITCH_BEND, .channel = 16, .channel_step = 1};
    struct surface_way sysex = {.message = SURFACE_SYSEX, .sysex = "F0 zz F7"},
                       none = {.message = SURFACE_SYSEX};
    uint8_t bytes[SURFACE_BYTES];

    (void)state;
    assert_int_equal(codec_write(&cc, 7, 1, bytes), 3);
    assert_int_equal(codec_write(&cc, 8, 1, bytes), 0);
    assert_int_equal(codec_write(&pair, 0, 1, bytes), 6);
    assert_int_equal(codec_write(&pair, 1, 1, bytes), 0);
    assert_int_equal(codec_write(&bend, 0, 1, bytes), 3);
    assert_int_equal(codec_write(&bend, 1, 1, bytes), 0);
    assert_int_equal(codec_write(&sysex, 0, 1, bytes), 0);
    assert_int_equal(codec_write(&none, 0, 1, bytes), 0);
}

/* The whole messages of what was written; what the last one said. */
static int
hear_all(const uint8_t *bytes, int size)
{
    int n = 0, told = 0;

    for (int at = 0; at < size; at += n) {
        for (n = 1; at + n < size && (bytes[at + n] < 0x80 || bytes[at + n] == 0xF7);)
            n++;
        told += hear_at(0, (const char *)bytes + at, (size_t)n);
        if (told)
            return at + n == size || bytes[at] == 0xB0 ? told : -1;
    }
    return told;
}

static void
what_is_written_reads_as_the_same(void **state)
{
    static const enum surface_message messages[] = {SURFACE_CC,
                                                    SURFACE_CC14,
                                                    SURFACE_NRPN,
                                                    SURFACE_RPN,
                                                    SURFACE_NOTE,
                                                    SURFACE_PITCH_BEND,
                                                    SURFACE_CHANNEL_PRESSURE,
                                                    SURFACE_POLY_PRESSURE,
                                                    SURFACE_PROGRAM,
                                                    SURFACE_SYSEX};
    static const struct {
        double min, max, centre, detent; /* shares of all that the message can say; detent: raw */
    } ends[] = {{0, 0, 0, 0}, {1, 0, 0, 0}, {0.1, 0.9, 0, 0}, {0, 1, 0.5, 1}, {0.9, 0.05, 0.4, 3}};
    uint8_t bytes[SURFACE_BYTES];

    (void)state;
    dice_state = 7;
    for (size_t m = 0; m < LEN(messages); m++)
        for (size_t e = 0; e < LEN(ends); e++) {
            struct surface_way w = {
                .message = messages[m], .number = 3, .number_step = 1, .sysex = "F0 7D nn ii mm ll F7"};
            int most = surface_way_max(&w);
            struct surface_control c[] = {{.name = "f",
                                           .kind = SURFACE_FADER,
                                           .count = 4,
                                           .in = &w,
                                           .min = (int)(ends[e].min * most),
                                           .max = (int)(ends[e].max * most),
                                           .centre = (int)(ends[e].centre * most),
                                           .detent = (int)ends[e].detent}};
            int place = messages[m] == SURFACE_PITCH_BEND || messages[m] == SURFACE_CHANNEL_PRESSURE ||
                                messages[m] == SURFACE_PROGRAM
                            ? 0
                            : 2;

            c->count = place + 1;
            begin(c, 1);
            for (int k = 0; k < 400; k++) {
                double value = k == 0 ? 0.0 : k == 1 ? 1.0 : k == 2 ? 0.5 : chance();
                int raw = codec_raw(c, value), told = hear_all(bytes, codec_write(&w, place, raw, bytes));
                int length = abs(c->max - c->min) ? abs(c->max - c->min) : most;
                int shorter = length; /* of the two sides of a detent: its steps are the longer ones */

                if (c->detent) {
                    int down = abs(c->centre - c->min) - c->detent, up = abs(c->max - c->centre) - c->detent;

                    shorter = 2 * (down < up ? down : up);
                }
                assert_int_equal(told, 1);
                assert_int_equal(event[0].n, place);
                assert_true(fabs(value_of(told) - value) <= 0.5 / shorter + 1e-12);
                assert_true(k > 1 || value_of(told) == value);
                assert_true(k != 2 || !c->detent || value_of(told) == 0.5);
            }
        }
}

/* --- all that there is ------------------------------------------------------------------------ */

static void
the_largest_profile_is_read_to_its_last_control(void **state)
{
    static struct surface_way ways[SURFACE_GROUPS];
    static struct surface_control c[SURFACE_GROUPS];

    (void)state;
    for (int g = 0; g < SURFACE_GROUPS; g++) {
        ways[g] = (struct surface_way){.message = g % 2 ? SURFACE_NOTE : SURFACE_CC,
                                       .channel = 1 + g / 4,
                                       .number = g / 2 % 2 * 64,
                                       .number_step = 1};
        c[g] = (struct surface_control){
            .name = "g", .kind = SURFACE_POT, .count = SURFACE_COUNT, .in = &ways[g]};
    }
    begin(c, SURFACE_GROUPS);
    for (int g = 0; g < SURFACE_GROUPS; g++)
        for (int n = 0; n < SURFACE_COUNT; n++) {
            char bytes[] = {(char)((g % 2 ? 0x90 : 0xB0) | g / 4), (char)(g / 2 % 2 * 64 + n), 127};

            assert_true(value_of(hear_at(0, bytes, 3)) == 1.0);
            assert_int_equal(event[0].group, g);
            assert_int_equal(event[0].n, n);
        }
}

/* Each short message that there is: none but the profile's own says anything. */
static void
nothing_else_is_taken_for_a_control(void **state)
{
    struct surface_way ways[] = {
        {.message = SURFACE_CC, .channel = 3, .number = 9, .number_step = 7},
        {.message = SURFACE_NOTE, .channel = 2, .channel_step = 3, .number = 77},
        {.message = SURFACE_POLY_PRESSURE, .channel = 9, .number = 120, .number_step = -9},
        {.message = SURFACE_PROGRAM, .channel = 4, .number = 1, .number_step = 31}};
    struct surface_control c[] = {{.name = "c", .kind = SURFACE_POT, .count = 5, .in = &ways[0]},
                                  {.name = "n", .kind = SURFACE_POT, .count = 5, .in = &ways[1]},
                                  {.name = "p", .kind = SURFACE_POT, .count = 5, .in = &ways[2]},
                                  {.name = "g", .kind = SURFACE_BUTTON, .count = 5, .in = &ways[3]}};
    int told[4] = {0};

    (void)state;
    begin(c, 4);
    for (int s = 0x90; s <= 0xEF; s++)
        for (int number = 0; number < 128; number++) {
            char bytes[] = {(char)s, (char)number, 1};
            int g = s < 0xA0 ? 1 : s < 0xB0 ? 2 : s < 0xC0 ? 0 : 3, n;

            if (hear_at(0, bytes, s >= 0xC0 && s < 0xE0 ? 2 : 3) == 0)
                continue;
            n = event[0].n;
            assert_int_equal(event[0].group, g);
            assert_int_equal(s & 15, surface_way_channel(&ways[g], n));
            assert_int_equal(number, surface_way_number(&ways[g], n));
            told[g]++;
        }
    for (int g = 0; g < 4; g++)
        assert_int_equal(told[g], 5);
}

static void
no_other_parameter_is_taken_for_a_control(void **state)
{
    struct surface_way w = {.message = SURFACE_NRPN, .number = 1, .number_step = 2000};
    struct surface_control c[] = {{.name = "n", .kind = SURFACE_POT, .count = 8, .in = &w}};
    int told = 0;

    (void)state;
    begin(c, 1);
    for (int number = 0; number < 16384; number++) {
        char high[] = {(char)0xB0, 99, (char)(number >> 7)}, low[] = {(char)0xB0, 98, (char)(number & 127)};

        hear_at(0, high, 3);
        hear_at(0, low, 3);
        HEAR("\xB0\x06\x01");
        if (HEAR("\xB0\x26\x01") == 0)
            continue;
        assert_int_equal(number, 1 + 2000 * event[0].n);
        told++;
    }
    assert_int_equal(told, 8);
}

#ifndef __SANITIZE_ADDRESS__
static void
open_survives_each_calloc_that_gives_nothing(void **state)
{
    struct surface_way w = {.message = SURFACE_SYSEX, .sysex = "F0 7D nn vv F7"};
    struct surface_control c[] = {{.name = "s", .kind = SURFACE_POT, .count = 4, .in = &w}};
    struct surface_profile p = {.controls = c, .controls_count = 1};
    enum status got = NO_MEM;
    int n;

    (void)state;
    for (n = 0; got == NO_MEM; n++) {
        callocs_left = n;
        got = codec_open(&codec, &p);
        callocs_left = -1;
        assert_true((got == OK) == (codec != NULL));
    }
    assert_int_equal(got, OK);
    assert_true(n > 1);
    assert_true(VALUE("\xF0\x7D\x02\x7F\xF7") == 1.0);
}
#endif

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_third_fader_says_where_it_is, end),
        cmocka_unit_test_teardown(each_kind_of_message_is_read, end),
        cmocka_unit_test_teardown(faders_of_a_mackie_are_told_by_their_channel, end),
        cmocka_unit_test_teardown(what_is_no_message_of_the_profile_says_nothing, end),
        cmocka_unit_test_teardown(a_key_has_no_coding, end),
        cmocka_unit_test_teardown(what_only_shows_never_speaks, end),
        cmocka_unit_test_teardown(one_message_tells_every_control_that_it_is_of, end),
        cmocka_unit_test_teardown(sysex_is_read_by_its_template, end),
        cmocka_unit_test_teardown(what_stands_twice_in_a_template_is_the_same_twice, end),
        cmocka_unit_test_teardown(bytes_are_those_of_midi, end),
        cmocka_unit_test_teardown(what_midi_has_no_number_for_is_not_written, end),
        cmocka_unit_test_teardown(what_is_written_reads_as_the_same, end),
        cmocka_unit_test_teardown(the_largest_profile_is_read_to_its_last_control, end),
        cmocka_unit_test_teardown(nothing_else_is_taken_for_a_control, end),
        cmocka_unit_test_teardown(no_other_parameter_is_taken_for_a_control, end),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test_teardown(open_survives_each_calloc_that_gives_nothing, end),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
