/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outbox: what is on its way to a box: only what differs from what it was told last, the newest of each alone, no faster
 * than the box can take it.
 *
 * A cell is one thing that the box shows: a motor, a ring, a light, a text. What is put into a cell replaces what has not
 * left yet, in its place in the queue. Cells of an urgency leave in turn, in the order in which they were put, so that one
 * that is put again and again keeps none waiting. Those of a higher urgency go first; but of ten cells that leave one is
 * a meter where one waits, and moves and texts don't wait for more than eleven others.
 *
 * A cell's messages leave one behind the other, with nothing between them: once the first has left, no other cell's does
 * before the last has. What is put into the cell meanwhile comes behind.
 *
 * time   now_ns is the caller's clock, never going back; nothing here looks at another one, but outbox_flush when it is
 *        given none
 */
#ifndef CONTROL_MIDI_OUTBOX_H
#define CONTROL_MIDI_OUTBOX_H

#include "control/midi/port.h"
#include "engine/surface.h"

enum outbox_urgency {
    OUTBOX_ANSWER /* handshake */,
    OUTBOX_MOVE /* motors, rings, lights */,
    OUTBOX_TEXT,
    OUTBOX_METER,
    OUTBOX_URGENCIES
};

enum {
    OUTBOX_RETRY_NS = 1000000
}; /* after the port had no room, outbox_next_ns asks for this much patience */

struct outbox;

/* How long the box needs behind this one whole message. */
int64_t outbox_gap_ns(const struct surface_profile *p, const uint8_t *bytes, size_t size);

/* Gaps as in the profile, which need not outlive this. ncells cells, all unknown to the box. NO_MEM. */
enum status outbox_open(struct outbox **o, const struct surface_profile *p, int ncells,
                        const struct midi_port *port);
void outbox_close(struct outbox *o); /* sends nothing more; NULL is harmless */

/* One or more whole messages, one behind the other, at most SURFACE_BYTES; none: nothing happens. The same as was last
   told: nothing leaves, and what waited in the cell neither. A cell that waits with a higher urgency keeps that. */
void outbox_put(struct outbox *o, int cell, enum outbox_urgency u, const uint8_t *bytes, size_t size);
/* The same, without comparing: it leaves (a meter that decays by itself, a keep-alive). */
void outbox_push(struct outbox *o, int cell, enum outbox_urgency u, const uint8_t *bytes, size_t size);
/* The cell's last bytes are not what the box shows (it was moved by hand): the next ones leave, the same or not. */
void outbox_forget(struct outbox *o, int cell);
void outbox_forget_all(struct outbox *o);
/* What has not left does not leave; of a cell that has begun to, the rest does. */
void outbox_drop(struct outbox *o, int cell);
void outbox_drop_all(struct outbox *o);

/* Sends what may leave by now: each cell at most once. Never waits. */
void outbox_tick(struct outbox *o, int64_t now_ns);
bool outbox_empty(const struct outbox *o);
uint64_t outbox_sent(const struct outbox *o); /* messages */
int64_t outbox_next_ns(
    const struct outbox *o); /* when the next may leave, or 0: at once; INT64_MAX: nothing is there */

/* Waits until about until_ns and returns what time it is then. */
typedef int64_t outbox_wait(void *context, int64_t until_ns);
/* For a surface that is going: sends everything in order, as a tick would, for at most wait_ns from now on; the rest is
   dropped. True: all has left. wait NULL: the thread sleeps. */
bool outbox_flush(struct outbox *o, int64_t now_ns, int64_t wait_ns, outbox_wait *wait, void *context);

#endif
