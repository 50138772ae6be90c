/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/codec.h"

#include "test/kit/dice.h"
#include "test/kit/scarce.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { EVENTS = 16 };

#define MS 1000000LL

static struct codec *codec;
static struct codec_event event[EVENTS];

static void
begin(struct surface_control *controls, unsigned n)
{
    static struct surface_profile p;

    codec_close(codec);
    p = (struct surface_profile){.controls = controls, .controls_count = n};
    assert_int_equal(codec_open(&codec, &p), OK);
}

static int
end(void **state)
{
    (void)state;
    codec_close(codec);
    codec = NULL;
    return 0;
}

static int
hear_at(int64_t now_ns, const char *bytes, size_t size)
{
    memset(event, 0, sizeof event);
    return codec_read(codec, (const uint8_t *)bytes, size, now_ns, event, EVENTS);
}

#define HEAR(bytes)        hear_at(0, bytes, sizeof(bytes) - 1)
#define HEAR_AT(ns, bytes) hear_at(ns, bytes, sizeof(bytes) - 1)
#define VALUE(bytes)       value_of(HEAR(bytes))
#define IS(which, what_, bytes)                                                                              \
    assert_true(HEAR(bytes) == 1 && event[0].n == (which) && event[0].what == (what_))

static double
value_of(int n)
{
    assert_int_equal(n, 1);
    assert_int_equal(event[0].what, CODEC_VALUE);
    return event[0].value;
}

static double
ticks_of(int n)
{
    if (n == 0)
        return 0.0;
    assert_int_equal(n, 1);
    assert_int_equal(event[0].what, CODEC_TICKS);
    return event[0].ticks;
}

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

/* --- two halves -------------------------------------------------------------------------------- */

static struct surface_way halves = {.message = SURFACE_CC14, .channel = 1, .number = 7, .number_step = 1};

static void
two_halves_are_one_value(void **state)
{
    struct surface_control c[] = {{.name = "fader", .kind = SURFACE_FADER, .count = 2, .in = &halves}};

    (void)state;
    begin(c, 1);
    assert_int_equal(HEAR("\xB0\x27\x11"), 0); /* a low one before any high one */
    assert_int_equal(HEAR("\xB0\x07\x40"), 0);
    assert_true(codec_known(codec));
    assert_true(VALUE("\xB0\x27\x03") == (64 * 128 + 3) / 16383.0);
    assert_int_equal(event[0].steps, 16383);
    assert_true(VALUE("\xB0\x27\x04") == (64 * 128 + 4) / 16383.0); /* the low one alone */
    assert_int_equal(HEAR("\xB0\x07\x41"), 0);
    assert_int_equal(HEAR("\xB0\x08\x10"), 0); /* another's comes between */
    assert_true(VALUE("\xB0\x28\x01") == (16 * 128 + 1) / 16383.0);
    assert_int_equal(event[0].n, 1);
    assert_true(VALUE("\xB0\x27\x7F") == (65 * 128 + 127) / 16383.0);
    assert_int_equal(event[0].n, 0);
}

static void
a_high_half_that_comes_again_counts_the_low_one_as_0(void **state)
{
    struct surface_control c[] = {{.name = "fader", .kind = SURFACE_FADER, .in = &halves}};

    (void)state;
    begin(c, 1);
    HEAR("\xB0\x07\x40");
    VALUE("\xB0\x27\x55");
    assert_int_equal(HEAR("\xB0\x07\x41"), 0);
    assert_true(VALUE("\xB0\x07\x42") == 66 * 128 / 16383.0);
    assert_true(VALUE("\xB0\x07\x43") == 67 * 128 / 16383.0); /* a box of 7 bits: each is told */
    assert_true(VALUE("\xB0\x27\x01") == (67 * 128 + 1) / 16383.0);
    assert_int_equal(HEAR("\xB0\x07\x44"), 0); /* and it is one of 14 again */
}

