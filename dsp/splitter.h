/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * splitter: stereo sound into up to four bands, by a crossover in minimum phase (crossover.h) or a linear-phase one
 * (crossfir.h), and from one to the other.
 *
 * in       planar stereo
 * band     four planar stereo buffers, written whole; those that are not in use get zeros
 * output   minimum phase: not late, the bands' sum is an allpass. Linear: late by crossfir.h's latency (53 ms at
 *          48 kHz), the sum is a delay
 * bands    which of them are in use: as in crossover.h. In linear phase the split stays where it was, and what comes
 *          of a band that is not in use is added to the next one
 * moves    of the phase: the one that is wanted runs unheard until it is right, then both cross-fade; the latency is
 *          told at once. Else as there
 * bits     the same however the input is cut into blocks
 */
#ifndef DSP_SPLITTER_H
#define DSP_SPLITTER_H

#include "dsp/crossfir.h"
#include "dsp/crossover.h"
#include "dsp/handover.h"

enum { SPLITTER_BANDS = CROSSOVER_BANDS, SPLITTER_CHUNK = CROSSOVER_CHUNK, SPLITTER_OVER_MS = 40 };

struct splitter_settings {
    struct crossover_settings split;
    bool linear;
};

/* To which band each goes whose range is not in use. */
struct splitter_route {
    int to[SPLITTER_BANDS];
};

struct splitter { /* by value in its owner, aligned to 32 bytes; fields are splitter.c's business */
    double rate_hz;
    struct splitter_settings settings;
    struct crossover near;
    struct crossfir far;
    struct handover way;
    struct splitter_route route, next;
    struct fade move; /* 0: route, 1: next */
    int far_warm;     /* frames that linear phase takes from its last restart on */
    bool fresh, restarted;
    double *buffer; /* ours, from prepare to free: two sets of bands */
    double *cut[SPLITTER_BANDS][STEREO], *sum[SPLITTER_BANDS][STEREO];
};

/* BAD_ARG unless rate_hz is 8000..384000; NO_MEM. All in band 0 until the first set. */
enum status splitter_prepare(struct splitter *s, double rate_hz);
void splitter_free(struct splitter *s);

RT void splitter_reset(struct splitter *s); /* not in the sound's time */
RT void splitter_restart(struct splitter *s);
RT int splitter_warm_frames(const struct splitter *s);
RT void splitter_set(struct splitter *s, const struct splitter_settings *settings);
/* in must be none of the bands' buffers; at most SPLITTER_CHUNK frames. */
RT void splitter_process(struct splitter *s, const double *const *in, double *const *band[SPLITTER_BANDS],
                         int nframes);
/* A bit for each band that may have sound in it from the next chunk on, or while one lasts. */
RT unsigned splitter_bands(const struct splitter *s);
RT int splitter_latency_frames(const struct splitter *s);
int splitter_latency_max_frames(const struct splitter *s);

#endif
