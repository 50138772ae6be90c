/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RIFF, RF64, BW64 and W64 hold the same chunks; they differ in how wide a size is and what it counts.
 */
#include "engine/check/headerwalk.h"

#include <stdio.h>
#include <string.h>

enum {
    TAG_PCM = 1,
    TAG_FLOAT = 3,
    TAG_EXTENSIBLE = 0xfffe,
    FMT_BYTES = 40,  /* of WAVEFORMATEXTENSIBLE with what stands before it */
    BEXT_BYTES = 602 /* before its coding history */
};

static const unsigned char subformat_tail[14] = {0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80,
                                                 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71};
static const unsigned char w64_tail[12] = {0xf3, 0xac, 0xd3, 0x11, 0x8c, 0xd1,
                                           0x00, 0xc0, 0x4f, 0x8e, 0xdb, 0x8a};

struct wave {
    bool wide;          /* RF64 or BW64 */
    uint64_t end;       /* of the file, as its first chunk says; 0: it does not know */
    uint64_t chunk_end; /* of the last chunk that makes sense */
    int fmts, datas;
    int tag; /* with EXTENSIBLE resolved */
    uint64_t byte_rate, mask;
    int block_align;
    bool extensible, odd_subformat, has_fact, unfinished;
    uint64_t fact;
    bool has_ds64;
    uint64_t ds64_riff, ds64_data, ds64_frames;
    struct {
        char id[4];
        uint64_t size;
    } table[8]; /* of ds64: further chunks beyond 4 GiB */
    int ntable;
};

static unsigned long long
ull(uint64_t n)
{
    return n;
}

/* --- chunks ----------------------------------------------------------------------------------------- */

static void
meet_extensible(struct walk *w, struct wave *v, const unsigned char *b, uint64_t size)
{
    v->extensible = true;
    if (size < FMT_BYTES) {
        walk_fault(w, "header_chunk", SEVERITY_FAIL, "Export it again.",
                   "The extensible format chunk has %llu bytes instead of %d.", ull(size), FMT_BYTES);
        return;
    }
    w->h->valid_bits = (int)walk_le(b + 18, 2);
    v->mask = walk_le(b + 20, 4);
    v->tag = (int)walk_le(b + 24, 2);
    v->odd_subformat = memcmp(b + 26, subformat_tail, sizeof subformat_tail) != 0;
}

static void
meet_fmt(struct walk *w, struct wave *v, const struct chunk *c)
{
    unsigned char b[FMT_BYTES] = {0};
    struct header *h = w->h;

    if (v->fmts++) {
        walk_fault(w, "header_twice", SEVERITY_FAIL, "Export it again.",
                   "The file has more than one format chunk.");
        return;
    }
    if (v->datas)
        walk_fault(w, "header_order", SEVERITY_FAIL, "Export it again.",
                   "The format chunk comes after the sound it describes.");
    if (c->there < 16 || !walk_get(w, c->body, b, c->there < FMT_BYTES ? (size_t)c->there : FMT_BYTES)) {
        walk_fault(w, "header_chunk", SEVERITY_FAIL, "Export it again.", "The format chunk is too short.");
        return;
    }
    v->tag = (int)walk_le(b, 2);
    h->nch = (int)walk_le(b + 2, 2);
    h->rate_hz = (double)walk_le(b + 4, 4);
    v->byte_rate = walk_le(b + 8, 4);
    v->block_align = (int)walk_le(b + 12, 2);
    h->bits = (int)walk_le(b + 14, 2);
    if (v->tag == TAG_EXTENSIBLE)
        meet_extensible(w, v, b, c->size);
    if (v->tag == TAG_PCM || v->tag == TAG_FLOAT)
        h->frame_bytes = h->nch * ((h->bits + 7) / 8);
}

