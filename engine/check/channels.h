/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * channels: correlation, mono sum, balance, direct current; against a reference: swapped channels, polarity, delay.
 */
#ifndef ENGINE_CHECK_CHANNELS_H
#define ENGINE_CHECK_CHANNELS_H

#include "engine/check/inspect.h"

extern const struct inspector channels_inspector;

#endif
