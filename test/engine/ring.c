/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/ring.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct item {
    uint64_t number, square; /* torn if they do not agree */
};

enum { NITEMS = 400000, CAPACITY = 64 };

static void *
write_all(void *arg)
{
    struct ring *r = arg;
    struct item block[23];
    uint64_t next = 0;

    while (next < NITEMS) {
        size_t count = 1 + next % LEN(block), done;

        if (count > NITEMS - next)
            count = NITEMS - next;
        for (size_t i = 0; i < count; i++)
            block[i] = (struct item){next + i, (next + i) * (next + i)};
        done = ring_write(r, block, count);
        next += done;
        if (!done)
            sched_yield();
    }
    return NULL;
}

static void
two_threads_lose_nothing(void **state)
{
    struct ring r;
    struct item block[17];
    pthread_t writer;
    uint64_t next = 0;

    (void)state;
    assert_int_equal(ring_prepare(&r, sizeof(struct item), CAPACITY), OK);
    assert_int_equal(pthread_create(&writer, NULL, write_all, &r), 0);
    while (next < NITEMS) {
        size_t count = 1 + next % LEN(block), got = ring_peek(&r, 0, block, count);

        for (size_t i = 0; i < got; i++, next++) {
            assert_int_equal(block[i].number, next);
            assert_int_equal(block[i].square, next * next);
        }
        ring_drop(&r, got);
        if (!got)
            sched_yield();
    }
    pthread_join(writer, NULL);
    assert_int_equal(ring_readable(&r), 0);
    assert_int_equal(ring_written(&r), NITEMS);
    assert_int_equal(ring_taken(&r), NITEMS);
    ring_free(&r);
}

static void
capacity_is_a_power_of_two_not_below_what_was_asked(void **state)
{
    static const size_t asked[] = {0, 1, 2, 3, 63, 64, 65};
    static const size_t given[] = {2, 2, 2, 4, 64, 64, 128};

    (void)state;
    for (size_t i = 0; i < LEN(asked); i++) {
        struct ring r;

        assert_int_equal(ring_prepare(&r, 8, asked[i]), OK);
        assert_int_equal(ring_capacity(&r), given[i]);
        assert_int_equal(ring_writable(&r), given[i]);
        ring_free(&r);
        ring_free(&r);
    }
}

static void
full_ring_takes_no_more(void **state)
{
    struct ring r;
    int in[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, out[10];

    (void)state;
    assert_int_equal(ring_prepare(&r, sizeof(int), 8), OK);
    assert_int_equal(ring_write(&r, in, 10), 8);
    assert_int_equal(ring_write(&r, in, 1), 0);
    assert_int_equal(ring_read(&r, out, 10), 8);
    assert_memory_equal(in, out, 8 * sizeof(int));
    assert_int_equal(ring_read(&r, out, 1), 0);
    ring_free(&r);
}

static void
peek_takes_nothing_and_skips(void **state)
{
    struct ring r;
    int in[6] = {0, 1, 2, 3, 4, 5}, out[6];

    (void)state;
    assert_int_equal(ring_prepare(&r, sizeof(int), 8), OK);
    ring_write(&r, in, 6);
    ring_drop(&r, 4);
    assert_int_equal(ring_write(&r, in, 6), 6); /* wraps */
    assert_int_equal(ring_peek(&r, 1, out, 4), 4);
    assert_int_equal(out[0], 5);
    assert_int_equal(out[1], 0);
    assert_int_equal(out[3], 2);
    assert_int_equal(ring_peek(&r, 8, out, 1), 0);
    assert_int_equal(ring_readable(&r), 8);
    ring_drop(&r, 100);
    assert_int_equal(ring_taken(&r), 12);
    ring_free(&r);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_threads_lose_nothing),
        cmocka_unit_test(capacity_is_a_power_of_two_not_below_what_was_asked),
        cmocka_unit_test(full_ring_takes_no_more),
        cmocka_unit_test(peek_takes_nothing_and_skips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
