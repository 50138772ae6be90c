/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * midimap: which rows JACK's midi_in moves at the frame of the message, in the process thread.
 *
 * The hands make a map (control/midi/surfaces.c) of those controls of the surface on midi_in that now stand for one row
 * of the chain or the monitor each; all else about MIDI is theirs. A message that moves a row here is told to
 * them as moved, so that they don't move it again.
 *
 * takeover   a control without a motor moves its row only from where the row stands: PICKUP once it has come past it,
 *            SCALE at once, by the share of the way that is left to it. The row has been taken over while its value is
 *            the one that this control gave it last.
 */
#ifndef ENGINE_MIDIMAP_H
#define ENGINE_MIDIMAP_H

#include "engine/params.h"
#include "engine/surface.h"

enum { MIDIMAP_MAX = 256 };

struct midimap_entry {
    uint8_t status; /* with its channel; number is meaningless to pitch bend and channel pressure */
    uint8_t number;
    enum surface_message message; /* CC, CC14, NOTE, PITCH_BEND, CHANNEL_PRESSURE, POLY_PRESSURE */
    enum surface_coding coding;
    int min, max, centre, detent; /* raw */
    bool low_first;
    double acceleration;
    enum surface_takeover takeover; /* of what has no motor; motors and relative codings: JUMP */
    int param;
    double low, high; /* 0..1 on the row's scale: the ends of the way; high may be the lower one */
    double step;      /* of a tick, on the same scale; of an enum or an int one of its values */
};

struct midimap {
    int count;
    struct midimap_entry entry[MIDIMAP_MAX];
};

#endif
