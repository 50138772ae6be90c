/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * terminal: a picture on the terminal, and its keys.
 *
 * Raw keys, hidden cursor, alternate screen; all given back by terminal_close, at exit and on a fatal signal.
 * Nothing here waits: what a slow terminal doesn't take is sent with the next picture, and pictures are left out
 * until then. What is shown goes out as it is: keep what could steer the terminal out of it.
 */
#ifndef CONTROL_CLI_TERMINAL_H
#define CONTROL_CLI_TERMINAL_H

#include "dsp/dsp.h"

enum { TERMINAL_PICTURE = 32768 };

/* Beside the bytes of the keyboard. */
enum terminal_key { TERMINAL_NONE, TERMINAL_UP = 256, TERMINAL_DOWN, TERMINAL_RIGHT, TERMINAL_LEFT };

struct terminal {            /* zero: not open */
    bool utf8, colour, keys; /* what it can do */

    bool open;         /* from here on terminal.c's business */
    int fd;            /* non-blocking, ours alone */
    int columns, rows; /* at the last picture */
    bool fresh;        /* the next picture begins on a clean screen */
    char picture[TERMINAL_PICTURE];
    size_t sent, size; /* bytes of picture */
    char typed[32];
    int ntyped;
};

/* UNAVAILABLE when standard output is no terminal that can do it (TERM unset or "dumb", in the background): the
   caller writes log lines then. Sets LC_CTYPE from the environment. One at a time. */
enum status terminal_open(struct terminal *t);
/* True: the last picture is all out, and one of at most this size can be shown. Else sends on what is left of it. */
bool terminal_wants(struct terminal *t, int *columns, int *rows);
/* After terminal_wants. Lines are separated by '\n'. */
void terminal_show(struct terminal *t, const char *lines);
/* The next key pressed, a byte or an arrow; other keys are passed over. Never waits. */
int terminal_key(struct terminal *t);
void terminal_close(struct terminal *t); /* twice is harmless */

#endif
