/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/contenders.h"

#include "engine/inside.h"
#include "engine/preset.h"

#include <stdlib.h>
#include <string.h>

/* A snapshot's or a preset's: over what is set now, as if it were recalled or loaded. */
bool
engine_snapshot_settings(struct engine *g, const char *name, struct settings *s)
{
    size_t size = sizeof(double) * (size_t)params_count();
    double *values = malloc(size);
    struct err e;
    bool there = false;

    if (values && *name) {
        memcpy(values, g->model.values, size);
        there = recall_values(g, name, values) || preset_load(name, values, &e) == OK;
    }
    if (there)
        *s = settings_of(values);
    free(values);
    return there;
}

static void
name_of(struct engine *g, int which, char *name)
{
    if (which == CONTENDER_NAMED)
        snprintf(name, PARAM_TEXT_SIZE, "%s", model_text(&g->model, g->contenders.id_named));
    else if (contender_is_set(which))
        snprintf(name, PARAM_TEXT_SIZE, "%c", 'a' + which - CONTENDER_SNAPSHOT);
    else
        name[0] = '\0';
}

/* What only the ears and the meters know of is none of its sound. */
static void
look_up(struct engine *g, const char *name, struct compare_offer *o)
{
    o->there = engine_snapshot_settings(g, name, &o->settings);
    memset(&o->settings.monitor, 0, sizeof o->settings.monitor);
    memset(&o->settings.compare, 0, sizeof o->settings.compare);
    memset(&o->settings.meter, 0, sizeof o->settings.meter);
}

static bool
same(const struct compare_offer *a, const struct compare_offer *b)
{
    return a->there == b->there && a->which == b->which &&
           memcmp(&a->settings, &b->settings, sizeof a->settings) == 0;
}

/* What finds no room goes at the next tick. */
static void
offer(struct engine *g, enum compare_place at)
{
    struct contenders_place *p = &g->contenders.place[at];
    struct event e = {.kind = EVENT_CONTENDER, .param = (int)at};
    struct compare_offer new;

    memset(&new, 0, sizeof new);
    new.which = p->which;
    new.number = p->offer.number + 1;
    look_up(g, p->name, &new);
    if (!p->sent || !same(&new, &p->offer)) {
        compare_offer(&g->compare, at, &new);
        p->sent = process_send(&g->process, &e);
        p->offer = new;
    }
    p->fresh = p->sent;
}

void
contenders_begin(struct engine *g)
{
    g->contenders.id_named = param_find("/compare/named");
    g->contenders.place[COMPARE_A].id = param_find("/compare/a");
    g->contenders.place[COMPARE_B].id = param_find("/compare/b");
    for (int i = 0; i < COMPARE_PLACES; i++)
        g->contenders.place[i].sent = g->contenders.place[i].fresh = false;
}

void
contenders_tick(struct engine *g)
{
    char name[PARAM_TEXT_SIZE];

    for (int i = 0; i < COMPARE_PLACES; i++) {
        struct contenders_place *p = &g->contenders.place[i];
        int which = (int)g->model.values[p->id];

        name_of(g, which, name);
        if (which != p->which || strcmp(name, p->name) != 0)
            p->fresh = false;
        p->which = which;
        snprintf(p->name, sizeof p->name, "%s", name);
        if (!p->fresh && contender_is_set(which))
            offer(g, (enum compare_place)i);
    }
}

void
contenders_renew(struct engine *g)
{
    for (int i = 0; i < COMPARE_PLACES; i++)
        g->contenders.place[i].fresh = false;
}
