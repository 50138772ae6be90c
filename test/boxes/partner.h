/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * partner: which of a profile's controls speaks when a hand is on a control of the box.
 *
 * Found out, not written down: a box of its own is switched on, told the profile's init, and has a hand laid on all that it has,
 * one after another; a codec says who that is.
 */
#ifndef TEST_BOXES_PARTNER_H
#define TEST_BOXES_PARTNER_H

#include "engine/surface.h"

enum { PARTNERS = 512 };

struct partner {  /* one control of the box that a hand can be laid on */
    int c, n;     /* in the box; */
    int group, m; /* in the profile; group -1: it has none */
};

/* How many are in p now; -1, and e says why: the box has a fault, has more than `most`, or a control of the profile is none of
   the box's. */
int partner_find(struct partner *p, int most, const char *model, const struct surface_profile *profile,
                 struct err *e);

#endif
