/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/player.c" /* both whole, to stage the race that a_loop_set_too_late... needs */
#include "engine/playhead.c"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

enum { RATE = 48000, MAX_NOTICES = 4096 };

static char dir[] = "/tmp/deadwax-player-XXXXXX";
static char path[8]
                [64]; /* 0..3: noise at 48 kHz; 4, 5: one sine cut in two at 44.1 kHz; 6: missing; 7: text */
static const int length[6] = {100000, 3000, 250000, 300, 147 * 300, 147 * 200};

static double
noise(int track, int64_t frame, int channel)
{
    uint64_t z =
        (uint64_t)(track * 7919 + channel + 1) * 0x9e3779b97f4a7c15u + (uint64_t)frame * 0xbf58476d1ce4e5b9u;

    z = (z ^ (z >> 30)) * 0x94d049bb133111ebu;
    return (double)(int64_t)(z ^ (z >> 31)) * 0x1p-63;
}

static void
write_track(int track)
{
    struct soundwriter *w;
    struct err e;
    double *x = malloc(sizeof *x * STEREO * (size_t)length[track]);

    for (int i = 0; i < length[track]; i++) {
        for (int c = 0; c < STEREO; c++)
            x[i * STEREO + c] = track < 4
                                    ? noise(track, i, c)
                                    : 0.5 * sin(2.0 * PI * 1000.0 / 44100.0 * (i + (track == 5) * length[4]));
    }
    assert_int_equal(soundwriter_open(&w, path[track], track < 4 ? RATE : 44100, SOUND_WAV64F, NULL, &e), OK);
    assert_int_equal(soundwriter_write(w, x, length[track], &e), OK);
    assert_int_equal(soundwriter_close(w, &e), OK);
    free(x);
}

static int
make_files(void **state)
{
    FILE *f;

    (void)state;
    if (!mkdtemp(dir))
        return -1;
    for (int i = 0; i < 8; i++)
        snprintf(path[i], sizeof path[i], "%s/%d.wav", dir, i);
    for (int i = 0; i < 6; i++)
        write_track(i);
    f = fopen(path[7], "w");
    fputs("this is no sound\n", f);
    fclose(f);
    return 0;
}

static int
remove_files(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++)
        unlink(path[i]);
    rmdir(dir);
    return 0;
}

/* --- a host of one thread --- */

struct run {
    struct player *player;
    uint64_t frame;
    double *sound[STEREO]; /* all that was heard */
    uint64_t room;
    int nnotices;
    struct player_notice notice[MAX_NOTICES];
};

static struct run
start(const int *tracks, int n, uint64_t room)
{
    struct run r = {.room = room};
    const char *paths[8];

    for (int i = 0; i < n; i++)
        paths[i] = tracks[i] < 0 ? "demo:" : path[tracks[i]];
    assert_int_equal(player_open(&r.player, RATE, paths, n), OK);
    for (int c = 0; c < STEREO; c++)
        r.sound[c] = malloc(sizeof *r.sound[c] * room);
    return r;
}

static void
finish(struct run *r)
{
    player_close(r->player);
    free(r->sound[0]);
    free(r->sound[1]);
}

static void
fill(struct run *r)
{
    while (player_fill(r->player))
        ;
}

static void
process(struct run *r, int n)
{
    double *out[STEREO] = {r->sound[0] + r->frame, r->sound[1] + r->frame};

    assert_true(r->frame + (uint64_t)n <= r->room);
    player_process(r->player, out, n, r->frame);
    r->frame += (uint64_t)n;
    while (r->nnotices < MAX_NOTICES && player_notice(r->player, &r->notice[r->nnotices]))
        r->nnotices++;
}

/* With the disk always in time. */
static void
go(struct run *r, int64_t nframes, int block)
{
    while (nframes > 0) {
        int n = nframes < block ? (int)nframes : block;

        fill(r);
        process(r, n);
        nframes -= n;
    }
}

static void
assert_track(const struct run *r, uint64_t at, int track, int64_t position, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        for (int c = 0; c < STEREO; c++) {
            if (r->sound[c][at + (uint64_t)i] != noise(track, position + i, c))
                fail_msg("frame %lld: not frame %lld of track %d", (long long)at + i,
                         (long long)(position + i), track);
        }
    }
}

