/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kaiser: the window that the tests' own filters are made with.
 */
#ifndef TEST_KIT_KAISER_H
#define TEST_KIT_KAISER_H

#include <math.h>

/* Modified Bessel function of the first kind, order 0, by its series: enough terms for x up to 30. */
static inline double
kaiser_bessel(double x)
{
    double sum = 1.0, term = 1.0;

    for (int k = 1; k < 80; k++)
        sum += term *= x * x / (4.0 * k * k);
    return sum;
}

/* u: -1..1 over the window's width, 0 outside. */
static inline double
kaiser(double u, double beta)
{
    return fabs(u) < 1.0 ? kaiser_bessel(beta * sqrt(1.0 - u * u)) / kaiser_bessel(beta) : 0.0;
}

#endif
