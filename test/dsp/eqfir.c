/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/eqfir.h"

#include "dsp/channels.h"
#include "dsp/xmath.h"
#include "test/kit/scarce.h"
#include "test/kit/dice.h"
#include "test/kit/leak.h"
#include "test/kit/stage.h"
#include "test/kit/tone.h"

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define RATE 48000.0

enum { TAPS = 8192, LATENCY = TAPS / 2 + 2 * 256, NFRAMES = 48000 };

static double sound[STEREO][NFRAMES], before[STEREO][NFRAMES];
static double *const io[STEREO] = {sound[0], sound[1]};
static struct eqfir e;

STAGE(eqfir);

/* --- settings -------------------------------------------------------------------------------------- */

static struct eqfir_band
band(int type, double freq_hz, double gain_db, double q, int order, int channels)
{
    return (struct eqfir_band){true, {type, freq_hz, gain_db, q, order}, channels};
}

static struct eqfir_settings
one_band(int type, double freq_hz, double gain_db, double q, int order)
{
    return (struct eqfir_settings){.phase = EQFIR_LINEAR,
                                   .band = {band(type, freq_hz, gain_db, q, order, CHANNELS_STEREO)}};
}

static const struct eqfir_settings off;

/* --- impulse and response -------------------------------------------------------------------------- */

static void
process(int from, int nframes)
{
    eqfir_process(&e, (double *[]){sound[0] + from, sound[1] + from}, nframes);
}

/* What an impulse on one channel becomes. */
static void
impulse(const struct eqfir_settings *s, int channel)
{
    memset(sound, 0, sizeof sound);
    sound[channel][0] = 1.0;
    assert_int_equal(eqfir_prepare(&e, RATE), OK);
    eqfir_set(&e, s);
    process(0, LATENCY + TAPS);
    eqfir_free(&e);
}

/* The response of a channel, its latency taken out. */
static double complex
response(int channel, double hz)
{
    double complex step = cexp(-2.0 * I * PI * hz / RATE), turn = cexp(2.0 * I * PI * hz / RATE * (TAPS / 2)),
                   sum = 0.0;

    for (int i = LATENCY - TAPS / 2; i < LATENCY + TAPS / 2; i++, turn *= step)
        sum += sound[channel][i] * turn;
    return sum;
}

static double complex
prototype(const struct eqfir_band *b, double hz)
{
    double re, im;

    eqdesign_prototype_value(&b->curve, hz, &re, &im);
    return re + I * im;
}

static double
db(double complex h)
{
    return 20.0 * log10(cabs(h) + 1e-30);
}

/* Largest error in dB over 20 Hz..20 kHz where the curve is above floor_db. */
static double
worst_db(const struct eqfir_settings *s, double floor_db)
{
    double worst = 0.0;

    impulse(s, 0);
    for (double hz = 20.0; hz <= 20000.0; hz *= 1.06) {
        double want = 0.0;

        for (int b = 0; b < EQFIR_BANDS; b++)
            if (s->band[b].on)
                want += db(prototype(&s->band[b], hz));
        if (want > floor_db)
            worst = fmax(worst, fabs(db(response(0, hz)) - want));
    }
    return worst;
}

/* --- curves ---------------------------------------------------------------------------------------- */

/* The table in the header. */
static void
curves_are_the_analog_ones(void **state)
{
    static const struct {
        const char *name;
        int type;
        double freq_hz, gain_db, q;
        int order;
        double most_db;
    } cases[] = {
        {"bell 50 Hz +6 q 1", EQ_BELL, 50.0, 6.0, 1.0, 1, 0.001},
        {"bell 30 Hz +6 q 4", EQ_BELL, 30.0, 6.0, 4.0, 1, 1.1},
        {"bell 100 Hz +12 q 4", EQ_BELL, 100.0, 12.0, 4.0, 1, 0.3},
        {"bell 1 kHz +6 q 2", EQ_BELL, 1000.0, 6.0, 2.0, 1, 1e-5},
        {"bell 18 kHz -18 q 0.5", EQ_BELL, 18000.0, -18.0, 0.5, 1, 1e-5},
        {"low shelf 100 Hz +6", EQ_LOW_SHELF, 100.0, 6.0, 0.70710678, 2, 1e-5},
        {"high shelf 10 kHz -12", EQ_HIGH_SHELF, 10000.0, -12.0, 0.70710678, 2, 1e-5},
        {"tilt 700 Hz +6", EQ_TILT, 700.0, 6.0, 0.70710678, 1, 1e-3},
        {"low cut 30 Hz, 12 dB/oct", EQ_LOW_CUT, 30.0, 0.0, 0.70710678, 2, 0.001},
        {"low cut 30 Hz, 24 dB/oct", EQ_LOW_CUT, 30.0, 0.0, 0.70710678, 4, 0.1},
        {"low cut 80 Hz, 48 dB/oct", EQ_LOW_CUT, 80.0, 0.0, 0.70710678, 8, 0.25},
        {"high cut 16 kHz, 24 dB/oct", EQ_HIGH_CUT, 16000.0, 0.0, 0.70710678, 4, 1e-5},
    };

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct eqfir_settings s =
            one_band(cases[i].type, cases[i].freq_hz, cases[i].gain_db, cases[i].q, cases[i].order);
        double worst = worst_db(&s, -60.0);

        print_message("# %s: %.5f dB\n", cases[i].name, worst);
        assert_true(worst < cases[i].most_db);
    }
}

