/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/hold.h"

#include "test/kit/dice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { FRAMES = 6000, WINDOW_MAX = 2000 };

static double in[STEREO][FRAMES], out[STEREO][FRAMES];

static double
largest(const double *v, int at, int window)
{
    double most = 0.0;

    for (int i = at; i >= 0 && i > at - window; i--)
        most = v[i] > most ? v[i] : most;
    return most;
}

/* In pieces as the dice say, so that each level's ring is cut everywhere; from a start at any time. */
static void
run(struct hold *h, int window, int rows)
{
    hold_start(h, window);
    for (int at = 0, n; at < FRAMES; at += n) {
        double v[STEREO][LINE_PIECE];

        n = (int)dice(LINE_PIECE + 1);
        n = n < FRAMES - at ? n : FRAMES - at;
        for (int row = 0; row < rows; row++)
            memcpy(v[row], in[row] + at, sizeof **v * (size_t)n);
        hold_process(h, v, rows, n);
        for (int row = 0; row < rows; row++)
            memcpy(out[row] + at, v[row], sizeof **v * (size_t)n);
    }
}

static void
each_number_is_the_windows_largest(void **state)
{
    static const int windows[] = {1,  2,  3,  4,   5,   7,   8,   16,   17,  63,
                                  64, 65, 73, 241, 255, 256, 257, 1000, 2000};
    double *memory = calloc(hold_size(WINDOW_MAX), sizeof *memory);
    struct hold h;

    (void)state;
    assert_non_null(memory);
    assert_true(hold_place(&h, memory, WINDOW_MAX) == memory + hold_size(WINDOW_MAX));
    for (size_t k = 0; k < LEN(windows); k++) {
        int rows = 1 + (int)(k & 1);

        for (int i = 0; i < FRAMES; i++)
            for (int row = 0; row < STEREO; row++)
                in[row][i] = dice(8) ? 0.0 : dice(1000);
        run(&h, windows[k], rows);
        for (int row = 0; row < rows; row++)
            for (int i = 0; i < FRAMES; i++)
                assert_true(out[row][i] == largest(in[row], i, windows[k]));
    }
    free(memory);
}

/* What it needs for its own largest window is what it takes. */
static void
the_memory_of_each_window_is_enough(void **state)
{
    (void)state;
    for (int window = 1; window < 300; window++) {
        size_t size = hold_size(window);
        double *memory = malloc(sizeof *memory * (size + 1));
        struct hold h;

        assert_non_null(memory);
        memset(memory, 0, sizeof *memory * size);
        memory[size] = -1.0;
        assert_true(hold_place(&h, memory, window) == memory + size);
        in[0][0] = 5.0;
        run(&h, window, 2);
        assert_true(out[0][window - 1] >= 5.0);
        assert_true(memory[size] == -1.0);
        free(memory);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_is_the_windows_largest),
        cmocka_unit_test(the_memory_of_each_window_is_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
