/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Live" here is the process as JACK would drive it, period by period, with a
 * disk that is filled between periods; what it tells goes to a log, as the host
 * does it. The render of that log must be the tap, bit for bit.
 */
#include "engine/render.h"

#include "dsp/denormals.h"
#include "engine/model.h"
#include "engine/params.h"
#include "engine/process.h"
#include "test/kit/defaults.h"
#include "test/kit/dice.h"
#include "test/kit/file.h"
#include "test/kit/reel.h"
#include "test/kit/tree.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { RATE = 48000, NFRAMES = 12 * RATE, PERIOD = 64 };

static char path_a[64], path_b[64], path_c[64], path_log[64], path_out[64], path_other[64];
static double tap[STEREO][NFRAMES], pairs[NFRAMES * STEREO], again[NFRAMES * STEREO];
static float heard[STEREO][NFRAMES];
static const struct print_settings wav32f = {.format = PRINT_WAV32F};

static double
spread(double from, double to)
{
    return from + (to - from) * dice(1 << 20) / (1 << 20);
}

/* --- files ------------------------------------------------------------------------------------------- */

/* Noise with a slow beat, at most 1.0, in whole steps of 1/2^(bits-1) where bits is not 0. */
static void
write_file(const char *path, double rate_hz, enum sound_format f, int bits, int nframes, uint32_t seed)
{
    dice_state = seed;
    for (int i = 0; i < nframes; i++)
        for (int c = 0; c < STEREO; c++) {
            double x = spread(-1, 1) * sin(0.0001 * i + c);

            x = bits ? floor(ldexp(x, bits - 1)) / ldexp(1, bits - 1) + 0.0 : (double)(float)x; /* no -0 */
            pairs[STEREO * i + c] = x;
        }
    unlink(path);
    reel_write(path, rate_hz, f, false, pairs, nframes);
}

static int
read_file(const char *path, double *into, struct soundfile_info *info)
{
    struct soundfile *s = reel_open(path, 0, 0);
    int n;

    *info = *soundfile_info(s);
    n = soundfile_read(s, into, NFRAMES);
    soundfile_close(s);
    return n;
}

static int
make_folder(void **state)
{
    static char *const paths[] = {path_a, path_b, path_c, path_log, path_out, path_other};
    static const char *const names[] = {"a.wav", "b.wav", "c.flac", "take.log", "out.wav", "other.wav"};

    params_init();
    if (tree_make(state) != 0)
        return -1;
    for (size_t i = 0; i < LEN(paths); i++)
        snprintf(paths[i], sizeof path_a, "%s", tree_path(names[i]));
    return 0;
}

/* Rows that move the latency have a test of their own; outboard can't be rendered at all. */
static bool
moves_latency(const struct param *p)
{
    static const char *const word[] = {"/insert/", "/comp/sidechain", "/eq/phase", "/multiband/phase",
                                       "/comp/lookahead"};

    for (size_t i = 0; i < LEN(word); i++)
        if (strncmp(p->path, word[i], strlen(word[i])) == 0)
            return true;
    return false;
}

/* Every stage on, each of its knobs somewhere. */
static double *
values_at_work(void)
{
    double *values = default_values();

    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);
        size_t n = strlen(p->path);

        if (!(p->flags & PARAM_PRINTED) || !(p->flags & PARAM_SAVED) || strncmp(p->path, "/chain/", 7) == 0 ||
            strncmp(p->path, "/insert/", 8) == 0 || strcmp(p->path, "/comp/sidechain") == 0)
            continue; /* what comes from outside */
        if (strcmp(p->path + n - 3, "/on") == 0)
            values[i] = 1.0;
        else
            param_from_norm(p, spread(0.3, 0.7), &values[i], NULL);
    }
    return values;
}

static void
render(struct render_job *job, const char *out)
{
    job->out = out;
    unlink(out);
    if (render_run(job) != OK)
        fail_msg("%s", job->err.text);
}

/* --- a plain render ----------------------------------------------------------------------------------- */

