/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/saturate.h"

#include "dsp/loudness.h"
#include "test/kit/scarce.h"
#include "test/kit/dice.h"
#include "test/kit/stage.h"
#include "test/kit/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, MAX_FRAMES = 20 * RATE, TURN = 16384 /* frames of a spectrum */, SHAPES = 3 };

STAGE(saturate);

static double sound[STEREO][MAX_FRAMES], before[STEREO][MAX_FRAMES];
static double *const io[STEREO] = {sound[0], sound[1]};
static struct saturate saturate;

static const struct saturate_settings usual = {.drive_db = 9.0, .mix = 100.0};

static void
start(double rate_hz, const struct saturate_settings *s)
{
    assert_int_equal(saturate_prepare(&saturate, rate_hz), OK);
    saturate_set(&saturate, s);
}

static void
run(double rate_hz, const struct saturate_settings *s, int nframes)
{
    start(rate_hz, s);
    saturate_process(&saturate, io, nframes);
    saturate_free(&saturate);
}

static void
keep(void)
{
    memcpy(before, sound, sizeof before);
}

static int
wrong_bits(const double *got, const double *want, int n)
{
    int wrong = 0;

    for (int i = 0; i < n; i++)
        wrong += memcmp(&got[i], &want[i], sizeof *got) != 0;
    return wrong;
}

/* Whole cycles in TURN frames; the last TURN of nframes are looked at. */
static void
make_turns(int bin, double amplitude, int nframes)
{
    for (int64_t i = 0; i < nframes; i++)
        sound[0][i] = sound[1][i] = amplitude * sin(2.0 * PI * (double)(i * bin % TURN) / TURN);
}

static int
bin_of(double freq_hz)
{
    return (int)(freq_hz * TURN / RATE) | 1;
}

/* --- curves ---------------------------------------------------------------------------------------- */

/* Of a tone of 1 kHz at -6 dBFS, harmonic h against the first. */
static void
harmonics_db(const struct saturate_settings *s, double *db, int n)
{
    int bin = bin_of(1000.0);
    double first;

    make_turns(bin, 0.5, 6 * TURN);
    run(RATE, s, 6 * TURN);
    first = tone_bin(sound[0] + 5 * TURN, bin, TURN);
    for (int h = 2; h <= n; h++)
        db[h] = 20.0 * log10(tone_bin(sound[0] + 5 * TURN, h * bin, TURN) / first + 1e-20);
}

static void
shapes_have_their_harmonics(void **state)
{
    static const char *const names[] = {"tape", "tube", "transistor"};
    double db[SHAPES][6];

    (void)state;
    for (int shape = 0; shape < SHAPES; shape++) {
        struct saturate_settings s = usual;

        s.shape = shape;
        s.drive_db = 6.0;
        harmonics_db(&s, db[shape], 5);
        print_message("# %s, 6 dB: H2 %.1f, H3 %.1f, H4 %.1f, H5 %.1f dB\n", names[shape], db[shape][2],
                      db[shape][3], db[shape][4], db[shape][5]);
    }
    assert_true(db[SATURATE_TAPE][2] < -150.0 && db[SATURATE_TRANSISTOR][2] < -150.0);
    assert_true(db[SATURATE_TUBE][2] > db[SATURATE_TUBE][3] + 6.0);
    assert_true(db[SATURATE_TRANSISTOR][5] - db[SATURATE_TRANSISTOR][3] >
                db[SATURATE_TAPE][5] - db[SATURATE_TAPE][3] + 6.0); /* the harder knee */
}

/* At 6 dB of drive the curve is that of the header with u = x: a constant tells it, before its DC is gone. */
static void
curves_are_those_of_the_header(void **state)
{
    (void)state;
    for (int shape = 0; shape < SHAPES; shape++)
        for (double in = 0.1; in < 1.6; in += 0.2) {
            struct saturate_settings s = {
                .shape = shape, .even = -100.0, .drive_db = 20.0 * log10(2.0), .mix = 100.0};
            double u = in < 1.0 ? in : 1.0, lift = sqrt(1.0 + 1.0 / 16.0), want;

            if (shape == SATURATE_TAPE)
                want = u - 2.0 / 3.0 * pow(u, 3) + pow(u, 5) / 5.0;
            else if (shape == SATURATE_TUBE)
                want = u - pow(u, 3) / 3.0 - pow(u, 5) / 5.0 + pow(u, 7) / 7.0;
            else
                want = u - pow(u, 7) / 7.0;
            for (int c = 0; c < STEREO; c++)
                for (int i = 0; i < 400; i++)
                    sound[c][i] = in;
            run(RATE, &s, 400);
            /* 400 frames less the latency are 7.4 ms, of which the 5 Hz take exp(-2 pi 5 t) */
            want = lift * (in + (want - in) * exp(-2.0 * PI * 5.0 * (400.0 - 47.0) / RATE));
            assert_true(fabs(sound[0][399] - want) < 0.005 * in);
        }
}

