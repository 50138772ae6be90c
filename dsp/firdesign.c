/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * With M = taps, G = 2 M: the real x[j] = 1/G sum over k of X[k] e^(2 pi i j k/G), X[G - k] = X*[k], is read
 * off the complex z[n] = x[2 n] + i x[2 n + 1], which is 1/G times the inverse transform of
 *
 *   Z[k] = (X[k] + X*[M - k]) + i e^(2 pi i k/G) (X[k] - X*[M - k])                               (fold)
 *
 * And with k = r + R c, n = C a + b, where R rows, C columns, M = R C:
 *
 *   z[C a + b] = sum over r of e^(2 pi i a r/R) e^(2 pi i b r/M) sum over c of e^(2 pi i b c/C) Z[r + R c]
 *                column            twist              row
 *
 * all in place. The response is asked for in the order in which the rows want it, so that nothing is ever
 * transposed.
 */
#include "dsp/firdesign.h"
#include "dsp/clones.h"
#include "dsp/xmath.h"

#include <stdlib.h>
#include <string.h>

enum { PAD = 8 }; /* numbers: for the one at half the rate, and so that columns don't share cache sets */

enum stage { RESPOND, FOLD, ROW, COLUMN, LOAD, OVER };

/* --- memory ---------------------------------------------------------------------------------------- */

/* Blocks of a 32nd of 8192 taps, of a 64th above 100 kHz: a transform of 2048 frames would be a burst. */
struct firdesign_size
firdesign_size(double rate_hz, int taps)
{
    struct firdesign_size s = {.taps = taps, .block = 256, .slots = 400};

    for (; rate_ok(rate_hz) && rate_hz <= 25000.0; rate_hz *= 2.0) {
        s.taps /= 2;
        s.block /= 2;
        s.slots /= 2;
    }
    for (double least = 50000.0; rate_ok(rate_hz) && rate_hz > least; least *= 2.0) {
        s.taps *= 2;
        s.block *= least == 100000.0 ? 1 : 2;
        s.slots *= 2;
    }
    s.fade_blocks = s.slots / 100 * 256 / s.block;
    return s;
}

static size_t
area(const struct firdesign *d)
{
    return 2 * (size_t)d->rows * (size_t)d->stride;
}

static double *
im_of(const struct firdesign *d, double *re)
{
    return re + (ptrdiff_t)d->rows * d->stride;
}

static void
fill_tables(struct firdesign *d)
{
    double whole = 2.0 * PI / d->size.taps;

    for (int r = 0; r < d->rows; r++)
        for (int i = 0; i < d->cols; i++) {
            ptrdiff_t at = (ptrdiff_t)r * d->stride + i;
            double half = 0.5 * whole * (r + (double)d->rows * i), twist = whole * r * i;

            d->half[at] = x_cos(half);
            im_of(d, d->half)[at] = x_sin(half);
            d->twist[at] = x_cos(twist);
            im_of(d, d->twist)[at] = x_sin(twist);
        }
    for (int i = 0; i < d->size.taps; i++) {
        double from_end = (i < d->size.taps / 2 ? i : d->size.taps - i) / (0.125 * d->size.taps);

        d->window[i] = from_end < 1.0 ? 0.5 - 0.5 * x_cos(PI * from_end) : 1.0;
        d->window[i] /= 2.0 * d->size.taps;
    }
}

static enum status
plan(struct firdesign *d)
{
    ptrdiff_t gap = (ptrdiff_t)d->rows * d->stride;
    enum status status = fft_prepare_inverse(&d->row, d->cols, 1, gap);

    return status == OK ? fft_prepare_inverse(&d->column, d->rows, d->stride, gap) : status;
}

