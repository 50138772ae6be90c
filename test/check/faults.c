/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the inspectors of faults tell about sounds that have one, and about their twins that have none. */
#include "engine/check/breaks.h"
#include "engine/check/clipping.h"
#include "engine/check/disturbances.h"
#include "engine/check/intersample.h"

#include "engine/demo.h"
#include "test/kit/programme.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, FRAMES = 6 * RATE };

static const struct inspector *const faults[] = {&clipping_inspector, &intersample_inspector,
                                                 &disturbances_inspector, &breaks_inspector};
static double left[FRAMES], right[FRAMES];

/* To be closed. */
static struct report *
check(int nch, int nframes, bool is_float)
{
    struct sound_info info = {.path = "test", .rate_hz = RATE, .nch = nch, .frames = nframes, .bits = 24};
    struct check_context x = {.sound = &info, .frames = nframes};
    struct report *r;
    struct err e;

    info.is_float = is_float;
    assert_int_equal(report_open(&r, "test"), OK);
    for (size_t k = 0; k < LEN(faults); k++) {
        void *self;

        assert_int_equal(report_add(r, faults[k]->figures, faults[k]->nfigures), OK);
        assert_int_equal(faults[k]->open(&self, &x, &e), OK);
        for (int i = 0; i < nframes; i += CHECK_BLOCK) {
            const double *in[CHECK_CHANNELS];

            for (int c = 0; c < nch; c++)
                in[c] = (c % 2 ? right : left) + i;
            faults[k]->process(self, in, nframes - i < CHECK_BLOCK ? nframes - i : CHECK_BLOCK);
        }
        faults[k]->finish(self, &x, r);
        faults[k]->close(self);
    }
    assert_int_equal(report_finish(r), OK);
    return r;
}

static void
make(const char *name, double peak_dbfs)
{
    for (const struct programme *p = programmes; p->name; p++)
        if (strcmp(p->name, name) == 0) {
            programme_make(p, left, FRAMES, RATE, 0, peak_dbfs);
            programme_make(p, right, FRAMES, RATE, 1, peak_dbfs);
        }
}

static void
assert_only(const struct report *r, const char *kind, enum severity severity, int count, int channel,
            int64_t frame)
{
    for (int i = 0; i < report_findings(r); i++) {
        const struct finding *f = report_finding(r, i);

        if (strcmp(f->kind, kind) != 0 || f->severity != severity || f->channel != channel ||
            (frame >= 0 && fabs(f->from_s - (double)frame / RATE) > 0.001))
            fail_msg("%s, channel %d, %.4f s: %s", f->kind, f->channel, f->from_s, f->what);
        assert_true(strlen(f->what) > 10 && strlen(f->mend) > 10);
        assert_true(strlen(f->mend) < REPORT_WORDS - 1 && strlen(f->what) < REPORT_WORDS - 1);
    }
    assert_int_equal(report_findings(r), count);
}

static void
assert_nothing(void)
{
    struct report *r = check(2, FRAMES, false);

    assert_only(r, "", SEVERITY_NOTE, 0, 0, -1);
    report_close(r);
}

/* 12 dB of headroom, as a saw or noise stands that far above its samples. */
static void
ordinary_sound_has_no_fault(void **state)
{
    (void)state;
    for (const struct programme *p = programmes; p->name; p++) {
        if (strcmp(p->name, "fade") == 0) /* its end is a tail */
            continue;
        make(p->name, -12.0);
        for (int dither = 0; dither < 2; dither++) {
            programme_round(left, FRAMES, 24, dither);
            programme_round(right, FRAMES, 24, dither);
            assert_nothing();
        }
    }
}

