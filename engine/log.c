/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/log.h"

#include "engine/params.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- writing -------------------------------------------------------------------------------------- */

/* Was the last who wrote here killed in the middle of a line? */
static bool
ends_in_mid_line(const char *path)
{
    struct stat st;
    FILE *f = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "re") : NULL;
    bool cut = f && fseek(f, -1, SEEK_END) == 0 && fgetc(f) != '\n';

    if (f)
        fclose(f);
    return cut;
}

enum status
log_open(struct log *l, const char *path, struct err *e)
{
    bool cut = ends_in_mid_line(path);

    *l = (struct log){.file = fopen(path, "ae")};
    if (l->file && cut)
        fputc('\n', l->file);
    if (l->file)
        return OK;
    err_set(e, "%s: the log can't be written: %s", path, strerror(errno));
    return IO_ERROR;
}

void
log_close(struct log *l)
{
    if (l->file)
        fclose(l->file);
    l->file = NULL;
}

static void
write_line(struct log *l, json_t *line)
{
    if (l->file && json_dumpf(line, l->file, JSON_COMPACT | JSON_REAL_PRECISION(17)) == 0)
        fputc('\n', l->file);
    json_decref(line);
}

static json_t *
text(const char *s)
{
    json_t *t = json_string(s);

    return t ? t : json_string("(not UTF-8)");
}

static json_t *
saved_settings(const double *values)
{
    json_t *settings = json_object();

    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);
        bool moves = p->owner == OWNER_CHAIN || p->owner == OWNER_MONITOR;

        if (moves && (p->flags & PARAM_AUTOMATED) && values[i] != p->def)
            json_object_set_new(settings, p->path, json_real(values[i]));
    }
    return settings;
}

void
log_header(struct log *l, double rate_hz, const char *source, const char *const *files, int nfiles,
           const double *values)
{
    json_t *list;

    if (!l->file)
        return;
    list = json_array();
    for (int i = 0; i < nfiles; i++)
        json_array_append_new(list, text(files[i]));
    write_line(l, json_pack("{s:s, s:f, s:s, s:o, s:o}", "deadwax", DEADWAX_VERSION, "rate", rate_hz,
                            "source", source, "files", list, "settings", saved_settings(values)));
}

void
log_set(struct log *l, uint64_t frame, int param, double value, const char *by)
{
    if (l->file)
        write_line(l, json_pack("{s:I, s:s, s:f, s:o}", "frame", (json_int_t)frame, "set",
                                param_at(param)->path, "value", value, "by", text(by)));
}

void
log_player(struct log *l, const struct player_notice *n)
{
    if (!l->file)
        return;
    if (n->kind == PLAYER_BEGAN)
        write_line(l, json_pack("{s:I, s:{s:i, s:I}}", "frame", (json_int_t)n->frame, "begin", "track",
                                n->track, "position", (json_int_t)n->position));
    else if (n->kind == PLAYER_ENDED)
        write_line(l,
                   json_pack("{s:I, s:{s:b}}", "frame", (json_int_t)n->frame, "end", "faded", (int)n->faded));
}

static const char *
print_word(const char *path, int value)
{
    return param_at(param_find(path))->names[value];
}

void
log_print(struct log *l, uint64_t frame, const char *file, const struct print_settings *s)
{
    json_t *line;

    if (!l->file)
        return;
    line = json_pack("{s:I, s:s, s:o}", "frame", (json_int_t)frame, "print", s ? "began" : "ended", "file",
                     text(file));
    if (s)
        json_object_update_new(line, json_pack("{s:s, s:s, s:I, s:b}", "format",
                                               print_word("/print/format", s->format), "dither",
                                               print_word("/print/dither", s->dither.shape), "seed",
                                               (json_int_t)s->dither.seed, "blank", (int)s->dither.blank));
    write_line(l, line);
}