static void
meet_ds64(struct walk *w, struct wave *v, const struct chunk *c)
{
    unsigned char b[28], row[12];
    uint64_t rows;

    if (!v->wide || v->has_ds64 || c->there < sizeof b || !walk_get(w, c->body, b, sizeof b))
        return;
    v->has_ds64 = true;
    v->ds64_riff = walk_le(b, 8);
    v->ds64_data = walk_le(b + 8, 8);
    v->ds64_frames = walk_le(b + 16, 8);
    rows = walk_le(b + 24, 4);
    for (uint64_t i = 0; i < rows && v->ntable < (int)LEN(v->table); i++) {
        if (28 + 12 * (i + 1) > c->there || !walk_get(w, c->body + 28 + 12 * i, row, sizeof row))
            return;
        memcpy(v->table[v->ntable].id, row, 4);
        v->table[v->ntable++].size = walk_le(row + 4, 8);
    }
}

/* A version 2 whose five figures are all zero was never filled in. */
static void
meet_bext(struct walk *w, const struct chunk *c)
{
    static const double sane[HEADER_STATED] = {100, 100, 100, 100, 100};
    unsigned char b[BEXT_BYTES];
    struct header *h = w->h;
    bool filled = false;

    if (h->bext_version >= 0 || c->there < BEXT_BYTES || !walk_get(w, c->body, b, sizeof b)) {
        walk_fault(w, "header_bext", SEVERITY_WARN, "Write it anew.",
                   h->bext_version >= 0 ? "The file has more than one bext chunk."
                                        : "The bext chunk is shorter than 602 bytes.");
        return;
    }
    h->bext_version = (int)walk_le(b + 346, 2);
    walk_text(w, c->body + 256, 32, h->originator);
    walk_text(w, c->body + 320, 10, h->date);
    for (int i = 0; i < HEADER_STATED && h->bext_version >= 2; i++)
        filled |= walk_le(b + 412 + 2 * i, 2) != 0;
    for (int i = 0; i < HEADER_STATED && filled; i++) {
        int16_t hundredths = (int16_t)walk_le(b + 412 + 2 * i, 2);

        if (hundredths != INT16_MAX && hundredths / 100.0 < sane[i] && hundredths / 100.0 > -sane[i])
            h->stated[i] = hundredths / 100.0;
    }
}

static void
meet_info(struct walk *w, const struct chunk *c)
{
    struct header *h = w->h;
    uint64_t at = c->body + 4, end = c->body + c->there;
    unsigned char b[8];

    if (c->there < 4 || !walk_get(w, c->body, b, 4) || memcmp(b, "INFO", 4) != 0)
        return;
    for (int i = 0; i < WALK_CHUNKS && end - at >= 8 && walk_get(w, at, b, 8); i++) {
        uint64_t size = walk_le(b + 4, 4);

        at += 8;
        if (size > end - at) {
            walk_fault(w, "header_chunk", SEVERITY_WARN, "Write its tags anew.",
                       "The chunk 'LIST' is damaged: a text in it claims more bytes than it has.");
            return;
        }
        if (memcmp(b, "INAM", 4) == 0)
            walk_text(w, at, size, h->title);
        else if (memcmp(b, "IART", 4) == 0)
            walk_text(w, at, size, h->artist);
        else if (memcmp(b, "ICRD", 4) == 0)
            walk_text(w, at, size, h->date);
        at += size;
        if (size & 1 && at < end)
            at++;
    }
}

/* EBU Tech 3352 has the recording code in axml: <dc:identifier>ISRC:QZXX12600001</dc:identifier>. */
static void
meet_axml(struct walk *w, const struct chunk *c)
{
    char text[4096 + 1];
    uint64_t from = 0;

    while (from < c->there && from < 1 << 20 && !w->h->isrc[0]) {
        size_t n = c->there - from < 4096 ? (size_t)(c->there - from) : 4096;
        const char *found;

        if (!walk_get(w, c->body + from, text, n))
            return;
        text[n] = 0;
        found = memmem(text, n, "ISRC:", 5);
        if (found && (size_t)(found - text) + 17 <= n)
            walk_text(w, c->body + from + (uint64_t)(found - text) + 5, 12, w->h->isrc);
        from += n > 64 && n == 4096 ? n - 64 : n; /* it may lie across */
    }
}

static void
meet_data(struct walk *w, struct wave *v, const struct chunk *c)
{
    struct header *h = w->h;

    if (v->datas++) {
        walk_fault(w, "header_twice", SEVERITY_FAIL, "Export it again.",
                   "The file has more than one chunk of sound: most programs play the first alone.");
        return;
    }
    h->data_at = c->body;
    h->data_bytes = c->there;
    h->promised_bytes = c->size;
}

