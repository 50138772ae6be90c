/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * midi_in, from a period's messages to the sound, the model and the history. The engine has no server: its process is
 * real, and the test runs it.
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

enum { RATE = 48000, NFRAMES = 24000, MESSAGES = 600, PERIOD = 256 };

static const char *const row[] = {"/input/trim",   "/eq/3/freq",    "/eq/3/gain", "/comp/threshold",
                                  "/limit/gain",   "/eq/on",        "/comp/mix",  "/eq/3/type",
                                  "/chain/bypass", "/monitor/level"};

static struct engine *g;
static float in[STEREO][NFRAMES], ears[STEREO][NFRAMES];
static double tap[STEREO][NFRAMES], want[STEREO][NFRAMES];
static struct {
    uint64_t frame;
    uint8_t bytes[3];
} message[MESSAGES];
static int nmessages;

static int at; /* the next frame of the input */

static void
open_process(struct process *p)
{
    struct settings s = default_settings();

    assert_int_equal(process_prepare(p, RATE, NULL, NULL), OK);
    process_begin(p, &s, false);
}

static int
set_up(void **state)
{
    (void)state;
    g = calloc(1, sizeof *g);
    assert_non_null(g);
    params_init();
    assert_int_equal(model_prepare(&g->model), OK);
    assert_int_equal(moves_prepare(g), OK);
    assert_int_equal(recall_open(g), OK);
    open_process(&g->process);
    g->built = true;
    g->server.state = SERVER_RUNNING;
    nmessages = 0;
    at = 0;
    dice_state = 5;
    for (int i = 0; i < NFRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            in[c][i] = ((float)dice(2001) - 1000.0f) / 4000.0f;
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    process_free(&g->process);
    recall_close(g);
    history_free(&g->history);
    model_free(&g->model);
    free(g);
    return 0;
}

/* Knobs on CC 20 and so on, each for a row; the second and third turn without end. */
static void
map_rows(void)
{
    static struct midimap map;

    map.count = LEN(row);
    for (int i = 0; i < map.count; i++)
        map.entry[i] =
            (struct midimap_entry){.status = 0xB0,
                                   .number = (uint8_t)(20 + i),
                                   .message = SURFACE_CC,
                                   .coding = i == 1 || i == 2 ? SURFACE_TWOS_COMPLEMENT : SURFACE_ABSOLUTE,
                                   .max = 127,
                                   .acceleration = 1.2,
                                   .takeover = i == 3 ? SURFACE_PICKUP : SURFACE_JUMP,
                                   .param = id_of(row[i]),
                                   .high = 1.0,
                                   .step = 0.01};
    engine_midi_map(g, &map, "midi jack");
}

static void
add_message(uint64_t frame, int number, int value)
{
    assert_true(nmessages < MESSAGES);
    message[nmessages].frame = frame;
    memcpy(message[nmessages++].bytes, (uint8_t[]){0xB0, (uint8_t)number, (uint8_t)value}, 3);
}

/* One period of the process, with what comes on midi_in in it. */
static void
run_period(struct process *p, int from, int nframes, bool hears)
{
    struct process_midi midi[MESSAGES];
    struct process_io io = {.midi = midi};

    for (int i = 0; i < nmessages && hears; i++)
        if (message[i].frame >= (uint64_t)from && message[i].frame < (uint64_t)(from + nframes))
            midi[io.nmidi++] = (struct process_midi){(int)message[i].frame - from, message[i].bytes, 3};
    for (int c = 0; c < STEREO; c++) {
        io.in[c] = in[c] + from;
        io.monitor_a[c] = ears[c] + from;
        io.tap[c] = tap[c] + from;
    }
    process_run(p, &io, nframes);
}

static void
run_to(int to, int period)
{
    for (int n; at < to; at += n) {
        n = period < to - at ? period : to - at;
        run_period(&g->process, at, n, true);
    }
}

/* What the control thread does at a tick. */
static void
tick(void)
{
    struct notice n;

    g->readings = *(const struct readings *)publish_read(&g->process.readings);
    while (process_notice(&g->process, &n))
        if (n.kind == NOTICE_SET)
            moves_applied(g, &n);
    model_send_late(&g->model, &g->process);
    recall_tick(g);
}

/* From the start of the input on, ticks and all. */
static void
run(int periods)
{
    for (int i = 0; i < periods; i++) {
        if (at + PERIOD > NFRAMES)
            at = 0;
        run_period(&g->process, at, PERIOD, false);
        at += PERIOD;
        tick();
    }
}

/* One period in which a knob is turned, at a frame of it. */
static void
turn(int offset, int number, int value)
{
    struct process_midi midi = {offset, (const uint8_t[]){0xB0, (uint8_t)number, (uint8_t)value}, 3};
    struct process_io io = {.in = {in[0], in[1]}, .monitor_a = {ears[0], ears[1]}, .midi = &midi, .nmidi = 1};

    process_run(&g->process, &io, PERIOD);
}

static double
get(const char *path)
{
    return engine_get(g, id_of(path));
}

static void
set(const char *path, double value, uint64_t frame)
{
    struct err e;

    if (!engine_set(g, id_of(path), value, frame, "tablet", &e))
        fail_msg("%s", e.text);
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

/* --- the sound ------------------------------------------------------------------------------------ */

/* What comes out is what a bare chain makes that is handed its new setting between two frames. */
static void
a_message_moves_its_row_at_its_frame(void **state)
{
    static const int periods[] = {7, 64, 100, 1024};
    static const struct {
        int frame, value;
    } move[] = {{0, 70}, {1000, 20}, {1001, 90}, {6543, 127}};
    struct settings s = default_settings();
    struct chain c;

    (void)state;
    assert_int_equal(chain_prepare(&c, RATE), OK);
    chain_set(&c, &s, SETTINGS_ALL);
    for (int k = 0; k < STEREO; k++)
        for (int i = 0; i < NFRAMES; i++)
            want[k][i] = in[k][i];
    for (size_t i = 0; i < LEN(move); i++) {
        int from = move[i].frame, to = i + 1 < LEN(move) ? move[i + 1].frame : NFRAMES;

        s.input.trim_db = -24.0 + move[i].value / 127.0 * 48.0;
        chain_set(&c, &s, offsetof(struct settings, input.trim_db));
        chain_process(&c, &(struct chain_sound){.io = {want[0] + from, want[1] + from}}, to - from);
        add_message((uint64_t)from, 20, move[i].value);
    }
    for (size_t i = 0; i < LEN(periods); i++) {
        process_free(&g->process);
        open_process(&g->process);
        map_rows();
        at = 0;
        run_to(NFRAMES, periods[i]);
        for (int k = 0; k < STEREO; k++)
            assert_memory_equal(tap[k], want[k], sizeof tap[k]);
    }
    chain_free(&c);
}

struct done {
    uint64_t frame;
    int param;
    double value;
};

static int
take_sets(struct process *p, struct done *done, int most)
{
    struct notice n;
    int count = 0;

    while (process_notice(p, &n))
        if (n.kind == NOTICE_SET) {
            assert_true(count < most && n.own);
            done[count++] = (struct done){n.frame, n.param, n.value};
        }
    return count;
}

/* The log is these notices: a render moves what they say, when they say it. */
static void
a_render_of_what_was_told_is_the_print_at_any_period(void **state)
{
    static const int periods[] = {7, 64, 100, 1024};
    static struct process other;
    static struct done first[MESSAGES], done[MESSAGES];
    int moves = 0;

    (void)state;
    for (int i = 0; i < MESSAGES; i++)
        add_message((uint64_t)i * (NFRAMES - 100) / MESSAGES + dice(60), 20 + (int)dice(LEN(row)),
                    (int)dice(128));
    for (int i = 0; i + 1 < MESSAGES; i++) /* some at one frame, none before the one before it */
        if (message[i + 1].frame < message[i].frame)
            message[i + 1].frame = message[i].frame;
    for (size_t i = 0; i < LEN(periods); i++) {
        int n;

        process_free(&g->process);
        open_process(&g->process);
        map_rows();
        at = 0;
        run_to(NFRAMES, periods[i]);
        n = take_sets(&g->process, done, MESSAGES);
        if (i == 0) {
            memcpy(want, tap, sizeof want);
            memcpy(first, done, sizeof first);
            moves = n;
            assert_true(moves > MESSAGES / 2);
        }
        assert_int_equal(n, moves);
        assert_memory_equal(done, first, sizeof *done * (size_t)n);
        assert_memory_equal(tap, want, sizeof want);
    }
    open_process(&other);
    for (int i = 0; i < moves; i++)
        assert_true(process_send(&other, &(struct event){.kind = EVENT_SET,
                                                         .param = first[i].param,
                                                         .value = first[i].value,
                                                         .frame = first[i].frame}));
    for (int from = 0; from < NFRAMES; from += 480)
        run_period(&other, from, 480, false);
    assert_memory_equal(tap, want, sizeof want);
    process_free(&other);
}

/* --- what control hears of ------------------------------------------------------------------------ */

static void
control_hears_all_messages_in_order_with_their_frames(void **state)
{
    struct engine_midi m;
    uint64_t lost = 99;

    (void)state;
    map_rows();
    for (int i = 0; i < MESSAGES; i++)
        add_message((uint64_t)i * 40, i % 3 ? 20 + i % 8 : 100, i % 128);
    run_to(NFRAMES, 100);
    for (int i = 0; i < MESSAGES; i++) {
        assert_true(engine_midi_read(g, &m, &lost));
        assert_int_equal(m.frame, message[i].frame);
        assert_int_equal(m.size, 3);
        assert_memory_equal(m.bytes, message[i].bytes, 3);
        assert_int_equal(m.moved, i % 3 != 0);
    }
    assert_false(engine_midi_read(g, &m, &lost));
    assert_int_equal(lost, 0);
}

static void
a_flood_is_taken_in_shares_and_in_order(void **state)
{
    enum { SHARE = PROCESS_MOVES + 7 * PROCESS_MOVES_A_FRAME };
    struct engine_midi m;
    int heard = 0;

    (void)state;
    map_rows();
    for (int i = 0; i < MESSAGES - 1; i++)
        add_message(3, 20, i % 128);
    for (int period = 1; heard < MESSAGES; period++) {
        int most = period * SHARE < MESSAGES ? period * SHARE : MESSAGES;

        if (period == 2)
            add_message(10, 20, 64); /* it must not overtake */
        run_to(7 * period, 7);
        for (; engine_midi_read(g, &m, NULL); heard++) {
            assert_true(m.moved);
            assert_int_equal(m.frame, message[heard].frame);
            assert_memory_equal(m.bytes, message[heard].bytes, 3);
        }
        if (period < 2)
            assert_int_equal(heard, most);
        assert_true(heard <= period * SHARE);
    }
    tick();
    assert_int_equal(g->process.own, MESSAGES);
    assert_float_equal(get("/input/trim"), -24.0 + 48.0 * 64 / 127, 1e-12);
    assert_in_force();
}

static void
a_server_that_lost_messages_is_counted_in(void **state)
{
    struct process_io io = {.midi_lost = 3};
    struct engine_midi m;
    uint64_t lost = 0;

    (void)state;
    process_run(&g->process, &io, 0);
    process_run(&g->process, &io, 0);
    assert_false(engine_midi_read(g, &m, &lost));
    assert_int_equal(lost, 6);
    midi_unbuild(g);
    process_free(&g->process);
    open_process(&g->process);
    engine_midi_read(g, &m, &lost);
    assert_int_equal(lost, 6);
}

static void
a_map_is_in_force_from_the_next_period_on_until_it_is_taken_away(void **state)
{
    (void)state;
    turn(0, 20, 127);
    map_rows();
    turn(0, 20, 100);
    tick();
    assert_float_equal(get("/input/trim"), -24.0 + 48.0 * 100 / 127, 1e-12);
    midi_build(g); /* a process that is new gets it too */
    turn(0, 20, 127);
    tick();
    assert_float_equal(get("/input/trim"), 24.0, 0);
    engine_midi_map(g, NULL, "midi jack");
    turn(0, 20, 0);
    tick();
    assert_float_equal(get("/input/trim"), 24.0, 0);
}

static uint8_t cable[64];
static size_t laid;
static int last; /* how far into its period the last one was */

static bool
put(void *context, int offset, const uint8_t *bytes, size_t size)
{
    (void)context;
    last = offset;
    memcpy(cable + laid, bytes, size);
    laid += size;
    return true;
}

static void
what_control_writes_goes_out_with_the_next_period(void **state)
{
    struct process_io io = {.midi_put = put};

    (void)state;
    laid = 0;
    assert_true(engine_midi_write(g, (const uint8_t *)"\xB0\x10\x05", 3, 0));
    assert_true(engine_midi_write(g, (const uint8_t *)"\xF0\x01\xF7", 3, 0));
    process_run(&g->process, &io, PERIOD);
    assert_int_equal(laid, 6);
    assert_memory_equal(cable, "\xB0\x10\x05\xF0\x01\xF7", 6);
    g->server.state = SERVER_LOST;
    assert_false(engine_midi_write(g, (const uint8_t *)"\xF8", 1, 0));
}

/* 5 ms at 48 kHz are 240 frames. */
static void
behind_a_message_midi_out_rests_as_long_as_control_asks(void **state)
{
    struct process_io io = {.midi_put = put};

    (void)state;
    laid = 0;
    assert_true(engine_midi_write(g, (const uint8_t *)"\xF0\x01\xF7", 3, 5000000));
    assert_true(engine_midi_write(g, (const uint8_t *)"\xF0\x02\xF7", 3, 5000000));
    assert_true(engine_midi_write(g, (const uint8_t *)"\xF0\x03\xF7", 3, 5000000));
    process_run(&g->process, &io, PERIOD);
    assert_int_equal(laid, 6);
    assert_int_equal(last, 240);
    process_run(&g->process, &io, PERIOD);
    assert_int_equal(laid, 9);
    assert_int_equal(last, 480 - PERIOD);
}

/* --- the model, the history ----------------------------------------------------------------------- */

static void
a_turn_is_one_step_and_is_taken_back_as_one(void **state)
{
    (void)state;
    map_rows();
    for (int i = 64; i < 128; i++) {
        turn(i, 20, i);
        tick();
    }
    assert_float_equal(get("/input/trim"), 24.0, 0);
    assert_float_equal(get("/history/steps"), 1, 0);
    assert_string_equal(engine_get_text(g, id_of("/history/undo")), "input/trim 0 -> 24 dB, midi jack");
    set("/undo", 1.0, ENGINE_NOW);
    run(2);
    assert_float_equal(get("/input/trim"), 0.0, 0);
    assert_in_force();
    set("/redo", 1.0, ENGINE_NOW);
    run(2);
    assert_float_equal(get("/input/trim"), 24.0, 0);
    assert_in_force();
}

/* The knob is turned, and before control knows a tablet sets the row. */
static void
a_tablets_later_move_is_not_hidden_by_news_of_the_knob(void **state)
{
    (void)state;
    map_rows();
    run(1);
    turn(100, 20, 127);
    set("/input/trim", 3.0, ENGINE_NOW);
    tick();
    assert_float_equal(get("/input/trim"), 3.0, 0);
    run(1);
    assert_float_equal(get("/input/trim"), 3.0, 0);
    assert_in_force();
    set("/input/trim", 5.0, ENGINE_NOW); /* and the other way round */
    turn(100, 20, 127);
    tick();
    assert_float_equal(get("/input/trim"), 24.0, 0);
    assert_in_force();
}

/* Fades of a second from one snapshot to another, which sends its moves ahead of the sound. */
static void
begin_passage(void)
{
    struct err e;

    set("/snapshot/fade", 1.0, ENGINE_NOW);
    set("/input/trim", -12.0, ENGINE_NOW);
    set("/limit/gain", 8.0, ENGINE_NOW);
    run(2);
    assert_true(engine_set_text(g, id_of("/snapshot/store"), "loud", "tablet", &e));
    set("/input/trim", 0.0, ENGINE_NOW);
    set("/limit/gain", 0.0, ENGINE_NOW);
    run(2);
    assert_true(engine_set_text(g, id_of("/snapshot/recall"), "loud", "tablet", &e));
    run(50);
    assert_true(get("/input/trim") < -1.0 && get("/input/trim") > -11.0);
}

static void
a_knob_takes_its_row_out_of_a_passage(void **state)
{
    (void)state;
    map_rows();
    begin_passage();
    turn(17, 20, 127);
    for (int i = 0; i < 250; i++) {
        run(1);
        assert_float_equal(get("/input/trim"), 24.0, 0);
        assert_float_equal(g->process.settings.input.trim_db, 24.0, 0);
    }
    assert_float_equal(get("/limit/gain"), 8.0, 0);
    assert_int_equal(g->model.timed, 0);
    assert_in_force();
    turn(17, 20, 0); /* nothing is left of it */
    run(1);
    assert_float_equal(get("/input/trim"), -24.0, 0);
    set("/input/trim", 1.0, ENGINE_NOW);
    run(1);
    assert_float_equal(get("/input/trim"), 1.0, 0);
    assert_in_force();
}

static void
a_passage_that_begins_after_the_knob_was_turned_has_its_row(void **state)
{
    struct err e;

    (void)state;
    map_rows();
    begin_passage();
    turn(17, 20, 127);
    run(4);
    assert_true(engine_set_text(g, id_of("/snapshot/recall"), "loud", "tablet", &e));
    run(300);
    assert_float_equal(get("/input/trim"), -12.0, 0);
    assert_in_force();
}

static void
a_blind_comparison_counts_a_knob_as_a_hand(void **state)
{
    (void)state;
    map_rows();
    assert_int_equal(blind_begin(&g->listening.blind, blind_system_coin()), OK);
    turn(0, 20, 100);
    tick();
    assert_int_equal(g->listening.run.moves, 1);
}

/* Any hands in any order: in the end all agree. */
static void
after_any_moves_by_any_hands_the_model_is_what_sounds(void **state)
{
    struct err e;

    (void)state;
    map_rows();
    begin_passage();
    for (int round = 0; round < 3000; round++) {
        int which = (int)dice(LEN(row));
        const struct param *p = param_at(id_of(row[which]));
        double value = param_at_norm(p, chance());

        switch (dice(12)) {
        case 0: engine_set(g, id_of(p->path), value, ENGINE_NOW, "tablet", &e); break;
        case 1: engine_set(g, id_of(p->path), value, g->process.frame + dice(20000), "tablet", &e); break;
        case 2:
            engine_set(g, id_of(p->path), value, engine_frame_at(g, clock_realtime_ns()), "tablet", &e);
            break;
        case 3: engine_set(g, id_of(dice(3) ? "/undo" : "/redo"), 1.0, ENGINE_NOW, "tablet", &e); break;
        case 4:
            if (dice(8) == 0)
                engine_set_text(g, id_of("/snapshot/recall"), "loud", "tablet", &e);
            break;
        case 5:
        case 6: tick(); break;
        default: turn((int)dice(PERIOD), 20 + which, (int)dice(128)); break;
        }
        if (round % 300 == 299) {
            run(400);
            assert_in_force();
            assert_int_equal(g->model.timed, 0);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_moves_its_row_at_its_frame, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_render_of_what_was_told_is_the_print_at_any_period, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(control_hears_all_messages_in_order_with_their_frames, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_flood_is_taken_in_shares_and_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_server_that_lost_messages_is_counted_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_map_is_in_force_from_the_next_period_on_until_it_is_taken_away,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(behind_a_message_midi_out_rests_as_long_as_control_asks, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_control_writes_goes_out_with_the_next_period, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_turn_is_one_step_and_is_taken_back_as_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_tablets_later_move_is_not_hidden_by_news_of_the_knob, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_knob_takes_its_row_out_of_a_passage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_passage_that_begins_after_the_knob_was_turned_has_its_row, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_blind_comparison_counts_a_knob_as_a_hand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(after_any_moves_by_any_hands_the_model_is_what_sounds, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
