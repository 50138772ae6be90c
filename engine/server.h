/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * server: a JACK server to play on, found or started, watched, and come back to.
 *
 *   found     one that answers is joined and never stopped by us
 *   started   where none answers, jackd is started for the interface's profile
 *   lost      it said goodbye, or its callback stood still for a second (a
 *             pulled interface leaves jackd alive and mute: no one tells us)
 *   back      joined again, every connection restored that was not taken apart by hand
 */
#ifndef ENGINE_SERVER_H
#define ENGINE_SERVER_H

#include "engine/backend.h"
#include "engine/jackd.h"

enum { SERVER_STALL_MS = 900, SERVER_RETRY_MS = 1000, SERVER_START_MS = 8000, SERVER_LINKS = 64 };

struct server_config {
    const char *client, *name; /* name NULL: the default server */
    const char *interface;     /* profile; NULL: what ALSA reports */
    const char *profile_dir;
    bool connect, follow; /* master to the profile's playback ports; JACK transport */
};

enum server_state {
    SERVER_CLOSED,
    SERVER_JOINED, /* backend is open: prepare for its rate, then server_run() */
    SERVER_RUNNING,
    SERVER_STALLED, /* alive, but no callback comes; not ours to restart */
    SERVER_LOST     /* trying again */
};

struct server_link {
    enum port port;
    char other[320];
    bool away; /* the other end does not exist now */
};

struct server {
    struct server_config config;
    enum server_state state;
    struct backend *backend; /* while JOINED, RUNNING or STALLED */
    struct jackd jackd;
    bool ours; /* we started the last one */
    struct interface_profile *profile;
    struct machine_card card; /* the one that we started for; number < 0: none */
    struct server_link link[SERVER_LINKS];
    int nlinks;
    bool linked_once;
    char told[1024]; /* the last reason why it does not come back */
    int64_t moved_ns, retry_ns, links_ns, gone_ns, xruns_ns;
    uint64_t callbacks, resizes, latency, xruns, xruns_before;
    struct process *process;
    char text[400];
    char news[1400]; /* what happened in the last server_tick(); "" for nothing */
};

/* Joins or starts one: JOINED when OK. */
enum status server_open(struct server *s, const struct server_config *c, struct err *e);
enum status server_run(struct server *s, struct process *p, struct err *e);
/* Call every 10 ms or so. A state that has turned to JOINED wants server_run() again. */
void server_tick(struct server *s, int64_t now_ns);
/* Lets go of a server that is no good, says why in news (unless NULL), and goes on trying from the next tick on. */
void server_lose(struct server *s, int64_t now_ns, const char *why);
/* Leaves; stops what we started. */
void server_close(struct server *s);

uint64_t server_xruns(const struct server *s);

#endif
