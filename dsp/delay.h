/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * delay: a stereo line of a fixed length, exact to the bit.
 *
 * io       planar stereo, in place or apart; output is late by length frames
 */
#ifndef DSP_DELAY_H
#define DSP_DELAY_H

#include "dsp/dsp.h"

#include <stdlib.h>
#include <string.h>

struct delay {
    double *line[STEREO]; /* ours, from prepare to free; NULL when length is 0 */
    int length, at;       /* frames */
};

static inline void
delay_free(struct delay *d)
{
    free(d->line[0]);
    *d = (struct delay){0};
}

/* BAD_ARG if length is negative; NO_MEM. */
static inline enum status
delay_prepare(struct delay *d, int length)
{
    *d = (struct delay){.length = length};
    if (length < 0)
        return BAD_ARG;
    if (length == 0)
        return OK;
    d->line[0] = calloc((size_t)length * STEREO, sizeof *d->line[0]);
    if (!d->line[0])
        return NO_MEM;
    d->line[1] = d->line[0] + length;
    return OK;
}

RT static inline void
delay_reset(struct delay *d)
{
    if (d->length)
        memset(d->line[0], 0, sizeof *d->line[0] * (size_t)d->length * STEREO);
    d->at = 0;
}

RT static inline void
delay_swap(double *restrict line, const double *in, double *out, int nframes)
{
    if (!line) {
        if (in != out)
            memcpy(out, in, sizeof *out * (size_t)nframes);
        return;
    }
    for (int i = 0; i < nframes; i++) {
        double x = in[i];

        out[i] = line[i];
        line[i] = x;
    }
}

/* out may be in. */
RT static inline void
delay_process(struct delay *d, const double *const *in, double *const *out, int nframes)
{
    for (int done = 0, n; done < nframes; done += n) {
        n = nframes - done < d->length - d->at ? nframes - done : d->length - d->at;
        if (d->length == 0)
            n = nframes;
        for (int c = 0; c < STEREO; c++)
            delay_swap(d->length ? d->line[c] + d->at : NULL, in[c] + done, out[c] + done, n);
        d->at = d->at + n < d->length ? d->at + n : 0;
    }
}

#endif
