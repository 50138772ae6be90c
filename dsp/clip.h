/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clip: clipper, from hard to soft, channels by themselves, 8 times oversampled.
 *
 * io       planar stereo, in place; 1.0 is 0 dBFS
 * curve    straight up to ceiling (1 - w), flat from ceiling (1 + w) on, a parabola between; w is 0 at knee 0 % and 0.75
 *          at 100 %, so that the softest begins 12 dB below the ceiling
 * exact    what stays below the knee comes out bit for bit, at drive 0 dB: the sound goes past the filters, only what
 *          is taken away goes through them
 * ceiling  is the curve's. The filter takes harmonics above 20 kHz away, and with them what kept the peaks down: a tone
 *          of 1 kHz 6 dB over passes the ceiling by 0.1 dB, one of 5 kHz by 0.6, at the worst by 2.2 dB (4 / pi, a
 *          square wave's first harmonic). The limiter follows
 * aliasing all that is no harmonic below 20 kHz, hard knee, 6 dB over: 5 kHz -96 dB, 1 kHz -123 dB at 44.1 kHz;
 *          -98 dB at 48, 96 and 192 kHz. 18 dB over: 5 kHz -95 dB at 48 kHz
 * latency  81 frames at 44.1 kHz, 49 at 48, 15 at 88.2 and 96 (4 times), 8 at 176.4 and 192 (twice)
 * bits     the same however the input is cut into blocks
 * sources  shaper.h, oversample.h
 */
#ifndef DSP_CLIP_H
#define DSP_CLIP_H

#include "dsp/delay.h"
#include "dsp/dsp.h"
#include "dsp/fade.h"
#include "dsp/oversample.h"
#include "dsp/shaper.h"

struct clip_settings {
    bool on;             /* the chain's */
    double drive_db;     /* 0..18, ahead of the clipper */
    double ceiling_dbfs; /* -24..0 */
    double knee;         /* %, 0..100 */
};

struct clip_side {
    struct oversample over;
    struct shaper_means means;
    int quiet; /* frames since something was taken away */
};

struct clip_curve { /* of what comes in: the drive is in it */
    double gain;
    struct shaper_clip shape;
};

struct clip {
    double rate_hz;
    struct clip_curve from, to, wanted;
    struct fade fade; /* from `from` to `to` */
    bool fading;
    struct clip_side side[STEREO];
    struct delay ahead, behind; /* of the sound that goes past: until it meets its curve, and to the end */
    int rest;                   /* frames without anything taken away until the way down is left out */
    int phase;                  /* frames into the present piece */
    double most;                /* largest input over output since last asked */
    bool fresh;                 /* the next set applies at once */
};

enum status clip_prepare(struct clip *c, double rate_hz);
void clip_free(struct clip *c);

RT void clip_reset(struct clip *c);
RT void clip_set(struct clip *c, const struct clip_settings *s);
RT void clip_process(struct clip *c, double *const *io, int nframes);
RT int clip_latency_frames(const struct clip *c);
/* The largest since last asked, by the curve; 0 when nothing was taken. */
RT double clip_take_reduction_db(struct clip *c);

#endif
