/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An engine without a server: its moves go to a real process, which the test runs.
 */
#include "engine/inside.h"

#include "engine/clock.h"
#include "test/kit/defaults.h"
#include "test/kit/dice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { PERIOD = 256 };

#define RATE_HZ 48000.0

static struct engine *g;
static float silence[2][PERIOD], out[2][PERIOD];

static int
set_up(void **state)
{
    (void)state;
    g = calloc(1, sizeof *g);
    assert_non_null(g);
    params_init();
    assert_int_equal(model_prepare(&g->model), OK);
    assert_int_equal(moves_prepare(g), OK);
    assert_int_equal(process_prepare(&g->process, RATE_HZ, NULL, NULL), OK);
    g->built = true;
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    process_free(&g->process);
    history_free(&g->history);
    model_free(&g->model);
    free(g);
    return 0;
}

/* What the control thread does at a tick. */
static void
run(int periods)
{
    struct process_io io = {.in = {silence[0], silence[1]}, .master = {out[0], out[1]}};
    struct notice n;

    for (int i = 0; i < periods; i++) {
        io.time_ns = clock_ns();
        process_run(&g->process, &io, PERIOD);
    }
    g->readings = *(const struct readings *)publish_read(&g->process.readings);
    while (process_notice(&g->process, &n))
        if (n.kind == NOTICE_SET)
            moves_applied(g, &n);
    model_send_late(&g->model, &g->process);
}

static void
set(const char *path, double value, uint64_t frame, const char *by)
{
    struct err e;

    if (!engine_set(g, id_of(path), value, frame, by, &e))
        fail_msg("%s", e.text);
}

static void
undo(void)
{
    set("/undo", 1.0, ENGINE_NOW, "tablet");
}

static void
redo(void)
{
    set("/redo", 1.0, ENGINE_NOW, "tablet");
}

static double
get(const char *path)
{
    return engine_get(g, id_of(path));
}

static void
says(const char *path, const char *sentence)
{
    assert_string_equal(engine_get_text(g, id_of(path)), sentence);
}

/* What sounds is what the model says. */
static void
assert_in_force(void)
{
    for (int id = 0; id < params_count(); id++) {
        const struct param *p = param_at(id);

        if (moves_count(p) && p->field != FIELD_NONE &&
            param_load(p, &g->process.settings) != g->model.values[id])
            fail_msg("%s is %g, and %g in the process", p->path, g->model.values[id],
                     param_load(p, &g->process.settings));
    }
}

static void
rows_tell_what_can_be_undone(void **state)
{
    (void)state;
    says("/history/undo", "");
    set("/eq/3/gain", 1.5, ENGINE_NOW, "tablet");
    says("/history/undo", "eq/3/gain 0.0 -> 1.5 dB, tablet");
    assert_true(get("/history/steps") == 1.0 && get("/history/redo_steps") == 0.0);
    undo();
    assert_true(get("/eq/3/gain") == 0.0);
    says("/history/undo", "");
    says("/history/redo", "eq/3/gain 0.0 -> 1.5 dB, tablet");
    assert_string_equal(engine_news(g), "undo eq/3/gain 0.0 -> 1.5 dB, tablet");
    assert_true(get("/history/steps") == 0.0 && get("/history/redo_steps") == 1.0);
    redo();
    assert_true(get("/eq/3/gain") == 1.5);
    assert_string_equal(engine_news(g), "redo eq/3/gain 0.0 -> 1.5 dB, tablet");
}

static void
with_nothing_to_undo_a_hand_is_told_so(void **state)
{
    struct err e;

    (void)state;
    assert_false(engine_set(g, id_of("/undo"), 1.0, ENGINE_NOW, "tablet", &e));
    assert_string_equal(e.text, "/undo: there is nothing to undo");
    assert_false(engine_set(g, id_of("/redo"), 1.0, ENGINE_NOW, "tablet", &e));
    assert_string_equal(e.text, "/redo: there is nothing to redo");
}

static void
what_is_no_setting_is_no_step(void **state)
{
    struct err e;

    (void)state;
    set("/meter/reset", 1.0, ENGINE_NOW, "tablet");
    set("/compare/on", 1.0, ENGINE_NOW, "tablet");
    set("/compare/listen", 1.0, ENGINE_NOW, "tablet");
    assert_true(engine_set_text(g, id_of("/print/file"), "a.wav", "tablet", &e));
    assert_true(engine_move(g, MOVE_SILENT, id_of("/transport/source"), 1.0, ENGINE_NOW, "engine", &e));
    assert_true(get("/history/steps") == 0.0);
    set("/monitor/level", -30.0, ENGINE_NOW, "tablet");
    set("/print/seed", 7.0, ENGINE_NOW, "tablet");
    set("/meter/k/scale", 1.0, ENGINE_NOW, "tablet");
    set("/transport/source", 0.0, ENGINE_NOW, "tablet");
    assert_true(get("/history/steps") == 4.0);
}

