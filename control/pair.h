/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pair: the door (door.h) as OSC speaks of it. Bookkeeping alone.
 *
 *   /pair [s NAME] s CODE   a stranger's one word. /paired s NAME, or /refused s "wrong" | "closed"; without the text
 *                           where the answer would be larger than what was sent, and none where it still were.
 *                           Who is in is answered at once; the code is not used up.
 *   /unpair                 of a paired host: ends its own pairing. /unpaired
 *   /pair/open              on this machine alone: opens pairing unless it is open; /pair/code s CODE. The code is no
 *                           row of the table: whoever is in from elsewhere can't read it
 *
 * Of a stranger nothing is decoded but a packet of at most PAIR_MOST bytes that begins with "/pair"; a stream that
 * brings a larger one, or more than its host may, ends.
 */
#ifndef CONTROL_PAIR_H
#define CONTROL_PAIR_H

#include "control/door.h"
#include "control/packet.h"

enum { PAIR_MOST = 256 };

enum pair_verdict {
    PAIR_IN,     /* take the packet */
    PAIR_OUT,    /* don't */
    PAIR_ANSWER, /* don't, but answer */
    PAIR_END     /* don't, and end the connection, if it is one */
};

/* Whoever sent it, may it be looked at? d NULL: loopback alone is in. */
enum pair_verdict pair_take(struct door *d, const struct address *from, const void *data, size_t size,
                            int64_t now_ns, struct packet_writer *answer);
/* Is it in? Counts nothing. */
bool pair_knows(const struct door *d, const struct address *from);
/* A message of who was in when its packet came. True: it was one of ours, or behind an /unpair, and answer, unless its
   count is 0, is to be sent. */
bool pair_message(struct door *d, const struct address *from, const struct packet_message *m, int64_t now_ns,
                  struct packet_writer *answer);

#endif
