/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * picture: what the view draws of a running engine, and the same as one line for a log.
 */
#ifndef CONTROL_CLI_PICTURE_H
#define CONTROL_CLI_PICTURE_H

#include "control/cli/view.h"
#include "engine/engine.h"

/* Its strings are the engine's, valid until the next tick. Addresses, news and pairing are left as they are. */
void picture_fill(struct view_state *s, const struct engine *engine);
void picture_line(char *out, size_t size, const struct engine *engine);

#endif
