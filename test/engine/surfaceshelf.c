/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/surfaceshelf.h"

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

#define BODY                                                                                                 \
    "source: s\ncontrols:\n- {name: k, kind: pot, in: {message: cc, number: 1}}\npages:\n- {name: p, "       \
    "label: P}\n"

static int
make_folders(void **state)
{
    if (tree_make(state) || mkdir(tree_path("interfaces"), 0700) || mkdir(tree_path("surfaces"), 0700))
        return -1;
    return setenv("XDG_CONFIG_HOME", tree_path("config"), 1);
}

/* who: "surfaces", or the user's own folder. */
static const char ours[] = "surfaces", own[] = "config/deadwax/hw-profiles/surfaces";

static void
put(const char *who, const char *name, const char *label, const char *more)
{
    char path[256], text[1024];

    snprintf(path, sizeof path, "%s/%s.yaml", who, name);
    snprintf(text, sizeof text, "label: %s\n%s%s", label, more, BODY);
    tree_put(path, text);
}

static struct surface_shelf
open_shelf(void)
{
    struct surface_shelf s;
    struct err e;

    assert_int_equal(surface_shelf_open(&s, tree_root, &e), OK);
    assert_string_equal(e.text, "");
    return s;
}

/* NULL: none. */
static void
assert_chosen(const struct surface_shelf *s, const char *usb, const char *client, const char *port,
              const char *name)
{
    const struct surface_profile *p = surface_shelf_for(s, usb, client, port);

    if (!name)
        assert_null(p);
    else if (!p || strcmp(p->name, name))
        fail_msg("%s, %s: wanted %s, got %s", usb, client, name, p ? p->name : "none");
    if (p)
        assert_true(surface_profile_fits(p, usb, client, port));
}

/* --- names ------------------------------------------------------------------------------------------- */

static void
names_of_both_folders_are_sorted_and_each_there_once(void **state)
{
    char **names;
    struct err e;
    int count;

    (void)state;
    put(ours, "c", "ours", "");
    put(ours, "a", "ours", "");
    put(own, "b", "own", "");
    put(own, "c", "own", "");
    tree_put("surfaces/README", "");
    assert_int_equal(profile_surface_names(tree_root, &names, &count, &e), OK);
    assert_int_equal(count, 3);
    assert_string_equal(names[0], "a");
    assert_string_equal(names[1], "b");
    assert_string_equal(names[2], "c");
    profile_free_names(names, count);
}

static void
the_users_own_file_goes_before_ours_of_the_same_name(void **state)
{
    struct surface_profile *p;
    char path[4096];
    struct err e;
    bool is_own;

    (void)state;
    put(ours, "box", "ours", "");
    assert_int_equal(profile_named_surface(tree_root, "box", &p, &e), OK);
    assert_string_equal(p->label, "ours");
    assert_string_equal(p->name, "box");
    surface_free(p);
    put(own, "box", "own", "");
    assert_int_equal(profile_named_surface(tree_root, "box", &p, &e), OK);
    assert_string_equal(p->label, "own");
    surface_free(p);
    assert_int_equal(profile_surface_path(tree_root, "box", path, sizeof path, &is_own, &e), OK);
    assert_true(is_own);
    assert_non_null(strstr(path, "config/deadwax/hw-profiles/surfaces/box.yaml"));
}

static void
an_unknown_name_is_told_the_nearest_of_both(void **state)
{
    static const char *const bad[] = {"x-touchmini", "../interfaces/x", "", ".hidden"};
    struct surface_profile *p;
    struct err e;

    (void)state;
    put(ours, "mackie-control", "ours", "");
    put(own, "x-touch-mini", "own", "");
    for (size_t i = 0; i < LEN(bad); i++) {
        assert_int_equal(profile_named_surface(tree_root, bad[i], &p, &e), NOT_FOUND);
        assert_null(p);
    }
    profile_named_surface(tree_root, "x-touchmini", &p, &e);
    assert_non_null(strstr(e.text, "'x-touch-mini'"));
}

static void
a_folder_without_surfaces_has_none(void **state)
{
    char **names;
    struct err e;
    int count;

    (void)state;
    assert_int_equal(rmdir(tree_path("surfaces")), 0);
    assert_int_equal(profile_surface_names(tree_root, &names, &count, &e), OK);
    assert_int_equal(count, 0);
    profile_free_names(names, count);
}

static void
kinds_are_told_by_what_is_in_the_file(void **state)
{
    (void)state;
    assert_true(profile_is_surface(tree_put("a.yaml", "controls: []\n")));
    assert_true(profile_is_surface(tree_put("a.yaml", "label: x\npages: []\n")));
    assert_false(profile_is_surface(tree_put("a.yaml", "label: x\nbackend: alsa\n")));
    assert_false(profile_is_surface(tree_put("a.yaml", "label: [\n")));
    assert_true(profile_is_surface(tree_put("surfaces/a.yaml", "label: [\n")));
}

/* --- which one fits ----------------------------------------------------------------------------------- */

