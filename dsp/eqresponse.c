/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frequencies rise, so of a row the first few are in minimum phase, some in the octave, the rest in linear
 * phase. In linear phase bands that share a part of the picture multiply as powers, with one square root at
 * the end.
 */
#include "dsp/eqresponse.h"
#include "dsp/channels.h"
#include "dsp/clones.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

/* --- settings -------------------------------------------------------------------------------------- */

static struct eq_prototype
in_hz(const struct eq_prototype *p, double freq_hz)
{
    double per1 = 1.0 / freq_hz, per2 = per1 * per1;

    return (struct eq_prototype){p->n0, p->n1 * per1, p->n2 * per2, p->d0, p->d1 * per1, p->d2 * per2};
}

static void
add_band(struct eqresponse *r, const struct eqfir_band *s)
{
    struct eqresponse_band *b = &r->band[r->nbands];
    struct eq_prototype section[EQDESIGN_SECTIONS];
    int n = s->on ? eqdesign_prototype(&s->curve, section) : 0;

    if (n == 0)
        return;
    b->channels = s->channels;
    b->nsections = n;
    for (int i = 0; i < n; i++)
        b->section[i] = in_hz(&section[i], s->curve.freq_hz);
    r->nbands++;
}

static struct convolver_use
use_of(const struct eqresponse *r)
{
    bool mid_side = false, left_right = false;
    int form;

    for (int b = 0; b < r->nbands; b++) {
        int channels = r->band[b].channels;

        mid_side |= channels_are_mid_side(channels);
        left_right |= channels == CHANNELS_LEFT || channels == CHANNELS_RIGHT;
    }
    form = mid_side && left_right ? CONVOLVER_MATRIX
           : mid_side             ? CONVOLVER_MID_SIDE
           : left_right           ? CONVOLVER_LEFT_RIGHT
                                  : CONVOLVER_EACH;
    return (struct convolver_use){form, r->nbands > 0};
}

RT void
eqresponse_of(struct eqresponse *r, const struct eqfir_settings *s, double rate_hz)
{
    memset(r, 0, sizeof *r); /* and what stands between the fields */
    for (int b = 0; b < EQFIR_BANDS; b++)
        add_band(r, &s->band[b]);
    r->use = use_of(r);
    if (s->phase == EQFIR_MIXED && s->corner_hz > 0.0 && r->nbands > 0) {
        r->to_hz = fmin(2.0 * s->corner_hz, 0.475 * rate_hz);
        r->from_hz = 0.5 * r->to_hz;
    }
}

/* --- one band -------------------------------------------------------------------------------------- */

struct row { /* of n frequencies */
    double hz[EQRESPONSE_MOST], hz2[EQRESPONSE_MOST];
    double re[EQRESPONSE_MOST], im[EQRESPONSE_MOST]; /* the band's gain */
    double den[EQRESPONSE_MOST], phase[EQRESPONSE_MOST];
    int minimum, linear, n; /* linear phase begins at, minimum phase ends at */
};

CLONES static void
frequencies(struct row *restrict w, double first_hz, double step_hz, int n)
{
    w->n = n;
    for (int i = 0; i < n; i++) {
        w->hz[i] = first_hz + i * step_hz;
        w->hz2[i] = w->hz[i] * w->hz[i];
    }
}

/* |H|^2 into re from `from` on. The product of four sections stays far within a double's range. */
CLONES static void
power(const struct eqresponse_band *b, struct row *restrict w, int from)
{
    for (int i = from; i < w->n; i++)
        w->re[i] = w->den[i] = 1.0;
    for (int s = 0; s < b->nsections; s++) {
        struct eq_prototype p = b->section[s];

        for (int i = from; i < w->n; i++) {
            double x = w->hz2[i], a = p.n0 - p.n2 * x, c = p.d0 - p.d2 * x;

            w->re[i] *= a * a + p.n1 * p.n1 * x;
            w->den[i] *= c * c + p.d1 * p.d1 * x;
        }
    }
    for (int i = from; i < w->n; i++)
        w->re[i] /= w->den[i];
}

