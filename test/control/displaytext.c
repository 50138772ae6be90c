/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels and values in few columns. Numbers are read back from the text.
 */
#include "control/midi/display.h"

#include "test/kit/dice.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

static int
set_up(void **state)
{
    (void)state;
    params_init();
    dice_state = 20261218;
    return 0;
}

/* --- labels ------------------------------------------------------------------------------------ */

static void
labels_are_short_as_people_write_them(void **state)
{
    static const struct {
        const char *label;
        int columns;
        const char *text;
    } want[] = {{"Threshold 2", 7, "Thrsh 2"},
                {"Threshold", 7, "Thresh"},
                {"Threshold", 4, "Thr"},
                {"Frequency", 9, "Frequency"},
                {"Frequency", 7, "Freq"},
                {"Gain", 4, "Gain"},
                {"Crossover 1", 7, "Xover 1"},
                {"Insert 12", 4, "In12"},
                {"Make-up", 6, "Makeup"},
                {"Make-up", 4, "Mkup"},
                {"Look-ahead", 4, "Look"},
                {"Multiband", 6, "Multi"},
                {"Ceiling", 4, "Ceil"},
                {"Drive", 4, "Driv"},
                {"Detector", 6, "Detctr"},
                {"Mono below", 7, "Mon blw"},
                {"Auto release", 7, "Aut rel"},
                {"Auto release", 4, "AtRl"},
                {"H\xc3\xb6hen", 4, "Hohn"},
                {"", 4, ""},
                {"   ", 4, ""},
                {"Band 1234567", 4, "1234"},
                {"Gain", 0, ""},
                {"4x12", 3, "4x1"},
                {"wav32f", 3, "w32"},
                {"Peak, ITU 4x12", 6, "PI4x12"},
                {"Peak, ITU 4x12", 5, "PkITU"}, /* all of a number or nothing */
                {"Input true peak maximum, ITU 4x12 2", 7, "ITPMI 2"}};
    char text[64];

    (void)state;
    for (size_t i = 0; i < LEN(want); i++) {
        display_short(want[i].label, want[i].columns, text, sizeof text);
        assert_string_equal(text, want[i].text);
    }
}

static size_t
folder(const struct param *p)
{
    return (size_t)(strrchr(p->path, '/') - p->path);
}

/* Two rows of a module that have different names keep different names. */
static void
rows_of_a_module_can_still_be_told_apart(void **state)
{
    static const int columns[] = {4, 6, 7, 9};
    int compared = 0;

    (void)state;
    for (size_t k = 0; k < LEN(columns); k++)
        for (int i = 0; i < params_count(); i++)
            for (int j = 0; j < i; j++) {
                const struct param *a = param_at(i), *b = param_at(j);
                char one[32], other[32];

                if (folder(a) != folder(b) || strncmp(a->path, b->path, folder(a)) != 0 ||
                    strcmp(a->label, b->label) == 0)
                    continue;
                if (columns[k] == 4 && (a->flags & PARAM_READ_ONLY || b->flags & PARAM_READ_ONLY))
                    continue;
                display_short(a->label, columns[k], one, sizeof one);
                display_short(b->label, columns[k], other, sizeof other);
                assert_string_not_equal(one, other);
                compared++;
            }
    assert_true(compared > 1000);
}

/* Each letter of the short one is in the long one, in that order; X stands for a cross. */
static bool
abbreviates(const char *text, const char *label)
{
    for (; *text; text++) {
        char c = (char)tolower((unsigned char)*text);

        if (c == ' ')
            continue;
        if (strncasecmp(text, "xov", 3) == 0 || strncasecmp(text, "xvr", 3) == 0 ||
            strncasecmp(text, "xv", 2) == 0)
            c = 'c';
        while (*label && tolower((unsigned char)*label) != c)
            label++;
        if (!*label++)
            return false;
    }
    return true;
}

static void
every_label_fits_and_invents_no_letter(void **state)
{
    char text[64];

    (void)state;
    for (int i = 0; i < params_count(); i++)
        for (int columns = 1; columns < 20; columns++) {
            const char *label = param_at(i)->label;
            size_t last = strlen(label);

            display_short(label, columns, text, sizeof text);
            assert_in_range(strlen(text), 1, columns);
            if ((int)strlen(label) <= columns)
                assert_string_equal(text, label);
            if (!strstr(label, "rossover"))
                assert_true(abbreviates(text, label));
            while (last && isdigit((unsigned char)label[last - 1]))
                last--;
            if (columns >= 3 && label[last] && label[last - 1] == ' ') /* its number is there */
                assert_string_equal(text + strlen(text) - strlen(label + last), label + last);
        }
}

/* --- values ------------------------------------------------------------------------------------ */

static const struct param *
row(const char *path)
{
    const struct param *p = param_at(param_find(path));

    assert_non_null(p);
    return p;
}

