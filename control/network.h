/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * network: all by which hands from outside come in: OSC, the web, the door that both ask, and how others find us.
 *
 *   loop -> osc, web -> door -> engine          warden: /control rows -> door
 *
 * The web's usual port may be taken: that is told, and it goes on without. A damaged list of the paired is an error
 * when others can come in, news when they can't.
 */
#ifndef CONTROL_NETWORK_H
#define CONTROL_NETWORK_H

#include "control/announce.h"
#include "control/door.h"
#include "control/loop.h"
#include "control/osc.h"
#include "control/qr.h"
#include "control/reach.h"
#include "control/warden.h"
#include "control/web.h"

enum { NETWORK_ADDRESSES = 3, NETWORK_ADDRESS_SIZE = 128, NETWORK_NEWS = 8, NETWORK_NEWS_SIZE = 512 };

struct network_choices {
    const char *listen; /* NULL: this machine alone */
    int osc_port;
    int http_port;   /* -1: no web */
    bool http_asked; /* the port was: it must be to be had */
    bool pair;       /* open pairing at once */
};

struct
    network { /* by value in its owner, zero before it is opened; what is not said to be read is network.c's business */
    struct engine *engine;
    struct loop *loop; /* not ours */
    struct osc *osc;
    struct web *web; /* NULL: none */
    struct door *door;
    struct warden warden;
    struct announce *announce;
    struct reach reach;                       /* where others find us; none: loopback alone */
    int http_port;                            /* 0: no web */
    char code[DOOR_CODE_SIZE], code_url[256]; /* to be read: where the code is typed */
    struct qr qr;                             /* to be read: both in one; size 0: none */
    char address[NETWORK_ADDRESSES]
                [NETWORK_ADDRESS_SIZE]; /* to be read: OSC, the web, OSC over TCP; "": none */
    char news[NETWORK_NEWS][NETWORK_NEWS_SIZE];
    unsigned news_first, news_last;
};

/* Whatever the status, network_close() cleans up. BAD_ARG, UNAVAILABLE, IO_ERROR, NO_MEM. */
enum status network_open(struct network *n, const struct network_choices *c, struct engine *engine,
                         struct loop *loop, struct err *e);
void network_close(struct network *n);

/* After engine_tick, about each 10 ms, now_ns never going back. */
void network_tick(struct network *n, int64_t now_ns);
/* Opens pairing, or closes it. */
void network_let(struct network *n, bool open, int64_t now_ns);
/* Can others than this machine reach us? */
bool network_is_open(const struct network *n);
/* Of the pairing that is open; "". */
const char *network_code(const struct network *n, int64_t now_ns);
double network_code_s(const struct network *n, int64_t now_ns); /* how long it still is */

/* The next line, oldest first; NULL: none. Valid until the next call of anything here. */
const char *network_news(struct network *n);

#endif
