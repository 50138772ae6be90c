/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/spectrum.h"

#include "test/kit/dice.h"
#include "test/kit/scarce.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RATE 48000.0

enum { CHUNK = 4800 };

static double left[60 * 48000], right[60 * 48000];
static const double *const both[] = {left, right};

static void
open_at(struct spectrum *s, double rate_hz, enum spectrum_mode mode)
{
    assert_int_equal(spectrum_prepare(s, rate_hz, STEREO, mode), OK);
}

static void
sine(double rate_hz, double freq_hz, int nframes)
{
    for (int i = 0; i < nframes; i++)
        left[i] = right[i] = sin(2.0 * PI * freq_hz / rate_hz * i);
}

static void
white(double gain, int nframes)
{
    for (int i = 0; i < nframes; i++) {
        left[i] = gain * noise();
        right[i] = gain * noise();
    }
}

static void
assert_db(double got, double want, double tolerance_db)
{
    if (!(fabs(got - want) <= tolerance_db))
        fail_msg("%.4f dB, wanted %.4f +- %g", got, want, tolerance_db);
}

static int
point_at(double hz)
{
    return (int)lround(40.0 * log10(hz / SPECTRUM_FROM_HZ));
}

static void
the_grid_is_20_hz_to_20_khz(void **state)
{
    (void)state;
    assert_db(spectrum_hz(0), 20.0, 1e-9);
    assert_db(spectrum_hz(SPECTRUM_POINTS - 1), 20000.0, 1e-6);
    assert_db(spectrum_hz(1) / spectrum_hz(0), SPECTRUM_STEP, 1e-12);
}

/* Wherever it lies between the bins. Thirds hold the window's main lobe from 31.5 Hz up, twelfths from 126 Hz up with
   the tone in their middle; 0.03 dB is the part of the Hann window's sides beyond the band. */
static void
a_sine_of_full_scale_reads_0_dbfs(void **state)
{
    (void)state;
    for (int i = 8; i < SPECTRUM_POINTS; i += 3) {
        struct spectrum s;
        double thirds[SPECTRUM_POINTS], twelfths[SPECTRUM_POINTS];

        sine(RATE, spectrum_hz(i), 5 * 48000);
        open_at(&s, RATE, SPECTRUM_FILE);
        spectrum_process(&s, both, 5 * 48000);
        assert_true(spectrum_long_term(&s, 3, SPECTRUM_TONE, thirds));
        assert_true(spectrum_long_term(&s, 12, SPECTRUM_TONE, twelfths));
        assert_db(thirds[i], 0.0, 0.03);
        assert_db(twelfths[i], 0.0, i < point_at(126.0) ? 0.06 : 0.03);
        spectrum_free(&s);
    }
}

static void
one_side_alone_reads_3_db_less(void **state)
{
    struct spectrum s;
    double db[SPECTRUM_POINTS];

    (void)state;
    sine(RATE, 1000.0, 48000);
    memset(right, 0, sizeof *right * 48000);
    open_at(&s, RATE, SPECTRUM_FILE);
    spectrum_process(&s, both, 48000);
    spectrum_long_term(&s, 3, SPECTRUM_TONE, db);
    assert_db(db[point_at(1000.0)], -3.01, 0.01);
    spectrum_free(&s);
}

static void
every_rate_reads_the_same(void **state)
{
    static const double rates[] = {8000, 11025, 44100, 88200, 96000, 192000, 384000};

    (void)state;
    for (size_t i = 0; i < LEN(rates); i++) {
        struct spectrum s;
        double db[SPECTRUM_POINTS];

        for (int low = 0; low < 2; low++) {
            double hz = low ? 100.0 : 2000.0;

            sine(rates[i], hz, (int)(3 * rates[i]));
            open_at(&s, rates[i], SPECTRUM_FILE);
            spectrum_process(&s, both, (int)(3 * rates[i]));
            spectrum_long_term(&s, 3, SPECTRUM_TONE, db);
            assert_db(db[point_at(hz)], 0.0, 0.03);
            assert_db(db[SPECTRUM_POINTS - 1], SPECTRUM_NONE_DB, rates[i] < 44100 ? 1e-9 : 1e3);
            spectrum_free(&s);
        }
    }
}

