/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/eqmin.h"

#include "dsp/xmath.h"
#include "test/kit/dice.h"
#include "test/kit/leak.h"
#include "test/kit/stage.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define RATE 44100.0

enum { NFRAMES = 24000 };

static double want[STEREO][NFRAMES], got[STEREO][NFRAMES];

STAGE(eqmin);

static void
make_noise(double io[STEREO][NFRAMES])
{
    stage_noise((double *[]){io[0], io[1]}, RATE, NFRAMES);
}

/* On, with the defaults for all that is not given. */
static struct eq_band_settings
band_of(int type, double freq_hz, double gain_db, double q)
{
    return (struct eq_band_settings){
        .on = true,
        .type = type,
        .freq_hz = freq_hz,
        .gain_db = gain_db,
        .q = q,
        .slope = 1,
        .threshold_dbfs = -24.0,
        .range_db = -6.0,
        .attack_ms = 10.0,
        .release_ms = 150.0,
    };
}

static struct eq_band_settings
any_band(void)
{
    return (struct eq_band_settings){
        .on = chance() < 0.8,
        .type = (int)(chance() * EQ_TYPES),
        .freq_hz = 10.0 * x_exp2(chance() * 12.0),
        .gain_db = chance() < 0.2 ? 0.0 : chance() * 48.0 - 24.0,
        .q = 0.1 * x_exp2(chance() * 8.6),
        .slope = (int)dice(8),
        .channels = chance() < 0.5 ? CHANNELS_STEREO : (int)dice(5),
        .dynamic = chance() < 0.4,
        .threshold_dbfs = -60.0 * chance(),
        .range_db = chance() * 48.0 - 24.0,
        .attack_ms = 0.1 * x_exp2(chance() * 10.0),
        .release_ms = 5.0 * x_exp2(chance() * 9.0),
        .solo = chance() < 0.2,
    };
}

static void
process(struct eqmin *e, double io[STEREO][NFRAMES], int from, int nframes)
{
    eqmin_process(e, (double *[]){io[0] + from, io[1] + from}, nframes);
}

/* --- bits ------------------------------------------------------------------------------------------ */

static const void *
move(int nth)
{
    static struct eqmin_settings s;

    if (nth == 0)
        s = (struct eqmin_settings){0};
    for (int i = 0; i < 3; i++)
        s.band[dice(EQ_BANDS)] = any_band();
    return &s;
}

static const struct stage_moves many_moves = {
    .rate_hz = RATE, .nframes = NFRAMES, .gap = 1500, .make = stage_noise, .move = move};

static void
same_bits_at_any_period(void **state)
{
    (void)state;
    assert_same_bits_at_any_block(&eqmin_stage, &many_moves);
}

static void
bands_that_do_nothing_keep_the_bits(void **state)
{
    struct eqmin e;
    struct eqmin_settings s = {0};

    (void)state;
    make_noise(want);
    want[0][5] = -0.0;
    want[1][6] = 0x1p-1060;
    memcpy(got, want, sizeof want);
    assert_int_equal(eqmin_prepare(&e, RATE), OK);
    process(&e, got, 0, 100); /* before any set */
    for (int b = 0; b < EQ_BANDS; b++) {
        s.band[b] = any_band();
        s.band[b].type = b % 3;
        s.band[b].dynamic = false;
        s.band[b].on = b < 6;
        s.band[b].gain_db = b < 6 ? 0.0 : 12.0;
    }
    eqmin_set(&e, &s);
    process(&e, got, 100, 1000);
    for (int b = 0; b < EQ_BANDS; b++)
        s.band[b].freq_hz *= 1.5;
    eqmin_set(&e, &s); /* a move that changes nothing is no fade either */
    process(&e, got, 1100, NFRAMES - 1100);
    assert_memory_equal(got, want, sizeof want);
}

