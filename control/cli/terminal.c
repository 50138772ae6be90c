/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The whole picture goes out in one write, from the top left corner, each line cleared behind its end: nothing is
 * blank for a moment, so nothing flickers. The terminal is opened a second time, because O_NONBLOCK on standard
 * output would be shared with the shell.
 */
#include "control/cli/terminal.h"

#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[0m\033[?25h\033[?1049l"

/* What a signal handler needs to give the terminal back; one terminal at a time. */
static struct {
    volatile sig_atomic_t active;
    int fd;
    bool raw;
    struct termios saved;
} held;

static const int fatal[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
static struct sigaction before[LEN(fatal)];
static bool caught[LEN(fatal)];

/* Safe in a signal handler. */
static void
restore(void)
{
    struct pollfd p = {.fd = held.fd, .events = POLLOUT};

    if (!held.active)
        return;
    held.active = 0;
    poll(&p, 1, 100);
    if (write(held.fd, LEAVE, sizeof LEAVE - 1) < 0)
        p.revents = 0; /* the terminal is gone: nothing to restore */
    if (held.raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &held.saved);
}

static void
on_fatal(int signal_number)
{
    restore();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* Only what nobody else handles. */
static void
catch_fatal(void)
{
    struct sigaction mine = {.sa_handler = on_fatal, .sa_flags = SA_RESETHAND};

    sigemptyset(&mine.sa_mask);
    for (size_t i = 0; i < LEN(fatal); i++) {
        sigaction(fatal[i], NULL, &before[i]);
        caught[i] = !(before[i].sa_flags & SA_SIGINFO) && before[i].sa_handler == SIG_DFL;
        if (caught[i])
            sigaction(fatal[i], &mine, NULL);
    }
}

static void
release_fatal(void)
{
    struct sigaction now;

    for (size_t i = 0; i < LEN(fatal); i++) {
        sigaction(fatal[i], NULL, &now);
        if (caught[i] && now.sa_handler == on_fatal)
            sigaction(fatal[i], &before[i], NULL);
        caught[i] = false;
    }
}

/* One key at a time and at once; signals from the keyboard stay, but for suspending: a stopped host is thrown out
   by the JACK server. */
static bool
raw_keys(void)
{
    struct termios t;

    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &held.saved) < 0)
        return false;
    t = held.saved;
    t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
    t.c_iflag &= ~(tcflag_t)(IXON | ICRNL);
    t.c_cc[VMIN] = 0;
    t.c_cc[VTIME] = 0;
    t.c_cc[VSUSP] = _POSIX_VDISABLE;
    return tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0;
}

static int
open_terminal(void)
{
    const int flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    const char *name = ttyname(STDOUT_FILENO);
    int fd = name ? open(name, flags) : -1;

    return fd >= 0 ? fd : open("/dev/tty", flags);
}

static bool
is_set(const char *s)
{
    return s && *s;
}

static bool
in_foreground(int fd)
{
    pid_t group = tcgetpgrp(fd);

    return group < 0 || group == getpgrp(); /* < 0: not our controlling terminal, so nobody stops us */
}

enum status
terminal_open(struct terminal *t)
{
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    static bool at_exit;

    *t = (struct terminal){.fd = -1};
    if (!isatty(STDOUT_FILENO) || !is_set(term) || strcmp(term, "dumb") == 0 || !in_foreground(STDOUT_FILENO))
        return UNAVAILABLE;
    t->fd = open_terminal();
    if (t->fd < 0)
        return UNAVAILABLE;
    setlocale(LC_CTYPE, "");
    t->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    t->colour = !is_set(no_colour);
    held.fd = t->fd;
    held.raw = t->keys = raw_keys();
    held.active = 1;
    if (!at_exit)
        at_exit = atexit(restore) == 0;
    catch_fatal();
    t->open = true;
    return OK;
}

/* --- pictures --- */

