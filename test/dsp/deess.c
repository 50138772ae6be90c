/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/deess.h"

#include "dsp/xmath.h"
#include "test/kit/dice.h"
#include "test/kit/leak.h"
#include "test/kit/stage.h"
#include "test/kit/tone.h"

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define RATE 48000.0

enum { NFRAMES = 48000, SETTLED = 24000 };

static double in[STEREO][NFRAMES], out[STEREO][NFRAMES], other[STEREO][NFRAMES], heard[STEREO][NFRAMES];

static const struct deess_settings usual = {.on = true,
                                            .freq_hz = 6500.0,
                                            .q = 1.0,
                                            .threshold_db = -14.0,
                                            .range_db = 8.0,
                                            .attack_ms = 1.0,
                                            .release_ms = 50.0};

STAGE(deess);

/* From silence within 50 ms. Every beginning has all frequencies for a moment, and is rightly taken for a sibilant. */
static double
swell(int i)
{
    double t = i < 2400 ? i / 2400.0 : 1.0;

    return t * t * t * (t * (6.0 * t - 15.0) + 10.0);
}

/* Words: a voice of 200 and 800 Hz, and an s from FIRST_S on and now and then: noise without its lows. */
enum { CALM = 12000, FIRST_S = 16800 }; /* with a release of 5 ms nothing is left of the beginning at CALM */

static void
speak(double *const *io, double rate_hz, int nframes)
{
    double last[STEREO] = {0.0};

    dice_state = 11;
    for (int i = 0; i < nframes; i++) {
        bool s = i / 2400 % 8 == 7;

        for (int c = 0; c < STEREO; c++) {
            double noise = chance() - 0.5, high = noise - last[c];

            last[c] = noise;
            io[c][i] = swell(i) * (s ? 0.3 * high
                                     : 0.3 * sin(2.0 * PI * 200.0 / rate_hz * i) +
                                           0.2 * sin(2.0 * PI * 800.0 / rate_hz * i + c) + 0.005 * noise);
        }
    }
}

static void
say(double gain)
{
    speak((double *[]){in[0], in[1]}, RATE, NFRAMES);
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < NFRAMES; i++)
            in[c][i] *= gain;
}

static void
sines(double low_hz, double low, double high_hz, double high)
{
    for (int i = 0; i < NFRAMES; i++)
        in[0][i] = in[1][i] =
            low * sin(2.0 * PI * low_hz / RATE * i) + high * sin(2.0 * PI * high_hz / RATE * i + 1.0);
}

static void
process(struct deess *d, double io[STEREO][NFRAMES], int from, int nframes)
{
    deess_process(d, (double *[]){io[0] + from, io[1] + from}, nframes);
}

/* What was in comes out; returns the most that was taken away from SETTLED on. */
static double
play(double io[STEREO][NFRAMES], const struct deess_settings *s)
{
    struct deess d;

    memcpy(io, in, sizeof in);
    assert_int_equal(deess_prepare(&d, RATE), OK);
    deess_set(&d, s);
    process(&d, io, 0, SETTLED);
    deess_take_reduction_db(&d);
    process(&d, io, SETTLED, NFRAMES - SETTLED);
    return deess_take_reduction_db(&d);
}

/* Amplitude and phase of a sine from SETTLED on, half a second: for whole multiples of 2 Hz. */
static double complex
spectrum(const double *x, double hz)
{
    double complex sum = 0.0;

    for (int i = SETTLED; i < NFRAMES; i++)
        sum += x[i] * cexp(-2.0 * I * PI * hz / RATE * i) * 2.0 / (NFRAMES - SETTLED);
    return sum;
}

/* s of the trapezoidal filter at hz, in units of its own frequency. */
static double complex
s_at(double hz, double freq_hz)
{
    return I * tan(PI * hz / RATE) / tan(PI * freq_hz / RATE);
}

static double complex
bandpass(double complex s, double q)
{
    return s / q / (s * s + s / q + 1.0);
}

/* --- bits ------------------------------------------------------------------------------------------ */

