/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/gaps.h"

#include "test/kit/dice.h"
#include "test/kit/programme.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SECONDS = 5, MOST = SECONDS * 192000 };

static double sound[2][MOST];

static void
hear(struct gaps *g, double rate_hz, int nch, int nframes, int block)
{
    assert_int_equal(gaps_prepare(g, rate_hz, nch), OK);
    for (int i = 0; i < nframes; i += block) {
        const double *in[CHUNKS_CHANNELS];

        for (int c = 0; c < nch; c++)
            in[c] = sound[c % 2] + i;
        gaps_process(g, in, nframes - i < block ? nframes - i : block);
    }
    gaps_finish(g);
    marks_sort(&g->dropouts);
}

static void
make(int programme, double rate_hz)
{
    for (int c = 0; c < 2; c++)
        programme_make(&programmes[programme], sound[c], (int)(SECONDS * rate_hz), rate_hz, c, -3.0);
}

static int
programme_named(const char *name)
{
    int i = 0;

    while (strcmp(programmes[i].name, name) != 0)
        i++;
    return i;
}

static void
assert_dropout_at(const struct gaps *g, int64_t frame, int64_t length, int channel)
{
    assert_int_equal(g->dropouts.count, 1);
    assert_true(llabs(g->dropouts.mark[0].frame - frame) <= 1); /* the last sample may be what is held */
    assert_true(llabs(g->dropouts.mark[0].length - length) <= 2);
    assert_int_equal(g->dropouts.mark[0].channel, channel);
}

/* Zeros and a held value, in one channel and in both, from 1.3 to 49 ms, at each rate. */
static void
dropouts_are_found_to_the_frame(void **state)
{
    static const char *const names[] = {"sine", "distorted", "voice", "AM"};
    static const double rates_hz[] = {44100, 48000, 96000, 192000}, lengths_ms[] = {1.3, 5.0, 49.0};
    struct gaps g;

    (void)state;
    for (size_t r = 0; r < LEN(rates_hz); r++)
        for (size_t k = 0; k < LEN(names); k++)
            for (size_t l = 0; l < LEN(lengths_ms); l++)
                for (int way = 0; way < 4; way++) {
                    int at = (int)(2.1 * rates_hz[r]), n = (int)(lengths_ms[l] * 0.001 * rates_hz[r]);

                    if (r && (l == 1 || k > 2)) /* the grid's corners do */
                        continue;
                    make(programme_named(names[k]), rates_hz[r]);
                    for (int c = 0; c < 1 + way / 2; c++)
                        for (int i = 0; i < n; i++)
                            sound[c][at + i] = way % 2 ? sound[c][at - 1] : 0.0;
                    hear(&g, rates_hz[r], 2, (int)(SECONDS * rates_hz[r]), 4096);
                    assert_dropout_at(&g, at, n, way / 2 ? -1 : 0);
                    gaps_free(&g);
                }
}

/* Where the wave is near zero by chance, or the music has just become quieter by 26 dB, a dropout looks like a rest. */
static void
dropouts_at_any_frame_of_music_are_nearly_all_found(void **state)
{
    static const char *const names[] = {"band", "noise", "dark noise", "drums"};
    enum { TRIES = 100, SPAN = 9600 };

    (void)state;
    for (size_t k = 0; k < LEN(names); k++)
        for (int held = 0; held < 2; held++) {
            int found = 0, tries = 0;

            for (int t = 0; t < TRIES; t++) {
                int at = 48000 + 1777 * t, n = 60 + 20 * t;
                double before = 0.0, behind = 0.0;
                const double *in[] = {sound[0] + at - SPAN};
                struct gaps g;

                if (t % 20 == 0)
                    make(programme_named(names[k]), 48000);
                for (int i = 0; i < 48; i++) {
                    before = fmax(before, fabs(sound[0][at - 1 - i]));
                    behind = fmax(behind, fabs(sound[0][at + n + i]));
                }
                if (before < 0.01 || behind < 0.01) /* -40 dBFS */
                    continue;
                tries++;
                memcpy(sound[1], sound[0] + at, sizeof(double) * (size_t)n);
                for (int i = 0; i < n; i++)
                    sound[0][at + i] = held ? sound[0][at - 1] : 0.0;
                assert_int_equal(gaps_prepare(&g, 48000, 1), OK);
                gaps_process(&g, in, 2 * SPAN + n);
                gaps_finish(&g);
                found += g.dropouts.count == 1 && llabs(g.dropouts.mark[0].frame - SPAN) <= 1;
                gaps_free(&g);
                memcpy(sound[0] + at, sound[1], sizeof(double) * (size_t)n);
            }
            print_message("# %s, %s: %d of %d\n", names[k], held ? "held" : "zero", found, tries);
            assert_true(100 * found >= 85 * tries && tries > 20);
        }
}

/* The other channel goes on: up to a second is a dropout. */
static void
one_channel_may_be_gone_for_longer(void **state)
{
    struct gaps g;

    (void)state;
    make(programme_named("band"), 48000);
    memset(sound[1] + 100000, 0, sizeof(double) * 24000);
    hear(&g, 48000, 2, 48000 * SECONDS, 4096);
    assert_dropout_at(&g, 100000, 24000, 1);
    gaps_free(&g);
}

