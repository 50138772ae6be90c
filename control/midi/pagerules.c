/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/pagerules.h"

#include <string.h>

bool
pagerules_has_way(const struct surface_control *c)
{
    return c->kind == SURFACE_FADER || c->kind == SURFACE_POT || c->kind == SURFACE_ENCODER ||
           c->kind == SURFACE_JOG;
}

static bool
turns_endlessly(const struct surface_control *c)
{
    return (c->kind == SURFACE_ENCODER || c->kind == SURFACE_JOG) && c->coding != SURFACE_ABSOLUTE;
}

/* Readings are for what shows without moving. */
static bool
shows_readings(const struct surface_control *c)
{
    switch (c->style) {
    case SURFACE_SHOWS_LIGHT:
    case SURFACE_SHOWS_RING_MACKIE:
    case SURFACE_SHOWS_RING_13:
    case SURFACE_SHOWS_BAR: return true;
    default: break;
    }
    return c->kind == SURFACE_LED || c->kind == SURFACE_METER || c->kind == SURFACE_DISPLAY;
}

static bool
is_level(const struct param *row)
{
    return row->unit == UNIT_DBFS || row->unit == UNIT_DBTP || row->unit == UNIT_LUFS || row->unit == UNIT_DB;
}

static bool
button_row(const struct surface_control *c, const struct surface_assign *a, const struct param *row,
           struct err *e)
{
    bool number = row->type == PARAM_FLOAT || row->type == PARAM_INT;

    if (number && !(row->flags & PARAM_READ_ONLY) && !a->value && a->by == 0.0)
        return err_set(e, "%s: is no switch: give %s a value to set, or by to add", row->path, c->name);
    if (row->type == PARAM_BOOL && a->by != 0.0)
        return err_set(e, "%s: is a switch, nothing can be added: leave by out", row->path);
    return true;
}

bool
pagerules_row(const struct surface_control *c, const struct surface_assign *a, const struct param *row,
              struct err *e)
{
    if (c->kind == SURFACE_TOUCH)
        return err_set(e, "%s: a touch moves nothing: name it as the touch of its fader", c->name);
    if (row->type == PARAM_SERIES)
        return err_set(e, "%s: is a curve: no control can show it", row->path);
    if (row->type == PARAM_TEXT && c->kind != SURFACE_DISPLAY)
        return err_set(e, "%s: is a text: only a display can show it", row->path);
    if (row->type == PARAM_TRIGGER && c->kind != SURFACE_BUTTON && c->kind != SURFACE_LED)
        return err_set(e, "%s: is fired by a button: %s is none", row->path, c->name);
    if (row->flags & PARAM_READ_ONLY && !shows_readings(c))
        return err_set(e, "%s: can only be read: use a light, a ring, a meter or a display", row->path);
    if (c->kind == SURFACE_METER && !(row->type == PARAM_FLOAT && is_level(row)))
        return err_set(e, "%s: is no level: a meter shows dBFS, dBTP, LUFS or dB", row->path);
    return c->kind != SURFACE_BUTTON || button_row(c, a, row, e);
}

bool
pagerules_action(const struct surface_control *c, const struct surface_assign *a, enum pages_does does,
                 struct err *e)
{
    bool steps = does >= PAGES_PAGE_NEXT && does <= PAGES_SLOT_PREVIOUS;

    if (does == PAGES_MACRO && (pagerules_has_way(c) || c->kind == SURFACE_DISPLAY))
        return true;
    if (does == PAGES_MACRO)
        return err_set(e, "'%.60s': a macro needs a fader, a pot or an encoder: %s is none", a->to, c->name);
    if (c->kind == SURFACE_BUTTON || c->kind == SURFACE_LED || (steps && turns_endlessly(c)))
        return true;
    return err_set(e, "'%.60s': is for a button: %s is none", a->to, c->name);
}

bool
pagerules_move(const struct param *row, struct err *e)
{
    if (row->flags & PARAM_READ_ONLY)
        return err_set(e, "%s: can only be read", row->path);
    if (row->type == PARAM_FLOAT || row->type == PARAM_INT || row->type == PARAM_BOOL ||
        row->type == PARAM_ENUM)
        return true;
    return err_set(e, "%s: is a %s: a macro moves numbers and switches", row->path,
                   param_type_name(row->type));
}

static bool
check_key(const struct surface_control *c, const struct surface_assign *a, const char *key, struct err *e)
{
    bool path = a->to[0] == '/', adds = turns_endlessly(c) || c->kind == SURFACE_BUTTON;

    if (strcmp(key, "value") == 0)
        return !a->value || (path && (c->kind == SURFACE_BUTTON || c->kind == SURFACE_LED)) ||
               err_set(e, "is what a button sets a path to: leave it out here");
    if (strcmp(key, "low") == 0 || strcmp(key, "high") == 0)
        return !(key[0] == 'l' ? a->low : a->high) ||
               (path && (pagerules_has_way(c) || (c->kind == SURFACE_BUTTON && a->by != 0.0))) ||
               err_set(e,
                       "is an end of a fader's, a pot's or an encoder's way along a path: leave it out here");
    if (strcmp(key, "by") == 0)
        return a->by == 0.0 || (adds && (path || strcmp(a->to, "slots") == 0)) ||
               err_set(e, "is what a press or a tick adds: %s neither presses nor ticks here", c->name);
    if (strcmp(key, "base") == 0)
        return !a->base || (path && a->by != 0.0) || err_set(e, "is what by is added to: give by as well");
    return !a->invert || pagerules_has_way(c) || err_set(e, "turns a way round: %s has none", c->name);
}

const char *
pagerules_key(const struct surface_control *c, const struct surface_assign *a, const char *key, struct err *e)
{
    static const char *const keys[] = {"value", "low", "high", "by", "base", "invert"};
    size_t i = 0;

    while (*key && i < LEN(keys) && strcmp(keys[i++], key) != 0)
        ;
    for (; i < LEN(keys); i++)
        if (!check_key(c, a, keys[i], e))
            return keys[i];
    return "";
}
