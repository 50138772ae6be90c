/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/history.h"

#include "engine/params.h"
#include "test/kit/dice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#define MS INT64_C(1000000)

enum { IDS = 40 };

static struct history h;
static double value[IDS];
static int64_t now_ns;
static int gain, freq;

static int
set_up(void **state)
{
    (void)state;
    params_init();
    assert_int_equal(history_prepare(&h, params_count()), OK);
    memset(value, 0, sizeof value);
    now_ns = 5000 * MS;
    gain = param_find("/eq/3/gain");
    freq = param_find("/eq/3/freq");
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    history_free(&h);
    return 0;
}

static void
wait_ms(int ms)
{
    now_ns += ms * MS;
}

static void
note(int id, double from, double to, const char *by)
{
    assert_true(history_note(
        &h, 0, &(struct history_move){.id = id, .from = from, .to = to, .by = by, .now_ns = now_ns}));
}

/* From where the test's own state has it. */
static void
move_as(int group, uint64_t together, int id, double to, const char *by)
{
    assert_true(history_note(&h, group, &(struct history_move){id, value[id], to, by, now_ns, together}));
    value[id] = to;
}

static void
move(int id, double to, const char *by)
{
    move_as(0, 0, id, to, by);
}

/* What a host does with a step. The list is true only if each value is where the step left it. */
static bool
go(bool redo)
{
    const struct history_step *s = history_next(&h, redo);
    const struct history_change *c;
    int n;

    if (!s)
        return false;
    c = history_changes(s, &n);
    for (int i = 0; i < n; i++) {
        assert_true(value[c[i].id] == (redo ? c[i].from : c[i].to));
        value[c[i].id] = redo ? c[i].to : c[i].from;
    }
    history_go(&h, redo);
    return true;
}

static void
steps(int undo, int redo)
{
    assert_int_equal(history_undo_steps(&h), undo);
    assert_int_equal(history_redo_steps(&h), redo);
}

static void
says(bool redo, const char *sentence)
{
    char line[512] = "";

    if (history_next(&h, redo))
        history_describe(history_next(&h, redo), line, sizeof line);
    assert_string_equal(line, sentence);
}

/* --- sentences --- */

static void
a_step_says_what_from_where_to_where_and_whose(void **state)
{
    (void)state;
    says(false, "");
    note(gain, 1.5, 2.0, "tablet");
    says(false, "eq/3/gain 1.5 -> 2.0 dB, tablet");
    note(param_find("/comp/ratio"), 2, 4.5, "terminal");
    says(false, "comp/ratio 2:1 -> 4.5:1, terminal");
    note(param_find("/eq/2/type"), 0, 5, "osc 192.0.2.7:5005");
    says(false, "eq/2/type bell -> notch, osc 192.0.2.7:5005");
    note(param_find("/chain/bypass"), 0, 1, "web");
    says(false, "chain/bypass off -> on, web");
    note(param_find("/chain/order/eq"), 10, 25, "web");
    says(false, "chain/order/eq 10 -> 25, web");
    note(freq, 1000, 1e5 / 3, "web");
    says(false, "eq/3/freq 1000 -> 33333 Hz, web");
    note(param_find("/comp/attack"), 0.1, 0.30000001192092896, "web"); /* what a float brings */
    says(false, "comp/attack 0.1 -> 0.3 ms, web");
    note(gain, -1.830982, 2.755849, "web"); /* and a fader */
    says(false, "eq/3/gain -1.831 -> 2.756 dB, web");
    note(freq, 1000.25, 1000.5, "script");
    says(false, "eq/3/freq 1000.2 -> 1000.5 Hz, script");
}

static void
a_group_says_its_label_and_how_many_values(void **state)
{
    int group = history_begin(&h, "preset club", "terminal", false);

    (void)state;
    for (int id = 0; id < 12; id++)
        move_as(group, 0, id, id + 1, "terminal");
    move_as(group, 0, 12, 1, "terminal");
    move_as(group, 0, 12, 0, "terminal"); /* and back: no value */
    history_end(&h, group);
    says(false, "preset club (12 values), terminal");
    group = history_begin(&h, "A\x1b[2J\n", "tab\tlet", false);
    assert_true(history_note(&h, group, &(struct history_move){gain, 0, 1, "tab\tlet", now_ns, 0}));
    history_end(&h, group);
    says(false, "A?[2J? (1 value), tab?let");
}

