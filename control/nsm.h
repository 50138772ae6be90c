/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nsm: a place in a session of the New Session Manager (or one that speaks its protocol), which says where our state
 * lies and what we are called with JACK, and when to save.
 *
 * order    nsm_open announces us; before JACK is joined nsm_fd is watched and nsm_tick called until nsm_waits is false.
 *          The hand's open is called from nsm_receive: what it has opened is what the session is told of
 * alone    nobody there, a refusal, or no word in time: the state is NSM_ALONE, nsm_news says why, and whoever asks us
 *          to open something after all is told that it is too late
 * trust    packets are taken from the manager's address alone. Its port from another address of this machine's loopback
 *          is the same: a host's name is often 127.0.1.1, and the answer comes from 127.0.0.1
 * gone     a manager that has vanished costs us nothing: it is told once
 * switch   not announced: another session means another start
 *
 * sources  New Session Manager, docs/src/api/index.adoc, API 1.1.1
 */
#ifndef CONTROL_NSM_H
#define CONTROL_NSM_H

#include "engine/err.h"

#include "dsp/dsp.h"

enum {
    NSM_REPLY_S = 5, /* until somebody has answered the announcement */
    NSM_OPEN_S = 30, /* from then on until it has said what to open: it may be waiting for others */
    NSM_ID_MOST = 63 /* bytes; a JACK client's name has no more */
};

enum nsm_code {
    NSM_DONE = 0,
    NSM_GENERAL = -1,
    NSM_NOT_NOW = -8,
    NSM_BAD_PROJECT = -9,   /* what is there can't be read */
    NSM_CREATE_FAILED = -10 /* what is not there can't be made */
};

struct nsm_hand { /* anything but NSM_DONE: e says what is wrong */
    /* path: the folder that is ours, not yet made. Strings are valid until nsm_close. */
    enum nsm_code (*open)(void *context, const char *path, const char *display, const char *id,
                          struct err *e);
    enum nsm_code (*save)(void *context, struct err *e);
    void *context;
};

enum nsm_state {
    NSM_ASKED,  /* announced */
    NSM_JOINED, /* welcome; nothing to open yet */
    NSM_OPEN,
    NSM_ALONE
};

struct nsm;

/* url: as in $NSM_URL. name: what JACK would know us by otherwise. executable: argv[0] as it was given. hand is copied.
   Looks the host up, which may take the time of a name server. BAD_ARG: no such URL; UNAVAILABLE: nobody there; NO_MEM. */
enum status nsm_open(struct nsm **n, const char *url, const char *name, const char *executable,
                     const struct nsm_hand *hand, int64_t now_ns, struct err *e);
void nsm_close(struct nsm *n);

int nsm_fd(const struct nsm *n); /* readable: call nsm_receive */
void nsm_receive(struct nsm *n);
void nsm_tick(struct nsm *n, int64_t now_ns);
enum nsm_state nsm_state(const struct nsm *n);
/* There may still come something to open. */
bool nsm_waits(const struct nsm *n);
/* What has happened since the last call, one line; "". Valid until the next call. */
const char *nsm_news(struct nsm *n);

/* --- what the manager shows; nothing unless something is open ---------------------------------------- */

/* Is there something that a save would keep? Told when it changes. */
void nsm_dirty(struct nsm *n, bool dirty);
/* priority 0..3, 3 the most important. */
void nsm_message(struct nsm *n, int priority, const char *text);

#endif
