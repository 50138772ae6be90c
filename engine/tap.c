/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/tap.h"

enum status
tap_prepare(struct tap *t, double rate_hz)
{
    *t = (struct tap){0};
    return ring_prepare(&t->ring, sizeof(struct tap_frame), (size_t)rate_hz);
}

void
tap_free(struct tap *t)
{
    ring_free(&t->ring);
}

void
tap_input(struct tap *t, const double *const *in, int nframes)
{
    for (int i = 0; i < nframes; i++)
        for (int c = 0; c < STEREO; c++)
            t->block[i].in[c] = (float)in[c][i];
}

void
tap_output(struct tap *t, const double *const *out, int nframes)
{
    size_t done;

    for (int i = 0; i < nframes; i++)
        for (int c = 0; c < STEREO; c++)
            t->block[i].out[c] = (float)out[c][i];
    done = ring_write(&t->ring, t->block, (size_t)nframes);
    if (done < (size_t)nframes)
        publish_count_add(&t->lost, (uint64_t)nframes - done);
}

int
tap_read(struct tap *t, struct tap_frame *frames, int nframes)
{
    return (int)ring_read(&t->ring, frames, (size_t)nframes);
}

uint64_t
tap_lost(const struct tap *t)
{
    return publish_count_get(&t->lost);
}
