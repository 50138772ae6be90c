/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/carrier.h"

#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct address
address(const char *host, int port)
{
    struct address a = {.size = 0};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};

    if (strchr(host, ':')) {
        assert_int_equal(inet_pton(AF_INET6, host, &in6.sin6_addr), 1);
        memcpy(&a.at, &in6, sizeof in6);
        a.size = sizeof in6;
    } else {
        assert_int_equal(inet_pton(AF_INET, host, &in.sin_addr), 1);
        memcpy(&a.at, &in, sizeof in);
        a.size = sizeof in;
    }
    return a;
}

static void
the_same_is_the_same_port_connection_and_carrier(void **state)
{
    struct address a = address("192.0.2.7", 9000), b = a;

    (void)state;
    assert_true(address_same(&a, &b));
    b.place = 3; /* nobody's business */
    assert_true(address_same(&a, &b));
    b = address("192.0.2.7", 9001);
    assert_false(address_same(&a, &b));
    b = address("192.0.2.8", 9000);
    assert_false(address_same(&a, &b));
    b = a;
    b.connection = 1;
    assert_false(address_same(&a, &b));
    b = a;
    b.carrier = CARRIER_WEB;
    assert_false(address_same(&a, &b));
    b = address("::ffff:192.0.2.7", 9000); /* another socket, so another peer */
    assert_false(address_same(&a, &b));
}

static void
a_host_is_the_same_at_any_port_and_in_both_forms(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } pairs[] = {
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.8", false},
        {"192.0.2.7", "::ffff:192.0.2.7", true},
        {"192.0.2.7", "::ffff:192.0.2.8", false},
        {"192.0.2.7", "::192.0.2.7", false},
        {"2001:db8::7", "2001:db8::7", true},
        {"2001:db8::7", "2001:db8:1::7", false},
        {"::1", "127.0.0.1", false},
        {"::ffff:10.0.0.1", "::ffff:10.0.0.1", true},
    };

    (void)state;
    for (size_t i = 0; i < LEN(pairs); i++) {
        struct address a = address(pairs[i].a, 1), b = address(pairs[i].b, 2);

        a.connection = 7;
        a.carrier = CARRIER_WEB;
        if (address_same_host(&a, &b) != pairs[i].same || address_same_host(&b, &a) != pairs[i].same)
            fail_msg("%s and %s", pairs[i].a, pairs[i].b);
    }
}

static void
loopback_is_what_no_wire_carries(void **state)
{
    static const char *const inside[] = {"127.0.0.1", "127.0.1.1",        "127.255.255.254",
                                         "::1",       "::ffff:127.0.0.1", "::ffff:127.9.9.9"};
    static const char *const outside[] = {
        "126.255.255.255", "128.0.0.1",       "0.0.0.0", "192.0.2.127",     "::", "::2", "::127.0.0.1",
        "fe80::1",         "::ffff:10.0.0.1", "7f00::1", "::fffe:127.0.0.1"};

    (void)state;
    for (size_t i = 0; i < LEN(inside); i++) {
        struct address a = address(inside[i], 9000);

        if (!address_is_loopback(&a))
            fail_msg("%s is taken for the network", inside[i]);
    }
    for (size_t i = 0; i < LEN(outside); i++) {
        struct address a = address(outside[i], 9000);

        if (address_is_loopback(&a))
            fail_msg("%s is taken for this machine", outside[i]);
    }
}

static void
names_say_the_way_the_host_and_the_port(void **state)
{
    static const struct {
        const char *host;
        int port;
        uint64_t connection;
        int carrier;
        const char *name;
    } named[] = {
        {"127.0.0.1", 53211, 0, CARRIER_SOCKETS, "osc 127.0.0.1:53211"},
        {"::1", 53211, 9, CARRIER_SOCKETS, "osc tcp [::1]:53211"},
        {"192.0.2.7", 40112, 2, CARRIER_WEB, "web 192.0.2.7:40112"},
        {"::ffff:192.0.2.7", 1, 0, CARRIER_SOCKETS, "osc 192.0.2.7:1"},
        {"2001:db8:1111:2222:3333:4444:5555:6666", 65535, 1, CARRIER_SOCKETS,
         "osc tcp [2001:db8:1111:2222:3333:4444:5555:6666]:65535"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(named); i++) {
        struct address a = address(named[i].host, named[i].port);
        char name[ADDRESS_NAME_SIZE];

        a.connection = named[i].connection;
        a.carrier = named[i].carrier;
        address_name(&a, name);
        assert_string_equal(name, named[i].name);
    }
}

static void
hosts_are_named_in_their_own_form(void **state)
{
    static const struct {
        const char *host, *name;
    } named[] = {
        {"192.0.2.7", "192.0.2.7"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"::1", "::1"},
        {"2001:db8:0:0::7", "2001:db8::7"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(named); i++) {
        struct address a = address(named[i].host, 9000);
        char host[ADDRESS_NAME_SIZE];

        address_host(&a, host);
        assert_string_equal(host, named[i].name);
    }
}

static void
only_what_is_a_port_can_be_one(void **state)
{
    static const double none[] = {0.0, 0.99, -1.0, 65535.5, 65536.0, 1e300, -1e300, NAN, INFINITY};
    static const char *const hosts[] = {"192.0.2.7", "2001:db8::7"};

    (void)state;
    for (size_t h = 0; h < LEN(hosts); h++) {
        struct address a = address(hosts[h], 9000), want = address(hosts[h], 65535);
        struct address before = a;

        for (size_t i = 0; i < LEN(none); i++) {
            assert_false(address_set_port(&a, none[i]));
            assert_true(address_same(&a, &before));
        }
        assert_true(address_set_port(&a, 65535));
        assert_true(address_same(&a, &want));
        want = address(hosts[h], 1);
        assert_true(address_set_port(&a, 1));
        assert_true(address_same(&a, &want));
    }
}

static void
a_connection_keeps_its_port(void **state)
{
    struct address a = address("192.0.2.7", 9000), before;

    (void)state;
    a.connection = 4;
    before = a;
    assert_true(address_set_port(&a, 8000));
    assert_true(address_same(&a, &before));
    assert_false(address_set_port(&a, 0));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_is_the_same_port_connection_and_carrier),
        cmocka_unit_test(a_host_is_the_same_at_any_port_and_in_both_forms),
        cmocka_unit_test(loopback_is_what_no_wire_carries),
        cmocka_unit_test(names_say_the_way_the_host_and_the_port),
        cmocka_unit_test(hosts_are_named_in_their_own_form),
        cmocka_unit_test(only_what_is_a_port_can_be_one),
        cmocka_unit_test(a_connection_keeps_its_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