bool
log_flush(struct log *l, struct err *e)
{
    if (!l->file || l->failed || (fflush(l->file) == 0 && !ferror(l->file)))
        return true;
    l->failed = true;
    return err_set(e, "the log can't be written any more: %s", strerror(errno));
}

/* --- reading -------------------------------------------------------------------------------------- */

void
take_free(struct take *t)
{
    for (int i = 0; i < t->nfiles; i++)
        free(t->files[i]);
    free(t->files);
    free(t->values);
    free(t->move);
    *t = (struct take){0};
}

static bool
read_settings(struct take *t, json_t *settings, struct err *e)
{
    const char *path;
    json_t *value;

    t->values = calloc((size_t)params_count(), sizeof *t->values);
    if (!t->values)
        return err_set(e, "out of memory");
    for (int i = 0; i < params_count(); i++)
        t->values[i] = param_at(i)->def;
    json_object_foreach(settings, path, value)
    {
        int id = param_find(path);

        if (id < 0)
            return param_unknown(path, e);
        if (!json_is_number(value))
            return err_set(e, "%s: is no number", path);
        if (!param_check(param_at(id), json_number_value(value), e))
            return false;
        t->values[id] = json_number_value(value);
    }
    return true;
}

static bool
read_header(struct take *t, json_t *line, struct err *e)
{
    json_t *files = json_object_get(line, "files");
    const char *source = json_string_value(json_object_get(line, "source"));

    t->rate_hz = json_number_value(json_object_get(line, "rate"));
    if (!rate_ok(t->rate_hz))
        return err_set(e, "\"rate\" is missing or out of range");
    t->live = source && strcmp(source, "input") == 0;
    t->nfiles = 0;
    t->files = calloc(json_array_size(files) + 1, sizeof *t->files);
    for (size_t i = 0; t->files && i < json_array_size(files); i++) {
        const char *file = json_string_value(json_array_get(files, i));

        t->files[t->nfiles] = strdup(file ? file : "");
        if (!t->files[t->nfiles++])
            return err_set(e, "out of memory");
    }
    return read_settings(t, json_object_get(line, "settings"), e);
}

static bool
read_set(struct take_move *m, json_t *line, struct err *e)
{
    const char *path = json_string_value(json_object_get(line, "set"));
    json_t *value = json_object_get(line, "value");

    m->kind = TAKE_SET;
    m->param = param_find(path ? path : "");
    m->value = json_number_value(value);
    if (m->param < 0)
        return param_unknown(path ? path : "", e);
    if (!json_is_number(value))
        return err_set(e, "\"value\" is missing");
    return param_check(param_at(m->param), m->value, e);
}

static bool
read_print_word(struct take *t, const char *path, json_t *word, struct err *e)
{
    int id = param_find(path);

    return !word ||
           (json_is_string(word) ? param_parse(param_at(id), json_string_value(word), &t->values[id], e)
                                 : err_set(e, "%s: is no word", path));
}

/* What a print of old does not tell was as in force then: no blanking. */
static bool
read_print_settings(struct take *t, json_t *line, struct err *e)
{
    int seed = param_find("/print/seed");

    t->values[param_find("/print/blank")] = json_is_true(json_object_get(line, "blank"));
    t->values[seed] = json_number_value(json_object_get(line, "seed"));
    return param_check(param_at(seed), t->values[seed], e) &&
           read_print_word(t, "/print/format", json_object_get(line, "format"), e) &&
           read_print_word(t, "/print/dither", json_object_get(line, "dither"), e);
}

static bool
read_print(struct take *t, struct take_move *m, json_t *line, struct err *e)
{
    const char *what = json_string_value(json_object_get(line, "print"));
    bool began = what && strcmp(what, "began") == 0;

    m->kind = began ? TAKE_PRINT_BEGAN : TAKE_PRINT_ENDED;
    if (began) {
        t->printed = true;
        t->print_from = m->frame;
        t->print_to = UINT64_MAX;
    } else if (t->printed) {
        t->print_to = m->frame;
    }
    return !began || read_print_settings(t, line, e);
}

