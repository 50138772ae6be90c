/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * While block k is collected, block k - 1 is worked on and block k - 2 goes out:
 *
 *   forward   X = transform of blocks k - 2 and k - 1, one a channel
 *   multiply  Y = sum over p of H[p] X[k - 1 - p], for a group of 8 bins after the other, partitions
 *             innermost: the sums stay in registers, and spectra lie in memory in the order in which they are
 *             read
 *   emit      the second half of the inverse transform of Y, one an output and set
 *
 * Each of these tasks has a weight, about what it costs in ns; a slot does its share of their sum. The order
 * is fixed, so how they are shared out does not touch the bits.
 */
#include "dsp/convolver.h"
#include "dsp/clones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 8, GROUP = 2 * LANES /* real parts, imaginary parts */, SLOT = CONVOLVER_SLOT };

static const double largest_input = 0x1p24;

/* --- the multiplications --------------------------------------------------------------------------- */

/* What the two sums are of, all complex: */
enum kind {
    SHARED,   /* h0 x0, h0 x1 */
    APART,    /* h0 x0, h1 x1 */
    MID_SIDE, /* h0 (x0 + x1), h1 (x0 - x1) */
};

typedef void multiply(const double *const h[2], const double *const x[2], int n, double *const sum[2],
                      enum kind kind);

#define BYTES 16
#define TARGET
#define NAMED(x) x##_narrow
#include "dsp/convolver_multiply.h"

#if CLONES_WIDEST > 16
#define BYTES    32
#define TARGET   __attribute__((target("arch=x86-64-v3")))
#define NAMED(x) x##_avx2
#include "dsp/convolver_multiply.h"
#define BYTES    64
#define TARGET   __attribute__((target("arch=x86-64-v4")))
#define NAMED(x) x##_avx512
#include "dsp/convolver_multiply.h"

static multiply *const multiply_by_width[] = {multiply_narrow, multiply_avx2, multiply_avx512};

static int
widest(void)
{
    return CLONES_WIDEST > 32 && __builtin_cpu_supports("x86-64-v4") ? 2
           : __builtin_cpu_supports("x86-64-v3")                     ? 1
                                                                     : 0;
}
#else
static multiply *const multiply_by_width[] = {multiply_narrow};

static int
widest(void)
{
    return 0;
}
#endif

/* --- memory ---------------------------------------------------------------------------------------- */

/* From a planar spectrum into the groups of one partition. */
CLONES static void
scatter(const double *restrict spectrum, ptrdiff_t gap, double *restrict to, int groups, int parts,
        double scale)
{
    for (int g = 0; g < groups; g++, to += parts * GROUP, spectrum += LANES)
        for (int l = 0; l < LANES; l++) {
            to[l] = spectrum[l] * scale;
            to[LANES + l] = spectrum[gap + l] * scale;
        }
}

static size_t
spectra_size(const struct convolver *c)
{
    return (size_t)c->groups * (size_t)c->parts * GROUP;
}

static int
raw_blocks(const struct convolver *c)
{
    return c->centre_blocks + 4;
}

static double *
carve(double **at, size_t n)
{
    double *here = *at;

    *at += n;
    return here;
}

/* With at NULL only counts. All pieces are multiples of 64 bytes. */
static double *
lay_out(struct convolver *c, double *at)
{
    size_t block = (size_t)c->block, planar = 2 * (size_t)c->fft.gap;

    for (int i = 0; i < STEREO; i++) {
        c->spectra[i] = carve(&at, spectra_size(c));
        c->raw[i] = carve(&at, block * (size_t)raw_blocks(c));
    }
    for (int s = 0; s < 2; s++) {
        c->set[s].spectra = carve(&at, spectra_size(c) * (size_t)c->nfilters);
        for (int o = 0; o < c->noutputs; o++) {
            c->ready[s][o] = carve(&at, block);
            c->sum[s][o] = carve(&at, planar);
        }
    }
    c->frames = carve(&at, 2 * block);
    c->spectrum = carve(&at, planar);
    return at;
}

static bool
shape_ok(const struct convolver_shape *s)
{
    return s->block >= 32 && s->block <= 4096 && (s->block & (s->block - 1)) == 0 && s->parts >= 1 &&
           s->centre >= 0 && s->centre % s->block == 0 && s->fade_blocks >= 1 && s->npairs >= 1 &&
           s->npairs <= CONVOLVER_OUTPUTS / STEREO && s->nfilters >= s->npairs &&
           s->nfilters <= CONVOLVER_FILTERS;
}

