/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/eqdesign.h"

#include "dsp/clones.h"
#include "dsp/xmath.h"

#define TOP       (0.98 * PI) /* radians a frame: from here a centre can't be mapped to the circle */
#define MATCH_TOP (0.7 * PI)  /* the highest frequency to match at besides PI */

/* (b0 + b1 u + b2 u^2) / (1 + a1 u + a2 u^2), u = j tan(w/2). */
struct section {
    double b0, b1, b2, a1, a2;
};

static double
square(double x)
{
    return x * x;
}

static bool
positive(double x)
{
    return x > 0.0 && x < __builtin_inf();
}

/* |H|^2 at x w0. */
static double
prototype_power(const struct eq_prototype *p, double x)
{
    double x2 = x * x;

    return (square(p->n0 - p->n2 * x2) + p->n1 * p->n1 * x2) /
           (square(p->d0 - p->d2 * x2) + p->d1 * p->d1 * x2);
}

/* |H|^2 of the section without numerator, inverted. */
static double
poles_power(const struct section *s, double t2)
{
    return square(1.0 - s->a2 * t2) + s->a1 * s->a1 * t2;
}

/* Poles by impulse invariance: e^(p w0). */
static void
set_invariant_poles(struct section *s, const struct eq_prototype *p, double w0)
{
    if (p->d2 == 0.0) { /* the second pole at z = 0 */
        double e = x_exp(-w0 * p->d0 / p->d1);

        s->a2 = (1.0 + e) / (1.0 - e);
        s->a1 = s->a2 + 1.0;
        return;
    }

    double w = w0 * sqrt(p->d0 / p->d2), damp = 0.5 * p->d1 / sqrt(p->d0 * p->d2);
    double s0, s1, a2;

    if (damp < 1.0) {
        double e = x_exp(-damp * w), angle = fmin(sqrt(1.0 - damp * damp) * w, PI);

        s0 = square(1.0 - e) + 4.0 * e * square(x_sin(0.5 * angle));
        s1 = square(1.0 - e) + 4.0 * e * square(x_cos(0.5 * angle));
        a2 = e * e;
    } else {
        double fast = damp + sqrt(damp * damp - 1.0);
        double e1 = x_exp(-w * fast), e2 = x_exp(-w / fast);

        s0 = (1.0 - e1) * (1.0 - e2);
        s1 = (1.0 + e1) * (1.0 + e2);
        a2 = e1 * e2;
    }
    s->a1 = 2.0 * (1.0 - a2) / s0;
    s->a2 = s1 / s0;
}

/* b1 so that |H| is the prototype's at w, given the rest; 0 if nothing real does it. */
static double
matching_b1(const struct section *s, const struct eq_prototype *p, double w0, double w)
{
    double t2 = square(x_tan(0.5 * w)), power = prototype_power(p, w / w0) * poles_power(s, t2);

    return sqrt(fmax((power - square(s->b0 - s->b2 * t2)) / t2, 0.0));
}

/* Poles by invariance, right at 0 Hz, at half the rate, and at w. */
static struct section
matched(const struct eq_prototype *p, double w0, double w)
{
    struct section s = {.b0 = p->n0 / p->d0};

    set_invariant_poles(&s, p, w0);
    s.b2 = s.a2 * sqrt(prototype_power(p, PI / w0));
    s.b1 = matching_b1(&s, p, w0, w);
    return s;
}

static struct section
inverse(const struct section *s)
{
    return (struct section){1.0 / s->b0, s->a1 / s->b0, s->a2 / s->b0, s->b1 / s->b0, s->b2 / s->b0};
}

static void
keep_zeros_damped(struct section *s, const struct eq_prototype *p)
{
    double damp = p->n2 > 0.0 ? fmin(p->n1 / sqrt(p->n0 * p->n2), 0.5) : 0.5;

    s->b1 = fmax(s->b1, 0.5 * damp * sqrt(s->b0 * s->b2));
}

/* The lower frequency, in units of the centre, at which a bell's gain in dB is halved. */
static double
lower_edge(double q)
{
    return 0.5 * (sqrt(1.0 / (q * q) + 4.0) - 1.0 / q);
}

