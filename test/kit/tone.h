/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tone: a sine on both sides, and what has become of one.
 */
#ifndef TEST_KIT_TONE_H
#define TEST_KIT_TONE_H

void tone_make(double *const *io, double rate_hz, double freq_hz, double amplitude, int nframes);

/* Harmonics 2..20 against the fundamental, over whole periods. */
double tone_distortion_percent(const double *x, double rate_hz, double freq_hz, int nframes);

#endif
