/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/correlation.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RATE 48000.0

enum { SECONDS = 12, NFRAMES = SECONDS * 48000 };

static double left[NFRAMES], right[NFRAMES];

static void
hear(struct correlation *c, double rate_hz, int nframes)
{
    assert_int_equal(correlation_prepare(c, rate_hz), OK);
    correlation_process(c, (const double *[]){left, right}, nframes);
}

static struct correlation_reading
reading(double rate_hz, int nframes)
{
    struct correlation c;
    struct correlation_reading r;

    hear(&c, rate_hz, nframes);
    correlation_read(&c, &r);
    return r;
}

/* Correlated by r, equally loud. */
static void
noise_pair(double r, double gain)
{
    for (int i = 0; i < NFRAMES; i++) {
        double a = noise(), b = noise();

        left[i] = gain * a;
        right[i] = gain * (r * a + sqrt(1.0 - r * r) * b);
    }
}

static void
tones(double left_hz, double right_hz, double sign)
{
    for (int i = 0; i < NFRAMES; i++) {
        left[i] = 0.25 * sin(2.0 * PI * left_hz * i / RATE);
        right[i] = sign * 0.25 * sin(2.0 * PI * right_hz * i / RATE);
    }
}

static void
near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.6f, wanted %.6f +- %g", got, want, tolerance);
}

/* --- what it reads --- */

static void
mono_is_one_and_loses_nothing(void **state)
{
    struct correlation_reading r;

    (void)state;
    noise_pair(1.0, 0.3);
    r = reading(RATE, NFRAMES);
    for (int b = 0; b < CORRELATION_BANDS; b++) {
        near(r.integrated[b], 1.0, 1e-9);
        near(r.needle[b], 1.0, 1e-9);
    }
    near(r.mono_lu, 0.0, 1e-9);
    near(r.integrated_mono_lu, 0.0, 1e-9);
    near(r.integrated_balance_lu, 0.0, 1e-9);
    near(r.negative_share, 0.0, 0.0);
}

static void
opposite_polarity_is_minus_one_and_nothing_is_left(void **state)
{
    struct correlation_reading r;

    (void)state;
    noise_pair(-1.0, 0.3);
    r = reading(RATE, NFRAMES);
    for (int b = 0; b < CORRELATION_BANDS; b++)
        near(r.integrated[b], -1.0, 1e-9);
    near(r.integrated_mono_lu, CORRELATION_FLOOR_LU, 1e-9);
    near(r.negative_share, 1.0, 0.0);
    assert_true(r.side_mid_db >= 100.0);
}

/* 10 lg((1 + r) / 2). Noise of 12 s tells r to 0.002. */
static void
the_mono_sum_loses_what_the_formula_says(void **state)
{
    static const double rs[] = {0.5, 0.0, -0.5, -0.9};
    static const double lu[] = {-1.249, -3.010, -6.021, -13.010};

    (void)state;
    for (size_t i = 0; i < LEN(rs); i++) {
        struct correlation_reading r;

        noise_pair(rs[i], 0.3);
        r = reading(RATE, NFRAMES);
        near(r.integrated[CORRELATION_FULL], rs[i], 0.005);
        near(r.integrated_mono_lu, lu[i], 0.02 + 0.1 * fabs(rs[i]));
    }
}

static void
each_band_hears_its_own(void **state)
{
    static const double freq_hz[] = {60.0, 600.0, 6000.0};

    (void)state;
    for (int out = 0; out < 3; out++) {
        struct correlation_reading r;

        memset(left, 0, sizeof left);
        memset(right, 0, sizeof right);
        for (int b = 0; b < 3; b++)
            for (int i = 0; i < NFRAMES; i++) {
                double x = 0.2 * sin(2.0 * PI * freq_hz[b] * i / RATE);

                left[i] += x;
                right[i] += b == out ? -x : x;
            }
        r = reading(RATE, NFRAMES);
        for (int b = 0; b < 3; b++)
            near(r.integrated[CORRELATION_LOW + b], b == out ? -1.0 : 1.0, 0.1); /* the skirts of the middle */
        near(r.integrated[CORRELATION_FULL], 1.0 / 3.0, 1e-3);
    }
}

static void
the_bands_meet_at_their_corners(void **state)
{
    static const double corner_hz[] = {CORRELATION_LOW_HZ, CORRELATION_HIGH_HZ};

    (void)state;
    for (int k = 0; k < 2; k++) {
        struct correlation c;

        tones(corner_hz[k], corner_hz[k], 1.0);
        hear(&c, RATE, NFRAMES);
        for (int b = k; b < k + 2; b++)
            near(10.0 * log10(c.total.ll[CORRELATION_LOW + b] / c.total.ll[CORRELATION_FULL]), -3.01, 0.03);
    }
}

