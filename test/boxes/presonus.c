/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PreSonus FaderPort (the classic one) and FaderPort 8 and 16 in native mode (surfaces.md 12).
 *
 * Classic: says and hears nothing useful before 91 00 64. Its pan encoder bounces: each fourth step is followed by one the
 * other way 3 ms later, which is none. A person turns it no faster than 25 steps a second, and waits before turning back.
 * 8, 16: meters fall by 60 a second (unsourced), texts need 0.4 ms a byte, a colour 1.5 ms; a 16 sleeps when A0 00 00 has not
 * come for 2.5 s (hosts send it each second).
 */
#include "test/boxes/inside.h"

#include <string.h>

#define MS 1000000LL

static const uint8_t in_ids[] = {18, 17, 16, 19, 20, 21, 22, 10, 9, 8, 23, 11,
                                 12, 13, 14, 2,  1,  0,  15, 3,  4, 5, 6,  7};
static const uint8_t led_ids[] = {21, 22, 23, 20, 19, 18, 17, 13, 14, 15, 16, 12,
                                  11, 10, 9,  5,  6,  7,  8,  4,  3,  2,  1,  0};

static const struct group classic[] = {
    {.seen = {.name = "fader", .kind = BOX_FADER, .count = 1, .steps = 1023, .motor = true, .touch = true},
     .hand = CC_PAIR(1, 0),
     .raw_step = 16,
     .touched = POLY(1, 127),
     .place = CC_PAIR(1, 0)},
    {.seen = {.name = "pan", .kind = BOX_ENCODER, .count = 1}, .hand = BEND(1), .coding = CODED_BEND},
    {.seen = {.name = "key", .kind = BOX_BUTTON, .count = 24, .light = true},
     .hand = POLY_EACH(1, in_ids),
     .press = 1,
     .light = POLY_EACH(1, led_ids),
     .light_rule = LIGHT_0_1},
    {.seen = {.name = "pedal", .kind = BOX_BUTTON, .count = 1}, .hand = POLY(1, 126), .press = 1},
};

enum { PLAIN, NATIVE };

static void
classic_start(struct box *b)
{
    b->silent = true;
}

static bool
classic_hears(struct box *b, const uint8_t *bytes, size_t size)
{
    static const uint8_t native[] = {0x91, 0x00, 0x64};

    if (box_begins(bytes, size, native, sizeof native)) {
        b->state = NATIVE;
        b->silent = false;
        return true;
    }
    if (b->state == NATIVE || bytes[0] == 0xf0)
        return false;
    box_blame(b, "it is told something before it is in native mode");
    return true;
}

static bool
classic_sysex(struct box *b, const uint8_t *bytes, size_t size)
{
    static const uint8_t request[] = {0xf0, 0x7e, 0x7f, 0x06, 0x01, 0xf7};
    static const uint8_t reply[] = {0xf0, 0x7e, 0x00, 0x06, 0x02, 0x00, 0x01, 0x06, 0x02,
                                    0x00, 0x01, 0x00, 0x01, 0x03, 0x08, 0x05, 0xf7};
    bool silent = b->silent;

    if (size != sizeof request || !box_begins(bytes, size, request, size))
        return false;
    b->silent = false;
    box_say(b, reply, sizeof reply);
    b->silent = silent;
    return true;
}

static bool
classic_turned(struct box *b, int c, int n, int ticks)
{
    box_part(b, c, n)->owed += ticks;
    return true;
}

static void
classic_tick(struct box *b)
{
    int pan = box_group(b, "pan");
    struct part *p = box_part(b, pan, 0);
    int way = p->owed > 0 ? 1 : -1;
    int64_t since = b->now_ns - p->said_ns;

    if (b->counter < 0 && since >= 3 * MS) { /* a bounce is due */
        b->counter = 0;
        box_call(b, &b->model->groups[pan].hand, 0, (p->last_way > 0 ? 127 : 1) << 7);
        return;
    }
    if (!p->owed || b->counter < 0 || since < (way == p->last_way ? 40 : 150) * MS)
        return;
    p->owed -= way;
    p->said_ns = p->hand_ns = b->now_ns;
    p->last_way = way;
    b->counter = b->counter == 3 ? -1 : b->counter + 1;
    box_call(b, &b->model->groups[pan].hand, 0, (way & 127) << 7);
}

/* --- 8 and 16 ------------------------------------------------------------------------------------------------ */

static const uint8_t solos[] = {0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
                                0x50, 0x51, 0x52, 0x58, 0x54, 0x55, 0x59, 0x57};
static const uint8_t mutes[] = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
                                0x78, 0x79, 0x7a, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f};
static const uint8_t selects[] = {0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f,
                                  0x07, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27};
static const uint8_t bars[] = {0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37,
                               0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47};
static const uint8_t modes[] = {0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f,
                                0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f};
static const uint8_t keys[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x28, 0x29, 0x2a, 0x2b, 0x2e, 0x2f,
                               0x36, 0x37, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x40, 0x41, 0x42,
                               0x46, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x56, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f};
static const uint8_t pushes[] = {0x20, 0x53}, wheels[] = {0x10, 0x3c};

#define KEYS(label, many, list)                                                                              \
    {                                                                                                        \
        .seen = {.name = label,                                                                              \
                 .kind = BOX_BUTTON,                                                                         \
                 .count = many,                                                                              \
                 .light = true,                                                                              \
                 .blinks = true,                                                                             \
                 .colours = true},                                                                           \
        .hand = NOTE_EACH(1, list), .light = NOTE_EACH(1, list), .light_rule = LIGHT_MACKIE, .rgb = {        \
            NOTE_EACH(2, list),                                                                              \
            NOTE_EACH(3, list),                                                                              \
            NOTE_EACH(4, list)                                                                               \
        }                                                                                                    \
    }
