/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/profile.h"

#include "test/kit/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The project's own profiles: meson sets it; by hand, run from the top. */
#ifndef PROFILES
#define PROFILES "hw-profiles"
#endif

static const char *
profiles(void)
{
    const char *dir = getenv("DEADWAX_HW_PROFILES");

    return dir ? dir : PROFILES;
}

/* --- a folder of our own ---------------------------------------------------------------------------- */

static int
make_folder(void **state)
{
    return tree_make(state) ? -1 : mkdir(tree_path("interfaces"), 0700);
}

/* Its full path, as tree_put's. */
static const char *
write_profile(const char *name, const char *text, size_t size)
{
    char path[256];

    snprintf(path, sizeof path, "interfaces/%s.yaml", name);
    return tree_put_bytes(path, text, size);
}

static void
write_text(const char *name, const char *text)
{
    write_profile(name, text, strlen(text));
}

#define HEAD "label: Box\nbackend: alsa\nrate_hz: 48000\nperiod: 64\nnperiods: 3\nsource: test\n"

/* --- reading ---------------------------------------------------------------------------------------- */

static void
every_field_arrives(void **state)
{
    static const char text[] =
        HEAD "usb: [\"1235:8215\", '07fd:000b']\nmatch: [Box, \"Big Box\"]\n"
             "playback_channels: 4\ncapture_channels: 2\n"
             "playback:\n  - {index: 0, label: Phones L}\n  - index: 3\n    label: Out 4\n"
             "capture: [{index: 1, label: In 2}]\n"
             "outputs: [{role: monitor_a, left: 2, right: 3}, {role: phones_2, left: 0, right: 1}]\n"
             "inputs: [{role: mic, left: 1, right: 1}]\n"
             "jack_args: [--shorts]\nremotes: [192.0.2.20, '2001:db8::20']\nnotes: |\n  Two\n  lines.\n";
    struct interface_profile *p;
    struct err e;
    int left, right;

    (void)state;
    assert_int_equal(profile_load_interface(write_profile("box-1", text, strlen(text)), &p, &e), OK);
    assert_string_equal(p->name, "box-1");
    assert_string_equal(p->label, "Box");
    assert_int_equal(p->usb_count, 2);
    assert_string_equal(p->usb[1], "07fd:000b");
    assert_int_equal(p->match_count, 2);
    assert_string_equal(p->match[1], "Big Box");
    assert_string_equal(p->backend, "alsa");
    assert_int_equal(p->rate_hz, 48000);
    assert_int_equal(p->period, 64);
    assert_int_equal(p->nperiods, 3);
    assert_int_equal(p->playback_channels, 4);
    assert_int_equal(p->capture_channels, 2);
    assert_int_equal(p->playback_count, 2);
    assert_int_equal(p->playback[1].index, 3);
    assert_string_equal(p->playback[1].label, "Out 4");
    assert_int_equal(p->capture_count, 1);
    assert_int_equal(p->outputs_count, 2);
    assert_string_equal(p->outputs[1].role, "phones_2");
    assert_int_equal(p->inputs_count, 1);
    assert_int_equal(p->jack_args_count, 1);
    assert_string_equal(p->jack_args[0], "--shorts");
    assert_int_equal(p->remotes_count, 2);
    assert_string_equal(p->remotes[1], "2001:db8::20");
    assert_string_equal(p->notes, "Two\nlines.\n");
    profile_monitor_channels(p, &left, &right);
    assert_int_equal(left, 2);
    assert_int_equal(right, 3);
    interface_free(p);
}

static void
master_goes_to_the_first_pair_without_a_role(void **state)
{
    struct interface_profile *p;
    struct err e;
    int left = -1, right = -1;

    (void)state;
    assert_int_equal(profile_load_interface(write_profile("plain", HEAD, strlen(HEAD)), &p, &e), OK);
    assert_int_equal(p->playback_channels, 0);
    profile_monitor_channels(p, &left, &right);
    assert_int_equal(left, 0);
    assert_int_equal(right, 1);
    interface_free(p);
}

