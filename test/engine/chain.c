/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All that is moved here is found by walking the parameter table: a new row is
 * tested without a line more (a line in at_work[] if its default is to do nothing).
 *
 * A click is what leaks away from a tone (test/kit/leak.h). What is left during a
 * move may be louder by CLICK_DBFS than what is left at rest before or after it,
 * whichever is the louder (harmonics which a compressor at work rightly makes).
 */
#include "engine/chain.h"

#include "dsp/xmath.h"
#include "engine/params.h"
#include "test/kit/defaults.h"
#include "test/kit/dice.h"
#include "test/kit/leak.h"
#include "test/kit/tone.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define CLICK_DBFS (-90.0)

/* --- settings, by the table ----------------------------------------------------------------------- */

static bool
is_knob(const struct param *p)
{
    return p->owner == OWNER_CHAIN && (p->flags & PARAM_PRINTED) && p->field != FIELD_NONE;
}

static void
set(struct settings *s, const char *path, double value)
{
    const struct param *p = param_at(param_find(path));

    assert_non_null(p);
    param_store(p, s, value);
}

/* Outboard that does nothing but take its time: frames from send to return. */
enum { LOOP = 1024 };

/* What makes a stage work hard on the tone; # is any figure. */
static const struct {
    const char *path;
    double value;
} at_work[] = {
    {"/eq/#/type", 1},
    {"/eq/#/gain", 9},
    {"/eq/#/q", 2},
    {"/eq/#/dynamic", 1},
    {"/eq/#/threshold", -40},
    {"/eq/#/range", -12},
    {"/insert/#/delay", LOOP},
    {"/comp/threshold", -30},
    {"/comp/ratio", 4},
    {"/comp/attack", 5},
    {"/comp/release", 80},
    {"/comp/makeup", 6},
    {"/deess/threshold", -12},
    {"/deess/range", 5},
    {"/deess/freq", 2000},
    {"/multiband/#/threshold", -30},
    {"/multiband/#/ratio", 4},
    {"/multiband/#/attack", 5},
    {"/multiband/#/release", 80},
    {"/multiband/#/makeup", 3},
    {"/multiband/#/range", 12},
    {"/saturate/drive", 9},
    {"/saturate/auto_gain", 0},
    {"/exciter/freq", 2000},
    {"/exciter/drive", 24},
    {"/exciter/mix", 20},
    {"/stereo/width", 150},
    {"/stereo/1/width", 50},
    {"/stereo/mono_below", 100},
    {"/clip/drive", 6},
    {"/clip/ceiling", -9},
    {"/clip/knee", 30},
    {"/limit/gain", 12},
    {"/limit/ceiling", -6},
};

static bool
matches(const char *pattern, const char *path)
{
    for (; *pattern && *path; pattern++, path++)
        if (*pattern != *path && !(*pattern == '#' && *path >= '1' && *path <= '9'))
            return false;
    return *pattern == *path;
}

static void
set_to_work(struct settings *s)
{
    *s = default_settings();
    for (int i = 0; i < params_count(); i++)
        for (size_t k = 0; k < LEN(at_work); k++)
            if (matches(at_work[k].path, param_at(i)->path))
                param_store(param_at(i), s, at_work[k].value);
}

/* Every switch above a row: for /eq/3/gain these are /eq/on and /eq/3/on. */
static void
switch_on(struct settings *s, const char *path)
{
    char on[PARAM_PATH_SIZE + 4];

    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(on, sizeof on, "%.*s/on", (int)(slash - path), path);
        if (param_find(on) >= 0)
            set(s, on, 1);
    }
}

static bool
of_stage(const struct param *p, enum stage stage)
{
    const char *name = chain_stage_name(stage);
    size_t n = strlen(name);

    return is_knob(p) && p->path[0] == '/' && strncmp(p->path + 1, name, n) == 0 && p->path[1 + n] == '/';
}

