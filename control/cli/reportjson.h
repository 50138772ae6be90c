/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reportjson: a report as JSON: figures nested by their keys, units beside them, findings.
 *
 * Numbers have all their digits; one that was not measured is null in its row, or not there. Names of files that are
 * no UTF-8 have U+FFFD where they aren't.
 */
#ifndef CONTROL_CLI_REPORTJSON_H
#define CONTROL_CLI_REPORTJSON_H

#include "control/cli/results.h"

#include <jansson.h>

/* The caller's reference; NULL: out of memory. */
json_t *report_to_json(const struct report *r);
/* {"deadwax": version, "standards": [...], "checked": when, "files": [...], "album": {...}}; a file that could not be
   checked is {"file": ..., "error": ...}. */
json_t *results_to_json(const struct results *r);

#endif
