/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/packet.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct seen {
    int n;
    unsigned char blob[16];
    size_t blob_size;
    char path[8][32];
    int nargs[8];
    struct packet_arg arg[8]; /* the first of each */
    char text[8][64];
    uint64_t tag[8];
    bool bundled[8];
};

static void
see(void *context, const struct packet_message *m)
{
    struct seen *s = context;

    if (s->n == 8)
        return;
    if (packet_blob(m, 0, &s->blob_size) && s->blob_size <= sizeof s->blob)
        memcpy(s->blob, packet_blob(m, 0, &s->blob_size), s->blob_size);
    snprintf(s->path[s->n], sizeof s->path[0], "%s", m->path);
    s->nargs[s->n] = m->nargs;
    s->arg[s->n] = m->arg[0];
    snprintf(s->text[s->n], sizeof s->text[0], "%s", m->nargs > 0 && m->arg[0].text ? m->arg[0].text : "");
    s->tag[s->n] = m->tag;
    s->bundled[s->n] = m->bundled;
    s->n++;
}

static bool
read_packet(const void *data, size_t size, struct seen *s)
{
    /* On the heap and of its exact size, so that a sanitizer sees a byte too far. */
    void *exact = malloc(size ? size : 1);
    bool good;

    assert_non_null(exact);
    memcpy(exact, data, size);
    memset(s, 0, sizeof *s);
    good = packet_read(exact, size, see, s);
    free(exact);
    return good;
}

#define LEVEL "/monitor/level\0\0,f\0\0\xc1\xa0\0\0"
#define DIM   "/monitor/dim\0\0\0\0,T\0\0"
#define BOTH  "#bundle\0\0\0\0\0\0\0\0\1\0\0\0\x18" LEVEL "\0\0\0\x14" DIM

/* The vectors of the OSC notes, written from the specification. */
static void
bytes_are_as_the_specification_says(void **state)
{
    struct seen s;

    (void)state;
    assert_true(read_packet(LEVEL, 24, &s));
    assert_int_equal(s.n, 1);
    assert_string_equal(s.path[0], "/monitor/level");
    assert_int_equal(s.arg[0].type, 'f');
    assert_true(s.arg[0].number == -20.0);
    assert_false(s.bundled[0]);
    assert_true(read_packet(BOTH, 68, &s));
    assert_int_equal(s.n, 2);
    assert_string_equal(s.path[1], "/monitor/dim");
    assert_int_equal(s.arg[1].type, 'T');
    assert_true(s.arg[1].number == 1.0);
    assert_true(s.bundled[0] && s.tag[0] == PACKET_NOW);
}

static void
what_is_written_has_the_same_bytes(void **state)
{
    struct packet_arg level = {.type = 'f', .number = -20.0}, dim = {.type = 'T'};
    struct packet_writer w;

    (void)state;
    packet_message(&w);
    assert_true(packet_add(&w, "/monitor/level", &level, 1));
    assert_int_equal(w.size, 24);
    assert_memory_equal(w.data, LEVEL, 24);
    assert_false(packet_add(&w, "/monitor/dim", &dim, 1)); /* a plain message is alone */
    packet_bundle(&w, PACKET_NOW);
    assert_true(packet_add(&w, "/monitor/level", &level, 1));
    assert_true(packet_add(&w, "/monitor/dim", &dim, 1));
    assert_int_equal(w.size, 68);
    assert_memory_equal(w.data, BOTH, 68);
}

static void
a_blob_is_its_size_its_bytes_and_zeros_to_the_next_word(void **state)
{
    struct packet_writer w;
    struct seen s;

    (void)state;
    packet_message(&w);
    assert_true(packet_add_blob(&w, "/a", "12345", 5));
    assert_int_equal(w.size, 20);
    assert_memory_equal(w.data,
                        "/a\0\0,b\0\0\0\0\0\x05"
                        "12345\0\0\0",
                        20);
    assert_true(read_packet(w.data, w.size, &s));
    assert_int_equal(s.arg[0].type, 'b');
    assert_int_equal(s.blob_size, 5);
    assert_memory_equal(s.blob, "12345", 5);
    packet_message(&w);
    assert_false(packet_add_blob(&w, "/a", "", 0));
    assert_false(packet_add_blob(&w, "/a", w.data, PACKET_BUNDLE));
    assert_true(packet_add_blob(&w, "/a", w.data, PACKET_BUNDLE - 12));
}

