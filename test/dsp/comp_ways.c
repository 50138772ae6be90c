/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The compressor's ways: sound that comes late, a part of the picture, another's sound to go by, and who listens to it.
 */
#include "dsp/comp.h"

#include "test/kit/dice.h"
#include "test/kit/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MAX_FRAMES = 1 << 17 };

static double sound[STEREO][MAX_FRAMES], before[STEREO][MAX_FRAMES];
static double *const io[STEREO] = {sound[0], sound[1]};

static const struct comp_settings usual = {.threshold_db = -24.0,
                                           .ratio = 4.0,
                                           .attack_ms = 10.0,
                                           .release_ms = 100.0,
                                           .knee_db = 6.0,
                                           .makeup_db = 4.0,
                                           .mix = 100.0,
                                           .range_db = 60,
                                           .link = 100,
                                           .sidechain_hpf_hz = 80.0};

/* Bass and noise bursts, not the same on both sides. */
static void
make_programme(double rate, int n)
{
    dice_state = 1;
    for (int i = 0; i < n; i++) {
        double t = i / rate, burst = exp(-fmod(t, 0.11) * 30.0);

        sound[0][i] = before[0][i] = 0.4 * sin(2.0 * PI * 55.0 * t) + 0.5 * burst * noise();
        sound[1][i] = before[1][i] = 0.4 * sin(2.0 * PI * 55.0 * t) + 0.4 * burst * noise();
    }
}

static void
make_constant(double amplitude, int from, int to)
{
    for (int i = from; i < to; i++)
        sound[0][i] = sound[1][i] = before[0][i] = before[1][i] = amplitude;
}

static void
start(struct comp *c, double rate, const struct comp_settings *s)
{
    assert_int_equal(comp_prepare(c, rate), OK);
    comp_set(c, s);
}

/* What is taken away from a level well above the knee. */
static double
reduction_db(double level_db)
{
    return (level_db - usual.threshold_db) * (1.0 - 1.0 / usual.ratio);
}

/* --- look-ahead ------------------------------------------------------------------------------------ */

/* Where a quiet click that goes in at frame `at` comes out; 10000 frames. */
static int
click_after(struct comp *c, int at)
{
    int found = -1;

    memset(sound, 0, sizeof sound);
    sound[0][at] = sound[1][at] = 1e-3;
    comp_process(c, io, 10000);
    for (int i = 0; i < 10000; i++) {
        assert_true((sound[0][i] != 0.0) == (sound[1][i] != 0.0));
        if (sound[0][i] != 0.0) {
            assert_int_equal(found, -1);
            found = i;
        }
    }
    return found - at;
}

static void
latency_is_the_look_ahead(void **state)
{
    static const double rates[] = {8000.0, 44100.0, 48000.0, 192000.0, 384000.0};
    static const double lookahead_ms[] = {0.0, 0.01, 0.5, 1.5, 5.0};

    (void)state;
    for (size_t r = 0; r < LEN(rates); r++)
        for (size_t k = 0; k < LEN(lookahead_ms); k++) {
            struct comp_settings s = usual;
            struct comp c;

            s.lookahead_ms = lookahead_ms[k];
            start(&c, rates[r], &s);
            assert_int_equal(comp_latency_frames(&c), (int)(lookahead_ms[k] * rates[r] * 1e-3 + 0.5));
            assert_true(comp_latency_frames(&c) <= comp_latency_max_frames(&c));
            assert_int_equal(click_after(&c, 10), comp_latency_frames(&c));
            comp_free(&c);
        }
}

/* Told at once; heard when the fade is over. */
static void
latency_follows_a_move(void **state)
{
    struct comp_settings s = usual;
    struct comp c;

    (void)state;
    start(&c, 48000.0, &s);
    assert_int_equal(click_after(&c, 10), 0);
    s.lookahead_ms = 2.0;
    comp_set(&c, &s);
    assert_int_equal(comp_latency_frames(&c), 96);
    assert_int_equal(click_after(&c, 1000), 96);
    s.lookahead_ms = 0.0;
    comp_set(&c, &s);
    assert_int_equal(comp_latency_frames(&c), 0);
    assert_int_equal(click_after(&c, 1000), 0);
    comp_free(&c);
}

/* dB by which the first frame of a loud tone is turned down as it comes out; and that it still is where it ends. */
static double
onset_reduction_db(double lookahead_ms, double attack_ms)
{
    struct comp_settings s = usual;
    struct comp c;
    int at = 4800, latency;

    s.makeup_db = 0.0;
    s.lookahead_ms = lookahead_ms;
    s.attack_ms = attack_ms;
    s.sidechain_hpf_hz = 20.0;
    make_constant(1e-3, 0, at);
    make_constant(0.5, at, 9600);
    start(&c, 48000.0, &s);
    latency = comp_latency_frames(&c);
    comp_process(&c, io, 9600);
    comp_free(&c);
    return 20.0 * log10(0.5 / sound[0][at + latency]);
}

