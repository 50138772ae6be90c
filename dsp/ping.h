/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ping: how what came back differs from what was sent: by what delay, to a hundredth of a frame, what gain, turned
 * over or not, and what is left when all that is taken out.
 *
 * Delay: the peak of the cross-correlation of both, whitened, so that programme does as well as noise; then the
 * slope of the phase around it. Gain: least squares. Both assume that the outboard is more or less linear.
 *
 * sources  whitening: Knapp, Carter, IEEE TASSP 24(4), 1976 (PHAT)
 */
#ifndef DSP_PING_H
#define DSP_PING_H

#include "dsp/fft.h"
#include "dsp/insert.h"

enum {
    PING_FRAMES = 8192, /* of the test signal: noise up to 0.36 of the rate, -20 dBFS RMS */
    PING_SPAN = 32768   /* of what is compared: test signal, the longest delay, a tail */
};

struct ping { /* by value in its owner, on the control thread */
    double rate_hz;
    struct fft fft;
    double *frames, *sent, *back; /* ours, from prepare to free */
};

struct ping_result {
    bool found;          /* something came back that has to do with what was sent */
    double delay_frames; /* 0..INSERT_LONGEST */
    double gain_db;      /* of the way out and back */
    bool inverted;
    double null_db; /* what is left of the return against it, delay and gain taken out; 0: all */
};

enum status ping_prepare(struct ping *p, double rate_hz); /* BAD_ARG for the rate; NO_MEM */
void ping_free(struct ping *p);

/* PING_FRAMES, the same each time. */
void ping_signal(float *out);
/* sent, back: PING_SPAN frames from the same moment on. */
void ping_measure(struct ping *p, const float *sent, const float *back, struct ping_result *r);

#endif
