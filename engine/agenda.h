/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * agenda: events that wait for their frames; those of one frame go by arrival.
 */
#ifndef ENGINE_AGENDA_H
#define ENGINE_AGENDA_H

#include "engine/msg.h"

struct agenda_entry {
    struct event event;
    uint64_t arrival;
};

struct agenda {                 /* fields are agenda.c's business */
    struct agenda_entry *entry; /* ours; a heap: [0] is due first */
    int count, capacity;
    uint64_t arrivals;
};

enum status agenda_prepare(struct agenda *a, int capacity); /* NO_MEM */
void agenda_free(struct agenda *a);

RT bool agenda_full(const struct agenda *a);
RT void agenda_put(struct agenda *a, const struct event *e); /* never when it is full */
/* Is one due at this frame, or was before? */
RT bool agenda_due(const struct agenda *a, uint64_t frame);
RT struct event agenda_take(struct agenda *a); /* the first; never when there is none */
/* Frames until the next one, where that is less than n; else n. */
RT int agenda_until(const struct agenda *a, uint64_t frame, int n);

#endif
