/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/eqdesign.h"

#include "dsp/xmath.h"
#include "test/kit/dice.h"

#include <math.h>
#include <complex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define RATE        44100.0 /* the hardest of the usual ones */
#define BUTTERWORTH 0.70710678118654752
#define HASH        0x76baa003844447a9ULL

/* Nobody hears how deep a zero is: what the analog curve has below is left out. */
#define FLOOR_DB (-60.0)

static double
worst(double a, double b)
{
    return isnan(b) || b > a ? b : a;
}

static bool
has_gain(int type)
{
    return type == EQ_BELL || type == EQ_LOW_SHELF || type == EQ_HIGH_SHELF || type == EQ_TILT;
}

/* --- how near the analog curve --------------------------------------------------------------------- */

/* The largest |filter - prototype| in dB, 20 Hz..20 kHz, and finely around the centre. */
static double
error_db(const struct eq_curve *c, double rate_hz)
{
    struct biquad_coefs out[EQDESIGN_SECTIONS];
    int n = eqdesign(c, rate_hz, out);
    double most = 0.0, wide = 3.0 / fmax(c->q, 1.0);

    for (int i = 0; i <= 60; i++) {
        double t = i / 60.0;
        double at[] = {20.0 * x_exp2(t * 9.965784284662087), 2000.0 + 18000.0 * t,
                       c->freq_hz * x_exp2((t - 0.5) * wide)};

        for (size_t j = 0; j < LEN(at); j++) {
            double want = eqdesign_prototype_db(c, at[j]);

            if (at[j] >= 20.0 && at[j] <= 20000.0 && want > FLOOR_DB)
                most = worst(most, fabs(eqdesign_response_db(out, n, at[j], rate_hz) - want));
        }
    }
    return most;
}

/* Over centres from 30 Hz to top_hz. */
static double
worst_error_db(int type, int order, double q, double gain_db, double top_hz, double rate_hz)
{
    double most = 0.0;

    for (double freq_hz = 30.0; freq_hz < top_hz * 1.025; freq_hz *= freq_hz < 2000.0 ? 1.8 : 1.025) {
        struct eq_curve c = {type, fmin(freq_hz, top_hz), gain_db, q, order};

        most = worst(most, error_db(&c, rate_hz));
    }
    return most;
}

struct bound {
    double q, gain_db, most_db;
};

static void
check_bounds(int type, int order, double top_hz, const struct bound *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double e = worst_error_db(type, order, b[i].q, b[i].gain_db, top_hz, RATE);

        print_message("# type %d order %d q %g gain %g to %g kHz: %.3f dB\n", type, order, b[i].q,
                      b[i].gain_db, top_hz / 1000.0, e);
        assert_true(e <= b[i].most_db);
    }
}

/* The bounds are what was measured, rounded up: a change for the worse shows, another compiler does not. */
static void
bells_follow_the_analog_curve(void **state)
{
    static const struct bound b[] = {
        {0.1, 6.0, 0.09},  {0.3, 6.0, 0.09},  {0.5, 6.0, 0.09},  {0.7071, 6.0, 0.09}, {1.0, 6.0, 0.10},
        {1.4, 6.0, 0.10},  {2.0, 6.0, 0.10},  {4.0, 6.0, 0.10},  {8.0, 6.0, 0.09},    {20.0, 6.0, 0.05},
        {40.0, 6.0, 0.03}, {0.3, -6.0, 0.09}, {2.0, -6.0, 0.10}, {0.7071, 1.0, 0.02}, {0.1, 18.0, 0.22},
        {0.3, 18.0, 0.22}, {0.5, 18.0, 0.23}, {1.0, 18.0, 0.25}, {2.0, 18.0, 0.26},   {3.0, 18.0, 0.26},
        {4.0, 18.0, 0.27}, {6.0, 18.0, 0.27}, {8.0, 18.0, 0.22}, {20.0, 18.0, 0.14},  {40.0, 18.0, 0.08},
        {1.0, 24.0, 0.32}, {2.0, 24.0, 0.34}, {8.0, 24.0, 0.30}, {40.0, 24.0, 0.15},
    };

    (void)state;
    check_bounds(EQ_BELL, 0, 20000.0, b, LEN(b));
}