static void
a_neutral_render_is_its_source_to_the_bit(void **state)
{
    static const struct {
        enum sound_format f;
        int bits, format, out_bits; /* format -1: the render's own choice */
    } cases[] = {
        {SOUND_WAV16, 16, -1, 24}, {SOUND_WAV16, 16, SOUND_WAV16, 16},
        {SOUND_WAV24, 24, -1, 24}, {SOUND_WAV24, 24, SOUND_FLAC24, 24},
        {SOUND_WAV32F, 0, -1, 32}, {SOUND_WAV32F, 0, SOUND_WAV64F, 64},
    };
    double *values = default_values();
    struct soundfile_info info;

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        int n = 20000 + (int)i * 1111;
        struct render_job job = {.in = path_a, .values = values, .format = cases[i].format};

        write_file(path_a, 44100, cases[i].f, cases[i].bits, n, 3 + (uint32_t)i);
        render(&job, path_out);
        assert_int_equal(read_file(path_out, again, &info), n);
        assert_true(info.rate_hz == 44100);
        assert_int_equal(info.bits, cases[i].out_bits);
        assert_memory_equal(again, pairs, sizeof(double) * STEREO * (size_t)n);
        assert_int_equal(publish_count_get(&job.done), n);
        assert_int_equal(publish_count_get(&job.total), n);
    }
    free(values);
}

static double
set(double *values, const char *path, double value)
{
    return values[param_find(path)] = value;
}

/* Of a copy: auto leaves it alone, none too; who names a dither gets it. 4096 frames after its end it is blanked. */
static void
the_dither_is_the_one_asked_for(void **state)
{
    enum { SOUND = 8000, N = SOUND + 2 * DITHER_BLANK_FRAMES };
    double *values = default_values();
    struct soundfile_info info;

    (void)state;
    write_file(path_a, 44100, SOUND_WAV16, 16, SOUND, 3);
    memset(pairs + STEREO * SOUND, 0, sizeof(double) * STEREO * (N - SOUND));
    pairs[STEREO * SOUND - 1] = 0x1p-15;
    unlink(path_a);
    reel_write(path_a, 44100, SOUND_WAV16, false, pairs, N);
    for (int shape = DITHER_AUTO; shape < DITHER_SHAPES; shape++) {
        int moved = 0, late = 0;

        set(values, "/print/dither", shape);
        render(&(struct render_job){.in = path_a, .values = values, .format = SOUND_WAV16}, path_out);
        assert_int_equal(read_file(path_out, again, &info), N);
        for (int i = 0; i < N * STEREO; i++) {
            moved += again[i] != pairs[i];
            late += i >= STEREO * (SOUND + DITHER_BLANK_FRAMES) && again[i] != 0.0;
        }
        assert_int_equal(moved > 0, shape >= DITHER_TPDF);
        assert_int_equal(late, 0);
    }
    set(values, "/print/dither", DITHER_AUTO);
    set(values, "/print/seed", 5); /* no reason to dither a copy */
    render(&(struct render_job){.in = path_a, .values = values, .format = SOUND_WAV16}, path_other);
    assert_same_bytes(path_a, path_other);
    free(values);
}

static void
a_render_heeds_what_changes_its_file(void **state)
{
    (void)state;
    assert_true(render_heeds(param_find("/limit/gain")));
    assert_true(render_heeds(param_find("/print/dither")));
    assert_true(render_heeds(param_find("/print/seed")));
    assert_true(render_heeds(param_find("/print/blank")));
    assert_false(render_heeds(param_find("/print/format")));
    assert_false(render_heeds(param_find("/print/record")));
    assert_false(render_heeds(param_find("/monitor/level")));
}

static void
a_part_is_cut_out_to_the_frame(void **state)
{
    static const struct {
        double start_s, length_s;
        int from, n;
    } cases[] = {{0, 0.1, 0, 4800}, {0.25, 0, 12000, 8000}, {0.25, 0.125, 12000, 6000}, {0.4, 9, 19200, 800}};
    double *values = default_values();
    struct soundfile_info info;

    (void)state;
    write_file(path_a, RATE, SOUND_WAV24, 24, 20000, 1);
    for (size_t i = 0; i < LEN(cases); i++) {
        struct render_job job = {.in = path_a,
                                 .values = values,
                                 .format = -1,
                                 .start_s = cases[i].start_s,
                                 .length_s = cases[i].length_s};

        render(&job, path_out);
        assert_int_equal(read_file(path_out, again, &info), cases[i].n);
        assert_memory_equal(again, pairs + STEREO * cases[i].from,
                            sizeof(double) * STEREO * (size_t)cases[i].n);
    }
    free(values);
}