/* --- a run with moves ------------------------------------------------------------------------------ */

struct move {
    int frame, param;
    double value;
};

enum { MOVES = 400 };

struct script {
    struct settings start;
    int nmoves;
    struct move move[MOVES]; /* by frame */
};

struct loop {
    float *line[INSERTS][STEREO]; /* what was sent at frame n stands at n + LOOP */
};

static void
loop_open(struct loop *l, int nframes)
{
    for (int k = 0; k < INSERTS; k++)
        for (int c = 0; c < STEREO; c++) {
            l->line[k][c] = calloc((size_t)nframes + LOOP, sizeof *l->line[k][c]);
            assert_non_null(l->line[k][c]);
        }
}

static void
loop_close(struct loop *l)
{
    for (int k = 0; k < INSERTS; k++)
        for (int c = 0; c < STEREO; c++)
            free(l->line[k][c]);
}

static struct chain_sound
sound_at(double *const *io, const struct loop *l, int at)
{
    struct chain_sound s = {.io = {io[0] + at, io[1] + at}};

    for (int k = 0; k < INSERTS; k++)
        for (int c = 0; c < STEREO; c++) {
            s.send[k][c] = l->line[k][c] + LOOP + at;
            s.ret[k][c] = l->line[k][c] + at;
        }
    return s;
}

static void
play(double rate_hz, const struct script *script, double *const *io, int nframes, int block)
{
    struct chain c;
    struct settings s = script->start;
    struct loop loop;
    int next = 0;

    assert_int_equal(chain_prepare(&c, rate_hz), OK);
    chain_set(&c, &s, SETTINGS_ALL);
    loop_open(&loop, nframes);
    for (int at = 0, n; at < nframes; at += n) {
        struct chain_sound here = sound_at(io, &loop, at);

        for (; next < script->nmoves && script->move[next].frame <= at; next++) {
            const struct param *p = param_at(script->move[next].param);

            param_store(p, &s, script->move[next].value);
            chain_set(&c, &s, p->offset);
        }
        n = block < nframes - at ? block : nframes - at;
        if (next < script->nmoves && script->move[next].frame - at < n)
            n = script->move[next].frame - at;
        n = n < LOOP ? n : LOOP;
        chain_process(&c, &here, n);
    }
    loop_close(&loop);
    chain_free(&c);
}

enum { RATE = 48000, BITS_FRAMES = 30000 };

static double sound[STEREO][BITS_FRAMES]; /* what goes in */
static double want[STEREO][BITS_FRAMES], got[STEREO][BITS_FRAMES];

/* Bursts of noise and tones from silence up to +6 dBFS, so that thresholds are passed both ways. */
static void
make_sound(void)
{
    double level = 0.0;

    dice_state = 7;
    for (int i = 0; i < BITS_FRAMES; i++) {
        if (i % 500 == 0)
            level = dice(4) ? 2.0 * dice(1000) / 1000.0 : 0.0;
        for (int c = 0; c < STEREO; c++)
            sound[c][i] = level * (0.5 * sin(0.01 * (c + 1) * i) + (dice(2001) - 1000.0) / 2000.0);
    }
}

static void
play_into(double (*out)[BITS_FRAMES], double rate_hz, const struct script *script, int block)
{
    memcpy(out, sound, sizeof sound);
    play(rate_hz, script, (double *const[]){out[0], out[1]}, BITS_FRAMES, block);
}

static int
by_frame(const void *a, const void *b)
{
    const struct move *x = a, *y = b;

    return x->frame != y->frame ? (x->frame < y->frame ? -1 : 1) : 0;
}

