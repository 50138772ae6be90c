/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/stream.h"

#include "test/kit/dice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct stream stream; /* too large for some stacks */

static int
set_up(void **state)
{
    (void)state;
    stream_reset(&stream);
    dice_state = 20261121;
    return 0;
}

struct packets {
    int n, spoiled;
    size_t size[64];
    unsigned char data[64][64];
    bool bad;
};

/* All of the bytes, in pieces of at most so many. */
static void
take(struct packets *p, const void *data, size_t size, size_t piece)
{
    const unsigned char *bytes = data;
    size_t used;

    for (size_t at = 0; at < size && !p->bad; at += used) {
        size_t n = size - at < piece ? size - at : piece;
        enum stream_event event = stream_take(&stream, bytes + at, n, &used);

        assert_true(used <= n);
        assert_true(event != STREAM_MORE || used == n);
        p->bad = event == STREAM_BAD;
        p->spoiled += event == STREAM_SPOILED;
        if (event != STREAM_PACKET)
            continue;
        assert_true(p->n < 64 && stream.size <= 64);
        memcpy(p->data[p->n], stream.packet, stream.size);
        p->size[p->n++] = stream.size;
    }
}

static void
assert_packet(const struct packets *p, int i, const void *data, size_t size)
{
    assert_true(i < p->n);
    assert_int_equal(p->size[i], size);
    assert_memory_equal(p->data[i], data, size);
}

#define BYTES(text) text, sizeof(text) - 1

static const char by_length[] = "\0\0\0\x08/on\0,\0\0\0\0\0\0\x0c/in\0,i\0\0\xc0\xdb\xdc\xdd";
static const char by_slip[] = "\xc0/on\0,\0\0\0\xc0\xc0/in\0,i\0\0\xdb\xdc\xdb\xdd\xdc\xdd\xc0";

static void
assert_both(const struct packets *p)
{
    assert_int_equal(p->n, 2);
    assert_packet(p, 0, BYTES("/on\0,\0\0\0"));
    assert_packet(p, 1, BYTES("/in\0,i\0\0\xc0\xdb\xdc\xdd"));
    assert_int_equal(p->spoiled, 0);
    assert_false(p->bad);
}

static void
the_first_byte_tells_the_framing(void **state)
{
    struct packets length = {0}, slip = {0}, bare = {0};

    (void)state;
    take(&length, BYTES(by_length), 1000);
    assert_both(&length);
    assert_int_equal(stream.framing, STREAM_LENGTH);
    stream_reset(&stream);
    take(&slip, BYTES(by_slip), 1000);
    assert_both(&slip);
    assert_int_equal(stream.framing, STREAM_SLIP);
    stream_reset(&stream);
    take(&bare, BYTES("/on\0,\0\0\0\xc0/in\0,i\0\0\xdb\xdc\xdb\xdd\xdc\xdd\xc0"),
         1000); /* END after it alone */
    assert_both(&bare);
}

static void
pieces_of_any_size_give_the_same_packets(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 40; piece++) {
        struct packets length = {0}, slip = {0};

        stream_reset(&stream);
        take(&length, BYTES(by_length), piece);
        assert_both(&length);
        stream_reset(&stream);
        take(&slip, BYTES(by_slip), piece);
        assert_both(&slip);
    }
}

static void
slip_is_written_as_the_standard_has_it(void **state)
{
    unsigned char out[16];

    (void)state;
    assert_int_equal(stream_frame(STREAM_SLIP, "\x01\xc0\xdb\x02", 4, out), 8);
    assert_memory_equal(out, "\xc0\x01\xdb\xdc\xdb\xdd\x02\xc0", 8);
    assert_int_equal(stream_frame(STREAM_LENGTH, "\x01\xc0\xdb\x02", 4, out), 8);
    assert_memory_equal(out, "\0\0\0\x04\x01\xc0\xdb\x02", 8);
}

static void
what_is_framed_comes_out_whole(void **state)
{
    static unsigned char packet[PACKET_SIZE], out[2 * PACKET_SIZE + 16];

    (void)state;
    for (int framing = STREAM_LENGTH; framing <= STREAM_SLIP; framing++) {
        stream_reset(&stream);
        for (int i = 0; i < 60; i++) {
            size_t size = i == 7 ? PACKET_SIZE : 1 + dice(3000), n, used, at = 0;
            enum stream_event event = STREAM_MORE;

            for (size_t k = 0; k < size; k++) /* all END at times: the longest that can be */
                packet[k] = i == 7 ? 0xc0 : (unsigned char)(dice(3) ? dice(256) : 0xc0 + dice(2) * 0x1b);
            n = stream_frame((enum stream_framing)framing, packet, size, out);
            assert_true(n <= stream_framed_most(size));
            while (at < n && event == STREAM_MORE) {
                event = stream_take(&stream, out + at, n - at < 700 ? n - at : 700, &used);
                at += used;
            }
            assert_int_equal(event, STREAM_PACKET);
            assert_int_equal(stream.size, size);
            assert_memory_equal(stream.packet, packet, size);
            assert_int_equal(at, n);
        }
    }
}

