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

#define RATE 44100.0

static struct dither
shaped(int bits, int shape, uint32_t seed)
{
    struct dither d;

    assert_int_equal(dither_prepare(&d, bits, RATE, &(struct dither_settings){.shape = shape, .seed = seed}),
                     OK);
    return d;
}

static struct dither
prepared(int bits, uint32_t seed)
{
    return shaped(bits, DITHER_TPDF, seed);
}

/* What the table in dither.h promises, from the published spectra; dB over flat TPDF. */
static const struct {
    int shape;
    double total_db, at_3500_db, at_20k_db;
    int peak; /* LSB: five deviations */
} table[] = {
    {DITHER_TPDF, 0.0, 0.0, 0.0, 1},
    {DITHER_LIGHT, 6.6, -19.0, 11.0, 5},
    {DITHER_MEDIUM, 18.4, -25.0, 26.0, 21},
    {DITHER_STRONG, 23.1, -29.0, 30.0, 35},
};

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

static void
sine(double gain, double freq_hz)
{
    for (int i = 0; i < NFRAMES; i++)
        in[i * STEREO] = in[i * STEREO + 1] = gain * sin(2.0 * PI * freq_hz / RATE * i);
}

/* TPDF of 2 LSB (1/6 LSB^2) and rounding (1/12) give 1/4 LSB^2; a shape adds its squared taps. Of 2^18 frames the mean is
   known to 0.5 / 512 = 0.001 LSB (six of these), the power of the most coloured to 0.6 % (six, too). */
static void
assert_error(int which, const char *what)
{
    double want = 0.25 * pow(10.0, table[which].total_db / 10.0), mean, power;
    struct dither d = shaped(16, table[which].shape, 7);

    dither_process(&d, in, out, NFRAMES);
    for (int c = 0; c < STEREO; c++) {
        error_of(c, 32768.0, &mean, &power);
        if (fabs(mean) >= 0.006 || fabs(power / want - 1.0) >= 0.036)
            fail_msg("shape %d, %s: mean %g LSB, power %g LSB^2, not %g", table[which].shape, what, mean,
                     power, want);
    }
}

static void
error_does_not_depend_on_the_sound(void **state)
{
    (void)state;
    for (int k = 0; k < (int)LEN(table); k++) {
        for (double part = 0.0; part < 1.0; part += 0.125) {
            hold((100.0 + part) / 32768.0);
            assert_error(k, "constant");
        }
        sine(0.9, 997.0);
        assert_error(k, "a loud sine");
        sine(0.4 / 32768.0, 50.0);
        assert_error(k, "a sine below one step");
    }
}

enum { SPAN = 1024 };

/* Of the left error, around a frequency, in LSB^2 a bin: Hann windows, five bins. */
static double
power_near(double freq_hz)
{
    double sum = 0.0;
    int middle = (int)lround(freq_hz / RATE * SPAN);

    for (int bin = middle - 2; bin <= middle + 2; bin++)
        for (int at = 0; at < NFRAMES; at += SPAN) {
            double re = 0.0, im = 0.0;

            for (int i = 0; i < SPAN; i++) {
                double w = 1.0 - cos(2.0 * PI * i / SPAN);
                double e = w * (out[(at + i) * STEREO] - in[(at + i) * STEREO] * 32768.0);

                re += e * cos(2.0 * PI * bin * i / SPAN);
                im += e * sin(2.0 * PI * bin * i / SPAN);
            }
            sum += re * re + im * im;
        }
    return sum;
}

/* 1280 spans and bins know a power to 0.15 dB; the table is in whole dB. */
static void
spectra_are_as_published(void **state)
{
    double flat_3500 = 0.0, flat_20k = 0.0;

    (void)state;
    sine(0.1, 997.0);
    for (size_t k = 0; k < LEN(table); k++) {
        struct dither d = shaped(16, table[k].shape, 3);
        double mean, power, low, high;

        dither_process(&d, in, out, NFRAMES);
        error_of(0, 32768.0, &mean, &power);
        low = power_near(3500.0);
        high = power_near(20000.0);
        if (k == 0) {
            flat_3500 = low;
            flat_20k = high;
        }
        print_message("# shape %d: total %+.2f, 3.5 kHz %+.2f, 20 kHz %+.2f dB\n", table[k].shape,
                      10.0 * log10(power / 0.25), 10.0 * log10(low / flat_3500),
                      10.0 * log10(high / flat_20k));
        assert_true(fabs(10.0 * log10(power / 0.25) - table[k].total_db) < 0.2);
        assert_true(fabs(10.0 * log10(low / flat_3500) - table[k].at_3500_db) < 1.0);
        assert_true(fabs(10.0 * log10(high / flat_20k) - table[k].at_20k_db) < 1.0);
    }
}

