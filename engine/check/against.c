/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/against.h"

#include "engine/soundfile.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 8, ENOUGH = 4 /* parts that agree: no more are read */, PIECE = 4096 };

struct part {
    int64_t from;  /* frames */
    int filled;    /* thinned */
    float *frames; /* RELATION_FRAMES, interleaved */
};

struct against {
    char *path;
    double rate_hz;
    int64_t length, at; /* the reference's; heard so far */
    int nparts, now;    /* the part under way */
    struct part part[PARTS];
    struct relation_thin thin;
    struct relation relation;
    float *memory, *theirs; /* parts; RELATION_SPAN */
};

/* As many as fit side by side, in the middle of equal shares of the file. */
static void
plan(struct against *a, int64_t frames)
{
    int64_t length = (int64_t)RELATION_FRAMES * relation_step(a->rate_hz);
    int64_t fit = frames / length;

    a->nparts = fit < 1 ? 1 : fit < PARTS ? (int)fit : PARTS;
    for (int i = 0; i < a->nparts; i++) {
        int64_t middle = (int64_t)((i + 0.5) * (double)frames / a->nparts);

        a->part[i].from = middle > length / 2 ? middle - length / 2 : 0;
        a->part[i].frames = a->memory + (ptrdiff_t)i * RELATION_FRAMES * STEREO;
    }
    relation_thin_reset(&a->thin, a->rate_hz);
}

/* Is it there, can it be read, and how long is it? */
static enum status
try_reference(const struct check_context *x, int64_t *length, struct err *e)
{
    struct soundfile *s;
    enum status status = soundfile_open(&s, x->reference, x->sound->rate_hz, 0, e);

    if (status != OK)
        return status;
    *length = soundfile_length(s);
    soundfile_close(s);
    return OK;
}

enum status
against_open(struct against **out, const struct check_context *x, struct err *e)
{
    int64_t length;
    enum status status = try_reference(x, &length, e);
    struct against *a;

    *out = NULL;
    if (status != OK)
        return status;
    a = calloc(1, sizeof *a);
    if (!a)
        return NO_MEM;
    a->rate_hz = x->sound->rate_hz;
    a->length = length;
    a->path = strdup(x->reference);
    a->memory = calloc((size_t)(PARTS * RELATION_FRAMES + RELATION_SPAN) * STEREO, sizeof *a->memory);
    status = a->path && a->memory ? relation_prepare(&a->relation, a->rate_hz) : NO_MEM;
    if (status != OK) {
        against_close(a);
        return status;
    }
    a->theirs = a->memory + (ptrdiff_t)PARTS * RELATION_FRAMES * STEREO;
    plan(a, x->sound->frames);
    *out = a;
    return OK;
}

void
against_close(struct against *a)
{
    if (!a)
        return;
    relation_free(&a->relation);
    free(a->memory);
    free(a->path);
    free(a);
}

void
against_process(struct against *a, const double *left, const double *right, int nframes)
{
    int i = 0;

    while (i < nframes && a->now < a->nparts) {
        struct part *p = &a->part[a->now];

        if (a->at + i < p->from) {
            int64_t wait = p->from - a->at - i;

            i += wait < nframes - i ? (int)wait : nframes - i;
            continue;
        }
        p->filled += relation_thin_frame(&a->thin, left[i], right[i], p->frames + STEREO * p->filled);
        i++;
        if (p->filled == RELATION_FRAMES) {
            a->now++;
            relation_thin_reset(&a->thin, a->rate_hz);
        }
    }
    a->at += nframes;
}

