/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * checked: a file's report, for tests of inspectors.
 */
#ifndef TEST_KIT_CHECKED_H
#define TEST_KIT_CHECKED_H

#include "engine/check/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* To be closed; the test fails where there is none. */
static inline struct report *
check(const char *path, const struct curve *curve)
{
    struct check_options o = {.curve = curve, .threads = 1};
    struct report *r;
    struct err e;

    if (check_file(&r, path, &o, &e) != OK)
        fail_msg("%s", e.text);
    return r;
}

/* The first of the kind; NULL: there is none. */
static inline const struct finding *
finding_of(const struct report *r, const char *kind)
{
    for (int i = 0; i < report_findings(r); i++)
        if (strcmp(report_finding(r, i)->kind, kind) == 0)
            return report_finding(r, i);
    return NULL;
}

#endif