static void
bits_come_back_when_a_band_is_switched_off(void **state)
{
    struct eqmin e;
    struct eqmin_settings s = {.band[2] = band_of(EQ_HIGH_CUT, 3000.0, 0.0, 8.0)};
    int fade = (int)(RATE * EQ_FADE_MS * 1e-3) + 2 * EQ_FRAMES; /* both ends are on the grid */

    (void)state;
    make_noise(want);
    memcpy(got, want, sizeof want);
    eqmin_prepare(&e, RATE);
    eqmin_set(&e, &s);
    process(&e, got, 0, 1000);
    assert_memory_not_equal(got[0], want[0], 1000 * sizeof(double));
    s.band[2].on = false;
    eqmin_set(&e, &s);
    process(&e, got, 1000, NFRAMES - 1000);
    for (int c = 0; c < STEREO; c++)
        assert_memory_equal(got[c] + 1000 + fade, want[c] + 1000 + fade,
                            (size_t)(NFRAMES - 1000 - fade) * sizeof(double));
}

static void
first_set_applies_at_once(void **state)
{
    struct eqmin e;
    struct eqmin_settings s = {.band[0] = band_of(EQ_LOW_SHELF, 100.0, 6.0, 0.7)};

    (void)state;
    make_noise(want);
    memcpy(got, want, sizeof want);
    eqmin_prepare(&e, RATE);
    s.band[0].gain_db = -20.0;
    eqmin_set(&e, &s);
    s.band[0].gain_db = 6.0;
    eqmin_set(&e, &s); /* a second one fades */
    process(&e, got, 0, 10000);
    eqmin_reset(&e);
    process(&e, got, 0, 500);
    eqmin_set(&e, &s);
    memcpy(got, want, sizeof want);
    process(&e, got, 0, 10000);

    eqmin_free(&e);
    eqmin_prepare(&e, RATE);
    eqmin_set(&e, &s);
    process(&e, want, 0, 10000);
    assert_memory_equal(got[0], want[0], 10000 * sizeof(double));
    assert_memory_equal(got[1], want[1], 10000 * sizeof(double));
}

static void
latest_move_wins_after_a_fade(void **state)
{
    struct eqmin e, direct;
    struct eqmin_settings s = {.band[0] = band_of(EQ_BELL, 2000.0, 6.0, 1.0)};

    (void)state;
    make_noise(got);
    make_noise(want);
    eqmin_prepare(&e, RATE);
    eqmin_set(&e, &s);
    for (int i = 0; i < 40; i++) { /* each 2 ms, so most of them come in the middle of a fade */
        s.band[0].gain_db = 6.0 - i * 0.25;
        s.band[0].type = i % EQ_TYPES;
        eqmin_set(&e, &s);
        process(&e, got, i * 88, 88);
    }
    s.band[0] = band_of(EQ_HIGH_SHELF, 5000.0, -3.0, 0.7);
    eqmin_set(&e, &s);
    process(&e, got, 40 * 88, NFRAMES - 40 * 88);
    eqmin_prepare(&direct, RATE);
    eqmin_set(&direct, &s);
    process(&direct, want, 0, NFRAMES);
    /* Two fades and what the states keep later: rounding, not -60 dB of a filter that has not arrived. */
    for (int i = 40 * 88 + 4000; i < NFRAMES; i++)
        assert_true(fabs(got[0][i] - want[0][i]) < 1e-12);
}

/* --- sound ----------------------------------------------------------------------------------------- */

/* Gain at hz, by the response to an impulse. */
static double
heard_db(const struct eq_band_settings *band, double hz)
{
    struct eqmin e;
    struct eqmin_settings s = {.band[3] = *band};
    double re = 0.0, im = 0.0;

    memset(got, 0, sizeof got);
    got[0][0] = got[1][0] = 1.0;
    eqmin_prepare(&e, RATE);
    eqmin_set(&e, &s);
    process(&e, got, 0, NFRAMES);
    assert_memory_equal(got[0], got[1], sizeof got[0]);
    for (int i = 0; i < NFRAMES; i++) {
        double phase = 2.0 * PI * fmod(hz * i / RATE, 1.0);

        re += got[0][i] * x_cos(phase);
        im += got[0][i] * x_sin(phase);
    }
    return gain_to_db(sqrt(re * re + im * im));
}

