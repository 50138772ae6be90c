/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/dynamics.h"

#include "engine/check/check.h"
#include "test/kit/tree.h"

#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RATE 8000

static struct report *
checked(const double *x, int nch, int nframes)
{
    SF_INFO sf = {.samplerate = RATE, .channels = nch, .format = SF_FORMAT_WAV | SF_FORMAT_DOUBLE};
    const char *path = tree_put("x.wav", "");
    SNDFILE *file = sf_open(path, SFM_WRITE, &sf);
    struct report *r;
    struct err e;

    assert_non_null(file);
    assert_int_equal(sf_writef_double(file, x, nframes), nframes);
    sf_close(file);
    assert_int_equal(check_file(&r, path, &(struct check_options){.threads = 1}, &e), OK);
    return r;
}

static void
near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.6f, wanted %.6f +- %g", got, want, tolerance);
}

static void
figures_of_a_sine_and_a_square_wave(void **state)
{
    enum { NFRAMES = 10 * RATE };
    double *x = malloc(sizeof *x * 2 * NFRAMES);
    const struct figure_value *v;
    struct report *r;

    (void)state;
    for (int i = 0; i < NFRAMES; i++) {
        x[2 * i] = 0.5 * sin(2.0 * PI * 441.0 * i / RATE);
        x[2 * i + 1] = i / 10 % 2 ? 0.25 : -0.25;
    }
    r = checked(x, 2, NFRAMES);
    near(report_number(r, "dynamics/dr"), -2.0, 0.0); /* -1.5 */
    v = report_measured(r, "dynamics/dr_channels");
    assert_non_null(v);
    assert_int_equal(v->count, 2);
    near(v->number[0], 0.0, 0.01);
    near(v->number[1], -3.01, 0.01);
    v = report_measured(r, "dynamics/crest");
    near(v->number[0], 3.01, 0.01);
    near(v->number[1], 0.0, 0.01);
    v = report_measured(r, "dynamics/rms");
    near(v->number[0], -9.03, 0.01);
    near(v->number[1], -12.04, 0.01);
    report_close(r);
    free(x);
}

static void
silence_and_a_single_frame_have_no_range(void **state)
{
    static const double silence[RATE];
    struct report *r = checked(silence, 1, RATE);

    (void)state;
    assert_true(isnan(report_number(r, "dynamics/dr")));
    report_close(r);
    r = checked((double[]){0.5, 0.5, 0.5}, 3, 1);
    near(report_measured(r, "dynamics/crest")->number[2], 0.0, 1e-9);
    report_close(r);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_of_a_sine_and_a_square_wave),
        cmocka_unit_test(silence_and_a_single_frame_have_no_range),
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
