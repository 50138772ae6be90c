/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Both crossovers have their own tests: here is what is put around them.
 */
#include "dsp/splitter.h"

#include "test/kit/dice.h"
#include "test/kit/leak.h"
#include "test/kit/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum {
    RATE = 48000,
    N = 60000,
    LATE = 2560,
    THERE = 24000 /* frames that a change of phase takes at most */
};

static double in[STEREO][N];
static double bands[SPLITTER_BANDS][STEREO][N], want[SPLITTER_BANDS][STEREO][N];

static struct splitter_settings
plain(bool linear)
{
    return (struct splitter_settings){
        .linear = linear,
        .split = {.freq_hz = {200.0, 1000.0, 5000.0}, .active = {true, true, true, true}},
    };
}

static void
make_noise(void)
{
    dice_state = 77;
    for (int i = 0; i < N; i++)
        for (int c = 0; c < STEREO; c++)
            in[c][i] = 0.5 * (dice(2000001) * 1e-6 - 1.0);
}

struct move {
    int frame;
    struct splitter_settings s;
};

static void
run(double (*to)[STEREO][N], const struct splitter_settings *start, const struct move *move, int nmoves,
    int block)
{
    static struct splitter s __attribute__((aligned(64)));

    assert_int_equal(splitter_prepare(&s, RATE), OK);
    splitter_set(&s, start);
    for (int at = 0, next = 0, n; at < N; at += n) {
        double *there[SPLITTER_BANDS][STEREO];
        double *const *band[SPLITTER_BANDS];

        for (; next < nmoves && move[next].frame == at; next++)
            splitter_set(&s, &move[next].s);
        for (int b = 0; b < SPLITTER_BANDS; b++) {
            for (int c = 0; c < STEREO; c++)
                there[b][c] = to[b][c] + at;
            band[b] = there[b];
        }
        n = block < N - at ? block : N - at;
        if (next < nmoves && move[next].frame - at < n)
            n = move[next].frame - at;
        splitter_process(&s, (const double *const[]){in[0] + at, in[1] + at}, band, n);
    }
    splitter_free(&s);
}

static double
sum_at(double (*of)[STEREO][N], int c, int i)
{
    return of[0][c][i] + of[1][c][i] + of[2][c][i] + of[3][c][i];
}

/* Largest difference of any band's sample. */
static double
apart(double (*a)[STEREO][N], double (*b)[STEREO][N], int from)
{
    double most = 0.0;

    for (int k = 0; k < SPLITTER_BANDS; k++)
        for (int c = 0; c < STEREO; c++)
            for (int i = from; i < N; i++)
                most = fmax(most, fabs(a[k][c][i] - b[k][c][i]));
    return most;
}

static void
in_linear_phase_the_sum_is_a_delay_whatever_moves(void **state)
{
    struct splitter_settings s = plain(true);
    struct move moves[] = {{5000, s}, {20000, s}, {20500, s}, {40000, s}};

    (void)state;
    make_noise();
    moves[0].s.split.freq_hz[1] = 2000.0;
    moves[1].s = moves[0].s;
    moves[1].s.split.active[0] = false;
    moves[2].s = moves[1].s;
    moves[2].s.split.active[3] = moves[2].s.split.active[2] = false;
    moves[3].s = plain(true);
    run(bands, &s, moves, LEN(moves), 64);
    for (int c = 0; c < STEREO; c++)
        for (int i = LATE; i < N; i++)
            if (fabs(sum_at(bands, c, i) - in[c][i - LATE]) > 1e-13)
                fail_msg("frame %d: %g apart", i, sum_at(bands, c, i) - in[c][i - LATE]);
}

/* As the other crossover has it: to the one below, at the low end to the lowest, with none to the first. */
static void
a_band_that_is_not_in_use_goes_to_its_neighbour(void **state)
{
    static const struct {
        bool active[SPLITTER_BANDS];
        int to[SPLITTER_BANDS];
    } rows[] = {
        {{true, true, true, true}, {0, 1, 2, 3}},     {{true, false, true, true}, {0, 0, 2, 3}},
        {{false, true, false, true}, {1, 1, 1, 3}},   {{false, false, false, true}, {3, 3, 3, 3}},
        {{false, false, false, false}, {0, 0, 0, 0}}, {{true, true, false, false}, {0, 1, 1, 1}},
    };
    struct splitter_settings s = plain(true);

    (void)state;
    make_noise();
    run(want, &s, NULL, 0, 64);
    for (size_t r = 0; r < LEN(rows); r++) {
        double most = 0.0;

        memcpy(s.split.active, rows[r].active, sizeof s.split.active);
        run(bands, &s, NULL, 0, 64);
        for (int k = 0; k < SPLITTER_BANDS; k++)
            for (int i = 0; i < N; i++) {
                double sum = 0.0;

                for (int b = 0; b < SPLITTER_BANDS; b++)
                    sum += rows[r].to[b] == k ? want[b][0][i] : 0.0;
                most = fmax(most, fabs(bands[k][0][i] - sum));
            }
        assert_true(most < 1e-14);
    }
}

