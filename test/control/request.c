/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HOST "Host: 127.0.0.1:9001\r\n"
#define WS   "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
#define KEY  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static enum request_progress
take(struct request *r, const char *text)
{
    return request_read(r, text, strlen(text));
}

static void
a_browsers_request_is_read(void **state)
{
    struct request r;
    char word[32];

    (void)state;
    assert_int_equal(
        take(&r, "GET /eq/1/ga%69n?VALUE#top HTTP/1.1\r\nHOST:  127.0.0.1:9001 \r\nUser-Agent: a\xc3\xa4\r\n"
                 "Origin: http://127.0.0.1:9001\r\n\r\nmore"),
        REQUEST_WHOLE);
    assert_int_equal(r.method, REQUEST_GET);
    assert_string_equal(r.path, "/eq/1/gain");
    assert_string_equal(r.query, "VALUE");
    assert_string_equal(r.host, "127.0.0.1:9001");
    assert_string_equal(r.origin, "http://127.0.0.1:9001");
    assert_string_equal(r.token, "");
    assert_false(r.websocket);
    assert_true(request_word(&r, word, sizeof word));
    assert_string_equal(word, "VALUE");
}

static void
nothing_is_decided_before_the_whole_head_is_there(void **state)
{
    static const char text[] = "GET /eq HTTP/1.1\r\n" HOST "Cookie: a=b; deadwax=0123\r\n\r\n";
    struct request r;

    (void)state;
    for (size_t n = 0; n < sizeof text - 1; n++)
        assert_int_equal(request_read(&r, text, n), REQUEST_MORE);
    assert_int_equal(request_read(&r, text, sizeof text - 1), REQUEST_WHOLE);
    assert_int_equal(r.size, sizeof text - 1);
    assert_string_equal(r.token, "0123");
}

