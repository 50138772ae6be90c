/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz: what strangers can send, handed to the code that reads it. Each program of this folder is one input's way in;
 * scripts/fuzz lets libFuzzer look for inputs, replay.c goes through those that are kept (corpus/NAME).
 *
 * Whatever comes, nothing may crash, and what the program asserts must hold.
 */
#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

#undef NDEBUG
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of an input. */
struct feed {
    const uint8_t *at;
    size_t left;
};

static inline unsigned
feed_byte(struct feed *f)
{
    if (!f->left)
        return 0;
    f->left--;
    return *f->at++;
}

/* At most so many bytes; *size: how many there are. */
static inline const uint8_t *
feed_bytes(struct feed *f, size_t most, size_t *size)
{
    const uint8_t *at = f->at;

    *size = most < f->left ? most : f->left;
    f->at += *size;
    f->left -= *size;
    return at;
}

#endif
