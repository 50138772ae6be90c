/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * told: a row of a running engine as it is told to hands: over OSC, by OSCQuery.
 */
#ifndef CONTROL_TOLD_H
#define CONTROL_TOLD_H

#include "control/wire.h"
#include "engine/engine.h"

/* As it is now, or its place between 0 and 1. How many. */
int told_arguments(const struct engine *engine, int id, bool norm, struct packet_arg arg[PACKET_ARGS]);
/* 64 bits that differ when they do. */
uint64_t told_mark(const struct engine *engine, int id, bool norm);

#endif
