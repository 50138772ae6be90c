/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The comparison as the process thread runs it; what is compared is heard at the monitor ports. */
#include "engine/compare.h"

#include "dsp/loudness.h"
#include "engine/params.h"
#include "engine/process.h"
#include "test/kit/defaults.h"
#include "test/kit/dice.h"
#include "test/kit/leak.h"
#include "test/kit/scarce.h"
#include "test/kit/stage.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { RATE = 48000, SECONDS = 14, NFRAMES = RATE * SECONDS };

static struct process p;
static struct compare compare;
static float in[STEREO][NFRAMES], ears[STEREO][NFRAMES], kept[STEREO][NFRAMES];
static double tap[STEREO][NFRAMES], printed[STEREO][NFRAMES];
static struct compare_readings seen; /* the last */

/* --- a programme, and two chains to hold against each other -------------------------------------------- */

/* Noise that swells and has accents, -14 LUFS or so. */
static void
make_programme(void)
{
    double low[STEREO] = {0};

    dice_state = 11;
    for (int i = 0; i < NFRAMES; i++) {
        double t = (double)i / RATE, beat = fmod(t, 0.5);
        double level = (0.3 + 0.1 * sin(2.0 * PI * t / 1.7)) * (0.4 + exp(-12.0 * beat));

        for (int c = 0; c < STEREO; c++) {
            low[c] += 0.2 * (noise() - low[c]);
            in[c][i] = (float)(level * 2.0 * low[c]);
        }
    }
}

