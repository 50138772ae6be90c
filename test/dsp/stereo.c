/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/stereo.h"

#include "dsp/xmath.h"
#include "test/kit/dice.h"
#include "test/kit/stage.h"

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define RATE 48000.0

enum { NFRAMES = 24000, SETTLE = 9600 }; /* 200 ms: every glide and fade is over */

static double in[STEREO][NFRAMES], out[STEREO][NFRAMES], other[STEREO][NFRAMES];

static const struct stereo_settings neutral = {.on = true,
                                               .width = 100.0,
                                               .band = {{100.0}, {100.0}, {100.0}},
                                               .xover_hz = {250.0, 4000.0},
                                               .mono_below_hz = STEREO_MONO_OFF_HZ};

STAGE(stereo);

static void
make_noise(void)
{
    stage_noise((double *[]){in[0], in[1]}, RATE, NFRAMES);
}

static void
process(struct stereo *s, double io[STEREO][NFRAMES], int from, int nframes)
{
    stereo_process(s, (double *[]){io[0] + from, io[1] + from}, nframes);
}

/* What was in comes out, from the first frame on under these settings. */
static void
play(double io[STEREO][NFRAMES], const struct stereo_settings *settings)
{
    struct stereo s;

    memcpy(io, in, sizeof in);
    assert_int_equal(stereo_prepare(&s, RATE), OK);
    stereo_set(&s, settings);
    process(&s, io, 0, NFRAMES);
    stereo_free(&s);
}

static struct stereo_settings
anything(void)
{
    struct stereo_settings s = neutral;

    s.width = chance() < 0.3 ? 100.0 : 200.0 * chance();
    for (int b = 0; b < STEREO_BANDS && chance() < 0.8; b++)
        s.band[b].width = 200.0 * chance();
    s.xover_hz[0] = 40.0 * x_exp2(chance() * 5.6);
    s.xover_hz[1] = 500.0 * x_exp2(chance() * 5.0);
    s.mono_below_hz = chance() < 0.4 ? STEREO_MONO_OFF_HZ : 20.0 * x_exp2(chance() * 4.6);
    s.balance = chance() < 0.5 ? 0.0 : 200.0 * chance() - 100.0;
    s.rotation_degrees = chance() < 0.5 ? 0.0 : 90.0 * chance() - 45.0;
    return s;
}

/* --- bits ------------------------------------------------------------------------------------------ */

static const void *
move(int nth)
{
    static struct stereo_settings s;

    (void)nth;
    s = anything();
    return &s;
}

static void
same_bits_at_any_block(void **state)
{
    static const struct stage_moves often = {48000.0, NFRAMES, 1500, stage_noise, move};
    static const struct stage_moves seldom = {44100.0, NFRAMES, 9000, stage_noise, move};
    static const struct stage_moves slow = {8000.0, NFRAMES, 2000, stage_noise, move};

    (void)state;
    assert_same_bits_at_any_block(&stereo_stage, &often);
    assert_same_bits_at_any_block(&stereo_stage, &seldom);
    assert_same_bits_at_any_block(&stereo_stage, &slow);
}

static void
silence_stays_silent(void **state)
{
    static const struct stage_moves often = {48000.0, NFRAMES, 900, stage_noise, move};

    (void)state;
    assert_silence_stays_silent(&stereo_stage, &often);
}

static void
neutral_settings_keep_the_bits(void **state)
{
    struct stereo_settings s = neutral;
    struct stereo x;

    (void)state;
    make_noise();
    in[0][5] = -0.0;
    in[1][6] = 0x1p-1060;
    memcpy(out, in, sizeof in);
    stereo_prepare(&x, RATE);
    process(&x, out, 0, 100); /* before any set */
    stereo_set(&x, &s);
    process(&x, out, 100, 900);
    s.xover_hz[0] = 1000.0; /* a crossover of bands that are alike */
    s.xover_hz[1] = 9000.0;
    stereo_set(&x, &s);
    process(&x, out, 1000, 5000);
    assert_memory_equal(out[0], in[0], 1000 * sizeof(double));
    assert_memory_equal(out[1], in[1], 1000 * sizeof(double));
    for (int c = 0; c < STEREO; c++) /* while it glides, through mid and side and back: 2 roundings */
        for (int i = 1000; i < 6000; i++)
            assert_true(fabs(out[c][i] - in[c][i]) < 4e-16);
    process(&x, out, 6000, NFRAMES - 6000);
    for (int c = 0; c < STEREO; c++)
        assert_memory_equal(out[c] + 6000, in[c] + 6000, (NFRAMES - 6000) * sizeof(double));
}

