/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/osc.h"

#include "control/packet.h"
#include "control/sockets.h"
#include "control/stream.h"
#include "control/wire.h"
#include "test/control/fake_engine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/*
 * Real sockets on loopback, where a datagram that has been sent is there to be
 * read, and a clock that only moves when a test says so.
 */

#define MS    1000000LL
#define START (1000 * MS)

enum { REPLIES = 1024 };

struct reply {
    char path[80], types[8], text[512]; /* text: the last of its strings */
    double number;                      /* the first argument */
    int nargs;
    double last; /* argument */
};

struct peer {
    int fd, port;
    struct reply reply[REPLIES];
    int n, packets, largest;
};

struct room {
    struct engine *engine;
    struct osc *osc;
    int64_t now;
    struct peer one, two;
};

static struct sockaddr_in
loopback(int port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int
open_peer(struct peer *p, int port)
{
    struct sockaddr_in host = loopback(port), own = loopback(0);
    socklen_t size = sizeof own;

    memset(p, 0, sizeof *p);
    p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_true(p->fd >= 0);
    assert_int_equal(bind(p->fd, (struct sockaddr *)&own, sizeof own), 0);
    assert_int_equal(connect(p->fd, (struct sockaddr *)&host, sizeof host), 0);
    assert_int_equal(getsockname(p->fd, (struct sockaddr *)&own, &size), 0);
    p->port = ntohs(own.sin_port);
    return p->fd;
}

static int
set_up(void **state)
{
    struct room *r = calloc(1, sizeof *r);
    struct err e;

    assert_non_null(r);
    r->engine = fake_engine_open();
    assert_int_equal(osc_open(&r->osc, r->engine, NULL, 0, &e), OK);
    r->now = START;
    osc_tick(r->osc, r->now);
    open_peer(&r->one, osc_port(r->osc));
    open_peer(&r->two, osc_port(r->osc));
    *state = r;
    return 0;
}

static int
tear_down(void **state)
{
    struct room *r = *state;

    close(r->one.fd);
    close(r->two.fd);
    osc_close(r->osc);
    fake_engine_close(r->engine);
    free(r);
    return 0;
}

static void
note_reply(void *context, const struct packet_message *m)
{
    struct peer *p = context;
    struct reply *r = &p->reply[p->n];

    assert_true(p->n < REPLIES);
    memset(r, 0, sizeof *r);
    snprintf(r->path, sizeof r->path, "%s", m->path);
    r->number = m->arg[0].number;
    r->nargs = m->nargs;
    r->last = m->nargs > 0 ? m->arg[m->nargs - 1].number : 0.0;
    for (int i = 0; i < m->nargs && i < 7; i++) {
        r->types[i] = m->arg[i].type;
        if (m->arg[i].text)
            snprintf(r->text, sizeof r->text, "%s", m->arg[i].text);
    }
    p->n++;
}

/* Takes all that has come to p; returns how many messages. */
static int
hear(struct peer *p)
{
    unsigned char data[PACKET_SIZE];
    ssize_t size;

    p->n = p->packets = p->largest = 0;
    while ((size = recv(p->fd, data, sizeof data, 0)) >= 0) {
        assert_true(packet_read(data, (size_t)size, note_reply, p));
        p->packets++;
        p->largest = (int)size > p->largest ? (int)size : p->largest;
    }
    return p->n;
}

static const struct reply *
find_reply(const struct peer *p, const char *path)
{
    for (int i = 0; i < p->n; i++)
        if (strcmp(p->reply[i].path, path) == 0)
            return &p->reply[i];
    return NULL;
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
say_bytes(struct room *r, struct peer *p, const void *data, size_t size)
{
    assert_int_equal(send(p->fd, data, size, 0), size);
    osc_receive(r->osc);
}

static void
say(struct room *r, struct peer *p, const char *path, const struct packet_arg *arg, int nargs)
{
    struct packet_writer w;

    packet_message(&w);
    assert_true(packet_add(&w, path, arg, nargs));
    say_bytes(r, p, w.data, w.size);
}

static void
say_number(struct room *r, struct peer *p, const char *path, char type, double number)
{
    say(r, p, path, &(struct packet_arg){.type = type, .number = number}, 1);
}

static void
say_text(struct room *r, struct peer *p, const char *path, const char *text)
{
    say(r, p, path, &(struct packet_arg){.type = 's', .text = text}, 1);
}

/* --- setting and asking -------------------------------------------------------------------------- */

static void
a_message_sets_its_parameter(void **state)
{
    struct room *r = *state;
    const struct fake_set *s;
    char by[80];

    say_bytes(r, &r->one, "/monitor/level\0\0,f\0\0\xc1\xa0\0\0", 24);
    assert_int_equal(r->engine->nsets, 1);
    s = fake_engine_set(r->engine, 0);
    assert_int_equal(s->id, param_find("/monitor/level"));
    assert_true(s->value == -20.0);
    assert_true(s->frame == ENGINE_NOW);
    snprintf(by, sizeof by, "osc 127.0.0.1:%d", r->one.port);
    assert_string_equal(s->by, by);
    assert_int_equal(hear(&r->one), 0);
    assert_int_equal(osc_counts(r->osc)->sets, 1);
}

static void
every_type_is_taken_where_it_makes_sense(void **state)
{
    static const struct {
        const char *path;
        struct packet_arg arg;
        double want;
    } cases[] = {
        {"/limit/ceiling", {'f', -1.5, NULL}, -1.5},
        {"/limit/ceiling", {'d', -0.1, NULL}, -0.1},
        {"/limit/ceiling", {'i', -3, NULL}, -3},
        {"/limit/ceiling", {'h', -4, NULL}, -4},
        {"/limit/ceiling", {'s', 0, "-2 dBTP"}, -2},
        {"/limit/ceiling", {'F', 0, NULL}, 0},
        {"/eq/on", {'T', 1, NULL}, 1},
        {"/eq/on", {'F', 0, NULL}, 0},
        {"/eq/on", {'f', 1, NULL}, 1},
        {"/eq/on", {'i', 0, NULL}, 0},
        {"/eq/on", {'s', 0, "on"}, 1},
        {"/eq/on", {'s', 0, "off"}, 0},
        {"/eq/3/type", {'i', 2, NULL}, 2},
        {"/eq/3/type", {'f', 1, NULL}, 1},
        {"/eq/3/type", {'s', 0, "notch"}, 5},
        {"/transport/track", {'f', 7, NULL}, 7},
        {"/transport/play", {'i', 1, NULL}, 1},
    };
    struct room *r = *state;

    for (size_t i = 0; i < LEN(cases); i++) {
        say(r, &r->one, cases[i].path, &cases[i].arg, 1);
        assert_int_equal(r->engine->nsets, (int)i + 1);
        assert_true(fake_engine_value(r->engine, cases[i].path) == cases[i].want);
    }
    assert_int_equal(hear(&r->one), 0);
}

/* A curve is one message of its numbers, fits a Wi-Fi frame, is told when it is renewed, and can't be set. */
static void
a_series_comes_as_its_numbers(void **state)
{
    struct room *r = *state;
    int points = param_at(param_find("/meter/comp/history"))->points;

    for (int i = 0; i < points; i++)
        r->engine->series[i] = i;
    say(r, &r->one, "/meter/comp/history", NULL, 0);
    assert_int_equal(hear(&r->one), 1);
    assert_int_equal(r->one.reply[0].nargs, points);
    assert_true(r->one.reply[0].last == points - 1);
    assert_true(r->one.largest <= PACKET_BUNDLE);
    say_text(r, &r->one, "/subscribe", "/meter/comp/history");
    tick(r, 500);
    assert_int_equal(hear(&r->one), 1);
    r->engine->series_generation++;
    tick(r, 500);
    assert_int_equal(hear(&r->one), 1);
    say_number(r, &r->one, "/meter/comp/history", 'f', 1);
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/error");
    assert_non_null(strstr(r->one.reply[0].text, "can only be read"));
}

/* Who wants all meters gets numbers; curves would fill a tablet's air. */
static void
a_series_goes_only_to_who_names_it(void **state)
{
    struct room *r = *state;

    say_text(r, &r->one, "/subscribe", "/meter/comp");
    say_text(r, &r->two, "/dump", "/meter");
    tick(r, 500);
    hear(&r->one);
    hear(&r->two);
    assert_non_null(find_reply(&r->one, "/meter/comp/reduction"));
    assert_null(find_reply(&r->one, "/meter/comp/history"));
    assert_non_null(find_reply(&r->two, "/meter/limit/reduction"));
    assert_null(find_reply(&r->two, "/meter/limit/history"));
}

/* 0.1 and 0.7 are no floats: (float)0.1 is above 0.1, so as a maximum it would be out of range. */
static void
a_float_at_the_end_of_a_range_is_in_range(void **state)
{
    struct room *r = *state;

    for (int id = 0; id < params_count(); id++) {
        const struct param *p = param_at(id);

        if (p->type != PARAM_FLOAT || p->flags & PARAM_READ_ONLY)
            continue;
        say_number(r, &r->one, p->path, 'f', p->max);
        assert_true(r->engine->value[id] == p->max);
        say_number(r, &r->one, p->path, 'f', p->min);
        assert_true(r->engine->value[id] == p->min);
    }
    assert_int_equal(hear(&r->one), 0);
}

static void
a_trigger_fires_on_a_press_and_not_on_the_release(void **state)
{
    static const struct packet_arg fires[] = {{'i', 1, NULL},
                                              {'f', 127, NULL},
                                              {'T', 1, NULL},
                                              {'I', 0, NULL}},
                                   rests[] = {{'i', 0, NULL}, {'f', 0, NULL}, {'F', 0, NULL}};
    struct room *r = *state;

    for (size_t i = 0; i < LEN(fires); i++)
        say(r, &r->one, "/transport/next", &fires[i], 1);
    assert_int_equal(r->engine->nsets, (int)LEN(fires));
    for (size_t i = 0; i < LEN(rests); i++)
        say(r, &r->one, "/transport/next", &rests[i], 1);
    say(r, &r->one, "/transport/next", NULL, 0);
    assert_int_equal(r->engine->nsets, (int)LEN(fires));
    assert_int_equal(hear(&r->one), 1); /* the answer to the question: 0 */
    say_number(r, &r->one, "/transport/next", 'f', INFINITY);
    assert_int_equal(r->engine->nsets, (int)LEN(fires));
    assert_int_equal(hear(&r->one), 1);
}

static void
a_question_is_answered_to_who_asked(void **state)
{
    static const struct {
        const char *path, *types, *text;
        double number;
    } cases[] = {
        {"/limit/ceiling", "f", "", -1},  {"/eq/on", "i", "", 0},
        {"/eq/3/type", "is", "bell", 0},  {"/print/file", "s", "a.wav", 0},
        {"/transport/track", "i", "", 1}, {"/meter/output/momentary", "f", "", -120},
    };
    struct room *r = *state;

    say_text(r, &r->two, "/print/file", "a.wav");
    for (size_t i = 0; i < LEN(cases); i++) {
        say(r, &r->one, cases[i].path, NULL, 0);
        assert_int_equal(hear(&r->one), 1);
        assert_string_equal(r->one.reply[0].path, cases[i].path);
        assert_string_equal(r->one.reply[0].types, cases[i].types);
        assert_string_equal(r->one.reply[0].text, cases[i].text);
        assert_true(r->one.reply[0].number == cases[i].number);
    }
    say(r, &r->one, "/eq/on", &(struct packet_arg){.type = 'N'}, 1);
    assert_int_equal(hear(&r->one), 1);
    assert_int_equal(hear(&r->two), 0);
}

/* What we send must be taken when it comes back: a tablet that stores and recalls does so. */
static void
an_answer_sent_back_is_taken(void **state)
{
    struct room *r = *state;
    int n = 0;

    for (int id = 0; id < params_count(); id++) {
        const struct param *p = param_at(id);
        struct packet_arg arg[WIRE_ARGS];
        int nargs = wire_write(p, false, p->def, "text", arg);

        if (p->flags & PARAM_READ_ONLY || p->type == PARAM_TRIGGER)
            continue;
        say(r, &r->one, p->path, arg, nargs);
        assert_int_equal(r->engine->nsets, ++n);
    }
    assert_int_equal(hear(&r->one), 0);
}

static void
norm_is_the_same_row_from_0_to_1(void **state)
{
    struct room *r = *state;
    const struct param *freq = param_at(param_find("/eq/1/freq"));

    say_number(r, &r->one, "/eq/1/freq/norm", 'f', 0.5);
    assert_true(fabs(fake_engine_value(r->engine, "/eq/1/freq") - sqrt(freq->min * freq->max)) <
                1e-6); /* log */
    say(r, &r->one, "/eq/1/freq/norm", NULL, 0);
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/eq/1/freq/norm");
    assert_string_equal(r->one.reply[0].types, "f");
    assert_true(fabs(r->one.reply[0].number - 0.5) < 1e-6);
    say_number(r, &r->one, "/eq/1/type/norm", 'i', 1);
    assert_true(fake_engine_value(r->engine, "/eq/1/type") == param_at(param_find("/eq/1/type"))->max);
    say_number(r, &r->one, "/eq/1/freq/norm", 'f', 1.5);
    assert_int_equal(hear(&r->one), 1);
    assert_non_null(strstr(r->one.reply[0].text, "0 to 1"));
    say_number(r, &r->one, "/transport/next/norm", 'f', 1);
    say(r, &r->one, "/print/file/norm", NULL, 0);
    assert_int_equal(hear(&r->one), 2);
    for (int i = 0; i < 2; i++)
        assert_non_null(strstr(r->one.reply[i].text, "has no 0 to 1"));
    assert_int_equal(r->engine->nsets, 2);
}

static void
a_step_is_added_and_ends_at_the_range(void **state)
{
    static const struct {
        const char *path;
        char type;
        double from, step, to;
    } steps[] = {
        {"/monitor/level", 'f', -20, 1, -19},   {"/monitor/level", 'i', -20, -3, -23},
        {"/monitor/level", 'f', -0.5, 1000, 0}, {"/monitor/level", 'd', -79.5, -1, -80},
        {"/eq/1/type", 'i', 0, 1, 1},           {"/eq/1/type", 'i', 0, -1, 0},
        {"/eq/1/type", 'f', 2, 0.4, 2},         {"/meter/spectrum/octave", 'f', 6, 1, 7},
    };
    struct room *r = *state;
    char path[WIRE_PATH_SIZE];

    for (size_t i = 0; i < LEN(steps); i++) {
        fake_engine_move(r->engine, steps[i].path, steps[i].from);
        snprintf(path, sizeof path, "%s/step", steps[i].path);
        say_number(r, &r->one, path, steps[i].type, steps[i].step);
        assert_true(fake_engine_value(r->engine, steps[i].path) == steps[i].to);
        assert_int_equal(hear(&r->one), 0);
    }
    assert_int_equal(osc_counts(r->osc)->sets, LEN(steps));
}

static void
two_steps_of_one_bundle_are_both_taken(void **state)
{
    struct room *r = *state;
    struct packet_arg one = {.type = 'f', .number = 1};
    struct packet_writer w;

    packet_bundle(&w, PACKET_NOW);
    packet_add(&w, "/monitor/level/step", &one, 1);
    packet_add(&w, "/monitor/level/step", &one, 1);
    say_bytes(r, &r->one, w.data, w.size);
    assert_true(fake_engine_value(r->engine, "/monitor/level") == -18);
    assert_int_equal(r->engine->nsets, 2);
    assert_true(fake_engine_set(r->engine, 1)->frame == FAKE_NEXT_FRAME);
}

static void
what_has_no_steps_says_so(void **state)
{
    static const char *const none[] = {"/eq/on/step",
                                       "/transport/next/step",
                                       "/chain/preset/step",
                                       "/nothing/at/step",
                                       "/meter/output/momentary/step",
                                       "/eq/*/gain/step",
                                       "/step",
                                       "/meter/output/spectrum/step",
                                       "/eq/1/gain/norm/step"};
    struct room *r = *state;

    for (size_t i = 0; i < LEN(none); i++) {
        say_number(r, &r->one, none[i], 'f', 1);
        assert_int_equal(hear(&r->one), 1);
        assert_string_equal(r->one.reply[0].path, "/error");
    }
    say_number(r, &r->two, "/eq/1/gain/step", 'f', NAN);
    say_text(r, &r->two, "/eq/1/gain/step", "1");
    say(r, &r->two, "/eq/1/gain/step", NULL, 0);
    assert_int_equal(hear(&r->two), 3);
    assert_int_equal(r->engine->nsets, 0);
}

static void
a_step_does_not_wait_for_its_time(void **state)
{
    struct room *r = *state;
    struct packet_writer w;
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    packet_bundle(&w, packet_tag((t.tv_sec + 20) * 1000000000LL));
    packet_add(&w, "/monitor/level/step", &(struct packet_arg){.type = 'f', .number = 1}, 1);
    say_bytes(r, &r->one, w.data, w.size);
    assert_int_equal(hear(&r->one), 1);
    assert_non_null(strstr(r->one.reply[0].text, "outside the bundle"));
    assert_int_equal(r->engine->nsets, 0);
}

static void
no_row_is_called_like_a_twin(void **state)
{
    (void)state;
    for (int id = 0; id < params_count(); id++) {
        const char *last = strrchr(param_at(id)->path, '/');

        assert_string_not_equal(last, "/step");
        assert_string_not_equal(last, "/norm");
    }
}

static void
a_pattern_sets_all_that_match(void **state)
{
    struct room *r = *state;

    say_number(r, &r->one, "/eq/[2-4]/on", 'T', 1);
    assert_int_equal(r->engine->nsets, 3);
    assert_true(fake_engine_value(r->engine, "/eq/4/on") == 1 &&
                fake_engine_value(r->engine, "/eq/5/on") == 0);
    say_number(r, &r->one, "/{comp,limit}/on", 'i', 1);
    assert_int_equal(r->engine->nsets, 5);
    say_number(r, &r->one, "/eq/?/gain/norm", 'f', 1);
    assert_int_equal(r->engine->nsets, 13);
    assert_true(fake_engine_value(r->engine, "/eq/8/gain") == param_at(param_find("/eq/8/gain"))->max);
    assert_int_equal(hear(&r->one), 0);
}

static void
a_pattern_fires_no_trigger(void **state)
{
    struct room *r = *state;

    say_number(r, &r->one, "/transport/n*", 'i', 1);
    assert_int_equal(r->engine->nsets, 0);
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/error");
}

static void
a_pattern_asks_all_that_match(void **state)
{
    struct room *r = *state;

    fake_engine_move(r->engine, "/eq/5/on", 1);
    say(r, &r->one, "/eq/*/on", NULL, 0);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 8);
    assert_true(find_reply(&r->one, "/eq/5/on")->number == 1);
    assert_true(find_reply(&r->one, "/eq/6/on")->number == 0);
    say(r, &r->one, "/eq/[12]/gain/norm", NULL, 0);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 2);
    assert_non_null(find_reply(&r->one, "/eq/2/gain/norm"));
    tick(r, 20);
    assert_int_equal(osc_clients(r->osc), 0); /* who only asks does not stay */
}

