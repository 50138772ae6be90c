/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/clicks.h"

#include "test/kit/dice.h"
#include "test/kit/programme.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SECONDS = 5, MOST = SECONDS * 192000, CLICKS = 11 };

static double sound[MOST], *many[CHUNKS_CHANNELS];

static void
hear(struct clicks *k, double rate_hz, int nch, double step, int nframes, int block)
{
    assert_int_equal(clicks_prepare(k, rate_hz, nch, step), OK);
    for (int i = 0; i < nframes; i += block) {
        const double *in[CHUNKS_CHANNELS];

        for (int c = 0; c < nch; c++)
            in[c] = (nch == 1 ? sound : many[c]) + i;
        clicks_process(k, in, nframes - i < block ? nframes - i : block);
    }
    clicks_finish(k);
}

static const struct programme *
named(const char *name)
{
    const struct programme *p = programmes;

    while (strcmp(p->name, name) != 0)
        p++;
    return p;
}

/* At 0.4 s distance, of so many frames at 48 kHz; returns how many of them are found within 1 ms. */
static int
found_of(const char *name, double rate_hz, int length, double size_db)
{
    int n = (int)(SECONDS * rate_hz), at[CLICKS], found = 0,
        wide = length == 1 ? 1 : (int)(length * rate_hz / 48000);
    struct clicks k;

    programme_make(named(name), sound, n, rate_hz, 0, -6.0);
    dice_state = 77;
    for (int c = 0; c < CLICKS; c++) {
        at[c] = (int)(rate_hz * (0.4 * (c + 1) + 0.1 * chance()));
        for (int i = 0; i < wide; i++)
            sound[at[c] + i] += 0.5 * pow(10.0, size_db / 20.0) *
                                (length == 1     ? 1.0
                                 : noise() < 0.0 ? -1.0
                                                 : 1.0);
    }
    hear(&k, rate_hz, 1, 0x1p-23, n, 4096);
    for (int c = 0; c < CLICKS; c++)
        for (int i = 0; i < k.kept; i++)
            if (fabs((double)(k.found[i].frame - at[c])) <= 0.001 * rate_hz) {
                found++;
                break;
            }
    clicks_free(&k);
    return found;
}

/* Sizes against the programme's own peak. What is all found is found at every rate and length. */
static void
clicks_on_tones_are_all_found_from_40_db_below_on(void **state)
{
    static const char *const names[] = {"sine", "low sine", "high sine", "AM"};
    static const double rates_hz[] = {44100, 48000, 96000, 192000};

    (void)state;
    for (size_t k = 0; k < LEN(names); k++)
        for (size_t r = 0; r < LEN(rates_hz); r++)
            for (double size_db = -40.0; size_db <= 0.0; size_db += 20.0) {
                assert_int_equal(found_of(names[k], rates_hz[r], 1, size_db), CLICKS);
                assert_int_equal(found_of(names[k], rates_hz[r], 5, size_db), CLICKS);
            }
}

/* Where drums and cymbals are louder than what is looked for, some stay hidden: the share, not each. */
static void
clicks_in_music_are_mostly_found_at_its_peak(void **state)
{
    static const char *const names[] = {"drums", "band", "fade", "dark noise"};
    static const int lengths[] = {1, 5, 50};

    (void)state;
    for (size_t k = 0; k < LEN(names); k++)
        for (size_t l = 0; l < LEN(lengths); l++) {
            int loud = found_of(names[k], 48000, lengths[l], 0.0),
                low = found_of(names[k], 48000, lengths[l], -12.0);

            print_message("# %s, %d frames: %d and %d of %d at 0 and -12 dB\n", names[k], lengths[l], loud,
                          low, CLICKS);
            assert_true(loud >= 9);
            assert_true(low >= 5);
        }
}