static void
each_type_and_slope_sounds_as_designed(void **state)
{
    static const double at_hz[] = {100.0, 900.0, 1300.0, 5000.0, 15000.0};

    (void)state;
    for (int i = 0; i < EQ_TYPES * 8; i++) {
        struct eq_band_settings band = band_of(i % EQ_TYPES, 1200.0, 7.0, 2.0);
        struct biquad_coefs c[EQDESIGN_SECTIONS];
        struct eq_curve curve;
        int n;

        band.slope = i / EQ_TYPES;
        assert_true(eq_band_curve(&band, &curve));
        assert_int_equal(curve.order, band.slope + 1);
        n = eqdesign(&curve, RATE, c);
        for (size_t k = 0; k < LEN(at_hz);
             k++) { /* dB: rounding of a 24000-term sum, also where little is left */
            double db = eqdesign_response_db(c, n, at_hz[k], RATE);

            assert_true(fabs(heard_db(&band, at_hz[k]) - db) < (db > -100.0 ? 1e-6 : 1e-3));
        }
    }
}

static void
silence_stays_silent(void **state)
{
    (void)state;
    assert_silence_stays_silent(&eqmin_stage, &many_moves);
}

/* At rest, moving, riding: from the next frame of the grid on it is sound again. */
static void
numbers_come_back_after_what_is_none(void **state)
{
    static const double odd[] = {NAN, INFINITY, -1e300};

    (void)state;
    for (size_t i = 0; i < LEN(odd); i++) {
        struct eqmin e;
        struct eqmin_settings s = {0};

        eqmin_prepare(&e, RATE);
        for (int b = 0; b < EQ_BANDS; b++) {
            s.band[b] = band_of(b % EQ_TYPES, 500.0 * (b + 1), 3.0, 1.0);
            s.band[b].dynamic = b % 2;
            s.band[b].threshold_dbfs = -60.0;
            s.band[b].channels = b % 5;
        }
        eqmin_set(&e, &s);
        make_noise(got);
        got[0][100] = got[1][110] = odd[i];
        got[0][700] = odd[i];
        process(&e, got, 0, 200);
        s.band[0].gain_db = 6.0;
        s.band[1].freq_hz = 50.0;
        eqmin_set(&e, &s);
        process(&e, got, 200, NFRAMES - 200);
        for (int k = 128; k < NFRAMES; k++)
            if (k < 700 || k >= 704)
                assert_true(fabs(got[0][k]) < 100.0 && fabs(got[1][k]) < 100.0);
    }
}

static void
reset_forgets(void **state)
{
    struct eqmin_settings s = {0}, other = {0};

    (void)state;
    dice_state = 11;
    for (int b = 0; b < EQ_BANDS; b++) {
        s.band[b] = any_band();
        other.band[b] = any_band();
    }
    assert_reset_forgets(&eqmin_stage, stage_noise, &s, &other);
}

static void
settings_that_are_no_numbers_do_nothing(void **state)
{
    const struct eq_band_settings bad[] = {
        band_of(EQ_BELL, NAN, 3.0, 1.0),      band_of(EQ_BELL, 1000.0, NAN, 1.0),
        band_of(EQ_NOTCH, 1000.0, 3.0, NAN),  band_of(EQ_BELL, -1.0, 3.0, 1.0),
        band_of(EQ_LOW_CUT, 100.0, 3.0, 0.0), band_of(99, 1000.0, 3.0, 1.0),
    };
    struct eqmin e;
    struct eqmin_settings s = {0};

    (void)state;
    make_noise(want);
    memcpy(got, want, sizeof want);
    eqmin_prepare(&e, RATE);
    eqmin_set(&e, &s);
    for (size_t i = 0; i < LEN(bad); i++) {
        s.band[i] = bad[i];
        eqmin_set(&e, &s);
        process(&e, got, (int)i * 2000, 2000);
    }
    process(&e, got, 12000, NFRAMES - 12000);
    assert_memory_equal(got, want, sizeof want);
}

