/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAST_WORDS = 24 }; /* of a difference that is cut: "... and 123 more" */

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_";

enum status
snapshots_prepare(struct snapshots *s)
{
    *s = (struct snapshots){.locked = calloc((size_t)params_count(), sizeof *s->locked)};
    return s->locked ? OK : NO_MEM;
}

void
snapshots_free(struct snapshots *s)
{
    for (int i = 0; i < s->n; i++)
        free(s->at[i].value);
    free(s->at);
    free(s->locked);
    *s = (struct snapshots){0};
}

/* --- what is in one --------------------------------------------------------------------------------- */

bool
snapshot_holds(const struct param *p)
{
    return (p->flags & PARAM_SAVED) && (p->owner == OWNER_CHAIN || p->owner == OWNER_MONITOR) &&
           param_is_number(p);
}

static bool
is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);

    return path[0] == '/' && strncmp(path + 1, folder, n) == 0 && path[1 + n] == '/';
}

int
snapshot_part(const struct param *p)
{
    if (!snapshot_holds(p))
        return -1;
    if (p->owner == OWNER_MONITOR)
        return SNAPSHOT_MONITOR;
    if (p->flags & PARAM_DESK)
        return SNAPSHOT_DESK;
    for (int i = 0; i < STAGES; i++)
        if (is_below(p->path, chain_stage_name((enum stage)i)))
            return i;
    if (strcmp(p->path, "/chain/bypass") == 0)
        return SNAPSHOT_BYPASS;
    return is_below(p->path, "chain/order") ? SNAPSHOT_ORDER : -1;
}

const char *
snapshot_part_name(int part)
{
    static const char *const others[] = {"order", "bypass", "desk", "monitor"};

    return part < STAGES ? chain_stage_name((enum stage)part) : others[part - STAGES];
}

int
snapshot_part_find(const char *name)
{
    for (int i = 0; i < SNAPSHOT_PARTS; i++)
        if (strcmp(snapshot_part_name(i), name) == 0)
            return i;
    return -1;
}

/* --- names ------------------------------------------------------------------------------------------ */

bool
snapshot_name(const char *word, char name[SNAPSHOT_NAME], struct err *e)
{
    size_t n = strlen(word);

    if (n == 0 || n >= SNAPSHOT_NAME || word[strspn(word, letters)] || word[0] == ' ' || word[n - 1] == ' ')
        return err_set(e,
                       "\"%.64s\" is no name for a snapshot: use up to %d letters, digits, spaces, - and _",
                       word, SNAPSHOT_NAME - 1);
    memcpy(name, word, n + 1);
    if (n == 1 && *word >= 'a' && *word < 'a' + SNAPSHOT_SLOTS)
        name[0] = (char)(*word - 'a' + 'A');
    return true;
}

void
snapshot_slot_name(int slot, char name[SNAPSHOT_NAME])
{
    name[0] = (char)('A' + slot);
    name[1] = '\0';
}

/* Where it is, or would be. */
static int
place_of(const struct snapshots *s, const char *name)
{
    int i = 0;

    while (i < s->n && strcmp(s->at[i].name, name) < 0)
        i++;
    return i;
}

const struct snapshot *
snapshots_find(const struct snapshots *s, const char *name)
{
    int i = place_of(s, name);

    return i < s->n && strcmp(s->at[i].name, name) == 0 ? &s->at[i] : NULL;
}

const struct snapshot *
snapshots_get(const struct snapshots *s, const char *name, struct err *e)
{
    char good[SNAPSHOT_NAME];
    const struct snapshot *found;

    if (!snapshot_name(name, good, e))
        return NULL;
    found = snapshots_find(s, good);
    if (!found)
        err_set(e, "there is no snapshot %s: /snapshot/list names them", good);
    return found;
}

/* --- the book --------------------------------------------------------------------------------------- */

/* A new one at its place, without values. */
static struct snapshot *
insert(struct snapshots *s, const char *name, struct err *e)
{
    struct snapshot *more;
    int at = place_of(s, name);

    if (s->n == SNAPSHOTS) {
        err_set(e, "there are %d snapshots already: remove one", SNAPSHOTS);
        return NULL;
    }
    more = realloc(s->at, sizeof *more * (size_t)(s->n + 1));
    if (!more) {
        err_set(e, "out of memory");
        return NULL;
    }
    s->at = more;
    memmove(more + at + 1, more + at, sizeof *more * (size_t)(s->n++ - at));
    more[at] = (struct snapshot){.value = NULL};
    snprintf(more[at].name, sizeof more[at].name, "%s", name);
    return &more[at];
}

static void
take_out(struct snapshots *s, const struct snapshot *gone)
{
    int at = (int)(gone - s->at);

    memmove(s->at + at, s->at + at + 1, sizeof *s->at * (size_t)(--s->n - at));
}

