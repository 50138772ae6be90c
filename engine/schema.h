/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * schema: a struct out of a file, by a table of libcyaml's; all that is wrong with the file is told at once.
 *
 * Who declares such a table includes this; nobody else knows libcyaml. Of its types these are known here: INT, UINT,
 * FLOAT, BOOL, ENUM, STRING, MAPPING, SEQUENCE.
 */
#ifndef ENGINE_SCHEMA_H
#define ENGINE_SCHEMA_H

#include "engine/faults.h"
#include "engine/sheet.h"

#include <cyaml/cyaml.h>

struct schema {
    struct sheet_kind kind;
    const cyaml_schema_value_t *value; /* of the file's own mapping, with CYAML_FLAG_POINTER */
    /* Fills in what the file leaves out; NULL: nothing. */
    void (*complete)(struct sheet *s, void *data);
    /* Complains (sheet_complain) of what makes no sense. */
    void (*check)(struct sheet *s, const void *data, const void *context);
    const void *context;
};

/* text NULL: the file's, else path is only a name for it. *data is the caller's to free; NULL after an error. NOT_FOUND,
   BAD_ARG, NO_MEM; e is the first of what is wrong, "FILE:LINE: what: mend", faults (may be NULL) has all of it, in
   the order of the lines. */
enum status schema_load(const struct schema *schema, const char *path, const void *text, size_t size,
                        void **data, struct faults *faults, struct err *e);
void schema_free(const cyaml_schema_value_t *schema, void *data); /* NULL is harmless */

/* What a file's `usb` may hold, of whatever kind it is. */
void schema_check_usb(struct sheet *s, char *const *usb, unsigned count);

#endif
