/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/check/header.h"

#include "engine/wav.h"
#include "test/kit/bytes.h"
#include "test/kit/dice.h"
#include "test/kit/tree.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

enum { DATA = 6000 }; /* bytes: 1000 frames of 24 bit stereo */

static struct bytes f;
static struct header h;

static void
walk(void)
{
    assert_int_equal(header_of(&h, tree_put_bytes("x.wav", f.b, f.n)), OK);
}

/* The one fault, and its severity; all others absent. */
static void
assert_fault(const char *kind, enum severity s)
{
    walk();
    if (h.nfaults != 1 || strcmp(h.fault[0].kind, kind) != 0)
        fail_msg("%s: %d faults, the first: %s: %s", kind, h.nfaults, h.nfaults ? h.fault[0].kind : "-",
                 h.nfaults ? h.fault[0].what : "-");
    assert_int_equal(h.fault[0].severity, s);
    assert_int_equal(h.fault[0].what[strlen(h.fault[0].what) - 1], '.');
    assert_int_equal(h.fault[0].mend[strlen(h.fault[0].mend) - 1], '.');
    assert_true(strlen(h.fault[0].what) < REPORT_WORDS - 1);
}

static void
assert_clean(void)
{
    walk();
    if (h.nfaults)
        fail_msg("%s: %s", h.fault[0].kind, h.fault[0].what);
}

/* --- RIFF --- */

enum { RIFF_SIZE = 4, FMT = 20, DATA_SIZE = 40, DATA_AT = 44 }; /* of plain */

static void
plain(void)
{
    bytes_riff(&f);
    bytes_fmt(&f, 1, 2, 48000, 24);
    bytes_data(&f, DATA);
    bytes_riff_end(&f);
}

static void
a_plain_file_is_clean(void **state)
{
    (void)state;
    plain();
    assert_clean();
    assert_int_equal(h.kind, HEADER_RIFF);
    assert_int_equal(h.frames, 1000);
    assert_int_equal(h.data_at, DATA_AT);
    assert_int_equal(h.data_bytes, DATA);
    assert_int_equal(h.frame_bytes, 6);
    assert_int_equal(h.bext_version, -1);
    assert_true(h.rate_hz == 48000);
}

static void
a_file_that_was_cut_is_told(void **state)
{
    (void)state;
    plain();
    f.n -= 1200;
    assert_fault("ends_early", SEVERITY_FAIL);
    assert_non_null(strstr(h.fault[0].what, "1200 bytes"));
}

static void
half_a_frame_is_told(void **state)
{
    (void)state;
    bytes_riff(&f);
    bytes_fmt(&f, 1, 2, 48000, 24);
    bytes_data(&f, DATA + 2);
    bytes_riff_end(&f);
    assert_fault("partial_frame", SEVERITY_FAIL);
}

static void
sizes_never_filled_in_are_told(void **state)
{
    static const uint32_t sizes[] = {0, 0xffffffff, 0x7fffffff, 0x7ffff000};

    (void)state;
    for (size_t i = 0; i < LEN(sizes); i++) {
        plain();
        bytes_set_le(&f, RIFF_SIZE, sizes[i], 4);
        bytes_set_le(&f, DATA_SIZE, sizes[i], 4);
        assert_fault("header_placeholder", SEVERITY_FAIL);
        assert_int_equal(h.data_bytes, DATA);
        assert_int_equal(h.promised_bytes, 0);
    }
    plain();
    bytes_set_le(&f, RIFF_SIZE, 0, 4);
    assert_fault("header_placeholder", SEVERITY_WARN);
}

static void
a_wrong_outer_size_is_told(void **state)
{
    (void)state;
    plain();
    bytes_set_le(&f, RIFF_SIZE, f.n + 1000, 4);
    assert_fault("header_size", SEVERITY_WARN);
    plain();
    bytes_set_le(&f, RIFF_SIZE, f.n - 8 - 1000, 4);
    assert_fault("header_size", SEVERITY_WARN);
}

static void
bytes_after_the_end_are_told(void **state)
{
    (void)state;
    plain();
    bytes_text(&f, "TAGSome old player's idea of a title");
    assert_fault("trailing_junk", SEVERITY_WARN);
    plain();
    bytes_zeros(&f, 512);
    assert_fault("trailing_junk", SEVERITY_WARN);
}

