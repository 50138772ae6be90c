/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Boxes that speak Mackie Control (surfaces.md 1, 2, 3, 5, 13): one family, told apart by what each has.
 *
 * V-pot pushes and touches hear nothing ("-" in the table of 1.1).
 * A Logic Control is deaf until it has had the right answer, and after a wrong one until it is switched off.
 * 5 ms from sysex to sysex for all of them (0, "pace of output").
 * A P1-M has meters for strips and master and a time display, as the cited device file says; a Platform M+ has none.
 * The D2 display of a Platform M+ is taken to be plugged in: it has no other.
 * A BCF2000 is what the cited device file says it is: also a master and a jog wheel, that its front does not have.
 * An X-Touch One (MC) is an X-Touch of which a person has one strip in hand.
 * Unsourced: 10 bits of a fader's way for all of them; a BCF has no display but two digits.
 */
#include "test/boxes/inside.h"

#include <string.h>

#define MS 1000000LL

enum trait {
    HAS_LCD = 1,
    HAS_METERS = 2,
    XTOUCH_COLOURS = 4,
    ICON_COLOURS = 8, /* and master meters: D1 0v, D1 1v */
    CHALLENGES = 16,  /* Logic Control */
    SAYS_READY = 32,  /* 01 when it comes up, and when it is asked */
    SAYS_COMPACT = 64 /* 06 when it comes up; CC 127 sets its mode */
};

enum { ASLEEP, AWAKE, LOCKED }; /* box.state of what challenges */

static const uint8_t serial[7] = {'D', 'W', '0', '4', '7', '1', '1'};

#define BUTTONS(label, many, first, blinking)                                                                \
    {                                                                                                        \
        .seen = {.name = label, .kind = BOX_BUTTON, .count = many, .light = true, .blinks = blinking},       \
        .hand = NOTE(1, first), .light = NOTE(1, first), .light_rule = LIGHT_MACKIE                          \
    }
#define DARK_BUTTONS(label, many, first)                                                                     \
    {                                                                                                        \
        .seen = {.name = label, .kind = BOX_BUTTON, .count = many}, .hand = NOTE(1, first)                   \
    }
#define FADERS(label, many, channel, touch_note, feels)                                                      \
    {                                                                                                        \
        .seen =                                                                                              \
            {.name = label, .kind = BOX_FADER, .count = many, .steps = 1023, .motor = true, .touch = feels}, \
        .hand = BEND(channel), .raw_step = 16, .touched = NOTE(1, touch_note), .place = BEND(channel)        \
    }
#define VPOTS                                                                                                \
    {                                                                                                        \
        .seen = {.name = "vpot", .kind = BOX_ENCODER, .count = 8, .ring_steps = 11}, .hand = CC(1, 16),      \
        .coding = CODED_SIGNED, .ring = CC(1, 48), .ring_rule = RING_MACKIE                                  \
    }
#define JOG                                                                                                  \
    {                                                                                                        \
        .seen = {.name = "jog", .kind = BOX_JOG, .count = 1}, .hand = CC(1, 60), .coding = CODED_SIGNED      \
    }
#define PEDAL                                                                                                \
    {                                                                                                        \
        .seen = {.name = "pedal", .kind = BOX_POT, .count = 1, .steps = 127}, .hand = CC(1, 46)              \
    }
#define LCD                                                                                                  \
    {                                                                                                        \
        .seen = {.name = "lcd", .kind = BOX_TEXT, .count = 8, .rows = 2, .columns = 7 }                      \
    }
#define METERS                                                                                               \
    {                                                                                                        \
        .seen = {.name = "meter", .kind = BOX_METER, .count = 8 }                                            \
    }
#define MASTER_METERS                                                                                        \
    {                                                                                                        \
        .seen = {.name = "master-meter", .kind = BOX_METER, .count = 2 }                                     \
    }
#define DIGITS(label, many, first)                                                                           \
    {                                                                                                        \
        .seen = {.name = label, .kind = BOX_DIGITS, .count = 1, .rows = 1, .columns = many},                 \
        .digit = CC(1, first)                                                                                \
    }
#define LAMPS(blinking)                                                                                      \
    {                                                                                                        \
        .seen = {.name = "lamp", .kind = BOX_LAMP, .count = 3, .light = true, .blinks = blinking},           \
        .light = NOTE(1, 113), .light_rule = LIGHT_MACKIE                                                    \
    }

