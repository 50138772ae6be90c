/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/passage.h"

#include "dsp/xmath.h"
#include "engine/process.h"
#include "engine/snapshot.h"
#include "test/kit/defaults.h"
#include "test/kit/dice.h"
#include "test/kit/leak.h"
#include "test/kit/tone.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, GRID = RATE / 100, TAIL = RATE / 10 };

static struct morph morph;
static struct passage p;
static double *from, *to;
static bool *all;

static int
set_up(void **state)
{
    (void)state;
    params_init();
    from = default_values();
    to = default_values();
    all = calloc((size_t)params_count(), sizeof *all);
    for (int i = 0; i < params_count(); i++)
        all[i] = snapshot_holds(param_at(i));
    return morph_prepare(&morph) == OK && passage_prepare(&p, &morph) == OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    passage_free(&p);
    morph_free(&morph);
    free(from);
    free(to);
    free(all);
    return 0;
}

static void
ends(const char *path, double a, double b)
{
    from[id_of(path)] = a;
    to[id_of(path)] = b;
}

static void
next_is(uint64_t until, const char *path, double value, uint64_t frame)
{
    struct passage_move m;

    assert_true(passage_next(&p, until, &m));
    assert_string_equal(param_at(m.id)->path, path);
    assert_true(fabs(m.value - value) < 1e-9);
    assert_int_equal(m.frame, frame);
}

static void
nothing_until(uint64_t until)
{
    struct passage_move m;

    assert_false(passage_next(&p, until, &m));
}

/* --- the moves -------------------------------------------------------------------------------------- */

static void
moves_lie_on_a_grid_from_the_start_and_end_at_the_end(void **state)
{
    (void)state;
    ends("/input/trim", 0.0, 4.0);
    passage_begin(&p, from, to, all, 1000, 4 * GRID, GRID, TAIL);
    nothing_until(1000 + GRID - 1);
    next_is(1000 + GRID, "/input/trim", 1.0, 1000 + GRID);
    nothing_until(1000 + GRID);
    next_is(100000, "/input/trim", 2.0, 1000 + 2 * GRID);
    next_is(100000, "/input/trim", 3.0, 1000 + 3 * GRID);
    assert_true(passage_has(&p, id_of("/input/trim")));
    assert_false(passage_has(&p, id_of("/input/balance")));
    next_is(100000, "/input/trim", 4.0, 1000 + 4 * GRID);
    nothing_until(100000);
    assert_false(passage_runs(&p));
}

/* Pushed by whoever, in whatever portions: the same. */
static void
moves_are_the_same_however_often_it_is_asked(void **state)
{
    static struct passage_move want[20000], got[20000];
    int n = 0, again = 0;

    (void)state;
    dice_state = 5;
    for (int i = 0; i < params_count(); i++)
        if (all[i]) {
            param_from_norm(param_at(i), dice(1001) / 1000.0, &from[i], NULL);
            param_from_norm(param_at(i), dice(1001) / 1000.0, &to[i], NULL);
        }
    passage_begin(&p, from, to, all, 0, RATE / 2, GRID, TAIL);
    while (n < (int)LEN(want) && passage_next(&p, RATE, &want[n]))
        n++;
    assert_true(n > 1000 && n < (int)LEN(want));
    passage_begin(&p, from, to, all, 0, RATE / 2, GRID, TAIL);
    for (uint64_t until = 0; until <= RATE; until += dice(900))
        while (again < n && passage_next(&p, until, &got[again]))
            again++;
    assert_int_equal(again, n);
    for (int i = 0; i < n; i++)
        assert_true(got[i].id == want[i].id && got[i].value == want[i].value &&
                    got[i].frame == want[i].frame);
    for (int i = 0; i < n; i++)
        from[got[i].id] = got[i].value;
    for (int i = 0; i < params_count(); i++)
        assert_true(!all[i] || from[i] == to[i]); /* to the bit */
}

static void
with_no_length_all_is_at_one_frame_and_switches_come_last(void **state)
{
    (void)state;
    ends("/comp/on", 0.0, 1.0);
    ends("/comp/ratio", 2.0, 7.0);
    ends("/limit/mode", 0.0, 1.0);
    passage_begin(&p, from, to, all, 500, 0, GRID, TAIL);
    nothing_until(499);
    next_is(500, "/comp/ratio", 7.0, 500);
    next_is(500, "/limit/mode", 1.0, 500);
    next_is(500, "/comp/on", 1.0, 500);
    nothing_until(100000);
    assert_false(passage_runs(&p));
}

/* The ratio at the end where it is off comes when nobody hears it. */
static void
who_leaves_fades_to_nothing_and_gets_his_settings_later(void **state)
{
    (void)state;
    ends("/comp/on", 1.0, 0.0);
    ends("/comp/ratio", 4.0, 20.0);
    passage_begin(&p, from, to, all, 0, 2 * GRID, GRID, TAIL);
    next_is(GRID, "/comp/mix", 50.0, GRID);
    next_is(2 * GRID, "/comp/mix", 0.0, 2 * GRID);
    next_is(2 * GRID, "/comp/on", 0.0, 2 * GRID);
    nothing_until(2 * GRID + TAIL - 1);
    next_is(2 * GRID + TAIL, "/comp/ratio", 20.0, 2 * GRID + TAIL);
    next_is(2 * GRID + TAIL, "/comp/mix", 100.0, 2 * GRID + TAIL);
    nothing_until(100000);
    assert_false(passage_runs(&p));
}