/* Kellet's refined filter: pink within 0.05 dB from 10 Hz to 20 kHz at 44.1 kHz. */
static double
pink(double *b, double w)
{
    double sum;

    b[0] = 0.99886 * b[0] + w * 0.0555179;
    b[1] = 0.99332 * b[1] + w * 0.0750759;
    b[2] = 0.96900 * b[2] + w * 0.1538520;
    b[3] = 0.86650 * b[3] + w * 0.3104856;
    b[4] = 0.55000 * b[4] + w * 0.5329522;
    b[5] = -0.7616 * b[5] - w * 0.0168980;
    sum = b[0] + b[1] + b[2] + b[3] + b[4] + b[5] + b[6] + w * 0.5362;
    b[6] = w * 0.115926;
    return 0.1 * sum;
}

/* Estimates from 60 s of two channels scatter by 4.34 / sqrt(2 B T) dB: 0.19 dB at 20 Hz in thirds, 0.08 at 100 Hz,
   0.03 at 1 kHz. Four times that, and the filter's 0.05. */
static void
pink_noise_is_flat(void **state)
{
    struct spectrum s;
    double db[SPECTRUM_POINTS], l[7] = {0}, r[7] = {0};
    int n = 60 * 44100;

    (void)state;
    dice_state = 7;
    for (int i = 0; i < n; i++) {
        left[i] = pink(l, noise());
        right[i] = pink(r, noise());
    }
    open_at(&s, 44100.0, SPECTRUM_FILE);
    spectrum_process(&s, both, n);
    spectrum_long_term(&s, 3, SPECTRUM_NOISE, db);
    for (int i = 0; i < spectrum_points(&s) - 2; i++)
        assert_db(db[i], db[point_at(1000.0)], 0.17 + 4.0 * 4.34 / sqrt(2.0 * 0.23 * spectrum_hz(i) * 60.0));
    spectrum_free(&s);
}

/* The power of white noise of peak 0.1, 2 x 0.01 / 3 on this scale, spreads evenly over half the rate. */
static void
white_noise_has_the_level_of_its_density(void **state)
{
    struct spectrum s;
    double db[SPECTRUM_POINTS];
    int points[] = {point_at(100.0), point_at(900.0), point_at(1100.0), point_at(10000.0)};

    (void)state;
    dice_state = 3;
    white(0.1, 60 * 48000);
    open_at(&s, RATE, SPECTRUM_FILE);
    spectrum_process(&s, both, 60 * 48000);
    spectrum_long_term(&s, 3, SPECTRUM_NOISE, db);
    for (size_t i = 0; i < LEN(points); i++) {
        double hz = spectrum_hz(points[i]), band = hz * (pow(10.0, 0.05) - pow(10.0, -0.05));

        assert_db(db[points[i]], 10.0 * log10(2.0 * 0.01 / 3.0 * band / 24000.0), 0.35);
    }
    spectrum_free(&s);
}

/* One frame, bin by bin by the definition. The first frame of a file begins with what was not there yet: an eighth. */
static void
agrees_with_a_periodogram(void **state)
{
    enum { SIZE = 4096, BLANK = SIZE / 8 };
    double db[SPECTRUM_POINTS], want = 0.0, share = 0.0;
    int at = point_at(5000.0);
    double from = spectrum_hz(at) * pow(10.0, -0.05) * SIZE / RATE,
           to = spectrum_hz(at) * pow(10.0, 0.05) * SIZE / RATE;
    struct spectrum s;

    (void)state;
    dice_state = 9;
    white(0.5, SIZE);
    open_at(&s, RATE, SPECTRUM_FILE);
    spectrum_process(&s, both, SIZE - BLANK);
    assert_true(spectrum_long_term(&s, 3, SPECTRUM_TONE, db));
    for (int k = (int)from; k <= (int)to + 1; k++) {
        double part = fmin(k + 0.5, to) - fmax(k - 0.5, from), power = 0.0;

        for (int c = 0; c < STEREO; c++) {
            double re = 0.0, im = 0.0;

            for (int i = BLANK; i < SIZE; i++) {
                double w = 0.5 - 0.5 * cos(2.0 * PI * (i + 0.5) / SIZE), a = 2.0 * PI * k * (double)i / SIZE;

                re += w * both[c][i - BLANK] * cos(a);
                im -= w * both[c][i - BLANK] * sin(a);
            }
            power += re * re + im * im;
        }
        want += fmax(part, 0.0) * power;
    }
    for (int i = BLANK; i < SIZE; i++)
        share += pow(0.5 - 0.5 * cos(2.0 * PI * (i + 0.5) / SIZE), 2.0) / (0.375 * SIZE);
    want *= 4.0 / (0.375 * SIZE) / SIZE / STEREO / share;
    assert_db(db[at], 10.0 * log10(want), 1e-6);
    spectrum_free(&s);
}

