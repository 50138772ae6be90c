/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Novation Launch Control XL (surfaces.md 7): switched on with factory template 1, index 8, on channel 9. Lamps are kept for
 * each template, and those of the present one are seen. The groups stand in the order of the lamps' indices.
 *
 * Unsourced: several pairs in one message; user templates with the numbers of the factory's.
 */
#include "test/boxes/inside.h"

#include <string.h>

enum { TEMPLATES = 16, LAMPS = 48, FACTORY = 8, SHOWS_OFF = 12 };

static const uint8_t focus[] = {41, 42, 43, 44, 57, 58, 59, 60}, control[] = {73, 74, 75, 76, 89, 90, 91, 92};

#define POTS(label, first, note)                                                                             \
    {                                                                                                        \
        .seen = {.name = label,                                                                              \
                 .kind = BOX_POT,                                                                            \
                 .count = 8,                                                                                 \
                 .steps = 127,                                                                               \
                 .light = true,                                                                              \
                 .blinks = true,                                                                             \
                 .colours = true},                                                                           \
        .hand = CC(1, first), .light = {FORM_NOTE, 1, 0, note, 16, NULL}, .light_rule = LIGHT_RED_GREEN      \
    }
#define KEYS(label, many, call, off)                                                                         \
    {                                                                                                        \
        .seen = {.name = label,                                                                              \
                 .kind = BOX_BUTTON,                                                                         \
                 .count = many,                                                                              \
                 .light = true,                                                                              \
                 .blinks = true,                                                                             \
                 .colours = true},                                                                           \
        .hand = call, .note_off = off, .light = call, .light_rule = LIGHT_RED_GREEN                          \
    }
#define FOCUS   NOTE_EACH(1, focus)
#define CONTROL NOTE_EACH(1, control)
#define MODE    NOTE(1, 105)
#define SEND    CC(1, 104)
#define TRACK   CC(1, 106)

static const struct group xl[] = {
    POTS("send-a", 13, 13),
    POTS("send-b", 29, 14),
    POTS("pan", 49, 15),
    KEYS("focus", 8, FOCUS, true),
    KEYS("control", 8, CONTROL, true),
    KEYS("mode", 4, MODE, true),
    KEYS("send-select", 2, SEND, false),
    KEYS("track-select", 2, TRACK, false),
    {.seen = {.name = "fader", .kind = BOX_FADER, .count = 8, .steps = 127}, .hand = CC(1, 77)},
};

static const uint8_t header[] = {0xf0, 0x00, 0x20, 0x29, 0x02, 0x11};

static void
show(struct box *b, int template)
{
    for (int i = 0; i < LAMPS; i++)
        b->part[i].light = b->scene[template * LAMPS + i];
    b->channel_shift = template;
}

static void
start(struct box *b)
{
    memset(b->scene, SHOWS_OFF, TEMPLATES * LAMPS);
    show(b, FACTORY);
}

static void
set_lamp(struct box *b, int template, int i, int v)
{
    int c = 0, n = i;

    while (n >= b->model->groups[c].seen.count)
        n -= b->model->groups[c++].seen.count;
    if (template == b->channel_shift ? hear_light(b, c, n, v) : v < 64)
        b->scene[template * LAMPS + i] = (uint8_t)v;
}

static bool
take_sysex(struct box *b, const uint8_t *bytes, size_t size)
{
    if (size < 9 || !box_begins(bytes, size, header, sizeof header) || bytes[7] >= TEMPLATES)
        return false;
    if (bytes[6] == 0x77 && size == 9) {
        show(b, bytes[7]);
        return true;
    }
    if ((bytes[6] != 0x78 && bytes[6] != 0x7b) || size < 11 || size % 2 == 0)
        return false;
    if (bytes[6] == 0x7b)
        return size == 11 && bytes[8] < LAMPS && (bytes[9] == 0 || bytes[9] == 127);
    for (size_t i = 8; i + 1 < size; i += 2) {
        if (bytes[i] >= LAMPS) {
            box_blame(b, "it has no lamp %d", bytes[i]);
            return true;
        }
        set_lamp(b, bytes[7], bytes[i], bytes[i + 1]);
    }
    return true;
}

/* CC 0 value 0 on its channel: all lamps off. */
static bool
take_reset(struct box *b, const uint8_t *bytes, size_t size)
{
    int template = bytes[0] & 15;

    (void)size;
    if ((bytes[0] & 0xf0) != 0xb0 || bytes[1] || bytes[2])
        return false;
    memset(b->scene + template * LAMPS, SHOWS_OFF, LAMPS);
    if (template == b->channel_shift)
        show(b, template);
    return true;
}

/* Lamps by note and CC are of the template that is shown: keep them with it. */
static void
keep(struct box *b)
{
    for (int i = 0; i < LAMPS; i++)
        b->scene[b->channel_shift * LAMPS + i] = (uint8_t)b->part[i].light;
}

static bool
switch_template(struct box *b, int to)
{
    uint8_t bytes[] = {0xf0, 0x00, 0x20, 0x29, 0x02, 0x11, 0x77, (uint8_t)to, 0xf7};

    if (to < 0 || to >= TEMPLATES)
        return false;
    keep(b);
    show(b, to);
    box_say(b, bytes, sizeof bytes);
    return true;
}

const struct model novation_models[] = {
    {.name = "launch-control-xl",
     .groups = xl,
     .ngroups = sizeof xl / sizeof *xl,
     .start = start,
     .sysex = take_sysex,
     .hears = take_reset,
     .switched = switch_template},
    {.name = NULL},
};
