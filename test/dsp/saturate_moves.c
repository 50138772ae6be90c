/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/saturate.h"

#include "test/kit/leak.h"
#include "test/kit/stage.h"
#include "test/kit/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, MAX_FRAMES = 6 * RATE + 1000, SHAPES = 3 };

STAGE(saturate);

static double sound[STEREO][MAX_FRAMES], before[STEREO][MAX_FRAMES];
static double *const io[STEREO] = {sound[0], sound[1]};
static struct saturate saturate;

static const struct saturate_settings usual = {.drive_db = 9.0, .mix = 100.0};

static void
start(double rate_hz, const struct saturate_settings *s)
{
    assert_int_equal(saturate_prepare(&saturate, rate_hz), OK);
    saturate_set(&saturate, s);
}

static void
run(double rate_hz, const struct saturate_settings *s, int nframes)
{
    start(rate_hz, s);
    saturate_process(&saturate, io, nframes);
    saturate_free(&saturate);
}

static void
keep(void)
{
    memcpy(before, sound, sizeof before);
}

static const struct stage_field fields[] = {
    {"drive", offsetof(struct saturate_settings, drive_db), 0.0, 24.0},
    {"even", offsetof(struct saturate_settings, even), -100.0, 100.0},
    {"tone", offsetof(struct saturate_settings, tone_db), -12.0, 12.0},
    {"mix", offsetof(struct saturate_settings, mix), 0.0, 100.0},
    {"trim", offsetof(struct saturate_settings, trim_db), -12.0, 12.0},
};

static void
moves_do_not_click(void **state)
{
    (void)state;
    for (int shape = 0; shape < SHAPES; shape++) {
        struct saturate_settings s = usual;

        s.shape = shape;
        assert_moves_do_not_click(&saturate_stage, &s, sizeof s, fields, LEN(fields), 36000);
    }
}

/* From each to each; leak.h's tone on the left, half of it on the right. */
static void
check_switch(const struct saturate_settings *from, const struct saturate_settings *to, const char *what)
{
    static struct leak leak;
    int moved = RATE / 2, end = 3 * RATE / 2;

    leak_prepare(&leak, RATE);
    tone_make(io, RATE, LEAK_TONE_HZ, LEAK_TONE_GAIN, end);
    for (int i = 0; i < end; i++)
        sound[1][i] *= 0.5;
    start(RATE, from);
    saturate_process(&saturate, io, moved);
    saturate_set(&saturate, to);
    saturate_process(&saturate, (double *[]){sound[0] + moved, sound[1] + moved}, end - moved);
    saturate_free(&saturate);
    for (int c = 0; c < STEREO; c++)
        assert_no_click(what,
                        fmax(leak_peak(&leak, sound[c], moved - 4000, moved - LEAK_HALF),
                             leak_peak(&leak, sound[c], end - 4000, end - LEAK_HALF)),
                        leak_peak(&leak, sound[c], moved - LEAK_HALF, moved + 9600));
}

static void
switches_do_not_click(void **state)
{
    struct saturate_settings from = usual, to = usual;

    (void)state;
    for (from.shape = 0; from.shape < SHAPES; from.shape++)
        for (to.shape = 0; to.shape < SHAPES; to.shape++)
            check_switch(&from, &to, "shape");
    from.shape = to.shape = SATURATE_TUBE;
    for (from.channels = 0; from.channels < 5; from.channels++)
        for (to.channels = 0; to.channels < 5; to.channels++)
            check_switch(&from, &to, "channels");
}

/* A faint tone, which the lift raises by 13 dB and auto gain takes down again: nothing but its ramps is heard. */
static void
auto_gain_does_not_click(void **state)
{
    struct saturate_settings s = {.drive_db = 24.0, .mix = 100.0, .auto_gain = true};
    static struct leak leak;
    double level = 1e-3, after = 0.0;

    (void)state;
    leak_prepare(&leak, RATE);
    tone_make(io, RATE, LEAK_TONE_HZ, level * LEAK_TONE_GAIN, 6 * RATE);
    start(RATE, &s);
    saturate_process(&saturate, io, 4 * RATE);
    s.auto_gain = false;
    saturate_set(&saturate, &s);
    saturate_process(&saturate, (double *[]){sound[0] + 4 * RATE, sound[1] + 4 * RATE}, 2 * RATE);
    saturate_free(&saturate);
    after = leak_peak(&leak, sound[0], RATE / 10, 6 * RATE - LEAK_HALF);
    print_message("# auto gain: %.1f dB\n", 20.0 * log10(after / level));
    assert_true(after < level * 4.5 * 3.16e-5); /* -90 dB, and the lift */
}

/* Three moves within one fade, and when all is forgotten it is as if there had only been the last. */
static void
the_last_move_arrives(void **state)
{
    struct saturate_settings s = {
        .shape = SATURATE_TUBE, .drive_db = 20.0, .channels = CHANNELS_SIDE, .mix = 50.0};
    int at = 1000;

    (void)state;
    stage_noise(io, RATE, 3 * RATE);
    run(RATE, &usual, 3 * RATE);
    keep();
    stage_noise(io, RATE, 3 * RATE);
    start(RATE, &s);
    saturate_process(&saturate, io, at);
    for (int k = 0; k < 3; k++, at += 100) {
        s.drive_db = 4.0 * k + 1.0;
        saturate_set(&saturate, k < 2 ? &s : &usual);
        saturate_process(&saturate, (double *[]){sound[0] + at, sound[1] + at}, 100);
    }
    saturate_process(&saturate, (double *[]){sound[0] + at, sound[1] + at}, 3 * RATE - at);
    saturate_free(&saturate);
    for (int i = 2 * RATE; i < 3 * RATE; i++)
        assert_true(fabs(sound[0][i] - before[0][i]) < 1e-13);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_do_not_click),
        cmocka_unit_test(switches_do_not_click),
        cmocka_unit_test(auto_gain_does_not_click),
        cmocka_unit_test(the_last_move_arrives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
