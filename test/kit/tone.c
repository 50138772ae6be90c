/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/kit/tone.h"

#include "dsp/dsp.h"

#include <math.h>
#include <stdlib.h>

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

/* The phase is exact: bin * i modulo nframes are whole numbers. */
double
tone_bin(const double *x, int bin, int nframes)
{
    double *circle = malloc(sizeof *circle * (size_t)nframes), a = 0.0, b = 0.0;
    int64_t at = 0;

    if (!circle)
        abort();
    for (int i = 0; i < nframes; i++)
        circle[i] = cos(2.0 * PI * i / nframes);
    for (int i = 0; i < nframes; i++, at = (at + bin) % nframes) {
        a += x[i] * circle[at];
        b += x[i] * circle[(at + 3 * nframes / 4) % nframes];
    }
    free(circle);
    return 2.0 * sqrt(a * a + b * b) / nframes;
}

double
tone_aliasing_db(const double *x, double rate_hz, int bin, int order, double top_hz, int nframes)
{
    char *seen = calloc((size_t)nframes, 1);
    double worst = 0.0;

    if (!seen)
        abort();
    for (int64_t h = 2; h <= order; h++) {
        int line = (int)(h * bin % nframes);

        line = line <= nframes / 2 ? line : nframes - line;
        if (line % bin == 0 || line * rate_hz / nframes > top_hz || seen[line])
            continue;
        seen[line] = 1;
        worst = fmax(worst, tone_bin(x, line, nframes));
    }
    free(seen);
    return 20.0 * log10(worst / tone_bin(x, bin, nframes));
}