enum status
convolver_prepare(struct convolver *c, const struct convolver_shape *s)
{
    enum { ALIGN = 64 };
    enum status status;
    uintptr_t size;

    *c = (struct convolver){.width = widest()};
    if (!shape_ok(s))
        return BAD_ARG;
    c->block = s->block;
    c->parts = s->parts;
    c->groups = s->block / LANES + 1; /* the last for the bin at half the rate */
    c->centre_blocks = s->centre / s->block;
    c->fade_blocks = s->fade_blocks;
    c->nfilters = s->nfilters;
    c->noutputs = STEREO * s->npairs;
    status = fft_prepare_real(&c->fft, 2 * s->block, c->groups * LANES);
    if (status != OK)
        return status;
    size = (uintptr_t)lay_out(c, NULL);
    c->memory = calloc(1, size + ALIGN);
    if (!c->memory) {
        convolver_free(c);
        return NO_MEM;
    }
    lay_out(c, (double *)(((uintptr_t)c->memory + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1)));
    convolver_reset(c);
    return OK;
}

void
convolver_free(struct convolver *c)
{
    free(c->memory);
    c->memory = NULL;
    fft_free(&c->fft);
}

/* --- blocks ---------------------------------------------------------------------------------------- */

static const double *
raw_block(const struct convolver *c, int channel, int64_t number)
{
    int blocks = raw_blocks(c);

    return c->raw[channel] + (number + blocks) % blocks * c->block;
}

/* What a THROUGH output of the block that is worked on is. */
static const double *
late_block(const struct convolver *c, int channel)
{
    return raw_block(c, channel, c->number - 1 - c->centre_blocks);
}

static struct convolver_set *
set_of(struct convolver *c, int s)
{
    return &c->set[s == 0 ? c->now : !c->now];
}

static unsigned
filter_of(const struct convolver_set *set, int output)
{
    return set->use.form == CONVOLVER_EACH ? 1u << output / STEREO : 1;
}

/* --- tasks ----------------------------------------------------------------------------------------- */

CLONES static void
clean(const double *restrict from, double *restrict to, int n)
{
    for (int i = 0; i < n; i++) {
        double x = from[i], most = x > 0.0 ? largest_input : x < 0.0 ? -largest_input : 0.0;

        to[i] = fabs(x) <= largest_input ? x : most;
    }
}

static void
forward(struct convolver *c, int channel)
{
    clean(raw_block(c, channel, c->number - 2), c->frames, c->block);
    clean(raw_block(c, channel, c->number - 1), c->frames + c->block, c->block);
    fft_real_forward(&c->fft, c->frames, c->spectrum);
    scatter(c->spectrum, c->fft.gap, c->spectra[channel] + c->head * GROUP, c->groups, c->parts, 1.0);
}

/* A group of bins of one pair of filters on one pair of channels, all partitions: those from head to the
   ring's end, then the rest. */
static void
multiply_pair(const struct convolver *c, const struct convolver_set *set, const int filter[2],
              const int channel[2], int group, enum kind kind, double *const sum[2])
{
    size_t at = (size_t)group * (size_t)c->parts * GROUP;
    const double *h[2], *x[2];
    int first = c->parts - c->head;

    for (int i = 0; i < 2; i++) {
        h[i] = set->spectra + spectra_size(c) * (size_t)filter[i] + at;
        x[i] = c->spectra[channel[i]] + at + c->head * GROUP;
    }
    multiply_by_width[c->width](h, x, first, sum, kind);
    for (int i = 0; i < 2; i++) {
        h[i] += first * GROUP;
        x[i] = c->spectra[channel[i]] + at;
    }
    multiply_by_width[c->width](h, x, c->head, sum, kind);
}

static void
put(const struct convolver *c, const double *sum, double *spectrum, int group)
{
    memcpy(spectrum + group * LANES, sum, LANES * sizeof *sum);
    memcpy(spectrum + c->fft.gap + group * LANES, sum + LANES, LANES * sizeof *sum);
}

