/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/decibel.h"

#include "dsp/clones.h"
#include "dsp/xmath.h"
#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { N = 1000 };

/* The scalar function, through a pointer so that no compiler makes a vector of this loop. */
static double (*volatile one_from)(double) = gain_to_db, (*volatile one_to)(double) = db_to_gain;

static void
each_number_is_the_scalar_one_bit_for_bit(void **state)
{
    static const double odd[] = {0.0, -0.0, 1.0, -1.0, 1e-320, 1e300, INFINITY, NAN, -400.0, 400.0};
    double gain[N], level[N], want[N];

    (void)state;
    for (int i = 0; i < N; i++) {
        gain[i] = (size_t)i < LEN(odd) ? odd[i] : dice(1000000) * 1e-5;
        level[i] = (size_t)i < LEN(odd) ? odd[i] : dice(2000000) * 1e-4 - 150.0;
    }
    for (int n = 0; n <= N; n += 37) { /* whole vectors and rests */
        double v[N];

        for (int i = 0; i < n; i++)
            want[i] = one_from(gain[i]);
        memcpy(v, gain, sizeof v);
        decibel_from_gain(v, n);
        assert_memory_equal(v, want, sizeof *v * (size_t)n);
        for (int i = 0; i < n; i++)
            want[i] = one_to(level[i]);
        memcpy(v, level, sizeof v);
        decibel_to_gain(v, n);
        for (int i = 0; i < n; i++)
            assert_true(v[i] == want[i] || (isnan(v[i]) && isnan(want[i])));
    }
}

/* 2e-11 dB each; and from 1e-30, where no power at all begins to count, 1e-9. */
static void
quick_ones_are_near_the_truth(void **state)
{
    double worst = 0.0, quiet = 0.0, gain = 0.0;

    (void)state;
    for (double lg = -30.0; lg < 30.0; lg += 0.000713) {
        double power = pow(10.0, lg), error = fabs(decibel_of_power(power) - 10.0 * log10(power));

        if (lg > -25.0)
            worst = fmax(worst, error);
        quiet = fmax(quiet, error);
    }
    for (double db = -390.0; db < 390.0; db += 0.000931) {
        double want = pow(10.0, db / 20.0);

        gain = fmax(gain, fabs(20.0 * log10(1.0 + (decibel_quick_gain(db) - want) / want)));
    }
    print_message("# dB off: of a power %.1e, near none %.1e; of a gain %.1e\n", worst, quiet, gain);
    assert_true(worst < 2e-11 && quiet < 1e-9 && gain < 2e-11);
    assert_true(decibel_of_power(1.0) == 0.0 && decibel_quick_gain(0.0) == 1.0);
    assert_true(fabs(decibel_of_power(0.0) - DB_SILENCE) < 2e-11);
}

/* Also where one octave's polynomial takes over from the one below; 1e-12 dB is their rounding. */
static void
quick_ones_never_fall(void **state)
{
    const double near = 1e-12;

    (void)state;
    for (int octave = -60; octave < 40; octave++)
        for (int i = -200; i < 200; i++) {
            double join = ldexp(sqrt(0.5), octave), half = (octave + 0.5) / 0.16609640474436813;
            double low = join * (1.0 + i * 1e-13), db = half + i * 1e-13;

            assert_true(decibel_of_power(low * (1.0 + 1e-13)) - decibel_of_power(low) > -near);
            assert_true(decibel_quick_gain(db + 1e-13) / decibel_quick_gain(db) - 1.0 > -near);
        }
    for (double power = 1e-12; power < 1e6; power *= 1.00001)
        assert_true(decibel_of_power(power * 1.00001) > decibel_of_power(power));
    for (double db = -120.0; db < 120.0; db += 0.0001)
        assert_true(decibel_quick_gain(db + 0.0001) > decibel_quick_gain(db));
}

static void
two_at_once_are_each_as_good(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        double a = pow(10.0, 30.0 * noise() - 5.0), b = dice(9) ? pow(10.0, 20.0 * noise()) : 0.0, a_db, b_db;

        decibel_of_powers(a, b, &a_db, &b_db);
        assert_true(fabs(a_db - decibel_of_power(a)) < 1e-12 * 400.0);
        assert_true(fabs(b_db - decibel_of_power(b)) < 1e-12 * 400.0);
    }
}

CLONES static void
of_powers(double *v, int n)
{
    for (int i = 0; i < n; i++)
        v[i] = decibel_of_power(v[i]);
}

CLONES static void
quick_gains(double *v, int n)
{
    for (int i = 0; i < n; i++)
        v[i] = decibel_quick_gain(v[i]);
}

static double
one_power(double power)
{
    return decibel_of_power(power);
}

static double
one_gain(double gain_db)
{
    return decibel_quick_gain(gain_db);
}

/* Whatever the width of the vectors that this CPU gets. */
static void
quick_ones_are_the_same_bits_at_any_width(void **state)
{
    static double (*volatile power)(double) = one_power, (*volatile gain)(double) = one_gain;
    double v[N], w[N], want[N];

    (void)state;
    for (int i = 0; i < N; i++) {
        v[i] = i ? dice(1000000) * 1e-5 : 0.0;
        w[i] = dice(2000000) * 1e-4 - 150.0;
        want[i] = power(v[i]);
    }
    of_powers(v, N);
    assert_memory_equal(v, want, sizeof v);
    for (int i = 0; i < N; i++)
        want[i] = gain(w[i]);
    quick_gains(w, N);
    assert_memory_equal(w, want, sizeof w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_is_the_scalar_one_bit_for_bit),
        cmocka_unit_test(quick_ones_are_near_the_truth),
        cmocka_unit_test(quick_ones_never_fall),
        cmocka_unit_test(two_at_once_are_each_as_good),
        cmocka_unit_test(quick_ones_are_the_same_bits_at_any_width),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
