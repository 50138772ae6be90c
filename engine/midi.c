/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * midi: JACK's midi_in and midi_out, for control; and what midi_in moves by itself.
 */
#include "engine/inside.h"

#include "engine/clock.h"

#include <math.h>
#include <stdio.h>

#define LOOK_NS INT64_C(250000000)

bool
engine_midi_read(struct engine *g, struct engine_midi *m, uint64_t *lost)
{
    struct midiport_message *got = &g->midi.message;

    if (lost)
        *lost = g->midi.lost_before + (g->built ? midiport_lost(&g->process.midi) : 0);
    if (!g->built || !midiport_read(&g->process.midi, got))
        return false;
    *m = (struct engine_midi){
        .frame = got->frame, .moved = got->moved, .bytes = got->bytes, .size = got->size};
    return true;
}

bool
engine_midi_write(struct engine *g, const uint8_t *bytes, size_t size, int64_t rest_ns)
{
    double rest = ceil((double)rest_ns * 1e-9 * g->process.rate_hz);

    return g->built && engine_sounding(g) && midiport_write(&g->process.midi, bytes, size, (uint32_t)rest);
}

void
engine_midi_map(struct engine *g, const struct midimap *map, const char *by)
{
    g->midi.map.count = 0;
    if (map)
        g->midi.map = *map;
    snprintf(g->midi.by, sizeof g->midi.by, "%s", by);
    if (g->built)
        midi_build(g);
}

const char *
engine_midi_other(const struct engine *g)
{
    return g->midi.other;
}

const char *
engine_midi_hearer(const struct engine *g)
{
    return g->midi.hearer;
}

void
midi_build(struct engine *g)
{
    const char *by = g->midi.by;

    process_map(&g->process, &g->midi.map, by[0] ? model_hand(&g->model, by) : 0);
}

void
midi_unbuild(struct engine *g)
{
    if (g->built)
        g->midi.lost_before += midiport_lost(&g->process.midi);
}

void
midi_tick(struct engine *g)
{
    struct midi *m = &g->midi;
    struct backend *b = g->server.backend;

    if (clock_ns() - m->other_ns < LOOK_NS)
        return;
    m->other_ns = clock_ns();
    if (!engine_sounding(g) || !backend_other(b, PORT_MIDI_OUT, m->hearer, sizeof m->hearer))
        m->hearer[0] = '\0';
    if (!engine_sounding(g) || !backend_other(b, PORT_MIDI_IN, m->other, sizeof m->other))
        snprintf(m->other, sizeof m->other, "%s", m->hearer);
}
