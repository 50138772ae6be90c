/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * client: the command line's end of a talk with a running host: a UDP socket, packets out, packets in.
 */
#ifndef CONTROL_CLI_CLIENT_H
#define CONTROL_CLI_CLIENT_H

#include "control/packet.h"

#include <stdbool.h>
#include <stdint.h>

struct client {
    const char *host, *port;
    int fd; /* -1: closed */
};

#define CLIENT_DEFAULT                                                                                       \
    {                                                                                                        \
        .host = "127.0.0.1", .port = "9000", .fd = -1                                                        \
    }
#define CLIENT_NS 1000000000LL

/* False when told why. */
bool client_open(struct client *c);
void client_close(struct client *c);
/* Says so; 1, as an exit status. */
int client_no_host(const struct client *c);

/* From here on SIGINT and SIGTERM come in while client_receive waits, and are only noted. */
void client_catch_signals(void);
bool client_stopped(void); /* one has come */

int64_t client_now_ns(void); /* CLOCK_MONOTONIC */
bool client_send(const struct client *c, const struct packet_writer *w);

enum client_came { CLIENT_CAME, CLIENT_NOTHING, CLIENT_GONE };

/* Takes one packet; waits until `until_ns` at most, or a signal. GONE: the system says that nobody listens. */
enum client_came client_receive(const struct client *c, int64_t until_ns, packet_each *each, void *context);

#endif
