/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The process is started without a copy of ours (posix_spawn): the process thread must not find its memory shared with
 * a child, page by page, just because somebody plugs in a box. It is in a group of its own, so that a Ctrl-C at the
 * terminal does not end it before it has said goodbye to the device.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* posix_spawn_file_actions_addclosefrom_np */
#endif
#include "control/midi/bridge.h"

#include "control/midi/message.h"
#include "control/midi/portmidi.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000LL

extern char **environ;

/* Bytes of the kernel's bookkeeping: 86 messages on their way out, so that what is old does not pile up in there. */
enum { SEND_BUFFER = 32768, SOCKET_IN_CHILD = 3, LEAVING = 64 };

struct bridge {
    int fd;
    pid_t pid;
    bool ended;
    char why[256], news[256];
};

/* Closed, but not yet gone. */
static struct {
    pid_t pid;
    int64_t until_ns;
} leaving[LEAVING];
static int nleaving;

static int64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 * MS + t.tv_nsec;
}

/* --- the process ---------------------------------------------------------------------------------------------------- */

static bool
has_ended(pid_t pid)
{
    pid_t got = waitpid(pid, NULL, WNOHANG);

    return got == pid || (got < 0 && errno != EINTR);
}

static void
look_after_leaving(void)
{
    for (int i = nleaving - 1; i >= 0; i--) {
        if (!has_ended(leaving[i].pid)) {
            if (now_ns() >= leaving[i].until_ns)
                kill(leaving[i].pid, SIGKILL);
            continue;
        }
        leaving[i] = leaving[--nleaving];
    }
}

int
bridge_reap(int wait_ms)
{
    static const struct timespec moment = {.tv_nsec = 2 * MS};
    int64_t until = now_ns() + wait_ms * MS;

    look_after_leaving();
    while (nleaving && now_ns() < until) {
        nanosleep(&moment, NULL);
        look_after_leaving();
    }
    return nleaving;
}

static void
let_go(pid_t pid)
{
    look_after_leaving();
    if (nleaving == LEAVING) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        return;
    }
    leaving[nleaving].pid = pid;
    leaving[nleaving++].until_ns = now_ns() + BRIDGE_LEAVE_MS * MS;
}

/* Nothing of ours goes along: no descriptor but the socket, no signal that we ignore or hold back. */
static int
prepare(posix_spawn_file_actions_t *files, posix_spawnattr_t *how, int fd)
{
    sigset_t all, none;
    int error = 0;

    sigfillset(&all);
    sigemptyset(&none);
    error |= posix_spawn_file_actions_adddup2(files, fd, SOCKET_IN_CHILD);
    error |= posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    error |= posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    error |= posix_spawn_file_actions_adddup2(files, STDOUT_FILENO, STDERR_FILENO);
    error |= posix_spawn_file_actions_addclosefrom_np(files, SOCKET_IN_CHILD + 1);
    error |= posix_spawnattr_setsigdefault(how, &all);
    error |= posix_spawnattr_setsigmask(how, &none);
    error |= posix_spawnattr_setpgroup(how, 0);
    error |=
        posix_spawnattr_setflags(how, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    return error;
}

/* 0, or an errno. */
static int
spawn(pid_t *pid, const char *program, char **argv, int fd)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    int error = posix_spawn_file_actions_init(&files);

    if (error)
        return error;
    error = posix_spawnattr_init(&how);
    if (!error) {
        error = prepare(&files, &how, fd) ? ENOMEM : posix_spawn(pid, program, &files, &how, argv, environ);
        posix_spawnattr_destroy(&how);
    }
    posix_spawn_file_actions_destroy(&files);
    return error;
}

