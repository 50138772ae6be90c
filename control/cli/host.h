/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host: the running program: the engine, the hands that move it, a session that it may be part of, and the terminal
 * that shows it.
 */
#ifndef CONTROL_CLI_HOST_H
#define CONTROL_CLI_HOST_H

#include "control/midi/surfaces.h"
#include "control/network.h"

struct host_choices {
    struct engine_config engine;
    struct network_choices network;
    struct surfaces_choices surfaces;
    bool headless; /* lines, even on a terminal */
};

/* Until it is asked to end, or has nothing more to do; set: "PATH=VALUE" words. Returns the exit status. */
int host_run(const struct host_choices *c, const char *const *set, int nset);

#endif
