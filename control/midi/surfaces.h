/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surfaces: all MIDI surfaces: those of ALSA's devices for which there is a profile, as they come and go, and the one on
 * JACK's midi_in and midi_out; and the rows below /surface.
 *
 *   devices -> seat (bridge -> surface) -> engine          /surface/learn -> learn -> a profile of the user's own
 *
 * asked    "NAME" this profile for what it fits; "NAME=WORDS" for the device with these words in its name; "NAME=jack" on
 *          midi_in (else jack-midi is); "none": no others than those that are asked for
 * looking  each LOOK_NS what there is, without a MIDI library; a device that is gone and comes back (the same socket, else the
 *          same name) opens on the page that it showed
 */
#ifndef CONTROL_MIDI_SURFACES_H
#define CONTROL_MIDI_SURFACES_H

#include "control/loop.h"
#include "engine/engine.h"

enum { SURFACES_ASKED = 16, SURFACES_NEWS_SIZE = 512 };

struct surfaces_choices {
    const char *asked[SURFACES_ASKED];
    int nasked;
    const char *profile_dir; /* hw-profiles; NULL: found */
    const char *program;     /* bridge.h; NULL: this one */
    const char *root;        /* devices.h; NULL: "" */
};

struct surfaces;

/* BAD_ARG: what was asked for is unknown, e says what; NO_MEM. Profiles that can't be read are news. */
enum status surfaces_open(struct surfaces **s, const struct surfaces_choices *c, struct engine *engine,
                          struct loop *loop, int64_t now_ns, struct err *e);
void surfaces_close(struct surfaces *s); /* NULL is harmless */
/* After engine_tick, about each 10 ms, now_ns never going back. */
void surfaces_tick(struct surfaces *s, int64_t now_ns);
/* When a box may be sent more than it could be with the last tick; INT64_MAX: none waits. */
int64_t surfaces_next_ns(const struct surfaces *s);
/* The next line, oldest first; NULL: none. Valid until the next call of anything here. */
const char *surfaces_news(struct surfaces *s);

#endif
