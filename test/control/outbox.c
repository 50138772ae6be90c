/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/midi/outbox.h"

#include "test/kit/dice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The other end: each message that came, when, and whether there is room. */
enum { LOG_MAX = 4096 };

static struct box {
    int n, room; /* how many more it takes */
    int64_t now_ns;
    struct {
        uint8_t bytes[SURFACE_BYTES];
        size_t size;
        int64_t at_ns;
    } message[LOG_MAX];
} box;

static bool
receive(void *context, const uint8_t *bytes, size_t size)
{
    struct box *b = context;

    if (b->room <= 0)
        return false;
    b->room--;
    assert_true(b->n < LOG_MAX && size <= SURFACE_BYTES);
    memcpy(b->message[b->n].bytes, bytes, size);
    b->message[b->n].size = size;
    b->message[b->n++].at_ns = b->now_ns;
    return true;
}

static struct outbox *
open_box(int gap_us, int sysex_gap_us, int byte_gap_us, int ncells)
{
    const struct midi_port port = {receive, &box};
    struct surface_profile p = {.gap_us = gap_us, .sysex_gap_us = sysex_gap_us, .byte_gap_us = byte_gap_us};
    struct outbox *o;

    box.n = 0, box.room = LOG_MAX;
    dice_state = 20261204;
    assert_int_equal(outbox_open(&o, &p, ncells, &port), OK);
    return o;
}

static void
tick(struct outbox *o, int64_t now_ns)
{
    box.now_ns = now_ns;
    outbox_tick(o, now_ns);
}

#define PUT(o, cell, u, ...)                                                                                 \
    outbox_put(o, cell, u, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})
#define PUSH(o, cell, u, ...)                                                                                \
    outbox_push(o, cell, u, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})
#define CAME(i, ...) came(i, (const uint8_t[]){__VA_ARGS__}, sizeof(const uint8_t[]){__VA_ARGS__})

static void
came(int i, const uint8_t *bytes, size_t size)
{
    assert_true(i < box.n);
    assert_int_equal(box.message[i].size, size);
    assert_memory_equal(box.message[i].bytes, bytes, size);
}

static void
what_the_box_knows_does_not_leave_again(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 2);

    (void)state;
    PUT(o, 0, OUTBOX_MOVE, 0xB0, 48, 6);
    tick(o, 0);
    PUT(o, 0, OUTBOX_MOVE, 0xB0, 48, 6);
    tick(o, 1);
    assert_int_equal(box.n, 1);
    PUT(o, 0, OUTBOX_MOVE, 0xB0, 48, 7);
    PUT(o, 1, OUTBOX_MOVE, 0xB0, 48, 6); /* another cell knows nothing of it */
    tick(o, 2);
    assert_int_equal(box.n, 3);
    CAME(0, 0xB0, 48, 6);
    CAME(1, 0xB0, 48, 7);
    CAME(2, 0xB0, 48, 6);
    assert_int_equal(outbox_sent(o), 3);
    outbox_close(o);
}

static void
a_longer_text_with_the_same_beginning_is_another(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 1);

    (void)state;
    PUT(o, 0, OUTBOX_TEXT, 0x90, 1, 127);
    tick(o, 0);
    PUT(o, 0, OUTBOX_TEXT, 0x90, 1, 127, 0x91, 1, 5);
    tick(o, 1);
    PUT(o, 0, OUTBOX_TEXT, 0x90, 1, 127);
    tick(o, 2);
    assert_int_equal(box.n, 4);
    CAME(1, 0x90, 1, 127);
    CAME(2, 0x91, 1, 5);
    CAME(3, 0x90, 1, 127);
    outbox_close(o);
}

static void
the_newest_leaves_from_the_place_of_the_first(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 3);

    (void)state;
    PUT(o, 2, OUTBOX_MOVE, 0xE2, 0, 1);
    PUT(o, 0, OUTBOX_MOVE, 0xE0, 0, 2);
    PUT(o, 1, OUTBOX_MOVE, 0xE1, 0, 3);
    PUT(o, 2, OUTBOX_MOVE, 0xE2, 0, 4);
    tick(o, 0);
    assert_int_equal(box.n, 3);
    CAME(0, 0xE2, 0, 4);
    CAME(1, 0xE0, 0, 2);
    CAME(2, 0xE1, 0, 3);
    outbox_close(o);
}

