/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/web.h"

#include "control/http.h"
#include "control/packet.h"
#include "test/control/fake_engine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/*
 * Real sockets on loopback and a clock that only moves when a test says so. The door is one of the test's own, to
 * which loopback is a stranger like any other.
 */

#define MS INT64_C(1000000)
#define S  (1000 * MS)

/* --- a door ------------------------------------------------------------------------------------ */

struct door {
    bool in, flood, site;
    const char *token; /* NULL: none is needed */
    int knocks, tokens, pairs;
    char host[128], origin[128], name[64];
    struct door_counts counts;
};

enum door_verdict
door_knock(struct door *d, const struct address *from, size_t size, int64_t now_ns)
{
    (void)now_ns;
    assert_int_equal(from->carrier, CARRIER_WEB);
    assert_true(size > 0);
    d->knocks++;
    return d->flood ? DOOR_FLOOD : d->in ? DOOR_IN : DOOR_STRANGER;
}

bool
door_knows(const struct door *d, const struct address *from)
{
    (void)from;
    return d->in;
}

const char *
door_name(const struct door *d, const struct address *from)
{
    (void)d, (void)from;
    return NULL;
}

bool
door_pair(struct door *d, const struct address *from, const char *name, const char *code,
          char token[DOOR_TOKEN_SIZE], int64_t now_ns, struct err *e)
{
    (void)from, (void)now_ns;
    d->pairs++;
    if (strcmp(code, "4711-0815") != 0)
        return err_set(e, "a wrong code");
    snprintf(d->name, sizeof d->name, "%s", name);
    snprintf(token, DOOR_TOKEN_SIZE, "0123456789abcdef0123456789abcdef");
    d->in = true;
    d->token = "0123456789abcdef0123456789abcdef";
    return true;
}

bool
door_token(struct door *d, const struct address *from, const char *token)
{
    (void)from;
    d->tokens++;
    return !d->token || strcmp(token, d->token) == 0;
}

bool
door_site(struct door *d, const char *host, const char *origin, const char *const *own, int port)
{
    assert_true(port > 0);
    assert_string_equal(own[0], "127.0.0.1"); /* where the request came to */
    snprintf(d->host, sizeof d->host, "%s", host);
    snprintf(d->origin, sizeof d->origin, "%s", origin ? origin : "(none)");
    return d->site;
}

/* OSC's part of it, which is not asked here. */
const char *
door_code(const struct door *d, int64_t now_ns)
{
    (void)d, (void)now_ns;
    return "";
}

enum status
door_let(struct door *d, bool open, int64_t now_ns, struct err *e)
{
    (void)d, (void)open, (void)now_ns, (void)e;
    return UNAVAILABLE;
}

enum status
door_revoke(struct door *d, const char *who, struct err *e)
{
    (void)d, (void)who, (void)e;
    return NOT_FOUND;
}

struct door_counts *
door_counts(struct door *d)
{
    return &d->counts;
}

/* --- a room ------------------------------------------------------------------------------------ */

struct room {
    struct engine *engine;
    struct osc *osc;
    struct web *web;
    struct door door;
    int64_t now;
};

struct client {
    int fd;
    size_t sent, got;
    char data[256 * 1024];
};

static struct room *
open_room(bool doorless)
{
    struct room *r = calloc(1, sizeof *r);
    struct err e;

    assert_non_null(r);
    r->engine = fake_engine_open();
    r->door.site = true;
    r->now = S;
    assert_int_equal(osc_open(&r->osc, r->engine, NULL, 0, &e), OK);
    assert_int_equal(web_open(&r->web, r->engine, r->osc, doorless ? NULL : &r->door, NULL, 0, &e), OK);
    osc_tick(r->osc, r->now);
    web_tick(r->web, r->now);
    return r;
}

static int
set_up(void **state)
{
    *state = open_room(false);
    return 0;
}

static int
set_up_doorless(void **state)
{
    *state = open_room(true);
    return 0;
}

static int
tear_down(void **state)
{
    struct room *r = *state;

    web_close(r->web);
    osc_close(r->osc);
    fake_engine_close(r->engine);
    free(r);
    return 0;
}

