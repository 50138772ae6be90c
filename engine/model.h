/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * model: every parameter's value as the hands have set it, and the moves that are under way to the process thread.
 *
 * A move for now is in the model at once. One with a frame of its own is there once it is in force; if that is
 * soon, at once, so that who asks next reads what was just set; a move that is due and comes after it then comes into
 * force after it too, though the frame clock may have stood still meanwhile. Once none of a parameter's soon ones is under way, the model says what is in force. What the ring
 * to the process thread has no room for goes later, the newest value alone.
 *
 * What midi_in moves is in force before the model hears of it, and is in the model then, unless a hand's move of the
 * row is under way, which comes after it. What a passage has under way does not: the process thread drops it.
 */
#ifndef ENGINE_MODEL_H
#define ENGINE_MODEL_H

#include "engine/process.h"

enum { MODEL_HANDS = 256, MODEL_HAND_SIZE = 64, MODEL_TIMED = 4096 };

/* A parameter's moves that are in the model and not yet in force. */
struct model_ahead {
    int count;      /* with a frame of their own, */
    int travelling; /* of these a passage's; */
    int now;        /* without one */
    uint64_t frame; /* the latest one's */
};

struct model {
    double *values; /* one a parameter, by id */
    char **texts;   /* the same; NULL: "" */
    bool *dirty;    /* could not be sent yet */
    struct model_ahead *ahead;
    uint64_t changes; /* of any value but counters */
    int timed;        /* how many are under way with a frame of their own */
    uint32_t heard;   /* moves by midi_in, since the process began */
    char hand[MODEL_HANDS][MODEL_HAND_SIZE];
    int hands;
};

enum status model_prepare(struct model *m); /* defaults; NO_MEM */
void model_free(struct model *m);

void model_put(struct model *m, int id, double value);
/* False: no memory, the old text stays. */
bool model_put_text(struct model *m, int id, const char *text);
const char *model_text(const struct model *m, int id);

/* When a move is meant for. EVENT_NOW is before any frame. */
struct model_when {
    uint64_t frame;
    uint64_t due;  /* frames up to this one are now: of a bundle that is to be at once */
    uint64_t soon; /* frames before this one are as good as now to who reads */
    bool travels;  /* part of a passage */
};

/* p NULL: nothing runs, it goes later. False: too many with a frame of their own are under way. */
bool model_move(struct model *m, struct process *p, int id, double value, struct model_when when,
                const char *by);
/* The number of a hand. */
uint32_t model_hand(struct model *m, const char *by);
void model_send_late(struct model *m, struct process *p);
/* What process tells of a move, or of one that it dropped: whose it was. */
const char *model_applied(struct model *m, const struct notice *n);
/* A new process starts from the values: nothing is under way to it. */
void model_forget_moves(struct model *m);

#endif
