/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * box: a control surface that is not there: it obeys the rules of the real one, and says when it was told what that does
 * not know.
 *
 * faults    any message that the real box has no use for, with a wrong length, header, address or value; a motor driven
 *           under a hand; sysex faster than the box can take it; text outside 0x20..0x7E. Kept as sentences: a test fails by
 *           box_fault().
 * controls  groups of equal ones, so that a test can walk them: c counts groups, n those of one group, both from 0
 * time      is what the caller says, in ns, never going back
 * sources   shared reference surfaces.md alone, sections in the .c files; "unsourced" there is what it does not say, or marks
 *           as unverified
 */
#ifndef TEST_BOXES_BOX_H
#define TEST_BOXES_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BOX_ROWS = 4, BOX_COLUMNS = 24 };

enum box_kind {
    BOX_FADER,
    BOX_POT,
    BOX_ENCODER,
    BOX_JOG,
    BOX_BUTTON,
    BOX_LAMP,
    BOX_METER,
    BOX_TEXT,  /* a scribble strip */
    BOX_DIGITS /* seven segments */
};

struct box_control {
    const char *name; /* "encoder" */
    enum box_kind kind;
    int count;
    int steps;      /* of what stands somewhere: how many places, less one (127, 1023); relative: 0 */
    int ring_steps; /* LEDs of its ring (11, 13), 127 of a bar; 0: it has none */
    bool motor, touch;
    bool keeps; /* an encoder that stands somewhere, and can be told where */
    bool light, blinks, colours;
    int rows, columns; /* of text */
};

enum box_light { BOX_OFF, BOX_ON, BOX_BLINK };
enum box_ring { BOX_DOT, BOX_FROM_CENTRE, BOX_FILL, BOX_SPREAD, BOX_TRIM, BOX_RING_OFF };

struct box_shows {
    double place; /* 0..1: of a fader, pot, or encoder that keeps it */
    enum box_light light;
    int colour;   /* the box's own number for it */
    uint32_t rgb; /* where it has three lamps, or a strip's */
    enum box_ring mode;
    int ring;      /* 1..ring_steps, a bar 0..127; 0: dark */
    int ring_last; /* what the ring's range ends with in this mode: 6 of a Mackie's spread */
    bool ring_blinks, centre;
    int meter; /* 0..13, or 0..127 */
    bool over;
    char text[BOX_ROWS][BOX_COLUMNS + 1];
    char dots[BOX_COLUMNS + 1]; /* of digits: '.' where one is lit */
};

struct box;

/* One whole message to the host. */
typedef void box_says(void *context, const uint8_t *bytes, size_t size, int64_t now_ns);

/* The n-th of all models' names; NULL: no more. */
const char *box_model(int n);
/* Switched on. NULL: there is no such model, or no memory. */
struct box *box_open(const char *model, box_says *says, void *context, int64_t now_ns);
void box_close(struct box *b);
/* Switched off and on again: all dark, nothing programmed. */
void box_power(struct box *b, int64_t now_ns);

/* One whole message from the host. */
void box_receive(struct box *b, const uint8_t *bytes, size_t size, int64_t now_ns);
/* Each 10 ms or oftener: motors travel, meters fall. */
void box_tick(struct box *b, int64_t now_ns);

const char *box_fault(const struct box *b); /* the first; NULL: none */
int box_faults(const struct box *b);
void box_forgive(struct box *b);

int box_controls(const struct box *b);
const struct box_control *box_control(const struct box *b, int c);
int box_find(const struct box *b, const char *name); /* -1: none */

/* What a person does. */
void box_touch(struct box *b, int c, int n, bool on, int64_t now_ns);
/* To a place 0..1, at once; a fader that feels hands feels this one until box_touch lets it go. */
void box_move(struct box *b, int c, int n, double place, int64_t now_ns);
/* Clockwise is positive; what comes of it may take some ticks of the clock. */
void box_turn(struct box *b, int c, int n, int ticks, int64_t now_ns);
/* Of a button, or of what a button holds (a foot switch). */
void box_press(struct box *b, int c, int n, bool down, int64_t now_ns);
/* Some boxes have a state of their own that a person changes: a Launch Control's template. False: it has none. */
bool box_switch(struct box *b, int to, int64_t now_ns);

/* What a person sees. */
struct box_shows box_shows(const struct box *b, int c, int n);
/* It is held down; it has been turned by ticks that it has not said yet. */
bool box_is_down(const struct box *b, int c, int n);
bool box_owes(const struct box *b, int c, int n);

#endif
