/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * web: OSCQuery over HTTP, and OSC over WebSocket at the same port, for the control thread (the only libwebsockets).
 *
 *   GET /eq/1?VALUE       oscquery.h's JSON; HEAD the same without it
 *   POST /pair?code=4711-0815&name=tablet      {"TOKEN": "..."} and the cookie `deadwax`; GET gives a page instead, for
 *                         who has opened it from a QR code
 *   WebSocket             text frames are commands: {"COMMAND": "LISTEN", "DATA": PATH}, IGNORE; PATH may end in /norm.
 *                         Binary frames are OSC packets, both ways, as osc.h has them. What can't be listened to is told
 *                         by an /error. {"COMMAND": "PATH_CHANGED", "DATA": "/chain/order"} when the stages have moved
 *
 * door     each request must name us as its Host, and as its Origin if it has one. Strangers are answered nothing but
 *          403, in fewer bytes than they sent, until they pair (the form for the code: to requests as
 *          large as it is, as browsers' are). Hosts that are paired show their token as well:
 *          Authorization: Bearer, the cookie, or ?token= where neither can be sent. No door (NULL): this machine's
 *          loopback alone, under its own names
 * why      http.h reads requests, strictly, and answers them; libwebsockets gets a connection after that, with a handshake
 *          of our own making, for the frames. So its parser of HTTP meets nobody's bytes but ours (4.1.6 reads behind
 *          freed memory for an Upgrade that it does not know, answers bad paths itself, takes any WebSocket version),
 *          and who sends slowly or nothing holds none of its places
 * loop     an epoll instance watches http.h's descriptor and the WebSockets; whatever is ready is taken by a call that
 *          does not wait
 * room     WEB_CONNECTIONS; what a connection does not take waits, WEB_WAITING bytes at most, and then osc.h keeps
 *          it, newest values alone and readings last; it ends after taking nothing for WEB_PATIENCE_S
 */
#ifndef CONTROL_WEB_H
#define CONTROL_WEB_H

#include "control/door.h"
#include "control/osc.h"

enum {
    WEB_PORT = 9001,
    WEB_CONNECTIONS = 32,
    WEB_WAITING = 32 * 1024,
    WEB_COMMAND = 1024,
    WEB_PATIENCE_S = 10
};

struct web;

/* listen, port: as http_open has them. BAD_ARG, UNAVAILABLE, NO_MEM. Call web_tick once before the loop. */
enum status web_open(struct web **w, struct engine *engine, struct osc *osc, struct door *door,
                     const char *listen, int port, struct err *e);
/* Before osc_close. */
void web_close(struct web *w);

int web_fd(const struct web *w); /* readable: call web_receive */
int web_port(const struct web *w);
int web_connections(const struct web *w); /* WebSockets */

void web_receive(struct web *w);
/* Sends what waits, ends what is over; about each 10 ms, and after osc_tick, now_ns never going back. */
void web_tick(struct web *w, int64_t now_ns);

#endif
