/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/fft.h"

#include <fftw3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* UNALIGNED ought to keep SIMD out, says the manual, but larger plans copy to aligned buffers and take AVX
   for the rest. NO_SIMD stands in fftw3.h, not in the manual. */
#define FLAGS (FFTW_ESTIMATE | FFTW_UNALIGNED | FFTW_NO_SIMD)

enum { SIZE_MAX_FRAMES = 1 << 24 };

static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

static bool
size_ok(int size)
{
    return size >= 2 && size <= SIZE_MAX_FRAMES && (size & (size - 1)) == 0;
}

/* ESTIMATE does not look at the arrays, but for where they stand to each other. */
static enum status
plan_real(struct fft *f)
{
    fftw_iodim whole = {.n = f->size, .is = 1, .os = 1};
    double *frames = fftw_alloc_real((size_t)f->size + 2 * (size_t)f->gap), *re = frames + f->size;

    if (!frames)
        return NO_MEM;
    f->forward = fftw_plan_guru_split_dft_r2c(1, &whole, 0, NULL, frames, re, re + f->gap, FLAGS);
    f->inverse =
        fftw_plan_guru_split_dft_c2r(1, &whole, 0, NULL, re, re + f->gap, frames, FLAGS | FFTW_DESTROY_INPUT);
    fftw_free(frames);
    return f->forward && f->inverse ? OK : NO_MEM;
}

/* The inverse is the forward transform with real and imaginary parts exchanged. */
static enum status
plan_inverse(struct fft *f, int stride)
{
    fftw_iodim whole = {.n = f->size, .is = stride, .os = stride};
    double *re = fftw_alloc_real((size_t)f->size * (size_t)stride + (size_t)f->gap), *im = re + f->gap;

    if (!re)
        return NO_MEM;
    f->inverse = fftw_plan_guru_split_dft(1, &whole, 0, NULL, im, re, im, re, FLAGS);
    fftw_free(re);
    return f->inverse ? OK : NO_MEM;
}

enum status
fft_prepare_real(struct fft *f, int size, ptrdiff_t gap)
{
    enum status status;

    *f = (struct fft){.size = size, .gap = gap};
    if (!size_ok(size) || gap < size / 2 + 1)
        return BAD_ARG;
    pthread_mutex_lock(&planner);
    status = plan_real(f);
    pthread_mutex_unlock(&planner);
    if (status != OK)
        fft_free(f);
    return status;
}

enum status
fft_prepare_inverse(struct fft *f, int size, int stride, ptrdiff_t gap)
{
    enum status status;

    *f = (struct fft){.size = size, .gap = gap};
    if (!size_ok(size) || stride < 1 || gap < (ptrdiff_t)(size - 1) * stride + 1)
        return BAD_ARG;
    pthread_mutex_lock(&planner);
    status = plan_inverse(f, stride);
    pthread_mutex_unlock(&planner);
    return status;
}

void
fft_free(struct fft *f)
{
    pthread_mutex_lock(&planner);
    if (f->forward)
        fftw_destroy_plan(f->forward);
    if (f->inverse)
        fftw_destroy_plan(f->inverse);
    pthread_mutex_unlock(&planner);
    f->forward = f->inverse = NULL;
}

void
fft_describe(const struct fft *f, char *text, size_t size)
{
    char *forward = f->forward ? fftw_sprint_plan(f->forward) : NULL;
    char *inverse = f->inverse ? fftw_sprint_plan(f->inverse) : NULL;

    snprintf(text, size, "%s\n%s\n", forward ? forward : "", inverse ? inverse : "");
    free(forward);
    free(inverse);
}

RT void
fft_real_forward(const struct fft *f, const double *frames, double *spectrum)
{
    /* FFTW has no const, but a forward transform out of place leaves its input alone. */
    fftw_execute_split_dft_r2c(f->forward, (double *)frames, spectrum, spectrum + f->gap);
}

RT void
fft_real_inverse(const struct fft *f, double *spectrum, double *frames)
{
    fftw_execute_split_dft_c2r(f->inverse, spectrum, spectrum + f->gap, frames);
}

RT void
fft_inverse(const struct fft *f, double *numbers)
{
    double *re = numbers, *im = numbers + f->gap;

    fftw_execute_split_dft(f->inverse, im, re, im, re);
}