bool
snapshots_store(struct snapshots *s, const char *name, const double *values, struct err *e)
{
    char good[SNAPSHOT_NAME];
    const struct snapshot *there;
    struct snapshot *new;
    double *held;

    if (!snapshot_name(name, good, e))
        return false;
    held = calloc((size_t)params_count(), sizeof *held);
    if (!held)
        return err_set(e, "out of memory");
    for (int i = 0; i < params_count(); i++)
        held[i] = snapshot_holds(param_at(i)) ? values[i] : param_at(i)->def;
    there = snapshots_find(s, good);
    new = there ? &s->at[there - s->at] : insert(s, good, e);
    if (!new) {
        free(held);
        return false;
    }
    free(new->value);
    new->value = held;
    return true;
}

bool
snapshots_remove(struct snapshots *s, const char *name, struct err *e)
{
    const struct snapshot *gone = snapshots_get(s, name, e);

    if (!gone)
        return false;
    free(gone->value);
    take_out(s, gone);
    return true;
}

bool
snapshots_rename(struct snapshots *s, const char *from, const char *to, struct err *e)
{
    const struct snapshot *old = snapshots_get(s, from, e);
    char good[SNAPSHOT_NAME];
    struct snapshot *new;
    double *value;

    if (!old || !snapshot_name(to, good, e))
        return false;
    if (snapshots_find(s, good))
        return err_set(e, "there is a snapshot %s already: remove it first", good);
    value = old->value;
    take_out(s, old); /* so there is room for one */
    new = insert(s, good, e);
    if (!new)
        return false;
    new->value = value;
    return true;
}

/* --- differences ------------------------------------------------------------------------------------ */

/* Both in one unit, which is said once. */
static void
describe(const struct param *p, double from, double to, char *line, size_t size)
{
    char before[PARAM_VALUE_SIZE], after[PARAM_VALUE_SIZE];

    param_format(p, from, before, sizeof before);
    param_format(p, to, after, sizeof after);
    if (p->unit != UNIT_NONE)
        before[strcspn(before, " %:")] = '\0';
    snprintf(line, size, "%s %s -> %s", p->path + 1, before, after);
}

int
snapshot_difference(const double *from, const double *to, char *out, size_t size)
{
    char line[PARAM_PATH_SIZE + 2 * PARAM_VALUE_SIZE + 8];
    size_t used = 0;
    int n = 0, shown = 0;

    out[0] = '\0';
    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);

        if (!snapshot_holds(p) || from[i] == to[i])
            continue;
        describe(p, from[i], to[i], line, sizeof line);
        if (n++ == shown && used + strlen(line) + LAST_WORDS < size) {
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? "\n" : "", line);
            shown++;
        }
    }
    if (n > shown)
        snprintf(out + used, size - used, "%s... and %d more", used ? "\n" : "", n - shown);
    return n;
}

/* --- locks ------------------------------------------------------------------------------------------ */

/* At a word's end: "/eq/1" is not ahead of "/eq/10". */
static bool
is_inside(const char *path, const char *prefix, size_t n)
{
    while (n && prefix[n - 1] == '/')
        n--;
    return strncmp(path, prefix, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

bool
snapshots_lock(struct snapshots *s, const char *path, bool locked, struct err *e)
{
    int n = 0;

    for (int i = 0; path[0] == '/' && i < params_count(); i++)
        if (snapshot_holds(param_at(i)) && is_inside(param_at(i)->path, path, strlen(path))) {
            s->locked[i] = locked;
            n++;
        }
    if (n)
        return true;
    return err_set(e, "%.64s: nothing that a snapshot holds: use a path like /limit, /eq/3 or /input/trim",
                   path);
}

static bool
all_locked(const struct snapshots *s, const char *path, size_t n)
{
    for (int i = 0; i < params_count(); i++)
        if (snapshot_holds(param_at(i)) && is_inside(param_at(i)->path, path, n) && !s->locked[i])
            return false;
    return true;
}

/* The length of the shortest folder of a locked row that is locked as a whole, else of the row itself. */
static size_t
shortest(const struct snapshots *s, const char *path)
{
    for (size_t n = 1; path[n]; n++)
        if (path[n] == '/' && all_locked(s, path, n))
            return n;
    return strlen(path);
}

/* A folder is told at its first row. */
static bool
is_first_inside(int id, size_t n)
{
    for (int i = 0; i < id; i++)
        if (snapshot_holds(param_at(i)) && is_inside(param_at(i)->path, param_at(id)->path, n))
            return false;
    return true;
}

bool
snapshots_next_lock(const struct snapshots *s, int *id, char path[PARAM_PATH_SIZE])
{
    for (int i = *id; i < params_count(); i++) {
        const char *full = param_at(i)->path;
        size_t n = s->locked[i] ? shortest(s, full) : 0;

        if (n == 0 || !is_first_inside(i, n))
            continue;
        snprintf(path, PARAM_PATH_SIZE, "%.*s", (int)n, full);
        *id = i + 1;
        return true;
    }
    return false;
}
