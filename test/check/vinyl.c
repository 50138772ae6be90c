/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/check.h"
#include "engine/check/target.h"

#include "test/kit/checked.h"
#include "test/kit/dice.h"
#include "test/kit/song.h"
#include "test/kit/tree.h"

#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, SECONDS = 10, NFRAMES = SECONDS * RATE };

static double x[STEREO * NFRAMES];

static struct report *
report_of_x(int nch)
{
    assert_true(song_write(tree_path("x.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_24, RATE, nch, x, NFRAMES));
    return check(tree_path("x.wav"), NULL);
}

/* Bass of 60 Hz in the middle, and on the sides by so much. */
static void
bass(double side)
{
    for (int i = 0; i < NFRAMES; i++) {
        double m = 0.3 * sin(2.0 * PI * 60.0 / RATE * i), s = side * sin(2.0 * PI * 80.0 / RATE * i);

        x[STEREO * i] = m + s;
        x[STEREO * i + 1] = m - s;
    }
}

static void
wide_bass_is_a_note_and_narrow_is_not(void **state)
{
    struct report *r;

    (void)state;
    bass(0.3);
    r = report_of_x(STEREO);
    assert_non_null(finding_of(r, "low_side_vinyl"));
    assert_int_equal(finding_of(r, "low_side_vinyl")->severity, SEVERITY_NOTE);
    assert_float_equal(report_number(r, "vinyl/side_below_150"), 0.0, 0.1);
    report_close(r);
    bass(0.03);
    r = report_of_x(STEREO);
    assert_null(finding_of(r, "low_side_vinyl"));
    assert_float_equal(report_number(r, "vinyl/side_below_300"), -20.0, 0.1);
    report_close(r);
}

static void
for_a_record_it_is_a_warning(void **state)
{
    struct check_options o = {.threads = 1};
    struct target *t;
    struct report *r;
    struct err e;

    (void)state;
    bass(0.3);
    assert_true(song_write(tree_path("x.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_24, RATE, STEREO, x, NFRAMES));
    assert_int_equal(target_load(&t, "engine/targets/vinyl-12-33.yaml", &e), OK);
    o.target = t;
    assert_int_equal(check_file(&r, tree_path("x.wav"), &o, &e), OK);
    assert_int_equal(finding_of(r, "low_side_vinyl")->severity, SEVERITY_WARN);
    report_close(r);
    target_free(t);
}

static void
mono_has_no_side(void **state)
{
    struct report *r;

    (void)state;
    bass(0.3);
    r = report_of_x(1);
    assert_true(isnan(report_number(r, "vinyl/side_below_150")));
    assert_null(finding_of(r, "low_side_vinyl"));
    report_close(r);
}

static void
an_ess_is_told_at_its_time(void **state)
{
    const struct finding *f;
    struct report *r;
    double old = 0.0;

    (void)state;
    dice_state = 6;
    for (int i = 0; i < NFRAMES; i++) {
        double t = (double)i / RATE, w = noise(), high = w - old;

        old = w;
        x[STEREO * i] = x[STEREO * i + 1] =
            0.2 * sin(2.0 * PI * 220.0 * t) + (t > 4.0 && t < 4.15 ? 0.15 : 0.005) * high;
    }
    r = report_of_x(STEREO);
    f = finding_of(r, "sibilance");
    assert_non_null(f);
    assert_float_equal(f->from_s, 4.0, 0.02);
    assert_float_equal(f->to_s, 4.15, 0.02);
    assert_float_equal(report_number(r, "vinyl/sibilants"), 1.0, 0.0);
    report_close(r);
}

static void
drums_of_the_demo_are_no_sibilants(void **state)
{
    struct report *r = check("demo:", NULL);

    (void)state;
    assert_null(finding_of(r, "sibilance"));
    assert_null(finding_of(r, "low_side_vinyl"));
    assert_int_equal(report_worst(r), SEVERITY_NOTE);
    report_close(r);
}

static void
much_top_is_a_note(void **state)
{
    struct report *r;

    (void)state;
    for (int i = 0; i < NFRAMES; i++)
        x[STEREO * i] = x[STEREO * i + 1] =
            0.3 * sin(2.0 * PI * 300.0 / RATE * i) + 0.03 * sin(2.0 * PI * 17000.0 / RATE * i);
    r = report_of_x(STEREO);
    assert_non_null(finding_of(r, "vinyl_top"));
    assert_float_equal(report_number(r, "vinyl/top"), -20.04, 0.1);
    report_close(r);
}

static void
silence_has_no_figures(void **state)
{
    struct report *r;

    (void)state;
    memset(x, 0, sizeof x);
    r = report_of_x(STEREO);
    assert_true(isnan(report_number(r, "vinyl/top")));
    report_close(r);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_bass_is_a_note_and_narrow_is_not),
        cmocka_unit_test(for_a_record_it_is_a_warning),
        cmocka_unit_test(mono_has_no_side),
        cmocka_unit_test(an_ess_is_told_at_its_time),
        cmocka_unit_test(drums_of_the_demo_are_no_sibilants),
        cmocka_unit_test(much_top_is_a_note),
        cmocka_unit_test(silence_has_no_figures),
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
