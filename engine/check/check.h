/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check: quality control of files: each is heard once by all inspectors, and a report comes of it.
 */
#ifndef ENGINE_CHECK_CHECK_H
#define ENGINE_CHECK_CHECK_H

#include "engine/check/inspect.h"

struct check_options {
    const struct target *target; /* NULL: none */
    const char *reference;       /* NULL: none */
    const struct curve *curve;   /* NULL: none */
    struct album *album;         /* NULL: none */
    bool codec;
    int threads; /* 0: as many as there are processors */
    /* Told now and then how much of the file is through, 0..1; NULL: nobody. */
    void (*progress)(void *who, double done);
    void *who;
};

/* As sound_open, and what an inspector's open says. After an error *r is NULL. */
enum status check_file(struct report **r, const char *path, const struct check_options *o, struct err *e);

#endif
