/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * moves: the way in of every move, by any hand, and its way back.
 */
#include "engine/inside.h"

#include "engine/clock.h"
#include "engine/preset.h"

#include <stdlib.h>
#include <string.h>

#define TIMED_MAX_S 60.0
#define SOON_S      0.1

static uint64_t
frames_ahead(const struct engine *g, double seconds)
{
    return g->readings.frame + (uint64_t)(seconds * g->process.rate_hz);
}

/* One frame for what belongs together, behind all that a recall has sent already. */
static uint64_t
frame_together(const struct engine *g)
{
    uint64_t frame = frames_ahead(g, 0.5 * SOON_S);

    return frame > g->recall.sent_to ? frame : g->recall.sent_to;
}

/* --- to who acts on it ---------------------------------------------------------------------------- */

/* A bundle that is to be at once has been given the next frame, or that of a moment ago. */
static uint64_t
due(const struct engine *g)
{
    return engine_frame_at(g, clock_realtime_ns()) + (uint64_t)g->readings.period_frames;
}

static bool
set_chain(struct engine *g, int id, double value, uint64_t frame, const char *by, struct err *e)
{
    uint64_t soon = frames_ahead(g, SOON_S), sent_to = g->recall.sent_to;
    struct model_when when = {.due = frame != ENGINE_NOW && g->built ? due(g) : ENGINE_NOW};

    if (frame != ENGINE_NOW && frame < sent_to && passage_has(&g->recall.passage, id))
        frame = sent_to; /* whoever takes a row comes after what has been sent of it */
    when.frame = frame;
    when.soon = sent_to < soon ? soon : sent_to + 1;
    if (model_move(&g->model, g->built ? &g->process : NULL, id, value, when, by)) {
        recall_leave(g, id);
        return true;
    }
    return err_set(e, "%s: too many moves wait for their time", param_at(id)->path);
}

static bool go(struct engine *g, bool redo, struct err *e);

static bool
act(struct engine *g, int id, double value, uint64_t frame, const char *by, struct err *e)
{
    enum param_owner owner = param_at(id)->owner;
    bool ok;

    listening_moved(g, id, value);
    if (listening_set(g, id, value, &ok, e))
        return ok;
    if (owner == OWNER_CHAIN || owner == OWNER_MONITOR)
        return set_chain(g, id, value, frame, by, e);
    if (recall_owns(param_at(id)))
        return recall_set(g, id, value, frame, by, e);
    if (owner == OWNER_TRANSPORT)
        return transport_set(g, id, value, e);
    if (id == g->id_record)
        return engine_print(g, value != 0.0, e);
    if (id == g->id_undo || id == g->id_redo)
        return go(g, id == g->id_redo, e);
    engine_put(g, id, value);
    return true;
}

/* --- noting --------------------------------------------------------------------------------------- */

bool
moves_count(const struct param *p)
{
    if (!param_is_number(p) || p->type == PARAM_TRIGGER || (p->flags & PARAM_READ_ONLY))
        return false;
    return p->owner == OWNER_CHAIN || p->owner == OWNER_VIEW ||
           ((p->owner == OWNER_MONITOR || p->owner == OWNER_PRINT) && (p->flags & PARAM_SAVED));
}

/* All that hands move comes by here. */
static void
note(struct engine *g, int group, int id, double before, uint64_t frame, const char *by)
{
    struct history_move m = {
        .id = id, .from = before, .to = g->model.values[id], .by = by, .together = frame};

    if (m.from == m.to || group == MOVE_SILENT || !moves_count(param_at(id)))
        return;
    m.now_ns = clock_ns();
    if (!history_note(&g->history, group, &m))
        engine_tell(g, "out of memory for what is moved: undo begins afresh");
}

