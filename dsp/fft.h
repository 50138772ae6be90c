/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fft: Fourier transforms in double, of powers of two, by FFTW; the only room that knows it.
 *
 * Numbers are planar: the imaginary parts stand `gap` doubles behind the real ones. Nothing is scaled: a
 * forward and an inverse transform give size times what went in.
 *
 * bits     the same from run to run and on every x86-64 (with one build of FFTW). ESTIMATE counts operations
 *          where MEASURE would time them, and time differs. No SIMD codelets: which of them there are depends
 *          on the CPU, and the order of the sums with them. That doubles a transform's time (256 real frames:
 *          0.57 for 0.33 us, 512: 1.26 for 0.54 on a Xeon of 2.3 GHz); the multiplications around it
 *          (convolver.h) take longer.
 * memory   any alignment. Plans are made in prepare only, behind a lock: FFTW's planner has one state a
 *          program
 */
#ifndef DSP_FFT_H
#define DSP_FFT_H

#include "dsp/dsp.h"

struct fft { /* by value in its owner; fields are fft.c's business */
    int size;
    ptrdiff_t gap;
    void *forward, *inverse;
};

/* Frames to spectrum and back: size real frames, size / 2 + 1 bins. gap >= size / 2 + 1.
   BAD_ARG unless size is a power of two, 2..2^24; NO_MEM. After an error *f owns nothing. */
enum status fft_prepare_real(struct fft *f, int size, ptrdiff_t gap);
/* Complex, inverse, in place: every stride-th number. */
enum status fft_prepare_inverse(struct fft *f, int size, int stride, ptrdiff_t gap);
void fft_free(struct fft *f); /* twice is harmless */

/* What a plan is made of, in FFTW's words; for tests. Cut at size. */
void fft_describe(const struct fft *f, char *text, size_t size);

/* From here on callable in the process thread. What is not said to be in place must not overlap. */
RT void fft_real_forward(const struct fft *f, const double *frames, double *spectrum);
RT void fft_real_inverse(const struct fft *f, double *spectrum,
                         double *frames); /* leaves nothing in spectrum */
RT void fft_inverse(const struct fft *f, double *numbers);

#endif
