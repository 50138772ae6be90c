/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fullband: the channels of a file but for the LFE, which would drown a spectrum's bass.
 */
#ifndef ENGINE_CHECK_FULLBAND_H
#define ENGINE_CHECK_FULLBAND_H

#include "engine/check/inspect.h"

struct fullband {
    int nch, which[CHECK_CHANNELS];
};

/* At least one. */
static inline struct fullband
fullband_of(const struct sound_info *s)
{
    struct fullband p = {0};

    for (int c = 0; c < s->nch; c++)
        if (s->place[c] != PLACE_LFE)
            p.which[p.nch++] = c;
    if (p.nch == 0)
        p.nch = 1;
    return p;
}

static inline void
fullband_pick(const struct fullband *p, const double *const *in, const double **out)
{
    for (int c = 0; c < p->nch; c++)
        out[c] = in[p->which[c]];
}

#endif
