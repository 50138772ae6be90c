/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * monitor: from the print tap to the loudspeakers: swap, mono, level, dim, mute, guard.
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

struct monitor {
    struct smooth gain, own, across;    /* level; shares of the own and the other side */
    bool fresh;
};

void monitor_prepare(struct monitor *m, double rate_hz);
RT void monitor_reset(struct monitor *m);
RT void monitor_set(struct monitor *m, const struct monitor_settings *s);
RT void monitor_process(struct monitor *m, const double *const *in, double *const *out, int nframes);

#endif
