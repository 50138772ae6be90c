/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/truncation.h"

#include "dsp/dither.h"
#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, SECONDS = 12, N = RATE * SECONDS };

static double x[N];
static struct truncation t;

static void
judge_blocks(int block)
{
    truncation_prepare(&t, RATE, 1);
    for (int at = 0; at < N; at += block) {
        const double *in[1] = {x + at};

        truncation_process(&t, in, N - at < block ? N - at : block);
    }
    truncation_finish(&t);
}

static void
judge(void)
{
    judge_blocks(4096);
}

/* A chord that falls by 20 dB a second from the 4th second on. */
static void
fade(double gain)
{
    for (int i = 0; i < N; i++) {
        double s = (double)i / RATE, down = s < 4.0 ? 1.0 : pow(10.0, 4.0 - s);

        x[i] = gain * down *
               (sin(2 * PI * 110.0 * s) + 0.7 * sin(2 * PI * 277.2 * s) + 0.4 * sin(2 * PI * 659.3 * s));
    }
}

static void
cut_to(int bits)
{
    double top = ldexp(1.0, bits - 1);

    for (int i = 0; i < N; i++)
        x[i] = rint(x[i] * top) / top;
}

/* By our own dither, as render writes it. */
static void
dither_to(int bits, enum dither_shape shape, bool blank)
{
    static double in[N * STEREO];
    static int32_t out[N * STEREO];
    struct dither_settings s = {.shape = shape, .seed = 5, .blank = blank};
    struct dither d;

    for (int i = 0; i < N; i++)
        in[2 * i] = in[2 * i + 1] = x[i];
    assert_int_equal(dither_prepare(&d, bits, shape == DITHER_TPDF ? RATE : 44100, &s), OK);
    dither_process(&d, in, out, N);
    for (int i = 0; i < N; i++)
        x[i] = out[2 * i] * ldexp(1.0, 1 - bits);
}

/* -60 dBFS RMS is reached 2.5 s into the fade (6.5 s), the last value but 0 at 8.3 s. */
static void
a_fade_cut_to_16_bit_is_told_at_its_place(void **state)
{
    double from_s, to_s;

    (void)state;
    fade(0.3);
    cut_to(16);
    judge();
    assert_int_equal(t.npassages, 1);
    from_s = (double)t.passage[0].from / RATE;
    to_s = (double)t.passage[0].to / RATE;
    assert_true(from_s >= 6.0 && from_s <= 8.0);
    assert_true(to_s >= 8.0 && to_s <= 9.0);
    assert_int_equal(t.passage[0].bits, 16);
    assert_true(t.passage[0].stay >= TRUNCATION_STAY);
    assert_true(t.passage[0].first > t.passage[0].last);
}

static void
a_fade_in_24_bit_that_holds_16_is_told_too(void **state)
{
    fade(0.3);
    cut_to(16);
    cut_to(24);
    judge();
    assert_int_equal(t.npassages, 1);
    a_fade_cut_to_16_bit_is_told_at_its_place(state);
}

static void
a_dithered_fade_is_clean(void **state)
{
    static const enum dither_shape shapes[] = {DITHER_TPDF, DITHER_LIGHT, DITHER_MEDIUM, DITHER_STRONG};

    (void)state;
    for (size_t i = 0; i < LEN(shapes); i++)
        for (int blank = 0; blank <= 1; blank++) {
            fade(0.3);
            for (int k = 10 * RATE; k < N; k++)
                x[k] = 0.0;
            dither_to(16, shapes[i], blank);
            judge();
            assert_int_equal(t.npassages, 0);
        }
}

/* Any resting value: TPDF keeps one longest half-way between two dices' ends. */
static void
dither_on_nothing_is_clean(void **state)
{
    (void)state;
    for (int offset = 0; offset < 8; offset++) {
        for (int i = 0; i < N; i++)
            x[i] = (offset / 8.0 + 3.0 * sin(i * 1e-4)) * 0x1p-15;
        dither_to(16, DITHER_TPDF, false);
        judge();
        assert_int_equal(t.npassages, 0);
    }
}

