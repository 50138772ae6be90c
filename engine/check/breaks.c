/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/breaks.h"

#include "dsp/decibel.h"
#include "dsp/gaps.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Proposals of ours (QC checklist, "head / tail"). That music begins within 50 ms, which the list names too, is only a
   figure: most tracks of an album without pauses do. */
static const double head_s = 2.0, tail_s = 3.0;
static const double hard_dbfs = -60.0; /* first and last frame */
/* A proposal of ours: a hole of up to this is hardly a rest that was written. */
static const double hole_s = 0.1;

static const struct figure figures[] = {
    {"faults/dropouts", "Dropouts", FIGURE_NUMBER, UNIT_NONE, 0,
     "Places of a millisecond or more where the wave stands still in the middle of the sound."},
    {"faults/digital_black", "Digital black", FIGURE_NUMBER, UNIT_NONE, 0,
     "Places of more than 50 ms, but for the ends, where all channels are exactly zero."},
    {"faults/head_zero", "Digital silence at the start", FIGURE_NUMBER, UNIT_S, 3,
     "How long all samples are exactly zero."},
    {"faults/head_quiet", "Head", FIGURE_NUMBER, UNIT_S, 3, "Time before the first frame above -60 dBFS."},
    {"faults/tail_quiet", "Tail", FIGURE_NUMBER, UNIT_S, 3, "Time after the last frame above -60 dBFS."},
    {"faults/tail_zero", "Digital silence at the end", FIGURE_NUMBER, UNIT_S, 3,
     "How long all samples are exactly zero."},
    {"faults/first_frame", "First frame", FIGURE_NUMBER, UNIT_DBFS, 1,
     "Level of its largest sample; none where it is zero."},
    {"faults/last_frame", "Last frame", FIGURE_NUMBER, UNIT_DBFS, 1,
     "Level of its largest sample; none where it is zero."},
};

struct breaks {
    struct gaps gaps;
};

static void
breaks_close(void *self)
{
    struct breaks *b = self;

    gaps_free(&b->gaps);
    free(b);
}

static enum status
breaks_open(void **self, const struct check_context *x, struct err *e)
{
    struct breaks *b = calloc(1, sizeof *b);
    enum status status;

    *self = b;
    if (!b)
        return NO_MEM;
    status = gaps_prepare(&b->gaps, x->sound->rate_hz, x->sound->nch);
    if (status == BAD_ARG)
        err_set(e, "%s: %g Hz: 8 to 384 kHz can be measured", x->sound->path, x->sound->rate_hz);
    return status;
}

static void
breaks_process(void *self, const double *const *in, int nframes)
{
    struct breaks *b = self;

    gaps_process(&b->gaps, in, nframes);
}

static struct finding
finding_at(const char *kind, enum severity severity, const struct mark *m, double rate_hz)
{
    return (struct finding){.kind = kind,
                            .severity = severity,
                            .channel = m->channel,
                            .from_s = (double)m->frame / rate_hz,
                            .to_s = (double)(m->frame + m->length) / rate_hz};
}

static void
tell_dropouts(struct marks *dropouts, double rate_hz, struct report *r)
{
    marks_sort(dropouts);
    for (int i = 0; i < dropouts->kept; i++) {
        const struct mark *m = &dropouts->mark[i];
        struct finding f = finding_at("dropout", SEVERITY_FAIL, m, rate_hz);

        snprintf(f.what, sizeof f.what,
                 "The wave stands still for %.1f ms (%" PRId64 " frames from frame %" PRId64 ")",
                 1000.0 * (double)m->length / rate_hz, m->length, m->frame);
        snprintf(f.mend, sizeof f.mend, "Print that passage again: a buffer was lost on the way.");
        report_find(r, &f);
    }
}

static void
tell_black(struct marks *hard, double rate_hz, struct report *r)
{
    marks_sort(hard);
    for (int i = 0; i < hard->kept; i++) {
        const struct mark *m = &hard->mark[i];
        double length_s = (double)m->length / rate_hz;
        struct finding f =
            finding_at("digital_black", length_s <= hole_s ? SEVERITY_WARN : SEVERITY_NOTE, m, rate_hz);

        snprintf(
            f.what, sizeof f.what,
            "All channels are exactly zero for %.3f s; the sound is cut off before and at once there behind",
            length_s);
        snprintf(f.mend, sizeof f.mend,
                 "If the rest is not meant, print the passage again; if it is, fade into it, or lay room "
                 "tone under it.");
        report_find(r, &f);
    }
}

static void
tell_silence(struct marks *silence, double rate_hz, struct report *r)
{
    marks_sort(silence);
    for (int i = 0; i < silence->kept; i++) {
        struct finding f = finding_at("silence", SEVERITY_WARN, &silence->mark[i], rate_hz);

        snprintf(f.what, sizeof f.what, "All channels are below -70 dBFS for %.1f s",
                 (double)silence->mark[i].length / rate_hz);
        snprintf(f.mend, sizeof f.mend,
                 "If it is the pause between two tracks, cut there; if nothing is missing, leave it.");
        report_find(r, &f);
    }
}

