/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/saved.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
saved_write(FILE *f, const struct param *p, double value)
{
    char word[PARAM_VALUE_SIZE];

    if (p->type == PARAM_ENUM || p->type == PARAM_BOOL)
        param_format(p, value, word, sizeof word);
    else
        snprintf(word, sizeof word, "%.17g", value);
    fprintf(f, "%s=%s\n", p->path, word);
}

void
saved_write_text(FILE *f, const struct param *p, const char *text)
{
    fprintf(f, "%s=", p->path);
    for (; *text; text++)
        if (*text == '\n')
            fputs("\\n", f);
        else if (*text == '\r')
            fputs("\\r", f);
        else if (*text == '\\')
            fputs("\\\\", f);
        else
            putc(*text, f);
    putc('\n', f);
}

static void
unescape(char *text)
{
    char *to = text;

    for (; *text; text++)
        if (text[0] == '\\' && text[1]) {
            text++;
            *to++ = *text == 'n' ? '\n' : *text == 'r' ? '\r' : *text;
        } else {
            *to++ = *text;
        }
    *to = '\0';
}

static void
strange(struct saved *s, const char *line)
{
    size_t used = strlen(s->strange), n = strcspn(line, "=");

    s->nstrange++;
    if (n < PARAM_PATH_SIZE && used + n + 3 < sizeof s->strange)
        snprintf(s->strange + used, sizeof s->strange - used, "%s%.*s", used ? ", " : "", (int)n, line);
}

static void
cut_end(char *line)
{
    size_t n = strlen(line);

    while (n && isspace((unsigned char)line[n - 1]))
        line[--n] = '\0';
}

static void
take(struct saved *s, char *line)
{
    char path[PARAM_PATH_SIZE], *equals = strchr(line, '=');
    const struct param *p;
    double value;

    if (!equals || (size_t)(equals - line) >= sizeof path) {
        strange(s, line);
        return;
    }
    snprintf(path, sizeof path, "%.*s", (int)(equals - line), line);
    p = param_at(param_find(path));
    if (!p || !s->wants(p)) {
        strange(s, line);
    } else if (p->type == PARAM_TEXT) {
        unescape(equals + 1);
        s->text(s->context, param_find(path), equals + 1);
    } else {
        equals[1 + strcspn(equals + 1, "#")] = '\0';
        cut_end(equals);
        if (param_parse(p, equals + 1, &value, NULL))
            s->values[param_find(path)] = value;
        else
            strange(s, line);
    }
}

enum status
saved_read(struct saved *s, const char *path, struct err *e)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    bool ok;

    if (!f) {
        err_set(e, "%s: %s", path, strerror(errno));
        return NOT_FOUND;
    }
    while (getline(&line, &size, f) > 0) {
        char *start = line + strspn(line, " \t");

        start[strcspn(start, "\r\n")] = '\0';
        if (*start && *start != '#')
            take(s, start);
    }
    ok = !ferror(f);
    if (!ok)
        err_set(e, "%s: %s", path, strerror(errno));
    free(line);
    fclose(f);
    return ok ? OK : IO_ERROR;
}
