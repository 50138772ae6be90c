/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/pagereader.h"

#include "engine/word.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void
reader_complain(struct reader *r, const char *key, const struct err *e)
{
    char where[128];

    r->faults++;
    snprintf(where, sizeof where, "%s%s%s", r->where, *key && *r->where ? "." : "", key);
    if (r->wrong)
        r->wrong(r->context, where, e);
}

void
reader_say(struct reader *r, const char *key, const char *format, ...)
{
    struct err e;
    char text[sizeof e.text];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    err_set(&e, "%s", text);
    reader_complain(r, key, &e);
}

/* page -1: all pages'. */
void
reader_at(struct reader *r, int page, unsigned assign)
{
    int used = page < 0 ? 0 : snprintf(r->where, sizeof r->where, "pages[%d].", page);

    snprintf(r->where + used, sizeof r->where - (size_t)used, "assign[%u]", assign);
}

void *
reader_take(struct reader *r, size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);

    r->no_mem = r->no_mem || !memory;
    return memory;
}

/* --- names --------------------------------------------------------------------------------------------- */

/* Which of `count` names is `name`; if none, says what it should have been. key: of the assignment. */
int
reader_name(struct reader *r, const char *key, const char *kind, const char *name, const char *const *names,
            int count)
{
    for (int i = 0; i < count; i++)
        if (names[i] && strcmp(names[i], name) == 0)
            return i;
    if (count == 0)
        reader_say(r, key, "%s '%.60s': the profile has no %s", kind, name, kind);
    else
        reader_say(r, key, "no %s '%.60s': did you mean '%s'?", kind, name,
                   word_nearest(name, names, (size_t)count));
    return -1;
}

/* offset: of the name within what is `size` bytes large. */
int
reader_name_in(struct reader *r, const char *key, const char *kind, const char *name, const void *array,
               unsigned count, size_t size, size_t offset)
{
    const char **names = reader_take(r, count, sizeof *names);
    int found;

    if (!names)
        return -1;
    for (unsigned i = 0; i < count; i++) {
        const char *at = (const char *)array + i * size + offset;

        names[i] = *(char *const *)at ? *(char *const *)at : "";
    }
    found = reader_name(r, key, kind, name, names, (int)count);
    free(names);
    return found;
}

/* --- rows ---------------------------------------------------------------------------------------------- */

/* # becomes the number. False: it is too long. */
static bool
number_path(const char *word, int number, char *path)
{
    size_t used = 0;

    for (; *word && used < PARAM_PATH_SIZE; word++)
        used += (size_t)snprintf(path + used, PARAM_PATH_SIZE - used, *word == '#' ? "%d" : "%c",
                                 *word == '#' ? number : *word);
    return used < PARAM_PATH_SIZE;
}

/* -1: told, or # is beyond the table's rows, which is no fault: *beyond. */
int
reader_row(struct reader *r, const char *key, const char *word, int number, bool *beyond)
{
    char path[PARAM_PATH_SIZE];
    struct err e;
    int id = number_path(word, number, path) ? param_find(path) : -1;

    *beyond = id < 0 && number > 1 && strchr(word, '#');
    if (id < 0 && !*beyond) {
        param_unknown(path, &e);
        reader_complain(r, key, &e);
    }
    return id;
}

/* As --set reads it, of readings too: rings show them. */
bool
reader_value(struct reader *r, const char *key, const struct param *row, const char *word, double *value)
{
    struct param p = *row;
    struct err e;

    p.flags &= ~(unsigned)PARAM_READ_ONLY;
    if (param_parse(&p, word, value, &e))
        return true;
    reader_complain(r, key, &e);
    return false;
}

/* Of a way, on the row's scale and in its unit. */
bool
reader_ends(struct reader *r, const struct param *row, const char *low, const char *high, struct ends *ends)
{
    bool good = true;

    *ends = (struct ends){0.0, 1.0, row->min, row->max};
    if (low && (good = reader_value(r, "low", row, low, &ends->low_value)))
        ends->low = param_to_norm(row, ends->low_value);
    if (high && reader_value(r, "high", row, high, &ends->high_value))
        ends->high = param_to_norm(row, ends->high_value);
    else if (high)
        good = false;
    return good;
}
