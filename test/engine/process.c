/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/process.h"

#include "dsp/xmath.h"
#include "engine/params.h"
#include "test/kit/defaults.h"
#include "test/kit/dice.h"
#include "test/kit/reel.h"
#include "test/kit/tree.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { RATE = 48000, NFRAMES = 30000 };

static struct process p;
static float in[STEREO][NFRAMES], master[STEREO][NFRAMES], ears[STEREO][NFRAMES];
static double tap[STEREO][NFRAMES], want[STEREO][NFRAMES];

/* Noise at -12 dBFS peak on the inputs. */
static void
make_input(void)
{
    dice_state = 5;
    for (int i = 0; i < NFRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            in[c][i] = ((float)dice(2001) - 1000.0f) / 4000.0f;
}

static void
open_live(struct recorder *r)
{
    struct settings s = default_settings();

    make_input();
    assert_int_equal(process_prepare(&p, RATE, NULL, r), OK);
    process_begin(&p, &s, false);
}

static int64_t now_ns; /* when the next period comes; 0: no clock, as offline */

static void
run(int at, int nframes)
{
    struct process_io io;

    memset(&io, 0, sizeof io);
    io.time_ns = now_ns;
    now_ns += now_ns ? nframes * INT64_C(1000000000) / RATE : 0;
    for (int c = 0; c < STEREO; c++) {
        io.in[c] = in[c] + at;
        io.master[c] = master[c] + at;
        io.monitor_a[c] = ears[c] + at;
        io.tap[c] = tap[c] + at;
    }
    process_run(&p, &io, nframes);
}

/* period 0: a new one each time, from 0 to 700. */
static void
run_all(int from, int to, int period)
{
    for (int at = from, n; at < to; at += n) {
        n = period ? period : (int)dice(701);
        n = n < to - at ? n : to - at;
        run(at, n);
    }
}

static void
send(struct event e)
{
    assert_true(process_send(&p, &e));
}

static void
send_set(const char *path, double value, uint64_t frame, uint32_t sequence)
{
    int id = param_find(path);

    assert_true(id >= 0);
    send((struct event){.kind = EVENT_SET, .param = id, .value = value, .frame = frame, .hand = sequence});
}

/* The next notice of a kind; others are passed over. */
static struct notice
next_notice(int kind)
{
    struct notice n;

    while (process_notice(&p, &n))
        if ((int)n.kind == kind)
            return n;
    fail_msg("no notice of kind %d", kind);
    return n;
}

static bool
any_notice(int kind)
{
    struct notice n;

    while (process_notice(&p, &n))
        if ((int)n.kind == kind)
            return true;
    return false;
}

/* --- events ---------------------------------------------------------------------------------------- */

/* What comes out is what a bare chain makes that is handed its new setting between frames 999 and 1000. */
static void
a_timed_move_acts_at_its_frame(void **state)
{
    struct chain c;
    struct settings s = default_settings();
    struct notice n;

    (void)state;
    open_live(NULL);
    send_set("/input/trim", -6, 1000, 77);
    run_all(0, 4096, 256);
    n = next_notice(NOTICE_SET);
    assert_int_equal(n.frame, 1000);
    assert_int_equal(n.hand, 77);
    assert_int_equal(n.param, param_find("/input/trim"));
    assert_true(n.value == -6.0);
    assert_int_equal(chain_prepare(&c, RATE), OK);
    chain_set(&c, &s, SETTINGS_ALL);
    for (int k = 0; k < STEREO; k++)
        for (int i = 0; i < 4096; i++)
            want[k][i] = in[k][i];
    chain_process(&c, &(struct chain_sound){.io = {want[0], want[1]}}, 1000);
    s.input.trim_db = -6;
    chain_set(&c, &s, offsetof(struct settings, input.trim_db));
    chain_process(&c, &(struct chain_sound){.io = {want[0] + 1000, want[1] + 1000}}, 3096);
    for (int k = 0; k < STEREO; k++)
        assert_memory_equal(tap[k], want[k], sizeof(double) * 4096);
    chain_free(&c);
    process_free(&p);
}

static void
now_is_the_next_periods_start(void **state)
{
    (void)state;
    open_live(NULL);
    run_all(0, 640, 64);
    send_set("/input/trim", -6, EVENT_NOW, 1);
    run_all(640, 1000, 64);
    assert_int_equal(next_notice(NOTICE_SET).frame, 640);
    assert_int_equal(p.late_events, 0);
    process_free(&p);
}

static void
a_late_move_acts_at_once_and_is_counted(void **state)
{
    const struct readings *r;

    (void)state;
    open_live(NULL);
    run_all(0, 4800, 480);
    send_set("/input/trim", -6, 4799, 1); /* one frame late */
    send_set("/input/trim", -5, 4800, 2); /* just in time */
    run_all(4800, 9600, 480);
    assert_int_equal(next_notice(NOTICE_SET).frame, 4800);
    assert_int_equal(next_notice(NOTICE_SET).frame, 4800);
    r = publish_read(&p.readings);
    assert_true(r->late_events == 1.0);
    process_free(&p);
}

/* By frame, and those of one frame as they came. */
static void
moves_keep_their_order(void **state)
{
    static uint64_t frame_of[4000];
    uint64_t frame = 0;
    uint32_t sequence = 0;
    struct notice n;
    int count = 0;

    (void)state;
    open_live(NULL);
    for (uint32_t i = 0; i < LEN(frame_of); i++) {
        frame_of[i] = 1 + dice(2000);
        send_set("/input/balance", dice(100), frame_of[i], i);
    }
    run_all(0, 2200, 0);
    while (process_notice(&p, &n)) {
        assert_int_equal(n.kind, NOTICE_SET);
        assert_int_equal(n.frame, frame_of[n.hand]);
        assert_true(n.frame > frame || (n.frame == frame && n.hand > sequence) || count == 0);
        frame = n.frame;
        sequence = n.hand;
        count++;
    }
    assert_int_equal(count, LEN(frame_of));
    assert_int_equal(p.late_events, 0);
    process_free(&p);
}

/* The last of those for one frame wins, as on any desk. */
static void
the_last_move_of_a_frame_wins(void **state)
{
    (void)state;
    open_live(NULL);
    send_set("/input/trim", -12, 100, 0);
    send_set("/input/trim", 0, 100, 1);
    run_all(0, 512, 64);
    assert_true(p.settings.input.trim_db == 0.0);
    for (int i = 0; i + p.chain.latency < 512; i++)
        assert_true(tap[0][i + p.chain.latency] == in[0][i]);
    process_free(&p);
}

/* Nobody takes notices for a while: moves wait rather than vanish from the log, and come in order afterwards. */
static void
a_full_notice_ring_holds_moves_back(void **state)
{
    enum { SENT = PROCESS_NOTICES + PROCESS_EVENTS };
    struct notice n;
    uint32_t sent = 0, got = 0;
    uint64_t before = 0;

    (void)state;
    open_live(NULL);
    for (int at = 0; at + 16 <= 2048; at += 16) { /* until nothing fits any more */
        while (sent < SENT) {
            struct event e = {.kind = EVENT_SET, .param = param_find("/input/balance"), .hand = sent};

            if (!process_send(&p, &e))
                break;
            sent++;
        }
        run(at, 16);
    }
    assert_true(sent > PROCESS_NOTICES);
    for (int at = 2048; got < sent && at + 16 <= NFRAMES; at += 16) {
        while (process_notice(&p, &n)) {
            assert_int_equal(n.hand, got);
            assert_true(n.frame >= before && n.frame <= p.frame);
            before = n.frame;
            got++;
        }
        run(at, 16);
    }
    assert_int_equal(got, sent);
    process_free(&p);
}

/* Thousands of moves in one packet would cost a short period its time. They come bit by bit, in order, at the frames
   that the notices tell. */
static void
a_flood_is_taken_in_shares(void **state)
{
    enum { SENT = 4000, PERIOD = 64, SHARE = PROCESS_MOVES + PROCESS_MOVES_A_FRAME * PERIOD };
    struct notice n;
    uint32_t got = 0;

    (void)state;
    open_live(NULL);
    for (uint32_t i = 0; i < SENT; i++)
        send_set("/input/balance", i % 100, EVENT_NOW, i);
    for (int at = 0; got < SENT && at + PERIOD <= NFRAMES; at += PERIOD) {
        uint32_t before = got;

        run(at, PERIOD);
        for (; process_notice(&p, &n); got++) {
            assert_int_equal(n.hand, got);
            assert_in_range(n.frame, at, at + PERIOD);
        }
        assert_in_range(got - before, 1, SHARE);
    }
    assert_int_equal(got, SENT);
    process_free(&p);
}

static void
a_period_without_frames_is_harmless(void **state)
{
    (void)state;
    open_live(NULL);
    run(0, 0);
    send_set("/input/trim", -6, EVENT_NOW, 3);
    run(0, 0);
    assert_int_equal(next_notice(NOTICE_SET).hand, 3);
    assert_int_equal(p.frame, 0);
    process_free(&p);
}

/* --- ports ------------------------------------------------------------------------------------------ */

static void
live_input_comes_through_to_the_bit(void **state)
{
    (void)state;
    open_live(NULL);
    run_all(0, NFRAMES, 0);
    for (int c = 0; c < STEREO; c++)
        for (int i = p.chain.latency; i < NFRAMES; i++) {
            assert_true(tap[c][i] == in[c][i - p.chain.latency]);
            if (i > RATE / 10)
                assert_true(master[c][i] == in[c][i - p.chain.latency]);
        }
    process_free(&p);
}

/* What cannot be played becomes silence, is counted, and the rest is left alone. */
static void
no_number_never_reaches_a_port(void **state)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY, FLT_MAX, -FLT_MAX};
    struct settings s = default_settings();

    (void)state;
    open_live(NULL);
    s.input.trim_db = 24.0; /* makes of FLT_MAX what no float can hold */
    s.monitor.level_db = 0.0;
    process_begin(&p, &s, false);
    for (size_t i = 0; i < LEN(bad); i++)
        in[i % STEREO][5000 + 100 * i] = bad[i];
    run_all(0, 12000, 0);
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < 12000; i++) {
            if (!isfinite(tap[c][i]) || !isfinite(master[c][i]) || !isfinite(ears[c][i]))
                fail_msg("frame %d: tap %g, master %g, monitor %g", i, tap[c][i], (double)master[c][i],
                         (double)ears[c][i]);
            if (i > 6000)
                assert_true(master[c][i] == (float)tap[c][i]);
        }
    assert_int_equal(p.bad_samples, 3 + 2 * 2); /* 3 came in, 2 overflowed on both pairs of ports */
    process_free(&p);
}

