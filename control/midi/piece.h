/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * piece: what PortMidi reads, back into the bytes that the device sent.
 *
 * PortMidi gives each short message as one number, and a sysex as numbers of four bytes, the last filled up behind F7.
 * Realtime bytes that came within a sysex are among its four. Where a sysex was broken off, PortMidi leaves its rest in
 * front of the next one.
 *
 * sources  PortMidi 217, pm_common/portmidi.c: pm_read_short, pm_read_bytes
 */
#ifndef CONTROL_MIDI_PIECE_H
#define CONTROL_MIDI_PIECE_H

#include "dsp/dsp.h"

enum { PIECE_SIZE = 4 };

struct piece { /* all zero: at a beginning */
    bool sysex;
};

/* How many bytes, at most PIECE_SIZE; 0: nothing that can be used. */
int piece_read(struct piece *p, uint32_t number, uint8_t *bytes);

#endif
