/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * firdesign: from frequency responses to a convolver's filters, a little in each slot.
 *
 * method   frequency sampling: the response at 2 taps frequencies from 0 to half the rate (4 taps and more
 *          change no curve by more than 0.02 dB), an inverse transform, its middle `taps`, Tukey's window of 0.25.
 *          That window loses less than the usual 0.5 (8192 taps, 48 kHz, bell of 50 Hz +6 dB q 1: 0.0006 for
 *          0.003 dB; 30 Hz q 4: 1.06 for 1.35; low cut of 30 Hz, 24 dB an octave, to -60 dB: 0.07 for 0.27)
 *          and still ends what rings longer than the filter is
 * shape    tap taps / 2 is the middle one: time 0 of the response. Tap 0 is 0, so a real response gives a
 *          filter that is symmetric about the middle
 * time     the work is cut into rows of frequencies, transforms of a row or a column (a large transform is
 *          rows x columns small ones and a twist between them) and partitions; each slot does its share, and
 *          the last of size.slots finishes it, whatever the work
 * sources  four-step transform: Bailey, J. Supercomputing 4, 1990; real through half-size complex: any
 *          textbook
 */
#ifndef DSP_FIRDESIGN_H
#define DSP_FIRDESIGN_H

#include "dsp/convolver.h"

/* What fits a rate: as long in ms at 44.1, 88.2 and 176.4 kHz, rounded to powers of two. */
struct firdesign_size {
    int taps, block, fade_blocks;
    int slots; /* of CONVOLVER_SLOT frames, that a design takes */
};

struct firdesign { /* by value in its owner; fields are firdesign.c's business */
    struct firdesign_size size;
    int rows, cols, stride; /* rows x cols is taps, complex */
    double step_hz;
    struct fft row, column;
    void *memory;
    double *numbers
        [CONVOLVER_FILTERS]; /* rows x stride real parts, then as many imaginary: response, then taps */
    double *half, *twist;    /* cosines and sines, as planar */
    double *window;          /* scaled */
    double *taps;            /* of one partition */

    struct convolver *into;
    void (*respond)(const void *owner, struct firdesign *d, int row, int step);
    const void *owner;
    unsigned filters;
    int filter, stage, item, slot;
    int steps;
    double step_weight, done, total;
};

/* taps: a power of two, 2048..16384: at 25..50 kHz. rate_hz as in dsp.h. */
struct firdesign_size firdesign_size(double rate_hz, int taps);

/* BAD_ARG; NO_MEM. After an error *d owns nothing. */
enum status firdesign_prepare(struct firdesign *d, double rate_hz, const struct firdesign_size *size,
                              int nfilters);
void firdesign_free(struct firdesign *d);

/* From here on callable in the process thread. */

/*
 * Designs the filters whose bits are set, and loads them aside into `into`. respond is called for each row,
 * steps >= 1 times in a row, and after the last step has left firdesign_points() numbers of each filter:
 * number i is the response at firdesign_hz(d, row, i). (A few of them are beyond half the rate and go
 * nowhere.) step_weight: about what a step takes in ns.
 */
RT void firdesign_begin(struct firdesign *d, struct convolver *into, unsigned filters,
                        void (*respond)(const void *owner, struct firdesign *d, int row, int step),
                        const void *owner, int steps, double step_weight);
/* A slot's share. True: it was the last one, the filters are loaded. */
RT bool firdesign_slot(struct firdesign *d);
/* All that is left of it at once. */
RT void firdesign_finish(struct firdesign *d);

RT static inline int
firdesign_points(const struct firdesign *d)
{
    return d->stride;
}

RT static inline double
firdesign_hz(const struct firdesign *d, int row, int i)
{
    return (row + (double)d->rows * i) * d->step_hz;
}

RT static inline double *
firdesign_re(const struct firdesign *d, int filter, int row)
{
    return d->numbers[filter] + (ptrdiff_t)row * d->stride;
}

RT static inline double *
firdesign_im(const struct firdesign *d, int filter, int row)
{
    return d->numbers[filter] + (ptrdiff_t)(d->rows + row) * d->stride;
}

#endif