static const void *
move(int nth)
{
    static struct deess_settings s;

    if (nth == 0)
        s = usual;
    switch (dice(9)) {
    case 0: s.freq_hz = 2000.0 * x_exp2(3.0 * chance()); break;
    case 1: s.shape = (int)dice(2); break;
    case 2: s.q = 0.3 * x_exp2(4.3 * chance()); break;
    case 3: s.threshold_db = -40.0 * chance(); break;
    case 4: s.range_db = 24.0 * chance(); break;
    case 5: s.attack_ms = 0.1 * x_exp2(9.0 * chance()); break;
    case 6: s.release_ms = 5.0 * x_exp2(6.6 * chance()); break;
    case 7: s.channels = (int)dice(5); break;
    default: s.threshold_db = chance() < 0.5 ? -9.0 : 0.0;
    }
    return &s;
}

static void
same_bits_at_any_block(void **state)
{
    static const struct stage_moves often = {48000.0, 24000, 1000, speak, move};
    static const struct stage_moves seldom = {44100.0, 48000, 6000, speak, move};
    static const struct stage_moves slow = {8000.0, 24000, 2000, speak, move};

    (void)state;
    assert_same_bits_at_any_block(&deess_stage, &often);
    assert_same_bits_at_any_block(&deess_stage, &seldom);
    assert_same_bits_at_any_block(&deess_stage, &slow);
}

static void
silence_stays_silent(void **state)
{
    static const struct stage_moves often = {48000.0, 24000, 900, speak, move};

    (void)state;
    assert_silence_stays_silent(&deess_stage, &often);
}

static void
what_is_no_sibilant_keeps_its_bits(void **state)
{
    struct deess_settings s = usual;
    int touched = 0;

    (void)state;
    say(1.0);
    in[0][CALM + 5] = -0.0;
    s.release_ms = 5.0;
    for (s.channels = 0; s.channels < 5; s.channels++)
        for (s.shape = 0; s.shape < 2; s.shape++) {
            play(out, &s);
            for (int c = 0; c < STEREO; c++) {
                assert_memory_equal(out[c] + CALM, in[c] + CALM, (FIRST_S - CALM) * sizeof(double));
                touched += memcmp(out[c] + FIRST_S, in[c] + FIRST_S, 2400 * sizeof(double)) != 0;
            }
        }
    assert_int_equal(touched, 16); /* left and right alone: one side of each */
    s = usual;
    s.range_db = 0.0;
    s.threshold_db = -40.0;
    assert_true(play(out, &s) == 0.0);
    assert_memory_equal(out, in, sizeof in);
}

/* With other channels than both, the other part is untouched: to the bit where it is a side. */
static void
the_part_that_is_not_named_stays(void **state)
{
    struct deess_settings s = usual;

    (void)state;
    say(1.0);
    s.channels = CHANNELS_LEFT;
    assert_true(play(out, &s) > 5.0);
    assert_memory_equal(out[1], in[1], sizeof in[1]);
    assert_memory_not_equal(out[0], in[0], sizeof in[0]);
    s.channels = CHANNELS_RIGHT;
    play(out, &s);
    assert_memory_equal(out[0], in[0], sizeof in[0]);
    assert_memory_not_equal(out[1], in[1], sizeof in[1]);
    s.channels = CHANNELS_MID;
    assert_true(play(out, &s) > 5.0);
    for (int i = 0; i < NFRAMES; i++)
        assert_true(fabs((out[0][i] - out[1][i]) - (in[0][i] - in[1][i])) < 1e-15);
    s.channels = CHANNELS_SIDE;
    assert_true(play(out, &s) > 5.0);
    for (int i = 0; i < NFRAMES; i++)
        assert_true(fabs((out[0][i] + out[1][i]) - (in[0][i] + in[1][i])) < 1e-15);
}

/* Mid and side are decoded as they were encoded: a sibilant of the mid alone meets the same in both. */
static void
mid_of_one_and_the_same_is_both_sides(void **state)
{
    struct deess_settings s = usual;

    (void)state;
    say(1.0);
    memcpy(in[1], in[0], sizeof in[0]);
    play(out, &s);
    s.channels = CHANNELS_MID;
    play(other, &s);
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < NFRAMES; i++)
            assert_true(fabs(out[c][i] - other[c][i]) < 1e-12);
}

