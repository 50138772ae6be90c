/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * comp: feed-forward compressor, channels linked.
 *
 * io       planar stereo, in place; no latency
 * level    the larger sample peak of both channels, high-passed first (12 dB/oct) above 20 Hz
 * times    attack covers 63 % of a reduction in attack_ms; after a steady level the release has covered 63 % of
 *          the way back after attack and release together (dynamics.h). Both run in dB
 * exact    mix 0 % at rest gives the input's bits; so does no reduction with makeup 0 dB
 * bits     the same however the input is cut into blocks
 * sources  Giannoulis, Massberg, Reiss, JAES 60(6), 2012; high-pass: Zavalishin, "The Art of VA Filter Design", 2018
 */
#ifndef DSP_COMP_H
#define DSP_COMP_H

#include "dsp/dsp.h"
#include "dsp/dynamics.h"
#include "dsp/fade.h"
#include "dsp/smooth.h"

#define COMP_HPF_OFF_HZ 20.0

struct comp_settings {
    bool on;                 /* the chain's */
    double threshold_db;     /* -60..0 */
    double ratio;            /* 1..20 */
    double attack_ms;        /* 0.1..200 */
    double release_ms;       /* 5..3000 */
    double knee_db;          /* 0..24, the whole width */
    double makeup_db;        /* -12..24 */
    double mix;              /* %, 0..100 */
    double sidechain_hpf_hz; /* 20..500; 20 is off */
};

/* One way of riding the gain. A change of threshold, ratio, knee or a time starts another and fades to it. */
struct comp_rider {
    struct dynamics_curve curve;
    double attack, release; /* one-pole steps */
    struct dynamics_detector detector;
};

struct comp_hpf { /* state-variable, both channels */
    double g, d;  /* tan(pi freq / rate), 1 / (1 + g (g + k)) */
    double s1[STEREO], s2[STEREO];
};

struct comp {
    double rate_hz;
    struct comp_rider rider[2], wanted;
    struct fade fade; /* from rider[now] to the other one */
    int now;
    bool fading;
    struct smooth makeup_db, mix; /* mix 0..1 */
    struct smooth hpf_hz;
    struct fade hpf_in; /* 0: level from the input itself, 1: high-passed */
    struct comp_hpf hpf;
    int phase;      /* frames into the present COMP_CHUNK */
    double most_db; /* largest reduction since last asked */
    bool fresh;     /* the next set applies at once */
};

enum { COMP_CHUNK = 64 }; /* frames; work is done in pieces that end on multiples of it */

enum status comp_prepare(struct comp *c, double rate_hz);
void comp_free(struct comp *c);

RT void comp_reset(struct comp *c); /* forget the sound; the next set applies at once */
RT void comp_set(struct comp *c, const struct comp_settings *s);
RT void comp_process(struct comp *c, double *const *io, int nframes);
RT int comp_latency_frames(const struct comp *c);
/* The detector's largest since last asked, before mix and makeup. */
RT double comp_take_reduction_db(struct comp *c);

#endif