/* What is wrong, the line it is on, and words that the message must have. */
static const struct {
    const char *text;
    int line;
    const char *says, *mends;
} broken[] = {
    {HEAD "perod: 64\n", 7, "unknown key 'perod'", "'period'"},
    {HEAD "\n# a remark\n\nrate: 64\nnotes: x\n", 10, "unknown key 'rate'", "'rate_hz'"},
    {HEAD "playback:\n  - {index: 0, label: a}\n  - index: 1\n    lable: b\n", 10, "unknown key 'lable'",
     "'label'"},
    {HEAD "outputs:\n  - {role: phones, left: 0, rihgt: 1}\n", 8, "unknown key 'rihgt'", "'right'"},
    {"label: Box\nbackend: alsa\nperiod: 64\nnperiods: 2\nsource: x\n", 5, "rate_hz is missing", "add it"},
    {HEAD "playback:\n  - {index: 0}\n", 8, "label is missing", "add it"},
    {HEAD "period: 128\n", 7, "period is there twice", "keep one"},
    {"label: Box\nbackend: alsa\nrate_hz: fast\nperiod: 64\nnperiods: 2\nsource: x\n", 3, "'fast'",
     "whole number"},
    {"label: Box\nbackend: alsa\nrate_hz: 7999\nperiod: 64\nnperiods: 2\nsource: x\n", 3,
     "rate_hz: 7999 is out of range", "use 8000 to 384000"},
    {"label: Box\nbackend: alsa\nrate_hz: 48000\nperiod: 15\nnperiods: 2\nsource: x\n", 4, "period: 15",
     "16 to 8192"},
    {"label: Box\nbackend: alsa\nrate_hz: 48000\nperiod: 16\n\nnperiods: 9\nsource: x\n", 6, "nperiods: 9",
     "2 to 8"},
    {"label: Box\nbackend: oss\nrate_hz: 48000\nperiod: 16\nnperiods: 2\nsource: x\n", 2, "unknown 'oss'",
     "alsa or dummy"},
    {HEAD "playback_channels: 257\n", 7, "playback_channels: 257", "0 to 256"},
    {HEAD "playback_channels: 2\nplayback:\n  - {index: 1, label: a}\n  - {index: 2, label: b}\n", 10,
     "index 2", "use 0 to 1"},
    {HEAD "capture:\n  - {index: 1, label: a}\n  - {index: 1, label: b}\n", 9, "index 1 is there twice",
     "once"},
    {HEAD "playback_channels: 2\noutputs:\n  - {role: monitor_a, left: 1, right: 2}\n", 9, "out of range",
     "0 to 1"},
    {HEAD "outputs:\n  - {role: monitor-a, left: 0, right: 1}\n", 8, "unknown role 'monitor-a'",
     "'monitor_a'"},
    {HEAD "inputs:\n  - {role: phones, left: 0, right: 1}\n", 8, "unknown role 'phones'", "did you mean"},
    {HEAD "outputs:\n  - {role: sub, left: 0, right: 0}\n  - {role: sub, left: 1, right: 1}\n", 9,
     "sub is there twice", "sub_2"},
    {HEAD "usb:\n  - \"1235:8215\"\n  - \"1235:821G\"\n", 9, "'1235:821G' is no USB id", "vendor:product"},
    {HEAD "usb: nothing\n", 7, "usb", "write a list"},
    {HEAD "jack_args: [-H, -r, \"44100\"]\n", 7, "'-r' is not free", "rate_hz"},
    {HEAD "remotes:\n  - 192.0.2.20\n  - tablet.local\n", 9, "'tablet.local' is no address", "192.0.2.7"},
    {HEAD "notes: [a]\n", 7, "notes", "text in quotes"},
    {HEAD "notes: \"\"\n", 7, "notes", "leave the line out"},
    {HEAD "\tnotes: x\n", 7, "tab", "spaces"},
    {HEAD "notes: \"never closed\n", 8, "quoted", "check"},
    {HEAD "notes: \xff\xfe\n", 7, "UTF-8", "save it as UTF-8"},
    {HEAD "---\nlabel: Other\n", 8, "second document", "one profile"},
    {"- just\n- a list\n", 1, "not a profile", "generic.yaml"},
    {"", 1, "empty", "generic.yaml"},
    {"# only a remark\n", 1, "empty", "generic.yaml"},
};

