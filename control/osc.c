/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/osc.h"

#include "control/blobs.h"
#include "control/clients.h"
#include "control/pair.h"
#include "control/pattern.h"
#include "control/sockets.h"
#include "control/wire.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef DEADWAX_VERSION
#define DEADWAX_VERSION "0.1"
#endif

/*
 * Rows of clients.h are the table's ids, then once more for their /norm twins, then the places of blobs.h.
 *
 * sockets.h gives away so much work in a call. A pattern costs more than its
 * bytes, as it meets every row.
 */
enum {
    PATTERN_WORK = 4096,
    PATTERNS = 64, /* in a packet */
    PARCELS = 3,   /* bundles to a client in a tick: about 100 values, as tablets can take */
    ROWS_IN_PARCEL = PACKET_BUNDLE / 16,
    PATHS_IN_MESSAGE = (PACKET_BUNDLE - 2 * WIRE_PATH_SIZE) / (WIRE_PATH_SIZE + 1),
    BUCKETS = 64
};

static const double error_rate_hz = 10, error_burst = 20;             /* for one sender */
static const double all_errors_rate_hz = 200, all_errors_burst = 200; /* for everyone together */

struct bucket {
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

    struct bucket bucket[BUCKETS];
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

/* --- sending ----------------------------------------------------------------------------------- */

/* False: there is no room at the moment. */
static bool
send_to(struct osc *o, const struct address *to, const struct packet_writer *w)
{
    const struct carrier *c = &o->carrier[to->carrier];
    enum carried sent = c->send ? c->send(c->context, to, w->data, w->size) : CARRIED_LOST;

    if (sent == CARRIED)
        o->counts.sent++;
    else
        o->counts.dropped++;
    return sent != CARRIED_LATER;
}

static struct bucket *
bucket_of(struct osc *o, const char *name)
{
    unsigned h = 0;
    struct bucket *b;

    for (const char *c = name; *c; c++)
        h = h * 31 + (unsigned char)*c;
    b = &o->bucket[h % BUCKETS];
    if (strcmp(b->name, name) != 0) {
        *b = (struct bucket){.errors = {0}};
        snprintf(b->name, sizeof b->name, "%s", name);
    }
    return b;
}

/* Ask before composing a sentence: that is the dearer part. */
static bool
may_complain(struct osc *o)
{
    if (allowance_take(&bucket_of(o, o->by)->errors, error_rate_hz, error_burst, o->now_ns) &&
        allowance_take(&o->all_errors, all_errors_rate_hz, all_errors_burst, o->now_ns))
        return true;
    o->counts.dropped++;
    return false;
}

static void
complain(struct osc *o, const char *path, const struct err *e)
{
    char shown[2 * WIRE_PATH_SIZE];
    struct packet_arg arg[] = {{.type = 's', .text = shown}, {.type = 's', .text = e->text}};
    struct packet_writer w;

    snprintf(shown, sizeof shown, "%s", path);
    packet_message(&w);
    if (packet_add(&w, "/error", arg, LEN(arg)))
        send_to(o, &o->from, &w);
}

static void
complain_unknown(struct osc *o, const char *path)
{
    struct err e;

    o->counts.unknown++;
    if (!may_complain(o))
        return;
    param_unknown(path, &e);
    complain(o, path, &e);
}

static void
complain_refused(struct osc *o, const char *path, const struct err *e)
{
    o->counts.refused++;
    if (may_complain(o))
        complain(o, path, e);
}

/* --- rows -------------------------------------------------------------------------------------- */

static int
row_of(const struct osc *o, int id, bool norm)
{
    return norm ? id + o->nparams : id;
}

/* -1: it is no blob. */
static int
row_blob(const struct osc *o, int row)
{
    return row >= 2 * o->nparams ? row - 2 * o->nparams : -1;
}

static const struct param *
row_param(const struct osc *o, int row)
{
    return param_at(row % o->nparams);
}

static bool
row_norm(const struct osc *o, int row)
{
    return row >= o->nparams;
}

static double
row_value(const struct osc *o, int row)
{
    return param_is_number(row_param(o, row)) ? engine_get(o->engine, row % o->nparams) : 0.0;
}

static const char *
row_text(const struct osc *o, int row)
{
    return row_param(o, row)->type == PARAM_TEXT ? engine_get_text(o->engine, row % o->nparams) : NULL;
}

static uint64_t
work_out_mark(const struct osc *o, int row)
{
    uint64_t generation;

    if (row_blob(o, row) >= 0)
        return blobs_mark(&o->blobs, row_blob(o, row), o->engine);
    if (row_param(o, row)->type != PARAM_SERIES)
        return wire_mark(row_param(o, row), row_norm(o, row), row_value(o, row), row_text(o, row));
    engine_get_series(o->engine, row % o->nparams, &generation);
    return generation;
}

static uint64_t
row_mark(struct osc *o, int row)
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

static bool
row_inside(void *context, int row, const char *prefix)
{
    const struct osc *o = context;
    char plain[WIRE_PATH_SIZE];
    bool norm, blob, paths;

    if (row_blob(o, row) >= 0)
        return wire_cut_blob(prefix, plain, &blob, &paths) && blob &&
               blobs_is(&o->blobs, row_blob(o, row), plain);
    if (strcmp(prefix, CLIENTS_CONTROLS) == 0)
        return !(row_param(o, row)->flags & PARAM_READ_ONLY) && !row_norm(o, row) &&
               wire_has(row_param(o, row), false);
    return wire_cut_norm(prefix, plain, &norm) && norm == row_norm(o, row) &&
           wire_told(row_param(o, row), norm, plain);
}

static bool
add_blob(const struct osc *o, struct packet_writer *w, int blob)
{
    char path[WIRE_PATH_SIZE + 8];
    unsigned char data[BLOBS_SIZE];

    snprintf(path, sizeof path, "%s/blob", o->blobs.blob[blob].prefix);
    return packet_add_blob(w, path, data, blobs_write(&o->blobs, blob, o->engine, data));
}

static bool
add_row(struct osc *o, struct packet_writer *w, int row)
{
    const struct param *p = row_param(o, row);
    bool norm = row_norm(o, row);
    struct packet_arg arg[PACKET_ARGS];
    char path[WIRE_PATH_SIZE];
    uint64_t generation;
    int n;

    if (row_blob(o, row) >= 0)
        return add_blob(o, w, row_blob(o, row));
    if (p->type == PARAM_SERIES)
        n = wire_write_series(p, engine_get_series(o->engine, row % o->nparams, &generation), arg);
    else
        n = wire_write(p, norm, row_value(o, row), row_text(o, row), arg);

    snprintf(path, sizeof path, "%s%s", p->path, norm ? "/norm" : "");
    return packet_add(w, path, arg, n);
}

static bool
blob_in_use(void *context, int place)
{
    const struct osc *o = context;

    return clients_heard(o->clients, 2 * o->nparams + place);
}

/* Its row; -1: e says why not. */
static int
blob_row(struct osc *o, const char *prefix, struct err *e)
{
    int place = blobs_place(&o->blobs, prefix, blob_in_use, o, e), row = 2 * o->nparams + place;

    if (place < 0)
        return -1;
    o->stamp[row] = 0; /* it may have been another's */
    return row;
}

/* --- parameters -------------------------------------------------------------------------------- */

static int64_t
realtime_ns(struct osc *o)
{
    struct timespec t;

    if (!o->realtime_ns) {
        clock_gettime(CLOCK_REALTIME, &t);
        o->realtime_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
    }
    return o->realtime_ns;
}

static uint64_t
next_frame(struct osc *o)
{
    if (!o->next_frame)
        o->next_frame = engine_frame_at(o->engine, realtime_ns(o));
    return o->next_frame;
}

static void
complain_far(struct osc *o, uint64_t tag, double ahead_s)
{
    struct err e;

    if (tag == o->far_tag) /* once for a bundle */
        return;
    o->far_tag = tag;
    err_set(&e, "#bundle: its time tag is %.0f s ahead: use at most %d s, and set both clocks", ahead_s,
            OSC_AHEAD_S);
    complain_refused(o, "#bundle", &e);
}

/* The frame that m is meant for; false when that is too far ahead. *later: it is not the next one. */
static bool
when(struct osc *o, const struct packet_message *m, uint64_t *frame, bool *later)
{
    int64_t ahead_ns;

    *later = false;
    *frame = ENGINE_NOW;
    if (!m->bundled)
        return true;
    ahead_ns = m->tag == PACKET_NOW ? 0 : packet_tag_ns(m->tag) - realtime_ns(o);
    if (ahead_ns > OSC_AHEAD_S * 1000000000LL) {
        complain_far(o, m->tag, (double)ahead_ns * 1e-9);
        return false;
    }
    if (ahead_ns <= 0) {
        if (m->tag != PACKET_NOW && m->tag != o->late_tag)
            o->counts.late_bundles++;
        o->late_tag = m->tag;
        *frame = next_frame(o);
        return true;
    }
    if (m->tag != o->tag)
        o->tag_frame = engine_frame_at(o->engine, packet_tag_ns(m->tag));
    o->tag = m->tag;
    *frame = o->tag_frame;
    *later = true;
    return true;
}

/* Where the client's feedback goes. */
static void
lead(struct osc *o, int client, const struct address *to)
{
    o->to[client] = *to;
    clients_lossy(o->clients, client, address_loses(to));
}

/* The sender as a client who asks; -1: no room. */
static int
guest(struct osc *o)
{
    bool known = clients_find(o->clients, o->by) >= 0;
    int client = clients_guest(o->clients, o->by, o->now_ns);

    if (client >= 0 && !known)
        lead(o, client, &o->from);
    return client;
}

/* With the feedback, once there is room. */
static void
answer_later(struct osc *o, int row)
{
    int client = guest(o);

    if (client >= 0)
        clients_ask(o->clients, client, row);
}

static void
answer(struct osc *o, int row)
{
    int client = clients_find(o->clients, o->by);
    struct packet_writer w;

    o->counts.questions++;
    packet_message(&w);
    if (!add_row(o, &w, row))
        return;
    if (!send_to(o, &o->from, &w)) {
        answer_later(o, row);
        return;
    }
    if (client >= 0 && address_same(&o->to[client], &o->from))
        clients_told(o->clients, client, row, row_mark(o, row), o->now_ns);
}

static int
follower_of_host(const struct osc *o)
{
    for (int i = 0; i < CLIENTS_MAX; i++)
        if (clients_name(o->clients, i) && clients_follows(o->clients, i) &&
            address_same_host(&o->to[i], &o->from))
            return i;
    return -1;
}

static void
assume_all(struct osc *o, int client)
{
    for (int row = 0; row < o->rows.count; row++)
        if (row_inside(o, row, CLIENTS_CONTROLS))
            clients_assume(o->clients, client, row, row_mark(o, row));
}

/* Who has only ever sent values by UDP hears of the others': one port of each host, the one that sent last. */
static void
follow(struct osc *o)
{
    int old, client;

    if (o->followed || !address_loses(&o->from))
        return;
    o->followed = true;
    old = follower_of_host(o);
    if (old >= 0 && clients_rename(o->clients, old, o->by))
        lead(o, old, &o->from);
    client = clients_find(o->clients, o->by);
    old = client >= 0 && clients_follows(o->clients, client) ? client : -1;
    client = clients_follow(o->clients, o->by, o->now_ns);
    if (client < 0 || client == old || !clients_follows(o->clients, client))
        return;
    lead(o, client, &o->from);
    assume_all(o, client);
}

/* The sender has this control in hand: don't tell it its own value before it rests. */
static void
hold(struct osc *o, int id, bool norm)
{
    int client = clients_find(o->clients, o->by);

    if (client >= 0)
        clients_hold(o->clients, client, row_of(o, id, norm), o->now_ns);
}

static void
forget_mark(struct osc *o, int id)
{
    o->stamp[row_of(o, id, false)] = o->stamp[row_of(o, id, true)] = 0;
}

static bool
set_row(struct osc *o, int id, bool norm, const struct packet_message *m, struct err *e)
{
    const struct param *p = param_at(id);
    const char *text = NULL;
    double value = 0.0;
    uint64_t frame;
    bool later, good;

    switch (wire_read(p, norm, m, &value, &text, e)) {
    case WIRE_SET: break;
    case WIRE_BAD: hold(o, id, norm); return false;
    case WIRE_RELEASE: return true;
    }
    if (!when(o, m, &frame, &later)) {
        hold(o, id, norm);
        return true; /* it has been told why */
    }
    if (text && later)
        return err_set(e, "%s: a text can't wait for its time: send it outside the bundle", p->path);
    follow(o);
    good = text ? engine_set_text(o->engine, id, text, o->hand, e)
                : engine_set(o->engine, id, value, frame, o->hand, e);
    o->counts.sets += good;
    forget_mark(o, id);
    hold(o, id, norm);
    return good;
}

static void
one_row(struct osc *o, int id, bool norm, const struct packet_message *m)
{
    struct err e = {""};

    if (wire_is_question(m) && (!norm || wire_has(param_at(id), true)))
        answer(o, row_of(o, id, norm));
    else if (!set_row(o, id, norm, m, &e))
        complain_refused(o, m->path, &e);
}

/* From where it stands now: the sender does not know the sum, and is told it like everyone. */
static bool
step_row(struct osc *o, int id, const struct packet_message *m, struct err *e)
{
    double value = 0.0;
    uint64_t frame;
    bool later;

    if (wire_read_step(param_at(id), engine_get(o->engine, id), m, &value, e) != WIRE_SET)
        return false;
    if (!when(o, m, &frame, &later))
        return true; /* it has been told why */
    if (later)
        return err_set(e, "%s: a step can't wait for its time: send it outside the bundle", m->path);
    follow(o); /* ahead of the change: it does not know the sum */
    if (!engine_set(o->engine, id, value, frame, o->hand, e))
        return false;
    o->counts.sets++;
    forget_mark(o, id);
    return true;
}

static void
step(struct osc *o, const char *path, const struct packet_message *m)
{
    int id = param_find(path);
    struct err e = {""};

    if (id < 0)
        complain_unknown(o, m->path);
    else if (!step_row(o, id, m, &e))
        complain_refused(o, m->path, &e);
}

static void
ask_matches(struct osc *o, const struct pattern *pattern, bool norm, const struct packet_message *m)
{
    int client = guest(o), found = 0;
    struct err e;

    if (client < 0) {
        err_set(&e, "%s: too many clients: ask for one path", m->path);
        complain_refused(o, m->path, &e);
        return;
    }
    o->counts.questions++;
    for (int id = 0; id < o->nparams; id++)
        if (wire_has(param_at(id), norm) && pattern_match(pattern, param_at(id)->path)) {
            clients_ask(o->clients, client, row_of(o, id, norm));
            found++;
        }
    if (!found)
        complain_unknown(o, m->path);
}

static void
set_matches(struct osc *o, const struct pattern *pattern, bool norm, const struct packet_message *m)
{
    int found = 0, refused = 0;
    struct err first = {""}, e;

    for (int id = 0; id < o->nparams; id++) {
        const struct param *p = param_at(id);

        if (!wire_has(p, norm) || (p->flags & PARAM_READ_ONLY) || !pattern_match(pattern, p->path))
            continue;
        found++;
        if (!set_row(o, id, norm, m, &e) && !refused++)
            first = e;
    }
    if (!found)
        complain_unknown(o, m->path);
    if (refused)
        complain_refused(o, m->path, &first);
}

/* The next message of what is in a blob, from `from` on; returns where the one after it begins. */
static int
tell_paths(struct osc *o, const char *path, int place, int from)
{
    struct packet_arg arg[1 + PATHS_IN_MESSAGE] = {{.type = 'i', .number = from}};
    const struct param *p;
    struct packet_writer w;
    int n = 0;

    for (; n < PATHS_IN_MESSAGE && (p = blobs_row(&o->blobs, place, from + n)) != NULL; n++)
        arg[1 + n] = (struct packet_arg){.type = 's', .text = p->path};
    packet_message(&w);
    if (n && packet_add(&w, path, arg, 1 + n))
        send_to(o, &o->from, &w);
    return from + n;
}

static void
blob(struct osc *o, const char *prefix, bool paths, const struct packet_message *m)
{
    struct err e;
    int row;

    if (!wire_is_question(m)) {
        err_set(&e, "%s: can only be read", m->path);
        complain_refused(o, m->path, &e);
        return;
    }
    row = blob_row(o, prefix, &e);
    if (row < 0)
        complain_refused(o, m->path, &e);
    else if (!paths)
        answer(o, row);
    else
        for (int i = 0; blobs_row(&o->blobs, row_blob(o, row), i);)
            i = tell_paths(o, m->path, row_blob(o, row), i);
}

static void
parameter(struct osc *o, const struct packet_message *m)
{
    char path[WIRE_PATH_SIZE];
    struct pattern pattern;
    struct err e;
    bool norm, steps, blobs, paths;
    int id;

    if (wire_cut_blob(m->path, path, &blobs, &paths) && (blobs || paths)) {
        blob(o, path, paths, m);
        return;
    }
    if (!wire_cut_step(m->path, path, &steps) || (!steps && !wire_cut_norm(m->path, path, &norm))) {
        complain_unknown(o, m->path);
        return;
    }
    if (steps) {
        step(o, path, m);
        return;
    }
    if (!pattern_is(path)) {
        id = param_find(path);
        if (id < 0)
            complain_unknown(o, m->path);
        else
            one_row(o, id, norm, m);
        return;
    }
    if (++o->patterns > PATTERNS) {
        o->counts.dropped++;
        return;
    }
    if (!pattern_compile(&pattern, path, &e))
        complain_refused(o, m->path, &e);
    else if (wire_is_question(m))
        ask_matches(o, &pattern, norm, m);
    else
        set_matches(o, &pattern, norm, m);
}

/* --- commands ---------------------------------------------------------------------------------- */

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
        complain_refused(o, m->path, &e);
        return NULL;
    }
    if (*prefix == '/' && wire_cut_blob(prefix, plain, &blob, &paths) && blob && blob_row(o, plain, &e) < 0) {
        complain_refused(o, m->path, &e);
        return NULL;
    }
    for (int row = 0; row < o->rows.count; row++)
        if (*prefix == '/' && row_inside(o, row, prefix))
            return prefix;
    complain_unknown(o, prefix);
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
        lead(o, client, to);
        return;
    }
    err_set(&e, "%s: no more than %d prefixes for one client: use a shorter one", m->path, CLIENTS_PREFIXES);
    complain_refused(o, m->path, &e);
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
        complain_refused(o, m->path, &e);
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
    int client = guest(o);
    struct err e;

    if (client < 0) {
        err_set(&e, "%s: too many clients: subscribe", m->path);
        complain_refused(o, m->path, &e);
        return;
    }
    for (int row = 0; row < o->rows.count; row++)
        if (row_inside(o, row, prefix))
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
        send_to(o, &o->from, &w);
}

