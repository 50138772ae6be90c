/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/recorder.h"

#include "test/kit/file.h"
#include "test/kit/reel.h"
#include "test/kit/tree.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

enum { RATE = 48000, TAKE = 3 * RATE };

static char path[64];
static double sound[STEREO][TAKE];
static const struct print_settings wav32f = {.format = PRINT_WAV32F};

static int
make_dir(void **state)
{
    signal(SIGXFSZ, SIG_IGN);
    for (int i = 0; i < TAKE; i++) {
        sound[0][i] = 0.7 * sin(i * 0.01);
        sound[1][i] = 1.3 * cos(i * 0.003);
    }
    if (tree_make(state) != 0)
        return -1;
    snprintf(path, sizeof path, "%s", tree_path("print.wav"));
    return 0;
}

static struct recorder *
prepared(void)
{
    struct recorder *r;

    assert_int_equal(recorder_prepare(&r, RATE), OK);
    return r;
}

static int
write_part(struct recorder *r, int at, int n)
{
    const double *in[STEREO] = {sound[0] + at, sound[1] + at};

    return recorder_write(r, in, n);
}

static void
nap(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* The first n frames of the take, as floats, are the file. */
static void
assert_take(int64_t n)
{
    struct soundfile *s = reel_open(path, 0, 0);
    double x[STEREO];

    assert_int_equal(soundfile_length(s), n);
    for (int64_t i = 0; i < n; i++) {
        assert_int_equal(soundfile_read(s, x, 1), 1);
        for (int c = 0; c < STEREO; c++)
            assert_true(x[c] == (double)(float)sound[c][i]);
    }
    soundfile_close(s);
}

static void
prints_what_it_is_given(void **state)
{
    struct recorder *r = prepared();
    struct err e = {""};

    (void)state;
    assert_string_equal(recorder_path(r), "");
    assert_int_equal(recorder_open(r, path, &wav32f, &e), OK);
    assert_string_equal(recorder_path(r), path);
    for (int at = 0; at < TAKE; at += 100) {
        assert_int_equal(write_part(r, at, 100), 100);
        if (at % 7000 == 0)
            recorder_drain(r);
    }
    while (recorder_drain(r))
        ;
    assert_int_equal(recorder_frames(r), TAKE);
    assert_int_equal(recorder_state(r, &e), OK);
    assert_int_equal(recorder_close(r, &e), OK);
    assert_int_equal(recorder_frames(r), TAKE);
    assert_false(recorder_drain(r));
    recorder_free(r);
    assert_take(TAKE);
}

/* Control asks, the disk thread works it off step by step, and closing then has nothing left to wait for. */
static void
the_disk_thread_closes_when_asked(void **state)
{
    struct recorder *r = prepared();
    struct err e = {""};

    (void)state;
    for (int round = 0; round < 2; round++) {
        remove(path);
        assert_int_equal(recorder_open(r, path, &wav32f, &e), OK);
        assert_int_equal(write_part(r, 0, TAKE), TAKE);
        recorder_finish(r);
        assert_false(recorder_finished(r));
        recorder_drain(r);
        assert_false(recorder_finished(r)); /* a step is not all of it */
        while (!recorder_finished(r))
            recorder_drain(r);
        assert_take(TAKE); /* before anyone has closed it */
        assert_int_equal(recorder_close(r, &e), OK);
        assert_true(recorder_finished(r));
        assert_int_equal(recorder_frames(r), TAKE);
    }
    recorder_free(r);
}

static void
closing_writes_what_waits(void **state)
{
    struct recorder *r = prepared();

    (void)state;
    assert_int_equal(recorder_open(r, path, &wav32f, NULL), OK);
    assert_int_equal(write_part(r, 0, 70000), 70000);
    recorder_free(r);
    assert_take(70000);
}

static void
each_format_has_its_depth(void **state)
{
    static const int bits[] = {[PRINT_WAV32F] = 32, [PRINT_WAV24] = 24, [PRINT_WAV16] = 16};
    struct recorder *r = prepared();
    struct soundfile *s;

    (void)state;
    for (int f = PRINT_WAV32F; f <= PRINT_WAV16; f++) {
        assert_int_equal(recorder_open(r, path, &(struct print_settings){.format = f}, NULL), OK);
        write_part(r, 0, 1000);
        assert_int_equal(recorder_close(r, NULL), OK);
        s = reel_open(path, 0, 0);
        assert_int_equal(soundfile_info(s)->bits, bits[f]);
        assert_int_equal(soundfile_length(s), 1000);
        soundfile_close(s);
        unlink(path);
    }
    assert_int_equal(recorder_open(r, path, &(struct print_settings){.format = 9}, NULL), BAD_ARG);
    recorder_free(r);
}

/* The disk takes it in other portions than it was given in; the dither's noise does not depend on them. */
static void
a_dithered_print_is_the_same_file_once_more(void **state)
{
    struct print_settings s = {.format = PRINT_WAV16,
                               .dither = {.shape = DITHER_STRONG, .seed = 7, .blank = true}};
    struct recorder *r = prepared();

    (void)state;
    assert_int_equal(recorder_open(r, tree_path("again.wav"), &s, NULL), OK);
    write_part(r, 0, 50000);
    assert_int_equal(recorder_close(r, NULL), OK);
    for (int seed = 7; seed < 9; seed++) {
        s.dither.seed = (uint32_t)seed;
        assert_int_equal(recorder_open(r, path, &s, NULL), OK);
        assert_memory_equal(recorder_settings(r), &s, sizeof s);
        for (int at = 0; at < 50000; at += 80) {
            write_part(r, at, 80);
            if (at % 3 == 0)
                recorder_drain(r);
        }
        assert_int_equal(recorder_close(r, NULL), OK);
        if (seed == 7)
            assert_same_bytes(path, tree_path("again.wav"));
        else
            assert_false(same_bytes(path, tree_path("again.wav")));
        unlink(path);
    }
    recorder_free(r);
}

static void
one_print_after_another(void **state)
{
    struct recorder *r = prepared();
    struct err e = {""};

    (void)state;
    assert_int_equal(recorder_close(r, &e), OK);
    assert_int_equal(recorder_open(r, path, &wav32f, &e), OK);
    write_part(r, 0, 5000);
    assert_int_equal(recorder_open(r, path, &wav32f, &e), BAD_ARG);
    assert_int_equal(recorder_close(r, &e), OK);
    assert_take(5000);
    assert_int_equal(recorder_open(r, path, &wav32f, &e), EXISTS);
    assert_non_null(strstr(e.text, "exists"));
    write_part(r, 9000, 500); /* nobody's: must not come into the next print */
    unlink(path);
    assert_int_equal(recorder_open(r, path, &wav32f, &e), OK);
    assert_int_equal(recorder_frames(r), 0);
    write_part(r, 0, 300);
    assert_int_equal(recorder_close(r, &e), OK);
    recorder_free(r);
    assert_take(300);
}

static void
a_late_disk_is_told_by_the_count(void **state)
{
    struct recorder *r = prepared();
    int64_t fitted = 0;
    int n;

    (void)state;
    assert_int_equal(recorder_open(r, path, &wav32f, NULL), OK);
    while ((n = write_part(r, 0, 1000)) == 1000)
        fitted += n;
    fitted += n;
    assert_true(fitted >= (int64_t)RATE * RECORDER_AHEAD_MS / 1000);
    recorder_drain(r);
    assert_int_equal(write_part(r, 0, 1000), 1000);
    assert_int_equal(recorder_state(r, NULL), OK);
    recorder_free(r);
}

static void
a_full_disk_stops_the_print_not_the_music(void **state)
{
    struct recorder *r = prepared();
    struct err e = {""};
    uint64_t kept;

    (void)state;
    assert_int_equal(recorder_open(r, path, &wav32f, &e), OK);
    file_limit(300001);
    for (int at = 0; at < TAKE; at += 480) {
        assert_int_equal(write_part(r, at, 480), 480);
        recorder_drain(r);
    }
    assert_int_equal(recorder_state(r, &e), NO_SPACE);
    assert_non_null(strstr(e.text, path));
    assert_non_null(strstr(e.text, "File too large"));
    kept = recorder_frames(r);
    assert_in_range(kept, 37000, 300001 / 8);
    assert_take((int64_t)kept); /* readable already */
    assert_int_equal(recorder_close(r, &e), NO_SPACE);
    file_limit(RLIM_INFINITY);
    assert_int_equal(recorder_frames(r), kept);
    assert_take((int64_t)kept);
    unlink(path);
    assert_int_equal(recorder_open(r, path, &wav32f, &e), OK);
    assert_int_equal(recorder_state(r, &e), OK);
    write_part(r, 0, 100);
    recorder_free(r);
    assert_take(100);
}

/* Audio comes faster than time here, so the 500 ms of audio rule: at most half a second and a step is lost. */
static void
a_killed_print_holds_all_but_its_last_second(void **state)
{
    pid_t child = fork();
    struct soundfile *s;
    int64_t n;

    (void)state;
    if (child == 0) {
        struct recorder *r;

        if (recorder_prepare(&r, RATE) != OK || recorder_open(r, path, &wav32f, NULL) != OK)
            _exit(1);
        for (int at = 0; at < TAKE; at += 480) {
            write_part(r, at, 480);
            recorder_drain(r);
        }
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &(int){0}, 0), child);
    s = reel_open(path, 0, 0);
    n = soundfile_length(s);
    soundfile_close(s);
    assert_in_range(n, TAKE - RATE / 2, TAKE);
    assert_take(n);
}

