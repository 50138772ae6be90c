/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * results: what has come of checking some files, and how it is read aloud: for terminal, JSON and page alike.
 */
#ifndef CONTROL_CLI_RESULTS_H
#define CONTROL_CLI_RESULTS_H

#include "engine/check/report.h"
#include "engine/err.h"

#include <time.h>

/* The curves of the wave. */
#define WAVEFORM_LOW  "levels/waveform_low"
#define WAVEFORM_HIGH "levels/waveform_high"

struct result {
    const char *path;
    struct report *report; /* NULL: it could not be checked */
    struct err err;        /* why */
};

struct results {
    struct result *file;
    int count;
    const struct report *album; /* of all together; NULL: not asked for */
    const char *target;         /* its title; NULL: none */
    double target_lufs;         /* NAN: it asks for none */
    time_t when;
};

enum { RESULTS_NUMBER = 64, RESULTS_SENTENCE = 256 };

bool result_failed(const struct result *r);
/* The path's last part. */
const char *result_name(const char *path);
/* All there are, kept in the report or not. */
int result_count(const struct report *r, enum severity s);
/* "2 failures, 1 warning"; "nothing found". */
void result_counts(const struct report *r, char out[RESULTS_SENTENCE]);
/* One plain sentence for those who asked for the check; a NULL report could not be read. */
void result_verdict(const struct report *r, const char *target, char out[RESULTS_SENTENCE]);

/* Indices of the findings, report_findings() of them: failures first, then those of a kind together, then by time. */
void result_order(const struct report *r, int *index);
/* Whether it is the last one of its kind and severity there. */
bool result_is_last(const struct report *r, const int *index, int i);
/* How many of its kind and severity there are that the report has not kept. */
int result_left_out(const struct report *r, const struct finding *f);

/* "1:02.345"; "1:01:02.345" from an hour on. */
void result_time(double s, char out[RESULTS_NUMBER]);
/* "overall", "1:02.345", "1:02.345-1:03.000". */
void result_when(const struct finding *f, const char *dash, char out[RESULTS_NUMBER * 2 + 8]);
/* As people read it, without its unit: "-0.31", "-inf", "-" (not measured). */
void result_number(const struct figure *f, double value, char out[RESULTS_NUMBER]);
/* "" where the number says it itself, as minutes do. */
const char *result_unit(const struct figure *f, double value);
/* "loudness/range": "Loudness"; returns out. */
const char *result_group(const char *key, char out[RESULTS_NUMBER]);
/* As many as any figure has numbers for. */
int result_channels(const struct report *r);
/* "L", "R" of two; "1", "2"... of more; "" of one. */
const char *result_channel(int channel, int count);

/* What files are compared by. */
struct results_column {
    const char *label, *name;    /* "TP", "True peak" */
    const char *key, *album_key; /* NULL: an album has none */
    int width;                   /* characters, in a table */
    const char *text;            /* a sentence for those who have never heard of it */
};

enum { RESULTS_COLUMNS = 6 };
extern const struct results_column results_columns[RESULTS_COLUMNS];

/* The largest of its channels. NULL: not measured. */
const struct figure *result_column(const struct report *r, int column, double *value);

#endif