/* Of one stage, or of all (STAGES). Only one move a frame, so that sorting has one answer. */
static void
make_script(struct script *s, int stage)
{
    static unsigned char used[BITS_FRAMES];
    int knob[512], nknobs = 0;

    memset(used, 0, sizeof used);
    set_to_work(&s->start);
    for (int i = 0; i < params_count(); i++)
        if (stage == STAGES ? is_knob(param_at(i)) : of_stage(param_at(i), (enum stage)stage)) {
            knob[nknobs++] = i;
            switch_on(&s->start, param_at(i)->path);
        }
    assert_true(nknobs > 0);
    for (s->nmoves = 0; s->nmoves < MOVES;) {
        int frame = (int)dice(BITS_FRAMES), id = knob[dice((uint32_t)nknobs)];
        double value;

        if (used[frame])
            continue;
        used[frame] = 1;
        param_from_norm(param_at(id), dice(5) ? dice(1001) / 1000.0 : dice(2), &value, NULL);
        s->move[s->nmoves++] = (struct move){frame, id, value};
    }
    qsort(s->move, MOVES, sizeof s->move[0], by_frame);
}

static void
same_bits_for(int stage, double rate_hz)
{
    static const int blocks[] = {7, 16, 64, 100, 480, 1024, BITS_FRAMES};
    static struct script script;
    const char *name = stage == STAGES ? "the chain" : chain_stage_name((enum stage)stage);

    make_script(&script, stage);
    play_into(want, rate_hz, &script, 1);
    for (size_t i = 0; i < LEN(blocks); i++) {
        play_into(got, rate_hz, &script, blocks[i]);
        for (int c = 0; c < STEREO; c++)
            for (int k = 0; k < BITS_FRAMES; k++)
                if (memcmp(&got[c][k], &want[c][k], sizeof(double)) != 0)
                    fail_msg("%s at %g Hz: frame %d is %.17g in blocks of %d, %.17g in ones of 1", name,
                             rate_hz, k, got[c][k], blocks[i], want[c][k]);
    }
}

static void
each_stage_gives_the_same_bits_at_any_block(void **state)
{
    (void)state;
    make_sound();
    for (int stage = 0; stage < STAGES; stage++)
        same_bits_for(stage, 48000);
}

/* 8 kHz as well: there a switch is shorter than CHAIN_BLOCK. */
static void
the_chain_gives_the_same_bits_at_any_block(void **state)
{
    (void)state;
    make_sound();
    same_bits_for(STAGES, 48000);
    same_bits_for(STAGES, 8000);
}

/* --- neutral, late, new ---------------------------------------------------------------------------- */

static void
assert_delayed(double (*out)[BITS_FRAMES], int from, int latency)
{
    for (int c = 0; c < STEREO; c++)
        for (int i = from; i < BITS_FRAMES; i++)
            if (memcmp(&out[c][i], &sound[c][i - latency], sizeof(double)) != 0)
                fail_msg("frame %d, side %d: %.17g came out, %.17g went in %d frames before", i, c, out[c][i],
                         sound[c][i - latency], latency);
}

static int
latency_under(double rate_hz, const struct settings *s)
{
    struct chain c;
    int latency;

    assert_int_equal(chain_prepare(&c, rate_hz), OK);
    chain_set(&c, s, SETTINGS_ALL);
    latency = chain_latency_frames(&c);
    chain_free(&c);
    return latency;
}

static int
latency_at(double rate_hz)
{
    struct settings s = default_settings();

    return latency_under(rate_hz, &s);
}

static void
a_neutral_chain_is_a_delay_to_the_bit(void **state)
{
    static const double rates[] = {8000, 44100, 48000, 96000, 192000, 384000};
    static const double odd[] = {-0.0, DBL_MIN / 3, -DBL_MAX, 1e300, 1e-300, 0.1};
    static struct script script;

    (void)state;
    make_sound();
    for (size_t i = 0; i < LEN(odd); i++)
        sound[i % STEREO][1000 + 7 * i] = odd[i];
    script.start = default_settings();
    for (size_t i = 0; i < LEN(rates); i++) {
        int latency = latency_at(rates[i]);

        assert_in_range(latency, 0, (int)(rates[i] * 0.02));
        play_into(got, rates[i], &script, 333);
        assert_delayed(got, latency, latency);
        for (int k = 0; k < latency; k++)
            assert_true(got[0][k] == 0.0 && got[1][k] == 0.0);
    }
}

