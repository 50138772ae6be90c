/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oversample: one channel to 2, 4 or 8 times its rate and back, with linear phase.
 *
 * The higher rate is held in phases: of each frame the first, second .. last of its new samples stand in arrays of
 * their own, so that neighbours in an array are a frame apart and any loop over frames vectorises.
 *
 * work     oversample_up takes frames in and shows them at the higher rate; what is made of them goes into `back`;
 *          oversample_down brings that to the old rate
 * flat     within 0.0001 dB to 20 kHz (to 0.4535 of the rate below 44.1 kHz, 0.2267 below 32 kHz), up and down together
 * stop     images and what would alias below 20 kHz at least 111 dB down
 * input    NaN, infinity and what is beyond +120 dBFS counts as 0, so that no filter remembers it
 * latency  of up and down together, whole frames, fixed from prepare on: at 44.1 and 48 kHz 79 and 47 (2 stages),
 *          81 and 49 (3 stages); at 88.2 and 96 kHz 12 (1), 15 (2); at 176.4 and 192 kHz 8 (1);
 *          below 32 kHz 17 (2), 19 (3)
 * bits     each sample is a sum of the same products in the same order, wherever a piece ends
 * sources  half-band filters: Vaidyanathan, Nguyen, IEEE Trans. CAS 34(3), 1987; taps: Remez exchange
 */
#ifndef DSP_OVERSAMPLE_H
#define DSP_OVERSAMPLE_H

#include "dsp/dsp.h"

enum {
    OVERSAMPLE_PIECE = 64, /* frames at most in one go */
    OVERSAMPLE_ROOM =
        192, /* frames of pieces, one behind the other, until what is kept goes to the front again */
    OVERSAMPLE_STAGES = 3,
    OVERSAMPLE_PHASES = 8,
    OVERSAMPLE_LONG = 80, /* frames kept ahead of a piece: under the filter next to the base rate */
    OVERSAMPLE_SHORT = 8, /* under the others */
    OVERSAMPLE_MEMORY = 128,
};

struct oversample_filter {
    const double *tap; /* from the middle outwards, the odd ones; they sum to 1/2 */
    int ntaps;
};

struct oversample { /* stays where it was prepared; owns nothing */
    int stages;     /* the factor is 2^stages */
    struct oversample_filter filter[OVERSAMPLE_STAGES];
    int up_ahead[OVERSAMPLE_STAGES], down_ahead[OVERSAMPLE_STAGES]; /* frames that a stage looks forward */
    int keep;                                   /* frames that are under the filter next to the base rate */
    const double *phase[OVERSAMPLE_PHASES + 1]; /* the piece at the higher rate */
    double *back[OVERSAMPLE_PHASES];            /* what is to come down again */

    int up_at, down_at; /* frames: where the piece stands, on the way up and down */

    /* What goes into each stage: the frames before the piece, then the piece. */
    double in[OVERSAMPLE_LONG + OVERSAMPLE_ROOM];
    double between[OVERSAMPLE_PHASES - 1][OVERSAMPLE_SHORT + OVERSAMPLE_ROOM];
    double base[2][OVERSAMPLE_LONG + OVERSAMPLE_ROOM];
    double high[4 + 8][OVERSAMPLE_SHORT + OVERSAMPLE_ROOM];
};

/* Stages for a factor of 2^stages at 44.1 and 48 kHz: one fewer from 88.2 kHz on, two fewer from 176.4, at least one. */
int oversample_stages(double rate_hz, int stages);

/* rate_hz as in dsp.h; stages from oversample_stages(). */
void oversample_prepare(struct oversample *o, double rate_hz, int stages);

RT void oversample_reset(struct oversample *o);
RT int oversample_latency_frames(const struct oversample *o);
RT int oversample_up_frames(const struct oversample *o); /* its share on the way up: how late phase[] is */

/*
 * A piece of nframes, 1..OVERSAMPLE_PIECE. Then phase[p][i] is sample p of frame i, 0 <= p <= 2^stages: the last one is
 * the first of the frame after; phase[p][-1] may be read, too. As many frames are to be put into each back[p], but
 * into the last one a frame late: frame -1 to nframes - 2. What lies beyond nframes, up to the next multiple of 16, may be
 * read and written and means nothing.
 */
RT void oversample_up(struct oversample *o, const double *in, int nframes);
/* Each oversample_up is followed by one of these. out has room for OVERSAMPLE_PIECE. */
RT void oversample_down(struct oversample *o, double *out, int nframes);
/* The same if back would be silence, and has been for OVERSAMPLE_MEMORY frames: nothing would come out. */
RT void oversample_skip(struct oversample *o, int nframes);

#endif
