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

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

#endif
