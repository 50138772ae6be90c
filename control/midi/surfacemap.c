/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What can be moved without us is what always means the same: one message, one control, one row. A motor that may report
 * its own travel is among it only while a finger is on it.
 */
#include "control/midi/surfaceinside.h"

#include "control/midi/message.h"

#include <math.h>
#include <string.h>

struct places { /* how many controls say a message */
    uint8_t used[ECHO_PLACES];
};

static void
count_place(void *context, const uint8_t *bytes, size_t size)
{
    struct places *p = context;
    int place = surface_message_place(bytes, size);

    if (place >= 0 && p->used[place] < 2)
        p->used[place]++;
}

static void
count_ways(const struct surface *s, struct places *p)
{
    memset(p, 0, sizeof *p);
    for (int i = 0; i < s->controls; i++) {
        struct midi_parser parser = {0};
        uint8_t bytes[SURFACE_BYTES];
        int size = s->control[i].c->in ? codec_write(s->control[i].c->in, s->control[i].n, 0, bytes) : 0;

        if (size > 0)
            midi_parse(&parser, bytes, (size_t)size, count_place, p);
    }
}

struct look { /* whether all of a control's messages are its own */
    const struct places *p;
    bool alone;
};

static void
look_place(void *context, const uint8_t *bytes, size_t size)
{
    struct look *l = context;
    int place = surface_message_place(bytes, size);

    l->alone = l->alone && place >= 0 && l->p->used[place] == 1;
}

static bool
is_mappable_message(enum surface_message m)
{
    return m == SURFACE_CC || m == SURFACE_CC14 || m == SURFACE_NOTE || m == SURFACE_PITCH_BEND ||
           m == SURFACE_CHANNEL_PRESSURE || m == SURFACE_POLY_PRESSURE;
}

static bool
is_mappable_row(const struct control *k)
{
    const struct param *row = k->on.does == PAGES_ROW ? param_at(k->on.param) : NULL;

    return row && (row->owner == OWNER_CHAIN || row->owner == OWNER_MONITOR) && surface_can_move(row) &&
           row->flags & PARAM_AUTOMATED && k->on.assign->by == 0.0;
}

static bool
is_mappable(const struct surface *s, const struct control *k)
{
    const struct surface_control *c = k->c;
    bool way = c->kind == SURFACE_FADER || c->kind == SURFACE_POT || c->kind == SURFACE_ENCODER ||
               c->kind == SURFACE_JOG;

    return way && c->in && is_mappable_message(c->in->message) && is_mappable_row(k) && c->debounce_ms == 0 &&
           c->reverse_ms == 0 && !(c->motor && k->touch >= 0 && !k->touched) && s->now_ns >= k->cut_ns;
}

static double
step_of(const struct surface *s, const struct control *k)
{
    const struct param *row = param_at(k->on.param);
    double share = k->on.assign->step > 0.0 ? k->on.assign->step : 0.01;

    if (surface_is_stepped(row))
        return row->max > row->min ? 1.0 / (row->max - row->min) : 1.0;
    return share * fabs(k->on.high - k->on.low) * (s->fine > 0 ? 0.1 : 1.0);
}

static void
add(const struct surface *s, const struct control *k, const uint8_t *bytes, struct midimap *map)
{
    const struct surface_control *c = k->c;
    bool numbered = c->in->message != SURFACE_PITCH_BEND && c->in->message != SURFACE_CHANNEL_PRESSURE;

    map->entry[map->count++] = (struct midimap_entry){
        .status = bytes[0],
        .number = numbered ? bytes[1] : 0,
        .message = c->in->message,
        .coding = c->coding,
        .min = c->min,
        .max = c->min == 0 && c->max == 0 ? surface_way_max(c->in) : c->max,
        .centre = c->centre,
        .detent = c->detent,
        .low_first = c->low_first,
        .acceleration = c->acceleration,
        .takeover = surface_takeover_of(s, k),
        .param = k->on.param,
        .low = k->on.low,
        .high = k->on.high,
        .step = step_of(s, k),
    };
}

void
surface_map(const struct surface *s, struct midimap *map)
{
    struct places p;

    map->count = 0;
    if (s->learner)
        return;
    count_ways(s, &p);
    for (int i = 0; i < s->controls && map->count < MIDIMAP_MAX; i++) {
        const struct control *k = &s->control[i];
        struct look look = {&p, true};
        struct midi_parser parser = {0};
        uint8_t bytes[SURFACE_BYTES];
        int size;

        /* Whole values are ticked with their fractions here when they are to be finer. */
        if (!is_mappable(s, k) || (s->fine > 0 && surface_is_stepped(param_at(k->on.param))))
            continue;
        size = codec_write(k->c->in, k->n, 0, bytes);
        if (size <= 0)
            continue;
        midi_parse(&parser, bytes, (size_t)size, look_place, &look);
        if (look.alone)
            add(s, k, bytes, map);
    }
}

uint64_t
surface_map_changes(const struct surface *s)
{
    return s->map_changes + pages_changes(s->pages);
}
