/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/control/osc_room.h"

#include "control/sockets.h"
#include "control/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* OSC over TCP and IPv6. */

struct line { /* a connection to the host, and how it speaks */
    int fd;
    enum stream_framing framing;
    struct stream stream;
    struct peer peer;
};

/* The host does what there is to do until good, or for five seconds. */
#define SERVE_UNTIL(r, good)                                                                                 \
    do {                                                                                                     \
        for (int tries = 0; !(good) && tries < 500; tries++)                                                 \
            serve(r);                                                                                        \
        assert_true(good);                                                                                   \
    } while (0)

static void
serve(struct room *r)
{
    struct pollfd fd = {.fd = osc_fd(r->osc), .events = POLLIN};

    if (poll(&fd, 1, 10) > 0)
        osc_receive(r->osc);
}

static struct sockaddr_storage
host_address(int family, int port, socklen_t *size)
{
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in in = loopback(port);
    struct sockaddr_storage at = {0};

    *size = family == AF_INET6 ? sizeof in6 : sizeof in;
    memcpy(&at, family == AF_INET6 ? (void *)&in6 : (void *)&in, *size);
    return at;
}

/* NULL: this machine has no such family. */
static struct line *
dial_with_room(struct room *r, int family, enum stream_framing framing, int room)
{
    struct line *l = calloc(1, sizeof *l);
    int before = osc_connections(r->osc);
    struct sockaddr_storage at;
    socklen_t size;

    assert_non_null(l);
    l->framing = framing;
    l->fd = socket(family, SOCK_STREAM, 0);
    if (room)
        setsockopt(l->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    at = host_address(family, osc_port(r->osc), &size);
    if (l->fd < 0 || connect(l->fd, (struct sockaddr *)&at, size) != 0) {
        assert_int_equal(family, AF_INET6);
        close(l->fd);
        free(l);
        return NULL;
    }
    at.ss_family = 0;
    size = sizeof at;
    getsockname(l->fd, (struct sockaddr *)&at, &size);
    l->peer.port = ntohs(((struct sockaddr_in *)&at)->sin_port);
    SERVE_UNTIL(r, osc_connections(r->osc) == before + 1 || before == SOCKETS_CONNECTIONS);
    return l;
}

static struct line *
dial(struct room *r, int family, enum stream_framing framing)
{
    return dial_with_room(r, family, framing, 0);
}

static void
hang_up(struct line *l)
{
    if (!l)
        return;
    close(l->fd);
    free(l);
}

static void
line_bytes(struct room *r, struct line *l, const void *data, size_t size)
{
    assert_int_equal(send(l->fd, data, size, MSG_NOSIGNAL), size);
    serve(r);
}

static void
line_say(struct room *r, struct line *l, const char *path, const struct packet_arg *arg, int nargs)
{
    unsigned char out[2 * PACKET_BUNDLE + 8];
    struct packet_writer w;
    uint64_t messages = osc_counts(r->osc)->messages;

    packet_message(&w);
    assert_true(packet_add(&w, path, arg, nargs));
    line_bytes(r, l, out, stream_frame(l->framing, w.data, w.size, out));
    SERVE_UNTIL(r, osc_counts(r->osc)->messages > messages);
}

static void
line_text(struct room *r, struct line *l, const char *path, const char *text)
{
    line_say(r, l, path, &(struct packet_arg){.type = 's', .text = text}, 1);
}

/* Takes what has come, adding to the replies; false when the host has hung up. */
static bool
line_hear(struct line *l)
{
    unsigned char data[4096];
    ssize_t n;

    while ((n = recv(l->fd, data, sizeof data, MSG_DONTWAIT)) > 0)
        for (size_t at = 0, used; at < (size_t)n; at += used) {
            enum stream_event event = stream_take(&l->stream, data + at, (size_t)n - at, &used);

            assert_true(event == STREAM_MORE || event == STREAM_PACKET);
            assert_int_equal(l->stream.framing, l->framing);
            if (event != STREAM_PACKET)
                continue;
            if (l->peer.n > REPLIES / 2)
                l->peer.n = 0;
            assert_true(packet_read(l->stream.packet, l->stream.size, note_reply, &l->peer));
        }
    return n < 0 && errno == EAGAIN;
}

static const struct reply *
await_reply(struct room *r, struct line *l, const char *path)
{
    const struct reply *found;

    SERVE_UNTIL(r, (line_hear(l), tick(r, 10), found = find_reply(&l->peer, path)));
    return found;
}

static bool
is_over(struct room *r, struct line *l)
{
    serve(r);
    return !line_hear(l);
}

static void
everything_works_over(struct room *r, struct line *l, const char *host)
{
    struct packet_arg level = {.type = 'f', .number = -21}, high = {.type = 'f', .number = 30};
    char by[80];

    line_say(r, l, "/monitor/level", &level, 1);
    snprintf(by, sizeof by, "osc tcp %s:%d", host, l->peer.port);
    assert_string_equal(fake_engine_set(r->engine, -1)->by, by);
    assert_true(fake_engine_value(r->engine, "/monitor/level") == -21);
    line_say(r, l, "/monitor/level", NULL, 0);
    assert_true(await_reply(r, l, "/monitor/level")->number == -21);
    line_say(r, l, "/limit/ceiling", &high, 1);
    assert_non_null(strstr(await_reply(r, l, "/error")->text, "out of range"));
    line_say(r, l, "/ping", NULL, 0);
    await_reply(r, l, "/pong");
    line_text(r, l, "/dump", "/comp");
    await_reply(r, l, "/comp/ratio");
    line_text(r, l, "/subscribe", "/eq");
    await_reply(r, l, "/eq/8/gain");
    tick(r, 500);
    line_hear(l);
    l->peer.n = 0;
    fake_engine_move(r->engine, "/eq/8/gain", 4);
    assert_true(await_reply(r, l, "/eq/8/gain")->number == 4);
    fake_engine_move(r->engine, "/eq/8/gain", 0);
    line_say(r, l, "/unsubscribe", NULL, 0);
}

static void
everything_works_over_a_connection_in_both_framings(void **state)
{
    struct room *r = *state;

    for (int framing = STREAM_LENGTH; framing <= STREAM_SLIP; framing++) {
        struct line *l = dial(r, AF_INET, (enum stream_framing)framing);
        struct line *l6 = dial(r, AF_INET6, (enum stream_framing)framing);

        everything_works_over(r, l, "127.0.0.1");
        if (l6)
            everything_works_over(r, l6, "[::1]");
        hang_up(l);
        hang_up(l6);
        SERVE_UNTIL(r, osc_connections(r->osc) == 0);
    }
}

/* TCP loses nothing: what UDP needs to be told again would only be in the way. */
static void
nothing_is_told_again_over_a_connection(void **state)
{
    struct room *r = *state;
    struct line *l = dial(r, AF_INET, STREAM_SLIP);

    line_text(r, l, "/subscribe", "/limit");
    tick(r, 1000);
    fake_engine_move(r->engine, "/limit/ceiling", -7);
    tick(r, 1000);
    line_say(r, l, "/ping", NULL, 0);
    SERVE_UNTIL(r, (line_hear(l), find_reply(&l->peer, "/pong")));
    assert_int_equal(l->peer.n, rows_to_tell("/limit") + 2);
    hang_up(l);
}

static void
udp_works_over_ipv6(void **state)
{
    struct room *r = *state;
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    struct sockaddr_storage at;
    struct peer *p = &r->two;
    socklen_t size;

    at = host_address(AF_INET6, osc_port(r->osc), &size);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, size) != 0) {
        close(fd);
        skip();
    }
    close(p->fd);
    p->fd = fd;
    say_number(r, p, "/monitor/level", 'f', -20);
    assert_int_equal(strncmp(fake_engine_set(r->engine, -1)->by, "osc [::1]:", 10), 0);
    subscribe(r, p, "/limit");
    fake_engine_move(r->engine, "/limit/ceiling", -7);
    tick(r, 10);
    assert_int_equal(hear(p), 1);
    assert_true(p->reply[0].number == -7);
}

