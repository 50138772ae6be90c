/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handover: from one way of doing a thing to another, near or far, while sound runs. The one that comes runs unheard
 * until it is right, then both cross-fade; at rest only one runs. The last one asked for wins.
 *
 * bits     the same at any block split: no span goes over the end of a warming or a fade
 */
#ifndef DSP_HANDOVER_H
#define DSP_HANDOVER_H

#include "dsp/fade.h"

struct handover {
    struct fade over; /* 0: near is heard, 1: far */
    bool far;         /* is far wanted? */
    int warm;         /* frames until the one that is wanted may be heard */
};

static inline void
handover_prepare(struct handover *h, double rate_hz, double fade_ms)
{
    *h = (struct handover){0};
    fade_prepare(&h->over, rate_hz, fade_ms);
}

RT static inline void
handover_jump(struct handover *h, bool far)
{
    h->far = far;
    h->warm = 0;
    fade_jump(&h->over, far);
}

RT static inline bool
handover_near_runs(const struct handover *h)
{
    return !h->far || !fade_is(&h->over, true);
}

RT static inline bool
handover_far_runs(const struct handover *h)
{
    return h->far || !fade_is(&h->over, false);
}

/* True: the one that is wanted does not run yet. Start it, and say with handover_warm() how long it takes. */
RT static inline bool
handover_to(struct handover *h, bool far)
{
    bool runs = far ? handover_far_runs(h) : handover_near_runs(h);

    if (far == h->far)
        return false;
    h->far = far;
    if (!runs)
        return true;
    if (h->warm == 0 || fade_is(&h->over, far)) {
        h->warm = 0;
        fade_to(&h->over, far);
    }
    return false;
}

RT static inline void
handover_warm(struct handover *h, int frames)
{
    h->warm = frames > 0 ? frames : 1;
}

/* The most frames that may be run as one. */
RT static inline int
handover_span(const struct handover *h, int nframes)
{
    int left = h->warm ? h->warm : fade_left(&h->over);

    return left && left < nframes ? left : nframes;
}

/* After each span, behind its fade_mix(). */
RT static inline void
handover_advance(struct handover *h, int nframes)
{
    if (h->warm && (h->warm -= nframes) == 0)
        fade_to(&h->over, h->far);
}

#endif