static void
errors_name_file_line_and_mend(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(broken); i++) {
        const char *path = write_profile("broken", broken[i].text, strlen(broken[i].text));
        struct interface_profile *p = (struct interface_profile *)path;
        struct err e = {""};
        char where[300];

        snprintf(where, sizeof where, "%s:%d: ", path, broken[i].line);
        if (profile_load_interface(path, &p, &e) != BAD_ARG || strncmp(e.text, where, strlen(where)) ||
            !strstr(e.text, broken[i].says) || !strstr(e.text, broken[i].mends) || strchr(e.text, '\n'))
            fail_msg("case %zu: wanted %s%s ... %s, got \"%s\"", i, where, broken[i].says, broken[i].mends,
                     e.text);
        assert_null(p);
    }
}

static void
a_missing_file_is_not_found(void **state)
{
    struct interface_profile *p;
    struct err e;

    (void)state;
    assert_int_equal(profile_load_interface("/nonexistent/x.yaml", &p, &e), NOT_FOUND);
    assert_null(p);
    assert_non_null(strstr(e.text, "/nonexistent/x.yaml"));
    assert_int_equal(profile_load_interface("/tmp", &p, &e), BAD_ARG);
}

/* Any byte changed in a good file gives a profile or an error, never a crash; errors stay one line. */
static void
no_damaged_file_does_harm(void **state)
{
    static const char good[] = HEAD "usb: [\"1235:8215\"]\nplayback: [{index: 0, label: a}]\n";
    static const char bytes[] = {0, '\n', ':', '[', '{', '"', '&', '*', '-', '\t', (char)0x80, (char)0xff};
    char text[sizeof good];
    struct interface_profile *p;

    (void)state;
    for (size_t i = 0; i < sizeof good - 1; i++)
        for (size_t k = 0; k < LEN(bytes); k++) {
            struct err e = {""};

            memcpy(text, good, sizeof good);
            text[i] = bytes[k];
            if (profile_load_interface(write_profile("damaged", text, sizeof good - 1), &p, &e) == OK)
                interface_free(p);
            else
                assert_true(e.text[0] && !strchr(e.text, '\n') && !p);
        }
}

/* --- the folder ------------------------------------------------------------------------------------- */

static void
names_are_sorted_and_files_of_other_kinds_left_out(void **state)
{
    char **names, path[256];
    struct err e;
    int count;

    (void)state;
    write_text("b", HEAD);
    write_text("a", HEAD);
    write_text(".hidden", HEAD);
    snprintf(path, sizeof path, "%s/interfaces/README", tree_root);
    fclose(fopen(path, "w"));
    assert_int_equal(profile_names(tree_root, &names, &count, &e), OK);
    assert_int_equal(count, 2);
    assert_string_equal(names[0], "a");
    assert_string_equal(names[1], "b");
    profile_free_names(names, count);
}

static void
an_unknown_name_is_told_the_nearest(void **state)
{
    static const char *const bad[] = {"focusrite-18i20", "../interfaces/focusrite-scarlett", ""};
    struct interface_profile *p;
    struct err e;

    (void)state;
    write_text("focusrite-scarlett-18i20-3", HEAD);
    write_text("motu-m4", HEAD);
    for (size_t i = 0; i < LEN(bad); i++)
        assert_int_equal(profile_named_interface(tree_root, bad[i], &p, &e), NOT_FOUND);
    profile_named_interface(tree_root, "focusrite-18i20", &p, &e);
    assert_non_null(strstr(e.text, "'focusrite-scarlett-18i20-3'"));
    assert_int_equal(profile_named_interface(tree_root, "motu-m4", &p, &e), OK);
    interface_free(p);
}