static void
a_long_label_is_cut_between_letters(void **state)
{
    char label[300] = "", line[512];
    int group;

    (void)state;
    for (int i = 0; i < 140; i++)
        strcat(label, "é");
    group = history_begin(&h, label, "x", false);
    move_as(group, 0, 1, 1, "x");
    history_describe(history_next(&h, false), line, sizeof line);
    assert_int_equal(strspn(line, "é"), HISTORY_LABEL - 2); /* 47 letters of two bytes */
    assert_string_equal(line + HISTORY_LABEL - 2, " (1 value), x");
}

static void
several_values_are_named_or_counted(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        note(freq, 1000 + 100 * k, 1100 + 100 * k, "tablet");
        note(gain, k, k + 1, "tablet");
        wait_ms(20);
    }
    says(false, "eq/3/freq 1000 -> 1200 Hz, eq/3/gain 0 -> 2 dB, tablet");
    note(param_find("/eq/3/q"), 1, 2, "tablet");
    note(freq, 1200, 1300, "tablet");
    says(false, "eq/3/freq 1000 -> 1300 Hz and 2 more, tablet");
    steps(1, 0);
}

/* --- gestures --- */

static void
one_turn_of_a_knob_is_one_step(void **state)
{
    (void)state;
    for (int i = 1; i <= 300; i++) {
        move(7, i * 0.1, "tablet");
        wait_ms(16);
    }
    steps(1, 0);
    assert_true(go(false));
    assert_true(value[7] == 0.0);
    assert_true(go(true));
    assert_true(value[7] == 300 * 0.1);
}

static void
a_rest_ends_a_gesture_and_its_own_length_does_not(void **state)
{
    (void)state;
    move(7, 1, "tablet");
    wait_ms(500);
    move(7, 2, "tablet");
    steps(1, 0);
    wait_ms(501);
    move(7, 3, "tablet");
    steps(2, 0);
    go(false);
    assert_true(value[7] == 2.0);
}

static void
a_gesture_that_ends_where_it_began_is_no_step(void **state)
{
    (void)state;
    move(3, 1, "tablet");
    wait_ms(1000);
    for (int i = 1; i <= 20; i++, wait_ms(10))
        move(7, i % 20, "tablet");
    steps(1, 0);
    move(7, 7, "tablet"); /* goes on: from where it began */
    steps(2, 0);
    go(false);
    assert_true(value[7] == 0.0);
}

static void
a_move_that_changes_nothing_is_no_step_and_keeps_redo(void **state)
{
    (void)state;
    move(7, 1, "tablet");
    go(false);
    move(7, 0, "tablet");
    steps(0, 1);
    move(7, 5, "tablet");
    steps(1, 0);
}

static void
two_hands_on_two_knobs_are_two_steps(void **state)
{
    (void)state;
    for (int i = 1; i <= 50; i++, wait_ms(10)) {
        move(3, i, "tablet");
        move(7, -i, "surface");
    }
    steps(2, 0);
    go(false);
    assert_true(value[3] == 50.0 && value[7] == 0.0);
}

static void
two_hands_on_one_knob_undo_in_turn(void **state)
{
    (void)state;
    move(7, 1, "tablet");
    move(7, 2, "surface");
    move(7, 3, "tablet");
    steps(3, 0);
    go(false);
    assert_true(value[7] == 2.0);
    go(false);
    assert_true(value[7] == 1.0);
}

static void
two_fingers_of_one_hand_are_one_step(void **state)
{
    (void)state;
    move(1, 9, "surface");
    for (int i = 1; i <= 50; i++, wait_ms(20)) {
        move(3, i, "tablet");
        move(7, -i, "tablet");
    }
    steps(2, 0);
    go(false);
    assert_true(value[3] == 0.0 && value[7] == 0.0 && value[1] == 9.0);
}

static void
one_knob_after_the_other_is_two_steps_however_fast(void **state)
{
    (void)state;
    move(3, 1, "script");
    move(7, 1, "script");
    move(9, 1, "script");
    steps(3, 0);
}

static void
a_script_that_moves_many_makes_many_steps(void **state)
{
    (void)state;
    for (int i = 1; i <= 3; i++)
        for (int id = 0; id < 20; id++)
            move(id, i, "script");
    assert_true(history_undo_steps(&h) >= 4); /* of at most five each */
    move(30, 1, "script");
    go(false);
    for (int id = 0; id < 20; id++)
        assert_true(value[id] == 3.0);
}

