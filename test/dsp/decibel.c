/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/decibel.h"

#include "dsp/xmath.h"
#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
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

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_number_is_the_scalar_one_bit_for_bit)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
