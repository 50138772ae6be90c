/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * convolver: long FIR filters on a stereo pair, which may be exchanged while they sound.
 *
 * in       planar stereo
 * output   late by convolver_latency_frames(): two blocks, one to collect and one to work, so that no
 *          transform has to wait for a block's last frame and all work is spread over its slots of
 *          CONVOLVER_SLOT frames. A filter that is THROUGH gives the input's bits, later by `centre` frames:
 *          where the filters' middle tap is
 * form     uniformly partitioned overlap-save, transforms of two blocks, all filters on the same input
 *          spectra
 * exchange new filters are loaded aside, partition by partition, by whoever owns it; then both run, and the
 *          sound goes over by fade.h's path, 6t^5 - 15t^4 + 10t^3, in fade_blocks. (A raised cosine has
 *          corners in its curvature: the same 21 ms leave 28 dB more of a tone that goes up by 48 dB.)
 * input    what is no number counts as 0 and what is beyond +-2^24 as that, before the transforms: nothing is
 *          kept, and it is gone when the filter's length has passed. THROUGH passes it as it is
 * bits     the same however the input is cut; the same at any width of vector, as no sum crosses lanes
 * cost     ns a frame on a Xeon of 2.3 GHz, 8192 taps in blocks of 256: one filter 50, left and right 55, mid
 *          and side 59, matrix 75, all THROUGH 15; three filters of 4096 taps 83. One filter with AVX2 58,
 *          with SSE2 72. A fade adds what its other filters cost, less the 15
 * sources  Gardner, JAES 43(3), 1995; Wefers, RWTH Aachen 2015 (frequency-domain delay line, exchange of
 *          filters)
 */
#ifndef DSP_CONVOLVER_H
#define DSP_CONVOLVER_H

#include "dsp/fft.h"

enum { CONVOLVER_SLOT = 16, CONVOLVER_FILTERS = 4, CONVOLVER_OUTPUTS = 6 };

enum convolver_form {
    CONVOLVER_EACH,       /* filter f on both channels: outputs 2 f and 2 f + 1; f = 0, 1, 2 */
    CONVOLVER_LEFT_RIGHT, /* filter 0 on left, 1 on right */
    CONVOLVER_MID_SIDE,   /* filter 0 on mid, 1 on side; left and right come out */
    CONVOLVER_MATRIX,     /* left = 0 left + 1 right, right = 2 left + 3 right */
};

struct convolver_shape {
    int block;       /* frames: a power of two, 32..4096 */
    int parts;       /* of a filter, block taps each; >= 1 */
    int centre;      /* frames: a multiple of block, >= 0 */
    int fade_blocks; /* >= 1 */
    int npairs;      /* of outputs, 1..3; forms other than EACH have one */
    int nfilters;    /* npairs..4 */
};

struct convolver_use {
    int form;
    unsigned
        filters; /* EACH: bit f is filter f, without it its outputs are THROUGH. Others: all, or 0 for THROUGH */
};

struct convolver_set {
    struct convolver_use use;
    double *spectra; /* by filter, group of bins, partition */
};

struct convolver {            /* by value in its owner; fields are convolver.c's business but for width */
    int block, parts, groups; /* frames; partitions; bins are kept in groups of 8 */
    int centre_blocks, fade_blocks, nfilters, noutputs;
    int width; /* of the vectors: 0 narrow, 1 AVX2, 2 AVX-512. The widest there is; tests may lower it */
    struct fft fft;
    void *memory;
    double *spectra[STEREO];             /* of the input: by group, partition */
    int head;                            /* the newest partition in it */
    double *raw[STEREO];                 /* the input: a ring of blocks */
    double *ready[2][CONVOLVER_OUTPUTS]; /* blocks: one goes out, one is made */
    double *sum[2][CONVOLVER_OUTPUTS];   /* spectra of what comes out, by set */
    double *frames, *spectrum;           /* scratch, two blocks each */
    const double *playing[CONVOLVER_OUTPUTS], *next[CONVOLVER_OUTPUTS], *late[STEREO]; /* blocks */
    const double *output[CONVOLVER_OUTPUTS], *through[STEREO]; /* where the last advance was in them */
    unsigned filters, sounding;                                /* of the block that plays, and then */
    struct convolver_set set[2];
    int now, nsets; /* which set is heard; 2 while they fade */
    bool swapping;
    int fade_block;
    int64_t number; /* of the block that is collected, since reset */
    int fill;       /* frames in it */
    int task, ntasks;
    double done, total; /* weight of the tasks of this block */
};

/* BAD_ARG; NO_MEM. After an error *c owns nothing. All THROUGH until the first jump or swap. */
enum status convolver_prepare(struct convolver *c, const struct convolver_shape *s);
void convolver_free(struct convolver *c);

/* From here on callable in the process thread. */
RT void convolver_reset(struct convolver *c); /* forgets the sound; a swap under way is over */

/* A partition of a filter, block taps, into the set aside: taps part * block and on. Not while busy. */
RT void convolver_load(struct convolver *c, int filter, int part, const double *taps);
/* The set aside begins to be heard with the next block. Not while busy. */
RT void convolver_swap(struct convolver *c, const struct convolver_use *use);
/* It is heard at once: only between reset and the first frame. */
RT void convolver_jump(struct convolver *c, const struct convolver_use *use);
RT bool convolver_busy(const struct convolver *c);

/* Takes the next frames, up to the end of the slot, and returns how many; afterwards convolver_output() and
   convolver_through() point to what goes out for them, until the next call. in may be
   where it is copied to. */
RT int convolver_advance(struct convolver *c, const double *const *in, int nframes);
RT const double *convolver_output(const struct convolver *c, int output);
RT const double *convolver_through(const struct convolver *c, int channel);
/* Was that the slot's last frame? */
RT bool convolver_slot_over(const struct convolver *c);
/* Which filters' outputs are not THROUGH in these frames: bit f. Forms other than EACH: bit 0. */
RT unsigned convolver_filters(const struct convolver *c);

RT int convolver_latency_frames(const struct convolver *c); /* centre not counted */

#endif