static void
a_value_that_comes_back_before_it_left_sends_nothing(void **state)
{
    struct outbox *o = open_box(1000, 0, 0, 2);

    (void)state;
    PUT(o, 0, OUTBOX_MOVE, 0xE0, 0, 1);
    tick(o, 0);
    PUT(o, 0, OUTBOX_MOVE, 0xE0, 0, 2);
    tick(o, 10);
    assert_false(outbox_empty(o));
    PUT(o, 0, OUTBOX_MOVE, 0xE0, 0, 1);
    assert_true(outbox_empty(o));
    assert_true(outbox_next_ns(o) == INT64_MAX);
    tick(o, 1000000);
    assert_int_equal(box.n, 1);
    outbox_close(o);
}

static void
a_push_leaves_each_time(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 1);

    (void)state;
    for (int i = 0; i < 3; i++) {
        PUSH(o, 0, OUTBOX_METER, 0xD0, 0x3C);
        tick(o, i);
    }
    assert_int_equal(box.n, 3);
    PUSH(o, 0, OUTBOX_METER, 0xD0, 0x3C);
    PUT(o, 0, OUTBOX_METER, 0xD0, 0x3C); /* what was pushed is still owed */
    tick(o, 3);
    assert_int_equal(box.n, 4);
    PUT(o, 0, OUTBOX_METER, 0xD0, 0x3C);
    tick(o, 4);
    assert_int_equal(box.n, 4);
    outbox_close(o);
}

static void
what_is_forgotten_is_told_again(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 3);

    (void)state;
    for (uint8_t i = 0; i < 3; i++)
        PUT(o, i, OUTBOX_MOVE, (uint8_t)(0xE0 + i), 0, 64);
    tick(o, 0);
    outbox_forget(o, 1);
    assert_true(outbox_empty(o)); /* nobody has said what to tell it */
    for (uint8_t i = 0; i < 3; i++)
        PUT(o, i, OUTBOX_MOVE, (uint8_t)(0xE0 + i), 0, 64);
    tick(o, 1);
    assert_int_equal(box.n, 4);
    CAME(3, 0xE1, 0, 64);
    outbox_forget_all(o);
    for (uint8_t i = 0; i < 3; i++)
        PUT(o, i, OUTBOX_MOVE, (uint8_t)(0xE0 + i), 0, 64);
    tick(o, 2);
    assert_int_equal(box.n, 7);
    outbox_close(o);
}

static void
what_is_dropped_does_not_leave_and_is_not_known(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 3);

    (void)state;
    PUT(o, 0, OUTBOX_MOVE, 0xE0, 0, 1);
    PUT(o, 1, OUTBOX_MOVE, 0xE1, 0, 1);
    PUSH(o, 2, OUTBOX_MOVE, 0xE2, 0, 1);
    outbox_drop(o, 1);
    outbox_drop(o, 1);
    tick(o, 0);
    assert_int_equal(box.n, 2);
    PUT(o, 1, OUTBOX_MOVE, 0xE1, 0, 1);
    PUT(o, 0, OUTBOX_MOVE, 0xE0, 0, 2);
    outbox_drop_all(o);
    assert_true(outbox_empty(o));
    PUT(o, 1, OUTBOX_MOVE, 0xE1, 0, 1);
    tick(o, 1);
    assert_int_equal(box.n, 3);
    CAME(2, 0xE1, 0, 1);
    outbox_close(o);
}

static void
a_message_of_nothing_is_nothing(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 1);

    (void)state;
    outbox_put(o, 0, OUTBOX_MOVE, NULL, 0);
    outbox_push(o, 0, OUTBOX_MOVE, NULL, 0);
    assert_true(outbox_empty(o));
    outbox_close(o);
    outbox_close(NULL);
}

