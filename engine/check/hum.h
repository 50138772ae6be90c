/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hum: the mains in the quiet parts.
 */
#ifndef ENGINE_CHECK_HUM_H
#define ENGINE_CHECK_HUM_H

#include "engine/check/inspect.h"

extern const struct inspector hum_inspector;

#endif
