/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/rider.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, FRAMES = 1 << 17, LOOKAHEAD_MAX = 240 };

static double key[STEREO][FRAMES], db[STEREO][FRAMES];
static struct rider rider;
static double *memory;

/* Threshold -30 dBFS, 4:1, knee 6 dB, 1 and 50 ms. */
static struct rider_way
usual(void)
{
    return (struct rider_way){
        .curve = dynamics_curve_of(-30.0, 0.75, 6.0),
        .pace = dynamics_pace_of(1.0, 50.0, false, RATE),
        .range_db = 60.0,
        .link = 1.0,
        .rms_step = dynamics_step(RIDER_RMS_MS, RATE),
    };
}

static void
run(int from, int to)
{
    for (int at = from, n; at < to; at += n) {
        double v[STEREO][RIDER_PIECE];

        n = RIDER_PIECE - at % RIDER_PIECE;
        n = n < to - at ? n : to - at;
        rider_process(&rider, (const double *[]){key[0] + at, key[1] + at}, v, n);
        for (int k = 0; k < rider_rows(&rider); k++)
            memcpy(db[k] + at, v[k], sizeof **v * (size_t)n);
        if ((at + n) % RIDER_PIECE == 0)
            rider_tidy(&rider);
    }
}

static double
gain_of(double level_db)
{
    return pow(10.0, level_db / 20.0);
}

static void
constant(double left_db, double right_db)
{
    for (int i = 0; i < FRAMES; i++) {
        key[0][i] = gain_of(left_db);
        key[1][i] = -gain_of(right_db);
    }
}

/* What it comes to after a second. */
static double
steady(const struct rider_way *w, int row)
{
    rider_reset(&rider, w);
    run(0, RATE);
    return db[row][RATE - 1];
}

/* --- laws ------------------------------------------------------------------------------------------ */

/* 1e-6 dB: the detectors' last steps, and the quick logarithm. */
static void
downwards_it_is_the_curve_up_to_the_range(void **state)
{
    static const double ranges[] = {0.0, 3.0, 9.0, 60.0};
    struct rider_way w = usual();

    (void)state;
    for (size_t k = 0; k < LEN(ranges); k++) {
        w.range_db = ranges[k];
        for (double level_db = -90.3; level_db < 12.0; level_db += 5.1) {
            constant(level_db, -100.0);
            assert_true(fabs(steady(&w, 0) - fmin(dynamics_reduction_db(&w.curve, level_db), ranges[k])) <
                        1e-6);
        }
    }
}

/* From the formula: slope times what is missing to the threshold (rounded by the knee), the range, the floor. */
static double
raised_db(double level_db, double range_db)
{
    double under = -30.0 - level_db, bent = under <= -3.0  ? 0.0
                                            : under >= 3.0 ? under
                                                           : (under + 3.0) * (under + 3.0) / 12.0;

    return fmin(fmin(0.75 * bent, range_db), fmax(level_db + 80.0, 0.0));
}

static void
upwards_what_is_low_is_raised_but_silence_is_not(void **state)
{
    static const double ranges[] = {6.0, 60.0};
    struct rider_way w = usual();

    (void)state;
    w.curve = dynamics_curve_of(30.0, 0.75, 6.0);
    w.mode = RIDER_UP;
    for (size_t k = 0; k < LEN(ranges); k++) {
        w.range_db = ranges[k];
        for (double level_db = -120.3; level_db < 6.0; level_db += 2.7) {
            constant(level_db, -150.0);
            assert_true(fabs(-steady(&w, 0) - raised_db(level_db, ranges[k])) < 1e-5);
        }
    }
    memset(key, 0, sizeof key);
    assert_true(steady(&w, 0) == 0.0);
}

/* Of a tone, not of each of its zero crossings: within 0.5 dB of what its peak level says (release 50 ms). */
static void
upwards_it_goes_by_a_tones_level(void **state)
{
    struct rider_way w = usual();

    (void)state;
    w.curve = dynamics_curve_of(30.0, 0.75, 6.0);
    w.mode = RIDER_UP;
    for (int i = 0; i < FRAMES; i++)
        key[0][i] = key[1][i] = gain_of(-45.0) * sin(2.0 * PI * 1000.0 / RATE * i);
    assert_true(fabs(-steady(&w, 0) - raised_db(-45.0, 60.0)) < 0.5);
}

/* Upwards and silent from now on: it rises at first, but comes to nothing. */
static void
upwards_a_decay_into_silence_is_let_go(void **state)
{
    struct rider_way w = usual();

    (void)state;
    w.curve = dynamics_curve_of(30.0, 0.75, 6.0);
    w.mode = RIDER_UP;
    constant(-20.0, -20.0);
    steady(&w, 0);
    memset(key, 0, sizeof key);
    run(0, FRAMES);
    run(0, FRAMES);
    assert_true(db[0][FRAMES - 1] == 0.0);
}

