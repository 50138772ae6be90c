/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Against trees of files that look as the kernel's do: texts as seen on Linux 6.1, names from the interface table.
 */
#include "engine/machine.h"

#include "test/kit/tree.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char cards_text[] =
    " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n"
    "                      HDA Intel PCH at 0xf7f10000 irq 30\n"
    " 1 [USB            ]: USB-Audio - Scarlett 18i20 USB\n"
    "                      Focusrite Scarlett 18i20 USB at usb-0000:00:14.0-3, high speed\n"
    " 2 [Gen            ]: USB-Audio - Scarlett 2i2 4th Gen\n"
    "                      Focusrite Scarlett 2i2 4th Gen at usb-0000:00:14.0-4, high speed\n"
    " 3 [II24053456     ]: USB-Audio - Fireface UCX II (24053456)\n"
    "                      RME Fireface UCX II (24053456) at usb-0000:00:14.0-5, high speed\n"
    " 4 [HDMI           ]: HDA-Intel - HDA ATI HDMI\n"
    "                      HDA ATI HDMI at 0xf7e60000 irq 31\n"
    "10 [VirMIDI        ]: VirMIDI - VirMIDI\n"
    "                      Virtual MIDI Card 1\n";

static void
put_cards(void)
{
    tree_put("proc/asound/cards", cards_text);
    tree_put("proc/asound/card0/id", "PCH\n");
    tree_put("proc/asound/card0/pcm0p/info", "card: 0\nid: ALC892 Analog\nname: ALC892 Analog\n");
    tree_put("proc/asound/card0/pcm0c/info", "card: 0\nid: ALC892 Analog\n");
    tree_put("proc/asound/card0/pcm3p/info", "card: 0\nid: HDMI 0\nname: HDMI 0\n");
    tree_put("proc/asound/card1/id", "USB\n");
    tree_put("proc/asound/card1/usbid", "1235:8215\n");
    tree_put("proc/asound/card1/pcm0p/info", "id: USB Audio\n");
    tree_put("proc/asound/card1/pcm0c/info", "id: USB Audio\n");
    tree_put("proc/asound/card2/usbid", "1235:8219\n");
    tree_put("proc/asound/card2/pcm0c/info", "id: USB Audio\n");
    tree_put("proc/asound/card4/pcm7p/info", "id: HDMI 1\n");
    tree_put("proc/asound/card4/pcm3p/info", "id: HDMI 0\n");
}

static void
cards_are_read_as_the_kernel_writes_them(void **state)
{
    struct machine_card c[8];

    (void)state;
    put_cards();
    assert_int_equal(machine_cards(c, 8, tree_root), 6);
    assert_string_equal(c[1].id, "USB");
    assert_string_equal(c[1].driver, "USB-Audio");
    assert_string_equal(c[1].name, "Scarlett 18i20 USB");
    assert_string_equal(c[1].long_name, "Focusrite Scarlett 18i20 USB at usb-0000:00:14.0-3, high speed");
    assert_string_equal(c[1].usb, "1235:8215");
    assert_true(c[1].playback && c[1].capture && !c[1].hdmi);
    assert_string_equal(c[2].id, "Gen");
    assert_true(!c[2].playback && c[2].capture);
    assert_string_equal(c[3].id, "II24053456");
    assert_string_equal(c[3].name, "Fireface UCX II (24053456)");
    assert_string_equal(c[3].usb, "");
    assert_int_equal(c[5].number, 10);
    assert_true(!c[5].playback && !c[5].capture);
}

static void
hdmi_alone_is_told_from_hdmi_beside_analogue(void **state)
{
    struct machine_card c[8];

    (void)state;
    put_cards();
    machine_cards(c, 8, tree_root);
    assert_true(c[0].playback && !c[0].hdmi && c[0].playback_device == 0);
    assert_true(c[4].playback && c[4].hdmi && c[4].playback_device == 3);
}

static void
no_more_cards_than_there_is_room_for(void **state)
{
    struct machine_card c[8];

    (void)state;
    put_cards();
    memset(c, 0x55, sizeof c);
    assert_int_equal(machine_cards(c, 2, tree_root), 2);
    assert_int_equal(c[2].number, 0x55555555);
    assert_int_equal(machine_cards(c, 0, tree_root), 0);
}

