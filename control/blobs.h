/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * blobs: many readings in one OSC message, for who wants all meters at 60 Hz and little else.
 *
 * what     PREFIX/blob is all readings inside PREFIX that are numbers, in table order; of a series PATH/blob is its points
 * bytes    int32 count, then as many float32, all big-endian
 * size     BLOBS_MOST numbers, so that a blob's message stays within PACKET_BUNDLE; a prefix with more is refused
 * room     BLOBS prefixes at a time; the caller says which ones are still in use
 */
#ifndef CONTROL_BLOBS_H
#define CONTROL_BLOBS_H

#include "control/wire.h"
#include "engine/engine.h"

enum { BLOBS = 32, BLOBS_MOST = 300, BLOBS_SIZE = 4 + 4 * BLOBS_MOST };

struct blobs { /* all zero: none yet */
    struct blob {
        char prefix[WIRE_PATH_SIZE]; /* "/meter/output", "" for all */
        int series;                  /* its row; -1: readings */
        int id[BLOBS_MOST], n;       /* 0: a free place */
    } blob[BLOBS];
};

/* The place of a prefix ("/meter/output", "/meter/output/" and "/" too), known or new; a new one is made where
   in_use is false. -1: nothing to read inside, too much, or no place: e says which. */
int blobs_place(struct blobs *b, const char *prefix, bool (*in_use)(void *context, int place), void *context,
                struct err *e);
/* Is it this prefix's place? */
bool blobs_is(const struct blobs *b, int place, const char *prefix);
/* How many bytes. */
size_t blobs_write(const struct blobs *b, int place, const struct engine *engine,
                   unsigned char out[BLOBS_SIZE]);
/* 64 bits that differ when the bytes would. */
uint64_t blobs_mark(const struct blobs *b, int place, const struct engine *engine);
/* The row of the i-th number; NULL: there are no more. A series has one row for all. */
const struct param *blobs_row(const struct blobs *b, int place, int i);

#endif
