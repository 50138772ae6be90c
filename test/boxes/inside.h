/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inside: what the boxes are made of. A model is a table of groups (what a hand on one says, what it hears) and a few
 * functions for what no table can say.
 */
#ifndef TEST_BOXES_INSIDE_H
#define TEST_BOXES_INSIDE_H

#include "test/boxes/box.h"

enum form { FORM_NONE, FORM_CC, FORM_CC_PAIR, FORM_NOTE, FORM_BEND, FORM_POLY, FORM_PRESSURE, FORM_PROGRAM };

/* A message of a group: that of its first, and how the next ones differ. */
struct call {
    enum form form;
    int channel, channel_step; /* 1..16 */
    int number, number_step;
    const uint8_t *numbers; /* or one each */
};

#define CC(channel, number)                                                                                  \
    {                                                                                                        \
        FORM_CC, channel, 0, number, 1, NULL                                                                 \
    }
#define CC_EACH(channel, list)                                                                               \
    {                                                                                                        \
        FORM_CC, channel, 0, 0, 0, list                                                                      \
    }
#define CC_PAIR(channel, number)                                                                             \
    {                                                                                                        \
        FORM_CC_PAIR, channel, 0, number, 1, NULL                                                            \
    }
#define NOTE(channel, number)                                                                                \
    {                                                                                                        \
        FORM_NOTE, channel, 0, number, 1, NULL                                                               \
    }
#define NOTE_EACH(channel, list)                                                                             \
    {                                                                                                        \
        FORM_NOTE, channel, 0, 0, 0, list                                                                    \
    }
#define BEND(channel)                                                                                        \
    {                                                                                                        \
        FORM_BEND, channel, 1, 0, 0, NULL                                                                    \
    }
#define PRESSURE(channel)                                                                                    \
    {                                                                                                        \
        FORM_PRESSURE, channel, 1, 0, 0, NULL                                                                \
    }
#define PROGRAM(channel)                                                                                     \
    {                                                                                                        \
        FORM_PROGRAM, channel, 1, 0, 0, NULL                                                                 \
    }
#define POLY_EACH(channel, list)                                                                             \
    {                                                                                                        \
        FORM_POLY, channel, 0, 0, 0, list                                                                    \
    }
#define POLY(channel, number)                                                                                \
    {                                                                                                        \
        FORM_POLY, channel, 0, number, 1, NULL                                                               \
    }

enum coding { CODED_PLACE, CODED_TWOS, CODED_OFFSET, CODED_SIGNED, CODED_SIGNED_INVERTED, CODED_BEND };

enum light_rule {
    LIGHT_NONE,
    LIGHT_MACKIE,    /* 0, 1 blinks, 127 */
    LIGHT_0_127,     /* nothing else */
    LIGHT_0_1,       /* nothing else */
    LIGHT_0_1_2,     /* off, on, blinking */
    LIGHT_HALF,      /* on from 64 */
    LIGHT_HALF_LATE, /* on from 65 */
    LIGHT_64_BLINKS, /* off below, blinks at it, on above */
    LIGHT_RED_GREEN  /* Launch Control's */
};

enum ring_rule {
    RING_NONE,
    RING_MACKIE, /* one byte for mode, centre and position */
    RING_13,
    RING_PLACE, /* it shows where the encoder stands */
    RING_BAR,
    RING_127 /* a lamp each way 0..127, told apart from the place */
};

struct group {
    struct box_control seen;
    struct call hand;    /* what turning, moving, pressing says */
    struct call touched; /* what a hand on it says */
    enum coding coding;
    bool note_off;     /* a button let go says 8n */
    bool toggles;      /* a button that is on or off, and says which when it is pressed */
    int press;         /* what pressing says; 0: 127 */
    int raw_step;      /* of places: a step is so much of the message's value; 0: 1 */
    struct call place; /* what moves it from outside */
    struct call ring, ring_mode;
    enum ring_rule ring_rule;
    struct call light;
    struct call rgb[3];
    enum light_rule light_rule;
    struct call meter; /* two bytes, 0..127 */
    struct call digit; /* Mackie's, the first is the rightmost */
};

