/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * against: a file's left and right against those of another file, the one that it was made from.
 *
 * A few parts of 4 s are kept while the file is heard; in the end the same places of the other one are read, at
 * this file's rate, 6 s more on each side. What is told is called "suspected": the sound alone can't prove it.
 *
 * memory   14 MB, whatever the length
 */
#ifndef ENGINE_CHECK_AGAINST_H
#define ENGINE_CHECK_AGAINST_H

#include "dsp/relation.h"
#include "engine/check/inspect.h"

struct against;

/* NOT_FOUND, IO_ERROR, BAD_ARG (more than two channels): one line in e with the reference's path; NO_MEM. After an
   error *a is NULL. */
enum status against_open(struct against **a, const struct check_context *x, struct err *e);
void against_close(struct against *a); /* NULL is harmless */
void against_process(struct against *a, const double *left, const double *right, int nframes);
/* Reads the other file. Figures channels/reference..., findings channels_swapped, polarity_against_reference,
   reference_unlike. */
void against_finish(struct against *a, struct report *r);

#endif
