/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/demo.h"

#include "test/kit/dice.h"

#include <ebur128.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct demo d;
static double *sound; /* the whole programme at 48 kHz */

static int
compute(void **state)
{
    (void)state;
    if (demo_prepare(&d, 48000) != OK)
        return -1;
    sound = malloc(sizeof *sound * STEREO * (size_t)demo_frames(&d));
    if (!sound)
        return -1;
    demo_read(&d, 0, sound, (int)demo_frames(&d));
    return 0;
}

static int
forget(void **state)
{
    (void)state;
    free(sound);
    return 0;
}

static void
lasts_sixteen_bars_at_any_rate(void **state)
{
    static const double rates[] = {8000, 22050, 44100, 96000, 384000};
    static struct demo other;

    (void)state;
    for (size_t i = 0; i < LEN(rates); i++) {
        assert_int_equal(demo_prepare(&other, rates[i]), OK);
        assert_int_equal(demo_frames(&other), (int64_t)(32 * rates[i]));
        assert_in_range(other.nnotes, 1, DEMO_NOTES);
    }
    assert_int_equal(demo_prepare(&other, 7999), BAD_ARG);
    assert_int_equal(demo_prepare(&other, NAN), BAD_ARG);
}

static void
a_frame_is_the_same_whenever_it_is_asked_for(void **state)
{
    static double part[4000 * STEREO];

    (void)state;
    dice_state = 1;
    for (int k = 0; k < 300; k++) {
        int64_t at = dice((uint32_t)demo_frames(&d) - 4000);
        int n = 1 + (int)dice(k % 10 ? 300 : 4000);

        demo_read(&d, at, part, n);
        assert_memory_equal(part, sound + at * STEREO, (size_t)n * STEREO * sizeof *part);
    }
}

static void
silent_outside(void **state)
{
    double x[20 * STEREO];

    (void)state;
    demo_read(&d, -10, x, 20);
    for (int i = 0; i < 10 * STEREO; i++)
        assert_true(x[i] == 0.0);
    assert_memory_equal(x + 10 * STEREO, sound, 10 * STEREO * sizeof *x);
    demo_read(&d, demo_frames(&d) - 10, x, 20);
    for (int i = 10 * STEREO; i < 20 * STEREO; i++)
        assert_true(x[i] == 0.0);
}

static void
repeats_without_a_thump(void **state)
{
    int64_t last = demo_frames(&d) - 480;

    (void)state;
    for (int i = 0; i < 480 * STEREO; i++) /* 10 ms, -80 dBFS */
        assert_true(fabs(sound[last * STEREO + i]) < 1e-4);
    assert_true(fabs(sound[0]) < 0.02 && fabs(sound[1]) < 0.02);
}

static void
has_the_level_of_an_unmastered_mix(void **state)
{
    ebur128_state *meter = ebur128_init(STEREO, 48000, EBUR128_MODE_I | EBUR128_MODE_SAMPLE_PEAK);
    double lufs, left, right, peak_dbfs;

    (void)state;
    assert_non_null(meter);
    assert_int_equal(ebur128_add_frames_double(meter, sound, (size_t)demo_frames(&d)), 0);
    ebur128_loudness_global(meter, &lufs);
    ebur128_sample_peak(meter, 0, &left);
    ebur128_sample_peak(meter, 1, &right);
    ebur128_destroy(&meter);
    peak_dbfs = 20.0 * log10(fmax(left, right));
    print_message("# %.2f LUFS, peak %.2f dBFS\n", lufs, peak_dbfs);
    assert_true(lufs > -20.0 && lufs < -16.0);
    assert_true(peak_dbfs > -8.0 && peak_dbfs < -5.0);
}

static void
is_stereo_and_has_no_dc(void **state)
{
    double mid = 0.0, side = 0.0, dc[STEREO] = {0};
    int64_t n = demo_frames(&d);

    (void)state;
    for (int64_t i = 0; i < n; i++) {
        double l = sound[i * STEREO], r = sound[i * STEREO + 1];

        assert_true(isfinite(l) && isfinite(r));
        mid += (l + r) * (l + r);
        side += (l - r) * (l - r);
        dc[0] += l / (double)n;
        dc[1] += r / (double)n;
    }
    print_message("# side %.1f dB under mid, dc %g %g\n", 10.0 * log10(mid / side), dc[0], dc[1]);
    assert_true(side > 0.005 * mid && side < 0.5 * mid);   /* -23..-3 dB: wide, and good in mono */
    assert_true(fabs(dc[0]) < 1e-3 && fabs(dc[1]) < 1e-3); /* -60 dBFS */
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lasts_sixteen_bars_at_any_rate),
        cmocka_unit_test(a_frame_is_the_same_whenever_it_is_asked_for),
        cmocka_unit_test(silent_outside),
        cmocka_unit_test(repeats_without_a_thump),
        cmocka_unit_test(has_the_level_of_an_unmastered_mix),
        cmocka_unit_test(is_stereo_and_has_no_dc),
    };

    return cmocka_run_group_tests(tests, compute, forget);
}