static void
assert_silence(const struct run *r, uint64_t at, uint64_t until)
{
    for (; at < until; at++)
        assert_true(r->sound[0][at] == 0.0 && r->sound[1][at] == 0.0);
}

static void
assert_notice(const struct run *r, int i, enum player_notice_kind kind, uint64_t frame, int track)
{
    assert_in_range(i, 0, r->nnotices - 1);
    assert_int_equal(r->notice[i].kind, kind);
    assert_int_equal(r->notice[i].frame, frame);
    assert_int_equal(r->notice[i].track, track);
}

/* --- tests --- */

static void
tracks_follow_without_a_gap(void **state)
{
    static const int tracks[] = {0, 1, 3, 2}, blocks[] = {1, 64, 1000, 8192};
    const int64_t total = 100000 + 3000 + 300 + 250000;

    (void)state;
    for (size_t b = 0; b < LEN(blocks); b++) {
        struct run r = start(tracks, 4, (uint64_t)total + 10000);

        player_play(r.player, player_cue(r.player, 0, 0, false));
        assert_false(player_ready(r.player));
        fill(&r);
        assert_true(player_ready(r.player));
        go(&r, total + 10000, blocks[b]);
        assert_track(&r, 0, 0, 0, 100000);
        assert_track(&r, 100000, 1, 0, 3000);
        assert_track(&r, 103000, 3, 0, 300);
        assert_track(&r, 103300, 2, 0, 250000);
        assert_silence(&r, (uint64_t)total, r.frame);
        assert_int_equal(r.nnotices, 6);
        assert_notice(&r, 0, PLAYER_BEGAN, 0, 0);
        assert_notice(&r, 1, PLAYER_BEGAN, 100000, 1);
        assert_notice(&r, 2, PLAYER_BEGAN, 103000, 2);
        assert_notice(&r, 3, PLAYER_BEGAN, 103300, 3);
        assert_notice(&r, 4, PLAYER_ENDED, (uint64_t)total, 3);
        assert_false(r.notice[4].faded || r.notice[4].dry);
        assert_notice(&r, 5, PLAYER_FINISHED, (uint64_t)total, 3);
        finish(&r);
    }
}

/* Nothing may be seen of the cut. -100 dBFS: the prediction of the sound beyond the cut is not perfect. */
static void
another_rate_joins_without_a_click(void **state)
{
    static const int tracks[] = {4, 5};
    struct run r = start(tracks, 2, 80000);
    double worst = 0.0;

    (void)state;
    assert_int_equal(player_track(r.player, 0)->length, 160 * 300);
    assert_int_equal(player_track(r.player, 1)->length, 160 * 200);
    player_play(r.player, player_cue(r.player, 0, 0, false));
    go(&r, 160 * 500, 64);
    assert_notice(&r, 1, PLAYER_BEGAN, 160 * 300, 1);
    assert_notice(&r, 2, PLAYER_ENDED, 160 * 500, 1);
    for (int i = 0; i < 160 * 500; i++)
        worst = fmax(worst, fabs(r.sound[0][i] - 0.5 * sin(2.0 * PI / 48.0 * i)));
    print_message("# worst difference from the uncut sine: %.1f dBFS\n", 20.0 * log10(worst));
    assert_true(worst < 1e-5);
    finish(&r);
}

static void
a_cue_fades_in_and_then_is_exact(void **state)
{
    static const int tracks[] = {0, 2};
    struct run r = start(tracks, 2, 20000);

    (void)state;
    player_play(r.player, player_cue(r.player, 1, 12345, false));
    go(&r, 20000, 100);
    assert_notice(&r, 0, PLAYER_BEGAN, 0, 1);
    assert_int_equal(r.notice[0].position, 12345);
    assert_true(fabs(r.sound[0][0]) < 1e-4);
    for (int i = 0; i < 240; i++)
        assert_true(fabs(r.sound[0][i]) <= fabs(noise(2, 12345 + i, 0)));
    assert_track(&r, 240, 2, 12345 + 240, 20000 - 240);
    finish(&r);
}

