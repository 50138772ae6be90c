/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/cli/reportjson.h"
#include "control/cli/reportpage.h"
#include "control/cli/reporttext.h"
#include "control/utf8.h"
#include "test/kit/specimen.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILES = 3 };

static struct result file[FILES];
static struct results all;

static void
one_file(const char *path, struct report *r)
{
    memset(file, 0, sizeof file);
    file[0] = (struct result){.path = path, .report = r};
    all = (struct results){.file = file, .count = 1, .target_lufs = NAN, .when = 1700000000};
    assert_non_null(r);
}

/* A good one, a bad one, and one that can't be read. */
static void
three_files(void)
{
    one_file("/x/good.wav", specimen_song("/x/good.wav", false));
    file[1] = (struct result){.path = "/x/bad.wav", .report = specimen_song("/x/bad.wav", true)};
    file[2].path = "/x/<none>.wav";
    snprintf(file[2].err.text, sizeof file[2].err.text, "/x/<none>.wav: No such file or directory");
    all.count = FILES;
    all.album = specimen_album();
}

static int
forget(void **state)
{
    (void)state;
    for (int i = 0; i < FILES; i++)
        report_close(file[i].report);
    report_close((struct report *)all.album);
    memset(file, 0, sizeof file);
    memset(&all, 0, sizeof all);
    return 0;
}

/* To be freed. */
static char *
page(void)
{
    static char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    reportpage_write(out, &all);
    fclose(out);
    assert_int_equal(strlen(text), size);
    return text;
}

static char *
terminal(bool colour)
{
    static char *text;
    size_t size;
    struct reporttext t = {open_memstream(&text, &size), true, colour};

    reporttext_write(&t, &all);
    fclose(t.out);
    return text;
}

static int
times(const char *text, const char *what)
{
    int n = 0;

    for (; (text = strstr(text, what)); text += strlen(what))
        n++;
    return n;
}

/* --- UTF-8 ---------------------------------------------------------------------------------------- */

static void
malformed_bytes_become_one_mark_each(void **state)
{
    static const struct {
        const char *in, *out;
    } texts[] = {
        {"", ""},
        {"a\xff", "a\xef\xbf\xbd"},
        {"\xc3", "\xef\xbf\xbd"},
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                                 /* an overlong slash */
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},                 /* half a pair */
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* beyond the last */
        {"\xf4\x8f\xbf\xbf \xc3\xa4 \xe6\x97\xa5", "\xf4\x8f\xbf\xbf \xc3\xa4 \xe6\x97\xa5"},
        {"\xef\xbf\xbf", "\xef\xbf\xbf"}, /* no character, but well formed */
    };

    (void)state;
    for (size_t i = 0; i < LEN(texts); i++) {
        char *clean = utf8_clean(texts[i].in);

        assert_string_equal(clean, texts[i].out);
        free(clean);
    }
}

/* --- JSON ----------------------------------------------------------------------------------------- */

static void
json_has_every_measured_figure_and_no_other(void **state)
{
    json_t *j;

    (void)state;
    one_file("song", specimen_song("song", true));
    j = report_to_json(file[0].report);
    for (int i = 0; i < report_figures(file[0].report); i++) {
        const char *key = report_figure(file[0].report, i)->figure->key;
        char group[64];
        json_t *v;

        snprintf(group, sizeof group, "%.*s", (int)strcspn(key, "/"), key);
        v = json_object_get(json_object_get(j, group), strchr(key, '/') + 1);
        assert_int_equal(v != NULL, report_measured(file[0].report, key) != NULL);
    }
    assert_true(json_real_value(json_object_get(json_object_get(j, "loudness"), "integrated")) == -8.73);
    assert_string_equal(json_string_value(json_object_get(json_object_get(j, "units"), "levels/true_peak")),
                        "dBTP");
    assert_true(
        json_is_null(json_array_get(json_object_get(json_object_get(j, "levels"), "dc"), 1))); /* -inf */
    json_decref(j);
}

static void
json_counts_what_the_report_has_not_kept(void **state)
{
    json_t *j;

    (void)state;
    one_file("song", specimen_song("song", true));
    j = report_to_json(file[0].report);
    assert_int_equal(json_integer_value(
                         json_object_get(json_object_get(json_object_get(j, "counts"), "click"), "warning")),
                     27);
    assert_int_equal(json_array_size(json_object_get(j, "findings")), 28);
    assert_true(json_is_false(json_object_get(j, "passed")));
    json_decref(j);
}

