/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * blind: the book of a blind comparison (ABX). In each trial x is a or b, by the toss of a coin; the listener hears a, b
 * and x at will and votes for what x is. No file, no clock, no sound.
 *
 * hidden   nothing here tells what x was before blind_end, but blind_x, which is for whoever switches the sound: a
 *          listener who hears how he does learns, or stops when it suits him, and the p-value is none then
 * p        how likely somebody who only guesses has at least as many right: of n trials k right
 *              p = 2^-n (C(n,k) + C(n,k+1) + ... + C(n,n))        one-sided exact binomial test, chance 1/2
 *          by the smaller tail, from its largest term on. To 1e-11 of itself; a correctly rounded sum up to n = 48;
 *          what is below 1e-308 comes out as 0
 * sources  Clark, "High-resolution subjective testing using a double-blind comparator", JAES 30(5), 1982 (ABX);
 *          ITU-R BS.1116-3 (no feedback during a test)
 */
#ifndef ENGINE_BLIND_H
#define ENGINE_BLIND_H

#include "dsp/dsp.h"

enum { BLIND_TRIALS = 10000 };

enum blind_side { BLIND_A, BLIND_B };

struct blind_coin {
    int (*toss)(void *with); /* 0 or 1, each as likely; -1: it can't be tossed */
    void *with;
};

struct blind_trial {
    uint8_t x, vote; /* enum blind_side */
};

struct blind { /* all zero: no run yet */
    struct blind_coin coin;
    bool running;
    int x; /* of the trial under way */
    int trials, correct;
    struct blind_trial trial[BLIND_TRIALS];
};

struct blind_result {
    int trials, correct;
    double p;
};

/* The system's own coin. */
struct blind_coin blind_system_coin(void);

/* A new run, the first x is drawn. UNAVAILABLE: the coin can't be tossed; nothing runs then. */
enum status blind_begin(struct blind *b, struct blind_coin coin);
/* What x is now, for the switch alone; -1: nothing runs. */
int blind_x(const struct blind *b);
/* Counts the vote and draws the next x. BAD_ARG: nothing runs. UNAVAILABLE: the vote counts, but there is no next x, or
   there were enough: end it. */
enum status blind_vote(struct blind *b, enum blind_side vote);
/* Ends it: the result; what was drawn and not voted on does not count. False: nothing ran. */
bool blind_end(struct blind *b, struct blind_result *r);
/* Votes so far, or of the last run. */
int blind_trials(const struct blind *b);

/* 0 <= correct <= trials <= BLIND_TRIALS. No trials: 1. */
double blind_p(int trials, int correct);

#endif