static void
make_tone(void)
{
    for (int i = 0; i < NFRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            in[c][i] = (float)(LEAK_TONE_GAIN * sin(2.0 * PI * LEAK_TONE_HZ * i / RATE));
}

static void
begin(const struct settings *s)
{
    assert_int_equal(process_prepare(&p, RATE, NULL, NULL), OK);
    assert_int_equal(compare_prepare(&compare, RATE), OK);
    p.compare = &compare;
    process_begin(&p, s, false);
}

static struct settings
neutral(void)
{
    struct settings s = default_settings();

    s.monitor.level_db = 0.0;
    return s;
}

/* On, a against b, from the first frame on. */
static struct settings
comparing(int a, int b)
{
    struct settings s = neutral();

    s.compare.on = true;
    s.compare.a = a;
    s.compare.b = b;
    return s;
}

static void
end(void)
{
    process_free(&p);
    compare_free(&compare);
}

static void
look(void)
{
    compare_read(&compare, &seen);
    for (int i = 0; i < COMPARE_PLACES; i++)
        assert_true(seen.gain_db[i] <= 0.0);
    for (int i = 0; i < COMPARE_VOICES; i++)
        assert_true(smooth_value(&compare.voice[i].gain) <= 1.0);
}

/* period 0: a new one each time, from 0 to 700. */
static void
run(int from, int to, int period)
{
    for (int at = from, n; at < to; at += n) {
        struct process_io io;

        memset(&io, 0, sizeof io);
        n = period ? period : (int)dice(701);
        n = n < to - at ? n : to - at;
        for (int c = 0; c < STEREO; c++) {
            io.in[c] = in[c] + at;
            io.monitor_a[c] = ears[c] + at;
            io.tap[c] = tap[c] + at;
        }
        process_run(&p, &io, n);
        look();
    }
}

static void
set(const char *path, double value, int frame)
{
    struct event e = {.kind = EVENT_SET, .param = param_find(path), .value = value, .frame = (uint64_t)frame};

    assert_true(e.param >= 0);
    assert_true(process_send(&p, &e));
}

static void
offer_at(enum compare_place place, int which, const struct settings *s, int frame)
{
    static uint32_t number;
    struct compare_offer o = {.there = s, .which = which, .number = ++number};
    struct event e = {.kind = EVENT_CONTENDER, .param = (int)place, .frame = (uint64_t)frame};

    if (s)
        o.settings = *s;
    compare_offer(&compare, place, &o);
    assert_true(process_send(&p, &e));
}

/* Of ears or the like, integrated. */
static double
lufs(float (*x)[NFRAMES], int from, int to)
{
    struct loudness l;
    double result;

    assert_int_equal(loudness_prepare(&l, RATE), OK);
    for (int i = from; i < to; i++) {
        double side[STEREO] = {x[0][i], x[1][i]};
        const double *const at[STEREO] = {&side[0], &side[1]};

        loudness_process(&l, at, 1);
    }
    result = loudness_integrated_lufs(&l);
    loudness_free(&l);
    return result;
}

/* By how many frames y is later than x: where the correlation is highest. */
static int
lag_of(float (*x)[NFRAMES], float (*y)[NFRAMES], int from, int to)
{
    enum { FAR = 1000 };
    double best = -INFINITY;
    int at = 0;

    for (int lag = -FAR; lag <= FAR; lag++) {
        double sum = 0.0;

        for (int i = from; i < to; i++)
            sum += (double)x[0][i] * (double)y[0][i + lag];
        if (sum > best) {
            best = sum;
            at = lag;
        }
    }
    return at;
}

/* --- matched and aligned ------------------------------------------------------------------------------- */

/* 1.5 dB up; 37 frames late (outboard that is not there, but takes as long). */
static void
two_chains(struct settings *loud, struct settings *late)
{
    *loud = *late = neutral();
    loud->input.trim_db = 1.5;
    late->insert[0].on = true;
    late->insert[0].delay_frames = 37.0;
}

/* Once through under a, once under b; what is heard is in kept and ears. */
static void
hear_both(const struct settings *s, const struct settings *a, const struct settings *b)
{
    for (int listen = 0; listen < 2; listen++) {
        struct settings under = *s;

        under.compare.listen = listen;
        begin(&under);
        if (a)
            offer_at(COMPARE_A, s->compare.a, a, 0);
        if (b)
            offer_at(COMPARE_B, s->compare.b, b, 0);
        run(0, NFRAMES, 512);
        end();
        if (listen == 0)
            memcpy(kept, ears, sizeof ears);
    }
}

static void
two_chains_1_5_db_and_37_frames_apart_are_heard_alike(void **state)
{
    struct settings s = comparing(CONTENDER_SNAPSHOT, CONTENDER_SNAPSHOT + 1), loud, late;
    double apart;

    (void)state;
    two_chains(&loud, &late);
    hear_both(&s, &loud, &late);
    assert_true(fabs(seen.offset_lu + 1.5) < 0.01);
    assert_true(fabs(seen.gain_db[COMPARE_A] + 1.5) < 0.01 && seen.gain_db[COMPARE_B] == 0.0);
    assert_true(seen.delay_frames[COMPARE_A] == 37.0 && seen.delay_frames[COMPARE_B] == 0.0);
    assert_int_equal(lag_of(kept, ears, 5 * RATE, 6 * RATE), 0);
    apart = lufs(ears, 3 * RATE, NFRAMES) - lufs(kept, 3 * RATE, NFRAMES);
    printf("# 1.5 dB, 37 frames: %.4f LU apart\n", apart);
    assert_true(fabs(apart) < 0.1);
}

static void
without_match_and_align_they_are_as_they_are(void **state)
{
    struct settings s = comparing(CONTENDER_SNAPSHOT, CONTENDER_SNAPSHOT + 1), loud, late;

    (void)state;
    two_chains(&loud, &late);
    s.compare.match = s.compare.align = false;
    hear_both(&s, &loud, &late);
    assert_true(fabs(seen.offset_lu + 1.5) < 0.01); /* it is told all the same */
    assert_true(seen.gain_db[COMPARE_A] == 0.0 && seen.gain_db[COMPARE_B] == 0.0);
    assert_true(seen.delay_frames[COMPARE_A] == 0.0 && seen.delay_frames[COMPARE_B] == 0.0);
    assert_int_equal(lag_of(kept, ears, 5 * RATE, 6 * RATE), 37);
    assert_true(fabs(lufs(ears, 3 * RATE, NFRAMES) - lufs(kept, 3 * RATE, NFRAMES) + 1.5) < 0.01);
}

/* Pushed into the limiter by 6 dB, the master is some 5 LU louder than what goes in. */
static void
a_loud_master_and_its_input_are_heard_alike(void **state)
{
    struct settings s = comparing(CONTENDER_NOW, CONTENDER_INPUT);
    double apart;

    (void)state;
    s.limit.on = true;
    s.limit.gain_db = 6.0;
    hear_both(&s, NULL, NULL);
    apart = lufs(ears, 3 * RATE, NFRAMES) - lufs(kept, 3 * RATE, NFRAMES);
    printf("# limiter: offset %.3f LU, heard %.4f LU apart\n", seen.offset_lu, apart);
    assert_true(seen.offset_lu < -4.0 && seen.offset_lu > -6.1);
    assert_true(fabs(apart) < 0.1);
    assert_int_equal(lag_of(kept, ears, 5 * RATE, 6 * RATE), 0);
    assert_true(seen.delay_frames[COMPARE_A] == 0.0 && seen.delay_frames[COMPARE_B] > 0.0);
    assert_true(fabs(seen.loudness_lufs[COMPARE_B] - seen.loudness_lufs[COMPARE_A] - seen.offset_lu) < 1e-9);
    assert_true(seen.measured_s > 12.0);
}

/* The equaliser becomes linear in phase: the chain is later from there on, and so is its input. */
static void
a_latency_that_changes_is_followed(void **state)
{
    struct settings s = comparing(CONTENDER_NOW, CONTENDER_INPUT);
    int before = 0, after = 0;

    (void)state;
    s.eq.on = true;
    for (int listen = 0; listen < 2; listen++) {
        s.compare.listen = listen;
        begin(&s);
        before = chain_latency_frames(&p.chain);
        set("/eq/phase", 1, 4 * RATE);
        run(0, 8 * RATE, 480);
        after = chain_latency_frames(&p.chain);
        assert_true(seen.delay_frames[COMPARE_B] == after);
        end();
        if (listen == 0)
            memcpy(kept, ears, sizeof ears);
    }
    assert_true(after > before + 100);
    assert_int_equal(lag_of(kept, ears, 2 * RATE, 3 * RATE), 0);
    assert_int_equal(lag_of(kept, ears, 6 * RATE, 7 * RATE), 0);
}

/* The master is turned up by 6 dB: what was measured before is no more worth anything. */
static void
a_move_begins_the_measurement_anew(void **state)
{
    struct settings s = comparing(CONTENDER_NOW, CONTENDER_INPUT);

    (void)state;
    begin(&s);
    run(0, 5 * RATE, 480);
    assert_true(fabs(seen.offset_lu) < 1e-6 && seen.measured_s > 3.5);
    set("/input/trim", 6, 5 * RATE);
    run(5 * RATE, 6 * RATE, 480);
    assert_true(seen.measured_s < 1.0);
    assert_true(fabs(seen.offset_lu + 6.0) < 1e-6); /* no block holds what was before */
    set("/meter/reset", 1, 6 * RATE);               /* what nobody hears doesn't */
    set("/eq/1/solo", 1, 6 * RATE);
    run(6 * RATE, 9 * RATE, 480);
    assert_true(seen.measured_s > 3.0);
    end();
}

/* A knob that is turned all the time: the gain goes along. */
static void
gains_follow_while_a_knob_is_turned(void **state)
{
    struct settings s = comparing(CONTENDER_NOW, CONTENDER_INPUT);

    (void)state;
    begin(&s);
    for (int i = 0; i < 400; i++)
        set("/input/trim", i * 0.02, 2 * RATE + i * RATE / 50);
    run(0, 10 * RATE, 480);
    assert_true(seen.offset_lu < -3.0); /* -8 by the end, over a window that began with the turning */
    run(10 * RATE, 11 * RATE, 480);
    assert_true(fabs(seen.offset_lu + 7.98) < 0.01);
    end();
}

static void
the_window_is_no_longer_than_asked(void **state)
{
    struct settings s = comparing(CONTENDER_NOW, CONTENDER_INPUT);

    (void)state;
    s.compare.window_s = 3.0;
    begin(&s);
    run(0, 8 * RATE, 480);
    assert_true(seen.measured_s == 3.0);
    end();
}

/* --- switches -------------------------------------------------------------------------------------------- */

static double
leak_between(float (*x)[NFRAMES], int from, int to)
{
    static double wide[NFRAMES];
    static struct leak l;

    if (!l.rate_hz)
        leak_prepare(&l, RATE);
    for (int i = from - LEAK_HALF; i < to + LEAK_HALF; i++)
        wide[i] = (double)x[0][i];
    return leak_peak(&l, wide, from, to);
}

/* 12 dB apart, and not matched: what a switch could do worst to a tone. Also to and fro before a switch is over, and into
   the comparison and out of it. */
static void
no_switch_clicks(void **state)
{
    static const struct {
        const char *what, *path;
        double value[3];
        int gap; /* frames */
    } moves[] = {
        {"a, b, a", "/compare/listen", {1, 0, 1}, RATE / 10},
        {"a, b, a in 3 ms", "/compare/listen", {0, 1, 0}, 144},
        {"align", "/compare/align", {0, 1, 0}, RATE / 10},
        {"a, b, a in 15 ms", "/compare/listen", {1, 0, 1}, 720},
        {"out and in", "/compare/on", {0, 1, 0}, RATE / 4},
        {"out and in in 5 ms", "/compare/on", {1, 0, 1}, 240},
        {"match", "/compare/match", {1, 0, 1}, RATE / 5},
    };
    struct settings s = comparing(CONTENDER_SNAPSHOT, CONTENDER_NAMED), quiet = neutral(), late = neutral();

    (void)state;
    make_tone();
    s.compare.match = false;
    quiet.input.trim_db = -12.0;
    late.insert[1].on = true;
    late.insert[1].delay_frames = 1000.0;
    begin(&s);
    offer_at(COMPARE_A, CONTENDER_SNAPSHOT, &quiet, 0);
    offer_at(COMPARE_B, CONTENDER_NAMED, &late, 0);
    run(0, 2 * RATE, 256);
    for (size_t i = 0; i < LEN(moves); i++) {
        int at = (2 + (int)i) * RATE;

        for (int k = 0; k < 3; k++)
            set(moves[i].path, moves[i].value[k], at + RATE / 10 + k * moves[i].gap);
        run(at, at + RATE, 256);
    }
    run((2 + (int)LEN(moves)) * RATE, (3 + (int)LEN(moves)) * RATE, 256);
    for (size_t i = 0; i < LEN(moves); i++) {
        int at = (2 + (int)i) * RATE;

        assert_no_click(moves[i].what, leak_between(ears, RATE, RATE + RATE / 4),
                        leak_between(ears, at, at + RATE));
    }
    end();
    make_programme();
}

static void
a_switch_takes_20_ms(void **state)
{
    struct settings s = comparing(CONTENDER_SNAPSHOT, CONTENDER_INPUT), up = neutral();
    const int at = 3 * RATE + 77;

    (void)state;
    s.compare.match = false;
    up.input.polarity = 3; /* both sides */
    begin(&s);
    offer_at(COMPARE_A, CONTENDER_SNAPSHOT, &up, 0);
    set("/compare/listen", 1, at);
    run(0, 4 * RATE, 333);
    for (int i = 2 * RATE; i < 4 * RATE; i++) {
        int late = chain_latency_frames(&p.chain);

        if (i < at)
            assert_true(ears[0][i] == -in[0][i - late]);
        if (i >= at + RATE / 50)
            assert_true(ears[0][i] == in[0][i - late]);
    }
    end();
}

/* Nobody hears b when its loudness becomes known: it is right from the first frame of the switch. */
static void
the_gain_is_there_before_the_sound(void **state)
{
    struct settings s = comparing(CONTENDER_INPUT, CONTENDER_SNAPSHOT), up = neutral();
    const int at = 3 * RATE;

    (void)state;
    up.input.trim_db = 6.0;
    begin(&s);
    offer_at(COMPARE_B, CONTENDER_SNAPSHOT, &up, 0);
    set("/compare/listen", 1, at);
    run(0, 4 * RATE, 256);
    for (int i = 2 * RATE; i < 4 * RATE; i++) /* all the time as loud as the input, within 0.01 dB */
        assert_true(fabs((double)ears[0][i] - (double)in[0][i - chain_latency_frames(&p.chain)]) <
                    0.0012 * 0.8);
    end();
}

/* A chain that needs its time takes the place of one that is heard: until it has warmed, the old one goes on; from then on
   it sounds as it would have had it been there from the start. */
static void
a_new_contender_is_heard_once_it_is_warm(void **state)
{
    struct settings s = comparing(CONTENDER_SNAPSHOT, CONTENDER_INPUT), old = neutral(), new = neutral();
    struct settings alone;
    int late, came = 0;

    (void)state;
    old.input.polarity = 3;
    new.eq.on = new.eq.band[0].on = true;
    new.eq.phase = 1;
    new.eq.band[0].gain_db = 9.0;
    new.comp.on = true;
    new.comp.threshold_db = -30.0;
    alone = new;
    alone.monitor.level_db = 0.0;
    begin(&alone);
    run(0, 6 * RATE, 256);
    late = chain_latency_frames(&p.chain);
    end();
    memcpy(kept, ears, sizeof ears);
    s.compare.match = false;
    begin(&s);
    offer_at(COMPARE_A, CONTENDER_SNAPSHOT, &old, 0);
    run(0, 2 * RATE, 256);
    offer_at(COMPARE_A, CONTENDER_SNAPSHOT, &new, 2 * RATE);
    for (int at = 2 * RATE; at < 6 * RATE; at += 256) {
        run(at, at + 256, 256);
        came = came == 0 && seen.state[COMPARE_A] == COMPARE_READY ? at : came;
    }
    assert_in_range(came, 2 * RATE + RATE / 5, 3 * RATE);
    for (int i = RATE; i < came - 256; i++)
        assert_true(ears[0][i] == -in[0][i - chain_latency_frames(&p.chain)]);
    for (int i = came + RATE / 2; i < 6 * RATE - 256; i++) /* envelopes: -80 dBFS */
        assert_true(fabs((double)ears[0][i] - (double)kept[0][i]) < 1e-4);
    assert_true(late > 1000);
    end();
}

/* How many of them run, and cost. */
static int
voices(void)
{
    int n = 0;

    for (int i = 0; i < COMPARE_VOICES; i++)
        n += compare.voice[i].state != VOICE_FREE;
    return n;
}

/* Both are exchanged at once, again and again, faster than any gets ready: what was heard goes on. */
static void
restless_hands_do_not_break_it(void **state)
{
    struct settings s = comparing(CONTENDER_SNAPSHOT, CONTENDER_SNAPSHOT + 1), one = neutral();

    (void)state;
    begin(&s);
    offer_at(COMPARE_A, CONTENDER_SNAPSHOT, &one, 0);
    offer_at(COMPARE_B, CONTENDER_SNAPSHOT + 1, &one, 0);
    run(0, 2 * RATE, 256);
    for (int i = 0; i < 50; i++) {
        int at = 2 * RATE + i * 1440;

        one.input.trim_db = -i * 0.1;
        offer_at(COMPARE_A, CONTENDER_SNAPSHOT, &one, at);
        offer_at(COMPARE_B, CONTENDER_SNAPSHOT + 1, &one, at);
        set("/compare/listen", i % 2, at + 700);
        run(at, at + 1440, 256);
    }
    for (int i = RATE + RATE / 2; i < 2 * RATE + 50 * 1440; i++)
        assert_true(ears[0][i] == in[0][i - chain_latency_frames(&p.chain)]);
    run(2 * RATE + 50 * 1440, 6 * RATE, 256);
    assert_int_equal(seen.state[COMPARE_A], COMPARE_READY);
    assert_int_equal(seen.state[COMPARE_B], COMPARE_READY);
    assert_true(fabs(seen.offset_lu) < 1e-6);
    assert_int_equal(voices(), 2);
    end();
}

/* The master, at its own level, and it is told. */
static void
who_is_not_there_leaves_its_place_to_the_master(void **state)
{
    struct settings s = comparing(CONTENDER_SNAPSHOT, CONTENDER_REFERENCE), up = neutral();

    (void)state;
    begin(&s);
    run(0, 2 * RATE, 256);
    assert_int_equal(seen.state[COMPARE_A], COMPARE_MISSING);
    assert_int_equal(seen.state[COMPARE_B], COMPARE_MISSING);
    up.input.polarity = 3;
    offer_at(COMPARE_A, CONTENDER_SNAPSHOT, &up, 2 * RATE);
    run(2 * RATE, 4 * RATE, 256);
    assert_int_equal(seen.state[COMPARE_A], COMPARE_READY);
    offer_at(COMPARE_A, CONTENDER_SNAPSHOT, NULL, 4 * RATE);
    run(4 * RATE, 5 * RATE, 256);
    assert_int_equal(seen.state[COMPARE_A], COMPARE_MISSING);
    for (int i = RATE / 2; i < 5 * RATE; i++) {
        float x = in[0][i - chain_latency_frames(&p.chain)];

        if (i < 2 * RATE || i > 4 * RATE + RATE / 50)
            assert_true(ears[0][i] == x);
        if (i > 3 * RATE && i < 4 * RATE)
            assert_true(ears[0][i] == -x);
    }
    end();
}

static void
x_is_what_the_blind_run_says(void **state)
{
    struct settings s = comparing(CONTENDER_INPUT, CONTENDER_SNAPSHOT), up = neutral();

    (void)state;
    up.input.polarity = 3;
    s.compare.listen = COMPARE_LISTEN_X;
    begin(&s);
    offer_at(COMPARE_B, CONTENDER_SNAPSHOT, &up, 0);
    for (int i = 0; i < 4; i++) {
        struct event e = {.kind = EVENT_BLIND, .value = i % 2, .frame = (uint64_t)((2 + i) * RATE)};
        struct notice n;

        assert_true(process_send(&p, &e));
        run(i ? (2 + i) * RATE : 0, (3 + i) * RATE, 256);
        while (process_notice(&p, &n)) /* nobody is told */
            fail_msg("notice %d", (int)n.kind);
        for (int k = (2 + i) * RATE + RATE / 50; k < (3 + i) * RATE; k++)
            assert_true(ears[0][k] == (i % 2 ? -1.0f : 1.0f) * in[0][k - chain_latency_frames(&p.chain)]);
    }
    end();
}

static void
blind(int x, int frame)
{
    struct event e = {.kind = EVENT_BLIND, .value = x, .frame = (uint64_t)frame};

    assert_true(process_send(&p, &e));
}

/* What is heard of a run in which a and b are the same sound, turned over or not: from a to x, and to b. */
static void
hear_x(int x, bool turned)
{
    struct settings s = comparing(CONTENDER_INPUT, CONTENDER_SNAPSHOT), other = neutral();

    other.input.polarity = turned ? 3 : 0;
    begin(&s);
    offer_at(COMPARE_B, CONTENDER_SNAPSHOT, &other, 0);
    blind(x, 2 * RATE);
    set("/compare/listen", COMPARE_LISTEN_X, 3 * RATE);
    set("/compare/listen", COMPARE_LISTEN_B, 4 * RATE);
    set("/compare/listen", COMPARE_LISTEN_A, 4 * RATE + 300); /* while the last one is on its way */
    blind(-1, 5 * RATE);
    set("/compare/listen", COMPARE_LISTEN_B, 6 * RATE);
    run(0, 8 * RATE, 256);
    end();
}

static double
loudest(int from, int to)
{
    double most = 0.0;

    for (int i = from; i < to; i++)
        most = fmax(most, fabs((double)ears[0][i]));
    return most;
}

static void
a_switch_in_the_blind_sounds_alike_whoever_x_is(void **state)
{
    int middle = 3 * RATE + RATE / 50;

    (void)state;
    hear_x(COMPARE_X_IS_A, false);
    memcpy(kept, ears, sizeof ears);
    assert_true(loudest(middle - 8, middle + 8) < 1e-4); /* through silence, from a to a */
    assert_true(loudest(3 * RATE + RATE / 10, 4 * RATE) > 0.1);
    hear_x(COMPARE_X_IS_B, false);
    assert_memory_equal(ears, kept, sizeof ears);
    hear_x(COMPARE_X_IS_B, true); /* where they differ in phase the way down and up is the same, too */
    for (int i = 2 * RATE; i < 4 * RATE; i++)
        assert_true(fabsf(ears[0][i]) == fabsf(kept[0][i]));
    for (int i = 7 * RATE; i < 8 * RATE; i++)
        assert_true(ears[0][i] == -kept[0][i]);
}

/* And once x is known, or the comparison is over, as ever. */
static void
a_dip_ends_with_what_is_heard_then(void **state)
{
    struct settings s = comparing(CONTENDER_INPUT, CONTENDER_NOW);

    (void)state;
    begin(&s);
    blind(COMPARE_X_IS_B, 2 * RATE);
    set("/compare/listen", COMPARE_LISTEN_X, 3 * RATE);
    set("/compare/on", 0, 3 * RATE + 200);
    blind(-1, 3 * RATE + 300);
    set("/compare/on", 1, 5 * RATE);
    run(0, 8 * RATE, 256);
    for (int i = 3 * RATE + RATE / 20; i < 8 * RATE; i++)
        assert_true(ears[0][i] == in[0][i - chain_latency_frames(&p.chain)]);
    for (int i = 3 * RATE; i < 3 * RATE + RATE / 20; i++)
        assert_true(fabsf(ears[0][i]) <= fabsf(in[0][i - chain_latency_frames(&p.chain)]) + 1e-6f);
    end();
}

/* While it is on, contenders are heard whole; a solo is heard again behind it. */
static void
a_solo_waits_for_the_comparison(void **state)
{
    struct settings s = neutral();

    (void)state;
    s.multiband.on = s.multiband.band[1].solo = true;
    begin(&s);
    run(0, 6 * RATE, 256);
    end();
    memcpy(kept, ears, sizeof ears);
    begin(&s);
    set("/compare/match", 0, 0);
    set("/compare/on", 1, 2 * RATE);
    set("/compare/on", 0, 4 * RATE);
    run(0, 6 * RATE, 256);
    for (int i = RATE; i < 6 * RATE; i++) {
        if (i < 2 * RATE || i > 4 * RATE + RATE / 50)
            assert_true(ears[0][i] == kept[0][i]);
        if (i > 2 * RATE + RATE / 50 && i < 4 * RATE)
            assert_true(ears[0][i] == (float)tap[0][i]);
    }
    end();
}

/* --- references ------------------------------------------------------------------------------------------ */

/* A track of which its file says -20 LUFS, whatever it is; as late as the input. */
static void
a_reference_is_matched_by_what_its_file_says(void **state)
{
    static double track[STEREO][256];
    struct settings s = comparing(CONTENDER_NOW, CONTENDER_REFERENCE + 2);

    (void)state;
    begin(&s);
    compare_reference(&compare, 2, true, -20.0);
    assert_true(compare_hears_reference(&compare, 2) && !compare_hears_reference(&compare, 0));
    for (int c = 0; c < STEREO; c++)
        p.reference[2][c] = track[c];
    for (int at = 0; at < 6 * RATE; at += 256) {
        for (int i = 0; i < 256; i++)
            track[0][i] = track[1][i] = (double)in[0][at + i];
        if (at == 3 * RATE / 256 * 256)
            set("/compare/listen", 1, at);
        run(at, at + 256, 256);
    }
    assert_true(seen.loudness_lufs[COMPARE_B] == -20.0);
    assert_true(fabs(seen.offset_lu + 20.0 + seen.loudness_lufs[COMPARE_A]) < 1e-9);
    assert_true(fmin(seen.gain_db[0], seen.gain_db[1]) < -0.5 &&
                fmax(seen.gain_db[0], seen.gain_db[1]) == 0.0);
    assert_true(seen.delay_frames[COMPARE_B] == chain_latency_frames(&p.chain));
    for (int i = 4 * RATE; i < 6 * RATE; i++) { /* its gain glides, -20 dB at most */
        double x = (double)in[0][i - chain_latency_frames(&p.chain)], y = (double)ears[0][i];

        assert_true(fabs(y) <= fabs(x) && x * y >= 0.0 && fabs(y) >= 0.1 * fabs(x));
    }
    end();
}

static void
no_number_in_a_reference_reaches_a_port(void **state)
{
    static double track[STEREO][256];
    static const double bad[] = {NAN, INFINITY, -INFINITY, 1e300};
    struct settings s = comparing(CONTENDER_REFERENCE, CONTENDER_NOW);

    (void)state;
    begin(&s);
    compare_reference(&compare, 0, true, -14.0);
    for (int c = 0; c < STEREO; c++)
        p.reference[0][c] = track[c];
    for (int at = 0; at < 8 * RATE; at += 256) {
        for (int i = 0; i < 256; i++)
            track[0][i] = track[1][i] = i % 8 == 0 ? bad[dice(LEN(bad))] : noise();
        if (at == 6 * RATE / 256 * 256)
            set("/compare/listen", 1, at);
        run(at, at + 256, 256);
    }
    assert_true(p.bad_samples > 0); /* it was heard */
    assert_true(isfinite(seen.offset_lu));
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < 8 * RATE; i++) {
            assert_true(isfinite(ears[c][i]) && isfinite(tap[c][i]));
            if (i > 7 * RATE)
                assert_true(fabsf(ears[c][i]) <= fabsf((float)tap[c][i]));
        }
    end();
}

