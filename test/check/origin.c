/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real encoders and a real rate converter have been at the files here. */
#include "engine/check/check.h"

#include "test/kit/checked.h"
#include "test/kit/reel.h"
#include "test/kit/song.h"
#include "test/kit/tree.h"

#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WAV16 = SF_FORMAT_WAV | SF_FORMAT_PCM_16, WAV24 = SF_FORMAT_WAV | SF_FORMAT_PCM_24, SECONDS = 12 };

static const char *
song(double rate_hz, int format, const char *name)
{
    double *x = song_make(rate_hz, (int)(SECONDS * rate_hz));
    static char path[256];

    snprintf(path, sizeof path, "%s", tree_path(name));
    if (!song_write(path, format, rate_hz, STEREO, x, (int)(SECONDS * rate_hz)))
        path[0] = '\0';
    free(x);
    return path;
}

/* Through an encoder and back, into 16 bit. False: libsndfile has no such encoder here. */
static bool
through(int format, double rate_hz, double quality, char *decoded, size_t size)
{
    double *x = song_make(rate_hz, (int)(SECONDS * rate_hz)), *y, rate;
    SF_INFO info = {.samplerate = (int)rate_hz, .channels = STEREO, .format = format};
    SNDFILE *f;
    char encoded[256];
    int nch, n;

    snprintf(encoded, sizeof encoded, "%s", tree_path("encoded"));
    snprintf(decoded, size, "%s", tree_path("decoded.wav"));
    f = sf_format_check(&info) ? sf_open(encoded, SFM_WRITE, &info) : NULL;
    if (!f) {
        free(x);
        return false;
    }
    sf_command(f, SFC_SET_COMPRESSION_LEVEL, &quality, sizeof quality); /* 0 best .. 1 smallest */
    for (int at = 0; at < (int)(SECONDS * rate_hz); at += 480)
        sf_writef_double(f, x + STEREO * at, 480);
    sf_close(f);
    free(x);
    y = song_read(encoded, &nch, &n, &rate);
    assert_true(song_write(decoded, WAV16, rate, nch, y, n));
    free(y);
    return true;
}

static void
assert_codec_born(int format, double rate_hz, double quality)
{
    char path[256];
    struct report *r;

    if (!through(format, rate_hz, quality, path, sizeof path))
        skip();
    r = check(path, NULL);
    assert_non_null(finding_of(r, "codec_born"));
    assert_true(report_number(r, "origin/holes") > 2.0);
    report_close(r);
}

static void
decoded_vorbis_is_codec_born(void **state)
{
    (void)state;
    assert_codec_born(SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100.0, 0.6);
}

static void
decoded_mp3_is_codec_born(void **state)
{
    (void)state;
    assert_codec_born(SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100.0, 0.6);
}

/* Opus leaves no holes: its end at 20 kHz is seen, and nothing more is claimed. */
static void
decoded_opus_ends_at_20_khz(void **state)
{
    char path[256];
    struct report *r;

    (void)state;
    if (!through(SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000.0, 0.7, path, sizeof path))
        skip();
    r = check(path, NULL);
    assert_true(finding_of(r, "band_limited") || finding_of(r, "codec_born"));
    assert_null(finding_of(r, "upsampled"));
    assert_float_equal(report_number(r, "origin/content_end"), 20000.0, 700.0);
    report_close(r);
}

static void
a_lossy_file_is_not_told_what_it_says_itself(void **state)
{
    const char *path = song(44100.0, SF_FORMAT_OGG | SF_FORMAT_VORBIS, "song.ogg");
    struct report *r;

    (void)state;
    if (!*path)
        skip();
    r = check(path, NULL);
    assert_null(finding_of(r, "codec_born"));
    report_close(r);
}

static void
their_source_has_no_finding(void **state)
{
    static const double rates[] = {44100, 48000, 96000};

    (void)state;
    for (size_t i = 0; i < LEN(rates); i++) {
        struct report *r = check(song(rates[i], i == 0 ? WAV16 : WAV24, "song.wav"), NULL);

        assert_null(finding_of(r, "codec_born"));
        assert_null(finding_of(r, "band_limited"));
        assert_null(finding_of(r, "upsampled"));
        assert_true(isnan(report_number(r, "origin/content_end")));
        report_close(r);
    }
}

static void
upsampled_files_are_told_with_their_rate(void **state)
{
    static const struct {
        double from, to;
    } pairs[] = {{44100, 48000}, {44100, 96000}, {48000, 96000}, {22050, 44100}, {48000, 192000}};

    (void)state;
    for (size_t i = 0; i < LEN(pairs); i++) {
        int64_t n;
        char path[256];
        double *x = reel_read(song(pairs[i].from, WAV24, "low.wav"), pairs[i].to, 4096, &n);
        struct report *r;

        snprintf(path, sizeof path, "%s", tree_path("up.wav"));
        assert_true(song_write(path, WAV24, pairs[i].to, STEREO, x, (int)n));
        free(x);
        r = check(path, NULL);
        if (!finding_of(r, "upsampled"))
            fail_msg("%g to %g: ends at %g", pairs[i].from, pairs[i].to,
                     report_number(r, "origin/content_end"));
        assert_float_equal(report_number(r, "origin/source_rate"), pairs[i].from, 0.0);
        assert_float_equal(report_number(r, "origin/content_end"), 0.5 * pairs[i].from, 0.06 * pairs[i].from);
        report_close(r);
    }
}

static void
downsampled_files_are_not(void **state)
{
    int64_t n;
    char path[256];
    double *x = reel_read(song(96000.0, WAV24, "high.wav"), 44100.0, 4096, &n);
    struct report *r;

    (void)state;
    snprintf(path, sizeof path, "%s", tree_path("down.wav"));
    assert_true(song_write(path, WAV16, 44100.0, STEREO, x, (int)n));
    free(x);
    r = check(path, NULL);
    assert_null(finding_of(r, "upsampled"));
    assert_null(finding_of(r, "codec_born"));
    assert_null(finding_of(r, "band_limited"));
    report_close(r);
}

static void
the_demo_has_no_finding(void **state)
{
    struct report *r = check("demo:", NULL);

    (void)state;
    assert_null(finding_of(r, "codec_born"));
    assert_null(finding_of(r, "band_limited"));
    assert_null(finding_of(r, "upsampled"));
    report_close(r);
}

static void
short_silent_and_odd_files_are_passed_over(void **state)
{
    static const int frames[] = {1, 100, 5000};
    static double x[8 * 5000];

    (void)state;
    for (size_t i = 0; i < LEN(frames); i++)
        for (int nch = 1; nch <= 8; nch += 7) {
            char path[256];
            struct report *r;

            snprintf(path, sizeof path, "%s", tree_path("short.wav"));
            assert_true(song_write(path, WAV16, i == 0 ? 8000.0 : 192000.0, nch, x, frames[i]));
            r = check(path, NULL);
            assert_null(finding_of(r, "band_limited"));
            report_close(r);
        }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoded_vorbis_is_codec_born),
        cmocka_unit_test(decoded_mp3_is_codec_born),
        cmocka_unit_test(decoded_opus_ends_at_20_khz),
        cmocka_unit_test(a_lossy_file_is_not_told_what_it_says_itself),
        cmocka_unit_test(their_source_has_no_finding),
        cmocka_unit_test(upsampled_files_are_told_with_their_rate),
        cmocka_unit_test(downsampled_files_are_not),
        cmocka_unit_test(the_demo_has_no_finding),
        cmocka_unit_test(short_silent_and_odd_files_are_passed_over),
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
