/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AAC's tests need the program ffmpeg and are skipped without it, and said. A stand-in for it is a script in
 * a folder of our own that PATH names first.
 */
#include "engine/check/codec.h"

#include "dsp/decibel.h"
#include "dsp/limit.h"
#include "engine/check/aac.h"
#include "engine/check/check.h"
#include "test/kit/dice.h"
#include "test/kit/file.h"
#include "test/kit/itu.h"
#include "test/kit/tree.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

enum { RATE = 48000, SECONDS = 3, NFRAMES = RATE * SECONDS, NOTHING = -1 };

static const struct coding { /* as the inspector's own */
    const char *key;
    int format;   /* 0: ffmpeg */
    double level; /* of libsndfile; kbit/s of ffmpeg */
} codings[] = {
    {"vorbis_q5", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 0.5},
    {"vorbis_q9", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 0.1},
    {"opus_128", SF_FORMAT_OGG | SF_FORMAT_OPUS, 1.0 - 58.0 / 250.0},
    {"opus_256", SF_FORMAT_OGG | SF_FORMAT_OPUS, 1.0 - 122.0 / 250.0},
    {"mp3_128", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 191.5 / 288.0},
    {"mp3_320", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 0.0},
    {"aac_128", 0, 128.0},
    {"aac_256", 0, 256.0},
};

static double sound[2][NFRAMES];

static bool
has_ffmpeg(void)
{
    return system("ffmpeg -version >/dev/null 2>&1") == 0;
}

/* --- files ----------------------------------------------------------------------------------------- */

static const char *
write_as(const char *name, int rate_hz, int nch, double gain, int nframes, int coding)
{
    const char *path = tree_path(name);
    SF_INFO info = {.samplerate = rate_hz, .channels = nch, .format = SF_FORMAT_WAV | coding};
    SNDFILE *f = sf_open(path, SFM_WRITE, &info);

    assert_non_null(f);
    for (int i = 0; i < nframes; i++) {
        double frame[8];

        for (int c = 0; c < nch; c++)
            frame[c] = sound[c % 2][i] * gain;
        assert_int_equal(sf_writef_double(f, frame, 1), 1);
    }
    sf_close(f);
    return path;
}

static const char *
write_sound(const char *name, double gain)
{
    return write_as(name, RATE, 2, gain, NFRAMES, SF_FORMAT_DOUBLE);
}

static struct report *
check(const char *path, bool codec)
{
    struct check_options o = {.codec = codec};
    struct report *r;
    struct err e;

    if (check_file(&r, path, &o, &e) != OK)
        fail_msg("%s", e.text);
    return r;
}

static double
number(const struct report *r, const char *codec, const char *what)
{
    char key[64];

    snprintf(key, sizeof key, "codec/%s_%s", codec, what);
    return report_number(r, key);
}

static const struct finding *
first_of(const struct report *r, const char *kind)
{
    for (int i = 0; i < report_findings(r); i++)
        if (strcmp(report_finding(r, i)->kind, kind) == 0)
            return report_finding(r, i);
    return NULL;
}

static int
count_of(const struct report *r, const char *kind)
{
    int n = 0;

    for (int i = 0; i < report_findings(r); i++)
        n += strcmp(report_finding(r, i)->kind, kind) == 0;
    return n;
}

/* --- the same by another way ------------------------------------------------------------------------ */

