/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deess: turns sibilants down, at any level alike.
 *
 * io       planar stereo, in place; no latency
 * detects  how much of the sound is in the band: its power over that of the whole, each smoothed twice over
 *          1.5 ms, in dB, 0 dB where there is nothing else. Turning the sound up or down changes nothing (1e-4 dB
 *          from +20 to -60 dB). It is looked at every fourth frame, and the gain goes there in the next four
 * reduces  each dB above the threshold by one (knee 6 dB), at most by the range; attack covers 63 % in attack_ms,
 *          release the way back after attack and release together (dynamics.h), both in dB, and both after the 3 ms
 *          of the powers
 * shape    bell: 1 + (g - 1) k s / (s^2 + k s + 1), k = 1/q: g at freq_hz, the same width at any depth
 *          shelf: (g s^2 + sqrt(2 g) s + 1) / (s^2 + sqrt 2 s + 1): g above, never a hump; (1 + g^2) / 2 of the
 *          power at freq_hz
 *          The poles stand still, only g moves: no zipper, no crossover's phase. The band that is detected is the
 *          bell's own bandpass or the highpass s^2 / (s^2 + sqrt 2 s + 1)
 * channels stereo: both sides, linked; else the part named is detected and reduced, and the other stays
 * exact    while nothing is reduced the input's bits
 * listen   what is detected, or what is taken away, goes to the listener alone
 * moves    frequency, q, shape and threshold glide (99 % in 60 ms), the range, too (20 ms); a change of channels
 *          fades the effect out and in: a step leaves less than -99 dBFS (test/dsp/deess)
 * bits     the same however the input is cut into blocks
 * cost     ns a frame, where a plain biquad costs 6.9 (deadwax bench): 6.5 while nothing is reduced, 11.9 at work
 * sources  detector: dynamics.h; filter: V. Zavalishin, The Art of VA Filter Design, 2.1.2, 4
 */
#ifndef DSP_DEESS_H
#define DSP_DEESS_H

#include "dsp/channels.h"
#include "dsp/dsp.h"
#include "dsp/dynamics.h"
#include "dsp/fade.h"
#include "dsp/smooth.h"

enum deess_shape { DEESS_BELL, DEESS_SHELF };
enum deess_listen { DEESS_LISTEN_OFF, DEESS_LISTEN_BAND, DEESS_LISTEN_REMOVED };

enum { DEESS_CHUNK = 64 }; /* frames; work is done in pieces that end on multiples of it */

struct deess_settings {
    bool on;             /* the chain's */
    double freq_hz;      /* 2000..16000 */
    int shape;           /* enum deess_shape */
    double q;            /* 0.3..6, of the bell */
    double threshold_db; /* -40..0, of the band over the whole */
    double range_db;     /* 0..24 */
    double attack_ms;    /* 0.1..50 */
    double release_ms;   /* 5..500 */
    int channels;        /* enum channels */
    int listen;          /* enum deess_listen; never printed */
};

struct deess_filter {              /* state-variable, both lanes */
    double c, d, e, k;             /* 2/D - 1, 2 g/D, 2 g^2/D, 1/q; D = 1 + g (g + k), g = tan(w/2) */
    double i1[STEREO], i2[STEREO]; /* the integrators' states */
    double step;                   /* of the means */
    double first[2], mean[2];      /* powers of the whole and of the band, smoothed once and twice */
};

struct deess {
    double rate_hz;
    double attack, release;   /* one-pole steps */
    struct smooth octaves, k; /* the filter's; octaves over 1 Hz */
    struct smooth shelf;      /* 0: bell, 1: shelf */
    struct smooth threshold_db, range_db;
    struct smooth removed; /* a listener hears 0: the band, 1: what is taken away */
    struct deess_filter filter;
    struct dynamics_detector detector;
    double root[2]; /* sqrt of the gain, less 1, at the last group's end and at this one's */
    int channels, channels_wanted;
    struct fade in; /* 0: no effect, and the channels may change */
    double *heard[STEREO];
    double most_db; /* largest reduction since last asked */
    int phase;      /* frames into the present DEESS_CHUNK */
    bool fresh;     /* the next set applies at once */
};

enum status deess_prepare(struct deess *d, double rate_hz);
void deess_free(struct deess *d);

RT void deess_reset(struct deess *d); /* forget the sound; the next set applies at once */
RT void deess_set(struct deess *d, const struct deess_settings *s);
RT void deess_listen(struct deess *d, double *const *heard);
RT bool deess_is_listened(const struct deess_settings *s); /* does it ask for a listener? */
RT void deess_process(struct deess *d, double *const *io, int nframes);
RT int deess_latency_frames(const struct deess *d);
RT double deess_take_reduction_db(struct deess *d);

#endif