/* --- the tap, and bits ----------------------------------------------------------------------------------- */

/* Most of them there. */
static const int contenders[] = {CONTENDER_NOW,          CONTENDER_INPUT,         CONTENDER_SNAPSHOT,
                                 CONTENDER_SNAPSHOT + 1, CONTENDER_REFERENCE + 1, CONTENDER_REFERENCE};
static const char *const knobs[] = {"/compare/on",    "/compare/a",     "/compare/b",     "/compare/listen",
                                    "/compare/match", "/compare/align", "/compare/window"};

enum { SESSION = 4 * RATE };

/* Moves of the chain at random frames and, when `with`, of the comparison, with snapshots and a reference. */
static void
random_session(int period, uint32_t seed, bool with)
{
    static double track[STEREO][256];
    struct settings s = neutral(), own[4];
    uint32_t offers = seed + 100;

    s.compare.on = with;
    s.compare.a = CONTENDER_SNAPSHOT + 1;
    begin(&s);
    dice_state = seed;
    for (int i = 0; i < 60; i++) { /* of the chain */
        const struct param *row = param_at((int)dice((uint32_t)params_count()));
        int frame = (int)dice(SESSION);
        double value;

        param_from_norm(row, dice(101) / 100.0, &value, NULL);
        if (row->owner == OWNER_CHAIN && param_is_number(row))
            set(row->path, value, frame);
    }
    for (int i = 0; i < 80; i++) { /* of the comparison: on for most of the time */
        const struct param *row = param_at(param_find(knobs[dice(LEN(knobs))]));
        int frame = (int)dice(SESSION);
        double value;

        param_from_norm(row, dice(101) / 100.0, &value, NULL);
        if (row == param_at(param_find("/compare/on")))
            value = dice(4) != 0;
        if (row->names && row->max > COMPARE_LISTEN_X)
            value = contenders[dice(LEN(contenders))];
        if (with)
            set(row->path, value, frame);
    }
    compare_reference(&compare, 1, true, -16.0);
    for (int c = 0; c < STEREO; c++)
        p.reference[1][c] = track[c];
    for (int part = 0; part < 8; part++) {
        for (int place = 0; place < COMPARE_PLACES; place++) {
            dice_state = offers++;
            own[place] = neutral();
            own[place].eq.on = dice(2);
            own[place].eq.phase = (int)dice(3);
            own[place].eq.band[1].gain_db = 6.0;
            own[place].eq.band[1].on = true;
            own[place].comp.on = dice(2);
            own[place].limit.on = dice(2);
            own[place].limit.gain_db = 9.0;
            own[place].chain.place[STAGE_COMP] = -1;
            if (with)
                offer_at((enum compare_place)place, CONTENDER_SNAPSHOT + (int)dice(2), &own[place],
                         part * SESSION / 8 + 1000 + place);
        }
        dice_state = (uint32_t)(part + period);
        run(part * SESSION / 8, (part + 1) * SESSION / 8, period);
    }
    end();
}

