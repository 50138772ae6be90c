/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smooth: a value that glides to its target, one step a frame.
 *
 * Four equal one-poles in a row: the path has no corner in value, slope or
 * curvature however often the target moves, so a gain of -12 dBFS stepped in
 * one go leaves less than -110 dBFS at 2 kHz and more from the tone. Half way
 * after 3.7 tau, 99 % after 10 tau; it then lands on the target exactly.
 *
 * bits     a step a frame: the same at any block split
 */
#ifndef DSP_SMOOTH_H
#define DSP_SMOOTH_H

#include "dsp/dsp.h"

#include <math.h>

struct smooth {
    double pole[4];
    double target;
    double step; /* 1 - exp(-1 / (tau rate)), by its series */
    double near; /* closer than this is there */
    bool moving;
};

/* settle_ms: time to cover 99 %. near: the difference that no longer matters, in the value's unit. */
static inline void
smooth_prepare(struct smooth *s, double rate_hz, double settle_ms, double near)
{
    double x = 10000.0 / (settle_ms * rate_hz); /* 1 / (tau rate), tau = settle / 10 */

    *s = (struct smooth){.step = x / (1.0 + x), .near = near};
}

RT static inline void
smooth_jump(struct smooth *s, double value)
{
    for (int i = 0; i < 4; i++)
        s->pole[i] = value;
    s->target = value;
    s->moving = false;
}

RT static inline void
smooth_to(struct smooth *s, double target)
{
    if (target == s->target)
        return;
    s->target = target;
    s->moving = true;
}

/* Where it is, as last told by smooth_next(). */
RT static inline double
smooth_value(const struct smooth *s)
{
    return s->moving ? s->pole[3] : s->target;
}

/* Where it goes. */
RT static inline double
smooth_target(const struct smooth *s)
{
    return s->target;
}

RT static inline double
smooth_next(struct smooth *s)
{
    double x = s->target, far = 0.0;

    if (!s->moving)
        return x;
    for (int i = 0; i < 4; i++) {
        s->pole[i] += s->step * (x - s->pole[i]);
        x = s->pole[i];
        far = fmax(far, fabs(x - s->target));
    }
    if (far <= s->near) {
        smooth_jump(s, s->target);
        x = s->target;
    }
    return x;
}

#endif