static void
shelves_follow_the_analog_curve(void **state)
{
    static const struct bound b[] = {
        {0.1, 18.0, 0.13},  {0.4, 3.0, 0.03},    {0.4, -18.0, 0.09},   {0.4, 18.0, 0.09},
        {0.5, 18.0, 0.13},  {0.7071, 3.0, 0.03}, {0.7071, 18.0, 0.10}, {1.0, 3.0, 0.03},
        {1.0, -18.0, 0.11}, {1.0, 18.0, 0.11},   {1.5, 18.0, 0.22},    {2.0, 18.0, 0.38},
        {4.0, 6.0, 0.60},   {4.0, 18.0, 1.00},   {8.0, 18.0, 2.2},     {0.7071, 24.0, 0.12}};
    static const struct bound first[] = {{1.0, 6.0, 0.03}, {1.0, 18.0, 0.04}, {1.0, -18.0, 0.04}};
    static const struct bound steep[] = {{BUTTERWORTH, 6.0, 0.09}, {BUTTERWORTH, 18.0, 0.22}};

    (void)state;
    for (int type = EQ_LOW_SHELF; type <= EQ_HIGH_SHELF; type++) {
        check_bounds(type, 2, 20000.0, b, LEN(b));
        check_bounds(type, 1, 20000.0, first, LEN(first));
        check_bounds(type, 3, 20000.0, steep, LEN(steep));
        check_bounds(type, 4, 20000.0, steep, LEN(steep));
    }
    check_bounds(EQ_TILT, 0, 20000.0, b, LEN(b));
}

static void
cuts_follow_the_analog_curve(void **state)
{
    static const struct bound low[] = {{0.1, 0.0, 0.33},    {0.3, 0.0, 0.26}, {0.5, 0.0, 0.18},
                                       {0.7071, 0.0, 0.13}, {1.0, 0.0, 0.11}, {2.0, 0.0, 0.45},
                                       {4.0, 0.0, 0.95},    {8.0, 0.0, 1.5},  {40.0, 0.0, 3.2}};
    static const struct bound high[] = {{0.1, 0.0, 0.17}, {0.3, 0.0, 0.17}, {0.7071, 0.0, 0.18},
                                        {1.0, 0.0, 0.18}, {2.0, 0.0, 0.18}, {8.0, 0.0, 0.20},
                                        {40.0, 0.0, 0.22}};
    static const double low_most[] = {0.03, 0.12, 0.09, 0.13, 0.21, 0.27, 0.34, 0.40};
    static const double high_most[] = {0.03, 0.18, 0.18, 0.30, 0.30, 0.40, 0.40, 0.52};

    (void)state;
    check_bounds(EQ_LOW_CUT, 2, 20000.0, low, LEN(low));
    check_bounds(EQ_HIGH_CUT, 2, 20000.0, high, LEN(high));
    for (int order = 1; order <= EQDESIGN_ORDER_MAX; order++) {
        check_bounds(EQ_LOW_CUT, order, 20000.0, &(struct bound){BUTTERWORTH, 0.0, low_most[order - 1]}, 1);
        check_bounds(EQ_HIGH_CUT, order, 20000.0, &(struct bound){BUTTERWORTH, 0.0, high_most[order - 1]}, 1);
    }
}

static void
notch_and_band_pass_follow_the_analog_curve(void **state)
{
    static const struct bound notch[] = {{0.1, 0.0, 0.66}, {0.7071, 0.0, 0.43}, {1.0, 0.0, 0.38},
                                         {4.0, 0.0, 0.22}, {10.0, 0.0, 0.10},   {40.0, 0.0, 0.03}};
    static const struct bound pass[] = {{0.1, 0.0, 0.36}, {0.7071, 0.0, 0.40}, {1.0, 0.0, 0.46},
                                        {4.0, 0.0, 0.38}, {10.0, 0.0, 0.50},   {40.0, 0.0, 0.65}};

    (void)state;
    check_bounds(EQ_NOTCH, 0, 20000.0, notch, LEN(notch));
    check_bounds(EQ_BAND_PASS, 0, 20000.0, pass, LEN(pass));
}

