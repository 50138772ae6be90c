/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/target.h"

#include "engine/folder.h"
#include "engine/word.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENDING ".yaml"

#define DEFAULT_CEILING_DBTP (-1.0) /* what nearly all services advise: the table of targets */

/* --- the form --- */

static const char *const kinds[] = {"streaming", "download", "delivery", "broadcast",
                                    "video",     "cd",       "vinyl",    "guideline"};
static const char *const gates[] = {"programme", "dialogue"};
static const char *const normalises[] = {"none", "down", "down_and_up"};
static const char *const units[] = {"track", "album", "loudest_track"};

#define AT(member) offsetof(struct target, member)
/* clang-format off */
#define TEXT(key, needed) {#key, FORM_TEXT, AT(key), needed, 0.0, 0.0, NULL, 0}
#define NUMBER(key, min, max) {#key, FORM_NUMBER, AT(key), false, min, max, NULL, 0}
#define NUMBERS(key, min, max) {#key, FORM_NUMBERS, AT(key), false, min, max, NULL, 0}
#define WORD(key, words, needed) {#key, FORM_WORD, AT(key), needed, 0.0, 0.0, words, LEN(words)}
#define YES_NO(key) {#key, FORM_YES_NO, AT(key), false, 0.0, 0.0, NULL, 0}
/* clang-format on */

static const struct form_field fields[] = {
    TEXT(title, true),
    WORD(kind, kinds, true),
    NUMBER(loudness_lufs, -60.0, 0.0),
    NUMBER(tolerance_lu, 0.0, 20.0),
    YES_NO(quieter_ok),
    WORD(gate, gates, false),
    WORD(normalise, normalises, true),
    WORD(unit, units, false),
    NUMBER(headroom_dbtp, -20.0, 0.0),
    NUMBER(limiter_dbfs, -20.0, 0.0),
    TEXT(adds, false),
    NUMBER(ceiling_dbtp, -20.0, 0.0),
    NUMBER(ceiling_loud_dbtp, -20.0, 0.0),
    YES_NO(ceiling_advised),
    NUMBER(max_short_term_lufs, -60.0, 0.0),
    NUMBER(range_min_lu, 0.0, 60.0),
    NUMBER(range_max_lu, 0.0, 60.0),
    NUMBERS(rates_hz, RATE_MIN_HZ, RATE_MAX_HZ),
    NUMBERS(bits, 8.0, 64.0),
    NUMBERS(channels, 1.0, 64.0),
    NUMBER(min_length_s, 0.0, 1e6),
    NUMBER(good_length_s, 0.0, 1e6),
    NUMBER(max_length_s, 0.0, 1e6),
    YES_NO(vinyl),
    YES_NO(cd),
    {"date", FORM_DATE, AT(date), true, 0.0, 0.0, NULL, 0},
    TEXT(source, true),
    TEXT(notes, false),
};

static const struct target blank = {
    .loudness_lufs = NAN,
    .tolerance_lu = NAN,
    .headroom_dbtp = NAN,
    .limiter_dbfs = NAN,
    .ceiling_dbtp = NAN,
    .ceiling_loud_dbtp = NAN,
    .max_short_term_lufs = NAN,
    .range_min_lu = NAN,
    .range_max_lu = NAN,
    .min_length_s = NAN,
    .good_length_s = NAN,
    .max_length_s = NAN,
};

static bool
lacks(struct sheet *s, const char *key, const char *wants, struct err *e)
{
    return sheet_complain(s, sheet_line_of_key(s, key), e, "%s: needs %s: add it", key, wants);
}

/* What one key asks of another. */
static bool
check_sense(struct sheet *s, const struct target *t, struct err *e)
{
    if (t->normalise != NORMALISE_NONE && isnan(t->loudness_lufs))
        return lacks(s, "normalise", "loudness_lufs", e);
    if (!isnan(t->tolerance_lu) && isnan(t->loudness_lufs))
        return lacks(s, "tolerance_lu", "loudness_lufs", e);
    if (!isnan(t->ceiling_loud_dbtp) && (isnan(t->ceiling_dbtp) || isnan(t->loudness_lufs)))
        return lacks(s, "ceiling_loud_dbtp", "ceiling_dbtp and loudness_lufs", e);
    if (t->normalise == NORMALISE_DOWN_AND_UP && isnan(t->headroom_dbtp) == isnan(t->limiter_dbfs))
        return sheet_complain(s, sheet_line_of_key(s, "normalise"), e,
                              "normalise: down_and_up goes up to headroom_dbtp or into a limiter at "
                              "limiter_dbfs: give one of them");
    if (t->range_min_lu > t->range_max_lu)
        return sheet_complain(s, sheet_line_of_key(s, "range_min_lu"), e,
                              "range_min_lu: %g is above range_max_lu, %g: swap them", t->range_min_lu,
                              t->range_max_lu);
    if (t->good_length_s > t->max_length_s || t->min_length_s > t->max_length_s)
        return sheet_complain(s, sheet_line_of_key(s, "max_length_s"), e,
                              "max_length_s: %g is below another length: make it the largest",
                              t->max_length_s);
    return true;
}

