/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/crossfir.h"

#include "test/kit/scarce.h"
#include "test/kit/dice.h"
#include "test/kit/leak.h"
#include "test/kit/stage.h"
#include "test/kit/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define RATE 48000.0

enum { TAPS = 4096, LATENCY = TAPS / 2 + 2 * 256, NFRAMES = 40000 };

static double in[STEREO][NFRAMES], out[CROSSFIR_BANDS][STEREO][NFRAMES],
    want[CROSSFIR_BANDS][STEREO][NFRAMES];
static struct crossfir x;

static const double untouched = 12345.0; /* in what nobody has written */

static void
clear(void)
{
    for (int b = 0; b < CROSSFIR_BANDS; b++)
        for (int c = 0; c < STEREO; c++)
            for (int i = 0; i < NFRAMES; i++)
                out[b][c][i] = untouched;
}

static void
process(int from, int nframes)
{
    double *const at[CROSSFIR_BANDS][STEREO] = {{out[0][0] + from, out[0][1] + from},
                                                {out[1][0] + from, out[1][1] + from},
                                                {out[2][0] + from, out[2][1] + from},
                                                {out[3][0] + from, out[3][1] + from}};

    crossfir_process(&x, (const double *[]){in[0] + from, in[1] + from},
                     (double *const *[]){at[0], at[1], at[2], at[3]}, nframes);
}

static void
start(const struct crossfir_settings *s)
{
    clear();
    assert_int_equal(crossfir_prepare(&x, RATE), OK);
    crossfir_set(&x, s);
}

static void
make_noise(void)
{
    stage_noise((double *[]){in[0], in[1]}, RATE, NFRAMES);
}

/* --- curves ---------------------------------------------------------------------------------------- */

/* Of band b's impulse response on the left, the latency taken out; real, as the phase is linear. */
static double
response(int b, double hz)
{
    double sum = out[b][0][LATENCY], step = 2.0 * PI * hz / RATE;

    for (int i = 1; i < TAPS / 2; i++)
        sum += (out[b][0][LATENCY + i] + out[b][0][LATENCY - i]) * cos(step * i);
    return sum;
}

static double
low_pass(double hz, double split_hz, int slope)
{
    return 1.0 / (1.0 + pow(hz / split_hz, slope / 6));
}

/* The difference of two low-passes, 1 above the last split. */
static double
band_gain(const struct crossfir_settings *s, int b, double hz)
{
    double below = b > 0 ? low_pass(hz, s->freq_hz[b - 1], s->slope) : 0.0;
    double upto = b < s->nsplits ? low_pass(hz, s->freq_hz[b], s->slope) : 1.0;

    return upto - below;
}

static void
impulse(const struct crossfir_settings *s)
{
    memset(in, 0, sizeof in);
    in[0][0] = 1.0;
    start(s);
    process(0, LATENCY + TAPS);
    crossfir_free(&x);
}

/* Of the lowest band in dB down to -60, and of all bands linear. */
static void
check_curves(const struct crossfir_settings *s, double most_db, double most)
{
    double worst_db = 0.0, worst = 0.0;

    impulse(s);
    for (double hz = 10.0; hz < 22000.0; hz *= 1.07)
        for (int b = 0; b <= s->nsplits; b++) {
            double gain = band_gain(s, b, hz), got = response(b, hz);

            worst = fmax(worst, fabs(got - gain));
            if (b == 0 && gain > 1e-3)
                worst_db = fmax(worst_db, fabs(20.0 * log10(fabs(got / gain))));
        }
    print_message("# %d dB an octave from %.0f Hz: %.5f dB, %.7f\n", s->slope, s->freq_hz[0], worst_db,
                  worst);
    assert_true(worst_db < most_db && worst < most);
}

static void
bands_are_linkwitz_riley_magnitudes(void **state)
{
    (void)state;
    check_curves(&(struct crossfir_settings){3, {200.0, 1500.0, 6000.0}, 24}, 0.0001, 1e-6);
    check_curves(&(struct crossfir_settings){3, {200.0, 1500.0, 6000.0}, 48}, 0.001, 1e-6);
    check_curves(&(struct crossfir_settings){3, {80.0, 500.0, 18000.0}, 24}, 0.001, 1e-5);
    check_curves(&(struct crossfir_settings){3, {80.0, 500.0, 18000.0}, 48}, 0.4, 1e-3);
    check_curves(&(struct crossfir_settings){1, {40.0}, 24}, 0.1, 2e-3);
    check_curves(&(struct crossfir_settings){2, {120.0, 3000.0}, 48}, 0.03, 1e-4);
}

