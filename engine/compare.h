/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compare: two contenders, a and b, heard in turn as loud as each other and at the same place of the programme.
 *
 *   a: voice -> align -> gain --.
 *                                >-- cross-fade -> monitors       (off: master, solo and delta as ever)
 *   b: voice -> align -> gain --'
 *
 * It stands behind the print tap and works on copies: no printed sample can change. While it is on, the monitors hear
 * it instead of the master and of what a solo or delta asks for; monitor_process() follows as ever.
 *
 * align    the master, a and b come out as late as the latest of them
 * match    both are measured over the same stretch (dsp/recent.h), a reference by what is told of its file; the louder
 *          one is turned down, never one up. The stretch begins anew with a contender, and when what was moved has come
 *          through; until then the gains follow what there is. They glide when heard and jump when not
 * change   a contender that is heard is heard on until the new one has warmed and was measured once, which takes some
 *          0.7 s. One that is not to be had (no such snapshot, no such track) leaves its place to the master
 * blind    while x is hidden each change of who is listened to goes through silence, 20 ms down and 20 ms up, also from
 *          one to the same: a cross-fade between two that differ in phase can be heard, and one from a to a can not
 * memory   three voices, so that a new one can warm beside the two; nothing runs while it is off
 * bits     the same at any block split, as long as each set, take, reference and blind comes at its frame
 */
#ifndef ENGINE_COMPARE_H
#define ENGINE_COMPARE_H

#include "dsp/fade.h"
#include "dsp/recent.h"
#include "engine/publish.h"
#include "engine/voice.h"

enum compare_place { COMPARE_A, COMPARE_B, COMPARE_PLACES };
enum compare_listen { COMPARE_LISTEN_A, COMPARE_LISTEN_B, COMPARE_LISTEN_X };
enum compare_x {
    COMPARE_SEEN = -1,
    COMPARE_X_IS_A,
    COMPARE_X_IS_B
}; /* SEEN: no blind comparison runs; x is a */
enum compare_state { COMPARE_OFF, COMPARE_MISSING, COMPARE_WARMING, COMPARE_READY };
enum { COMPARE_VOICES = 3, COMPARE_MASTER = -1, COMPARE_NOBODY = -1 };

struct compare_readings {
    double offset_lu; /* b less a; 0 until both are known */
    double loudness_lufs[COMPARE_PLACES], gain_db[COMPARE_PLACES], delay_frames[COMPARE_PLACES];
    double measured_s;
    int state[COMPARE_PLACES]; /* enum compare_state */
};

/* Settings that come from control for a place. */
struct compare_offer {
    bool there;      /* false: there are none by that name */
    int which;       /* the contender that they are for */
    uint32_t number; /* another one: the sound is another one */
    struct settings settings;
};

struct compare_reference {
    bool there;
    uint32_t number;
    double lufs;
};

struct compare {
    double rate_hz;
    struct compare_settings settings;
    struct voice voice[COMPARE_VOICES];
    struct publish offers[COMPARE_PLACES];      /* from control */
    struct compare_offer offer[COMPARE_PLACES]; /* as in force */
    struct compare_reference reference[COMPARE_REFERENCES];
    int of[COMPARE_PLACES]; /* the place's voice, or NOBODY yet */
    enum compare_x x;

    int heard, next;  /* voice, or MASTER; next: where a running fade goes */
    struct fade over; /* 0: heard, 1: next */
    struct fade dip;  /* 1: heard, 0: silence in between, while a blind comparison runs */
    bool dipping;     /* on the way down */

    bool paired;               /* both voices are ready, and measured: */
    uint32_t begun, paired_at; /* voices begun so far; as many when the pair was made */
    struct kweight weight[COMPARE_PLACES];
    struct recent recent;
    int settling; /* frames until a move has come through; 0: it has */
    struct compare_readings latest;
    double *buffer;
    double *input[STEREO], *other[STEREO], *out[STEREO]; /* RACK_BLOCK frames */
};

/* What compare_process() is given beside the chain's input; [0] NULL: silence. */
struct compare_sound {
    const double *master[STEREO];
    const double *heard[STEREO]; /* by the monitors, if nothing is compared */
    const double *key[STEREO];   /* the external sidechain */
    const double *reference[COMPARE_REFERENCES][STEREO];
    int latency; /* frames that the master is later than the input */
};

/* BAD_ARG for the rate, NO_MEM. After an error *c owns nothing. */
enum status compare_prepare(struct compare *c, double rate_hz);
void compare_free(struct compare *c);

/* control thread: then an EVENT_CONTENDER says when it is to be taken. The last one wins. */
void compare_offer(struct compare *c, enum compare_place place, const struct compare_offer *offer);

/* From here on the process thread's. */
RT void compare_begin(struct compare *c,
                      const struct compare_settings *s); /* as if it had just been switched on */
RT void compare_set(struct compare *c, const struct compare_settings *s);
RT void compare_take(struct compare *c, enum compare_place place);
/* A track (from 0) is there, of that loudness, or no longer. Another call, another sound. */
RT void compare_reference(struct compare *c, int track, bool there, double lufs);
RT void compare_blind(struct compare *c, enum compare_x x);
/* The chain was moved: its output will be as it is to be in so many frames. */
RT void compare_moved(struct compare *c, int frames);

RT bool compare_runs(const struct compare *c);
/* Else these need not be given. */
RT bool compare_is_keyed(const struct compare *c);
RT bool compare_hears_reference(const struct compare *c, int track);
/* At most RACK_BLOCK frames, one after the other: what goes into the chain, and the rest behind it. True: the monitors
   are to hear c->out. */
RT void compare_input(struct compare *c, const double *const *in, int nframes);
RT bool compare_process(struct compare *c, const struct compare_sound *sound, int nframes);
RT void compare_read(const struct compare *c, struct compare_readings *r);

#endif
