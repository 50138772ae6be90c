/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reference: the tonal balance that the master is held against: a file's, or one of many files (deadwax check --curve).
 * It is read through on a thread of its own; the control thread looks whether it is there.
 */
#ifndef ENGINE_REFERENCE_H
#define ENGINE_REFERENCE_H

#include "engine/check/curve.h"
#include "engine/errand.h"
#include "engine/params.h"

struct reference_job { /* the errand's while it is out */
    char path[PARAM_TEXT_SIZE];
    struct curve curve;
    enum status status;
    struct err e;
};

struct reference { /* all zero: none */
    struct errand errand;
    struct reference_job job;
    char wanted[PARAM_TEXT_SIZE]; /* "": none */
    struct curve curve;
    bool there; /* curve is of `wanted` */
    bool done;  /* with it, found or not */
};

/* At once or once the one under way has come back; the last one wins. */
void reference_want(struct reference *r, const char *path);
/* True once for each that has come: e->text is empty, or says why there is none. */
bool reference_tick(struct reference *r, struct err *e);
/* NULL: none, or not there yet. */
const struct curve *reference_curve(const struct reference *r);
/* Waits for what is under way. */
void reference_close(struct reference *r);

#endif