static void
json_survives_any_name_and_can_be_read_again(void **state)
{
    json_t *j, *back;
    json_error_t e;
    char *text;

    (void)state;
    one_file(SPECIMEN_HOSTILE_PATH, specimen_hostile());
    j = results_to_json(&all);
    text = json_dumps(j, JSON_COMPACT);
    assert_non_null(text);
    back = json_loads(text, 0, &e);
    assert_true(json_equal(j, back));
    assert_non_null(
        strstr(json_string_value(json_object_get(json_array_get(json_object_get(back, "files"), 0), "file")),
               "<script>alert(1)</script>"));
    free(text);
    json_decref(back);
    json_decref(j);
}

static void
json_has_the_file_that_could_not_be_read_with_its_error(void **state)
{
    json_t *j, *last;

    (void)state;
    three_files();
    j = results_to_json(&all);
    last = json_array_get(json_object_get(j, "files"), 2);
    assert_string_equal(json_string_value(json_object_get(last, "error")), file[2].err.text);
    assert_true(json_is_false(json_object_get(last, "passed")));
    assert_int_equal(json_array_size(json_object_get(json_object_get(j, "album"), "tracks")), 3);
    json_decref(j);
}

/* --- the page ------------------------------------------------------------------------------------- */

static void
page_has_every_figure_with_its_sentence(void **state)
{
    char *html;

    (void)state;
    one_file("/x/song.wav", specimen_song("/x/song.wav", true));
    html = page();
    for (int i = 0; i < report_figures(file[0].report); i++) {
        const struct figure *f = report_figure(file[0].report, i)->figure;
        bool in_a_panel = f->kind == FIGURE_SERIES && strcmp(f->key, "tone/difference") != 0;

        if (!report_measured(file[0].report, f->key))
            assert_null(strstr(html, f->label));
        else if (!in_a_panel)
            assert_non_null(strstr(html, f->text));
    }
    assert_non_null(strstr(html, "−8.7"));
    assert_non_null(strstr(html, "WAV, PCM 24 bit, stereo"));
    assert_non_null(strstr(html, "Apple Music"));
    free(html);
}

static void
each_finding_in_time_has_a_mark_and_both_know_each_other(void **state)
{
    char *html;

    (void)state;
    one_file("song", specimen_song("song", true));
    html = page();
    for (int i = 0; i < report_findings(file[0].report); i++) {
        bool timed = report_finding(file[0].report, i)->from_s >= 0.0;
        char id[32];

        snprintf(id, sizeof id, "id=\"f1-%d\"", i);
        assert_int_equal(times(html, id), 1);
        snprintf(id, sizeof id, "id=\"m1-%d\"", i);
        assert_int_equal(times(html, id), timed);
        snprintf(id, sizeof id, "href=\"#f1-%d\"", i);
        assert_int_equal(times(html, id), timed);
        snprintf(id, sizeof id, "href=\"#m1-%d\"", i);
        assert_int_equal(times(html, id), timed);
    }
    free(html);
}

/* The number of the next "left:" behind a word. */
static double
percent_behind(const char *html, const char *word)
{
    const char *at = strstr(html, word);

    at = at ? strstr(at, "left:") : NULL;
    return at ? strtod(at + 5, NULL) : NAN;
}

static void
what_was_found_in_a_place_is_marked_there(void **state)
{
    char *html;

    (void)state;
    one_file("song", specimen_song("song", true));
    html = page();
    for (int i = 0; i < report_findings(file[0].report); i++) {
        const struct finding *f = report_finding(file[0].report, i);
        char id[32];

        if (f->from_s < 0.0)
            continue;
        snprintf(id, sizeof id, "id=\"m1-%d\"", i);
        assert_true(fabs(percent_behind(html, id) - f->from_s / 215.0 * 100.0) <
                    0.01); /* %, as it is rounded */
    }
    free(html);
}

static void
no_name_becomes_markup(void **state)
{
    char *html;

    (void)state;
    one_file(SPECIMEN_HOSTILE_PATH, specimen_hostile());
    html = page();
    assert_null(strstr(html, "<img"));
    assert_null(strstr(html, "<script>alert"));
    assert_null(strstr(html, "\033"));
    assert_null(strstr(html, "\xe2\x80\xae"));
    assert_null(strstr(html, "\xff"));
    assert_int_equal(times(html, "<script"), times(html, "</script>"));
    assert_non_null(strstr(html, "&lt;img src=x onerror=&#39;alert(2)&#39;&gt;&quot;&amp;amp;"));
    free(html);
}

