/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test/control/surface_room.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- motors ----------------------------------------------------------------------------------------------- */

static void
a_motor_is_never_driven_while_touched_and_once_after(void **state)
{
    ROOM({.control = "fader/1", .to = "/eq/1/gain"});

    say(r, 0x90, 104, 127);
    for (int i = 0; i < 100; i++) {
        fake_engine_move(r->engine, "/eq/1/gain", i % 24);
        pass(r, 10);
        say(r, 0xe0, i, 64);
    }
    pass(r, 2000);
    assert_int_equal(count(r, 0xe0, -1), 0);
    fake_engine_move(r->engine, "/eq/1/gain", 12.0);
    pass(r, 20);
    assert_int_equal(count(r, 0xe0, -1), 0);
    say(r, 0x90, 104, 0);
    pass(r, 10);
    assert_int_equal(count(r, 0xe0, -1), 1);
    assert_int_equal(last(r, 0xe0, -1), 12287); /* three quarters of 16383: 12287.25 */
    pass(r, 1000);
    assert_int_equal(count(r, 0xe0, -1), 1);
    room_close(r);
}

/* The box was told 8192 before, then the hand moved it away and came back. */
static void
after_a_hand_the_motor_is_told_even_what_it_was_told_before(void **state)
{
    ROOM({.control = "fader/1", .to = "/eq/1/gain"});

    say(r, 0x90, 104, 127);
    say(r, 0xe0, 0, 64);
    say(r, 0x90, 104, 0);
    pass(r, 50);
    assert_int_equal(count(r, 0xe0, -1), 1);
    assert_int_equal(last(r, 0xe0, -1), 8192);
    room_close(r);
}

static void
what_waits_for_a_motor_does_not_leave_once_a_finger_is_on_it(void **state)
{
    ROOM({.control = "fader/1", .to = "/eq/1/gain"});

    r->full = true;
    fake_engine_move(r->engine, "/eq/1/gain", 6.0);
    pass(r, 20);
    say(r, 0x90, 104, 127);
    r->full = false;
    pass(r, 100);
    assert_int_equal(count(r, 0xe0, -1), 0);
    say(r, 0x90, 104, 0);
    pass(r, 20);
    assert_int_equal(count(r, 0xe0, -1), 1);
    room_close(r);
}

static void
a_motor_without_touch_rests_a_while_after_the_hand(void **state)
{
    ROOM({.control = "slider/1", .to = "/eq/1/gain"}, {.control = "dial/1", .to = "/eq/2/gain"});
    int64_t end;

    for (int i = 0; i < 50; i++) {
        say(r, 0xb2, 81, 30 + i);
        say(r, 0xb3, 1, 30 + i);
        fake_engine_move(r->engine, "/eq/3/gain", i % 10);
        pass(r, 20);
    }
    assert_int_equal(count(r, 0xb2, 81), 0);
    assert_int_equal(count(r, 0xb3, 1), 0);
    end = r->now - 20 * MS + SURFACE_HAND_NS;
    while (r->now < end - 10 * MS)
        pass(r, 10);
    assert_int_equal(count(r, 0xb2, 81), 0);
    pass(r, 20);
    assert_int_equal(count(r, 0xb2, 81), 1); /* though it is what it said itself */
    assert_int_equal(last(r, 0xb2, 81), 79);
    assert_int_equal(count(r, 0xb3, 1), 1);
    pass(r, 1000);
    assert_int_equal(count(r, 0xb2, 81), 1);
    room_close(r);
}

/* The engine sends it to the top; it says where it is on its way. */
static void
a_motor_that_reports_its_travel_is_no_hand(void **state)
{
    ROOM({.control = "fader/1", .to = "/eq/1/gain"});

    fake_engine_move(r->engine, "/eq/1/gain", 24.0);
    pass(r, 10);
    assert_int_equal(last(r, 0xe0, -1), 16383);
    for (int raw = 66; raw < 127; raw += 4) {
        pass(r, 20);
        say(r, 0xe0, 3, raw);
    }
    assert_true(value(r, "/eq/1/gain") == 24.0);
    assert_int_equal(r->engine->nsets, 0);
    pass(r, 600);
    say(r, 0xe0, 0, 0); /* much later it is somebody without a finger */
    assert_true(value(r, "/eq/1/gain") == -24.0);
    room_close(r);
}

