/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * eqband: one band of the equaliser: its settings, its filters, and how it goes from one to the other.
 *
 *   curve    what the band is at rest: up to four sections
 *   reach    of a dynamic band: (B - 1) / (g - 1), where B is the same shape with `range_db` for its gain and g that
 *            gain: the part that can be moved. Unity at a bell's centre, or on a shelf's side
 *   own      what its detector listens to, and who solos it: a bell's, notch's and band-pass's own band-pass (the same
 *            frequency and q), the side of a shelf (12 dB/oct), what a cut takes away (the same slope), all of a tilt
 *
 *   x -> x + (gain - 1) reach(x) -> curve -> y       gain is eqdyn.h's, from own(x)
 *
 * Poles stay where they are while a dynamic band works: only gain moves. At full range the band is curve times B,
 * so that a range of minus the gain takes exactly the band away; between, a bell keeps B's bandwidth.
 */
#ifndef DSP_EQBAND_H
#define DSP_EQBAND_H

#include "dsp/channels.h"
#include "dsp/eqdesign.h"
#include "dsp/eqdyn.h"
#include "dsp/eqfilter.h"
#include "dsp/fade.h"

enum { EQ_FRAMES = 64 }; /* the grid: where moves begin and end */

struct eq_band_settings {
    bool on;
    int type; /* enum eq_type */
    double freq_hz, gain_db, q;
    int slope;    /* of a cut, also of a shelf up to 24 dB/oct: (slope + 1) 6 dB/oct */
    int channels; /* enum channels */
    bool dynamic; /* bells and shelves; no other type has a gain to move */
    double threshold_dbfs, range_db, attack_ms, release_ms;
    bool solo;
};

/* What the band is at rest, and its own part. False: nothing (it is off), or all of the sound. */
RT bool eq_band_curve(const struct eq_band_settings *s, struct eq_curve *c);
RT bool eq_band_own_curve(const struct eq_band_settings *s, struct eq_curve *c);

struct eq_design { /* a curve's sections, kept until another curve is asked for */
    struct eq_curve of;
    int n;
    struct biquad_coefs section[EQDESIGN_SECTIONS];
};

struct eq_band { /* by value in its owner */
    double rate_hz, low_gg;
    struct eq_band_settings now, next,
        want;       /* what it is or goes to; what is designed; what was asked for last */
    bool waiting;   /* want is not yet next */
    bool designing; /* next is not yet now */
    struct eq_design design[3];
    struct eqfilter curve, reach, own, solo;
    struct eqdyn dyn;
    int lead, lead_length; /* frames before the fade begins; when it is a far move */
    struct fade fade;
    bool moving;
    bool mid_side; /* what the states are of, solo's aside: they are always left's and right's */
    /* Before and after the move, the same when at rest. */
    int channels[2];
    double dynamic[2], solos[2]; /* 0 or 1: is it? */
};

RT void eqband_prepare(struct eq_band *b, double rate_hz, double fade_ms);

/* Asks for it. */
RT void eqband_want(struct eq_band *b, const struct eq_band_settings *s);
/* All at once: at rest in what is wanted, silent. */
RT void eqband_settle(struct eq_band *b);
/* Off, at once; designs nothing. */
RT void eqband_stop(struct eq_band *b);

/* On the grid. True if what runs has changed: its fade is over. */
RT bool eqband_arrive(struct eq_band *b);
/* Has it a move to begin? If it takes a design that *designs does not allow, the next time. */
RT bool eqband_ready(struct eq_band *b, int *designs);
RT void eqband_start(struct eq_band *b);
RT void eqband_jump(struct eq_band *b); /* the same at once, silent */
/* What is no number is forgotten. */
RT void eqband_heal(struct eq_band *b);

RT bool eqband_is_dynamic(const struct eq_band *b);
RT bool eqband_is_solo(const struct eq_band *b);
/* Which of a pair the curve works on, as cascade.h has it. */
RT int eqband_sides(int channels);
/* Must it run on mid and side; must it on left and right? Neither: on any. */
RT bool eqband_needs(const struct eq_band *b, bool mid_side);
RT void eqband_turn(struct eq_band *b, bool mid_side);

/* At most EQ_FRAMES a call. w: the fade's next weights, which all below take. */
RT void eqband_weights(struct eq_band *b, double *w, int nframes);
RT void eqband_ride(struct eq_band *b, const double *w, biquad_pair *io, int nframes);  /* the dynamic part */
RT void eqband_curve(struct eq_band *b, const double *w, biquad_pair *io, int nframes); /* while it moves */
/* Of the stage's input: adds to what is heard, and takes from what is left of all else (a factor a frame). */
RT void eqband_listen(struct eq_band *b, const double *w, const biquad_pair *in, biquad_pair *heard,
                      double *rest_of, int nframes);

#endif
