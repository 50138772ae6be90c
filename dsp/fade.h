/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fade: an unhurried switch between two states, 0 and 1.
 *
 * The path is 6t^5 - 15t^4 + 10t^3: no corner in value, slope or curvature,
 * so a switch of a whole tone leaves less than -100 dBFS at 2 kHz and more
 * from it (20 ms). A switch asked for while another runs waits for its end;
 * the last one asked for wins.
 *
 * bits     a step a frame: the same at any block split
 */
#ifndef DSP_FADE_H
#define DSP_FADE_H

#include "dsp/dsp.h"

struct fade {
    int length, position; /* frames; 0 is state 0, length is state 1 */
    int direction;        /* -1, 0, 1 a frame */
    bool want;
};

static inline void
fade_prepare(struct fade *f, double rate_hz, double length_ms)
{
    int length = (int)(rate_hz * length_ms * 1e-3 + 0.5);

    *f = (struct fade){.length = length > 0 ? length : 1};
}

RT static inline void
fade_jump(struct fade *f, bool state)
{
    f->position = state ? f->length : 0;
    f->direction = 0;
    f->want = state;
}

RT static inline void
fade_to(struct fade *f, bool state)
{
    f->want = state;
    if (f->direction == 0 && f->position != (state ? f->length : 0))
        f->direction = state ? 1 : -1;
}

RT static inline bool
fade_moving(const struct fade *f)
{
    return f->direction != 0;
}

/* At rest in state 0 or 1? */
RT static inline bool
fade_is(const struct fade *f, bool state)
{
    return f->direction == 0 && f->position == (state ? f->length : 0);
}

/* Frames until it rests, or turns to a switch that waited; 0 at rest. */
RT static inline int
fade_left(const struct fade *f)
{
    return f->direction > 0 ? f->length - f->position : f->direction < 0 ? f->position : 0;
}

RT static inline double
fade_value(const struct fade *f)
{
    double t = (double)f->position / f->length;

    return t * t * t * (t * (6.0 * t - 15.0) + 10.0);
}

RT static inline double
fade_next(struct fade *f)
{
    if (f->direction == 0)
        return f->position ? 1.0 : 0.0;
    f->position += f->direction;
    if (f->position == 0 || f->position == f->length) {
        f->direction = 0;
        fade_to(f, f->want);
        return fade_value(f);
    }
    return fade_value(f);
}

/* The next n, the same as n times the above, but side by side. */
RT static inline void
fade_fill(struct fade *f, double *restrict to, int n)
{
    int left = fade_left(f) - 1, many = left < 0 ? 0 : left < n ? left : n;
    int position = f->position, step = f->direction, length = f->length;

    for (int i = 0; i < many; i++) {
        double t = (double)(position + step * (i + 1)) / length;

        to[i] = t * t * t * (t * (6.0 * t - 15.0) + 10.0);
    }
    f->position += step * many;
    for (int i = many; i < n; i++)
        to[i] = fade_next(f);
}

/* wet takes over from dry, or gives way to it; at rest to the bit (-0, too), wherever a block ends. */
RT static inline void
fade_mix(struct fade *f, double *const *wet, const double *const *dry, int nframes)
{
    for (int i = 0; i < nframes; i++) {
        double w = fade_next(f);

        for (int c = 0; c < STEREO; c++)
            if (w == 0.0)
                wet[c][i] = dry[c][i];
            else if (w < 1.0)
                wet[c][i] = dry[c][i] + w * (wet[c][i] - dry[c][i]);
    }
}

#endif
