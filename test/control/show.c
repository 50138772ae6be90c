/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is expected is written out by hand from shared reference surfaces.md; its sections stand beside it.
 */
#include "control/midi/show.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t bytes[SURFACE_BYTES];

#define SHOWS(size, ...) shows(size, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static void
shows(int size, const uint8_t *want, size_t want_size)
{
    assert_int_equal(size, want_size);
    assert_memory_equal(bytes, want, want_size);
    memset(bytes, 0xAA, sizeof bytes);
}

/* --- motors and values ------------------------------------------------------------------------- */

/* 1.1: E0..E7 ll mm, ll + 128 mm, 0..16383. */
static void
a_mackie_motor_goes_to_its_place(void **state)
{
    struct surface_way bend = {.message = SURFACE_PITCH_BEND, .channel = 1, .channel_step = 1};
    struct surface_control fader = {
        .kind = SURFACE_FADER, .count = 8, .in = &bend, .motor = true, .style = SURFACE_SHOWS_VALUE};

    (void)state;
    SHOWS(show_value(&fader, 0, 0.0, SURFACE_RING_BY_ROW, bytes), 0xE0, 0x00, 0x00);
    SHOWS(show_value(&fader, 7, 1.0, SURFACE_RING_BY_ROW, bytes), 0xE7, 0x7F, 0x7F);
    SHOWS(show_value(&fader, 2, 8192.0 / 16383.0, SURFACE_RING_BY_ROW, bytes), 0xE2, 0x00, 0x40);
    SHOWS(show_value(&fader, 2, 300.0 / 16383.0, SURFACE_RING_BY_ROW, bytes), 0xE2, 0x2C,
          0x02); /* 2 x 128 + 44 */
    SHOWS(show_value(&fader, 0, -3.0, SURFACE_RING_BY_ROW, bytes), 0xE0, 0x00, 0x00);
    SHOWS(show_value(&fader, 0, 17.0, SURFACE_RING_BY_ROW, bytes), 0xE0, 0x7F, 0x7F);
    SHOWS(show_value(&fader, 0, NAN, SURFACE_RING_BY_ROW, bytes), 0xE0, 0x00, 0x00);
    SHOWS(show_nothing(&fader, 3, bytes), 0xE3, 0x00, 0x00);
}

/* 12: the classic FaderPort's CC 0 and 32; the fader of the 8 goes to 16368. */
static void
other_motors_too(void **state)
{
    struct surface_way cc = {.message = SURFACE_CC14, .channel = 1},
                       bend = {.message = SURFACE_PITCH_BEND, .channel = 1, .channel_step = 1};
    struct surface_control classic = {.count = 1, .in = &cc, .motor = true, .style = SURFACE_SHOWS_VALUE};
    struct surface_control eight = {
        .count = 8, .in = &bend, .max = 16368, .motor = true, .style = SURFACE_SHOWS_VALUE};

    (void)state;
    SHOWS(show_value(&classic, 0, 1.0, SURFACE_RING_BY_ROW, bytes), 0xB0, 0, 127, 0xB0, 32, 127);
    SHOWS(show_value(&classic, 0, 1000.0 / 16383.0, SURFACE_RING_BY_ROW, bytes), 0xB0, 0, 7, 0xB0, 32, 104);
    SHOWS(show_value(&eight, 1, 1.0, SURFACE_RING_BY_ROW, bytes), 0xE1, 0x70, 0x7F); /* 127 x 128 + 112 */
    SHOWS(show_value(&eight, 1, 0.5, SURFACE_RING_BY_ROW, bytes), 0xE1, 0x78,
          0x3F); /* 8184 = 63 x 128 + 120 */
}

/* 3: the X-Touch Compact's motors are moved by CC 1..9 while they send what the layer says. */
static void
a_way_back_of_its_own_has_its_own_range(void **state)
{
    struct surface_way bend = {.message = SURFACE_PITCH_BEND, .channel = 1, .channel_step = 1},
                       cc = {.message = SURFACE_CC, .channel = 1, .number = 1};
    struct surface_control fader = {
        .count = 9, .in = &bend, .out = &cc, .motor = true, .style = SURFACE_SHOWS_VALUE};

    (void)state;
    SHOWS(show_value(&fader, 0, 1.0, SURFACE_RING_BY_ROW, bytes), 0xB0, 1, 127);
    SHOWS(show_value(&fader, 8, 0.5, SURFACE_RING_BY_ROW, bytes), 0xB0, 9, 64);
    SHOWS(show_value(&fader, 0, 0.25, SURFACE_RING_BY_ROW, bytes), 0xB0, 1, 32);
    SHOWS(show_nothing(&fader, 4, bytes), 0xB0, 5, 0);
}

