/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/control/surface_room.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct surface_way fader_way = {.message = SURFACE_PITCH_BEND, .channel = 1, .channel_step = 1};
static struct surface_way encoder_way = {.message = SURFACE_CC, .channel = 1, .number = 16};
static struct surface_way ring_way = {.message = SURFACE_CC, .channel = 1, .number = 48};
static struct surface_way push_way = {.message = SURFACE_NOTE, .channel = 1, .number = 32};
static struct surface_way key_way = {.message = SURFACE_NOTE, .channel = 1, .number = 40};
static struct surface_way touch_way = {.message = SURFACE_NOTE, .channel = 1, .number = 104};
static struct surface_way meter_way = {.message = SURFACE_CHANNEL_PRESSURE, .channel = 1};
static struct surface_way digits_way = {.message = SURFACE_CC, .channel = 1, .number = 74};
static struct surface_way clock_way = {.message = SURFACE_CC, .channel = 1, .number = 64};
static struct surface_way jog_way = {.message = SURFACE_CC, .channel = 1, .number = 60};
static struct surface_way knob_way = {.message = SURFACE_CC, .channel = 2, .number = 0};
static struct surface_way knob_light = {.message = SURFACE_NOTE, .channel = 2, .number = 0};
static struct surface_way slider_way = {.message = SURFACE_CC, .channel = 3, .number = 81};
static struct surface_way dial_way = {.message = SURFACE_CC, .channel = 4, .number = 1};
static struct surface_way switch_way = {.message = SURFACE_CC, .channel = 5, .number = 100};
static struct surface_way wide_way = {.message = SURFACE_CC14, .channel = 6, .number = 7};

struct surface_control room_controls[] = {
    [FADER] = {.name = "fader",
               .kind = SURFACE_FADER,
               .count = 8,
               .in = &fader_way,
               .max = 16383,
               .motor = true,
               .touch = "touch",
               .style = SURFACE_SHOWS_VALUE},
    [ENCODER] = {.name = "encoder",
                 .kind = SURFACE_ENCODER,
                 .count = 8,
                 .in = &encoder_way,
                 .max = 127,
                 .coding = SURFACE_SIGN_MAGNITUDE,
                 .acceleration = 1,
                 .out = &ring_way,
                 .style = SURFACE_SHOWS_RING_MACKIE},
    [PUSH] =
        {.name = "push", .kind = SURFACE_BUTTON, .count = 8, .in = &push_way, .max = 127, .threshold = 64},
    [KEY] = {.name = "key",
             .kind = SURFACE_BUTTON,
             .count = 8,
             .in = &key_way,
             .max = 127,
             .threshold = 64,
             .style = SURFACE_SHOWS_LIGHT,
             .on = 127,
             .blink = 1},
    [TOUCH] =
        {.name = "touch", .kind = SURFACE_TOUCH, .count = 8, .in = &touch_way, .max = 127, .threshold = 64},
    [METER] = {.name = "meter",
               .kind = SURFACE_METER,
               .count = 8,
               .out = &meter_way,
               .style = SURFACE_SHOWS_METER_MACKIE},
    [DIGITS] = {.name = "digits",
                .kind = SURFACE_DISPLAY,
                .count = 1,
                .out = &digits_way,
                .text = SURFACE_TEXT_DIGITS,
                .columns = 2,
                .rows = 1},
    [LCD] = {.name = "lcd",
             .kind = SURFACE_DISPLAY,
             .count = 8,
             .text = SURFACE_TEXT_MACKIE,
             .rows = 2,
             .columns = 7,
             .header = "F0 00 00 66 14",
             .strip_colours = SURFACE_COLOURS_XTOUCH},
    [JOG] = {.name = "jog",
             .kind = SURFACE_JOG,
             .count = 1,
             .in = &jog_way,
             .max = 127,
             .coding = SURFACE_SIGN_MAGNITUDE,
             .acceleration = 1},
    [KNOB] = {.name = "knob",
              .kind = SURFACE_POT,
              .count = 8,
              .in = &knob_way,
              .max = 127,
              .out = &knob_light,
              .style = SURFACE_SHOWS_LIGHT,
              .on = 127,
              .blink = 1},
    [SLIDER] = {.name = "slider",
                .kind = SURFACE_FADER,
                .count = 2,
                .in = &slider_way,
                .max = 127,
                .motor = true,
                .style = SURFACE_SHOWS_VALUE},
    [DIAL] = {.name = "dial",
              .kind = SURFACE_ENCODER,
              .count = 2,
              .in = &dial_way,
              .max = 127,
              .style = SURFACE_SHOWS_VALUE},
    [SWITCH] = {.name = "switch",
                .kind = SURFACE_BUTTON,
                .count = 2,
                .in = &switch_way,
                .max = 127,
                .threshold = 64,
                .press = SURFACE_TOGGLE,
                .style = SURFACE_SHOWS_LIGHT,
                .on = 127},
    [WIDE] = {.name = "wide", .kind = SURFACE_POT, .count = 1, .in = &wide_way, .max = 16383},
    [LABEL] = {.name = "label",
               .kind = SURFACE_DISPLAY,
               .count = 8,
               .text = SURFACE_TEXT_MACKIE,
               .rows = 1,
               .columns = 7,
               .header = "F0 00 00 66 15"},
    [CLOCK] = {.name = "clock",
               .kind = SURFACE_DISPLAY,
               .count = 1,
               .out = &clock_way,
               .text = SURFACE_TEXT_DIGITS,
               .columns = 10,
               .rows = 1},
};

