/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When anything may have changed, all controls are looked at, and the outbox finds what differs. Readings are looked at
 * by themselves, less often.
 */
#include "control/midi/surfaceinside.h"

#include "control/midi/show.h"

#include <math.h>
#include <string.h>

#define FLOOR_DBFS (-60.0)

static void
remind(struct surface *s, int64_t at_ns)
{
    if (at_ns > s->now_ns && at_ns < s->due_ns)
        s->due_ns = at_ns;
}

bool
surface_hand_is_on(const struct surface *s, const struct control *k)
{
    return k->touched || s->now_ns - k->moved_ns < SURFACE_HAND_NS;
}

bool
surface_is_shown(const struct surface *s, const struct control *k)
{
    return k->touched || s->now_ns - k->shown_ns < SURFACE_SHOW_NS;
}

/* --- rings ----------------------------------------------------------------------------------------------- */

static bool
ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

static enum surface_ring
ring_of_row(const struct param *row)
{
    bool both = row->min < 0.0 && row->max > 0.0;

    if (row->owner == OWNER_METER) /* its range is what can be, not what is usual */
        both = both && row->min == -row->max;
    if (both)
        return SURFACE_RING_BOOST_CUT;
    if (row->unit == UNIT_HZ)
        return SURFACE_RING_DOT;
    if (ends_with(row->path, "/q") || ends_with(row->path, "/width") || ends_with(row->path, "/range"))
        return SURFACE_RING_SPREAD;
    return SURFACE_RING_WRAP;
}

static enum surface_ring
ring_of(const struct pages_target *t)
{
    if (t->assign && t->assign->ring != SURFACE_RING_BY_ROW)
        return t->assign->ring;
    return t->does == PAGES_ROW ? ring_of_row(param_at(t->param)) : SURFACE_RING_WRAP;
}

/* --- lights ---------------------------------------------------------------------------------------------- */

static bool
row_is_lit(const struct surface *s, const struct control *k)
{
    const struct param *row = param_at(k->on.param);
    double value;

    if (row->type == PARAM_TRIGGER)
        return k->pressed;
    if (!param_is_number(row))
        return false;
    value = engine_get(s->engine, k->on.param);
    if (k->on.has_value)
        return fabs(value - k->on.value) <= 1e-9 * fmax(1.0, fabs(k->on.value));
    if (k->on.assign->by != 0.0)
        return k->pressed;
    return value != (row->type == PARAM_ENUM ? row->min : 0.0);
}

static bool
module_is_on(const struct surface *s, const struct control *k)
{
    int id = pages_switch(surface_row(s, pages_target(s->pages, k->on.group, k->on.number)));

    return id >= 0 && engine_get(s->engine, id) != 0.0;
}

bool
surface_is_lit(const struct surface *s, const struct control *k)
{
    int bank = pages_bank(s->pages);

    switch (k->on.does) {
    case PAGES_NOTHING: return false;
    case PAGES_ROW: return row_is_lit(s, k);
    case PAGES_PAGE: return pages_page(s->pages) == k->on.page;
    case PAGES_BANK_NEXT:
    case PAGES_SLOT_NEXT: return bank + pages_window(s->pages) < pages_slots(s->pages);
    case PAGES_BANK_PREVIOUS:
    case PAGES_SLOT_PREVIOUS: return bank > 0;
    case PAGES_FLIP: return pages_flipped(s->pages);
    case PAGES_LAYER:
    case PAGES_LAYER_LOCK: return pages_layer_is(s->pages, k->on.layer);
    case PAGES_TOGGLE: return module_is_on(s, k);
    case PAGES_FINE: return s->fine > 0;
    case PAGES_VALUES: return s->values;
    case PAGES_MACRO:
    case PAGES_PAGE_NEXT:
    case PAGES_PAGE_PREVIOUS:
    case PAGES_DEFAULT:
    case PAGES_RESYNC: return k->pressed;
    }
    return false;
}

/* A knob's light says whether it holds its row. */
static enum show_light
light_of(const struct surface *s, const struct control *k)
{
    if (k->c->kind != SURFACE_BUTTON && k->c->kind != SURFACE_LED && surface_has_place(s, &k->on))
        return surface_holds(s, k) ? SHOW_ON : SHOW_BLINK;
    return surface_is_lit(s, k) ? SHOW_ON : SHOW_OFF;
}

/* --- meters ---------------------------------------------------------------------------------------------- */

/* What is taken away is shown from the bottom, 20 dB as full. */
static double
level_of(const struct surface *s, const struct control *k)
{
    double value = engine_get(s->engine, k->on.param);

    return param_at(k->on.param)->unit == UNIT_DB ? FLOOR_DBFS + 3.0 * value : value;
}

