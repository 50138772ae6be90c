/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/lag.h"

#include "test/kit/dice.h"
#include "test/kit/leak.h"
#include "test/kit/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { N = 24000, RATE = 48000, LONGEST = 4224 };

static double in[STEREO][N], out[STEREO][N], want[STEREO][N];

static void
make_noise(void)
{
    dice_state = 11;
    for (int i = 0; i < N; i++)
        for (int c = 0; c < STEREO; c++)
            in[c][i] = dice(2000001) * 1e-6 - 1.0;
}

struct move {
    int frame, length;
};

/* block 0: by the dice. in place. */
static void
run(double (*to)[N], int start, const struct move *move, int nmoves, int block)
{
    struct lag l;

    assert_int_equal(lag_prepare(&l, RATE, LONGEST), OK);
    lag_jump(&l, start);
    memcpy(to, in, sizeof in);
    for (int at = 0, next = 0, n; at < N; at += n) {
        for (; next < nmoves && move[next].frame == at; next++)
            lag_to(&l, move[next].length);
        n = block ? block : (int)dice(700);
        if (next < nmoves && move[next].frame - at < n)
            n = move[next].frame - at;
        n = n < N - at ? n : N - at;
        lag_process(&l, (const double *[]){to[0] + at, to[1] + at}, (double *[]){to[0] + at, to[1] + at}, n);
    }
    lag_free(&l);
}

static void
it_is_a_delay_to_the_bit(void **state)
{
    static const int lengths[] = {0, 1, 255, 256, 257, 1000, LONGEST};

    (void)state;
    make_noise();
    for (size_t k = 0; k < LEN(lengths); k++) {
        run(out, lengths[k], NULL, 0, 0);
        for (int c = 0; c < STEREO; c++)
            for (int i = 0; i < N; i++)
                assert_true(out[c][i] == (i < lengths[k] ? 0.0 : in[c][i - lengths[k]]));
    }
}

static void
a_new_length_is_there_after_the_fade_and_the_last_one_wins(void **state)
{
    static const struct move moves[] = {{5000, 4000}, {5100, 17}, {5101, 300}, {15000, 0}};
    int fade = RATE * LAG_FADE_MS / 1000;

    (void)state;
    make_noise();
    run(out, 100, moves, LEN(moves), 64);
    for (int c = 0; c < STEREO; c++) {
        for (int i = 5000 + 2 * fade; i < 15000; i++)
            assert_true(out[c][i] == in[c][i - 300]);
        for (int i = 15000 + fade; i < N; i++)
            assert_true(out[c][i] == in[c][i]);
    }
}

static void
it_gives_the_same_bits_at_any_block(void **state)
{
    static const struct move moves[] = {{3000, 4000}, {3500, 17}, {9000, 0}, {9001, LONGEST}, {15000, 1}};
    static const int blocks[] = {7, 64, 256, 300, N, 0};

    (void)state;
    make_noise();
    run(want, 300, moves, LEN(moves), 1);
    for (size_t k = 0; k < LEN(blocks); k++) {
        run(out, 300, moves, LEN(moves), blocks[k]);
        assert_memory_equal(out, want, sizeof want);
    }
}

/* The worst: half a period of the tone apart, so that the fade goes through nothing. */
static void
a_move_does_not_click(void **state)
{
    static const struct move moves[] = {{8000, 24}, {12000, 4000}, {16000, 0}};
    static struct leak leak;

    (void)state;
    leak_prepare(&leak, RATE);
    tone_make((double *[]){in[0], in[1]}, RATE, LEAK_TONE_HZ, LEAK_TONE_GAIN, N);
    run(out, 0, moves, LEN(moves), 64);
    assert_true(leak_peak(&leak, out[0], 6000, 20000) < 3.2e-5); /* -90 dBFS */
}

static void
nothing_is_asked_for_and_given(void **state)
{
    struct lag l;
    double x = 0.5, y = -0.5;

    (void)state;
    assert_int_equal(lag_prepare(&l, RATE, -1), BAD_ARG);
    assert_int_equal(lag_prepare(&l, RATE, 0), OK);
    lag_reset(&l);
    lag_process(&l, (const double *[]){&x, &y}, (double *[]){&x, &y}, 1);
    assert_true(x == 0.5 && y == -0.5);
    lag_free(&l);
    lag_free(&l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_a_delay_to_the_bit),
        cmocka_unit_test(a_new_length_is_there_after_the_fade_and_the_last_one_wins),
        cmocka_unit_test(it_gives_the_same_bits_at_any_block),
        cmocka_unit_test(a_move_does_not_click),
        cmocka_unit_test(nothing_is_asked_for_and_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
