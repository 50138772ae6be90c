/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Against a shell script in jackd's place, which tells how it was called, and against the real jackd with a name
 * of our own, so that no other server is disturbed.
 */
#include "engine/jackd.h"
#include "engine/machine.h"
#include "test/kit/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <jack/jack.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char *path_before;

static int
make_folder(void **state)
{
    path_before = strdup(getenv("PATH"));
    return path_before ? tree_make(state) : -1;
}

static int
remove_folder(void **state)
{
    setenv("PATH", path_before, 1);
    free(path_before);
    return tree_remove(state);
}

/* Puts a jackd of this body in PATH, alone. */
static void
fake(const char *body)
{
    char text[2048];

    assert_in_range(snprintf(text, sizeof text, "#!/bin/sh\n%s\n", body), 0, sizeof text - 1);
    chmod(tree_put("jackd", text), 0700);
    setenv("PATH", tree_root, 1);
}

static char *jack_args[] = {"--shorts", "-I", "32"};
static struct interface_profile alsa = {.backend = "alsa",
                                        .rate_hz = 44100,
                                        .period = 96,
                                        .nperiods = 3,
                                        .jack_args = jack_args,
                                        .jack_args_count = 3};
static struct interface_profile dummy = {
    .backend = "dummy", .rate_hz = 48000, .period = 256, .nperiods = 2, .playback_channels = 12};

