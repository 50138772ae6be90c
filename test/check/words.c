/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/check.h"

#include "engine/demo.h"
#include "test/kit/dice.h"
#include "test/kit/exact.h"
#include "test/kit/reel.h"
#include "test/kit/tree.h"

#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, N = RATE * 12 };

static double sound[N * STEREO];

static struct report *
checked(const char *path)
{
    static const struct check_options o = {.threads = 2};
    struct report *r;
    struct err e = {""};

    if (check_file(&r, path, &o, &e) != OK)
        fail_msg("%s", e.text);
    return r;
}

static const struct finding *
found(const struct report *r, const char *kind)
{
    for (int i = 0; i < report_findings(r); i++)
        if (strcmp(report_finding(r, i)->kind, kind) == 0)
            return report_finding(r, i);
    return NULL;
}

static const char *const kinds[] = {"zero_padded",      "mostly_16_bit",   "regular_gaps",
                                    "over_range_float", "undithered_fade", "truncated"};

/* No other of this inspector's kinds than `but` (NULL: none at all). */
static void
assert_only(const struct report *r, const char *but)
{
    for (size_t i = 0; i < LEN(kinds); i++)
        if (found(r, kinds[i]) && (!but || strcmp(kinds[i], but) != 0))
            fail_msg("%s: %s", kinds[i], found(r, kinds[i])->what);
    if (but && !found(r, but))
        fail_msg("no %s", but);
}

static const char *
write_as(const char *name, int format, int nframes)
{
    SF_INFO info = {.samplerate = RATE, .channels = 2, .format = format};
    SNDFILE *s = sf_open(tree_path(name), SFM_WRITE, &info);

    assert_non_null(s);
    exact_write(s, format, STEREO, sound, nframes);
    sf_close(s);
    return tree_path(name);
}

static void
programme(double gain)
{
    struct demo d;

    assert_int_equal(demo_prepare(&d, RATE), OK);
    demo_read(&d, 0, sound, N);
    for (int i = 0; i < N * STEREO; i++)
        sound[i] *= gain;
}

static void
cut_to(int channel, int bits)
{
    double top = ldexp(1.0, bits - 1);

    for (int i = 0; i < N; i++)
        sound[i * STEREO + channel] = rint(sound[i * STEREO + channel] * top) / top;
}

static void
cut_both_to(int bits)
{
    cut_to(0, bits);
    cut_to(1, bits);
}

