/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * load: a file of values as "deadwax ctl dump" prints them, lines or --json, read and checked.
 *
 * skipped  readings, triggers, and what plays, prints or loads and saves presets: those are acts, not settings
 */
#ifndef CONTROL_CLI_LOAD_H
#define CONTROL_CLI_LOAD_H

#include "engine/params.h"

struct load_value {
    int id, line;
    double number;
    char *text; /* of a PARAM_TEXT, else NULL; ours */
};

struct load {
    struct load_value *value; /* a path that comes twice is here once, as it came last */
    int n, skipped;
};

/* False when something is wrong: "FILE:LINE: ...". */
bool load_read(struct load *l, const char *path, struct err *e);
void load_free(struct load *l);

#endif
