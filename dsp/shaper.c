/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bend. With u = gain x + bias, v = u held to -1..1, e = u - v, and f(u) = u + sum c_j u^(2j+3) inside:
 *
 *   (F(v) - F(v1)) / (v - v1) = (v + v1) (1/2 + sum c_j / (2j+4) S_(j+1)),   S_j = sum_i v^2i v1^(2j-2i)
 *
 * a share 1 - q, q = (e - e1) / (u - u1), of the way is inside; the rest is at +-f(1). The only division is that by
 * u - u1; where that is 0, e - e1 is 0, too, and it may be by anything. Silence gives exactly `zero`, because that is
 * worked out by the same steps.
 *
 * Clip. What is taken away is the difference of two parabolas, (x - s)^2 / (2 (head - foot)) with s the foot and the
 * head, each 0 up to its start s. A parabola's mean is the third of a^2 + a b + b^2, a and b being x - s and x1 - s held
 * to 0 and above, times the share of the way that is above s. Without a knee it is half of a + b instead.
 */
#include "dsp/shaper.h"

#include "dsp/clones.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

enum { PIECE = OVERSAMPLE_PIECE, SPAN = 16 /* frames that are clipped or not together */ };

static const double tiny = 1e-30;

/* Loops run over whole spans; what is beyond the piece is never shown. */
INLINE int
whole(int nframes)
{
    return (nframes + SPAN - 1) / SPAN * SPAN;
}

/* 1 / way of n ways, 2 or 4, by one division, which costs as much as a dozen products. No way is below `tiny`. */
INLINE void
reciprocals(const double *way, double *per, const int n)
{
    double first = way[0] * way[1], second = n > 2 ? way[2] * way[3] : 1.0, one = 1.0 / (first * second);
    double of_first = one * second, of_second = one * first;

    per[0] = of_first * way[1];
    per[1] = of_first * way[0];
    if (n > 2) {
        per[2] = of_second * way[3];
        per[3] = of_second * way[2];
    }
}

/* --- bend ------------------------------------------------------------------------------------------ */

struct point { /* one end of the way */
    double u, v, e, z, z2;
};

INLINE struct point
point_of(double u, const bool far)
{
    struct point p = {.u = u, .v = u};

    if (far) {
        p.v = u > 1.0 ? 1.0 : u;
        p.v = p.v < -1.0 ? -1.0 : p.v;
        p.e = u - p.v;
    }
    p.z = p.v * p.v;
    p.z2 = p.z * p.z;
    return p;
}

/* From b to a; where there is none, of any length. */
INLINE double
way_of(const struct point *a, const struct point *b)
{
    double way = a->u - b->u;

    return fabs(way) > tiny ? way : 1.0;
}

/* The curve's mean from b to a; per: 1 / way_of(a, b). Where no end is far out, both ways of working it out give the same bits. */
INLINE double
mean_of(const struct point *a, const struct point *b, double m1, double m2, double m3, double top, double per,
        const bool far)
{
    double s1 = a->z + b->z, s2 = a->z * s1 + b->z2, s3 = a->z * s2 + b->z2 * b->z;
    double inside = (a->v + b->v) * (0.5 + (m1 * s1 + m2 * s2 + m3 * s3));

    if (!far)
        return inside + 0.0;
    return inside * (1.0 - (a->e - b->e) * per) + top * ((fabs(a->e) - fabs(b->e)) * per);
}

RT struct shaper_bend
shaper_bend_of(const struct shaper_curve *c)
{
    double z = c->bias * c->bias, slope = 0.0;
    struct shaper_bend b = {.gain = c->gain, .bias = c->bias, .top = 1.0};
    struct point p = point_of(c->bias, true);

    for (int j = SHAPER_TERMS - 1; j >= 0; j--) {
        b.mean[j] = c->term[j] / (2 * j + 4);
        b.top += c->term[j];
        slope = z * (slope + c->term[j] * (2 * j + 3));
    }
    slope = c->gain * (1.0 + slope);
    b.zero = mean_of(&p, &p, b.mean[0], b.mean[1], b.mean[2], b.top, 1.0, true);
    b.scale = slope > 0.0 ? 1.0 / slope : 0.0;
    b.near = (1.0 - fabs(c->bias)) / (c->gain + tiny) * (1.0 - 1e-12);
    return b;
}

