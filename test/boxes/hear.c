/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a box hears: first its family (`hears`), then the table of its groups; sysex goes to the family alone.
 */
#include "test/boxes/inside.h"

#include <stdio.h>
#include <string.h>

#define MS 1000000LL

/* A hand that is not felt is taken to be there for so long after it moved. */
#define HAND_NS (100 * MS)

int
call_number(const struct call *c, int n)
{
    return c->numbers ? c->numbers[n] : c->number + n * c->number_step;
}

/* 0..15 */
int
call_channel(const struct call *c, int n)
{
    return c->channel - 1 + n * c->channel_step;
}

int
call_max(const struct call *c)
{
    return c->form == FORM_BEND || c->form == FORM_CC_PAIR ? 16383 : 127;
}

bool
box_begins(const uint8_t *bytes, size_t size, const uint8_t *header, size_t n)
{
    return size >= n && memcmp(bytes, header, n) == 0;
}

/* "B0 10 7F", for sentences. */
static const char *
spelled(const uint8_t *bytes, size_t size)
{
    static char text[100];
    size_t at = 0;

    for (size_t i = 0; i < size && at + 8 < sizeof text; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, i ? " %02X" : "%02X", bytes[i]);
    return text;
}

bool
box_printable(struct box *b, const uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] < 0x20 || text[i] > 0x7e) {
            box_blame(b, "text has a byte %02X: it knows 20 to 7E", text[i]);
            return false;
        }
    return true;
}

void
box_drive(struct box *b, int c, int n, double place)
{
    const struct box_control *seen = &b->model->groups[c].seen;
    struct part *p = box_part(b, c, n);

    if (seen->keeps) {
        p->place = place;
        if (b->model->own_ring)
            p->ring = 1 + (int)(place * 12 + 0.5);
        return;
    }
    if (p->touched)
        box_blame(b, "the motor of %s/%d is driven while a hand is on it", seen->name, n + 1);
    else if (!seen->touch && b->now_ns - p->hand_ns < HAND_NS)
        box_blame(b, "the motor of %s/%d is driven %lld ms after a hand moved it", seen->name, n + 1,
                  (long long)((b->now_ns - p->hand_ns) / MS));
    p->commanded = place;
    p->command_ns = b->now_ns;
    p->driven = true;
}

bool
hear_light(struct box *b, int c, int n, int v)
{
    bool known = true;

    switch (b->model->groups[c].light_rule) {
    case LIGHT_NONE: known = false; break;
    case LIGHT_MACKIE: known = v == 0 || v == 127 || (v == 1 && b->model->groups[c].seen.blinks); break;
    case LIGHT_0_127: known = v == 0 || v == 127; break;
    case LIGHT_0_1: known = v <= 1; break;
    case LIGHT_0_1_2: known = v <= 2; break;
    case LIGHT_RED_GREEN: known = v < 64 && (v & 4 ? (v & 12) == 12 : true); break;
    case LIGHT_HALF:
    case LIGHT_HALF_LATE:
    case LIGHT_64_BLINKS: break;
    }
    if (!known) {
        box_blame(b, "the light of %s/%d does not know %d", b->model->groups[c].seen.name, n + 1, v);
        return false;
    }
    box_part(b, c, n)->light = v;
    return true;
}

static void
hear_ring(struct box *b, int c, int n, int v)
{
    const struct group *group = &b->model->groups[c];
    bool known = true;

    if (group->ring_rule == RING_MACKIE)
        known = (v & 15) <= ((v >> 4 & 3) == 3 ? 6 : 11);
    else if (group->ring_rule == RING_13)
        known = v <= 28;
    if (known)
        box_part(b, c, n)->ring = v;
    else
        box_blame(b, "the ring of %s/%d does not know %02X", group->seen.name, n + 1, (unsigned)v);
}

/* Bits 5..0: ASCII 20..3F as it is, letters less 40; bit 6: the dot (surfaces.md 1.5). */
static void
hear_digit(struct box *b, int c, int d, int v)
{
    struct part *p = box_part(b, c, 0);
    int column = b->model->groups[c].seen.columns - 1 - d;
    int character = v & 0x3f;

    p->text[0][column] = (char)(character < 0x20 ? character + 0x40 : character);
    p->dot[column] = v & 0x40;
}

static void
hear_place(struct box *b, const struct ear *ear, const uint8_t *bytes)
{
    const struct call *call = &b->model->groups[ear->group].place;
    struct part *p = box_part(b, ear->group, ear->n);

    if (call->form == FORM_BEND)
        box_drive(b, ear->group, ear->n, (bytes[1] | bytes[2] << 7) / 16383.0);
    else if (call->form == FORM_CC_PAIR)
        p->high = bytes[2]; /* and waits for its low half */
    else
        box_drive(b, ear->group, ear->n, bytes[2] / 127.0);
}

