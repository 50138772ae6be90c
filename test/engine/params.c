/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/params.h"

#include "engine/analyser.h"
#include "engine/chain.h"
#include "engine/meters.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>

/* For the whole table: `each` says what is wrong with a row, or NULL. */
static void
walk(const char *(*each)(const struct param *p))
{
    for (int id = 0; id < params_count(); id++) {
        const char *wrong = each(param_at(id));

        if (wrong)
            fail_msg("%s: %s", param_at(id)->path, wrong);
    }
}

static const struct param *
row(const char *path)
{
    const struct param *p = param_at(param_find(path));

    assert_non_null(p);
    return p;
}

/* --- the table ------------------------------------------------------------------------------------ */

static const char *
path_wrong(const struct param *p)
{
    size_t n = strlen(p->path);

    if (n + 1 >= PARAM_PATH_SIZE)
        return "is too long";
    if (p->path[0] != '/' || p->path[n - 1] == '/')
        return "does not begin with / or ends in one";
    for (size_t i = 0; i < n; i++) {
        char c = p->path[i];

        if (!islower((unsigned char)c) && !isdigit((unsigned char)c) && c != '_' && c != '/')
            return "has a character that is none of a-z 0-9 _ /";
        if (c == '/' && p->path[i + 1] == '/')
            return "has an empty word";
        if (c == '/' && p->path[i + 1] == '0')
            return "counts from 0";
    }
    if (n > 5 && strcmp(p->path + n - 5, "/norm") == 0)
        return "ends in /norm, which is every parameter's own";
    return NULL;
}

static void
paths_are_legal(void **state)
{
    (void)state;
    walk(path_wrong);
}

/* Unique also as addresses: none is a folder of another one's. */
static void
paths_are_found_and_unique(void **state)
{
    (void)state;
    assert_true(params_count() > 0);
    for (int i = 0; i < params_count(); i++) {
        const char *a = param_at(i)->path;

        assert_int_equal(param_find(a), i);
        for (int k = 0; k < params_count(); k++) {
            const char *b = param_at(k)->path;

            if (k != i && strncmp(a, b, strlen(a)) == 0 && (b[strlen(a)] == '\0' || b[strlen(a)] == '/'))
                fail_msg("%s is in the way of %s", a, b);
        }
    }
    assert_int_equal(param_find(""), -1);
    assert_int_equal(param_find("/eq"), -1);
    assert_int_equal(param_find("/eq/0/gain"), -1);
    assert_int_equal(param_find("/eq/9/gain"), -1);
    assert_null(param_at(-1));
    assert_null(param_at(params_count()));
}

static const char *
words_wrong(const struct param *p)
{
    size_t n = p->text ? strlen(p->text) : 0;

    if (!p->label || !*p->label)
        return "has no label";
    if (n < 2 || p->text[n - 1] != '.' || p->text[n - 2] == '.')
        return "its sentence does not end in a full stop";
    if (!isupper((unsigned char)p->text[0]))
        return "its sentence does not begin with a capital";
    if (strpbrk(p->text, "\n\t") || strpbrk(p->label, "\n\t"))
        return "its words are not on one line";
    return NULL;
}

static void
labels_and_sentences_are_there(void **state)
{
    (void)state;
    walk(words_wrong);
}

static const char *
range_wrong(const struct param *p)
{
    if (!isfinite(p->min) || !isfinite(p->max) || !(p->min <= p->def && p->def <= p->max))
        return "not min <= def <= max";
    if (p->type == PARAM_SERIES && p->points < 1)
        return "a series of nothing";
    if (p->type != PARAM_TEXT && p->min == p->max)
        return "has no range";
    if (p->scale == SCALE_LOG && !(p->min > 0))
        return "a LOG scale from 0 or below";
    if (p->scale == SCALE_DB &&
        !(p->unit == UNIT_DB || p->unit == UNIT_DBFS || p->unit == UNIT_DBTP || p->unit == UNIT_LUFS))
        return "a dB scale for what is not in dB";
    if ((p->unit == UNIT_HZ || p->unit == UNIT_RATIO) && p->scale != SCALE_LOG)
        return "frequencies and ratios are heard on a LOG scale";
    return NULL;
}