/* An odd chunk before the sound, then an odd length of the sound itself. */
static void
an_odd_chunk_wants_its_pad_byte(void **state)
{
    (void)state;
    for (int padded = 0; padded <= 1; padded++)
        for (int inside = 0; inside <= 1; inside++) {
            bytes_riff(&f);
            if (inside) {
                bytes_chunk(&f, "note", 3);
                bytes_text(&f, "abc");
                bytes_zeros(&f, (size_t)padded);
            }
            bytes_fmt(&f, 1, 1, 48000, 8);
            bytes_data(&f, inside ? 1000 : 999);
            bytes_zeros(&f, (size_t)(padded && !inside));
            bytes_riff_end(&f);
            if (padded)
                assert_clean();
            else
                assert_fault("header_pad", SEVERITY_WARN);
            assert_int_equal(h.data_bytes, inside ? 1000 : 999);
        }
}

static void
a_format_that_contradicts_itself_is_told(void **state)
{
    (void)state;
    plain();
    bytes_set_le(&f, FMT + 12, 8, 2);
    assert_fault("header_block", SEVERITY_FAIL);
    plain();
    bytes_set_le(&f, FMT + 8, 176400, 4);
    assert_fault("header_byte_rate", SEVERITY_WARN);
    plain();
    bytes_set_le(&f, FMT + 4, 0, 4);
    bytes_set_le(&f, FMT + 8, 0, 4);
    assert_fault("header_rate", SEVERITY_FAIL);
}

static void
chunks_twice_missing_or_out_of_order_are_told(void **state)
{
    (void)state;
    bytes_riff(&f);
    bytes_fmt(&f, 1, 2, 48000, 24);
    bytes_fmt(&f, 1, 2, 48000, 24);
    bytes_data(&f, DATA);
    bytes_riff_end(&f);
    assert_fault("header_twice", SEVERITY_FAIL);
    plain();
    bytes_data(&f, DATA);
    bytes_riff_end(&f);
    assert_fault("header_twice", SEVERITY_FAIL);
    bytes_riff(&f);
    bytes_data(&f, DATA);
    bytes_fmt(&f, 1, 2, 48000, 24);
    bytes_riff_end(&f);
    assert_fault("header_order", SEVERITY_FAIL);
    bytes_riff(&f);
    bytes_fmt(&f, 1, 2, 48000, 24);
    bytes_riff_end(&f);
    assert_fault("header_chunk", SEVERITY_FAIL);
    plain();
    bytes_chunk(&f, "LIST", 5000);
    bytes_zeros(&f, 20);
    bytes_riff_end(&f);
    assert_fault("header_chunk", SEVERITY_WARN);
}

static void
fact_is_held_against_the_sound(void **state)
{
    (void)state;
    for (uint64_t frames = 999; frames <= 1000; frames++) {
        bytes_riff(&f);
        bytes_fmt(&f, 3, 2, 48000, 32);
        bytes_chunk(&f, "fact", 4);
        bytes_le(&f, frames, 4);
        bytes_data(&f, 8000);
        bytes_riff_end(&f);
        if (frames == 1000)
            assert_clean();
        else
            assert_fault("header_fact", SEVERITY_WARN);
    }
}

/* WAVEFORMATEXTENSIBLE, PCM, stereo; its subformat at 44. */
static void
extensible(int bits, int valid, uint32_t mask)
{
    bytes_riff(&f);
    bytes_fmt(&f, 0xfffe, 2, 48000, bits);
    bytes_set_le(&f, 16, 40, 4);
    bytes_le(&f, 22, 2);
    bytes_le(&f, (uint64_t)valid, 2);
    bytes_le(&f, mask, 4);
    bytes_le(&f, 1, 2);
    memcpy(f.b + f.n, "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71", 14);
    f.n += 14;
    bytes_data(&f, 4800);
    bytes_riff_end(&f);
}

static void
valid_bits_and_loudspeakers_are_held_against_the_rest(void **state)
{
    (void)state;
    extensible(24, 24, 3);
    assert_clean();
    extensible(24, 24, 0);
    assert_clean();
    extensible(32, 24, 3);
    assert_fault("header_valid_bits", SEVERITY_NOTE);
    assert_int_equal(h.valid_bits, 24);
    extensible(24, 32, 3);
    assert_fault("header_valid_bits", SEVERITY_FAIL);
    extensible(24, 0, 3);
    assert_fault("header_valid_bits", SEVERITY_WARN);
    extensible(24, 24, 0x3f);
    assert_fault("header_channels", SEVERITY_WARN);
    extensible(24, 24, 3);
    f.b[50] ^= 1;
    assert_fault("header_subformat", SEVERITY_WARN);
}

