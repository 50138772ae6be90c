/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/target.h"

#include "test/kit/scarce.h"
#include "test/kit/tree.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OURS "engine/targets"
#define HEAD "title: Place\nkind: streaming\nnormalise: none\ndate: 2024-05\nsource: test\n"

static struct target *
load(const char *name)
{
    struct target *t;
    struct err e = {""};

    if (target_load(&t, name, &e) != OK)
        fail_msg("%s", e.text);
    return t;
}

static int
make_folders(void **state)
{
    int failed = tree_make(state);

    setenv("XDG_CONFIG_HOME", tree_root, 1);
    setenv("DEADWAX_TARGETS", OURS, 1);
    return failed;
}

/* --- those that come with the program --- */

static void
every_target_of_ours_is_good_dated_and_sourced(void **state)
{
    struct target **all;
    struct err e = {"-"};
    int count, files = 0;
    DIR *d = opendir(OURS);

    (void)state;
    assert_non_null(d);
    for (struct dirent *entry; (entry = readdir(d));)
        files += entry->d_name[0] != '.';
    closedir(d);
    assert_int_equal(target_list(&all, &count, &e), OK);
    assert_string_equal(e.text, "");
    assert_int_equal(count, files);
    assert_true(count > 30);
    for (int i = 0; i < count; i++) {
        assert_true(strlen(all[i]->title) > 3);
        assert_true(strlen(all[i]->source) > 20);
        assert_true(atoi(all[i]->date) >= 2010 && atoi(all[i]->date) < 2100);
        assert_true(i == 0 || strcmp(all[i - 1]->name, all[i]->name) < 0);
        assert_true(strlen(all[i]->name) < 32 && strlen(all[i]->title) < 64 && strlen(all[i]->date) < 16);
        assert_true(all[i]->vinyl == (all[i]->kind == TARGET_VINYL));
        assert_true(all[i]->cd == (all[i]->kind == TARGET_CD));
    }
    target_free_list(all, count);
}

/* What the table says that they were written from. */
static const struct {
    const char *name;
    int kind;
    double loudness, tolerance, ceiling;
    int normalise, unit;
} table[] = {
    {"spotify", TARGET_STREAMING, -14, NAN, -1, NORMALISE_DOWN_AND_UP, NORMALISE_ALBUM},
    {"spotify-loud", TARGET_STREAMING, -11, NAN, -1, NORMALISE_DOWN_AND_UP, NORMALISE_ALBUM},
    {"spotify-quiet", TARGET_STREAMING, -19, NAN, -1, NORMALISE_DOWN_AND_UP, NORMALISE_ALBUM},
    {"apple-music", TARGET_STREAMING, -16, NAN, -1, NORMALISE_DOWN_AND_UP, NORMALISE_ALBUM},
    {"youtube", TARGET_STREAMING, -14, NAN, -1, NORMALISE_DOWN, NORMALISE_TRACK},
    {"tidal", TARGET_STREAMING, -14, NAN, -1, NORMALISE_DOWN, NORMALISE_LOUDEST},
    {"amazon-music", TARGET_STREAMING, -14, NAN, -2, NORMALISE_DOWN, NORMALISE_TRACK},
    {"deezer", TARGET_STREAMING, -15, NAN, -1, NORMALISE_DOWN, NORMALISE_TRACK},
    {"soundcloud", TARGET_STREAMING, -14, NAN, -1, NORMALISE_DOWN, NORMALISE_TRACK},
    {"qobuz", TARGET_STREAMING, NAN, NAN, -1, NORMALISE_NONE, NORMALISE_TRACK},
    {"bandcamp", TARGET_DOWNLOAD, NAN, NAN, -0.3, NORMALISE_NONE, NORMALISE_TRACK},
    {"cd", TARGET_CD, NAN, NAN, -0.3, NORMALISE_NONE, NORMALISE_TRACK},
    {"apple-atmos", TARGET_DELIVERY, -18, 0, -1, NORMALISE_NONE, NORMALISE_TRACK},
    {"netflix", TARGET_VIDEO, -27, 2, -2, NORMALISE_NONE, NORMALISE_TRACK},
    {"netflix-music", TARGET_VIDEO, -24, 2, -2, NORMALISE_NONE, NORMALISE_TRACK},
    {"ebu-r128", TARGET_BROADCAST, -23, 0.5, -1, NORMALISE_NONE, NORMALISE_TRACK},
    {"ebu-r128-s1", TARGET_BROADCAST, -23, 0.5, -1, NORMALISE_NONE, NORMALISE_TRACK},
    {"ebu-r128-s2", TARGET_GUIDELINE, -18, 2, -1, NORMALISE_NONE, NORMALISE_TRACK},
    {"aes-td1008-music", TARGET_GUIDELINE, -16, 0.2, -1, NORMALISE_NONE, NORMALISE_TRACK},
    {"aes-td1008-album", TARGET_GUIDELINE, -14, 0.2, -1, NORMALISE_NONE, NORMALISE_LOUDEST},
    {"aes-td1008-speech", TARGET_GUIDELINE, -18, 2, -1, NORMALISE_NONE, NORMALISE_TRACK},
    {"atsc-a85", TARGET_BROADCAST, -24, 2, -2, NORMALISE_NONE, NORMALISE_TRACK},
    {"arib-tr-b32", TARGET_BROADCAST, -24, 1, -1, NORMALISE_NONE, NORMALISE_TRACK},
    {"op-59", TARGET_BROADCAST, -24, 1, -2, NORMALISE_NONE, NORMALISE_TRACK},
    {"itu-bs1864", TARGET_BROADCAST, -24, 0.5, -2, NORMALISE_NONE, NORMALISE_TRACK},
    {"vinyl-12-33", TARGET_VINYL, NAN, NAN, -1, NORMALISE_NONE, NORMALISE_TRACK},
};