static void
odd_card_lists_do_no_harm(void **state)
{
    static const char *const odd[] = {
        "--- no soundcards ---\n",
        "",
        "\n\n",
        " 0 [",
        " 0 [X]: \n",
        "] 0 [\n",
        " 0 []: a - \n                  ",
        " 99999999999 [X              ]: a - b\n",
        "x 0 [X              ]: a - b\n c\n",
    };
    struct machine_card c[4];
    char full[400];

    (void)state;
    assert_int_equal(machine_cards(c, 4, tree_root), 0); /* nothing is there at all */
    for (size_t i = 0; i < LEN(odd); i++) {
        tree_put("proc/asound/cards", odd[i]);
        assert_in_range(machine_cards(c, 4, tree_root), 0, 1);
    }
    memset(full, 'n', sizeof full);
    memcpy(full, " 0 [ID]: ", 9);
    memcpy(full + 200, " - ", 3);
    full[sizeof full - 1] = 0;
    tree_put("proc/asound/cards", full);
    assert_int_equal(machine_cards(c, 4, tree_root), 1);
    assert_int_equal(strlen(c[0].driver), sizeof c[0].driver - 1);
    assert_int_equal(strlen(c[0].name), sizeof c[0].name - 1);
}

static void
who_holds_a_card_is_named_by_its_process(void **state)
{
    struct machine_card c[8];

    (void)state;
    put_cards();
    tree_put("proc/asound/card1/pcm0p/sub0/status", "closed\n");
    tree_put("proc/asound/card1/pcm0p/sub1/status",
             "state: RUNNING\nowner_pid   : 4242\ntrigger_time: 1.2\n");
    tree_put("proc/4242/status", "Name:\tdata-loop.0\nTgid:\t4240\nPid:\t4242\n");
    tree_put("proc/4240/comm", "pipewire\n");
    machine_cards(c, 8, tree_root);
    assert_string_equal(c[1].holder, "pipewire");
    assert_int_equal(c[1].holder_pid, 4240);
    assert_string_equal(c[0].holder, "");
}

/* --- the rest --------------------------------------------------------------------------------------- */

static void
an_empty_tree_is_a_machine_without_anything(void **state)
{
    struct machine m;

    (void)state;
    memset(&m, 0x55, sizeof m);
    machine_read(&m, tree_root);
    assert_int_equal(m.ncards, 0);
    assert_int_equal(m.cpus, 0);
    assert_int_equal(m.rtprio, 0);
    assert_int_equal(m.swappiness, -1);
    assert_int_equal(m.preempt, PREEMPT_UNKNOWN);
    assert_false(m.root_user || m.pipewire || m.pulseaudio || m.rtkit || m.dma_latency || m.in_rt_group);
    assert_int_equal(m.nservers, 0);
    assert_string_equal(m.governor, "");
}

static void
permissions_come_from_limits_and_groups(void **state)
{
    static const char limits[] =
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max locked memory         8388608              8388608              bytes     \n"
        "Max realtime priority     95                   99                   \n"
        "Max realtime timeout      unlimited            unlimited            us        \n";
    struct machine m;

    (void)state;
    tree_put("proc/self/limits", limits);
    tree_put("proc/self/status", "Name:\tx\nUid:\t1000\t1000\t1000\t1000\nGroups:\t24 29 1000 \n");
    tree_put("etc/group", "root:x:0:\naudios:x:24:\naudio:x:29:me\n");
    tree_put("etc/security/limits.d/audio.conf",
             "# @video - rtprio 95\n\n@audio   -  rtprio     95\n@audio - memlock unlimited\n");
    tree_put("etc/security/limits.d/other.conf.disabled", "@wrong - rtprio 99\n");
    machine_read(&m, tree_root);
    assert_int_equal(m.rtprio, 95);
    assert_int_equal(m.memlock_bytes, 8388608);
    assert_false(m.root_user);
    assert_string_equal(m.rt_group, "@audio");
    assert_true(m.in_rt_group);

    tree_put("proc/self/limits",
             "Max locked memory         unlimited            unlimited            bytes     \n"
             "Max realtime priority     unlimited            unlimited            \n");
    tree_put("proc/self/status", "Uid:\t0\t0\t0\t0\nGroups:\t0 \n");
    machine_read(&m, tree_root);
    assert_int_equal(m.rtprio, 99);
    assert_int_equal(m.memlock_bytes, -1);
    assert_true(m.root_user);
    assert_false(m.in_rt_group);
}

static void
preemption_is_read_from_version_and_command_line(void **state)
{
    static const struct {
        const char *version, *cmdline, *debug;
        enum machine_preempt preempt;
        bool threadirqs;
    } cases[] = {
        {"Linux version 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian", "quiet", NULL, PREEMPT_VOLUNTARY,
         false},
        {"Linux version 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian", "quiet preempt=full threadirqs\n",
         NULL, PREEMPT_FULL, true},
        {"Linux version 6.1.0-18-rt #1 SMP PREEMPT_RT Debian", "quiet", NULL, PREEMPT_REALTIME, true},
        {"Linux version 6.5 #1 SMP PREEMPT Tue", "nothreadirqs", NULL, PREEMPT_FULL, false},
        {"Linux version 5.4 #1 SMP Tue", "", NULL, PREEMPT_VOLUNTARY, false},
        {"Linux version 6.1 #1 SMP PREEMPT_DYNAMIC", "", "none voluntary (full)\n", PREEMPT_FULL, false},
    };
    struct machine m;

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        tree_put("proc/version", cases[i].version);
        tree_put("proc/cmdline", cases[i].cmdline);
        if (cases[i].debug)
            tree_put("sys/kernel/debug/sched/preempt", cases[i].debug);
        machine_read(&m, tree_root);
        assert_int_equal(m.preempt, cases[i].preempt);
        assert_int_equal(m.threadirqs, cases[i].threadirqs);
    }
}

