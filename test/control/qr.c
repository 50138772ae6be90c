/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/qr.h"

#include "test/kit/qrread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool
dark(const void *context, int y, int x)
{
    return qr_dark(context, y, x);
}

/* Built without the library there is no code, and that is said. */
static void
need_library(void)
{
    struct qr q;

    if (!qr_make(&q, "x"))
        skip();
}

static void
a_code_says_what_was_put_in(void **state)
{
    static const char *const texts[] = {
        "x",
        "http://192.0.2.1:9001/pair?code=4711-0815",
        "osc.udp://192.0.2.1:9000/?code=0000-0000",
        "http://[2001:db8:1111:2222:3333:4444:5555:6666]:9001/pair?code=9999-9999",
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        "012345",
    };
    char got[128];
    struct qr q;

    (void)state;
    need_library();
    for (size_t i = 0; i < LEN(texts); i++) {
        assert_true(qr_make(&q, texts[i]));
        assert_true(qr_read(dark, &q, q.size, got, sizeof got));
        assert_string_equal(got, texts[i]);
    }
}

static void
around_it_is_light(void **state)
{
    struct qr q;

    (void)state;
    need_library();
    assert_true(qr_make(&q, "x"));
    assert_true(qr_dark(&q, 0, 0));
    for (int i = -QR_QUIET; i < q.size + QR_QUIET; i++)
        assert_false(qr_dark(&q, i, -1) || qr_dark(&q, -1, i) || qr_dark(&q, i, q.size) ||
                     qr_dark(&q, q.size, i));
}

static void
a_text_that_is_too_long_gives_none(void **state)
{
    char text[300];
    struct qr q = {.size = 1};

    (void)state;
    memset(text, 'a', sizeof text);
    text[272] = '\0';
    assert_false(qr_make(&q, text));
    assert_int_equal(q.size, 0);
    assert_false(qr_dark(&q, 0, 0));
    need_library();
    text[271] = '\0';
    assert_true(qr_make(&q, text));
    assert_int_equal(q.size, QR_MOST);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_code_says_what_was_put_in),
        cmocka_unit_test(around_it_is_light),
        cmocka_unit_test(a_text_that_is_too_long_gives_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
