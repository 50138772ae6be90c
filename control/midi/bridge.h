/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bridge: one MIDI device, through PortMidi, in a process of its own.
 *
 * Why a process: PortMidi finds devices once, when it is initialised, and ending it closes what is open. So each device
 * has its own PortMidi, which comes and goes with it and disturbs no other; nor can a device that does not take what it
 * is sent hold up the control thread, which has a socket to wait for.
 *
 *   deadwax run --(socketpair)-- deadwax midi-bridge (portmidi.c) -- ALSA
 *
 * All calls come from one thread, which lives as long as any bridge: a process that it started ends with it.
 */
#ifndef CONTROL_MIDI_BRIDGE_H
#define CONTROL_MIDI_BRIDGE_H

#include "control/midi/devices.h"
#include "control/midi/port.h"

struct bridge;

enum { BRIDGE_LEAVE_MS = 300, BRIDGE_AT_ONCE = 256 };

/* program NULL: this one (/proc/self/exe). UNAVAILABLE, NO_MEM. Whether the device opens is told later. */
enum status bridge_open(struct bridge **b, const char *program, const struct midi_device *d, struct err *e);
/* Does not wait: what is on its way out leaves by itself, in BRIDGE_LEAVE_MS at most, and then the process ends. */
void bridge_close(struct bridge *b);
/* Takes leave of the processes of those that were closed; ends what is over its time. Returns how many are not gone yet.
   Waits for them so long at most: 0 now and then, BRIDGE_LEAVE_MS before the program ends. */
int bridge_reap(int wait_ms);

int bridge_fd(const struct bridge *b); /* readable: call bridge_receive */
typedef void bridge_each(void *context, const uint8_t *bytes, size_t size);
/* What has come, whole messages each; BRIDGE_AT_ONCE at most, then bridge_fd is readable still. False: it has ended, and
   bridge_why says why. Never waits. */
bool bridge_receive(struct bridge *b, bridge_each *each, void *context);
const char *bridge_why(const struct bridge *b); /* a sentence without the device's name */
const char *bridge_news(struct bridge *b);      /* one that has come since ("... is lost"); NULL: none */
struct midi_port bridge_port(struct bridge *b);

#endif
