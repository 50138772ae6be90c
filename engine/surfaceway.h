/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surfaceway: what else there is to a way of surface.h: its sysex template, cut into bytes; which messages there are.
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

/* Has MIDI such a message for the n-th (from 0)? Channels are 1 to 16, numbers as high as the message goes, where it has
   one. */
bool surfaceway_exists(const struct surface_way *w, int n);

#endif
