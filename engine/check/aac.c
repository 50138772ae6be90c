/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sound -> socket -> ffmpeg (encodes) -> pipe -> ffmpeg (decodes) -> pipe -> sound. The first way is a
 * socket, because to write into one that nobody reads any more can be an error instead of a signal. Both ends
 * of ours are served by one poll: what can't be written must not keep us from reading.
 */
#include "engine/check/aac.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { NOBODY = -1, FIRST_FD = 3 /* above those that a child gets */ };

struct way {
    const struct trip *trip;
    pid_t encoder, decoder;
    int to, from; /* -1: closed */
    double *block;
    float *out, *in;    /* TRIP_FRAMES each */
    size_t ready, sent; /* bytes in out */
    size_t held;        /* bytes in in */
    bool given;         /* all of it is in out */
    int64_t frames;     /* given so far */
    int64_t begun_ms;
};

/* --- two programs ---------------------------------------------------------------------------------- */

static void
shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A low number could be one that the child's own ends are put on. */
static bool
lift(int *fd)
{
    int high = *fd >= FIRST_FD ? *fd : fcntl(*fd, F_DUPFD_CLOEXEC, FIRST_FD);

    if (high != *fd)
        shut(fd);
    *fd = high;
    return high >= 0;
}

/* In a group of its own, so that it can be ended with all that it has started. 0, or errno. */
static int
start(pid_t *pid, const char *const *argv, int in, int out)
{
    posix_spawn_file_actions_t ends;
    posix_spawnattr_t how;
    sigset_t none, all;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&ends);
    posix_spawn_file_actions_adddup2(&ends, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&ends, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&ends, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &all);
    error = posix_spawnp(pid, argv[0], &ends, &how, (char *const *)argv, environ);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&ends);
    if (error)
        *pid = NOBODY;
    return error;
}

static int
start_both(struct way *w, int kbps, int feed, int middle[2], int back)
{
    char rate[16], nch[16], bits[16];
    const char *const encoder[] = {"ffmpeg", "-nostdin", "-v", "quiet", "-f",     "f32le", "-ar",
                                   rate,     "-ac",      nch,  "-i",    "pipe:0", "-c:a",  "aac",
                                   "-b:a",   bits,       "-f", "adts",  "pipe:1", NULL};
    const char *const decoder[] = {"ffmpeg", "-nostdin",  "-v",  "quiet", "-f",     "aac",
                                   "-i",     "pipe:0",    "-ar", rate,    "-ac",    nch,
                                   "-c:a",   "pcm_f32le", "-f",  "f32le", "pipe:1", NULL};
    int error;

    snprintf(rate, sizeof rate, "%d", w->trip->rate_hz);
    snprintf(nch, sizeof nch, "%d", w->trip->nch);
    snprintf(bits, sizeof bits, "%dk", kbps);
    error = start(&w->encoder, encoder, feed, middle[1]);
    return error ? error : start(&w->decoder, decoder, middle[0], back);
}

/* 0, or errno. Of the ends of the ways ours stay open. */
static int
lay(struct way *w, int kbps)
{
    int feed[2] = {-1, -1}, middle[2] = {-1, -1}, back[2] = {-1, -1}, error = 0;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, feed) || pipe2(middle, O_CLOEXEC) ||
        pipe2(back, O_CLOEXEC) || !lift(&feed[1]) || !lift(&middle[0]) || !lift(&middle[1]) ||
        !lift(&back[1]))
        error = errno;
    if (!error)
        error = start_both(w, kbps, feed[1], middle, back[1]);
    shut(&feed[1]);
    shut(&middle[0]);
    shut(&middle[1]);
    shut(&back[1]);
    w->to = feed[0];
    w->from = back[0];
    return error;
}

