/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The server's output goes to a file in memory, opened for appending: nobody has to read it for the server to go on,
 * and cutting it short while the server writes loses nothing but old lines.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create, close_range */
#endif
#include "engine/jackd.h"

#include "engine/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { ARGS_MAX = 96, WORD_SIZE = 64, PATH_SIZE = 1024, TAIL = 4096, LOG_MAX = 65536 };
enum {
    PRIORITY = 70,
    PRIORITY_LEAST = 10
}; /* above plain interrupt threads (50), below the watchdogs (99) */
enum { DUMMY_PLAYBACK = 8, DUMMY_CAPTURE = 2 }; /* ports where the profile does not say */
enum { STOP_MS = 3000, VERSION_MS = 2000 };

/* --- the command line ------------------------------------------------------------------------------- */

struct command {
    const char *argv[ARGS_MAX];
    char words[32][WORD_SIZE];
    int argc, nwords;
};

static void
add(struct command *c, const char *word)
{
    if (c->argc < ARGS_MAX - 1)
        c->argv[c->argc++] = word;
    c->argv[c->argc] = NULL;
}

__attribute__((format(printf, 2, 3))) static void
add_format(struct command *c, const char *format, ...)
{
    va_list ap;

    if (c->nwords == (int)LEN(c->words))
        return;
    va_start(ap, format);
    vsnprintf(c->words[c->nwords], WORD_SIZE, format, ap);
    va_end(ap);
    add(c, c->words[c->nwords++]);
}

/* The highest we may have, up to PRIORITY; 0: none. */
static int
allowed_priority(void)
{
    for (int p = PRIORITY; p >= PRIORITY_LEAST; p -= 10)
        if (machine_realtime(p))
            return p;
    return 0;
}

static void
add_device(struct command *c, const struct machine_card *card, int device)
{
    if (device)
        add_format(c, "hw:%s,%d", card->id, device);
    else
        add_format(c, "hw:%s", card->id);
}

/* HDMI cards have no PCM 0: name the devices where they are not both the first. */
static void
add_card(struct command *c, const struct machine_card *card)
{
    bool both = card->playback && card->capture;

    add(c, "-d");
    add(c, "alsa");
    add(c, "-d");
    if (both && card->playback_device != card->capture_device) {
        add_format(c, "hw:%s", card->id);
        add(c, "-P");
        add_device(c, card, card->playback_device);
        add(c, "-C");
        add_device(c, card, card->capture_device);
        return;
    }
    add_device(c, card, card->playback ? card->playback_device : card->capture_device);
    if (!both)
        add(c, card->playback ? "-P" : "-C");
}

static bool
is_dummy(const struct interface_profile *p)
{
    return !strcmp(p->backend, "dummy");
}

static void
add_dummy(struct command *c, const struct interface_profile *p)
{
    add(c, "-d");
    add(c, "dummy");
    add(c, "-P");
    add_format(c, "%d", p->playback_channels ? p->playback_channels : DUMMY_PLAYBACK);
    add(c, "-C");
    add_format(c, "%d", p->capture_channels ? p->capture_channels : DUMMY_CAPTURE);
}

static void
make_command(struct command *c, const char *program, const char *server_name,
             const struct interface_profile *p, const struct machine_card *card)
{
    int priority = allowed_priority();

    add(c, program);
    if (server_name) {
        add(c, "-n");
        add(c, server_name);
    }
    add(c, priority ? "-R" : "-r");
    if (priority) {
        add(c, "-P");
        add_format(c, "%d", priority);
    }
    if (card)
        add_card(c, card);
    else
        add_dummy(c, p);
    add(c, "-r");
    add_format(c, "%d", p->rate_hz);
    add(c, "-p");
    add_format(c, "%d", p->period);
    if (card) {
        add(c, "-n");
        add_format(c, "%d", p->nperiods);
    }
    /* Meant for the profile's own backend: ALSA's words would stop the dummy. */
    for (unsigned i = 0; (card || is_dummy(p)) && i < p->jack_args_count; i++)
        add(c, p->jack_args[i]);
}

static void
describe(struct jackd *j, const struct interface_profile *p, const struct machine_card *card)
{
    if (card)
        snprintf(j->text, sizeof j->text, "jackd -d alsa hw:%s, %d Hz, %d x %d", card->id, p->rate_hz,
                 p->period, p->nperiods);
    else
        snprintf(j->text, sizeof j->text, "jackd -d dummy, %d Hz, %d", p->rate_hz, p->period);
}

/* --- the environment -------------------------------------------------------------------------------- */

