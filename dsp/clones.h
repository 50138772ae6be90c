/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clones: one source, a copy for each width of vector; the loader picks.
 *
 *   CLONES static void f(...)     a loop that gcc vectorises, or that works on vector types of up to 64 bytes
 *   INLINE void g(...)            what f calls: in each clone its own, else it would be the narrow one
 *
 * bits     all copies give the same: no contraction (meson.build), and no sum is ever taken across lanes, so that
 *          every width adds in the same order. test/dsp/ runs them against each other
 */
#ifndef DSP_CLONES_H
#define DSP_CLONES_H

/* Bytes of the widest vectors there are copies for. The tests build all of it for 16 and 32 too, and compare. */
#ifndef CLONES_WIDEST
#ifdef __x86_64__
#define CLONES_WIDEST 64
#else
#define CLONES_WIDEST 16
#endif
#endif

#if CLONES_WIDEST == 16 || defined(__SANITIZE_ADDRESS__)
#define CLONES
#elif CLONES_WIDEST == 32
#define CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif
#define INLINE static inline __attribute__((always_inline))

#endif
