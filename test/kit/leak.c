/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/kit/leak.h"

#include "dsp/dsp.h"
#include "test/kit/kaiser.h"

#include <math.h>

enum { LANES = 8 }; /* frames side by side, for speed */

/* Kaiser's window method: 140 dB, 2.4 to 3.3 kHz at 48 kHz, centre of the transition 2.85 kHz. */
void
leak_prepare(struct leak *l, double rate_hz)
{
    double beta = 14.5, edge = 2850.0 / rate_hz;

    l->rate_hz = rate_hz;
    for (int i = 0; i <= LEAK_HALF; i++) {
        double low = i ? sin(2.0 * PI * edge * i) / (PI * i) : 2.0 * edge;

        l->tap[i] = ((i ? 0.0 : 1.0) - low) * kaiser((double)i / (LEAK_HALF + 1), beta);
    }
}

double
leak_response(const struct leak *l, double freq_hz)
{
    double sum = l->tap[0];

    for (int i = 1; i <= LEAK_HALF; i++)
        sum += 2.0 * l->tap[i] * cos(2.0 * PI * freq_hz / l->rate_hz * i);
    return sum;
}

/* LANES frames from x on. */
static void
filter(const struct leak *l, const double *x, double *y)
{
    for (int i = 0; i < LANES; i++)
        y[i] = l->tap[0] * x[i];
    for (int k = 1; k <= LEAK_HALF; k++)
        for (int i = 0; i < LANES; i++)
            y[i] += l->tap[k] * (x[i - k] + x[i + k]);
}

/* The last frames, fewer than LANES, from x on. */
static void
filter_rest(const struct leak *l, const double *x, double *y, int n)
{
    for (int i = 0; i < n; i++) {
        y[i] = l->tap[0] * x[i];
        for (int k = 1; k <= LEAK_HALF; k++)
            y[i] += l->tap[k] * (x[i - k] + x[i + k]);
    }
}

double
leak_peak(const struct leak *l, const double *x, int from, int to)
{
    double peak = 0.0;

    for (int at = from, n; at < to; at += n) {
        double y[LANES];

        n = to - at < LANES ? to - at : LANES;
        if (n == LANES)
            filter(l, x + at, y);
        else
            filter_rest(l, x + at, y, n);
        for (int i = 0; i < n; i++)
            peak = isnan(y[i]) ? INFINITY : fmax(peak, fabs(y[i]));
    }
    return peak;
}