static void
a_quiet_tone_is_clean_when_dithered_and_told_when_not(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        x[i] = 0x1p-13 * sin(2 * PI * 100.0 * i / RATE);
    dither_to(16, DITHER_TPDF, false);
    judge();
    assert_int_equal(t.npassages, 0);
    for (int i = 0; i < N; i++)
        x[i] = 0x1p-13 * sin(2 * PI * 100.0 * i / RATE);
    cut_to(16);
    judge();
    assert_int_equal(t.npassages, 1);
    assert_int_equal(t.passage[0].from, 0);
    assert_int_equal(t.passage[0].to, N);
}

static void
low_square_waves_are_clean(void **state)
{
    (void)state;
    for (int amplitude = 1; amplitude <= 30; amplitude++) {
        for (int i = 0; i < N; i++)
            x[i] = (i / 240 % 2 ? amplitude : -amplitude) * 0x1p-15;
        judge();
        assert_int_equal(t.npassages, 0);
    }
}

static void
silence_and_a_resting_value_are_clean(void **state)
{
    (void)state;
    memset(x, 0, sizeof x);
    judge();
    assert_int_equal(t.npassages, 0);
    for (int i = 0; i < N; i++)
        x[i] = 3 * 0x1p-15;
    judge();
    assert_int_equal(t.npassages, 0);
}

/* Drum hits whose gate closes, with digital silence between: short, and never long in the last bits. */
static void
gated_hits_are_clean(void **state)
{
    (void)state;
    dice_state = 4;
    for (int i = 0; i < N; i++) {
        double s = fmod((double)i / RATE, 0.5);

        x[i] = s < 0.25 ? exp(-s * 20) * noise() : 0.0;
    }
    cut_to(16);
    judge();
    assert_int_equal(t.npassages, 0);
}

/* Hiss of half a step is dither enough. */
static void
a_fade_into_its_own_hiss_is_clean(void **state)
{
    (void)state;
    dice_state = 4;
    fade(0.3);
    for (int i = 0; i < N; i++)
        x[i] += (noise() + noise() + noise()) * 0.5 * 0x1p-15;
    cut_to(16);
    judge();
    assert_int_equal(t.npassages, 0);
}

static void
what_is_cut_at_24_bit_or_not_at_all_is_clean(void **state)
{
    (void)state;
    fade(0.3);
    judge();
    assert_int_equal(t.npassages, 0);
    cut_to(24);
    judge();
    assert_int_equal(t.npassages, 0);
}

static void
same_answer_at_any_block(void **state)
{
    static const int blocks[] = {1, 63, 64, 1000, 24000, N};
    static struct truncation want;

    (void)state;
    fade(0.3);
    cut_to(16);
    judge_blocks(blocks[0]);
    want = t;
    assert_int_equal(want.npassages, 1);
    for (size_t i = 1; i < LEN(blocks); i++) {
        judge_blocks(blocks[i]);
        assert_int_equal(t.npassages, want.npassages);
        assert_memory_equal(t.passage, want.passage, sizeof want.passage);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fade_cut_to_16_bit_is_told_at_its_place),
        cmocka_unit_test(a_fade_in_24_bit_that_holds_16_is_told_too),
        cmocka_unit_test(a_dithered_fade_is_clean),
        cmocka_unit_test(dither_on_nothing_is_clean),
        cmocka_unit_test(a_quiet_tone_is_clean_when_dithered_and_told_when_not),
        cmocka_unit_test(low_square_waves_are_clean),
        cmocka_unit_test(silence_and_a_resting_value_are_clean),
        cmocka_unit_test(gated_hits_are_clean),
        cmocka_unit_test(a_fade_into_its_own_hiss_is_clean),
        cmocka_unit_test(what_is_cut_at_24_bit_or_not_at_all_is_clean),
        cmocka_unit_test(same_answer_at_any_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