static void
hot_demo_has_no_fault(void **state)
{
    static struct demo d;
    double *both = malloc(sizeof *both * 2 * FRAMES);

    (void)state;
    assert_int_equal(demo_prepare(&d, RATE), OK);
    for (int part = 0; part < 5; part++) {
        demo_read(&d, (int64_t)part * FRAMES, both, FRAMES);
        for (int i = 0; i < FRAMES; i++) { /* 12 dB into a soft knee */
            double edge = fmin(1.0, fmin(i, FRAMES - 1 - i) / 960.0);

            left[i] = 0.7 * edge * tanh(4.0 * both[2 * i]);
            right[i] = 0.7 * edge * tanh(4.0 * both[2 * i + 1]);
        }
        assert_nothing();
    }
    free(both);
}

static void
clipping_is_told(void **state)
{
    struct report *r;

    (void)state;
    make("band", -3.0);
    for (int i = 0; i < FRAMES; i++)
        left[i] = fmax(-0.4, fmin(0.4, left[i]));
    r = check(2, FRAMES, false);
    assert_true(report_count(r, "clipping", SEVERITY_FAIL) == 1);
    assert_true(report_measured(r, "faults/clipped_runs")->number[0] > 10.0);
    assert_true(report_measured(r, "faults/clipped_runs")->number[1] == 0.0);
    report_close(r);
}

static void
float_beyond_full_scale_is_told(void **state)
{
    struct report *r;

    (void)state;
    make("sine", -3.0);
    for (int i = 0; i < FRAMES; i++)
        right[i] *= i > 100000 && i < 101000 ? 1.0 + sin(3.14159265 * (i - 100000) / 1000.0) : 1.0;
    r = check(2, FRAMES, true);
    assert_int_equal(report_count(r, "over_full_scale", SEVERITY_WARN), 1);
    assert_int_equal(report_count(r, "inter_sample_over", SEVERITY_FAIL), 1);
    assert_true(report_measured(r, "faults/over_full_scale")->number[0] == 0.0);
    assert_true(report_measured(r, "faults/over_full_scale")->number[1] > 50.0);
    assert_true(report_number(r, "faults/overs_full_scale") == 1.0);
    report_close(r);
}

/* Above the ceiling and below full scale: a warning, which the target may make a failure. */
static void
what_is_above_the_ceiling_alone_is_a_warning(void **state)
{
    struct report *r;

    (void)state;
    make("sine", -0.5);
    r = check(2, FRAMES, false);
    assert_true(report_count(r, "inter_sample_over", SEVERITY_WARN) > 0);
    assert_int_equal(report_count(r, "inter_sample_over", SEVERITY_FAIL), 0);
    assert_true(report_number(r, "faults/overs_full_scale") == 0.0);
    report_close(r);
}

/* 6 to 9 standard deviations of what cannot be predicted: music has such samples, too. */
static void
faint_clicks_are_noted_together(void **state)
{
    struct report *r;

    (void)state;
    make("dark noise", -12.0);
    for (int k = 1; k <= 3; k++)
        left[k * 60000] += 0.052;
    r = check(2, FRAMES, false);
    assert_int_equal(report_count(r, "click", SEVERITY_WARN), 0);
    assert_int_equal(report_count(r, "click_faint", SEVERITY_NOTE), 1);
    assert_true(report_number(r, "faults/clicks") >= 2.0);
    assert_true(report_worst(r) == SEVERITY_NOTE);
    report_close(r);
}

static void
a_click_is_told(void **state)
{
    struct report *r;

    (void)state;
    make("FM", -6.0);
    right[123456] += 0.1;
    r = check(2, FRAMES, false);
    assert_only(r, "click", SEVERITY_WARN, 1, 1, 123456);
    report_close(r);
}

static void
dropouts_are_told(void **state)
{
    struct report *r;

    (void)state;
    make("band", -6.0);
    memset(left + 111111, 0, sizeof *left * 256);
    r = check(2, FRAMES, false);
    assert_only(r, "dropout", SEVERITY_FAIL, 1, 0, 111111);
    report_close(r);
    memset(right + 111111, 0, sizeof *right * 256);
    r = check(2, FRAMES, false);
    assert_only(r, "dropout", SEVERITY_FAIL, 1, -1, 111111);
    report_close(r);
}

