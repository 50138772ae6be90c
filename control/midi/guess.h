/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guess: what kind of control sends these messages, from a few movements: a knob once up and down, a button pressed twice.
 *
 * message   the halves of a 14-bit value (CC n and n + 32 in turn), NRPN and RPN (99 98 6 38), pitch bend, note, pressures
 * relative  the values stay in a coding's narrow places (surfaces.md 0.1) and come again and again; the first movement is up.
 *           Of two's complement and sign-magnitude, which both say 1 for up, the way down tells: 127 or 65
 * absolute  the values are neighbours of each other
 * button    both ends alone: momentary when two presses are four messages, toggle when they are two that differ, press_only
 *           when they are two alike
 */
#ifndef CONTROL_MIDI_GUESS_H
#define CONTROL_MIDI_GUESS_H

#include "engine/surface.h"

enum { GUESS_HEARD = 512 };

struct guess_heard {
    enum surface_message message;
    int channel, number, value; /* value raw */
    bool off;                   /* a note's end */
    int64_t at_ns;
};

struct guess { /* all zero: nothing heard */
    struct guess_heard heard[GUESS_HEARD];
    int count;
    int select[16][2]; /* (N)RPN selected by CC 99/98, 101/100, by channel: MSB, LSB, + 1; 0: none */
    bool registered[16];
    int high[16]; /* (N)RPN data's MSB, + 1 */
};

struct guess_what {
    enum surface_kind kind; /* FADER for pitch bend, POT for another absolute one, ENCODER, BUTTON */
    struct surface_way in;  /* message, channel 1..16, number; nothing that is to be freed */
    enum surface_coding coding;
    enum surface_press press;
    int threshold;
    int min, max; /* of a button: its values */
    bool low_first;
    const char *sure; /* NULL: it is; else what would make it so: "turn it back, too" */
};

/* One whole message. A program change and a sysex are no control's. */
void guess_hear(struct guess *g, const uint8_t *bytes, size_t size, int64_t now_ns);
/* The control that was heard most. False: none yet. */
bool guess_what(const struct guess *g, struct guess_what *w);

#endif