static void
an_encoder_that_keeps_its_value_keeps_it_when_nothing_is_assigned(void **state)
{
    struct surface_way cc = {.message = SURFACE_CC, .channel = 11, .number = 1};
    struct surface_control encoder = {.count = 8, .in = &cc, .style = SURFACE_SHOWS_VALUE};

    (void)state;
    SHOWS(show_value(&encoder, 7, 1.0, SURFACE_RING_WRAP, bytes), 0xBA, 8, 127); /* 4: CC 1..8, channel 11 */
    assert_int_equal(show_nothing(&encoder, 0, bytes), 0);
    assert_int_equal(show_mode(&encoder, 0, SURFACE_RING_WRAP, bytes), 0);
}

static void
what_shows_nothing_is_sent_nothing(void **state)
{
    struct surface_way cc = {.message = SURFACE_CC, .channel = 1};
    struct surface_control knob = {.count = 1, .in = &cc}, mute = {.count = 1, .style = SURFACE_SHOWS_LIGHT};

    (void)state;
    assert_int_equal(show_value(&knob, 0, 0.5, SURFACE_RING_DOT, bytes), 0);
    assert_int_equal(show_nothing(&knob, 0, bytes), 0);
    assert_int_equal(show_light(&knob, 0, SHOW_ON, NULL, bytes), 0);
    assert_int_equal(show_meter(&knob, 0, 0.0, true, bytes), 0);
    assert_int_equal(show_light(&mute, 0, SHOW_ON, NULL, bytes), 0); /* it has no way at all */
    assert_int_equal(show_value(&mute, 0, 1.0, SURFACE_RING_DOT, bytes), 0);
}

/* --- rings ------------------------------------------------------------------------------------- */

static struct surface_way pot_in = {.message = SURFACE_CC, .channel = 1, .number = 16},
                          pot_out = {.message = SURFACE_CC, .channel = 1, .number = 48};
static const struct surface_control pot = {.kind = SURFACE_ENCODER,
                                           .count = 8,
                                           .in = &pot_in,
                                           .coding = SURFACE_SIGN_MAGNITUDE,
                                           .out = &pot_out,
                                           .style = SURFACE_SHOWS_RING_MACKIE};

/* 1.2: 0b0CMMVVVV on CC 48..55; 1..11, of spread 1..6. */
static void
a_mackie_ring_has_four_modes(void **state)
{
    (void)state;
    SHOWS(show_value(&pot, 0, 0.0, SURFACE_RING_DOT, bytes), 0xB0, 48, 0x01);
    SHOWS(show_value(&pot, 7, 1.0, SURFACE_RING_DOT, bytes), 0xB0, 55, 0x0B);
    SHOWS(show_value(&pot, 1, 0.5, SURFACE_RING_DOT, bytes), 0xB0, 49, 0x06);
    SHOWS(show_value(&pot, 1, 0.5, SURFACE_RING_BY_ROW, bytes), 0xB0, 49, 0x06);
    SHOWS(show_value(&pot, 1, 0.0, SURFACE_RING_BOOST_CUT, bytes), 0xB0, 49, 0x11);
    SHOWS(show_value(&pot, 1, 1.0, SURFACE_RING_BOOST_CUT, bytes), 0xB0, 49, 0x1B);
    SHOWS(show_value(&pot, 1, 0.0, SURFACE_RING_WRAP, bytes), 0xB0, 49, 0x21);
    SHOWS(show_value(&pot, 1, 0.7, SURFACE_RING_WRAP, bytes), 0xB0, 49, 0x28);
    SHOWS(show_value(&pot, 1, 1.0, SURFACE_RING_WRAP, bytes), 0xB0, 49, 0x2B);
    SHOWS(show_value(&pot, 1, 0.0, SURFACE_RING_SPREAD, bytes), 0xB0, 49, 0x31);
    SHOWS(show_value(&pot, 1, 0.6, SURFACE_RING_SPREAD, bytes), 0xB0, 49, 0x34);
    SHOWS(show_value(&pot, 1, 1.0, SURFACE_RING_SPREAD, bytes), 0xB0, 49, 0x36);
    SHOWS(show_value(&pot, 1, NAN, SURFACE_RING_WRAP, bytes), 0xB0, 49, 0x21);
    SHOWS(show_value(&pot, 1, 9.0, SURFACE_RING_SPREAD, bytes), 0xB0, 49, 0x36);
    SHOWS(show_nothing(&pot, 3, bytes), 0xB0, 51, 0x00);
    assert_int_equal(show_mode(&pot, 3, SURFACE_RING_WRAP, bytes), 0);
    assert_int_equal(show_nothing_mode(&pot, 3, bytes), 0);
}