static void
a_timed_move_is_noted_when_it_comes_into_force(void **state)
{
    (void)state;
    set("/eq/3/gain", 1.5, 48000, "tablet");
    assert_true(get("/history/steps") == 0.0);
    run(100);
    assert_true(get("/history/steps") == 0.0);
    run(100);
    says("/history/undo", "eq/3/gain 0.0 -> 1.5 dB, tablet");
    undo();
    run(10);
    assert_true(get("/eq/3/gain") == 0.0);
    assert_in_force();
}

static void
a_bundle_is_one_step_now_and_later(void **state)
{
    (void)state;
    run(1);
    for (int k = 0; k < 2; k++) {
        uint64_t frame = k ? 48000 : g->readings.frame + 100;
        const char *by = k ? "surface" : "tablet";

        set("/eq/3/gain", 3.0 - k, frame, by);
        set("/eq/3/freq", 500.0 + k, frame, by);
        set("/eq/3/q", 2.0 + k, frame, by);
        run(400 * k);
        assert_true(get("/history/steps") == k + 1.0);
    }
    says("/history/undo", "eq/3/gain 3 -> 2 dB and 2 more, surface");
}

static void
a_group_comes_into_force_at_one_frame(void **state)
{
    double *values = malloc(sizeof *values * (size_t)params_count());
    struct notice n;
    uint64_t frame = 0;
    struct process_io io = {.in = {silence[0], silence[1]}, .master = {out[0], out[1]}};
    struct err e;
    int moves = 0;

    (void)state;
    assert_non_null(values);
    memcpy(values, g->model.values, sizeof *values * (size_t)params_count());
    values[id_of("/eq/on")] = 1.0;
    values[id_of("/comp/on")] = 1.0;
    values[id_of("/limit/gain")] = 6.0;
    assert_true(engine_move_group(g, values, "preset club", "terminal", ENGINE_NOW, &e));
    says("/history/undo", "preset club (3 values), terminal");
    for (int way = 0; way < 2; way++, moves = 0) {
        for (int i = 0; i < 40; i++)
            process_run(&g->process, &io, PERIOD);
        while (process_notice(&g->process, &n)) {
            if (n.kind != NOTICE_SET)
                continue;
            assert_true(moves == 0 || n.frame == frame);
            frame = n.frame;
            moves++;
            moves_applied(g, &n);
        }
        assert_int_equal(moves, 3);
        assert_in_force();
        if (way == 0)
            undo();
    }
    assert_true(get("/limit/gain") == 0.0);
    values[id_of("/limit/gain")] = 99.0;
    assert_false(engine_move_group(g, values, "broken", "terminal", ENGINE_NOW, &e)); /* nothing of it */
    assert_true(get("/eq/on") == 0.0 && get("/history/steps") == 0.0);
    free(values);
}

/* As a dump that is loaded just after a preset, while the frame clock stands. */
static void
a_bundle_for_now_comes_after_a_preset_that_is_on_its_way(void **state)
{
    double *values = default_values();
    uint64_t now;
    struct err e;

    (void)state;
    run(4);
    values[id_of("/limit/on")] = 1.0;
    values[id_of("/eq/3/gain")] = 3.0;
    assert_true(engine_move_group(g, values, "preset club", "terminal", ENGINE_NOW, &e));
    now = engine_frame_at(g, clock_realtime_ns());
    set("/limit/on", 0.0, now, "tablet");
    set("/eq/3/gain", 0.0, now, "tablet");
    run(40);
    assert_float_equal(get("/limit/on"), 0.0, 0);
    assert_float_equal(get("/eq/3/gain"), 0.0, 0);
    assert_in_force();
    assert_float_equal(get("/history/steps"), 2, 0);
    undo();
    run(40);
    says("/history/undo", "preset club (2 values), terminal");
    assert_float_equal(get("/limit/on"), 1.0, 0);
    free(values);
}

