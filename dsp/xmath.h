/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xmath: exponential, logarithm and circle, the chain's own.
 *
 * libm's may change with its version, and the print must not. These use only
 * + - * / and bit work, all exact or correctly rounded by IEEE 754, so every
 * x86-64 gives the same bits (no contraction, no -ffast-math). No branches: gcc
 * vectorises a loop over them when told -fno-trapping-math (which changes no value).
 *
 * error    relative, against 80-bit libm (test/dsp/xmath): exp, exp2, db_to_gain 2.5e-16; log, log2 2.5e-16
 *          (also near 1), gain_to_db 3.5e-16; for |x| <= 1000 sin and cos 1.7e-16 or 1e-22 where the truth is
 *          near 0, tan 3.5e-16
 * edges    exp and exp2 give 0 below 2^-1022 (never a denormal) and infinity from 2^1024 on; log of 0 is
 *          -infinity, below 0 NaN; NaN gives NaN
 * sources  reduction in two or three parts: Cody, Waite, Software Manual for the Elementary Functions, 1980;
 *          series: Taylor's, of atanh for the logarithm
 */
#ifndef DSP_XMATH_H
#define DSP_XMATH_H

#include "dsp/dsp.h"

#include <string.h>

#define DB_SILENCE (-400.0) /* what no gain at all is called */

static inline uint64_t
x_bits(double x)
{
    uint64_t u;

    memcpy(&u, &x, sizeof u);
    return u;
}

static inline double
x_double(uint64_t u)
{
    double x;

    memcpy(&x, &u, sizeof x);
    return x;
}

/* Adding it rounds to a whole number, which then stands in the low bits. For |x| < 2^51. */
#define X_ROUND 0x1.8p52

/* e^r 2^(n - X_ROUND), |r| <= ln 2 / 2, for -1022..1024. */
static inline double
x_exp_scaled(double r, double n)
{
    /* In two factors, because 2^1024 is no double though e^r 2^1024 with r < 0 is. */
    double last = n < X_ROUND ? 0.5 : 2.0, first = n < X_ROUND ? 2.0 : 0.5;
    double p = 1.0 / 6227020800.0;

    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * (r * r) + r;
    return (p + 1.0) * x_double((x_bits(n) << 52) + x_bits(first)) * last;
}

RT static inline double
x_exp2(double x)
{
    double n = x + X_ROUND, r = x - (n - X_ROUND);
    double y = x_exp_scaled(r * 0x1.62e42fefa39efp-1, n);

    y = x < -1022.0 ? 0.0 : y;
    return x >= 1024.0 ? __builtin_inf() : y;
}

RT static inline double
x_exp(double x)
{
    double n = x * 0x1.71547652b82fep+0 + X_ROUND, whole = n - X_ROUND;
    double r = x - whole * 0x1.62e42fefa0000p-1 - whole * 0x1.cf79abc9e3b3ap-40; /* ln 2 */
    double y = x_exp_scaled(r, n);

    y = x < -708.3964185322641 ? 0.0 : y;
    return x > 709.782712893384 ? __builtin_inf() : y;
}

/* x = m 2^*e with m in sqrt(1/2)..sqrt 2; returns ln m. x > 0, finite. */
static inline double
x_log_parts(double x, double *e)
{
    double tiny = x < 0x1p-1022 ? 54.0 : 0.0;
    uint64_t u = x_bits(tiny != 0.0 ? x * 0x1p54 : x);
    uint64_t up = u - 0x3fe6a09e667f3bcd + (1023ULL << 52); /* sqrt(1/2) */
    double f = x_double(u - (up & 0xfffULL << 52) + (1023ULL << 52)) - 1.0;
    double s = f / (2.0 + f), z = s * s, h = 0.5 * f * f;
    double p = 2.0 / 23.0;

    *e = x_double(up >> 52 | 0x433ULL << 52) - (0x1p52 + 1023.0) - tiny;
    p = p * z + 2.0 / 21.0;
    p = p * z + 2.0 / 19.0;
    p = p * z + 2.0 / 17.0;
    p = p * z + 2.0 / 15.0;
    p = p * z + 2.0 / 13.0;
    p = p * z + 2.0 / 11.0;
    p = p * z + 2.0 / 9.0;
    p = p * z + 2.0 / 7.0;
    p = p * z + 2.0 / 5.0;
    p = p * z + 2.0 / 3.0;
    /* 2 s = f - s f, and s f = h - s h: f stays exact, the rest is small. */
    return f - (h - s * (h + p * z));
}

