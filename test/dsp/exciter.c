/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/exciter.h"

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

enum { RATE = 48000, MAX_FRAMES = 4 * RATE, TURN = 16384 /* frames of a spectrum */ };

STAGE(exciter);

static double sound[STEREO][MAX_FRAMES], before[STEREO][MAX_FRAMES];
static double *const io[STEREO] = {sound[0], sound[1]};
static struct exciter exciter;

static const struct exciter_settings usual = {.freq_hz = 3000.0, .drive_db = 18.0, .even = 50.0, .mix = 30.0};

static void
start(double rate_hz, const struct exciter_settings *s)
{
    assert_int_equal(exciter_prepare(&exciter, rate_hz), OK);
    exciter_set(&exciter, s);
}

static void
run(double rate_hz, const struct exciter_settings *s, int nframes)
{
    start(rate_hz, s);
    exciter_process(&exciter, io, nframes);
    exciter_free(&exciter);
}

static void
keep(void)
{
    memcpy(before, sound, sizeof before);
}

static int
wrong_bits(const double *got, const double *want, int n)
{
    int wrong = 0;

    for (int i = 0; i < n; i++)
        wrong += memcmp(&got[i], &want[i], sizeof *got) != 0;
    return wrong;
}

static int
bin_of(double freq_hz)
{
    return (int)(freq_hz * TURN / RATE) | 1;
}

/* Line `line` of what is added to a tone in line `bin`, against the tone, in dB; what is added is output less input. */
static double
added_db(const struct exciter_settings *s, int bin, int line, double amplitude)
{
    for (int64_t i = 0; i < 8 * TURN; i++)
        sound[0][i] = sound[1][i] = amplitude * sin(2.0 * PI * (double)(i * bin % TURN) / TURN);
    keep();
    run(RATE, s, 8 * TURN);
    for (int i = 7 * TURN; i < 8 * TURN; i++)
        sound[0][i] -= before[0][i - 47];
    return 20.0 * log10(tone_bin(sound[0] + 7 * TURN, line, TURN) / amplitude + 1e-20);
}

/* -110 dB is what the share moves by from piece to piece, with the tone's phase. */
static void
only_new_harmonics_are_added(void **state)
{
    static const double freqs_hz[] = {3100.0, 4700.0, 6300.0};

    (void)state;
    for (size_t k = 0; k < LEN(freqs_hz); k++) {
        int bin = bin_of(freqs_hz[k]);
        double first = added_db(&usual, bin, bin, 0.05), second = added_db(&usual, bin, 2 * bin, 0.05);
        double third = added_db(&usual, bin, 3 * bin, 0.05), zero = added_db(&usual, bin, 0, 0.05);

        print_message("# %.0f Hz: the tone itself %.1f, H2 %.1f, H3 %.1f, DC %.1f dB\n", freqs_hz[k], first,
                      second, third, zero);
        assert_true(first < -70.0);
        assert_true(second > -45.0 && third > -60.0);
        assert_true(zero < -100.0);
    }
}

static void
even_moves_second_against_third(void **state)
{
    int bin = bin_of(4000.0);
    double last = -1e9;

    (void)state;
    for (double even = 0.0; even <= 100.0; even += 25.0) {
        struct exciter_settings s = usual;
        double odds;

        s.even = even;
        odds = added_db(&s, bin, 2 * bin, 0.05) - added_db(&s, bin, 3 * bin, 0.05);
        print_message("# even %.0f %%: H2 - H3 %.1f dB\n", even, odds);
        assert_true(odds > last);
        assert_true(even > 0.0 || odds < -100.0);
        last = odds;
    }
    assert_true(last > 10.0);
}

/* An octave down the high-pass takes 12 dB, and the third harmonic falls by three times that. */
static void
what_is_below_the_corner_is_left_alone(void **state)
{
    struct exciter_settings s = usual;
    double at, below;

    (void)state;
    s.freq_hz = 8000.0;
    s.even = 0.0;
    at = added_db(&s, bin_of(2000.0), 3 * bin_of(2000.0), 0.02);
    below = added_db(&s, bin_of(1000.0), 3 * bin_of(1000.0), 0.02);
    assert_true(below < at - 30.0);
    assert_true(added_db(&s, bin_of(200.0), bin_of(200.0), 0.5) < -60.0);
    assert_true(added_db(&s, bin_of(200.0), 3 * bin_of(200.0), 0.5) < -90.0);
}

