/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/control/fake_engine.h"

#include "engine/midimap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct engine *
fake_engine_open(void)
{
    struct engine *engine = calloc(1, sizeof *engine);

    params_init();
    assert(engine);
    engine->value = calloc((size_t)params_count(), sizeof *engine->value);
    engine->text = calloc((size_t)params_count(), sizeof *engine->text);
    assert(engine->value && engine->text);
    for (int id = 0; id < params_count(); id++)
        engine->value[id] = param_at(id)->def;
    return engine;
}

void
fake_engine_close(struct engine *engine)
{
    free(engine->value);
    free(engine->text);
    free(engine);
}

void
fake_engine_move(struct engine *engine, const char *path, double value)
{
    int id = param_find(path);

    assert(id >= 0);
    engine->value[id] = value;
    if (param_at(id)->owner != OWNER_METER)
        engine->changes++;
}

double
fake_engine_value(const struct engine *engine, const char *path)
{
    int id = param_find(path);

    assert(id >= 0);
    return engine->value[id];
}

const struct fake_set *
fake_engine_set(const struct engine *engine, int n)
{
    n = n < 0 ? engine->nsets - 1 : n;
    assert(n >= 0 && n < engine->nsets && n >= engine->nsets - FAKE_SETS);
    return &engine->set[n % FAKE_SETS];
}

static struct fake_set *
remember(struct engine *engine, int id, const char *by)
{
    struct fake_set *s = &engine->set[engine->nsets++ % FAKE_SETS];

    memset(s, 0, sizeof *s);
    s->id = id;
    snprintf(s->by, sizeof s->by, "%s", by);
    engine->changes++;
    return s;
}

bool
engine_set(struct engine *engine, int id, double value, uint64_t frame, const char *by, struct err *e)
{
    struct fake_set *s;

    if (!param_check(param_at(id), value, e))
        return false;
    if (engine->refusal)
        return err_set(e, "%s", engine->refusal);
    s = remember(engine, id, by);
    s->value = value;
    s->frame = frame;
    if (param_at(id)->type != PARAM_TRIGGER)
        engine->value[id] = value;
    return true;
}

bool
engine_set_text(struct engine *engine, int id, const char *value, const char *by, struct err *e)
{
    const struct param *p = param_at(id);

    if (p->flags & PARAM_READ_ONLY)
        return err_set(e, "%s: can only be read", p->path);
    if (strlen(value) >= PARAM_TEXT_SIZE)
        return err_set(e, "%s: too long: use at most %d bytes", p->path, PARAM_TEXT_SIZE - 1);
    snprintf(remember(engine, id, by)->text, PARAM_TEXT_SIZE, "%s", value);
    snprintf(engine->text[id], PARAM_TEXT_SIZE, "%s", value);
    return true;
}

double
engine_get(const struct engine *engine, int id)
{
    return engine->value[id];
}

const double *
engine_get_series(const struct engine *engine, int id, uint64_t *generation)
{
    *generation = engine->series_generation;
    (void)id;
    return engine->series;
}

const char *
engine_get_text(const struct engine *engine, int id)
{
    return engine->text[id];
}

uint64_t
engine_changes(const struct engine *engine)
{
    return engine->changes;
}

uint64_t
engine_frame_at(const struct engine *engine, int64_t realtime_ns)
{
    struct timespec t;

    (void)engine;
    clock_gettime(CLOCK_REALTIME, &t);
    if (realtime_ns <= (int64_t)t.tv_sec * 1000000000 + t.tv_nsec)
        return FAKE_NEXT_FRAME;
    return (uint64_t)((realtime_ns - FAKE_EPOCH_NS) / 1000 * 48 / 1000);
}

void
engine_report(struct engine *engine, int id, double value)
{
    engine->value[id] = value;
}

void
engine_report_text(struct engine *engine, int id, const char *text)
{
    snprintf(engine->text[id], PARAM_TEXT_SIZE, "%s", text);
}

/* --- JACK's MIDI --- */

void
fake_engine_midi(struct engine *engine, const uint8_t *bytes, size_t size, bool moved)
{
    struct fake_midi *m = &engine->in[engine->nin++];

    assert(engine->nin <= FAKE_MIDI && size <= sizeof m->bytes);
    *m = (struct fake_midi){.frame = FAKE_NEXT_FRAME, .moved = moved, .size = size};
    memcpy(m->bytes, bytes, size);
}

bool
engine_midi_read(struct engine *engine, struct engine_midi *m, uint64_t *lost)
{
    const struct fake_midi *from = &engine->in[engine->in_read];

    (void)lost;
    if (engine->in_read == engine->nin) {
        engine->in_read = engine->nin = 0;
        return false;
    }
    engine->in_read++;
    *m = (struct engine_midi){from->frame, from->moved, from->bytes, from->size};
    return true;
}

bool
engine_midi_write(struct engine *engine, const uint8_t *bytes, size_t size, int64_t rest_ns)
{
    struct fake_midi *m = &engine->out[engine->nout];

    (void)rest_ns;
    if (engine->nout == FAKE_MIDI || size > sizeof m->bytes)
        return false;
    m->size = size;
    memcpy(m->bytes, bytes, size);
    engine->nout++;
    return true;
}

void
engine_midi_map(struct engine *engine, const struct midimap *map, const char *by)
{
    (void)by;
    engine->mapped = map ? map->count : 0;
}

const char *
engine_midi_other(const struct engine *engine)
{
    return engine->other;
}

const char *
engine_midi_hearer(const struct engine *engine)
{
    return engine->hearer;
}
