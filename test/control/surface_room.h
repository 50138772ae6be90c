/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surface_room: a box that has one of each kind of control, an engine, and time that is a number.
 */
#ifndef TEST_CONTROL_SURFACE_ROOM_H
#define TEST_CONTROL_SURFACE_ROOM_H

#include "control/midi/surface.h"
#include "test/control/fake_engine.h"

#define MS 1000000LL

enum {
    FADER,
    ENCODER,
    PUSH,
    KEY,
    TOUCH,
    METER,
    DIGITS,
    LCD,
    JOG,
    KNOB,
    SLIDER,
    DIAL,
    SWITCH,
    WIDE,
    CLOCK,
    LABEL
};

enum { SAID = 4096 };

struct room {
    struct engine *engine;
    struct surface *s;
    struct surface_profile p;
    struct surface_page page[3];
    struct midi_port port;
    int64_t now;
    int said; /* messages that left */
    uint8_t bytes[SAID][64];
    size_t size[SAID];
    bool full; /* the port takes nothing */
};

extern struct surface_control room_controls[];
extern const unsigned room_ncontrols;

/* The port's end. */
bool room_record(void *context, const uint8_t *bytes, size_t size);
void room_open(struct room *r); /* with the pages that it has */
/* One page with these assignments, told all about it. */
struct room *room_new(const struct surface_assign *assign, unsigned count);
void room_close(struct room *r);
void pass(struct room *r, int ms);
void say(struct room *r, int a, int b, int c);
void say_bytes(struct room *r, const uint8_t *bytes, size_t size);
/* The value of the last message of a status, and of a number where it has one; -1: there was none. */
int last(const struct room *r, int status, int number);
int count(const struct room *r, int status, int number); /* number -1: of any */
/* What stands on a strip, by all that was sent since `said` was 0. Device 0x14: the LCD's two rows, 0x15: a row of
   labels. */
const char *strip(const struct room *r, int device, int n, int row);
double value(const struct room *r, const char *path);
bool near(double a, double b);

#define ROOM(...)                                                                                            \
    static struct surface_assign assigned[] = {__VA_ARGS__};                                                 \
    struct room *r = room_new(assigned, LEN(assigned));                                                      \
    (void)state

#endif
