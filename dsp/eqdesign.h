/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * eqdesign: equaliser curves as biquads that follow their analog prototypes.
 *
 * Pure functions: the process thread designs at the frame of the move, and a
 * render repeats it bit for bit.
 *
 * curves   with A = 10^(gain_db / 40), s in units of freq_hz:
 *            bell        (s^2 + A/q s + 1) / (s^2 + s/(A q) + 1)
 *            low shelf   A (s^2 + sqrt A/q s + A) / (A s^2 + sqrt A/q s + 1)     order 2; q is the slope,
 *            high shelf  A (A s^2 + sqrt A/q s + 1) / (s^2 + sqrt A/q s + A)     0.7071 the steepest without hump
 *            low cut     s^2 / (s^2 + s/q + 1)         high cut    1 / (...)     order 2
 *            notch       (s^2 + 1) / (...)             band-pass   (s/q) / (...)
 *            tilt        a high shelf of order 2, lowered by half its gain: 0 dB at freq_hz, gain_db from the
 *                        bottom to the top. q 0.3 to 0.5 is nearly a straight line over the whole band
 *          Other orders are Butterworth's: |H|^2 of a cut 1 / (1 + x^2n), of a high shelf
 *          (1 + g x^2n) / (1 + x^2n / g), g = 10^(gain_db / 20), x = f / freq_hz or its inverse, at q 0.7071;
 *          q / 0.7071 times the q of the most resonant section. First order has no q.
 *          -x dB is the exact inverse of x dB. Cuts, notch, band-pass ignore gain_db.
 * range    freq_hz > 0, also above half the rate: the curve's skirt stays. 0 dB (below 1e-7): nothing.
 *          Any q > 0, any gain, any rate gives finite numbers > 0, stable and minimum phase.
 * error    largest, in dB, 20 Hz..20 kHz at 44.1 kHz, centres 30 Hz..20 kHz (test/dsp/eqdesign):
 *              q              0.1    0.3    0.5    0.71   1      2      4      8      20     40
 *            bell 6 dB        0.07   0.08   0.08   0.08   0.08   0.08   0.08   0.07   0.03   0.01
 *            bell 18 dB       0.19   0.20   0.21   0.21   0.22   0.23   0.24   0.18   0.10   0.04   (24 dB: 0.31)
 *            low cut          0.29   0.23   0.16   0.11   0.08   0.39   0.83   1.4    2.1    2.7
 *            high cut         0.15   0.15   0.16   0.16   0.17   0.17   0.18   0.18   0.19   0.19
 *            notch            0.60   0.51   0.44   0.39   0.34   0.25   0.19   0.10   0.02   0.01
 *            band-pass        0.31   0.31   0.32   0.37   0.43   0.43   0.33   0.40   0.51   0.56
 *              q              0.1    0.4    0.5    0.71   1      1.5    2      4      8
 *            shelf 6 dB       0.04   0.03   0.04   0.03   0.03   0.08   0.16   0.47   1.0
 *            shelf 18 dB      0.11   0.07   0.11   0.08   0.08   0.19   0.33   0.88   2.0           tilt the same
 *              order          1      2      3      4      5      6      7      8
 *            low cut 0.71     0.02   0.11   0.08   0.12   0.20   0.25   0.33   0.37
 *            high cut 0.71    0.02   0.16   0.17   0.28   0.28   0.37   0.37   0.50
 *            shelf 18 dB 0.71 0.02   0.08   0.07   0.09
 *          Cuts, notch and band-pass down to -60 dB. The large ones are a resonance between 10 kHz and the top:
 *          a low cut or shelf of q > 2 has no coefficient left for it. Centres from half the rate to 40 kHz: the
 *          same, but 0.15 for a bell of q 20, 0.31 for a notch. At 48 kHz: bell 18 dB 0.17, shelf 18 dB 0.06,
 *          high cut 0.08, of order 8 0.25; at 96 kHz 0.04, 0.02, 0.02, 0.05; at 192 kHz 0.02 or less.
 *          Above 20 kHz the response stays within 0.5 dB of the analog curve's highest for q <= 2.5, 1.3 for q <= 6;
 *          a shelf of q > 6 with a resonance in the last percent below half the rate may overshoot by 18.
 * moves    the smallest move makes the smallest change. Beyond the analog curve's own, 1 % of freq_hz changes the
 *          response at 44.1 kHz by at most 0.01 dB (bells of q 0.3), 0.1 (q 2), 0.21 (any), 0.03 (shelves of q <= 2,
 *          cuts at 0.71), 0.04 (cuts of order 8), 0.26 (a notch that passes half the rate); 1 % of q 0.02,
 *          0.1 dB of gain 0.01
 * cost     2.5 GHz Xeon: 1.2 us a section with AVX-512, 2.0 with SSE2; 48 dB an octave 5.0 and 8
 * bits     the same on every x86-64
 * sources  start: Y. Ivantsov, On the ideal bilinear and biquadratic digital filter, 2025
 *          roots: M. Vicanek, Matched Second Order Digital Filters, 2016
 *          steps: D. Marquardt, SIAM J. 11(2), 1963
 *          shelves of higher order: M. Holters, U. Zoelzer, DAFx-06
 */
#ifndef DSP_EQDESIGN_H
#define DSP_EQDESIGN_H

#include "dsp/biquad.h"

enum eq_type {
    EQ_BELL,
    EQ_LOW_SHELF,
    EQ_HIGH_SHELF,
    EQ_LOW_CUT,
    EQ_HIGH_CUT,
    EQ_NOTCH,
    EQ_BAND_PASS,
    EQ_TILT,
    EQ_TYPES /* how many */
};

enum { EQDESIGN_SECTIONS = 4, EQDESIGN_ORDER_MAX = 8, EQDESIGN_SHELF_ORDER_MAX = 4 };

struct eq_curve {
    int type; /* enum eq_type */
    double freq_hz, gain_db, q;
    int order; /* 6 dB an octave each, of cuts 1..8, of shelves 1..4; beyond: the nearest. Others ignore it */
};

/* (n2 s^2 + n1 s + n0) / (d2 s^2 + d1 s + d0), s in units of 2 pi freq_hz. A first-order one has n2 = d2 = 0. */
struct eq_prototype {
    double n0, n1, n2, d0, d1, d2;
};

/* How many sections in a row it takes, 0..EQDESIGN_SECTIONS. 0: it does nothing (also for a type that is
   none of these, or anything not finite and positive where it must be). */
RT int eqdesign(const struct eq_curve *c, double rate_hz, struct biquad_coefs out[EQDESIGN_SECTIONS]);

/* The analog curve, in as many sections: section i is what out[i] follows. */
RT int eqdesign_prototype(const struct eq_curve *c, struct eq_prototype out[EQDESIGN_SECTIONS]);

/* At hz: magnitude of n sections as they run; magnitude and complex value of the curve that they follow. */
RT double eqdesign_response_db(const struct biquad_coefs *c, int n, double hz, double rate_hz);
RT double eqdesign_prototype_db(const struct eq_curve *c, double hz);
RT void eqdesign_prototype_value(const struct eq_curve *c, double hz, double *re, double *im);

#endif