static void
values_are_as_people_write_them(void **state)
{
    static const struct {
        const char *path;
        double value;
        int columns;
        const char *text;
    } want[] = {{"/eq/1/freq", 1250, 7, "1.25kHz"},
                {"/eq/1/freq", 1250, 6, "1.25k"},
                {"/eq/1/freq", 1250, 4, "1.2k"},
                {"/eq/1/freq", 12500, 4, "12k"},
                {"/eq/1/freq", 12500, 5, "12.5k"},
                {"/eq/1/freq", 999.4, 6, "999Hz"},
                {"/eq/1/freq", 999.6, 6, "1.00k"},
                {"/eq/1/freq", 9996, 6, "10.0k"},
                {"/eq/1/freq", 31.5, 6, "31.5Hz"},
                {"/eq/1/gain", -3.5, 6, "-3.5dB"},
                {"/eq/1/gain", 0.5, 4, "+0.5"},
                {"/eq/1/gain", 0.5, 6, "+0.5dB"},
                {"/eq/1/gain", 0.04, 6, "0.0dB"},
                {"/eq/1/gain", -0.04, 6, "0.0dB"},
                {"/eq/1/gain", 12.5, 4, "12.5"},
                {"/eq/1/gain", -12.5, 5, "-12.5"},
                {"/limit/ceiling", -0.25, 5, "-0.25"},
                {"/limit/ceiling", -0.25, 9, "-0.25dBTP"},
                {"/comp/threshold", -18, 6, "-18.0"},
                {"/comp/threshold", -18, 9, "-18.0dBFS"},
                {"/comp/ratio", 2, 4, "2.00"},
                {"/comp/ratio", 2, 6, "2.00:1"},
                {"/comp/attack", 0.1, 7, "0.100ms"},
                {"/comp/release", 3000, 4, "3000"},
                {"/comp/mix", 50, 4, "50%"},
                {"/stereo/rotation", 12.5, 8, "+12.5deg"},
                {"/input/balance", 100, 4, "+100"},
                {"/eq/1/q", 0.7071, 6, "0.707"},
                {"/eq/1/q", 0.7071, 4, "0.71"},
                {"/insert/1/delay", 16384, 4, "16k"},
                {"/insert/1/delay", 16384, 7, "16384"},
                {"/insert/1/delay", 64, 9, "64frames"},
                {"/eq/on", 1, 4, "on"},
                {"/eq/on", 0, 4, "off"},
                {"/eq/on", 0, 2, "0"},
                {"/eq/1/type", 0, 4, "bell"},
                {"/eq/1/type", 1, 6, "lwShlf"},
                {"/eq/1/slope", 7, 4, "48"},
                {"/compare/a", 3, 4, "snpB"},
                {"/compare/a", 3, 6, "snps B"},
                {"/compare/a", 11, 6, "ref 1"},
                {"/exciter/mix", 12.5, 6, "12.5%"},
                {"/insert/1/delay", 2.5, 6, "2.50"},
                {"/print/format", 0, 4, "wv32"},
                {"/undo", 1, 6, ""},
                {"/transport/track", 12, 4, "12"},
                {"/meter/dsp/overruns", 3, 6, "3"},
                {"/meter/dsp/overruns", 1234567, 6, "1.23M"},
                {"/meter/dsp/load", 12.345, 6, "12.3%"},
                {"/meter/output/momentary", -INFINITY, 6, "-inf"},
                {"/meter/output/momentary", NAN, 6, "----"},
                {"/eq/1/gain", 3, 0, ""},
                {"/meter/insert/1/drift", -123456, 4, "----"}}; /* -123k is five */
    char text[64];

    (void)state;
    for (size_t i = 0; i < LEN(want); i++) {
        display_value(row(want[i].path), want[i].value, want[i].columns, text, sizeof text);
        assert_string_equal(text, want[i].text);
    }
}

/* What the text says, and how far off it may be. False: it is none. */
static bool
read_back(const struct param *p, const char *text, double *value, double *within)
{
    static const char prefix[] = "kMGTP";
    char *end;
    const char *dot = strchr(text, '.'), *unit = param_unit_name(p->unit), *at;
    double factor = 1.0;

    *value = strtod(text, &end);
    if (end == text || strcspn(text, "eE") < (size_t)(end - text))
        return false;
    *within = 0.5 * pow(10.0, dot && dot < end ? -(double)(end - dot - 1) : 0.0);
    if (*end && (at = strchr(prefix, *end))) {
        factor = pow(1000.0, (double)(at - prefix + 1));
        end++;
    }
    *value *= factor;
    *within *= factor;
    if (p->unit == UNIT_RATIO)
        unit = ":1";
    if (p->unit == UNIT_DEGREES)
        unit = "deg";
    return !*end || strcmp(end, unit) == 0;
}