static void
ordinary_sound_has_none(void **state)
{
    static const double rates_hz[] = {44100, 96000};
    struct gaps g;

    (void)state;
    for (size_t r = 0; r < LEN(rates_hz); r++)
        for (int p = 0; programmes[p].name; p++)
            for (int bits = 16; bits <= 24; bits += 8) {
                make(p, rates_hz[r]);
                for (int c = 0; c < 2; c++)
                    programme_round(sound[c], (int)(SECONDS * rates_hz[r]), bits, 0);
                hear(&g, rates_hz[r], 2, (int)(SECONDS * rates_hz[r]), 4096);
                if (g.dropouts.count)
                    print_error("%s\n", programmes[p].name);
                assert_int_equal(g.dropouts.count, 0);
                gaps_free(&g);
            }
}

static void
black_is_hard_where_the_sound_is_cut(void **state)
{
    struct gaps g;

    (void)state;
    make(programme_named("noise"), 48000);
    for (int c = 0; c < 2; c++) {
        memset(sound[c] + 60001, 0, sizeof(double) * 4000);
        for (int i = 0; i < 9600; i++) /* faded out and in again */
            sound[c][150000 + i] *= i < 480 ? 1.0 - i / 480.0 : i >= 9120 ? (i - 9119) / 480.0 : 0.0;
    }
    hear(&g, 48000, 2, 48000 * SECONDS, 4096);
    marks_sort(&g.zero.marks);
    assert_int_equal(g.zero.marks.count, 2);
    assert_int_equal(g.hard.count, 1);
    assert_int_equal(g.hard.mark[0].frame, 60001);
    assert_int_equal(g.hard.mark[0].length, 4000);
    assert_int_equal(g.zero.marks.mark[1].frame, 150480);
    assert_int_equal(g.zero.marks.mark[1].length, 9120 - 480);
    gaps_free(&g);
}

static void
silence_and_ends_are_measured_to_the_frame(void **state)
{
    struct gaps g;

    (void)state;
    memset(sound, 0, sizeof sound);
    for (int i = 0; i < 48000 * SECONDS; i++) {
        bool loud = (i >= 4801 && i < 48003) || (i >= 48003 + 80000 && i < 200007);

        sound[0][i] = i < 111 || i > 239000 ? 0.0 : (loud ? 0.5 : 0.0002) * (i % 2 ? 1.0 : -1.0);
    }
    hear(&g, 48000, 2, 48000 * SECONDS, 777);
    assert_int_equal(g.zero.head, 111);
    assert_int_equal(g.faint.head, 4801);
    assert_int_equal(gaps_tail(&g, &g.faint), 48000 * SECONDS - 200007);
    assert_int_equal(gaps_tail(&g, &g.zero), 48000 * SECONDS - 239001);
    assert_int_equal(g.quiet.marks.count, 1);
    assert_int_equal(g.quiet.marks.mark[0].frame, 48003);
    assert_int_equal(g.quiet.marks.mark[0].length, 80000);
    gaps_free(&g);
}

static void
any_length_and_rate_is_survived(void **state)
{
    static const double rates_hz[] = {8000, 44100, 384000};
    static const int lengths[] = {1, 2, 47, 5000};
    struct gaps g;

    (void)state;
    dice_state = 3;
    for (int i = 0; i < 5000; i++)
        sound[0][i] = sound[1][i] = noise() < 0.0 ? 1.0 : -1.0;
    for (size_t r = 0; r < LEN(rates_hz); r++)
        for (size_t l = 0; l < LEN(lengths); l++)
            for (int nch = 1; nch <= 8; nch++) {
                hear(&g, rates_hz[r], nch, lengths[l], 4096);
                assert_int_equal(g.frames, lengths[l]);
                assert_true(g.first == 1.0 && g.last == 1.0);
                assert_int_equal(gaps_tail(&g, &g.zero), 0);
                gaps_free(&g);
            }
}

static void
same_bits_at_any_block(void **state)
{
    static const int blocks[] = {7, 1023, 100000};
    struct gaps want, got;

    (void)state;
    make(programme_named("band"), 48000);
    for (int k = 0; k < 40; k++)
        memset(sound[k % 2] + 5500 * k + 1000, 0, sizeof(double) * (size_t)(40 + 37 * k));
    hear(&want, 48000, 2, 48000 * SECONDS, 1);
    assert_true(want.dropouts.count > 20);
    for (size_t i = 0; i < LEN(blocks); i++) {
        hear(&got, 48000, 2, 48000 * SECONDS, blocks[i]);
        assert_memory_equal(&got.dropouts, &want.dropouts, sizeof want.dropouts);
        assert_memory_equal(&got.zero, &want.zero, sizeof want.zero);
        assert_memory_equal(&got.faint, &want.faint, sizeof want.faint);
        gaps_free(&got);
    }
    gaps_free(&want);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dropouts_are_found_to_the_frame),
        cmocka_unit_test(dropouts_at_any_frame_of_music_are_nearly_all_found),
        cmocka_unit_test(one_channel_may_be_gone_for_longer),
        cmocka_unit_test(ordinary_sound_has_none),
        cmocka_unit_test(black_is_hard_where_the_sound_is_cut),
        cmocka_unit_test(silence_and_ends_are_measured_to_the_frame),
        cmocka_unit_test(any_length_and_rate_is_survived),
        cmocka_unit_test(same_bits_at_any_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
