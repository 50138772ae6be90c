/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * err: one sentence for people: what, where, and the mend.
 */
#ifndef ENGINE_ERR_H
#define ENGINE_ERR_H

#include <stdbool.h>

struct err {
    char text[1024]; /* one line, no full stop, no newline */
};

/* Always false, so that a check can end in `return err_set(...)`. e may be NULL. */
bool err_set(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before what is there. */
bool err_prefix(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
