/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file with a fault in it, and its twin without: the fault is told, at its place, and the twin has none. */
#include "engine/check/channels.h"

#include "engine/check/check.h"
#include "engine/demo.h"
#include "test/kit/dice.h"
#include "test/kit/tree.h"

#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 8 * 48000 * 64 / 2 };

static double x[MOST]; /* interleaved */
static int rate, nch, nframes;

static const char *const kinds[] = {
    "dc_offset",       "channel_silent", "dual_mono", "inverted",         "imbalance",
    "out_of_phase",    "mono_loss",      "low_side",  "channels_swapped", "polarity_against_reference",
    "reference_unlike"};

/* --- files --- */

static void
blank(int rate_hz, int channels, double seconds)
{
    rate = rate_hz;
    nch = channels;
    nframes = (int)(seconds * rate_hz);
    assert_true(nframes * nch <= MOST);
    memset(x, 0, sizeof *x * (size_t)(nframes * nch));
    dice_state = 1;
}

static void
write_file(const char *name)
{
    SF_INFO sf = {.samplerate = rate, .channels = nch, .format = SF_FORMAT_WAV | SF_FORMAT_DOUBLE};
    SNDFILE *file = sf_open(tree_put(name, ""), SFM_WRITE, &sf);

    assert_non_null(file);
    assert_int_equal(sf_writef_double(file, x, nframes), nframes);
    sf_close(file);
}

static struct report *
check_it(const char *reference)
{
    struct check_options o = {.threads = 1, .reference = reference ? tree_path(reference) : NULL};
    struct report *r;
    struct err e = {""};

    write_file("x.wav");
    if (check_file(&r, tree_path("x.wav"), &o, &e) != OK)
        fail_msg("%s", e.text);
    return r;
}

static int
count(const struct report *r, const char *kind)
{
    return report_count(r, kind, SEVERITY_NOTE) + report_count(r, kind, SEVERITY_WARN) +
           report_count(r, kind, SEVERITY_FAIL);
}

/* Of ours there is this kind and no other; NULL: none. The first of it. */
static const struct finding *
only(const struct report *r, const char *kind)
{
    for (size_t i = 0; i < LEN(kinds); i++)
        if ((kind == NULL || strcmp(kinds[i], kind) != 0) && count(r, kinds[i]))
            for (int k = 0; k < report_findings(r); k++)
                if (strcmp(report_finding(r, k)->kind, kinds[i]) == 0)
                    fail_msg("%s, %.2f..%.2f s: %s", kinds[i], report_finding(r, k)->from_s,
                             report_finding(r, k)->to_s, report_finding(r, k)->what);
    for (int i = 0; kind && i < report_findings(r); i++)
        if (strcmp(report_finding(r, i)->kind, kind) == 0)
            return report_finding(r, i);
    if (kind)
        fail_msg("no %s", kind);
    return NULL;
}

static void
nothing_is_told(void)
{
    struct report *r = check_it(NULL);

    only(r, NULL);
    report_close(r);
}

static void
is_told(const char *kind, enum severity severity, int channel)
{
    struct report *r = check_it(NULL);
    const struct finding *f = only(r, kind);

    assert_int_equal(f->severity, severity);
    assert_int_equal(f->channel, channel);
    assert_true(f->from_s < 0.0 && f->to_s < 0.0);
    report_close(r);
}

static void
is_told_at(const char *kind, double from_s, double to_s, double tolerance_s)
{
    struct report *r = check_it(NULL);
    const struct finding *f = only(r, kind);

    if (f->from_s < 0.0 && count(r, kind) > 1)
        f++; /* after the file as a whole the place */
    if (fabs(f->from_s - from_s) > tolerance_s || fabs(f->to_s - to_s) > tolerance_s)
        fail_msg("%s at %.2f..%.2f s, wanted %.2f..%.2f", kind, f->from_s, f->to_s, from_s, to_s);
    report_close(r);
}

/* --- sounds, added to what is there --- */

static int
frame_of(double seconds)
{
    int i = (int)(seconds * rate);

    return i < nframes ? i : nframes;
}

