/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/hum.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SECONDS = 30, RATE = 48000, NFRAMES = SECONDS * RATE };

static double left[NFRAMES], right[NFRAMES];
static const double *const both[] = {left, right};

static double
to_gain(double db)
{
    return pow(10.0, db / 20.0);
}

/* A noise floor of -80 dBFS, and a note that sounds in the first half of each six seconds. */
static void
bed(double note_hz, double note_dbfs)
{
    dice_state = 11;
    for (int i = 0; i < NFRAMES; i++) {
        double t = (double)i / RATE, on = fmod(t, 6.0) < 3.0 ? 1.0 : 0.0;
        double note = to_gain(note_dbfs) * on * sin(2.0 * PI * note_hz * t);

        left[i] = note + to_gain(-80.0) * noise();
        right[i] = note + to_gain(-80.0) * noise();
    }
}

static void
add_line(double hz, double dbfs)
{
    for (int i = 0; i < NFRAMES; i++) {
        left[i] += to_gain(dbfs) * sin(2.0 * PI * hz / RATE * i);
        right[i] += to_gain(dbfs) * sin(2.0 * PI * hz / RATE * i);
    }
}

static int
lines(int mains, struct hum_line *line)
{
    struct hum h;
    int windows;

    assert_int_equal(hum_prepare(&h, RATE, STEREO), OK);
    hum_process(&h, both, NFRAMES);
    windows = hum_lines(&h, mains, line);
    hum_free(&h);
    return windows;
}

static void
a_line_is_measured(void **state)
{
    struct hum_line line[HUM_HARMONICS];

    (void)state;
    bed(82.4, -12.0);
    add_line(50.03, -60.0);
    add_line(100.06, -66.0);
    assert_true(lines(0, line) >= 3);
    assert_float_equal(line[0].freq_hz, 50.03, 0.02);
    assert_float_equal(line[0].level_dbfs, -60.0, 0.3);
    assert_true(line[0].spread_hz < 0.05);
    assert_true(line[0].found == 1.0);
    assert_true(line[0].above_db > 30.0);
    assert_float_equal(line[1].freq_hz, 100.06, 0.02);
    assert_float_equal(line[1].level_dbfs, -66.0, 0.3);
}

/* Its neighbours are noise alike: a peak within 0.4 Hz of 60 now and then, as high as they are, and unsteady. */
static void
noise_has_no_line(void **state)
{
    struct hum_line line[HUM_HARMONICS];

    (void)state;
    bed(82.4, -12.0);
    lines(1, line);
    for (int n = 0; n < HUM_HARMONICS; n++)
        assert_true(line[n].found < 0.8 || line[n].above_db < 12.0);
}

static void
a_bass_note_near_the_mains_is_not_found_there(void **state)
{
    struct hum_line line[HUM_HARMONICS];

    (void)state;
    bed(48.9994, -12.0);
    lines(0, line);
    assert_true(line[0].found < 0.8 || line[0].above_db < 12.0);
    bed(61.7354, -12.0);
    lines(1, line);
    assert_true(line[0].found < 0.8 || line[0].above_db < 12.0);
}

static void
silence_and_two_seconds_have_no_quiet_part(void **state)
{
    struct hum h;
    struct hum_line line[HUM_HARMONICS];

    (void)state;
    memset(left, 0, sizeof left);
    memset(right, 0, sizeof right);
    assert_int_equal(lines(0, line), 0);
    bed(82.4, -12.0);
    assert_int_equal(hum_prepare(&h, RATE, STEREO), OK);
    hum_process(&h, both, 2 * RATE);
    assert_int_equal(hum_lines(&h, 0, line), 0);
    hum_free(&h);
}

static void
same_bits_at_any_block(void **state)
{
    struct hum_line want[HUM_HARMONICS], got[HUM_HARMONICS];

    (void)state;
    bed(82.4, -12.0);
    add_line(50.0, -60.0);
    lines(0, want);
    for (int block = 77; block < 8000; block = block * 7 + 1) {
        struct hum h;

        assert_int_equal(hum_prepare(&h, RATE, STEREO), OK);
        for (int at = 0; at < NFRAMES; at += block)
            hum_process(&h, (const double *const[]){left + at, right + at},
                        NFRAMES - at < block ? NFRAMES - at : block);
        hum_lines(&h, 0, got);
        assert_memory_equal(got, want, sizeof want);
        hum_free(&h);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_measured),
        cmocka_unit_test(noise_has_no_line),
        cmocka_unit_test(a_bass_note_near_the_mains_is_not_found_there),
        cmocka_unit_test(silence_and_two_seconds_have_no_quiet_part),
        cmocka_unit_test(same_bits_at_any_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
