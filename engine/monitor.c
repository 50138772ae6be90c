/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Swap and mono are one small matrix: out = same * own side + across * other
 * side, with (1, 0) straight, (0, 1) swapped, (1/2, 1/2) mono. Its two numbers
 * glide, and so does the gain, so no switch can click.
 */
#include "engine/monitor.h"

#include "dsp/xmath.h"

enum { GLIDE_MS = 20 };

void
monitor_prepare(struct monitor *m, double rate_hz)
{
    smooth_prepare(&m->gain, rate_hz, GLIDE_MS, 1e-7);
    smooth_prepare(&m->across, rate_hz, GLIDE_MS, 1e-7);
    smooth_prepare(&m->own, rate_hz, GLIDE_MS, 1e-7);
    smooth_prepare(&m->set, rate_hz, GLIDE_MS, 1e-7);
    m->fresh = true;
}

void
monitor_reset(struct monitor *m)
{
    m->fresh = true;
}

void
monitor_set(struct monitor *m, const struct monitor_settings *s)
{
    double gain = s->mute ? 0.0 : db_to_gain(s->level_db + (s->dim ? MONITOR_DIM_DB : 0.0));
    double across = s->mono ? 0.5 : s->swap ? 1.0 : 0.0;
    void (*move)(struct smooth *, double) = m->fresh ? smooth_jump : smooth_to;

    move(&m->gain, gain);
    move(&m->across, across);
    move(&m->own, 1.0 - across);
    move(&m->set, s->set == MONITOR_SET_B);
    m->fresh = false;
}

void
monitor_process(struct monitor *m, const double *const *in, double *const *out, int nframes)
{
    for (int i = 0; i < nframes; i++) {
        double gain = smooth_next(&m->gain), across = smooth_next(&m->across), own = smooth_next(&m->own);
        double l = in[0][i], r = in[1][i];

        out[0][i] = gain * (own * l + across * r);
        out[1][i] = gain * (own * r + across * l);
    }
}

void
monitor_speakers(struct monitor *m, const double *const *heard, double *const *a, double *const *b,
                 int nframes)
{
    for (int i = 0; i < nframes; i++) {
        double share = smooth_next(&m->set);

        for (int c = 0; c < STEREO; c++) {
            a[c][i] = (1.0 - share) * heard[c][i];
            b[c][i] = share * heard[c][i];
        }
    }
}
