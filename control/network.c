/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/network.h"

#include "engine/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void
tell(struct network *n, const char *format, ...)
{
    va_list ap;

    if (n->news_last - n->news_first == NETWORK_NEWS)
        n->news_first++; /* the oldest goes */
    va_start(ap, format);
    vsnprintf(n->news[n->news_last++ % NETWORK_NEWS], NETWORK_NEWS_SIZE, format, ap);
    va_end(ap);
}

const char *
network_news(struct network *n)
{
    return n->news_first == n->news_last ? NULL : n->news[n->news_first++ % NETWORK_NEWS];
}

/* --- pairing -------------------------------------------------------------------------------------- */

bool
network_is_open(const struct network *n)
{
    return n->reach.n > 0;
}

const char *
network_code(const struct network *n, int64_t now_ns)
{
    return door_code(n->door, now_ns);
}

double
network_code_s(const struct network *n, int64_t now_ns)
{
    return door_left_s(n->door, now_ns);
}

static const char *
found_at(const struct network *n)
{
    return network_is_open(n) ? n->reach.host[0] : "127.0.0.1";
}

/* Where the code is typed: on a page of ours, or into whatever speaks OSC. */
static void
name_code(struct network *n, const char *code)
{
    char url[256];

    if (n->http_port)
        reach_url(n->code_url, sizeof n->code_url, "http", found_at(n), n->http_port, "pair");
    else
        reach_url(n->code_url, sizeof n->code_url, "osc.udp", found_at(n), osc_port(n->osc), "");
    snprintf(url, sizeof url, "%.200s?code=%s", n->code_url, code);
    qr_make(&n->qr, url);
}

/* Once for each code, and when it is none any more. */
static void
tell_code(struct network *n, int64_t now_ns)
{
    const char *code = door_code(n->door, now_ns);

    if (strcmp(code, n->code) == 0)
        return;
    snprintf(n->code, sizeof n->code, "%s", code);
    if (!code[0]) {
        n->qr.size = 0;
        tell(n, "pairing is closed");
        return;
    }
    name_code(n, code);
    tell(n, "pairing is open for %d s: %s at %s", DOOR_OPEN_S, code, n->code_url);
}

void
network_let(struct network *n, bool open, int64_t now_ns)
{
    struct err e;

    if (!network_is_open(n))
        tell(n, "only this machine can reach us: start with --listen ADDR to pair others");
    else if (door_let(n->door, open, now_ns, &e) != OK)
        tell(n, "%s", e.text);
}

/* Whom others ask for, and that they are not in yet. */
static void
tell_lock(struct network *n)
{
    char where[NETWORK_NEWS_SIZE / 2] = "", paired[256];
    int port = n->http_port ? n->http_port : osc_port(n->osc);

    for (int i = 0, used = 0; i < n->reach.n && used < (int)sizeof where; i++)
        used += snprintf(where + used, sizeof where - (size_t)used, "%s %s port %d", i ? "," : "",
                         n->reach.host[i], port);
    door_list(n->door, paired, sizeof paired);
    tell(n,
         "locked: paired %.200s; pair another at%s: \"deadwax ctl pair\" here, or d in the terminal, shows a "
         "code",
         paired[0] ? paired : "nobody yet", where);
}

/* --- opening -------------------------------------------------------------------------------------- */

static enum status
open_door(struct network *n, const char *listen, struct err *e)
{
    const char *listed[DOOR_LISTED + 1] = {NULL};
    enum status status;

    for (int i = 0; i < DOOR_LISTED && (listed[i] = engine_remote(n->engine, i)); i++)
        ;
    status = door_open(&n->door, NULL, listed, e);
    if (status == OK || listen)
        return status == BAD_ARG ? IO_ERROR : status; /* no wrong use of ours */
    tell(n, "%s", e->text);
    return door_open(&n->door, "", listed, e);
}

static enum status
open_web(struct network *n, const struct network_choices *c, struct err *e)
{
    enum status status;

    if (c->http_port < 0)
        return OK;
    status = web_open(&n->web, n->engine, n->osc, n->door, c->listen, c->http_port, e);
    if (status == UNAVAILABLE && !c->http_asked) {
        tell(n, "%.400s: it goes on without", e->text);
        return OK;
    }
    n->http_port = status == OK ? web_port(n->web) : 0;
    return status;
}

static void
receive_osc(void *context, int fd)
{
    const struct network *n = context;

    (void)fd;
    osc_receive(n->osc);
}

static void
receive_web(void *context, int fd)
{
    const struct network *n = context;

    (void)fd;
    web_receive(n->web);
}

static bool
watch(struct network *n)
{
    return loop_watch(n->loop, osc_fd(n->osc), false, receive_osc, n) &&
           (!n->web || loop_watch(n->loop, web_fd(n->web), false, receive_web, n));
}

static void
name_addresses(struct network *n)
{
    reach_url(n->address[0], sizeof n->address[0], "osc.udp", found_at(n), osc_port(n->osc), "");
    if (n->web)
        reach_url(n->address[1], sizeof n->address[1], "http", found_at(n), n->http_port, "");
    if (osc_tcp(n->osc))
        reach_url(n->address[2], sizeof n->address[2], "osc.tcp", found_at(n), osc_port(n->osc), "");
}

/* Leases count from now, also those of the very first packet. */
static void
begin(struct network *n, const struct network_choices *c, int64_t now_ns)
{
    reach_find(&n->reach, c->listen);
    warden_begin(&n->warden, n->engine, n->door, n->osc);
    osc_tick(n->osc, now_ns);
    if (n->web)
        web_tick(n->web, now_ns);
    name_addresses(n);
    if (osc_news(n->osc)[0])
        tell(n, "%s", osc_news(n->osc));
    if (network_is_open(n))
        tell_lock(n);
    if (c->pair)
        network_let(n, true, now_ns);
    announce_open(&n->announce, &(struct announce_what){.listen = c->listen,
                                                        .osc_port = osc_port(n->osc),
                                                        .osc_tcp = osc_tcp(n->osc),
                                                        .http_port = n->http_port});
}

enum status
network_open(struct network *n, const struct network_choices *c, struct engine *engine, struct loop *loop,
             struct err *e)
{
    enum status status;

    *n = (struct network){.engine = engine, .loop = loop};
    status = open_door(n, c->listen, e);
    if (status == OK)
        status = osc_open(&n->osc, engine, c->listen, c->osc_port, e);
    if (status != OK)
        return status;
    osc_guard(n->osc, n->door);
    status = open_web(n, c, e);
    if (status == OK && !watch(n)) {
        err_set(e, "the control loop: no descriptors left");
        status = UNAVAILABLE;
    }
    if (status == OK)
        begin(n, c, clock_ns());
    return status;
}

void
network_close(struct network *n)
{
    if (n->osc)
        loop_forget(n->loop, osc_fd(n->osc));
    if (n->web)
        loop_forget(n->loop, web_fd(n->web));
    web_close(n->web);
    osc_close(n->osc);
    door_close(n->door);
    announce_close(n->announce);
    *n = (struct network){0};
}

void
network_tick(struct network *n, int64_t now_ns)
{
    char news[NETWORK_NEWS_SIZE];

    if (warden_tick(&n->warden, now_ns, news, sizeof news))
        tell(n, "%s", news);
    tell_code(n, now_ns);
    osc_tick(n->osc, now_ns);
    if (n->web)
        web_tick(n->web, now_ns);
}