static void
stop_fades_and_play_goes_on_where_it_was(void **state)
{
    static const int tracks[] = {2};
    struct run r = start(tracks, 1, 20000);
    uint32_t generation = player_cue(r.player, 0, 0, false);
    bool playing;
    int track;
    int64_t position;

    (void)state;
    player_play(r.player, generation);
    go(&r, 1000, 64);
    player_stop(r.player);
    go(&r, 1000, 64);
    player_where(r.player, &track, &position, &playing);
    assert_false(playing);
    assert_int_equal(position, 1240);
    assert_notice(&r, 1, PLAYER_ENDED, 1000, 0);
    assert_true(r.notice[1].faded && !r.notice[1].dry);
    assert_track(&r, 0, 2, 0, 1000);
    assert_silence(&r, 1240, 2000);
    for (int i = 1; i <= 240; i++)
        assert_true(r.sound[0][1000 + i - 1] == noise(2, 1000 + i - 1, 0) * fade_path(241 - i, 241));
    player_play(r.player, generation);
    go(&r, 1000, 64);
    assert_notice(&r, 2, PLAYER_BEGAN, 2000, 0);
    assert_int_equal(r.notice[2].position, 1240);
    assert_track(&r, 2240, 2, 1480, 760);
    finish(&r);
}

static void
a_locate_fades_out_then_begins_there(void **state)
{
    static const int tracks[] = {2, 0};
    struct run r = start(tracks, 2, 20000);

    (void)state;
    player_play(r.player, player_cue(r.player, 0, 0, false));
    go(&r, 5000, 64);
    player_play(r.player, player_cue(r.player, 1, 0, false));
    go(&r, 5000, 64);
    assert_notice(&r, 1, PLAYER_ENDED, 5000, 0);
    assert_notice(&r, 2, PLAYER_BEGAN, 5240, 1);
    assert_track(&r, 0, 2, 0, 5000);
    assert_track(&r, 5240, 0, 0, 10000 - 5240);
    finish(&r);
}

/* The ring is full of the old sound when the cue comes; a stopped player must not keep the disk from the new one. */
static void
a_cue_while_stopped_gets_ready(void **state)
{
    static const int tracks[] = {2, 0};
    struct run r = start(tracks, 2, 1000000);

    (void)state;
    for (int i = 0; i < 20; i++) {
        uint32_t generation = player_cue(r.player, i % 2, 1000 * i, false);

        for (int k = 0; k < 100 && !player_ready(r.player); k++)
            go(&r, 64, 64);
        assert_true(player_ready(r.player));
        if (i % 3 == 0) {
            player_play(r.player, generation);
            go(&r, 1000, 64);
            player_stop(r.player);
            go(&r, 1000, 64);
        }
    }
    finish(&r);
}

/* However many cues come while the old sound plays on, the last one is heard. */
static void
many_cues_do_not_jam_the_ring(void **state)
{
    static const int tracks[] = {2, 0};
    struct run r = start(tracks, 2, 1000000);
    uint32_t generation = player_cue(r.player, 0, 0, false);
    struct player_notice last;

    (void)state;
    player_play(r.player, generation);
    go(&r, 1000, 64);
    for (int i = 0; i < 600; i++) {
        generation = player_cue(r.player, 1, 10 * i, false);
        fill(&r);
    }
    player_play(r.player, generation);
    go(&r, 1000, 64);
    last = r.notice[r.nnotices - 1];
    assert_int_equal(last.kind, PLAYER_BEGAN);
    assert_in_range(last.frame, 1240, 1500);
    assert_int_equal(last.position, 5990);
    assert_track(&r, last.frame + 240, 0, 5990 + 240, 2000 - (int64_t)last.frame - 240);
    finish(&r);
}