/* --- RF64, BW64, W64 --- */

enum {
    DS64_RIFF = 20,
    DS64_DATA = 28,
    DS64_FRAMES = 36,
    WIDE_DATA_SIZE = 76,
    WIDE_DATA_AT = 80
}; /* of rf64 */

static void
rf64(void)
{
    f.n = 0;
    bytes_text(&f, "RF64");
    bytes_le(&f, UINT32_MAX, 4);
    bytes_text(&f, "WAVE");
    bytes_chunk(&f, "ds64", 28);
    bytes_zeros(&f, 28);
    bytes_fmt(&f, 1, 2, 48000, 24);
    bytes_data(&f, DATA);
    bytes_set_le(&f, WIDE_DATA_SIZE, UINT32_MAX, 4);
    bytes_set_le(&f, DS64_RIFF, f.n - 8, 8);
    bytes_set_le(&f, DS64_DATA, DATA, 8);
    bytes_set_le(&f, DS64_FRAMES, 1000, 8);
}

static void
ds64_is_held_against_the_file(void **state)
{
    (void)state;
    rf64();
    assert_clean();
    assert_int_equal(h.kind, HEADER_RF64);
    assert_int_equal(h.frames, 1000);
    memcpy(f.b, "BW64", 4);
    assert_clean();
    assert_int_equal(h.kind, HEADER_BW64);
    rf64();
    bytes_set_le(&f, DS64_DATA, DATA + 6, 8);
    bytes_set_le(&f, DS64_FRAMES, 1001, 8);
    assert_fault("ends_early", SEVERITY_FAIL);
    rf64();
    bytes_set_le(&f, DS64_FRAMES, 1001, 8);
    assert_fault("header_ds64", SEVERITY_WARN);
    rf64();
    bytes_set_le(&f, WIDE_DATA_SIZE, DATA, 4); /* a size of its own is as good */
    assert_clean();
    bytes_set_le(&f, DS64_DATA, DATA - 6, 8);
    assert_fault("header_ds64", SEVERITY_FAIL);
    rf64();
    bytes_set_le(&f, DS64_RIFF, f.n + 4000, 8);
    assert_fault("header_size", SEVERITY_WARN);
    rf64();
    memcpy(f.b + 12, "JUNK", 4);
    walk();
    assert_true(header_has(&h, "header_ds64"));
}

/* Our own writer's files, RF64 too. */
static void
what_we_write_is_clean(void **state)
{
    static const unsigned char frames[9600];

    (void)state;
    for (int big = 0; big <= 1; big++)
        for (int bits = 16; bits <= 64; bits += bits < 32 ? 8 : 32) {
            const char *path = tree_path("w.wav");
            struct wav w;

            remove(path);
            assert_int_equal(wav_open(&w, path, 96000, bits, bits >= 32), OK);
            if (big)
                w.riff_max = 1000;
            assert_int_equal(wav_write(&w, frames, (int)sizeof frames / w.frame_bytes), OK);
            assert_int_equal(wav_close(&w), OK);
            assert_int_equal(header_of(&h, path), OK);
            assert_int_equal(h.nfaults, 0);
            assert_int_equal(h.kind, big ? HEADER_RF64 : HEADER_RIFF);
            assert_int_equal(h.frames, sizeof frames / (size_t)w.frame_bytes);
        }
}

static void
put_sparse(const char *name, uint64_t size)
{
    assert_int_equal(truncate(tree_put_bytes(name, f.b, f.n), (off_t)size), 0);
    assert_int_equal(header_of(&h, tree_path(name)), OK);
}

/* 5 GiB of nothing: no space on the disk, and a walk of a few reads. */
static void
beyond_4_GiB_rf64_is_clean_and_wav_is_not(void **state)
{
    const uint64_t data = (5ull << 30) / 12 * 12;

    (void)state;
    rf64();
    f.n = WIDE_DATA_AT;
    bytes_set_le(&f, DS64_RIFF, WIDE_DATA_AT - 8 + data, 8);
    bytes_set_le(&f, DS64_DATA, data, 8);
    bytes_set_le(&f, DS64_FRAMES, data / 6, 8);
    put_sparse("big.wav", WIDE_DATA_AT + data);
    assert_int_equal(h.nfaults, 0);
    assert_int_equal(h.frames, data / 6);
    put_sparse("cut.wav", WIDE_DATA_AT + data - 6000);
    assert_true(header_has(&h, "ends_early"));
    plain();
    f.n = DATA_AT;
    bytes_set_le(&f, RIFF_SIZE, (uint32_t)(DATA_AT - 8 + data), 4);
    bytes_set_le(&f, DATA_SIZE, (uint32_t)data, 4);
    put_sparse("wrapped.wav", DATA_AT + data);
    assert_true(header_has(&h, "header_too_big"));
}

