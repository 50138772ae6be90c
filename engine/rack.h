/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rack: the stages in an order, and what each is given beside its sound: a delay-matched way past it, a switch
 * without a click, a stopwatch.
 *
 * A stage that is off is a delay of its latency and costs no more; switching it on first lets it run unheard
 * until its lines are full, then cross-fades.
 *
 * bits     the same at any block split, as long as each set comes at its frame
 */
#ifndef ENGINE_RACK_H
#define ENGINE_RACK_H

#include "dsp/fade.h"
#include "dsp/lag.h"
#include "engine/stages.h"

enum { RACK_BLOCK = 256 }; /* frames that a stage is handed at most */

struct slot {
    void *state;      /* the stage's struct */
    struct lag dry;   /* as late as the stage */
    struct fade on;   /* 0: dry, 1: the stage */
    bool running;     /* the stage is fed, heard or not */
    int warm;         /* frames to run unheard yet */
    int latency;      /* frames */
    int64_t spent_ns; /* since last taken */
};

struct rack {
    double rate_hz;
    struct slot slot[STAGES];
    enum stage order[STAGES];
    double *scratch[STEREO]; /* RACK_BLOCK frames each */
};

/* What goes through, and beside. */
struct rack_sound {
    double *io[STEREO];
    double *heard[STEREO];        /* [0] NULL: nobody listens */
    enum stage listened;          /* who writes heard, if anybody */
    const double *key[STEREO];    /* the external sidechain, as late as who hears it; [0] NULL: silence */
    float *send[INSERTS][STEREO]; /* ports to outboard; [0] NULL: none */
    const float *ret[INSERTS][STEREO]; /* and back */
    bool hold[INSERTS];                /* dry, while its outboard is measured */
    int watched;                       /* the stage whose stopwatch runs (it costs some 50 ns), or -1 */
};

enum status rack_prepare(struct rack *r, double rate_hz);
void rack_free(struct rack *r);

/* All of it new, in the order and under the settings of s, without a glide. Not in the sound's time. */
void rack_begin(struct rack *r, const struct settings *s);
/* The same of one stage in the sound's time: it is right after rack_warm_frames(). */
RT void rack_wake(struct rack *r, enum stage stage, const struct settings *s);
/* changed: offset in struct settings of what moved; SETTINGS_ALL for all of it. The order stays. */
#define SETTINGS_ALL ((size_t)-1)
RT void rack_set(struct rack *r, const struct settings *s, size_t changed);
/* At most RACK_BLOCK frames. */
RT void rack_process(struct rack *r, const struct rack_sound *sound, int nframes);
RT int rack_warm_frames(const struct rack *r);
/* Of the stages ahead of `until`; STAGES: of all. */
RT int rack_latency_frames(const struct rack *r, enum stage until);
RT int rack_stage_latency_frames(const struct rack *r, enum stage stage);
/* The most it can ever be. */
int rack_longest_frames(const struct rack *r);

#endif