static void
even_moves_second_against_third(void **state)
{
    (void)state;
    for (int shape = 0; shape < SHAPES; shape++) {
        double last = -1e9;

        for (double even = -100.0; even <= 100.0; even += 50.0) {
            struct saturate_settings s = usual;
            double db[4], odds;

            s.shape = shape;
            s.even = even;
            harmonics_db(&s, db, 3);
            odds = db[2] - db[3];
            print_message("# shape %d, even %.0f %%: H2 - H3 %.1f dB\n", shape, even, odds);
            assert_true(odds > last - 0.1);
            if (even == -100.0)
                assert_true(odds < -100.0);
            if (even == 100.0)
                assert_true(odds > 6.0);
            last = odds;
        }
    }
}

/* Third harmonic of a tone at 8 kHz against that at 500 Hz, both sides of 20 kHz: measured by the fundamental's loss. */
static double
loss_db(int bin, const struct saturate_settings *s)
{
    make_turns(bin, 0.5, 6 * TURN);
    run(RATE, s, 6 * TURN);
    return -20.0 * log10(tone_bin(sound[0] + 5 * TURN, bin, TURN) / 0.5);
}

static void
tone_and_tape_bend_the_treble_more(void **state)
{
    struct saturate_settings s = {.drive_db = 6.0, .mix = 100.0};
    double low = loss_db(bin_of(200.0), &s), high = loss_db(bin_of(9000.0), &s), flat;

    (void)state;
    assert_true(high > low + 0.5);
    s.tone_db = -6.0; /* makes up for the tape's own */
    flat = loss_db(bin_of(9000.0), &s) - loss_db(bin_of(200.0), &s);
    assert_true(fabs(flat) < 0.05);
    s.tone_db = 6.0;
    assert_true(loss_db(bin_of(9000.0), &s) > high + 0.5);
}

/* What is small is left alone, also in its treble: the shelf and its inverse are only around the change. */
static void
small_sounds_are_as_they_were(void **state)
{
    (void)state;
    for (int shape = 0; shape < SHAPES; shape++) {
        struct saturate_settings s = {
            .shape = shape, .even = -100.0, .drive_db = 24.0, .tone_db = 6.0, .mix = 100.0};
        double gain = pow(10.0, 1.2) - 1.0, lift = sqrt(1.0 + gain * gain / 16.0), worst = 0.0;

        dice_state = 1;
        for (int i = 0; i < RATE; i++)
            for (int c = 0; c < STEREO; c++)
                sound[c][i] = 1e-5 * noise();
        keep();
        run(RATE, &s, RATE);
        for (int i = 47; i < RATE; i++)
            worst = fmax(worst, fabs(sound[0][i] - lift * before[0][i - 47]));
        assert_true(worst < 1e-7 * 1e-5 * lift * 10.0);
    }
}

/* Without antiderivatives, 4 times oversampling alone: -84, -80 and -67 dB at 12 dB of drive, -59, -55 and -54 at 18. */
static void
aliasing_is_as_told(void **state)
{
    static const struct {
        double drive_db, most_db[SHAPES];
    } want[] = {
        {6.0, {-140.0, -140.0, -140.0}}, {12.0, {-100.0, -100.0, -90.0}}, {18.0, {-78.0, -74.0, -70.0}}};

    (void)state;
    for (size_t k = 0; k < LEN(want); k++)
        for (int shape = 0; shape < SHAPES; shape++) {
            struct saturate_settings s = {.shape = shape, .drive_db = want[k].drive_db, .mix = 100.0};
            int bin = bin_of(5000.0);
            double db;

            s.tone_db = shape == SATURATE_TAPE ? -6.0 : 0.0;
            make_turns(bin, 0.7079, 6 * TURN);
            run(RATE, &s, 6 * TURN);
            db = tone_aliasing_db(sound[0] + 5 * TURN, RATE, bin, 600, 20000.0, TURN);
            print_message("# 5 kHz at -3 dBFS, drive %.0f dB, shape %d: %.1f dB\n", want[k].drive_db, shape,
                          db);
            assert_true(db < want[k].most_db[shape]);
        }
}

