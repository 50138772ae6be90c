/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/biquad.h"

#include "dsp/eqdesign.h"
#include "dsp/xmath.h"

#include <math.h>
#include <complex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define RATE 44100.0

/* Truth: H(z) itself, by complex numbers, at points all over the band. */
static void
biquad_form_equals_the_direct_form(void **state)
{
    static const double b[] = {1.3, -1.7, 0.6}, a[] = {-1.6, 0.75};
    struct biquad_coefs c = biquad_from_direct(b, a);

    (void)state;
    for (double hz = 10.0; hz < 22000.0; hz *= 1.3) {
        double complex z = cexp(-2.0 * PI * hz / RATE * I);
        double want = gain_to_db(cabs((b[0] + z * (b[1] + z * b[2])) / (1.0 + z * (a[0] + z * a[1]))));

        assert_true(fabs(eqdesign_response_db(&c, 1, hz, RATE) - want) < 1e-10);
    }
}

/* The recursion against the same recursion in direct form, which is good enough in the middle of the band. */
static void
biquad_runs_its_transfer_function(void **state)
{
    static const double b[] = {1.3, -1.7, 0.6}, a[] = {-1.6, 0.75};
    struct biquad_coefs c = biquad_from_direct(b, a);
    struct biquad f = {0};
    double left[200], right[200], x[200], y1 = 0.0, y2 = 0.0;

    (void)state;
    for (int i = 0; i < 200; i++) {
        x[i] = left[i] = x_sin(i * 0.9) + (i == 7);
        right[i] = -x[i];
    }
    biquad_set(&f, &c);
    biquad_process(&f, (double *[]){left, right}, 50);
    biquad_process(&f, (double *[]){left + 50, right + 50}, 150);
    for (int i = 0; i < 200; i++) {
        double y = b[0] * x[i] + (i > 0 ? b[1] * x[i - 1] : 0.0) + (i > 1 ? b[2] * x[i - 2] : 0.0);

        y -= a[0] * y1 + a[1] * y2;
        y2 = y1;
        y1 = y;
        assert_true(fabs(left[i] - y) < 1e-13);
        assert_true(right[i] == -left[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(biquad_form_equals_the_direct_form),
        cmocka_unit_test(biquad_runs_its_transfer_function),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
