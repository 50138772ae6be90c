/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sockets: packets from and to peers over UDP and TCP, for one thread that never waits.
 *
 * where    loopback of both families, and before it the address asked for; UDP and TCP have the same port number.
 *          The first UDP socket must open; what else can't is left out, and sockets_news says so.
 * UDP      a port where nobody listens any more, as its system says (ICMP), is told as gone; a host that is out of reach
 *          is not: it may be asleep
 * TCP      stream.h finds the framing; what goes to a peer is framed as the peer does. A stream that is no OSC ends.
 * room     SOCKETS_CONNECTIONS; the next takes the place of a stranger, the one that came first; else, unless it is a
 *          stranger itself, that of one that has never sent a packet; else it is closed
 * stranger has SOCKETS_STRANGER_S to become known; who was known and is no longer is closed with the next tick
 * slow     what a connection does not take waits, SOCKETS_WAITING bytes at most; it ends after taking nothing
 *          for SOCKETS_PATIENCE_S
 * fair     a call has so much work to give away, of which each connection that has something gets the same part;
 *          what is left stays with the system, which slows the peer
 */
#ifndef CONTROL_SOCKETS_H
#define CONTROL_SOCKETS_H

#include "control/carrier.h"
#include "engine/err.h"

enum {
    SOCKETS_CONNECTIONS = 32,
    SOCKETS_WAITING = 32 * 1024,
    SOCKETS_PATIENCE_S = 10,
    SOCKETS_STRANGER_S = 30
};

struct sockets_counts {
    uint64_t connections; /* come in, ever */
    uint64_t no_room;     /* closed at once: all places were taken */
    uint64_t given_away;  /* closed to make room for another */
    uint64_t turned_out;  /* strangers that stayed strangers, or sent more than they may; those revoked */
    uint64_t spoiled;     /* ended as what they sent was no OSC */
    uint64_t slow;        /* ended as they took nothing for too long */
};

struct sockets_hand { /* who takes what comes */
    /* Returns how much work it was, beyond its bytes, in bytes. */
    int64_t (*packet)(void *context, const struct address *from, const void *data, size_t size);
    void (*spoiled)(void *context); /* bytes came that are no packet */
    void (*gone)(void *context, const struct address *who);
    bool (*knows)(void *context, const struct address *who); /* false: a stranger; NULL: there are none */
    void *context;
};

struct sockets;

/* listen NULL: loopback. port 0: any. BAD_ARG, UNAVAILABLE, NO_MEM. hand is copied. */
enum status sockets_open(struct sockets **s, const struct sockets_hand *hand, const char *listen, int port,
                         struct err *e);
/* Nobody is told of connections that end by it. */
void sockets_close(struct sockets *s);

int sockets_fd(const struct sockets *s); /* readable: call sockets_receive */
int sockets_port(const struct sockets *s);
bool sockets_tcp(const struct sockets *s);         /* is it open where the first UDP socket is? */
const char *sockets_news(const struct sockets *s); /* what could not be opened; "" */
int sockets_connections(const struct sockets *s);

void sockets_receive(struct sockets *s);
enum carried sockets_send(struct sockets *s, const struct address *to, const void *data, size_t size);
/* A connection, soon; anything else is no error. */
void sockets_end(struct sockets *s, const struct address *who);
const struct sockets_counts *sockets_counts(const struct sockets *s);
/* Ends connections that are over; about each 10 ms, now_ns never going back. */
void sockets_tick(struct sockets *s, int64_t now_ns);

#endif
