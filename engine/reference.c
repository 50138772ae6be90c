/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/reference.h"

#include <stdio.h>
#include <string.h>

static void
load(void *with)
{
    struct reference_job *j = with;

    j->status = curve_load(&j->curve, j->path, &j->e);
}

void
reference_want(struct reference *r, const char *path)
{
    snprintf(r->wanted, sizeof r->wanted, "%s", path);
    r->there = false;
    r->done = !path[0];
}

/* What came is for who wanted something else meanwhile. */
static bool
is_wanted(const struct reference *r)
{
    return strcmp(r->job.path, r->wanted) == 0;
}

static void
send(struct reference *r)
{
    snprintf(r->job.path, sizeof r->job.path, "%s", r->wanted);
    errand_send(&r->errand, load, &r->job); /* no thread to be had: at the next tick */
}

bool
reference_tick(struct reference *r, struct err *e)
{
    if (errand_back(&r->errand) && !r->done && is_wanted(r)) {
        r->done = true;
        r->there = r->job.status == OK;
        r->curve = r->job.curve;
        err_set(e, "%s", r->there ? "" : r->job.e.text);
        return true;
    }
    if (!r->done && r->wanted[0] && !errand_is_out(&r->errand))
        send(r);
    return false;
}

const struct curve *
reference_curve(const struct reference *r)
{
    return r->there ? &r->curve : NULL;
}

void
reference_close(struct reference *r)
{
    errand_wait(&r->errand);
}
