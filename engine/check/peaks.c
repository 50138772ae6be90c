/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two questions are asked of one detector: the largest of each channel in the whole file, and the largest of all since
 * last taken. Its floor is the lower of the two: nothing above either is missed.
 */
#include "engine/check/peaks.h"

#include <math.h>
#include <string.h>

enum { GROUP = TRUEPEAK_GROUP };

void
peaks_start(struct peaks *p, int nch)
{
    memset(p, 0, sizeof *p);
    p->nch = nch;
    for (int c = 0; c < nch; c += STEREO)
        truepeak_prepare(&p->pair[c / STEREO].detector);
}

static void
keep(struct peak *p, float value, int64_t frame)
{
    if (value > p->value)
        *p = (struct peak){value, frame > 0 ? frame : 0};
}

static void
read_group(struct peaks *p, int first, const double *const *in)
{
    struct peaks_pair *pair = &p->pair[first / STEREO];
    struct truepeak_floor floor = pair->most;
    struct truepeak_group g;

    for (int c = 0; c < STEREO; c++)
        floor.wave[c] = fminf(floor.wave[c], p->recent);
    truepeak_group(&pair->detector, in, &floor, &g);
    for (int i = 0; i < LANES && first + i % STEREO < p->nch; i++) {
        int64_t frame = p->frame - TRUEPEAK_DELAY + i / STEREO;
        int c = first + i % STEREO;

        p->recent = lanes_larger(g.wave[i], p->recent);
        keep(&p->wave[c], g.wave[i], frame);
        keep(&p->itu[c], g.itu[i], frame);
    }
    for (int c = 0; c < STEREO && first + c < p->nch; c++) {
        pair->most.wave[c] = (float)p->wave[first + c].value;
        pair->most.itu[c] = (float)p->itu[first + c].value;
    }
}

static void
fill(struct peaks *p, const double *const *in, int from, int nframes)
{
    for (int c = 0; c < p->nch; c++)
        memcpy(p->pair[c / STEREO].group[c % STEREO] + p->fill, in[c] + from,
               sizeof(double) * (size_t)nframes);
    p->fill += nframes;
}

static void
read_filled(struct peaks *p)
{
    for (int c = 0; c < p->nch; c += STEREO) {
        struct peaks_pair *pair = &p->pair[c / STEREO];

        read_group(p, c, (const double *const[]){pair->group[0], pair->group[1]});
    }
    p->frame += GROUP;
    p->fill = 0;
}

static void
read_straight(struct peaks *p, const double *const *in, int from)
{
    static const double silence[GROUP];

    for (int c = 0; c < p->nch; c += STEREO)
        read_group(p, c, (const double *const[]){in[c] + from, c + 1 < p->nch ? in[c + 1] + from : silence});
    p->frame += GROUP;
}

void
peaks_process(struct peaks *p, const double *const *in, int from, int nframes)
{
    for (int end = from + nframes, n; from < end; from += n) {
        n = end - from < GROUP - p->fill ? end - from : GROUP - p->fill;
        if (n == GROUP) {
            read_straight(p, in, from);
            continue;
        }
        fill(p, in, from, n);
        if (p->fill == GROUP)
            read_filled(p);
    }
}

void
peaks_end(struct peaks *p)
{
    static const double silence[TRUEPEAK_METER_DELAY + GROUP];
    const double *in[CHECK_CHANNELS];

    for (int c = 0; c < p->nch; c++)
        in[c] = silence;
    peaks_process(p, in, 0, TRUEPEAK_METER_DELAY + GROUP);
}

double
peaks_take(struct peaks *p)
{
    double recent = p->recent;

    p->recent = 0.0f;
    return recent;
}
