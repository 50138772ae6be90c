/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * carrier: a way that packets come and go (sockets.h: UDP and TCP; web.h: WebSocket), and who is at its other end.
 */
#ifndef CONTROL_CARRIER_H
#define CONTROL_CARRIER_H

#include "dsp/dsp.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum { CARRIERS = 2, CARRIER_SOCKETS = 0, CARRIER_WEB = 1, ADDRESS_NAME_SIZE = 80 };

/* Compared with address_same, which does not ask for `own`. */
struct address {
    struct sockaddr_storage at;
    socklen_t size;
    uint64_t connection; /* 0: UDP. Numbers do not come again within a carrier */
    int carrier;         /* CARRIER_SOCKETS or CARRIER_WEB */
    int place;           /* the carrier's business */
    struct in6_addr
        own; /* UDP: ours that it came to, and answers leave from; :: if whichever the system takes */
};

bool address_same(const struct address *a, const struct address *b);
/* The same machine, at whatever port; an IPv4 address is the same as its IPv6 form (::ffff:a.b.c.d). */
bool address_same_host(const struct address *a, const struct address *b);
/* Of this machine's loopback: 127.0.0.0/8, ::1. */
bool address_is_loopback(const struct address *a);
/* May what is sent there be lost on the way? */
bool address_loses(const struct address *a);
/* "osc 127.0.0.1:53211", "osc tcp [::1]:53211", "web 192.0.2.7:40112" */
void address_name(const struct address *a, char name[ADDRESS_NAME_SIZE]);
/* "192.0.2.7", "::1": the host alone, an IPv4 address in its own form. */
void address_host(const struct address *a, char host[ADDRESS_NAME_SIZE]);
/* UDP alone: a connection has the port that it has. False when port is none. */
bool address_set_port(struct address *a, double port);

enum carried {
    CARRIED,
    CARRIED_LATER, /* there is no room at the moment */
    CARRIED_LOST   /* no use in trying again */
};

struct carrier {
    enum carried (*send)(void *context, const struct address *to, const void *data, size_t size);
    void *context;
};

#endif