INLINE void
bend(const struct shaper_bend *s, const double *line, const double *const *x, const int phases,
     double *const *y, const bool far, int from, int to)
{
    const double m1 = s->mean[0], m2 = s->mean[1], m3 = s->mean[2], top = s->top, zero = s->zero;
    const double gain = s->gain, bias = s->bias, scale = s->scale;

#pragma GCC ivdep
    for (int i = from; i < to; i++) {
        double half = 0.5 * line[i], way[4], per[4] = {1.0, 1.0, 1.0, 1.0};
        struct point u[5];

#pragma GCC unroll 5
        for (int p = 0; p <= phases; p++)
            u[p] = point_of(gain * x[p][i] + bias, far);
#pragma GCC unroll 4
        for (int p = 0; far && p < phases; p++)
            way[p] = way_of(&u[p + 1], &u[p]);
        if (far)
            reciprocals(way, per, phases);
#pragma GCC unroll 4
        for (int p = 0; p < phases; p++) {
            double mean = mean_of(&u[p + 1], &u[p], m1, m2, m3, top, per[p], far);

            y[p][i] = (mean - zero) * scale - (x[p + 1][i] + x[p][i]) * half;
        }
    }
}

/* Is any sample beyond the polynomials' ends? */
INLINE bool
any_far(double near, const double *const *x, const int phases, int from, int to)
{
    long far = 0;

    for (int i = from; i < to; i++) {
        double most = fabs(x[0][i]);

#pragma GCC unroll 8
        for (int p = 1; p <= phases; p++)
            most = fabs(x[p][i]) > most ? fabs(x[p][i]) : most;
        far |= most > near ? 1 : 0;
    }
    return far != 0;
}

INLINE void
bend_spans(const struct shaper_bend *s, const double *line, const double *const *phase, const int phases,
           struct shaper_means *m, int nframes)
{
    const double *x[OVERSAMPLE_PHASES + 1];
    double *y[OVERSAMPLE_PHASES];

#pragma GCC unroll 9
    for (int p = 0; p <= phases; p++)
        x[p] = phase[p];
#pragma GCC unroll 8
    for (int p = 0; p < phases; p++)
        y[p] = m->line[p] + SHAPER_BEFORE;
    for (int i = 0; i < nframes; i += SPAN)
        if (any_far(s->near, x, phases, i, i + SPAN))
            bend(s, line, x, phases, y, true, i, i + SPAN);
        else
            bend(s, line, x, phases, y, false, i, i + SPAN);
}

CLONES static void
bend_2(const struct shaper_bend *s, const double *line, const double *const *x, struct shaper_means *m, int n)
{
    bend_spans(s, line, x, 2, m, n);
}

CLONES static void
bend_4(const struct shaper_bend *s, const double *line, const double *const *x, struct shaper_means *m, int n)
{
    bend_spans(s, line, x, 4, m, n);
}

static const double ones[PIECE] = {[0 ... PIECE - 1] = 1.0};

RT void
shaper_bend(const struct shaper_bend *b, const double *line, const double *const *x, int phases,
            struct shaper_means *m, int nframes)
{
    if (phases == 2)
        bend_2(b, line ? line : ones, x, m, whole(nframes));
    else
        bend_4(b, line ? line : ones, x, m, whole(nframes));
}

/* --- clip ------------------------------------------------------------------------------------------ */

/* How much of the way from low to high is above start. a: high - start, or 0. per: 1 / (high - low). */
INLINE double
share_above(double low, double start, double a, double per)
{
    return low > start ? 1.0 : a * per;
}

/* Of one side, times 6 (head - foot), or twice where there is no knee. */
INLINE double
over(double high, double low, double foot, double head, double per, const bool hard)
{
    double a = high > foot ? high - foot : 0.0, b = low > foot ? low - foot : 0.0;
    double c = high > head ? high - head : 0.0, d = low > head ? low - head : 0.0;

    if (hard)
        return (a + b) * share_above(low, foot, a, per);
    return (a * (a + b) + b * b) * share_above(low, foot, a, per) -
           (c * (c + d) + d * d) * share_above(low, head, c, per);
}

