/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/match.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, SECONDS = 12, NFRAMES = RATE * SECONDS };

static double reference[STEREO][NFRAMES], sound[STEREO][NFRAMES], gain[NFRAMES], again[NFRAMES];
static struct match match;

static void
make_noise(double level)
{
    dice_state = 3;
    for (int i = 0; i < NFRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            reference[c][i] = level * noise();
}

static void
scale(double by)
{
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < NFRAMES; i++)
            sound[c][i] = by * reference[c][i];
}

static void
run(double *out, int from, int to, int block)
{
    for (int at = from, n; at < to; at += n) {
        n = block < to - at ? block : to - at;
        match_process(&match, (const double *[]){reference[0] + at, reference[1] + at},
                      (const double *[]){sound[0] + at, sound[1] + at}, out + at, n);
    }
}

static void
equal_sounds_give_exactly_one(void **state)
{
    (void)state;
    make_noise(0.5);
    scale(1.0);
    match_prepare(&match, RATE);
    run(gain, 0, NFRAMES, 512);
    for (int i = 0; i < NFRAMES; i++)
        assert_true(gain[i] == 1.0);
    assert_true(match_idle(&match));
}

/* 1.5 dB/s: 3 dB are there after 2 s and the 0.2 s that it listens first, and a tick. */
static void
a_level_is_made_up_for_at_its_pace(void **state)
{
    static const double by[] = {0.7, 1.4, 0.9, 1.1};

    (void)state;
    make_noise(0.3);
    for (size_t k = 0; k < LEN(by); k++) {
        double db = -20.0 * log10(by[k]);
        int there = (int)(RATE * (0.4 + fabs(db) / 1.5));

        scale(by[k]);
        match_prepare(&match, RATE);
        run(gain, 0, NFRAMES, 480);
        assert_true(gain[RATE / 5 - 1] == 1.0);
        assert_true(fabs(20.0 * log10(gain[there]) - db) < 1e-6);
        for (int i = 1; i < NFRAMES;
             i++) /* in a straight line, of which the steepest part is a bit more than the mean */
            assert_true(fabs(20.0 * log10(gain[i] / gain[i - 1])) * RATE < 1.55);
    }
}

/* ITU-R BS.1770-5, table of the pre-filter and the RLB filter at 48 kHz, by their transfer functions. */
static double
k_weight_db(double hz)
{
    static const double b[] = {1.53512485958697, -2.69169618940638, 1.19839281085285};
    static const double a[] = {1.0, -1.69065929318241, 0.73248077421585};
    static const double d[] = {1.0, -2.0, 1.0}, c[] = {1.0, -1.99004745483398, 0.99007225036621};
    double p[4] = {0}, w = 2.0 * PI * hz / RATE;
    const double *const polynomial[] = {b, a, d, c};

    for (int k = 0; k < 4; k++) {
        double re = 0.0, im = 0.0;

        for (int i = 0; i < 3; i++) {
            re += polynomial[k][i] * cos(w * i);
            im += polynomial[k][i] * sin(w * i);
        }
        p[k] = re * re + im * im;
    }
    return 10.0 * log10(p[0] / p[1] * p[2] / p[3]);
}

/* Two tones of equal power, then the second alone against the first: the gain is the difference of their weights. */
static void
the_weighting_is_k(void **state)
{
    static const double hz[] = {40.0, 100.0, 2000.0, 5000.0, 12000.0};

    (void)state;
    for (size_t k = 0; k < LEN(hz); k++) {
        double want = k_weight_db(1000.0) - k_weight_db(hz[k]);

        for (int i = 0; i < NFRAMES; i++)
            for (int c = 0; c < STEREO; c++) {
                reference[c][i] = 0.25 * sin(2.0 * PI * fmod(1000.0 * i / RATE, 1.0));
                sound[c][i] = 0.25 * sin(2.0 * PI * fmod(hz[k] * i / RATE, 1.0));
            }
        match_prepare(&match, RATE);
        run(gain, 0, NFRAMES, 4800);
        assert_true(fabs(20.0 * log10(gain[NFRAMES - 1]) - want) < 0.01);
    }
}

static void
silence_freezes_the_gain(void **state)
{
    double held;

    (void)state;
    make_noise(0.3);
    scale(0.8);
    for (int i = 5 * RATE; i < NFRAMES; i++)
        for (int c = 0; c < STEREO; c++) {
            reference[c][i] *= 1e-4;
            sound[c][i] *= 3e-5;
        }
    match_prepare(&match, RATE);
    run(gain, 0, NFRAMES, 480);
    held = gain[5 * RATE + RATE / 5];
    assert_true(fabs(held - 1.25) < 0.01);
    for (int i = 5 * RATE + RATE / 5; i < NFRAMES; i++)
        assert_true(gain[i] == held);
}

static void
a_restart_listens_anew_and_a_stop_stops(void **state)
{
    double held;

    (void)state;
    make_noise(0.3);
    scale(0.8);
    for (int i = 4 * RATE; i < NFRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            sound[c][i] = 0.9 * reference[c][i];
    match_prepare(&match, RATE);
    run(gain, 0, 4 * RATE, 480);
    match_restart(&match);
    run(gain, 4 * RATE, 6 * RATE, 480);
    /* The window of 3 s would still hold the other; 1e-4 is for the filters' tails. */
    assert_true(fabs(gain[6 * RATE - 1] - 1.0 / 0.9) < 1e-4);
    run(gain, 6 * RATE, 6 * RATE + 1000, 480);
    match_stop(&match);
    held = match_gain(&match);
    run(gain, 6 * RATE + 1000, 6 * RATE + 2000, 480);
    assert_true(gain[6 * RATE + 1999] == held);
}

static void
what_is_no_number_counts_for_nothing(void **state)
{
    static const double bad[] = {NAN, INFINITY, -1e300};

    (void)state;
    for (size_t k = 0; k < LEN(bad); k++) {
        make_noise(0.3);
        scale(0.8);
        reference[0][3 * RATE + 7] = sound[1][3 * RATE + 9] = bad[k];
        match_prepare(&match, RATE);
        run(gain, 0, NFRAMES, 480);
        for (int i = 0; i < NFRAMES; i++)
            assert_true(gain[i] > 0.9 && gain[i] < 1.3);
        assert_true(fabs(gain[NFRAMES - 1] - 1.25) < 1e-6);
    }
}

static void
same_bits_at_any_block(void **state)
{
    static const int blocks[] = {1, 7, 64, 4801};

    (void)state;
    make_noise(0.3);
    scale(0.8);
    match_prepare(&match, 44100.0);
    run(gain, 0, 4 * RATE, 4 * RATE);
    for (size_t k = 0; k < LEN(blocks); k++) {
        match_prepare(&match, 44100.0);
        run(again, 0, 4 * RATE, blocks[k]);
        assert_memory_equal(again, gain, sizeof(double) * 4 * RATE);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_sounds_give_exactly_one),
        cmocka_unit_test(a_level_is_made_up_for_at_its_pace),
        cmocka_unit_test(the_weighting_is_k),
        cmocka_unit_test(silence_freezes_the_gain),
        cmocka_unit_test(a_restart_listens_anew_and_a_stop_stops),
        cmocka_unit_test(what_is_no_number_counts_for_nothing),
        cmocka_unit_test(same_bits_at_any_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
