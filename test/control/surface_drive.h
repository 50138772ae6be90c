/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * surface_drive: each control of a rig's box is moved as far as it goes, and its row must follow: to both ends, to the middle, by
 * so many ticks, pressed. The test fails where one does not.
 */
#ifndef TEST_CONTROL_SURFACE_DRIVE_H
#define TEST_CONTROL_SURFACE_DRIVE_H

#include "test/control/surface_rig.h"

/* The box has found no fault, and shows what the rows are. */
void must_agree(struct rig *r, const char *after);

/* A hand can put it anywhere: a number or a switch, and no reading. */
bool is_movable(const struct pages_target *t);
/* The row is at that place of its way, 0..1, to `slack`, and to half a value of a row in steps. */
void is_at(const struct rig *r, const struct rig_control *k, double place, double slack);

/* The first control that stands for it; NULL: none. */
const struct rig_control *find_action(const struct rig *r, enum pages_does does);

void drive_all(struct rig *r, const char *where);
/* The same in each layer that a button holds. */
void drive_layers(struct rig *r);

#endif
