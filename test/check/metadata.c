/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/check.h"

#include "test/kit/bytes.h"
#include "test/kit/tree.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct bytes f;

/* Two seconds of a tone in both channels, with what it says of itself. */
static const char *
tone_file(double stated_lufs, const char *isrc)
{
    enum { FRAMES = 96000 };
    size_t at;

    bytes_riff(&f);
    bytes_fmt(&f, 1, 2, 48000, 16);
    bytes_chunk(&f, "bext", 602);
    at = f.n;
    bytes_zeros(&f, 602);
    bytes_set_le(&f, at + 346, 2, 2);
    bytes_set_le(&f, at + 412, (uint16_t)(int16_t)lrint(stated_lufs * 100.0), 2);
    for (size_t i = 1; i < 5; i++)
        bytes_set_le(&f, at + 412 + 2 * i, 0x7fff, 2);
    bytes_chunk(&f, "data", FRAMES * 4);
    for (int i = 0; i < FRAMES * 2; i++)
        bytes_le(&f, (uint16_t)(int16_t)lrint(8000.0 * sin(2 * PI * 997.0 * (i / 2) / 48000.0)), 2);
    if (isrc) {
        bytes_chunk(&f, "axml", 48);
        at = f.n;
        bytes_zeros(&f, 48);
        snprintf((char *)f.b + at, 48, "<dc:identifier>ISRC:%s</dc:identifier>", isrc);
    }
    bytes_riff_end(&f);
    return tree_put_bytes("a.wav", f.b, f.n);
}

static struct report *
checked(const char *path)
{
    static const struct check_options o = {.threads = 1};
    struct report *r;
    struct err e = {""};

    if (check_file(&r, path, &o, &e) != OK)
        fail_msg("%s", e.text);
    return r;
}

static void
a_stated_loudness_is_held_against_the_measured_one(void **state)
{
    struct report *r = checked(tone_file(-1.0, NULL));
    double measured = report_number(r, "loudness/integrated");

    (void)state;
    assert_true(isfinite(measured));
    assert_int_equal(report_count(r, "stated_loudness", SEVERITY_WARN), 1);
    report_close(r);
    for (double off = -0.25; off < 0.3; off += 0.1) {
        r = checked(tone_file(measured + off, NULL));
        assert_true(fabs(report_number(r, "metadata/stated_integrated") - measured - off) < 0.006);
        assert_true(isnan(report_number(r, "metadata/stated_range")));
        assert_int_equal(report_count(r, "stated_loudness", SEVERITY_WARN), fabs(off) > 0.2);
        report_close(r);
    }
}

static void
a_code_that_is_no_isrc_is_told(void **state)
{
    static const struct {
        const char *code;
        bool good;
    } codes[] = {{"QZXX12600001", true},  {"GBA1B2600001", true},  {"QZXX1260000A", false},
                 {"1ZXX12600001", false}, {"qzxx12600001", false}, {"QZ-XX1-26-00", false}};

    (void)state;
    for (size_t i = 0; i < LEN(codes); i++) {
        struct report *r = checked(tone_file(-1.0, codes[i].code));

        assert_string_equal(report_measured(r, "metadata/isrc")->text, codes[i].code);
        assert_int_equal(report_count(r, "isrc_malformed", SEVERITY_FAIL), !codes[i].good);
        report_close(r);
    }
}

static void
a_file_without_tags_has_none(void **state)
{
    struct report *r;

    (void)state;
    bytes_riff(&f);
    bytes_fmt(&f, 1, 2, 48000, 16);
    bytes_data(&f, 40000);
    bytes_riff_end(&f);
    r = checked(tree_put_bytes("a.wav", f.b, f.n));
    assert_null(report_measured(r, "metadata/title"));
    assert_null(report_measured(r, "metadata/bext_version"));
    report_close(r);
    r = checked("demo:");
    assert_null(report_measured(r, "metadata/title"));
    report_close(r);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tree_clear)
    static const struct CMUnitTest tests[] = {
        TEST(a_stated_loudness_is_held_against_the_measured_one),
        TEST(a_code_that_is_no_isrc_is_told),
        TEST(a_file_without_tags_has_none),
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
