/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * truncation: quiet passages whose last bit sticks: fades that were cut to their word length without dither.
 *
 * in       planar, 1 to 8 channels, finite
 * what     half seconds below TRUNCATION_QUIET_DBFS RMS, whose values are whole numbers of 18 bit or less, that move
 *          by one step at a time over three steps or more, and then stay for six frames or longer on average.
 *          TPDF dither never lets a value stay for more than 2.5 frames on average, shaped dither for less; RPDF for
 *          three. Digital silence of 50 ms or longer is left out, and so are steps that are wider (a square wave) and
 *          sound that hisses enough to be its own dither
 * bits     the same however the input is cut into blocks
 * sources  stay of TPDF: two uniform numbers of one step, added; at rest the value is kept with .75^2 + 2 * .125^2 =
 *          0.594 at most. Lipshitz, Wannamaker, Vanderkooy, JAES 40(5) 1992
 */
#ifndef DSP_TRUNCATION_H
#define DSP_TRUNCATION_H

#include "dsp/dsp.h"

enum { TRUNCATION_CHANNELS = 8, TRUNCATION_PASSAGES = 64 };

#define TRUNCATION_QUIET_DBFS -60.0
#define TRUNCATION_STAY       6.0 /* frames */

struct truncation_passage {
    int channel;
    int64_t from, to;   /* frames */
    double stay;        /* the longest half-second average, frames */
    int bits;           /* of a word */
    double first, last; /* mean square of its first and last half second */
};

struct truncation_window { /* half a second of one channel */
    int frames, zeros, active, moves;
    bool given_up;
    double before, square, path, low, high;
    uint64_t used; /* OR of the values in 2^-31 */
    bool odd;      /* no whole numbers of that */
};

struct truncation {       /* by value in its owner */
    int nch, length, gap; /* frames */
    int64_t at[TRUNCATION_CHANNELS];
    struct truncation_window window[TRUNCATION_CHANNELS];
    struct truncation_passage passage[TRUNCATION_PASSAGES]; /* in the order of their ends */
    int npassages;                                          /* further ones are left out */
};

void truncation_prepare(struct truncation *t, double rate_hz, int nch);
void truncation_process(struct truncation *t, const double *const *in, int nframes);
/* After the last frame: judges the last, shorter window too. */
void truncation_finish(struct truncation *t);

#endif