static void
both_sides_go_together(void **state)
{
    (void)state;
    say(1.0);
    for (int i = 0; i < NFRAMES; i++)
        in[1][i] = 0.125 * in[0][i];
    play(out, &usual);
    for (int i = 0; i < NFRAMES; i++)
        assert_true(out[1][i] == 0.125 * out[0][i]);
    assert_memory_not_equal(out[0], in[0], sizeof in[0]);
}

/* --- curves ---------------------------------------------------------------------------------------- */

/* The promise is 0.01 dB; only a floor of -300 dBFS stands in the way of 0. */
static void
reduction_does_not_depend_on_the_level(void **state)
{
    static const double levels_db[] = {-30.0, -60.0, 20.0};
    double loud = 0.0;

    (void)state;
    for (int shape = 0; shape < 2; shape++) {
        struct deess_settings s = usual;

        s.shape = shape;
        say(1.0);
        loud = play(other, &s);
        assert_true(loud > 5.0);
        for (size_t k = 0; k < LEN(levels_db); k++) {
            double gain = db_to_gain(levels_db[k]);

            say(gain);
            assert_true(fabs(play(out, &s) - loud) < 1e-4);
            for (int c = 0; c < STEREO; c++)
                for (int i = 0; i < NFRAMES; i++)
                    assert_true(fabs(out[c][i] / gain - other[c][i]) < 1e-5); /* 0.01 dB of 8 mV in a volt */
        }
    }
}

/* Knee and range, by the formulas of dynamics.h: 1000 Hz and the band's centre give its share. Their beat leaves a ripple
   of 0.03 dB, of which a slow detector holds the top. */
static void
curve_is_as_stated(void **state)
{
    static const struct {
        double over_db, reduction_db;
    } table[] = {{-4.0, 0.0},        {-3.0, 0.0}, {0.0, 0.75},
                 {2.0, 25.0 / 12.0}, {3.0, 3.0},  {5.0, 5.0 - 1.0 / 3.0},
                 {6.0, 6.0 - 0.75},  {9.0, 6.0},  {15.0, 6.0}};
    struct deess_settings s = usual;

    (void)state;
    s.range_db = 6.0;
    s.attack_ms = 20.0;
    for (size_t k = 0; k < LEN(table); k++) {
        double low = 0.3, high = 0.2, bp = pow(cabs(bandpass(s_at(1000.0, 6500.0), 1.0)), 2.0), share, got;

        share = 10.0 * log10((high * high + low * low * bp) / (high * high + low * low));
        sines(1000.0, low, 6500.0, high);
        s.threshold_db = share - table[k].over_db;
        got = play(out, &s);
        if (fabs(got - table[k].reduction_db) > 0.05)
            fail_msg("%g dB over: %.3f dB, not %.3f", table[k].over_db, got, table[k].reduction_db);
        /* and so much is gone from the centre */
        assert_true(fabs(gain_to_db(cabs(spectrum(out[0], 6500.0)) / high) + table[k].reduction_db) < 0.05);
    }
}

/* With the threshold far below, the reduction stands at the range and the filter is linear. */
static double complex
response(const struct deess_settings *s, double hz)
{
    sines(hz, 0.5, 0.0, 0.0);
    assert_true(fabs(play(out, s) - s->range_db) < 1e-9);
    return spectrum(out[0], hz) / spectrum(in[0], hz);
}

static void
bell_is_as_stated(void **state)
{
    static const double places_hz[] = {1000, 3000, 6500, 7000, 12000, 20000};

    (void)state;
    for (double range_db = 3.0; range_db <= 12.0; range_db *= 2.0)
        for (size_t k = 0; k < LEN(places_hz); k++) {
            struct deess_settings s = usual;
            double g = db_to_gain(-range_db);
            double complex want;

            s.range_db = range_db;
            s.threshold_db = -40.0;
            s.q = 0.8;
            want = 1.0 + (g - 1.0) * bandpass(s_at(places_hz[k], 6500.0), 0.8);
            assert_true(cabs(response(&s, places_hz[k]) - want) < 1e-9);
        }
}

