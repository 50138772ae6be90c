/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Disk and control are driven by hand between the spans, so that each test says who is late. What a file holds at
 * (track, frame, channel) is computed, in 64 bit floating point: equal means to the bit.
 */
#include "engine/references.h"

#include "dsp/kweight.h"
#include "engine/disk.h"
#include "engine/process.h"
#include "engine/soundfile.h"
#include "test/kit/defaults.h"
#include "test/kit/dice.h"
#include "test/kit/tree.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { RATE = 48000, FADE = RATE * PLAYER_FADE_MS / 1000, ROOM = 20 * RATE, LONG = 15 * RATE, SHORT = 7001 };

static struct references r;
static double heard[STEREO][ROOM];
static uint64_t now;
static struct references_demand demand;
static char file[5][128]; /* 0: long, 1: short, 2: 44.1 kHz, 3: missing, 4: no sound at all */

static double
sound(int which, int64_t frame, int channel)
{
    uint64_t z =
        (uint64_t)(which * 7919 + channel + 1) * 0x9e3779b97f4a7c15u + (uint64_t)frame * 0xbf58476d1ce4e5b9u;

    z = (z ^ (z >> 30)) * 0x94d049bb133111ebu;
    return (double)(int64_t)(z ^ (z >> 31)) * 0x1p-64;
}

static void
write_file(const char *path, int which, int rate_hz, int nframes)
{
    struct soundwriter *w;
    struct err e;
    double *x = malloc(sizeof *x * STEREO * (size_t)nframes);

    for (int i = 0; i < nframes * STEREO; i++)
        x[i] = which == 2 ? 0.1 * sin(2.0 * PI * 1000.0 * (i / STEREO) / rate_hz)
                          : sound(which, i / STEREO, i % STEREO);
    assert_int_equal(soundwriter_open(&w, path, rate_hz, SOUND_WAV64F, NULL, &e), OK);
    assert_int_equal(soundwriter_write(w, x, nframes, &e), OK);
    assert_int_equal(soundwriter_close(w, &e), OK);
    free(x);
}

static int
make_files(void **state)
{
    static const char *const name[] = {"long.wav", "short.wav", "slow.wav", "missing.wav", "words.wav"};

    if (tree_make(state) != 0)
        return -1;
    for (int i = 0; i < 5; i++)
        snprintf(file[i], sizeof file[i], "%s", tree_path(name[i]));
    write_file(file[0], 0, RATE, LONG);
    write_file(file[1], 1, RATE, SHORT);
    write_file(file[2], 2, 44100, 5 * 44100);
    tree_put("words.wav", "these are words\n");
    return 0;
}

static int
set_up(void **state)
{
    (void)state;
    now = 0;
    demand = (struct references_demand){0};
    dice_state = 1;
    return references_prepare(&r, RATE) == OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    references_free(&r);
    return 0;
}

/* --- a host of one thread --- */

static void
fill(void)
{
    while (references_fill(&r))
        ;
}

/* Control's tick; the news that it brings, at most one. */
static bool
tick(struct references_news *n)
{
    struct references_news more;
    bool news = references_tick(&r, n);

    if (news && references_tick(&r, &more))
        fail_msg("more news: %s", more.text);
    return news;
}

static struct references_news
await_news(void)
{
    struct references_news n;

    while (!tick(&n))
        usleep(1000);
    return n;
}

static struct references_news
await_file(int which, int nth)
{
    struct references_news n;

    references_want(&r, which, file[nth]);
    n = await_news();
    if (!n.loaded)
        fail_msg("%s", n.text);
    assert_int_equal(n.which, which);
    fill();
    return n;
}

/* Plays on; what `which` gives is kept. */
static void
span(int which, int n)
{
    references_process(&r, demand, now, n);
    assert_true(now + (uint64_t)n <= ROOM);
    for (int c = 0; c < STEREO; c++)
        memcpy(heard[c] + now, references_sound(&r, which)[c], sizeof(double) * (size_t)n);
    now += (uint64_t)n;
}

static void
play(int which, int64_t nframes)
{
    struct references_news n;

    for (int64_t done = 0; done < nframes;) {
        int length = 1 + (int)dice(REFERENCES_BLOCK);

        length = done + length < nframes ? length : (int)(nframes - done);
        span(which, length);
        done += length;
        tick(&n);
        fill();
    }
}

