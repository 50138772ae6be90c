/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/oscinside.h"

#include "control/pair.h"

#include <stdlib.h>

/* sockets.h gives away so much work in a call. A pattern costs more than its bytes, as it meets every row. */
enum { PATTERN_WORK = 4096 };

/* --- receiving --------------------------------------------------------------------------------- */

/* Strangers come no further than this. */
static bool
is_in(struct osc *o, const struct address *from, const void *data, size_t size)
{
    struct packet_writer answer;

    switch (pair_take(o->door, from, data, size, o->now_ns, &answer)) {
    case PAIR_IN: return true;
    case PAIR_OUT: break;
    case PAIR_ANSWER: osc_send(o, from, &answer); break;
    case PAIR_END:
        if (from->carrier == CARRIER_SOCKETS)
            sockets_end(o->sockets, from);
        break;
    }
    return false;
}

int64_t
osc_take(struct osc *o, const struct address *from, const void *data, size_t size)
{
    if (!is_in(o, from, data, size))
        return 0;
    if (!address_same(from, &o->from))
        address_name(from, o->by);
    o->from = *from; /* the address of ours that was asked may be another each time */
    o->hand = o->door ? door_name(o->door, from) : NULL;
    o->hand = o->hand ? o->hand : o->by;
    o->counts.packets++;
    o->patterns = 0;
    o->followed = false;
    o->realtime_ns = 0;
    o->next_frame = 0;
    o->tag = o->late_tag = o->far_tag = PACKET_NOW;
    if (!packet_read(data, size, osc_message, o))
        o->counts.malformed++;
    return (int64_t)o->patterns * PATTERN_WORK;
}

static int64_t
take_packet(void *context, const struct address *from, const void *data, size_t size)
{
    return osc_take(context, from, data, size);
}

static void
take_spoiled(void *context)
{
    struct osc *o = context;

    o->counts.malformed++;
}

void
osc_forget(struct osc *o, const struct address *who)
{
    for (int i = 0; i < CLIENTS_MAX; i++)
        if (clients_name(o->clients, i) && address_same(&o->to[i], who))
            clients_leave(o->clients, i);
}

static void
forget(void *context, const struct address *who)
{
    osc_forget(context, who);
}

bool
osc_listen(struct osc *o, const struct address *who, int id, bool norm, bool on)
{
    char name[ADDRESS_NAME_SIZE];
    int client;

    address_name(who, name);
    client = clients_listen(o->clients, name, osc_row(o, id, norm), on, o->now_ns);
    if (client >= 0)
        osc_lead(o, client, who);
    return client >= 0;
}

void
osc_carry(struct osc *o, int which, const struct carrier *carrier)
{
    o->carrier[which] = carrier ? *carrier : (struct carrier){NULL, NULL};
}

void
osc_guard(struct osc *o, struct door *door)
{
    o->door = door;
}

static bool
knows(void *context, const struct address *who)
{
    const struct osc *o = context;

    return pair_knows(o->door, who);
}

/* Who is revoked is told nothing more. */
static void
turn_out(struct osc *o)
{
    for (int i = 0; i < CLIENTS_MAX; i++)
        if (clients_name(o->clients, i) && !pair_knows(o->door, &o->to[i]))
            clients_leave(o->clients, i);
}

void
osc_receive(struct osc *o)
{
    sockets_receive(o->sockets);
}

/* --- ticks ------------------------------------------------------------------------------------- */

void
osc_tick(struct osc *o, int64_t now_ns)
{
    o->now_ns = now_ns;
    o->tick++;
    sockets_tick(o->sockets, now_ns);
    turn_out(o);
    clients_expire(o->clients, now_ns);
    osc_look_at_controls(o);
    for (int i = 0; i < CLIENTS_MAX; i++)
        if (clients_name(o->clients, i))
            osc_feed(o, i);
}

/* --- opening ----------------------------------------------------------------------------------- */

static enum carried
send_by_socket(void *context, const struct address *to, const void *data, size_t size)
{
    struct osc *o = context;

    return sockets_send(o->sockets, to, data, size);
}

/* What changes by itself. */
static bool
is_reading(const struct param *p)
{
    return p->owner == OWNER_METER || (p->flags & PARAM_COUNTER);
}

static enum status
open_rows(struct osc *o)
{
    int n = 2 * o->nparams + BLOBS;

    o->reading = calloc((size_t)n, sizeof *o->reading);
    o->changed_ns = calloc((size_t)n, sizeof *o->changed_ns);
    o->mark = calloc((size_t)n, sizeof *o->mark);
    o->stamp = calloc((size_t)n, sizeof *o->stamp);
    if (!o->reading || !o->changed_ns || !o->mark || !o->stamp)
        return NO_MEM;
    for (int row = 0; row < n; row++)
        o->reading[row] = osc_row_blob(o, row) >= 0 || is_reading(osc_row_param(o, row));
    o->rows = (struct clients_rows){n, o->reading, o->changed_ns, osc_row_inside, o};
    return clients_open(&o->clients, &o->rows);
}

enum status
osc_open(struct osc **osc, struct engine *engine, const char *listen, int port, struct err *e)
{
    struct osc *o = calloc(1, sizeof *o);
    struct sockets_hand hand = {take_packet, take_spoiled, forget, knows, o};
    struct carrier own;
    enum status s = NO_MEM;

    *osc = NULL;
    if (!o)
        return NO_MEM;
    params_init();
    o->engine = engine;
    o->tick = 1;
    o->nparams = params_count();
    s = open_rows(o);
    if (s == OK)
        s = sockets_open(&o->sockets, &hand, listen, port, e);
    else
        err_set(e, "OSC: no memory");
    if (s != OK) {
        osc_close(o);
        return s;
    }
    own = (struct carrier){send_by_socket, o};
    osc_carry(o, CARRIER_SOCKETS, &own);
    *osc = o;
    return OK;
}

void
osc_close(struct osc *o)
{
    if (!o)
        return;
    sockets_close(o->sockets);
    clients_close(o->clients);
    free(o->reading);
    free(o->changed_ns);
    free(o->mark);
    free(o->stamp);
    free(o);
}

int
osc_fd(const struct osc *o)
{
    return sockets_fd(o->sockets);
}

int
osc_port(const struct osc *o)
{
    return sockets_port(o->sockets);
}

bool
osc_tcp(const struct osc *o)
{
    return sockets_tcp(o->sockets);
}

const char *
osc_news(const struct osc *o)
{
    return sockets_news(o->sockets);
}

const struct osc_counts *
osc_counts(const struct osc *o)
{
    return &o->counts;
}

const struct sockets_counts *
osc_tcp_counts(const struct osc *o)
{
    return sockets_counts(o->sockets);
}

int
osc_clients(const struct osc *o)
{
    return clients_count(o->clients);
}

int
osc_connections(const struct osc *o)
{
    return sockets_connections(o->sockets);
}
