/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * denormals: numbers too small to hear must not slow filters down.
 *
 * Flushes them to zero in the calling thread, live and offline alike, so that both make the same bits.
 */
#ifndef DSP_DENORMALS_H
#define DSP_DENORMALS_H

#include "dsp/dsp.h"

#if defined(__x86_64__) || defined(__i386__)
#include <xmmintrin.h>
#endif

/* Returns what was before, for denormals_restore. */
RT static inline uint64_t
denormals_flush(void)
{
#if defined(__x86_64__) || defined(__i386__)
    uint64_t before = _mm_getcsr();

    _mm_setcsr((unsigned)before | 0x8040); /* FTZ, DAZ */
    return before;
#elif defined(__aarch64__)
    uint64_t before;

    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | (UINT64_C(1) << 24)));
    return before;
#else
    return 0;
#endif
}

RT static inline void
denormals_restore(uint64_t before)
{
#if defined(__x86_64__) || defined(__i386__)
    _mm_setcsr((unsigned)before);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
#else
    (void)before;
#endif
}

#endif
