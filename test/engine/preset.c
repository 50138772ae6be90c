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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_named_is_set_and_the_rest_stays),
        cmocka_unit_test(the_last_line_for_a_parameter_counts),
        cmocka_unit_test(mistakes_are_told_with_file_and_line),
        cmocka_unit_test(a_long_remark_is_one_line),
        cmocka_unit_test(what_is_no_file_is_told),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
