/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * levels: loudness, its range and its maxima, true and sample peaks.
 */
#ifndef ENGINE_CHECK_LEVELS_H
#define ENGINE_CHECK_LEVELS_H

#include "engine/check/inspect.h"

extern const struct inspector levels_inspector;

#endif