/* A crossover's bands add up to what they came from, but with its phase turned. */
static bool
turns_phase(const struct param *p)
{
    return strncmp(p->path, "/multiband/", 11) == 0;
}

/* So quiet that no stage has anything to do at its default: then the way past it and the way through it are the
   same sound at the same time, and switching at any moment must not show. */
static void
switching_what_does_nothing_changes_no_bit(void **state)
{
    static struct script script;
    int latency = latency_at(48000);

    (void)state;
    make_sound();
    for (int c = 0; c < STEREO; c++)
        for (int i = 0; i < BITS_FRAMES; i++)
            sound[c][i] = sound[c][i] * 0.01 + 0.0; /* no -0: a fade makes 0 of it */
    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);

        if (!is_knob(p) || p->type != PARAM_BOOL || strncmp(p->path, "/insert/", 8) == 0 || turns_phase(p))
            continue; /* outboard does what it likes */
        script.start = default_settings();
        set(&script.start, "/deess/range", 0); /* it does not hear how quiet it is */
        switch_on(&script.start, p->path);
        for (script.nmoves = 0; script.nmoves < 40; script.nmoves++)
            script.move[script.nmoves] = (struct move){200 + script.nmoves * 487, i, 1 - script.nmoves % 2};
        play_into(got, 48000, &script, 480);
        for (int c = 0; c < STEREO; c++)
            if (memcmp(&got[c][latency], sound[c], sizeof(double) * (size_t)(BITS_FRAMES - latency)) != 0)
                fail_msg("%s is heard, though it has nothing to do", p->path);
    }
}

/* Everything at work, then bypassed: 30 ms later (the fade takes 20) nothing of it is left. */
static void
bypass_is_the_input_as_late_as_the_output(void **state)
{
    static struct script script;
    int latency, moved = 5000;

    (void)state;
    make_sound();
    set_to_work(&script.start);
    for (int i = 0; i < params_count(); i++)
        if (is_knob(param_at(i)))
            switch_on(&script.start, param_at(i)->path);
    latency = latency_under(48000, &script.start);
    script.nmoves = 1;
    script.move[0] = (struct move){moved, param_find("/chain/bypass"), 1};
    play_into(got, 48000, &script, 64);
    assert_delayed(got, moved + 1440, latency);
    assert_memory_not_equal(&got[0][moved - 2000 + latency], &sound[0][moved - 2000], sizeof(double) * 2000);
}

static void
a_stage_switched_off_is_a_delay(void **state)
{
    static struct script script;
    int latency, moved = 5000;

    (void)state;
    make_sound();
    for (int stage = 0; stage < STAGES; stage++) {
        char on[PARAM_PATH_SIZE];

        snprintf(on, sizeof on, "/%s/on", chain_stage_name((enum stage)stage));
        if (param_find(on) < 0)
            continue;
        set_to_work(&script.start);
        for (int i = 0; i < params_count(); i++)
            if (of_stage(param_at(i), (enum stage)stage))
                switch_on(&script.start, param_at(i)->path);
        latency = latency_under(48000, &script.start);
        script.nmoves = 1;
        script.move[0] = (struct move){moved, param_find(on), 0};
        play_into(got, 48000, &script, 64);
        assert_delayed(got, moved + 1440 + latency, latency);
        assert_memory_not_equal(&got[0][moved - 2000 + latency], &sound[0][moved - 2000],
                                sizeof(double) * 2000);
    }
}

