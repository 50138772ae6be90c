/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * offset: direct current and what is below hearing.
 *
 * in       planar, nch channels, 1.0 is 0 dBFS; only read
 * mean     of all samples since the reset
 * below    what is left below OFFSET_EDGE_HZ (Butterworth, 24 dB an octave): its RMS, the mean in it
 * steady   the offset of a second: what the wave below the edge never fell short of in it, on one side of zero; a
 *          drum's lopsided beat, a bass or rumble is none. The worst second is kept
 * hostile  a tick of 2 ms that holds NaN, infinity or a mean above +80 dBFS is silence
 * bits     the same however the input is cut into blocks
 * cost     0.9 ns a frame of stereo (Sapphire Rapids)
 * idea     ramps of 2 ms turn up and down into a triangle of 4 ms, 500 values a second: what is near a multiple of
 *          500 Hz comes down to the edge by less than -80 dB
 */
#ifndef DSP_OFFSET_H
#define DSP_OFFSET_H

#include "dsp/dsp.h"

#define OFFSET_EDGE_HZ 5.0

enum { OFFSET_CHANNELS = 8, OFFSET_SUMS = 4, OFFSET_SLOTS = 20 /* of 50 ms: a second */ };

struct offset_channel {
    double sum[OFFSET_SUMS], ramp[OFFSET_SUMS]; /* of the tick under way, by place */
    double rise;                                /* of the last tick: the triangle's first half */
    double total;                               /* of whole ticks */
    double state[2][2];                         /* of the low-pass */
    double below;                               /* squares behind it */
    double low, high;                           /* of the slot under way */
    double slot_low[OFFSET_SLOTS], slot_high[OFFSET_SLOTS];
    double worst;         /* steady, with its sign */
    uint64_t worst_frame; /* where that second ends */
};

struct offset { /* by value in its owner; fields are offset.c's business */
    double rate_hz;
    int nch;
    double b[2], a[2][2];      /* of the low-pass' sections: their gains, their poles */
    int tick, at, tick_frames; /* within the second; frames into it; frames it has */
    int ticks, slots, slot;    /* in the slot; there are, at most all; where the next one goes */
    uint64_t frame, values;    /* whole ticks' */
    struct offset_channel channel[OFFSET_CHANNELS];
};

struct offset_reading {
    double mean;                 /* linear, with its sign */
    double below_rms;            /* linear */
    double steady, from_s, to_s; /* the worst second's; 0, 0..0: none */
};

/* BAD_ARG unless rate_hz is 8000..384000 and nch 1..8. Takes no memory. */
enum status offset_prepare(struct offset *o, double rate_hz, int nch);

/* From here on callable in the process thread. */
RT void offset_reset(struct offset *o);
RT void offset_process(struct offset *o, const double *const *in, int nframes);
RT void offset_read(const struct offset *o, int channel, struct offset_reading *r);

#endif