/* -100 dBFS; 3 s for the 5 Hz to settle. */
static void
dc_is_taken_out(void **state)
{
    (void)state;
    for (int shape = 0; shape < SHAPES; shape++) {
        struct saturate_settings s = {.shape = shape, .drive_db = 18.0, .even = 100.0, .mix = 100.0};
        double sum = 0.0;

        tone_make(io, RATE, 1000.0, 0.5, 4 * RATE);
        run(RATE, &s, 4 * RATE);
        for (int i = 3 * RATE; i < 4 * RATE; i++)
            sum += sound[0][i];
        assert_true(fabs(sum / RATE) < 1e-5);
    }
}

/* --- channels -------------------------------------------------------------------------------------- */

/* Left and right, or their mid and side: what is not to be worked on comes out as it went in. */
static void
channels_are_worked_on_as_asked(void **state)
{
    (void)state;
    for (int channels = CHANNELS_STEREO; channels <= CHANNELS_RIGHT; channels++) {
        struct saturate_settings s = usual;
        double left = 0.0, right = 0.0, mid = 0.0, side = 0.0;

        s.channels = channels;
        for (int i = 0; i < 24000; i++) {
            sound[0][i] = 0.4 * sin(0.05 * i);
            sound[1][i] = 0.3 * sin(0.031 * i);
        }
        keep();
        run(RATE, &s, 24000);
        for (int i = 1000; i < 24000; i++) {
            double l = sound[0][i] - before[0][i - 47], r = sound[1][i] - before[1][i - 47];

            left = fmax(left, fabs(l));
            right = fmax(right, fabs(r));
            mid = fmax(mid, fabs(l + r));
            side = fmax(side, fabs(l - r));
        }
        assert_true(channels == CHANNELS_RIGHT ? left == 0.0 : left > 0.01);
        assert_true(channels == CHANNELS_LEFT ? right == 0.0 : right > 0.01);
        assert_true(channels == CHANNELS_SIDE ? mid < 1e-15 : mid > 0.01);
        assert_true(channels == CHANNELS_MID ? side < 1e-15 : side > 0.01);
    }
}

static void
mix_is_parallel(void **state)
{
    struct saturate_settings s = usual;
    static double wet[24000];

    (void)state;
    stage_noise(io, RATE, 24000);
    keep();
    run(RATE, &s, 24000);
    memcpy(wet, sound[0], sizeof wet);
    memcpy(sound, before, sizeof sound);
    s.mix = 30.0;
    run(RATE, &s, 24000);
    for (int i = 47; i < 24000; i++)
        assert_true(fabs(sound[0][i] - (0.7 * before[0][i - 47] + 0.3 * wet[i])) < 1e-14);
}

/* --- loudness -------------------------------------------------------------------------------------- */

static double
short_term_lufs(double (*x)[MAX_FRAMES], int from)
{
    struct loudness l;
    double lufs;

    assert_int_equal(loudness_prepare(&l, RATE), OK);
    loudness_process(&l, (const double *[]){x[0] + from, x[1] + from}, 3 * RATE);
    lufs = loudness_short_term_lufs(&l);
    loudness_free(&l);
    return lufs;
}

/* Seven one-poles an octave or so apart make 3 dB an octave; good enough to be called pink. */
static void
make_pink(double level)
{
    double state[STEREO][7] = {{0}};

    dice_state = 5;
    for (int i = 0; i < MAX_FRAMES; i++)
        for (int c = 0; c < STEREO; c++) {
            double sum = 0.0;

            for (int k = 0; k < 7; k++) {
                double pole = 1.0 - 0.5 * pow(0.4, k);

                state[c][k] = pole * state[c][k] + (1.0 - pole) * pow(1.6, k) * noise();
                sum += state[c][k];
            }
            sound[c][i] = level * sum;
        }
}

static void
check_loudness(const struct saturate_settings *s, const char *what)
{
    double lu;

    keep();
    run(RATE, s, MAX_FRAMES);
    lu = short_term_lufs(sound, 16 * RATE + 47) - short_term_lufs(before, 16 * RATE);
    print_message("# %s, shape %d, drive %.0f dB: %+.3f LU\n", what, s->shape, s->drive_db, lu);
    assert_true(fabs(lu) < 0.1);
}