/* What lies between has moved the second finger's knob: to join them would tell what never was. */
static void
fingers_are_not_joined_across_another_hand(void **state)
{
    (void)state;
    move(3, 1, "tablet");
    move(7, 1, "surface");
    move(7, 2, "tablet");
    move(3, 2, "tablet");
    steps(3, 0);
    while (go(false))
        ;
    while (go(true))
        ;
    assert_true(value[3] == 2.0 && value[7] == 2.0);
}

static void
moves_of_one_act_are_one_step(void **state)
{
    (void)state;
    move_as(0, 4800, 3, 1, "tablet");
    move_as(0, 4800, 7, 1, "tablet");
    move_as(0, 4800, 8, 1, "surface");
    move_as(0, 4800, 9, 1, "tablet");
    steps(2, 0);
    move_as(0, 9600, 11, 1, "tablet");
    steps(3, 0);
}

/* --- groups --- */

static void
a_crossfade_is_one_step_and_other_hands_have_theirs(void **state)
{
    int group = history_begin(&h, "crossfade to B", "tablet", false);

    (void)state;
    for (int i = 1; i <= 100; i++, wait_ms(50)) { /* 5 s */
        for (int id = 0; id < 20; id++)
            move_as(group, 0, id, i * 0.01, "tablet");
        if (i == 30)
            move(30, 1, "surface");
        if (i == 60)
            move(31, 1, "tablet"); /* the same hand, but not its crossfade */
    }
    assert_true(history_is_open(&h, group));
    history_end(&h, group);
    assert_false(history_is_open(&h, group));
    steps(3, 0);
    go(false);
    go(false);
    says(false, "crossfade to B (20 values), tablet");
    go(false);
    for (int id = 0; id < IDS; id++)
        assert_true(value[id] == 0.0);
}

static void
a_hand_names_its_own_step(void **state)
{
    (void)state;
    history_begin(&h, "load kept", "ctl", true);
    for (int id = 0; id < 20; id++, wait_ms(700))
        move(id, 1, "ctl");
    move(30, 1, "tablet");
    history_end_hand(&h, "ctl");
    move(31, 1, "ctl");
    steps(3, 0);
    go(false);
    go(false);
    says(false, "load kept (20 values), ctl");
}

static void
an_undo_closes_what_is_open(void **state)
{
    int group = history_begin(&h, "morph", "tablet", false);

    (void)state;
    history_begin(&h, "load kept", "ctl", true);
    move_as(group, 0, 3, 1, "tablet");
    move(5, 1, "ctl");
    move(7, 1, "surface");
    go(false);
    go(true);
    assert_false(history_is_open(&h, group));
    move(5, 2, "ctl");
    move(7, 2, "surface"); /* within the rest */
    move_as(group, 0, 3, 2, "tablet");
    steps(6, 0);
}

static void
a_group_without_a_change_is_no_step(void **state)
{
    int group = history_begin(&h, "preset none", "tablet", false);

    (void)state;
    move_as(group, 0, 3, 1, "tablet");
    move_as(group, 0, 3, 0, "tablet");
    history_end(&h, group);
    group = history_begin(&h, "preset none", "tablet", false);
    history_end(&h, group);
    steps(0, 0);
}

static void
of_too_many_groups_the_oldest_is_closed(void **state)
{
    int first = history_begin(&h, "1", "a", false), last = first;

    (void)state;
    for (int i = 0; i < HISTORY_GROUPS; i++)
        last = history_begin(&h, "more", "a", false);
    assert_false(history_is_open(&h, first));
    assert_true(history_is_open(&h, first + 1) && history_is_open(&h, last));
}

/* --- depth --- */

static void
a_thousand_steps_are_kept(void **state)
{
    (void)state;
    for (int i = 1; i <= 1234; i++, wait_ms(600))
        move(7, i, "tablet");
    steps(1000, 0);
    for (int i = 0; i < 1000; i++)
        assert_true(go(false));
    assert_false(go(false));
    steps(0, 1000);
    assert_true(value[7] == 234.0);
    while (go(true))
        ;
    assert_true(value[7] == 1234.0);
}

static double
seconds_since(const struct timespec *then)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)(t.tv_sec - then->tv_sec) + 1e-9 * (double)(t.tv_nsec - then->tv_nsec);
}