/* As control/cli/bridge.c reads it. */
static int
start(struct bridge *b, const char *program, const struct midi_device *d, int fd)
{
    char socket[16], address[32], ways[4], client[sizeof d->client], port[sizeof d->port];
    char name[] = "deadwax", verb[] = "midi-bridge";
    char *argv[] = {name, verb, socket, address, ways, client, port, NULL};

    snprintf(socket, sizeof socket, "%d", SOCKET_IN_CHILD);
    snprintf(address, sizeof address, "%d:%d", d->client_number, d->port_number);
    snprintf(ways, sizeof ways, "%s%s", d->in ? "i" : "", d->out ? "o" : "");
    snprintf(client, sizeof client, "%s", d->client);
    snprintf(port, sizeof port, "%s", d->port);
    return spawn(&b->pid, program ? program : "/proc/self/exe", argv, fd);
}

enum status
bridge_open(struct bridge **b, const char *program, const struct midi_device *d, struct err *e)
{
    int pair[2], error, size = SEND_BUFFER;

    look_after_leaving();
    *b = calloc(1, sizeof **b);
    if (!*b) {
        err_set(e, "no memory for a MIDI device");
        return NO_MEM;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
        err_set(e, "no socket for a MIDI device (%s)", strerror(errno));
        free(*b);
        *b = NULL;
        return UNAVAILABLE;
    }
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    (*b)->fd = pair[0];
    error = start(*b, program, d, pair[1]);
    close(pair[1]);
    if (error) {
        err_set(e, "%s can't be started (%s)", program ? program : "deadwax midi-bridge", strerror(error));
        close(pair[0]);
        free(*b);
        *b = NULL;
        return UNAVAILABLE;
    }
    return OK;
}

void
bridge_close(struct bridge *b)
{
    if (!b)
        return;
    close(b->fd); /* what was sent before is still read at the other end */
    let_go(b->pid);
    free(b);
}

/* --- the socket ----------------------------------------------------------------------------------------------------- */

int
bridge_fd(const struct bridge *b)
{
    return b->fd;
}

static void
read_words(char *words, size_t size, const uint8_t *bytes, size_t n)
{
    snprintf(words, size, "%.*s", (int)n - 1, (const char *)bytes + 1);
    for (char *c = words; *c; c++) /* they may go to a terminal */
        if ((unsigned char)*c < 32 || *c == 127)
            *c = ' ';
}

static void
take(struct bridge *b, const uint8_t *bytes, size_t size, bridge_each *each, void *context)
{
    if (bytes[0] == PORTMIDI_NEWS)
        read_words(b->news, sizeof b->news, bytes, size);
    else if (bytes[0] == PORTMIDI_END)
        read_words(b->why, sizeof b->why, bytes, size);
    else if (midi_whole(bytes, size))
        each(context, bytes, size);
}

/* The other end is closed only when the process ends. */
static void
end(struct bridge *b)
{
    b->ended = true;
    if (!b->why[0])
        snprintf(b->why, sizeof b->why, "the process that spoke to it has died");
}

bool
bridge_receive(struct bridge *b, bridge_each *each, void *context)
{
    uint8_t bytes[MESSAGE_MAX];

    look_after_leaving();
    for (int i = 0; i < BRIDGE_AT_ONCE && !b->ended; i++) {
        ssize_t n = recv(b->fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_TRUNC);

        if (n > (ssize_t)sizeof bytes)
            continue;
        if (n > 0)
            take(b, bytes, (size_t)n, each, context);
        else if (n == 0)
            end(b);
        else if (errno == EAGAIN)
            break;
        else if (errno != EINTR && errno != ECONNRESET) /* reset: what it has sent is still to be read */
            end(b);
    }
    return !b->ended;
}

const char *
bridge_why(const struct bridge *b)
{
    return b->why;
}

const char *
bridge_news(struct bridge *b)
{
    static char news[sizeof b->news];

    if (!b->news[0])
        return NULL;
    memcpy(news, b->news, sizeof news);
    b->news[0] = 0;
    return news;
}

static bool
bridge_send(void *context, const uint8_t *bytes, size_t size)
{
    const struct bridge *b = context;

    return send(b->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size;
}

struct midi_port
bridge_port(struct bridge *b)
{
    return (struct midi_port){.send = bridge_send, .context = b};
}
