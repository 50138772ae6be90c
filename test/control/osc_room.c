/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/control/osc_room.h"

#include "control/clients.h"
#include "control/wire.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct sockaddr_in
loopback(int port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int
open_peer(struct peer *p, int port)
{
    struct sockaddr_in host = loopback(port), own = loopback(0);
    socklen_t size = sizeof own;

    memset(p, 0, sizeof *p);
    p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_true(p->fd >= 0);
    assert_int_equal(bind(p->fd, (struct sockaddr *)&own, sizeof own), 0);
    assert_int_equal(connect(p->fd, (struct sockaddr *)&host, sizeof host), 0);
    assert_int_equal(getsockname(p->fd, (struct sockaddr *)&own, &size), 0);
    p->port = ntohs(own.sin_port);
    return p->fd;
}

int
set_up(void **state)
{
    struct room *r = calloc(1, sizeof *r);
    struct err e;

    assert_non_null(r);
    r->engine = fake_engine_open();
    assert_int_equal(osc_open(&r->osc, r->engine, NULL, 0, &e), OK);
    r->now = START;
    osc_tick(r->osc, r->now);
    open_peer(&r->one, osc_port(r->osc));
    open_peer(&r->two, osc_port(r->osc));
    *state = r;
    return 0;
}

int
tear_down(void **state)
{
    struct room *r = *state;

    if (r->one.fd >= 0)
        close(r->one.fd);
    close(r->two.fd);
    osc_close(r->osc);
    fake_engine_close(r->engine);
    free(r);
    return 0;
}

void
note_reply(void *context, const struct packet_message *m)
{
    struct peer *p = context;
    struct reply *r = &p->reply[p->n];
    size_t size;

    assert_true(p->n < REPLIES);
    memset(r, 0, sizeof *r);
    snprintf(r->path, sizeof r->path, "%s", m->path);
    r->number = m->arg[0].number;
    if (packet_blob(m, 0, &size)) {
        assert_true(size <= sizeof r->blob);
        memcpy(r->blob, packet_blob(m, 0, &size), size);
        r->number = (double)size;
    }
    r->nargs = m->nargs;
    r->last = m->nargs > 0 ? m->arg[m->nargs - 1].number : 0.0;
    for (int i = 0; i < m->nargs && i < 7; i++) {
        r->types[i] = m->arg[i].type;
        if (m->arg[i].text)
            snprintf(r->text, sizeof r->text, "%s", m->arg[i].text);
    }
    p->n++;
}

int
hear(struct peer *p)
{
    unsigned char data[PACKET_SIZE];
    ssize_t size;

    p->n = p->packets = p->largest = 0;
    while ((size = recv(p->fd, data, sizeof data, 0)) >= 0) {
        assert_true(packet_read(data, (size_t)size, note_reply, p));
        p->packets++;
        p->largest = (int)size > p->largest ? (int)size : p->largest;
    }
    return p->n;
}

const struct reply *
find_reply(const struct peer *p, const char *path)
{
    for (int i = 0; i < p->n; i++)
        if (strcmp(p->reply[i].path, path) == 0)
            return &p->reply[i];
    return NULL;
}

void
tick(struct room *r, int64_t ms)
{
    for (int64_t t = 0; t < ms; t += 10) {
        r->now += 10 * MS;
        osc_tick(r->osc, r->now);
    }
}

void
say_bytes(struct room *r, struct peer *p, const void *data, size_t size)
{
    assert_int_equal(send(p->fd, data, size, 0), size);
    osc_receive(r->osc);
}

void
say(struct room *r, struct peer *p, const char *path, const struct packet_arg *arg, int nargs)
{
    struct packet_writer w;

    packet_message(&w);
    assert_true(packet_add(&w, path, arg, nargs));
    say_bytes(r, p, w.data, w.size);
}

void
say_number(struct room *r, struct peer *p, const char *path, char type, double number)
{
    say(r, p, path, &(struct packet_arg){.type = type, .number = number}, 1);
}

void
say_text(struct room *r, struct peer *p, const char *path, const char *text)
{
    say(r, p, path, &(struct packet_arg){.type = 's', .text = text}, 1);
}

int
rows_to_tell(const char *prefix)
{
    int n = 0;

    for (int id = 0; id < params_count(); id++)
        n += wire_told(param_at(id), false, prefix);
    return n;
}

int
pass(struct room *r, struct peer *p, int64_t ms)
{
    int n = 0;

    for (int64_t t = 0; t < ms; t += 10) {
        tick(r, 10);
        n += hear(p);
    }
    return n;
}

void
subscribe(struct room *r, struct peer *p, const char *prefix)
{
    say_text(r, p, "/subscribe", prefix);
    assert_int_equal(pass(r, p, 4000), rows_to_tell(prefix) * (1 + CLIENTS_AGAIN));
}

uint32_t
random_next(uint32_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}