static void
ranges_hold_their_defaults(void **state)
{
    (void)state;
    walk(range_wrong);
}

static const char *
type_wrong(const struct param *p)
{
    bool whole = p->type == PARAM_INT || p->type == PARAM_BOOL || p->type == PARAM_ENUM;
    int names = 0;

    while (p->names && p->names[names])
        names++;
    if ((p->type == PARAM_ENUM) != (p->names != NULL) || (p->names && names != (int)p->max + 1))
        return "enum names and range do not agree";
    for (int i = 0; i < names; i++)
        for (int k = 0; k < i; k++)
            if (strcasecmp(p->names[i], p->names[k]) == 0)
                return "two choices of one name";
    if ((p->type == PARAM_BOOL || p->type == PARAM_ENUM) && (p->min != 0 || p->unit != UNIT_NONE))
        return "a choice with a unit, or not from 0";
    if (p->type == PARAM_BOOL && p->max != 1)
        return "a switch with more than two states";
    if (whole && (p->min != floor(p->min) || p->max != floor(p->max) || p->def != floor(p->def)))
        return "whole numbers with a broken range";
    if (whole && p->scale != SCALE_LINEAR)
        return "whole numbers on a bent scale";
    return NULL;
}

static void
types_agree_with_names_and_ranges(void **state)
{
    (void)state;
    walk(type_wrong);
}

/* What the field's C type says; a unit belongs to numbers, not to switches and choices. */
static const char *
field_wrong(const struct param *p)
{
    size_t size = p->type == PARAM_SERIES   ? sizeof(struct series_readings)
                  : p->owner == OWNER_METER ? sizeof(struct readings)
                                            : sizeof(struct settings);

    if ((p->type == PARAM_SERIES) != (p->field == FIELD_SERIES))
        return "a series that is none";
    if (p->field == FIELD_NONE)
        return NULL;
    if (p->offset >= size)
        return "its field is outside its owner";
    if (p->type == PARAM_FLOAT && p->field != FIELD_DOUBLE)
        return "a float that is no double";
    if (p->type == PARAM_BOOL && p->field != FIELD_BOOL)
        return "a switch that is no bool";
    if (p->type == PARAM_ENUM && p->field != FIELD_INT)
        return "a choice that is no int";
    if (p->type == PARAM_TRIGGER || p->type == PARAM_TEXT)
        return "a trigger or text with a field";
    return NULL;
}

static void
fields_have_the_type_of_their_row(void **state)
{
    (void)state;
    walk(field_wrong);
}

static const char *
flags_wrong(const struct param *p)
{
    bool read_only = p->flags & PARAM_READ_ONLY;

    if (p->owner == OWNER_METER && (!read_only || p->field != (p->type == PARAM_ENUM     ? FIELD_INT
                                                               : p->type == PARAM_SERIES ? FIELD_SERIES
                                                                                         : FIELD_DOUBLE)))
        return "a reading that can be written, or is not read from anywhere";
    if (p->owner == OWNER_CONTROL &&
        (p->field != FIELD_NONE || (p->flags & ~(PARAM_READ_ONLY | PARAM_COUNTER))))
        return "the hands' own, but kept by somebody else";
    if (p->owner == OWNER_CONTROL && strncmp(p->path, "/control/", 9) != 0 &&
        strncmp(p->path, "/surface/", 9) != 0)
        return "the hands' own, but not below /control or /surface";
    if ((p->flags & PARAM_COUNTER) && (!read_only || p->type != PARAM_INT || p->owner != OWNER_CONTROL))
        return "a counter that can be set, is no whole number, or is not the hands' own";
    if (read_only && (p->flags & (PARAM_SAVED | PARAM_AUTOMATED | PARAM_PRINTED)))
        return "read only, but saved, automated or printed";
    if ((p->flags & PARAM_PRINTED) && !(p->flags & PARAM_AUTOMATED))
        return "heard in the print, but its moves are not logged: no take could be made again";
    if (p->owner == OWNER_CHAIN && (p->flags & PARAM_SAVED) && !(p->flags & PARAM_PRINTED))
        return "kept with the chain, but not printed";
    if (p->owner == OWNER_MONITOR && (p->flags & PARAM_PRINTED))
        return "monitoring is never printed";
    if ((p->flags & PARAM_AUTOMATED) && p->owner != OWNER_CHAIN && p->owner != OWNER_MONITOR)
        return "moves at a frame, but the process thread does not act on it";
    if ((p->flags & PARAM_SAVED) && p->type == PARAM_TRIGGER)
        return "a trigger has no state to save";
    return NULL;
}

