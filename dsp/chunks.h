/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chunks: a stream cut at frames that are fixed to its start, whatever blocks it comes in; each chunk in one piece
 * with the frames before it.
 *
 * x[c][0 .. past) came before, x[c][past .. past + size) is the chunk; before the stream began there was silence.
 */
#ifndef DSP_CHUNKS_H
#define DSP_CHUNKS_H

#include "dsp/dsp.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNKS_CHANNELS = 8 };

struct chunks {
    double *memory, *x[CHUNKS_CHANNELS];
    int nch, past, size;
    int fill;   /* frames of the chunk that have come */
    int64_t at; /* frame of the chunk's first one */
};

/* NO_MEM. */
static inline enum status
chunks_prepare(struct chunks *k, int nch, int past, int size)
{
    size_t length = (size_t)(past + size);

    *k = (struct chunks){.nch = nch, .past = past, .size = size};
    k->memory = calloc((size_t)nch * length, sizeof *k->memory);
    for (int c = 0; c < nch && k->memory; c++)
        k->x[c] = k->memory + (size_t)c * length;
    return k->memory ? OK : NO_MEM;
}

static inline void
chunks_free(struct chunks *k)
{
    free(k->memory);
    *k = (struct chunks){0};
}

/* Takes of in[c][from .. nframes) what the chunk still wants; returns how many. NULL: silence. */
RT static inline int
chunks_take(struct chunks *k, const double *const *in, int from, int nframes)
{
    int n = nframes - from < k->size - k->fill ? nframes - from : k->size - k->fill;

    for (int c = 0; c < k->nch; c++) {
        double *to = k->x[c] + k->past + k->fill;

        if (in)
            memcpy(to, in[c] + from, sizeof *to * (size_t)n);
        else
            memset(to, 0, sizeof *to * (size_t)n);
    }
    k->fill += n;
    return n;
}

RT static inline bool
chunks_full(const struct chunks *k)
{
    return k->fill == k->size;
}

/* The chunk becomes past. */
RT static inline void
chunks_next(struct chunks *k)
{
    for (int c = 0; c < k->nch; c++)
        memmove(k->x[c], k->x[c] + k->size, sizeof(double) * (size_t)k->past);
    k->at += k->size;
    k->fill = 0;
}

#endif
