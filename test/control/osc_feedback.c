/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/control/osc_room.h"

#include "control/clients.h"
#include "control/wire.h"

#include <math.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Who is told what, and when. */

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
    assert_int_equal(pass(r, &r->one, 60), 0); /* its finger is on it */
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1); /* now it is known that the move has come */
    assert_true(r->one.reply[0].number == (double)3.3f);
}

static void
the_sender_hears_what_it_did_not_send(void **state)
{
    struct room *r = *state;

    subscribe(r, &r->one, "/");
    say_number(r, &r->one, "/limit/ceiling", 'f', -3);
    say_number(r, &r->two, "/limit/ceiling", 'f', -5);
    assert_int_equal(pass(r, &r->one, 70), 0); /* its finger is on it */
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1);
    assert_true(r->one.reply[0].number == -5);
    pass(r, &r->one, 500);

    say_number(r, &r->one, "/limit/ceiling", 'f', 30); /* refused: the tablet shows 30 and must come back */
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/error");
    assert_int_equal(pass(r, &r->one, 70), 0);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1);
    assert_true(r->one.reply[0].number == -5);
    pass(r, &r->one, 500);

    say_text(r, &r->one, "/eq/1/gain", "loud"); /* no number at all */
    assert_int_equal(hear(&r->one), 1);
    tick(r, 80);
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/eq/1/gain");
}

static void
a_norm_twin_is_heard_by_who_subscribed_to_it(void **state)
{
    struct room *r = *state;

    say_text(r, &r->one, "/subscribe", "/limit/norm");
    tick(r, 10);
    assert_int_equal(hear(&r->one), rows_to_tell("/limit"));
    assert_non_null(find_reply(&r->one, "/limit/ceiling/norm"));
    pass(r, &r->one, 500);
    subscribe(r, &r->two, "/limit");
    say_number(r, &r->one, "/limit/ceiling/norm", 'f', 0.3);
    tick(r, 10);
    assert_int_equal(hear(&r->two), 1);
    assert_true(fabs(r->two.reply[0].number - (-12 + 0.3 * 12)) < 1e-5);
    pass(r, &r->one, 1000);
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
    /* not once more for the renewal */
    assert_int_equal(hear(&r->one), rows_to_tell("/eq") * (1 + CLIENTS_AGAIN));
    fake_engine_move(r->engine, "/eq/on", 1);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1);
    pass(r, &r->one, 200);
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
    assert_int_equal(pass(r, &r->one, 500), 1 + CLIENTS_AGAIN);
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
    tick(r, 10);
    assert_int_equal(hear(&r->one), 0);
    assert_int_equal(hear(&r->two), rows_to_tell("/limit"));
}

/* --- loss ---------------------------------------------------------------------------------------- */

static void
subscribe_at(struct room *r, struct peer *p, const char *prefix, double rate_hz)
{
    struct packet_arg arg[] = {
        {.type = 's', .text = prefix}, {.type = 'f', .number = 3600}, {.type = 'f', .number = rate_hz}};

    say(r, p, "/subscribe", arg, 3);
    pass(r, p, 4000);
}

/* Told at once when it comes to rest, then again; the time is that of the header. */
static void
what_has_rested_is_told_again_and_then_no_more(void **state)
{
    struct room *r = *state;
    int n = 0;

    subscribe_at(r, &r->one, "/eq", 20);
    for (int i = 1; i <= 20; i++) { /* a sweep, whose last value falls between two of the client's times */
        fake_engine_move(r->engine, "/eq/1/gain", 0.1 * i);
        n += pass(r, &r->one, 10);
    }
    assert_in_range(n, 4, 5);
    n = pass(r, &r->one, 190);
    assert_in_range(n, 1 + CLIENTS_AGAIN, 2 + CLIENTS_AGAIN);
    assert_int_equal(pass(r, &r->one, 5000), 0);
}

static void
nothing_is_doubled_while_a_row_moves(void **state)
{
    struct room *r = *state;

    subscribe_at(r, &r->one, "/eq", 60);
    for (int i = 1; i <= 100; i++) { /* every 40 ms: slower than the client's rate */
        fake_engine_move(r->engine, "/eq/1/gain", 0.1 * i);
        tick(r, 40);
    }
    assert_int_equal(hear(&r->one), 100);
}

static void
a_reading_is_told_again_only_when_it_rests(void **state)
{
    struct room *r = *state;

    subscribe_at(r, &r->one, "/meter/output/integrated", 60);
    for (int i = 1; i <= 20; i++) {
        fake_engine_move(r->engine, "/meter/output/integrated", -20 - 0.1 * i);
        tick(r, 1000);
    }
    assert_int_equal(hear(&r->one), 20);
    assert_int_equal(pass(r, &r->one, 5000), CLIENTS_AGAIN);
}