/* The file as a whole: header, length and sound. */
static void
a_master_is_the_same_file_at_any_block(void **state)
{
    static const int blocks[] = {1, 100, 4096, 1 << 20};
    double *values;

    (void)state;
    write_file(path_a, 44100, SOUND_WAV24, 24, 30000, 9);
    values = values_at_work();
    render(&(struct render_job){.in = path_a, .values = values, .format = SOUND_WAV16}, path_out);
    for (size_t i = 0; i < LEN(blocks); i++) {
        render(
            &(struct render_job){.in = path_a, .values = values, .format = SOUND_WAV16, .block = blocks[i]},
            path_other);
        assert_same_bytes(path_out, path_other);
    }
    free(values);
}

static void
assert_fails(struct render_job *job, enum status status, const char *reason)
{
    assert_int_equal(render_run(job), status);
    assert_int_equal(job->status, status);
    if (!strstr(job->err.text, reason))
        fail_msg("\"%s\" should say %s", job->err.text, reason);
}

static void
what_is_there_is_not_touched(void **state)
{
    double *values = default_values();
    struct render_job job = {.in = path_a, .out = path_out, .values = values, .format = -1};

    (void)state;
    write_file(path_a, RATE, SOUND_WAV24, 24, 5000, 1);
    write_file(path_out, RATE, SOUND_WAV24, 24, 4000, 2);
    write_file(path_other, RATE, SOUND_WAV24, 24, 4000, 2);
    assert_fails(&job, EXISTS, path_out);
    assert_same_bytes(path_out, path_other);
    free(values);
}

static void
a_render_that_is_stopped_leaves_no_file(void **state)
{
    double *values = default_values();
    struct render_job job = {.in = "demo:", .out = path_out, .values = values, .format = -1};

    (void)state;
    publish_count_set(&job.cancel, 1);
    assert_fails(&job, UNAVAILABLE, "stopped");
    assert_int_not_equal(access(path_out, F_OK), 0);
    free(values);
}

static void
what_cannot_be_rendered_is_told_and_leaves_no_file(void **state)
{
    double *values = default_values();

    (void)state;
    write_file(path_a, RATE, SOUND_WAV24, 24, 5000, 1);
    assert_fails(&(struct render_job){.in = "/nowhere.wav", .out = path_out, .values = values}, NOT_FOUND,
                 "/nowhere.wav");
    assert_fails(&(struct render_job){.in = path_a, .out = path_out, .values = values, .start_s = 1}, BAD_ARG,
                 "--start");
    assert_fails(&(struct render_job){.in = path_a, .out = "/nowhere/out.wav", .values = values}, IO_ERROR,
                 "/nowhere");
    assert_int_not_equal(access(path_out, F_OK), 0);
    free(values);
}

/* Half of it is not there: that must not pass for a master of the whole. */
static void
a_file_that_was_cut_short_is_no_success(void **state)
{
    double *values = default_values();

    (void)state;
    write_file(path_a, RATE, SOUND_WAV24, 24, 50000, 1);
    assert_int_equal(truncate(path_a, 150000), 0);
    assert_fails(&(struct render_job){.in = path_a, .out = path_out, .values = values, .format = -1},
                 IO_ERROR, "ends early");
    assert_int_not_equal(access(path_out, F_OK), 0);
    free(values);
}

/* --- several ------------------------------------------------------------------------------------------ */

static bool
look_on(struct render_job *jobs, int njobs, void *arg)
{
    (void)jobs;
    *(int *)arg += njobs;
    return true;
}

static bool
stop(struct render_job *jobs, int njobs, void *arg)
{
    (void)jobs;
    (void)njobs;
    (void)arg;
    return false;
}