/* They fall by themselves: what is above the floor is told again and again. The lamp behind it stays as it is. */
static void
feed_meter(struct surface *s, struct control *k)
{
    uint8_t bytes[SURFACE_BYTES];
    double level = k->on.does == PAGES_ROW ? level_of(s, k) : -INFINITY;
    bool over = k->on.does == PAGES_ROW && param_at(k->on.param)->unit != UNIT_DB && level >= 0.0;
    size_t size = (size_t)show_meter(k->c, k->n, level, over, bytes);
    size_t lamp = k->c->style == SURFACE_SHOWS_METER_MACKIE ? size / 2 : 0;

    if (level > FLOOR_DBFS)
        outbox_push(s->outbox, k->cell, OUTBOX_METER, bytes, size - lamp);
    else
        outbox_put(s->outbox, k->cell, OUTBOX_METER, bytes, size - lamp);
    if (lamp)
        outbox_put(s->outbox, k->cell + 1, OUTBOX_METER, bytes + size - lamp, lamp);
}

/* --- each ------------------------------------------------------------------------------------------------ */

/* In a cell of its own, ahead of the value. */
static void
show_how(struct surface *s, const struct control *k)
{
    uint8_t bytes[SURFACE_BYTES];
    int size = 0;

    if (surface_control_cells(k->c) < 2)
        return;
    if (surface_has_place(s, &k->on))
        size = show_mode(k->c, k->n, ring_of(&k->on), bytes);
    else
        size = show_nothing_mode(k->c, k->n, bytes);
    outbox_put(s->outbox, k->cell + 1, OUTBOX_MOVE, bytes, (size_t)size);
}

static int
show_place(const struct surface *s, const struct control *k, uint8_t *bytes)
{
    double place = fmin(fmax(surface_place(s, &k->on), 0.0), 1.0);

    if (k->c->kind == SURFACE_BUTTON || k->c->kind == SURFACE_LED)
        return show_value(k->c, k->n, surface_is_lit(s, k), SURFACE_RING_DOT, bytes);
    if (!surface_has_place(s, &k->on))
        return show_nothing(k->c, k->n, bytes);
    return show_value(k->c, k->n, place, ring_of(&k->on), bytes);
}

/* What moves by hand is told where it should be once the hand is off, even if that is where it was told to be before. */
static bool
is_left_alone(struct surface *s, struct control *k)
{
    if (k->c->coding != SURFACE_ABSOLUTE || k->c->kind == SURFACE_BUTTON)
        return false;
    if (surface_hand_is_on(s, k)) {
        remind(s, k->moved_ns + SURFACE_HAND_NS);
        return true;
    }
    if (k->owed)
        outbox_forget(s->outbox, k->cell);
    k->owed = false;
    return false;
}

/* It is tried again when its time is over. */
static bool
is_cut(struct surface *s, struct control *k)
{
    if (k->cut_ns == SURFACE_NEVER)
        return false;
    if (s->now_ns < k->cut_ns) {
        remind(s, k->cut_ns);
        return true;
    }
    k->cut_ns = SURFACE_NEVER;
    s->map_changes++;
    return false;
}

static void
feed_control(struct surface *s, struct control *k)
{
    uint8_t bytes[SURFACE_BYTES];
    int size = 0;

    remind(s, k->shown_ns + SURFACE_SHOW_NS);
    if (is_cut(s, k) || !surface_out(k->c))
        return;
    switch (k->c->style) {
    case SURFACE_SHOWS_NOTHING:
    case SURFACE_SHOWS_METER_MACKIE:
    case SURFACE_SHOWS_METER_127: return;
    case SURFACE_SHOWS_VALUE: size = is_left_alone(s, k) ? 0 : show_place(s, k, bytes); break;
    case SURFACE_SHOWS_LIGHT:
        size = show_light(k->c, k->n, light_of(s, k), k->on.assign ? k->on.assign->colour : NULL, bytes);
        break;
    case SURFACE_SHOWS_RING_MACKIE:
    case SURFACE_SHOWS_RING_13:
    case SURFACE_SHOWS_BAR:
        show_how(s, k);
        size = show_place(s, k, bytes);
        break;
    }
    outbox_put(s->outbox, k->cell, OUTBOX_MOVE, bytes, (size_t)size);
}

static bool
is_meter(const struct control *k)
{
    return k->c->style == SURFACE_SHOWS_METER_MACKIE || k->c->style == SURFACE_SHOWS_METER_127;
}

static void
feed_live(struct surface *s)
{
    s->live_ns = s->now_ns;
    for (int i = 0; i < s->controls; i++) {
        struct control *k = &s->control[i];

        if (is_meter(k))
            feed_meter(s, k);
        else if (k->live)
            feed_control(s, k);
    }
    surface_feed_texts(s);
}

static bool
is_anything_new(const struct surface *s)
{
    return s->stale || s->now_ns >= s->due_ns || engine_changes(s->engine) != s->seen_changes ||
           pages_changes(s->pages) != s->seen_pages;
}

void
surface_feed(struct surface *s)
{
    if (is_anything_new(s) && pace_allows(&s->shows, s->now_ns, SURFACE_SHOWS)) {
        surface_retarget(s);
        s->stale = false;
        s->due_ns = INT64_MAX;
        s->seen_changes = engine_changes(s->engine);
        for (int i = 0; i < s->controls; i++)
            feed_control(s, &s->control[i]);
        surface_feed_texts(s);
    }
    if (s->any_live && s->now_ns - s->live_ns >= SURFACE_LIVE_NS)
        feed_live(s);
}
