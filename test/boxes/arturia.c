/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arturia BeatStep (surfaces.md 11): each control is what sysex made it. What it is before, no source says; here it sends
 * then on CC and notes of channel 16, where no profile looks, so that an init that forgets one is found out.
 *
 * Mode 1, "silent", is a CC whose pad does not light by itself (so the page that is cited), hence a CC of an encoder, too.
 * Else a pad's own red lamp goes over what the host lit while it is held, and is off after it.
 * Unsourced: behaviour 1 of an encoder is offset64.
 */
#include "test/boxes/inside.h"

#include <math.h>
#include <string.h>

enum { MODE = 1, CHANNEL, NUMBER, MIN, MAX, BEHAVIOUR, LAMP = 0x10 };
enum { SILENT_CC = 1, MMC = 7, AS_CC = 8, AS_NOTE = 9, AS_PROGRAM = 11 };
enum { ENCODERS = 0x20, BIG = 0x30, KEYS = 0x58, PADS = 0x70 };

static const struct group beatstep[] = {
    {.seen = {.name = "encoder", .kind = BOX_ENCODER, .count = 16}},
    {.seen = {.name = "big", .kind = BOX_ENCODER, .count = 1}},
    {.seen = {.name = "pad", .kind = BOX_BUTTON, .count = 16, .light = true, .colours = true}},
    {.seen = {.name = "key", .kind = BOX_BUTTON, .count = 8}}, /* 58 .. 5F */
};

static const int firsts[] = {ENCODERS, BIG, PADS, KEYS};

static uint8_t *
setting(const struct box *b, int control, int what)
{
    return (uint8_t *)&b->scene[control * 8 + what];
}

static bool
is_control(int control)
{
    return (control >= ENCODERS && control <= BIG) || (control >= KEYS && control < KEYS + 8) ||
           control >= PADS;
}

static void
start(struct box *b)
{
    for (int control = 0; control < 128; control++) {
        if (!is_control(control))
            continue;
        *setting(b, control, MODE) = control >= PADS ? AS_NOTE : control >= KEYS ? MMC : AS_CC;
        *setting(b, control, CHANNEL) = 15;
        *setting(b, control, NUMBER) = (uint8_t)(control & 127);
        *setting(b, control, MAX) = 127;
        *setting(b, control, BEHAVIOUR) = control >= PADS; /* gate; absolute */
    }
}

static void
say_value(struct box *b, int control, int value)
{
    int channel = *setting(b, control, CHANNEL) & 15, number = *setting(b, control, NUMBER);
    bool off = false;

    switch (*setting(b, control, MODE)) {
    case SILENT_CC:
    case AS_CC: box_say(b, (uint8_t[]){(uint8_t)(0xb0 | channel), (uint8_t)number, (uint8_t)value}, 3); break;
    case AS_NOTE:
        off = !value;
        box_say(b, (uint8_t[]){(uint8_t)((off ? 0x80 : 0x90) | channel), (uint8_t)number, (uint8_t)value}, 3);
        break;
    case AS_PROGRAM:
        if (value)
            box_say(b, (uint8_t[]){(uint8_t)(0xc0 | channel), (uint8_t)number}, 2);
        break;
    }
}

static bool
turned(struct box *b, int c, int n, int ticks)
{
    int control = firsts[c] + n, min = *setting(b, control, MIN), max = *setting(b, control, MAX);
    struct part *p = box_part(b, c, n);
    double before = p->place;

    if (*setting(b, control, BEHAVIOUR)) {
        for (int now; ticks; ticks -= now) {
            now = ticks > 22 ? 22 : ticks < -22 ? -22 : ticks; /* 42 and 86 are the fastest */
            say_value(b, control, 64 + now);
        }
        return true;
    }
    p->place = fmin(1, fmax(0, p->place + ticks / 127.0));
    if (p->place != before)
        say_value(b, control, min + (int)lround(p->place * (max - min)));
    return true;
}

static bool
pressed(struct box *b, int c, int n, bool down)
{
    int control = firsts[c] + n;
    struct part *p = box_part(b, c, n);

    if (b->model->groups[c].seen.light && *setting(b, control, MODE) != SILENT_CC)
        p->light = down;                                       /* red, then off */
    if (control >= PADS && !*setting(b, control, BEHAVIOUR)) { /* it toggles */
        p->mode ^= down;
        if (down)
            say_value(b, control, *setting(b, control, p->mode ? MAX : MIN));
        return true;
    }
    say_value(b, control, *setting(b, control, down ? MAX : MIN));
    return true;
}

static bool
may_be(int control, int what, int v)
{
    switch (what) {
    case MODE: return v == SILENT_CC || v == MMC || v == AS_CC || v == AS_NOTE || v == AS_PROGRAM;
    case CHANNEL: return v <= 15;
    case BEHAVIOUR: return v <= 1;
    case LAMP: return control >= PADS && (v == 0 || v == 1 || v == 0x10 || v == 0x11);
    }
    return what >= NUMBER && what <= MAX;
}

/* A key that is made to say notes by this alone says those that its number is said to be: shift is note 7. */
static void
set(struct box *b, int control, int what, int v)
{
    if (what == LAMP) {
        box_part(b, box_group(b, "pad"), control - PADS)->light = v;
        return;
    }
    *setting(b, control, what) = (uint8_t)v;
    if (what == MODE && v == AS_NOTE && control == 0x5e) {
        *setting(b, control, NUMBER) = 7;
        *setting(b, control, CHANNEL) = 0;
    }
}

static bool
take(struct box *b, const uint8_t *bytes, size_t size)
{
    static const uint8_t header[] = {0xf0, 0x00, 0x20, 0x6b, 0x7f, 0x42};
    int what, control;

    if (size < 11 || !box_begins(bytes, size, header, sizeof header) || bytes[7] != 0)
        return false;
    what = bytes[8];
    control = bytes[9];
    if (!is_control(control))
        return false;
    if (bytes[6] == 0x01 && size == 11 && what >= MODE && what <= BEHAVIOUR) {
        uint8_t reply[12] = {0xf0, 0x00, 0x20, 0x6b, 0x7f, 0x42, 0x02, 0x00};

        reply[8] = (uint8_t)what;
        reply[9] = (uint8_t)control;
        reply[10] = *setting(b, control, what);
        reply[11] = 0xf7;
        box_say(b, reply, sizeof reply);
        return true;
    }
    if (bytes[6] != 0x02 || size != 12 || !may_be(control, what, bytes[10]))
        return false;
    set(b, control, what, bytes[10]);
    return true;
}

static bool
bright(const struct box *b, int c, int n, struct box_shows *s)
{
    s->colour = box_part(b, c, n)->light;
    s->light = s->colour ? BOX_ON : BOX_OFF;
    return true;
}

const struct model arturia_models[] = {
    {.name = "beatstep",
     .groups = beatstep,
     .ngroups = sizeof beatstep / sizeof *beatstep,
     .sysex_gap_us = 1000,
     .start = start,
     .sysex = take,
     .pressed = pressed,
     .turned = turned,
     .bright = bright},
    {.name = NULL},
};
