/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * eqfilter: up to four sections in a row that go over to four others without a click.
 *
 * While it moves there are two rows: `last` goes on with the old coefficients, `run` has the new taps at once while
 * its poles glide to their place. Its owner brings the weights of the cross-fade, w, from 0 to 1: the same path as
 * for all else that moves with it. Where the poles of a section come from decides what a change leaves behind:
 *
 *   near   (the poles of each section less than 1.1 apart, or half an octave where they are low) the states are
 *          copied and the poles start where they were, so `run` begins as a twin of `last` and nothing is struck.
 *   far    states of zero, poles at their new frequency but critically damped: what the entering sound strikes is
 *          gone within two periods, before the fade has let much of it through (its owner gives it a start of a few
 *          ms, for poles close to half the rate), and changing the damping slowly strikes nothing.
 *
 * A far filter with carried states would sing: its resonance takes what it stored at one frequency along to another.
 * Below EQFILTER_LOW_HZ that stays below what anybody notices, and a low filter's states need more than a fade to
 * build up.
 *
 * io       pairs; both of a pair alike, at most EQFILTER_FRAMES a call
 * bits     a step a frame: the same at any block split
 */
#ifndef DSP_EQFILTER_H
#define DSP_EQFILTER_H

#include "dsp/eqdesign.h"

#define EQFILTER_LOW_HZ 1500.0

enum { EQFILTER_FRAMES = 64 };

struct eqfilter {  /* by value in its owner; all zeros is a filter that does nothing */
    int n, last_n; /* sections; 0: the sound as it is */
    struct biquad_coefs coefs[EQDESIGN_SECTIONS]; /* of run: where the poles are, or go to */
    struct biquad run[EQDESIGN_SECTIONS], last[EQDESIGN_SECTIONS];
    double gg[EQDESIGN_SECTIONS], k[EQDESIGN_SECTIONS]; /* where run's poles come from */
    bool moving;
    bool far;   /* moving, and run started from silence */
    bool alone; /* moving, but there is no last: who starts the filter fades it in */
};

/* At rest and silent. */
RT void eqfilter_jump(struct eqfilter *f, const struct biquad_coefs *c, int n);
/* Begins to move; low_gg is gg at EQFILTER_LOW_HZ. Without carry it is a far move, however near. */
RT void eqfilter_go(struct eqfilter *f, const struct biquad_coefs *c, int n, bool carry, double low_gg);
/* The same out of nothing: there is no sound before. */
RT void eqfilter_start(struct eqfilter *f, const struct biquad_coefs *c, int n);
/* At the end of the fade. */
RT void eqfilter_arrive(struct eqfilter *f);

/* Is it what these would make it? */
RT bool eqfilter_is(const struct eqfilter *f, const struct biquad_coefs *c, int n);

/* In place, at rest or moving; w has a weight a frame, and is not looked at when at rest. */
RT void eqfilter_process(struct eqfilter *f, const double *w, biquad_pair *io, int nframes);
/* What each of two filters makes of the same sound. */
RT void eqfilter_two(struct eqfilter *f, struct eqfilter *g, const double *w, const biquad_pair *in,
                     biquad_pair *by_f, biquad_pair *by_g, int nframes);
/* Moving: the two sounds that io would be faded from and to. */
RT void eqfilter_both(struct eqfilter *f, const double *w, const biquad_pair *io, biquad_pair *from,
                      biquad_pair *to, int nframes);

/* What it was fed as left and right from the first frame on, now was mid and side; or the other way round. */
RT void eqfilter_turn(struct eqfilter *f, bool to_mid_side);
RT void eqfilter_forget(struct eqfilter *f);
/* Forgets the sound of sections whose states are no numbers, or none that any sound would leave. */
RT void eqfilter_heal(struct eqfilter *f);

#endif
