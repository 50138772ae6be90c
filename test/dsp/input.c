/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/input.h"

#include "dsp/xmath.h"
#include "test/kit/dice.h"
#include "test/kit/leak.h"
#include "test/kit/stage.h"
#include "test/kit/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define RATE 44100.0

enum { NFRAMES = 24000 };

static double want[STEREO][NFRAMES], got[STEREO][NFRAMES];

static const struct input_settings neutral = {0.0, 0.0, POLARITY_NORMAL};

STAGE(input);

static void
make_noise(double io[STEREO][NFRAMES])
{
    stage_noise((double *[]){io[0], io[1]}, RATE, NFRAMES);
}

static struct input_settings
any_settings(void)
{
    return (struct input_settings){
        .trim_db = chance() < 0.3 ? 0.0 : chance() * 48.0 - 24.0,
        .balance = chance() < 0.3 ? 0.0 : chance() * 200.0 - 100.0,
        .polarity = (int)(chance() * 4.0),
    };
}

static void
process(struct input *in, double io[STEREO][NFRAMES], int from, int nframes)
{
    input_process(in, (double *[]){io[0] + from, io[1] + from}, nframes);
}

static void
start(struct input *in, const struct input_settings *s)
{
    assert_int_equal(input_prepare(in, RATE), OK);
    input_set(in, s);
}

/* --- bits and gains -------------------------------------------------------------------------------- */

static const void *
move(int nth)
{
    static struct input_settings s;

    (void)nth;
    s = any_settings();
    return &s;
}

static const struct stage_moves many_moves = {
    .rate_hz = RATE, .nframes = NFRAMES, .gap = 3000, .make = stage_noise, .move = move};

static void
same_bits_at_any_period(void **state)
{
    (void)state;
    assert_same_bits_at_any_block(&input_stage, &many_moves);
}

static void
neutral_keeps_the_bits(void **state)
{
    struct input in;
    struct input_settings s = {6.0, -30.0, POLARITY_BOTH};

    (void)state;
    make_noise(want);
    want[0][50] = -0.0;
    memcpy(got, want, sizeof want);
    assert_int_equal(input_prepare(&in, RATE), OK);
    process(&in, got, 0, 100); /* before any set */
    input_set(&in, &neutral);
    process(&in, got, 100, 12000);
    assert_memory_equal(got, want, sizeof want);
    input_set(&in, &s); /* away and back: in 100 ms it is there exactly */
    process(&in, got, 12100, 2000);
    input_set(&in, &neutral);
    process(&in, got, 14100, NFRAMES - 14100);
    assert_memory_not_equal(got[0], want[0], sizeof want[0]);
    for (int c = 0; c < STEREO; c++)
        assert_memory_equal(got[c] + 18600, want[c] + 18600, (NFRAMES - 18600) * sizeof(double));
}

static void
check_gains(struct input_settings s, double left, double right)
{
    struct input in;

    start(&in, &s);
    make_noise(want);
    memcpy(got, want, sizeof want);
    process(&in, got, 0, 50);
    for (int i = 0; i < 50; i++) { /* one rounding */
        assert_true(fabs(got[0][i] - left * want[0][i]) <= 1e-15 * fabs(got[0][i]));
        assert_true(fabs(got[1][i] - right * want[1][i]) <= 1e-15 * fabs(got[1][i]));
    }
}

static void
settings_mean_what_they_say(void **state)
{
    (void)state;
    check_gains((struct input_settings){20.0, 0.0, POLARITY_NORMAL}, 10.0, 10.0);
    check_gains((struct input_settings){-6.0, 0.0, POLARITY_NORMAL}, pow(10.0, -0.3), pow(10.0, -0.3));
    check_gains((struct input_settings){0.0, 25.0, POLARITY_NORMAL}, 0.75, 1.0);
    check_gains((struct input_settings){0.0, -50.0, POLARITY_NORMAL}, 1.0, 0.5);
    check_gains((struct input_settings){0.0, 100.0, POLARITY_NORMAL}, 0.0, 1.0);
    check_gains((struct input_settings){0.0, -100.0, POLARITY_NORMAL}, 1.0, 0.0);
    check_gains((struct input_settings){0.0, 0.0, POLARITY_LEFT}, -1.0, 1.0);
    check_gains((struct input_settings){0.0, 0.0, POLARITY_RIGHT}, 1.0, -1.0);
    check_gains((struct input_settings){20.0, -50.0, POLARITY_BOTH}, -10.0, -5.0);
}

/* On a signal of 1.0 the output is the factor. */
static void
moves_take_20_ms_and_do_not_overshoot(void **state)
{
    struct input in;
    struct input_settings s = {0.0, 0.0, POLARITY_LEFT};
    int settle = (int)(RATE * INPUT_SETTLE_MS * 1e-3);

    (void)state;
    for (int i = 0; i < NFRAMES; i++)
        got[0][i] = got[1][i] = 1.0;
    start(&in, &neutral);
    input_set(&in, &s);
    process(&in, got, 0, NFRAMES);
    for (int i = 1; i < NFRAMES; i++)
        assert_true(got[0][i] <= got[0][i - 1] && got[0][i] >= -1.0);
    assert_true(got[0][settle / 2] > -0.8); /* slowly enough not to click ... */
    assert_true(got[0][settle * 11 / 10] <
                -0.97); /* ... 99 % of the way from 1 to -1, a tenth late at most */
    assert_true(got[0][NFRAMES - 1] == -1.0);
    assert_true(got[1][NFRAMES - 1] == 1.0);
}

