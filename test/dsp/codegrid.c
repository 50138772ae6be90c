/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/codegrid.h"

#include "dsp/decibel.h"
#include "test/kit/dice.h"
#include "test/kit/scarce.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { N = 1 << 20 };

static double x[N];

/* Something like music: a few slow tones and a falling noise, on no grid. */
static void
music(void)
{
    double low = 0.0;

    dice_state = 3;
    for (int i = 0; i < N; i++) {
        low += 0.05 * (noise() - low);
        x[i] = 0.5 * low + 0.1 * sin(i * 0.013) + 0.05 * sin(i * 0.0717) * sin(i * 1e-5);
    }
}

static void
quantize(int bits, double gain)
{
    double top = ldexp(1.0, bits - 1);

    for (int i = 0; i < N; i++)
        x[i] = rint(x[i] * gain * top) / top;
}

static void
tpdf(int bits)
{
    for (int i = 0; i < N; i++)
        x[i] += (noise() + noise()) * 0.5 * ldexp(1.0, 1 - bits);
    quantize(bits, 1.0);
}

static double
step_of(int bits, int block)
{
    struct codegrid g;
    const double *in[1];
    double step;

    assert_int_equal(codegrid_prepare(&g, bits, 1), OK);
    for (int at = 0; at < N; at += block) {
        in[0] = x + at;
        codegrid_process(&g, in, N - at < block ? N - at : block);
    }
    step = codegrid_step(&g, 0);
    codegrid_free(&g);
    return step;
}

static void
a_16_bit_sound_that_was_raised_leaves_its_grid(void **state)
{
    static const double gains_db[] = {0.5, 1.0, 3.0, 4.7, 6.5, 12.3};

    (void)state;
    for (size_t i = 0; i < LEN(gains_db); i++) {
        double gain = db_to_gain(gains_db[i]);

        for (int bits = 16; bits <= 24; bits += 8) {
            double want = gain * ldexp(1.0, bits - 16);

            music();
            quantize(16, 0.2);
            quantize(bits, gain);
            assert_true(fabs(step_of(bits, 4096) - want) < 0.01 * want);
        }
    }
}

static void
a_16_bit_sound_that_was_lowered_too(void **state)
{
    (void)state;
    music();
    quantize(16, 0.2);
    quantize(24, 0.3);
    assert_true(fabs(step_of(24, 4096) - 0.3 * 256) < 0.5);
}

static void
music_uses_every_value(void **state)
{
    (void)state;
    music();
    quantize(16, 1.0);
    assert_true(step_of(16, 4096) == 1.0);
    music();
    quantize(24, 1.0);
    assert_true(step_of(24, 4096) == 1.0);
}

static void
dither_after_the_change_hides_the_grid(void **state)
{
    (void)state;
    music();
    quantize(16, 0.2);
    for (int i = 0; i < N; i++)
        x[i] *= 1.6;
    tpdf(16);
    assert_true(step_of(16, 4096) == 1.0);
}

/* Periodic: each value comes again and again, others never. */
static void
generated_waves_have_no_grid(void **state)
{
    static const double periods[] = {2, 3, 48, 100, 109.09, 441, 4800, 48000};
    static const int depth[] = {16, 24};

    (void)state;
    for (size_t i = 0; i < LEN(periods); i++)
        for (size_t d = 0; d < LEN(depth); d++)
            for (double gain = 1.0; gain > 1e-3; gain *= 0.1) {
                double p = periods[i];

                for (int k = 0; k < N; k++)
                    x[k] = gain * 0.99 * sin(2 * PI * k / p + 0.1);
                quantize(depth[d], 1.0);
                assert_true(step_of(depth[d], 4096) == 1.0);
                for (int k = 0; k < N; k++)
                    x[k] = gain * 0.99 * (fmod(k, p) < p / 2 ? 1 : -1);
                quantize(depth[d], 1.0);
                assert_true(step_of(depth[d], 4096) == 1.0);
                if (p > 4800 || p < 40)
                    continue;
                for (int k = 0; k < N; k++)
                    x[k] = gain * 0.99 * (2 * fmod(k / p, 1.0) - 1);
                quantize(depth[d], 1.0);
                assert_true(step_of(depth[d], 4096) == 1.0);
            }
}

static void
floats_and_silence_have_none(void **state)
{
    (void)state;
    music();
    assert_true(step_of(24, 4096) == 1.0);
    memset(x, 0, sizeof x);
    assert_true(step_of(24, 4096) == 1.0);
    for (int i = 0; i < N; i++)
        x[i] = i % 2 ? 1e300 : -1.0;
    assert_true(step_of(12, 4096) == 1.0);
}

static void
same_answer_at_any_block(void **state)
{
    double want;

    (void)state;
    music();
    quantize(16, 0.2);
    quantize(24, 1.3);
    want = step_of(24, N);
    assert_true(want > 1.0);
    assert_true(step_of(24, 7) == want);
    assert_true(step_of(24, 255) == want);
    assert_true(step_of(24, 4096) == want);
}

#ifndef __SANITIZE_ADDRESS__
static void
prepare_survives_each_failed_calloc(void **state)
{
    struct codegrid g;

    (void)state;
    for (int n = 0; n < 8; n++) {
        callocs_left = n;
        assert_int_equal(codegrid_prepare(&g, 24, 4), NO_MEM);
        callocs_left = -1;
        codegrid_free(&g);
    }
}
#endif

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_16_bit_sound_that_was_raised_leaves_its_grid),
        cmocka_unit_test(a_16_bit_sound_that_was_lowered_too),
        cmocka_unit_test(music_uses_every_value),
        cmocka_unit_test(dither_after_the_change_hides_the_grid),
        cmocka_unit_test(generated_waves_have_no_grid),
        cmocka_unit_test(floats_and_silence_have_none),
        cmocka_unit_test(same_answer_at_any_block),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(prepare_survives_each_failed_calloc),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