static void
loudness_stays(void **state)
{
    (void)state;
    for (int shape = 0; shape < SHAPES; shape++)
        for (double drive_db = 6.0; drive_db <= 24.0; drive_db += 9.0) {
            struct saturate_settings s = {
                .shape = shape, .drive_db = drive_db, .even = 40.0, .mix = 100.0, .auto_gain = true};

            tone_make(io, RATE, 1000.0, 0.25, MAX_FRAMES);
            check_loudness(&s, "tone");
            make_pink(0.2);
            check_loudness(&s, "pink noise");
        }
}

static void
without_auto_gain_it_is_not_touched(void **state)
{
    struct saturate_settings s = usual;
    double with;

    (void)state;
    tone_make(io, RATE, 1000.0, 0.01, MAX_FRAMES);
    run(RATE, &s, MAX_FRAMES);
    with = sound[0][15 * RATE + 12 + 47] / 0.01;
    assert_true(fabs(with - sqrt(1.0 + pow(pow(10.0, 0.45) - 1.0, 2.0) / 16.0)) < 0.001);
}

static void
trim_comes_after(void **state)
{
    struct saturate_settings s = usual;
    static double plain[24000];

    (void)state;
    stage_noise(io, RATE, 24000);
    keep();
    run(RATE, &s, 24000);
    memcpy(plain, sound[0], sizeof plain);
    memcpy(sound, before, sizeof sound);
    s.trim_db = -6.0;
    run(RATE, &s, 24000);
    for (int i = 0; i < 24000; i++)
        assert_true(fabs(sound[0][i] - plain[i] * pow(10.0, -0.3)) < 1e-14);
}

/* --- bits ------------------------------------------------------------------------------------------ */

static const struct saturate_settings nothing[] = {
    {.drive_db = 0.0, .even = 100.0, .tone_db = 6.0, .mix = 100.0, .auto_gain = true},
    {.shape = SATURATE_TUBE, .drive_db = 12.0, .mix = 0.0, .auto_gain = true},
};

static void
nothing_to_do_is_exact(void **state)
{
    static const int rates[][2] = {{44100, 79}, {48000, 47}, {96000, 12}, {192000, 8}};

    (void)state;
    for (size_t k = 0; k < LEN(nothing); k++)
        for (size_t r = 0; r < LEN(rates); r++) {
            int late = rates[r][1];

            stage_noise(io, rates[r][0], 24000);
            keep();
            start(rates[r][0], &nothing[k]);
            assert_int_equal(saturate_latency_frames(&saturate), late);
            saturate_process(&saturate, io, 24000);
            saturate_free(&saturate);
            for (int c = 0; c < STEREO; c++)
                assert_int_equal(wrong_bits(sound[c] + late, before[c], 24000 - late), 0);
        }
}

/* The fade takes 30 ms, the 5 Hz have fallen to 1e-12 after a second, the gain is back at 1 after some. */
static void
it_comes_to_nothing_exactly(void **state)
{
    (void)state;
    for (size_t k = 0; k < LEN(nothing); k++) {
        struct saturate_settings s = {
            .shape = SATURATE_TUBE, .drive_db = 12.0, .tone_db = 3.0, .mix = 100.0, .auto_gain = true};
        int n = 16 * RATE, from = 8 * RATE;

        stage_noise(io, RATE, n);
        keep();
        start(RATE, &s);
        saturate_process(&saturate, io, RATE / 2);
        saturate_set(&saturate, &nothing[k]);
        saturate_process(&saturate, (double *[]){sound[0] + RATE / 2, sound[1] + RATE / 2}, n - RATE / 2);
        saturate_free(&saturate);
        assert_true(wrong_bits(sound[0] + 1047, before[0] + 1000, 10000) > 9000);
        assert_int_equal(wrong_bits(sound[0] + from + 47, before[0] + from, n - from - 47), 0);
    }
}

/* Drive 0 dB is a delay, and an impulse through the curve stands at the same place. */
static void
latency_is_where_an_impulse_comes_out(void **state)
{
    static const int rates[] = {44100, 48000, 96000, 192000};

    (void)state;
    for (size_t r = 0; r < LEN(rates); r++) {
        int peak = 0, late;

        memset(sound, 0, sizeof sound);
        sound[0][100] = 0.9;
        start(rates[r], &usual);
        late = saturate_latency_frames(&saturate);
        saturate_process(&saturate, io, 1000);
        saturate_free(&saturate);
        for (int i = 0; i < 1000; i++)
            peak = fabs(sound[0][i]) > fabs(sound[0][peak]) ? i : peak;
        assert_int_equal(peak, 100 + late);
    }
}