static void
bands_add_up(void **state)
{
    struct eqfir_settings s = {
        .band = {band(EQ_BELL, 200.0, 5.0, 1.0, 1, 0), band(EQ_HIGH_SHELF, 5000.0, -7.0, 0.7, 2, 0),
                 band(EQ_LOW_CUT, 90.0, 0.0, 0.7, 2, 0), band(EQ_BELL, 14000.0, 9.0, 2.0, 1, 0)}};

    (void)state;
    s.band[4] = band(EQ_BELL, 1000.0, 20.0, 1.0, 1, 0);
    s.band[4].on = false;
    assert_true(worst_db(&s, -60.0) < 1e-4);
}

static void
linear_phase_is_symmetric(void **state)
{
    struct eqfir_settings s = {
        .band = {band(EQ_BELL, 50.0, 12.0, 2.0, 1, 0), band(EQ_LOW_CUT, 25.0, 0.0, 0.7, 8, 0),
                 band(EQ_NOTCH, 997.0, 0.0, 5.0, 1, 0), band(EQ_HIGH_CUT, 9e3, 0.0, 0.7, 1, 0)}};

    (void)state;
    impulse(&s, 0);
    for (int i = 1; i < TAPS / 2; i++)
        assert_true(fabs(sound[0][LATENCY + i] - sound[0][LATENCY - i]) < 1e-12);
    for (int i = 0; i < LATENCY + TAPS; i++)
        assert_true(sound[1][i] == 0.0);
}

/* Up to the corner the prototype's phase, from an octave above it on none, and the magnitude everywhere. */
static void
mixed_phase_turns_below_its_corner_only(void **state)
{
    static const double corners[] = {100.0, 400.0, 3000.0, 20000.0};
    struct eqfir_settings s = {.phase = EQFIR_MIXED,
                               .band = {band(EQ_BELL, 120.0, 9.0, 1.5, 1, 0),
                                        band(EQ_LOW_CUT, 60.0, 0.0, 0.7, 4, 0),
                                        band(EQ_BELL, 2500.0, -6.0, 1.0, 1, 0)}};

    (void)state;
    for (size_t k = 0; k < LEN(corners); k++) {
        double magnitude = 0.0, below = 0.0, above = 0.0, corner = fmin(corners[k], 0.2375 * RATE);

        s.corner_hz = corners[k];
        impulse(&s, 0);
        for (double hz = 30.0; hz < 22000.0; hz *= 1.05) {
            double complex want = 1.0, got = response(0, hz);

            for (int b = 0; b < 3; b++)
                want *= prototype(&s.band[b], hz);
            magnitude = fmax(magnitude, fabs(db(got) - db(want)));
            if (hz <= corner)
                below = fmax(below, fabs(carg(got / want)));
            if (hz >= 2.0 * corner)
                above = fmax(above, fabs(carg(got)));
        }
        print_message("# corner %.0f Hz: %.4f dB, phase below %.5f, above %.5f rad\n", corners[k], magnitude,
                      below, above);
        assert_true(magnitude < 0.05 && below < 0.005 && above < 0.0001);
    }
}