static void
tone(int c, double from_s, double to_s, double freq_hz, double amplitude)
{
    for (int i = frame_of(from_s); i < frame_of(to_s); i++)
        x[i * nch + c] += amplitude * sin(2.0 * PI * freq_hz * i / rate);
}

/* About 3 dB an octave down from 50 Hz on, and nothing below 20 Hz. */
static double
pink(double s[5])
{
    static const double corner_hz[3] = {50.0, 500.0, 5000.0}, gain[3] = {1.0, 0.32, 0.1};
    double sum = 0.0, in = noise();

    for (int k = 0; k < 3; k++) {
        double g = fmin(2.0 * PI * corner_hz[k] / rate, 0.9);

        s[k] += g * (in - s[k]);
        sum += gain[k] * s[k] / sqrt(g);
    }
    for (int k = 3; k < 5; k++) {
        s[k] += 2.0 * PI * 20.0 / rate * (sum - s[k]);
        sum -= s[k];
    }
    return sum;
}

/* Left and right of a common part and of parts of their own. */
static void
wide(double from_s, double to_s, double common, double own)
{
    double s[3][5] = {{0.0}};

    for (int i = frame_of(from_s); i < frame_of(to_s); i++) {
        double m = common * pink(s[0]);

        x[i * nch] += m + own * pink(s[1]);
        x[i * nch + 1] += m + own * pink(s[2]);
    }
}

/* Two a second; more above zero than below, but for what goes through a high-pass of so many Hz. */
static void
beats(double amplitude, double highpass_hz)
{
    double low = 0.0;

    for (int i = 0; i < nframes; i++) {
        double t = fmod((double)i / rate, 0.5), v = amplitude * exp(-t / 0.08) * sin(2.0 * PI * 50.0 * t);

        low += 2.0 * PI * highpass_hz / rate * (v - low);
        for (int c = 0; c < nch && c < 2; c++)
            x[i * nch + c] += v - low;
    }
}

/* Bass and drum in the middle, the rest around it. */
static void
music(int rate_hz, double seconds)
{
    blank(rate_hz, 2, seconds);
    beats(0.4, 15.0);
    wide(0.0, seconds, 0.15, 0.08);
    for (int c = 0; c < 2; c++)
        tone(c, 0.0, seconds, 55.0, 0.15);
    tone(0, 0.0, seconds, 700.0, 0.05);
    tone(1, 0.0, seconds, 900.0, 0.05);
}

static void
each_sample(double (*f)(double))
{
    for (int i = 0; i < nframes * nch; i++)
        x[i] = f(x[i]);
}

static double
hot(double v)
{
    return fmax(-0.98, fmin(6.0 * v, 0.98));
}

static void
turn_over(int c, double from_s, double to_s)
{
    for (int i = frame_of(from_s); i < frame_of(to_s); i++)
        x[i * nch + c] = -x[i * nch + c];
}

static void
demo(double gain)
{
    static struct demo d;

    assert_int_equal(demo_prepare(&d, 48000.0), OK);
    blank(48000, 2, (double)demo_frames(&d) / 48000.0);
    demo_read(&d, 0, x, nframes);
    for (int i = 0; i < nframes * nch; i++)
        x[i] *= gain;
}

/* --- direct current --- */

static void
dc(int c, double from_s, double to_s, double amount)
{
    for (int i = frame_of(from_s); i < frame_of(to_s); i++)
        x[i * nch + c] += amount;
}

static void
an_offset_is_told_with_its_channel(void **state)
{
    (void)state;
    music(16000, 20.0);
    nothing_is_told();
    dc(1, 0.0, 20.0, 0.0015); /* -56.5 dBFS */
    is_told("dc_offset", SEVERITY_WARN, 1);
    dc(1, 0.0, 20.0, -0.015);
    is_told("dc_offset", SEVERITY_FAIL, 1);
}

static void
an_offset_of_two_seconds_is_told_at_its_place(void **state)
{
    struct report *r;
    const struct finding *f;

    (void)state;
    blank(16000, 2, 60.0);
    wide(0.0, 60.0, 0.15, 0.08);
    dc(0, 31.0, 33.0, 0.02);
    r = check_it(NULL);
    f = only(r, "dc_offset");
    assert_int_equal(f->severity, SEVERITY_FAIL);
    assert_int_equal(f->channel, 0);
    assert_true(f->from_s >= 31.0 && f->to_s <= 33.3);
    report_close(r);
}

