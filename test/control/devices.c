/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Linux 6.1 printed with these devices plugged in, four virtual MIDI ports, and a program or two.
 */
#include "control/midi/devices.h"

#include "control/midi/sequencer.h"
#include "test/kit/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD "Client info\n  cur  clients : 5\n  peak clients : 5\n  max  clients : 192\n\n"
#define SYSTEM                                                                                               \
    "Client   0 : \"System\" [Kernel Legacy]\n  Port   0 : \"Timer\" (Rwe-)\n"                               \
    "  Port   1 : \"Announce\" (R-e-)\n"
#define VIRMIDI "Client  24 : \"Virtual Raw MIDI 2-0\" [Kernel Legacy]\n  Port   0 : \"VirMIDI 2-0\" (RWeX)\n"
#define KNOBS(number)                                                                                        \
    "Client  " number " : \"Knobs One\" [Kernel Legacy]\n  Port   0 : \"Knobs One MIDI 1\" (RWeX)\n"
#define FOUR                                                                                                 \
    "Client  36 : \"Four Ports\" [Kernel Legacy]\n"                                                          \
    "  Port   0 : \"Four Ports MIDI 1\" (RWeX)\n"                                                            \
    "    Connecting To: 129:0\n"                                                                             \
    "  Port   1 : \"Four Ports MIDI 2\" (RWeX)\n"                                                            \
    "    Connected From: 40:0\n"                                                                             \
    "  Port   2 : \"Four Ports MIDI 3\" (RWeX)\n"                                                            \
    "  Port   3 : \"Four Ports MIDI 4\" (R-e-)\n"
#define OURS                                                                                                 \
    "Client 128 : \"Client-128\" [User Legacy]\n"                                                            \
    "  Port   8 : \"port-8\" (rwe-)\n"                                                                       \
    "    Connecting To: 36:0\n"                                                                              \
    "  Port   9 : \"port-9\" (rwe-)\n"                                                                       \
    "    Connected From: 36:0[t:0]\n"                                                                        \
    "  Output pool :\n"                                                                                      \
    "    Pool size          : 500\n"                                                                         \
    "  Input pool :\n"                                                                                       \
    "    Alloc success      : %d\n"

static struct midi_devices d;

static void
put_clients(const char *text)
{
    tree_put("proc/asound/seq/clients", text);
}

static void
put_card(int number, const char *usb, const char *bus, const char *device)
{
    char name[64];

    if (usb) {
        snprintf(name, sizeof name, "proc/asound/card%d/usbid", number);
        tree_put(name, usb);
        snprintf(name, sizeof name, "proc/asound/card%d/usbbus", number);
        tree_put(name, bus);
    }
    snprintf(name, sizeof name, "sys/class/sound/card%d/number", number);
    tree_put(name, "0\n");
    snprintf(name, sizeof name, "sys/class/sound/card%d/device", number);
    unlink(tree_path(name));
    assert_int_equal(symlink(device, tree_path(name)), 0);
}

static bool
look(void)
{
    return devices_look(&d, tree_root);
}

static int
fresh(void **state)
{
    memset(&d, 0, sizeof d);
    return tree_make(state);
}

/* Two of a kind, in the order in which they were plugged in. */
static void
put_twins(void)
{
    put_clients(HEAD SYSTEM VIRMIDI KNOBS("36") KNOBS("40"));
    put_card(2, NULL, NULL, "../../../snd_virmidi.0");
    put_card(5, "1397:00b3\n", "003/002\n", "../../../3-1:1.0");
    put_card(6, "1397:00b3\n", "004/002\n", "../../../4-1:1.0");
}

static const struct midi_device *
at_place(const char *place)
{
    for (int i = 0; i < d.count; i++)
        if (!strcmp(d.device[i].place, place))
            return &d.device[i];
    return NULL;
}

static void
a_driver_s_port_has_its_names_its_card_and_where_that_is_plugged_in(void **state)
{
    (void)state;
    put_twins();
    assert_true(look());
    assert_int_equal(d.count, 3);
    assert_string_equal(d.device[0].client, "Virtual Raw MIDI 2-0");
    assert_string_equal(d.device[0].port, "VirMIDI 2-0");
    assert_int_equal(d.device[0].card, 2);
    assert_string_equal(d.device[0].usb, "");
    assert_string_equal(d.device[0].place, "snd_virmidi.0");
    assert_int_equal(d.device[0].plugged, 0);
    assert_string_equal(d.device[1].client, "Knobs One");
    assert_string_equal(d.device[1].port, "Knobs One MIDI 1");
    assert_int_equal(d.device[1].client_number, 36);
    assert_int_equal(d.device[1].port_number, 0);
    assert_int_equal(d.device[1].card, 5);
    assert_string_equal(d.device[1].usb, "1397:00b3");
    assert_string_equal(d.device[1].place, "3-1");
    assert_true(d.device[1].in && d.device[1].out);
}

