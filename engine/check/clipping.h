/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clipping: waves with their tops cut off, and samples above full scale.
 */
#ifndef ENGINE_CHECK_CLIPPING_H
#define ENGINE_CHECK_CLIPPING_H

#include "engine/check/inspect.h"

extern const struct inspector clipping_inspector;

#endif