static void
sixteen_in_24_bit_are_told(void **state)
{
    struct report *r;

    (void)state;
    programme(0.5);
    r = checked(write_as("clean.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, N));
    assert_only(r, NULL);
    assert_true(report_number(r, "format/bits_in_use") == 24);
    report_close(r);
    cut_both_to(16);
    r = checked(write_as("padded.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, N));
    assert_non_null(found(r, "zero_padded"));
    assert_int_equal(found(r, "zero_padded")->severity, SEVERITY_WARN);
    assert_int_equal(found(r, "zero_padded")->channel, -1);
    assert_non_null(strstr(found(r, "zero_padded")->what, "16 bits"));
    assert_true(report_number(r, "format/bits_in_use") == 16);
    report_close(r);
    r = checked(write_as("padded.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, N));
    assert_non_null(found(r, "zero_padded"));
    report_close(r);
    r = checked(write_as("own.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, N));
    assert_null(found(r, "zero_padded"));
    report_close(r);
}

static void
twenty_four_in_32_bit_are_only_noted(void **state)
{
    struct report *r;

    (void)state;
    programme(0.5);
    cut_both_to(24);
    r = checked(write_as("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_32, N));
    assert_only(r, "zero_padded");
    assert_int_equal(found(r, "zero_padded")->severity, SEVERITY_NOTE);
    report_close(r);
    r = checked(write_as("b.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT,
                         N)); /* a float holds 24, and no more is promised */
    assert_only(r, NULL);
    report_close(r);
}

static void
one_padded_channel_is_named(void **state)
{
    struct report *r;

    (void)state;
    programme(0.5);
    cut_to(1, 16);
    r = checked(write_as("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, N));
    assert_int_equal(found(r, "zero_padded")->channel, 1);
    assert_int_equal(report_count(r, "zero_padded", SEVERITY_WARN), 1);
    report_close(r);
}

/* 16 bit with one second of 24. */
static void
a_few_places_of_24_bit_hide_nothing(void **state)
{
    static double whole[RATE * STEREO];
    struct report *r;

    (void)state;
    programme(0.5);
    memcpy(whole, sound, sizeof whole);
    cut_both_to(16);
    memcpy(sound, whole, sizeof whole);
    r = checked(write_as("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, N));
    assert_non_null(found(r, "mostly_16_bit"));
    assert_null(found(r, "zero_padded"));
    report_close(r);
}

static void
a_level_changed_without_dither_is_told(void **state)
{
    struct report *r;

    (void)state;
    for (int i = 0; i < N; i++) /* slow and uneven enough to go through all values */
        for (int c = 0; c < STEREO; c++)
            sound[i * STEREO + c] = 0.03 * sin(i * 0.0713 + c) * sin(i * 1.1e-4) + 0.02 * noise();
    cut_both_to(16);
    for (int i = 0; i < N * STEREO; i++)
        sound[i] *= 1.41;
    r = checked(write_as("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, N));
    assert_only(r, "regular_gaps");
    assert_non_null(strstr(found(r, "regular_gaps")->what, "360.9"));
    report_close(r);
}

static void
floats_beyond_full_scale_are_told(void **state)
{
    struct report *r;

    (void)state;
    programme(4.0);
    r = checked(write_as("a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, N));
    assert_only(r, "over_range_float");
    assert_true(report_number(r, "format/float_range") > 0.0);
    assert_true(report_number(r, "format/over_range") > 0.0);
    report_close(r);
    programme(0.9);
    r = checked(write_as("b.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, N));
    assert_only(r, NULL);
    assert_null(report_measured(r, "format/bits_in_use"));
    report_close(r);
}

/* A chord that falls by 20 dB a second from 4 s on: quiet at 6.5 s, gone at 8.4 s. */
static void
fade(void)
{
    for (int i = 0; i < N; i++) {
        double s = (double)i / RATE, down = s < 4.0 ? 1.0 : s < 10.0 ? pow(10.0, 4.0 - s) : 0.0;

        sound[i * STEREO] = 0.3 * down * (sin(2 * PI * 110.0 * s) + 0.5 * sin(2 * PI * 659.3 * s));
        sound[i * STEREO + 1] = 0.3 * down * (sin(2 * PI * 277.2 * s) + 0.5 * sin(2 * PI * 110.0 * s));
    }
}

static void
an_undithered_fade_is_told_at_its_place(void **state)
{
    static const enum dither_shape shapes[] = {DITHER_TPDF, DITHER_LIGHT, DITHER_MEDIUM, DITHER_STRONG};
    const struct finding *u;
    struct report *r;
    struct soundwriter *w;

    (void)state;
    fade();
    reel_write(tree_path("cut.wav"), RATE, SOUND_WAV16, false, sound, N);
    r = checked(tree_path("cut.wav"));
    assert_only(r, "undithered_fade");
    u = found(r, "undithered_fade");
    assert_int_equal(report_count(r, "undithered_fade", SEVERITY_WARN), 1);
    assert_int_equal(u->channel, -1);
    assert_true(u->from_s >= 6.0 && u->from_s <= 8.0);
    assert_true(u->to_s >= 8.0 && u->to_s <= 9.0);
    report_close(r);
    for (size_t i = 0; i < LEN(shapes); i++) {
        struct dither_settings d = {.shape = shapes[i], .seed = 3, .blank = i % 2};
        char name[32];

        snprintf(name, sizeof name, "%zu.wav", i);
        assert_int_equal(soundwriter_open(&w, tree_path(name), RATE, SOUND_WAV16, &d, NULL), OK);
        assert_int_equal(soundwriter_write(w, sound, N, NULL), OK);
        assert_int_equal(soundwriter_close(w, NULL), OK);
        r = checked(tree_path(name));
        assert_only(r, NULL);
        report_close(r);
    }
}

/* Loud, synthetic, plain: nothing of it is a fault of its words. */
static void
honest_files_of_all_sorts_are_clean(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++)
        for (int wide = 0; wide <= 1; wide++) {
            struct report *r;

            programme(kind == 0 ? 6.0 : 0.5);
            for (int i = 0; i < N * STEREO; i++) {
                int k = i / STEREO;

                switch (kind) {
                case 0: sound[i] = tanh(sound[i]); break;
                case 1: sound[i] = k / 109 % 2 ? 0.7 : -0.7; break;
                case 2: sound[i] = 0.9 * sin(2 * PI * 997.0 * k / RATE); break;
                case 3: sound[i] = 0.0; break;
                case 4: sound[i] = 0.9 * noise(); break;
                default: sound[i] = exp(-(k % 24000) * 1e-3) * noise(); break;
                }
            }
            r = checked(write_as("a.wav", SF_FORMAT_WAV | (wide ? SF_FORMAT_PCM_24 : SF_FORMAT_PCM_16), N));
            assert_only(r, NULL);
            report_close(r);
        }
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tree_clear)
    static const struct CMUnitTest tests[] = {
        TEST(sixteen_in_24_bit_are_told),
        TEST(twenty_four_in_32_bit_are_only_noted),
        TEST(one_padded_channel_is_named),
        TEST(a_few_places_of_24_bit_hide_nothing),
        TEST(a_level_changed_without_dither_is_told),
        TEST(floats_beyond_full_scale_are_told),
        TEST(an_undithered_fade_is_told_at_its_place),
        TEST(honest_files_of_all_sorts_are_clean),
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