static void
meet(struct walk *w, struct wave *v, const struct chunk *c)
{
    unsigned char b[4];

    if (strcmp(c->id, "fmt ") == 0)
        meet_fmt(w, v, c);
    else if (strcmp(c->id, "data") == 0)
        meet_data(w, v, c);
    else if (c->there < c->size)
        walk_fault(w, "header_chunk", SEVERITY_WARN, "Export it again.",
                   "The chunk '%s' promises %llu bytes more than there are.", c->id, ull(c->size - c->there));
    else if (strcmp(c->id, "bext") == 0)
        meet_bext(w, c);
    else if (strcmp(c->id, "LIST") == 0)
        meet_info(w, c);
    else if (strcmp(c->id, "axml") == 0)
        meet_axml(w, c);
    else if (strcmp(c->id, "id3 ") == 0 || strcmp(c->id, "ID3 ") == 0)
        walk_fault(w, "id3_inside", SEVERITY_NOTE, "Nothing, if tags are wanted.",
                   "The file carries an ID3 tag (%llu bytes).", ull(c->size));
    else if (strcmp(c->id, "fact") == 0 && walk_get(w, c->body, b, 4)) {
        v->has_fact = true;
        v->fact = walk_le(b, 4);
    }
}

/* --- judging ---------------------------------------------------------------------------------------- */

static void
judge_valid_bits(struct walk *w, const struct wave *v)
{
    const struct header *h = w->h;

    if (!v->extensible || v->tag == TAG_EXTENSIBLE)
        return;
    if (h->valid_bits > h->bits)
        walk_fault(w, "header_valid_bits", SEVERITY_FAIL, "Export it again.",
                   "The header says %d valid bits in samples of %d.", h->valid_bits, h->bits);
    else if (h->valid_bits == 0)
        walk_fault(w, "header_valid_bits", SEVERITY_WARN, "Export it again.",
                   "The header says that no bit of a sample is valid.");
    else if (h->valid_bits < h->bits)
        walk_fault(w, "header_valid_bits", SEVERITY_NOTE, "Nothing, if the receiver takes it so.",
                   "The header says %d valid bits in samples of %d.", h->valid_bits, h->bits);
    if (v->odd_subformat)
        walk_fault(w, "header_subformat", SEVERITY_WARN, "Export it again.",
                   "The header's subformat is none that Microsoft has defined.");
    if (v->mask && __builtin_popcountll(v->mask) != h->nch)
        walk_fault(w, "header_channels", SEVERITY_WARN, "Export it again with its layout set.",
                   "The header names %d loudspeakers for %d channels.", __builtin_popcountll(v->mask),
                   h->nch);
}

static void
judge_fmt(struct walk *w, const struct wave *v)
{
    const struct header *h = w->h;

    if (v->fmts == 0 || v->datas == 0)
        walk_fault(w, "header_chunk", SEVERITY_FAIL, "Export it again.", "The file has no %s chunk.",
                   v->fmts ? "data" : "format");
    if (v->fmts == 0)
        return;
    if (h->rate_hz == 0.0)
        walk_fault(w, "header_rate", SEVERITY_FAIL, "Export it again.", "The header's sample rate is 0 Hz.");
    judge_valid_bits(w, v);
    if (!h->frame_bytes)
        return;
    if (v->block_align != h->frame_bytes)
        walk_fault(w, "header_block", SEVERITY_FAIL, "Export it again.",
                   "The header says %d bytes a frame; %d channels of %d bit are %d.", v->block_align, h->nch,
                   h->bits, h->frame_bytes);
    else if ((double)v->byte_rate != h->rate_hz * h->frame_bytes)
        walk_fault(w, "header_byte_rate", SEVERITY_WARN, "Export it again.",
                   "The header says %llu bytes a second; %.0f Hz of %d bytes are %.0f.", ull(v->byte_rate),
                   h->rate_hz, h->frame_bytes, h->rate_hz * h->frame_bytes);
}