static void
a_row_that_a_hand_takes_leaves(void **state)
{
    struct passage_move m;
    double *end = default_values();

    (void)state;
    ends("/input/trim", 0.0, 4.0);
    ends("/input/balance", 0.0, 40.0);
    passage_begin(&p, from, to, all, 0, 4 * GRID, GRID, TAIL);
    assert_true(passage_next(&p, GRID, &m) && passage_next(&p, GRID, &m));
    passage_leave(&p, id_of("/input/trim"));
    passage_leave(&p, id_of("/input/trim"));
    assert_false(passage_has(&p, id_of("/input/trim")));
    passage_end(&p, end);
    assert_true(end[id_of("/input/trim")] == 0.0 && end[id_of("/input/balance")] == 40.0);
    next_is(2 * GRID, "/input/balance", 20.0, 2 * GRID);
    passage_leave(&p, id_of("/input/balance"));
    nothing_until(100000);
    assert_false(passage_runs(&p));
    free(end);
}

static void
who_may_not_move_stays_and_is_as_he_is_for_the_others(void **state)
{
    (void)state;
    ends("/comp/on", 0.0, 1.0);
    ends("/comp/mix", 100.0, 60.0);
    all[id_of("/comp/on")] = false;
    passage_begin(&p, from, to, all, 0, 2 * GRID, GRID, TAIL);
    next_is(GRID, "/comp/mix", 80.0, GRID); /* not from nothing: the compressor stays off */
    next_is(2 * GRID, "/comp/mix", 60.0, 2 * GRID);
    nothing_until(100000);
}

static void
in_a_hurry_it_ends_at_once(void **state)
{
    (void)state;
    ends("/comp/on", 1.0, 0.0);
    ends("/comp/ratio", 4.0, 20.0);
    passage_begin(&p, from, to, all, 0, RATE, GRID, TAIL);
    next_is(GRID, "/comp/mix", 99.0, GRID);
    passage_hurry(&p, 7);
    next_is(7, "/comp/ratio", 20.0, 7);
    next_is(7, "/comp/mix", 100.0, 7);
    next_is(7, "/comp/on", 0.0, 7);
    nothing_until(7);
    assert_false(passage_runs(&p));
    passage_hurry(&p, 7);
    nothing_until(7);
}

static void
from_a_state_to_itself_nothing_moves(void **state)
{
    (void)state;
    passage_begin(&p, from, to, all, 0, RATE, GRID, TAIL);
    assert_false(passage_runs(&p));
}

/* --- clicks ----------------------------------------------------------------------------------------- */

/*
 * A tone through the whole chain while one snapshot goes over into another. What leaks away from the tone meanwhile
 * may be louder by CLICK_DBFS than what does at rest, at either end or anywhere between: harmonics are no click. As
 * in test/engine/chain.c compressors are slow here, and what bends is left alone: a bend's harmonics come and go
 * with the level that it gets.
 */
#define CLICK_DBFS (-90.0)

enum { PERIOD = 256, REST = 2 * RATE, HEARD = RATE / 8, LONGEST = 10 * RATE, PLACES = 8 };

static double out[STEREO][LONGEST];
static float in[STEREO][PERIOD];
static struct process process;
static struct leak leak;
static uint64_t played;
static uint64_t in_one_period;

static void
play(int nframes)
{
    for (int n; nframes > 0; nframes -= n) {
        struct process_io io;
        struct passage_move m;
        struct notice notice;
        uint64_t sent = 0;

        n = nframes < PERIOD ? nframes : PERIOD;
        for (int i = 0; i < n; i++)
            for (int c = 0; c < STEREO; c++)
                in[c][i] = (float)(LEAK_TONE_GAIN *
                                   sin(2.0 * PI * LEAK_TONE_HZ * (double)(played + (uint64_t)i) / RATE));
        memset(&io, 0, sizeof io);
        for (int c = 0; c < STEREO; c++) {
            io.in[c] = in[c];
            io.tap[c] = out[c] + played;
        }
        for (; passage_next(&p, process.frame + PERIOD, &m); sent++) {
            struct event e = {.kind = EVENT_SET, .param = m.id, .value = m.value, .frame = m.frame};

            assert_true(process_send(&process, &e));
        }
        in_one_period = sent > in_one_period ? sent : in_one_period;
        process_run(&process, &io, n);
        while (process_notice(&process, &notice))
            ;
        played += (uint64_t)n;
    }
}

static double
loudest(uint64_t start, uint64_t end)
{
    return fmax(leak_peak(&leak, out[0], (int)start, (int)end),
                leak_peak(&leak, out[1], (int)start, (int)end));
}

