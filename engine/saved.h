/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * saved: values as text, one PATH=VALUE a line: what presets, snapshots and the state are made of.
 *
 *   # a remark, on a line of its own
 *   /eq/1/gain=-0.33333333333333331      numbers read back to the same bits
 *   /eq/1/type=low_cut                   choices and switches by their words
 *   /meter/reference/file=/home/x/a.wav  a text is what follows, with \n, \r and \\ for what is no line
 */
#ifndef ENGINE_SAVED_H
#define ENGINE_SAVED_H

#include "dsp/dsp.h"
#include "engine/err.h"
#include "engine/params.h"

#include <stdio.h>

void saved_write(FILE *f, const struct param *p, double value);
void saved_write_text(FILE *f, const struct param *p, const char *text);

/* What is read of a file, perhaps another version's: known rows are taken, the rest is counted and named. */
struct saved {
    double *values;                                        /* one a parameter; what is not named stays */
    bool (*wants)(const struct param *p);                  /* rows that belong into such a file */
    void (*text)(void *context, int id, const char *text); /* of texts; NULL: none belong */
    void *context;
    int nstrange;      /* lines that were not taken, */
    char strange[256]; /* the first of them: "/eq/9/gain, /old/row" */
};

/* NOT_FOUND: it can't be opened; IO_ERROR: nor read to its end. Lines before that are taken. */
enum status saved_read(struct saved *s, const char *path, struct err *e);

#endif
