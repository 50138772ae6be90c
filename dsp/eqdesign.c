/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A biquad has five numbers: poles (gg, k) and taps (n0, n1, n2). All curves
 * take n0 and n2 from the prototype, so that gain is right at 0 Hz and at half
 * the rate, where the bilinear transform goes wrong; poles and n1 differ.
 *
 * passes, shelves, and bells above the band
 *          Poles by impulse invariance (Vicanek 2016): e^(p w0) for each
 *          pole p of the prototype. In u = j tan(w/2) the denominator is
 *          s1 u^2 + 2 (1 - a2) u + s0 with s0, s1 = 1 +- a1 + a2; that form does not
 *          cancel at low frequencies. n1 makes the magnitude right at one frequency.
 * bell, notch
 *          Orfanidis: the gain at half the rate is prescribed, then the poles
 *          follow from the centre and the lower edge, n1 from the centre.
 * shelf    A low shelf up has its poles below freq_hz and so is never near
 *          half the rate; the other three are its inverse, its mirror, and both.
 *          From q 1.2 to 2 it goes over from matching at freq_hz to matching
 *          at the dip, which is then what one hears.
 */
#include "dsp/eqdesign.h"

#include "dsp/xmath.h"

#define TOP       (0.98 * PI) /* radians a frame: from here a centre can't be mapped to the circle */
#define MATCH_TOP (0.7 * PI)  /* the highest frequency to match at besides PI */

/* Polynomials in s, in units of w0. */
struct prototype {
    double n0, n1, n2, d0, d1, d2;
};

static double
square(double x)
{
    return x * x;
}

static struct prototype
bell(double a, double q)
{
    return (struct prototype){.n0 = 1.0, .n1 = a / q, .n2 = 1.0, .d0 = 1.0, .d1 = 1.0 / (a * q), .d2 = 1.0};
}

static struct prototype
low_shelf(double a, double q)
{
    double n1 = sqrt(a) / q;

    return (struct prototype){.n0 = a * a, .n1 = a * n1, .n2 = a, .d0 = 1.0, .d1 = n1, .d2 = a};
}

static struct prototype
pass(double n0, double n2, double q)
{
    return (struct prototype){.n0 = n0, .n2 = n2, .d0 = 1.0, .d1 = 1.0 / q, .d2 = 1.0};
}

/* |H|^2 at x w0. */
static double
prototype_power(const struct prototype *p, double x)
{
    double x2 = x * x;

    return (square(p->n0 - p->n2 * x2) + p->n1 * p->n1 * x2) /
           (square(p->d0 - p->d2 * x2) + p->d1 * p->d1 * x2);
}

/* |s^2 + k s + 1|^2 at s = j t. */
static double
poles_power(double k, double t2)
{
    return square(1.0 - t2) + k * k * t2;
}

/* s^2 of u = j tan(w/2), as a positive number. */
static double
bent(const struct biquad_coefs *c, double w)
{
    return square(x_tan(0.5 * w) / c->gg);
}

static struct biquad_coefs
invariant_poles(const struct prototype *p, double w0)
{
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
    return (struct biquad_coefs){.gg = sqrt(s0 / s1), .k = 2.0 * (1.0 - a2) / sqrt(s0 * s1)};
}

/* n1 so that |H| is the prototype's at w, given the rest; 0 if nothing real does it. */
static double
matching_n1(const struct biquad_coefs *c, const struct prototype *p, double w0, double w)
{
    double t2 = bent(c, w), power = prototype_power(p, w / w0) * poles_power(c->k, t2);
    double n1_squared = (power - square(c->n0 - c->n2 * t2)) / t2;

    return sqrt(fmax(n1_squared, 0.0));
}

/* Poles by invariance, right at 0 Hz, at half the rate, and at w. */
static struct biquad_coefs
matched(const struct prototype *p, double w0, double w)
{
    struct biquad_coefs c = invariant_poles(p, w0);

    c.n0 = p->n0 / p->d0;
    c.n2 = sqrt(prototype_power(p, PI / w0));
    c.n1 = matching_n1(&c, p, w0, w);
    return c;
}