static void
begin_at(const double *values)
{
    struct settings s = settings_of(values);

    process_begin(&process, &s, false);
    process.frame = played = 0;
}

/* The loudest at rest from end to end. */
static double
at_rest(void)
{
    double *values = default_values(), most = 0.0;

    for (int k = 0; k <= PLACES; k++) {
        for (int i = 0; i < params_count(); i++)
            if (all[i])
                values[i] = morph_value(&morph, i, from, to, (double)k / PLACES);
        begin_at(values);
        play(REST + HEARD + 2 * LEAK_HALF);
        most = fmax(most, loudest(REST, REST + HEARD));
    }
    free(values);
    return most;
}

static double
click_of(double fade_s, double rest)
{
    uint64_t length = (uint64_t)(fade_s * RATE);

    begin_at(from);
    play(REST);
    passage_begin(&p, from, to, all, played, length, GRID, TAIL);
    play((int)length + REST + HEARD);
    assert_false(passage_runs(&p));
    play(2 * LEAK_HALF);
    return loudest(REST - HEARD, REST + length + REST + HEARD) - rest;
}

/* What a click is not, see above; '#' is a figure. */
static const struct {
    const char *pattern;
    double low, high; /* of the range left */
} tame[] = {
    {"/comp/attack", 100, 200},
    {"/comp/release", 1000, 3000},
    {"/multiband/#/attack", 100, 200},
    {"/multiband/#/release", 1000, 3000},
    {"/eq/#/attack", 100, 200},
    {"/eq/#/release", 1000, 3000},
    {"/deess/attack", 50, 50},
    {"/deess/release", 500, 500},
    {"/saturate/drive", 0, 0},
    {"/exciter/mix", 0, 0},
    {"/clip/drive", 0, 0},
    {"/clip/ceiling", 0, 0},
    {"/clip/knee", 0, 0},
    {"/limit/gain", 0, 0},
    {"/limit/ceiling", -1, 0},
    {"/input/trim", -12, -3},
    {"/eq/#/gain", -9, 9},
    {"/eq/#/q", 0.3, 4},
    {"/eq/#/range", -9, 9},
    {"/comp/makeup", -6, 3},
    {"/multiband/#/makeup", -6, 3},
    {"/saturate/trim", -6, 0},
    {"/insert/#/on", 0, 0},
    {"/chain/bypass", 0, 0},
    {"/comp/sidechain", 0, 0},
};

static bool
matches(const char *pattern, const char *path)
{
    for (; *pattern && (*pattern == *path || (*pattern == '#' && *path >= '0' && *path <= '9')); pattern++)
        path++;
    return !*pattern && !*path;
}

static void
wild(double *values)
{
    for (int i = 0; i < params_count(); i++) {
        const struct param *row = param_at(i);
        double low = 0.0, high = 1.0;

        for (size_t k = 0; k < LEN(tame); k++)
            if (matches(tame[k].pattern, row->path)) {
                low = param_to_norm(row, tame[k].low);
                high = param_to_norm(row, tame[k].high);
            }
        if (all[i])
            param_from_norm(row, fmin(low + (high - low) * dice(1001) / 1000.0, 1.0), &values[i], NULL);
    }
}

static void
no_recall_clicks(void **state)
{
    static const double fades[] = {0.0, 0.02, 0.1, 1.0, 5.0};
    double worst[LEN(fades)] = {0};

    (void)state;
    leak_prepare(&leak, RATE);
    assert_int_equal(process_prepare(&process, RATE, NULL, NULL), OK);
    process.unread = true;
    for (unsigned pair = 0; pair < 8; pair++) {
        double rest;

        dice_state = 100 + pair;
        if (pair > 0)
            wild(from);
        wild(to);
        rest = at_rest();
        assert_true(rest < db_to_gain(-120.0)); /* or it would hide a click */
        for (size_t i = 0; i < LEN(fades); i++)
            worst[i] = fmax(worst[i], click_of(fades[i], rest));
    }
    for (size_t i = 0; i < LEN(fades); i++)
        print_message("# a recall in %g s: the loudest click is %.1f dBFS\n", fades[i], gain_to_db(worst[i]));
    print_message("# at most %d moves in a period of %d\n", (int)in_one_period, PERIOD);
    process_free(&process);
    for (size_t i = 0; i < LEN(fades); i++)
        assert_true(worst[i] <= db_to_gain(CLICK_DBFS));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        T(moves_lie_on_a_grid_from_the_start_and_end_at_the_end),
        T(moves_are_the_same_however_often_it_is_asked),
        T(with_no_length_all_is_at_one_frame_and_switches_come_last),
        T(who_leaves_fades_to_nothing_and_gets_his_settings_later),
        T(a_row_that_a_hand_takes_leaves),
        T(who_may_not_move_stays_and_is_as_he_is_for_the_others),
        T(in_a_hurry_it_ends_at_once),
        T(from_a_state_to_itself_nothing_moves),
        T(no_recall_clicks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