static void
two_of_a_kind_keep_their_places_whichever_comes_first(void **state)
{
    (void)state;
    put_twins();
    look();
    assert_int_equal(at_place("3-1")->client_number, 36);
    assert_int_equal(at_place("4-1")->client_number, 40);
    put_card(5, "1397:00b3\n", "004/003\n", "../../../4-1:1.0");
    put_card(6, "1397:00b3\n", "003/003\n", "../../../3-1:1.0");
    assert_true(look());
    assert_int_equal(d.count, 3);
    assert_int_equal(at_place("4-1")->client_number, 36);
    assert_int_equal(at_place("3-1")->client_number, 40);
}

static void
one_that_comes_back_under_another_number_has_its_old_place(void **state)
{
    (void)state;
    put_twins();
    look();
    put_clients(HEAD SYSTEM VIRMIDI KNOBS("40"));
    assert_true(look());
    assert_null(at_place("3-1"));
    put_clients(HEAD SYSTEM VIRMIDI KNOBS("40") KNOBS("44"));
    put_card(7, "1397:00b3\n", "003/003\n", "../../../3-1:1.0");
    assert_true(look());
    assert_int_equal(at_place("3-1")->client_number, 44);
    assert_int_equal(at_place("3-1")->card, 7);
}

static void
one_that_was_pulled_and_put_back_between_two_looks_is_seen(void **state)
{
    int before;

    (void)state;
    put_twins();
    look();
    before = at_place("4-1")->plugged;
    put_card(6, "1397:00b3\n", "004/003\n", "../../../4-1:1.0");
    assert_true(look());
    assert_int_not_equal(at_place("4-1")->plugged, before);
    assert_false(look());
}

static void
behind_hubs_the_place_is_the_whole_way(void **state)
{
    (void)state;
    put_clients(KNOBS("36"));
    put_card(5, "1397:00b3\n", "001/014\n", "../../../1-2.3.4:1.2");
    look();
    assert_string_equal(d.device[0].place, "1-2.3.4");
    put_card(5, NULL, NULL, "../../../0000:05:00.0");
    unlink(tree_path("proc/asound/card5/usbid"));
    look();
    assert_string_equal(d.device[0].place, "0000:05:00.0");
}

static void
the_ports_of_a_box_are_counted_and_know_their_ways(void **state)
{
    (void)state;
    put_clients(HEAD SYSTEM VIRMIDI FOUR KNOBS("40"));
    look();
    assert_int_equal(d.count, 6);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(d.device[1 + i].nth, i);
        assert_int_equal(d.device[1 + i].port_number, i);
        assert_true(d.device[1 + i].in);
        assert_int_equal(d.device[1 + i].out, i < 3);
    }
    assert_string_equal(d.device[4].port, "Four Ports MIDI 4");
    assert_int_equal(d.device[5].nth, 0);
    put_clients("Client  14 : \"Thru\" [Kernel Legacy]\n  Port   3 : \"To it\" (-We-)\n");
    look();
    assert_int_equal(d.count, 1);
    assert_false(d.device[0].in);
    assert_true(d.device[0].out);
    assert_int_equal(d.device[0].card, -1);
}

static void
names_may_have_quotes_brackets_and_what_looks_like_the_end(void **state)
{
    (void)state;
    put_clients("Client  44 : \"Say \"hi\" [x] (R)\" [Kernel Legacy]\n"
                "  Port   0 : \"Say \"hi\" [x] (R) MIDI 1\" (RWeX)\n"
                "Client 130 : \"a\" [Kernel Legacy]\" [User Legacy]\n"
                "  Port   7 : \"x\" (-We-)\" (R-e-)\n"
                "Client 131 : \"\" [User Legacy]\n"
                "  Port   0 : \"\" (RWeX)\n");
    look();
    assert_int_equal(d.count, 3);
    assert_string_equal(d.device[0].client, "Say \"hi\" [x] (R)");
    assert_string_equal(d.device[0].port, "Say \"hi\" [x] (R) MIDI 1");
    assert_int_equal(d.device[0].card, 7);
    assert_string_equal(d.device[1].client, "a\" [Kernel Legacy]");
    assert_string_equal(d.device[1].port, "x\" (-We-)");
    assert_int_equal(d.device[1].card, -1);
    assert_true(d.device[1].in);
    assert_false(d.device[1].out);
    assert_string_equal(d.device[2].client, "");
}