/* What answers may bring back: never answered, so that two hosts can't talk to each other for ever. */
static void
ignore(struct osc *o, const struct packet_message *m)
{
    (void)o, (void)m;
}

static void
message(void *context, const struct packet_message *m)
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
        if (may_complain(o))
            complain(o, m->path, &e);
        return;
    }
    for (size_t i = 0; i < LEN(commands); i++)
        if (strcmp(m->path, commands[i].path) == 0) {
            commands[i].act(o, m);
            return;
        }
    if (!pair_message(o->door, &o->from, m, o->now_ns, &answer))
        parameter(o, m);
    else if (answer.count)
        send_to(o, &o->from, &answer);
}

/* --- receiving --------------------------------------------------------------------------------- */

/* Strangers come no further than this. */
static bool
is_in(struct osc *o, const struct address *from, const void *data, size_t size)
{
    struct packet_writer answer;

    switch (pair_take(o->door, from, data, size, o->now_ns, &answer)) {
    case PAIR_IN: return true;
    case PAIR_OUT: break;
    case PAIR_ANSWER: send_to(o, from, &answer); break;
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
    if (!address_same(from, &o->from)) {
        o->from = *from;
        address_name(from, o->by);
    }
    o->hand = o->door ? door_name(o->door, from) : NULL;
    o->hand = o->hand ? o->hand : o->by;
    o->counts.packets++;
    o->patterns = 0;
    o->followed = false;
    o->realtime_ns = 0;
    o->next_frame = 0;
    o->tag = o->late_tag = o->far_tag = PACKET_NOW;
    if (!packet_read(data, size, message, o))
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
    client = clients_listen(o->clients, name, row_of(o, id, norm), on, o->now_ns);
    if (client >= 0)
        lead(o, client, who);
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

/* --- feedback ---------------------------------------------------------------------------------- */

struct parcel {
    struct packet_writer w;
    int row[ROWS_IN_PARCEL];
    int left; /* parcels to go in this tick */
};

/* What could not be sent now is sent later. */
static bool
ship(struct osc *o, int client, struct parcel *p)
{
    if (p->w.count && !send_to(o, &o->to[client], &p->w)) {
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
    uint64_t mark = row_mark(o, row);

    if (!clients_wants(o->clients, client, turn, row, mark))
        return true;
    if (p->w.count == ROWS_IN_PARCEL || !add_row(o, &p->w, row)) {
        if (!ship(o, client, p))
            return false;
        if (!add_row(o, &p->w, row))
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

static void
feed(struct osc *o, int client)
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
static void
look_at_controls(struct osc *o)
{
    if (o->changes == engine_changes(o->engine))
        return;
    o->changes = engine_changes(o->engine);
    for (int row = 0; row < 2 * o->nparams; row++)
        if (!o->reading[row] && wire_has(row_param(o, row), row_norm(o, row)))
            row_mark(o, row);
}

void
osc_tick(struct osc *o, int64_t now_ns)
{
    o->now_ns = now_ns;
    o->tick++;
    sockets_tick(o->sockets, now_ns);
    turn_out(o);
    clients_expire(o->clients, now_ns);
    look_at_controls(o);
    for (int i = 0; i < CLIENTS_MAX; i++)
        if (clients_name(o->clients, i))
            feed(o, i);
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
        o->reading[row] = row_blob(o, row) >= 0 || is_reading(row_param(o, row));
    o->rows = (struct clients_rows){n, o->reading, o->changed_ns, row_inside, o};
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
