/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surfacesinside: what the surfaces are made of, for the files that they are written in and nobody else.
 *
 *   surfaces.c       who comes and goes, and what was asked for
 *   surfacesrows.c   the rows below /surface, the counters
 *   surfaceslearn.c  learning
 */
#ifndef CONTROL_MIDI_SURFACESINSIDE_H
#define CONTROL_MIDI_SURFACESINSIDE_H

#include "control/midi/surfaces.h"

#include "control/midi/learn.h"
#include "control/midi/seat.h"
#include "engine/surfaceshelf.h"

enum {
    SURFACES_SEATS = PARAM_SURFACES,
    SURFACES_NEWS = 16,
    SURFACES_AWAY = 32,
    SURFACES_NAME = 64,
    SURFACES_PORT = 320
};

/* How a device was left that may come back, or why it is not spoken to. */
struct surfaces_away {
    char client[SURFACES_NAME], place[SURFACES_NAME];
    int nth;
    char page[SURFACES_NAME];
    int64_t until_ns; /* not tried again before */
};

/* Whose messages a learner hears. */
struct surfaces_ear {
    struct surfaces *surfaces;
    int seat;
};

struct surfaces_row {
    int name, profile, page;
};

struct surfaces {
    struct surfaces_choices choices;
    struct engine *engine;
    struct loop *loop;
    struct surface_shelf shelf;
    bool others; /* also those that were not asked for */
    struct midi_devices devices;
    char other[SURFACES_PORT],
        hearer[SURFACES_PORT]; /* who is connected to midi_in or midi_out; to midi_out */
    int64_t looked_ns, counted_ns;
    struct seat seat[SURFACES_SEATS];
    struct surface_counts gone; /* of seats that were left */
    uint64_t lost;
    struct surfaces_away away[SURFACES_AWAY];
    int naway;
    struct surfaces_row row[SURFACES_SEATS];
    char page[SURFACES_SEATS][SURFACES_NAME]; /* as told last */
    int id_on, id_to, id_said;
    bool learning;
    struct learn learn;
    struct surfaces_ear ear[SURFACES_SEATS];
    char news[SURFACES_NEWS][SURFACES_NEWS_SIZE];
    unsigned news_first, news_last;
};

/* --- surfaces.c --- */

void surfaces_tell(struct surfaces *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What is there now: who is gone leaves, who has come is spoken to. */
void surfaces_look(struct surfaces *s, int64_t now_ns);
/* Profiles are read anew: who sits by one stands up. */
void surfaces_reload(struct surfaces *s, int64_t now_ns);

/* --- surfacesrows.c --- */

void surfaces_rows_find(struct surfaces *s);
void surfaces_rows_tick(struct surfaces *s, int64_t now_ns);
void surfaces_rows_add(struct surface_counts *sum, const struct surface_counts *c);

/* --- surfaceslearn.c --- */

void surfaces_learn_tick(struct surfaces *s, int64_t now_ns);
void surfaces_learn_close(struct surfaces *s);

#endif
