/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/preset.h"

#include "engine/params.h"
#include "test/kit/defaults.h"
#include "test/kit/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char path[64];
static double *values;

static int
make_folder(void **state)
{
    params_init();
    values = default_values();
    if (tree_make(state) != 0)
        return -1;
    snprintf(path, sizeof path, "%s", tree_path("warm.preset"));
    return 0;
}

static int
remove_folder(void **state)
{
    free(values);
    return tree_remove(state);
}

static void
write_preset(const char *text)
{
    tree_put("warm.preset", text);
    free(values);
    values = default_values();
}

static double
value(const char *parameter)
{
    int id = param_find(parameter);

    assert_true(id >= 0);
    return values[id];
}

static void
takes(const char *text)
{
    struct err e;

    write_preset(text);
    if (preset_read(path, values, &e) != OK)
        fail_msg("%s", e.text);
}

static void
refuses(const char *text, int line, const char *reason)
{
    char start[100];
    struct err e = {""};

    write_preset(text);
    snprintf(start, sizeof start, "%s:%d: ", path, line);
    assert_int_equal(preset_read(path, values, &e), BAD_ARG);
    if (strncmp(e.text, start, strlen(start)) != 0 || !strstr(e.text, reason))
        fail_msg("\"%s\" should begin with %s and say %s", e.text, start, reason);
}

static void
what_is_named_is_set_and_the_rest_stays(void **state)
{
    (void)state;
    takes(
        "# a preset\n\n/eq/on=on\n  /eq/1/type=low_cut   # rumble\r\n/eq/1/freq=28 Hz\n/limit/ceiling=-0.7");
    assert_true(value("/eq/on") == 1.0);
    assert_true(value("/eq/1/freq") == 28.0);
    assert_true(param_at(param_find("/eq/1/type"))->names[(int)value("/eq/1/type")][0] == 'l');
    assert_true(value("/limit/ceiling") == -0.7); /* the last line has no end */
    for (int i = 0; i < params_count(); i++)
        if (strncmp(param_at(i)->path, "/eq/", 4) != 0 && strcmp(param_at(i)->path, "/limit/ceiling") != 0)
            assert_true(values[i] == param_at(i)->def);
}

static void
the_last_line_for_a_parameter_counts(void **state)
{
    (void)state;
    takes("/comp/ratio=2:1\n/comp/ratio=4:1\n");
    assert_true(value("/comp/ratio") == 4.0);
}

static void
mistakes_are_told_with_file_and_line(void **state)
{
    (void)state;
    refuses("/eq/on=on\n/eq/1/gain=99\n", 2, "/eq/1/gain: 99 is out of range: use -24 to 24 dB");
    refuses("\n\n/eq/1/gian=1\n", 3, "nearest are /eq/1/gain");
    refuses("/eq/1/gain 3\n", 1, "write PATH=VALUE");
    refuses("/transport/play=1\n", 1, "/transport/play: is no part of a preset");
    refuses("/print/file=a.wav\n", 1, "/print/file");
    refuses("/meter/dsp/load=1\n", 1, "can only be read");
}

/* However long: a remark must not spill over into a line of its own. */
static void
a_long_remark_is_one_line(void **state)
{
    static char text[9000];

    (void)state;
    text[0] = '#';
    memset(text + 1, 'x', 8000);
    strcpy(text + 8001, "\n/comp/mix=40%\n");
    takes(text);
    assert_true(value("/comp/mix") == 40.0);
    strcpy(text + 8001, "\n/comp/mix=400%\n");
    refuses(text, 2, "/comp/mix");
}

static void
what_is_no_file_is_told(void **state)
{
    struct err e = {""};

    (void)state;
    assert_int_equal(preset_read("/nowhere/warm.preset", values, &e), NOT_FOUND);
    assert_string_equal(e.text, "/nowhere/warm.preset: No such file or directory");
    assert_int_not_equal(preset_read(tree_root, values, &e), OK);
    assert_non_null(strstr(e.text, "irectory"));
}

/* --- by name ---------------------------------------------------------------------------------------- */

static void
put(const char *parameter, double x)
{
    int id = param_find(parameter);

    assert_true(id >= 0);
    values[id] = x;
}

static void
loads(const char *name)
{
    struct err e;

    if (preset_load(name, values, &e) != OK)
        fail_msg("%s", e.text);
}

static void
what_a_chain_preset_does_not_name_goes_back_to_its_default(void **state)
{
    (void)state;
    tree_put("deadwax/presets/mine.preset", "# Mine\n/comp/on=on\n/comp/ratio=3\n");
    put("/eq/1/gain", 6.0);
    put("/comp/ratio", 9.0);
    put("/chain/order/comp", 5.0);
    put("/insert/1/delay", 300.0);
    put("/monitor/level", -35.0);
    loads("mine");
    assert_true(value("/comp/on") == 1.0 && value("/comp/ratio") == 3.0);
    assert_true(value("/eq/1/gain") == 0.0);
    assert_true(value("/chain/order/comp") == param_at(param_find("/chain/order/comp"))->def);
    assert_true(value("/insert/1/delay") == 300.0); /* how the desk is wired */
    assert_true(value("/monitor/level") == -35.0);
}

