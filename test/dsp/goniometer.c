/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/goniometer.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NFRAMES = 48000 };

static double left[NFRAMES], right[NFRAMES];
static struct goniometer_point point[GONIOMETER_POINTS];

static void
hear(double rate_hz, int period)
{
    struct goniometer g;

    assert_int_equal(goniometer_prepare(&g, rate_hz), OK);
    for (int i = 0; i < NFRAMES; i += period)
        goniometer_process(&g, (const double *[]){left + i, right + i},
                           NFRAMES - i < period ? NFRAMES - i : period);
    goniometer_read(&g, point);
}

static void
fill(double l, double r)
{
    for (int i = 0; i < NFRAMES; i++) {
        left[i] = l;
        right[i] = r;
    }
}

static void
all_at(double x, double y)
{
    for (int i = 0; i < GONIOMETER_POINTS; i++) {
        assert_true(fabs(point[i].x - x) < 1e-6);
        assert_true(fabs(point[i].y - y) < 1e-6);
    }
}

static void
sides_lean_and_mono_stands(void **state)
{
    (void)state;
    fill(1.0, 0.0);
    hear(48000.0, 64);
    all_at(-sqrt(0.5), sqrt(0.5));
    fill(1.0, 1.0);
    hear(48000.0, 64);
    all_at(0.0, sqrt(2.0));
    fill(1.0, -1.0);
    hear(48000.0, 64);
    all_at(-sqrt(2.0), 0.0);
}

/* A ramp that counts frames: the newest point is the last on the grid, the oldest at most 50 ms older. */
static void
the_last_50_ms_are_shown_oldest_first(void **state)
{
    static const double rates[] = {8000.0, 44100.0, 48000.0, 384000.0};

    (void)state;
    for (size_t r = 0; r < LEN(rates); r++) {
        double step, span;

        for (int i = 0; i < NFRAMES; i++)
            left[i] = right[i] = i * sqrt(0.5);
        hear(rates[r], 100);
        step = point[1].y - point[0].y;
        span = (point[GONIOMETER_POINTS - 1].y - point[0].y + step) / rates[r];
        assert_true(step >= 1.0);
        assert_true(span <= 0.050 + 1e-6 && (span > 0.040 || step < 1.5));
        assert_true(point[GONIOMETER_POINTS - 1].y >= NFRAMES - step - 1e-3);
        for (int i = 1; i < GONIOMETER_POINTS; i++)
            assert_true(fabs(point[i].y - point[i - 1].y - step) < 1e-2);
    }
}

static void
same_points_at_any_period(void **state)
{
    static const int periods[] = {1, 7, 1024, NFRAMES};
    struct goniometer_point want[GONIOMETER_POINTS];

    (void)state;
    for (int i = 0; i < NFRAMES; i++) {
        left[i] = noise();
        right[i] = noise();
    }
    hear(48000.0, 64);
    memcpy(want, point, sizeof want);
    for (size_t p = 0; p < LEN(periods); p++) {
        hear(48000.0, periods[p]);
        assert_memory_equal(point, want, sizeof want);
    }
}

static void
what_is_no_number_is_nothing(void **state)
{
    struct goniometer g;

    (void)state;
    fill(NAN, 1.0);
    hear(48000.0, 64);
    all_at(0.0, 0.0);
    fill(INFINITY, INFINITY);
    hear(48000.0, 64);
    all_at(0.0, 0.0);
    assert_int_equal(goniometer_prepare(&g, 1000.0), BAD_ARG);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sides_lean_and_mono_stands),
        cmocka_unit_test(the_last_50_ms_are_shown_oldest_first),
        cmocka_unit_test(same_points_at_any_period),
        cmocka_unit_test(what_is_no_number_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