static void
an_offset_counts_in_every_channel(void **state)
{
    (void)state;
    blank(8000, 8, 10.0);
    for (int c = 0; c < 8; c++)
        tone(c, 0.0, 10.0, 300.0 + 10.0 * c, 0.2);
    nothing_is_told();
    dc(6, 0.0, 10.0, -0.003);
    is_told("dc_offset", SEVERITY_WARN, 6);
    blank(8000, 1, 10.0);
    dc(0, 0.0, 10.0, 0.003); /* on silence too */
    is_told("dc_offset", SEVERITY_WARN, 0);
}

static void
drums_and_bass_are_no_offset(void **state)
{
    (void)state;
    blank(16000, 2, 20.0);
    beats(0.9, 0.0);
    wide(0.0, 20.0, 0.02, 0.02);
    nothing_is_told();
    blank(16000, 2, 20.0);
    wide(0.0, 20.0, 0.02, 0.02);
    for (int c = 0; c < 2; c++)
        tone(c, 0.0, 20.0, 22.0, 0.7);
    nothing_is_told();
    demo(1.9);
    nothing_is_told();
    demo(1.0);
    each_sample(hot);
    nothing_is_told();
}

static void
a_drum_hit_alone_is_no_offset(void **state)
{
    (void)state;
    blank(48000, 1, 0.5);
    beats(0.9, 0.0);
    nothing_is_told();
    blank(48000, 1, 1.4);
    for (int i = 0; i < nframes; i++)
        x[i] = 0.9 * exp(-i / 4800.0) * sin(2.0 * PI * 50.0 * i / 48000.0);
    nothing_is_told();
}

/* --- channels --- */

static void
a_silent_channel_is_told(void **state)
{
    (void)state;
    music(16000, 15.0);
    for (int i = 0; i < nframes; i++)
        x[2 * i + 1] = 0.0;
    is_told("channel_silent", SEVERITY_FAIL, 1);
    for (int i = 0; i < nframes; i++)
        x[2 * i + 1] = 1e-4 * noise(); /* a converter's hiss */
    is_told("channel_silent", SEVERITY_FAIL, 1);
}

static void
a_part_on_one_side_is_no_silent_channel(void **state)
{
    (void)state;
    music(16000, 30.0);
    for (int i = frame_of(5.0); i < frame_of(11.0); i++)
        x[2 * i] = 0.0;
    for (int i = frame_of(20.0); i < frame_of(26.0); i++)
        x[2 * i + 1] = 0.0;
    nothing_is_told();
}

static void
dual_mono_is_noted(void **state)
{
    (void)state;
    music(16000, 10.0);
    for (int i = 0; i < nframes; i++)
        x[2 * i + 1] = x[2 * i];
    is_told("dual_mono", SEVERITY_NOTE, -1);
    for (int i = 0; i < nframes; i++)
        x[2 * i + 1] += 1e-5 * noise();
    is_told("dual_mono", SEVERITY_NOTE, -1);
    for (int i = frame_of(7.0); i < frame_of(7.2); i++)
        x[2 * i + 1] += 1e-3 * noise();
    nothing_is_told();
}

static void
a_channel_turned_over_is_told_and_nothing_else(void **state)
{
    (void)state;
    blank(16000, 2, 20.0);
    beats(0.4, 15.0);
    wide(0.0, 20.0, 0.15, 0.01);
    nothing_is_told();
    turn_over(1, 0.0, 20.0);
    is_told("inverted", SEVERITY_FAIL, -1);
}

static void
imbalance_is_told_from_one_and_a_half_on(void **state)
{
    (void)state;
    music(16000, 20.0);
    for (int i = 0; i < nframes; i++)
        x[2 * i] *= 0.87; /* -1.2 dB */
    nothing_is_told();
    for (int i = 0; i < nframes; i++)
        x[2 * i] *= 0.92;
    is_told("imbalance", SEVERITY_WARN, -1);
}