/* A way turned over so that its end farther out is up. */
struct turned_way {
    double up, down;
    bool turned;
};

INLINE struct turned_way
turn(double x0, double x1)
{
    double high = x0 > x1 ? x0 : x1, low = x0 > x1 ? x1 : x0;
    bool turned = high + low < 0.0;

    return (struct turned_way){turned ? -low : high, turned ? -high : low, turned};
}

/* What is taken away, by its mean; `both`: the other end may be below -foot. */
INLINE double
clipped(const struct turned_way *w, double per, double foot, double head, double scale, const bool both,
        const bool hard)
{
    double d = over(w->up, w->down, foot, head, per, hard);

    if (both)
        d -= over(-w->down, -w->up, foot, head, per, hard);
    d *= scale;
    return (w->turned ? -d : d) + 0.0; /* no -0: nothing is taken in either way */
}

/* n ways, 2 or 4, from x[0] on. */
INLINE void
clip_ways(const double *const *x, double *const *y, int i, double foot, double head, double scale,
          const bool both, const bool hard, const int n)
{
    struct turned_way w[4];
    double way[4], per[4];

#pragma GCC unroll 4
    for (int p = 0; p < n; p++) {
        w[p] = turn(x[p + 1][i], x[p][i]);
        way[p] = w[p].up - w[p].down > tiny ? w[p].up - w[p].down : tiny;
    }
    reciprocals(way, per, n);
#pragma GCC unroll 4
    for (int p = 0; p < n; p++)
        y[p][i] = clipped(&w[p], per[p], foot, head, scale, both, hard);
}

INLINE void
clip(const struct shaper_clip *c, double gain, const double *const *x, const int phases, double *const *y,
     const bool both, const bool hard, int from, int to)
{
    const double foot = c->foot, head = c->head, scale = hard ? 0.5 * gain : gain / (6.0 * (head - foot));

#pragma GCC ivdep
    for (int i = from; i < to; i++) {
        clip_ways(x, y, i, foot, head, scale, both, hard, phases < 4 ? phases : 4);
        if (phases > 4)
            clip_ways(x + 4, y + 4, i, foot, head, scale, both, hard, 4);
    }
}

/* The bits of the highest |x|, which is above the foot; 0 if none is. As whole numbers they are in the same order.
   both: is any frame above the foot and below -foot? */
INLINE int64_t
span_peak(double foot, const double *const *x, const int phases, int from, int to, bool *both)
{
    int64_t peak = 0, far = 0;

    for (int i = from; i < to; i++) {
        double most = x[0][i], least = most;
        int64_t up, down;

#pragma GCC unroll 8
        for (int p = 1; p <= phases; p++) {
            most = x[p][i] > most ? x[p][i] : most;
            least = x[p][i] < least ? x[p][i] : least;
        }
        up = (int64_t)x_bits(most > foot ? most : 0.0);
        down = (int64_t)x_bits(least < -foot ? -least : 0.0);
        far |= up & (down > 0 ? -1 : 0);
        up = up > down ? up : down;
        peak = up > peak ? up : peak;
    }
    *both = far != 0;
    return peak;
}

INLINE double
clip_spans(const struct shaper_clip *c, double gain, const double *const *phase, const int phases,
           const bool hard, struct shaper_means *m, int nframes)
{
    const double *x[OVERSAMPLE_PHASES + 1];
    double *y[OVERSAMPLE_PHASES];
    int64_t peak = 0;

#pragma GCC unroll 9
    for (int p = 0; p <= phases; p++)
        x[p] = phase[p];
#pragma GCC unroll 8
    for (int p = 0; p < phases; p++)
        y[p] = m->line[p] + SHAPER_BEFORE;
    for (int i = 0; i < nframes; i += SPAN) {
        bool both;
        int64_t most = span_peak(c->foot, x, phases, i, i + SPAN < nframes ? i + SPAN : nframes, &both);

        peak = most > peak ? most : peak;
        if (!most)
            for (int p = 0; p < phases; p++)
                memset(y[p] + i, 0, SPAN * sizeof *y[p]);
        else if (both)
            clip(c, gain, x, phases, y, true, hard, i, i + SPAN);
        else
            clip(c, gain, x, phases, y, false, hard, i, i + SPAN);
    }
    return x_double((uint64_t)peak);
}

