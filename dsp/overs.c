/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/overs.h"

#include <float.h>
#include <string.h>

enum { GROUP = TRUEPEAK_GROUP };

enum status
overs_prepare(struct overs *o, double rate_hz, int nch, double ceiling)
{
    memset(o, 0, sizeof *o);
    if (!rate_ok(rate_hz) || nch < 1 || nch > OVERS_CHANNELS)
        return BAD_ARG;
    o->nch = nch;
    o->ceiling = (float)ceiling;
    o->apart = (int64_t)(OVERS_APART_S * rate_hz);
    o->start = -1;
    for (int c = 0; c < nch; c += STEREO)
        truepeak_prepare(&o->detector[c / STEREO]);
    return OK;
}

static void
end_region(struct overs *o)
{
    if (o->start < 0)
        return;
    marks_add(&o->marks, &(struct mark){o->start, o->end - o->start, o->channel, o->top});
    o->above_full += o->top > 1.0f;
    o->start = -1;
}

static void
see(struct overs *o, int64_t frame, int channel, float level)
{
    if (o->start >= 0 && frame - o->end > o->apart)
        end_region(o);
    if (o->start < 0) {
        o->start = frame;
        o->end = 0;
        o->top = 0.0f;
    }
    if (level > o->top) {
        o->top = level;
        o->channel = channel;
    }
    if (frame < o->start)
        o->start = frame;
    if (frame + 1 > o->end)
        o->end = frame + 1;
}

static void
hear_group(struct overs *o)
{
    const struct truepeak_floor floor = {{o->ceiling, o->ceiling}, {FLT_MAX, FLT_MAX}};

    for (int c = 0; c < o->nch; c += STEREO) {
        const double *const in[STEREO] = {o->group[c], o->group[c + 1]};
        struct truepeak_group g;
        int32_t any = 0;

        truepeak_group(&o->detector[c / STEREO], in, &floor, &g);
        for (int i = 0; i < LANES; i++)
            any |= g.wave[i] > o->ceiling;
        for (int i = 0; any && i < LANES; i++)
            if (g.wave[i] > o->ceiling)
                see(o, o->at - TRUEPEAK_DELAY + i / STEREO, c + i % STEREO, g.wave[i]);
    }
    o->at += GROUP;
}

RT void
overs_process(struct overs *o, const double *const *in, int nframes)
{
    for (int done = 0, n; done < nframes; done += n) {
        n = nframes - done < GROUP - o->fill ? nframes - done : GROUP - o->fill;
        for (int c = 0; c < o->nch; c++)
            memcpy(o->group[c] + o->fill, in[c] + done, sizeof(double) * (size_t)n);
        o->fill += n;
        if (o->fill == GROUP) {
            hear_group(o);
            o->fill = 0;
        }
    }
}

RT void
overs_finish(struct overs *o)
{
    static const double silence[GROUP];
    const double *const in[OVERS_CHANNELS] = {silence, silence, silence, silence,
                                              silence, silence, silence, silence};

    for (int i = 0; i < TRUEPEAK_DELAY + 2 * GROUP; i++)
        overs_process(o, in, 1);
    end_region(o);
}
