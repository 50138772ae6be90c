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
    m->dirty = calloc((size_t)params_count(), sizeof *m->dirty);
    if (!m->values || !m->dirty) {
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
    free(m->values);
    free(m->dirty);
    *m = (struct model){0};
}

void
model_put(struct model *m, int id, double value)
{
    if (m->values[id] == value)
        return;
    m->values[id] = value;
    m->changes++;
}

static uint32_t
hand_number(struct model *m, const char *by)
{
    for (int i = 0; i < m->hands; i++)
        if (strcmp(m->hand[i], by) == 0)
            return (uint32_t)i;
    if (m->hands == MODEL_HANDS)
        return MODEL_HANDS - 1; /* the last name stands for all that came too late */
    snprintf(m->hand[m->hands], MODEL_HAND_SIZE, "%s", by);
    return (uint32_t)m->hands++;
}

static bool
send(struct model *m, struct process *p, int id, double value, uint64_t frame, const char *by)
{
    struct event e = {
        .kind = EVENT_SET, .param = id, .frame = frame, .value = value, .timed = frame != EVENT_NOW};

    e.hand = hand_number(m, by);
    if (!p || !process_send(p, &e))
        return false;
    m->timed += e.timed;
    return true;
}

bool
model_move(struct model *m, struct process *p, int id, double value, uint64_t frame, uint64_t soon,
           const char *by)
{
    bool trigger = param_at(id)->type == PARAM_TRIGGER;

    if (frame != EVENT_NOW && (m->timed >= MODEL_TIMED || !send(m, p, id, value, frame, by)))
        return false;
    if (!trigger && frame < soon) /* EVENT_NOW is before any frame */
        model_put(m, id, value);
    if (frame == EVENT_NOW && (m->dirty[id] || !send(m, p, id, value, EVENT_NOW, by)))
        m->dirty[id] = true;
    return true;
}

void
model_send_late(struct model *m, struct process *p)
{
    for (int i = 0; i < params_count(); i++)
        if (m->dirty[i]) {
            if (!send(m, p, i, m->values[i], EVENT_NOW, "late"))
                return;
            m->dirty[i] = false;
        }
}

const char *
model_applied(struct model *m, const struct notice *n)
{
    if (n->timed) {
        m->timed--;
        if (param_at(n->param)->type != PARAM_TRIGGER)
            model_put(m, n->param, n->value);
    }
    return m->hand[n->hand];
}

void
model_forget_moves(struct model *m)
{
    m->timed = 0;
    memset(m->dirty, 0, sizeof *m->dirty * (size_t)params_count());
}
