/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oscquery: the parameter table as OSCQuery's JSON. No socket, no clock.
 *
 * tree     a container for each step of a path, a method for each row. Commands (/subscribe ...) are none of it, nor
 *          are the 0..1 twins: PATH/norm is answered if asked for, and can be listened to
 * TYPE     what wire.h sends, which it takes as well: f; i for whole numbers and switches (0, 1); is for a choice, of
 *          which the index counts; s; I for a trigger; a series as its numbers, fff...
 * VALUE    as it would be sent now: no NaN, no infinity
 * RANGE    MIN and MAX; VALS for switches and choices, of a choice for index and word. One for all numbers of a series,
 *          and likewise UNIT. What is outside is refused, not clipped, so there is no CLIPMODE
 * ACCESS   1 readings, 2 triggers, 3 all else, 0 containers
 *
 * sources  github.com/Vidvox/OSCQueryProposal, README.md, units.md
 */
#ifndef CONTROL_OSCQUERY_H
#define CONTROL_OSCQUERY_H

#include "engine/engine.h"

#define OSCQUERY_ORDER "/chain/order"

struct oscquery_host { /* for HOST_INFO */
    const char *name;
    int osc_port, ws_port;
};

struct oscquery;

/* NO_MEM. engine and host's name must outlive it. */
enum status oscquery_open(struct oscquery **q, const struct engine *engine, const struct oscquery_host *host);
void oscquery_close(struct oscquery *q);

/* An HTTP status: 200 with a body, to be freed; 204, 400, 404 and 500 (no memory) without (NULL). path: decoded, without
   a slash at its end but for "/"; attribute: "" for all there is. */
int oscquery_answer(struct oscquery *q, const char *path, const char *attribute, char **body, size_t *size);

/* Has the order of the stages changed since this was last asked? */
bool oscquery_rearranged(struct oscquery *q);

#endif
