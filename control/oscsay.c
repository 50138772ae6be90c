/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/oscinside.h"

#include <stdio.h>
#include <string.h>

static const double error_rate_hz = 10, error_burst = 20;             /* for one sender */
static const double all_errors_rate_hz = 200, all_errors_burst = 200; /* for everyone together */

/* False: there is no room at the moment. */
bool
osc_send(struct osc *o, const struct address *to, const struct packet_writer *w)
{
    const struct carrier *c = &o->carrier[to->carrier];
    enum carried sent = c->send ? c->send(c->context, to, w->data, w->size) : CARRIED_LOST;

    if (sent == CARRIED)
        o->counts.sent++;
    else
        o->counts.dropped++;
    return sent != CARRIED_LATER;
}

static struct osc_bucket *
bucket_of(struct osc *o, const char *name)
{
    unsigned h = 0;
    struct osc_bucket *b;

    for (const char *c = name; *c; c++)
        h = h * 31 + (unsigned char)*c;
    b = &o->bucket[h % OSC_BUCKETS];
    if (strcmp(b->name, name) != 0) {
        *b = (struct osc_bucket){.errors = {0}};
        snprintf(b->name, sizeof b->name, "%s", name);
    }
    return b;
}

/* Ask before composing a sentence: that is the dearer part. */
bool
osc_may_complain(struct osc *o)
{
    if (allowance_take(&bucket_of(o, o->by)->errors, error_rate_hz, error_burst, o->now_ns) &&
        allowance_take(&o->all_errors, all_errors_rate_hz, all_errors_burst, o->now_ns))
        return true;
    o->counts.dropped++;
    return false;
}

void
osc_complain(struct osc *o, const char *path, const struct err *e)
{
    char shown[2 * WIRE_PATH_SIZE];
    struct packet_arg arg[] = {{.type = 's', .text = shown}, {.type = 's', .text = e->text}};
    struct packet_writer w;

    snprintf(shown, sizeof shown, "%s", path);
    packet_message(&w);
    if (packet_add(&w, "/error", arg, LEN(arg)))
        osc_send(o, &o->from, &w);
}

void
osc_complain_unknown(struct osc *o, const char *path)
{
    struct err e;

    o->counts.unknown++;
    if (!osc_may_complain(o))
        return;
    param_unknown(path, &e);
    osc_complain(o, path, &e);
}

void
osc_complain_refused(struct osc *o, const char *path, const struct err *e)
{
    o->counts.refused++;
    if (osc_may_complain(o))
        osc_complain(o, path, e);
}
