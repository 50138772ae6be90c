/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/nsm.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* The manager is a socket of this program: what it gets is compared byte by byte. */

#define S INT64_C(1000000000)

enum { PATIENCE_MS = 10000, QUIET_MS = 50 };

struct manager {
    int fd;
    struct sockaddr_storage client;
    socklen_t client_size;
    char url[100];
};

struct hand { /* what our side was asked */
    int opens, saves;
    char path[200], display[100], id[100];
    enum nsm_code code; /* the answer */
    const char *text;
};

static enum nsm_code
on_open(void *context, const char *path, const char *display, const char *id, struct err *e)
{
    struct hand *h = context;

    h->opens++;
    snprintf(h->path, sizeof h->path, "%s", path);
    snprintf(h->display, sizeof h->display, "%s", display);
    snprintf(h->id, sizeof h->id, "%s", id);
    if (h->code != NSM_DONE)
        err_set(e, "%s", h->text);
    return h->code;
}

static enum nsm_code
on_save(void *context, struct err *e)
{
    struct hand *h = context;

    h->saves++;
    if (h->code != NSM_DONE)
        err_set(e, "%s", h->text);
    return h->code;
}

/* --- the manager --------------------------------------------------------------------------------- */

/* Listens at the address, says so under the host's name. False: this machine has no such family. */
static bool
open_manager(struct manager *m, const char *at, const char *host, int port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    bool six = strchr(at, ':') != NULL;
    socklen_t size = six ? sizeof in6 : sizeof in;

    *m = (struct manager){.fd = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0)};
    inet_pton(six ? AF_INET6 : AF_INET, at, six ? (void *)&in6.sin6_addr : (void *)&in.sin_addr);
    if (m->fd < 0 || bind(m->fd, six ? (struct sockaddr *)&in6 : (struct sockaddr *)&in, size) != 0)
        return false;
    assert_int_equal(getsockname(m->fd, six ? (struct sockaddr *)&in6 : (struct sockaddr *)&in, &size), 0);
    snprintf(m->url, sizeof m->url, "osc.udp://%s:%d/", host, ntohs(six ? in6.sin6_port : in.sin_port));
    return true;
}

static int
port_of(const struct manager *m)
{
    return atoi(strrchr(m->url, ':') + 1);
}

/* A message by our own hand: types are s and i and f, arguments const char *, int and double. */
struct bytes {
    char at[1000];
    size_t size;
};

static void
put_text(struct bytes *b, const char *text)
{
    size_t n = strlen(text) / 4 * 4 + 4;

    assert_true(b->size + n <= sizeof b->at);
    memset(b->at + b->size, 0, n);
    memcpy(b->at + b->size, text, strlen(text));
    b->size += n;
}

static void
put_word(struct bytes *b, uint32_t word)
{
    word = htonl(word);
    memcpy(b->at + b->size, &word, 4);
    b->size += 4;
}

static struct bytes
bytes_of(const char *path, const char *types, va_list ap)
{
    struct bytes b = {.size = 0};
    union {
        float f;
        uint32_t bits;
    } number;

    put_text(&b, path);
    put_text(&b, types);
    for (const char *t = types + 1; *t; t++) {
        if (*t == 's') {
            put_text(&b, va_arg(ap, const char *));
        } else if (*t == 'i') {
            put_word(&b, (uint32_t)va_arg(ap, int));
        } else {
            number.f = (float)va_arg(ap, double);
            put_word(&b, number.bits);
        }
    }
    return b;
}

static void
say_bytes(struct manager *m, const char *bytes, size_t size)
{
    assert_int_equal(sendto(m->fd, bytes, size, 0, (struct sockaddr *)&m->client, m->client_size), size);
}

static void
say(struct manager *m, const char *path, const char *types, ...)
{
    struct bytes b;
    va_list ap;

    va_start(ap, types);
    b = bytes_of(path, types, ap);
    va_end(ap);
    say_bytes(m, b.at, b.size);
}

/* The next packet, and who sent it; 0: none within the time. */
static size_t
hear(struct manager *m, char data[2000], int ms)
{
    struct pollfd p = {m->fd, POLLIN, 0};
    ssize_t n;

    if (poll(&p, 1, ms) != 1)
        return 0;
    m->client_size = sizeof m->client;
    n = recvfrom(m->fd, data, 2000, 0, (struct sockaddr *)&m->client, &m->client_size);
    assert_true(n > 0);
    return (size_t)n;
}

