/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * markers: places in the tracks of a playlist, by the tracks' files as the list names them.
 *
 * Bookkeeping alone: no player, no disk. Times are seconds into the track, to the millisecond; two that people can't tell
 * apart (MARKERS_APART_S) are one.
 */
#ifndef ENGINE_MARKERS_H
#define ENGINE_MARKERS_H

#include "dsp/dsp.h"
#include "engine/err.h"

enum { MARKERS_A_TRACK = 99, MARKERS = 1024 /* of all tracks */ };

#define MARKERS_APART_S 0.01
#define MARKERS_NEAR_S  1.0 /* how far off the one may be that is removed */

struct marker {
    char *file;
    double seconds;
};

struct markers {               /* all zero: none */
    struct marker at[MARKERS]; /* by file, then by time */
    int n;
};

void markers_free(struct markers *m);

/* True also when there is one already. False: there are too many, or no memory. */
bool markers_add(struct markers *m, const char *file, double seconds, struct err *e);
/* The nearest; false: none is near. */
bool markers_remove(struct markers *m, const char *file, double seconds, struct err *e);
/* The first after `seconds`, the last before it. False: there is none. */
bool markers_next(const struct markers *m, const char *file, double seconds, double *to);
bool markers_previous(const struct markers *m, const char *file, double seconds, double *to);
/* A file's, "0:04.000 1:02.500"; as many as there is room for, then "...". */
void markers_list(const struct markers *m, const char *file, char *text, size_t size);

/* One for the disk, "62.5 /music/a.wav", and back. False: it is none, or can't be added. */
void markers_write(const struct marker *k, char *text, size_t size);
bool markers_read(struct markers *m, const char *text);

#endif