static bool
same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void
ours_say_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(table); i++) {
        struct target *t = load(table[i].name);

        if (t->kind != table[i].kind || !same(t->loudness_lufs, table[i].loudness) ||
            !same(t->tolerance_lu, table[i].tolerance) || target_ceiling_dbtp(t) != table[i].ceiling ||
            t->normalise != table[i].normalise || t->unit != table[i].unit)
            fail_msg("%s differs from the table", table[i].name);
        target_free(t);
    }
}

static void
what_is_for_cutting_and_for_discs_says_so(void **state)
{
    struct target *vinyl = load("vinyl-12-33"), *cd = load("cd"), *spotify = load("spotify");

    (void)state;
    assert_true(target_is_vinyl(vinyl) && !target_is_vinyl(cd) && !target_is_vinyl(spotify));
    assert_true(target_is_cd(cd) && !target_is_cd(vinyl) && !target_is_cd(spotify));
    assert_true(cd->rates_hz.count == 1 && cd->rates_hz.value[0] == 44100.0);
    assert_string_equal(target_name(cd), "cd");
    target_free(vinyl);
    target_free(cd);
    target_free(spotify);
}

static void
no_target_asks_for_minus_1_dbtp_and_nothing_else(void **state)
{
    (void)state;
    assert_true(target_ceiling_dbtp(NULL) == -1.0);
    assert_false(target_is_vinyl(NULL));
    assert_false(target_is_cd(NULL));
    assert_string_equal(target_name(NULL), "");
    target_free(NULL);
}

/* --- how they play --- */

static const struct {
    const char *name;
    double integrated, peak, gain;
    const char *says;
} plays[] = {
    {"spotify", -20.0, -5.0, 4.0, "until its peak meets -1 dBTP"}, /* Spotify's own example: at -16 */
    {"spotify", -20.0, -8.0, 6.0, "its peak leaves room"},
    {"spotify", -20.0, -7.0, 6.0, "its peak leaves room"}, /* to the hair */
    {"spotify", -20.0, -0.5, 0.0, "no room"},              /* never down for a peak */
    {"spotify", -9.0, 0.5, -5.0, "turned down to -14 LUFS"},
    {"spotify", -14.0, -1.0, 0.0, "already"},
    {"spotify-loud", -20.0, -0.5, 9.0, "limiter holds peaks at -1 dBFS"},
    {"youtube", -20.0, -10.0, 0.0, "nothing is turned up"},
    {"youtube", -8.5, -1.0, -5.5, "turned down"},
    {"apple-music", -9.0, 0.0, -7.0, "-16 LUFS"},
    {"qobuz", -9.0, 0.0, 0.0, "as it is"},
    {"qobuz", NAN, NAN, 0.0, "as it is"},
    {"youtube", -8.5, NAN, -5.5, "turned down"}, /* no peak is asked for */
};

static void
each_service_turns_as_its_rule_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(plays); i++) {
        struct target *t = load(plays[i].name);
        char rule[240];
        double gain = target_gain_db(t, plays[i].integrated, plays[i].peak, rule, sizeof rule);

        if (!(fabs(gain - plays[i].gain) < 1e-9) || !strstr(rule, plays[i].says) ||
            rule[strlen(rule) - 1] != '.')
            fail_msg("case %zu: %g dB, \"%s\"", i, gain, rule);
        target_free(t);
    }
}

