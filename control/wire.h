/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wire: a parameter's value as OSC arguments.
 *
 * taken    i h f d T F for any number, s for any value as a person writes it ("bell", "-3 dB", "on"),
 *          ,is for a choice (as it is sent); a trigger fires on any number but 0, on T and on I, and
 *          takes 0 and F for the button's release
 * sent     f; i for switches and whole numbers; ,is for a choice; s for a text
 *          a series goes as its numbers, ,fff...
 * /norm    the same row as 0..1 on its own scale
 * /step    a number is added to a float, whole number or choice, and ends at the range's ends: i h f d, never a question
 */
#ifndef CONTROL_WIRE_H
#define CONTROL_WIRE_H

#include "control/packet.h"
#include "engine/params.h"

enum { WIRE_ARGS = 2, WIRE_PATH_SIZE = PARAM_PATH_SIZE + 8 };

enum wire_want {
    WIRE_SET,     /* *value, or *text for PARAM_TEXT; not yet checked against the range */
    WIRE_RELEASE, /* nothing to do, and no error */
    WIRE_BAD      /* e says why */
};

/* Has it a value to tell (or, with norm, a place between 0 and 1)? */
bool wire_has(const struct param *p, bool norm);
/* No argument, or N. */
bool wire_is_question(const struct packet_message *m);
/* What a message with arguments wants of a row. */
enum wire_want wire_read(const struct param *p, bool norm, const struct packet_message *m, double *value,
                         const char **text, struct err *e);
/* What `at`, the row's value, is after m's step. Never WIRE_RELEASE. */
enum wire_want wire_read_step(const struct param *p, double at, const struct packet_message *m, double *value,
                              struct err *e);
/* How many arguments. text only for PARAM_TEXT. */
int wire_write(const struct param *p, bool norm, double value, const char *text,
               struct packet_arg arg[WIRE_ARGS]);
/* The numbers of a PARAM_SERIES. How many. */
int wire_write_series(const struct param *p, const double *value, struct packet_arg arg[PACKET_ARGS]);
/* 64 bits that differ when what wire_write writes would (to 1e-6 for norm). */
uint64_t wire_mark(const struct param *p, bool norm, double value, const char *text);

/* What goes out for a value: a reading may be what a tablet can't show (infinite, NaN), which ends at the range's ends. */
double wire_number(const struct param *p, double value);

/* Cuts "/norm" off into out; false when path is too long for any row. */
bool wire_cut_norm(const char *path, char out[WIRE_PATH_SIZE], bool *norm);
/* Likewise "/step". */
bool wire_cut_step(const char *path, char out[WIRE_PATH_SIZE], bool *step);
/* Likewise "/blob", and "/blob/paths". */
bool wire_cut_blob(const char *path, char out[WIRE_PATH_SIZE], bool *blob, bool *paths);
/* Is path the prefix or below it? A prefix ending in '/' means the same as without; "/" is all. */
bool wire_inside(const char *path, const char *prefix);
/* Is the row told to who wants what is inside the prefix? A series is much to send: only to who names it whole. A
   counter changes with each telling: not to who wants everything. */
bool wire_told(const struct param *p, bool norm, const char *prefix);

#endif