/* The first frames of the sound into got, with outboard. */
static void
through(struct chain *c, int nframes)
{
    double *const io[STEREO] = {got[0], got[1]};
    struct loop loop;

    memcpy(got, sound, sizeof sound);
    loop_open(&loop, nframes);
    for (int at = 0, n; at < nframes; at += n) {
        struct chain_sound here = sound_at(io, &loop, at);

        n = nframes - at < LOOP ? nframes - at : LOOP;
        chain_process(c, &here, n);
    }
    loop_close(&loop);
}

static void
after_a_reset_it_is_as_new(void **state)
{
    static struct script script;
    struct chain c;
    struct settings other;

    (void)state;
    make_sound();
    make_script(&script, STAGES);
    script.nmoves = 0;
    play_into(want, 48000, &script, 100);
    set_to_work(&other);
    assert_int_equal(chain_prepare(&c, 48000), OK);
    chain_set(&c, &other, SETTINGS_ALL);
    for (int i = 0; i < params_count(); i++) /* leave it in the middle of many moves */
        if (is_knob(param_at(i)) && i % 3) {
            param_store(param_at(i), &other, param_at(i)->max);
            chain_set(&c, &other, param_at(i)->offset);
        }
    through(&c, 777);
    chain_reset(&c);
    chain_set(&c, &script.start, SETTINGS_ALL);
    through(&c, BITS_FRAMES);
    chain_free(&c);
    assert_memory_equal(got, want, sizeof want);
}

/* A compressor ahead of the equaliser, from the start and from the middle on. */
static void
a_new_order_sounds_as_if_it_had_always_been_so(void **state)
{
    static struct script script;
    const int moved = 1000,
              there = moved + RATE * CHAIN_TURN_MS / 1000 + RATE * 40 / 1000 + 64 * STAGES + 4000;
    double most = 0.0;

    (void)state;
    make_sound();
    set_to_work(&script.start);
    set(&script.start, "/insert/1/delay", 0);
    set(&script.start, "/insert/2/delay", 0);
    set(&script.start, "/eq/on", 1);
    set(&script.start, "/eq/1/on", 1);
    set(&script.start, "/comp/on", 1);
    set(&script.start, "/comp/release", 10);
    script.nmoves = 0;
    play_into(want, RATE, &script, 64);
    script.move[script.nmoves++] = (struct move){moved, param_find("/chain/order/comp"), 0};
    play_into(got, RATE, &script, 64);
    assert_memory_equal(got[0], want[0], sizeof(double) * (size_t)moved);
    assert_memory_not_equal(got[0] + there, want[0] + there, sizeof(double) * (size_t)(BITS_FRAMES - there));
    script.nmoves = 0;
    set(&script.start, "/chain/order/comp", 0);
    play_into(want, RATE, &script, 64);
    for (int c = 0; c < STEREO; c++)
        for (int i = there; i < BITS_FRAMES; i++)
            most = fmax(most, fabs(got[c][i] - want[c][i]));
    assert_true(most < 1e-5); /* -100 dBFS: the release has forgotten what was before to e^-20 of it */
}

static void
a_reduction_is_told_once_and_only_by_who_works(void **state)
{
    struct chain c;
    struct settings s;

    (void)state;
    make_sound();
    set_to_work(&s);
    set(&s, "/limit/on", 1);
    assert_int_equal(chain_prepare(&c, 48000), OK);
    chain_watch(&c, STAGE_LIMIT);
    chain_set(&c, &s, SETTINGS_ALL);
    memcpy(got, sound, sizeof sound);
    chain_process(&c, &(struct chain_sound){.io = {got[0], got[1]}}, BITS_FRAMES);
    assert_true(chain_take_reduction_db(&c, STAGE_LIMIT) > 6.0); /* +12 dB of drive into -6 dBTP */
    assert_true(chain_take_reduction_db(&c, STAGE_LIMIT) == 0.0);
    assert_true(chain_take_reduction_db(&c, STAGE_COMP) == 0.0);
    assert_true(chain_take_reduction_db(&c, STAGE_EQ) == 0.0);
    assert_true(chain_take_band_reduction_db(&c, STAGE_MULTIBAND, 1) == 0.0);
    assert_true(chain_take_ns(&c, STAGE_LIMIT) > 0);
    assert_true(chain_take_ns(&c, STAGE_LIMIT) == 0);
    chain_free(&c);
}

