/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disturbances: clicks.
 */
#ifndef ENGINE_CHECK_DISTURBANCES_H
#define ENGINE_CHECK_DISTURBANCES_H

#include "engine/check/inspect.h"

extern const struct inspector disturbances_inspector;

#endif
