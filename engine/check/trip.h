/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trip: sound on its way through an encoder and a decoder: whose it is, and what comes of it.
 *
 * sound    interleaved, 1.0 is 0 dBFS; beyond that it is not clipped on either way, but where a codec does it
 *          itself
 */
#ifndef ENGINE_CHECK_TRIP_H
#define ENGINE_CHECK_TRIP_H

#include "engine/err.h"

enum { TRIP_FRAMES = 4096 /* at a time, at most */ };

struct trip {
    int rate_hz, nch; /* 1 or 2 channels */
    /* What goes in. Less than nframes: the end. */
    int (*give)(void *who, double *out, int nframes);
    /* What has come back; nframes at most TRIP_FRAMES. False: it is enough, no more of it. */
    bool (*take)(void *who, const double *in, int nframes);
    void *who;
};

#endif