static void
a_program_s_ports_are_there_if_others_may_use_them(void **state)
{
    char text[4096];

    (void)state;
    snprintf(text, sizeof text,
             HEAD SYSTEM VIRMIDI OURS "Client 129 : \"aseqdump\" [User Legacy]\n"
                                      "  Port   0 : \"aseqdump\" (-We-)\n",
             0);
    put_clients(text);
    look();
    assert_int_equal(d.count, 2);
    assert_string_equal(d.device[1].client, "aseqdump");
    assert_int_equal(d.device[1].card, -1);
    assert_string_equal(d.device[1].place, "");
    assert_int_equal(d.device[1].plugged, 0);
}

static void
other_kernels_lists_are_read_too(void **state)
{
    (void)state;
    put_clients("Client  36 : \"Knobs One\" [Kernel]\n  Port   0 : \"Old\" (RWeX)\n"
                "Client  40 : \"Knobs Two\" [Kernel UMP MIDI1]\n"
                "  UMP Endpoint: \"Knobs Two\"\n  UMP Block 0: \"Main\" [Active]\n"
                "  Port   1 : \"New\" (RWeX) [In/Out]\n"
                "Client 128 : \"P\" [User]\n  Port   0 : \"Q\" (-We-) [In]\n");
    put_card(6, "1397:00b3\n", "001/002\n", "../../../1-1:1.0");
    look();
    assert_int_equal(d.count, 3);
    assert_string_equal(d.device[0].port, "Old");
    assert_int_equal(d.device[0].card, 5);
    assert_string_equal(d.device[1].port, "New");
    assert_string_equal(d.device[1].place, "1-1");
    assert_int_equal(d.device[2].card, -1);
    assert_false(d.device[2].in);
}

static void
who_is_joined_to_whom_and_how_busy_they_are_is_no_change(void **state)
{
    char text[4096];

    (void)state;
    snprintf(text, sizeof text, HEAD SYSTEM FOUR OURS, 1);
    put_clients(text);
    assert_true(look());
    assert_false(look());
    snprintf(text, sizeof text, "%s%s%s%s", "Client info\n  cur  clients : 6\n", SYSTEM, FOUR,
             "Client 128 : \"Client-128\" [User Legacy]\n  Port   8 : \"port-8\" (rwe-)\n");
    put_clients(text);
    assert_false(look());
}

static void
another_name_way_or_number_is_a_change(void **state)
{
    static const char *const lists[] = {
        "Client  36 : \"A\" [Kernel]\n  Port   0 : \"B\" (RWeX)\n",
        "Client  36 : \"A\" [Kernel]\n  Port   0 : \"C\" (RWeX)\n",
        "Client  36 : \"D\" [Kernel]\n  Port   0 : \"C\" (RWeX)\n",
        "Client  36 : \"D\" [Kernel]\n  Port   0 : \"C\" (R-eX)\n",
        "Client  36 : \"D\" [Kernel]\n  Port   1 : \"C\" (R-eX)\n",
        "Client  40 : \"D\" [Kernel]\n  Port   1 : \"C\" (R-eX)\n",
        "Client  40 : \"DC\" [Kernel]\n  Port   1 : \"\" (R-eX)\n",
        "",
    };

    (void)state;
    for (size_t i = 0; i < LEN(lists); i++) {
        put_clients(lists[i]);
        assert_true(look());
        assert_false(look());
    }
    assert_int_equal(d.count, 0);
}

static void
of_more_ports_than_fit_those_of_devices_are_kept_and_changes_of_all_are_seen(void **state)
{
    static char text[16384];
    size_t n = 0;

    (void)state;
    for (int i = 0; i < 100; i++)
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "Client %3d : \"P%d\" [%s]\n  Port   0 : \"p\" (RWeX)\n",
                              i < 10 ? 16 + 4 * i : 128 + i, i, i < 10 ? "Kernel Legacy" : "User Legacy");
    put_clients(text);
    assert_true(look());
    assert_int_equal(d.count, DEVICES_MAX);
    assert_int_equal(d.device[9].card, 9);
    assert_string_equal(d.device[63].client, "P63");
    assert_false(look());
    text[n - 5] = '-'; /* the last one does not take any more */
    put_clients(text);
    assert_true(look());
}

static void
without_a_sequencer_there_is_nothing_and_its_end_is_a_change(void **state)
{
    (void)state;
    assert_false(look());
    assert_int_equal(d.count, 0);
    assert_false(look());
    put_twins();
    assert_true(look());
    unlink(tree_path("proc/asound/seq/clients"));
    assert_true(look());
    assert_int_equal(d.count, 0);
    assert_false(look());
}