static void
a_size_too_large_ends_the_stream(void **state)
{
    static const char *const words[] = {"\0\x01\0\x01", "\0\xff\xff\xff"};
    struct packets p = {0};

    (void)state;
    for (size_t i = 0; i < LEN(words); i++) {
        stream_reset(&stream);
        p = (struct packets){0};
        take(&p, words[i], 4, 1);
        assert_true(p.bad);
    }
    stream_reset(&stream); /* negative, after a good one */
    p = (struct packets){0};
    take(&p, BYTES("\0\0\0\x04/on\0\xff\xff\xff\xfc/on\0"), 3);
    assert_int_equal(p.n, 1);
    assert_true(p.bad);
    p.bad = false;
    take(&p, BYTES(by_length), 100); /* it stays so */
    assert_int_equal(p.n, 1);
    assert_true(p.bad);
}

static void
a_slip_packet_without_end_ends_the_stream(void **state)
{
    unsigned char data[1024];
    size_t total = 0, used;
    enum stream_event event = STREAM_MORE;

    (void)state;
    memset(data, 'x', sizeof data);
    data[0] = 0xc0;
    while (event == STREAM_MORE && total < 10 * PACKET_SIZE) {
        event = stream_take(&stream, data, sizeof data, &used);
        data[0] = 'x';
        total += used;
    }
    assert_int_equal(event, STREAM_BAD);
    assert_int_equal(total, PACKET_SIZE + 2); /* END, and the byte too many */
}

static void
a_bad_escape_spoils_its_packet_alone(void **state)
{
    struct packets p = {0};

    (void)state;
    take(&p, BYTES("\xc0/on\0\xdb\x01zzz\xc0\xc0/in\0\xc0\xc0/a\xdb\xc0/b\0\0\xc0"), 1);
    assert_int_equal(p.spoiled, 2);
    assert_int_equal(p.n, 2);
    assert_packet(&p, 0, BYTES("/in\0"));
    assert_packet(&p, 1, BYTES("/b\0\0"));
    assert_false(p.bad);
}

static void
endless_escapes_and_ends_take_no_room(void **state)
{
    unsigned char data[4096];
    size_t used;

    (void)state;
    memset(data, 0xc0, sizeof data);
    for (int i = 0; i < 100; i++)
        assert_int_equal(stream_take(&stream, data, sizeof data, &used), STREAM_MORE);
    assert_int_equal(stream.size, 0);
    memset(data, 0xdb, sizeof data);
    for (int i = 0; i < 100; i++)
        assert_int_equal(stream_take(&stream, data, sizeof data, &used), STREAM_MORE);
    assert_true(stream.size <= 1);
    assert_int_equal(stream_take(&stream, "\xc0", 1, &used), STREAM_SPOILED);
}

static void
what_is_no_osc_ends_at_its_first_byte(void **state)
{
    static const char *const greetings[] = {"GET / HTTP/1.1\r\n", "\x16\x03\x01", "\xff\xff\xff\xff", "{}",
                                            "\x01"};

    (void)state;
    for (size_t i = 0; i < LEN(greetings); i++) {
        size_t used;

        stream_reset(&stream);
        assert_int_equal(stream_take(&stream, greetings[i], strlen(greetings[i]), &used), STREAM_BAD);
    }
}

/* 20,000 streams of good packets, a few bytes off, in random pieces; the same ones each time. The sanitizers watch. */
static void
mutated_streams_do_no_harm(void **state)
{
    int packets = 0, spoiled = 0, bad = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        unsigned char data[256];
        size_t size = 0, used, at = 0;

        for (int k = 0; k < 4; k++)
            size += stream_frame(i % 2 ? STREAM_SLIP : STREAM_LENGTH, "/in\0,i\0\0\0\xc0\xdb\x01", 12,
                                 data + size);
        for (uint32_t n = dice(4); n; n--)
            data[dice((uint32_t)size)] =
                dice(2) ? (unsigned char)dice(256) : (unsigned char)(0xc0 + 0x1b * dice(2));
        stream_reset(&stream);
        while (at < size) {
            size_t left = size - at, piece = 1 + dice(20);
            enum stream_event event = stream_take(&stream, data + at, left < piece ? left : piece, &used);

            packets += event == STREAM_PACKET;
            spoiled += event == STREAM_SPOILED;
            assert_true(stream.size <= PACKET_SIZE);
            assert_true(used > 0 || event != STREAM_MORE);
            at += used;
            if (event == STREAM_BAD) {
                bad++;
                break;
            }
        }
    }
    assert_true(packets > 40000); /* not all are off */
    assert_true(spoiled > 500 && bad > 500);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    static const struct CMUnitTest tests[] = {
        TEST(the_first_byte_tells_the_framing),       TEST(pieces_of_any_size_give_the_same_packets),
        TEST(slip_is_written_as_the_standard_has_it), TEST(what_is_framed_comes_out_whole),
        TEST(a_size_too_large_ends_the_stream),       TEST(a_slip_packet_without_end_ends_the_stream),
        TEST(a_bad_escape_spoils_its_packet_alone),   TEST(endless_escapes_and_ends_take_no_room),
        TEST(what_is_no_osc_ends_at_its_first_byte),  TEST(mutated_streams_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