static bool
read_move(struct take *t, json_t *line, struct err *e)
{
    json_t *begin = json_object_get(line, "begin"), *end = json_object_get(line, "end");
    json_t *frame = json_object_get(line, "frame");
    struct take_move m = {.frame = (uint64_t)json_integer_value(frame)}, *more;

    if (frame && (!json_is_integer(frame) || json_integer_value(frame) < 0))
        frame = NULL;
    if (json_object_get(line, "set")) {
        if (!read_set(&m, line, e))
            return false;
    } else if (begin) {
        m.kind = TAKE_BEGIN;
        m.track = (int)json_integer_value(json_object_get(begin, "track"));
        m.position = json_integer_value(json_object_get(begin, "position"));
    } else if (end) {
        m.kind = TAKE_END;
        m.faded = json_is_true(json_object_get(end, "faded"));
    } else if (json_object_get(line, "print")) {
        if (!read_print(t, &m, line, e))
            return false;
    } else {
        return err_set(e, "a line that is no move: update Deadwax, or remove the line");
    }
    if (!frame)
        return err_set(e, "\"frame\" is missing or no frame");
    if ((t->nmoves & (t->nmoves + 1)) == 0) { /* room for 1, 3, 7... */
        more = realloc(t->move, sizeof *more * 2 * (size_t)(t->nmoves + 1));
        if (!more)
            return err_set(e, "out of memory");
        t->move = more;
    }
    t->move[t->nmoves++] = m;
    return true;
}

/* A new header ends the take before; the one with a print is kept. */
static bool
read_line(struct take *t, struct take *kept, json_t *line, struct err *e)
{
    if (json_object_get(line, "deadwax")) {
        if (t->printed || !kept->printed) {
            take_free(kept);
            *kept = *t;
        } else {
            take_free(t);
        }
        *t = (struct take){0};
        return read_header(t, line, e);
    }
    if (!t->values)
        return err_set(e, "a move ahead of the first header");
    return read_move(t, line, e);
}

/*
 * A line that was cut when its writer was killed is no loss. It is the last one
 * of its take: behind it are the next header or the end of the file.
 */
static bool
read_lines(FILE *f, struct take *t, struct take *kept, const char *path, struct err *e)
{
    char *text_line = NULL;
    size_t size = 0;
    int number = 0, cut = 0;
    bool ok = true;
    struct err reason;

    while (ok && getline(&text_line, &size, f) > 0) {
        json_error_t error;
        json_t *line = json_loads(text_line, 0, &error);

        number++;
        if (!line && !cut && (text_line[0] == '{' || !strchr(text_line, '\n'))) {
            cut = number;
            err_set(&reason, "no JSON: %s", error.text);
            continue;
        }
        if (cut && !json_object_get(line, "deadwax")) {
            ok = err_set(e, "%s", reason.text);
            number = cut;
        } else {
            ok = line ? read_line(t, kept, line, e) : err_set(e, "no JSON: %s", error.text);
        }
        cut = 0;
        if (!ok)
            err_prefix(e, "%s:%d", path, number);
        json_decref(line);
    }
    if (ok && ferror(f))
        ok = err_set(e, "%s: %s", path, strerror(errno));
    free(text_line);
    return ok;
}

enum status
take_read(struct take *t, const char *path, struct err *e)
{
    struct take kept = {0};
    FILE *f = fopen(path, "re");
    bool ok;

    *t = (struct take){0};
    if (!f) {
        err_set(e, "%s: %s", path, strerror(errno));
        return NOT_FOUND;
    }
    ok = read_lines(f, t, &kept, path, e);
    fclose(f);
    if (ok && !t->values)
        ok = err_set(e, "%s: holds no take: it has no header line", path);
    if (ok && kept.printed && !t->printed) {
        take_free(t);
        *t = kept;
        return OK;
    }
    take_free(&kept);
    if (!ok)
        take_free(t);
    return ok ? OK : BAD_ARG;
}
