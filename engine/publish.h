/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * publish: the newest copy of a struct, from one writer to one reader, neither waiting.
 *
 * Three copies: one being written, one being read, one between them.
 */
#ifndef ENGINE_PUBLISH_H
#define ENGINE_PUBLISH_H

#include "dsp/dsp.h"

#include <stdatomic.h>

struct publish {
    unsigned char *copies; /* three, ours, from prepare to free */
    size_t size;
    unsigned writing, reading; /* the writer's, the reader's */
    _Atomic unsigned between;  /* | PUBLISH_FRESH when not yet read */
};

enum { PUBLISH_FRESH = 4 };

enum status publish_prepare(struct publish *p, size_t size); /* zeros; NO_MEM */
void publish_free(struct publish *p);
RT void publish_write(struct publish *p, const void *value);
/* The newest, valid until the next call. */
RT const void *publish_read(struct publish *p);

/* A number that one thread counts up and another looks at. */
struct publish_count {
    _Atomic uint64_t value;
};

RT void publish_count_add(struct publish_count *c, uint64_t n);
RT uint64_t publish_count_get(const struct publish_count *c);
/* The next number, to one of many takers. */
uint64_t publish_count_take(struct publish_count *c);
/* Set by one thread, looked at by another. */
RT void publish_count_set(struct publish_count *c, uint64_t value);

#endif
