/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * words: the real bit depth: bits in use, values that gaps or a missing dither give away, floating point beyond full scale.
 */
#ifndef ENGINE_CHECK_WORDS_H
#define ENGINE_CHECK_WORDS_H

#include "engine/check/inspect.h"

extern const struct inspector words_inspector;

#endif
