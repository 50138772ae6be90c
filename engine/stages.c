/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/stages.h"

#include <stddef.h>

/* clang-format off */
#define STAGE(name)                                                                                           \
    static enum status name##_prepare_(void *s, double rate_hz) { return name##_prepare(s, rate_hz); }        \
    static void name##_free_(void *s) { name##_free(s); }                                                     \
    RT static void name##_reset_(void *s) { name##_reset(s); }                                                \
    RT static void name##_set_(void *s, const void *settings) { name##_set(s, settings); }                    \
    RT static void name##_process_(void *s, double *const *io, int n) { name##_process(s, io, n); }           \
    RT static int name##_latency_frames_(const void *s) { return name##_latency_frames(s); }

#define SWITCH(name) RT static bool name##_is_on_(const struct settings *s) { return s->name.on; }
#define ALWAYS(name) RT static bool name##_is_on_(const struct settings *s) { (void)s; return true; }
#define REDUCTION(name)                                                                                       \
    RT static double name##_take_reduction_db_(void *s) { return name##_take_reduction_db(s); }
#define BANDS(name)                                                                                           \
    RT static double name##_take_band_reduction_db_(void *s, int band)                                        \
    { return name##_take_band_reduction_db(s, band); }
#define LISTEN(name)                                                                                          \
    RT static void name##_listen_(void *s, double *const *heard) { name##_listen(s, heard); }                 \
    RT static bool name##_is_listened_(const struct settings *s) { return name##_is_listened(&s->name); }
#define LATENCY(name)                                                                                         \
    static int name##_latency_max_frames_(const void *s) { return name##_latency_max_frames(s); }
#define RESTART(name)                                                                                         \
    RT static void name##_restart_(void *s) { name##_restart(s); }                                            \
    RT static int name##_warm_frames_(const void *s) { return name##_warm_frames(s); }

#define KEY(name)                                                                                             \
    RT static void name##_key_(void *s, const double *const *key) { name##_key(s, key); }                     \
    RT static bool name##_is_keyed_(const struct settings *s) { return name##_is_keyed(&s->name); }

STAGE(input) ALWAYS(input)
STAGE(eq) SWITCH(eq) REDUCTION(eq) BANDS(eq) LISTEN(eq) RESTART(eq) LATENCY(eq)
STAGE(insert) LATENCY(insert)
STAGE(deess) SWITCH(deess) REDUCTION(deess) LISTEN(deess)
STAGE(multiband) SWITCH(multiband) REDUCTION(multiband) BANDS(multiband) LISTEN(multiband) RESTART(multiband) LATENCY(multiband)
STAGE(comp) SWITCH(comp) REDUCTION(comp) LISTEN(comp) KEY(comp) LATENCY(comp)
STAGE(saturate) SWITCH(saturate)
STAGE(exciter) SWITCH(exciter)
STAGE(stereo) SWITCH(stereo)
STAGE(clip) SWITCH(clip) REDUCTION(clip)
STAGE(limit) SWITCH(limit) REDUCTION(limit) LISTEN(limit)

RT static bool insert_1_is_on(const struct settings *s) { return s->insert[0].on; }
RT static bool insert_2_is_on(const struct settings *s) { return s->insert[1].on; }
RT static void insert_hold_(void *s, bool hold) { insert_hold(s, hold); }

RT static void
insert_ports_(void *s, float *const *send, const float *const *ret)
{
    insert_ports(s, send, ret);
}

#define ROW(stage)                                                                                            \
    .name = #stage, .size = sizeof(struct stage), .settings = offsetof(struct settings, stage),               \
    .settings_size = sizeof(struct stage##_settings), .is_on = stage##_is_on_, .prepare = stage##_prepare_,   \
    .free = stage##_free_, .reset = stage##_reset_, .set = stage##_set_, .process = stage##_process_,         \
    .latency_frames = stage##_latency_frames_
#define INSERT(number)                                                                                        \
    .name = "insert/" #number, .size = sizeof(struct insert),                                                 \
    .settings = offsetof(struct settings, insert[number - 1]), .settings_size = sizeof(struct insert_settings), \
    .is_on = insert_##number##_is_on, .prepare = insert_prepare_, .free = insert_free_, .reset = insert_reset_, \
    .set = insert_set_, .process = insert_process_, .latency_frames = insert_latency_frames_,                 \
    .latency_max_frames = insert_latency_max_frames_, .ports = insert_ports_, .hold = insert_hold_,           \
    .nth = number - 1
#define REDUCES(stage) .take_reduction_db = stage##_take_reduction_db_
#define LISTENS(stage) .listen = stage##_listen_, .is_listened = stage##_is_listened_
#define DELAYS(stage) .latency_max_frames = stage##_latency_max_frames_
#define RESTARTS(stage) .restart = stage##_restart_, .warm_frames = stage##_warm_frames_
#define BY_BANDS(stage) .take_band_reduction_db = stage##_take_band_reduction_db_
#define KEYED(stage) .key = stage##_key_, .is_keyed = stage##_is_keyed_
/* clang-format on */

const struct stage_row stage_table[STAGES] = {
    [STAGE_INPUT] = {ROW(input)},
    [STAGE_EQ] = {ROW(eq), REDUCES(eq), BY_BANDS(eq), LISTENS(eq), RESTARTS(eq), DELAYS(eq)},
    [STAGE_INSERT_1] = {INSERT(1)},
    [STAGE_DEESS] = {ROW(deess), REDUCES(deess), LISTENS(deess)},
    [STAGE_MULTIBAND] = {ROW(multiband), REDUCES(multiband), BY_BANDS(multiband), LISTENS(multiband),
                         RESTARTS(multiband), DELAYS(multiband)},
    [STAGE_COMP] = {ROW(comp), REDUCES(comp), LISTENS(comp), KEYED(comp), DELAYS(comp)},
    [STAGE_INSERT_2] = {INSERT(2)},
    [STAGE_SATURATE] = {ROW(saturate)},
    [STAGE_EXCITER] = {ROW(exciter)},
    [STAGE_STEREO] = {ROW(stereo)},
    [STAGE_CLIP] = {ROW(clip), REDUCES(clip)},
    [STAGE_LIMIT] = {ROW(limit), REDUCES(limit), LISTENS(limit)},
};

/* Where a stage stands, as one number; the ends are out of anybody's reach. */
RT static int
place(const struct settings *s, enum stage stage)
{
    if (stage == STAGE_INPUT)
        return -1;
    return stage == STAGE_LIMIT ? INT32_MAX : s->chain.place[stage];
}

RT void
stages_order(const struct settings *s, enum stage order[STAGES])
{
    for (int i = 0; i < STAGES; i++) {
        int at = i;

        for (; at > 0 && place(s, order[at - 1]) > place(s, (enum stage)i); at--)
            order[at] = order[at - 1];
        order[at] = (enum stage)i;
    }
}