#define STRIP_KEYS(blinking)                                                                                 \
    BUTTONS("rec", 8, 0, blinking), BUTTONS("solo", 8, 8, blinking), BUTTONS("mute", 8, 16, blinking),       \
        BUTTONS("select", 8, 24, blinking), DARK_BUTTONS("push", 8, 32)
#define STRIPS(blinking, feels) FADERS("fader", 8, 1, 104, feels), VPOTS, STRIP_KEYS(blinking)
#define MASTER(feels)           FADERS("master", 1, 9, 112, feels)
#define MIDDLE(blinking)                                                                                     \
    BUTTONS("assign", 6, 40, blinking), BUTTONS("bank", 2, 46, blinking),                                    \
        BUTTONS("channel", 2, 48, blinking), BUTTONS("flip", 1, 50, blinking),                               \
        BUTTONS("global", 1, 51, blinking), BUTTONS("name", 1, 52, blinking),                                \
        BUTTONS("beats", 1, 53, blinking), BUTTONS("f", 8, 54, blinking), BUTTONS("view", 8, 62, blinking),  \
        BUTTONS("modifier", 4, 70, blinking), BUTTONS("automation", 6, 74, blinking),                        \
        BUTTONS("utility", 4, 80, blinking), BUTTONS("function", 7, 84, blinking),                           \
        BUTTONS("transport", 5, 91, blinking), BUTTONS("cursor", 4, 96, blinking),                           \
        BUTTONS("zoom", 1, 100, blinking), BUTTONS("scrub", 1, 101, blinking),                               \
        BUTTONS("user", 2, 102, blinking)

static const struct group whole[] = {
    STRIPS(true, true),     MASTER(true),          MIDDLE(true), JOG, PEDAL, LCD, METERS,
    DIGITS("time", 10, 64), DIGITS("code", 2, 74), LAMPS(true)};
static const struct group extender[] = {STRIPS(true, true), LCD, METERS};
static const struct group icon[] = {STRIPS(false, true), MASTER(true), MIDDLE(false), JOG, LCD};
static const struct group p1[] = {
    STRIPS(false, true), MASTER(true),           MIDDLE(false), JOG, LCD, METERS,
    MASTER_METERS,       DIGITS("time", 10, 64), LAMPS(false)};
static const struct group compact[] = {STRIPS(true, true), MASTER(true), MIDDLE(true)};
static const struct group bcf[] = {STRIPS(true, false), MASTER(false), MIDDLE(true), JOG,
                                   DIGITS("code", 2, 74)};

static bool
has(const struct box *b, enum trait t)
{
    return b->model->traits & t;
}

/* F0 00 00 66 id command more F7 */
static void
say_sysex(struct box *b, int command, const uint8_t *more, size_t size)
{
    uint8_t bytes[32] = {0xf0, 0x00, 0x00, 0x66, b->model->id, (uint8_t)command};

    if (size)
        memcpy(bytes + 6, more, size);
    bytes[6 + size] = 0xf7;
    box_say(b, bytes, size + 7);
}

static void
say_ready(struct box *b)
{
    uint8_t more[11];

    memcpy(more, serial, 7);
    memcpy(more + 7, b->challenge, 4);
    say_sysex(b, 0x01, more, 11);
}

static void
start(struct box *b)
{
    for (int i = 0; i < 4; i++)
        b->challenge[i] = (b->powered * 37 + i * 29 + 11) & 127;
    if (has(b, SAYS_READY))
        say_ready(b);
    if (has(b, SAYS_COMPACT))
        say_sysex(b, 0x06, NULL, 0);
}

/* surfaces.md 1.7, with the shift by 4 of r1. */
static bool
answers(const struct box *b, const uint8_t *r)
{
    const uint8_t *c = b->challenge;
    const int want[4] = {c[0] + (c[1] ^ 0x0a) - c[3], (c[2] >> 4) ^ (c[0] + c[3]),
                         (c[3] - (c[2] << 2)) ^ (c[0] | c[1]), c[1] - c[2] + (0xf0 ^ (c[3] << 4))};

    for (int i = 0; i < 4; i++)
        if (r[i] != (want[i] & 127))
            return false;
    return true;
}

