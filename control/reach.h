/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reach: under what addresses this machine is found by others.
 */
#ifndef CONTROL_REACH_H
#define CONTROL_REACH_H

#include "control/carrier.h"

enum { REACH_MOST = 16 };

struct reach {
    char host[REACH_MOST][ADDRESS_NAME_SIZE]; /* "192.0.2.1", "2001:db8::1" */
    int n;
};

/* For what listens at `listen`: that address itself, or, for 0.0.0.0 and ::, those of the interfaces that are up: IPv4
   first, without loopback and link-local ones, unless there is nothing else. NULL: none. */
void reach_find(struct reach *r, const char *listen);
/* "http://192.0.2.1:9001/pair", "osc.udp://[::1]:9000/": an IPv6 address in its brackets. */
void reach_url(char *out, size_t size, const char *scheme, const char *host, int port, const char *rest);

#endif