static void
turn(struct room *r)
{
    web_receive(r->web);
    osc_tick(r->osc, r->now);
    web_tick(r->web, r->now);
}

static void
pass(struct room *r, int64_t ns)
{
    for (int64_t end = r->now + ns; r->now < end;) {
        r->now += 10 * MS;
        turn(r);
    }
}

/* room: bytes that the system keeps for it unread; 0: as usual. */
static struct client *
join(struct room *r, int room)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)web_port(r->web)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct client *c = calloc(1, sizeof *c);
    int yes = 1;

    assert_non_null(c);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(c->fd >= 0);
    if (room)
        setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    assert_int_equal(connect(c->fd, (struct sockaddr *)&at, sizeof at), 0);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    return c;
}

static void
part(struct client *c)
{
    close(c->fd);
    free(c);
}

static void
say_bytes(struct client *c, const void *data, size_t size)
{
    assert_int_equal(send(c->fd, data, size, MSG_NOSIGNAL), size);
    c->sent += size;
}

static void
say(struct client *c, const char *text)
{
    say_bytes(c, text, strlen(text));
}

/* What has come, as text; *over: the host has hung up. */
static const char *
hear(struct room *r, struct client *c, bool *over)
{
    *over = false;
    for (int quiet = 0; quiet < 20 && !*over; quiet++) {
        ssize_t n;

        turn(r);
        while ((n = recv(c->fd, c->data + c->got, sizeof c->data - 1 - c->got, 0)) > 0) {
            c->got += (size_t)n;
            quiet = 0;
        }
        *over = n == 0 || (n < 0 && errno != EAGAIN);
    }
    c->data[c->got] = '\0';
    return c->data;
}

static bool
is_over(struct room *r, struct client *c)
{
    bool over;

    hear(r, c, &over);
    return over;
}

#define HOST "Host: 127.0.0.1\r\n"
#define WEBSOCKET                                                                                            \
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"                             \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

/* Asks on a connection of its own; the answer, to be freed with the client. */
static struct client *
ask(struct room *r, const char *request)
{
    struct client *c = join(r, 0);
    bool over;

    say(c, request);
    hear(r, c, &over);
    assert_true(over);
    return c;
}

static void
check_status(struct room *r, const char *request, int status)
{
    struct client *c = ask(r, request);
    char want[32];

    snprintf(want, sizeof want, "HTTP/1.1 %d ", status);
    if (strncmp(c->data, want, strlen(want)) != 0)
        fail_msg("%.60s: %.60s, not %d", request, c->data, status);
    part(c);
}

static void
say_frame(struct client *c, int kind, const void *data, size_t size)
{
    unsigned char head[8] = {(unsigned char)(0x80 | kind), (unsigned char)(0x80 | size)}; /* a key of zeros */

    assert_true(size < 126);
    say_bytes(c, head, 6);
    say_bytes(c, data, size);
}

static void
say_command(struct client *c, const char *word, const char *path)
{
    char text[128];
    int n = snprintf(text, sizeof text, "{\"COMMAND\":\"%s\",\"DATA\":\"%s\"}", word, path);

    say_frame(c, 1, text, (size_t)n);
}

