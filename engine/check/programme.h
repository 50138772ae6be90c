/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * programme: the channels of a file but for the LFE, which would drown a spectrum's bass.
 */
#ifndef ENGINE_CHECK_PROGRAMME_H
#define ENGINE_CHECK_PROGRAMME_H

#include "engine/check/inspect.h"

struct programme {
    int nch, which[CHECK_CHANNELS];
};

/* At least one. */
static inline struct programme
programme_of(const struct sound_info *s)
{
    struct programme p = {0};

    for (int c = 0; c < s->nch; c++)
        if (s->place[c] != PLACE_LFE)
            p.which[p.nch++] = c;
    if (p.nch == 0)
        p.nch = 1;
    return p;
}

static inline void
programme_pick(const struct programme *p, const double *const *in, const double **out)
{
    for (int c = 0; c < p->nch; c++)
        out[c] = in[p->which[c]];
}

#endif
