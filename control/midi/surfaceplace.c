/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A way goes from low to high on the row's own scale; a place on it is 0..1. The ends give exactly the values that they
 * were written with.
 */
#include "control/midi/surfaceinside.h"

#include <math.h>

bool
surface_is_stepped(const struct param *row)
{
    return row->type == PARAM_INT || row->type == PARAM_BOOL || row->type == PARAM_ENUM;
}

bool
surface_can_move(const struct param *row)
{
    return !(row->flags & PARAM_READ_ONLY) && (row->type == PARAM_FLOAT || surface_is_stepped(row));
}

static struct pages_target
target_of_move(const struct pages_move *m)
{
    return (struct pages_target){.does = PAGES_ROW,
                                 .param = m->param,
                                 .low = m->low,
                                 .high = m->high,
                                 .low_value = m->low_value,
                                 .high_value = m->high_value};
}

int
surface_row(const struct surface *s, const struct pages_target *t)
{
    const struct pages_move *moves;

    if (t->does == PAGES_ROW)
        return t->param;
    return t->does == PAGES_MACRO && pages_macro(s->pages, t->macro, &moves) ? moves->param : -1;
}

bool
surface_has_place(const struct surface *s, const struct pages_target *t)
{
    int id = surface_row(s, t);

    return id >= 0 && param_is_number(param_at(id)) && param_at(id)->type != PARAM_TRIGGER;
}

static double
place_of_row(const struct surface *s, const struct pages_target *t)
{
    double norm = param_to_norm(param_at(t->param), engine_get(s->engine, t->param)), place;

    if (t->high == t->low)
        return 0.0;
    place = (norm - t->low) / (t->high - t->low);
    return isfinite(place) ? place : 0.0; /* a reading on a logarithmic scale may be 0 */
}

double
surface_place(const struct surface *s, const struct pages_target *t)
{
    const struct pages_move *moves;
    struct pages_target first;
    double place;

    if (t->does != PAGES_MACRO)
        return t->param >= 0 ? place_of_row(s, t) : 0.0;
    if (!pages_macro(s->pages, t->macro, &moves))
        return 0.0;
    first = target_of_move(moves);
    place = place_of_row(s, &first);
    return t->low > t->high ? 1.0 - place : place;
}

double
surface_value_at(const struct param *row, const struct pages_target *t, double place)
{
    double norm = t->low + (t->high - t->low) * place, value = row->def;

    if (place == 0.0)
        return t->low_value;
    if (place == 1.0)
        return t->high_value;
    param_from_norm(row, fmin(fmax(norm, 0.0), 1.0), &value, NULL);
    return value;
}

static void
tell_refused(struct surface *s, const struct err *e)
{
    s->counts.refused++;
    if (s->now_ns - s->refused_ns > SURFACE_SHOW_NS)
        surface_tell(s, "%s", e->text);
    s->refused_ns = s->now_ns;
}

/* What it is already, need not be said; but to go where one has gone before, or to fire, must. */
bool
surface_set(struct surface *s, int param, double value, uint64_t frame)
{
    const struct param *row = param_at(param);
    bool keeps = row->owner == OWNER_CHAIN || row->owner == OWNER_MONITOR;
    struct err e;

    s->stale = true;
    if (keeps && row->type != PARAM_TRIGGER && engine_get(s->engine, param) == value)
        return true;
    if (!(row->flags & PARAM_AUTOMATED))
        frame = ENGINE_NOW;
    if (!engine_set(s->engine, param, value, frame, s->hand, &e)) {
        tell_refused(s, &e);
        return false;
    }
    s->counts.moves++;
    return true;
}

/* All of a macro's rows move at one frame. */
bool
surface_set_place(struct surface *s, const struct pages_target *t, double place, uint64_t frame)
{
    const struct pages_move *moves;
    int count;
    bool good = true;

    if (t->does == PAGES_ROW)
        return surface_set(s, t->param, surface_value_at(param_at(t->param), t, place), frame);
    count = pages_macro(s->pages, t->macro, &moves);
    if (frame == ENGINE_NOW && count > 1)
        frame = engine_frame_at(s->engine, 0);
    for (int i = 0; i < count; i++) {
        struct pages_target one = target_of_move(&moves[i]);
        double at = t->low > t->high ? 1.0 - place : place;

        good = surface_set(s, one.param, surface_value_at(param_at(one.param), &one, at), frame) && good;
    }
    return good;
}

/* A motor goes where the row is, and an encoder that keeps its own value can be told one. */
bool
surface_takes_over(const struct control *k)
{
    bool way = k->c->kind == SURFACE_FADER || k->c->kind == SURFACE_POT || k->c->kind == SURFACE_ENCODER;
    bool told = k->c->style == SURFACE_SHOWS_VALUE && surface_out(k->c) &&
                (k->c->motor || k->c->kind == SURFACE_ENCODER);

    return way && k->c->in && k->c->coding == SURFACE_ABSOLUTE && !told;
}

enum surface_takeover
surface_takeover_of(const struct surface *s, const struct control *k)
{
    if (!surface_takes_over(k))
        return SURFACE_JUMP;
    return k->on.assign && k->on.assign->has_takeover ? k->on.assign->takeover : s->p->takeover;
}

bool
surface_holds(const struct surface *s, const struct control *k)
{
    return surface_takeover_of(s, k) == SURFACE_JUMP ||
           takeover_holds(&k->takeover, surface_place(s, &k->on), k->steps);
}