/* --- phase --- */

static void
a_part_out_of_phase_is_told_at_its_place(void **state)
{
    struct report *r;

    (void)state;
    music(16000, 120.0);
    nothing_is_told();
    turn_over(1, 50.0, 54.0);
    r = check_it(NULL);
    assert_int_equal(count(r, "out_of_phase"), 1); /* less than 5 % of the time */
    assert_int_equal(count(r, "mono_loss"), 1);
    assert_int_equal(count(r, "low_side"), 1);
    for (int i = 0; i < report_findings(r); i++) {
        const struct finding *f = report_finding(r, i);

        if (strcmp(f->kind, "out_of_phase") == 0)
            assert_true(fabs(f->from_s - 50.0) < 0.6 && fabs(f->to_s - 54.0) < 0.6);
    }
    report_close(r);
}

/* The middle falls out of phase; bass keeps in the middle. */
static void
what_is_lost_in_mono_is_told_at_its_place(void **state)
{
    struct report *r;

    (void)state;
    music(16000, 120.0);
    for (int i = frame_of(70.0); i < frame_of(76.0); i++) {
        double v = 0.5 * sin(2.0 * PI * 1500.0 * i / rate);

        x[2 * i] += v;
        x[2 * i + 1] -= v;
    }
    r = check_it(NULL);
    assert_int_equal(count(r, "mono_loss"), 1);
    assert_int_equal(count(r, "low_side"), 0);
    for (int i = 0; i < report_findings(r); i++) {
        const struct finding *f = report_finding(r, i);

        if (strcmp(f->kind, "mono_loss") == 0)
            assert_true(fabs(f->from_s - 70.0) < 1.3 && fabs(f->to_s - 76.0) < 1.3);
    }
    assert_true(report_number(r, "channels/mono_loss_worst") < -6.0);
    assert_true(fabs(report_number(r, "channels/mono_loss_worst_at") - 71.5) < 1.6);
    report_close(r);
}

static void
bass_in_the_side_is_told_at_its_place(void **state)
{
    (void)state;
    blank(16000, 2, 60.0);
    wide(0.0, 60.0, 0.15, 0.05);
    tone(0, 0.0, 60.0, 70.0, 0.2);
    tone(1, 0.0, 20.0, 70.0, 0.2);
    tone(1, 20.0, 26.0, 70.0, -0.15);
    tone(1, 26.0, 60.0, 70.0, 0.2);
    for (int c = 0; c < 2; c++) /* the whole keeps in phase */
        tone(c, 0.0, 60.0, 500.0, 0.4);
    is_told_at("low_side", 20.0, 26.0, 1.0);
}

static void
the_share_of_the_time_is_told(void **state)
{
    struct report *r;
    bool whole = false;

    (void)state;
    music(16000, 60.0);
    turn_over(0, 10.0, 25.0);
    r = check_it(NULL);
    for (int i = 0; i < report_findings(r); i++)
        whole |=
            strcmp(report_finding(r, i)->kind, "out_of_phase") == 0 && report_finding(r, i)->from_s < 0.0;
    assert_true(whole);
    assert_true(fabs(report_number(r, "channels/negative_share") - 25.0) < 3.0);
    report_close(r);
}

/* --- false alarms --- */

static void
ordinary_sounds_are_left_alone(void **state)
{
    (void)state;
    music(16000, 30.0);
    each_sample(hot);
    nothing_is_told();
    blank(16000, 2, 120.0); /* ambience: nothing in common */
    wide(0.0, 120.0, 0.0, 0.3);
    nothing_is_told();
    blank(16000, 2, 120.0); /* nearly nothing */
    wide(0.0, 120.0, 0.05, 0.3);
    nothing_is_told();
    blank(16000, 2, 30.0); /* a bass in the middle */
    wide(0.0, 30.0, 0.02, 0.01);
    for (int c = 0; c < 2; c++)
        tone(c, 0.0, 30.0, 45.0, 0.8);
    nothing_is_told();
    blank(16000, 2, 30.0); /* a note on each side */
    tone(0, 0.0, 30.0, 440.0, 0.3);
    tone(1, 0.0, 30.0, 554.4, 0.3);
    nothing_is_told();
    blank(16000, 2, 30.0); /* square waves on each side */
    for (int i = 0; i < nframes; i++) {
        x[2 * i] = i / 50 % 2 ? 0.9 : -0.9;
        x[2 * i + 1] = i / 40 % 2 ? 0.9 : -0.9;
    }
    nothing_is_told();
    blank(16000, 2, 30.0);
    nothing_is_told();
}

