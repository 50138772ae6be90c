/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/sound.h"

#include "engine/soundfile.h"
#include "test/kit/bytes.h"
#include "test/kit/dice.h"
#include "test/kit/exact.h"
#include "test/kit/file.h"
#include "test/kit/reel.h"
#include "test/kit/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { N = 20000 };

static double sound[CHECK_CHANNELS][N], got[CHECK_CHANNELS][N];
static struct bytes f;

/* Something that is never the same twice, on a grid of 2^-15. */
static void
rubble(void)
{
    dice_state = 7;
    for (int c = 0; c < CHECK_CHANNELS; c++)
        for (int i = 0; i < N; i++)
            sound[c][i] = floor(noise() * 0x1p15) * 0x1p-15;
}

static bool
write_sound(const char *name, int format, int rate, int nch, int nframes)
{
    SF_INFO info = {.samplerate = rate, .channels = nch, .format = format};
    double frame[12] = {0};
    SNDFILE *s;

    if (!sf_format_check(&info))
        return false;
    s = sf_open(tree_path(name), SFM_WRITE, &info);
    assert_non_null(s);
    for (int i = 0; i < nframes; i++) {
        for (int c = 0; c < nch && c < CHECK_CHANNELS; c++)
            frame[c] = sound[c][i];
        if (nch <= CHECK_CHANNELS)
            exact_write(s, format, nch, frame, 1);
        else
            sf_writef_double(s, frame, 1);
    }
    sf_close(s);
    return true;
}

static struct sound *
opened(const char *path)
{
    struct sound *s;
    struct err e = {""};

    if (sound_open(&s, path, &e) != OK)
        fail_msg("%s", e.text);
    return s;
}

/* In pieces of so many frames; returns how many there were. */
static int
read_all(struct sound *s, int piece)
{
    int done = 0, n;

    do {
        double *out[CHECK_CHANNELS];
        int want = N - done < piece ? N - done : piece;

        for (int c = 0; c < CHECK_CHANNELS; c++)
            out[c] = got[c] + done;
        n = sound_read(s, out, want);
        done += n;
    } while (n > 0);
    return done;
}

static void
every_format_and_count_of_channels_comes_out_exactly(void **state)
{
    static const struct {
        int format;
        const char *container, *coding;
        int bits;
    } formats[] = {{SF_FORMAT_WAV | SF_FORMAT_PCM_16, "WAV", "PCM 16 bit", 16},
                   {SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, "WAV", "PCM 24 bit", 24},
                   {SF_FORMAT_RF64 | SF_FORMAT_PCM_32, "RF64", "PCM 32 bit", 32},
                   {SF_FORMAT_W64 | SF_FORMAT_FLOAT, "W64", "float 32 bit", 32},
                   {SF_FORMAT_WAV | SF_FORMAT_DOUBLE, "WAV", "float 64 bit", 64},
                   {SF_FORMAT_AIFF | SF_FORMAT_PCM_24, "AIFF", "PCM 24 bit", 24},
                   {SF_FORMAT_CAF | SF_FORMAT_PCM_16, "CAF", "PCM 16 bit", 16},
                   {SF_FORMAT_CAF | SF_FORMAT_ALAC_16, "CAF", "ALAC 16 bit", 16},
                   {SF_FORMAT_AU | SF_FORMAT_PCM_16, "AU", "PCM 16 bit", 16},
                   {SF_FORMAT_FLAC | SF_FORMAT_PCM_16, "FLAC", "PCM 16 bit", 16},
                   {SF_FORMAT_FLAC | SF_FORMAT_PCM_24, "FLAC", "PCM 24 bit", 24}};

    (void)state;
    rubble();
    for (size_t i = 0; i < LEN(formats); i++)
        for (int nch = 1; nch <= CHECK_CHANNELS; nch++) {
            struct sound *s;

            if (!write_sound("a", formats[i].format, 48000, nch, 5000))
                continue;
            s = opened(tree_path("a"));
            assert_int_equal(sound_info(s)->nch, nch);
            assert_int_equal(sound_info(s)->frames, 5000);
            assert_int_equal(sound_info(s)->bits, formats[i].bits);
            assert_false(sound_info(s)->is_lossy);
            assert_string_equal(sound_info(s)->container, formats[i].container);
            assert_string_equal(sound_info(s)->coding, formats[i].coding);
            assert_int_equal(read_all(s, nch * 700), 5000);
            for (int c = 0; c < nch; c++)
                assert_memory_equal(got[c], sound[c], sizeof(double) * 5000);
            sound_close(s);
        }
}

