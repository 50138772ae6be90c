/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/limit.h"
#include "dsp/xmath.h"

#include "test/kit/scarce.h"
#include "test/kit/dice.h"
#include "test/kit/itu.h"
#include "test/kit/kaiser.h"
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

STAGE(limit);

/* --- signals --------------------------------------------------------------------------------------- */

enum { MAX_FRAMES = 1 << 17 };

static double sound[STEREO][MAX_FRAMES], before[STEREO][MAX_FRAMES];
static double *const io[STEREO] = {sound[0], sound[1]};

static double
clip(double x, double most)
{
    return fmin(fmax(x, -most), most);
}

static double
saw(double t, double freq_hz)
{
    double p = t * freq_hz;

    return 2.0 * (p - floor(p)) - 1.0;
}

/* Kick, snare, bass, chord: the sum peaks near full scale and is never thin. */
static void
programme(double rate, int i, double *l, double *r)
{
    static const double chord_hz[] = {220.0, 277.18, 329.63, 440.0, 1318.5};
    double t = (double)i / rate, beat = fmod(t, 0.25), off = fmod(t + 0.125, 0.25);
    double kick = 0.6 * exp(-beat * 18.0) * sin(2.0 * PI * (50.0 * beat + 6.0 * (1.0 - exp(-beat * 40.0))));
    double snare = 0.5 * exp(-off * 35.0) * noise(), bass = 0.25 * saw(t, 55.0);
    double chord = 0.0;

    for (size_t k = 0; k < LEN(chord_hz); k++)
        chord += 0.06 * sin(2.0 * PI * chord_hz[k] * t);
    *l = kick + snare + bass + chord + 0.03 * noise();
    *r = kick + 0.8 * snare + bass + 0.9 * chord + 0.03 * noise();
}

static void
noise_drums(double rate, int i, double *l, double *r)
{
    double t = fmod((double)i / rate, 0.06);

    *l = noise() * exp(-t * 60.0);
    *r = noise() * exp(-t * 60.0);
}

static void
white(double rate, int i, double *l, double *r)
{
    (void)rate;
    (void)i;
    *l = noise();
    *r = noise();
}

static void
clipped_saw(double rate, int i, double *l, double *r)
{
    *l = clip(1.6 * saw(i / rate, 317.0), 0.9);
    *r = clip(1.6 * saw(i / rate, 1931.0), 0.9);
}

/* rate/4 at 45 degrees: samples 3 dB below the wave's tops. */
static void
quarter_rate_bursts(double rate, int i, double *l, double *r)
{
    double on = fmod(i / rate, 0.02) < 0.004 ? 1.0 : 0.05;

    *l = on * sin(PI / 2.0 * i + PI / 4.0);
    *r = on * sin(PI / 2.0 * i - PI / 4.0);
}

static void
clipped_noise(double rate, int i, double *l, double *r)
{
    (void)rate;
    (void)i;
    *l = clip(3.0 * noise(), 0.9);
    *r = clip(6.0 * noise(), 0.9);
}

static const struct signal {
    const char *name;
    void (*next)(double rate, int i, double *l, double *r);
} signals[] = {
    {"programme", programme},     {"noise drums", noise_drums},           {"white noise", white},
    {"clipped saw", clipped_saw}, {"rate/4 bursts", quarter_rate_bursts}, {"clipped noise", clipped_noise},
};

static void
make(const struct signal *s, double rate, int n)
{
    dice_state = 1;
    for (int i = 0; i < n; i++)
        s->next(rate, i, &sound[0][i], &sound[1][i]);
    memcpy(before, sound, sizeof before);
}

static void
make_programme(double *const *out, double rate, int n)
{
    dice_state = 1;
    for (int i = 0; i < n; i++)
        programme(rate, i, &out[0][i], &out[1][i]);
}

/* --- the judges: an interpolator of the test's own (32x, 96 taps a phase), and the ITU filter ------ */