static void
the_urgent_goes_first_and_equals_in_their_order(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 6);

    (void)state;
    PUT(o, 0, OUTBOX_METER, 0xD0, 1);
    PUT(o, 1, OUTBOX_TEXT, 0xF0, 1, 0xF7);
    PUT(o, 2, OUTBOX_MOVE, 0xE0, 1, 1);
    PUT(o, 3, OUTBOX_ANSWER, 0xF0, 2, 0xF7);
    PUT(o, 4, OUTBOX_MOVE, 0xE1, 1, 1);
    PUT(o, 5, OUTBOX_ANSWER, 0xF0, 3, 0xF7);
    tick(o, 0);
    assert_int_equal(box.n, 6);
    CAME(0, 0xF0, 2, 0xF7);
    CAME(1, 0xF0, 3, 0xF7);
    CAME(2, 0xE0, 1, 1);
    CAME(3, 0xE1, 1, 1);
    CAME(4, 0xF0, 1, 0xF7);
    CAME(5, 0xD0, 1);
    outbox_close(o);
}

static void
a_cell_that_became_urgent_stays_so_until_it_has_left(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 2);

    (void)state;
    PUT(o, 0, OUTBOX_TEXT, 0xF0, 1, 0xF7);
    PUT(o, 1, OUTBOX_METER, 0xD0, 1);
    PUT(o, 1, OUTBOX_MOVE, 0xD0, 2);
    PUT(o, 1, OUTBOX_METER, 0xD0, 3);
    tick(o, 0);
    CAME(0, 0xD0, 3);
    CAME(1, 0xF0, 1, 0xF7);
    assert_int_equal(box.n, 2);
    outbox_close(o);
}

static void
a_flood_of_one_cell_keeps_no_other_waiting(void **state)
{
    enum { CELLS = 20 };
    struct outbox *o = open_box(1000, 0, 0, CELLS);
    int64_t now = 0;

    (void)state;
    for (uint8_t i = 1; i < CELLS; i++)
        PUT(o, i, OUTBOX_MOVE, 0xB0, i, 1);
    for (int i = 0; i < CELLS; i++, now += 1000000) {
        PUT(o, 0, OUTBOX_MOVE, 0xB0, 0, (uint8_t)i);
        tick(o, now);
    }
    assert_int_equal(box.n, CELLS);
    for (uint8_t i = 1; i < CELLS; i++)
        CAME(i - 1, 0xB0, i, 1);
    CAME(CELLS - 1, 0xB0, 0, CELLS - 1);
    for (int i = 0; i < 10; i++, now += 1000000) { /* from now on every second one is another's */
        PUT(o, 0, OUTBOX_MOVE, 0xB0, 0, (uint8_t)(i + 100));
        PUT(o, 1, OUTBOX_MOVE, 0xB0, 1, (uint8_t)(i + 100));
        tick(o, now);
        assert_int_equal(box.message[CELLS + i].bytes[1], i % 2);
    }
    outbox_close(o);
}

/* Everything is flooded by everybody, one departure a millisecond. */
static void
each_tenth_is_a_meter_and_nobody_starves(void **state)
{
    enum { CELLS = 40, ROUNDS = 4000 };
    struct outbox *o = open_box(1000, 1000, 0, CELLS);
    int since[OUTBOX_URGENCIES] = {0}, most[OUTBOX_URGENCIES] = {0}, times[CELLS] = {0};

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        for (uint8_t c = 0; c < CELLS; c++)
            PUT(o, c, c % OUTBOX_URGENCIES, 0xB0, c, (uint8_t)(i % 128));
        box.n = 0;
        tick(o, i * INT64_C(1000000));
        assert_int_equal(box.n, 1);
        times[box.message[0].bytes[1]]++;
        for (int u = 0; u < OUTBOX_URGENCIES; u++) {
            since[u] = u == box.message[0].bytes[1] % OUTBOX_URGENCIES ? 0 : since[u] + 1;
            most[u] = since[u] > most[u] ? since[u] : most[u];
        }
    }
    assert_int_equal(most[OUTBOX_METER], 9);
    assert_true(most[OUTBOX_TEXT] <= 11 && most[OUTBOX_MOVE] <= 11);
    assert_true(most[OUTBOX_ANSWER] <= 3); /* the three others, one after another */
    for (int c = 0; c < CELLS; c++)
        assert_true(times[c] >= ROUNDS / 10 / (CELLS / OUTBOX_URGENCIES) - 4);
    outbox_close(o);
}