static void
side_by_side_each_is_as_alone(void **state)
{
    double *values;
    int looked = 0;
    struct render_job jobs[3], alone;

    (void)state;
    write_file(path_a, RATE, SOUND_WAV24, 24, 20000, 1);
    write_file(path_b, 96000, SOUND_WAV32F, 0, 20000, 2);
    values = values_at_work();
    jobs[0] = (struct render_job){.in = path_a, .out = path_out, .values = values, .format = -1};
    jobs[1] = (struct render_job){.in = "/nowhere.wav", .out = path_log, .values = values, .format = -1};
    jobs[2] = (struct render_job){.in = path_b, .out = path_c, .values = values, .format = -1};
    assert_int_equal(render_all(jobs, 3, look_on, &looked), 1);
    assert_true(looked > 0 && looked % 3 == 0);
    assert_true(jobs[0].status == OK && jobs[1].status == NOT_FOUND && jobs[2].status == OK);
    for (int i = 0; i < 3; i += 2) {
        alone = jobs[i];
        render(&alone, path_other);
        assert_same_bytes(jobs[i].out, path_other);
        unlink(jobs[i].out);
    }
    assert_int_equal(render_all(jobs, 0, NULL, NULL), 0);
    jobs[0] = (struct render_job){.in = path_a, .out = path_out, .values = values, .format = -1, .block = 1};
    jobs[0].in = "demo:"; /* 32 s: long enough to be stopped */
    assert_int_equal(render_all(jobs, 1, stop, NULL), 1);
    assert_int_equal(jobs[0].status, UNAVAILABLE);
    assert_int_not_equal(access(path_out, F_OK), 0);
    free(values);
}

/* --- a take ------------------------------------------------------------------------------------------- */

struct live {
    struct process process;
    struct player *player;
    struct log log;
    uint32_t generation;   /* to be played as soon as it is read */
    uint64_t began, ended; /* the print, by its notices; UINT64_MAX: not */
    const struct print_settings *recorded;
};

static struct live live;

static void
tell(void)
{
    struct notice n;

    while (process_notice(&live.process, &n)) {
        if (n.kind == NOTICE_SET && (param_at(n.param)->flags & PARAM_AUTOMATED))
            log_set(&live.log, n.frame, n.param, n.value, "dice");
        if (n.kind == NOTICE_PLAYER)
            log_player(&live.log, &n.player);
        if (n.kind == NOTICE_PRINT_BEGAN)
            log_print(&live.log, live.began = n.frame, "master.wav", live.recorded);
        if (n.kind == NOTICE_PRINT_ENDED)
            log_print(&live.log, live.ended = n.frame, "master.wav", NULL);
    }
}

static void
open_live(const char *const *files, int nfiles, bool from_player, struct recorder *r)
{
    double *values = values_at_work();
    struct settings s = settings_of(values);
    struct err e;

    live.player = NULL;
    live.began = live.ended = UINT64_MAX;
    live.recorded = r ? recorder_settings(r) : NULL;
    if (nfiles)
        assert_int_equal(player_open(&live.player, RATE, files, nfiles), OK);
    assert_int_equal(process_prepare(&live.process, RATE, live.player, r), OK);
    process_begin(&live.process, &s, from_player);
    values[param_find("/transport/source")] = !from_player;
    assert_int_equal(log_open(&live.log, path_log, &e), OK);
    log_header(&live.log, RATE, from_player ? "player" : "input", files, nfiles, values);
    free(values);
}

static void
close_live(void)
{
    log_close(&live.log);
    process_free(&live.process);
    player_close(live.player);
}

static void
send(struct event e)
{
    assert_true(process_send(&live.process, &e));
}

/* A move to come within the next period, so that the frame is anywhere in it. */
static void
random_move(void)
{
    uint64_t frame = live.process.frame + dice(PERIOD);
    const struct param *p;
    double value;
    int id;

    do
        p = param_at(id = (int)dice((uint32_t)params_count()));
    while (!(p->flags & PARAM_AUTOMATED) || strcmp(p->path, "/transport/source") == 0 || moves_latency(p));
    param_from_norm(p, dice(1001) / 1000.0, &value, NULL);
    send((struct event){.kind = EVENT_SET, .param = id, .value = value, .frame = frame});
}

static void
random_transport(int ntracks)
{
    int track = (int)dice((uint32_t)ntracks);

    switch (dice(5)) {
    case 0: send((struct event){.kind = EVENT_STOP, .frame = live.process.frame + dice(PERIOD)}); break;
    case 1: player_loop(live.player, (enum player_loop)dice(3)); break;
    default:
        live.generation = player_cue(live.player, track, dice(3) ? dice(20000) : 0, dice(2));
        send((struct event){.kind = EVENT_PLAY, .generation = live.generation});
    }
}

