/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/kit/tone.h"

#include "dsp/dsp.h"

#include <math.h>

void
tone_make(double *const *io, double rate_hz, double freq_hz, double amplitude, int nframes)
{
    for (int i = 0; i < nframes; i++)
        io[0][i] = io[1][i] = amplitude * sin(2.0 * PI * fmod(freq_hz * i / rate_hz, 1.0));
}

static double
power(const double *x, double turns, int nframes)
{
    double a = 0.0, b = 0.0;

    for (int i = 0; i < nframes; i++) {
        a += x[i] * cos(2.0 * PI * turns * i);
        b += x[i] * sin(2.0 * PI * turns * i);
    }
    return a * a + b * b;
}

double
tone_distortion_percent(const double *x, double rate_hz, double freq_hz, int nframes)
{
    double others = 0.0;

    for (int h = 2; h <= 20; h++)
        others += power(x, h * freq_hz / rate_hz, nframes);
    return 100.0 * sqrt(others / power(x, freq_hz / rate_hz, nframes));
}