static void
what_was_not_measured_gives_no_gain(void **state)
{
    struct target *t = load("spotify");
    char rule[240];

    (void)state;
    assert_true(isnan(target_gain_db(t, NAN, -1.0, rule, sizeof rule)));
    assert_true(isnan(target_gain_db(t, -20.0, NAN, rule, sizeof rule)));
    assert_true(target_gain_db(t, -10.0, NAN, rule, sizeof rule) == -4.0);
    target_free(t);
}

/* --- files --- */

static void
every_field_arrives(void **state)
{
    static const char text[] =
        "title: A place\nkind: vinyl\nloudness_lufs: -15.5\ntolerance_lu: 1\nquieter_ok: yes\ngate: "
        "dialogue\n"
        "normalise: down_and_up\nunit: loudest_track\nheadroom_dbtp: -2\nadds: more\nceiling_dbtp: -3\n"
        "ceiling_loud_dbtp: -4\nceiling_advised: true\nmax_short_term_lufs: -10\nrange_min_lu: 3\n"
        "range_max_lu: 12\nrates_hz: [44100, 48000]\nbits: 24\nchannels: [1, 2, 6]\nmin_length_s: 4\n"
        "good_length_s: 5\nmax_length_s: 6\nvinyl: yes\ncd: no\ndate: 2024-05-31\nsource: \"here: there\"\n"
        "notes: |\n  two\n  lines\n";
    struct target *t = load(tree_put("place.yaml", text));

    (void)state;
    assert_string_equal(t->name, "place");
    assert_string_equal(t->title, "A place");
    assert_int_equal(t->kind, TARGET_VINYL);
    assert_true(t->loudness_lufs == -15.5 && t->tolerance_lu == 1.0 && t->quieter_ok);
    assert_int_equal(t->gate, GATE_DIALOGUE);
    assert_int_equal(t->normalise, NORMALISE_DOWN_AND_UP);
    assert_int_equal(t->unit, NORMALISE_LOUDEST);
    assert_true(t->headroom_dbtp == -2.0 && isnan(t->limiter_dbfs));
    assert_string_equal(t->adds, "more");
    assert_true(t->ceiling_dbtp == -3.0 && t->ceiling_loud_dbtp == -4.0 && t->ceiling_advised);
    assert_true(t->max_short_term_lufs == -10.0 && t->range_min_lu == 3.0 && t->range_max_lu == 12.0);
    assert_true(t->rates_hz.count == 2 && t->rates_hz.value[1] == 48000.0);
    assert_true(t->bits.count == 1 && t->bits.value[0] == 24.0);
    assert_true(t->channels.count == 3 && t->channels.value[2] == 6.0);
    assert_true(t->min_length_s == 4.0 && t->good_length_s == 5.0 && t->max_length_s == 6.0);
    assert_true(t->vinyl && !t->cd);
    assert_string_equal(t->date, "2024-05-31");
    assert_string_equal(t->source, "here: there");
    assert_string_equal(t->notes, "two\nlines\n");
    target_free(t);
}