static void
encode_by_libsndfile(const struct coding *c, const char *from, const char *to)
{
    SF_INFO in = {0}, out = {0};
    SNDFILE *f = sf_open(from, SFM_READ, &in), *g;
    double level = c->level, *x = malloc(sizeof *x * 2 * NFRAMES);
    int constant = SF_BITRATE_MODE_CONSTANT;

    assert_non_null(f);
    out = (SF_INFO){.samplerate = in.samplerate, .channels = in.channels, .format = c->format};
    g = sf_open(to, SFM_WRITE, &out);
    assert_non_null(g);
    sf_command(g, SFC_SET_BITRATE_MODE, &constant, sizeof constant);
    assert_true(sf_command(g, SFC_SET_COMPRESSION_LEVEL, &level, sizeof level));
    assert_int_equal(sf_readf_double(f, x, NFRAMES), in.frames);
    for (int64_t at = 0; at < in.frames; at += 1000)
        sf_writef_double(g, x + at * in.channels, in.frames - at < 1000 ? in.frames - at : 1000);
    sf_close(f);
    memset(x, 0, sizeof *x * 2 * RATE);
    for (int i = 0; i < RATE / 4; i += 1000) /* libsndfile's Opus is not to end in mid-sound */
        sf_writef_double(g, x, 1000);
    sf_close(g);
    free(x);
}

static void
encode_by_ffmpeg(const struct coding *c, const char *from, const char *to)
{
    char command[2048];

    snprintf(command, sizeof command,
             "ffmpeg -nostdin -v quiet -y -i '%s' -c:a aac -b:a %.0fk '%s.m4a' && "
             "ffmpeg -nostdin -v quiet -y -i '%s.m4a' -c:a pcm_f32le -f wav '%s'",
             from, c->level, to, to, to);
    assert_int_equal(system(command), 0);
}

/* dBTP of what a file of a stereo sound comes back as: sample and BS.1770 peak. */
static double
come_back(const struct coding *c, const char *path)
{
    const char *coded = tree_path("coded");
    double *x = calloc(3 * NFRAMES, sizeof *x), *one = calloc(NFRAMES + RATE, sizeof *one), peak = 0.0;
    SF_INFO info = {0};
    SNDFILE *f;
    int got;

    if (c->format)
        encode_by_libsndfile(c, path, coded);
    else
        encode_by_ffmpeg(c, path, coded);
    f = sf_open(coded, SFM_READ, &info);
    assert_non_null(f);
    got = (int)sf_readf_double(f, x, NFRAMES + RATE / 3);
    assert_in_range(got, NFRAMES - 100, NFRAMES + RATE / 3);
    for (int ch = 0; ch < 2; ch++) {
        for (int i = 0; i < got; i++) {
            one[i] = x[2 * i + ch];
            peak = fmax(peak, fabs(one[i]));
        }
        peak = fmax(peak, itu_peak(one, got));
    }
    sf_close(f);
    free(x);
    free(one);
    return gain_to_db(peak);
}

/* --- nasty sounds, limited to a true -1.0 dBTP -------------------------------------------------------- */

static void
limit_sound(double gain_db, double ceiling_dbtp)
{
    struct limit_settings s = {.on = true,
                               .gain_db = gain_db,
                               .ceiling_dbtp = ceiling_dbtp,
                               .release_ms = 20.0,
                               .lookahead_ms = 1.0,
                               .mode = LIMIT_LOUD,
                               .link = 100.0};
    double *io[2] = {sound[0], sound[1]};
    struct limit l;

    assert_int_equal(limit_prepare(&l, RATE), OK);
    limit_set(&l, &s);
    limit_process(&l, io, NFRAMES);
    limit_free(&l);
}

static void
white_noise(void)
{
    for (int i = 0; i < NFRAMES; i++)
        for (int c = 0; c < 2; c++)
            sound[c][i] = noise();
}

static void
squares(void)
{
    for (int i = 0; i < NFRAMES; i++) {
        sound[0][i] = fmod(i * 110.0 / RATE, 1.0) < 0.5 ? 0.9 : -0.9;
        sound[1][i] = fmod(i * 164.8 / RATE, 1.0) < 0.5 ? 0.9 : -0.9;
    }
}

