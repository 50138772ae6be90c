/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inserts: what the control thread makes of what an insert's outboard sent and got back: the delay, gain and
 * polarity that a ping sets, and whether they still hold.
 */
#ifndef ENGINE_INSERTS_H
#define ENGINE_INSERTS_H

#include "dsp/ping.h"
#include "engine/meters.h"
#include "engine/outboard.h"

#define INSERTS_DRIFT_FRAMES 0.5 /* more is told */

struct inserts {
    struct ping ping;
    struct insert_reading reading[INSERTS];
};

/* What is to be set after a ping that found its way back. */
struct inserts_move {
    int param;
    double value;
};

enum { INSERTS_MOVES = 3, INSERTS_LINE = 160 };

enum status inserts_prepare(struct inserts *s, double rate_hz);
void inserts_free(struct inserts *s); /* the readings stay */

/* After NOTICE_OUTBOARD for insert `which` (from 0), whose values are by parameter id. Fills move and returns how many;
   line: what to tell people, or "". */
int inserts_measure(struct inserts *s, int which, struct outboard *o, bool pinged, const double *values,
                    struct inserts_move move[INSERTS_MOVES], char line[INSERTS_LINE]);

#endif