static void
same_bits_at_any_block(void **state)
{
    static const int blocks[] = {7, 64, 1000, 4096, 100000};
    double want[3][SPECTRUM_POINTS], got[3][SPECTRUM_POINTS];
    int n = 100000;

    (void)state;
    white(0.1, n);
    for (int b = -1; b < (int)LEN(blocks); b++) {
        struct spectrum s;
        int block = b < 0 ? 1 : blocks[b];

        open_at(&s, RATE, SPECTRUM_LIVE);
        for (int at = 0; at < n; at += block)
            spectrum_process(&s, (const double *const[]){left + at, right + at},
                             n - at < block ? n - at : block);
        spectrum_needle(&s, got[0]);
        spectrum_hold(&s, got[1]);
        spectrum_long_term(&s, 12, SPECTRUM_NOISE, got[2]);
        if (b < 0)
            memcpy(want, got, sizeof want);
        assert_memory_equal(got, want, sizeof want);
        spectrum_free(&s);
    }
}

/* The frames that lie across the border count whole above 1 kHz: one of 27, 0.16 dB. Below, half a window of 0.7 s. */
static void
silence_thins_nothing(void **state)
{
    struct spectrum alone, with;
    double a[SPECTRUM_POINTS], b[SPECTRUM_POINTS];

    (void)state;
    dice_state = 5;
    white(0.1, 10 * 48000);
    memset(left + 10 * 48000, 0, sizeof *left * 30 * 48000);
    memset(right + 10 * 48000, 0, sizeof *right * 30 * 48000);
    open_at(&alone, RATE, SPECTRUM_FILE);
    open_at(&with, RATE, SPECTRUM_FILE);
    spectrum_process(&alone, both, 10 * 48000);
    spectrum_process(&with, both, 40 * 48000);
    spectrum_long_term(&alone, 3, SPECTRUM_NOISE, a);
    spectrum_long_term(&with, 3, SPECTRUM_NOISE, b);
    for (int i = 0; i < SPECTRUM_POINTS; i++)
        assert_db(b[i], a[i], spectrum_hz(i) < 1000.0 ? 0.6 : 0.2);
    assert_db(spectrum_long_term_s(&with), 10.0, 0.1);
    spectrum_free(&alone);
    spectrum_free(&with);
}

static void
silence_has_no_long_term_average(void **state)
{
    struct spectrum s;
    double db[SPECTRUM_POINTS];

    (void)state;
    memset(left, 0, sizeof *left * 48000);
    memset(right, 0, sizeof *right * 48000);
    open_at(&s, RATE, SPECTRUM_FILE);
    spectrum_process(&s, both, 48000);
    spectrum_finish(&s);
    assert_false(spectrum_long_term(&s, 12, SPECTRUM_NOISE, db));
    for (int i = 0; i < SPECTRUM_POINTS; i++)
        assert_true(db[i] == SPECTRUM_NONE_DB);
    spectrum_free(&s);
}

/* Files shorter than a window: all of it in the one frame, weighed by its share. */
static void
a_file_of_20_ms_has_a_spectrum(void **state)
{
    struct spectrum s;
    double db[SPECTRUM_POINTS];

    (void)state;
    dice_state = 8;
    white(0.1, 960);
    open_at(&s, RATE, SPECTRUM_FILE);
    spectrum_process(&s, both, 960);
    spectrum_finish(&s);
    assert_true(spectrum_long_term(&s, 1, SPECTRUM_NOISE, db));
    assert_db(db[point_at(8000.0)], 10.0 * log10(2.0 * 0.01 / 3.0 * 8000.0 * 0.7071 / 24000.0), 1.5);
    spectrum_free(&s);
}

