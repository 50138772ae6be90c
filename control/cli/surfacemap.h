/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surfacemap: which knob is what: a surface's profile for people, every control on every page with its row and range.
 */
#ifndef CONTROL_CLI_SURFACEMAP_H
#define CONTROL_CLI_SURFACEMAP_H

#include "engine/surface.h"

#include <stdio.h>

void surfacemap_print(FILE *f, const struct surface_profile *p);

#endif