static void
comparing_never_changes_a_printed_sample(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 4; seed++) {
        random_session(128, seed, false);
        memcpy(printed, tap, sizeof tap);
        memcpy(kept, ears, sizeof ears);
        random_session(128, seed, true);
        for (int c = 0; c < STEREO; c++) {
            assert_memory_equal(tap[c], printed[c], sizeof **tap * SESSION);
            assert_memory_not_equal(ears[c], kept[c], sizeof **ears * SESSION); /* it was at work */
        }
    }
}

static void
same_bits_are_heard_at_any_period(void **state)
{
    static const int periods[] = {7, 64, 300, 0, SESSION};

    (void)state;
    for (uint32_t seed = 1; seed <= 3; seed++) {
        random_session(1, seed, true);
        memcpy(kept, ears, sizeof ears);
        memcpy(printed, tap, sizeof tap);
        for (size_t i = 0; i < LEN(periods); i++) {
            random_session(periods[i], seed, true);
            for (int c = 0; c < STEREO; c++)
                for (int k = 0; k < SESSION; k++)
                    if (memcmp(&ears[c][k], &kept[c][k], sizeof ears[c][k]) != 0)
                        fail_msg("period %d, session %u: frame %d is %.9g, not %.9g", periods[i], seed, k,
                                 (double)ears[c][k], (double)kept[c][k]);
            for (int c = 0; c < STEREO; c++)
                assert_memory_equal(tap[c], printed[c], sizeof **tap * SESSION);
        }
    }
}

