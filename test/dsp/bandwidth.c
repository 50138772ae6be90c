/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/bandwidth.h"

#include "test/kit/dice.h"
#include "test/kit/kaiser.h"
#include "test/kit/song.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RATE 44100.0

enum { NFRAMES = 6 * 44100, HALF = 200 };

static double side[STEREO][NFRAMES];

static void
load_song(double rate_hz)
{
    double *x = song_make(rate_hz, NFRAMES);

    for (int i = 0; i < NFRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            side[c][i] = x[STEREO * i + c];
    free(x);
}

static struct bandwidth_finding
find(double rate_hz, int nframes, int block)
{
    struct bandwidth b;
    struct bandwidth_finding f;

    assert_int_equal(bandwidth_prepare(&b, rate_hz, STEREO), OK);
    for (int at = 0; at < nframes; at += block)
        bandwidth_process(&b, (const double *const[]){side[0] + at, side[1] + at},
                          nframes - at < block ? nframes - at : block);
    f = bandwidth_find(&b);
    bandwidth_free(&b);
    return f;
}

/* Windowed sinc: down 90 dB some 250 Hz above the corner. From `from` on every second run of so many frames; 0: all. */
static void
low_pass(double corner_hz, double rate_hz, int every)
{
    static double tap[2 * HALF + 1], out[NFRAMES];

    for (int i = -HALF; i <= HALF; i++) {
        double x = 2.0 * corner_hz / rate_hz * i;

        tap[i + HALF] = 2.0 * corner_hz / rate_hz * (i == 0 ? 1.0 : sin(PI * x) / (PI * x)) *
                        kaiser((double)i / HALF, 9.0);
    }
    for (int c = 0; c < STEREO; c++) {
        for (int i = 0; i < NFRAMES; i++) {
            out[i] = every && i / every % 2 == 0 ? side[c][i] : 0.0;
            if (every && i / every % 2 == 0)
                continue;
            for (int k = i - NFRAMES + 1 > -HALF ? i - NFRAMES + 1 : -HALF; k <= HALF && k <= i; k++)
                out[i] += tap[k + HALF] * side[c][i - k];
        }
        memcpy(side[c], out, sizeof out);
    }
}

static void
a_song_up_to_half_the_rate_has_no_edge(void **state)
{
    static const double rates[] = {32000, 44100, 48000, 96000, 192000};

    (void)state;
    for (size_t i = 0; i < LEN(rates); i++) {
        struct bandwidth_finding f;

        load_song(rates[i]);
        f = find(rates[i], NFRAMES, 4096);
        assert_false(f.edge);
        assert_true(f.codec_sure == 0.0);
    }
}

static void
a_steep_low_pass_is_an_edge_and_no_codec(void **state)
{
    struct bandwidth_finding f;

    (void)state;
    load_song(RATE);
    low_pass(20000.0, RATE, 0);
    f = find(RATE, NFRAMES, 4096);
    assert_true(f.edge);
    assert_float_equal(f.edge_hz, 20200.0, 300.0); /* half way down to -200 dB */
    assert_true(f.stop_hz >= f.edge_hz && f.stop_hz < f.edge_hz + 700.0);
    assert_true(f.fall_db > 40.0);
    assert_true(f.from_hz == 0.0);
    assert_true(f.codec_sure == 0.0);
}

/* What a codec does when bits run out: above 16 kHz nothing, for a while. */
static void
bands_that_come_and_go_are_holes(void **state)
{
    struct bandwidth_finding f;

    (void)state;
    load_song(RATE);
    low_pass(16000.0, RATE, 22050);
    f = find(RATE, NFRAMES, 4096);
    assert_true(f.holes > 0.2);
    assert_float_equal(f.holes_hz, 16000.0, 700.0);
    assert_true(f.codec_sure > 0.9);
}

static void
dull_music_has_no_edge(void **state)
{
    double low[STEREO][4] = {{0}};
    struct bandwidth_finding f;

    (void)state;
    load_song(RATE);
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < NFRAMES; i++) {
            double x = side[c][i];

            for (int k = 0; k < 4; k++) /* 24 dB an octave from 2 kHz */
                x = low[c][k] += 0.25 * (x - low[c][k]);
            side[c][i] = round(32768.0 * x + 0.5 * noise() + 0.5 * noise()) / 32768.0;
        }
    f = find(RATE, NFRAMES, 4096);
    assert_false(f.edge);
    assert_true(f.codec_sure == 0.0);
}

static void
tones_sweeps_squares_and_noise_have_no_edge(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++) {
        struct bandwidth_finding f;
        double phase = 0.0, brown = 0.0;

        for (int i = 0; i < NFRAMES; i++) {
            double hz = kind == 1   ? 20.0 + 20000.0 * i / NFRAMES
                        : kind == 2 ? 440.0
                        : kind == 3 ? 3000.0
                                    : 12000.0,
                   x;

            phase = fmod(phase + hz / RATE, 1.0);
            brown = 0.999 * brown + 0.01 * noise();
            x = kind == 5   ? brown
                : kind == 4 ? noise()
                : kind >= 2 ? (phase < 0.5 ? 1.0 : -1.0)
                            : sin(2.0 * PI * phase);
            side[0][i] = side[1][i] = round(32767.0 * 0.9 * x) / 32768.0;
        }
        f = find(RATE, NFRAMES, 4096);
        if (f.edge || f.codec_sure >= 0.5)
            fail_msg("kind %d: edge at %.0f Hz, fall %.0f dB, codec %.2f", kind, f.edge_hz, f.fall_db,
                     f.codec_sure);
    }
}

static void
silence_has_nothing(void **state)
{
    struct bandwidth_finding f;

    (void)state;
    memset(side, 0, sizeof side);
    f = find(RATE, NFRAMES, 4096);
    assert_int_equal(f.frames, 0);
    assert_false(f.edge);
    f = find(RATE, 1, 1);
    assert_int_equal(f.frames, 0);
}

static void
same_bits_at_any_block(void **state)
{
    struct bandwidth_finding a, b;

    (void)state;
    load_song(RATE);
    low_pass(16000.0, RATE, 22050);
    a = find(RATE, NFRAMES, 1);
    b = find(RATE, NFRAMES, 777);
    assert_true(a.holes == b.holes && a.edge_hz == b.edge_hz && a.fall_db == b.fall_db &&
                a.frames == b.frames);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_song_up_to_half_the_rate_has_no_edge),
        cmocka_unit_test(a_steep_low_pass_is_an_edge_and_no_codec),
        cmocka_unit_test(bands_that_come_and_go_are_holes),
        cmocka_unit_test(dull_music_has_no_edge),
        cmocka_unit_test(tones_sweeps_squares_and_noise_have_no_edge),
        cmocka_unit_test(silence_has_nothing),
        cmocka_unit_test(same_bits_at_any_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