static void
mixed_phase_without_a_corner_is_linear(void **state)
{
    static const double corners[] = {0.0, -5.0, NAN};
    struct eqfir_settings s = one_band(EQ_BELL, 120.0, 9.0, 1.5, 1);

    (void)state;
    impulse(&s, 0);
    memcpy(before, sound, sizeof before);
    s.phase = EQFIR_MIXED;
    for (size_t i = 0; i < LEN(corners); i++) {
        s.corner_hz = corners[i];
        impulse(&s, 0);
        assert_memory_equal(sound, before, sizeof before);
    }
}

/* --- channels -------------------------------------------------------------------------------------- */

/* What the bands make of left and right, in their order; magnitudes only. */
static void
matrix(const struct eqfir_settings *s, double hz, double m[2][2])
{
    m[0][0] = m[1][1] = 1.0;
    m[0][1] = m[1][0] = 0.0;
    for (int b = 0; b < EQFIR_BANDS; b++) {
        const struct eqfir_band *x = &s->band[b];
        double g = x->on ? cabs(prototype(x, hz)) : 1.0;

        for (int c = 0; c < 2; c++) {
            double mid = 0.5 * (m[0][c] + m[1][c]), side = 0.5 * (m[0][c] - m[1][c]);

            switch (x->channels) {
            case CHANNELS_MID: mid *= g; break;
            case CHANNELS_SIDE: side *= g; break;
            }
            if (channels_are_mid_side(x->channels)) {
                m[0][c] = mid + side;
                m[1][c] = mid - side;
            } else {
                m[0][c] *= x->channels != CHANNELS_RIGHT ? g : 1.0;
                m[1][c] *= x->channels != CHANNELS_LEFT ? g : 1.0;
            }
        }
    }
}

static void
check_matrix(const struct eqfir_settings *s)
{
    for (int c = 0; c < STEREO; c++) {
        impulse(s, c);
        for (double hz = 60.0; hz < 20000.0; hz *= 1.3) {
            double m[2][2];

            matrix(s, hz, m);
            for (int o = 0; o < STEREO; o++)
                assert_true(cabs(response(o, hz) - m[o][c]) < 1e-4);
        }
    }
}

static void
bands_work_on_their_channels_in_their_order(void **state)
{
    static const int channels[][4] = {
        {CHANNELS_STEREO, CHANNELS_LEFT, CHANNELS_RIGHT, CHANNELS_LEFT},
        {CHANNELS_RIGHT, CHANNELS_STEREO, CHANNELS_STEREO, CHANNELS_RIGHT},
        {CHANNELS_MID, CHANNELS_STEREO, CHANNELS_SIDE, CHANNELS_MID},
        {CHANNELS_SIDE, CHANNELS_SIDE, CHANNELS_STEREO, CHANNELS_SIDE},
        {CHANNELS_LEFT, CHANNELS_MID, CHANNELS_RIGHT, CHANNELS_STEREO},
        {CHANNELS_MID, CHANNELS_LEFT, CHANNELS_SIDE, CHANNELS_RIGHT},
    };

    (void)state;
    for (size_t i = 0; i < LEN(channels); i++) {
        struct eqfir_settings s = {.band = {band(EQ_BELL, 500.0, 9.0, 1.0, 1, channels[i][0]),
                                            band(EQ_HIGH_SHELF, 3000.0, -8.0, 0.7, 2, channels[i][1]),
                                            band(EQ_LOW_SHELF, 300.0, 6.0, 0.7, 2, channels[i][2]),
                                            band(EQ_BELL, 8000.0, -10.0, 2.0, 1, channels[i][3])}};

        check_matrix(&s);
    }
}

/* The same product of matrices, complex, where it is minimum phase; linear phase has been checked above. */
static void
mixed_phase_works_on_channels_as_well(void **state)
{
    struct eqfir_settings s = {.phase = EQFIR_MIXED,
                               .corner_hz = 2000.0,
                               .band = {band(EQ_BELL, 500.0, 9.0, 1.0, 1, CHANNELS_LEFT),
                                        band(EQ_BELL, 700.0, -8.0, 1.0, 1, CHANNELS_MID)}};

    (void)state;
    impulse(&s, 0);
    for (double hz = 60.0; hz < 2000.0; hz *= 1.1) {
        double complex left = prototype(&s.band[0], hz), mid = prototype(&s.band[1], hz);

        assert_true(cabs(response(0, hz) - 0.5 * (mid + 1.0) * left) < 1e-4);
        assert_true(cabs(response(1, hz) - 0.5 * (mid - 1.0) * left) < 1e-4);
    }
}

