/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message's key finds its entry; the entry's place knows what came before. Nothing here knows a clock or a frame:
 * who calls at a message's frame has the value in force there.
 */
#include "engine/midimap.h"

#include "engine/surfacescale.h"

#include <math.h>
#include <string.h>

enum { NOTE_OFF = 0x80, NOTE_ON = 0x90, POLY = 0xA0, CC = 0xB0, PRESSURE = 0xD0, BEND = 0xE0, HALF = 32 };
enum { NUMBERS = 128, NUMBERED = 16 * NUMBERS };

/* --- keys ----------------------------------------------------------------------------------------- */

/* -1: no message that a map can have. */
RT static int
key_of(int status, int number)
{
    int channel = status & 15;

    switch (status & 0xF0) {
    case NOTE_OFF:
    case NOTE_ON: return channel * NUMBERS + number;
    case POLY: return NUMBERED + channel * NUMBERS + number;
    case CC: return 2 * NUMBERED + channel * NUMBERS + number;
    case PRESSURE: return 3 * NUMBERED + channel;
    case BEND: return 3 * NUMBERED + 16 + channel;
    default: return -1;
    }
}

size_t
midimap_size(uint8_t status)
{
    return (status & 0xF0) == PRESSURE ? 2 : 3;
}

RT static int
key_of_message(const uint8_t *bytes, size_t size)
{
    if (size == 0 || size != midimap_size(bytes[0]) || bytes[1] > 127 || bytes[size - 1] > 127)
        return -1;
    return key_of(bytes[0], bytes[1]);
}

/* --- a map is made -------------------------------------------------------------------------------- */

static bool
is_movable(const struct param *p)
{
    return p && (p->owner == OWNER_CHAIN || p->owner == OWNER_MONITOR) && (p->flags & PARAM_AUTOMATED) &&
           !(p->flags & PARAM_READ_ONLY) && p->field != FIELD_NONE && param_is_number(p) &&
           p->type != PARAM_TRIGGER && strncmp(p->path, "/compare/", 9) != 0;
}

/* Its message, as its status says it: of what differs no value could be read. */
static bool
is_whole(const struct midimap_entry *e)
{
    static const uint8_t status[] = {[SURFACE_CC] = CC,
                                     [SURFACE_CC14] = CC,
                                     [SURFACE_NOTE] = NOTE_ON,
                                     [SURFACE_PITCH_BEND] = BEND,
                                     [SURFACE_CHANNEL_PRESSURE] = PRESSURE,
                                     [SURFACE_POLY_PRESSURE] = POLY};

    uint8_t kind = (size_t)e->message < LEN(status) ? status[e->message] : 0;

    return kind && kind == (e->status & 0xF0) && (kind == BEND || kind == PRESSURE || e->number < NUMBERS) &&
           (e->message != SURFACE_CC14 || e->number < HALF) && e->coding != SURFACE_INCREMENT &&
           (e->coding != SURFACE_ABSOLUTE || e->max != e->min);
}

static void
put_key(struct midimap_table *t, int key, int entry)
{
    if (!t->at[key])
        t->at[key] = (uint16_t)(entry + 1);
}

void
midimap_index(struct midimap_table *t, const struct midimap *map, uint32_t hand)
{
    *t = (struct midimap_table){.hand = hand};
    for (int i = 0; map && i < map->count && i < MIDIMAP_MAX; i++) {
        const struct midimap_entry *e = &map->entry[i];
        int to = t->map.count;

        if (!is_whole(e) || !is_movable(param_at(e->param)))
            continue;
        t->map.entry[t->map.count++] = *e;
        put_key(t, key_of(e->status, e->number), to);
        if (e->message == SURFACE_CC14)
            put_key(t, key_of(e->status, e->number + HALF), to);
    }
}

/* --- a map comes ---------------------------------------------------------------------------------- */

RT static struct midimap_place
new_place(const struct midimap_entry *e)
{
    return (struct midimap_place){
        .message = e->message, .min = e->min, .max = e->max, .param = e->param, .high = -1};
}

/* Where the control is, is the box's; whether it has hold of the row, the row's. */
RT static struct midimap_place
carried(const struct midimap_place *was, const struct midimap_entry *e)
{
    struct midimap_place p = *was;

    if (was->message != e->message || was->min != e->min || was->max != e->max)
        return new_place(e);
    if (was->param != e->param) {
        p.takeover = (struct takeover){.known = was->takeover.known, .at = was->takeover.at};
        p.param = e->param;
        p.rest = 0.0;
    }
    return p;
}

void
midimap_change(struct midimap_state *s, const struct midimap_table *t)
{
    const struct midimap_place *old = s->place[s->now];
    struct midimap_place *new = s->place[!s->now];

    if (t == s->table)
        return;
    for (int i = 0; i < t->map.count; i++) {
        const struct midimap_entry *e = &t->map.entry[i];
        int was = s->at[key_of(e->status, e->number)];

        new[i] = was ? carried(&old[was - 1], e) : new_place(e);
    }
    memcpy(s->at, t->at, sizeof s->at);
    s->table = t;
    s->now = !s->now;
}

/* --- what a message says -------------------------------------------------------------------------- */

/* -1: half of a value, whose other half is to come. The half that opens a value waits for it; one that comes again does
   not. */
