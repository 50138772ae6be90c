/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Boxes of plain notes and control changes: Akai MIDImix (surfaces.md 8) and any box that only sends.
 *
 * The MIDImix's mute keys while Solo is held are here controls of their own; Send All tells all places. Unsourced: Solo's own
 * note.
 * A sender is a program that is wired to JACK's MIDI ports: it has a fine CC for each of 7, 8, 10 to 13 and 16 to 31, a CC for
 * each of 70 to 79, 85 to 90 and 102 to 109, switches on CC 80 to 83 and 112 to 119 that keep their state, and notes 36 to 45,
 * 48 to 55 and 60 to 67; what it hears it takes over.
 */
#include "test/boxes/inside.h"

#include <math.h>
#include <string.h>

static const uint8_t top[] = {16, 20, 24, 28, 46, 50, 54, 58}, middle[] = {17, 21, 25, 29, 47, 51, 55, 59},
                     bottom[] = {18, 22, 26, 30, 48, 52, 56, 60}, faders[] = {19, 23, 27, 31, 49, 53, 57, 61},
                     mutes[] = {1, 4, 7, 10, 13, 16, 19, 22}, solos[] = {2, 5, 8, 11, 14, 17, 20, 23},
                     arms[] = {3, 6, 9, 12, 15, 18, 21, 24};

#define KNOBS(label, list)                                                                                   \
    {                                                                                                        \
        .seen = {.name = label, .kind = BOX_POT, .count = 8, .steps = 127}, .hand = CC_EACH(1, list)         \
    }
#define KEYS(label, many, call)                                                                              \
    {                                                                                                        \
        .seen = {.name = label, .kind = BOX_BUTTON, .count = many, .light = true}, .hand = call,             \
        .light = call, .light_rule = LIGHT_0_127, .note_off = true                                           \
    }
#define BANKS NOTE(1, 25)
#define MUTES NOTE_EACH(1, mutes)
#define SOLOS NOTE_EACH(1, solos)
#define ARMS  NOTE_EACH(1, arms)

static const struct group midimix[] = {
    KNOBS("top", top),
    KNOBS("middle", middle),
    KNOBS("bottom", bottom),
    {.seen = {.name = "fader", .kind = BOX_FADER, .count = 8, .steps = 127}, .hand = CC_EACH(1, faders)},
    {.seen = {.name = "master", .kind = BOX_FADER, .count = 1, .steps = 127}, .hand = CC(1, 62)},
    KEYS("mute", 8, MUTES),
    KEYS("arm", 8, ARMS),
    KEYS("bank", 2, BANKS),
    KEYS("mute-while-solo", 8, SOLOS),
    {.seen = {.name = "solo", .kind = BOX_BUTTON, .count = 1, .light = true},
     .hand = NOTE(1, 27),
     .note_off = true,
     .light = NOTE(1, 27),
     .light_rule = LIGHT_0_127},
    {.seen = {.name = "send-all", .kind = BOX_BUTTON, .count = 1}},
};

static void
say_all(struct box *b)
{
    for (int g = 0; g < b->model->ngroups; g++) {
        const struct group *group = &b->model->groups[g];

        for (int n = 0; group->seen.steps && n < group->seen.count; n++)
            box_call(b, &group->hand, n, (int)lround(box_part(b, g, n)->place * group->seen.steps));
    }
}

static bool
midimix_pressed(struct box *b, int c, int n, bool down)
{
    (void)n;
    if (strcmp(b->model->groups[c].seen.name, "send-all") != 0)
        return false;
    if (down)
        say_all(b);
    return true;
}

#define SENDING_KEYS(label, many, number)                                                                    \
    {                                                                                                        \
        .seen = {.name = label, .kind = BOX_BUTTON, .count = many}, .hand = CC(1, number)                    \
    }

static const struct group generic[] = {
    {.seen = {.name = "fader", .kind = BOX_FADER, .count = 8, .steps = 127}, .hand = CC(1, 0)},
    {.seen = {.name = "knob", .kind = BOX_POT, .count = 8, .steps = 127}, .hand = CC(1, 16)},
    SENDING_KEYS("solo", 8, 32),
    SENDING_KEYS("mute", 8, 48),
    SENDING_KEYS("rec", 8, 64),
    SENDING_KEYS("transport", 6, 41),
    SENDING_KEYS("track", 2, 58),
    SENDING_KEYS("marker", 3, 60),
};

#define KEPT(label, many, call, places)                                                                      \
    {                                                                                                        \
        .seen = {.name = label, .kind = BOX_POT, .count = many, .steps = places, .keeps = true},             \
        .hand = call, .place = call                                                                          \
    }
#define SWITCHES(label, many, call, keep)                                                                    \
    {                                                                                                        \
        .seen = {.name = label, .kind = BOX_BUTTON, .count = many, .light = true}, .hand = call,             \
        .toggles = keep, .light = call, .light_rule = LIGHT_HALF                                             \
    }
#define FINE7   CC_PAIR(1, 7)
#define FINE10  CC_PAIR(1, 10)
#define FINE16  CC_PAIR(1, 16)
#define CC70    CC(1, 70)
#define CC85    CC(1, 85)
#define CC102   CC(1, 102)
#define CC80    CC(1, 80)
#define CC112   CC(1, 112)
#define NOTES36 NOTE(1, 36)
#define NOTES48 NOTE(1, 48)
#define NOTES60 NOTE(1, 60)

static const struct group sender[] = {
    KEPT("fine7", 2, FINE7, 16383),
    KEPT("fine10", 4, FINE10, 16383),
    KEPT("fine16", 16, FINE16, 16383),
    KEPT("cc70", 10, CC70, 127),
    KEPT("cc85", 6, CC85, 127),
    KEPT("cc102", 8, CC102, 127),
    SWITCHES("switch80", 4, CC80, true),
    SWITCHES("switch112", 8, CC112, true),
    SWITCHES("note36", 10, NOTES36, false),
    SWITCHES("note48", 8, NOTES48, false),
    SWITCHES("note60", 8, NOTES60, false),
};

#define GROUPS(table) .groups = table, .ngroups = sizeof table / sizeof *table

const struct model plain_models[] = {
    {.name = "midimix", GROUPS(midimix), .pressed = midimix_pressed},
    {.name = "generic", GROUPS(generic)},
    {.name = "sender", GROUPS(sender)},
    {.name = NULL},
};
