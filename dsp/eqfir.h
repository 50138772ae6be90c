/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * eqfir: the equaliser in linear or mixed phase: one FIR filter for all bands.
 *
 * io       planar stereo, in place
 * output   late by eqfir_latency_frames(), whatever the settings: half the filter and two blocks. No band
 *          that does anything: the input's bits
 *              rate               44.1, 48       88.2, 96       176.4, 192 kHz
 *              taps, block        8192, 256      16384, 512     32768, 512     (below 25 kHz half, and so on)
 *              latency at 48..    4608           9216           17408 frames   96, 96, 90.7 ms
 * curves   the analog prototypes' (eqdesign.h), up to half the rate: they don't cramp. Phases and channels:
 *          eqresponse.h. Largest error at 48 kHz, 20 Hz..20 kHz and down to -60 dB (test/dsp/eqfir):
 *              bell 1 kHz q 2, 18 kHz q 0.5; tilt 700 Hz      0.0000 dB
 *              low shelf 100 Hz, high shelf 10 kHz, high cut  0.0000
 *              bell 50 Hz +6 dB q 1                           0.0006
 *              bell 100 Hz +12 dB q 4                         0.12
 *              bell 30 Hz +6 dB q 4                           1.06   rings longer than the filter is
 *              low cut 30 Hz, 12 and 24 dB an octave          0.0002, 0.03
 *              low cut 80 Hz, 48 dB an octave                 0.19
 *          Mixed phase, bell 120 Hz, low cut 60 Hz, bell 2.5 kHz: 0.0015 dB, phase below the corner 0.0002
 *          rad
 * moves    a set begins a design with the next slot of 16 frames; it takes 400 slots, then the sound goes
 *          over to the new filter in 1024 frames: at 48 kHz 133 + 21 ms, always, whatever is set. (At 96 kHz
 *          twice as many frames, and so on.) What is set meanwhile waits; the latest wins. A bell of 997 Hz
 *          from -24 to +24 dB leaves -120 dBFS above 3.5 kHz
 *          The first set after prepare or reset, before any frame, designs at once: 0.2 to 1.6 ms at 48 kHz,
 *          four times that at 192 kHz. So does a reset while a move is under way. Neither belongs in the
 *          sound's time
 * cost     ns a frame on a Xeon of 2.3 GHz with AVX-512, at 48 kHz; worst 64 frames; both while a design
 *          runs:
 *              stereo bands             49    58      79    119
 *              left and right           54    67     108    144
 *              mid and side             57    73     110    147
 *              both (2 x 2), 8 bands    73    84     215    250   (8 cuts of 48 dB, mixed phase: 380)
 *          Stereo bands at 96 kHz 50, at 192 kHz 76. How many bands there are matters only to a design. The
 *          worst 16 frames at rest are 2.3 times the median (a transform), the worst 32 1.3 times
 * bits     the same however the input is cut into blocks, as long as each set comes at the same frame
 */
#ifndef DSP_EQFIR_H
#define DSP_EQFIR_H

#include "dsp/eqresponse.h"
#include "dsp/firdesign.h"

struct eqfir { /* by value in its owner; fields are eqfir.c's business */
    double rate_hz;
    struct convolver convolver;
    struct firdesign design;
    struct eqresponse want, goal; /* the last asked for; the last that was begun: it is heard, or will be */
    bool waiting, designing;      /* want is not goal; goal is not loaded yet */
    bool fresh;                   /* no frame since reset */
};

/* All bands off until the first set. */
enum status eqfir_prepare(struct eqfir *e, double rate_hz);
void eqfir_free(struct eqfir *e);

RT void eqfir_reset(struct eqfir *e);
/* For the sound's time: forgets the sound alone. A design that was under way goes on, and the next set is no first
   one. */
RT void eqfir_restart(struct eqfir *e);
RT void eqfir_set(struct eqfir *e, const struct eqfir_settings *s);
RT void eqfir_process(struct eqfir *e, double *const *io, int nframes);
RT int eqfir_latency_frames(const struct eqfir *e);

/* Is what was set last what is heard, with no design or fade under way? */
RT bool eqfir_settled(const struct eqfir *e);
/* The most frames from a set, with none before it under way, until it is heard in full (latency not counted).
   */
RT int eqfir_settle_frames(const struct eqfir *e);

#endif
