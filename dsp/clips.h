/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clips: flat tops where a wave was cut off, at whatever level.
 *
 * A clip is a run of CLIPS_RUN frames or more that stand within one step (a word's lowest bit) of the highest sample
 * that its channel has on that side of zero, and that the wave enters and leaves at an angle.
 *
 *   one pass   the highest sample is not known before the end: runs are kept for the highest one so far, and
 *              forgotten when a sample goes more than a step above it
 *   corner     at one end at least the wave bends at an angle. Whole tops look flat, too, when steps are coarse, or waves slow:
 *              where n samples of a parabola lie within a step, rounding included, the one next to them lies at most 9
 *              steps below (n = 3; less for more): a corner is 12 below. A saturator's top leaves slowly, then faster: where
 *              the third step is more than 1.6 times the second there is no corner (a cut parabola: 4/3 at most)
 *   squares    nor where the wave is flat next to its flat top (a square, a staircase, held samples)
 *
 * in       planar, 1.0 is 0 dBFS, finite
 * limits   hidden by one higher sample; nothing is told below CLIPS_LEAST
 * bits     the same however the input is cut into blocks
 */
#ifndef DSP_CLIPS_H
#define DSP_CLIPS_H

#include "dsp/chunks.h"
#include "dsp/marks.h"

enum { CLIPS_RUN = 3 };

#define CLIPS_LEAST 0.01 /* -40 dBFS */

struct clips_side {     /* of a channel: above zero, or below it */
    double top, anchor; /* highest sample; what it was when runs were last forgotten */
    int64_t start;      /* of the run under way; -1: none */
    bool corner;        /* before it */
    int64_t longest;
    struct marks marks; /* size: frames */
};

struct clips_over {            /* samples above 1.0: what a float file holds and no other can */
    int64_t count, start, end; /* samples; the stretch under way, -1: none */
    double top, stretch_top;
    struct marks marks; /* size: linear */
};

struct clips {
    struct chunks chunks;
    double step[CHUNKS_CHANNELS], format_step; /* smallest difference seen near a top; of the format */
    int64_t apart;                             /* frames between two stretches above 1.0 */
    struct clips_side side[CHUNKS_CHANNELS][2];
    struct clips_over over[CHUNKS_CHANNELS];
};

/* step: of the word's lowest bit, 2^-15 for 16 bit; never taken as less than 2^-23. BAD_ARG unless rate_hz is
   8000..384000 and nch 1..8; NO_MEM. After an error *k owns nothing. */
enum status clips_prepare(struct clips *k, double rate_hz, int nch, double step);
void clips_free(struct clips *k);

RT void clips_process(struct clips *k, const double *const *in, int nframes);
/* The sound is over. Nothing may follow. */
RT void clips_finish(struct clips *k);
/* Of a channel, both sides; marks sorted by time. */
struct clips_found {
    int64_t longest;
    double level; /* linear, of the higher side that is clipped */
    struct marks marks;
} clips_read(const struct clips *k, int channel);

#endif
