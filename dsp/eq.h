/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * eq: the equaliser: eight bands in minimum, linear or mixed phase.
 *
 *   minimum          io -> all bands (eqmin.h) -> io
 *   linear, mixed    io -> what rides of the dynamic bands (eqmin.h) -> the curves of all (eqfir.h) -> io
 *
 * io       planar stereo, in place; a band that is off or does nothing keeps the bits
 * output   minimum phase: not late. Linear, mixed: late by eqfir.h's latency, fixed for a rate (96 ms at 48 kHz)
 * moves    of a band: eqmin.h's, eqfir.h's. Of the phase: the other way runs unheard until its lines are full (0.4 s),
 *          then both cross-fade in EQ_OVER_MS; the latency is told at once
 * listen   soloed bands, as in eqmin.h, not late whatever the phase
 * cost     one of the two at rest; both while the phase changes, or while one listens in linear phase
 * bits     the same however the input is cut into blocks
 */
#ifndef DSP_EQ_H
#define DSP_EQ_H

#include "dsp/eqfir.h"
#include "dsp/eqmin.h"
#include "dsp/handover.h"

enum { EQ_OVER_MS = 20, EQ_BLOCK = 256 };

enum eq_phase { EQ_MINIMUM, EQ_LINEAR, EQ_MIXED };

struct eq_settings {
    bool on;          /* the chain's: it fades the whole stage */
    int phase;        /* enum eq_phase */
    double corner_hz; /* 20..2000: mixed is minimum below, linear from an octave above */
    struct eq_band_settings band[EQ_BANDS];
};

struct eq { /* by value in its owner; fields are eq.c's business */
    double rate_hz;
    struct eq_settings settings;
    struct eqmin all, riding;
    struct eqfir fir;
    bool fresh, restarted; /* the next set applies at once; ... comes before any sound is heard */
    int far_warm;          /* frames that linear phase takes from its last restart on */
    struct handover way;   /* near: all, far: fir and riding */
    double *heard[STEREO];
    double *other[STEREO]; /* ours, from prepare to free: EQ_BLOCK frames */
};

enum status eq_prepare(struct eq *e, double rate_hz);
void eq_free(struct eq *e);

RT void eq_reset(struct eq *e); /* not in the sound's time */
RT void eq_restart(struct eq *e);
RT int eq_warm_frames(const struct eq *e);
RT void eq_set(struct eq *e, const struct eq_settings *s);
RT void eq_listen(struct eq *e, double *const *heard);
RT bool eq_is_listened(const struct eq_settings *s); /* is any band soloed? */
RT void eq_process(struct eq *e, double *const *io, int nframes);
RT int eq_latency_frames(const struct eq *e);
int eq_latency_max_frames(const struct eq *e);
/* The most that a dynamic band, or any, moved by since last asked: taken away, or with a range above 0 given. */
RT double eq_take_band_reduction_db(struct eq *e, int band);
RT double eq_take_reduction_db(struct eq *e);

#endif