/* jackd asks the desktop for the card over D-Bus; where there is no session bus it gives up unless told not to ask. */
static bool
has_session_bus(void)
{
    const char *bus = getenv("DBUS_SESSION_BUS_ADDRESS"), *run = getenv("XDG_RUNTIME_DIR");
    char path[PATH_SIZE];
    struct stat st;

    if (bus && *bus)
        return true;
    return run && snprintf(path, sizeof path, "%s/bus", run) < PATH_SIZE && !stat(path, &st) &&
           S_ISSOCK(st.st_mode);
}

/* environ and one more; free the array alone. NULL: no memory. */
static char **
make_environment(void)
{
    static char no_reservation[] = "JACK_NO_AUDIO_RESERVATION=1";
    size_t n = 0;
    char **env;

    while (environ && environ[n])
        n++;
    env = calloc(n + 2, sizeof *env);
    if (!env)
        return NULL;
    memcpy(env, environ, n * sizeof *env);
    if (!has_session_bus() && !getenv("JACK_NO_AUDIO_RESERVATION"))
        env[n] = no_reservation;
    return env;
}

bool
jackd_find(char *path, size_t size)
{
    const char *at = getenv("PATH");
    struct stat st;

    for (; at && *at; at += *at == ':') {
        size_t n = strcspn(at, ":");

        if (n && snprintf(path, size, "%.*s/jackd", (int)n, at) < (int)size && !access(path, X_OK) &&
            !stat(path, &st) && S_ISREG(st.st_mode))
            return true;
        at += n;
    }
    return false;
}

/* --- the process ------------------------------------------------------------------------------------ */

/* In the child: only what is safe between fork and exec. */
static _Noreturn void
become(const char *const *argv, char **env, int log_fd, int report_fd, pid_t parent)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGCHLD};
    sigset_t none;
    int null = open("/dev/null", O_RDONLY), reason;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) /* it died before we asked to be told */
        _exit(127);
    for (size_t i = 0; i < LEN(signals); i++)
        signal(signals[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (null > 0)
        dup2(null, STDIN_FILENO);
    dup2(log_fd, STDOUT_FILENO);
    dup2(log_fd, STDERR_FILENO);
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); /* our sockets and files are none of its business */
    execve(argv[0], (char *const *)argv, env);
    reason = errno;
    if (write(report_fd, &reason, sizeof reason) < 0)
        _exit(126);
    _exit(127);
}

/* The child's pid once it runs the program; -1 with errno. */
static pid_t
spawn(const char *const *argv, char **env, int log_fd)
{
    int report[2], reason = 0;
    pid_t parent = getpid(), pid;
    ssize_t n;

    if (pipe2(report, O_CLOEXEC))
        return -1;
    pid = fork();
    if (pid == 0)
        become(argv, env, log_fd, report[1], parent);
    if (pid < 0)
        reason = errno;
    close(report[1]);
    do
        n = read(report[0], &reason, sizeof reason); /* an end means that exec has closed it */
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)sizeof reason)
        waitpid(pid, NULL, 0);
    close(report[0]);
    errno = reason;
    return reason ? -1 : pid;
}

/* Never 0, 1 or 2, so that the child can put it there and that "0 or less" means none. */
static int
open_log(void)
{
    int fd = memfd_create("jackd", MFD_CLOEXEC), high = fd;

    if (fd >= 0 && fd < 3) {
        high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        close(fd);
    }
    if (high >= 0)
        fcntl(high, F_SETFL, O_APPEND);
    return high;
}

static void
close_log(struct jackd *j)
{
    if (j->log_fd > 0)
        close(j->log_fd);
    j->log_fd = -1;
    j->words[0] = 0;
}

enum status
jackd_start(struct jackd *j, const char *server_name, const struct interface_profile *p,
            const struct machine_card *card, struct err *e)
{
    struct command c = {.argc = 0};
    char path[PATH_SIZE], **env;

    if (j->pid > 0 && jackd_alive(j)) {
        err_set(e, "a JACK server of ours runs already: stop it first");
        return EXISTS;
    }
    close_log(j);
    j->pid = 0;
    if (!jackd_find(path, sizeof path)) {
        err_set(e,
                "no jackd in PATH: install it (Debian: apt install jackd2), or start a JACK server yourself");
        return UNAVAILABLE;
    }
    if (is_dummy(p))
        card = NULL;
    make_command(&c, path, server_name, p, card);
    describe(j, p, card);
    env = make_environment();
    j->log_fd = open_log();
    if (env && j->log_fd > 0)
        j->pid = spawn(c.argv, env, j->log_fd);
    if (!env || j->log_fd <= 0 || j->pid < 0) {
        err_set(e, "%.400s can't be started (%s): start a JACK server yourself", path, strerror(errno));
        free(env);
        close_log(j);
        j->pid = 0;
        return UNAVAILABLE;
    }
    free(env);
    return OK;
}

static void
sleep_ms(int ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

    nanosleep(&t, NULL);
}

