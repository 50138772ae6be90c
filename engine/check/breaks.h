/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * breaks: dropouts, digital black and silence, and how a file begins and ends.
 */
#ifndef ENGINE_CHECK_BREAKS_H
#define ENGINE_CHECK_BREAKS_H

#include "engine/check/inspect.h"

extern const struct inspector breaks_inspector;

#endif