static void
check_number(const struct param *p, double value)
{
    static const int columns[] = {4, 5, 6, 7, 9, 16};

    for (size_t i = 0; i < LEN(columns); i++) {
        double shown = 0.0, within = 0.0;
        char text[64];

        display_value(p, value, columns[i], text, sizeof text);
        assert_in_range(strlen(text), 1, columns[i]);
        if (!read_back(p, text, &shown, &within))
            fail_msg("%s: %.17g: \"%s\" is no number", p->path, value, text);
        if (fabs(shown - value) > within * (1.0 + 1e-9) + fabs(value) * 1e-12)
            fail_msg("%s: %.17g is shown as \"%s\"", p->path, value, text);
        if (columns[i] >= 6 && fabs(shown - value) > fmax(0.5, fabs(value) * 0.005)) /* three digits count */
            fail_msg("%s: %.17g is no better than \"%s\"", p->path, value, text);
        assert_true(text[0] != '-' || value < 0.0);
        assert_true(text[0] != '+' || (value > 0.0 && p->min < 0.0));
    }
}

/* All rows: both ends, the default, what rounds awkwardly, a hundred places between. */
static void
no_number_of_any_row_is_shown_wrong(void **state)
{
    static const double odd[] = {0,     1e-9,  0.00049, 0.0005, 0.0499, 0.095,  0.9995, 0.99951, 9.995,
                                 9.996, 99.95, 99.96,   999.4,  999.5,  999.6,  9995,   9999.6,  99999.9,
                                 1.5,   2.5,   0.05,    0.15,   0.25,   999949, 999951, 1e6};
    int rows = 0;

    (void)state;
    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);
        bool whole = p->type == PARAM_INT;

        if (p->type != PARAM_FLOAT && !whole)
            continue;
        rows++;
        check_number(p, p->min);
        check_number(p, p->def);
        check_number(p, p->max);
        for (size_t k = 0; k < LEN(odd); k++)
            for (int sign = -1; sign <= 1; sign += 2)
                if (sign * odd[k] >= p->min && sign * odd[k] <= p->max)
                    check_number(p, whole ? round(sign * odd[k]) : sign * odd[k]);
        for (int k = 0; k < 100; k++) {
            double value = p->min + (p->max - p->min) * chance();

            if (k % 2 && p->min > 0.0)
                value = p->min * pow(p->max / p->min, chance());
            check_number(p, whole ? floor(value) : value);
        }
    }
    assert_true(rows > 300);
}

/* An enum's words in so few columns: none twice, each digit there, no letter that it has not. */
static void
no_word_of_any_row_is_taken_for_another(void **state)
{
    static const int columns[] = {4, 6, 7};
    int words = 0;

    (void)state;
    for (int i = 0; i < params_count(); i++)
        for (size_t k = 0; param_at(i)->type == PARAM_ENUM && k < LEN(columns); k++) {
            const struct param *p = param_at(i);
            char text[32][32];

            for (int v = 0; v <= (int)p->max; v++, words++) {
                display_value(p, v, columns[k], text[v], sizeof text[v]);
                assert_in_range(strlen(text[v]), 1, columns[k]);
                assert_true(abbreviates(text[v], p->names[v]));
                for (int before = 0; before < v; before++)
                    assert_string_not_equal(text[before], text[v]);
                for (const char *c = p->names[v]; *c; c++)
                    if (isdigit((unsigned char)*c))
                        assert_non_null(strchr(text[v], *c));
            }
        }
    assert_true(words > 300);
}

/* Whoever passes a small buffer, or few columns, gets less, and nothing behind it. */
static void
nothing_is_written_beyond_the_room(void **state)
{
    (void)state;
    for (int size = 1; size < 12; size++)
        for (int columns = 0; columns < 14; columns++) {
            char text[16];

            memset(text, '#', sizeof text);
            display_value(row("/limit/ceiling"), -0.25, columns, text, (size_t)size);
            display_short("Input true peak maximum, ITU 4x12", columns, text, (size_t)size);
            display_time(-3723.5, columns, text, (size_t)size);
            assert_true(strlen(text) < (size_t)size);
            for (size_t i = (size_t)size; i < sizeof text; i++)
                assert_int_equal(text[i], '#');
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(labels_are_short_as_people_write_them, set_up),
        cmocka_unit_test_setup(rows_of_a_module_can_still_be_told_apart, set_up),
        cmocka_unit_test_setup(every_label_fits_and_invents_no_letter, set_up),
        cmocka_unit_test_setup(values_are_as_people_write_them, set_up),
        cmocka_unit_test_setup(no_number_of_any_row_is_shown_wrong, set_up),
        cmocka_unit_test_setup(no_word_of_any_row_is_taken_for_another, set_up),
        cmocka_unit_test_setup(nothing_is_written_beyond_the_room, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
