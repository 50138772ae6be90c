/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/album.h"

#include "engine/check/check.h"
#include "engine/check/target.h"
#include "test/kit/scarce.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What other inspectors write and the album reads. */
static const struct figure read_figures[] = {
    {"loudness/integrated", "", FIGURE_NUMBER, UNIT_LUFS, 1, ""},
    {"loudness/range", "", FIGURE_NUMBER, UNIT_LU, 1, ""},
    {"levels/max_true_peak", "", FIGURE_NUMBER, UNIT_DBTP, 2, ""},
    {"faults/head_quiet", "", FIGURE_NUMBER, UNIT_S, 2, ""},
    {"faults/tail_quiet", "", FIGURE_NUMBER, UNIT_S, 2, ""},
    {"format/pcm_md5", "", FIGURE_TEXT, UNIT_NONE, 0, ""},
    {"tone/spectrum", "", FIGURE_SERIES, UNIT_DB, 1, ""},
};

enum { TRACKS = 12, GRID = 240 };

struct made {
    double integrated, range, peak, head, tail;
    const char *md5;
    double tilt_db, bump_db; /* an octave up; at 125 Hz */
    double rate_hz, length_s;
    int bits, nch;
};

static const struct made usual = {-12.0, 7.0, -1.0, 0.2, 1.8, NULL, -3.0, 0.0, 44100.0, 200.0, 16, 2};

static struct made made[TRACKS];
static const char *target_wanted;

static void
put_spectrum(struct report *r, const struct made *m)
{
    double value[GRID];
    struct series s = {20.0, pow(1000.0, 1.0 / GRID), true, value, GRID};

    for (int i = 0; i < GRID; i++) {
        double octaves = log2(s.from * pow(s.step, i) / 1000.0);

        value[i] = -20.0 + m->tilt_db * octaves + m->bump_db * exp(-pow(octaves + 3.0, 2.0) * 4.0);
    }
    report_series(r, "tone/spectrum", &s);
}

static struct report *
make_report(struct album *a, int i)
{
    const struct made *m = &made[i];
    struct report *r;
    char path[64];
    struct sound_info sound = {.path = path, .rate_hz = m->rate_hz, .nch = m->nch, .bits = m->bits};

    snprintf(path, sizeof path, "songs/%02d.wav", i + 1);
    assert_int_equal(report_open(&r, path), OK);
    assert_int_equal(report_add(r, read_figures, LEN(read_figures)), OK);
    report_put(r, "loudness/integrated", m->integrated);
    report_put(r, "loudness/range", m->range);
    report_put(r, "levels/max_true_peak", m->peak);
    report_put(r, "faults/head_quiet", m->head);
    report_put(r, "faults/tail_quiet", m->tail);
    if (m->md5)
        report_text(r, "format/pcm_md5", "%s", m->md5);
    if (!isnan(m->tilt_db))
        put_spectrum(r, m);
    album_take_sound(a, &sound, (int64_t)round(m->length_s * m->rate_hz));
    return r;
}

static struct report *
finish(int n)
{
    struct report *r[TRACKS], *out;
    struct target *t = NULL;
    struct album *a;

    if (target_wanted)
        assert_int_equal(target_load(&t, target_wanted, NULL), OK);
    assert_int_equal(album_open(&a, t), OK);
    for (int i = 0; i < n; i++)
        r[i] = make_report(a, i);
    assert_int_equal(album_finish(a, (const struct report *const *)r, n, &out), OK);
    for (int i = 0; i < n; i++)
        report_close(r[i]);
    album_close(a);
    target_free(t);
    return out;
}

static int
make_usual(void **state)
{
    (void)state;
    target_wanted = NULL;
    setenv("DEADWAX_TARGETS", "engine/targets", 1);
    for (int i = 0; i < TRACKS; i++) {
        made[i] = usual;
        made[i].integrated += 0.3 * (i % 3); /* as albums are */
        made[i].range += 0.5 * (i % 4);
        made[i].tilt_db += 0.1 * (i % 3);
        made[i].tail += 0.1 * (i % 5);
    }
    return 0;
}