/* Centres that the sampled world doesn't have: the skirt that is left below 20 kHz. */
static void
centres_above_half_the_rate_keep_their_skirt(void **state)
{
    static const struct bound bell[] = {
        {0.3, 18.0, 0.24}, {1.0, 18.0, 0.26}, {4.0, 18.0, 0.26}, {40.0, 18.0, 0.10}};
    static const struct bound shelf[] = {{0.5, 18.0, 0.13}, {0.7071, 18.0, 0.10}, {1.0, 18.0, 0.11}};
    static const struct bound cut[] = {{0.5, 0.0, 0.18}, {0.7071, 0.0, 0.18}, {2.0, 0.0, 0.19}};
    static const struct bound notch[] = {{1.0, 0.0, 0.40}, {4.0, 0.0, 0.33}};

    (void)state;
    check_bounds(EQ_BELL, 0, 40000.0, bell, LEN(bell));
    check_bounds(EQ_LOW_SHELF, 2, 40000.0, shelf, LEN(shelf));
    check_bounds(EQ_HIGH_SHELF, 2, 40000.0, shelf, LEN(shelf));
    check_bounds(EQ_HIGH_CUT, 2, 40000.0, cut, LEN(cut));
    check_bounds(EQ_NOTCH, 0, 40000.0, notch, LEN(notch));
}

static void
curves_are_the_same_at_every_rate(void **state)
{
    static const struct {
        double rate_hz, bell, shelf, low_cut, high_cut, steep_high_cut;
    } most[] = {
        {48000.0, 0.15, 0.07, 0.07, 0.09, 0.25},  {88200.0, 0.05, 0.02, 0.01, 0.03, 0.07},
        {96000.0, 0.05, 0.02, 0.01, 0.03, 0.06},  {176400.0, 0.02, 0.01, 0.01, 0.02, 0.03},
        {192000.0, 0.02, 0.01, 0.01, 0.02, 0.03}, {384000.0, 0.02, 0.01, 0.01, 0.02, 0.03},
    };

    (void)state;
    for (size_t i = 0; i < LEN(most); i++) {
        double rate_hz = most[i].rate_hz;
        double bell = worst_error_db(EQ_BELL, 0, 1.0, 18.0, 40000.0, rate_hz);
        double shelf = worst_error_db(EQ_HIGH_SHELF, 2, BUTTERWORTH, 18.0, 40000.0, rate_hz);
        double low = worst_error_db(EQ_LOW_CUT, 2, BUTTERWORTH, 0.0, 20000.0, rate_hz);
        double high = worst_error_db(EQ_HIGH_CUT, 2, BUTTERWORTH, 0.0, 40000.0, rate_hz);
        double steep = worst_error_db(EQ_HIGH_CUT, 8, BUTTERWORTH, 0.0, 40000.0, rate_hz);

        print_message("# %g Hz: bell %.3f shelf %.3f low cut %.3f high cut %.3f, of order 8 %.3f dB\n",
                      rate_hz, bell, shelf, low, high, steep);
        assert_true(bell <= most[i].bell && shelf <= most[i].shelf);
        assert_true(low <= most[i].low_cut && high <= most[i].high_cut && steep <= most[i].steep_high_cut);
    }
}

/* Small gains, low frequencies, high rates: where differences of nearly equal numbers are taken. */
static void
tiny_gains_and_low_frequencies_are_exact(void **state)
{
    (void)state;
    for (int type = EQ_BELL; type <= EQ_HIGH_SHELF; type++)
        for (double q = 0.5; q < 41.0; q *= 3.0)
            for (double gain_db = 1e-6; gain_db < 30.0; gain_db *= 7.0)
                assert_true(error_db(&(struct eq_curve){type, 20.0, gain_db, q, 2}, 384000.0) <
                            1e-3 * gain_db + 1e-9);
    for (double q = 0.3; q < 41.0; q *= 3.0)
        for (int type = EQ_LOW_CUT; type <= EQ_NOTCH; type++)
            assert_true(type == EQ_HIGH_CUT ||
                        error_db(&(struct eq_curve){type, 20.0, 0.0, q, 2}, 384000.0) < 1e-3);
}

/* --- the analog curve itself ----------------------------------------------------------------------- */

