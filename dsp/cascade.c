/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pipeline. At step t section k works on frame t - k, so that all sections can be the lanes of vectors:
 *
 *   step      0    1    2   ...                    (section 0 on frame 2, section 1 on frame 1, ...)
 *   lanes    [s0  s1  s2  s3 | s4  s5  s6  s7]     a lane is a pair, left and right
 *   x        [in  y0  y1  y2 | y3  y4  y5  y6]     what they are handed: the y of the step before, one place on
 *
 * Each call fills the pipeline and empties it again, which takes as many steps more as there are sections less one
 * and is why there is no latency. A section whose frame is before the first or after the last keeps its states.
 * The row is rounded up to 1, 2, 4 or 8 sections with ones that do nothing: D = 1 and C1 = C2 = -0, which keeps
 * also the sign of a zero.
 */
#include "dsp/cascade.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

#define BAD 1e100 /* no state of a sound is larger */

/* --- sections -------------------------------------------------------------------------------------- */

static void
lane_clear(struct cascade *c, int lane)
{
    c->p[lane] = c->e[lane] = c->f[lane] = 0.0;
    c->d[lane] = 1.0;
    c->c1[lane] = c->c2[lane] = -0.0;
    c->i1[lane] = c->i2[lane] = 0.0;
}

RT void
cascade_clear(struct cascade *c)
{
    c->n = 0;
    for (int i = 0; i < CASCADE_LANES; i++)
        lane_clear(c, i);
}

RT int
cascade_add(struct cascade *c, const struct biquad *b, int sides)
{
    struct cascade_section s = cascade_section_of(b);

    for (int side = 0; side < 2; side++) {
        int lane = 2 * c->n + side;

        if (!(sides >> side & 1))
            continue;
        c->p[lane] = s.p;
        c->e[lane] = s.e;
        c->f[lane] = s.f;
        c->d[lane] = s.d;
        c->c1[lane] = s.c1;
        c->c2[lane] = s.c2;
        c->i1[lane] = s.i1[side];
        c->i2[lane] = s.i2[side];
    }
    return c->n++;
}

RT void
cascade_take(const struct cascade *c, int place, struct biquad *b)
{
    b->i1 = (biquad_pair){c->i1[2 * place], c->i1[2 * place + 1]};
    b->i2 = (biquad_pair){c->i2[2 * place], c->i2[2 * place + 1]};
}

RT void
cascade_heal(struct cascade *c)
{
    int bad = 0;

    for (int i = 0; i < CASCADE_LANES; i++)
        bad |= !(fabs(c->i1[i]) < BAD) | !(fabs(c->i2[i]) < BAD);
    for (int i = 0; bad && i < CASCADE_LANES; i++)
        if (!(fabs(c->i1[i]) < BAD) || !(fabs(c->i2[i]) < BAD))
            c->i1[i] = c->i2[i] = 0.0;
}

/* --- the pipeline, for each width of vector -------------------------------------------------------- */

/* Read from ON(k), lanes 0 .. 2k + 1 are all ones and the others 0. */
static const int64_t ramp[4 * CASCADE_SECTIONS] = {-1, -1, -1, -1, -1, -1, -1, -1,
                                                   -1, -1, -1, -1, -1, -1, -1, -1};
#define ON(k) (ramp + CASCADE_LANES - 2 * ((k) + 1))

static int
within(int k)
{
    return k < -1 ? -1 : k < CASCADE_SECTIONS ? k : CASCADE_SECTIONS - 1;
}

typedef biquad_pair pair;

static const pair silent = {0.0, 0.0};

/* FEED: a pair, then b without its last; TURN: the last pair of a, then b without its last; LAST: the last pair. */
#define FEED_16(x, b) (x)
#define TURN_16(a, b) (a)
#define LAST_16(a)    (a)
#define FEED_32(x, b) __builtin_shufflevector((vector_32){(x)[0], (x)[1]}, b, 0, 1, 4, 5)
#define TURN_32(a, b) __builtin_shufflevector(a, b, 2, 3, 4, 5)
#define LAST_32(a)    __builtin_shufflevector(a, a, 2, 3)
#define FEED_64(x, b) __builtin_shufflevector((vector_64){(x)[0], (x)[1]}, b, 0, 1, 8, 9, 10, 11, 12, 13)
#define TURN_64(a, b) __builtin_shufflevector(a, b, 6, 7, 8, 9, 10, 11, 12, 13)
#define LAST_64(a)    __builtin_shufflevector(a, a, 6, 7)

/* One step of all sections; KEEP(v, old, new) says which states they go on with. */
#define STEP(bytes, count, frame, KEEP)                                                                      \
    do {                                                                                                     \
        vector_##bytes x[count];                                                                             \
                                                                                                             \
        x[0] = FEED_##bytes(frame, y[0]);                                                                    \
        for (int v = 1; v < (count); v++)                                                                    \
            x[v] = TURN_##bytes(y[v - 1], y[v]);                                                             \
        for (int v = 0; v < (count); v++) {                                                                  \
            vector_##bytes delta = x[v] - i2[v];                                                             \
            vector_##bytes n1 = p[v] * i1[v] + e[v] * delta;                                                 \
            vector_##bytes n2 = (i2[v] + e[v] * i1[v]) + f[v] * delta;                                       \
                                                                                                             \
            y[v] = d[v] * x[v] + (c1[v] * i1[v] + c2[v] * i2[v]);                                            \
            i1[v] = KEEP(bytes, v, i1[v], n1);                                                               \
            i2[v] = KEEP(bytes, v, i2[v], n2);                                                               \
        }                                                                                                    \
    } while (0)

