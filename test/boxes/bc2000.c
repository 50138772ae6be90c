/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Behringer BCF2000 and BCR2000 with their factory preset 1 (surfaces.md 5): all absolute, all told by the same CC. The
 * encoder's groups stand one behind the other: encoder/9 is the first of group 2.
 *
 * Keys and pushes keep their state, say it at each press, and take it over from what they hear (the host that is cited takes
 * their value for a state; whether the factory's preset has them so, the facts do not say).
 * A preset is recalled by program change, or by lines of BCL, one a sysex, counted from 0; any other than 1 is a fault, since
 * what it does is not known here.
 */
#include "test/boxes/inside.h"

#include <stdio.h>
#include <string.h>

#define KEYS(label, many, first)                                                                             \
    {                                                                                                        \
        .seen = {.name = label, .kind = BOX_BUTTON, .count = many, .light = true}, .hand = CC(1, first),     \
        .toggles = true, .light = CC(1, first), .light_rule = LIGHT_HALF                                     \
    }
#define ENCODERS(label, many, first)                                                                         \
    {                                                                                                        \
        .seen = {.name = label,                                                                              \
                 .kind = BOX_ENCODER,                                                                        \
                 .count = many,                                                                              \
                 .steps = 127,                                                                               \
                 .ring_steps = 127,                                                                          \
                 .keeps = true},                                                                             \
        .hand = CC(1, first), .place = CC(1, first), .ring_rule = RING_PLACE                                 \
    }

static const struct group bcf[] = {
    ENCODERS("encoder", 32, 1),
    KEYS("push", 32, 33),
    KEYS("row1", 8, 65),
    KEYS("row2", 8, 73),
    {.seen = {.name = "fader", .kind = BOX_FADER, .count = 8, .steps = 127, .motor = true},
     .hand = CC(1, 81),
     .place = CC(1, 81)},
    KEYS("key", 4, 89),
};

static const struct group bcr[] = {
    ENCODERS("encoder", 32, 1), KEYS("push", 32, 33),      KEYS("row1", 8, 65),
    KEYS("row2", 8, 73),        ENCODERS("lower", 24, 81), KEYS("key", 4, 105),
};

static void
recall(struct box *b, int preset)
{
    if (preset != 1)
        box_blame(b, "preset %d is recalled: the profile's controls are those of preset 1", preset);
}

static bool
take_preset(struct box *b, const uint8_t *bytes, size_t size)
{
    (void)size;
    if ((bytes[0] & 0xf0) != 0xc0)
        return false;
    if (bytes[0] != 0xc0 || bytes[1] > 31)
        return false;
    recall(b, bytes[1] + 1);
    return true;
}

/* F0 00 20 32 dev model 20 hi lo line F7 */
static bool
take_line(struct box *b, const uint8_t *bytes, size_t size)
{
    static const uint8_t header[] = {0xf0, 0x00, 0x20, 0x32};
    uint8_t model = b->model->id;
    char line[80] = "", rev[8];
    int preset;

    if (size < 10 || size > 9 + sizeof line || !box_begins(bytes, size, header, sizeof header) ||
        (bytes[4] != 0x7f && bytes[4] > 15) || (bytes[5] != 0x7f && bytes[5] != model) || bytes[6] != 0x20)
        return false;
    if ((bytes[7] << 7 | bytes[8]) != b->counter)
        box_blame(b, "line %d of BCL comes where line %d is due", bytes[7] << 7 | bytes[8], b->counter);
    if (!box_printable(b, bytes + 9, size - 10))
        return true;
    memcpy(line, bytes + 9, size - 10);
    snprintf(rev, sizeof rev, "$rev %c", model == 0x14 ? 'F' : 'R');
    if (b->counter == 0 && strncmp(line, rev, 6) != 0)
        box_blame(b, "BCL begins with %s and not with %s1", line, rev);
    b->counter++;
    if (sscanf(line, "$recall %d", &preset) == 1)
        recall(b, preset);
    else if (strcmp(line, "$end") == 0)
        b->counter = 0;
    else if (line[strspn(line, " ")] && b->counter > 1)
        box_blame(b, "a line of BCL that programs it: %s", line);
    return true;
}

const struct model bc2000_models[] = {
    {.name = "bcf2000",
     .groups = bcf,
     .ngroups = sizeof bcf / sizeof *bcf,
     .id = 0x14,
     .hears = take_preset,
     .sysex = take_line},
    {.name = "bcr2000",
     .groups = bcr,
     .ngroups = sizeof bcr / sizeof *bcr,
     .id = 0x15,
     .hears = take_preset,
     .sysex = take_line},
    {.name = NULL},
};