/* From anything back to neutral: 20 ms and 1 % to go is 60 ms to the last bit. */
static void
bits_come_back_with_the_settings(void **state)
{
    enum { BACK = 4000, REST = BACK + 4800 };
    struct stereo x;

    (void)state;
    make_noise();
    dice_state = 5;
    for (int k = 0; k < 40; k++) {
        struct stereo_settings s = anything();

        memcpy(out, in, sizeof in);
        stereo_prepare(&x, RATE);
        stereo_set(&x, &s);
        process(&x, out, 0, BACK);
        stereo_set(&x, &neutral);
        process(&x, out, BACK, NFRAMES - BACK);
        for (int c = 0; c < STEREO; c++)
            assert_memory_equal(out[c] + REST, in[c] + REST, (NFRAMES - REST) * sizeof(double));
    }
}

static void
bands_of_one_width_are_that_width(void **state)
{
    struct stereo_settings whole = neutral, bands = neutral;

    (void)state;
    make_noise();
    whole.width = 70.0;
    for (int b = 0; b < STEREO_BANDS; b++)
        bands.band[b].width = 70.0;
    play(out, &whole);
    play(other, &bands);
    assert_memory_equal(out, other, sizeof out);
}

/* --- the picture ----------------------------------------------------------------------------------- */

/* Not even in the last place where nothing else goes on; both sides' roundings otherwise. */
static void
the_sum_does_not_change_with_the_width(void **state)
{
    static const double widths[] = {0.0, 33.0, 99.0, 150.0, 200.0};

    (void)state;
    make_noise();
    for (size_t i = 0; i < LEN(widths); i++) {
        struct stereo_settings s = neutral;

        s.width = widths[i];
        play(out, &s);
        for (int k = 0; k < NFRAMES; k++) {
            double loudest = fmax(fabs(out[0][k]), fabs(out[1][k]));

            assert_true(fabs(out[0][k] + out[1][k] - (in[0][k] + in[1][k])) <= 4e-16 * fmax(loudest, 0.5));
        }
    }
}

/* With filters the sum goes through their allpasses: the same for all widths. */
static void
the_sum_does_not_change_with_the_widths_of_bands(void **state)
{
    struct stereo_settings a = neutral, b = neutral;

    (void)state;
    make_noise();
    a.band[0].width = 0.0;
    a.mono_below_hz = b.mono_below_hz = 90.0;
    b.band[1].width = 180.0;
    b.band[2].width = 30.0;
    b.width = 140.0;
    play(out, &a);
    play(other, &b);
    for (int k = 0; k < NFRAMES; k++)
        assert_true(fabs(out[0][k] + out[1][k] - (other[0][k] + other[1][k])) < 2e-15);
}

static void
width_scales_the_side(void **state)
{
    struct stereo_settings s = neutral;

    (void)state;
    make_noise();
    for (s.width = 0.0; s.width <= 200.0; s.width += 50.0) {
        play(out, &s);
        for (int i = 0; i < NFRAMES; i++)
            assert_true(fabs(out[0][i] - out[1][i] - s.width * 0.01 * (in[0][i] - in[1][i])) < 1e-15);
    }
    s.width = 0.0;
    play(out, &s);
    assert_memory_equal(out[0], out[1], sizeof out[0]);
}

