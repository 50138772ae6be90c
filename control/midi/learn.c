/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the control, before it is believed; and from one control to the next. */
#define REST_NS INT64_C(400000000)

static const char touch[] = "touch a control: turn it up, then down again, or press it twice";

static void
remember(struct learn *l)
{
    for (int id = 0; id < params_count(); id++)
        l->before[id] = param_is_number(param_at(id)) ? engine_get(l->engine, id) : 0.0;
    l->changes = engine_changes(l->engine);
}

static void
begin(struct learn *l)
{
    memset(&l->guess, 0, sizeof l->guess);
    l->step = LEARN_TOUCH;
    l->who = -1;
    l->param = -1;
    l->named = false;
    l->settled = false;
    remember(l);
}

enum status
learn_begin(struct learn *l, struct engine *engine)
{
    *l = (struct learn){.engine = engine};
    l->before = calloc((size_t)params_count(), sizeof *l->before);
    if (!l->before)
        return NO_MEM;
    begin(l);
    snprintf(l->said, sizeof l->said, "%s", touch);
    return OK;
}

void
learn_end(struct learn *l)
{
    free(l->before);
    *l = (struct learn){0};
}

/* A control that is touched after another was known well is the one that is meant. */
void
learn_hear(struct learn *l, int who, const uint8_t *bytes, size_t size, int64_t now_ns)
{
    if (l->settled || l->who != who)
        memset(&l->guess, 0, sizeof l->guess);
    l->settled = false;
    l->who = who;
    l->heard_ns = now_ns;
    guess_hear(&l->guess, bytes, size, now_ns);
}

/* Can a control stand for it? */
static bool
can_be(const struct param *p, struct err *e)
{
    if (p->type == PARAM_TEXT || p->type == PARAM_SERIES)
        return err_set(e, "%s: a control can't set a text: name a number, a switch or a trigger", p->path);
    if (p->flags & PARAM_READ_ONLY)
        return err_set(e, "%s: can only be read: name a row that can be set", p->path);
    return true;
}

bool
learn_name(struct learn *l, const char *path, struct err *e)
{
    int id = param_find(path);

    if (id < 0)
        return param_unknown(path, e);
    if (!can_be(param_at(id), e))
        return false;
    l->param = id;
    l->named = true;
    return true;
}

/* The row that has moved, one alone: a preset is not meant. What belongs to the hands themselves (learning is switched on
   by such a row) neither. */
static void
look(struct learn *l)
{
    int moved = -1, n = 0;

    if (engine_changes(l->engine) == l->changes)
        return;
    for (int id = 0; id < params_count(); id++) {
        const struct param *p = param_at(id);

        if (p->owner != OWNER_METER && p->owner != OWNER_CONTROL && can_be(p, NULL) &&
            engine_get(l->engine, id) != l->before[id]) {
            moved = id;
            n++;
        }
    }
    if (n == 1 && !l->named)
        l->param = moved;
    remember(l);
}

static const char *
kind_name(const struct guess_what *w)
{
    static const char *const presses[] = {"a button", "a button that keeps its state",
                                          "a button that only says that it is pressed"};
    static const char *const codings[] = {"a knob with two ends",
                                          "an endless knob (1 up, 127 down)",
                                          "an endless knob (65 up, 63 down)",
                                          "an endless knob (1 up, 65 down)",
                                          "an endless knob (65 up, 1 down)",
                                          "an endless knob",
                                          "an endless knob (96 up, 97 down)"};

    if (w->kind == SURFACE_BUTTON)
        return presses[w->press];
    return w->kind == SURFACE_FADER ? "a fader" : codings[w->coding];
}

static const char *
message_name(enum surface_message m)
{
    static const char *const names[] = {"nothing",       "CC",      "14-bit CC",  "NRPN",
                                        "RPN",           "note",    "pitch bend", "channel pressure",
                                        "poly pressure", "program", "sysex"};

    return names[m];
}

static void
describe(struct learn *l, const struct guess_what *w)
{
    char row[PARAM_PATH_SIZE + 32];

    if (l->param >= 0)
        snprintf(row, sizeof row, "for %s", param_at(l->param)->path);
    else
        snprintf(row, sizeof row, "now move or name what it is for");
    snprintf(l->said, sizeof l->said, "%s, %s %d on channel %d: %s", kind_name(w),
             message_name(w->in.message), w->in.number, w->in.channel, w->sure ? w->sure : row);
}

/* Row and control may come in either order. */
enum learn_step
learn_tick(struct learn *l, int64_t now_ns)
{
    struct guess_what w;

    look(l);
    if (!guess_what(&l->guess, &w)) {
        if (l->param >= 0)
            snprintf(l->said, sizeof l->said, "for %s %s", param_at(l->param)->path, touch);
        return l->step = LEARN_TOUCH;
    }
    if (!w.sure && now_ns - l->heard_ns >= REST_NS)
        l->settled = true;
    describe(l, &w);
    if (!l->settled)
        return l->step = LEARN_TOUCH;
    return l->step = l->param >= 0 ? LEARN_READY : LEARN_MOVE;
}

void
learn_taken(struct learn *l, const char *said)
{
    begin(l);
    snprintf(l->said, sizeof l->said, "%.300s; %s", said, touch);
}

const char *
learn_said(const struct learn *l)
{
    return l->said;
}