static void
short_messages_keep_their_gap(void **state)
{
    struct outbox *o = open_box(500, 5000, 0, 3);

    (void)state;
    for (uint8_t i = 0; i < 3; i++)
        PUT(o, i, OUTBOX_MOVE, 0xB0, i, 1);
    assert_true(outbox_next_ns(o) == 0);
    tick(o, 7000000);
    assert_int_equal(box.n, 1);
    assert_true(outbox_next_ns(o) == 7500000);
    tick(o, 7499999);
    assert_int_equal(box.n, 1);
    tick(o, 7500000);
    assert_int_equal(box.n, 2);
    tick(o, 60000000); /* late: what was missed is not made up for */
    assert_int_equal(box.n, 3);
    assert_true(outbox_next_ns(o) == INT64_MAX);
    PUT(o, 0, OUTBOX_MOVE, 0xB0, 0, 2);
    assert_true(outbox_next_ns(o) == 60500000);
    outbox_close(o);
}

static void
nothing_follows_a_sysex_within_its_gap(void **state)
{
    struct outbox *o = open_box(0, 5000, 0, 3);

    (void)state;
    PUT(o, 0, OUTBOX_TEXT, 0xF0, 1, 2, 3, 0xF7);
    tick(o, 0);
    PUT(o, 1, OUTBOX_MOVE, 0xE0, 0, 1);
    PUT(o, 2, OUTBOX_MOVE, 0xE1, 0, 1);
    tick(o, 4999999);
    assert_int_equal(box.n, 1);
    assert_true(outbox_next_ns(o) == 5000000);
    tick(o, 5000000);
    assert_int_equal(box.n, 3);
    outbox_close(o);
}

static void
a_sysex_keeps_the_longest_of_its_gaps(void **state)
{
    /* FaderPort: 0.4 ms a byte. 20 bytes are 8 ms, 5 bytes would be 2 ms. */
    struct outbox *o = open_box(1500, 5000, 400, 2);
    uint8_t text[20] = {0xF0};

    (void)state;
    text[19] = 0xF7;
    outbox_put(o, 0, OUTBOX_TEXT, text, sizeof text);
    PUT(o, 1, OUTBOX_TEXT, 0xF0, 1, 2, 3, 0xF7);
    tick(o, 0);
    assert_true(outbox_next_ns(o) == 8000000);
    tick(o, 8000000);
    assert_int_equal(box.n, 2);
    PUT(o, 0, OUTBOX_MOVE, 0xB0, 1, 1);
    assert_true(outbox_next_ns(o) == 13000000);
    tick(o, 13000000);
    PUT(o, 0, OUTBOX_MOVE, 0xB0, 1, 2); /* a byte's gap is a sysex' alone */
    assert_true(outbox_next_ns(o) == 14500000);
    outbox_close(o);
}

static void
a_sysex_keeps_the_gap_of_all_messages_too(void **state)
{
    struct outbox *o = open_box(9000, 5000, 0, 2);

    (void)state;
    PUT(o, 0, OUTBOX_TEXT, 0xF0, 1, 0xF7);
    tick(o, 0);
    PUT(o, 0, OUTBOX_TEXT, 0xF0, 2, 0xF7);
    assert_true(outbox_next_ns(o) == 9000000);
    outbox_close(o);
}

/* The meter was due; what is dropped leaves no turn behind. */
static void
a_turn_that_nobody_takes_is_passed_on(void **state)
{
    struct outbox *o = open_box(1000, 0, 0, 20);

    (void)state;
    PUT(o, 19, OUTBOX_METER, 0xD0, 1);
    for (uint8_t i = 0; i < 12; i++)
        PUT(o, i, OUTBOX_MOVE, 0xB0, i, 1);
    for (int i = 0; i < 9; i++)
        tick(o, i * INT64_C(1000000));
    assert_int_equal(box.n, 9);
    outbox_drop(o, 19);
    tick(o, 9000000);
    assert_int_equal(box.n, 10);
    CAME(9, 0xB0, 9, 1);
    outbox_close(o);
}