static struct biquad_coefs
inverse(const struct biquad_coefs *c)
{
    double root = sqrt(c->n0 * c->n2);

    return (struct biquad_coefs){
        .gg = c->gg * sqrt(c->n0 / c->n2),
        .k = c->n1 / root,
        .n0 = 1.0 / c->n0,
        .n1 = c->k / root,
        .n2 = 1.0 / c->n2,
    };
}

/* Zeros that ring twice as long as the prototype's are a match gone wrong; the inverse has them as poles. */
static void
keep_zeros_damped(struct biquad_coefs *c, const struct prototype *p)
{
    double damp = fmin(p->n1 / sqrt(p->n0 * p->n2), 0.5);

    c->n1 = fmax(c->n1, 0.5 * damp * sqrt(c->n0 * c->n2));
}

/* The lower frequency, in units of the centre, at which a bell's gain in dB is halved. */
static double
lower_edge(double q)
{
    return 0.5 * (sqrt(1.0 / (q * q) + 4.0) - 1.0 / q);
}

/* Orfanidis: all in squares; om is the frequency bent by the bilinear map that keeps w0. */
static struct biquad_coefs
prescribed_bell(const struct prototype *p, double w0, double q, double gain)
{
    double top2 = prototype_power(p, PI / w0), top = sqrt(top2), gain2 = gain * gain;
    double om = w0 * w0, pole = om * sqrt((gain2 - top2) / (gain2 - 1.0));
    double bend = w0 / x_tan(0.5 * w0), edge = square(bend * x_tan(0.5 * w0 * lower_edge(q)));
    double r1 = (gain2 * square(om - pole) - square(top * om - pole)) / (om * pole);
    double r2 = (gain * square(edge - pole) - square(top * edge - pole)) / (edge * pole);
    double k2 = (r2 - r1) / (gain2 - gain);

    return (struct biquad_coefs){
        .gg = sqrt(pole) / bend, .k = sqrt(k2), .n0 = 1.0, .n1 = sqrt(r1 + gain2 * k2), .n2 = top};
}

static struct biquad_coefs
design_bell(double w0, double q, double gain_db)
{
    double up_db = fabs(gain_db);
    struct prototype p = bell(db_to_gain(0.5 * up_db), q);
    struct biquad_coefs c;

    if (w0 < TOP) {
        c = prescribed_bell(&p, w0, q, db_to_gain(up_db));
    } else {
        c = matched(&p, w0, 0.5 * PI);
        keep_zeros_damped(&c, &p);
    }
    return gain_db < 0.0 ? inverse(&c) : c;
}

/* Right at the dip, and as right at half the rate as that allows. */
static struct biquad_coefs
match_dip(struct biquad_coefs c, const struct prototype *p, double w0)
{
    double w = fmin(w0 * sqrt(p->n0 / p->n2), 0.85 * PI), t2 = bent(&c, w);
    double room = 0.7 * sqrt(prototype_power(p, w / w0) * poles_power(c.k, t2));

    c.n2 = fmin(fmax(c.n2, (c.n0 - room) / t2), (c.n0 + room) / t2);
    c.n1 = matching_n1(&c, p, w0, w);
    return c;
}

static struct biquad_coefs
shelf_up(double w0, double q, double gain_db)
{
    struct prototype p = low_shelf(db_to_gain(0.5 * gain_db), q);
    struct biquad_coefs c = matched(&p, w0, fmin(w0, MATCH_TOP));
    double sharp = fmin(fmax((q - 1.2) / (2.0 - 1.2), 0.0), 1.0);

    keep_zeros_damped(&c, &p);
    if (sharp > 0.0) {
        struct biquad_coefs dip = match_dip(c, &p, w0);

        c.n1 += sharp * (dip.n1 - c.n1);
        c.n2 += sharp * (dip.n2 - c.n2);
    }
    return c;
}

