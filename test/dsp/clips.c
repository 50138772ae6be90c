/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/clips.h"

#include "test/kit/dice.h"
#include "test/kit/programme.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, FRAMES = 2 * RATE };

static double sound[FRAMES];

static struct clips_found
find(double step, int block)
{
    struct clips k;
    struct clips_found f;

    assert_int_equal(clips_prepare(&k, RATE, 1, step), OK);
    for (int i = 0; i < FRAMES; i += block) {
        const double *in[] = {sound + i};

        clips_process(&k, in, FRAMES - i < block ? FRAMES - i : block);
    }
    clips_finish(&k);
    f = clips_read(&k, 0);
    clips_free(&k);
    return f;
}

static void
make_tone(double freq_hz, double gain, double ceiling)
{
    for (int i = 0; i < FRAMES; i++)
        sound[i] = fmax(-ceiling, fmin(ceiling, gain * sin(2.0 * PI * fmod(freq_hz * i / RATE, 1.0))));
}

/* 2 s of 440 Hz have 880 tops and as many bottoms. One more or less for those cut in two by the ends. */
static void
each_cut_top_is_counted(void **state)
{
    (void)state;
    make_tone(440.0, 1.2, 1.0);
    assert_in_range(find(0.0, FRAMES).marks.count, 1758, 1761);
    make_tone(440.0, 1.2 * 0.3, 0.3); /* and far below full scale */
    assert_in_range(find(0.0, FRAMES).marks.count, 1758, 1761);
    assert_true(fabs(find(0.0, FRAMES).level - 0.3) < 1e-9);
}

static void
a_single_cut_top_is_found_to_the_frame(void **state)
{
    static const int lengths[] = {3, 4, 9, 30};

    (void)state;
    for (size_t k = 0; k < LEN(lengths); k++) {
        struct clips_found f;

        make_tone(97.3, 0.5, 1.0);
        for (int i = 0; i < 200; i++) { /* a hill, cut off at 0.9 */
            double slope = fabs(i - 100 + (lengths[k] % 2 ? 0.0 : 0.5)) - 0.5 * (lengths[k] - 1);

            sound[30000 + i] = fmax(sound[30000 + i], 0.9 - 0.01 * fmax(0.0, slope));
        }
        f = find(0x1p-15, FRAMES);
        assert_int_equal(f.marks.count, 1);
        assert_int_equal(f.longest, lengths[k]);
        assert_int_equal(f.marks.mark[0].frame, 30100 - lengths[k] / 2);
    }
}

/* Whole waves whose tops are flat only because steps are coarse. */
static void
whole_tops_are_none(void **state)
{
    static const double freqs_hz[] = {20.0, 31.0, 50.0, 100.0, 997.0, 12000.0};
    static const int bits[] = {8, 12, 16, 24};

    (void)state;
    for (size_t k = 0; k < LEN(freqs_hz); k++)
        for (size_t b = 0; b < LEN(bits); b++)
            for (int dither = 0; dither < 2; dither++)
                for (double gain = 1.0; gain > 0.005; gain *= 0.3) {
                    make_tone(freqs_hz[k], gain, 1.0);
                    programme_round(sound, FRAMES, bits[b], dither);
                    assert_int_equal(find(ldexp(1.0, 1 - bits[b]), FRAMES).marks.count, 0);
                }
}

/* 24 bit words that hold 16 bits: the steps are those of 16. */
static void
padded_words_are_taken_for_what_they_are(void **state)
{
    (void)state;
    make_tone(31.0, 0.7, 1.0);
    programme_round(sound, FRAMES, 16, 0);
    assert_int_equal(find(0x1p-23, FRAMES).marks.count, 0);
}

static void
a_higher_sample_forgets_what_was_below(void **state)
{
    (void)state;
    make_tone(440.0, 1.0, 0.7);
    sound[FRAMES - 1000] = 0.9;
    sound[FRAMES - 900] = -0.9;
    assert_int_equal(find(0.0, FRAMES).marks.count, 0);
}

static void
only_what_a_float_holds_is_over(void **state)
{
    struct clips k;
    const double *in[] = {sound};

    (void)state;
    make_tone(440.0, 1.0, 1.0);
    sound[5000] = 1.3;
    sound[5001] = -1.1;
    sound[50000] = -1.2;
    clips_prepare(&k, RATE, 1, 0.0);
    clips_process(&k, in, FRAMES);
    clips_finish(&k);
    assert_int_equal(k.over[0].count, 3);
    assert_int_equal(k.over[0].marks.count, 2);
    assert_int_equal(k.over[0].marks.mark[0].frame, 5000);
    assert_int_equal(k.over[0].marks.mark[0].length, 2);
    assert_true(k.over[0].top == 1.3);
    clips_free(&k);
}

static void
same_bits_at_any_block(void **state)
{
    static const int blocks[] = {1, 7, 255, 4096};
    struct clips_found want;

    (void)state;
    dice_state = 4;
    for (int i = 0; i < FRAMES; i++)
        sound[i] = fmax(-0.8, fmin(0.8, noise() + 0.5 * sin(0.01 * i)));
    want = find(0.0, FRAMES);
    assert_true(want.marks.count > 100);
    for (size_t i = 0; i < LEN(blocks); i++) {
        struct clips_found got = find(0.0, blocks[i]);

        assert_memory_equal(&got, &want, sizeof got);
    }
}

static void
odd_formats_are_refused(void **state)
{
    struct clips k;

    (void)state;
    assert_int_equal(clips_prepare(&k, 4000, 2, 0.0), BAD_ARG);
    assert_int_equal(clips_prepare(&k, RATE, 9, 0.0), BAD_ARG);
    clips_free(&k);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cut_top_is_counted),
        cmocka_unit_test(a_single_cut_top_is_found_to_the_frame),
        cmocka_unit_test(whole_tops_are_none),
        cmocka_unit_test(padded_words_are_taken_for_what_they_are),
        cmocka_unit_test(a_higher_sample_forgets_what_was_below),
        cmocka_unit_test(only_what_a_float_holds_is_over),
        cmocka_unit_test(same_bits_at_any_block),
        cmocka_unit_test(odd_formats_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
