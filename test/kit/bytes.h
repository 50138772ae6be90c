/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bytes: a file written byte by byte: a WAV with a fault where the test wants it.
 */
#ifndef TEST_KIT_BYTES_H
#define TEST_KIT_BYTES_H

#include <stdint.h>
#include <string.h>

enum { BYTES_MAX = 1 << 21 };

struct bytes {
    unsigned char b[BYTES_MAX];
    size_t n;
};

/* Little- and big-endian numbers of so many bytes, behind what is there. */
static inline void
bytes_le(struct bytes *f, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        f->b[f->n++] = (unsigned char)(v >> (8 * i));
}

static inline void
bytes_be(struct bytes *f, uint64_t v, int bytes)
{
    for (int i = bytes; i--;)
        f->b[f->n++] = (unsigned char)(v >> (8 * i));
}

/* Written over what is at `at`. */
static inline void
bytes_set_le(struct bytes *f, size_t at, uint64_t v, int bytes)
{
    size_t n = f->n;

    f->n = at;
    bytes_le(f, v, bytes);
    f->n = n;
}

static inline void
bytes_set_be(struct bytes *f, size_t at, uint64_t v, int bytes)
{
    size_t n = f->n;

    f->n = at;
    bytes_be(f, v, bytes);
    f->n = n;
}

static inline void
bytes_text(struct bytes *f, const char *text)
{
    memcpy(f->b + f->n, text, strlen(text));
    f->n += strlen(text);
}

static inline void
bytes_zeros(struct bytes *f, size_t n)
{
    memset(f->b + f->n, 0, n);
    f->n += n;
}

/* "RIFF" and its size to be set by bytes_riff_end. */
static inline void
bytes_riff(struct bytes *f)
{
    f->n = 0;
    bytes_text(f, "RIFF");
    bytes_le(f, 0, 4);
    bytes_text(f, "WAVE");
}

static inline void
bytes_riff_end(struct bytes *f)
{
    bytes_set_le(f, 4, f->n - 8, 4);
}

/* A plain format chunk. tag 1: PCM, 3: float. */
static inline void
bytes_fmt(struct bytes *f, int tag, int nch, uint32_t rate_hz, int bits)
{
    bytes_text(f, "fmt ");
    bytes_le(f, 16, 4);
    bytes_le(f, (uint64_t)tag, 2);
    bytes_le(f, (uint64_t)nch, 2);
    bytes_le(f, rate_hz, 4);
    bytes_le(f, rate_hz * (uint64_t)(nch * bits / 8), 4);
    bytes_le(f, (uint64_t)(nch * bits / 8), 2);
    bytes_le(f, (uint64_t)bits, 2);
}

/* The head of a chunk. Returns where its size stands. */
static inline size_t
bytes_chunk(struct bytes *f, const char *id, uint32_t size)
{
    bytes_text(f, id);
    bytes_le(f, size, 4);
    return f->n - 4;
}

/* A chunk of n bytes that mean nothing, never printable. */
static inline void
bytes_data(struct bytes *f, uint32_t n)
{
    bytes_chunk(f, "data", n);
    for (uint32_t i = 0; i < n; i++)
        f->b[f->n++] = (unsigned char)(0x80 | (i * 37 & 0x7f));
}

#endif
