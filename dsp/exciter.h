/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exciter: new harmonics of the treble, 4 times oversampled.
 *
 * io       planar stereo, in place; 1.0 is 0 dBFS
 * hears    what is above freq_hz (12 dB/oct), and bends it; of that it takes away what is still the treble itself (its
 *          share in each side, followed over 50 ms) and what falls below freq_hz (12 dB/oct): DC, difference tones.
 *          What is left are harmonics, mix of them is added
 * even     0 % odd ones alone, 100 % even ones above all
 * exact    mix 0 % gives the input's bits
 * latency  79 frames at 44.1 kHz, 47 at 48, 12 at 88.2 and 96 (twice), 8 at 176.4 and 192
 * bits     the same however the input is cut into blocks
 * sources  shaper.h, oversample.h
 */
#ifndef DSP_EXCITER_H
#define DSP_EXCITER_H

#include "dsp/delay.h"
#include "dsp/dsp.h"
#include "dsp/fade.h"
#include "dsp/oversample.h"
#include "dsp/shaper.h"
#include "dsp/smooth.h"

struct exciter_settings {
    bool on;         /* the chain's */
    double freq_hz;  /* 2000..8000 */
    double drive_db; /* 0..36 */
    double even;     /* %, 0..100 */
    double mix;      /* %, 0..30 */
};

typedef double exciter_pair __attribute__((vector_size(16))); /* left, right */

/* The state-variable high-pass of biquad.h, with its states' next values written out: half as long a way from one
   frame to the next. */
struct exciter_filter {
    double out, i1_out;  /* high = out (x - i2) - i1_out i1 */
    double keep1, step1; /* i1 = keep1 i1 + step1 (x - i2) */
    double keep2, step2; /* i2 = keep2 i2 + (step1 i1 + step2 x) */
    exciter_pair i1, i2;
};

struct exciter_side {
    struct oversample over;
    struct shaper_means means;
    double bent[OVERSAMPLE_PIECE]; /* products over a piece of the grid: of the bent treble and the treble; */
    double power[OVERSAMPLE_PIECE]; /* of the treble and itself */
    double bent_mean, power_mean;
    double line, step; /* the treble's share in what is bent, and what it gains a frame */
};

struct exciter {
    double rate_hz;
    struct shaper_bend from, to, wanted;
    struct fade fade; /* from `from` to `to` */
    bool fading;
    struct smooth g, mix; /* tan(pi freq / rate); mix 0..1 */
    double mix_wanted;
    int hold;      /* frames until the mix moves: the lines fill up first */
    bool working;  /* else the mix is 0 and all rests */
    double follow; /* of the means, a piece */
    struct exciter_filter before, behind;
    struct exciter_side side[STEREO];
    struct delay dry;
    int phase;  /* frames into the present piece */
    bool fresh; /* the next set applies at once */
};

enum status exciter_prepare(struct exciter *e, double rate_hz);
void exciter_free(struct exciter *e);

RT void exciter_reset(struct exciter *e);
RT void exciter_set(struct exciter *e, const struct exciter_settings *s);
RT void exciter_process(struct exciter *e, double *const *io, int nframes);
RT int exciter_latency_frames(const struct exciter *e);

#endif
