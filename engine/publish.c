/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/publish.h"

#include <stdlib.h>
#include <string.h>

enum status
publish_prepare(struct publish *p, size_t size)
{
    *p = (struct publish){.size = size, .writing = 0, .reading = 1};
    atomic_init(&p->between, 2);
    p->copies = calloc(3, size);
    return p->copies ? OK : NO_MEM;
}

void
publish_free(struct publish *p)
{
    free(p->copies);
    p->copies = NULL;
}

void
publish_write(struct publish *p, const void *value)
{
    memcpy(p->copies + p->size * p->writing, value, p->size);
    p->writing = atomic_exchange_explicit(&p->between, p->writing | PUBLISH_FRESH, memory_order_acq_rel) &
                 ~(unsigned)PUBLISH_FRESH;
}

const void *
publish_read(struct publish *p)
{
    if (atomic_load_explicit(&p->between, memory_order_relaxed) & PUBLISH_FRESH)
        p->reading = atomic_exchange_explicit(&p->between, p->reading, memory_order_acq_rel) &
                     ~(unsigned)PUBLISH_FRESH;
    return p->copies + p->size * p->reading;
}

void
publish_count_add(struct publish_count *c, uint64_t n)
{
    atomic_fetch_add_explicit(&c->value, n, memory_order_release);
}

uint64_t
publish_count_get(const struct publish_count *c)
{
    return atomic_load_explicit(&c->value, memory_order_acquire);
}

uint64_t
publish_count_take(struct publish_count *c)
{
    return atomic_fetch_add_explicit(&c->value, 1, memory_order_acq_rel);
}

void
publish_count_set(struct publish_count *c, uint64_t value)
{
    atomic_store_explicit(&c->value, value, memory_order_release);
}
