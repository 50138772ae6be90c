/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/headerwalk.h"

#include <string.h>
#include <strings.h>

/* Types of FLAC's metadata blocks (RFC 9639, 8.1). */
enum { STREAMINFO = 0, VORBIS_COMMENT = 4, INVALID = 127, STREAMINFO_BYTES = 34 };

static void
meet_streaminfo(struct walk *w, uint64_t body)
{
    struct header *h = w->h;
    unsigned char b[STREAMINFO_BYTES];
    uint64_t packed;

    if (!walk_get(w, body, b, sizeof b))
        return;
    packed = walk_be(b + 10, 8); /* 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of frames */
    h->rate_hz = (double)(packed >> 44);
    h->nch = (int)(packed >> 41 & 7) + 1;
    h->bits = (int)(packed >> 36 & 31) + 1;
    h->frames = (int64_t)(packed & 0xfffffffffull);
    memcpy(h->md5, b + 18, sizeof h->md5);
    for (size_t i = 0; i < sizeof h->md5; i++)
        h->has_md5 |= h->md5[i] != 0;
    if (h->frames == 0) {
        h->frames = -1;
        walk_fault(w, "header_placeholder", SEVERITY_WARN, "Encode it again, into a file.",
                   "The FLAC header does not say how long the sound is: its writer did not come to the end.");
    }
    if (!h->has_md5)
        walk_fault(w, "flac_no_md5", SEVERITY_NOTE, "Encode it again if identity must be proven.",
                   "The FLAC header has no MD5 of the sound.");
}

static void
meet_comment(struct walk *w, uint64_t at, uint64_t n)
{
    static const struct {
        const char *name;
        size_t offset;
    } wanted[] = {{"TITLE=", offsetof(struct header, title)},
                  {"ARTIST=", offsetof(struct header, artist)},
                  {"DATE=", offsetof(struct header, date)},
                  {"ISRC=", offsetof(struct header, isrc)}};
    char head[8] = "";

    if (!walk_get(w, at, head, n < sizeof head - 1 ? n : sizeof head - 1))
        return;
    for (size_t i = 0; i < LEN(wanted); i++) {
        size_t length = strlen(wanted[i].name);

        if (strncasecmp(head, wanted[i].name, length) == 0)
            walk_text(w, at + length, n - length, (char *)w->h + wanted[i].offset);
    }
}

static void
meet_comments(struct walk *w, uint64_t body, uint64_t size)
{
    uint64_t at = body, end = body + size, n;
    unsigned char b[4];

    for (int64_t i = -2; i < WALK_CHUNKS; i++) { /* the vendor's name, how many there are, comments */
        if (end - at < 4 || !walk_get(w, at, b, 4))
            return;
        at += 4;
        if (i == -1)
            continue;
        n = walk_le(b, 4);
        if (n > end - at) {
            walk_fault(w, "header_chunk", SEVERITY_WARN, "Write its tags anew.",
                       "FLAC's tags are damaged: one claims more bytes than their block has.");
            return;
        }
        if (i >= 0)
            meet_comment(w, at, n);
        at += n;
    }
}

void
walk_flac(struct walk *w, uint64_t at)
{
    unsigned char b[4];
    int infos = 0;

    w->h->kind = HEADER_FLAC;
    at += 4;
    for (int i = 0; i < WALK_CHUNKS; i++) {
        uint64_t size;
        int type;

        if (!walk_get(w, at, b, 4))
            break;
        type = b[0] & 0x7f;
        size = walk_be(b + 1, 3);
        at += 4;
        if (walk_there(w, at, size) < size || type == INVALID) {
            walk_fault(w, "header_chunk", SEVERITY_FAIL, "Encode it again.",
                       "A metadata block of the FLAC header is damaged.");
            return;
        }
        if (type == STREAMINFO && size >= STREAMINFO_BYTES && infos++ == 0)
            meet_streaminfo(w, at);
        else if (type == STREAMINFO)
            walk_fault(w, "header_twice", SEVERITY_FAIL, "Encode it again.",
                       "The FLAC header describes the sound twice.");
        else if (type == VORBIS_COMMENT)
            meet_comments(w, at, size);
        at += size;
        if (b[0] & 0x80)
            break;
    }
    w->h->data_at = at;
    w->h->data_bytes = at < w->size ? w->size - at : 0;
}
