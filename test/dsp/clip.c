/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/clip.h"

#include "test/kit/scarce.h"
#include "test/kit/dice.h"
#include "test/kit/stage.h"
#include "test/kit/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MAX_FRAMES = 1 << 16, TURN = 16384 /* frames of a spectrum */ };

STAGE(clip);

static double sound[STEREO][MAX_FRAMES], before[STEREO][MAX_FRAMES];
static double *const io[STEREO] = {sound[0], sound[1]};
static struct clip clip;

static void
start(double rate_hz, const struct clip_settings *s)
{
    assert_int_equal(clip_prepare(&clip, rate_hz), OK);
    clip_set(&clip, s);
}

/* Whole cycles in TURN frames, twice over; the second half is looked at. */
static void
make_turns(int bin, double amplitude)
{
    for (int64_t i = 0; i < 2 * TURN; i++)
        sound[0][i] = sound[1][i] = amplitude * sin(2.0 * PI * (double)(i * bin % TURN) / TURN);
}

static int
bin_of(double rate_hz, double freq_hz)
{
    return (int)(freq_hz * TURN / rate_hz) | 1;
}

static void
run_turns(double rate_hz, double freq_hz, const struct clip_settings *s)
{
    make_turns(bin_of(rate_hz, freq_hz), 1.0);
    start(rate_hz, s);
    clip_process(&clip, io, 2 * TURN);
    clip_free(&clip);
}

static double
aliasing_db(double rate_hz, double freq_hz, double over_db, double knee)
{
    double db;

    run_turns(rate_hz, freq_hz, &(struct clip_settings){.drive_db = over_db, .knee = knee});
    db = tone_aliasing_db(sound[0] + TURN, rate_hz, bin_of(rate_hz, freq_hz), 1500, 20000.0, TURN);
    print_message("# %.0f Hz at %.0f Hz, %.0f dB over, knee %.0f %%: %.1f dB\n", freq_hz, rate_hz, over_db,
                  knee, db);
    return db;
}

/* What is asked for is -90 dB for 5 kHz, 6 dB over. */
static void
aliasing_is_far_down(void **state)
{
    (void)state;
    assert_true(aliasing_db(44100.0, 5000.0, 6.0, 0.0) < -95.0);
    assert_true(aliasing_db(48000.0, 5000.0, 6.0, 0.0) < -97.0);
    assert_true(aliasing_db(96000.0, 5000.0, 6.0, 0.0) < -97.0);
    assert_true(aliasing_db(192000.0, 5000.0, 6.0, 0.0) < -90.0);
    assert_true(aliasing_db(44100.0, 1000.0, 6.0, 0.0) < -118.0);
    assert_true(aliasing_db(48000.0, 5000.0, 18.0, 0.0) < -80.0);
    assert_true(aliasing_db(48000.0, 5000.0, 6.0, 100.0) < -110.0);
}

/* The Fourier series of a clipped sine. 1 % for the shaper's droop: 0.1 dB at 15 kHz. */
static void
harmonics_are_those_of_a_clipped_sine(void **state)
{
    enum { STEPS = 20000 };
    int bin = bin_of(48000.0, 1000.0);
    double gain = pow(10.0, 0.3);

    (void)state;
    run_turns(48000.0, 1000.0, &(struct clip_settings){.drive_db = 6.0});
    for (int h = 1; h <= 15; h += 2) {
        double got = tone_bin(sound[0] + TURN, h * bin, TURN), want = 0.0;

        for (int i = 0; i < STEPS; i++) {
            double a = (i + 0.5) * 2.0 * PI / STEPS, y = gain * sin(a);

            want += (y > 1.0 ? 1.0 : y < -1.0 ? -1.0 : y) * sin(h * a) * 2.0 / STEPS;
        }
        assert_true(fabs(got - fabs(want)) < 0.01 * fabs(want) + 1e-5);
    }
    for (int h = 2; h <= 14; h += 2)
        assert_true(tone_bin(sound[0] + TURN, h * bin, TURN) < 1e-8);
}

/* A constant stays one in any filter: the curve, point by point. 1e-5 is the filters' gain at 0 Hz. */
static void
static_curve_is_the_formula(void **state)
{
    static const double knees[] = {0.0, 30.0, 100.0};

    (void)state;
    for (size_t k = 0; k < LEN(knees); k++)
        for (double in = 0.05; in < 2.0; in *= 1.21) {
            struct clip_settings s = {.drive_db = 6.0, .ceiling_dbfs = -6.0, .knee = knees[k]};
            double c = pow(10.0, -0.3), w = 0.75 * 0.01 * knees[k], x = in * pow(10.0, 0.3);
            double foot = c * (1.0 - w), head = c * (1.0 + w);
            double want = x < foot ? x : x > head ? c : x - 0.5 * (x - foot) * (x - foot) / (head - foot);

            for (int i = 0; i < 1000; i++) {
                sound[0][i] = in;
                sound[1][i] = -in;
            }
            start(48000.0, &s);
            clip_process(&clip, io, 1000);
            assert_true(fabs(sound[0][999] - want) < 1e-5 * (1.0 + x));
            assert_true(sound[1][999] == -sound[0][999]);
            clip_free(&clip);
        }
}

