/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/saved.h"

#include "engine/snapshot.h"
#include "test/kit/defaults.h"
#include "test/kit/dice.h"
#include "test/kit/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char got_text[200];
static int got_id;

static void
take_text(void *context, int id, const char *text)
{
    (void)context;
    got_id = id;
    snprintf(got_text, sizeof got_text, "%s", text);
}

static bool
all(const struct param *p)
{
    return snapshot_holds(p) || p->type == PARAM_TEXT;
}

static void
numbers_read_back_to_the_same_bits(void **state)
{
    double *values = default_values();
    struct saved s = {.values = default_values(), .wants = snapshot_holds};
    const char *path = tree_put("a.snapshot", "");
    struct err e;
    FILE *f = fopen(path, "w");

    (void)state;
    dice_state = 9;
    for (int i = 0; i < params_count(); i++)
        if (snapshot_holds(param_at(i))) {
            param_from_norm(param_at(i), dice(9999) / 9998.0, &values[i], NULL);
            saved_write(f, param_at(i), values[i]);
        }
    fclose(f);
    assert_int_equal(saved_read(&s, path, &e), OK);
    assert_int_equal(s.nstrange, 0);
    assert_memory_equal(s.values, values, sizeof *values * (size_t)params_count());
    free(values);
    free(s.values);
}

static void
a_text_keeps_its_lines_and_backslashes(void **state)
{
    struct saved s = {.wants = all, .text = take_text};
    const struct param *p = param_at(param_find("/meter/reference/file"));
    const char *path = tree_put("state", "");
    FILE *f = fopen(path, "w");

    (void)state;
    saved_write_text(f, p, "/a b/#1 \\ x\ny=2\\n\r\n");
    fclose(f);
    assert_int_equal(saved_read(&s, path, NULL), OK);
    assert_int_equal(s.nstrange, 0);
    assert_ptr_equal(param_at(got_id), p);
    assert_string_equal(got_text, "/a b/#1 \\ x\ny=2\\n\r\n");
}

static void
what_another_version_wrote_is_taken_as_far_as_it_is_known(void **state)
{
    struct saved s = {.values = default_values(), .wants = snapshot_holds};

    (void)state;
    tree_put("a.snapshot",
             "# of tomorrow\n\n/eq/1/gain=3.5 dB  # by hand\r\n/eq/9/gain=1\n/comp/ratio=900\nnonsense\n"
             "/transport/play=1\n/limit/on=on");
    assert_int_equal(saved_read(&s, tree_path("a.snapshot"), NULL), OK);
    assert_true(s.values[param_find("/eq/1/gain")] == 3.5);
    assert_true(s.values[param_find("/limit/on")] == 1.0);
    assert_true(s.values[param_find("/comp/ratio")] == 2.0);
    assert_int_equal(s.nstrange, 4);
    assert_string_equal(s.strange, "/eq/9/gain, /comp/ratio, nonsense, /transport/play");
    free(s.values);
}

static void
a_file_that_is_not_there_is_told(void **state)
{
    struct saved s = {.wants = all};
    struct err e;

    (void)state;
    assert_int_equal(saved_read(&s, "/nowhere/state", &e), NOT_FOUND);
    assert_string_equal(e.text, "/nowhere/state: No such file or directory");
    assert_int_equal(saved_read(&s, tree_root, &e), IO_ERROR);
}

static int
begin(void **state)
{
    params_init();
    return tree_make(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_read_back_to_the_same_bits),
        cmocka_unit_test(a_text_keeps_its_lines_and_backslashes),
        cmocka_unit_test(what_another_version_wrote_is_taken_as_far_as_it_is_known),
        cmocka_unit_test(a_file_that_is_not_there_is_told),
    };

    return cmocka_run_group_tests(tests, begin, tree_remove);
}
