/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Both ends: this program is started again as its own stand-in for the one that speaks to a device; BRIDGE_ROLE says what
 * it does then. The real one is there as well, as far as it goes without ALSA.
 */
#include "control/midi/bridge.h"

#include "control/cli/cli.h"
#include "control/midi/message.h"
#include "test/kit/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOCKET = 3, FLOOD = 16000, PATIENCE_MS = 20000 };

/* --- the other end ------------------------------------------------------------------------------------------------ */

static void
say(const char *words)
{
    if (send(SOCKET, words, strlen(words), 0) < 0)
        _exit(3);
}

/* What is not there any more when it is read ends it. */
static ssize_t
hear(uint8_t *bytes, size_t size)
{
    ssize_t n;

    do
        n = recv(SOCKET, bytes, size, 0);
    while (n < 0 && errno == ECONNRESET);
    return n;
}

static int
echo(char **argv)
{
    uint8_t bytes[2048];
    ssize_t n;

    (void)argv;
    while ((n = hear(bytes, sizeof bytes)) > 0)
        if (send(SOCKET, bytes, (size_t)n, MSG_NOSIGNAL) < 0)
            return 1;
    return 0;
}

static int
words(char **argv)
{
    char text[256] = "N";

    for (int i = 1; argv[i]; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "<%s>", argv[i]);
    say(text);
    return echo(argv);
}

static int
possessions(char **argv)
{
    char text[256] = "N";
    struct dirent *entry;
    DIR *dir = opendir("/proc/self/fd");
    sigset_t blocked;
    int at = dirfd(dir), n = 0;

    while ((entry = readdir(dir)))
        n += entry->d_name[0] != '.' && atoi(entry->d_name) != at;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    snprintf(text + 1, sizeof text - 1, "%d descriptors%s%s%s", n,
             sigismember(&blocked, SIGUSR1) ? ", blocked" : "",
             signal(SIGPIPE, SIG_DFL) == SIG_IGN ? ", ignored" : "",
             getpgid(0) == getpid() ? "" : ", our group");
    say(text);
    return echo(argv);
}

static int
crash(char **argv)
{
    (void)argv;
    return raise(SIGKILL);
}

static int
flood(char **argv)
{
    uint8_t bytes[3] = {0xB0, 0, 0};

    for (int i = 0; i < FLOOD; i++) {
        bytes[1] = (uint8_t)(i >> 7);
        bytes[2] = (uint8_t)(i & 127);
        if (send(SOCKET, bytes, sizeof bytes, 0) < 0)
            return 1;
    }
    (void)argv;
    say("Eit is gone");
    return 1;
}

/* Ends without having read what it was sent. */
static int
brief(char **argv)
{
    struct pollfd p = {.fd = SOCKET, .events = POLLIN};

    (void)argv;
    poll(&p, 1, -1);
    for (uint8_t i = 0; i < 5; i++)
        send(SOCKET, (uint8_t[]){0xB0, 0, i}, 3, 0);
    say("Eit is gone");
    return 1;
}

static int
nonsense(char **argv)
{
    static const uint8_t half[] = {0x90, 1}, two[] = {0x90, 1, 2, 0x90, 1, 2}, open[] = {0xF0, 1, 2};
    static uint8_t large[MESSAGE_MAX + 1];

    memset(large, 1, sizeof large);
    large[0] = 0xF0;
    large[MESSAGE_MAX] = 0xF7;
    send(SOCKET, half, sizeof half, 0);
    send(SOCKET, two, sizeof two, 0);
    send(SOCKET, open, sizeof open, 0);
    send(SOCKET, large, sizeof large, 0);
    say("xyz");
    say("Na\x1b[31mb\n");
    return echo(argv);
}

static int
deaf(char **argv)
{
    (void)argv;
    say("Nhere");
    while (pause() < 0)
        ;
    return 0;
}