/* Its place to the frame, its size within 1 dB, its channel. */
static void
a_click_is_measured(void **state)
{
    struct clicks k;

    (void)state;
    for (int nch = 2; nch <= CHUNKS_CHANNELS; nch += 3) {
        for (int c = 0; c < nch; c++) {
            many[c] = malloc(sizeof(double) * 48000);
            programme_make(named("sine"), many[c], 48000, 48000, c, -6.0);
        }
        for (int i = 0; i < 7; i++)
            many[nch - 1][20000 + i] += i % 2 ? 0.1 : -0.1;
        hear(&k, 48000, nch, 0x1p-23, 48000, 4096);
        assert_int_equal(k.count, 1);
        assert_int_equal(k.found[0].channel, nch - 1);
        assert_int_equal(k.found[0].frame, 20000);
        assert_int_equal(k.found[0].length, 7);
        assert_true(fabs(20.0 * log10(k.found[0].peak / 0.1)) < 1.0);
        clicks_free(&k);
        for (int c = 0; c < nch; c++)
            free(many[c]);
    }
}

static void
ordinary_sound_has_none(void **state)
{
    static const double rates_hz[] = {44100, 48000, 96000, 192000};

    (void)state;
    for (size_t r = 0; r < LEN(rates_hz); r++)
        for (const struct programme *p = programmes; p->name; p++)
            for (int way = 0; way < 3; way++) {
                int n = (int)(SECONDS * rates_hz[r]), bits = way == 0 ? 24 : 16;
                struct clicks k;

                if (r > 1 && way)
                    continue;
                programme_make(p, sound, n, rates_hz[r], way, way == 1 ? -30.0 : -1.0);
                programme_round(sound, n, bits, way == 2);
                hear(&k, rates_hz[r], 1, ldexp(1.0, 1 - bits), n, 4096);
                if (k.count)
                    print_error("%s at %g Hz, %d bit, from frame %ld\n", p->name, rates_hz[r], bits,
                                (long)k.found[0].frame);
                assert_int_equal(k.count, 0);
                clicks_free(&k);
            }
}

static void
any_length_and_rate_is_survived(void **state)
{
    static const double rates_hz[] = {8000, 44100, 384000};
    static const int lengths[] = {1, 100, 30000};
    struct clicks k;

    (void)state;
    dice_state = 3;
    for (int way = 0; way < 3; way++)
        for (size_t r = 0; r < LEN(rates_hz); r++)
            for (size_t l = 0; l < LEN(lengths); l++) {
                for (int i = 0; i < lengths[l]; i++)
                    sound[i] = way == 0 ? 0.0 : way == 1 ? (noise() < 0.0 ? 1.0 : -1.0) : 1e6 * noise();
                hear(&k, rates_hz[r], 1, 0.0, lengths[l], 4096);
                assert_int_equal(k.count, 0);
                clicks_free(&k);
            }
    assert_int_equal(clicks_prepare(&k, 7999, 1, 0.0), BAD_ARG);
}

static void
same_bits_at_any_block(void **state)
{
    static const int blocks[] = {7, 1023, 100000};
    struct clicks want, got;

    (void)state;
    programme_make(named("band"), sound, 240000, 48000, 0, -3.0);
    for (int i = 5000; i < 230000; i += 9001)
        sound[i] += 0.5;
    hear(&want, 48000, 1, 0.0, 240000, 1);
    assert_true(want.count > 8);
    for (size_t i = 0; i < LEN(blocks); i++) {
        hear(&got, 48000, 1, 0.0, 240000, blocks[i]);
        assert_int_equal(got.count, want.count);
        assert_memory_equal(got.found, want.found, sizeof want.found);
        clicks_free(&got);
    }
    clicks_free(&want);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clicks_on_tones_are_all_found_from_40_db_below_on),
        cmocka_unit_test(clicks_in_music_are_mostly_found_at_its_peak),
        cmocka_unit_test(a_click_is_measured),
        cmocka_unit_test(ordinary_sound_has_none),
        cmocka_unit_test(any_length_and_rate_is_survived),
        cmocka_unit_test(same_bits_at_any_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