static void
transport(enum player_notice_kind kind, uint64_t frame, int64_t position)
{
    struct player_notice n = {
        .kind = kind, .frame = frame, .position = position, .faded = kind == PLAYER_ENDED};

    references_transport(&r, &n);
}

static void
choose(int which, bool on_air)
{
    demand.chosen |= 1u << which;
    demand.heard = on_air ? demand.heard | 1u << which : demand.heard & ~(1u << which);
}

static void
check_sound(uint64_t from, uint64_t to, int nth, int64_t position)
{
    for (uint64_t i = from; i < to; i++)
        for (int c = 0; c < STEREO; c++)
            if (heard[c][i] != sound(nth, position + (int64_t)(i - from), c))
                fail_msg("frame %d is not frame %d of the file", (int)i,
                         (int)(position + (int64_t)(i - from)));
}

static void
check_silence(uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++)
        for (int c = 0; c < STEREO; c++)
            if (heard[c][i] != 0.0)
                fail_msg("frame %d is not silent", (int)i);
}

/* --- free ---------------------------------------------------------------------------------------------- */

static void
a_file_sounds_to_the_bit_from_its_first_frame(void **state)
{
    (void)state;
    await_file(2, 0);
    choose(2, true);
    play(2, 2 * RATE);
    check_sound(0, now, 0, 0);
}

static void
it_goes_on_where_it_was(void **state)
{
    (void)state;
    await_file(0, 0);
    choose(0, true);
    play(0, 10000);
    choose(0, false);
    play(0, 5000);
    choose(0, true);
    play(0, 10000);
    check_sound(0, 10000, 0, 0);
    check_silence(10000, 15000);
    check_sound(15000, 25000, 0, 10000);
}

static void
it_begins_again_at_its_end(void **state)
{
    (void)state;
    await_file(0, 1);
    choose(0, true);
    play(0, 5 * SHORT);
    for (int i = 0; i < 5; i++)
        check_sound((uint64_t)i * SHORT, (uint64_t)(i + 1) * SHORT, 1, 0);
}

/* As soon as it is chosen: nothing has to be read then. */
static void
what_was_loaded_is_heard_at_once(void **state)
{
    (void)state;
    await_file(0, 0);
    await_file(1, 1);
    play(0, 20000);
    choose(1, true);
    span(1, 100);
    check_silence(0, 20000);
    check_sound(20000, 20100, 1, 0);
}

static void
two_play_side_by_side(void **state)
{
    (void)state;
    await_file(0, 0);
    await_file(3, 1);
    choose(0, true);
    choose(3, true);
    for (int64_t at = 0; at < 6000; at += 200) {
        span(0, 200);
        for (int i = 0; i < 200; i++)
            assert_true(references_sound(&r, 3)[1][i] == sound(1, at + i, 1));
    }
    check_sound(0, 6000, 0, 0);
}

static void
another_rate_is_converted_as_the_player_does(void **state)
{
    static double want[STEREO * RATE];
    struct soundfile *s;
    struct err e;
    struct references_news n = await_file(0, 2);

    (void)state;
    assert_int_equal(soundfile_open(&s, file[2], RATE, 0, &e), OK);
    assert_int_equal(soundfile_read(s, want, RATE), RATE);
    soundfile_close(s);
    choose(0, true);
    play(0, RATE);
    for (int i = 0; i < STEREO * RATE; i++)
        assert_true(heard[i % STEREO][i / STEREO] == want[i]);
    assert_true(fabs(n.length_s - 5.0) < 1e-4);
}

/* A sine of 1 kHz and 0.1 on both sides: -20 dBFS, -20 LUFS (BS.1770: -3.01 a side, both together; the K filter's
   gain at 997 Hz is taken out by its -0.691). */
static void
loudness_is_that_of_the_whole_file(void **state)
{
    struct references_news n = await_file(1, 2);

    (void)state;
    assert_true(fabs(n.lufs - -20.0) < 0.05);
    span(1, 1);
    assert_true(references_lufs(&r, 1) == n.lufs);
    assert_true(references_lufs(&r, 0) == LOUDNESS_NONE_LUFS);
}

