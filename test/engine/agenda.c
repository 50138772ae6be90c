/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/agenda.h"

#include "test/kit/dice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 512 };

static struct agenda agenda;

static int
begin(void **state)
{
    (void)state;
    return agenda_prepare(&agenda, ROOM) != OK;
}

static int
end(void **state)
{
    (void)state;
    agenda_free(&agenda);
    return 0;
}

/* In whatever order they come: by frame, those of one frame by arrival. */
static void
events_come_out_by_frame_and_then_by_arrival(void **state)
{
    int arrivals = 0, last = -1;
    uint64_t frame = 0;

    (void)state;
    dice_state = 20261122;
    for (int round = 0; round < 2000; round++) {
        int n = (int)dice(8);

        for (int i = 0; i < n && !agenda_full(&agenda); i++)
            agenda_put(&agenda, &(struct event){.frame = frame + dice(20), .param = arrivals++});
        frame += dice(4);
        last = -1;
        for (uint64_t before = 0; agenda_due(&agenda, frame);) {
            struct event e = agenda_take(&agenda);

            assert_true(e.frame >= before && e.frame <= frame);
            if (e.frame == before)
                assert_true(e.param > last);
            before = e.frame;
            last = e.param;
        }
    }
    assert_true(arrivals > 5000);
}

static void
full_is_full_and_what_is_taken_makes_room(void **state)
{
    (void)state;
    for (int i = 0; i < ROOM; i++) {
        assert_false(agenda_full(&agenda));
        agenda_put(&agenda, &(struct event){.frame = (uint64_t)(ROOM - i)});
    }
    assert_true(agenda_full(&agenda));
    assert_int_equal(agenda_take(&agenda).frame, 1);
    assert_false(agenda_full(&agenda));
}

static void
a_span_ends_where_the_next_event_is(void **state)
{
    (void)state;
    assert_int_equal(agenda_until(&agenda, 100, 64), 64);
    agenda_put(&agenda, &(struct event){.frame = 130});
    assert_int_equal(agenda_until(&agenda, 100, 64), 30);
    assert_int_equal(agenda_until(&agenda, 100, 30), 30);
    assert_int_equal(agenda_until(&agenda, 100, 7), 7);
    assert_int_equal(agenda_until(&agenda, 130, 64), 64); /* it is due, and no end */
    assert_false(agenda_due(&agenda, 129));
    assert_true(agenda_due(&agenda, 130));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(events_come_out_by_frame_and_then_by_arrival, begin, end),
        cmocka_unit_test_setup_teardown(full_is_full_and_what_is_taken_makes_room, begin, end),
        cmocka_unit_test_setup_teardown(a_span_ends_where_the_next_event_is, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