/* A compressor that hears another sound, and somebody who listens to that: neither is in the way of the other. */
static void
key_and_listener_reach_who_asks_for_them(void **state)
{
    static double heard[STEREO][BITS_FRAMES], key[STEREO][BITS_FRAMES];
    struct settings s;
    struct chain c;

    (void)state;
    make_sound();
    for (int i = 0; i < BITS_FRAMES; i++)
        key[0][i] = key[1][i] = 0.5 * sin(0.05 * i);
    set_to_work(&s);
    set(&s, "/comp/on", 1);
    set(&s, "/comp/sidechain", 1);
    for (int listen = 0; listen < 2; listen++) {
        set(&s, "/comp/listen", listen);
        assert_int_equal(chain_prepare(&c, 48000), OK);
        chain_set(&c, &s, SETTINGS_ALL);
        assert_int_equal(chain_is_listened(&c), listen);
        memcpy(got, sound, sizeof sound);
        chain_process(&c,
                      &(struct chain_sound){
                          .io = {got[0], got[1]}, .key = {key[0], key[1]}, .heard = {heard[0], heard[1]}},
                      BITS_FRAMES);
        assert_true(chain_take_reduction_db(&c, STAGE_COMP) > 10.0);
        chain_free(&c);
        if (listen) /* the tone, as late as the chain, and none of what goes through */
            assert_true(fabs(heard[0][15000]) <= 0.5 && fabs(heard[0][15000] - heard[1][15000]) < 1e-12);
        if (listen)
            assert_memory_equal(got, want, sizeof want);
        memcpy(want, got, sizeof want);
    }
    assert_int_equal(chain_prepare(&c, 48000), OK);
    chain_set(&c, &s, SETTINGS_ALL);
    chain_process(&c, &(struct chain_sound){.io = {got[0], got[1]}}, BITS_FRAMES);
    assert_true(chain_take_reduction_db(&c, STAGE_COMP) == 0.0); /* no key is silence */
    chain_free(&c);
}

static void
a_rate_out_of_range_is_refused_and_nothing_kept(void **state)
{
    static const double wrong[] = {0, 7999, 384001, -48000, NAN, INFINITY};
    struct chain c;

    (void)state;
    for (size_t i = 0; i < LEN(wrong); i++) {
        assert_int_equal(chain_prepare(&c, wrong[i]), BAD_ARG);
        for (int k = 0; k < STAGES; k++)
            assert_true(!c.rack[0].slot[k].state && !c.rack[1].slot[k].state);
        chain_free(&c);
    }
}

/* --- clicks ---------------------------------------------------------------------------------------- */

enum {
    SEGMENT = 7213, /* frames between slow moves: 150 ms, and never the same phase of the tone */
    REST = 1000,    /* of it, at its end: taken as steady */
    RAPID = 768,    /* 16 ms */
    NRAPID = 14,
    CLICK_FRAMES = SEGMENT * 144
};

static double out[STEREO][CLICK_FRAMES];
static double *const tone[STEREO] = {out[0], out[1]};
static struct leak leak;

/* On the louder side. */
static double
loudest(int from, int to)
{
    return fmax(leak_peak(&leak, out[0], from, to), leak_peak(&leak, out[1], from, to));
}

/* Of an enum: from each to each, where there are many to a few that lie apart. */
static bool
is_stepped(int gap, int max)
{
    return max < 6 || gap == 1 || gap == 3 || gap == 4;
}

