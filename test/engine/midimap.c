/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/midimap.h"

#include "test/kit/defaults.h"
#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { KNOB = 16, FADER = 7 };

static struct midimap map;
static struct midimap_table table[2]; /* the one in force is never written to */
static struct midimap_state s;
static struct settings in_force;
static int tables;

static int
set_up(void **state)
{
    (void)state;
    params_init();
    memset(&map, 0, sizeof map);
    memset(&s, 0, sizeof s);
    in_force = default_settings();
    return 0;
}

/* A knob that sends 0..127 on CC 16, channel 1; a test changes what it is about. */
static struct midimap_entry
knob(const char *path)
{
    return (struct midimap_entry){.status = 0xB0,
                                  .number = KNOB,
                                  .message = SURFACE_CC,
                                  .max = 127,
                                  .acceleration = 1.0,
                                  .takeover = SURFACE_JUMP,
                                  .param = id_of(path),
                                  .high = 1.0,
                                  .step = 0.01};
}

static struct midimap_entry
fader(const char *path)
{
    struct midimap_entry e = knob(path);

    e.message = SURFACE_CC14;
    e.number = FADER;
    e.max = 16383;
    return e;
}

static void
change(void)
{
    struct midimap_table *t = &table[tables++ % 2];

    midimap_index(t, &map, 1);
    midimap_change(&s, t);
}

/* The only entry from now on. */
static void
use(struct midimap_entry e)
{
    map.count = 1;
    map.entry[0] = e;
    change();
}

/* What is moved is in force at once. */
static enum midimap_did
send_bytes(const uint8_t *bytes, size_t size)
{
    struct midimap_move m;
    enum midimap_did did = midimap_take(&s, bytes, size, &in_force, &m);

    if (did == MIDIMAP_MOVES)
        param_store(param_at(m.param), &in_force, m.value);
    return did;
}

static enum midimap_did
send(int status, int number, int value)
{
    const uint8_t bytes[] = {(uint8_t)status, (uint8_t)number, (uint8_t)value};

    return send_bytes(bytes, (status & 0xF0) == 0xD0 ? 2 : 3);
}

static enum midimap_did
turn(int value)
{
    return send(0xB0, KNOB, value);
}

static double
get(const char *path)
{
    return param_load(param_at(id_of(path)), &in_force);
}

static void
set(const char *path, double value)
{
    param_store(param_at(id_of(path)), &in_force, value);
}

/* --- values --------------------------------------------------------------------------------------- */

static void
a_control_reaches_both_ends_and_all_between(void **state)
{
    (void)state;
    use(knob("/input/trim")); /* -24..24 dB */
    for (int i = 127; i >= 0; i--) {
        turn(i);
        assert_float_equal(get("/input/trim"), -24.0 + 48.0 * i / 127, 1e-12);
    }
    use(knob("/eq/3/freq")); /* 10..40000 Hz, log */
    for (int i = 0; i < 128; i++) {
        turn(i);
        assert_float_equal(get("/eq/3/freq") / (10.0 * pow(4000.0, i / 127.0)), 1.0, 1e-12);
    }
    assert_true(get("/eq/3/freq") == 40000.0);
    turn(0);
    assert_true(get("/eq/3/freq") == 10.0);
}

static void
a_detent_is_the_very_middle(void **state)
{
    struct midimap_entry e = knob("/input/trim");

    (void)state;
    e.centre = 64;
    e.detent = 2;
    use(e);
    for (int i = 62; i <= 66; i++) {
        turn(i == 64 ? 1 : 126); /* away, by turns */
        turn(i);
        assert_true(get("/input/trim") == 0.0);
    }
    turn(61);
    assert_float_equal(get("/input/trim"), -24.0 / 62, 1e-12);
    turn(67);
    assert_float_equal(get("/input/trim"), 24.0 / 61, 1e-12);
    turn(127);
    assert_true(get("/input/trim") == 24.0);
}

