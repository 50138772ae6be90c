/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dynamics: DR, crest factor, RMS.
 */
#ifndef ENGINE_CHECK_DYNAMICS_H
#define ENGINE_CHECK_DYNAMICS_H

#include "engine/check/inspect.h"

extern const struct inspector dynamics_inspector;

#endif
