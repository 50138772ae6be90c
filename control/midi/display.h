/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * display: text for what a box has of displays: scribble strips, LCDs, digits; and their colours.
 *
 * Text comes as UTF-8 and is put into ASCII 0x20..0x7E (surfaces.md 1.4), cut and padded to what the display has room
 * for. Pure, as show.h.
 */
#ifndef CONTROL_MIDI_DISPLAY_H
#define CONTROL_MIDI_DISPLAY_H

#include "engine/params.h"
#include "engine/surface.h"

/* One row (from 0) of the group's n-th display; bytes: SURFACE_BYTES. */
int display_row(const struct surface_control *c, int n, int row, const char *text, uint8_t *bytes);
/* A message of more than a strip: the whole LCD's row, `columns` of it (Mackie's alone; others: 0). */
int display_line(const struct surface_control *c, int row, const char *text, uint8_t *bytes);
/* All strips' colours, 0xRRGGBB each, `count` of them. */
int display_colours(const struct surface_control *c, const uint32_t *rgb, int count, uint8_t *bytes);
/* Minutes, seconds, frames... as digits: "  1.23.456"; a dot belongs to the digit before it. */
int display_time(double seconds, int columns, char *text, size_t size);

/* A label in at most `columns` characters that people still know: vowels go before consonants, a number at its end
   stays ("Threshold 2", 7: "Thrsh 2"). */
void display_short(const char *label, int columns, char *text, size_t size);
/* A value with its unit in at most `columns`: "1.25k", "-3.5dB", "+0.5". */

void display_value(const struct param *p, double value, int columns, char *text, size_t size);

#endif
