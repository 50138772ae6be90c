/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surface: one MIDI control surface that is there: its controls move the engine's rows, and it shows what they are.
 *
 *   message -> codec -> pages -> takeover -> engine_set
 *   engine_get -> show, display -> outbox -> port
 *
 * manners
 *   motors     are sent nothing while touched, nor for SURFACE_HAND_NS after the hand's last move where there is no touch;
 *              then the row's value, once
 *   takeover   what has no motor does not jump (takeover.h); a light that it has, blinks while it does not hold its row
 *   loops      what comes back of what was just sent is not taken for a hand (surface_loops counts; it is told)
 *   floods     a control that says more than one value a tick moves its row once, to the newest; ticks add up
 *   feedback   only differences (outbox.h)
 *
 * hand       "midi X-TOUCH MINI": its moves in log and history
 */
#ifndef CONTROL_MIDI_SURFACE_H
#define CONTROL_MIDI_SURFACE_H

#include "control/midi/codec.h"
#include "control/midi/port.h"
#include "engine/engine.h"
#include "engine/midimap.h"
#include "engine/surface.h"

#define SURFACE_HAND_NS 150000000LL

struct surface;

struct surface_counts {
    uint64_t in, unknown; /* messages; that no control of the profile sends */
    uint64_t moves, refused;
    uint64_t out, loops, coalesced;
};

/* p, engine, port must outlive it. BAD_ARG (pages.h), NO_MEM. Says hello, and tells the box all. */
enum status surface_open(struct surface **s, const struct surface_profile *p, struct engine *engine,
                         const char *hand, const struct midi_port *port, struct err *e);
/* Says goodbye, as far as there is room. */
void surface_close(struct surface *s);

/* One whole message. frame: ENGINE_NOW, or the one at which it came in at JACK; moved: the process thread has moved
   the row already (midimap.h). */
void surface_take(struct surface *s, const uint8_t *bytes, size_t size, uint64_t frame, bool moved,
                  int64_t now_ns);
/* About each 10 ms, and after a batch of surface_take; now_ns never going back. */
void surface_tick(struct surface *s, int64_t now_ns);
/* When something may leave that could not yet; INT64_MAX: nothing waits. Tick it then. */
int64_t surface_next_ns(const struct surface *s);
/* The box may show anything: tell it all anew. */
void surface_resync(struct surface *s);

/* What of the present page JACK's midi_in can move by itself. */
void surface_map(const struct surface *s, struct midimap *map);
uint64_t surface_map_changes(const struct surface *s);

const struct surface_profile *surface_profile_of(const struct surface *s);
const char *surface_hand(const struct surface *s);
const char *surface_page_name(const struct surface *s);
bool surface_open_page(struct surface *s, const char *name);
const struct surface_counts *surface_counts(const struct surface *s);
/* The next line ("a loop: ..."); NULL: none. */
const char *surface_news(struct surface *s);

/* Somebody learns: events are handed on instead of moving anything; NULL: no longer. */
typedef void surface_learner(void *context, const uint8_t *bytes, size_t size, int64_t now_ns);
void surface_learn(struct surface *s, surface_learner *learner, void *context);

#endif
