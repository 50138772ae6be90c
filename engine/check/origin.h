/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * origin: where the sound ends upwards, and what that tells of where it comes from: a lower rate, a lossy codec.
 */
#ifndef ENGINE_CHECK_ORIGIN_H
#define ENGINE_CHECK_ORIGIN_H

#include "engine/check/inspect.h"

extern const struct inspector origin_inspector;

#endif