/* H into re and im, up to `to`. */
CLONES static void
minimum_phase(const struct eqresponse_band *b, struct row *restrict w, int to)
{
    for (int i = 0; i < to; i++) {
        w->re[i] = w->den[i] = 1.0;
        w->im[i] = 0.0;
    }
    for (int s = 0; s < b->nsections; s++) {
        struct eq_prototype p = b->section[s];

        for (int i = 0; i < to; i++) {
            double x = w->hz2[i], a = p.n0 - p.n2 * x, c = p.n1 * w->hz[i];
            double u = p.d0 - p.d2 * x, v = p.d1 * w->hz[i];
            double re = a * u + c * v, im = c * u - a * v, before = w->re[i];

            w->re[i] = before * re - w->im[i] * im;
            w->im[i] = before * im + w->im[i] * re;
            w->den[i] *= u * u + v * v;
        }
    }
    for (int i = 0; i < to; i++) {
        w->re[i] /= w->den[i];
        w->im[i] /= w->den[i];
    }
}

/* Of x + j y, y >= 0: 0..pi; 0 for 0. Twice the half angle, twice, then Taylor's series up to tan(pi/8):
   3e-14. */
INLINE double
angle(double x, double y)
{
    double r = sqrt(x * x + y * y), half = y / (r + fabs(x) + 1e-300);
    double t = half / (1.0 + sqrt(1.0 + half * half)), z = -t * t, sum = 1.0 / 31.0, a;

    for (int k = 29; k > 0; k -= 2)
        sum = sum * z + 1.0 / k;
    a = 4.0 * t * sum;
    return x < 0.0 ? PI - a : a;
}

/* Of c2 s^2 + c1 s + c0, times sign, to the phases of the octave. Cuts and notch have a numerator that is
   real. */
CLONES static void
add_phase(double c0, double c1, double c2, double sign, struct row *restrict w)
{
    if (c1 == 0.0)
        for (int i = w->minimum; i < w->linear; i++)
            w->phase[i] += c0 - c2 * w->hz2[i] < 0.0 ? sign * PI : 0.0;
    else
        for (int i = w->minimum; i < w->linear; i++)
            w->phase[i] += sign * angle(c0 - c2 * w->hz2[i], c1 * w->hz[i]);
}

/* In the octave: from a magnitude in re to a gain. */
CLONES static void
turn(struct row *restrict w, double from_hz, double to_hz)
{
    for (int i = w->minimum; i < w->linear; i++) {
        double t = (w->hz[i] - from_hz) / (to_hz - from_hz);
        double phase = w->phase[i] * (1.0 - t * t * t * (t * (6.0 * t - 15.0) + 10.0)), size = w->re[i];

        w->re[i] = size * x_cos(phase);
        w->im[i] = size * x_sin(phase);
    }
}

CLONES static void
root(double *re, int from, int n)
{
    for (int i = from; i < n; i++)
        re[i] = sqrt(re[i]);
}

/* The band's gain, complex. */
static void
mixed_gain(const struct eqresponse *r, const struct eqresponse_band *b, struct row *w)
{
    minimum_phase(b, w, w->minimum);
    power(b, w, w->minimum);
    root(w->re, w->minimum, w->n);
    memset(w->im + w->minimum, 0, (size_t)(w->n - w->minimum) * sizeof w->im[0]);
    memset(w->phase + w->minimum, 0, (size_t)(w->linear - w->minimum) * sizeof w->phase[0]);
    for (int s = 0; s < b->nsections; s++) {
        const struct eq_prototype *p = &b->section[s];

        add_phase(p->n0, p->n1, p->n2, 1.0, w);
        add_phase(p->d0, p->d1, p->d2, -1.0, w);
    }
    turn(w, r->from_hz, r->to_hz);
}

/* --- all bands ------------------------------------------------------------------------------------- */

CLONES static void
multiply(double *restrict re, double *restrict im, const struct row *restrict w)
{
    for (int i = 0; i < w->n; i++) {
        double a = re[i];

        re[i] = a * w->re[i] - im[i] * w->im[i];
        im[i] = a * w->im[i] + im[i] * w->re[i];
    }
}

CLONES static void
multiply_real(double *restrict re, const struct row *restrict w)
{
    for (int i = 0; i < w->n; i++)
        re[i] *= w->re[i];
}

/* A band on mid or side (sign -1) as left and right see it: [a b; b a] with a = (g + 1) / 2, b = sign (g - 1)
   / 2. */
