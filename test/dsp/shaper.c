/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/shaper.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static double x[OVERSAMPLE_PHASES + 1][1 + OVERSAMPLE_PIECE];
static const double *phase[OVERSAMPLE_PHASES + 1];
static struct shaper_means means, other;

/* Sample t of the higher rate is wave(t). */
static void
make(double (*wave)(int t), int phases)
{
    for (int i = -1; i < OVERSAMPLE_PIECE; i++)
        for (int p = 0; p <= phases; p++)
            x[p][1 + i] = wave(phases * i + p);
    for (int p = 0; p <= OVERSAMPLE_PHASES; p++)
        phase[p] = x[p] + 1;
}

/* The mean that leads to sample p of frame i, 1 <= p <= phases. */
static double
mean(int p, int i)
{
    return means.line[p - 1][SHAPER_BEFORE + i];
}

static double level;

static double
constant(int t)
{
    (void)t;
    return level;
}

static double
wild(int t)
{
    return level * sin(1.7 * t + 0.3 * sin(0.01 * t * t));
}

static double
slow(int t)
{
    return level * sin(1e-9 * t + 0.5);
}

static const struct shaper_curve curves[] = {
    {.gain = 0.8, .bias = 0.0, .term = {-2.0 / 3.0, 0.2, 0.0}},
    {.gain = 3.0, .bias = 0.4, .term = {-1.0 / 3.0, -0.2, 1.0 / 7.0}},
    {.gain = 15.0, .bias = -0.6, .term = {0.0, 0.0, -1.0 / 7.0}},
    {.gain = 1e-9, .bias = 1e-10, .term = {-2.0 / 3.0, 0.2, 0.0}},
};

static double
bent(const struct shaper_curve *c, double u)
{
    double v = u > 1.0 ? 1.0 : u < -1.0 ? -1.0 : u, sum = v;

    for (int j = 0; j < SHAPER_TERMS; j++)
        sum += c->term[j] * pow(v, 3 + 2 * j);
    return sum;
}

/* What the curve adds, as the header has it. */
static double
added(const void *curve, double in)
{
    const struct shaper_curve *c = curve;
    double slope = 1.0;

    for (int j = 0; j < SHAPER_TERMS; j++)
        slope += c->term[j] * (3 + 2 * j) * pow(c->bias, 2 + 2 * j);
    return (bent(c, c->gain * in + c->bias) - bent(c, c->bias)) / (c->gain * slope) - in;
}

static double
taken(const void *curve, double in)
{
    const struct shaper_clip *c = curve;
    double a = fabs(in), over = a - c->foot;

    if (a < c->foot)
        return 0.0;
    if (a >= c->head)
        return copysign(a - 0.5 * (c->foot + c->head), in);
    return copysign(0.5 * over * over / (c->head - c->foot), in);
}

/* A constant has no way to go: what comes out is the curve itself. Rounding is 1e-16 / gain at the worst. */
static void
bend_of_a_constant_is_the_formula(void **state)
{
    static const double levels[] = {0.0, 1e-3, -0.2, 0.5, 0.9, -1.3, 4.0};

    (void)state;
    for (size_t k = 0; k < LEN(curves); k++)
        for (size_t i = 0; i < LEN(levels); i++) {
            struct shaper_bend b = shaper_bend_of(&curves[k]);

            level = levels[i];
            make(constant, 4);
            shaper_bend(&b, NULL, phase, 4, &means, OVERSAMPLE_PIECE);
            for (int p = 1; p <= 4; p++)
                assert_true(fabs(mean(p, 9) - added(&curves[k], level)) < 1e-12 * (1.0 + fabs(level)));
            for (int p = 1; p <= 4 && level == 0.0; p++)
                assert_true(mean(p, 9) == 0.0); /* to the bit, whatever the bias */
        }
}

static void
line_leaves_some_of_the_sound(void **state)
{
    double line[OVERSAMPLE_PIECE];
    struct shaper_bend b = shaper_bend_of(&curves[1]);

    (void)state;
    for (int i = 0; i < OVERSAMPLE_PIECE; i++)
        line[i] = 0.5 + 0.01 * i;
    level = 0.3;
    make(constant, 4);
    shaper_bend(&b, line, phase, 4, &means, OVERSAMPLE_PIECE);
    for (int i = 1; i < OVERSAMPLE_PIECE; i++)
        assert_true(fabs(mean(3, i) - (added(&curves[1], level) + (1.0 - line[i]) * level)) < 1e-12);
}

