/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/meters.h"

#include "dsp/xmath.h"
#include "engine/params.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000 };

static struct meters m;
static struct readings r;

static void
feed(double left, double right, int nframes)
{
    static double x[STEREO][256];
    const double *const in[STEREO] = {x[0], x[1]};

    for (int i = 0; i < 256; i++) {
        x[0][i] = left;
        x[1][i] = right;
    }
    for (int n; nframes > 0; nframes -= n) {
        n = nframes < 256 ? nframes : 256;
        meters_input(&m, in, n);
        meters_output(&m, in, n);
    }
}

/* Each reading looks at one measurement that has changed. */
static void
read_all(void)
{
    for (int i = 0; i < MEASURES; i++)
        meters_read(&m, &r);
}

/* At least 250 ms (five sixths of the hold: the slice being filled is partial), at most 300 and one span. */
static void
a_peak_is_held_for_300_ms_at_any_span(void **state)
{
    static const int spans[] = {1, 7, 64, 100, 256};

    (void)state;
    for (size_t k = 0; k < LEN(spans); k++)
        for (int phase = 0; phase < 5000; phase += 771) {
            struct peak_hold p;
            int held = 0;

            peak_hold_prepare(&p, RATE);
            for (int i = 0; i < phase; i += spans[k])
                peak_hold_add(&p, 0.0, spans[k]);
            peak_hold_add(&p, 0.5, spans[k]);
            assert_true(peak_hold_value(&p) == 0.5);
            while (peak_hold_value(&p) == 0.5 && held < RATE) {
                peak_hold_add(&p, 0.1, spans[k]);
                held += spans[k];
            }
            if (held < RATE / 4 - spans[k] || held > RATE * 3 / 10 + spans[k])
                fail_msg("spans of %d from %d: held for %d frames", spans[k], phase, held);
            assert_true(peak_hold_value(&p) == 0.1);
        }
}

static void
peaks_are_read_a_side_in_dbfs(void **state)
{
    (void)state;
    assert_int_equal(meters_prepare(&m, RATE), OK);
    feed(0.5, -0.25, 4800);
    meters_read(&m, &r);
    assert_true(r.input_peak_dbfs[0] == gain_to_db(0.5) && r.output_peak_dbfs[1] == gain_to_db(0.25));
    assert_true(r.output_max_dbfs[0] == gain_to_db(0.5));
    feed(0.0, 0.0, RATE);
    meters_read(&m, &r);
    assert_true(r.input_peak_dbfs[0] == METER_FLOOR_DBFS && r.output_peak_dbfs[0] == METER_FLOOR_DBFS);
    assert_true(r.output_max_dbfs[0] == gain_to_db(0.5)); /* stays until reset */
    meters_reset(&m);
    meters_read(&m, &r);
    assert_true(r.output_max_dbfs[0] == METER_FLOOR_DBFS);
    meters_free(&m);
}

/* EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS reads -23.0 +- 0.1 LUFS. */
static void
a_sine_reads_its_loudness(void **state)
{
    static double x[480];
    const double *const both[STEREO] = {x, x};

    (void)state;
    assert_int_equal(meters_prepare(&m, RATE), OK);
    for (int i = 0; i < 480; i++)
        x[i] = db_to_gain(-23.0) * sin(2.0 * PI * 1000.0 / RATE * i);
    for (int k = 0; k < 400; k++)
        for (int at = 0; at < 480; at += 240) {
            const double *const half[STEREO] = {both[0] + at, both[1] + at};

            meters_input(&m, half, 240);
            meters_output(&m, half, 240);
        }
    read_all();
    assert_true(fabs(r.output.momentary_lufs + 23.0) < 0.1 && fabs(r.output.short_term_lufs + 23.0) < 0.1 &&
                fabs(r.output.integrated_lufs + 23.0) < 0.1 && fabs(r.input.integrated_lufs + 23.0) < 0.1);
    for (int c = 0; c < STEREO; c++)
        assert_true(fabs(r.output.true_peak_dbtp[c] + 23.0) < 0.01 &&
                    fabs(r.input.true_peak_max_dbtp[c] + 23.0) < 0.01);
    assert_true(fabs(r.psr_lu) < 0.05 && fabs(r.plr_lu) < 0.05 && fabs(r.psr_min_lu) < 0.05);
    assert_int_equal(r.output.range_stable, 0);
    meters_free(&m);
}

/* Readings go out as JSON, which has no word for infinite. */
static void
readings_stay_finite_whatever_is_heard(void **state)
{
    (void)state;
    assert_int_equal(meters_prepare(&m, RATE), OK);
    feed(NAN, INFINITY, 4800);
    feed(-INFINITY, 1e308, 4800);
    meters_read(&m, &r);
    for (int c = 0; c < STEREO; c++)
        assert_true(isfinite(r.input_peak_dbfs[c]) && isfinite(r.output_peak_dbfs[c]) &&
                    isfinite(r.output_max_dbfs[c]));
    for (int i = 0; i < params_count(); i++)
        if (param_at(i)->owner == OWNER_METER && param_is_number(param_at(i)))
            assert_true(isfinite(param_load(param_at(i), &r)));
    meters_free(&m);
}

static void
callback_times_are_counted(void **state)
{
    struct times t;

    (void)state;
    memset(&t, 0, sizeof t);
    assert_true(times_quantile(&t, 0.9999) == 0.0);
    for (int i = 0; i < 9998; i++)
        times_add(&t, 0.1);
    times_add(&t, 0.5);
    times_add(&t, 1e9); /* an hour of sleep: in the open bin, no overflow */
    assert_int_equal(t.count, 10000);
    assert_int_equal(t.overruns, 1);
    assert_true(t.worst == 1e9);
    assert_true(fabs(times_quantile(&t, 0.5) - 0.105) < 1e-12); /* the bin's upper edge: 0.5 % wide */
    assert_true(fabs(times_quantile(&t, 0.9999) - 0.505) < 1e-12);
    assert_true(times_quantile(&t, 1.0) == 1e9);
    times_add(&t, 1.0); /* just in time is no overrun */
    assert_int_equal(t.overruns, 1);
}

static void
a_rate_out_of_range_is_refused(void **state)
{
    (void)state;
    assert_int_equal(meters_prepare(&m, 7999), BAD_ARG);
    meters_free(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peak_is_held_for_300_ms_at_any_span),
        cmocka_unit_test(peaks_are_read_a_side_in_dbfs),
        cmocka_unit_test(a_sine_reads_its_loudness),
        cmocka_unit_test(readings_stay_finite_whatever_is_heard),
        cmocka_unit_test(callback_times_are_counted),
        cmocka_unit_test(a_rate_out_of_range_is_refused),
    };

    params_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
