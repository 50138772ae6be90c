/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/soundfile.h"

#include "engine/wav.h"
#include "test/kit/dice.h"
#include "test/kit/file.h"
#include "test/kit/reel.h"
#include "test/kit/tree.h"

#include <dirent.h>
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

static int
make_dir(void **state)
{
    signal(SIGXFSZ, SIG_IGN);
    return tree_make(state);
}

/* --- files of all sorts, by libsndfile itself --- */

static void
write_raw(const char *path, int format, int rate, int channels, const double *x, int nframes)
{
    SF_INFO info = {.samplerate = rate, .channels = channels, .format = format};
    SNDFILE *f = sf_open(path, SFM_WRITE, &info);

    assert_non_null(f);
    for (int at = 0; at < nframes; at += 1000) /* its Vorbis encoder overflows the stack in one go */
        sf_writef_double(f, x + (ptrdiff_t)at * channels, nframes - at < 1000 ? nframes - at : 1000);
    sf_close(f);
}

static double *
sine(double freq_hz, double rate_hz, int channels, int nframes)
{
    double *x = malloc(sizeof *x * (size_t)(nframes * channels));

    for (int i = 0; i < nframes * channels; i++)
        x[i] = 0.5 * sin(2.0 * PI * freq_hz / rate_hz * (i / channels));
    return x;
}

/* Something that is never the same twice, on a grid of 2^-bits. */
static double *
rubble(int nframes, int bits)
{
    double *x = malloc(sizeof *x * STEREO * (size_t)nframes);

    dice_state = 7;
    for (int i = 0; i < nframes * STEREO; i++)
        x[i] = floor(noise() * ldexp(1.0, bits - 1)) * ldexp(1.0, 1 - bits);
    return x;
}

/* --- what is written --- */

static const enum sound_format every[] = {SOUND_WAV16,  SOUND_WAV24,  SOUND_WAV32F,
                                          SOUND_WAV64F, SOUND_FLAC16, SOUND_FLAC24};

static void
each_format_reads_back_exactly(void **state)
{
    static const int depth[] = {16, 24, 24, 50, 16, 24};
    enum { N = 10000 };

    (void)state;
    for (size_t i = 0; i < LEN(every); i++) {
        double *x = rubble(N, depth[i]), *y;
        const char *path = tree_path(sound_format_name(every[i]));
        struct soundfile *s;
        int64_t n;

        reel_write(path, 48000, every[i], false, x, N);
        y = reel_read(path, 0, 777, &n);
        assert_int_equal(n, N);
        assert_memory_equal(x, y, sizeof *x * N * STEREO);
        s = reel_open(path, 0, 0);
        assert_int_equal(soundfile_info(s)->bits, i == 2 ? 32 : i == 3 ? 64 : depth[i]);
        assert_int_equal(soundfile_info(s)->is_float, i == 2 || i == 3);
        assert_int_equal(soundfile_info(s)->is_flac, i >= 4);
        assert_false(soundfile_cut(s));
        soundfile_close(s);
        free(x);
        free(y);
    }
}

static void
dither_moves_a_copy_by_one_step_at_most(void **state)
{
    enum { N = 10000 };
    double *x = rubble(N, 15), *y;
    int64_t n;
    int moved = 0;

    (void)state;
    reel_write(tree_path("a.wav"), 48000, SOUND_WAV16, true, x, N);
    y = reel_read(tree_path("a.wav"), 0, N, &n);
    for (int i = 0; i < N * STEREO; i++) {
        assert_true(fabs(y[i] - x[i]) <= 1.0 / 32768);
        moved += y[i] != x[i];
    }
    assert_in_range(moved, N * STEREO / 5, N * STEREO * 3 / 10); /* a quarter, by TPDF */
    free(x);
    free(y);
}

