/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/terminal.h"

#include "control/cli/view.h"

#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static size_t
count(const char *text, const char *word)
{
    size_t n = 0;

    for (; (text = strstr(text, word)) != NULL; text += strlen(word))
        n++;
    return n;
}

struct session {
    pid_t pid;
    int fd; /* the terminal's other end */
    char seen[65536];
    size_t nseen;
};

static void
begin(struct session *t, void (*life)(void))
{
    struct winsize size = {.ws_row = 24, .ws_col = 80};

    *t = (struct session){0};
    t->pid = forkpty(&t->fd, NULL, NULL, &size);
    assert_true(t->pid >= 0);
    if (t->pid == 0) {
        alarm(20); /* a life that hangs ends by a signal */
        setenv("TERM", "xterm", 1);
        setenv("LC_ALL", "C.UTF-8", 1);
        unsetenv("NO_COLOR");
        signal(SIGABRT, SIG_DFL); /* cmocka's or a sanitizer's: not this life's */
        signal(SIGSEGV, SIG_DFL);
        life();
        _exit(0);
    }
}

/* Reads until `word` has come; false after 5 s. */
static bool
see(struct session *t, const char *word)
{
    for (;;) {
        struct pollfd p = {.fd = t->fd, .events = POLLIN};
        ssize_t n;

        t->seen[t->nseen] = '\0';
        if (strstr(t->seen, word))
            return true;
        if (poll(&p, 1, 5000) <= 0)
            return false;
        n = read(t->fd, t->seen + t->nseen, sizeof t->seen - 1 - t->nseen);
        if (n <= 0)
            return false;
        t->nseen += (size_t)n;
    }
}

static void
type(struct session *t, const char *keys)
{
    assert_int_equal(write(t->fd, keys, strlen(keys)), (ssize_t)strlen(keys));
}

/* Waits for its end; `after`, if given, gets the modes it left the terminal in. */
static int
end(struct session *t, struct termios *after)
{
    int status;

    assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
    assert_true(!after || tcgetattr(t->fd, after) == 0);
    close(t->fd);
    return status;
}

static void
assert_same_modes(const struct termios *a, const struct termios *b)
{
    assert_int_equal(a->c_iflag, b->c_iflag);
    assert_int_equal(a->c_oflag, b->c_oflag);
    assert_int_equal(a->c_cflag, b->c_cflag);
    assert_int_equal(a->c_lflag, b->c_lflag);
    assert_memory_equal(a->c_cc, b->c_cc, sizeof a->c_cc);
}

/* The modes a terminal has that nobody touched. */
static struct termios
fresh_modes(void)
{
    struct termios t;
    int near_end, far_end;

    assert_int_equal(openpty(&near_end, &far_end, NULL, NULL, NULL), 0);
    assert_int_equal(tcgetattr(far_end, &t), 0);
    close(near_end);
    close(far_end);
    return t;
}

static void
pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

/* --- lives on a terminal --- */

static struct terminal terminal;

/* As the host does: the view, when the terminal is ready for it. */
static void
show(const char *news)
{
    static char lines[VIEW_PICTURE];
    static struct view v;
    struct view_state s = {
        .server = "jackd, hw:USB, 48000 Hz, 128 x 2", .integrated_lufs = -15.6, .news = news};
    int columns, rows;

    if (!terminal_wants(&terminal, &columns, &rows))
        return;
    v.utf8 = terminal.utf8;
    v.colour = terminal.colour;
    v.keys = terminal.keys;
    view_draw(&v, lines, sizeof lines, columns, rows, &s);
    terminal_show(&terminal, lines);
}

/* Shows pictures until q; every key becomes the news. */
static void
live(void)
{
    static const char *const names[] = {"none",  "play", "next", "previous", "bypass",
                                        "print", "undo", "redo", "door",     "quit"};
    char news[256] = "keys:";
    int pressed;

    if (terminal_open(&terminal) != OK)
        _exit(3);
    for (int i = 0; i < 3000 && !strstr(news, "quit"); i++) {
        while ((pressed = terminal_key(&terminal)) != TERMINAL_NONE && strlen(news) < 200)
            if (view_key(pressed) != VIEW_KEY_NONE)
                sprintf(news + strlen(news), " %s", names[view_key(pressed)]);
        if (strstr(news, "quit"))
            break;
        show(news);
        pause_ms(2);
    }
    terminal_close(&terminal);
    terminal_close(&terminal);
    puts(news);
    fflush(stdout);
}

