/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sheet: what a profile or a target is written on: its text, and on which line of its YAML each thing stands (the
 * only libyaml).
 */
#ifndef ENGINE_SHEET_H
#define ENGINE_SHEET_H

#include "dsp/dsp.h"
#include "engine/err.h"

struct sheet;

struct sheet_kind {
    const char *name, *example; /* for errors: "profile", "generic.yaml" */
};

/* One document with a mapping in it. NOT_FOUND, BAD_ARG, NO_MEM. path must outlive the sheet. */
enum status sheet_open(struct sheet **s, const char *path, struct sheet_kind kind, struct err *e);
void sheet_close(struct sheet *s); /* NULL is harmless */
const unsigned char *sheet_text(const struct sheet *s, size_t *size);

/* "FILE:LINE: ...". Always false, so that a check can end in `return sheet_complain(...)`. */
bool sheet_complain(const struct sheet *s, int line, struct err *e, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* "; line LINE: ..." behind that, while there is room. */
bool sheet_complain_too(const struct sheet *s, int line, struct err *e, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Lines count from 1. Of a key of the file's own mapping; 1 if it is not there. */
int sheet_line_of_key(struct sheet *s, const char *key);
/* Of `field` in an item of the key's list (NULL: the item itself); the key's if there is none. */
int sheet_line_of_item(struct sheet *s, const char *key, unsigned index, const char *field);
/* Of the first key of this name from a line on, in any mapping, and whether that is the file's own; which = 1 takes
   the second one within one mapping. 0: there is none. */
int sheet_line_of_any_key(struct sheet *s, const char *key, int from, int which, bool *top);

/* What is in the file's own mapping, in its order: i is 0..sheet_keys()-1. Texts live as long as the sheet. */
int sheet_keys(struct sheet *s);
const char *sheet_key(struct sheet *s, int i, int *line);            /* "" for a key that is no word */
const char *sheet_value(struct sheet *s, int i);                     /* NULL: a list or a mapping */
int sheet_items(struct sheet *s, int i);                             /* -1: no list */
const char *sheet_item(struct sheet *s, int i, int item, int *line); /* NULL: not a word */

#endif
