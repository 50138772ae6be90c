/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The door from outside: packets with whatever address a test likes, and what is sent to each address.
 */
#include "control/osc.h"

#include "control/packet.h"
#include "control/pair.h"
#include "control/sockets.h"
#include "test/control/fake_engine.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MS    INT64_C(1000000)
#define START (1000 * MS)

enum { HOSTS = 4 };

struct heard {
    char host[ADDRESS_NAME_SIZE];
    size_t in, out; /* bytes that it sent, that it got */
    int packets;
    char last[128], values[8192]; /* paths of all that came, with spaces between */
};

struct room {
    struct engine *engine;
    struct door *door;
    struct osc *osc;
    int64_t now;
    struct heard heard[HOSTS];
};

static struct heard *
host_of(struct room *r, const char *host)
{
    for (int i = 0; i < HOSTS; i++)
        if (!r->heard[i].host[0] || strcmp(r->heard[i].host, host) == 0) {
            snprintf(r->heard[i].host, sizeof r->heard[i].host, "%s", host);
            return &r->heard[i];
        }
    fail_msg("more hosts than the room has");
    return NULL;
}

static void
note(void *context, const struct packet_message *m)
{
    struct heard *h = context;
    size_t n = strlen(h->values);

    snprintf(h->last, sizeof h->last, "%s%s%s", m->path, m->nargs > 0 && m->arg[0].text ? " " : "",
             m->nargs > 0 && m->arg[0].text ? m->arg[0].text : "");
    snprintf(h->values + n, sizeof h->values - n, "%s ", m->path);
}

static enum carried
carry(void *context, const struct address *to, const void *data, size_t size)
{
    char host[ADDRESS_NAME_SIZE];
    struct heard *h;

    address_host(to, host);
    h = host_of(context, host);
    h->out += size;
    h->packets++;
    assert_true(packet_read(data, size, note, h));
    return CARRIED;
}

static int
set_up(void **state)
{
    struct room *r = calloc(1, sizeof *r);
    struct carrier c = {carry, r};
    struct err e;

    assert_non_null(r);
    r->engine = fake_engine_open();
    assert_int_equal(door_open(&r->door, "", NULL, &e), OK);
    assert_int_equal(osc_open(&r->osc, r->engine, NULL, 0, &e), OK);
    osc_guard(r->osc, r->door);
    osc_carry(r->osc, CARRIER_SOCKETS, &c);
    r->now = START;
    osc_tick(r->osc, r->now);
    *state = r;
    return 0;
}

static int
tear_down(void **state)
{
    struct room *r = *state;

    osc_close(r->osc);
    door_close(r->door);
    fake_engine_close(r->engine);
    free(r);
    return 0;
}

static struct address
address(const char *host, int port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct address a = {.size = sizeof in};

    assert_int_equal(inet_pton(AF_INET, host, &in.sin_addr), 1);
    memcpy(&a.at, &in, sizeof in);
    return a;
}

static void
say_bytes(struct room *r, const char *host, const void *data, size_t size)
{
    struct address from = address(host, 5005);

    host_of(r, host)->in += size;
    osc_take(r->osc, &from, data, size);
}

static void
say(struct room *r, const char *host, const char *path, const struct packet_arg *arg, int nargs)
{
    struct packet_writer w;

    packet_message(&w);
    assert_true(packet_add(&w, path, arg, nargs));
    say_bytes(r, host, w.data, w.size);
}

static void
say_text(struct room *r, const char *host, const char *path, const char *text)
{
    say(r, host, path, &(struct packet_arg){.type = 's', .text = text}, 1);
}

static void
tick(struct room *r, int64_t ms)
{
    for (int64_t t = 0; t < ms; t += 10) {
        r->now += 10 * MS;
        osc_tick(r->osc, r->now);
    }
}

static void
pair(struct room *r, const char *host, const char *name)
{
    struct packet_arg arg[] = {{.type = 's', .text = name}, {.type = 's'}};
    struct err e;

    assert_int_equal(door_let(r->door, true, r->now, &e), OK);
    arg[1].text = door_code(r->door, r->now);
    say(r, host, "/pair", arg, 2);
}

