/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * riders: up to four compressors' gains side by side, each from its own level.
 *
 * in       levels: linear, >= 0, finite
 * out      gains: linear, make-up included. No sound passes here
 * curve    dynamics.h's. A ratio below 1 gives above the threshold what one above 1 takes away. Neither gives nor
 *          takes more than range_db; the bend there is smoothed by the detector behind it
 * times    smooth decoupled detector (dynamics.h) in dB: 63 % after attack_ms; back after attack and release
 * moves    start with a piece that begins a chunk (riders_begin), without a click: a new curve or time gets a detector
 *          of its own, which starts where the old one is, and is faded to in RIDERS_FADE_MS; the last one asked for wins
 * bits     the same however the frames are cut into pieces, as long as begin and end come at the same frames
 */
#ifndef DSP_RIDERS_H
#define DSP_RIDERS_H

#include "dsp/dsp.h"
#include "dsp/dynamics.h"
#include "dsp/fade.h"
#include "dsp/glide.h"

enum { RIDERS = 4, RIDERS_CHUNK = 64, RIDERS_FADE_MS = 20 };

struct rider_settings {
    double threshold_db;
    double ratio; /* > 0 */
    double attack_ms, release_ms;
    double knee_db; /* >= 0, the whole width */
    double makeup_db;
    double range_db; /* >= 0 */
};

struct rider_law {
    struct dynamics_curve curve; /* its slope without the sign */
    double range_db, sign;       /* -1: gives */
    double attack, release;      /* one-pole steps */
    double foot;                 /* levels below it, linear, come to nothing */
};

typedef double riders_quad __attribute__((vector_size(32)));

/* A detector for each rider, and what goes with it. */
struct riders_bank {
    struct rider_law law[RIDERS];
    riders_quad attack, release, keep, sign, held, out;
};

struct riders { /* by value in its owner, aligned to 32 bytes; fields are riders.c's business */
    double rate_hz;
    struct riders_bank bank[2]; /* what is heard, and what comes */
    struct rider_law wanted[RIDERS];
    struct fade fade[RIDERS];
    unsigned fading; /* a bit a rider */
    struct glide makeup_db;
    bool gliding; /* in this chunk */
    double wanted_db[RIDERS];
    riders_quad most_db; /* largest reductions since last asked */
};

/* BAD_ARG unless rate_hz is 8000..384000. All at unity until set. */
enum status riders_prepare(struct riders *r, double rate_hz);

RT void riders_reset(struct riders *r); /* all go to where they are sent, and forget their levels */
RT void riders_set(struct riders *r, int rider, const struct rider_settings *s);
/* At a chunk's first frame: those in `use` (a bit each) set out for what they were set to. */
RT void riders_begin(struct riders *r, unsigned use);
/* As one comes into use again: it is where it was sent, and has heard nothing. */
RT void riders_forget(struct riders *r, int rider);
/* n frames within a chunk, those in use: level in, gain out. Returns those whose gain may be other than 1; the
   others' v is left as it is. */
RT unsigned riders_process(struct riders *r, unsigned use, double (*v)[RIDERS_CHUNK], int n);
RT void riders_end(struct riders *r); /* behind a chunk's last frame */
/* The most it took away since last asked, dB; 0 for what it gave. */
RT double riders_take_reduction_db(struct riders *r, int rider);

#endif
