/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decibel: gains to dB and back, as many at once as the CPU is wide.
 *
 * exact    decibel_from_gain, decibel_to_gain: whole blocks; each number is what gain_to_db() or db_to_gain() of
 *          xmath.h gives, bit for bit
 * quick    decibel_of_power, decibel_quick_gain: for envelopes, at two fifths of the price, in loops of one's own
 *          (CLONES). Within 2e-11 dB of the truth; 1 is 0 dB and 0 dB is 1, exactly; they never fall where the
 *          truth rises by more than 1e-12 dB. No branch, the same bits on every CPU
 * sources  quick: minimax fits (Lawson's algorithm) of atanh(sqrt z) / sqrt z and of 2^r, held to the truth at the
 *          ends of their intervals, so that octaves join without a step
 */
#ifndef DSP_DECIBEL_H
#define DSP_DECIBEL_H

#include "dsp/clones.h"
#include "dsp/dsp.h"
#include "dsp/xmath.h"

/* In place. */
RT void decibel_from_gain(double *v, int n); /* DB_SILENCE at least */
RT void decibel_to_gain(double *v, int n);

#define DECIBEL_NO_POWER 1e-40 /* DB_SILENCE */

/* power = m 2^e, m in sqrt(1/2)..sqrt 2. */
INLINE double
decibel_parts(double power, double *e)
{
    uint64_t u = x_bits(power + DECIBEL_NO_POWER),
             up = u - 0x3fe6a09e667f3bcd + (1023ULL << 52); /* sqrt(1/2) */

    *e = x_double(up >> 52 | 0x433ULL << 52) - (0x1p52 + 1023.0);
    return x_double(u - (up & 0xfffULL << 52) + (1023ULL << 52));
}

/* s = (m - 1) / (m + 1). */
INLINE double
decibel_of_parts(double e, double s)
{
    double z = s * s, p = 0.11897828377508915;

    p = p * z + 0.14261702315083238;
    p = p * z + 0.20000318294154557;
    p = p * z + 0.33333331615843564;
    p = p * z + 1.0000000000259244;
    return e * 3.0102999566398120 + (s * 8.6858896380650366) * p;
}

/* 10 lg power: of a squared sample its level. power is 0..1e300 and a number: whoever squares sees to that. What is
   near DECIBEL_NO_POWER is that much too loud: 0.00004 dB at -350 dB. */
INLINE double
decibel_of_power(double power)
{
    double e, m = decibel_parts(power, &e);

    return decibel_of_parts(e, (m - 1.0) / (m + 1.0));
}

/* The levels of two at once for one division. */
INLINE void
decibel_of_powers(double power_a, double power_b, double *a_db, double *b_db)
{
    double e_a, m_a = decibel_parts(power_a, &e_a), e_b, m_b = decibel_parts(power_b, &e_b);
    double over = 1.0 / ((m_a + 1.0) * (m_b + 1.0));

    *a_db = decibel_of_parts(e_a, (m_a - 1.0) * ((m_b + 1.0) * over));
    *b_db = decibel_of_parts(e_b, (m_b - 1.0) * ((m_a + 1.0) * over));
}

/* 10^(gain_db / 20), for -6000..6000 dB. */
INLINE double
decibel_quick_gain(double gain_db)
{
    double x = gain_db * 0.16609640474436813; /* lg 2 of it */
    double n = x + X_ROUND, r = x - (n - X_ROUND);
    double p = 1.326441633864306e-06;

    p = p * r + 1.531179873381916e-05;
    p = p * r + 0.00015403410823466857;
    p = p * r + 0.0013333444107104242;
    p = p * r + 0.009618129226547367;
    p = p * r + 0.05550410947870699;
    p = p * r + 0.24022650695523617;
    p = p * r + 0.693147180544346;
    p = p * r + 1.0;
    return p * x_double((x_bits(n) << 52) + (1023ULL << 52));
}

#endif