/* --- in step ------------------------------------------------------------------------------------------- */

static void
in_sync(int which, int nth, double offset_s)
{
    references_sync(&r, which, true);
    references_offset(&r, which, offset_s);
    await_file(which, nth);
    choose(which, true);
}

/* It begins with the transport's own first frame, in the middle of a span. */
static void
in_sync_it_begins_with_the_transport(void **state)
{
    struct references_news n;

    (void)state;
    in_sync(0, 0, 0.0);
    references_located(&r, 0);
    tick(&n);
    fill();
    play(0, 1000);
    transport(PLAYER_BEGAN, 1077, 0);
    span(0, 200);
    play(0, 20000);
    check_silence(0, 1077);
    check_sound(1077, now, 0, 0);
}

static void
an_offset_is_kept_to_the_frame(void **state)
{
    (void)state;
    in_sync(0, 0, 1.5);
    transport(PLAYER_BEGAN, 33, 4000);
    play(0, 3 * RATE);
    check_silence(0, 33);
    check_sound(RATE, now, 0, RATE - 33 + 4000 + 72000);
}

/* Offset -1 s: the file's first frame, unfaded, comes when the transport is at 1 s. */
static void
before_its_beginning_it_is_silent(void **state)
{
    (void)state;
    in_sync(0, 0, -1.0);
    transport(PLAYER_BEGAN, 0, 0);
    play(0, 2 * RATE);
    check_silence(0, RATE);
    check_sound(RATE, now, 0, 0);
}

static void
after_its_end_it_is_silent_and_comes_back(void **state)
{
    (void)state;
    in_sync(0, 1, 0.0);
    transport(PLAYER_BEGAN, 0, 0);
    play(0, 20000);
    check_sound(2000, SHORT, 1, 2000);
    check_silence(SHORT, 20000);
    transport(PLAYER_BEGAN, 20000, 0); /* the transport's loop */
    play(0, 20000);
    check_sound(22000, 20000 + SHORT, 1, 2000);
    check_silence(20000 + SHORT, 40000);
}

/* Each locate: fades out, then is silent until it is read, then right to the frame; at 100 ms at the latest, as disk
   and control are asked every span. */
static void
it_stays_in_step_over_locates(void **state)
{
    (void)state;
    in_sync(0, 0, 0.25);
    for (int i = 0; i < 12; i++) {
        int64_t position = (int64_t)dice(10 * RATE);
        uint64_t at = now + dice(REFERENCES_BLOCK);

        transport(PLAYER_ENDED, at, 0);
        transport(PLAYER_BEGAN, at + FADE, position);
        play(0, RATE);
        check_sound(at + RATE / 10, now, 0, position + 12000 + RATE / 10 - FADE);
    }
}

static void
it_stops_with_the_transport(void **state)
{
    (void)state;
    in_sync(0, 0, 0.0);
    transport(PLAYER_BEGAN, 0, 0);
    play(0, 10000);
    transport(PLAYER_ENDED, 10100, 10100);
    play(0, 10000);
    check_sound(9000, 10100, 0, 9000);
    check_silence(10100 + FADE, 20000);
    for (int i = 10100; i < 10100 + FADE; i++)
        assert_true(fabs(heard[0][i]) <= fabs(sound(0, i, 0)));
}

/* Chosen and not heard it goes along: at the switch it is there, to the frame. */
static void
unheard_it_keeps_step(void **state)
{
    (void)state;
    in_sync(0, 0, 0.0);
    choose(0, false);
    transport(PLAYER_BEGAN, 0, 0);
    play(0, RATE);
    choose(0, true);
    play(0, RATE);
    check_sound(RATE, now, 0, RATE);
}

/* The disk sleeps for 0.7 s after a locate: silence so long, and then not 0.7 s late. */
static void
a_late_disk_is_caught_up_with(void **state)
{
    struct references_news n;

    (void)state;
    in_sync(0, 0, 0.0);
    transport(PLAYER_BEGAN, 0, 8 * RATE);
    for (int i = 0; i < 7 * RATE / 10; i += 240) {
        span(0, 240);
        tick(&n);
    }
    check_silence(0, now);
    fill();
    play(0, RATE);
    check_sound(RATE, now, 0, 9 * RATE);
}

