/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * eqresponse: what an equaliser's bands do at many frequencies at once, in linear or mixed phase.
 *
 * gain     of a band: |H| of its analog prototype (eqdesign.h), times e^(j share phase of H). Linear phase:
 *          share 0. Mixed: 1 up to the corner, 0 from an octave above it on, between them by 1 - (6t^5 -
 *          15t^4 + 10t^3). The octave ends at 0.95 of half the rate at the latest, so that the response is
 *          real where it must be. The phase is summed from each zero and pole of the prototype and never
 *          jumps by a turn
 * matrix   left and right, mid and side: bands that work on one part of the picture act in their order, as
 *          real (linear) or complex 2 x 2 matrices
 */
#ifndef DSP_EQRESPONSE_H
#define DSP_EQRESPONSE_H

#include "dsp/convolver.h"
#include "dsp/eqdesign.h"

enum eqfir_phase { EQFIR_LINEAR, EQFIR_MIXED };

enum { EQFIR_BANDS = 8 };

struct eqfir_band {
    bool on;
    struct eq_curve curve;
    int channels; /* enum channels */
};

struct eqfir_settings {
    int phase;        /* enum eqfir_phase */
    double corner_hz; /* of mixed phase; what is not positive means linear */
    struct eqfir_band band[EQFIR_BANDS];
};

struct eqresponse_band {
    int channels, nsections;
    struct eq_prototype section[EQDESIGN_SECTIONS]; /* s in units of 2 pi Hz */
};

struct eqresponse {           /* equal settings give equal bytes */
    struct convolver_use use; /* the simplest form that can do it; THROUGH when no band does anything */
    double from_hz, to_hz;    /* the octave; both 0 in linear phase */
    int nbands;
    struct eqresponse_band band[EQFIR_BANDS];
};

enum { EQRESPONSE_MOST = 320 }; /* frequencies at once */

RT void eqresponse_of(struct eqresponse *r, const struct eqfir_settings *s, double rate_hz);

/* Lets band b work on the filters of the form at n frequencies, first_hz + i step_hz: filter f is re[f] and
   im[f]. From band 0 to the last one, one after the other. */
RT void eqresponse_add(const struct eqresponse *r, int b, double first_hz, double step_hz, int n,
                       double *const *re, double *const *im);

/* About what one frequency of a band takes, in ns; a mean over all bands and frequencies up to half the rate.
   */
RT double eqresponse_weight(const struct eqresponse *r, double rate_hz);

#endif
