/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * levels: loudness, its range and its maxima, true and sample peaks, the waveform; and what lies between loudness and
 * peaks: PLR and PSR.
 */
#ifndef ENGINE_CHECK_LEVELS_H
#define ENGINE_CHECK_LEVELS_H

#include "engine/check/inspect.h"

extern const struct inspector levels_inspector;

#endif
