/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * snapshot: states of the desk by name, and what a recall of one may move. Bookkeeping alone: it knows no file, no
 * engine and no sound.
 *
 * what     every row of the chain and of the monitor path that is saved, one number each
 * names    "A".."H" for those with a button; any other of letters, digits, space, - and _ up to 32, no space at its
 *          ends; one letter of a-h is its capital
 * parts    each row belongs to one: a stage by its name ("eq", "insert/1"), "order", "bypass", "desk" (how outboard is
 *          wired: PARAM_DESK), "monitor". A recall moves the parts it is asked for
 * locks    rows that no recall, morph or preset moves
 */
#ifndef ENGINE_SNAPSHOT_H
#define ENGINE_SNAPSHOT_H

#include "engine/chain.h"
#include "engine/params.h"

enum { SNAPSHOT_NAME = 33, SNAPSHOT_SLOTS = 8, SNAPSHOTS = 999 };
enum { SNAPSHOT_ORDER = STAGES, SNAPSHOT_BYPASS, SNAPSHOT_DESK, SNAPSHOT_MONITOR, SNAPSHOT_PARTS };

struct snapshot {
    char name[SNAPSHOT_NAME];
    double *value; /* one a parameter, by id; what it does not hold is the default */
};

struct snapshots {
    struct snapshot *at; /* ours; by name */
    int n;
    bool *locked; /* one a parameter */
};

enum status snapshots_prepare(struct snapshots *s); /* NO_MEM */
void snapshots_free(struct snapshots *s);

bool snapshot_holds(const struct param *p);
int snapshot_part(const struct param *p); /* -1: none holds it */
const char *snapshot_part_name(int part);
int snapshot_part_find(const char *name); /* -1: no such part */

/* A word as a name. */
bool snapshot_name(const char *word, char name[SNAPSHOT_NAME], struct err *e);
void snapshot_slot_name(int slot, char name[SNAPSHOT_NAME]); /* from 0 */

/* Valid until the next store, remove or rename; NULL: there is none. */
const struct snapshot *snapshots_find(const struct snapshots *s, const char *name);
/* The same, and says so when there is none. */
const struct snapshot *snapshots_get(const struct snapshots *s, const char *name, struct err *e);
/* values: one a parameter, by id. One that is there is replaced. */
bool snapshots_store(struct snapshots *s, const char *name, const double *values, struct err *e);
bool snapshots_remove(struct snapshots *s, const char *name, struct err *e);
/* to must be free. */
bool snapshots_rename(struct snapshots *s, const char *from, const char *to, struct err *e);

/* A line for each row that differs, "eq/3/gain 1.5 -> 2 dB"; one that is too long for `size` ends in "... and N more".
   Returns how many differ. */
int snapshot_difference(const double *from, const double *to, char *out, size_t size);

/* A row's path, or one that rows are below ("/eq/3", "/"). */
bool snapshots_lock(struct snapshots *s, const char *path, bool locked, struct err *e);
/* The next lock at or behind *id, as the shortest path that says it all; false: no more. *id goes on behind it. */
bool snapshots_next_lock(const struct snapshots *s, int *id, char path[PARAM_PATH_SIZE]);

#endif