/* --- echoes and loops ------------------------------------------------------------------------------------- */

static void
an_echo_is_not_taken_for_a_hand(void **state)
{
    ROOM({.control = "slider/1", .to = "/eq/1/gain"});

    fake_engine_move(r->engine, "/eq/1/gain", 1.0);
    pass(r, 10);
    assert_int_equal(count(r, 0xb2, 81), 1);
    r->now += 40 * MS;
    say(r, 0xb2, 81, last(r, 0xb2, 81));
    assert_int_equal(r->engine->nsets, 0);
    assert_true(value(r, "/eq/1/gain") == 1.0);
    assert_int_equal(surface_counts(r->s)->loops, 1);
    r->now += 20 * MS;
    say(r, 0xb2, 81, last(r, 0xb2, 81)); /* 60 ms: a hand */
    assert_int_equal(r->engine->nsets, 1);
    room_close(r);
}

/* A tap that switches off: its light is told off before the finger is up, in the bytes of the key's own release. */
static void
a_key_that_comes_up_is_no_loop(void **state)
{
    ROOM({.control = "key/1", .to = "/monitor/mute"});

    fake_engine_move(r->engine, "/monitor/mute", 1.0);
    pass(r, 300);
    say(r, 0x90, 40, 127);
    pass(r, 20);
    assert_int_equal(last(r, 0x90, 40), 0);
    say(r, 0x90, 40, 0);
    assert_int_equal(surface_counts(r->s)->loops, 0);
    assert_int_equal(r->engine->nsets, 1);
    room_close(r);
}

/* Another hand moves the row, and a cable brings back what the slider is sent. */
static void
loop_for(struct room *r, int ms)
{
    for (int i = 0; i < ms / 20; i++) {
        int sent = count(r, 0xb2, 81);

        fake_engine_move(r->engine, "/eq/1/gain", i % 24);
        pass(r, 20);
        if (count(r, 0xb2, 81) > sent)
            say(r, 0xb2, 81, last(r, 0xb2, 81));
    }
}

static void
a_loop_is_cut_and_told_once_and_tried_again(void **state)
{
    ROOM({.control = "slider", .to = "/eq/#/gain"});
    const char *news;
    int sent;

    loop_for(r, 600); /* the first may have been a hand: 150 ms later it is tried again */
    assert_int_equal(surface_counts(r->s)->loops, 20);
    assert_int_equal(r->engine->nsets, 0);
    news = surface_news(r->s);
    assert_non_null(news);
    assert_string_equal(news,
                        "MIDI loop: what slider/1 is sent comes back, and is cut: take the cable from its "
                        "output to its input away");
    assert_null(surface_news(r->s));
    sent = count(r, 0xb2, 81);
    fake_engine_move(r->engine, "/eq/1/gain", -5.0);
    fake_engine_move(r->engine, "/eq/2/gain", -5.0);
    pass(r, 1900);
    assert_int_equal(count(r, 0xb2, 81), sent);
    assert_int_equal(count(r, 0xb2, 82), 1); /* the others are told */
    pass(r, 200);
    assert_int_equal(count(r, 0xb2, 81), sent + 1);
    loop_for(r, 600); /* still there: cut again, not told again */
    assert_int_equal(surface_counts(r->s)->loops, 40);
    assert_null(surface_news(r->s));
    room_close(r);
}

/* A light's note is no more a press than a fader's echo is a hand; what a ring is told comes in as no control. */
static void
a_cable_from_out_to_in_moves_nothing(void **state)
{
    ROOM({.control = "key/1", .to = "/monitor/mute"}, {.control = "encoder/1", .to = "/eq/1/gain"},
         {.control = "fader/1", .to = "/eq/1/gain"}, {.control = "knob/1", .to = "/eq/2/gain"});
    int looped = 0;

    for (int i = 0; i < 300; i++) {
        fake_engine_move(r->engine, "/monitor/mute", i % 2);
        fake_engine_move(r->engine, "/eq/1/gain", i % 20);
        pass(r, 10);
        for (; looped < r->said; looped++)
            say_bytes(r, r->bytes[looped], r->size[looped]);
    }
    assert_int_equal(r->engine->nsets, 0);
    assert_non_null(surface_news(r->s));
    assert_null(surface_news(r->s));
    assert_in_range(surface_counts(r->s)->loops, 40, 400);
    room_close(r);
}

