/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/form.h"

#include "engine/word.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 64 };

struct form {
    struct sheet *sheet;
    const struct form_field *field;
    int nfields;
    char *into;
    struct err *err;
    int mistakes;
    bool no_mem;
};

static void __attribute__((format(printf, 3, 4))) complain(struct form *f, int line, const char *format, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (f->mistakes++ == 0)
        sheet_complain(f->sheet, line, f->err, "%s", text);
    else
        sheet_complain_too(f->sheet, line, f->err, "%s", text);
}

/* --- values: false when it is not one --- */

static bool
read_number(const char *word, double *v)
{
    char *end;

    if (!word || !*word || isspace((unsigned char)*word))
        return false;
    *v = strtod(word, &end);
    return *end == '\0' && *v - *v == 0.0; /* neither NaN nor infinite */
}

static void
take_number(struct form *f, const struct form_field *field, const char *word, int line, double *to)
{
    double v;

    if (!read_number(word, &v))
        complain(f, line, "%s: '%.60s' is no number: give one", field->key, word ? word : "a list");
    else if (v < field->min || v > field->max)
        complain(f, line, "%s: %g is out of range: use %g to %g", field->key, v, field->min, field->max);
    else
        *to = v;
}

static bool
is_date(const char *word)
{
    static const char pattern[] = "dddd-dd-dd";
    size_t n = strlen(word);

    if (n != 4 && n != 7 && n != 10)
        return false;
    for (size_t i = 0; i < n; i++)
        if (pattern[i] == 'd' ? !isdigit((unsigned char)word[i]) : word[i] != pattern[i])
            return false;
    return true;
}

static void
take_text(struct form *f, const struct form_field *field, const char *word, int line)
{
    char **to = (char **)(f->into + field->offset);

    if (!word)
        complain(f, line, "%s: a list: write one text, in quotes if it has a colon", field->key);
    else if (!*word)
        complain(f, line, "%s: is empty: fill it in, or leave the line out where it may be", field->key);
    else if (strlen(word) > FORM_TEXT_MAX)
        complain(f, line, "%s: has more than %d letters: make it shorter", field->key, FORM_TEXT_MAX);
    else if (field->kind == FORM_DATE && !is_date(word))
        complain(f, line, "%s: '%.40s' is no date: write 2024-05-31, 2024-05 or 2024", field->key, word);
    else {
        free(*to);
        *to = strdup(word);
        f->no_mem = f->no_mem || !*to;
    }
}

static void
take_yes_no(struct form *f, const struct form_field *field, const char *word, int line)
{
    static const char *const words[] = {"no", "false", "yes", "true"};

    for (size_t i = 0; word && i < LEN(words); i++)
        if (strcmp(word, words[i]) == 0) {
            *(bool *)(f->into + field->offset) = i >= 2;
            return;
        }
    complain(f, line, "%s: '%.60s' is neither: write yes or no", field->key, word ? word : "a list");
}

static void
take_word(struct form *f, const struct form_field *field, const char *word, int line)
{
    for (int i = 0; word && i < field->nwords; i++)
        if (strcmp(word, field->words[i]) == 0) {
            *(int *)(f->into + field->offset) = i;
            return;
        }
    complain(f, line, "%s: unknown '%.60s': did you mean '%s'?", field->key, word ? word : "a list",
             word_nearest(word ? word : "", field->words, (size_t)field->nwords));
}

/* One number may stand without brackets. */
static void
take_numbers(struct form *f, const struct form_field *field, int key, int line)
{
    struct form_numbers *to = (struct form_numbers *)(f->into + field->offset);
    int items = sheet_items(f->sheet, key);

    to->count = 0;
    if (items > FORM_NUMBERS_MAX)
        complain(f, line, "%s: has %d numbers: give %d at most", field->key, items, FORM_NUMBERS_MAX);
    if (items < 0)
        take_number(f, field, sheet_value(f->sheet, key), line, &to->value[to->count++]);
    for (int i = 0; i < items && i < FORM_NUMBERS_MAX; i++) {
        const char *word = sheet_item(f->sheet, key, i, &line);

        take_number(f, field, word, line, &to->value[to->count++]);
    }
}

/* --- keys --- */

static const struct form_field *
field_of(const struct form *f, const char *key)
{
    for (int i = 0; i < f->nfields; i++)
        if (strcmp(f->field[i].key, key) == 0)
            return &f->field[i];
    return NULL;
}

static void
complain_of_key(struct form *f, const char *key, int line)
{
    const char *keys[FIELDS_MAX];
    size_t n = 0;

    for (; n < (size_t)f->nfields && n < FIELDS_MAX; n++)
        keys[n] = f->field[n].key;
    complain(f, line, "unknown key '%.60s': did you mean '%s'?", key, word_nearest(key, keys, n));
}

static void
take(struct form *f, const struct form_field *field, int key, int line)
{
    const char *word = sheet_value(f->sheet, key);

    switch (field->kind) {
    case FORM_TEXT:
    case FORM_DATE: take_text(f, field, word, line); break;
    case FORM_NUMBER: take_number(f, field, word, line, (double *)(f->into + field->offset)); break;
    case FORM_YES_NO: take_yes_no(f, field, word, line); break;
    case FORM_WORD: take_word(f, field, word, line); break;
    case FORM_NUMBERS: take_numbers(f, field, key, line); break;
    }
}

enum status
form_fill(struct sheet *s, const struct form_field *fields, int nfields, void *into, struct err *e)
{
    struct form f = {.sheet = s, .field = fields, .nfields = nfields, .into = into, .err = e};
    bool seen[FIELDS_MAX] = {false};
    int line, last = 1;

    for (int i = 0; i < sheet_keys(s); i++) {
        const char *key = sheet_key(s, i, &line);
        const struct form_field *field = field_of(&f, key);

        last = line;
        if (!field)
            complain_of_key(&f, key, line);
        else if (seen[field - fields])
            complain(&f, line, "%s is there twice: keep one", key);
        else
            take(&f, field, i, line);
        if (field)
            seen[field - fields] = true;
    }
    for (int i = 0; i < nfields; i++)
        if (fields[i].needed && !seen[i])
            complain(&f, last, "%s is missing: add it", fields[i].key);
    if (f.no_mem)
        sheet_complain(s, 1, e, "no memory to read it");
    return f.no_mem ? NO_MEM : f.mistakes ? BAD_ARG : OK;
}

void
form_free(const struct form_field *fields, int nfields, void *into)
{
    for (int i = 0; i < nfields; i++)
        if (fields[i].kind == FORM_TEXT || fields[i].kind == FORM_DATE) {
            char **text = (char **)((char *)into + fields[i].offset);

            free(*text);
            *text = NULL;
        }
}