enum { FINE = 32, SIDE = 48 };

static double fine[2 * SIDE][FINE];

static void
fine_design(void)
{
    for (int k = 0; k < 2 * SIDE; k++) {
        for (int p = 0; p < FINE; p++) {
            double d = k - (SIDE - 1) - (double)p / FINE;

            fine[k][p] = (d == 0.0 ? 1.0 : sin(PI * d) / (PI * d)) * kaiser(d / SIDE, 9.0);
        }
    }
}

static double
true_peak(const double *x, int n)
{
    double peak = 0.0;

    for (int j = SIDE; j + SIDE < n; j++) {
        double y[FINE] = {0};

        for (int k = 0; k < 2 * SIDE; k++)
            for (int p = 0; p < FINE; p++)
                y[p] += fine[k][p] * x[j - (SIDE - 1) + k];
        for (int p = 0; p < FINE; p++)
            peak = fabs(y[p]) > peak ? fabs(y[p]) : peak;
    }
    return peak;
}

static double
worst_over_db(double ceiling_dbtp, int n)
{
    double worst = 0.0;

    for (int c = 0; c < STEREO; c++)
        worst = fmax(worst, fmax(true_peak(sound[c], n), itu_peak(sound[c], n)));
    return 20.0 * log10(worst) - ceiling_dbtp;
}

/* --- the guarantee --------------------------------------------------------------------------------- */

static const struct limit_settings usual = {
    .gain_db = 6.0, .ceiling_dbtp = -1.0, .release_ms = 80.0, .lookahead_ms = 1.5, .link = 100.0};

static double
limited_over_db(double rate, const struct limit_settings *s, int n)
{
    struct limit l;

    assert_int_equal(limit_prepare(&l, rate), OK);
    limit_set(&l, s);
    limit_process(&l, io, n);
    limit_free(&l);
    return worst_over_db(s->ceiling_dbtp, n);
}

/* What is left over: of gain that moves between frames, of rounding in single precision. */
static const double over_db = 0.001;

static void
check_signals(double rate, const struct limit_settings *s, int n)
{
    double worst = -1.0;

    for (size_t k = 0; k < LEN(signals); k++) {
        double over;

        make(&signals[k], rate, n);
        over = limited_over_db(rate, s, n);
        worst = fmax(worst, over);
        if (over > over_db || over < -1.0) /* held, and not simply turned down */
            fail_msg("%s, %g Hz, +%g dB, mode %d: %+.4f dB", signals[k].name, rate, s->gain_db, s->mode,
                     over);
    }
    print_message("# %g Hz, +%g dB, mode %d, link %g %%, release %g ms, look-ahead %g ms: %+.4f dB\n", rate,
                  s->gain_db, s->mode, s->link, s->release_ms, s->lookahead_ms, worst);
}

static void
ceiling_holds_between_samples(void **state)
{
    static const double rates[] = {44100.0, 48000.0, 88200.0, 96000.0, 176400.0, 192000.0};
    static const double gains[] = {6.0, 12.0, 20.0};
    int turn = 0;

    (void)state;
    for (size_t r = 0; r < LEN(rates); r++)
        for (int mode = 0; mode < LIMIT_MODES; mode++)
            for (size_t g = 0; g < LEN(gains); g++) {
                struct limit_settings s = usual;

                s.gain_db = gains[g];
                s.mode = mode;
                s.link = 50.0 * (turn++ % 4 % 3); /* 0, 50, 100, 0 ... */
                check_signals(rates[r], &s, r < 2 ? 7200 : 5600);
            }
}