/* --- the map, the learner --------------------------------------------------------------------------------- */

static const struct midimap_entry *
find_entry(const struct midimap *map, int status, int number)
{
    for (int i = 0; i < map->count; i++)
        if (map->entry[i].status == status && map->entry[i].number == number)
            return &map->entry[i];
    return NULL;
}

static void
the_map_has_what_means_one_row_and_nothing_else(void **state)
{
    ROOM({.control = "knob/1", .to = "/eq/1/gain", .low = "-6", .high = "6"},
         {.control = "knob/2", .to = "macro air"}, {.control = "encoder/1", .to = "/eq/1/freq"},
         {.control = "encoder/2", .to = "/transport/locate"}, {.control = "fader/1", .to = "/eq/3/gain"},
         {.control = "wide", .to = "/monitor/level"}, {.control = "key/1", .to = "/monitor/mute"},
         {.control = "key/2", .to = "fine"}, {.control = "encoder/3", .to = "/eq/2/gain", .by = 0.5});
    struct midimap *map = calloc(1, sizeof *map);
    const struct midimap_entry *e;
    uint64_t changes = surface_map_changes(r->s);

    surface_map(r->s, map);
    assert_int_equal(map->count, 3);
    e = find_entry(map, 0xb1, 0);
    assert_non_null(e);
    assert_int_equal(e->param, param_find("/eq/1/gain"));
    assert_true(near(e->low, 0.375) && near(e->high, 0.625));
    assert_int_equal(e->takeover, SURFACE_PICKUP);
    assert_int_equal(e->max, 127);
    e = find_entry(map, 0xb0, 16);
    assert_non_null(e);
    assert_int_equal(e->coding, SURFACE_SIGN_MAGNITUDE);
    assert_true(near(e->step, 0.01));
    e = find_entry(map, 0xb5, 7);
    assert_non_null(e);
    assert_int_equal(e->message, SURFACE_CC14);
    say(r, 0x90, 104, 127); /* a finger: now it is a hand's */
    assert_true(surface_map_changes(r->s) != changes);
    surface_map(r->s, map);
    e = find_entry(map, 0xe0, 0);
    assert_non_null(e);
    assert_int_equal(e->takeover, SURFACE_JUMP);
    changes = surface_map_changes(r->s);
    say(r, 0x90, 41, 127);
    assert_true(surface_map_changes(r->s) != changes);
    surface_map(r->s, map);
    assert_true(near(find_entry(map, 0xb0, 16)->step, 0.001));
    free(map);
    room_close(r);
}

static void
what_the_process_thread_moved_is_not_moved_again_but_held(void **state)
{
    static const uint8_t bytes[] = {0xb1, 0, 100};
    ROOM({.control = "knob/1", .to = "/eq/1/gain"});

    surface_take(r->s, bytes, 3, 1000, true, r->now);
    assert_int_equal(r->engine->nsets, 0);
    fake_engine_move(r->engine, "/eq/1/gain", -24.0 + 48.0 * 100 / 127);
    pass(r, 20);
    assert_int_equal(last(r, 0x91, 0), 127);
    say(r, 0xb1, 0, 110); /* it holds the row */
    assert_true(near(value(r, "/eq/1/gain"), -24.0 + 48.0 * 110 / 127));
    room_close(r);
}

struct learnt {
    int n;
    uint8_t first;
};

static void
learn(void *context, const uint8_t *bytes, size_t size, int64_t now_ns)
{
    struct learnt *l = context;

    (void)size, (void)now_ns;
    l->first = bytes[0];
    l->n++;
}

