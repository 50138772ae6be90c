/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsp/sidechain.h"

#include "dsp/clones.h"
#include "dsp/xmath.h"

#include <math.h>
#include <string.h>

static const double glide_ms = 20.0;
static const double butterworth_k = 1.41421356237309504880;

/* Zeros and poles of the tilt, and what it is at 1 kHz if it is 1 at 0 Hz. */
static const double tilt_hz[SIDECHAIN_SECTIONS][4] = {{27.9, 175.8, 75.5, 397.9},
                                                      {890.4, 5296.1, 2075.3, 16208.7}};
static const double tilt_at_1_khz = 7.931453549941323;

static void
section_tune(struct sidechain_section *s, const struct biquad_coefs *c)
{
    double a1 = 1.0 / (1.0 + c->gg * (c->gg + c->k)), a2 = c->gg * a1, a3 = c->gg * a2;
    double c1 = c->n1 - c->k * c->n2, c2 = c->n0 - c->n2;

    s->m11 = 2.0 * a1 - 1.0;
    s->m12 = -2.0 * a2;
    s->m21 = s->b1 = 2.0 * a2;
    s->m22 = 1.0 - 2.0 * a3;
    s->b2 = 2.0 * a3;
    s->q11 = s->m11 * s->m11 + s->m12 * s->m21;
    s->q12 = s->m11 * s->m12 + s->m12 * s->m22;
    s->q21 = s->m21 * s->m11 + s->m22 * s->m21;
    s->q22 = s->m21 * s->m12 + s->m22 * s->m22;
    s->c1 = s->m11 * s->b1 + s->m12 * s->b2;
    s->c2 = s->m21 * s->b1 + s->m22 * s->b2;
    s->dx = c->n2 + c1 * a2 + c2 * a3;
    s->d1 = c1 * a1 + c2 * a2;
    s->d2 = c2 * (1.0 - a3) - c1 * a2;
}

INLINE biquad_pair
section_out(struct sidechain_section *s, biquad_pair x, biquad_pair i1, biquad_pair i2)
{
    biquad_pair y = s->dx * x + (s->d1 * s->i1 + s->d2 * s->i2);

    s->j1 = s->i1;
    s->j2 = s->i2;
    s->x = x;
    s->i1 = i1;
    s->i2 = i2;
    return y;
}

/* By one frame, while the coefficients move. */
INLINE biquad_pair
section_step(struct sidechain_section *s, biquad_pair x)
{
    return section_out(s, x, s->m11 * s->i1 + (s->m12 * s->i2 + s->b1 * x),
                       s->m21 * s->i1 + (s->m22 * s->i2 + s->b2 * x));
}

/* The same from two frames ago: even and odd frames are two ways side by side. */
INLINE biquad_pair
section_stride(struct sidechain_section *s, biquad_pair x)
{
    return section_out(s, x, (s->q11 * s->j1 + s->q12 * s->j2) + (s->c1 * s->x + s->b1 * x),
                       (s->q21 * s->j1 + s->q22 * s->j2) + (s->c2 * s->x + s->b2 * x));
}

/* The first order is (s^2 + s) / (s^2 + 2 s + 1). */
static void
high_pass_tune(struct sidechain *s)
{
    bool first = s->kind == SIDECHAIN_6_DB;
    struct biquad_coefs c = {
        .gg = x_tan(PI * s->hz.pole[3] / s->rate_hz),
        .k = first ? 2.0 : butterworth_k,
        .n1 = first ? 1.0 : 0.0,
        .n2 = 1.0,
    };

    section_tune(&s->section[0], &c);
}

/* (1 - p z^-1)(1 - q z^-1), and what it is at 0 Hz. */
static double
roots(double *poly, const double *hz, double rate_hz)
{
    double p = x_exp(-2.0 * PI * hz[0] / rate_hz), q = x_exp(-2.0 * PI * hz[1] / rate_hz);

    poly[0] = 1.0;
    poly[1] = -(p + q);
    poly[2] = p * q;
    return (1.0 - p) * (1.0 - q);
}