static void
cuts_fall_by_6_db_an_octave_and_order(void **state)
{
    (void)state;
    for (int order = 1; order <= EQDESIGN_ORDER_MAX; order++) {
        struct eq_curve low = {EQ_LOW_CUT, 1000.0, 0.0, BUTTERWORTH, order}, high = low;
        struct biquad_coefs out[EQDESIGN_SECTIONS];
        double fall;
        int n;

        high.type = EQ_HIGH_CUT;
        for (double x = 0.05; x < 20.0; x *= 1.3) { /* Butterworth's formula; dB */
            double want = -10.0 * log10(1.0 + pow(x, 2 * order));

            assert_true(fabs(eqdesign_prototype_db(&high, 1000.0 * x) - want) < 1e-9);
            assert_true(fabs(eqdesign_prototype_db(&low, 1000.0 / x) - want) < 1e-9);
        }
        n = eqdesign(&low, RATE, out);
        assert_int_equal(n, (order + 1) / 2);
        assert_int_equal(eqdesign(&high, RATE, out), n);
        n = eqdesign(&low, RATE, out);
        if (order > 6)
            continue; /* too deep for the numbers */
        fall = eqdesign_response_db(out, n, 50.0, RATE) - eqdesign_response_db(out, n, 25.0, RATE);
        assert_true(fabs(fall - 6.0206 * order) < 0.02);
        n = eqdesign(&high, RATE, out);
        fall = eqdesign_response_db(out, n, 4000.0, RATE) - eqdesign_response_db(out, n, 8000.0, RATE);
        assert_true(fabs(fall - 6.0206 * order) < 0.2 * order); /* each section's error */
    }
}

static void
shelves_rise_by_their_order(void **state)
{
    (void)state;
    for (int order = 1; order <= EQDESIGN_SHELF_ORDER_MAX; order++)
        for (double gain_db = -18.0; gain_db < 20.0; gain_db += 7.0) {
            struct eq_curve low = {EQ_LOW_SHELF, 1000.0, gain_db, BUTTERWORTH, order}, high = low;
            double g = db_to_gain(gain_db);

            high.type = EQ_HIGH_SHELF;
            for (double x = 0.05; x < 20.0; x *= 1.3) {
                double x2n = pow(x, 2 * order), want = 10.0 * log10((1.0 + g * x2n) / (1.0 + x2n / g));

                assert_true(fabs(eqdesign_prototype_db(&high, 1000.0 * x) - want) < 1e-9);
                assert_true(fabs(eqdesign_prototype_db(&low, 1000.0 / x) - want) < 1e-9);
            }
        }
}

static void
orders_beyond_are_the_nearest(void **state)
{
    struct biquad_coefs a[EQDESIGN_SECTIONS], b[EQDESIGN_SECTIONS];

    (void)state;
    for (int type = EQ_LOW_SHELF; type <= EQ_HIGH_CUT; type++) {
        int most = type >= EQ_LOW_CUT ? EQDESIGN_ORDER_MAX : EQDESIGN_SHELF_ORDER_MAX;
        struct eq_curve c = {type, 1000.0, 6.0, 1.0, 1}, beyond = c;

        beyond.order = -7;
        assert_int_equal(eqdesign(&c, RATE, a), eqdesign(&beyond, RATE, b));
        assert_memory_equal(a, b, sizeof *a);
        c.order = most;
        beyond.order = 1000;
        assert_int_equal(eqdesign(&c, RATE, a), most / 2);
        assert_int_equal(eqdesign(&beyond, RATE, b), most / 2);
        assert_memory_equal(a, b, sizeof *a * (size_t)most / 2);
    }
}

/* At freq_hz a cut of order 2 has the gain q; a steeper one Butterworth's 0.7071 times q / 0.7071. */
static void
q_scales_the_resonance(void **state)
{
    (void)state;
    for (int order = 2; order <= EQDESIGN_ORDER_MAX; order++)
        for (double q = 0.2; q < 10.0; q *= 1.7) {
            struct eq_curve c = {EQ_HIGH_CUT, 500.0, 0.0, q, order};
            struct biquad_coefs out[EQDESIGN_SECTIONS];
            int n = eqdesign(&c, RATE, out);

            assert_true(fabs(eqdesign_prototype_db(&c, 500.0) - gain_to_db(q)) < 1e-9);
            assert_true(fabs(eqdesign_response_db(out, n, 500.0, RATE) - gain_to_db(q)) < 0.1);
        }
}

static void
a_tilt_turns_about_its_centre(void **state)
{
    (void)state;
    for (double gain_db = -12.0; gain_db < 13.0; gain_db += 8.0)
        for (double q = 0.3; q < 1.1; q += 0.2) {
            struct eq_curve c = {EQ_TILT, 640.0, gain_db, q, 0};
            struct biquad_coefs out[EQDESIGN_SECTIONS];
            double before = -0.5 * gain_db;

            assert_int_equal(eqdesign(&c, RATE, out), 1);
            assert_true(fabs(eqdesign_response_db(out, 1, 640.0, RATE)) < 0.02);
            assert_true(fabs(gain_to_db(out[0].n0) + 0.5 * gain_db) < 1e-9);
            assert_true(fabs(eqdesign_prototype_db(&c, 6.4e6) - 0.5 * gain_db) < 0.01);
            for (double hz = 20.0; q < BUTTERWORTH && hz < 20000.0; hz *= 1.2) { /* one way all along */
                double now = eqdesign_response_db(out, 1, hz, RATE);

                assert_true((now - before) * gain_db > -0.01);
                before = now;
            }
        }
}

