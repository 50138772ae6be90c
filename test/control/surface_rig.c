/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/control/surface_rig.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- who is whose partner --------------------------------------------------------------------------------------- */

static void
find_partners(struct rig *r, const char *model)
{
    static struct partner found[RIG_CONTROLS];
    struct err e;

    r->controls = partner_find(found, RIG_CONTROLS, model, r->profile, &e);
    if (r->controls < 0)
        fail_msg("%s: %s", r->name, e.text);
    for (int i = 0; i < r->controls; i++)
        r->control[i] = (struct rig_control){found[i].c, found[i].n, found[i].group, found[i].m};
}

/* --- the rig ---------------------------------------------------------------------------------------------------- */

static bool
to_box(void *context, const uint8_t *bytes, size_t size)
{
    struct rig *r = context;

    if (r->cut)
        return false;
    r->sent++;
    box_receive(r->box, bytes, size, r->now_ns);
    return true;
}

static void
from_box(void *context, const uint8_t *bytes, size_t size, int64_t now_ns)
{
    struct rig *r = context;

    (void)now_ns;
    assert_true(r->queued + size + 2 <= sizeof r->queue);
    r->queue[r->queued++] = (uint8_t)(size >> 8);
    r->queue[r->queued++] = (uint8_t)size;
    memcpy(r->queue + r->queued, bytes, size);
    r->queued += size;
}

static void
deliver(struct rig *r)
{
    for (size_t at = 0; at < r->queued;) {
        size_t size = (size_t)(r->queue[at] << 8 | r->queue[at + 1]);

        surface_take(r->surface, r->queue + at + 2, size, ENGINE_NOW, false, r->now_ns);
        at += size + 2;
    }
    r->queued = 0;
}

void
rig_meet(struct rig *r, const char *profile, const char *model)
{
    char path[256];
    struct err e;

    memset(r, 0, sizeof *r);
    r->name = profile;
    r->engine = fake_engine_open();
    snprintf(path, sizeof path, "hw-profiles/surfaces/%s.yaml", profile);
    if (surface_load(path, &r->profile, NULL, &e) != OK)
        fail_msg("%s", e.text);
    find_partners(r, model);
}

static void
open_surface(struct rig *r)
{
    struct err e;

    if (surface_open(&r->surface, r->profile, r->engine, "midi box", &r->port, &e) != OK)
        fail_msg("%s: %s", r->name, e.text);
}

void
rig_reopen(struct rig *r)
{
    r->cut = true;
    surface_close(r->surface);
    r->cut = false;
    open_surface(r);
}

void
rig_open(struct rig *r, const char *profile, const char *model)
{
    rig_meet(r, profile, model);
    r->now_ns = 1000 * MS;
    r->port = (struct midi_port){to_box, r};
    r->box = box_open(model, from_box, r, r->now_ns);
    assert_non_null(r->box);
    open_surface(r);
    rig_run(r, 3000);
    rig_check(r, "it is opened");
}

void
rig_close(struct rig *r)
{
    if (r->surface)
        surface_close(r->surface);
    box_close(r->box);
    surface_free(r->profile);
    fake_engine_close(r->engine);
}

/* Each 10 ms, and when the box can be told the next thing: as the host's loop does it. */
static int64_t
next_tick(const struct rig *r)
{
    int64_t tick = (r->now_ns / (RIG_TICK_MS * MS) + 1) * RIG_TICK_MS * MS;
    int64_t due = surface_next_ns(r->surface);

    return due <= r->now_ns || due > tick ? tick : due;
}

void
rig_run(struct rig *r, int64_t ms)
{
    for (int64_t end = r->now_ns + ms * MS; r->now_ns < end;) {
        r->now_ns = next_tick(r);
        box_tick(r->box, r->now_ns);
        deliver(r);
        surface_tick(r->surface, r->now_ns);
        if ((uint64_t)r->now_ns / (1000 * MS) == r->second)
            continue;
        if (r->second && r->sent - r->sent_at_second > r->most_in_a_second)
            r->most_in_a_second = r->sent - r->sent_at_second;
        r->second = (uint64_t)r->now_ns / (1000 * MS);
        r->sent_at_second = r->sent;
    }
}

void
rig_check(const struct rig *r, const char *after)
{
    if (box_fault(r->box))
        fail_msg("%s: after %s: %s", r->name, after, box_fault(r->box));
}

const struct pages_target *
rig_target(const struct rig *r, const struct rig_control *k)
{
    return pages_target(surface_pages(r->surface), k->group, k->m);
}

const struct surface_control *
rig_described(const struct rig *r, const struct rig_control *k)
{
    return &r->profile->controls[k->group];
}

const char *
rig_label(const struct rig *r, const struct rig_control *k)
{
    static char text[200];

    snprintf(text, sizeof text, "%s: %s/%d on page %s", r->name, rig_described(r, k)->name, k->m + 1,
             surface_page_name(r->surface));
    return text;
}

/* --- hands ------------------------------------------------------------------------------------------------------ */

void
rig_sweep(struct rig *r, const struct rig_control *k, double place)
{
    double from = box_shows(r->box, k->c, k->n).place;

    for (int i = 1; i <= 16; i++) {
        box_move(r->box, k->c, k->n, from + (place - from) * i / 16, r->now_ns);
        rig_run(r, 20);
    }
}

void
rig_turn(struct rig *r, const struct rig_control *k, int ticks)
{
    box_turn(r->box, k->c, k->n, ticks, r->now_ns);
    rig_run(r, 20);
    for (int i = 0; i < 1000 && box_owes(r->box, k->c, k->n); i++)
        rig_run(r, 20);
}