static bool
take_answer(struct box *b, const uint8_t *more, size_t size)
{
    if (!has(b, CHALLENGES) || size != 11)
        return false;
    if (b->state == LOCKED)
        return true;
    if (memcmp(more, serial, 7) == 0 && answers(b, more + 7)) {
        b->state = AWAKE;
        say_sysex(b, 0x03, serial, 7);
    } else {
        b->state = LOCKED;
        box_blame(b, "the challenge is answered wrongly: it locks itself");
        say_sysex(b, 0x04, serial, 7);
    }
    return true;
}

static bool
take_lcd(struct box *b, const uint8_t *more, size_t size)
{
    int at = size ? more[0] : 0, lcd;

    if (!has(b, HAS_LCD) || size < 2)
        return false;
    if (at + (int)size - 1 > 112) {
        box_blame(b, "%d characters from %02X reach beyond the LCD, which ends with 6F", (int)size - 1,
                  (unsigned)at);
        return true;
    }
    if (!box_printable(b, more + 1, size - 1))
        return true;
    lcd = box_group(b, "lcd");
    for (size_t i = 1; i < size; i++, at++)
        box_part(b, lcd, at % 56 / 7)->text[at / 56][at % 7] = (char)more[i];
    return true;
}

static bool
take_colours(struct box *b, const uint8_t *more, size_t size)
{
    if (!has(b, XTOUCH_COLOURS) || size != 8)
        return false;
    for (int i = 0; i < 8; i++) {
        uint32_t c = more[i];

        if (c > 7)
            box_blame(b, "a strip has no colour %d", (int)c);
        box_part(b, box_group(b, "lcd"), i)->strip_rgb =
            (c & 1 ? 0xff0000 : 0) | (c & 2 ? 0x00ff00 : 0) | (c & 4 ? 0x0000ff : 0);
    }
    return true;
}

static bool
take_icon_colours(struct box *b, const uint8_t *bytes, size_t size)
{
    static const uint8_t header[] = {0xf0, 0x00, 0x02, 0x4e, 0x16, 0x14};

    if (!has(b, ICON_COLOURS) || !box_begins(bytes, size, header, sizeof header) || size != 6 + 24 + 1)
        return false;
    for (int i = 0; i < 8; i++)
        box_part(b, box_group(b, "lcd"), i)->strip_rgb =
            (uint32_t)bytes[6 + 3 * i] << 16 | (uint32_t)bytes[7 + 3 * i] << 8 | bytes[8 + 3 * i];
    return true;
}

/* Lamps off, faders down: what a reset does. */
static bool
reset(struct box *b)
{
    for (int g = 0; g < b->model->ngroups; g++)
        for (int n = 0; n < b->model->groups[g].seen.count; n++) {
            struct part *p = box_part(b, g, n);

            p->light = p->ring = p->meter = 0;
            p->over = false;
            if (b->model->groups[g].seen.motor)
                box_drive(b, g, n, 0);
        }
    return true;
}

/* What sets the box up, and shows nothing: right values are enough. */
static bool
take_setting(struct box *b, int command, const uint8_t *m, size_t size)
{
    switch (command) {
    case 0x09: return size == 1 && m[0] == 0;
    case 0x0a: return size == 1 && m[0] <= 1;
    case 0x0b: return size == 1;
    case 0x0c: return size == 1 && m[0] <= 1;
    case 0x0e: return size == 2 && m[0] <= 8 && m[1] <= 5;
    case 0x20: return has(b, HAS_METERS) && size == 2 && m[0] <= 7 && m[1] <= 7;
    case 0x21: return has(b, HAS_METERS) && size == 1 && m[0] <= 1;
    }
    return false;
}

static bool
take_sysex(struct box *b, const uint8_t *bytes, size_t size)
{
    const uint8_t header[] = {0xf0, 0x00, 0x00, 0x66, b->model->id};
    const uint8_t *more = bytes + 6;
    size_t n = size - 7;
    bool logic = has(b, CHALLENGES);

    if (take_icon_colours(b, bytes, size))
        return true;
    if (size < 7 || !box_begins(bytes, size, header, sizeof header))
        return false;
    if (logic && b->state != AWAKE && bytes[5] != 0x00 && bytes[5] != 0x02 && bytes[5] != 0x13)
        return true; /* deaf */
    switch (bytes[5]) {
    case 0x00:
        if (has(b, SAYS_READY))
            say_ready(b);
        return n == 0;
    case 0x02: return take_answer(b, more, n);
    case 0x08: return n == 1 && more[0] == 0 && reset(b);
    case 0x63: return n == 0 && reset(b);
    case 0x0f: return logic && n == 1 && more[0] == 0x7f && reset(b);
    case 0x61:
    case 0x62: return logic && n == 0 && reset(b);
    case 0x12: return take_lcd(b, more, n);
    case 0x13: say_sysex(b, 0x14, (const uint8_t *)"V2.12", 5); return n == 1 && more[0] == 0;
    case 0x72: return take_colours(b, more, n);
    }
    return take_setting(b, bytes[5], more, n);
}