static void
ceiling_holds_at_the_shortest_look_ahead_and_release(void **state)
{
    (void)state;
    for (int mode = 0; mode < LIMIT_MODES; mode++) {
        struct limit_settings s = {.gain_db = 24.0,
                                   .ceiling_dbtp = -1.0,
                                   .release_ms = 1.0,
                                   .lookahead_ms = 0.75,
                                   .mode = mode,
                                   .link = 100.0};

        check_signals(48000.0, &s, 9600);
        s.gain_db = 12.0;
        s.link = 0.0;
        check_signals(44100.0, &s, 9600);
    }
}

/* Anything but the ceiling, each 25 ms. */
static void
ceiling_holds_while_all_else_moves(void **state)
{
    enum { STEP = 1200 };
    const int n = 48000;
    struct limit l;

    (void)state;
    for (size_t k = 0; k < LEN(signals); k++) {
        make(&signals[k], 48000.0, n);
        assert_int_equal(limit_prepare(&l, 48000.0), OK);
        for (int at = 0; at < n; at += STEP) {
            struct limit_settings s = {.gain_db = 12.0 + 12.0 * noise(),
                                       .ceiling_dbtp = -1.0,
                                       .release_ms = 101.0 + 100.0 * noise(),
                                       .lookahead_ms = 1.125 + 0.375 * noise(),
                                       .mode = (int)dice(LIMIT_MODES),
                                       .link = 50.0 + 50.0 * noise()};

            limit_set(&l, &s);
            limit_process(&l, (double *[]){sound[0] + at, sound[1] + at}, STEP);
        }
        limit_free(&l);
        print_message("# %s: %+.4f dB\n", signals[k].name, worst_over_db(-1.0, n));
        assert_true(worst_over_db(-1.0, n) <= over_db);
    }
}

static void
ceiling_holds_while_the_look_ahead_changes(void **state)
{
    static const double lookahead_ms[] = {0.75, 1.5, 0.8, 1.1, 0.75, 1.5};
    struct limit_settings s = {
        .gain_db = 12.0, .ceiling_dbtp = -1.0, .release_ms = 30.0, .lookahead_ms = 1.0, .link = 100.0};
    const int n = 24000, piece = n / (int)LEN(lookahead_ms);
    struct limit l;

    (void)state;
    make(&signals[0], 48000.0, n);
    assert_int_equal(limit_prepare(&l, 48000.0), OK);
    limit_set(&l, &s);
    for (int k = 0; k < (int)LEN(lookahead_ms); k++) {
        s.lookahead_ms = lookahead_ms[k];
        limit_set(&l, &s);
        limit_process(&l, (double *[]){sound[0] + k * piece, sound[1] + k * piece}, piece);
    }
    limit_free(&l);
    assert_true(worst_over_db(-1.0, n) <= over_db);
}

/* 60 ms: the glide, to its last bit, and the latency. */
static void
a_lower_ceiling_holds_once_its_glide_is_over(void **state)
{
    struct limit_settings s = {
        .gain_db = 12.0, .ceiling_dbtp = 0.0, .release_ms = 30.0, .lookahead_ms = 1.5, .link = 100.0};
    const int n = 24000, step = 8000, over = step + 2880;
    struct limit l;

    (void)state;
    make(&signals[0], 48000.0, n);
    assert_int_equal(limit_prepare(&l, 48000.0), OK);
    limit_set(&l, &s);
    limit_process(&l, io, step);
    s.ceiling_dbtp = -12.0;
    limit_set(&l, &s);
    limit_process(&l, (double *[]){sound[0] + step, sound[1] + step}, n - step);
    limit_free(&l);
    for (int c = 0; c < STEREO; c++)
        assert_true(20.0 * log10(true_peak(sound[c] + over, n - over)) <= -12.0 + over_db);
}

/* --- bits ------------------------------------------------------------------------------------------ */

static const void *
move(int nth)
{
    static struct limit_settings s;

    (void)nth;
    s = (struct limit_settings){.gain_db = 12.0 + 12.0 * noise(),
                                .ceiling_dbtp = -6.0 + 6.0 * noise(),
                                .release_ms = 501.0 + 499.0 * noise(),
                                .lookahead_ms = 1.125 + 0.375 * noise(),
                                .mode = (int)dice(LIMIT_MODES),
                                .link = 50.0 + 50.0 * noise()};
    return &s;
}

