/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/preset.h"

#include "engine/folder.h"
#include "engine/params.h"
#include "engine/saved.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_SIZE = 64 };

#define ENDING ".preset"

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

/* --- folders and names ------------------------------------------------------------------------------ */

static bool
ours(char *dir, size_t size)
{
    static const char *const places[] = {"engine/presets", "share/deadwax/presets"};

    return folder_near_program(places, LEN(places), folder_exists, dir, size);
}

/* Letters, digits, - and _, with at most one '/' between. */
static bool
is_name(const char *name)
{
    const char *slash = strchr(name, '/');
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/");

    return n > 0 && n < NAME_SIZE && !name[n] && name[0] != '/' && name[n - 1] != '/' &&
           (!slash || !strchr(slash + 1, '/'));
}

static bool
is_file(const char *name)
{
    return name[0] == '/' || strchr(name, '.') || access(name, R_OK) == 0;
}

static bool
readable(const char *dir, const char *name, char *path, size_t size)
{
    return snprintf(path, size, "%s/%s" ENDING, dir, name) < (int)size && access(path, R_OK) == 0;
}

enum status
preset_find(const char *name, char *path, size_t size, struct err *e)
{
    char dir[FOLDER_PATH];

    if (is_name(name) && ((folder_of_user("presets", dir, sizeof dir) && readable(dir, name, path, size)) ||
                          (ours(dir, sizeof dir) && readable(dir, name, path, size))))
        return OK;
    if (is_file(name) && snprintf(path, size, "%s", name) < (int)size)
        return OK;
    err_set(e, "%s: no such preset: \"deadwax preset list\" names them", name);
    return NOT_FOUND;
}

/* --- loading ---------------------------------------------------------------------------------------- */

/* The stage that a name is for, with its '/', or "" for the whole chain. Of a file: the whole chain. */
static void
stage_of(const char *name, char *stage)
{
    const char *slash = is_name(name) ? strchr(name, '/') : NULL;

    stage[0] = '\0';
    if (slash)
        snprintf(stage, NAME_SIZE, "/%.*s/", (int)(slash - name), name);
}

static bool
belongs(const struct param *p, const char *stage)
{
    return p->owner == OWNER_CHAIN && (p->flags & PARAM_SAVED) && strncmp(p->path, stage, strlen(stage)) == 0;
}

enum status
preset_begin(const char *name, double *values, struct err *e)
{
    char path[FOLDER_PATH];
    enum status status = preset_find(name, path, sizeof path, e);

    return status == OK ? preset_read(path, values, e) : status;
}

enum status
preset_load(const char *name, double *values, struct err *e)
{
    char path[FOLDER_PATH], stage[NAME_SIZE];
    size_t size = sizeof *values * (size_t)params_count();
    double *read = malloc(size);
    enum status status = read ? preset_find(name, path, sizeof path, e) : NO_MEM;

    stage_of(name, stage);
    for (int i = 0; status == OK && i < params_count(); i++) {
        const struct param *p = param_at(i);

        read[i] = belongs(p, stage) && !(p->flags & PARAM_DESK) ? p->def : values[i];
    }
    if (status == OK)
        status = preset_read(path, read, e);
    for (int i = 0; status == OK && i < params_count(); i++)
        if (read[i] != values[i] && !belongs(param_at(i), stage)) {
            err_set(e, "%s: %s is no part of a preset for %s", path, param_at(i)->path,
                    *stage ? stage : "the chain");
            status = BAD_ARG;
        }
    if (status == OK)
        memcpy(values, read, size);
    free(read);
    return status;
}

/* --- saving ----------------------------------------------------------------------------------------- */

static bool
write_rows(FILE *f, const char *name, const double *values)
{
    char stage[NAME_SIZE];

    stage_of(name, stage);
    for (int i = 0; i < params_count(); i++)
        if (belongs(param_at(i), stage) && values[i] != param_at(i)->def)
            saved_write(f, param_at(i), values[i]);
    return !ferror(f);
}

/* Whole or not at all. */
static bool
write_file(const char *path, const char *name, const double *values)
{
    char new[FOLDER_PATH + 8], old[FOLDER_PATH + 8];
    FILE *f;
    bool ok;

    snprintf(new, sizeof new, "%s.new", path);
    snprintf(old, sizeof old, "%s~", path);
    f = fopen(new, "we");
    ok = f && write_rows(f, name, values);
    if (f && fclose(f) != 0)
        ok = false;
    if (ok && access(path, F_OK) == 0)
        ok = rename(path, old) == 0;
    return ok && rename(new, path) == 0;
}

