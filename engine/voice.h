/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * voice: the sound of one contender of the comparison (compare.h), made ready unheard, delayed to its place in the
 * programme, at a gain.
 *
 *   master | chain's input [-> a rack under a snapshot's settings] | reference -> align -> sound -> gain -> heard
 *
 * A rack's stages wake one at a time, because a reset and a set cost; then it runs unheard as the chain's own second
 * rack does (CHAIN_TURN_MS). There is one outboard, and the chain has it: a snapshot's inserts are dry, as late as
 * they are. Its solo and delta are not heard.
 *
 * bits     the same at any block split: no span goes over a voice_span
 */
#ifndef ENGINE_VOICE_H
#define ENGINE_VOICE_H

#include "dsp/smooth.h"
#include "engine/rack.h"

enum { COMPARE_SNAPSHOTS = 8, COMPARE_REFERENCES = 4 };

enum contender {
    CONTENDER_NOW,                                            /* the master as it is printed */
    CONTENDER_INPUT,                                          /* what goes into the chain */
    CONTENDER_SNAPSHOT,                                       /* a .. h */
    CONTENDER_NAMED = CONTENDER_SNAPSHOT + COMPARE_SNAPSHOTS, /* settings by name */
    CONTENDER_REFERENCE,                                      /* 1 .. 4 */
    CONTENDERS = (int)CONTENDER_REFERENCE + (int)COMPARE_REFERENCES
};

/* What there is to hear; any may be NULL: silence. */
struct voice_sources {
    const double *input[STEREO], *master[STEREO], *key[STEREO];
    const double *reference[COMPARE_REFERENCES][STEREO];
};

struct voice {
    double rate_hz;
    enum { VOICE_FREE, VOICE_WAKING, VOICE_WARMING, VOICE_READY } state;
    int which;       /* enum contender */
    uint32_t number; /* of its settings or track: whose voice it is told by both */
    int waking;      /* stage that wakes next */
    int left;        /* frames to the next step */
    int fed;         /* frames in the line, as many as it holds at most */
    int latency;     /* frames that it comes later than the input, ahead of its delay */
    int delay;       /* frames that it shall be held back */
    bool plain;      /* it is the input, or as good as */
    bool keyed;      /* it hears the external sidechain */
    bool known;      /* its gain is right, as far as that can be told */
    struct settings settings;
    struct rack rack;
    struct lag align, key;
    struct smooth gain;
    double *buffer;
    double *sound[STEREO], *sidechain[STEREO]; /* RACK_BLOCK frames; sound: ahead of the gain */
};

bool contender_is_set(int which); /* does it run under settings of its own? */

enum status voice_prepare(struct voice *v, double rate_hz);
void voice_free(struct voice *v);

/* From here on callable in the process thread. */
/* s: of a contender that has its own, else NULL. It is free then to become ready. */
RT void voice_begin(struct voice *v, int which, uint32_t number, const struct settings *s);
RT void voice_end(struct voice *v);
RT static inline bool
voice_is(const struct voice *v, int which, uint32_t number)
{
    return v->state != VOICE_FREE && v->which == which && v->number == number;
}
/* Frames until its rack is awake; 0: it is. Another one that has begun waits as long, because waking costs. */
RT int voice_wakes_frames(const struct voice *v);
RT void voice_wait(struct voice *v, int frames);
/* To be held back by so much: takes effect once the line holds it. */
RT void voice_delay(struct voice *v, int delay);
/* The frames that may be run as one. */
RT int voice_span(const struct voice *v, int nframes);
/* At most RACK_BLOCK frames into v->sound; none before it warms. */
RT void voice_process(struct voice *v, const struct voice_sources *from, int nframes);
/* Behind each span. */
RT void voice_advance(struct voice *v, int nframes);
/* What v->sound is at its gain. */
RT void voice_play(struct voice *v, double *const *out, int nframes);

#endif
