/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bridge: one MIDI device, through PortMidi, in a process of its own.
 *
 * Why a process: PortMidi finds devices once, when it is initialised, and ending it closes what is open. So each device
 * has its own PortMidi, which comes and goes with it and disturbs no other; nor can a device that does not take what it
 * is sent hold up the control thread, which has a socket to wait for.
 *
 *   deadwax run --(socketpair)-- deadwax midi-bridge (portmidi.c) -- ALSA
 */
#ifndef CONTROL_MIDI_BRIDGE_H
#define CONTROL_MIDI_BRIDGE_H

#include "control/midi/devices.h"
#include "control/midi/port.h"

struct bridge;

/* program NULL: this one (/proc/self/exe). UNAVAILABLE, NO_MEM. Whether the device opens is told later. */
enum status bridge_open(struct bridge **b, const char *program, const struct midi_device *d, struct err *e);
/* Lets what is on its way out leave, a short while; ends the process. */
void bridge_close(struct bridge *b);

int bridge_fd(const struct bridge *b); /* readable: call bridge_receive */
typedef void bridge_each(void *context, const uint8_t *bytes, size_t size);
/* What has come, whole messages each. False: it has ended; bridge_why says why. Never waits. */
bool bridge_receive(struct bridge *b, bridge_each *each, void *context);
const char *bridge_why(const struct bridge *b);
struct midi_port bridge_port(struct bridge *b);

#endif