static void
assert_hears(struct manager *m, const char *path, const char *types, ...)
{
    struct bytes want;
    va_list ap;
    char got[2000];

    va_start(ap, types);
    want = bytes_of(path, types, ap);
    va_end(ap);
    assert_int_equal(hear(m, got, PATIENCE_MS), want.size);
    assert_memory_equal(got, want.at, want.size);
}

static void
assert_quiet(struct manager *m)
{
    char got[2000];

    assert_int_equal(hear(m, got, QUIET_MS), 0);
}

static void
say_welcome(struct manager *m)
{
    say(m, "/reply", ",ssss", "/nsm/server/announce", "hello", "New Session Manager",
        ":server-control:broadcast:");
}

static void
say_open(struct manager *m)
{
    say(m, "/nsm/client/open", ",sss", "/home/s/x/deadwax.nABCD", "x", "deadwax.nABCD");
}

static void
assert_hears_opening(struct manager *m)
{
    assert_hears(m, "/nsm/client/progress", ",f", 0.0);
    assert_hears(m, "/nsm/client/progress", ",f", 1.0);
    assert_hears(m, "/reply", ",ss", "/nsm/client/open", "open");
}

static void
assert_hears_too_late(struct manager *m)
{
    assert_hears(m, "/error", ",sis", "/nsm/client/open", -8,
                 "runs already: end it, and the session starts it anew");
}

#define TEXT(a) a, sizeof(a) - 1

/* --- our side ------------------------------------------------------------------------------------ */

static struct nsm *
join(struct manager *m, struct hand *h)
{
    const struct nsm_hand hand = {on_open, on_save, h};
    struct err e = {""};
    struct nsm *n;
    char data[2000];

    assert_int_equal(nsm_open(&n, m->url, "deadwax", "deadwax", &hand, 0, &e), OK);
    assert_int_equal(nsm_state(n), NSM_ASKED);
    assert_true(hear(m, data, PATIENCE_MS) > 0);
    assert_int_equal(memcmp(data, "/nsm/server/announce", 21), 0);
    return n;
}

static void
receive(struct nsm *n)
{
    struct pollfd p = {nsm_fd(n), POLLIN, 0};

    assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
    nsm_receive(n);
}

/* In a session with something open. */
static struct nsm *
settle(struct manager *m, struct hand *h)
{
    struct nsm *n;

    assert_true(open_manager(m, "127.0.0.1", "127.0.0.1", 0));
    n = join(m, h);
    say_welcome(m);
    say_open(m);
    receive(n);
    while (nsm_state(n) != NSM_OPEN)
        receive(n);
    assert_hears_opening(m);
    assert_string_equal(nsm_news(n), "in a session of New Session Manager");
    return n;
}

static void
leave(struct nsm *n, struct manager *m)
{
    nsm_close(n);
    close(m->fd);
}

/* --- the tests ----------------------------------------------------------------------------------- */

static void
the_announcement_is_as_the_interface_asks_for_it(void **state)
{
    static const char want[] = "/nsm/server/announce\0\0\0\0"
                               ",sssiii\0"
                               "deadwax\0"
                               ":dirty:progress:message:\0\0\0\0"
                               "./a wax\0"
                               "\0\0\0\1\0\0\0\1";
    const struct nsm_hand hand = {on_open, on_save, NULL};
    struct manager m;
    struct nsm *n;
    char got[2000];
    uint32_t pid = htonl((uint32_t)getpid());
    size_t size = sizeof want - 1;

    (void)state;
    assert_true(open_manager(&m, "127.0.0.1", "127.0.0.1", 0));
    assert_int_equal(nsm_open(&n, m.url, "deadwax", "./a wax", &hand, 0, NULL), OK);
    assert_int_equal(hear(&m, got, PATIENCE_MS), size + 4);
    assert_memory_equal(got, want, size);
    assert_memory_equal(got + size, &pid, 4);
    assert_quiet(&m);
    leave(n, &m);
}

static void
what_is_to_be_opened_is_opened_before_it_is_answered(void **state)
{
    struct manager m;
    struct hand h = {0};
    struct nsm *n = settle(&m, &h);

    (void)state;
    assert_int_equal(h.opens, 1);
    assert_string_equal(h.path, "/home/s/x/deadwax.nABCD");
    assert_string_equal(h.display, "x");
    assert_string_equal(h.id, "deadwax.nABCD");
    assert_int_equal(h.saves, 0);
    assert_false(nsm_waits(n));
    assert_quiet(&m);
    leave(n, &m);
}