/* --- one file --- */

static char *
name_of_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = strdup(slash ? slash + 1 : path);
    size_t n = name ? strlen(name) : 0, end = strlen(ENDING);

    if (n > end && strcmp(name + n - end, ENDING) == 0)
        name[n - end] = '\0';
    return name;
}

static enum status
load_file(struct target **out, const char *path, struct err *e)
{
    static const struct sheet_kind kind = {"target", "engine/targets/spotify.yaml"};
    struct target *t = calloc(1, sizeof *t);
    struct sheet *s = NULL;
    enum status status = t ? sheet_open(&s, path, kind, e) : NO_MEM;

    *out = NULL;
    if (t)
        *t = blank;
    if (status == OK)
        status = form_fill(s, fields, LEN(fields), t, e);
    if (status == OK && !check_sense(s, t, e))
        status = BAD_ARG;
    if (status == OK && !(t->name = name_of_file(path)))
        status = NO_MEM;
    sheet_close(s);
    if (status == NO_MEM)
        err_set(e, "%.400s: no memory to read it", path);
    if (status == OK)
        *out = t;
    else
        target_free(t);
    return status;
}

void
target_free(struct target *t)
{
    if (!t)
        return;
    form_free(fields, LEN(fields), t);
    free(t->name);
    free(t);
}

/* --- folders and names --- */

enum { FOLDERS = 2 };

struct folders { /* where names are looked for, the first one wins */
    char dir[FOLDERS][FOLDER_PATH];
    int count;
};

static void
find_folders(struct folders *f)
{
    static const char *const places[] = {"engine/targets", "share/deadwax/targets"};
    const char *given = getenv("DEADWAX_TARGETS");

    f->count = 0;
    if (given && *given) {
        if (snprintf(f->dir[0], FOLDER_PATH, "%s", given) < FOLDER_PATH && folder_exists(f->dir[0]))
            f->count = 1;
        return;
    }
    if (folder_of_user("targets", f->dir[0], FOLDER_PATH) && folder_exists(f->dir[0]))
        f->count++;
    if (folder_near_program(places, LEN(places), folder_exists, f->dir[f->count], FOLDER_PATH))
        f->count++;
}

static bool
is_path(const char *name)
{
    size_t n = strlen(name), end = strlen(ENDING);

    return strchr(name, '/') || (n > end && strcmp(name + n - end, ENDING) == 0);
}

struct names {
    char **name;
    int count;
};

static void
names_free(struct names *n)
{
    for (int i = 0; i < n->count; i++)
        free(n->name[i]);
    free(n->name);
}

static bool
names_add(struct names *n, const char *file)
{
    char **more, *name = name_of_file(file);

    for (int i = 0; name && i < n->count; i++)
        if (strcmp(n->name[i], name) == 0) {
            free(name);
            return true;
        }
    more = name ? realloc(n->name, sizeof *more * (size_t)(n->count + 1)) : NULL;
    if (!more) {
        free(name);
        return false;
    }
    n->name = more;
    n->name[n->count++] = name;
    return true;
}

/* By bytes, so that it is the same in every locale. */
static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
names_find(struct names *n, const struct folders *f)
{
    bool ok = true;

    *n = (struct names){NULL, 0};
    for (int i = 0; i < f->count; i++) {
        DIR *d = opendir(f->dir[i]);

        for (struct dirent *entry; d && ok && (entry = readdir(d));)
            if (entry->d_name[0] != '.' && is_path(entry->d_name))
                ok = names_add(n, entry->d_name);
        if (d)
            closedir(d);
    }
    if (n->count)
        qsort(n->name, (size_t)n->count, sizeof *n->name, by_name);
    return ok;
}

static bool
path_of(const struct folders *f, const char *name, char *path, size_t size)
{
    for (int i = 0; i < f->count; i++)
        if (snprintf(path, size, "%s/%s" ENDING, f->dir[i], name) < (int)size && access(path, F_OK) == 0)
            return true;
    return false;
}

static enum status
no_folder(struct err *e)
{
    err_set(e, "no targets found near the program: set DEADWAX_TARGETS to the folder targets");
    return NOT_FOUND;
}

static enum status
unknown_name(const struct folders *f, const char *name, struct err *e)
{
    struct names n;

    if (!f->count)
        return no_folder(e);
    if (names_find(&n, f))
        err_set(e, "no target '%.100s': did you mean '%s'?", name,
                word_nearest(name, (const char *const *)n.name, (size_t)n.count));
    names_free(&n);
    return NOT_FOUND;
}