/* Waits for the end of pid, at most ms; true once it has been reaped (or was never ours). */
static bool
ended_within(pid_t pid, int ms)
{
    for (int waited = 0;; waited += 10) {
        pid_t got = waitpid(pid, NULL, WNOHANG);

        if (got == pid || (got < 0 && errno != EINTR))
            return true;
        if (waited >= ms)
            return false;
        sleep_ms(10);
    }
}

void
jackd_stop(struct jackd *j)
{
    if (j->pid > 0) {
        kill(j->pid, SIGTERM);
        kill(j->pid, SIGCONT); /* one that was halted would not hear it */
        if (!ended_within(j->pid, STOP_MS)) {
            kill(j->pid, SIGKILL);
            while (waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
                ;
        }
    }
    j->pid = 0;
    close_log(j);
}

/* --- its words -------------------------------------------------------------------------------------- */

/* Reads the end of the log from a line's beginning; returns its length. */
static size_t
read_tail(int fd, char *text)
{
    struct stat st;
    off_t from;
    ssize_t n;
    char *line;

    text[0] = 0;
    if (fd <= 0 || fstat(fd, &st))
        return 0;
    from = st.st_size > TAIL ? st.st_size - TAIL : 0;
    n = pread(fd, text, TAIL, from);
    text[n > 0 ? n : 0] = 0;
    if (from > 0 && (line = strchr(text, '\n')))
        memmove(text, line + 1, strlen(line + 1) + 1);
    return strlen(text);
}

/* A server that complains at each period must not fill the memory: keep the end. */
static void
trim_log(const struct jackd *j)
{
    char text[TAIL + 1];
    struct stat st;
    size_t n;

    if (j->log_fd <= 0 || fstat(j->log_fd, &st) || st.st_size < LOG_MAX)
        return;
    n = read_tail(j->log_fd, text);
    if (ftruncate(j->log_fd, 0) || write(j->log_fd, text, n) < 0)
        return; /* then it is trimmed next time */
}

bool
jackd_alive(struct jackd *j)
{
    trim_log(j);
    if (j->pid > 0 && ended_within(j->pid, 0))
        j->pid = 0;
    return j->pid > 0;
}

static bool
starts_with_any(const char *line, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strncmp(line, words[i], strlen(words[i])))
            return true;
    return false;
}

/* How much a line tells: 0 banner, 1 something happened, 2 what follows from an error, 3 an error. */
static int
weight(const char *line)
{
    static const char *const banner[] = {
        "jackdmp ",         "Copyright ",  "This is free",        "under certain",
        "self-connect",     "no message",  "JACK server start",   "creating alsa driver",
        "configuring for",  "ALSA: final", "ALSA: use",           "JackTimedDriver::Process XRun",
        "Jack main caught", "Acquired",    "Released audio card", "removed from"};
    static const char *const follows[] = {"Failed to ",   "Jack",         "Cannot initialize driver",
                                          "Cannot start", "control open", "ALSA lib"};
    static const char *const trouble[] = {"annot",  "ailed",  "rror",       "nknown", "already", "denied",
                                          "in use", "refuse", "disconnect", "nvalid", "Broken",  "not "};

    if (!*line || starts_with_any(line, banner, LEN(banner)))
        return 0;
    if (starts_with_any(line, follows, LEN(follows)))
        return 2;
    for (size_t i = 0; i < LEN(trouble); i++)
        if (strstr(line, trouble[i]))
            return 3;
    return 1;
}

const char *
jackd_last_words(struct jackd *j)
{
    char text[TAIL + 1], *line, *rest = text;
    int most = 0;

    j->words[0] = 0;
    read_tail(j->log_fd, text);
    while ((line = strsep(&rest, "\n"))) {
        int w = weight(line);

        if (w && w >= most) {
            most = w;
            snprintf(j->words, sizeof j->words, "%s", line);
        }
    }
    for (char *c = j->words; *c; c++) /* it may go to a terminal */
        if ((unsigned char)*c < 32 || *c == 127)
            *c = ' ';
    return j->words;
}

/* "jackdmp version 1.9.21 tmpdir /dev/shm protocol 9" */
bool
jackd_version(const char *path, char *version, size_t size)
{
    const char *argv[] = {path, "--version", NULL};
    char text[TAIL + 1] = "", *at;
    int fd = open_log();
    pid_t pid = fd > 0 ? spawn(argv, environ, fd) : -1;

    version[0] = 0;
    if (pid > 0) {
        if (!ended_within(pid, VERSION_MS)) {
            kill(pid, SIGKILL);
            waitpid(pid, NULL, 0);
        }
        read_tail(fd, text);
    }
    if (fd > 0)
        close(fd);
    if ((at = strstr(text, "version ")))
        snprintf(version, size, "%.*s", (int)strcspn(at + 8, " \n"), at + 8);
    return version[0] != 0;
}
