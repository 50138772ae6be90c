/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor before trees of files like the kernel's: what it finds in each, read from its own --json.
 */
#include "control/cli/cli.h"
#include "test/kit/tree.h"

#include <jansson.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A machine where all is well, with one card that a profile fits. */
static void
put_good_machine(void)
{
    tree_put("proc/self/limits",
             "Max locked memory         unlimited            unlimited            bytes     \n"
             "Max realtime priority     95                   95                   \n");
    tree_put("proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nGroups:\t29 1000 \n");
    tree_put("proc/version", "Linux version 6.1.0 #1 SMP PREEMPT_RT");
    tree_put("proc/sys/kernel/osrelease", "6.1.0-rt\n");
    tree_put("proc/meminfo", "MemTotal: 16000000 kB\nSwapTotal: 2000000 kB\n");
    tree_put("proc/sys/vm/swappiness", "10\n");
    tree_put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
    tree_put("dev/cpu_dma_latency", "");
    tree_put("etc/ld.so.conf.d/pipewire-jack.conf", ""); /* so that no jackd is needed */
    tree_put("proc/asound/cards",
             " 0 [USB            ]: USB-Audio - Box USB\n                      Maker Box USB\n");
    tree_put("proc/asound/card0/usbid", "1111:2222\n");
    tree_put("proc/asound/card0/pcm0p/info", "id: USB Audio\n");
#define PROFILE "backend: alsa\nrate_hz: 48000\nperiod: 64\nnperiods: 2\nsource: test\n"
    tree_put("hw/interfaces/box.yaml", "label: Box\nusb: [\"1111:2222\"]\n" PROFILE);
    tree_put("hw/interfaces/generic.yaml", "label: Any\n" PROFILE);
    tree_put("hw/interfaces/dummy.yaml",
             "label: None\nbackend: dummy\nrate_hz: 48000\nperiod: 64\nnperiods: 2\nsource: x\n");
}

/* Runs it with these words after "doctor"; its standard output in `text`. */
static int
run(char **words, int nwords, char *text, size_t size)
{
    char *argv[16] = {"doctor"};
    int kept = dup(STDOUT_FILENO), fd, result;
    FILE *capture = tmpfile();

    memcpy(argv + 1, words, (size_t)nwords * sizeof *words);
    assert_non_null(capture);
    fd = fileno(capture);
    fflush(stdout);
    dup2(fd, STDOUT_FILENO);
    result = doctor_main(nwords + 1, argv);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    text[size - 1] = 0;
    rewind(capture);
    text[fread(text, 1, size - 1, capture)] = 0;
    fclose(capture);
    return result;
}

static json_t *
report(void)
{
    static char text[65536];
    char hw[128], *words[] = {"--json", "--root", tree_root, "--profiles", hw};
    json_t *all;

    snprintf(hw, sizeof hw, "%s/hw", tree_root);
    assert_int_equal(run(words, 5, text, sizeof text), 0);
    all = json_loads(text, 0, NULL); /* fails if anything but one object is there */
    assert_non_null(all);
    return all;
}

/* Has the row `check` such a state, with `says` in its text and `mends` in its mend? */
static void
assert_finding(const char *check, const char *state, const char *says, const char *mends)
{
    json_t *all = report(), *row;
    size_t i;
    bool found = false;

    json_array_foreach(json_object_get(all, "checks"), i, row)
    {
        const char *mend = json_string_value(json_object_get(row, "mend"));

        found |= !strcmp(json_string_value(json_object_get(row, "check")), check) &&
                 !strcmp(json_string_value(json_object_get(row, "state")), state) &&
                 strstr(json_string_value(json_object_get(row, "text")), says) && strstr(mend, mends) &&
                 (strcmp(state, "problem") || mend[0]);
    }
    if (!found)
        fail_msg("no %s for %s with \"%s\" and \"%s\" in %s", state, check, says, mends, json_dumps(all, 0));
    json_decref(all);
}

static void
a_good_machine_has_no_problem(void **state)
{
    json_t *all;

    (void)state;
    put_good_machine();
    all = report();
    assert_int_equal(json_integer_value(json_object_get(all, "problems")), 0);
    json_decref(all);
    assert_finding("real-time priority", "ok", "70", "");
    assert_finding("memory lock", "ok", "without limit", "");
    assert_finding("kernel", "ok", "PREEMPT_RT", "");
    assert_finding("swap", "ok", "swappiness 10", "");
    assert_finding("sound card", "ok", "profile box, 48000 Hz, 64 x 2", "");
    assert_finding("interface profile", "ok", "hw:USB, profile box", "");
}

static void
the_way_to_real_time_depends_on_the_groups(void **state)
{
    (void)state;
    put_good_machine();
    tree_put("proc/self/limits", "Max realtime priority     0                    0                    \n");
    assert_finding("real-time priority", "problem", "nobody", "limits.d");
    tree_put("etc/security/limits.d/audio.conf", "@studio - rtprio 95\n");
    tree_put("etc/group", "studio:x:29:\n");
    assert_finding("real-time priority", "problem", "in the group studio", "log out");
    tree_put("etc/group", "studio:x:30:\n");
    assert_finding("real-time priority", "problem", "not in it", "usermod -aG studio");
    tree_put("proc/self/limits", "Max realtime priority     20                   20                   \n");
    assert_finding("real-time priority", "note", "only to priority 20", "95");
}

