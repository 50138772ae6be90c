/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/pages.h"

#include "control/cli/surfacemap.h"
#include "engine/faults.h"
#include "engine/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifndef PROFILES
#define PROFILES "hw-profiles"
#endif

/* As `deadwax profile check` reads them: shape, sense, and every word looked up in the table. */
static void
every_surface_profile_of_ours_is_good(void **state)
{
    char **names, path[1024];
    struct err e;
    int count;

    (void)state;
    unsetenv("HOME"); /* so that the user's own are not taken for ours */
    unsetenv("XDG_CONFIG_HOME");
    assert_int_equal(profile_surface_names(PROFILES, &names, &count, &e), OK);
    assert_true(count >= 1);
    for (int i = 0; i < count; i++) {
        struct surface_profile *p;
        bool own;

        assert_int_equal(profile_surface_path(PROFILES, names[i], path, sizeof path, &own, &e), OK);
        assert_false(own);
        if (surface_load_words(path, pages_check, &p, NULL, &e) != OK)
            fail_msg("%s", e.text);
        surface_free(p);
    }
    profile_free_names(names, count);
}

#define HEAD "label: B\nsource: s\n"
#define BOX                                                                                                  \
    "controls:\n- {name: k, label: Knobs, kind: pot, count: 3, in: {message: cc, number: 16}}\n"             \
    "- {name: b, kind: button, in: {message: note, channel: 2, numbers: [7]}}\n"

static void
unknown_words_are_told_with_their_lines_and_with_all_else(void **state)
{
    static const char text[] =
        HEAD "port: 99\n" BOX "pages:\n- name: p\n  label: P\n  slots:\n  - /limit/gain\n"
             "  - /limit/gian\n  assign:\n  - control: kk\n    to: /limit/gain\n"
             "  - control: k/1\n    to: /limit/gain\n    high: 99 dB\n"
             "  - {control: b, to: pagenext}\n";
    static const struct {
        int line;
        const char *says;
    } wanted[] = {{3, "port: 99"}, {12, "/limit/gian"}, {14, "'kk'"}, {18, "high: "}, {19, "'pagenext'"}};
    struct faults faults = {NULL, 0, 0};
    struct surface_profile *p;
    struct err e;

    (void)state;
    assert_int_equal(surface_read("x", text, sizeof text - 1, pages_check, &p, &faults, &e), BAD_ARG);
    for (int i = 0; i < faults.count && i < (int)LEN(wanted); i++)
        if (faults.fault[i].line != wanted[i].line || !strstr(faults.fault[i].what.text, wanted[i].says))
            fail_msg("%s", faults.fault[i].what.text);
    assert_int_equal(faults.count, LEN(wanted));
    faults_free(&faults);
}

/* Counts beyond all sense end the check before somebody makes room for as many. */
static void
words_are_not_looked_up_where_a_group_has_no_count(void **state)
{
    static const char text[] = HEAD "controls:\n- {name: k, kind: pot, count: 999999999, in: {message: cc}}\n"
                                    "pages:\n- {name: p, label: P, assign: [{control: k, to: /nothing}]}\n";
    struct faults faults = {NULL, 0, 0};
    struct surface_profile *p;
    struct err e;

    (void)state;
    assert_int_equal(surface_read("x", text, sizeof text - 1, pages_check, &p, &faults, &e), BAD_ARG);
    assert_int_equal(faults.count, 1);
    assert_non_null(strstr(e.text, "count: 999999999"));
    faults_free(&faults);
}

/* --- which knob is what ------------------------------------------------------------------------------ */

static char *
print_map(const char *text)
{
    struct surface_profile *p;
    struct err e;
    char *out;
    size_t size;
    FILE *f = open_memstream(&out, &size);

    if (surface_read("x", text, strlen(text), pages_check, &p, NULL, &e) != OK)
        fail_msg("%s", e.text);
    p->name = strdup("box");
    surfacemap_print(f, p);
    fclose(f);
    surface_free(p);
    return out;
}

static void
assert_line(const char *map, const char *line)
{
    char whole[256];

    snprintf(whole, sizeof whole, "\n%s\n", line);
    if (!strstr(map, whole))
        fail_msg("no line '%s' in:\n%s", line, map);
}

/* Paths, labels and ranges as params prints them. */
static void
the_map_has_each_control_with_its_row_and_range(void **state)
{
    char *map = print_map(
        HEAD BOX
        "assign:\n- {control: b, to: page p}\npages:\n- name: p\n  label: First\n"
        "  slots: [\"/eq/#/q\", /limit/gain]\n  assign:\n"
        "  - {control: k, to: \"/eq/#/gain\"}\n"
        "  - {control: k/2..3, to: slots, layer: shift, first: 3}\n"
        "  - {control: k/3, to: /limit/ceiling, layer: alt, low: \"-6 dBTP\", invert: yes, text: Top}\n"
        "  - {control: b, to: layer shift}\n"
        "- name: q\n  label: Second\n  assign:\n"
        "  - {control: b, to: /eq/1/type, value: bell}\n"
        "  - {control: b, layer: alt, to: layer_lock alt}\n"
        "  - {control: k/1, to: macro air}\n"
        "macros:\n- {name: air, label: Air, moves: [{to: /eq/8/gain, low: \"0 dB\", high: \"3 dB\"}]}\n");

    (void)state;
    assert_line(map, "label      B");
    assert_line(map, "by name    deadwax run --surface box=WORDS-OF-ITS-NAME");
    assert_line(map, "controls   k/1..3               pot       CC 16 to 18, channel 1");
    assert_line(map, "           b                    button    note 7, channel 2");
    assert_line(map, "  b                    page p");
    assert_line(map, "page p: First");
    assert_line(map, "  k/3                  /eq/3/gain                   Gain: -24 dB to 24 dB");
    assert_line(map, "  k/2..3 (shift)       slots 3 to 4");
    assert_line(map, "  k/3 (alt)            /limit/ceiling               Top: 0 dBTP to -6 dBTP");
    assert_line(map, "  slot 1               /eq/1/q                      Q: 0.1 to 40");
    assert_line(map, "  slot 9               /limit/gain                  Gain: 0 dB to 24 dB");
    assert_line(map, "  b                    /eq/1/type                   Type: bell");
    assert_line(map, "macro air: Air");
    assert_line(map, "                       /eq/8/gain                   Gain: 0 dB to 3 dB");
    free(map);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_surface_profile_of_ours_is_good),
        cmocka_unit_test(unknown_words_are_told_with_their_lines_and_with_all_else),
        cmocka_unit_test(words_are_not_looked_up_where_a_group_has_no_count),
        cmocka_unit_test(the_map_has_each_control_with_its_row_and_range),
    };

    params_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
