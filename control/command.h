/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command: what a text frame asks, as OSCQuery has it. Bookkeeping alone.
 *
 *   {"COMMAND": "LISTEN", "DATA": "/eq/1/gain"}      a row of the table, or its 0..1 twin (/norm)
 *   {"COMMAND": "IGNORE", "DATA": "/eq/1/gain"}      no longer
 *
 * sources  github.com/Vidvox/OSCQueryProposal, README.md
 */
#ifndef CONTROL_COMMAND_H
#define CONTROL_COMMAND_H

#include "control/wire.h"
#include "engine/err.h"

enum command_verb {
    COMMAND_LISTEN,
    COMMAND_IGNORE,
    COMMAND_NONE,    /* no such command, or no JSON */
    COMMAND_UNKNOWN, /* no such row */
    COMMAND_MUTE     /* the row has no value to listen to */
};

struct command {
    enum command_verb verb;
    int id; /* -1 for NONE and UNKNOWN */
    bool norm;
    char about[2 * WIRE_PATH_SIZE]; /* the path, or the word that is no command; cut */
};

/* True: LISTEN or IGNORE. */
bool command_read(struct command *c, const void *data, size_t size);
/* Why it can't be followed: dearer than reading it, so ask first whether anybody is to be told. */
void command_complain(const struct command *c, struct err *e);

#endif