/* What is below -60 dBFS tells nothing, whatever its phase. */
static void
quiet_ends_are_left_alone(void **state)
{
    (void)state;
    music(16000, 60.0);
    for (int i = frame_of(30.0); i < nframes; i++)
        for (int c = 0; c < 2; c++)
            x[2 * i + c] = i < frame_of(34.0) ? x[2 * i + c] * (frame_of(34.0) - i) / (4.0 * rate) : 0.0;
    for (int i = frame_of(34.0); i < nframes; i++) {
        double v = 0.0005 * noise(); /* -70 dBFS */

        x[2 * i] += v;
        x[2 * i + 1] -= v;
    }
    nothing_is_told();
}

static void
low_rumble_below_the_music_is_left_alone(void **state)
{
    (void)state;
    blank(16000, 2, 30.0);
    for (int c = 0; c < 2; c++) {
        tone(c, 0.0, 30.0, 1000.0, 0.3);
        tone(c, 0.0, 30.0, 40.0, c ? -0.005 : 0.005);
    }
    tone(0, 0.0, 30.0, 1300.0, 0.05);
    tone(1, 0.0, 30.0, 1700.0, 0.05);
    nothing_is_told();
}

/* --- any file --- */

static void
mono_has_no_stereo(void **state)
{
    struct report *r;

    (void)state;
    blank(16000, 1, 10.0);
    tone(0, 0.0, 10.0, 440.0, 0.3);
    r = check_it(NULL);
    only(r, NULL);
    assert_null(report_measured(r, "channels/correlation"));
    assert_null(report_measured(r, "channels/correlation_history"));
    assert_non_null(report_measured(r, "channels/dc"));
    report_close(r);
}

static void
left_and_right_are_found_among_six(void **state)
{
    struct report *r;

    (void)state;
    blank(8000, 6, 20.0);
    tone(0, 0.0, 20.0, 440.0, 0.3);
    tone(1, 0.0, 20.0, 440.0, -0.3);
    tone(2, 0.0, 20.0, 300.0, 0.3);
    r = check_it(NULL);
    only(r, "inverted");
    assert_true(fabs(report_number(r, "channels/correlation") + 1.0) < 1e-6);
    report_close(r);
}

static void
a_file_shorter_than_a_window_is_one(void **state)
{
    struct report *r;
    const struct finding *f;

    (void)state;
    blank(16000, 2, 1.5);
    tone(0, 0.0, 1.5, 440.0, 0.3);
    tone(1, 0.0, 1.5, 440.0, -0.12);
    tone(1, 0.0, 1.5, 600.0, 0.27);
    r = check_it(NULL);
    f = only(r, "out_of_phase");
    assert_true(f->from_s == 0.0 && fabs(f->to_s - 1.5) < 1e-6);
    report_close(r);
    blank(16000, 2, 1.5);
    wide(0.0, 1.5, 0.2, 0.1);
    nothing_is_told();
}

static void
any_size_and_rate_can_be_checked(void **state)
{
    static const int rates[] = {8000, 11025, 384000};

    (void)state;
    for (size_t k = 0; k < LEN(rates); k++)
        for (int channels = 1; channels <= 8; channels++)
            for (int frames = 1; frames < 9000; frames = 3 * frames + 1) {
                struct report *r;

                blank(rates[k], channels, 1.0);
                nframes = frames;
                for (int i = 0; i < frames * channels; i++)
                    x[i] = noise() < 0.0 ? -1.0 : 1.0;
                r = check_it(NULL);
                assert_non_null(report_measured(r, "channels/dc"));
                report_close(r);
            }
}