static void
bands_are_symmetric_in_time(void **state)
{
    struct crossfir_settings s = {3, {90.0, 700.0, 4000.0}, 48};

    (void)state;
    impulse(&s);
    for (int b = 0; b < CROSSFIR_BANDS; b++)
        for (int i = 1; i < TAPS / 2; i++)
            assert_true(fabs(out[b][0][LATENCY + i] - out[b][0][LATENCY - i]) < 1e-14);
}

/* --- sum ------------------------------------------------------------------------------------------- */

static struct crossfir_settings
any_settings(void)
{
    struct crossfir_settings s = {.nsplits = (int)dice(4), .slope = dice(2) ? 24 : 48};

    for (int i = 0; i < CROSSFIR_SPLITS; i++)
        s.freq_hz[i] = 20.0 * exp(chance() * 7.0); /* in any order */
    return s;
}

/* Moves at the same frames whatever the blocks; what was left alone counts as silence. */
static void
run(int block, int gap)
{
    int next = 0;

    clear();
    dice_state = 8;
    assert_int_equal(crossfir_prepare(&x, RATE), OK);
    for (int at = 0, n; at < NFRAMES; at += n) {
        if (at == next) {
            struct crossfir_settings s = any_settings();

            crossfir_set(&x, &s);
            next += 1 + (int)dice((uint32_t)gap);
        }
        n = block - at % block;
        n = n < NFRAMES - at ? n : NFRAMES - at;
        n = n < next - at ? n : next - at;
        process(at, n);
        for (int b = 0; b < CROSSFIR_BANDS; b++)
            for (int c = 0; c < STEREO; c++)
                for (int i = at; i < at + n; i++) {
                    assert_true((out[b][c][i] == untouched) == (b >= crossfir_nbands(&x)));
                    out[b][c][i] = b < crossfir_nbands(&x) ? out[b][c][i] : 0.0;
                }
    }
    crossfir_free(&x);
}

static void
the_sum_is_the_input_also_under_moves(void **state)
{
    (void)state;
    make_noise();
    run(64, 9000);
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < NFRAMES; i++) {
            double sum = 0.0;

            for (int b = 0; b < CROSSFIR_BANDS; b++)
                sum += out[b][c][i];
            assert_true(fabs(sum - (i < LATENCY ? 0.0 : in[c][i - LATENCY])) < 1e-15);
        }
}

static void
same_bits_at_any_block(void **state)
{
    static const int blocks[] = {7, 16, 64, 100, 480, 1024, NFRAMES};

    (void)state;
    make_noise();
    run(1, 9000);
    memcpy(want, out, sizeof want);
    for (size_t i = 0; i < LEN(blocks); i++) {
        run(blocks[i], 9000);
        for (int b = 0; b < CROSSFIR_BANDS; b++)
            for (int c = 0; c < STEREO; c++)
                for (int k = 0; k < NFRAMES; k++)
                    assert_true(out[b][c][k] == want[b][c][k]); /* 0.0 is -0.0 */
    }
}

static void
without_a_split_the_bits_stay(void **state)
{
    (void)state;
    make_noise();
    start(&(struct crossfir_settings){0});
    process(0, NFRAMES);
    assert_int_equal(crossfir_nbands(&x), 1);
    for (int c = 0; c < STEREO; c++) {
        assert_memory_equal(out[0][c] + LATENCY, in[c], (NFRAMES - LATENCY) * sizeof(double));
        for (int i = 0; i < NFRAMES; i++)
            assert_true(out[1][c][i] == untouched && out[3][c][i] == untouched);
    }
    crossfir_free(&x);
}

static void
a_band_may_be_where_the_input_is(void **state)
{
    struct crossfir_settings s = {3, {90.0, 700.0, 4000.0}, 24};

    (void)state;
    make_noise();
    start(&s);
    process(0, 9000);
    memcpy(want, out, sizeof want);
    crossfir_free(&x);
    start(&s);
    memcpy(out[2], in, sizeof in);
    crossfir_process(
        &x, (const double *[]){out[2][0], out[2][1]},
        (double *const *[]){(double *[]){out[0][0], out[0][1]}, (double *[]){out[1][0], out[1][1]},
                            (double *[]){out[2][0], out[2][1]}, (double *[]){out[3][0], out[3][1]}},
        9000);
    for (int b = 0; b < CROSSFIR_BANDS; b++)
        for (int c = 0; c < STEREO; c++)
            assert_memory_equal(out[b][c], want[b][c], 9000 * sizeof(double));
    crossfir_free(&x);
}

