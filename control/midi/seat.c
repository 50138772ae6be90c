/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/seat.h"

#include "control/midi/outbox.h"

#include <stdio.h>
#include <string.h>

/* What was written some ms apart may meet in one period: the box's time is the engine's to keep. */
static bool
send_by_jack(void *context, const uint8_t *bytes, size_t size)
{
    const struct seat *s = context;
    int64_t rest_ns = s->profile ? outbox_gap_ns(s->profile, bytes, size) : 0;

    return engine_midi_write(s->engine, bytes, size, rest_ns);
}

static void
take(struct seat *s, const uint8_t *bytes, size_t size, uint64_t frame, bool moved)
{
    if (s->surface)
        surface_take(s->surface, bytes, size, frame, moved, s->now_ns);
    else if (s->learner)
        s->learner(s->learning, bytes, size, s->now_ns);
}

static void
from_bridge(void *context, const uint8_t *bytes, size_t size)
{
    take(context, bytes, size, ENGINE_NOW, false);
}

/* At once, not with the next tick: a knob is heard as soon as it is turned. */
static void
receive(void *context, int fd)
{
    struct seat *s = context;

    s->ended = !bridge_receive(s->bridge, from_bridge, s);
    if (s->ended)
        loop_forget(s->loop, fd); /* it would be ready for ever */
}

static enum status
open_bridge(struct seat *s, const char *program, struct err *e)
{
    enum status status = bridge_open(&s->bridge, program, &s->device, e);

    if (status != OK)
        return status;
    s->port = bridge_port(s->bridge);
    if (loop_watch(s->loop, bridge_fd(s->bridge), false, receive, s))
        return OK;
    err_set(e, "%s: the control loop has no room for it", s->device.client);
    return UNAVAILABLE;
}

enum status
seat_take(struct seat *s, struct engine *engine, struct loop *loop, const char *program,
          const struct midi_device *device, const struct surface_profile *profile, const char *hand,
          int64_t now_ns, struct err *e)
{
    enum status status = OK;

    *s = (struct seat){.engine = engine, .loop = loop, .profile = profile, .jack = !device, .now_ns = now_ns};
    snprintf(s->hand, sizeof s->hand, "%s", hand);
    if (device) {
        s->device = *device;
        status = open_bridge(s, program, e);
    } else {
        s->port = (struct midi_port){send_by_jack, s};
    }
    if (status == OK && profile)
        status = surface_open(&s->surface, profile, engine, s->hand, &s->port, e);
    if (status == OK && s->surface)
        surface_tick(s->surface, now_ns);
    if (status != OK)
        seat_leave(s);
    return status;
}

void
seat_leave(struct seat *s)
{
    if (s->jack && s->engine)
        engine_midi_map(s->engine, NULL, s->hand);
    surface_close(s->surface);
    if (s->bridge)
        loop_forget(s->loop, bridge_fd(s->bridge));
    bridge_close(s->bridge);
    *s = (struct seat){0};
}

bool
seat_taken(const struct seat *s)
{
    return s->jack || s->bridge;
}

void
seat_learn(struct seat *s, surface_learner *learner, void *context)
{
    s->learner = learner;
    s->learning = context;
    if (s->surface)
        surface_learn(s->surface, learner, context);
}

/* midi_in moves by itself what it can. */
static void
map(struct seat *s)
{
    static struct midimap map;
    uint64_t changes = s->surface ? surface_map_changes(s->surface) + 1 : 0;

    if (changes == s->mapped)
        return;
    s->mapped = changes;
    map.count = 0;
    if (changes)
        surface_map(s->surface, &map);
    engine_midi_map(s->engine, changes ? &map : NULL, s->hand);
}

static void
receive_jack(struct seat *s)
{
    struct engine_midi m;

    while (engine_midi_read(s->engine, &m, &s->lost))
        take(s, m.bytes, m.size, m.moved ? m.frame : ENGINE_NOW,
             m.moved); /* what was not moved is late by now */
    map(s);
}

void
seat_tick(struct seat *s, int64_t now_ns)
{
    s->now_ns = now_ns;
    if (s->jack)
        receive_jack(s);
    if (s->surface)
        surface_tick(s->surface, now_ns);
}
