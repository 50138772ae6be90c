/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rows below /snapshot. A recall is a passage (passage.h): its moves are sent a little ahead of the sound, with
 * frames of their own, and are logged like any hand's, so that a render makes the same print again.
 *
 * A row that a hand moves meanwhile leaves the passage. A recall during a passage starts from where things stand.
 */
#include "engine/inside.h"

#include "engine/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* LEAD: from a recall to its first frame; AHEAD: how far ahead moves are sent, so that control may be held up; a period
   comes on top of both. GRID: between the moves of a row, which stages smooth over more. TAIL: a stage's own fade, and
   time for what is smoothed. */
enum { LEAD_MS = 40, AHEAD_MS = 80, GRID_MS = 10, TAIL_MS = 100, MOVES_LEFT = 512 };

/* --- open ------------------------------------------------------------------------------------------- */

static int
find(const char *name)
{
    char path[2 * PARAM_PATH_SIZE];

    snprintf(path, sizeof path, "/snapshot/%s", name);
    return param_find(path);
}

static int
find_slot(int slot, const char *name)
{
    char path[PARAM_PATH_SIZE];

    snprintf(path, sizeof path, "slot/%d/%s", slot + 1, name);
    return find(path);
}

static void
find_ids(struct recall *r)
{
    char path[PARAM_PATH_SIZE];

    r->id_store = find("store");
    r->id_recall = find("recall");
    r->id_remove = find("remove");
    r->id_rename = find("rename");
    r->id_fade = find("fade");
    r->id_list = find("list");
    r->id_now = find("now");
    r->id_changed = find("changed");
    r->id_compare = find("compare");
    r->id_difference = find("difference");
    r->id_from = find("morph/from");
    r->id_to = find("morph/to");
    r->id_position = find("morph/position");
    r->id_lock = find("lock");
    r->id_unlock = find("unlock");
    r->id_locked = find("locked");
    for (int i = 0; i < SNAPSHOT_SLOTS; i++) {
        r->id_slot_store[i] = find_slot(i, "store");
        r->id_slot_recall[i] = find_slot(i, "recall");
        r->id_slot_used[i] = find_slot(i, "used");
    }
    for (int i = 0; i < SNAPSHOT_PARTS; i++) {
        snprintf(path, sizeof path, "scope/%s", snapshot_part_name(i));
        r->id_scope[i] = find(path);
    }
}

enum status
recall_open(struct engine *g)
{
    struct recall *r = &g->recall;
    enum status status;

    find_ids(r);
    status = snapshots_prepare(&r->book);
    if (status == OK)
        status = morph_prepare(&r->morph);
    if (status == OK)
        status = passage_prepare(&r->passage, &r->morph);
    return status;
}

void
recall_close(struct engine *g)
{
    passage_free(&g->recall.passage);
    morph_free(&g->recall.morph);
    snapshots_free(&g->recall.book);
}

bool
recall_owns(const struct param *p)
{
    return p->owner == OWNER_MEMORY && strncmp(p->path, "/snapshot/", 10) == 0;
}

/* --- what is shown ---------------------------------------------------------------------------------- */

/* Words with commas between, cut where a text must end. */
static void
add_word(char *list, size_t size, const char *word, int *more)
{
    size_t used = strlen(list), room = 20; /* "... and 123 more" */

    if (*more == 0 && used + strlen(word) + room < size)
        snprintf(list + used, size - used, "%s%s", used ? ", " : "", word);
    else
        ++*more;
}

static void
end_list(char *list, size_t size, int more)
{
    size_t used = strlen(list);

    if (more)
        snprintf(list + used, size - used, " ... and %d more", more);
}

void
recall_list(struct engine *g)
{
    const struct recall *r = &g->recall;
    char list[PARAM_TEXT_SIZE] = "", name[SNAPSHOT_NAME];
    int more = 0;

    for (int i = 0; i < r->book.n; i++)
        if (state_has(g, r->book.at[i].name))
            add_word(list, sizeof list, r->book.at[i].name, &more);
    end_list(list, sizeof list, more);
    engine_put_text(g, r->id_list, list);
    for (int i = 0; i < SNAPSHOT_SLOTS; i++) {
        snapshot_slot_name(i, name);
        engine_put(g, r->id_slot_used[i], snapshots_find(&r->book, name) && state_has(g, name));
    }
}

static void
show_locks(struct engine *g)
{
    char list[PARAM_TEXT_SIZE] = "", path[PARAM_PATH_SIZE];
    int more = 0;

    for (int id = 0; snapshots_next_lock(&g->recall.book, &id, path);)
        add_word(list, sizeof list, path, &more);
    end_list(list, sizeof list, more);
    engine_put_text(g, g->recall.id_locked, list);
}