static void
the_needle_covers_63_percent_in_its_time(void **state)
{
    static const struct spectrum_settings set = {3, 1000.0, 1.0, 12.0, SPECTRUM_TONE};
    struct spectrum s;
    double db[SPECTRUM_POINTS];

    (void)state;
    memset(left, 0, sizeof *left * 48000);
    memset(right, 0, sizeof *right * 48000);
    open_at(&s, RATE, SPECTRUM_LIVE);
    spectrum_set(&s, &set);
    spectrum_process(&s, both, 48000);
    sine(RATE, 2000.0, 48000);
    spectrum_process(&s, both, 48000);
    spectrum_needle(&s, db);
    /* The window is half full only 43 ms on: 957 ms of 1000, by two hops of 43 ms */
    assert_db(db[point_at(2000.0)], 10.0 * log10(1.0 - exp(-0.957)), 0.25);
    spectrum_free(&s);
}

static void
a_held_maximum_stands_and_falls(void **state)
{
    static const struct spectrum_settings set = {3, 100.0, 2.0, 10.0, SPECTRUM_TONE};
    struct spectrum s;
    double db[SPECTRUM_POINTS];
    int at = point_at(2000.0);

    (void)state;
    open_at(&s, RATE, SPECTRUM_LIVE);
    spectrum_set(&s, &set);
    sine(RATE, 2000.0, 48000);
    spectrum_process(&s, both, 48000);
    memset(left, 0, sizeof *left * 48000);
    memset(right, 0, sizeof *right * 48000);
    spectrum_process(&s, both, 48000);
    spectrum_process(&s, both, 40000); /* 1.83 s since */
    spectrum_hold(&s, db);
    assert_db(db[at], 0.0, 0.01);
    spectrum_process(&s, both, 48000);
    spectrum_process(&s, both, 8000); /* 3 s since: 1 s of falling, one hop more or less */
    spectrum_hold(&s, db);
    assert_db(db[at], -10.0, 1.0);
    spectrum_restart(&s);
    spectrum_hold(&s, db);
    assert_true(db[at] == SPECTRUM_NONE_DB);
    spectrum_free(&s);
}

static void
full_scale_garbage_leaves_numbers(void **state)
{
    struct spectrum s;
    double db[SPECTRUM_POINTS];

    (void)state;
    for (int i = 0; i < 96000; i++)
        left[i] = right[i] = dice(2) ? 1e6 : -1e6;
    open_at(&s, 96000.0, SPECTRUM_LIVE);
    spectrum_process(&s, both, 96000);
    spectrum_needle(&s, db);
    for (int i = 0; i < SPECTRUM_POINTS; i++)
        assert_true(isfinite(db[i]));
    spectrum_free(&s);
}

static void
odd_formats_are_refused(void **state)
{
    struct spectrum s;

    (void)state;
    assert_int_equal(spectrum_prepare(&s, 7999.0, 2, SPECTRUM_LIVE), BAD_ARG);
    spectrum_free(&s);
    assert_int_equal(spectrum_prepare(&s, 48000.0, 0, SPECTRUM_LIVE), BAD_ARG);
    assert_int_equal(spectrum_prepare(&s, 48000.0, 9, SPECTRUM_LIVE), BAD_ARG);
    spectrum_free(&s);
    spectrum_free(&s);
}

#ifndef __SANITIZE_ADDRESS__
static void
prepare_survives_each_failed_calloc(void **state)
{
    struct spectrum s;

    (void)state;
    for (int left_over = 0; left_over < 2; left_over++) {
        callocs_left = left_over;
        assert_int_equal(spectrum_prepare(&s, 48000.0, 2, SPECTRUM_LIVE), NO_MEM);
        callocs_left = -1;
        spectrum_free(&s);
    }
}
#endif

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grid_is_20_hz_to_20_khz),
        cmocka_unit_test(a_sine_of_full_scale_reads_0_dbfs),
        cmocka_unit_test(one_side_alone_reads_3_db_less),
        cmocka_unit_test(every_rate_reads_the_same),
        cmocka_unit_test(pink_noise_is_flat),
        cmocka_unit_test(white_noise_has_the_level_of_its_density),
        cmocka_unit_test(agrees_with_a_periodogram),
        cmocka_unit_test(same_bits_at_any_block),
        cmocka_unit_test(silence_thins_nothing),
        cmocka_unit_test(silence_has_no_long_term_average),
        cmocka_unit_test(a_file_of_20_ms_has_a_spectrum),
        cmocka_unit_test(the_needle_covers_63_percent_in_its_time),
        cmocka_unit_test(a_held_maximum_stands_and_falls),
        cmocka_unit_test(full_scale_garbage_leaves_numbers),
        cmocka_unit_test(odd_formats_are_refused),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(prepare_survives_each_failed_calloc),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
