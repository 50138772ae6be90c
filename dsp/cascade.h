/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cascade: up to eight second-order sections in a row, all at work in the same instant.
 *
 * The sections are those of biquad.h, and their states may go from one form to the other at any frame:
 *
 *   d   = x - i2
 *   y   = D x + (C1 i1 + C2 i2)
 *   i1 <- p i1 + e d                   p = 2 a1 - 1, e = 2 a2, f = 2 a3
 *   i2 <- (i2 + e i1) + f d            D = c0 + c1 a2 + c2 a3, C1 = c1 a1 + c2 a2, C2 = c2 (1 - a3) - c1 a2
 *
 * in which a frame waits for the one before for three operations instead of six.
 *
 * io       pairs of (left, right), or of (mid, side), in place; a section may work on one of the two
 * output   not late; a side that no section works on keeps its bits
 * bits     each section adds in the order above whatever its place in the row, however many frames a call has,
 *          on every CPU (test/dsp/cascade)
 * error    rounding, of coefficients too, against the same sections in 80 bits: 1 kHz at -6 dBFS with noise at -45 dBFS,
 *          RMS in dBFS (test/dsp/cascade). biquad.h's form is within 1 dB of it but for the low cut at 192 kHz (-322)
 *            bell 20 Hz q 10 +6 dB       44.1 kHz -321, 192 kHz -322    bell 1 kHz q 1 +12 dB     96 kHz -287
 *            low cut 20 Hz 48 dB/oct     44.1 kHz -322, 192 kHz -325    low shelf 30 Hz +12 dB    96 kHz -322
 * cost     8 sections, nanoseconds a frame in calls of 16, 32, 64, 256 frames, on a Xeon of 2.3 GHz:
 *            64-byte vectors 9.9, 7.7, 6.7, 6.1    32-byte 15.5, 11.4, 9.3, 7.8    16-byte 27, 19, 16, 14
 *          a section alone 3.5
 */
#ifndef DSP_CASCADE_H
#define DSP_CASCADE_H

#include "dsp/biquad.h"

/* A section in this form, both of the pair alike. */
struct cascade_section {
    double p, e, f, d, c1, c2;
    biquad_pair i1, i2;
};

RT static inline struct cascade_section
cascade_section_of(const struct biquad *b)
{
    return (struct cascade_section){
        .p = 2.0 * b->a1 - 1.0,
        .e = 2.0 * b->a2,
        .f = 2.0 * b->a3,
        .d = b->c0 + (b->c1 * b->a2 + b->c2 * b->a3),
        .c1 = b->c1 * b->a1 + b->c2 * b->a2,
        .c2 = b->c2 * (1.0 - b->a3) - b->c1 * b->a2,
        .i1 = b->i1,
        .i2 = b->i2,
    };
}

RT static inline biquad_pair
cascade_section_frame(struct cascade_section *s, biquad_pair x)
{
    biquad_pair delta = x - s->i2, i1 = s->i1;
    biquad_pair y = s->d * x + (s->c1 * i1 + s->c2 * s->i2);

    s->i1 = s->p * i1 + s->e * delta;
    s->i2 = (s->i2 + s->e * i1) + s->f * delta;
    return y;
}

enum { CASCADE_SECTIONS = 8, CASCADE_LANES = 2 * CASCADE_SECTIONS };

/* Which of a pair a section works on. */
enum { CASCADE_FIRST = 1, CASCADE_SECOND = 2, CASCADE_BOTH = 3 };

struct cascade { /* by value in its owner; all zeros after cascade_clear */
    int n;       /* sections */
    double p[CASCADE_LANES], e[CASCADE_LANES], f[CASCADE_LANES];
    double d[CASCADE_LANES], c1[CASCADE_LANES], c2[CASCADE_LANES];
    double i1[CASCADE_LANES], i2[CASCADE_LANES];
};

/* No sections. */
RT void cascade_clear(struct cascade *c);

/* One more, with the states that it has; returns its place. There must be room. */
RT int cascade_add(struct cascade *c, const struct biquad *b, int sides);

/* The states of the section in that place, for biquad_frame(). */
RT void cascade_take(const struct cascade *c, int place, struct biquad *b);

/* Forgets the sound of sections whose states are no numbers, or none that any sound would leave. */
RT void cascade_heal(struct cascade *c);

RT void cascade_process(struct cascade *c, biquad_pair *io, int nframes);

/* For tests: the same by the vectors of one kind of CPU, 16, 32 or 64 bytes; false where this one has none such. */
bool cascade_process_by(int bytes, struct cascade *c, biquad_pair *io, int nframes);

#endif