static void
the_history_is_bounded(void **state)
{
    struct report *r;
    const struct series *s;

    (void)state;
    blank(8000, 2, 500.0);
    wide(0.0, 500.0, 0.2, 0.1);
    turn_over(1, 300.0, 500.0);
    r = check_it(NULL);
    s = &report_measured(r, "channels/correlation_history")->series;
    assert_true(s->count > 1200 && s->count <= 2400);
    assert_true(fabs(s->step - 0.4) < 1e-9);
    for (int i = 0; i < s->count; i++) {
        double at = s->from + s->step * i;

        if (fabs(at - 300.0) > 2.0)
            assert_true(at < 300.0 ? s->value[i] > 0.5 : s->value[i] < -0.5);
    }
    assert_true(fabs(s->from + s->step * (s->count - 1) - 498.5) < 0.5);
    report_close(r);
}

/* --- against a reference --- */

/* A second more at the start, treble up, loud, and limited in a way. */
static void
master_it(double later_s, bool swap, double left, double right)
{
    static double y[MOST];
    int later = (int)(later_s * rate);
    double low[2] = {0.0, 0.0};

    memcpy(y, x, sizeof *x * (size_t)(nframes * 2));
    for (int i = 0; i < nframes; i++)
        for (int c = 0; c < 2; c++) {
            int from = i - later;
            double v = from >= 0 && from < nframes ? y[2 * from + (swap ? !c : c)] : 0.0;

            low[c] += 0.1 * (v - low[c]);
            x[2 * i + c] = (c ? right : left) * tanh(2.5 * (v + 0.5 * (v - low[c])));
        }
}

static struct report *
mastered(double later_s, bool swap, double left, double right)
{
    write_file("mix.wav");
    master_it(later_s, swap, left, right);
    return check_it("mix.wav");
}

static void
a_master_of_the_mix_is_no_finding(void **state)
{
    struct report *r;

    (void)state;
    music(48000, 30.0);
    r = mastered(1.2, false, 0.9, 0.9);
    only(r, NULL);
    assert_true(fabs(report_number(r, "channels/reference_delay") - 1200.0) < 0.1);
    assert_true(report_number(r, "channels/reference_straight") > 0.8);
    report_close(r);
    demo(1.0);
    r = mastered(-0.3, false, 0.9, 0.9);
    only(r, NULL);
    report_close(r);
}

static void
swapped_channels_are_suspected(void **state)
{
    struct report *r;
    const struct finding *f;

    (void)state;
    music(48000, 30.0);
    r = mastered(-2.5, true, 0.9, 0.9);
    f = only(r, "channels_swapped");
    assert_non_null(strstr(f->what, "suspected"));
    assert_true(report_number(r, "channels/reference_crossed") >
                report_number(r, "channels/reference_straight"));
    assert_true(fabs(report_number(r, "channels/reference_delay") + 2500.0) < 0.1);
    report_close(r);
    demo(1.0); /* nearly mono: the side is 22 dB down */
    r = mastered(0.0, true, 0.9, 0.9);
    only(r, "channels_swapped");
    report_close(r);
}

static void
polarity_against_the_mix_is_suspected(void **state)
{
    struct report *r;
    const struct finding *f;

    (void)state;
    music(48000, 30.0);
    r = mastered(0.01, false, -0.9, -0.9);
    f = only(r, "polarity_against_reference");
    assert_int_equal(f->channel, -1);
    report_close(r);
    blank(48000, 2, 30.0);
    wide(0.0, 30.0, 0.05, 0.2); /* wide enough to be no `inverted` */
    r = mastered(0.01, false, 0.9, -0.9);
    f = only(r, "polarity_against_reference");
    assert_int_equal(f->channel, 1);
    assert_int_equal(f->severity, SEVERITY_FAIL);
    report_close(r);
}

static void
mono_against_the_mix_tells_nothing(void **state)
{
    struct report *r;

    (void)state;
    music(48000, 20.0);
    for (int i = 0; i < nframes; i++)
        x[2 * i + 1] = x[2 * i];
    r = mastered(0.5, true, 0.9, 0.9);
    only(r, "dual_mono");
    report_close(r);
}