static void
sleep_ms(int ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

static int64_t
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* All it printed, once that holds `until`; a machine may be slow, so there is no hurry before it is a failure. */
static const char *
output(const struct jackd *j, const char *until)
{
    static char text[8192];

    for (int i = 0; i < 1000; i++) {
        ssize_t n = pread(j->log_fd, text, sizeof text - 1, 0);

        text[n > 0 ? n : 0] = 0;
        if (strstr(text, until))
            return text;
        sleep_ms(10);
    }
    fail_msg("waited in vain for \"%s\" in \"%s\"", until, text);
    return text;
}

static void
await_end(struct jackd *j)
{
    for (int i = 0; jackd_alive(j); i++) {
        assert_true(i < 1000);
        sleep_ms(10);
    }
}

static void
assert_command(const struct interface_profile *p, const struct machine_card *card, const char *words,
               const char *text)
{
    struct jackd j = {0};
    struct err e;

    fake("printf '<'; printf '%s ' \"$@\"; printf '>\\n'; exec /bin/sleep 60");
    assert_int_equal(jackd_start(&j, "name", p, card, &e), OK);
    assert_non_null(strstr(output(&j, ">\n"), words));
    assert_non_null(strstr(output(&j, ">\n"), "<-n name -"));
    assert_string_equal(j.text, text);
    jackd_stop(&j);
}

/* --- how it is called ------------------------------------------------------------------------------- */

static void
without_jackd_the_mend_is_told(void **state)
{
    struct jackd j = {0};
    struct err e;

    (void)state;
    setenv("PATH", tree_root, 1);
    assert_int_equal(jackd_start(&j, NULL, &dummy, NULL, &e), UNAVAILABLE);
    assert_non_null(strstr(e.text, "install"));
    assert_int_equal(j.pid, 0);
    assert_false(jackd_alive(&j));
    assert_string_equal(jackd_last_words(&j), "");
    mkdir(tree_path("jackd"), 0700); /* executable, but no program */
    assert_int_equal(jackd_start(&j, NULL, &dummy, NULL, &e), UNAVAILABLE);
    setenv("PATH", "", 1);
    assert_int_equal(jackd_start(&j, NULL, &dummy, NULL, &e), UNAVAILABLE);
    jackd_stop(&j);
}

static void
a_jackd_that_is_no_program_is_told_at_once(void **state)
{
    struct jackd j = {0};
    struct err e;

    (void)state;
    fake("");
    tree_put("jackd", "\177ELF, but not really"); /* keeps its mode */
    assert_int_equal(jackd_start(&j, NULL, &dummy, NULL, &e), UNAVAILABLE);
    assert_non_null(strstr(e.text, strerror(ENOEXEC)));
    assert_int_equal(j.pid, 0);
}

static void
a_card_is_called_by_its_id(void **state)
{
    struct machine_card card = {.id = "USB", .playback = true, .capture = true};

    (void)state;
    assert_command(&alsa, &card, " -d alsa -d hw:USB -r 44100 -p 96 -n 3 --shorts -I 32 >",
                   "jackd -d alsa hw:USB, 44100 Hz, 96 x 3");
}

static void
half_cards_and_later_devices_are_named(void **state)
{
    struct machine_card play = {.id = "HDMI", .playback = true, .playback_device = 3};
    struct machine_card record = {.id = "UMIK", .capture = true};
    struct machine_card both = {.id = "PCH", .playback = true, .capture = true, .capture_device = 2};

    (void)state;
    assert_command(&alsa, &play, " -d alsa -d hw:HDMI,3 -P -r 44100 ",
                   "jackd -d alsa hw:HDMI, 44100 Hz, 96 x 3");
    assert_command(&alsa, &record, " -d alsa -d hw:UMIK -C -r 44100 ",
                   "jackd -d alsa hw:UMIK, 44100 Hz, 96 x 3");
    assert_command(&alsa, &both, " -d alsa -d hw:PCH -P hw:PCH -C hw:PCH,2 -r 44100 ",
                   "jackd -d alsa hw:PCH, 44100 Hz, 96 x 3");
}

static void
no_card_is_the_dummy_with_the_profiles_channels(void **state)
{
    struct machine_card card = {.id = "USB", .playback = true, .capture = true};

    (void)state;
    assert_command(&dummy, NULL, " -d dummy -P 12 -C 2 -r 48000 -p 256 >", "jackd -d dummy, 48000 Hz, 256");
    assert_command(&dummy, &card, " -d dummy -P 12 -C 2 -r 48000 -p 256 >", "jackd -d dummy, 48000 Hz, 256");
    assert_command(&alsa, NULL, " -d dummy -P 8 -C 2 -r 44100 -p 96 >", "jackd -d dummy, 44100 Hz, 96");
}

static void
real_time_only_where_it_is_allowed(void **state)
{
    (void)state;
    if (machine_realtime(70))
        assert_command(&dummy, NULL, "-n name -R -P 70 -d", "jackd -d dummy, 48000 Hz, 256");
    else if (!machine_realtime(10))
        assert_command(&dummy, NULL, "-n name -r -d", "jackd -d dummy, 48000 Hz, 256");
}

static void
the_card_is_asked_for_only_over_a_session_bus(void **state)
{
    const char *bus = getenv("DBUS_SESSION_BUS_ADDRESS"), *run = getenv("XDG_RUNTIME_DIR");
    char *kept_bus = bus ? strdup(bus) : NULL, *kept_run = run ? strdup(run) : NULL;
    struct jackd j = {0};
    struct err e;

    (void)state;
    fake("echo \"no=$JACK_NO_AUDIO_RESERVATION.\"; exec /bin/sleep 60");
    unsetenv("DBUS_SESSION_BUS_ADDRESS");
    setenv("XDG_RUNTIME_DIR", tree_root, 1);
    assert_int_equal(jackd_start(&j, NULL, &dummy, NULL, &e), OK);
    output(&j, "no=1.");
    jackd_stop(&j);
    setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere", 1);
    assert_int_equal(jackd_start(&j, NULL, &dummy, NULL, &e), OK);
    output(&j, "no=.");
    jackd_stop(&j);
    unsetenv("DBUS_SESSION_BUS_ADDRESS");
    unsetenv("XDG_RUNTIME_DIR");
    if (kept_bus)
        setenv("DBUS_SESSION_BUS_ADDRESS", kept_bus, 1);
    if (kept_run)
        setenv("XDG_RUNTIME_DIR", kept_run, 1);
    free(kept_bus);
    free(kept_run);
}

/* --- how it lives ----------------------------------------------------------------------------------- */

static void
it_stands_apart_from_our_terminal_signals_and_files(void **state)
{
    struct jackd j = {0};
    sigset_t usr1, before;
    struct err e;
    int fd, stdin_before = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), typed[2];

    (void)state;
    assert_int_equal(pipe(typed), 0);
    assert_int_equal(write(typed[1], "typed\n", 6), 6);
    dup2(typed[0], STDIN_FILENO);
    fd = fcntl(typed[0], F_DUPFD, 50);
    assert_in_range(fd, 50, 59);
    fake("[ -e /proc/self/fd/5[0-9] ] && echo leaked; read x && echo stdin; "
         "while read k v; do case $k in SigBlk:|SigIgn:) echo $k $v;; esac; done </proc/self/status; "
         "echo done; exec /bin/sleep 60");
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, &before);
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(jackd_start(&j, NULL, &dummy, NULL, &e), OK);
    assert_int_equal(getpgid(j.pid), j.pid);
    output(&j, "done");
    assert_null(strstr(output(&j, "done"), "leaked"));
    assert_null(strstr(output(&j, "done"), "stdin"));
    assert_non_null(strstr(output(&j, "done"), "SigBlk: 0000000000000000"));
    assert_non_null(strstr(output(&j, "done"), "SigIgn: 0000000000000000"));
    jackd_stop(&j);
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_DFL);
    dup2(stdin_before, STDIN_FILENO);
    close(stdin_before);
    close(typed[0]);
    close(typed[1]);
    close(fd);
}