static void
prepare_refuses_odd_rates(void **state)
{
    struct eqmin e;

    (void)state;
    assert_odd_rates_are_refused(&eqmin_stage);
    assert_int_equal(eqmin_prepare(&e, 384000.0), OK);
    assert_int_equal(eqmin_latency_frames(&e), 0);
}

/* --- clicks ---------------------------------------------------------------------------------------- */

#define LEAK_DBFS (-98.0) /* the project promises -90; -101.2 was measured */

enum { TONE_STARTS = 6000, STEP_AT = 13000, LISTEN = 3600 };

static struct leak leak;

/* The tone, swelling so gently that no filter rings by the time of the first step. */
static void
make_tone(double io[STEREO][NFRAMES])
{
    for (int i = 0; i < NFRAMES; i++) {
        double t = fmin(i / (double)TONE_STARTS, 1.0), swell = t * t * t * (t * (6.0 * t - 15.0) + 10.0);

        io[0][i] = LEAK_TONE_GAIN * swell * sin(2.0 * PI * LEAK_TONE_HZ * i / RATE + 1.0);
        io[1][i] = -io[0][i];
    }
}

static double
leak_dbfs(int from, int nframes)
{
    return gain_to_db(
        fmax(leak_peak(&leak, got[0], from, from + nframes), leak_peak(&leak, got[1], from, from + nframes)));
}

static double
step_leak_dbfs(const struct eq_band_settings *from, const struct eq_band_settings *to)
{
    static struct eqmin e;
    struct eqmin_settings s = {.band[0] = *from};

    memcpy(got, want, sizeof want);
    eqmin_prepare(&e, RATE);
    eqmin_set(&e, &s);
    process(&e, got, 0, STEP_AT);
    s.band[0] = *to;
    eqmin_set(&e, &s);
    process(&e, got, STEP_AT, STEP_AT + 2 * LISTEN < NFRAMES ? 2 * LISTEN : NFRAMES - STEP_AT);
    return leak_dbfs(STEP_AT, LISTEN);
}

static double
both_ways_dbfs(const struct eq_band_settings *a, const struct eq_band_settings *b)
{
    return fmax(step_leak_dbfs(a, b), step_leak_dbfs(b, a));
}

static const double places_hz[] = {10.0, 300.0, 997.0, 1400.0, 3500.0, 8000.0, 40000.0};

static const double qs[] = {0.1, 0.7, 40.0};

static void
frequency_steps_do_not_click(void **state)
{
    double most = DB_SILENCE;

    (void)state;
    make_tone(want);
    for (int type = 0; type < EQ_TYPES; type++) {
        for (size_t i = 0; i < LEN(places_hz); i++) {
            for (size_t j = 0; j < i; j++) {
                double gain_db = (i + j) % 2 ? 24.0 : -24.0;
                struct eq_band_settings a = band_of(type, places_hz[i], gain_db, 40.0);
                struct eq_band_settings b = band_of(type, places_hz[j], gain_db, 40.0);

                most = fmax(most, both_ways_dbfs(&a, &b));
            }
        }
    }
    print_message("# frequency: %.1f dBFS\n", most);
    assert_true(most < LEAK_DBFS);
}

