/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * insert: a way out to analogue outboard and back.
 *
 *   io -> send ... converters, the outboard ... return -> gain, polarity -> mix with the delayed io -> io
 *
 * The round trip takes delay_frames, measured by a ping (ping.h). The return is left as it is; the dry sound is
 * moved to it, by a windowed sinc for the fraction of a frame, so that mixing both does not comb.
 *
 * io       planar stereo, in place; send and return are ports: single precision, planar
 * output   late by insert_latency_frames(): delay_frames, rounded. It changes with that setting
 * dry      flat to 0.01 dB up to 0.4 of the rate, where delay_frames is 32 or more, or whole
 * moves    delay: cross-fade in INSERT_FADE_MS; gain, polarity, mix: glide
 * bits     the same however the input is cut into blocks, if the return comes back the same
 */
#ifndef DSP_INSERT_H
#define DSP_INSERT_H

#include "dsp/dsp.h"
#include "dsp/fade.h"
#include "dsp/smooth.h"

enum { INSERTS = 2, INSERT_FADE_MS = 20, INSERT_LONGEST = 16384, INSERT_HALF = 32 };

enum insert_mode { INSERT_STEREO, INSERT_MID_SIDE }; /* what the two ports carry */

struct insert_settings {
    bool on; /* the chain's */
    int mode;
    double delay_frames; /* 0..INSERT_LONGEST: from send to return */
    double gain_db;      /* -24..24, of the return */
    bool polarity;       /* the return is turned over */
    double mix;          /* %, 0..100: 100 is the return alone */
};

/* A delay by a fraction: tap[k] meets the frame `first` + k back. */
struct insert_taps {
    int first, count; /* frames */
    double tap[2 * INSERT_HALF];
};

struct insert {
    double rate_hz;
    double *line[STEREO]; /* ours, from prepare to free */
    int at;
    double delay_frames; /* as set */
    struct insert_taps taps, next;
    double taps_for, next_for;       /* frames */
    struct fade move;                /* 0: taps, 1: next */
    struct smooth gain, mix, matrix; /* gain with sign; matrix 0: stereo, 1: mid and side */
    struct fade hold;                /* 1: held dry */
    float *send[STEREO];             /* of the next process call; [0] NULL: no port */
    const float *ret[STEREO];
    bool fresh;
};

/* Windowed sinc, unit gain at 0 Hz. 0 <= delay_frames <= INSERT_LONGEST. */
RT void insert_taps_design(struct insert_taps *t, double delay_frames);

/* As a stage's (dsp.h). */
enum status insert_prepare(struct insert *s, double rate_hz);
void insert_free(struct insert *s);
RT void insert_reset(struct insert *s);
RT void insert_set(struct insert *s, const struct insert_settings *settings);
/* Before each process call: its frames of the ports; NULL: nothing is plugged in. */
RT void insert_ports(struct insert *s, float *const *send, const float *const *ret);
/* While true the dry sound alone goes on: a ping is under way. */
RT void insert_hold(struct insert *s, bool hold);
RT void insert_process(struct insert *s, double *const *io, int nframes);
RT int insert_latency_frames(const struct insert *s);
int insert_latency_max_frames(const struct insert *s);

#endif
