/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What PortMidi 217 does not do is done beside it:
 *
 *   which   it tells the names of ports alone, in the sequencer's order: outputs before inputs of the same port. We walk
 *           along the sequencer's own list, and see afterwards in there whether we are joined to the right one.
 *   wait    it wants to be polled. The one descriptor of the sequencer in this process is its own, and readable when it
 *           has something. Pm_Read empties it, into a queue of PortMidi's.
 *   lost    it takes no notice when the kernel's queue for it has run over (200 events; we ask for the most there is).
 *           Reading no bytes from the descriptor says so.
 *   room    the kernel drops what the driver's buffer can't take, without a word. The card's page in /proc tells how much
 *           still waits in there.
 *   gone    an input that was pulled is silent. The sequencer's list says that nobody is joined to us.
 *
 * sources  PortMidi 217, pm_linux/pmlinuxalsa.c; Linux 6.1, sound/core/seq/seq_clientmgr.c, seq_fifo.c, seq_midi.c
 */
#include "control/midi/portmidi.h"

#include "control/midi/message.h"
#include "control/midi/piece.h"
#include "control/midi/sequencer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <portmidi.h>
#include <signal.h>
#include <sound/asequencer.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MS   1000000LL
#define NODE "/dev/snd/seq"

enum { QUEUE = 16384 /* PortMidi's, of four bytes each */, POOL = 2000 /* events: the kernel's most */ };
enum { AT_ONCE = 64 /* numbers of PortMidi's */, HELD = 8192, OUT_AT_ONCE = 16 };
enum { TRIES = 5, TRY_MS = 50, WAIT_MS = 5, STUCK_MS = 2000, LAST_WORDS_MS = 100 };

struct portmidi {
    const struct midi_device *d;
    int socket, sequencer; /* descriptors */
    int ours;              /* our client's number */
    PortMidiStream *in, *out;

    bool more; /* PortMidi has more than was read: the descriptor does not say so */
    struct piece piece;
    struct midi_parser parser;
    uint64_t lost;      /* times that something ran over */
    uint8_t held[HELD]; /* what the socket has not taken yet: two bytes of size, then a packet; and so on */
    size_t held_size, held_sent;

    uint8_t message[MESSAGE_MAX]; /* the one that is to leave next */
    size_t size;                  /* 0: none */
    long ahead;                   /* bytes that may go out before we look again how many wait */
    int64_t stuck_ns;             /* since when the device takes nothing; 0: it does */

    int64_t look_ns;
    bool leaving;
    char why[256]; /* it ends */
};

static volatile sig_atomic_t told_to_leave;

static void
leave_on(int number)
{
    (void)number;
    told_to_leave = 1;
}

static int64_t
now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 * MS + t.tv_nsec;
}

__attribute__((format(printf, 2, 3))) static bool
fail(struct portmidi *p, const char *format, ...)
{
    va_list ap;

    if (p->why[0])
        return false;
    va_start(ap, format);
    vsnprintf(p->why, sizeof p->why, format, ap);
    va_end(ap);
    return false;
}

/* --- to the socket -------------------------------------------------------------------------------------------------- */

static void
hold(void *context, const uint8_t *bytes, size_t size)
{
    struct portmidi *p = context;

    if (p->held_size + 2 + size > HELD) {
        p->lost++;
        return;
    }
    p->held[p->held_size++] = (uint8_t)(size >> 8);
    p->held[p->held_size++] = (uint8_t)size;
    memcpy(p->held + p->held_size, bytes, size);
    p->held_size += size;
}

static void
hold_words(struct portmidi *p, char kind, const char *words)
{
    uint8_t packet[300];
    int n = snprintf((char *)packet, sizeof packet, "%c%s", kind, words);

    hold(p, packet, n < (int)sizeof packet ? (size_t)n : sizeof packet - 1);
}

