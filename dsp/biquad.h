/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * biquad: a second-order section, stereo, as a trapezoidal state-variable filter.
 *
 *          n2 s^2 + n1 s + n0
 *   H(s) = ------------------ ,   s = (1 - z^-1) / (gg (1 + z^-1))
 *            s^2 + k s + 1
 *
 * Any stable section maps to it exactly. gg sets the poles' frequency, k their
 * damping; it is stable for all gg > 0, k > 0 and stays bounded however they
 * move. Rounding is about -290 dBFS also at 10 Hz, where direct forms lose 60 dB.
 *
 * io       planar stereo, in place
 * bits     a step a frame, both channels alike: the same at any block split
 * sources  A. Simper, SvfLinearTrapOptimised; V. Zavalishin, The Art of VA Filter Design, 2.1.2
 */
#ifndef DSP_BIQUAD_H
#define DSP_BIQUAD_H

#include "dsp/dsp.h"

#include <math.h>

typedef double biquad_pair __attribute__((vector_size(16))); /* left, right */

struct biquad_coefs {
    double gg, k;      /* tan(w/2) of the poles; 1/q. Both > 0 */
    double n0, n1, n2; /* n0: gain at 0 Hz, n2: gain at half the rate */
};

struct biquad {         /* by value in its owner; all zeros is silence going in and out */
    double a1, a2, a3;  /* D = 1 / (1 + gg (gg + k)), gg D, gg^2 D */
    double c0, c1, c2;  /* n2, n1 - k n2, n0 - n2 */
    biquad_pair i1, i2; /* the integrators' states */
};

#define BIQUAD_IDENTITY ((struct biquad_coefs){.gg = 1.0, .k = 1.0, .n0 = 1.0, .n1 = 1.0, .n2 = 1.0})

/* Does it do nothing? Whoever owns the filter then leaves the sound alone, which keeps its bits. */
RT static inline bool
biquad_is_identity(const struct biquad_coefs *c)
{
    return c->n0 == 1.0 && c->n1 == c->k && c->n2 == 1.0;
}

/* H(z) = (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2), stable. */
RT static inline struct biquad_coefs
biquad_from_direct(const double b[3], const double a[2])
{
    double zero = 1.0 + a[0] + a[1], half = 1.0 - a[0] + a[1]; /* the denominator at 0 Hz and at rate/2 */
    double gg = sqrt(zero / half), k = 2.0 * (1.0 - a[1]) / (gg * half);

    return (struct biquad_coefs){
        .gg = gg,
        .k = k,
        .n0 = (b[0] + b[1] + b[2]) / zero,
        .n1 = 2.0 * (b[0] - b[2]) / (gg * half),
        .n2 = (b[0] - b[1] + b[2]) / half,
    };
}

RT static inline void
biquad_reset(struct biquad *b)
{
    b->i1 = b->i2 = (biquad_pair){0.0, 0.0};
}

/* The poles alone; the taps stay. */
RT static inline void
biquad_set_poles(struct biquad *b, double gg, double k)
{
    b->a1 = 1.0 / (1.0 + gg * (gg + k));
    b->a2 = gg * b->a1;
    b->a3 = gg * b->a2;
}

RT static inline void
biquad_set(struct biquad *b, const struct biquad_coefs *c)
{
    biquad_set_poles(b, c->gg, c->k);
    b->c0 = c->n2;
    b->c1 = c->n1 - c->k * c->n2;
    b->c2 = c->n0 - c->n2;
}

RT static inline biquad_pair
biquad_frame(struct biquad *b, biquad_pair x)
{
    biquad_pair v3 = x - b->i2;
    biquad_pair v1 = b->a1 * b->i1 + b->a2 * v3;
    biquad_pair v2 = b->i2 + (b->a2 * b->i1 + b->a3 * v3);

    b->i1 = (v1 + v1) - b->i1;
    b->i2 = (v2 + v2) - b->i2;
    return b->c0 * x + (b->c1 * v1 + b->c2 * v2);
}

RT static inline void
biquad_process(struct biquad *b, double *const *io, int nframes)
{
    struct biquad run = *b; /* in registers: io might alias *b for all gcc knows */
    double *left = io[0], *right = io[1];

    for (int i = 0; i < nframes; i++) {
        biquad_pair y = biquad_frame(&run, (biquad_pair){left[i], right[i]});

        left[i] = y[0];
        right[i] = y[1];
    }
    b->i1 = run.i1;
    b->i2 = run.i2;
}

#endif
