/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pagerules: what has a sense on what: a curve can't be turned, a fader has no value to set. Each returns whether it has,
 * and says why not.
 */
#ifndef CONTROL_MIDI_PAGERULES_H
#define CONTROL_MIDI_PAGERULES_H

#include "control/midi/pages.h"

bool pagerules_row(const struct surface_control *c, const struct surface_assign *a, const struct param *row,
                   struct err *e);
bool pagerules_action(const struct surface_control *c, const struct surface_assign *a, enum pages_does does,
                      struct err *e);
bool pagerules_move(const struct param *row, struct err *e); /* of a macro */
/* The next key behind `key` that has no sense for this control; "": no more. */
const char *pagerules_key(const struct surface_control *c, const struct surface_assign *a, const char *key,
                          struct err *e);
/* It moves along a way: fader, pot, encoder, jog. */
bool pagerules_has_way(const struct surface_control *c);

#endif
