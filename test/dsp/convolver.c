/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/convolver.h"

#include "test/kit/scarce.h"
#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { BLOCK = 32, PARTS = 5, TAPS = BLOCK * PARTS, CENTRE = 2 * BLOCK, FADE = 4 * BLOCK, NFRAMES = 3000 };

static const struct convolver_shape shape = {
    .block = BLOCK, .parts = PARTS, .centre = CENTRE, .fade_blocks = 4, .npairs = 3, .nfilters = 4};

static double in[STEREO][NFRAMES], out[CONVOLVER_OUTPUTS][NFRAMES], want[CONVOLVER_OUTPUTS][NFRAMES];
static double taps[2][CONVOLVER_FILTERS][TAPS];

static void
make_noise(void)
{
    dice_state = 5;
    for (int i = 0; i < NFRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            in[c][i] = noise();
    for (int s = 0; s < 2; s++)
        for (int f = 0; f < CONVOLVER_FILTERS; f++)
            for (int i = 0; i < TAPS; i++)
                taps[s][f][i] = noise() / 16.0;
}

static void
load(struct convolver *c, double filters[CONVOLVER_FILTERS][TAPS])
{
    for (int f = 0; f < CONVOLVER_FILTERS; f++)
        for (int p = 0; p < PARTS; p++)
            convolver_load(c, f, p, filters[f] + p * BLOCK);
}

static void
start(struct convolver *c, struct convolver_use use)
{
    assert_int_equal(convolver_prepare(c, &shape), OK);
    load(c, taps[0]);
    convolver_jump(c, &use);
}

static void
run(struct convolver *c, int from, int to, int block)
{
    for (int at = from, end, n; at < to; at += n) {
        end = (at / block + 1) * block;
        n = convolver_advance(c, (const double *[]){in[0] + at, in[1] + at}, (end < to ? end : to) - at);
        assert_true(n > 0 && at + n <= to);
        for (int o = 0; o < c->noutputs; o++)
            memcpy(out[o] + at, convolver_output(c, o), (size_t)n * sizeof **out);
    }
}

/* Frame i of one filter on one channel, by its definition; late by the convolver's latency. */
static double
direct(const double *filter, int channel, int i)
{
    double sum = 0.0;

    i -= 2 * BLOCK;
    for (int k = 0; k < TAPS && k <= i; k++)
        sum += filter[k] * in[channel][i - k];
    return sum;
}

static double
through(int channel, int i)
{
    i -= 2 * BLOCK + CENTRE;
    return i >= 0 ? in[channel][i] : 0.0;
}

/* Frame i of an output, by its definition. */
static double
expected(const struct convolver_use *use, double filters[CONVOLVER_FILTERS][TAPS], int output, int i)
{
    int c = output % STEREO, f = output / STEREO;
    double mid, side;

    if (!(use->filters & 1u << f))
        return through(c, i);
    switch (use->form) {
    case CONVOLVER_EACH: return direct(filters[f], c, i);
    case CONVOLVER_LEFT_RIGHT: return direct(filters[c], c, i);
    case CONVOLVER_MATRIX: return direct(filters[2 * c], 0, i) + direct(filters[2 * c + 1], 1, i);
    }
    mid = 0.5 * (direct(filters[0], 0, i) + direct(filters[0], 1, i));
    side = 0.5 * (direct(filters[1], 0, i) - direct(filters[1], 1, i));
    return c == 0 ? mid + side : mid - side;
}

/* --- what comes out -------------------------------------------------------------------------------- */

/* 160 products below 1/16 and the transforms' rounding: 1e-14 leaves a factor of ten. */
static void
each_form_is_what_its_definition_says(void **state)
{
    static const struct convolver_use uses[] = {
        {CONVOLVER_EACH, 1}, {CONVOLVER_EACH, 7},     {CONVOLVER_EACH, 5},  {CONVOLVER_LEFT_RIGHT, 1},
        {CONVOLVER_EACH, 0}, {CONVOLVER_MID_SIDE, 1}, {CONVOLVER_MATRIX, 1}};
    struct convolver c;

    (void)state;
    make_noise();
    for (size_t u = 0; u < LEN(uses); u++) {
        start(&c, uses[u]);
        run(&c, 0, 700, 700);
        for (int o = 0; o < (uses[u].form == CONVOLVER_EACH ? CONVOLVER_OUTPUTS : STEREO); o++)
            for (int i = 0; i < 700; i++)
                assert_true(fabs(out[o][i] - expected(&uses[u], taps[0], o, i)) < 1e-14);
        assert_int_equal(convolver_filters(&c), uses[u].filters);
        convolver_free(&c);
    }
}

static void
through_keeps_the_bits(void **state)
{
    struct convolver c;

    (void)state;
    make_noise();
    assert_int_equal(convolver_prepare(&c, &shape), OK);
    run(&c, 0, NFRAMES, 100);
    for (int o = 0; o < CONVOLVER_OUTPUTS; o++)
        for (int i = 0; i < NFRAMES; i++)
            assert_true(out[o][i] == through(o % STEREO, i));
    assert_ptr_not_equal(convolver_through(&c, 0), convolver_through(&c, 1));
    assert_int_equal(convolver_latency_frames(&c), 2 * BLOCK);
    convolver_free(&c);
}

/* --- exchange -------------------------------------------------------------------------------------- */

static double
path(int i)
{
    double t = i < 0 ? 0.0 : i < FADE ? (i + 1.0) / FADE : 1.0;

    return t * t * t * (t * (6.0 * t - 15.0) + 10.0);
}

/* Asked for at frame 1000, in block 31, it begins with block 32's work, which is heard a block later. */
static void
check_swap(struct convolver_use from, struct convolver_use to)
{
    enum { ASKED = 1000, BEGIN = 33 * BLOCK, END = BEGIN + FADE };
    struct convolver c;

    start(&c, from);
    run(&c, 0, ASKED, 64);
    assert_false(convolver_busy(&c));
    load(&c, taps[1]);
    convolver_swap(&c, &to);
    assert_true(convolver_busy(&c));
    run(&c, ASKED, END - BLOCK, 64);
    assert_false(convolver_busy(&c));
    assert_int_equal(convolver_filters(&c), from.filters | to.filters);
    run(&c, END - BLOCK, END + 200, 64);
    assert_int_equal(convolver_filters(&c), to.filters);
    for (int o = 0; o < STEREO; o++)
        for (int i = ASKED - 100; i < END + 200; i++) {
            double a = expected(&from, taps[0], o, i), b = expected(&to, taps[1], o, i);

            assert_true(fabs(out[o][i] - (a + path(i - BEGIN) * (b - a))) < 1e-14);
            assert_true(i < END || to.filters || out[o][i] == b); /* to the bit */
        }
    convolver_free(&c);
}

static void
a_swap_goes_over_from_block_to_block(void **state)
{
    (void)state;
    make_noise();
    check_swap((struct convolver_use){CONVOLVER_EACH, 1}, (struct convolver_use){CONVOLVER_EACH, 1});
    check_swap((struct convolver_use){CONVOLVER_EACH, 0}, (struct convolver_use){CONVOLVER_EACH, 1});
    check_swap((struct convolver_use){CONVOLVER_EACH, 1}, (struct convolver_use){CONVOLVER_EACH, 0});
    check_swap((struct convolver_use){CONVOLVER_MID_SIDE, 1}, (struct convolver_use){CONVOLVER_EACH, 0});
    check_swap((struct convolver_use){CONVOLVER_LEFT_RIGHT, 1}, (struct convolver_use){CONVOLVER_MATRIX, 1});
    check_swap((struct convolver_use){CONVOLVER_MATRIX, 1}, (struct convolver_use){CONVOLVER_MID_SIDE, 1});
}

/* --- bits ------------------------------------------------------------------------------------------ */

/* Swaps at the same frames, whatever the blocks; back and forth. */
static void
run_with_swaps(int block, int width)
{
    static const struct convolver_use uses[] = {
        {CONVOLVER_EACH, 3}, {CONVOLVER_MATRIX, 1}, {CONVOLVER_MID_SIDE, 1}, {CONVOLVER_EACH, 0}};
    struct convolver c;

    start(&c, uses[0]);
    c.width = width < c.width ? width : c.width;
    for (int k = 0; k < 6; k++) {
        run(&c, k * 500, k * 500 + 500, block);
        load(&c, taps[k & 1]);
        convolver_swap(&c, &uses[(k + 1) % 4]);
    }
    convolver_free(&c);
}

static void
same_bits_at_any_block_and_width(void **state)
{
    static const int blocks[] = {1, 7, 16, 64, 100, 480, 1024, NFRAMES};

    (void)state;
    make_noise();
    run_with_swaps(1, 2);
    memcpy(want, out, sizeof want);
    for (size_t i = 0; i < LEN(blocks); i++)
        for (int width = 0; width < 3; width++) {
            run_with_swaps(blocks[i], width);
            assert_memory_equal(out, want, sizeof want);
        }
}

static void
no_frames_are_no_frames(void **state)
{
    struct convolver c;

    (void)state;
    make_noise();
    start(&c, (struct convolver_use){CONVOLVER_EACH, 1});
    for (int at = 0; at < 500; at++) {
        assert_int_equal(convolver_advance(&c, (const double *[]){in[0], in[1]}, 0), 0);
        run(&c, at, at + 1, 1);
    }
    for (int i = 0; i < 500; i++)
        assert_true(fabs(out[0][i] - direct(taps[0][0], 0, i)) < 1e-14);
    convolver_free(&c);
}

/* --- states ---------------------------------------------------------------------------------------- */

static void
silence_stays_silent(void **state)
{
    struct convolver c;

    (void)state;
    make_noise();
    memset(in[0] + 1000, 0, 2000 * sizeof **in);
    memset(in[1] + 1000, 0, 2000 * sizeof **in);
    start(&c, (struct convolver_use){CONVOLVER_MATRIX, 1});
    run(&c, 0, NFRAMES, 64);
    for (int i = 1000 + 3 * BLOCK + TAPS; i < NFRAMES; i++)
        assert_true(out[0][i] == 0.0 && out[1][i] == 0.0);
    convolver_free(&c);
}

/* Within the filter's length and the blocks that it touched. */
static void
what_is_no_number_is_gone_when_the_filter_has_passed(void **state)
{
    static const double odd[] = {NAN, INFINITY, -INFINITY, 1e300, 5e-320};
    enum { GONE = 500 + 3 * BLOCK + TAPS + BLOCK };
    struct convolver_use use = {CONVOLVER_EACH, 1};
    struct convolver c;

    (void)state;
    for (size_t k = 0; k < LEN(odd); k++) {
        make_noise();
        in[0][500] = odd[k];
        start(&c, use);
        run(&c, 0, 1500, 64);
        for (int i = 0; i < 1500; i++) {
            assert_true(isfinite(out[0][i]) && isfinite(out[1][i]));
            assert_true(i < GONE || fabs(out[0][i] - expected(&use, taps[0], 0, i)) < 1e-14);
            assert_true(fabs(out[1][i] - expected(&use, taps[0], 1, i)) < 1e-14);
        }
        convolver_free(&c);
    }
}

static void
reset_forgets_the_sound_and_keeps_the_filter(void **state)
{
    struct convolver_use use = {CONVOLVER_MID_SIDE, 1}, before = {CONVOLVER_EACH, 7};
    struct convolver c;

    (void)state;
    make_noise();
    start(&c, use);
    run(&c, 0, NFRAMES, 64);
    memcpy(want, out, sizeof want);
    convolver_free(&c);
    memcpy(taps[1], taps[0], sizeof taps[1]);
    start(&c, before);
    run(&c, 0, 777, 64);
    load(&c, taps[1]);
    convolver_swap(&c, &use);
    run(&c, 777, 820, 64); /* in the midst of the fade */
    convolver_reset(&c);
    assert_false(convolver_busy(&c));
    run(&c, 0, NFRAMES, 64);
    assert_memory_equal(out[0], want[0], sizeof out[0]);
    assert_memory_equal(out[1], want[1], sizeof out[1]);
    convolver_free(&c);
}

/* No slot does more than its share and the one task that does not fit into it. */
static void
work_is_spread_over_the_slots(void **state)
{
    struct convolver_shape wide = {.block = 256, .parts = 32, .fade_blocks = 4, .npairs = 1, .nfilters = 1};
    double transform = 5.5 * 256, share;
    struct convolver c;

    (void)state;
    make_noise();
    assert_int_equal(convolver_prepare(&c, &wide), OK);
    convolver_jump(&c, &(struct convolver_use){CONVOLVER_EACH, 1});
    for (int at = 0; at < 10 * 256; at += CONVOLVER_SLOT) {
        double before = at % 256 ? c.done : 0.0;

        run(&c, at, at + CONVOLVER_SLOT, CONVOLVER_SLOT);
        share = c.total / (256 / CONVOLVER_SLOT);
        assert_true(convolver_slot_over(&c));
        assert_true(c.done - before <= fmax(transform, share) + share);
        assert_true(c.task == c.ntasks || (at + CONVOLVER_SLOT) % 256);
    }
    convolver_free(&c);
}

/* --- prepare --------------------------------------------------------------------------------------- */

static void
odd_shapes_are_refused(void **state)
{
    static const struct convolver_shape odd[] = {
        {16, 1, 0, 1, 1, 1},  {48, 1, 0, 1, 1, 1},   {8192, 1, 0, 1, 1, 1}, {32, 0, 0, 1, 1, 1},
        {32, 1, 16, 1, 1, 1}, {32, 1, -32, 1, 1, 1}, {32, 1, 0, 0, 1, 1},   {32, 1, 0, 1, 0, 1},
        {32, 1, 0, 1, 4, 4},  {32, 1, 0, 1, 2, 1},   {32, 1, 0, 1, 1, 5}};
    struct convolver c;

    (void)state;
    for (size_t i = 0; i < LEN(odd); i++) {
        assert_int_equal(convolver_prepare(&c, &odd[i]), BAD_ARG);
        convolver_free(&c);
        convolver_free(&c);
    }
}

#ifndef __SANITIZE_ADDRESS__
static void
prepare_survives_a_failed_malloc(void **state)
{
    struct convolver c;

    (void)state;
    callocs_left = 0;
    assert_int_equal(convolver_prepare(&c, &shape), NO_MEM);
    callocs_left = -1;
    convolver_free(&c);
    convolver_free(&c);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_is_what_its_definition_says),
        cmocka_unit_test(through_keeps_the_bits),
        cmocka_unit_test(a_swap_goes_over_from_block_to_block),
        cmocka_unit_test(same_bits_at_any_block_and_width),
        cmocka_unit_test(no_frames_are_no_frames),
        cmocka_unit_test(silence_stays_silent),
        cmocka_unit_test(what_is_no_number_is_gone_when_the_filter_has_passed),
        cmocka_unit_test(reset_forgets_the_sound_and_keeps_the_filter),
        cmocka_unit_test(work_is_spread_over_the_slots),
        cmocka_unit_test(odd_shapes_are_refused),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(prepare_survives_a_failed_malloc),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
