/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/measure.h"

#include "dsp/loudness.h"
#include "dsp/xmath.h"
#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, SECONDS = 14, FRAMES = SECONDS * RATE };

static double sound[STEREO][FRAMES];
static struct measure m;

static int
set_up(void **state)
{
    (void)state;
    return measure_prepare(&m, RATE) == OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    measure_free(&m);
    return 0;
}

/* Softer at its ends, 2 ms: peaks are told apart to a group of 8 frames, and a step would ring. */
static void
tone(double dbfs, int from, int nframes)
{
    for (int i = from; i < from + nframes; i++) {
        double edge = fmin(i - from, from + nframes - 1 - i);

        sound[0][i] = sound[1][i] = db_to_gain(dbfs) * fmin(1.0, fmax(edge - 8.0, 0.0) / 88.0) *
                                    sin(2.0 * PI * fmod(997.0 * i / RATE, 1.0));
    }
}

/* The same ahead of the chain and behind it. */
static void
play(int from, int nframes, int period)
{
    for (int end = from + nframes, n; from < end; from += n) {
        const double *const at[STEREO] = {sound[0] + from, sound[1] + from};

        n = period < end - from ? period : end - from;
        measure_process(&m, at, at, n);
    }
}

static struct measure_reading
reading(enum measured which)
{
    for (int i = 0; i < MEASURES; i++)
        measure_look(&m);
    return measure_read(&m, which);
}

static void
assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.4f, wanted %.4f +- %g", got, want, tolerance);
}

/* Three measurements, each of its own time, listen to one filter; each reads what a meter of its own would. */
static void
tracks_and_album_are_measured_apart(void **state)
{
    (void)state;
    tone(-30.0, 0, 4 * RATE);
    tone(-20.0, 4 * RATE, 4 * RATE);
    tone(-10.0, 8 * RATE, 2 * RATE);
    tone(-26.0, 10 * RATE, 4 * RATE);
    measure_begin(&m, 0, 0, true);
    measure_begin(&m, 4 * RATE, 1, true);
    measure_end(&m, 8 * RATE); /* the loud one belongs to nobody */
    measure_begin(&m, 10 * RATE, 2, true);
    play(0, 4 * RATE - 10, 64);
    assert_near(reading(MEASURED_TRACK).integrated_lufs, -30.0, 0.01);
    assert_near(reading(MEASURED_TRACK).measured_s, 4.0, 0.011);
    play(4 * RATE - 10, 4 * RATE, 64);
    assert_near(reading(MEASURED_TRACK).integrated_lufs, -20.0, 0.01);
    assert_near(gain_to_db(reading(MEASURED_TRACK).most[0].wave), -20.0, 0.01);
    assert_near(reading(MEASURED_TRACK).measured_s, 4.0, 0.011);
    play(8 * RATE - 10, 2 * RATE, 64);
    assert_near(reading(MEASURED_TRACK).measured_s, 4.0, 0.011);
    play(10 * RATE - 10, 4 * RATE + 10, 64);
    assert_near(reading(MEASURED_TRACK).integrated_lufs, -26.0, 0.01);
    assert_near(gain_to_db(reading(MEASURED_TRACK).most[1].wave), -26.0, 0.01);
    assert_near(reading(MEASURED_ALBUM).measured_s, 12.0, 0.011);
    assert_near(gain_to_db(reading(MEASURED_ALBUM).most[0].wave), -20.0, 0.01);
    assert_near(reading(MEASURED_ALBUM).max_short_term_lufs, -20.0, 0.02);
    assert_near(reading(MEASURED_OUTPUT).measured_s, 14.0, 0.0);
    assert_near(reading(MEASURED_OUTPUT).max_momentary_lufs, -10.0, 0.01);
    assert_near(gain_to_db(reading(MEASURED_OUTPUT).most[0].wave), -10.0, 0.01);
    measure_reset_album(&m);
    assert_near(reading(MEASURED_ALBUM).measured_s, 0.0, 0.0);
    assert_near(reading(MEASURED_TRACK).measured_s, 4.0, 0.011);
}

/* Pause and continue within a track, or the player's jump inside it, go on; its start begins anew. */
static void
a_track_goes_on_until_it_or_another_begins(void **state)
{
    (void)state;
    tone(-20.0, 0, FRAMES);
    measure_begin(&m, 0, 3, true);
    measure_end(&m, 2 * RATE);
    measure_begin(&m, 4 * RATE, 3, false);
    play(0, 6 * RATE, 1000);
    assert_near(reading(MEASURED_TRACK).measured_s, 4.0, 0.011);
    measure_begin(&m, 6 * RATE, 3, true);
    play(6 * RATE, RATE, 1000);
    assert_near(reading(MEASURED_TRACK).measured_s, 1.0, 0.011);
    measure_begin(&m, 7 * RATE, 4, false); /* another one, from its middle */
    play(7 * RATE, 3 * RATE, 1000);
    assert_near(reading(MEASURED_TRACK).measured_s, 3.0, 0.011);
    assert_near(reading(MEASURED_ALBUM).measured_s, 8.0, 0.011);
}

