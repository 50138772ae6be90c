/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * itu: the true peak straight from the Recommendation's table, in double.
 *
 * sources  ITU-R BS.1770-5, Annex 2: 4 phases of 12 taps
 */
#ifndef TEST_KIT_ITU_H
#define TEST_KIT_ITU_H

/* Linear. The sound is silent before x; what rings on after it is not read. */
double itu_peak(const double *x, int nframes);

#endif