static struct biquad_coefs
design_shelf(int type, double w0, double q, double gain_db)
{
    struct biquad_coefs c = shelf_up(w0, q, fabs(gain_db));

    if (type == EQ_HIGH_SHELF) { /* a high shelf down is a low shelf up, all the way down */
        double gain = c.n0;

        c.n0 = 1.0;
        c.n1 /= gain;
        c.n2 /= gain;
    }
    return (gain_db < 0.0) == (type == EQ_LOW_SHELF) ? inverse(&c) : c;
}

static struct biquad_coefs
design_low_cut(double w0, double q)
{
    struct prototype p = pass(0.0, 1.0, q);
    struct biquad_coefs c = invariant_poles(&p, w0);
    double w = fmin(w0, 0.8 * PI), t2 = bent(&c, w);

    c.n2 = sqrt(prototype_power(&p, w / w0) * poles_power(c.k, t2)) / t2;
    return c;
}

static struct biquad_coefs
design_high_cut(double w0, double q)
{
    struct prototype p = pass(1.0, 0.0, q);

    return matched(&p, w0, fmin(w0, 0.8 * PI));
}

/* The bell's way, with its gain gone to 0: zeros at w0, -3 dB at the lower edge, right at half the rate. */
static struct biquad_coefs
design_notch(double w0, double q)
{
    struct prototype p = pass(1.0, 1.0, q);
    double n2 = sqrt(prototype_power(&p, PI / w0));
    double centre = square(x_tan(0.5 * w0)), pole = n2 * centre;
    double edge = square(x_tan(0.5 * w0 * lower_edge(q)));
    double k2 = (2.0 * square(1.0 - edge / centre) - square(1.0 - edge / pole)) * pole / edge;

    if (w0 >= TOP)
        return matched(&p, w0, MATCH_TOP);
    return (struct biquad_coefs){.gg = sqrt(pole), .k = sqrt(k2), .n0 = 1.0, .n1 = 0.0, .n2 = n2};
}

static bool
positive(double x)
{
    return x > 0.0 && x < __builtin_inf();
}

RT struct biquad_coefs
eqdesign(int type, double freq_hz, double q, double gain_db, double rate_hz)
{
    double w0 = 2.0 * PI * freq_hz / rate_hz;

    if (!positive(w0) || !positive(q))
        return BIQUAD_IDENTITY;
    if (type <= EQ_HIGH_SHELF && !positive(fabs(gain_db)))
        return BIQUAD_IDENTITY;
    switch (type) {
    case EQ_BELL: return design_bell(w0, q, gain_db);
    case EQ_LOW_SHELF:
    case EQ_HIGH_SHELF: return design_shelf(type, w0, q, gain_db);
    case EQ_LOW_CUT: return design_low_cut(w0, q);
    case EQ_HIGH_CUT: return design_high_cut(w0, q);
    case EQ_NOTCH: return design_notch(w0, q);
    }
    return BIQUAD_IDENTITY;
}

RT double
eqdesign_response_db(const struct biquad_coefs *c, double hz, double rate_hz)
{
    double t2 = bent(c, 2.0 * PI * hz / rate_hz);
    double power = (square(c->n0 - c->n2 * t2) + c->n1 * c->n1 * t2) / poles_power(c->k, t2);

    return 0.5 * gain_to_db(power);
}

RT double
eqdesign_prototype_db(int type, double freq_hz, double q, double gain_db, double hz)
{
    double a = db_to_gain(0.5 * gain_db), k = sqrt(a) / q;
    struct prototype p = {.n0 = 1.0, .d0 = 1.0};

    switch (type) {
    case EQ_BELL: p = bell(a, q); break;
    case EQ_LOW_SHELF: p = low_shelf(a, q); break;
    case EQ_HIGH_SHELF:
        p = (struct prototype){.n0 = a, .n1 = a * k, .n2 = a * a, .d0 = a, .d1 = k, .d2 = 1.0};
        break;
    case EQ_LOW_CUT: p = pass(0.0, 1.0, q); break;
    case EQ_HIGH_CUT: p = pass(1.0, 0.0, q); break;
    case EQ_NOTCH: p = pass(1.0, 1.0, q); break;
    }
    return 0.5 * gain_to_db(prototype_power(&p, hz / freq_hz));
}