static const struct stage_moves many_moves = {
    .rate_hz = 44100.0, .nframes = 12000, .gap = 1000, .make = make_programme, .move = move};

static void
same_bits_at_any_block_size(void **state)
{
    (void)state;
    assert_same_bits_at_any_block(&limit_stage, &many_moves);
}

/* Quiet enough for the ITU filter's and the grid's over-reading. */
static void
what_stays_below_the_ceiling_is_only_delayed(void **state)
{
    static const double rates[] = {8000.0, 44100.0, 48000.0, 192000.0, 384000.0};
    struct limit_settings s = usual;
    const int n = 6000;

    (void)state;
    s.gain_db = 0.0;
    s.ceiling_dbtp = 0.0;
    for (size_t k = 0; k < LEN(rates); k++) {
        struct limit l;
        int late;

        make(&signals[0], rates[k], n);
        for (int c = 0; c < STEREO; c++)
            for (int i = 0; i < n; i++)
                sound[c][i] = before[c][i] *= 0.4;
        assert_int_equal(limit_prepare(&l, rates[k]), OK);
        limit_set(&l, &s);
        late = limit_latency_frames(&l);
        limit_process(&l, io, n);
        assert_true(limit_take_reduction_db(&l) == 0.0);
        limit_free(&l);
        for (int c = 0; c < STEREO; c++)
            assert_memory_equal(sound[c] + late, before[c], (size_t)(n - late) * sizeof(double));
    }
}

/* After work: the release ends exactly, it does not only come near. */
static void
bits_come_back_after_the_release(void **state)
{
    const int n = MAX_FRAMES;
    struct limit_settings s = usual;
    struct limit l;
    int late;

    (void)state;
    s.gain_db = 0.0;
    s.release_ms = 1.0;
    make(&signals[0], 48000.0, n);
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < n; i++)
            sound[c][i] = before[c][i] *= i < 1000 ? 4.0 : 0.3;
    assert_int_equal(limit_prepare(&l, 48000.0), OK);
    limit_set(&l, &s);
    late = limit_latency_frames(&l);
    limit_process(&l, io, n);
    assert_true(limit_take_reduction_db(&l) > 6.0);
    limit_free(&l);
    for (int c = 0; c < STEREO; c++)
        assert_memory_equal(sound[c] + n - 1000, before[c] + n - 1000 - late, 1000 * sizeof(double));
}

static void
latency_stays_below_3_ms_and_does_not_follow_the_look_ahead(void **state)
{
    static const double rates[] = {44100.0, 48000.0, 96000.0, 192000.0, 384000.0};

    (void)state;
    for (size_t k = 0; k < LEN(rates); k++) {
        struct limit_settings s = usual;
        struct limit l;
        int late;

        assert_int_equal(limit_prepare(&l, rates[k]), OK);
        late = limit_latency_frames(&l);
        assert_true(late <= 0.003 * rates[k]);
        for (s.lookahead_ms = 0.75; s.lookahead_ms < 1.6; s.lookahead_ms += 0.25) {
            limit_reset(&l);
            limit_set(&l, &s);
            assert_int_equal(limit_latency_frames(&l), late);
            memset(sound, 0, sizeof sound);
            sound[0][5] = 0.25;
            limit_process(&l, io, 5 + late + 1);
            assert_true(sound[0][5 + late] > 0.25); /* gain 6 dB */
        }
        limit_free(&l);
    }
}

/* --- clicks ---------------------------------------------------------------------------------------- */

