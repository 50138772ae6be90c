/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * learn: a control that was touched, and a row that was moved or named, become a line of a profile.
 *
 *   touch a control -> guess what it is -> (a row is named, or moved by another hand) -> written -> touch the next one
 */
#ifndef CONTROL_MIDI_LEARN_H
#define CONTROL_MIDI_LEARN_H

#include "control/midi/guess.h"
#include "engine/engine.h"

enum { LEARN_SAID = 512 };

enum learn_step {
    LEARN_TOUCH, /* no control was touched yet */
    LEARN_MOVE,  /* it is not known yet which row */
    LEARN_READY  /* both are: take them, learn_taken */
};

struct learn { /* by value in its owner */
    struct engine *engine;
    enum learn_step step;
    struct guess guess;
    int who; /* whose control it is: the owner's number */
    int64_t heard_ns;
    bool settled;   /* the guess is */
    double *before; /* one a parameter, by id */
    uint64_t changes;
    int param;  /* -1: none */
    bool named; /* it was, not moved */
    char said[LEARN_SAID];
};

enum status learn_begin(struct learn *l, struct engine *engine); /* NO_MEM */
void learn_end(struct learn *l);
/* A message of a box. */
void learn_hear(struct learn *l, int who, const uint8_t *bytes, size_t size, int64_t now_ns);
/* The row by its path, as a hand has named it. False: e says why it can't be. */
bool learn_name(struct learn *l, const char *path, struct err *e);
/* Looks whether a row has been moved. */
enum learn_step learn_tick(struct learn *l, int64_t now_ns);
/* What was ready is done with, said: what became of it. Begins anew. */
void learn_taken(struct learn *l, const char *said);
/* What to do next, or what was learnt. */
const char *learn_said(const struct learn *l);

#endif
