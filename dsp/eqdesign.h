/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * eqdesign: equaliser curves as biquads that follow their analog prototypes.
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