/* Takes what has come to p but for a fifth of the packets. */
static void
hear_with_loss(struct peer *p, uint32_t *x, double *replica)
{
    unsigned char data[PACKET_SIZE];
    ssize_t size;

    while ((size = recv(p->fd, data, sizeof data, 0)) >= 0) {
        if (random_next(x) % 5 == 0)
            continue;
        p->n = 0;
        assert_true(packet_read(data, (size_t)size, note_reply, p));
        for (int i = 0; i < p->n; i++)
            replica[param_find(p->reply[i].path)] = p->reply[i].number;
    }
}

/* 10,000 moves of all bands by three hands, who lose a fifth of what they are told; one of them moves too. */
static void
after_250_ms_of_quiet_nobody_is_wrong_whatever_was_lost(void **state)
{
    static const char *const rows[] = {"gain", "freq", "q", "on"};
    static const double from[] = {-12, 20, 0.3, 0}, range[] = {24, 20000, 5, 0};
    struct room *r = *state;
    double *replica[2];
    struct peer *peer[] = {&r->one, &r->two};
    uint32_t x = 2463534242u;
    char path[40];

    for (int k = 0; k < 2; k++) {
        replica[k] = calloc((size_t)params_count(), sizeof **replica);
        assert_non_null(replica[k]);
        for (int id = 0; id < params_count(); id++)
            replica[k][id] = NAN;
        say(r, peer[k], "/subscribe",
            (struct packet_arg[]){{.type = 's', .text = "/eq"},
                                  {.type = 'f', .number = 3600},
                                  {.type = 'f', .number = k ? 20 : 60}},
            3);
    }
    for (int i = 0; i < 10000; i++) {
        uint32_t row = random_next(&x) % LEN(rows);
        double value =
            row == 3 ? random_next(&x) % 2 : from[row] + range[row] * (random_next(&x) % 1000) / 1000;

        snprintf(path, sizeof path, "/eq/%d/%s", 1 + (int)(random_next(&x) % 8), rows[row]);
        if (random_next(&x) % 3)
            fake_engine_move(r->engine, path, value);
        else
            say_number(r, &r->one, path, 'f', value);
        for (int t = i % 20 == 19 ? 25 : (int)(random_next(&x) % 2); t > 0; t--) {
            tick(r, 10);
            for (int k = 0; k < 2; k++)
                hear_with_loss(peer[k], &x, replica[k]);
        }
        for (int id = 0; i % 20 == 19 && id < params_count(); id++)
            for (int k = 0; k < 2; k++)
                if (wire_told(param_at(id), false, "/eq") &&
                    replica[k][id] != (double)(float)r->engine->value[id])
                    fail_msg("%s: %g is %g to %d", param_at(id)->path, r->engine->value[id], replica[k][id],
                             k);
    }
    free(replica[0]);
    free(replica[1]);
}

/* --- habits of tablets --------------------------------------------------------------------------- */

static int
controls(void)
{
    int n = 0;

    for (int id = 0; id < params_count(); id++)
        n += wire_has(param_at(id), false) && !(param_at(id)->flags & PARAM_READ_ONLY);
    return n;
}

static void
xremote_tells_all_controls_for_ten_seconds(void **state)
{
    struct room *r = *state;

    say(r, &r->one, "/xremote", NULL, 0);
    assert_int_equal(pass(r, &r->one, 5000), controls() * (1 + CLIENTS_AGAIN));
    tick(r, 4000);
    say(r, &r->one, "/xremote", NULL, 0); /* 9 s, as a known client does it: no dump */
    tick(r, 9000);
    assert_int_equal(hear(&r->one), 0);
    fake_engine_move(r->engine, "/meter/output/momentary", -20);
    fake_engine_move(r->engine, "/comp/ratio", 4);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/comp/ratio");
    tick(r, 1000);
    assert_int_equal(osc_clients(r->osc), 0);
    say(r, &r->one, "/xremote", NULL, 0); /* back: all anew */
    tick(r, 80);
    assert_true(hear(&r->one) >= controls());
    assert_non_null(find_reply(&r->one, "/comp/ratio"));
}

static void
refresh_is_a_dump_of_all_controls(void **state)
{
    struct room *r = *state;

    say(r, &r->one, "/refresh", NULL, 0);
    assert_int_equal(pass(r, &r->one, 1000), controls());
    assert_int_equal(osc_clients(r->osc), 0);
}