static void
bytes_that_come_one_by_one_are_a_packet(void **state)
{
    struct room *r = *state;

    for (int framing = STREAM_LENGTH; framing <= STREAM_SLIP; framing++) {
        struct line *l = dial(r, AF_INET, (enum stream_framing)framing);
        int before = r->engine->nsets;
        unsigned char out[64];
        size_t n = stream_frame(l->framing, "/monitor/level\0\0,f\0\0\xc1\xa0\0\0", 24, out);

        for (size_t i = 0; i < n; i++) {
            assert_int_equal(r->engine->nsets, before);
            line_bytes(r, l, out + i, 1);
        }
        SERVE_UNTIL(r, r->engine->nsets == before + 1);
        assert_int_equal(osc_counts(r->osc)->malformed, 0);
        hang_up(l);
        SERVE_UNTIL(r, osc_connections(r->osc) == 0);
    }
}

static void
a_connection_that_ends_is_forgotten_at_once(void **state)
{
    struct room *r = *state;
    struct line *l = dial(r, AF_INET, STREAM_SLIP);

    line_text(r, l, "/subscribe", "/");
    assert_int_equal(osc_clients(r->osc), 1);
    subscribe(r, &r->one, "/eq"); /* by UDP: stays */
    assert_int_equal(osc_clients(r->osc), 2);
    hang_up(l);
    SERVE_UNTIL(r, osc_connections(r->osc) == 0);
    assert_int_equal(osc_clients(r->osc), 1);
    tick(r, 100);
}

