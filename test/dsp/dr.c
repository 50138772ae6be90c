/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/dr.h"

#include "test/kit/dice.h"
#include "test/kit/scarce.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RATE 48000.0

enum { BLOCK = 3 * 48000, BLOCKS = 20, NFRAMES = BLOCK * BLOCKS };

static double x[NFRAMES];

static void
sine(int from, int to, double amplitude)
{
    for (int i = from; i < to; i++)
        x[i] = amplitude * sin(2.0 * PI * 1000.0 * i / RATE + 0.1);
}

static void
hear(struct dr *d, int nframes)
{
    assert_int_equal(dr_prepare(d, RATE, 1), OK);
    dr_process(d, (const double *[]){x}, nframes);
}

static void
near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.6f, wanted %.6f +- %g", got, want, tolerance);
}

static void
a_sine_has_no_range_and_a_crest_of_three(void **state)
{
    struct dr d;

    (void)state;
    sine(0, NFRAMES, 0.5);
    hear(&d, NFRAMES);
    near(dr_db(&d, 0), 0.0, 0.02);
    near(dr_crest_db(&d, 0), 3.01, 0.02);
    near(dr_rms_dbfs(&d, 0), -9.03, 0.01);
    dr_free(&d);
}

static void
a_square_wave_has_less_than_none(void **state)
{
    struct dr d;

    (void)state;
    for (int i = 0; i < NFRAMES; i++)
        x[i] = i / 24 % 2 ? 1.0 : -1.0;
    hear(&d, NFRAMES);
    near(dr_db(&d, 0), -3.01, 1e-3);
    near(dr_crest_db(&d, 0), 0.0, 1e-9);
    dr_free(&d);
}

/* 20 blocks: the four loudest count, by the mean of their powers; the peak is the second highest. */
static void
the_loudest_fifth_meets_the_second_peak(void **state)
{
    struct dr d;
    double power = (2 * 0.5 * 0.5 + 2 * 0.4 * 0.4) / 4.0;

    (void)state;
    sine(0, NFRAMES, 0.1);
    sine(2 * BLOCK, 4 * BLOCK, 0.5);
    sine(9 * BLOCK, 11 * BLOCK, 0.4);
    x[6 * BLOCK + 100] = 1.0; /* the highest peak is not asked */
    x[14 * BLOCK + 100] = 0.9;
    hear(&d, NFRAMES);
    near(dr_db(&d, 0), 20.0 * log10(0.9 / sqrt(power)), 0.005);
    near(dr_crest_db(&d, 0), 20.0 * log10(1.0) - dr_rms_dbfs(&d, 0), 1e-9);
    dr_free(&d);
}

/* Blocks that share a bin of 0.01 dB keep their energy: the mean is exact to half a bin where it is cut. */
static void
many_blocks_need_no_more_memory(void **state)
{
    struct dr d;
    double sum = 0.0;

    (void)state;
    assert_int_equal(dr_prepare(&d, 8000.0, 1), OK);
    for (int n = 0; n < 100; n++) {
        double amplitude = 0.1 + 0.008 * ((n * 37) % 100);

        for (int i = 0; i < 24000; i++)
            x[i] = amplitude * sin(2.0 * PI * 1000.0 * i / 8000.0 + 0.1);
        dr_process(&d, (const double *[]){x}, 24000);
    }
    for (int k = 80; k < 100; k++)
        sum += pow(0.1 + 0.008 * k, 2.0);
    near(dr_db(&d, 0), 20.0 * log10((0.1 + 0.008 * 98) * sin(PI / 4 * 2 + 0.1) / sqrt(sum / 20)), 0.03);
    dr_free(&d);
}

static void
a_cut_block_counts_only_alone(void **state)
{
    struct dr d;

    (void)state;
    sine(0, NFRAMES, 0.1);
    sine(2 * BLOCK, 2 * BLOCK + 1000, 0.9);
    hear(&d, 2 * BLOCK + 1000);
    near(dr_db(&d, 0), 0.0, 0.05);
    near(dr_rms_dbfs(&d, 0), 10.0 * log10((2.0 * BLOCK * 0.005 + 1000 * 0.405) / (2.0 * BLOCK + 1000)), 0.02);
    dr_free(&d);
    sine(0, 1000, 0.5);
    hear(&d, 1000);
    near(dr_db(&d, 0), 0.0, 0.1);
    dr_free(&d);
}

