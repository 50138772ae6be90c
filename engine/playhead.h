/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * playhead: the player's process side. Plays what the reader puts on the rings of a flow, and fades where it must.
 *
 * All that it decides by what happens to be read is told as a notice, so that the
 * notices are enough to make the same sound again.
 */
#ifndef ENGINE_PLAYHEAD_H
#define ENGINE_PLAYHEAD_H

#include "engine/flow.h"
#include "engine/player.h"

enum { PLAYHEAD_NOTICES = 64 };

struct playhead {             /* by value in its owner; fields are playhead.c's business */
    struct flow_rings *rings; /* the player's */
    int fade;                 /* frames */
    size_t enough;            /* frames to begin with */
    bool cut;                 /* starts inside a track are not faded in; stands before process runs */

    struct flow now, next;   /* next.generation 0: none */
    uint32_t want;           /* generation to play; 0: none */
    bool follows;            /* another clock: */
    int64_t follow_position; /* this frame of the track... */
    uint64_t follow_frame;   /* ...belongs here */
    bool sounding;
    bool ended;           /* now is over and told */
    int in_length, in_at; /* the fade-in, frames; length 0: none */
    int out_length, out_at;
    size_t head; /* ring number up to which we may read in this block */
    int track;
    int64_t position;
    struct player_notice notice[PLAYHEAD_NOTICES];
    unsigned notices_in, notices_out;
};

/* h is zero. The rings are the caller's and must outlast it. */
void playhead_prepare(struct playhead *h, double rate_hz, struct flow_rings *rings);

/* The player's functions of these names say what they do. */
void playhead_cut(struct playhead *h, bool on);
RT void playhead_play(struct playhead *h, uint32_t generation);
RT void playhead_follow(struct playhead *h, uint32_t generation, int64_t position, uint64_t frame);
RT void playhead_stop(struct playhead *h);
RT void playhead_process(struct playhead *h, double *const *out, int nframes, uint64_t frame);
RT bool playhead_notice(struct playhead *h, struct player_notice *n);
RT void playhead_where(const struct playhead *h, int *track, int64_t *position, bool *playing);

#endif