static void
notch_and_band_pass_are_exact_at_their_centre(void **state)
{
    (void)state;
    for (double freq_hz = 20.0; freq_hz < 20001.0; freq_hz *= 1.0717734625362931)
        for (double q = 0.3; q < 40.0; q *= 2.0) {
            struct eq_curve c = {EQ_NOTCH, freq_hz, 0.0, q, 0};
            struct biquad_coefs out[EQDESIGN_SECTIONS];

            assert_int_equal(eqdesign(&c, RATE, out), 1);
            assert_true(eqdesign_response_db(out, 1, freq_hz, RATE) <= 0.5 * DB_SILENCE);
            assert_true(out[0].n0 == 1.0);
            c.type = EQ_BAND_PASS;
            assert_int_equal(eqdesign(&c, RATE, out), 1);
            assert_true(out[0].n0 == 0.0);
            assert_true(fabs(eqdesign_response_db(out, 1, freq_hz, RATE)) < 0.55);
        }
}

static void
prototype_value_has_its_magnitude_and_phase(void **state)
{
    (void)state;
    for (int type = 0; type < EQ_TYPES; type++)
        for (int order = 1; order <= EQDESIGN_ORDER_MAX; order++)
            for (double hz = 20.0; hz < 20000.0; hz *= 1.7) {
                struct eq_curve c = {type, 1000.0, -7.0, 1.3, order};
                double re, im;

                eqdesign_prototype_value(&c, hz, &re, &im);
                assert_true(eqdesign_prototype_db(&c, hz) <= 0.5 * DB_SILENCE ||
                            fabs(gain_to_db(hypot(re, im)) - eqdesign_prototype_db(&c, hz)) < 1e-9);
            }
    for (int order = 1; order <= EQDESIGN_ORDER_MAX; order++) { /* at freq_hz -45 degrees each; high cut */
        struct eq_curve c = {EQ_HIGH_CUT, 1000.0, 0.0, BUTTERWORTH, order};
        double complex want = BUTTERWORTH * cexp(-0.25 * PI * order * I);
        double re, im;

        eqdesign_prototype_value(&c, 1000.0, &re, &im);
        assert_true(cabs(want - (re + im * I)) < 1e-12);
    }
}

/* Minimum phase is the analog phase where the magnitude goes on alike: for all but what falls towards the top, which
   is early by a frame or so, because a curve can't leave half the rate as steeply as it comes. */
static void
filters_have_the_analog_phase(void **state)
{
    const double rate_hz = 192000.0;

    (void)state;
    for (int type = 0; type < EQ_TYPES; type++)
        for (double hz = 50.0; hz < 2000.0; hz *= 1.9) {
            struct eq_curve c = {type, 700.0, 9.0, 1.0, 4};
            struct biquad_coefs out[EQDESIGN_SECTIONS];
            double early = type == EQ_HIGH_CUT ? 1.5 : type == EQ_BAND_PASS ? 0.75 : 0.0, re, im;
            double complex ratio = 1.0;
            int n = eqdesign(&c, rate_hz, out);

            for (int i = 0; i < n; i++) {
                double complex s = x_tan(PI * hz / rate_hz) / out[i].gg * I;

                ratio *= (out[i].n2 * s * s + out[i].n1 * s + out[i].n0) / (s * s + out[i].k * s + 1.0);
            }
            eqdesign_prototype_value(&c, hz, &re, &im);
            ratio /= re + im * I;
            assert_true(fabs(cabs(ratio) - 1.0) < 0.01);
            assert_true(fabs(carg(ratio)) < 0.001 + early * 2.0 * PI * hz / rate_hz);
        }
}

/* --- whatever is asked for ------------------------------------------------------------------------- */

