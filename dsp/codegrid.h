/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * codegrid: whether the values in use lie on a grid that is coarser than the file's: what a change of level leaves that
 * was not dithered.
 *
 * Sound of 16 bit that was raised by 3 dB and rounded anew has, in a file of 16 bit, regular gaps: of each 1.41 values
 * one is used. In a file of 24 bit its values stand 362 apart. Music that was mixed, filtered or dithered afterwards
 * uses every value.
 *
 * in       as wordlength
 * method   a map of the values in use near zero, from one in eight stretches of 256 frames. The k-th value in use must
 *          lie within 1 of k steps, without a break, for CODEGRID_RUN values on each side of zero, each used
 *          CODEGRID_HITS times on average. Periodic waves have such grids too, but a sine's is bent, and of a saw nearly
 *          all frames lie on a straight line with the two before: then nothing is told
 * bits     the same however the input is cut into blocks
 */
#ifndef DSP_CODEGRID_H
#define DSP_CODEGRID_H

#include "dsp/dsp.h"

enum {
    CODEGRID_CHANNELS = 8,
    CODEGRID_REACH = 1 << 20, /* values on each side of zero */
    CODEGRID_RUN = 512,
    CODEGRID_HITS = 20
};

struct codegrid { /* by value in its owner */
    int nch, bits, reach;
    double scale, widest; /* step, values */
    int64_t at;           /* frames */
    uint64_t *map[CODEGRID_CHANNELS];
    uint32_t *hits[CODEGRID_CHANNELS]; /* of each 64 values */
    bool broken[CODEGRID_CHANNELS];    /* no whole numbers */
    int64_t met[CODEGRID_CHANNELS],
        straight[CODEGRID_CHANNELS];     /* frames; of those: on a line with the two before */
    double before[CODEGRID_CHANNELS][2]; /* values, the last one first */
};

/* bits: 12..24. NO_MEM. After an error *g owns nothing. */
enum status codegrid_prepare(struct codegrid *g, int bits, int nch);
void codegrid_free(struct codegrid *g);
void codegrid_process(struct codegrid *g, const double *const *in, int nframes);
/* Values from one step of the grid to the next; 1: every value is in use, or it can't be told. */
double codegrid_step(const struct codegrid *g, int channel);

#endif
