/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hum: the mains in a recording: lines at 50 or 60 Hz and their multiples that stand in its quiet parts.
 *
 * in       planar, 1.0 is 0 dBFS; only read
 * windows  of 1.4 s each 0.7 s, behind lowrate.h at about 1.5 kHz. In each, at every line: is there a peak within
 *          0.4 Hz, at which frequency (a parabola through the logarithms of a Hann window's bins, good to 0.02 Hz),
 *          how far above the median of its neighbours up to 8 Hz away on both sides
 * quiet    windows are filed by their level in classes of 1 dB. The quietest tenth of them, at least three, is the
 *          quiet part; digital silence (below -140 dBFS) is no part
 * line     its level and its height above the neighbours there are means in dB, its frequency's spread is the
 *          standard deviation. A bass note goes elsewhere or stops; the mains do not
 * memory   some 100 kB, whatever the length
 * bits     the same however the input is cut into blocks
 */
#ifndef DSP_HUM_H
#define DSP_HUM_H

#include "dsp/fft.h"
#include "dsp/lowrate.h"

#define HUM_LOWEST_DBFS (-140.0) /* what is softer is no sound */

enum {
    HUM_MAINS = 2 /* 50, 60 Hz */,
    HUM_HARMONICS = 6,
    HUM_LINES = HUM_MAINS * HUM_HARMONICS,
    HUM_CLASSES = 160
};

struct hum_line {
    double freq_hz, spread_hz; /* mean and standard deviation, where a peak was found */
    double
        level_dbfs; /* RMS of a sine of this peak is 3 dB below; 0 dBFS: a sine of full scale, all channels */
    double above_db; /* its neighbours */
    double found;    /* 0..1: in how much of the quiet part there is a peak */
};

struct hum_sums {
    double count, freq, square, level, above;
};

struct hum_class {
    double windows;
    struct hum_sums line[HUM_LINES];
};

struct hum { /* by value in its owner; fields are hum.c's business */
    int nch, size, hop, have;
    double bin_hz, gain[HUM_LINES]; /* dB to add for the low-pass */
    struct lowrate low;
    struct fft fft;
    double *low_out[LOWRATE_CHANNELS], *line[LOWRATE_CHANNELS], *window, *frames, *bin, *power;
    struct hum_class *class;
    void *memory;
};

/* BAD_ARG unless rate_hz is 8000..384000 and nch 1..8; NO_MEM. After an error *h owns nothing. */
enum status hum_prepare(struct hum *h, double rate_hz, int nch);
void hum_free(struct hum *h);
void hum_process(struct hum *h, const double *const *in, int nframes);

/* The lines of 50 (mains 0) or 60 Hz (1) in the quiet part, HUM_HARMONICS of them from the fundamental on. Returns
   how many windows that is; 0: too short, or silent, and line is not written. */
int hum_lines(const struct hum *h, int mains, struct hum_line *line);
/* Of the quiet part, and the loudest window's: RMS, a sine of full scale is 0. Below 750 Hz. */
double hum_quiet_dbfs(const struct hum *h);
double hum_loudest_dbfs(const struct hum *h);
double hum_mains_hz(int mains);

#endif