static void
shelf_is_as_stated(void **state)
{
    static const double places_hz[] = {2500, 4000, 6500, 9000, 14000, 20000};
    double root2 = sqrt(2.0);

    (void)state;
    for (double range_db = 3.0; range_db <= 12.0; range_db *= 2.0)
        for (size_t k = 0; k < LEN(places_hz); k++) {
            struct deess_settings s = usual;
            double g = db_to_gain(-range_db);
            double complex x = s_at(places_hz[k], 6500.0), got;

            s.range_db = range_db;
            s.threshold_db = -40.0;
            s.shape = DEESS_SHELF;
            got = response(&s, places_hz[k]);
            assert_true(cabs(got - (g * x * x + root2 * sqrt(g) * x + 1.0) / (x * x + root2 * x + 1.0)) <
                        1e-9);
            assert_true(cabs(got) < 1.0);
            if (places_hz[k] == 6500)
                assert_true(fabs(pow(cabs(got), 2.0) - (1.0 + g * g) / 2.0) < 1e-9);
        }
}

/* --- times ----------------------------------------------------------------------------------------- */

enum { MS = 48 };

/* The first millisecond from `from` on whose largest reduction is on the other side of db. */
static int
crossed(const double *most_db, int from, double db, bool upward)
{
    int ms = from;

    while (ms < NFRAMES / MS && (most_db[ms] > db) != upward)
        ms++;
    return ms - from;
}

/* From a low tone to one of the band and back. Ahead of the detector the powers take their 3 ms to pass the threshold,
   and on the way back from all to -15 dB within 1.5 ms times 5. */
static void
attack_and_release_take_their_time(void **state)
{
    enum { ON = 200, OFF = 600 };
    static double most_db[NFRAMES / MS];
    struct deess_settings s = usual;
    struct deess d;
    int rise, fall;

    (void)state;
    sines(500.0, 0.5, 0.0, 0.0);
    for (int i = 0; i < ON * MS; i++)
        in[0][i] = in[1][i] = swell(i) * in[0][i];
    for (int i = ON * MS; i < OFF * MS; i++)
        in[0][i] = in[1][i] = 0.3 * sin(2.0 * PI * 6500.0 / RATE * i);
    s.threshold_db = -15.0;
    s.range_db = 10.0;
    s.attack_ms = 20.0;
    s.release_ms = 100.0;
    deess_prepare(&d, RATE);
    deess_set(&d, &(struct deess_settings){.freq_hz = 6500.0, .q = 1.0, .release_ms = 5.0}); /* until ON */
    for (int ms = 0; ms < NFRAMES / MS; ms++) {
        if (ms == ON - 100)
            deess_set(&d, &s);
        process(&d, in, ms * MS, MS);
        most_db[ms] = deess_take_reduction_db(&d);
    }
    assert_true(most_db[ON - 1] == 0.0);
    assert_true(fabs(most_db[OFF - 1] - 10.0) < 1e-6);
    rise = crossed(most_db, ON, 6.32, true);
    fall = crossed(most_db, OFF, 3.68, false);
    print_message("# 63 %% after %d ms, back after %d ms\n", rise, fall);
    assert_in_range(rise, 20, 22);
    /* (100 e^(-t/100) - 20 e^(-t/20)) / 80 is e^-1 at 122.5 ms */
    assert_in_range(fall, 122, 122 + 8);
}

/* --- listening ------------------------------------------------------------------------------------- */

static void
listen(const struct deess_settings *s)
{
    struct deess d;

    memcpy(out, in, sizeof in);
    deess_prepare(&d, RATE);
    deess_set(&d, s);
    for (int at = 0, n; at < NFRAMES; at += n) {
        n = NFRAMES - at < 100 ? NFRAMES - at : 100;
        deess_listen(&d, (double *[]){heard[0] + at, heard[1] + at});
        process(&d, out, at, n);
    }
}

static void
listening_changes_nothing_and_hears_what_is_taken_away(void **state)
{
    struct deess_settings s = usual;

    (void)state;
    say(1.0);
    for (s.channels = 0; s.channels < 5; s.channels++) {
        s.listen = DEESS_LISTEN_OFF;
        play(other, &s);
        s.listen = DEESS_LISTEN_REMOVED;
        listen(&s);
        assert_memory_equal(out, other, sizeof out);
        for (int c = 0; c < STEREO; c++)
            for (int i = 0; i < NFRAMES; i++)
                assert_true(fabs(heard[c][i] - (in[c][i] - out[c][i])) < 2e-15);
    }
}

