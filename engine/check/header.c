/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/header.h"

#include "engine/check/headerwalk.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- for the walks ---------------------------------------------------------------------------------- */

bool
walk_get(struct walk *w, uint64_t at, void *to, size_t n)
{
    size_t done = 0;

    if (w->error || n > w->size || at > w->size - n)
        return false;
    while (done < n) {
        ssize_t got = pread(w->fd, (char *)to + done, n - done, (off_t)(at + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            w->error = errno;
        if (got <= 0) /* 0: it has become shorter meanwhile */
            return false;
        done += (size_t)got;
    }
    return true;
}

uint64_t
walk_le(const unsigned char *at, int bytes)
{
    uint64_t v = 0;

    while (bytes--)
        v = v << 8 | at[bytes];
    return v;
}

uint64_t
walk_be(const unsigned char *at, int bytes)
{
    uint64_t v = 0;

    for (int i = 0; i < bytes; i++)
        v = v << 8 | at[i];
    return v;
}

bool
walk_is_name(struct walk *w, uint64_t at)
{
    unsigned char id[4];

    if (!walk_get(w, at, id, 4))
        return false;
    for (int i = 0; i < 4; i++)
        if (id[i] < 0x20 || id[i] > 0x7e)
            return false;
    return true;
}

uint64_t
walk_there(const struct walk *w, uint64_t body, uint64_t size)
{
    uint64_t rest = body < w->size ? w->size - body : 0;

    return size < rest ? size : rest;
}

/* Length of the UTF-8 sequence that starts at s; 0: none does. */
static int
sequence(const unsigned char *s, int n)
{
    int length = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

    if (length == 0 || length > n)
        return 0;
    for (int i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
        (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return length;
}

/* Old writers mean ISO 8859-1: a byte that is no UTF-8 is taken as that. */
void
walk_text(struct walk *w, uint64_t at, uint64_t n, char *out)
{
    unsigned char in[HEADER_TEXT];
    int size = n < sizeof in ? (int)n : (int)sizeof in, o = 0;

    if (out[0] || !walk_get(w, at, in, (size_t)size))
        return;
    for (int i = 0; i < size && in[i] && o < HEADER_TEXT - 4;) {
        int length = sequence(in + i, size - i);

        if (length == 0 && size - i < 4 && n > (uint64_t)size)
            break; /* cut through */
        if (length == 0 && in[i] < 0xa0) {
            out[o++] = '?';
        } else if (length == 0) {
            out[o++] = (char)(0xc0 | in[i] >> 6);
            out[o++] = (char)(0x80 | (in[i] & 0x3f));
        } else if (length == 1) {
            out[o++] = in[i] < 0x20 || in[i] == 0x7f ? ' ' : (char)in[i];
        } else {
            memcpy(out + o, in + i, (size_t)length);
            o += length;
        }
        i += length ? length : 1;
    }
    while (o > 0 && out[o - 1] == ' ')
        o--;
    out[o] = 0;
}

void
walk_fault(struct walk *w, const char *kind, enum severity s, const char *mend, const char *format, ...)
{
    struct finding *f = &w->h->fault[w->h->nfaults];
    va_list ap;

    if (w->h->nfaults == HEADER_FAULTS || header_has(w->h, kind))
        return; /* the first of a kind tells enough */
    *f = (struct finding){
        .kind = kind, .severity = s, .channel = -1, .from_s = FINDING_WHOLE, .to_s = FINDING_WHOLE};
    va_start(ap, format);
    vsnprintf(f->what, sizeof f->what, format, ap);
    va_end(ap);
    snprintf(f->mend, sizeof f->mend, "%s", mend);
    w->h->nfaults++;
}

void
walk_judge_sound(struct walk *w)
{
    struct header *h = w->h;
    uint64_t frame = (uint64_t)h->frame_bytes;

    if (h->promised_bytes > h->data_bytes) {
        uint64_t missing = h->promised_bytes - h->data_bytes;
        double s = frame && h->rate_hz > 0 ? (double)(missing / frame) / h->rate_hz : 0.0;

        walk_fault(
            w, "ends_early", SEVERITY_FAIL, "Copy or export it again: the end of the sound is missing.",
            "The file ends early: %llu bytes of sound are missing (%.3f s).", (unsigned long long)missing, s);
    } else if (frame && h->data_bytes % frame) {
        walk_fault(w, "partial_frame", SEVERITY_FAIL, "Export it again.",
                   "The sound ends within a frame: %llu bytes are no whole number of frames of %llu bytes.",
                   (unsigned long long)h->data_bytes, (unsigned long long)frame);
    }
    if (frame && h->frames < 0 && h->promised_bytes)
        h->frames = (int64_t)(h->promised_bytes / frame);
}

/* --- the header's functions ------------------------------------------------------------------------- */

/* An ID3v2 tag before everything else: its length; 0: there is none. */
static uint64_t
tag_before(struct walk *w)
{
    unsigned char b[10];

    if (!walk_get(w, 0, b, sizeof b) || memcmp(b, "ID3", 3) != 0 || (b[6] | b[7] | b[8] | b[9]) & 0x80)
        return 0;
    return 10 + ((uint64_t)b[6] << 21 | (uint64_t)b[7] << 14 | (uint64_t)b[8] << 7 | b[9]) +
           (b[5] & 0x10 ? 10 : 0);
}

static void
walk_any(struct walk *w)
{
    uint64_t tag = tag_before(w);
    unsigned char b[12];

    if (walk_get(w, tag, b, 4) && memcmp(b, "fLaC", 4) == 0) {
        if (tag)
            walk_fault(w, "id3_before", SEVERITY_WARN, "Remove it: FLAC has tags of its own.",
                       "An ID3 tag of %llu bytes stands before the FLAC data.", (unsigned long long)tag);
        walk_flac(w, tag);
    } else if (!walk_get(w, 0, b, sizeof b)) {
        return;
    } else if ((memcmp(b, "RIFF", 4) == 0 || memcmp(b, "RF64", 4) == 0 || memcmp(b, "BW64", 4) == 0) &&
               memcmp(b + 8, "WAVE", 4) == 0) {
        walk_riff(w);
    } else if (memcmp(b, "FORM", 4) == 0 && memcmp(b + 8, "AIF", 3) == 0 && (b[11] == 'F' || b[11] == 'C')) {
        walk_aiff(w);
    } else if (memcmp(b, "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb", 12) == 0) {
        walk_w64(w);
    }
}

enum status
header_read(struct header *h, int fd)
{
    struct walk w = {.fd = fd, .h = h};
    struct stat st;

    *h = (struct header){.frames = -1, .bext_version = -1};
    for (int i = 0; i < HEADER_STATED; i++)
        h->stated[i] = NAN;
    if (fstat(fd, &st))
        return IO_ERROR;
    if (!S_ISREG(st.st_mode))
        return OK;
    h->file_bytes = w.size = (uint64_t)st.st_size;
    walk_any(&w);
    errno = w.error;
    return w.error ? IO_ERROR : OK;
}

enum status
header_of(struct header *h, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    enum status status;

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? NOT_FOUND : IO_ERROR;
    status = header_read(h, fd);
    close(fd);
    return status;
}

bool
header_has(const struct header *h, const char *kind)
{
    for (int i = 0; i < h->nfaults; i++)
        if (strcmp(h->fault[i].kind, kind) == 0)
            return true;
    return false;
}