static void
usb_id_goes_before_names_and_the_longest_name_wins(void **state)
{
    struct surface_shelf s;

    (void)state;
    put(ours, "a-family", "a", "match: [X-TOUCH]\n");
    put(ours, "b-mini", "b", "match: [\"X-TOUCH MINI\"]\n");
    put(ours, "c-usb", "c", "usb: [\"1397:00b3\", \"1397:00b4\"]\n");
    put(ours, "d-by-name-alone", "d", "");
    s = open_shelf();
    assert_chosen(&s, "", "X-TOUCH ONE", "X-TOUCH ONE MIDI 1", "a-family");
    assert_chosen(&s, "", "x-touch mini", "", "b-mini");              /* in any case */
    assert_chosen(&s, "", "USB MIDI", "My X-TOUCH MINI 1", "b-mini"); /* or the port's */
    assert_chosen(&s, "1397:00b4", "X-TOUCH MINI", "", "c-usb");
    assert_chosen(&s, "1397:00b5", "X-TOUCH MINI", "", "b-mini");
    assert_chosen(&s, "1397:00B3", "something", "", "c-usb");
    assert_chosen(&s, "", "Midi Through", "Midi Through Port-0", NULL);
    assert_chosen(&s, "0000:0000", "", "", NULL);
    assert_false(surface_profile_fits(surface_shelf_named(&s, "d-by-name-alone", NULL), "", "", ""));
    surface_shelf_close(&s);
}

static void
a_shared_usb_id_is_settled_by_the_name_of_the_device(void **state)
{
    struct surface_shelf s;

    (void)state;
    put(ours, "a", "a", "usb: [\"1397:00b3\"]\nmatch: [ONE]\n");
    put(ours, "b", "b", "usb: [\"1397:00b3\"]\nmatch: [TWO]\n");
    s = open_shelf();
    assert_chosen(&s, "1397:00b3", "BOX ONE", "", "a");
    assert_chosen(&s, "1397:00b3", "BOX TWO", "", "b");
    surface_shelf_close(&s);
}

static void
of_a_boxs_modes_the_plain_one_is_taken(void **state)
{
    struct surface_shelf s;

    (void)state;
    put(ours, "a-box-mc", "other", "usb: [\"1397:00b3\"]\nmatch: [BOX]\n");
    put(ours, "box", "plain", "usb: [\"1397:00b3\"]\nmatch: [BOX]\n");
    put(ours, "cox", "plain", "usb: [\"1397:00b3\"]\nmatch: [BOX]\n");
    s = open_shelf();
    assert_chosen(&s, "1397:00b3", "BOX", "", "box");
    assert_true(surface_profile_fits(surface_shelf_named(&s, "a-box-mc", NULL), "1397:00b3", "BOX", ""));
    surface_shelf_close(&s);
}

static void
the_users_own_is_taken_where_two_fit_alike(void **state)
{
    struct surface_shelf s;
    char path[4096];

    (void)state;
    put(ours, "box", "ours", "usb: [\"1397:00b3\"]\n");
    put(own, "my-own-box", "own", "usb: [\"1397:00b3\"]\n");
    put(own, "words", "own", "match: [\"BOX WITH A LONG NAME\"]\n");
    s = open_shelf();
    assert_chosen(&s, "1397:00b3", "BOX WITH A LONG NAME", "", "my-own-box");
    assert_true(surface_shelf_path(&s, surface_shelf_named(&s, "words", NULL), path, sizeof path));
    assert_string_equal(path, tree_path("config/deadwax/hw-profiles/surfaces/words.yaml"));
    assert_false(surface_shelf_path(&s, surface_shelf_named(&s, "words", NULL), path, strlen(path)));
    assert_false(surface_shelf_path(&s, NULL, path, sizeof path));
    surface_shelf_close(&s);
}

static void
a_broken_file_is_passed_over_and_told(void **state)
{
    struct surface_shelf s;
    struct err e;

    (void)state;
    put(ours, "a", "a", "port: 99\n");
    put(ours, "b", "b", "takeover: never\n");
    put(ours, "c", "c", "match: [BOX]\n");
    assert_int_equal(surface_shelf_open(&s, tree_root, &e), OK);
    assert_non_null(strstr(e.text, "surfaces/a.yaml:2: port: 99 is out of range"));
    assert_int_equal(s.count, 1);
    assert_chosen(&s, "", "BOX", "", "c");
    assert_null(surface_shelf_named(&s, "b", &e));
    assert_non_null(strstr(e.text, "surfaces/b.yaml:2: takeover: unknown 'never'"));
    assert_null(surface_shelf_named(&s, "bb", &e));
    assert_non_null(strstr(e.text, "no surface profile 'bb'"));
    assert_null(surface_shelf_named(&s, "bb", NULL));
    surface_shelf_close(&s);
    surface_shelf_close(&s); /* is empty now */
}

static void
no_folder_is_an_empty_shelf(void **state)
{
    struct surface_shelf s;
    struct err e;

    (void)state;
    assert_int_equal(surface_shelf_open(&s, "/nonexistent", &e), OK); /* the user's own may still be there */
    assert_int_equal(s.count, 0);
    assert_chosen(&s, "1397:00b3", "BOX", "", NULL);
    surface_shelf_close(&s);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folders, tree_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(names_of_both_folders_are_sorted_and_each_there_once),
        IN_FOLDER(the_users_own_file_goes_before_ours_of_the_same_name),
        IN_FOLDER(an_unknown_name_is_told_the_nearest_of_both),
        IN_FOLDER(a_folder_without_surfaces_has_none),
        IN_FOLDER(kinds_are_told_by_what_is_in_the_file),
        IN_FOLDER(usb_id_goes_before_names_and_the_longest_name_wins),
        IN_FOLDER(a_shared_usb_id_is_settled_by_the_name_of_the_device),
        IN_FOLDER(of_a_boxs_modes_the_plain_one_is_taken),
        IN_FOLDER(the_users_own_is_taken_where_two_fit_alike),
        IN_FOLDER(a_broken_file_is_passed_over_and_told),
        IN_FOLDER(no_folder_is_an_empty_shelf),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