static void
check_clicks(double lookahead_ms)
{
    const struct limit_settings working = {.gain_db = 18.0,
                                           .ceiling_dbtp = -1.0,
                                           .release_ms = 80.0,
                                           .lookahead_ms = lookahead_ms,
                                           .link = 100.0};
    static const struct stage_field fields[] = {
        {"gain", offsetof(struct limit_settings, gain_db), 0.0, 24.0},
        {"ceiling", offsetof(struct limit_settings, ceiling_dbtp), -12.0, 0.0},
        {"release", offsetof(struct limit_settings, release_ms), 1.0, 1000.0},
        {"look-ahead", offsetof(struct limit_settings, lookahead_ms), 0.75, 1.5},
        {"link", offsetof(struct limit_settings, link), 0.0, 100.0},
    };

    assert_moves_do_not_click(&limit_stage, &working, sizeof working, fields, LEN(fields), 24000);
}

static void
moves_do_not_click(void **state)
{
    (void)state;
    check_clicks(1.5);
    check_clicks(1.0);
}

/* On a tone that swells and fades: there two look-aheads are never at the same gain. */
static void
a_new_look_ahead_is_faded_to(void **state)
{
    enum { STEP = 24000, END = 50400 };
    struct limit_settings s = {
        .gain_db = 18.0, .ceiling_dbtp = -1.0, .release_ms = 20.0, .lookahead_ms = 1.0, .link = 100.0};
    struct limit l;
    struct leak leak;

    (void)state;
    tone_make(io, 48000.0, LEAK_TONE_HZ, LEAK_TONE_GAIN, END);
    for (int i = 0; i < END; i++)
        sound[0][i] = sound[1][i] *= 1.0 + 0.4 * sin(2.0 * PI * 20.0 * i / 48000.0);
    assert_int_equal(limit_prepare(&l, 48000.0), OK);
    limit_set(&l, &s);
    limit_process(&l, io, STEP);
    s.lookahead_ms = 1.5;
    limit_set(&l, &s);
    limit_process(&l, (double *[]){sound[0] + STEP, sound[1] + STEP}, END - STEP);
    limit_free(&l);
    leak_prepare(&leak, 48000.0);
    assert_no_click("look-ahead on a swell", leak_peak(&leak, sound[0], STEP - 7200, STEP - LEAK_HALF),
                    leak_peak(&leak, sound[0], STEP - LEAK_HALF, STEP + 7200));
}

/* Moves, one upon the other, and then silence to forget what was before: as if it had never been otherwise. */
static void
the_last_move_arrives(void **state)
{
    static double want[STEREO][24000];
    const struct limit_settings first = {
        .gain_db = 24.0, .ceiling_dbtp = 0.0, .release_ms = 500.0, .lookahead_ms = 0.75, .link = 100.0};
    const struct limit_settings last = {
        .gain_db = 9.0, .ceiling_dbtp = -3.0, .release_ms = 10.0, .lookahead_ms = 0.8, .link = 100.0};
    struct limit l;

    (void)state;
    assert_int_equal(limit_prepare(&l, 48000.0), OK);
    limit_set(&l, &last);
    make(&signals[0], 48000.0, 24000);
    limit_process(&l, io, 24000);
    for (int c = 0; c < STEREO; c++)
        memcpy(want[c], sound[c], sizeof want[c]);
    limit_reset(&l);
    limit_set(&l, &first);
    make(&signals[0], 48000.0, 24000);
    limit_process(&l, io, 4800);
    limit_set(&l, &usual);
    limit_process(&l, io, 288); /* in all whole slices of a bass's hold (basshold.h) */
    limit_set(&l, &last);
    limit_process(&l, io, 4800);
    for (int silent = 0; silent < 2; silent++) {
        memset(sound, 0, sizeof sound);
        limit_process(&l, io, 96000);
    }
    make(&signals[0], 48000.0, 24000);
    limit_process(&l, io, 24000);
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < 24000; i++)
            assert_true(fabs(sound[c][i] - want[c][i]) < 1e-6); /* what the glides call there */
    limit_free(&l);
}

