/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/metadata.h"

#include "engine/check/header.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* EBU R 128 leaves a live programme 1 LU and the meter 0.1; two meters that agree differ by less than this (ours). */
#define STATED_TOLERANCE_LU 0.2

static const struct figure figures[] = {
    {"metadata/title", "Title", FIGURE_TEXT, UNIT_NONE, 0, "By the file's tags."},
    {"metadata/artist", "Artist", FIGURE_TEXT, UNIT_NONE, 0, "By the file's tags."},
    {"metadata/date", "Date", FIGURE_TEXT, UNIT_NONE, 0, "By the file's tags."},
    {"metadata/isrc", "ISRC", FIGURE_TEXT, UNIT_NONE, 0, "Recording code, by the file's tags."},
    {"metadata/originator", "Originator", FIGURE_TEXT, UNIT_NONE, 0, "By its bext chunk."},
    {"metadata/bext_version", "Version of bext", FIGURE_NUMBER, UNIT_NONE, 0, "Of the Broadcast Wave chunk."},
    {"metadata/stated_integrated", "Stated loudness", FIGURE_NUMBER, UNIT_LUFS, 2, "By the bext chunk."},
    {"metadata/stated_range", "Stated range", FIGURE_NUMBER, UNIT_LU, 2, "By the bext chunk."},
    {"metadata/stated_true_peak", "Stated true peak", FIGURE_NUMBER, UNIT_DBTP, 2, "By the bext chunk."},
    {"metadata/stated_momentary", "Stated momentary maximum", FIGURE_NUMBER, UNIT_LUFS, 2,
     "By the bext chunk."},
    {"metadata/stated_short_term", "Stated short-term maximum", FIGURE_NUMBER, UNIT_LUFS, 2,
     "By the bext chunk."},
};

static void
metadata_close(void *self)
{
    free(self);
}

static enum status
metadata_open(void **self, const struct check_context *x, struct err *e)
{
    struct header *h = calloc(1, sizeof *h);

    (void)e;
    *self = h;
    if (!h)
        return NO_MEM;
    if (header_of(h, x->sound->path) != OK || h->kind == HEADER_OTHER) {
        free(h);
        *self = NULL;
    }
    return OK;
}

static void
metadata_process(void *self, const double *const *in, int nframes)
{
    (void)self;
    (void)in;
    (void)nframes;
}

static void
put_text(struct report *r, const char *key, const char *text)
{
    if (text[0])
        report_text(r, key, "%s", text);
}

/* ISO 3901: two letters, three letters or digits, seven digits. */
static bool
is_isrc(const char *code)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", digits[] = "0123456789";

    return strlen(code) == 12 && strspn(code, letters) >= 2 &&
           strspn(code + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == 10 && strspn(code + 5, digits) == 7;
}

static void
judge_isrc(const struct header *h, struct report *r)
{
    struct finding f = {.kind = "isrc_malformed",
                        .severity = SEVERITY_FAIL,
                        .channel = -1,
                        .from_s = FINDING_WHOLE,
                        .to_s = FINDING_WHOLE};

    if (!h->isrc[0] || is_isrc(h->isrc))
        return;
    snprintf(f.what, sizeof f.what, "'%.40s' is no ISRC.", h->isrc);
    snprintf(f.mend, sizeof f.mend, "Write twelve characters without dashes, like QZXX12600001.");
    report_find(r, &f);
}

static void
judge_stated(const struct header *h, struct report *r)
{
    double measured = report_number(r, "loudness/integrated"), stated = h->stated[STATED_INTEGRATED];
    struct finding f = {.kind = "stated_loudness",
                        .severity = SEVERITY_WARN,
                        .channel = -1,
                        .from_s = FINDING_WHOLE,
                        .to_s = FINDING_WHOLE};

    if (!isfinite(measured) || !isfinite(stated) || fabs(measured - stated) <= STATED_TOLERANCE_LU)
        return;
    snprintf(f.what, sizeof f.what, "The bext chunk says %.2f LUFS; the sound has %.2f LUFS.", stated,
             measured);
    snprintf(f.mend, sizeof f.mend, "Write the chunk anew: its figures are of another sound.");
    report_find(r, &f);
}

static void
metadata_finish(void *self, const struct check_context *x, struct report *r)
{
    static const char *const stated[HEADER_STATED] = {
        "metadata/stated_integrated", "metadata/stated_range", "metadata/stated_true_peak",
        "metadata/stated_momentary", "metadata/stated_short_term"};
    const struct header *h = self;

    (void)x;
    put_text(r, "metadata/title", h->title);
    put_text(r, "metadata/artist", h->artist);
    put_text(r, "metadata/date", h->date);
    put_text(r, "metadata/isrc", h->isrc);
    put_text(r, "metadata/originator", h->originator);
    report_put(r, "metadata/bext_version", h->bext_version >= 0 ? h->bext_version : NAN);
    for (int i = 0; i < HEADER_STATED; i++)
        report_put(r, stated[i], h->stated[i]);
    judge_isrc(h, r);
    judge_stated(h, r);
}

const struct inspector metadata_inspector = {
    "metadata", figures, LEN(figures), 0, metadata_open, metadata_process, metadata_finish, metadata_close};
