/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
err_set(struct err *e, const char *format, ...)
{
    va_list ap;

    if (!e)
        return false;
    va_start(ap, format);
    vsnprintf(e->text, sizeof e->text, format, ap);
    va_end(ap);
    return false;
}

bool
err_prefix(struct err *e, const char *format, ...)
{
    struct err rest;
    va_list ap;
    int used;

    if (!e)
        return false;
    rest = *e;
    va_start(ap, format);
    used = vsnprintf(e->text, sizeof e->text, format, ap);
    va_end(ap);
    if (used >= 0 && (size_t)used < sizeof e->text)
        snprintf(e->text + used, sizeof e->text - (size_t)used, ": %.900s", rest.text);
    return false;
}
