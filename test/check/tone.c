/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/check.h"
#include "engine/check/curve.h"

#include "test/kit/checked.h"
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

enum { RATE = 48000, SECONDS = 12, NFRAMES = SECONDS * RATE };

/* A bell of gain_db at hz with q 1 on the song: constant-Q by the bilinear transform (RBJ's cookbook). */
static const char *
song_with_bell(double gain_db, double hz, double level, const char *name)
{
    double *x = song_make(RATE, NFRAMES), a = pow(10.0, gain_db / 40.0), w = 2.0 * PI * hz / RATE,
           alpha = 0.5 * sin(w);
    double b0 = 1.0 + alpha * a, b1 = -2.0 * cos(w), b2 = 1.0 - alpha * a, a0 = 1.0 + alpha / a,
           a2 = 1.0 - alpha / a;
    static char path[256];

    for (int c = 0; c < STEREO; c++) {
        double x1 = 0.0, x2 = 0.0, y1 = 0.0, y2 = 0.0;

        for (int i = 0; i < NFRAMES; i++) {
            double in = x[STEREO * i + c], out = (b0 * in + b1 * x1 + b2 * x2 - b1 * y1 - a2 * y2) / a0;

            x2 = x1;
            x1 = in;
            y2 = y1;
            y1 = out;
            x[STEREO * i + c] = level * out;
        }
    }
    snprintf(path, sizeof path, "%s", tree_path(name));
    assert_true(song_write(path, SF_FORMAT_WAV | SF_FORMAT_PCM_24, RATE, STEREO, x, NFRAMES));
    free(x);
    return path;
}

static struct curve
curve_of(const char *path)
{
    struct curve c;
    struct err e;

    if (curve_load(&c, path, &e) != OK)
        fail_msg("%s", e.text);
    return c;
}

static void
a_file_against_itself_has_no_difference(void **state)
{
    const char *path = song_with_bell(0.0, 1000.0, 1.0, "song.wav");
    struct curve c = curve_of(path);
    struct report *r = check(path, &c);

    (void)state;
    assert_float_equal(report_number(r, "tone/distance"), 0.0, 1e-9);
    assert_null(finding_of(r, "tonal_difference"));
    report_close(r);
}

static void
level_is_no_tone(void **state)
{
    struct curve c = curve_of(song_with_bell(0.0, 1000.0, 1.0, "song.wav"));
    struct report *r = check(song_with_bell(0.0, 1000.0, 0.25, "soft.wav"), &c);

    (void)state;
    assert_float_equal(report_number(r, "tone/distance"), 0.0, 0.05);
    report_close(r);
}

static void
a_bell_is_found_at_its_frequency(void **state)
{
    struct curve c = curve_of(song_with_bell(0.0, 1000.0, 1.0, "song.wav"));
    struct report *r = check(song_with_bell(9.0, 400.0, 0.4, "bell.wav"), &c);
    const struct figure_value *v = report_measured(r, "tone/difference");
    const struct finding *f = finding_of(r, "tonal_difference");
    int most = 0;

    (void)state;
    for (int i = 0; i < v->series.count; i++)
        if (v->series.value[i] > v->series.value[most])
            most = i;
    assert_float_equal(v->series.from * pow(v->series.step, most), 400.0, 30.0);
    assert_float_equal(v->series.value[most], 7.3,
                       1.0); /* 9 dB, less its part in the mean, less its tip's third */
    assert_non_null(f);
    assert_non_null(strstr(f->what, "more"));
    assert_true(report_number(r, "tone/distance") > 1.5);
    report_close(r);
}

static void
without_a_curve_there_is_no_difference(void **state)
{
    struct report *r = check("demo:", NULL);

    (void)state;
    assert_null(report_measured(r, "tone/difference"));
    assert_true(isnan(report_number(r, "tone/distance")));
    assert_int_equal(report_measured(r, "tone/spectrum")->series.count, 121);
    report_close(r);
}

static void
the_parts_add_up_to_the_whole(void **state)
{
    struct report *r = check("demo:", NULL);
    double sum = pow(10.0, report_number(r, "tone/low") / 10.0) +
                 pow(10.0, report_number(r, "tone/mid") / 10.0) +
                 pow(10.0, report_number(r, "tone/high") / 10.0);

    (void)state;
    assert_float_equal(sum, 1.0, 1e-9);
    report_close(r);
}

/* A band a twelfth of an octave wide of white noise rises by 3.01 dB an octave. */
static void
white_noise_tilts_by_3_db(void **state)
{
    static double x[STEREO * NFRAMES];
    struct report *r;
    uint32_t dice = 1;

    (void)state;
    for (int i = 0; i < STEREO * NFRAMES; i++)
        x[i] = 0.3 * ((int32_t)(dice = dice * 1664525u + 1013904223u) * 0x1p-31);
    assert_true(
        song_write(tree_path("white.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_24, RATE, STEREO, x, NFRAMES));
    r = check(tree_path("white.wav"), NULL);
    assert_float_equal(report_number(r, "tone/tilt"), 3.01, 0.1);
    report_close(r);
}

/* 0.1 s of music: all figures are numbers; a frame, silence, 8 channels at 8 kHz: no crash. */
static void
odd_files_are_survived(void **state)
{
    static double x[8 * 8000];
    static const int frames[] = {1, 800, 8000};

    struct curve c = curve_of("demo:");

    (void)state;
    for (int loud = 0; loud < 2; loud++) {
        for (int i = 0; i < 8 * 8000; i++)
            x[i] = loud ? (i % 7 < 3 ? 1.0 : -1.0) : 0.0;
        for (size_t i = 0; i < LEN(frames); i++)
            for (int nch = 1; nch <= 8; nch++) {
                struct report *r;

                assert_true(song_write(tree_path("odd.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, 8000.0, nch, x,
                                       frames[i]));
                r = check(tree_path("odd.wav"), &c);
                assert_int_equal(report_measured(r, "tone/spectrum") != NULL, loud);
                for (int k = 0; loud && k < report_measured(r, "tone/spectrum")->series.count; k++)
                    assert_true(isfinite(report_measured(r, "tone/spectrum")->series.value[k]));
                report_close(r);
            }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_against_itself_has_no_difference),
        cmocka_unit_test(level_is_no_tone),
        cmocka_unit_test(a_bell_is_found_at_its_frequency),
        cmocka_unit_test(without_a_curve_there_is_no_difference),
        cmocka_unit_test(the_parts_add_up_to_the_whole),
        cmocka_unit_test(white_noise_tilts_by_3_db),
        cmocka_unit_test(odd_files_are_survived),
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
