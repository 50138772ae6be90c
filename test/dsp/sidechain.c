/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/sidechain.h"

#include "test/kit/dice.h"

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { FRAMES = 1 << 17 };

static double in[STEREO][FRAMES], out[STEREO][FRAMES];

/* From frame `from` on, in pieces of at most `piece`; moves glide at frame `at_move`. */
static void
run(struct sidechain *s, int from, int to, int piece)
{
    for (int at = from, n; at < to; at += n) {
        double room[STEREO][SIDECHAIN_PIECE];
        const double *heard[STEREO];

        n = piece < to - at ? piece : to - at;
        sidechain_process(s, (const double *[]){in[0] + at, in[1] + at}, room, heard, n);
        for (int c = 0; c < STEREO; c++)
            memcpy(out[c] + at, heard[c], sizeof **out * (size_t)n);
    }
}

/* Of the impulse response, in dB. */
static double
response_db(double rate, double hz)
{
    double complex sum = 0.0, turn = cexp(-2.0 * PI * hz / rate * I), w = 1.0;

    for (int i = 0; i < FRAMES; i++, w *= turn)
        sum += out[0][i] * w;
    return 20.0 * log10(cabs(sum));
}

static void
make_impulse_response(int kind, double hz, double rate)
{
    struct sidechain s;

    sidechain_prepare(&s, rate);
    sidechain_start(&s, kind, hz);
    memset(in, 0, sizeof in);
    in[0][0] = 1.0;
    run(&s, 0, FRAMES, SIDECHAIN_PIECE);
}

/* Bilinear, so that the analog curve is at the bent frequency; 1e-6 dB for the end of the response. */
static void
high_passes_are_the_analog_ones(void **state)
{
    static const double corners[] = {21.0, 80.0, 500.0}, at_hz[] = {15.0, 50.0, 200.0, 1000.0, 15000.0};
    const double rate = 48000.0;

    (void)state;
    for (size_t k = 0; k < LEN(corners); k++)
        for (int kind = SIDECHAIN_12_DB; kind <= SIDECHAIN_6_DB; kind++) {
            make_impulse_response(kind, corners[k], rate);
            for (size_t i = 0; i < LEN(at_hz); i++) {
                double f = tan(PI * at_hz[i] / rate) / tan(PI * corners[k] / rate);
                double power =
                    kind == SIDECHAIN_12_DB ? f * f * f * f / (1.0 + f * f * f * f) : f * f / (1.0 + f * f);

                assert_true(fabs(response_db(rate, at_hz[i]) - 10.0 * log10(power)) < 1e-6);
            }
        }
}

static void
tilt_rises_3_db_an_octave(void **state)
{
    static const double rates[] = {44100.0, 48000.0, 96000.0, 192000.0};

    (void)state;
    for (size_t k = 0; k < LEN(rates); k++) {
        double worst = 0.0;

        make_impulse_response(SIDECHAIN_TILT, 20.0, rates[k]);
        for (double hz = 30.0; hz <= 16000.0; hz *= 1.1)
            worst = fmax(worst, fabs(response_db(rates[k], hz) - 10.0 * log10(hz / 1000.0)));
        print_message("# tilt at %g Hz: within %.2f dB\n", rates[k], worst);
        assert_true(worst < 0.35);
    }
}

static void
off_is_the_very_sound(void **state)
{
    double room[STEREO][SIDECHAIN_PIECE];
    const double *heard[STEREO];
    struct sidechain s;

    (void)state;
    sidechain_prepare(&s, 48000.0);
    sidechain_process(&s, (const double *[]){in[0], in[1]}, room, heard, SIDECHAIN_PIECE);
    assert_true(heard[0] == in[0] && heard[1] == in[1]);
    assert_int_equal(sidechain_kind(SIDECHAIN_12_DB, 20.0), SIDECHAIN_OFF);
    assert_int_equal(sidechain_kind(SIDECHAIN_6_DB, 20.0), SIDECHAIN_OFF);
    assert_int_equal(sidechain_kind(SIDECHAIN_6_DB, 20.1), SIDECHAIN_6_DB);
    assert_int_equal(sidechain_kind(SIDECHAIN_TILT, 20.0), SIDECHAIN_TILT);
}

/* With a glide on the way, which ends within a piece. */
static void
same_bits_in_any_pieces(void **state)
{
    static const int pieces[] = {7, 16, 63, 64};
    enum { N = 9000, MOVE = 1000 };
    static double want[STEREO][N];
    struct sidechain s;

    (void)state;
    for (int i = 0; i < N; i++)
        for (int c = 0; c < STEREO; c++)
            in[c][i] = noise();
    for (int kind = SIDECHAIN_12_DB; kind < SIDECHAIN_OFF; kind++)
        for (size_t k = 0; k <= LEN(pieces); k++) {
            sidechain_prepare(&s, 48000.0);
            sidechain_start(&s, kind, 30.0);
            run(&s, 0, MOVE, k ? pieces[k - 1] : 1);
            sidechain_glide(&s, 400.0);
            run(&s, MOVE, N, k ? pieces[k - 1] : 1);
            for (int c = 0; c < STEREO; c++)
                if (k == 0)
                    memcpy(want[c], out[c], sizeof want[c]);
                else
                    assert_memory_equal(out[c], want[c], sizeof want[c]);
        }
}

/* 1e-9: what the two ways round, by one frame and by two, may differ in rounding, and the end of the old sound. */
static void
a_glide_arrives_where_a_start_would_be(void **state)
{
    enum { N = 60000 };
    struct sidechain s;
    double got;

    (void)state;
    for (int i = 0; i < N; i++)
        in[0][i] = in[1][i] = sin(2.0 * PI * 300.0 / 48000.0 * i);
    sidechain_prepare(&s, 48000.0);
    sidechain_start(&s, SIDECHAIN_12_DB, 30.0);
    sidechain_glide(&s, 400.0);
    run(&s, 0, N, 64);
    got = out[0][N - 1];
    sidechain_start(&s, SIDECHAIN_12_DB, 400.0);
    run(&s, 0, N, 64);
    assert_true(fabs(out[0][N - 1] - got) < 1e-9 && fabs(got) > 0.01);
}

static void
tidying_ends_a_nan(void **state)
{
    struct sidechain s;

    (void)state;
    for (int kind = SIDECHAIN_12_DB; kind < SIDECHAIN_OFF; kind++) {
        sidechain_prepare(&s, 48000.0);
        sidechain_start(&s, kind, 100.0);
        memset(in, 0, sizeof in);
        in[0][3] = NAN;
        run(&s, 0, 64, 64);
        assert_true(isnan(out[0][63]));
        sidechain_tidy(&s);
        run(&s, 64, 128, 64);
        assert_true(out[0][64] == 0.0 && out[0][127] == 0.0 && out[1][127] == 0.0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(high_passes_are_the_analog_ones),
        cmocka_unit_test(tilt_rises_3_db_an_octave),
        cmocka_unit_test(off_is_the_very_sound),
        cmocka_unit_test(same_bits_in_any_pieces),
        cmocka_unit_test(a_glide_arrives_where_a_start_would_be),
        cmocka_unit_test(tidying_ends_a_nan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
