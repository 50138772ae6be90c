/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chain: the mastering chain: a rack of stages, the way past all of them, and what a listener hears of them.
 *
 *   io -> rack: input -> ... -> limit -> io         the order is the stage table's or /chain/order's
 *
 * A new order is run in by a second rack, unheard, until it sounds as if it had always been so (CHAIN_TURN_MS
 * and the latency), and is then cross-faded to; twice the work as long as that lasts. What goes out to the inserts
 * changes over a round trip before what comes back is heard in its new place. Bypassing the chain
 * cross-fades to its input, as late as its output. The latency changes only with a setting that says so (a
 * linear phase); the chain's own bypass goes along without a click.
 *
 * io       planar stereo, in place; 1.0 is 0 dBFS
 * output   late by chain_latency_frames(); with every stage off the input's exact bits
 * bits     the same at any block split, as long as each set comes at its frame
 */
#ifndef ENGINE_CHAIN_H
#define ENGINE_CHAIN_H

#include "engine/rack.h"

enum { CHAIN_BLOCK = RACK_BLOCK, CHAIN_TURN_MS = 200 };

/* What goes through, and beside: each pointer pair but io may be NULL. */
struct chain_sound {
    double *io[STEREO];
    const double *key[STEREO];    /* the external sidechain */
    float *send[INSERTS][STEREO]; /* the ports of the outboard */
    const float *ret[INSERTS][STEREO];
    bool hold[INSERTS]; /* dry, while the outboard is measured */
    /* What a listener hears: the output, unless a solo or delta asks for another sound. */
    double *heard[STEREO];
};

enum chain_turn { TURN_NONE, TURN_WAKING, TURN_WARMING, TURN_SENDING, TURN_FADING };

struct chain {
    double rate_hz;
    struct rack rack[2];
    int now; /* which of them is heard */
    enum chain_turn turn;
    int turn_left, waking; /* frames to the next step of a turn; stage that wakes next */
    struct fade over;      /* 0: rack[now], 1: the other */
    struct settings settings;
    struct lag dry;       /* the chain's input, as late as its output */
    struct fade wet;      /* 1: the chain, 0: bypassed */
    struct lag key;       /* as late as the sound where it is heard */
    bool keyed;           /* somebody hears it */
    int key_left;         /* frames that it is fed yet after nobody does: fades end */
    int listened, listen; /* who writes `heard` now, and who should; -1: nobody */
    struct fade heard;    /* 0: the output, 1: what `listened` writes */
    int latency;          /* frames */
    int watch, watch_one; /* whose stopwatch runs; always, -1: each in turn */
    bool fresh;           /* the next set applies at once */
    double *buffer;
    double *bypass[STEREO], *other[STEREO], *solo[STEREO], *sidechain[STEREO]; /* CHAIN_BLOCK frames each */
    struct fade sending[INSERTS]; /* whose send goes out: 0: rack[now]'s, 1: the other's */
    float twin_send[INSERTS][STEREO][CHAIN_BLOCK];
};

const char *chain_stage_name(enum stage s);

/* As a stage's (dsp.h). */
enum status chain_prepare(struct chain *c, double rate_hz);
void chain_free(struct chain *c);
RT void chain_reset(struct chain *c);
/* changed: offset in struct settings of what moved; SETTINGS_ALL for all of it. */
RT void chain_set(struct chain *c, const struct settings *s, size_t changed);
RT void chain_process(struct chain *c, const struct chain_sound *sound, int nframes);
RT int chain_latency_frames(const struct chain *c);
/* Frames until what was set last has come through, at most: glides, warming, a turn and one that waits for it. */
RT int chain_settle_frames(const struct chain *c);
/* Does a stage hear the external sidechain? Else it need not be given. */
RT bool chain_is_keyed(const struct chain *c);
/* Does `heard` differ from the output, or is it on its way? Else it need not be given. */
RT bool chain_is_listened(const struct chain *c);

/* Largest reduction since last asked; 0 for stages that take nothing away. */
RT double chain_take_reduction_db(struct chain *c, enum stage s);
/* The same of a band, from 0; of a stage that has bands. */
RT double chain_take_band_reduction_db(struct chain *c, enum stage s, int band);
/* Time spent in the stage since last asked: each is timed in its turn, one call in STAGES, and that many times over. */
RT int64_t chain_take_ns(struct chain *c, enum stage s);
/* From here on that stage alone, in every call. */
void chain_watch(struct chain *c, int stage);

#endif
