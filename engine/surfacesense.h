/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surfacesense: whether what is written in a surface's profile can be meant so; all that can't is complained of.
 *
 * What takes the parameter table (paths, values) is control/midi/pages.h's.
 */
#ifndef ENGINE_SURFACESENSE_H
#define ENGINE_SURFACESENSE_H

#include "engine/sheet.h"
#include "engine/surface.h"

/* p fits the schema and is complete. */
void surfacesense_check(struct sheet *s, const struct surface_profile *p);
/* Each group has as many controls as a group may have. */
bool surfacesense_counted(const struct surface_profile *p);

/* surfacegroup.c: the i-th group of controls by itself; */
void surfacegroup_check(struct sheet *s, const struct surface_profile *p, unsigned i);
/* and messages that two controls would send; the groups are counted. */
void surfacegroup_check_clashes(struct sheet *s, const struct surface_profile *p);
/* "F0 00 20 29": how many bytes; 0 after complaining: it is no whole message, or with `beginning` no beginning of one. */
int surfacegroup_check_bytes(struct sheet *s, int line, const char *what, const char *text, bool beginning);

#endif
