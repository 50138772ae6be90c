/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outbox: what is on its way to a box: only what differs from what it was told last, the newest of each alone, no faster
 * than the box can take it.
 *
 * A cell is one thing that the box shows: a motor, a ring, a light, a text. What is put into a cell replaces what has not
 * left yet. Cells leave in turn, so that a meter can't starve a light; those of a higher urgency first.
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

struct outbox;

/* Gaps as in the profile. ncells cells, all unknown to the box. NO_MEM. */
enum status outbox_open(struct outbox **o, const struct surface_profile *p, int ncells,
                        const struct midi_port *port);
void outbox_close(struct outbox *o);

/* One or more whole messages, one behind the other, at most SURFACE_BYTES. The same as was last told: nothing leaves. */
void outbox_put(struct outbox *o, int cell, enum outbox_urgency u, const uint8_t *bytes, size_t size);
/* The same, without comparing: each one leaves (a meter that decays by itself, a keep-alive). */
void outbox_push(struct outbox *o, int cell, enum outbox_urgency u, const uint8_t *bytes, size_t size);
/* The cell's last bytes are not what the box shows (it was moved by hand): the next ones leave, the same or not. */
void outbox_forget(struct outbox *o, int cell);
void outbox_forget_all(struct outbox *o);
/* What has not left does not leave. */
void outbox_drop(struct outbox *o, int cell);

/* Sends what may leave by now. Never waits. */
void outbox_tick(struct outbox *o, int64_t now_ns);
bool outbox_empty(const struct outbox *o);
uint64_t outbox_sent(const struct outbox *o); /* messages */
/* Of everything, in order, for a surface that is going: at most `wait_ns` from now on, and then it is dropped. */
int64_t outbox_next_ns(const struct outbox *o); /* when the next may leave; INT64_MAX: nothing is there */

#endif