/* Longer than there is read ahead: it is cued anew. So, too, when it was not compared for a while. */
static void
what_is_too_late_is_cued_anew(void **state)
{
    struct references_news n;

    (void)state;
    in_sync(0, 0, 0.0);
    transport(PLAYER_BEGAN, 0, 0);
    for (int i = 0; i < 5 * RATE; i += 240) {
        span(0, 240);
        tick(&n);
    }
    play(0, RATE);
    check_sound(11 * RATE / 2, now, 0, 11 * RATE / 2);
    demand = (struct references_demand){0};
    play(0, 5 * RATE);
    choose(0, true);
    play(0, RATE);
    check_sound(now - RATE / 2, now, 0, (int64_t)now - RATE / 2);
}

static void
sync_is_switched_while_it_plays(void **state)
{
    (void)state;
    in_sync(0, 0, 0.0);
    transport(PLAYER_BEGAN, 0, 0);
    play(0, RATE);
    references_sync(&r, 0, false);
    play(0, RATE);
    check_sound(RATE / 2, now, 0, RATE / 2); /* it just goes on */
    transport(PLAYER_BEGAN, now, 5 * RATE);
    play(0, RATE);
    check_sound(2 * RATE, now, 0, 2 * RATE);
    references_sync(&r, 0, true);
    play(0, RATE);
    check_sound(now - RATE / 2, now, 0, 5 * RATE + 2 * RATE - RATE / 2);
    references_offset(&r, 0, -4.0);
    play(0, RATE);
    check_sound(now - RATE / 2, now, 0, RATE + 3 * RATE - RATE / 2);
}

/* --- what goes wrong, and what is changed -------------------------------------------------------------- */

static void
what_can_not_be_read_is_one_line_and_silence(void **state)
{
    struct references_news n;

    (void)state;
    for (int nth = 3; nth <= 4; nth++) {
        references_want(&r, 1, file[nth]);
        n = await_news();
        assert_true(n.failed && !n.loaded);
        assert_non_null(strstr(n.text, file[nth]));
        choose(1, true);
        play(1, 5000);
        for (int i = 0; i < 30; i++) {
            assert_false(tick(&n));
            usleep(1000);
        }
    }
    check_silence(0, now);
    assert_true(references_lufs(&r, 1) == LOUDNESS_NONE_LUFS);
}

static int
alive(void)
{
    int n = 0;

    for (int i = 0; i < REFERENCES_ALIVE; i++)
        n += r.alive[i] != NULL;
    return n;
}

static void
a_new_file_takes_over_after_a_fade(void **state)
{
    int ends;

    (void)state;
    await_file(0, 0);
    choose(0, true);
    play(0, 10000);
    references_want(&r, 0, file[1]);
    assert_true(await_news().loaded);
    fill();
    ends = (int)now;
    play(0, 6000);
    for (int i = ends; i < ends + FADE; i++)
        assert_true(fabs(heard[0][i]) <= fabs(sound(0, i, 0)));
    for (; heard[0][ends + FADE] == 0.0; ends++)
        assert_true(ends < 10000 + 2 * REFERENCES_BLOCK); /* the new one begins with a span */
    check_sound((uint64_t)(ends + FADE), now, 1, 0);
    assert_int_equal(alive(), 1);
    references_want(&r, 0, "");
    play(0, 2000);
    check_silence(now - 1000, now);
    assert_int_equal(alive(), 0);
    assert_true(references_lufs(&r, 0) == LOUDNESS_NONE_LUFS);
}

/* Process stands still, as when a server has gone: no player is closed under its hands, the list does not run over, and
   the last wish is fulfilled once it runs again. */
