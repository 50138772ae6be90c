/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sidechain: the filter between a sound and a detector.
 *
 * in       planar stereo, not changed; pieces of at most SIDECHAIN_PIECE frames
 * shapes   12 dB an octave (Butterworth) and 6 dB an octave below hz; tilt: rises by 3 dB an octave all over, 0 dB
 *          at 1 kHz, whatever hz is: within 0.35 dB of that from 30 Hz to 16 kHz at 44.1 kHz and above
 * exact    12 and 6 dB at 20 Hz are off: what is heard are the very numbers that came
 * clicks   the frequency glides; another kind of filter is another filter: its owner fades to it
 * bits     a step a frame: the same at any block split
 * sources  trapezoidal state-variable filter: biquad.h, here as a matrix over its two states, and from each frame to
 *          the next but one, which is a quarter of the way to wait for. Tilt: four poles and zeros, fitted (least cubes of the error in dB at five
 *          rates), z = exp(-s / rate)
 */
#ifndef DSP_SIDECHAIN_H
#define DSP_SIDECHAIN_H

#include "dsp/biquad.h"
#include "dsp/dsp.h"
#include "dsp/smooth.h"

#define SIDECHAIN_HPF_OFF_HZ 20.0

enum sidechain_shape { SIDECHAIN_12_DB, SIDECHAIN_6_DB, SIDECHAIN_TILT, SIDECHAIN_OFF };

enum { SIDECHAIN_PIECE = 64, SIDECHAIN_SECTIONS = 2 };

struct sidechain_section {
    double m11, m12, m21, m22, b1, b2; /* one frame on: i = m i + b x */
    double q11, q12, q21, q22, c1, c2; /* two frames on: m m, m b */
    double d1, d2, dx;                 /* y = d i + dx x */
    biquad_pair i1, i2;                /* states, */
    biquad_pair j1, j2, x;             /* one frame older, and what then came */
};

struct sidechain {
    double rate_hz;
    int kind; /* enum sidechain_shape, or SIDECHAIN_OFF */
    struct smooth hz;
    struct sidechain_section section[SIDECHAIN_SECTIONS];
};

/* The shape, or SIDECHAIN_OFF. */
RT int sidechain_kind(int shape, double hz);

/* rate_hz: 8000..384000. Off. */
void sidechain_prepare(struct sidechain *s, double rate_hz);
/* At once, with nothing in it. */
RT void sidechain_start(struct sidechain *s, int kind, double hz);
RT void sidechain_glide(struct sidechain *s, double hz);
/* out: where the sound then is, in room or, if the filter is off, in `in` itself. */
RT void sidechain_process(struct sidechain *s, const double *const *in, double (*room)[SIDECHAIN_PIECE],
                          const double **out, int nframes);
/* Call on a frame grid: ends what a NaN left, and denormals. */
RT void sidechain_tidy(struct sidechain *s);

#endif
