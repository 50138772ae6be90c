/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * channels: which part of the stereo picture a stage or band works on.
 *
 * mid = (left + right) / 2, side = (left - right) / 2; left = mid + side, right = mid - side.
 */
#ifndef DSP_CHANNELS_H
#define DSP_CHANNELS_H

#include "dsp/dsp.h"

enum channels { CHANNELS_STEREO, CHANNELS_MID, CHANNELS_SIDE, CHANNELS_LEFT, CHANNELS_RIGHT };

/* Does it work on mid and side rather than on left and right? */
RT static inline bool
channels_are_mid_side(int channels)
{
    return channels == CHANNELS_MID || channels == CHANNELS_SIDE;
}

/* Planar left, right to mid, side, in place. */
RT static inline void
channels_encode(double *const *io, int nframes)
{
    double *restrict a = io[0], *restrict b = io[1];

    for (int i = 0; i < nframes; i++) {
        double mid = 0.5 * (a[i] + b[i]), side = 0.5 * (a[i] - b[i]);

        a[i] = mid;
        b[i] = side;
    }
}

/* And back. */
RT static inline void
channels_decode(double *const *io, int nframes)
{
    double *restrict a = io[0], *restrict b = io[1];

    for (int i = 0; i < nframes; i++) {
        double left = a[i] + b[i], right = a[i] - b[i];

        a[i] = left;
        b[i] = right;
    }
}

#endif