static void
stop_leaves_no_process_and_may_come_twice(void **state)
{
    struct jackd j = {0};
    struct err e;
    pid_t pid;

    (void)state;
    jackd_stop(&j);
    fake("echo up; exec /bin/sleep 60");
    assert_int_equal(jackd_start(&j, NULL, &dummy, NULL, &e), OK);
    assert_true(jackd_alive(&j));
    assert_int_equal(jackd_start(&j, NULL, &dummy, NULL, &e), EXISTS);
    pid = j.pid;
    jackd_stop(&j);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
    assert_false(jackd_alive(&j));
    jackd_stop(&j);
}

/* 3 s of patience, then the end: less than 2.9 s would be no patience, and this is what costs the test its time. */
static void
one_that_will_not_end_is_killed(void **state)
{
    struct jackd j = {0};
    struct err e;
    int64_t start;
    pid_t pid;

    (void)state;
    fake("trap '' TERM; echo up; while :; do read x </dev/null; /bin/sleep 0.2; done");
    assert_int_equal(jackd_start(&j, NULL, &dummy, NULL, &e), OK);
    output(&j, "up");
    pid = j.pid;
    start = now_ms();
    jackd_stop(&j);
    assert_true(now_ms() - start >= 2900);
    assert_int_equal(kill(pid, 0), -1);
}

static void
it_ends_when_we_are_killed(void **state)
{
    int report[2];
    pid_t ours, server = 0;

    (void)state;
    fake("exec /bin/sleep 60");
    assert_int_equal(pipe(report), 0);
    ours = fork();
    if (ours == 0) {
        struct jackd j = {0};

        if (jackd_start(&j, NULL, &dummy, NULL, NULL) == OK && write(report[1], &j.pid, sizeof j.pid) > 0)
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    close(report[1]);
    assert_int_equal(read(report[0], &server, sizeof server), sizeof server);
    close(report[0]);
    waitpid(ours, NULL, 0);
    for (int i = 0; i < 1000 && server > 0; i++) { /* it is init's to reap: gone, or a zombie */
        char path[64], line[64] = "";
        FILE *f;

        snprintf(path, sizeof path, "/proc/%d/cmdline", server);
        f = fopen(path, "r");
        if (!f || !fgets(line, sizeof line, f))
            server = 0;
        if (f)
            fclose(f);
        sleep_ms(10);
    }
    assert_int_equal(server, 0);
}

/* 2 MB of complaints, more than a pipe holds, to a host that looks now and then: nothing waits and nothing grows. */
static void
a_talker_neither_blocks_nor_fills_the_memory(void **state)
{
    struct jackd j = {0};
    struct stat st;
    struct err e;

    (void)state;
    fake("i=0; "
         "l=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; "
         "while [ $i -lt 20000 ]; do echo $l; i=$((i+1)); done; echo 'Cannot go on'; exit 1");
    assert_int_equal(jackd_start(&j, NULL, &dummy, NULL, &e), OK);
    await_end(&j);
    jackd_alive(&j);
    assert_int_equal(fstat(j.log_fd, &st), 0);
    assert_in_range(st.st_size, 1, 65536);
    assert_string_equal(jackd_last_words(&j), "Cannot go on");
    jackd_stop(&j);
    assert_string_equal(jackd_last_words(&j), "");
}

/* What jackd 1.9.21 printed in each case, and the line that a person needs. */
static void
last_words_are_the_telling_ones(void **state)
{
#define BANNER                                                                                               \
    "jackdmp 1.9.21\nCopyright 2001-2005 Paul Davis and others.\nThis is free software, and you are\n"       \
    "JACK server starting in realtime mode with priority 70\nself-connect-mode is x\n"
    static const struct {
        const char *printed, *want;
    } cases[] = {
        {BANNER, ""},
        {BANNER "JackTimedDriver::Process XRun = 9 usec\nJack main caught signal 15\n", ""},
        {"`x' server already active\nFailed to open server\n" BANNER, "`x' server already active"},
        {"Unknown driver \"nosuch\"\n" BANNER, "Unknown driver \"nosuch\""},
        {BANNER "ALSA lib confmisc.c:165:(snd_config_get_card) Cannot get card index for 9\n"
                "creating alsa driver ... hw:9|hw:9|1024|2|48000|0|0|nomon|swmeter|-|32bit\n"
                "control open \"hw:9\" (No such file or directory)\n"
                "ALSA: Cannot open PCM device alsa_pcm for playback. Falling back to capture-only mode\n"
                "ALSA lib confmisc.c:165:(snd_config_get_card) Cannot get card index for 9\n"
                "Cannot initialize driver\nJackServer::Open failed with -1\nFailed to open server\n",
         "ALSA: Cannot open PCM device alsa_pcm for playback. Falling back to capture-only mode"},
        {BANNER "Cannot initialize driver\n", "Cannot initialize driver"},
        {BANNER "ALSA: playback device disconnected\nJackEngine::ClientCloseAux wait error ref = 2\n",
         "ALSA: playback device disconnected"},
        {"a \033[31mstrange\tline", "a  [31mstrange line"},
    };
    char body[2048];

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct jackd j = {0};
        struct err e;

        snprintf(body, sizeof body, "while IFS= read -r l; do printf '%%s\\n' \"$l\"; done <<'END'\n%s\nEND",
                 cases[i].printed);
        fake(body);
        assert_int_equal(jackd_start(&j, NULL, &dummy, NULL, &e), OK);
        await_end(&j);
        assert_string_equal(jackd_last_words(&j), cases[i].want);
        jackd_stop(&j);
    }
}