static void
what_is_no_osc_ends_its_connection_alone(void **state)
{
    struct room *r = *state;
    struct line *good = dial(r, AF_INET, STREAM_LENGTH);
    uint32_t x = 2463534242u;

    for (int i = 0; i < 100; i++) {
        struct line *l = dial(r, AF_INET, STREAM_LENGTH);
        unsigned char data[300];

        for (size_t k = 0; k < sizeof data; k++)
            data[k] = (unsigned char)random_next(&x);
        data[0] = "\0G\xc0\xff"[i % 4];
        line_bytes(r, l, data, sizeof data);
        if (i % 4 == 1)
            SERVE_UNTIL(r, is_over(r, l));
        hang_up(l);
        SERVE_UNTIL(r, osc_connections(r->osc) == 1);
    }
    assert_true(osc_counts(r->osc)->malformed >= 50);
    assert_int_equal(r->engine->nsets, 0);
    everything_works_over(r, good, "127.0.0.1");
    hang_up(good);
}

/* A move of thirty rows, so that there is much to tell. */
static void
move_much(struct room *r, int i)
{
    static const char *const rows[] = {"gain", "freq", "q"};
    char path[40];

    for (int band = 1; band <= 8; band++)
        for (size_t k = 0; k < LEN(rows); k++) {
            snprintf(path, sizeof path, "/eq/%d/%s", band, rows[k]);
            fake_engine_move(r->engine, path, 1 + i % 7);
        }
}

static void
subscribe_slow_reader(struct room *r, struct line *l)
{
    struct packet_arg arg[] = {
        {.type = 's', .text = "/eq"}, {.type = 'f', .number = 3600}, {.type = 'f', .number = 60}};

    line_say(r, l, "/subscribe", arg, 3);
}

static bool
heard_number(const struct peer *p, const char *path, double number)
{
    for (int i = 0; i < p->n; i++)
        if (strcmp(p->reply[i].path, path) == 0 && p->reply[i].number == number)
            return true;
    return false;
}