/* 1.2: bit 6 is the LED below the ring. */
static void
the_centre_lights_up_at_the_centre_alone(void **state)
{
    (void)state;
    SHOWS(show_value(&pot, 0, 0.5, SURFACE_RING_BOOST_CUT, bytes), 0xB0, 48, 0x56);
    SHOWS(show_value(&pot, 0, 0.5 + 1e-9, SURFACE_RING_BOOST_CUT, bytes), 0xB0, 48, 0x56);
    SHOWS(show_value(&pot, 0, 0.51, SURFACE_RING_BOOST_CUT, bytes), 0xB0, 48, 0x16); /* one tick of 1/100 */
    SHOWS(show_value(&pot, 0, 0.49, SURFACE_RING_BOOST_CUT, bytes), 0xB0, 48, 0x16);
    SHOWS(show_value(&pot, 0, 0.5, SURFACE_RING_WRAP, bytes), 0xB0, 48, 0x26);
    SHOWS(show_value(&pot, 0, 0.5, SURFACE_RING_SPREAD, bytes), 0xB0, 48, 0x34); /* 2.5 of 5 steps go up */
}

/* 4: X-Touch Mini: ring value CC 9..16, 0 off, 1..13; style CC 1..8: 0 single, 1 pan, 2 fan, 3 spread. */
static void
a_ring_of_13_is_told_its_mode_apart(void **state)
{
    struct surface_way value = {.message = SURFACE_CC, .channel = 1, .number = 9},
                       mode = {.message = SURFACE_CC, .channel = 1, .number = 1},
                       in = {.message = SURFACE_CC, .channel = 11, .number = 1};
    struct surface_control ring = {
        .count = 8, .in = &in, .out = &value, .mode = &mode, .style = SURFACE_SHOWS_RING_13};

    (void)state;
    SHOWS(show_value(&ring, 0, 0.0, SURFACE_RING_WRAP, bytes), 0xB0, 9, 1);
    SHOWS(show_value(&ring, 0, 0.5, SURFACE_RING_WRAP, bytes), 0xB0, 9, 7);
    SHOWS(show_value(&ring, 7, 1.0, SURFACE_RING_WRAP, bytes), 0xB0, 16, 13);
    SHOWS(show_value(&ring, 7, 0.25, SURFACE_RING_WRAP, bytes), 0xB0, 16, 4);
    SHOWS(show_nothing(&ring, 2, bytes), 0xB0, 11, 0);
    SHOWS(show_mode(&ring, 0, SURFACE_RING_DOT, bytes), 0xB0, 1, 0);
    SHOWS(show_mode(&ring, 0, SURFACE_RING_BY_ROW, bytes), 0xB0, 1, 0);
    SHOWS(show_mode(&ring, 1, SURFACE_RING_BOOST_CUT, bytes), 0xB0, 2, 1);
    SHOWS(show_mode(&ring, 2, SURFACE_RING_WRAP, bytes), 0xB0, 3, 2);
    SHOWS(show_mode(&ring, 7, SURFACE_RING_SPREAD, bytes), 0xB0, 8, 3);
    assert_int_equal(show_nothing_mode(&ring, 2, bytes), 0);
    ring.mode = NULL;
    assert_int_equal(show_mode(&ring, 2, SURFACE_RING_WRAP, bytes), 0);
}