/* The attack has had the look-ahead and the frame itself to act in. */
static void
look_ahead_turns_down_before_the_peak_comes(void **state)
{
    double all = reduction_db(-6.0206);

    (void)state;
    for (double ms = 0.0; ms <= 5.0; ms += 1.0)
        assert_true(fabs(onset_reduction_db(ms, 2.0) - all * (1.0 - exp(-(ms + 1.0 / 48.0) / 2.0))) < 0.02);
}

static void
look_ahead_leaves_late_bits_where_nothing_is_to_do(void **state)
{
    struct comp_settings quiet = usual, dry = usual;
    const struct comp_settings *each[] = {&quiet, &dry};
    struct comp c;

    (void)state;
    quiet.lookahead_ms = dry.lookahead_ms = 3.0;
    quiet.threshold_db = quiet.makeup_db = 0.0;
    quiet.knee_db = 0.0;
    dry.mix = 0.0;
    for (int channels = CHANNELS_STEREO; channels <= CHANNELS_RIGHT; channels++)
        for (size_t k = 0; k < LEN(each); k++) {
            struct comp_settings s = *each[k];

            s.channels = channels;
            make_programme(48000.0, 24000);
            start(&c, 48000.0, &s);
            comp_process(&c, io, 24000);
            comp_free(&c);
            for (int i = 0; i < STEREO; i++)
                assert_memory_equal(sound[i] + 144, before[i], (24000 - 144) * sizeof(double));
        }
}

/* --- part of the picture, and another's sound ------------------------------------------------------ */

static void
only_the_chosen_part_is_changed(void **state)
{
    (void)state;
    for (int channels = CHANNELS_MID; channels <= CHANNELS_RIGHT; channels++) {
        struct comp_settings s = usual;
        double worst = 0.0, most = 0.0;
        struct comp c;

        s.channels = channels;
        make_programme(48000.0, 24000);
        start(&c, 48000.0, &s);
        comp_process(&c, io, 24000);
        comp_free(&c);
        for (int i = 0; i < 24000; i++) {
            double mid = sound[0][i] + sound[1][i] - (before[0][i] + before[1][i]);
            double side = sound[0][i] - sound[1][i] - (before[0][i] - before[1][i]);
            double left = sound[0][i] - before[0][i], right = sound[1][i] - before[1][i];
            const double kept[] = {0.0, side, mid, right, left}, moved[] = {0.0, mid, side, left, right};

            worst = fmax(worst, fabs(kept[channels]));
            most = fmax(most, fabs(moved[channels]));
        }
        assert_true(worst <= (channels < CHANNELS_LEFT ? 8e-15 : 0.0)); /* adding rounds */
        assert_true(most > 0.01);
    }
}

static double other[STEREO][MAX_FRAMES], heard[STEREO][MAX_FRAMES];
static const double *const other_io[STEREO] = {other[0], other[1]};

static void
fill(double (*x)[MAX_FRAMES], double value, double freq_hz)
{
    for (int i = 0; i < MAX_FRAMES; i++)
        x[0][i] = x[1][i] = value * cos(2.0 * PI * freq_hz / 48000.0 * i);
}

/* Of a quiet sound by another one of -6 dBFS, or by none. */
static double
ducked_db(double hpf_hz, int shape, double freq_hz, bool silent)
{
    struct comp_settings s = usual;
    struct comp c;

    s.makeup_db = 0.0;
    s.sidechain = COMP_EXTERNAL;
    s.sidechain_hpf_hz = hpf_hz;
    s.sidechain_shape = shape;
    s.release_ms = 1000.0;
    fill(sound, 1.0, 0.0);
    fill(other, 0.5, freq_hz);
    start(&c, 48000.0, &s);
    comp_key(&c, silent ? NULL : other_io);
    comp_process(&c, io, 96000);
    comp_free(&c);
    return -20.0 * log10(sound[0][95999]);
}

/* 0.2 dB of ripple. */
static void
the_external_sound_rules_through_the_same_filter(void **state)
{
    double all = reduction_db(-6.0206);

    (void)state;
    assert_true(fabs(ducked_db(20.0, SIDECHAIN_12_DB, 1000.0, false) - all) < 0.2);
    assert_true(fabs(ducked_db(200.0, SIDECHAIN_12_DB, 200.0, false) - (all - 0.75 * 3.01)) < 0.2);
    assert_true(fabs(ducked_db(200.0, SIDECHAIN_6_DB, 100.0, false) - (all - 0.75 * 6.99)) < 0.2);
    assert_true(fabs(ducked_db(20.0, SIDECHAIN_TILT, 500.0, false) - (all - 0.75 * 3.01)) < 0.3);
    assert_true(ducked_db(20.0, SIDECHAIN_12_DB, 1000.0, true) == 0.0);
}

