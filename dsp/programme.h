/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * programme: how loud a programme was since its start: gated loudness, range, maxima.
 *
 * Several may listen to one K filter (dsp/kweight.h): of the whole evening, of an album, of a track.
 *
 * memory   the same after a minute and after a year: two histograms of 0.01 LU that keep each bin's exact energy
 * start    takes effect with the tick that is under way; costs next to nothing: bins are cleared as they are met
 * hostile  no block or window value that would hold a tick that was no sound is taken in
 * sources  blocks, gates: ITU-R BS.1770-5, Annex 1
 *          maxima, start/pause/reset: EBU Tech 3341 v4; loudness range: EBU Tech 3342 v4
 */
#ifndef DSP_PROGRAMME_H
#define DSP_PROGRAMME_H

#include "dsp/kweight.h"

enum {
    PROGRAMME_GROUPS = 100, /* of 1 LU, from -70 LUFS up */
    PROGRAMME_BINS = 100    /* a group */
};

#define PROGRAMME_RANGE_STABLE_S 60.0 /* below that the range is not to be relied on: Tech 3341 */

struct programme_bin {
    double energy; /* sum of the mean squares that fell in here */
    uint32_t count;
};

struct programme_histogram {
    struct programme_bin *bin; /* PROGRAMME_GROUPS x PROGRAMME_BINS; rubbish in groups that count nothing */
    struct programme_bin group[PROGRAMME_GROUPS], all;
};

struct programme { /* by value in its owner; fields are programme.c's business */
    bool running;
    int phase;         /* ticks to the next gating block */
    int whole;         /* ticks of sound in a row that are measured, at most SHORT_TERM_TICKS */
    uint64_t measured; /* ticks */
    double max_momentary, max_short_term;
    uint32_t changes;
    struct programme_histogram blocks, spread; /* 400 ms blocks; short-term values */
};

enum status programme_prepare(struct programme *p); /* NO_MEM: owns nothing. Runs at once. */
void programme_free(struct programme *p);

/* From here on callable in the process thread. */
RT void programme_restart(struct programme *p); /* begin anew; pause or run stays */
/* Pause and continue. What comes after a pause is measured as if it began there: no block or window reaches over
   the gap. */
RT void programme_run(struct programme *p, bool on);
RT void programme_tick(struct programme *p, const struct kweight *k); /* at each tick's end */

/* Cheap: at most some 200 additions. */
RT double programme_integrated_lufs(const struct programme *p); /* gated */
RT double programme_range_lu(const struct programme *p);        /* 0 when there is nothing */
RT bool programme_has_range(const struct programme *p);         /* is there anything? */
RT double programme_max_momentary_lufs(const struct programme *p);
RT double programme_max_short_term_lufs(const struct programme *p);
RT double programme_measured_s(const struct programme *p); /* time that went into it */
RT uint32_t programme_changes(const struct programme *p);  /* moves when integrated and range may have */

/* Adds what another has measured, as if both were one. */
void programme_join(struct programme *p, const struct programme *more);

#endif
