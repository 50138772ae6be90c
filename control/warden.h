/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * warden: the rows under /control: does what the hands set there, and tells what the door and OSC count.
 *
 * counters are told once a second, so that to tell them, which counts too, makes no more than that
 */
#ifndef CONTROL_WARDEN_H
#define CONTROL_WARDEN_H

#include "control/door.h"
#include "control/osc.h"
#include "engine/engine.h"

struct warden { /* by value in its owner; fields are warden.c's business */
    struct engine *engine;
    struct door *door;
    const struct osc *osc;
    int id_open, id_paired, id_revoke;
    bool open; /* as told last */
    int64_t counted_ns;
};

void warden_begin(struct warden *w, struct engine *engine, struct door *door, const struct osc *osc);
/* Before osc_tick. True: something failed or was done that the desk wants to know, as a line in `news`. */
bool warden_tick(struct warden *w, int64_t now_ns, char *news, size_t size);

#endif
