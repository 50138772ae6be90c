/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seat: one device that is spoken to: the way to it (a bridge, or JACK's midi_in and midi_out), and the surface that its
 * profile makes of it. Without a profile it is only listened to, while somebody learns.
 */
#ifndef CONTROL_MIDI_SEAT_H
#define CONTROL_MIDI_SEAT_H

#include "control/loop.h"
#include "control/midi/bridge.h"
#include "control/midi/surface.h"

enum { SEAT_HAND = 64 };

struct seat { /* by value in its owner, all zero: nobody sits there; fields are read by surfaces.c */
    struct engine *engine;
    struct loop *loop;
    const struct surface_profile *profile; /* NULL: none */
    struct midi_device device;             /* not of JACK's */
    bool jack;
    struct bridge *bridge; /* NULL: JACK's */
    struct midi_port port;
    struct surface *surface;
    char hand[SEAT_HAND]; /* "midi X-TOUCH MINI", "midi jack" */
    surface_learner *learner;
    void *learning;
    int64_t now_ns;  /* of the last tick */
    uint64_t mapped; /* what JACK's map was made of; 0: there is none */
    uint64_t lost;   /* of what JACK brought */
    bool ended;      /* the bridge has */
};

/* e: what can't be. program: bridge_open. device NULL: JACK's. */
enum status seat_take(struct seat *s, struct engine *engine, struct loop *loop, const char *program,
                      const struct midi_device *device, const struct surface_profile *profile,
                      const char *hand, int64_t now_ns, struct err *e);
void seat_leave(struct seat *s);
bool seat_taken(const struct seat *s);
/* What it says goes to the learner; NULL: to the surface again. */
void seat_learn(struct seat *s, surface_learner *learner, void *context);
void seat_tick(struct seat *s, int64_t now_ns);

#endif
