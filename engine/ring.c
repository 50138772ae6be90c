/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/ring.h"

#include <stdlib.h>
#include <string.h>

enum status
ring_prepare(struct ring *r, size_t size, size_t capacity)
{
    size_t n = 2;

    while (n < capacity)
        n *= 2;
    r->size = size;
    r->mask = n - 1;
    atomic_init(&r->head, 0);
    atomic_init(&r->tail, 0);
    r->items = malloc(n * size);
    if (!r->items)
        return NO_MEM;
    memset(r->items, 0, n * size);
    return OK;
}

void
ring_free(struct ring *r)
{
    free(r->items);
    r->items = NULL;
}

size_t
ring_capacity(const struct ring *r)
{
    return r->mask + 1;
}

size_t
ring_readable(const struct ring *r)
{
    return atomic_load_explicit(&r->head, memory_order_acquire) -
           atomic_load_explicit(&r->tail, memory_order_relaxed);
}

size_t
ring_writable(const struct ring *r)
{
    return r->mask + 1 -
           (atomic_load_explicit(&r->head, memory_order_relaxed) -
            atomic_load_explicit(&r->tail, memory_order_acquire));
}

static void
copy_in(struct ring *r, size_t at, const unsigned char *items, size_t count)
{
    size_t first = r->mask + 1 - (at & r->mask);

    if (first > count)
        first = count;
    memcpy(r->items + (at & r->mask) * r->size, items, first * r->size);
    memcpy(r->items, items + first * r->size, (count - first) * r->size);
}

static void
copy_out(const struct ring *r, size_t at, unsigned char *items, size_t count)
{
    size_t first = r->mask + 1 - (at & r->mask);

    if (first > count)
        first = count;
    memcpy(items, r->items + (at & r->mask) * r->size, first * r->size);
    memcpy(items + first * r->size, r->items, (count - first) * r->size);
}

size_t
ring_write(struct ring *r, const void *items, size_t count)
{
    size_t room = ring_writable(r);
    size_t head = atomic_load_explicit(&r->head, memory_order_relaxed);

    if (count > room)
        count = room;
    copy_in(r, head, items, count);
    atomic_store_explicit(&r->head, head + count, memory_order_release);
    return count;
}

size_t
ring_peek(const struct ring *r, size_t skip, void *items, size_t count)
{
    size_t there = ring_readable(r);

    if (skip >= there)
        return 0;
    if (count > there - skip)
        count = there - skip;
    copy_out(r, atomic_load_explicit(&r->tail, memory_order_relaxed) + skip, items, count);
    return count;
}

void
ring_drop(struct ring *r, size_t count)
{
    size_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    size_t there = ring_readable(r);

    if (count > there)
        count = there;
    atomic_store_explicit(&r->tail, tail + count, memory_order_release);
}

size_t
ring_read(struct ring *r, void *items, size_t count)
{
    count = ring_peek(r, 0, items, count);
    ring_drop(r, count);
    return count;
}

size_t
ring_written(const struct ring *r)
{
    return atomic_load_explicit(&r->head, memory_order_acquire);
}

size_t
ring_taken(const struct ring *r)
{
    return atomic_load_explicit(&r->tail, memory_order_acquire);
}