static void
folder_is_found_by_environment_and_refused_if_empty(void **state)
{
    const char *before = getenv("DEADWAX_HW_PROFILES");
    char *kept = before ? strdup(before) : NULL, dir[256];
    struct err e;

    (void)state;
    setenv("DEADWAX_HW_PROFILES", tree_root, 1);
    assert_int_equal(profile_dir(NULL, dir, sizeof dir, &e), OK);
    assert_string_equal(dir, tree_root);
    assert_int_equal(profile_dir("/nonexistent", dir, sizeof dir, &e), NOT_FOUND);
    unsetenv("DEADWAX_HW_PROFILES");
    if (kept)
        setenv("DEADWAX_HW_PROFILES", kept, 1);
    free(kept);
}

/* --- choosing, from the project's own files ---------------------------------------------------------- */

static struct machine_card
card(const char *driver, const char *id, const char *name, const char *usb)
{
    struct machine_card c = {.playback = true, .capture = true};

    snprintf(c.driver, sizeof c.driver, "%s", driver);
    snprintf(c.id, sizeof c.id, "%s", id);
    snprintf(c.name, sizeof c.name, "%s", name);
    snprintf(c.long_name, sizeof c.long_name, "%s at usb-0000:00:14.0-3, high speed", name);
    snprintf(c.usb, sizeof c.usb, "%s", usb);
    return c;
}

/* Which profile and which card (-1: none). */
static void
assert_choice(const struct machine_card *cards, int ncards, const char *name, int which)
{
    const struct machine_card *chosen;
    struct interface_profile *p;
    struct err e;

    assert_int_equal(profile_choose_interface(profiles(), cards, ncards, &p, &chosen, &e), OK);
    assert_string_equal(e.text, "");
    assert_string_equal(p->name, name);
    if (which < 0)
        assert_null(chosen);
    else
        assert_ptr_equal(chosen, &cards[which]);
    assert_ptr_equal(profile_card_for(p, cards, ncards), chosen);
    interface_free(p);
}

static void
every_profile_of_ours_is_good(void **state)
{
    char **names;
    struct err e;
    int count;

    (void)state;
    assert_int_equal(profile_names(profiles(), &names, &count, &e), OK);
    assert_true(count >= 20);
    for (int i = 0; i < count; i++) {
        struct interface_profile *p;
        int left, right;

        if (profile_named_interface(profiles(), names[i], &p, &e) != OK)
            fail_msg("%s", e.text);
        profile_monitor_channels(p, &left, &right);
        assert_true(!p->playback_channels || (left < p->playback_channels && right < p->playback_channels));
        if (strcmp(p->name, "generic") && strcmp(p->name, "dummy"))
            assert_true(p->usb_count || p->match_count); /* else it could never be chosen */
        interface_free(p);
    }
    profile_free_names(names, count);
}

static void
audient_monitors_are_the_second_pair(void **state)
{
    static const char *const boxes[] = {"audient-id4-2", "audient-id14-2"};
    struct interface_profile *p;
    struct err e;
    int left, right;

    (void)state;
    for (size_t i = 0; i < LEN(boxes); i++) {
        assert_int_equal(profile_named_interface(profiles(), boxes[i], &p, &e), OK);
        profile_monitor_channels(p, &left, &right);
        assert_int_equal(left, 2);
        assert_int_equal(right, 3);
        interface_free(p);
    }
}

static void
usb_id_beats_names_and_cards_before_it(void **state)
{
    struct machine_card cards[] = {
        card("HDA-Intel", "PCH", "HDA Intel PCH", ""),
        card("USB-Audio", "Pro71967684", "Babyface Pro (71967684)", "2a39:3fb0"),
        card("USB-Audio", "USB", "Scarlett 18i20 USB", "1235:8215"),
    };

    (void)state;
    assert_choice(cards, 3, "focusrite-scarlett-18i20-3", 2);
    assert_choice(cards, 2, "rme-babyface-pro", 1);
    assert_choice(cards, 1, "generic", 0);
    assert_choice(cards, 0, "dummy", -1);
}