static void
nothing_comes_from_elsewhere(void **state)
{
    static const char *const fetches[] = {"src=", "url(", "@import", "<link", "fetch(", "XMLHttp", "import("};
    char *html;

    (void)state;
    one_file("song", specimen_song("song", true));
    html = page();
    for (size_t i = 0; i < LEN(fetches); i++)
        assert_null(strstr(html, fetches[i]));
    assert_int_equal(times(html, "http"), times(html, "http://www.w3.org/")); /* names of languages */
    free(html);
}

static void
folders_stay_at_home(void **state)
{
    char *html;

    (void)state;
    one_file("/home/anna/secret client/song.wav", specimen_song("/home/anna/secret client/song.wav", true));
    html = page();
    assert_null(strstr(html, "anna"));
    assert_null(strstr(html, "secret"));
    assert_non_null(strstr(html, "song.wav"));
    free(html);
}

static void
verdict_is_said_in_plain_words(void **state)
{
    char sentence[RESULTS_SENTENCE];

    (void)state;
    three_files();
    result_verdict(file[0].report, NULL, sentence);
    assert_string_equal(sentence, "Good to go: nothing wrong was found.");
    result_verdict(file[1].report, "Spotify", sentence);
    assert_string_equal(sentence, "Not ready for Spotify: 3 problems to mend first.");
    result_verdict(all.album, NULL, sentence);
    assert_string_equal(sentence, "Good to go, with 1 point worth a look.");
    result_verdict(NULL, NULL, sentence);
    assert_string_equal(sentence, "This file could not be checked.");
}

static void
several_files_have_a_table_of_contents_that_leads_to_each(void **state)
{
    char *html;

    (void)state;
    three_files();
    html = page();
    for (int i = 1; i <= FILES; i++) {
        char id[32];

        snprintf(id, sizeof id, "href=\"#f%d\"", i);
        assert_int_equal(times(html, id), 1);
        snprintf(id, sizeof id, "<article id=\"f%d\"", i);
        assert_int_equal(times(html, id), 1);
    }
    assert_non_null(strstr(html, "2 of 3 are not ready."));
    assert_non_null(strstr(html, "/x/&lt;none&gt;.wav: No such file"));
    assert_non_null(strstr(html, "Track by track"));
    free(html);
}

static void
a_long_curve_keeps_its_one_peak(void **state)
{
    static const struct figure spiky[] = {{"x/spike", "Spike", FIGURE_SERIES, UNIT_DB, 1, "One spike."}};
    enum { MANY = 500000 };
    double *value = calloc(MANY, sizeof *value);
    struct report *r;
    char *html;

    (void)state;
    assert_int_equal(report_open(&r, "spike"), OK);
    assert_int_equal(report_add(r, spiky, 1), OK);
    value[123456] = 10.0;
    report_series(r, "x/spike", &(struct series){.step = 0.01, .value = value, .count = MANY});
    one_file("spike", r);
    html = page();
    assert_non_null(strstr(html, "L246.9 0.0")); /* 123456 of 499999, at the top */
    assert_true(strlen(html) < 60000);
    free(html);
    free(value);
}

/* --- the terminal --------------------------------------------------------------------------------- */

static void
lines_fit_into_80_columns_but_for_the_names(void **state)
{
    wchar_t wide[4096];
    char *text, *rest;

    (void)state;
    three_files();
    rest = text = terminal(false);
    for (char *l; (l = strsep(&rest, "\n"));)
        if (strncmp(l, "PASS", 4) != 0 && strncmp(l, "FAIL", 4) != 0) {
            assert_true(mbstowcs(wide, l, LEN(wide)) != (size_t)-1);
            assert_in_range(wcslen(wide), 0, 80);
        }
    free(text);
}