static bool
take_meter(struct box *b, const char *group, int sv)
{
    int c = box_find(b, group);
    struct part *p;

    if (c < 0 || sv >> 4 >= b->model->groups[c].seen.count)
        return false;
    p = box_part(b, c, sv >> 4);
    if ((sv & 15) >= 14) {
        p->over = (sv & 15) == 14;
        return true;
    }
    p->meter = sv & 15;
    p->meter_ns = b->now_ns;
    return true;
}

static bool
take(struct box *b, const uint8_t *bytes, size_t size)
{
    bool digits = bytes[0] == 0xbf && bytes[1] >= 64 && bytes[1] <= 75;
    const struct ear *ear = &b->ear[3][0][bytes[1] & 127];

    if (bytes[0] == 0xf0)
        return false;
    if (has(b, CHALLENGES) && b->state != AWAKE)
        return true; /* deaf */
    if (bytes[0] == 0xd0 || bytes[0] == 0xd1)
        return take_meter(b, bytes[0] == 0xd0 ? "meter" : "master-meter", bytes[1]);
    if (digits && ear->what == HEARS_DIGIT) { /* some hosts send them on channel 16 */
        box_receive(b, (uint8_t[]){0xb0, bytes[1], bytes[2]}, size, b->now_ns);
        return true;
    }
    if (has(b, SAYS_COMPACT) && bytes[0] == 0xb0 && bytes[1] == 127 && bytes[2] == 1)
        return true;
    return bytes[0] == 0x90 && (bytes[1] == 116 || bytes[1] == 118) && box_find(b, "time") >= 0; /* click */
}

/* About 300 ms a step. */
static void
fall(struct box *b)
{
    for (int c = 0; c < b->model->ngroups; c++)
        for (int n = 0; b->model->groups[c].seen.kind == BOX_METER && n < b->model->groups[c].seen.count;
             n++) {
            struct part *p = box_part(b, c, n);

            while (p->meter && b->now_ns - p->meter_ns >= 300 * MS) {
                p->meter--;
                p->meter_ns += 300 * MS;
            }
        }
}

#define MODEL(label, table, number, more)                                                                    \
    {                                                                                                        \
        .name = label, .groups = table, .ngroups = sizeof table / sizeof *table, .id = number,               \
        .traits = more, .sysex_gap_us = 5000, .servo = true, .start = start, .sysex = take_sysex,            \
        .hears = take, .tick = fall                                                                          \
    }

const struct model mackie_models[] = {
    MODEL("mackie", whole, 0x14, HAS_LCD | HAS_METERS | SAYS_READY),
    MODEL("mackie-xt", extender, 0x15, HAS_LCD | HAS_METERS | SAYS_READY),
    MODEL("logic-control", whole, 0x10, HAS_LCD | HAS_METERS | SAYS_READY | CHALLENGES),
    MODEL("logic-control-xt", extender, 0x11, HAS_LCD | HAS_METERS | SAYS_READY | CHALLENGES),
    MODEL("x-touch", whole, 0x14, HAS_LCD | HAS_METERS | XTOUCH_COLOURS),
    MODEL("x-touch-extender", extender, 0x15, HAS_LCD | HAS_METERS | XTOUCH_COLOURS),
    MODEL("x-touch-one-mc", whole, 0x14, HAS_LCD | HAS_METERS | XTOUCH_COLOURS),
    MODEL("platform-m", icon, 0x14, HAS_LCD),
    MODEL("p1-m", p1, 0x14, HAS_LCD | HAS_METERS | ICON_COLOURS),
    MODEL("x-touch-compact-mc", compact, 0x14, SAYS_COMPACT),
    MODEL("bcf2000-mackie", bcf, 0x14, 0),
    {.name = NULL},
};
