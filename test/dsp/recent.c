/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/recent.h"

#include "dsp/programme.h"
#include "test/kit/dice.h"

#include <ebur128.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, SECONDS = 40, NFRAMES = RATE * SECONDS };

#define BIN_LU 0.01 /* programme.h's histogram: at the gate a bin counts as a whole */

/* Two sounds that go up and down by 30 dB, each in its own time: half of the blocks fall to the gates. */
static double sound[RECENT_SOUNDS][STEREO][NFRAMES];
static struct kweight weight[RECENT_SOUNDS];
static struct recent recent;

static void
make_sounds(void)
{
    dice_state = 3;
    for (int i = 0; i < NFRAMES; i++) {
        double t = (double)i / RATE;

        for (int c = 0; c < STEREO; c++) {
            double x = noise();

            sound[0][c][i] = x * pow(10.0, -1.5 + 0.75 * sin(2.0 * PI * t / 5.0));
            sound[1][c][i] = 0.5 * x * pow(10.0, -1.5 + 0.75 * cos(2.0 * PI * t / 3.0));
        }
    }
}

static void
begin(void)
{
    static const double one[STEREO] = {1.0, 1.0};

    for (int k = 0; k < RECENT_SOUNDS; k++)
        assert_int_equal(kweight_prepare(&weight[k], RATE, one, STEREO), OK);
    memset(&recent, 0, sizeof recent);
}

/* Blocks that ended. */
static int
run(int from, int to, int most)
{
    const double *const a[STEREO] = {sound[0][0], sound[0][1]}, *const b[STEREO] = {sound[1][0], sound[1][1]};
    int blocks = 0;

    for (int at = from; at < to;) {
        int n = to - at < most ? to - at : most;

        at += kweight_process_two(&weight[0], a, &weight[1], b, at, n);
        if (weight[0].ticked)
            blocks += recent_tick(&recent, &weight[0], &weight[1]);
    }
    return blocks;
}

/* What a measurement says that knows but these frames. */
static double
integrated(int which, int from, int to)
{
    const double *const x[STEREO] = {sound[which][0], sound[which][1]};
    static const double one[STEREO] = {1.0, 1.0};
    struct kweight k;
    struct programme p;
    double lufs;

    assert_int_equal(kweight_prepare(&k, RATE, one, STEREO), OK);
    assert_int_equal(programme_prepare(&p), OK);
    for (int at = 0; at < to;) {
        at += kweight_process(&k, x, at, to - at);
        if (at == from)
            programme_restart(&p);
        else if (k.ticked && at > from)
            programme_tick(&p, &k);
    }
    lufs = programme_integrated_lufs(&p);
    programme_free(&p);
    return lufs;
}

static void
a_whole_window_reads_as_libebur128_and_the_programme_do(void **state)
{
    (void)state;
    begin();
    run(0, NFRAMES, 4800);
    for (int k = 0; k < RECENT_SOUNDS; k++) {
        ebur128_state *other = ebur128_init(STEREO, RATE, EBUR128_MODE_I);
        double lufs = recent_lufs(&recent, k, RECENT_LONGEST_S), want;

        for (int i = 0; i < NFRAMES; i++)
            ebur128_add_frames_double(other, (double[]){sound[k][0][i], sound[k][1][i]}, 1);
        ebur128_loudness_global(other, &want);
        ebur128_destroy(&other);
        assert_true(fabs(lufs - want) < 0.002); /* LU: its filter's numbers are rounded */
        assert_true(fabs(lufs - integrated(k, 0, NFRAMES)) < BIN_LU);
    }
    assert_true(recent_measured_s(&recent, RECENT_LONGEST_S) == SECONDS);
}

static void
it_slides_over_the_last_seconds(void **state)
{
    static const double windows[] = {3, 10, 30};

    (void)state;
    begin();
    run(0, NFRAMES, 4800);
    for (size_t i = 0; i < LEN(windows); i++) {
        assert_true(recent_measured_s(&recent, windows[i]) == windows[i]);
        for (int k = 0; k < RECENT_SOUNDS; k++)
            assert_true(fabs(recent_lufs(&recent, k, windows[i]) -
                             integrated(k, NFRAMES - (int)windows[i] * RATE, NFRAMES)) < BIN_LU);
    }
    assert_true(fabs(recent_lufs(&recent, 0, 3) - recent_lufs(&recent, 0, 30)) > 0.5); /* they do differ */
}

