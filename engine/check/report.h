/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report: what a check of one file has found out: figures, series and findings.
 *
 * A figure is declared once, in the table of the inspector that measures it: key, label, unit, sentence. What is
 * written into the report under its key comes out in the terminal's table, in JSON and on the page without another
 * line. Keys are "GROUP/NAME"; groups come out in the order of their tables.
 */
#ifndef ENGINE_CHECK_REPORT_H
#define ENGINE_CHECK_REPORT_H

#include "dsp/dsp.h"
#include "engine/params.h"

enum { REPORT_CHANNELS = 8, REPORT_WORDS = 240, REPORT_FINDINGS = 400, REPORT_OF_A_KIND = 20 };

enum figure_kind {
    FIGURE_NUMBER,
    FIGURE_CHANNELS, /* a number a channel, from left on */
    FIGURE_TEXT,
    FIGURE_SERIES /* a curve */
};

struct figure {
    const char *key, *label;
    enum figure_kind kind;
    enum param_unit unit; /* of the numbers; of a series: of its height */
    int decimals;         /* that people read; JSON has them all */
    const char *text;     /* a sentence */
};

/* value[i] is at from + i * step, in s; with `log` at from * step^i, in Hz. */
struct series {
    double from, step;
    bool log;
    const double *value;
    int count;
};

struct figure_value {
    const struct figure *figure;
    int count; /* of numbers; 0: not measured */
    double number[REPORT_CHANNELS];
    char *text; /* NULL: not measured */
    struct series series;
};

enum severity { SEVERITY_NOTE, SEVERITY_WARN, SEVERITY_FAIL };

struct finding {
    const char *kind; /* a stable word for scripts, "clipping"; a literal */
    enum severity severity;
    int channel;             /* from 0; -1: all, or none in particular */
    double from_s, to_s;     /* equal: a moment; both negative: the file as a whole */
    char what[REPORT_WORDS]; /* "14 runs of clipped samples, the longest of 11 frames" */
    char mend[REPORT_WORDS]; /* what to do */
};

#define FINDING_WHOLE (-1.0)

/* At which level a place that evens out loudness plays the file. Places are data: this cannot be a figure. */
struct platform {
    char name[32], title[64], date[16]; /* "spotify", "Spotify", of the table: "2024-05-31", "2024-05" or "2024" */
    double gain_db, played_lufs;        /* what it does to the file, and what comes of it */
    char rule[REPORT_WORDS];            /* why: a sentence */
};

/* A track in the report of an album. What is NAN was not measured. */
struct track {
    char path[REPORT_WORDS];
    double integrated_lufs, offset_lu; /* to the median of all tracks */
    double range_lu, max_dbtp;
    double gap_s;   /* silence between the one before and this one; NAN of the first */
    double tone_db; /* distance of its tonal balance from that of the others */
};

struct report;

enum status report_open(struct report **r, const char *path); /* NO_MEM */
void report_close(struct report *r);                          /* NULL is harmless */
/* The table must outlive the report. A key may be added once. NO_MEM. */
enum status report_add(struct report *r, const struct figure *figures, int count);

/* --- writing; the key must be in a table, the kind right: else an assert fails --- */

/* Not finite: not measured. */
void report_put(struct report *r, const char *key, double value);
void report_put_channel(struct report *r, const char *key, int channel, double value);
void report_text(struct report *r, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Copies the values. */
void report_series(struct report *r, const char *key, const struct series *s);
/*
 * Of one kind and severity REPORT_OF_A_KIND are kept, the first ones in time as they are told; the rest is counted.
 * what and mend are printf'ed by the caller: snprintf into the finding.
 */
void report_find(struct report *r, const struct finding *f);
void report_platform(struct report *r, const struct platform *p);
void report_track(struct report *r, const struct track *t);
/* Sorts findings by time (the file as a whole first), then by severity. NO_MEM when any of the above had no memory. */
enum status report_finish(struct report *r);

/* --- reading --- */

const char *report_path(const struct report *r);
int report_figures(const struct report *r);
const struct figure_value *report_figure(const struct report *r, int i); /* in the tables' order */
/* NULL when it was not measured. */
const struct figure_value *report_measured(const struct report *r, const char *key);
/* NAN when it was not measured. */
double report_number(const struct report *r, const char *key);
int report_findings(const struct report *r);
const struct finding *report_finding(const struct report *r, int i);
/* How many of its kind and severity there are, kept or not. */
int report_count(const struct report *r, const char *kind, enum severity s);
enum severity report_worst(const struct report *r); /* SEVERITY_NOTE when there are none */
int report_platforms(const struct report *r);
const struct platform *report_platform_at(const struct report *r, int i);
int report_tracks(const struct report *r);
const struct track *report_track_at(const struct report *r, int i);
const char *severity_name(enum severity s); /* "note", "warning", "failure" */

#endif