/* The poles' form is stable for gg, k > 0. Zeros inside the circle too: n1 / n2 and n0 / n2 not negative. */
static void
check_sound(const struct eq_curve *c, double rate_hz)
{
    struct biquad_coefs out[EQDESIGN_SECTIONS];
    int n = eqdesign(c, rate_hz, out);

    for (int i = 0; i < n; i++) {
        const struct biquad_coefs *o = &out[i];

        assert_true(o->gg > 1e-9 && o->gg < 1e9);
        assert_true(o->k > 1e-9 && o->k < 1e9);
        assert_true(o->n0 >= 0.0 && o->n1 >= 0.0 && o->n2 >= 0.0);
        assert_true(o->n0 < 1e12 && o->n1 < 1e12 && o->n2 < 1e12);
        assert_true(!has_gain(c->type) || (o->n0 > 0.0 && o->n1 > 0.0 && o->n2 > 0.0));
    }
}

static const double rates_hz[] = {8000.0, 44100.0, 48000.0, 88200.0, 96000.0, 192000.0, 384000.0};

static void
every_setting_is_stable_and_minimum_phase_at_every_rate(void **state)
{
    static const double gains_db[] = {-24.0, -6.0, -0.1, -1e-6, 1e-6, 0.1, 6.0, 24.0};

    (void)state;
    for (size_t r = 0; r < LEN(rates_hz); r++)
        for (int type = 0; type < EQ_TYPES; type++)
            for (double freq_hz = 10.0; freq_hz < 40001.0; freq_hz *= 1.1486983549970351) /* to 40 kHz */
                for (double q = 0.1; q < 41.0; q *= 1.8205642030260803)                   /* to 40 */
                    for (size_t g = 0; g < LEN(gains_db); g++)
                        check_sound(&(struct eq_curve){type, freq_hz, gains_db[g], q, 2}, rates_hz[r]);
}

static void
chance_finds_no_setting_that_is_not(void **state)
{
    (void)state;
    dice_state = 1;
    for (int i = 0; i < 300000; i++) {
        struct eq_curve c = {.type = (int)dice(EQ_TYPES), .order = (int)dice(10)};
        double wide = i % 2 ? 1.0 : 3.0; /* the table's ranges, and far beyond */

        c.freq_hz = 632.0 * x_exp2(noise() * 6.0 * wide);
        c.gain_db = noise() * 24.0 * wide * (i % 3 ? 1.0 : x_exp2(-30.0 * chance()));
        c.q = 2.0 * x_exp2(noise() * 4.4 * wide);
        check_sound(&c, rates_hz[dice(LEN(rates_hz))]);
    }
}

/* Between 20 kHz and half the rate nothing is promised but this: no gain far above the analog curve's own most. */
static void
nothing_rings_above_the_band(void **state)
{
    static const double most_db[EQ_TYPES] = {0.8, 2.5, 2.5, 2.5, 0.5, 0.1, 0.5, 2.5};

    (void)state;
    for (int type = 0; type < EQ_TYPES; type++)
        for (int rate = 1; rate <= 2; rate++)
            for (double q = 0.1; q < 5.0; q *= 1.6)
                for (double gain_db = -24.0; gain_db < 25.0; gain_db += has_gain(type) ? 12.0 : 100.0)
                    for (double freq_hz = 5000.0; freq_hz < 40000.0; freq_hz *= 1.03) {
                        struct eq_curve c = {type, freq_hz, gain_db, q, 2};
                        struct biquad_coefs out[EQDESIGN_SECTIONS];
                        int n = eqdesign(&c, rates_hz[rate], out);
                        double analog = -400.0, got = -400.0;

                        for (double x = 0.1; x < 10.0; x *= 1.03)
                            analog = fmax(analog, eqdesign_prototype_db(&c, x * freq_hz));
                        for (double share = 0.45; share < 0.5; share += 0.002)
                            got = fmax(got,
                                       eqdesign_response_db(out, n, share * rates_hz[rate], rates_hz[rate]));
                        assert_true(got < fmax(analog, 0.0) + most_db[type]);
                    }
}

static void
a_cut_is_the_exact_inverse_of_the_boost(void **state)
{
    static const int types[] = {EQ_BELL, EQ_LOW_SHELF, EQ_HIGH_SHELF, EQ_TILT};

    (void)state;
    for (size_t i = 0; i < LEN(types); i++)
        for (int order = 1; order <= EQDESIGN_SHELF_ORDER_MAX; order++)
            for (double freq_hz = 20.0; freq_hz < 40000.0; freq_hz *= 1.5) {
                struct eq_curve c = {types[i], freq_hz, 9.0, 1.5, order};
                struct biquad_coefs up[EQDESIGN_SECTIONS], down[EQDESIGN_SECTIONS];
                int n = eqdesign(&c, RATE, up);

                c.gain_db = -c.gain_db;
                assert_int_equal(eqdesign(&c, RATE, down), n);
                for (double hz = 20.0; hz < 22000.0; hz *= 1.5)
                    assert_true(fabs(eqdesign_response_db(up, n, hz, RATE) +
                                     eqdesign_response_db(down, n, hz, RATE)) < 1e-9);
            }
}

