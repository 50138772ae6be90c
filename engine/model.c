/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model.h"

#include "engine/params.h"

#include <stdlib.h>
#include <string.h>

enum status
model_prepare(struct model *m)
{
    *m = (struct model){0};
    m->values = calloc((size_t)params_count(), sizeof *m->values);
    m->texts = calloc((size_t)params_count(), sizeof *m->texts);
    m->dirty = calloc((size_t)params_count(), sizeof *m->dirty);
    m->ahead = calloc((size_t)params_count(), sizeof *m->ahead);
    if (!m->values || !m->texts || !m->dirty || !m->ahead) {
        model_free(m);
        return NO_MEM;
    }
    for (int i = 0; i < params_count(); i++)
        m->values[i] = param_at(i)->def;
    return OK;
}

void
model_free(struct model *m)
{
    for (int i = 0; m->texts && i < params_count(); i++)
        free(m->texts[i]);
    free(m->texts);
    free(m->values);
    free(m->dirty);
    free(m->ahead);
    *m = (struct model){0};
}

void
model_put(struct model *m, int id, double value)
{
    if (m->values[id] == value)
        return;
    m->values[id] = value;
    m->changes += !(param_at(id)->flags & PARAM_COUNTER);
}

bool
model_put_text(struct model *m, int id, const char *text)
{
    char *new;

    if (strcmp(model_text(m, id), text) == 0)
        return true;
    new = strdup(text);
    if (!new)
        return false;
    free(m->texts[id]);
    m->texts[id] = new;
    m->changes++;
    return true;
}

const char *
model_text(const struct model *m, int id)
{
    return m->texts[id] ? m->texts[id] : "";
}

uint32_t
model_hand(struct model *m, const char *by)
{
    for (int i = 0; i < m->hands; i++)
        if (strcmp(m->hand[i], by) == 0)
            return (uint32_t)i;
    if (m->hands == MODEL_HANDS)
        return MODEL_HANDS - 1; /* the last name stands for all that came too late */
    snprintf(m->hand[m->hands], MODEL_HAND_SIZE, "%s", by);
    return (uint32_t)m->hands++;
}

/* A move that is due does not overtake one that hands read already. */
static bool
send(struct model *m, struct process *p, struct event e, uint64_t due)
{
    struct model_ahead *a = &m->ahead[e.param];

    if (e.frame <= due && e.frame < a->frame && m->timed < MODEL_TIMED)
        e.frame = a->frame;
    e.timed = e.frame != EVENT_NOW;
    e.heard = m->heard;
    if (!p || !process_send(p, &e))
        return false;
    m->timed += e.timed;
    a->now += e.shown && !e.timed;
    if (e.timed && e.shown) {
        a->count++;
        a->travelling += e.travels;
        a->frame = e.frame > a->frame ? e.frame : a->frame;
    }
    return true;
}

bool
model_move(struct model *m, struct process *p, int id, double value, struct model_when when, const char *by)
{
    struct event e = {
        .kind = EVENT_SET, .param = id, .frame = when.frame, .value = value, .travels = when.travels};

    e.hand = model_hand(m, by);
    e.shown = param_at(id)->type != PARAM_TRIGGER && when.frame < when.soon;
    if (when.frame != EVENT_NOW && (m->timed >= MODEL_TIMED || !send(m, p, e, when.due)))
        return false;
    if (e.shown)
        model_put(m, id, value);
    if (when.frame == EVENT_NOW && (m->dirty[id] || !send(m, p, e, when.due)))
        m->dirty[id] = true;
    return true;
}

void
model_send_late(struct model *m, struct process *p)
{
    for (int i = 0; i < params_count(); i++)
        if (m->dirty[i]) {
            struct event e = {.kind = EVENT_SET, .param = i, .value = m->values[i], .shown = true};

            e.hand = model_hand(m, "late");
            if (!send(m, p, e, EVENT_NOW))
                return;
            m->dirty[i] = false;
        }
}

/* midi_in has moved a row: nothing that a passage has under way to it counts any more. */
static bool
takes_over(struct model *m, struct model_ahead *a)
{
    bool alone = a->count == a->travelling && a->now == 0;

    m->heard++;
    if (alone)
        a->frame = 0;
    return alone;
}

/* Nothing else is under way. */
static bool
comes_last(struct model *m, struct model_ahead *a, const struct notice *n)
{
    if (n->timed) {
        m->timed--;
        a->count -= n->shown;
        a->travelling -= n->shown && n->travels;
    } else {
        a->now -= n->shown;
    }
    if (a->count == 0)
        a->frame = 0;
    return a->count == 0 && a->now == 0;
}

const char *
model_applied(struct model *m, const struct notice *n)
{
    struct model_ahead *a = &m->ahead[n->param];
    bool shows = n->own ? takes_over(m, a) : comes_last(m, a, n);

    if (shows && !m->dirty[n->param] && param_at(n->param)->type != PARAM_TRIGGER)
        model_put(m, n->param, n->value);
    return m->hand[n->hand];
}

void
model_forget_moves(struct model *m)
{
    m->timed = 0;
    m->heard = 0;
    memset(m->ahead, 0, sizeof *m->ahead * (size_t)params_count());
    memset(m->dirty, 0, sizeof *m->dirty * (size_t)params_count());
}