static void
run_live(int at, int nframes)
{
    struct process_io io = {.tap = {tap[0] + at, tap[1] + at}, .in = {heard[0] + at, heard[1] + at}};

    uint64_t before = denormals_flush(); /* as the process thread does */

    process_run(&live.process, &io, nframes);
    denormals_restore(before);
    tell();
}

/* Now and then the disk is away for half a second, and once for so long that the player runs dry. */
static void
play_live(int ntracks, int print_from, int print_to)
{
    int disk_back = 0;

    if (print_from >= 0)
        send((struct event){.kind = EVENT_PRINT_START, .frame = (uint64_t)print_from});
    if (print_to >= 0)
        send((struct event){.kind = EVENT_PRINT_STOP, .frame = (uint64_t)print_to});
    live.generation = player_cue(live.player, 0, 0, false);
    send((struct event){.kind = EVENT_PLAY, .generation = live.generation});
    for (int at = 0; at < NFRAMES; at += PERIOD) {
        if (at >= disk_back)
            for (int k = 0; k < 3; k++)
                player_fill(live.player);
        recorder_drain(live.process.recorder);
        if (at >= disk_back && dice(1000) == 0)
            disk_back = at + RATE / 2;
        if (at == RATE * 3 / PERIOD * PERIOD)
            disk_back = at + RATE * 6;
        if (dice(15) == 0)
            random_move();
        if ((at < RATE * 3 || at > RATE * 9) && dice(300) == 0)
            random_transport(ntracks);
        run_live(at, PERIOD);
    }
}

/* The render, as 64-bit float, is the tap from `from` on, late by the chain's latency. */
static void
assert_render_is_the_tap(struct render_job *job, int from, int n, int latency)
{
    static const int blocks[] = {1, 37, 1024};
    struct soundfile_info info;

    for (size_t i = 0; i < LEN(blocks); i++) {
        int got;

        job->format = SOUND_WAV64F;
        job->block = blocks[i];
        publish_count_set(&job->done, 0);
        render(job, path_out);
        got = read_file(path_out, again, &info);
        assert_int_equal(got, n);
        for (int k = 0; k < n; k++)
            for (int c = 0; c < STEREO; c++)
                if (memcmp(&again[STEREO * k + c], &tap[c][from + latency + k], sizeof(double)) != 0)
                    fail_msg("block %d: frame %d of the print is %.17g, was %.17g live", blocks[i], k,
                             again[STEREO * k + c], tap[c][from + latency + k]);
    }
}

static void
a_take_is_the_live_print_to_the_bit(void **state)
{
    const char *const files[] = {path_a, path_b, path_c};
    struct recorder *r;
    struct take take;
    struct err e;

    (void)state;
    write_file(path_a, RATE, SOUND_WAV24, 24, 50000, 1);
    write_file(path_b, 44100, SOUND_WAV16, 16, 30000, 2);
    write_file(path_c, RATE, SOUND_FLAC24, 24, 9999, 3);
    assert_int_equal(recorder_prepare(&r, RATE), OK);
    for (uint32_t seed = 1; seed <= 2; seed++) {
        int latency, from = (int)seed * 3333, to, moves = 0;

        dice_state = seed;
        unlink(path_log);
        unlink(path_other);
        open_live(files, 3, true, r);
        latency = live.process.chain.latency;
        to = NFRAMES - 5000 - latency; /* linear phase is late */
        assert_int_equal(recorder_open(r, path_other, &wav32f, &e), OK);
        play_live(3, from, to);
        recorder_close(r, &e);
        close_live();
        assert_int_equal(live.began, from);
        assert_int_equal(live.ended, to);
        if (take_read(&take, path_log, &e) != OK)
            fail_msg("%s", e.text);
        for (int i = 0; i < take.nmoves; i++)
            moves += take.move[i].kind == TAKE_SET;
        assert_true(moves > 400);
        assert_render_is_the_tap(&(struct render_job){.take = &take}, from, to - from, latency);
        take_free(&take);
    }
    recorder_free(r);
}

