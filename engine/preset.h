/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * preset: settings as text, one PATH=VALUE a line, # starts a comment.
 *
 *   # Low end tightened, 2 dB louder      the first comment says what it is for
 *   /eq/on=on
 *   /eq/1/type=low_cut                    # rumble
 *   /eq/1/freq=28 Hz
 *
 * A preset has a file or a name. Names are looked for in the user's folder (preset_folder_of_user), then in that which
 * comes with the program: "club" is club.preset and for the whole chain, "eq/air" is eq/air.preset and for that
 * stage alone. What a named preset does not name goes back to its default, but for what belongs to the desk
 * (PARAM_DESK) or to ears (the monitor).
 */
#ifndef ENGINE_PRESET_H
#define ENGINE_PRESET_H

#include "dsp/dsp.h"
#include "engine/err.h"

/* Of a file: into values, one a parameter, by id; what is not named stays. Errors name file and line; values may then be
   half changed. */
enum status preset_read(const char *path, double *values, struct err *e);

/* The same of a name too, over defaults: what a program starts with. */
enum status preset_begin(const char *name, double *values, struct err *e);

/* Of a name, or of a file: whatever holds a '/' at its start, a '.' or exists. NOT_FOUND, BAD_ARG: values are as before.
   Values of rows that no preset may move are left alone. */
enum status preset_load(const char *name, double *values, struct err *e);

/* Writes what differs from its default under a name in the user's folder; of one stage if the name has one. What was
   there under that name stays as NAME.preset~. */
enum status preset_save(const char *name, const double *values, struct err *e);

struct preset_entry {
    char *name, *path, *text; /* text: its first comment, or "" */
};

/* All names, sorted, the user's ahead of ours of the same name. NO_MEM. */
enum status preset_list(struct preset_entry **entries, int *count);
void preset_free_list(struct preset_entry *entries, int count);

/* NOT_FOUND: no such name or file. */
enum status preset_find(const char *name, char *path, size_t size, struct err *e);

#endif
