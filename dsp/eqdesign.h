/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * eqdesign: equaliser curves as biquads that follow their analog prototypes.
 *
 * Pure functions in closed form, under 1 us each: the process thread designs at
 * the frame of the move, and a render repeats it bit for bit.
 *
 * curves   with A = 10^(gain_db / 40), s in units of freq_hz:
 *            bell        (s^2 + A/q s + 1) / (s^2 + s/(A q) + 1)
 *            low shelf   A (s^2 + sqrt A/q s + A) / (A s^2 + sqrt A/q s + 1)
 *            high shelf  A (A s^2 + sqrt A/q s + 1) / (s^2 + sqrt A/q s + A)
 *            low cut     s^2 / (s^2 + s/q + 1)         high cut    1 / (...)
 *            notch       (s^2 + 1) / (...)
 *          q 0.7071 has no hump. -x dB is the exact inverse of x dB. Cuts and notch ignore gain_db.
 * range    freq_hz > 0, also above half the rate: the curve's skirt stays. A bell or shelf of 0 dB: identity.
 * error    largest, in dB, 20 Hz..20 kHz at 44.1 kHz, centres 10 Hz..20 kHz (test/dsp/eqdesign):
 *              q              0.1    0.3    0.71   1      2      4      10     40
 *            bell 12 dB       0.49   0.62   0.73   0.79   0.90   0.92   0.58   0.17   (24 dB: 1.4)
 *            shelf 12 dB      0.37   0.49   0.52   0.73   1.4    3.9    5.0    15     (24 dB, q <= 1: 0.9)
 *            low cut          2.5    2.2    0.93   0.35   2.5    3.8    4.4    4.5    (to 16 kHz, 0.71: 0.33)
 *            high cut         1.0    1.1    1.1    1.1    1.1    1.2    1.2    1.2
 *            notch            3.0    2.9    2.7    2.5    2.0    1.4    0.74   0.15   (its centre is exact)
 *          Cuts and notch down to -60 dB; shelves of q > 2 err at the bottom of their dip. At 96 kHz: bell
 *          12 dB 0.27; at q 0.71 shelf 12 dB 0.03, low cut 0.01, high cut 0.11. A centre above 22 kHz: bell
 *          12 dB 1.2, shelf of q <= 1 0.75, high cut of q <= 4 1.0.
 * sources  poles: M. Vicanek, Matched Second Order Digital Filters, 2016
 *          bell: S. Orfanidis, JAES 45(6), 1997
 */
#ifndef DSP_EQDESIGN_H
#define DSP_EQDESIGN_H

#include "dsp/biquad.h"

enum eq_type { EQ_BELL, EQ_LOW_SHELF, EQ_HIGH_SHELF, EQ_LOW_CUT, EQ_HIGH_CUT, EQ_NOTCH };

enum { EQ_TYPES = EQ_NOTCH + 1 };

/* A type that is none of these, or anything not finite and positive where it must be: identity. */
RT struct biquad_coefs eqdesign(int type, double freq_hz, double q, double gain_db, double rate_hz);

/* Magnitude in dB at hz: of the filter as it runs, and of the curve that it follows. */
RT double eqdesign_response_db(const struct biquad_coefs *c, double hz, double rate_hz);
RT double eqdesign_prototype_db(int type, double freq_hz, double q, double gain_db, double hz);

#endif
