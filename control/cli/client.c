/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* ppoll */
#endif
#include "control/cli/client.h"

#include "control/cli/cli.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

bool
client_open(struct client *c)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found;
    int failed = getaddrinfo(c->host, c->port, &hints, &found), room = 1 << 20;

    if (failed) {
        cli_fail(1, "%s: %s: use --host with an address", c->host, gai_strerror(failed));
        return false;
    }
    c->fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, found->ai_addr, found->ai_addrlen) != 0) {
        cli_fail(1, "%s:%s: %s: use --host and --port", c->host, c->port, strerror(errno));
        freeaddrinfo(found);
        return false;
    }
    setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    freeaddrinfo(found);
    return true;
}

void
client_close(struct client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}

int
client_no_host(const struct client *c)
{
    return cli_fail(1, "no host answers at %s:%s: start one with \"deadwax run\"", c->host, c->port);
}

static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
    (void)number;
    stop = 1;
}

void
client_catch_signals(void)
{
    struct sigaction act = {.sa_handler = on_signal};
    sigset_t both;

    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    sigprocmask(SIG_BLOCK, &both, NULL); /* they come in through ppoll alone */
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

bool
client_stopped(void)
{
    return stop;
}

int64_t
client_now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * CLIENT_NS + t.tv_nsec;
}

bool
client_send(const struct client *c, const struct packet_writer *w)
{
    return send(c->fd, w->data, w->size, 0) == (ssize_t)w->size;
}

enum client_came
client_receive(const struct client *c, int64_t until_ns, packet_each *each, void *context)
{
    static unsigned char data[PACKET_SIZE];
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    int64_t left = until_ns - client_now_ns();
    struct timespec t = {left > 0 ? left / CLIENT_NS : 0, left > 0 ? left % CLIENT_NS : 0};
    sigset_t none;
    ssize_t n;

    sigemptyset(&none);
    if (ppoll(&p, 1, &t, &none) <= 0)
        return CLIENT_NOTHING;
    n = recv(c->fd, data, sizeof data, MSG_DONTWAIT);
    if (n < 0)
        return errno == ECONNREFUSED ? CLIENT_GONE : CLIENT_NOTHING;
    packet_read(data, (size_t)n, each, context);
    return CLIENT_CAME;
}