/* Two tones make a difference tone, too; it is below the corner and goes. */
static void
difference_tones_are_weak(void **state)
{
    struct exciter_settings s = usual;
    int a = bin_of(5000.0), b = bin_of(5600.0);

    (void)state;
    s.even = 100.0;
    for (int64_t i = 0; i < 8 * TURN; i++)
        sound[0][i] = sound[1][i] = 0.05 * sin(2.0 * PI * (double)(i * a % TURN) / TURN) +
                                    0.05 * sin(2.0 * PI * (double)(i * b % TURN) / TURN);
    run(RATE, &s, 8 * TURN);
    assert_true(tone_bin(sound[0] + 7 * TURN, b - a, TURN) <
                0.05 * 0.1 * tone_bin(sound[0] + 7 * TURN, a + b, TURN) / 0.05);
}

static void
mix_scales_what_is_added(void **state)
{
    struct exciter_settings s = usual;
    int bin = bin_of(4000.0);
    double full = added_db(&s, bin, 2 * bin, 0.05);

    (void)state;
    s.mix = 3.0;
    assert_true(fabs(added_db(&s, bin, 2 * bin, 0.05) - (full - 20.0)) < 0.001);
}

static void
aliasing_is_far_down(void **state)
{
    struct exciter_settings s = usual;
    int bin = bin_of(5000.0);

    (void)state;
    s.drive_db = 24.0; /* the tone reaches 0.8 of the way to where the curve is flat */
    added_db(&s, bin, bin, 0.05);
    /* Of what is added, its own second harmonic the reference. */
    for (int h = 5; h < 40; h++) {
        int line = (int)((int64_t)h * bin % TURN);

        line = line > TURN / 2 ? TURN - line : line;
        if (line % bin && line < TURN * 20 / 48)
            assert_true(tone_bin(sound[0] + 7 * TURN, line, TURN) <
                        1e-5 * tone_bin(sound[0] + 7 * TURN, 2 * bin, TURN));
    }
}

static void
mix_of_nothing_is_exact(void **state)
{
    static const int rates[][2] = {{44100, 79}, {48000, 47}, {96000, 12}, {192000, 8}};
    struct exciter_settings s = usual;

    (void)state;
    s.mix = 0.0;
    for (size_t r = 0; r < LEN(rates); r++) {
        int late = rates[r][1];

        stage_noise(io, rates[r][0], 24000);
        keep();
        start(rates[r][0], &s);
        assert_int_equal(exciter_latency_frames(&exciter), late);
        exciter_process(&exciter, io, 24000);
        exciter_free(&exciter);
        for (int c = 0; c < STEREO; c++)
            assert_int_equal(wrong_bits(sound[c] + late, before[c], 24000 - late), 0);
    }
}

static void
mix_comes_to_nothing_exactly(void **state)
{
    struct exciter_settings s = usual;

    (void)state;
    stage_noise(io, RATE, RATE);
    keep();
    start(RATE, &s);
    exciter_process(&exciter, io, 10000);
    s.mix = 0.0;
    s.drive_db = 30.0;
    exciter_set(&exciter, &s);
    exciter_process(&exciter, (double *[]){sound[0] + 10000, sound[1] + 10000}, RATE - 10000);
    exciter_free(&exciter);
    assert_true(wrong_bits(sound[0] + 1047, before[0] + 1000, 5000) > 4000);
    assert_int_equal(wrong_bits(sound[0] + 15047, before[0] + 15000, RATE - 15047), 0);
}

/* --- the contract ---------------------------------------------------------------------------------- */

static const void *
move(int nth)
{
    static struct exciter_settings s;

    (void)nth;
    s.freq_hz = 2000.0 + 6000.0 * chance();
    s.drive_db = dice(2) ? 36.0 * chance() : 18.0;
    s.even = dice(2) ? 100.0 * chance() : 0.0;
    s.mix = dice(2) ? 30.0 * chance() : 0.0;
    return &s;
}

static const struct stage_moves many_moves = {
    .rate_hz = 44100.0, .nframes = 30000, .gap = 2000, .make = stage_noise, .move = move};

static void
same_bits_at_any_block_size(void **state)
{
    (void)state;
    assert_same_bits_at_any_block(&exciter_stage, &many_moves);
}

