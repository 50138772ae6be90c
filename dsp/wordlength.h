/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wordlength: how many of a sample's bits are really in use.
 *
 * in       planar, 1 to 8 channels, finite; whole numbers of 2^-(bits-1), as sound files of that depth give them, or
 *          floating point: then it is asked whether 24 bit would hold it
 * method   the OR of all words; its lowest bit that is set ends the word. Adding 1.5 * 2^52 leaves the whole number
 *          in a double's low bits, and what it rounds away tells that there was no whole number
 * bits     the same however the input is cut into blocks
 */
#ifndef DSP_WORDLENGTH_H
#define DSP_WORDLENGTH_H

#include "dsp/dsp.h"

enum { WORDLENGTH_CHANNELS = 8, WORDLENGTH_FLOAT = 24 /* bits that floating point is asked for */ };

struct wordlength_channel {
    uint64_t used;    /* the OR of the words that are whole numbers */
    int64_t inexact;  /* samples that are no whole number: floating point beyond 24 bit */
    int64_t nonzero;  /* samples that are not 0 */
    int64_t coarse16; /* of those: with nothing below 16 bit */
    int64_t over;     /* samples beyond +-1.0 */
    double peak;      /* linear */
};

struct wordlength { /* by value in its owner */
    int nch, bits;
    double scale;
    uint64_t below16; /* the bits below the 16th */
    struct wordlength_channel channel[WORDLENGTH_CHANNELS];
};

/* bits: 2..32 of whole numbers, or WORDLENGTH_FLOAT with floating point. */
void wordlength_prepare(struct wordlength *w, int bits, int nch);
void wordlength_process(struct wordlength *w, const double *const *in, int nframes);
/* 0: silence. bits + 1: floating point that no whole numbers of this depth hold. */
int wordlength_in_use(const struct wordlength *w, int channel);

#endif
