/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shelf: small files that are to be on disk soon, written by an errand so that the control thread never waits.
 *
 * Each is there whole or as it was: written beside its place, brought to the disk (fsync), then renamed. What was
 * there before stays as NAME~ where that is asked for; a file that is dropped becomes NAME~ too.
 *
 * order    one path's orders are done in their order, and of one path only the newest waits
 * failure  is told once; what failed is tried again SHELF_RETRY_MS later
 */
#ifndef ENGINE_SHELF_H
#define ENGINE_SHELF_H

#include "engine/err.h"
#include "engine/errand.h"

enum { SHELF_RETRY_MS = 5000 };

struct shelf_order;

struct shelf { /* all zero: nothing to do */
    struct errand errand;
    struct shelf_order *waiting, *out; /* ours; lists, oldest first */
    int64_t retry_ns;
    struct err failed; /* the last failure told; "": all is well */
};

/* text becomes ours, whatever happens. NO_MEM. */
enum status shelf_put(struct shelf *s, const char *path, char *text, bool keep_old);
enum status shelf_drop(struct shelf *s, const char *path);

/* Is it still on its way? Not once it has failed. */
bool shelf_awaits(const struct shelf *s, const char *path);
/* Nothing is to be done or being done. */
bool shelf_is_idle(const struct shelf *s);

/* Sends the errand and takes it back. True: an errand is back; e says what went wrong if that is news, else "". */
bool shelf_tick(struct shelf *s, int64_t now_ns, struct err *e);
/* All of it, now; waits. IO_ERROR: e says what; that still waits. */
enum status shelf_finish(struct shelf *s, struct err *e);
/* The same and gives up what can't be written. */
void shelf_close(struct shelf *s);

#endif
