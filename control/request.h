/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * request: the head of an HTTP/1.1 request, read strictly. Bookkeeping alone: no socket, no memory.
 *
 * What may be read in two ways is refused: lines end with CR LF, a header stands on one line, those that we act on come
 * once. A path is what is left once its escapes are decoded, and has no '.', '..' nor anything but printable ASCII in
 * its parts, so that nothing behind this need decode or normalise.
 *
 * sources  RFC 9112 (HTTP/1.1), RFC 3986 (URIs), RFC 6455 (WebSocket), RFC 6265 (cookies)
 */
#ifndef CONTROL_REQUEST_H
#define CONTROL_REQUEST_H

#include "dsp/dsp.h"

enum {
    REQUEST_HEAD = 4096, /* bytes of the largest one */
    REQUEST_BODY = 1024, /* that a client may send behind it, and nobody reads */
    REQUEST_URL = 1024,
    REQUEST_PATH = 256,
    REQUEST_NAME = 256, /* of a host or origin */
    REQUEST_TOKEN = 64,
    REQUEST_KEY = 25
};

enum request_method { REQUEST_GET, REQUEST_IS_HEAD, REQUEST_POST };

enum request_fault { REQUEST_FINE, REQUEST_MALFORMED, REQUEST_OVERSIZED, REQUEST_BAD_PATH };

struct request {
    enum request_method method;
    char path[REQUEST_PATH];   /* decoded, begins with '/' */
    char query[REQUEST_URL];   /* as sent; "" */
    char host[REQUEST_NAME];   /* "127.0.0.1:9001" */
    char origin[REQUEST_NAME]; /* "": none */
    char token[REQUEST_TOKEN]; /* from Authorization, else ?token=, else the cookie `deadwax`; "" */
    char key[REQUEST_KEY];     /* of a WebSocket's handshake */
    bool websocket;            /* asks to become one */
    size_t size;               /* bytes of the head, or that had come */
    int status;                /* if it is refused: 400, 405, 413, 414, 426, 431, 501, 505 */
    enum request_fault fault;  /* and why */
};

enum request_progress { REQUEST_MORE, REQUEST_WHOLE, REQUEST_REFUSED };

/* Looks at what has come so far, from the request's first byte on. */
enum request_progress request_read(struct request *r, const char *data, size_t size);

/* The value of NAME=VALUE in the query, decoded; false when there is none, it has no place in out, or is no text. */
bool request_value(const struct request *r, const char *name, char *out, size_t size);
/* The word that stands alone in the query: "VALUE". "": none. False: there are two, or it is too long. */
bool request_word(const struct request *r, char *out, size_t size);

#endif
