/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * midimap: which rows JACK's midi_in moves at the frame of the message, in the process thread.
 *
 * The hands make a map (control/midi/surfaces.c) of those controls of the surface on midi_in that now stand for one row
 * of the chain or the monitor each; all else about MIDI is theirs. A message that moves a row here is told to
 * them as moved, so that they don't move it again.
 *
 * rows       of the chain and the monitor, that are numbers and may move at a frame; not below /compare, where more than
 *            the sound hangs on a row: midimap_index leaves out what is none, and its messages come as not moved
 * values     absolute: the way's 0..1 between low and high; a row of whole numbers gets the nearest. Relative: ticks
 *            times step from the value in force, to the ends of the way; of a row of whole numbers a tick is one of them,
 *            and parts of a tick add up
 * 14 bits    a half waits for the other one, or for its own like: see codec.h, which is the same rule
 * takeover   a control without a motor moves its row only from where the row stands: PICKUP once it has come past it,
 *            SCALE at once, by the share of the way that is left to it. The row has been taken over while its value is
 *            the one that this control gave it last.
 */
#ifndef ENGINE_MIDIMAP_H
#define ENGINE_MIDIMAP_H

#include "engine/params.h"
#include "engine/stages.h"
#include "engine/surface.h"
#include "engine/takeover.h"

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

/* --- for the process thread --- */

/* What a message is known by: a status with its channel, and a number where it has one. */
enum { MIDIMAP_KEYS = 3 * 16 * 128 + 2 * 16 };

/* A map that is ready to be read. */
struct midimap_table {
    struct midimap map;
    uint32_t hand;             /* whose moves they are */
    uint16_t at[MIDIMAP_KEYS]; /* entry + 1; 0: none. Of two for one message the first */
};

/* Where an entry's control is, and how it stands to its row. */
struct midimap_place {
    struct takeover takeover;
    enum surface_message message;
    int min, max, param;
    int high, low; /* halves; high -1: not known */
    bool waiting;  /* for the other half */
    double rest;   /* parts of a tick */
};

struct midimap_state { /* all zero: no map */
    const struct midimap_table *table;
    uint16_t at[MIDIMAP_KEYS]; /* the table's, for the one that comes after it */
    struct midimap_place place[2][MIDIMAP_MAX];
    int now; /* which of the two */
};

enum midimap_did {
    MIDIMAP_NONE, /* no row's */
    MIDIMAP_HELD, /* a row's, which stays where it is: half a value, not taken over, or the value that it has */
    MIDIMAP_MOVES
};

struct midimap_move {
    int param;
    double value;
};

/* By control. map NULL: none. */
void midimap_index(struct midimap_table *t, const struct midimap *map, uint32_t hand);

/* t holds until the next call. What is known of controls that stay in the map stays known, and a row that stays theirs,
   too, stays taken over. */
RT void midimap_change(struct midimap_state *s, const struct midimap_table *t);
/* Of a message that a map can have; others: 3. */
RT size_t midimap_size(uint8_t status);
RT bool midimap_has(const struct midimap_state *s, const uint8_t *bytes, size_t size);
/* One message; settings: as in force. */
RT enum midimap_did midimap_take(struct midimap_state *s, const uint8_t *bytes, size_t size,
                                 const struct settings *settings, struct midimap_move *m);

#endif
