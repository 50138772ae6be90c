/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Behringer X-Touch Mini, Compact (standard mode) and One and Extender in CTRL modes (surfaces.md 2, 3, 4); those in MC mode
 * that are whole Mackie Controls are with the others (mackie.c).
 *
 * The global channel is 1, that of the controls 11 (Mini) or 1 (Compact). Layer A stands; what a Mini says in its layer B is
 * there as controls of their own, whose rings and lamps are not seen.
 * An encoder of the Mini or the Compact keeps its value and lights its ring by itself, as it is turned or (Mini) told.
 * A lamp of the Compact has a number 16 lower than its key.
 * Unsourced: a Mini's encoders can be set by their own CC on their own channel (marked so there); touches of the Extender.
 */
#include "test/boxes/inside.h"

#include <string.h>

enum { STANDARD, MC };

static const uint8_t mini_mc_keys[] = {89, 90, 40, 41, 42, 43, 44, 45, 87, 88, 91, 92, 86, 93, 94, 95};

static const struct group mini[] = {
    {.seen =
         {.name = "encoder", .kind = BOX_ENCODER, .count = 8, .steps = 127, .ring_steps = 13, .keeps = true},
     .hand = CC(11, 1),
     .place = CC(11, 1),
     .ring = CC(1, 9),
     .ring_mode = CC(1, 1),
     .ring_rule = RING_13},
    {.seen = {.name = "push", .kind = BOX_BUTTON, .count = 8}, .hand = NOTE(11, 0), .note_off = true},
    {.seen = {.name = "key", .kind = BOX_BUTTON, .count = 16, .light = true, .blinks = true},
     .hand = NOTE(11, 8),
     .note_off = true,
     .light = NOTE(1, 0),
     .light_rule = LIGHT_0_1_2},
    {.seen = {.name = "fader", .kind = BOX_FADER, .count = 1, .steps = 127}, .hand = CC(11, 9)},
    /* layer B: the same knobs and keys, while a person has it on */
    {.seen = {.name = "encoder-b", .kind = BOX_ENCODER, .count = 8, .steps = 127, .keeps = true},
     .hand = CC(11, 11),
     .place = CC(11, 11)},
    {.seen = {.name = "push-b", .kind = BOX_BUTTON, .count = 8}, .hand = NOTE(11, 24), .note_off = true},
    {.seen = {.name = "key-b", .kind = BOX_BUTTON, .count = 16}, .hand = NOTE(11, 32), .note_off = true},
    {.seen = {.name = "fader-b", .kind = BOX_FADER, .count = 1, .steps = 127}, .hand = CC(11, 10)},
};

static const struct group mini_mc[] = {
    {.seen = {.name = "encoder", .kind = BOX_ENCODER, .count = 8, .ring_steps = 11},
     .hand = CC(1, 16),
     .coding = CODED_SIGNED,
     .ring = CC(1, 48),
     .ring_rule = RING_MACKIE},
    {.seen = {.name = "push", .kind = BOX_BUTTON, .count = 8}, .hand = NOTE(1, 32)},
    {.seen = {.name = "key", .kind = BOX_BUTTON, .count = 16, .light = true, .blinks = true},
     .hand = NOTE_EACH(1, mini_mc_keys),
     .light = NOTE_EACH(1, mini_mc_keys),
     .light_rule = LIGHT_MACKIE},
    {.seen = {.name = "layer", .kind = BOX_BUTTON, .count = 2, .light = true, .blinks = true},
     .hand = NOTE(1, 84),
     .light = NOTE(1, 84),
     .light_rule = LIGHT_MACKIE},
    {.seen = {.name = "fader", .kind = BOX_FADER, .count = 1, .steps = 1023},
     .hand = BEND(9),
     .raw_step = 16},
};

#define COMPACT_KEYS(label, many, first)                                                                     \
    {                                                                                                        \
        .seen = {.name = label, .kind = BOX_BUTTON, .count = many, .light = true, .blinks = true},           \
        .hand = NOTE(1, (first) + 16), .light = NOTE(1, first), .light_rule = LIGHT_0_1_2                    \
    }

