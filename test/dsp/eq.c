/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ways through the equaliser have their own tests (eqmin, eqfir): here is how one goes over to the other.
 */
#include "dsp/eq.h"

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

STAGE(eq);

enum { RATE = 48000, N = 96000, TURN = 24000 /* frames: what a change of phase takes at most, and some */ };

static double in[STEREO][N], out[STEREO][N], want[STEREO][N];

static struct eq_settings
at_work(int phase)
{
    struct eq_settings s = {.on = true, .phase = phase, .corner_hz = 300.0};
    static const int types[] = {EQ_LOW_CUT, EQ_BELL, EQ_HIGH_SHELF};
    static const double freqs[] = {30.0, 1000.0, 8000.0};

    for (int b = 0; b < EQ_BANDS; b++)
        s.band[b] = (struct eq_band_settings){.on = b < 3,
                                              .type = types[b % 3],
                                              .freq_hz = freqs[b % 3],
                                              .gain_db = 6.0,
                                              .q = 0.7071,
                                              .slope = 1,
                                              .threshold_dbfs = -40.0,
                                              .range_db = -9.0,
                                              .attack_ms = 5.0,
                                              .release_ms = 50.0};
    return s;
}

static void
make_noise(void)
{
    dice_state = 31;
    for (int i = 0; i < N; i++)
        for (int c = 0; c < STEREO; c++)
            in[c][i] = 0.25 * (dice(2000001) * 1e-6 - 1.0);
}

struct move {
    int frame;
    struct eq_settings s;
};

static void
run(double (*to)[N], const struct eq_settings *start, const struct move *move, int nmoves, int block)
{
    static struct eq e;

    assert_int_equal(eq_prepare(&e, RATE), OK);
    eq_set(&e, start);
    memcpy(to, in, sizeof in);
    for (int at = 0, next = 0, n; at < N; at += n) {
        for (; next < nmoves && move[next].frame == at; next++)
            eq_set(&e, &move[next].s);
        n = block < N - at ? block : N - at;
        if (next < nmoves && move[next].frame - at < n)
            n = move[next].frame - at;
        eq_process(&e, (double *const[]){to[0] + at, to[1] + at}, n);
    }
    eq_free(&e);
}

static int
latency_of(int phase)
{
    static struct eq e;
    struct eq_settings s = at_work(phase);
    int latency;

    assert_int_equal(eq_prepare(&e, RATE), OK);
    eq_set(&e, &s);
    latency = eq_latency_frames(&e);
    assert_in_range(latency, 0, eq_latency_max_frames(&e));
    eq_free(&e);
    return latency;
}

/* RMS difference in dB of the sound from `from` to `to`, a moved by `late`. */
static double
apart_db(double (*a)[N], double (*b)[N], int late, int from, int to)
{
    double difference = 0.0, sound = 0.0;

    for (int i = from; i < to; i++) {
        difference += pow(a[0][i + late] - b[0][i], 2.0);
        sound += pow(b[0][i], 2.0);
    }
    return 10.0 * log10(difference / sound + 1e-30);
}

static void
only_linear_and_mixed_are_late(void **state)
{
    (void)state;
    assert_int_equal(latency_of(EQ_MINIMUM), 0);
    assert_int_equal(latency_of(EQ_LINEAR), 4608);
    assert_int_equal(latency_of(EQ_MIXED), 4608);
}

/* Nothing but the delay is in it. */
static void
linear_phase_with_nothing_to_do_keeps_the_bits(void **state)
{
    struct eq_settings s = at_work(EQ_LINEAR);
    int late = latency_of(EQ_LINEAR);

    (void)state;
    make_noise();
    for (int b = 0; b < EQ_BANDS; b++)
        s.band[b].on = false;
    run(out, &s, NULL, 0, 64);
    for (int c = 0; c < STEREO; c++)
        assert_memory_equal(out[c] + late, in[c], sizeof(double) * (size_t)(N - late));
}

/* The same from the start or after a change of phase, whichever it was. */
static void
a_change_of_phase_arrives(void **state)
{
    (void)state;
    make_noise();
    for (int from = EQ_MINIMUM; from <= EQ_MIXED; from++)
        for (int to = EQ_MINIMUM; to <= EQ_MIXED; to++) {
            struct eq_settings a = at_work(from), b = at_work(to);
            struct move moves[] = {{1000, b}};
            double db;

            run(want, &b, NULL, 0, 64);
            run(out, &a, moves, 1, 64);
            db = apart_db(out, want, 0, 1000 + 2 * TURN, N);
            if (db > -200.0)
                fail_msg("phase %d to %d: %.1f dB apart", from, to, db);
        }
}

