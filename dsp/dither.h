/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dither: doubles to whole numbers of a sound file, with flat TPDF dither.
 *
 * in       interleaved stereo (we stand at the file's door), 1.0 is 0 dBFS
 * out      interleaved stereo, -2^(bits-1) .. 2^(bits-1)-1; what is beyond is clipped after the dither
 * noise    the error's mean and power do not depend on the sound: -96.3 dBFS RMS at 16 bit
 * bits     the same however the input is cut into blocks, and for the same seed
 * sources  Lipshitz, Wannamaker, Vanderkooy, JAES 40(5) 1992: two independent uniforms of 1 LSB
 *          generator: Steele, Lea, Flood, OOPSLA 2014 (SplitMix64)
 */
#ifndef DSP_DITHER_H
#define DSP_DITHER_H

#include "dsp/dsp.h"

struct dither {   /* by value in its owner */
    double scale; /* steps in 1.0 */
    double top;   /* the highest step */
    uint64_t state[STEREO];
};

/* BAD_ARG unless bits is 8..24. */
enum status dither_prepare(struct dither *d, int bits, uint64_t seed);

/* From here on callable in the process thread. */
RT void dither_process(struct dither *d, const double *in, int32_t *out, int nframes);
/* The same without dither: exact for sound that has this depth already. */
RT void dither_round(const struct dither *d, const double *in, int32_t *out, int nframes);

#endif
