/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outboard: what hangs on an insert's ports, as the process thread finds it: it sends the ping, and keeps what went
 * out and what came back for the control thread to compare.
 *
 *   ping    the insert is held dry -> QUIET: silence -> SPAN: the test signal, then silence, both kept -> REST: the
 *           programme is out and back -> the insert is let go
 *   watch   every OUTBOARD_WATCH_S while the insert is on: what the programme sent and what came back, kept
 *
 * What is kept belongs to the process thread until it says NOTICE_OUTBOARD, then to the control thread until that
 * has called outboard_taken().
 */
#ifndef ENGINE_OUTBOARD_H
#define ENGINE_OUTBOARD_H

#include "dsp/ping.h"
#include "engine/publish.h"

enum { OUTBOARD_QUIET_MS = 150, OUTBOARD_WATCH_S = 2 };

enum outboard_state { OUTBOARD_IDLE, OUTBOARD_QUIET, OUTBOARD_PING, OUTBOARD_REST, OUTBOARD_WATCH };

struct outboard {
    double rate_hz;
    enum outboard_state state;
    int left;                           /* frames of the state */
    int until;                          /* frames to the next watch */
    float *signal;                      /* ours, from prepare to free: PING_FRAMES */
    float *sent[STEREO], *back[STEREO]; /* PING_SPAN each */
    uint64_t told;                      /* how often */
    struct publish_count taken;
};

enum status outboard_prepare(struct outboard *o, double rate_hz); /* NO_MEM */
void outboard_free(struct outboard *o);

/* process thread */
RT void outboard_ping(struct outboard *o); /* nothing, if one is under way */
/* Is the insert to be held dry? */
RT bool outboard_holds(const struct outboard *o);
enum outboard_news { OUTBOARD_NOTHING, OUTBOARD_PINGED, OUTBOARD_WATCHED };
/* After the chain has written send: nframes of the ports. A ping replaces what is sent. */
RT enum outboard_news outboard_process(struct outboard *o, float *const *send, const float *const *ret,
                                       bool on, int nframes);

/* control thread, once for each NOTICE_OUTBOARD: the left side, and the right where the left is silent. */
void outboard_measure(struct outboard *o, struct ping *p, struct ping_result *r);
void outboard_taken(struct outboard *o);

#endif
