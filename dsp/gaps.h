/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gaps: where the sound stops: dropouts, digital black, silence, and how it begins and ends.
 *
 *   dropout  1 to 50 ms in which a channel's samples are all equal (zero, or the last value held), cut out of a
 *            programme: in the millisecond before and in that behind, the wave is away from the held value by more
 *            than -50 dBFS and by more than -26 dB against the peak of the 50 ms before (so it was not faded), and
 *            is not itself flat (so it is no square wave), nor does the one before glide
 *            into zeros: of the four samples next to them one is further away than 0.3 of the wave's mean step (for a
 *            held value: at one end or the other). Where the value is the lowest or the highest of both
 *            milliseconds, the wave must also jump at one of the edges by four times its mean step (else it is
 *            a clipped top, or a rectified wave). Up to 1 s where other channels go on.
 *   black    all channels exactly zero for more than 50 ms, not at either end. hard: the sound is cut off before
 *            it and is there at once behind it, as above
 *   silence  all channels below -70 dBFS for more than 1.5 s, not at either end
 *
 * in       planar, 1.0 is 0 dBFS, finite
 * places   to the frame; a channel's mark, or -1 where several channels have the same
 * limits   a dropout on a hard-gated or sampled sound of less than 50 ms pause is told as one, though it is meant
 * bits     the same however the input is cut into blocks
 */
#ifndef DSP_GAPS_H
#define DSP_GAPS_H

#include "dsp/chunks.h"
#include "dsp/marks.h"

enum { GAPS_GROUPS = 64, GAPS_PEAKS = 256 };

struct gaps_run { /* of equal samples, in a channel */
    bool under_way;
    int64_t start;
    double value, before; /* deviation in the millisecond before */
    double peak, step, jump, low, high;
    bool flat, cut;
};

struct gaps_quiet { /* of all channels */
    double level;
    int64_t since, least; /* frame, -1: not quiet; frames worth a mark */
    int64_t head;         /* frames at the start */
    struct marks marks;
};

struct gaps {
    struct chunks chunks;
    int64_t frames;
    int ms, group, look, window; /* frames; window: groups in 50 ms */
    int64_t short_max, long_max; /* frames of a dropout */
    float peak[CHUNKS_CHANNELS][GAPS_PEAKS];
    double all[GAPS_GROUPS]; /* peaks of the chunk's groups over all channels */
    struct gaps_run run[CHUNKS_CHANNELS];
    struct marks dropouts;                /* size: frames */
    struct gaps_quiet zero, quiet, faint; /* exactly 0; -70 dBFS; -60 dBFS */
    bool hard_before;                     /* the zero under way was cut into */
    struct marks hard;                    /* those of zero.marks that are hard; size: frames */
    double first, last, top; /* highest |sample| of the first and of the last frame, and of all */
};

/* BAD_ARG unless rate_hz is 8000..384000 and nch 1..8; NO_MEM. After an error *g owns nothing. */
enum status gaps_prepare(struct gaps *g, double rate_hz, int nch);
void gaps_free(struct gaps *g);
RT void gaps_process(struct gaps *g, const double *const *in, int nframes);
/* The sound is over. Nothing may follow. */
RT void gaps_finish(struct gaps *g);
/* After finish: frames at the end at or below the level; all of them when there is nothing else. */
RT int64_t gaps_tail(const struct gaps *g, const struct gaps_quiet *q);

#endif