/* --- refusing ------------------------------------------------------------------------------------ */

static void
what_is_refused_gets_the_engines_sentence(void **state)
{
    static const struct {
        const char *path;
        struct packet_arg arg;
        const char *words;
    } cases[] = {
        {"/limit/ceiling", {'f', 3, NULL}, "-12 to 0 dBTP"},
        {"/limit/ceiling", {'f', NAN, NULL}, "-12 to 0 dBTP"},
        {"/limit/ceiling", {'f', -INFINITY, NULL}, "-12 to 0 dBTP"},
        {"/limit/ceiling", {'d', INFINITY, NULL}, "-12 to 0 dBTP"},
        {"/limit/ceiling", {'I', 0, NULL}, "'I'"},
        {"/eq/1/type", {'i', 99, NULL}, "bell, low_shelf"},
        {"/eq/1/type", {'s', 0, "bel"}, "bell, low_shelf"},
        {"/eq/on", {'f', 0.5, NULL}, "0, 1, off or on"},
        {"/limit/celing", {'f', -1, NULL}, "/limit/ceiling"},
        {"/meter/output/momentary", {'f', -1, NULL}, "can only be read"},
        {"/print/file", {'f', 1, NULL}, "use s"},
        {"/nothing*", {'f', 1, NULL}, "no such parameter"},
        {"/eq/[1/on", {'f', 1, NULL}, "close each"},
    };
    struct room *r = *state;

    for (size_t i = 0; i < LEN(cases); i++) {
        say(r, &r->one, cases[i].path, &cases[i].arg, 1);
        assert_int_equal(hear(&r->one), 1);
        assert_string_equal(r->one.reply[0].path, "/error");
        assert_string_equal(r->one.reply[0].types, "ss");
        if (!strstr(r->one.reply[0].text, cases[i].words))
            fail_msg("%s: \"%s\" does not say %s", cases[i].path, r->one.reply[0].text, cases[i].words);
    }
    assert_int_equal(r->engine->nsets, 0);
    assert_int_equal(osc_counts(r->osc)->unknown, 2);
    assert_int_equal(osc_counts(r->osc)->refused, LEN(cases) - 2);
}

