/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reportjson: a report as JSON: figures nested by their keys, units beside them, findings.
 */
#ifndef CONTROL_CLI_REPORTJSON_H
#define CONTROL_CLI_REPORTJSON_H

#include "engine/check/report.h"

#include <jansson.h>

/* The caller's reference; NULL: out of memory. */
json_t *report_to_json(const struct report *r);

#endif