static void
a_standing_process_keeps_what_it_has(void **state)
{
    struct references_news n;

    (void)state;
    for (int i = 0; i < 40; i++) {
        references_want(&r, (int)dice(REFERENCES), file[dice(2)]);
        for (int k = 0; k < 20; k++) {
            references_tick(&r, &n);
            fill();
            usleep(200);
        }
        assert_true(alive() <= REFERENCES_ALIVE);
    }
    references_want(&r, 0, file[0]);
    for (int i = 1; i < REFERENCES; i++)
        references_want(&r, i, "");
    choose(0, false);
    for (int i = 0; i < 5000 && !(r.slot[0].done && alive() == 1); i++) {
        span(0, 1);
        references_tick(&r, &n);
        fill();
        usleep(200);
    }
    assert_int_equal(alive(), 1);
    now = 0;
    choose(0, true);
    play(0, 3000);
    check_sound(0, now, 0, 0);
}

static void
the_end_waits_for_no_long_file(void **state)
{
    struct references_news n;

    (void)state;
    for (int i = 0; i < REFERENCES; i++)
        references_want(&r, i, file[0]);
    references_tick(&r,
                    &n); /* all are under way; tear_down frees them: address and leak sanitizers look on */
}

static void
a_rate_out_of_range_is_refused(void **state)
{
    struct references other;

    (void)state;
    assert_int_equal(references_prepare(&other, 7999), BAD_ARG);
    references_free(&other);
}

/* --- threads, and the whole process --------------------------------------------------------------------- */

static void
one_disk_thread_reads_for_player_and_references(void **state)
{
    const char *paths[] = {file[0]};
    struct disk disk = {0};
    struct player *player;
    struct references_news n;

    (void)state;
    assert_int_equal(player_open(&player, RATE, paths, 1), OK);
    assert_int_equal(disk_start(&disk, player, NULL, &r), OK);
    references_want(&r, 0, file[1]);
    assert_true(player_cue(player, 0, 0, false));
    n = await_news();
    assert_true(n.loaded);
    while (!player_ready(player))
        usleep(500);
    choose(0, true);
    for (int i = 0; i < 10000 && (i == 0 || heard[0][now - 1] == 0.0); i++) {
        span(0, 1);
        references_tick(&r, &n);
        usleep(500);
    }
    assert_true(heard[0][now - 1] == sound(1, 0, 0));
    disk_stop(&disk);
    player_close(player);
}

/* The reference is the player's own file, so that whatever the player gives the chain, the reference gives too, to the
   bit, at any period and wherever it is located; the tap is late by the chain's latency. The first 150 ms after a locate
   are for fades and the disk. Compared with the master it is heard, unmatched, as the tap itself. */
static struct process process;

static void
locate(struct player *player, int64_t position)
{
    uint32_t generation = player_cue(player, 0, position, false);

    references_located(&r, position);
    assert_true(process_send(&process, &(struct event){.kind = EVENT_PLAY, .generation = generation}));
}

static void
run_process(struct player *player, int nframes, double *const *tap)
{
    static float monitors[STEREO][CHAIN_BLOCK];
    struct process_io io = {.tap = {tap[0], tap[1]}, .monitor_a = {monitors[0], monitors[1]}};
    struct references_news n;
    struct notice notice;
    bool busy = true;

    tick(&n);
    while (busy) {
        busy = player_fill(player);
        busy |= references_fill(&r);
    }
    process_run(&process, &io, nframes);
    while (process_notice(&process, &notice))
        ;
}