static void
errors_can_not_be_used_to_flood(void **state)
{
    struct room *r = *state;
    int heard = 0;

    for (int i = 0; i < 200; i++)
        say_number(r, &r->one, "/nothing", 'f', 1);
    heard = hear(&r->one);
    assert_int_equal(heard, 20);
    assert_int_equal(osc_counts(r->osc)->unknown, 200);
    for (int i = 0; i < 200; i++) { /* 10 a second, over 2 s */
        tick(r, 10);
        say_number(r, &r->one, "/nothing", 'f', 1);
    }
    assert_in_range(hear(&r->one), 19, 20);
    say_number(r, &r->two, "/nothing", 'f', 1); /* the other is not muted for it */
    assert_int_equal(hear(&r->two), 1);
}

static void
two_hosts_do_not_talk_for_ever(void **state)
{
    struct room *r = *state;

    say_text(r, &r->one, "/error", "x");
    say_text(r, &r->one, "/pong", "x");
    assert_int_equal(hear(&r->one), 0);
}

static void
malformed_packets_are_counted_and_change_nothing(void **state)
{
    struct room *r = *state;

    say_bytes(r, &r->one, "", 0);
    say_bytes(r, &r->one, "/eq/on\0\0,T\0", 11);
    say_bytes(r, &r->one, "#bundle\0\0\0\0\0\0\0\0\1\0\0\0\x0c/eq/on\0\0,T\0\0\0\0\0\x0c/eq/on\0\0,f\0\0",
              48);
    assert_int_equal(osc_counts(r->osc)->packets, 3);
    assert_int_equal(osc_counts(r->osc)->malformed, 3);
    assert_int_equal(osc_counts(r->osc)->messages, 0);
    assert_int_equal(r->engine->nsets, 0);
    assert_int_equal(hear(&r->one), 0);
    say_bytes(r, &r->one, "/eq/on\0\0,[T]\0\0\0\0", 16); /* well-formed, but nobody knows what */
    assert_int_equal(osc_counts(r->osc)->malformed, 4);
    assert_int_equal(hear(&r->one), 1);
    say_number(r, &r->one, "/eq/on", 'T', 1);
    assert_int_equal(r->engine->nsets, 1);
}