static void
other_rates_and_lengths_will_do(void **state)
{
    struct report *r;

    (void)state;
    music(44100, 40.0);
    write_file("mix.wav");
    /* The same at 48 kHz, and cut: every tone keeps its phase, the noise is left out. */
    for (int k = 0; k < 2; k++) {
        blank(k ? 48000 : 44100, 2, k ? 25.0 : 40.0);
        for (int n = 0; n < 60; n++) {
            double from = 0.6 * n, freq = 200.0 + 97.0 * ((n * 7) % 17);

            tone(n % 3 == 0, from, from + 0.8, freq, 0.2);
            tone(n % 3 != 0, from, from + 0.8, freq, 0.05);
        }
        if (k == 0)
            write_file("mix.wav");
    }
    r = check_it("mix.wav");
    assert_int_equal(count(r, "channels_swapped") + count(r, "polarity_against_reference"), 0);
    assert_true(fabs(report_number(r, "channels/reference_delay")) < 0.2);
    report_close(r);
    master_it(0.0, true, 0.9, 0.9);
    r = check_it("mix.wav");
    assert_int_equal(count(r, "channels_swapped"), 1);
    report_close(r);
}

static void
another_song_is_noted(void **state)
{
    struct report *r;

    (void)state;
    music(48000, 20.0);
    write_file("mix.wav");
    blank(48000, 2, 20.0);
    dice_state = 99;
    wide(0.0, 20.0, 0.2, 0.1);
    r = check_it("mix.wav");
    only(r, "reference_unlike");
    report_close(r);
}

static void
a_reference_that_is_not_there_ends_the_check(void **state)
{
    struct report *r;
    struct err e = {""};

    (void)state;
    music(16000, 5.0);
    write_file("x.wav");
    assert_int_equal(
        check_file(&r, tree_path("x.wav"), &(struct check_options){.reference = "/none.wav"}, &e), NOT_FOUND);
    assert_non_null(strstr(e.text, "/none.wav"));
    assert_null(r);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offset_is_told_with_its_channel),
        cmocka_unit_test(an_offset_of_two_seconds_is_told_at_its_place),
        cmocka_unit_test(an_offset_counts_in_every_channel),
        cmocka_unit_test(drums_and_bass_are_no_offset),
        cmocka_unit_test(a_drum_hit_alone_is_no_offset),
        cmocka_unit_test(a_silent_channel_is_told),
        cmocka_unit_test(a_part_on_one_side_is_no_silent_channel),
        cmocka_unit_test(dual_mono_is_noted),
        cmocka_unit_test(a_channel_turned_over_is_told_and_nothing_else),
        cmocka_unit_test(imbalance_is_told_from_one_and_a_half_on),
        cmocka_unit_test(a_part_out_of_phase_is_told_at_its_place),
        cmocka_unit_test(what_is_lost_in_mono_is_told_at_its_place),
        cmocka_unit_test(bass_in_the_side_is_told_at_its_place),
        cmocka_unit_test(the_share_of_the_time_is_told),
        cmocka_unit_test(ordinary_sounds_are_left_alone),
        cmocka_unit_test(quiet_ends_are_left_alone),
        cmocka_unit_test(low_rumble_below_the_music_is_left_alone),
        cmocka_unit_test(mono_has_no_stereo),
        cmocka_unit_test(left_and_right_are_found_among_six),
        cmocka_unit_test(a_file_shorter_than_a_window_is_one),
        cmocka_unit_test(any_size_and_rate_can_be_checked),
        cmocka_unit_test(the_history_is_bounded),
        cmocka_unit_test(a_master_of_the_mix_is_no_finding),
        cmocka_unit_test(swapped_channels_are_suspected),
        cmocka_unit_test(polarity_against_the_mix_is_suspected),
        cmocka_unit_test(mono_against_the_mix_tells_nothing),
        cmocka_unit_test(other_rates_and_lengths_will_do),
        cmocka_unit_test(another_song_is_noted),
        cmocka_unit_test(a_reference_that_is_not_there_ends_the_check),
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