/* A key counts for one call; without a new one there is silence. */
static void
a_key_goes_with_one_call(void **state)
{
    struct comp_settings s = usual;
    struct comp c;

    (void)state;
    s.makeup_db = 0.0;
    s.sidechain = COMP_EXTERNAL;
    fill(sound, 1.0, 0.0);
    fill(other, 0.5, 1000.0);
    start(&c, 48000.0, &s);
    comp_key(&c, other_io);
    comp_process(&c, io, 4800);
    assert_true(comp_take_reduction_db(&c) > 6.0);
    comp_process(&c, io, MAX_FRAMES);
    assert_true(sound[0][MAX_FRAMES - 1] > 0.99999);
    comp_free(&c);
}

/* Blocks of 480: what is heard goes by blocks as well. */
static void
compress_heard(struct comp *c, const struct comp_settings *s, bool someone, int n)
{
    make_programme(48000.0, n);
    start(c, 48000.0, s);
    for (int at = 0; at < n; at += 480) {
        comp_listen(c, someone ? (double *[]){heard[0] + at, heard[1] + at} : NULL);
        comp_process(c, (double *[]){sound[0] + at, sound[1] + at}, 480);
    }
    comp_free(c);
}

static void
who_listens_hears_the_filtered_sidechain_and_changes_nothing(void **state)
{
    enum { N = 24000 };
    static double want[STEREO][N];
    struct comp_settings s = usual;
    struct sidechain filter;
    struct comp c;

    (void)state;
    s.listen = true;
    compress_heard(&c, &s, false, N);
    for (int k = 0; k < STEREO; k++)
        memcpy(want[k], sound[k], sizeof want[k]);
    compress_heard(&c, &s, true, N);
    for (int k = 0; k < STEREO; k++)
        assert_memory_equal(sound[k], want[k], sizeof want[k]);
    sidechain_prepare(&filter, 48000.0);
    sidechain_start(&filter, SIDECHAIN_12_DB, s.sidechain_hpf_hz);
    for (int at = 0, n; at < N; at += n) {
        double room[STEREO][SIDECHAIN_PIECE];
        const double *out[STEREO];

        n = N - at < SIDECHAIN_PIECE ? N - at : SIDECHAIN_PIECE;
        sidechain_process(&filter, (const double *[]){before[0] + at, before[1] + at}, room, out, n);
        for (int k = 0; k < STEREO; k++)
            assert_memory_equal(heard[k] + at, out[k], sizeof(double) * (size_t)n);
    }
    s.listen = false;
    compress_heard(&c, &s, true, N);
    for (int k = 0; k < STEREO; k++)
        assert_memory_equal(heard[k], sound[k], sizeof(double) * N);
}

/* Listening comes and goes in 20 ms: the largest step of what is heard of a tone is not much more than the tone's. */
static void
listening_fades(void **state)
{
    struct comp_settings s = usual;
    double step = 0.0;
    struct comp c;

    (void)state;
    s.threshold_db = -60.0;
    s.makeup_db = 0.0;
    tone_make(io, 48000.0, 200.0, 0.5, 48000);
    start(&c, 48000.0, &s);
    for (int at = 0; at < 48000; at += 4800) {
        s.listen = at / 4800 % 2;
        comp_set(&c, &s);
        comp_listen(&c, (double *[]){heard[0] + at, heard[1] + at});
        comp_process(&c, (double *[]){sound[0] + at, sound[1] + at}, 4800);
    }
    comp_free(&c);
    for (int i = 9601; i < 48000; i++)
        step = fmax(step, fabs(heard[0][i] - heard[0][i - 1]));
    assert_true(step < 1.3 * 0.5 * 2.0 * PI * 200.0 / 48000.0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(latency_is_the_look_ahead),
        cmocka_unit_test(latency_follows_a_move),
        cmocka_unit_test(look_ahead_turns_down_before_the_peak_comes),
        cmocka_unit_test(look_ahead_leaves_late_bits_where_nothing_is_to_do),
        cmocka_unit_test(only_the_chosen_part_is_changed),
        cmocka_unit_test(the_external_sound_rules_through_the_same_filter),
        cmocka_unit_test(a_key_goes_with_one_call),
        cmocka_unit_test(who_listens_hears_the_filtered_sidechain_and_changes_nothing),
        cmocka_unit_test(listening_fades),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
