/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/faults.h"

#include <stdlib.h>
#include <string.h>

/* Without memory it is counted like one too many. */
void
faults_add(struct faults *f, int line, const struct err *what)
{
    struct fault *grown;

    if (f->count == FAULTS_MAX || !(grown = realloc(f->fault, (size_t)(f->count + 1) * sizeof *grown))) {
        f->more++;
        return;
    }
    f->fault = grown;
    f->fault[f->count].line = line;
    f->fault[f->count++].what = *what;
}

/* Those of one line stay in the order in which they were found. */
void
faults_sort(struct faults *f)
{
    for (int i = 1; i < f->count; i++) {
        struct fault one = f->fault[i];
        int k = i;

        for (; k > 0 && f->fault[k - 1].line > one.line; k--)
            f->fault[k] = f->fault[k - 1];
        f->fault[k] = one;
    }
}

void
faults_free(struct faults *f)
{
    free(f->fault);
    memset(f, 0, sizeof *f);
}