static void
a_change_of_phase_arrives_and_the_last_one_wins(void **state)
{
    struct splitter_settings minimum = plain(false), linear = plain(true);
    struct move once[] = {{3000, linear}}, back[] = {{3000, minimum}};
    struct move often[] = {
        {2000, linear}, {4000, minimum}, {4100, linear}, {30000, minimum}, {30100, linear}};

    (void)state;
    make_noise();
    run(want, &linear, NULL, 0, 64);
    run(bands, &minimum, once, 1, 64);
    assert_true(apart(bands, want, 3000 + THERE) < 1e-12);
    run(bands, &minimum, often, LEN(often), 64);
    assert_true(apart(bands, want, 30100 + THERE) < 1e-12);
    run(want, &minimum, NULL, 0, 64);
    run(bands, &linear, back, 1, 64);
    assert_true(apart(bands, want, 3000 + THERE) < 1e-6); /* -120 dBFS: filters that started 20 ms before */
}

static void
splits_may_come_in_any_order(void **state)
{
    struct splitter_settings s = plain(true);

    (void)state;
    make_noise();
    run(want, &s, NULL, 0, 64);
    s.split.freq_hz[0] = 5000.0;
    s.split.freq_hz[2] = 200.0;
    run(bands, &s, NULL, 0, 64);
    assert_memory_equal(bands, want, sizeof want);
}

static void
it_gives_the_same_bits_at_any_block(void **state)
{
    static const int blocks[] = {7, 63, 64};
    struct splitter_settings s = plain(false);
    struct move moves[] = {
        {1001, plain(true)}, {26002, plain(true)}, {26500, plain(true)}, {40000, plain(false)}};

    (void)state;
    make_noise();
    moves[1].s.split.active[2] = false;
    moves[2].s.split.active[0] = false;
    moves[2].s.split.freq_hz[1] = 700.0;
    run(want, &s, moves, LEN(moves), 1);
    for (size_t k = 0; k < LEN(blocks); k++) {
        run(bands, &s, moves, LEN(moves), blocks[k]);
        assert_memory_equal(bands, want, sizeof want);
    }
}

static void
moves_do_not_click_in_any_band(void **state)
{
    static struct leak leak;
    struct splitter_settings s = plain(false);
    struct move moves[] = {{4000, plain(true)}, {30000, plain(true)}, {40000, plain(false)}};

    (void)state;
    leak_prepare(&leak, RATE);
    tone_make((double *const[]){in[0], in[1]}, RATE, LEAK_TONE_HZ, LEAK_TONE_GAIN, N);
    moves[1].s.split.active[1] = false;
    run(bands, &s, moves, LEN(moves), 64);
    for (int b = 0; b < SPLITTER_BANDS; b++)
        assert_true(leak_peak(&leak, bands[b][0], 3000, N - 1000) < 3.2e-5); /* -90 dBFS */
}

static void
the_latency_is_that_of_the_phase_that_is_wanted(void **state)
{
    static struct splitter s __attribute__((aligned(64)));
    struct splitter_settings a = plain(false), b = plain(true);

    (void)state;
    assert_int_equal(splitter_prepare(&s, RATE), OK);
    splitter_set(&s, &a);
    assert_int_equal(splitter_latency_frames(&s), 0);
    splitter_set(&s, &b);
    assert_int_equal(splitter_latency_frames(&s), LATE);
    assert_int_equal(splitter_latency_max_frames(&s), LATE);
    splitter_free(&s);
    assert_int_equal(splitter_prepare(&s, 7999), BAD_ARG);
    splitter_free(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_linear_phase_the_sum_is_a_delay_whatever_moves),
        cmocka_unit_test(a_band_that_is_not_in_use_goes_to_its_neighbour),
        cmocka_unit_test(a_change_of_phase_arrives_and_the_last_one_wins),
        cmocka_unit_test(splits_may_come_in_any_order),
        cmocka_unit_test(it_gives_the_same_bits_at_any_block),
        cmocka_unit_test(moves_do_not_click_in_any_band),
        cmocka_unit_test(the_latency_is_that_of_the_phase_that_is_wanted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
