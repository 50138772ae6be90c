/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/firdesign.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define RATE 44100.0

enum { TAPS = 2048, GRID = 2 * TAPS, HALF = TAPS, FILTERS = 3 };

static const struct firdesign_size size = {.taps = TAPS, .block = 64, .fade_blocks = 2, .slots = 37};
static const struct convolver_shape shape = {
    .block = 64, .parts = TAPS / 64, .centre = TAPS / 2, .fade_blocks = 2, .npairs = 3, .nfilters = 3};

static double want_re[FILTERS][HALF + 1], want_im[FILTERS][HALF + 1]; /* the response, bin by bin */
static int calls[4096];

/* In two steps, the first of which leaves half of it. */
static void
respond(const void *owner, struct firdesign *d, int row, int step)
{
    assert_ptr_equal(owner, want_re);
    calls[2 * row + step]++;
    for (int i = 0; i < firdesign_points(d); i++) {
        double hz = firdesign_hz(d, row, i);
        int k = (int)lrint(hz / RATE * GRID);

        assert_true(fabs(k - hz / RATE * GRID) < 1e-9);
        for (int f = 0; f < FILTERS; f++) {
            if (k > HALF)
                firdesign_re(d, f, row)[i] = firdesign_im(d, f, row)[i] = 1e9; /* must go nowhere */
            else if (step == 0)
                firdesign_re(d, f, row)[i] = want_re[f][k];
            else
                firdesign_im(d, f, row)[i] = want_im[f][k];
        }
    }
}

/* The taps of the filters, read off as what an impulse becomes. */
static void
taps_of(struct convolver *c, double taps[FILTERS][TAPS])
{
    double one = 1.0, none = 0.0;

    for (int i = 0; i < TAPS + 2 * 64; i++) {
        const double *in = i == 0 ? &one : &none;

        convolver_advance(c, (const double *[]){in, &none}, 1);
        for (int f = 0; i >= 2 * 64 && f < FILTERS; f++)
            taps[f][i - 2 * 64] = *convolver_output(c, STEREO * f);
    }
}

static void
design(double taps[FILTERS][TAPS], unsigned filters)
{
    struct convolver c;
    struct firdesign d;

    assert_int_equal(convolver_prepare(&c, &shape), OK);
    assert_int_equal(firdesign_prepare(&d, RATE, &size, FILTERS), OK);
    memset(calls, 0, sizeof calls);
    firdesign_begin(&d, &c, filters, respond, want_re, 2, 100.0);
    for (int i = 1; i <= size.slots; i++)
        assert_int_equal(firdesign_slot(&d), i == size.slots);
    for (int i = 0; i < 2 * d.rows; i++)
        assert_int_equal(calls[i], 1);
    convolver_jump(&c, &(struct convolver_use){CONVOLVER_EACH, filters});
    taps_of(&c, taps);
    firdesign_free(&d);
    convolver_free(&c);
}

/* Tukey's. */
static double
window(int i)
{
    double from_end = fmin(i, TAPS - i) / (TAPS / 8.0);

    return from_end < 1.0 ? 0.5 - 0.5 * cos(PI * from_end) : 1.0;
}

/* Of the response, at tap i; turns reduced first. */
static double
inverse(int f, int i)
{
    double sum = 0.0;

    for (int k = 0; k <= HALF; k++) {
        double turn = 2.0 * PI * (((int64_t)k * (i - TAPS / 2) % GRID + GRID) % GRID) / GRID;
        double part = want_re[f][k] * cos(turn) - want_im[f][k] * sin(turn);

        sum += k == 0 || k == HALF ? part : 2.0 * part;
    }
    return sum / GRID;
}

static void
random_responses(void)
{
    dice_state = 9;
    for (int f = 0; f < FILTERS; f++) {
        for (int k = 0; k <= HALF; k++) {
            want_re[f][k] = noise();
            want_im[f][k] = noise();
        }
        want_im[f][0] = want_im[f][HALF] = 0.0;
    }
}

/* --- tests ----------------------------------------------------------------------------------------- */

static void
taps_are_the_windowed_inverse_transform(void **state)
{
    static double taps[FILTERS][TAPS];

    (void)state;
    random_responses();
    design(taps, 7);
    for (int f = 0; f < FILTERS; f++)
        for (int i = 0; i < TAPS; i += i % 64 == 3 ? 29 : 1)
            assert_true(fabs(taps[f][i] - window(i) * inverse(f, i)) < 1e-14);
}

static void
a_real_response_gives_a_symmetric_filter(void **state)
{
    static double taps[FILTERS][TAPS];

    (void)state;
    random_responses();
    memset(want_im, 0, sizeof want_im);
    design(taps, 2);
    assert_true(fabs(taps[1][0]) < 1e-15);
    for (int i = 1; i < TAPS; i++)
        assert_true(fabs(taps[1][i] - taps[1][TAPS - i]) < 1e-15);
}

static void
nothing_to_design_takes_as_long(void **state)
{
    struct convolver c;
    struct firdesign d;

    (void)state;
    assert_int_equal(convolver_prepare(&c, &shape), OK);
    assert_int_equal(firdesign_prepare(&d, RATE, &size, FILTERS), OK);
    firdesign_begin(&d, &c, 0, respond, NULL, 1, 100.0);
    for (int i = 1; i <= size.slots; i++)
        assert_int_equal(firdesign_slot(&d), i == size.slots);
    firdesign_free(&d);
    convolver_free(&c);
}

static void
sizes_keep_their_time_at_any_rate(void **state)
{
    static const double rates[] = {8000.0, 11025.0, 16000.0, 22050.0, 32000.0,  44100.0,
                                   48e3,   88200.0, 96000.0, 176.4e3, 192000.0, 384000.0};

    (void)state;
    for (size_t i = 0; i < LEN(rates); i++) {
        struct firdesign_size s = firdesign_size(rates[i], 8192);

        assert_true(s.taps / rates[i] > 0.163 && s.taps / rates[i] <= 0.328); /* s */
        assert_true(s.slots * CONVOLVER_SLOT / rates[i] < 0.257);
        assert_int_equal(s.slots * CONVOLVER_SLOT * 32 / 25, s.taps);
        assert_int_equal(s.fade_blocks * s.block * 8, s.taps);
        assert_true(s.block <= 1024);
    }
    assert_int_equal(firdesign_size(48000.0, 8192).taps, 8192);
    assert_int_equal(firdesign_size(44100.0, 4096).taps, 4096);
    assert_int_equal(firdesign_size(192000.0, 8192).taps, 32768);
}

static void
odd_shapes_are_refused(void **state)
{
    struct firdesign_size odd = size;
    struct firdesign d;

    (void)state;
    assert_int_equal(firdesign_prepare(&d, 1000.0, &size, 1), BAD_ARG);
    assert_int_equal(firdesign_prepare(&d, RATE, &size, 0), BAD_ARG);
    assert_int_equal(firdesign_prepare(&d, RATE, &size, 5), BAD_ARG);
    odd.taps = 3000;
    assert_int_equal(firdesign_prepare(&d, RATE, &odd, 1), BAD_ARG);
    firdesign_free(&d);
    firdesign_free(&d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taps_are_the_windowed_inverse_transform),
        cmocka_unit_test(a_real_response_gives_a_symmetric_filter),
        cmocka_unit_test(nothing_to_design_takes_as_long),
        cmocka_unit_test(sizes_keep_their_time_at_any_rate),
        cmocka_unit_test(odd_shapes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