static struct client *
join_websocket(struct room *r, int room)
{
    struct client *c = join(r, room);
    bool over;

    say(c, "GET / HTTP/1.1\r\n" HOST WEBSOCKET "\r\n");
    assert_non_null(strstr(hear(r, c, &over), "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    assert_false(over);
    c->got = 0;
    return c;
}

struct heard {
    const char *path;
    int times;
    double last;
};

static void
note(void *context, const struct packet_message *m)
{
    struct heard *h = context;

    if (strcmp(m->path, h->path) != 0)
        return;
    h->times++;
    h->last = m->arg[0].number;
}

/* In all binary frames that have come since it last was asked. */
static struct heard
heard(struct room *r, struct client *c, const char *path)
{
    struct heard h = {.path = path};
    _Alignas(8) unsigned char packet[4096];
    size_t at = 0;
    bool over;

    hear(r, c, &over);
    while (at + 2 <= c->got) {
        const unsigned char *f = (const unsigned char *)c->data + at;
        size_t head = f[1] < 126 ? 2 : 4, size = f[1] < 126 ? f[1] : (size_t)f[2] << 8 | f[3];

        if (at + head + size > c->got)
            break;
        memcpy(packet, f + head, size);
        if (f[0] == 0x82)
            assert_true(packet_read(packet, size, note, &h));
        at += head + size;
    }
    c->got = 0;
    return h;
}

/* --- the door ---------------------------------------------------------------------------------- */

static void
a_stranger_is_told_less_than_it_said(void **state)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\n" HOST "\r\n",
        "GET /?HOST_INFO HTTP/1.1\r\n" HOST "\r\n",
        "GET /eq/1/gain HTTP/1.1\r\n" HOST "\r\n",
        "HEAD / HTTP/1.1\r\n" HOST "\r\n",
        "POST / HTTP/1.1\r\n" HOST "\r\n",
        "PUT / HTTP/1.1\r\n" HOST "\r\n",
        "GET /no/such HTTP/1.1\r\n" HOST "\r\n",
        "GET /../ HTTP/1.1\r\n" HOST "\r\n",
        "GET /pair HTTP/1.1\r\n" HOST "\r\n",
        "GET /pair?code=0000-0000 HTTP/1.1\r\n" HOST "\r\n",
        "POST /pair?name=x HTTP/1.1\r\n" HOST "\r\n",
        "HEAD /pair?code=4711-0815 HTTP/1.1\r\n" HOST "\r\n",
        "GET / HTTP/1.1\r\n" HOST WEBSOCKET "\r\n",
        "GET /\r\n\r\n",
        "\r\n\r\n",
    };
    struct room *r = *state;

    for (size_t i = 0; i < LEN(requests); i++) {
        struct client *c = ask(r, requests[i]);

        assert_true(c->got <= c->sent);
        assert_true(c->got == 0 || strncmp(c->data, "HTTP/1.1 40", 11) == 0);
        part(c);
    }
    assert_int_equal(r->door.knocks, LEN(requests));
    assert_int_equal(web_connections(r->web), 0);
    assert_int_equal(r->engine->nsets, 0);
}

static void
a_code_is_good_for_a_token_and_a_cookie(void **state)
{
    struct room *r = *state;
    struct client *c;

    check_status(r, "POST /pair?code=1234-5678&name=tablet HTTP/1.1\r\n" HOST "\r\n", 403);
    c = ask(r, "POST /pair?code=4711-0815&name=my+tablet HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}");
    assert_non_null(strstr(c->data, "\r\n\r\n{\"TOKEN\":\"0123456789abcdef0123456789abcdef\"}"));
    assert_non_null(strstr(c->data,
                           "\r\nSet-Cookie: deadwax=0123456789abcdef0123456789abcdef; Path=/; HttpOnly; "
                           "SameSite=Strict; "));
    assert_string_equal(r->door.name, "my tablet");
    part(c);
    r->door.in = false;
    c = ask(r, "GET /pair?code=4711-0815 HTTP/1.1\r\n" HOST "\r\n");
    assert_non_null(strstr(c->data, "HTTP/1.1 200 OK\r\nContent-Type: text/html"));
    assert_non_null(strstr(c->data, "\r\nSet-Cookie: deadwax=0123456789abcdef0123456789abcdef; "));
    assert_null(strstr(strstr(c->data, "\r\n\r\n"), "0123")); /* nor into the page */
    part(c);
    assert_int_equal(r->door.pairs, 3);
}