static void
nothing_to_do_is_nothing(void **state)
{
    static const double bad[] = {0.0, -1.0, NAN, INFINITY};
    struct biquad_coefs out[EQDESIGN_SECTIONS];
    struct eq_prototype p[EQDESIGN_SECTIONS];

    (void)state;
    for (int type = 0; type < EQ_TYPES; type++) {
        struct eq_curve none = {type, 1000.0, 0.0, 1.0, 2}, some = none;

        some.gain_db = 1e-6;
        assert_int_equal(eqdesign(&none, RATE, out), has_gain(type) ? 0 : 1);
        assert_int_equal(eqdesign_prototype(&none, p), has_gain(type) ? 0 : 1);
        assert_int_equal(eqdesign(&some, RATE, out), 1);
        assert_true(!has_gain(type) || eqdesign_prototype_db(&none, 123.0) == 0.0);
        for (size_t i = 0; i < LEN(bad); i++) {
            struct eq_curve freq = some, q = some, gain = some;

            freq.freq_hz = bad[i];
            q.q = bad[i];
            gain.gain_db = i < 2 ? NAN : -INFINITY;
            assert_int_equal(eqdesign(&freq, RATE, out), 0);
            assert_int_equal(eqdesign(&q, RATE, out), 0);
            assert_int_equal(eqdesign(&gain, RATE, out), has_gain(type) ? 0 : 1);
            assert_int_equal(eqdesign(&some, bad[i] == INFINITY ? NAN : bad[i], out), 0);
        }
    }
    assert_int_equal(eqdesign(&(struct eq_curve){-1, 1000.0, 6.0, 1.0, 2}, RATE, out), 0);
    assert_int_equal(eqdesign(&(struct eq_curve){EQ_TYPES, 1000.0, 6.0, 1.0, 2}, RATE, out), 0);
}

/* --- moves ----------------------------------------------------------------------------------------- */

/* How much the response changes from a to b beyond what the analog curve does, 20 Hz..20 kHz, dB. */
static double
jump_db(const struct eq_curve *a, const struct eq_curve *b)
{
    struct biquad_coefs from[EQDESIGN_SECTIONS], to[EQDESIGN_SECTIONS];
    int n = eqdesign(a, RATE, from), m = eqdesign(b, RATE, to);
    double most = 0.0;

    for (double hz = 20.0; hz < 20000.0; hz *= hz < 5000.0 ? 1.5 : 1.08) {
        double analog_a = eqdesign_prototype_db(a, hz), analog_b = eqdesign_prototype_db(b, hz);

        if (analog_a > FLOOR_DB && analog_b > FLOOR_DB)
            most = worst(most, fabs(eqdesign_response_db(to, m, hz, RATE) - analog_b -
                                    (eqdesign_response_db(from, n, hz, RATE) - analog_a)));
    }
    return most;
}

