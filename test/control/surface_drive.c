/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/control/surface_drive.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void
must_agree(struct rig *r, const char *after)
{
    struct err e;

    rig_check(r, after);
    if (!rig_agrees(r, &e))
        fail_msg("after %s: %s", after, e.text);
}

/* --- which rows -------------------------------------------------------------------------------------------------- */

/* The first control of an assignment "encoder", "encoder/3", "encoder/2..4", from 0. */
static int
first_of(const char *control)
{
    const char *slash = strchr(control, '/');

    return slash ? atoi(slash + 1) - 1 : 0;
}

/* Where the file names a row for this very control, it stands for that row. */
static void
stands_for_what_the_file_says(const struct rig *r, const struct rig_control *k)
{
    const struct pages_target *t = rig_target(r, k);
    const char *to = t->does == PAGES_ROW ? t->assign->to : "", *hash = strchr(to, '#');
    char path[PARAM_PATH_SIZE];

    if (to[0] != '/' || pages_flipped(surface_pages(r->surface)))
        return;
    if (hash)
        snprintf(path, sizeof path, "%.*s%d%s", (int)(hash - to), to, k->m - first_of(t->assign->control) + 1,
                 hash + 1);
    else
        snprintf(path, sizeof path, "%s", to);
    if (param_find(path) != t->param)
        fail_msg("%s: %s is said, and %s moved", rig_label(r, k), path, param_at(t->param)->path);
}

/* How many values the way has between its ends; 0: it is not in steps. */
static double
values(const struct pages_target *t)
{
    const struct param *row = param_at(t->param);
    double low = 0, high = 0;
    struct err e;

    if (row->type == PARAM_FLOAT)
        return 0;
    assert_true(param_from_norm(row, t->low, &low, &e) && param_from_norm(row, t->high, &high, &e));
    return fabs(high - low);
}

void
is_at(const struct rig *r, const struct rig_control *k, double place, double slack)
{
    const struct pages_target *t = rig_target(r, k);
    double n = values(t), way = rig_way(r, t);

    if (n > 0 && place > 0 && place < 1)
        slack += 0.5 / n;
    if (fabs(way - place) > slack + 1e-9)
        fail_msg("%s: %s is at %.5f of its way, and the hand at %.5f", rig_label(r, k),
                 param_at(t->param)->path, way, place);
}

bool
is_movable(const struct pages_target *t)
{
    enum param_type type;

    if (t->does != PAGES_ROW || t->param < 0 || (param_at(t->param)->flags & PARAM_READ_ONLY))
        return false;
    type = param_at(t->param)->type;
    return type == PARAM_FLOAT || type == PARAM_INT || type == PARAM_BOOL || type == PARAM_ENUM;
}

/* --- one control after another ----------------------------------------------------------------------------------- */

/* After a sweep over the whole way nothing is left to be picked up. */
static void
drive_absolute(struct rig *r, const struct rig_control *k)
{
    int steps = box_control(r->box, k->c)->steps;

    rig_sweep(r, k, 0);
    rig_sweep(r, k, 1);
    rig_sweep(r, k, 0);
    is_at(r, k, 0, 0);
    rig_sweep(r, k, 1);
    is_at(r, k, 1, 0);
    if (param_at(rig_target(r, k)->param)->type != PARAM_BOOL) {
        rig_sweep(r, k, 0.5);
        is_at(r, k, 0.5, 1.0 / steps);
    }
    rig_let_go(r, k);
}

static void
turn_far(struct rig *r, const struct rig_control *k, int ticks)
{
    for (int i = 0; i < abs(ticks); i += 4)
        rig_turn(r, k, ticks < 0 ? -4 : 4);
}

static void
drive_kept(struct rig *r, const struct rig_control *k)
{
    int steps = box_control(r->box, k->c)->steps;

    turn_far(r, k, 128);
    turn_far(r, k, -128);
    is_at(r, k, 0, 0);
    turn_far(r, k, 128);
    is_at(r, k, 1, 0);
    if (param_at(rig_target(r, k)->param)->type != PARAM_BOOL) {
        turn_far(r, k, -64);
        is_at(r, k, 0.5, 1.0 / steps);
    }
}

