/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/kmeter.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NFRAMES = 5 * 48000 };

static double x[NFRAMES];

static void
sine(double rate_hz, double amplitude)
{
    for (int i = 0; i < NFRAMES; i++)
        x[i] = amplitude * sin(2.0 * PI * 1000.0 * i / rate_hz);
}

static void
near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.6f, wanted %.6f +- %g", got, want, tolerance);
}

static void
hear_ms(struct kmeter *k, double rate_hz, int *at, int ms)
{
    int n = (int)(rate_hz * ms / 1000.0);

    kmeter_process(k, (const double *[]){x + *at}, n);
    *at += n;
}

static void
a_full_sine_reads_nought(void **state)
{
    struct kmeter k;

    (void)state;
    sine(48000.0, 1.0);
    assert_int_equal(kmeter_prepare(&k, 48000.0, 1), OK);
    kmeter_process(&k, (const double *[]){x}, NFRAMES);
    near(kmeter_rms_dbfs(&k, 0), 0.0, 0.001);
    near(kmeter_peak_dbfs(&k, 0), 0.0, 0.001);
}

/* The square follows 1 - (1 + wt) e^-wt; its root reaches 90 % in 315 ms, 99 % in 601 ms. */
static void
ninety_nine_percent_in_601_ms(void **state)
{
    static const double rates[] = {8000.0, 44100.0, 48000.0};

    (void)state;
    for (size_t r = 0; r < LEN(rates); r++) {
        struct kmeter k;
        int at = 0, t90 = 0, t99 = 0;

        sine(rates[r], 1.0);
        assert_int_equal(kmeter_prepare(&k, rates[r], 1), OK);
        for (int ms = 0; ms < 1000; ms++) {
            double rms, t = ms * 9.72e-3;

            kmeter_process(&k, (const double *[]){x + at}, (int)((ms + 1) * rates[r] / 1000.0 + 0.5) - at);
            at = (int)((ms + 1) * rates[r] / 1000.0 + 0.5);
            rms = pow(10.0, kmeter_rms_dbfs(&k, 0) / 20.0);
            if (ms > 50)
                near(rms * rms, 1.0 - (1.0 + t) * exp(-t), 0.02);
            t90 = t90 == 0 && rms >= 0.90 ? ms + 1 : t90;
            t99 = t99 == 0 && rms >= 0.99 ? ms + 1 : t99;
        }
        near(t90, 315.0, 2.0);
        near(t99, 601.0, 2.0);
    }
}

static void
a_peak_stays_half_a_second_then_falls_15_db_a_second(void **state)
{
    struct kmeter k;
    int at = 0;

    (void)state;
    memset(x, 0, sizeof x);
    x[100] = -0.5;
    assert_int_equal(kmeter_prepare(&k, 48000.0, 1), OK);
    hear_ms(&k, 48000.0, &at, 500);
    near(kmeter_peak_dbfs(&k, 0), -6.02, 0.01);
    hear_ms(&k, 48000.0, &at, 1002);
    near(kmeter_peak_dbfs(&k, 0), -6.02 - 15.0, 0.05);
    hear_ms(&k, 48000.0, &at, 1000);
    near(kmeter_peak_dbfs(&k, 0), -6.02 - 30.0, 0.05);
    near(kmeter_max_dbfs(&k, 0), -6.02, 0.01);
}

static void
channels_are_their_own(void **state)
{
    static double quiet[NFRAMES];
    struct kmeter k;

    (void)state;
    sine(48000.0, 0.1);
    assert_int_equal(kmeter_prepare(&k, 48000.0, 2), OK);
    kmeter_process(&k, (const double *[]){quiet, x}, NFRAMES);
    near(kmeter_rms_dbfs(&k, 0), KMETER_FLOOR_DBFS, 0.0);
    near(kmeter_peak_dbfs(&k, 0), KMETER_FLOOR_DBFS, 0.0);
    near(kmeter_rms_dbfs(&k, 1), -20.0, 0.001);
    kmeter_reset(&k);
    near(kmeter_rms_dbfs(&k, 1), KMETER_FLOOR_DBFS, 0.0);
}

static void
same_bits_at_any_period(void **state)
{
    static const int periods[] = {1, 7, 64, 1023, 100000};
    struct kmeter want, got;

    (void)state;
    for (int i = 0; i < NFRAMES; i++)
        x[i] = noise();
    assert_int_equal(kmeter_prepare(&want, 44100.0, 1), OK);
    kmeter_process(&want, (const double *[]){x}, NFRAMES);
    for (size_t p = 0; p < LEN(periods); p++) {
        assert_int_equal(kmeter_prepare(&got, 44100.0, 1), OK);
        for (int i = 0; i < NFRAMES; i += periods[p])
            kmeter_process(&got, (const double *[]){x + i},
                           NFRAMES - i < periods[p] ? NFRAMES - i : periods[p]);
        assert_memory_equal(&got, &want, sizeof want);
    }
}

static void
garbage_is_silence(void **state)
{
    static const double bad[] = {NAN, INFINITY, 1e300};

    (void)state;
    for (size_t b = 0; b < LEN(bad); b++) {
        struct kmeter k;

        sine(48000.0, 0.5);
        x[NFRAMES / 2] = bad[b];
        assert_int_equal(kmeter_prepare(&k, 48000.0, 1), OK);
        kmeter_process(&k, (const double *[]){x}, NFRAMES);
        near(kmeter_rms_dbfs(&k, 0), -6.02, 0.01);
        near(kmeter_max_dbfs(&k, 0), -6.02, 0.01);
    }
    assert_int_equal(kmeter_prepare(&(struct kmeter){0}, 48000.0, 9), BAD_ARG);
    assert_int_equal(kmeter_prepare(&(struct kmeter){0}, 1.0, 1), BAD_ARG);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_sine_reads_nought),
        cmocka_unit_test(ninety_nine_percent_in_601_ms),
        cmocka_unit_test(a_peak_stays_half_a_second_then_falls_15_db_a_second),
        cmocka_unit_test(channels_are_their_own),
        cmocka_unit_test(same_bits_at_any_period),
        cmocka_unit_test(garbage_is_silence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
