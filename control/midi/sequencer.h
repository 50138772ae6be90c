/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sequencer: what ALSA's sequencer says of itself in /proc/asound: its ports, who is joined to whom, and how much
 * waits for a device. Reading changes nothing, and nobody notices.
 *
 * root     "" for the machine's own /proc, else a test's copy
 * order    of client numbers, and of port numbers within a client
 * sources  Linux 6.1, sound/core/seq: seq_clientmgr.c and seq_ports.c print the list; seq_midi.c has one client a card,
 *          number 16 + 4 * card, and port 32 * device + subdevice
 */
#ifndef CONTROL_MIDI_SEQUENCER_H
#define CONTROL_MIDI_SEQUENCER_H

#include "dsp/dsp.h"

enum { SEQUENCER_NAME = 64 }; /* the kernel's own limit, with its end */

struct sequencer_port {
    int client, port;
    bool kernel; /* a driver's; else a program's */
    char client_name[SEQUENCER_NAME], name[SEQUENCER_NAME];
    bool sends, takes; /* others may listen to it; may send to it */
};

typedef void sequencer_each(void *context, const struct sequencer_port *p);

/* Each port, also those that are nobody else's business. False: there is no sequencer. */
bool sequencer_ports(const char *root, sequencer_each *each, void *context);
/* Whether our client hears that port, and whether it is heard by it. */
void sequencer_joined(const char *root, int ours, int client, int port, bool *hears, bool *heard);

/* The card that a driver's client belongs to; -1: it does not say. */
int sequencer_card(const struct sequencer_port *p);
/* Bytes that the driver has been given and has not passed on yet; -1: it keeps no buffer, or nobody is joined to it. */
long sequencer_waiting(const char *root, int client, int port);

#endif