static void
the_whole_is_the_mean_of_channels_that_sound(void **state)
{
    static double quiet[NFRAMES], square[NFRAMES];
    struct dr d;

    (void)state;
    sine(0, NFRAMES, 0.5);
    for (int i = 0; i < NFRAMES; i++)
        square[i] = i / 24 % 2 ? 0.5 : -0.5;
    assert_int_equal(dr_prepare(&d, RATE, 3), OK);
    dr_process(&d, (const double *[]){x, quiet, square}, NFRAMES);
    near(dr_overall_db(&d), -1.505, 0.02);
    assert_true(isnan(dr_db(&d, 1)));
    dr_free(&d);
}

static void
nothing_is_not_a_number(void **state)
{
    struct dr d;

    (void)state;
    memset(x, 0, sizeof x);
    hear(&d, 0);
    assert_true(isnan(dr_db(&d, 0)) && isnan(dr_overall_db(&d)) && isnan(dr_crest_db(&d, 0)));
    dr_free(&d);
    hear(&d, NFRAMES);
    assert_true(isnan(dr_db(&d, 0)) && isnan(dr_overall_db(&d)) && isnan(dr_rms_dbfs(&d, 0)));
    dr_free(&d);
}

static void
same_bits_at_any_period(void **state)
{
    static const int periods[] = {1, 7, 64, 1023, 100000};
    enum { SHORT = 2 * BLOCK + 777 };
    double dr, crest;
    struct dr d;

    (void)state;
    for (int i = 0; i < SHORT; i++)
        x[i] = noise();
    hear(&d, SHORT);
    dr = dr_db(&d, 0);
    crest = dr_crest_db(&d, 0);
    for (size_t p = 0; p < LEN(periods); p++) {
        dr_reset(&d);
        for (int i = 0; i < SHORT; i += periods[p])
            dr_process(&d, (const double *[]){x + i}, SHORT - i < periods[p] ? SHORT - i : periods[p]);
        assert_true(dr_db(&d, 0) == dr && dr_crest_db(&d, 0) == crest);
    }
    dr_free(&d);
}

static void
a_block_of_garbage_is_silence(void **state)
{
    static const double bad[] = {NAN, INFINITY, 1e300};

    (void)state;
    for (size_t k = 0; k < LEN(bad); k++) {
        struct dr d;

        sine(0, NFRAMES, 0.5);
        x[5 * BLOCK + 5] = bad[k];
        hear(&d, NFRAMES);
        near(dr_db(&d, 0), 0.0, 0.02);
        near(dr_rms_dbfs(&d, 0), -9.03 + 10.0 * log10(19.0 / 20.0), 0.01);
        dr_free(&d);
    }
}

static void
prepare_refuses_and_survives(void **state)
{
    struct dr d;

    (void)state;
    assert_int_equal(dr_prepare(&d, 7000.0, 2), BAD_ARG);
    assert_int_equal(dr_prepare(&d, RATE, 9), BAD_ARG);
    assert_int_equal(dr_prepare(&d, RATE, 0), BAD_ARG);
#ifndef __SANITIZE_ADDRESS__
    callocs_left = 0;
    assert_int_equal(dr_prepare(&d, RATE, 2), NO_MEM);
    callocs_left = -1;
#endif
    dr_free(&d);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sine_has_no_range_and_a_crest_of_three),
        cmocka_unit_test(a_square_wave_has_less_than_none),
        cmocka_unit_test(the_loudest_fifth_meets_the_second_peak),
        cmocka_unit_test(many_blocks_need_no_more_memory),
        cmocka_unit_test(a_cut_block_counts_only_alone),
        cmocka_unit_test(the_whole_is_the_mean_of_channels_that_sound),
        cmocka_unit_test(nothing_is_not_a_number),
        cmocka_unit_test(same_bits_at_any_period),
        cmocka_unit_test(a_block_of_garbage_is_silence),
        cmocka_unit_test(prepare_refuses_and_survives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