static void
tell_ends(const struct gaps *g, double rate_hz, struct report *r)
{
    double length_s = (double)g->frames / rate_hz, head = (double)g->faint.head / rate_hz;
    double tail = (double)gaps_tail(g, &g->faint) / rate_hz;
    struct finding f = {.kind = "head_silence", .severity = SEVERITY_WARN, .channel = -1, .to_s = head};

    snprintf(f.what, sizeof f.what, "%.2f s before the sound begins, %.2f s of it digital silence", head,
             (double)g->zero.head / rate_hz);
    snprintf(f.mend, sizeof f.mend,
             "Cut the start to some 0.2 s before the first sound, unless a pause is meant.");
    if (head > head_s)
        report_find(r, &f);
    f = (struct finding){.kind = "tail_silence",
                         .severity = SEVERITY_WARN,
                         .channel = -1,
                         .from_s = length_s - tail,
                         .to_s = length_s};
    snprintf(f.what, sizeof f.what, "%.2f s after the sound has ended, %.2f s of it digital silence", tail,
             (double)gaps_tail(g, &g->zero) / rate_hz);
    snprintf(f.mend, sizeof f.mend,
             "Cut the end, and let the pause between tracks be the album's, not the file's.");
    if (tail > tail_s)
        report_find(r, &f);
}

static void
tell_hard_ends(const struct gaps *g, double rate_hz, struct report *r)
{
    double end_s = (double)(g->frames - 1) / rate_hz;
    struct finding f = {.kind = "starts_hard", .severity = SEVERITY_WARN, .channel = -1};

    snprintf(f.what, sizeof f.what, "The first frame stands at %.1f dBFS already", gain_to_db(g->first));
    snprintf(
        f.mend, sizeof f.mend,
        "Fade in over a few milliseconds, or cut earlier; leave it if the track before runs into this one.");
    if (gain_to_db(g->first) > hard_dbfs)
        report_find(r, &f);
    f = (struct finding){
        .kind = "ends_hard", .severity = SEVERITY_WARN, .channel = -1, .from_s = end_s, .to_s = end_s};
    snprintf(f.what, sizeof f.what, "The last frame still stands at %.1f dBFS", gain_to_db(g->last));
    snprintf(f.mend, sizeof f.mend,
             "Let the fade reach zero, or cut later; leave it if this track runs into the next one.");
    if (gain_to_db(g->last) > hard_dbfs)
        report_find(r, &f);
}

static void
tell_nothing(const struct gaps *g, struct report *r)
{
    struct finding f = {.kind = "silence",
                        .severity = SEVERITY_WARN,
                        .channel = -1,
                        .from_s = FINDING_WHOLE,
                        .to_s = FINDING_WHOLE};

    if (g->top > 0.0)
        snprintf(f.what, sizeof f.what,
                 "The whole file is below -60 dBFS: its largest sample is at %.1f dBFS", gain_to_db(g->top));
    else
        snprintf(f.what, sizeof f.what, "The whole file is digital silence");
    snprintf(f.mend, sizeof f.mend, "Print it again, and look at what was muted.");
    report_find(r, &f);
}

static void
put_figures(const struct gaps *g, double rate_hz, struct report *r)
{
    report_put(r, "faults/dropouts", (double)g->dropouts.count);
    report_put(r, "faults/digital_black", (double)g->zero.marks.count);
    report_put(r, "faults/first_frame", g->first > 0.0 ? gain_to_db(g->first) : NAN);
    report_put(r, "faults/last_frame", g->last > 0.0 ? gain_to_db(g->last) : NAN);
    if (g->faint.since == 0)
        return;
    report_put(r, "faults/head_zero", (double)g->zero.head / rate_hz);
    report_put(r, "faults/head_quiet", (double)g->faint.head / rate_hz);
    report_put(r, "faults/tail_quiet", (double)gaps_tail(g, &g->faint) / rate_hz);
    report_put(r, "faults/tail_zero", (double)gaps_tail(g, &g->zero) / rate_hz);
}

static void
breaks_finish(void *self, const struct check_context *x, struct report *r)
{
    struct breaks *b = self;
    double rate_hz = x->sound->rate_hz;

    gaps_finish(&b->gaps);
    put_figures(&b->gaps, rate_hz, r);
    if (b->gaps.faint.since == 0) { /* nothing was ever above */
        tell_nothing(&b->gaps, r);
        return;
    }
    tell_dropouts(&b->gaps.dropouts, rate_hz, r);
    tell_black(&b->gaps.hard, rate_hz, r);
    tell_silence(&b->gaps.quiet.marks, rate_hz, r);
    tell_ends(&b->gaps, rate_hz, r);
    tell_hard_ends(&b->gaps, rate_hz, r);
}

const struct inspector breaks_inspector = {"breaks",    figures,        LEN(figures),  4,
                                           breaks_open, breaks_process, breaks_finish, breaks_close};
