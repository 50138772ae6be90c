/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * goniometer: the last 50 ms of stereo as points to draw.
 *
 * in       planar stereo, 1.0 is 0 dBFS; only read
 * points   x = (R - L) / sqrt 2, y = (L + R) / sqrt 2, raw: the left channel alone is a line to the upper left, a
 *          full-scale one ends at (-0.71, 0.71); mono is upright, both channels at full scale end at (0, 1.41);
 *          polarity turned over lies flat. What is no number is (0, 0)
 * grid     every frame that is a multiple of the step, counted from the reset: GONIOMETER_POINTS points are at most
 *          GONIOMETER_MS
 * bits     the same however the input is cut into blocks
 * cost     0.3 ns a frame (Sapphire Rapids)
 */
#ifndef DSP_GONIOMETER_H
#define DSP_GONIOMETER_H

#include "dsp/dsp.h"

enum { GONIOMETER_POINTS = 256, GONIOMETER_MS = 50 };

struct goniometer_point {
    float x, y;
};

struct goniometer { /* by value in its owner; fields are goniometer.c's business */
    int step, wait; /* frames; frames to the next point */
    int at;         /* where it goes */
    struct goniometer_point point[GONIOMETER_POINTS];
};

/* BAD_ARG unless rate_hz is 8000..384000. Takes no memory. */
enum status goniometer_prepare(struct goniometer *g, double rate_hz);

/* From here on callable in the process thread. */
RT void goniometer_reset(struct goniometer *g);
RT void goniometer_process(struct goniometer *g, const double *const *in, int nframes);
/* GONIOMETER_POINTS of them, the oldest first; (0, 0) before there was sound. */
RT void goniometer_read(const struct goniometer *g, struct goniometer_point *out);

#endif
