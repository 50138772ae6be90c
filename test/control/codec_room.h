/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * codec_room: a codec with the controls of one test, and what it tells of a message.
 */
#ifndef TEST_CONTROL_CODEC_ROOM_H
#define TEST_CONTROL_CODEC_ROOM_H

#include "control/midi/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { EVENTS = 16 };

#define MS 1000000LL

static struct codec *codec;
static struct codec_event event[EVENTS];

static inline void
begin(struct surface_control *controls, unsigned n)
{
    static struct surface_profile p;

    codec_close(codec);
    p = (struct surface_profile){.controls = controls, .controls_count = n};
    assert_int_equal(codec_open(&codec, &p), OK);
}

static inline int
end(void **state)
{
    (void)state;
    codec_close(codec);
    codec = NULL;
    return 0;
}

/* How many events; `event` has them. */
static inline int
hear_at(int64_t now_ns, const char *bytes, size_t size)
{
    memset(event, 0, sizeof event);
    return codec_read(codec, (const uint8_t *)bytes, size, now_ns, event, EVENTS);
}

#define HEAR(bytes)        hear_at(0, bytes, sizeof(bytes) - 1)
#define HEAR_AT(ns, bytes) hear_at(ns, bytes, sizeof(bytes) - 1)
#define VALUE(bytes)       value_of(HEAR(bytes))
#define IS(which, what_, bytes)                                                                              \
    assert_true(HEAR(bytes) == 1 && event[0].n == (which) && event[0].what == (what_))

static inline double
value_of(int n)
{
    assert_int_equal(n, 1);
    assert_int_equal(event[0].what, CODEC_VALUE);
    return event[0].value;
}

static inline double
ticks_of(int n)
{
    if (n == 0)
        return 0.0;
    assert_int_equal(n, 1);
    assert_int_equal(event[0].what, CODEC_TICKS);
    return event[0].ticks;
}

#endif