/* With no room on the way to the process thread: half a preset, or half an undo, would be neither. */
static void
a_group_is_whole_when_too_many_moves_wait(void **state)
{
    double *values = malloc(sizeof *values * (size_t)params_count());
    struct err e;
    int room = MODEL_TIMED - 1;

    (void)state;
    assert_non_null(values);
    for (int i = 0; i < room; i++)
        set("/input/trim", (i + 1) % 2, 48000, "script");
    memcpy(values, g->model.values, sizeof *values * (size_t)params_count());
    for (int band = 1; band <= 8; band++) {
        char path[PARAM_PATH_SIZE];

        snprintf(path, sizeof path, "/eq/%d/gain", band);
        values[id_of(path)] = band;
    }
    assert_true(engine_move_group(g, values, "preset club", "terminal", ENGINE_NOW, &e));
    assert_true(get("/eq/8/gain") == 8.0);
    run(400);
    run(400);
    assert_in_force();
    undo(); /* the script's last move, which came later */
    undo();
    run(400);
    assert_true(get("/eq/1/gain") == 0.0 && get("/eq/8/gain") == 0.0);
    assert_in_force();
    free(values);
}

static void
a_crossfade_stops_when_it_is_undone(void **state)
{
    int id = id_of("/eq/3/gain"), group = engine_group_begin(g, "crossfade to B", "tablet");
    struct err e;

    (void)state;
    for (int i = 1; i <= 20; i++, run(2))
        assert_true(engine_move(g, group, id, i * 0.1, ENGINE_NOW, "tablet", &e));
    set("/comp/ratio", 4.0, ENGINE_NOW, "surface");
    assert_true(engine_move(g, group, id, 3.0, ENGINE_NOW, "tablet", &e));
    assert_true(get("/history/steps") == 2.0);
    assert_true(engine_group_open(g, group));
    undo();
    assert_false(engine_group_open(g, group));
    undo();
    assert_true(get("/eq/3/gain") == 0.0 && get("/comp/ratio") == 2.0);
}

static void
any_move(void)
{
    static const char *const hands[] = {"tablet", "surface", "osc 127.0.0.1:5005"};
    int id = (int)dice((uint32_t)params_count());
    const struct param *p = param_at(id);
    uint64_t frame = dice(3) ? ENGINE_NOW : g->readings.frame + dice(12000);
    double value;
    struct err e;

    if (!moves_count(p) || p->owner == OWNER_PRINT)
        return;
    assert_true(param_from_norm(p, chance(), &value, &e));
    if (!engine_set(g, id, value, frame, hands[dice(3)], &e))
        fail_msg("%s", e.text);
}

/* Moves for now and for later, undos and redos between them, at any period. */
static void
undo_all_is_the_start_and_redo_all_the_end(void **state)
{
    size_t size = sizeof(double) * (size_t)params_count();
    double *start = malloc(size), *end = malloc(size);

    (void)state;
    assert_true(start && end);
    dice_state = 7;
    memcpy(start, g->model.values, size);
    for (int i = 0; i < 900; i++) {
        any_move();
        if (dice(20) == 0)
            engine_set(g, id_of(dice(3) ? "/undo" : "/redo"), 1.0, ENGINE_NOW, "tablet", NULL);
        if (dice(4) == 0)
            run(1 + (int)dice(20));
    }
    run(400);
    while (engine_set(g, id_of("/redo"), 1.0, ENGINE_NOW, "tablet", NULL))
        run(1);
    memcpy(end, g->model.values, size);
    assert_true(get("/history/steps") > 100.0 && get("/history/steps") < HISTORY_STEPS);
    while (engine_set(g, id_of("/undo"), 1.0, ENGINE_NOW, "tablet", NULL))
        run(1);
    run(40);
    for (int id = 0; id < params_count(); id++)
        if (moves_count(param_at(id)) && g->model.values[id] != start[id])
            fail_msg("%s: %.17g, not %.17g", param_at(id)->path, g->model.values[id], start[id]);
    assert_in_force();
    while (engine_set(g, id_of("/redo"), 1.0, ENGINE_NOW, "tablet", NULL))
        run(1);
    run(40);
    for (int id = 0; id < params_count(); id++)
        if (moves_count(param_at(id)) && g->model.values[id] != end[id])
            fail_msg("%s: %.17g, not %.17g", param_at(id)->path, g->model.values[id], end[id]);
    assert_in_force();
    free(start);
    free(end);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_bundle_for_now_comes_after_a_preset_that_is_on_its_way),
        TEST(rows_tell_what_can_be_undone),
        TEST(with_nothing_to_undo_a_hand_is_told_so),
        TEST(what_is_no_setting_is_no_step),
        TEST(a_timed_move_is_noted_when_it_comes_into_force),
        TEST(a_bundle_is_one_step_now_and_later),
        TEST(a_group_comes_into_force_at_one_frame),
        TEST(a_group_is_whole_when_too_many_moves_wait),
        TEST(a_crossfade_stops_when_it_is_undone),
        TEST(undo_all_is_the_start_and_redo_all_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
