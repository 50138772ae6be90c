/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * displayinside: what display's files share.
 */
#ifndef CONTROL_MIDI_DISPLAYINSIDE_H
#define CONTROL_MIDI_DISPLAYINSIDE_H

#include <stddef.h>

enum { DISPLAY_TEXT = 256 }; /* longer ones are cut */

/* UTF-8 to 0x20..0x7E; returns how many characters, size - 1 at most. */
int display_ascii(const char *text, char *out, size_t size);

#endif
