/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * groove: what a lathe and a stylus will mind in a programme: sideways bass, sub-bass, top, sibilants.
 *
 * in       planar stereo, 1.0 is 0 dBFS; only read. Mono: the same on both sides
 * bass     power of M = (L + R) / 2 and S = (L - R) / 2 in windows of 1.4 s, by half, behind lowrate.h at about 1.5 kHz
 * top      frames of 11 ms (512 at 44.1 and 48 kHz, scaled with the rate), side by side, Hann: power of L and R,
 *          their mean, in 5-10 kHz, above 16 kHz and in all; and in 5-15 kHz behind the RIAA recording curve (0 dB at
 *          1 kHz), which stands for the stylus's acceleration. A sine of full scale on both sides is 0 dBFS
 * sibilant 5-10 kHz rises 10 dB above its own average of the last 5 s and stays 6 dB above, and above -36 dBFS, for at
 *          most 400 ms, of which 80 ms or more are within 6 dB of its maximum: drums die away sooner
 * memory   flat: of sibilants the first 100 are kept, the rest is counted
 * bits     the same however the input is cut into blocks
 * sources  RIAA: IEC 60098, time constants of 3180, 318 and 75 us; the sibilants' figures are our own
 */
#ifndef DSP_GROOVE_H
#define DSP_GROOVE_H

#include "dsp/fft.h"
#include "dsp/lowrate.h"

enum { GROOVE_SIBILANTS = 100 };
enum groove_bass { GROOVE_BELOW_20, GROOVE_BELOW_40, GROOVE_BELOW_150, GROOVE_BELOW_300, GROOVE_BASSES };
enum groove_band { GROOVE_ALL, GROOVE_SIBILANCE, GROOVE_TOP, GROOVE_ACCELERATION, GROOVE_BANDS };

struct groove_sibilant {
    double from_s, to_s, level_dbfs, above_db; /* the loudest frame, and what it is above the average */
};

struct groove { /* by value in its owner; fields are groove.c's business */
    double rate_hz, low_bin_hz;
    int low_size, size, low_have, have, edge[GROOVE_BASSES + 1]; /* bins */
    struct lowrate low;
    struct fft low_fft, fft;
    double *low_out[STEREO], *low_line[STEREO], *line[STEREO];
    double *low_window, *window, *unbend, *weight /* of the recording curve, squared */, *frames, *bin;
    int from[GROOVE_BANDS], to[GROOVE_BANDS]; /* bins */
    int64_t windows;                          /* of the bass */
    double mid[GROOVE_BASSES], side[GROOVE_BASSES];
    double sum[GROOVE_BANDS], most[GROOVE_BANDS], average;
    int64_t at;      /* frames of the top heard */
    int run, strong; /* frames that the sibilant under way has lasted; those of them near its maximum */
    struct groove_sibilant now, sibilant[GROOVE_SIBILANTS];
    int sibilants;
    void *memory;
};

/* BAD_ARG unless rate_hz is 8000..384000; NO_MEM. After an error *g owns nothing. */
enum status groove_prepare(struct groove *g, double rate_hz);
void groove_free(struct groove *g);
void groove_process(struct groove *g, const double *const *in, int nframes);

/* Of the whole programme; -200 where there is nothing. */
double groove_side_re_mid_db(const struct groove *g, enum groove_bass below);
/* Mid and side together, as parts of all that is below 300 Hz. */
double groove_bass_db(const struct groove *g, enum groove_bass below);
double groove_bass_dbfs(const struct groove *g); /* all below 300 Hz, mid and side */
double groove_mean_dbfs(const struct groove *g, enum groove_band b);
double groove_most_dbfs(const struct groove *g, enum groove_band b); /* the loudest frame */
int groove_sibilants(const struct groove *g);                        /* all of them */

#endif