static void
something_to_open_is_welcome_enough(void **state)
{
    struct manager m;
    struct hand h = {0};
    struct nsm *n;

    (void)state;
    assert_true(open_manager(&m, "127.0.0.1", "127.0.0.1", 0));
    n = join(&m, &h);
    say_open(&m);
    receive(n);
    assert_int_equal(nsm_state(n), NSM_OPEN);
    assert_int_equal(h.opens, 1);
    say_welcome(&m); /* late: nothing is waited for again */
    receive(n);
    assert_int_equal(nsm_state(n), NSM_OPEN);
    leave(n, &m);
}

static void
what_is_open_is_not_opened_again(void **state)
{
    struct manager m;
    struct hand h = {0};
    struct nsm *n = settle(&m, &h);

    (void)state;
    say_open(&m);
    receive(n);
    assert_hears(&m, "/reply", ",ss", "/nsm/client/open", "open already");
    say(&m, "/nsm/client/open", ",sss", "/home/s/y/deadwax.nABCD", "y", "deadwax.nABCD");
    receive(n);
    assert_hears_too_late(&m);
    assert_int_equal(h.opens, 1);
    assert_int_equal(nsm_state(n), NSM_OPEN);
    leave(n, &m);
}

static void
an_open_that_fails_says_why_and_may_be_tried_again(void **state)
{
    struct manager m;
    struct hand h = {.code = NSM_BAD_PROJECT, .text = "state.json:3: no number"};
    struct nsm *n;

    (void)state;
    assert_true(open_manager(&m, "127.0.0.1", "127.0.0.1", 0));
    n = join(&m, &h);
    say_welcome(&m);
    say_open(&m);
    while (h.opens == 0)
        receive(n);
    assert_hears(&m, "/nsm/client/progress", ",f", 0.0);
    assert_hears(&m, "/error", ",sis", "/nsm/client/open", -9, "state.json:3: no number");
    assert_int_equal(nsm_state(n), NSM_JOINED);
    h.code = NSM_DONE;
    say_open(&m);
    receive(n);
    assert_int_equal(nsm_state(n), NSM_OPEN);
    leave(n, &m);
}

