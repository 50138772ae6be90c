/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * display: text for what a box has of displays: scribble strips, LCDs, digits; and their colours.
 *
 * Text comes as UTF-8 and is put into ASCII 0x20..0x7E (surfaces.md 1.4): letters with marks lose them, what has no
 * letter is '?'. It is cut and padded to what the display has room for. Pure, as show.h.
 *
 * sources  shared reference surfaces.md 1.4, 1.5, 2, 9, 12, 13; Faderfox, EC4 sysex commands
 */
#ifndef CONTROL_MIDI_DISPLAY_H
#define CONTROL_MIDI_DISPLAY_H

#include "engine/params.h"
#include "engine/surface.h"

/* How many characters a row of one display has for display_short and display_value: the group's columns, but of Mackie's
   seven one fewer, since its last keeps it apart from the next. 0: the control is no display. */
int display_columns(const struct surface_control *c);
/* One row (from 0) of the group's n-th display; 0: it has no such row, or is one of XTOUCH, which display_strip writes.
   bytes: SURFACE_BYTES. Digits: three bytes each, the rightmost first, so that each can have a cell of its own; a dot
   lights up in the digit before it and takes no column. EC4 with more than 4 columns: its total display, which then is
   seen. */
int display_row(const struct surface_control *c, int n, int row, const char *text, uint8_t *bytes);
/* All rows of it at once (c->rows of them, NULL: empty), and where the message has it the colour, 0xRRGGBB. */
int display_strip(const struct surface_control *c, int n, const char *const *rows, uint32_t rgb,
                  uint8_t *bytes);
/* A message of more than a strip: the whole LCD's row, seven columns a strip (Mackie's alone; others: 0). */
int display_line(const struct surface_control *c, int row, const char *text, uint8_t *bytes);
/* All strips' colours, 0xRRGGBB each, `count` of them; strips beyond are white. */
int display_colours(const struct surface_control *c, const uint32_t *rgb, int count, uint8_t *bytes);
/* "1.23.456", "1.02.03.456": milliseconds, seconds, minutes, hours from the right, padded from the left to `columns`
   digits (dots take none); fewer than 8 columns: tenths or none. Cut, not rounded, as clocks are; dashes where there is
   no room or no number. Returns its length. */
int display_time(double seconds, int columns, char *text, size_t size);

/* A label in at most `columns` characters that people still know: words have short forms, vowels go before consonants,
   those of the longest word first; a number at its end stays ("Threshold 2", 7: "Thrsh 2"). */
void display_short(const char *label, int columns, char *text, size_t size);
/* A value with its unit in at most `columns`: "1.25k", "-3.5dB", "+0.5", "on", "LoShlf". As many decimals as matter, of
   these as many as fit; then the sign of a row with both; then the unit. What can't be told in so few is dashes; a trigger
   or a text has no value: "". */
void display_value(const struct param *p, double value, int columns, char *text, size_t size);

#endif