static const struct group compact[] = {
    {.seen = {.name = "fader", .kind = BOX_FADER, .count = 9, .steps = 127, .motor = true, .touch = true},
     .hand = CC(1, 1),
     .place = CC(1, 1),
     .touched = CC(1, 101)},
    {.seen = {.name = "encoder", .kind = BOX_ENCODER, .count = 16, .steps = 127, .ring_steps = 13},
     .hand = CC(1, 10),
     .ring = CC(1, 26),
     .ring_mode = CC(1, 10),
     .ring_rule = RING_13},
    {.seen = {.name = "push", .kind = BOX_BUTTON, .count = 16}, .hand = NOTE(1, 0)},
    COMPACT_KEYS("row1", 8, 0),
    COMPACT_KEYS("row2", 8, 8),
    COMPACT_KEYS("row3", 8, 16),
    COMPACT_KEYS("row4", 9, 24),
    COMPACT_KEYS("transport", 6, 33),
    {.seen = {.name = "pedal-lamp", .kind = BOX_LAMP, .count = 2, .light = true},
     .light = CC(1, 42),
     .light_rule = LIGHT_HALF},
};

#define CTRL_KEYS(label, many, first)                                                                        \
    {                                                                                                        \
        .seen = {.name = label, .kind = BOX_BUTTON, .count = many, .light = true, .blinks = true},           \
        .hand = NOTE(1, first), .light = NOTE(1, first), .light_rule = LIGHT_64_BLINKS                       \
    }
#define CTRL_FADERS(many)                                                                                    \
    {                                                                                                        \
        .seen =                                                                                              \
            {.name = "fader", .kind = BOX_FADER, .count = many, .steps = 127, .motor = true, .touch = true}, \
        .hand = CC(1, 70), .place = CC(1, 70), .touched = NOTE(1, 110)                                       \
    }
#define CTRL_ENCODERS(many)                                                                                  \
    {                                                                                                        \
        .seen = {.name = "encoder",                                                                          \
                 .kind = BOX_ENCODER,                                                                        \
                 .count = many,                                                                              \
                 .steps = 127,                                                                               \
                 .ring_steps = 127,                                                                          \
                 .keeps = true},                                                                             \
        .hand = CC(1, 80), .place = CC(1, 80), .ring_rule = RING_PLACE                                       \
    }
#define REL_ENCODERS(many)                                                                                   \
    {                                                                                                        \
        .seen = {.name = "encoder", .kind = BOX_ENCODER, .count = many, .ring_steps = 127},                  \
        .hand = CC(1, 80), .coding = CODED_SIGNED_INVERTED, .ring = CC(1, 80), .ring_rule = RING_127         \
    }
#define CTRL_METERS(many)                                                                                    \
    {                                                                                                        \
        .seen = {.name = "meter", .kind = BOX_METER, .count = many}, .meter = CC(1, 90)                      \
    }
#define CTRL_STRIPS(many)                                                                                    \
    {                                                                                                        \
        .seen = {.name = "lcd", .kind = BOX_TEXT, .count = many, .rows = 2, .columns = 7 }                   \
    }
#define CTRL_JOG                                                                                             \
    {                                                                                                        \
        .seen = {.name = "jog", .kind = BOX_JOG, .count = 1}, .hand = CC(1, 88),                             \
        .coding = CODED_SIGNED_INVERTED                                                                      \
    }
#define CTRL_SEGMENTS                                                                                        \
    {                                                                                                        \
        .seen = {.name = "segments", .kind = BOX_LAMP, .count = 12 }                                         \
    }
#define CTRL_PEDAL                                                                                           \
    {                                                                                                        \
        .seen = {.name = "pedal", .kind = BOX_BUTTON, .count = 1}, .hand = CC(1, 64)                         \
    }
#define EXTENDER_KEYS                                                                                        \
    CTRL_KEYS("push", 8, 0), CTRL_KEYS("rec", 8, 8), CTRL_KEYS("solo", 8, 16), CTRL_KEYS("mute", 8, 24),     \
        CTRL_KEYS("select", 8, 32)

static const struct group one_rel[] = {CTRL_FADERS(1),          REL_ENCODERS(1), CTRL_JOG,
                                       CTRL_KEYS("key", 35, 0), CTRL_PEDAL,      CTRL_METERS(1),
                                       CTRL_STRIPS(1),          CTRL_SEGMENTS};
static const struct group one[] = {CTRL_FADERS(1), CTRL_ENCODERS(1), CTRL_JOG,       CTRL_KEYS("key", 35, 0),
                                   CTRL_PEDAL,     CTRL_METERS(1),   CTRL_STRIPS(1), CTRL_SEGMENTS};
static const struct group extender_rel[] = {CTRL_FADERS(8), REL_ENCODERS(8), EXTENDER_KEYS, CTRL_METERS(8),
                                            CTRL_STRIPS(8)};

