/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * delivery: how streaming services will play the file, and whether it is what the chosen target asks for.
 *
 * It measures nothing: it reads what the inspectors before it wrote. What they did not measure is not judged.
 */
#ifndef ENGINE_CHECK_DELIVERY_H
#define ENGINE_CHECK_DELIVERY_H

#include "engine/check/inspect.h"

extern const struct inspector delivery_inspector;

#endif
