/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Korg nanoKONTROL2 (surfaces.md 6): CC mode as it is shipped, native mode when it is told so, and its scene.
 *
 * In CC mode its lamps follow its keys, unless the scene says that the host lights them: then CC of the same numbers do.
 * In native mode all is on channel 16. Track and marker keys have no lamps.
 */
#include "test/boxes/inside.h"

#include <string.h>

enum { CC_MODE, NATIVE };
enum { SCENE_BYTES = 339, PACKED_BYTES = 388, SCENE_MODE = 1, SCENE_LED = 2 };

static const uint8_t transport[] = {43, 44, 42, 41, 45, 46}; /* rewind, forward, stop, play, record, cycle */

#define LIT_KEYS(label, first)                                                                               \
    {                                                                                                        \
        .seen = {.name = label, .kind = BOX_BUTTON, .count = 8, .light = true}, .hand = CC(1, first),        \
        .light = CC(1, first), .light_rule = LIGHT_HALF_LATE                                                 \
    }

static const struct group nano[] = {
    {.seen = {.name = "slider", .kind = BOX_FADER, .count = 8, .steps = 127}, .hand = CC(1, 0)},
    {.seen = {.name = "knob", .kind = BOX_POT, .count = 8, .steps = 127}, .hand = CC(1, 16)},
    LIT_KEYS("solo", 32),
    LIT_KEYS("mute", 48),
    LIT_KEYS("rec", 64),
    {.seen = {.name = "transport", .kind = BOX_BUTTON, .count = 6, .light = true},
     .hand = CC_EACH(1, transport),
     .light = CC_EACH(1, transport),
     .light_rule = LIGHT_HALF_LATE},
    {.seen = {.name = "track", .kind = BOX_BUTTON, .count = 2}, .hand = CC(1, 58)},
    {.seen = {.name = "marker", .kind = BOX_BUTTON, .count = 3}, .hand = CC(1, 60)},
};

static const uint8_t header[] = {0xf0, 0x42, 0x40, 0x00, 0x01, 0x13, 0x00};

static void
reply(struct box *b, int function, int kind, int value)
{
    uint8_t bytes[11];

    memcpy(bytes, header, sizeof header);
    bytes[7] = (uint8_t)function;
    bytes[8] = (uint8_t)kind;
    bytes[9] = (uint8_t)value;
    bytes[10] = 0xf7;
    box_say(b, bytes, sizeof bytes);
}

static void
lamps_off(struct box *b)
{
    for (int i = 0; i < b->nparts; i++)
        b->part[i].light = 0;
}

static void
set_native(struct box *b, bool on)
{
    b->state = on ? NATIVE : CC_MODE;
    b->channel_shift = on ? 15 : 0;
    lamps_off(b);
    reply(b, 0x40, 0x00, on ? 0x03 : 0x02);
}

/* Groups of seven bytes, ahead of each their top bits: bit i is that of byte i. */
static void
pack(const uint8_t *data, size_t size, uint8_t *packed)
{
    for (size_t i = 0; i < size; i += 7) {
        uint8_t *tops = packed++;

        *tops = 0;
        for (size_t k = 0; k < 7 && i + k < size; k++) {
            *tops |= (uint8_t)((data[i + k] >> 7) << k);
            *packed++ = data[i + k] & 127;
        }
    }
}

static void
unpack(const uint8_t *packed, uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i += 7) {
        uint8_t tops = *packed++;

        for (size_t k = 0; k < 7 && i + k < size; k++)
            data[i + k] = (uint8_t)(*packed++ | (tops >> k & 1) << 7);
    }
}

static const uint8_t dump_head[] = {0xf0, 0x42, 0x40, 0x00, 0x01, 0x13, 0x00,
                                    0x7f, 0x7f, 0x02, 0x03, 0x05, 0x40};

static void
say_scene(struct box *b)
{
    uint8_t bytes[sizeof dump_head + PACKED_BYTES + 1];

    memcpy(bytes, dump_head, sizeof dump_head);
    pack(b->scene, SCENE_BYTES, bytes + sizeof dump_head);
    bytes[sizeof bytes - 1] = 0xf7;
    box_say(b, bytes, sizeof bytes);
}

static bool
take_scene(struct box *b, const uint8_t *bytes, size_t size)
{
    uint8_t scene[SCENE_BYTES];

    if (size != sizeof dump_head + PACKED_BYTES + 1)
        return false;
    unpack(bytes + sizeof dump_head, scene, SCENE_BYTES);
    if (scene[0] > 15 || scene[SCENE_MODE] > 5 || scene[SCENE_LED] > 1) {
        box_blame(b, "the scene has channel %d, mode %d, lamps %d", scene[0], scene[SCENE_MODE],
                  scene[SCENE_LED]);
        reply(b, 0x5f, 0x24, 0x00);
        return true;
    }
    memcpy(b->scene, scene, SCENE_BYTES);
    lamps_off(b);
    reply(b, 0x5f, 0x23, 0x00);
    return true;
}

static bool
nano_sysex(struct box *b, const uint8_t *bytes, size_t size)
{
    if (box_begins(bytes, size, dump_head, sizeof dump_head))
        return take_scene(b, bytes, size);
    if (size != 11 || !box_begins(bytes, size, header, sizeof header))
        return false;
    if (bytes[7] == 0x00 && bytes[8] == 0x00 && bytes[9] <= 1) {
        set_native(b, bytes[9]);
        return true;
    }
    if (bytes[7] == 0x1f && bytes[8] == 0x10 && bytes[9] == 0)
        say_scene(b);
    return bytes[7] == 0x1f && (bytes[8] == 0x10 || bytes[8] == 0x11) && bytes[9] == 0;
}

/* Lamps are the host's in native mode, and where the scene says so. */
static bool
nano_hears(struct box *b, const uint8_t *bytes, size_t size)
{
    (void)size;
    if (bytes[0] == 0xf0 || b->state == NATIVE || b->scene[SCENE_LED])
        return false;
    box_blame(b,
              "its lamps follow its keys: it is neither in native mode nor set to let the host light them");
    return true;
}

static bool
nano_pressed(struct box *b, int c, int n, bool down)
{
    if (b->state == CC_MODE && !b->scene[SCENE_LED] && b->model->groups[c].seen.light)
        box_part(b, c, n)->light = down ? 127 : 0;
    return false;
}

const struct model korg_models[] = {
    {.name = "nanokontrol2",
     .groups = nano,
     .ngroups = sizeof nano / sizeof *nano,
     .sysex = nano_sysex,
     .hears = nano_hears,
     .pressed = nano_pressed},
    {.name = NULL},
};
