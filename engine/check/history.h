/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * history: a curve over a whole file in bounded memory: the largest value of each step. When it is full, each two
 * steps become one.
 *
 * A curve of lowest values is one of the largest of their negatives.
 */
#ifndef ENGINE_CHECK_HISTORY_H
#define ENGINE_CHECK_HISTORY_H

#include "engine/check/report.h"

enum { HISTORY_POINTS = 2400 }; /* at most; at least half as many as soon as there were that many steps */

struct history {
    double value[HISTORY_POINTS + 1]; /* [count]: of the step under way */
    int count;
    int64_t step, filled; /* units: of a step, of the one under way */
};

/* first: units of a step to begin with. */
void history_start(struct history *h, int64_t first);
/* Units until the step under way ends: at least 1. */
int64_t history_left(const struct history *h);
/* What was largest in so many units, at most history_left(). */
void history_add(struct history *h, double value, int64_t units);
/* Ends the step under way as it is, and writes the curve times sign. from, unit: s, of the first step and of a unit. */
void history_report(struct history *h, struct report *r, const char *key, double from, double unit,
                    double sign);

#endif