/* Format, dither, seed and blanking are the take's own. The second half is silence, so that blanking shows. */
static void
a_dithered_take_is_the_live_print_to_the_byte(void **state)
{
    static const struct print_settings each[] = {{PRINT_WAV16, {DITHER_AUTO, 0, false}},
                                                 {PRINT_WAV16, {DITHER_STRONG, 12345, true}},
                                                 {PRINT_WAV24, {DITHER_LIGHT, 1, true}},
                                                 {PRINT_WAV16, {DITHER_NONE, 1, true}}};
    const char *const files[] = {path_a};
    struct recorder *r;
    struct take take;
    struct err e;

    (void)state;
    write_file(path_a, RATE, SOUND_WAV24, 24, 30000, 1);
    assert_int_equal(recorder_prepare(&r, RATE), OK);
    for (size_t i = 0; i < LEN(each); i++) {
        unlink(path_log);
        unlink(path_other);
        dice_state = 1;
        open_live(files, 1, true, r);
        assert_int_equal(recorder_open(r, path_other, &each[i], &e), OK);
        send((struct event){.kind = EVENT_PRINT_START, .frame = 100});
        send((struct event){.kind = EVENT_PRINT_STOP, .frame = 60000});
        live.generation = player_cue(live.player, 0, 0, false);
        send((struct event){.kind = EVENT_PLAY, .generation = live.generation, .frame = 1234});
        while (player_fill(live.player))
            ;
        for (int at = 0; at < 70000; at += PERIOD) {
            run_live(at, PERIOD);
            if (dice(5) == 0)
                recorder_drain(r);
        }
        recorder_close(r, &e);
        close_live();
        assert_int_equal(take_read(&take, path_log, &e), OK);
        render(&(struct render_job){.take = &take, .format = -1, .block = 37}, path_out);
        assert_same_bytes(path_out, path_other);
        take_free(&take);
    }
    recorder_free(r);
}

/* The timeline steps where the latency does, in the print as in its render; its ends are where they were marked. */
static void
a_print_over_changes_of_latency_is_made_again(void **state)
{
    const char *const files[] = {path_a};
    static const struct {
        const char *path;
        double value;
        uint64_t frame;
    } moves[] = {{"/eq/phase", EQ_MINIMUM, 10},   {"/multiband/phase", MULTIBAND_MINIMUM, 10},
                 {"/eq/phase", EQ_LINEAR, 20000}, {"/comp/lookahead", 4.0, 30001},
                 {"/eq/phase", EQ_MIXED, 45000},  {"/multiband/phase", MULTIBAND_LINEAR, 50000}};
    struct print_settings settings = {.format = PRINT_WAV32F};
    struct recorder *r;
    struct take take;
    struct err e;

    (void)state;
    write_file(path_a, RATE, SOUND_WAV24, 24, 90000, 1);
    assert_int_equal(recorder_prepare(&r, RATE), OK);
    dice_state = 8;
    open_live(files, 1, true, r);
    assert_int_equal(recorder_open(r, path_other, &settings, &e), OK);
    for (size_t i = 0; i < LEN(moves); i++)
        send((struct event){.kind = EVENT_SET,
                            .param = param_find(moves[i].path),
                            .value = moves[i].value,
                            .frame = moves[i].frame});
    send((struct event){.kind = EVENT_PRINT_START, .frame = 100});
    send((struct event){.kind = EVENT_PRINT_STOP, .frame = 60000});
    live.generation = player_cue(live.player, 0, 0, false);
    send((struct event){.kind = EVENT_PLAY, .generation = live.generation, .frame = 1234});
    while (player_fill(live.player))
        ;
    for (int at = 0; at < 90000; at += PERIOD) {
        run_live(at, PERIOD);
        recorder_drain(r);
    }
    recorder_close(r, &e);
    close_live();
    assert_int_equal(live.ended, 60000);
    assert_int_equal(take_read(&take, path_log, &e), OK);
    for (int block = 1; block < 2000; block = block * 30 + 7) {
        render(&(struct render_job){.take = &take, .format = -1, .block = block}, path_out);
        assert_same_bytes(path_out, path_other);
    }
    take_free(&take);
    recorder_free(r);
}

