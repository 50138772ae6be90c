/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shipped: which box each profile of hw-profiles/surfaces is for.
 */
#ifndef TEST_BOXES_SHIPPED_H
#define TEST_BOXES_SHIPPED_H

struct shipped {
    const char *profile, *model; /* the file's name without .yaml; box_model */
};

/* The n-th; NULL: no more. */
const struct shipped *shipped_at(int n);
/* The one of this profile; NULL: it has none. */
const struct shipped *shipped_find(const char *profile);

#endif
