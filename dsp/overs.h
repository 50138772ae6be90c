/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * overs: where the wave between the samples (truepeak.h) stands above a ceiling.
 *
 * Regions that are less than OVERS_APART_S apart are one; so are those of all channels. A region reaches from the
 * first to the last frame in whose interval a channel is above; its size is its highest true peak, linear, its
 * channel that one's.
 *
 * work     only what can be above the ceiling is interpolated: nearly free unless the music is hot
 * bits     the same however the input is cut into blocks
 */
#ifndef DSP_OVERS_H
#define DSP_OVERS_H

#include "dsp/marks.h"
#include "dsp/truepeak.h"

enum { OVERS_CHANNELS = 8 };

#define OVERS_APART_S 0.01

struct overs {
    int nch, fill;
    int64_t at, apart; /* frame of the group to come; frames */
    float ceiling;     /* linear */
    struct truepeak detector[OVERS_CHANNELS / STEREO];
    double group[OVERS_CHANNELS][TRUEPEAK_GROUP];
    int64_t start, end; /* of the region under way; start -1: none */
    int channel;
    float top;
    struct marks marks;
    int64_t above_full; /* regions above 0 dBTP */
};

/* BAD_ARG unless rate_hz is 8000..384000 and nch 1..8. ceiling: linear. Takes no memory. */
enum status overs_prepare(struct overs *o, double rate_hz, int nch, double ceiling);
RT void overs_process(struct overs *o, const double *const *in, int nframes);
/* The sound is over. Nothing may follow. */
RT void overs_finish(struct overs *o);

#endif
