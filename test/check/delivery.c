/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/delivery.h"

#include "engine/check/target.h"
#include "test/kit/tree.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What other inspectors write and this one reads. */
static const struct figure read_figures[] = {
    {"loudness/integrated", "", FIGURE_NUMBER, UNIT_LUFS, 1, ""},
    {"loudness/range", "", FIGURE_NUMBER, UNIT_LU, 1, ""},
    {"loudness/max_short_term", "", FIGURE_NUMBER, UNIT_LUFS, 1, ""},
    {"levels/max_true_peak", "", FIGURE_NUMBER, UNIT_DBTP, 2, ""},
    {"levels/max_true_peak_itu", "", FIGURE_NUMBER, UNIT_DBTP, 2, ""},
};

struct file {
    double integrated, range, short_term, peak, itu_peak;
    double rate_hz, length_s;
    int nch, bits;
    bool is_float, is_lossy;
};

/* Which no target here but discs finds fault with. */
static const struct file clean = {-14.0, 8.0, -12.0, -2.0, -2.0, 48000.0, 200.0, 2, 24, false, false};

static struct report *
judge(const char *target, struct file f)
{
    const struct sound_info sound = {.path = "x.wav",
                                     .coding = "PCM",
                                     .rate_hz = f.rate_hz,
                                     .nch = f.nch,
                                     .bits = f.bits,
                                     .is_float = f.is_float,
                                     .is_lossy = f.is_lossy};
    struct check_context x = {.sound = &sound, .frames = (int64_t)round(f.length_s * f.rate_hz)};
    struct target *t = NULL;
    struct report *r;
    struct err e = {""};
    void *self;

    if (target && target_load(&t, target, &e) != OK)
        fail_msg("%s", e.text);
    x.target = t;
    assert_int_equal(report_open(&r, "x.wav"), OK);
    assert_int_equal(report_add(r, read_figures, LEN(read_figures)), OK);
    assert_int_equal(report_add(r, delivery_inspector.figures, delivery_inspector.nfigures), OK);
    report_put(r, "loudness/integrated", f.integrated);
    report_put(r, "loudness/range", f.range);
    report_put(r, "loudness/max_short_term", f.short_term);
    report_put(r, "levels/max_true_peak", f.peak);
    report_put(r, "levels/max_true_peak_itu", f.itu_peak);
    assert_int_equal(delivery_inspector.open(&self, &x, &e), OK);
    delivery_inspector.process(self, NULL, 0);
    delivery_inspector.finish(self, &x, r);
    delivery_inspector.close(self);
    assert_int_equal(report_finish(r), OK);
    target_free(t);
    return r;
}

static const struct finding *
find(const struct report *r, const char *kind)
{
    for (int i = 0; i < report_findings(r); i++)
        if (strcmp(report_finding(r, i)->kind, kind) == 0)
            return report_finding(r, i);
    return NULL;
}

/* kind NULL: there is nothing above a note. */
static void
assert_found(int line, const char *target, struct file f, const char *kind, enum severity severity,
             const char *says)
{
    struct report *r = judge(target, f);
    const struct finding *found = kind ? find(r, kind) : NULL;

    if (!kind && report_worst(r) != SEVERITY_NOTE)
        fail_msg("line %d: %s found: %s", line, report_finding(r, 0)->kind, report_finding(r, 0)->what);
    if (kind && !found)
        fail_msg("line %d: no %s", line, kind);
    if (found && (found->severity != severity || (!strstr(found->what, says) && !strstr(found->mend, says))))
        fail_msg("line %d: %s \"%s\", \"%s\"", line, severity_name(found->severity), found->what,
                 found->mend);
    if (found)
        assert_true(found->what[0] && found->mend[0] && found->from_s < 0.0);
    report_close(r);
}

#define WITH(target, change, kind, severity, says)                                                           \
    do {                                                                                                     \
        struct file f = clean;                                                                               \
        change;                                                                                              \
        assert_found(__LINE__, target, f, kind, severity, says);                                             \
    } while (0)
#define CLEAN(target, change) WITH(target, change, NULL, SEVERITY_NOTE, "")

#define R128 (f.integrated = -23.0, f.short_term = -20.0)

static int
make_folders(void **state)
{
    int failed = tree_make(state);

    setenv("DEADWAX_TARGETS", "engine/targets", 1);
    return failed;
}

/* --- boundaries --- */

static void
loudness_beside_the_tolerance_is_told(void **state)
{
    (void)state;
    CLEAN("ebu-r128", R128);
    CLEAN("ebu-r128", (R128, f.integrated = -22.5));
    CLEAN("ebu-r128", (R128, f.integrated = -22.46)); /* reads -22.5 */
    WITH("ebu-r128", (R128, f.integrated = -22.4), "too_loud", SEVERITY_FAIL, "lower by 0.6 dB");
    CLEAN("ebu-r128", (R128, f.integrated = -23.5));
    WITH("ebu-r128", (R128, f.integrated = -23.6), "too_quiet", SEVERITY_FAIL, "raise by 0.6 dB");
    WITH("ebu-r128", (R128, f.integrated = -30.0), "too_quiet", SEVERITY_FAIL,
         "limit to -1 dBTP: its peak would be at 5.0 dBTP");
    CLEAN("apple-atmos", (f.integrated = -40.0));
    CLEAN("apple-atmos", (f.integrated = -18.0));
    WITH("apple-atmos", (f.integrated = -17.9), "too_loud", SEVERITY_FAIL, "lower by 0.1 dB");
    WITH("netflix", (f.integrated = -20.0), "too_loud", SEVERITY_WARN, "it means the dialogue");
}