static int64_t
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Did it end well, within our patience? It is gone afterwards. */
static bool
await(pid_t pid, bool patient)
{
    const struct timespec nap = {0, 2000000};
    int64_t end = now_ms() + AAC_PATIENCE_MS;
    int status;
    pid_t gone = 0;

    if (pid == NOBODY)
        return false;
    while (patient && (gone = waitpid(pid, &status, WNOHANG)) == 0 && now_ms() < end)
        nanosleep(&nap, NULL);
    kill(-pid, SIGKILL); /* what it may have left behind, too */
    while (gone == 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return gone == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* --- the sound ------------------------------------------------------------------------------------- */

static void
refill(struct way *w)
{
    int got = w->trip->give(w->trip->who, w->block, TRIP_FRAMES), n = got * w->trip->nch;

    for (int i = 0; i < n; i++)
        w->out[i] = (float)w->block[i];
    w->ready = sizeof *w->out * (size_t)n;
    w->sent = 0;
    w->frames += got;
    w->given = got < TRIP_FRAMES;
}

/* False: nobody takes it any more. */
static bool
send_some(struct way *w)
{
    ssize_t n;

    if (w->sent == w->ready && !w->given)
        refill(w);
    n = send(w->to, (char *)w->out + w->sent, w->ready - w->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    w->sent += (size_t)n;
    if (w->given && w->sent == w->ready)
        shut(&w->to);
    return true;
}

/* False: enough, or the end, which closes it. */
static bool
take_some(struct way *w)
{
    size_t frame = sizeof *w->in * (size_t)w->trip->nch, size = frame * TRIP_FRAMES;
    ssize_t n = read(w->from, (char *)w->in + w->held, size - w->held);
    int nframes;

    if (n < 0)
        return errno == EINTR;
    if (n == 0)
        shut(&w->from);
    w->held += (size_t)n;
    nframes = (int)(w->held / frame);
    for (int i = 0; i < nframes * w->trip->nch; i++)
        w->block[i] = w->in[i];
    w->held -= (size_t)nframes * frame;
    memmove(w->in, (char *)w->in + (size_t)nframes * frame, w->held);
    return n > 0 && (nframes == 0 || w->trip->take(w->trip->who, w->block, nframes));
}

/* Slower than the sound itself is no work, but something that drips. */
static bool
drips(const struct way *w)
{
    return now_ms() - w->begun_ms > AAC_SLOWEST_MS + w->frames * 1000 / w->trip->rate_hz;
}

/* NULL: all came through; else what went wrong. */
static const char *
carry(struct way *w)
{
    w->begun_ms = now_ms();
    for (;;) {
        struct pollfd ends[] = {{w->from, POLLIN, 0}, {w->to, POLLOUT, 0}};
        int n = poll(ends, LEN(ends), AAC_PATIENCE_MS);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || drips(w))
            return "does not answer";
        if (ends[0].revents && !take_some(w))
            break;
        if (w->to >= 0 && ends[1].revents && !send_some(w))
            return "does not take the sound";
    }
    if (w->from >= 0)
        return "gives something else back";
    return w->to >= 0 ? "ended too early" : NULL;
}

static enum status
run(struct way *w, int kbps, struct err *e)
{
    int error = lay(w, kbps);
    const char *trouble = error ? NULL : carry(w);
    bool well;

    shut(&w->to);
    shut(&w->from);
    well = await(w->encoder, !error && !trouble);
    well = await(w->decoder, !error && !trouble) && well;
    if (error == ENOENT || error == EACCES) {
        err_set(e, "there is no ffmpeg in PATH: install it to have AAC tried");
        return UNAVAILABLE;
    }
    if (!error && !trouble && well)
        return OK;
    err_set(e, "ffmpeg %s: see whether   ffmpeg -version   works",
            error     ? strerror(error)
            : trouble ? trouble
                      : "failed");
    return IO_ERROR;
}

enum status
aac_trip(int kbps, const struct trip *t, struct err *e)
{
    size_t samples = (size_t)TRIP_FRAMES * (size_t)t->nch;
    struct way w = {.trip = t, .encoder = NOBODY, .decoder = NOBODY, .to = -1, .from = -1};
    enum status status = NO_MEM;

    w.block = calloc(samples, sizeof *w.block);
    w.out = calloc(samples, sizeof *w.out);
    w.in = calloc(samples, sizeof *w.in);
    err_set(e, "out of memory");
    if (w.block && w.out && w.in)
        status = run(&w, kbps, e);
    free(w.block);
    free(w.out);
    free(w.in);
    return status;
}
