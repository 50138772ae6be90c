/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/wordlength.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { N = 10000 };

static double x[N];

/* Noise on a grid of that many bits. */
static void
rubble(int bits)
{
    for (int i = 0; i < N; i++)
        x[i] = floor(noise() * ldexp(1.0, bits - 1)) * ldexp(1.0, 1 - bits);
}

static struct wordlength
measured(int bits, int block)
{
    const double *in[1];
    struct wordlength w;

    wordlength_prepare(&w, bits, 1);
    for (int at = 0; at < N; at += block) {
        in[0] = x + at;
        wordlength_process(&w, in, N - at < block ? N - at : block);
    }
    return w;
}

static void
each_depth_is_found_in_each_container(void **state)
{
    static const int containers[] = {8, 16, 20, 24, 32};

    (void)state;
    for (size_t i = 0; i < LEN(containers); i++)
        for (int bits = 2; bits <= containers[i]; bits++) {
            struct wordlength w;

            rubble(bits);
            w = measured(containers[i], 777);
            assert_int_equal(wordlength_in_use(&w, 0), bits);
            assert_int_equal(w.channel[0].inexact, 0);
        }
}

static void
full_scale_either_way_is_a_word(void **state)
{
    struct wordlength w;

    (void)state;
    memset(x, 0, sizeof x);
    x[5] = -1.0;
    w = measured(32, N);
    assert_int_equal(wordlength_in_use(&w, 0), 1);
    x[6] = 1.0 - 0x1p-31;
    w = measured(32, N);
    assert_int_equal(wordlength_in_use(&w, 0), 32);
    assert_int_equal(w.channel[0].over, 0);
    assert_int_equal(w.channel[0].nonzero, 2);
}

static void
silence_uses_no_bit(void **state)
{
    struct wordlength w;

    (void)state;
    memset(x, 0, sizeof x);
    w = measured(24, N);
    assert_int_equal(wordlength_in_use(&w, 0), 0);
    assert_int_equal(w.channel[0].nonzero, 0);
}

static void
a_float_that_no_24_bit_hold_is_told(void **state)
{
    struct wordlength w;

    (void)state;
    rubble(24);
    w = measured(WORDLENGTH_FLOAT, 64);
    assert_int_equal(wordlength_in_use(&w, 0), 24);
    x[N - 1] = 1.0 / 3.0;
    w = measured(WORDLENGTH_FLOAT, 64);
    assert_int_equal(wordlength_in_use(&w, 0), 25);
    assert_int_equal(w.channel[0].inexact, 1);
    x[N - 1] = 1e300; /* garbage is no trap */
    x[N - 2] = 0x1p-1074;
    w = measured(WORDLENGTH_FLOAT, 64);
    assert_int_equal(w.channel[0].inexact, 2);
    assert_true(w.channel[0].peak == 1e300);
}

static void
samples_beyond_full_scale_are_counted(void **state)
{
    struct wordlength w;

    (void)state;
    for (int i = 0; i < N; i++)
        x[i] = i % 100 == 0 ? -1.25 : i % 2 ? 1.0 : -1.0;
    w = measured(WORDLENGTH_FLOAT, 333);
    assert_int_equal(w.channel[0].over, N / 100);
    assert_true(w.channel[0].peak == 1.25);
}

static void
samples_that_need_16_bit_only_are_counted(void **state)
{
    struct wordlength w;

    (void)state;
    rubble(16);
    for (int i = 0; i < N; i++)
        x[i] = x[i] == 0.0 ? 0.5 : x[i];
    for (int i = 0; i < 100; i++)
        x[i] = 3 * 0x1p-23;
    w = measured(24, 100);
    assert_int_equal(w.channel[0].coarse16, N - 100);
    assert_int_equal(w.channel[0].nonzero, N);
    assert_int_equal(wordlength_in_use(&w, 0), 24);
}

static void
same_answer_at_any_block(void **state)
{
    static const int blocks[] = {1, 7, 64, 1024, N};
    struct wordlength first;

    (void)state;
    rubble(22);
    first = measured(24, blocks[0]);
    for (size_t i = 1; i < LEN(blocks); i++) {
        struct wordlength w = measured(24, blocks[i]);

        assert_memory_equal(&w, &first, sizeof w);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_depth_is_found_in_each_container),
        cmocka_unit_test(full_scale_either_way_is_a_word),
        cmocka_unit_test(silence_uses_no_bit),
        cmocka_unit_test(a_float_that_no_24_bit_hold_is_told),
        cmocka_unit_test(samples_beyond_full_scale_are_counted),
        cmocka_unit_test(samples_that_need_16_bit_only_are_counted),
        cmocka_unit_test(same_answer_at_any_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
