/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http: connections that bring one request each, for one thread that never waits. A connection gets its answer and
 * ends, or whoever answers takes it over (a WebSocket).
 *
 * where    loopback of both families at the same port, and the address asked for
 * room     HTTP_CONNECTIONS; the next takes the place of who has not sent its whole request: a stranger's first, that of
 *          one we know after HTTP_GRACE_MS, and never for a stranger; the oldest. While there is none it waits with the
 *          system
 * slow     a request must be whole HTTP_ASK_S after it was accepted; an answer of which nothing is taken for
 *          HTTP_PATIENCE_S ends
 * fair     a call makes so many bytes of answers, and takes so many connections; the rest is done in the next ones
 * small    what is refused before it could be read (400, 413...) is answered with no more than was sent, or not at all;
 *          so is whatever the answerer says may not be larger
 */
#ifndef CONTROL_HTTP_H
#define CONTROL_HTTP_H

#include "control/carrier.h"
#include "control/request.h"
#include "engine/err.h"

enum { HTTP_CONNECTIONS = 32, HTTP_GRACE_MS = 20, HTTP_ASK_S = 5, HTTP_PATIENCE_S = 10 };

struct http_asker {
    struct address from;
    char here[ADDRESS_NAME_SIZE]; /* our own address that it came to: "192.0.2.1" */
    int fd;
};

struct http_answer {
    int status;
    const char *type; /* of the body; NULL: none */
    char header[256]; /* more lines, each with its end; "" */
    char *body;       /* on the heap, http.c's from then on; NULL: none */
    size_t size;
    bool brief;  /* nothing but the status, and that only if it is no more than was sent */
    bool within; /* all of it if it is no more than was sent; else a brief 403 */
};

enum http_turn {
    HTTP_ANSWER,
    HTTP_TAKEN,
    HTTP_SILENCE
}; /* answer it; the fd has another owner now; hang up */

struct http_hand {
    enum http_turn (*request)(void *context, const struct http_asker *from, const struct request *r,
                              struct http_answer *a);
    /* One has been refused that could not be read. */
    void (*refused)(void *context, const struct http_asker *from, const struct request *r);
    /* Is it somebody whose place strangers may not take? */
    bool (*knows)(void *context, const struct address *from);
    void *context;
};

struct http;

/* listen NULL: loopback. port 0: any. BAD_ARG, UNAVAILABLE, NO_MEM. hand is copied. */
enum status http_open(struct http **h, const struct http_hand *hand, const char *listen, int port,
                      struct err *e);
void http_close(struct http *h);

int http_fd(const struct http *h); /* readable: call http_receive */
int http_port(const struct http *h);
int http_connections(const struct http *h);

void http_receive(struct http *h);
/* Ends connections that are over, goes on with what was left; about each 10 ms, now_ns never going back. */
void http_tick(struct http *h, int64_t now_ns);

#endif
