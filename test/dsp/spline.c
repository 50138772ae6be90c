/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/spline.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { FRAMES = 4096, LONGEST = 145, SUPPORT = 4 * LONGEST };

static double in[FRAMES][STEREO], out[FRAMES][STEREO];
static double weight[SUPPORT];

static struct spline
spline_of(int longest, const double *from)
{
    struct spline s = {0};
    uint64_t *memory = calloc(spline_words(spline_capacity(longest)), sizeof *memory);

    assert_non_null(memory);
    spline_place(&s, memory, longest);
    spline_start(&s, longest, from);
    return s;
}

static void
run(struct spline *s)
{
    for (int at = 0; at < FRAMES; at += LANES_GROUP)
        spline_next(s, in[at], out[at]);
}

/* Four boxes, one after the other. */
static void
weights_of(int length)
{
    memset(weight, 0, sizeof weight);
    weight[0] = 1.0;
    for (int box = 0; box < 4; box++)
        for (int i = SUPPORT - 1; i >= 0; i--) {
            double sum = 0.0;

            for (int k = 0; k < length && k <= i; k++)
                sum += weight[i - k];
            weight[i] = sum / length;
        }
}

/* Never below, as it rounds up; above by a unit of what the longest one leaves room for: 2^-22. */
static void
it_is_four_boxes_in_a_row(void **state)
{
    static const int lengths[] = {1, 2, 4, 9, 19, 37, 73, 145};
    static const double nothing[STEREO];

    (void)state;
    dice_state = 4;
    for (int i = 0; i < FRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            in[i][c] = chance() < 0.05 ? chance() : i > 0 ? in[i - 1][c] : 0.0;
    for (size_t k = 0; k < LEN(lengths); k++) {
        struct spline s = spline_of(lengths[k], nothing);

        weights_of(lengths[k]);
        run(&s);
        for (int i = 0; i < FRAMES; i += 37)
            for (int c = 0; c < STEREO; c++) {
                double want = 0.0;

                for (int n = 0; n < spline_support(lengths[k]) && n <= i; n++)
                    want += weight[n] * in[i - n][c];
                assert_true(out[i][c] >= want - 1e-14);
                assert_true(out[i][c] <= want + 1.0 / s.unit + 1e-14);
            }
        free(s.line);
    }
}

/* What goes out is what came in, as long as that stays; and nothing is exactly nothing, after anything. */
static void
a_constant_stays_and_zeros_are_zeros(void **state)
{
    static const double from[STEREO] = {0.7, 0.2};
    struct spline s = spline_of(19, from);

    (void)state;
    for (int i = 0; i < FRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            in[i][c] = from[c];
    for (int again = 0; again < 3; again++)
        run(&s);
    for (int i = 0; i < FRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            assert_true(fabs(out[i][c] - from[c]) < 1e-10);
    memset(in, 0, sizeof in);
    run(&s);
    for (int i = spline_support(19); i < FRAMES; i++)
        assert_true(out[i][0] == 0.0 && out[i][1] == 0.0);
    free(s.line);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_four_boxes_in_a_row),
        cmocka_unit_test(a_constant_stays_and_zeros_are_zeros),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