static void
a_sequencer_that_is_not_loaded_is_asked_for_once(void **state)
{
    struct inotify_event events[16];
    int watch = inotify_init1(IN_NONBLOCK);
    ssize_t n;

    (void)state;
    tree_put("dev/snd/seq", "");
    assert_true(inotify_add_watch(watch, tree_path("dev/snd/seq"), IN_OPEN) >= 0);
    look();
    look();
    look();
    n = read(watch, events, sizeof events);
    assert_int_equal(n, sizeof events[0]);
    put_twins();
    look();
    close(watch);
}

static void
the_list_says_whom_we_hear_and_who_hears_us(void **state)
{
    char text[4096];
    bool hears, heard;

    (void)state;
    snprintf(text, sizeof text,
             HEAD SYSTEM FOUR KNOBS("40") OURS
             "Client 129 : \"other\" [User Legacy]\n  Port   0 : \"x\" (rwe-)\n"
             "    Connecting To: 40:0, 36:1[r:0], 36:2\n    Connected From: 136:0, 36:01\n",
             0);
    put_clients(text);
    sequencer_joined(tree_root, 128, 36, 0, &hears, &heard);
    assert_true(hears && heard);
    sequencer_joined(tree_root, 128, 36, 1, &hears, &heard);
    assert_false(hears || heard);
    sequencer_joined(tree_root, 129, 36, 2, &hears, &heard);
    assert_true(!hears && heard);
    sequencer_joined(tree_root, 129, 36, 1, &hears, &heard);
    assert_true(hears && heard);
    sequencer_joined(tree_root, 129, 36, 0, &hears, &heard);
    assert_false(hears || heard);
    sequencer_joined(tree_root, 36, 40, 0, &hears, &heard);
    assert_true(hears && !heard);
    unlink(tree_path("proc/asound/seq/clients"));
    sequencer_joined(tree_root, 128, 36, 0, &hears, &heard);
    assert_false(hears || heard);
}

static void
what_waits_for_a_device_is_what_its_buffer_has_no_room_for(void **state)
{
    static const char page[] =
        "Four Ports\n\nOutput 0\n  Tx bytes     : 0\nOutput 1\n  Tx bytes     : 5000\n  Owner PID    : 181\n"
        "  Mode         : native\n  Buffer size  : 4096\n  Avail        : 3000\nOutput 2\n  Tx bytes     : "
        "0\n"
        "Input 0\n  Rx bytes     : 0\n  Owner PID    : 178\n  Buffer size  : 4096\n  Avail        : 7\n"
        "  Overruns     : 0\nInput 2\n  Rx bytes     : 0\n  Buffer size  : 4096\n  Avail        : 9\n";

    (void)state;
    tree_put("proc/asound/card5/midi0", page);
    tree_put("proc/asound/card5/midi1", "X\n\nOutput 3\n  Buffer size  : 64\n  Avail        : 0\n");
    assert_int_equal(sequencer_waiting(tree_root, 36, 1), 1096);
    assert_int_equal(sequencer_waiting(tree_root, 36, 0), -1);
    assert_int_equal(sequencer_waiting(tree_root, 36, 2), -1);
    assert_int_equal(sequencer_waiting(tree_root, 36, 35), 64);
    assert_int_equal(sequencer_waiting(tree_root, 40, 1), -1);
    assert_int_equal(sequencer_waiting(tree_root, 128, 1), -1);
}

#define T(test) cmocka_unit_test_setup_teardown(test, fresh, tree_remove)

int
main(void)
{
    static const struct CMUnitTest all[] = {
        T(a_driver_s_port_has_its_names_its_card_and_where_that_is_plugged_in),
        T(two_of_a_kind_keep_their_places_whichever_comes_first),
        T(one_that_comes_back_under_another_number_has_its_old_place),
        T(one_that_was_pulled_and_put_back_between_two_looks_is_seen),
        T(behind_hubs_the_place_is_the_whole_way),
        T(the_ports_of_a_box_are_counted_and_know_their_ways),
        T(names_may_have_quotes_brackets_and_what_looks_like_the_end),
        T(a_program_s_ports_are_there_if_others_may_use_them),
        T(other_kernels_lists_are_read_too),
        T(who_is_joined_to_whom_and_how_busy_they_are_is_no_change),
        T(another_name_way_or_number_is_a_change),
        T(of_more_ports_than_fit_those_of_devices_are_kept_and_changes_of_all_are_seen),
        T(without_a_sequencer_there_is_nothing_and_its_end_is_a_change),
        T(a_sequencer_that_is_not_loaded_is_asked_for_once),
        T(the_list_says_whom_we_hear_and_who_hears_us),
        T(what_waits_for_a_device_is_what_its_buffer_has_no_room_for),
    };

    return cmocka_run_group_tests(all, NULL, NULL);
}
