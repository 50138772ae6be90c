/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/origin.h"

#include "dsp/bandwidth.h"
#include "engine/check/fullband.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Our own: the kernel's scale is such that 0.5 is two frames with holes in a hundred. */
#define SURE         0.5
#define FRAMES_LEAST 20 /* 1.7 s */

static const struct figure figures[] = {
    {"origin/content_end", "Content ends at", FIGURE_NUMBER, UNIT_HZ, 0,
     "Where the long-term spectrum breaks off below the rate's own filter."},
    {"origin/content_fall", "Fall there", FIGURE_NUMBER, UNIT_DB, 0, "Within a twelfth of an octave."},
    {"origin/holes", "Spectral holes", FIGURE_NUMBER, UNIT_PERCENT, 1,
     "Frames in which sound above 9 kHz breaks off elsewhere than at its end."},
    {"origin/source_rate", "Rate it came from", FIGURE_NUMBER, UNIT_HZ, 0,
     "A guess by where the content ends."},
    {"origin/codec_confidence", "Lossy source", FIGURE_NUMBER, UNIT_PERCENT, 0,
     "Confidence that a lossy codec has been at work, on our own scale."},
};

struct origin {
    struct fullband programme;
    struct bandwidth bandwidth;
};

static void
origin_close(void *self)
{
    struct origin *o = self;

    bandwidth_free(&o->bandwidth);
    free(o);
}

static enum status
origin_open(void **self, const struct check_context *x, struct err *e)
{
    struct origin *o;

    (void)e;
    if (!rate_ok(x->sound->rate_hz))
        return OK;
    *self = o = calloc(1, sizeof *o);
    if (!o)
        return NO_MEM;
    o->programme = fullband_of(x->sound);
    return bandwidth_prepare(&o->bandwidth, x->sound->rate_hz, o->programme.nch);
}

static void
origin_process(void *self, const double *const *in, int nframes)
{
    struct origin *o = self;
    const double *picked[CHECK_CHANNELS];

    fullband_pick(&o->programme, in, picked);
    bandwidth_process(&o->bandwidth, picked, nframes);
}

static void
tell_codec(struct report *r, const struct bandwidth_finding *b)
{
    struct finding f = {"codec_born", SEVERITY_WARN, -1, FINDING_WHOLE, FINDING_WHOLE, "", ""};

    snprintf(f.what, sizeof f.what,
             "%.0f %% of the frames have holes in the spectrum, most often above %.1f kHz: %s made by a "
             "lossy codec",
             100.0 * b->holes, 0.001 * b->holes_hz, b->codec_sure > 0.8 ? "very likely" : "probably");
    snprintf(f.mend, sizeof f.mend, "Ask for the lossless source: what is missing does not come back.");
    report_find(r, &f);
}

static void
tell_upsampled(struct report *r, const struct bandwidth_finding *b)
{
    struct finding f = {"upsampled", SEVERITY_WARN, -1, FINDING_WHOLE, FINDING_WHOLE, "", ""};

    snprintf(f.what, sizeof f.what,
             "content ends at %.2f kHz (%.0f dB within 1/12 octave): %s upsampled from %g kHz",
             0.001 * b->edge_hz, b->fall_db, b->from_sure > 0.7 ? "probably" : "possibly",
             0.001 * b->from_hz);
    snprintf(f.mend, sizeof f.mend, "Deliver at %g kHz, or find the original of the higher rate.",
             0.001 * b->from_hz);
    report_find(r, &f);
}

static void
tell_band_limited(struct report *r, const struct bandwidth_finding *b)
{
    struct finding f = {"band_limited", SEVERITY_NOTE, -1, FINDING_WHOLE, FINDING_WHOLE, "", ""};

    snprintf(f.what, sizeof f.what,
             "content ends at %.2f kHz (%.0f dB within 1/12 octave): a steep low-pass, a lower rate or a "
             "lossy codec",
             0.001 * b->edge_hz, b->fall_db);
    snprintf(f.mend, sizeof f.mend, "If no low-pass was meant, look at the sources of the mix.");
    report_find(r, &f);
}

static void
origin_finish(void *self, const struct check_context *x, struct report *r)
{
    struct origin *o = self;
    struct bandwidth_finding b = bandwidth_find(&o->bandwidth);

    if (b.frames < FRAMES_LEAST)
        return;
    report_put(r, "origin/content_end", b.edge ? b.edge_hz : NAN);
    report_put(r, "origin/content_fall", b.edge ? b.fall_db : NAN);
    report_put(r, "origin/holes", 100.0 * b.holes);
    report_put(r, "origin/source_rate", b.from_hz > 0.0 ? b.from_hz : NAN);
    report_put(r, "origin/codec_confidence", 100.0 * b.codec_sure);
    if (x->sound->is_lossy) /* it says so itself */
        return;
    if (b.codec_sure >= SURE)
        tell_codec(r, &b);
    else if (b.edge && b.from_sure >= SURE)
        tell_upsampled(r, &b);
    else if (b.edge)
        tell_band_limited(r, &b);
}

const struct inspector origin_inspector = {"origin",    figures,        LEN(figures),  4,
                                           origin_open, origin_process, origin_finish, origin_close};
