/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/pattern.h"

#include "dsp/dsp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool
matches(const char *text, const char *path)
{
    struct pattern p;
    struct err e = {""};

    assert_true(pattern_compile(&p, text, &e));
    return pattern_match(&p, path);
}

/* The table of OSC 1.0 and 1.1, and the places where signs meet. */
static void
the_signs_mean_what_osc_says(void **state)
{
    static const struct {
        const char *pattern, *path;
        bool match;
    } cases[] = {
        {"/eq/?/on", "/eq/3/on", true},
        {"/eq/?/on", "/eq/12/on", false},
        {"/eq/?/on", "/eq//on", false},
        {"/eq/*/on", "/eq/3/on", true},
        {"/eq/*/on", "/eq/12/on", true},
        {"/eq/*/on", "/eq/1/2/on", false}, /* not across a slash */
        {"/eq/*", "/eq/1/on", false},
        {"/eq/*", "/eq/on", true},
        {"/eq/on*", "/eq/on", true}, /* also nothing */
        {"/*/*", "/eq/on", true},
        {"/*/*", "/eq", false},
        {"/*a*b*", "/xaxxbx", true},
        {"/*a*b*", "/xbxxax", false},
        {"/eq/[1-4]/on", "/eq/4/on", true},
        {"/eq/[1-4]/on", "/eq/5/on", false},
        {"/eq/[!1-4]/on", "/eq/5/on", true},
        {"/eq/[!1-4]/on", "/eq/4/on", false},
        {"/eq[!1]on", "/eq/on", false}, /* a negated set does not take the slash */
        {"/[a-]", "/-", true},          /* '-' at the end is itself */
        {"/[a-]", "/b", false},
        {"/[a!]", "/!", true}, /* '!' not at the start is itself */
        {"/{comp,limit}/on", "/comp/on", true},
        {"/{comp,limit}/on", "/limit/on", true},
        {"/{comp,limit}/on", "/eq/on", false},
        {"/{comp,limit}/on", "/complimit/on", false},
        {"/{a,ab}c", "/abc", true}, /* neither word is taken too early */
        {"/{a,ab}{c,bc}d", "/abcd", true},
        {"/x{,y}", "/x", true},
        {"/x{,y}", "/xy", true},
        {"/{a,b}*{c,d}", "/axxd", true},
        {"/{a*b}", "/a*b", true}, /* signs inside braces are letters */
        {"//gain", "/gain", true},
        {"//gain", "/eq/1/gain", true},
        {"//gain", "/eq/1/again", false},
        {"/eq//on", "/eq/on", true},
        {"/eq//on", "/eq/1/on", true},
        {"/eq//on", "/eqx/1/on", false},
        {"/eq/1/on", "/eq/1/on", true},
        {"/eq/1/on", "/eq/1/o", false},
        {"/eq/1/o", "/eq/1/on", false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++)
        if (matches(cases[i].pattern, cases[i].path) != cases[i].match)
            fail_msg("%s on %s", cases[i].pattern, cases[i].path);
}

static void
what_is_left_open_or_too_long_is_refused(void **state)
{
    static const char *const bad[] = {"/[", "/[a", "/{", "/{a,b", "/{a/b}", "/[!"};
    char text[4096];
    struct pattern p;
    struct err e;

    (void)state;
    for (size_t i = 0; i < LEN(bad); i++) {
        e.text[0] = '\0';
        assert_false(pattern_compile(&p, bad[i], &e));
        assert_non_null(strstr(e.text, "close each"));
    }
    memset(text, '*', sizeof text - 1);
    text[0] = '/';
    text[sizeof text - 1] = '\0';
    assert_false(pattern_compile(&p, text, &e));
    assert_non_null(strstr(e.text, "too long"));
    text[PATTERN_LENGTH] = '\0';
    assert_true(pattern_compile(&p, text, &e));
    assert_true(pattern_match(&p, "/comp"));
    text[PATTERN_LENGTH] = '*';
    text[PATTERN_LENGTH + 1] = '\0';
    assert_false(pattern_compile(&p, text, &e));
}

/* With backtracking this is about 60 over 30 places: it would not end. */
static void
many_stars_cost_little(void **state)
{
    struct pattern p;
    struct err e;

    (void)state;
    assert_true(pattern_compile(&p, "/*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", &e));
    assert_false(pattern_match(&p, "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void
signs_are_seen(void **state)
{
    (void)state;
    assert_false(pattern_is("/eq/1/on"));
    assert_true(pattern_is("/eq/?/on"));
    assert_true(pattern_is("/eq/*"));
    assert_true(pattern_is("/eq/[12]/on"));
    assert_true(pattern_is("/{a,b}"));
    assert_true(pattern_is("//on"));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_signs_mean_what_osc_says),
        cmocka_unit_test(what_is_left_open_or_too_long_is_refused),
        cmocka_unit_test(many_stars_cost_little),
        cmocka_unit_test(signs_are_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
