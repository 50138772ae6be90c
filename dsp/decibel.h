/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decibel: whole blocks of gains to dB and back, as many at once as the CPU is wide.
 *
 * Each number is what gain_to_db() or db_to_gain() of xmath.h gives, bit for bit.
 */
#ifndef DSP_DECIBEL_H
#define DSP_DECIBEL_H

#include "dsp/dsp.h"

/* In place. */
RT void decibel_from_gain(double *v, int n); /* DB_SILENCE at least */
RT void decibel_to_gain(double *v, int n);

#endif
