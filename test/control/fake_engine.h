/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fake_engine: engine.h without sound: keeps values, remembers each set. Frames count CLOCK_REALTIME at 48 kHz from
 * FAKE_EPOCH_NS, so that a test can work out what frame a time tag must give.
 */
#ifndef TEST_CONTROL_FAKE_ENGINE_H
#define TEST_CONTROL_FAKE_ENGINE_H

#include "engine/engine.h"

#define FAKE_EPOCH_NS   1700000000000000000LL
#define FAKE_NEXT_FRAME 4242424u /* what any moment that has passed gives */

struct fake_set {
    int id;
    double value;
    char text[PARAM_TEXT_SIZE];
    uint64_t frame;
    char by[80];
};

enum { FAKE_SETS = 4096 };

enum { FAKE_MIDI = 4096 };

struct fake_midi {
    uint64_t frame;
    bool moved;
    uint8_t bytes[256];
    size_t size;
};

struct engine {
    double *value; /* by id */
    char (*text)[PARAM_TEXT_SIZE];
    uint64_t changes;
    struct fake_set set[FAKE_SETS]; /* the last ones, in a circle */
    int nsets;                      /* ever */
    const char *refusal;            /* what each set is refused with; NULL: none is */
    double series[512];             /* every curve's */
    uint64_t series_generation;

    struct fake_midi in[FAKE_MIDI], out[FAKE_MIDI]; /* midi_in, to be read, and midi_out */
    int nin, in_read, nout;
    int mapped;                 /* rows that midi_in moves by itself; -1: none was ever asked for */
    char other[64], hearer[64]; /* who is connected; to midi_out */
};

struct engine *fake_engine_open(void);
void fake_engine_close(struct engine *engine);
/* Another hand moves it, or a reading comes. */
void fake_engine_move(struct engine *engine, const char *path, double value);
/* A message on midi_in. */
void fake_engine_midi(struct engine *engine, const uint8_t *bytes, size_t size, bool moved);
double fake_engine_value(const struct engine *engine, const char *path);
/* The n-th set, counted from 0; the last one for -1. */
const struct fake_set *fake_engine_set(const struct engine *engine, int n);

#endif