/* --- settings -------------------------------------------------------------------------------------- */

static void
check_same_bands(const struct crossfir_settings *a, const struct crossfir_settings *b)
{
    impulse(a);
    memcpy(want, out, sizeof want);
    impulse(b);
    assert_memory_equal(out, want, sizeof want);
}

static void
odd_settings_are_the_nearest_that_can_be(void **state)
{
    (void)state;
    check_same_bands(&(struct crossfir_settings){3, {500.0, 500.0, 900.0}, 24},
                     &(struct crossfir_settings){7, {500.0, 100.0, 900.0}, 24});
    check_same_bands(&(struct crossfir_settings){2, {500.0, 900.0}, 24},
                     &(struct crossfir_settings){2, {500.0, 900.0, NAN}, 0});
    check_same_bands(&(struct crossfir_settings){0}, &(struct crossfir_settings){-4, {1.0}, 48});
    check_same_bands(&(struct crossfir_settings){2, {1.0, 900.0}, 24},
                     &(struct crossfir_settings){2, {NAN, 900.0}, 24});
}

static void
the_last_move_wins(void **state)
{
    struct crossfir_settings s = {2, {150.0, 2500.0}, 24};
    int at = 0;

    (void)state;
    make_noise();
    start(&s);
    process(0, NFRAMES);
    memcpy(want, out, sizeof want);
    crossfir_free(&x);
    dice_state = 4;
    start(&s);
    for (; at < 15000; at += 500) {
        struct crossfir_settings other = any_settings();

        crossfir_set(&x, &other);
        process(at, 500);
    }
    crossfir_set(&x, &s);
    assert_false(crossfir_settled(&x));
    process(at, 2 * crossfir_settle_frames(&x)); /* one may be under way */
    at += 2 * crossfir_settle_frames(&x);
    assert_true(crossfir_settled(&x));
    process(at, NFRAMES - at);
    assert_int_equal(crossfir_nbands(&x), 3);
    for (int b = 0; b < 3; b++)
        assert_memory_equal(out[b][0] + at, want[b][0] + at, (size_t)(NFRAMES - at) * sizeof(double));
    crossfir_free(&x);
}

static void
check_click(const char *what, struct crossfir_settings from, struct crossfir_settings to)
{
    enum { STEP = 2 * LATENCY, END = STEP + 10000 };
    static struct leak leak;

    leak_prepare(&leak, RATE);
    tone_make((double *[]){in[0], in[1]}, RATE, LEAK_TONE_HZ, LEAK_TONE_GAIN, NFRAMES);
    start(&from);
    process(0, STEP);
    crossfir_set(&x, &to);
    process(STEP, NFRAMES - STEP);
    crossfir_free(&x);
    for (int b = 0; b < CROSSFIR_BANDS; b++) {
        double at_rest;

        for (int i = 0; i < NFRAMES; i++)
            out[b][0][i] = out[b][0][i] == untouched ? 0.0 : out[b][0][i];
        at_rest = fmax(leak_peak(&leak, out[b][0], STEP - 2000, STEP - LEAK_HALF),
                       leak_peak(&leak, out[b][0], END, END + 3000));
        assert_no_click(what, at_rest, leak_peak(&leak, out[b][0], STEP, END));
    }
}

static void
moves_do_not_click(void **state)
{
    struct crossfir_settings low = {1, {100.0}, 24}, high = {1, {10000.0}, 24},
                             three = {3, {300.0, 900.0, 1100.0}, 48};

    (void)state;
    check_click("split up", low, high);
    check_click("split down", high, low);
    check_click("splits come", (struct crossfir_settings){0}, three);
    check_click("splits go", three, (struct crossfir_settings){0});
    check_click("slope", (struct crossfir_settings){2, {900.0, 1100.0}, 24},
                (struct crossfir_settings){2, {900.0, 1100.0}, 48});
}

/* --- states ---------------------------------------------------------------------------------------- */

