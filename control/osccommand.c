/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/oscinside.h"

#include "control/pair.h"

#include <string.h>

#ifndef DEADWAX_VERSION
#define DEADWAX_VERSION "0.1"
#endif

/* The argument as a prefix that has rows; def when there is none; NULL after a complaint. */
static const char *
prefix_arg(struct osc *o, const struct packet_message *m, const char *def)
{
    const char *prefix = m->nargs > 0 ? m->arg[0].text : def;
    char plain[WIRE_PATH_SIZE];
    bool blob, paths;
    struct err e;

    if (!prefix) {
        err_set(&e, "%s: type '%c' is no path: use s, for instance /eq", m->path, m->arg[0].type);
        osc_complain_refused(o, m->path, &e);
        return NULL;
    }
    if (*prefix == '/' && wire_cut_blob(prefix, plain, &blob, &paths) && blob &&
        osc_row_of_blob(o, plain, &e) < 0) {
        osc_complain_refused(o, m->path, &e);
        return NULL;
    }
    for (int row = 0; row < o->rows.count; row++)
        if (*prefix == '/' && osc_row_inside(o, row, prefix))
            return prefix;
    osc_complain_unknown(o, prefix);
    return NULL;
}

static double
number_arg(const struct packet_message *m, int i, double def)
{
    return m->nargs > i && m->arg[i].type && strchr("ihfd", m->arg[i].type) ? m->arg[i].number : def;
}

static void
enlist(struct osc *o, const struct packet_message *m, const char *prefix, double lease_s, double rate_hz,
       const struct address *to)
{
    int client = clients_subscribe(o->clients, o->by, prefix, lease_s, rate_hz, o->now_ns);
    struct err e;

    if (client >= 0) {
        osc_lead(o, client, to);
        return;
    }
    err_set(&e, "%s: no more than %d prefixes for one client: use a shorter one", m->path, CLIENTS_PREFIXES);
    osc_complain_refused(o, m->path, &e);
}

static void
subscribe(struct osc *o, const struct packet_message *m)
{
    const char *prefix = prefix_arg(o, m, "/");
    struct address to = o->from;
    struct err e;

    if (!prefix)
        return;
    /* Tablets that listen on another port than they send from say so. */
    if (m->nargs > 3 && !address_set_port(&to, number_arg(m, 3, 0))) {
        err_set(&e, "/subscribe: %g is no port: use 1 to 65535", number_arg(m, 3, 0));
        osc_complain_refused(o, m->path, &e);
        return;
    }
    enlist(o, m, prefix, number_arg(m, 1, 10), number_arg(m, 2, 20), &to);
}

/* X32 and X Air: everything that can be moved, for as long as they have it. */
static void
xremote(struct osc *o, const struct packet_message *m)
{
    enlist(o, m, CLIENTS_CONTROLS, 10, CLIENTS_RATE_MAX_HZ, &o->from);
}

static void
unsubscribe(struct osc *o, const struct packet_message *m)
{
    int client = clients_find(o->clients, o->by);

    if (client >= 0)
        clients_unsubscribe(o->clients, client, m->nargs > 0 ? m->arg[0].text : NULL);
}

static void
dump_inside(struct osc *o, const struct packet_message *m, const char *prefix)
{
    int client = osc_guest(o);
    struct err e;

    if (client < 0) {
        err_set(&e, "%s: too many clients: subscribe", m->path);
        osc_complain_refused(o, m->path, &e);
        return;
    }
    for (int row = 0; row < o->rows.count; row++)
        if (osc_row_inside(o, row, prefix))
            clients_ask(o->clients, client, row);
}

static void
dump(struct osc *o, const struct packet_message *m)
{
    const char *prefix = prefix_arg(o, m, "/");

    if (prefix)
        dump_inside(o, m, prefix);
}

static void
refresh(struct osc *o, const struct packet_message *m)
{
    dump_inside(o, m, CLIENTS_CONTROLS);
}

static void
ping(struct osc *o, const struct packet_message *m)
{
    static const char *const who[] = {"deadwax", DEADWAX_VERSION};
    struct packet_writer w;

    packet_message(&w);
    if (packet_add_echo(&w, "/pong", m, who, LEN(who)))
        osc_send(o, &o->from, &w);
}

/* What answers may bring back: never answered, so that two hosts can't talk to each other for ever. */
static void
ignore(struct osc *o, const struct packet_message *m)
{
    (void)o, (void)m;
}

void
osc_message(void *context, const struct packet_message *m)
{
    static const struct {
        const char *path;
        void (*act)(struct osc *o, const struct packet_message *m);
    } commands[] = {
        {"/subscribe", subscribe}, {"/unsubscribe", unsubscribe},
        {"/xremote", xremote},     {"/dump", dump},
        {"/refresh", refresh},     {"/ping", ping},
        {"/pong", ignore},         {"/error", ignore},
    };
    struct osc *o = context;
    struct packet_writer answer;
    struct err e;

    o->counts.messages++;
    if (m->nargs < 0) {
        o->counts.malformed++;
        err_set(&e, "%.80s: has a type that nobody knows: use i, f, s, T or F", m->path);
        if (osc_may_complain(o))
            osc_complain(o, m->path, &e);
        return;
    }
    for (size_t i = 0; i < LEN(commands); i++)
        if (strcmp(m->path, commands[i].path) == 0) {
            commands[i].act(o, m);
            return;
        }
    if (!pair_message(o->door, &o->from, m, o->now_ns, &answer))
        osc_parameter(o, m);
    else if (answer.count)
        osc_send(o, &o->from, &answer);
}
