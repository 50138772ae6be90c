/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dice: chance that falls the same way at each run.
 *
 * One state a program: a test that sets dice_state gets the same throws as the last time.
 */
#ifndef TEST_KIT_DICE_H
#define TEST_KIT_DICE_H

#include <stdint.h>

extern uint32_t dice_state;

static inline uint32_t
dice_throw(void)
{
    return dice_state = dice_state * 1664525u + 1013904223u;
}

/* 0 .. sides - 1 */
static inline uint32_t
dice(uint32_t sides)
{
    return (uint32_t)((uint64_t)dice_throw() * sides >> 32);
}

/* 0..1, never 1 */
static inline double
chance(void)
{
    return dice_throw() * 0x1p-32;
}

/* -1..1, never 1 */
static inline double
noise(void)
{
    return (int32_t)dice_throw() * 0x1p-31;
}

#endif