#define LEVELS(label, call)                                                                                  \
    {                                                                                                        \
        .seen = {.name = label, .kind = BOX_METER, .count = 8}, .meter = call                                \
    }
#define STRIPS(many)                                                                                         \
    {.seen =                                                                                                 \
         {.name = "fader", .kind = BOX_FADER, .count = many, .steps = 1023, .motor = true, .touch = true},   \
     .hand = BEND(1),                                                                                        \
     .raw_step = 16,                                                                                         \
     .touched = NOTE(1, 0x68),                                                                               \
     .place = BEND(1)},                                                                                      \
        KEYS("solo", many, solos), KEYS("mute", many, mutes), KEYS("select", many, selects),                 \
        {.seen = {.name = "bar", .kind = BOX_LAMP, .count = many, .ring_steps = 127},                        \
         .ring = CC_EACH(1, bars),                                                                           \
         .ring_mode = CC_EACH(1, modes),                                                                     \
         .ring_rule = RING_BAR},                                                                             \
        {.seen = {.name = "lcd", .kind = BOX_TEXT, .count = many, .rows = 4, .columns = 9}},                 \
        {.seen = {.name = "wheel", .kind = BOX_ENCODER, .count = 2},                                         \
         .hand = CC_EACH(1, wheels),                                                                         \
         .coding = CODED_SIGNED},                                                                            \
        {.seen = {.name = "push", .kind = BOX_BUTTON, .count = 2}, .hand = NOTE_EACH(1, pushes)},            \
        KEYS("key", sizeof keys, keys),                                                                      \
    {                                                                                                        \
        .seen = {.name = "pedal", .kind = BOX_BUTTON, .count = 1}, .hand = NOTE(1, 0x66)                     \
    }

#define LEFT_LEVELS  PRESSURE(1)
#define LEFT_TAKEN   PRESSURE(9)
#define RIGHT_LEVELS PROGRAM(1)
#define RIGHT_TAKEN  PROGRAM(9)

static const struct group eight[] = {STRIPS(8), LEVELS("meter", LEFT_LEVELS), LEVELS("taken", LEFT_TAKEN)};
static const struct group sixteen[] = {STRIPS(16), LEVELS("meter", LEFT_LEVELS), LEVELS("taken", LEFT_TAKEN),
                                       LEVELS("meter-right", RIGHT_LEVELS),
                                       LEVELS("taken-right", RIGHT_TAKEN)};

/* How many lines a strip's layout has; 0: there is no such layout. */
static int
lines_of(int mode)
{
    return mode == 2 ? 4 : mode == 0 || mode == 5 ? 3 : 0;
}

static bool
take_layout(struct box *b, int strip, int mode)
{
    struct part *p = box_part(b, box_group(b, "lcd"), strip);

    if (!lines_of(mode & 15) || mode > 0x1f) {
        box_blame(b, "a strip has no layout %02X", (unsigned)mode);
        return true;
    }
    p->mode = mode & 15;
    if (mode & 0x10)
        memset(p->text, ' ', sizeof p->text);
    return true;
}

/* hdr 12 strip line align text F7 */
static bool
take_text(struct box *b, const uint8_t *bytes, size_t size)
{
    struct part *p = box_part(b, box_group(b, "lcd"), bytes[6]);
    size_t n = size - 10;

    if (bytes[7] >= lines_of(p->mode) || bytes[8] > 7 || n > 9) {
        box_blame(b, "line %d, alignment %d, %d characters: the strip has %d lines of 9", bytes[7], bytes[8],
                  (int)n, lines_of(p->mode));
        return true;
    }
    if (!box_printable(b, bytes + 9, n))
        return true;
    memset(p->text[bytes[7]], ' ', 9);
    memcpy(p->text[bytes[7]], bytes + 9, n);
    return true;
}

static bool
fp_sysex(struct box *b, const uint8_t *bytes, size_t size)
{
    const uint8_t header[] = {0xf0, 0x00, 0x01, 0x06, b->model->id};

    if (size < 9 || !box_begins(bytes, size, header, sizeof header) ||
        bytes[6] >= b->model->groups[box_group(b, "lcd")].seen.count)
        return false;
    if (bytes[5] == 0x13 && size == 9)
        return take_layout(b, bytes[6], bytes[7]);
    return bytes[5] == 0x12 && size >= 10 && take_text(b, bytes, size);
}

static void
fall(struct box *b)
{
    for (int g = 0; g < b->model->ngroups; g++)
        for (int n = 0; b->model->groups[g].seen.kind == BOX_METER && n < 8; n++) {
            struct part *p = box_part(b, g, n);

            while (p->meter && b->now_ns - p->meter_ns >= 1000 * MS / 60) {
                p->meter--;
                p->meter_ns += 1000 * MS / 60;
            }
        }
}

#define GROUPS(table) .groups = table, .ngroups = sizeof table / sizeof *table

const struct model presonus_models[] = {
    {.name = "faderport",
     GROUPS(classic),
     .start = classic_start,
     .hears = classic_hears,
     .sysex = classic_sysex,
     .turned = classic_turned,
     .tick = classic_tick},
    {.name = "faderport-8",
     GROUPS(eight),
     .id = 0x02,
     .sysex_byte_us = 400,
     .colour_gap_us = 1500,
     .sysex = fp_sysex,
     .tick = fall},
    {.name = "faderport-16",
     GROUPS(sixteen),
     .id = 0x16,
     .sysex_byte_us = 400,
     .colour_gap_us = 1500,
     .keep_alive_ms = 2500,
     .sysex = fp_sysex,
     .tick = fall},
    {.name = NULL},
};
