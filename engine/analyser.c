/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/analyser.h"

#include "engine/meters.h"

#include <stdlib.h>
#include <string.h>

enum { READ_FRAMES = 512 };

/* The histories, and whose reduction each is of. */
static const struct {
    enum stage stage;
    size_t offset;
} histories[ANALYSER_HISTORIES] = {
#define HISTORY(stage, member)                                                                               \
    {                                                                                                        \
        stage, offsetof(struct series_readings, member)                                                      \
    }
    HISTORY(STAGE_EQ, eq),     HISTORY(STAGE_DEESS, deess), HISTORY(STAGE_MULTIBAND, multiband),
    HISTORY(STAGE_COMP, comp), HISTORY(STAGE_CLIP, clip),   HISTORY(STAGE_LIMIT, limit),
};

typedef SERIES_OF(HISTORY_POINTS) history;

enum status
analyser_prepare(struct analyser *a, double rate_hz)
{
    *a = (struct analyser){.rate_hz = rate_hz};
    return OK;
}

void
analyser_free(struct analyser *a)
{
    (void)a;
}

static void
history_push(history *h, double value)
{
    memmove(h->value, h->value + 1, sizeof h->value - sizeof h->value[0]);
    h->value[HISTORY_POINTS - 1] = value;
    h->generation++;
}

/* A quarter second is over whenever the frame clock says so; the readings are the most of 300 ms. */
static void
histories_tick(struct analyser *a, const struct readings *r)
{
    uint64_t step = (uint64_t)(a->rate_hz * HISTORY_S / HISTORY_POINTS);

    if (r->frame < a->history_frame)
        return;
    /* After a long wait (a machine asleep) once is enough for what nobody saw. */
    a->history_frame = r->frame - r->frame % step + step;
    for (int i = 0; i < ANALYSER_HISTORIES; i++)
        history_push((history *)((char *)&a->series + histories[i].offset),
                     r->reduction_db[histories[i].stage]);
}

void
analyser_tick(struct analyser *a, struct tap *tap, struct readings *r)
{
    struct tap_frame frame[READ_FRAMES];

    while (tap_read(tap, frame, READ_FRAMES) == READ_FRAMES)
        ;
    histories_tick(a, r);
}