/* As much as it takes. False: nobody is there. */
static bool
send_held(struct portmidi *p)
{
    while (p->held_sent < p->held_size) {
        const uint8_t *at = p->held + p->held_sent;
        size_t size = (size_t)at[0] << 8 | at[1];

        if (send(p->socket, at + 2, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
        p->held_sent += 2 + size;
    }
    p->held_size = p->held_sent = 0;
    return true;
}

static void
last_words(struct portmidi *p)
{
    int64_t until = now_ns() + LAST_WORDS_MS * MS;

    hold_words(p, PORTMIDI_END, p->why);
    while (send_held(p) && p->held_size && now_ns() < until) {
        struct pollfd room = {.fd = p->socket, .events = POLLOUT};

        poll(&room, 1, WAIT_MS);
    }
}

/* --- which one ------------------------------------------------------------------------------------------------------ */

struct walk {
    const struct midi_device *d;
    int next; /* PortMidi's number from which on the next one is */
    int in, out;
    bool there, lost;
};

/* PortMidi may know of more than we are shown, never the other way round, unless it came in between. */
static int
walk_to(struct walk *w, const char *name, bool input)
{
    for (; w->next < Pm_CountDevices(); w->next++) {
        const PmDeviceInfo *info = Pm_GetDeviceInfo(w->next);

        if (info && !!info->input == input && !strcmp(info->name, name))
            return w->next++;
    }
    w->lost = true;
    return pmNoDevice;
}

static bool
is_it(const struct sequencer_port *port, const struct midi_device *d)
{
    return port->client == d->client_number && port->port == d->port_number &&
           !strcmp(port->client_name, d->client) && !strcmp(port->name, d->port);
}

static void
walk(void *context, const struct sequencer_port *port)
{
    struct walk *w = context;
    int in = pmNoDevice, out = pmNoDevice;

    if (port->client == SNDRV_SEQ_CLIENT_SYSTEM || w->there)
        return;
    if (port->takes)
        out = walk_to(w, port->name, false);
    if (port->sends)
        in = walk_to(w, port->name, true);
    if (!is_it(port, w->d))
        return;
    w->there = true;
    w->in = in;
    w->out = out;
}

static int
find_sequencer(void)
{
    char path[64], to[64];
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    int found = -1;
    ssize_t n;

    while (dir && found < 0 && (entry = readdir(dir))) {
        snprintf(path, sizeof path, "/proc/self/fd/%.32s", entry->d_name);
        n = readlink(path, to, sizeof to - 1);
        to[n > 0 ? n : 0] = 0;
        if (!strcmp(to, NODE))
            found = atoi(entry->d_name);
    }
    if (dir)
        closedir(dir);
    return found;
}

/* A large queue where the kernel keeps what has come, before anything comes. */
static bool
find_ours(struct portmidi *p)
{
    struct snd_seq_client_pool pool = {0};

    p->sequencer = find_sequencer();
    if (p->sequencer < 0)
        return fail(p,
                    "PortMidi does not use " NODE ": see that no .asoundrc gives the sequencer another type");
    if (ioctl(p->sequencer, SNDRV_SEQ_IOCTL_CLIENT_ID, &p->ours))
        return fail(p, NODE ": %s", strerror(errno));
    pool.client = p->ours;
    if (!ioctl(p->sequencer, SNDRV_SEQ_IOCTL_GET_CLIENT_POOL, &pool)) {
        pool.input_pool = POOL;
        ioctl(p->sequencer, SNDRV_SEQ_IOCTL_SET_CLIENT_POOL, &pool);
    }
    return true;
}

static const char *
why_not(PmError error, char *text, size_t size)
{
    text[0] = 0;
    if (error == pmHostError)
        Pm_GetHostErrorText(text, (unsigned)size);
    if (!text[0])
        snprintf(text, size, "%s", Pm_GetErrorText(error));
    return text;
}

static bool
is_joined(const struct portmidi *p)
{
    bool hears, heard;

    sequencer_joined("", p->ours, p->d->client_number, p->d->port_number, &hears, &heard);
    return (hears || !p->in) && (heard || !p->out);
}

static void
close_streams(struct portmidi *p)
{
    if (p->in)
        Pm_Close(p->in);
    if (p->out)
        Pm_Close(p->out);
    p->in = p->out = NULL;
    Pm_Terminate();
}

static bool
open_streams(struct portmidi *p, const struct walk *w)
{
    PmError error = pmNoError;
    char text[128];

    if (p->d->in && w->in != pmNoDevice)
        error = Pm_OpenInput(&p->in, w->in, NULL, QUEUE, NULL, NULL);
    if (error != pmNoError)
        return fail(p, "its input does not open: %s", why_not(error, text, sizeof text));
    if (p->in)
        Pm_SetFilter(p->in, PM_FILT_ACTIVE | PM_FILT_CLOCK | PM_FILT_TICK);
    if (p->d->out && w->out != pmNoDevice)
        error = Pm_OpenOutput(&p->out, w->out, NULL, 0, NULL, NULL, 0);
    if (error != pmNoError)
        return fail(p, "its output does not open: %s", why_not(error, text, sizeof text));
    if (!p->in && !p->out)
        return fail(p, "it neither sends nor takes MIDI");
    return true;
}

/* Something else may come or go between PortMidi's look and ours: then once more. */
static bool
open_device(struct portmidi *p)
{
    for (int i = 0; i < TRIES; i++) {
        struct walk w = {.d = p->d, .in = pmNoDevice, .out = pmNoDevice};

        Pm_Initialize();
        if (!find_ours(p))
            return false;
        sequencer_ports("", walk, &w);
        if (!w.there)
            return fail(p, "it is not there any more: plug it in again");
        if (!w.lost && open_streams(p, &w) && is_joined(p))
            return true;
        close_streams(p);
        if (i < TRIES - 1)
            p->why[0] = 0;
        usleep(TRY_MS * 1000);
    }
    return fail(p, "the sequencer's ports change too fast to tell them apart: wait until all is plugged in");
}

static bool
has_sequencer(struct portmidi *p)
{
    int fd = open(NODE, O_RDWR | O_CLOEXEC | O_NONBLOCK);

    if (fd >= 0) {
        close(fd);
        return true;
    }
    if (errno == EACCES)
        return fail(p, NODE ": permission denied: become a member of the group audio (adduser NAME audio)");
    return fail(p, NODE ": %s: there is no ALSA sequencer here; load it with modprobe snd-seq",
                strerror(errno));
}

/* --- from the device ------------------------------------------------------------------------------------------------ */

static void
tell_lost(struct portmidi *p)
{
    p->lost++;
    memset(&p->parser, 0, sizeof p->parser);
    memset(&p->piece, 0, sizeof p->piece);
    hold_words(p, PORTMIDI_NEWS, "it sent more than could be read, and some of it is lost");
}

/* Only while nothing is held: what does not fit stays in the kernel's queue. */
static void
receive(struct portmidi *p)
{
    PmEvent events[AT_ONCE];
    uint8_t bytes[PIECE_SIZE];
    int n;

    if (read(p->sequencer, bytes, 0) < 0 && errno == ENOSPC)
        tell_lost(p);
    n = Pm_Read(p->in, events, AT_ONCE);
    p->more = n == AT_ONCE || n == pmBufferOverflow;
    if (n == pmBufferOverflow)
        tell_lost(p);
    else if (n < 0)
        fail(p, "it can't be read any more: %s", Pm_GetErrorText((PmError)n));
    for (int i = 0; i < n; i++) {
        int size = piece_read(&p->piece, (uint32_t)events[i].message, bytes);

        midi_parse(&p->parser, bytes, (size_t)size, hold, p);
    }
}

/* --- to the device -------------------------------------------------------------------------------------------------- */

/* One that is closed while something that it sent is unread says so once, before what it sent itself. */
static bool
next_message(struct portmidi *p)
{
    ssize_t n;

    do
        n = recv(p->socket, p->message, sizeof p->message, MSG_DONTWAIT | MSG_TRUNC);
    while (n < 0 && (errno == EINTR || errno == ECONNRESET));
    if (n == 0)
        p->leaving = true;
    p->size = n > 0 && (size_t)n <= sizeof p->message && midi_whole(p->message, (size_t)n) ? (size_t)n : 0;
    return n > 0;
}

static bool
has_room(struct portmidi *p)
{
    long waiting;

    if (p->ahead >= (long)p->size)
        return true;
    waiting = sequencer_waiting("", p->d->client_number, p->d->port_number);
    p->ahead = PORTMIDI_AHEAD - (waiting > 0 ? waiting : 0);
    return p->ahead >= (long)p->size || waiting <= 0;
}

/* What PortMidi could not get rid of stays in its buffer, and goes before anything else. */
static bool
unstick(struct portmidi *p, PmError error)
{
    if (error == pmNoError) {
        p->stuck_ns = 0;
        return true;
    }
    if (error != pmHostError)
        return fail(p, "it can't be written to: %s", Pm_GetErrorText(error));
    if (!is_joined(p))
        return fail(p, "it is gone");
    if (!p->stuck_ns)
        p->stuck_ns = now_ns();
    if (now_ns() - p->stuck_ns > STUCK_MS * MS)
        fail(p, "it has taken nothing of what it was sent for %d s", STUCK_MS / 1000);
    return false;
}

static PmError
put(struct portmidi *p)
{
    const uint8_t *m = p->message;

    if (m[0] == 0xF0)
        return Pm_WriteSysEx(p->out, 0, p->message);
    return Pm_WriteShort(p->out, 0, Pm_Message(m[0], p->size > 1 ? m[1] : 0, p->size > 2 ? m[2] : 0));
}

/* A few at a time, so that what comes in does not wait. False: not now. */
static bool
transmit(struct portmidi *p)
{
    PmError error;

    if (p->stuck_ns && !unstick(p, Pm_Write(p->out, NULL, 0)))
        return false;
    for (int i = 0; i < OUT_AT_ONCE; i++) {
        if (!p->size && !next_message(p))
            return true;
        if (!p->out)
            p->size = 0;
        if (!p->size)
            continue;
        if (!has_room(p))
            return false;
        p->ahead -= (long)p->size;
        error = put(p);
        p->size = 0;
        if (!unstick(p, error))
            return false;
    }
    return true;
}

/* --- the loop ------------------------------------------------------------------------------------------------------- */

static void
start_leaving(struct portmidi *p)
{
    struct itimerval until = {.it_value = {.tv_usec = PORTMIDI_LEAVE_MS * 1000}};

    signal(SIGALRM, SIG_DFL);
    setitimer(ITIMER_REAL, &until, NULL);
    p->leaving = true;
}

/* All that the socket still has, at the pace of the device; the alarm ends it. */
static void
leave(struct portmidi *p)
{
    start_leaving(p);
    do {
        while (!transmit(p) && !p->why[0])
            usleep(WAIT_MS * 1000);
    } while (!p->why[0] && (p->size || next_message(p)));
    close_streams(p);
}

static void
look(struct portmidi *p)
{
    if (now_ns() < p->look_ns)
        return;
    p->look_ns = now_ns() + PORTMIDI_LOOK_MS * MS;
    if (!is_joined(p))
        fail(p, "it is gone");
}

/* SIGTERM is let in here alone: what it says can't come between the question and the wait. */
static void
wait_for(struct portmidi *p, struct pollfd *watch, bool blocked)
{
    int64_t ns = blocked ? WAIT_MS * MS : p->look_ns - now_ns();
    struct timespec timeout = {.tv_nsec = 0};
    sigset_t none;

    ns = ns > 0 && !(p->more && !p->held_size) ? ns : 0;
    timeout.tv_sec = ns / (1000 * MS);
    timeout.tv_nsec = ns % (1000 * MS);
    sigemptyset(&none);
    watch[0] = (struct pollfd){.fd = p->socket, .events = blocked ? 0 : POLLIN};
    watch[0].events |= p->held_size ? POLLOUT : 0;
    watch[1] = (struct pollfd){.fd = p->in && !p->held_size ? p->sequencer : -1, .events = POLLIN};
    if (ppoll(watch, 2, &timeout, &none) < 0)
        watch[0].revents = watch[1].revents = 0;
}

static void
run(struct portmidi *p)
{
    struct pollfd watch[2];
    bool blocked = false;

    p->look_ns = now_ns() + PORTMIDI_LOOK_MS * MS;
    while (!p->why[0] && !p->leaving && !told_to_leave) {
        wait_for(p, watch, blocked);
        if (watch[1].revents || (p->more && !p->held_size))
            receive(p);
        if (!send_held(p))
            break;
        if (blocked || watch[0].revents & (POLLIN | POLLHUP | POLLERR))
            blocked = !transmit(p);
        look(p);
    }
}

static void
prepare_signals(void)
{
    struct sigaction end = {.sa_handler = leave_on};
    sigset_t term;

    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    sigaction(SIGTERM, &end, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

int
portmidi_run(int socket, const struct midi_device *d)
{
    static struct portmidi p;

    p = (struct portmidi){.d = d, .socket = socket, .sequencer = -1};
    prepare_signals();
    if (has_sequencer(&p) && open_device(&p)) {
        run(&p);
        if (!p.why[0])
            leave(&p);
    }
    if (p.why[0])
        last_words(&p);
    return p.why[0] ? 1 : 0;
}