static void
write_by_library(const char *name, int format)
{
    SF_INFO info = {.samplerate = 48000, .channels = 2, .format = format};
    static const double x[2001 * 2];
    SNDFILE *s = sf_open(tree_path(name), SFM_WRITE, &info);

    assert_non_null(s);
    assert_int_equal(sf_writef_double(s, x, 2001), 2001);
    sf_close(s);
    assert_int_equal(header_of(&h, tree_path(name)), OK);
}

/* Two programs that know nothing of each other agree. */
static void
what_libsndfile_writes_is_clean(void **state)
{
    static const struct {
        int type;
        enum header_kind kind;
    } types[] = {{SF_FORMAT_WAV, HEADER_RIFF}, {SF_FORMAT_WAVEX, HEADER_RIFF}, {SF_FORMAT_RF64, HEADER_RF64},
                 {SF_FORMAT_W64, HEADER_W64},  {SF_FORMAT_AIFF, HEADER_AIFF},  {SF_FORMAT_FLAC, HEADER_FLAC}};
    static const int codings[] = {SF_FORMAT_PCM_16, SF_FORMAT_PCM_24, SF_FORMAT_FLOAT};

    (void)state;
    for (size_t i = 0; i < LEN(types); i++)
        for (size_t c = 0; c < LEN(codings); c++) {
            int format = types[i].type | codings[c];
            SF_INFO info = {.samplerate = 48000, .channels = 2, .format = format};

            if (!sf_format_check(&info))
                continue;
            write_by_library("l", format);
            if (h.nfaults)
                fail_msg("%x: %s: %s", (unsigned)format, h.fault[0].kind, h.fault[0].what);
            assert_int_equal(h.kind == HEADER_AIFC ? HEADER_AIFF : h.kind, types[i].kind);
            assert_int_equal(h.frames, 2001);
            assert_int_equal(h.nch, 2);
            assert_true(h.rate_hz == 48000);
        }
}

static void
w64_is_walked_too(void **state)
{
    static const unsigned char three[8] = {3};
    int fd;

    (void)state;
    write_by_library("a.w64", SF_FORMAT_W64 | SF_FORMAT_PCM_24);
    assert_int_equal(h.nfaults, 0);
    assert_int_equal(truncate(tree_path("a.w64"), (off_t)(h.data_at + 6000)), 0);
    assert_int_equal(header_of(&h, tree_path("a.w64")), OK);
    assert_true(header_has(&h, "ends_early"));
    fd = open(tree_path("a.w64"), O_WRONLY);
    assert_int_equal(pwrite(fd, three, 8, (off_t)h.data_at - 8), 8);
    close(fd);
    assert_int_equal(header_of(&h, tree_path("a.w64")), OK);
    assert_true(header_has(&h, "header_chunk"));
}

/* --- AIFF --- */

enum { COMM_FRAMES = 22 }; /* of aiff */

static void
aiff(void)
{
    f.n = 0;
    bytes_text(&f, "FORM");
    bytes_be(&f, 0, 4);
    bytes_text(&f, "AIFFCOMM");
    bytes_be(&f, 18, 4);
    bytes_be(&f, 2, 2);
    bytes_be(&f, 1000, 4);
    bytes_be(&f, 24, 2);
    bytes_be(&f, 0x400ebb80, 4); /* 48000 as an extended number */
    bytes_be(&f, 0, 6);
    bytes_text(&f, "SSND");
    bytes_be(&f, DATA + 8, 4);
    bytes_be(&f, 0, 8);
    for (int i = 0; i < DATA; i++)
        bytes_be(&f, 0x80 | (i & 0x7f), 1);
    bytes_set_be(&f, 4, f.n - 8, 4);
}

static void
aiff_is_walked_too(void **state)
{
    (void)state;
    aiff();
    assert_clean();
    assert_int_equal(h.kind, HEADER_AIFF);
    assert_int_equal(h.frames, 1000);
    assert_true(h.rate_hz == 48000);
    bytes_set_be(&f, COMM_FRAMES, 1001, 4);
    assert_fault("header_frames", SEVERITY_FAIL);
    aiff();
    f.n -= 600;
    assert_fault("ends_early", SEVERITY_FAIL);
    aiff();
    bytes_zeros(&f, 100);
    assert_fault("trailing_junk", SEVERITY_WARN);
    aiff();
    bytes_set_be(&f, 4, f.n - 100, 4);
    assert_fault("header_size", SEVERITY_WARN);
    aiff();
    memcpy(f.b + 12, "XXXX", 4);
    walk();
    assert_true(header_has(&h, "header_chunk"));
}