static void
hear_low(struct box *b, const struct ear *ear, int v)
{
    struct part *p = box_part(b, ear->group, ear->n);

    if (p->high < 0)
        box_blame(b, "a low half without its high one");
    else
        box_drive(b, ear->group, ear->n, (p->high << 7 | v) / 16383.0);
    p->high = -1;
}

static void
hear_with(struct box *b, const struct ear *ear, const uint8_t *bytes, int v)
{
    struct part *p = ear->what == HEARS_DIGIT ? NULL : box_part(b, ear->group, ear->n);

    switch (ear->what) {
    case HEARS_PLACE: hear_place(b, ear, bytes); break;
    case HEARS_LOW: hear_low(b, ear, v); break;
    case HEARS_RING: hear_ring(b, ear->group, ear->n, v); break;
    case HEARS_MODE:
        if (v > 4)
            box_blame(b, "the ring of %s/%d has no mode %d", b->model->groups[ear->group].seen.name,
                      ear->n + 1, v);
        else
            p->mode = v;
        break;
    case HEARS_LIGHT: hear_light(b, ear->group, ear->n, v); break;
    case HEARS_RED:
    case HEARS_GREEN:
    case HEARS_BLUE:
        p->rgb[ear->what - HEARS_RED] = v;
        if (ear->what == HEARS_BLUE)
            b->colour_ns = b->now_ns;
        break;
    case HEARS_METER:
        p->meter = v;
        p->meter_ns = b->now_ns;
        break;
    case HEARS_DIGIT: hear_digit(b, ear->group, ear->n, v); break;
    }
}

/* With how many bytes a status goes; 0: none that a surface hears. */
static size_t
wanted(uint8_t status)
{
    switch (status & 0xf0) {
    case 0x80:
    case 0x90:
    case 0xa0:
    case 0xb0:
    case 0xe0: return 3;
    case 0xc0:
    case 0xd0: return 2;
    }
    return 0;
}

static bool
whole(const uint8_t *bytes, size_t size)
{
    bool sysex = size >= 2 && bytes[0] == 0xf0 && bytes[size - 1] == 0xf7;

    if (!size || (!sysex && size != wanted(bytes[0])))
        return false;
    for (size_t i = 1; i < size - sysex; i++)
        if (bytes[i] & 0x80)
            return false;
    return true;
}

/* Tenths of the time are a host's clock. */
static void
hear_sysex(struct box *b, const uint8_t *bytes, size_t size)
{
    int64_t gap = b->model->sysex_gap_us * 1000LL, all = (int64_t)size * b->model->sysex_byte_us * 1000;

    if (b->now_ns - b->sysex_ns < b->sysex_room_ns * 9 / 10)
        box_blame(b, "a sysex %.1f ms after another: it needs %.1f ms",
                  (double)(b->now_ns - b->sysex_ns) / 1e6, (double)b->sysex_room_ns / 1e6);
    b->sysex_ns = b->now_ns;
    b->sysex_room_ns = all > gap ? all : gap;
    if (!b->model->sysex || !b->model->sysex(b, bytes, size))
        box_blame(b, "it does not know %s (%d bytes)", spelled(bytes, size), (int)size);
}

static bool
hear_alive(struct box *b, const uint8_t *bytes, size_t size)
{
    if (!b->model->keep_alive_ms || size != 3 || bytes[0] != 0xa0 || bytes[1] || bytes[2])
        return false;
    b->alive_ns = b->now_ns;
    return true;
}

void
box_receive(struct box *b, const uint8_t *bytes, size_t size, int64_t now_ns)
{
    const struct ear *ear;
    int channel, kind;

    b->now_ns = now_ns > b->now_ns ? now_ns : b->now_ns;
    if (!whole(bytes, size)) {
        box_blame(b, "%s is no whole message", spelled(bytes, size));
        return;
    }
    if (b->now_ns - b->colour_ns < b->model->colour_gap_us * 900LL)
        box_blame(b, "a message %.1f ms after a colour: it needs %.1f ms",
                  (double)(b->now_ns - b->colour_ns) / 1e6, b->model->colour_gap_us / 1e3);
    if (hear_alive(b, bytes, size) || b->sleeps || (b->model->hears && b->model->hears(b, bytes, size)))
        return;
    if (bytes[0] == 0xf0) {
        hear_sysex(b, bytes, size);
        return;
    }
    channel = (bytes[0] & 15) - b->channel_shift;
    kind = bytes[0] >> 4;
    ear = channel < 0 ? NULL : &b->ear[kind - 8][channel][kind < 0xc ? bytes[1] : 0];
    if (!ear || ear->what == HEARS_NOTHING)
        box_blame(b, "it does not know %s", spelled(bytes, size));
    else
        hear_with(b, ear, bytes, bytes[size - 1]);
}