static void
latency_is_what_an_impulse_takes(void **state)
{
    static const double rates[] = {8000.0, 44100.0, 96000.0, 192000.0};
    struct crossfir_settings s = {1, {900.0}, 24};

    (void)state;
    for (size_t r = 0; r < LEN(rates); r++) {
        int top = 0;

        memset(in, 0, sizeof in);
        in[1][55] = 1.0;
        clear();
        assert_int_equal(crossfir_prepare(&x, rates[r]), OK);
        crossfir_set(&x, &s);
        process(0, NFRAMES);
        for (int i = 0; i < NFRAMES; i++)
            top = fabs(out[1][1][i]) > fabs(out[1][1][top]) ? i : top;
        assert_int_equal(top, 55 + crossfir_latency_frames(&x));
        assert_true(crossfir_latency_frames(&x) / rates[r] < 0.15);
        crossfir_free(&x);
    }
}

static void
silence_stays_silent(void **state)
{
    (void)state;
    memset(in, 0, sizeof in);
    run(64, 5000);
    for (int b = 0; b < CROSSFIR_BANDS; b++)
        for (int c = 0; c < STEREO; c++)
            for (int i = 0; i < NFRAMES; i++)
                assert_true(out[b][c][i] == 0.0);
}

/* The highest band is what the others leave of the input: there it is heard for its own length. */
static void
nan_is_gone_with_its_frame(void **state)
{
    (void)state;
    make_noise();
    in[0][5000] = NAN;
    start(&(struct crossfir_settings){2, {150.0, 2500.0}, 24});
    process(0, NFRAMES);
    for (int b = 0; b < 3; b++)
        for (int i = 0; i < NFRAMES; i++)
            assert_true(isfinite(out[b][0][i]) == (b < 2 || i != 5000 + LATENCY) && isfinite(out[b][1][i]));
    crossfir_free(&x);
}

static void
reset_forgets_the_sound_and_ends_a_move(void **state)
{
    struct crossfir_settings s = {2, {150.0, 2500.0}, 24}, other = {3, {70.0, 500.0, 9000.0}, 48};

    (void)state;
    make_noise();
    start(&s);
    process(0, NFRAMES);
    memcpy(want, out, sizeof want);
    crossfir_free(&x);
    for (int frames = 0; frames < 9000; frames += 1100) {
        start(&other);
        process(0, 999);
        crossfir_set(&x, &s);
        process(0, frames);
        crossfir_reset(&x);
        assert_true(crossfir_settled(&x));
        clear();
        process(0, NFRAMES);
        assert_memory_equal(out, want, sizeof want);
        crossfir_free(&x);
    }
}

static void
odd_rates_are_refused(void **state)
{
    static const double rates[] = {0.0, 7999.0, 384001.0, -48000.0, NAN, INFINITY};

    (void)state;
    for (size_t i = 0; i < LEN(rates); i++) {
        assert_int_equal(crossfir_prepare(&x, rates[i]), BAD_ARG);
        crossfir_free(&x);
        crossfir_free(&x);
    }
}

#ifndef __SANITIZE_ADDRESS__
static void
prepare_survives_each_failed_malloc(void **state)
{
    enum status status = NO_MEM;
    int failed = 0;

    (void)state;
    while (status != OK) {
        callocs_left = failed;
        status = crossfir_prepare(&x, RATE);
        callocs_left = -1;
        assert_true(status == OK || status == NO_MEM);
        failed += status != OK;
        crossfir_free(&x);
        crossfir_free(&x);
    }
    assert_int_equal(failed, 2);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_are_linkwitz_riley_magnitudes),
        cmocka_unit_test(bands_are_symmetric_in_time),
        cmocka_unit_test(the_sum_is_the_input_also_under_moves),
        cmocka_unit_test(same_bits_at_any_block),
        cmocka_unit_test(without_a_split_the_bits_stay),
        cmocka_unit_test(a_band_may_be_where_the_input_is),
        cmocka_unit_test(odd_settings_are_the_nearest_that_can_be),
        cmocka_unit_test(the_last_move_wins),
        cmocka_unit_test(moves_do_not_click),
        cmocka_unit_test(latency_is_what_an_impulse_takes),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(nan_is_gone_with_its_frame),
        cmocka_unit_test(reset_forgets_the_sound_and_ends_a_move),
        cmocka_unit_test(odd_rates_are_refused),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(prepare_survives_each_failed_malloc),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