static void
half_a_second_of_stalled_disk_is_not_heard(void **state)
{
    static const int tracks[] = {2};
    struct run r = start(tracks, 1, 260000);

    (void)state;
    player_play(r.player, player_cue(r.player, 0, 0, false));
    go(&r, 64, 64);
    for (int stall = 0; stall < 8; stall++) {
        for (int i = 0; i < RATE / 2; i += 64)
            process(&r, 64);
        fill(&r);
    }
    assert_track(&r, 0, 2, 0, 8 * RATE / 2);
    assert_int_equal(r.nnotices, 1);
    finish(&r);
}

static void
a_dry_ring_fades_out_and_begins_again_there(void **state)
{
    static const int tracks[] = {2};
    struct run r = start(tracks, 1, 1000000);
    int64_t at;
    uint64_t dry;

    (void)state;
    player_play(r.player, player_cue(r.player, 0, 0, false));
    fill(&r);
    while (r.nnotices < 2)
        process(&r, 64);
    dry = r.notice[1].frame;
    assert_int_equal(r.notice[1].kind, PLAYER_ENDED);
    assert_true(r.notice[1].dry && r.notice[1].faded);
    assert_true(dry >= 4 * RATE - READER_CHUNK);
    process(&r, 1000);
    assert_track(&r, 0, 2, 0, (int64_t)dry);
    assert_silence(&r, dry + 240, r.frame);
    at = (int64_t)r.frame;
    go(&r, 1000, 64);
    assert_notice(&r, 2, PLAYER_BEGAN, (uint64_t)at, 0);
    assert_int_equal(r.notice[2].position, dry + 240);
    assert_track(&r, (uint64_t)at + 240, 2, (int64_t)dry + 480, 760);
    finish(&r);
}

static void
loop_is_heard_at_the_next_end_though_read_past(void **state)
{
    static const int tracks[] = {0, 2};
    struct run r = start(tracks, 2, 900000);

    (void)state;
    player_play(r.player, player_cue(r.player, 0, 0, false));
    go(&r, 50000, 64); /* the disk is in track 1 by now */
    player_loop(r.player, LOOP_TRACK);
    go(&r, 150000, 64); /* so it goes 0 0; the disk is in a third 0 */
    player_loop(r.player, LOOP_LIST);
    player_loop(r.player, LOOP_TRACK);
    player_loop(r.player, LOOP_LIST);
    go(&r, 300000, 64); /* 1, and 0 after it */
    player_loop(r.player, LOOP_OFF);
    go(&r, 100000, 64);
    assert_track(&r, 0, 0, 0, 100000);
    assert_track(&r, 100000, 0, 0, 100000);
    assert_track(&r, 200000, 2, 0, 250000);
    assert_track(&r, 450000, 0, 0, 100000);
    assert_int_equal(r.nnotices, 5);
    assert_notice(&r, 1, PLAYER_BEGAN, 100000, 0);
    assert_notice(&r, 2, PLAYER_BEGAN, 200000, 1);
    assert_notice(&r, 3, PLAYER_BEGAN, 450000, 0);
    go(&r, 250000, 64);
    assert_track(&r, 550000, 2, 0, 250000);
    assert_notice(&r, 6, PLAYER_FINISHED, 800000, 1);
    finish(&r);
}

static void
loop_switched_off_ends_the_list_at_once(void **state)
{
    static const int tracks[] = {0};
    struct run r = start(tracks, 1, 300000);

    (void)state;
    player_loop(r.player, LOOP_LIST);
    player_play(r.player, player_cue(r.player, 0, 0, false));
    go(&r, 150000, 64);
    player_loop(r.player, LOOP_OFF);
    go(&r, 100000, 64);
    assert_track(&r, 0, 0, 0, 100000);
    assert_track(&r, 100000, 0, 0, 100000);
    assert_silence(&r, 200000, 250000);
    assert_notice(&r, 2, PLAYER_ENDED, 200000, 0);
    assert_notice(&r, 3, PLAYER_FINISHED, 200000, 0);
    player_loop(r.player, LOOP_LIST); /* too late: what is finished is finished */
    go(&r, 10000, 64);
    assert_int_equal(r.nnotices, 4);
    assert_false(player_fill(r.player));
    finish(&r);
}