static void
who_only_sends_hears_what_others_do_later(void **state)
{
    struct room *r = *state;

    fake_engine_move(r->engine, "/eq/1/gain", 5);
    say_number(r, &r->one, "/limit/ceiling", 'f', -3);
    assert_int_equal(pass(r, &r->one, 70), 0);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1); /* its own move has come; no dump */
    assert_string_equal(r->one.reply[0].path, "/limit/ceiling");
    assert_int_equal(pass(r, &r->one, 1000), CLIENTS_AGAIN);
    fake_engine_move(r->engine, "/meter/output/momentary", -20); /* no control */
    fake_engine_move(r->engine, "/eq/1/gain", -5);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/eq/1/gain");
    assert_true(r->one.reply[0].number == -5);
    assert_int_equal(osc_clients(r->osc), 1);
}

static void
who_only_steps_hears_the_sum(void **state)
{
    struct room *r = *state;

    say_number(r, &r->one, "/monitor/level/step", 'f', 1.5);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1);
    assert_true(r->one.reply[0].number == -18.5);
}

/* A host has one place: that of whoever wrote last. It is kept for an hour, and a word ends it. */
static void
the_place_of_who_only_sends_goes_to_the_next_of_its_host_and_ends(void **state)
{
    struct room *r = *state;

    say_number(r, &r->one, "/limit/ceiling", 'f', -3);
    pass(r, &r->one, 1000);
    say_number(r, &r->two, "/limit/ceiling", 'f', -4);
    assert_int_equal(pass(r, &r->one, 1000), 0);
    assert_int_equal(hear(&r->two), 1 + CLIENTS_AGAIN);
    assert_int_equal(osc_clients(r->osc), 1);
    say(r, &r->two, "/unsubscribe", NULL, 0);
    tick(r, 10);
    assert_int_equal(osc_clients(r->osc), 0);
    say_number(r, &r->two, "/limit/ceiling", 'f', -5);
    r->now += 3599 * 1000 * MS;
    tick(r, 10);
    assert_int_equal(osc_clients(r->osc), 1);
    r->now += 1000 * MS;
    tick(r, 10);
    assert_int_equal(osc_clients(r->osc), 0);
}

static void
who_sends_and_subscribes_is_a_subscriber(void **state)
{
    struct room *r = *state;

    say_number(r, &r->one, "/limit/ceiling", 'f', -3);
    subscribe(r, &r->one, "/eq");
    say_number(r, &r->one, "/limit/ceiling", 'f', -4);
    fake_engine_move(r->engine, "/comp/ratio", 4);
    fake_engine_move(r->engine, "/eq/on", 1);
    tick(r, 10);
    assert_int_equal(hear(&r->one), 1);
    assert_string_equal(r->one.reply[0].path, "/eq/on");
    pass(r, &r->one, 500);
    assert_int_equal(osc_clients(r->osc), 1);
    tick(r, 10000);
    assert_int_equal(osc_clients(r->osc), 0); /* its lease is over: no hour for it */
}

/* A one-shot program, as oscsend: nobody is at its port any more when its own move is told to it. */
static void
a_port_that_nobody_listens_at_is_forgotten(void **state)
{
    struct room *r = *state;

    subscribe(r, &r->two, "/limit");
    say_number(r, &r->one, "/limit/ceiling", 'f', -3);
    assert_int_equal(osc_clients(r->osc), 2);
    close(r->one.fd);
    r->one.fd = -1;
    tick(r, 100);
    osc_receive(r->osc);
    assert_int_equal(osc_clients(r->osc), 1);
    pass(r, &r->two, 1000);
    fake_engine_move(r->engine, "/limit/ceiling", -4);
    tick(r, 10);
    assert_int_equal(hear(&r->two), 1); /* the other's are not lost for it */
}

/* --- rates --------------------------------------------------------------------------------------- */

static void
a_fader_is_told_at_once_and_60_times_a_second(void **state)
{
    struct room *r = *state;

    subscribe_at(r, &r->one, "/monitor", 60);
    fake_engine_move(r->engine, "/monitor/level", -21);
    osc_tick(r->osc, r->now + 1); /* the same turn of the loop, not the next tick */
    assert_int_equal(hear(&r->one), 1);
    for (int i = 0; i < 400; i++) {
        fake_engine_move(r->engine, "/monitor/level", -22 - 0.1 * i);
        tick(r, 10);
    }
    assert_in_range(hear(&r->one), 238, 241); /* 4 s */
}