/* Says who it is, reads when the other end is closed already, and writes down what there was. */
static int
late(char **argv)
{
    uint8_t bytes[16];
    char text[1024] = "";
    ssize_t n;
    FILE *f;

    (void)argv;
    say("Nhere");
    while (send(SOCKET, "\xF6", 1, MSG_NOSIGNAL) > 0)
        usleep(1000);
    while ((n = hear(bytes, sizeof bytes)) > 0)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%d ", bytes[2]);
    f = fopen(getenv("BRIDGE_FILE"), "w");
    fputs(text, f);
    return fclose(f);
}

static int
stubborn(char **argv)
{
    char text[32];

    signal(SIGTERM, SIG_IGN);
    snprintf(text, sizeof text, "N%d", getpid());
    say(text);
    while (pause() < 0)
        ;
    return argv == NULL;
}

static const struct {
    const char *name;
    int (*play)(char **argv);
} roles[] = {{"echo", echo},   {"words", words},      {"possessions", possessions}, {"crash", crash},
             {"flood", flood}, {"brief", brief},      {"nonsense", nonsense},       {"deaf", deaf},
             {"late", late},   {"stubborn", stubborn}};

static int
play(int argc, char **argv)
{
    const char *role = getenv("BRIDGE_ROLE");

    for (size_t i = 0; i < LEN(roles); i++)
        if (!strcmp(role, roles[i].name))
            return roles[i].play(argv);
    return bridge_main(argc - 1, argv + 1);
}

/* --- our end -------------------------------------------------------------------------------------------------------- */

struct heard {
    int n, out_of_order, at_once;
    uint8_t bytes[MESSAGE_MAX];
    size_t size;
};

static const struct midi_device device = {.client = "Say \"hi\" [x]",
                                          .port = "MIDI 1",
                                          .client_number = 190,
                                          .port_number = 7,
                                          .in = true,
                                          .out = true};

static struct bridge *
open_as(const char *role)
{
    struct bridge *b;
    struct err e;

    setenv("BRIDGE_ROLE", role, 1);
    assert_int_equal(bridge_open(&b, NULL, &device, &e), OK);
    return b;
}

static void
keep(void *context, const uint8_t *bytes, size_t size)
{
    struct heard *h = context;

    if (size == 3)
        h->out_of_order += (bytes[1] << 7 | bytes[2]) != h->n;
    h->n++;
    h->at_once++;
    h->size = size;
    memcpy(h->bytes, bytes, size);
}

/* Waits until something is there. */
static bool
receive(struct bridge *b, struct heard *h)
{
    struct pollfd p = {.fd = bridge_fd(b), .events = POLLIN};

    assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
    h->at_once = 0;
    return bridge_receive(b, keep, h);
}

static void
await(struct bridge *b, struct heard *h, int n)
{
    while (h->n < n)
        assert_true(receive(b, h));
}

static void
await_end(struct bridge *b, struct heard *h)
{
    while (receive(b, h))
        ;
}

static const char *
await_news(struct bridge *b)
{
    struct heard h = {.n = 0};
    const char *news;

    while (!(news = bridge_news(b)))
        assert_true(receive(b, &h));
    return news;
}

static bool
send_to(struct bridge *b, const uint8_t *bytes, size_t size)
{
    struct midi_port port = bridge_port(b);

    return port.send(port.context, bytes, size);
}

static void
close_all(struct bridge *b)
{
    bridge_close(b);
    assert_int_equal(bridge_reap(PATIENCE_MS), 0);
}

static void
what_is_sent_comes_through_whole_and_in_order(void **state)
{
    struct bridge *b = open_as("echo");
    struct heard h = {.n = 0};
    uint8_t sysex[MESSAGE_MAX];

    (void)state;
    memset(sysex, 0x55, sizeof sysex);
    sysex[0] = 0xF0;
    sysex[MESSAGE_MAX - 1] = 0xF7;
    for (int i = 0; i < 300; i++) {
        assert_true(send_to(b, (uint8_t[]){0xB0, (uint8_t)(i >> 7), (uint8_t)(i & 127)}, 3));
        await(b, &h, i + 1);
    }
    assert_int_equal(h.out_of_order, 0);
    assert_true(send_to(b, sysex, sizeof sysex));
    await(b, &h, 301);
    assert_int_equal(h.size, MESSAGE_MAX);
    assert_memory_equal(h.bytes, sysex, MESSAGE_MAX);
    assert_true(send_to(b, (uint8_t[]){0xF8}, 1));
    await(b, &h, 302);
    assert_int_equal(h.size, 1);
    close_all(b);
}

