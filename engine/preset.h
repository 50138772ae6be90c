/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * preset: settings as text, one PATH=VALUE a line, # starts a comment.
 *
 *   /eq/on=on
 *   /eq/1/type=low_cut      # rumble
 *   /eq/1/freq=28 Hz
 */
#ifndef ENGINE_PRESET_H
#define ENGINE_PRESET_H

#include "dsp/dsp.h"
#include "engine/err.h"

/* Into values, one a parameter, by id; what is not named stays. Errors name file and line; values may then be half
   changed. */
enum status preset_read(const char *path, double *values, struct err *e);

#endif