const unsigned room_ncontrols = LEN(room_controls);

static struct surface_move air_moves[] = {{"/eq/8/gain", "0 dB", "6 dB"}, {"/eq/7/gain", "0 dB", "-6 dB"}};
static struct surface_macro macros[] = {{"air", "Air", air_moves, LEN(air_moves)}};

bool
room_record(void *context, const uint8_t *bytes, size_t size)
{
    struct room *r = context;

    if (r->full)
        return false;
    assert_true(r->said < SAID && size <= sizeof r->bytes[0]);
    memcpy(r->bytes[r->said], bytes, size);
    r->size[r->said++] = size;
    return true;
}

void
pass(struct room *r, int ms)
{
    for (int end = ms; end > 0; end -= 10) {
        r->now += 10 * MS;
        surface_tick(r->s, r->now);
    }
}

void
room_open(struct room *r)
{
    struct err e = {""};

    r->page[0].name = r->page[0].name ? r->page[0].name : "one";
    r->p.name = "box";
    r->p.controls = room_controls;
    r->p.controls_count = room_ncontrols;
    r->p.macros = macros;
    r->p.macros_count = LEN(macros);
    r->p.pages = r->page;
    r->p.pages_count = r->p.pages_count ? r->p.pages_count : 1;
    r->port = (struct midi_port){room_record, r};
    r->engine = fake_engine_open();
    r->now = 5000000 * MS;
    if (surface_open(&r->s, &r->p, r->engine, "midi BOX", &r->port, &e) != OK)
        fail_msg("%s", e.text);
}

void
room_close(struct room *r)
{
    surface_close(r->s);
    fake_engine_close(r->engine);
    free(r);
}

struct room *
room_new(const struct surface_assign *assign, unsigned count)
{
    struct room *r = calloc(1, sizeof *r);

    assert_non_null(r);
    r->page[0].assign = (struct surface_assign *)assign;
    r->page[0].assign_count = count;
    room_open(r);
    pass(r, 400);
    r->said = 0;
    return r;
}

void
say(struct room *r, int a, int b, int c)
{
    uint8_t bytes[] = {(uint8_t)a, (uint8_t)b, (uint8_t)c};

    surface_take(r->s, bytes, 3, ENGINE_NOW, false, r->now);
}

void
say_bytes(struct room *r, const uint8_t *bytes, size_t size)
{
    surface_take(r->s, bytes, size, ENGINE_NOW, false, r->now);
}

int
last(const struct room *r, int status, int number)
{
    for (int i = r->said - 1; i >= 0; i--) {
        const uint8_t *b = r->bytes[i];

        if (b[0] != status || r->size[i] > 3)
            continue;
        if ((status & 0xf0) == 0xe0)
            return b[1] + 128 * b[2];
        if (r->size[i] == 2)
            return b[1];
        if (b[1] == number)
            return b[2];
    }
    return -1;
}

int
count(const struct room *r, int status, int number)
{
    int n = 0;

    for (int i = 0; i < r->said; i++)
        n += r->bytes[i][0] == status && (number < 0 || r->bytes[i][1] == number);
    return n;
}

const char *
strip(const struct room *r, int device, int n, int row)
{
    static char text[8];

    snprintf(text, sizeof text, "?");
    for (int i = 0; i < r->said; i++)
        if (r->size[i] == 15 && r->bytes[i][4] == device && r->bytes[i][5] == 0x12 &&
            r->bytes[i][6] == 56 * row + 7 * n)
            snprintf(text, sizeof text, "%.7s", (const char *)&r->bytes[i][7]);
    for (int i = (int)strlen(text) - 1; i >= 0 && text[i] == ' '; i--)
        text[i] = '\0';
    return text;
}

double
value(const struct room *r, const char *path)
{
    return fake_engine_value(r->engine, path);
}

bool
near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}