static const char *
text(const struct report *r, const char *key)
{
    const struct figure_value *v = report_measured(r, key);

    return v ? v->text : "";
}

static void
assert_all_well(struct report *r)
{
    if (report_findings(r))
        fail_msg("%s: %s", report_finding(r, 0)->kind, report_finding(r, 0)->what);
    assert_null(report_measured(r, "album/odd_one_out"));
    report_close(r);
}

/* One finding, of this kind, that says so. */
static void
assert_only(struct report *r, const char *kind, enum severity severity, const char *says, const char *too)
{
    if (report_findings(r) != 1 || report_count(r, kind, severity) != 1 ||
        !strstr(report_finding(r, 0)->what, says) || !strstr(report_finding(r, 0)->what, too)) {
        for (int i = 0; i < report_findings(r); i++)
            print_message("%s: %s\n", report_finding(r, i)->kind, report_finding(r, i)->what);
        fail_msg("wanted one %s with %s, %s", kind, says, too);
    }
    assert_true(report_finding(r, 0)->mend[0]);
    report_close(r);
}

/* --- the odd one out --- */

static void
an_even_album_has_no_odd_one(void **state)
{
    (void)state;
    for (int n = 1; n <= TRACKS; n++)
        assert_all_well(finish(n));
}

static void
a_quiet_track_is_named_with_its_measure(void **state)
{
    struct report *r;

    (void)state;
    made[6].integrated = -18.0;
    r = finish(TRACKS);
    assert_non_null(strstr(text(r, "album/odd_one_out"), "07.wav: loudness, 6."));
    assert_non_null(strstr(text(r, "album/quietest"), "07.wav, -18.0 LUFS"));
    assert_only(r, "odd_one_out", SEVERITY_WARN, "07.wav", "quieter than the median");
}

static void
a_track_within_what_listeners_let_pass_is_not_odd(void **state)
{
    (void)state;
    for (int i = 0; i < TRACKS; i++)
        made[i].integrated = -12.0; /* no deviation at all */
    made[3].integrated = -14.0;
    assert_all_well(finish(TRACKS));
    made[3].integrated = -14.05;
    assert_only(finish(TRACKS), "odd_one_out", SEVERITY_WARN, "04.wav", "loudness");
}

static void
an_uneven_album_has_none_either(void **state)
{
    static const double levels[] = {-9.0, -12.0, -15.0, -10.5, -18.0, -13.0};

    (void)state;
    for (size_t i = 0; i < LEN(levels); i++)
        made[i].integrated = levels[i];
    assert_all_well(finish(LEN(levels)));
}

static void
a_wide_track_and_a_low_one_are_both_named(void **state)
{
    struct report *r;

    (void)state;
    made[1].range = 20.0;
    made[4].peak = -7.0;
    r = finish(TRACKS);
    assert_int_equal(report_count(r, "odd_one_out", SEVERITY_WARN), 2);
    assert_non_null(strstr(text(r, "album/odd_one_out"), "05.wav: true peak, 6.0 dB lower"));
    report_close(r);
}

static void
a_boomy_track_is_named_with_the_band(void **state)
{
    struct report *r;

    (void)state;
    made[9].bump_db = 15.0;
    r = finish(TRACKS);
    assert_true(report_number(r, "album/tone_distance") > 3.0);
    assert_only(r, "odd_one_out", SEVERITY_WARN, "10.wav: tonal balance", "at 125 Hz");
}

static void
a_level_alone_is_no_tone(void **state)
{
    struct report *r;

    (void)state;
    for (int i = 0; i < 3; i++)
        made[i].tilt_db = -3.0;
    r = finish(3);
    assert_true(report_number(r, "album/tone_distance") < 1e-9);
    report_close(r);
}