/* --- the meter ------------------------------------------------------------------------------------- */

static void
reduction_is_told_once(void **state)
{
    struct limit_settings s = usual;
    struct limit l;

    (void)state;
    s.gain_db = 12.0;
    s.ceiling_dbtp = -3.0;
    tone_make(io, 48000.0, 997.0, 0.5, 24000);
    assert_int_equal(limit_prepare(&l, 48000.0), OK);
    limit_set(&l, &s);
    limit_process(&l, io, 24000);
    /* -6.02 + 12 + 3 = 8.98 dB, and up to 0.17 dB for the grid, 0.1 dB for the ITU filter's ripple */
    assert_true(fabs(limit_take_reduction_db(&l) - 9.08) < 0.15);
    assert_true(limit_take_reduction_db(&l) == 0.0);
    limit_free(&l);
}

/* --- the contract ---------------------------------------------------------------------------------- */

static void
silence_stays_silent(void **state)
{
    (void)state;
    assert_silence_stays_silent(&limit_stage, &many_moves);
}

static void
reset_forgets_everything_even_nan(void **state)
{
    const struct limit_settings other = {
        .gain_db = 20.0, .ceiling_dbtp = -9.0, .release_ms = 500.0, .lookahead_ms = 0.75, .link = 100.0};

    (void)state;
    assert_reset_forgets(&limit_stage, make_programme, &usual, &other);
}

/* Not even without a reset. */
static void
nan_lasts_as_long_as_it_came(void **state)
{
    struct limit l;
    int bad = 0;

    (void)state;
    make(&signals[0], 48000.0, 8000);
    sound[0][3000] = NAN;
    assert_int_equal(limit_prepare(&l, 48000.0), OK);
    limit_set(&l, &usual);
    limit_process(&l, io, 8000);
    for (int i = 0; i < 8000; i++)
        bad += isnan(sound[0][i]) || isnan(sound[1][i]);
    assert_int_equal(bad, 1);
    limit_free(&l);
}

static void
bad_rates_are_refused(void **state)
{
    (void)state;
    assert_odd_rates_are_refused(&limit_stage);
}

#ifndef __SANITIZE_ADDRESS__
static void
prepare_survives_each_failed_malloc(void **state)
{
    enum status status = NO_MEM;
    int failed = 0;

    (void)state;
    while (status != OK) {
        struct limit l;

        callocs_left = failed;
        status = limit_prepare(&l, 48000.0);
        callocs_left = -1;
        if (status != OK) {
            assert_int_equal(status, NO_MEM);
            failed++;
        }
        limit_free(&l);
        limit_free(&l);
        assert_true(failed < 20);
    }
    assert_true(failed > 0);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ceiling_holds_between_samples),
        cmocka_unit_test(ceiling_holds_at_the_shortest_look_ahead_and_release),
        cmocka_unit_test(ceiling_holds_while_all_else_moves),
        cmocka_unit_test(ceiling_holds_while_the_look_ahead_changes),
        cmocka_unit_test(a_lower_ceiling_holds_once_its_glide_is_over),
        cmocka_unit_test(same_bits_at_any_block_size),
        cmocka_unit_test(what_stays_below_the_ceiling_is_only_delayed),
        cmocka_unit_test(bits_come_back_after_the_release),
        cmocka_unit_test(latency_stays_below_3_ms_and_does_not_follow_the_look_ahead),
        cmocka_unit_test(moves_do_not_click),
        cmocka_unit_test(a_new_look_ahead_is_faded_to),
        cmocka_unit_test(the_last_move_arrives),
        cmocka_unit_test(reduction_is_told_once),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(reset_forgets_everything_even_nan),
        cmocka_unit_test(nan_lasts_as_long_as_it_came),
        cmocka_unit_test(bad_rates_are_refused),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(prepare_survives_each_failed_malloc),
#endif
    };

    fine_design();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