/* Orfanidis: all in squares; om is the frequency bent by the bilinear map that keeps w0. */
static struct section
prescribed_bell(const struct eq_prototype *p, double w0, double q, double gain)
{
    double top2 = prototype_power(p, PI / w0), top = sqrt(top2), gain2 = gain * gain;
    double om = w0 * w0, pole = om * sqrt((gain2 - top2) / (gain2 - 1.0));
    double bend = w0 / x_tan(0.5 * w0), edge = square(bend * x_tan(0.5 * w0 * lower_edge(q)));
    double r1 = (gain2 * square(om - pole) - square(top * om - pole)) / (om * pole);
    double r2 = (gain * square(edge - pole) - square(top * edge - pole)) / (edge * pole);
    double k2 = (r2 - r1) / (gain2 - gain), gg = sqrt(pole) / bend;

    return (struct section){1.0, sqrt(r1 + gain2 * k2) / gg, top / (gg * gg), sqrt(k2) / gg, 1.0 / (gg * gg)};
}

/* Up only. */
static struct section
design_bell(const struct eq_prototype *p, double w0)
{
    double a2 = p->n1 / p->d1, q = 1.0 / sqrt(p->n1 * p->d1);
    struct section s;

    if (w0 < TOP) {
        s = prescribed_bell(p, w0, q, a2);
    } else {
        s = matched(p, w0, 0.5 * PI);
        keep_zeros_damped(&s, p);
    }
    return s;
}

/* Low shelf up only. */
static struct section
design_shelf(const struct eq_prototype *p, double w0)
{
    struct section s = matched(p, w0, fmin(w0, MATCH_TOP));

    keep_zeros_damped(&s, p);
    return s;
}

static struct section
design_low_cut(const struct eq_prototype *p, double w0)
{
    struct section s = {0};
    double w = fmin(w0, 0.8 * PI), t2 = square(x_tan(0.5 * w));

    set_invariant_poles(&s, p, w0);
    s.b2 = sqrt(prototype_power(p, w / w0) * poles_power(&s, t2)) / t2;
    return s;
}

/* The bell's way, with its gain gone to 0: zeros at w0, -3 dB at the lower edge, right at half the rate. */
static struct section
design_notch(const struct eq_prototype *p, double w0)
{
    double n2 = sqrt(prototype_power(p, PI / w0));
    double centre = square(x_tan(0.5 * w0)), pole = n2 * centre;
    double edge = square(x_tan(0.5 * w0 * lower_edge(1.0 / p->d1)));
    double k2 = (2.0 * square(1.0 - edge / centre) - square(1.0 - edge / pole)) * pole / edge;

    if (w0 >= TOP)
        return matched(p, w0, MATCH_TOP);
    return (struct section){1.0, 0.0, 1.0 / centre, sqrt(k2 / pole), 1.0 / pole};
}

static struct section
design(int type, const struct eq_prototype *p, double w0)
{
    switch (type) {
    case EQ_BELL: return design_bell(p, w0);
    case EQ_LOW_SHELF: return design_shelf(p, w0);
    case EQ_LOW_CUT:
        if (p->d2 > 0.0)
            return design_low_cut(p, w0);
        break;
    case EQ_NOTCH: return design_notch(p, w0);
    }
    return matched(p, w0, fmin(w0, 0.8 * PI));
}

/* ---- prototypes ---- */

static double
amplify(struct eq_prototype *p, double gain)
{
    p->n0 *= gain;
    p->n1 *= gain;
    p->n2 *= gain;
    return gain;
}

static struct eq_prototype
upside_down(const struct eq_prototype *p)
{
    return (struct eq_prototype){p->d0, p->d1, p->d2, p->n0, p->n1, p->n2};
}

static struct eq_prototype
bell(double gain_db, double q)
{
    double a = db_to_gain(0.5 * gain_db);

    return (struct eq_prototype){1.0, a / q, 1.0, 1.0, 1.0 / (a * q), 1.0};
}

/* Half the gain in dB at the centre. q = 0: first order. */
static struct eq_prototype
low_shelf(double gain_db, double q)
{
    double a = db_to_gain(0.5 * gain_db), root = sqrt(a);

    if (q == 0.0)
        return (struct eq_prototype){a * a, a, 0.0, 1.0, a, 0.0};
    return (struct eq_prototype){a * a, a * root / q, a, 1.0, root / q, a};
}

/* The q of Butterworth's section i, the most resonant first; 0 for the first-order one. */
static double
butterworth_q(int order, int i)
{
    return 2 * i + 1 == order ? 0.0 : 0.5 / x_sin(0.5 * PI * (2 * i + 1) / order);
}

