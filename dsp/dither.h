/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dither: doubles to whole numbers of a sound file.
 *
 * in       interleaved stereo (we stand at the file's door), 1.0 is 0 dBFS
 * out      interleaved stereo, -2^(bits-1) .. 2^(bits-1)-1; what is beyond is clipped after the dither, behind the
 *          shaper's back: no sound, however hot, winds its feedback up
 * noise    TPDF: the error's mean and power do not depend on the sound, -96.3 dBFS RMS at 16 bit. A shape bends
 *          this noise by 1 - sum c_k z^-k, away from where the ear is sharp; dB over flat TPDF at 44.1 kHz
 *          (test/dsp/dither), ear: weighted by Terhardt's threshold:
 *                                          total   ear    3.5 kHz   20 kHz   peaks, LSB (five deviations)
 *            light   F-weighted 3          +6.6   -9.8     -19       +11        5
 *            medium  Wannamaker 9         +18.4  -11.4     -25       +26       21
 *            strong  improved E 9         +23.1  -12.3     -29       +30       35
 * rates    shapes are made for 44.1 kHz and serve 40..50 kHz; at any other rate they are flat TPDF
 * blank    after DITHER_BLANK_FRAMES frames of digital silence (zeros, both sides) the output is exact zeros; dither
 *          comes back with the first sample, of either side, that is none
 * bits     the same however the input is cut into blocks, and for the same seed
 * sources  Lipshitz, Wannamaker, Vanderkooy, JAES 40(5) 1992: two independent uniforms of 1 LSB
 *          shapes: Wannamaker, JAES 40(7/8) 1992; Lipshitz, Vanderkooy, Wannamaker, JAES 39(11) 1991
 *          generator: Steele, Lea, Flood, OOPSLA 2014 (SplitMix64)
 */
#ifndef DSP_DITHER_H
#define DSP_DITHER_H

#include "dsp/dsp.h"

/* AUTO is TPDF here; who writes the file may know that the sound has its depth already, and then takes NONE. */
enum dither_shape { DITHER_AUTO, DITHER_NONE, DITHER_TPDF, DITHER_LIGHT, DITHER_MEDIUM, DITHER_STRONG };

enum { DITHER_SHAPES = DITHER_STRONG + 1, DITHER_TAPS = 9, DITHER_BLANK_FRAMES = 4096 };

struct dither_settings {
    int shape; /* enum dither_shape; NONE rounds: exact for sound that has this depth already */
    uint32_t seed;
    bool blank;
};

typedef double dither_pair __attribute__((vector_size(16))); /* left, right */

struct dither {   /* by value in its owner */
    double scale; /* steps in 1.0 */
    double top;   /* the highest step */
    const double *taps;
    int ntaps; /* 0: flat */
    bool rounds, blanks;
    int silent;                     /* frames of digital silence, up to DITHER_BLANK_FRAMES */
    dither_pair error[DITHER_TAPS]; /* of the last frames, in steps; [0] is the latest */
    uint64_t state[STEREO];
};

/* BAD_ARG unless bits is 8..24, rate_hz a rate and the shape one of the above. */
enum status dither_prepare(struct dither *d, int bits, double rate_hz, const struct dither_settings *s);

/* From here on callable in the process thread. */
RT void dither_process(struct dither *d, const double *in, int32_t *out, int nframes);

#endif