static void
gain_steps_do_not_click(void **state)
{
    static const double gains_db[] = {-24.0, 0.0, 3.0, 24.0};
    double most = DB_SILENCE;

    (void)state;
    make_tone(want);
    for (int type = EQ_BELL; type <= EQ_HIGH_SHELF; type++) {
        for (size_t f = 0; f < LEN(places_hz); f++) {
            for (size_t i = 0; i < LEN(gains_db); i++) {
                double q = qs[(f + i) % 2 ? 2 : 1];
                struct eq_band_settings a = band_of(type, places_hz[f], gains_db[i], q), b = a;

                b.gain_db = gains_db[(i + 1) % LEN(gains_db)];
                most = fmax(most, both_ways_dbfs(&a, &b));
            }
        }
    }
    print_message("# gain: %.1f dBFS\n", most);
    assert_true(most < LEAK_DBFS);
}

static void
q_type_and_switch_steps_do_not_click(void **state)
{
    double q_most = DB_SILENCE, type_most = DB_SILENCE, switch_most = DB_SILENCE;

    (void)state;
    make_tone(want);
    for (int type = 0; type < EQ_TYPES; type++) {
        for (size_t f = 0; f < LEN(places_hz); f++) {
            struct eq_band_settings a = band_of(type, places_hz[f], f % 4 < 2 ? -24.0 : 24.0, 40.0), b = a;

            b.q = qs[f % 2];
            q_most = fmax(q_most, both_ways_dbfs(&a, &b));
            b = a;
            b.type = (type + 1 + (int)f % 4) % EQ_TYPES;
            type_most = fmax(type_most, both_ways_dbfs(&a, &b));
            b = a;
            b.on = false;
            switch_most = fmax(switch_most, both_ways_dbfs(&a, &b));
        }
    }
    print_message("# q: %.1f, type: %.1f, on: %.1f dBFS\n", q_most, type_most, switch_most);
    assert_true(q_most < LEAK_DBFS && type_most < LEAK_DBFS && switch_most < LEAK_DBFS);
}

/* Cuts of all slopes, from each place to the next and from each slope to the next. */
static void
slope_steps_do_not_click(void **state)
{
    double most = DB_SILENCE;

    (void)state;
    make_tone(want);
    for (int type = EQ_LOW_SHELF; type <= EQ_HIGH_CUT; type++) {
        for (int slope = 0; slope < 8; slope++) {
            for (size_t f = 0; f < LEN(places_hz); f++) {
                struct eq_band_settings a = band_of(type, places_hz[f], 12.0, qs[(f + (size_t)slope) % 3]),
                                        b = a;

                a.slope = slope;
                b.slope = (slope + 1 + (int)f) % 8;
                most = fmax(most, both_ways_dbfs(&a, &b));
                b.slope = slope;
                b.freq_hz = places_hz[(f + 1) % LEN(places_hz)];
                most = fmax(most, both_ways_dbfs(&a, &b));
            }
        }
    }
    print_message("# slope: %.1f dBFS\n", most);
    assert_true(most < LEAK_DBFS);
}

/* The tone is all side, so left and right, side and stereo each hear it, and mid does not. */
static void
channel_steps_do_not_click(void **state)
{
    double most = DB_SILENCE;

    (void)state;
    make_tone(want);
    for (int from = CHANNELS_STEREO; from <= CHANNELS_RIGHT; from++)
        for (int to = CHANNELS_STEREO; to < from; to++)
            for (size_t f = 0; f < LEN(places_hz); f++) {
                struct eq_band_settings a = band_of((int)f % EQ_TYPES, places_hz[f], 12.0, qs[f % 3]), b = a;

                a.channels = from;
                b.channels = to;
                most = fmax(most, both_ways_dbfs(&a, &b));
            }
    print_message("# channels: %.1f dBFS\n", most);
    assert_true(most < LEAK_DBFS);
}