/* --- strangers ------------------------------------------------------------------------------------ */

/* Each way in, and each way to make us talk. */
static void
a_stranger_sets_nothing_and_is_told_nothing(void **state)
{
    static const char *const questions[] = {"/eq/1/gain",         "/dump",     "/subscribe",   "/ping",
                                            "/eq/*/gain",         "/nonsense", "/unsubscribe", "/pair",
                                            "/pair/open",         "/unpair",   "/error",       "/pong",
                                            "/control/pair/open", "/paired",   "/pair/code"};
    struct room *r = *state;
    struct packet_writer w;
    struct heard *h = host_of(r, "192.0.2.66");

    for (size_t i = 0; i < LEN(questions); i++, r->now += 1000 * MS) {
        osc_tick(r->osc, r->now);
        say(r, "192.0.2.66", questions[i], NULL, 0);
        say_text(r, "192.0.2.66", questions[i], "/");
        say(r, "192.0.2.66", questions[i], &(struct packet_arg){.type = 'f', .number = 1}, 1);
        packet_bundle(&w, PACKET_NOW);
        assert_true(packet_add(&w, questions[i], &(struct packet_arg){.type = 'i', .number = 1}, 1));
        say_bytes(r, "192.0.2.66", w.data, w.size);
        say_bytes(r, "192.0.2.66", "/eq/1/gain\0\0,?\0\0",
                  16); /* a type that nobody knows: loopback gets /error */
        tick(r, 100);
    }
    assert_int_equal(r->engine->nsets, 0);
    assert_int_equal(osc_clients(r->osc), 0);
    assert_int_equal(osc_counts(r->osc)->packets, 0);
    assert_string_equal(door_code(r->door, r->now), "");
    /* "/pair s /" is a try; and is refused in as many bytes. */
    assert_int_equal(h->packets, 1);
    assert_string_equal(h->last, "/refused");
    assert_int_equal(door_counts(r->door)->strangers, 5 * LEN(questions));
    assert_int_equal(door_counts(r->door)->closed, 1);
}

/* While pairing is open, strangers are strangers still. */
static void
an_open_door_is_open_for_the_code_alone(void **state)
{
    struct room *r = *state;
    struct err e;
    struct packet_writer w;

    assert_int_equal(door_let(r->door, true, r->now, &e), OK);
    say(r, "192.0.2.66", "/eq/1/gain", &(struct packet_arg){.type = 'f', .number = 3}, 1);
    say(r, "192.0.2.66", "/dump", NULL, 0);
    packet_bundle(&w, PACKET_NOW); /* the right code, but not as it must come */
    assert_true(
        packet_add(&w, "/pair", &(struct packet_arg){.type = 's', .text = door_code(r->door, r->now)}, 1));
    say_bytes(r, "192.0.2.66", w.data, w.size);
    tick(r, 500);
    assert_int_equal(r->engine->nsets, 0);
    assert_int_equal(host_of(r, "192.0.2.66")->out, 0);
    assert_true(door_code(r->door, r->now)[0]);
}

static void
a_large_packet_of_a_stranger_is_not_read(void **state)
{
    struct room *r = *state;
    char data[PAIR_MOST + 4] = "/pair\0\0\0,s\0\0";
    struct err e;

    assert_int_equal(door_let(r->door, true, r->now, &e), OK);
    snprintf(data + 12, 16, "%s", door_code(r->door, r->now));
    say_bytes(r, "192.0.2.66", data, sizeof data);
    assert_int_equal(door_counts(r->door)->oversized, 1);
    assert_int_equal(host_of(r, "192.0.2.66")->out, 0);
    assert_true(door_code(r->door, r->now)[0]);
}

/* --- who is paired -------------------------------------------------------------------------------- */