static void
assert_smooth(const float *x, int from, int to, double step)
{
    for (int i = from; i < to; i++)
        if (fabs((double)x[i] - (double)x[i - 1]) > step)
            fail_msg("frame %d: from %g to %g", i, (double)x[i - 1], (double)x[i]);
}

/* After 300 ms without a period the sound goes on in mid-wave: the ports come from silence, the print does not. */
static void
ports_come_from_silence_when_a_server_comes_back(void **state)
{
    enum { AGAIN = 6000 };
    int length = RATE * 30 / 1000;
    double step = 0.5 * 1.875 / length * 1.01; /* fade.h's steepest */

    (void)state;
    open_live(NULL);
    for (int i = 0; i < NFRAMES; i++)
        in[0][i] = in[1][i] = 0.5f;
    now_ns = 1;
    run_all(0, AGAIN / 2, 64);
    now_ns += 20000000; /* 20 ms: a dropout is bad enough without a fade */
    run_all(AGAIN / 2, AGAIN, 64);
    for (int i = AGAIN / 2; i < AGAIN; i++)
        assert_true(master[0][i] == 0.5f && ears[0][i] != 0.0f);
    now_ns += 300000000;
    run_all(AGAIN, NFRAMES, 64);
    now_ns = 0;
    assert_true(fabs((double)master[0][AGAIN]) < step && fabs((double)ears[0][AGAIN]) < step);
    assert_smooth(master[0], AGAIN + 1, NFRAMES, step);
    assert_true(master[0][AGAIN + length] == 0.5f);
    for (int i = p.chain.latency; i < NFRAMES; i++)
        assert_true(tap[0][i] == 0.5);
    process_free(&p);
}

