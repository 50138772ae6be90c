/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shaper: curves at the higher rate, by what they change: D = curve(x) - x, or what they take away, -D.
 *
 * Where a curve is a straight line D is 0, to the bit; so the sound itself goes past all filters and only what is
 * new goes through them.
 *
 * Antialiased by antiderivatives, first order: not the curve at a sample but its mean over the way from the sample
 * before, (F(x) - F(x1)) / (x - x1). The curves are made of polynomials, whose divided differences are sums of
 * products; so nothing cancels where x is close to x1, and no case needs another formula. A mean belongs between two
 * samples and has lost treble; four of them, 5/8 of the nearer and -1/8 of the farther two, stand at the sample and have it
 * back: at 20 kHz 0.09 dB are missing at 4 x 48 kHz, 0.01 dB at 8 x 44.1 kHz.
 *
 * x        phases as in oversample.h: x[0 .. phases], also beyond nframes up to the next multiple of 16
 * bits     each frame by itself, wherever a piece ends
 * sources  Parker, Zavalishin, Le Bivic, DAFx-16; Bilbao, Esqueda, Parker, Valimaki, IEEE SPL 24(7), 2017
 */
#ifndef DSP_SHAPER_H
#define DSP_SHAPER_H

#include "dsp/dsp.h"
#include "dsp/oversample.h"

enum { SHAPER_TERMS = 3, SHAPER_BEFORE = 8 /* frames; two are looked at, eight keep the rest in line */ };

/* One odd curve: x + sum of term[j] x^(3 + 2 j) to |x| = 1, where its slope is 0; constant beyond. */
struct shaper_curve {
    double gain; /* of x into the curve; > 0 */
    double bias; /* added behind the gain: makes even harmonics */
    double term[SHAPER_TERMS];
};

struct shaper_bend { /* the same, with what follows from it */
    double gain, bias;
    double mean[SHAPER_TERMS]; /* terms of the mean */
    double top;                /* the curve's constant */
    double zero;               /* the curve at the bias */
    double scale;              /* makes the slope there 1 */
    double near;               /* |x| up to which it bends */
};

/* Straight to `foot`, then a parabola, constant from `head` on; the constant is (foot + head) / 2. 0 < foot <= head. */
struct shaper_clip {
    double foot, head;
};

RT struct shaper_bend shaper_bend_of(const struct shaper_curve *c);

/* mean[p] of sample p to p + 1, with as much room as a piece has; frame -1 and -2 are those before. */
struct shaper_means { /* by value in its owner; all zeros is silence */
    double line[OVERSAMPLE_PHASES][SHAPER_BEFORE + OVERSAMPLE_PIECE];
};

/*
 * nframes 1..OVERSAMPLE_PIECE. line: of each frame, how much of the straight line is taken away: 1 is D, more or less
 * leaves some of the sound in it; NULL is 1.
 */
RT void shaper_bend(const struct shaper_bend *b, const double *line, const double *const *x, int phases,
                    struct shaper_means *m, int nframes);

/* What is taken away, times gain. Returns the highest |x| if that is over the foot; else 0: nothing is taken, all means
   are 0. */
RT double shaper_clip(const struct shaper_clip *c, double gain, const double *const *x, int phases,
                      struct shaper_means *m, int nframes);

/* m goes over to other: m + share (other - m). */
RT void shaper_cross(struct shaper_means *m, const struct shaper_means *other, const double *share,
                     int phases, int nframes);

/* From means to samples, y[0 .. phases - 1]; the last phase is a frame late: y[phases - 1][-1] .. [nframes - 2]. */
RT void shaper_join(struct shaper_means *m, int phases, double *const *y, int nframes);

#endif