static void
it_is_told_which_port_it_is_for(void **state)
{
    struct bridge *b = open_as("words");

    (void)state;
    assert_string_equal(await_news(b), "<midi-bridge><3><190:7><io><Say \"hi\" [x]><MIDI 1>");
    assert_null(bridge_news(b));
    close_all(b);
}

static void
it_starts_with_nothing_of_ours_but_the_socket(void **state)
{
    int ours = open("/dev/null", O_RDONLY), kept = fcntl(ours, F_DUPFD, 200);
    sigset_t some, before;
    struct bridge *b;

    (void)state;
    sigemptyset(&some);
    sigaddset(&some, SIGUSR1);
    sigprocmask(SIG_BLOCK, &some, &before);
    signal(SIGPIPE, SIG_IGN);
    b = open_as("possessions");
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_string_equal(await_news(b), "4 descriptors");
    close_all(b);
    close(ours);
    close(kept);
}

static void
one_that_dies_is_noticed_and_takes_no_more(void **state)
{
    struct bridge *b = open_as("crash");
    struct heard h = {.n = 0};

    (void)state;
    await_end(b, &h);
    assert_string_equal(bridge_why(b), "the process that spoke to it has died");
    assert_false(send_to(b, (uint8_t[]){0xF6}, 1));
    assert_false(bridge_receive(b, keep, &h));
    assert_int_equal(h.n, 0);
    close_all(b);
}

static void
a_flood_is_taken_in_portions_and_its_end_is_told_after_all_of_it(void **state)
{
    struct bridge *b = open_as("flood");
    struct heard h = {.n = 0};
    bool more = true;

    (void)state;
    while (more) {
        more = receive(b, &h);
        assert_true(h.at_once <= BRIDGE_AT_ONCE);
    }
    assert_int_equal(h.n, FLOOD);
    assert_int_equal(h.out_of_order, 0);
    assert_string_equal(bridge_why(b), "it is gone");
    close_all(b);
}

static void
what_it_said_before_its_end_is_heard_after_it(void **state)
{
    struct bridge *b = open_as("brief");
    struct pollfd ended = {.fd = bridge_fd(b)};
    struct heard h = {.n = 0};

    (void)state;
    assert_true(send_to(b, (uint8_t[]){0xF6}, 1));
    assert_int_equal(poll(&ended, 1, PATIENCE_MS), 1);
    await_end(b, &h);
    assert_int_equal(h.n, 5);
    assert_int_equal(h.out_of_order, 0);
    assert_string_equal(bridge_why(b), "it is gone");
    close_all(b);
}

static void
what_is_no_whole_message_is_not_handed_on(void **state)
{
    struct bridge *b = open_as("nonsense");
    struct heard h = {.n = 0};
    const char *news;

    (void)state;
    while (!(news = bridge_news(b)))
        assert_true(receive(b, &h));
    assert_string_equal(news, "a [31mb ");
    assert_int_equal(h.n, 0);
    assert_true(send_to(b, (uint8_t[]){0xB0, 0, 0}, 3));
    await(b, &h, 1);
    assert_int_equal(h.n, 1);
    assert_int_equal(h.out_of_order, 0);
    close_all(b);
}

static void
one_that_does_not_listen_is_not_waited_for(void **state)
{
    struct bridge *b = open_as("deaf");
    int n = 0;

    (void)state;
    await_news(b);
    while (n < 1000 && send_to(b, (uint8_t[]){0x90, 1, 2}, 3))
        n++;
    assert_in_range(n, 16, 200);
    bridge_close(b);
    assert_int_equal(bridge_reap(0), 1);
    assert_int_equal(bridge_reap(PATIENCE_MS), 0);
}