static void
flags_are_sane(void **state)
{
    (void)state;
    walk(flags_wrong);
}

static bool
lives_in_settings(const struct param *p)
{
    return p->field != FIELD_NONE && (p->owner == OWNER_CHAIN || p->owner == OWNER_MONITOR);
}

/* Each has a place of its own: all are stored, in two different patterns, and none disturbs another. */
static void
fields_round_trip_and_do_not_overlap(void **state)
{
    struct settings s;
    int nfields = 0;

    (void)state;
    for (int side = 0; side < 2; side++) {
        memset(&s, 0, sizeof s);
        for (int i = 0; i < params_count(); i++)
            if (lives_in_settings(param_at(i)))
                param_store(param_at(i), &s, (i & 1) == side ? param_at(i)->min : param_at(i)->max);
        for (int i = 0; i < params_count(); i++) {
            const struct param *p = param_at(i);
            double want = (i & 1) == side ? p->min : p->max;

            if (!lives_in_settings(p))
                continue;
            nfields++;
            if (param_load(p, &s) != want)
                fail_msg("%s: stored %g, loaded %g", p->path, want, param_load(p, &s));
        }
    }
    assert_true(nfields > 2 * EQ_BANDS);
}

static void
readings_have_places_of_their_own(void **state)
{
    struct readings r;

    (void)state;
    memset(&r, 0, sizeof r);
    for (int i = 0; i < params_count(); i++)
        if (param_at(i)->owner == OWNER_METER && param_is_number(param_at(i)))
            param_store(param_at(i), &r, i);
    for (int i = 0; i < params_count(); i++)
        if (param_at(i)->owner == OWNER_METER && param_is_number(param_at(i)))
            assert_true(param_load(param_at(i), &r) == i);
}

/* --- norm ----------------------------------------------------------------------------------------- */

static void
norm_hits_the_ends_exactly(void **state)
{
    double v;

    (void)state;
    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);

        if (!param_is_number(p))
            continue;
        assert_true(param_to_norm(p, p->min) == 0.0);
        assert_true(param_to_norm(p, p->max) == 1.0);
        assert_true(param_from_norm(p, 0.0, &v, NULL) && v == p->min);
        if (!param_from_norm(p, 1.0, &v, NULL) || v != p->max)
            fail_msg("%s: norm 1 is %.17g, not %.17g", p->path, v, p->max);
    }
}

/* To 1e-12 of the range: a few roundings of pow and log. Whole numbers and choices come back exactly. */
static void
norm_round_trips(void **state)
{
    (void)state;
    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);
        bool whole = p->type == PARAM_INT || p->type == PARAM_BOOL || p->type == PARAM_ENUM;

        for (int k = 0; param_is_number(p) && k <= 37; k++) {
            double value, again, norm = k / 37.0;

            assert_true(param_from_norm(p, norm, &value, NULL));
            assert_true(value >= p->min && value <= p->max);
            assert_true(!whole || value == floor(value));
            assert_true(param_from_norm(p, fmin(fmax(param_to_norm(p, value), 0.0), 1.0), &again, NULL));
            if (fabs(again - value) > (whole ? 0.0 : 1e-12 * (p->max - p->min)))
                fail_msg("%s: %.17g comes back as %.17g", p->path, value, again);
            if (!whole && fabs(param_to_norm(p, value) - norm) > 1e-12)
                fail_msg("%s: norm %.17g comes back as %.17g", p->path, norm, param_to_norm(p, value));
        }
    }
}

