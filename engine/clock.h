/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock: nanoseconds, for stopwatches and time-outs; sound counts frames instead.
 *
 * clock_gettime of the monotonic clock is answered in user space (vDSO), so
 * the process thread may ask.
 */
#ifndef ENGINE_CLOCK_H
#define ENGINE_CLOCK_H

#include "dsp/dsp.h"

#include <time.h>

RT static inline int64_t
clock_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static inline int64_t
clock_realtime_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

#endif