static void
each_type_comes_back_as_it_went(void **state)
{
    static const struct packet_arg sent[] = {
        {.type = 'i', .number = -2147483647},
        {.type = 'h', .number = 4503599627370497},
        {.type = 'f', .number = 0.5},
        {.type = 'd', .number = 0.1},
        {.type = 'T', .number = 1},
        {.type = 'F', .number = 0},
        {.type = 'I'},
        {.type = 'N'},
        {.type = 's', .text = "bell"},
        {.type = 's', .text = ""},
    };

    (void)state;
    for (size_t i = 0; i < LEN(sent); i++) {
        struct packet_writer w;
        struct seen s;

        packet_message(&w);
        assert_true(packet_add(&w, "/a", &sent[i], 1));
        assert_true(read_packet(w.data, w.size, &s));
        assert_int_equal(s.nargs[0], 1);
        assert_int_equal(s.arg[0].type, sent[i].type);
        assert_true(s.arg[0].number == sent[i].number);
        assert_string_equal(s.text[0], sent[i].text ? sent[i].text : "");
    }
}

static void
what_does_not_fit_is_not_begun(void **state)
{
    char text[PACKET_BUNDLE + 8] = "";
    struct packet_arg arg = {.type = 's', .text = text};
    struct packet_writer w;
    size_t before;

    (void)state;
    packet_bundle(&w, PACKET_NOW);
    assert_true(packet_add(&w, "/a", &arg, 1));
    before = w.size;
    memset(text, 'x', sizeof text - 1);
    assert_false(packet_add(&w, "/a", &arg, 1));
    assert_int_equal(w.size, before);
    assert_int_equal(w.count, 1);
    while (packet_add(&w, "/a", NULL, 0))
        ;
    assert_true(w.size <= PACKET_BUNDLE && w.size > PACKET_BUNDLE - 16);
}

struct bad {
    const char *what, *bytes;
    size_t size;
};

static void
hostile_packets_are_refused_whole(void **state)
{
#define GOOD_THEN "#bundle\0\0\0\0\0\0\0\0\1\0\0\0\x14" DIM
    static const struct bad bad[] = {
        {"empty", "", 0},
        {"size not a multiple of 4", "/a\0\0,\0\0", 7},
        {"no end of the path", "/abc", 4},
        {"no end of the types", "/a\0\0,abc", 8},
        {"no comma", "/a\0\0f\0\0\0\0\0\0\0", 12},
        {"neither message nor bundle", "abc\0,\0\0\0", 8},
        {"almost a bundle", "#bundlf\0\0\0\0\0\0\0\0\1", 16},
        {"half a bundle's head", "#bundle\0\0\0\0\0", 12},
        {"argument cut off", "/a\0\0,f\0\0", 8},
        {"wide argument cut off", "/a\0\0,d\0\0\0\0\0\0", 12},
        {"string without end", "/a\0\0,s\0\0abcd", 12},
        {"bytes left over", "/a\0\0,f\0\0\0\0\0\0\0\0\0\0", 16},
        {"padding that is not zero", "/a\0x,\0\0\0", 8},
        {"blob beyond the end", "/a\0\0,b\0\0\0\0\0\x09xxxxxxxx", 20},
        {"blob of negative size", "/a\0\0,b\0\0\xff\xff\xff\xffxxxx", 16},
        {"blob of the largest size", "/a\0\0,b\0\0\x7f\xff\xff\xffxxxx", 16},
        {"a space in the path", "/a b\0\0\0\0,\0\0\0", 12},
        {"a control character in the path", "/a\x1b\0,\0\0\0", 8},
        {"element of size 0", GOOD_THEN "\0\0\0\0", 44},
        {"element of odd size", GOOD_THEN "\0\0\0\x05/a\0\0,\0\0\0", 52},
        {"element past the end", GOOD_THEN "\0\0\0\x0c/a\0\0,\0\0\0", 52},
        {"element of negative size", GOOD_THEN "\xff\xff\xff\xfc/a\0\0,\0\0\0", 52},
        {"a bad message after a good one", GOOD_THEN "\0\0\0\x08/a\0\0,f\0\0", 52},
    };
    struct seen s;

    (void)state;
    for (size_t i = 0; i < LEN(bad); i++)
        if (read_packet(bad[i].bytes, bad[i].size, &s) || s.n)
            fail_msg("%s", bad[i].what);
}

static void
bundles_nest_eight_deep_and_no_deeper(void **state)
{
    unsigned char data[16 + 20 * 16];
    struct seen s;

    (void)state;
    for (int depth = 1; depth <= 12; depth++) {
        size_t at = 0;

        for (int i = 0; i < depth; i++, at += 20)
            memcpy(data + at, "#bundle\0\0\0\0\0\0\0\0\1\0\0\0", 20);
        memcpy(data + at, "/a\0\0,\0\0\0", 8);
        at += 8;
        for (int i = 0; i < depth; i++) /* each size word counts what is behind it */
            data[i * 20 + 19] = (unsigned char)(at - (size_t)i * 20 - 20);
        assert_int_equal(read_packet(data, at, &s), depth <= PACKET_DEPTH);
        assert_int_equal(s.n, depth <= PACKET_DEPTH);
    }
}

