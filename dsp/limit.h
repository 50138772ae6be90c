/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limit: look-ahead true-peak limiter, channels linked.
 *
 * io       planar stereo, in place; 1.0 is 0 dBFS
 * output   late by limit_latency_frames(); true peak, and what a BS.1770 meter reads of it, at most
 *          ceiling_dbtp + 0.1 dB. While the ceiling glides down this holds for the new one from the glide's end
 *          on (60 ms, latency included)
 * exact    input whose detector reading stays below the ceiling (truepeak.h: it may read 0.17 dB above
 *          the wave, 0.5 dB where there is much near rate/2) with gain 0 dB comes out bit for bit
 * bits     the same however the input is cut into blocks
 * sources  structure: limit.c; true peak: truepeak.h
 *          ascending maxima: Lemire, Nordic Journal of Computing 13(4), 2006
 */
#ifndef DSP_LIMIT_H
#define DSP_LIMIT_H

#include "dsp/dsp.h"
#include "dsp/fade.h"
#include "dsp/smooth.h"
#include "dsp/truepeak.h"

#define LIMIT_LOOKAHEAD_MIN_MS 0.5
#define LIMIT_LOOKAHEAD_MAX_MS 1.5

enum { LIMIT_BOXES = 4 };

struct limit_settings {
    bool on;             /* the chain's */
    double gain_db;      /* 0..24, before the limiter */
    double ceiling_dbtp; /* -12..0 */
    double release_ms;   /* 1..1000: time to recover 63 % (linear) after a single peak */
    double lookahead_ms; /* 0.5..1.5 */
};

/* A running sum over the last `length` numbers: exact, as they are whole. */
struct limit_box {
    int64_t *line, sum;
    int length, at; /* frames */
};

/* The maximum of the last `window` values: those that may yet be it, oldest and largest first. */
struct limit_maximum {
    double *value;
    int64_t *frame;
    unsigned mask, first, count;
    int window; /* frames */
};

/* One gain curve: keeps every frame safe, whatever its look-ahead. */
struct limit_curve {
    int lookahead;             /* frames: support of all boxes together, less one */
    struct limit_maximum peak; /* over lookahead + 1 frames */
    double fast, slow;         /* reductions, linear: 1 - gain */
    struct limit_box box[LIMIT_BOXES];
    double scale; /* 1 over what full reduction sums up to */
};

struct limit {
    double rate_hz;
    struct smooth gain_db, ceiling;              /* ceiling linear */
    double gain, threshold;                      /* linear; threshold: ceiling / gain, for what comes in */
    struct limit_maximum lowest;                 /* of -threshold, over all frames on their way */
    struct smooth release, slow_rise, slow_fall; /* one-pole steps */
    struct truepeak detector[STEREO];
    struct limit_curve curve[2];
    struct fade fade;     /* from curve[now] to the other one, when the look-ahead changes */
    int now;              /* which curve is in charge */
    int warming;          /* frames until the other one is safe; 0: there is no other one */
    int lookahead_wanted; /* frames */
    bool fading;

    double *audio[STEREO]; /* rings; ours, from prepare to free */
    double *peak;          /* ring: what the detector read */
    int64_t *lines;
    unsigned mask;     /* capacity of the rings - 1, of the curves' as well */
    int lookahead_max; /* frames */
    int64_t frame;     /* since reset */
    int awake;         /* frames until all boxes hold zeros */

    double group[STEREO][TRUEPEAK_GROUP]; /* going in; and, behind `fill`, still to come out */
    int fill;
    double least; /* smallest gain since last asked */
    bool fresh;   /* the next set applies at once */
};

enum status limit_prepare(struct limit *l, double rate_hz);
void limit_free(struct limit *l);

RT void limit_reset(struct limit *l);
RT void limit_set(struct limit *l, const struct limit_settings *s);
RT void limit_process(struct limit *l, double *const *io, int nframes);
RT int limit_latency_frames(const struct limit *l);
/* The largest since last asked; 0 when nothing was taken. */
RT double limit_take_reduction_db(struct limit *l);

#endif