static void
a_process_plays_both_in_step(void **state)
{
    static double tap[STEREO][ROOM], ears[STEREO][ROOM];
    const char *paths[] = {file[0]};
    static struct compare compare;
    struct settings s = default_settings();
    struct player *player;
    int compared = 0, latency;

    (void)state;
    in_sync(1, 0, 0.0);
    assert_int_equal(player_open(&player, RATE, paths, 1), OK);
    assert_int_equal(process_prepare(&process, RATE, player, NULL), OK);
    assert_int_equal(compare_prepare(&compare, RATE), OK);
    process.references = &r;
    process.compare = &compare;
    s.compare = (struct compare_settings){.on = true, .align = true, .window_s = 3.0};
    s.compare.a = CONTENDER_REFERENCE + 1;
    s.compare.b = CONTENDER_NOW;
    process_begin(&process, &s, true);
    latency = process.chain.latency;
    for (int k = 0; k < 8; k++) {
        uint64_t from = now;

        locate(player, dice(10 * RATE));
        while (now < from + 2 * RATE) {
            int nframes = 1 + (int)dice(CHAIN_BLOCK);
            double *at[STEREO] = {tap[0] + now, tap[1] + now};

            run_process(player, nframes, at);
            for (int c = 0; c < STEREO; c++) {
                memcpy(heard[c] + now, references_sound(&r, 1)[c], sizeof(double) * (size_t)nframes);
                memcpy(ears[c] + now, compare.out[c], sizeof(double) * (size_t)nframes);
            }
            now += (uint64_t)nframes;
        }
        for (uint64_t i = from + 15 * RATE / 100; i + (uint64_t)latency < now; i++, compared++)
            for (int c = 0; c < STEREO; c++)
                assert_true(heard[c][i] == tap[c][i + (uint64_t)latency] && heard[c][i] != 0.0);
        assert_true(compare.heard != COMPARE_MASTER &&
                    compare.voice[compare.heard].which == CONTENDER_REFERENCE + 1);
        for (uint64_t i = from + RATE; i < now; i++)
            for (int c = 0; c < STEREO; c++)
                assert_true(ears[c][i] == tap[c][i]);
    }
    assert_true(compared > 14 * RATE);
    process_free(&process);
    compare_free(&compare);
    player_close(player);
}

/* --- memory --------------------------------------------------------------------------------------------- */

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void __libc_free(void *p);

static _Thread_local bool armed; /* errands may take what they need */
static _Thread_local int taken;

void *
malloc(size_t size)
{
    taken += armed;
    return __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
    taken += armed;
    return __libc_calloc(count, size);
}

void *
realloc(void *block, size_t size)
{
    taken += armed;
    return __libc_realloc(block, size);
}

void
free(void *block)
{
    taken += armed && block;
    __libc_free(block);
}

/* Through loads, cues, locates, a change of file and its going: the process side takes and gives no memory. */
static void
the_process_side_takes_no_memory(void **state)
{
    struct references_news n;

    (void)state;
    in_sync(0, 0, 0.0);
    await_file(1, 1);
    choose(1, true);
    for (int i = 0; i < 800; i++) {
        if (i % 100 == 50)
            references_want(&r, i / 100 % 2, i % 300 == 50 ? "" : file[i / 100 % 2]);
        if (i % 70 == 0)
            transport(PLAYER_BEGAN, now + 13, (int64_t)dice(LONG));
        armed = true;
        references_process(&r, demand, now, REFERENCES_BLOCK);
        armed = false;
        now += REFERENCES_BLOCK;
        while (references_tick(&r, &n))
            ;
        fill();
        usleep(100);
    }
    assert_int_equal(taken, 0);
}

#else

static void
the_process_side_takes_no_memory(void **state)
{
    (void)state;
    skip();
}

#endif

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_file_sounds_to_the_bit_from_its_first_frame),
        CASE(it_goes_on_where_it_was),
        CASE(it_begins_again_at_its_end),
        CASE(what_was_loaded_is_heard_at_once),
        CASE(two_play_side_by_side),
        CASE(another_rate_is_converted_as_the_player_does),
        CASE(loudness_is_that_of_the_whole_file),
        CASE(in_sync_it_begins_with_the_transport),
        CASE(an_offset_is_kept_to_the_frame),
        CASE(before_its_beginning_it_is_silent),
        CASE(after_its_end_it_is_silent_and_comes_back),
        CASE(it_stays_in_step_over_locates),
        CASE(it_stops_with_the_transport),
        CASE(unheard_it_keeps_step),
        CASE(a_late_disk_is_caught_up_with),
        CASE(what_is_too_late_is_cued_anew),
        CASE(sync_is_switched_while_it_plays),
        CASE(what_can_not_be_read_is_one_line_and_silence),
        CASE(a_new_file_takes_over_after_a_fade),
        CASE(a_standing_process_keeps_what_it_has),
        CASE(the_end_waits_for_no_long_file),
        CASE(a_rate_out_of_range_is_refused),
        CASE(one_disk_thread_reads_for_player_and_references),
        CASE(a_process_plays_both_in_step),
        CASE(the_process_side_takes_no_memory),
    };

    params_init();
    return cmocka_run_group_tests_name("references", tests, make_files, tree_remove);
}