static void
the_low_half_may_come_first(void **state)
{
    struct surface_control c[] = {{.name = "fader", .kind = SURFACE_FADER, .in = &halves, .low_first = true}};

    (void)state;
    begin(c, 1);
    assert_int_equal(HEAR("\xB0\x27\x03"), 0);
    assert_true(VALUE("\xB0\x07\x40") == (64 * 128 + 3) / 16383.0);
    assert_int_equal(HEAR("\xB0\x27\x05"), 0);
    assert_true(VALUE("\xB0\x27\x06") == (64 * 128 + 6) / 16383.0);
    assert_true(VALUE("\xB0\x07\x41") == (65 * 128 + 6) / 16383.0);
    assert_true(VALUE("\xB0\x07\x42") == (66 * 128 + 6) / 16383.0); /* the last known */
}

static void
a_first_half_that_is_left_alone_is_told_after_a_while(void **state)
{
    struct surface_control c[] = {{.name = "fader", .kind = SURFACE_FADER, .in = &halves}};

    (void)state;
    begin(c, 1);
    assert_int_equal(codec_tick(codec, 0, event, EVENTS), 0);
    assert_int_equal(HEAR_AT(5 * MS, "\xB0\x07\x40"), 0);
    assert_int_equal(codec_tick(codec, 5 * MS + CODEC_HALF_NS - 1, event, EVENTS), 0);
    assert_int_equal(codec_tick(codec, 5 * MS + CODEC_HALF_NS, event, 0), 0); /* no room: next time */
    assert_true(value_of(codec_tick(codec, 5 * MS + CODEC_HALF_NS, event, EVENTS)) == 64 * 128 / 16383.0);
    assert_int_equal(codec_tick(codec, 90 * MS, event, EVENTS), 0); /* once */
    assert_true(value_of(HEAR_AT(91 * MS, "\xB0\x27\x01")) == (64 * 128 + 1) / 16383.0);
    assert_int_equal(codec_tick(codec, 200 * MS, event, EVENTS), 0);
}

/* --- parameters -------------------------------------------------------------------------------- */

static void
an_nrpn_is_selected_and_set(void **state)
{
    struct surface_way n = {.message = SURFACE_NRPN, .channel = 1, .number = 300, .number_step = 1};
    struct surface_way r = {.message = SURFACE_RPN, .channel = 1, .number = 300, .number_step = 1};
    struct surface_control c[] = {{.name = "n", .kind = SURFACE_POT, .count = 4, .in = &n},
                                  {.name = "r", .kind = SURFACE_POT, .count = 4, .in = &r}};

    (void)state;
    begin(c, 2);
    assert_int_equal(HEAR("\xB0\x06\x10"), 0); /* nothing is selected */
    assert_false(codec_known(codec));
    HEAR("\xB0\x63\x02"); /* 2 * 128 + 45 = 301: the second */
    assert_true(codec_known(codec));
    assert_int_equal(HEAR("\xB0\x06\x10"), 0);
    HEAR("\xB0\x62\x2D");
    assert_int_equal(HEAR("\xB0\x06\x10"), 0);
    assert_true(VALUE("\xB0\x26\x01") == (16 * 128 + 1) / 16383.0);
    assert_true(event[0].group == 0 && event[0].n == 1 && event[0].steps == 16383);
    assert_int_equal(HEAR("\xB1\x26\x02"), 0); /* another channel */
    HEAR("\xB0\x65\x02");
    HEAR("\xB0\x64\x2C"); /* RPN 300 */
    HEAR("\xB0\x06\x7F");
    assert_true(VALUE("\xB0\x26\x7F") == 1.0);
    assert_true(event[0].group == 1 && event[0].n == 0);
    HEAR("\xB0\x65\x7F");
    HEAR("\xB0\x64\x7F"); /* nothing */
    assert_int_equal(HEAR("\xB0\x26\x01"), 0);
    assert_int_equal(HEAR("\xB0\x06\x01"), 0);
}