static void
half_way_is_where_the_scale_says(void **state)
{
    double v;

    (void)state;
    assert_true(param_from_norm(row("/eq/1/freq"), 0.5, &v, NULL));
    assert_true(fabs(v - sqrt(10.0 * 40000.0)) < 1e-9); /* Hz; LOG: the geometric mean */
    assert_true(param_from_norm(row("/input/trim"), 0.5, &v, NULL) && v == 0.0);
    assert_true(param_from_norm(row("/chain/bypass"), 0.49, &v, NULL) && v == 0.0);
    assert_true(param_from_norm(row("/chain/bypass"), 0.5, &v, NULL) && v == 1.0);
}

static void
norm_outside_0_to_1_is_an_error(void **state)
{
    static const double wrong[] = {-1e-9, 1.0000001, NAN, INFINITY, -INFINITY};
    struct err e;
    double v = 42.0;

    (void)state;
    for (size_t i = 0; i < LEN(wrong); i++) {
        assert_false(param_from_norm(row("/eq/1/gain"), wrong[i], &v, &e));
        assert_non_null(strstr(e.text, "/eq/1/gain/norm: "));
        assert_non_null(strstr(e.text, "use 0 to 1"));
    }
    assert_true(v == 42.0);
}

/* --- the only way in ------------------------------------------------------------------------------- */

static void
says(bool ok, const struct err *e, const char *sentence)
{
    assert_false(ok);
    assert_string_equal(e->text, sentence);
}

static void
a_wrong_value_is_told_with_its_mend(void **state)
{
    struct err e;

    (void)state;
    says(param_check(row("/limit/ceiling"), 3, &e), &e,
         "/limit/ceiling: 3 is out of range: use -12 to 0 dBTP");
    says(param_check(row("/limit/ceiling"), NAN, &e), &e,
         "/limit/ceiling: nan is out of range: use -12 to 0 dBTP");
    says(param_check(row("/eq/3/q"), -INFINITY, &e), &e, "/eq/3/q: -inf is out of range: use 0.1 to 40");
    says(param_check(row("/eq/3/type"), 8, &e), &e,
         "/eq/3/type: 8 is no choice: use bell, low_shelf, high_shelf, low_cut, high_cut, notch, "
         "band_pass, tilt");
    says(param_check(row("/eq/3/type"), 1.5, &e), &e,
         "/eq/3/type: 1.5 is no choice: use bell, low_shelf, high_shelf, low_cut, high_cut, notch, "
         "band_pass, tilt");
    says(param_check(row("/eq/on"), 0.5, &e), &e, "/eq/on: 0.5 is no switch: use 0, 1, off or on");
    says(param_check(row("/transport/track"), 1.5, &e), &e,
         "/transport/track: 1.5 is not whole: use a whole number from 1 to 999");
    says(param_check(row("/meter/dsp/load"), 1, &e), &e, "/meter/dsp/load: can only be read");
    says(param_check(row("/print/file"), 1, &e), &e, "/print/file: takes a text, not 1");
    says(param_check(row("/meter/reset"), NAN, &e), &e, "/meter/reset: nan is no number");
    assert_false(param_check(row("/limit/ceiling"), 3, NULL));
}

/* The ends are in, one step of the double past them is out. */
static void
ranges_are_kept_to_the_last_bit(void **state)
{
    (void)state;
    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);

        if (p->type == PARAM_TEXT || p->type == PARAM_TRIGGER || (p->flags & PARAM_READ_ONLY))
            continue;
        assert_true(param_check(p, p->min, NULL) && param_check(p, p->max, NULL) &&
                    param_check(p, p->def, NULL));
        assert_false(param_check(p, nextafter(p->min, -INFINITY), NULL));
        assert_false(param_check(p, nextafter(p->max, INFINITY), NULL));
        assert_false(param_check(p, NAN, NULL));
    }
}