/* DC of 0.5: the ports rise to it over 30 ms from nothing, and fall to nothing again; the print hears none of it.
   fade.h's path is steepest in the middle: 1.875 / length a frame. */
static void
ports_fade_in_and_out_and_the_tap_does_not(void **state)
{
    int length = RATE * 30 / 1000, latency, off = 9000, on = 20000;
    double step = 0.5 * 1.875 / length * 1.01, t;

    (void)state;
    open_live(NULL);
    latency = p.chain.latency;
    for (int i = 0; i < NFRAMES; i++)
        in[0][i] = in[1][i] = 0.5f;
    run_all(0, 100, 64); /* nothing has come through yet: let the fade begin on sound */
    send((struct event){.kind = EVENT_OUTPUTS, .value = 0, .frame = (uint64_t)off});
    send((struct event){.kind = EVENT_OUTPUTS, .value = 0, .frame = (uint64_t)off + 5000});
    send((struct event){.kind = EVENT_OUTPUTS, .value = 1, .frame = (uint64_t)on});
    run_all(100, NFRAMES, 0);
    assert_smooth(master[0], latency + length + 1, NFRAMES, step);
    t = (latency + 1.0) / length; /* how far the fade has come when the sound does */
    assert_true(master[0][0] == 0.0f);
    assert_true(fabs((double)master[0][latency]) < 0.5 * t * t * t * (t * (6.0 * t - 15.0) + 10.0) + 1e-6);
    assert_true(master[0][off - 1] == 0.5f && master[1][off - 1] == 0.5f);
    for (int i = off + length; i < on; i++)
        assert_true(master[0][i] == 0.0f && ears[0][i] == 0.0f);
    assert_true(master[0][on + length] == 0.5f);
    for (int i = latency; i < NFRAMES; i++)
        assert_true(tap[0][i] == 0.5);
    assert_in_range(next_notice(NOTICE_SILENT).frame, off, off + length);
    assert_int_equal(next_notice(NOTICE_SILENT).frame, off + 5000); /* asked again: told again */
    assert_false(any_notice(NOTICE_SILENT));
    process_free(&p);
}

