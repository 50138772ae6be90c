/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reporttext: results as a terminal shows them, in 80 columns: verdict, what is wrong, figures.
 *
 * Names of files and what inspectors say can't steer the terminal (control/cli/line).
 */
#ifndef CONTROL_CLI_REPORTTEXT_H
#define CONTROL_CLI_REPORTTEXT_H

#include "control/cli/results.h"

#include <stdio.h>

struct reporttext {
    FILE *out;
    bool utf8, colour;
};

/* For standard output as it is: colours on a terminal that can show them, unless NO_COLOR is set. */
struct reporttext reporttext_here(void);
/* A table that compares them when there are several; then each. */
void reporttext_write(const struct reporttext *t, const struct results *r);

#endif