static inline double
x_log_edges(double x, double y)
{
    y = x == __builtin_inf() ? x : y;
    y = x == 0.0 ? -__builtin_inf() : y;
    return x >= 0.0 ? y : __builtin_nan("");
}

RT static inline double
x_log(double x)
{
    double e, l = x_log_parts(x, &e);

    return x_log_edges(x, e * 0x1.62e42fefa0000p-1 + (l + e * 0x1.cf79abc9e3b3ap-40));
}

RT static inline double
x_log2(double x)
{
    double e, l = x_log_parts(x, &e);

    return x_log_edges(x, e + l * 0x1.71547652b82fep+0);
}

/* sin r and cos r with r = x - k pi/2, |r| <= pi/4; returns k (in the low bits). */
static inline uint64_t
x_circle(double x, double *sin_r, double *cos_r)
{
    double k = x * 0x1.45f306dc9c883p-1 + X_ROUND, whole = k - X_ROUND;
    double r = x - whole * 0x1.921fb54400000p+0;
    double lo = whole * 0x1.0b4611a600000p-34 + whole * 0x1.3198a2e037073p-69;
    double t = r - lo, z = t * t;
    double s = 1.0 / 355687428096000.0, c = 1.0 / 20922789888000.0;
    double rest = (r - t) - lo; /* what t lost in rounding */

    s = s * z - 1.0 / 1307674368000.0;
    s = s * z + 1.0 / 6227020800.0;
    s = s * z - 1.0 / 39916800.0;
    s = s * z + 1.0 / 362880.0;
    s = s * z - 1.0 / 5040.0;
    s = s * z + 1.0 / 120.0;
    s = s * z - 1.0 / 6.0;
    *sin_r = t + (s * z * t + rest * (1.0 - 0.5 * z));
    c = c * z - 1.0 / 87178291200.0;
    c = c * z + 1.0 / 479001600.0;
    c = c * z - 1.0 / 3628800.0;
    c = c * z + 1.0 / 40320.0;
    c = c * z - 1.0 / 720.0;
    c = c * z + 1.0 / 24.0;
    *cos_r = 1.0 - (0.5 * z - (c * (z * z) - t * rest));
    return x_bits(k);
}

/* |x| <= 1000 for all three. */
RT static inline double
x_sin(double x)
{
    double s, c;
    uint64_t k = x_circle(x, &s, &c);
    double y = k & 1 ? c : s;

    return k & 2 ? -y : y;
}

RT static inline double
x_cos(double x)
{
    double s, c;
    uint64_t k = x_circle(x, &s, &c);
    double y = k & 1 ? s : c;

    return (k + 1) & 2 ? -y : y;
}

RT static inline double
x_tan(double x)
{
    double s, c;
    uint64_t k = x_circle(x, &s, &c);

    return k & 1 ? -c / s : s / c;
}

/* 1.0 at 0 dB, exactly; 0.0 at DB_SILENCE and below; infinity above 6165 dB. */
RT static inline double
db_to_gain(double gain_db)
{
    double n = gain_db * 0x1.542a5a12e1c5bp-3 + X_ROUND, whole = n - X_ROUND;
    double r_db = gain_db - whole * 0x1.8151824c00000p+2 - whole * 0x1.d61fabf59b5d8p-32; /* 20 lg 2 */
    double y = x_exp_scaled(r_db * 0x1.d791c5f888822p-4, n);

    y = gain_db <= DB_SILENCE ? 0.0 : y;
    return gain_db > 6165.0 ? __builtin_inf() : y;
}

/* 0.0 at 1.0, exactly; DB_SILENCE for what is less, for 0, below 0 and NaN. */
RT static inline double
gain_to_db(double gain)
{
    double y = x_log2(gain) * 0x1.8151824c7587fp+2;

    return y > DB_SILENCE ? y : DB_SILENCE;
}

#endif
