/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stereo: width, whole and in three bands, mono below a corner, rotation, balance.
 *
 *   left, right -> mid, side -> mono below -> width -> rotation -> balance -> left, right
 *
 * io       planar stereo, in place; no latency
 * width    of the whole times of the band, on the side alone: 0 % is mono, 100 % as it came. What both sides sum to
 *          does not change with any width (4e-16 of the louder side)
 * bands    while their widths differ the side goes through two Linkwitz-Riley crossovers of 12 dB/oct and the mid
 *          through the allpasses that they sum to: mid and side keep in phase at every frequency, so that bands
 *          differ by the crossovers' magnitudes alone and nothing smears. While all are alike there is no filter
 * mono     the side is high-passed (12 dB/oct, -6 dB at the corner), the mid goes through the matching allpass
 * exact    all widths 100 %, mono below off, no rotation, no balance: the input's bits
 * moves    widths, frequencies and angles glide (99 % in 20 ms), filters come and go by a fade of 20 ms: less than
 *          -138 dBFS is left of a step (test/dsp/stereo)
 * bits     the same however the input is cut into blocks
 * cost     ns a frame, where a plain biquad costs 6.9 (deadwax bench): width, rotation, balance 0.5, with mono below
 *          3.9, with bands 5.5, all 8.0; nothing while it does nothing
 * sources  crossover: S. Linkwitz, JAES 24(1), 1976; filters: V. Zavalishin, The Art of VA Filter Design, 2.1.2, 3
 */
#ifndef DSP_STEREO_H
#define DSP_STEREO_H

#include "dsp/dsp.h"
#include "dsp/fade.h"
#include "dsp/smooth.h"

#define STEREO_MONO_OFF_HZ 20.0

enum { STEREO_BANDS = 3, STEREO_XOVERS = STEREO_BANDS - 1, STEREO_CHUNK = 64 };

struct stereo_band_settings {
    double width; /* %, 0..200 */
};

struct stereo_settings {
    bool on;      /* the chain's */
    double width; /* %, 0..200 */
    struct stereo_band_settings band[STEREO_BANDS];
    double xover_hz[STEREO_XOVERS]; /* 40..16000; bands make sense while the first is the lower one */
    double mono_below_hz;           /* 20..500; 20 is off */
    double balance;                 /* %, -100..100: turns the far side down */
    double rotation_degrees; /* -45..45: > 0 turns the picture to the right, 45 brings the middle there */
};

struct stereo_pole {   /* a one-pole lowpass */
    double keep, take; /* (1 - g) / (1 + g), 2 g / (1 + g), g = tan(w/2) */
    double state;
};

struct stereo {
    double rate_hz;
    struct smooth width[STEREO_BANDS];                   /* 1 is 100 % */
    struct smooth xover[STEREO_XOVERS], mono_at;         /* in octaves over 1 Hz */
    struct smooth gain[STEREO], rotation_degrees;        /* gain: balance */
    struct fade bands_in, mono_in;                       /* 1: filtered */
    struct stereo_pole mono[3], bands[STEREO_XOVERS][3]; /* of each frequency: mid, side, side again */
    double by_mid[STEREO], by_side[STEREO];              /* what left, right take of mid and side */
    int phase;                                           /* frames into the present STEREO_CHUNK */
    bool fresh;                                          /* the next set applies at once */
};

enum status stereo_prepare(struct stereo *s, double rate_hz);
void stereo_free(struct stereo *s);

RT void stereo_reset(struct stereo *s); /* forget the sound; the next set applies at once */
RT void stereo_set(struct stereo *s, const struct stereo_settings *settings);
RT void stereo_process(struct stereo *s, double *const *io, int nframes);
RT int stereo_latency_frames(const struct stereo *s);

#endif
