/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/monitor.h"

#include "dsp/xmath.h"
#include "test/kit/stage.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, NFRAMES = 12000 };

static double in[STEREO][NFRAMES], out[STEREO][NFRAMES];

static void
run(struct monitor *m, int from, int to)
{
    const double *const x[STEREO] = {in[0] + from, in[1] + from};
    double *const y[STEREO] = {out[0] + from, out[1] + from};

    monitor_process(m, x, y, to - from);
}

/* The first set acts at once. */
static void
run_with(const struct monitor_settings *s)
{
    struct monitor m;

    stage_noise((double *[]){in[0], in[1]}, RATE, NFRAMES);
    monitor_prepare(&m, RATE);
    monitor_set(&m, s);
    run(&m, 0, NFRAMES);
}

static void
hears(double gain, double own, double across)
{
    for (int i = 0; i < NFRAMES; i++) {
        assert_true(fabs(out[0][i] - gain * (own * in[0][i] + across * in[1][i])) < 1e-15); /* rounding */
        assert_true(fabs(out[1][i] - gain * (own * in[1][i] + across * in[0][i])) < 1e-15);
    }
}

static void
at_0_db_the_speakers_hear_the_master(void **state)
{
    (void)state;
    run_with(&(struct monitor_settings){.level_db = 0});
    assert_memory_equal(out, in, sizeof in);
}

static void
level_and_dim_add_up(void **state)
{
    (void)state;
    run_with(&(struct monitor_settings){.level_db = -20});
    hears(0.1, 1, 0);
    run_with(&(struct monitor_settings){.level_db = -20, .dim = true});
    hears(0.01, 1, 0);
}

static void
swap_exchanges_and_mono_halves_the_sum(void **state)
{
    (void)state;
    run_with(&(struct monitor_settings){.swap = true});
    hears(1, 0, 1);
    run_with(&(struct monitor_settings){.mono = true});
    hears(1, 0.5, 0.5);
    run_with(&(struct monitor_settings){.mono = true, .swap = true});
    hears(1, 0.5, 0.5);
}

/* B in the middle of the noise: A fades out as B fades in, and together they are what the headphones hear. */
static void
one_set_of_speakers_plays_at_a_time(void **state)
{
    static double a[STEREO][NFRAMES], b[STEREO][NFRAMES];
    const double *const heard[STEREO] = {out[0], out[1]};
    const double *const later[STEREO] = {out[0] + NFRAMES / 2, out[1] + NFRAMES / 2};
    struct monitor_settings s = {.level_db = 0};
    struct monitor m;

    (void)state;
    run_with(&s);
    monitor_prepare(&m, RATE);
    monitor_set(&m, &s);
    monitor_speakers(&m, heard, (double *[]){a[0], a[1]}, (double *[]){b[0], b[1]}, NFRAMES / 2);
    s.set = MONITOR_SET_B;
    monitor_set(&m, &s);
    monitor_speakers(&m, later, (double *[]){a[0] + NFRAMES / 2, a[1] + NFRAMES / 2},
                     (double *[]){b[0] + NFRAMES / 2, b[1] + NFRAMES / 2}, NFRAMES / 2);
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < NFRAMES; i++) {
            assert_true(fabs(a[c][i] + b[c][i] - out[c][i]) < 1e-15); /* rounding */
            if (i < NFRAMES / 2)
                assert_true(a[c][i] == out[c][i] && b[c][i] == 0.0);
            if (i > NFRAMES / 2 + RATE / 10) /* 100 ms: the glide is over */
                assert_true(b[c][i] == out[c][i] && a[c][i] == 0.0);
        }
}

static void
mute_is_silence_whatever_the_level(void **state)
{
    (void)state;
    run_with(&(struct monitor_settings){.level_db = 0, .mute = true});
    hears(0, 0, 0);
}

static void
a_mute_arrives_at_silence(void **state)
{
    struct monitor m;

    (void)state;
    stage_noise((double *[]){in[0], in[1]}, RATE, NFRAMES);
    monitor_prepare(&m, RATE);
    monitor_set(&m, &(struct monitor_settings){.level_db = 0});
    run(&m, 0, 1000);
    monitor_set(&m, &(struct monitor_settings){.level_db = 0, .mute = true});
    run(&m, 1000, NFRAMES);
    for (int i = 1000 + RATE / 20; i < NFRAMES; i++)
        assert_true(out[0][i] == 0.0 && out[1][i] == 0.0);
}

static void
same_bits_at_any_block(void **state)
{
    static const int blocks[] = {7, 64, 480, NFRAMES};
    static double want[STEREO][NFRAMES];

    (void)state;
    stage_noise((double *[]){in[0], in[1]}, RATE, NFRAMES);
    for (int k = -1; k < (int)LEN(blocks); k++) {
        int block = k < 0 ? 1 : blocks[k];
        struct monitor m;

        monitor_prepare(&m, RATE);
        for (int move = 0; move < 12; move++) {
            struct monitor_settings s = {.level_db = -5.0 * (move % 5),
                                         .dim = move & 1,
                                         .mono = move & 2,
                                         .swap = move & 4,
                                         .mute = move == 9};

            monitor_set(&m, &s);
            for (int at = move * 1000, end = at + 1000, n; at < end; at += n) {
                n = block < end - at ? block : end - at;
                run(&m, at, at + n);
            }
        }
        if (k < 0)
            memcpy(want, out, sizeof out);
        else
            assert_memory_equal(out, want, sizeof out);
    }
}

/* A tone's second difference is at most (2 pi f / rate)^2 of its level: a step of 3e-4 (-70 dBFS) would stand out. */
static void
no_switch_clicks(void **state)
{
    static const struct monitor_settings moves[] = {
        {.level_db = -80}, {.level_db = 0},   {.mute = true},  {.mono = true}, {.swap = true},
        {.dim = true},     {.level_db = -40}, {.level_db = 0}, {.mute = true}, {.level_db = 0},
    };
    double w = 2.0 * PI * 200.0 / RATE;
    struct monitor m;

    (void)state;
    for (int i = 0; i < NFRAMES; i++) {
        in[0][i] = 0.25 * sin(w * i);
        in[1][i] = 0.25 * cos(w * i);
    }
    monitor_prepare(&m, RATE);
    monitor_set(&m, &(struct monitor_settings){.level_db = 0});
    run(&m, 0, 1000);
    for (size_t k = 0; k < LEN(moves); k++) {
        int at = 1000 + (int)k * 1000;

        monitor_set(&m, &moves[k]);
        run(&m, at, at + 1000);
    }
    for (int c = 0; c < STEREO; c++)
        for (int i = 2; i < 11000; i++) {
            double bend = out[c][i] - 2.0 * out[c][i - 1] + out[c][i - 2];

            assert_true(fabs(bend) < 0.25 * w * w + 1e-4);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_0_db_the_speakers_hear_the_master),
        cmocka_unit_test(level_and_dim_add_up),
        cmocka_unit_test(swap_exchanges_and_mono_halves_the_sum),
        cmocka_unit_test(one_set_of_speakers_plays_at_a_time),
        cmocka_unit_test(mute_is_silence_whatever_the_level),
        cmocka_unit_test(a_mute_arrives_at_silence),
        cmocka_unit_test(same_bits_at_any_block),
        cmocka_unit_test(no_switch_clicks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