static uint32_t
random_next(uint32_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

static size_t
seed_packet(uint32_t which, unsigned char *data)
{
    static const char *const texts[] = {"bell", "/eq", "/eq/norm", "-3 dB", ""};
    struct packet_arg arg[4] = {{.type = "ifdsTFINh"[which % 9],
                                 .number = (double)(which % 5) - 2.0,
                                 .text = texts[which % LEN(texts)]},
                                {.type = 'f', .number = 3},
                                {.type = 'i', .number = 30},
                                {.type = 's', .text = "x"}};
    static const char *const paths[] = {"/eq/*/on", "/eq/1/gain",     "/subscribe",     "/dump",
                                        "/ping",    "/unsubscribe",   "/limit/ceiling", "/{a,b}/[a-z]",
                                        "//on",     "/eq/1/freq/norm"};
    struct packet_writer w;

    if (which & 1)
        packet_bundle(&w, which & 2 ? PACKET_NOW : (uint64_t)which << 33);
    else
        packet_message(&w);
    for (uint32_t i = 0; i < 1 + (which & 3); i++)
        packet_add(&w, paths[(which / 3 + i) % LEN(paths)], arg, (int)(which % 4));
    memcpy(data, w.data, w.size);
    return w.size;
}

static size_t
mutate(uint32_t *x, unsigned char *data, size_t size)
{
    for (uint32_t n = random_next(x) % 4; n && size; n--) {
        uint32_t how = random_next(x) % 4, at = random_next(x) % (uint32_t)size;

        if (how == 0)
            data[at] ^= (unsigned char)(1u << random_next(x) % 8);
        else if (how == 1)
            data[at] = (unsigned char)random_next(x);
        else if (how == 2)
            memset(data + (at & ~3u), (int)(random_next(x) % 2) * 255, size - (at & ~3u) < 4 ? size % 4 : 4);
        else
            size = random_next(x) % 2 ? at : at & ~3u;
    }
    return size;
}

/* 200,000 packets, a few bytes off from good ones; the same ones each time. The sanitizers watch. */
static void
mutated_packets_do_no_harm(void **state)
{
    struct room *r = *state;
    unsigned char data[PACKET_BUNDLE], sink[PACKET_SIZE];
    uint32_t x = 2463534242u;
    uint64_t sent = 0;

    for (int i = 0; i < 200000; i++) {
        size_t size = mutate(&x, data, seed_packet(random_next(&x), data));

        sent += send(i % 2 ? r->one.fd : r->two.fd, data, size, 0) >= 0;
        if (i % 16 < 15)
            continue;
        osc_receive(r->osc);
        if (i % 1600 == 1599)
            tick(r, 10);
        while (recv(r->one.fd, sink, sizeof sink, 0) >= 0 || recv(r->two.fd, sink, sizeof sink, 0) >= 0)
            ;
    }
    for (int i = 0; i < 100; i++)
        osc_receive(r->osc);
    assert_int_equal(osc_counts(r->osc)->packets, sent);
    assert_true(osc_counts(r->osc)->malformed > 10000); /* the mutations bite */
    assert_true(osc_counts(r->osc)->messages > 50000);  /* and not all */
    for (int id = 0; id < params_count(); id++)
        if (param_at(id)->type != PARAM_TEXT && !(param_at(id)->flags & PARAM_READ_ONLY))
            assert_true(param_check(param_at(id), r->engine->value[id], NULL));
    tick(r, 1000);
    hear(&r->one);
    say(r, &r->one, "/eq/on", NULL, 0);
    assert_true(hear(&r->one) >= 1);
}

static void
a_flood_leaves_work_for_the_next_call(void **state)
{
    struct room *r = *state;
    struct packet_writer w;

    packet_message(&w);
    assert_true(packet_add(&w, "/eq/?/on", &(struct packet_arg){.type = 'T', .number = 1}, 1));
    for (int i = 0; i < 60; i++)
        assert_int_equal(send(r->one.fd, w.data, w.size, 0), w.size);
    osc_receive(r->osc);
    assert_in_range(osc_counts(r->osc)->packets, 1, 59);
    for (int i = 0; i < 10; i++)
        osc_receive(r->osc);
    assert_int_equal(osc_counts(r->osc)->packets, 60);
}

/* --- bundles ------------------------------------------------------------------------------------- */

static int64_t
realtime_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
say_bundle(struct room *r, uint64_t tag)
{
    struct packet_arg on = {.type = 'T', .number = 1}, gain = {.type = 'f', .number = 3};
    struct packet_writer w;

    packet_bundle(&w, tag);
    assert_true(packet_add(&w, "/eq/on", &on, 1));
    assert_true(packet_add(&w, "/eq/[12]/gain", &gain, 1));
    say_bytes(r, &r->one, w.data, w.size);
}

static void
a_bundle_now_has_one_frame(void **state)
{
    struct room *r = *state;

    say_bundle(r, PACKET_NOW);
    assert_int_equal(r->engine->nsets, 3);
    for (int i = 0; i < 3; i++)
        assert_true(fake_engine_set(r->engine, i)->frame == FAKE_NEXT_FRAME);
    assert_int_equal(osc_counts(r->osc)->late_bundles, 0);
    say_bundle(r, packet_tag(realtime_ns() - 5000 * MS));
    assert_int_equal(r->engine->nsets, 6);
    for (int i = 3; i < 6; i++)
        assert_true(fake_engine_set(r->engine, i)->frame == FAKE_NEXT_FRAME);
    assert_int_equal(osc_counts(r->osc)->late_bundles, 1);
}

static void
a_bundle_to_come_has_the_frame_of_its_time_tag(void **state)
{
    struct room *r = *state;
    int64_t at =
        realtime_ns() / 1000 * 1000 + 30 * 1000 * MS + 1; /* 30 s ahead: far from now on any machine */

    say_bundle(r, packet_tag(at));
    assert_int_equal(r->engine->nsets, 3);
    for (int i = 0; i < 3; i++)
        assert_true(fake_engine_set(r->engine, i)->frame ==
                    (uint64_t)((at - FAKE_EPOCH_NS) / 1000 * 48 / 1000));
}

static void
a_bundle_too_far_ahead_is_refused_once(void **state)
{
    struct room *r = *state;

    say_bundle(r, packet_tag(realtime_ns() + 120 * 1000 * MS));
    assert_int_equal(r->engine->nsets, 0);
    assert_int_equal(hear(&r->one), 1);
    assert_non_null(strstr(r->one.reply[0].text, "at most 60 s"));
}

static void
a_text_does_not_wait_in_a_bundle(void **state)
{
    struct room *r = *state;
    struct packet_arg name = {.type = 's', .text = "b.wav"};
    struct packet_writer w;

    packet_bundle(&w, packet_tag(realtime_ns() + 30 * 1000 * MS));
    assert_true(packet_add(&w, "/print/file", &name, 1));
    say_bytes(r, &r->one, w.data, w.size);
    assert_int_equal(r->engine->nsets, 0);
    assert_int_equal(hear(&r->one), 1);
    assert_non_null(strstr(r->one.reply[0].text, "outside the bundle"));
}

/* --- feedback ------------------------------------------------------------------------------------ */

static int
rows_to_tell(const char *prefix)
{
    int n = 0;

    for (int id = 0; id < params_count(); id++)
        n += wire_told(param_at(id), false, prefix);
    return n;
}

static void
subscribe(struct room *r, struct peer *p, const char *prefix)
{
    say_text(r, p, "/subscribe", prefix);
    tick(r, 500);
    assert_int_equal(hear(p), rows_to_tell(prefix));
}

static void
who_steps_hears_the_sum_at_once(void **state)
{
    struct room *r = *state;

    subscribe(r, &r->one, "/monitor");
    say_number(r, &r->one, "/monitor/level/step", 'f', 1.5);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/monitor/level");
    assert_true(r->one.reply[0].number == -18.5);
}

static void
others_hear_a_move_in_one_tick_and_the_sender_does_not(void **state)
{
    struct room *r = *state;

    subscribe(r, &r->one, "/");
    subscribe(r, &r->two, "/");
    say_number(r, &r->one, "/eq/1/gain", 'f', 3.3);
    tick(r, 10);
    assert_int_equal(hear(&r->two), 1);
    assert_string_equal(r->two.reply[0].path, "/eq/1/gain");
    assert_true(r->two.reply[0].number == (double)3.3f);
    tick(r, 1000);
    assert_int_equal(hear(&r->one), 0);
    assert_int_equal(hear(&r->two), 0);
}

static void
the_sender_hears_what_it_did_not_send(void **state)
{
    struct room *r = *state;

    subscribe(r, &r->one, "/");
    say_number(r, &r->one, "/limit/ceiling", 'f', -3);
    say_number(r, &r->two, "/limit/ceiling", 'f', -5);
    tick(r, 290);
    assert_int_equal(hear(&r->one), 0); /* its finger is on it */
    tick(r, 20);
    assert_int_equal(hear(&r->one), 1);
    assert_true(r->one.reply[0].number == -5);

    say_number(r, &r->one, "/limit/ceiling", 'f', 30); /* refused: the tablet shows 30 and must come back */
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/error");
    tick(r, 290);
    assert_int_equal(hear(&r->one), 0);
    tick(r, 20);
    assert_int_equal(hear(&r->one), 1);
    assert_true(r->one.reply[0].number == -5);

    say_text(r, &r->one, "/eq/1/gain", "loud"); /* no number at all, so nothing to compare with */
    assert_int_equal(hear(&r->one), 1);
    tick(r, 310);
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/eq/1/gain");
}

static void
a_norm_twin_is_heard_by_who_subscribed_to_it(void **state)
{
    struct room *r = *state;

    say_text(r, &r->one, "/subscribe", "/limit/norm");
    tick(r, 100);
    assert_int_equal(hear(&r->one), rows_to_tell("/limit"));
    assert_non_null(find_reply(&r->one, "/limit/ceiling/norm"));
    subscribe(r, &r->two, "/limit");
    say_number(r, &r->one, "/limit/ceiling/norm", 'f', 0.3);
    tick(r, 10);
    assert_int_equal(hear(&r->two), 1);
    assert_true(fabs(r->two.reply[0].number - (-12 + 0.3 * 12)) < 1e-5);
    tick(r, 1000);
    assert_int_equal(hear(&r->one), 0);
    fake_engine_move(r->engine, "/limit/ceiling", -12);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1);
    assert_true(r->one.reply[0].number == 0);
}

