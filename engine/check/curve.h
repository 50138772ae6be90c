/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * curve: a tonal balance: how loud each third of an octave is, on the spectrum's grid of 121 points.
 *
 * level    long-term average of a file (spectrum.h, SPECTRUM_NOISE, 1/3 octave: pink noise is flat) moved so that its
 *          K-weighted power is 0 dB: loudness without gates but the spectrum's own. NAN: the file's rate ends below
 * corpus   of many files the mean in dB, a point at a time, of those that have it, and the standard deviation (n - 1)
 * against  two curves' difference is taken where both are, each held up to 70 dB below its highest point; its weighted
 *          mean (the level) is taken out; distance: the weighted RMS of the rest. Weights: 1, and a half below 40 Hz
 *          and above 16 kHz
 * file     text, a line a point, with a header; anything else that is named is read as a sound file and its own
 *          curve is taken
 * sources  K weighting: ITU-R BS.1770-5, Annex 1; the weights are our own
 */
#ifndef ENGINE_CHECK_CURVE_H
#define ENGINE_CHECK_CURVE_H

#include "dsp/spectrum.h"
#include "engine/err.h"

enum { CURVE_POINTS = SPECTRUM_POINTS, CURVE_PER_OCTAVE = 3 };

struct curve {
    int files;
    double level_db[CURVE_POINTS];
    double spread_db[CURVE_POINTS]; /* NAN: of fewer than two files */
};

/* False when it has not heard anything. */
bool curve_of_spectrum(struct curve *c, struct spectrum *s);
/* "demo:" too. NOT_FOUND, IO_ERROR, BAD_ARG (silent; a text that is no curve, with its line), NO_MEM. */
enum status curve_load(struct curve *c, const char *path, struct err *e);
/* Names files of sound; NO_MEM and what curve_load says. */
enum status curve_build(struct curve *c, char *const *paths, int count, struct err *e);
/* The file must not be there yet: EXISTS. The paths are told in it. IO_ERROR, NO_SPACE. */
enum status curve_save(const struct curve *c, const char *path, char *const *paths, struct err *e);

/* db[i]: how much more of it `of` has; NAN where one of them has none. Returns the distance in dB, NAN when they have
   nothing in common. */
double curve_difference(const struct curve *of, const struct curve *to, double *db);

#endif