enum status
preset_save(const char *name, const double *values, struct err *e)
{
    char dir[FOLDER_PATH], path[FOLDER_PATH];

    if (!is_name(name)) {
        err_set(
            e, "\"%s\" is no name for a preset: use letters, digits, - and _, and STAGE/ ahead for one stage",
            name);
        return BAD_ARG;
    }
    if (!folder_of_user("presets", dir, sizeof dir) ||
        snprintf(path, sizeof path, "%s/%s" ENDING, dir, name) >= (int)sizeof path) {
        err_set(e, "no home folder to keep presets in: set HOME");
        return NOT_FOUND;
    }
    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(path, '/') - path), path);
    if (!folder_make(dir) || !write_file(path, name, values)) {
        err_set(e, "%s: %s", path, strerror(errno));
        return IO_ERROR;
    }
    return OK;
}

/* --- listing ---------------------------------------------------------------------------------------- */

struct list {
    struct preset_entry *entry;
    int count;
};

/* The file's first comment. */
static char *
title_of(const char *path)
{
    FILE *f = fopen(path, "re");
    char *line = NULL, *text = NULL;
    size_t size = 0;

    if (f && getline(&line, &size, f) > 0 && line[0] == '#') {
        char *from = line + 1 + strspn(line + 1, " ");

        from[strcspn(from, "\r\n")] = '\0';
        text = strdup(from);
    }
    free(line);
    if (f)
        fclose(f);
    return text ? text : strdup("");
}

static bool
has(const struct list *l, const char *name)
{
    for (int i = 0; i < l->count; i++)
        if (strcmp(l->entry[i].name, name) == 0)
            return true;
    return false;
}

static bool
list_add(struct list *l, const char *name, const char *path)
{
    struct preset_entry *more = realloc(l->entry, sizeof *more * (size_t)(l->count + 1));
    struct preset_entry *new;

    if (!more)
        return false;
    l->entry = more;
    new = &l->entry[l->count++];
    *new = (struct preset_entry){strdup(name), strdup(path), title_of(path)};
    return new->name &&new->path &&new->text;
}

/* prefix: "" or "eq/". Folders one deep. */
static bool
list_folder(struct list *l, const char *dir, const char *prefix)
{
    DIR *d = opendir(dir);
    bool ok = true;

    for (struct dirent *entry; d && ok && (entry = readdir(d));) {
        size_t n = strlen(entry->d_name), end = strlen(ENDING);
        char path[FOLDER_PATH], name[2 * NAME_SIZE];

        if (entry->d_name[0] == '.' ||
            snprintf(path, sizeof path, "%s/%s", dir, entry->d_name) >= (int)sizeof path)
            continue;
        if (!*prefix && folder_exists(path)) {
            snprintf(name, sizeof name, "%.60s/", entry->d_name);
            ok = list_folder(l, path, name);
        } else if (n > end && strcmp(entry->d_name + n - end, ENDING) == 0) {
            snprintf(name, sizeof name, "%s%.*s", prefix, (int)(n - end), entry->d_name);
            ok = !is_name(name) || has(l, name) || list_add(l, name, path);
        }
    }
    if (d)
        closedir(d);
    return ok;
}

/* Those for the whole chain first, then by stage. */
static int
by_name(const void *a, const void *b)
{
    const struct preset_entry *x = a, *y = b;
    bool in_x = strchr(x->name, '/'), in_y = strchr(y->name, '/');

    return in_x != in_y ? in_x - in_y : strcmp(x->name, y->name);
}

enum status
preset_list(struct preset_entry **entries, int *count)
{
    struct list l = {0};
    char dir[FOLDER_PATH];
    bool ok = !folder_of_user("presets", dir, sizeof dir) || list_folder(&l, dir, "");

    if (ok && ours(dir, sizeof dir))
        ok = list_folder(&l, dir, "");
    if (!ok) {
        preset_free_list(l.entry, l.count);
        return NO_MEM;
    }
    if (l.count)
        qsort(l.entry, (size_t)l.count, sizeof *l.entry, by_name);
    *entries = l.entry;
    *count = l.count;
    return OK;
}

void
preset_free_list(struct preset_entry *entries, int count)
{
    for (int i = 0; i < count; i++) {
        free(entries[i].name);
        free(entries[i].path);
        free(entries[i].text);
    }
    free(entries);
}
