/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/dither.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { NFRAMES = 1 << 18 };

static double in[NFRAMES * STEREO];
static int32_t out[NFRAMES * STEREO], again[NFRAMES * STEREO];

static void
hold(double value)
{
    for (int i = 0; i < NFRAMES * STEREO; i++)
        in[i] = value;
}

static struct dither
prepared(int bits, uint64_t seed)
{
    struct dither d;

    assert_int_equal(dither_prepare(&d, bits, seed), OK);
    return d;
}

/* Mean and mean square of the error, in LSB, of one channel. */
static void
error_of(int c, double lsb_scale, double *mean, double *power)
{
    *mean = *power = 0.0;
    for (int i = 0; i < NFRAMES; i++) {
        double e = out[i * STEREO + c] - in[i * STEREO + c] * lsb_scale;

        *mean += e / NFRAMES;
        *power += e * e / NFRAMES;
    }
}

/* TPDF of 2 LSB (1/6 LSB^2) and rounding (1/12) give 1/4 LSB^2, wherever between two steps the sound lies. Of 2^18
   frames the mean is known to 0.5 / 512 = 0.001 LSB, the power to 0.25 * 1.2 / 512: six of these. */
static void
error_does_not_depend_on_the_sound(void **state)
{
    (void)state;
    for (double part = 0.0; part < 1.0; part += 0.125) {
        struct dither d = prepared(16, 7);
        double mean, power;

        hold((100.0 + part) / 32768.0);
        dither_process(&d, in, out, NFRAMES);
        for (int c = 0; c < STEREO; c++) {
            error_of(c, 32768.0, &mean, &power);
            assert_true(fabs(mean) < 0.006);
            assert_true(fabs(power - 0.25) < 0.0036);
        }
    }
}

static void
sound_below_one_step_is_kept(void **state)
{
    struct dither d = prepared(16, 1);
    double found = 0.0;

    (void)state;
    for (int i = 0; i < NFRAMES * STEREO; i++)
        in[i] = 0.25 / 32768.0 * sin(2.0 * PI * 0.01 * (i / STEREO));
    dither_process(&d, in, out, NFRAMES);
    for (int i = 0; i < NFRAMES; i++)
        found += out[i * STEREO] * sin(2.0 * PI * 0.01 * i) * 2.0 / NFRAMES;
    /* amplitude in LSB; noise in it is 0.5 * sqrt(2 / 2^18) = 0.0014 */
    assert_true(fabs(found - 0.25) < 0.008);
}

static void
channels_are_independent(void **state)
{
    struct dither d = prepared(24, 3);
    double both = 0.0;

    (void)state;
    hold(0.0);
    dither_process(&d, in, out, NFRAMES);
    for (int i = 0; i < NFRAMES; i++)
        both += (double)out[i * STEREO] * out[i * STEREO + 1] / NFRAMES;
    assert_true(fabs(both) < 6.0 * 0.25 / 512.0); /* LSB^2, six deviations */
}

static void
noise_has_no_colour(void **state)
{
    struct dither d = prepared(16, 3);

    (void)state;
    hold(0.3 / 32768.0);
    dither_process(&d, in, out, NFRAMES);
    for (int lag = 1; lag <= 16; lag++) {
        double sum = 0.0;

        for (int i = lag; i < NFRAMES; i++)
            sum += (out[i * STEREO] - 0.3) * (out[(i - lag) * STEREO] - 0.3) / NFRAMES;
        assert_true(fabs(sum) < 6.0 * 0.25 / 512.0);
    }
}

static void
same_bits_at_any_split(void **state)
{
    static const int blocks[] = {1, 7, 64, 1000, NFRAMES};
    struct dither d = prepared(16, 42);

    (void)state;
    for (int i = 0; i < NFRAMES * STEREO; i++)
        in[i] = sin(i * 0.001);
    dither_process(&d, in, out, NFRAMES);
    for (size_t b = 0; b < LEN(blocks); b++) {
        d = prepared(16, 42);
        for (int at = 0; at < NFRAMES; at += blocks[b]) {
            int n = NFRAMES - at < blocks[b] ? NFRAMES - at : blocks[b];

            dither_process(&d, in + at * STEREO, again + at * STEREO, n);
        }
        assert_memory_equal(again, out, sizeof out);
    }
}

static void
another_seed_gives_other_noise(void **state)
{
    struct dither a = prepared(16, 1), b = prepared(16, 2);
    int same = 0;

    (void)state;
    hold(0.0);
    dither_process(&a, in, out, NFRAMES);
    dither_process(&b, in, again, NFRAMES);
    for (int i = 0; i < NFRAMES * STEREO; i++)
        same += out[i] == again[i];
    /* -1, 0, 1 with 1/8, 3/4, 1/8: equal by chance in 19/32 */
    assert_true(fabs(same / (double)(NFRAMES * STEREO) - 19.0 / 32.0) < 0.01);
}

static void
clips_at_the_limits(void **state)
{
    static const double loud[] = {1.0, -1.0, 2.0, -2.0, INFINITY, -INFINITY, 1e300, -1e300};

    (void)state;
    for (int bits = 8; bits <= 24; bits += 8) {
        struct dither d = prepared(bits, 5);
        int32_t top = (1 << (bits - 1)) - 1, y[8];

        for (int k = 0; k < 1000; k++) {
            dither_process(&d, loud, y, 4);
            assert_in_range(y[0], top - 1, top);
            assert_true(y[1] >= -top - 1 && y[1] <= -top);
            assert_int_equal(y[2], top);
            assert_int_equal(y[3], -top - 1);
            assert_int_equal(y[4], top);
            assert_int_equal(y[5], -top - 1);
            assert_int_equal(y[6], top);
            assert_int_equal(y[7], -top - 1);
        }
    }
}

static void
not_a_number_becomes_silence(void **state)
{
    struct dither d = prepared(16, 5);
    double x[2] = {NAN, -NAN};
    int32_t y[2] = {9, 9};

    (void)state;
    dither_process(&d, x, y, 1);
    assert_int_equal(y[0], 0);
    assert_int_equal(y[1], 0);
}

static void
rounding_keeps_each_step(void **state)
{
    struct dither d = prepared(16, 0);

    (void)state;
    for (int i = 0; i < 65536; i++)
        in[i] = (i - 32768) / 32768.0;
    dither_round(&d, in, out, 32768);
    for (int i = 0; i < 65536; i++)
        assert_int_equal(out[i], i - 32768);
}

static void
refuses_other_depths(void **state)
{
    struct dither d;

    (void)state;
    assert_int_equal(dither_prepare(&d, 7, 0), BAD_ARG);
    assert_int_equal(dither_prepare(&d, 25, 0), BAD_ARG);
    assert_int_equal(dither_prepare(&d, 8, 0), OK);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_does_not_depend_on_the_sound),
        cmocka_unit_test(sound_below_one_step_is_kept),
        cmocka_unit_test(channels_are_independent),
        cmocka_unit_test(noise_has_no_colour),
        cmocka_unit_test(same_bits_at_any_split),
        cmocka_unit_test(another_seed_gives_other_noise),
        cmocka_unit_test(clips_at_the_limits),
        cmocka_unit_test(not_a_number_becomes_silence),
        cmocka_unit_test(rounding_keeps_each_step),
        cmocka_unit_test(refuses_other_depths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
