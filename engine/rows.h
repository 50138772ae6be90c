/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rows: what the parameter table is made of: one row a parameter, in the order of the signal path, then what
 * belongs to the whole. Nobody but params.c, which spreads the rows into the table, includes this.
 */
#ifndef ENGINE_ROWS_H
#define ENGINE_ROWS_H

#include "engine/params.h"

/* A '#' in the path stands for each of `count` equals, from 1; offset is the first one's. */
struct row {
    const char *path, *label;
    enum param_type type;
    enum param_scale scale;
    enum param_unit unit;
    double min, max, def;
    const char *const *names;
    enum param_owner owner;
    unsigned flags;
    const char *text;
    enum param_field field;
    size_t offset;
    int count;
    size_t stride;
    int points; /* of a series */
};

extern const struct row param_rows[];
extern const int param_nrows;

#endif
