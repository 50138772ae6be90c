/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stage: what is asked of every stage alike, whichever it is (the contract in dsp/dsp.h).
 *
 * STAGE(comp); makes, once a program, `comp_stage`: the kernel with its type wiped off, and one state for it to
 * work on. Each function here prepares it anew and frees it.
 */
#ifndef TEST_KIT_STAGE_H
#define TEST_KIT_STAGE_H

#include "dsp/dsp.h"

struct stage_face {
    void *state;
    enum status (*prepare)(void *state, double rate_hz);
    void (*free)(void *state);
    void (*reset)(void *state);
    void (*set)(void *state, const void *settings);
    void (*process)(void *state, double *const *io, int nframes);
};

/* clang-format off */
#define STAGE(name)                                                                                           \
    static struct name name##_state_;                                                                         \
    static enum status name##_prepare_(void *s, double rate_hz) { return name##_prepare(s, rate_hz); }        \
    static void name##_free_(void *s) { name##_free(s); }                                                     \
    static void name##_reset_(void *s) { name##_reset(s); }                                                   \
    static void name##_set_(void *s, const void *settings) { name##_set(s, settings); }                       \
    static void name##_process_(void *s, double *const *x, int n) { name##_process(s, x, n); }                \
    static const struct stage_face name##_stage = {                                                           \
        &name##_state_, name##_prepare_, name##_free_, name##_reset_, name##_set_, name##_process_}
/* clang-format on */

/* Refused where no rate can be; what that left may be freed, and freed again. */
void assert_odd_rates_are_refused(const struct stage_face *s);

/* --- moves at random frames --- */

typedef void stage_sound(double *const *io, double rate_hz, int nframes);

/* White, -6 dBFS peak, the same at each call. */
stage_sound stage_noise;

struct stage_moves {
    double rate_hz;
    int nframes;
    int gap;                      /* frames from one move to the next: 1 .. gap, by the dice */
    stage_sound *make;            /* what goes in */
    const void *(*move)(int nth); /* the nth settings, by the dice; 0 comes before the first frame */
};

/* To the bit in blocks of 7 to all frames as in blocks of 1. */
void assert_same_bits_at_any_block(const struct stage_face *s, const struct stage_moves *m);
void assert_silence_stays_silent(const struct stage_face *s, const struct stage_moves *m);

/* --- clicks --- */

struct stage_field { /* of the settings: a double, and the ends of its range */
    const char *name;
    size_t offset;
    double least, most;
};

void stage_field_set(void *settings, const struct stage_field *f, double value);

/* With all else as in settings (of that size), each field goes from one end to the other and back under a tone
   (leak.h). No louder than at rest before and settle_frames after it, but for -90 dBFS and 5 %. */
void assert_moves_do_not_click(const struct stage_face *s, const void *settings, size_t size,
                               const struct stage_field *fields, size_t nfields, int settle_frames);
/* The same judgement on frames that were made elsewhere; peaks are linear. */
void assert_no_click(const char *what, double at_rest, double in_the_move);

/* --- reset --- */

/* After other settings, NaN, infinity and a number too large it is as new: the same bits once more. */
void assert_reset_forgets(const struct stage_face *s, stage_sound *make, const void *settings,
                          const void *other);

#endif
