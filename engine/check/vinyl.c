/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/vinyl.h"

#include "dsp/groove.h"
#include "engine/check/target.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * What is minded: reference/delivery.md, section 3 (plants' guides): bass centred below 150 Hz, in phase below 300 Hz,
 * nothing below 20 Hz, little above 15-16 kHz, sibilants de-essed. How much of it: our own.
 */
#define SIDE_DB    (-10.0) /* against the mid, below 150 Hz */
#define SUB_DB     (-20.0) /* of all below 300 Hz, below 20 Hz */
#define TOP_DB     (-25.0) /* of all, above 16 kHz */
#define HEARD_DBFS (-60.0) /* what is softer has none of it */

static const struct figure figures[] = {
    {"vinyl/side_below_150", "Side re mid below 150 Hz", FIGURE_NUMBER, UNIT_DB, 1,
     "Power of the whole programme."},
    {"vinyl/side_below_300", "Side re mid below 300 Hz", FIGURE_NUMBER, UNIT_DB, 1,
     "Power of the whole programme."},
    {"vinyl/sub_20", "Below 20 Hz", FIGURE_NUMBER, UNIT_DB, 1, "Against all that is below 300 Hz."},
    {"vinyl/sub_40", "Below 40 Hz", FIGURE_NUMBER, UNIT_DB, 1, "Against all that is below 300 Hz."},
    {"vinyl/top", "Above 16 kHz", FIGURE_NUMBER, UNIT_DB, 1, "Against the whole spectrum."},
    {"vinyl/acceleration", "Acceleration", FIGURE_NUMBER, UNIT_DBFS, 1,
     "The loudest 11 ms of 5 to 15 kHz behind the RIAA recording curve; 1 kHz at full scale is 0."},
    {"vinyl/sibilants", "Sibilants", FIGURE_NUMBER, UNIT_NONE, 0,
     "Bursts of 5 to 10 kHz, 10 dB above their own average for 80 to 400 ms."},
};

struct vinyl {
    int right; /* channel; 0: mono */
    struct groove groove;
};

static void
vinyl_close(void *self)
{
    struct vinyl *v = self;

    groove_free(&v->groove);
    free(v);
}

/* A record has two sides to its groove. */
static enum status
vinyl_open(void **self, const struct check_context *x, struct err *e)
{
    struct vinyl *v;

    (void)e;
    if (!rate_ok(x->sound->rate_hz) || x->sound->nch > STEREO)
        return OK;
    *self = v = calloc(1, sizeof *v);
    if (!v)
        return NO_MEM;
    v->right = x->sound->nch - 1;
    return groove_prepare(&v->groove, x->sound->rate_hz);
}

static void
vinyl_process(void *self, const double *const *in, int nframes)
{
    struct vinyl *v = self;

    groove_process(&v->groove, (const double *const[]){in[0], in[v->right]}, nframes);
}

static void
tell_whole(struct report *r, enum severity severity, const char *kind, const char *mend, const char *what,
           double db)
{
    struct finding f = {kind, severity, -1, FINDING_WHOLE, FINDING_WHOLE, "", ""};

    snprintf(f.what, sizeof f.what, "%s: %.1f dB", what, db);
    snprintf(f.mend, sizeof f.mend, "%s", mend);
    report_find(r, &f);
}

static void
tell_sibilant(struct report *r, enum severity severity, const struct groove_sibilant *s, int more)
{
    struct finding f = {"sibilance", severity, -1, s->from_s, s->to_s, "", ""};
    int n = snprintf(f.what, sizeof f.what,
                     "5 to 10 kHz reaches %.1f dBFS, %.0f dB above its average, for %.0f ms", s->level_dbfs,
                     s->above_db, 1e3 * (s->to_s - s->from_s));

    if (more > 0)
        snprintf(f.what + n, sizeof f.what - (size_t)n, "; %d more like it", more);
    snprintf(f.mend, sizeof f.mend, "De-ess it for the cut; keep it from the end of the side.");
    report_find(r, &f);
}

/* Each for the cut; else the sharpest stands for all. */
static void
tell_sibilants(struct report *r, bool cut, const struct groove *g)
{
    int count = groove_sibilants(g), kept = count < GROOVE_SIBILANTS ? count : GROOVE_SIBILANTS, most = 0;

    for (int i = 0; i < kept; i++) {
        if (cut)
            tell_sibilant(r, SEVERITY_WARN, &g->sibilant[i], 0);
        most = g->sibilant[i].above_db > g->sibilant[most].above_db ? i : most;
    }
    if (!cut && kept)
        tell_sibilant(r, SEVERITY_NOTE, &g->sibilant[most], count - 1);
}

static void
put_figures(const struct groove *g, struct report *r, bool stereo)
{
    double all = groove_mean_dbfs(g, GROOVE_ALL);

    if (stereo) {
        report_put(r, "vinyl/side_below_150", groove_side_re_mid_db(g, GROOVE_BELOW_150));
        report_put(r, "vinyl/side_below_300", groove_side_re_mid_db(g, GROOVE_BELOW_300));
    }
    report_put(r, "vinyl/sub_20", groove_bass_db(g, GROOVE_BELOW_20));
    report_put(r, "vinyl/sub_40", groove_bass_db(g, GROOVE_BELOW_40));
    report_put(r, "vinyl/top", groove_mean_dbfs(g, GROOVE_TOP) - all);
    report_put(r, "vinyl/acceleration", groove_most_dbfs(g, GROOVE_ACCELERATION));
    report_put(r, "vinyl/sibilants", groove_sibilants(g));
}

static void
vinyl_finish(void *self, const struct check_context *x, struct report *r)
{
    struct vinyl *v = self;
    const struct groove *g = &v->groove;
    enum severity severity = target_is_vinyl(x->target) ? SEVERITY_WARN : SEVERITY_NOTE;
    bool bass = groove_bass_dbfs(g) > HEARD_DBFS;

    if (groove_mean_dbfs(g, GROOVE_ALL) < HEARD_DBFS)
        return;
    put_figures(g, r, v->right > 0);
    if (bass && v->right > 0 && groove_side_re_mid_db(g, GROOVE_BELOW_150) > SIDE_DB)
        tell_whole(r, severity, "low_side_vinyl", "Narrow the bass: an elliptical filter at 150 to 300 Hz.",
                   "sideways bass below 150 Hz, against the mid", groove_side_re_mid_db(g, GROOVE_BELOW_150));
    if (bass && groove_bass_db(g, GROOVE_BELOW_20) > SUB_DB)
        tell_whole(r, severity, "vinyl_sub", "Cut below 20 Hz, on a quiet side below 40 Hz.",
                   "below 20 Hz, against all below 300 Hz", groove_bass_db(g, GROOVE_BELOW_20));
    if (groove_mean_dbfs(g, GROOVE_TOP) - groove_mean_dbfs(g, GROOVE_ALL) > TOP_DB)
        tell_whole(r, severity, "vinyl_top", "Low-pass at 16 kHz for the cut.",
                   "above 16 kHz, against the whole",
                   groove_mean_dbfs(g, GROOVE_TOP) - groove_mean_dbfs(g, GROOVE_ALL));
    tell_sibilants(r, target_is_vinyl(x->target), g);
}

const struct inspector vinyl_inspector = {"vinyl",    figures,       LEN(figures), 9,
                                          vinyl_open, vinyl_process, vinyl_finish, vinyl_close};
