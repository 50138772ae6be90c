/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * intersample: where the wave between the samples goes above what is allowed.
 */
#ifndef ENGINE_CHECK_INTERSAMPLE_H
#define ENGINE_CHECK_INTERSAMPLE_H

#include "engine/check/inspect.h"

extern const struct inspector intersample_inspector;

#endif