static void
silence_stays_silent(void **state)
{
    (void)state;
    assert_silence_stays_silent(&exciter_stage, &many_moves);
}

static const struct stage_field fields[] = {
    {"freq", offsetof(struct exciter_settings, freq_hz), 2000.0, 8000.0},
    {"drive", offsetof(struct exciter_settings, drive_db), 0.0, 36.0},
    {"even", offsetof(struct exciter_settings, even), 0.0, 100.0},
    {"mix", offsetof(struct exciter_settings, mix), 0.0, 30.0},
};

static void
moves_do_not_click(void **state)
{
    struct exciter_settings s = usual;

    (void)state;
    s.freq_hz = 2000.0;
    s.drive_db = 30.0;
    assert_moves_do_not_click(&exciter_stage, &s, sizeof s, fields, LEN(fields), 36000);
}

/* Three moves at once; 1 s later only the last counts. 1e-9: the share's memory of 50 ms. */
static void
the_last_move_arrives(void **state)
{
    struct exciter_settings s = {.freq_hz = 5000.0, .drive_db = 30.0, .mix = 10.0};
    int at = 1000;

    (void)state;
    stage_noise(io, RATE, 3 * RATE);
    run(RATE, &usual, 3 * RATE);
    keep();
    stage_noise(io, RATE, 3 * RATE);
    start(RATE, &s);
    exciter_process(&exciter, io, at);
    for (int k = 0; k < 3; k++, at += 100) {
        s.drive_db = 8.0 * k;
        exciter_set(&exciter, k < 2 ? &s : &usual);
        exciter_process(&exciter, (double *[]){sound[0] + at, sound[1] + at}, 100);
    }
    exciter_process(&exciter, (double *[]){sound[0] + at, sound[1] + at}, 3 * RATE - at);
    exciter_free(&exciter);
    for (int i = 2 * RATE; i < 3 * RATE; i++)
        assert_true(fabs(sound[0][i] - before[0][i]) < 1e-9);
}

static void
reset_forgets_everything_even_nan(void **state)
{
    struct exciter_settings other = {.freq_hz = 6000.0, .drive_db = 30.0, .even = 10.0, .mix = 5.0};

    (void)state;
    assert_reset_forgets(&exciter_stage, stage_noise, &usual, &other);
}

static void
nan_and_infinity_last_as_long_as_they_came(void **state)
{
    int bad = 0;

    (void)state;
    tone_make(io, RATE, 4000.0, 0.5, RATE);
    sound[0][3000] = NAN;
    sound[1][4000] = INFINITY;
    sound[1][4001] = -1e300;
    run(RATE, &usual, RATE);
    for (int i = 0; i < RATE; i++)
        bad += !(fabs(sound[0][i]) < 1.0) + !(fabs(sound[1][i]) < 1.0);
    assert_int_equal(bad, 3);
}

static void
bad_rates_are_refused(void **state)
{
    (void)state;
    assert_odd_rates_are_refused(&exciter_stage);
}

#ifndef __SANITIZE_ADDRESS__
static void
prepare_survives_each_failed_malloc(void **state)
{
    enum status status = NO_MEM;

    (void)state;
    for (int nth = 0; status != OK; nth++) {
        callocs_left = nth;
        status = exciter_prepare(&exciter, 48000.0);
        callocs_left = -1;
        assert_int_equal(status, nth < 1 ? NO_MEM : OK);
        exciter_free(&exciter);
        exciter_free(&exciter);
    }
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_new_harmonics_are_added),
        cmocka_unit_test(even_moves_second_against_third),
        cmocka_unit_test(what_is_below_the_corner_is_left_alone),
        cmocka_unit_test(difference_tones_are_weak),
        cmocka_unit_test(mix_scales_what_is_added),
        cmocka_unit_test(aliasing_is_far_down),
        cmocka_unit_test(mix_of_nothing_is_exact),
        cmocka_unit_test(mix_comes_to_nothing_exactly),
        cmocka_unit_test(same_bits_at_any_block_size),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(moves_do_not_click),
        cmocka_unit_test(the_last_move_arrives),
        cmocka_unit_test(reset_forgets_everything_even_nan),
        cmocka_unit_test(nan_and_infinity_last_as_long_as_they_came),
        cmocka_unit_test(bad_rates_are_refused),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(prepare_survives_each_failed_malloc),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