static void
tilt_tune(struct sidechain *s)
{
    for (int i = 0; i < SIDECHAIN_SECTIONS; i++) {
        double b[3], a[3];
        double gain = 1.0 / roots(b, tilt_hz[i], s->rate_hz) * roots(a, tilt_hz[i] + 2, s->rate_hz);
        struct biquad_coefs c;

        gain /= i ? 1.0 : tilt_at_1_khz;
        for (int k = 0; k < 3; k++)
            b[k] *= gain;
        c = biquad_from_direct(b, a + 1);
        section_tune(&s->section[i], &c);
    }
}

CLONES static void
section_run(struct sidechain_section *s, const double *const *in, double *const *out, int n)
{
    struct sidechain_section run = *s; /* in registers */
    const double *left = in[0], *right = in[1];

    for (int i = 0; i < n; i++) {
        biquad_pair y = section_stride(&run, (biquad_pair){left[i], right[i]});

        out[0][i] = y[0];
        out[1][i] = y[1];
    }
    *s = run;
}

/* Until the frequency has arrived; returns how many frames that took. */
static int
glide(struct sidechain *s, const double *const *in, double *const *out, int n)
{
    int i = 0;

    for (; i < n && s->hz.moving; i++) {
        biquad_pair y;

        smooth_next(&s->hz);
        high_pass_tune(s);
        y = section_step(&s->section[0], (biquad_pair){in[0][i], in[1][i]});
        out[0][i] = y[0];
        out[1][i] = y[1];
    }
    return i;
}

RT int
sidechain_kind(int shape, double hz)
{
    return shape != SIDECHAIN_TILT && hz <= SIDECHAIN_HPF_OFF_HZ ? SIDECHAIN_OFF : shape;
}

void
sidechain_prepare(struct sidechain *s, double rate_hz)
{
    *s = (struct sidechain){.rate_hz = rate_hz, .kind = SIDECHAIN_OFF};
    smooth_prepare(&s->hz, rate_hz, glide_ms, 1e-5);
}

RT void
sidechain_start(struct sidechain *s, int kind, double hz)
{
    s->kind = kind;
    memset(s->section, 0, sizeof s->section);
    smooth_jump(&s->hz, hz);
    if (kind == SIDECHAIN_TILT)
        tilt_tune(s);
    else if (kind != SIDECHAIN_OFF)
        high_pass_tune(s);
}

RT void
sidechain_glide(struct sidechain *s, double hz)
{
    if (s->kind == SIDECHAIN_12_DB || s->kind == SIDECHAIN_6_DB)
        smooth_to(&s->hz, hz);
}

RT void
sidechain_process(struct sidechain *s, const double *const *in, double (*room)[SIDECHAIN_PIECE],
                  const double **out, int nframes)
{
    bool off = s->kind == SIDECHAIN_OFF;
    int done;

    for (int c = 0; c < STEREO; c++)
        out[c] = off ? in[c] : room[c];
    if (off)
        return;
    done = glide(s, in, (double *[]){room[0], room[1]}, nframes);
    section_run(&s->section[0], (const double *[]){in[0] + done, in[1] + done},
                (double *[]){room[0] + done, room[1] + done}, nframes - done);
    if (s->kind == SIDECHAIN_TILT)
        section_run(&s->section[1], out, (double *[]){room[0], room[1]}, nframes);
}

/* Silent, or beyond what a sound can leave: a NaN's or an infinity's. */
static bool
section_odd(const struct sidechain_section *s)
{
    double most = 0.0;

    for (int i = 0; i < STEREO; i++)
        most += fabs(s->i1[i]) + fabs(s->i2[i]) + fabs(s->j1[i]) + fabs(s->j2[i]) + fabs(s->x[i]);
    return !(most > 1e-100 && most < 1e100);
}

RT void
sidechain_tidy(struct sidechain *s)
{
    const biquad_pair nothing = {0.0, 0.0};

    for (int k = 0; k < SIDECHAIN_SECTIONS; k++) {
        struct sidechain_section *f = &s->section[k];

        if (section_odd(f))
            f->i1 = f->i2 = f->j1 = f->j2 = f->x = nothing;
    }
}