static void
link_shares_the_larger_reduction(void **state)
{
    static const double links[] = {0.0, 0.25, 0.5, 0.99, 1.0};
    struct rider_way w = usual();
    double left = dynamics_reduction_db(&w.curve, -10.0), right = dynamics_reduction_db(&w.curve, -25.0);

    (void)state;
    constant(-10.0, -25.0);
    for (size_t k = 0; k < LEN(links); k++) {
        double m = links[k];

        w.link = m;
        assert_true(fabs(steady(&w, 0) - left) < 1e-6);
        assert_int_equal(rider_rows(&rider), m < 1.0 ? 2 : 1);
        assert_true(fabs(db[rider_rows(&rider) - 1][RATE - 1] - (m * left + (1.0 - m) * right)) < 1e-6);
    }
}

static void
a_part_of_the_picture_goes_by_itself(void **state)
{
    static const struct {
        int channels;
        double level;
    } parts[] = {{CHANNELS_MID, 0.5 * (0.4 + 0.1)},
                 {CHANNELS_SIDE, 0.5 * (0.4 - 0.1)},
                 {CHANNELS_LEFT, 0.4},
                 {CHANNELS_RIGHT, 0.1}};
    struct rider_way w = usual();

    (void)state;
    for (int i = 0; i < FRAMES; i++) {
        key[0][i] = 0.4;
        key[1][i] = 0.1;
    }
    for (size_t k = 0; k < LEN(parts); k++) {
        w.channels = parts[k].channels;
        assert_true(fabs(steady(&w, 0) - dynamics_reduction_db(&w.curve, 20.0 * log10(parts[k].level))) <
                    1e-6);
        assert_int_equal(rider_rows(&rider), 1);
    }
}

/* --- level ----------------------------------------------------------------------------------------- */

/* Ratio 1000, no knee: the reduction is how far the level is over the threshold. 10 kHz: hardly any ripple. */
static void
rms_of_a_sine_reads_3_db_less_than_its_peak(void **state)
{
    struct rider_way w = usual();

    (void)state;
    w.curve = dynamics_curve_of(-60.0, 1.0, 0.0);
    for (int i = 0; i < FRAMES; i++)
        key[0][i] = key[1][i] = 0.25 * sin(2.0 * PI * 1234.5 / RATE * i);
    w.rms = 1.0;
    assert_true(fabs(steady(&w, 0) - (60.0 + 20.0 * log10(0.25) - 3.0103)) < 0.02);
    w.rms = 0.0;
    assert_true(fabs(steady(&w, 0) - (60.0 + 20.0 * log10(0.25))) < 0.05);
}

/* A square wave's peak is its RMS; of a constant level in each channel a blend of any share reads the same. */
static void
a_square_reads_the_same_by_any_blend(void **state)
{
    struct rider_way w = usual();

    (void)state;
    constant(-12.0, -20.0);
    for (w.link = 0.0; w.link <= 1.0; w.link += 0.5)
        for (w.rms = 0.0; w.rms <= 1.0; w.rms += 0.25)
            assert_true(fabs(steady(&w, 0) - dynamics_reduction_db(&w.curve, -12.0)) < 1e-5);
}

/* In dB: a tone whose period divides a frame's grid, frame by frame against the sum done here. No smoothing. */
static void
blend_is_in_decibels(void **state)
{
    struct rider_way w = usual();
    double mean = 0.0, step = w.rms_step;

    (void)state;
    w.curve = dynamics_curve_of(-100.0, 1.0, 0.0);
    w.pace = dynamics_pace_of(0.0, 0.0, false, RATE);
    w.range_db = 200.0;
    w.rms = 0.3;
    for (int i = 0; i < FRAMES; i++)
        key[0][i] = key[1][i] = 0.25 * sin(2.0 * PI * 440.0 / RATE * i) + 0.1 * noise();
    rider_reset(&rider, &w);
    run(0, RATE);
    for (int i = 0; i < RATE; i++) {
        double x = key[0][i] * key[0][i], peak_db = 10.0 * log10(x), rms_db;

        mean += step * (x - mean);
        rms_db = 10.0 * log10(mean);
        assert_true(fabs(db[0][i] - fmax(100.0 + peak_db + 0.3 * (rms_db - peak_db), 0.0)) < 1e-5);
    }
}

/* 20 ms, one-pole: 63 % of the power after that. From silence that was heard long enough for it to count. */
static void
rms_takes_20_ms(void **state)
{
    struct rider_way w = usual();
    int at = 9600, i;

    (void)state;
    w.curve = dynamics_curve_of(-100.0, 1.0, 0.0);
    w.pace = dynamics_pace_of(0.0, 0.0, false, RATE);
    w.range_db = 200.0;
    w.rms = 1.0;
    constant(0.0, 0.0);
    memset(key[0], 0, sizeof **key * (size_t)at);
    memset(key[1], 0, sizeof **key * (size_t)at);
    rider_reset(&rider, &w);
    run(0, RATE);
    for (i = at; db[0][i] < 100.0 + 10.0 * log10(1.0 - exp(-1.0)); i++)
        ;
    assert_in_range(i - at, 959, 961);
}