static void
a_sweep_is_coalesced_and_its_end_is_heard(void **state)
{
    struct room *r = *state;

    subscribe(r, &r->one, "/eq"); /* 20 Hz */
    for (int i = 1; i <= 1000; i++) {
        fake_engine_move(r->engine, "/eq/1/gain", -12.0 + i * 0.01);
        if (i % 10 == 0)
            tick(r, 10); /* 1 s in all */
    }
    tick(r, 50);
    assert_in_range(hear(&r->one), 20, 22);
    assert_true(r->one.reply[r->one.n - 1].number == -2);
}

static void
readings_come_at_the_clients_rate(void **state)
{
    struct packet_arg arg[] = {{.type = 's', .text = "/meter/output/momentary"},
                               {.type = 'f', .number = 100},
                               {.type = 'f', .number = 5}};
    struct room *r = *state;

    say(r, &r->one, "/subscribe", arg, 3);
    for (int i = 0; i < 200; i++) {
        fake_engine_move(r->engine, "/meter/output/momentary", -20 - 0.01 * i);
        tick(r, 10);
    }
    assert_in_range(hear(&r->one), 10, 11); /* 5 Hz for 2 s */
}

static void
a_lease_that_is_over_is_over(void **state)
{
    struct packet_arg arg[] = {{.type = 's', .text = "/eq"}, {.type = 'i', .number = 2}};
    struct room *r = *state;

    say(r, &r->one, "/subscribe", arg, 2);
    tick(r, 1900);
    say(r, &r->one, "/subscribe", arg, 2);
    tick(r, 1900);
    assert_int_equal(hear(&r->one), rows_to_tell("/eq")); /* told once, not again for the renewal */
    fake_engine_move(r->engine, "/eq/on", 1);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1);
    tick(r, 200);
    fake_engine_move(r->engine, "/eq/on", 0);
    tick(r, 1000);
    assert_int_equal(hear(&r->one), 0);
    assert_int_equal(osc_clients(r->osc), 0);
}