static void
hits(void)
{
    for (int i = 0; i < NFRAMES; i++) {
        double t = fmod((double)i / RATE, 0.125);

        for (int c = 0; c < 2; c++)
            sound[c][i] = 2.0 * exp(-t * 60.0) * noise() + sin(2.0 * PI * 60.0 * t) * exp(-t * 15.0);
    }
}

static void
quarter_bursts(void)
{
    for (int i = 0; i < NFRAMES; i++) {
        double x = sin(0.5 * PI * i + 0.25 * PI) + 0.5 * sin(2.0 * PI * 997.0 / RATE * i);

        sound[0][i] = i / 960 % 2 ? 2.0 * x : 0.1 * x;
        sound[1][i] = i / 700 % 2 ? 2.0 * x : 0.1 * x;
    }
}

static void
clipped_chord(void)
{
    static const double freq_hz[] = {98.0, 123.47, 146.83, 196.0, 246.94, 293.66, 392.0, 587.33};

    for (int i = 0; i < NFRAMES; i++)
        for (int c = 0; c < 2; c++) {
            double x = 0.3 * noise();

            for (size_t k = 0; k < LEN(freq_hz); k++)
                x += 2.0 * fmod(freq_hz[k] * (1.0 + 0.002 * c) * i / RATE, 1.0) - 1.0;
            sound[c][i] = fmax(-1.0, fmin(1.0, x));
        }
}

static void (*const nasty[])(void) = {white_noise, squares, hits, quarter_bursts, clipped_chord};

static void
assert_ceiling_holds(const struct report *r, const struct coding *c)
{
    double own = report_number(r, "codec/source_true_peak"), ceiling = number(r, c->key, "safe_ceiling");
    double back;

    assert_true(ceiling < own && own - ceiling < 13.0);
    back = come_back(c, write_sound("turned.wav", db_to_gain(ceiling - own)));
    if (!(back < 0.0))
        fail_msg("%s comes back at %+.2f dBTP with the ceiling of %.1f dBTP", c->key, back, ceiling);
}

static void
sounds_limited_to_1_dbtp_come_back_over_0_and_under_it_with_the_ceiling_named(void **state)
{
    size_t ncodings = has_ffmpeg() ? LEN(codings) : LEN(codings) - 2;
    double worst[LEN(codings)];

    (void)state;
    for (size_t k = 0; k < LEN(codings); k++)
        worst[k] = -100.0;
    for (size_t n = 0; n < LEN(nasty); n++) {
        struct report *r;
        double safe = 0.0;

        dice_state = 1;
        nasty[n]();
        limit_sound(6.0, -1.0);
        r = check(write_sound("nasty.wav", 1.0), true);
        assert_true(report_number(r, "codec/source_true_peak") < -0.99);
        for (size_t k = 0; k < ncodings; k++) {
            double peak = number(r, codings[k].key, "true_peak");

            worst[k] = fmax(worst[k], peak);
            safe = fmin(safe, number(r, codings[k].key, "safe_ceiling"));
            if (peak > 0.0)
                assert_ceiling_holds(r, &codings[k]);
        }
        assert_float_equal(report_number(r, "codec/safe_ceiling"), safe, 1e-9);
        report_close(r);
        tree_clear(state);
    }
    for (size_t k = 0; k < ncodings; k++)
        print_message("# %s: worst %+.2f dBTP\n", codings[k].key, worst[k]);
    for (size_t k = 0; k < ncodings; k++) /* Vorbis q9 hardly changes a wave */
        assert_true(worst[k] > (strcmp(codings[k].key, "vorbis_q9") == 0 ? -1.0 : 0.0) && worst[k] < 12.0);
}

/* --- figures --------------------------------------------------------------------------------------- */

static void
make_programme(void)
{
    dice_state = 7;
    for (int i = 0; i < NFRAMES; i++) {
        double t = (double)i / RATE, low = sin(2.0 * PI * 110.0 * t), beat = exp(-fmod(t, 0.5) * 20.0);

        sound[0][i] = 0.2 * low + 0.1 * sin(2.0 * PI * 1310.0 * t) + 0.15 * beat * noise();
        sound[1][i] = 0.2 * low + 0.1 * sin(2.0 * PI * 1750.0 * t) + 0.15 * beat * noise();
    }
}

