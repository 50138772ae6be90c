/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * osc: the parameter table over OSC, for the control thread. UDP and TCP (sockets.h), IPv4 and IPv6.
 *
 *   PATH value            sets (wire.h: which types); PATH alone asks, the answer goes to the sender
 *   PATH/norm             the same, 0..1
 *   PATH/step n           adds n, not beyond the range; the sender is told what it came to. For buttons and endless
 *                         knobs: nothing that they send can jump. Not by a pattern, nor in a bundle to come.
 *   /eq/?/on              all rows that match; triggers and readings are not set by a pattern
 *   /subscribe [s prefix] [lease_s] [rate_hz] [port]     "/", 10 s, 20 Hz, the sender's port; again to renew.
 *                         All values once, then those that change. "/eq/norm" and "/norm" are the 0..1 twins.
 *                         "/meter/output/blob": all readings inside as one message a period; of a curve its points.
 *   /unsubscribe [s prefix]      all of the sender's, or that one
 *   /dump [s prefix]      all values once
 *   /xremote              as X32 and X Air: all controls (what can be moved) for 10 s, at 60 Hz; again to renew
 *   /refresh              all controls once
 *   PREFIX/blob           asks for that blob: ,b of an int32 count and as many float32, big-endian (blobs.h)
 *   PREFIX/blob/paths     what is in it, in order: ,iss... the first one's place from 0, paths; as many messages as it takes
 *   /ping ...             /pong ... "deadwax" version
 *   /error ,ss PATH TEXT  is what a refused message gets
 *
 * return   renewing tells nothing anew. Who has forgotten what it was told (a program started again on the same port)
 *          sends /unsubscribe first, or /dump, or /refresh. Whose lease is over, whose connection has ended or whose
 *          port was found closed (ICMP) is new, and told all.
 * writers  who only sends values, by UDP, hears of other hands' later moves of the controls, to the port of its last
 *          write: one such place a host, the newest writer's; for an hour after its last word, or until /unsubscribe, or
 *          until its port is found closed. No dump: /refresh is one.
 * loss     what UDP may lose is told again until it can be relied on, then there is silence (clients.h). Who has sent a
 *          value is told what became of it, once it rests.
 * bundles  all sets of a bundle get one frame: the next, or that of the time tag if it is to come.
 *          More than OSC_AHEAD_S ahead is refused. Texts have no frame and are refused in a bundle to come.
 * bad      a malformed packet is dropped whole and counted
 * TCP      what a connection is told comes back over it, framed as its packets are; its end is an /unsubscribe.
 *          The port of a /subscribe means nothing there.
 * strangers are told nothing and move nothing: see pair.h. A host that is revoked loses its subscriptions and
 *          connections with the next tick, which is before it would be told more
 */
#ifndef CONTROL_OSC_H
#define CONTROL_OSC_H

#include "control/carrier.h"
#include "control/door.h"
#include "engine/engine.h"

enum { OSC_PORT = 9000, OSC_AHEAD_S = 60 };

struct osc_counts {
    uint64_t packets, messages, sets, questions; /* come in; sets taken, for each row */
    uint64_t malformed;                          /* packets, and messages with types that nobody knows */
    uint64_t unknown, refused;                   /* paths; values (range, type, read-only) */
    uint64_t late_bundles;                       /* time tag had passed: done at once */
    uint64_t sent;                               /* packets */
    uint64_t dropped; /* packets that the socket refused, errors not told (too many) */
};

struct osc;

/* listen: an address or name to bind; NULL: loopback only, of both families. port 0: any. BAD_ARG, UNAVAILABLE,
   NO_MEM. */
enum status osc_open(struct osc **o, struct engine *engine, const char *listen, int port, struct err *e);
void osc_close(struct osc *o);

int osc_fd(const struct osc *o); /* readable: call osc_receive */
int osc_port(const struct osc *o);
bool osc_tcp(const struct osc *o);         /* is TCP open at that port? */
const char *osc_news(const struct osc *o); /* what could not be opened; "" */
/* Who is in; must outlive o. NULL, and before it is called: this machine's loopback alone. */
void osc_guard(struct osc *o, struct door *door);
/* Takes what has come, a bounded amount a call; never waits. */
void osc_receive(struct osc *o);
/* Feedback and leases; about each 10 ms, now_ns never going back. */
void osc_tick(struct osc *o, int64_t now_ns);

/* --- another carrier than its own sockets --- */

void osc_carry(struct osc *o, int which, const struct carrier *carrier); /* NULL: no longer */
/* A packet has come over it. Returns how much work it was, beyond its bytes, in bytes. */
int64_t osc_take(struct osc *o, const struct address *from, const void *data, size_t size);
/* Who is gone: nothing more is sent there. */
void osc_forget(struct osc *o, const struct address *who);
/* Tells a connection this row's value and then each change, until told off or forgotten: OSCQuery's LISTEN. False: no
   room for one more client. */
bool osc_listen(struct osc *o, const struct address *who, int id, bool norm, bool on);

const struct osc_counts *osc_counts(const struct osc *o);
const struct sockets_counts *osc_tcp_counts(const struct osc *o); /* sockets.h */
int osc_clients(const struct osc *o);
int osc_connections(const struct osc *o);

#endif
