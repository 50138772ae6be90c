/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/dynamics.h"

#include "dsp/dr.h"

#include <math.h>
#include <stdlib.h>

static const struct figure figures[] = {
    {"dynamics/dr", "DR", FIGURE_NUMBER, UNIT_NONE, 0,
     "Dynamic range as the TT meter tells it: loudest fifth of the blocks of 3 s against the second highest "
     "peak."},
    {"dynamics/dr_channels", "DR of each channel", FIGURE_CHANNELS, UNIT_DB, 2,
     "Dynamic range of each channel, not rounded."},
    {"dynamics/crest", "Crest factor", FIGURE_CHANNELS, UNIT_DB, 1,
     "Highest sample against RMS; a sine has 3.0 dB, a square wave 0."},
    {"dynamics/rms", "RMS", FIGURE_CHANNELS, UNIT_DBFS, 1,
     "RMS of the whole, not weighted, not gated; a full-scale sine has -3.0 dBFS."},
};

static void
dynamics_close(void *self)
{
    dr_free(self);
    free(self);
}

static enum status
dynamics_open(void **self, const struct check_context *x, struct err *e)
{
    struct dr *d = calloc(1, sizeof *d);
    enum status status = d ? dr_prepare(d, x->sound->rate_hz, x->sound->nch) : NO_MEM;

    if (status == BAD_ARG)
        err_set(e, "%s: %g Hz: 8 to 384 kHz can be measured", x->sound->path, x->sound->rate_hz);
    if (status == OK) {
        *self = d;
        return OK;
    }
    free(d);
    return status;
}

static void
dynamics_process(void *self, const double *const *in, int nframes)
{
    dr_process(self, in, nframes);
}

static void
dynamics_finish(void *self, const struct check_context *x, struct report *r)
{
    const struct dr *d = self;

    report_put(r, "dynamics/dr", round(dr_overall_db(d)));
    for (int c = 0; c < x->sound->nch; c++) {
        report_put_channel(r, "dynamics/dr_channels", c, dr_db(d, c));
        report_put_channel(r, "dynamics/crest", c, dr_crest_db(d, c));
        report_put_channel(r, "dynamics/rms", c, dr_rms_dbfs(d, c));
    }
}

const struct inspector dynamics_inspector = {
    "dynamics", figures, LEN(figures), 1, dynamics_open, dynamics_process, dynamics_finish, dynamics_close};
