/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/offset.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RATE 48000.0

enum { SECONDS = 10, NFRAMES = SECONDS * 48000 };

static double x[NFRAMES];

static void
tone(double freq_hz, double amplitude, double rate_hz)
{
    for (int i = 0; i < NFRAMES; i++)
        x[i] = amplitude * sin(2.0 * PI * freq_hz * i / rate_hz);
}

static struct offset_reading
reading(double rate_hz)
{
    struct offset o;
    struct offset_reading r;

    assert_int_equal(offset_prepare(&o, rate_hz, 1), OK);
    offset_process(&o, (const double *[]){x}, NFRAMES);
    offset_read(&o, 0, &r);
    return r;
}

static void
near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.8f, wanted %.8f +- %g", got, want, tolerance);
}

static double
db(double gain)
{
    return 20.0 * log10(fabs(gain) + 1e-12);
}

static void
an_offset_under_music_is_read(void **state)
{
    static const double rates[] = {8000.0, 11025.0, 48000.0, 384000.0};

    (void)state;
    for (size_t k = 0; k < LEN(rates); k++) {
        struct offset_reading r;

        tone(1000.0, 0.5, rates[k]);
        for (int i = 0; i < NFRAMES; i++)
            x[i] -= 0.001;
        r = reading(rates[k]);
        near(r.mean, -0.001, 1e-5); /* the last wave is cut */
        if (NFRAMES > 2.0 * rates[k])
            near(r.steady, -0.001, 2e-5);
    }
}

static void
a_second_of_offset_is_found_in_its_place(void **state)
{
    struct offset_reading r;

    (void)state;
    tone(100.0, 0.5, RATE);
    for (int i = 4 * 48000; i < 11 * 24000; i++)
        x[i] += 0.01;
    r = reading(RATE);
    near(r.steady, 0.01, 5e-4);
    assert_true(r.from_s >= 4.0 && r.to_s <= 5.8);
    near(r.mean, 0.01 * 0.15, 1e-5);
}

/* What a bass leaves below the edge: 24 dB an octave; and what is near 500 Hz, the ticks' rate, doesn't fold down. */
static void
sound_is_no_offset(void **state)
{
    static const double freq_hz[] = {20.0, 30.5, 41.2, 98.0, 101.0, 498.0, 500.0, 501.0, 999.0, 1000.5};

    (void)state;
    for (size_t k = 0; k < LEN(freq_hz); k++) {
        struct offset_reading r;

        tone(freq_hz[k], 0.9, RATE);
        for (int i = 0; i < 48000; i++) /* what begins at once has low notes in it */
            x[i] *= 0.5 - 0.5 * cos(PI * i / 48000);
        r = reading(RATE);
        near(r.steady, 0.0, 0.0);
        assert_true(db(r.below_rms) < (freq_hz[k] < 25.0 ? -45.0 : freq_hz[k] < 40.0 ? -55.0 : -65.0));
    }
}

static void
what_is_below_five_hertz_is_measured(void **state)
{
    struct offset_reading r;

    (void)state;
    tone(2.0, 0.1, RATE);
    r = reading(RATE);
    near(db(r.below_rms), db(0.1) - 3.01, 0.2);
    near(r.steady, 0.0, 0.0);
    tone(5.0, 0.1, RATE);
    r = reading(RATE);
    near(db(r.below_rms), db(0.1) - 6.02, 0.2);
}

/* Two beats a second, each of them with more above zero than below. */
static void
a_lopsided_drum_is_no_steady_offset(void **state)
{
    struct offset_reading r;

    (void)state;
    for (int i = 0; i < NFRAMES; i++) {
        double t = i % 24000 / RATE;

        x[i] = 0.9 * exp(-t / 0.1) * sin(2.0 * PI * 50.0 * t);
    }
    r = reading(RATE);
    assert_true(db(r.mean) > -50.0);
    assert_true(r.mean * r.mean < 0.4 * r.below_rms * r.below_rms);
    assert_true(db(r.steady) < -60.0);
}

static void
same_bits_at_any_period(void **state)
{
    static const int periods[] = {1, 7, 64, 1023, 100000};
    struct offset want, got;

    (void)state;
    for (int i = 0; i < NFRAMES; i++)
        x[i] = noise() + 0.1;
    assert_int_equal(offset_prepare(&want, 44100.0, 1), OK);
    offset_process(&want, (const double *[]){x}, NFRAMES);
    for (size_t p = 0; p < LEN(periods); p++) {
        assert_int_equal(offset_prepare(&got, 44100.0, 1), OK);
        for (int i = 0; i < NFRAMES; i += periods[p])
            offset_process(&got, (const double *[]){x + i},
                           NFRAMES - i < periods[p] ? NFRAMES - i : periods[p]);
        assert_memory_equal(&got, &want, sizeof want);
    }
}

static void
garbage_is_silence(void **state)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY, 1e300};

    (void)state;
    for (size_t b = 0; b < LEN(bad); b++) {
        struct offset_reading r;

        tone(1000.0, 0.5, RATE);
        for (int i = 0; i < NFRAMES; i++)
            x[i] += 0.01;
        x[NFRAMES / 2] = bad[b];
        r = reading(RATE);
        near(r.mean, 0.01, 1e-4);
        near(db(r.below_rms), -40.0, 0.2);
    }
}

static void
eight_channels_are_their_own(void **state)
{
    struct offset o;
    struct offset_reading r;
    const double *in[8];
    static double quiet[NFRAMES];

    (void)state;
    tone(1000.0, 0.1, RATE);
    for (int i = 0; i < NFRAMES; i++)
        x[i] += 0.02;
    for (int c = 0; c < 8; c++)
        in[c] = c == 5 ? x : quiet;
    assert_int_equal(offset_prepare(&o, RATE, 8), OK);
    offset_process(&o, in, NFRAMES);
    for (int c = 0; c < 8; c++) {
        offset_read(&o, c, &r);
        near(r.mean, c == 5 ? 0.02 : 0.0, 1e-6);
    }
    assert_int_equal(offset_prepare(&o, RATE, 9), BAD_ARG);
    assert_int_equal(offset_prepare(&o, 1e6, 1), BAD_ARG);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offset_under_music_is_read),
        cmocka_unit_test(a_second_of_offset_is_found_in_its_place),
        cmocka_unit_test(sound_is_no_offset),
        cmocka_unit_test(what_is_below_five_hertz_is_measured),
        cmocka_unit_test(a_lopsided_drum_is_no_steady_offset),
        cmocka_unit_test(same_bits_at_any_period),
        cmocka_unit_test(garbage_is_silence),
        cmocka_unit_test(eight_channels_are_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