/* CC 127 sets the mode, a program change the layer, on the global channel. Each of the two modes is a model here. */
static bool
take_mode(struct box *b, const uint8_t *bytes, size_t size)
{
    (void)size;
    if (bytes[0] == 0xb0 && bytes[1] == 127) {
        b->state = bytes[2] <= 1 ? bytes[2] : b->state;
        if (b->state != b->model->id)
            box_blame(b, "CC 127 puts it into the other mode");
        return true;
    }
    if (bytes[0] == 0xc0 && b->model->id == STANDARD) {
        if (bytes[1] != 0)
            box_blame(b, "program %d: there are layers 0 and 1, and the profile's controls are those of 0",
                      bytes[1]);
        return true;
    }
    return false;
}

/* F0 40 41 42 51 .. info, 59 mode, 60 id, 61 global channel, 52 layers (surfaces.md 4). */
static bool
mini_sysex(struct box *b, const uint8_t *bytes, size_t size)
{
    static const uint8_t header[] = {0xf0, 0x40, 0x41, 0x42};
    uint8_t info[] = {0xf0, 0x40, 0x41, 0x42, 0x51, 0x00, 0x00, b->model->id, 0x01, 0x00, 0xf7};

    if (!box_begins(bytes, size, header, sizeof header) || size != 14)
        return false;
    if (bytes[4] == 0x51)
        box_say(b, info, sizeof info);
    else if (bytes[4] == 0x59 && bytes[5] != b->model->id)
        box_blame(b, "the sysex puts it into the other mode");
    return bytes[4] == 0x51 || bytes[4] == 0x59;
}

static bool
take_strip(struct box *b, const uint8_t *bytes, size_t size)
{
    struct part *p;
    uint32_t c;

    if (size != 6 + 2 + 14 + 1)
        return false;
    if (bytes[6] >= b->model->groups[box_group(b, "lcd")].seen.count || (bytes[7] & 0x48)) {
        box_blame(b, "it has no LCD %d, or no such colour as %02X", bytes[6], (unsigned)bytes[7]);
        return true;
    }
    if (!box_printable(b, bytes + 8, 14))
        return true;
    p = box_part(b, box_group(b, "lcd"), bytes[6]);
    memcpy(p->text[0], bytes + 8, 7);
    memcpy(p->text[1], bytes + 15, 7);
    c = bytes[7];
    p->strip_rgb = (c & 1 ? 0xff0000 : 0) | (c & 2 ? 0x00ff00 : 0) | (c & 4 ? 0x0000ff : 0);
    return true;
}

static bool
ctrl_sysex(struct box *b, const uint8_t *bytes, size_t size)
{
    const uint8_t header[] = {0xf0, 0x00, 0x20, 0x32, b->model->id};
    int segments = box_find(b, "segments");

    if (size < 7 || !box_begins(bytes, size, header, sizeof header))
        return false;
    if (bytes[5] == 0x4c)
        return take_strip(b, bytes, size);
    if (bytes[5] != 0x37 || segments < 0 || size != 6 + 12 + 2 + 1)
        return false;
    for (int i = 0; i < 12; i++)
        box_part(b, segments, i)->light = bytes[6 + i];
    return true;
}

#define GROUPS(table) .groups = table, .ngroups = sizeof table / sizeof *table

const struct model xtouch_models[] = {
    {.name = "x-touch-mini",
     GROUPS(mini),
     .id = STANDARD,
     .own_ring = true,
     .sysex_gap_us = 5000,
     .hears = take_mode,
     .sysex = mini_sysex},
    {.name = "x-touch-mini-mc",
     GROUPS(mini_mc),
     .id = MC,
     .sysex_gap_us = 5000,
     .hears = take_mode,
     .sysex = mini_sysex},
    {.name = "x-touch-compact", GROUPS(compact), .id = STANDARD, .own_ring = true, .hears = take_mode},
    {.name = "x-touch-one", GROUPS(one_rel), .id = 0x41, .sysex_gap_us = 5000, .sysex = ctrl_sysex},
    {.name = "x-touch-one-absolute", GROUPS(one), .id = 0x41, .sysex_gap_us = 5000, .sysex = ctrl_sysex},
    {.name = "x-touch-extender-ctrl",
     GROUPS(extender_rel),
     .id = 0x42,
     .sysex_gap_us = 5000,
     .sysex = ctrl_sysex},
    {.name = NULL},
};