static void
same_sound_gives_same_bytes(void **state)
{
    enum { N = 5000 };
    static const struct dither_settings tpdf = {.shape = DITHER_TPDF};
    double *x = rubble(N, 40);

    (void)state;
    for (size_t i = 0; i < LEN(every); i++) {
        unsigned char *a;
        size_t size;
        struct soundwriter *w;

        remove(tree_path("a"));
        remove(tree_path("b"));
        reel_write(tree_path("a"), 48000, every[i], true, x, N);
        assert_int_equal(soundwriter_open(&w, tree_path("b"), 48000, every[i], &tpdf, NULL), OK);
        for (int at = 0; at < N; at += 100) /* in pieces, and with syncs between */
            assert_int_equal(soundwriter_write(w, x + at * STEREO, 100, NULL), OK);
        assert_int_equal(soundwriter_sync(w, NULL), OK);
        assert_int_equal(soundwriter_close(w, NULL), OK);
        assert_same_bytes(tree_path("a"), tree_path("b"));
        a = file_bytes(tree_path("a"), &size);
        for (size_t k = 0; k < 200 && k + 4 < size; k++)
            assert_memory_not_equal(a + k, "PEAK", 4);
        free(a);
    }
    free(x);
}

static void
float_is_not_clipped_and_integers_are(void **state)
{
    double x[4] = {1.5, -3.0, 1.0, -1.0}, *y;
    int64_t n;

    (void)state;
    reel_write(tree_path("f.wav"), 48000, SOUND_WAV32F, true, x, 2);
    y = reel_read(tree_path("f.wav"), 0, 10, &n);
    assert_memory_equal(x, y, sizeof x);
    free(y);
    reel_write(tree_path("i.wav"), 48000, SOUND_WAV16, false, x, 2);
    y = reel_read(tree_path("i.wav"), 0, 10, &n);
    assert_true(y[0] == 32767.0 / 32768 && y[1] == -1.0 && y[2] == 32767.0 / 32768 && y[3] == -1.0);
    free(y);
}

static void
an_existing_file_is_never_touched(void **state)
{
    double x[2] = {0.5, 0.5};
    unsigned char *before, *after;
    size_t size, then;

    (void)state;
    for (size_t i = 0; i < LEN(every); i++) {
        struct soundwriter *w;
        struct err e = {""};
        const char *path = tree_path(sound_format_name(every[i]));

        reel_write(path, 48000, every[i], false, x, 1);
        before = file_bytes(path, &size);
        assert_int_equal(soundwriter_open(&w, path, 48000, every[i], NULL, &e), EXISTS);
        assert_null(w);
        assert_non_null(strstr(e.text, path));
        assert_non_null(strstr(e.text, "exists"));
        after = file_bytes(path, &then);
        assert_int_equal(then, size);
        assert_memory_equal(before, after, size);
        free(before);
        free(after);
    }
}

static void
a_directory_that_is_not_there_is_told(void **state)
{
    struct soundwriter *w;
    struct err e = {""};

    (void)state;
    assert_int_equal(soundwriter_open(&w, tree_path("no/a.wav"), 48000, SOUND_WAV24, NULL, &e), IO_ERROR);
    assert_non_null(strstr(e.text, "No such file"));
    assert_int_equal(soundwriter_open(&w, tree_path("no/a.flac"), 48000, SOUND_FLAC24, NULL, &e), IO_ERROR);
    assert_int_equal(soundwriter_open(&w, tree_path("a.wav"), 48000.5, SOUND_WAV24, NULL, &e), BAD_ARG);
}

static void
format_words_go_both_ways(void **state)
{
    enum sound_format f;
    struct err e = {""};

    (void)state;
    for (size_t i = 0; i < LEN(every); i++) {
        assert_true(sound_format_parse(sound_format_name(every[i]), &f, &e));
        assert_int_equal(f, every[i]);
    }
    assert_false(sound_format_parse("mp3", &f, &e));
    assert_non_null(strstr(e.text, "wav32f"));
}

