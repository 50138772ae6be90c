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

STAGE(input) ALWAYS(input)
STAGE(eq) SWITCH(eq)
STAGE(comp) SWITCH(comp) REDUCTION(comp)
STAGE(limit) SWITCH(limit) REDUCTION(limit)

#define ROW(stage)                                                                                            \
    .name = #stage, .size = sizeof(struct stage), .settings = offsetof(struct settings, stage),               \
    .settings_size = sizeof(struct stage##_settings), .is_on = stage##_is_on_, .prepare = stage##_prepare_,   \
    .free = stage##_free_, .reset = stage##_reset_, .set = stage##_set_, .process = stage##_process_,         \
    .latency_frames = stage##_latency_frames_
#define REDUCES(stage) .take_reduction_db = stage##_take_reduction_db_
    /* clang-format on */

    const struct stage_row stage_table[STAGES] = {
        [STAGE_INPUT] = {ROW(input)},
        [STAGE_EQ] = {ROW(eq)},
        [STAGE_COMP] = {ROW(comp), REDUCES(comp)},
        [STAGE_LIMIT] = {ROW(limit), REDUCES(limit)},
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