CLONES static double
clip_2(const struct shaper_clip *c, double gain, const double *const *x, struct shaper_means *m, int n)
{
    if (c->head == c->foot)
        return clip_spans(c, gain, x, 2, true, m, n);
    return clip_spans(c, gain, x, 2, false, m, n);
}

CLONES static double
clip_4(const struct shaper_clip *c, double gain, const double *const *x, struct shaper_means *m, int n)
{
    if (c->head == c->foot)
        return clip_spans(c, gain, x, 4, true, m, n);
    return clip_spans(c, gain, x, 4, false, m, n);
}

CLONES static double
clip_8(const struct shaper_clip *c, double gain, const double *const *x, struct shaper_means *m, int n)
{
    if (c->head == c->foot)
        return clip_spans(c, gain, x, 8, true, m, n);
    return clip_spans(c, gain, x, 8, false, m, n);
}

RT double
shaper_clip(const struct shaper_clip *c, double gain, const double *const *x, int phases,
            struct shaper_means *m, int nframes)
{
    if (phases == 2)
        return clip_2(c, gain, x, m, nframes);
    return phases == 4 ? clip_4(c, gain, x, m, nframes) : clip_8(c, gain, x, m, nframes);
}

/* --- both ------------------------------------------------------------------------------------------ */

CLONES static void
cross(double *y, const double *other, const double *share, int n)
{
#pragma GCC ivdep
    for (int i = 0; i < n; i++)
        y[i] = share[i] < 1.0 ? y[i] + share[i] * (other[i] - y[i]) : other[i];
}

RT void
shaper_cross(struct shaper_means *m, const struct shaper_means *other, const double *share, int phases,
             int nframes)
{
    for (int p = 0; p < phases; p++)
        cross(m->line[p] + SHAPER_BEFORE, other->line[p] + SHAPER_BEFORE, share, nframes);
}

/* Mean q, counted from the first of the frame: it leads to sample q. */
#define MEAN(a, phases, q) ((a)[((q) + 2 * (phases)-1) % (phases)] + ((q) + 2 * (phases)-1) / (phases)-2)

INLINE void
join(const double *const *a, const int phases, double *const *y, int n)
{
#pragma GCC unroll 8
    for (int p = 0; p < phases; p++) {
        int s = p < phases - 1 ? p : -1;
        const double *before = MEAN(a, phases, s - 1), *to = MEAN(a, phases, s),
                     *from = MEAN(a, phases, s + 1);
        const double *behind = MEAN(a, phases, s + 2);
        double *out = s < 0 ? y[p] - 1 : y[p];

#pragma GCC ivdep
        for (int i = 0; i < n; i++)
            out[i] = 0.625 * (to[i] + from[i]) - 0.125 * (before[i] + behind[i]);
    }
}

CLONES static void
join_all(struct shaper_means *m, int phases, double *const *y, int n, int nframes)
{
    const double *a[OVERSAMPLE_PHASES];

    for (int p = 0; p < OVERSAMPLE_PHASES; p++)
        a[p] = m->line[p] + SHAPER_BEFORE;
    if (phases == 2)
        join(a, 2, y, n);
    else if (phases == 4)
        join(a, 4, y, n);
    else
        join(a, 8, y, n);
    for (int p = 0; p < phases; p++) {
        double before[SHAPER_BEFORE];

        memcpy(before, m->line[p] + nframes, sizeof before);
        memcpy(m->line[p], before, sizeof before);
    }
}

RT void
shaper_join(struct shaper_means *m, int phases, double *const *y, int nframes)
{
    join_all(m, phases, y, (nframes + 7) / 8 * 8, nframes);
}