static void
an_offset_is_no_correlation(void **state)
{
    struct correlation_reading r;

    (void)state;
    noise_pair(0.0, 0.02);
    for (int i = 0; i < NFRAMES; i++) {
        left[i] += 0.03;
        right[i] += 0.03;
    }
    r = reading(RATE, NFRAMES);
    near(r.integrated[CORRELATION_FULL], 0.0, 0.01);
    near(r.needle[CORRELATION_FULL], 0.0, 0.05);
    near(r.needle[CORRELATION_LOW], 0.0, 0.4); /* 150 Hz x 0.3 s are few waves */
}

static void
balance_is_left_against_right(void **state)
{
    struct correlation_reading r;

    (void)state;
    noise_pair(0.3, 0.3);
    for (int i = 0; i < NFRAMES; i++)
        right[i] *= 0.5;
    r = reading(RATE, NFRAMES);
    near(r.integrated_balance_lu, 6.02, 0.05);
    near(r.balance_lu, 6.02, 1.0);
}

static void
one_side_alone_loses_three_and_correlates_with_nothing(void **state)
{
    struct correlation_reading r;

    (void)state;
    tones(997.0, 997.0, 0.0);
    r = reading(RATE, NFRAMES);
    near(r.integrated[CORRELATION_FULL], 0.0, 0.0);
    near(r.integrated_mono_lu, -3.01, 0.01);
    near(r.integrated_balance_lu, 100.0, 1e-9);
}

static void
silence_reads_zero(void **state)
{
    struct correlation_reading r;

    (void)state;
    memset(left, 0, sizeof left);
    memset(right, 0, sizeof right);
    r = reading(RATE, NFRAMES);
    near(r.integrated[CORRELATION_FULL], 0.0, 0.0);
    near(r.needle[CORRELATION_LOW], 0.0, 0.0);
    near(r.integrated_mono_lu, 0.0, 0.0);
    near(r.windows, 0.0, 0.0);
}

/* --- time --- */

/* After a turn from 1 to -1 the averages of products pass r = 0 at ln 2 x 0.3 s. */
static void
the_needle_takes_300_ms(void **state)
{
    struct correlation c;
    struct correlation_reading r;
    int at = 0, turn = 4 * 48000;

    (void)state;
    noise_pair(1.0, 0.3);
    for (int i = turn; i < NFRAMES; i++)
        right[i] = -right[i];
    assert_int_equal(correlation_prepare(&c, RATE), OK);
    do {
        correlation_process(&c, (const double *[]){left + at, right + at}, 48);
        at += 48;
        correlation_read(&c, &r);
    } while (at < turn + 4800 || r.needle[CORRELATION_FULL] > 0.0);
    near((at - turn) / RATE, 0.208, 0.015); /* a tick is 10 ms, noise wavers */
}

static void
the_worst_window_is_found_in_its_place(void **state)
{
    struct correlation_reading r;

    (void)state;
    noise_pair(1.0, 0.3);
    for (int i = 5 * 48000; i < 8 * 48000; i++)
        right[i] = -0.8 * right[i];
    r = reading(RATE, NFRAMES);
    near(r.worst_from_s, 5.0, 0.001);
    near(r.worst_to_s, 8.0, 0.001);
    near(r.worst_mono_lu, 10.0 * log10(0.04 / 3.28), 0.3); /* (1 - 0.8)^2 / 2 of 1 + 0.64; filters ring */
    near(r.integrated[CORRELATION_FULL], (9.0 - 0.8 * 3.0) / sqrt(12.0 * (9.0 + 0.64 * 3.0)), 0.01);
    near(r.negative_share, 27.0 / 91.0, 1e-9); /* more than 1 / 1.8 of the window must be so */
}

static void
quiet_windows_tell_nothing(void **state)
{
    struct correlation_reading r;

    (void)state;
    noise_pair(-1.0, 0.0009); /* -66 dBFS RMS */
    r = reading(RATE, NFRAMES);
    near(r.windows, 0.0, 0.0);
    near(r.negative_share, 0.0, 0.0);
    near(r.integrated[CORRELATION_FULL], -1.0, 1e-9);
}

static void
less_than_a_tick_is_read_too(void **state)
{
    struct correlation c;
    struct correlation_reading r;

    (void)state;
    noise_pair(1.0, 0.3);
    hear(&c, RATE, 2);
    correlation_read(&c, &r);
    near(r.integrated[CORRELATION_FULL], 1.0, 1e-9);
    near(r.measured_s, 2.0 / RATE, 1e-12);
    hear(&c, RATE, 1);
    correlation_read(&c, &r);
    assert_true(isfinite(r.integrated[CORRELATION_FULL]) && isfinite(r.integrated_mono_lu));
}

