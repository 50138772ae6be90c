/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * params: the parameter table.
 *
 * A parameter is one row in params.c. From it come the OSC address, --set, the
 * log, the page, the manual, range errors and the engine's smoothing. A row for
 * a group of equals ("/eq/#/gain") stands for each of them, # from 1.
 *
 * values   double in the row's unit; bool 0/1, enum 0.., int whole numbers,
 *          trigger any (its arrival counts). Texts (PARAM_TEXT) have no number, a
 *          series (PARAM_SERIES: a curve among the readings) has `points` of them.
 * ids      0 .. params_count()-1, in table order; the same within one program, not between versions
 */
#ifndef ENGINE_PARAMS_H
#define ENGINE_PARAMS_H

#include "dsp/dsp.h"
#include "engine/err.h"

#include <stddef.h>
#include <stdio.h>

enum param_type { PARAM_FLOAT, PARAM_INT, PARAM_BOOL, PARAM_ENUM, PARAM_TRIGGER, PARAM_TEXT, PARAM_SERIES };
enum param_scale { SCALE_LINEAR, SCALE_LOG, SCALE_DB }; /* DB: linear in dB, like a fader's marks */
enum param_unit {
    UNIT_NONE,
    UNIT_DB,
    UNIT_DBFS,
    UNIT_DBTP,
    UNIT_LUFS,
    UNIT_LU,
    UNIT_HZ,
    UNIT_MS,
    UNIT_S,
    UNIT_PERCENT,
    UNIT_RATIO,
    UNIT_FRAMES,
    UNIT_DEGREES
};

enum param_owner {                  /* who acts on it */
                   OWNER_CHAIN,     /* the process thread: a field of struct settings, moves are logged */
                   OWNER_MONITOR,   /* the same, but after the print tap */
                   OWNER_TRANSPORT, /* the engine: player */
                   OWNER_PRINT,     /* the engine: recorder */
                   OWNER_PRESET,    /* the engine: settings by name */
                   OWNER_VIEW,      /* the engine: what its meters show */
                   OWNER_MEMORY,    /* the engine: snapshots, undo */
                   OWNER_CONTROL,   /* the hands: who may come in, counters; see engine_report() */
                   OWNER_METER      /* a reading: a field of struct readings */
};

enum param_flags {
    PARAM_SAVED = 1,     /* part of a preset, or of the state that is kept */
    PARAM_AUTOMATED = 2, /* may move at a frame, is logged with it */
    PARAM_PRINTED = 4,   /* changes what is printed */
    PARAM_READ_ONLY = 8,
    PARAM_COUNTER =
        32, /* counts what goes on: no change of any state, and told only to who names it or its folder:
                           to tell it counts, too */
    PARAM_DESK = 16 /* how the desk is wired: a preset that does not name it leaves it alone */
};

enum param_field { FIELD_NONE, FIELD_DOUBLE, FIELD_INT, FIELD_BOOL, FIELD_SERIES };

struct param {
    const char *path;  /* "/eq/3/gain" */
    const char *label; /* "Gain" */
    enum param_type type;
    enum param_scale scale;
    enum param_unit unit;
    double min, max, def;
    const char *const *names; /* of an enum: max + 1 words; else NULL */
    enum param_owner owner;
    unsigned flags;
    const char *text; /* a sentence */
    enum param_field
        field; /* where it lives: in struct settings, or struct readings for OWNER_METER; a series is in */
    size_t offset; /* struct series_readings */
    int points;    /* of a series; else 0 */
};

enum { PARAM_PATH_SIZE = 64, PARAM_TEXT_SIZE = 1024, PARAM_VALUE_SIZE = 64 };
enum { PARAM_SURFACES = 8 }; /* MIDI surfaces that have rows */

/* Call once before anything else here (main does); cheap to call again. */
void params_init(void);

int params_count(void);
RT const struct param *param_at(int id);
int param_find(const char *path); /* -1: no such path */

/* The only way in: type, range, NaN, read-only. An int, bool or enum must be whole. */
bool param_check(const struct param *p, double value, struct err *e);
/* For readers that round-trip what the program wrote itself (meters have no range to break). */
bool param_is_number(const struct param *p);
/* Has it only whole values? */
RT bool param_is_whole(const struct param *p);

/* 0..1 on the row's own scale; norm outside 0..1 (or NaN) is an error. */
RT double param_to_norm(const struct param *p, double value);
/* The value at 0..1, in range, whole where it must be. */
RT double param_at_norm(const struct param *p, double norm);
bool param_from_norm(const struct param *p, double norm, double *value, struct err *e);

/* "3", "-0.5", "on", "bell", with or without its unit ("3 dB", "80ms"). Checks as param_check. */
bool param_parse(const struct param *p, const char *word, double *value, struct err *e);
/* "PATH=VALUE"; false with the nearest paths when PATH is unknown. PARAM_TEXT is refused here. */
bool param_parse_assignment(const char *text, int *id, double *value, struct err *e);
/* "1.5 dB", "bell", "on". */
void param_format(const struct param *p, double value, char *out, size_t size);
/* "1.5 -> 2.0 dB", "bell -> notch": for people, who do not want six digits. */
void param_format_move(const struct param *p, double from, double to, char *out, size_t size);
/* Says that path is unknown and names the nearest ones. Always false. */
bool param_unknown(const char *path, struct err *e);

const char *param_type_name(enum param_type t);
const char *param_unit_name(enum param_unit u); /* "" for none */
const char *param_scale_name(enum param_scale s);
const char *param_owner_name(enum param_owner o);

/* Read or write the row's field in struct settings / struct readings. */
RT double param_load(const struct param *p, const void *owner);
RT void param_store(const struct param *p, void *owner, double value);

#endif