static void
keys_come_through_and_the_terminal_is_given_back(void **state)
{
    static struct session t;
    struct termios before = fresh_modes(), during, after;

    (void)state;
    begin(&t, live);
    assert_true(before.c_lflag & ECHO);
    assert_true(see(&t, "\033[33mkeys:"));
    assert_non_null(strstr(t.seen, "\033[?25l"));
    assert_null(strstr(t.seen, "\033[?25h"));
    assert_int_equal(tcgetattr(t.fd, &during), 0);
    assert_false(during.c_lflag & (ECHO | ICANON));
    assert_true(during.c_lflag & ISIG);
    type(&t, " n\033[D\033OCxbruU\022d");
    assert_true(see(&t, "keys: play next previous next bypass print undo redo redo door"));
    type(&t, "\033"); /* the escape key alone swallows nothing that comes later */
    pause_ms(100);
    type(&t, "q");
    assert_true(see(&t, "door quit"));
    assert_non_null(strstr(t.seen, "\033[?25h"));
    assert_non_null(strstr(t.seen, "\033[?1049l"));
    assert_int_equal(end(&t, &after), 0);
    assert_same_modes(&after, &before);
}

static void
crash(void)
{
    if (terminal_open(&terminal) != OK)
        _exit(3);
    show("");
    abort();
}

static void
a_crash_gives_the_terminal_back(void **state)
{
    static struct session t;
    struct termios before = fresh_modes(), after;
    int status;

    (void)state;
    begin(&t, crash);
    assert_true(see(&t, "\033[?25h\033[?1049l"));
    status = end(&t, &after);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_same_modes(&after, &before);
}

static void
a_new_size_is_taken_over(void **state)
{
    static struct session t;
    struct winsize small = {.ws_row = 10, .ws_col = 30};

    (void)state;
    begin(&t, live);
    assert_true(see(&t, "integrated"));
    assert_int_equal(ioctl(t.fd, TIOCSWINSZ, &small), 0);
    assert_true(see(&t, "mloud\033"));
    assert_int_equal(count(t.seen, "\033[2J"), 2); /* begun anew, or the old lines would show beside it */
    type(&t, "q");
    see(&t, "quit");
    assert_int_equal(end(&t, NULL), 0);
}

/* A terminal nobody reads fills up after a few kB; the host must go on. */
static void
stalled(void)
{
    struct timespec a, b;

    if (terminal_open(&terminal) != OK)
        _exit(3);
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (int i = 0; i < 500; i++)
        show("");
    clock_gettime(CLOCK_MONOTONIC, &b);
    if (terminal.sent == terminal.size)
        _exit(4);
    _exit(b.tv_sec - a.tv_sec < 10 ? 0 : 5);
}

static void
a_terminal_that_nobody_reads_stalls_nothing(void **state)
{
    static struct session t;

    (void)state;
    begin(&t, stalled);
    assert_int_equal(end(&t, NULL), 0);
}

static void
dumb(void)
{
    setenv("TERM", "dumb", 1);
    if (terminal_open(&terminal) != UNAVAILABLE)
        _exit(1);
    unsetenv("TERM");
    if (terminal_open(&terminal) != UNAVAILABLE)
        _exit(2);
    setenv("TERM", "xterm", 1);
    setenv("NO_COLOR", "1", 1);
    setenv("LC_ALL", "C", 1);
    if (terminal_open(&terminal) != OK || terminal.colour || terminal.utf8)
        _exit(3);
    terminal_close(&terminal);
}

static void
environment_is_respected(void **state)
{
    static struct session t;

    (void)state;
    begin(&t, dumb);
    see(&t, "\033[?1049l");
    assert_int_equal(end(&t, NULL), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_through_and_the_terminal_is_given_back),
        cmocka_unit_test(a_crash_gives_the_terminal_back),
        cmocka_unit_test(a_new_size_is_taken_over),
        cmocka_unit_test(a_terminal_that_nobody_reads_stalls_nothing),
        cmocka_unit_test(environment_is_respected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