/* A tone whose harmonics are all filtered out is left with the first of a square wave, 4 / pi or 2.1 dB. */
static void
the_filter_overshoots_as_told(void **state)
{
    static const double most_db[][2] = {{6.0, 1.9}, {18.0, 2.2}};

    (void)state;
    for (size_t k = 0; k < LEN(most_db); k++)
        for (double rate_hz = 44100.0; rate_hz <= 48000.0; rate_hz += 3900.0) {
            double worst = 0.0;

            for (double freq_hz = 100.0; freq_hz < 16000.0; freq_hz *= 1.3) {
                run_turns(rate_hz, freq_hz, &(struct clip_settings){.drive_db = most_db[k][0]});
                for (int i = TURN; i < 2 * TURN; i++)
                    worst = fmax(worst, fabs(sound[0][i]));
            }
            print_message("# %.0f dB over at %.0f Hz: samples %.2f dB over the ceiling\n", most_db[k][0],
                          rate_hz, 20.0 * log10(worst));
            assert_true(20.0 * log10(worst) < most_db[k][1]);
        }
}

static int
wrong_bits(int from, int to, int late)
{
    int wrong = 0;

    for (int c = 0; c < STEREO; c++)
        for (int i = from; i < to; i++)
            wrong += memcmp(&sound[c][i], &before[c][i - late], sizeof(double)) != 0;
    return wrong;
}

/* One peak is clipped and then forgotten, and another one. */
static void
below_the_knee_is_exact(void **state)
{
    static const double knees[] = {0.0, 100.0};

    (void)state;
    for (size_t k = 0; k < LEN(knees); k++) {
        struct clip_settings s = {.knee = knees[k]};
        int late;

        dice_state = 1;
        for (int i = 0; i < MAX_FRAMES; i++)
            for (int c = 0; c < STEREO; c++)
                sound[c][i] = i == 9000 || i == 60000 ? 3.0 : 0.1 * noise();
        memcpy(before, sound, sizeof before);
        start(44100.0, &s);
        late = clip_latency_frames(&clip);
        clip_process(&clip, io, MAX_FRAMES);
        clip_free(&clip);
        assert_int_equal(wrong_bits(late, 8900, late), 0);
        assert_true(wrong_bits(8900, 9300, late) > 0);
        assert_int_equal(wrong_bits(9300, 59900, late), 0);
        assert_true(wrong_bits(59900, 60300, late) > 0);
        assert_int_equal(wrong_bits(60300, MAX_FRAMES, late), 0);
    }
}

static void
latency_is_where_an_impulse_comes_out(void **state)
{
    static const int want[][2] = {{44100, 81}, {48000, 49}, {96000, 15}, {192000, 8}};

    (void)state;
    for (size_t k = 0; k < LEN(want); k++) {
        struct clip_settings s = {.drive_db = 6.0};

        memset(sound, 0, sizeof sound);
        sound[0][100] = 0.25;
        start(want[k][0], &s);
        assert_int_equal(clip_latency_frames(&clip), want[k][1]);
        clip_process(&clip, io, 400);
        clip_free(&clip);
        for (int i = 0; i < 400; i++)
            assert_true(fabs(sound[0][i] - (i == 100 + want[k][1] ? 0.25 * pow(10.0, 0.3) : 0.0)) < 1e-15);
    }
}

/* --- the contract ---------------------------------------------------------------------------------- */

static const void *
move(int nth)
{
    static struct clip_settings s;

    (void)nth;
    s.drive_db = dice(2) ? 0.0 : 18.0 * chance();
    s.ceiling_dbfs = -24.0 * chance();
    s.knee = dice(2) ? 0.0 : 100.0 * chance();
    return &s;
}

static const struct stage_moves many_moves = {
    .rate_hz = 44100.0, .nframes = 24000, .gap = 1600, .make = stage_noise, .move = move};

static void
same_bits_at_any_block_size(void **state)
{
    (void)state;
    assert_same_bits_at_any_block(&clip_stage, &many_moves);
}

static void
silence_stays_silent(void **state)
{
    (void)state;
    assert_silence_stays_silent(&clip_stage, &many_moves);
}

