/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oscinside: what the OSC hand is made of, for the files that it is written in and nobody else.
 *
 *   osc.c         packets come in, ticks; opening
 *   osccommand.c  a message: a command, or
 *   oscmove.c     a parameter: set, step, asked for
 *   oscfeed.c     what clients are told, in parcels
 *   oscrow.c      what there is to tell
 *   oscsay.c      sending, and complaints
 */
#ifndef CONTROL_OSCINSIDE_H
#define CONTROL_OSCINSIDE_H

#include "control/osc.h"

#include "control/blobs.h"
#include "control/clients.h"
#include "control/packet.h"
#include "control/sockets.h"
#include "control/wire.h"

enum { OSC_BUCKETS = 64 };

struct osc_bucket {
    char name[CLIENTS_NAME_SIZE];
    struct allowance errors;
};

struct osc {
    struct engine *engine;
    struct door *door; /* NULL: loopback alone is in */
    struct sockets *sockets;
    struct carrier carrier[CARRIERS]; /* send NULL: not there */
    int64_t now_ns;                   /* of the last tick */
    struct osc_counts counts;

    int nparams;
    bool *reading;       /* by row */
    int64_t *changed_ns; /* by row: when its mark was seen to differ */
    uint64_t changes;    /* of the engine's values, as of the last tick */
    struct blobs blobs;
    struct clients_rows rows;
    struct clients *clients;
    struct address to[CLIENTS_MAX];
    int cursor[CLIENTS_MAX][CLIENTS_TURNS]; /* where the last tick's parcels ended */

    uint64_t *mark; /* by row, as of tick stamp[row] */
    uint64_t *stamp, tick;

    struct osc_bucket bucket[OSC_BUCKETS];
    struct allowance all_errors;

    /* The packet in hand. */
    struct address from;
    char by[CLIENTS_NAME_SIZE];
    const char *hand; /* whose moves they are: by, or the name that it is paired under */
    int patterns;
    bool followed;              /* follow() was here */
    int64_t realtime_ns;        /* 0: not asked yet */
    uint64_t next_frame;        /* for what is due now, 0: not asked yet */
    uint64_t tag, tag_frame;    /* the last time tag to come, and its frame */
    uint64_t late_tag, far_tag; /* counted, told of */
};

/* --- oscsay.c --- */

/* False: there is no room at the moment. */
bool osc_send(struct osc *o, const struct address *to, const struct packet_writer *w);
/* Ask before composing a sentence: that is the dearer part. */
bool osc_may_complain(struct osc *o);
/* To who sent the packet in hand. The last two count it, and ask first. */
void osc_complain(struct osc *o, const char *path, const struct err *e);
void osc_complain_unknown(struct osc *o, const char *path);
void osc_complain_refused(struct osc *o, const char *path, const struct err *e);

/* --- oscrow.c: rows of clients.h are the table's ids, then once more for their /norm twins, then places of blobs.h --- */

int osc_row(const struct osc *o, int id, bool norm);
/* -1: it is no blob. */
int osc_row_blob(const struct osc *o, int row);
const struct param *osc_row_param(const struct osc *o, int row);
bool osc_row_norm(const struct osc *o, int row);
/* As of this tick. */
uint64_t osc_row_mark(struct osc *o, int row);
bool osc_row_inside(void *context, int row, const char *prefix);
bool osc_row_add(struct osc *o, struct packet_writer *w, int row);
/* -1: e says why not. */
int osc_row_of_blob(struct osc *o, const char *prefix, struct err *e);

/* --- oscmove.c --- */

/* What is told to the client goes there. */
void osc_lead(struct osc *o, int client, const struct address *to);
/* The sender as a client who asks; -1: no room. */
int osc_guest(struct osc *o);
void osc_parameter(struct osc *o, const struct packet_message *m);

/* --- osccommand.c --- */

/* context: the struct osc; a packet_each. */
void osc_message(void *context, const struct packet_message *m);

/* --- oscfeed.c --- */

/* So that it is known of each since when it has stood still, also while nobody may be told. */
void osc_look_at_controls(struct osc *o);
void osc_feed(struct osc *o, int client);

#endif