/* A rider that takes over from one that went by peaks alone knows the RMS of a steady sound from its first frames on. */
static void
a_blend_asked_for_in_mid_sound_is_right_at_once(void **state)
{
    struct rider_way w = usual();
    struct rider from;

    (void)state;
    constant(-12.0, -12.0);
    steady(&w, 0);
    from = rider;
    w.rms = 1.0;
    rider_follow(&rider, &w, &from);
    run(0, 3000);
    for (int i = 0; i < 3000; i++)
        assert_true(fabs(db[0][i] - dynamics_reduction_db(&w.curve, -12.0)) < 1e-5);
}

/* --- time ------------------------------------------------------------------------------------------ */

/* With no smoothing: one loud frame is held for the look-ahead and itself, to the frame. */
static void
a_peak_is_held_over_the_look_ahead(void **state)
{
    struct rider_way w = usual();

    (void)state;
    w.pace = dynamics_pace_of(0.0, 0.0, false, RATE);
    for (w.link = 0.5; w.link <= 1.0; w.link += 0.5)
        for (w.lookahead = 1; w.lookahead <= LOOKAHEAD_MAX; w.lookahead += 59) {
            memset(key, 0, sizeof key);
            key[0][1000] = 1.0;
            rider_reset(&rider, &w);
            run(0, 2000);
            for (int i = 0; i < 2000; i++)
                assert_true((db[0][i] > 1.0) == (i >= 1000 && i <= 1000 + w.lookahead));
        }
}

/* Silence, then sound, then silence for long, in the order that short cuts are taken in: as if they were not. */
static void
short_cuts_change_no_bit(void **state)
{
    static double want[STEREO][FRAMES];
    struct rider_way w = usual();

    (void)state;
    w.lookahead = 100;
    w.link = 0.5;
    w.pace = dynamics_pace_of(1.0, 5.0, true, RATE);
    for (int i = 0; i < FRAMES; i++)
        key[0][i] = key[1][i] = (i / 30000) % 2 ? noise() : i % 10000 == 0 ? 0.5 : 1e-3 * noise();
    rider_reset(&rider, &w);
    run(0, FRAMES);
    memcpy(want, db, sizeof want);
    rider_reset(&rider, &w);
    for (int at = 0; at < FRAMES; at++) { /* a frame at a time: the cuts fall elsewhere */
        double v[STEREO][RIDER_PIECE];

        rider_process(&rider, (const double *[]){key[0] + at, key[1] + at}, v, 1);
        assert_true(v[0][0] == want[0][at] && v[1][0] == want[1][at]);
        if ((at + 1) % RIDER_PIECE == 0)
            rider_tidy(&rider);
    }
}

static void
what_is_no_number_is_nothing_and_soon_over(void **state)
{
    struct rider_way w = usual();

    (void)state;
    w.rms = 0.5;
    w.link = 0.5;
    constant(-20.0, -20.0);
    key[0][100] = NAN;
    key[1][200] = INFINITY;
    key[0][300] = -1e300;
    rider_reset(&rider, &w);
    run(0, 2 * RATE);
    for (int i = 0; i < 2 * RATE; i++)
        assert_true(isfinite(db[0][i]) && isfinite(db[1][i]));
    assert_true(fabs(db[0][2 * RATE - 1] - dynamics_reduction_db(&w.curve, -20.0)) < 0.01);
}

static int
begin(void **state)
{
    (void)state;
    memory = calloc(rider_size(LOOKAHEAD_MAX), sizeof *memory);
    if (!memory)
        return -1;
    rider_place(&rider, memory, LOOKAHEAD_MAX);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    free(memory);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(downwards_it_is_the_curve_up_to_the_range),
        cmocka_unit_test(upwards_what_is_low_is_raised_but_silence_is_not),
        cmocka_unit_test(upwards_it_goes_by_a_tones_level),
        cmocka_unit_test(upwards_a_decay_into_silence_is_let_go),
        cmocka_unit_test(link_shares_the_larger_reduction),
        cmocka_unit_test(a_part_of_the_picture_goes_by_itself),
        cmocka_unit_test(rms_of_a_sine_reads_3_db_less_than_its_peak),
        cmocka_unit_test(a_square_reads_the_same_by_any_blend),
        cmocka_unit_test(blend_is_in_decibels),
        cmocka_unit_test(rms_takes_20_ms),
        cmocka_unit_test(a_blend_asked_for_in_mid_sound_is_right_at_once),
        cmocka_unit_test(a_peak_is_held_over_the_look_ahead),
        cmocka_unit_test(short_cuts_change_no_bit),
        cmocka_unit_test(what_is_no_number_is_nothing_and_soon_over),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
