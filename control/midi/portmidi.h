/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * portmidi: one device through PortMidi, in a process that is there for nothing else (bridge.h). The only one that
 * includes PortMidi.
 *
 * socket   SOCK_SEQPACKET, a whole message in each packet, both ways. What begins with a byte below 0x80 is no MIDI:
 *          PORTMIDI_NEWS and a sentence; PORTMIDI_END and why it ends.
 * in       active sensing and clock are left out. Where the socket is full, or the kernel's queue runs over, what was lost
 *          is told.
 * out      no more than PORTMIDI_AHEAD bytes wait in the driver, so that a box at the end of a MIDI cable is shown the
 *          newest and not what was so a second ago; nothing is dropped there. Meanwhile what comes in goes on.
 * end      when the other side of the socket is closed, or our parent has died: what is on its way out has
 *          PORTMIDI_LEAVE_MS to leave. When the device is gone, at most PORTMIDI_LOOK_MS later.
 */
#ifndef CONTROL_MIDI_PORTMIDI_H
#define CONTROL_MIDI_PORTMIDI_H

#include "control/midi/devices.h"

enum { PORTMIDI_NEWS = 'N', PORTMIDI_END = 'E' };
enum { PORTMIDI_AHEAD = 1024, PORTMIDI_LEAVE_MS = 200, PORTMIDI_LOOK_MS = 1000 };

/* Of d: the numbers and names of client and port, in, out. Exit status. */
int portmidi_run(int socket, const struct midi_device *d);

#endif