static void
a_text_of_1023_bytes_is_in_a_dump(void **state)
{
    struct room *r = *state;
    char text[PARAM_TEXT_SIZE];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    say_text(r, &r->two, "/print/file", text);
    say_text(r, &r->one, "/dump", "/print");
    tick(r, 10);
    assert_int_equal(hear(&r->one), rows_to_tell("/print"));
    assert_non_null(find_reply(&r->one, "/print/file"));
    assert_int_equal(strlen(find_reply(&r->one, "/print/file")->text), 511); /* what the peer keeps of it */
    assert_true(r->one.largest <= PACKET_BUNDLE && r->one.largest > 1024);
}

/* --- blobs --------------------------------------------------------------------------------------- */

static void
readings_come_as_one_blob_a_period(void **state)
{
    struct room *r = *state;
    int n = rows_to_tell("/meter/output"), at;

    subscribe_at(r, &r->one, "/meter/output/blob", 20);
    say(r, &r->one, "/meter/output/blob/paths", NULL, 0);
    assert_true(hear(&r->one) >= 1);
    assert_string_equal(r->one.reply[0].path, "/meter/output/blob/paths");
    for (int i = 0; i < 100; i++) {
        fake_engine_move(r->engine, "/meter/output/momentary", -20 - 0.1 * i);
        tick(r, 10);
    }
    assert_in_range(hear(&r->one), 20, 21);
    assert_string_equal(r->one.reply[0].path, "/meter/output/blob");
    assert_string_equal(r->one.reply[0].types, "b");
    assert_int_equal(r->one.reply[0].blob[3] + 256 * r->one.reply[0].blob[2], n);
    assert_int_equal(r->one.reply[0].number, 4 + 4 * n);
    at = 0;
    for (int id = 0; id < param_find("/meter/output/momentary"); id++)
        at += wire_told(param_at(id), false, "/meter/output");
    /* big-endian float: -20 is c1a00000 */
    assert_memory_equal(r->one.reply[0].blob + 4 + 4 * at, "\xc1\xa0\0\0", 4);
    say_text(r, &r->one, "/unsubscribe", "/meter/output/blob");
    tick(r, 10);
    assert_int_equal(osc_clients(r->osc), 0);
}

static void
a_curve_comes_as_a_blob_too(void **state)
{
    struct room *r = *state;
    int points = param_at(param_find("/meter/comp/history"))->points;

    r->engine->series[1] = -20;
    say(r, &r->one, "/meter/comp/history/blob", NULL, 0);
    assert_int_equal(hear(&r->one), 1);
    assert_int_equal(r->one.reply[0].number, 4 + 4 * points);
    assert_memory_equal(r->one.reply[0].blob + 8, "\xc1\xa0\0\0", 4);
    assert_true(r->one.largest <= PACKET_BUNDLE);
    subscribe_at(r, &r->one, "/meter/comp/history/blob", 20);
    r->engine->series_generation++;
    tick(r, 100);
    assert_int_equal(hear(&r->one), 1);
}

static void
a_blobs_paths_are_told_in_its_order(void **state)
{
    struct room *r = *state;
    int next = 0, rows = 0;

    for (int id = 0; id < params_count(); id++)
        rows += param_at(id)->owner == OWNER_METER && wire_told(param_at(id), false, "/");
    say(r, &r->one, "/blob/paths", NULL, 0);
    assert_true(hear(&r->one) >= 1);
    for (int i = 0; i < r->one.n; i++) {
        assert_string_equal(r->one.reply[i].path, "/blob/paths");
        assert_int_equal(r->one.reply[i].number, next); /* the first one's place */
        next += r->one.reply[i].nargs - 1;
    }
    assert_int_equal(next, rows);
    assert_true(r->one.largest <= PACKET_BUNDLE);
}

static void
what_has_no_readings_has_no_blob(void **state)
{
    static const char *const none[] = {"/eq/blob", "/nothing/blob", "/eq/1/gain/blob"};
    struct room *r = *state;

    for (size_t i = 0; i < LEN(none); i++) {
        say(r, &r->one, none[i], NULL, 0);
        assert_int_equal(hear(&r->one), 1);
        assert_non_null(strstr(r->one.reply[0].text, "has no readings"));
        say_text(r, &r->one, "/subscribe", none[i]);
        assert_int_equal(hear(&r->one), 1);
        assert_string_equal(r->one.reply[0].path, "/error");
    }
    say_number(r, &r->one, "/meter/output/blob", 'f', 1);
    assert_int_equal(hear(&r->one), 1);
    assert_non_null(strstr(r->one.reply[0].text, "can only be read"));
    tick(r, 10);
    assert_int_equal(osc_clients(r->osc), 0);
}

