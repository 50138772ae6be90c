/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream: packets in a byte stream, as OSC goes over one TCP connection. No socket, no clock, no memory but its own.
 *
 * length   OSC 1.0: an int32 with the packet's size, big-endian, before each
 * SLIP     OSC 1.1: END before and after each packet, RFC 1055's escapes within. END after it alone is taken too.
 * which    the first byte tells: 0 begins a size (of less than 16 MiB), END a SLIP packet, and '/' or '#' a packet
 *          with END after it alone. Anything else is no OSC.
 * bad      a size that is negative or over PACKET_SIZE, a SLIP packet that grows beyond it: the stream is over.
 *          An escape that SLIP does not have spoils its packet alone.
 * sources  OSC 1.0 (github.com/CNMAT/OpenSoundControl.org, spec-1_0.md); RFC 1055;
 *          Freed and Schmeder, Features and Future of Open Sound Control version 1.1, NIME 2009
 */
#ifndef CONTROL_STREAM_H
#define CONTROL_STREAM_H

#include "control/packet.h"

enum stream_framing { STREAM_UNKNOWN, STREAM_LENGTH, STREAM_SLIP };

enum stream_event {
    STREAM_MORE,    /* all bytes are taken */
    STREAM_PACKET,  /* packet and size hold one, until the next call */
    STREAM_SPOILED, /* one was dropped */
    STREAM_BAD      /* from now on nothing is taken */
};

struct stream { /* all zero: nothing has come yet. Fields but these are stream.c's business */
    _Alignas(8) unsigned char packet[PACKET_SIZE];
    size_t size;                 /* bytes */
    enum stream_framing framing; /* the peer's */

    bool done;             /* the packet has been handed out */
    bool bad;              /* for good */
    bool escaped, spoiled; /* SLIP: within an escape; to the next END */
    int nhead;             /* bytes of the size word that have come */
    uint32_t want;         /* what it says */
};

/* Forgets the peer. */
void stream_reset(struct stream *s);
/* Takes bytes up to the first event, *used of them; call again with the others. */
enum stream_event stream_take(struct stream *s, const void *data, size_t size, size_t *used);

/* The most that a packet of size bytes can come to when it is framed. */
size_t stream_framed_most(size_t size);
/* Writes the packet as the framing has it, at most stream_framed_most() bytes; how many. Unknown counts as length. */
size_t stream_frame(enum stream_framing framing, const void *data, size_t size, void *out);

#endif