/* Some select before each half, some never send the low one. */
static void
an_nrpn_may_be_selected_before_each_half(void **state)
{
    struct surface_way n = {.message = SURFACE_NRPN, .number = 0, .number_step = 1};
    struct surface_control c[] = {{.name = "n", .kind = SURFACE_POT, .count = 2, .in = &n}};

    (void)state;
    begin(c, 1);
    HEAR("\xB0\x63\x00");
    HEAR("\xB0\x62\x01");
    assert_int_equal(HEAR("\xB0\x06\x10"), 0);
    HEAR("\xB0\x63\x00");
    HEAR("\xB0\x62\x01");
    assert_true(VALUE("\xB0\x26\x01") == (16 * 128 + 1) / 16383.0);
    HEAR("\xB0\x63\x00");
    HEAR("\xB0\x62\x00");
    assert_int_equal(HEAR("\xB0\x06\x20"), 0);
    HEAR("\xB0\x62\x00");
    assert_true(VALUE("\xB0\x06\x21") == 33 * 128 / 16383.0);
    assert_int_equal(event[0].n, 0);
}

static void
increments_are_ticks_or_steps(void **state)
{
    struct surface_way n = {.message = SURFACE_NRPN, .number = 0, .number_step = 1};
    struct surface_way m = {.message = SURFACE_NRPN, .number = 1, .number_step = 1};
    struct surface_control c[] = {
        {.name = "wheel", .kind = SURFACE_ENCODER, .in = &n, .coding = SURFACE_INCREMENT},
        {.name = "pot", .kind = SURFACE_POT, .in = &m, .min = 0, .max = 300},
    };

    (void)state;
    begin(c, 2);
    HEAR("\xB0\x63\x00");
    HEAR("\xB0\x62\x00");
    assert_true(ticks_of(HEAR("\xB0\x60\x00")) == 1.0);
    assert_true(ticks_of(HEAR("\xB0\x61\x7F")) == -1.0);
    assert_int_equal(HEAR("\xB0\x06\x10"), 0);
    assert_int_equal(HEAR("\xB0\x26\x10"), 0);
    HEAR("\xB0\x62\x01");
    assert_int_equal(HEAR("\xB0\x60\x00"), 0); /* from where? */
    HEAR("\xB0\x06\x02");
    assert_true(VALUE("\xB0\x26\x2B") == 299 / 300.0);
    assert_true(VALUE("\xB0\x60\x00") == 1.0);
    assert_true(VALUE("\xB0\x60\x00") == 1.0);
    assert_true(VALUE("\xB0\x61\x00") == 299 / 300.0); /* the end was not run over */
}

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

/* --- all that there is ------------------------------------------------------------------------------------ */

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
        cmocka_unit_test_teardown(two_halves_are_one_value, end),
        cmocka_unit_test_teardown(a_high_half_that_comes_again_counts_the_low_one_as_0, end),
        cmocka_unit_test_teardown(the_low_half_may_come_first, end),
        cmocka_unit_test_teardown(a_first_half_that_is_left_alone_is_told_after_a_while, end),
        cmocka_unit_test_teardown(an_nrpn_is_selected_and_set, end),
        cmocka_unit_test_teardown(an_nrpn_may_be_selected_before_each_half, end),
        cmocka_unit_test_teardown(increments_are_ticks_or_steps, end),
        cmocka_unit_test_teardown(encoders_tick_in_each_coding, end),
        cmocka_unit_test_teardown(of_fourteen_bits_the_high_seven_tick, end),
        cmocka_unit_test_teardown(a_bouncing_knob_is_believed_slowly, end),
        cmocka_unit_test_teardown(a_key_is_pressed_once_and_let_go_once, end),
        cmocka_unit_test_teardown(a_note_ends_in_either_way, end),
        cmocka_unit_test_teardown(a_key_that_is_let_go_in_silence_presses_each_time, end),
        cmocka_unit_test_teardown(a_box_that_keeps_the_state_says_on_and_off, end),
        cmocka_unit_test_teardown(a_box_that_says_presses_only_is_taken_at_each, end),
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
