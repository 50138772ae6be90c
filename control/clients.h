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
 * held     a row that a client has just moved is not told to that client until it has rested
 *          CLIENTS_REST_NS; then only if its value is not what the client sent
 * lease    a subscription ends unless it is renewed
 * room     CLIENTS_MAX; a new subscriber takes the place of a client without subscription, else of
 *          the one that has not renewed for longest; who only asks displaces no subscriber
 */
#ifndef CONTROL_CLIENTS_H
#define CONTROL_CLIENTS_H

#include "dsp/dsp.h"

enum {
    CLIENTS_MAX = 32,
    CLIENTS_NAME_SIZE = 80,
    CLIENTS_PREFIX_SIZE = 72,
    CLIENTS_PREFIXES = 16 /* subscriptions of one client */
};

#define CLIENTS_REST_NS     300000000LL
#define CLIENTS_LEASE_MIN_S 1.0
#define CLIENTS_LEASE_MAX_S 3600.0
#define CLIENTS_RATE_MIN_HZ 0.1
#define CLIENTS_RATE_MAX_HZ 60.0

/* In the order in which they go out: moves first, readings last. */
enum clients_turn { TURN_MOVED, TURN_NEW, TURN_READING, CLIENTS_TURNS };

struct clients_rows { /* what the rows are; must outlive the clients */
    int count;
    const bool *reading; /* by row: a meter, worth less than a move */
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

/* The client has sent a value with this mark: hold the row. */
void clients_hold(struct clients *c, int client, int row, uint64_t mark, int64_t now_ns);
/* The client may think anything of this row (an answer was lost, its move was refused): tell it, after its rest. */
void clients_doubt(struct clients *c, int client, int row);

/* The next row from `from` on that may be told in this turn; -1: none. */
int clients_next(const struct clients *c, int client, enum clients_turn turn, int from, int64_t now_ns);
/* Has it something to hear: was the row's mark not what it knows? */
bool clients_differs(const struct clients *c, int client, int row, uint64_t mark);
void clients_told(struct clients *c, int client, int row, uint64_t mark, int64_t now_ns);

/* A bucket of permissions, so that answers to nonsense can't be used to flood somebody. */
struct allowance {
    double left;
    int64_t at_ns;
};

/* Takes one; false: none left. Fills at rate_hz up to burst, and is full when all zero. */
bool allowance_take(struct allowance *a, double rate_hz, double burst, int64_t now_ns);

#endif