static void
blobs_that_nobody_hears_make_room(void **state)
{
    struct room *r = *state;
    char path[PARAM_PATH_SIZE + 8];
    int asked = 0;

    for (int id = 0; id < params_count() && asked < 40; id++)
        if (param_at(id)->owner == OWNER_METER && wire_has(param_at(id), false) &&
            param_is_number(param_at(id))) {
            snprintf(path, sizeof path, "%s/blob", param_at(id)->path);
            say(r, &r->one, path, NULL, 0);
            assert_int_equal(hear(&r->one), 1);
            assert_string_equal(r->one.reply[0].path, path);
            assert_int_equal(r->one.reply[0].number, 8);
            asked++;
        }
    assert_int_equal(asked, 40); /* more than there are places */
}

/* --- another carrier ------------------------------------------------------------------------------ */

struct heard { /* by a carrier that loses nothing */
    struct peer peer;
    struct address last;
};

static enum carried
hear_carried(void *context, const struct address *to, const void *data, size_t size)
{
    struct heard *h = context;

    h->last = *to;
    assert_true(packet_read(data, size, note_reply, &h->peer));
    return CARRIED;
}

static void
who_listens_to_one_row_hears_it_once_and_each_change(void **state)
{
    struct room *r = *state;
    struct heard *h = calloc(1, sizeof *h);
    struct carrier web = {hear_carried, h};
    struct sockaddr_in in = loopback(4711);
    struct address who = {.size = sizeof in, .connection = 7, .carrier = CARRIER_WEB};
    int id = param_find("/eq/1/gain");

    assert_non_null(h);
    memcpy(&who.at, &in, sizeof in);
    osc_carry(r->osc, CARRIER_WEB, &web);
    assert_true(osc_listen(r->osc, &who, id, false, true));
    assert_true(osc_listen(r->osc, &who, id, false, true)); /* twice is once */
    tick(r, 1000);
    assert_int_equal(h->peer.n, 1); /* nothing is lost there, so nothing is told again */
    assert_true(address_same(&h->last, &who));
    fake_engine_move(r->engine, "/eq/2/gain", 1);
    fake_engine_move(r->engine, "/eq/1/gain", 1);
    tick(r, 1000);
    assert_int_equal(h->peer.n, 2);
    assert_true(h->peer.reply[1].number == 1);
    assert_true(osc_listen(r->osc, &who, id, false, false));
    tick(r, 10);
    assert_int_equal(osc_clients(r->osc), 0);
    fake_engine_move(r->engine, "/eq/1/gain", 2);
    tick(r, 1000);
    assert_int_equal(h->peer.n, 2);

    assert_true(osc_listen(r->osc, &who, id, true, true));
    tick(r, 10);
    assert_string_equal(h->peer.reply[2].path, "/eq/1/gain/norm");
    osc_forget(r->osc, &who);
    assert_int_equal(osc_clients(r->osc), 0);
    free(h);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(who_steps_hears_the_sum_at_once),
        TEST(others_hear_a_move_in_one_tick_and_the_sender_does_not),
        TEST(the_sender_hears_what_it_did_not_send),
        TEST(a_norm_twin_is_heard_by_who_subscribed_to_it),
        TEST(a_sweep_is_coalesced_and_its_end_is_heard),
        TEST(readings_come_at_the_clients_rate),
        TEST(a_lease_that_is_over_is_over),
        TEST(unsubscribed_is_silent),
        TEST(a_dump_is_whole_and_paced),
        TEST(feedback_goes_to_the_port_that_was_asked_for),
        TEST(what_has_rested_is_told_again_and_then_no_more),
        TEST(nothing_is_doubled_while_a_row_moves),
        TEST(a_reading_is_told_again_only_when_it_rests),
        TEST(after_250_ms_of_quiet_nobody_is_wrong_whatever_was_lost),
        TEST(xremote_tells_all_controls_for_ten_seconds),
        TEST(refresh_is_a_dump_of_all_controls),
        TEST(who_only_sends_hears_what_others_do_later),
        TEST(who_only_steps_hears_the_sum),
        TEST(the_place_of_who_only_sends_goes_to_the_next_of_its_host_and_ends),
        TEST(who_sends_and_subscribes_is_a_subscriber),
        TEST(a_port_that_nobody_listens_at_is_forgotten),
        TEST(a_fader_is_told_at_once_and_60_times_a_second),
        TEST(a_text_of_1023_bytes_is_in_a_dump),
        TEST(readings_come_as_one_blob_a_period),
        TEST(a_curve_comes_as_a_blob_too),
        TEST(a_blobs_paths_are_told_in_its_order),
        TEST(what_has_no_readings_has_no_blob),
        TEST(blobs_that_nobody_hears_make_room),
        TEST(who_listens_to_one_row_hears_it_once_and_each_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
