/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clients: who hears what, and what each was last told. Bookkeeping alone: no
 * socket, no clock, no OSC.
 *
 * A client is a name ("osc 127.0.0.1:53211") and stays while it has a
 * subscription or is owed an answer. A row is whatever has a value to tell; its
 * value comes as a mark: 64 bits that differ when the value told would differ.
 *
 * told     once after subscribing or asking; then when the mark differs from the last one told,
 *          at most once in the subscription's period for each row
 * again    what is told may be lost on the way to a client for whom clients_lossy was said. A row that has rested (its mark
 *          the same for CLIENTS_STILL_NS, a reading's for CLIENTS_READING_STILL_NS) is told it again, CLIENTS_AGAIN times
 *          CLIENTS_AGAIN_NS apart, and then no more. A row that moves is not: its next value is on its way anyway.
 *          When a share p of all packets is lost, one value stays wrong with the chance p^(1 + CLIENTS_AGAIN), whichever
 *          others share its packets: at 20 % 1.6e-10, or 1.3e-5 for 10,000 moves told to 8 clients each. All of these
 *          come after whatever is late by no more than CLIENTS_STILL_NS, so that an older value that overtakes takes
 *          no more than the first time away: p^CLIENTS_AGAIN, 6.6e-5 in all.
 * when     at 20 Hz or more and ticks of 10 ms the last time is 50 + 10 + 13 x 10 = 190 ms after the last move at most,
 *          or 80 + 10 + 13 x 10 = 220 ms for who moved it
 * held     a row that a client has just moved is not told to that client until it has rested
 *          CLIENTS_REST_NS; then always, also when it is what the client sent. A moving finger's values come
 *          16 to 50 ms apart, so that 80 ms are a pause; more would not leave the time to tell it again within 250 ms.
 * lease    a subscription ends unless it is renewed
 * follower who has only ever sent values hears the controls' later changes, as if subscribed for
 *          CLIENTS_FOLLOW_S after its last word; what there is already it is not told
 * room     CLIENTS_MAX; a new subscriber takes the place of a client without subscription, else of a follower, else of
 *          the one that has not renewed for longest; who only asks displaces neither, a follower no subscriber
 */
#ifndef CONTROL_CLIENTS_H
#define CONTROL_CLIENTS_H

#include "dsp/dsp.h"

enum {
    CLIENTS_MAX = 32,
    CLIENTS_NAME_SIZE = 80,
    CLIENTS_PREFIX_SIZE = 72,
    CLIENTS_PREFIXES = 16, /* subscriptions of one client */
    CLIENTS_AGAIN = 13
};

#define CLIENTS_REST_NS          80000000LL
#define CLIENTS_STILL_NS         50000000LL
#define CLIENTS_READING_STILL_NS 2000000000LL
#define CLIENTS_AGAIN_NS         9000000LL /* below a tick, so that each takes one */
#define CLIENTS_FOLLOW_S         3600.0    /* a tablet that is left lying */
#define CLIENTS_LEASE_MIN_S      1.0
#define CLIENTS_LEASE_MAX_S      3600.0
#define CLIENTS_RATE_MIN_HZ      0.1
#define CLIENTS_RATE_MAX_HZ      60.0

#define CLIENTS_CONTROLS "*" /* a prefix: whatever can be moved */

/* In the order in which they go out: moves first, readings last. */
enum clients_turn { TURN_MOVED, TURN_NEW, TURN_AGAIN, TURN_READING, CLIENTS_TURNS };

struct clients_rows { /* what the rows are; must outlive the clients */
    int count;
    const bool *reading;       /* by row: a meter, worth less than a move */
    const int64_t *changed_ns; /* by row: when its mark last changed, as far as known */
    /* Is the row inside the prefix? */
    bool (*inside)(void *context, int row, const char *prefix);
    void *context;
};

struct clients;

enum status clients_open(struct clients **c, const struct clients_rows *rows);
void clients_close(struct clients *c);

int clients_count(const struct clients *c);
/* -1: not known. Numbers are 0..CLIENTS_MAX-1 and stay while the client does. */
int clients_find(const struct clients *c, const char *name);
const char *clients_name(const struct clients *c, int client); /* NULL: nobody */

/* Starts or renews; lease and rate are brought into their limits. Starting tells all rows inside anew. Returns the
   client; -1: no memory, a prefix too long, or CLIENTS_PREFIXES reached. */
int clients_subscribe(struct clients *c, const char *name, const char *prefix, double lease_s, double rate_hz,
                      int64_t now_ns);
/* It has sent a value: a client that has no subscription becomes a follower, or stays one for longer. -1: no room. A
   new one knows nothing: see clients_assume. */
int clients_follow(struct clients *c, const char *name, int64_t now_ns);
bool clients_follows(const struct clients *c, int client);
/* The same client, under another name from now on; false if that is taken or too long. */
bool clients_rename(struct clients *c, int client, const char *name);
/* What is told to it may be lost. */
void clients_lossy(struct clients *c, int client, bool lossy);
/* Does anybody hear the row, or has asked for it? */
bool clients_heard(const struct clients *c, int row);
/* prefix NULL: all of them. */
void clients_unsubscribe(struct clients *c, int client, const char *prefix);
/* This row alone, as fast as any, without a lease; or no longer. Returns the client; -1: no memory. */
int clients_listen(struct clients *c, const char *name, int row, bool on, int64_t now_ns);
/* Forgets the client and what it is owed. */
void clients_leave(struct clients *c, int client);
/* The client for a question; -1: no room (then answer at once or not at all). */
int clients_guest(struct clients *c, const char *name, int64_t now_ns);
/* Tell it this row, known or not, held or not. */
void clients_ask(struct clients *c, int client, int row);
/* Ends leases that are over, forgets clients that are owed nothing. */
void clients_expire(struct clients *c, int64_t now_ns);

/* The client has sent a value, taken or not: hold the row, then tell it. */
void clients_hold(struct clients *c, int client, int row, int64_t now_ns);
/* It knows this mark already, without having been told, unless it holds the row. */
void clients_assume(struct clients *c, int client, int row, uint64_t mark);

/* The next row from `from` on that may be told in this turn; -1: none. */
int clients_next(const struct clients *c, int client, enum clients_turn turn, int from, int64_t now_ns);
/* Has it something to hear in this turn: was the row's mark not what it knows, or, for TURN_AGAIN, is it still? */
bool clients_wants(const struct clients *c, int client, enum clients_turn turn, int row, uint64_t mark);
void clients_told(struct clients *c, int client, int row, uint64_t mark, int64_t now_ns);

/* A bucket of permissions, so that answers to nonsense can't be used to flood somebody. */
struct allowance {
    double left;
    int64_t at_ns;
};

/* Takes one; false: none left. Fills at rate_hz up to burst, and is full when all zero. */
bool allowance_take(struct allowance *a, double rate_hz, double burst, int64_t now_ns);

#endif
