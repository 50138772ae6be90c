/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "control/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* Descriptors are pairs of sockets: what is written to there[i] makes here[i] readable. */
enum { PAIRS = 40, PATIENCE_MS = 10000 };

struct world {
    struct loop *loop;
    int here[PAIRS], there[PAIRS];
    int calls[PAIRS];
    int order; /* calls so far, of all */
    void (*act)(struct world *w, int i);
};

static int
set_up(void **state)
{
    static struct world w;

    memset(&w, 0, sizeof w);
    assert_int_equal(loop_open(&w.loop), OK);
    for (int i = 0; i < PAIRS; i++) {
        int pair[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
        w.here[i] = pair[0];
        w.there[i] = pair[1];
    }
    *state = &w;
    return 0;
}

static int
tear_down(void **state)
{
    struct world *w = *state;

    loop_close(w->loop);
    for (int i = 0; i < PAIRS; i++) {
        close(w->here[i]);
        close(w->there[i]);
    }
    return 0;
}

static void
on_call(void *context, int fd)
{
    struct world *w = context;

    w->order++;
    for (int i = 0; i < PAIRS; i++)
        if (w->here[i] == fd) {
            w->calls[i]++;
            if (w->act)
                w->act(w, i);
            return;
        }
    fail_msg("called for descriptor %d, which nobody watches", fd);
}

static void
watch(struct world *w, int i)
{
    assert_true(loop_watch(w->loop, w->here[i], false, on_call, w));
}

static void
ring(struct world *w, int i)
{
    assert_int_equal(write(w->there[i], "x", 1), 1);
}

static void
silence(struct world *w, int i)
{
    char data[16];

    while (read(w->here[i], data, sizeof data) > 0)
        ;
}

static void
only_who_has_something_is_called(void **state)
{
    struct world *w = *state;

    watch(w, 0);
    watch(w, 1);
    loop_wait(w->loop, 0);
    assert_int_equal(w->order, 0);
    ring(w, 1);
    loop_wait(w->loop, PATIENCE_MS);
    assert_int_equal(w->calls[0], 0);
    assert_int_equal(w->calls[1], 1);
    loop_wait(w->loop, PATIENCE_MS); /* still there */
    assert_int_equal(w->calls[1], 2);
    silence(w, 1);
    loop_wait(w->loop, 0);
    assert_int_equal(w->order, 2);
}

static void
the_end_of_the_other_side_is_something(void **state)
{
    struct world *w = *state;

    watch(w, 0);
    shutdown(w->there[0], SHUT_WR);
    loop_wait(w->loop, PATIENCE_MS);
    assert_int_equal(w->calls[0], 1);
}

static void
writable_is_waited_for_only_when_asked(void **state)
{
    static const char block[4096];
    struct world *w = *state;

    watch(w, 0);
    loop_wait(w->loop, 0);
    assert_int_equal(w->calls[0], 0);
    assert_true(loop_watch(w->loop, w->here[0], true, on_call, w)); /* changes it */
    loop_wait(w->loop, PATIENCE_MS);
    assert_int_equal(w->calls[0], 1);
    while (write(w->here[0], block, sizeof block) > 0)
        ;
    loop_wait(w->loop, 0);
    assert_int_equal(w->calls[0], 1);
    ring(w, 0);
    loop_wait(w->loop, PATIENCE_MS);
    assert_int_equal(w->calls[0], 2);
    silence(w, 0);
    watch(w, 0);
    while (read(w->there[0], (char[4096]){0}, 4096) > 0)
        ;
    loop_wait(w->loop, 0);
    assert_int_equal(w->calls[0], 2);
}

static void
on_other(void *context, int fd)
{
    (void)fd;
    ++*(int *)context;
}

static void
watching_again_changes_the_hand(void **state)
{
    struct world *w = *state;
    int others = 0;

    watch(w, 0);
    assert_true(loop_watch(w->loop, w->here[0], false, on_other, &others));
    ring(w, 0);
    loop_wait(w->loop, PATIENCE_MS);
    assert_int_equal(w->calls[0], 0);
    assert_int_equal(others, 1);
}

static void
forgotten_is_forgotten(void **state)
{
    struct world *w = *state;

    watch(w, 0);
    ring(w, 0);
    loop_forget(w->loop, w->here[0]);
    loop_forget(w->loop, w->here[0]);
    loop_forget(w->loop, w->here[1]); /* never watched */
    loop_forget(w->loop, -1);
    loop_wait(w->loop, 0);
    assert_int_equal(w->order, 0);
    watch(w, 0);
    loop_wait(w->loop, PATIENCE_MS);
    assert_int_equal(w->calls[0], 1);
}

static void
forget_all(struct world *w, int i)
{
    (void)i;
    for (int k = 0; k < PAIRS; k++)
        loop_forget(w->loop, w->here[k]);
}

static void
whom_an_earlier_hand_forgot_is_not_called(void **state)
{
    struct world *w = *state;

    w->act = forget_all;
    for (int i = 0; i < 3; i++) {
        watch(w, i);
        ring(w, i);
    }
    loop_wait(w->loop, PATIENCE_MS);
    assert_int_equal(w->order, 1);
}

/* Ends 1 from 0 or 0 from 1, and opens another that gets its number, with nothing to read. */
static void
replace_other(struct world *w, int i)
{
    int other = 1 - i, number = w->here[other];
    int pair[2];

    w->act = NULL;
    loop_forget(w->loop, number);
    close(number);
    close(w->there[other]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_true(pair[0] == number || pair[1] == number);
    w->here[other] = number;
    w->there[other] = pair[0] == number ? pair[1] : pair[0];
    watch(w, other);
}

static void
a_number_that_comes_again_is_not_called_for_the_one_before(void **state)
{
    struct world *w = *state;

    w->act = replace_other;
    for (int i = 0; i < 2; i++) {
        watch(w, i);
        ring(w, i);
    }
    loop_wait(w->loop, PATIENCE_MS);
    assert_int_equal(w->order, 1);
    for (int i = 0; i < 2; i++)
        silence(w, i);
    loop_wait(w->loop, 0);
    assert_int_equal(w->order, 1);
    for (int i = 0; i < 2; i++)
        ring(w, i);
    loop_wait(w->loop, PATIENCE_MS);
    assert_int_equal(w->order, 3);
}

static void
watch_next(struct world *w, int i)
{
    if (i + 1 < PAIRS)
        watch(w, i + 1);
    silence(w, i);
}

static void
whom_a_hand_watches_is_called_when_it_is_his_turn(void **state)
{
    struct world *w = *state;

    w->act = watch_next;
    for (int i = 0; i < PAIRS; i++)
        ring(w, i);
    watch(w, 0);
    for (int i = 0; i < PAIRS; i++) {
        loop_wait(w->loop, PATIENCE_MS);
        assert_int_equal(w->order, i + 1);
        assert_int_equal(w->calls[i], 1);
    }
}

static void
forget_own(struct world *w, int i)
{
    loop_forget(w->loop, w->here[i]);
}

static void
a_hand_may_forget_its_own(void **state)
{
    struct world *w = *state;

    w->act = forget_own;
    watch(w, 0);
    ring(w, 0);
    loop_wait(w->loop, PATIENCE_MS);
    loop_wait(w->loop, 0);
    assert_int_equal(w->calls[0], 1);
}

static void
nobody_starves_where_all_have_something(void **state)
{
    struct world *w = *state;

    for (int i = 0; i < PAIRS; i++) {
        watch(w, i);
        ring(w, i);
    }
    for (int turn = 0; turn < 4; turn++)
        loop_wait(w->loop, PATIENCE_MS);
    for (int i = 0; i < PAIRS; i++)
        assert_in_range(w->calls[i], 2, 4);
}

static void
what_is_too_many_or_none_is_refused(void **state)
{
    struct world *w = *state;
    int fds[LOOP_WATCHES + 1], calls = 0;
    int file;

    for (int i = 0; i <= LOOP_WATCHES; i++) {
        fds[i] = fcntl(w->here[0], F_DUPFD_CLOEXEC, 0);
        assert_true(fds[i] >= 0);
        assert_int_equal(loop_watch(w->loop, fds[i], false, on_other, &calls), i < LOOP_WATCHES);
    }
    assert_true(loop_watch(w->loop, fds[0], true, on_other, &calls)); /* one that has its place may change */
    loop_forget(w->loop, fds[0]);
    assert_true(loop_watch(w->loop, fds[LOOP_WATCHES], false, on_other, &calls));
    for (int i = 1; i <= LOOP_WATCHES; i++)
        loop_forget(w->loop, fds[i]);
    for (int i = 0; i <= LOOP_WATCHES; i++)
        close(fds[i]);

    assert_false(loop_watch(w->loop, -1, false, on_other, &calls));
    assert_false(loop_watch(w->loop, fds[0], false, on_other, &calls)); /* closed */
    file = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);
    if (file >= 0) /* a file is always ready: nothing to wait for */
        assert_false(loop_watch(w->loop, file, false, on_other, &calls));
    close(file);
    for (int i = 0; i < LOOP_WATCHES - 1; i++) /* a refusal takes no place */
        assert_false(loop_watch(w->loop, fds[0], false, on_other, &calls));
    watch(w, 0);
    ring(w, 0);
    loop_wait(w->loop, PATIENCE_MS);
    assert_int_equal(w->calls[0], 1);
}

static void
a_descriptor_closed_unforgotten_leaves_its_number_usable(void **state)
{
    struct world *w = *state;
    int pair[2], number = w->here[0];

    watch(w, 0);
    close(number);
    close(w->there[0]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_true(pair[0] == number || pair[1] == number);
    w->here[0] = number;
    w->there[0] = pair[0] == number ? pair[1] : pair[0];
    watch(w, 0);
    ring(w, 0);
    loop_wait(w->loop, PATIENCE_MS);
    assert_int_equal(w->calls[0], 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_who_has_something_is_called, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_of_the_other_side_is_something, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writable_is_waited_for_only_when_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(watching_again_changes_the_hand, set_up, tear_down),
        cmocka_unit_test_setup_teardown(forgotten_is_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(whom_an_earlier_hand_forgot_is_not_called, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_number_that_comes_again_is_not_called_for_the_one_before, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(whom_a_hand_watches_is_called_when_it_is_his_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_hand_may_forget_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_starves_where_all_have_something, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_too_many_or_none_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_descriptor_closed_unforgotten_leaves_its_number_usable, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
