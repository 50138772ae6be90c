/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * glide: four values that go to their targets side by side, by smooth.h's path, at a third of one's cost.
 *
 * They land on the frame grid only: glide_land comes behind each chunk, wherever blocks end.
 *
 * bits     a step a frame: the same at any block split
 */
#ifndef DSP_GLIDE_H
#define DSP_GLIDE_H

#include "dsp/dsp.h"

enum { GLIDES = 4, GLIDE_CHUNK = 64 };

typedef double glide_quad __attribute__((vector_size(32)));

struct glide { /* by value in its owner, aligned to 32 bytes */
    glide_quad pole[4], target;
    double step; /* smooth.h's */
    double near; /* closer than this is there */
    bool moving; /* any of them */
};

/* settle_ms: time to cover 99 %. near: the difference that no longer matters, in the values' unit. All at 0. */
void glide_prepare(struct glide *g, double rate_hz, double settle_ms, double near);

RT void glide_jump(struct glide *g, int which, double value);
RT void glide_to(struct glide *g, int which, double target);
/* The next n values of each, n <= GLIDE_CHUNK. */
RT void glide_next(struct glide *g, double (*to)[GLIDE_CHUNK], int n);
RT void glide_land(struct glide *g);

#endif
