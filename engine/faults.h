/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * faults: all that is wrong with a file, in the order of its lines.
 */
#ifndef ENGINE_FAULTS_H
#define ENGINE_FAULTS_H

#include "engine/err.h"

enum { FAULTS_MAX = 100 };

struct fault {
    int line;
    struct err what; /* "FILE:LINE: what: mend" */
};

struct faults { /* all zero: none */
    struct fault *fault;
    int count;
    int more; /* beyond FAULTS_MAX */
};

void faults_add(struct faults *f, int line, const struct err *what);
void faults_sort(struct faults *f);
void faults_free(struct faults *f);

#endif
