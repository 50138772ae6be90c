/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/curve.h"

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

enum { RATE = 48000, NFRAMES = 4 * RATE };

/* The song behind a one-pole low-pass; 1 leaves it alone. */
static char *
song(double corner, double rate_hz, const char *name)
{
    double *x = song_make(rate_hz, NFRAMES), low[STEREO] = {0};
    char *path = strdup(tree_path(name));

    for (int i = 0; i < STEREO * NFRAMES; i++)
        x[i] = low[i % STEREO] += corner * (x[i] - low[i % STEREO]);
    assert_true(song_write(path, SF_FORMAT_WAV | SF_FORMAT_PCM_24, rate_hz, STEREO, x, NFRAMES));
    free(x);
    return path;
}

static void
the_curve_is_mean_and_spread(void **state)
{
    char *paths[] = {song(1.0, RATE, "a.wav"), song(0.5, RATE, "b.wav"), song(0.25, RATE, "c.wav")};
    struct curve all, one[3];
    struct err e;

    (void)state;
    assert_int_equal(curve_build(&all, paths, 3, &e), OK);
    assert_int_equal(all.files, 3);
    for (int k = 0; k < 3; k++)
        assert_int_equal(curve_load(&one[k], paths[k], &e), OK);
    for (int i = 0; i < CURVE_POINTS; i++) {
        double a = one[0].level_db[i], b = one[1].level_db[i], c = one[2].level_db[i],
               mean = (a + b + c) / 3.0;

        assert_float_equal(all.level_db[i], mean, 1e-9);
        assert_float_equal(
            all.spread_db[i],
            sqrt(((a - mean) * (a - mean) + (b - mean) * (b - mean) + (c - mean) * (c - mean)) / 2.0), 1e-6);
    }
    for (int k = 0; k < 3; k++)
        free(paths[k]);
}

static void
what_is_saved_is_loaded(void **state)
{
    char *paths[] = {song(1.0, RATE, "a.wav"), song(0.5, 8000.0, "b.wav")};
    const char *out = tree_path("corpus.curve");
    struct curve all, again;
    struct err e;

    (void)state;
    assert_int_equal(curve_build(&all, paths, 2, &e), OK);
    assert_int_equal(curve_save(&all, out, paths, &e), OK);
    assert_int_equal(curve_load(&again, out, &e), OK);
    assert_int_equal(again.files, 2);
    for (int i = 0; i < CURVE_POINTS; i++) {
        assert_float_equal(again.level_db[i], all.level_db[i], 0.0006);
        assert_int_equal(isnan(again.spread_db[i]), isnan(all.spread_db[i]));
    }
    assert_true(isnan(again.spread_db[CURVE_POINTS - 1])); /* the one at 8 kHz ends below */
    assert_int_equal(curve_save(&all, out, paths, &e), EXISTS);
    assert_non_null(strstr(e.text, "corpus.curve"));
    for (int k = 0; k < 2; k++)
        free(paths[k]);
}

/* So many good lines, then this. */
static void
assert_refused(int points, const char *after, const char *says)
{
    char text[CURVE_POINTS * 40 + 500];
    int at = sprintf(text, "deadwax curve 1\nfiles 3\n");
    const char *path;
    struct curve c;
    struct err e;

    for (int i = 0; i < points; i++)
        at += sprintf(text + at, "%.2f -10.0 1.0\n", spectrum_hz(i));
    strcpy(text + at, after);
    path = tree_put("bad.curve", text);
    assert_int_equal(curve_load(&c, path, &e), BAD_ARG);
    if (!strstr(e.text, says) || !strstr(e.text, "bad.curve"))
        fail_msg("\"%s\" does not say \"%s\"", e.text, says);
}

static void
a_bad_line_is_told_with_its_number(void **state)
{
    (void)state;
    assert_refused(10, "35.00 -10.0 1.0\n", ":13: 35 Hz is out of turn: 35.57 Hz comes here");
    assert_refused(0, "20.00 loud 1.0\n", ":3: HZ LEVEL SPREAD");
    assert_refused(0, "20.00 nan 1.0\n", ":3: HZ LEVEL SPREAD");
    assert_refused(0, "20.00 -10.0\n", ":3: HZ LEVEL SPREAD");
    assert_refused(0, "20.00 -10.0 -1.0\n", ":3: a spread");
    assert_refused(0, "20.00 -10.0 1.0 7\n", ":3: HZ LEVEL SPREAD");
    assert_refused(0, "colour blue\n", ":3: unknown word");
    assert_refused(0, "files none\n", ":3: how many files");
    assert_refused(50, "", "ends after 50 of 121 points");
    assert_refused(CURVE_POINTS, "21000 -10.0 1.0\n", ":124: one point too many");
}

static void
other_files_are_refused_by_name(void **state)
{
    struct curve c;
    struct err e;

    (void)state;
    assert_int_equal(curve_load(&c, tree_path("nowhere"), &e), NOT_FOUND);
    assert_non_null(strstr(e.text, "nowhere"));
    assert_int_not_equal(curve_load(&c, tree_put("letter.txt", "Dear Sir,\n"), &e), OK);
    assert_non_null(strstr(e.text, "neither a curve nor a sound file"));
    assert_int_equal(curve_load(&c, tree_put("new.curve", "deadwax curve 2\n"), &e), BAD_ARG);
    assert_non_null(strstr(e.text, "new.curve:1: a curve of another version"));
}

static void
silence_has_no_curve(void **state)
{
    static double x[STEREO * RATE];
    struct curve c;
    struct err e;

    (void)state;
    assert_true(song_write(tree_path("nil.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, RATE, STEREO, x, RATE));
    assert_int_equal(curve_load(&c, tree_path("nil.wav"), &e), BAD_ARG);
    assert_non_null(strstr(e.text, "nil.wav: silent"));
}

/* K weighting leaves 1 kHz alone but for 0.7 dB; its power is 0 dB. */
static void
a_curve_is_normalised_by_loudness(void **state)
{
    static double x[STEREO * RATE];
    struct curve c;
    struct err e;

    (void)state;
    for (int i = 0; i < STEREO * RATE; i++)
        x[i] = 0.1 * sin(2.0 * PI * 1002.4 / RATE * (double)(i / STEREO));
    assert_true(song_write(tree_path("tone.wav"), SF_FORMAT_WAV | SF_FORMAT_FLOAT, RATE, STEREO, x, RATE));
    assert_int_equal(curve_load(&c, tree_path("tone.wav"), &e), OK);
    assert_float_equal(c.level_db[68], -0.70, 0.05);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_curve_is_mean_and_spread),
        cmocka_unit_test_teardown(what_is_saved_is_loaded, tree_clear),
        cmocka_unit_test(a_bad_line_is_told_with_its_number),
        cmocka_unit_test(other_files_are_refused_by_name),
        cmocka_unit_test(silence_has_no_curve),
        cmocka_unit_test(a_curve_is_normalised_by_loudness),
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