/* Nothing was printed, or the print was cut by kill -9: until the sound ends, and then to the frame, at any block. */
static void
a_take_without_an_end_lasts_as_long_as_its_sound(void **state)
{
    const char *const files[] = {path_a};
    struct take take;
    struct err e;
    int latency;

    (void)state;
    write_file(path_a, RATE, SOUND_WAV24, 24, 30000, 1);
    dice_state = 1;
    open_live(files, 1, true, NULL);
    latency = live.process.chain.latency;
    live.generation = player_cue(live.player, 0, 0, false);
    send((struct event){.kind = EVENT_PLAY, .generation = live.generation, .frame = 1234});
    send((struct event){.kind = EVENT_SET, .param = param_find("/input/trim"), .value = -3, .frame = 5000});
    while (player_fill(live.player))
        ;
    for (int at = 0; at < 40000; at += PERIOD)
        run_live(at, PERIOD);
    close_live();
    assert_int_equal(take_read(&take, path_log, &e), OK);
    assert_false(take.printed);
    assert_render_is_the_tap(&(struct render_job){.take = &take}, 0, 1234 + 30000, latency);
    take_free(&take);
}

/* Killed in the middle of a track, print and all: what is left of the track still comes. */
static void
a_take_that_broke_off_goes_on_to_the_end_of_its_track(void **state)
{
    const char *const files[] = {path_a};
    struct soundfile_info info;
    struct take take;
    struct err e;
    int latency;

    (void)state;
    write_file(path_a, RATE, SOUND_WAV24, 24, 30000, 1);
    dice_state = 1;
    open_live(files, 1, true, NULL);
    latency = live.process.chain.latency;
    live.generation = player_cue(live.player, 0, 0, false);
    send((struct event){.kind = EVENT_PLAY, .generation = live.generation, .frame = 1234});
    while (player_fill(live.player))
        ;
    for (int at = 0; at < 320 * PERIOD; at += PERIOD)
        run_live(at, PERIOD);
    close_live();
    assert_int_equal(take_read(&take, path_log, &e), OK);
    render(&(struct render_job){.take = &take, .format = SOUND_WAV64F, .block = 1}, path_other);
    render(&(struct render_job){.take = &take, .format = SOUND_WAV64F, .block = 1024}, path_out);
    assert_same_bytes(path_out, path_other);
    assert_int_equal(read_file(path_out, again, &info), 1234 + 30000);
    for (int k = 0; k < 320 * PERIOD - latency; k++)
        assert_true(again[STEREO * k] == tap[0][k + latency]);
    take_free(&take);
}

/* Another track in its place would be another master, and nobody would know. */
static void
a_take_whose_files_are_gone_is_not_made_from_others(void **state)
{
    const char *const files[] = {path_a, path_b};
    struct take take;
    struct err e;

    (void)state;
    write_file(path_a, RATE, SOUND_WAV24, 24, 5000, 1);
    write_file(path_b, RATE, SOUND_WAV24, 24, 5000, 2);
    dice_state = 1;
    open_live(files, 2, true, NULL);
    live.generation = player_cue(live.player, 0, 0, false);
    send((struct event){.kind = EVENT_PLAY, .generation = live.generation});
    while (player_fill(live.player))
        ;
    for (int at = 0; at < 20000; at += PERIOD)
        run_live(at, PERIOD);
    close_live();
    assert_int_equal(take_read(&take, path_log, &e), OK);
    unlink(path_b);
    assert_fails(&(struct render_job){.take = &take, .out = path_out}, NOT_FOUND, path_b);
    assert_int_not_equal(access(path_out, F_OK), 0);
    assert_fails(&(struct render_job){.take = &take, .in = path_a, .out = path_out}, BAD_ARG, "2");
    assert_int_not_equal(access(path_out, F_OK), 0);
    take_free(&take);
}

/* There is no file for what the inputs heard then: silence in its place would be another master. */
static void
a_take_that_switches_its_source_is_not_made_from_half(void **state)
{
    const char *const files[] = {path_a};
    struct take take;
    struct err e;

    (void)state;
    write_file(path_a, RATE, SOUND_WAV24, 24, 20000, 1);
    dice_state = 1;
    open_live(files, 1, true, NULL);
    live.generation = player_cue(live.player, 0, 0, false);
    send((struct event){.kind = EVENT_PLAY, .generation = live.generation});
    send((struct event){
        .kind = EVENT_SET, .param = param_find("/transport/source"), .value = 1, .frame = 5000});
    while (player_fill(live.player))
        ;
    for (int at = 0; at < 25600; at += PERIOD)
        run_live(at, PERIOD);
    close_live();
    assert_int_equal(take_read(&take, path_log, &e), OK);
    assert_fails(&(struct render_job){.take = &take, .out = path_out}, BAD_ARG,
                 "switches to the JACK inputs");
    assert_int_not_equal(access(path_out, F_OK), 0);
    take_free(&take);
}