static void
two_files_have_no_odd_one_nor_have_equal_ones(void **state)
{
    (void)state;
    made[1].integrated = -30.0;
    made[1].bump_db = 20.0;
    assert_all_well(finish(2));
    for (int i = 0; i < TRACKS; i++)
        made[i] = usual;
    assert_all_well(finish(TRACKS));
}

static void
of_three_the_third_can_be_odd(void **state)
{
    (void)state;
    made[0].integrated = made[1].integrated = -12.0;
    made[2].integrated = -16.0;
    assert_only(finish(3), "odd_one_out", SEVERITY_WARN, "03.wav", "loudness, 4.0 LU quieter");
}

static void
what_was_not_measured_is_not_compared(void **state)
{
    struct report *r;

    (void)state;
    for (int i = 0; i < TRACKS; i++) {
        made[i].integrated = made[i].range = made[i].peak = made[i].head = made[i].tail = NAN;
        made[i].tilt_db = NAN;
    }
    r = finish(TRACKS);
    assert_null(report_measured(r, "album/loudness_spread"));
    assert_null(report_measured(r, "album/tone_distance"));
    assert_null(report_measured(r, "album/shortest_gap"));
    assert_null(report_measured(r, "album/loudest"));
    assert_null(report_measured(r, "album/integrated"));
    assert_int_equal(report_platforms(r), 0);
    assert_all_well(r);
}

/* --- figures --- */

static void
spreads_and_offsets_are_of_the_tracks(void **state)
{
    struct report *r;

    (void)state;
    made[0].integrated = -13.0;
    made[1].integrated = -11.5;
    made[2].integrated = -12.25;
    made[1].peak = -0.4;
    r = finish(3);
    assert_true(report_number(r, "album/tracks") == 3.0);
    assert_true(report_number(r, "album/length") == 600.0);
    assert_true(report_number(r, "album/loudness_spread") == 1.5);
    assert_true(report_number(r, "album/median") == -12.25);
    assert_true(report_number(r, "album/max_true_peak") == -0.4);
    assert_true(fabs(report_number(r, "album/peak_spread") - 0.6) < 1e-9);
    assert_true(report_number(r, "album/range_spread") == 1.0);
    assert_non_null(strstr(text(r, "album/loudest"), "02.wav, -11.5"));
    assert_int_equal(report_tracks(r), 3);
    assert_string_equal(report_track_at(r, 1)->path, "songs/02.wav");
    assert_true(report_track_at(r, 1)->offset_lu == 0.75);
    assert_true(isnan(report_track_at(r, 0)->gap_s));
    assert_true(fabs(report_track_at(r, 1)->gap_s - 2.0) < 1e-9);
    assert_true(fabs(report_number(r, "album/shortest_gap") - 2.0) < 1e-9);
    assert_true(fabs(report_number(r, "album/longest_gap") - 2.1) < 1e-9);
    report_close(r);
}

static void
a_long_pause_is_noted(void **state)
{
    (void)state;
    made[4].tail = 9.0;
    assert_only(finish(TRACKS), "odd_gap", SEVERITY_NOTE, "9.20 s of silence before 06.wav", "median is 2.");
}

static void
mixed_formats_name_the_stranger(void **state)
{
    (void)state;
    made[2].rate_hz = 96000.0;
    assert_only(finish(TRACKS), "mixed_rates", SEVERITY_WARN, "03.wav has 96000 Hz", "the album 44100");
    make_usual(state);
    made[0].bits = 24;
    assert_only(finish(TRACKS), "mixed_bits", SEVERITY_WARN, "01.wav has 24 bit", "16");
    make_usual(state);
    made[11].nch = 1;
    assert_only(finish(TRACKS), "mixed_channels", SEVERITY_WARN, "12.wav has 1 channels", "2");
}

static void
the_same_sound_twice_is_told(void **state)
{
    (void)state;
    made[2].md5 = "a";
    made[5].md5 = "b";
    assert_all_well(finish(TRACKS));
    made[5].md5 = "a";
    assert_only(finish(TRACKS), "same_sound", SEVERITY_WARN, "03.wav and 06.wav", "bit for bit");
}

