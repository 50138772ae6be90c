/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/errand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static void
wait_for_gate(void *with)
{
    pthread_mutex_t *gate = with;

    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
}

static void
one_errand_at_a_time_and_told_once(void **state)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    struct errand e = {0};

    (void)state;
    assert_false(errand_back(&e));
    assert_false(errand_wait(&e));
    for (int i = 0; i < 3; i++) {
        pthread_mutex_lock(&gate);
        assert_int_equal(errand_send(&e, wait_for_gate, &gate), OK);
        assert_true(errand_is_out(&e));
        assert_false(errand_back(&e));
        assert_int_equal(errand_send(&e, wait_for_gate, &gate), UNAVAILABLE);
        pthread_mutex_unlock(&gate);
        while (!errand_back(&e))
            usleep(100);
        assert_false(errand_back(&e));
        assert_false(errand_is_out(&e));
    }
}

static void
who_waits_finds_it_done(void **state)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    struct errand e = {0};

    (void)state;
    assert_int_equal(errand_send(&e, wait_for_gate, &gate), OK);
    assert_true(errand_wait(&e));
    assert_false(errand_back(&e));
    assert_int_equal(errand_send(&e, wait_for_gate, &gate), OK);
    assert_true(errand_wait(&e));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_errand_at_a_time_and_told_once),
        cmocka_unit_test(who_waits_finds_it_done),
    };

    return cmocka_run_group_tests_name("errand", tests, NULL, NULL);
}
