/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/oscinside.h"

#include "control/told.h"

#include <stdio.h>
#include <string.h>

int
osc_row(const struct osc *o, int id, bool norm)
{
    return norm ? id + o->nparams : id;
}

/* -1: it is no blob. */
int
osc_row_blob(const struct osc *o, int row)
{
    return row >= 2 * o->nparams ? row - 2 * o->nparams : -1;
}

const struct param *
osc_row_param(const struct osc *o, int row)
{
    return param_at(row % o->nparams);
}

bool
osc_row_norm(const struct osc *o, int row)
{
    return row >= o->nparams;
}

static uint64_t
work_out_mark(const struct osc *o, int row)
{
    if (osc_row_blob(o, row) >= 0)
        return blobs_mark(&o->blobs, osc_row_blob(o, row), o->engine);
    return told_mark(o->engine, row % o->nparams, osc_row_norm(o, row));
}

uint64_t
osc_row_mark(struct osc *o, int row)
{
    uint64_t before = o->mark[row];

    if (o->stamp[row] == o->tick)
        return before;
    o->mark[row] = work_out_mark(o, row);
    o->stamp[row] = o->tick;
    if (o->mark[row] != before)
        o->changed_ns[row] = o->now_ns;
    return o->mark[row];
}

bool
osc_row_inside(void *context, int row, const char *prefix)
{
    const struct osc *o = context;
    char plain[WIRE_PATH_SIZE];
    bool norm, blob, paths;

    if (osc_row_blob(o, row) >= 0)
        return wire_cut_blob(prefix, plain, &blob, &paths) && blob &&
               blobs_is(&o->blobs, osc_row_blob(o, row), plain);
    if (strcmp(prefix, CLIENTS_CONTROLS) == 0)
        return !(osc_row_param(o, row)->flags & PARAM_READ_ONLY) && !osc_row_norm(o, row) &&
               wire_has(osc_row_param(o, row), false);
    return wire_cut_norm(prefix, plain, &norm) && norm == osc_row_norm(o, row) &&
           wire_told(osc_row_param(o, row), norm, plain);
}

static bool
add_blob(const struct osc *o, struct packet_writer *w, int blob)
{
    char path[WIRE_PATH_SIZE + 8];
    unsigned char data[BLOBS_SIZE];

    snprintf(path, sizeof path, "%s/blob", o->blobs.blob[blob].prefix);
    return packet_add_blob(w, path, data, blobs_write(&o->blobs, blob, o->engine, data));
}

bool
osc_row_add(struct osc *o, struct packet_writer *w, int row)
{
    bool norm = osc_row_norm(o, row);
    struct packet_arg arg[PACKET_ARGS];
    char path[WIRE_PATH_SIZE];

    if (osc_row_blob(o, row) >= 0)
        return add_blob(o, w, osc_row_blob(o, row));
    snprintf(path, sizeof path, "%s%s", osc_row_param(o, row)->path, norm ? "/norm" : "");
    return packet_add(w, path, arg, told_arguments(o->engine, row % o->nparams, norm, arg));
}

static bool
blob_in_use(void *context, int place)
{
    const struct osc *o = context;

    return clients_heard(o->clients, 2 * o->nparams + place);
}

/* Its row; -1: e says why not. */
int
osc_row_of_blob(struct osc *o, const char *prefix, struct err *e)
{
    int place = blobs_place(&o->blobs, prefix, blob_in_use, o, e), row = 2 * o->nparams + place;

    if (place < 0)
        return -1;
    o->stamp[row] = 0; /* it may have been another's */
    return row;
}
