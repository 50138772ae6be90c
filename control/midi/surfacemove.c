/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The first move of a control after a rest goes at once; what comes within SURFACE_BREATH_NS of it waits for the next
 * tick: of values the newest, of ticks the sum. So a stuck knob costs two moves in that time, however much it says.
 */
#include "control/midi/surfaceinside.h"

#include <math.h>

/* Its base is a reading that follows a move later than the next tick comes. */
#define BASE_NS (300 * SURFACE_MS)
/* What the process thread has done is told within it. */
#define FOLLOW_NS (100 * SURFACE_MS)

/* An encoder that keeps a value of its own lights its ring by that. */
static bool
lights_itself(const struct control *k)
{
    return k->c->kind == SURFACE_ENCODER && k->c->coding == SURFACE_ABSOLUTE &&
           k->c->style != SURFACE_SHOWS_VALUE;
}

void
surface_note_hand(struct surface *s, struct control *k)
{
    k->moved_ns = k->shown_ns = s->now_ns;
    s->stale = true;
    if (lights_itself(k))
        outbox_forget(s->outbox, k->cell);
    if (k->c->style != SURFACE_SHOWS_VALUE || k->c->coding != SURFACE_ABSOLUTE)
        return;
    k->owed = true;
    outbox_drop(s->outbox, k->cell);
}

/* --- along a way ----------------------------------------------------------------------------------------- */

/* A row of few values is taken hold of where the control says what it is already. */
static double
place_for_hand(const struct surface *s, const struct control *k, double to)
{
    int id = surface_row(s, &k->on);
    const struct param *row = param_at(id);

    if (k->on.does == PAGES_ROW && surface_is_stepped(row) &&
        surface_value_at(row, &k->on, to) == engine_get(s->engine, id))
        return to;
    return surface_place(s, &k->on);
}

static void
act_value(struct surface *s, struct control *k)
{
    double out;
    int id = surface_row(s, &k->on);

    if (id < 0 || !surface_can_move(param_at(id)))
        return;
    if (takeover_move(&k->takeover, surface_takeover_of(s, k), k->to, place_for_hand(s, k, k->to), k->steps,
                      &out) &&
        surface_set_place(s, &k->on, out, k->frame))
        takeover_gave(&k->takeover, surface_place(s, &k->on));
}

/* The process thread has applied the same rule. The row is where the control is, or it soon will be, or the control does not
   hold it. */
static void
follow(struct surface *s, struct control *k)
{
    double place = surface_place(s, &k->on), at = place_for_hand(s, k, k->takeover.at);
    bool same = fabs(at - k->takeover.at) <= 0.5 / (k->steps > 0 ? k->steps : 1);

    if (!same && s->now_ns - k->moved_ns < FOLLOW_NS)
        return;
    k->followed = false;
    k->takeover.holds = same;
    takeover_gave(&k->takeover, place);
    s->stale = true;
}

/* --- ticks ----------------------------------------------------------------------------------------------- */

static double
fineness(const struct surface *s)
{
    return s->fine > 0 ? 0.1 : 1.0;
}

/* Another hand may have gone beyond the way: from there it leads back only. */
static double
within(double place, double from)
{
    return fmin(fmax(place, fmin(from, 0.0)), fmax(from, 1.0));
}

static void
turn_place(struct surface *s, struct control *k, double ticks)
{
    double step = k->on.assign->step > 0.0 ? k->on.assign->step : 0.01;
    double from = surface_place(s, &k->on), to = within(from + ticks * step * fineness(s), from);
    const struct param *row = param_at(surface_row(s, &k->on));
    double value;

    if (k->on.does == PAGES_MACRO || (to >= 0.0 && to <= 1.0)) {
        surface_set_place(s, &k->on, fmin(fmax(to, 0.0), 1.0), k->frame);
    } else { /* beyond the way, on the row's own scale */
        double norm = k->on.low + (k->on.high - k->on.low) * to;

        if (param_from_norm(row, fmin(fmax(norm, 0.0), 1.0), &value, NULL))
            surface_set(s, k->on.param, value, k->frame);
    }
}