/* The values to step through: over the whole range there and back, to and from the default, and in between. */
static int
values_of(const struct param *p, double *value)
{
    static const double norms[] = {0, 1, 0, -1, 1, 0.3, 0.55, 0.5, 0.8, 0.02, -1}; /* -1: default */
    int n = 0;

    if (p->type == PARAM_ENUM) { /* from each to each */
        for (int gap = 1; gap <= (int)p->max; gap++)
            for (int i = 0; is_stepped(gap, (int)p->max) && i <= (int)p->max; i++) {
                value[n++] = i;
                value[n++] = (i + gap) % ((int)p->max + 1);
            }
        return n;
    }
    for (size_t i = 0; i < LEN(norms); i++)
        if (norms[i] < 0)
            value[n++] = p->def;
        else
            param_from_norm(p, norms[i], &value[n++], NULL);
    return n;
}

/* How many a move takes to be over: a new order runs in first. */
static int
segments(const struct param *p)
{
    if (strcmp(p->path, "/eq/phase") == 0 || strcmp(p->path, "/multiband/phase") == 0)
        return 5;
    return strncmp(p->path, "/chain/order/", 13) == 0 ? 4 : 1;
}

struct worst {
    double over; /* linear */
    const char *path;
    double from, to;
};

static void
judge(struct worst *w, const struct param *p, double over, double from, double to)
{
    if (over > w->over)
        *w = (struct worst){over, p->path, from, to};
    if (!(over <= db_to_gain(CLICK_DBFS)))
        print_error("%s from %g to %g clicks: %.1f dBFS\n", p->path, from, to, gain_to_db(over));
}

static void
step_through(struct worst *w, const struct param *p, const struct settings *start)
{
    static struct script script;
    double value[128], rest[128 + 1], most_at_rest, before = param_load(p, start);
    int n = values_of(p, value), length = SEGMENT * segments(p), end = (n + 1) * length;
    int nframes = end + NRAPID * RAPID + 2 * length, id = param_find(p->path);

    assert_true(nframes <= CLICK_FRAMES);
    script = (struct script){.start = *start};
    for (int i = 0; i < n; i++)
        script.move[script.nmoves++] = (struct move){(i + 1) * length, id, value[i]};
    for (int i = 0; i < NRAPID; i++)
        script.move[script.nmoves++] = (struct move){end + i * RAPID, id, value[(i * 5 + 1) % n]};
    tone_make(tone, RATE, LEAK_TONE_HZ, LEAK_TONE_GAIN, nframes);
    play(RATE, &script, tone, nframes, 1024);
    most_at_rest = rest[0] = loudest(length - REST, length);
    for (int i = 0; i < n; i++) {
        int at = (i + 1) * length;

        rest[i + 1] = loudest(at + length - REST, at + length);
        most_at_rest = fmax(most_at_rest, rest[i + 1]);
        judge(w, p, loudest(at - LEAK_HALF, at + length - REST) - fmax(rest[i], rest[i + 1]), before,
              value[i]);
        before = value[i];
    }
    judge(w, p, loudest(end - LEAK_HALF, nframes - LEAK_HALF - 1) - most_at_rest, NAN, NAN);
}

/* What some rows need beside their switches. */
static const struct {
    const char *path, *needs;
    double value;
} needed[] = {
    {"/eq/phase", "/eq/1/on", 1},
    {"/eq/corner", "/eq/1/on", 1},
    {"/eq/corner", "/eq/phase", 2},
};

/* What it takes for a row to be heard. A switch of a whole stage needs one band in it, that of the chain all stages. */
static void
switch_on_around(struct settings *s, const struct param *p)
{
    size_t stage = strcspn(p->path + 1, "/") + 1;
    bool all = strncmp(p->path, "/chain/", 7) == 0, whole = strcmp(p->path + stage, "/on") == 0;

    switch_on(s, p->path);
    for (int i = 0; (all || whole) && i < params_count(); i++) {
        const struct param *other = param_at(i);

        if (is_knob(other) && (all || strncmp(other->path, p->path, stage + 1) == 0) &&
            !strpbrk(other->path, "23456789"))
            switch_on(s, other->path);
    }
    for (size_t i = 0; i < LEN(needed); i++)
        if (strcmp(p->path, needed[i].path) == 0)
            set(s, needed[i].needs, needed[i].value);
}