/* The reference around a part, at a->rate_hz; silence before its start and behind its end. */
static bool
read_theirs(struct against *a, const struct part *p)
{
    int filled = 0, got = PIECE;
    int64_t from = p->from - (int64_t)RELATION_REACH * relation_step(a->rate_hz);
    struct soundfile *s;
    struct err e;

    if (from >= a->length || soundfile_open(&s, a->path, a->rate_hz, from > 0 ? from : 0, &e) != OK)
        return false;
    memset(a->theirs, 0, sizeof *a->theirs * RELATION_SPAN * STEREO);
    relation_thin_reset(&a->thin, a->rate_hz);
    for (; from < 0 && filled < RELATION_SPAN; from++)
        filled += relation_thin_frame(&a->thin, 0.0, 0.0, a->theirs + STEREO * filled);
    while (filled < RELATION_SPAN && got == PIECE) {
        double piece[STEREO * PIECE];

        got = soundfile_read(s, piece, PIECE);
        for (int i = 0; i < got && filled < RELATION_SPAN; i++)
            filled +=
                relation_thin_frame(&a->thin, piece[2 * i], piece[2 * i + 1], a->theirs + STEREO * filled);
    }
    soundfile_close(s);
    return true;
}

/* Now here, now there in the file, so that a few that agree are enough. */
static void
compare(struct against *a, struct relation_result *out)
{
    relation_result(&a->relation, out);
    for (int i = 0; i < a->nparts && !(out->found && out->parts >= ENOUGH); i++) {
        const struct part *p = &a->part[a->nparts == PARTS ? i * 5 % PARTS : i];

        if (p->filled == 0 || !read_theirs(a, p))
            continue;
        relation_add(&a->relation, p->frames, a->theirs);
        relation_result(&a->relation, out);
    }
}

static void
tell_swapped(const struct relation_result *x, const char *path, struct report *r)
{
    struct finding f = {.kind = "channels_swapped",
                        .severity = SEVERITY_FAIL,
                        .channel = -1,
                        .from_s = FINDING_WHOLE,
                        .to_s = FINDING_WHOLE};

    snprintf(f.what, sizeof f.what,
             "left and right are suspected to be swapped against %.80s: channels correlate by %.2f crossed, "
             "by %.2f "
             "straight, in %d of %d parts",
             path, x->crossed, x->straight, x->parts, x->heard);
    snprintf(f.mend, sizeof f.mend,
             "Listen to both for where an instrument sits; swap the channels if it is so.");
    report_find(r, &f);
}

static void
tell_polarity(const struct relation_result *x, const char *path, struct report *r)
{
    struct finding f = {.kind = "polarity_against_reference",
                        .severity = SEVERITY_WARN,
                        .channel = x->inverted[0] && x->inverted[1] ? -1
                                   : x->inverted[0]                 ? 0
                                                                    : 1,
                        .from_s = FINDING_WHOLE,
                        .to_s = FINDING_WHOLE};

    if (f.channel >= 0)
        f.severity = SEVERITY_FAIL;
    snprintf(
        f.what, sizeof f.what,
        "the polarity of %s is suspected to be turned over against %.80s: left correlates by %.2f, right by "
        "%.2f, in %d of %d parts",
        f.channel < 0    ? "both channels"
        : f.channel == 0 ? "the left channel"
                         : "the right channel",
        path, x->polarity[0], x->polarity[1], x->parts, x->heard);
    snprintf(f.mend, sizeof f.mend,
             "Look for a polarity switch, a cable or a plug-in that turns the sound over.");
    report_find(r, &f);
}

static void
tell_unlike(const struct relation_result *x, const char *path, struct report *r)
{
    struct finding f = {.kind = "reference_unlike",
                        .severity = SEVERITY_NOTE,
                        .channel = -1,
                        .from_s = FINDING_WHOLE,
                        .to_s = FINDING_WHOLE};

    snprintf(f.what, sizeof f.what,
             "%.80s was not found again in this file, within 6 s of its place (%d parts were compared)", path,
             x->heard);
    snprintf(f.mend, sizeof f.mend, "Name the mix that this file was made from.");
    report_find(r, &f);
}

void
against_finish(struct against *a, struct report *r)
{
    struct relation_result x;

    compare(a, &x);
    if (x.heard > 0 && !x.found)
        tell_unlike(&x, a->path, r);
    if (!x.found)
        return;
    report_put(r, "channels/reference_delay", 1000.0 * x.delay_s);
    report_put(r, "channels/reference_straight", x.straight);
    report_put(r, "channels/reference_crossed", x.crossed);
    if (x.swapped)
        tell_swapped(&x, a->path, r);
    if (x.inverted[0] || x.inverted[1])
        tell_polarity(&x, a->path, r);
}