static void
an_inner_bundle_is_not_before_the_outer(void **state)
{
    static const char packet[] = "#bundle\0\0\0\0\2\0\0\0\0\0\0\0\x1c"
                                 "#bundle\0\0\0\0\1\0\0\0\0\0\0\0\x08/a\0\0,\0\0\0"
                                 "\0\0\0\x1c"
                                 "#bundle\0\0\0\0\3\0\0\0\0\0\0\0\x08/b\0\0,\0\0\0"
                                 "\0\0\0\x08/c\0\0,\0\0\0";
    struct seen s;

    (void)state;
    assert_true(read_packet(packet, sizeof packet - 1, &s));
    assert_int_equal(s.n, 3);
    assert_true(s.tag[0] == (uint64_t)2 << 32);
    assert_true(s.tag[1] == (uint64_t)3 << 32);
    assert_true(s.tag[2] == (uint64_t)2 << 32);
}

static void
old_and_strange_messages_are_told_apart(void **state)
{
    struct seen s;

    (void)state;
    assert_true(read_packet("/a\0\0", 4, &s)); /* no types at all: as without arguments */
    assert_int_equal(s.nargs[0], 0);
    assert_true(read_packet("/a\0\0,\0\0\0", 8, &s));
    assert_int_equal(s.nargs[0], 0);
    assert_true(read_packet("/a\0\0,[f]\0\0\0\0\0\0\0\0", 16, &s)); /* arrays, types to come */
    assert_int_equal(s.nargs[0], -1);
    assert_true(read_packet("/a\0\0,b\0\0\0\0\0\2xy\0\0", 16, &s));
    assert_int_equal(s.nargs[0], 1);
    assert_int_equal(s.arg[0].type, 'b');
    assert_true(read_packet(
        "/a\0\0,iiiiiiiiiii\0\0\0\0"
        "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5\0\0\0\6\0\0\0\7\0\0\0\x8\0\0\0\x9\0\0\0\xa\0\0\0\xb",
        64, &s));
    assert_int_equal(s.nargs[0], 11);
}

static void
time_tags_are_exact_to_the_nanosecond(void **state)
{
    static const int64_t moments[] = {0,
                                      1,
                                      999999999,
                                      1700000000123456789,
                                      1800000000000000001,
                                      2085978495999999999,
                                      2085978496000000000,
                                      2085978496000000001,
                                      4000000000999999999};

    (void)state;
    assert_int_equal(packet_tag_ns((uint64_t)2208988800u << 32), 0);
    assert_int_equal(packet_tag_ns((uint64_t)2208988801u << 32 | 0x80000000u), 1500000000);
    assert_int_equal(packet_tag_ns((uint64_t)0xffffffffu << 32),
                     2085978495000000000); /* 2036, the era's end */
    assert_int_equal(packet_tag_ns((uint64_t)0 << 32 | 5), 2085978496000000001);
    for (size_t i = 0; i < LEN(moments); i++)
        assert_int_equal(packet_tag_ns(packet_tag(moments[i])), moments[i]);
}

static void
echo(void *context, const struct packet_message *m)
{
    static const char *const more[] = {"deadwax", "1"};

    packet_message(context);
    assert_true(packet_add_echo(context, "/pong", m, more, 2));
}

static void
an_echo_keeps_its_arguments(void **state)
{
    static const char ping[] = "/ping\0\0\0,ifb\0\0\0\0\0\0\0\7\x3f\0\0\0\0\0\0\2xy\0\0";
    static const char pong[] = "/pong\0\0\0,ifbss\0\0\0\0\0\7\x3f\0\0\0\0\0\0\2xy\0\0deadwax\0001\0\0";
    struct packet_writer w;

    (void)state;
    assert_true(packet_read(ping, sizeof ping - 1, echo, &w));
    assert_int_equal(w.size, sizeof pong);
    assert_memory_equal(w.data, pong, sizeof pong);
    assert_true(packet_read("/ping\0\0", 8, echo, &w));
    assert_memory_equal(w.data, "/pong\0\0\0,ss\0deadwax\0001\0\0", 24);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_as_the_specification_says),
        cmocka_unit_test(what_is_written_has_the_same_bytes),
        cmocka_unit_test(a_blob_is_its_size_its_bytes_and_zeros_to_the_next_word),
        cmocka_unit_test(each_type_comes_back_as_it_went),
        cmocka_unit_test(what_does_not_fit_is_not_begun),
        cmocka_unit_test(hostile_packets_are_refused_whole),
        cmocka_unit_test(bundles_nest_eight_deep_and_no_deeper),
        cmocka_unit_test(an_inner_bundle_is_not_before_the_outer),
        cmocka_unit_test(old_and_strange_messages_are_told_apart),
        cmocka_unit_test(time_tags_are_exact_to_the_nanosecond),
        cmocka_unit_test(an_echo_keeps_its_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