#define KEEP_NEW(bytes, v, was, is) (is)
#define KEEP_SOME(bytes, v, was, is)                                                                         \
    ((vector_##bytes)(((mask_##bytes)(is)&on[v]) | ((mask_##bytes)(was) & ~on[v])))

/* A step at either end: the sections from the first to the last that have a frame. */
#define END_STEP(bytes, count, t)                                                                            \
    do {                                                                                                     \
        const int64_t *first = ON(within(t)), *gone = ON(within((t)-nframes));                               \
        pair fed = (t) < nframes ? io[t] : silent;                                                           \
        mask_##bytes on[count];                                                                              \
                                                                                                             \
        for (int v = 0; v < (count); v++)                                                                    \
            on[v] = ((const loose_mask_##bytes *)first)[v] & ~((const loose_mask_##bytes *)gone)[v];         \
        STEP(bytes, count, fed, KEEP_SOME);                                                                  \
    } while (0)

#define VECTORS(bytes)                                                                                       \
    typedef double vector_##bytes __attribute__((vector_size(bytes)));                                       \
    typedef double loose_##bytes __attribute__((vector_size(bytes), aligned(8), may_alias));                 \
    typedef int64_t mask_##bytes __attribute__((vector_size(bytes)));                                        \
    typedef int64_t loose_mask_##bytes __attribute__((vector_size(bytes), aligned(8), may_alias));

#define LOAD(bytes, count, name)                                                                             \
    vector_##bytes name[count];                                                                              \
    for (int v = 0; v < (count); v++)                                                                        \
        name[v] = ((const loose_##bytes *)c->name)[v];
#define STORE(bytes, count, name)                                                                            \
    for (int v = 0; v < (count); v++)                                                                        \
        ((loose_##bytes *)c->name)[v] = name[v];

#define PIPELINE(name, target, bytes, count)                                                                 \
    target static void name(struct cascade *c, pair *io, int nframes)                                        \
    {                                                                                                        \
        enum { LATE = (count) * (bytes) / 16 - 1 };                                                          \
        vector_##bytes y[count] = {0};                                                                       \
        LOAD(bytes, count, p)                                                                                \
        LOAD(bytes, count, e)                                                                                \
        LOAD(bytes, count, f)                                                                                \
        LOAD(bytes, count, d)                                                                                \
        LOAD(bytes, count, c1)                                                                               \
        LOAD(bytes, count, c2)                                                                               \
        LOAD(bytes, count, i1)                                                                               \
        LOAD(bytes, count, i2)                                                                               \
                                                                                                             \
        for (int t = 0; t < LATE; t++)                                                                       \
            END_STEP(bytes, count, t);                                                                       \
        for (int t = LATE; t < nframes; t++) {                                                               \
            STEP(bytes, count, io[t], KEEP_NEW);                                                             \
            io[t - LATE] = LAST_##bytes(y[(count)-1]);                                                       \
        }                                                                                                    \
        for (int t = nframes > LATE ? nframes : LATE; t < nframes + LATE; t++) {                             \
            END_STEP(bytes, count, t);                                                                       \
            io[t - LATE] = LAST_##bytes(y[(count)-1]);                                                       \
        }                                                                                                    \
        STORE(bytes, count, i1)                                                                              \
        STORE(bytes, count, i2)                                                                              \
    }

VECTORS(16)
PIPELINE(one_16, , 16, 1)
PIPELINE(two_16, , 16, 2)
PIPELINE(four_16, , 16, 4)
PIPELINE(eight_16, , 16, 8)

#if CLONES_WIDEST > 16
#define V3 __attribute__((target("arch=x86-64-v3")))
#define V4 __attribute__((target("arch=x86-64-v4")))

VECTORS(32)
PIPELINE(one_32, V3, 16, 1)
PIPELINE(two_32, V3, 32, 1)
PIPELINE(four_32, V3, 32, 2)
PIPELINE(eight_32, V3, 32, 4)

VECTORS(64)
PIPELINE(one_64, V4, 16, 1)
PIPELINE(two_64, V4, 32, 1)
PIPELINE(four_64, V4, 64, 1)
PIPELINE(eight_64, V4, 64, 2)
#endif

/* --- the one that this CPU has --------------------------------------------------------------------- */

typedef void pipeline(struct cascade *, pair *, int);

static pipeline *const by_16[] = {one_16, two_16, four_16, eight_16};

#if CLONES_WIDEST > 16
static pipeline *const by_32[] = {one_32, two_32, four_32, eight_32};
static pipeline *const by_64[] = {one_64, two_64, four_64, eight_64};
#endif

static pipeline *const *
pipelines(int bytes)
{
#if CLONES_WIDEST > 16
    if (bytes == 64)
        return CLONES_WIDEST > 32 && __builtin_cpu_supports("x86-64-v4") ? by_64 : NULL;
    if (bytes == 32)
        return __builtin_cpu_supports("x86-64-v3") ? by_32 : NULL;
#endif
    return bytes == 16 ? by_16 : NULL;
}

static void
run(pipeline *const *by, struct cascade *c, pair *io, int nframes)
{
    int size = c->n > 4 ? 3 : c->n > 2 ? 2 : c->n - 1;

    if (c->n > 0 && nframes > 0)
        by[size](c, io, nframes);
}

RT void
cascade_process(struct cascade *c, biquad_pair *io, int nframes)
{
    pipeline *const *by = pipelines(64);

    if (!by)
        by = pipelines(32);
    run(by ? by : by_16, c, io, nframes);
}

bool
cascade_process_by(int bytes, struct cascade *c, biquad_pair *io, int nframes)
{
    pipeline *const *by = pipelines(bytes);

    if (by)
        run(by, c, io, nframes);
    return by != NULL;
}