static void
a_paired_host_moves_by_its_name(void **state)
{
    struct room *r = *state;
    struct packet_arg three = {.type = 'f', .number = 3};

    pair(r, "192.0.2.7", "tablet");
    assert_string_equal(host_of(r, "192.0.2.7")->last, "/paired tablet");
    say(r, "192.0.2.7", "/eq/1/gain", &three, 1);
    assert_int_equal(r->engine->nsets, 1);
    assert_string_equal(fake_engine_set(r->engine, 0)->by, "tablet");
    say(r, "127.0.0.1", "/eq/2/gain", &three, 1);
    assert_string_equal(fake_engine_set(r->engine, 1)->by, "osc 127.0.0.1:5005");
    say(r, "192.0.2.8", "/eq/3/gain", &three, 1);
    assert_int_equal(r->engine->nsets, 2);
    say(r, "192.0.2.7", "/ping", NULL, 0);
    assert_string_equal(host_of(r, "192.0.2.7")->last, "/pong deadwax");
    say_text(r, "192.0.2.7", "/pair", "11112222"); /* again: harmless */
    assert_string_equal(host_of(r, "192.0.2.7")->last, "/paired tablet");
    say_text(r, "127.0.0.1", "/pair", "11112222");
    assert_string_equal(host_of(r, "127.0.0.1")->last, "/paired ");
}

/* The code shown on this machine is not to be had from any other, paired or not. */
static void
the_code_is_shown_here_alone(void **state)
{
    struct room *r = *state;

    pair(r, "192.0.2.7", "tablet");
    say(r, "192.0.2.7", "/pair/open", NULL, 0);
    assert_string_equal(host_of(r, "192.0.2.7")->last, "/error /pair/open");
    assert_string_equal(door_code(r->door, r->now), "");
    say(r, "127.0.0.1", "/pair/open", NULL, 0);
    assert_true(door_code(r->door, r->now)[0]);
    assert_string_equal(host_of(r, "127.0.0.1")->last + 11, door_code(r->door, r->now));
    for (int id = 0; id < params_count(); id++)
        assert_null(strstr(r->engine->text[id], door_code(r->door, r->now)));
}

/* Its next tick would have told it more. */
static void
a_revoked_host_hears_nothing_more(void **state)
{
    struct room *r = *state;
    struct heard *h = host_of(r, "192.0.2.7");
    struct err e;
    int packets;

    pair(r, "192.0.2.7", "tablet");
    say_text(r, "192.0.2.7", "/subscribe", "/eq");
    tick(r, 1000);
    assert_int_equal(osc_clients(r->osc), 1);
    fake_engine_move(r->engine, "/eq/1/gain", 5);
    assert_int_equal(door_revoke(r->door, "tablet", &e), OK);
    packets = h->packets;
    tick(r, 1000);
    say(r, "192.0.2.7", "/eq/1/gain", &(struct packet_arg){.type = 'f', .number = 1}, 1);
    say_text(r, "192.0.2.7", "/subscribe", "/eq");
    tick(r, 1000);
    assert_int_equal(h->packets, packets);
    assert_int_equal(osc_clients(r->osc), 0);
    assert_int_equal(r->engine->nsets, 0);
}

static void
a_paired_host_may_leave(void **state)
{
    struct room *r = *state;

    pair(r, "192.0.2.7", "tablet");
    say(r, "192.0.2.7", "/unpair", NULL, 0);
    assert_string_equal(host_of(r, "192.0.2.7")->last, "/unpaired");
    say(r, "192.0.2.7", "/eq/1/gain", &(struct packet_arg){.type = 'f', .number = 1}, 1);
    assert_int_equal(r->engine->nsets, 0);
    say(r, "127.0.0.1", "/unpair", NULL, 0);
    assert_string_equal(host_of(r, "127.0.0.1")->last, "/error /unpair");
}

/* A code is used up: what was overheard pairs nobody. */
/* In one packet too. */
static void
who_has_left_moves_nothing_more(void **state)
{
    struct packet_arg arg = {.type = 'f', .number = 3};
    struct room *r = *state;
    struct packet_writer w;
    struct heard *h = host_of(r, "192.0.2.7");

    pair(r, "192.0.2.7", "tablet");
    packet_bundle(&w, PACKET_NOW);
    assert_true(packet_add(&w, "/eq/1/gain", &arg, 1));
    assert_true(packet_add(&w, "/unpair", NULL, 0));
    assert_true(packet_add(&w, "/eq/2/gain", &arg, 1));
    assert_true(packet_add(&w, "/pair", NULL, 0));
    say_bytes(r, "192.0.2.7", w.data, w.size);
    tick(r, 500);
    assert_int_equal(r->engine->nsets, 1);
    assert_true(fake_engine_value(r->engine, "/eq/1/gain") == 3);
    assert_string_equal(h->last, "/unpaired");
}

