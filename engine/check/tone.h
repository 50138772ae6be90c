/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tone: the long-term spectrum, its balance, and how it differs from a curve.
 */
#ifndef ENGINE_CHECK_TONE_H
#define ENGINE_CHECK_TONE_H

#include "engine/check/inspect.h"

extern const struct inspector tone_inspector;

#endif
