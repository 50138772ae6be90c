/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * packet: OSC packets as bytes (the only liblo, used as a codec).
 *
 * A packet is checked to its last byte before the first message is handed on,
 * so that a bad one changes nothing.
 *
 * sources  OSC 1.0 (github.com/CNMAT/OpenSoundControl.org, spec-1_0.md)
 */
#ifndef CONTROL_PACKET_H
#define CONTROL_PACKET_H

#include "dsp/dsp.h"

enum {
    PACKET_SIZE = 65536,  /* bytes; more than UDP can carry */
    PACKET_BUNDLE = 1400, /* bytes; what we send fits a Wi-Fi frame */
    PACKET_DEPTH = 8,     /* bundles within bundles */
    PACKET_ARGS = 256     /* arguments looked at */
};

#define PACKET_NOW 1 /* the time tag that means at once */

struct packet_arg {
    char type;     /* i h f d: number. T F I N: none. s S: text. Others (b t c r m): only the type */
    double number; /* T is 1, F is 0 */
    const char *text;
};

struct packet_message {
    const char *path; /* printable ASCII, begins with '/' */
    int nargs;        /* may be more than PACKET_ARGS; -1: has a type that nobody knows */
    struct packet_arg arg[PACKET_ARGS];
    bool bundled;
    uint64_t tag; /* of its bundle, never before that of the bundle around it */
    void *decoded;
};

/* The i-th argument's data if it is a blob; else NULL. */
const void *packet_blob(const struct packet_message *m, int i, size_t *size);

typedef void packet_each(void *context, const struct packet_message *m);

/* Hands on each message in order; what m points to is valid during the call. False: malformed, none was handed on. */
bool packet_read(const void *data, size_t size, packet_each *each, void *context);

/* NTP time tag to CLOCK_REALTIME in ns, to the nearest; 1968 to 2104. And back. */
int64_t packet_tag_ns(uint64_t tag);
uint64_t packet_tag(int64_t realtime_ns);

/* A bundle (or one message) in the making. */
struct packet_writer {
    unsigned char data[PACKET_BUNDLE];
    size_t size; /* bytes so far */
    int count;   /* messages */
    bool bundle;
};

void packet_message(struct packet_writer *w); /* one plain message */
void packet_bundle(struct packet_writer *w, uint64_t tag);
/* Types i h f d T F I N s. False when it does not fit (or there is no memory): nothing was added. */
bool packet_add(struct packet_writer *w, const char *path, const struct packet_arg *arg, int nargs);
/* One blob, of at least a byte. */
bool packet_add_blob(struct packet_writer *w, const char *path, const void *data, size_t size);
/* m's own arguments under another path, then texts. */
bool packet_add_echo(struct packet_writer *w, const char *path, const struct packet_message *m,
                     const char *const *text, int ntext);

#endif