static void
the_source_switches_without_a_step(void **state)
{
    int latency;

    (void)state;
    open_live(NULL);
    latency = p.chain.latency;
    for (int i = 0; i < NFRAMES; i++)
        in[0][i] = in[1][i] = 0.5f;
    send_set("/transport/source", 0, 5000, 0); /* no player: silence */
    send_set("/transport/source", 1, 10000, 0);
    run_all(0, 15000, 64);
    assert_smooth(master[0], 5000, 15000, 0.5 * 1.875 / (RATE * 20 / 1000) * 1.01);
    assert_true(tap[0][5000 + latency - 1] == 0.5);
    for (int i = 5960 + latency; i < 10000 + latency; i++)
        assert_true(tap[0][i] == 0.0);
    assert_true(tap[0][10960 + latency] == 0.5);
    process_free(&p);
}

/* --- the tap ----------------------------------------------------------------------------------------- */

/* A player on the computed programme, the inputs, and moves of all kinds at random frames. */
static void
random_session(int period, uint32_t seed)
{
    static const char *const demo[] = {"demo:"};
    struct settings s = default_settings();
    struct player *player;
    uint32_t generation;

    make_input();
    assert_int_equal(player_open(&player, RATE, demo, 1), OK);
    assert_int_equal(process_prepare(&p, RATE, player, NULL), OK);
    s.limit.on = s.comp.on = true;
    s.limit.gain_db = 12;
    process_begin(&p, &s, true);
    generation = player_cue(player, 0, 0, false);
    dice_state = seed;
    send((struct event){.kind = EVENT_PLAY, .frame = 1 + dice(100), .generation = generation});
    for (int i = 0; i < 500; i++) {
        int id = (int)dice((uint32_t)params_count());
        const struct param *row = param_at(id);
        uint64_t frame = 1 + dice(NFRAMES);
        double value;

        if (i % 10 == 0)
            id = param_find("/transport/source");
        row = param_at(id);
        if ((row->owner != OWNER_CHAIN && row->owner != OWNER_MONITOR) || !param_is_number(row))
            continue;
        param_from_norm(row, dice(101) / 100.0, &value, NULL);
        send((struct event){.kind = EVENT_SET, .param = id, .value = value, .frame = frame});
    }
    send((struct event){.kind = EVENT_STOP, .frame = 25000});
    for (int at = 0, n; at < NFRAMES; at += n) {
        while (player_fill(player))
            ;
        n = period ? period : (int)dice(701);
        n = n < NFRAMES - at ? n : NFRAMES - at;
        run(at, n);
    }
    process_free(&p);
    player_close(player);
}

