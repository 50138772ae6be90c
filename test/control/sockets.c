/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/sockets.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* Who takes what comes: remembers it. */
struct taken {
    struct address from[8], gone[8];
    int packets, ngone;
};

static int64_t
take_packet(void *context, const struct address *from, const void *data, size_t size)
{
    struct taken *t = context;

    (void)data, (void)size;
    assert_true(t->packets < 8);
    t->from[t->packets++] = *from;
    return 0;
}

static void
take_spoiled(void *context)
{
    (void)context;
}

static void
take_gone(void *context, const struct address *who)
{
    struct taken *t = context;

    if (t->ngone < 8)
        t->gone[t->ngone] = *who;
    t->ngone++;
}

static struct sockets *
open_at(struct taken *t, const char *listen)
{
    struct sockets_hand hand = {take_packet, take_spoiled, take_gone, NULL, t};
    struct sockets *s;
    struct err e;

    memset(t, 0, sizeof *t);
    assert_int_equal(sockets_open(&s, &hand, listen, 0, &e), OK);
    return s;
}

static struct sockets *
open_sockets(struct taken *t)
{
    return open_at(t, NULL);
}

/* A UDP peer that has sent a packet; -1: this machine has no such family. */
static int
peer_of(struct sockets *s, int family)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
                               .sin6_port = htons((uint16_t)sockets_port(s)),
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)sockets_port(s)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool six = family == AF_INET6;
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    if (fd < 0 || connect(fd, six ? (void *)&in6 : (void *)&in, six ? sizeof in6 : sizeof in) != 0) {
        close(fd);
        return -1;
    }
    assert_int_equal(send(fd, "/x\0\0,\0\0\0", 8, 0), 8);
    sockets_receive(s);
    return fd;
}

static void
a_port_that_nobody_listens_at_is_gone(void **state)
{
    static const int families[] = {AF_INET, AF_INET6};

    (void)state;
    for (size_t i = 0; i < LEN(families); i++) {
        struct taken t;
        struct sockets *s = open_sockets(&t);
        int fd = peer_of(s, families[i]);
        char data[16];

        if (fd >= 0) {
            assert_int_equal(t.packets, 1);
            assert_int_equal(sockets_send(s, &t.from[0], "there", 5), CARRIED);
            sockets_receive(s);
            assert_int_equal(recv(fd, data, sizeof data, 0), 5);
            assert_int_equal(t.ngone, 0);
            close(fd);
            assert_int_equal(sockets_send(s, &t.from[0], "gone", 4), CARRIED);
            sockets_receive(s);
            assert_int_equal(t.ngone, 1);
            assert_true(address_same(&t.gone[0], &t.from[0]));
            sockets_receive(s); /* told once */
            assert_int_equal(t.ngone, 1);
        } else {
            assert_int_equal(families[i], AF_INET6);
        }
        sockets_close(s);
    }
}

/* The system tells an error of one datagram to whoever sends the next. */
static void
one_that_is_gone_costs_the_others_nothing(void **state)
{
    struct taken t;
    struct sockets *s = open_sockets(&t);
    int gone = peer_of(s, AF_INET), there = peer_of(s, AF_INET);
    char data[16];

    (void)state;
    close(gone);
    for (int i = 0; i < 20; i++) {
        sockets_send(s, &t.from[0], "gone", 4);
        assert_int_equal(sockets_send(s, &t.from[1], "there", 5), CARRIED);
        assert_int_equal(recv(there, data, sizeof data, 0), 5);
        if (i % 5 == 4) {
            t.ngone = 0;
            sockets_receive(s);
            assert_in_range(t.ngone, 1, 5);
        }
    }
    close(there);
    sockets_close(s);
}

static void
many_errors_are_all_taken_in_the_end(void **state)
{
    struct taken t;
    struct sockets *s = open_sockets(&t);
    int gone = peer_of(s, AF_INET), there;

    (void)state;
    close(gone);
    for (int i = 0; i < 500; i++)
        sockets_send(s, &t.from[0], "gone", 4);
    for (int i = 0; i < 20; i++)
        sockets_receive(s);
    assert_true(t.ngone > 0);
    t.ngone = 0;
    sockets_receive(s);
    assert_int_equal(t.ngone, 0);
    there = peer_of(s, AF_INET);
    assert_int_equal(t.packets, 2); /* it still hears */
    close(there);
    sockets_close(s);
}

/* Every 127.x.y.z is this machine's. A connected socket takes nothing from another address than it asked. */
static void
the_address_that_was_asked_answers(void **state)
{
    static const char *const places[] = {"0.0.0.0", "::"}, *const asked[] = {"127.0.0.5", "127.0.0.1"};

    (void)state;
    for (size_t i = 0; i < LEN(places); i++)
        for (size_t k = 0; k < LEN(asked); k++) {
            struct taken t;
            struct sockets *s = open_at(&t, places[i]);
            struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)sockets_port(s))};
            int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
            char data[16];

            assert_int_equal(inet_pton(AF_INET, asked[k], &at.sin_addr), 1);
            assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
            assert_int_equal(send(fd, "/x\0\0,\0\0\0", 8, 0), 8);
            sockets_receive(s);
            assert_int_equal(t.packets, 1);
            for (int n = 0; n < 2; n++) {
                assert_int_equal(sockets_send(s, &t.from[0], "there", 5), CARRIED);
                if (recv(fd, data, sizeof data, 0) != 5)
                    fail_msg("at %s: no answer from %s", places[i], asked[k]);
            }
            close(fd);
            sockets_close(s);
        }
}

/* An address may go while who asked it is told things still. */
static void
without_the_address_that_was_asked_another_answers(void **state)
{
    struct taken t;
    struct sockets *s = open_at(&t, "0.0.0.0");
    int fd = peer_of(s, AF_INET);
    char data[16];

    (void)state;
    assert_int_equal(inet_pton(AF_INET6, "::ffff:192.0.2.99", &t.from[0].own), 1);
    assert_int_equal(sockets_send(s, &t.from[0], "there", 5), CARRIED);
    assert_int_equal(recv(fd, data, sizeof data, 0), 5);
    close(fd);
    sockets_close(s);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_that_nobody_listens_at_is_gone),
        cmocka_unit_test(one_that_is_gone_costs_the_others_nothing),
        cmocka_unit_test(the_address_that_was_asked_answers),
        cmocka_unit_test(without_the_address_that_was_asked_another_answers),
        cmocka_unit_test(many_errors_are_all_taken_in_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