static void
an_open_that_is_none_is_refused(void **state)
{
    static const char what[] = "/nsm/client/open";
    struct manager m;
    struct hand h = {0};
    struct nsm *n;

    (void)state;
    assert_true(open_manager(&m, "127.0.0.1", "127.0.0.1", 0));
    n = join(&m, &h);
    say(&m, what, ",");
    say(&m, what, ",ss", "/a", "x");
    say(&m, what, ",ssi", "/a", "x", 1);
    say(&m, what, ",sss", "a/b", "x", "id"); /* not absolute */
    say(&m, what, ",sss", "/a", "x", "");    /* nobody */
    say(&m, what, ",sss", "/a", "x",         /* 64 bytes: JACK would cut it */
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    receive(n);
    for (int i = 0; i < 6; i++)
        assert_hears(&m, "/error", ",sis", what, -1,
                     "it takes an absolute path, a display name and a client id of 1 to 63 bytes");
    assert_int_equal(h.opens, 0);
    assert_true(nsm_waits(n));
    leave(n, &m);
}

static void
each_save_is_answered_and_none_before_something_is_open(void **state)
{
    static const char save[] = "/nsm/client/save";
    struct manager m, early;
    struct hand h = {0};
    struct nsm *n;

    (void)state;
    assert_true(open_manager(&early, "127.0.0.1", "127.0.0.1", 0));
    n = join(&early, &h);
    say(&early, save, ",");
    receive(n);
    assert_hears(&early, "/error", ",sis", save, -8, "nothing is open");
    assert_int_equal(h.saves, 0);
    leave(n, &early);

    n = settle(&m, &h);
    for (int i = 1; i <= 3; i++) {
        say(&m, save, ",");
        receive(n);
        assert_int_equal(h.saves, i);
        assert_hears(&m, "/reply", ",ss", "/nsm/client/save", "saved");
    }
    h.code = NSM_GENERAL;
    h.text = "the disk is full";
    say(&m, save, ",");
    receive(n);
    assert_hears(&m, "/error", ",sis", save, -1, "the disk is full");
    leave(n, &m);
}

static void
dirt_is_told_when_it_comes_and_goes(void **state)
{
    struct manager m;
    struct hand h = {0};
    struct nsm *n = settle(&m, &h);

    (void)state;
    nsm_dirty(n, false); /* as it was */
    nsm_dirty(n, true);
    nsm_dirty(n, true);
    nsm_dirty(n, false);
    nsm_dirty(n, false);
    nsm_dirty(n, true);
    assert_hears(&m, "/nsm/client/is_dirty", ",");
    assert_hears(&m, "/nsm/client/is_clean", ",");
    assert_hears(&m, "/nsm/client/is_dirty", ",");
    assert_quiet(&m);
    leave(n, &m);
}

static void
messages_have_a_priority_that_there_is(void **state)
{
    struct manager m;
    struct hand h = {0};
    struct nsm *n = settle(&m, &h);

    (void)state;
    nsm_message(n, 2, "xrun");
    nsm_message(n, 7, "fire");
    nsm_message(n, -1, "so");
    assert_hears(&m, "/nsm/client/message", ",is", 2, "xrun");
    assert_hears(&m, "/nsm/client/message", ",is", 3, "fire");
    assert_hears(&m, "/nsm/client/message", ",is", 0, "so");
    leave(n, &m);
}

static void
nothing_is_told_before_something_is_open(void **state)
{
    struct manager m;
    struct hand h = {0};
    struct nsm *n;

    (void)state;
    assert_true(open_manager(&m, "127.0.0.1", "127.0.0.1", 0));
    n = join(&m, &h);
    nsm_dirty(n, true);
    nsm_message(n, 1, "x");
    say_welcome(&m);
    receive(n);
    nsm_dirty(n, true);
    assert_quiet(&m);
    leave(n, &m);
}

static void
who_gets_no_answer_is_alone(void **state)
{
    struct manager m;
    struct hand h = {0};
    struct nsm *n;

    (void)state;
    assert_true(open_manager(&m, "127.0.0.1", "127.0.0.1", 0));
    n = join(&m, &h);
    nsm_tick(n, NSM_REPLY_S * S - 1);
    assert_true(nsm_waits(n));
    assert_string_equal(nsm_news(n), "");
    nsm_tick(n, NSM_REPLY_S * S);
    assert_int_equal(nsm_state(n), NSM_ALONE);
    assert_string_equal(nsm_news(n), "the session manager does not answer: running without a session");
    assert_string_equal(nsm_news(n), "");
    say_welcome(&m);
    say_open(&m);
    receive(n);
    assert_hears_too_late(&m);
    assert_int_equal(h.opens, 0);
    leave(n, &m);
}

static void
who_is_welcome_and_hears_no_more_is_alone_too(void **state)
{
    struct manager m;
    struct hand h = {0};
    struct nsm *n;

    (void)state;
    assert_true(open_manager(&m, "127.0.0.1", "127.0.0.1", 0));
    n = join(&m, &h);
    nsm_tick(n, 4 * S);
    say_welcome(&m);
    receive(n);
    assert_int_equal(nsm_state(n), NSM_JOINED);
    nsm_news(n);
    nsm_tick(n, (4 + NSM_OPEN_S) * S - 1);
    assert_true(nsm_waits(n));
    nsm_tick(n, (4 + NSM_OPEN_S) * S);
    assert_int_equal(nsm_state(n), NSM_ALONE);
    assert_string_equal(nsm_news(n),
                        "the session manager has nothing for us to open: running without a session");
    leave(n, &m);
}

static void
a_refusal_is_told_as_it_was_said(void **state)
{
    struct manager m;
    struct hand h = {0};
    struct nsm *n;

    (void)state;
    assert_true(open_manager(&m, "127.0.0.1", "127.0.0.1", 0));
    n = join(&m, &h);
    say(&m, "/error", ",sis", "/nsm/server/announce", -6, "no session\x1b is open");
    receive(n);
    assert_int_equal(nsm_state(n), NSM_ALONE);
    assert_string_equal(nsm_news(n), /* and nothing that moves a terminal */
                        "the session manager says: no session? is open: running without a session");
    leave(n, &m);
}

static void
replies_to_anything_else_are_nothing(void **state)
{
    struct manager m;
    struct hand h = {0};
    struct nsm *n;

    (void)state;
    assert_true(open_manager(&m, "127.0.0.1", "127.0.0.1", 0));
    n = join(&m, &h);
    say(&m, "/reply", ",ss", "/nsm/server/list", "x");
    say(&m, "/error", ",sis", "/nsm/server/list", -1, "x");
    say(&m, "/reply", ",i", 1);
    say(&m, "/reply", ",");
    receive(n);
    assert_int_equal(nsm_state(n), NSM_ASKED);
    leave(n, &m);
}

static void
garbage_and_what_is_not_for_us_changes_nothing(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } junk[] = {
        {TEXT("/")},
        {TEXT("/nsm/client/open\0\0\0\0,sss\0\0\0\0/a\0\0x\0\0\0")}, /* an argument is missing */
        {TEXT("/nsm/client/save")},                                  /* no end */
        {TEXT("/nsm/client/sav?\0\0\0\0,\0\0\0")},                   /* no pattern of ours */
        {TEXT("/nsm/client/session_is_loaded\0\0\0,\0\0\0")},
        {TEXT("/nsm/client/show_optional_gui\0\0\0,\0\0\0")},
        {TEXT("/nsm/client/hide_optional_gui\0\0\0,\0\0\0")},
        {TEXT("#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x40")},
    };
    struct manager m;
    struct hand h = {0};
    struct nsm *n = settle(&m, &h);

    (void)state;
    for (size_t i = 0; i < LEN(junk); i++) {
        say_bytes(&m, junk[i].bytes, junk[i].size);
        receive(n);
    }
    assert_int_equal(h.opens, 1);
    assert_int_equal(h.saves, 0);
    assert_quiet(&m);
    say_bytes(&m, TEXT("#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x18/nsm/client/save\0\0\0\0,\0\0\0"));
    receive(n);
    assert_int_equal(h.saves, 1);
    leave(n, &m);
}

