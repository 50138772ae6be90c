/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/check.h"
#include "engine/check/target.h"

#include "test/kit/bytes.h"
#include "test/kit/dice.h"
#include "test/kit/exact.h"
#include "test/kit/file.h"
#include "test/kit/reel.h"
#include "test/kit/tree.h"

#include <math.h>
#include <md5.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { N = 588 * 100 };

static double sound[N * STEREO];
static struct bytes f;

static struct report *
checked(const char *path)
{
    static const struct check_options o = {.threads = 2};
    struct report *r;
    struct err e = {""};

    if (check_file(&r, path, &o, &e) != OK)
        fail_msg("%s", e.text);
    return r;
}

static const char *
text(const struct report *r, const char *key)
{
    const struct figure_value *v = report_measured(r, key);

    return v ? v->text : "";
}

/* The first of its kind; NULL: there is none. */
static const struct finding *
found(const struct report *r, const char *kind)
{
    for (int i = 0; i < report_findings(r); i++)
        if (strcmp(report_finding(r, i)->kind, kind) == 0)
            return report_finding(r, i);
    return NULL;
}

/* Of the kinds that this inspector tells. */
static void
assert_truthful(const struct report *r)
{
    static const char *const kinds[] = {"ends_early",   "bad_samples",   "lossy_format",
                                        "unusual_rate", "cd_sector",     "flac_md5",
                                        "flac_no_md5",  "partial_frame", "trailing_junk"};

    for (size_t i = 0; i < LEN(kinds); i++)
        if (found(r, kinds[i]))
            fail_msg("%s: %s", kinds[i], found(r, kinds[i])->what);
    for (int i = 0; i < report_findings(r); i++)
        assert_null(strstr(report_finding(r, i)->kind, "header_"));
}

static void
make_sound(int bits)
{
    dice_state = 9;
    for (int i = 0; i < N * STEREO; i++)
        sound[i] = floor(0.5 * noise() * ldexp(1.0, bits - 1)) * ldexp(1.0, 1 - bits);
}

static const char *
write_as(const char *name, int format, int rate, int nch, int nframes)
{
    SF_INFO info = {.samplerate = rate, .channels = nch, .format = format};
    SNDFILE *s = sf_open(tree_path(name), SFM_WRITE, &info);

    assert_non_null(s);
    exact_write(s, format, nch, sound, nframes);
    sf_close(s);
    return tree_path(name);
}

static void
md5_of(const void *bytes, size_t n, char *out)
{
    MD5_CTX c;

    MD5Init(&c);
    MD5Update(&c, bytes, n);
    MD5End(&c, out);
}

/* --- */