void
rig_push(struct rig *r, const struct rig_control *k)
{
    box_press(r->box, k->c, k->n, true, r->now_ns);
    rig_run(r, 50);
    box_press(r->box, k->c, k->n, false, r->now_ns);
    rig_run(r, 50);
}

void
rig_let_go(struct rig *r, const struct rig_control *k)
{
    enum box_kind kind = box_control(r->box, k->c)->kind;

    if (kind == BOX_BUTTON)
        box_press(r->box, k->c, k->n, false, r->now_ns);
    else if (box_control(r->box, k->c)->touch)
        box_touch(r->box, k->c, k->n, false, r->now_ns);
}

/* --- what it shows ------------------------------------------------------------------------------------------------- */

double
rig_way(const struct rig *r, const struct pages_target *t)
{
    double norm = param_to_norm(param_at(t->param), engine_get(r->engine, t->param));
    double way = (norm - t->low) / (t->high - t->low);

    return way < 0 ? 0 : way > 1 ? 1 : way;
}

/* A ring of `last` lamps shows the nearest one; where its own value is 0..127, that is rounded first. */
static bool
ring_is(const struct box_shows *s, const struct box_control *seen, double way, struct err *e)
{
    bool lamps = seen->ring_steps < 127;
    double want = lamps ? 1 + way * (s->ring_last - 1) : way * 127;
    double slack = 0.5 + 1e-9 + (seen->keeps && lamps ? 6.0 / 127 : 0) + (lamps ? 0 : 0.5);

    if (fabs(s->ring - want) <= slack)
        return true;
    return err_set(e, "its ring is at %d of %d where %.2f is due", s->ring, s->ring_last, want);
}

static bool
place_is(const struct box_shows *s, const struct box_control *seen, double way, struct err *e)
{
    if (fabs(s->place - way) <= 1.0 / seen->steps)
        return true;
    return err_set(e, "it stands at %.4f where %.4f is due", s->place, way);
}

/* -1: no source says. */
static int
lit(const struct rig *r, const struct rig_control *k, const struct pages_target *t)
{
    const struct pages *g = surface_pages(r->surface);
    double value = t->param >= 0 ? engine_get(r->engine, t->param) : 0;
    const struct param *row = t->param >= 0 ? param_at(t->param) : NULL;

    switch (t->does) {
    case PAGES_NOTHING: return 0;
    case PAGES_ROW:
        if (t->has_value)
            return row->type == PARAM_TRIGGER ? -1 : fabs(value - t->value) < 1e-9;
        return row->type == PARAM_BOOL || (row->type == PARAM_ENUM && !t->assign->by) ? value != 0 : -1;
    case PAGES_PAGE: return pages_page(g) == t->page;
    case PAGES_FLIP: return pages_flipped(g);
    case PAGES_LAYER: return pages_layer_is(g, t->layer);
    case PAGES_FINE: return box_is_down(r->box, k->c, k->n);
    case PAGES_BANK_NEXT:
    case PAGES_SLOT_NEXT: return pages_bank(g) + pages_window(g) < pages_slots(g);
    case PAGES_BANK_PREVIOUS:
    case PAGES_SLOT_PREVIOUS: return pages_bank(g) > 0;
    default: return -1;
    }
}

static bool
light_is(const struct rig *r, const struct rig_control *k, const struct box_shows *s, struct err *e)
{
    int due = lit(r, k, rig_target(r, k));

    if (due < 0 || due == (s->light != BOX_OFF))
        return true;
    return err_set(e, due ? "it is dark" : "it is lit (%d)", s->colour);
}

static bool
shows_ring(enum surface_style style)
{
    return style == SURFACE_SHOWS_RING_MACKIE || style == SURFACE_SHOWS_RING_13 || style == SURFACE_SHOWS_BAR;
}

/* Of what has a way: motor, ring, an encoder's own value. */
static bool
way_is(const struct rig *r, const struct rig_control *k, const struct box_shows *s, struct err *e)
{
    const struct box_control *seen = box_control(r->box, k->c);
    const struct pages_target *t = rig_target(r, k);
    enum surface_style style = rig_described(r, k)->style;
    bool told = style == SURFACE_SHOWS_VALUE || shows_ring(style);

    if (!told)
        return true;
    if (t->does == PAGES_NOTHING && shows_ring(style) && s->ring)
        return err_set(e, "nothing is assigned, and its ring is at %d", s->ring);
    if (t->does == PAGES_NOTHING && seen->motor && s->place > 1.0 / seen->steps)
        return err_set(e, "nothing is assigned, and it stands at %.4f", s->place);
    if (t->does != PAGES_ROW || t->assign->by)
        return true;
    if ((seen->motor || (seen->keeps && style == SURFACE_SHOWS_VALUE)) &&
        !place_is(s, seen, rig_way(r, t), e))
        return false;
    return !seen->ring_steps || ring_is(s, seen, rig_way(r, t), e);
}

bool
rig_agrees(const struct rig *r, struct err *e)
{
    for (int i = 0; i < r->controls; i++) {
        const struct rig_control *k = &r->control[i];
        const struct box_control *seen = box_control(r->box, k->c);
        struct box_shows s;
        bool ok = true;

        if (k->group < 0)
            continue;
        s = box_shows(r->box, k->c, k->n);
        if (seen->kind == BOX_BUTTON && seen->light && rig_described(r, k)->style == SURFACE_SHOWS_LIGHT)
            ok = light_is(r, k, &s, e);
        else if (seen->kind != BOX_BUTTON)
            ok = way_is(r, k, &s, e);
        if (!ok) {
            const struct pages_target *t = rig_target(r, k);

            return err_prefix(e, "%s (%s)", rig_label(r, k),
                              t->param >= 0 ? param_at(t->param)->path : "no row");
        }
    }
    return true;
}
