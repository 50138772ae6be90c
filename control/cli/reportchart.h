/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reportchart: a curve over time or frequency for the page, drawn as SVG: it needs no script, and prints.
 *
 * The picture stretches with the page; its words are HTML beside it, so that they stay as large as all others. What
 * lies at the pointer (control/cli/report.js) comes with it as JSON. Curves of more than CHART_POINTS are drawn by the
 * least and the most of each piece: no peak is lost.
 */
#ifndef CONTROL_CLI_REPORTCHART_H
#define CONTROL_CLI_REPORTCHART_H

#include "engine/check/report.h"

#include <stdio.h>

enum { CHART_LINES = 8, CHART_LEVELS = 4, CHART_POINTS = 800, CHART_SPANS = 400 };

struct chart_line {
    const struct series *series;
    const char *label;
    const struct series *top; /* NULL: a line; else what is between the two is filled */
};

struct chart_level { /* a line across */
    double at;
    const char *label;
};

struct chart_span { /* of time, marked behind the curves */
    double from, to;
    const char *class;
};

struct chart {
    const char *id, *title, *text; /* text: sentences for those who have never seen one */
    const char *unit;
    int decimals, heading; /* heading: 2 for <h2> */
    double from, to;       /* across: s, or Hz */
    bool log;
    double low, high; /* up */
    bool amplitude;   /* up is -1..1, its words are dBFS */
    struct chart_line line[CHART_LINES];
    struct chart_level level[CHART_LEVELS];
    int nlines, nlevels;
    struct chart_span span[CHART_SPANS];
    int nspans;
};

/* Share of the way from left to right, 0..1. */
double chart_across(const struct chart *c, double x);
/* From what the lines hold, with some air, to round numbers; no lower than span below the top (0: no limit). False:
   there is nothing finite in them. */
bool chart_fit(struct chart *c, double span);
/* lane writes what stands above the picture, on the same scale; NULL: nothing. */
void chart_write(FILE *out, const struct chart *c, void (*lane)(FILE *out, const struct chart *c, void *arg),
                 void *arg);

/* A series' last place, s or Hz. */
double series_end(const struct series *s);
double series_at(const struct series *s, int i);

#endif