static void
what_was_sent_before_it_was_closed_still_leaves(void **state)
{
    struct heard h = {.n = 0};
    struct bridge *b;
    char text[256] = "";
    FILE *f;

    (void)state;
    setenv("BRIDGE_FILE", tree_path("left"), 1);
    b = open_as("late");
    await_news(b);
    await(b, &h, 3); /* more of it is unread when we close */
    for (int i = 1; i <= 20; i++)
        assert_true(send_to(b, (uint8_t[]){0xB0, 0, (uint8_t)i}, 3));
    close_all(b);
    f = fopen(tree_path("left"), "r");
    assert_non_null(f);
    assert_non_null(fgets(text, sizeof text, f));
    fclose(f);
    assert_string_equal(text, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 ");
}

static void
one_that_does_not_go_is_ended(void **state)
{
    struct bridge *b = open_as("stubborn");
    pid_t pid = atoi(await_news(b));

    (void)state;
    assert_true(pid > 0);
    assert_int_equal(kill(pid, 0), 0);
    bridge_close(b);
    assert_int_equal(bridge_reap(0), 1);
    assert_int_equal(kill(pid, 0), 0);
    assert_int_equal(bridge_reap(PATIENCE_MS), 0);
    assert_int_not_equal(kill(pid, 0), 0);
}

static int
count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

static void
many_that_come_and_go_leave_nothing_behind(void **state)
{
    int before = count_descriptors();

    (void)state;
    for (int i = 0; i < 100; i++)
        bridge_close(open_as(i % 2 ? "echo" : "crash"));
    assert_int_equal(bridge_reap(PATIENCE_MS), 0);
    assert_int_equal(count_descriptors(), before);
    bridge_close(NULL);
}

static void
a_program_that_is_not_there_is_an_error(void **state)
{
    int before = count_descriptors();
    struct bridge *b;
    struct err e;

    (void)state;
    assert_int_equal(bridge_open(&b, "/nowhere/deadwax", &device, &e), UNAVAILABLE);
    assert_null(b);
    assert_string_equal(e.text, "/nowhere/deadwax can't be started (No such file or directory)");
    assert_int_equal(count_descriptors(), before);
}

/* No port has number 190:7 and these names, whether or not there is ALSA. */
static void
the_real_one_says_why_it_does_not_open_the_device(void **state)
{
    bool sequencer = access("/dev/snd/seq", F_OK) == 0;
    struct bridge *b = open_as("real");
    struct heard h = {.n = 0};

    (void)state;
    await_end(b, &h);
    assert_int_equal(h.n, 0);
    if (!sequencer)
        assert_string_equal(bridge_why(b),
                            "/dev/snd/seq: No such file or directory: there is no ALSA sequencer here; "
                            "load it with modprobe snd-seq");
    else
        assert_non_null(strstr(bridge_why(b), ": ") ?: strstr(bridge_why(b), "not there any more"));
    close_all(b);
}

static int
no_role(void **state)
{
    (void)state;
    unsetenv("BRIDGE_ROLE");
    unsetenv("BRIDGE_FILE");
    return 0;
}

#define T(test) cmocka_unit_test_teardown(test, no_role)

int
main(int argc, char **argv)
{
    static const struct CMUnitTest all[] = {
        T(what_is_sent_comes_through_whole_and_in_order),
        T(it_is_told_which_port_it_is_for),
        T(it_starts_with_nothing_of_ours_but_the_socket),
        T(one_that_dies_is_noticed_and_takes_no_more),
        T(a_flood_is_taken_in_portions_and_its_end_is_told_after_all_of_it),
        T(what_it_said_before_its_end_is_heard_after_it),
        T(what_is_no_whole_message_is_not_handed_on),
        T(one_that_does_not_listen_is_not_waited_for),
        T(what_was_sent_before_it_was_closed_still_leaves),
        T(one_that_does_not_go_is_ended),
        T(many_that_come_and_go_leave_nothing_behind),
        T(a_program_that_is_not_there_is_an_error),
        T(the_real_one_says_why_it_does_not_open_the_device),
    };

    if (argc > 1 && !strcmp(argv[1], "midi-bridge"))
        return play(argc, argv);
    return cmocka_run_group_tests(all, tree_make, tree_remove);
}