static void
tracks_together_are_held_to_the_disc(void **state)
{
    (void)state;
    target_wanted = "cd";
    assert_all_well(finish(TRACKS));
    for (int i = 0; i < TRACKS; i++)
        made[i].length_s = 380.0; /* 76 min */
    assert_only(finish(TRACKS), "too_long", SEVERITY_WARN, "76:00", "74:00");
    made[0].length_s += 300.0;
    assert_only(finish(TRACKS), "too_long", SEVERITY_FAIL, "81:00", "79:57");
    target_wanted = "vinyl-12-33";
    assert_only(finish(6), "too_long", SEVERITY_FAIL, "43:00", "24:00");
    target_wanted = "spotify";
    assert_all_well(finish(TRACKS));
}

/* --- joined loudness --- */

static void
take_tone(struct album *a, double rate_hz, double dbfs, int seconds)
{
    struct loudness l;
    double sine[4800];
    const double *io[STEREO] = {sine, sine};
    int n = (int)(rate_hz / 10.0);

    assert_int_equal(loudness_prepare(&l, rate_hz), OK);
    for (int tenth = 0; tenth < 10 * seconds; tenth++) {
        for (int i = 0; i < n; i++)
            sine[i] = pow(10.0, dbfs / 20.0) * sin(2.0 * PI * 1000.0 * (tenth * n + i) / rate_hz);
        loudness_process(&l, io, n);
    }
    album_take_loudness(a, &l);
    loudness_free(&l);
}

/* EBU Tech 3341, case 5: -26 for 20 s, -20 for 20.1 s, -26 for 20 s are -23 LUFS; here as three tracks at two rates. */
static void
the_album_is_as_loud_as_one_programme(void **state)
{
    struct report *r[3], *out;
    struct album *a;

    (void)state;
    assert_int_equal(album_open(&a, NULL), OK);
    for (int i = 0; i < 3; i++) {
        made[i].integrated = i == 1 ? -20.0 : -26.0;
        made[i].peak = i == 1 ? -20.0 : -26.0;
        take_tone(a, i == 2 ? 44100.0 : 48000.0, made[i].integrated, 20);
        r[i] = make_report(a, i);
    }
    assert_int_equal(album_finish(a, (const struct report *const *)r, 3, &out), OK);
    assert_true(fabs(report_number(out, "album/integrated") + 23.0) <= 0.1);
    for (int i = 0; i < report_platforms(out); i++) {
        const struct platform *p = report_platform_at(out, i);

        assert_string_not_equal(p->name, "youtube"); /* track by track */
        if (strcmp(p->name, "spotify") == 0) {
            assert_true(fabs(p->gain_db - 9.0) < 0.11); /* to -14, the peak leaves room */
            assert_non_null(strstr(p->rule, "the album as one"));
        }
        if (strcmp(p->name, "tidal") == 0)
            assert_non_null(strstr(p->rule, "02.wav"));
    }
    assert_true(report_platforms(out) >= 3);
    for (int i = 0; i < 3; i++)
        report_close(r[i]);
    report_close(out);
    album_close(a);
}

static void
the_loudest_track_sets_the_album_where_that_is_the_rule(void **state)
{
    struct report *r[2], *out;
    struct album *a;
    bool seen = false;

    (void)state;
    assert_int_equal(album_open(&a, NULL), OK);
    made[0].integrated = -10.0;
    made[1].integrated = -13.0;
    for (int i = 0; i < 2; i++) {
        take_tone(a, 48000.0, made[i].integrated, 5);
        r[i] = make_report(a, i);
    }
    assert_int_equal(album_finish(a, (const struct report *const *)r, 2, &out), OK);
    for (int i = 0; i < report_platforms(out); i++)
        if (strcmp(report_platform_at(out, i)->name, "tidal") == 0) {
            seen = true;
            assert_true(report_platform_at(out, i)->gain_db == -4.0); /* -10 to -14 */
        }
    assert_true(seen);
    for (int i = 0; i < 2; i++)
        report_close(r[i]);
    report_close(out);
    album_close(a);
}

