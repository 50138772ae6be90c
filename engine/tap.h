/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tap: the sound ahead of the chain and the master, from the process thread to who draws and counts at leisure.
 *
 * What finds no room is lost, and counted: nobody waits. Single precision, which a drawing never shows.
 */
#ifndef ENGINE_TAP_H
#define ENGINE_TAP_H

#include "engine/publish.h"
#include "engine/ring.h"

enum { TAP_BLOCK = 256 }; /* frames at a time */

struct tap_frame {
    float in[STEREO], out[STEREO];
};

struct tap {
    struct ring ring;
    struct publish_count lost;         /* frames */
    struct tap_frame block[TAP_BLOCK]; /* being filled */
};

enum status tap_prepare(struct tap *t, double rate_hz); /* holds 1 s; NO_MEM */
void tap_free(struct tap *t);

/* process thread: one after the other, nframes at most TAP_BLOCK. */
RT void tap_input(struct tap *t, const double *const *in, int nframes);
RT void tap_output(struct tap *t, const double *const *out, int nframes); /* and it goes off */

/* control thread: returns how many frames there were. */
int tap_read(struct tap *t, struct tap_frame *frames, int nframes);
uint64_t tap_lost(const struct tap *t);

#endif