static void
a_replayed_code_is_refused(void **state)
{
    struct room *r = *state;
    struct packet_arg arg[] = {{.type = 's', .text = "thief"}, {.type = 's'}};
    char code[DOOR_CODE_SIZE];
    struct err e;

    assert_int_equal(door_let(r->door, true, r->now, &e), OK);
    snprintf(code, sizeof code, "%s", door_code(r->door, r->now));
    arg[1].text = code;
    say(r, "192.0.2.7", "/pair", arg, 2);
    say(r, "192.0.2.66", "/pair", arg, 2);
    assert_string_equal(host_of(r, "192.0.2.7")->last, "/paired thief");
    assert_string_equal(host_of(r, "192.0.2.66")->last, "/refused closed");
    assert_int_equal(door_counts(r->door)->closed, 1);
}

/* 50,000 packets in a second from one stranger: what they do not cost is the paired host's. */
static void
a_flood_of_strangers_takes_nothing_from_who_is_paired(void **state)
{
    struct room *r = *state;

    pair(r, "192.0.2.7", "tablet");
    for (int i = 0; i < 50000; i++) {
        say_text(r, "192.0.2.66", "/pair", "11112222");
        if (i % 50 == 49) {
            say(r, "192.0.2.7", "/eq/1/gain", &(struct packet_arg){.type = 'f', .number = i % 10}, 1);
            r->now += MS;
            osc_tick(r->osc, r->now);
        }
    }
    assert_int_equal(r->engine->nsets, 1000);
    assert_true(host_of(r, "192.0.2.66")->packets <= 26);
    assert_true(host_of(r, "192.0.2.66")->out <= host_of(r, "192.0.2.66")->in);
    assert_in_range(door_counts(r->door)->floods, 49970, 49980);
}

/* --- counters ------------------------------------------------------------------------------------- */

/* To tell a counter counts, too. */
static void
counters_go_only_to_who_names_them(void **state)
{
    struct room *r = *state;

    say_text(r, "127.0.0.1", "/subscribe", "/");
    tick(r, 2000);
    assert_null(strstr(host_of(r, "127.0.0.1")->values, "/control/osc/sent"));
    assert_true(host_of(r, "127.0.0.1")->packets > 0);
    pair(r, "192.0.2.7", "tablet");
    say_text(r, "192.0.2.7", "/subscribe", "/control");
    tick(r, 500);
    assert_non_null(strstr(host_of(r, "192.0.2.7")->values, "/control/osc/sent"));
    assert_non_null(strstr(host_of(r, "192.0.2.7")->values, "/control/paired"));
}

/* --- connections ---------------------------------------------------------------------------------- */

/* Who is known is what the test says: by the number of its connection. */
struct gate {
    struct sockets *sockets;
    bool known;      /* what the next ones are, */
    uint64_t before; /* and those before this number: */
    bool known_before;
    int gone;
};

static bool
gate_knows(void *context, const struct address *who)
{
    const struct gate *g = context;

    return who->connection && who->connection <= g->before ? g->known_before : g->known;
}

static int64_t
gate_packet(void *context, const struct address *from, const void *data, size_t size)
{
    (void)context, (void)from, (void)data, (void)size;
    return 0;
}

static void
gate_spoiled(void *context)
{
    (void)context;
}

static void
gate_gone(void *context, const struct address *who)
{
    (void)who;
    ((struct gate *)context)->gone++;
}

static int
gate_up(void **state)
{
    struct gate *g = calloc(1, sizeof *g);
    struct sockets_hand hand = {gate_packet, gate_spoiled, gate_gone, gate_knows, g};
    struct err e;

    assert_non_null(g);
    assert_int_equal(sockets_open(&g->sockets, &hand, NULL, 0, &e), OK);
    assert_true(sockets_tcp(g->sockets));
    sockets_tick(g->sockets, START);
    *state = g;
    return 0;
}