/* From one end to the other; a place in the chain from the end it is at. */
static double
other_value(const struct param *p, const struct settings *s)
{
    bool late = strncmp(p->path, "/chain/order/", 13) == 0 && param_load(p, s) >= 10 * STAGES / 2;

    return late || param_load(p, s) == p->max ? p->min : p->max;
}

/* That a move does not click says nothing if it does nothing. On bursts: a release is heard when the level falls. */
static void
every_parameter_is_heard(void **state)
{
    static struct script script;

    (void)state;
    make_sound();
    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);

        if (!is_knob(p))
            continue;
        set_to_work(&script.start);
        switch_on_around(&script.start, p);
        script.nmoves = 0;
        play_into(want, RATE, &script, 1024);
        script.move[script.nmoves++] = (struct move){BITS_FRAMES / 4, i, other_value(p, &script.start)};
        play_into(got, RATE, &script, 1024);
        if (memcmp(got, want, sizeof want) == 0)
            fail_msg("%s changes nothing", p->path);
    }
}

static void
no_parameter_clicks(void **state)
{
    struct worst w = {0};
    int nrows = 0;

    (void)state;
    leak_prepare(&leak, RATE);
    for (int i = 0; i < params_count(); i++) {
        const struct param *p = param_at(i);
        struct settings s;

        if (!is_knob(p))
            continue;
        set_to_work(&s);
        switch_on_around(&s, p);
        if (segments(p) >
            1) { /* a fast compressor's harmonics rise while its level moves: that is no click */
            for (int k = 0; k < params_count(); k++) {
                const char *path = param_at(k)->path;

                if (matches("/multiband/#/attack", path) || matches("/comp/attack", path))
                    set(&s, path, 100);
                if (matches("/multiband/#/release", path) || matches("/comp/release", path))
                    set(&s, path, 1000);
                /* nor is it that a bend's harmonics follow the level */
                if (matches("/saturate/mix", path) || matches("/exciter/mix", path) ||
                    matches("/clip/drive", path) || matches("/clip/ceiling", path))
                    set(&s, path, 0);
            }
        }
        step_through(&w, p, &s);
        nrows++;
    }
    print_message("# %d parameters; the loudest click is %s from %g to %g: %.1f dBFS\n", nrows, w.path,
                  w.from, w.to, gain_to_db(w.over));
    assert_true(nrows > 5 * EQ_BANDS);
    assert_true(w.over <= db_to_gain(CLICK_DBFS));
}

static int
begin(void **state)
{
    (void)state;
    params_init();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stage_gives_the_same_bits_at_any_block),
        cmocka_unit_test(the_chain_gives_the_same_bits_at_any_block),
        cmocka_unit_test(a_neutral_chain_is_a_delay_to_the_bit),
        cmocka_unit_test(switching_what_does_nothing_changes_no_bit),
        cmocka_unit_test(bypass_is_the_input_as_late_as_the_output),
        cmocka_unit_test(a_stage_switched_off_is_a_delay),
        cmocka_unit_test(after_a_reset_it_is_as_new),
        cmocka_unit_test(a_new_order_sounds_as_if_it_had_always_been_so),
        cmocka_unit_test(a_reduction_is_told_once_and_only_by_who_works),
        cmocka_unit_test(key_and_listener_reach_who_asks_for_them),
        cmocka_unit_test(a_rate_out_of_range_is_refused_and_nothing_kept),
        cmocka_unit_test(every_parameter_is_heard),
        cmocka_unit_test(no_parameter_clicks),
    };

    return cmocka_run_group_tests(tests, begin, NULL);
}
