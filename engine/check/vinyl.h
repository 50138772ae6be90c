/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vinyl: what a cutting room will mind: sideways bass, sub-bass, top, sibilants.
 *
 * Notes, and warnings when the target is a record. One or two channels; of more nothing is measured.
 */
#ifndef ENGINE_CHECK_VINYL_H
#define ENGINE_CHECK_VINYL_H

#include "engine/check/inspect.h"

extern const struct inspector vinyl_inspector;

#endif