/* By a sum of 2000 steps a way: 1e-6 for the steps. */
static void
check_means(double (*what)(const void *, double), const void *curve, int phases)
{
    enum { STEPS = 2000 };

    for (int i = 0; i < 30; i++)
        for (int p = 1; p <= phases; p++) {
            double from = phase[p - 1][i], way = phase[p][i] - from, sum = 0.0;

            for (int s = 0; s < STEPS; s++)
                sum += what(curve, from + way * (s + 0.5) / STEPS);
            if (!(fabs(mean(p, i) - sum / STEPS) < 1e-6 * (1.0 + level)))
                fail_msg("phase %d of frame %d: %.9f, not %.9f", p, i, mean(p, i), sum / STEPS);
        }
}

static void
bend_is_the_mean_over_the_ways(void **state)
{
    (void)state;
    for (size_t k = 0; k < LEN(curves); k++)
        for (level = 0.05; level < 8.0; level *= 3.0) {
            struct shaper_bend b = shaper_bend_of(&curves[k]);

            make(wild, 4);
            shaper_bend(&b, NULL, phase, 4, &means, OVERSAMPLE_PIECE);
            check_means(added, &curves[k], 4);
            make(wild, 2);
            shaper_bend(&b, NULL, phase, 2, &means, OVERSAMPLE_PIECE);
            check_means(added, &curves[k], 2);
        }
}

static const struct shaper_clip clips[] = {{1.0, 1.0}, {0.25, 1.75}, {0.1, 0.100001}};

static void
clip_is_the_mean_over_the_ways(void **state)
{
    static const int factors[] = {2, 4, 8};

    (void)state;
    for (size_t k = 0; k < 2; k++)
        for (size_t f = 0; f < LEN(factors); f++)
            for (level = 0.5; level < 30.0; level *= 3.0) {
                make(wild, factors[f]);
                shaper_clip(&clips[k], 1.0, phase, factors[f], &means, OVERSAMPLE_PIECE);
                check_means(taken, &clips[k], factors[f]);
            }
}

/* Where the way is as short as rounding lets it be, a quotient of differences would be noise. */
static void
nothing_cancels_on_the_shortest_ways(void **state)
{
    (void)state;
    for (level = 0.01; level < 10.0; level *= 1.7) {
        double in = slow(0);

        make(slow, 4);
        for (size_t k = 0; k < LEN(clips); k++) {
            shaper_clip(&clips[k], 1.0, phase, 4, &means, OVERSAMPLE_PIECE);
            assert_true(fabs(mean(3, 30) - taken(&clips[k], in)) < 1e-6 * level);
        }
        for (size_t k = 0; k < LEN(curves); k++) {
            struct shaper_bend b = shaper_bend_of(&curves[k]);

            shaper_bend(&b, NULL, phase, 4, &means, OVERSAMPLE_PIECE);
            assert_true(fabs(mean(3, 30) - added(&curves[k], in)) < 1e-6 * level);
        }
    }
}

static void
clip_tells_of_a_peak_over_the_foot_alone(void **state)
{
    (void)state;
    level = 0.9;
    make(wild, 8);
    assert_true(shaper_clip(&clips[0], 2.0, phase, 8, &means, OVERSAMPLE_PIECE) == 0.0);
    for (int p = 1; p <= 8; p++)
        for (int i = 0; i < OVERSAMPLE_PIECE; i++)
            assert_true(mean(p, i) == 0.0);
    level = 1.5;
    make(wild, 8);
    assert_true(fabs(shaper_clip(&clips[0], 2.0, phase, 8, &means, OVERSAMPLE_PIECE) - 1.5) < 0.01);
}