/* --- what it carries --- */

static void
with_bext(int version, int size, int hundredths)
{
    size_t at;

    bytes_riff(&f);
    bytes_fmt(&f, 1, 2, 48000, 24);
    bytes_chunk(&f, "bext", (uint32_t)size);
    at = f.n;
    bytes_zeros(&f, 602);
    memcpy(f.b + at + 256, "A house", 7);
    memcpy(f.b + at + 320, "2026-07-31", 10);
    bytes_set_le(&f, at + 346, (uint64_t)version, 2);
    for (size_t i = 0; i < HEADER_STATED; i++)
        bytes_set_le(&f, at + 412 + 2 * i, (uint16_t)(i == STATED_RANGE ? 0x7fff : hundredths), 2);
    f.n = at + (size_t)size;
    bytes_data(&f, DATA);
    bytes_riff_end(&f);
}

static void
bext_is_read(void **state)
{
    (void)state;
    with_bext(2, 602, -1432);
    assert_clean();
    assert_int_equal(h.bext_version, 2);
    assert_true(fabs(h.stated[STATED_INTEGRATED] - -14.32) < 1e-9);
    assert_true(isnan(h.stated[STATED_RANGE]));
    assert_string_equal(h.originator, "A house");
    assert_string_equal(h.date, "2026-07-31");
    with_bext(1, 602, -1432); /* that version had no loudness there */
    assert_clean();
    assert_true(isnan(h.stated[STATED_INTEGRATED]));
    with_bext(2, 300, -1432);
    assert_fault("header_bext", SEVERITY_WARN);
}

static void
tags_are_read_in_any_script(void **state)
{
    static const char xml[] = "<x><dc:identifier>ISRC:QZXX12600001</dc:identifier></x>";

    (void)state;
    plain();
    bytes_chunk(&f, "LIST", 4 + 8 + 6 + 8 + 4);
    bytes_text(&f, "INFOINAM");
    bytes_le(&f, 5, 4);
    bytes_text(&f, "Gr\xf6n!"); /* ISO 8859-1 */
    bytes_zeros(&f, 1);
    bytes_text(&f, "IART");
    bytes_le(&f, 4, 4);
    bytes_text(&f, "\xc3\xb6\n "); /* UTF-8, and more than a line */
    bytes_chunk(&f, "axml", sizeof xml - 1);
    bytes_text(&f, xml);
    bytes_zeros(&f, (sizeof xml - 1) & 1);
    bytes_riff_end(&f);
    assert_clean();
    assert_string_equal(h.title, "Gr\xc3\xb6n!");
    assert_string_equal(h.artist, "\xc3\xb6");
    assert_string_equal(h.isrc, "QZXX12600001");
    bytes_chunk(&f, "id3 ", 10);
    bytes_zeros(&f, 10);
    bytes_riff_end(&f);
    assert_fault("id3_inside", SEVERITY_NOTE);
}

static void
flac_tells_its_md5_and_tags(void **state)
{
    SF_INFO info = {.samplerate = 44100, .channels = 2, .format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16};
    static const short x[588 * 2];
    SNDFILE *s = sf_open(tree_path("a.flac"), SFM_WRITE, &info);

    (void)state;
    sf_set_string(s, SF_STR_TITLE, "Groyne");
    sf_set_string(s, SF_STR_ARTIST, "Northbound Pier");
    sf_writef_short(s, x, 588);
    sf_close(s);
    assert_int_equal(header_of(&h, tree_path("a.flac")), OK);
    assert_int_equal(h.nfaults, 0);
    assert_true(h.has_md5);
    assert_int_equal(h.frames, 588);
    assert_int_equal(h.bits, 16);
    assert_string_equal(h.title, "Groyne");
    assert_string_equal(h.artist, "Northbound Pier");
}

/* --- garbage --- */