static void
call_it(struct engine *g, const char *name)
{
    snprintf(g->recall.now, sizeof g->recall.now, "%s", name);
    engine_put_text(g, g->recall.id_now, name);
}

/* --- moving ----------------------------------------------------------------------------------------- */

static uint64_t
frames_ahead(const struct engine *g, double ms)
{
    return g->readings.frame + (uint64_t)(g->readings.period_frames + ms * g->process.rate_hz / 1000.0);
}

/* Every move of a passage and a morph goes through here. */
static void
move(struct engine *g, int group, int id, double value, uint64_t frame, const char *by)
{
    if (frame > g->recall.sent_to)
        g->recall.sent_to = frame;
    engine_travel(g, group, id, value, frame, by);
}

static void
end_group(struct engine *g, int *group)
{
    if (*group)
        engine_group_end(g, *group);
    *group = 0;
}

static bool
may_move(const struct engine *g, int id, int only)
{
    int part = snapshot_part(param_at(id));

    if (part < 0 || g->recall.book.locked[id])
        return false;
    return only >= 0 ? part == only : g->model.values[g->recall.id_scope[part]] != 0.0;
}

/* From where things stand to `to`, as one step that can be undone. only: one part; -1: those in scope. */
static void
go(struct engine *g, const double *to, int only, const char *label, const char *by)
{
    struct recall *r = &g->recall;
    double rate_hz = g->process.rate_hz, fade_s = g->model.values[r->id_fade];
    uint64_t start = frames_ahead(g, LEAD_MS);
    bool *which = calloc((size_t)params_count(), sizeof *which);

    if (!which)
        return;
    for (int i = 0; i < params_count(); i++)
        which[i] = may_move(g, i, only);
    snprintf(r->by, sizeof r->by, "%s", by);
    end_group(g, &r->group);
    r->group = engine_group_begin(g, label, by);
    if (start < r->sent_to) /* one before it has sent that far */
        start = r->sent_to;
    passage_begin(&r->passage, g->model.values, to, which, start, (uint64_t)(fade_s * rate_hz),
                  (uint64_t)(GRID_MS * rate_hz / 1000), (uint64_t)(TAIL_MS * rate_hz / 1000));
    free(which);
    if (g->server.state != SERVER_RUNNING)
        recall_land(g);
}

void
recall_end(const struct engine *g, double *values)
{
    passage_end(&g->recall.passage, values);
}

bool
recall_values(const struct engine *g, const char *name, double *values)
{
    const struct snapshot *s = snapshots_get(&g->recall.book, name, NULL);

    for (int i = 0; s && i < params_count(); i++) {
        int part = snapshot_part(param_at(i));

        if (part >= 0 && part != SNAPSHOT_DESK && part != SNAPSHOT_MONITOR)
            values[i] = s->value[i];
    }
    return s != NULL;
}

void
recall_spare(struct engine *g, double *values)
{
    const struct recall *r = &g->recall;

    for (int i = 0; i < params_count(); i++)
        if (r->book.locked[i] || (passage_has(&r->passage, i) && values[i] == r->passage.to[i]))
            values[i] = g->model.values[i];
        else if (passage_has(&r->passage, i))
            recall_leave(g, i);
}

void
recall_leave(struct engine *g, int id)
{
    passage_leave(&g->recall.passage, id);
}

void
recall_land(struct engine *g)
{
    struct passage_move m;

    passage_hurry(&g->recall.passage, 1);
    while (passage_next(&g->recall.passage, 1, &m))
        move(g, g->recall.group, m.id, m.value, ENGINE_NOW, g->recall.by);
    g->recall.sent_to = 0;
}

/* Rows that are under way have the value of their end: they will get there. */
static bool
differs(const struct engine *g, const struct snapshot *s)
{
    for (int i = 0; i < params_count(); i++)
        if (s->value[i] != g->model.values[i] && may_move(g, i, -1) && !passage_has(&g->recall.passage, i))
            return true;
    return false;
}

static void
look(struct engine *g)
{
    struct recall *r = &g->recall;
    const struct snapshot *s = snapshots_find(&r->book, r->now);

    if (g->model.changes == r->looked_at && passage_runs(&r->passage) == r->ran)
        return;
    engine_put(g, r->id_changed, s && differs(g, s));
    r->ran = passage_runs(&r->passage);
    r->looked_at = g->model.changes;
}

void
recall_tick(struct engine *g)
{
    struct recall *r = &g->recall;
    uint64_t until = frames_ahead(g, AHEAD_MS);
    struct passage_move m;

    if (passage_runs(&r->passage) && !engine_group_open(g, r->group)) /* undone on the way */
        passage_stop(&r->passage);
    if (g->server.state != SERVER_RUNNING)
        recall_land(g);
    while (g->model.timed < MODEL_TIMED - MOVES_LEFT && passage_next(&r->passage, until, &m))
        move(g, r->group, m.id, m.value, m.frame, r->by);
    if (!passage_runs(&r->passage))
        end_group(g, &r->group);
    if (clock_ns() - r->morphed_ns > HISTORY_REST_NS)
        end_group(g, &r->morph_group);
    look(g);
}