RT static int
join_halves(struct midimap_place *p, const struct midimap_entry *e, bool high, int half)
{
    bool opens = high != e->low_first, again = p->waiting;

    *(high ? &p->high : &p->low) = half;
    if (high && opens)
        p->low = 0;
    p->waiting = opens;
    return p->high >= 0 && (!opens || again) ? p->high * NUMBERS + p->low : -1;
}

/* Ticks are in the high half. */
RT static int
raw_of_halves(struct midimap_place *p, const struct midimap_entry *e, const uint8_t *bytes)
{
    bool high = bytes[1] < HALF;

    if (e->coding == SURFACE_ABSOLUTE)
        return join_halves(p, e, high, bytes[2]);
    return high ? bytes[2] * NUMBERS : -1;
}

RT static int
raw_of(struct midimap_place *p, const struct midimap_entry *e, const uint8_t *bytes)
{
    switch (e->message) {
    case SURFACE_CC14: return raw_of_halves(p, e, bytes);
    case SURFACE_PITCH_BEND: return bytes[1] + NUMBERS * bytes[2];
    case SURFACE_CHANNEL_PRESSURE: return bytes[1];
    case SURFACE_NOTE: return (bytes[0] & 0xF0) == NOTE_OFF ? 0 : bytes[2];
    default: return bytes[2];
    }
}

RT static struct surfacescale
scale_of(const struct midimap_entry *e)
{
    return (struct surfacescale){e->min, e->max, e->centre, e->detent};
}

/* Of a pitch bend the direction is in the high half. */
RT static double
ticks_of(const struct midimap_entry *e, int raw)
{
    bool wide = e->message == SURFACE_PITCH_BEND || e->message == SURFACE_CC14;

    return surfacescale_ticks(e->coding, wide ? raw / NUMBERS : raw, e->acceleration);
}

/* --- what becomes of the row ---------------------------------------------------------------------- */

RT static double
clamp(double x, double a, double b)
{
    return fmin(fmax(x, fmin(a, b)), fmax(a, b));
}

/* The row's value on the control's way; it may be beyond its ends. */
RT static double
way_of_value(const struct midimap_entry *e, const struct param *p, double value)
{
    if (e->high == e->low)
        return 0.0;
    return (param_to_norm(p, value) - e->low) / (e->high - e->low);
}

RT static bool
take_absolute(struct midimap_place *place, const struct midimap_entry *e, int raw, double now, double *value)
{
    const struct param *p = param_at(e->param);
    struct surfacescale scale = scale_of(e);
    double way;

    if (!takeover_move(&place->takeover, e->takeover, surfacescale_value(&scale, raw),
                       way_of_value(e, p, now), surfacescale_steps(&scale), &way))
        return false;
    *value = param_at_norm(p, clamp(e->low + way * (e->high - e->low), 0.0, 1.0));
    takeover_gave(&place->takeover,
                  way_of_value(e, p, *value)); /* of whole numbers it is the nearest one's */
    return true;
}

RT static bool
take_ticks(struct midimap_place *place, const struct midimap_entry *e, int raw, double now, double *value)
{
    const struct param *p = param_at(e->param);
    double ticks = ticks_of(e, raw) * (e->high < e->low ? -1.0 : 1.0);
    double ends[2] = {param_at_norm(p, clamp(e->low, 0.0, 1.0)), param_at_norm(p, clamp(e->high, 0.0, 1.0))};

    if (ticks == 0.0)
        return false;
    if (param_is_whole(p)) {
        double rest = place->rest * ticks < 0.0 ? ticks : place->rest + ticks; /* the other way begins anew */

        *value = clamp(now + trunc(rest), ends[0], ends[1]);
        place->rest = rest - trunc(rest);
    } else {
        *value = param_at_norm(p, clamp(param_to_norm(p, now) + ticks * e->step, 0.0, 1.0));
        *value = clamp(*value, ends[0], ends[1]);
    }
    return true;
}

/* --- one message ---------------------------------------------------------------------------------- */

/* -1: none. */
RT static int
entry_of(const struct midimap_state *s, const uint8_t *bytes, size_t size)
{
    int key = s->table ? key_of_message(bytes, size) : -1;

    return key < 0 ? -1 : s->at[key] - 1;
}

bool
midimap_has(const struct midimap_state *s, const uint8_t *bytes, size_t size)
{
    return entry_of(s, bytes, size) >= 0;
}

enum midimap_did
midimap_take(struct midimap_state *s, const uint8_t *bytes, size_t size, const struct settings *settings,
             struct midimap_move *m)
{
    int i = entry_of(s, bytes, size), raw;
    const struct midimap_entry *e = i < 0 ? NULL : &s->table->map.entry[i];
    struct midimap_place *place = &s->place[s->now][i < 0 ? 0 : i];
    double now, value;
    bool moves;

    if (!e)
        return MIDIMAP_NONE;
    raw = raw_of(place, e, bytes);
    if (raw < 0)
        return MIDIMAP_HELD;
    now = param_load(param_at(e->param), settings);
    moves = e->coding == SURFACE_ABSOLUTE ? take_absolute(place, e, raw, now, &value)
                                          : take_ticks(place, e, raw, now, &value);
    if (!moves || value == now)
        return MIDIMAP_HELD;
    *m = (struct midimap_move){e->param, value};
    return MIDIMAP_MOVES;
}