static void
a_streaming_service_takes_any_loudness_and_says_what_it_makes_of_it(void **state)
{
    (void)state;
    CLEAN("spotify", f.integrated = -6.0);
    WITH("spotify", f.integrated = -9.0, "too_loud", SEVERITY_NOTE, "down by 5.0 dB, to -14 LUFS");
    WITH("youtube", f.integrated = -17.0, "too_quiet", SEVERITY_NOTE, "at -17.0 LUFS, 3.0 LU below most");
    WITH("spotify", (f.integrated = -20.0, f.peak = -5.0), "too_quiet", SEVERITY_NOTE, "at -16.0 LUFS");
    CLEAN("qobuz", f.integrated = -3.0);
}

static void
peaks_above_the_ceiling_are_told_by_either_reading(void **state)
{
    (void)state;
    CLEAN("spotify", f.peak = f.itu_peak = -1.0);
    CLEAN("spotify", f.peak = -0.996); /* reads -1.00 */
    WITH("spotify", f.peak = -0.95, "true_peak_over", SEVERITY_WARN, "lower by 0.1 dB");
    WITH("spotify", f.peak = -0.9, "true_peak_over", SEVERITY_WARN, "-0.90 dBTP");
    WITH("spotify", f.peak = -0.89, "true_peak_over", SEVERITY_FAIL, "lower by 0.2 dB, or limit to -1 dBTP");
    WITH("spotify", f.peak = 0.3, "true_peak_over", SEVERITY_FAIL, "1.30 dB above");
    WITH("spotify", f.itu_peak = -0.5, "itu_peak_over", SEVERITY_WARN, "ITU");
    WITH("ebu-r128", (R128, f.itu_peak = -0.5), "itu_peak_over", SEVERITY_FAIL, "ITU");
    WITH("ebu-r128", (R128, f.itu_peak = -0.9), "itu_peak_over", SEVERITY_WARN, "lower by 0.1 dB");
    WITH("cd", (f.peak = 2.0, f.rate_hz = 44100.0, f.bits = 16), "true_peak_over", SEVERITY_WARN,
         "-0.3 dBTP");
    CLEAN("vinyl-12-33", f.peak = 0.5); /* not its business */
    CLEAN(NULL, f.peak = 3.0);
}

static void
a_loud_master_is_advised_more_room(void **state)
{
    (void)state;
    CLEAN("spotify", (f.integrated = -14.0, f.peak = -1.5));
    WITH("spotify", (f.integrated = -13.9, f.peak = -1.5), "true_peak_over", SEVERITY_WARN,
         "masters louder than -14 LUFS");
    CLEAN("spotify", (f.integrated = -13.9, f.peak = f.itu_peak = -2.0));
}

static void
short_term_and_range_are_held_to_their_limits(void **state)
{
    (void)state;
    CLEAN("ebu-r128-s1", (R128, f.short_term = -18.0));
    WITH("ebu-r128-s1", (R128, f.short_term = -17.9), "short_term_over", SEVERITY_FAIL, "by 0.1 dB");
    CLEAN("netflix", (f.integrated = -27.0, f.range = 18.0));
    WITH("netflix", (f.integrated = -27.0, f.range = 18.1), "range_over", SEVERITY_WARN, "0.1 LU closer");
    WITH("netflix", (f.integrated = -27.0, f.range = 3.9), "range_under", SEVERITY_WARN, "below the 4 LU");
}

#define DISC (f.rate_hz = 44100.0, f.bits = 16)

static void
formats_that_are_not_taken_are_told(void **state)
{
    (void)state;
    CLEAN("cd", DISC);
    WITH("cd", (DISC, f.rate_hz = 48000.0), "wrong_rate", SEVERITY_FAIL, "convert to 44100 Hz");
    WITH("cd", (DISC, f.bits = 24), "wrong_bits", SEVERITY_FAIL, "make 16 bit PCM");
    WITH("cd", (DISC, f.nch = 1), "wrong_channels", SEVERITY_FAIL, "2 channels");
    WITH("apple-digital-masters", (f.bits = 32, f.is_float = true), "wrong_bits", SEVERITY_FAIL, "24 bit");
    WITH("aggregator", (f.bits = 0, f.is_lossy = true), "wrong_bits", SEVERITY_FAIL, "back to the master");
    WITH("aggregator", f.rate_hz = 32000.0, "wrong_rate", SEVERITY_FAIL, "176400 or 192000 Hz");
    CLEAN("aggregator", f.rate_hz = 192000.0);
    CLEAN("spotify", (f.rate_hz = 8000.0, f.nch = 8)); /* it says nothing of it */
}

