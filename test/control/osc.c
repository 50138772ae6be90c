/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/control/osc_room.h"

#include "control/wire.h"

#include <arpa/inet.h>
#include <math.h>
#include <sys/socket.h>
#include <time.h>

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
        assert_string_not_equal(last, "/blob");
        assert_string_not_equal(last, "/paths");
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

static size_t
seed_packet(uint32_t which, unsigned char *data)
{
    static const char *const texts[] = {"bell", "/eq", "/eq/norm", "-3 dB", "", "/meter/output/blob"};
    struct packet_arg arg[4] = {{.type = "ifdsTFINh"[which % 9],
                                 .number = (double)(which % 5) - 2.0,
                                 .text = texts[which % LEN(texts)]},
                                {.type = 'f', .number = 3},
                                {.type = 'i', .number = 30},
                                {.type = 's', .text = "x"}};
    static const char *const paths[] = {
        "/eq/*/on",     "/eq/1/gain",     "/subscribe",         "/dump",       "/ping",
        "/unsubscribe", "/limit/ceiling", "/{a,b}/[a-z]",       "//on",        "/eq/1/freq/norm",
        "/xremote",     "/refresh",       "/meter/output/blob", "/blob/paths", "/meter/output/spectrum/blob"};
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
    pass(r, &r->one, 1000);
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
        TEST(a_ping_is_echoed),
        TEST(only_loopback_can_reach_it),
        TEST(a_port_in_use_says_what_to_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
