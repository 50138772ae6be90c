/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * input: trim, balance and polarity.
 *
 * io       planar stereo, in place; neutral (0 dB, 0 %, normal) keeps the bits
 * output   not late
 * moves    each channel has one factor, which glides (smooth.h) to 99 % in INPUT_SETTLE_MS, a flip through
 *          zero: any step leaves at most -110 dBFS above 3.5 kHz of a sine of -12 dBFS at 997 Hz
 * balance  linear: to the right the left channel goes from 1.0 to 0 at 100 %, the other one stays
 * bits     the same however the input is cut into blocks
 */
#ifndef DSP_INPUT_H
#define DSP_INPUT_H

#include "dsp/dsp.h"
#include "dsp/smooth.h"

enum { INPUT_SETTLE_MS = 20 };

enum polarity { POLARITY_NORMAL, POLARITY_LEFT, POLARITY_RIGHT, POLARITY_BOTH };

struct input_settings {
    double trim_db; /* -24..24 */
    double balance; /* %, -100 left only .. 100 right only */
    int polarity;   /* enum polarity: what is turned over */
};

struct input {                  /* by value in its owner; fields are input.c's business */
    struct smooth gain[STEREO]; /* with sign */
    bool fresh;                 /* the next set applies at once */
};

/* BAD_ARG unless rate_hz is 8000..384000. Neutral until the first set. */
enum status input_prepare(struct input *in, double rate_hz);
void input_free(struct input *in);

RT void input_reset(struct input *in);
RT void input_set(struct input *in, const struct input_settings *s);
RT void input_process(struct input *in, double *const *io, int nframes);
RT int input_latency_frames(const struct input *in);

#endif
