/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/groove.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, NFRAMES = 12 * RATE };

static double left[NFRAMES], right[NFRAMES];

static void
hear(struct groove *g, int block)
{
    assert_int_equal(groove_prepare(g, RATE), OK);
    for (int at = 0; at < NFRAMES; at += block)
        groove_process(g, (const double *const[]){left + at, right + at},
                       NFRAMES - at < block ? NFRAMES - at : block);
}

static void
assert_db(double got, double want, double tolerance_db)
{
    if (!(fabs(got - want) <= tolerance_db))
        fail_msg("%.3f dB, wanted %.3f +- %g", got, want, tolerance_db);
}

/* M of 0.5 at 70 Hz, S of 0.05 at 90 Hz. */
static void
side_bass_is_weighed_against_mid(void **state)
{
    struct groove g;

    (void)state;
    for (int i = 0; i < NFRAMES; i++) {
        double m = 0.5 * sin(2.0 * PI * 70.0 / RATE * i), s = 0.05 * sin(2.0 * PI * 90.0 / RATE * i);

        left[i] = m + s;
        right[i] = m - s;
    }
    hear(&g, 4096);
    assert_db(groove_side_re_mid_db(&g, GROOVE_BELOW_150), -20.0, 0.05);
    assert_db(groove_side_re_mid_db(&g, GROOVE_BELOW_300), -20.0, 0.05);
    assert_db(groove_bass_dbfs(&g), 10.0 * log10(0.25 + 0.0025), 0.1);
    groove_free(&g);
}

/* The lines 10, 30 and 100 Hz, all as strong. */
static void
sub_bass_is_a_part_of_all_bass(void **state)
{
    struct groove g;

    (void)state;
    for (int i = 0; i < NFRAMES; i++)
        left[i] = right[i] = 0.2 * (sin(2.0 * PI * 10.0 / RATE * i) + sin(2.0 * PI * 30.0 / RATE * i) +
                                    sin(2.0 * PI * 100.0 / RATE * i));
    hear(&g, 4096);
    assert_db(groove_bass_db(&g, GROOVE_BELOW_20), 10.0 * log10(1.0 / 3.0), 0.05);
    assert_db(groove_bass_db(&g, GROOVE_BELOW_40), 10.0 * log10(2.0 / 3.0), 0.05);
    groove_free(&g);
}

/* The curve lifts 10 kHz by 13.73 dB against 1 kHz. */
static void
acceleration_is_behind_the_recording_curve(void **state)
{
    struct groove g;

    (void)state;
    for (int i = 0; i < NFRAMES; i++)
        left[i] = right[i] = 0.1 * sin(2.0 * PI * 10000.0 / RATE * i);
    hear(&g, 4096);
    assert_db(groove_most_dbfs(&g, GROOVE_ACCELERATION), -20.0 + 13.73, 0.1);
    assert_db(groove_mean_dbfs(&g, GROOVE_ALL), -20.0, 0.05);
    assert_true(groove_mean_dbfs(&g, GROOVE_TOP) < -60.0);
    groove_free(&g);
}

/* Soft noise; two bursts of 120 ms, one of 20 ms (a drum), one of 2 s (a passage). */
static void
a_sibilant_is_told_at_its_time(void **state)
{
    struct groove g;
    double old[2] = {0};

    (void)state;
    dice_state = 4;
    for (int i = 0; i < NFRAMES; i++) {
        double t = (double)i / RATE, gain = 0.01, w = noise(), high = w - old[0];

        old[0] = w;
        if ((t >= 3.0 && t < 3.12) || (t >= 5.5 && t < 5.62) || (t >= 7.0 && t < 7.02) || t > 10.0)
            gain = 0.15;
        left[i] = right[i] = gain * high;
    }
    hear(&g, 4096);
    assert_int_equal(groove_sibilants(&g), 2);
    assert_db(g.sibilant[0].from_s, 3.0, 0.015);
    assert_db(g.sibilant[0].to_s, 3.12, 0.015);
    assert_db(g.sibilant[1].from_s, 5.5, 0.015);
    groove_free(&g);
}

static void
same_bits_at_any_block(void **state)
{
    struct groove a, b;

    (void)state;
    for (int i = 0; i < NFRAMES; i++) {
        left[i] = noise();
        right[i] = noise();
    }
    hear(&a, 1);
    hear(&b, 5000);
    assert_memory_equal(a.sum, b.sum, sizeof a.sum);
    assert_memory_equal(a.side, b.side, sizeof a.side);
    groove_free(&a);
    groove_free(&b);
}

static void
silence_reads_the_lowest(void **state)
{
    struct groove g;

    (void)state;
    memset(left, 0, sizeof left);
    memset(right, 0, sizeof right);
    hear(&g, 4096);
    assert_db(groove_mean_dbfs(&g, GROOVE_ALL), -200.0, 0.0);
    assert_db(groove_bass_db(&g, GROOVE_BELOW_20), -200.0, 0.0);
    assert_int_equal(groove_sibilants(&g), 0);
    groove_free(&g);
    groove_free(&g);
    assert_int_equal(groove_prepare(&g, 4000.0), BAD_ARG);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(side_bass_is_weighed_against_mid),
        cmocka_unit_test(sub_bass_is_a_part_of_all_bass),
        cmocka_unit_test(acceleration_is_behind_the_recording_curve),
        cmocka_unit_test(a_sibilant_is_told_at_its_time),
        cmocka_unit_test(same_bits_at_any_block),
        cmocka_unit_test(silence_reads_the_lowest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
