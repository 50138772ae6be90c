/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * leak: what a move leaves away from its tone.
 *
 * A click, as it is meant in these tests: a sine of LEAK_TONE_HZ goes in. What comes out goes through a
 * linear-phase FIR high-pass, which is down 130 dB below 2.2 kHz and open from 3.5 kHz: it takes away the tone
 * and the sidebands of any envelope that glides as it should. What is left is the click, and the harmonics that
 * a compressor at work rightly makes.
 *
 * rates    44.1 and 48 kHz; test/dsp/leak measures the filter at both
 */
#ifndef TEST_KIT_LEAK_H
#define TEST_KIT_LEAK_H

#define LEAK_TONE_HZ   997.0
#define LEAK_TONE_GAIN 0.25118864315095801 /* -12 dBFS */

enum { LEAK_HALF = 250 }; /* taps on each side of the middle one */

struct leak {
    double rate_hz;
    double tap[LEAK_HALF + 1]; /* from the middle outwards */
};

void leak_prepare(struct leak *l, double rate_hz);

/* The filter's gain at a frequency, linear, with its sign. */
double leak_response(const struct leak *l, double freq_hz);

/* The highest peak behind the filter in frames from .. to - 1, linear; INFINITY where there is no number. It looks
   LEAK_HALF frames beyond both. */
double leak_peak(const struct leak *l, const double *x, int from, int to);

#endif
