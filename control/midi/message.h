/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * message: bytes of a MIDI stream, cut into whole messages.
 *
 * running status is followed; realtime bytes (F8..FF) may stand anywhere, also within a sysex, and come out at once; a
 * sysex ends with F7, or, unfinished, with any other status byte, and is then dropped and counted; so is one that is
 * longer than MESSAGE_MAX, and data bytes without a status.
 */
#ifndef CONTROL_MIDI_MESSAGE_H
#define CONTROL_MIDI_MESSAGE_H

#include "dsp/dsp.h"

enum { MESSAGE_MAX = 1024 };

struct midi_parser { /* all zero: at a beginning */
    uint8_t status;  /* running; 0: none */
    uint8_t bytes[MESSAGE_MAX];
    size_t size;
    bool sysex, too_long;
    uint64_t dropped;
};

typedef void midi_each(void *context, const uint8_t *bytes, size_t size);

void midi_parse(struct midi_parser *p, const uint8_t *bytes, size_t size, midi_each *each, void *context);
/* How many bytes a message with this status has; 0: a sysex, or no status. */
size_t midi_size(uint8_t status);
/* One whole message: a status, and as many data bytes below 128 as it asks for, or F0 .. F7. */
bool midi_whole(const uint8_t *bytes, size_t size);

#endif