static void
a_slow_reader_hears_the_newest_value_later(void **state)
{
    struct room *r = *state;
    struct line *l = dial_with_room(r, AF_INET, STREAM_SLIP, 4096);
    uint64_t dropped = osc_counts(r->osc)->dropped;
    int i = 0;

    subscribe_slow_reader(r, l);
    while (osc_counts(r->osc)->dropped == dropped && i < 5000) {
        move_much(r, i++);
        tick(r, 20);
        serve(r);
    }
    assert_true(osc_counts(r->osc)->dropped > dropped); /* full */
    assert_int_equal(osc_connections(r->osc), 1);
    fake_engine_move(r->engine, "/eq/1/gain", -11);
    SERVE_UNTIL(r, (line_hear(l), tick(r, 20), heard_number(&l->peer, "/eq/1/gain", -11)));
    assert_int_equal(osc_connections(r->osc), 1);
    hang_up(l);
}

/* Asks until an answer finds no room. */
static void
ask_until_full(struct room *r, struct line *l, const char *path)
{
    uint64_t dropped = osc_counts(r->osc)->dropped;

    for (int i = 0; osc_counts(r->osc)->dropped == dropped && i < 10000; i++)
        line_say(r, l, path, NULL, 0);
    assert_true(osc_counts(r->osc)->dropped > dropped);
}

static void
an_answer_without_room_comes_later(void **state)
{
    struct room *r = *state;
    struct line *l = dial_with_room(r, AF_INET, STREAM_LENGTH, 4096);

    ask_until_full(r, l, "/meter/comp/history"); /* the longest */
    ask_until_full(r, l, "/monitor/level");
    fake_engine_move(r->engine, "/monitor/level", -33);
    line_say(r, l, "/monitor/level", NULL, 0);
    SERVE_UNTIL(r, (line_hear(l), tick(r, 10), heard_number(&l->peer, "/monitor/level", -33)));
    hang_up(l);
}

static void
a_reader_that_takes_nothing_for_ten_seconds_is_closed(void **state)
{
    struct room *r = *state;
    struct line *l = dial_with_room(r, AF_INET, STREAM_LENGTH, 4096);
    int64_t full = 0;

    subscribe_slow_reader(r, l);
    for (int i = 0; osc_connections(r->osc) && i < 10000; i++) {
        if (!full && osc_counts(r->osc)->dropped)
            full = r->now;
        move_much(r, i);
        tick(r, 20);
    }
    assert_int_equal(osc_connections(r->osc), 0);
    assert_int_equal(osc_clients(r->osc), 0);
    assert_true(full && r->now - full <= 10100 * MS);
    hang_up(l);
}

/* Who has spoken stays; who has not makes room. */
static void
no_more_than_so_many_connections(void **state)
{
    struct room *r = *state;
    struct line *line[SOCKETS_CONNECTIONS], *next;

    for (int i = 0; i < SOCKETS_CONNECTIONS; i++) {
        line[i] = dial(r, AF_INET, STREAM_LENGTH);
        if (i != 5)
            line_say(r, line[i], "/pong", NULL, 0);
    }
    assert_int_equal(osc_connections(r->osc), SOCKETS_CONNECTIONS);
    next = dial(r, AF_INET, STREAM_LENGTH);
    SERVE_UNTIL(r, is_over(r, line[5]));
    line_say(r, next, "/pong", NULL, 0);
    hang_up(line[5]);
    line[5] = next;
    next = dial(r, AF_INET, STREAM_LENGTH);
    SERVE_UNTIL(r, is_over(r, next));
    hang_up(next);
    for (int i = 0; i < SOCKETS_CONNECTIONS; i++) {
        line_say(r, line[i], "/ping", NULL, 0);
        await_reply(r, line[i], "/pong");
        hang_up(line[i]);
    }
    SERVE_UNTIL(r, osc_connections(r->osc) == 0);
}

