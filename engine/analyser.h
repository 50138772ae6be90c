/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * analyser: what is drawn and counted at leisure, on the control thread: phase, K scale, spectra, histories.
 *
 * in       the tap's frames; readings, for what the process thread has measured
 * series   curves as wholes; the generation counts how often each has been renewed
 */
#ifndef ENGINE_ANALYSER_H
#define ENGINE_ANALYSER_H

#include "engine/tap.h"

struct readings;
struct model;

enum { HISTORY_S = 60, HISTORY_POINTS = 240 /* of a quarter second */, ANALYSER_HISTORIES = 6 };

#define SERIES_OF(points)                                                                                    \
    struct {                                                                                                 \
        uint64_t generation;                                                                                 \
        double value[points];                                                                                \
    }

/* What the table's rows of PARAM_SERIES point into. */
struct series_readings {
    SERIES_OF(HISTORY_POINTS) eq, deess, multiband, comp, clip, limit; /* reduction in dB, oldest first */
};

struct analyser {
    double rate_hz;
    struct series_readings series;
    uint64_t history_frame; /* the next point is due */
};

enum status analyser_prepare(struct analyser *a, double rate_hz); /* NO_MEM */
void analyser_free(struct analyser *a);
/* The histories go on where they were: a new rate, a new server. */
void analyser_tick(struct analyser *a, struct tap *tap, struct readings *r);

#endif