/* 12: value bar CC 30+id, its mode CC 38+id (hex): 0 normal, 1 bipolar, 2 fill, 3 spread, 4 off. */
static void
a_bar_that_shows_nothing_is_not_drawn(void **state)
{
    struct surface_way value = {.message = SURFACE_CC, .channel = 1, .number = 0x30},
                       mode = {.message = SURFACE_CC, .channel = 1, .number = 0x38};
    struct surface_control bar = {.count = 8, .out = &value, .mode = &mode, .style = SURFACE_SHOWS_BAR};

    (void)state;
    SHOWS(show_value(&bar, 0, 0.0, SURFACE_RING_WRAP, bytes), 0xB0, 0x30, 0);
    SHOWS(show_value(&bar, 7, 1.0, SURFACE_RING_WRAP, bytes), 0xB0, 0x37, 127);
    SHOWS(show_value(&bar, 1, 0.5, SURFACE_RING_BOOST_CUT, bytes), 0xB0, 0x31, 64);
    SHOWS(show_mode(&bar, 7, SURFACE_RING_DOT, bytes), 0xB0, 0x3F, 0);
    SHOWS(show_mode(&bar, 7, SURFACE_RING_BOOST_CUT, bytes), 0xB0, 0x3F, 1);
    SHOWS(show_mode(&bar, 7, SURFACE_RING_WRAP, bytes), 0xB0, 0x3F, 2);
    SHOWS(show_mode(&bar, 7, SURFACE_RING_SPREAD, bytes), 0xB0, 0x3F, 3);
    SHOWS(show_nothing(&bar, 0, bytes), 0xB0, 0x30, 0);
    SHOWS(show_nothing_mode(&bar, 0, bytes), 0xB0, 0x38, 4);
}

/* --- lights ------------------------------------------------------------------------------------ */

/* 1.1: 0 off, 1 blink, 127 on. */
static void
a_mackie_light_is_off_on_or_blinks(void **state)
{
    struct surface_way note = {.message = SURFACE_NOTE, .channel = 1, .number = 16};
    struct surface_control mute = {
        .count = 8, .in = &note, .style = SURFACE_SHOWS_LIGHT, .on = 127, .blink = 1};

    (void)state;
    SHOWS(show_light(&mute, 0, SHOW_OFF, NULL, bytes), 0x90, 16, 0);
    SHOWS(show_light(&mute, 7, SHOW_ON, NULL, bytes), 0x90, 23, 127);
    SHOWS(show_light(&mute, 1, SHOW_BLINK, NULL, bytes), 0x90, 17, 1);
    SHOWS(show_light(&mute, 1, SHOW_ON, "red", bytes), 0x90, 17, 127); /* it knows no colours */
    SHOWS(show_value(&mute, 1, 1.0, SURFACE_RING_DOT, bytes), 0x90, 17, 127);
    SHOWS(show_value(&mute, 1, 0.5, SURFACE_RING_DOT, bytes), 0x90, 17, 127);
    SHOWS(show_value(&mute, 1, 0.49, SURFACE_RING_DOT, bytes), 0x90, 17, 0);
    SHOWS(show_nothing(&mute, 1, bytes), 0x90, 17, 0);
    mute.blink = 0;
    SHOWS(show_light(&mute, 1, SHOW_BLINK, NULL, bytes), 0x90, 17, 127);
}

/* 12: the classic FaderPort: A0 led 01/00, numbers of their own. */
static void
lights_have_numbers_of_their_own(void **state)
{
    int led[] = {21, 22, 23}, id[] = {18, 17, 16};
    struct surface_way
        in = {.message = SURFACE_POLY_PRESSURE, .channel = 1, .numbers = id, .numbers_count = 3},
        out = {.message = SURFACE_POLY_PRESSURE, .channel = 1, .numbers = led, .numbers_count = 3};
    struct surface_control strip = {
        .count = 3, .in = &in, .out = &out, .style = SURFACE_SHOWS_LIGHT, .on = 1};

    (void)state;
    SHOWS(show_light(&strip, 0, SHOW_ON, NULL, bytes), 0xA0, 21, 1);
    SHOWS(show_light(&strip, 2, SHOW_BLINK, NULL, bytes), 0xA0, 23, 1);
    SHOWS(show_light(&strip, 1, SHOW_OFF, NULL, bytes), 0xA0, 22, 0);
}

