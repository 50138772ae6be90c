/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faderfox EC4 and PC4 (surfaces.md 9). EC4: the version 2 factory bank, setup 1, group 1; or as ec4-relative with a setup of
 * two's complement knobs on CC 10 to 25 and keys on CC 30 to 45 of channel 16, as one host has it made.
 *
 * A sysex is a chain of commands of three bytes, 4x 2h 1l, the first of which says that it is for an EC4. A setup moves the
 * channel; another group than the first is a fault, since the profile's controls are those of the first.
 */
#include "test/boxes/inside.h"

#include <math.h>
#include <string.h>

enum { NAMES = 0, TOTAL = 3, SHOW = 4, HIDE = 5 };

#define TEXTS                                                                                                \
    {.seen = {.name = "name", .kind = BOX_TEXT, .count = 16, .rows = 1, .columns = 4}},                      \
    {                                                                                                        \
        .seen = {.name = "total", .kind = BOX_TEXT, .count = 1, .rows = 4, .columns = 20 }                   \
    }

static const struct group absolute[] = {
    {.seen = {.name = "encoder",
              .kind = BOX_ENCODER,
              .count = 16,
              .steps = 127,
              .ring_steps = 127,
              .keeps = true},
     .hand = CC(1, 0),
     .place = CC(1, 0),
     .ring_rule = RING_PLACE},
    {.seen = {.name = "push", .kind = BOX_BUTTON, .count = 16}, .hand = NOTE(1, 0), .note_off = true},
    TEXTS,
};

static const struct group relative[] = {
    {.seen = {.name = "encoder", .kind = BOX_ENCODER, .count = 16}, .hand = CC(16, 10), .coding = CODED_TWOS},
    {.seen = {.name = "push", .kind = BOX_BUTTON, .count = 16}, .hand = CC(16, 30)},
    TEXTS,
};

static const struct group pc4[] = {
    {.seen = {.name = "knob", .kind = BOX_POT, .count = 24, .steps = 127}, .hand = CC(1, 1)},
};

static const uint8_t hello[] = {0xf0, 0x00, 0x00, 0x00, 0x4e, 0x2c, 0x1b};

static void
say_state(struct box *b)
{
    uint8_t bytes[sizeof hello + 7];

    memcpy(bytes, hello, sizeof hello);
    memcpy(bytes + sizeof hello,
           (uint8_t[]){0x4e, 0x28, (uint8_t)(0x10 | b->channel_shift), 0x4e, 0x24, 0x10, 0xf7}, 7);
    box_say(b, bytes, sizeof bytes);
}

static void
say_all(struct box *b)
{
    const struct group *group = &b->model->groups[box_group(b, "encoder")];

    for (int n = 0; group->seen.keeps && n < group->seen.count; n++)
        box_call(b, &group->hand, n, (int)lround(box_part(b, box_group(b, "encoder"), n)->place * 127));
}

struct writing {  /* of the message that is read */
    int text, at; /* -1: not said yet */
};

static bool
put(struct box *b, struct writing *w, uint8_t character)
{
    struct part *p;
    int columns = w->text == NAMES ? 4 : 20, rows = w->text == NAMES ? 1 : 4;
    int limit = w->text == NAMES ? 64 : 80;

    if (w->text < 0 || w->at < 0 || w->at >= limit) {
        box_blame(b, "a character for place %d of text %d, which is not there", w->at, w->text);
        return true;
    }
    if (!box_printable(b, &character, 1))
        return true;
    p = box_part(b, box_group(b, w->text == NAMES ? "name" : "total"), w->text == NAMES ? w->at / 4 : 0);
    p->text[w->at / columns % rows][w->at % columns] = (char)character;
    w->at++;
    return true;
}

static bool
set_display(struct box *b, struct writing *w, int l)
{
    if (l == SHOW || l == HIDE)
        b->state = l == SHOW;
    else if (l == NAMES || l == TOTAL)
        w->text = l;
    else
        return false;
    return true;
}

static bool
set_state(struct box *b, int h, int l, struct writing *w)
{
    switch (h) {
    case 0x0:
        if (l == 0)
            say_state(b);
        return l == 0;
    case 0x2: return set_display(b, w, l);
    case 0x4:
        if (l)
            box_blame(b, "group %d is selected: the profile's controls are those of group 1", l + 1);
        return true;
    case 0x6:
        if (l == 0)
            say_all(b);
        return l == 0;
    case 0x8: b->channel_shift = b->model->id ? 0 : l; return true;
    }
    return false;
}

static bool
take(struct box *b, const uint8_t *bytes, size_t size)
{
    struct writing w = {-1, -1};
    bool known =
        size > sizeof hello + 1 && (size - 5) % 3 == 0 && box_begins(bytes, size, hello, sizeof hello);

    for (size_t i = sizeof hello; known && i + 2 < size; i += 3) {
        int h = bytes[i + 1] & 15, l = bytes[i + 2] & 15;

        if (bytes[i + 1] >> 4 != 2 || bytes[i + 2] >> 4 != 1)
            return false;
        if (bytes[i] == 0x4e)
            known = set_state(b, h, l, &w);
        else if (bytes[i] == 0x4a)
            w.at = h << 4 | l;
        else
            known = bytes[i] == 0x4d && put(b, &w, (uint8_t)(h << 4 | l));
    }
    return known;
}

#define GROUPS(table) .groups = table, .ngroups = sizeof table / sizeof *table

const struct model faderfox_models[] = {
    {.name = "ec4", GROUPS(absolute), .sysex_gap_us = 5000, .sysex = take},
    {.name = "ec4-relative", GROUPS(relative), .id = 1, .sysex_gap_us = 5000, .sysex = take},
    {.name = "pc4", GROUPS(pc4)},
    {.name = NULL},
};