/* The spectrum of what came out at a frequency, of the sum or the difference of both sides. */
static double complex
spectrum(double hz, double sign)
{
    double complex sum = 0.0;

    for (int i = 0; i < NFRAMES; i++)
        sum += 0.5 * (out[0][i] + sign * out[1][i]) * cexp(-2.0 * I * PI * hz / RATE * i);
    return sum;
}

static void
impulse(double left, double right)
{
    memset(in, 0, sizeof in);
    in[0][0] = left;
    in[1][0] = right;
}

/* What a crossover gives to the low side, as a share: its frequencies are those of the trapezoidal rule. */
static double
low_share(double hz, double xover_hz)
{
    double r = tan(PI * hz / RATE) / tan(PI * xover_hz / RATE);

    return 1.0 / (1.0 + r * r);
}

static double complex
allpass(double hz, double xover_hz)
{
    double complex s = I * tan(PI * hz / RATE) / tan(PI * xover_hz / RATE);

    return (1.0 - s) / (1.0 + s);
}

static const double everywhere_hz[] = {20, 60, 100, 200, 250, 400, 1000, 2500, 4000, 8000, 16000, 23000};

/* Side over mid is real and positive at every frequency: nothing is turned against anything. To 1e-11: the impulse
   response is cut where 1e-16 of it is left, and DC gains are 1 to 1e-13. */
static void
bands_have_their_widths_in_phase(void **state)
{
    static const double widths[][STEREO_BANDS] = {
        {0, 100, 200}, {200, 50, 120}, {100, 100, 0}, {30, 100, 100}};

    (void)state;
    impulse(1.0, 0.0);
    for (size_t k = 0; k < LEN(widths); k++) {
        struct stereo_settings s = neutral;

        for (int b = 0; b < STEREO_BANDS; b++)
            s.band[b].width = widths[k][b];
        s.width = 80.0;
        play(out, &s);
        for (size_t i = 0; i < LEN(everywhere_hz); i++) {
            double hz = everywhere_hz[i], l1 = low_share(hz, 250.0), l2 = low_share(hz, 4000.0);
            double complex mid = spectrum(hz, 1.0), ratio = spectrum(hz, -1.0) / mid;
            double want = l1 * widths[k][0] + (1.0 - l1) * (l2 * widths[k][1] + (1.0 - l2) * widths[k][2]);

            assert_true(cabs(mid - 0.5 * allpass(hz, 250.0) * allpass(hz, 4000.0)) < 1e-11);
            assert_true(cabs(ratio - 0.008 * want) < 1e-11);
        }
    }
}

static void
below_the_corner_it_is_mono_in_phase(void **state)
{
    static const double corners_hz[] = {30.0, 120.0, 500.0};

    (void)state;
    impulse(0.0, 1.0);
    for (size_t k = 0; k < LEN(corners_hz); k++) {
        struct stereo_settings s = neutral;
        double corner = corners_hz[k];

        s.mono_below_hz = corner;
        play(out, &s);
        for (size_t i = 0; i < LEN(everywhere_hz); i++) {
            double hz = everywhere_hz[i];
            double complex mid = spectrum(hz, 1.0), ratio = spectrum(hz, -1.0) / mid;

            assert_true(cabs(mid - 0.5 * allpass(hz, corner)) < 1e-11);
            assert_true(cabs(ratio + (1.0 - low_share(hz, corner))) < 1e-11);
        }
        /* as the header says: half at the corner, 12 dB/oct below it */
        assert_true(fabs(cabs(spectrum(corner, -1.0)) - 0.25) < 1e-11);
        assert_true(fabs(gain_to_db(cabs(spectrum(corner / 4.0, -1.0)) / cabs(spectrum(corner / 8.0, -1.0))) -
                         12.0) < 0.5);
    }
}

static void
bands_and_mono_go_together(void **state)
{
    struct stereo_settings s = neutral;

    (void)state;
    impulse(1.0, 0.0);
    s.mono_below_hz = 120.0;
    s.band[0].width = 150.0;
    s.band[2].width = 50.0;
    play(out, &s);
    for (size_t i = 0; i < LEN(everywhere_hz); i++) {
        double hz = everywhere_hz[i], l1 = low_share(hz, 250.0), l2 = low_share(hz, 4000.0);
        double want = (1.0 - low_share(hz, 120.0)) * (l1 * 1.5 + (1.0 - l1) * (l2 + (1.0 - l2) * 0.5));

        assert_true(cabs(spectrum(hz, -1.0) / spectrum(hz, 1.0) - want) < 1e-11);
    }
}