void
moves_applied(struct engine *g, const struct notice *n)
{
    double before = g->model.values[n->param];
    const char *by;

    if (n->own)
        listening_moved(g, n->param, n->value);
    by = model_applied(&g->model, n);
    if (n->own)
        recall_leave(g, n->param);
    if (n->off)
        return;
    note(g, MOVE_ALONE, n->param, before, n->frame, by);
    if (param_at(n->param)->flags & PARAM_AUTOMATED)
        log_set(&g->log, n->frame, n->param, n->value, by);
}

/* --- the way in ----------------------------------------------------------------------------------- */

bool
engine_move(struct engine *g, int group, int id, double value, uint64_t frame, const char *by, struct err *e)
{
    const struct param *p = param_at(id);
    double before;

    if (!p)
        return err_set(e, "no such parameter");
    if (!param_check(p, value, e))
        return false;
    if (frame != ENGINE_NOW && frame > frames_ahead(g, TIMED_MAX_S))
        return err_set(e, "%s: more than %g s ahead", p->path, TIMED_MAX_S);
    before = g->model.values[id];
    if (!act(g, id, value, frame, by, e))
        return false;
    note(g, group, id, before, frame, by);
    return true;
}

void
engine_travel(struct engine *g, int group, int id, double value, uint64_t frame, const char *by)
{
    struct process *p = g->built ? &g->process : NULL;
    double before = g->model.values[id];

    struct model_when when = {.travels = true, .frame = frame, .soon = frame + 1},
                      now = {.travels = true, .soon = 1};

    if (frame == ENGINE_NOW || !model_move(&g->model, p, id, value, when, by))
        model_move(&g->model, p, id, value, now, by);
    note(g, group, id, before, frame, by);
}

bool
engine_set(struct engine *g, int id, double value, uint64_t frame, const char *by, struct err *e)
{
    return engine_move(g, MOVE_ALONE, id, value, frame, by, e);
}

/* Where too many wait for their time it does not: what belongs together is not left half done. */
static void
move_surely(struct engine *g, int group, int id, double value, uint64_t frame, const char *by)
{
    if (!engine_move(g, group, id, value, frame, by, NULL))
        engine_move(g, group, id, value, ENGINE_NOW, by, NULL);
}

int
engine_group_begin(struct engine *g, const char *label, const char *by)
{
    return history_begin(&g->history, label, by, false);
}

bool
engine_group_open(const struct engine *g, int group)
{
    return history_is_open(&g->history, group);
}

void
engine_group_end(struct engine *g, int group)
{
    history_end(&g->history, group);
}

bool
engine_move_group(struct engine *g, const double *values, const char *label, const char *by, uint64_t frame,
                  struct err *e)
{
    int group;

    for (int i = 0; i < params_count(); i++)
        if (moves_count(param_at(i)) && !param_check(param_at(i), values[i], e))
            return false;
    if (frame == ENGINE_NOW)
        frame = frame_together(g);
    group = engine_group_begin(g, label, by);
    for (int i = 0; i < params_count(); i++)
        if (moves_count(param_at(i)) && values[i] != g->model.values[i])
            move_surely(g, group, i, values[i], frame, by);
    engine_group_end(g, group);
    return true;
}

/* --- the way back --------------------------------------------------------------------------------- */

static bool
go(struct engine *g, bool redo, struct err *e)
{
    const struct history_step *s = history_next(&g->history, redo);
    const char *word = redo ? "redo" : "undo";
    const struct history_change *c;
    char line[NEWS_SIZE];
    uint64_t frame;
    int n;

    if (!s)
        return err_set(e, "/%s: there is nothing to %s", word, word);
    history_describe(s, line, sizeof line);
    c = history_changes(s, &n);
    frame = n > 1 ? frame_together(g) : ENGINE_NOW;
    for (int i = 0; i < n; i++) {
        double value = redo ? c[i].to : c[i].from;

        if (value != g->model.values[c[i].id])
            move_surely(g, MOVE_SILENT, c[i].id, value, frame, word);
    }
    history_go(&g->history, redo);
    engine_tell(g, "%s %s", word, line);
    return true;
}