/* One value a tick; what is less than one is kept for the next. */
static void
turn_steps(struct surface *s, struct control *k, double ticks)
{
    double value = engine_get(s->engine, k->on.param), whole;
    double low = fmin(k->on.low_value, k->on.high_value), high = fmax(k->on.low_value, k->on.high_value);

    k->rest += ticks * fineness(s);
    whole = trunc(k->rest);
    k->rest -= whole;
    if (whole == 0.0)
        return;
    whole = k->on.low > k->on.high ? -whole : whole;
    surface_set(s, k->on.param, fmin(fmax(value + whole, fmin(low, value)), fmax(high, value)), k->frame);
}

void
surface_add(struct surface *s, struct control *k, double count, uint64_t frame)
{
    const struct param *row = param_at(k->on.param);
    double low = fmin(k->on.low_value, k->on.high_value), high = fmax(k->on.low_value, k->on.high_value);
    bool recent = k->on.base != k->on.param && s->now_ns - k->added_ns < BASE_NS;
    double value = recent ? k->added : engine_get(s->engine, k->on.base);

    value = fmin(fmax(value + count * k->on.assign->by, low), high);
    k->added = surface_is_stepped(row) ? round(value) : value;
    k->added_ns = s->now_ns;
    surface_set(s, k->on.param, k->added, frame);
}

static void
act_ticks(struct surface *s, struct control *k)
{
    const struct param *row = param_at(surface_row(s, &k->on));

    if (k->on.does >= PAGES_PAGE_NEXT && k->on.does <= PAGES_SLOT_PREVIOUS) {
        double whole;

        k->rest += k->ticks;
        whole = trunc(k->rest);
        k->rest -= whole;
        surface_step(s, &k->on, (int)whole);
        return;
    }
    if (!row || !surface_can_move(row))
        return;
    if (k->on.assign->by != 0.0)
        surface_add(s, k, k->ticks * (surface_is_stepped(row) ? 1.0 : fineness(s)), k->frame);
    else if (k->on.does == PAGES_ROW && surface_is_stepped(row))
        turn_steps(s, k, k->ticks);
    else
        turn_place(s, k, k->ticks);
}

/* --- now, or with the next tick ---------------------------------------------------------------------------- */

static void
act(struct surface *s, struct control *k)
{
    k->waits = false;
    if (k->waits_ticks)
        act_ticks(s, k);
    else
        act_value(s, k);
    k->ticks = 0.0;
}

static void
act_soon(struct surface *s, struct control *k)
{
    int64_t last = k->acted_ns > k->flushed_ns ? k->acted_ns : k->flushed_ns;

    if (k->waits) {
        s->counts.coalesced++;
    } else if (s->now_ns - last >= SURFACE_BREATH_NS) {
        k->acted_ns = s->now_ns;
        act(s, k);
    } else {
        k->waits = true;
    }
}

void
surface_flush(struct surface *s)
{
    for (int i = 0; i < s->controls; i++) {
        struct control *k = &s->control[i];

        if (k->followed)
            follow(s, k);
        if (!k->waits || s->now_ns - k->flushed_ns < SURFACE_BREATH_NS)
            continue;
        k->flushed_ns = s->now_ns;
        act(s, k);
    }
}

void
surface_take_value(struct surface *s, struct control *k, const struct codec_event *e, uint64_t frame,
                   bool moved)
{
    surface_note_hand(s, k);
    k->steps = e->steps;
    if (moved) {
        k->waits = false;
        k->takeover.known = k->followed = true;
        k->takeover.at = e->value;
        return;
    }
    k->to = e->value;
    k->frame = frame;
    k->waits_ticks = false;
    act_soon(s, k);
}

void
surface_take_ticks(struct surface *s, struct control *k, double ticks, uint64_t frame, bool moved)
{
    surface_note_hand(s, k);
    if (moved)
        return;
    k->ticks += ticks;
    k->frame = frame;
    k->waits_ticks = true;
    act_soon(s, k);
}
