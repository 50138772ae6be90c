/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tone: a sine on both sides, and what has become of one.
 */
#ifndef TEST_KIT_TONE_H
#define TEST_KIT_TONE_H

void tone_make(double *const *io, double rate_hz, double freq_hz, double amplitude, int nframes);

/* Harmonics 2..20 against the fundamental, over whole periods. */
double tone_distortion_percent(const double *x, double rate_hz, double freq_hz, int nframes);

/* Amplitude of whole cycle number `bin` of nframes. */
double tone_bin(const double *x, int bin, int nframes);

/* The strongest line below top_hz that is no multiple of `bin`, against line `bin`, in dB: among those that folding can
   make of its first `order` harmonics. */
double tone_aliasing_db(const double *x, double rate_hz, int bin, int order, double top_hz, int nframes);

#endif
