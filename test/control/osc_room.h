/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * osc_room: what the tests of osc.h stand in: a host with an engine that makes no sound, two UDP peers.
 *
 * Real sockets on loopback, where a datagram that has been sent is there to be
 * read, and a clock that only moves when a test says so.
 */
#ifndef TEST_CONTROL_OSC_ROOM_H
#define TEST_CONTROL_OSC_ROOM_H

#include "control/osc.h"
#include "control/packet.h"
#include "test/control/fake_engine.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MS    1000000LL
#define START (1000 * MS)

enum { REPLIES = 4096 };

struct reply {
    char path[80], types[8], text[512]; /* text: the last of its strings */
    double number;                      /* the first argument; of a blob its bytes */
    int nargs;
    double last; /* argument */
    unsigned char blob[1400];
};

struct peer {
    int fd, port;
    struct reply reply[REPLIES];
    int n, packets, largest;
};

struct room {
    struct engine *engine;
    struct osc *osc;
    int64_t now;
    struct peer one, two;
};

/* For cmocka. */
int set_up(void **state);
int tear_down(void **state);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

struct sockaddr_in loopback(int port);
int open_peer(struct peer *p, int port);
/* Adds a message to a peer's replies: a packet_each. */
void note_reply(void *context, const struct packet_message *m);
/* Takes all that has come to p; returns how many messages. */
int hear(struct peer *p);
const struct reply *find_reply(const struct peer *p, const char *path);

/* So long passes for the host, 10 ms after 10 ms. */
void tick(struct room *r, int64_t ms);
void say_bytes(struct room *r, struct peer *p, const void *data, size_t size);
void say(struct room *r, struct peer *p, const char *path, const struct packet_arg *arg, int nargs);
void say_number(struct room *r, struct peer *p, const char *path, char type, double number);
void say_text(struct room *r, struct peer *p, const char *path, const char *text);

/* How many rows are told to who wants the prefix. */
int rows_to_tell(const char *prefix);
/* So long passes, in which p hears what it hears; returns how many messages that were, none of which is kept. */
int pass(struct room *r, struct peer *p, int64_t ms);
/* Subscribes p, takes the first values, and as often again as they come. */
void subscribe(struct room *r, struct peer *p, const char *prefix);

uint32_t random_next(uint32_t *x);

#endif
