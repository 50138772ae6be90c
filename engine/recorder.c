/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/recorder.h"

#include "engine/params.h"
#include "engine/publish.h"
#include "engine/ring.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * The ring's own count of what was taken is the count of frames in the file,
 * so nothing else is shared. The first refusal is one item on a second ring,
 * which control looks at without taking it.
 */

enum { STEP = 4096, SYNC_MS = 500 };

struct fault {
    enum status status;
    uint64_t frames; /* that fitted */
    struct err err;
};

struct recorder {
    double rate_hz;
    struct ring sound;           /* process -> disk: interleaved frames */
    struct ring fault;           /* disk -> control: at most one a print */
    struct ring done;            /* disk -> control: how closing went, once recorder_finish() was called */
    struct publish_count finish; /* control -> disk */
    pthread_mutex_t file;        /* between control and disk: who has the writer */
    struct soundwriter *writer;  /* NULL: no print */
    bool refused;                /* the disk's: throw the rest away */
    uint64_t unsynced;           /* frames in the file that its header does not know */
    uint64_t sync_frames;        /* as many are too many */
    struct timespec synced;
    double step[STEP * STEREO];
    size_t base;   /* the sound ring's count at the print's first frame: control's */
    uint64_t last; /* frames of the last print: control's */
    bool open;     /* control's */
    char path[4096];
    struct print_settings settings; /* of the running or the last print */
};

static const enum sound_format sound_format[] = {
    [PRINT_WAV32F] = SOUND_WAV32F, [PRINT_WAV24] = SOUND_WAV24, [PRINT_WAV16] = SOUND_WAV16};

static bool
sync_is_due(const struct recorder *r)
{
    struct timespec now;
    double ms;

    if (r->unsynced == 0)
        return false;
    clock_gettime(CLOCK_MONOTONIC, &now);
    ms = (double)(now.tv_sec - r->synced.tv_sec) * 1e3 + (double)(now.tv_nsec - r->synced.tv_nsec) * 1e-6;
    return r->unsynced >= r->sync_frames || ms >= SYNC_MS;
}

static void
refuse(struct recorder *r, enum status status, const struct err *e, uint64_t frames)
{
    struct fault f = {status, frames, *e};

    soundwriter_sync(r->writer, NULL); /* what fitted opens, even if we are killed now */
    r->refused = true;
    ring_write(&r->fault, &f, 1);
}

/* One step; the lock is held. */
static bool
drain(struct recorder *r)
{
    size_t n = ring_peek(&r->sound, 0, r->step, STEP);
    struct err e = {""};
    enum status status = OK;
    bool due;

    if (n && !r->refused)
        status = soundwriter_write(r->writer, r->step, (int)n, &e);
    if (status != OK) {
        refuse(r, status, &e, soundwriter_frames(r->writer));
    } else if (!r->refused) {
        r->unsynced += n;
        due = sync_is_due(r);
        if (due && (status = soundwriter_sync(r->writer, &e)) != OK)
            refuse(r, status, &e, soundwriter_frames(r->writer));
        if (due) {
            r->unsynced = 0;
            clock_gettime(CLOCK_MONOTONIC, &r->synced);
        }
    }
    ring_drop(&r->sound, n);
    return n > 0;
}

/* --- the header's functions --- */

enum sound_format
print_sound_format(enum print_format f)
{
    return sound_format[f];
}

struct print_settings
print_settings_of(const double *values)
{
    return (struct print_settings){
        .format = (int)values[param_find("/print/format")],
        .dither = {.shape = (int)values[param_find("/print/dither")],
                   .seed = (uint32_t)values[param_find("/print/seed")],
                   .blank = values[param_find("/print/blank")] != 0.0},
    };
}

enum status
recorder_prepare(struct recorder **r, double rate_hz)
{
    *r = NULL;
    if (!rate_ok(rate_hz))
        return BAD_ARG;
    *r = calloc(1, sizeof **r);
    if (!*r)
        return NO_MEM;
    (*r)->rate_hz = rate_hz;
    pthread_mutex_init(&(*r)->file, NULL);
    if (ring_prepare(&(*r)->sound, sizeof(double) * STEREO, (size_t)(rate_hz * RECORDER_AHEAD_MS * 1e-3)) ==
            OK &&
        ring_prepare(&(*r)->fault, sizeof(struct fault), 2) == OK &&
        ring_prepare(&(*r)->done, sizeof(struct fault), 2) == OK)
        return OK;
    recorder_free(*r);
    *r = NULL;
    return NO_MEM;
}