/* The inputs were silent ahead of the print; what they heard from there on is the file, and as much of what came
   after it as a look-ahead has seen. */
static void
a_take_from_the_inputs_is_made_again_from_a_file(void **state)
{
    enum { FROM = 6400, TO = 60000 };
    struct recorder *r;
    struct take take;
    struct err e;
    int latency;

    (void)state;
    assert_int_equal(recorder_prepare(&r, RATE), OK);
    dice_state = 3;
    open_live(NULL, 0, false, r);
    latency = live.process.chain.latency;
    for (int i = 0; i < TO + latency + PERIOD; i++)
        for (int c = 0; c < STEREO; c++) {
            heard[c][i] = i < FROM ? 0.0f : (float)spread(-0.9, 0.9);
            pairs[STEREO * (i < FROM ? 0 : i - FROM) + c] = heard[c][i];
        }
    assert_int_equal(recorder_open(r, path_other, &wav32f, &e), OK);
    send((struct event){.kind = EVENT_PRINT_START, .frame = FROM});
    send((struct event){.kind = EVENT_PRINT_STOP, .frame = TO});
    for (int at = 0; at < TO + latency; at += PERIOD) {
        if (dice(10) == 0)
            random_move();
        run_live(at, PERIOD);
    }
    recorder_close(r, &e);
    close_live();
    recorder_free(r);
    assert_int_equal(live.ended, TO);
    reel_write(path_a, RATE, SOUND_WAV32F, false, pairs, TO - FROM + latency);
    assert_int_equal(take_read(&take, path_log, &e), OK);
    assert_true(take.live);
    assert_render_is_the_tap(&(struct render_job){.take = &take, .in = path_a}, FROM, TO - FROM, latency);
    unlink(path_out);
    assert_fails(&(struct render_job){.take = &take, .out = path_out}, BAD_ARG,
                 "give the file that was heard there");
    assert_int_not_equal(access(path_out, F_OK), 0);
    take_free(&take);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_neutral_render_is_its_source_to_the_bit, tree_clear),
        cmocka_unit_test_teardown(the_dither_is_the_one_asked_for, tree_clear),
        cmocka_unit_test(a_render_heeds_what_changes_its_file),
        cmocka_unit_test_teardown(a_part_is_cut_out_to_the_frame, tree_clear),
        cmocka_unit_test_teardown(a_master_is_the_same_file_at_any_block, tree_clear),
        cmocka_unit_test_teardown(what_is_there_is_not_touched, tree_clear),
        cmocka_unit_test_teardown(a_render_that_is_stopped_leaves_no_file, tree_clear),
        cmocka_unit_test_teardown(what_cannot_be_rendered_is_told_and_leaves_no_file, tree_clear),
        cmocka_unit_test_teardown(a_file_that_was_cut_short_is_no_success, tree_clear),
        cmocka_unit_test_teardown(side_by_side_each_is_as_alone, tree_clear),
        cmocka_unit_test_teardown(a_take_is_the_live_print_to_the_bit, tree_clear),
        cmocka_unit_test_teardown(a_dithered_take_is_the_live_print_to_the_byte, tree_clear),
        cmocka_unit_test_teardown(a_print_over_changes_of_latency_is_made_again, tree_clear),
        cmocka_unit_test_teardown(a_take_without_an_end_lasts_as_long_as_its_sound, tree_clear),
        cmocka_unit_test_teardown(a_take_that_broke_off_goes_on_to_the_end_of_its_track, tree_clear),
        cmocka_unit_test_teardown(a_take_whose_files_are_gone_is_not_made_from_others, tree_clear),
        cmocka_unit_test_teardown(a_take_that_switches_its_source_is_not_made_from_half, tree_clear),
        cmocka_unit_test_teardown(a_take_from_the_inputs_is_made_again_from_a_file, tree_clear),
    };

    return cmocka_run_group_tests(tests, make_folder, tree_remove);
}
