/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loudness: how loud a programme is, as broadcast and streaming services count it: a K filter and one measurement
 * that listens to it. The parts for more than one: dsp/kweight.h, dsp/programme.h, which say what they do and
 * where it stands.
 *
 * in       planar, stereo (or the layout prepared), 1.0 is 0 dBFS; only read
 * bits     the same however the input is cut into blocks
 */
#ifndef DSP_LOUDNESS_H
#define DSP_LOUDNESS_H

#include "dsp/programme.h"

struct loudness { /* by value in its owner */
    struct kweight windows;
    struct programme programme;
};

/* BAD_ARG unless rate_hz is 8000..384000 and nch 1..8; NO_MEM. After an error *l owns nothing. Runs at once. */
enum status loudness_prepare(struct loudness *l, double rate_hz);
/* Other layouts. weights: 1.0 for L, R, C, 1.41 for Ls and Rs, 0 for LFE. */
enum status loudness_prepare_layout(struct loudness *l, double rate_hz, const double *weights, int nch);
void loudness_free(struct loudness *l);

/* From here on callable in the process thread. */
RT void loudness_reset(struct loudness *l); /* forget the sound and the measurement; pause or run stays */
/* Begin the measurement anew (integrated, range, maxima) at this frame; momentary and short-term go on. */
RT void loudness_restart(struct loudness *l);
RT void loudness_run(struct loudness *l, bool on); /* pause and continue, see programme_run */
RT void loudness_process(struct loudness *l, const double *const *in, int nframes);

RT double loudness_momentary_lufs(const struct loudness *l);  /* the last 400 ms */
RT double loudness_short_term_lufs(const struct loudness *l); /* the last 3 s */
RT double loudness_integrated_lufs(const struct loudness *l); /* gated, since the start */
RT double loudness_range_lu(const struct loudness *l);        /* 0 when there is nothing; unsure below 60 s */
RT double loudness_max_momentary_lufs(const struct loudness *l);
RT double loudness_max_short_term_lufs(const struct loudness *l);
RT double loudness_measured_s(const struct loudness *l); /* time that went into the measurement */
RT uint64_t loudness_skipped(const struct loudness *l);  /* ticks of 10 ms that were no sound, since reset */

/* Adds what another has measured, as if both were one programme: integrated, range, maxima, time. Momentary and
   short-term stay. The rates may differ. An album is its tracks joined. */
void loudness_join(struct loudness *l, const struct loudness *more);

#endif