/* So many packets of so many patterns from two, a little one from the third: it must not wait for long. */
static void
flood_with(struct room *r, int packets, int patterns, int most_calls)
{
    struct line *flood[] = {dial(r, AF_INET, STREAM_LENGTH), dial(r, AF_INET, STREAM_SLIP)};
    struct line *quiet = dial(r, AF_INET, STREAM_SLIP);
    uint64_t before = osc_counts(r->osc)->packets;
    unsigned char out[2 * PACKET_BUNDLE + 8];
    struct packet_writer w;
    size_t n;
    int calls = 0;

    packet_bundle(&w, PACKET_NOW);
    for (int i = 0; i < patterns; i++)
        assert_true(packet_add(&w, "/eq/?/on", &(struct packet_arg){.type = 'T', .number = 1}, 1));
    for (int i = 0; i < packets; i++) {
        n = stream_frame(flood[i % 2]->framing, w.data, w.size, out);
        assert_int_equal(send(flood[i % 2]->fd, out, n, 0), n);
    }
    n = stream_frame(quiet->framing, "/monitor/level\0\0,f\0\0\xc1\xa8\0\0", 24, out);
    assert_int_equal(send(quiet->fd, out, n, 0), n);
    osc_receive(r->osc);
    assert_in_range(osc_counts(r->osc)->packets - before, 1, packets / 6);
    for (; fake_engine_value(r->engine, "/monitor/level") != -21 && calls < 50; calls++)
        osc_receive(r->osc);
    assert_true(calls <= most_calls);
    SERVE_UNTIL(r, osc_counts(r->osc)->packets - before == (uint64_t)packets + 1); /* none is lost */
    hang_up(flood[0]);
    hang_up(flood[1]);
    hang_up(quiet);
}

static void
a_flood_over_tcp_leaves_work_for_the_next_call_and_for_others(void **state)
{
    flood_with(*state, 600, 1, 4);
}

/* One of them is as much as a call has to give away. */
static void
dear_packets_over_tcp_do_not_keep_others_waiting(void **state)
{
    flood_with(*state, 60, 31, 4);
}

static void
udp_goes_on_where_the_tcp_port_is_taken(void **state)
{
    struct room *r = *state;
    int port, fd = -1;
    struct osc *other = NULL;
    struct err e = {""};

    for (int tries = 0; !other && tries < 20; tries++) { /* the same number may be taken by others in UDP */
        struct sockaddr_in own = loopback(0);
        socklen_t size = sizeof own;

        if (fd >= 0)
            close(fd);
        fd = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
        assert_int_equal(listen(fd, 1), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &size), 0);
        port = ntohs(own.sin_port);
        osc_open(&other, r->engine, NULL, port, &e);
    }
    assert_non_null(other);
    assert_false(osc_tcp(other));
    assert_non_null(strstr(osc_news(other), "TCP at 127.0.0.1"));
    osc_close(other);
    close(fd);
    assert_true(osc_tcp(r->osc));
    assert_string_equal(osc_news(r->osc), "");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(everything_works_over_a_connection_in_both_framings),
        TEST(nothing_is_told_again_over_a_connection),
        TEST(udp_works_over_ipv6),
        TEST(bytes_that_come_one_by_one_are_a_packet),
        TEST(a_connection_that_ends_is_forgotten_at_once),
        TEST(what_is_no_osc_ends_its_connection_alone),
        TEST(a_slow_reader_hears_the_newest_value_later),
        TEST(an_answer_without_room_comes_later),
        TEST(a_reader_that_takes_nothing_for_ten_seconds_is_closed),
        TEST(no_more_than_so_many_connections),
        TEST(a_flood_over_tcp_leaves_work_for_the_next_call_and_for_others),
        TEST(dear_packets_over_tcp_do_not_keep_others_waiting),
        TEST(udp_goes_on_where_the_tcp_port_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
