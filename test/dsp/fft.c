/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/fft.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MOST = 4096, GAP = MOST + 8 };

static double frames[MOST], back[MOST], spectrum[2 * GAP], other[2 * GAP];

static void
make_noise(double *x, int n)
{
    dice_state = 3;
    for (int i = 0; i < n; i++)
        x[i] = noise();
}

/* Bin k of n frames by its definition; turns are reduced first, so that long double's sine is not the limit. */
static void
bin(const double *x, int n, int k, double *re, double *im)
{
    long double a = 0.0L, b = 0.0L;

    for (int i = 0; i < n; i++) {
        long double turn = 2.0L * (long double)PI * (long double)((int64_t)k * i % n) / n;

        a += x[i] * cosl(turn);
        b -= x[i] * sinl(turn);
    }
    *re = (double)a;
    *im = (double)b;
}

/* Rounding grows with the logarithm of the size; sums of 4096 numbers below 1 reach about 100. */
static void
a_spectrum_is_what_its_definition_says(void **state)
{
    struct fft f;

    (void)state;
    make_noise(frames, MOST);
    for (int n = 2; n <= MOST; n *= 2) {
        assert_int_equal(fft_prepare_real(&f, n, GAP), OK);
        fft_real_forward(&f, frames, spectrum);
        for (int k = 0; k <= n / 2; k += 1 + n / 64) {
            double re, im;

            bin(frames, n, k, &re, &im);
            assert_true(fabs(spectrum[k] - re) < 1e-12 && fabs(spectrum[GAP + k] - im) < 1e-12);
        }
        fft_free(&f);
    }
}

static void
there_and_back_is_size_times_the_frames(void **state)
{
    struct fft f;

    (void)state;
    make_noise(frames, MOST);
    for (int n = 2; n <= MOST; n *= 2) {
        assert_int_equal(fft_prepare_real(&f, n, GAP), OK);
        fft_real_forward(&f, frames, spectrum);
        fft_real_inverse(&f, spectrum, back);
        for (int i = 0; i < n; i++)
            assert_true(fabs(back[i] / n - frames[i]) < 1e-14);
        fft_free(&f);
    }
}

/* Column 2 of 5: one bin at a time becomes a circle that turns forward; the other columns stay. */
static void
an_inverse_takes_every_nth_number_in_place(void **state)
{
    enum { N = 64, STRIDE = 5, COLUMN = 2, BIN = 3 };
    struct fft f;

    (void)state;
    assert_int_equal(fft_prepare_inverse(&f, N, STRIDE, GAP), OK);
    make_noise(spectrum, 2 * GAP);
    memcpy(other, spectrum, sizeof other);
    for (int i = 0; i < N; i++) {
        spectrum[i * STRIDE + COLUMN] = i == BIN ? 0.6 : 0.0;
        spectrum[GAP + i * STRIDE + COLUMN] = i == BIN ? 0.8 : 0.0;
    }
    fft_inverse(&f, spectrum + COLUMN);
    for (int i = 0; i < N * STRIDE; i++) {
        double turn = 2.0 * PI * BIN * (i / STRIDE) / N, re = other[i], im = other[GAP + i];

        if (i % STRIDE == COLUMN) {
            re = 0.6 * cos(turn) - 0.8 * sin(turn);
            im = 0.8 * cos(turn) + 0.6 * sin(turn);
        }
        assert_true(fabs(spectrum[i] - re) < 1e-14 && fabs(spectrum[GAP + i] - im) < 1e-14);
    }
    fft_free(&f);
}

static void
bits_depend_neither_on_the_plan_nor_on_where_the_frames_stand(void **state)
{
    struct fft f, g;

    (void)state;
    make_noise(frames, MOST);
    assert_int_equal(fft_prepare_real(&f, 512, GAP), OK);
    fft_real_forward(&f, frames, spectrum);
    assert_int_equal(fft_prepare_real(&g, 512, GAP), OK);
    for (int shift = 0; shift < 8; shift++) {
        memmove(back + shift, frames, 512 * sizeof *frames);
        fft_real_forward(&g, back + shift, other + shift % 3);
        for (int k = 0; k <= 256; k++) {
            assert_true(other[shift % 3 + k] == spectrum[k]);
            assert_true(other[GAP + shift % 3 + k] == spectrum[GAP + k]);
        }
    }
    fft_free(&f);
    fft_free(&g);
}

/* Their names end in _sse2, _avx, _avx2, _avx512; which there are depends on the CPU. */
static void
no_codelet_depends_on_the_cpu(void **state)
{
    static char text[20000];
    struct fft f;

    (void)state;
    for (int n = 64; n <= MOST; n *= 2) {
        assert_int_equal(fft_prepare_real(&f, n, GAP), OK);
        fft_describe(&f, text, sizeof text);
        assert_non_null(strstr(text, "rdft"));
        assert_null(strstr(text, "sse"));
        assert_null(strstr(text, "avx"));
        fft_free(&f);
        assert_int_equal(fft_prepare_inverse(&f, n / 2, 1, GAP), OK);
        fft_describe(&f, text, sizeof text);
        assert_non_null(strstr(text, "dft"));
        assert_null(strstr(text, "sse"));
        assert_null(strstr(text, "avx"));
        fft_free(&f);
    }
}

static void
odd_sizes_are_refused(void **state)
{
    static const int sizes[] = {0, 1, 3, 96, -8, 1 << 25};
    struct fft f;

    (void)state;
    for (size_t i = 0; i < LEN(sizes); i++) {
        assert_int_equal(fft_prepare_real(&f, sizes[i], 1 << 25), BAD_ARG);
        fft_free(&f);
        fft_free(&f);
    }
    assert_int_equal(fft_prepare_real(&f, 64, 32), BAD_ARG); /* 33 bins */
    assert_int_equal(fft_prepare_inverse(&f, 64, 0, GAP), BAD_ARG);
    assert_int_equal(fft_prepare_inverse(&f, 64, 2, 126), BAD_ARG); /* the parts would overlap */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spectrum_is_what_its_definition_says),
        cmocka_unit_test(there_and_back_is_size_times_the_frames),
        cmocka_unit_test(an_inverse_takes_every_nth_number_in_place),
        cmocka_unit_test(bits_depend_neither_on_the_plan_nor_on_where_the_frames_stand),
        cmocka_unit_test(no_codelet_depends_on_the_cpu),
        cmocka_unit_test(odd_sizes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
