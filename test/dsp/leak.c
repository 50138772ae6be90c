/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The measure that other tests judge clicks with: it must be able to fail, and to pass.
 */
#include "test/kit/leak.h"

#include "dsp/smooth.h"
#include "dsp/xmath.h"
#include "test/kit/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const double rates[] = {44100.0, 48000.0};

enum { NFRAMES = 16000, AT = 8000, BEFORE = 200, AFTER = 2000 };

static double sound[STEREO][NFRAMES];
static double *const io[STEREO] = {sound[0], sound[1]};

static double
leak_dbfs(double rate_hz)
{
    struct leak l;

    leak_prepare(&l, rate_hz);
    return gain_to_db(leak_peak(&l, sound[0], AT - BEFORE, AT + AFTER));
}

static void
the_high_pass_is_as_steep_as_we_say(void **state)
{
    (void)state;
    for (size_t r = 0; r < LEN(rates); r++) {
        struct leak l;

        leak_prepare(&l, rates[r]);
        for (double hz = 0.0; hz <= 2200.0; hz += 1.0)
            assert_true(fabs(leak_response(&l, hz)) < 3.1622776601683795e-7); /* -130 dB */
        for (double hz = 3500.0; hz <= rates[r] / 2.0; hz += 10.0)
            assert_true(fabs(leak_response(&l, hz) - 1.0) < 1e-6);
    }
}

/* What is heard of a tone is what the response says: 1e-6 of it, as above. */
static void
peaks_are_those_of_the_response(void **state)
{
    (void)state;
    for (size_t r = 0; r < LEN(rates); r++) {
        tone_make(io, rates[r], 5000.0, 0.5, NFRAMES);
        assert_true(fabs(leak_dbfs(rates[r]) - gain_to_db(0.5)) < 0.01); /* dB: no frame is on the very top */
    }
}

static void
the_tone_is_left_out(void **state)
{
    (void)state;
    for (size_t r = 0; r < LEN(rates); r++) {
        tone_make(io, rates[r], LEAK_TONE_HZ, LEAK_TONE_GAIN, NFRAMES);
        assert_true(leak_dbfs(rates[r]) < -140.0);
    }
}

/* One frame, at each place among those that are filtered side by side. 2 dB: a seventh of the band is missing. */
static void
a_click_of_one_frame_is_seen(void **state)
{
    (void)state;
    for (size_t r = 0; r < LEN(rates); r++)
        for (int k = 0; k < 20; k++) {
            tone_make(io, rates[r], LEAK_TONE_HZ, LEAK_TONE_GAIN, NFRAMES);
            sound[0][AT + k * 97] += 1e-4; /* -80 dBFS */
            assert_true(fabs(leak_dbfs(rates[r]) + 80.0) < 2.0);
        }
}

/* A bare step of 0.01 dB is above -90 dBFS, a glide of 24 dB in 20 ms is below -100. */
static void
a_step_is_seen_and_a_glide_is_not(void **state)
{
    (void)state;
    for (size_t r = 0; r < LEN(rates); r++) {
        struct smooth g;

        tone_make(io, rates[r], LEAK_TONE_HZ, LEAK_TONE_GAIN, NFRAMES);
        for (int i = AT; i < NFRAMES; i++)
            sound[0][i] *= db_to_gain(0.01);
        assert_true(leak_dbfs(rates[r]) > -90.0);
        tone_make(io, rates[r], LEAK_TONE_HZ, LEAK_TONE_GAIN, NFRAMES);
        smooth_prepare(&g, rates[r], 20.0, 1e-9);
        smooth_jump(&g, 1.0);
        smooth_to(&g, db_to_gain(24.0));
        for (int i = AT; i < NFRAMES; i++)
            sound[0][i] *= smooth_next(&g);
        assert_true(leak_dbfs(rates[r]) < -100.0);
    }
}

static void
what_is_no_number_is_the_loudest_click(void **state)
{
    struct leak l;

    (void)state;
    leak_prepare(&l, 48000.0);
    for (int at = AT; at < AT + 20; at++) {
        tone_make(io, 48000.0, LEAK_TONE_HZ, LEAK_TONE_GAIN, NFRAMES);
        sound[0][at] = NAN;
        assert_true(leak_peak(&l, sound[0], AT, AT + 20) == INFINITY);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_high_pass_is_as_steep_as_we_say),
        cmocka_unit_test(peaks_are_those_of_the_response),
        cmocka_unit_test(the_tone_is_left_out),
        cmocka_unit_test(a_click_of_one_frame_is_seen),
        cmocka_unit_test(a_step_is_seen_and_a_glide_is_not),
        cmocka_unit_test(what_is_no_number_is_the_loudest_click),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
