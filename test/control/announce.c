/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/announce.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static void
assert_service(const struct announce_service *s, const char *type, int port, const char *txt)
{
    char all[200] = "";

    for (int i = 0; s->txt[i]; i++) {
        strcat(all, all[0] ? " " : "");
        strcat(all, s->txt[i]);
    }
    assert_string_equal(s->type, type);
    assert_int_equal(s->port, port);
    assert_string_equal(all, txt);
}

static void
what_is_open_is_announced_and_nothing_else(void **state)
{
    static const char osc[] = "txtvers=1 version=1.0 types=ifhdsSTFNI";
    struct announce_service s[ANNOUNCE_SERVICES];
    struct announce_what w = {.osc_port = 9000};

    (void)state;
    assert_int_equal(announce_services(&w, s), 1);
    assert_service(&s[0], "_osc._udp", 9000, osc);
    w.osc_tcp = true;
    assert_int_equal(announce_services(&w, s), 2);
    assert_service(&s[1], "_osc._tcp", 9000, "txtvers=1 version=1.0 types=ifhdsSTFNI framing=slip");
    w.http_port = 9001;
    assert_int_equal(announce_services(&w, s), 4);
    assert_service(&s[2], "_oscjson._tcp", 9001, "txtvers=1");
    assert_service(&s[3], "_http._tcp", 9001, "path=/");
    w.osc_tcp = false;
    assert_int_equal(announce_services(&w, s), 3);
    assert_service(&s[0], "_osc._udp", 9000, osc);
    assert_service(&s[1], "_oscjson._tcp", 9001, "txtvers=1");
}

static void
names_say_the_host_and_fit_a_label(void **state)
{
    char name[ANNOUNCE_NAME_SIZE], host[400];

    (void)state;
    announce_name("studio", name);
    assert_string_equal(name, "Deadwax on studio");
    announce_name("", name);
    assert_string_equal(name, "Deadwax on ");

    memset(host, 'x', sizeof host);
    host[52] = '\0'; /* 11 + 52 = 63 bytes */
    announce_name(host, name);
    assert_int_equal(strlen(name), 63);
    host[52] = 'x';
    host[sizeof host - 1] = '\0';
    announce_name(host, name);
    assert_int_equal(strlen(name), 63);
}

static void
no_character_is_cut_in_two(void **state)
{
    char name[ANNOUNCE_NAME_SIZE], host[100];

    (void)state;
    for (int lead = 0; lead < 4; lead++) { /* the last characters of 4 bytes begin at each place there is */
        size_t n = (size_t)lead;

        memset(host, 'x', sizeof host);
        for (; n + 4 < sizeof host; n += 4)
            memcpy(host + n, "\xf0\x9f\x8e\xa7", 4);
        host[n] = '\0';
        announce_name(host, name);
        assert_int_equal((strlen(name) - 11 - (size_t)lead) % 4, 0);
        assert_in_range(strlen(name), 60, 63);
    }
    memset(host, 'x', 50);
    snprintf(host + 50, sizeof host - 50, "\xc3\xa4"); /* its last byte is the label's last */
    announce_name(host, name);
    assert_int_equal(strlen(name), 63);
}

static void
loopback_is_told_to_nobody(void **state)
{
    static const char *const inside[] = {"127.0.0.1", "127.0.1.1", "::1", "::ffff:127.0.0.1"};
    struct announce_reach r;
    struct announce *a = (struct announce *)&r;

    (void)state;
    assert_false(announce_reach(NULL, &r));
    for (size_t i = 0; i < LEN(inside); i++)
        assert_false(announce_reach(inside[i], &r));
    assert_int_equal(announce_open(&a, &(struct announce_what){.osc_port = 9000}), UNAVAILABLE);
    assert_null(a);
    announce_close(a);
}

static void
any_address_is_told_everywhere_in_its_families(void **state)
{
    struct announce_reach r;

    (void)state;
    assert_true(announce_reach("0.0.0.0", &r));
    assert_int_equal(r.interface, 0);
    assert_int_equal(r.family, AF_INET);
    assert_true(announce_reach("::", &r));
    assert_int_equal(r.interface, 0);
    assert_int_equal(r.family, AF_UNSPEC);
}

static void
one_address_is_told_on_its_interface(void **state)
{
    struct announce_reach r;
    struct ifaddrs *all = NULL;
    int tried = 0;

    (void)state;
    assert_int_equal(getifaddrs(&all), 0);
    for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
        char host[INET_ADDRSTRLEN];

        if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || (i->ifa_flags & IFF_LOOPBACK))
            continue;
        inet_ntop(AF_INET, &((struct sockaddr_in *)i->ifa_addr)->sin_addr, host, sizeof host);
        assert_true(announce_reach(host, &r));
        assert_int_equal(r.family, AF_INET);
        assert_int_not_equal(r.interface, 0);
        tried++;
    }
    freeifaddrs(all);
    if (!tried)
        print_message("# this machine has loopback alone\n");
    assert_false(announce_reach("198.51.100.7", &r)); /* for books: nobody has it */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_open_is_announced_and_nothing_else),
        cmocka_unit_test(names_say_the_host_and_fit_a_label),
        cmocka_unit_test(no_character_is_cut_in_two),
        cmocka_unit_test(loopback_is_told_to_nobody),
        cmocka_unit_test(any_address_is_told_everywhere_in_its_families),
        cmocka_unit_test(one_address_is_told_on_its_interface),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
