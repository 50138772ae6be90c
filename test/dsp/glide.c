/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/glide.h"

#include "dsp/fade.h"
#include "dsp/smooth.h"
#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MOVES_EVERY = 64 * 60, NFRAMES = MOVES_EVERY * 5 };

static double got[GLIDES][NFRAMES], want[GLIDES][NFRAMES];

/* Each of the four is sent somewhere else every MOVES_EVERY frames; pieces of at most `step`, cut at chunks. */
static void
run(struct glide *g, int step)
{
    static double piece[GLIDES][GLIDE_CHUNK];

    dice_state = 1;
    glide_prepare(g, 48000.0, 20.0, 1e-6);
    for (int at = 0, n; at < NFRAMES; at += n) {
        for (int k = 0; k < GLIDES && at % MOVES_EVERY == 0; k++)
            glide_to(g, k, noise());
        n = GLIDE_CHUNK - at % GLIDE_CHUNK;
        n = n < step ? n : step;
        glide_next(g, piece, n);
        for (int k = 0; k < GLIDES; k++)
            memcpy(got[k] + at, piece[k], sizeof(double) * (size_t)n);
        if ((at + n) % GLIDE_CHUNK == 0)
            glide_land(g);
    }
}

/* But for where it lands: within 1e-6 of the target both are there. */
static void
each_goes_smooths_way(void **state)
{
    struct smooth s[GLIDES];
    struct glide g;

    (void)state;
    run(&g, GLIDE_CHUNK);
    dice_state = 1;
    for (int k = 0; k < GLIDES; k++)
        smooth_prepare(&s[k], 48000.0, 20.0, 1e-6);
    for (int i = 0; i < NFRAMES; i++)
        for (int k = 0; k < GLIDES; k++) {
            if (i % MOVES_EVERY == 0)
                smooth_to(&s[k], noise());
            assert_true(fabs(smooth_next(&s[k]) - got[k][i]) < 2e-6);
        }
}

static void
same_bits_in_any_pieces(void **state)
{
    static const int steps[] = {1, 7, 33};
    struct glide g;

    (void)state;
    run(&g, GLIDE_CHUNK);
    memcpy(want, got, sizeof want);
    for (size_t i = 0; i < LEN(steps); i++) {
        run(&g, steps[i]);
        assert_memory_equal(got, want, sizeof want);
    }
}

static void
they_land_on_their_targets_exactly(void **state)
{
    struct glide g;

    (void)state;
    run(&g, 64);
    assert_false(g.moving);
    for (int k = 0; k < GLIDES; k++)
        assert_true(got[k][NFRAMES - 1] == g.target[k] && g.target[k] != 0.0);
}

/* fade.h: many frames at once are what they are one by one, with a switch back that waits for the end. */
static void
a_fade_filled_is_a_fade_stepped(void **state)
{
    static const double lengths_ms[] = {0.01, 1.0, 20.0};

    (void)state;
    for (size_t k = 0; k < LEN(lengths_ms); k++) {
        struct fade a, b;

        fade_prepare(&a, 48000.0, lengths_ms[k]);
        dice_state = 3;
        b = a;
        for (int at = 0, n; at < NFRAMES; at += n) {
            bool to = dice(2);

            n = (int)dice(200);
            n = n < NFRAMES - at ? n : NFRAMES - at;
            fade_to(&a, to);
            fade_to(&b, to);
            fade_fill(&a, got[0] + at, n);
            for (int i = 0; i < n; i++)
                want[0][at + i] = fade_next(&b);
            assert_memory_equal(&a, &b, sizeof a);
        }
        assert_memory_equal(got[0], want[0], sizeof want[0]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_goes_smooths_way),
        cmocka_unit_test(same_bits_in_any_pieces),
        cmocka_unit_test(they_land_on_their_targets_exactly),
        cmocka_unit_test(a_fade_filled_is_a_fade_stepped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
