/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/clipping.h"

#include "dsp/clips.h"
#include "dsp/decibel.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Proposals of ours (QC checklist, "clipped samples"): one run is worth a look, ten or a long one are a fault. */
enum { FAIL_RUNS = 10, FAIL_LONGEST = 8 };

static const struct figure figures[] = {
    {"faults/clipped_runs", "Clipped runs", FIGURE_CHANNELS, UNIT_NONE, 0,
     "Runs of three frames or more at the channel's own highest level, entered and left at an angle."},
    {"faults/clipped_longest", "Longest clipped run", FIGURE_CHANNELS, UNIT_FRAMES, 0,
     "Frames of the longest of them."},
    {"faults/over_full_scale", "Samples over full scale", FIGURE_CHANNELS, UNIT_NONE, 0,
     "Samples beyond +-1.0, which only a float or a lossy file can hold."},
};

struct clipping {
    struct clips clips;
};

static void
clipping_close(void *self)
{
    struct clipping *k = self;

    clips_free(&k->clips);
    free(k);
}

static enum status
clipping_open(void **self, const struct check_context *x, struct err *e)
{
    const struct sound_info *s = x->sound;
    struct clipping *k = calloc(1, sizeof *k);
    enum status status;

    *self = k;
    if (!k)
        return NO_MEM;
    status = clips_prepare(&k->clips, s->rate_hz, s->nch,
                           s->is_float || s->bits == 0 ? 0.0 : ldexp(1.0, 1 - s->bits));
    if (status == BAD_ARG)
        err_set(e, "%s: %g Hz: 8 to 384 kHz can be measured", s->path, s->rate_hz);
    return status;
}

static void
clipping_process(void *self, const double *const *in, int nframes)
{
    struct clipping *k = self;

    clips_process(&k->clips, in, nframes);
}

static void
tell_channel(const struct clips_found *found, int channel, double rate_hz, struct report *r)
{
    const struct mark *first = &found->marks.mark[0], *last = &found->marks.mark[found->marks.kept - 1];
    bool bad = found->marks.count >= FAIL_RUNS || found->longest > FAIL_LONGEST;
    struct finding f = {.kind = "clipping",
                        .severity = bad ? SEVERITY_FAIL : SEVERITY_WARN,
                        .channel = channel,
                        .from_s = (double)first->frame / rate_hz,
                        .to_s = (double)(last->frame + last->length) / rate_hz};

    snprintf(f.what, sizeof f.what,
             "%" PRId64 " %s of clipped samples at %.2f dBFS, the longest of %" PRId64 " frames",
             found->marks.count, found->marks.count == 1 ? "run" : "runs", gain_to_db(found->level),
             found->longest);
    snprintf(f.mend, sizeof f.mend,
             "Ask for a mix without it, or find the stage that clips and lower what goes in; a few short "
             "runs can be "
             "declipped.");
    report_find(r, &f);
}

static void
tell_over(const struct clips_over *o, const struct check_context *x, int channel, struct report *r)
{
    const struct mark *first = &o->marks.mark[0], *last = &o->marks.mark[o->marks.kept - 1];
    struct finding f = {.kind = "over_full_scale",
                        .severity = SEVERITY_WARN,
                        .channel = channel,
                        .from_s = (double)first->frame / x->sound->rate_hz,
                        .to_s = (double)(last->frame + last->length) / x->sound->rate_hz};

    snprintf(f.what, sizeof f.what,
             "%" PRId64 " samples above full scale in %" PRId64 " places, the highest at %+.2f dBFS",
             o->count, o->marks.count, gain_to_db(o->top));
    if (x->sound->is_lossy)
        snprintf(f.mend, sizeof f.mend,
                 "Players clip this on decoding: encode again from a master that is %.1f dB lower.",
                 ceil(10.0 * gain_to_db(o->top) + 10.0) / 10.0);
    else
        snprintf(f.mend, sizeof f.mend,
                 "It will clip when it becomes 16 or 24 bit: lower the file by %.1f dB or more, or limit it.",
                 ceil(10.0 * gain_to_db(o->top)) / 10.0);
    report_find(r, &f);
}

static void
clipping_finish(void *self, const struct check_context *x, struct report *r)
{
    struct clipping *k = self;

    clips_finish(&k->clips);
    for (int c = 0; c < x->sound->nch; c++) {
        struct clips_found found = clips_read(&k->clips, c);
        struct clips_over *o = &k->clips.over[c];

        report_put_channel(r, "faults/clipped_runs", c, (double)found.marks.count);
        report_put_channel(r, "faults/clipped_longest", c, (double)found.longest);
        if (x->sound->is_float || x->sound->is_lossy)
            report_put_channel(r, "faults/over_full_scale", c, (double)o->count);
        if (found.marks.count)
            tell_channel(&found, c, x->sound->rate_hz, r);
        marks_sort(&o->marks);
        if (o->count)
            tell_over(o, x, c, r);
    }
}

const struct inspector clipping_inspector = {
    "clipping", figures, LEN(figures), 3, clipping_open, clipping_process, clipping_finish, clipping_close};