/* 7: F0 00 20 29 02 11 78 template index value F7; off 12, red 15, green 60, amber 63. */
static void
a_palette_colour_is_its_number(void **state)
{
    struct surface_colour colour[] = {{"red", 15}, {"green", 60}};
    struct surface_way note = {.message = SURFACE_NOTE, .channel = 9, .number = 41},
                       led = {.message = SURFACE_SYSEX,
                              .number = 24,
                              .sysex = "F0 00 20 29 02 11 78 08 nn vv F7"};
    struct surface_control focus = {.count = 4,
                                    .in = &note,
                                    .out = &led,
                                    .style = SURFACE_SHOWS_LIGHT,
                                    .off = 12,
                                    .on = 63,
                                    .colours = colour,
                                    .colours_count = 2};

    (void)state;
    SHOWS(show_light(&focus, 0, SHOW_ON, "green", bytes), 0xF0, 0x00, 0x20, 0x29, 0x02, 0x11, 0x78, 8, 24, 60,
          0xF7);
    SHOWS(show_light(&focus, 3, SHOW_BLINK, "red", bytes), 0xF0, 0x00, 0x20, 0x29, 0x02, 0x11, 0x78, 8, 27,
          15, 0xF7); /* it can't blink */
    SHOWS(show_light(&focus, 3, SHOW_ON, NULL, bytes), 0xF0, 0x00, 0x20, 0x29, 0x02, 0x11, 0x78, 8, 27, 63,
          0xF7);
    SHOWS(show_light(&focus, 3, SHOW_ON, "pink", bytes), 0xF0, 0x00, 0x20, 0x29, 0x02, 0x11, 0x78, 8, 27, 63,
          0xF7);
    SHOWS(show_light(&focus, 3, SHOW_OFF, "red", bytes), 0xF0, 0x00, 0x20, 0x29, 0x02, 0x11, 0x78, 8, 27, 12,
          0xF7);
    focus.blink = 11;
    SHOWS(show_light(&focus, 0, SHOW_BLINK, "red", bytes), 0xF0, 0x00, 0x20, 0x29, 0x02, 0x11, 0x78, 8, 24,
          11, 0xF7);
}

/* 12: 90 note 7F/01/00; RGB: 91 note r, 92 note g, 93 note b, 0..127. */
static void
an_rgb_light_is_told_its_colour_before_it_is_lit(void **state)
{
    struct surface_colour colour[] = {{"orange", 0xFF8000}, {"blue", 0x0000FE}};
    struct surface_way note = {.message = SURFACE_NOTE, .channel = 1, .number = 0x18};
    struct surface_control select = {.count = 8,
                                     .in = &note,
                                     .style = SURFACE_SHOWS_LIGHT,
                                     .on = 127,
                                     .blink = 1,
                                     .colours = colour,
                                     .colours_count = 2,
                                     .rgb = true};

    (void)state;
    SHOWS(show_light(&select, 2, SHOW_ON, "orange", bytes), 0x91, 0x1A, 127, 0x92, 0x1A, 64, 0x93, 0x1A, 0,
          0x90, 0x1A, 127);
    SHOWS(show_light(&select, 0, SHOW_BLINK, "blue", bytes), 0x91, 0x18, 0, 0x92, 0x18, 0, 0x93, 0x18, 127,
          0x90, 0x18, 1);
    SHOWS(show_light(&select, 0, SHOW_ON, NULL, bytes), 0x91, 0x18, 127, 0x92, 0x18, 127, 0x93, 0x18, 127,
          0x90, 0x18, 127);
    SHOWS(show_light(&select, 0, SHOW_OFF, "blue", bytes), 0x90, 0x18, 0);
}

/* --- meters ------------------------------------------------------------------------------------ */

static struct surface_way strip_pressure = {.message = SURFACE_CHANNEL_PRESSURE, .channel = 1};
static const struct surface_control meter = {
    .kind = SURFACE_METER, .count = 8, .out = &strip_pressure, .style = SURFACE_SHOWS_METER_MACKIE};

/* 1.3, the scale as it stands there. */
static void
a_mackie_meter_has_the_steps_of_the_reference(void **state)
{
    static const struct {
        double dbfs;
        uint8_t step;
    } want[] = {{-200, 0},   {-60.01, 0}, {-60, 1},   {-50.01, 1},    {-50, 2},      {-40, 3},
                {-30, 4},    {-20, 5},    {-14.1, 5}, {-14, 6},       {-10, 7},      {-9, 7},
                {-8, 8},     {-6, 9},     {-4, 10},   {-2, 11},       {-1, 11},      {0, 12},
                {0.001, 13}, {30, 13},    {NAN, 0},   {-INFINITY, 0}, {INFINITY, 13}};

    (void)state;
    for (size_t i = 0; i < LEN(want); i++)
        SHOWS(show_meter(&meter, 0, want[i].dbfs, false, bytes), 0xD0, want[i].step, 0xD0, 0x0F);
}

