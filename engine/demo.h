/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * demo: a computed programme for those who have nothing to play yet.
 *
 * Sixteen bars at 120 to the minute: drums, bass, chords, and a bell in the
 * second half. It ends on a chord that has died away by the last frame, so
 * that it can be repeated.
 *
 * out      interleaved stereo, peaks near -6 dBFS, near -18 LUFS: unmastered
 * bits     frame n at a rate is the same whenever it is asked for
 */
#ifndef ENGINE_DEMO_H
#define ENGINE_DEMO_H

#include "dsp/dsp.h"

struct demo_note {
    double at, until; /* s */
    double freq_hz;
    double gain, pan; /* pan -1..1 */
    int voice;
};

enum { DEMO_NOTES = 1024 };

struct demo { /* by value in its owner; 48 kB */
    double rate_hz;
    int64_t frames;
    int nnotes;
    struct demo_note note[DEMO_NOTES]; /* in order of `at` */
};

/* BAD_ARG unless rate_hz is 8000..384000. */
enum status demo_prepare(struct demo *d, double rate_hz);
int64_t demo_frames(const struct demo *d);
/* Any frames; silence before 0 and from demo_frames() on. */
void demo_read(const struct demo *d, int64_t position, double *out, int nframes);

#endif