/* A knob of a surface: a new value each 16 ms, so that fades follow one another without rest. */
static void
rapid_moves_do_not_click(void **state)
{
    static struct eqmin e;
    double most = DB_SILENCE;

    (void)state;
    make_tone(want);
    for (int run = 0; run < 6 * EQ_TYPES; run++) {
        struct eqmin_settings s = {0};
        struct eq_band_settings *b = &s.band[run % EQ_BANDS];
        double q = qs[run % 3];

        memcpy(got, want, sizeof want);
        *b = band_of(run % EQ_TYPES, 100.0, 12.0, q);
        eqmin_prepare(&e, RATE);
        eqmin_set(&e, &s);
        process(&e, got, 0, STEP_AT);
        for (int i = STEP_AT, n = 0; i < NFRAMES; i += 706, n++) {
            int left = NFRAMES - i;

            if (run / EQ_TYPES < 3) /* a sweep over all ranges: 100 Hz..10 kHz, +12..-12 dB, q 0.1..40 */
                *b = band_of(b->type, 100.0 * x_exp2(n * 0.443), 12.0 - n * 1.6,
                             q * x_exp2(n * (run % 3 - 1) * -0.55));
            else
                *b = any_band();
            b->dynamic = false; /* its harmonics are rightly there */
            eqmin_set(&e, &s);
            process(&e, got, i, left < 706 ? left : 706);
        }
        most = fmax(most, leak_dbfs(STEP_AT, NFRAMES - STEP_AT - LEAK_HALF));
    }
    print_message("# rapid moves: %.1f dBFS\n", most);
    assert_true(most < LEAK_DBFS);
}

/* A fader moved under a tone it acts on: the level goes from one to the other, without a hole or a bump. */
static void
level_goes_straight_in_a_gain_move(void **state)
{
    static const double tones_hz[] = {60.0, 200.0, 997.0, 3000.0};

    (void)state;
    for (size_t t = 0; t < LEN(tones_hz); t++) {
        struct eqmin e;
        struct eqmin_settings s = {.band[0] = band_of(EQ_BELL, tones_hz[t], 6.0, 4.0)};
        double most = 0.0, least = 1e9;

        for (int i = 0; i < NFRAMES; i++) { /* quadrature, so that each frame tells the level */
            double phase = 2.0 * PI * fmod(tones_hz[t] * i / RATE, 1.0);

            got[0][i] = sin(phase);
            got[1][i] = cos(phase);
        }
        eqmin_prepare(&e, RATE);
        eqmin_set(&e, &s);
        process(&e, got, 0, 16000);
        s.band[0].gain_db = 9.0;
        eqmin_set(&e, &s);
        process(&e, got, 16000, NFRAMES - 16000);
        for (int i = 15900; i < NFRAMES; i++) {
            most = fmax(most, hypot(got[0][i], got[1][i]));
            least = fmin(least, hypot(got[0][i], got[1][i]));
        }
        print_message("# %g Hz: %.3f..%.3f dB\n", tones_hz[t], gain_to_db(least), gain_to_db(most));
        assert_true(gain_to_db(least) > 6.0 - 0.1 && gain_to_db(most) < 9.0 + 0.1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_at_any_period),
        cmocka_unit_test(bands_that_do_nothing_keep_the_bits),
        cmocka_unit_test(bits_come_back_when_a_band_is_switched_off),
        cmocka_unit_test(first_set_applies_at_once),
        cmocka_unit_test(latest_move_wins_after_a_fade),
        cmocka_unit_test(each_type_and_slope_sounds_as_designed),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(numbers_come_back_after_what_is_none),
        cmocka_unit_test(reset_forgets),
        cmocka_unit_test(settings_that_are_no_numbers_do_nothing),
        cmocka_unit_test(prepare_refuses_odd_rates),
        cmocka_unit_test(frequency_steps_do_not_click),
        cmocka_unit_test(gain_steps_do_not_click),
        cmocka_unit_test(q_type_and_switch_steps_do_not_click),
        cmocka_unit_test(slope_steps_do_not_click),
        cmocka_unit_test(channel_steps_do_not_click),
        cmocka_unit_test(rapid_moves_do_not_click),
        cmocka_unit_test(level_goes_straight_in_a_gain_move),
    };

    leak_prepare(&leak, RATE);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