static void
what_was_asked_for_last_wins(void **state)
{
    struct eq_settings s = at_work(EQ_MINIMUM);
    struct move moves[] = {{1000, at_work(EQ_LINEAR)},
                           {3000, at_work(EQ_MINIMUM)},
                           {3100, at_work(EQ_MIXED)},
                           {22000, at_work(EQ_LINEAR)},
                           {22100, at_work(EQ_MINIMUM)}};

    (void)state;
    make_noise();
    run(want, &s, NULL, 0, 64);
    run(out, &s, moves, LEN(moves), 64);
    assert_true(apart_db(out, want, 0, 22100 + TURN, N) < -200.0);
}

/* Its part that moves is ahead of the fixed filter: the same reduction, but for the curve's phase. */
static void
a_dynamic_band_rides_in_linear_phase_too(void **state)
{
    struct eq_settings minimum = at_work(EQ_MINIMUM), linear = at_work(EQ_LINEAR);
    int late = latency_of(EQ_LINEAR);

    (void)state;
    for (int i = 0; i < N; i++)
        in[0][i] = in[1][i] = 0.5 * sin(2.0 * PI * 1000.0 * i / RATE);
    for (int b = 0; b < EQ_BANDS; b++)
        minimum.band[b].on = linear.band[b].on = b == 1;
    minimum.band[1].dynamic = linear.band[1].dynamic = true;
    run(want, &minimum, NULL, 0, 64);
    run(out, &linear, NULL, 0, 64);
    assert_true(apart_db(out, want, late, N / 2, N - late) < -40.0);
    linear.band[1].dynamic = false;
    run(out, &linear, NULL, 0, 64);
    assert_true(apart_db(out, want, late, N / 2, N - late) > 0.0); /* 9 dB louder */
}

/* Up as well as down: -6 dBFS, threshold -30 dBFS, 2:1 would be 12 dB, the range is 9. */
static void
what_a_dynamic_band_moves_by_is_told(void **state)
{
    (void)state;
    for (int phase = EQ_MINIMUM; phase <= EQ_LINEAR; phase++)
        for (int up = -1; up <= 1; up += 2) {
            struct eq_settings s = at_work(phase);
            struct eq e;
            double *io[STEREO] = {out[0], out[1]};

            for (int b = 0; b < EQ_BANDS; b++)
                s.band[b].on = b == 1;
            s.band[1] = (struct eq_band_settings){.on = true,
                                                  .freq_hz = 1000,
                                                  .q = 1,
                                                  .dynamic = true,
                                                  .threshold_dbfs = -30,
                                                  .range_db = 9.0 * up,
                                                  .attack_ms = 10,
                                                  .release_ms = 100};
            for (int i = 0; i < N; i++)
                out[0][i] = out[1][i] = 0.5 * sin(2.0 * PI * 1000.0 * i / RATE);
            assert_int_equal(eq_prepare(&e, RATE), OK);
            eq_set(&e, &s);
            eq_process(&e, io, N);
            assert_float_equal(eq_take_band_reduction_db(&e, 1), 9.0, 0.2);
            assert_true(eq_take_band_reduction_db(&e, 1) == 0.0);
            assert_true(eq_take_band_reduction_db(&e, 0) == 0.0);
            assert_float_equal(eq_take_reduction_db(&e), 9.0, 0.2);
            assert_true(eq_take_reduction_db(&e) == 0.0);
            eq_free(&e);
        }
}

static void
it_gives_the_same_bits_at_any_block(void **state)
{
    static const int blocks[] = {7, 64, 1000};
    struct eq_settings s = at_work(EQ_LINEAR);
    struct move moves[] = {{2000, at_work(EQ_LINEAR)},  {6001, at_work(EQ_MINIMUM)},
                           {30003, at_work(EQ_MIXED)},  {50000, at_work(EQ_MINIMUM)},
                           {50100, at_work(EQ_LINEAR)}, {70001, at_work(EQ_MINIMUM)}};

    (void)state;
    make_noise();
    moves[0].s.band[1].gain_db = -3.0;
    moves[2].s.band[2].dynamic = true;
    run(want, &s, moves, LEN(moves), 1);
    for (size_t k = 0; k < LEN(blocks); k++) {
        run(out, &s, moves, LEN(moves), blocks[k]);
        assert_memory_equal(out, want, sizeof want);
    }
}