enum status
firdesign_prepare(struct firdesign *d, double rate_hz, const struct firdesign_size *size, int nfilters)
{
    enum { ALIGN = 64 };
    enum status status;
    double *at;

    *d = (struct firdesign){.size = *size, .step_hz = 0.5 * rate_hz / size->taps, .rows = 1, .stage = OVER};
    if (!rate_ok(rate_hz) || size->taps < 256 || (size->taps & (size->taps - 1)) || nfilters < 1 ||
        nfilters > CONVOLVER_FILTERS)
        return BAD_ARG;
    while (2 * d->rows * 2 * d->rows <= size->taps)
        d->rows *= 2;
    d->cols = size->taps / d->rows;
    d->stride = d->cols + PAD;
    status = plan(d);
    if (status == OK) {
        size_t n = (size_t)(nfilters + 2) * area(d) + (size_t)size->taps + (size_t)size->block;

        d->memory = calloc(1, n * sizeof *at + ALIGN);
        status = d->memory ? OK : NO_MEM;
    }
    if (status != OK) {
        firdesign_free(d);
        return status;
    }
    at = (double *)(((uintptr_t)d->memory + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
    for (int f = 0; f < nfilters; f++)
        d->numbers[f] = at + (size_t)f * area(d);
    d->half = at + (size_t)nfilters * area(d);
    d->twist = d->half + area(d);
    d->window = d->twist + area(d);
    d->taps = d->window + size->taps;
    fill_tables(d);
    return OK;
}

void
firdesign_free(struct firdesign *d)
{
    free(d->memory);
    d->memory = NULL;
    fft_free(&d->row);
    fft_free(&d->column);
}

/* --- fold ------------------------------------------------------------------------------------------ */

struct planar {
    double *re, *im;
};

static struct planar
place(const struct firdesign *d, double *numbers, int row, int col)
{
    double *re = numbers + (ptrdiff_t)row * d->stride + col;

    return (struct planar){re, im_of(d, re)};
}

/* One pair, k and M - k, where x and y may be the same number. With S and D the two brackets above and
   i e^.. D = (-u, v), Z[k] = S + (-u, v), Z[M - k] = S* + (u, v). */
INLINE void
fold_one(double *xr, double *xi, double *yr, double *yi, double cosine, double sine)
{
    double sr = *xr + *yr, si = *xi - *yi, dr = *xr - *yr, di = *xi + *yi;
    double u = sine * dr + cosine * di, v = cosine * dr - sine * di;

    *xr = sr - u;
    *xi = si + v;
    *yr = sr + u;
    *yi = v - si;
}

/* n pairs: forwards from x, backwards from y. They don't overlap. */
CLONES static void
fold_run(double *restrict xr, double *restrict xi, double *restrict yr, double *restrict yi,
         const double *restrict cosine, const double *restrict sine, int n)
{
    yr -= n - 1;
    yi -= n - 1;
    for (int i = 0; i < n; i++)
        fold_one(&xr[i], &xi[i], &yr[n - 1 - i], &yi[n - 1 - i], cosine[i], sine[i]);
}

/* Row r and row rows - r, where the numbers M - k stand in reverse; rows 0 and rows / 2 have both in
   themselves. */
static void
fold(struct firdesign *d, double *numbers, int row)
{
    int other = (d->rows - row) % d->rows, first = row == 0 ? 1 : 0;
    int n = row != other ? d->cols : d->cols / 2 - first;
    struct planar x = place(d, numbers, row, first), y = place(d, numbers, other, d->cols - 1);
    struct planar half = place(d, d->half, row, first);

    fold_run(x.re, x.im, y.re, y.im, half.re, half.im, n);
    if (row == 0)
        for (int i = 0; i < 2; i++) { /* 0 and half the rate; a quarter of it with itself */
            x = place(d, numbers, 0, i * d->cols / 2);
            y = place(d, numbers, 0, d->cols - i * d->cols / 2);
            half = place(d, d->half, 0, i * d->cols / 2);
            fold_one(x.re, x.im, y.re, y.im, *half.re, *half.im);
        }
}

/* --- transforms and taps --------------------------------------------------------------------------- */

CLONES static void
twist(double *restrict re, double *restrict im, const double *restrict cosine, const double *restrict sine,
      int n)
{
    for (int i = 0; i < n; i++) {
        double a = re[i], b = im[i];

        re[i] = a * cosine[i] - b * sine[i];
        im[i] = a * sine[i] + b * cosine[i];
    }
}

static void
row(struct firdesign *d, double *numbers, int r)
{
    struct planar x = place(d, numbers, r, 0), t = place(d, d->twist, r, 0);

    fft_inverse(&d->row, x.re);
    twist(x.re, x.im, t.re, t.im, d->cols);
}

CLONES static void
weave(const double *restrict even, const double *restrict odd, const double *restrict window,
      double *restrict to, int n)
{
    for (int i = 0; i < n; i++) {
        to[2 * i] = even[i] * window[2 * i];
        to[2 * i + 1] = odd[i] * window[2 * i + 1];
    }
}

/* Frames -taps / 2 to -1 stand at the end of the 2 taps frames. */
static void
load(struct firdesign *d, int filter, int part)
{
    int half = d->size.block / 2, run = d->cols < half ? d->cols : half, taps = d->size.taps;
    int first = part * half - taps / 4, at = first < 0 ? first + taps : first;

    for (int i = 0; i < half; i += run) {
        struct planar z = place(d, d->numbers[filter], (at + i) / d->cols, (at + i) % d->cols);

        weave(z.re, z.im, d->window + part * d->size.block + 2 * i, d->taps + 2 * i, run);
    }
    convolver_load(d->into, filter, part, d->taps);
}

/* --- sharing out ----------------------------------------------------------------------------------- */

static int
items(const struct firdesign *d, int stage)
{
    switch (stage) {
    case RESPOND: return d->rows * d->steps;
    case FOLD: return d->rows / 2 + 1;
    case COLUMN: return d->cols;
    case LOAD: return d->size.taps / d->size.block;
    }
    return d->rows;
}

/* Of one item, about in ns. */
static double
weight(const struct firdesign *d, int stage)
{
    switch (stage) {
    case RESPOND: return d->step_weight;
    case FOLD: return 0.7 * d->cols;
    case ROW: return 4.2 * d->cols;
    case COLUMN: return 4.0 * d->rows;
    }
    return 6.0 * d->size.block;
}

static bool
wanted(const struct firdesign *d, int filter)
{
    return filter < CONVOLVER_FILTERS && d->filters & 1u << filter;
}

/* Responses of all filters first, then filter by filter. */
static void
next_stage(struct firdesign *d)
{
    d->item = 0;
    d->stage++;
    if (d->stage != OVER)
        return;
    do
        d->filter++;
    while (d->filter < CONVOLVER_FILTERS && !wanted(d, d->filter));
    if (wanted(d, d->filter))
        d->stage = FOLD;
}

static void
do_item(struct firdesign *d)
{
    double *numbers = d->numbers[d->filter];

    switch (d->stage) {
    case RESPOND: d->respond(d->owner, d, d->item / d->steps, d->item % d->steps); break;
    case FOLD: fold(d, numbers, d->item); break;
    case ROW: row(d, numbers, d->item); break;
    case COLUMN: fft_inverse(&d->column, numbers + d->item); break;
    case LOAD: load(d, d->filter, d->item); break;
    }
    d->done += weight(d, d->stage);
    if (++d->item == items(d, d->stage))
        next_stage(d);
}

RT void
firdesign_begin(struct firdesign *d, struct convolver *into, unsigned filters,
                void (*respond)(const void *owner, struct firdesign *d, int row, int step), const void *owner,
                int steps, double step_weight)
{
    d->into = into;
    d->respond = respond;
    d->owner = owner;
    d->filters = filters;
    d->steps = steps;
    d->step_weight = step_weight;
    d->item = d->slot = 0;
    d->done = 0.0;
    d->stage = filters ? RESPOND : OVER;
    d->filter = filters ? __builtin_ctz(filters) : 0;
    d->total = 0.0;
    for (int s = FOLD; s < OVER; s++)
        d->total += items(d, s) * weight(d, s) * __builtin_popcount(filters);
    d->total += items(d, RESPOND) * weight(d, RESPOND);
}

RT bool
firdesign_slot(struct firdesign *d)
{
    double due = d->total * ++d->slot / d->size.slots;

    if (d->slot == d->size.slots) {
        firdesign_finish(d);
        return true;
    }
    while (d->stage != OVER && d->done + 0.5 * weight(d, d->stage) < due) /* to the nearest item */
        do_item(d);
    return false;
}

RT void
firdesign_finish(struct firdesign *d)
{
    while (d->stage != OVER)
        do_item(d);
}