struct part { /* one control */
    bool touched, down;
    double place, commanded;
    bool driven; /* commanded is of this session */
    int64_t hand_ns, command_ns;
    int high; /* of a pair, waiting for its low half; -1: none */
    int ring, mode, light, rgb[3], meter;
    bool over;
    int64_t meter_ns;
    char text[BOX_ROWS][BOX_COLUMNS];
    bool dot[BOX_COLUMNS];
    uint32_t strip_rgb;
    int owed; /* ticks that have been turned and not been said */
    int64_t said_ns;
    int last_way;
};

enum {
    HEARS_NOTHING,
    HEARS_PLACE,
    HEARS_LOW,
    HEARS_RING,
    HEARS_MODE,
    HEARS_LIGHT,
    HEARS_RED,
    HEARS_GREEN,
    HEARS_BLUE,
    HEARS_METER,
    HEARS_DIGIT
};

struct ear {
    int16_t group, n;
    int16_t what;
};

struct model {
    const char *name;
    const struct group *groups;
    int ngroups;
    int sysex_gap_us, sysex_byte_us; /* it needs from one sysex to the next */
    int colour_gap_us;               /* after the third of a colour's messages */
    bool servo;                      /* a motor goes back to where it was told to be, once the hand is off */
    bool own_ring;                   /* a turned encoder lights its ring by itself */
    int keep_alive_ms;               /* it wants to hear A0 00 00 so often */
    uint8_t id;                      /* in its sysex header */
    unsigned traits;                 /* the family's */
    void (*start)(struct box *b);
    bool (*sysex)(struct box *b, const uint8_t *bytes, size_t size); /* false: unknown */
    bool (*hears)(struct box *b, const uint8_t *bytes, size_t size); /* first of all; true: done with */
    bool (*pressed)(struct box *b, int c, int n, bool down);         /* true: done with */
    bool (*turned)(struct box *b, int c, int n, int ticks);
    void (*tick)(struct box *b);
    bool (*switched)(struct box *b, int to);
    bool (*bright)(const struct box *b, int c, int n, struct box_shows *s); /* true: it filled the light in */
};

enum { BOX_SCENE = 2048 };

struct box {
    const struct model *model;
    box_says *says;
    void *context;
    int64_t now_ns;
    char fault[400];
    int faults;
    struct part *part;
    int first[64]; /* of each group, in part */
    int nparts;
    struct ear ear[7][16][128];
    int channel_shift; /* all channels of the tables are so much higher */
    int64_t sysex_ns, sysex_room_ns, colour_ns, alive_ns;
    bool sleeps, silent; /* it hears nothing any more; it says nothing yet */
    int state;           /* the family's: 0 when switched on */
    int powered;         /* how often */
    uint8_t challenge[4];
    uint8_t scene[BOX_SCENE]; /* what can be programmed */
    int counter;
};

void box_blame(struct box *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct part *box_part(const struct box *b, int c, int n);
/* Says it. */
void box_say(struct box *b, const uint8_t *bytes, size_t size);
/* value in the call's own range. */
void box_call(struct box *b, const struct call *c, int n, int value);
int call_number(const struct call *c, int n);
int call_channel(const struct call *c, int n);
int call_max(const struct call *c);
/* The place that was told, 0..1; false and a fault where a hand is in the way. */
void box_drive(struct box *b, int c, int n, double place);
/* 0x20..0x7E, else a fault. */
bool box_printable(struct box *b, const uint8_t *text, size_t size);
/* b->model->groups[..] by name, which there must be. */
int box_group(const struct box *b, const char *name);
/* size bytes begin with the header. */
bool box_begins(const uint8_t *bytes, size_t size, const uint8_t *header, size_t n);

bool hear_light(struct box *b, int c, int n, int value);

extern const struct model mackie_models[], xtouch_models[], bc2000_models[], korg_models[], novation_models[],
    plain_models[], presonus_models[], faderfox_models[], arturia_models[]; /* each ends with a NULL name */

#endif
