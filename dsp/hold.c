/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/hold.h"

#include "dsp/clones.h"

/* Of the last 4^k frames four are looked at, or fewer, within four times as many. */
static int
reach(int width)
{
    return 3 * width;
}

size_t
hold_size(int window_max)
{
    size_t sum = 0;

    for (int width = 1; width <= window_max; width *= 4)
        sum += STEREO * line_size(reach(width));
    return sum;
}

double *
hold_place(struct hold *h, double *memory, int window_max)
{
    *h = (struct hold){.window = 1};
    for (int k = 0, width = 1; width <= window_max; k++, width *= 4)
        for (int row = 0; row < STEREO; row++)
            memory = line_place(&h->line[k][row], memory, reach(width));
    return memory;
}

RT void
hold_start(struct hold *h, int window)
{
    h->window = window;
    h->at = 0;
    h->age = 0;
}

INLINE double
larger(double a, double b)
{
    return a > b ? a : b;
}

/* Soon after the start: what was before it is not in the line. */
static void
join_young(const struct hold *h, const struct line *line, double *out, int n, const int *back)
{
    for (int i = 0; i < n; i++) {
        double most = line_at(line, h->at)[i];

        for (int k = 0; k < 3; k++)
            if (back[k] <= h->age + i)
                most = larger(most, line_at(line, h->at - (unsigned)back[k])[i]);
        out[i] = most;
    }
}

/* The largest of what stands in the line now and back[0..2] frames before. */
INLINE void
join(const struct hold *h, const struct line *line, double *restrict out, int n, const int *back)
{
    const double *restrict a = line_at(line, h->at), *restrict b = line_at(line, h->at - (unsigned)back[0]);
    const double *restrict c = line_at(line, h->at - (unsigned)back[1]);
    const double *restrict d = line_at(line, h->at - (unsigned)back[2]);

    if (back[2] > h->age) {
        join_young(h, line, out, n, back);
        return;
    }
    for (int i = 0; i < n; i++)
        out[i] = larger(larger(a[i], b[i]), larger(c[i], d[i]));
}

static int
least(int a, int b)
{
    return a < b ? a : b;
}

CLONES static void
run(const struct hold *h, double (*v)[LINE_PIECE], int rows, int n)
{
    int k = 0, width = 1, rest;

    for (; 4 * width <= h->window; width *= 4, k++)
        for (int row = 0; row < rows; row++) {
            const struct line *to = &h->line[k + 1][row];

            join(h, &h->line[k][row], line_at(to, h->at), n, (int[]){width, 2 * width, 3 * width});
            line_written(to, h->at, n);
        }
    rest = h->window - width;
    for (int row = 0; row < rows; row++)
        join(h, &h->line[k][row], v[row], n, (int[]){least(width, rest), least(2 * width, rest), rest});
}

RT void
hold_process(struct hold *h, double (*v)[LINE_PIECE], int rows, int n)
{
    for (int row = 0; row < rows; row++)
        line_write(&h->line[0][row], h->at, v[row], n);
    run(h, v, rows, n);
    h->at += (unsigned)n;
    h->age = h->age + n < HOLD_WINDOW_MAX ? h->age + n : HOLD_WINDOW_MAX;
}