/* --- neutral, latency ------------------------------------------------------------------------------ */

static void
neutral_keeps_the_bits(void **state)
{
    struct eqfir_settings s = one_band(EQ_BELL, 300.0, 9.0, 1.0, 1),
                          flat = one_band(EQ_BELL, 300.0, 0.0, 1.0, 1);

    (void)state;
    stage_noise(io, RATE, NFRAMES);
    memcpy(before, sound, sizeof before);
    assert_int_equal(eqfir_prepare(&e, RATE), OK);
    process(0, 6000); /* before any set */
    eqfir_set(&e, &flat);
    process(6000, 6000);
    assert_true(eqfir_settled(&e));
    for (int c = 0; c < STEREO; c++)
        assert_memory_equal(sound[c] + LATENCY, before[c], (12000 - LATENCY) * sizeof(double));
    eqfir_set(&e, &s); /* away and back */
    process(12000, 9000);
    assert_true(fabs(sound[0][20900] - before[0][20900 - LATENCY]) > 1e-6);
    eqfir_set(&e, &off);
    process(21000, NFRAMES - 21000);
    for (int c = 0; c < STEREO; c++)
        assert_memory_equal(sound[c] + 21000 + eqfir_settle_frames(&e),
                            before[c] + 21000 + eqfir_settle_frames(&e) - LATENCY,
                            (size_t)(NFRAMES - 21000 - eqfir_settle_frames(&e)) * sizeof(double));
    eqfir_free(&e);
}

static void
latency_is_what_an_impulse_takes(void **state)
{
    static const double rates[] = {8000.0, 22050.0, 44100.0, 48000.0, 88200.0, 96000.0, 192000.0};
    struct eqfir_settings s = one_band(EQ_HIGH_SHELF, 1500.0, 3.0, 0.7, 1);

    (void)state;
    for (size_t i = 0; i < LEN(rates); i++) {
        int latency, top = 0;

        assert_int_equal(eqfir_prepare(&e, rates[i]), OK);
        latency = eqfir_latency_frames(&e);
        assert_true(latency / rates[i] > 0.08 && latency / rates[i] < 0.18);
        eqfir_set(&e, &s);
        assert_int_equal(eqfir_latency_frames(&e), latency);
        memset(sound, 0, sizeof sound);
        sound[0][77] = 1.0;
        process(0, NFRAMES);
        for (int k = 0; k < NFRAMES; k++)
            top = fabs(sound[0][k]) > fabs(sound[0][top]) ? k : top;
        assert_int_equal(top, 77 + latency);
        eqfir_free(&e);
    }
}

/* --- moves ----------------------------------------------------------------------------------------- */

static struct eqfir_settings
any_settings(void)
{
    struct eqfir_settings s = {.phase = (int)dice(2), .corner_hz = 50.0 * exp(chance() * 6.0)};

    for (int b = 0; b < EQFIR_BANDS; b++)
        if (chance() < 0.4)
            s.band[b] =
                band((int)dice(EQ_TYPES), 10.0 * exp(chance() * 7.8), chance() < 0.2 ? 0.0 : noise() * 24.0,
                     0.1 * exp(chance() * 5.0), 1 + (int)dice(8), (int)dice(5));
    return s;
}

static const void *
move(int nth)
{
    static struct eqfir_settings s;

    (void)nth;
    s = any_settings();
    return &s;
}

static const struct stage_moves many_moves = {
    .rate_hz = RATE, .nframes = NFRAMES, .gap = 9000, .make = stage_noise, .move = move};

static void
same_bits_at_any_block(void **state)
{
    (void)state;
    assert_same_bits_at_any_block(&eqfir_stage, &many_moves);
}

static void
silence_stays_silent(void **state)
{
    (void)state;
    assert_silence_stays_silent(&eqfir_stage, &many_moves);
}

/* Whatever the bands: numbers, no louder than all gains together allow. */
static void
any_settings_give_numbers(void **state)
{
    static const double rates[] = {8000.0, 44100.0, 192000.0};

    (void)state;
    dice_state = 21;
    for (size_t r = 0; r < LEN(rates); r++) {
        assert_int_equal(eqfir_prepare(&e, rates[r]), OK);
        for (int i = 0; i < 25; i++) {
            struct eqfir_settings s = any_settings();

            eqfir_reset(&e);
            eqfir_set(&e, &s);
            stage_noise(io, RATE, 20000);
            process(0, 20000);
            for (int k = 0; k < 20000; k++)
                assert_true(fabs(sound[0][k]) < 1e12 && fabs(sound[1][k]) < 1e12);
        }
        eqfir_free(&e);
    }
}

