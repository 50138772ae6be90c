/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * eqmin: the equaliser in minimum phase: eight bands in a row: bell, shelves, cuts, notch, band-pass, tilt; at rest or riding on their own level.
 *
 * io       planar stereo, in place; a band that is off, or a bell, shelf or tilt at 0 dB, keeps the bits
 * output   not late; curves as in eqdesign.h, dynamic bands as in eqband.h and eqdyn.h
 * moves    a band that changes in anything goes over to its new filter in EQ_FADE_MS, by fade.h's path (eqfilter.h),
 *          4 ms later where it has to start from silence. Moves begin and end on every 64th frame, and one curve is
 *          designed there (eqdesign.h says how long that takes), so that eight bands moved at once have all begun
 *          after 512 frames, dynamic ones (three curves) after 1536. What comes in the middle of a move waits for
 *          its end; the latest wins. Between left or right and mid or side a band goes by way of off. A reset and
 *          the set after it design at once what has changed since the last design; a restart does not, and is
 *          right EQ_WARM_FRAMES later.
 *          On a sine of -12 dBFS at 997 Hz a step of any parameter over its range leaves less than -98 dBFS above
 *          3.5 kHz (test/dsp/eqmin; the worst is -100)
 * listen   soloed bands, of the stage's input: eqband.h says what part; several add. Nothing soloed: the output.
 *          What is listened to is written by one call of eqmin_process, the next one
 * cost     nanoseconds a frame in calls of 16, 32, 64, 256 frames, on a Xeon of 2.3 GHz with AVX-512:
 *            8 bands at rest         12, 9.6, 8.4, 8.2    one band             4.6, 4.6, 4.9, 4.7    off  under 1
 *            8 cuts of 48 dB/oct     42, 34, 29, 29       every other on mid   13, 11, 9.6, 9.3
 *            8 dynamic bands riding  218, 167, 150, 151   one of 8 riding      41, 33, 29, 30
 *            8 bands moving, again and again              117, 102, 99, 99     dynamic 297, 242, 223, 221
 * bits     the same however the input is cut into blocks
 */
#ifndef DSP_EQMIN_H
#define DSP_EQMIN_H

#include "dsp/cascade.h"
#include "dsp/eqband.h"

enum { EQ_BANDS = 8, EQ_FADE_MS = 20 };

/* Three designs a band, one on each frame of the grid. */
enum { EQ_WARM_FRAMES = 3 * EQ_BANDS * EQ_FRAMES };

struct eqmin_settings {
    struct eq_band_settings band[EQ_BANDS];
};

struct eq_step { /* of what a block goes through */
    enum { EQ_ENCODE, EQ_DECODE, EQ_RIDE, EQ_MOVE, EQ_CASCADE } kind;
    int which; /* band or cascade */
};

/* Each band can ride, move and need a turn; those at rest share cascades. */
enum { EQ_STEPS = 4 * EQ_BANDS + 1 };

struct eq_plan {
    int nsteps, ncascades;
    struct eq_step step[EQ_STEPS];
    struct cascade cascade[EQ_BANDS];
    unsigned char home[EQ_BANDS][CASCADE_SECTIONS]; /* whose: EQDESIGN_SECTIONS band + section */
};

struct eqmin { /* by value in its owner; fields are eqmin.c's business */
    double rate_hz;
    bool fresh; /* the next set applies at once */
    int phase;  /* frames since the grid */
    bool astir; /* a band moves, or is about to */
    bool soloed;
    int warm;              /* frames since a restart in which bands need not move, for nobody hears them */
    int turn;              /* the band that is asked first whether it has something to design */
    double *heard[STEREO]; /* for the next call; NULL: nobody listens */
    bool was_heard;        /* in the last one */
    struct eq_plan plan;
    struct eq_band band[EQ_BANDS];
};

/* BAD_ARG unless rate_hz is 8000..384000. All bands off until the first set. */
enum status eqmin_prepare(struct eqmin *e, double rate_hz);
void eqmin_free(struct eqmin *e);

RT void eqmin_reset(struct eqmin *e);
RT void eqmin_restart(struct eqmin *e);
RT int eqmin_warm_frames(const struct eqmin *e);
RT void eqmin_set(struct eqmin *e, const struct eqmin_settings *s);
RT void eqmin_listen(struct eqmin *e, double *const *heard);
RT bool eqmin_is_listened(const struct eqmin_settings *s); /* is any band soloed? */
RT void eqmin_process(struct eqmin *e, double *const *io, int nframes);
RT int eqmin_latency_frames(const struct eqmin *e);

#endif