/* What is wrong, the line it is on, and words that the message must have. */
static const struct {
    const char *text;
    int line;
    const char *says, *mends;
} broken[] = {
    {HEAD "ceiling: -1\n", 6, "unknown key 'ceiling'", "'ceiling_dbtp'"},
    {HEAD "\n# a remark\nrates: 44100\n", 8, "unknown key 'rates'", "'rates_hz'"},
    {HEAD "tolerence_lu: 1\n", 6, "unknown key 'tolerence_lu'", "'tolerance_lu'"},
    {"title: A\nkind: streeming\nnormalise: none\ndate: 2024\nsource: x\n", 2, "unknown 'streeming'",
     "'streaming'"},
    {HEAD "date: 2025\n", 6, "date is there twice", "keep one"},
    {"title: A\nkind: cd\nnormalise: none\nsource: x\n", 4, "date is missing", "add it"},
    {"title: A\nkind: cd\nnormalise: none\ndate: May\nsource: x\n", 4, "'May' is no date", "2024-05-31"},
    {HEAD "loudness_lufs: loud\n", 6, "'loud' is no number", "give one"},
    {HEAD "loudness_lufs: 14\n", 6, "14 is out of range", "use -60 to 0"},
    {HEAD "loudness_lufs: nan\n", 6, "'nan' is no number", "give one"},
    {HEAD "ceiling_dbtp: [-1]\n", 6, "'a list' is no number", "give one"},
    {HEAD "rates_hz:\n  - 44100\n  - 4\n", 8, "4 is out of range", "use 8000"},
    {HEAD "bits: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]\n", 6, "has 17 numbers", "16 at most"},
    {HEAD "vinyl: perhaps\n", 6, "'perhaps' is neither", "yes or no"},
    {HEAD "notes: \"\"\n", 6, "is empty", "leave the line out"},
    {HEAD "notes: [a, b]\n", 6, "a list", "one text"},
    {HEAD "tolerance_lu: 1\n", 6, "needs loudness_lufs", "add it"},
    {HEAD "ceiling_loud_dbtp: -2\n", 6, "needs ceiling_dbtp and loudness_lufs", "add it"},
    {"title: A\nkind: cd\nnormalise: down\ndate: 2024\nsource: x\n", 3, "needs loudness_lufs", "add it"},
    {"title: A\nkind: cd\nloudness_lufs: -14\nnormalise: down_and_up\ndate: 2024\nsource: x\n", 4,
     "headroom_dbtp or into a limiter", "give one"},
    {HEAD "range_min_lu: 5\nrange_max_lu: 4\n", 6, "5 is above range_max_lu", "swap"},
    {HEAD "min_length_s: 5\nmax_length_s: 4\n", 7, "4 is below another length", "largest"},
    {HEAD "\tnotes: x\n", 6, "tab", "spaces"},
    {"- a\n", 1, "not a target", "spotify.yaml"},
    {"", 1, "empty", "spotify.yaml"},
    {HEAD "---\ntitle: b\n", 7, "second document", "one target"},
};

static void
errors_name_file_line_and_mend(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(broken); i++) {
        const char *path = tree_put("broken.yaml", broken[i].text);
        struct target *t = (struct target *)path;
        struct err e = {""};
        char where[300];

        snprintf(where, sizeof where, "%s:%d: ", path, broken[i].line);
        if (target_load(&t, path, &e) != BAD_ARG || strncmp(e.text, where, strlen(where)) != 0 ||
            !strstr(e.text, broken[i].says) || !strstr(e.text, broken[i].mends) || strchr(e.text, '\n'))
            fail_msg("case %zu: wanted %s%s ... %s, got \"%s\"", i, where, broken[i].says, broken[i].mends,
                     e.text);
        assert_null(t);
    }
}

static void
all_mistakes_are_told_at_once(void **state)
{
    const char *path =
        tree_put("broken.yaml", "titel: x\nkind: cd\nnormalise: never\nvinyl: 7\ndate: 2024\nsource: x\n");
    struct target *t;
    struct err e;

    (void)state;
    assert_int_equal(target_load(&t, path, &e), BAD_ARG);
    assert_non_null(strstr(e.text, ":1: unknown key 'titel': did you mean 'title'?"));
    assert_non_null(strstr(e.text, "; line 3: normalise: unknown 'never'"));
    assert_non_null(strstr(e.text, "; line 4: vinyl: '7' is neither"));
    assert_non_null(strstr(e.text, "title is missing"));
}

/* Any byte changed in a good file gives a target or an error, never a crash; errors stay one line. */
static void
no_damaged_file_does_harm(void **state)
{
    static char text[] = HEAD "loudness_lufs: -14\nrates_hz: [44100, 48000]\nvinyl: yes\n";
    static const char bytes[] = "\0\t\n:[{\"&*|%\xff";

    (void)state;
    for (size_t i = 0; i < sizeof text - 1; i++)
        for (size_t k = 0; k < sizeof bytes - 1; k++) {
            char kept = text[i];
            struct target *t;
            struct err e = {""};

            text[i] = bytes[k];
            if (target_load(&t, tree_put_bytes("x.yaml", text, sizeof text - 1), &e) != OK)
                assert_true(e.text[0] && !strchr(e.text, '\n'));
            target_free(t);
            text[i] = kept;
        }
}

static void
a_missing_file_is_not_found(void **state)
{
    struct target *t;
    struct err e;

    (void)state;
    assert_int_equal(target_load(&t, "/nonexistent/x.yaml", &e), NOT_FOUND);
    assert_null(t);
    assert_non_null(strstr(e.text, "/nonexistent/x.yaml"));
    assert_int_equal(target_load(&t, "/tmp/", &e), BAD_ARG);
    assert_null(t);
}

/* --- names --- */

