/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/publish.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { WORDS = 96, NWRITES = 300000 };

struct page {
    uint64_t word[WORDS]; /* all equal, or it is torn */
};

static struct publish newest;
static struct publish_count written;

static void
write_page(uint64_t number)
{
    struct page page;

    for (int i = 0; i < WORDS; i++)
        page.word[i] = number;
    publish_write(&newest, &page);
}

static void *
write_all(void *arg)
{
    for (uint64_t n = 1; n <= NWRITES; n++) {
        write_page(n);
        publish_count_set(&written, n);
        if (n % 64 == 0)
            sched_yield();
    }
    return arg;
}

static void
reads_zeros_before_the_first_write(void **state)
{
    const struct page *page;

    (void)state;
    assert_int_equal(publish_prepare(&newest, sizeof(struct page)), OK);
    page = publish_read(&newest);
    for (int i = 0; i < WORDS; i++)
        assert_int_equal(page->word[i], 0);
    publish_free(&newest);
    publish_free(&newest); /* twice is harmless */
}

static void
reads_the_newest_and_then_the_same_again(void **state)
{
    const struct page *page;

    (void)state;
    assert_int_equal(publish_prepare(&newest, sizeof(struct page)), OK);
    for (uint64_t n = 1; n < 50; n++) {
        for (uint64_t k = 0; k < n % 5; k++)
            write_page(100 * n + k);
        page = publish_read(&newest);
        if (n % 5)
            assert_int_equal(page->word[WORDS - 1], 100 * n + n % 5 - 1);
        assert_ptr_equal(publish_read(&newest), page);
    }
    publish_free(&newest);
}

/* The copy handed out stays whole, however much is written until the next read. */
static void
writing_leaves_the_reader_its_copy(void **state)
{
    const struct page *page;

    (void)state;
    assert_int_equal(publish_prepare(&newest, sizeof(struct page)), OK);
    write_page(7);
    page = publish_read(&newest);
    for (uint64_t n = 8; n < 20; n++) {
        write_page(n);
        assert_int_equal(page->word[0], 7);
        assert_int_equal(page->word[WORDS - 1], 7);
    }
    page = publish_read(&newest);
    assert_int_equal(page->word[0], 19);
    publish_free(&newest);
}

static void
two_threads_never_see_a_torn_or_an_older_copy(void **state)
{
    pthread_t writer;
    uint64_t last = 0;

    (void)state;
    assert_int_equal(publish_prepare(&newest, sizeof(struct page)), OK);
    publish_count_set(&written, 0);
    assert_int_equal(pthread_create(&writer, NULL, write_all, NULL), 0);
    while (last < NWRITES) {
        uint64_t before = publish_count_get(&written);
        const struct page *page = publish_read(&newest);
        uint64_t number = page->word[0];

        for (int i = 1; i < WORDS; i++)
            assert_int_equal(page->word[i], number);
        assert_true(number >= last);
        assert_true(number >= before);
        last = number;
    }
    pthread_join(writer, NULL);
    publish_free(&newest);
}

enum { TAKERS = 4, NTAKES = 20000 };

static struct publish_count tickets;
static unsigned char taken[TAKERS * NTAKES];

static void *
take_all(void *arg)
{
    for (int i = 0; i < NTAKES; i++)
        taken[publish_count_take(&tickets)]++;
    return arg;
}

static void
each_number_is_taken_once(void **state)
{
    pthread_t taker[TAKERS];

    (void)state;
    for (int i = 0; i < TAKERS; i++)
        assert_int_equal(pthread_create(&taker[i], NULL, take_all, NULL), 0);
    for (int i = 0; i < TAKERS; i++)
        pthread_join(taker[i], NULL);
    assert_int_equal(publish_count_get(&tickets), TAKERS * NTAKES);
    for (size_t i = 0; i < LEN(taken); i++)
        assert_int_equal(taken[i], 1);
    publish_count_add(&tickets, 5);
    assert_int_equal(publish_count_get(&tickets), TAKERS * NTAKES + 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_zeros_before_the_first_write),
        cmocka_unit_test(reads_the_newest_and_then_the_same_again),
        cmocka_unit_test(writing_leaves_the_reader_its_copy),
        cmocka_unit_test(two_threads_never_see_a_torn_or_an_older_copy),
        cmocka_unit_test(each_number_is_taken_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
