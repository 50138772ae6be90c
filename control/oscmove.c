/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/oscinside.h"

#include "control/pattern.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* In a packet; each meets every row. */
enum { PATTERNS = 64, PATHS_IN_MESSAGE = (PACKET_BUNDLE - 2 * WIRE_PATH_SIZE) / (WIRE_PATH_SIZE + 1) };

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
    osc_complain_refused(o, "#bundle", &e);
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
void
osc_lead(struct osc *o, int client, const struct address *to)
{
    o->to[client] = *to;
    clients_lossy(o->clients, client, address_loses(to));
}

/* The sender as a client who asks; -1: no room. */
int
osc_guest(struct osc *o)
{
    bool known = clients_find(o->clients, o->by) >= 0;
    int client = clients_guest(o->clients, o->by, o->now_ns);

    if (client >= 0 && !known)
        osc_lead(o, client, &o->from);
    return client;
}

/* With the feedback, once there is room. */
static void
answer_later(struct osc *o, int row)
{
    int client = osc_guest(o);

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
    if (!osc_row_add(o, &w, row))
        return;
    if (!osc_send(o, &o->from, &w)) {
        answer_later(o, row);
        return;
    }
    if (client >= 0 && address_same(&o->to[client], &o->from))
        clients_told(o->clients, client, row, osc_row_mark(o, row), o->now_ns);
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
        if (osc_row_inside(o, row, CLIENTS_CONTROLS))
            clients_assume(o->clients, client, row, osc_row_mark(o, row));
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
        osc_lead(o, old, &o->from);
    client = clients_find(o->clients, o->by);
    old = client >= 0 && clients_follows(o->clients, client) ? client : -1;
    client = clients_follow(o->clients, o->by, o->now_ns);
    if (client < 0 || client == old || !clients_follows(o->clients, client))
        return;
    osc_lead(o, client, &o->from);
    assume_all(o, client);
}

/* The sender has this control in hand: don't tell it its own value before it rests. */
static void
hold(struct osc *o, int id, bool norm)
{
    int client = clients_find(o->clients, o->by);

    if (client >= 0)
        clients_hold(o->clients, client, osc_row(o, id, norm), o->now_ns);
}

static void
forget_mark(struct osc *o, int id)
{
    o->stamp[osc_row(o, id, false)] = o->stamp[osc_row(o, id, true)] = 0;
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
        answer(o, osc_row(o, id, norm));
    else if (!set_row(o, id, norm, m, &e))
        osc_complain_refused(o, m->path, &e);
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
        osc_complain_unknown(o, m->path);
    else if (!step_row(o, id, m, &e))
        osc_complain_refused(o, m->path, &e);
}

static void
ask_matches(struct osc *o, const struct pattern *pattern, bool norm, const struct packet_message *m)
{
    int client = osc_guest(o), found = 0;
    struct err e;

    if (client < 0) {
        err_set(&e, "%s: too many clients: ask for one path", m->path);
        osc_complain_refused(o, m->path, &e);
        return;
    }
    o->counts.questions++;
    for (int id = 0; id < o->nparams; id++)
        if (wire_has(param_at(id), norm) && pattern_match(pattern, param_at(id)->path)) {
            clients_ask(o->clients, client, osc_row(o, id, norm));
            found++;
        }
    if (!found)
        osc_complain_unknown(o, m->path);
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
        osc_complain_unknown(o, m->path);
    if (refused)
        osc_complain_refused(o, m->path, &first);
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
        osc_send(o, &o->from, &w);
    return from + n;
}

static void
blob(struct osc *o, const char *prefix, bool paths, const struct packet_message *m)
{
    struct err e;
    int row;

    if (!wire_is_question(m)) {
        err_set(&e, "%s: can only be read", m->path);
        osc_complain_refused(o, m->path, &e);
        return;
    }
    row = osc_row_of_blob(o, prefix, &e);
    if (row < 0)
        osc_complain_refused(o, m->path, &e);
    else if (!paths)
        answer(o, row);
    else
        for (int i = 0; blobs_row(&o->blobs, osc_row_blob(o, row), i);)
            i = tell_paths(o, m->path, osc_row_blob(o, row), i);
}

void
osc_parameter(struct osc *o, const struct packet_message *m)
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
        osc_complain_unknown(o, m->path);
        return;
    }
    if (steps) {
        step(o, path, m);
        return;
    }
    if (!pattern_is(path)) {
        id = param_find(path);
        if (id < 0)
            osc_complain_unknown(o, m->path);
        else
            one_row(o, id, norm, m);
        return;
    }
    if (++o->patterns > PATTERNS) {
        o->counts.dropped++;
        return;
    }
    if (!pattern_compile(&pattern, path, &e))
        osc_complain_refused(o, m->path, &e);
    else if (wire_is_question(m))
        ask_matches(o, &pattern, norm, m);
    else
        set_matches(o, &pattern, norm, m);
}
