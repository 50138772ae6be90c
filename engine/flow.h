/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flow: what the frames on the player's ring are, for the thread that writes them and the one that plays them.
 *
 * All sound goes through one ring, and every frame in it has a number for ever:
 * the count of frames written before it. What the numbers mean is said by marks
 * on a second ring, always written before the sound they speak of:
 *
 *   CUE     from `at` on everything belongs to a new generation
 *   BEGIN   at `at` a track begins (or goes on at a position); what was open ends there
 *   END     at `at` the sound ends
 *   SPLICE  what was to follow number `join` is off: go from there straight to `at`, where a track begins.
 *           So a change of the loop is heard at the next track's end, though the disk has read past it.
 *   CUT     likewise, but the sound ends at `join`
 *
 * Disk (reader.h) and process (playhead.h) each keep the flow, the list of segments
 * that the marks make. They agree, but for one race: a SPLICE may come when process
 * is past `join`. It answers each SPLICE and CUT; if it says no, the disk goes on
 * where the old flow stopped, by a SPLICE to a segment that continues it.
 */
#ifndef ENGINE_FLOW_H
#define ENGINE_FLOW_H

#include "dsp/dsp.h"
#include "engine/ring.h"

enum {
    FLOW_SEGMENTS = 64, /* it holds */
    FLOW_AHEAD = 32,    /* the disk reads no further: a list of very short files */
    FLOW_READY = 16     /* as good as enough frames */
};

#define FLOW_OPEN SIZE_MAX

struct flow_segment {
    size_t from, to; /* ring numbers; to: FLOW_OPEN while the disk writes it */
    int track;
    int64_t position; /* in the track, at `from` */
    bool goes_on;     /* continues what was before it: nothing to tell */
};

struct flow {
    uint32_t generation;
    size_t from; /* where the generation begins */
    int n;
    bool complete; /* nothing follows the last segment... */
    bool last;     /* ...because the list is over */
    struct flow_segment segment[FLOW_SEGMENTS];
};

struct flow_mark {
    enum { MARK_CUE, MARK_BEGIN, MARK_END, MARK_SPLICE, MARK_CUT } kind;
    uint32_t generation;
    uint32_t number; /* of a SPLICE or CUT */
    size_t join, at;
    int track;
    int64_t position;
    bool goes_on;
    bool last; /* END, CUT: the list is over */
};

/* To a SPLICE or CUT. */
struct flow_answer {
    uint32_t number;
    bool taken;
};

struct flow_rings {
    struct ring sound;   /* disk -> process: interleaved stereo */
    struct ring marks;   /* disk -> process */
    struct ring answers; /* process -> disk */
};

/* Room for nframes of sound; NO_MEM. flow_rings_free also takes what a half-done prepare left. */
enum status flow_rings_prepare(struct flow_rings *r, size_t nframes);
void flow_rings_free(struct flow_rings *r);

/* What is open ends where s begins. False, and nothing done: the flow is full. */
RT bool flow_add(struct flow *f, struct flow_segment s);
/* What is open ends at `at`... */
RT void flow_close(struct flow *f, size_t at);
/* ...and nothing follows. last: because the list is over. */
RT void flow_end(struct flow *f, size_t at, bool last);
RT void flow_drop_first(struct flow *f);
/* The segment that ends at `join`; -1: none. */
RT int flow_find(const struct flow *f, size_t join);
/* Frames from ring number `tail` on that are there (below head) and will be heard. */
RT size_t flow_frames(const struct flow *f, size_t tail, size_t head);
/* May it be played with so many frames there? enough: more need not be waited for. */
RT bool flow_ready(const struct flow *f, size_t frames, size_t enough);

#endif