static double
parsed(const char *path, const char *word)
{
    struct err e;
    double v;

    if (!param_parse(row(path), word, &v, &e))
        fail_msg("%s", e.text);
    return v;
}

static void
words_are_understood_with_and_without_their_unit(void **state)
{
    (void)state;
    assert_true(parsed("/eq/1/gain", "-2.5") == -2.5);
    assert_true(parsed("/eq/1/gain", "+3 dB") == 3.0);
    assert_true(parsed("/eq/1/gain", "3db") == 3.0);
    assert_true(parsed("/eq/1/freq", "1e3 Hz") == 1000.0);
    assert_true(parsed("/comp/release", "80ms") == 80.0);
    assert_true(parsed("/comp/ratio", "4:1") == 4.0);
    assert_true(parsed("/comp/mix", "50%") == 50.0);
    assert_true(parsed("/limit/ceiling", "-1 dBTP") == -1.0);
    assert_true(parsed("/eq/1/type", "Low_Shelf") == EQ_LOW_SHELF);
    assert_true(parsed("/eq/1/type", "5") == EQ_NOTCH);
    assert_true(parsed("/eq/on", "on") == 1.0 && parsed("/eq/on", "FALSE") == 0.0 &&
                parsed("/eq/on", "yes") == 1.0);
    assert_true(parsed("/transport/track", "7") == 7.0);
}

static void
refuses(const char *path, const char *word, const char *sentence)
{
    struct err e;
    double v;

    says(param_parse(row(path), word, &v, &e), &e, sentence);
}

static void
words_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    refuses("/eq/1/gain", "loud", "/eq/1/gain: \"loud\" is no number");
    refuses("/eq/1/gain", "", "/eq/1/gain: \"\" is no number");
    refuses("/eq/1/gain", "3 Hz", "/eq/1/gain: \"3 Hz\" is not in dB");
    refuses("/eq/1/q", "3 Hz", "/eq/1/q: \"3 Hz\" is not in plain numbers");
    refuses("/eq/1/gain", "3 dB 4", "/eq/1/gain: \"3 dB 4\" is not in dB");
    refuses("/eq/1/gain", "nan", "/eq/1/gain: nan is out of range: use -24 to 24 dB");
    refuses("/eq/1/gain", "1e999", "/eq/1/gain: inf is out of range: use -24 to 24 dB");
    refuses("/eq/on", "maybe", "/eq/on: maybe is no switch: use 0, 1, off or on");
    refuses("/transport/loop", "once", "/transport/loop: once is no choice: use off, track, list");
    refuses("/print/file", "master.wav", "/print/file: takes a text: set it with deadwax ctl");
    refuses("/print/file", "3", "/print/file: takes a text: set it with deadwax ctl");
    refuses("/meter/dsp/load", "much", "/meter/dsp/load: can only be read");
}

/* What is shown can be typed in again. */
static void
what_is_formatted_parses_back(void **state)
{
    char word[PARAM_VALUE_SIZE];

    (void)state;
    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);
        const double values[] = {p->min, p->max, p->def};

        if (p->type == PARAM_TEXT || p->type == PARAM_TRIGGER || (p->flags & PARAM_READ_ONLY))
            continue;
        for (size_t k = 0; k < LEN(values); k++) {
            param_format(p, values[k], word, sizeof word);
            assert_true(fabs(parsed(p->path, word) - values[k]) <= 1e-5 * fabs(values[k])); /* %.6g */
        }
    }
    param_format(row("/eq/1/gain"), 1.5, word, sizeof word);
    assert_string_equal(word, "1.5 dB");
    param_format(row("/eq/1/type"), EQ_NOTCH, word, sizeof word);
    assert_string_equal(word, "notch");
    param_format(row("/eq/1/type"), NAN, word, sizeof word); /* from elsewhere; no crash */
    param_format(row("/comp/ratio"), 2, word, sizeof word);
    assert_string_equal(word, "2:1");
    param_format(row("/eq/on"), 1, word, 3);
    assert_string_equal(word, "on");
}