/* 1.3: D0 sv: s the strip; E sets the overload lamp, F clears it. */
static void
a_mackie_meter_names_its_strip_in_the_same_byte(void **state)
{
    (void)state;
    SHOWS(show_meter(&meter, 7, 0.0, true, bytes), 0xD0, 0x7C, 0xD0, 0x7E);
    SHOWS(show_meter(&meter, 3, -25.0, false, bytes), 0xD0, 0x34, 0xD0, 0x3F);
    SHOWS(show_nothing(&meter, 3, bytes), 0xD0, 0x30, 0xD0, 0x3F);
    assert_int_equal(show_value(&meter, 3, 0.5, SURFACE_RING_DOT, bytes), 0); /* a level is no value */
}

/* 1.3: iCON's master: D1 0v left, D1 1v right. */
static void
an_icon_master_meter_is_on_another_channel(void **state)
{
    struct surface_way master = {.message = SURFACE_CHANNEL_PRESSURE, .channel = 2, .number = 0};
    struct surface_control stereo = {.count = 2, .out = &master, .style = SURFACE_SHOWS_METER_MACKIE};

    (void)state;
    SHOWS(show_meter(&stereo, 0, -3.0, false, bytes), 0xD1, 0x0A, 0xD1, 0x0F);
    SHOWS(show_meter(&stereo, 1, -3.0, true, bytes), 0xD1, 0x1A, 0xD1, 0x1E);
}

/* 12: FaderPort 8: D0+id vv, 2 x dB + 127; the second eight of a 16: C0+i vv. 2: X-Touch CTRL: CC 90..97. */
static void
a_meter_of_127_goes_by_half_decibels(void **state)
{
    struct surface_way first = {.message = SURFACE_CHANNEL_PRESSURE, .channel = 1, .channel_step = 1},
                       second = {.message = SURFACE_PROGRAM, .channel = 1, .channel_step = 1},
                       cc = {.message = SURFACE_CC, .channel = 1, .number = 90};
    struct surface_control eight = {.count = 8, .out = &first, .style = SURFACE_SHOWS_METER_127};

    (void)state;
    SHOWS(show_meter(&eight, 0, 0.0, true, bytes), 0xD0, 127);
    SHOWS(show_meter(&eight, 7, -10.0, false, bytes), 0xD7, 107);
    SHOWS(show_meter(&eight, 7, -63.5, false, bytes), 0xD7, 0);
    SHOWS(show_meter(&eight, 7, -0.5, false, bytes), 0xD7, 126);
    SHOWS(show_meter(&eight, 7, 12.0, false, bytes), 0xD7, 127);
    SHOWS(show_meter(&eight, 7, -INFINITY, false, bytes), 0xD7, 0);
    SHOWS(show_meter(&eight, 7, NAN, false, bytes), 0xD7, 0);
    SHOWS(show_nothing(&eight, 7, bytes), 0xD7, 0);
    eight.out = &second;
    SHOWS(show_meter(&eight, 2, -10.0, false, bytes), 0xC2, 107);
    eight.out = &cc;
    SHOWS(show_meter(&eight, 2, -10.0, false, bytes), 0xB0, 92, 107);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mackie_motor_goes_to_its_place),
        cmocka_unit_test(other_motors_too),
        cmocka_unit_test(a_way_back_of_its_own_has_its_own_range),
        cmocka_unit_test(an_encoder_that_keeps_its_value_keeps_it_when_nothing_is_assigned),
        cmocka_unit_test(what_shows_nothing_is_sent_nothing),
        cmocka_unit_test(a_mackie_ring_has_four_modes),
        cmocka_unit_test(the_centre_lights_up_at_the_centre_alone),
        cmocka_unit_test(a_ring_of_13_is_told_its_mode_apart),
        cmocka_unit_test(a_bar_that_shows_nothing_is_not_drawn),
        cmocka_unit_test(a_mackie_light_is_off_on_or_blinks),
        cmocka_unit_test(lights_have_numbers_of_their_own),
        cmocka_unit_test(a_palette_colour_is_its_number),
        cmocka_unit_test(an_rgb_light_is_told_its_colour_before_it_is_lit),
        cmocka_unit_test(a_mackie_meter_has_the_steps_of_the_reference),
        cmocka_unit_test(a_mackie_meter_names_its_strip_in_the_same_byte),
        cmocka_unit_test(an_icon_master_meter_is_on_another_channel),
        cmocka_unit_test(a_meter_of_127_goes_by_half_decibels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