static void
unsubscribed_is_silent(void **state)
{
    struct room *r = *state;

    subscribe(r, &r->one, "/eq");
    subscribe(r, &r->one, "/limit");
    say_text(r, &r->one, "/unsubscribe", "/eq");
    fake_engine_move(r->engine, "/eq/on", 1);
    fake_engine_move(r->engine, "/limit/on", 1);
    tick(r, 100);
    assert_int_equal(hear(&r->one), 1);
    say(r, &r->one, "/unsubscribe", NULL, 0);
    fake_engine_move(r->engine, "/limit/on", 0);
    tick(r, 100);
    assert_int_equal(hear(&r->one), 0);
    assert_int_equal(osc_clients(r->osc), 0);
}

static void
a_dump_is_whole_and_paced(void **state)
{
    struct room *r = *state;
    int rows = 0, ticks = 0;

    say_text(r, &r->one, "/dump", "/norm");
    say(r, &r->one, "/dump", NULL, 0);
    do {
        tick(r, 10);
        hear(&r->one);
        assert_true(r->one.packets <= 3);
        assert_true(r->one.largest <= PACKET_BUNDLE);
        rows += r->one.n;
        ticks++;
    } while (r->one.n);
    for (int id = 0; id < params_count(); id++)
        rows -= wire_told(param_at(id), false, "/") + wire_told(param_at(id), true, "/");
    assert_int_equal(rows, 0);
    assert_true(ticks > 2);
    say_text(r, &r->one, "/dump", "/nothing");
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/error");
}