static void
nobody_but_the_manager_is_heard(void **state)
{
    static const char save[] = "/nsm/client/save";
    struct manager m, other;
    struct hand h = {0};
    struct nsm *n = settle(&m, &h);

    (void)state;
    assert_true(open_manager(&other, "127.0.0.1", "127.0.0.1", 0));
    other.client = m.client;
    other.client_size = m.client_size;
    say(&other, save, ",");
    receive(n);
    assert_int_equal(h.saves, 0);
    assert_quiet(&other);
    assert_quiet(&m);
    close(other.fd);
    leave(n, &m);
}

static void
an_answer_may_come_from_another_loopback_address(void **state)
{
    struct manager m;
    struct hand h = {0};
    struct nsm *n;

    (void)state;
    assert_true(open_manager(&m, "0.0.0.0", "127.0.1.1", 0)); /* as Debian names a host */
    n = join(&m, &h);
    say_welcome(&m); /* from 127.0.0.1 */
    receive(n);
    assert_int_equal(nsm_state(n), NSM_JOINED);
    leave(n, &m);
}

static void
a_manager_that_vanishes_is_told_of_once_and_may_come_back(void **state)
{
    struct manager m;
    struct hand h = {0};
    struct nsm *n = settle(&m, &h);
    int port = port_of(&m);
    struct sockaddr_storage client = m.client;
    socklen_t size = m.client_size;

    (void)state;
    close(m.fd);
    for (int i = 0; i < 6; i++)
        nsm_dirty(n, i % 2 == 0);
    nsm_receive(n);
    assert_string_equal(nsm_news(n), "the session manager has gone: running on without it");
    assert_int_equal(nsm_state(n), NSM_OPEN);
    nsm_receive(n);
    assert_string_equal(nsm_news(n), "");
    assert_true(open_manager(&m, "127.0.0.1", "127.0.0.1", port));
    m.client = client;
    m.client_size = size;
    say(&m, "/nsm/client/save", ",");
    receive(n);
    assert_int_equal(h.saves, 1);
    assert_hears(&m, "/reply", ",ss", "/nsm/client/save", "saved");
    leave(n, &m);
}

static void
a_socket_with_errors_does_not_stay_readable(void **state)
{
    struct manager m;
    struct hand h = {0};
    struct nsm *n = settle(&m, &h);
    struct pollfd p = {nsm_fd(n), POLLIN, 0};

    (void)state;
    close(m.fd);
    nsm_dirty(n, true);
    assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
    nsm_receive(n);
    assert_int_equal(poll(&p, 1, 0), 0);
    nsm_close(n);
}

static void
nobody_there_is_known_at_once(void **state)
{
    const struct nsm_hand hand = {on_open, on_save, NULL};
    struct manager m;
    struct nsm *n;
    struct err e = {""};
    char want[200];

    (void)state;
    assert_true(open_manager(&m, "127.0.0.1", "127.0.0.1", 0));
    close(m.fd);
    assert_int_equal(nsm_open(&n, m.url, "deadwax", "deadwax", &hand, 0, &e), UNAVAILABLE);
    assert_null(n);
    snprintf(want, sizeof want, "no session manager at %s", m.url);
    assert_string_equal(e.text, want);
}

