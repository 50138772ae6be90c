/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each section of the analog curve, a quotient of quadratics in s, becomes one
 * in u = j tan(w/2), which is a biquad. In two goes:
 *
 * start    numerator and denominator by themselves. D(s) = q0 + q1 s + q2 s^2 goes to the polynomial that is
 *          off by the same factor at 0 Hz (in value and curvature) and at half the rate whatever the q are, so
 *          that the quotient is right there (Ivantsov). With little damping it puts the root beside its
 *          frequency; then the root goes where e^(s/rate) is (impulse invariance, as Vicanek).
 * fit      four Gauss-Newton steps on the logarithms of the coefficients, so that none changes sign:
 *          stable and minimum phase however it ends. Errors are taken of the logarithm of |H|^2
 *          against the analog curve at 32 points: 20 up to 20 kHz, denser and heavier to the top, which
 *          is where least squares would leave the largest error; 4 loosely above; 8 around the roots.
 *          Gain at 0 Hz (a shelf's far side) is kept.
 *
 * All that decides moves smoothly with the settings: as many steps always, long
 * ones shortened, nothing accepted or thrown away. So a slow sweep gives slow coefficients.
 *
 * A bell or a shelf is designed upwards, and turned over for a cut: the inverse is exact. All shelves are a low
 * shelf up, scaled.
 */
#include "dsp/eqdesign.h"

#include "dsp/clones.h"
#include "dsp/xmath.h"

#define NOTHING_DB 1e-7 /* a gain that moves the last bit of 24 by a tenth */

/* What is beyond is taken as these: wider than any use, and all numbers stay far from the ends of double. */
#define W_MIN  1e-6 /* radians a frame */
#define W_MAX  200.0
#define Q_MIN  0.01
#define Q_MAX  400.0
#define DB_MAX 96.0

/* (b0 + b1 u + b2 u^2) / (1 + a1 u + a2 u^2), u = j tan(w/2). */
struct section {
    double b0, b1, b2, a1, a2;
};

static double
square(double x)
{
    return x * x;
}

static double
between(double x, double low, double high)
{
    return fmin(fmax(x, low), high);
}

static bool
positive(double x)
{
    return x > 0.0 && x < __builtin_inf();
}

/* ---- prototypes ---- */

static bool
has_gain(int type)
{
    return type == EQ_BELL || type == EQ_LOW_SHELF || type == EQ_HIGH_SHELF || type == EQ_TILT;
}

static bool
does_something(const struct eq_curve *c)
{
    return c->type >= 0 && c->type < EQ_TYPES && positive(c->freq_hz) && positive(c->q) &&
           (!has_gain(c->type) || (fabs(c->gain_db) >= NOTHING_DB && positive(fabs(c->gain_db))));
}

static int
order_of(const struct eq_curve *c)
{
    bool cut = c->type == EQ_LOW_CUT || c->type == EQ_HIGH_CUT;
    bool shelf = c->type == EQ_LOW_SHELF || c->type == EQ_HIGH_SHELF;
    int most = cut ? EQDESIGN_ORDER_MAX : EQDESIGN_SHELF_ORDER_MAX;

    if (!cut && !shelf)
        return 2;
    return c->order < 1 ? 1 : c->order > most ? most : c->order;
}

/* Of section i, the most resonant first; 0 is one of first order, which comes last. */
static double
section_q(const struct eq_curve *c, int order, int i)
{
    double q = between(c->q, Q_MIN, Q_MAX);

    if (order == 2)
        return q;
    if (2 * i + 1 == order)
        return 0.0;
    return (i == 0 ? q * 1.4142135623730951 : 1.0) * 0.5 / x_sin(0.5 * PI * (2 * i + 1) / order);
}

/* A shelf's sections share its gain by their order. */
static double
section_gain_db(const struct eq_curve *c, int order, int i)
{
    double gain_db = between(c->gain_db, -DB_MAX, DB_MAX);

    return (2 * i + 1 == order ? 1.0 : 2.0) / order * gain_db;
}

static struct eq_prototype
low_shelf(double gain_db, double q)
{
    double a = db_to_gain(0.5 * gain_db), root = sqrt(a);

    if (q == 0.0)
        return (struct eq_prototype){.n0 = a * a, .n1 = a, .d0 = 1.0, .d1 = a};
    return (struct eq_prototype){a * a, a * root / q, a, 1.0, root / q, a};
}

/* A low shelf the other way round, raised to begin, or to cross freq_hz, at 0 dB. */
static struct eq_prototype
high_shelf(double gain_db, double q, double raise_db)
{
    struct eq_prototype p = low_shelf(-gain_db, q);
    double raise = db_to_gain(raise_db);

    p.n0 *= raise;
    p.n1 *= raise;
    p.n2 *= raise;
    return p;
}

/* n0, n1, n2 over the denominator of all that cut. */
static struct eq_prototype
cut(double n0, double n1, double n2, double q)
{
    return (struct eq_prototype){n0, n1, n2, 1.0, q == 0.0 ? 1.0 : 1.0 / q, q == 0.0 ? 0.0 : 1.0};
}

static struct eq_prototype
prototype(int type, double gain_db, double q)
{
    double a = db_to_gain(0.5 * gain_db);

    switch (type) {
    case EQ_BELL: return (struct eq_prototype){1.0, a / q, 1.0, 1.0, 1.0 / (a * q), 1.0};
    case EQ_LOW_SHELF: return low_shelf(gain_db, q);
    case EQ_HIGH_SHELF: return high_shelf(gain_db, q, gain_db);
    case EQ_TILT: return high_shelf(gain_db, q, 0.5 * gain_db);
    case EQ_LOW_CUT: return cut(0.0, q == 0.0 ? 1.0 : 0.0, q == 0.0 ? 0.0 : 1.0, q);
    case EQ_HIGH_CUT: return cut(1.0, 0.0, 0.0, q);
    case EQ_NOTCH: return cut(1.0, 0.0, 1.0, q);
    }
    return cut(0.0, 1.0 / q, 0.0, q); /* EQ_BAND_PASS */
}

/* ---- the start ---- */

#define DAMPED_FROM 0.2 /* of critical: from here to .. */
#define DAMPED_TO   0.6 /* .. there a root's place gives way to the curve's shape */
#define ABOVE_FROM  PI  /* and so it does from half the rate on, */
#define ABOVE_TO    (1.1 * PI)

/* q[0] + q[1] s + q[2] s^2, s in units of w0, as o[0] + o[1] u + o[2] u^2: Ivantsov's phi, written so that also
   polynomials without a constant or a square have one. */
static void
map(const double q[3], double w0, double o[3])
{
    double x2 = square(PI / w0), most = sqrt(square(q[0] - q[2] * x2) + q[1] * q[1] * x2);
    double o1_squared = 8.0 * q[0] * (most + q[0]) + 4.0 * (q[1] * q[1] - 2.0 * q[0] * q[2]) * x2;
    double damp = 0.5 * q[1] / sqrt(fmax(q[0] * q[2], 1e-300));

    o[0] = q[0];
    o[1] = sqrt(fmax(o1_squared, 0.0)) / PI;
    o[2] = 4.0 * most / (PI * PI);
    if (damp < DAMPED_TO && q[1] > 0.0) {
        double w = w0 * sqrt(q[0] / q[2]), turn = sqrt(1.0 - damp * damp) * w, angle = fmin(turn, PI);
        double e = x_exp(-sqrt(square(damp * w) + square(turn - angle)));
        double half_sin2 = square(x_sin(0.5 * angle));
        double s0 = square(1.0 - e) + 4.0 * e * half_sin2, s1 = square(1.0 - e) + 4.0 * e * (1.0 - half_sin2);
        double share = fmin((DAMPED_TO - damp) / (DAMPED_TO - DAMPED_FROM), 1.0) *
                       between((ABOVE_TO - w) / (ABOVE_TO - ABOVE_FROM), 0.0, 1.0);

        o[1] += share * (2.0 * (1.0 - e * e) / s0 * q[0] - o[1]);
        o[2] += share * (s1 / s0 * q[0] - o[2]);
    }
}

static struct section
start(const struct eq_prototype *p, double w0)
{
    double n[3], d[3];

    map((double[]){p->n0, p->n1, p->n2}, w0, n);
    map((double[]){p->d0, p->d1, p->d2}, w0, d);
    return (struct section){n[0] / d[0], n[1] / d[0], n[2] / d[0], d[1] / d[0], d[2] / d[0]};
}

/* ---- the fit ---- */

enum { LANES = 8, GROUPS = 4, POINTS = LANES * GROUPS, BAND = 20, ABOVE = 4, STEPS = 4, UNKNOWNS = 4 };

typedef double lanes __attribute__((vector_size(8 * LANES)));

#define BAND_TOP_HZ  20000.0
#define BAND_TOP     (0.907 * PI)  /* 20 kHz at 44.1 */
#define ABOVE_TOP    (0.9995 * PI) /* so that nothing sharp grows up there */
#define ABOVE_WEIGHT 0.05
#define ROOTS_WEIGHT 0.3
#define ROOTS_ABOVE  0.09
#define DAMPING      1e-3 /* Marquardt's, relative */
#define DEPTH        1e-6 /* power: what is below counts less and less, down to */
#define DEEP_WEIGHT  0.003
#define TINY         1e-200
#define NEGLIGIBLE   1e-14 /* in a normal equation: nothing to go by */

static bool
is_notch(const struct eq_prototype *p)
{
    return p->n0 > 0.0 && p->n1 == 0.0 && p->n2 > 0.0;
}

/* All of its zeros at one end. */
static bool
is_cut(const struct eq_prototype *p)
{
    return (p->n0 > 0.0) + (p->n1 > 0.0) + (p->n2 > 0.0) == 1;
}

/* Where (tangent squared), what is wanted there (|N|^2 and |D|^2), how badly. */
struct target {
    double t2[POINTS], n[POINTS], d[POINTS], weight[POINTS];
};

/* sin(pi/2 i / BAND), i = 1..BAND */
static const double band_at[BAND] = {
    0.078459095727844944, 0.15643446504023087, 0.23344536385590539, 0.3090169943749474,  0.38268343236508978,
    0.45399049973954675,  0.5224985647159488,  0.58778525229247314, 0.64944804833018366, 0.70710678118654746,
    0.76040596560003082,  0.80901699437494745, 0.85264016435409218, 0.89100652418836779, 0.92387953251128674,
    0.95105651629515353,  0.97236992039767656, 0.98768834059513777, 0.99691733373312796, 1,
};

/* Frequencies, in radians a frame, around where a polynomial's roots are. */
static void
around_roots(double q0, double q1, double q2, double w0, bool wide, double w[4])
{
    double at = q2 > 0.0 ? w0 * sqrt(q0 / q2) : w0 * q0 / q1;
    double damp = q2 > 0.0 ? between(q1 / sqrt(q0 * q2), 0.02, 10.0) : 2.0;
    double edge = 0.5 * damp + sqrt(1.0 + 0.25 * damp * damp); /* two real roots: there */
    double log_edge = x_log(edge), near = x_exp((wide ? 0.6 : 0.3) * log_edge);
    double far = wide ? edge * x_exp(0.8 * log_edge) : edge;

    w[0] = at / near;
    w[1] = at * near;
    w[2] = at / far;
    w[3] = at * far;
    for (int i = 0; i < 4; i++)
        w[i] = w[i] > ABOVE_TOP ? ABOVE_TOP * ABOVE_TOP / w[i] : w[i];
}

CLONES static void
look_up(struct target *t, const double w[POINTS], const struct eq_prototype *p, double w0)
{
    for (int i = 0; i < POINTS; i++) {
        double tan_half = x_tan(0.5 * w[i]), x2 = square(w[i] / w0);

        t->t2[i] = tan_half * tan_half;
        t->n[i] = square(p->n0 - p->n2 * x2) + p->n1 * p->n1 * x2;
        t->d[i] = square(p->d0 - p->d2 * x2) + p->d1 * p->d1 * x2;
    }
}

static void
set_target(struct target *t, const struct eq_prototype *p, double w0, double rate_hz)
{
    double top = fmin(2.0 * PI * BAND_TOP_HZ / rate_hz, BAND_TOP), w[POINTS];
    double above = square(top / BAND_TOP); /* the more room above, the less it matters */
    bool zeros = p->n0 > 0.0 && p->n1 > 0.0;

    for (int i = 0; i < BAND; i++) {
        double x = (i + 1.0) / BAND, x2 = x * x;

        w[i] = top * band_at[i];
        t->weight[i] = 1.0 + x2 * x2 * x;
    }
    for (int i = 0; i < ABOVE; i++) {
        w[BAND + i] = top + (ABOVE_TOP - top) * (i + 1) / ABOVE;
        t->weight[BAND + i] = ABOVE_WEIGHT * above;
    }
    around_roots(p->d0, p->d1, p->d2, w0, false, w + BAND + ABOVE);
    if (zeros)
        around_roots(p->n0, p->n1, p->n2, w0, false, w + BAND + ABOVE + 4);
    else
        around_roots(p->d0, p->d1, p->d2, w0, true, w + BAND + ABOVE + 4);
    for (int i = BAND + ABOVE; i < POINTS; i++)
        t->weight[i] = w[i] <= top ? ROOTS_WEIGHT : ROOTS_ABOVE * above;
    look_up(t, w, p, w0);
}

/* Nobody hears how deep a zero is, or what is wrong 60 dB below a steep cut. times: such that |H|^2 of the section,
   so many times multiplied, is about |H|^4 of the curve. */
static void
forgive_depth(struct target *t, int times)
{
    for (int i = 0; i < POINTS; i++) {
        double section = t->n[i] / t->d[i], curve = 1.0;

        for (int k = 0; k < times; k++)
            curve *= section;
        t->weight[i] *= curve / (curve + DEPTH * DEPTH) + DEEP_WEIGHT;
    }
}

struct equations {
    double a[UNKNOWNS][UNKNOWNS], r[UNKNOWNS]; /* a x = r; a symmetric, its lower half */
};

INLINE double
sum(const lanes *v)
{
    const lanes s = *v;

    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/* Unknowns are halved sums and differences of d ln b and d ln a, because at a small gain b and a are nearly
   the same: their difference then matters as always, their sum as little as the gain. */
CLONES static void
linearise(const struct section *s, const struct target *t, double zeros_free, struct equations *e)
{
    lanes a00 = {0}, a10 = {0}, a11 = {0}, a20 = {0}, a21 = {0}, a22 = {0}, a30 = {0}, a31 = {0}, a32 = {0},
          a33 = {0}, r0 = {0}, r1 = {0}, r2 = {0}, r3 = {0};

    for (int g = 0; g < GROUPS; g++) {
        lanes t2, n, d, weight;

        memcpy(&t2, t->t2 + g * LANES, sizeof t2);
        memcpy(&n, t->n + g * LANES, sizeof n);
        memcpy(&d, t->d + g * LANES, sizeof d);
        memcpy(&weight, t->weight + g * LANES, sizeof weight);

        lanes b_re = s->b0 - s->b2 * t2, b_im2 = s->b1 * s->b1 * t2, b = b_re * b_re + b_im2;
        lanes a_re = 1.0 - s->a2 * t2, a_im2 = s->a1 * s->a1 * t2, a = a_re * a_re + a_im2;
        lanes per_b = zeros_free * 2.0 / (b + TINY), per_a = 2.0 / a;
        lanes b1 = b_im2 * per_b, b2 = -s->b2 * t2 * b_re * per_b;
        lanes a1 = -a_im2 * per_a, a2 = s->a2 * t2 * a_re * per_a;
        lanes is = b * d, wanted = n * a;
        lanes error = weight * 2.0 * (wanted - is) / (wanted + is + TINY); /* the logarithm, near 1 */
        lanes c0 = b1 + a1, c1 = b1 - a1, c2 = b2 + a2, c3 = b2 - a2;

        r0 += c0 * error;
        r1 += c1 * error;
        r2 += c2 * error;
        r3 += c3 * error;
        lanes w0 = c0 * weight, w1 = c1 * weight, w2 = c2 * weight, w3 = c3 * weight;

        a00 += w0 * c0;
        a10 += w1 * c0;
        a11 += w1 * c1;
        a20 += w2 * c0;
        a21 += w2 * c1;
        a22 += w2 * c2;
        a30 += w3 * c0;
        a31 += w3 * c1;
        a32 += w3 * c2;
        a33 += w3 * c3;
    }
    *e = (struct equations){
        .a = {{sum(&a00)},
              {sum(&a10), sum(&a11)},
              {sum(&a20), sum(&a21), sum(&a22)},
              {sum(&a30), sum(&a31), sum(&a32), sum(&a33)}},
        .r = {sum(&r0), sum(&r1), sum(&r2), sum(&r3)},
    };
}

/* By L D L'. What the equations say nothing of stays 0. */
static void
solve(struct equations *e, double x[UNKNOWNS])
{
    double l[UNKNOWNS][UNKNOWNS], d[UNKNOWNS];

    for (int i = 0; i < UNKNOWNS; i++) {
        d[i] = e->a[i][i] * (1.0 + DAMPING) + NEGLIGIBLE;
        x[i] = e->r[i];
        for (int k = 0; k < i; k++) {
            double v = e->a[i][k];

            for (int j = 0; j < k; j++)
                v -= l[i][j] * l[k][j] * d[j];
            l[i][k] = v / d[k];
            d[i] -= l[i][k] * l[i][k] * d[k];
            x[i] -= l[i][k] * x[k];
        }
    }
    for (int i = UNKNOWNS - 1; i >= 0; i--) {
        x[i] /= d[i];
        for (int k = i + 1; k < UNKNOWNS; k++)
            x[i] -= l[k][i] * x[k];
    }
}

/* e^x near enough, and right in sign and direction anywhere in -2..2. */
static double
grown(double v, double x)
{
    return v * (2.0 + x) / (2.0 - x);
}

static void
fit(struct section *s, const struct target *t, double zeros_free)
{
    for (int i = 0; i < STEPS; i++) {
        struct equations e;
        double x[UNKNOWNS], b1, b2, a1, a2, shorter;

        linearise(s, t, zeros_free, &e);
        solve(&e, x);
        b1 = zeros_free * (x[0] + x[1]);
        a1 = x[0] - x[1];
        b2 = zeros_free * (x[2] + x[3]);
        a2 = x[2] - x[3];
        shorter = 1.0 / sqrt(1.0 + square(fmax(fmax(fabs(b1), fabs(b2)), fmax(fabs(a1), fabs(a2)))));
        s->b1 = grown(s->b1, shorter * b1);
        s->a1 = grown(s->a1, shorter * a1);
        s->b2 = grown(s->b2, shorter * b2);
        s->a2 = grown(s->a2, shorter * a2);
    }
}

/* ---- a section ---- */

/* Of a curve of that order. A notch below half the rate has its zeros right on the circle, and they stay. */
static struct section
design(const struct eq_prototype *p, double w0, double rate_hz, int order)
{
    struct section s = start(p, w0);
    struct target t;
    double zeros_free = 1.0;

    if (is_notch(p)) {
        zeros_free = between((w0 - PI) / (0.1 * PI), 0.0, 1.0);
        if (w0 < PI) {
            s.b1 = 0.0;
            s.b2 = s.b0 / square(x_tan(0.5 * w0));
        }
    }
    set_target(&t, p, w0, rate_hz);
    if (is_notch(p))
        forgive_depth(&t, 2);
    else if (order > 2 && is_cut(p))
        forgive_depth(&t, p->d2 > 0.0 ? order : 2 * order);
    fit(&s, &t, zeros_free);
    return s;
}

static struct section
inverse(const struct section *s)
{
    return (struct section){1.0 / s->b0, s->a1 / s->b0, s->a2 / s->b0, s->b1 / s->b0, s->b2 / s->b0};
}

static struct biquad_coefs
as_biquad(const struct section *s, double raise)
{
    double gg = 1.0 / sqrt(s->a2);

    return (struct biquad_coefs){
        .gg = gg,
        .k = s->a1 * gg,
        .n0 = raise * s->b0,
        .n1 = raise * s->b1 * gg,
        .n2 = raise * s->b2 / s->a2,
    };
}

/* ---- the curve ---- */

RT int
eqdesign(const struct eq_curve *c, double rate_hz, struct biquad_coefs out[EQDESIGN_SECTIONS])
{
    double w0 = 2.0 * PI * c->freq_hz / rate_hz;
    bool low = c->type == EQ_LOW_SHELF || c->type == EQ_BELL;
    bool over = has_gain(c->type) && (c->gain_db > 0.0) != low; /* a high shelf up is a low one down */
    int order = order_of(c), n = positive(w0) && does_something(c) ? (order + 1) / 2 : 0;

    w0 = between(w0, W_MIN, W_MAX);
    for (int i = 0; i < n; i++) {
        double gain_db = section_gain_db(c, order, i), raise = 1.0;
        int as = has_gain(c->type) && !low ? EQ_LOW_SHELF : c->type;
        struct eq_prototype p = prototype(as, fabs(gain_db), section_q(c, order, i));
        struct section s = design(&p, w0, rate_hz, order);

        if (over)
            s = inverse(&s);
        if (c->type == EQ_HIGH_SHELF || c->type == EQ_TILT)
            raise = db_to_gain(c->type == EQ_TILT ? 0.5 * gain_db : gain_db);
        out[i] = as_biquad(&s, raise);
    }
    return n;
}

RT int
eqdesign_prototype(const struct eq_curve *c, struct eq_prototype out[EQDESIGN_SECTIONS])
{
    int order = order_of(c), n = does_something(c) ? (order + 1) / 2 : 0;

    for (int i = 0; i < n; i++)
        out[i] = prototype(c->type, section_gain_db(c, order, i), section_q(c, order, i));
    return n;
}

/* |H|^2 at x w0. */
static double
prototype_power(const struct eq_prototype *p, double x)
{
    double x2 = x * x;

    return (square(p->n0 - p->n2 * x2) + p->n1 * p->n1 * x2) /
           (square(p->d0 - p->d2 * x2) + p->d1 * p->d1 * x2);
}

RT double
eqdesign_response_db(const struct biquad_coefs *c, int n, double hz, double rate_hz)
{
    double t = x_tan(PI * hz / rate_hz), power = 1.0;

    for (int i = 0; i < n; i++) {
        double x2 = square(t / c[i].gg);

        power *= (square(c[i].n0 - c[i].n2 * x2) + c[i].n1 * c[i].n1 * x2) /
                 (square(1.0 - x2) + c[i].k * c[i].k * x2);
    }
    return 0.5 * gain_to_db(power);
}

RT double
eqdesign_prototype_db(const struct eq_curve *c, double hz)
{
    struct eq_prototype p[EQDESIGN_SECTIONS];
    int n = eqdesign_prototype(c, p);
    double power = 1.0;

    for (int i = 0; i < n; i++)
        power *= prototype_power(&p[i], hz / c->freq_hz);
    return 0.5 * gain_to_db(power);
}

RT void
eqdesign_prototype_value(const struct eq_curve *c, double hz, double *re, double *im)
{
    struct eq_prototype p[EQDESIGN_SECTIONS];
    int n = eqdesign_prototype(c, p);
    double x = hz / c->freq_hz;

    *re = 1.0;
    *im = 0.0;
    for (int i = 0; i < n; i++) {
        double nr = p[i].n0 - p[i].n2 * x * x, ni = p[i].n1 * x;
        double dr = p[i].d0 - p[i].d2 * x * x, di = p[i].d1 * x, power = dr * dr + di * di;
        double hr = (nr * dr + ni * di) / power, hi = (ni * dr - nr * di) / power, was = *re;

        *re = was * hr - *im * hi;
        *im = was * hi + *im * hr;
    }
}