static void
feedback_goes_to_the_port_that_was_asked_for(void **state)
{
    struct room *r = *state;
    struct packet_arg arg[] = {{.type = 's', .text = "/limit"},
                               {.type = 'f', .number = 10},
                               {.type = 'f', .number = 20},
                               {.type = 'i', .number = r->two.port}};

    say(r, &r->one, "/subscribe", arg, 4);
    tick(r, 100);
    assert_int_equal(hear(&r->one), 0);
    assert_int_equal(hear(&r->two), rows_to_tell("/limit"));
}

static void
a_ping_is_echoed(void **state)
{
    struct room *r = *state;

    say_number(r, &r->one, "/ping", 'i', 42);
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/pong");
    assert_string_equal(r->one.reply[0].types, "iss");
    assert_true(r->one.reply[0].number == 42);
}

/* --- TCP and IPv6 -------------------------------------------------------------------------------- */

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
    tick(r, 60);
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

/* --- opening ------------------------------------------------------------------------------------- */

static bool
is_loopback(const struct sockaddr_storage *at)
{
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)at;
    const struct sockaddr_in *in = (const struct sockaddr_in *)at;

    return at->ss_family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr)
                                     : ntohl(in->sin_addr.s_addr) == INADDR_LOOPBACK;
}

static void
only_loopback_can_reach_it(void **state)
{
    struct room *r = *state;
    int found = 0;

    for (int fd = 0; fd < 256; fd++) {
        struct sockaddr_storage at;
        socklen_t size = sizeof at;

        if (getsockname(fd, (struct sockaddr *)&at, &size) != 0 ||
            (at.ss_family != AF_INET && at.ss_family != AF_INET6) ||
            ntohs(((struct sockaddr_in *)&at)->sin_port) !=
                osc_port(r->osc)) /* it is at the same place in both */
            continue;
        assert_true(is_loopback(&at));
        found++;
    }
    assert_in_range(found, 2, 4); /* UDP and TCP, of IPv6 too where there is one */
}