/* --- the real one ----------------------------------------------------------------------------------- */

static void
silent(const char *text)
{
    (void)text;
}

static jack_client_t *
join(const char *server)
{
    jack_client_t *c = NULL;

    for (int i = 0; i < 500 && !c; i++) {
        c = jack_client_open("test", JackNoStartServer | JackServerName, NULL, server);
        if (!c)
            sleep_ms(20);
    }
    return c;
}

static void
real_jackd_starts_answers_and_stops(void **state)
{
    struct jackd j = {0}, second = {0};
    jack_client_t *c;
    const char **ports;
    char name[64], path[1024], version[64];
    struct err e;
    int count = 0;
    pid_t pid;

    (void)state;
    if (!jackd_find(path, sizeof path)) {
        print_message("no jackd is installed\n");
        skip();
    }
    assert_true(jackd_version(path, version, sizeof version));
    assert_in_range(version[0], '0', '9');
    snprintf(name, sizeof name, "deadwax-test-%d", (int)getpid());
    jack_set_error_function(silent);
    jack_set_info_function(silent);
    assert_int_equal(jackd_start(&j, name, &dummy, NULL, &e), OK);
    pid = j.pid;
    c = join(name);
    if (!c)
        fail_msg("no answer; it said: %s", jackd_last_words(&j));
    assert_int_equal(jack_get_sample_rate(c), 48000);
    assert_int_equal(jack_get_buffer_size(c), 256);
    ports = jack_get_ports(c, NULL, JACK_DEFAULT_AUDIO_TYPE, JackPortIsPhysical | JackPortIsInput);
    while (ports && ports[count])
        count++;
    jack_free(ports);
    assert_int_equal(count, 12);

    assert_int_equal(jackd_start(&second, name, &dummy, NULL, &e), OK);
    await_end(&second);
    assert_non_null(strstr(jackd_last_words(&second), "already active"));
    jackd_stop(&second);

    assert_true(jackd_alive(&j));
    jack_client_close(c);
    jackd_stop(&j);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(without_jackd_the_mend_is_told),
        IN_FOLDER(a_jackd_that_is_no_program_is_told_at_once),
        IN_FOLDER(a_card_is_called_by_its_id),
        IN_FOLDER(half_cards_and_later_devices_are_named),
        IN_FOLDER(no_card_is_the_dummy_with_the_profiles_channels),
        IN_FOLDER(real_time_only_where_it_is_allowed),
        IN_FOLDER(the_card_is_asked_for_only_over_a_session_bus),
        IN_FOLDER(it_stands_apart_from_our_terminal_signals_and_files),
        IN_FOLDER(stop_leaves_no_process_and_may_come_twice),
        IN_FOLDER(one_that_will_not_end_is_killed),
        IN_FOLDER(it_ends_when_we_are_killed),
        IN_FOLDER(a_talker_neither_blocks_nor_fills_the_memory),
        IN_FOLDER(last_words_are_the_telling_ones),
        cmocka_unit_test(real_jackd_starts_answers_and_stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