static void
the_tap_is_the_same_at_any_period(void **state)
{
    static const int periods[] = {7, 64, 300, 1024, 0, NFRAMES};

    (void)state;
    for (uint32_t seed = 1; seed <= 3; seed++) {
        random_session(1, seed);
        memcpy(want, tap, sizeof tap);
        for (size_t i = 0; i < LEN(periods); i++) {
            random_session(periods[i], seed);
            for (int c = 0; c < STEREO; c++)
                for (int k = 0; k < NFRAMES; k++)
                    if (memcmp(&tap[c][k], &want[c][k], sizeof tap[c][k]) != 0)
                        fail_msg("period %d, session %u: frame %d is %.17g, not %.17g", periods[i], seed, k,
                                 tap[c][k], want[c][k]);
        }
    }
}

static void
monitoring_is_never_printed(void **state)
{
    (void)state;
    open_live(NULL);
    run_all(0, NFRAMES, 64);
    process_free(&p);
    memcpy(want, tap, sizeof tap);
    open_live(NULL);
    for (int i = 0; i < params_count(); i++)
        for (int k = 0; k < 20; k++) {
            double value;

            if (param_at(i)->owner != OWNER_MONITOR)
                continue;
            param_from_norm(param_at(i), dice(101) / 100.0, &value, NULL);
            send_set(param_at(i)->path, value, 1 + dice(NFRAMES), 0);
        }
    run_all(0, NFRAMES, 64);
    process_free(&p);
    assert_memory_equal(tap, want, sizeof tap);
}

static void
a_solo_is_heard_and_not_printed(void **state)
{
    static float all[sizeof ears / sizeof ears[0]][NFRAMES];

    (void)state;
    for (int solo = 0; solo < 2; solo++) {
        open_live(NULL);
        send_set("/multiband/on", 1, 1, 0);
        if (solo)
            send_set("/multiband/2/solo", 1, 5000, 0);
        run_all(0, NFRAMES, 64);
        process_free(&p);
        if (solo)
            break;
        memcpy(want, tap, sizeof tap);
        memcpy(all, ears, sizeof all);
    }
    assert_memory_equal(tap, want, sizeof tap);
    assert_memory_equal(ears[0], all[0], sizeof(float) * 5000);
    assert_memory_not_equal(ears[0] + 10000, all[0] + 10000, sizeof(float) * (NFRAMES - 10000));
}

/* --- the print --------------------------------------------------------------------------------------- */

static char print_path[64];
static const struct print_settings wav32f = {.format = PRINT_WAV32F};
static double pairs[NFRAMES * STEREO];

static int
make_folder(void **state)
{
    params_init();
    if (tree_make(state) != 0)
        return -1;
    snprintf(print_path, sizeof print_path, "%s", tree_path("print.wav"));
    return 0;
}