static void
shapes_are_flat_where_they_were_not_made_for(void **state)
{
    static const double rates[] = {8000.0, 32000.0, 88200.0, 96000.0, 192000.0};

    (void)state;
    hold(0.3);
    for (size_t k = 0; k < LEN(rates); k++)
        for (int shape = DITHER_LIGHT; shape <= DITHER_STRONG; shape++) {
            struct dither flat = prepared(16, 4), d;

            dither_prepare(&d, 16, rates[k], &(struct dither_settings){.shape = shape, .seed = 4});
            dither_process(&flat, in, out, 5000);
            dither_process(&d, in, again, 5000);
            assert_memory_equal(again, out, 5000 * STEREO * sizeof *out);
        }
}

/* A full-scale sine with 6 dB of excess, then a tenth of it: with the first frame below the limits, the error is no larger
   than it ever is, because no feedback was wound up. Nor is it while the sound touches the limits. */
static void
no_shape_winds_up(void **state)
{
    (void)state;
    for (size_t k = 0; k < LEN(table); k++) {
        struct dither d = shaped(16, table[k].shape, 9);
        int most = 0, cut = 0;

        for (int i = 0; i < NFRAMES; i++)
            in[i * STEREO] = in[i * STEREO + 1] = (i % 20000 < 10000 ? 2.0 : 0.2) * sin(0.05 * i);
        in[12345] = INFINITY;
        in[23456] = -INFINITY;
        in[34567] = NAN;
        in[45678] = 1e300;
        dither_process(&d, in, out, NFRAMES);
        for (int i = 0; i < NFRAMES * STEREO; i++) {
            double x = in[i] * 32768.0, held = x < -32768.0 ? -32768.0 : x > 32767.0 ? 32767.0 : x;

            if (isnan(x))
                held = 0.0;
            cut += held != x;
            if (fabs(out[i] - held) > most)
                most = (int)fabs(out[i] - held);
        }
        assert_true(cut > NFRAMES / 2);
        print_message("# shape %d: at most %d LSB off\n", table[k].shape, most);
        assert_in_range(most, table[k].peak / 2, table[k].peak);
    }
}