static void
one_slow_processor_is_seen(void **state)
{
    struct machine m;

    (void)state;
    tree_put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
    tree_put("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n");
    tree_put("sys/devices/system/cpu/cpuidle/current_driver", "none\n");
    tree_put("sys/devices/system/cpu/smt/active", "1\n");
    machine_read(&m, tree_root);
    assert_int_equal(m.cpus, 2);
    assert_true(m.smt);
    assert_string_equal(m.governor, "performance");
    tree_put("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
    machine_read(&m, tree_root);
    assert_string_equal(m.governor, "powersave");
}

static void
memory_and_swap_are_read(void **state)
{
    struct machine m;

    (void)state;
    tree_put("proc/meminfo",
             "MemTotal:       16318396 kB\nMemFree: 1 kB\nSwapCached: 5 kB\nSwapTotal:       2097148 kB\n");
    tree_put("proc/sys/vm/swappiness", "60\n");
    machine_read(&m, tree_root);
    assert_int_equal(m.ram_kib, 16318396);
    assert_int_equal(m.swap_kib, 2097148);
    assert_int_equal(m.swappiness, 60);
}

static void
programs_and_servers_in_the_way_are_found(void **state)
{
    static const char sockets[] =
        "Num       RefCount Protocol Flags    Type St Inode Path\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 20815 /run/user/1000/pipewire-0\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 20816 /dev/shm/jack_default_1000_0\n"
        "0000000000000000: 00000003 00000000 00000000 0001 03 20817 /dev/shm/jack_default_1000_0\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 20818 /dev/shm/jack_my_server_0_0\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 20819 /tmp/jack_cs\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 20820 /tmp/jack_0_0\n";
    struct machine m;

    (void)state;
    tree_put("proc/net/unix", sockets);
    tree_put("proc/77/comm", "pipewire\n");
    tree_put("proc/78/comm", "pipewire-pulse\n");
    tree_put("proc/79/comm", "rtkit-daemon\n");
    tree_put("proc/80/comm", "jackd\n");
    tree_put("proc/irq/comm", "pulseaudio\n");
    tree_put("etc/ld.so.conf.d/pipewire-jack-x86_64-linux-gnu.conf",
             "/usr/lib/x86_64-linux-gnu/pipewire-0.3/jack/\n");
    machine_read(&m, tree_root);
    assert_true(m.pipewire && m.rtkit && !m.pulseaudio && m.pipewire_jack);
    assert_int_equal(m.jackd_pid, 80);
    assert_int_equal(m.nservers, 2);
    assert_string_equal(m.servers[0], "default");
    assert_string_equal(m.servers[1], "my_server");
}

static void
this_machine_can_be_read(void **state)
{
    struct machine m;

    (void)state;
    machine_read(&m, "");
    assert_true(m.cpus > 0 && m.kernel[0] && m.ram_kib > 0);
    assert_int_equal(m.cpus, sysconf(_SC_NPROCESSORS_CONF));
    assert_int_equal(m.root_user, getuid() == 0);
    assert_true(m.free_bytes >= 0);
}

static void
trying_for_real_time_leaves_the_thread_as_it_was(void **state)
{
    int policy = sched_getscheduler(0);

    (void)state;
    machine_realtime(10);
    assert_int_equal(sched_getscheduler(0), policy);
    assert_false(machine_realtime(1000)); /* no such priority anywhere */
    assert_int_equal(sched_getscheduler(0), policy);
}

#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, tree_make, tree_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TREE(cards_are_read_as_the_kernel_writes_them),
        IN_TREE(hdmi_alone_is_told_from_hdmi_beside_analogue),
        IN_TREE(no_more_cards_than_there_is_room_for),
        IN_TREE(odd_card_lists_do_no_harm),
        IN_TREE(who_holds_a_card_is_named_by_its_process),
        IN_TREE(an_empty_tree_is_a_machine_without_anything),
        IN_TREE(permissions_come_from_limits_and_groups),
        IN_TREE(preemption_is_read_from_version_and_command_line),
        IN_TREE(one_slow_processor_is_seen),
        IN_TREE(memory_and_swap_are_read),
        IN_TREE(programs_and_servers_in_the_way_are_found),
        cmocka_unit_test(this_machine_can_be_read),
        cmocka_unit_test(trying_for_real_time_leaves_the_thread_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
