/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * takeover: a control without a motor takes hold of a value that others move, too, without a jump.
 *
 * values   0..1 of the control's way
 * PICKUP   nothing moves until the control has come to the value or past it; from then on they are one
 * SCALE    the value moves at once, by the share of what is left to it that the control took of its own; they are one once
 *          they meet, at an end at the latest
 * JUMP     they are one at once
 * one      while the value is what this control gave it last, or stands where the control does (to half of a step of the
 *          control's). When it is another, somebody else has moved it, and it must be taken over anew.
 * ends     a value beyond the control's way is reached at its end
 * Used in the process thread (midimap) and by control (surface): one rule.
 */
#ifndef ENGINE_TAKEOVER_H
#define ENGINE_TAKEOVER_H

#include "engine/surface.h"

struct takeover { /* all zero: the control's place is not known */
    bool known;   /* `at` is */
    bool holds;   /* they are one */
    double at;    /* where the control was last */
    double gave;  /* what the value got from it last */
};

/* The control is at `to` now, the value at `value`; steps as in codec.h. True: the value is to become *out. */
RT bool takeover_move(struct takeover *t, enum surface_takeover how, double to, double value, int steps,
                      double *out);
/* The value became this, not what takeover_move said: a row of words or whole numbers takes the nearest that it has. They
   are still one. */
RT void takeover_gave(struct takeover *t, double value);
/* Does the control have the value at the moment? (for lights) */
RT bool takeover_holds(const struct takeover *t, double value, int steps);

#endif
