/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crossfir: a linear-phase crossover of one to four bands.
 *
 * in       planar stereo
 * output   the bands, planar stereo, all late by crossfir_latency_frames(), whatever the settings:
 *              rate               44.1, 48       88.2, 96       176.4, 192 kHz
 *              taps, block        4096, 256      8192, 512      16384, 512     (below 25 kHz half, and so on)
 *              latency            2560           5120           9216 frames    at 48, 96, 192: 53, 53, 48 ms
 * sum      of all bands: the input, late, but for the rounding of at most six additions. A split is one
 *          low-pass on either channel; a band is the difference of two of them, the highest what the highest
 *          leaves of the input
 * curves   low-passes: a Linkwitz-Riley crossover's magnitude of that slope, -6 dB at the split, no phase.
 *          Largest error of the lowest at 48 kHz down to -60 dB, and of any band, linear (test/dsp/crossfir):
 *              24 dB an octave    200 Hz 0.0000 dB, 0   80 Hz 0.0000, 0.000002   40 Hz 0.07, 0.0013
 *              48 dB an octave    200 Hz 0.0000 dB, 0   80 Hz 0.18, 0.0005
 * moves    as in eqfir.h: 133 + 21 ms at 48 kHz, always; the latest wins; the first set after prepare or
 *          reset, before any frame, applies at once. Also the number of splits may change: a band that goes
 *          or comes fades. A split moved from 100 Hz to 10 kHz under a tone leaves -145 dBFS of it above 3.5
 *          kHz in any band
 * cost     ns a frame on a Xeon of 2.3 GHz with AVX-512, at 48 kHz; worst 64 frames; both while a design runs
 *          and fades:
 *              no split        17     36
 *              one             43     65     55     93
 *              two             63     86     86    126
 *              three           85    111    118    176
 *          Three at 96 kHz 89, at 192 kHz 115. The worst 16 frames are 1.6 times the median, of one split
 *          twice
 * bits     the same however the input is cut into blocks, as long as each set comes at the same frame; what
 *          was not written counts as silence
 */
#ifndef DSP_CROSSFIR_H
#define DSP_CROSSFIR_H

#include "dsp/firdesign.h"

enum { CROSSFIR_SPLITS = 3, CROSSFIR_BANDS = CROSSFIR_SPLITS + 1 };

struct crossfir_settings {
    int nsplits;                     /* 0..3; beyond: the nearest */
    double freq_hz[CROSSFIR_SPLITS]; /* ascending; one below its neighbour counts as equal to it */
    int slope;                       /* 48: dB an octave; anything else: 24 */
};

struct crossfir { /* by value in its owner; fields are crossfir.c's business */
    struct convolver convolver;
    struct firdesign design;
    struct crossfir_settings want,
        goal;                /* the last asked for; the last that was begun: it is heard, or will be */
    bool waiting, designing; /* want is not goal; goal is not loaded yet */
    bool fresh;              /* no frame since reset */
    int nbands;
};

/* No splits until the first set: band 0 is the input, late, to the bit. */
enum status crossfir_prepare(struct crossfir *x, double rate_hz);
void crossfir_free(struct crossfir *x);

/* From here on callable in the process thread. */
RT void crossfir_reset(struct crossfir *x);
/* As eqfir's. */
RT void crossfir_restart(struct crossfir *x);
RT void crossfir_set(struct crossfir *x, const struct crossfir_settings *s);

/* band[b][c]: channel c of band b; a band of the four may be where in is. Writes the first crossfir_nbands()
   bands, known afterwards, and leaves the others alone. That is one more than there are splits, or were while
   they fade. */
RT void crossfir_process(struct crossfir *x, const double *const *in, double *const *band[CROSSFIR_BANDS],
                         int nframes);
RT int crossfir_nbands(const struct crossfir *x);

RT int crossfir_latency_frames(const struct crossfir *x);
/* As eqfir's. */
RT bool crossfir_settled(const struct crossfir *x);
RT int crossfir_settle_frames(const struct crossfir *x);

#endif
