/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * format: what the file is: container, coding, layout, length, the MD5 of its sound; and whether its header tells the truth.
 */
#ifndef ENGINE_CHECK_FORMAT_H
#define ENGINE_CHECK_FORMAT_H

#include "engine/check/inspect.h"

extern const struct inspector format_inspector;

#endif
