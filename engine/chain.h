/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chain: the mastering chain, one row a stage.
 *
 *   io -> input -> eq -> comp -> limit -> io        the order is the stage table's
 *
 * A stage that is off is a delay of its latency and costs no more; switching
 * it on first lets it run unheard until its lines are full, then cross-fades.
 * Bypassing the whole chain cross-fades to its input, as late as its output.
 * So the latency never changes while sound runs.
 *
 * io       planar stereo, in place; 1.0 is 0 dBFS
 * output   late by chain_latency_frames(); with every stage off the input's exact bits
 * bits     the same at any block split, as long as each set comes at its frame
 */
#ifndef ENGINE_CHAIN_H
#define ENGINE_CHAIN_H

#include "dsp/comp.h"
#include "dsp/delay.h"
#include "dsp/eq.h"
#include "dsp/fade.h"
#include "dsp/input.h"
#include "dsp/limit.h"

enum stage { STAGE_INPUT, STAGE_EQ, STAGE_COMP, STAGE_LIMIT, STAGES };

struct chain_settings {
    bool bypass;
};

struct monitor_settings {
    double level_db;
    bool dim, mute, mono, swap;
    int set; /* enum monitor_set: which speakers play */
};

/* All that moves with a frame. The parameter table's rows point in here. */
struct settings {
    struct input_settings input;
    struct eq_settings eq;
    struct comp_settings comp;
    struct limit_settings limit;
    struct chain_settings chain;
    struct monitor_settings monitor;
};

enum { CHAIN_BLOCK = 256 }; /* frames that a stage is handed at most */

struct chain_slot {
    void *state;      /* the stage's struct */
    struct delay dry; /* as late as the stage */
    struct fade on;   /* 0: dry, 1: the stage */
    bool running;     /* the stage is fed, heard or not */
    int warm;         /* frames to run unheard yet */
    int64_t spent_ns; /* since last taken */
};

struct chain {
    double rate_hz;
    struct chain_slot slot[STAGES];
    struct delay dry;                         /* the chain's input, as late as its output */
    struct fade wet;                          /* 1: the chain, 0: bypassed */
    int latency;                              /* frames */
    bool fresh;                               /* the next set applies at once */
    double *scratch[STEREO], *bypass[STEREO]; /* CHAIN_BLOCK frames each */
};

const char *chain_stage_name(enum stage s);

/* As a stage's (dsp.h). */
enum status chain_prepare(struct chain *c, double rate_hz);
void chain_free(struct chain *c);
RT void chain_reset(struct chain *c);
/* changed: offset in struct settings of what moved; SETTINGS_ALL for all of it. */
#define SETTINGS_ALL ((size_t)-1)
RT void chain_set(struct chain *c, const struct settings *s, size_t changed);
RT void chain_process(struct chain *c, double *const *io, int nframes);
RT int chain_latency_frames(const struct chain *c);

/* Largest reduction since last asked; 0 for stages that take nothing away. */
RT double chain_take_reduction_db(struct chain *c, enum stage s);
/* Time spent in the stage since last asked. */
RT int64_t chain_take_ns(struct chain *c, enum stage s);

#endif
