/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inspector hum: the mains. */
#include "engine/check/check.h"

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

enum { RATE = 44100, SECONDS = 24, NFRAMES = SECONDS * RATE };

/* Four seconds of music, two of pause, over and over, on noise of -90 dBFS; hum of a fundamental and two harmonics. */
static struct report *
music_with_hum(double mains_hz, double hum_dbfs, double note_hz)
{
    static double x[STEREO * NFRAMES];
    double gain = pow(10.0, hum_dbfs / 20.0);

    dice_state = 2;
    for (int i = 0; i < NFRAMES; i++) {
        double t = (double)i / RATE, w = 2.0 * PI * mains_hz * t;
        double hum = gain * (sin(w) + 0.5 * sin(2.0 * w) + 0.3 * sin(3.0 * w));
        double on = fmod(t, 6.0) < 4.0 ? exp(-fmod(t, 0.5) / 0.3) : 0.0;

        for (int c = 0; c < STEREO; c++)
            x[STEREO * i + c] =
                hum + on * (0.3 * sin(2.0 * PI * note_hz * t) + 0.1 * noise()) + 3e-5 * noise();
    }
    assert_true(
        song_write(tree_path("music.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_24, RATE, STEREO, x, NFRAMES));
    return check(tree_path("music.wav"), NULL);
}

static void
hum_in_the_pauses_is_told(void **state)
{
    static const double mains[] = {50.0, 49.95, 60.0, 60.02};

    (void)state;
    for (size_t i = 0; i < LEN(mains); i++) {
        struct report *r = music_with_hum(mains[i], -60.0, 110.0);

        assert_non_null(finding_of(r, "hum"));
        assert_int_equal(finding_of(r, "hum")->severity, SEVERITY_WARN);
        assert_float_equal(report_number(r, "hum/mains"), mains[i], 0.03);
        assert_float_equal(report_number(r, "hum/level"), -60.0, 0.5);
        report_close(r);
    }
}

static void
soft_hum_is_a_note(void **state)
{
    struct report *r = music_with_hum(50.0, -80.0, 110.0);

    (void)state;
    assert_non_null(finding_of(r, "hum"));
    assert_int_equal(finding_of(r, "hum")->severity, SEVERITY_NOTE);
    report_close(r);
}

static void
its_clean_twin_has_none(void **state)
{
    struct report *r = music_with_hum(50.0, -300.0, 110.0);

    (void)state;
    assert_null(finding_of(r, "hum"));
    report_close(r);
}

/* G1, B1; B2, which is 120 Hz but for a half tone. */
static void
bass_notes_are_no_hum(void **state)
{
    static const double notes[] = {48.9994, 61.7354, 123.4708, 97.9989};

    (void)state;
    for (size_t i = 0; i < LEN(notes); i++) {
        struct report *r = music_with_hum(50.0, -300.0, notes[i]);

        assert_null(finding_of(r, "hum"));
        report_close(r);
    }
}

/* A steady sound without a pause is the programme itself, be it 50 Hz. */
static void
steady_tones_squares_and_the_demo_are_no_hum(void **state)
{
    static double x[STEREO * NFRAMES];
    static const double tones[] = {50.0, 60.0, 100.0, 440.0};
    struct report *r;

    (void)state;
    for (size_t k = 0; k < 2 * LEN(tones); k++) {
        for (int i = 0; i < STEREO * NFRAMES; i++) {
            double y = sin(2.0 * PI * tones[k / 2] / RATE * (double)(i / STEREO));

            x[i] = k % 2 ? (y < 0.0 ? -0.9 : 0.9) : 0.5 * y;
        }
        assert_true(
            song_write(tree_path("tone.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, RATE, STEREO, x, NFRAMES));
        r = check(tree_path("tone.wav"), NULL);
        if (finding_of(r, "hum"))
            fail_msg("%g Hz: %s", tones[k / 2], finding_of(r, "hum")->what);
        report_close(r);
    }
    r = check("demo:", NULL);
    assert_null(finding_of(r, "hum"));
    report_close(r);
}

static void
short_and_silent_files_have_none(void **state)
{
    static double x[STEREO * RATE];
    static const int frames[] = {1, 1000, RATE};

    (void)state;
    for (size_t i = 0; i < LEN(frames); i++) {
        struct report *r;

        assert_true(
            song_write(tree_path("nil.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, RATE, STEREO, x, frames[i]));
        r = check(tree_path("nil.wav"), NULL);
        assert_null(finding_of(r, "hum"));
        assert_true(isnan(report_number(r, "hum/quiet")));
        report_close(r);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hum_in_the_pauses_is_told),
        cmocka_unit_test(soft_hum_is_a_note),
        cmocka_unit_test(its_clean_twin_has_none),
        cmocka_unit_test(bass_notes_are_no_hum),
        cmocka_unit_test(steady_tones_squares_and_the_demo_are_no_hum),
        cmocka_unit_test(short_and_silent_files_have_none),
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