/* From the frame that the order acts at, taken where it comes out of the chain: chain_latency_frames later. */
static void
a_print_holds_just_the_frames_between_its_orders(void **state)
{
    static const struct {
        int from, to, period;
    } takes[] = {{1, 2, 64},      {100, 100, 64},      {1000, 1001, 100},
                 {333, 20000, 0}, {4096, 20480, 1024}, {5, 25000, 7}};
    struct recorder *r;
    struct soundfile *file;
    struct err e;

    (void)state;
    assert_int_equal(recorder_prepare(&r, RATE), OK);
    for (size_t i = 0; i < LEN(takes); i++) {
        int n = takes[i].to - takes[i].from, from;

        open_live(r);
        from = takes[i].from + p.chain.latency;
        if (recorder_open(r, print_path, &wav32f, &e) != OK)
            fail_msg("%s", e.text);
        send((struct event){.kind = EVENT_PRINT_START, .frame = (uint64_t)takes[i].from});
        send((struct event){.kind = EVENT_PRINT_STOP, .frame = (uint64_t)takes[i].to});
        send_set("/input/trim", -3, 15000, 0);
        for (int at = 0; at < NFRAMES; at += 3000) {
            run_all(at, at + 3000, takes[i].period);
            while (recorder_drain(r))
                ;
        }
        assert_int_equal(next_notice(NOTICE_PRINT_BEGAN).frame, takes[i].from);
        assert_int_equal(next_notice(NOTICE_PRINT_ENDED).frame, takes[i].to);
        assert_int_equal(recorder_close(r, &e), OK);
        assert_int_equal(recorder_frames(r), n);
        process_free(&p);
        if (n > 0) {
            file = reel_open(print_path, 0, 0);
            assert_int_equal(soundfile_read(file, pairs, NFRAMES), n);
            for (int k = 0; k < n; k++)
                for (int c = 0; c < STEREO; c++)
                    assert_true(pairs[STEREO * k + c] == (double)(float)tap[c][from + k]);
            soundfile_close(file);
        }
        unlink(print_path);
    }
    recorder_free(r);
}

/* The disk stands still: the print ends at the hole, and says where. What is in the file is all there was before. */
static void
a_disk_too_late_ends_the_print_at_the_hole(void **state)
{
    struct recorder *r;
    struct notice n;
    struct err e;
    bool hole = false;

    (void)state;
    assert_int_equal(recorder_prepare(&r, RATE), OK);
    open_live(r);
    assert_int_equal(recorder_open(r, print_path, &wav32f, &e), OK);
    send((struct event){.kind = EVENT_PRINT_START, .frame = 10});
    for (int second = 0; second < 40 && !hole; second++) {
        run(0, NFRAMES);
        while (!hole && process_notice(&p, &n))
            hole = n.kind == NOTICE_PRINT_HOLE;
    }
    assert_true(hole);
    assert_false(p.printing);
    send((struct event){.kind = EVENT_PRINT_STOP});
    run(0, 1000);
    assert_false(any_notice(NOTICE_PRINT_ENDED));
    assert_int_equal(recorder_close(r, &e), OK);
    assert_int_equal(recorder_frames(r), n.frame - 10);
    process_free(&p);
    recorder_free(r);
    unlink(print_path);
}

/* --- readings, transport ------------------------------------------------------------------------------ */

static void
readings_are_published_every_10_ms(void **state)
{
    const struct readings *r;
    const struct process_tick *tick;
    struct process_io io = {.time_ns = 12345};

    (void)state;
    open_live(NULL);
    for (int i = 0; i < NFRAMES; i++)
        in[0][i] = 0.5f, in[1][i] = 0.25f;
    for (int at = 0; at + 64 <= NFRAMES; at += 64) {
        run(at, 64);
        r = publish_read(&p.readings);
        assert_true(p.frame - r->frame <= RATE / 100);
        assert_int_equal(r->callbacks * 64, r->frame);
    }
    assert_true(fabs(r->input_peak_dbfs[0] - gain_to_db(0.5)) < 1e-9);
    assert_true(fabs(r->output_peak_dbfs[1] - gain_to_db(0.25)) < 1e-9);
    assert_true(r->period_frames == 64);
    assert_true(r->latency_frames == p.chain.latency);
    process_run(&p, &io, 32);
    tick = publish_read(&p.tick);
    assert_int_equal(tick->frame + 32, p.frame);
    assert_int_equal(tick->time_ns, 12345);
    assert_int_equal(publish_count_get(&p.callbacks), NFRAMES / 64 + 1);
    process_free(&p);
}

static void
jack_transport_is_asked_for_once_and_told_when_ready(void **state)
{
    (void)state;
    open_live(NULL);
    for (int i = 0; i < 5; i++)
        assert_false(process_transport_ready(&p, 0));
    assert_int_equal(next_notice(NOTICE_TRANSPORT).transport, 0);
    assert_false(any_notice(NOTICE_TRANSPORT));
    assert_false(process_transport_ready(&p, 4800)); /* relocated before we were ready */
    assert_int_equal(next_notice(NOTICE_TRANSPORT).transport, 4800);
    send((struct event){.kind = EVENT_CUED, .generation = 3, .transport = 0}); /* the answer to the old one */
    run(0, 64);
    assert_false(process_transport_ready(&p, 4800));
    send((struct event){.kind = EVENT_CUED, .generation = 4, .transport = 4800});
    run(64, 64);
    assert_true(process_transport_ready(&p, 4800));
    process_free(&p);
}