/* --- store, recall ---------------------------------------------------------------------------------- */

static bool
store(struct engine *g, const char *word, struct err *e)
{
    struct recall *r = &g->recall;
    double *values = malloc(sizeof *values * (size_t)params_count());
    char name[SNAPSHOT_NAME];
    bool ok;

    if (!values)
        return err_set(e, "out of memory");
    memcpy(values, g->model.values, sizeof *values * (size_t)params_count());
    passage_end(&r->passage, values);
    ok = snapshot_name(word, name, e) && snapshots_store(&r->book, name, values, e);
    free(values);
    if (!ok)
        return false;
    state_store(g, snapshots_find(&r->book, name));
    contenders_renew(g);
    call_it(g, name);
    r->looked_at = UINT64_MAX;
    engine_put_text(g, r->id_store, name);
    engine_tell(g, "snapshot %s is stored", name);
    return true;
}

/* "A", or "A/eq": one part of it. */
static bool
recall(struct engine *g, const char *word, const char *by, struct err *e)
{
    struct recall *r = &g->recall;
    const char *slash = strchr(word, '/');
    char name[SNAPSHOT_NAME], label[HISTORY_LABEL];
    const struct snapshot *s;
    int part = slash ? snapshot_part_find(slash + 1) : -1;

    snprintf(name, sizeof name, "%.*s", (int)(slash ? (size_t)(slash - word) : strlen(word)), word);
    s = snapshots_get(&r->book, name, e);
    if (!s)
        return false;
    if (slash && part < 0)
        return err_set(
            e,
            "\"%.64s\": %.40s is no part of a snapshot: use a stage's name, order, bypass, desk or "
            "monitor",
            word, slash + 1);
    snprintf(label, sizeof label, "snapshot %s%s", s->name, slash ? slash : "");
    go(g, s->value, part, label, by);
    if (!slash)
        call_it(g, s->name);
    r->looked_at = UINT64_MAX;
    engine_put_text(g, r->id_recall, word);
    engine_tell(g, "%s", label);
    return true;
}

static bool
remove_one(struct engine *g, const char *word, struct err *e)
{
    struct recall *r = &g->recall;
    const struct snapshot *s = snapshots_get(&r->book, word, e);
    char name[SNAPSHOT_NAME];

    if (!s)
        return false;
    snprintf(name, sizeof name, "%s", s->name);
    if (!snapshots_remove(&r->book, name, e))
        return false;
    state_drop(g, name);
    contenders_renew(g);
    if (strcmp(r->now, name) == 0)
        call_it(g, "");
    engine_put_text(g, r->id_remove, name);
    recall_list(g);
    return true;
}

/* --- two names -------------------------------------------------------------------------------------- */

/* A copy of what is between, without the spaces at its ends. */
static void
copy_word(const char *from, const char *end, char *word, size_t size)
{
    while (from < end && *from == ' ')
        from++;
    while (end > from && end[-1] == ' ')
        end--;
    snprintf(word, size, "%.*s", (int)(end - from), from);
}

/* "old > new"; false: there is no '>'. */
static bool
split(const char *words, char *first, char *second, size_t size)
{
    const char *mark = strchr(words, '>');

    if (!mark)
        return false;
    copy_word(words, mark, first, size);
    copy_word(mark + 1, words + strlen(words), second, size);
    return true;
}

static bool
rename_one(struct engine *g, const char *words, struct err *e)
{
    struct recall *r = &g->recall;
    char from[PARAM_TEXT_SIZE], to[PARAM_TEXT_SIZE], old[SNAPSHOT_NAME], new[SNAPSHOT_NAME];

    if (!split(words, from, to, sizeof from))
        return err_set(e, "write the old name, > and the new one: A > loud mix");
    if (!snapshots_rename(&r->book, from, to, e) || !snapshot_name(from, old, e) ||
        !snapshot_name(to, new, e))
        return false;
    state_store(g, snapshots_find(&r->book, new)); /* first: at no time is there neither */
    state_drop(g, old);
    contenders_renew(g);
    if (strcmp(r->now, old) == 0)
        call_it(g, new);
    engine_put_text(g, r->id_rename, words);
    recall_list(g);
    return true;
}