static const void *
move(int nth)
{
    static struct saturate_settings s;

    (void)nth;
    s.shape = (int)dice(SHAPES);
    s.drive_db = dice(3) ? 24.0 * chance() : 0.0;
    s.even = dice(2) ? 100.0 * noise() : 0.0;
    s.tone_db = dice(2) ? 12.0 * noise() : 0.0;
    s.mix = dice(3) ? 100.0 * chance() : 0.0;
    s.channels = (int)dice(5);
    s.auto_gain = dice(2);
    s.trim_db = dice(2) ? 12.0 * noise() : 0.0;
    return &s;
}

static const struct stage_moves many_moves = {
    .rate_hz = 44100.0, .nframes = 48000, .gap = 3000, .make = stage_noise, .move = move};

static void
same_bits_at_any_block_size(void **state)
{
    (void)state;
    assert_same_bits_at_any_block(&saturate_stage, &many_moves);
}

static void
silence_stays_silent(void **state)
{
    (void)state;
    assert_silence_stays_silent(&saturate_stage, &many_moves);
}

/* --- the contract ---------------------------------------------------------------------------------- */

static void
reset_forgets_everything_even_nan(void **state)
{
    struct saturate_settings s = usual;
    struct saturate_settings other = {.shape = SATURATE_TUBE,
                                      .drive_db = 20.0,
                                      .even = 50.0,
                                      .mix = 70.0,
                                      .channels = CHANNELS_MID,
                                      .trim_db = 3.0};

    (void)state;
    s.auto_gain = other.auto_gain = true;
    assert_reset_forgets(&saturate_stage, stage_noise, &s, &other);
}

/* Nothing but the frames that held it; one side's is the other's, too, as the two are mixed. */
static void
nan_and_infinity_last_as_long_as_they_came(void **state)
{
    struct saturate_settings s = usual;
    int bad = 0;

    (void)state;
    s.auto_gain = true;
    tone_make(io, RATE, 1000.0, 0.5, 2 * RATE);
    sound[0][3000] = NAN;
    sound[1][4000] = INFINITY;
    run(RATE, &s, 2 * RATE);
    for (int i = 0; i < 2 * RATE; i++)
        bad += !(fabs(sound[0][i]) < 1.0) + !(fabs(sound[1][i]) < 1.0);
    assert_in_range(bad, 2, 4);
    assert_true(fabs(sound[0][2 * RATE - 36 + 47 - 48]) > 0.2);
}

static void
bad_rates_are_refused(void **state)
{
    (void)state;
    assert_odd_rates_are_refused(&saturate_stage);
}

#ifndef __SANITIZE_ADDRESS__
static void
prepare_survives_each_failed_malloc(void **state)
{
    enum status status = NO_MEM;

    (void)state;
    for (int nth = 0; status != OK; nth++) {
        callocs_left = nth;
        status = saturate_prepare(&saturate, 48000.0);
        callocs_left = -1;
        assert_int_equal(status, nth < 1 ? NO_MEM : OK);
        saturate_free(&saturate);
        saturate_free(&saturate);
    }
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_have_their_harmonics),
        cmocka_unit_test(curves_are_those_of_the_header),
        cmocka_unit_test(even_moves_second_against_third),
        cmocka_unit_test(tone_and_tape_bend_the_treble_more),
        cmocka_unit_test(small_sounds_are_as_they_were),
        cmocka_unit_test(aliasing_is_as_told),
        cmocka_unit_test(dc_is_taken_out),
        cmocka_unit_test(channels_are_worked_on_as_asked),
        cmocka_unit_test(mix_is_parallel),
        cmocka_unit_test(loudness_stays),
        cmocka_unit_test(without_auto_gain_it_is_not_touched),
        cmocka_unit_test(trim_comes_after),
        cmocka_unit_test(nothing_to_do_is_exact),
        cmocka_unit_test(it_comes_to_nothing_exactly),
        cmocka_unit_test(latency_is_where_an_impulse_comes_out),
        cmocka_unit_test(same_bits_at_any_block_size),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(reset_forgets_everything_even_nan),
        cmocka_unit_test(nan_and_infinity_last_as_long_as_they_came),
        cmocka_unit_test(bad_rates_are_refused),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(prepare_survives_each_failed_malloc),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
