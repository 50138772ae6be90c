/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/wav.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum { HEADER = 80, DS64 = 28 };

static unsigned char *
put(unsigned char *at, uint64_t value, int bytes)
{
    while (bytes--) {
        *at++ = (unsigned char)value;
        value >>= 8;
    }
    return at;
}

static unsigned char *
put_id(unsigned char *at, const char *id)
{
    memcpy(at, id, 4);
    return at + 4;
}

/* JUNK or ds64: the same size, so that the one can become the other. */
static unsigned char *
put_sizes(unsigned char *at, const struct wav *w, uint64_t riff, bool big)
{
    at = put(put_id(at, big ? "ds64" : "JUNK"), DS64, 4);
    at = put(at, big ? riff : 0, 8);
    at = put(at, big ? w->bytes : 0, 8);
    at = put(at, big ? wav_frames(w) : 0, 8);
    return put(at, 0, 4); /* no table */
}

static void
make_header(const struct wav *w, unsigned char *header)
{
    uint64_t riff = HEADER - 8 + w->bytes;
    bool big = riff + 8 > w->riff_max;
    unsigned char *at = put_id(header, big ? "RF64" : "RIFF");

    at = put_id(put(at, big ? UINT32_MAX : riff, 4), "WAVE");
    at = put_sizes(at, w, riff, big);
    at = put(put_id(at, "fmt "), 16, 4);
    at = put(at, w->is_float ? 3 : 1, 2);
    at = put(at, STEREO, 2);
    at = put(at, w->rate_hz, 4);
    at = put(at, (uint64_t)w->rate_hz * (unsigned)w->frame_bytes, 4);
    at = put(at, (unsigned)w->frame_bytes, 2);
    at = put(at, (unsigned)w->bits, 2);
    put(put_id(at, "data"), big ? UINT32_MAX : w->bytes, 4);
}

static enum status
failed(void)
{
    return errno == ENOSPC || errno == EFBIG || errno == EDQUOT ? NO_SPACE : IO_ERROR;
}

/* A disk that fills up first takes less than asked, and says why only the next time. */
static enum status
write_at(int fd, const unsigned char *bytes, size_t count, uint64_t at, size_t *done)
{
    *done = 0;
    while (*done < count) {
        ssize_t n = pwrite(fd, bytes + *done, count - *done, (off_t)(at + *done));

        if (n > 0)
            *done += (size_t)n;
        else if (n == 0)
            return errno = EIO, IO_ERROR;
        else if (errno != EINTR)
            return failed();
    }
    return OK;
}

static enum status
write_header(struct wav *w)
{
    unsigned char header[HEADER];
    size_t done;

    make_header(w, header);
    return write_at(w->fd, header, sizeof header, 0, &done);
}

enum status
wav_open(struct wav *w, const char *path, double rate_hz, int bits, bool is_float)
{
    enum status status;
    int why;

    *w = (struct wav){.fd = -1,
                      .rate_hz = (uint32_t)lround(rate_hz),
                      .bits = bits,
                      .is_float = is_float,
                      .frame_bytes = bits / 8 * STEREO,
                      .riff_max = UINT32_MAX};
    w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (w->fd < 0)
        return errno == EEXIST ? EXISTS : failed();
    status = write_header(w);
    if (status == OK)
        return OK;
    why = errno;
    close(w->fd);
    unlink(path); /* ours: we have just made it */
    w->fd = -1;
    errno = why;
    return status;
}

enum status
wav_write(struct wav *w, const void *frames, int nframes)
{
    size_t done;
    enum status status =
        write_at(w->fd, frames, (size_t)nframes * (size_t)w->frame_bytes, HEADER + w->bytes, &done);

    w->bytes += done / (size_t)w->frame_bytes * (size_t)w->frame_bytes;
    return status;
}

/* Sound first, its size afterwards: even a power cut can't leave a header that promises too much. */
enum status
wav_sync(struct wav *w)
{
    enum status status;

    if (fdatasync(w->fd))
        return failed();
    status = write_header(w);
    if (status == OK && fdatasync(w->fd))
        return failed();
    return status;
}

/* What a full disk took of a last frame goes. A frame is 4, 6, 8 or 16 bytes: never an odd byte to pad. */
enum status
wav_close(struct wav *w)
{
    enum status status = OK;
    int why = 0;

    if (w->fd < 0)
        return OK;
    if (ftruncate(w->fd, (off_t)(HEADER + w->bytes)) || (status = wav_sync(w)) != OK) {
        why = errno;
        status = failed();
    }
    if (close(w->fd) && status == OK) {
        why = errno;
        status = failed();
    }
    w->fd = -1;
    errno = why;
    return status;
}

uint64_t
wav_frames(const struct wav *w)
{
    return w->bytes / (unsigned)w->frame_bytes;
}