static void
the_band_is_heard_as_it_is_detected(void **state)
{
    static const double places_hz[] = {1000, 6500, 15000};

    (void)state;
    for (size_t k = 0; k < LEN(places_hz); k++)
        for (int shape = 0; shape < 2; shape++) {
            struct deess_settings s = usual;
            double complex x = s_at(places_hz[k], 6500.0);

            s.shape = shape;
            s.listen = DEESS_LISTEN_BAND;
            sines(places_hz[k], 0.5, 0.0, 0.0);
            listen(&s);
            assert_true(cabs(spectrum(heard[0], places_hz[k]) / spectrum(in[0], places_hz[k]) -
                             (shape ? x * x / (x * x + sqrt(2.0) * x + 1.0) : bandpass(x, 1.0))) < 1e-9);
        }
}

/* --- moves ----------------------------------------------------------------------------------------- */

#define FIELD(member, least, most)                                                                           \
    {                                                                                                        \
#member, offsetof(struct deess_settings, member), least, most                                        \
    }

static const struct deess_settings on_the_tone = {.on = true,
                                                  .freq_hz = 2000.0,
                                                  .q = 1.0,
                                                  .threshold_db = -15.0,
                                                  .range_db = 12.0,
                                                  .attack_ms = 1.0,
                                                  .release_ms = 50.0};

static void
moves_do_not_click(void **state)
{
    static const struct stage_field fields[] = {
        FIELD(freq_hz, 2000.0, 16000.0), FIELD(q, 0.3, 6.0),         FIELD(threshold_db, -40.0, 0.0),
        FIELD(range_db, 0.0, 24.0),      FIELD(attack_ms, 0.1, 50.), FIELD(release_ms, 5.0, 500.0),
    };
    struct deess_settings s = on_the_tone;

    (void)state;
    assert_moves_do_not_click(&deess_stage, &s, sizeof s, fields, LEN(fields), 14400);
    s.shape = DEESS_SHELF;
    s.attack_ms = 5.0;
    assert_moves_do_not_click(&deess_stage, &s, sizeof s, fields, LEN(fields), 14400);
}

static void
choices_do_not_click(void **state)
{
    struct leak l;
    struct deess d;

    (void)state;
    leak_prepare(&l, RATE);
    for (int k = 0; k < 4 * 5; k++) {
        struct deess_settings s = on_the_tone;
        double rest;

        tone_make((double *[]){out[0], out[1]}, RATE, LEAK_TONE_HZ, LEAK_TONE_GAIN, NFRAMES);
        for (int i = 0; i < NFRAMES; i++)
            out[1][i] *= -0.3;
        s.channels = k % 5;
        deess_prepare(&d, RATE);
        deess_set(&d, &s);
        process(&d, out, 0, SETTLED);
        s.channels = (k + 1 + k / 5) % 5;
        s.shape = k % 2;
        deess_set(&d, &s);
        process(&d, out, SETTLED, NFRAMES - SETTLED);
        rest = fmax(leak_peak(&l, out[0], SETTLED - 2000, SETTLED - LEAK_HALF),
                    leak_peak(&l, out[0], NFRAMES - 4000, NFRAMES - LEAK_HALF));
        assert_no_click("channels and shape", rest,
                        leak_peak(&l, out[0], SETTLED - LEAK_HALF, NFRAMES - 5000));
    }
}

static void
the_last_choice_wins(void **state)
{
    struct deess_settings s = usual;
    struct deess d;

    (void)state;
    say(1.0);
    memcpy(out, in, sizeof in);
    deess_prepare(&d, RATE);
    deess_set(&d, &s);
    for (int at = 0; at < 3000; at += 100) {
        s.channels = at / 100 % 5;
        deess_set(&d, &s);
        process(&d, out, at, 100);
    }
    s.channels = CHANNELS_LEFT;
    deess_set(&d, &s);
    process(&d, out, 3000, NFRAMES - 3000);
    play(other, &s);
    for (int i = 40000; i < NFRAMES; i++) { /* 15 releases later */
        assert_true(out[1][i] == in[1][i]);
        assert_true(fabs(out[0][i] - other[0][i]) < 1e-6);
    }
}

