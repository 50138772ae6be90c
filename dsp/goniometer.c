/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/goniometer.h"

#include <math.h>
#include <string.h>

enum status
goniometer_prepare(struct goniometer *g, double rate_hz)
{
    *g = (struct goniometer){.step = 1};
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    g->step = (int)(rate_hz * GONIOMETER_MS / 1000.0 / GONIOMETER_POINTS);
    g->step = g->step > 1 ? g->step : 1;
    return OK;
}

void
goniometer_reset(struct goniometer *g)
{
    g->wait = g->at = 0;
    memset(g->point, 0, sizeof g->point);
}

void
goniometer_process(struct goniometer *g, const double *const *in, int nframes)
{
    int i = g->wait;

    for (; i < nframes; i += g->step) {
        double x = (in[1][i] - in[0][i]) * sqrt(0.5), y = (in[0][i] + in[1][i]) * sqrt(0.5);
        bool number = isfinite(x) && isfinite(y);

        g->point[g->at] = (struct goniometer_point){number ? (float)x : 0.0f, number ? (float)y : 0.0f};
        g->at = (g->at + 1) % GONIOMETER_POINTS;
    }
    g->wait = i - nframes;
}

void
goniometer_read(const struct goniometer *g, struct goniometer_point *out)
{
    int old = GONIOMETER_POINTS - g->at;

    memcpy(out, g->point + g->at, (size_t)old * sizeof *out);
    memcpy(out + old, g->point, (size_t)g->at * sizeof *out);
}
