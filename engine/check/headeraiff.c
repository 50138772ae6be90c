/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/headerwalk.h"

#include <math.h>
#include <string.h>

struct aiff {
    int comms, ssnds;
    uint64_t frames; /* by COMM */
    uint64_t end;    /* of the last chunk */
    bool compressed;
};

/* An 80-bit extended number: sign and exponent in 16 bits, then 64 with the leading 1. */
static double
extended(const unsigned char *b)
{
    int exponent = (int)(walk_be(b, 2) & 0x7fff);

    return exponent == 0x7fff ? NAN : ldexp((double)walk_be(b + 2, 8), exponent - 16383 - 63);
}

/* Uncompressed are NONE, twos (big-endian), sowt (little), raw, fl32 and fl64. */
static bool
is_plain(const unsigned char *id)
{
    static const char *const plain[] = {"NONE", "twos", "sowt", "raw ", "in24",
                                        "in32", "fl32", "FL32", "fl64", "FL64"};

    for (size_t i = 0; i < LEN(plain); i++)
        if (memcmp(id, plain[i], 4) == 0)
            return true;
    return false;
}

static void
meet_comm(struct walk *w, struct aiff *a, const struct chunk *c)
{
    struct header *h = w->h;
    unsigned char b[22] = {0};

    if (a->comms++) {
        walk_fault(w, "header_twice", SEVERITY_FAIL, "Export it again.",
                   "The file has more than one COMM chunk.");
        return;
    }
    if (!walk_get(w, c->body, b, c->there < sizeof b ? 18 : sizeof b) || c->size < 18) {
        walk_fault(w, "header_chunk", SEVERITY_FAIL, "Export it again.", "The COMM chunk is too short.");
        return;
    }
    h->nch = (int)walk_be(b, 2);
    a->frames = walk_be(b + 2, 4);
    h->bits = (int)walk_be(b + 6, 2);
    h->rate_hz = extended(b + 8);
    a->compressed = h->kind == HEADER_AIFC && (c->there < sizeof b || !is_plain(b + 18));
    h->frame_bytes = a->compressed ? 0 : h->nch * ((h->bits + 7) / 8);
    if (!(h->rate_hz > 0.0))
        walk_fault(w, "header_rate", SEVERITY_FAIL, "Export it again.",
                   "The header's sample rate is no number.");
}

static void
meet_ssnd(struct walk *w, struct aiff *a, const struct chunk *c)
{
    struct header *h = w->h;
    unsigned char b[8];
    uint64_t skip;

    if (a->ssnds++) {
        walk_fault(w, "header_twice", SEVERITY_FAIL, "Export it again.",
                   "The file has more than one SSND chunk.");
        return;
    }
    if (!walk_get(w, c->body, b, sizeof b) || c->size < sizeof b)
        return;
    skip = 8 + walk_be(b, 4);
    h->data_at = c->body + skip;
    h->promised_bytes = c->size > skip ? c->size - skip : 0;
    h->data_bytes = c->there > skip ? c->there - skip : 0;
}

static void
meet(struct walk *w, struct aiff *a, const struct chunk *c)
{
    struct header *h = w->h;

    if (strcmp(c->id, "COMM") == 0)
        meet_comm(w, a, c);
    else if (strcmp(c->id, "SSND") == 0)
        meet_ssnd(w, a, c);
    else if (c->there < c->size)
        walk_fault(w, "header_chunk", SEVERITY_WARN, "Export it again.",
                   "The chunk '%s' promises %llu bytes more than there are.", c->id,
                   (unsigned long long)(c->size - c->there));
    else if (strcmp(c->id, "NAME") == 0)
        walk_text(w, c->body, c->size, h->title);
    else if (strcmp(c->id, "AUTH") == 0)
        walk_text(w, c->body, c->size, h->artist);
    else if (strcmp(c->id, "ID3 ") == 0 || strcmp(c->id, "id3 ") == 0)
        walk_fault(w, "id3_inside", SEVERITY_NOTE, "Nothing, if tags are wanted.",
                   "The file carries an ID3 tag (%llu bytes).", (unsigned long long)c->size);
}

static void
judge(struct walk *w, const struct aiff *a, uint64_t form_end)
{
    struct header *h = w->h;

    if (!a->comms || !a->ssnds)
        walk_fault(w, "header_chunk", SEVERITY_FAIL, "Export it again.", "The file has no %s chunk.",
                   a->comms ? "SSND" : "COMM");
    if (a->comms)
        h->frames = (int64_t)a->frames;
    if (h->frame_bytes && a->ssnds && a->frames != h->promised_bytes / (uint64_t)h->frame_bytes)
        walk_fault(w, "header_frames", SEVERITY_FAIL, "Export it again.",
                   "The header says %llu frames, the sound's chunk holds %llu.",
                   (unsigned long long)a->frames,
                   (unsigned long long)(h->promised_bytes / (uint64_t)h->frame_bytes));
    walk_judge_sound(w);
    if (form_end > w->size + 1 && h->promised_bytes <= h->data_bytes)
        walk_fault(w, "header_size", SEVERITY_WARN, "Export it again.",
                   "The header promises %llu bytes more than the file has.",
                   (unsigned long long)(form_end - w->size));
    else if (form_end < a->end)
        walk_fault(w, "header_size", SEVERITY_WARN, "Export it again.",
                   "By its header the file ends %llu bytes before its chunks do.",
                   (unsigned long long)(a->end - form_end));
    else if (w->size > form_end + 1)
        walk_fault(w, "trailing_junk", SEVERITY_WARN, "Export it again.",
                   "%llu bytes that belong to nothing stand after the end.",
                   (unsigned long long)(w->size - form_end));
}

void
walk_aiff(struct walk *w)
{
    struct aiff a = {.end = 12};
    unsigned char b[12];
    uint64_t at = 12, form_end;

    if (!walk_get(w, 0, b, sizeof b))
        return;
    w->h->kind = b[11] == 'C' ? HEADER_AIFC : HEADER_AIFF;
    form_end = 8 + walk_be(b + 4, 4);
    for (int i = 0; i < WALK_CHUNKS && (at < form_end || !a.ssnds) && walk_is_name(w, at); i++) {
        struct chunk c = {.body = at + 8};

        if (!walk_get(w, at, b, 8))
            break;
        memcpy(c.id, b, 4);
        c.size = walk_be(b + 4, 4);
        c.there = walk_there(w, c.body, c.size);
        meet(w, &a, &c);
        a.end = c.body + c.there;
        if (c.there < c.size)
            break;
        at = a.end + (c.size & 1);
        if (c.size & 1 && walk_is_name(w, a.end) && !walk_is_name(w, at)) {
            walk_fault(w, "header_pad", SEVERITY_WARN, "Export it again.",
                       "The chunk '%s' has an odd length and no byte to fill it up.", c.id);
            at = a.end;
        }
    }
    judge(w, &a, form_end);
}