static void
a_reset_forgets(void **state)
{
    struct deess_settings o = usual;

    (void)state;
    o.channels = CHANNELS_SIDE;
    o.shape = DEESS_SHELF;
    o.threshold_db = -30.0;
    assert_reset_forgets(&deess_stage, speak, &usual, &o);
    assert_reset_forgets(&deess_stage, speak, &o, &usual);
}

static void
what_is_no_number_is_over_with_its_chunk(void **state)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY, 1e300};

    (void)state;
    for (size_t k = 0; k < LEN(bad); k++) {
        struct deess_settings s = usual;

        say(1.0);
        in[k % 2][15000] = bad[k];
        s.channels = (int)k;
        play(out, &s);
        for (int c = 0; c < STEREO; c++)
            for (int i = 15000 + DEESS_CHUNK; i < NFRAMES; i++)
                assert_true(fabs(out[c][i]) < 3.0);
        assert_memory_not_equal(out[k == CHANNELS_RIGHT] + FIRST_S, in[k == CHANNELS_RIGHT] + FIRST_S,
                                2400 * sizeof(double)); /* back at work */
    }
}

static void
the_meter_tells_once(void **state)
{
    struct deess d;

    (void)state;
    say(1.0);
    deess_prepare(&d, RATE);
    deess_set(&d, &usual);
    process(&d, in, 0, FIRST_S);
    deess_take_reduction_db(&d);
    process(&d, in, FIRST_S, 2400);
    assert_true(fabs(deess_take_reduction_db(&d) - 5.0) < 3.5);
    process(&d, in, FIRST_S + 2400, 12000); /* 250 ms of release */
    deess_take_reduction_db(&d);
    process(&d, in, FIRST_S + 14400, 2400);
    assert_true(deess_take_reduction_db(&d) < 0.05);
    assert_true(deess_take_reduction_db(&d) == 0.0);
    assert_int_equal(deess_latency_frames(&d), 0);
}

/* The band may lie beyond rate/2 there. */
static void
low_rates_are_served(void **state)
{
    struct deess_settings s = usual;
    struct deess d;

    (void)state;
    s.freq_hz = 16000.0;
    s.threshold_db = -40.0;
    for (s.shape = 0; s.shape < 2; s.shape++) {
        say(1.0);
        assert_int_equal(deess_prepare(&d, 8000.0), OK);
        deess_set(&d, &s);
        process(&d, in, 0, NFRAMES);
        for (int c = 0; c < STEREO; c++)
            for (int i = 0; i < NFRAMES; i++)
                assert_true(fabs(in[c][i]) < 1.0);
    }
}

static void
odd_rates_are_refused(void **state)
{
    (void)state;
    assert_odd_rates_are_refused(&deess_stage);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_at_any_block),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(what_is_no_sibilant_keeps_its_bits),
        cmocka_unit_test(the_part_that_is_not_named_stays),
        cmocka_unit_test(mid_of_one_and_the_same_is_both_sides),
        cmocka_unit_test(both_sides_go_together),
        cmocka_unit_test(reduction_does_not_depend_on_the_level),
        cmocka_unit_test(curve_is_as_stated),
        cmocka_unit_test(bell_is_as_stated),
        cmocka_unit_test(shelf_is_as_stated),
        cmocka_unit_test(attack_and_release_take_their_time),
        cmocka_unit_test(listening_changes_nothing_and_hears_what_is_taken_away),
        cmocka_unit_test(the_band_is_heard_as_it_is_detected),
        cmocka_unit_test(moves_do_not_click),
        cmocka_unit_test(choices_do_not_click),
        cmocka_unit_test(the_last_choice_wins),
        cmocka_unit_test(a_reset_forgets),
        cmocka_unit_test(what_is_no_number_is_over_with_its_chunk),
        cmocka_unit_test(the_meter_tells_once),
        cmocka_unit_test(low_rates_are_served),
        cmocka_unit_test(odd_rates_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
