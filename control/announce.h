/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * announce: tells the network by DNS-SD what we offer (the only Avahi).
 *
 * when     the network can come in at all (listen); loopback alone is told to nobody
 * where    on the interface that has the address, or on all
 * quiet    no bus, no daemon, or one that goes and comes: nobody is told of it, and it is tried again. All that may
 *          wait for a daemon is done in a thread of its own
 * name     "Deadwax on HOST", and if that is taken "Deadwax on HOST #2"
 *
 * sources  RFC 6763; TXT keys of _osc: Freed and Schmeder, Features and Future of Open Sound Control version 1.1
 *          for NIME, 2009
 */
#ifndef CONTROL_ANNOUNCE_H
#define CONTROL_ANNOUNCE_H

#include "dsp/dsp.h"

enum { ANNOUNCE_SERVICES = 4, ANNOUNCE_TXT = 5, ANNOUNCE_NAME_SIZE = 64 };

struct announce_what {
    const char *listen; /* as for sockets_open; NULL: loopback */
    int osc_port;
    bool osc_tcp;
    int http_port; /* 0: none */
};

struct announce;

/* UNAVAILABLE: there is nobody to tell, or nobody to do it (built without); *a is NULL. NO_MEM. */
enum status announce_open(struct announce **a, const struct announce_what *w);
/* Waits 0.5 s at most: what hangs then keeps its memory. NULL is harmless. */
void announce_close(struct announce *a);

/* --- its parts ------------------------------------------------------------------------------------ */

struct announce_service {
    const char *type; /* "_osc._udp" */
    int port;
    const char *txt[ANNOUNCE_TXT]; /* "key=value", ends with NULL */
};

int announce_services(const struct announce_what *w, struct announce_service s[ANNOUNCE_SERVICES]);

/* Cut to what a DNS label holds, never inside a character. */
void announce_name(const char *host, char name[ANNOUNCE_NAME_SIZE]);

struct announce_reach {
    int interface; /* its number; 0: all */
    int family;    /* AF_INET, AF_INET6; AF_UNSPEC: both */
};

/* From where a socket bound to it can be reached. False: from this machine alone, or not at all. */
bool announce_reach(const char *listen, struct announce_reach *r);

#endif