/* The ring is full after 120 s: 160 s of two levels, of which but the last are left. */
static void
the_oldest_is_forgotten(void **state)
{
    (void)state;
    begin();
    for (int round = 0; round < 4; round++)
        run(0, NFRAMES, NFRAMES);
    assert_int_equal(recent.count, RECENT_BLOCKS);
    for (int k = 0; k < RECENT_SOUNDS; k++) /* three times the same; blocks over a seam are another sound's */
        assert_true(fabs(recent_lufs(&recent, k, RECENT_LONGEST_S) - integrated(k, 0, NFRAMES)) < 0.05);
}

static void
after_a_restart_it_knows_but_what_came_since(void **state)
{
    const int from = 17 * RATE + 4800;

    (void)state;
    begin();
    run(0, from, 4800);
    recent_restart(&recent);
    assert_true(recent_lufs(&recent, 0, 30) == LOUDNESS_NONE_LUFS);
    assert_true(recent_measured_s(&recent, 30) == 0.0);
    run(from, from + RATE * 4 / 10 - 1, 4800);
    assert_true(recent_lufs(&recent, 0, 30) == LOUDNESS_NONE_LUFS);
    run(from + RATE * 4 / 10 - 1, 30 * RATE, 4800); /* a block takes 400 ms */
    for (int k = 0; k < RECENT_SOUNDS; k++)
        assert_true(fabs(recent_lufs(&recent, k, 30) - integrated(k, from, 30 * RATE)) < BIN_LU);
}

static void
silence_is_no_programme(void **state)
{
    double before;

    (void)state;
    begin();
    run(0, 10 * RATE, 4800);
    for (int k = 0; k < RECENT_SOUNDS; k++)
        for (int c = 0; c < STEREO; c++)
            memset(sound[k][c] + 10 * RATE, 0, sizeof(double) * 20 * RATE);
    run(10 * RATE, 11 * RATE, 4800); /* what rings in blocks that begin in sound */
    before = recent_measured_s(&recent, 30);
    assert_int_equal(run(11 * RATE, 30 * RATE, 4800), 190); /* they end, and are not kept */
    assert_true(recent_measured_s(&recent, 30) == before);
    make_sounds();
}

/* One of both alone is: its silence falls to the gate, as it would in a file. */
static void
the_silence_of_one_of_them_is_time(void **state)
{
    double lufs;

    (void)state;
    begin();
    run(0, 10 * RATE, 4800);
    lufs = recent_lufs(&recent, 1, 30);
    for (int c = 0; c < STEREO; c++)
        memset(sound[1][c] + 10 * RATE, 0, sizeof(double) * 10 * RATE);
    run(10 * RATE, 20 * RATE, 4800);
    assert_true(recent_measured_s(&recent, 30) == 20.0);
    assert_true(fabs(recent_lufs(&recent, 1, 30) - lufs) < 0.2); /* LU: the blocks over the edge */
    make_sounds();
}

/* In one of them: 100 ms blocks over it are missing in both. */
static void
no_block_holds_what_is_no_number(void **state)
{
    (void)state;
    begin();
    sound[1][0][5 * RATE + 7] = NAN;
    run(0, 10 * RATE, 4800);
    assert_true(isfinite(recent_lufs(&recent, 0, 30)) && isfinite(recent_lufs(&recent, 1, 30)));
    assert_int_equal(recent.count, 97 - 4);
    make_sounds();
}

static void
same_bits_at_any_block(void **state)
{
    static const int blocks[] = {1, 7, 64, 1000};
    static struct recent want;

    (void)state;
    begin();
    run(0, 5 * RATE, 5 * RATE);
    want = recent;
    for (size_t i = 0; i < LEN(blocks); i++) {
        begin();
        run(0, 5 * RATE, blocks[i]);
        assert_memory_equal(&recent, &want, sizeof want);
    }
}

static int
make(void **state)
{
    (void)state;
    make_sounds();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_window_reads_as_libebur128_and_the_programme_do),
        cmocka_unit_test(it_slides_over_the_last_seconds),
        cmocka_unit_test(the_oldest_is_forgotten),
        cmocka_unit_test(after_a_restart_it_knows_but_what_came_since),
        cmocka_unit_test(silence_is_no_programme),
        cmocka_unit_test(the_silence_of_one_of_them_is_time),
        cmocka_unit_test(no_block_holds_what_is_no_number),
        cmocka_unit_test(same_bits_at_any_block),
    };

    return cmocka_run_group_tests(tests, make, NULL);
}
