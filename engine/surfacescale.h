/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surfacescale: what a control's raw numbers mean: a place on its way, or ticks. One rule for the hands and for the
 * process thread.
 *
 * min, max   ends of the way; min may be the larger one (hardware that stands on its head). Beyond them is at them
 * detent     centre - detent to centre + detent is exactly 0.5, each side of it reaches its end; 0: none
 */
#ifndef ENGINE_SURFACESCALE_H
#define ENGINE_SURFACESCALE_H

#include "engine/surface.h"

struct surfacescale {
    int min, max, centre, detent;
};

/* What the control's fields say, those included that a file left out. */
struct surfacescale surfacescale_of(const struct surface_control *c);

RT double surfacescale_value(const struct surfacescale *s, int raw);
/* The nearest; of a detent its centre. NaN is 0. */
RT int surfacescale_raw(const struct surfacescale *s, double value);
/* How many values it can tell apart, less one; at least 1. */
RT int surfacescale_steps(const struct surfacescale *s);

/* byte: the data byte, of a 14-bit message the high one. 0: it is no tick, or the coding has none in its bytes. */
RT double surfacescale_ticks(enum surface_coding coding, int byte, double acceleration);

#endif