static void
a_change_of_phase_does_not_click(void **state)
{
    static struct leak leak;
    struct eq_settings s = at_work(EQ_MINIMUM);
    struct move moves[] = {
        {10000, at_work(EQ_LINEAR)}, {35000, at_work(EQ_MIXED)}, {60000, at_work(EQ_MINIMUM)}};

    (void)state;
    leak_prepare(&leak, RATE);
    tone_make((double *const[]){in[0], in[1]}, RATE, LEAK_TONE_HZ, LEAK_TONE_GAIN, N);
    run(out, &s, moves, LEN(moves), 64);
    assert_true(leak_peak(&leak, out[0], 6000, N - 1000) < 6.3e-5); /* -90 dBFS, of a tone 6 dB louder */
}

/* As it was, to those who listen: what is soloed is not late. */
static void
a_solo_is_heard_in_any_phase_and_printed_in_none(void **state)
{
    static double heard[2][STEREO][N];

    (void)state;
    make_noise();
    for (int phase = EQ_MINIMUM; phase <= EQ_LINEAR; phase++) {
        static struct eq e;
        struct eq_settings s = at_work(phase);

        run(want, &s, NULL, 0, 64);
        s.band[1].solo = true;
        assert_true(eq_is_listened(&s));
        assert_int_equal(eq_prepare(&e, RATE), OK);
        eq_set(&e, &s);
        memcpy(out, in, sizeof in);
        for (int at = 0; at < N; at += 64) {
            eq_listen(&e, (double *const[]){heard[phase][0] + at, heard[phase][1] + at});
            eq_process(&e, (double *const[]){out[0] + at, out[1] + at}, 64);
        }
        eq_free(&e);
        assert_memory_equal(out, want, sizeof want);
    }
    assert_true(apart_db(heard[1], heard[0], 0, N / 2, N) < -200.0);
    assert_true(apart_db(heard[0], out, 0, N / 2, N) > -6.0); /* it is something else */
}

/* What the chain does when the stage is switched on while sound runs. */
static void
after_a_restart_it_is_right_in_time(void **state)
{
    static struct eq e;
    struct eq_settings s = at_work(EQ_MINIMUM), other = at_work(EQ_LINEAR);
    int warm, late = latency_of(EQ_LINEAR);

    (void)state;
    make_noise();
    run(want, &other, NULL, 0, 64);
    assert_int_equal(eq_prepare(&e, RATE), OK);
    eq_set(&e, &s);
    memcpy(out, in, sizeof in);
    eq_process(&e, (double *const[]){out[0], out[1]}, 5000);
    eq_restart(&e);
    eq_set(&e, &other);
    warm = eq_warm_frames(&e);
    eq_process(&e, (double *const[]){out[0] + 5000, out[1] + 5000}, N - 5000);
    eq_free(&e);
    assert_in_range(warm, late, N / 2);
    assert_true(apart_db(out, want, 0, 5000 + warm, N) < -200.0);
}

static void
odd_rates_are_refused_and_reset_forgets(void **state)
{
    struct eq_settings s = at_work(EQ_LINEAR), other = at_work(EQ_MINIMUM);

    (void)state;
    assert_odd_rates_are_refused(&eq_stage);
    assert_reset_forgets(&eq_stage, stage_noise, &s, &other);
    assert_reset_forgets(&eq_stage, stage_noise, &other, &s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_linear_and_mixed_are_late),
        cmocka_unit_test(linear_phase_with_nothing_to_do_keeps_the_bits),
        cmocka_unit_test(a_change_of_phase_arrives),
        cmocka_unit_test(what_was_asked_for_last_wins),
        cmocka_unit_test(a_dynamic_band_rides_in_linear_phase_too),
        cmocka_unit_test(what_a_dynamic_band_moves_by_is_told),
        cmocka_unit_test(it_gives_the_same_bits_at_any_block),
        cmocka_unit_test(a_change_of_phase_does_not_click),
        cmocka_unit_test(a_solo_is_heard_in_any_phase_and_printed_in_none),
        cmocka_unit_test(after_a_restart_it_is_right_in_time),
        cmocka_unit_test(odd_rates_are_refused_and_reset_forgets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