static void
a_mild_programme_has_no_finding_and_its_own_peak_is_safe(void **state)
{
    struct report *r;

    (void)state;
    make_programme();
    limit_sound(3.0, -6.0);
    r = check(write_sound("mild.wav", 1.0), true);
    assert_int_equal(count_of(r, "codec_over"), 0);
    assert_int_equal(count_of(r, "codec_failed"), 0);
    assert_int_equal(count_of(r, "codec_untried"), has_ffmpeg() ? 0 : 1);
    assert_float_equal(report_number(r, "codec/safe_ceiling"), report_number(r, "codec/source_true_peak"), 0);
    for (size_t k = 0; k < LEN(codings) - 2; k++) {
        assert_float_equal(number(r, codings[k].key, "overs"), 0.0, 0);
        assert_float_equal(number(r, codings[k].key, "true_peak"), -6.0, 2.0);
        assert_float_equal(number(r, codings[k].key, "loudness_shift"), 0.0, 1.0);
    }
    report_close(r);
}

static void
nothing_is_done_unless_asked(void **state)
{
    struct report *r;

    (void)state;
    make_programme();
    r = check(write_sound("mild.wav", 10.0), false);
    assert_null(report_measured(r, "codec/source_true_peak"));
    assert_int_equal(count_of(r, "codec_over"), 0);
    report_close(r);
}

/* Floats all the way: a tone beyond full scale comes back beyond full scale. */
static void
nothing_is_clipped_on_the_way(void **state)
{
    size_t ncodings = has_ffmpeg() ? LEN(codings) : LEN(codings) - 2;
    struct report *r;

    (void)state;
    for (int i = 0; i < NFRAMES; i++)
        sound[0][i] = sound[1][i] = sin(2.0 * PI * 997.0 / RATE * i);
    r = check(write_as("hot.wav", RATE, 2, db_to_gain(4.0), NFRAMES, SF_FORMAT_FLOAT), true);
    for (size_t k = 0; k < ncodings; k++) {
        assert_float_equal(number(r, codings[k].key, "true_peak"), 4.0, 0.8); /* dB; MP3 is turned down */
        if (codings[k].format) /* ffmpeg's AAC turns down what is beyond, moment by moment */
            assert_true(number(r, codings[k].key, "overs") > NFRAMES / 2);
        assert_true(number(r, codings[k].key, "safe_ceiling") <= 0.0);
    }
    report_close(r);
}

static void
figures_repeat(void **state)
{
    struct report *a, *b;
    const char *path;

    (void)state;
    dice_state = 3;
    hits();
    limit_sound(6.0, -0.3);
    path = write_as("twice.wav", RATE, 2, 1.0, RATE, SF_FORMAT_PCM_24);
    a = check(path, true);
    b = check(path, true);
    for (int i = 0; i < report_figures(a); i++) {
        const struct figure_value *x = report_figure(a, i), *y = report_figure(b, i);

        assert_int_equal(x->count, y->count);
        assert_memory_equal(x->number, y->number, sizeof *x->number * (size_t)x->count);
    }
    assert_int_equal(report_findings(a), report_findings(b));
    report_close(a);
    report_close(b);
}

