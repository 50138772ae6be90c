/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surfaceway: the template of a sysex, as surface.h's ways write it, cut into its bytes.
 */
#ifndef ENGINE_SURFACEWAY_H
#define ENGINE_SURFACEWAY_H

#include "engine/surface.h"

/* A token below 256 is that byte; others stand for one. */
enum {
    SURFACEWAY_NUMBER = 256, /* nn */
    SURFACEWAY_VALUE,        /* vv */
    SURFACEWAY_HIGH,         /* mm */
    SURFACEWAY_LOW,          /* ll */
    SURFACEWAY_INDEX         /* ii */
};

/* How many tokens; -1: it is no sysex (F0, bytes below 80 or placeholders, F7), or is longer than size. */
int surfaceway_template(const char *text, int *token, int size);

#endif