static void
decode(double *mid, double *side)
{
    for (int i = 0; i < GROUP; i++) {
        double left = 0.5 * (mid[i] + side[i]), right = 0.5 * (mid[i] - side[i]);

        mid[i] = left;
        side[i] = right;
    }
}

static void
multiply_filter(struct convolver *c, int s, int filter, int group)
{
    static const int straight[2] = {0, 1}, crossed[2] = {1, 0};
    double sums[2][GROUP] __attribute__((aligned(64))) = {{0.0}}, *const sum[2] = {sums[0], sums[1]};
    const struct convolver_set *set = set_of(c, s);

    switch (set->use.form) {
    case CONVOLVER_EACH: multiply_pair(c, set, (int[]){filter, filter}, straight, group, SHARED, sum); break;
    case CONVOLVER_LEFT_RIGHT: multiply_pair(c, set, straight, straight, group, APART, sum); break;
    case CONVOLVER_MID_SIDE:
        multiply_pair(c, set, straight, straight, group, MID_SIDE, sum);
        decode(sum[0], sum[1]);
        break;
    case CONVOLVER_MATRIX:
        multiply_pair(c, set, (int[]){0, 3}, straight, group, APART, sum);
        multiply_pair(c, set, (int[]){1, 2}, crossed, group, APART, sum);
        break;
    }
    put(c, sum[0], c->sum[s][STEREO * filter], group);
    put(c, sum[1], c->sum[s][STEREO * filter + 1], group);
}

/* In forms other than EACH all filters make one pair of outputs. */
static void
multiply_group(struct convolver *c, int s, int group)
{
    unsigned filters = set_of(c, s)->use.filters;

    for (int f = 0; f < c->noutputs / STEREO; f++)
        if (filters & 1u << f)
            multiply_filter(c, s, f, group);
}

/* Over from what is in `to`. */
CLONES static void
cross(double *restrict to, const double *restrict next, int n, double position, double step)
{
    for (int i = 0; i < n; i++) {
        double t = (position + i) * step, w = t * t * t * (t * (6.0 * t - 15.0) + 10.0);

        to[i] += w * (next[i] - to[i]);
    }
}

static void
emit(struct convolver *c, int output, int s)
{
    const struct convolver_set *set = set_of(c, s);
    const double *from = late_block(c, output % STEREO);
    double *to = c->ready[c->number & 1][output];

    if (set->use.filters & filter_of(set, output)) {
        fft_real_inverse(&c->fft, c->sum[s][output], c->frames);
        from = c->frames + c->block;
    } else if (c->nsets == 1) {
        c->next[output] = from;
        return;
    }
    if (s == 0)
        memcpy(to, from, (size_t)c->block * sizeof *to);
    else
        cross(to, from, c->block, (double)c->fade_block * c->block + 1.0,
              1.0 / ((double)c->fade_blocks * c->block));
    c->next[output] = to;
}

/* --- sharing out ----------------------------------------------------------------------------------- */

static int
pairs_of(const struct convolver_use *u)
{
    return u->form == CONVOLVER_EACH ? __builtin_popcount(u->filters) : u->form == CONVOLVER_MATRIX ? 2 : 1;
}

/* Tasks are numbered: forward, multiply (sets innermost), emit (sets innermost). */
static double
task_weight(struct convolver *c, int task)
{
    double transform = 5.5 * c->block;
    const struct convolver_set *set;

    if (task < STEREO)
        return transform;
    set = set_of(c, (task - STEREO) % c->nsets);
    if (task - STEREO < c->groups * c->nsets)
        return set->use.filters ? 4.6 * c->parts * pairs_of(&set->use) : 0.0;
    task -= STEREO + c->groups * c->nsets;
    return set->use.filters & filter_of(set, task / c->nsets) ? transform : 0.2 * c->block;
}

static void
task_run(struct convolver *c, int task)
{
    if (task < STEREO) {
        forward(c, task);
        return;
    }
    task -= STEREO;
    if (task < c->groups * c->nsets) {
        multiply_group(c, task % c->nsets, task / c->nsets);
        return;
    }
    task -= c->groups * c->nsets;
    emit(c, task / c->nsets, task % c->nsets);
}

