/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lowrate: a stream brought down to a low rate, for looking at its bass.
 *
 * in       planar, 1.0 is 0 dBFS; only read
 * out      every factor-th frame behind a low-pass: a four-term Blackman-Harris window of 6 x factor taps. What
 *          folds onto 0 .. rate / 4 of the low rate is down 92 dB. The low-pass bends: lowrate_power_gain() says
 *          how much, so that who looks at spectra can undo it
 * bits     the same however the input is cut into blocks
 * sources  window: Harris, Proceedings of the IEEE 66(1), 1978
 */
#ifndef DSP_LOWRATE_H
#define DSP_LOWRATE_H

#include "dsp/dsp.h"

enum { LOWRATE_CHANNELS = 8, LOWRATE_BLOCK = 4096 /* frames that fit into one process call */ };

struct lowrate { /* by value in its owner; fields are lowrate.c's business */
    double rate_hz;
    int nch, factor, taps; /* taps: a multiple of eight, zeros at the end */
    int have;              /* frames in line */
    double *tap, *line[LOWRATE_CHANNELS];
};

/* To rate_hz / factor, the factor that comes next to low_hz. BAD_ARG unless rate_hz is 8000..384000, low_hz at least
   1000 and nch 1..8; NO_MEM. After an error *l owns nothing. */
enum status lowrate_prepare(struct lowrate *l, double rate_hz, double low_hz, int nch);
void lowrate_free(struct lowrate *l);
double lowrate_hz(const struct lowrate *l); /* the low rate */
/* The low-pass, squared; 1 at 0 Hz. */
double lowrate_power_gain(const struct lowrate *l, double freq_hz);

RT void lowrate_reset(struct lowrate *l);
/* nframes at most LOWRATE_BLOCK. out[c] has room for nframes / factor + 1. Returns how many came out. */
RT int lowrate_process(struct lowrate *l, const double *const *in, int nframes, double *const *out);

#endif