static void
reset_ends_the_glides(void **state)
{
    struct input in;
    struct input_settings s = {6.0, 0.0, POLARITY_NORMAL};

    (void)state;
    start(&in, &neutral);
    input_set(&in, &s);
    make_noise(got);
    process(&in, got, 0, 10);
    input_reset(&in);
    got[0][0] = got[1][0] = 1.0;
    process(&in, got, 0, 1);
    assert_true(got[0][0] == db_to_gain(6.0)); /* settings are kept */
    input_set(&in, &neutral);                  /* and the next set applies at once */
    got[0][0] = 0.3;
    process(&in, got, 0, 1);
    assert_true(got[0][0] == 0.3);
}

static void
silence_stays_silent(void **state)
{
    (void)state;
    assert_silence_stays_silent(&input_stage, &many_moves);
}

static void
nan_passes_and_is_gone(void **state)
{
    struct input in;
    struct input_settings s = {3.0, 10.0, POLARITY_BOTH};

    (void)state;
    start(&in, &neutral);
    input_set(&in, &s);
    make_noise(got);
    got[0][5] = NAN;
    process(&in, got, 0, NFRAMES);
    for (int i = 0; i < NFRAMES; i++)
        assert_true(isfinite(got[1][i]) && isfinite(got[0][i]) == (i != 5));
}

static void
prepare_refuses_odd_rates(void **state)
{
    struct input in;

    (void)state;
    assert_odd_rates_are_refused(&input_stage);
    assert_int_equal(input_prepare(&in, 8000.0), OK);
    assert_int_equal(input_latency_frames(&in), 0);
}

/* --- clicks ---------------------------------------------------------------------------------------- */

#define LEAK_DBFS (-110.0)

enum { STEP_AT = 1000, LISTEN = 4000 };

static struct leak leak;

static void
make_tone(double io[STEREO][NFRAMES])
{
    tone_make((double *[]){io[0], io[1]}, RATE, LEAK_TONE_HZ, LEAK_TONE_GAIN, NFRAMES);
}

/* In either channel. */
static double
leak_dbfs(int from, int nframes)
{
    return gain_to_db(
        fmax(leak_peak(&leak, got[0], from, from + nframes), leak_peak(&leak, got[1], from, from + nframes)));
}

static void
steps_do_not_click(void **state)
{
    static const struct input_settings places[] = {
        {-24.0, 0.0, POLARITY_NORMAL}, {24.0, 0.0, POLARITY_NORMAL}, {24.0, 0.0, POLARITY_BOTH},
        {24.0, 0.0, POLARITY_RIGHT},   {24.0, 100.0, POLARITY_LEFT}, {24.0, -100.0, POLARITY_NORMAL},
        {24.0, 0.0, POLARITY_NORMAL},  {0.0, 0.0, POLARITY_NORMAL},  {0.5, 1.0, POLARITY_NORMAL},
    };
    double most = DB_SILENCE;
    struct input in;

    (void)state;
    make_tone(want);
    for (size_t i = 0; i < LEN(places); i++) {
        memcpy(got, want, sizeof want);
        start(&in, &places[i]);
        process(&in, got, 0, STEP_AT);
        input_set(&in, &places[(i + 1) % LEN(places)]);
        process(&in, got, STEP_AT, NFRAMES - STEP_AT);
        most = fmax(most, leak_dbfs(STEP_AT, LISTEN));
    }
    print_message("# steps: %.1f dBFS\n", most);
    assert_true(most < LEAK_DBFS);
}

/* A new value each 16 ms, so that no glide arrives. */
static void
rapid_moves_do_not_click(void **state)
{
    struct input in;
    struct input_settings s;
    double most;

    (void)state;
    make_tone(got);
    dice_state = 11;
    start(&in, &neutral);
    for (int i = 0; i + 706 <= NFRAMES; i += 706) {
        s = any_settings();
        input_set(&in, &s);
        process(&in, got, i, 706);
    }
    most = leak_dbfs(LEAK_HALF, NFRAMES - 706 - 2 * LEAK_HALF);
    print_message("# rapid moves: %.1f dBFS\n", most);
    assert_true(most < LEAK_DBFS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_at_any_period),
        cmocka_unit_test(neutral_keeps_the_bits),
        cmocka_unit_test(settings_mean_what_they_say),
        cmocka_unit_test(moves_take_20_ms_and_do_not_overshoot),
        cmocka_unit_test(reset_ends_the_glides),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(nan_passes_and_is_gone),
        cmocka_unit_test(prepare_refuses_odd_rates),
        cmocka_unit_test(steps_do_not_click),
        cmocka_unit_test(rapid_moves_do_not_click),
    };

    leak_prepare(&leak, RATE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
