/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * schema: a struct out of a sheet, by a table of libcyaml's (who declares such a table includes this; nobody else knows
 * libcyaml).
 */
#ifndef ENGINE_SCHEMA_H
#define ENGINE_SCHEMA_H

#include "engine/sheet.h"

#include <cyaml/cyaml.h>

/* schema: of the file's own mapping, with CYAML_FLAG_POINTER. *data is the caller's to free (schema_free); NULL after an
   error. BAD_ARG: e has "FILE:LINE: what: mend"; NO_MEM. */
enum status schema_fill(struct sheet *s, const cyaml_schema_value_t *schema, void **data, struct err *e);
void schema_free(const cyaml_schema_value_t *schema, void *data);

#endif