/* --- memory ------------------------------------------------------------------------------------------ */

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *p);

static bool armed;
static int asked, refuse_at, held;

static bool
refused(void)
{
    return armed && asked++ == refuse_at;
}

/* FFTW takes memory by ways of its own and keeps some of it for good: only ours is counted. */
enum { KEPT = 4096 };

static void *kept[KEPT];

static void *
counted(void *block)
{
    for (int i = 0; armed && block && i < KEPT; i++)
        if (!kept[i]) {
            kept[i] = block;
            held++;
            break;
        }
    return block;
}

void *
malloc(size_t size)
{
    return refused() ? NULL : counted(__libc_malloc(size));
}

void *
calloc(size_t count, size_t size)
{
    return refused() ? NULL : counted(__libc_calloc(count, size));
}

void *
aligned_alloc(size_t alignment, size_t size)
{
    return refused() ? NULL : counted(__libc_memalign(alignment, size));
}

void
free(void *block)
{
    for (int i = 0; armed && block && i < KEPT; i++)
        if (kept[i] == block) {
            kept[i] = NULL;
            held--;
            break;
        }
    __libc_free(block);
}

/* One after the other is refused, until there are none left to refuse. */
static void
prepare_survives_each_failed_malloc(void **state)
{
    enum status status = NO_MEM;

    (void)state;
    for (refuse_at = 0; status == NO_MEM; refuse_at++) {
        asked = held = 0;
        memset(kept, 0, sizeof kept);
        armed = true;
        status = process_prepare(&p, RATE, NULL, NULL);
        armed = status == OK;
        if (status == NO_MEM)
            assert_int_equal(held, 0);
        process_free(&p);
        armed = false;
        assert_int_equal(held, 0);
    }
    assert_int_equal(status, OK);
    assert_true(refuse_at > STAGES);
}

#else

static void
prepare_survives_each_failed_malloc(void **state)
{
    (void)state;
    skip();
}

#endif

static void
a_rate_out_of_range_is_refused(void **state)
{
    (void)state;
    assert_int_equal(process_prepare(&p, 7999, NULL, NULL), BAD_ARG);
    process_free(&p);
    assert_int_equal(process_prepare(&p, NAN, NULL, NULL), BAD_ARG);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_timed_move_acts_at_its_frame),
        cmocka_unit_test(now_is_the_next_periods_start),
        cmocka_unit_test(a_late_move_acts_at_once_and_is_counted),
        cmocka_unit_test(moves_keep_their_order),
        cmocka_unit_test(the_last_move_of_a_frame_wins),
        cmocka_unit_test(a_full_notice_ring_holds_moves_back),
        cmocka_unit_test(a_flood_is_taken_in_shares),
        cmocka_unit_test(a_period_without_frames_is_harmless),
        cmocka_unit_test(live_input_comes_through_to_the_bit),
        cmocka_unit_test(no_number_never_reaches_a_port),
        cmocka_unit_test(ports_fade_in_and_out_and_the_tap_does_not),
        cmocka_unit_test(ports_come_from_silence_when_a_server_comes_back),
        cmocka_unit_test(the_source_switches_without_a_step),
        cmocka_unit_test(the_tap_is_the_same_at_any_period),
        cmocka_unit_test(monitoring_is_never_printed),
        cmocka_unit_test(a_solo_is_heard_and_not_printed),
        cmocka_unit_test(a_print_holds_just_the_frames_between_its_orders),
        cmocka_unit_test(a_disk_too_late_ends_the_print_at_the_hole),
        cmocka_unit_test(readings_are_published_every_10_ms),
        cmocka_unit_test(jack_transport_is_asked_for_once_and_told_when_ready),
        cmocka_unit_test(prepare_survives_each_failed_malloc),
        cmocka_unit_test(a_rate_out_of_range_is_refused),
    };

    return cmocka_run_group_tests(tests, make_folder, tree_remove);
}