static void
assignments_are_parsed(void **state)
{
    static char long_path[200] = "/", long_text[300];
    struct err e;
    double v;
    int id;

    (void)state;
    assert_true(param_parse_assignment("/eq/3/type=bell", &id, &v, &e));
    assert_true(id == param_find("/eq/3/type") && v == EQ_BELL);
    assert_true(param_parse_assignment("/eq/3/gain= -2.5 dB", &id, &v, &e));
    assert_true(id == param_find("/eq/3/gain") && v == -2.5);
    says(param_parse_assignment("/eq/3/gain", &id, &v, &e), &e,
         "\"/eq/3/gain\": write PATH=VALUE, for instance /eq/1/gain=-2");
    says(param_parse_assignment("/eq/3/gain=99", &id, &v, &e), &e,
         "/eq/3/gain: 99 is out of range: use -24 to 24 dB");
    memset(long_path + 1, 'a', sizeof long_path - 2);
    snprintf(long_text, sizeof long_text, "%s=1", long_path);
    assert_false(param_parse_assignment(long_text, &id, &v, &e));
    assert_false(param_parse_assignment("=1", &id, &v, &e));
    assert_false(param_parse_assignment("", &id, &v, &e));
}

static void
names(const char *typo, const char *meant)
{
    struct err e;

    assert_false(param_unknown(typo, &e));
    assert_non_null(strstr(e.text, "no such parameter: nearest are "));
    if (!strstr(e.text, meant))
        fail_msg("\"%s\" should lead to %s", e.text, meant);
}

static void
typos_lead_to_the_nearest_paths(void **state)
{
    (void)state;
    names("/eq/3/gian", "/eq/3/gain");
    names("/limit/celing", "/limit/ceiling");
    names("eq/on", "/eq/on");
    names("/EQ/on", "/eq/on");
    names("/comp/treshold", "/comp/threshold");
    names("/transport/plya", "/transport/play");
    names("/eq/9/freq", "/freq");
    names("", "/");
}

/* The sentence goes to terminals, logs and browsers, and the path comes from anywhere. */
static void
a_hostile_path_stays_one_printable_line(void **state)
{
    char path[5000];
    struct err e;

    (void)state;
    memset(path, 'x', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_false(param_unknown(path, &e));
    assert_true(strlen(e.text) < 400);
    assert_false(param_unknown("/eq\n/on\x1b[2J\x07\t", &e));
    for (const char *c = e.text; *c; c++)
        assert_true(isprint((unsigned char)*c));
}

static int
begin(void **state)
{
    (void)state;
    params_init();
    params_init(); /* cheap to call again, and adds nothing */
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_legal),
        cmocka_unit_test(paths_are_found_and_unique),
        cmocka_unit_test(labels_and_sentences_are_there),
        cmocka_unit_test(ranges_hold_their_defaults),
        cmocka_unit_test(types_agree_with_names_and_ranges),
        cmocka_unit_test(fields_have_the_type_of_their_row),
        cmocka_unit_test(flags_are_sane),
        cmocka_unit_test(fields_round_trip_and_do_not_overlap),
        cmocka_unit_test(readings_have_places_of_their_own),
        cmocka_unit_test(norm_hits_the_ends_exactly),
        cmocka_unit_test(norm_round_trips),
        cmocka_unit_test(half_way_is_where_the_scale_says),
        cmocka_unit_test(norm_outside_0_to_1_is_an_error),
        cmocka_unit_test(a_wrong_value_is_told_with_its_mend),
        cmocka_unit_test(ranges_are_kept_to_the_last_bit),
        cmocka_unit_test(words_are_understood_with_and_without_their_unit),
        cmocka_unit_test(words_that_make_no_sense_are_refused),
        cmocka_unit_test(what_is_formatted_parses_back),
        cmocka_unit_test(assignments_are_parsed),
        cmocka_unit_test(typos_lead_to_the_nearest_paths),
        cmocka_unit_test(a_hostile_path_stays_one_printable_line),
    };

    return cmocka_run_group_tests(tests, begin, NULL);
}