static void
judge_ds64(struct walk *w, const struct wave *v)
{
    const struct header *h = w->h;
    uint64_t frames = h->frame_bytes ? h->promised_bytes / (uint64_t)h->frame_bytes : 0;

    if (!v->wide)
        return;
    if (!v->has_ds64)
        walk_fault(w, "header_ds64", SEVERITY_FAIL, "Export it again.",
                   "The file calls itself %s but has no ds64 chunk with its sizes.",
                   h->kind == HEADER_BW64 ? "BW64" : "RF64");
    else if (v->datas && !v->unfinished && v->ds64_data != h->promised_bytes)
        walk_fault(w, "header_ds64", SEVERITY_FAIL, "Export it again.",
                   "ds64 says %llu bytes of sound, the data chunk %llu.", ull(v->ds64_data),
                   ull(h->promised_bytes));
    else if (v->ds64_frames && frames && v->ds64_frames != frames && h->frame_bytes)
        walk_fault(w, "header_ds64", SEVERITY_WARN, "Export it again.",
                   "ds64 says %llu frames, its own size of the sound makes %llu.", ull(v->ds64_frames),
                   ull(frames));
}

static void
judge_fact(struct walk *w, const struct wave *v)
{
    const struct header *h = w->h;
    uint64_t frames = h->frame_bytes ? h->promised_bytes / (uint64_t)h->frame_bytes : 0;

    if (v->has_fact && frames && v->fact != frames && !(v->wide && v->fact == UINT32_MAX))
        walk_fault(w, "header_fact", SEVERITY_WARN, "Export it again.",
                   "The fact chunk says %llu frames, the data chunk holds %llu.", ull(v->fact), ull(frames));
}

static void
judge_sizes(struct walk *w, const struct wave *v)
{
    const struct header *h = w->h;

    if (h->kind == HEADER_RIFF && w->size > UINT32_MAX + 8ull)
        walk_fault(w, "header_too_big", SEVERITY_FAIL, "Export it as RF64 or W64.",
                   "The file has %.2f GiB: a plain WAV can't say more than 4.", (double)w->size / 0x1p30);
    else if (!v->end)
        walk_fault(w, "header_placeholder", SEVERITY_WARN, "Export it again, into a file.",
                   "The header does not say how long the file is: its writer did not come back to it.");
    else if (v->end > w->size + 1 && h->promised_bytes <= h->data_bytes && !header_has(h, "header_chunk"))
        walk_fault(w, "header_size", SEVERITY_WARN, "Export it again.",
                   "The header promises %llu bytes more than the file has.", ull(v->end - w->size));
    else if (v->end < v->chunk_end)
        walk_fault(w, "header_size", SEVERITY_WARN, "Export it again.",
                   "By its header the file ends %llu bytes before its chunks do.",
                   ull(v->chunk_end - v->end));
    else if (w->size > v->end + 1 || (w->size == v->end + 1 && !(v->end & 1)))
        walk_fault(w, "trailing_junk", SEVERITY_WARN, "Export it again.",
                   "%llu bytes that belong to nothing stand after the end.", ull(w->size - v->end));
}

static void
judge(struct walk *w, const struct wave *v)
{
    struct header *h = w->h;

    judge_fmt(w, v);
    judge_ds64(w, v);
    judge_fact(w, v);
    if (v->unfinished) {
        walk_fault(w, "header_placeholder", SEVERITY_FAIL, "Export it again, into a file.",
                   "The header does not say how long the sound is: its writer did not come back to it.");
        h->promised_bytes = 0;
    }
    if (v->datas)
        walk_judge_sound(w);
    judge_sizes(w, v);
}

/* --- walking ---------------------------------------------------------------------------------------- */

/* Sizes that a writer into a pipe puts there because it can't know. */
static bool
is_placeholder(uint64_t size32)
{
    return size32 == 0 || (size32 >= 0x7fffe000u && size32 <= 0x7fffffffu) || size32 >= 0xffffe000u;
}