static void
slow_and_sleepy_machines_are_told_the_mend(void **state)
{
    (void)state;
    put_good_machine();
    tree_put("proc/self/limits",
             "Max locked memory         8388608              8388608              bytes     \n");
    tree_put("proc/version", "Linux version 6.1.0 #1 SMP PREEMPT_DYNAMIC");
    tree_put("proc/sys/vm/swappiness", "60\n");
    tree_put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    tree_put("sys/devices/system/cpu/smt/active", "1\n");
    assert_finding("memory lock", "note", "8 MiB", "memlock unlimited");
    assert_finding("kernel", "note", "voluntary", "preempt=full threadirqs");
    assert_finding("swap", "note", "swappiness 60", "vm.swappiness=10");
    assert_finding("processor clock", "note", "powersave", "performance");
    assert_finding("hyper-threading", "note", "on", "xruns");
}

static void
who_is_in_the_way_is_named(void **state)
{
    (void)state;
    put_good_machine();
    tree_put("proc/asound/card0/pcm0p/sub0/status", "state: RUNNING\nowner_pid   : 99\n");
    tree_put("proc/99/comm", "pipewire\n");
    tree_put("proc/99/status", "Tgid:\t99\n");
    assert_finding("sound card", "note", "held by pipewire (process 99)", "systemctl --user stop");
    assert_finding("desktop sound", "note", "PipeWire runs", "busy");
    assert_finding("libjack", "note", "PipeWire's libjack", "ldconfig");
    tree_put("proc/99/comm", "firefox\n");
    assert_finding("sound card", "problem", "held by firefox", "end firefox");
    tree_put("proc/99/comm", "jackd\n");
    assert_finding("sound card", "ok", "open in jackd", "");
}

static void
no_jackd_and_no_card_are_said_plainly(void **state)
{
    (void)state;
    put_good_machine();
    tree_put("proc/asound/cards", "--- no soundcards ---\n");
    tree_put("etc/ld.so.conf.d/pipewire-jack.conf", "");
    assert_finding("sound card", "note", "dummy backend", "plug");
    assert_finding("interface profile", "ok", "the dummy backend, profile dummy", "");
    unlink(tree_path("etc/ld.so.conf.d/pipewire-jack.conf"));
    assert_finding("jackd", "problem", "not installed", "apt install jackd2");
}

static void
servers_that_run_are_listed(void **state)
{
    (void)state;
    put_good_machine();
    assert_finding("JACK server", "ok", "none runs", "");
    tree_put("proc/net/unix",
             "0: 2 0 10000 1 01 1 /dev/shm/jack_default_1000_0\n0: 2 0 10000 1 01 1 /dev/shm/jack_x_0_0\n");
    assert_finding("JACK server", "ok", "'default' runs", "");
    assert_finding("JACK server", "ok", "'x' runs: `deadwax run --server`", "");
}

static void
a_broken_profile_is_a_problem(void **state)
{
    (void)state;
    put_good_machine();
    tree_put("hw/interfaces/other.yaml", "label: Other\nperod: 64\n" PROFILE);
    assert_finding("interface profile", "problem", "other.yaml:2: unknown key 'perod'", "profile check");
}

static void
text_has_each_check_and_no_colour_in_a_pipe(void **state)
{
    static char text[65536];
    char hw[128], *words[] = {"--root", tree_root, "--profiles", hw};

    (void)state;
    put_good_machine();
    snprintf(hw, sizeof hw, "%s/hw", tree_root);
    assert_int_equal(run(words, 4, text, sizeof text), 0);
    assert_non_null(strstr(text, "ok       real-time priority"));
    assert_non_null(strstr(text, "\n0 problems, "));
    assert_null(strchr(text, '\033'));
}

static void
wrong_use_is_2(void **state)
{
    char text[4096], *word[] = {"extra"}, *option[] = {"--no-such"}, *help[] = {"--help"};
    int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

    (void)state;
    dup2(null, STDERR_FILENO);
    assert_int_equal(run(word, 1, text, sizeof text), 2);
    assert_int_equal(run(option, 1, text, sizeof text), 2);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(null);
    assert_int_equal(run(help, 1, text, sizeof text), 0);
    assert_non_null(strstr(text, "usage: deadwax doctor"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, tree_make, tree_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_good_machine_has_no_problem),
        IN_FOLDER(the_way_to_real_time_depends_on_the_groups),
        IN_FOLDER(slow_and_sleepy_machines_are_told_the_mend),
        IN_FOLDER(who_is_in_the_way_is_named),
        IN_FOLDER(no_jackd_and_no_card_are_said_plainly),
        IN_FOLDER(servers_that_run_are_listed),
        IN_FOLDER(a_broken_profile_is_a_problem),
        IN_FOLDER(text_has_each_check_and_no_colour_in_a_pipe),
        cmocka_unit_test(wrong_use_is_2),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
