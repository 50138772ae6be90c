/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reel: sound files as a test takes them in hand. What cannot be opened or written fails the test, with the
 * reason.
 *
 * sound    stereo, interleaved
 */
#ifndef TEST_KIT_REEL_H
#define TEST_KIT_REEL_H

#include "engine/soundfile.h"

/* rate_hz 0: the file's own. */
struct soundfile *reel_open(const char *path, double rate_hz, int64_t position);

/* All of it, read in pieces of so many frames; to be freed. */
double *reel_read(const char *path, double rate_hz, int piece, int64_t *nframes);

/* A new file. */
void reel_write(const char *path, double rate_hz, enum sound_format f, bool dither, const double *x,
                int nframes);

#endif