static void
memory_is_as_stated(void **state)
{
    int n = params_count();

    (void)state;
    for (int i = 0; i < 2000; i++, wait_ms(600))
        move(7, i + 1, "tablet");
    assert_int_equal(history_bytes(&h), HISTORY_STEPS * sizeof(struct history_step));
    print_message("# 1000 steps of one change: %zu bytes\n", history_bytes(&h));
    for (int i = 0; i < 1200; i++) {
        int group = history_begin(&h, "preset", "tablet", false);

        for (int id = 0; id < n; id++)
            assert_true(history_note(&h, group, &(struct history_move){id, i, i + 1, "tablet", now_ns, 0}));
        history_end(&h, group);
    }
    steps(1000, 0);
    assert_int_equal(history_bytes(&h), HISTORY_STEPS * (sizeof(struct history_step) + 24 * (size_t)n));
    print_message("# 1000 steps of %d changes: %zu bytes\n", n, history_bytes(&h));
}

/* A figure, no limit: machines differ. */
static void
what_a_note_costs(void **state)
{
    enum { NOTES = 200000 };
    struct timespec then;
    double turn, step;

    (void)state;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &then);
    for (int i = 1; i <= NOTES; i++)
        note(7, i - 1, i, "osc 127.0.0.1:5005");
    turn = seconds_since(&then);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &then);
    for (int i = 1; i <= NOTES; i++, now_ns += 600 * MS)
        note(7, i - 1, i, "osc 127.0.0.1:5005");
    step = seconds_since(&then);
    print_message("# a note: %.0f ns in a gesture, %.0f ns as a step, 1000 deep\n", turn * 1e9 / NOTES,
                  step * 1e9 / NOTES);
    steps(1000, 0);
}

/* --- chance --- */

struct walk {
    double start[IDS], end[IDS];
    int group[3];
};

static void
stumble(struct walk *w)
{
    static const char *const hands[] = {"tablet", "surface", "ctl"};
    uint32_t what = dice(100), who = dice(3);
    const char *by = hands[who];

    now_ns += dice(40) ? dice(120) * MS : 800 * MS;
    if (what < 3) {
        go(false);
    } else if (what < 5) {
        go(true);
    } else if (what < 7) {
        w->group[who] = history_begin(&h, "group", by, dice(2));
    } else if (what < 10) {
        history_end(&h, w->group[who]);
    } else {
        int id = (int)dice(IDS / 5);
        double to = dice(4) ? noise() * 1e3 : w->start[id];

        move_as(dice(2) ? w->group[who] : 0, dice(3) ? 0 : 1 + dice(3), id, to, by);
    }
}

/* Whatever three hands do: all undone is the start, all done again is the end, bit for bit; go() looks at each
   step on the way. 900 moves, so that no step is lost. */
static void
undo_all_is_the_start_and_redo_all_the_end(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 300; seed++) {
        struct walk w = {.group = {0}};

        dice_state = seed;
        history_forget(&h);
        for (int id = 0; id < IDS; id++)
            w.start[id] = value[id] = noise();
        for (int i = 0; i < 900; i++)
            stumble(&w);
        while (go(true))
            ;
        memcpy(w.end, value, sizeof value);
        while (go(false))
            ;
        assert_memory_equal(value, w.start, sizeof value);
        while (go(true))
            ;
        assert_memory_equal(value, w.end, sizeof value);
    }
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_step_says_what_from_where_to_where_and_whose),
        TEST(a_group_says_its_label_and_how_many_values),
        TEST(a_long_label_is_cut_between_letters),
        TEST(several_values_are_named_or_counted),
        TEST(one_turn_of_a_knob_is_one_step),
        TEST(a_rest_ends_a_gesture_and_its_own_length_does_not),
        TEST(a_gesture_that_ends_where_it_began_is_no_step),
        TEST(a_move_that_changes_nothing_is_no_step_and_keeps_redo),
        TEST(two_hands_on_two_knobs_are_two_steps),
        TEST(two_hands_on_one_knob_undo_in_turn),
        TEST(two_fingers_of_one_hand_are_one_step),
        TEST(one_knob_after_the_other_is_two_steps_however_fast),
        TEST(a_script_that_moves_many_makes_many_steps),
        TEST(fingers_are_not_joined_across_another_hand),
        TEST(moves_of_one_act_are_one_step),
        TEST(a_crossfade_is_one_step_and_other_hands_have_theirs),
        TEST(a_hand_names_its_own_step),
        TEST(an_undo_closes_what_is_open),
        TEST(a_group_without_a_change_is_no_step),
        TEST(of_too_many_groups_the_oldest_is_closed),
        TEST(a_thousand_steps_are_kept),
        TEST(memory_is_as_stated),
        TEST(what_a_note_costs),
        TEST(undo_all_is_the_start_and_redo_all_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