static void
what_finds_no_room_is_tried_again(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 3);

    (void)state;
    PUT(o, 0, OUTBOX_MOVE, 0xB0, 0, 1);
    PUT(o, 1, OUTBOX_MOVE, 0xB0, 1, 1);
    PUT(o, 2, OUTBOX_METER, 0xD0, 1);
    box.room = 1;
    tick(o, 1000);
    assert_int_equal(box.n, 1);
    assert_int_equal(outbox_sent(o), 1);
    assert_true(outbox_next_ns(o) == 1000 + OUTBOX_RETRY_NS);
    PUT(o, 1, OUTBOX_MOVE, 0xB0, 1, 2); /* the newest, in the same place */
    tick(o, 2000);
    assert_int_equal(box.n, 1);
    box.room = 9;
    tick(o, 3000); /* whoever knows that there is room may come sooner */
    assert_int_equal(box.n, 3);
    CAME(1, 0xB0, 1, 2);
    CAME(2, 0xD0, 1);
    assert_true(outbox_next_ns(o) == INT64_MAX);
    outbox_close(o);
}

static void
a_value_that_found_no_room_may_still_be_taken_back(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 1);

    (void)state;
    PUT(o, 0, OUTBOX_MOVE, 0xB0, 0, 1);
    tick(o, 0);
    box.room = 0;
    PUT(o, 0, OUTBOX_MOVE, 0xB0, 0, 2);
    tick(o, 1);
    PUT(o, 0, OUTBOX_MOVE, 0xB0, 0, 1);
    box.room = 9;
    tick(o, 2);
    assert_int_equal(box.n, 1);
    outbox_close(o);
}

#define NRPN(mm, ll) 0xB0, 99, 1, 0xB0, 98, 2, 0xB0, 6, mm, 0xB0, 38, ll

/* 99 and 98 have left when the room ends: whatever comes, 6 and 38 are next. */
static void
a_cell_of_several_messages_leaves_whole(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 2);

    (void)state;
    PUT(o, 0, OUTBOX_MOVE, NRPN(64, 1));
    box.room = 2;
    tick(o, 0);
    assert_int_equal(box.n, 2);
    PUT(o, 0, OUTBOX_MOVE, NRPN(65, 9));
    PUT(o, 1, OUTBOX_ANSWER, 0xF0, 2, 0xF7);
    outbox_forget(o, 0);
    box.room = 1;
    tick(o, 1);
    outbox_drop_all(o);
    PUT(o, 0, OUTBOX_MOVE, NRPN(65, 9));
    PUT(o, 1, OUTBOX_ANSWER, 0xF0, 2, 0xF7);
    assert_false(outbox_empty(o));
    box.room = 99;
    tick(o, 2);
    assert_int_equal(box.n, 9);
    CAME(0, 0xB0, 99, 1);
    CAME(1, 0xB0, 98, 2);
    CAME(2, 0xB0, 6, 64);
    CAME(3, 0xB0, 38, 1);
    CAME(4, 0xF0, 2, 0xF7);
    CAME(5, 0xB0, 99, 1);
    CAME(7, 0xB0, 6, 65);
    CAME(8, 0xB0, 38, 9);
    outbox_close(o);
}

static void
the_same_again_while_it_is_leaving_is_nothing_new(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 1);

    (void)state;
    PUT(o, 0, OUTBOX_MOVE, NRPN(64, 1));
    box.room = 3;
    tick(o, 0);
    PUT(o, 0, OUTBOX_MOVE, NRPN(64, 1));
    box.room = 99;
    tick(o, 1);
    assert_int_equal(box.n, 4);
    PUT(o, 0, OUTBOX_MOVE, NRPN(64, 2));
    box.room = 3;
    tick(o, 2);
    outbox_forget(o, 0); /* a hand has moved it meanwhile: what is leaving is not what it shows in the end */
    PUT(o, 0, OUTBOX_MOVE, NRPN(64, 2));
    box.room = 99;
    tick(o, 3);
    assert_int_equal(box.n, 12);
    outbox_close(o);
}