/* A loud moment in a soft programme: told within a frame of the slowest codec, 30 ms. */
static void
an_over_is_told_where_it_is(void **state)
{
    static const int rates[] = {44100, 48000, 96000};
    static const double burst_s = 0.02;

    (void)state;
    for (size_t n = 0; n < LEN(rates); n++) {
        int at = NFRAMES * 2 / 3, length = (int)(burst_s * rates[n]);
        double at_s = (double)at / rates[n];
        struct report *r;

        make_programme();
        for (int i = at; i < at + length; i++)
            sound[1][i] = noise() > 0.0 ? 0.95 : -0.95;
        r = check(write_as("burst.wav", rates[n], 2, 1.0, NFRAMES, SF_FORMAT_PCM_24), true);
        assert_true(count_of(r, "codec_over") >= 4);
        for (int i = 0; i < report_findings(r); i++) {
            const struct finding *f = report_finding(r, i);

            if (strcmp(f->kind, "codec_over") != 0)
                continue;
            assert_int_equal(f->severity, SEVERITY_WARN);
            assert_int_equal(f->channel, 1);
            assert_true(f->from_s > at_s - 0.03 && f->from_s < at_s + burst_s + 0.03);
            assert_non_null(strstr(f->mend, "with a ceiling of "));
        }
        report_close(r);
    }
}

/* --- odd files ------------------------------------------------------------------------------------- */

static void
odd_rates_and_lengths_come_through(void **state)
{
    static const struct {
        int rate_hz, nch, nframes;
    } odd[] = {{8000, 1, 8000},    {22050, 2, 5000}, {32000, 2, 3333}, {37800, 1, 20000},
               {192000, 2, 50000}, {44100, 2, 1},    {48000, 1, 2},    {352800, 1, 70000}};

    (void)state;
    make_programme();
    for (size_t n = 0; n < LEN(odd); n++) {
        struct report *r = check(
            write_as("odd.wav", odd[n].rate_hz, odd[n].nch, 1.0, odd[n].nframes, SF_FORMAT_PCM_24), true);

        if (count_of(r, "codec_failed"))
            fail_msg("%d Hz, %d frames: %s", odd[n].rate_hz, odd[n].nframes,
                     first_of(r, "codec_failed")->what);
        report_close(r);
    }
}

static void
silence_has_no_figures_and_no_finding(void **state)
{
    struct report *r;

    (void)state;
    memset(sound, 0, sizeof sound);
    r = check(write_sound("silence.wav", 1.0), true);
    assert_null(report_measured(r, "codec/source_true_peak"));
    assert_null(report_measured(r, "codec/safe_ceiling"));
    assert_int_equal(count_of(r, "codec_over") + count_of(r, "codec_failed") + count_of(r, "codec_untried"),
                     0);
    report_close(r);
}

static void
more_channels_and_mad_levels_are_told_as_not_tried(void **state)
{
    struct report *r;

    (void)state;
    make_programme();
    r = check(write_as("six.wav", RATE, 6, 1.0, 4800, SF_FORMAT_PCM_24), true);
    assert_int_equal(count_of(r, "codec_untried"), 1);
    assert_non_null(strstr(first_of(r, "codec_untried")->what, "6 channels"));
    report_close(r);
    r = check(write_as("mad.wav", RATE, 2, 1e20, 4800, SF_FORMAT_FLOAT), true);
    assert_int_equal(count_of(r, "codec_untried"), 1);
    report_close(r);
}

static void
a_hot_float_file_gets_a_ceiling(void **state)
{
    struct report *r;

    (void)state;
    dice_state = 9;
    white_noise();
    r = check(write_as("hot.wav", RATE, 2, 4.0, RATE, SF_FORMAT_FLOAT), true);
    for (size_t k = 0; k < LEN(codings) - 2; k++)
        assert_true(number(r, codings[k].key, "safe_ceiling") <= 0.0);
    report_close(r);
}

/* --- troubles -------------------------------------------------------------------------------------- */

static int
entries_of(const char *folder)
{
    DIR *d = opendir(folder);
    int n = 0;

    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2;
}

