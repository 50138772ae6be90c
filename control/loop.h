/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loop: waits for whichever descriptor has something, for the control thread.
 */
#ifndef CONTROL_LOOP_H
#define CONTROL_LOOP_H

#include "dsp/dsp.h"

enum { LOOP_WATCHES = 256 };

typedef void loop_hand(void *context, int fd);

struct loop;

enum status loop_open(struct loop **l); /* UNAVAILABLE, NO_MEM */
void loop_close(struct loop *l);

/* hand is called from loop_wait while fd is readable (or, if asked for, writable). Again for the same fd: changes it.
   False: no room, or fd can't be watched. */
bool loop_watch(struct loop *l, int fd, bool writable, loop_hand *hand, void *context);
/* Before fd is closed. A fd that is not watched is no error. */
void loop_forget(struct loop *l, int fd);

/* At most so long; each descriptor that is ready is handed on once. A hand may watch and forget. */
void loop_wait(struct loop *l, int timeout_ms);

#endif
