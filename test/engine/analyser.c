/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/analyser.h"

#include "dsp/xmath.h"
#include "engine/check/curve.h"
#include "engine/meters.h"
#include "engine/params.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, QUARTER = RATE / 4 };

static struct tap tap;
static struct analyser a;
static struct readings r;
static const struct curve *reference; /* NULL: none */
static double values[1024];           /* the table's defaults */

static int
set_up(void **state)
{
    (void)state;
    memset(&r, 0, sizeof r);
    params_init();
    for (int i = 0; i < params_count(); i++)
        values[i] = param_at(i)->def;
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
        analyser_tick(&a, &tap, values, reference, &r);
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
    analyser_tick(&a, &tap, values, reference, &r);
    r.frame += 100 * RATE;
    analyser_tick(&a, &tap, values, reference, &r);
    analyser_tick(&a, &tap, values, reference, &r);
    assert_int_equal(a.series.eq.generation, 2);
}

/* A second of a tone as the chain would hand it on: in at full level, out at gains of its own. */
static void
play(double freq_hz, double left, double right, double seconds)
{
    static double in[STEREO][TAP_BLOCK], out[STEREO][TAP_BLOCK];
    const double *const ins[] = {in[0], in[1]}, *const outs[] = {out[0], out[1]};
    static int at;

    for (int done = 0; done < (int)(seconds * RATE); done += TAP_BLOCK) {
        for (int i = 0; i < TAP_BLOCK; i++, at++) {
            in[0][i] = in[1][i] = sin(2.0 * PI * freq_hz * at / RATE);
            out[0][i] = left * in[0][i];
            out[1][i] = right * in[1][i];
        }
        tap_input(&tap, ins, TAP_BLOCK);
        tap_output(&tap, outs, TAP_BLOCK);
        r.frame += TAP_BLOCK;
        analyser_tick(&a, &tap, values, reference, &r);
    }
}

static int
loudest(const double *db)
{
    int at = 0;

    for (int i = 0; i < SPECTRUM_POINTS; i++)
        at = db[i] > db[at] ? i : at;
    return at;
}

static void
phase_and_dynamics_are_the_master_s(void **state)
{
    (void)state;
    play(1000.0, 0.5, -0.25, 5.0);
    assert_float_equal(r.analysed.correlation[CORRELATION_FULL], -1.0, 0.001);
    assert_float_equal(r.analysed.balance_lu, 6.02, 0.05);
    assert_true(r.analysed.mono_lu < -5.0);
    assert_float_equal(r.analysed.negative_percent, 100.0, 0.1);
    assert_float_equal(r.analysed.crest_db[0], 3.01, 0.02);
    assert_true(r.analysed.offset_dbfs[0] < -80.0);
    assert_float_equal(a.series.goniometer.value[0], -a.series.goniometer.value[1] * 3.0, 0.001);
    analyser_restart(&a);
    play(1000.0, 0.5, 0.5, 5.0);
    assert_float_equal(r.analysed.correlation[CORRELATION_FULL], 1.0, 0.001);
    assert_float_equal(r.analysed.negative_percent, 0.0, 0.1);
    assert_float_equal(r.analysed.mono_lu, 0.0, 0.01);
}

static void
spectra_are_of_both_ends(void **state)
{
    (void)state;
    play(1000.0, 0.1, 0.1, 3.0);
    assert_float_equal(a.series.input.needle.value[loudest(a.series.input.needle.value)], 0.0, 0.1);
    assert_float_equal(a.series.output.needle.value[loudest(a.series.output.needle.value)], -20.0, 0.1);
    assert_float_equal(a.series.output.average.value[loudest(a.series.output.average.value)], -20.0, 0.2);
    assert_float_equal(spectrum_hz(loudest(a.series.output.hold.value)), 1000.0, 30.0);
    assert_true(a.series.output.hold.generation > 50);
}

/* -20 dBFS RMS on the AES-17 scale: a sine of -20 dBFS peak. Calibrated: 85 dB SPL at level 0, so 0 of K-20 is there. */
static void
the_k_scale_knows_the_room_once_it_is_calibrated(void **state)
{
    (void)state;
    play(1000.0, 0.1, 0.1, 3.0);
    assert_float_equal(r.analysed.k_db[0], 0.0, 0.02);
    assert_float_equal(r.analysed.k_peak_db[1], 0.0, 0.02);
    assert_true(r.analysed.k_spl == 0.0);
    values[param_find("/monitor/reference")] = 85.0;
    values[param_find("/monitor/level")] = -5.0;
    play(1000.0, 0.1, 0.1, 0.1);
    assert_float_equal(r.analysed.k_spl, 80.0, 1e-9);
    assert_float_equal(r.analysed.k_level_db, -2.0, 1e-9);
    values[param_find("/meter/k/scale")] = K_14;
    play(1000.0, 0.1, 0.1, 0.1);
    assert_float_equal(r.analysed.k_db[0], -6.0, 0.02);
    assert_float_equal(r.analysed.k_spl, 86.0, 1e-9);
    assert_float_equal(r.analysed.k_level_db, -8.0, 1e-9);
}

/* A reference 6 dB louder in one third of an octave than what plays. */
static void
the_balance_is_held_against_a_reference(void **state)
{
    struct curve c;
    int at = 0;

    (void)state;
    for (int i = 0; i < 30; i++)
        play(60.0 * pow(2.0, i / 3.0 - 1.0 / 6.0) * 1.1, 0.1, 0.1, 0.2);
    assert_true(curve_of_spectrum(&c, &a.output));
    for (int i = 0; i < CURVE_POINTS; i++)
        at = fabs(spectrum_hz(i) - 1000.0) < fabs(spectrum_hz(at) - 1000.0) ? i : at;
    c.level_db[at] += 6.0;
    reference = &c;
    play(1000.0, 0.0, 0.0, 1.0);
    assert_float_equal(a.series.difference.value[at], -6.0, 0.3);
    assert_float_equal(a.series.difference.value[at - 10], 0.0, 0.3);
    assert_true(r.analysed.distance_db > 0.1 && r.analysed.distance_db < 2.0);
    reference = NULL;
    play(1000.0, 0.0, 0.0, 1.0);
    assert_true(r.analysed.distance_db == 0.0);
    assert_true(a.series.difference.value[at] == 0.0);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(the_tap_holds_a_second_and_counts_what_it_loses),
        CASE(histories_count_quarter_seconds_of_the_frame_clock),
        CASE(a_long_wait_makes_one_point),
        CASE(phase_and_dynamics_are_the_master_s),
        CASE(spectra_are_of_both_ends),
        CASE(the_balance_is_held_against_a_reference),
        CASE(the_k_scale_knows_the_room_once_it_is_calibrated),
    };

    return cmocka_run_group_tests_name("analyser", tests, NULL, NULL);
}
