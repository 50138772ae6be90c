/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * show: what a control shows, in the bytes of its box: motors, rings, lights, bars, meters.
 *
 * Pure: no state, no clock. Each writes whole messages one behind the other and returns their bytes; 0: the control has
 * nothing to show so. bytes: SURFACE_BYTES.
 */
#ifndef CONTROL_MIDI_SHOW_H
#define CONTROL_MIDI_SHOW_H

#include "engine/surface.h"

enum show_light { SHOW_OFF, SHOW_ON, SHOW_BLINK };

/* A value 0..1 as the control's style has it: a motor's place, a ring, a bar, an encoder's own value. */
int show_value(const struct surface_control *c, int n, double value, enum surface_ring ring, uint8_t *bytes);
/* Nothing is assigned: ring off, bar off, motor down; a value that the box keeps stays. */
int show_nothing(const struct surface_control *c, int n, uint8_t *bytes);
/* colour: a name of the group's, NULL: on. What can't blink is on. */
int show_light(const struct surface_control *c, int n, enum show_light light, const char *colour,
               uint8_t *bytes);
/* Of a SURFACE_SHOWS_METER_*; over: the overload lamp, where there is one. */
int show_meter(const struct surface_control *c, int n, double dbfs, bool over, uint8_t *bytes);

#endif
