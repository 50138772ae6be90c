/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a button does when it is pressed and let go. It lets go of what it took hold of when it was pressed, whatever it
 * stands for by then.
 */
#include "control/midi/surfaceinside.h"

void
surface_step(struct surface *s, const struct pages_target *t, int by)
{
    if (by == 0)
        return;
    switch (t->does) {
    case PAGES_PAGE_NEXT: pages_step_page(s->pages, by); break;
    case PAGES_PAGE_PREVIOUS: pages_step_page(s->pages, -by); break;
    case PAGES_BANK_NEXT: pages_move_bank(s->pages, by * pages_window(s->pages)); break;
    case PAGES_BANK_PREVIOUS: pages_move_bank(s->pages, -by * pages_window(s->pages)); break;
    case PAGES_SLOT_NEXT: pages_move_bank(s->pages, by); break;
    case PAGES_SLOT_PREVIOUS: pages_move_bank(s->pages, -by); break;
    default: break;
    }
    surface_retarget(s);
}

/* --- rows ------------------------------------------------------------------------------------------------ */

static void
press_row(struct surface *s, struct control *k, enum codec_what what, uint64_t frame)
{
    const struct pages_target *t = &k->on;
    const struct param *row = param_at(t->param);
    double value = param_is_number(row) ? engine_get(s->engine, t->param) : 0.0;

    if (row->flags & PARAM_READ_ONLY || !param_is_number(row))
        return;
    k->shown_ns = s->now_ns;
    if (t->has_value && (what != CODEC_OFF || row->type == PARAM_TRIGGER))
        surface_set(s, t->param, t->value, frame);
    else if (t->has_value)
        return;
    else if (row->type == PARAM_TRIGGER)
        surface_set(s, t->param, 1.0, frame);
    else if (t->assign->by != 0.0)
        surface_add(s, k, 1.0, frame);
    else if (row->type == PARAM_BOOL)
        surface_set(s, t->param, what == CODEC_PRESS ? value == 0.0 : what == CODEC_ON, frame);
    else if (row->type == PARAM_ENUM)
        surface_set(s, t->param, value >= row->max ? row->min : value + 1.0, frame);
}

static void
set_default(struct surface *s, struct control *of, uint64_t frame)
{
    const struct pages_move *moves;
    int count = of->on.does == PAGES_MACRO ? pages_macro(s->pages, of->on.macro, &moves) : 0;

    of->shown_ns = s->now_ns;
    if (frame == ENGINE_NOW && count > 1)
        frame = engine_frame_at(s->engine, 0);
    for (int i = 0; i < count; i++)
        surface_set(s, moves[i].param, param_at(moves[i].param)->def, frame);
    if (of->on.does == PAGES_ROW && surface_can_move(param_at(of->on.param)))
        surface_set(s, of->on.param, param_at(of->on.param)->def, frame);
}

static void
toggle_module(struct surface *s, const struct control *of, uint64_t frame)
{
    int id = pages_switch(surface_row(s, &of->on));

    if (id >= 0)
        surface_set(s, id, engine_get(s->engine, id) == 0.0, frame);
}

/* --- what is held ---------------------------------------------------------------------------------------- */

void
surface_let_go(struct surface *s, struct control *k)
{
    const char *layer = k->layer;

    k->pressed = false;
    s->stale = true;
    if (k->fine) {
        s->fine--;
        s->map_changes++;
    }
    k->fine = false;
    k->layer = NULL;
    if (layer)
        pages_set_layer(s->pages, layer, false);
    surface_retarget(s);
}

/* A button that does not say when it is let go, holds until it is pressed again. */
static void
hold(struct surface *s, struct control *k)
{
    bool held = k->layer || k->fine;

    if (held && k->c->press == SURFACE_PRESS_ONLY) {
        surface_let_go(s, k);
        return;
    }
    if (held)
        return;
    if (k->on.does == PAGES_FINE) {
        k->fine = true;
        s->fine++;
        s->map_changes++;
    } else {
        k->layer = k->on.layer;
        pages_set_layer(s->pages, k->layer, true);
    }
    surface_retarget(s);
}

/* --- all ------------------------------------------------------------------------------------------------- */

static void
press(struct surface *s, struct control *k, enum codec_what what, uint64_t frame)
{
    struct control *of = surface_control_at(s, k->on.group, k->on.number);

    switch (k->on.does) {
    case PAGES_NOTHING:
    case PAGES_MACRO: return;
    case PAGES_ROW: press_row(s, k, what, frame); return;
    case PAGES_PAGE: pages_open_page(s->pages, k->on.page); break;
    case PAGES_PAGE_NEXT:
    case PAGES_PAGE_PREVIOUS:
    case PAGES_BANK_NEXT:
    case PAGES_BANK_PREVIOUS:
    case PAGES_SLOT_NEXT:
    case PAGES_SLOT_PREVIOUS: surface_step(s, &k->on, 1); return;
    case PAGES_FLIP: pages_flip(s->pages); break;
    case PAGES_LAYER:
    case PAGES_FINE: hold(s, k); return;
    case PAGES_LAYER_LOCK: pages_lock_layer(s->pages, k->on.layer); break;
    case PAGES_DEFAULT: of ? set_default(s, of, frame) : (void)0; return;
    case PAGES_TOGGLE: of ? toggle_module(s, of, frame) : (void)0; return;
    case PAGES_VALUES: s->values = !s->values; return;
    case PAGES_RESYNC: surface_tell_all(s); return;
    }
    surface_retarget(s);
}

/* Its own light may show what the hand did, not what it was told: it is told again. Mackie's never do. */
static void
light_again(struct surface *s, struct control *k, enum codec_what what)
{
    bool own = what == CODEC_ON || what == CODEC_OFF ||
               (what == CODEC_RELEASE && s->p->handshake != SURFACE_MACKIE_HANDSHAKE);

    if (own)
        outbox_forget(s->outbox, k->cell);
}

void
surface_take_button(struct surface *s, struct control *k, enum codec_what what, uint64_t frame)
{
    bool holds = k->layer || k->fine || k->on.does == PAGES_LAYER || k->on.does == PAGES_FINE;

    s->stale = true;
    light_again(s, k, what);
    if (what == CODEC_RELEASE || (what == CODEC_OFF && holds)) {
        surface_let_go(s, k);
        return;
    }
    if (!pace_allows(&k->presses, s->now_ns, SURFACE_PRESSES)) {
        s->counts.coalesced++;
        return;
    }
    k->pressed = what == CODEC_PRESS && k->c->press == SURFACE_MOMENTARY;
    press(s, k, what, frame);
}
