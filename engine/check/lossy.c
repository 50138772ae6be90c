/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/lossy.h"

#include <errno.h>
#include <fcntl.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libsndfile does not always tell of a write that failed (Ogg pages): so the file is ours, and we know. */
struct store {
    int fd, error; /* errno of the first failure */
    sf_count_t at, length;
    const char *folder;
};

static sf_count_t
store_length(void *who)
{
    return ((struct store *)who)->length;
}

static sf_count_t
store_tell(void *who)
{
    return ((struct store *)who)->at;
}

static sf_count_t
store_seek(sf_count_t offset, int whence, void *who)
{
    struct store *s = who;

    s->at = offset + (whence == SEEK_CUR ? s->at : whence == SEEK_END ? s->length : 0);
    return s->at;
}

static sf_count_t
store_read(void *data, sf_count_t count, void *who)
{
    struct store *s = who;
    sf_count_t done = 0;

    while (done < count) {
        ssize_t n = pread(s->fd, (char *)data + done, (size_t)(count - done), s->at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && !s->error)
            s->error = errno;
        if (n <= 0)
            break;
        done += n;
        s->at += n;
    }
    return done;
}

static sf_count_t
store_write(const void *data, sf_count_t count, void *who)
{
    struct store *s = who;
    sf_count_t done = 0;

    while (done < count && !s->error) {
        ssize_t n = pwrite(s->fd, (const char *)data + done, (size_t)(count - done), s->at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            s->error = n < 0 ? errno : ENOSPC;
            break;
        }
        done += n;
        s->at += n;
        if (s->at > s->length)
            s->length = s->at;
    }
    return done;
}

static SF_VIRTUAL_IO store_calls = {store_length, store_seek, store_read, store_write, store_tell};

static enum status
store_failed(const struct store *s, struct err *e)
{
    bool full = s->error == ENOSPC || s->error == EFBIG || s->error == EDQUOT;

    err_set(e, "%s: what is encoded can't be kept there (%s): %s", s->folder, strerror(s->error),
            full ? "make room, or set TMPDIR to a folder with more" : "set TMPDIR to another folder");
    return full ? NO_SPACE : IO_ERROR;
}

static enum status
store_open(struct store *s, struct err *e)
{
    const char *folder = getenv("TMPDIR");
    char name[4096];

    *s = (struct store){.folder = folder && *folder ? folder : "/tmp"};
    s->fd = open(s->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (s->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) { /* a file system that has no such files */
        snprintf(name, sizeof name, "%s/deadwax-XXXXXX", s->folder);
        s->fd = mkostemp(name, O_CLOEXEC);
        if (s->fd >= 0)
            unlink(name);
    }
    s->error = s->fd < 0 ? errno : 0;
    return s->fd < 0 ? store_failed(s, e) : OK;
}

/* --- qualities ------------------------------------------------------------------------------------- */

static double
level_of(enum lossy_codec codec, int quality, int nch)
{
    switch (codec) {
    case LOSSY_VORBIS: return 1.0 - quality / 10.0;
    case LOSSY_OPUS: return 1.0 - (quality * 1000.0 / nch - 6000.0) / 250000.0;
    default: return (320.0 - quality - 0.5) / 288.0 > 0.0 ? (320.0 - quality - 0.5) / 288.0 : 0.0;
    }
}

static SNDFILE *
open_encoder(struct store *s, enum lossy_codec codec, int quality, const struct trip *t)
{
    static const int formats[] = {[LOSSY_VORBIS] = SF_FORMAT_OGG | SF_FORMAT_VORBIS,
                                  [LOSSY_OPUS] = SF_FORMAT_OGG | SF_FORMAT_OPUS,
                                  [LOSSY_MP3] = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III};
    SF_INFO info = {.samplerate = t->rate_hz, .channels = t->nch, .format = formats[codec]};
    double level = level_of(codec, quality, t->nch);
    int constant = SF_BITRATE_MODE_CONSTANT;
    SNDFILE *f = sf_format_check(&info) ? sf_open_virtual(&store_calls, SFM_WRITE, &info, s) : NULL;

    if (!f)
        return NULL;
    if (codec == LOSSY_MP3)
        sf_command(f, SFC_SET_BITRATE_MODE, &constant, sizeof constant);
    if (!sf_command(f, SFC_SET_COMPRESSION_LEVEL, &level, sizeof level)) {
        sf_close(f);
        return NULL;
    }
    return f;
}

/* --- there and back -------------------------------------------------------------------------------- */

static enum status
encode(struct store *s, enum lossy_codec codec, int quality, const struct trip *t, double *block,
       struct err *e)
{
    SNDFILE *f = open_encoder(s, codec, quality, t);
    bool whole = true;
    int got = TRIP_FRAMES;

    if (!f && !s->error) {
        err_set(e, "libsndfile does not write it here at %d Hz: install libsndfile 1.1 or newer", t->rate_hz);
        return UNAVAILABLE;
    }
    while (f && got == TRIP_FRAMES && whole && !s->error) {
        got = t->give(t->who, block, TRIP_FRAMES);
        whole = sf_writef_double(f, block, got) == got;
    }
    if (f)
        sf_close(f);
    if (s->error)
        return store_failed(s, e);
    if (!whole)
        err_set(e, "the encoder of libsndfile failed");
    return whole ? OK : IO_ERROR;
}

static enum status
decode(struct store *s, const struct trip *t, double *block, struct err *e)
{
    SF_INFO info = {0};
    SNDFILE *f;
    int got = TRIP_FRAMES;

    s->at = 0;
    f = sf_open_virtual(&store_calls, SFM_READ, &info, s);
    if (!f || info.channels != t->nch || info.samplerate != t->rate_hz) {
        if (f)
            sf_close(f);
        if (s->error)
            return store_failed(s, e);
        err_set(e, "libsndfile does not read what it has encoded");
        return IO_ERROR;
    }
    while (got == TRIP_FRAMES) {
        got = (int)sf_readf_double(f, block, TRIP_FRAMES);
        if (got > 0 && !t->take(t->who, block, got))
            break;
    }
    sf_close(f);
    return s->error ? store_failed(s, e) : OK;
}

enum status
lossy_trip(enum lossy_codec codec, int quality, const struct trip *t, struct err *e)
{
    double *block = malloc(sizeof *block * TRIP_FRAMES * (size_t)t->nch);
    struct store s;
    enum status status;

    err_set(e, "out of memory");
    if (!block)
        return NO_MEM;
    status = store_open(&s, e);
    if (status == OK) {
        status = encode(&s, codec, quality, t, block, e);
        if (status == OK)
            status = decode(&s, t, block, e);
        close(s.fd);
    }
    free(block);
    return status;
}
