/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/relation.h"

#include "test/kit/dice.h"
#include "test/kit/scarce.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RATE 8000.0

static float ours[2 * RELATION_FRAMES], theirs[2 * RELATION_SPAN];

/* A middle that both have and a side, tinted so that low notes are louder. */
static void
make_mix(double side)
{
    double m = 0.0, s = 0.0;

    for (int i = 0; i < RELATION_SPAN; i++) {
        m = 0.7 * m + 0.2 * noise();
        s = 0.7 * s + 0.2 * side * noise();
        theirs[2 * i] = (float)(m + s);
        theirs[2 * i + 1] = (float)(m - s);
    }
}

/* Ours is theirs, so many frames later, its channels by these factors and these places; a bent level, and noise. */
static void
make_ours(int later, bool swap, double left, double right)
{
    for (int i = 0; i < RELATION_FRAMES; i++)
        for (int c = 0; c < STEREO; c++) {
            double x = theirs[2 * (i + RELATION_REACH - later) + (swap ? !c : c)];

            ours[2 * i + c] = (float)((c ? right : left) * tanh(3.0 * x) + 0.02 * noise());
        }
}

static struct relation_result
relate(int parts)
{
    struct relation r;
    struct relation_result x;

    assert_int_equal(relation_prepare(&r, RATE), OK);
    for (int i = 0; i < parts; i++)
        relation_add(&r, ours, theirs);
    relation_result(&r, &x);
    relation_free(&r);
    return x;
}

static void
all_eight_ways_are_told_apart(void **state)
{
    (void)state;
    make_mix(0.5);
    for (int way = 0; way < 8; way++) {
        struct relation_result x;

        make_ours(100, way & 1, way & 2 ? -1.0 : 1.0, way & 4 ? -0.8 : 0.8);
        x = relate(1);
        assert_true(x.found && x.swap_sure && x.inverted_sure[0] && x.inverted_sure[1]);
        assert_int_equal(x.swapped, way & 1);
        assert_int_equal(x.inverted[0], !!(way & 2));
        assert_int_equal(x.inverted[1], !!(way & 4));
        assert_true(x.polarity[0] * (way & 2 ? -1.0 : 1.0) > 0.8);
        assert_true(fabs(way & 1 ? x.crossed : x.straight) > 0.8 || (way & 6) == 2 || (way & 6) == 4);
    }
}

static void
the_delay_is_found_either_way(void **state)
{
    static const int delays[] = {0, 1, 57, -57, 40000, -40000, RELATION_REACH - 1};

    (void)state;
    make_mix(0.5);
    for (size_t k = 0; k < LEN(delays); k++) {
        struct relation_result x;

        make_ours(delays[k], false, 1.0, 1.0);
        x = relate(1);
        assert_true(x.found && !x.swapped);
        if (fabs(x.delay_s * RATE - delays[k]) > 0.1)
            fail_msg("%.3f frames, wanted %d", x.delay_s * RATE, delays[k]);
    }
}

static void
mono_says_nothing_of_swapping_but_something_of_polarity(void **state)
{
    struct relation_result x;

    (void)state;
    make_mix(0.0);
    make_ours(10, true, 1.0, 1.0);
    x = relate(1);
    assert_true(x.found && !x.swap_sure && !x.swapped && !x.inverted[0] && !x.inverted[1]);
    make_ours(10, false, -1.0, -1.0);
    x = relate(1);
    assert_true(x.inverted[0] && x.inverted[1] && !x.swap_sure);
    make_ours(10, false, -1.0, 1.0);
    x = relate(1);
    assert_true(x.inverted[0] != x.inverted[1]);
}

static void
one_side_alone_tells_where_it_was(void **state)
{
    struct relation_result x;

    (void)state;
    make_mix(0.0);
    for (int i = 0; i < RELATION_SPAN; i++)
        theirs[2 * i + 1] = 0.0f;
    make_ours(10, true, 1.0, 1.0);
    x = relate(1);
    assert_true(x.found && x.swap_sure && x.swapped && !x.inverted[0] && !x.inverted[1]);
    make_ours(10, false, 1.0, 1.0);
    x = relate(1);
    assert_true(x.found && x.swap_sure && !x.swapped && !x.inverted[0] && !x.inverted[1]);
}

static void
another_sound_is_not_found(void **state)
{
    struct relation_result x;

    (void)state;
    make_mix(0.5);
    make_ours(0, false, 1.0, 1.0);
    make_mix(0.5);
    x = relate(3);
    assert_true(!x.found && !x.swapped && !x.inverted[0] && !x.inverted[1]);
    assert_int_equal(x.heard, 3);
}

static void
silence_is_not_compared(void **state)
{
    struct relation_result x;

    (void)state;
    memset(ours, 0, sizeof ours);
    memset(theirs, 0, sizeof theirs);
    x = relate(2);
    assert_int_equal(x.heard, 0);
    assert_false(x.found);
}

/* A step of thinning has a triangle's response: flat where it counts, and 20 dB down where it folds to. */
static void
thinning_folds_little_into_the_band(void **state)
{
    static const double rates[] = {44100.0, 48000.0, 96000.0, 384000.0};

    (void)state;
    for (size_t k = 0; k < LEN(rates); k++)
        for (int fold = 0; fold < 2; fold++) {
            struct relation_thin t;
            double thinned = rates[k] / relation_step(rates[k]);
            double freq = fold ? thinned - 2000.0 : 1000.0, sum = 0.0;
            float out[STEREO];
            int n = 0;

            assert_true(thinned >= 8000.0 && thinned < 16000.0);
            relation_thin_reset(&t, rates[k]);
            for (int i = 0; n < 8000; i++)
                if (relation_thin_frame(&t, sin(2.0 * PI * freq * i / rates[k]), 0.0, out)) {
                    sum += n++ < 10 ? 0.0 : (double)out[0] * out[0];
                    assert_true(out[1] == 0.0f);
                }
            sum = 10.0 * log10(2.0 * sum / n);
            assert_true(fold ? sum < -20.0 : fabs(sum) < 0.5);
        }
}

static void
prepare_refuses_and_survives(void **state)
{
    struct relation r;

    (void)state;
    assert_int_equal(relation_prepare(&r, 1000.0), BAD_ARG);
#ifndef __SANITIZE_ADDRESS__
    callocs_left = 0;
    assert_int_equal(relation_prepare(&r, RATE), NO_MEM);
    callocs_left = -1;
#endif
    relation_free(&r);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_eight_ways_are_told_apart),
        cmocka_unit_test(the_delay_is_found_either_way),
        cmocka_unit_test(mono_says_nothing_of_swapping_but_something_of_polarity),
        cmocka_unit_test(one_side_alone_tells_where_it_was),
        cmocka_unit_test(another_sound_is_not_found),
        cmocka_unit_test(silence_is_not_compared),
        cmocka_unit_test(thinning_folds_little_into_the_band),
        cmocka_unit_test(prepare_refuses_and_survives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