static void
nothing_is_left_behind(void **state)
{
    const char *tmp = tree_path("tmp");
    int before = entries_of("/proc/self/fd");
    struct report *r;

    (void)state;
    make_programme();
    mkdir(tmp, 0700);
    setenv("TMPDIR", tmp, 1);
    r = check(write_sound("loud.wav", 2.0), true);
    unsetenv("TMPDIR");
    assert_true(report_measured(r, "codec/vorbis_q5_true_peak") != NULL);
    assert_int_equal(entries_of(tree_path("tmp")), 0);
    assert_int_equal(entries_of("/proc/self/fd"), before);
    assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
    report_close(r);
}

/* And it is no signal that ends us. */
static void
a_full_disk_is_told(void **state)
{
    const char *path;
    struct report *r;

    (void)state;
    make_programme();
    path = write_sound("loud.wav", 2.0);
    file_limit(20000);
    r = check(path, true);
    file_limit(RLIM_INFINITY);
    assert_int_equal(count_of(r, "codec_failed"), 3); /* Vorbis, Opus, MP3 */
    assert_non_null(strstr(first_of(r, "codec_failed")->mend, "make room"));
    assert_null(report_measured(r, "codec/vorbis_q5_true_peak"));
    assert_true(has_ffmpeg() == (report_measured(r, "codec/aac_128_true_peak") != NULL));
    report_close(r);
}

static void
a_folder_that_is_not_there_is_told(void **state)
{
    struct report *r;

    (void)state;
    make_programme();
    setenv("TMPDIR", tree_path("nowhere"), 1);
    r = check(write_sound("loud.wav", 1.0), true);
    unsetenv("TMPDIR");
    assert_int_equal(count_of(r, "codec_failed"), 3);
    assert_non_null(strstr(first_of(r, "codec_failed")->what, "nowhere"));
    report_close(r);
}

/* The check of a mild file with this in place of ffmpeg (NULL: nothing). */
static struct report *
check_with(const char *script)
{
    char before[4096], path[8192];
    struct report *r;
    const char *file;

    snprintf(before, sizeof before, "%s", getenv("PATH"));
    make_programme();
    file = write_as("mild.wav", RATE, 2, 1.0, RATE, SF_FORMAT_PCM_24);
    if (script)
        assert_int_equal(chmod(tree_put("bin/ffmpeg", script), 0755), 0);
    snprintf(path, sizeof path, "%s%s%s", tree_path("bin"), script ? ":" : "", script ? before : "");
    setenv("PATH", path, 1);
    r = check(file, true);
    setenv("PATH", before, 1);
    return r;
}

static void
assert_only_aac_is_missing(const struct report *r, const char *kind, enum severity severity)
{
    const struct finding *f = first_of(r, kind);

    assert_int_equal(count_of(r, kind), 1);
    assert_int_equal(f->severity, severity);
    assert_non_null(strstr(f->what, "AAC"));
    assert_non_null(strstr(f->what, "ffmpeg"));
    assert_null(strchr(f->what, '\n'));
    assert_true(strlen(f->mend) > 0);
    assert_null(report_measured(r, "codec/aac_128_true_peak"));
    for (size_t k = 0; k < LEN(codings) - 2; k++)
        assert_true(isfinite(number(r, codings[k].key, "true_peak")));
}

static void
without_ffmpeg_aac_is_told_as_not_tried(void **state)
{
    struct report *r = check_with(NULL);

    (void)state;
    assert_only_aac_is_missing(r, "codec_untried", SEVERITY_NOTE);
    report_close(r);
}

static void
an_ffmpeg_that_fails_is_told(void **state)
{
    static const char *const scripts[] = {"#!/bin/sh\nexit 1\n", "#!/bin/sh\nkill -9 $$\n",
                                          "#!/bin/sh\ncat >/dev/null\nexit 0\n",
                                          "#!/bin/sh\necho trouble >&2\ncat\nexit 3\n"};

    (void)state;
    for (size_t i = 0; i < LEN(scripts); i++) {
        struct report *r = check_with(scripts[i]);
        const struct finding *f = first_of(r, "codec_failed");

        assert_non_null(f);
        assert_non_null(strstr(f->what, "AAC"));
        assert_null(report_measured(r, "codec/aac_128_true_peak"));
        report_close(r);
    }
}

