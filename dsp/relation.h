/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * relation: how one stereo stands to another that it was made from: by what delay, and whether channels were swapped
 * or turned over on the way. Bears with another level, equaliser and dynamics.
 *
 * in       parts of both, thinned to about 8 kHz (relation_thin): RELATION_FRAMES of the one, and RELATION_SPAN of
 *          the other around them, so that it may be early or late by RELATION_REACH frames. Any number of parts;
 *          RELATION_PARTS are kept
 * idea     mid and side of both are held against each other. Straight: mid meets mid, side meets side. Swapped: side
 *          meets side upside down. One channel's polarity: mid meets side. Each of the eight ways gets a score -1..1;
 *          an answer is sure when the best way that says otherwise scores less by RELATION_MARGIN. So mono gives no
 *          answer about swapping, but one about polarity
 * delay    peak of the whitened cross-correlation of mids and sides together, then the slope of the phase there:
 *          to about 0.1 thinned frames
 * band     150..2000 Hz: below, filters turn phases; above, half a frame does
 * thread   control; slow: some 50 ms a part
 * sources  whitening: Knapp, Carter, IEEE TASSP 24(4), 1976 (PHAT)
 */
#ifndef DSP_RELATION_H
#define DSP_RELATION_H

#include "dsp/fft.h"

#define RELATION_MARGIN 0.3

enum {
    RELATION_FRAMES = 1 << 15,
    RELATION_SPAN = 1 << 17,
    RELATION_REACH = (RELATION_SPAN - RELATION_FRAMES) / 2,
    RELATION_PARTS = 16
};

/* By a triangle of two steps: what folds into the band is 20 dB down at least. */
struct relation_thin {
    int step, at; /* frames: of a thinned one; into it */
    double up[STEREO], down[STEREO];
};

enum relation_pair { RELATION_MM, RELATION_SS, RELATION_MS, RELATION_SM, RELATION_PAIRS }; /* ours, theirs */

struct relation_part {
    double delay;                /* thinned frames */
    double pair[RELATION_PAIRS]; /* correlations, mid and side */
    double ear[RELATION_PAIRS];  /* left and right in their place: LL, RR, LR, RL */
};

struct relation {   /* by value in its owner */
    double rate_hz; /* thinned */
    struct fft wide, fine;
    double *memory; /* ours, from prepare to free */
    struct relation_part part[RELATION_PARTS];
    int parts, heard; /* that fit; that had sound in both */
};

struct relation_result {
    bool found;               /* both are of the same origin */
    int parts, heard;         /* that agree; that were compared */
    double delay_s;           /* > 0: ours is later */
    double straight, crossed; /* mean correlation of left with left and right with right; left with right */
    double polarity[STEREO];  /* correlation of ours with what it seems to come from */
    bool swapped, swap_sure;  /* swapped: only where sure */
    bool inverted[STEREO], inverted_sure[STEREO]; /* of ours, left and right */
};

/* Frames of the sound that make a thinned one. */
int relation_step(double rate_hz);
void relation_thin_reset(struct relation_thin *t, double rate_hz);
/* A frame goes in; true when one comes out. */
bool relation_thin_frame(struct relation_thin *t, double left, double right, float out[STEREO]);

/* BAD_ARG for the rate; NO_MEM. After an error *r owns nothing. */
enum status relation_prepare(struct relation *r, double rate_hz);
void relation_free(struct relation *r);
/* ours: RELATION_FRAMES; theirs: RELATION_SPAN, beginning RELATION_REACH before; interleaved. Parts that are quieter
   than -60 dBFS tell nothing. */
void relation_add(struct relation *r, const float *ours, const float *theirs);
void relation_result(const struct relation *r, struct relation_result *out);

#endif
