/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/truepeak.h"

#include "test/kit/dice.h"
#include "test/kit/itu.h"
#include "test/kit/kaiser.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { FRAMES = 8192, GROUP = TRUEPEAK_GROUP };

static double sound[STEREO][FRAMES];

/* Turns: whole periods a frame. */
static void
make_tone(double amplitude, double turns, double phase_degrees)
{
    for (int i = 0; i < FRAMES; i++)
        sound[0][i] = sound[1][i] =
            amplitude * sin(2.0 * PI * (fmod(turns * i, 1.0) + phase_degrees / 360.0));
}

static struct truepeak_reading
read_sound(int channel)
{
    const double *const in[STEREO] = {sound[0], sound[1]};
    struct truepeak_meter m;

    truepeak_meter_prepare(&m);
    truepeak_meter_process(&m, in, FRAMES);
    return truepeak_meter_read(&m, channel);
}

static double
db(double gain)
{
    return 20.0 * log10(gain);
}

/* EBU Tech 3341, cases 15 to 19: +0.2/-0.4 dB allowed. Without fades, so read from the middle: the start of a tone
   that is suddenly there rings above it. */
static void
tones_of_tech_3341_read_right(void **state)
{
    static const struct {
        double amplitude, period, phase, want_dbtp;
    } cases[] = {
        {0.5, 4, 0, -6.0}, {0.5, 4, 45, -6.0}, {0.5, 6, 60, -6.0}, {0.5, 8, 67.5, -6.0}, {1.41, 4, 45, 3.0}};

    (void)state;
    for (size_t k = 0; k < LEN(cases); k++) {
        struct truepeak_reading r;

        make_tone(cases[k].amplitude, 1.0 / cases[k].period, cases[k].phase);
        for (int i = 0; i < FRAMES; i++) {
            int edge = i < FRAMES - 1 - i ? i : FRAMES - 1 - i;

            sound[0][i] *= edge < 480 ? edge / 480.0 : 1.0;
        }
        r = read_sound(0);
        assert_true(db(r.wave) > cases[k].want_dbtp - 0.1 && db(r.wave) < cases[k].want_dbtp + 0.1);
        assert_true(db(r.itu) > cases[k].want_dbtp - 0.4 && db(r.itu) < cases[k].want_dbtp + 0.2);
    }
}

/* The group that begins at frame i. */
static struct truepeak_group
read_group(struct truepeak *t, int i, float floor)
{
    const double *const in[STEREO] = {sound[0] + i, sound[1] + i};
    struct truepeak_group g;

    truepeak_group(t, in, &(struct truepeak_floor){{floor, floor}, {floor, floor}}, &g);
    return g;
}

/* The largest reading of groups well inside a steady tone. */
static double
steady_reading(double turns, double phase_degrees)
{
    struct truepeak t;
    double most = 0.0;

    make_tone(1.0, turns, phase_degrees);
    truepeak_prepare(&t);
    for (int i = 0; i + GROUP <= FRAMES; i += GROUP) {
        struct truepeak_group g = read_group(&t, i, 0.0f);

        for (int k = 0; k < LANES && i >= 256; k++)
            most = fmax(most, g.wave[k]);
    }
    return most;
}

/* A point of the grid is at most 1/16 frame from a top: cos(pi / 16) at rate/2, cos(pi turns / 8) at a tone.
   0.01 dB for the filter's ripple, up to 0.46 of the rate (22.08 kHz at 48 kHz, 20.3 kHz at 44.1 kHz). */
static void
tones_read_within_the_grid_loss(void **state)
{
    double worst_over = -1.0, worst_under = 0.0;

    (void)state;
    for (int k = 1; k <= 92; k++) {
        double turns = k * 0.005, reading = db(steady_reading(turns, 37.0 * k));
        double loss = db(cos(PI * turns / 8.0));

        worst_over = fmax(worst_over, reading);
        worst_under = fmin(worst_under, reading - loss);
        assert_true(reading < 0.01);
        assert_true(reading > loss - 0.01);
    }
    print_message("# over %+.4f dB, under the grid loss %+.4f dB\n", worst_over, worst_under);
    assert_true(fabs(TRUEPEAK_GRID_LOSS - cos(PI / 16.0)) < 1e-15);
}

/* 1e-6: single precision and 12 products. */
static void
itu_reads_as_the_table_says(void **state)
{
    (void)state;
    for (int k = 0; k < 20; k++) {
        dice_state = (uint32_t)k;
        memset(sound, 0, sizeof sound);
        for (int i = 0; i < FRAMES - 100; i++)
            sound[0][i] = noise() * (0.5 + 0.5 * noise());
        assert_true(fabs(read_sound(0).itu / itu_peak(sound[0], FRAMES) - 1.0) < 1e-6);
    }
}

