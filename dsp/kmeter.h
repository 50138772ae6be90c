/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kmeter: the K-System's meter: RMS and peak on one scale.
 *
 * in       planar, nch channels, 1.0 is 0 dBFS; only read
 * rms      of squares through two one-poles of 9.72 rad/s: 99 % in 601 ms. A full-scale sine reads 0 dBFS (AES-17).
 *          Not weighted. Whoever draws it takes the scale off: K-20 has its 0 at -20 dBFS, K-14 at -14, K-12 at -12;
 *          green below its 0, amber to +4, red above
 * peak     the highest sample; stays for 0.5 s, then falls by 15 dB/s
 * time     counted in frames, in ticks of 1 ms: readings move once a tick
 * hostile  a tick that holds NaN, infinity or more than +80 dBFS is silence
 * bits     the same however the input is cut into blocks
 * cost     1.4 ns a frame of stereo (Sapphire Rapids)
 * sources  scales: B. Katz, JAES 48(9), 2000; ballistics: F. Adriaensen, jkmeter
 */
#ifndef DSP_KMETER_H
#define DSP_KMETER_H

#include "dsp/squares.h"

#define KMETER_FLOOR_DBFS (-120.0)

enum { KMETER_CHANNELS = 8 };

struct kmeter_channel {
    struct squares tick; /* under way */
    double z[2];         /* mean squares */
    double peak, max;    /* linear: held or falling; since the reset */
    int hold;            /* ticks it stays yet */
};

struct kmeter { /* by value in its owner; fields are kmeter.c's business */
    double rate_hz;
    int nch;
    int tick, at, tick_frames; /* within the second; frames into it; frames it has */
    struct kmeter_channel channel[KMETER_CHANNELS];
};

/* BAD_ARG unless rate_hz is 8000..384000 and nch 1..8. Takes no memory. */
enum status kmeter_prepare(struct kmeter *k, double rate_hz, int nch);

/* From here on callable in the process thread. */
RT void kmeter_reset(struct kmeter *k);
RT void kmeter_process(struct kmeter *k, const double *const *in, int nframes);
/* KMETER_FLOOR_DBFS at least. */
RT double kmeter_rms_dbfs(const struct kmeter *k, int channel);
RT double kmeter_peak_dbfs(const struct kmeter *k, int channel);
RT double kmeter_max_dbfs(const struct kmeter *k, int channel); /* since the reset */

#endif