static void
a_websocket_asks_in_full(void **state)
{
    struct request r;

    (void)state;
    assert_int_equal(take(&r, "GET / HTTP/1.1\r\n" HOST WS KEY "Sec-WebSocket-Version: 13\r\n\r\n"),
                     REQUEST_WHOLE);
    assert_true(r.websocket);
    assert_string_equal(r.key, "dGhlIHNhbXBsZSBub25jZQ==");
    assert_int_equal(take(&r, "GET / HTTP/1.1\r\n" HOST WS KEY "Sec-WebSocket-Version: 8\r\n\r\n"),
                     REQUEST_REFUSED);
    assert_int_equal(r.status, 426);
    assert_int_equal(take(&r, "GET / HTTP/1.1\r\n" HOST WS "Sec-WebSocket-Version: 13\r\n\r\n"),
                     REQUEST_REFUSED);
    assert_int_equal(take(&r, "POST / HTTP/1.1\r\n" HOST WS KEY "Sec-WebSocket-Version: 13\r\n\r\n"),
                     REQUEST_REFUSED);
    assert_int_equal(take(&r, "GET / HTTP/1.1\r\n" HOST "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
                     REQUEST_WHOLE);
    assert_false(r.websocket);
}

static void
a_token_comes_as_header_query_or_cookie(void **state)
{
    struct request r;

    (void)state;
    take(&r,
         "GET /?token=two HTTP/1.1\r\n" HOST "Authorization: bearer one\r\nCookie: deadwax=three\r\n\r\n");
    assert_string_equal(r.token, "one");
    take(&r, "GET /?VALUE&token=t%77o HTTP/1.1\r\n" HOST "Cookie: deadwax=three\r\n\r\n");
    assert_string_equal(r.token, "two");
    take(&r, "GET / HTTP/1.1\r\n" HOST "Cookie: other=1; deadwax=three;x=y\r\n\r\n");
    assert_string_equal(r.token, "three");
    take(&r, "GET / HTTP/1.1\r\n" HOST "Cookie: notdeadwax=1\r\nAuthorization: Basic eA==\r\n\r\n");
    assert_string_equal(r.token, "");
    take(&r, "GET / HTTP/1.1\r\n" HOST
             "Authorization: Bearer "
             "0123456789012345678901234567890123456789012345678901234567890123456789\r\n\r\n");
    assert_string_equal(r.token, "");
}

static void
what_climbs_or_hides_is_a_bad_path(void **state)
{
    static const char *const paths[] = {
        "/..",    "/eq/../1", "/%2e%2E/x", "/.%2e",  "/./eq",    "/eq%2f1", "/eq%5c1",
        "/eq\\1", "/eq%00",   "/eq%0d",    "/eq%7f", "/%c0%ae/", "/%e4",    "/%252e%252e",
        "/eq%",   "/eq%2",    "/eq%2g",    "/eq% 1", "eq",       "*",       "http://127.0.0.1:9001/eq"};
    struct request r;
    char text[256];

    (void)state;
    for (size_t i = 0; i < LEN(paths); i++) {
        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n" HOST "\r\n", paths[i]);
        assert_int_equal(take(&r, text), REQUEST_REFUSED);
        assert_int_equal(r.status, 400);
        if (!strchr(paths[i], ' ')) /* which is another line altogether */
            assert_int_equal(r.fault, REQUEST_BAD_PATH);
    }
}

static void
what_could_be_read_in_two_ways_is_refused(void **state)
{
    static const struct {
        const char *text;
        int status;
    } cases[] = {
        {"GET / HTTP/1.1\n" HOST "\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST ": a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "X\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "X: \x01\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET / HTTP/1.1 \r\n" HOST "\r\n", 505},
        {"GET /\r\n" HOST "\r\n", 400},
        {"\r\n\r\n", 400},
        {"get / HTTP/1.1\r\n" HOST "\r\n", 405},
        {"DELETE / HTTP/1.1\r\n" HOST "\r\n", 405},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1025\r\n\r\n", 413},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999999\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 501},
    };
    struct request r;

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        assert_int_equal(take(&r, cases[i].text), REQUEST_REFUSED);
        assert_int_equal(r.status, cases[i].status);
    }
    assert_int_equal(request_read(&r, "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29), REQUEST_REFUSED);
}

static void
what_is_too_large_says_so(void **state)
{
    char text[2 * REQUEST_HEAD];
    struct request r;
    int n;

    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "GET /", 5);
    assert_int_equal(request_read(&r, text, REQUEST_HEAD - 1), REQUEST_MORE);
    assert_int_equal(request_read(&r, text, REQUEST_HEAD), REQUEST_REFUSED);
    assert_int_equal(r.status, 431);
    n = snprintf(text, sizeof text, "GET /%0*d HTTP/1.1\r\n" HOST "\r\n", REQUEST_URL, 1);
    assert_int_equal(request_read(&r, text, (size_t)n), REQUEST_REFUSED);
    assert_int_equal(r.status, 414);
    n = snprintf(text, sizeof text, "GET /%0*d HTTP/1.1\r\n" HOST "\r\n", REQUEST_PATH, 1);
    assert_int_equal(request_read(&r, text, (size_t)n), REQUEST_REFUSED);
    assert_int_equal(r.fault, REQUEST_OVERSIZED);
    n = snprintf(text, sizeof text, "GET /%0*d HTTP/1.1\r\n" HOST "\r\n", REQUEST_PATH - 2, 1);
    assert_int_equal(request_read(&r, text, (size_t)n), REQUEST_WHOLE);
    n = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %0*d\r\n\r\n", REQUEST_NAME, 1);
    assert_int_equal(request_read(&r, text, (size_t)n), REQUEST_REFUSED);
    assert_int_equal(r.status, 431);
}

static void
a_query_has_values_and_one_word(void **state)
{
    struct request r;
    char out[16];

    (void)state;
    take(&r, "POST /pair?code=47%31+1&name=&n%41me=x&&token HTTP/1.1\r\n" HOST "\r\n");
    assert_true(request_value(&r, "code", out, sizeof out));
    assert_string_equal(out, "471 1");
    assert_true(request_value(&r, "name", out, sizeof out));
    assert_string_equal(out, "");
    assert_false(request_value(&r, "token", out, sizeof out));
    assert_true(request_word(&r, out, sizeof out));
    assert_string_equal(out, "token");
    assert_false(request_value(&r, "code", out, 5));
    take(&r, "GET /?VALUE&RANGE HTTP/1.1\r\n" HOST "\r\n");
    assert_false(request_word(&r, out, sizeof out));
    take(&r, "GET /?V%00 HTTP/1.1\r\n" HOST "\r\n");
    assert_false(request_word(&r, out, sizeof out));
}

static void
any_bytes_are_read_within_their_bounds(void **state)
{
    static const char whole[] = "GET /eq/1?VALUE HTTP/1.1\r\n" HOST WS KEY
                                "Sec-WebSocket-Version: 13\r\nContent-Length: 1\r\nCookie: deadwax=1\r\n\r\n";
    struct request r;
    unsigned dice = 1;

    (void)state;
    for (int n = 0; n < 20000; n++) {
        char text[sizeof whole];

        memcpy(text, whole, sizeof text);
        for (int k = 0; k < 1 + n % 4; k++) {
            dice = dice * 1664525u + 1013904223u;
            text[(dice >> 8) % (sizeof text - 1)] = (char)(dice >> 24);
        }
        if (request_read(&r, text, sizeof text - 1) != REQUEST_WHOLE)
            continue;
        assert_true(r.path[0] == '/' && strlen(r.path) < REQUEST_PATH && !strstr(r.path, "/../"));
        for (const char *c = r.path; *c; c++)
            assert_true(*c > ' ' && *c <= '~');
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_browsers_request_is_read),
        cmocka_unit_test(nothing_is_decided_before_the_whole_head_is_there),
        cmocka_unit_test(a_websocket_asks_in_full),
        cmocka_unit_test(a_token_comes_as_header_query_or_cookie),
        cmocka_unit_test(what_climbs_or_hides_is_a_bad_path),
        cmocka_unit_test(what_could_be_read_in_two_ways_is_refused),
        cmocka_unit_test(what_is_too_large_says_so),
        cmocka_unit_test(a_query_has_values_and_one_word),
        cmocka_unit_test(any_bytes_are_read_within_their_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