/* As small as a request can be, and as a browser's is. */
static void
the_form_is_no_larger_than_what_asked_for_it(void **state)
{
    static const char browsers[] =
        "GET /pair HTTP/1.1\r\n" HOST "Connection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\n"
        "User-Agent: Mozilla/5.0 (Android 13; Mobile; rv:109.0) Gecko/115.0 Firefox/115.0\r\n"
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
        "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\n\r\n";
    struct room *r = *state;
    struct client *c;
    char padded[1024];

    c = ask(r, browsers);
    assert_non_null(strstr(c->data, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(c->data, "<form action=/pair>"));
    assert_true(c->got <= c->sent);
    part(c);
    for (int pad = 1; pad < 600; pad += 7) {
        snprintf(padded, sizeof padded, "GET /pair HTTP/1.1\r\n" HOST "X: %0*d\r\n\r\n", pad, 0);
        c = ask(r, padded);
        assert_true(c->got <= c->sent);
        assert_true(strncmp(c->data, pad < 200 ? "HTTP/1.1 403" : "HTTP/1.1 ", pad < 200 ? 12 : 9) == 0);
        part(c);
    }
    assert_int_equal(r->door.pairs, 0);
}

static void
who_is_paired_shows_the_token_each_time(void **state)
{
    struct room *r = *state;
    struct client *c;

    r->door.in = true;
    r->door.token = "secret";
    check_status(r, "GET /eq HTTP/1.1\r\n" HOST "\r\n", 403);
    check_status(r, "GET /eq HTTP/1.1\r\n" HOST "Authorization: Bearer secrets\r\n\r\n", 403);
    check_status(r, "GET /eq HTTP/1.1\r\n" HOST WEBSOCKET "\r\n", 403);
    check_status(r, "GET /eq HTTP/1.1\r\n" HOST "Authorization: Bearer secret\r\n\r\n", 200);
    check_status(r, "GET /eq HTTP/1.1\r\n" HOST "Cookie: a=b; deadwax=secret\r\n\r\n", 200);
    check_status(r, "GET /eq/1/gain?VALUE&token=secret HTTP/1.1\r\n" HOST "\r\n", 200);
    c = join(r, 0);
    say(c, "GET /?token=secret HTTP/1.1\r\n" HOST WEBSOCKET "\r\n");
    assert_false(is_over(r, c));
    assert_int_equal(web_connections(r->web), 1);
    assert_int_equal(r->door.tokens, 7);
    part(c);
}

static void
the_door_sees_host_and_origin_of_each_request(void **state)
{
    struct room *r = *state;

    r->door.in = true;
    check_status(r, "GET /eq HTTP/1.1\r\nHost: one:1\r\nOrigin: http://two\r\n\r\n", 200);
    assert_string_equal(r->door.host, "one:1");
    assert_string_equal(r->door.origin, "http://two");
    check_status(r, "GET /eq HTTP/1.1\r\n" HOST "\r\n", 200);
    assert_string_equal(r->door.origin, "(none)");
    r->door.site = false;
    check_status(r, "GET /eq HTTP/1.1\r\n" HOST "\r\n", 403);
    check_status(r, "GET /eq HTTP/1.1\r\n" HOST WEBSOCKET "\r\n", 403);
    check_status(r, "POST /pair?code=4711-0815 HTTP/1.1\r\n" HOST "\r\n", 403);
    assert_int_equal(r->door.pairs, 0);
}

static void
bad_paths_and_what_is_too_large_are_counted(void **state)
{
    struct room *r = *state;
    char large[2 * REQUEST_HEAD + 1];
    struct client *c;

    r->door.in = true;
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    check_status(r, "GET /%2e%2e/passwd HTTP/1.1\r\n" HOST "\r\n", 400);
    check_status(r, "GET /eq%00 HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_int_equal(r->door.counts.bad_paths, 2);
    check_status(r, large, 431);
    check_status(r, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5000\r\n\r\n", 413);
    assert_int_equal(r->door.counts.oversized, 2);
    c = join_websocket(r, 0);
    for (int i = 0; i < 40; i++) /* a command in the making */
        say_bytes(c,
                  i ? "\x00\xa0\0\0\0\0yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
                    : "\x01\xa0\0\0\0\0{\"COMMAND\":\"yyyyyyyyyyyyyyyyyyyy",
                  38);
    assert_int_equal((unsigned char)hear(r, c, &(bool){0})[0], 0x88); /* close */
    assert_int_equal((unsigned char)c->data[2] << 8 | (unsigned char)c->data[3], 1009);
    assert_int_equal(r->door.counts.oversized, 3);
    part(c);
}

static void
a_flood_is_hung_up_on_unanswered(void **state)
{
    struct room *r = *state;
    struct client *c;

    r->door.in = r->door.flood = true;
    c = ask(r, "GET / HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(c->got, 0);
    part(c);
}

static void
who_is_revoked_loses_its_websocket(void **state)
{
    struct room *r = *state;
    struct client *c;

    r->door.in = true;
    c = join_websocket(r, 0);
    say_command(c, "LISTEN", "/eq/1/gain");
    assert_int_equal(heard(r, c, "/eq/1/gain").times, 1);
    r->door.in = false;
    assert_true(is_over(r, c));
    assert_int_equal(web_connections(r->web), 0);
    assert_int_equal(osc_clients(r->osc), 0);
    part(c);
}

static void
without_a_door_loopback_is_in_under_its_own_names(void **state)
{
    struct room *r = *state;
    int port = web_port(r->web);
    char text[256];

    snprintf(text, sizeof text, "GET /eq HTTP/1.1\r\nHost: localhost:%d\r\n\r\n", port);
    check_status(r, text, 200);
    snprintf(text, sizeof text, "GET /eq HTTP/1.1\r\nHost: [::1]:%d\r\nOrigin: http://[::1]:%d\r\n\r\n", port,
             port);
    check_status(r, text, 200);
    snprintf(text, sizeof text, "GET /eq HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://a.example\r\n\r\n",
             port);
    check_status(r, text, 403);
    check_status(r, "GET /eq HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 403);
    snprintf(text, sizeof text, "GET /eq HTTP/1.1\r\nHost: a.example:%d\r\n\r\n", port);
    check_status(r, text, 403);
    check_status(r, "POST /pair?code=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 403);
}

/* web_tick lets libwebsockets read as well: the loop must come round again at once for the answer. */
static void
what_is_heard_in_a_tick_is_answered_without_a_timer(void **state)
{
    struct room *r = *state;
    struct client *c;
    struct pollfd p = {.fd = web_fd(r->web), .events = POLLIN};

    r->door.in = true;
    c = join_websocket(r, 0);
    pass(r, 50 * MS);
    assert_int_equal(poll(&p, 1, 0), 0);
    say_frame(c, 2, "/ping\0\0\0,\0\0\0", 12);
    web_tick(r->web, r->now);
    assert_int_equal(poll(&p, 1, 0), 1);
    turn(r);
    assert_int_equal(poll(&p, 1, 0), 0);
    assert_true(recv(c->fd, c->data, sizeof c->data, 0) > 8);
    assert_memory_equal(c->data + 2, "/pong", 6);
    part(c);
}

/* --- slow ones --------------------------------------------------------------------------------- */

static void
half_a_request_ends_after_five_seconds(void **state)
{
    struct room *r = *state;
    struct client *silent, *slow;

    r->door.in = true;
    silent = join(r, 0);
    slow = join(r, 0);
    for (int i = 0; i < 49; i++) {
        say(slow, i ? "x" : "GET /");
        pass(r, 100 * MS);
    }
    assert_false(is_over(r, silent));
    assert_false(is_over(r, slow));
    pass(r, 200 * MS);
    assert_true(is_over(r, silent));
    assert_true(is_over(r, slow));
    part(silent);
    part(slow);
}

static void
silent_strangers_make_room_for_who_is_known(void **state)
{
    struct room *r = *state;
    struct client *crowd[2 * HTTP_CONNECTIONS], *c;

    for (size_t i = 0; i < LEN(crowd); i++) {
        crowd[i] = join(r, 0);
        turn(r);
    }
    r->door.in = true;
    c = ask(r, "GET /eq/1/gain HTTP/1.1\r\n" HOST "\r\n");
    assert_non_null(strstr(c->data, "HTTP/1.1 200 OK\r\n"));
    for (size_t i = 0; i <= HTTP_CONNECTIONS; i++) /* the oldest ones */
        assert_true(is_over(r, crowd[i]));
    assert_false(is_over(r, crowd[LEN(crowd) - 1]));
    for (size_t i = 0; i < LEN(crowd); i++)
        part(crowd[i]);
    part(c);
}

static void
strangers_do_not_push_out_who_is_known(void **state)
{
    struct room *r = *state;
    struct client *known, *crowd[2 * HTTP_CONNECTIONS];

    r->door.in = true;
    known = join(r, 0);
    turn(r);
    pass(r, 50 * MS);
    r->door.in = false;
    for (size_t i = 0; i < LEN(crowd); i++) {
        crowd[i] = join(r, 0);
        turn(r);
    }
    r->door.in = true;
    say(known, "GET /eq/1/gain HTTP/1.1\r\n" HOST "\r\n");
    assert_true(is_over(r, known));
    assert_non_null(strstr(known->data, "HTTP/1.1 200 OK\r\n"));
    for (size_t i = 0; i < LEN(crowd); i++)
        part(crowd[i]);
    part(known);
}

static void
move_all(struct room *r, double value)
{
    for (int id = 0; id < params_count(); id++)
        if (param_at(id)->owner == OWNER_METER)
            r->engine->value[id] = value;
}

static void
a_browser_that_stalls_is_left_behind_and_ended(void **state)
{
    struct room *r = *state;
    struct client *stalled, *good;
    int before = 0;

    r->door.in = true;
    stalled = join_websocket(r, 4096);
    good = join_websocket(r, 0);
    say_frame(stalled, 2, "/subscribe\0\0,\0\0\0", 16);
    say_command(good, "LISTEN", "/eq/1/gain");
    heard(r, good, "/eq/1/gain");
    for (int i = 0; i < 6000 && web_connections(r->web) == 2; i++) {
        move_all(r, i);
        r->now += 10 * MS;
        if (i % 100 == 0)
            say_frame(stalled, 9, "", 0); /* a ping: so long as it is there it keeps its lease, too */
        if (i % 500 == 0)
            say_frame(stalled, 2, "/subscribe\0\0,\0\0\0", 16);
        fake_engine_move(r->engine, "/eq/1/gain", i);
        turn(r);
        if (i && i % 50 == 0) {
            struct heard h = heard(r, good, "/eq/1/gain");

            assert_true(h.times >= 20 && h.last >= i - 2); /* 60 a second */
        }
        before = i;
    }
    assert_int_equal(web_connections(r->web), 1);
    assert_in_range(before, 1000, 5000); /* ten seconds after it took the last */
    part(stalled);
    part(good);
}

/* Turns out of a thousand in which the loop has been woken. */
static int
awake(struct room *r)
{
    struct pollfd p = {.fd = web_fd(r->web), .events = POLLIN};
    int n = 0;

    for (int i = 0; i < 1000; i++) {
        n += poll(&p, 1, 0) > 0;
        turn(r);
    }
    return n;
}

static void
a_peer_that_does_not_leave_does_not_keep_the_loop_awake(void **state)
{
    static const char large[2 * WEB_COMMAND] = "\x81\xfe\x07\x08";
    struct room *r = *state;
    struct client *c, *d, *e;

    r->door.in = true;
    c = join_websocket(r, 0);
    say_frame(c, 8, "\x03\xe8", 2);
    say(c, "and more");
    d = join_websocket(r, 0); /* which is told to go */
    say_bytes(d, large, sizeof large);
    turn(r);
    say_bytes(d, large, sizeof large);
    e = join_websocket(r, 0);
    say_bytes(e, large, sizeof large);
    shutdown(e->fd, SHUT_WR);
    assert_true(awake(r) < 200);
    part(c);
    part(d);
    part(e);
}

/* --- commands ---------------------------------------------------------------------------------- */

static void
who_listens_hears_and_who_ignores_does_not(void **state)
{
    struct room *r = *state;
    struct client *c, *d;

    r->door.in = true;
    c = join_websocket(r, 0);
    d = join_websocket(r, 0);
    say_command(c, "LISTEN", "/eq/1/gain");
    say_command(d, "LISTEN", "/eq/1/gain/norm");
    assert_int_equal(heard(r, c, "/eq/1/gain").times, 1);
    assert_true(heard(r, d, "/eq/1/gain/norm").last == 0.5);
    fake_engine_move(r->engine, "/eq/1/gain", 24);
    pass(r, 50 * MS);
    assert_true(heard(r, c, "/eq/1/gain").last == 24.0);
    assert_true(heard(r, d, "/eq/1/gain/norm").last == 1.0);
    say_command(c, "IGNORE", "/eq/1/gain");
    pass(r, 20 * MS);
    fake_engine_move(r->engine, "/eq/1/gain", 12);
    pass(r, 50 * MS);
    assert_int_equal(heard(r, c, "/eq/1/gain").times, 0);
    assert_int_equal(heard(r, d, "/eq/1/gain/norm").times, 1);
    say_command(c, "LISTEN", "/no/such");
    say_command(c, "LISTEN", "/meter/reset");
    say_command(c, "DANCE", "/eq/1/gain");
    assert_int_equal(heard(r, c, "/error").times, 3);
    part(c);
    part(d);
}

static void
a_move_by_a_websocket_has_its_address_as_hand(void **state)
{
    struct room *r = *state;
    struct client *c;

    r->door.in = true;
    c = join_websocket(r, 0);
    say_frame(c, 2, "/eq/1/gain\0\0,f\0\0\x40\x40\0\0", 20);
    pass(r, 20 * MS);
    assert_int_equal(r->engine->nsets, 1);
    assert_true(fake_engine_value(r->engine, "/eq/1/gain") == 3.0);
    assert_int_equal(strncmp(fake_engine_set(r->engine, 0)->by, "web 127.0.0.1:", 14), 0);
    part(c);
    pass(r, 20 * MS);
    assert_int_equal(web_connections(r->web), 0);
}

static void
a_new_order_is_announced_to_each_websocket(void **state)
{
    static const char want[] = "{\"COMMAND\":\"PATH_CHANGED\",\"DATA\":\"/chain/order\"}";
    struct room *r = *state;
    struct client *c;
    bool over;

    r->door.in = true;
    c = join_websocket(r, 0);
    fake_engine_move(r->engine, "/chain/order/eq", 1000);
    fake_engine_move(r->engine, "/chain/order/clip", 0);
    hear(r, c, &over);
    assert_int_equal(c->got, 2 + sizeof want - 1); /* once */
    assert_int_equal((unsigned char)c->data[0], 0x81);
    assert_string_equal(c->data + 2, want);
    part(c);
}

int
main(void)
{
#define WITH(test, before) cmocka_unit_test_setup_teardown(test, before, tear_down)
    const struct CMUnitTest tests[] = {
        WITH(a_stranger_is_told_less_than_it_said, set_up),
        WITH(a_code_is_good_for_a_token_and_a_cookie, set_up),
        WITH(who_is_paired_shows_the_token_each_time, set_up),
        WITH(the_door_sees_host_and_origin_of_each_request, set_up),
        WITH(bad_paths_and_what_is_too_large_are_counted, set_up),
        WITH(a_flood_is_hung_up_on_unanswered, set_up),
        WITH(who_is_revoked_loses_its_websocket, set_up),
        WITH(the_form_is_no_larger_than_what_asked_for_it, set_up),
        WITH(what_is_heard_in_a_tick_is_answered_without_a_timer, set_up),
        WITH(without_a_door_loopback_is_in_under_its_own_names, set_up_doorless),
        WITH(half_a_request_ends_after_five_seconds, set_up),
        WITH(silent_strangers_make_room_for_who_is_known, set_up),
        WITH(strangers_do_not_push_out_who_is_known, set_up),
        WITH(a_browser_that_stalls_is_left_behind_and_ended, set_up),
        WITH(a_peer_that_does_not_leave_does_not_keep_the_loop_awake, set_up),
        WITH(who_listens_hears_and_who_ignores_does_not, set_up),
        WITH(a_move_by_a_websocket_has_its_address_as_hand, set_up),
        WITH(a_new_order_is_announced_to_each_websocket, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
