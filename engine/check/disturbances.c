/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/disturbances.h"

#include "dsp/clicks.h"
#include "dsp/decibel.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Between 6 sigma and this hot, dense music now and then has a sample that looks like a click: those are noted together,
   not warned of one by one. Measured on programmes mastered hot: all of theirs were below 7.5. Ours. */
#define SURE_SIGMAS 9.0

static const struct figure figures[] = {
    {"faults/clicks", "Clicks", FIGURE_NUMBER, UNIT_NONE, 0,
     "Disturbances of less than 3 ms that stand alone on what an autoregression can predict."},
};

struct disturbances {
    struct clicks clicks;
};

static void
disturbances_close(void *self)
{
    struct disturbances *k = self;

    clicks_free(&k->clicks);
    free(k);
}

static enum status
disturbances_open(void **self, const struct check_context *x, struct err *e)
{
    const struct sound_info *s = x->sound;
    struct disturbances *k = calloc(1, sizeof *k);
    enum status status;

    *self = k;
    if (!k)
        return NO_MEM;
    status = clicks_prepare(&k->clicks, s->rate_hz, s->nch,
                            s->is_float || s->bits == 0 ? 0.0 : ldexp(1.0, 1 - s->bits));
    if (status == BAD_ARG)
        err_set(e, "%s: %g Hz: 8 to 384 kHz can be measured", s->path, s->rate_hz);
    return status;
}

static void
disturbances_process(void *self, const double *const *in, int nframes)
{
    struct disturbances *k = self;

    clicks_process(&k->clicks, in, nframes);
}

static void
tell_click(const struct click *c, double rate_hz, struct report *r)
{
    struct finding f = {.kind = "click",
                        .severity = SEVERITY_WARN,
                        .channel = c->channel,
                        .from_s = (double)c->frame / rate_hz,
                        .to_s = (double)(c->frame + c->length) / rate_hz};

    snprintf(f.what, sizeof f.what,
             "A click of %" PRId64 " %s (%.2f ms) at frame %" PRId64
             ": %.1f dBFS, %.0f dB above what is unpredictable around it",
             c->length, c->length == 1 ? "frame" : "frames", 1000.0 * (double)c->length / rate_hz, c->frame,
             gain_to_db(c->peak), gain_to_db(c->sigmas));
    snprintf(f.mend, sizeof f.mend,
             "Listen there; if it is not meant, look for it in the mix or the transfer, else redraw or "
             "declick it.");
    report_find(r, &f);
}

/* The largest one's place stands for all. */
static void
tell_faint(const struct clicks *k, double rate_hz, struct report *r)
{
    struct finding f = {.kind = "click_faint", .severity = SEVERITY_NOTE};
    const struct click *most = NULL;
    int count = 0;

    for (int i = 0; i < k->kept; i++)
        if (k->found[i].sigmas < SURE_SIGMAS) {
            count++;
            most = !most || k->found[i].sigmas > most->sigmas ? &k->found[i] : most;
        }
    if (!most)
        return;
    f.channel = most->channel;
    f.from_s = (double)most->frame / rate_hz;
    f.to_s = (double)(most->frame + most->length) / rate_hz;
    snprintf(f.what, sizeof f.what,
             "%d %s that may be %s or the music's own, this one at frame %" PRId64 " the largest", count,
             count == 1 ? "sample" : "samples", count == 1 ? "a click" : "clicks", most->frame);
    snprintf(f.mend, sizeof f.mend, "Listen there once.");
    report_find(r, &f);
}

static void
disturbances_finish(void *self, const struct check_context *x, struct report *r)
{
    struct disturbances *k = self;

    clicks_finish(&k->clicks);
    report_put(r, "faults/clicks", (double)k->clicks.count);
    for (int i = 0; i < k->clicks.kept; i++)
        if (k->clicks.found[i].sigmas >= SURE_SIGMAS)
            tell_click(&k->clicks.found[i], x->sound->rate_hz, r);
    tell_faint(&k->clicks, x->sound->rate_hz, r);
}

const struct inspector disturbances_inspector = {
    "disturbances",      figures,           LEN(figures), 20, disturbances_open, disturbances_process,
    disturbances_finish, disturbances_close};
