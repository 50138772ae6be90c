/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * morph: what lies between two states of all parameters, as it is heard.
 *
 * at 0 and 1   the ends, to the bit
 * numbers      go on their own scale: 20 Hz to 2 kHz is at 200 Hz half way; whole numbers are rounded
 * switches     and choices change half way, and so does the chain's order, as a whole
 * stages       and bands that work at one end alone come in from nothing and leave into nothing. In between they are
 *              on, with the settings of the end where they work; only what is heard of them travels, from where it
 *              does nothing: a bell's gain from 0 dB, a low cut from the lowest frequency, mixes and ranges from 0, a
 *              width from 100 %. What they are set to at the end where they are off is not heard, and is left to it.
 *              (Going from "EQ off" to "EQ on", somebody hears the EQ come in, not jump in half way.)
 *              What does not work at either end is off in between, or stays as it is at both.
 */
#ifndef ENGINE_MORPH_H
#define ENGINE_MORPH_H

#include "dsp/dsp.h"
#include "engine/params.h"

enum { MORPH_SWITCHES = 2 }; /* of a band and of its stage */

struct morph_row {
    int above[MORPH_SWITCHES]; /* ids of the switches that let it work, its own excluded; -1: none */
    bool is_switch;
    bool is_place;
    double rest; /* where it does nothing; NAN: there is no such place */
    int type;    /* of a filter's frequency: id of what says which end is its rest; -1: none */
};

struct morph {
    struct morph_row *row; /* one a parameter; ours */
};

enum status morph_prepare(struct morph *m); /* NO_MEM */
void morph_free(struct morph *m);

/* from, to: one value a parameter, by id; x: 0..1, beyond is the end. */
double morph_value(const struct morph *m, int id, const double *from, const double *to, double x);
/* Does what this row is part of work in `from`, and no longer in `to`? Its last value is not heard then. */
bool morph_leaves(const struct morph *m, int id, const double *from, const double *to);

#endif