/* The writer dies by SIGKILL between two syncs. */
static void
a_killed_writer_leaves_what_was_synced(void **state)
{
    enum { N = 48000 };
    double *x = rubble(2 * N, 16), *y;
    int64_t n;

    (void)state;
    for (int i = 0; i < 4; i++) { /* the WAVs */
        const char *path = tree_path(sound_format_name(every[i]));
        pid_t child = fork();

        if (child == 0) {
            struct soundwriter *w;

            if (soundwriter_open(&w, path, 48000, every[i], NULL, NULL) == OK &&
                soundwriter_write(w, x, N, NULL) == OK && soundwriter_sync(w, NULL) == OK &&
                soundwriter_write(w, x + N * STEREO, N / 3, NULL) == OK)
                kill(getpid(), SIGKILL);
            _exit(1);
        }
        assert_int_equal(waitpid(child, &(int){0}, 0), child);
        y = reel_read(path, 0, 4096, &n);
        assert_int_equal(n, N);
        assert_memory_equal(x, y, sizeof *x * N * STEREO);
        free(y);
    }
    free(x);
}

static void
a_big_file_is_rf64(void **state)
{
    enum { N = 3000 };
    double *x = rubble(N, 24), *y;
    unsigned char bytes[N * 6];
    struct wav w;
    unsigned char *file;
    size_t size;
    int64_t n;

    (void)state;
    for (int i = 0; i < N * STEREO; i++) {
        int32_t step = (int32_t)(x[i] * 8388608.0);

        for (int b = 0; b < 3; b++)
            bytes[i * 3 + b] = (unsigned char)((uint32_t)step >> (8 * b));
    }
    assert_int_equal(wav_open(&w, tree_path("big.wav"), 48000, 24, false), OK);
    w.riff_max = 1000; /* for 4 GiB */
    assert_int_equal(wav_write(&w, bytes, 100), OK);
    assert_int_equal(wav_sync(&w), OK);
    file = file_bytes(tree_path("big.wav"), &size);
    assert_memory_equal(file, "RIFF", 4);
    free(file);
    assert_int_equal(wav_write(&w, bytes + 600, N - 100), OK);
    assert_int_equal(wav_close(&w), OK);
    file = file_bytes(tree_path("big.wav"), &size);
    assert_memory_equal(file, "RF64\xff\xff\xff\xffWAVEds64", 16);
    free(file);
    y = reel_read(tree_path("big.wav"), 0, 500, &n);
    assert_int_equal(n, N);
    assert_memory_equal(x, y, sizeof *x * N * STEREO);
    free(x);
    free(y);
}

static void
a_full_disk_is_told_and_what_fitted_opens(void **state)
{
    enum { N = 48000 };
    double *x = rubble(N, 16), *y;
    int64_t n, kept;

    (void)state;
    for (size_t i = 0; i < LEN(every); i++) {
        const char *path = tree_path(sound_format_name(every[i]));
        struct err e = {""};
        struct soundwriter *w;
        enum status status = OK;

        assert_int_equal(soundwriter_open(&w, path, 48000, every[i], NULL, &e), OK);
        file_limit(100003);
        for (int at = 0; at < N && status == OK; at += 1000)
            status = soundwriter_write(w, x + at * STEREO, 1000, &e);
        kept = soundwriter_frames(w);
        if (i < 4)
            assert_int_equal(soundwriter_close(w, NULL), OK);
        else
            soundwriter_close(w, NULL);
        file_limit(RLIM_INFINITY);
        assert_int_equal(status, NO_SPACE);
        assert_non_null(strstr(e.text, path));
        assert_non_null(strstr(e.text, "File too large"));
        if (i >= 4)
            continue;
        y = reel_read(path, 0, 4096, &n);
        assert_int_equal(n, kept);
        assert_true(n > 100000 / 16 - 10);
        assert_memory_equal(x, y, sizeof *x * STEREO * (size_t)n);
        free(y);
    }
    free(x);
}

/* --- what is read --- */

static void
mono_goes_to_both_sides(void **state)
{
    double *x = sine(1000, 48000, 1, 5000), *y;
    int64_t n;

    (void)state;
    write_raw(tree_path("m.wav"), SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 48000, 1, x, 5000);
    y = reel_read(tree_path("m.wav"), 0, 1024, &n);
    assert_int_equal(n, 5000);
    for (int i = 0; i < 5000; i++)
        assert_true(y[i * 2] == x[i] && y[i * 2 + 1] == x[i]);
    free(x);
    free(y);
}