static void
messages_of_one_cell_keep_their_gaps(void **state)
{
    struct outbox *o = open_box(1500, 5000, 0, 2);
    int64_t at = 0;

    (void)state;
    /* A colour on a FaderPort, then a sysex, then a note. */
    PUT(o, 0, OUTBOX_MOVE, 0x90, 8, 127, 0x91, 8, 1, 0xF0, 1, 0xF7, 0x90, 9, 127);
    PUT(o, 1, OUTBOX_ANSWER, 0xF0, 7, 0xF7);
    outbox_drop(o, 1);
    while (!outbox_empty(o)) {
        tick(o, at = outbox_next_ns(o));
        PUT(o, 1, OUTBOX_ANSWER, 0xF0, 7, 0xF7);
    }
    assert_int_equal(box.n, 5);
    assert_true(box.message[1].at_ns == 1500000 && box.message[2].at_ns == 3000000);
    CAME(2, 0xF0, 1, 0xF7);
    CAME(3, 0x90, 9, 127);
    assert_true(box.message[3].at_ns == 8000000);
    CAME(4, 0xF0, 7, 0xF7);
    assert_true(box.message[4].at_ns == 9500000 && at == 9500000);
    outbox_close(o);
}

/* A wait of its own, by a clock that only it moves. */
static int64_t
skip_to(void *context, int64_t until_ns)
{
    int *waits = context;

    ++*waits;
    return box.now_ns = until_ns;
}

static void
a_flush_waits_no_longer_than_it_may(void **state)
{
    struct outbox *o = open_box(0, 5000, 0, 5);
    int waits = 0;

    (void)state;
    for (uint8_t i = 0; i < 5; i++)
        PUT(o, i, OUTBOX_TEXT, 0xF0, i, 0xF7);
    box.now_ns = 1000000;
    assert_false(outbox_flush(o, 1000000, 12000000, skip_to, &waits)); /* at 1, 6 and 11 ms; 16 is too late */
    assert_int_equal(box.n, 3);
    assert_int_equal(waits, 2);
    assert_true(box.now_ns == 11000000);
    assert_true(outbox_empty(o));
    tick(o, 100000000);
    assert_int_equal(box.n, 3);
    PUT(o, 3, OUTBOX_TEXT, 0xF0, 3, 0xF7);
    PUT(o, 4, OUTBOX_TEXT, 0xF0, 4, 0xF7);
    assert_true(outbox_flush(o, 100000000, 5000000, skip_to, &waits));
    assert_int_equal(box.n, 5);
    outbox_close(o);
}

static void
a_flush_gives_up_on_a_box_that_takes_nothing(void **state)
{
    struct outbox *o = open_box(0, 0, 0, 1);
    int waits = 0;

    (void)state;
    PUT(o, 0, OUTBOX_MOVE, NRPN(1, 1));
    box.room = 1;
    assert_false(outbox_flush(o, 0, 50000000, skip_to, &waits));
    assert_int_equal(box.n, 1);
    assert_int_equal(waits, 50); /* a try each millisecond */
    assert_true(outbox_empty(o));
    outbox_close(o);
}

static void
a_flush_can_sleep(void **state)
{
    struct outbox *o = open_box(0, 1000, 0, 4);

    (void)state;
    for (uint8_t i = 0; i < 4; i++)
        PUT(o, i, OUTBOX_TEXT, 0xF0, i, 0xF7);
    assert_true(outbox_flush(o, 5, INT64_C(60000000000), NULL, NULL));
    assert_int_equal(box.n, 4);
    outbox_close(o);
}

/* What a box would show: the last bytes of each cell, put together from single messages (three of CC `cell`). */
struct shown {
    uint8_t value[3];
    bool ever;
};

static void
read_box(struct shown *shown)
{
    for (int i = 0; i < box.n; i++) {
        const uint8_t *m = box.message[i].bytes;

        assert_int_equal(box.message[i].size, 3);
        shown[m[1]].value[m[0] - 0xB0] = m[2];
        shown[m[1]].ever = true;
    }
    box.n = 0;
}

