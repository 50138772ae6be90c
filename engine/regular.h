/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * regular: files opened for reading by name, if they are files: no pipe keeps anybody waiting.
 */
#ifndef ENGINE_REGULAR_H
#define ENGINE_REGULAR_H

#include "dsp/dsp.h"
#include "engine/err.h"

/* A regular file with something in it. NOT_FOUND, IO_ERROR; one line in e with the path and the mend. */
enum status regular_open(const char *path, int *fd, struct err *e);

#endif