/* The first frame that differs: as late for a little as for all there is. */
static int
first_difference(const struct eqfir_settings *from, const struct eqfir_settings *to, int asked)
{
    int at;

    for (int pass = 0; pass < 2; pass++) {
        stage_noise(io, RATE, NFRAMES);
        assert_int_equal(eqfir_prepare(&e, RATE), OK);
        eqfir_set(&e, from);
        process(0, asked);
        if (pass)
            eqfir_set(&e, to);
        process(asked, NFRAMES - asked);
        eqfir_free(&e);
        if (!pass)
            memcpy(before, sound, sizeof before);
    }
    for (at = asked; at < NFRAMES && sound[0][at] == before[0][at]; at++)
        continue;
    return at - asked;
}

static void
a_move_takes_the_same_time_whatever_it_is(void **state)
{
    struct eqfir_settings a = one_band(EQ_BELL, 500.0, 6.0, 1.0, 1),
                          b = one_band(EQ_BELL, 600.0, 6.0, 1.0, 1), c = b;
    int frames = first_difference(&a, &b, 10000);

    (void)state;
    for (int i = 1; i < EQFIR_BANDS; i++)
        c.band[i] = band(EQ_LOW_CUT, 30.0 * i, 0.0, 0.7, 8, i % 5);
    c.phase = EQFIR_MIXED;
    c.corner_hz = 10000.0;
    assert_int_equal(first_difference(&a, &c, 10000), frames);
    assert_int_equal(first_difference(&a, &off, 10000), frames);
    assert_int_equal(first_difference(&off, &b, 10000), frames);
    assert_true(frames > 0.05 * RATE && frames < 0.15 * RATE);
}

/* Heard in full after settle_frames, also when many moves came before; in between nothing is lost. */
static void
the_last_move_wins(void **state)
{
    struct eqfir_settings s = one_band(EQ_BELL, 500.0, 6.0, 1.0, 1);
    int at = 0;

    (void)state;
    stage_noise(io, RATE, NFRAMES);
    assert_int_equal(eqfir_prepare(&e, RATE), OK);
    eqfir_set(&e, &s);
    process(0, NFRAMES);
    memcpy(before, sound, sizeof before);
    eqfir_free(&e);
    stage_noise(io, RATE, NFRAMES);
    assert_int_equal(eqfir_prepare(&e, RATE), OK);
    dice_state = 4;
    for (; at < 20000; at += 700) {
        struct eqfir_settings other = any_settings();

        eqfir_set(&e, &other);
        process(at, 700);
    }
    eqfir_set(&e, &s);
    assert_false(eqfir_settled(&e));
    process(at, 2 * eqfir_settle_frames(&e)); /* one may be under way */
    assert_true(eqfir_settled(&e));
    at += 2 * eqfir_settle_frames(&e);
    process(at, NFRAMES - at);
    for (int c = 0; c < STEREO; c++)
        assert_memory_equal(sound[c] + at, before[c] + at, (size_t)(NFRAMES - at) * sizeof(double));
    eqfir_free(&e);
}

static void
check_click(const char *what, const struct eqfir_settings *from, const struct eqfir_settings *to)
{
    enum { STEP = 2 * LATENCY, END = STEP + 10000 };
    static struct leak leak;
    double at_rest, move;

    leak_prepare(&leak, RATE);
    tone_make(io, RATE, LEAK_TONE_HZ, LEAK_TONE_GAIN, NFRAMES);
    assert_int_equal(eqfir_prepare(&e, RATE), OK);
    eqfir_set(&e, from);
    process(0, STEP);
    eqfir_set(&e, to);
    process(STEP, NFRAMES - STEP);
    assert_true(STEP + eqfir_settle_frames(&e) < END);
    eqfir_free(&e);
    at_rest = fmax(leak_peak(&leak, sound[0], STEP - 2000, STEP - LEAK_HALF),
                   leak_peak(&leak, sound[0], END, END + 3000));
    move = leak_peak(&leak, sound[0], STEP, END);
    assert_no_click(what, at_rest, move);
}