/* --- the whole way --- */

static void
checked_files_come_together(void **state)
{
    struct report *r[2], *out;
    struct check_options o = {0};
    struct album *a;
    struct err e;

    (void)state;
    assert_int_equal(album_open(&a, NULL), OK);
    o.album = a;
    for (int i = 0; i < 2; i++)
        assert_int_equal(check_file(&r[i], "demo:", &o, &e), OK);
    assert_int_equal(album_finish(a, (const struct report *const *)r, 2, &out), OK);
    assert_true(report_number(out, "album/length") > 10.0);
    assert_true(report_number(out, "album/loudness_spread") == 0.0);
    assert_null(report_measured(out, "album/odd_one_out"));
    for (int i = 0; i < 2; i++)
        report_close(r[i]);
    report_close(out);
    album_close(a);
}

static void
a_file_that_could_not_be_checked_is_left_out(void **state)
{
    struct report *r[2], *out, *none;
    struct check_options o = {0};
    struct album *a;
    struct err e;

    (void)state;
    assert_int_equal(album_open(&a, NULL), OK);
    o.album = a;
    r[0] = make_report(a, 0);
    assert_int_equal(check_file(&none, "/nonexistent.wav", &o, &e), NOT_FOUND);
    r[1] = make_report(a, 2);
    assert_int_equal(album_finish(a, (const struct report *const *)r, 2, &out), OK);
    assert_true(report_number(out, "album/length") == 400.0);
    for (int i = 0; i < 2; i++)
        report_close(r[i]);
    report_close(out);
    album_close(a);
}

#ifndef __SANITIZE_ADDRESS__
static void
no_memory_is_told(void **state)
{
    struct album *a;
    struct report *out;
    int failed = 0;

    (void)state;
    for (int n = 0; n < 2; n++) {
        callocs_left = n;
        assert_int_equal(album_open(&a, NULL), NO_MEM);
        assert_null(a);
    }
    callocs_left = -1;
    assert_int_equal(album_open(&a, NULL), OK);
    for (int n = 0;; n++) {
        enum status status;

        callocs_left = n;
        status = album_finish(a, NULL, 0, &out);
        callocs_left = -1;
        if (status == OK)
            break;
        assert_int_equal(status, NO_MEM);
        assert_null(out);
        failed++;
    }
    assert_true(failed >= 4);
    report_close(out);
    album_close(a);
}
#endif

#define USUAL(test) cmocka_unit_test_setup(test, make_usual)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        USUAL(an_even_album_has_no_odd_one),
        USUAL(a_quiet_track_is_named_with_its_measure),
        USUAL(a_track_within_what_listeners_let_pass_is_not_odd),
        USUAL(an_uneven_album_has_none_either),
        USUAL(a_wide_track_and_a_low_one_are_both_named),
        USUAL(a_boomy_track_is_named_with_the_band),
        USUAL(a_level_alone_is_no_tone),
        USUAL(two_files_have_no_odd_one_nor_have_equal_ones),
        USUAL(of_three_the_third_can_be_odd),
        USUAL(what_was_not_measured_is_not_compared),
        USUAL(spreads_and_offsets_are_of_the_tracks),
        USUAL(a_long_pause_is_noted),
        USUAL(mixed_formats_name_the_stranger),
        USUAL(the_same_sound_twice_is_told),
        USUAL(tracks_together_are_held_to_the_disc),
        USUAL(the_album_is_as_loud_as_one_programme),
        USUAL(the_loudest_track_sets_the_album_where_that_is_the_rule),
        USUAL(checked_files_come_together),
        USUAL(a_file_that_could_not_be_checked_is_left_out),
#ifndef __SANITIZE_ADDRESS__
        USUAL(no_memory_is_told),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