/* --- the lanes ------------------------------------------------------------------------------------- */

/* The scheme at the top of truepeak.c, one number at a time, in its order of adding. */
enum { SIDE = 8 }; /* frames on either side of which the points are known */

struct by_hand {
    float sample[2 * SIDE], middle[2 * SIDE], first[2 * SIDE], third[2 * SIDE]; /* [SIDE] is frame 0 */
};

static float
middle_by_hand(const struct truepeak *t, const double *x)
{
    float sum[4] = {0};

    for (int k = 0; k < TRUEPEAK_HALF; k++)
        sum[k % 4] += t->half[k] * ((float)x[-k] + (float)x[1 + k]);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Three pairs, from either side. */
static float
short_by_hand(const float *c, const float *before, const float *behind)
{
    return c[0] * (before[0] + behind[0]) + c[1] * (before[1] + behind[1]) + c[2] * (before[2] + behind[2]);
}

/* Points of one grid in their order, from which the next is made; grid[at] is before the point wanted. */
static float
next_by_hand(const float *c, int n, const float *grid)
{
    float before[TRUEPEAK_QUARTER], behind[TRUEPEAK_QUARTER];

    for (int k = 0; k < n; k++) {
        before[k] = grid[-k];
        behind[k] = grid[1 + k];
    }
    return n == 3 ? short_by_hand(c, before, behind)
                  : short_by_hand(c, before, behind) + short_by_hand(c + 3, before + 3, behind + 3);
}

static float
interval_by_hand(const struct truepeak *t, const double *x)
{
    float two[4 * SIDE], four[8 * SIDE], most = 0.0f;

    for (int i = 0; i < 2 * SIDE; i++) {
        two[2 * i] = (float)x[i - SIDE];
        two[2 * i + 1] = middle_by_hand(t, x + i - SIDE);
    }
    for (int i = TRUEPEAK_QUARTER; i < 4 * SIDE - TRUEPEAK_QUARTER; i++) {
        four[2 * i] = two[i];
        four[2 * i + 1] = next_by_hand(t->quarter, TRUEPEAK_QUARTER, two + i);
    }
    for (int i = 4 * SIDE; i < 4 * SIDE + 4; i++) {
        most = fmaxf(most, fabsf(four[i]));
        most = fmaxf(most, fabsf(next_by_hand(t->eighth, TRUEPEAK_EIGHTH, four + i)));
    }
    return most;
}

/* Bit for bit: so any width of vector adds in this order. */
static void
lanes_add_in_the_order_of_the_formula(void **state)
{
    struct truepeak t;

    (void)state;
    dice_state = 5;
    for (int i = 0; i < FRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            sound[c][i] = noise();
    truepeak_prepare(&t);
    for (int i = 0; i < 2048; i += GROUP) {
        struct truepeak_group g = read_group(&t, i, 0.0f);
        int then = i - TRUEPEAK_DELAY;

        for (int k = 0; k < LANES && then >= 64; k++)
            assert_true(g.wave[k] == interval_by_hand(&t, sound[k % STEREO] + then + k / STEREO));
    }
}

/* What three short steps read against what 96 taps for each point would. In the worst case, noise up to rate/2. */
static void
the_short_steps_are_as_good_as_a_long_one(void **state)
{
    struct truepeak t;
    double worst = 0.0;

    (void)state;
    dice_state = 6;
    for (int i = 0; i < FRAMES; i++)
        sound[0][i] = sound[1][i] = noise();
    truepeak_prepare(&t);
    for (int i = 0; i < 4096; i += GROUP) {
        struct truepeak_group g = read_group(&t, i, 0.0f);
        int then = i - TRUEPEAK_DELAY;

        for (int k = 0; k < GROUP && then >= 64; k++) {
            double most = 0.0;

            for (int p = 0; p < 8; p++) {
                double y = 0.0;

                for (int j = -47; j <= 48; j++) {
                    double d = p / 8.0 - j;

                    y += sound[0][then + k + j] * (d == 0.0 ? 1.0 : sin(PI * d) / (PI * d)) *
                         kaiser(d / 48.0, 8.0);
                }
                most = fmax(most, fabs(y));
            }
            worst = fmax(worst, fabs(g.wave[STEREO * k] - most));
        }
    }
    print_message("# apart by %.5f at most, of peaks of 2\n", worst);
    assert_true(worst < 0.0002); /* 0.001 dB */
}

/* --- the skip -------------------------------------------------------------------------------------- */

/* Runs one detector with a floor beside one without. Returns how many frames were left unread. */
static int
check_floor(float floor)
{
    struct truepeak all, some;
    int skipped = 0;

    truepeak_prepare(&all);
    truepeak_prepare(&some);
    for (int i = 0; i + GROUP <= FRAMES; i += GROUP) {
        struct truepeak_group want = read_group(&all, i, 0.0f), got = read_group(&some, i, floor);

        for (int k = 0; k < LANES; k++) {
            assert_true(got.wave[k] <= want.wave[k] && got.itu[k] <= want.itu[k]);
            assert_true(want.wave[k] <= floor || got.wave[k] == want.wave[k]);
            assert_true(want.itu[k] <= floor || got.itu[k] == want.itu[k]);
            skipped += got.wave[k] < want.wave[k];
        }
    }
    return skipped;
}

static void
nothing_above_the_floor_is_missed(void **state)
{
    int skipped = 0;

    (void)state;
    dice_state = 9;
    for (int i = 0; i < FRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            sound[c][i] = noise() * exp(-fmod(i, 700.0) / 120.0);
    for (int k = 1; k < 40; k++)
        skipped += check_floor((float)k * 0.05f);
    assert_true(skipped > FRAMES); /* and it does skip */
}

/* The worst there is: signs that follow the taps of the half-way phase, so that all of them add up. */
static void
the_worst_pattern_is_not_missed(void **state)
{
    struct truepeak t;
    double sum = 0.0;

    (void)state;
    truepeak_prepare(&t);
    for (int shift = 0; shift < GROUP; shift++) {
        memset(sound, 0, sizeof sound);
        sum = 0.0;
        for (int k = 0; k < TRUEPEAK_HALF; k++) {
            double sign = t.half[k] < 0.0f ? -1.0 : 1.0;

            sound[0][1000 + shift - k] = sound[0][1001 + shift + k] = sign;
            sum += 2.0 * fabs((double)t.half[k]);
        }
        assert_true(fabs(read_sound(0).wave - sum) < 1e-5 * sum);
        assert_true(check_floor((float)(sum * 0.99999)) > 0);
    }
    print_message("# all taps together: %.2f, +%.2f dB\n", sum, db(sum));
}

/* Sounds with little treble, which the bound on second differences is for: tones, corners, hits of noise on a bass.
   The floors are near their tops, where a bound that is too low would show. */
static void
what_bends_little_is_skipped_and_not_missed(void **state)
{
    int skipped = 0;

    (void)state;
    dice_state = 17;
    for (int k = 0; k < 60; k++) {
        double turns = 0.002 * (1 << k % 7), corner = 20.0 + k, most = 0.0;

        for (int i = 0; i < FRAMES; i++) {
            double hit = k % 3 == 2 ? noise() * exp(-fmod(i, 900.0) / 40.0) : 0.0;

            sound[0][i] = k % 3 ? sin(2.0 * PI * turns * i + k) : 0.7 * fabs(fmod(i, corner) / corner - 0.5);
            sound[1][i] = 0.8 * sin(0.01 * i) + 0.2 * hit;
        }
        for (int c = 0; c < STEREO; c++)
            most = fmax(most, read_sound(c).wave);
        for (int step = 0; step < 5; step++)
            skipped += check_floor((float)(most * (1.0 - step * step * 0.02)));
    }
    assert_true(skipped > 60 * FRAMES); /* of 600; by the sums of taps alone 9 */
}

/* --- the meter ------------------------------------------------------------------------------------- */

static void
same_reading_at_any_block_size(void **state)
{
    static const int blocks[] = {1, 7, 16, 64, 100, 480, 1024, FRAMES};
    struct truepeak_reading want = {0};

    (void)state;
    dice_state = 11;
    for (int i = 0; i < FRAMES; i++) {
        sound[0][i] = noise() * i / FRAMES;
        sound[1][i] = noise();
    }
    for (size_t k = 0; k < LEN(blocks); k++) {
        struct truepeak_meter m;
        struct truepeak_reading r;

        truepeak_meter_prepare(&m);
        for (int at = 0; at < FRAMES; at += blocks[k]) {
            const double *const in[STEREO] = {sound[0] + at, sound[1] + at};

            truepeak_meter_process(&m, in, at + blocks[k] < FRAMES ? blocks[k] : FRAMES - at);
        }
        r = truepeak_meter_read(&m, 0);
        if (k == 0)
            want = r;
        assert_memory_equal(&r, &want, sizeof r);
    }
}

/* Skipping against the peak so far changes no peak. */
static void
meter_reads_the_largest_of_all_groups(void **state)
{
    struct truepeak t;
    double wave = 0.0, itu = 0.0;

    (void)state;
    dice_state = 13;
    for (int i = 0; i < FRAMES; i++)
        sound[1][i] = noise() * sin(PI * i / FRAMES);
    truepeak_prepare(&t);
    for (int i = 0; i + GROUP <= FRAMES; i += GROUP) {
        struct truepeak_group g = read_group(&t, i, 0.0f);

        for (int k = 1; k < LANES; k += STEREO) {
            wave = fmax(wave, g.wave[k]);
            itu = fmax(itu, g.itu[k]);
        }
    }
    assert_true(read_sound(1).wave == wave);
    assert_true(read_sound(1).itu == itu);
}

static void
clear_and_reset_start_anew(void **state)
{
    const double *const in[STEREO] = {sound[0], sound[1]};
    struct truepeak_meter m;
    struct truepeak_reading first;

    (void)state;
    make_tone(0.5, 0.01, 0.0);
    truepeak_meter_prepare(&m);
    truepeak_meter_process(&m, in, FRAMES);
    first = truepeak_meter_read(&m, 0);
    truepeak_meter_clear(&m);
    assert_true(truepeak_meter_read(&m, 0).wave == 0.0);
    make_tone(0.25, 0.01, 0.0);
    truepeak_meter_process(&m, in, FRAMES);
    assert_true(truepeak_meter_read(&m, 0).wave > 0.25); /* what was still under way */
    truepeak_meter_reset(&m);
    make_tone(0.5, 0.01, 0.0);
    sound[0][10] = NAN;
    sound[1][11] = INFINITY;
    truepeak_meter_process(&m, in, 1003);
    assert_true(truepeak_meter_read(&m, 0).wave < 10.0);
    assert_true(isfinite(truepeak_meter_read(&m, 1).wave));
    truepeak_meter_reset(&m);
    make_tone(0.5, 0.01, 0.0);
    truepeak_meter_process(&m, in, FRAMES);
    assert_true(truepeak_meter_read(&m, 0).wave == first.wave);
    assert_true(truepeak_meter_read(&m, 1).itu == first.itu);
}

/* Of what came since, and the largest of all stays. */
static void
a_taken_reading_falls(void **state)
{
    const double *const in[STEREO] = {sound[0], sound[1]};
    struct truepeak_meter m;

    (void)state;
    truepeak_meter_prepare(&m);
    make_tone(0.5, 0.01, 0.0);
    truepeak_meter_process(&m, in, FRAMES);
    assert_true(fabs(truepeak_meter_take(&m, 0).wave - 0.5) < 0.01);
    make_tone(0.1, 0.01, 0.0);
    truepeak_meter_process(&m, in, FRAMES);
    truepeak_meter_take(&m, 0); /* with the end of the louder tone */
    truepeak_meter_process(&m, in, FRAMES);
    assert_true(fabs(truepeak_meter_take(&m, 0).wave - 0.1) < 0.01);
    assert_true(fabs(truepeak_meter_read(&m, 0).wave - 0.5) < 0.01);
    assert_true(truepeak_meter_take(&m, 0).wave == 0.0);
}

static void
silence_reads_nothing(void **state)
{
    (void)state;
    memset(sound, 0, sizeof sound);
    assert_true(read_sound(0).wave == 0.0);
    assert_true(read_sound(1).itu == 0.0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tones_of_tech_3341_read_right),
        cmocka_unit_test(tones_read_within_the_grid_loss),
        cmocka_unit_test(itu_reads_as_the_table_says),
        cmocka_unit_test(lanes_add_in_the_order_of_the_formula),
        cmocka_unit_test(the_short_steps_are_as_good_as_a_long_one),
        cmocka_unit_test(nothing_above_the_floor_is_missed),
        cmocka_unit_test(the_worst_pattern_is_not_missed),
        cmocka_unit_test(what_bends_little_is_skipped_and_not_missed),
        cmocka_unit_test(same_reading_at_any_block_size),
        cmocka_unit_test(meter_reads_the_largest_of_all_groups),
        cmocka_unit_test(clear_and_reset_start_anew),
        cmocka_unit_test(a_taken_reading_falls),
        cmocka_unit_test(silence_reads_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