static void
moves_do_not_click(void **state)
{
    struct eqfir_settings low = one_band(EQ_BELL, 997.0, -24.0, 1.0, 1),
                          high = one_band(EQ_BELL, 997.0, 24.0, 1.0, 1);
    struct eqfir_settings cut = one_band(EQ_LOW_CUT, 20.0, 0.0, 0.7, 8),
                          deep = one_band(EQ_LOW_CUT, 20000.0, 0.0, 0.7, 8);
    struct eqfir_settings mixed = high, side = high;

    (void)state;
    mixed.phase = EQFIR_MIXED;
    mixed.corner_hz = 4000.0;
    side.band[0].channels = CHANNELS_SIDE;
    check_click("gain up", &low, &high);
    check_click("gain down", &high, &low);
    check_click("on", &off, &high);
    check_click("off", &high, &off);
    check_click("low cut up", &cut, &deep);
    check_click("low cut down", &deep, &cut);
    check_click("linear to mixed", &high, &mixed);
    check_click("stereo to side", &high, &side);
}

/* --- states ---------------------------------------------------------------------------------------- */

static void
reset_forgets(void **state)
{
    struct eqfir_settings s = one_band(EQ_BELL, 500.0, 6.0, 1.0, 1),
                          other = one_band(EQ_BELL, 90.0, -6.0, 1.0, 1);

    (void)state;
    assert_reset_forgets(&eqfir_stage, stage_noise, &s, &other);
}

static void
reset_ends_a_design(void **state)
{
    struct eqfir_settings s = one_band(EQ_BELL, 500.0, 6.0, 1.0, 1);

    (void)state;
    impulse(&s, 0);
    memcpy(before, sound, sizeof before);
    memset(sound, 0, sizeof sound);
    assert_int_equal(eqfir_prepare(&e, RATE), OK);
    process(0, 100);
    eqfir_set(&e, &s);
    process(100, 3000);
    eqfir_reset(&e);
    assert_true(eqfir_settled(&e));
    sound[0][0] = 1.0;
    process(0, LATENCY + TAPS);
    assert_memory_equal(sound, before, sizeof before);
    eqfir_free(&e);
}

/* It never comes out at all: what is no number counts as silence. */
static void
nan_does_not_stay(void **state)
{
    struct eqfir_settings s = one_band(EQ_BELL, 500.0, 6.0, 1.0, 1);

    (void)state;
    stage_noise(io, RATE, NFRAMES);
    sound[0][3000] = NAN;
    sound[1][3001] = INFINITY;
    assert_int_equal(eqfir_prepare(&e, RATE), OK);
    eqfir_set(&e, &s);
    process(0, NFRAMES);
    for (int i = 0; i < NFRAMES; i++)
        assert_true(isfinite(sound[0][i]) && isfinite(sound[1][i]));
    eqfir_free(&e);
}

static void
odd_rates_are_refused(void **state)
{
    (void)state;
    assert_odd_rates_are_refused(&eqfir_stage);
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
        status = eqfir_prepare(&e, RATE);
        callocs_left = -1;
        assert_true(status == OK || status == NO_MEM);
        failed += status != OK;
        eqfir_free(&e);
        eqfir_free(&e);
    }
    assert_int_equal(failed, 2);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_are_the_analog_ones),
        cmocka_unit_test(bands_add_up),
        cmocka_unit_test(linear_phase_is_symmetric),
        cmocka_unit_test(mixed_phase_turns_below_its_corner_only),
        cmocka_unit_test(mixed_phase_without_a_corner_is_linear),
        cmocka_unit_test(bands_work_on_their_channels_in_their_order),
        cmocka_unit_test(mixed_phase_works_on_channels_as_well),
        cmocka_unit_test(neutral_keeps_the_bits),
        cmocka_unit_test(latency_is_what_an_impulse_takes),
        cmocka_unit_test(same_bits_at_any_block),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(any_settings_give_numbers),
        cmocka_unit_test(a_move_takes_the_same_time_whatever_it_is),
        cmocka_unit_test(the_last_move_wins),
        cmocka_unit_test(moves_do_not_click),
        cmocka_unit_test(reset_forgets),
        cmocka_unit_test(reset_ends_a_design),
        cmocka_unit_test(nan_does_not_stay),
        cmocka_unit_test(odd_rates_are_refused),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(prepare_survives_each_failed_malloc),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