static void
black_is_told_by_its_length(void **state)
{
    struct report *r;

    (void)state;
    for (int k = 0; k < 2; k++) {
        make("noise", -20.0);
        memset(left + 99999, 0, sizeof *left * (k ? 20000 : 4000));
        memset(right + 99999, 0, sizeof *right * (k ? 20000 : 4000));
        r = check(2, FRAMES, false);
        assert_only(r, "digital_black", k ? SEVERITY_NOTE : SEVERITY_WARN, 1, -1, 99999);
        report_close(r);
    }
}

static void
silence_is_told(void **state)
{
    struct report *r;

    (void)state;
    make("noise", -20.0);
    for (int i = 0; i < 2 * RATE + 960; i++) {
        left[50000 + i] *= i < 480              ? 1.0 - i / 480.0
                           : i > 2 * RATE + 480 ? (i - 2 * RATE - 480) / 480.0
                                                : 0.0;
        right[50000 + i] = left[50000 + i];
    }
    r = check(2, FRAMES, false);
    assert_only(r, "silence", SEVERITY_WARN, 1, -1, 50480);
    report_close(r);
    memset(left, 0, sizeof left);
    r = check(1, FRAMES, false);
    assert_only(r, "silence", SEVERITY_WARN, 1, -1, -1);
    report_close(r);
}

static void
long_ends_are_told(void **state)
{
    struct report *r;

    (void)state;
    make("sine", -6.0);
    memset(left, 0, sizeof *left * 2 * RATE + 8);
    for (int i = 0; i < 480; i++)
        left[2 * RATE + 1 + i] *= i / 480.0;
    r = check(1, FRAMES, false);
    assert_only(r, "head_silence", SEVERITY_WARN, 1, -1, 0);
    assert_true(fabs(report_number(r, "faults/head_quiet") - 2.0) < 0.001);
    report_close(r);
    make("sine", -6.0);
    for (int i = 0; i < FRAMES / 2 + 480; i++)
        left[FRAMES - 1 - i] *= i < FRAMES / 2 ? 0.0 : (i - FRAMES / 2) / 480.0;
    r = check(1, FRAMES, false);
    assert_int_equal(report_count(r, "tail_silence", SEVERITY_WARN), 1);
    report_close(r);
}

static void
hard_ends_are_told(void **state)
{
    struct report *r;

    (void)state;
    make("sine", -6.0);
    left[0] = 0.0011;
    right[FRAMES - 1] = -0.0011;
    r = check(2, FRAMES, false);
    assert_int_equal(report_count(r, "starts_hard", SEVERITY_WARN), 1);
    assert_int_equal(report_count(r, "ends_hard", SEVERITY_WARN), 1);
    assert_int_equal(report_findings(r), 2);
    assert_true(fabs(report_number(r, "faults/first_frame") + 59.2) < 0.1);
    report_close(r);
}

static void
any_file_is_survived(void **state)
{
    static const int lengths[] = {1, 3, 100, 5000};

    (void)state;
    make("noise", 0.0);
    for (int nch = 1; nch <= CHECK_CHANNELS; nch++)
        for (size_t k = 0; k < LEN(lengths); k++)
            report_close(check(nch, lengths[k], nch % 2));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_sound_has_no_fault),
        cmocka_unit_test(hot_demo_has_no_fault),
        cmocka_unit_test(clipping_is_told),
        cmocka_unit_test(float_beyond_full_scale_is_told),
        cmocka_unit_test(what_is_above_the_ceiling_alone_is_a_warning),
        cmocka_unit_test(faint_clicks_are_noted_together),
        cmocka_unit_test(a_click_is_told),
        cmocka_unit_test(dropouts_are_told),
        cmocka_unit_test(black_is_told_by_its_length),
        cmocka_unit_test(silence_is_told),
        cmocka_unit_test(long_ends_are_told),
        cmocka_unit_test(hard_ends_are_told),
        cmocka_unit_test(any_file_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
