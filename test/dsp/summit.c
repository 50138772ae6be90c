/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/summit.h"

#include "test/kit/dice.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { FRAMES = 4096 };

static float sound[FRAMES][STEREO];

static float
largest(int channel, int last, int window)
{
    float most = 0.0f;

    for (int i = last - window + 1; i <= last; i++)
        if (i >= 0)
            most = fmaxf(most, sound[i][channel]);
    return most;
}

static void
check(int window, int late)
{
    struct summit s;
    int capacity = summit_capacity(window, late);
    float *memory = calloc(summit_floats(capacity), sizeof *memory);

    assert_non_null(memory);
    summit_place(&s, memory, window, capacity);
    summit_reset(&s);
    for (int at = 0; at < FRAMES; at += LANES_GROUP) {
        float most[LANES];

        summit_put(&s, at, sound[at]);
        summit_read(&s, at, late, window, most);
        for (int i = 0; i < LANES; i++)
            assert_true(most[i] == largest(i % STEREO, at + i / STEREO - late, window));
    }
    free(memory);
}

/* From those of 8 kHz to those of 384 kHz. */
static void
any_window_has_its_largest(void **state)
{
    static const int windows[] = {1, 2, 5, 7, 8, 9, 14, 16, 17, 31, 33, 64, 74, 146, 200, 290, 511, 512, 578};
    static const int lates[] = {0, 1, 8, 36, 288};

    (void)state;
    dice_state = 2;
    for (int i = 0; i < FRAMES; i++)
        for (int c = 0; c < STEREO; c++)
            sound[i][c] = (float)(chance() * exp(-fmod(i, 900.0 + 100.0 * c) / 100.0));
    for (size_t w = 0; w < LEN(windows); w++)
        for (size_t k = 0; k < LEN(lates); k++)
            check(windows[w], lates[k]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_window_has_its_largest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