static void
lengths_are_held_to_a_side_and_a_disc(void **state)
{
    (void)state;
    CLEAN("vinyl-12-33", f.length_s = 1320.0);
    WITH("vinyl-12-33", f.length_s = 1320.1, "too_long", SEVERITY_WARN, "22:00.0");
    CLEAN("vinyl-7-45", f.length_s = 240.0);
    WITH("vinyl-12-33", f.length_s = 1440.0, "too_long", SEVERITY_WARN, "24:00.0");
    WITH("vinyl-12-33", f.length_s = 1440.5, "too_long", SEVERITY_FAIL, "0.5 s shorter");
    WITH("cd", (DISC, f.length_s = 4798.0), "too_long", SEVERITY_FAIL, "0.1 s shorter");
    CLEAN("cd", (DISC, f.length_s = 4.0));
    WITH("cd", (DISC, f.length_s = 3.9), "too_short", SEVERITY_FAIL, "0.1 s of silence");
}

static void
what_was_not_measured_is_not_judged(void **state)
{
    (void)state;
    CLEAN("ebu-r128-s1", f.integrated = f.range = f.short_term = f.peak = f.itu_peak = NAN);
    CLEAN("netflix", f.integrated = f.range = f.short_term = f.peak = f.itu_peak = NAN);
}

/* --- services --- */

static const struct platform *
platform(const struct report *r, const char *name)
{
    for (int i = 0; i < report_platforms(r); i++)
        if (strcmp(report_platform_at(r, i)->name, name) == 0)
            return report_platform_at(r, i);
    return NULL;
}

static void
each_streaming_service_has_a_line_with_its_date(void **state)
{
    struct file f = clean;
    struct report *r;

    (void)state;
    f.integrated = -20.0;
    f.peak = -5.0;
    r = judge(NULL, f);
    assert_int_equal(report_platforms(r), 10);
    assert_int_equal(report_findings(r), 0);
    assert_true(platform(r, "spotify")->gain_db == 4.0);
    assert_true(platform(r, "spotify")->played_lufs == -16.0); /* Spotify's own example */
    assert_string_equal(platform(r, "spotify")->title, "Spotify");
    assert_string_equal(platform(r, "spotify")->date, "2026-11");
    assert_true(platform(r, "youtube")->gain_db == 0.0 && platform(r, "youtube")->played_lufs == -20.0);
    assert_true(platform(r, "spotify-loud")->played_lufs == -11.0);
    assert_null(platform(r, "ebu-r128"));
    report_close(r);
}

static void
silence_has_no_played_level(void **state)
{
    struct file f = clean;
    struct report *r;

    (void)state;
    f.integrated = f.range = f.short_term = f.peak = f.itu_peak = NAN;
    r = judge("spotify", f);
    assert_int_equal(report_platforms(r), 0);
    assert_int_equal(report_findings(r), 0);
    report_close(r);
}

static void
a_target_that_cannot_be_read_is_a_note(void **state)
{
    struct report *r;

    (void)state;
    tree_put("targets/mine.yaml", "title: x\n");
    tree_put("targets/good.yaml", "title: x\nkind: streaming\nnormalise: none\ndate: 2024\nsource: x\n");
    setenv("DEADWAX_TARGETS", tree_path("targets"), 1);
    r = judge(NULL, clean);
    assert_int_equal(report_count(r, "target_unreadable", SEVERITY_NOTE), 1);
    assert_non_null(strstr(find(r, "target_unreadable")->what, "mine.yaml:1: "));
    assert_int_equal(report_platforms(r), 1);
    report_close(r);
}

static void
the_target_is_named(void **state)
{
    struct report *r = judge("cd", clean);

    (void)state;
    assert_string_equal(report_measured(r, "delivery/target")->text,
                        "cd (Audio CD (Red Book), facts of 2026-11)");
    report_close(r);
    r = judge(NULL, clean);
    assert_null(report_measured(r, "delivery/target"));
    report_close(r);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folders, tree_remove)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(loudness_beside_the_tolerance_is_told),
        IN_FOLDER(a_streaming_service_takes_any_loudness_and_says_what_it_makes_of_it),
        IN_FOLDER(peaks_above_the_ceiling_are_told_by_either_reading),
        IN_FOLDER(a_loud_master_is_advised_more_room),
        IN_FOLDER(short_term_and_range_are_held_to_their_limits),
        IN_FOLDER(formats_that_are_not_taken_are_told),
        IN_FOLDER(lengths_are_held_to_a_side_and_a_disc),
        IN_FOLDER(what_was_not_measured_is_not_judged),
        IN_FOLDER(each_streaming_service_has_a_line_with_its_date),
        IN_FOLDER(silence_has_no_played_level),
        IN_FOLDER(a_target_that_cannot_be_read_is_a_note),
        IN_FOLDER(the_target_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