static void
send_on(struct terminal *t)
{
    ssize_t n = write(t->fd, t->picture + t->sent, t->size - t->sent);

    if (n > 0)
        t->sent += (size_t)n;
}

bool
terminal_wants(struct terminal *t, int *columns, int *rows)
{
    struct winsize w = {0};
    bool known;

    if (!t->open)
        return false;
    if (!in_foreground(t->fd)) {
        t->fresh = true; /* whoever had the terminal meanwhile: start from a clean one */
        return false;
    }
    if (t->sent < t->size) {
        send_on(t);
        return false;
    }
    known = ioctl(t->fd, TIOCGWINSZ, &w) == 0 && w.ws_col && w.ws_row;
    *columns = known ? w.ws_col : 80;
    *rows = known ? w.ws_row : 24;
    t->fresh |= *columns != t->columns || *rows != t->rows;
    t->columns = *columns;
    t->rows = *rows;
    /* One column less than there is: in the last one, clearing to the line's end takes the character with it. */
    *columns -= *columns > 1;
    return true;
}

static void
picture_add(struct terminal *t, const char *text, size_t n)
{
    if (t->size + n > sizeof t->picture)
        return;
    memcpy(t->picture + t->size, text, n);
    t->size += n;
}

void
terminal_show(struct terminal *t, const char *lines)
{
    if (!t->open)
        return;
    t->size = t->sent = 0;
    if (t->fresh)
        picture_add(t, ENTER, sizeof ENTER - 1);
    t->fresh = false;
    picture_add(t, "\033[H", 3);
    for (const char *l = lines, *end; l; l = end ? end + 1 : NULL) {
        end = strchr(l, '\n');
        picture_add(t, l, end ? (size_t)(end - l) : strlen(l));
        picture_add(t, end ? "\033[K\r\n" : "\033[K\033[J", end ? 5 : 6);
    }
    send_on(t);
}

/* --- keys --- */

/* The last byte of an escape sequence. */
static int
arrow_of(char c)
{
    return c >= 'A' && c <= 'D' ? TERMINAL_UP + (c - 'A') : TERMINAL_NONE; /* up, down, right, left */
}

/* Bytes of the sequence that `typed` starts with; 0 while it may go on. */
static int
sequence_length(const char *typed, int n)
{
    if (n < 2)
        return 0;
    if (typed[1] != '[' && typed[1] != 'O')
        return 2;
    for (int i = 2; i < n; i++)
        if (typed[i] >= 0x40 && typed[i] <= 0x7e)
            return i + 1;
    return 0;
}

int
terminal_key(struct terminal *t)
{
    int key = TERMINAL_NONE;
    ssize_t n;

    if (!t->open || !t->keys || !in_foreground(STDIN_FILENO))
        return TERMINAL_NONE;
    n = read(STDIN_FILENO, t->typed + t->ntyped, sizeof t->typed - (size_t)t->ntyped);
    if (n <= 0 && t->ntyped && t->typed[0] == '\033' && !sequence_length(t->typed, t->ntyped))
        t->ntyped = 0; /* the escape key, or a torn sequence */
    t->ntyped += n > 0 ? (int)n : 0;
    while (t->ntyped && key == TERMINAL_NONE) {
        bool escape = t->typed[0] == '\033';
        int length = escape ? sequence_length(t->typed, t->ntyped) : 1;

        if (!length && t->ntyped < (int)sizeof t->typed)
            break;
        length = length ? length : t->ntyped;
        key = !escape      ? (unsigned char)t->typed[0]
              : length > 2 ? arrow_of(t->typed[length - 1])
                           : TERMINAL_NONE;
        t->ntyped -= length;
        memmove(t->typed, t->typed + length, (size_t)t->ntyped);
    }
    return key;
}

void
terminal_close(struct terminal *t)
{
    if (!t->open)
        return;
    restore();
    release_fatal();
    close(t->fd);
    t->open = false;
    t->fd = -1;
}