static int
clamp(int x, int low, int high)
{
    return x < low ? low : x > high ? high : x;
}

static int
order_of(const struct eq_curve *c)
{
    switch (c->type) {
    case EQ_LOW_SHELF:
    case EQ_HIGH_SHELF: return clamp(c->order, 1, EQDESIGN_SHELF_ORDER_MAX);
    case EQ_LOW_CUT:
    case EQ_HIGH_CUT: return clamp(c->order, 1, EQDESIGN_ORDER_MAX);
    }
    return 2;
}

static bool
has_gain(int type)
{
    return type == EQ_BELL || type == EQ_LOW_SHELF || type == EQ_HIGH_SHELF || type == EQ_TILT;
}

static bool
does_something(const struct eq_curve *c)
{
    return c->type >= 0 && c->type < EQ_TYPES && positive(c->freq_hz) && positive(c->q) &&
           (!has_gain(c->type) || positive(fabs(c->gain_db)));
}

RT int
eqdesign_prototype(const struct eq_curve *c, struct eq_prototype out[EQDESIGN_SECTIONS])
{
    int order = order_of(c), n = (order + 1) / 2;
    double share_db = 2.0 * c->gain_db / order;

    if (!does_something(c))
        return 0;
    for (int i = 0; i < n; i++) {
        bool first = 2 * i + 1 == order;
        double q = order == 2 ? c->q : butterworth_q(order, i);

        if (i == 0 && order > 2)
            q *= c->q * 1.4142135623730951;
        switch (c->type) {
        case EQ_BELL: out[i] = bell(c->gain_db, q); break;
        case EQ_LOW_SHELF: out[i] = low_shelf(first ? 0.5 * share_db : share_db, q); break;
        case EQ_HIGH_SHELF:
        case EQ_TILT:
            out[i] = low_shelf(first ? -0.5 * share_db : -share_db, q);
            amplify(&out[i], db_to_gain((first ? 0.5 : 1.0) * (c->type == EQ_TILT ? 0.5 : 1.0) * share_db));
            break;
        case EQ_LOW_CUT:
            out[i] = first ? (struct eq_prototype){0.0, 1.0, 0.0, 1.0, 1.0, 0.0}
                           : (struct eq_prototype){0.0, 0.0, 1.0, 1.0, 1.0 / q, 1.0};
            break;
        case EQ_HIGH_CUT:
            out[i] = first ? (struct eq_prototype){1.0, 0.0, 0.0, 1.0, 1.0, 0.0}
                           : (struct eq_prototype){1.0, 0.0, 0.0, 1.0, 1.0 / q, 1.0};
            break;
        case EQ_NOTCH: out[i] = (struct eq_prototype){1.0, 0.0, 1.0, 1.0, 1.0 / q, 1.0}; break;
        case EQ_BAND_PASS: out[i] = (struct eq_prototype){0.0, 1.0 / q, 0.0, 1.0, 1.0 / q, 1.0}; break;
        }
    }
    return n;
}

RT int
eqdesign(const struct eq_curve *c, double rate_hz, struct biquad_coefs out[EQDESIGN_SECTIONS])
{
    double w0 = 2.0 * PI * c->freq_hz / rate_hz;
    struct eq_prototype p[EQDESIGN_SECTIONS];
    int n = positive(w0) ? eqdesign_prototype(c, p) : 0;

    for (int i = 0; i < n; i++) {
        bool shelf = c->type == EQ_LOW_SHELF || c->type == EQ_HIGH_SHELF || c->type == EQ_TILT;
        bool down = has_gain(c->type) &&
                    (c->type == EQ_LOW_SHELF || c->type == EQ_BELL ? c->gain_db < 0.0 : c->gain_db > 0.0);
        struct eq_prototype up = down ? upside_down(&p[i]) : p[i];
        double level = 1.0;
        struct section s;

        if (shelf)
            level = amplify(&up, 1.0 / (up.n2 > 0.0 ? up.n2 / up.d2 : up.n1 / up.d1));
        s = design(shelf ? EQ_LOW_SHELF : c->type, &up, w0);
        s.b0 /= level;
        s.b1 /= level;
        s.b2 /= level;
        if (down)
            s = inverse(&s);

        double gg = 1.0 / sqrt(s.a2);
        out[i] = (struct biquad_coefs){gg, s.a1 * gg, s.b0, s.b1 * gg, s.b2 * gg * gg};
    }
    return n;
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