static void
lossy_files_are_known_as_such(void **state)
{
    static const int formats[] = {SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_OGG | SF_FORMAT_OPUS,
                                  SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, SF_FORMAT_WAV | SF_FORMAT_ULAW,
                                  SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM};

    (void)state;
    rubble();
    for (size_t i = 0; i < LEN(formats); i++) {
        struct sound *s;

        if (!write_sound("a", formats[i], 48000, 2, N))
            continue;
        s = opened(tree_path("a"));
        assert_true(sound_info(s)->is_lossy);
        assert_int_equal(sound_info(s)->bits, 0);
        assert_true(strcmp(sound_info(s)->coding, "other") != 0);
        assert_true(read_all(s, 4096) > N / 2);
        sound_close(s);
    }
}

static void
assert_refused(const char *path, enum status status, const char *word)
{
    struct sound *s;
    struct err e = {""};

    assert_int_equal(sound_open(&s, path, &e), status);
    assert_null(s);
    assert_memory_equal(e.text, path, strlen(path));
    if (!strstr(e.text, word) || strchr(e.text, '\n') || strlen(e.text) < strlen(path) + 10)
        fail_msg("'%s' is not in: %s", word, e.text);
}

static void
what_can_not_be_checked_is_refused_in_one_line(void **state)
{
    (void)state;
    write_sound("12.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 12, 100);
    assert_refused(tree_path("12.wav"), BAD_ARG, "12 channels");
    write_sound("0.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 2, 0);
    assert_refused(tree_path("0.wav"), BAD_ARG, "no sound");
    write_sound("slow.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 4000, 2, 100);
    assert_refused(tree_path("slow.wav"), BAD_ARG, "4000 Hz");
    tree_put("empty.wav", "");
    assert_refused(tree_path("empty.wav"), IO_ERROR, "0 bytes");
    tree_put("text.wav", "To be played at maximum volume.\n");
    assert_refused(tree_path("text.wav"), IO_ERROR, "no sound file");
    tree_put("head.wav", "RIFF\x10");
    assert_refused(tree_path("head.wav"), IO_ERROR, ": ");
    assert_refused(tree_path("missing.wav"), NOT_FOUND, "no such file");
    assert_refused(tree_root, IO_ERROR, "directory");
    mkfifo(tree_path("pipe.wav"), 0600);
    assert_refused(tree_path("pipe.wav"), IO_ERROR, "pipe");
    assert_refused("/dev/null", IO_ERROR, "device");
    if (geteuid() != 0) {
        tree_put("mine.wav", "RIFF");
        chmod(tree_path("mine.wav"), 0);
        assert_refused(tree_path("mine.wav"), IO_ERROR, "permissions");
    }
}

static int
open_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static void
no_descriptor_is_left_open(void **state)
{
    int before = open_descriptors();

    what_can_not_be_checked_is_refused_in_one_line(state);
    lossy_files_are_known_as_such(state);
    assert_int_equal(open_descriptors(), before);
}

static void
a_file_that_was_cut_gives_what_is_there(void **state)
{
    static const int formats[] = {SF_FORMAT_WAV | SF_FORMAT_PCM_24, SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
                                  SF_FORMAT_AIFF | SF_FORMAT_PCM_16};

    (void)state;
    rubble();
    for (size_t i = 0; i < LEN(formats); i++) {
        struct stat st;
        struct sound *s;
        int n;

        write_sound("a", formats[i], 48000, 2, N);
        stat(tree_path("a"), &st);
        truncate(tree_path("a"), st.st_size / 2);
        s = opened(tree_path("a"));
        n = read_all(s, 4096);
        assert_in_range(n, N / 3, N / 2 + 100);
        assert_memory_equal(got[1], sound[1], sizeof(double) * (size_t)n);
        assert_int_equal(sound_bad_samples(s), 0);
        sound_close(s);
    }
}

/* A header that promises two thousand million frames must cost nothing. */
static void
a_lying_count_of_frames_is_harmless(void **state)
{
    struct sound *s;

    (void)state;
    bytes_riff(&f);
    bytes_fmt(&f, 1, 2, 48000, 16);
    bytes_data(&f, 4000);
    bytes_set_le(&f, 40, 0xfffffff0u, 4);
    bytes_set_le(&f, 4, 0xfffffff0u, 4);
    s = opened(tree_put_bytes("a.wav", f.b, f.n));
    assert_int_equal(read_all(s, 4096), 1000);
    sound_close(s);
}

/* Its header holds no length: it is counted. */
static void
a_flac_whose_writer_died_is_read(void **state)
{
    pid_t child = fork();
    struct sound *s;
    int64_t promised;

    (void)state;
    if (child == 0) {
        static double x[100000 * STEREO];
        struct soundwriter *w;

        dice_state = 1;
        for (size_t i = 0; i < LEN(x); i++)
            x[i] = noise();
        if (soundwriter_open(&w, tree_path("k.flac"), 48000, SOUND_FLAC16, NULL, NULL) == OK)
            soundwriter_write(w, x, 100000, NULL);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &(int){0}, 0), child);
    s = opened(tree_path("k.flac"));
    promised = sound_info(s)->frames;
    assert_in_range(promised, 50000, 100000);
    assert_int_equal(read_all(s, 4096), N);
    sound_close(s);
}

static void
what_is_no_number_is_silence_and_counted(void **state)
{
    struct sound *s;

    (void)state;
    rubble();
    sound[0][10] = NAN;
    sound[1][11] = INFINITY;
    sound[1][12] = -INFINITY;
    write_sound("a", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 2, 1000);
    s = opened(tree_path("a"));
    assert_int_equal(read_all(s, 4096), 1000);
    assert_int_equal(sound_bad_samples(s), 3);
    assert_true(got[0][10] == 0.0 && got[1][11] == 0.0 && got[1][12] == 0.0);
    assert_true(got[0][11] == sound[0][11]);
    sound_close(s);
}

/* Garbage in the middle of each kind of file: what comes out is finite, and comes to an end. */
static void
a_damaged_file_does_no_harm(void **state)
{
    static const int formats[] = {SF_FORMAT_WAV | SF_FORMAT_DOUBLE, SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
                                  SF_FORMAT_CAF | SF_FORMAT_ALAC_16,
                                  SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III};

    (void)state;
    rubble();
    for (size_t i = 0; i < LEN(formats); i++)
        for (int round = 0; round < 20; round++) {
            unsigned char *b;
            size_t size;
            struct sound *s;
            struct err e;

            if (!write_sound("a", formats[i], 48000, 2, N))
                continue;
            b = file_bytes(tree_path("a"), &size);
            for (int k = 0; k < 50; k++)
                b[200 + dice((uint32_t)size - 200)] = (unsigned char)dice(256);
            tree_put_bytes("a", b, size);
            free(b);
            if (sound_open(&s, tree_path("a"), &e) != OK)
                continue;
            for (int n = read_all(s, 4096), k = 0; k < n; k++)
                assert_true(isfinite(got[0][k]) && isfinite(got[1][k]));
            sound_close(s);
        }
}

static void
a_damaged_mp3_does_not_chatter(void **state)
{
    int saved = dup(STDERR_FILENO), log;
    unsigned char *b;
    size_t size;
    struct stat st;
    struct sound *s;

    (void)state;
    rubble();
    if (!write_sound("a.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 48000, 2, N)) {
        close(saved);
        skip();
    }
    b = file_bytes(tree_path("a.mp3"), &size);
    memset(b + size / 2, 0, size / 4);
    tree_put_bytes("a.mp3", b, size);
    free(b);
    log = open(tree_path("log"), O_WRONLY | O_CREAT, 0600);
    dup2(log, STDERR_FILENO);
    s = opened(tree_path("a.mp3"));
    read_all(s, 4096);
    sound_close(s);
    dup2(saved, STDERR_FILENO);
    fstat(log, &st);
    assert_int_equal(st.st_size, 0);
    close(log);
    close(saved);
}

static void
demo_is_a_file_like_another(void **state)
{
    struct sound *s = opened("demo:");

    (void)state;
    assert_int_equal(sound_info(s)->frames, 32 * 48000);
    assert_int_equal(read_all(s, 4096), N);
    sound_close(s);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tree_clear)
    static const struct CMUnitTest tests[] = {
        TEST(every_format_and_count_of_channels_comes_out_exactly),
        TEST(lossy_files_are_known_as_such),
        TEST(what_can_not_be_checked_is_refused_in_one_line),
        TEST(no_descriptor_is_left_open),
        TEST(a_file_that_was_cut_gives_what_is_there),
        TEST(a_lying_count_of_frames_is_harmless),
        TEST(a_flac_whose_writer_died_is_read),
        TEST(what_is_no_number_is_silence_and_counted),
        TEST(a_damaged_file_does_no_harm),
        TEST(a_damaged_mp3_does_not_chatter),
        TEST(demo_is_a_file_like_another),
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
