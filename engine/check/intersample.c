/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/intersample.h"

#include "dsp/decibel.h"
#include "dsp/overs.h"
#include "engine/check/target.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What is above full scale fails. What is above a ceiling alone is a warning here: whether that fails is the target's to say
   (delivery.c), once for the file. Above the ceiling (QC checklist, "inter-sample overs"), before it is a fault: a proposal of ours, half of it is the reading's own doubt. */
static const double grace_db = 0.1;

static const struct figure figures[] = {
    {"faults/overs", "Overs", FIGURE_NUMBER, UNIT_NONE, 0,
     "Places where the true peak is above the ceiling; what is less than 10 ms apart is one place."},
    {"faults/overs_full_scale", "Overs above 0 dBTP", FIGURE_NUMBER, UNIT_NONE, 0,
     "Those of them where it is above full scale."},
};

/* A master that rides above the ceiling does so everywhere: as many places show it. */
enum { PLACES = 5 };

struct intersample {
    double ceiling_dbtp;
    struct overs overs;
};

static enum status
intersample_open(void **self, const struct check_context *x, struct err *e)
{
    struct intersample *k = calloc(1, sizeof *k);
    enum status status;

    *self = k;
    if (!k)
        return NO_MEM;
    k->ceiling_dbtp = target_ceiling_dbtp(x->target);
    status = overs_prepare(&k->overs, x->sound->rate_hz, x->sound->nch, db_to_gain(k->ceiling_dbtp));
    if (status == BAD_ARG)
        err_set(e, "%s: %g Hz: 8 to 384 kHz can be measured", x->sound->path, x->sound->rate_hz);
    return status;
}

static void
intersample_process(void *self, const double *const *in, int nframes)
{
    struct intersample *k = self;

    overs_process(&k->overs, in, nframes);
}

static void
tell_over(const struct mark *m, double ceiling_dbtp, double rate_hz, struct report *r)
{
    double level = gain_to_db(m->size);
    struct finding f = {.kind = "inter_sample_over",
                        .severity = level > 0.0 ? SEVERITY_FAIL : SEVERITY_WARN,
                        .channel = m->channel,
                        .from_s = (double)m->frame / rate_hz,
                        .to_s = (double)(m->frame + m->length) / rate_hz};

    if (level <= ceiling_dbtp + grace_db)
        return;
    snprintf(f.what, sizeof f.what, "True peak %+.2f dBTP, above the ceiling of %.1f dBTP for %" PRId64 " %s",
             level, ceiling_dbtp, m->length, m->length == 1 ? "frame" : "frames");
    snprintf(f.mend, sizeof f.mend, "Set the limiter's ceiling to %.1f dBTP, or lower the master by %.1f dB.",
             ceiling_dbtp, level - ceiling_dbtp + 0.05);
    report_find(r, &f);
}

/* How many are larger; of equals those before it. */
static int
rank_of(const struct marks *m, int which)
{
    int rank = 0;

    for (int i = 0; i < m->kept; i++)
        rank +=
            m->mark[i].size > m->mark[which].size || (m->mark[i].size == m->mark[which].size && i < which);
    return rank;
}

static void
intersample_finish(void *self, const struct check_context *x, struct report *r)
{
    struct intersample *k = self;
    struct marks *m = &k->overs.marks;

    overs_finish(&k->overs);
    marks_sort(m);
    report_put(r, "faults/overs", (double)m->count);
    report_put(r, "faults/overs_full_scale", (double)k->overs.above_full);
    for (int i = 0; i < m->kept; i++)
        if (m->mark[i].size > 1.0 || rank_of(m, i) < PLACES)
            tell_over(&m->mark[i], k->ceiling_dbtp, x->sound->rate_hz, r);
}

const struct inspector intersample_inspector = {
    "intersample", figures, LEN(figures), 8, intersample_open, intersample_process, intersample_finish, free};