/* Rooms that end anywhere, drops, forgetting: once all has left, the box shows what each cell was put last. */
static void
in_the_end_the_box_shows_the_newest(void **state)
{
    enum { CELLS = 30, ROUNDS = 20000 };
    static struct shown want[CELLS], shown[CELLS];
    struct outbox *o = open_box(300, 5000, 0, CELLS);
    int64_t now = 0;

    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        int cell = (int)dice(CELLS);
        uint8_t v = (uint8_t)dice(4), n = (uint8_t)cell;

        if (dice(100) == 0)
            outbox_forget_all(o);
        if (dice(10) == 0)
            outbox_forget(o, cell);
        if (dice(5)) {
            want[cell] = (struct shown){{v, v, v}, true};
            (dice(2) ? outbox_put : outbox_push)(o, cell, dice(OUTBOX_URGENCIES),
                                                 (const uint8_t[]){0xB0, n, v, 0xB1, n, v, 0xB2, n, v}, 9);
        }
        box.room = (int)dice(6);
        now += dice(900000);
        tick(o, now);
        read_box(shown);
        for (int c = 0; outbox_empty(o) && c < CELLS; c++) {
            assert_memory_equal(shown[c].value, want[c].value, 3);
            assert_int_equal(shown[c].ever, want[c].ever);
        }
    }
    box.room = LOG_MAX;
    while (!outbox_empty(o))
        tick(o, outbox_next_ns(o));
    read_box(shown);
    for (int c = 0; c < CELLS; c++)
        assert_memory_equal(shown[c].value, want[c].value, 3);
    outbox_close(o);
}

/* A box that needs its time after one kind of message alone is told the others at once. */
static void
a_gap_may_be_one_message_s(void **state)
{
    const struct midi_port port = {receive, &box};
    struct surface_profile p = {.gap_us = 1500, .gap_status = 0x93};
    struct outbox *o;

    (void)state;
    box.n = 0, box.room = LOG_MAX;
    assert_int_equal(outbox_open(&o, &p, 3, &port), OK);
    PUT(o, 0, OUTBOX_MOVE, 0x91, 1, 2, 0x92, 1, 2, 0x93, 1, 2, 0x90, 1, 127);
    PUT(o, 1, OUTBOX_MOVE, 0xE0, 1, 2);
    PUT(o, 2, OUTBOX_MOVE, 0xE1, 1, 2);
    tick(o, 0);
    assert_int_equal(box.n, 3);
    tick(o, 1499000);
    assert_int_equal(box.n, 3);
    tick(o, 1500000);
    assert_int_equal(box.n, 6);
    outbox_close(o);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_box_knows_does_not_leave_again),
        cmocka_unit_test(a_gap_may_be_one_message_s),
        cmocka_unit_test(a_longer_text_with_the_same_beginning_is_another),
        cmocka_unit_test(the_newest_leaves_from_the_place_of_the_first),
        cmocka_unit_test(a_value_that_comes_back_before_it_left_sends_nothing),
        cmocka_unit_test(a_push_leaves_each_time),
        cmocka_unit_test(what_is_forgotten_is_told_again),
        cmocka_unit_test(what_is_dropped_does_not_leave_and_is_not_known),
        cmocka_unit_test(a_message_of_nothing_is_nothing),
        cmocka_unit_test(the_urgent_goes_first_and_equals_in_their_order),
        cmocka_unit_test(a_cell_that_became_urgent_stays_so_until_it_has_left),
        cmocka_unit_test(a_flood_of_one_cell_keeps_no_other_waiting),
        cmocka_unit_test(each_tenth_is_a_meter_and_nobody_starves),
        cmocka_unit_test(short_messages_keep_their_gap),
        cmocka_unit_test(nothing_follows_a_sysex_within_its_gap),
        cmocka_unit_test(a_sysex_keeps_the_longest_of_its_gaps),
        cmocka_unit_test(a_sysex_keeps_the_gap_of_all_messages_too),
        cmocka_unit_test(a_turn_that_nobody_takes_is_passed_on),
        cmocka_unit_test(what_finds_no_room_is_tried_again),
        cmocka_unit_test(a_value_that_found_no_room_may_still_be_taken_back),
        cmocka_unit_test(a_cell_of_several_messages_leaves_whole),
        cmocka_unit_test(the_same_again_while_it_is_leaving_is_nothing_new),
        cmocka_unit_test(messages_of_one_cell_keep_their_gaps),
        cmocka_unit_test(a_flush_waits_no_longer_than_it_may),
        cmocka_unit_test(a_flush_gives_up_on_a_box_that_takes_nothing),
        cmocka_unit_test(a_flush_can_sleep),
        cmocka_unit_test(in_the_end_the_box_shows_the_newest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