static const struct clip_settings usual = {.drive_db = 6.0, .ceiling_dbfs = -9.0, .knee = 30.0};

static const struct stage_field fields[] = {
    {"drive", offsetof(struct clip_settings, drive_db), 0.0, 18.0},
    {"ceiling", offsetof(struct clip_settings, ceiling_dbfs), -24.0, 0.0},
    {"knee", offsetof(struct clip_settings, knee), 0.0, 100.0},
};

static void
moves_do_not_click(void **state)
{
    (void)state;
    assert_moves_do_not_click(&clip_stage, &usual, sizeof usual, fields, LEN(fields), 9600);
}

/* Three moves within one fade, and 100 ms later it is as if there had only been the last. */
static void
the_last_move_arrives(void **state)
{
    struct clip_settings other = {.ceiling_dbfs = -20.0};
    int at = 1000;

    (void)state;
    stage_noise(io, 48000.0, 24000);
    start(48000.0, &usual);
    clip_process(&clip, io, 24000);
    clip_free(&clip);
    memcpy(before, sound, sizeof before);
    stage_noise(io, 48000.0, 24000);
    start(48000.0, &other);
    clip_process(&clip, io, at);
    for (int k = 0; k < 3; k++, at += 100) {
        other.drive_db = 4.0 * k + 1.0;
        clip_set(&clip, k < 2 ? &other : &usual);
        clip_process(&clip, (double *[]){sound[0] + at, sound[1] + at}, 100);
    }
    clip_process(&clip, (double *[]){sound[0] + at, sound[1] + at}, 24000 - at);
    clip_free(&clip);
    assert_int_equal(wrong_bits(at + 4800, 24000, 0), 0);
    assert_true(wrong_bits(200, at, 0) > 0);
}

static void
reset_forgets_everything_even_nan(void **state)
{
    struct clip_settings other = {.drive_db = 12.0, .ceiling_dbfs = -20.0, .knee = 100.0};

    (void)state;
    assert_reset_forgets(&clip_stage, stage_noise, &usual, &other);
}

/* Nothing but the frames that held it. */
static void
nan_and_infinity_last_as_long_as_they_came(void **state)
{
    int bad = 0;

    (void)state;
    tone_make(io, 48000.0, 1000.0, 0.5, 24000);
    sound[0][3000] = NAN;
    sound[1][4000] = INFINITY;
    sound[1][4001] = -1e300;
    start(48000.0, &usual);
    clip_process(&clip, io, 24000);
    clip_free(&clip);
    for (int i = 0; i < 24000; i++)
        bad += !(fabs(sound[0][i]) < 1.0) + !(fabs(sound[1][i]) < 1.0);
    assert_int_equal(bad, 3);
}

static void
reduction_is_told_once(void **state)
{
    struct clip_settings s = {.ceiling_dbfs = -6.0};
    double db;

    (void)state;
    tone_make(io, 48000.0, 1000.0, 1.0, 24000);
    start(48000.0, &s);
    assert_true(clip_take_reduction_db(&clip) == 0.0);
    clip_process(&clip, io, 24000);
    db = clip_take_reduction_db(&clip);
    assert_true(db > 5.99 && db < 6.1);
    assert_true(clip_take_reduction_db(&clip) == 0.0);
    clip_free(&clip);
}

static void
bad_rates_are_refused(void **state)
{
    (void)state;
    assert_odd_rates_are_refused(&clip_stage);
}

#ifndef __SANITIZE_ADDRESS__
static void
prepare_survives_each_failed_malloc(void **state)
{
    enum status status = NO_MEM;

    (void)state;
    for (int nth = 0; status != OK; nth++) {
        callocs_left = nth;
        status = clip_prepare(&clip, 48000.0);
        callocs_left = -1;
        assert_int_equal(status, nth < 2 ? NO_MEM : OK);
        clip_free(&clip);
        clip_free(&clip);
    }
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aliasing_is_far_down),
        cmocka_unit_test(harmonics_are_those_of_a_clipped_sine),
        cmocka_unit_test(static_curve_is_the_formula),
        cmocka_unit_test(the_filter_overshoots_as_told),
        cmocka_unit_test(below_the_knee_is_exact),
        cmocka_unit_test(latency_is_where_an_impulse_comes_out),
        cmocka_unit_test(same_bits_at_any_block_size),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(moves_do_not_click),
        cmocka_unit_test(the_last_move_arrives),
        cmocka_unit_test(reset_forgets_everything_even_nan),
        cmocka_unit_test(nan_and_infinity_last_as_long_as_they_came),
        cmocka_unit_test(reduction_is_told_once),
        cmocka_unit_test(bad_rates_are_refused),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(prepare_survives_each_failed_malloc),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