static void
digital_silence_is_blanked_until_sound_comes(void **state)
{
    enum { FROM = 1000, BACK = FROM + DITHER_BLANK_FRAMES + 5000, END = BACK + 1000 };

    (void)state;
    for (int shape = DITHER_AUTO; shape < DITHER_SHAPES; shape++)
        for (int side = 0; side < STEREO; side++) {
            struct dither_settings s = {.shape = shape, .seed = 2, .blank = true};
            struct dither d;
            int noisy[3] = {0};

            memset(in, 0, sizeof in);
            for (int i = 0; i < FROM; i++)
                in[i * STEREO + side] = 1e-9; /* one side is enough, and 1e-9 is no silence */
            in[BACK * STEREO + side] = -1e-30;
            dither_prepare(&d, 16, RATE, &s);
            dither_process(&d, in, out, END);
            for (int i = 0; i < END; i++) {
                int part = i < FROM + DITHER_BLANK_FRAMES ? 0 : i < BACK ? 1 : 2;

                noisy[part] += out[i * STEREO] != 0;
                noisy[part] += out[i * STEREO + 1] != 0;
            }
            assert_int_equal(noisy[1], 0);
            assert_int_equal(noisy[0] > 0 && noisy[2] > 0, shape != DITHER_NONE);
            assert_true(shape == DITHER_NONE || out[(FROM + DITHER_BLANK_FRAMES - 1) * STEREO] ||
                        out[(FROM + DITHER_BLANK_FRAMES - 2) * STEREO] ||
                        out[(FROM + DITHER_BLANK_FRAMES - 3) * STEREO] || shape <= DITHER_TPDF);
            s.blank = false;
            dither_prepare(&d, 16, RATE, &s);
            dither_process(&d, in, out, END);
            for (int i = FROM + DITHER_BLANK_FRAMES; i < BACK; i++)
                noisy[1] += out[i * STEREO] != 0;
            assert_int_equal(noisy[1] > 0, shape != DITHER_NONE);
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

    (void)state;
    for (int i = 0; i < NFRAMES * STEREO; i++)
        in[i] = i / 20000 % 2 ? 0.0 : sin(i * 0.001); /* with blanks */
    for (int shape = DITHER_AUTO; shape < DITHER_SHAPES; shape++) {
        struct dither_settings s = {.shape = shape, .seed = 42, .blank = true};
        struct dither d;

        dither_prepare(&d, 16, RATE, &s);
        dither_process(&d, in, out, NFRAMES);
        for (size_t b = 0; b < LEN(blocks); b++) {
            dither_prepare(&d, 16, RATE, &s);
            for (int at = 0; at < NFRAMES; at += blocks[b]) {
                int n = NFRAMES - at < blocks[b] ? NFRAMES - at : blocks[b];

                dither_process(&d, in + at * STEREO, again + at * STEREO, n);
                dither_process(&d, in, again, 0);
            }
            assert_memory_equal(again, out, sizeof out);
        }
    }
}

/* Prints of old can be made again: these are the first steps that version 0.1.0 made of 0.1 at 16 bit, seed 0. */
static void
the_noise_of_a_seed_never_changes(void **state)
{
    static const int32_t first[] = {3277, 3277, 3277, 3276, 3277, 3277, 3276, 3277, 3278, 3277, 3277,
                                    3276, 3277, 3276, 3277, 3277, 3277, 3277, 3276, 3277, 3276, 3277,
                                    3276, 3276, 3276, 3277, 3277, 3277, 3277, 3277, 3277, 3277};
    struct dither d = prepared(16, 0);

    (void)state;
    hold(0.1);
    dither_process(&d, in, out, LEN(first) / STEREO);
    assert_memory_equal(out, first, sizeof first);
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
    struct dither d = shaped(16, DITHER_NONE, 0);

    (void)state;
    for (int i = 0; i < 65536; i++)
        in[i] = (i - 32768) / 32768.0;
    dither_process(&d, in, out, 32768);
    for (int i = 0; i < 65536; i++)
        assert_int_equal(out[i], i - 32768);
}

static void
refuses_what_it_cannot_do(void **state)
{
    struct dither_settings s = {.shape = DITHER_TPDF};
    struct dither d;

    (void)state;
    assert_int_equal(dither_prepare(&d, 7, RATE, &s), BAD_ARG);
    assert_int_equal(dither_prepare(&d, 25, RATE, &s), BAD_ARG);
    assert_int_equal(dither_prepare(&d, 8, 7999.0, &s), BAD_ARG);
    assert_int_equal(dither_prepare(&d, 8, RATE, &s), OK);
    s.shape = DITHER_SHAPES;
    assert_int_equal(dither_prepare(&d, 8, RATE, &s), BAD_ARG);
    s.shape = -1;
    assert_int_equal(dither_prepare(&d, 8, RATE, &s), BAD_ARG);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_does_not_depend_on_the_sound),
        cmocka_unit_test(spectra_are_as_published),
        cmocka_unit_test(shapes_are_flat_where_they_were_not_made_for),
        cmocka_unit_test(no_shape_winds_up),
        cmocka_unit_test(digital_silence_is_blanked_until_sound_comes),
        cmocka_unit_test(sound_below_one_step_is_kept),
        cmocka_unit_test(channels_are_independent),
        cmocka_unit_test(noise_has_no_colour),
        cmocka_unit_test(same_bits_at_any_split),
        cmocka_unit_test(the_noise_of_a_seed_never_changes),
        cmocka_unit_test(another_seed_gives_other_noise),
        cmocka_unit_test(clips_at_the_limits),
        cmocka_unit_test(not_a_number_becomes_silence),
        cmocka_unit_test(rounding_keeps_each_step),
        cmocka_unit_test(refuses_what_it_cannot_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
