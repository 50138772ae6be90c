/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * monitor: from the print tap to the ears: swap, mono, level, dim, mute, choice of speakers.
 *
 *   master -> swap, mono -> level, dim, mute -> headphones
 *                                            -> set A or B
 *
 * Nothing here can change a printed sample: it works on a copy.
 *
 * in       planar stereo double, the master
 * out      planar stereo double; not in
 * bits     the same at any block split
 */
#ifndef ENGINE_MONITOR_H
#define ENGINE_MONITOR_H

#include "dsp/fade.h"
#include "dsp/smooth.h"
#include "engine/chain.h"

#define MONITOR_DIM_DB (-20.0)

enum monitor_set { MONITOR_SET_A, MONITOR_SET_B };

struct monitor {
    struct smooth gain, own, across; /* level; shares of the own and the other side */
    struct smooth set;               /* 0: A, 1: B */
    bool fresh;
};

void monitor_prepare(struct monitor *m, double rate_hz);
RT void monitor_reset(struct monitor *m);
RT void monitor_set(struct monitor *m, const struct monitor_settings *s);
RT void monitor_process(struct monitor *m, const double *const *in, double *const *out, int nframes);
/* What was heard, to the speakers in use. heard, a, b: three stereo pairs. */
RT void monitor_speakers(struct monitor *m, const double *const *heard, double *const *a, double *const *b,
                         int nframes);

#endif
