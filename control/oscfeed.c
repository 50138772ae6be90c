/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/oscinside.h"

enum {
    PARCELS = 3, /* bundles to a client in a tick: about 100 values, as tablets can take */
    ROWS_IN_PARCEL = PACKET_BUNDLE / 16
};

struct parcel {
    struct packet_writer w;
    int row[ROWS_IN_PARCEL];
    int left; /* parcels to go in this tick */
};

/* What could not be sent now is sent later. */
static bool
ship(struct osc *o, int client, struct parcel *p)
{
    if (p->w.count && !osc_send(o, &o->to[client], &p->w)) {
        for (int i = 0; i < p->w.count; i++)
            clients_ask(o->clients, client, p->row[i]);
        return false;
    }
    packet_bundle(&p->w, PACKET_NOW);
    return --p->left > 0;
}

/* False when the client can't take more in this tick. */
static bool
tell(struct osc *o, int client, enum clients_turn turn, struct parcel *p, int row)
{
    uint64_t mark = osc_row_mark(o, row);

    if (!clients_wants(o->clients, client, turn, row, mark))
        return true;
    if (p->w.count == ROWS_IN_PARCEL || !osc_row_add(o, &p->w, row)) {
        if (!ship(o, client, p))
            return false;
        if (!osc_row_add(o, &p->w, row))
            return false; /* no memory: another time */
    }
    p->row[p->w.count - 1] = row;
    clients_told(o->clients, client, row, mark, o->now_ns);
    return true;
}

static bool
tell_range(struct osc *o, int client, enum clients_turn turn, struct parcel *p, int from, int to)
{
    for (int row = clients_next(o->clients, client, turn, from, o->now_ns); row >= 0 && row < to;
         row = clients_next(o->clients, client, turn, row + 1, o->now_ns))
        if (!tell(o, client, turn, p, row)) {
            o->cursor[client][turn] = row;
            return false;
        }
    return true;
}

void
osc_feed(struct osc *o, int client)
{
    struct parcel p = {.left = PARCELS};
    bool more = true;

    packet_bundle(&p.w, PACKET_NOW);
    for (int turn = 0; turn < CLIENTS_TURNS && more; turn++) {
        int start = o->cursor[client][turn];

        more = tell_range(o, client, turn, &p, start, o->rows.count) &&
               tell_range(o, client, turn, &p, 0, start);
    }
    if (more && p.w.count)
        ship(o, client, &p);
}

/* So that it is known of each since when it has stood still, also while nobody may be told. */
void
osc_look_at_controls(struct osc *o)
{
    if (o->changes == engine_changes(o->engine))
        return;
    o->changes = engine_changes(o->engine);
    for (int row = 0; row < 2 * o->nparams; row++)
        if (!o->reading[row] && wire_has(osc_row_param(o, row), osc_row_norm(o, row)))
            osc_row_mark(o, row);
}