static void
assert_refused(const char *path, enum status status, const char *word)
{
    struct soundfile *s;
    struct err e = {""};

    assert_int_equal(soundfile_open(&s, path, 48000, 0, &e), status);
    assert_null(s);
    assert_memory_equal(e.text, path, strlen(path));
    if (!strstr(e.text, word) || strchr(e.text, '\n'))
        fail_msg("'%s' is not in: %s", word, e.text);
}

static void
what_is_no_stereo_sound_is_refused_in_one_line(void **state)
{
    double *x = sine(1000, 48000, 8, 1000);

    (void)state;
    write_raw(tree_path("8.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 8, x, 1000);
    assert_refused(tree_path("8.wav"), BAD_ARG, "8 channels");
    write_raw(tree_path("0.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 2, x, 0);
    assert_refused(tree_path("0.wav"), IO_ERROR, "no sound");
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
    free(x);
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

    what_is_no_stereo_sound_is_refused_in_one_line(state);
    tree_clear(state);
    each_format_reads_back_exactly(state);
    an_existing_file_is_never_touched((tree_clear(state), state));
    assert_int_equal(open_descriptors(), before);
}

static void
a_truncated_file_ends_early_and_says_so(void **state)
{
    static const int formats[] = {SF_FORMAT_WAV | SF_FORMAT_PCM_16,  SF_FORMAT_AIFF | SF_FORMAT_PCM_24,
                                  SF_FORMAT_FLAC | SF_FORMAT_PCM_16, SF_FORMAT_RF64 | SF_FORMAT_PCM_24,
                                  SF_FORMAT_W64 | SF_FORMAT_PCM_24,  SF_FORMAT_AU | SF_FORMAT_PCM_16};
    enum { N = 40000 };
    double *rough = rubble(N, 16), *x, *y;

    (void)state;
    for (size_t i = 0; i < LEN(formats); i++) {
        const char *path = tree_path("cut");
        struct soundfile *s;
        struct stat st;
        int64_t whole;
        int n;

        write_raw(path, formats[i], 48000, 2, rough, N);
        x = reel_read(path, 0, N, &whole);
        assert_int_equal(whole, N);
        s = reel_open(path, 0, 0);
        assert_false(soundfile_cut(s));
        soundfile_close(s);
        stat(path, &st);
        assert_int_equal(truncate(path, st.st_size / 2), 0);
        y = malloc(sizeof *y * STEREO * N);
        s = reel_open(path, 0, 0);
        n = soundfile_read(s, y, N);
        assert_in_range(n, N * 4 / 10, N * 51 / 100);
        assert_int_equal(soundfile_read(s, y + n * STEREO, 100), 0);
        if (!soundfile_cut(s))
            fail_msg("format %x", formats[i]);
        assert_memory_equal(x, y, sizeof *x * STEREO * (size_t)n);
        soundfile_close(s);
        free(x);
        free(y);
    }
    free(rough);
}

/* A FLAC with a hole in its middle must neither crash nor make noise beyond full scale. */
static void
a_damaged_file_does_no_harm(void **state)
{
    enum { N = 100000 };
    double *x = rubble(N, 16), *y;
    const char *path = tree_path("d.flac");
    struct stat st;
    int64_t n;
    FILE *f;

    (void)state;
    write_raw(path, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 48000, 2, x, N);
    stat(path, &st);
    f = fopen(path, "r+b");
    fseek(f, st.st_size / 2, SEEK_SET);
    for (int i = 0; i < 30000; i++)
        fputc(i * 37 & 0xff, f);
    fclose(f);
    for (int rate = 44100; rate <= 48000; rate += 3900) {
        struct soundfile *s = reel_open(path, rate, 0);
        double frame[STEREO];

        while (soundfile_read(s, frame, 1))
            ;
        assert_true(soundfile_cut(s));
        soundfile_close(s);
        y = reel_read(path, rate, 4096, &n);
        assert_true(n > N / 3);
        for (int64_t i = 0; i < n * STEREO; i++)
            assert_true(fabs(y[i]) < 3.0);
        free(y);
    }
    free(x);
}

/* As ffmpeg or arecord write into a pipe: the size is not known, but nothing is missing. */
static void
a_header_that_never_knew_promises_nothing(void **state)
{
    static const uint32_t sizes[] = {0xffffffff, 0x7fffffff, 0x7ffff000};
    enum { N = 1000 };
    double *x = rubble(N, 16);
    struct soundfile *s;

    (void)state;
    reel_write(tree_path("p.wav"), 48000, SOUND_WAV16, false, x, N);
    for (size_t i = 0; i < LEN(sizes); i++) {
        FILE *f = fopen(tree_path("p.wav"), "r+b");

        fseek(f, 76, SEEK_SET);
        for (int b = 0; b < 4; b++)
            fputc((int)(sizes[i] >> (8 * b) & 0xff), f);
        fclose(f);
        s = reel_open(tree_path("p.wav"), 0, 0);
        assert_int_equal(soundfile_length(s), N);
        assert_false(soundfile_cut(s));
        soundfile_close(s);
    }
    free(x);
}

/* Its header holds no length: it is counted. */
static void
a_flac_whose_writer_died_is_read(void **state)
{
    enum { N = 100000 };
    double *x = rubble(N, 16), *y;
    pid_t child = fork();
    int64_t n;

    (void)state;
    if (child == 0) {
        struct soundwriter *w;

        if (soundwriter_open(&w, tree_path("k.flac"), 48000, SOUND_FLAC16, NULL, NULL) == OK)
            soundwriter_write(w, x, N, NULL);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &(int){0}, 0), child);
    y = reel_read(tree_path("k.flac"), 0, 4096, &n);
    assert_in_range(n, N / 2, N);
    assert_memory_equal(x, y, sizeof *x * STEREO * (size_t)n);
    free(x);
    free(y);
}

static void
not_a_number_is_read_as_silence(void **state)
{
    double x[8] = {0.5, NAN, INFINITY, -INFINITY, 0.25, -0.25, 0.0, 1.0}, *y;
    int64_t n;

    (void)state;
    write_raw(tree_path("nan.wav"), SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 48000, 2, x, 4);
    y = reel_read(tree_path("nan.wav"), 0, 100, &n);
    assert_int_equal(n, 4);
    x[1] = x[2] = x[3] = 0.0;
    assert_memory_equal(x, y, sizeof x);
    free(y);
}

static const int rates[][2] = {{44100, 48000}, {192000, 48000}, {48000, 44100}, {96000, 44100},
                               {8000, 48000},  {44100, 96000},  {47999, 48000}};

/* -140 dBFS inside (libsoxr leaves -180, but -122 where the ratio is no small fraction); the ends, where the sound
   beyond is only predicted, -80. */
static void
another_rate_is_the_same_sound(void **state)
{
    (void)state;
    for (size_t k = 0; k < LEN(rates); k++) {
        double own = rates[k][0], to = rates[k][1], bound = k == 6 ? 1e-5 : 1e-7, worst = 0.0, edge = 0.0;
        int frames = (int)(own * 1.5) + 17, want = (int)ceil(frames * to / own - 1e-9);
        double *x = sine(1000, own, 2, frames), *y;
        int64_t n;

        remove(tree_path("r.wav"));
        write_raw(tree_path("r.wav"), SF_FORMAT_WAV | SF_FORMAT_DOUBLE, (int)own, 2, x, frames);
        y = reel_read(tree_path("r.wav"), to, 3333, &n);
        assert_int_equal(n, want);
        for (int i = 0; i < want; i++) {
            double error = fabs(y[i * 2] - 0.5 * sin(2.0 * PI * fmod(1000.0 / to * i, 1.0)));

            if (i < 500 || i > want - 500)
                edge = fmax(edge, error);
            else
                worst = fmax(worst, error);
        }
        print_message("# %g to %g Hz: %.1f dBFS inside, %.1f at the ends\n", own, to, 20 * log10(worst),
                      20 * log10(edge));
        assert_true(worst < bound);
        assert_true(edge < 1e-4);
        free(x);
        free(y);
    }
}

static void
assert_same_from_anywhere(const char *path, double rate_hz)
{
    int64_t n;
    double *x = reel_read(path, rate_hz, 4096, &n), part[300 * STEREO];

    dice_state = 3;
    for (int i = 0; i < 12; i++) {
        struct soundfile *s;
        int64_t at;
        int got, want;

        at = i ? (int64_t)dice((uint32_t)n) : n - 1;
        s = reel_open(path, rate_hz, at);
        want = n - at < 300 ? (int)(n - at) : 300;
        got = soundfile_read(s, part, 300);
        assert_int_equal(got, want);
        if (memcmp(part, x + at * STEREO, sizeof *part * STEREO * (size_t)got))
            fail_msg("%s at %g Hz: frame %lld depends on where one began", path, rate_hz, (long long)at);
        soundfile_close(s);
    }
    free(x);
}

static void
a_frame_is_the_same_wherever_one_began(void **state)
{
    (void)state;
    for (size_t k = 0; k < LEN(rates); k++) {
        double *x = rubble(150000, 20);

        remove(tree_path("r.wav"));
        write_raw(tree_path("r.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_24, rates[k][0], 2, x, 150000);
        assert_same_from_anywhere(tree_path("r.wav"), rates[k][1]);
        free(x);
    }
    assert_same_from_anywhere("demo:", 8000);
}

static void
a_frame_of_a_lossy_file_too(void **state)
{
    static const struct {
        const char *name;
        int format;
    } lossy[] = {{"l.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III},
                 {"l.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
                 {"l.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS}};

    (void)state;
    for (size_t i = 0; i < LEN(lossy); i++) {
        SF_INFO info = {.samplerate = 48000, .channels = 2, .format = lossy[i].format};
        double *x;

        if (!sf_format_check(&info)) {
            print_message("# %s: the installed libsndfile can't write it\n", lossy[i].name);
            continue;
        }
        x = rubble(200000, 16);
        for (int k = 0; k < 400000; k++)
            x[k] *= 0.3 + 0.3 * sin(k * 1e-4);
        write_raw(tree_path(lossy[i].name), lossy[i].format, 48000, 2, x, 200000);
        assert_same_from_anywhere(tree_path(lossy[i].name), 0);
        assert_same_from_anywhere(tree_path(lossy[i].name), 44100);
        free(x);
    }
}

static void
demo_is_a_file_like_another(void **state)
{
    struct soundfile *s = reel_open("demo:", 96000, 0);
    double x[200];

    (void)state;
    assert_int_equal(soundfile_length(s), 32 * 96000);
    assert_true(soundfile_info(s)->rate_hz == 96000);
    assert_int_equal(soundfile_read(s, x, 100), 100);
    soundfile_close(s);
    s = reel_open("demo:", 0, 32 * 48000 - 10);
    assert_int_equal(soundfile_read(s, x, 100), 10);
    assert_int_equal(soundfile_read(s, x, 100), 0);
    soundfile_close(s);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tree_clear)
    static const struct CMUnitTest tests[] = {
        TEST(each_format_reads_back_exactly),
        TEST(dither_moves_a_copy_by_one_step_at_most),
        TEST(same_sound_gives_same_bytes),
        TEST(float_is_not_clipped_and_integers_are),
        TEST(an_existing_file_is_never_touched),
        TEST(a_directory_that_is_not_there_is_told),
        TEST(format_words_go_both_ways),
        TEST(a_killed_writer_leaves_what_was_synced),
        TEST(a_big_file_is_rf64),
        TEST(a_full_disk_is_told_and_what_fitted_opens),
        TEST(mono_goes_to_both_sides),
        TEST(what_is_no_stereo_sound_is_refused_in_one_line),
        TEST(no_descriptor_is_left_open),
        TEST(a_truncated_file_ends_early_and_says_so),
        TEST(a_damaged_file_does_no_harm),
        TEST(a_header_that_never_knew_promises_nothing),
        TEST(a_flac_whose_writer_died_is_read),
        TEST(not_a_number_is_read_as_silence),
        TEST(another_rate_is_the_same_sound),
        TEST(a_frame_is_the_same_wherever_one_began),
        TEST(a_frame_of_a_lossy_file_too),
        TEST(demo_is_a_file_like_another),
    };

    return cmocka_run_group_tests(tests, make_dir, tree_remove);
}
