/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sheet: what a profile or a target is written on: its text, and on which line of its YAML each thing stands (the
 * only libyaml).
 */
#ifndef ENGINE_SHEET_H
#define ENGINE_SHEET_H

#include "dsp/dsp.h"
#include "engine/err.h"

enum { SHEET_DEEP = 16 /* lists and mappings within each other */ };

struct faults;
struct sheet;

struct sheet_kind {
    const char *name, *example; /* for errors: "profile", "generic.yaml" */
};

/* One document with a mapping in it, no deeper than SHEET_DEEP, without aliases. NOT_FOUND, BAD_ARG, NO_MEM. path must
   outlive the sheet. */
enum status sheet_open(struct sheet **s, const char *path, struct sheet_kind kind, struct err *e);
/* The same; what is complained of goes to faults, too, which must outlive the sheet. text NULL: the file's, else path
   is only a name for it. */
enum status sheet_open_text(struct sheet **s, const char *path, const void *text, size_t size,
                            struct sheet_kind kind, struct faults *faults, struct err *e);
void sheet_close(struct sheet *s); /* NULL is harmless */
const unsigned char *sheet_text(const struct sheet *s, size_t *size);

/* "FILE:LINE: ...". Always false, so that a check can end in `return sheet_complain(...)`. e may be NULL. */
bool sheet_complain(struct sheet *s, int line, struct err *e, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* "; line LINE: ..." behind that, while there is room. */
bool sheet_complain_too(const struct sheet *s, int line, struct err *e, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

int sheet_complaints(const struct sheet *s); /* how many there were; those "too" are not counted */

/* Lines count from 1. Of a key of the file's own mapping; 1 if it is not there. */
int sheet_line_of_key(struct sheet *s, const char *key);
/* Of `field` in an item of the key's list (NULL: the item itself); the key's if there is none. */
int sheet_line_of_item(struct sheet *s, const char *key, unsigned index, const char *field);
/* Of "controls[3].in.number", where a key of a mapping is its key's line; of as much of it as there is. */
int sheet_line_of(struct sheet *s, const char *where, ...) __attribute__((format(printf, 2, 3)));
bool sheet_has(struct sheet *s, const char *where, ...) __attribute__((format(printf, 2, 3)));

/* What is in the file's own mapping, in its order: i is 0..sheet_keys()-1. Texts live as long as the sheet. */
int sheet_keys(struct sheet *s);
const char *sheet_key(struct sheet *s, int i, int *line);            /* "" for a key that is no word */
const char *sheet_value(struct sheet *s, int i);                     /* NULL: a list or a mapping */
int sheet_items(struct sheet *s, int i);                             /* -1: no list */
const char *sheet_item(struct sheet *s, int i, int item, int *line); /* NULL: not a word */

/* All of it as a tree: nodes are numbers, the file's own mapping is SHEET_ROOT, 0 is none. i is 0..sheet_size()-1. */
enum { SHEET_ROOT = 1 };
enum sheet_shape { SHEET_WORD, SHEET_LIST, SHEET_MAPPING };
enum sheet_shape sheet_shape(struct sheet *s, int node);
int sheet_line(struct sheet *s, int node);
const char *sheet_word(struct sheet *s, int node, size_t *length); /* it may hold zero bytes; NULL: no word */
int sheet_size(struct sheet *s, int node);                         /* items or keys; 0 for a word */
int sheet_node(struct sheet *s, int node, int i);                  /* an item, or a key's value */
int sheet_node_key(struct sheet *s, int node, int i);              /* of a mapping */

#endif