static int
gate_down(void **state)
{
    struct gate *g = *state;

    sockets_close(g->sockets);
    free(g);
    return 0;
}

static int
join(struct gate *g)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)sockets_port(g->sockets)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    uint64_t before = sockets_counts(g->sockets)->connections + sockets_counts(g->sockets)->no_room;

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    while (sockets_counts(g->sockets)->connections + sockets_counts(g->sockets)->no_room == before)
        sockets_receive(g->sockets);
    return fd;
}

static bool
is_closed(int fd)
{
    char c;

    return recv(fd, &c, 1, MSG_DONTWAIT) == 0;
}

/* 32 strangers hold all places: each paired host finds one, and strangers none from it. */
static void
strangers_places_are_given_away_first(void **state)
{
    struct gate *g = *state;
    int stranger[SOCKETS_CONNECTIONS], paired[SOCKETS_CONNECTIONS], more;

    for (int i = 0; i < SOCKETS_CONNECTIONS; i++)
        stranger[i] = join(g);
    more = join(g); /* takes the place of the one that came first */
    assert_true(is_closed(stranger[0]));
    assert_false(is_closed(stranger[1]));
    g->known = true;
    g->before = SOCKETS_CONNECTIONS + 1;
    for (int i = 0; i < SOCKETS_CONNECTIONS; i++)
        paired[i] = join(g);
    for (int i = 0; i < SOCKETS_CONNECTIONS; i++) {
        assert_true(is_closed(stranger[i]));
        assert_false(is_closed(paired[i]));
    }
    assert_true(is_closed(more));
    assert_int_equal(sockets_counts(g->sockets)->given_away, SOCKETS_CONNECTIONS + 1);
    close(more);
    g->known = false; /* those that come now; the paired ones stay as they are until the next tick */
    more = join(g);
    assert_int_equal(sockets_counts(g->sockets)->no_room, 1);
    assert_true(is_closed(more));
    for (int i = 0; i < SOCKETS_CONNECTIONS; i++) {
        assert_false(is_closed(paired[i]));
        close(paired[i]);
        close(stranger[i]);
    }
    close(more);
}

static void
a_connection_ends_with_its_hosts_pairing_or_when_none_comes(void **state)
{
    struct gate *g = *state;
    int revoked, stranger;

    g->known = true;
    revoked = join(g);
    g->before = 1;
    g->known_before = true;
    g->known = false;
    stranger = join(g);
    sockets_tick(g->sockets, START + SOCKETS_STRANGER_S * 1000 * MS);
    assert_false(is_closed(revoked) || is_closed(stranger));
    sockets_tick(g->sockets, START + SOCKETS_STRANGER_S * 1000 * MS + MS);
    assert_true(is_closed(stranger));
    assert_false(is_closed(revoked));
    g->known_before = false;
    sockets_tick(g->sockets, START + SOCKETS_STRANGER_S * 1000 * MS + 2 * MS);
    assert_true(is_closed(revoked));
    assert_int_equal(g->gone, 2);
    assert_int_equal(sockets_counts(g->sockets)->turned_out, 2);
    close(revoked);
    close(stranger);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define GATE(name) cmocka_unit_test_setup_teardown(name, gate_up, gate_down)
    const struct CMUnitTest tests[] = {
        TEST(a_stranger_sets_nothing_and_is_told_nothing),
        TEST(an_open_door_is_open_for_the_code_alone),
        TEST(a_large_packet_of_a_stranger_is_not_read),
        TEST(a_paired_host_moves_by_its_name),
        TEST(the_code_is_shown_here_alone),
        TEST(a_revoked_host_hears_nothing_more),
        TEST(a_paired_host_may_leave),
        TEST(who_has_left_moves_nothing_more),
        TEST(a_replayed_code_is_refused),
        TEST(a_flood_of_strangers_takes_nothing_from_who_is_paired),
        TEST(counters_go_only_to_who_names_them),
        GATE(strangers_places_are_given_away_first),
        GATE(a_connection_ends_with_its_hosts_pairing_or_when_none_comes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
