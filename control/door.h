/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * door: who may look and move. Bookkeeping alone: no socket, no clock (but for the date in the file); one small file.
 *
 * here     this machine's loopback is in; everybody else is a stranger until paired, or listed beforehand
 * stranger can pair and nothing else; is sent nothing that is larger than what it sent
 * pairing  is open for DOOR_OPEN_S after the desk has opened it: it shows a code, which works once, for one host.
 *          DOOR_TRIES wrong ones close it; tries of all together are looked at DOOR_TRIES_HZ a second at most
 * paired   a host, under a name: its UDP and TCP packets are taken from then on. What speaks HTTP has, besides, a token
 *          (128 random bits, kept as SHA-256), good from that host alone. Both are remembered, and revoked together
 * spoofed  UDP lets anyone on the network write another host's address on a packet: who is in is known by that alone.
 *          It gets nobody an answer that was not there before, but a move in a paired host's name can be made so
 * file     a line a host: name, address, date, tokens' SHA-256, with tabs between. Read again before it is changed and
 *          when pairing is opened; what can't be read is never overwritten
 * web      a request must name us as its Host (no DNS rebinding), and an Origin, if it names one, must be ours
 * rates    a host has a bucket of packets, each begun DOOR_CHUNK bytes counting as one: a stranger DOOR_STRANGER_HZ,
 *          all strangers together DOOR_STRANGERS_HZ, one that is in DOOR_HOST_HZ; loopback has no limit. What is beyond
 *          is dropped unread. Buckets hold two seconds; a stranger's more, a page being many requests
 * counted  whatever is turned away, by why
 */
#ifndef CONTROL_DOOR_H
#define CONTROL_DOOR_H

#include "control/carrier.h"
#include "engine/err.h"

enum {
    DOOR_CODE_SIZE = 16,  /* a code as text, with its end */
    DOOR_TOKEN_SIZE = 40, /* 32 hexadecimal digits, with their end */
    DOOR_NAME_SIZE = 48,
    DOOR_OPEN_S = 120,
    DOOR_TRIES = 5,
    DOOR_TRIES_HZ = 2,

    DOOR_HOSTS = 32,  /* paired ones */
    DOOR_TOKENS = 4,  /* a host's; one more takes the oldest one's place */
    DOOR_LISTED = 32, /* hosts listed beforehand */

    DOOR_CHUNK = 4096,
    DOOR_HOST_HZ = 10000,
    DOOR_STRANGER_HZ = 5,
    DOOR_STRANGER_BURST = 20,
    DOOR_STRANGERS_HZ = 100
};

struct door_counts {
    uint64_t strangers;                   /* packets and requests from hosts that are not paired */
    uint64_t floods;                      /* dropped unread, beyond a host's rate; tries beyond theirs */
    uint64_t paired, wrong_codes, closed; /* pairings; tries with a wrong code; tries while it was not open */
    uint64_t bad_tokens, bad_origins, bad_hosts;
    uint64_t oversized; /* requests larger than anything that we take */
    uint64_t bad_paths; /* of HTTP: what tries to climb out */
    uint64_t malformed; /* requests and frames of the web that are none, or none that we take */
};

struct door;

/* file: who is paired; NULL: the user's own (folder_of_user); "": nothing is remembered. listed: hosts that are in from
   the start, "192.0.2.7", ends with NULL; may be NULL. A file that can't be read is an error: nobody is let in by
   accident, nobody forgotten. BAD_ARG, IO_ERROR, NO_MEM. */
enum status door_open(struct door **d, const char *file, const char *const *listed, struct err *e);
void door_close(struct door *d);

enum door_verdict { DOOR_IN, DOOR_STRANGER, DOOR_FLOOD };

/* A packet or request of so many bytes has come from there. Counts it if it is turned away. */
enum door_verdict door_knock(struct door *d, const struct address *from, size_t size, int64_t now_ns);
/* Is it in? Counts nothing. */
bool door_knows(const struct door *d, const struct address *from);
/* Under what name: "tablet"; NULL: not paired (loopback and listed hosts have none). Valid until somebody is paired or
   revoked. */
const char *door_name(const struct door *d, const struct address *from);

/* Goes on with what is to be on the disk, which nothing here waits for; about each 10 ms, now_ns never going back. True:
   the desk wants to know, as a line in e: somebody is no longer paired, or could not be written, or read. */
bool door_tick(struct door *d, int64_t now_ns, struct err *e);
/* Nothing is on its way to the disk. */
bool door_is_idle(const struct door *d);

/* Opens it for DOOR_OPEN_S with a new code, or closes it. UNAVAILABLE: no random numbers. It closes again when the file
   can't be read (any more), so that nobody could be added to it: door_tick tells. */
enum status door_let(struct door *d, bool open, int64_t now_ns, struct err *e);
/* "" while it is closed. "4711-0815", digits in groups. */
const char *door_code(const struct door *d, int64_t now_ns);
/* Seconds until it closes by itself; 0: it is closed. */
double door_left_s(const struct door *d, int64_t now_ns);

/* With the code as shown, with or without what is between its digits. name: what is not a printable ASCII letter, and
   '#', ',' and ':', become '_'; NULL or "": the host's address; one that another host has, or that is another host's
   address, gets a number behind it. token NULL: none is asked for. A host that is paired keeps what it has, and gets
   another token. Loopback is in as it is: true, no token, and the code is not used up. It is in from here on, and out
   again, as door_tick tells, if that can't be written. */
bool door_pair(struct door *d, const struct address *from, const char *name, const char *code,
               char token[DOOR_TOKEN_SIZE], int64_t now_ns, struct err *e);
/* By name or host; "*": all. Out at once; door_tick tells when it is off the disk, or that there was none. What can't be
   written is tried again. NOT_FOUND; UNAVAILABLE: out, but not on the disk. */
enum status door_revoke(struct door *d, const char *who, struct err *e);
/* "tablet 192.0.2.7, phone 192.0.2.8": those that will be remembered. */
void door_list(const struct door *d, char *out, size_t size);

/* --- the web's part --- */

/* Is the token one that was given to that host? Loopback needs none. Counts a refusal. */
bool door_token(struct door *d, const struct address *from, const char *token);
/* May a request with this Host (as sent: "192.0.2.1:9001") and Origin (NULL: none) be answered? own: names and addresses
   that we answer to beside localhost, ends with NULL; the port must be ours too. Counts a refusal. */
bool door_site(struct door *d, const char *host, const char *origin, const char *const *own, int port);

struct door_counts *door_counts(struct door *d);

#endif