/* Does this machine's "localhost" mean ::1 as well? */
static bool
names_ipv6_loopback(void)
{
    const struct addrinfo hints = {.ai_family = AF_INET6, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    bool is = getaddrinfo("localhost", NULL, &hints, &found) == 0;

    if (found)
        freeaddrinfo(found);
    return is;
}

static void
names_and_both_families_are_found(void **state)
{
    static const struct {
        const char *at, *host;
    } there[] = {
        {"127.0.0.1", "localhost"}, {"::1", "[::1]"},           {"::1", "::1"},
        {"::1", "localhost"},       {"127.0.0.1", "127.0.0.1"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(there); i++) {
        struct hand h = {0};
        struct manager m;
        struct nsm *n;

        if (!open_manager(&m, there[i].at, there[i].host, 0)) {
            print_message("# %s: this machine has none\n", there[i].at);
            close(m.fd);
            continue;
        }
        if (strcmp(there[i].at, "::1") == 0 && strcmp(there[i].host, "localhost") == 0 &&
            !names_ipv6_loopback()) {
            print_message("# localhost is IPv4 alone here\n");
            close(m.fd);
            continue;
        }
        n = join(&m, &h);
        say_welcome(&m);
        receive(n);
        assert_int_equal(nsm_state(n), NSM_JOINED);
        assert_quiet(&m); /* announced once */
        leave(n, &m);
    }
}

static void
an_address_that_is_none_is_wrong_use(void **state)
{
    static const char *const wrong[] = {
        "",
        "host:1",
        "osc.tcp://127.0.0.1:14000/",
        "osc.udp://",
        "osc.udp:///",
        "osc.udp://127.0.0.1",
        "osc.udp://127.0.0.1/",
        "osc.udp://127.0.0.1:/",
        "osc.udp://127.0.0.1:0/",
        "osc.udp://127.0.0.1:65536/",
        "osc.udp://127.0.0.1:1x/",
        "osc.udp://127.0.0.1: 1/",
        "osc.udp://127.0.0.1:-1/",
        "osc.udp://127.0.0.1:4294967297/",
        "osc.udp://:14000/",
        "osc.udp://[]:14000/",
        "osc.udp://[::1:14000/",
    };
    const struct nsm_hand hand = {on_open, on_save, NULL};

    (void)state;
    for (size_t i = 0; i < LEN(wrong); i++) {
        struct err e = {""};
        struct nsm *n;

        if (nsm_open(&n, wrong[i], "deadwax", "deadwax", &hand, 0, &e) != BAD_ARG)
            fail_msg("%s is taken", wrong[i]);
        assert_null(n);
        assert_memory_equal(e.text, "NSM_URL: ", 9);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_announcement_is_as_the_interface_asks_for_it),
        cmocka_unit_test(what_is_to_be_opened_is_opened_before_it_is_answered),
        cmocka_unit_test(something_to_open_is_welcome_enough),
        cmocka_unit_test(what_is_open_is_not_opened_again),
        cmocka_unit_test(an_open_that_fails_says_why_and_may_be_tried_again),
        cmocka_unit_test(an_open_that_is_none_is_refused),
        cmocka_unit_test(each_save_is_answered_and_none_before_something_is_open),
        cmocka_unit_test(dirt_is_told_when_it_comes_and_goes),
        cmocka_unit_test(messages_have_a_priority_that_there_is),
        cmocka_unit_test(nothing_is_told_before_something_is_open),
        cmocka_unit_test(who_gets_no_answer_is_alone),
        cmocka_unit_test(who_is_welcome_and_hears_no_more_is_alone_too),
        cmocka_unit_test(a_refusal_is_told_as_it_was_said),
        cmocka_unit_test(replies_to_anything_else_are_nothing),
        cmocka_unit_test(garbage_and_what_is_not_for_us_changes_nothing),
        cmocka_unit_test(nobody_but_the_manager_is_heard),
        cmocka_unit_test(an_answer_may_come_from_another_loopback_address),
        cmocka_unit_test(a_manager_that_vanishes_is_told_of_once_and_may_come_back),
        cmocka_unit_test(a_socket_with_errors_does_not_stay_readable),
        cmocka_unit_test(nobody_there_is_known_at_once),
        cmocka_unit_test(names_and_both_families_are_found),
        cmocka_unit_test(an_address_that_is_none_is_wrong_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