static void
begin_block(struct convolver *c)
{
    if (c->swapping && c->nsets == 1) {
        c->swapping = false;
        c->nsets = 2;
        c->fade_block = 0;
    }
    c->head = (c->head > 0 ? c->head : c->parts) - 1;
    c->task = 0;
    c->ntasks = STEREO + (c->groups + c->noutputs) * c->nsets;
    c->done = c->total = 0.0;
    for (int t = 0; t < c->ntasks; t++)
        c->total += task_weight(c, t);
}

/* What is due, to the nearest task; with the last slot all of it. */
static void
work(struct convolver *c)
{
    double due = c->total * c->fill / c->block;

    for (; c->task < c->ntasks; c->task++) {
        double weight = task_weight(c, c->task);

        if (c->done + 0.5 * weight >= due && c->fill < c->block)
            break;
        task_run(c, c->task);
        c->done += weight;
    }
}

static void
end_block(struct convolver *c)
{
    memcpy(c->playing, c->next, sizeof c->playing);
    for (int i = 0; i < STEREO; i++)
        c->late[i] = late_block(c, i);
    c->filters = c->set[c->now].use.filters;
    if (c->nsets == 2)
        c->filters |= c->set[!c->now].use.filters;
    c->number++;
    c->fill = 0;
    if (c->nsets == 2 && ++c->fade_block == c->fade_blocks) {
        c->now = !c->now;
        c->nsets = 1;
    }
}

/* --- what the header promises ---------------------------------------------------------------------- */

RT void
convolver_reset(struct convolver *c)
{
    if (convolver_busy(c))
        c->now = !c->now;
    c->swapping = false;
    c->nsets = 1;
    c->filters = 0;
    c->number = c->fill = c->head = 0;
    for (int i = 0; i < STEREO; i++) {
        memset(c->spectra[i], 0, spectra_size(c) * sizeof(double));
        memset(c->raw[i], 0, (size_t)raw_blocks(c) * (size_t)c->block * sizeof(double));
        c->late[i] = c->raw[i] + c->block; /* silence: block 0 is collected in front of it */
    }
    for (int o = 0; o < c->noutputs; o++)
        c->playing[o] = c->late[0];
}

RT void
convolver_load(struct convolver *c, int filter, int part, const double *taps)
{
    double *to = c->set[!c->now].spectra + spectra_size(c) * (size_t)filter + part * GROUP;
    size_t half = (size_t)c->block * sizeof *taps;

    memcpy(c->frames, taps, half);
    memset(c->frames + c->block, 0, half);
    fft_real_forward(&c->fft, c->frames, c->spectrum);
    scatter(c->spectrum, c->fft.gap, to, c->groups, c->parts, 0.5 / c->block);
}

RT void
convolver_swap(struct convolver *c, const struct convolver_use *use)
{
    c->set[!c->now].use = *use;
    c->swapping = true;
}

RT void
convolver_jump(struct convolver *c, const struct convolver_use *use)
{
    c->now = !c->now;
    c->set[c->now].use = *use;
}

RT bool
convolver_busy(const struct convolver *c)
{
    return c->swapping || c->nsets == 2;
}

RT int
convolver_advance(struct convolver *c, const double *const *in, int nframes)
{
    int left = SLOT - c->fill % SLOT, n = left < nframes ? left : nframes;

    if (n <= 0)
        return 0;
    if (c->fill == 0)
        begin_block(c);
    for (int i = 0; i < STEREO; i++) {
        memcpy(c->raw[i] + c->number % raw_blocks(c) * c->block + c->fill, in[i], (size_t)n * sizeof **in);
        c->through[i] = c->late[i] + c->fill;
    }
    for (int o = 0; o < c->noutputs; o++)
        c->output[o] = c->playing[o] + c->fill;
    c->sounding = c->filters;
    c->fill += n;
    if (n == left)
        work(c);
    if (c->fill == c->block)
        end_block(c);
    return n;
}

RT const double *
convolver_output(const struct convolver *c, int output)
{
    return c->output[output];
}

RT const double *
convolver_through(const struct convolver *c, int channel)
{
    return c->through[channel];
}

RT unsigned
convolver_filters(const struct convolver *c)
{
    return c->sounding;
}

RT bool
convolver_slot_over(const struct convolver *c)
{
    return c->fill % SLOT == 0;
}

RT int
convolver_latency_frames(const struct convolver *c)
{
    return 2 * c->block;
}