/* One piece in parts, from copies that hold nothing beyond each part; out is a frame late in the last phase. */
static void
run_in_parts(bool clip, int part, double (*out)[1 + OVERSAMPLE_PIECE])
{
    struct shaper_bend b = shaper_bend_of(&curves[1]);

    memset(&means, 0, sizeof means);
    for (int at = 0; at < OVERSAMPLE_PIECE; at += part) {
        int n = part < OVERSAMPLE_PIECE - at ? part : OVERSAMPLE_PIECE - at;
        double padded[5][1 + OVERSAMPLE_PIECE] = {{0}}, joined[4][8 + OVERSAMPLE_PIECE];
        const double *in[5];

        for (int p = 0; p <= 4; p++) {
            memcpy(padded[p], x[p] + at, sizeof(double) * (size_t)(n + 1));
            in[p] = padded[p] + 1;
        }
        if (clip)
            shaper_clip(&clips[0], 1.0, in, 4, &means, n);
        else
            shaper_bend(&b, NULL, in, 4, &means, n);
        shaper_join(&means, 4, (double *[]){joined[0] + 8, joined[1] + 8, joined[2] + 8, joined[3] + 8}, n);
        for (int p = 0; p < 4; p++)
            memcpy(out[p] + at, joined[p] + 8 - (p == 3), sizeof(double) * (size_t)n);
    }
}

/* Loud and soft frames side by side: spans with and without them take different ways through the code. */
static void
same_bits_in_any_parts(void **state)
{
    static double want[4][1 + OVERSAMPLE_PIECE], got[4][1 + OVERSAMPLE_PIECE];

    (void)state;
    level = 2.0;
    make(wild, 4);
    for (int i = -1; i < OVERSAMPLE_PIECE; i++) {
        double by = dice(3) || i > 40 ? 0.01 : 1.0;

        for (int p = 0; p <= 4; p++)
            x[p][1 + i] *= by;
    }
    for (int clip = 0; clip < 2; clip++) {
        run_in_parts(clip, OVERSAMPLE_PIECE, want);
        for (int part = 1; part < OVERSAMPLE_PIECE; part = 2 * part + 1) {
            run_in_parts(clip, part, got);
            assert_memory_equal(got, want, sizeof want);
        }
    }
}

/* Joined, a tone's means are the tone again, at the sample: 20 kHz of 4 x 48 kHz but for 1 %. */
static void
joined_means_are_the_sound_again(void **state)
{
    static const int factors[] = {2, 4, 8};

    (void)state;
    for (size_t f = 0; f < LEN(factors); f++) {
        int phases = factors[f];
        double w = 2.0 * PI * 5.0 / 48.0, room[OVERSAMPLE_PHASES][8 + OVERSAMPLE_PIECE];
        double *y[OVERSAMPLE_PHASES];

        memset(&means, 0, sizeof means);
        for (int p = 0; p < phases; p++) {
            y[p] = room[p] + 8;
            for (int i = -2; i < OVERSAMPLE_PIECE; i++) {
                int t = i * phases + p + 1; /* leads to it */

                means.line[p][SHAPER_BEFORE + i] = 0.5 * (sin(w * t) + sin(w * (t - 1)));
            }
        }
        shaper_join(&means, phases, y, OVERSAMPLE_PIECE);
        for (int p = 0; p < phases; p++)
            for (int i = 0; i < OVERSAMPLE_PIECE; i++) {
                int late = p == phases - 1;

                assert_true(fabs(y[p][i - late] - sin(w * ((i - late) * phases + p))) < 0.011);
            }
    }
}

static void
a_cross_goes_from_one_to_the_other(void **state)
{
    double share[OVERSAMPLE_PIECE];

    (void)state;
    for (int i = 0; i < OVERSAMPLE_PIECE; i++) {
        share[i] = i < 10 ? 0.0 : i < 20 ? 0.25 : 1.0;
        for (int p = 0; p < 2; p++) {
            means.line[p][SHAPER_BEFORE + i] = 1.0;
            other.line[p][SHAPER_BEFORE + i] = 3.1;
        }
    }
    shaper_cross(&means, &other, share, 2, OVERSAMPLE_PIECE);
    assert_true(mean(1, 9) == 1.0 && mean(2, 9) == 1.0);
    assert_true(fabs(mean(2, 19) - 1.525) < 1e-15);
    assert_true(mean(1, 20) == 3.1 && mean(2, 63) == 3.1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bend_of_a_constant_is_the_formula),
        cmocka_unit_test(line_leaves_some_of_the_sound),
        cmocka_unit_test(bend_is_the_mean_over_the_ways),
        cmocka_unit_test(clip_is_the_mean_over_the_ways),
        cmocka_unit_test(nothing_cancels_on_the_shortest_ways),
        cmocka_unit_test(clip_tells_of_a_peak_over_the_foot_alone),
        cmocka_unit_test(same_bits_in_any_parts),
        cmocka_unit_test(joined_means_are_the_sound_again),
        cmocka_unit_test(a_cross_goes_from_one_to_the_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
