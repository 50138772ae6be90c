/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ring: single producer, single consumer, items of one size.
 *
 * One thread writes, one thread reads; neither waits. Counts are of items.
 * The ring holds a power of two of them, touched at prepare so that no page
 * fault waits in the process thread.
 */
#ifndef ENGINE_RING_H
#define ENGINE_RING_H

#include "dsp/dsp.h"

#include <stdatomic.h>

struct ring {
    unsigned char *items;             /* ours, from prepare to free */
    size_t size, mask;                /* bytes an item; capacity - 1 */
    _Alignas(64) _Atomic size_t head; /* items ever written: the producer's */
    _Alignas(64) _Atomic size_t tail; /* items ever read: the consumer's */
};

/* At least capacity items; NO_MEM. */
enum status ring_prepare(struct ring *r, size_t size, size_t capacity);
void ring_free(struct ring *r);

size_t ring_capacity(const struct ring *r);
RT size_t ring_readable(const struct ring *r); /* consumer */
RT size_t ring_writable(const struct ring *r); /* producer */

/* Copy up to count items; returns how many. */
RT size_t ring_write(struct ring *r, const void *items, size_t count);
RT size_t ring_read(struct ring *r, void *items, size_t count);

/* Consumer: look without taking (count items from `skip` on), and take without looking. */
RT size_t ring_peek(const struct ring *r, size_t skip, void *items, size_t count);
RT void ring_drop(struct ring *r, size_t count);

/* Items ever written and ever read: a place in the stream that both ends can name. */
RT size_t ring_written(const struct ring *r);
RT size_t ring_taken(const struct ring *r);

#endif