static void
an_ffmpeg_that_talks_garbage_is_told(void **state)
{
    static const char *const scripts[] = {"#!/bin/sh\nhead -c 100000 /dev/urandom\n", "#!/bin/sh\nyes\n",
                                          "#!/bin/sh\ncat >/dev/null & cat /dev/zero\n"};

    (void)state;
    for (size_t i = 0; i < LEN(scripts); i++) {
        struct report *r = check_with(scripts[i]);

        assert_int_equal(count_of(r, "codec_failed"), 1);
        assert_null(report_measured(r, "codec/aac_128_true_peak"));
        assert_true(isfinite(number(r, "mp3_320", "true_peak")));
        assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
        report_close(r);
    }
}

/* Ended with its children, and the wait is bounded: both qualities may wait one after the other. */
static void
an_ffmpeg_that_hangs_is_ended(void **state)
{
    struct timespec from, to;
    struct report *r;
    char line[64] = "";
    FILE *f;

    (void)state;
    clock_gettime(CLOCK_MONOTONIC, &from);
    r = check_with("#!/bin/sh\nsleep 543210 &\necho $! >>${0%/*}/pids\nwait\n");
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_only_aac_is_missing(r, "codec_failed", SEVERITY_WARN);
    assert_true(to.tv_sec - from.tv_sec < 2 * AAC_PATIENCE_MS / 1000 + 60);
    f = fopen(tree_path("bin/pids"), "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        char name[96], state_word = 0;
        FILE *p;

        snprintf(name, sizeof name, "/proc/%d/stat", atoi(line));
        p = fopen(name, "r");
        if (p && fscanf(p, "%*d %*s %c", &state_word) == 1)
            assert_true(state_word == 'Z' || state_word == 'X'); /* dead, nobody has looked yet */
        if (p)
            fclose(p);
    }
    fclose(f);
    report_close(r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(
            sounds_limited_to_1_dbtp_come_back_over_0_and_under_it_with_the_ceiling_named, tree_clear),
        cmocka_unit_test_teardown(a_mild_programme_has_no_finding_and_its_own_peak_is_safe, tree_clear),
        cmocka_unit_test_teardown(nothing_is_done_unless_asked, tree_clear),
        cmocka_unit_test_teardown(nothing_is_clipped_on_the_way, tree_clear),
        cmocka_unit_test_teardown(figures_repeat, tree_clear),
        cmocka_unit_test_teardown(an_over_is_told_where_it_is, tree_clear),
        cmocka_unit_test_teardown(odd_rates_and_lengths_come_through, tree_clear),
        cmocka_unit_test_teardown(silence_has_no_figures_and_no_finding, tree_clear),
        cmocka_unit_test_teardown(more_channels_and_mad_levels_are_told_as_not_tried, tree_clear),
        cmocka_unit_test_teardown(a_hot_float_file_gets_a_ceiling, tree_clear),
        cmocka_unit_test_teardown(nothing_is_left_behind, tree_clear),
        cmocka_unit_test_teardown(a_full_disk_is_told, tree_clear),
        cmocka_unit_test_teardown(a_folder_that_is_not_there_is_told, tree_clear),
        cmocka_unit_test_teardown(without_ffmpeg_aac_is_told_as_not_tried, tree_clear),
        cmocka_unit_test_teardown(an_ffmpeg_that_fails_is_told, tree_clear),
        cmocka_unit_test_teardown(an_ffmpeg_that_talks_garbage_is_told, tree_clear),
        cmocka_unit_test_teardown(an_ffmpeg_that_hangs_is_ended, tree_clear),
    };

    if (!has_ffmpeg())
        print_message("# no ffmpeg: AAC is not tested\n");
    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