/* To the ends with fast turns; then ten slow ticks from the low one go ten steps. */
static void
drive_relative(struct rig *r, const struct rig_control *k)
{
    const struct pages_target *t = rig_target(r, k);
    double n = values(t), step = n > 0 ? 1 / n : t->assign->step ? t->assign->step : 0.01;
    double ten = fmin(1, 10 * step);

    for (int i = 0; i < 200 && rig_way(r, t) > 0; i++)
        rig_turn(r, k, -9);
    if (n <= 500)
        is_at(r, k, 0, 0);
    ten = fmin(1, rig_way(r, t) + ten);
    for (int i = 0; i < 10; i++)
        rig_turn(r, k, 1);
    is_at(r, k, ten, 1e-6);
    for (int i = 0; n <= 500 && i < 200 && rig_way(r, t) < 1; i++)
        rig_turn(r, k, 9);
    if (n <= 500)
        is_at(r, k, 1, 0);
    for (int i = 0; i < 5; i++)
        rig_turn(r, k, -1);
    if (n <= 500)
        is_at(r, k, fmax(0, 1 - 5 * step), 1e-6);
}

/* by: so much is added to the base row's value, and set. */
static void
drive_by(struct rig *r, const struct rig_control *k, int way)
{
    const struct pages_target *t = rig_target(r, k);
    const struct param *row = param_at(t->param);
    double want = fmin(row->max, fmax(row->min, engine_get(r->engine, t->base) + way * t->assign->by));

    if (box_control(r->box, k->c)->kind == BOX_BUTTON)
        rig_push(r, k);
    else
        rig_turn(r, k, way);
    if (!r->engine->nsets || fake_engine_set(r->engine, -1)->id != t->param ||
        fabs(fake_engine_set(r->engine, -1)->value - want) > 1e-9)
        fail_msg("%s: %s is not set to %g", rig_label(r, k), row->path, want);
}

static void
drive_button(struct rig *r, const struct rig_control *k)
{
    const struct pages_target *t = rig_target(r, k);
    const struct param *row = param_at(t->param);
    double before = engine_get(r->engine, t->param), want = before;
    int sets = r->engine->nsets;

    if (row->type == PARAM_BOOL)
        want = !before;
    if (row->type == PARAM_ENUM)
        want = before >= row->max ? row->min : before + 1;
    if (t->has_value)
        want = t->value;
    rig_push(r, k);
    if (row->type == PARAM_TRIGGER) {
        if (r->engine->nsets != sets + 1 || fake_engine_set(r->engine, -1)->id != t->param)
            fail_msg("%s: %s is not fired once", rig_label(r, k), row->path);
    } else if (engine_get(r->engine, t->param) != want)
        fail_msg("%s: %s was %g, is %g, and should be %g", rig_label(r, k), row->path, before,
                 engine_get(r->engine, t->param), want);
}

static void
drive(struct rig *r, const struct rig_control *k)
{
    const struct pages_target *t = rig_target(r, k);
    enum box_kind kind = box_control(r->box, k->c)->kind;

    if (k->group < 0 || t->does != PAGES_ROW)
        return;
    stands_for_what_the_file_says(r, k);
    if (t->assign->by) {
        drive_by(r, k, 1);
        if (kind != BOX_BUTTON)
            drive_by(r, k, -1);
    } else if (kind == BOX_BUTTON)
        drive_button(r, k);
    else if (!is_movable(t))
        return;
    else if (kind == BOX_FADER || kind == BOX_POT)
        drive_absolute(r, k);
    else if (box_control(r->box, k->c)->steps)
        drive_kept(r, k);
    else if (rig_described(r, k)->coding == SURFACE_ABSOLUTE)
        drive_kept(r, k);
    else
        drive_relative(r, k);
    rig_check(r, rig_label(r, k));
}

const struct rig_control *
find_action(const struct rig *r, enum pages_does does)
{
    for (int i = 0; i < r->controls; i++)
        if (r->control[i].group >= 0 && rig_target(r, &r->control[i])->does == does)
            return &r->control[i];
    return NULL;
}

void
drive_all(struct rig *r, const char *where)
{
    for (int i = 0; i < r->controls; i++)
        drive(r, &r->control[i]);
    rig_run(r, 1000);
    must_agree(r, where);
}

/* Each layer that a button holds: what stands elsewhere then. */
void
drive_layers(struct rig *r)
{
    for (int i = 0; i < r->controls; i++) {
        const struct rig_control *k = &r->control[i];

        if (k->group < 0 || rig_target(r, k)->does != PAGES_LAYER)
            continue;
        box_press(r->box, k->c, k->n, true, r->now_ns);
        rig_run(r, 1000);
        must_agree(r, "a layer is held");
        drive_all(r, "all moved in a layer");
        box_press(r->box, k->c, k->n, false, r->now_ns);
        rig_run(r, 1000);
        must_agree(r, "a layer is let go");
    }
}
