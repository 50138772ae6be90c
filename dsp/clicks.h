/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clicks: short disturbances that lie on top of a wave, found by what cannot be predicted.
 *
 * Each hop of some 21 ms is modelled as an autoregression of CLICKS_ORDER (Levinson, on twice that under a Hann
 * window). What the model cannot predict, the excitation, is compared with its own level nearby. Where it goes above
 * CLICKS_SIGMA times that, the question is what it was:
 *
 *   from both sides  predicted forwards, a click makes errors from its first sample on; predicted backwards, from its
 *                    last sample on. A beginning (a drum, a plucked string, a square wave's edge) makes its errors
 *                    behind it in the one and in front of it in the other direction: nothing lies between the two
 *   replaced         the samples from the first to the last are replaced by what the model makes of those around them
 *                    (least squares); then the excitation must be as low as nearby
 *   calm             behind it the excitation is as low as before it: a drum sounds on
 *   alone            less than two more peaks of half its size in the 32 ms around, and fewer than CLICKS_TRAIN as large ones within 60 ms to either
 *                    side: else it is a tone
 *
 * in       planar, 1.0 is 0 dBFS, finite
 * place    to the frame for those well above the excitation
 * size     of the mark: highest excitation against its level nearby, linear; peak: the largest sample of the difference
 *          between what was and what replaces it, linear
 * limits   longer than 3 ms, or within 60 ms of many like it (crackle): not told; a single tick of less than 3 ms that is
 *          meant cannot be told from one that is not
 * bits     the same however the input is cut into blocks
 * sources  detection, least squares: Godsill, Rayner, "Digital Audio Restoration", 1998, ch. 5
 *          additive and innovative outliers: Fox, "Outliers in time series", JRSS B 34(3), 1972
 */
#ifndef DSP_CLICKS_H
#define DSP_CLICKS_H

#include "dsp/chunks.h"
#include "dsp/marks.h"

enum {
    CLICKS_ORDER = 23, /* 24 lags: three vectors of eight */
    CLICKS_SIGMA = 6,
    CLICKS_TRAIN = 4,
    CLICKS_QUEUE = 32 /* of those that wait for their surroundings */
};

struct click {
    int64_t frame, length;
    int channel;
    double sigmas; /* highest excitation, in standard deviations of its surroundings */
    double peak;   /* linear */
    bool held;     /* a flat one or one of many: no click, but a neighbour */
};

struct clicks {
    struct chunks chunks;
    int64_t frames;
    int hop, cell, longest, reach; /* frames; reach: of a click's surroundings */
    int64_t near;                  /* frames: 60 ms */
    double *memory, *hann, *windowed, *error, *backward, *band, *rhs;
    double step; /* of the word's lowest bit */
    struct click queue[CHUNKS_CHANNELS][CLICKS_QUEUE];
    int queued[CHUNKS_CHANNELS];
    struct click found[MARKS]; /* the loudest, in no order until clicks_finish */
    int kept;
    int64_t count;
};

/* step: of the word's lowest bit. BAD_ARG unless rate_hz is 8000..384000 and nch 1..8; NO_MEM. After an error *k owns
   nothing. */
enum status clicks_prepare(struct clicks *k, double rate_hz, int nch, double step);
void clicks_free(struct clicks *k);
RT void clicks_process(struct clicks *k, const double *const *in, int nframes);
/* The sound is over. Nothing may follow. found is in order of time then. */
RT void clicks_finish(struct clicks *k);

#endif