static void
loop_switched_on_at_the_end_is_in_time(void **state)
{
    static const int tracks[] = {0, 1};
    struct run r = start(tracks, 2, 300000);

    (void)state;
    player_play(r.player, player_cue(r.player, 0, 0, false));
    go(&r, 102000, 64); /* the disk has long come to the end */
    player_loop(r.player, LOOP_LIST);
    go(&r, 50000, 64);
    assert_track(&r, 100000, 1, 0, 3000);
    assert_track(&r, 103000, 0, 0, 49000);
    finish(&r);
}

/* The race: process passes the end between the disk's look at it and its SPLICE. */
static void
a_loop_set_too_late_goes_on_and_is_heard_at_the_end_after(void **state)
{
    static const int tracks[] = {0, 2};
    struct run r = start(tracks, 2, 800000);
    double *out[STEREO] = {r.sound[0], r.sound[1]};

    (void)state;
    player_play(r.player, player_cue(r.player, 0, 0, false));
    go(&r, 99990, 90);
    player_loop(r.player, LOOP_TRACK);
    fill(&r);                /* sends the SPLICE for frame 100000 */
    while (r.frame < 101000) /* process without a look at the marks */
        r.frame += (uint64_t)play_some(&r.player->playhead, out, (int)r.frame, 100, r.frame);
    go(&r, 600000 - (int64_t)r.frame, 64);
    assert_track(&r, 0, 0, 0, 100000);
    assert_track(&r, 100000, 2, 0, 250000); /* also over the place where the disk had left it */
    assert_track(&r, 350000, 2, 0, 250000);
    assert_int_equal(r.nnotices, 3);
    assert_notice(&r, 2, PLAYER_BEGAN, 350000, 1);
    finish(&r);
}

static void
unreadable_files_are_told_and_passed_over(void **state)
{
    static const int tracks[] = {6, 0, 7, 1};
    struct run r = start(tracks, 4, 200000);
    const char *line = player_news(r.player);

    (void)state;
    assert_non_null(strstr(line, path[6]));
    assert_non_null(strstr(line, "no such file"));
    line = player_news(r.player);
    assert_non_null(strstr(line, path[7]));
    assert_null(player_news(r.player));
    assert_int_equal(player_track(r.player, 0)->length, 0);
    assert_int_equal(player_track(r.player, 1)->length, 100000);
    player_play(r.player, player_cue(r.player, 0, 500, false));
    go(&r, 110000, 64);
    assert_track(&r, 0, 0, 0, 100000);
    assert_track(&r, 100000, 1, 0, 3000);
    assert_notice(&r, 3, PLAYER_FINISHED, 103000, 3);
    player_play(r.player, player_cue(r.player, 2, 0, true));
    go(&r, 1000, 64);
    assert_notice(&r, 4, PLAYER_BEGAN, 110000, 1);
    assert_null(player_news(r.player));
    finish(&r);
}

static void
nothing_to_play_says_so(void **state)
{
    static const int tracks[] = {6, 7};
    struct run r = start(tracks, 2, 1000);
    struct player *p;

    (void)state;
    assert_int_equal(player_cue(r.player, 0, 0, false), 0);
    go(&r, 1000, 64);
    assert_silence(&r, 0, 1000);
    finish(&r);
    assert_int_equal(player_open(&p, RATE, NULL, 0), OK);
    assert_int_equal(player_cue(p, 0, 0, false), 0);
    player_close(p);
    assert_int_equal(player_open(&p, 1000, NULL, 0), BAD_ARG);
}

static void
a_file_that_vanishes_is_told_and_passed_over(void **state)
{
    static const int tracks[] = {0, 1, 3};
    struct run r = start(tracks, 3, 200000);

    (void)state;
    unlink(path[1]);
    player_play(r.player, player_cue(r.player, 0, 0, false));
    go(&r, 110000, 64);
    write_track(1);
    assert_track(&r, 0, 0, 0, 100000);
    assert_track(&r, 100000, 3, 0, 300);
    assert_notice(&r, 1, PLAYER_BEGAN, 100000, 2);
    assert_non_null(strstr(player_news(r.player), path[1]));
    finish(&r);
}