CLONES static void
multiply_cross(double *restrict re0, double *restrict im0, double *restrict re1, double *restrict im1,
               const struct row *restrict w, double sign)
{
    for (int i = 0; i < w->n; i++) {
        double a = 0.5 * (w->re[i] + 1.0), b = sign * 0.5 * (w->re[i] - 1.0), c = 0.5 * w->im[i],
               d = sign * c;
        double p = re0[i], q = im0[i], s = re1[i], t = im1[i];

        re0[i] = (a * p - c * q) + (b * s - d * t);
        im0[i] = (a * q + c * p) + (b * t + d * s);
        re1[i] = (b * p - d * q) + (a * s - c * t);
        im1[i] = (b * q + d * p) + (a * t + c * s);
    }
}

/* Does a band work on filter f of this form? LEFT_RIGHT: 0 left, 1 right; MID_SIDE alike; MATRIX: 0, 1 left.
   */
static bool
works_on(int form, int channels, int f)
{
    int second = form == CONVOLVER_MATRIX ? f / 2 : f;

    if (channels == CHANNELS_LEFT || channels == CHANNELS_MID)
        return second == 0;
    return second == 1 || (channels != CHANNELS_RIGHT && channels != CHANNELS_SIDE);
}

static int
filters_of(int form)
{
    return form == CONVOLVER_EACH ? 1 : form == CONVOLVER_MATRIX ? 4 : 2;
}

static void
apply(const struct eqresponse *r, const struct eqresponse_band *b, const struct row *w, double *const *re,
      double *const *im)
{
    int form = r->use.form;

    if (form == CONVOLVER_MATRIX && channels_are_mid_side(b->channels)) {
        double sign = b->channels == CHANNELS_MID ? 1.0 : -1.0;

        multiply_cross(re[0], im[0], re[2], im[2], w, sign);
        multiply_cross(re[1], im[1], re[3], im[3], w, sign);
        return;
    }
    for (int f = 0; f < filters_of(form); f++)
        if (works_on(form, b->channels, f)) {
            if (r->to_hz > 0.0)
                multiply(re[f], im[f], w);
            else
                multiply_real(re[f], w);
        }
}

static void
identity(int form, int n, double *const *re, double *const *im)
{
    for (int f = 0; f < filters_of(form); f++) {
        double one = form == CONVOLVER_MATRIX && (f == 1 || f == 2) ? 0.0 : 1.0;

        for (int i = 0; i < n; i++) {
            re[f][i] = one;
            im[f][i] = 0.0;
        }
    }
}

static int
index_of(double hz, double first_hz, double step_hz, int n)
{
    int i = 0;

    while (i < n && first_hz + i * step_hz < hz)
        i++;
    return i;
}

static void
gain(const struct eqresponse *r, const struct eqresponse_band *b, struct row *w, bool roots_last)
{
    if (r->to_hz > 0.0) {
        mixed_gain(r, b, w);
        return;
    }
    power(b, w, 0);
    if (!roots_last)
        root(w->re, 0, w->n);
    if (r->use.form == CONVOLVER_MATRIX)
        memset(w->im, 0, (size_t)w->n * sizeof w->im[0]);
}

RT void
eqresponse_add(const struct eqresponse *r, int b, double first_hz, double step_hz, int n, double *const *re,
               double *const *im)
{
    bool roots_last = r->to_hz == 0.0 && r->use.form != CONVOLVER_MATRIX;
    struct row w;

    frequencies(&w, first_hz, step_hz, n);
    w.minimum = index_of(r->from_hz, first_hz, step_hz, n);
    w.linear = index_of(r->to_hz, first_hz, step_hz, n);
    if (b == 0)
        identity(r->use.form, n, re, im);
    gain(r, &r->band[b], &w, roots_last);
    apply(r, &r->band[b], &w, re, im);
    if (roots_last && b == r->nbands - 1)
        for (int f = 0; f < filters_of(r->use.form); f++)
            root(re[f], 0, n);
}

/* Measured on a Xeon of 2.3 GHz with AVX-512. */
RT double
eqresponse_weight(const struct eqresponse *r, double rate_hz)
{
    double octave = 2.0 * (r->to_hz - r->from_hz) / rate_hz, sections = 0.0;
    bool matrix = r->use.form == CONVOLVER_MATRIX;

    if (r->nbands == 0)
        return 0.0;
    for (int b = 0; b < r->nbands; b++)
        sections += (double)r->band[b].nsections / r->nbands;
    if (r->to_hz == 0.0)
        return 2.0 + 0.4 * sections + (matrix ? 2.8 : 0.0);
    return 4.0 + 0.8 * sections + (matrix ? 2.0 : 0.0) + octave * (7.5 + 3.0 * sections);
}