/* Smaller steps change the curve less: there is no edge anywhere, not even at half the rate. */
static void
a_slow_sweep_moves_the_curve_slowly(void **state)
{
    static const struct {
        int type, order;
        double q, gain_db, most_db;
    } sweep[] = {
        {EQ_BELL, 0, 0.3, 24.0, 0.03},       {EQ_BELL, 0, 2.0, 24.0, 0.12},
        {EQ_BELL, 0, 6.4, -24.0, 0.25},      {EQ_BELL, 0, 8.0, 24.0, 0.25},
        {EQ_LOW_SHELF, 2, 0.3, 24.0, 0.02},  {EQ_LOW_SHELF, 2, 1.0, 24.0, 0.02},
        {EQ_HIGH_SHELF, 2, 2.0, 24.0, 0.05}, {EQ_HIGH_SHELF, 3, 0.7, 24.0, 0.02},
        {EQ_LOW_CUT, 2, 0.7, 0.0, 0.02},     {EQ_LOW_CUT, 8, 0.7, 0.0, 0.08},
        {EQ_HIGH_CUT, 2, 0.7, 0.0, 0.02},    {EQ_HIGH_CUT, 8, 0.7, 0.0, 0.06},
        {EQ_HIGH_CUT, 1, 1.0, 0.0, 0.02},    {EQ_NOTCH, 0, 0.7, 0.0, 0.35},
        {EQ_NOTCH, 0, 5.0, 0.0, 0.3},        {EQ_BAND_PASS, 0, 1.0, 0.0, 0.03},
        {EQ_TILT, 0, 0.5, 12.0, 0.03},
    };

    (void)state;
    for (size_t i = 0; i < LEN(sweep); i++)
        for (int fine = 0; fine < 2; fine++) {
            double step = fine ? 1.001 : 1.01, freq = 0.0, q = 0.0, gain = 0.0;

            for (double hz = 2000.0; hz < 40000.0; hz *= fine ? 1.0037 : 1.0101) {
                struct eq_curve a = {sweep[i].type, hz, sweep[i].gain_db, sweep[i].q, sweep[i].order}, b = a;

                b.freq_hz *= step;
                freq = worst(freq, jump_db(&a, &b));
                b = a;
                b.q *= step;
                q = worst(q, jump_db(&a, &b));
                b = a;
                b.gain_db += 10.0 * (step - 1.0);
                gain = worst(gain, jump_db(&a, &b));
            }
            print_message("# type %d order %d q %g, %g %%: freq %.3f q %.3f gain %.3f dB\n", sweep[i].type,
                          sweep[i].order, sweep[i].q, 100.0 * (step - 1.0), freq, q, gain);
            assert_true(freq < sweep[i].most_db * (fine ? 0.4 : 1.0));
            assert_true(q < 0.03 * (fine ? 0.4 : 1.0));
            assert_true(gain < 0.03 * (fine ? 0.4 : 1.0));
        }
}

/* One number for the bits of many designs. It is the same on every x86-64, whichever vectors it has; who changes the
   design changes it here, and old sessions then sound different. */
static void
designs_have_the_same_bits_everywhere(void **state)
{
    uint64_t hash = 0xcbf29ce484222325;

    (void)state;
    dice_state = 7;
    for (int i = 0; i < 20000; i++) {
        struct eq_curve c = {.type = (int)dice(EQ_TYPES), .order = 1 + (int)dice(EQDESIGN_ORDER_MAX)};
        struct biquad_coefs out[EQDESIGN_SECTIONS];
        int n;

        c.freq_hz = 632.0 * x_exp2(noise() * 6.0);
        c.gain_db = noise() * 24.0;
        c.q = 2.0 * x_exp2(noise() * 4.4);
        n = eqdesign(&c, rates_hz[dice(LEN(rates_hz))], out);
        for (int k = 0; k < n; k++) {
            double v[] = {out[k].gg, out[k].k, out[k].n0, out[k].n1, out[k].n2};

            for (size_t j = 0; j < LEN(v); j++)
                hash = (hash ^ x_bits(v[j])) * 0x100000001b3;
        }
    }
    print_message("# %016llx\n", (unsigned long long)hash);
    assert_true(hash == HASH);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bells_follow_the_analog_curve),
        cmocka_unit_test(shelves_follow_the_analog_curve),
        cmocka_unit_test(cuts_follow_the_analog_curve),
        cmocka_unit_test(notch_and_band_pass_follow_the_analog_curve),
        cmocka_unit_test(centres_above_half_the_rate_keep_their_skirt),
        cmocka_unit_test(curves_are_the_same_at_every_rate),
        cmocka_unit_test(tiny_gains_and_low_frequencies_are_exact),
        cmocka_unit_test(cuts_fall_by_6_db_an_octave_and_order),
        cmocka_unit_test(shelves_rise_by_their_order),
        cmocka_unit_test(orders_beyond_are_the_nearest),
        cmocka_unit_test(q_scales_the_resonance),
        cmocka_unit_test(a_tilt_turns_about_its_centre),
        cmocka_unit_test(notch_and_band_pass_are_exact_at_their_centre),
        cmocka_unit_test(prototype_value_has_its_magnitude_and_phase),
        cmocka_unit_test(filters_have_the_analog_phase),
        cmocka_unit_test(every_setting_is_stable_and_minimum_phase_at_every_rate),
        cmocka_unit_test(chance_finds_no_setting_that_is_not),
        cmocka_unit_test(nothing_rings_above_the_band),
        cmocka_unit_test(a_cut_is_the_exact_inverse_of_the_boost),
        cmocka_unit_test(nothing_to_do_is_nothing),
        cmocka_unit_test(a_slow_sweep_moves_the_curve_slowly),
        cmocka_unit_test(designs_have_the_same_bits_everywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