static void
a_stage_preset_leaves_the_other_stages_alone(void **state)
{
    (void)state;
    tree_put("deadwax/presets/eq/air.preset", "# Air\n/eq/on=on\n/eq/8/on=on\n");
    put("/eq/1/gain", 6.0);
    put("/comp/ratio", 9.0);
    loads("eq/air");
    assert_true(value("/eq/8/on") == 1.0 && value("/eq/1/gain") == 0.0);
    assert_true(value("/comp/ratio") == 9.0);
}

static void
a_preset_that_reaches_out_of_its_stage_changes_nothing(void **state)
{
    struct err e = {""};

    (void)state;
    tree_put("deadwax/presets/eq/wide.preset", "/eq/on=on\n/comp/on=on\n");
    tree_put("deadwax/presets/loud.preset", "/limit/on=on\n/monitor/level=-3\n");
    put("/eq/1/gain", 6.0);
    assert_int_equal(preset_load("eq/wide", values, &e), BAD_ARG);
    assert_non_null(strstr(e.text, "/comp/on"));
    assert_int_equal(preset_load("loud", values, &e), BAD_ARG);
    assert_non_null(strstr(e.text, "/monitor/level"));
    assert_true(value("/eq/1/gain") == 6.0 && value("/eq/on") == 0.0 && value("/limit/on") == 0.0);
}

static void
what_is_saved_is_loaded_again_to_the_bit(void **state)
{
    struct err e;
    double *kept = default_values();

    (void)state;
    put("/eq/1/gain", -1.0 / 3.0);
    put("/eq/1/type", 2.0);
    put("/limit/on", 1.0);
    put("/comp/threshold", -20.000000000000004);
    memcpy(kept, values, sizeof *kept * (size_t)params_count());
    assert_int_equal(preset_save("kept", values, &e), OK);
    assert_int_equal(preset_save("eq/kept", values, &e), OK);
    put("/eq/1/gain", 3.0);
    put("/comp/threshold", -3.0);
    loads("eq/kept");
    assert_true(value("/eq/1/gain") == -1.0 / 3.0 && value("/comp/threshold") == -3.0);
    loads("kept");
    assert_memory_equal(values, kept, sizeof *kept * (size_t)params_count());
    put("/limit/on", 0.0);
    assert_int_equal(preset_save("kept", values, &e), OK);
    assert_int_equal(access(tree_path("deadwax/presets/kept.preset~"), R_OK), 0); /* the one before */
    free(kept);
}

static void
a_name_that_is_none_is_refused(void **state)
{
    static const char *const names[] = {"", "../kept", "a/b/c", "/kept", "kept/", "a b", "kept.preset"};
    struct err e;

    (void)state;
    for (size_t i = 0; i < LEN(names); i++)
        assert_int_equal(preset_save(names[i], values, &e), BAD_ARG);
    assert_int_equal(preset_load("nosuch", values, &e), NOT_FOUND);
    assert_non_null(strstr(e.text, "preset list"));
}

static void
the_list_has_the_users_ahead_of_ours(void **state)
{
    struct preset_entry *entry;
    int count, mine = 0, ours = 0;

    (void)state;
    tree_put("deadwax/presets/club.preset", "# My own club\n");
    assert_int_equal(preset_list(&entry, &count), OK);
    for (int i = 0; i < count; i++) {
        mine += strcmp(entry[i].name, "club") == 0 && strcmp(entry[i].text, "My own club") == 0;
        ours += strcmp(entry[i].name, "transparent") == 0;
        assert_true(i == 0 || strcmp(entry[i - 1].name, entry[i].name) != 0);
    }
    assert_int_equal(mine, 1);
    assert_int_equal(ours, 1);
    preset_free_list(entry, count);
}

static void
each_that_comes_with_the_program_loads_and_says_what_it_is_for(void **state)
{
    struct preset_entry *entry;
    int count;

    (void)state;
    assert_int_equal(preset_list(&entry, &count), OK);
    assert_true(count >= 5);
    for (int i = 0; i < count; i++) {
        loads(entry[i].name);
        if (strlen(entry[i].text) < 10)
            fail_msg("%s does not say what it is for", entry[i].path);
    }
    preset_free_list(entry, count);
}

static int
in_our_home(void **state)
{
    (void)state;
    setenv("XDG_CONFIG_HOME", tree_root, 1);
    free(values);
    values = default_values();
    return 0;
}

#define NAMED(f) cmocka_unit_test_setup_teardown(f, in_our_home, tree_clear)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_named_is_set_and_the_rest_stays),
        cmocka_unit_test(the_last_line_for_a_parameter_counts),
        cmocka_unit_test(mistakes_are_told_with_file_and_line),
        cmocka_unit_test(a_long_remark_is_one_line),
        cmocka_unit_test(what_is_no_file_is_told),
        NAMED(what_a_chain_preset_does_not_name_goes_back_to_its_default),
        NAMED(a_stage_preset_leaves_the_other_stages_alone),
        NAMED(a_preset_that_reaches_out_of_its_stage_changes_nothing),
        NAMED(what_is_saved_is_loaded_again_to_the_bit),
        NAMED(a_name_that_is_none_is_refused),
        NAMED(the_list_has_the_users_ahead_of_ours),
        NAMED(each_that_comes_with_the_program_loads_and_says_what_it_is_for),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
