/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/analyser.h"

#include "engine/meters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, QUARTER = RATE / 4 };

static struct tap tap;
static struct analyser a;
static struct readings r;

static int
set_up(void **state)
{
    (void)state;
    memset(&r, 0, sizeof r);
    assert_int_equal(tap_prepare(&tap, RATE), OK);
    assert_int_equal(analyser_prepare(&a, RATE), OK);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    analyser_free(&a);
    tap_free(&tap);
    return 0;
}

/* What goes in comes out, from both ends, and what finds no room is counted. */
static void
the_tap_holds_a_second_and_counts_what_it_loses(void **state)
{
    static double in[STEREO][TAP_BLOCK], out[STEREO][TAP_BLOCK];
    static struct tap_frame got[TAP_BLOCK];
    const double *const ins[] = {in[0], in[1]}, *const outs[] = {out[0], out[1]};
    uint64_t room = ring_capacity(&tap.ring), frames = 0;

    (void)state;
    assert_true(room >= RATE);
    for (; frames < room + 1000; frames += TAP_BLOCK) {
        for (int i = 0; i < TAP_BLOCK; i++) {
            in[0][i] = (double)(frames + (uint64_t)i) / (1 << 20);
            in[1][i] = -in[0][i];
            out[0][i] = 0.5 * in[0][i];
            out[1][i] = 0.25;
        }
        tap_input(&tap, ins, TAP_BLOCK);
        tap_output(&tap, outs, TAP_BLOCK);
    }
    assert_int_equal(tap_lost(&tap), frames - room);
    for (uint64_t at = 0; at < room; at += TAP_BLOCK) {
        assert_int_equal(tap_read(&tap, got, TAP_BLOCK), TAP_BLOCK);
        for (int i = 0; i < TAP_BLOCK; i++) {
            float x = (float)(at + (uint64_t)i) / (1 << 20);

            assert_true(got[i].in[0] == x && got[i].in[1] == -x);
            assert_true(got[i].out[0] == 0.5f * x && got[i].out[1] == 0.25f);
        }
    }
    assert_int_equal(tap_read(&tap, got, TAP_BLOCK), 0);
}

/* However often it is looked at: a point a quarter second of sound. */
static void
histories_count_quarter_seconds_of_the_frame_clock(void **state)
{
    (void)state;
    for (int tick = 0; tick < 1000; tick++, r.frame += 480) {
        r.reduction_db[STAGE_COMP] = (double)(r.frame / QUARTER);
        r.reduction_db[STAGE_LIMIT] = 3.0;
        analyser_tick(&a, &tap, &r);
    }
    assert_int_equal(a.series.comp.generation, 40); /* 10 s */
    assert_true(a.series.comp.value[HISTORY_POINTS - 1] == 39.0);
    assert_true(a.series.comp.value[HISTORY_POINTS - 40] == 0.0);
    assert_true(a.series.comp.value[HISTORY_POINTS - 39] == 1.0);
    assert_true(a.series.limit.value[HISTORY_POINTS - 40] == 3.0);
    assert_true(a.series.limit.value[HISTORY_POINTS - 41] == 0.0);
    assert_true(a.series.deess.value[HISTORY_POINTS - 1] == 0.0);
}

static void
a_long_wait_makes_one_point(void **state)
{
    (void)state;
    analyser_tick(&a, &tap, &r);
    r.frame += 100 * RATE;
    analyser_tick(&a, &tap, &r);
    analyser_tick(&a, &tap, &r);
    assert_int_equal(a.series.eq.generation, 2);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(the_tap_holds_a_second_and_counts_what_it_loses),
        CASE(histories_count_quarter_seconds_of_the_frame_clock),
        CASE(a_long_wait_makes_one_point),
    };

    return cmocka_run_group_tests_name("analyser", tests, NULL, NULL);
}