static void
a_port_in_use_says_what_to_do(void **state)
{
    struct room *r = *state;
    struct osc *other;
    struct err e = {""};

    assert_int_equal(osc_open(&other, r->engine, NULL, osc_port(r->osc), &e), UNAVAILABLE);
    assert_null(other);
    assert_non_null(strstr(e.text, "--osc-port"));
    assert_int_equal(osc_open(&other, r->engine, NULL, 70000, &e), BAD_ARG);
    assert_int_equal(osc_open(&other, r->engine, "192.0.2.1", 0, &e), UNAVAILABLE); /* RFC 5737: never ours */
    assert_non_null(strstr(e.text, "address of this machine"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        TEST(a_message_sets_its_parameter),
        TEST(a_series_comes_as_its_numbers),
        TEST(a_series_goes_only_to_who_names_it),
        TEST(every_type_is_taken_where_it_makes_sense),
        TEST(a_float_at_the_end_of_a_range_is_in_range),
        TEST(a_trigger_fires_on_a_press_and_not_on_the_release),
        TEST(a_question_is_answered_to_who_asked),
        TEST(an_answer_sent_back_is_taken),
        TEST(norm_is_the_same_row_from_0_to_1),
        TEST(a_step_is_added_and_ends_at_the_range),
        TEST(two_steps_of_one_bundle_are_both_taken),
        TEST(what_has_no_steps_says_so),
        TEST(a_step_does_not_wait_for_its_time),
        TEST(who_steps_hears_the_sum_at_once),
        TEST(no_row_is_called_like_a_twin),
        TEST(a_pattern_sets_all_that_match),
        TEST(a_pattern_fires_no_trigger),
        TEST(a_pattern_asks_all_that_match),
        TEST(what_is_refused_gets_the_engines_sentence),
        TEST(errors_can_not_be_used_to_flood),
        TEST(two_hosts_do_not_talk_for_ever),
        TEST(malformed_packets_are_counted_and_change_nothing),
        TEST(mutated_packets_do_no_harm),
        TEST(a_flood_leaves_work_for_the_next_call),
        TEST(a_bundle_now_has_one_frame),
        TEST(a_bundle_to_come_has_the_frame_of_its_time_tag),
        TEST(a_bundle_too_far_ahead_is_refused_once),
        TEST(a_text_does_not_wait_in_a_bundle),
        TEST(others_hear_a_move_in_one_tick_and_the_sender_does_not),
        TEST(the_sender_hears_what_it_did_not_send),
        TEST(a_norm_twin_is_heard_by_who_subscribed_to_it),
        TEST(a_sweep_is_coalesced_and_its_end_is_heard),
        TEST(readings_come_at_the_clients_rate),
        TEST(a_lease_that_is_over_is_over),
        TEST(unsubscribed_is_silent),
        TEST(a_dump_is_whole_and_paced),
        TEST(feedback_goes_to_the_port_that_was_asked_for),
        TEST(a_ping_is_echoed),
        TEST(everything_works_over_a_connection_in_both_framings),
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
        TEST(only_loopback_can_reach_it),
        TEST(a_port_in_use_says_what_to_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
