/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * metadata: what the file says of itself beside its sound: title, artist, codes, loudness; held against what was measured.
 */
#ifndef ENGINE_CHECK_METADATA_H
#define ENGINE_CHECK_METADATA_H

#include "engine/check/inspect.h"

extern const struct inspector metadata_inspector;

#endif