static void
rotation_turns_the_picture(void **state)
{
    struct stereo_settings s = neutral;

    (void)state;
    make_noise();
    memcpy(in[1], in[0], sizeof in[0]); /* the middle */
    s.rotation_degrees = 45.0;
    play(out, &s);
    for (int i = 0; i < NFRAMES; i++) {
        assert_true(fabs(out[0][i]) < 1e-15);
        assert_true(fabs(out[1][i] - sqrt(2.0) * in[0][i]) < 1e-15);
    }
    s.rotation_degrees = -45.0;
    play(out, &s);
    for (int i = 0; i < NFRAMES; i++)
        assert_true(fabs(out[1][i]) < 1e-15);
    make_noise();
    for (s.rotation_degrees = -40.0; s.rotation_degrees < 45.0; s.rotation_degrees += 7.0) {
        double turn = s.rotation_degrees * PI / 180.0;

        play(out, &s);
        for (int i = 0; i < NFRAMES; i++) {
            assert_true(fabs(out[0][i] - (cos(turn) * in[0][i] - sin(turn) * in[1][i])) < 1e-15);
            assert_true(fabs(out[1][i] - (sin(turn) * in[0][i] + cos(turn) * in[1][i])) < 1e-15);
        }
    }
}

static void
balance_turns_the_far_side_down(void **state)
{
    static const double table[][3] = {{-100, 1, 0}, {-30, 1, 0.7}, {50, 0.5, 1}, {100, 0, 1}};

    (void)state;
    make_noise();
    for (size_t k = 0; k < LEN(table); k++) {
        struct stereo_settings s = neutral;

        s.balance = table[k][0];
        play(out, &s);
        for (int i = 0; i < NFRAMES; i++)
            for (int c = 0; c < STEREO; c++)
                assert_true(fabs(out[c][i] - table[k][1 + c] * in[c][i]) < 1e-15);
    }
}

/* --- moves ----------------------------------------------------------------------------------------- */

/* The kit's tone is in the middle, where width does nothing: here it is on both sides of it. */
static void
aside(void *state, double *const *io, int nframes)
{
    for (int i = 0; i < nframes; i++)
        io[1][i] *= -0.4;
    stereo_process(state, io, nframes);
}

#define FIELD(member, least, most)                                                                           \
    {                                                                                                        \
#member, offsetof(struct stereo_settings, member), least, most                                       \
    }

static void
moves_do_not_click(void **state)
{
    static const struct stage_field fields[] = {
        FIELD(width, 0.0, 200.0),         FIELD(band[0].width, 0.0, 200.0),  FIELD(band[1].width, 0.0, 200.0),
        FIELD(band[2].width, 0.0, 200.0), FIELD(band[2].width, 100.0, 0.0),  FIELD(xover_hz[0], 40.0, 2000.0),
        FIELD(xover_hz[1], 500.0, 16000), FIELD(mono_below_hz, 20.0, 500.0), FIELD(mono_below_hz, 21.0, 500),
        FIELD(balance, -100.0, 100.0),    FIELD(rotation_degrees, -45, 45),
    };
    struct stage_face sideways = stereo_stage;
    struct stereo_settings s = neutral;

    (void)state;
    sideways.process = aside;
    assert_moves_do_not_click(&sideways, &s, sizeof s, fields, LEN(fields), SETTLE);
    s.band[0].width = 20.0; /* all filters at work */
    s.mono_below_hz = 200.0;
    assert_moves_do_not_click(&sideways, &s, sizeof s, fields, LEN(fields), SETTLE);
}

