/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * devices: the MIDI ports that ALSA's sequencer has, and who is behind them. Read from /proc and /sys, so that looking
 * disturbs nobody; no MIDI library.
 */
#ifndef CONTROL_MIDI_DEVICES_H
#define CONTROL_MIDI_DEVICES_H

#include "engine/err.h"
#include "dsp/dsp.h"

enum { DEVICES_MAX = 64 };

struct midi_device {
    char client[64], port[64]; /* "X-TOUCH MINI", "X-TOUCH MINI MIDI 1" */
    int client_number, port_number;
    bool in, out;   /* it sends; it takes */
    int card;       /* -1: a program's */
    char usb[16];   /* "1397:00b3"; "" */
    char place[64]; /* where it is plugged, "1-2.3": the same after it comes back; "" */
    int plugged;    /* another number each time that it is plugged in; 0: it is no USB device */
    int nth;        /* of the ports of this client, from 0 */
};

struct midi_devices { /* all zero: nothing known yet */
    int count;
    struct midi_device device[DEVICES_MAX];
    uint64_t seen; /* of what was read */
    bool asked;    /* the sequencer to be there */
};

/* root: "" for the machine's own /proc and /sys. True: what is there differs from before. No sequencer: none are there.
   Drivers come before programs, and what is past DEVICES_MAX is left out. */
bool devices_look(struct midi_devices *d, const char *root);

#endif