static void
positions_are_clamped(void **state)
{
    static const int tracks[] = {3};
    struct run r = start(tracks, 1, 10000);

    (void)state;
    player_play(r.player, player_cue(r.player, 9, 1000000, false));
    go(&r, 100, 64);
    assert_notice(&r, 0, PLAYER_BEGAN, 0, 0);
    assert_int_equal(r.notice[0].position, 299);
    assert_notice(&r, 1, PLAYER_ENDED, 1, 0);
    player_play(r.player, player_cue(r.player, -1, -5, false));
    go(&r, 100, 64);
    assert_notice(&r, 3, PLAYER_BEGAN, 100, 0);
    assert_int_equal(r.notice[3].position, 0);
    finish(&r);
}

static void
a_script_stops_at_each_end(void **state)
{
    static const int tracks[] = {1, 0};
    struct run r = start(tracks, 2, 10000);

    (void)state;
    player_script(r.player, true);
    player_play(r.player, player_cue(r.player, 0, 0, false));
    go(&r, 10000, 64);
    assert_track(&r, 0, 1, 0, 3000);
    assert_silence(&r, 3000, 10000);
    assert_int_equal(r.nnotices, 2);
    assert_notice(&r, 1, PLAYER_ENDED, 3000, 0);
    finish(&r);
}

/* --- live, with a disk thread that stalls, and the same again from the notices --- */

static _Atomic bool disk_quits, disk_stalls;

static void
nap(long us)
{
    struct timespec t = {0, us * 1000};

    nanosleep(&t, NULL);
}

static void *
disk_thread(void *arg)
{
    struct player *p = arg;
    uint32_t dice = 5;

    while (!atomic_load_explicit(&disk_quits, memory_order_acquire)) {
        if (atomic_load_explicit(&disk_stalls, memory_order_acquire) || !player_fill(p))
            nap(100);
        dice = dice * 1664525u + 1013904223u;
        if (dice >> 24 < 4)
            nap((dice >> 8) % 20000); /* as long as a second or so of the sound below takes */
    }
    return NULL;
}

static void
move(struct run *r, uint32_t dice, uint32_t *generation)
{
    if (dice % 8 < 2) {
        player_stop(r->player);
    } else if (dice % 8 < 3) {
        player_play(r->player, *generation);
    } else if (dice % 8 < 5) {
        player_loop(r->player, (enum player_loop)(dice / 8 % 3));
    } else {
        int track = (int)(dice / 8 % 4);
        int64_t position =
            dice / 32 % 3 ? (int64_t)(dice / 128 % 1000000) % player_track(r->player, track)->length : 0;

        *generation = player_cue(r->player, track, position, dice / 64 % 2);
        player_play(r->player, *generation);
    }
}

/* Long sound is cued, and the disk stalls from its beginning until the ring is dry. */
static bool
starve(struct run *r, int *phase, uint32_t *generation)
{
    const struct player_notice *last = &r->notice[r->nnotices ? r->nnotices - 1 : 0];

    if (*phase == 0) {
        *generation = player_cue(r->player, 3, 0, false);
        player_play(r->player, *generation);
        *phase = 1;
    } else if (*phase == 1 && r->nnotices && last->kind == PLAYER_BEGAN && last->track == 3 &&
               last->position == 0) {
        atomic_store_explicit(&disk_stalls, true, memory_order_release);
        *phase = 2;
    } else if (*phase == 2 && last->kind == PLAYER_ENDED) {
        atomic_store_explicit(&disk_stalls, false, memory_order_release);
        *phase = 3;
    }
    return *phase < 3;
}

static void
live(struct run *r, int64_t nframes)
{
    uint32_t dice = 1, generation = player_cue(r->player, 0, 0, false);
    pthread_t disk;
    int64_t next = 1000;
    int phase = 0;

    atomic_store_explicit(&disk_quits, false, memory_order_release);
    assert_int_equal(pthread_create(&disk, NULL, disk_thread, r->player), 0);
    player_play(r->player, generation);
    for (int64_t at = 0; at < nframes; at += 64) {
        bool busy = at > nframes / 4 && starve(r, &phase, &generation);

        if (at >= next && !busy) {
            dice = dice * 1664525u + 1013904223u;
            move(r, dice >> 8, &generation);
            next = at + (dice >> 8) % 60000;
        }
        process(r, 64);
        if (at / 64 % 8 == 0)
            nap(100);
    }
    atomic_store_explicit(&disk_quits, true, memory_order_release);
    pthread_join(disk, NULL);
}