/* Fast moves there and back: the last one counts. */
static void
the_last_move_wins(void **state)
{
    struct stereo_settings s = neutral, want = neutral;
    struct stereo x;

    (void)state;
    make_noise();
    want.band[1].width = 40.0;
    want.mono_below_hz = 80.0;
    play(other, &want);
    memcpy(out, in, sizeof in);
    stereo_prepare(&x, RATE);
    stereo_set(&x, &s);
    for (int at = 0; at < 6000; at += 300) {
        s = at % 600 ? want : neutral;
        if (at % 900 == 0)
            s.xover_hz[0] = 1900.0;
        stereo_set(&x, &s);
        process(&x, out, at, 300);
    }
    stereo_set(&x, &want);
    process(&x, out, 6000, NFRAMES - 6000);
    for (int c = 0; c < STEREO; c++) /* filters forget their past, 80 Hz at e^-500 a second */
        for (int i = NFRAMES - 2000; i < NFRAMES; i++)
            assert_true(fabs(out[c][i] - other[c][i]) < 1e-12);
}

static void
a_reset_forgets(void **state)
{
    struct stereo_settings s = neutral, o = neutral;

    (void)state;
    s.band[0].width = 20.0;
    s.mono_below_hz = 200.0;
    o.rotation_degrees = 20.0;
    o.band[2].width = 200.0;
    o.xover_hz[0] = 1000.0;
    assert_reset_forgets(&stereo_stage, stage_noise, &s, &o);
    assert_reset_forgets(&stereo_stage, stage_noise, &o, &s);
}

static void
what_is_no_number_is_over_with_its_chunk(void **state)
{
    static const double bad[] = {NAN, INFINITY, -INFINITY, 1e300};

    (void)state;
    for (size_t k = 0; k < LEN(bad); k++) {
        struct stereo_settings s = neutral;

        make_noise();
        in[k % 2][1000] = bad[k];
        s.band[0].width = 20.0;
        s.mono_below_hz = 200.0;
        play(out, &s);
        for (int c = 0; c < STEREO; c++)
            for (int i = 1000 + STEREO_CHUNK; i < NFRAMES; i++)
                assert_true(fabs(out[c][i]) < 3.0);
    }
}

/* The highest crossover is beyond rate/2 there. */
static void
low_rates_are_served(void **state)
{
    struct stereo_settings s = neutral;
    struct stereo x;

    (void)state;
    make_noise();
    memcpy(out, in, sizeof in);
    s.band[2].width = 200.0;
    s.band[0].width = 0.0;
    s.xover_hz[1] = 16000.0;
    s.mono_below_hz = 500.0;
    assert_int_equal(stereo_prepare(&x, 8000.0), OK);
    stereo_set(&x, &s);
    process(&x, out, 0, NFRAMES);
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < NFRAMES; i++)
            assert_true(fabs(out[c][i]) < 3.0);
    assert_int_equal(stereo_latency_frames(&x), 0);
}

static void
odd_rates_are_refused(void **state)
{
    (void)state;
    assert_odd_rates_are_refused(&stereo_stage);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_at_any_block),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(neutral_settings_keep_the_bits),
        cmocka_unit_test(bits_come_back_with_the_settings),
        cmocka_unit_test(bands_of_one_width_are_that_width),
        cmocka_unit_test(the_sum_does_not_change_with_the_width),
        cmocka_unit_test(the_sum_does_not_change_with_the_widths_of_bands),
        cmocka_unit_test(width_scales_the_side),
        cmocka_unit_test(bands_have_their_widths_in_phase),
        cmocka_unit_test(below_the_corner_it_is_mono_in_phase),
        cmocka_unit_test(bands_and_mono_go_together),
        cmocka_unit_test(rotation_turns_the_picture),
        cmocka_unit_test(balance_turns_the_far_side_down),
        cmocka_unit_test(moves_do_not_click),
        cmocka_unit_test(the_last_move_wins),
        cmocka_unit_test(a_reset_forgets),
        cmocka_unit_test(what_is_no_number_is_over_with_its_chunk),
        cmocka_unit_test(low_rates_are_served),
        cmocka_unit_test(odd_rates_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