static void
while_it_is_off_the_monitors_hear_the_master(void **state)
{
    struct settings s = neutral();

    (void)state;
    s.limit.on = true;
    s.limit.gain_db = 6.0;
    begin(&s);
    run(0, RATE, 100);
    for (int i = RATE / 10; i < RATE; i++)
        assert_true(ears[0][i] == (float)tap[0][i]);
    assert_false(compare_runs(&compare));
    assert_int_equal(seen.state[COMPARE_A], COMPARE_OFF);
    assert_int_equal(voices(), 0);
    set("/compare/on", 1, RATE);
    run(RATE, 3 * RATE, 100);
    assert_int_equal(voices(), 2);
    set("/compare/on", 0, 3 * RATE);
    run(3 * RATE, 4 * RATE, 100);
    assert_int_equal(voices(), 0);
    end();
}

/* --- memory ---------------------------------------------------------------------------------------------- */

static void
prepare_survives_each_failed_calloc(void **state)
{
    (void)state;
#ifndef __SANITIZE_ADDRESS__
    enum status status = NO_MEM;
    int given = 0;

    for (; status == NO_MEM; given++) {
        callocs_left = given;
        status = compare_prepare(&compare, RATE);
        callocs_left = -1;
        if (status == NO_MEM)
            compare_free(&compare); /* harmless */
    }
    assert_int_equal(status, OK);
    assert_true(given > COMPARE_VOICES);
    compare_free(&compare);
#else
    skip();
#endif
}

