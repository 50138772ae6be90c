/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * peaks: the largest true peak of each channel of a file, and where it is; both of truepeak's readings.
 *
 * Beyond its ends the file is silent. Where two are equal the first one counts.
 */
#ifndef ENGINE_CHECK_PEAKS_H
#define ENGINE_CHECK_PEAKS_H

#include "dsp/truepeak.h"
#include "engine/check/inspect.h"

struct peak {
    double value;  /* linear */
    int64_t frame; /* within one */
};

struct peaks_pair {
    struct truepeak detector;
    struct truepeak_floor most;
    double group[STEREO][TRUEPEAK_GROUP];
};

struct peaks { /* by value in its owner; fields are peaks.c's business */
    int nch, fill;
    int64_t frame; /* of what is in the groups */
    struct peaks_pair pair[CHECK_CHANNELS / STEREO];
    struct peak wave[CHECK_CHANNELS], itu[CHECK_CHANNELS];
    float recent; /* the largest `wave` of all since it was taken */
};

void peaks_start(struct peaks *p, int nch);
/* From frame `from` on. */
void peaks_process(struct peaks *p, const double *const *in, int from, int nframes);
/* Once, behind the last frame. */
void peaks_end(struct peaks *p);
/* The largest `wave` of all channels since last taken, complete but for the last TRUEPEAK_METER_DELAY frames. */
double peaks_take(struct peaks *p);

#endif
