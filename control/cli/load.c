/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/load.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct load *to;
    const char *file;
    struct err *e;
};

static bool
bad(const struct reader *r, int line, const struct err *why)
{
    return err_set(r->e, "%s:%d: %s", r->file, line, why->text);
}

static bool
is_setting(const struct param *p)
{
    bool saved = p->flags & PARAM_SAVED;

    if (p->flags & PARAM_READ_ONLY || p->type == PARAM_TRIGGER || p->type == PARAM_SERIES)
        return false;
    return p->owner == OWNER_CHAIN || p->owner == OWNER_MONITOR || p->owner == OWNER_VIEW ||
           ((p->owner == OWNER_PRINT || p->owner == OWNER_MEMORY) && saved);
}

static bool
keep(struct reader *r, struct load_value v)
{
    struct load *l = r->to;

    for (int i = 0; i < l->n; i++)
        if (l->value[i].id == v.id) {
            free(l->value[i].text);
            l->value[i] = v;
            return true;
        }
    l->value[l->n++] = v; /* there is room for each row */
    return true;
}

/* word: as a person writes it. */
static bool
take(struct reader *r, const char *path, const char *word, int line)
{
    struct load_value v = {.id = param_find(path), .line = line};
    struct err why;

    if (v.id < 0) {
        param_unknown(path, &why);
        return bad(r, line, &why);
    }
    if (!is_setting(param_at(v.id))) {
        r->to->skipped++;
        return true;
    }
    if (param_at(v.id)->type == PARAM_TEXT) {
        v.text = strdup(word);
        return v.text ? keep(r, v) : err_set(r->e, "no memory");
    }
    if (!param_parse(param_at(v.id), word, &v.number, &why))
        return bad(r, line, &why);
    return keep(r, v);
}

/* "PATH VALUE", the value to the end of the line; empty lines and those that begin with # are skipped. */
static bool
take_line(struct reader *r, char *text, int line)
{
    char *path = text + strspn(text, " \t"), *word = path + strcspn(path, " \t\r");
    size_t n;

    if (!*path || *path == '#' || *path == '\r')
        return true;
    if (*word)
        *word++ = '\0';
    word += strspn(word, " \t");
    for (n = strlen(word); n && isspace((unsigned char)word[n - 1]); n--)
        word[n - 1] = '\0';
    return take(r, path, word, line);
}

static bool
take_lines(struct reader *r, char *text)
{
    for (int line = 1; text; line++) {
        char *next = strchr(text, '\n');

        if (next)
            *next++ = '\0';
        if (!take_line(r, text, line))
            return false;
        text = next;
    }
    return true;
}

/* Where "PATH" is in the text. */
static int
line_of(const char *text, const char *path)
{
    char quoted[2 * PARAM_PATH_SIZE];
    const char *at;
    int line = 1;

    snprintf(quoted, sizeof quoted, "\"%s\"", path);
    at = strstr(text, quoted);
    for (const char *c = text; at && c < at; c++)
        line += *c == '\n';
    return line;
}

/* A value as a word; NULL: no kind that a setting has. */
static const char *
json_word(const json_t *value, char out[PARAM_VALUE_SIZE])
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_boolean(value))
        return json_is_true(value) ? "on" : "off";
    if (!json_is_number(value))
        return NULL;
    snprintf(out, PARAM_VALUE_SIZE, "%.9g", json_number_value(value));
    return out;
}

static bool
take_json(struct reader *r, const char *text)
{
    json_error_t error;
    json_t *all = json_loads(text, 0, &error), *one;
    const char *path;
    bool good = true;

    if (!all)
        return err_set(r->e, "%s:%d: %s", r->file, error.line, error.text);
    json_object_foreach(all, path, one)
    {
        char out[PARAM_VALUE_SIZE];
        const char *word = json_word(json_object_get(one, "value"), out);
        int line = line_of(text, path), id = param_find(path);

        if (!word && (id < 0 || is_setting(param_at(id))))
            good = err_set(r->e, "%s:%d: %s: has no \"value\" that can be set", r->file, line, path);
        else
            good = take(r, path, word ? word : "", line);
        if (!good)
            break;
    }
    json_decref(all);
    return good;
}

/* All of it, with a 0 behind; NULL after telling why. */
static char *
read_text(const char *path, struct err *e)
{
    FILE *f = fopen(path, "re"), *to = NULL;
    char *text = NULL, part[4096];
    size_t size, n;
    bool good;

    if (f)
        to = open_memstream(&text, &size);
    while (to && (n = fread(part, 1, sizeof part, f)) > 0)
        fwrite(part, 1, n, to);
    good = f && to && !ferror(f);
    if (!good)
        err_set(e, "%s: %s", path, strerror(errno));
    if (to)
        fclose(to);
    if (f)
        fclose(f);
    if (good)
        return text;
    free(text);
    return NULL;
}

bool
load_read(struct load *l, const char *path, struct err *e)
{
    struct reader r = {l, path, e};
    char *text;
    bool good;

    *l = (struct load){.value = calloc((size_t)params_count(), sizeof *l->value)};
    if (!l->value)
        return err_set(e, "no memory");
    text = read_text(path, e);
    if (!text)
        return false;
    good = text[strspn(text, " \t\r\n")] == '{' ? take_json(&r, text) : take_lines(&r, text);
    free(text);
    return good;
}

void
load_free(struct load *l)
{
    for (int i = 0; i < l->n; i++)
        free(l->value[i].text);
    free(l->value);
    *l = (struct load){0};
}
