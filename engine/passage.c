/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Steps are counted from 1, step k being at start + k/steps of the length; each goes through the rows twice, switches
 * in the second sweep. The step behind the last one is the tail.
 */
#include "engine/passage.h"

#include <stdlib.h>
#include <string.h>

/* So near to the end that it is there, but still on the way: see morph_value. */
#define ALMOST (1.0 - 1e-12)

enum status
passage_prepare(struct passage *p, const struct morph *morph)
{
    size_t n = (size_t)params_count();

    *p = (struct passage){.morph = morph};
    p->from = calloc(n, sizeof *p->from);
    p->to = calloc(n, sizeof *p->to);
    p->last = calloc(n, sizeof *p->last);
    p->in = calloc(n, sizeof *p->in);
    if (p->from && p->to && p->last && p->in)
        return OK;
    passage_free(p);
    return NO_MEM;
}

void
passage_free(struct passage *p)
{
    free(p->from);
    free(p->to);
    free(p->last);
    free(p->in);
    *p = (struct passage){0};
}

/* Equal at both ends, and in the middle: it is not on its way to anywhere. */
static bool
travels(const struct passage *p, int id)
{
    return p->from[id] != p->to[id] || morph_value(p->morph, id, p->from, p->to, 0.5) != p->from[id];
}

void
passage_begin(struct passage *p, const double *from, const double *to, const bool *which, uint64_t start,
              uint64_t length, uint64_t grid, uint64_t tail)
{
    size_t n = (size_t)params_count();

    for (size_t i = 0; i < n; i++)
        p->to[i] = which[i] ? to[i] : from[i]; /* who stays is as he is for those who depend on him */
    memcpy(p->from, from, n * sizeof *p->from);
    memcpy(p->last, from, n * sizeof *p->last);
    p->nin = 0;
    for (int i = 0; i < (int)n; i++) {
        p->in[i] = which[i] && travels(p, i);
        p->nin += p->in[i];
    }
    p->start = start;
    p->length = length;
    p->tail = length ? tail : 0;
    p->steps = length > grid ? (int)((length + grid - 1) / grid) : 1;
    p->step = p->nin ? 1 : 0;
    p->sweep = p->at = 0;
}

bool
passage_runs(const struct passage *p)
{
    return p->step > 0;
}

bool
passage_has(const struct passage *p, int id)
{
    return p->step > 0 && p->in[id];
}

void
passage_leave(struct passage *p, int id)
{
    if (!passage_has(p, id))
        return;
    p->in[id] = false;
    p->nin--;
    if (p->nin == 0)
        p->step = 0;
}

void
passage_stop(struct passage *p)
{
    p->step = 0;
}

void
passage_end(const struct passage *p, double *values)
{
    for (int i = 0; p->step > 0 && i < params_count(); i++)
        if (p->in[i])
            values[i] = p->to[i];
}

static uint64_t
frame_of(const struct passage *p)
{
    if (p->step > p->steps)
        return p->start + p->length + p->tail;
    return p->start + p->length * (uint64_t)p->step / (uint64_t)p->steps;
}

static double
value_of(const struct passage *p, int id)
{
    double x = (double)p->step / p->steps;

    if (p->step == p->steps && p->tail && morph_leaves(p->morph, id, p->from, p->to))
        x = ALMOST;
    return morph_value(p->morph, id, p->from, p->to, x);
}

static bool
advance(struct passage *p)
{
    p->at = 0;
    p->sweep = !p->sweep;
    if (!p->sweep && p->step++ > p->steps)
        p->step = 0;
    return p->step > 0;
}

bool
passage_next(struct passage *p, uint64_t until, struct passage_move *move)
{
    while (p->step > 0 && frame_of(p) <= until) {
        for (; p->at < params_count(); p->at++) {
            int id = p->at;
            double value;

            if (!p->in[id] || p->morph->row[id].is_switch != p->sweep)
                continue;
            value = value_of(p, id);
            if (value == p->last[id])
                continue;
            p->last[id] = value;
            p->at++;
            *move = (struct passage_move){id, value, frame_of(p)};
            return true;
        }
        if (!advance(p))
            return false;
    }
    return false;
}

void
passage_hurry(struct passage *p, uint64_t frame)
{
    if (p->step == 0)
        return;
    p->start = frame;
    p->length = p->tail = 0;
    p->steps = p->step = 1;
    p->sweep = p->at = 0;
}