static void
a_learner_hears_and_nothing_moves_nor_is_a_touched_motor_driven(void **state)
{
    struct midimap *map = calloc(1, sizeof *map);
    struct learnt l = {0};
    ROOM({.control = "encoder/1", .to = "/eq/1/gain"}, {.control = "fader/1", .to = "/eq/1/gain"});

    surface_learn(r->s, learn, &l);
    say(r, 0xb0, 16, 1);
    assert_int_equal(l.n, 1);
    assert_int_equal(l.first, 0xb0);
    say(r, 0x90, 104, 127);
    say(r, 0xe0, 0, 0);
    fake_engine_move(r->engine, "/eq/1/gain", 5.0);
    pass(r, 500);
    assert_int_equal(r->engine->nsets, 0);
    assert_int_equal(count(r, 0xe0, -1), 0);
    surface_map(r->s, map);
    assert_int_equal(map->count, 0);
    surface_learn(r->s, NULL, NULL);
    say(r, 0xb0, 16, 1);
    assert_int_equal(r->engine->nsets, 1);
    free(map);
    room_close(r);
}

/* --- a long time ------------------------------------------------------------------------------------------ */

/* What the box is at: of its last message and ours, the later one. */
struct box {
    int fader[8], slider[2], dial[2], ring[8], light[8];
    bool touched[8];
    int heard; /* of what left */
};

static void
hear(struct box *b, const struct room *r)
{
    for (; b->heard < r->said; b->heard++) {
        const uint8_t *m = r->bytes[b->heard];

        if ((m[0] & 0xf0) == 0xe0) {
            assert_false(b->touched[m[0] & 7]);
            b->fader[m[0] & 7] = m[1] + 128 * m[2];
        } else if (m[0] == 0xb2 && (m[1] == 81 || m[1] == 82)) {
            b->slider[m[1] - 81] = m[2];
        } else if (m[0] == 0xb3 && (m[1] == 1 || m[1] == 2)) {
            b->dial[m[1] - 1] = m[2];
        } else if (m[0] == 0xb0 && m[1] >= 48 && m[1] < 56) {
            b->ring[m[1] - 48] = m[2];
        } else if (m[0] == 0x90 && m[1] >= 40 && m[1] < 48) {
            b->light[m[1] - 40] = m[2];
        }
    }
}

static void
hand(struct box *b, struct room *r)
{
    int n = (int)dice(8), raw = (int)dice(128);

    switch ((int)dice(8)) {
    case 0:
        b->touched[n] = !b->touched[n];
        say(r, 0x90, 104 + n, b->touched[n] ? 127 : 0);
        break;
    case 1:
        if (!b->touched[n])
            break;
        b->fader[n] = raw + 128 * (int)dice(128);
        say(r, 0xe0 + n, b->fader[n] & 127, b->fader[n] >> 7);
        break;
    case 2: say(r, 0xb2, 81 + n % 2, b->slider[n % 2] = raw); break;
    case 3: say(r, 0xb3, 1 + n % 2, b->dial[n % 2] = raw); break;
    case 4: say(r, 0xb0, 16 + n, raw); break;
    case 5: say(r, 0x90, 40 + n, raw < 64 ? 0 : 127); break;
    case 6: say(r, 0x90, 32 + n, raw < 64 ? 0 : 127); break;
    case 7: say(r, 0xb1, n, raw); break;
    }
}

/* The raw value where a row stands. */
static int
raw_of(const struct room *r, int most, const char *format, int number)
{
    char path[PARAM_PATH_SIZE];
    const struct param *p;

    snprintf(path, sizeof path, format, number);
    p = param_at(param_find(path));
    return (int)lround(most * param_to_norm(p, value(r, path)));
}

static void
other_hand(struct room *r)
{
    static const char *const rows[] = {"/eq/1/gain", "/eq/3/freq",   "/comp/threshold", "/clip/drive",
                                       "/eq/5/on",   "/comp/makeup", "/eq/8/gain",      "/limit/ceiling"};
    const char *path = rows[dice(LEN(rows))];
    double to = 0.0;

    assert_true(param_from_norm(param_at(param_find(path)), chance(), &to, NULL));
    fake_engine_move(r->engine, path, to);
}

