/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * port: the way out to a box, by whichever transport.
 */
#ifndef CONTROL_MIDI_PORT_H
#define CONTROL_MIDI_PORT_H

#include "dsp/dsp.h"

struct midi_port {
    /* One whole message; never waits. False: there is no room at the moment. */
    bool (*send)(void *context, const uint8_t *bytes, size_t size);
    void *context;
};

#endif