enum status
target_load(struct target **t, const char *name_or_path, struct err *e)
{
    char path[FOLDER_PATH + 300];
    struct folders f;

    *t = NULL;
    if (is_path(name_or_path))
        return load_file(t, name_or_path, e);
    find_folders(&f);
    if (!*name_or_path || name_or_path[0] == '.' || !path_of(&f, name_or_path, path, sizeof path))
        return unknown_name(&f, name_or_path, e);
    return load_file(t, path, e);
}

enum status
target_list(struct target ***targets, int *count, struct err *e)
{
    char path[FOLDER_PATH + 300];
    struct err passed = {""};
    struct folders f;
    struct names n;
    bool ok;

    *count = 0;
    *targets = NULL;
    find_folders(&f);
    if (!f.count)
        return no_folder(e);
    ok = names_find(&n, &f) && (*targets = calloc((size_t)n.count + 1, sizeof **targets));
    for (int i = 0; ok && i < n.count; i++)
        if (path_of(&f, n.name[i], path, sizeof path)) {
            enum status status = load_file(&(*targets)[*count], path, &passed);

            *count += status == OK;
            ok = status != NO_MEM;
        }
    names_free(&n);
    err_set(e, "%s", ok ? passed.text : "no memory for the targets");
    if (ok)
        return OK;
    target_free_list(*targets, *count);
    *targets = NULL;
    *count = 0;
    return NO_MEM;
}

void
target_free_list(struct target **targets, int count)
{
    for (int i = 0; i < count; i++)
        target_free(targets[i]);
    free(targets);
}

/* --- what it says --- */

const char *
target_name(const struct target *t)
{
    return t ? t->name : "";
}

double
target_ceiling_dbtp(const struct target *t)
{
    return t && !isnan(t->ceiling_dbtp) ? t->ceiling_dbtp : DEFAULT_CEILING_DBTP;
}

bool
target_is_vinyl(const struct target *t)
{
    return t && t->vinyl;
}

bool
target_is_cd(const struct target *t)
{
    return t && t->cd;
}

const char *
target_kind_name(int kind)
{
    return kinds[kind];
}

/* --- how it plays --- */

/* Up: until the true peak meets the headroom, never down for it. */
static double
up_db(const struct target *t, double wanted_db, double max_dbtp, char *rule, size_t size)
{
    double room_db = fmax(0.0, t->headroom_dbtp - max_dbtp);

    if (!isnan(t->limiter_dbfs)) {
        snprintf(rule, size, "turned up to %g LUFS, a limiter holds peaks at %g dBFS", t->loudness_lufs,
                 t->limiter_dbfs);
        return wanted_db;
    }
    if (isnan(max_dbtp)) {
        snprintf(rule, size, "turned up as far as its peak lets it, which was not measured");
        return NAN;
    }
    if (wanted_db <= room_db)
        snprintf(rule, size, "turned up to %g LUFS: its peak leaves room", t->loudness_lufs);
    else if (room_db > 0.0)
        snprintf(rule, size, "turned up until its peak meets %g dBTP, not to %g LUFS", t->headroom_dbtp,
                 t->loudness_lufs);
    else
        snprintf(rule, size, "not turned up: its peak has no room below %g dBTP", t->headroom_dbtp);
    return fmin(wanted_db, room_db);
}

/* The rule in words, without its end; what it turns. */
static double
turn_db(const struct target *t, double wanted_db, double max_dbtp, char *rule, size_t size)
{
    if (t->normalise == NORMALISE_NONE) {
        snprintf(rule, size, "played as it is");
        return 0.0;
    }
    if (isnan(wanted_db)) {
        snprintf(rule, size, "its loudness was not measured");
        return NAN;
    }
    if (wanted_db < 0.0) {
        snprintf(rule, size, "turned down to %g LUFS", t->loudness_lufs);
        return wanted_db;
    }
    if (wanted_db > 0.0 && t->normalise == NORMALISE_DOWN_AND_UP)
        return up_db(t, wanted_db, max_dbtp, rule, size);
    snprintf(rule, size, wanted_db > 0.0 ? "left below %g LUFS: nothing is turned up" : "at %g LUFS already",
             t->loudness_lufs);
    return 0.0;
}

double
target_gain_db(const struct target *t, double integrated_lufs, double max_dbtp, char *rule, size_t size)
{
    double gain_db = turn_db(t, t->loudness_lufs - integrated_lufs, max_dbtp, rule, size);
    size_t used = strlen(rule);

    snprintf(rule + used, size - used, "%s%s.", t->adds ? "; " : "", t->adds ? t->adds : "");
    return gain_db;
}
