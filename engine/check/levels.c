/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/levels.h"

#include "dsp/decibel.h"
#include "dsp/loudness.h"

#include <math.h>
#include <stdlib.h>

static const struct figure figures[] = {
    {"loudness/integrated", "Integrated", FIGURE_NUMBER, UNIT_LUFS, 1, "Programme loudness, gated."},
    {"levels/sample_peak", "Sample peak", FIGURE_CHANNELS, UNIT_DBFS, 2, "Largest sample."},
};

struct levels {
    int nch;
    struct loudness loudness;
    double peak[CHECK_CHANNELS]; /* linear */
};

static double
weight_of(enum place p)
{
    return p == PLACE_LFE ? 0.0 : p >= PLACE_SIDE_LEFT && p <= PLACE_BACK_RIGHT ? 1.41 : 1.0;
}

static void
levels_close(void *self)
{
    struct levels *l = self;

    loudness_free(&l->loudness);
    free(l);
}

static enum status
levels_open(void **self, const struct check_context *x, struct err *e)
{
    struct levels *l = calloc(1, sizeof *l);
    double weight[CHECK_CHANNELS];
    enum status status;

    *self = l;
    if (!l)
        return NO_MEM;
    l->nch = x->sound->nch;
    for (int c = 0; c < l->nch; c++)
        weight[c] = weight_of(x->sound->place[c]);
    status = loudness_prepare_layout(&l->loudness, x->sound->rate_hz, weight, l->nch);
    if (status == BAD_ARG)
        err_set(e, "%s: %g Hz: 8 to 384 kHz can be measured", x->sound->path, x->sound->rate_hz);
    return status;
}

static void
levels_process(void *self, const double *const *in, int nframes)
{
    struct levels *l = self;

    for (int c = 0; c < l->nch; c++)
        for (int i = 0; i < nframes; i++)
            l->peak[c] = fmax(l->peak[c], fabs(in[c][i]));
    loudness_process(&l->loudness, in, nframes);
}

static void
levels_finish(void *self, const struct check_context *x, struct report *r)
{
    struct levels *l = self;
    double integrated = loudness_integrated_lufs(&l->loudness);

    (void)x;
    report_put(r, "loudness/integrated", integrated > LOUDNESS_NONE_LUFS ? integrated : NAN);
    for (int c = 0; c < l->nch; c++)
        report_put_channel(r, "levels/sample_peak", c, gain_to_db(l->peak[c]));
}

const struct inspector levels_inspector = {"levels",    figures,        LEN(figures),  20,
                                           levels_open, levels_process, levels_finish, levels_close};