static void
replay_notice(struct run *r, const struct player_notice *n)
{
    uint32_t generation;

    if (n->kind == PLAYER_ENDED && n->faded)
        player_stop(r->player);
    if (n->kind != PLAYER_BEGAN)
        return;
    generation = player_cue(r->player, n->track, n->position, false);
    while (!player_ready(r->player))
        assert_true(player_fill(r->player));
    player_play(r->player, generation);
}

static void
replay(struct run *r, const struct run *from, int block)
{
    int next = 0;

    player_script(r->player, true);
    while (r->frame < from->frame) {
        uint64_t until = from->frame;

        while (next < from->nnotices && from->notice[next].frame == r->frame)
            replay_notice(r, &from->notice[next++]);
        if (next < from->nnotices && from->notice[next].frame < until)
            until = from->notice[next].frame;
        go(r, (int64_t)(until - r->frame), block);
    }
}

static void
notices_make_the_same_sound_again(void **state)
{
    static const int tracks[] = {0, 1, 4, 2}, blocks[] = {1, 100, 1024};
    const int64_t total = 60 * RATE / 64 * 64;
    struct run r = start(tracks, 4, (uint64_t)total);
    int began = 0, dry = 0, faded = 0;

    (void)state;
    live(&r, total);
    for (int i = 0; i < r.nnotices; i++) {
        began += r.notice[i].kind == PLAYER_BEGAN;
        dry += r.notice[i].dry;
        faded += r.notice[i].faded;
    }
    print_message("# %d begun, %d faded, %d dry\n", began, faded, dry);
    assert_true(began > 10 && faded > 5 && dry > 0 && r.nnotices < MAX_NOTICES);
    for (size_t b = 0; b < LEN(blocks); b++) {
        struct run again = start(tracks, 4, (uint64_t)total);

        replay(&again, &r, blocks[b]);
        for (int c = 0; c < STEREO; c++) {
            for (int64_t i = 0; i < total; i++) {
                if (memcmp(&again.sound[c][i], &r.sound[c][i], sizeof(double)))
                    fail_msg("block %d: frame %lld differs: %g, live %g", blocks[b], (long long)i,
                             again.sound[c][i], r.sound[c][i]);
            }
        }
        finish(&again);
    }
    finish(&r);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tracks_follow_without_a_gap),
        cmocka_unit_test(another_rate_joins_without_a_click),
        cmocka_unit_test(a_cue_fades_in_and_then_is_exact),
        cmocka_unit_test(stop_fades_and_play_goes_on_where_it_was),
        cmocka_unit_test(a_locate_fades_out_then_begins_there),
        cmocka_unit_test(a_cue_while_stopped_gets_ready),
        cmocka_unit_test(many_cues_do_not_jam_the_ring),
        cmocka_unit_test(half_a_second_of_stalled_disk_is_not_heard),
        cmocka_unit_test(a_dry_ring_fades_out_and_begins_again_there),
        cmocka_unit_test(loop_is_heard_at_the_next_end_though_read_past),
        cmocka_unit_test(loop_switched_off_ends_the_list_at_once),
        cmocka_unit_test(loop_switched_on_at_the_end_is_in_time),
        cmocka_unit_test(a_loop_set_too_late_goes_on_and_is_heard_at_the_end_after),
        cmocka_unit_test(unreadable_files_are_told_and_passed_over),
        cmocka_unit_test(nothing_to_play_says_so),
        cmocka_unit_test(a_file_that_vanishes_is_told_and_passed_over),
        cmocka_unit_test(positions_are_clamped),
        cmocka_unit_test(a_script_stops_at_each_end),
        cmocka_unit_test(notices_make_the_same_sound_again),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
