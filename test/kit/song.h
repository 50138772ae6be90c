/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * song: a dense stereo programme up to half the rate, for what looks at spectra: pink noise that swells, hats, cymbals,
 * a chord that comes and goes; falling by some 12 dB an octave from 3 kHz on, as records do.
 */
#ifndef TEST_KIT_SONG_H
#define TEST_KIT_SONG_H

/* Interleaved, -17 dBFS peak or so; to be freed. The same at each call. */
double *song_make(double rate_hz, int nframes);
/* Writes a new file as libsndfile's format says (SF_FORMAT_WAV | SF_FORMAT_PCM_16...). False where libsndfile cannot. */
int song_write(const char *path, int format, double rate_hz, int nch, const double *x, int nframes);
/* Interleaved, to be freed. */
double *song_read(const char *path, int *nch, int *nframes, double *rate_hz);

#endif
