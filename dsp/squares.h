/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * squares: the sum of a stretch's squares and the largest of them.
 *
 * bits     frame n of the stretch goes to place n % SQUARES_PLACES: the same at any block split, on every CPU
 */
#ifndef DSP_SQUARES_H
#define DSP_SQUARES_H

#include "dsp/dsp.h"

enum { SQUARES_PLACES = 8 };

struct squares { /* all zero: a new stretch */
    double sum[SQUARES_PLACES], high[SQUARES_PLACES];
};

/* at: frames of the stretch that there were before. */
RT void squares_add(struct squares *s, const double *x, int at, int nframes);
RT double squares_sum(const struct squares *s);
RT double squares_peak(const struct squares *s); /* linear: of the samples */

#endif