/* "A B": a name, a space, a name, though names may have spaces. */
static const struct snapshot *
find_pair(struct engine *g, const char *words, const struct snapshot **second)
{
    const struct snapshots *book = &g->recall.book;
    char name[SNAPSHOT_NAME];

    for (const char *space = strchr(words, ' '); space; space = strchr(space + 1, ' ')) {
        const struct snapshot *first;

        snprintf(name, sizeof name, "%.*s", (int)(space - words), words);
        first = snapshots_get(book, name, NULL);
        *second = snapshots_get(book, space + 1, NULL);
        if (first && *second)
            return first;
    }
    *second = NULL;
    return NULL;
}

static bool
compare(struct engine *g, const char *words, struct err *e)
{
    struct recall *r = &g->recall;
    const struct snapshot *first = NULL, *second = NULL;
    char one[PARAM_TEXT_SIZE], two[PARAM_TEXT_SIZE], lines[PARAM_TEXT_SIZE];

    if (split(words, one, two, sizeof one)) {
        first = snapshots_get(&r->book, one, e);
        second = first ? snapshots_get(&r->book, two, e) : NULL;
        if (!second)
            return false;
    } else if (!snapshots_get(&r->book, words, NULL)) {
        first = find_pair(g, words, &second);
    }
    if (!first)
        first = snapshots_get(&r->book, words, e);
    if (!first)
        return false;
    snapshot_difference(first->value, second ? second->value : g->model.values, lines, sizeof lines);
    engine_put_text(g, r->id_compare, words);
    engine_put_text(g, r->id_difference, lines);
    return true;
}

/* --- morph ------------------------------------------------------------------------------------------ */

static bool
choose_end(struct engine *g, int id, const char *word, struct err *e)
{
    const struct snapshot *s = *word ? snapshots_get(&g->recall.book, word, e) : NULL;

    if (*word && !s)
        return false;
    end_group(g, &g->recall.morph_group);
    engine_put_text(g, id, s ? s->name : "");
    return true;
}

static bool
morph_to(struct engine *g, double x, uint64_t frame, const char *by, struct err *e)
{
    struct recall *r = &g->recall;
    const char *from = model_text(&g->model, r->id_from), *to = model_text(&g->model, r->id_to);
    const struct snapshot *a, *b;
    char label[HISTORY_LABEL];

    if (!from[0] || !to[0])
        return err_set(
            e, "/snapshot/morph/position: between what? set /snapshot/morph/from and /snapshot/morph/to");
    a = snapshots_get(&r->book, from, e);
    b = a ? snapshots_get(&r->book, to, e) : NULL;
    if (!b)
        return false;
    snprintf(label, sizeof label, "morph %s > %s", a->name, b->name);
    if (!engine_group_open(g, r->morph_group))
        r->morph_group = engine_group_begin(g, label, by);
    r->morphed_ns = clock_ns();
    for (int pass = 0; pass < 2; pass++) /* switches last: who comes in comes in with his settings */
        for (int i = 0; i < params_count(); i++) {
            double value;

            if (r->morph.row[i].is_switch != pass || !may_move(g, i, -1))
                continue;
            recall_leave(g, i);
            value = morph_value(&r->morph, i, a->value, b->value, x);
            if (value != g->model.values[i])
                move(g, r->morph_group, i, value, frame, by);
        }
    engine_put(g, r->id_position, x);
    return true;
}

/* --- the way in ------------------------------------------------------------------------------------- */

bool
recall_set(struct engine *g, int id, double value, uint64_t frame, const char *by, struct err *e)
{
    const struct recall *r = &g->recall;
    char name[SNAPSHOT_NAME];

    for (int i = 0; i < SNAPSHOT_SLOTS; i++) {
        snapshot_slot_name(i, name);
        if (id == r->id_slot_store[i])
            return store(g, name, e);
        if (id == r->id_slot_recall[i])
            return recall(g, name, by, e);
    }
    if (id == r->id_position)
        return morph_to(g, value, frame, by, e);
    engine_put(g, id, value);
    return true;
}

static bool
lock(struct engine *g, int id, const char *path, struct err *e)
{
    if (!snapshots_lock(&g->recall.book, path, id == g->recall.id_lock, e))
        return false;
    engine_put_text(g, id, path);
    show_locks(g);
    g->model.changes++;
    return true;
}

void
recall_lock(struct engine *g, const char *path)
{
    lock(g, g->recall.id_lock, path, NULL);
}

bool
recall_set_text(struct engine *g, int id, const char *value, const char *by, struct err *e)
{
    const struct recall *r = &g->recall;

    if (id == r->id_store)
        return store(g, value, e);
    if (id == r->id_recall)
        return recall(g, value, by, e);
    if (id == r->id_remove)
        return remove_one(g, value, e);
    if (id == r->id_rename)
        return rename_one(g, value, e);
    if (id == r->id_compare)
        return compare(g, value, e);
    if (id == r->id_from || id == r->id_to)
        return choose_end(g, id, value, e);
    return lock(g, id, value, e);
}