static void
failures_come_first_and_a_kind_is_not_endless(void **state)
{
    char *text;

    (void)state;
    one_file("song", specimen_song("song", true));
    text = terminal(false);
    assert_true(strstr(text, "FAIL  1:03.900-1:06.400  L  clipping") < strstr(text, "warn  overall"));
    assert_true(strstr(text, "warn  1:31.300") < strstr(text, "note  0:00.000-0:00.042"));
    assert_int_equal(times(text, "  click\n"), 5);
    assert_non_null(strstr(text, "and 22 more of this kind"));
    assert_int_equal(times(text, "Lower the limiter's ceiling"), 1);
    assert_non_null(strstr(text, "Length                     3:35.000\n"));
    free(text);
}

static void
several_are_compared_a_row_each(void **state)
{
    char *text;

    (void)state;
    three_files();
    text = terminal(false);
    assert_non_null(
        strstr(text, "FAIL  /x/bad.wav                -8.7   -6.9   0.31   5.4   9.0    6     3/29\n"));
    assert_non_null(strstr(text, "FAIL  /x/<none>.wav  could not be checked\n"));
    assert_non_null(strstr(text, "PASS  (together)                -9.1"));
    assert_non_null(
        strstr(text, "    03 Slack Water.wav           -12.1   -3.4    9.8   -1.2    2.5    3.9\n"));
    assert_non_null(
        strstr(text, "    Apple Music                                   -7.3 dB, at -16.0 LUFS 2024-05\n"));
    free(text);
}

static void
no_name_steers_the_terminal(void **state)
{
    char *text;

    (void)state;
    one_file(SPECIMEN_HOSTILE_PATH, specimen_hostile());
    text = terminal(false);
    for (const char *c = text; *c; c++)
        assert_true(*c == '\n' || (unsigned char)*c >= 0x20);
    assert_null(strstr(text, "\xe2\x80\xae"));
    free(text);
}

static void
colour_is_left_out_when_it_is_not_wanted(void **state)
{
    char *with, *without;

    (void)state;
    one_file("song", specimen_song("song", true));
    with = terminal(true);
    without = terminal(false);
    assert_non_null(strstr(with, "\033[31mFAIL"));
    assert_null(strchr(without, '\033'));
    free(with);
    free(without);
}

static void
times_are_read_as_minutes(void **state)
{
    char out[RESULTS_NUMBER];

    (void)state;
    result_time(0.0, out);
    assert_string_equal(out, "0:00.000");
    result_time(59.9996, out);
    assert_string_equal(out, "1:00.000");
    result_time(3661.5, out);
    assert_string_equal(out, "1:01:01.500");
    result_number(&(struct figure){.unit = UNIT_DB, .decimals = 1}, -0.04, out);
    assert_string_equal(out, "0.0");
}

static int
speak(void **state)
{
    (void)state;
    return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(malformed_bytes_become_one_mark_each, forget),
        cmocka_unit_test_teardown(json_has_every_measured_figure_and_no_other, forget),
        cmocka_unit_test_teardown(json_counts_what_the_report_has_not_kept, forget),
        cmocka_unit_test_teardown(json_survives_any_name_and_can_be_read_again, forget),
        cmocka_unit_test_teardown(json_has_the_file_that_could_not_be_read_with_its_error, forget),
        cmocka_unit_test_teardown(page_has_every_figure_with_its_sentence, forget),
        cmocka_unit_test_teardown(each_finding_in_time_has_a_mark_and_both_know_each_other, forget),
        cmocka_unit_test_teardown(what_was_found_in_a_place_is_marked_there, forget),
        cmocka_unit_test_teardown(no_name_becomes_markup, forget),
        cmocka_unit_test_teardown(nothing_comes_from_elsewhere, forget),
        cmocka_unit_test_teardown(folders_stay_at_home, forget),
        cmocka_unit_test_teardown(verdict_is_said_in_plain_words, forget),
        cmocka_unit_test_teardown(several_files_have_a_table_of_contents_that_leads_to_each, forget),
        cmocka_unit_test_teardown(a_long_curve_keeps_its_one_peak, forget),
        cmocka_unit_test_teardown(lines_fit_into_80_columns_but_for_the_names, forget),
        cmocka_unit_test_teardown(failures_come_first_and_a_kind_is_not_endless, forget),
        cmocka_unit_test_teardown(several_are_compared_a_row_each, forget),
        cmocka_unit_test_teardown(no_name_steers_the_terminal, forget),
        cmocka_unit_test_teardown(colour_is_left_out_when_it_is_not_wanted, forget),
        cmocka_unit_test_teardown(times_are_read_as_minutes, forget),
    };

    return cmocka_run_group_tests(tests, speak, NULL);
}
