/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The truth is libm's 80-bit arithmetic, 11 bits better than what is tested. */
#include "dsp/xmath.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { POINTS = 200000 };

struct span {
    double from, to;
};

/* Irregular steps, so that no point sits on a grid that flatters the reduction. */
static double
point(const struct span *s, int i)
{
    double t = (double)i * 0.6180339887498949;

    return s->from + (s->to - s->from) * (t - floor(t));
}

static double
worst_relative(double (*f)(double), long double (*truth)(long double), const struct span *s)
{
    double worst = 0.0;

    for (int i = 0; i < POINTS; i++) {
        double x = point(s, i);
        long double want = truth(x);
        double error = (double)fabsl(((long double)f(x) - want) / want);

        if (want != 0.0L && error > worst)
            worst = error;
    }
    return worst;
}

static long double
truth_db_to_gain(long double db)
{
    return expl(db * (logl(10.0L) / 20.0L));
}

static long double
truth_gain_to_db(long double gain)
{
    return 20.0L * log10l(gain);
}

/* Perfect rounding is 1.1e-16. A wrong constant or a missing term would be far beyond these limits. */
#define CHECK(f, truth, from, to, most)                                                                      \
    do {                                                                                                     \
        double worst = worst_relative(f, truth, &(struct span){from, to});                                   \
        print_message("# %s %g..%g: %.2g\n", #f, (double)(from), (double)(to), worst);                       \
        assert_true(worst < (most));                                                                         \
    } while (0)

static void
exponentials_are_right_to_the_last_bits(void **state)
{
    (void)state;
    CHECK(x_exp2, exp2l, -1.0, 1.0, 3e-16);
    CHECK(x_exp2, exp2l, -1021.9, 1023.9, 3e-16);
    CHECK(x_exp, expl, -1.0, 1.0, 3e-16);
    CHECK(x_exp, expl, -708.0, 709.7, 3e-16);
    CHECK(db_to_gain, truth_db_to_gain, -60.0, 60.0, 4e-16);
    CHECK(db_to_gain, truth_db_to_gain, -399.9, 400.0, 4e-16);
}

static void
logarithms_are_right_to_the_last_bits(void **state)
{
    (void)state;
    CHECK(x_log, logl, 0.9, 1.1, 4e-16);
    CHECK(x_log, logl, 1e-3, 10.0, 4e-16);
    CHECK(x_log, logl, 1.0, 1e300, 4e-16);
    CHECK(x_log2, log2l, 0.9, 1.1, 5e-16);
    CHECK(x_log2, log2l, 1e-3, 10.0, 5e-16);
    CHECK(x_log2, log2l, 1.0, 1e300, 5e-16);
    CHECK(gain_to_db, truth_gain_to_db, 1e-3, 10.0, 8e-16);
}

static void
circle_is_right_to_the_last_bits(void **state)
{
    (void)state;
    CHECK(x_sin, sinl, 1e-300, 2.0 * PI, 5e-16);
    CHECK(x_cos, cosl, -2.0 * PI, 2.0 * PI, 5e-16);
    CHECK(x_sin, sinl, -1000.0, 1000.0, 5e-16);
    CHECK(x_cos, cosl, -1000.0, 1000.0, 5e-16);
    CHECK(x_tan, tanl, 1e-9, PI / 2.0, 8e-16);
    CHECK(x_tan, tanl, -1000.0, 1000.0, 8e-16);
    for (int k = -600; k <= 600; k++) { /* the doubles next to a zero of the result */
        double x = k * (PI / 2.0);

        assert_true(fabsl((long double)x_sin(x) - sinl(x)) <= 3e-16L * fabsl(sinl(x)) + 1e-22L);
        assert_true(fabsl((long double)x_cos(x) - cosl(x)) <= 3e-16L * fabsl(cosl(x)) + 1e-22L);
    }
}

static void
whole_numbers_are_exact(void **state)
{
    (void)state;
    for (int n = -1022; n <= 1023; n++) {
        assert_true(x_exp2(n) == ldexp(1.0, n));
        assert_true(x_log2(ldexp(1.0, n)) == n);
    }
    assert_true(x_log2(0x1p-1074) == -1074.0);
    assert_true(x_exp(0.0) == 1.0 && x_log(1.0) == 0.0);
    assert_true(db_to_gain(0.0) == 1.0 && db_to_gain(-0.0) == 1.0 && gain_to_db(1.0) == 0.0);
    assert_true(x_sin(0.0) == 0.0 && x_cos(0.0) == 1.0 && x_tan(0.0) == 0.0);
}

static void
edges_are_infinities_zeros_and_nan(void **state)
{
    static double (*const all[])(double) = {x_exp2, x_exp, x_log2, x_log, x_sin, x_cos, x_tan, db_to_gain};

    (void)state;
    for (size_t i = 0; i < LEN(all); i++)
        assert_true(isnan(all[i](NAN)));
    assert_true(x_exp2(1024.0) == INFINITY && x_exp(710.0) == INFINITY && db_to_gain(7000.0) == INFINITY);
    assert_true(x_exp2(INFINITY) == INFINITY && x_exp(INFINITY) == INFINITY &&
                db_to_gain(INFINITY) == INFINITY);
    assert_true(x_exp2(-1022.1) == 0.0 && x_exp(-708.5) == 0.0 && x_exp2(-INFINITY) == 0.0);
    assert_true(x_exp(-INFINITY) == 0.0 && isfinite(x_exp(709.78)) && isfinite(x_exp2(1023.9999999999)));
    assert_true(x_log(0.0) == -INFINITY && x_log2(0.0) == -INFINITY && isnan(x_log(-1.0)));
    assert_true(x_log(INFINITY) == INFINITY);
}

static void
silence_is_minus_400_db_both_ways(void **state)
{
    (void)state;
    assert_true(db_to_gain(-400.0) == 0.0 && db_to_gain(-INFINITY) == 0.0 && db_to_gain(-399.9) > 0.0);
    assert_true(gain_to_db(0.0) == -400.0 && gain_to_db(-1.0) == -400.0 && gain_to_db(NAN) == -400.0);
    assert_true(gain_to_db(1e-30) == -400.0);
}

static void
db_and_gain_are_inverse(void **state)
{
    (void)state;
    for (double db = -300.0; db <= 100.0; db += 0.137) /* dB: a rounding of the gain is 1e-15 dB */
        assert_true(fabs(gain_to_db(db_to_gain(db)) - db) < 2e-15 + 4e-16 * fabs(db));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponentials_are_right_to_the_last_bits),
        cmocka_unit_test(logarithms_are_right_to_the_last_bits),
        cmocka_unit_test(circle_is_right_to_the_last_bits),
        cmocka_unit_test(whole_numbers_are_exact),
        cmocka_unit_test(edges_are_infinities_zeros_and_nan),
        cmocka_unit_test(silence_is_minus_400_db_both_ways),
        cmocka_unit_test(db_and_gain_are_inverse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