void
recorder_free(struct recorder *r)
{
    if (!r)
        return;
    recorder_close(r, NULL);
    ring_free(&r->sound);
    ring_free(&r->fault);
    ring_free(&r->done);
    pthread_mutex_destroy(&r->file);
    free(r);
}

enum status
recorder_open(struct recorder *r, const char *path, const struct print_settings *s, struct err *e)
{
    struct soundwriter *writer;
    enum status status;

    if (r->open) {
        err_set(e, "%s: is being printed already: stop that print first", r->path);
        return BAD_ARG;
    }
    if ((unsigned)s->format >= LEN(sound_format) || strlen(path) >= sizeof r->path) {
        err_set(e, "%.200s: can't be printed: use wav32f, wav24 or wav16 and a shorter name", path);
        return BAD_ARG;
    }
    status = soundwriter_open(&writer, path, r->rate_hz, sound_format[s->format], &s->dither, e);
    if (status != OK)
        return status;
    ring_drop(&r->fault, ring_readable(&r->fault));
    publish_count_set(&r->finish, 0);
    pthread_mutex_lock(&r->file);
    ring_drop(&r->sound, ring_readable(&r->sound));
    r->base = ring_taken(&r->sound);
    r->writer = writer;
    r->refused = false;
    r->unsynced = 0;
    r->sync_frames = (uint64_t)(r->rate_hz * SYNC_MS * 1e-3);
    clock_gettime(CLOCK_MONOTONIC, &r->synced);
    pthread_mutex_unlock(&r->file);
    r->open = true;
    strcpy(r->path, path);
    r->settings = *s;
    return OK;
}

/* All that was written is in the file; the lock is held. */
static void
finish(struct recorder *r)
{
    struct fault f = {.status = OK};

    f.status = soundwriter_close(r->writer, &f.err);
    r->writer = NULL;
    ring_write(&r->done, &f, 1);
}

void
recorder_finish(struct recorder *r)
{
    publish_count_set(&r->finish, 1);
}

bool
recorder_finished(const struct recorder *r)
{
    return !r->open || ring_readable(&r->done) > 0;
}

enum status
recorder_close(struct recorder *r, struct err *e)
{
    struct fault closed = {.status = OK};
    enum status status;

    if (!r->open)
        return OK;
    pthread_mutex_lock(&r->file);
    while (r->writer && drain(r))
        ;
    if (r->writer)
        finish(r);
    pthread_mutex_unlock(&r->file);
    ring_read(&r->done, &closed, 1);
    r->last = recorder_frames(r);
    r->open = false;
    status = recorder_state(r, e);
    if (status == OK && closed.status != OK)
        err_set(e, "%s", closed.err.text);
    return status == OK ? closed.status : status;
}

enum status
recorder_state(const struct recorder *r, struct err *e)
{
    struct fault f;

    if (!ring_peek(&r->fault, 0, &f, 1))
        return OK;
    err_set(e, "%s", f.err.text);
    return f.status;
}

uint64_t
recorder_frames(const struct recorder *r)
{
    struct fault f;

    if (!r->open)
        return r->last;
    if (ring_peek(&r->fault, 0, &f, 1))
        return f.frames;
    return ring_taken(&r->sound) - r->base;
}

const char *
recorder_path(const struct recorder *r)
{
    return r->path;
}

const struct print_settings *
recorder_settings(const struct recorder *r)
{
    return &r->settings;
}

bool
recorder_drain(struct recorder *r)
{
    bool did = false;

    pthread_mutex_lock(&r->file);
    if (r->writer)
        did = drain(r);
    if (r->writer && !did && publish_count_get(&r->finish))
        finish(r);
    pthread_mutex_unlock(&r->file);
    return did;
}

RT int
recorder_write(struct recorder *r, const double *const *in, int nframes)
{
    double part[64 * STEREO];
    int done = 0;

    while (done < nframes) {
        int n = nframes - done < 64 ? nframes - done : 64, fitted;

        for (int i = 0; i < n; i++) {
            for (int c = 0; c < STEREO; c++)
                part[i * STEREO + c] = in[c][done + i];
        }
        fitted = (int)ring_write(&r->sound, part, (size_t)n);
        done += fitted;
        if (fitted < n)
            break;
    }
    return done;
}
