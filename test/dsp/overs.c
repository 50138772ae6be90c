/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/overs.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, FRAMES = RATE };

static double sound[OVERS_CHANNELS][FRAMES];

/* rate/4 at 45 degrees: samples 3.01 dB below the wave's top. */
static void
put_burst(int channel, int from, int length, double top)
{
    for (int i = 0; i < length; i++)
        sound[channel][from + i] +=
            top * sin(PI / 2.0 * (i % 4) + PI / 4.0) * (0.5 - 0.5 * cos(2.0 * PI * i / length));
}

static void
hear(struct overs *o, int nch, double ceiling, int block)
{
    assert_int_equal(overs_prepare(o, RATE, nch, ceiling), OK);
    for (int i = 0; i < FRAMES; i += block) {
        const double *in[OVERS_CHANNELS];

        for (int c = 0; c < nch; c++)
            in[c] = sound[c] + i;
        overs_process(o, in, FRAMES - i < block ? FRAMES - i : block);
    }
    overs_finish(o);
    marks_sort(&o->marks);
}

/* 0.05 dB: half of it the 8x grid's loss at rate/4 (0.042 dB). */
static void
tops_between_samples_are_found_where_they_are(void **state)
{
    struct overs o;

    (void)state;
    for (int nch = 1; nch <= OVERS_CHANNELS; nch++) {
        memset(sound, 0, sizeof sound);
        put_burst(nch - 1, 10000, 480, 1.2);
        put_burst(0, 30000, 480, 1.1);
        hear(&o, nch, 0.98, 4096);
        assert_int_equal(o.marks.count, 2);
        assert_int_equal(o.above_full, 2);
        assert_int_equal(o.marks.mark[0].channel, nch - 1);
        assert_true(fabs(20.0 * log10(o.marks.mark[0].size / 1.2)) < 0.05);
        assert_true(fabs(20.0 * log10(o.marks.mark[1].size / 1.1)) < 0.05);
        assert_true(llabs(o.marks.mark[0].frame + o.marks.mark[0].length / 2 - 10240) < 8);
    }
}

static void
what_is_close_is_one(void **state)
{
    struct overs o;

    (void)state;
    memset(sound, 0, sizeof sound);
    put_burst(0, 10000, 200, 1.2);
    put_burst(1, 10300, 200, 1.3);
    put_burst(0, 12000, 200, 1.2);
    hear(&o, 2, 0.98, 4096);
    assert_int_equal(o.marks.count, 2);
    assert_int_equal(o.marks.mark[0].channel, 1);
    assert_in_range(o.marks.mark[0].length, 350, 450);
}

static void
below_the_ceiling_is_nothing(void **state)
{
    struct overs o;

    (void)state;
    memset(sound, 0, sizeof sound);
    put_burst(0, 10000, 480, 0.97);
    hear(&o, 2, 0.98, 4096);
    assert_int_equal(o.marks.count, 0);
}

static void
the_last_frame_counts(void **state)
{
    struct overs o;

    (void)state;
    memset(sound, 0, sizeof sound);
    sound[0][FRAMES - 1] = 1.5;
    hear(&o, 1, 0.98, 4096);
    assert_int_equal(o.marks.count, 1);
    assert_in_range(o.marks.mark[0].frame, FRAMES - 2, FRAMES - 1);
}

static void
same_bits_at_any_block(void **state)
{
    static const int blocks[] = {1, 7, 100};
    struct overs want, got;

    (void)state;
    memset(sound, 0, sizeof sound);
    for (int i = 0; i < 30; i++)
        put_burst(i % 2, 1500 * i, 300, 0.8 + 0.02 * i);
    hear(&want, 2, 0.9, FRAMES);
    assert_true(want.marks.count > 10);
    for (size_t i = 0; i < LEN(blocks); i++) {
        hear(&got, 2, 0.9, blocks[i]);
        assert_int_equal(got.marks.count, want.marks.count);
        for (int m = 0; m < want.marks.kept; m++) {
            const struct mark *a = &got.marks.mark[m], *b = &want.marks.mark[m];

            assert_true(a->frame == b->frame && a->length == b->length && a->channel == b->channel &&
                        a->size == b->size);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tops_between_samples_are_found_where_they_are),
        cmocka_unit_test(what_is_close_is_one),
        cmocka_unit_test(below_the_ceiling_is_nothing),
        cmocka_unit_test(the_last_frame_counts),
        cmocka_unit_test(same_bits_at_any_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