static void
a_pause_holds_all_but_the_needles(void **state)
{
    (void)state;
    tone(-20.0, 0, 5 * RATE);
    tone(-6.0, 5 * RATE, 4 * RATE);
    tone(-20.0, 9 * RATE, 5 * RATE);
    measure_begin(&m, 0, 0, true);
    play(0, 5 * RATE, 480);
    measure_run(&m, false);
    play(5 * RATE, 4 * RATE, 480);
    assert_near(gain_to_db(level_needle(&m.output, 0).wave), -6.0, 0.01);
    measure_run(&m, true);
    play(9 * RATE, 5 * RATE, 480);
    for (int i = 0; i < MEASURES; i++) {
        struct measure_reading r = reading((enum measured)i);

        assert_near(r.integrated_lufs, -20.0, 0.02);
        assert_near(r.max_momentary_lufs, -20.0, 0.02);
        assert_near(gain_to_db(r.most[0].wave), -20.0, 0.01);
        assert_near(r.measured_s, 10.0, 0.011);
    }
}

/* A reset in mid-tick, with both sides of it read as if they were alone. */
static void
a_reset_begins_at_its_frame(void **state)
{
    (void)state;
    tone(-10.0, 0, 5 * RATE + 777);
    tone(-23.0, 5 * RATE + 777, 8 * RATE);
    play(0, 5 * RATE + 777, 100);
    measure_reset(&m);
    play(5 * RATE + 777, 8 * RATE, 100);
    for (int i = MEASURED_OUTPUT; i <= MEASURED_INPUT; i++) {
        assert_near(reading((enum measured)i).integrated_lufs, -23.0, 0.01);
        assert_near(reading((enum measured)i).max_short_term_lufs, -23.0, 0.01);
        assert_near(reading((enum measured)i).measured_s, 8.0, 0.0);
    }
    assert_near(gain_to_db(reading(MEASURED_OUTPUT).most[0].wave), -23.0, 0.01);
}

static void
a_needle_falls_after_300_ms_at_any_period(void **state)
{
    static const int periods[] = {1, 64, 100, 1024};
    int fell[LEN(periods)];

    (void)state;
    memset(sound, 0, sizeof sound);
    tone(-6.0, RATE, 1000);
    for (size_t k = 0; k < LEN(periods); k++) {
        tear_down(NULL);
        set_up(NULL);
        fell[k] = RATE + 1000;
        play(0, fell[k], periods[k]);
        assert_near(gain_to_db(level_needle(&m.output, 0).wave), -6.0, 0.5);
        for (; level_needle(&m.output, 0).wave > 0.01 && fell[k] < 2 * RATE; fell[k] += 48)
            play(fell[k], 48, periods[k]);
        assert_true(fell[k] >= RATE + 1000 + RATE / 5 && fell[k] <= RATE + 1000 + RATE * 3 / 10 + 48 + 60);
        assert_int_equal(fell[k], fell[0]);
    }
}

static void
same_bits_at_any_period(void **state)
{
    static const int periods[] = {256, 1, 7, 64, 1024};
    static struct measure_reading want[MEASURES], got;
    double psr = 0.0;

    (void)state;
    dice_state = 3;
    for (int i = 0; i < FRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            sound[c][i] = noise() * 0.3 * (1.0 + sin(i / 30000.0));
    for (size_t k = 0; k < LEN(periods); k++) {
        tear_down(NULL);
        set_up(NULL);
        measure_begin(&m, 12345, 0, true);
        measure_begin(&m, 98765, 1, true);
        measure_end(&m, 333333);
        play(0, 400000, periods[k]);
        for (int i = 0; i < MEASURES; i++) {
            memset(&got, 0, sizeof got);
            got = reading((enum measured)i);
            if (k == 0)
                want[i] = got;
            assert_memory_equal(&got, &want[i], sizeof got);
        }
        if (k == 0)
            psr = measure_psr_min_lu(&m);
        assert_true(psr > 0.0 && measure_psr_min_lu(&m) == psr);
    }
}

/* The output's measurement against a meter of its own. */
static void
two_filters_side_by_side_are_two_filters(void **state)
{
    struct loudness l;
    const double *const in[STEREO] = {sound[0], sound[1]};

    (void)state;
    dice_state = 8;
    for (int i = 0; i < FRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            sound[c][i] = noise() * 0.2 * (1.0 + sin(i / 9000.0 + c));
    play(0, FRAMES, 100);
    assert_int_equal(loudness_prepare(&l, RATE), OK);
    loudness_process(&l, in, FRAMES);
    for (int i = MEASURED_OUTPUT; i <= MEASURED_INPUT; i++) {
        assert_true(reading((enum measured)i).integrated_lufs == loudness_integrated_lufs(&l));
        assert_true(reading((enum measured)i).range_lu == loudness_range_lu(&l));
    }
    loudness_free(&l);
}

/* More marks than there is room for: the oldest comes early, none is lost. */
static void
a_flood_of_tracks_ends_with_the_last(void **state)
{
    (void)state;
    tone(-20.0, 0, FRAMES);
    for (int i = 0; i < 3 * MEASURE_MARKS; i++)
        measure_begin(&m, (uint64_t)(RATE + i), i, true);
    play(0, 3 * RATE, 64);
    assert_int_equal(m.track, 3 * MEASURE_MARKS - 1);
    assert_near(reading(MEASURED_TRACK).measured_s, 2.0, 0.02);
}

static void
prepare_refuses_an_odd_rate(void **state)
{
    struct measure other;

    (void)state;
    assert_int_equal(measure_prepare(&other, 7999.0), BAD_ARG);
    measure_free(&other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tracks_and_album_are_measured_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_track_goes_on_until_it_or_another_begins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pause_holds_all_but_the_needles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reset_begins_at_its_frame, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_needle_falls_after_300_ms_at_any_period, set_up, tear_down),
        cmocka_unit_test_setup_teardown(same_bits_at_any_period, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_filters_side_by_side_are_two_filters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_flood_of_tracks_ends_with_the_last, set_up, tear_down),
        cmocka_unit_test(prepare_refuses_an_odd_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