static void
the_way_may_be_shorter_or_upside_down(void **state)
{
    struct midimap_entry e = knob("/input/trim");

    (void)state;
    e.low = 0.75; /* 12 dB */
    e.high = 0.5; /* 0 dB */
    e.min = 10;
    e.max = 110;
    use(e);
    turn(0);
    assert_float_equal(get("/input/trim"), 12.0, 1e-12);
    turn(60);
    assert_float_equal(get("/input/trim"), 6.0, 1e-12);
    turn(127);
    assert_float_equal(get("/input/trim"), 0.0, 1e-12);
}

static void
each_message_has_its_value(void **state)
{
    static const struct {
        enum surface_message message;
        int status, number, value, max;
        double share;
    } all[] = {
        {SURFACE_CC, 0xBF, 127, 100, 127, 100.0 / 127},
        {SURFACE_NOTE, 0x93, 60, 100, 127, 100.0 / 127},
        {SURFACE_NOTE, 0x83, 60, 100, 127, 0.0}, /* however fast it is let go */
        {SURFACE_POLY_PRESSURE, 0xA1, 60, 30, 127, 30.0 / 127},
        {SURFACE_CHANNEL_PRESSURE, 0xD5, 90, 0, 127, 90.0 / 127},
        {SURFACE_PITCH_BEND, 0xE8, 5, 100, 16383, (5 + 128 * 100) / 16383.0},
        {SURFACE_PITCH_BEND, 0xE8, 127, 127, 16383, 1.0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(all); i++) {
        struct midimap_entry e = knob("/input/trim");

        e.status = (uint8_t)((all[i].status & 0xF0) == 0x80 ? 0x90 | (all[i].status & 15) : all[i].status);
        e.number = (uint8_t)all[i].number;
        e.message = all[i].message;
        e.max = all[i].max;
        use(e);
        set("/input/trim", 1.0);
        assert_int_equal(send(all[i].status, all[i].number, all[i].value), MIDIMAP_MOVES);
        assert_float_equal(get("/input/trim"), -24.0 + 48.0 * all[i].share, 1e-12);
    }
}

static void
words_and_switches_get_the_nearest(void **state)
{
    int most = (int)param_at(id_of("/eq/3/type"))->max;

    (void)state;
    use(knob("/eq/3/type"));
    for (int i = 0; i < 128; i++) {
        turn(i);
        assert_true(get("/eq/3/type") == floor((double)most * i / 127 + 0.5));
    }
    use(knob("/eq/on"));
    turn(63);
    assert_true(get("/eq/on") == 0.0);
    turn(64);
    assert_true(get("/eq/on") == 1.0);
}

static void
what_it_is_already_moves_nothing(void **state)
{
    (void)state;
    use(knob("/input/trim"));
    assert_int_equal(turn(100), MIDIMAP_MOVES);
    assert_int_equal(turn(100), MIDIMAP_HELD);
    assert_int_equal(turn(101), MIDIMAP_MOVES);
}

/* --- halves --------------------------------------------------------------------------------------- */

static double
trim_of(int raw)
{
    return -24.0 + 48.0 * raw / 16383;
}

static void
two_halves_are_one_value(void **state)
{
    (void)state;
    use(fader("/input/trim"));
    for (int raw = 1; raw < 16384; raw += 37) {
        double before = get("/input/trim");

        assert_int_equal(send(0xB0, FADER, raw / 128), MIDIMAP_HELD);
        assert_true(get("/input/trim") == before);
        assert_int_equal(send(0xB0, FADER + 32, raw % 128), MIDIMAP_MOVES);
        assert_float_equal(get("/input/trim"), trim_of(raw), 1e-12);
    }
}

static void
a_low_half_alone_goes_with_the_last_high_one(void **state)
{
    (void)state;
    use(fader("/input/trim"));
    assert_int_equal(send(0xB0, FADER + 32, 5), MIDIMAP_HELD); /* of what? */
    send(0xB0, FADER, 50);
    send(0xB0, FADER + 32, 1);
    assert_int_equal(send(0xB0, FADER + 32, 9), MIDIMAP_MOVES);
    assert_float_equal(get("/input/trim"), trim_of(50 * 128 + 9), 1e-12);
}

/* A box that has no low halves: the first is told with the second, each other one at once. */
static void
a_high_half_alone_counts_its_low_one_as_none(void **state)
{
    (void)state;
    use(fader("/input/trim"));
    send(0xB0, FADER, 50);
    send(0xB0, FADER + 32, 77);
    assert_int_equal(send(0xB0, FADER, 51), MIDIMAP_HELD);
    assert_int_equal(send(0xB0, FADER, 52), MIDIMAP_MOVES);
    assert_float_equal(get("/input/trim"), trim_of(52 * 128), 1e-12);
    assert_int_equal(send(0xB0, FADER, 53), MIDIMAP_MOVES);
    assert_float_equal(get("/input/trim"), trim_of(53 * 128), 1e-12);
}

static void
some_send_the_low_half_first(void **state)
{
    struct midimap_entry e = fader("/input/trim");

    (void)state;
    e.low_first = true;
    use(e);
    assert_int_equal(send(0xB0, FADER + 32, 70), MIDIMAP_HELD);
    assert_int_equal(send(0xB0, FADER, 40), MIDIMAP_MOVES);
    assert_float_equal(get("/input/trim"), trim_of(40 * 128 + 70), 1e-12);
    assert_int_equal(send(0xB0, FADER, 41), MIDIMAP_MOVES); /* the low one is as it was */
    assert_float_equal(get("/input/trim"), trim_of(41 * 128 + 70), 1e-12);
}

/* --- ticks ---------------------------------------------------------------------------------------- */

/* surfaces.md 0.1. */
static void
each_coding_has_its_ticks(void **state)
{
    static const struct {
        enum surface_coding coding;
        int value, ticks;
    } all[] = {
        {SURFACE_TWOS_COMPLEMENT, 1, 1},
        {SURFACE_TWOS_COMPLEMENT, 127, -1},
        {SURFACE_TWOS_COMPLEMENT, 63, 63},
        {SURFACE_TWOS_COMPLEMENT, 65, -63},
        {SURFACE_OFFSET64, 65, 1},
        {SURFACE_OFFSET64, 63, -1},
        {SURFACE_OFFSET64, 127, 63},
        {SURFACE_SIGN_MAGNITUDE, 3, 3},
        {SURFACE_SIGN_MAGNITUDE, 67, -3},
        {SURFACE_SIGN_MAGNITUDE_INVERTED, 67, 3},
        {SURFACE_SIGN_MAGNITUDE_INVERTED, 3, -3},
    };

    (void)state;
    for (size_t i = 0; i < LEN(all); i++) {
        struct midimap_entry e = knob("/input/trim");

        e.coding = all[i].coding;
        e.step = 0.005; /* of 48 dB */
        use(e);
        set("/input/trim", 1.0);
        assert_int_equal(turn(all[i].value), MIDIMAP_MOVES);
        assert_float_equal(get("/input/trim"), 1.0 + 48.0 * 0.005 * all[i].ticks, 1e-12);
        assert_int_equal(turn(64), MIDIMAP_HELD);
    }
}

static void
a_jog_by_pitch_bend_steps_up_and_down(void **state)
{
    struct midimap_entry e = knob("/input/trim");

    (void)state;
    e.status = 0xE9;
    e.message = SURFACE_PITCH_BEND;
    e.coding = SURFACE_BEND_SIGN;
    use(e);
    send(0xE9, 1, 0);
    assert_float_equal(get("/input/trim"), 0.48, 1e-12);
    send(0xE9, 0, 64); /* 8192 */
    send(0xE9, 127, 127);
    assert_float_equal(get("/input/trim"), -0.48, 1e-12);
}

static void
ticks_end_at_the_ends_of_the_way(void **state)
{
    struct midimap_entry e = knob("/input/trim");

    (void)state;
    e.coding = SURFACE_TWOS_COMPLEMENT;
    e.low = 0.75; /* up is towards 0 dB */
    e.high = 0.5;
    use(e);
    set("/input/trim", 1.0);
    turn(1);
    assert_float_equal(get("/input/trim"), 0.52, 1e-12);
    turn(60);
    assert_float_equal(get("/input/trim"), 0.0, 1e-12);
    assert_int_equal(turn(1), MIDIMAP_HELD);
    turn(128 - 60);
    assert_float_equal(get("/input/trim"), 12.0, 1e-12);
}

static void
a_tick_is_one_word_and_parts_of_it_add_up(void **state)
{
    struct midimap_entry e = knob("/eq/3/type");
    int want[] = {2, 5, 8, 11}; /* 2 to the power of 1.5 is 2.83 */

    (void)state;
    e.coding = SURFACE_TWOS_COMPLEMENT;
    use(e);
    turn(1);
    assert_true(get("/eq/3/type") == 1.0);
    turn(127);
    assert_true(get("/eq/3/type") == 0.0);
    e.acceleration = 1.5;
    use(e);
    for (size_t i = 0; i < LEN(want); i++) {
        turn(2);
        assert_true(get("/eq/3/type") == fmin(want[i], param_at(e.param)->max));
    }
    set("/eq/3/type", 4.0);
    turn(126); /* back: what is left of the way up does not count */
    assert_true(get("/eq/3/type") == 2.0);
}

/* --- takeover ------------------------------------------------------------------------------------- */

static void
a_knob_picks_its_row_up(void **state)
{
    struct midimap_entry e = knob("/input/trim"); /* 0 dB is between 63 and 64 */

    (void)state;
    e.takeover = SURFACE_PICKUP;
    use(e);
    assert_int_equal(turn(20), MIDIMAP_HELD);
    assert_int_equal(turn(50), MIDIMAP_HELD);
    assert_int_equal(turn(80), MIDIMAP_MOVES);
    assert_float_equal(get("/input/trim"), -24.0 + 48.0 * 80 / 127, 1e-12);
    assert_int_equal(turn(90), MIDIMAP_MOVES);
    set("/input/trim", -6.0); /* another hand */
    assert_int_equal(turn(91), MIDIMAP_HELD);
    assert_int_equal(turn(89), MIDIMAP_HELD);
    assert_true(get("/input/trim") == -6.0);
    assert_int_equal(turn(40), MIDIMAP_MOVES);
}

static void
a_scaling_knob_moves_at_once_and_meets_its_row_at_the_end(void **state)
{
    struct midimap_entry e = knob("/input/trim");

    (void)state;
    e.takeover = SURFACE_SCALE;
    use(e);
    assert_int_equal(turn(0), MIDIMAP_HELD); /* where it is was not known */
    assert_int_equal(turn(127 / 2), MIDIMAP_MOVES);
    assert_true(get("/input/trim") > 0.0 && get("/input/trim") < 24.0);
    turn(127);
    assert_float_equal(get("/input/trim"), 24.0, 1e-12);
}

/* The row gets the nearest word, which is not quite where the knob is. */
static void
a_knob_keeps_hold_of_a_row_of_words(void **state)
{
    struct midimap_entry e = knob("/eq/3/type");
    double most = param_at(e.param)->max;

    (void)state;
    e.takeover = SURFACE_PICKUP;
    use(e);
    for (int i = 0; i < 128; i++) {
        turn(i);
        assert_true(get("/eq/3/type") == floor(most * i / 127 + 0.5));
    }
}

/* --- maps that change ----------------------------------------------------------------------------- */

static void
a_control_that_stays_keeps_hold(void **state)
{
    struct midimap_entry e = knob("/input/trim"), other = knob("/comp/ratio");

    (void)state;
    e.takeover = SURFACE_PICKUP;
    use(e);
    turn(60);
    assert_int_equal(turn(70), MIDIMAP_MOVES);
    other.number = 99;
    map.count = 2;
    map.entry[0] = other; /* at another place in the map */
    map.entry[1] = e;
    change();
    assert_int_equal(turn(100), MIDIMAP_MOVES);
    use(fader("/limit/gain"));
    use(e); /* it was away, and where it is now is not known */
    assert_int_equal(turn(20), MIDIMAP_HELD);
}

static void
a_control_that_gets_another_row_is_where_it_was_and_takes_it_over_anew(void **state)
{
    struct midimap_entry e = knob("/input/trim");

    (void)state;
    e.takeover = SURFACE_PICKUP;
    use(e);
    turn(60);
    turn(70);
    e.param = id_of("/limit/gain");
    set("/limit/gain", param_at(e.param)->min + 0.4 * (param_at(e.param)->max - param_at(e.param)->min));
    use(e);
    assert_int_equal(turn(72), MIDIMAP_HELD);
    assert_int_equal(turn(40), MIDIMAP_MOVES); /* from 72 past 0.4 of 127 */
}

static void
half_a_value_outlives_a_change_of_the_map(void **state)
{
    (void)state;
    use(fader("/input/trim"));
    send(0xB0, FADER, 80);
    change();
    send(0xB0, FADER + 32, 3);
    assert_float_equal(get("/input/trim"), trim_of(80 * 128 + 3), 1e-12);
}

static void
no_map_moves_nothing(void **state)
{
    (void)state;
    assert_int_equal(turn(1), MIDIMAP_NONE);
    use(knob("/input/trim"));
    midimap_index(&table[tables % 2], NULL, 0);
    midimap_change(&s, &table[tables % 2]);
    assert_int_equal(turn(1), MIDIMAP_NONE);
}

/* --- what is none --------------------------------------------------------------------------------- */

static void
only_rows_that_may_move_at_a_frame_are_in_a_map(void **state)
{
    static const char *const no[] = {"/meter/reset", "/insert/1/ping", "/transport/play",
                                     "/print/file",  "/compare/on",    "/meter/output/peak/1",
                                     "/undo",        "/history/steps", "/snapshot/fade"};

    (void)state;
    for (size_t i = 0; i < LEN(no); i++) {
        use(knob("/input/trim"));
        map.entry[0].param = id_of(no[i]);
        change();
        assert_int_equal(turn(100), MIDIMAP_NONE);
    }
    for (int id = -1; id <= params_count(); id += params_count() + 1) {
        map.entry[0].param = id;
        change();
        assert_int_equal(turn(100), MIDIMAP_NONE);
    }
}

static void
an_entry_that_contradicts_itself_is_left_out(void **state)
{
    struct midimap_entry e[6];

    (void)state;
    for (size_t i = 0; i < LEN(e); i++)
        e[i] = knob("/input/trim");
    e[0].status = 0x90;          /* a CC it is not */
    e[1].message = SURFACE_NRPN; /* of four messages */
    e[2].message = SURFACE_CC14;
    e[2].number = 40; /* has no low half */
    e[3].coding = SURFACE_INCREMENT;
    e[4].min = e[4].max;
    e[5].number = 200;
    for (size_t i = 0; i < LEN(e); i++) {
        use(e[i]);
        assert_int_equal(table[(tables - 1) % 2].map.count, 0);
    }
}

static void
other_messages_are_nobodys(void **state)
{
    static const uint8_t bytes[][4] = {{0xB1, KNOB, 5},    {0xB0, KNOB + 1, 5},   {0x90, KNOB, 5},
                                       {0xC0, KNOB, 0},    {0xF8, 0, 0},          {0xF0, KNOB, 0xF7},
                                       {0xB0, KNOB, 0x85}, {0xB0, KNOB | 0x80, 5}};

    (void)state;
    use(knob("/input/trim"));
    for (size_t i = 0; i < LEN(bytes); i++) {
        assert_int_equal(send_bytes(bytes[i], 3), MIDIMAP_NONE);
        assert_false(midimap_has(&s, bytes[i], 3));
    }
    assert_int_equal(send_bytes((const uint8_t[]){0xB0, KNOB, 5, 5}, 4), MIDIMAP_NONE);
    assert_int_equal(send_bytes((const uint8_t[]){0xB0, KNOB}, 2), MIDIMAP_NONE);
    assert_int_equal(send_bytes((const uint8_t[]){0xB0}, 1), MIDIMAP_NONE);
    assert_int_equal(send_bytes(NULL, 0), MIDIMAP_NONE);
    assert_true(midimap_has(&s, (const uint8_t[]){0xB0, KNOB, 5}, 3));
}

/* Any bytes, any map: no value out of range. */
static void
noise_moves_no_row_out_of_its_range(void **state)
{
    static const uint8_t status[] = {0xB0, 0x90, 0xE0, 0xD0, 0xA0};
    static const enum surface_message message[] = {SURFACE_CC, SURFACE_NOTE, SURFACE_PITCH_BEND,
                                                   SURFACE_CHANNEL_PRESSURE, SURFACE_POLY_PRESSURE};
    int moved = 0;

    (void)state;
    dice_state = 11;
    for (int round = 0; round < 200; round++) {
        map.count = MIDIMAP_MAX;
        for (int i = 0; i < MIDIMAP_MAX; i++) {
            uint32_t kind = dice(LEN(status));

            map.entry[i] = (struct midimap_entry){.status = status[kind],
                                                  .number = (uint8_t)dice(128),
                                                  .message = message[kind],
                                                  .coding = dice(SURFACE_INCREMENT + 1),
                                                  .min = (int)dice(128),
                                                  .max = (int)dice(16384),
                                                  .centre = (int)dice(200),
                                                  .detent = (int)dice(3),
                                                  .acceleration = 3.0 * chance(),
                                                  .takeover = dice(3),
                                                  .param = (int)dice((uint32_t)params_count()),
                                                  .low = chance(),
                                                  .high = chance(),
                                                  .step = chance()};
        }
        change();
        for (int i = 0; i < 500; i++) {
            uint8_t bytes[3] = {status[dice(LEN(status))], (uint8_t)dice(130), (uint8_t)dice(130)};
            struct midimap_move m;
            struct err e;

            if (midimap_take(&s, bytes, bytes[0] == 0xD0 ? 2 : 3, &in_force, &m) != MIDIMAP_MOVES)
                continue;
            if (!param_check(param_at(m.param), m.value, &e))
                fail_msg("%s", e.text);
            param_store(param_at(m.param), &in_force, m.value);
            moved++;
        }
    }
    assert_true(moved > 2000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_control_reaches_both_ends_and_all_between, set_up),
        cmocka_unit_test_setup(a_detent_is_the_very_middle, set_up),
        cmocka_unit_test_setup(the_way_may_be_shorter_or_upside_down, set_up),
        cmocka_unit_test_setup(each_message_has_its_value, set_up),
        cmocka_unit_test_setup(words_and_switches_get_the_nearest, set_up),
        cmocka_unit_test_setup(what_it_is_already_moves_nothing, set_up),
        cmocka_unit_test_setup(two_halves_are_one_value, set_up),
        cmocka_unit_test_setup(a_low_half_alone_goes_with_the_last_high_one, set_up),
        cmocka_unit_test_setup(a_high_half_alone_counts_its_low_one_as_none, set_up),
        cmocka_unit_test_setup(some_send_the_low_half_first, set_up),
        cmocka_unit_test_setup(each_coding_has_its_ticks, set_up),
        cmocka_unit_test_setup(a_jog_by_pitch_bend_steps_up_and_down, set_up),
        cmocka_unit_test_setup(ticks_end_at_the_ends_of_the_way, set_up),
        cmocka_unit_test_setup(a_tick_is_one_word_and_parts_of_it_add_up, set_up),
        cmocka_unit_test_setup(a_knob_picks_its_row_up, set_up),
        cmocka_unit_test_setup(a_scaling_knob_moves_at_once_and_meets_its_row_at_the_end, set_up),
        cmocka_unit_test_setup(a_knob_keeps_hold_of_a_row_of_words, set_up),
        cmocka_unit_test_setup(a_control_that_stays_keeps_hold, set_up),
        cmocka_unit_test_setup(a_control_that_gets_another_row_is_where_it_was_and_takes_it_over_anew,
                               set_up),
        cmocka_unit_test_setup(half_a_value_outlives_a_change_of_the_map, set_up),
        cmocka_unit_test_setup(no_map_moves_nothing, set_up),
        cmocka_unit_test_setup(only_rows_that_may_move_at_a_frame_are_in_a_map, set_up),
        cmocka_unit_test_setup(an_entry_that_contradicts_itself_is_left_out, set_up),
        cmocka_unit_test_setup(other_messages_are_nobodys, set_up),
        cmocka_unit_test_setup(noise_moves_no_row_out_of_its_range, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
