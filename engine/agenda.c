/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A heap, because thousands may come in one period, in the worst of orders.
 */
#include "engine/agenda.h"

#include <stdlib.h>
#include <string.h>

enum status
agenda_prepare(struct agenda *a, int capacity)
{
    *a = (struct agenda){.entry = calloc((size_t)capacity, sizeof *a->entry), .capacity = capacity};
    if (!a->entry)
        return NO_MEM;
    memset(a->entry, 0, sizeof *a->entry * (size_t)capacity); /* no page fault waits in the process thread */
    return OK;
}

void
agenda_free(struct agenda *a)
{
    free(a->entry);
    *a = (struct agenda){0};
}

RT bool
agenda_full(const struct agenda *a)
{
    return a->count == a->capacity;
}

RT static bool
before(const struct agenda_entry *a, const struct agenda_entry *b)
{
    if (a->event.frame != b->event.frame)
        return a->event.frame < b->event.frame;
    return a->arrival < b->arrival;
}

RT void
agenda_put(struct agenda *a, const struct event *e)
{
    struct agenda_entry new = {*e, a->arrivals++};
    int at = a->count++;

    for (int up; at > 0 && before(&new, &a->entry[up = (at - 1) / 2]); at = up)
        a->entry[at] = a->entry[up];
    a->entry[at] = new;
}

RT bool
agenda_due(const struct agenda *a, uint64_t frame)
{
    return a->count && a->entry[0].event.frame <= frame;
}

RT struct event
agenda_take(struct agenda *a)
{
    struct event first = a->entry[0].event;
    struct agenda_entry last = a->entry[--a->count];
    int at = 0;

    for (int down = 1; down < a->count; at = down, down = 2 * at + 1) {
        if (down + 1 < a->count && before(&a->entry[down + 1], &a->entry[down]))
            down++;
        if (!before(&a->entry[down], &last))
            break;
        a->entry[at] = a->entry[down];
    }
    a->entry[at] = last;
    return first;
}

RT int
agenda_until(const struct agenda *a, uint64_t frame, int n)
{
    if (a->count && a->entry[0].event.frame > frame && a->entry[0].event.frame - frame < (uint64_t)n)
        return (int)(a->entry[0].event.frame - frame);
    return n;
}
