/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/lowrate.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NFRAMES = 96000 };

static double left[NFRAMES], right[NFRAMES], low[2][NFRAMES];
static const double *const both[] = {left, right};

static int
run(struct lowrate *l, int block, double to[2][NFRAMES])
{
    int n = 0;

    for (int at = 0; at < NFRAMES; at += block)
        n += lowrate_process(l, (const double *const[]){left + at, right + at},
                             NFRAMES - at < block ? NFRAMES - at : block,
                             (double *const[]){to[0] + n, to[1] + n});
    return n;
}

static void
a_low_tone_keeps_its_level_and_frequency(void **state)
{
    struct lowrate l;
    double re = 0.0, im = 0.0, gain;
    int n;

    (void)state;
    for (int i = 0; i < NFRAMES; i++)
        left[i] = right[i] = sin(2.0 * PI * 100.0 / 48000.0 * i);
    assert_int_equal(lowrate_prepare(&l, 48000.0, 1500.0, 2), OK);
    assert_float_equal(lowrate_hz(&l), 1500.0, 1e-9);
    n = run(&l, 4096, low);
    assert_in_range(n, NFRAMES / 32 - 4, NFRAMES / 32 + 1);
    for (int i = 750; i < 2250; i++) {
        re += low[1][i] * cos(2.0 * PI * 100.0 / 1500.0 * i) / 750.0;
        im += low[1][i] * sin(2.0 * PI * 100.0 / 1500.0 * i) / 750.0;
    }
    gain = 10.0 * log10(re * re + im * im);
    assert_float_equal(gain, 10.0 * log10(lowrate_power_gain(&l, 100.0)), 1e-3);
    assert_true(gain > -0.6);
    lowrate_free(&l);
}

/* 1250 Hz would be heard as 250 Hz. */
static void
what_would_fold_is_down_90_db(void **state)
{
    static const double rates[] = {8000, 44100, 96000, 384000};

    (void)state;
    for (size_t i = 0; i < LEN(rates); i++) {
        struct lowrate l;

        assert_int_equal(lowrate_prepare(&l, rates[i], 1500.0, 1), OK);
        for (double hz = 0.76; hz < 4.0; hz += 0.01)
            if (hz * lowrate_hz(&l) < 0.5 * rates[i])
                assert_true(10.0 * log10(lowrate_power_gain(&l, hz * lowrate_hz(&l))) < -90.0);
        lowrate_free(&l);
    }
}

static void
same_bits_at_any_block(void **state)
{
    static const int blocks[] = {7, 31, 64, 200, 1000, 4096};
    static double want[2][NFRAMES], got[2][NFRAMES];
    static const double to_hz[] = {1500.0, 6000.0, 48000.0};

    (void)state;
    for (int i = 0; i < NFRAMES; i++) {
        left[i] = noise();
        right[i] = noise();
    }
    for (size_t r = 0; r < LEN(to_hz); r++) {
        struct lowrate l;
        int n;

        assert_int_equal(lowrate_prepare(&l, 48000.0, to_hz[r], 2), OK);
        n = run(&l, 1, want);
        for (size_t b = 0; b < LEN(blocks); b++) {
            lowrate_reset(&l);
            assert_int_equal(run(&l, blocks[b], got), n);
            assert_memory_equal(got[0], want[0], sizeof(double) * (size_t)n);
            assert_memory_equal(got[1], want[1], sizeof(double) * (size_t)n);
        }
        lowrate_free(&l);
    }
}

static void
nothing_in_nothing_out(void **state)
{
    struct lowrate l;

    (void)state;
    assert_int_equal(lowrate_prepare(&l, 48000.0, 1500.0, 2), OK);
    assert_int_equal(lowrate_process(&l, both, 0, (double *const[]){low[0], low[1]}), 0);
    lowrate_free(&l);
    lowrate_free(&l);
    assert_int_equal(lowrate_prepare(&l, 1000.0, 1500.0, 2), BAD_ARG);
    assert_int_equal(lowrate_prepare(&l, 48000.0, 1500.0, 9), BAD_ARG);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_low_tone_keeps_its_level_and_frequency),
        cmocka_unit_test(what_would_fold_is_down_90_db),
        cmocka_unit_test(same_bits_at_any_block),
        cmocka_unit_test(nothing_in_nothing_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
