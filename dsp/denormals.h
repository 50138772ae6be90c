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

RT static inline void
denormals_flush(void)
{
#if defined(__x86_64__) || defined(__i386__)
    _mm_setcsr(_mm_getcsr() | 0x8040);      /* FTZ, DAZ */
#elif defined(__aarch64__)
    uint64_t fpcr;

    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    __asm__ volatile("msr fpcr, %0" : : "r"(fpcr | (UINT64_C(1) << 24)));
#endif
}

#endif
