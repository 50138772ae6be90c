/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * history: what hands have moved, as steps that can be undone and done again. Bookkeeping alone: no clock, no engine,
 * nothing is set here.
 *
 * A step is a list of changes, each parameter once: from what it was ahead of the step to what it is after it. Steps
 * are one list, whoever made them, in the order in which they began. At any time, taking back the newest first leads
 * through states that were there, to the one before the oldest, bit for bit, and doing them again leads back.
 *
 * One step is
 *   gesture   moves of one parameter by one hand with rests of at most HISTORY_REST_NS; its first `from`, its last `to`
 *   gesture   of up to five parameters, where a hand comes back to the first within a rest: two fingers, an XY pad
 *   act       moves by one hand with the same number `together`: what an OSC bundle holds
 *   group     what is said to be one, from history_begin() to history_end(), with a label of its own: a preset, a
 *             recall, a crossfade of seconds. What other hands move meanwhile makes steps of their own.
 * What ends where it began is no step. Where another hand has moved a parameter since, the next move of it is a new
 * step, of a group too (with the group's label): else the list would no longer tell what was.
 *
 * depth     HISTORY_STEPS, done and undone ones together; the oldest goes
 * memory    sizeof(struct history_step) a step, taken at once, and 24 bytes for each change but a step's first: with
 *           each step a preset that moves all of n parameters, HISTORY_STEPS * n * 24 bytes; see history_bytes()
 * redo      any new move cuts it off; a move that changes nothing is none
 */
#ifndef ENGINE_HISTORY_H
#define ENGINE_HISTORY_H

#include "dsp/dsp.h"

#include <stdint.h>

enum { HISTORY_STEPS = 1000, HISTORY_LABEL = 96, HISTORY_HAND = 64, HISTORY_GROUPS = 16 };

#define HISTORY_REST_NS INT64_C(500000000)

struct history_change {
    int id;
    double from, to;
};

struct history_move {
    int id;
    double from, to;
    const char *by;    /* the hand's name */
    int64_t now_ns;    /* any clock that only goes on */
    uint64_t together; /* a number that its hand's moves of the same act share; 0: of none */
};

struct history_step {
    char label[HISTORY_LABEL]; /* of a group; else "" */
    char by[HISTORY_HAND];
    uint32_t number; /* rises from step to step, with gaps */
    bool group;
    int64_t moved_ns; /* last */
    uint64_t together;
    int nchanges, looked;
    struct history_change one, *more; /* more: all of them, once there are two */
};

struct history_group {
    int handle; /* 0: free */
    bool hand;  /* takes all that the hand moves */
    uint32_t step;
    char label[HISTORY_LABEL], by[HISTORY_HAND];
};

struct history {
    struct history_step *step; /* in a circle */
    int first, count, done;    /* done of count are not undone */
    uint32_t number, closed;   /* the newest step's; those up to `closed` take no more moves */
    uint32_t *last;            /* number of the newest step that moved a parameter, by id */
    struct history_group group[HISTORY_GROUPS];
    int handles;      /* ever */
    uint64_t changes; /* of anything that can be read below */
};

/* ids: 0 .. nids - 1. NO_MEM. */
enum status history_prepare(struct history *h, int nids);
void history_free(struct history *h);
/* All steps go; what is open stays open. */
void history_forget(struct history *h);

/* group: from history_begin(), 0 for none; a closed one is none. False: no memory, and all is forgotten. */
bool history_note(struct history *h, int group, const struct history_move *m);

/* Returns its number, above 0; with HISTORY_GROUPS open the oldest one is closed. Letters that control a terminal
   become '?'. hand: takes what `by` moves with group 0, too, and ends its last such group. */
int history_begin(struct history *h, const char *label, const char *by, bool hand);
bool history_is_open(const struct history *h, int group);
void history_end(struct history *h, int group);
void history_end_hand(struct history *h, const char *by);

int history_undo_steps(const struct history *h);
int history_redo_steps(const struct history *h);
/* What would be undone, or done again; NULL: nothing. Valid until the next call that changes something. */
const struct history_step *history_next(const struct history *h, bool redo);
const struct history_change *history_changes(const struct history_step *s, int *n);
/* It has been: ends all gestures and groups. */
void history_go(struct history *h, bool redo);

/* "eq/3/gain 1.5 -> 2.0 dB, tablet", "preset club (12 values), terminal"; needs params. */
void history_describe(const struct history_step *s, char *out, size_t size);

size_t history_bytes(const struct history *h);

#endif