static void
the_loudest_and_the_null_are_levels(void **state)
{
    struct correlation c;

    (void)state;
    tones(1000.0, 1000.0, 1.0);
    right[3 * 48000] += 0.01;
    hear(&c, RATE, NFRAMES);
    near(correlation_loudest_dbfs(&c, 0), 20.0 * log10(0.25) - 3.01, 0.01);
    near(correlation_null_dbfs(&c), 20.0 * log10(0.01 / sqrt(4800.0)), 0.01);
}

/* --- promises --- */

static void
same_bits_at_any_period(void **state)
{
    static const int periods[] = {1, 7, 64, 100, 1024, 48000};
    enum { SHORT = 5 * 48000 };
    struct correlation_reading want, got;

    (void)state;
    noise_pair(0.4, 0.3);
    want = reading(RATE, SHORT);
    for (size_t p = 0; p < LEN(periods); p++) {
        struct correlation c;

        assert_int_equal(correlation_prepare(&c, RATE), OK);
        for (int i = 0; i < SHORT; i += periods[p]) {
            int n = SHORT - i < periods[p] ? SHORT - i : periods[p];

            correlation_process(&c, (const double *[]){left + i, right + i}, n);
        }
        correlation_read(&c, &got);
        assert_memory_equal(&got, &want, sizeof want);
    }
}

static void
garbage_is_forgotten(void **state)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY, 1e200, 1e300};

    (void)state;
    for (size_t k = 0; k < LEN(bad); k++) {
        struct correlation_reading r;

        noise_pair(0.5, 0.3);
        left[48000] = bad[k];
        r = reading(RATE, NFRAMES);
        near(r.integrated[CORRELATION_FULL], 0.5, 0.01);
        near(r.integrated[CORRELATION_LOW], 0.5, 0.1);
        near(r.integrated_mono_lu, -1.25, 0.1);
    }
}

static void
all_rates_read_alike(void **state)
{
    static const double rates[] = {8000.0, 11025.0, 44100.0, 96000.0, 384000.0};

    (void)state;
    for (size_t k = 0; k < LEN(rates); k++) {
        struct correlation_reading r;

        for (int i = 0; i < NFRAMES; i++) {
            left[i] = 0.3 * sin(2.0 * PI * 60.0 * i / rates[k]) + 0.1 * sin(2.0 * PI * 1000.0 * i / rates[k]);
            right[i] =
                -0.3 * sin(2.0 * PI * 60.0 * i / rates[k]) + 0.1 * sin(2.0 * PI * 1000.0 * i / rates[k]);
        }
        r = reading(rates[k], NFRAMES);
        near(r.integrated[CORRELATION_LOW], -1.0, 0.01);
        near(r.integrated[CORRELATION_MID], 0.63, 0.02); /* 60 Hz is down 16 dB */
        near(r.integrated[CORRELATION_FULL], -0.8, 0.001);
    }
}

static void
a_reset_forgets_all(void **state)
{
    struct correlation c;
    struct correlation_reading want, got;

    (void)state;
    noise_pair(0.5, 0.3);
    want = reading(RATE, 5 * 48000);
    hear(&c, RATE, 12345);
    correlation_reset(&c);
    correlation_process(&c, (const double *[]){left, right}, 5 * 48000);
    correlation_read(&c, &got);
    assert_memory_equal(&got, &want, sizeof want);
}

static void
odd_rates_are_refused(void **state)
{
    struct correlation c;

    (void)state;
    assert_int_equal(correlation_prepare(&c, 7999.0), BAD_ARG);
    assert_int_equal(correlation_prepare(&c, NAN), BAD_ARG);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mono_is_one_and_loses_nothing),
        cmocka_unit_test(opposite_polarity_is_minus_one_and_nothing_is_left),
        cmocka_unit_test(the_mono_sum_loses_what_the_formula_says),
        cmocka_unit_test(each_band_hears_its_own),
        cmocka_unit_test(the_bands_meet_at_their_corners),
        cmocka_unit_test(an_offset_is_no_correlation),
        cmocka_unit_test(balance_is_left_against_right),
        cmocka_unit_test(one_side_alone_loses_three_and_correlates_with_nothing),
        cmocka_unit_test(silence_reads_zero),
        cmocka_unit_test(the_needle_takes_300_ms),
        cmocka_unit_test(the_worst_window_is_found_in_its_place),
        cmocka_unit_test(quiet_windows_tell_nothing),
        cmocka_unit_test(less_than_a_tick_is_read_too),
        cmocka_unit_test(the_loudest_and_the_null_are_levels),
        cmocka_unit_test(same_bits_at_any_period),
        cmocka_unit_test(garbage_is_forgotten),
        cmocka_unit_test(all_rates_read_alike),
        cmocka_unit_test(a_reset_forgets_all),
        cmocka_unit_test(odd_rates_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
