/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tree: a folder of our own below /tmp, for files that are read, written or made to look like a machine's.
 *
 * Names are paths below the root, "proc/asound/cards"; folders on the way are made.
 */
#ifndef TEST_KIT_TREE_H
#define TEST_KIT_TREE_H

#include <stddef.h>

extern char tree_root[32];

/* A test's or a group's set-up and teardown. */
int tree_make(void **state);
int tree_remove(void **state);
/* The teardown between the tests of one tree: all in it goes, it stays. */
int tree_clear(void **state);

/* Full path; valid for the next three calls. */
const char *tree_path(const char *name);

/* Makes the file or writes it anew. Returns its full path, as above. */
const char *tree_put(const char *name, const char *text);
const char *tree_put_bytes(const char *name, const void *bytes, size_t size);

#endif