static void
show_next(struct engine *g, int id, bool redo)
{
    const struct history_step *s = history_next(&g->history, redo);
    char line[NEWS_SIZE] = "";

    if (s)
        history_describe(s, line, sizeof line);
    engine_put_text(g, id, line);
}

void
moves_show(struct engine *g)
{
    if (g->history_shown == g->history.changes)
        return;
    g->history_shown = g->history.changes;
    show_next(g, g->id_history_undo, false);
    show_next(g, g->id_history_redo, true);
    engine_put(g, g->id_history_steps, history_undo_steps(&g->history));
    engine_put(g, g->id_history_redo_steps, history_redo_steps(&g->history));
}

/* --- texts ---------------------------------------------------------------------------------------- */

static bool
load_preset(struct engine *g, const char *name, const char *by, struct err *e)
{
    size_t size = sizeof(double) * (size_t)params_count();
    double *values = malloc(size);
    char label[PARAM_TEXT_SIZE + 16];
    bool ok = values != NULL;

    if (!ok)
        return err_set(e, "out of memory");
    memcpy(values, g->model.values, size);
    recall_end(g, values);
    snprintf(label, sizeof label, "preset %s", name);
    ok = preset_load(name, values, e) == OK;
    if (ok)
        recall_spare(g, values);
    ok = ok && engine_move_group(g, values, label, by, ENGINE_NOW, e);
    free(values);
    if (ok) {
        engine_put_text(g, g->id_preset, name);
        engine_tell(g, "%s", label);
    }
    return ok;
}

static bool
save_preset(struct engine *g, const char *name, struct err *e)
{
    if (preset_save(name, g->model.values, e) != OK)
        return false;
    engine_put_text(g, g->id_save, name);
    contenders_renew(g);
    engine_tell(g, "saved as preset %s", name);
    return true;
}

static void
name_group(struct engine *g, const char *label, const char *by)
{
    if (*label)
        history_begin(&g->history, label, by, true);
    else
        history_end_hand(&g->history, by);
    engine_put_text(g, g->id_history_group, label);
}

bool
engine_set_text(struct engine *g, int id, const char *value, const char *by, struct err *e)
{
    const struct param *p = param_at(id);

    if (!p || p->type != PARAM_TEXT)
        return err_set(e, "%s: takes a number, not a text", p ? p->path : "?");
    if (p->flags & PARAM_READ_ONLY)
        return err_set(e, "%s: can only be read", p->path);
    if (strlen(value) >= PARAM_TEXT_SIZE)
        return err_set(e, "%s: longer than %d letters", p->path, PARAM_TEXT_SIZE - 1);
    listening_moved(g, id, 0.0);
    if (recall_owns(p))
        return recall_set_text(g, id, value, by, e);
    if (id == g->id_preset)
        return load_preset(g, value, by, e);
    if (id == g->id_save)
        return save_preset(g, value, e);
    if (id == g->id_history_group) {
        name_group(g, value, by);
        return true;
    }
    if (id == g->id_reference)
        reference_want(&g->reference, value);
    listening_set_text(g, id, value);
    engine_put_text(g, id, value);
    return true;
}

/* --- */

enum status
moves_prepare(struct engine *g)
{
    g->id_record = param_find("/print/record");
    g->id_preset = param_find("/chain/preset");
    g->id_save = param_find("/chain/save");
    g->id_reference = param_find("/meter/reference/file");
    g->id_undo = param_find("/undo");
    g->id_redo = param_find("/redo");
    g->id_history_undo = param_find("/history/undo");
    g->id_history_redo = param_find("/history/redo");
    g->id_history_steps = param_find("/history/steps");
    g->id_history_redo_steps = param_find("/history/redo_steps");
    g->id_history_group = param_find("/history/group");
    listening_find(g);
    return history_prepare(&g->history, params_count());
}
