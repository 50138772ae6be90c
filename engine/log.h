/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log: every move with its frame, as JSON lines, until the session file takes over.
 *
 *   {"deadwax":"0.1.0","rate":48000,"source":"player","files":["a.wav"],"settings":{"/eq/on":1}}
 *   {"frame":480,"set":"/eq/1/gain","value":-2.5,"by":"osc 127.0.0.1:5005"}
 *   {"frame":0,"begin":{"track":0,"position":0}}
 *   {"frame":9600,"end":{"faded":true}}
 *   {"frame":0,"print":"began","file":"master.wav","format":"wav16","dither":"tpdf","seed":0,"blank":true}
 *
 * A header starts a take: all that follows happened on one frame clock, from
 * frame 0, at one rate. Settings that are not named have the table's default.
 * Numbers are written so that they read back to the same bits.
 */
#ifndef ENGINE_LOG_H
#define ENGINE_LOG_H

#include "engine/err.h"
#include "engine/msg.h"
#include "engine/recorder.h"

#include <stdio.h>

/* --- writing --- */

struct log {
    FILE *file; /* NULL: nothing is logged */
    bool failed;
};

/* Adds to a file that is there. IO_ERROR. */
enum status log_open(struct log *l, const char *path, struct err *e);
void log_close(struct log *l);

/* values: one a parameter, by id; only saved ones that are off their default are written. */
void log_header(struct log *l, double rate_hz, const char *source, const char *const *files, int nfiles,
                const double *values);
void log_set(struct log *l, uint64_t frame, int param, double value, const char *by);
void log_player(struct log *l, const struct player_notice *n);
/* s: a print that begins; NULL: one that ended. */
void log_print(struct log *l, uint64_t frame, const char *file, const struct print_settings *s);
/* To the system: what is there survives our own death. False once, when the disk refuses. */
bool log_flush(struct log *l, struct err *e);

/* --- reading --- */

struct take_move {
    enum { TAKE_SET, TAKE_BEGIN, TAKE_END, TAKE_PRINT_BEGAN, TAKE_PRINT_ENDED } kind;
    uint64_t frame;
    int param; /* SET */
    double value;
    int track; /* BEGIN */
    int64_t position;
    bool faded; /* END */
};

struct take {
    double rate_hz;
    bool live; /* the chain heard the JACK inputs */
    char **files;
    int nfiles;
    double *values;         /* one a parameter, by id; those of the print as it began */
    struct take_move *move; /* in the order in which they happened */
    int nmoves;
    bool printed;                  /* a print began in it */
    uint64_t print_from, print_to; /* programme frames; to: UINT64_MAX when it never ended */
};

/* The last take with a print, else the last one. Errors name file and line. */
enum status take_read(struct take *t, const char *path, struct err *e);
void take_free(struct take *t);

#endif