static void
a_shared_usb_id_is_settled_by_the_name(void **state)
{
    struct machine_card m2 = card("USB-Audio", "M2", "M2", "07fd:000b");
    struct machine_card m4 = card("USB-Audio", "M4", "M4", "07fd:000b");

    (void)state;
    assert_choice(&m2, 1, "motu-m2", 0);
    assert_choice(&m4, 1, "motu-m4", 0);
}

static void
names_match_whole_words_of_the_same_maker(void **state)
{
    struct machine_card other = card("USB-Audio", "M4", "M4", "1234:5678");
    struct machine_card team = card("USB-Audio", "TEAM4", "TEAM4 pro", "07fd:ffff");
    struct machine_card newer = card("USB-Audio", "M4", "m4", "07fd:ffff");

    (void)state;
    assert_choice(&other, 1, "generic", 0);
    assert_choice(&team, 1, "generic", 0);
    assert_choice(&newer, 1, "motu-m4", 0);
}

static void
a_card_that_makes_no_sound_is_taken_last(void **state)
{
    struct machine_card cards[] = {
        card("Loopback", "Loopback", "Loopback", ""),
        card("Dummy", "Dummy", "Dummy", ""),
        card("HDA-Intel", "HDMI", "HDA ATI HDMI", ""),
        card("HDA-Intel", "PCH", "HDA Intel PCH", ""),
        card("USB-Audio", "USB", "QEMU USB Audio", "46f4:0002"),
        card("USB-Audio", "UMIK", "UMIK-1", "2752:0007"),
    };

    (void)state;
    cards[2].hdmi = true;
    cards[5].playback = false;
    assert_choice(cards, 6, "generic", 4);
    assert_choice(cards, 4, "generic", 3);
    assert_choice(cards, 3, "generic", 2);
    assert_choice(cards, 2, "generic", 1);
    assert_choice(cards, 1, "generic", 0);
    assert_choice(&cards[5], 1, "dummy", -1);
}

static void
a_broken_profile_is_passed_over_and_told(void **state)
{
    struct machine_card one = card("USB-Audio", "USB", "Some Box", "1111:2222");
    const struct machine_card *chosen;
    struct interface_profile *p;
    struct err e;

    (void)state;
    write_text("broken", HEAD "perod: 1\n");
    write_text("generic", HEAD);
    assert_int_equal(profile_choose_interface(tree_root, &one, 1, &p, &chosen, &e), OK);
    assert_string_equal(p->name, "generic");
    assert_non_null(strstr(e.text, "broken.yaml:7: unknown key"));
    interface_free(p);
    one.playback = false; /* and there is no dummy.yaml to fall back on */
    assert_int_equal(profile_choose_interface(tree_root, &one, 1, &p, &chosen, &e), NOT_FOUND);
    assert_null(p);
    assert_null(chosen);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, tree_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(every_field_arrives),
        IN_FOLDER(master_goes_to_the_first_pair_without_a_role),
        IN_FOLDER(errors_name_file_line_and_mend),
        IN_FOLDER(no_damaged_file_does_harm),
        IN_FOLDER(names_are_sorted_and_files_of_other_kinds_left_out),
        IN_FOLDER(an_unknown_name_is_told_the_nearest),
        IN_FOLDER(folder_is_found_by_environment_and_refused_if_empty),
        IN_FOLDER(a_broken_profile_is_passed_over_and_told),
        cmocka_unit_test(a_missing_file_is_not_found),
        cmocka_unit_test(every_profile_of_ours_is_good),
        cmocka_unit_test(audient_monitors_are_the_second_pair),
        cmocka_unit_test(usb_id_beats_names_and_cards_before_it),
        cmocka_unit_test(a_shared_usb_id_is_settled_by_the_name),
        cmocka_unit_test(names_match_whole_words_of_the_same_maker),
        cmocka_unit_test(a_card_that_makes_no_sound_is_taken_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