static void
a_report_says_what_was_measured_and_with_what(void **state)
{
    struct report *r;

    (void)state;
    make_sound(24);
    r = checked(write_as("01 Groyne.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 44100, 2, N));
    assert_string_equal(text(r, "format/file"), "01 Groyne.wav");
    assert_string_equal(text(r, "format/container"), "WAV");
    assert_string_equal(text(r, "format/coding"), "PCM 24 bit");
    assert_string_equal(text(r, "format/layout"), "L R");
    assert_string_equal(text(r, "format/duration"), "00:00:01.333");
    assert_true(report_number(r, "format/rate") == 44100);
    assert_true(report_number(r, "format/channels") == 2);
    assert_true(report_number(r, "format/frames") == N);
    assert_true(report_number(r, "format/bits") == 24);
    assert_true(report_number(r, "format/file_size") == 44 + N * 6);
    assert_non_null(strstr(text(r, "format/measured_with"), "deadwax " DEADWAX_VERSION));
    assert_non_null(strstr(text(r, "format/measured_with"), "BS.1770-5"));
    assert_truthful(r);
    report_close(r);
}

/* Against the bytes in the file itself, and FLAC's own MD5 (flac_md5 would tell). */
static void
the_md5_is_of_the_sound_alone(void **state)
{
    static const struct {
        const char *name;
        int format, bytes;
    } files[] = {{"16.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 2},
                 {"24.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 3},
                 {"32.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_32, 4},
                 {"32f.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 4},
                 {"64f.wav", SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 8}};

    (void)state;
    make_sound(16);
    for (size_t i = 0; i < LEN(files); i++) {
        char want[MD5_DIGEST_STRING_LENGTH];
        size_t size, n = (size_t)N * STEREO * (size_t)files[i].bytes;
        unsigned char *b = file_bytes(write_as(files[i].name, files[i].format, 48000, 2, N), &size), *at;
        struct report *r = checked(tree_path(files[i].name));

        at = memmem(b, size, "data", 4);
        md5_of(at + 8, n, want);
        assert_string_equal(text(r, "format/pcm_md5"), want);
        report_close(r);
        free(b);
    }
}

static void
the_md5_is_the_same_in_every_container(void **state)
{
    static const struct {
        const char *name;
        int format;
    } files[] = {{"a.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24},
                 {"a.w64", SF_FORMAT_W64 | SF_FORMAT_PCM_24},
                 {"a.rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_24},
                 {"a.caf", SF_FORMAT_CAF | SF_FORMAT_PCM_24},
                 {"a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24}};
    char want[64];
    struct report *r;

    (void)state;
    make_sound(24);
    r = checked(write_as("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 48000, 2, N));
    snprintf(want, sizeof want, "%s", text(r, "format/pcm_md5"));
    report_close(r);
    for (size_t i = 0; i < LEN(files); i++) {
        r = checked(write_as(files[i].name, files[i].format, 48000, 2, N));
        assert_string_equal(text(r, "format/pcm_md5"), want);
        assert_truthful(r);
        report_close(r);
    }
    sound[N] += 0x1p-23;
    r = checked(write_as("b.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 48000, 2, N));
    assert_true(strcmp(text(r, "format/pcm_md5"), want) != 0);
    report_close(r);
}

/* 8 bit and one to eight channels, too: FLAC's encoder is who knows. */
static void
flac_of_any_shape_agrees_with_its_own_md5(void **state)
{
    static const int codings[] = {SF_FORMAT_PCM_S8, SF_FORMAT_PCM_16, SF_FORMAT_PCM_24};

    (void)state;
    make_sound(8);
    for (size_t i = 0; i < LEN(codings); i++)
        for (int nch = 1; nch <= 8; nch++) {
            struct report *r = checked(write_as("a.flac", SF_FORMAT_FLAC | codings[i], 48000, nch, 7000));

            assert_truthful(r);
            report_close(r);
        }
}

static void
a_flac_whose_sound_was_changed_is_told(void **state)
{
    unsigned char *b;
    size_t size;
    struct report *r;

    (void)state;
    make_sound(16);
    b = file_bytes(write_as("a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 48000, 2, N), &size);
    b[26] ^= 1; /* of the MD5 in STREAMINFO */
    r = checked(tree_put_bytes("b.flac", b, size));
    assert_non_null(found(r, "flac_md5"));
    assert_int_equal(found(r, "flac_md5")->severity, SEVERITY_FAIL);
    report_close(r);
    memset(b + 26, 0, 16);
    r = checked(tree_put_bytes("c.flac", b, size));
    assert_null(found(r, "flac_md5"));
    assert_int_equal(found(r, "flac_no_md5")->severity, SEVERITY_NOTE);
    report_close(r);
    free(b);
}

static void
a_file_that_ends_early_is_told_at_its_end(void **state)
{
    static const struct {
        const char *name;
        int format;
    } files[] = {{"a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16},
                 {"a.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16},
                 {"a.w64", SF_FORMAT_W64 | SF_FORMAT_PCM_16},
                 {"a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16}};

    (void)state;
    make_sound(16);
    for (size_t i = 0; i < LEN(files); i++) {
        size_t size;
        unsigned char *b = file_bytes(write_as(files[i].name, files[i].format, 48000, 2, N), &size);
        struct report *r = checked(tree_put_bytes(files[i].name, b, size / 2));
        const struct finding *e = found(r, "ends_early");

        assert_non_null(e);
        assert_int_equal(e->severity, SEVERITY_FAIL);
        assert_int_equal(report_count(r, "ends_early", SEVERITY_FAIL), 1);
        assert_true(fabs(e->from_s - N / 2 / 48000.0) < 0.2);
        assert_true(e->from_s == report_number(r, "format/duration_s"));
        assert_null(found(r, "flac_md5"));
        report_close(r);
        free(b);
    }
}

static void
what_the_header_hides_comes_into_the_report(void **state)
{
    struct report *r;

    (void)state;
    bytes_riff(&f);
    bytes_fmt(&f, 1, 2, 48000, 16);
    bytes_data(&f, 40000);
    bytes_riff_end(&f);
    r = checked(tree_put_bytes("a.wav", f.b, f.n));
    assert_truthful(r);
    report_close(r);
    bytes_text(&f, "and a few more");
    r = checked(tree_put_bytes("b.wav", f.b, f.n));
    assert_int_equal(found(r, "trailing_junk")->severity, SEVERITY_WARN);
    report_close(r);
}

static void
samples_that_are_no_number_fail_and_leave_no_md5(void **state)
{
    struct report *r;

    (void)state;
    make_sound(24);
    sound[100] = NAN;
    sound[201] = INFINITY;
    r = checked(write_as("a.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 2, N));
    assert_int_equal(found(r, "bad_samples")->severity, SEVERITY_FAIL);
    assert_non_null(strstr(found(r, "bad_samples")->what, "2 samples"));
    assert_null(report_measured(r, "format/pcm_md5"));
    report_close(r);
}

static void
rates_nobody_expects_are_told(void **state)
{
    static const int usual[] = {44100, 48000, 88200, 96000, 176400, 192000},
                     odd[] = {8000, 22050, 44056, 50000};
    struct report *r;

    (void)state;
    make_sound(24);
    for (size_t i = 0; i < LEN(usual); i++) {
        r = checked(write_as("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, usual[i], 2, 20000));
        assert_null(found(r, "unusual_rate"));
        report_close(r);
    }
    for (size_t i = 0; i < LEN(odd); i++) {
        r = checked(write_as("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, odd[i], 2, 20000));
        assert_int_equal(found(r, "unusual_rate")->severity, SEVERITY_WARN);
        report_close(r);
    }
}

static void
a_lossy_file_is_told_and_has_no_md5(void **state)
{
    struct report *r;

    (void)state;
    make_sound(16);
    r = checked(write_as("a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 48000, 2, N));
    assert_non_null(found(r, "lossy_format"));
    assert_null(found(r, "ends_early"));
    assert_null(report_measured(r, "format/pcm_md5"));
    assert_null(report_measured(r, "format/bits"));
    report_close(r);
}

static void
a_cd_wants_whole_sectors(void **state)
{
    struct report *r;

    (void)state;
    make_sound(16);
    r = checked(write_as("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 2, N));
    assert_null(found(r, "cd_sector"));
    report_close(r);
    r = checked(write_as("b.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 2, N - 1));
    assert_int_equal(found(r, "cd_sector")->severity, SEVERITY_NOTE);
    report_close(r);
    r = checked(write_as("c.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 2, N - 1));
    assert_null(found(r, "cd_sector"));
    report_close(r);
}

static void
for_a_cd_half_a_sector_is_a_fault(void **state)
{
    struct check_options o = {.threads = 1};
    struct target *cd;
    struct report *r;
    struct err e = {""};

    (void)state;
    assert_int_equal(target_load(&cd, "cd", &e), OK);
    o.target = cd;
    make_sound(24);
    write_as("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 44100, 2, N - 1);
    assert_int_equal(check_file(&r, tree_path("a.wav"), &o, &e), OK);
    assert_int_equal(found(r, "cd_sector")->severity, SEVERITY_FAIL);
    report_close(r);
    write_as("b.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 44100, 2, N);
    assert_int_equal(check_file(&r, tree_path("b.wav"), &o, &e), OK);
    assert_null(found(r, "cd_sector"));
    report_close(r);
    target_free(cd);
}

static void
one_frame_is_a_file(void **state)
{
    struct report *r;

    (void)state;
    make_sound(24);
    for (int nch = 1; nch <= 8; nch++) {
        r = checked(write_as("a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 48000, nch, 1));
        assert_true(report_number(r, "format/frames") == 1);
        assert_int_equal(strlen(text(r, "format/pcm_md5")), 32);
        assert_truthful(r);
        report_close(r);
    }
    r = checked("demo:");
    assert_truthful(r);
    assert_int_equal(strlen(text(r, "format/pcm_md5")), 32);
    report_close(r);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tree_clear)
    static const struct CMUnitTest tests[] = {
        TEST(a_report_says_what_was_measured_and_with_what),
        TEST(the_md5_is_of_the_sound_alone),
        TEST(the_md5_is_the_same_in_every_container),
        TEST(flac_of_any_shape_agrees_with_its_own_md5),
        TEST(a_flac_whose_sound_was_changed_is_told),
        TEST(a_file_that_ends_early_is_told_at_its_end),
        TEST(what_the_header_hides_comes_into_the_report),
        TEST(samples_that_are_no_number_fail_and_leave_no_md5),
        TEST(rates_nobody_expects_are_told),
        TEST(a_lossy_file_is_told_and_has_no_md5),
        TEST(a_cd_wants_whole_sectors),
        TEST(for_a_cd_half_a_sector_is_a_fault),
        TEST(one_frame_is_a_file),
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