/* What a chunk's 32 bits mean. */
static uint64_t
size_of(struct walk *w, struct wave *v, const struct chunk *c, uint64_t size32)
{
    bool is_data = strcmp(c->id, "data") == 0;
    uint64_t rest = walk_there(w, c->body, UINT64_MAX);

    if (v->wide && size32 == UINT32_MAX) {
        if (is_data && v->has_ds64 && v->ds64_data)
            return v->ds64_data;
        for (int i = 0; i < v->ntable; i++)
            if (memcmp(v->table[i].id, c->id, 4) == 0)
                return v->table[i].size;
    }
    if (is_data && is_placeholder(size32) &&
        (size32 == 0 ? rest > 1 && !walk_is_name(w, c->body) : size32 > rest)) {
        v->unfinished = true;
        return rest;
    }
    return size32;
}

/* An odd chunk is followed by a byte that fills it up; some writers forget. */
static uint64_t
after(struct walk *w, const struct chunk *c)
{
    uint64_t end = c->body + c->size;

    if (!(c->size & 1))
        return end;
    if (end >= w->size || (walk_is_name(w, end) && !walk_is_name(w, end + 1))) {
        walk_fault(w, "header_pad", SEVERITY_WARN, "Export it again.",
                   "The chunk '%s' has an odd length and no byte to fill it up.", c->id);
        return end;
    }
    return end + 1;
}

void
walk_riff(struct walk *w)
{
    struct wave v = {.chunk_end = 12};
    unsigned char b[8];
    uint64_t at = 12, size32;

    if (!walk_get(w, 0, b, sizeof b))
        return;
    w->h->kind = b[0] == 'B' ? HEADER_BW64 : b[1] == 'F' ? HEADER_RF64 : HEADER_RIFF;
    v.wide = w->h->kind != HEADER_RIFF;
    size32 = walk_le(b + 4, 4);
    if (!is_placeholder(size32) || size32 + 8 <= w->size)
        v.end = size32 ? size32 + 8 : 0;
    for (int i = 0; i < WALK_CHUNKS && (!v.end || at < v.end || !v.datas) && walk_is_name(w, at); i++) {
        struct chunk c = {.body = at + 8};

        if (!walk_get(w, at, b, 8))
            break;
        memcpy(c.id, b, 4);
        c.size = size_of(w, &v, &c, walk_le(b + 4, 4));
        c.there = walk_there(w, c.body, c.size);
        if (strcmp(c.id, "ds64") == 0) {
            meet_ds64(w, &v, &c);
            if (v.has_ds64 && size32 == UINT32_MAX)
                v.end = v.ds64_riff < UINT64_MAX - 8 ? v.ds64_riff + 8 : v.ds64_riff;
        } else {
            meet(w, &v, &c);
        }
        v.chunk_end = c.body + c.there;
        if (c.there < c.size)
            break;
        at = after(w, &c);
    }
    judge(w, &v);
}

/* Sizes count the 24 bytes of a chunk's head too, and chunks begin at multiples of 8. */
void
walk_w64(struct walk *w)
{
    struct wave v = {.chunk_end = 40};
    unsigned char b[40];
    uint64_t at = 40;

    w->h->kind = HEADER_W64;
    if (!walk_get(w, 0, b, sizeof b))
        return;
    v.end = walk_le(b + 16, 8);
    for (int i = 0; i < WALK_CHUNKS && (at < v.end || !v.datas) && walk_get(w, at, b, 24); i++) {
        struct chunk c = {.body = at + 24};
        uint64_t size = walk_le(b + 16, 8);

        if (!walk_is_name(w, at))
            break;
        if (memcmp(b + 4, w64_tail, sizeof w64_tail) == 0)
            memcpy(c.id, b, 4);
        else
            snprintf(c.id, sizeof c.id, "?");
        if (size < 24) {
            walk_fault(w, "header_chunk", SEVERITY_FAIL, "Export it again.",
                       "A chunk says that it has %llu bytes: its head alone has 24.", ull(size));
            break;
        }
        c.size = size - 24;
        c.there = walk_there(w, c.body, c.size);
        meet(w, &v, &c);
        v.chunk_end = c.body + c.there;
        if (c.there < c.size || c.body + c.size > UINT64_MAX - 8)
            break;
        at = (c.body + c.size + 7) & ~7ull;
    }
    judge(w, &v);
}
