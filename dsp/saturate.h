/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * saturate: tape, tube and transistor, 4 times oversampled, as loud as before.
 *
 * io       planar stereo, in place; 1.0 is 0 dBFS
 * curves   slope of 1 for small sounds, by how fast that is lost on the way to the constant level: tape (1 - u^2)^2,
 *          with its treble driven 6 dB more; tube (1 - u^2)^2 (1 + u^2), off its middle; transistor 1 - u^6.
 *          u = (10^(drive / 20) - 1) x: at drive 0 dB there is no curve, at 6 dB full scale reaches the constant level
 * even     -100..0 % takes a tube's asymmetry away, 0..100 % gives any shape up to 0.6 of it: H2 at 100 % is well
 *          above H3, at -100 % there is none. What is constant in the change is taken out (5 Hz)
 * tone     high shelf of +-12 dB from 3 kHz on ahead of the curve, its inverse on what the curve changes
 * level    a sound at -12 dBFS or so stays where it is: the whole is raised by sqrt(1 + (u/x)^2 / 16). What is still
 *          missing in loudness (K-weighted, 3 s) auto gain makes up, by 1.5 dB/s; trim comes after
 * exact    drive 0 dB or mix 0 %, trim 0 dB: the input's bits
 * aliasing all that is no harmonic below 20 kHz, 5 kHz at -3 dBFS at 48 kHz, tape flat, tube, transistor: at 6 dB of
 *          drive below -170 dB, at 12 dB -104, -101, -93, at 18 dB -79, -75, -78. Plain curves at the same rate: -83,
 *          -80, -67 and -59, -55, -54 (test/dsp/saturate)
 * latency  79 frames at 44.1 kHz, 47 at 48, 12 at 88.2 and 96 (twice), 8 at 176.4 and 192
 * bits     the same however the input is cut into blocks
 * sources  shaper.h, oversample.h, match.h
 */
#ifndef DSP_SATURATE_H
#define DSP_SATURATE_H

#include "dsp/channels.h"
#include "dsp/delay.h"
#include "dsp/dsp.h"
#include "dsp/fade.h"
#include "dsp/match.h"
#include "dsp/oversample.h"
#include "dsp/shaper.h"

enum saturate_shape { SATURATE_TAPE, SATURATE_TUBE, SATURATE_TRANSISTOR };

struct saturate_settings {
    bool on;         /* the chain's */
    int shape;       /* enum saturate_shape */
    double drive_db; /* 0..24 */
    double even;     /* %, -100..100 */
    double tone_db;  /* -12..12 */
    double mix;      /* %, 0..100 */
    int channels;    /* enum channels */
    bool auto_gain;
    double trim_db; /* -12..12 */
};

/* All that a setting makes of itself. */
struct saturate_plan {
    struct shaper_curve curve;
    double shelf;                /* what the treble is raised by, linear, less 1, as the filter wants it */
    double in[STEREO][STEREO];   /* what each curve hears of left and right */
    double out[STEREO][STEREO];  /* what left and right get of each curve's change */
    double lift[STEREO][STEREO]; /* what they get of left and right on top */
    double trim;
};

/* One way of doing it. A move starts another and fades to it. */
struct saturate_way {
    struct saturate_plan plan;
    struct shaper_bend bend;
    bool works;                            /* there is something to change */
    bool used[STEREO];                     /* its curves: left or mid or side, right */
    double before[STEREO], behind[STEREO]; /* states of the shelf and of its inverse */
    struct shaper_means means[STEREO];
    struct oversample over[STEREO];
};

struct saturate {
    double rate_hz;
    struct saturate_way way[2];
    struct saturate_plan wanted;
    int now;          /* which way */
    struct fade fade; /* from way[now] to the other one */
    bool fading;
    int hold; /* frames until the fade begins: the new way's lines fill up first */
    double shelf_g, constant_step;
    double constant[STEREO]; /* what is constant in the change */
    struct delay dry;
    struct match match;
    struct fade matched; /* auto gain: off, on */
    int phase;           /* frames into the present piece */
    bool fresh;          /* the next set applies at once */
};

enum status saturate_prepare(struct saturate *t, double rate_hz);
void saturate_free(struct saturate *t);

RT void saturate_reset(struct saturate *t);
RT void saturate_set(struct saturate *t, const struct saturate_settings *s);
RT void saturate_process(struct saturate *t, double *const *io, int nframes);
RT int saturate_latency_frames(const struct saturate *t);

#endif