static void
a_rate_out_of_range_is_refused(void **state)
{
    (void)state;
    assert_int_equal(compare_prepare(&compare, 7999), BAD_ARG);
    compare_free(&compare);
    assert_int_equal(compare_prepare(&compare, NAN), BAD_ARG);
}

static int
make(void **state)
{
    (void)state;
    params_init();
    make_programme();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_chains_1_5_db_and_37_frames_apart_are_heard_alike),
        cmocka_unit_test(without_match_and_align_they_are_as_they_are),
        cmocka_unit_test(a_loud_master_and_its_input_are_heard_alike),
        cmocka_unit_test(a_latency_that_changes_is_followed),
        cmocka_unit_test(a_move_begins_the_measurement_anew),
        cmocka_unit_test(gains_follow_while_a_knob_is_turned),
        cmocka_unit_test(the_window_is_no_longer_than_asked),
        cmocka_unit_test(no_switch_clicks),
        cmocka_unit_test(a_switch_takes_20_ms),
        cmocka_unit_test(the_gain_is_there_before_the_sound),
        cmocka_unit_test(a_new_contender_is_heard_once_it_is_warm),
        cmocka_unit_test(restless_hands_do_not_break_it),
        cmocka_unit_test(who_is_not_there_leaves_its_place_to_the_master),
        cmocka_unit_test(x_is_what_the_blind_run_says),
        cmocka_unit_test(a_switch_in_the_blind_sounds_alike_whoever_x_is),
        cmocka_unit_test(a_dip_ends_with_what_is_heard_then),
        cmocka_unit_test(a_solo_waits_for_the_comparison),
        cmocka_unit_test(a_reference_is_matched_by_what_its_file_says),
        cmocka_unit_test(no_number_in_a_reference_reaches_a_port),
        cmocka_unit_test(comparing_never_changes_a_printed_sample),
        cmocka_unit_test(same_bits_are_heard_at_any_period),
        cmocka_unit_test(while_it_is_off_the_monitors_hear_the_master),
        cmocka_unit_test(prepare_survives_each_failed_calloc),
        cmocka_unit_test(a_rate_out_of_range_is_refused),
    };

    return cmocka_run_group_tests(tests, make, NULL);
}