/* Little audio comes, but time passes: what came is in the header after half a second. */
static void
a_slow_print_is_brought_up_to_date_by_the_clock(void **state)
{
    struct recorder *r = prepared();

    (void)state;
    assert_int_equal(recorder_open(r, path, &wav32f, NULL), OK);
    write_part(r, 0, 1000);
    recorder_drain(r);
    nap(520);
    recorder_drain(r);
    assert_take(1000);
    recorder_free(r);
}

static _Atomic bool quits;

static void *
disk_thread(void *arg)
{
    while (!atomic_load_explicit(&quits, memory_order_acquire)) {
        if (!recorder_drain(arg))
            nap(1);
    }
    return NULL;
}

static void
three_threads_lose_no_frame(void **state)
{
    struct recorder *r = prepared();
    pthread_t disk;

    (void)state;
    atomic_store_explicit(&quits, false, memory_order_release);
    pthread_create(&disk, NULL, disk_thread, r);
    for (int take = 0; take < 3; take++) {
        assert_int_equal(recorder_open(r, path, &wav32f, NULL), OK);
        for (int at = 0; at < TAKE; at += 96) {
            assert_int_equal(write_part(r, at, 96), 96);
            assert_int_equal(recorder_state(r, NULL), OK);
            assert_true(recorder_frames(r) <= (uint64_t)(at + 96));
        }
        assert_int_equal(recorder_close(r, NULL), OK);
        assert_take(TAKE);
        unlink(path);
    }
    atomic_store_explicit(&quits, true, memory_order_release);
    pthread_join(disk, NULL);
    recorder_free(r);
}

static void
refuses_other_rates(void **state)
{
    struct recorder *r;

    (void)state;
    assert_int_equal(recorder_prepare(&r, 100), BAD_ARG);
    assert_null(r);
    recorder_free(NULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tree_clear)
    static const struct CMUnitTest tests[] = {
        TEST(prints_what_it_is_given),
        TEST(the_disk_thread_closes_when_asked),
        TEST(closing_writes_what_waits),
        TEST(each_format_has_its_depth),
        TEST(a_dithered_print_is_the_same_file_once_more),
        TEST(one_print_after_another),
        TEST(a_late_disk_is_told_by_the_count),
        TEST(a_full_disk_stops_the_print_not_the_music),
        TEST(a_killed_print_holds_all_but_its_last_second),
        TEST(a_slow_print_is_brought_up_to_date_by_the_clock),
        TEST(three_threads_lose_no_frame),
        TEST(refuses_other_rates),
    };

    return cmocka_run_group_tests(tests, make_dir, tree_remove);
}