static void
other_files_are_nothing_to_it(void **state)
{
    (void)state;
    f.n = 0;
    assert_clean();
    bytes_text(&f, "RIFF");
    assert_clean();
    bytes_text(&f, "To be played at maximum volume.\n");
    assert_clean();
    assert_int_equal(h.kind, HEADER_OTHER);
    assert_int_equal(header_of(&h, tree_path("missing")), NOT_FOUND);
    assert_int_equal(header_of(&h, tree_root), OK);
    mkfifo(tree_path("pipe"), 0600);
    assert_int_equal(header_of(&h, tree_path("pipe")), OK);
    assert_int_equal(h.kind, HEADER_OTHER);
}

/* A walk through chunks of no size ends, too. */
static void
a_file_of_empty_chunks_ends(void **state)
{
    (void)state;
    bytes_riff(&f);
    while (f.n < BYTES_MAX - 16)
        bytes_chunk(&f, "JUNK", 0);
    bytes_riff_end(&f);
    walk();
    assert_true(h.nfaults > 0);
}

static void
damage(uint32_t head)
{
    for (uint32_t n = 1 + dice(6); n > 0; n--) {
        size_t at = dice(head);

        switch (dice(4)) {
        case 0: f.b[at] = (unsigned char)dice(256); break;
        case 1: f.b[at] ^= (unsigned char)(1 << dice(8)); break;
        case 2: bytes_set_le(&f, at, dice(3) ? UINT64_MAX : 0, (int)(1 + dice(8))); break;
        default: f.n -= dice((uint32_t)f.n / 2 + 1); break;
        }
    }
}

/* What comes out is within its bounds and fit to be read, whatever went in. */
static void
assert_sane(void)
{
    const char *const texts[] = {h.title, h.artist, h.date, h.isrc, h.originator};

    assert_in_range(h.nfaults, 0, HEADER_FAULTS);
    assert_true(h.data_bytes == 0 || h.data_at + h.data_bytes <= h.file_bytes);
    for (int i = 0; i < h.nfaults; i++) {
        assert_true(strlen(h.fault[i].what) < REPORT_WORDS);
        assert_null(strchr(h.fault[i].what, '\n'));
    }
    for (size_t i = 0; i < LEN(texts); i++)
        assert_true(strlen(texts[i]) < HEADER_TEXT);
}

static void
load(const char *name)
{
    FILE *file = fopen(tree_path(name), "rb");

    f.n = fread(f.b, 1, BYTES_MAX, file);
    fclose(file);
}

static void
make_sample(int which)
{
    switch (which) {
    case 0: rf64(); break;
    case 1: aiff(); break;
    case 2: extensible(32, 24, 3); break;
    case 3: with_bext(2, 602, -1432); break;
    case 4: load("s.w64"); break;
    default: load("s.flac"); break;
    }
}

static void
no_damage_harms(void **state)
{
    int fd;

    (void)state;
    write_by_library("s.w64", SF_FORMAT_W64 | SF_FORMAT_PCM_24);
    write_by_library("s.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
    fd = open(tree_path("fuzz"), O_RDWR | O_CREAT, 0600);
    dice_state = 11;
    for (int i = 0; i < 12000; i++) {
        make_sample(i % 6);
        damage(f.n < 800 ? (uint32_t)f.n : 800);
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, f.b, f.n, 0), f.n);
        assert_int_equal(header_read(&h, fd), OK);
        assert_sane();
    }
    close(fd);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tree_clear)
    static const struct CMUnitTest tests[] = {
        TEST(a_plain_file_is_clean),
        TEST(a_file_that_was_cut_is_told),
        TEST(half_a_frame_is_told),
        TEST(sizes_never_filled_in_are_told),
        TEST(a_wrong_outer_size_is_told),
        TEST(bytes_after_the_end_are_told),
        TEST(an_odd_chunk_wants_its_pad_byte),
        TEST(a_format_that_contradicts_itself_is_told),
        TEST(chunks_twice_missing_or_out_of_order_are_told),
        TEST(fact_is_held_against_the_sound),
        TEST(valid_bits_and_loudspeakers_are_held_against_the_rest),
        TEST(ds64_is_held_against_the_file),
        TEST(what_we_write_is_clean),
        TEST(beyond_4_GiB_rf64_is_clean_and_wav_is_not),
        TEST(what_libsndfile_writes_is_clean),
        TEST(w64_is_walked_too),
        TEST(aiff_is_walked_too),
        TEST(bext_is_read),
        TEST(tags_are_read_in_any_script),
        TEST(flac_tells_its_md5_and_tags),
        TEST(other_files_are_nothing_to_it),
        TEST(a_file_of_empty_chunks_ends),
        TEST(no_damage_harms),
    };

    return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
