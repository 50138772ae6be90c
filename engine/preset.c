/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/preset.h"

#include "engine/params.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *
trim(char *line)
{
    char *end = line + strcspn(line, "#\r\n");

    while (end > line && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    while (isspace((unsigned char)*line))
        line++;
    return line;
}

static bool
read_line(char *line, double *values, struct err *e)
{
    double value;
    int id;

    if (!*line)
        return true;
    if (!param_parse_assignment(line, &id, &value, e))
        return false;
    if (!(param_at(id)->flags & PARAM_SAVED))
        return err_set(e, "%s: is no part of a preset", param_at(id)->path);
    values[id] = value;
    return true;
}

enum status
preset_read(const char *path, double *values, struct err *e)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    bool ok = true;

    if (!f) {
        err_set(e, "%s: %s", path, strerror(errno));
        return NOT_FOUND;
    }
    for (int number = 1; ok && getline(&line, &size, f) > 0; number++) {
        ok = read_line(trim(line), values, e);
        if (!ok)
            err_prefix(e, "%s:%d", path, number);
    }
    if (ok && ferror(f))
        ok = err_set(e, "%s: %s", path, strerror(errno));
    free(line);
    fclose(f);
    return ok ? OK : BAD_ARG;
}