/* 100,000 things happen, some 30 a second. */
static void
after_a_random_hour_box_and_engine_agree(void **state)
{
    static struct surface_assign all[] = {{.control = "slider/1", .to = "/comp/threshold"},
                                          {.control = "slider/2", .to = "/limit/ceiling"},
                                          {.control = "dial/1", .to = "/clip/drive"},
                                          {.control = "dial/2", .to = "/comp/makeup"},
                                          {.control = "encoder", .to = "/eq/#/freq"},
                                          {.control = "key/8", .to = "page_next"},
                                          {.control = "key/1..7", .to = "/eq/#/on"},
                                          {.control = "push", .to = "default fader"},
                                          {.control = "knob", .to = "/eq/#/q"}};
    static struct surface_assign one[] = {{.control = "fader", .to = "/eq/#/gain"}};
    static struct surface_assign two[] = {{.control = "fader", .to = "/eq/#/threshold"}};
    struct room *r = calloc(1, sizeof *r);
    struct box b = {.heard = 0};

    (void)state;
    dice_state = 20;
    r->p.assign = all, r->p.assign_count = LEN(all);
    r->page[0].assign = one, r->page[0].assign_count = 1;
    r->page[1] = (struct surface_page){.name = "two", .assign = two, .assign_count = 1};
    r->p.pages_count = 2;
    room_open(r);
    for (int i = 0; i < 100000; i++) {
        if (dice(4) == 0)
            other_hand(r);
        else
            hand(&b, r);
        pass(r, (int)dice(8) * 10);
        hear(&b, r);
        if (r->said > SAID / 2)
            r->said = b.heard = 0;
    }
    for (int n = 0; n < 8; n++) {
        b.touched[n] = false;
        say(r, 0x90, 104 + n, 0);
        say(r, 0x90, 40 + n, 0);
    }
    pass(r, 4000); /* and what was cut is told again */
    hear(&b, r);
    for (int n = 0; n < 8; n++) {
        const char *gain = strcmp(surface_page_name(r->s), "one") == 0 ? "/eq/%d/gain" : "/eq/%d/threshold";

        assert_int_equal(b.fader[n], raw_of(r, 16383, gain, n + 1));
        assert_int_equal((b.ring[n] & 15), 1 + raw_of(r, 10, "/eq/%d/freq", n + 1));
        if (n < 7)
            assert_int_equal(b.light[n], raw_of(r, 127, "/eq/%d/on", n + 1));
    }
    assert_int_equal(b.slider[0], raw_of(r, 127, "/comp/threshold", 0));
    assert_int_equal(b.slider[1], raw_of(r, 127, "/limit/ceiling", 0));
    assert_int_equal(b.dial[0], raw_of(r, 127, "/clip/drive", 0));
    assert_int_equal(b.dial[1], raw_of(r, 127, "/comp/makeup", 0));
    assert_int_equal(surface_counts(r->s)->refused, 0);
    assert_true(surface_counts(r->s)->moves > 20000);
    r->said = 0;
    pass(r, 5000); /* at rest there is nothing to say */
    assert_int_equal(r->said, 0);
    room_close(r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test(name)
        TEST(a_motor_is_never_driven_while_touched_and_once_after),
        TEST(after_a_hand_the_motor_is_told_even_what_it_was_told_before),
        TEST(what_waits_for_a_motor_does_not_leave_once_a_finger_is_on_it),
        TEST(a_motor_without_touch_rests_a_while_after_the_hand),
        TEST(a_motor_that_reports_its_travel_is_no_hand),
        TEST(an_echo_is_not_taken_for_a_hand),
        TEST(a_key_that_comes_up_is_no_loop),
        TEST(a_loop_is_cut_and_told_once_and_tried_again),
        TEST(a_cable_from_out_to_in_moves_nothing),
        TEST(the_map_has_what_means_one_row_and_nothing_else),
        TEST(what_the_process_thread_moved_is_not_moved_again_but_held),
        TEST(a_learner_hears_and_nothing_moves_nor_is_a_touched_motor_driven),
        TEST(after_a_random_hour_box_and_engine_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