/* Ours may or may not be near this program: both must be there if they are. */
static void
a_users_own_takes_the_place_of_ours(void **state)
{
    struct target **all, *t;
    struct err e;
    int count = 0, more;
    bool near;

    (void)state;
    unsetenv("DEADWAX_TARGETS");
    near = target_list(&all, &count, &e) == OK;
    target_free_list(all, count);
    tree_put("deadwax/targets/spotify.yaml", HEAD);
    tree_put("deadwax/targets/my-plant.yaml", HEAD);
    t = load("spotify");
    assert_string_equal(t->title, "Place");
    target_free(t);
    t = load("my-plant");
    target_free(t);
    assert_int_equal(target_list(&all, &more, &e), OK);
    assert_int_equal(more, near ? count + 1 : 2);
    target_free_list(all, more);
}

static void
another_folder_can_be_named(void **state)
{
    struct target **all, *t;
    struct err e;
    int count;

    (void)state;
    tree_put("elsewhere/one.yaml", HEAD);
    tree_put("elsewhere/read.me", HEAD);
    setenv("DEADWAX_TARGETS", tree_path("elsewhere"), 1);
    assert_int_equal(target_list(&all, &count, &e), OK);
    assert_int_equal(count, 1);
    target_free_list(all, count);
    assert_int_equal(target_load(&t, "spotify", &e), NOT_FOUND);
    setenv("DEADWAX_TARGETS", "/nonexistent", 1);
    assert_int_equal(target_list(&all, &count, &e), NOT_FOUND);
    assert_non_null(strstr(e.text, "DEADWAX_TARGETS"));
    assert_int_equal(count, 0);
}

static void
an_unknown_name_is_told_the_nearest(void **state)
{
    struct target *t;
    struct err e;

    (void)state;
    assert_int_equal(target_load(&t, "spotfy", &e), NOT_FOUND);
    assert_non_null(strstr(e.text, "'spotfy'"));
    assert_non_null(strstr(e.text, "did you mean 'spotify'?"));
    assert_int_equal(target_load(&t, "", &e), NOT_FOUND);
    assert_int_equal(target_load(&t, "..", &e), NOT_FOUND);
    assert_null(t);
}

static void
a_broken_file_is_passed_over_and_told(void **state)
{
    struct target **all;
    struct err e;
    int count;

    (void)state;
    tree_put("some/good.yaml", HEAD);
    tree_put("some/bad.yaml", HEAD "x: 1\n");
    setenv("DEADWAX_TARGETS", tree_path("some"), 1);
    assert_int_equal(target_list(&all, &count, &e), OK);
    assert_int_equal(count, 1);
    assert_string_equal(all[0]->name, "good");
    assert_non_null(strstr(e.text, "bad.yaml:6: unknown key 'x'"));
    target_free_list(all, count);
}

#ifndef __SANITIZE_ADDRESS__
static void
loading_survives_each_failed_calloc(void **state)
{
    struct target *t, **all;
    struct err e;
    int count, failed = 0;

    (void)state;
    for (int n = 0; n < 100; n++) {
        enum status status;

        callocs_left = n;
        status = target_load(&t, "spotify", &e);
        callocs_left = -1;
        if (status == OK) {
            target_free(t);
            break;
        }
        assert_int_equal(status, NO_MEM);
        assert_null(t);
        failed++;
    }
    assert_true(failed >= 2);
    callocs_left = 7;
    assert_int_equal(target_list(&all, &count, &e), NO_MEM);
    callocs_left = -1;
    assert_int_equal(count, 0);
}
#endif

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folders, tree_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(every_target_of_ours_is_good_dated_and_sourced),
        IN_FOLDER(ours_say_what_the_table_says),
        IN_FOLDER(what_is_for_cutting_and_for_discs_says_so),
        IN_FOLDER(no_target_asks_for_minus_1_dbtp_and_nothing_else),
        IN_FOLDER(each_service_turns_as_its_rule_says),
        IN_FOLDER(what_was_not_measured_gives_no_gain),
        IN_FOLDER(every_field_arrives),
        IN_FOLDER(errors_name_file_line_and_mend),
        IN_FOLDER(all_mistakes_are_told_at_once),
        IN_FOLDER(no_damaged_file_does_harm),
        IN_FOLDER(a_missing_file_is_not_found),
        IN_FOLDER(a_users_own_takes_the_place_of_ours),
        IN_FOLDER(another_folder_can_be_named),
        IN_FOLDER(an_unknown_name_is_told_the_nearest),
        IN_FOLDER(a_broken_file_is_passed_over_and_told),
#ifndef __SANITIZE_ADDRESS__
        IN_FOLDER(loading_survives_each_failed_calloc),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
