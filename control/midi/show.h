/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * show: what a control shows, in the bytes of its box: motors, rings, lights, bars, meters.
 *
 * Pure: no state, no clock. Each writes whole messages one behind the other and returns their bytes; 0: the control has
 * nothing to show so. bytes: SURFACE_BYTES. n from 0. Profiles as surface_load leaves them.
 *
 * ring     BY_ROW is DOT here: who knows the row has asked it
 * values   outside of 0..1 are its ends, no number is 0
 * sources  shared reference surfaces.md 1.2, 1.3, 3, 4, 12
 */
#ifndef CONTROL_MIDI_SHOW_H
#define CONTROL_MIDI_SHOW_H

#include "engine/surface.h"

enum show_light { SHOW_OFF, SHOW_ON, SHOW_BLINK };

/* A value 0..1 as the control's style has it: a motor's place, a ring, a bar, an encoder's own value; of a light, on from
   the middle on. */
int show_value(const struct surface_control *c, int n, double value, enum surface_ring ring, uint8_t *bytes);
/* How the ring or bar shows, of boxes that are told so in a message of its own (RING_13, BAR, with a `mode`): for a cell of
   its own, before the value's. */
int show_mode(const struct surface_control *c, int n, enum surface_ring ring, uint8_t *bytes);
/* Nothing is assigned: ring off, bar empty, light off, meter down, motor down; a value that the box keeps stays. */
int show_nothing(const struct surface_control *c, int n, uint8_t *bytes);
/* The mode that goes with it, for the mode's cell: a bar is not drawn at all. */
int show_nothing_mode(const struct surface_control *c, int n, uint8_t *bytes);
/* colour: a name of the group's; NULL, or none of them: on, and with rgb white. What can't blink is on. */
int show_light(const struct surface_control *c, int n, enum show_light light, const char *colour,
               uint8_t *bytes);
/* Of a SURFACE_SHOWS_METER_*; over: the overload lamp, where there is one. */
int show_meter(const struct surface_control *c, int n, double dbfs, bool over, uint8_t *bytes);

#endif
